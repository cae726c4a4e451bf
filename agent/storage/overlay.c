// SPDX-License-Identifier: Apache-2.0
/* overlayfs: a root file system of layers that other storages have mounted (spec/agent.md 7.2). */
#include <errno.h>

#include "base/memory.h"
#include "base/path.h"
#include "internal.h"

#define WRITABLE_WORD	 "io.katacontainers.fs-opt.overlay-rw"
#define DIRECTORY_OPTION "io.katacontainers.volume.overlayfs.create_directory="

static int make_directory(const struct attachment *attachment, const char *path, struct error **err)
{
	_cleanup_place_ struct place place = { 0 };
	int fd = place_check(attachment->settings->base, attachment->container_id, path, &place,
			     err);

	if (fd == 0)
		fd = place_make_directory(&place, err);
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static int make_directories(const struct attachment *attachment, struct error **err)
{
	const Grpc__Storage *storage = attachment->storage;
	int ret = 0;

	for (size_t i = 0; i < storage->n_driver_options && ret == 0; i++) {
		const char *option = storage->driver_options[i];

		if (slice_starts_with(slice_of(option), DIRECTORY_OPTION))
			ret = make_directory(attachment, option + strlen(DIRECTORY_OPTION), err);
	}
	return ret;
}

/* The top layer and its work directory, in the container's own directory. */
static int add_writable_layer(const struct attachment *attachment, struct string_list *data,
			      struct error **err)
{
	static const char *const names[] = { "upper", "work" };
	int ret = 0;

	if (!attachment->container_id)
		return error_set(err, -EINVAL, WRITABLE_WORD " is for a container's storages");
	for (size_t i = 0; i < ARRAY_SIZE(names) && ret == 0; i++) {
		_cleanup_free_ char *path = xasprintf("%s/%s/%s", attachment->settings->base,
						      attachment->container_id, names[i]);

		ret = make_directory(attachment, path, err);
		string_list_take(data, xasprintf("%sdir=%s", names[i], path));
	}
	return ret;
}

int overlay_attach(struct attachment *attachment, struct error **err)
{
	_cleanup_mount_request_ struct mount_request request = { 0 };
	int ret = mount_request_parse(attachment->storage, &request, err);

	if (ret == 0 && option_value(attachment->storage, WRITABLE_WORD))
		ret = add_writable_layer(attachment, &request.options.data, err);
	if (ret == 0)
		ret = make_directories(attachment, err);
	if (ret < 0)
		return ret;
	request.type = "overlay";
	return mount_attach_storage(attachment, &request, 0, err);
}
