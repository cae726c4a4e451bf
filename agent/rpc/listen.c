// SPDX-License-Identifier: Apache-2.0
#include "rpc.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
/* The kernel's header wants the one above in front of it. */
#include <linux/vm_sockets.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/unix.h"

#define BACKLOG 128

static const char unix_scheme[] = "unix://", vsock_scheme[] = "vsock://";

bool rpc_address_is_local(const char *address)
{
	return slice_starts_with(slice_of(address), unix_scheme);
}

/* "-1" stands for any CID. */
static int parse_vsock(struct slice text, struct sockaddr_vm *address)
{
	size_t colon = slice_find(text, ':');
	struct slice cid_text = slice_first(text, colon);
	uint64_t cid = VMADDR_CID_ANY, port;

	if (!slice_is(cid_text, "-1") && (number_parse_u64(cid_text, &cid) < 0 || cid > UINT32_MAX))
		return -EINVAL;
	if (number_parse_u64(slice_from(text, colon + 1), &port) < 0 || port > UINT32_MAX)
		return -EINVAL;
	*address = (struct sockaddr_vm){
		.svm_family = AF_VSOCK,
		.svm_cid = (unsigned)cid,
		.svm_port = (unsigned)port,
	};
	return 0;
}

static int listen_vsock(const char *text, struct error **err)
{
	_cleanup_close_ int fd = -1;
	struct sockaddr_vm address;

	if (parse_vsock(slice_of(text + strlen(vsock_scheme)), &address) < 0)
		return error_set(err, -EINVAL, "%s is no vsock address; one is vsock://-1:1024",
				 text);
	fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, BACKLOG) < 0)
		return error_set_errno(err, -errno, "listen on %s", text);
	return steal_fd(fd);
}

int rpc_listen(const char *address, struct error **err)
{
	if (rpc_address_is_local(address))
		return unix_listen(address + strlen(unix_scheme), 0600, err);
	if (slice_starts_with(slice_of(address), vsock_scheme))
		return listen_vsock(address, err);
	return error_set(err, -EINVAL,
			 "cannot listen on %s: it must begin with vsock:// or unix://", address);
}
