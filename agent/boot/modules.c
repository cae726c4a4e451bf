// SPDX-License-Identifier: Apache-2.0
/*
 * modules.dep is depmod's: "PATH: PATH PATH ...", each relative to its folder, and behind the colon all that the
 * first needs, directly or not, in the order in which insmod must be told in reverse.
 */
#include "modules.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/string_list.h"

#define LIST_MAX_BYTES	 (4u << 20)
#define MODULE_NAME_MAX	 64
#define SMALL_FILE_BYTES 65536
#define MAX_DEPENDENCIES 64

static char *module_folder(void)
{
	struct utsname kernel;

	uname(&kernel);
	return xasprintf("/lib/modules/%s", kernel.release);
}

/* "-" and "_" are the same in a module's name. */
static bool same_name(struct slice a, const char *b)
{
	if (a.size != strlen(b))
		return false;
	for (size_t i = 0; i < a.size; i++)
		if ((a.data[i] == '-' ? '_' : a.data[i]) != (b[i] == '-' ? '_' : b[i]))
			return false;
	return true;
}

/* "kernel/drivers/block/virtio_blk.ko" is "virtio_blk". */
static struct slice name_of(struct slice path)
{
	size_t start = path.size, end = path.size;

	while (start > 0 && path.data[start - 1] != '/')
		start--;
	for (size_t i = start; i < path.size; i++)
		if (path.data[i] == '.') {
			end = i;
			break;
		}
	return slice_make(path.data + start, end - start);
}

static bool is_builtin(const char *folder, const char *name)
{
	_cleanup_error_ struct error *ignored = NULL; /* without the list nothing is known to be */
	_cleanup_free_ char *path = path_join(folder, "modules.builtin");
	_cleanup_free_ char *text = NULL;
	struct slice rest, line;

	if (file_read_all(path, LIST_MAX_BYTES, &text, NULL, &ignored) < 0)
		return false;
	rest = slice_of(text);
	while (slice_next_line(&rest, &line))
		if (same_name(name_of(line), name))
			return true;
	return false;
}

/* "alias fs-ext4 ext4": the module that is meant by the name, NULL when it is no other name. */
static char *find_alias(const char *folder, const char *name)
{
	_cleanup_error_ struct error *ignored =
		NULL; /* without the list there are no other names */
	_cleanup_free_ char *path = path_join(folder, "modules.alias");
	_cleanup_free_ char *text = NULL;
	struct slice rest, line, word;

	if (file_read_all(path, LIST_MAX_BYTES, &text, NULL, &ignored) < 0)
		return NULL;
	rest = slice_of(text);
	while (slice_next_line(&rest, &line))
		if (slice_next_word(&line, &word) && slice_is(word, "alias") &&
		    slice_next_word(&line, &word) && same_name(word, name) &&
		    slice_next_word(&line, &word))
			return slice_dup(word);
	return NULL;
}

/* The files to load for a module, itself first. */
static int find_files(const char *folder, const char *name, struct string_list *files,
		      struct error **err)
{
	_cleanup_free_ char *path = path_join(folder, "modules.dep");
	_cleanup_free_ char *text = NULL;
	struct slice rest, line, file;
	int ret = file_read_all(path, LIST_MAX_BYTES, &text, NULL, err);

	if (ret < 0)
		return ret;
	rest = slice_of(text);
	while (slice_next_line(&rest, &line)) {
		size_t colon = slice_find(line, ':');
		struct slice dependencies = slice_from(line, colon + 1);

		if (!same_name(name_of(slice_first(line, colon)), name))
			continue;
		string_list_add_slice(files, slice_first(line, colon));
		while (files->count < MAX_DEPENDENCIES && slice_next_word(&dependencies, &file))
			string_list_add_slice(files, file);
		return 0;
	}
	return error_set(err, -ENOENT, "the guest has no module %s", name);
}

static int load_file(const char *folder, const char *file, const char *parameters,
		     struct error **err)
{
	_cleanup_free_ char *path = path_join(folder, file);
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return error_set_errno(err, -errno, "open %s", path);
	if (syscall(SYS_finit_module, fd, parameters, 0) < 0 && errno != EEXIST)
		return error_set_errno(err, -errno, "load %s", path);
	return 0;
}

static bool is_valid_name(const char *name)
{
	size_t size = strlen(name);

	return size > 0 && size < MODULE_NAME_MAX &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
		       size;
}

int modules_load(const char *name, const char *parameters, struct error **err)
{
	_cleanup_free_ char *folder = module_folder();
	_cleanup_string_list_ struct string_list files = { 0 };
	_cleanup_free_ char *meant = NULL;
	int ret;

	if (!is_valid_name(name))
		return error_set(err, -EINVAL, "\"%s\" is no kernel module's name", name);
	meant = find_alias(folder, name);
	if (meant)
		name = meant;
	if (is_builtin(folder, name))
		return 0;
	ret = find_files(folder, name, &files, err);
	for (size_t i = files.count; i > 0 && ret == 0; i--)
		ret = load_file(folder, files.items[i - 1], i == 1 ? parameters : "", err);
	return ret;
}

void modules_load_listed(const char *path)
{
	_cleanup_error_ struct error *absent = NULL; /* without a list there is nothing to load */
	_cleanup_free_ char *folder = module_folder();
	_cleanup_free_ char *text = NULL;
	struct slice rest, line;

	if (file_read_all(path, SMALL_FILE_BYTES, &text, NULL, &absent) < 0)
		return;
	/* The list is for a kernel with modules; this one may have everything built in. */
	if (!path_exists(folder)) {
		log_info("there are no modules for this kernel", LOG_STR("path", folder));
		return;
	}
	rest = slice_of(text);
	while (slice_next_line(&rest, &line)) {
		_cleanup_error_ struct error *err = NULL;
		_cleanup_free_ char *name =
			slice_dup(slice_trim(slice_first(line, slice_find(line, '#'))));

		if (name[0] && modules_load(name, "", &err) < 0)
			log_warning("a kernel module is not loaded", LOG_STR("module", name),
				    LOG_STR("error", error_message(err)));
	}
}
