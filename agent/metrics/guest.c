// SPDX-License-Identifier: Apache-2.0
/* The guest: processors, memory, disks, network. */
#include <unistd.h>

#include "base/number.h"
#include "internal.h"

#define MS_PER_SECOND  1000
#define BYTES_PER_KIB  1024
#define HEADER_LINES   2 /* of /proc/net/dev */
#define ADD_ITEM(name) LABELS(LABEL("item", name))

/* Numbers of a line, as many as there are, each an item beside one label. */
static void add_columns(struct scrape *scrape, const char *label, struct slice value,
			struct slice line, const char *const *items, size_t count, uint64_t factor,
			uint64_t divisor)
{
	uint64_t number;

	for (size_t i = 0; i < count && scrape_next_number(&line, &number); i++)
		scrape_add(scrape, LABELS({ label, value }, LABEL("item", items[i])),
			   number * factor / divisor);
}

void collect_cpu_time(struct scrape *scrape)
{
	static const char *const items[] = { "user", "nice",	"system", "idle",  "iowait",
					     "irq",  "softirq", "steal",  "guest", "guest_nice" };
	_cleanup_free_ char *text = scrape_read(scrape, "stat");
	struct slice rest = slice_of(text), line, name;
	uint64_t ticks = (uint64_t)sysconf(_SC_CLK_TCK);

	for (size_t i = 0; i <= METRICS_MAX_ENTRIES && slice_next_line(&rest, &line); i++) {
		if (!slice_next_word(&line, &name) || !slice_starts_with(name, "cpu"))
			continue;
		name = slice_from(name, strlen("cpu"));
		add_columns(scrape, "cpu", name.size ? name : slice_of("total"), line, items,
			    ARRAY_SIZE(items), MS_PER_SECOND, ticks);
	}
}

void collect_diskstat(struct scrape *scrape)
{
	static const char *const items[] = {
		"reads",
		"merged",
		"sectors_read",
		"time_reading",
		"writes",
		"writes_merged",
		"sectors_written",
		"time_writing",
		"in_progress",
		"time_in_progress",
		"weighted_time_in_progress",
		"discards",
		"discards_merged",
		"sectors_discarded",
		"time_discarding",
		"flushes",
		"time_flushing",
	};
	_cleanup_free_ char *text = scrape_read(scrape, "diskstats");
	struct slice rest = slice_of(text), line, name;

	for (size_t i = 0; i < METRICS_MAX_ENTRIES && slice_next_line(&rest, &line); i++)
		/* Behind major and minor number. */
		if (scrape_next_words(&line, 3, &name))
			add_columns(scrape, "disk", name, line, items, ARRAY_SIZE(items), 1, 1);
}

void collect_netdev_stat(struct scrape *scrape)
{
	static const char *const items[] = {
		"recv_bytes", "recv_packets", "recv_errs",	 "recv_drop",
		"recv_fifo",  "recv_frame",   "recv_compressed", "recv_multicast",
		"sent_bytes", "sent_packets", "sent_errs",	 "sent_drop",
		"sent_fifo",  "sent_colls",   "sent_carrier",	 "sent_compressed",
	};
	_cleanup_free_ char *text = scrape_read(scrape, "self/net/dev");
	struct slice rest = slice_of(text), line;

	for (size_t i = 0; i < METRICS_MAX_ENTRIES && slice_next_line(&rest, &line); i++) {
		size_t colon = slice_find(line, ':');

		if (i >= HEADER_LINES && colon < line.size)
			add_columns(scrape, "interface", slice_trim(slice_first(line, colon)),
				    slice_from(line, colon + 1), items, ARRAY_SIZE(items), 1, 1);
	}
}

void collect_load(struct scrape *scrape)
{
	static const char *const items[] = { "load1", "load5", "load15" };
	_cleanup_free_ char *text = scrape_read(scrape, "loadavg");
	struct slice rest = slice_of(text), word;

	for (size_t i = 0; i < ARRAY_SIZE(items) && slice_next_word(&rest, &word); i++) {
		size_t dot = slice_find(word, '.');
		uint64_t whole, hundredths;

		if (number_parse_u64(slice_first(word, dot), &whole) == 0 &&
		    number_parse_u64(slice_from(word, dot + 1), &hundredths) == 0)
			scrape_add_decimal(scrape, ADD_ITEM(items[i]),
					   (double)whole + (double)hundredths / 100);
	}
}

