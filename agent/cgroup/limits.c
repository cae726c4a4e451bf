// SPDX-License-Identifier: Apache-2.0
/* Limits: a table of files for what is one value, functions for what depends on more. */
#include <errno.h>
#include <inttypes.h>

#include "base/log.h"
#include "base/memory.h"
#include "internal.h"

/* cpu.shares 2 .. 262144 as cpu.weight 1 .. 10000. */
static uint64_t weight_of_shares(uint64_t shares)
{
	if (shares < 2)
		shares = 2;
	if (shares > 262144)
		shares = 262144;
	return 1 + (shares - 2) * 9999 / 262142;
}

/* A limit's text: "max" on v2 and -1 on v1 for what is negative. */
static void put_limit(struct strbuf *out, bool v2, int64_t limit)
{
	if (limit < 0)
		strbuf_puts(out, v2 ? "max" : "-1");
	else
		strbuf_printf(out, "%" PRId64, limit);
}

/* Values leave `out` empty for "leave alone". */
static void put_shares(struct strbuf *out, bool v2, const Grpc__LinuxResources *r)
{
	if (r->cpu && r->cpu->shares)
		strbuf_printf(out, "%" PRIu64,
			      v2 ? weight_of_shares(r->cpu->shares) : r->cpu->shares);
}

static void put_period(struct strbuf *out, bool v2, const Grpc__LinuxResources *r)
{
	if (!v2 && r->cpu && r->cpu->period)
		strbuf_printf(out, "%" PRIu64, r->cpu->period);
}

static void put_quota(struct strbuf *out, bool v2, const Grpc__LinuxResources *r)
{
	if (!r->cpu || (!r->cpu->quota && !(v2 && r->cpu->period)))
		return;
	put_limit(out, v2, r->cpu->quota ? r->cpu->quota : -1);
	if (v2 && r->cpu->period)
		strbuf_printf(out, " %" PRIu64, r->cpu->period);
}

static void put_realtime_period(struct strbuf *out, bool v2, const Grpc__LinuxResources *r)
{
	if (!v2 && r->cpu && r->cpu->realtimeperiod)
		strbuf_printf(out, "%" PRIu64, r->cpu->realtimeperiod);
}

static void put_realtime_runtime(struct strbuf *out, bool v2, const Grpc__LinuxResources *r)
{
	if (!v2 && r->cpu && r->cpu->realtimeruntime)
		strbuf_printf(out, "%" PRId64, r->cpu->realtimeruntime);
}

static void put_reservation(struct strbuf *out, bool v2, const Grpc__LinuxResources *r)
{
	if (r->memory && r->memory->reservation)
		put_limit(out, v2, r->memory->reservation);
}

static void put_swappiness(struct strbuf *out, bool v2, const Grpc__LinuxResources *r)
{
	if (!v2 && r->memory && r->memory->swappiness)
		strbuf_printf(out, "%" PRIu64, r->memory->swappiness);
}

static void put_no_oom_killer(struct strbuf *out, bool v2, const Grpc__LinuxResources *r)
{
	if (!v2 && r->memory && r->memory->disableoomkiller)
		strbuf_putc(out, '1');
}

static void put_pids(struct strbuf *out, bool v2, const Grpc__LinuxResources *r)
{
	(void)v2;
	if (r->pids && r->pids->limit)
		put_limit(out, true, r->pids->limit);
}

static void put_block_weight(struct strbuf *out, bool v2, const Grpc__LinuxResources *r)
{
	if (r->blockio && r->blockio->weight)
		strbuf_printf(out, v2 ? "default %u" : "%u", r->blockio->weight);
}

static void put_leaf_weight(struct strbuf *out, bool v2, const Grpc__LinuxResources *r)
{
	if (!v2 && r->blockio && r->blockio->leafweight)
		strbuf_printf(out, "%u", r->blockio->leafweight);
}

static void put_class_id(struct strbuf *out, bool v2, const Grpc__LinuxResources *r)
{
	if (!v2 && r->network && r->network->classid)
		strbuf_printf(out, "%u", r->network->classid);
}

static void put_cpus(struct strbuf *out, bool v2, const Grpc__LinuxResources *r)
{
	(void)v2;
	if (r->cpu)
		strbuf_puts(out, r->cpu->cpus);
}

static void put_mems(struct strbuf *out, bool v2, const Grpc__LinuxResources *r)
{
	(void)v2;
	if (r->cpu)
		strbuf_puts(out, r->cpu->mems);
}

