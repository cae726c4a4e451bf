// SPDX-License-Identifier: Apache-2.0
#include "online.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/slice.h"

#define STATE_MAX_BYTES 4096

int sysfs_write(const char *path, const char *text)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return fd_write_all(fd, text, strlen(text));
}

static bool has_number(const char *name, const char *prefix)
{
	const char *digits = name + strlen(prefix);

	return slice_starts_with(slice_of(name), prefix) && digits[0] != '\0' &&
	       digits[strspn(digits, "0123456789")] == '\0';
}

/* The first processor has no such file: it cannot be switched off. */
static bool is_offline(const char *path)
{
	_cleanup_error_ struct error *ignored = NULL;
	_cleanup_free_ char *state = NULL;

	return file_read_all(path, STATE_MAX_BYTES, &state, NULL, &ignored) == 0 && state[0] == '0';
}

unsigned online_all(const char *directory, const char *prefix, unsigned wanted)
{
	DIR *stream = opendir(directory);
	const struct dirent *entry;
	unsigned count = 0;

	while (stream && count < wanted && (entry = readdir(stream))) {
		_cleanup_free_ char *path = NULL;
		int ret;

		if (!has_number(entry->d_name, prefix))
			continue;
		path = xasprintf("%s/%s/online", directory, entry->d_name);
		if (!is_offline(path))
			continue;
		ret = sysfs_write(path, "1");
		if (ret < 0)
			log_warning("cannot be put online", LOG_STR("path", path),
				    LOG_STR("error", errno_text(ret)));
		else
			count++;
	}
	if (stream)
		closedir(stream);
	return count;
}
