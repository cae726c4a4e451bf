// SPDX-License-Identifier: Apache-2.0
#include "unix.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

/* Returns the address's size. */
static int make_address(const char *path, struct sockaddr_un *address, struct error **err)
{
	size_t length = strlen(path);

	if (length == 0 || length >= sizeof(address->sun_path))
		return error_set(err, -ENAMETOOLONG,
				 "unix socket \"%s\": a path has 1 to %zu bytes", path,
				 sizeof(address->sun_path) - 1);
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(address->sun_path, path, length);
	if (path[0] != '@')
		return (int)(offsetof(struct sockaddr_un, sun_path) + length + 1);
	/* An abstract name starts with a NUL and ends with the address. */
	address->sun_path[0] = '\0';
	return (int)(offsetof(struct sockaddr_un, sun_path) + length);
}

static int make_socket(int flags, struct error **err)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);

	return fd < 0 ? error_set_errno(err, -errno, "make a unix socket") : fd;
}

static int connect_to(const char *path, int flags, struct error **err)
{
	_cleanup_close_ int fd = -1;
	struct sockaddr_un address;
	int size;

	size = make_address(path, &address, err);
	if (size < 0)
		return size;
	fd = make_socket(flags, err);
	if (fd < 0)
		return fd;
	if (connect(fd, (struct sockaddr *)&address, (socklen_t)size) < 0)
		return error_set_errno(err, -errno, "connect to %s", path);
	return steal_fd(fd);
}

int unix_connect(const char *path, struct error **err)
{
	return connect_to(path, 0, err);
}

int unix_connect_now(const char *path, struct error **err)
{
	return connect_to(path, SOCK_NONBLOCK, err);
}

int unix_listen(const char *path, mode_t mode, struct error **err)
{
	_cleanup_close_ int fd = -1;
	struct sockaddr_un address;
	int size;

	size = make_address(path, &address, err);
	if (size < 0)
		return size;
	fd = make_socket(0, err);
	if (fd < 0)
		return fd;
	/* On Linux the file gets the socket's own mode, so that it is never more open than asked for. */
	if (fchmod(fd, mode) < 0 || bind(fd, (struct sockaddr *)&address, (socklen_t)size) < 0 ||
	    listen(fd, SOMAXCONN) < 0)
		return error_set_errno(err, -errno, "listen on %s", path);
	return steal_fd(fd);
}
