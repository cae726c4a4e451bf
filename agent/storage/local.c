// SPDX-License-Identifier: Apache-2.0
/* local: a directory that the containers of a pod share, on whatever file system it lies (spec/agent.md 7.2). */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "internal.h"

/* "0777" is octal, as chmod has it. */
static int parse_mode(const char *text, mode_t *mode, struct error **err)
{
	if (!text[0] || strlen(text) > 5 || text[strspn(text, "01234567")] != '\0')
		return error_set(err, -EINVAL, "mode=%s is no octal mode", text);
	*mode = (mode_t)strtoul(text, NULL, 8) & 07777;
	return 0;
}

int local_attach(struct attachment *attachment, struct error **err)
{
	const char *text = option_value(attachment->storage, "mode=");
	_cleanup_close_ int made = -1, directory = -1;
	int64_t gid;
	mode_t mode = 0;
	int ret = option_fsgid(attachment->storage, &gid, err);

	if (ret == 0 && text)
		ret = parse_mode(text, &mode, err);
	if (ret < 0)
		return ret;
	made = place_make_directory(&attachment->place, err);
	if (made < 0)
		return made;
	directory = openat(made, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return error_set_errno(err, -errno, "open %s", attachment->place.path);
	if (text && fchmod(directory, mode) < 0)
		return error_set_errno(err, -errno, "give %s its mode", attachment->place.path);
	return give_to_group(directory, gid, err);
}
