// SPDX-License-Identifier: Apache-2.0
/*
 * The mount that most drivers come to. mount(2) and not fsconfig(2), which takes no value over 255 bytes, and an
 * overlay's list of layers is longer; a bind mount is made detached, so that it never lacks a flag. Either is put on
 * a descriptor.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "agent/boot/modules.h"
#include "agent/workload/detached.h"
#include "agent/workload/inside.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "internal.h"

#define SHARE_TAG	 "kataShared"
#define DATA_MAX_BYTES	 4095
#define MOUNTS_MAX_BYTES (4u << 20)
#define RETRY_MS	 20

/* ---- options ----------------------------------------------------------------------------------- */

int mount_request_parse(const Grpc__Storage *storage, struct mount_request *request,
			struct error **err)
{
	*request = (struct mount_request){ .source = storage->source, .type = storage->fstype };
	for (size_t i = 0; i < storage->n_options; i++)
		if (strcmp(storage->options[i], "loop") == 0)
			return error_set(err, -EINVAL, "the mount option loop is not supported");
	mount_options_parse(storage->options, storage->n_options, &request->options);
	return 0;
}

void mount_request_release(struct mount_request *request)
{
	mount_options_release(&request->options);
}

const char *option_value(const Grpc__Storage *storage, const char *key)
{
	for (size_t i = 0; i < storage->n_options; i++)
		if (slice_starts_with(slice_of(storage->options[i]), key))
			return storage->options[i] + strlen(key);
	return NULL;
}

static unsigned long mount_flags(const struct mount_options *options)
{
	static const struct {
		uint64_t attribute;
		unsigned long flag;
	} flags[] = {
		{ MOUNT_ATTR_RDONLY, MS_RDONLY },	  { MOUNT_ATTR_NOSUID, MS_NOSUID },
		{ MOUNT_ATTR_NODEV, MS_NODEV },		  { MOUNT_ATTR_NOEXEC, MS_NOEXEC },
		{ MOUNT_ATTR_NODIRATIME, MS_NODIRATIME },
	};
	static const struct {
		uint64_t attribute;
		unsigned long flag;
	} access_times[] = {
		{ MOUNT_ATTR_RELATIME, MS_RELATIME },
		{ MOUNT_ATTR_NOATIME, MS_NOATIME },
		{ MOUNT_ATTR_STRICTATIME, MS_STRICTATIME },
	};
	unsigned long result = 0;

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (options->set & flags[i].attribute)
			result |= flags[i].flag;
	/* These are numbers of a field, not bits. */
	for (size_t i = 0; i < ARRAY_SIZE(access_times); i++)
		if (options->clear & MOUNT_ATTR__ATIME &&
		    (options->set & MOUNT_ATTR__ATIME) == access_times[i].attribute)
			result |= access_times[i].flag;
	return result;
}

/* Words that mount(2) wants as flags are moved there. */
static char *mount_data(const struct mount_options *options, unsigned long *flags)
{
	static const struct {
		const char *word;
		unsigned long flag;
	} words[] = {
		{ "sync", MS_SYNCHRONOUS },
		{ "dirsync", MS_DIRSYNC },
		{ "lazytime", MS_LAZYTIME },
	};
	_cleanup_string_list_ struct string_list data = { 0 };

	for (size_t i = 0; i < options->data.count; i++) {
		size_t w = 0;

		while (w < ARRAY_SIZE(words) && strcmp(words[w].word, options->data.items[i]) != 0)
			w++;
		if (w < ARRAY_SIZE(words))
			*flags |= words[w].flag;
		else
			string_list_add(&data, options->data.items[i]);
	}
	return string_list_join(&data, ",");
}

/* ---- what is there already --------------------------------------------------------------------- */

/* Field by field: "36 35 98:0 /root /mount/point options tags - TYPE source super". */
static bool line_has_type(struct slice line, uint64_t id, const char *type)
{
	struct slice word;
	uint64_t number;

	if (!slice_next_word(&line, &word) || number_parse_u64(word, &number) < 0 || number != id)
		return false;
	while (slice_next_word(&line, &word))
		if (slice_is(word, "-"))
			return slice_next_word(&line, &word) && slice_is(word, type);
	return false;
}

/* Is `fd` the top of a mount of this type? */
static bool has_mount(int fd, const char *type)
{
	_cleanup_error_ struct error *ignored = NULL; /* then we mount, and see what that says */
	_cleanup_free_ char *text = NULL;
	struct slice rest, line;
	struct statx status;

	if (!is_mount_top(fd) || statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &status) < 0 ||
	    file_read_all("/proc/self/mountinfo", MOUNTS_MAX_BYTES, &text, NULL, &ignored) < 0)
		return false;
	rest = slice_of(text);
	while (slice_next_line(&rest, &line))
		if (line_has_type(line, status.stx_mnt_id, type))
			return true;
	return false;
}

/* ---- mount ------------------------------------------------------------------------------------- */

/* For kernels that have it as a module; the guest has no modprobe that the kernel could call. */
static void load_file_system(const char *type)
{
	_cleanup_error_ struct error *err = NULL;

	if (modules_load(type, "", &err) < 0)
		log_debug("no module for a file system", LOG_STR("error", error_message(err)));
}

