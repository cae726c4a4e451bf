// SPDX-License-Identifier: Apache-2.0
/* Calls about the guest itself: facts, time, randomness, processors, memory, mounts (spec/agent.md 6). */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <time.h>

#include "agent/device/online.h"
#include "base/file.h"
#include "base/log.h"
#include "base/number.h"
#include "base/path.h"
#include "build.h"

#define SYSFS_CPU	   "/sys/devices/system/cpu"
#define SYSFS_MEMORY	   "/sys/devices/system/memory"
#define SMALL_FILE_BYTES   4096
#define ONLINE_TRIES	   100
#define ONLINE_INTERVAL_NS 50000000

/* ---- GetGuestDetails --------------------------------------------------------------------------- */

/* Hexadecimal without a prefix. A guest that cannot add memory has no such file: 0. */
static int read_block_size(uint64_t *size, struct error **err)
{
	_cleanup_error_ struct error *absent = NULL;
	_cleanup_free_ char *text = NULL, *number = NULL;

	*size = 0;
	if (file_read_all(SYSFS_MEMORY "/block_size_bytes", SMALL_FILE_BYTES, &text, NULL,
			  &absent) < 0)
		return 0;
	number = slice_dup(slice_trim(slice_of(text)));
	if (!number[0] || number[strspn(number, "0123456789abcdefABCDEF")] != '\0' ||
	    strlen(number) > 16)
		return error_set(err, -EINVAL, "Invalid block size");
	*size = strtoull(number, NULL, 16);
	return 0;
}

HANDLER(handle_get_guest_details)
{
	static char version[] = KATA_VERSION, seccomp[] = "seccomp";
	char *features[] = { seccomp };
	const Grpc__GuestDetailsRequest *wanted = input;
	const struct sandbox *sandbox = context;
	Grpc__GuestDetailsResponse response = GRPC__GUEST_DETAILS_RESPONSE__INIT;
	Grpc__AgentDetails details = GRPC__AGENT_DETAILS__INIT;
	_cleanup_string_list_ struct string_list handlers = { 0 };
	_cleanup_error_ struct error *err = NULL;

	if (wanted->mem_block_size && read_block_size(&response.mem_block_size_bytes, &err) < 0) {
		call_fail(request, err);
		return;
	}
	if (wanted->mem_hotplug_probe)
		response.support_mem_hotplug_probe = path_exists(SYSFS_MEMORY "/probe");
	details.version = version;
	details.init_daemon = sandbox->is_init;
	details.supports_seccomp = true;
	storages_list_drivers(&handlers);
	details.storage_handlers = handlers.items;
	details.n_storage_handlers = handlers.count;
	details.extra_features = features;
	details.n_extra_features = ARRAY_SIZE(features);
	response.agent_details = &details;
	ttrpc_request_reply(request, &response.base);
}

/* ---- time and randomness ----------------------------------------------------------------------- */

HANDLER(handle_set_guest_date_time)
{
	const Grpc__SetGuestDateTimeRequest *now = input;
	struct timeval time = { .tv_sec = now->sec, .tv_usec = now->usec };

	(void)context;
	if (settimeofday(&time, NULL) < 0)
		ttrpc_request_fail(request, TTRPC_INTERNAL, "set the time: %s", errno_text(errno));
	else
		ttrpc_request_reply(request, NULL);
}

static int reseed(const ProtobufCBinaryData *entropy, struct error **err)
{
	_cleanup_close_ int fd = open("/dev/random", O_WRONLY | O_CLOEXEC);
	int bits = (int)entropy->len * 8;
	int ret;

	if (fd < 0)
		return error_set_errno(err, -errno, "open /dev/random");
	ret = fd_write_all(fd, entropy->data, entropy->len);
	if (ret < 0)
		return error_set_errno(err, ret, "write to /dev/random");
	if (ioctl(fd, RNDADDTOENTCNT, &bits) < 0 || ioctl(fd, RNDRESEEDCRNG) < 0)
		return error_set_errno(err, -errno, "reseed the random numbers");
	return 0;
}