/* "0.00 0.01 0.05 1/87 1234": running, and all. */
void collect_tasks(struct scrape *scrape)
{
	_cleanup_free_ char *text = scrape_read(scrape, "loadavg");
	struct slice rest = slice_of(text), word = rest;
	uint64_t current, all;
	size_t slash;

	if (!scrape_next_words(&rest, 4, &word))
		return;
	slash = slice_find(word, '/');
	if (number_parse_u64(slice_first(word, slash), &current) < 0 ||
	    number_parse_u64(slice_from(word, slash + 1), &all) < 0)
		return;
	scrape_add(scrape, ADD_ITEM("cur"), current);
	scrape_add(scrape, ADD_ITEM("max"), all);
}

void collect_vm_stat(struct scrape *scrape)
{
	_cleanup_free_ char *text = scrape_read(scrape, "vmstat");
	struct slice rest = slice_of(text), line, name;
	uint64_t number;

	for (size_t i = 0; i < METRICS_MAX_ENTRIES && slice_next_line(&rest, &line); i++)
		if (slice_next_word(&line, &name) && scrape_next_number(&line, &number))
			scrape_add(scrape, LABELS({ "item", name }), number);
}

/* Of huge pages the file has the number, of everything else KiB. */
static uint64_t unit_of(const char *key)
{
	return slice_starts_with(slice_of(key), "HugePages_") ? 1 : BYTES_PER_KIB;
}

void collect_meminfo(struct scrape *scrape)
{
	static const struct {
		const char *item, *key;
	} items[] = {
		{ "mem_total", "MemTotal" },
		{ "mem_free", "MemFree" },
		{ "mem_available", "MemAvailable" },
		{ "buffers", "Buffers" },
		{ "cached", "Cached" },
		{ "swap_cached", "SwapCached" },
		{ "active", "Active" },
		{ "inactive", "Inactive" },
		{ "active_anon", "Active(anon)" },
		{ "inactive_anon", "Inactive(anon)" },
		{ "active_file", "Active(file)" },
		{ "inactive_file", "Inactive(file)" },
		{ "unevictable", "Unevictable" },
		{ "mlocked", "Mlocked" },
		{ "high_total", "HighTotal" },
		{ "high_free", "HighFree" },
		{ "low_total", "LowTotal" },
		{ "low_free", "LowFree" },
		{ "mmap_copy", "MmapCopy" },
		{ "swap_total", "SwapTotal" },
		{ "swap_free", "SwapFree" },
		{ "dirty", "Dirty" },
		{ "writeback", "Writeback" },
		{ "anon_pages", "AnonPages" },
		{ "mapped", "Mapped" },
		{ "shmem", "Shmem" },
		{ "slab", "Slab" },
		{ "s_reclaimable", "SReclaimable" },
		{ "s_unreclaim", "SUnreclaim" },
		{ "kernel_stack", "KernelStack" },
		{ "page_tables", "PageTables" },
		{ "quicklists", "Quicklists" },
		{ "nfs_unstable", "NFS_Unstable" },
		{ "bounce", "Bounce" },
		{ "writeback_tmp", "WritebackTmp" },
		{ "commit_limit", "CommitLimit" },
		{ "committed_as", "Committed_AS" },
		{ "vmalloc_total", "VmallocTotal" },
		{ "vmalloc_used", "VmallocUsed" },
		{ "vmalloc_chunk", "VmallocChunk" },
		{ "hardware_corrupted", "HardwareCorrupted" },
		{ "anon_hugepages", "AnonHugePages" },
		{ "shmem_hugepages", "ShmemHugePages" },
		{ "shmem_pmd_mapped", "ShmemPmdMapped" },
		{ "cma_total", "CmaTotal" },
		{ "cma_free", "CmaFree" },
		{ "hugepages_total", "HugePages_Total" },
		{ "hugepages_free", "HugePages_Free" },
		{ "hugepages_rsvd", "HugePages_Rsvd" },
		{ "hugepages_surp", "HugePages_Surp" },
		{ "hugepagesize", "Hugepagesize" },
		{ "direct_map_4k", "DirectMap4k" },
		{ "direct_map_4M", "DirectMap4M" },
		{ "direct_map_2M", "DirectMap2M" },
		{ "direct_map_1G", "DirectMap1G" },
		{ "hugetlb", "Hugetlb" },
		{ "per_cpu", "Percpu" },
		{ "k_reclaimable", "KReclaimable" },
	};
	_cleanup_free_ char *text = scrape_read(scrape, "meminfo");

	for (size_t i = 0; text[0] && i < ARRAY_SIZE(items); i++)
		scrape_add(scrape, ADD_ITEM(items[i].item),
			   scrape_find(text, items[i].key, 0) * unit_of(items[i].key));
}
