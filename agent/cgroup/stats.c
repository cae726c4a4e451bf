// SPDX-License-Identifier: Apache-2.0
/* What the controllers count, in the protocol's messages (spec/agent.md 13.3). */
#include <inttypes.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/number.h"
#include "internal.h"

#define STATS_MAX_KEYS 256
#define NS_PER_US      1000
#define NS_PER_SECOND  1000000000ull

/* A file that holds one number; "max" and what is missing are 0. */
static uint64_t read_number(const struct cgroup *cgroup, enum controller controller,
			    const char *file)
{
	_cleanup_free_ char *text = cgroup_read(cgroup, controller, file);
	uint64_t value = 0;

	return number_parse_u64(slice_trim(slice_of(text)), &value) == 0 ? value : 0;
}

/* "KEY NUMBER" lines. */
static bool next_pair(struct slice *rest, struct slice *key, uint64_t *value)
{
	struct slice line;

	while (slice_next_line(rest, &line)) {
		struct slice number;

		if (slice_next_word(&line, key) && slice_next_word(&line, &number) &&
		    number_parse_u64(number, value) == 0)
			return true;
	}
	return false;
}

static uint64_t find_pair(const char *text, const char *wanted)
{
	struct slice rest = slice_of(text), key;
	uint64_t value;

	while (next_pair(&rest, &key, &value))
		if (slice_is(key, wanted))
			return value;
	return 0;
}

static void add_cpu_v1(const struct cgroup *cgroup, Grpc__CpuUsage *usage,
		       Grpc__ThrottlingData *throttling)
{
	_cleanup_free_ char *ticks = cgroup_read(cgroup, CONTROLLER_CPUACCT, "cpuacct.stat");
	_cleanup_free_ char *per_cpu =
		cgroup_read(cgroup, CONTROLLER_CPUACCT, "cpuacct.usage_percpu");
	_cleanup_free_ char *stat = cgroup_read(cgroup, CONTROLLER_CPU, "cpu.stat");
	uint64_t tick_ns = NS_PER_SECOND / (uint64_t)sysconf(_SC_CLK_TCK);
	struct slice rest = slice_of(per_cpu), word;
	size_t capacity = 0;

	usage->total_usage = read_number(cgroup, CONTROLLER_CPUACCT, "cpuacct.usage");
	usage->usage_in_usermode = find_pair(ticks, "user") * tick_ns;
	usage->usage_in_kernelmode = find_pair(ticks, "system") * tick_ns;
	while (slice_next_word(&rest, &word)) {
		usage->percpu_usage = xgrow(usage->percpu_usage, &capacity,
					    usage->n_percpu_usage + 1, sizeof(uint64_t));
		if (number_parse_u64(word, &usage->percpu_usage[usage->n_percpu_usage]) == 0)
			usage->n_percpu_usage++;
	}
	throttling->periods = find_pair(stat, "nr_periods");
	throttling->throttled_periods = find_pair(stat, "nr_throttled");
	throttling->throttled_time = find_pair(stat, "throttled_time");
}

static void add_cpu_v2(const struct cgroup *cgroup, Grpc__CpuUsage *usage,
		       Grpc__ThrottlingData *throttling)
{
	_cleanup_free_ char *stat = cgroup_read(cgroup, CONTROLLER_CPU, "cpu.stat");

	usage->total_usage = find_pair(stat, "usage_usec") * NS_PER_US;
	usage->usage_in_usermode = find_pair(stat, "user_usec") * NS_PER_US;
	usage->usage_in_kernelmode = find_pair(stat, "system_usec") * NS_PER_US;
	throttling->periods = find_pair(stat, "nr_periods");
	throttling->throttled_periods = find_pair(stat, "nr_throttled");
	throttling->throttled_time = find_pair(stat, "throttled_usec") * NS_PER_US;
}

#define NEW_MESSAGE(type, init)                         \
	({                                              \
		type *message_ = xmalloc(sizeof(type)); \
		*message_ = (type)init;                 \
		message_;                               \
	})

static Grpc__CpuStats *cpu_stats(const struct cgroup *cgroup)
{
	Grpc__CpuStats *stats = NEW_MESSAGE(Grpc__CpuStats, GRPC__CPU_STATS__INIT);

	stats->cpu_usage = NEW_MESSAGE(Grpc__CpuUsage, GRPC__CPU_USAGE__INIT);
	stats->throttling_data = NEW_MESSAGE(Grpc__ThrottlingData, GRPC__THROTTLING_DATA__INIT);
	(cgroup->v2 ? add_cpu_v2 : add_cpu_v1)(cgroup, stats->cpu_usage, stats->throttling_data);
	return stats;
}