/* The order matters: a period before the quota that fits it. */
static const struct limit {
	enum controller controller;
	const char *v1, *v2;
	void (*put)(struct strbuf *out, bool v2, const Grpc__LinuxResources *resources);
	bool best_effort; /* failure is only logged: the guest's processors may come later */
} limits[] = {
	{ CONTROLLER_CPUSET, "cpuset.cpus", "cpuset.cpus", put_cpus, true },
	{ CONTROLLER_CPUSET, "cpuset.mems", "cpuset.mems", put_mems, true },
	{ CONTROLLER_CPU, "cpu.shares", "cpu.weight", put_shares, false },
	{ CONTROLLER_CPU, "cpu.cfs_period_us", NULL, put_period, false },
	{ CONTROLLER_CPU, "cpu.cfs_quota_us", "cpu.max", put_quota, false },
	{ CONTROLLER_CPU, "cpu.rt_period_us", NULL, put_realtime_period, false },
	{ CONTROLLER_CPU, "cpu.rt_runtime_us", NULL, put_realtime_runtime, false },
	{ CONTROLLER_MEMORY, "memory.soft_limit_in_bytes", "memory.low", put_reservation, false },
	{ CONTROLLER_MEMORY, "memory.swappiness", NULL, put_swappiness, false },
	{ CONTROLLER_MEMORY, "memory.oom_control", NULL, put_no_oom_killer, false },
	{ CONTROLLER_PIDS, "pids.max", "pids.max", put_pids, false },
	{ CONTROLLER_BLKIO, "blkio.weight", "io.weight", put_block_weight, true },
	{ CONTROLLER_BLKIO, "blkio.leaf_weight", NULL, put_leaf_weight, true },
	{ CONTROLLER_NET_CLS, "net_cls.classid", NULL, put_class_id, false },
};

static int set_limit(const struct cgroup *cgroup, const struct limit *limit,
		     const Grpc__LinuxResources *resources, struct error **err)
{
	_cleanup_strbuf_ struct strbuf value = STRBUF_INIT;
	const char *file = cgroup->v2 ? limit->v2 : limit->v1;
	struct error *failure = NULL;

	limit->put(&value, cgroup->v2, resources);
	if (value.size == 0 || !file)
		return 0;
	if (cgroup_write(cgroup, limit->controller, file, value.data, &failure) == 0)
		return 0;
	if (!limit->best_effort)
		return error_propagate(err, failure);
	log_warning("a limit is not set", LOG_STR("error", error_message(failure)));
	error_free(failure);
	return 0;
}

/* ---- memory and swap -------------------------------------------------------------------------- */

static int set_memory_v2(const struct cgroup *cgroup, const Grpc__LinuxMemory *memory,
			 struct error **err)
{
	_cleanup_strbuf_ struct strbuf limit = STRBUF_INIT, swap = STRBUF_INIT;
	int ret = 0;

	if (memory->limit) {
		put_limit(&limit, true, memory->limit);
		ret = cgroup_write(cgroup, CONTROLLER_MEMORY, "memory.max", limit.data, err);
	}
	if (ret < 0 || !memory->swap)
		return ret;
	/* OCI counts memory and swap together, v2 apart. */
	if (memory->swap > 0 && memory->limit > 0 && memory->swap < memory->limit)
		return error_set(err, -EINVAL,
				 "the limit of memory and swap is below that of memory");
	put_limit(&swap, true,
		  memory->swap < 0 || memory->limit <= 0 ? memory->swap
							 : memory->swap - memory->limit);
	return cgroup_write(cgroup, CONTROLLER_MEMORY, "memory.swap.max", swap.data, err);
}

/* The limit of both can never be below that of memory alone, so a rise starts with it. */
static int set_memory_v1(const struct cgroup *cgroup, const Grpc__LinuxMemory *memory,
			 struct error **err)
{
	static const char *const files[] = { "memory.limit_in_bytes",
					     "memory.memsw.limit_in_bytes" };
	_cleanup_free_ char *now = cgroup_read(cgroup, CONTROLLER_MEMORY, files[0]);
	int64_t swap = memory->swap ? memory->swap : memory->limit < 0 ? -1 : 0;
	const int64_t values[] = { memory->limit, swap };
	bool swap_first = swap < 0 || (swap > 0 && (uint64_t)swap > strtoull(now, NULL, 10));

	for (int i = 0; i < 2; i++) {
		int which = swap_first ? 1 - i : i;
		_cleanup_strbuf_ struct strbuf value = STRBUF_INIT;
		_cleanup_free_ char *probe = NULL;
		int ret;

		if (!values[which])
			continue;
		probe = cgroup_read(cgroup, CONTROLLER_MEMORY, files[which]);
		/* A kernel without swap accounting has no file for it, and nothing to limit. */
		if (which == 1 && !probe[0])
			continue;
		put_limit(&value, false, values[which]);
		ret = cgroup_write(cgroup, CONTROLLER_MEMORY, files[which], value.data, err);
		if (ret < 0)
			return ret;
	}
	return 0;
}

