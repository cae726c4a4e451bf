// SPDX-License-Identifier: Apache-2.0
#include "direct_volume.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>

#include "base/base64.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/strbuf.h"

#define MOUNT_INFO_NAME "mountInfo.json"

/* NULL, and -EINVAL in *err, for an empty path. */
static char *volume_directory(const char *root, const char *volume_path, struct error **err)
{
	_cleanup_strbuf_ struct strbuf name = STRBUF_INIT;

	if (!volume_path[0]) {
		error_set(err, -EINVAL,
			  "no volume path given: say which volume with --volume-path");
		return NULL;
	}
	base64url_encode(slice_of(volume_path), &name);
	return path_join(root, name.data);
}

int direct_volume_add(const char *root, const char *volume_path, const char *mount_info,
		      struct error **err)
{
	_cleanup_free_ char *directory = volume_directory(root, volume_path, err);
	_cleanup_(mount_info_freep) struct mount_info *info = NULL;
	_cleanup_free_ char *path = NULL;
	int ret;

	if (!directory)
		return error_code(*err);
	ret = mount_info_parse(slice_of(mount_info), &info, err);
	if (ret == 0)
		ret = directory_make_all(directory, 0700, err);
	if (ret < 0)
		return ret;
	path = path_join(directory, MOUNT_INFO_NAME);
	return file_replace(path, mount_info, strlen(mount_info), 0600, err);
}

int direct_volume_remove(const char *root, const char *volume_path, struct error **err)
{
	_cleanup_free_ char *directory = volume_directory(root, volume_path, err);

	return directory ? path_remove_all(directory, err) : error_code(*err);
}

/* Sandbox ids start with a letter or digit; a temporary file of an interrupted write does not. */
static bool names_sandbox(const char *name)
{
	return isalnum((unsigned char)name[0]) && strcmp(name, MOUNT_INFO_NAME) != 0;
}

int direct_volume_sandbox(const char *root, const char *volume_path, char **sandbox_id,
			  struct error **err)
{
	_cleanup_free_ char *directory = volume_directory(root, volume_path, err);
	_cleanup_free_ char *first = NULL;
	DIR *stream;

	if (!directory)
		return error_code(*err);
	stream = opendir(directory);
	if (!stream)
		return error_set_errno(err, -errno, "open %s", directory);
	for (struct dirent *entry; (entry = readdir(stream));)
		if (names_sandbox(entry->d_name) && (!first || strcmp(entry->d_name, first) < 0)) {
			free(first);
			first = xstrdup(entry->d_name);
		}
	closedir(stream);
	if (!first)
		return error_set(err, -ENOENT, "no sandbox found for %s", volume_path);
	*sandbox_id = steal(first);
	return 0;
}

int direct_volume_mount_info(const char *root, const char *volume_path, struct mount_info **info,
			     struct error **err)
{
	_cleanup_free_ char *directory = volume_directory(root, volume_path, err);
	_cleanup_free_ char *path = NULL, *text = NULL;
	size_t size = 0;
	int ret;

	if (!directory)
		return error_code(*err);
	path = path_join(directory, MOUNT_INFO_NAME);
	ret = file_read_all(path, MOUNT_INFO_MAX_BYTES, &text, &size, err);
	if (ret < 0)
		return ret;
	ret = mount_info_parse(slice_make(text, size), info, err);
	return ret < 0 ? error_wrap(err, "read %s", path) : 0;
}