HANDLER(handle_reseed_random_dev)
{
	const Grpc__ReseedRandomDevRequest *seed = input;
	_cleanup_error_ struct error *err = NULL;

	(void)context;
	if (seed->data.len == 0)
		ttrpc_request_fail(request, TTRPC_INTERNAL, "missing entropy data");
	else if (reseed(&seed->data, &err) < 0)
		call_fail(request, err);
	else
		ttrpc_request_reply(request, NULL);
}

/* ---- processors and memory --------------------------------------------------------------------- */

/* "0-3,7" has five. */
static unsigned count_list(const char *text)
{
	struct slice rest = slice_trim(slice_of(text)), range;
	unsigned count = 0;

	while (slice_next_field(&rest, ',', &range)) {
		size_t dash = slice_find(range, '-');
		uint64_t first, last;

		if (number_parse_u64(slice_first(range, dash), &first) < 0)
			continue;
		last = first;
		if (dash < range.size && number_parse_u64(slice_from(range, dash + 1), &last) < 0)
			continue;
		if (last >= first && last - first < 65536)
			count += (unsigned)(last - first) + 1;
	}
	return count;
}

static unsigned count_cpus(const char *list)
{
	_cleanup_error_ struct error *ignored = NULL; /* then none is known to be online */
	_cleanup_free_ char *text = NULL;

	if (file_read_all(list, SMALL_FILE_BYTES, &text, NULL, &ignored) < 0)
		return 0;
	return count_list(text);
}

static int online_cpus(unsigned wanted, struct error **err)
{
	unsigned possible = count_cpus(SYSFS_CPU "/possible");

	if (possible > 0 && wanted > possible)
		return error_set(err, -ERANGE,
				 "failed to online %u CPU(s): the guest has at most %u", wanted,
				 possible);
	for (int i = 0; i < ONLINE_TRIES; i++) {
		unsigned now = count_cpus(SYSFS_CPU "/online");

		if (now >= wanted)
			return 0;
		online_all(SYSFS_CPU, "cpu", wanted - now);
		if (count_cpus(SYSFS_CPU "/online") >= wanted)
			return 0;
		nanosleep(&(struct timespec){ .tv_nsec = ONLINE_INTERVAL_NS }, NULL);
	}
	return error_set(err, -ETIMEDOUT, "failed to online %u CPU(s) after %d retries", wanted,
			 ONLINE_TRIES);
}

static int run_online(struct call *call, struct error **err)
{
	const Grpc__OnlineCPUMemRequest *input = call->input;
	int ret = input->nb_cpus > 0 ? online_cpus(input->nb_cpus, err) : 0;

	if (ret == 0 && !input->cpu_only)
		online_all(SYSFS_MEMORY, "memory", UINT32_MAX);
	return ret;
}

/* New processors are nobody's before the groups of those who may have them say so. */
static int widen(struct each_container *each, struct container *container, struct error **err)
{
	(void)each;
	return container->cgroup ? cgroup_widen_cpuset(container->cgroup, err) : 0;
}

static void widened(struct each_container *each)
{
	if (each->error)
		call_fail(each->request, each->error);
	else
		ttrpc_request_reply(each->request, NULL);
}

static void online_now(struct call *call)
{
	const Grpc__OnlineCPUMemRequest *input = call->input;

	if (input->nb_cpus == 0)
		ttrpc_request_reply(call->request, NULL);
	else
		each_container(&(struct each_container){
			.sandbox = call->sandbox,
			.request = call->request,
			.run = widen,
			.done = widened,
		});
}

HANDLER(handle_online_cpu_mem)
{
	call_submit(call_new(context, NULL, request, input), run_online, online_now);
}

static int run_probe(struct call *call, struct error **err)
{
	const Grpc__MemHotplugByProbeRequest *input = call->input;

	for (size_t i = 0; i < input->n_memhotplugprobeaddr; i++) {
		char address[24];
		int ret;

		snprintf(address, sizeof(address), "0x%llX",
			 (unsigned long long)input->memhotplugprobeaddr[i]);
		ret = sysfs_write(SYSFS_MEMORY "/probe", address);
		if (ret < 0)
			return error_set_errno(err, ret, "probe memory at %s", address);
	}
	return 0;
}