/* The files of one kind of memory: usage, the highest usage, how often the limit was hit, the limit. */
static const struct memory_files {
	const char *usage, *max_usage, *failcnt, *limit;
} v1_memory = { "memory.usage_in_bytes", "memory.max_usage_in_bytes", "memory.failcnt",
		"memory.limit_in_bytes" },
  v1_swap = { "memory.memsw.usage_in_bytes", "memory.memsw.max_usage_in_bytes",
	      "memory.memsw.failcnt", "memory.memsw.limit_in_bytes" },
  v1_kernel = { "memory.kmem.usage_in_bytes", "memory.kmem.max_usage_in_bytes",
		"memory.kmem.failcnt", "memory.kmem.limit_in_bytes" },
  v2_memory = { "memory.current", "memory.peak", NULL, "memory.max" },
  v2_swap = { "memory.swap.current", "memory.swap.peak", NULL, "memory.swap.max" },
  v2_kernel = { NULL, NULL, NULL, NULL };

static Grpc__MemoryData *memory_data(const struct cgroup *cgroup, const struct memory_files *files)
{
	Grpc__MemoryData *data = NEW_MESSAGE(Grpc__MemoryData, GRPC__MEMORY_DATA__INIT);
	const struct {
		const char *file;
		uint64_t *value;
	} fields[] = {
		{ files->usage, &data->usage },
		{ files->max_usage, &data->max_usage },
		{ files->failcnt, &data->failcnt },
		{ files->limit, &data->limit },
	};

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (fields[i].file)
			*fields[i].value = read_number(cgroup, CONTROLLER_MEMORY, fields[i].file);
	return data;
}

static void add_memory_map(const char *text, Grpc__MemoryStats *stats)
{
	struct slice rest = slice_of(text), key;
	size_t capacity = 0;
	uint64_t value;

	while (stats->n_stats < STATS_MAX_KEYS && next_pair(&rest, &key, &value)) {
		Grpc__MemoryStats__StatsEntry *entry = NEW_MESSAGE(
			Grpc__MemoryStats__StatsEntry, GRPC__MEMORY_STATS__STATS_ENTRY__INIT);

		entry->key = slice_dup(key);
		entry->value = value;
		stats->stats = xgrow(stats->stats, &capacity, stats->n_stats + 1, sizeof(void *));
		stats->stats[stats->n_stats++] = entry;
	}
}

static Grpc__MemoryStats *memory_stats(const struct cgroup *cgroup)
{
	Grpc__MemoryStats *stats = NEW_MESSAGE(Grpc__MemoryStats, GRPC__MEMORY_STATS__INIT);
	_cleanup_free_ char *text = cgroup_read(cgroup, CONTROLLER_MEMORY, "memory.stat");

	stats->cache = find_pair(text, cgroup->v2 ? "file" : "cache");
	stats->usage = memory_data(cgroup, cgroup->v2 ? &v2_memory : &v1_memory);
	stats->swap_usage = memory_data(cgroup, cgroup->v2 ? &v2_swap : &v1_swap);
	stats->kernel_usage = memory_data(cgroup, cgroup->v2 ? &v2_kernel : &v1_kernel);
	if (cgroup->v2) {
		_cleanup_free_ char *events =
			cgroup_read(cgroup, CONTROLLER_MEMORY, "memory.events");

		stats->usage->failcnt = find_pair(events, "max");
	} else {
		stats->use_hierarchy =
			read_number(cgroup, CONTROLLER_MEMORY, "memory.use_hierarchy") != 0;
	}
	add_memory_map(text, stats);
	return stats;
}

static Grpc__PidsStats *pids_stats(const struct cgroup *cgroup)
{
	Grpc__PidsStats *stats = NEW_MESSAGE(Grpc__PidsStats, GRPC__PIDS_STATS__INIT);

	stats->current = read_number(cgroup, CONTROLLER_PIDS, "pids.current");
	stats->limit = read_number(cgroup, CONTROLLER_PIDS, "pids.max");
	return stats;
}

/* ---- block devices ---------------------------------------------------------------------------- */

struct entry_list {
	Grpc__BlkioStatsEntry **items;
	size_t count, capacity;
};

/* "8:0" and the rest of the line behind it. */
static bool read_device(struct slice *line, uint64_t *major, uint64_t *minor)
{
	struct slice device, field;

	return slice_next_word(line, &device) && slice_next_field(&device, ':', &field) &&
	       number_parse_u64(field, major) == 0 && device.data &&
	       number_parse_u64(device, minor) == 0;
}

