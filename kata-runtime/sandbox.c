// SPDX-License-Identifier: Apache-2.0
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/file.h"

#define MAX_FILE_BYTES ((size_t)16 * 1024 * 1024)

void sandbox_print_answer(const struct strbuf *answer)
{
	fwrite(answer->data, 1, answer->size, stdout);
	putchar('\n');
}

int sandbox_read_file(const char *what, const char *file, char **text, size_t *size,
		      struct error **err)
{
	_cleanup_close_ int fd = -1;

	if (!file)
		return error_set(err, -EINVAL, "%s file not provided", what);
	if (strcmp(file, "-") == 0)
		return fd_read_all(STDIN_FILENO, "standard input", MAX_FILE_BYTES, text, size, err);
	fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0 && errno == ENOENT)
		return error_set(err, -ENOENT, "%s file does not exist: %s", what, file);
	if (fd < 0)
		return error_set_errno(err, -errno, "open %s", file);
	return fd_read_all(fd, file, MAX_FILE_BYTES, text, size, err);
}

int sandbox_wrap_set_error(struct error **err, const char *what, const char *file)
{
	return error_wrap(err, "Error observed when making %s-set request(%s)", what, file);
}
