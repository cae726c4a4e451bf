// SPDX-License-Identifier: Apache-2.0
/* What the hybrid socket's side towards the host is made of: the request line, and the names of listeners. */
#include "vsock.h"

#include <errno.h>
#include <strings.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/unix.h"

int vsock_hybrid_parse_request(struct slice line, uint32_t *port)
{
	static const char verb[] = "CONNECT ";
	uint64_t number;

	if (line.size < sizeof(verb) || strncasecmp(line.data, verb, sizeof(verb) - 1) != 0 ||
	    number_parse_u64(slice_from(line, sizeof(verb) - 1), &number) < 0 ||
	    number > UINT32_MAX)
		return -EINVAL;
	*port = (uint32_t)number;
	return 0;
}

int vsock_hybrid_listen(const char *path, uint32_t port, mode_t mode, struct error **err)
{
	_cleanup_free_ char *name = xasprintf("%s_%u", path, port);

	return unix_listen(name, mode, err);
}
