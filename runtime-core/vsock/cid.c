// SPDX-License-Identifier: Apache-2.0
/*
 * A CID names a guest on the whole host, whoever started it. The kernel knows which are taken, and only by trying:
 * so start somewhere at random, where a neighbour's CID is unlikely, and go on from there, but not for ever.
 */
#include "cid.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/vhost.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <unistd.h>

#include "vsock.h"

int vsock_cid_search(uint32_t start, int (*claim)(void *data, uint32_t cid), void *data,
		     uint32_t *cid)
{
	uint32_t candidate = start;
	int ret = -EADDRINUSE;

	for (int i = 0; i < VSOCK_CID_ATTEMPTS && ret == -EADDRINUSE; i++) {
		if (candidate < VSOCK_FIRST_CID || candidate > VSOCK_LAST_CID)
			candidate = VSOCK_FIRST_CID;
		ret = claim(data, candidate);
		if (ret == 0)
			*cid = candidate;
		candidate++;
	}
	return ret;
}

static int claim_from_vhost(void *data, uint32_t cid)
{
	const int *fd = data;
	uint64_t value = cid;

	return ioctl(*fd, VHOST_VSOCK_SET_GUEST_CID, &value) < 0 ? -errno : 0;
}

int vsock_cid_allocate(const char *device, uint32_t *cid, struct error **err)
{
	_cleanup_close_ int fd = open(device, O_RDWR | O_CLOEXEC);
	uint32_t start;
	int ret;

	if (fd < 0)
		return error_set_errno(
			err, -errno, "open %s (is the kernel module vhost_vsock loaded?)", device);
	if (getrandom(&start, sizeof(start), 0) != sizeof(start))
		return error_set_errno(err, -errno, "choose a vsock CID");
	ret = vsock_cid_search(start, claim_from_vhost, &fd, cid);
	if (ret == -EADDRINUSE)
		return error_set(err, ret, "find a vsock CID on %s: %d were taken already", device,
				 VSOCK_CID_ATTEMPTS);
	if (ret < 0)
		return error_set_errno(err, ret, "take a vsock CID on %s", device);
	return steal_fd(fd);
}