HANDLER(handle_mem_hotplug_by_probe)
{
	call_submit(call_new(context, NULL, request, input), run_probe, NULL);
}

/* ---- mounts ------------------------------------------------------------------------------------ */

static int run_update_ephemeral(struct call *call, struct error **err)
{
	const Grpc__UpdateEphemeralMountsRequest *input = call->input;

	return storages_update_ephemeral(call->sandbox->storages, input->storages,
					 input->n_storages, err);
}

HANDLER(handle_update_ephemeral_mounts)
{
	call_submit(call_new(context, NULL, request, input), run_update_ephemeral, NULL);
}

/* Looking at a mount whose other side is gone makes the kernel let go of it. */
static int run_look(struct call *call, struct error **err)
{
	_cleanup_free_ char *text = NULL;
	struct slice rest, line, source, target;
	int ret = file_read_all("/proc/self/mounts", 4u << 20, &text, NULL, err);

	(void)call;
	if (ret < 0)
		return ret;
	rest = slice_of(text);
	while (slice_next_line(&rest, &line)) {
		struct stat status;

		if (slice_next_word(&line, &source) && slice_next_word(&line, &target) &&
		    slice_starts_with(target, SANDBOX_SHARED)) {
			_cleanup_free_ char *path = slice_dup(target);

			if (stat(path, &status) < 0)
				log_debug("a mount is stale", LOG_STR("path", path));
		}
	}
	return 0;
}

HANDLER(handle_remove_stale_virtiofs_share_mounts)
{
	call_submit(call_new(context, NULL, request, input), run_look, NULL);
}

/* ---- CopyFile --------------------------------------------------------------------------------- */

static int run_copy(struct call *call, struct error **err)
{
	return sandbox_copy_file(call->input, err);
}

/* The pieces of a file come in order, and jobs of the sandbox run in order. */
HANDLER(handle_copy_file)
{
	call_submit(call_new(context, NULL, request, input), run_copy, NULL);
}

/* ---- GetVolumeStats ---------------------------------------------------------------------------- */

static int run_volume_stats(struct call *call, struct error **err)
{
	const Grpc__VolumeStatsRequest *input = call->input;
	struct statvfs *fs = xcalloc(1, sizeof(*fs));

	call->result = fs;
	if (statvfs(input->volume_guest_path, fs) < 0)
		return error_set_errno(err, -errno, "look at %s", input->volume_guest_path);
	return 0;
}

static void looked_at(struct call *call)
{
	static char ok[] = "OK";
	_cleanup_free_ struct statvfs *fs = call->result;
	Grpc__VolumeStatsResponse response = GRPC__VOLUME_STATS_RESPONSE__INIT;
	Grpc__VolumeCondition condition = GRPC__VOLUME_CONDITION__INIT;
	Grpc__VolumeUsage bytes = GRPC__VOLUME_USAGE__INIT, inodes = GRPC__VOLUME_USAGE__INIT;
	Grpc__VolumeUsage *usage[] = { &bytes, &inodes };

	bytes.unit = GRPC__VOLUME_USAGE__UNIT__BYTES;
	bytes.total = fs->f_blocks * fs->f_bsize;
	bytes.available = fs->f_bfree * fs->f_bsize;
	bytes.used = bytes.total - bytes.available;
	inodes.unit = GRPC__VOLUME_USAGE__UNIT__INODES;
	inodes.total = fs->f_files;
	inodes.available = fs->f_ffree;
	inodes.used = inodes.total - inodes.available;
	condition.message = ok;
	response.usage = usage;
	response.n_usage = ARRAY_SIZE(usage);
	response.volume_condition = &condition;
	ttrpc_request_reply(call->request, &response.base);
}

static void not_looked_at(struct call *call)
{
	free(call->result);
}

HANDLER(handle_get_volume_stats)
{
	struct call *call = call_new(context, NULL, request, input);

	call->failed = not_looked_at;
	call_submit(call, run_volume_stats, looked_at);
}