/* ---- lists ------------------------------------------------------------------------------------ */

static bool is_page_size(const char *size)
{
	size_t digits = strspn(size, "0123456789");

	return digits > 0 && digits < 8 &&
	       (strcmp(size + digits, "KB") == 0 || strcmp(size + digits, "MB") == 0 ||
		strcmp(size + digits, "GB") == 0);
}

static int set_huge_pages(const struct cgroup *cgroup, const Grpc__LinuxResources *resources,
			  struct error **err)
{
	for (size_t i = 0; i < resources->n_hugepagelimits; i++) {
		const Grpc__LinuxHugepageLimit *limit = resources->hugepagelimits[i];
		_cleanup_free_ char *file = NULL, *value = NULL, *probe = NULL;
		int ret;

		if (!is_page_size(limit->pagesize))
			return error_set(err, -EINVAL, "\"%s\" is no size of huge pages",
					 limit->pagesize);
		file = xasprintf("hugetlb.%s.%s", limit->pagesize,
				 cgroup->v2 ? "max" : "limit_in_bytes");
		value = xasprintf("%" PRIu64, limit->limit);
		probe = cgroup_read(cgroup, CONTROLLER_HUGETLB, file);
		if (!probe[0]) {
			log_warning("the guest has no huge pages of this size",
				    LOG_STR("size", limit->pagesize));
			continue;
		}
		ret = cgroup_write(cgroup, CONTROLLER_HUGETLB, file, value, err);
		if (ret < 0)
			return ret;
	}
	return 0;
}

static int set_throttles(const struct cgroup *cgroup, const char *v1, const char *v2, size_t count,
			 Grpc__LinuxThrottleDevice *const *devices, struct error **err)
{
	for (size_t i = 0; i < count; i++) {
		_cleanup_strbuf_ struct strbuf value = STRBUF_INIT;
		int ret;

		strbuf_printf(&value, "%" PRId64 ":%" PRId64 " ", devices[i]->major,
			      devices[i]->minor);
		if (cgroup->v2)
			strbuf_printf(&value, "%s=", v2);
		strbuf_printf(&value, "%" PRIu64, devices[i]->rate);
		ret = cgroup_write(cgroup, CONTROLLER_BLKIO, cgroup->v2 ? "io.max" : v1, value.data,
				   err);
		if (ret < 0)
			return ret;
	}
	return 0;
}

static int set_block_io(const struct cgroup *cgroup, const Grpc__LinuxBlockIO *io,
			struct error **err)
{
	const struct {
		const char *v1, *v2;
		size_t count;
		Grpc__LinuxThrottleDevice *const *devices;
	} lists[] = {
		{ "blkio.throttle.read_bps_device", "rbps", io->n_throttlereadbpsdevice,
		  io->throttlereadbpsdevice },
		{ "blkio.throttle.write_bps_device", "wbps", io->n_throttlewritebpsdevice,
		  io->throttlewritebpsdevice },
		{ "blkio.throttle.read_iops_device", "riops", io->n_throttlereadiopsdevice,
		  io->throttlereadiopsdevice },
		{ "blkio.throttle.write_iops_device", "wiops", io->n_throttlewriteiopsdevice,
		  io->throttlewriteiopsdevice },
	};
	int ret = 0;

	for (size_t i = 0; i < ARRAY_SIZE(lists) && ret == 0; i++)
		ret = set_throttles(cgroup, lists[i].v1, lists[i].v2, lists[i].count,
				    lists[i].devices, err);
	return ret;
}

static void keep_cpus(struct cgroup *cgroup, const Grpc__LinuxCPU *cpu)
{
	if (!cpu || !cpu->cpus[0])
		return;
	free(cgroup->cpus);
	cgroup->cpus = xstrdup(cpu->cpus);
}

int cgroup_set_limits(struct cgroup *cgroup, const Grpc__LinuxResources *resources,
		      struct error **err)
{
	int ret = 0;

	if (!resources)
		return 0;
	keep_cpus(cgroup, resources->cpu);
	for (size_t i = 0; i < ARRAY_SIZE(limits) && ret == 0; i++)
		ret = set_limit(cgroup, &limits[i], resources, err);
	if (ret == 0 && resources->memory)
		ret = cgroup->v2 ? set_memory_v2(cgroup, resources->memory, err)
				 : set_memory_v1(cgroup, resources->memory, err);
	if (ret == 0)
		ret = set_huge_pages(cgroup, resources, err);
	if (ret == 0 && resources->blockio)
		ret = set_block_io(cgroup, resources->blockio, err);
	return ret;
}