/* The device may be on its way: hot-plugged after a restore, or not yet probed (spec/runtime-core.md 18.1). */
static int mount_patiently(const struct attachment *attachment, const struct mount_request *request,
			   int target, int late, struct error **err)
{
	_cleanup_free_ char *path = descriptor_path(target);
	unsigned long flags = mount_flags(&request->options);
	_cleanup_free_ char *data = mount_data(&request->options, &flags);
	bool module_tried = false;
	int64_t deadline = clock_now_ms() + attachment->settings->hotplug_timeout_ms;
	int code;

	if (strlen(data) > DATA_MAX_BYTES)
		return error_set(err, -E2BIG, "Mount option exceeds 4K size");
	for (;;) {
		if (mount(request->source, path, request->type, flags, data) == 0)
			return 0;
		code = errno;
		if (code == ENODEV && !module_tried) {
			module_tried = true;
			load_file_system(request->type);
			continue;
		}
		if (late == 0 || code != late || clock_now_ms() >= deadline)
			break;
		clock_sleep_ms(RETRY_MS);
	}
	if (code == ENODEV)
		return error_set(err, -code, "mount %s: the guest's kernel has no file system %s",
				 request->source, request->type);
	error_set_errno(err, -code, "mount %s (%s)", request->source, request->type);
	if (code == late)
		error_advise(err,
			     "a device with this tag may be missing: none came within %" PRId64
			     " ms (agent.hotplug_timeout)",
			     attachment->settings->hotplug_timeout_ms);
	return -code;
}

static int mount_new(struct attachment *attachment, const struct mount_request *request, int late,
		     struct error **err)
{
	_cleanup_close_ int target = place_make_directory(&attachment->place, err);
	_cleanup_close_ int top = -1;
	int ret;

	if (target < 0)
		return target;
	if (strcmp(request->source, SHARE_TAG) == 0 && is_mount_top(target)) {
		log_warning("the share is mounted already",
			    LOG_STR("path", attachment->place.path));
		return 0;
	}
	if (has_mount(target, request->type))
		return 0;
	ret = mount_patiently(attachment, request, target, late, err);
	if (ret < 0)
		return ret;
	attachment->mounted = true;
	if (!request->options.propagation)
		return 0;
	top = place_open(&attachment->place, O_PATH | O_DIRECTORY, err);
	return top < 0 ? top : detached_set_propagation(top, &request->options, err);
}

/* What a container can write to lies below the base directory: there, links are not followed. */
int mount_open_source(const char *base, const char *source, int flags, struct error **err)
{
	struct open_how how = {
		.flags = (unsigned)flags | O_CLOEXEC,
		.resolve = RESOLVE_NO_MAGICLINKS,
	};
	int fd;

	if (place_may_be_below(base, source))
		how.resolve |= RESOLVE_NO_SYMLINKS;
	fd = (int)syscall(SYS_openat2, AT_FDCWD, source, &how, sizeof(how));
	return fd < 0 ? error_set_errno(err, -errno, "open the source %s", source) : fd;
}

static int mount_bind(struct attachment *attachment, const struct mount_request *request,
		      struct error **err)
{
	_cleanup_close_ int source =
		mount_open_source(attachment->settings->base, request->source, O_PATH, err);
	_cleanup_close_ int tree = -1, target = -1;
	struct stat status;

	if (source < 0)
		return source;
	if (fstat(source, &status) < 0)
		return error_set_errno(err, -errno, "look at %s", request->source);
	tree = detached_bind(source, request->source, &request->options, err);
	if (tree < 0)
		return tree;
	target = S_ISDIR(status.st_mode) ? place_make_directory(&attachment->place, err)
					 : place_make_file(&attachment->place, err);
	if (target < 0)
		return target;
	attachment->mounted = true;
	return mount_attach(tree, target, attachment->place.path, err);
}

static int give_away(const struct attachment *attachment, const struct mount_request *request,
		     struct error **err)
{
	_cleanup_close_ int top = -1;

	if (!attachment->storage->fs_group)
		return 0;
	top = place_open(&attachment->place, O_RDONLY | O_DIRECTORY, err);
	return top < 0 ? top
		       : ownership_apply(top, attachment->storage->fs_group,
					 request->options.readonly, err);
}

int mount_attach_storage(struct attachment *attachment, const struct mount_request *request,
			 int late, struct error **err)
{
	int ret;

	if (!request->source[0])
		return error_set(err, -EINVAL, "need mount source");
	if (!request->type[0])
		return error_set(err, -EINVAL, "need mount FS type");
	if (request->options.bind || strcmp(request->type, "bind") == 0)
		ret = mount_bind(attachment, request, err);
	else
		ret = mount_new(attachment, request, late, err);
	if (ret == 0)
		ret = give_away(attachment, request, err);
	if (ret < 0 && attachment->mounted) {
		_cleanup_error_ struct error *second = NULL;

		if (place_clean_up(&attachment->place, &second) < 0)
			log_warning("a mount that failed is left",
				    LOG_STR("error", error_message(second)));
	}
	return ret;
}

int mount_common(struct attachment *attachment, int late, struct error **err)
{
	_cleanup_mount_request_ struct mount_request request = { 0 };
	int ret = mount_request_parse(attachment->storage, &request, err);

	return ret < 0 ? ret : mount_attach_storage(attachment, &request, late, err);
}