static void add_entry(struct entry_list *list, uint64_t major, uint64_t minor, struct slice op,
		      uint64_t value)
{
	Grpc__BlkioStatsEntry *entry =
		NEW_MESSAGE(Grpc__BlkioStatsEntry, GRPC__BLKIO_STATS_ENTRY__INIT);

	entry->major = major;
	entry->minor = minor;
	entry->op = slice_dup(op);
	for (char *c = entry->op; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c += 'a' - 'A';
	entry->value = value;
	list->items = xgrow(list->items, &list->capacity, list->count + 1, sizeof(void *));
	list->items[list->count++] = entry;
}

/* v1: "8:0 Read 4096". */
static struct entry_list read_block_v1(const struct cgroup *cgroup, const char *recursive,
				       const char *throttle)
{
	struct entry_list list = { 0 };
	char *text = cgroup_read(cgroup, CONTROLLER_BLKIO, recursive);
	struct slice rest, line;

	if (!text[0]) {
		free(text);
		text = cgroup_read(cgroup, CONTROLLER_BLKIO, throttle);
	}
	rest = slice_of(text);
	while (slice_next_line(&rest, &line)) {
		struct slice op, number;
		uint64_t major, minor, value;

		if (read_device(&line, &major, &minor) && slice_next_word(&line, &op) &&
		    slice_next_word(&line, &number) && number_parse_u64(number, &value) == 0)
			add_entry(&list, major, minor, op, value);
	}
	free(text);
	return list;
}

/* v2: "8:0 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0". */
static struct entry_list read_block_v2(const struct cgroup *cgroup)
{
	_cleanup_free_ char *text = cgroup_read(cgroup, CONTROLLER_BLKIO, "io.stat");
	struct slice rest = slice_of(text), line;
	struct entry_list list = { 0 };

	while (slice_next_line(&rest, &line)) {
		uint64_t major, minor, value;
		struct slice word, op;

		if (!read_device(&line, &major, &minor))
			continue;
		while (slice_next_word(&line, &word)) {
			if (!slice_next_field(&word, '=', &op) || !word.data ||
			    number_parse_u64(word, &value) < 0)
				continue;
			if (slice_is(op, "rbytes"))
				op = slice_of("read");
			if (slice_is(op, "wbytes"))
				op = slice_of("write");
			add_entry(&list, major, minor, op, value);
		}
	}
	return list;
}

static Grpc__BlkioStats *block_stats(const struct cgroup *cgroup)
{
	Grpc__BlkioStats *stats = NEW_MESSAGE(Grpc__BlkioStats, GRPC__BLKIO_STATS__INIT);
	struct entry_list bytes, operations = { 0 };

	if (cgroup->v2) {
		bytes = read_block_v2(cgroup);
	} else {
		bytes = read_block_v1(cgroup, "blkio.io_service_bytes_recursive",
				      "blkio.throttle.io_service_bytes");
		operations = read_block_v1(cgroup, "blkio.io_serviced_recursive",
					   "blkio.throttle.io_serviced");
	}
	stats->io_service_bytes_recursive = bytes.items;
	stats->n_io_service_bytes_recursive = bytes.count;
	stats->io_serviced_recursive = operations.items;
	stats->n_io_serviced_recursive = operations.count;
	return stats;
}

static void add_huge_pages(const struct cgroup *cgroup, Grpc__CgroupStats *stats)
{
	static const char *const sizes[] = { "64KB", "2MB", "32MB", "1GB", "512MB", "16GB" };
	size_t capacity = 0;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		_cleanup_free_ char *usage_file = xasprintf(
			cgroup->v2 ? "hugetlb.%s.current" : "hugetlb.%s.usage_in_bytes", sizes[i]);
		_cleanup_free_ char *max_file =
			xasprintf("hugetlb.%s.max_usage_in_bytes", sizes[i]);
		_cleanup_free_ char *fail_file = xasprintf("hugetlb.%s.failcnt", sizes[i]);
		_cleanup_free_ char *probe = cgroup_read(cgroup, CONTROLLER_HUGETLB, usage_file);
		Grpc__CgroupStats__HugetlbStatsEntry *entry;

		if (!probe[0])
			continue;
		entry = NEW_MESSAGE(Grpc__CgroupStats__HugetlbStatsEntry,
				    GRPC__CGROUP_STATS__HUGETLB_STATS_ENTRY__INIT);
		entry->key = xstrdup(sizes[i]);
		entry->value = NEW_MESSAGE(Grpc__HugetlbStats, GRPC__HUGETLB_STATS__INIT);
		entry->value->usage = read_number(cgroup, CONTROLLER_HUGETLB, usage_file);
		entry->value->max_usage = read_number(cgroup, CONTROLLER_HUGETLB, max_file);
		entry->value->failcnt = read_number(cgroup, CONTROLLER_HUGETLB, fail_file);
		stats->hugetlb_stats = xgrow(stats->hugetlb_stats, &capacity,
					     stats->n_hugetlb_stats + 1, sizeof(void *));
		stats->hugetlb_stats[stats->n_hugetlb_stats++] = entry;
	}
}

Grpc__CgroupStats *cgroup_stats(const struct cgroup *cgroup)
{
	Grpc__CgroupStats *stats = NEW_MESSAGE(Grpc__CgroupStats, GRPC__CGROUP_STATS__INIT);

	stats->cpu_stats = cpu_stats(cgroup);
	stats->memory_stats = memory_stats(cgroup);
	stats->pids_stats = pids_stats(cgroup);
	stats->blkio_stats = block_stats(cgroup);
	add_huge_pages(cgroup, stats);
	return stats;
}
