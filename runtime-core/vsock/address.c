// SPDX-License-Identifier: Apache-2.0
/*
 * The addresses of agents. The grammar is what Go's URL parser and the checks behind it let through, without
 * percent-encoding, queries and fragments: a path is taken as it stands.
 */
#include "vsock.h"

#include <errno.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/number.h"

/* An address cut into its pieces: SCHEME://HOST/PATH. */
struct pieces {
	struct slice host;
	struct slice path; /* with the slash in front */
};

static int parse_u32(struct slice text, uint32_t *value)
{
	uint64_t number;
	int ret = number_parse_u64(text, &number);

	if (ret < 0)
		return ret;
	if (number > UINT32_MAX)
		return -ERANGE;
	*value = (uint32_t)number;
	return 0;
}

static int parse_vsock(struct pieces pieces, struct vsock_address *address, struct error **err)
{
	size_t colon = slice_find(pieces.host, ':');
	struct slice cid = slice_first(pieces.host, colon);
	struct slice port = slice_from(pieces.host, colon + 1);

	if (cid.size == 0 || port.size == 0 || pieces.path.size > 0)
		return error_set(err, -EINVAL, "Invalid vsock scheme: %s", address->url);
	if (parse_u32(cid, &address->cid) < 0)
		return error_set(err, -EINVAL, "Invalid vsock cid: %s", address->url);
	if (parse_u32(port, &address->port) < 0)
		return error_set(err, -EINVAL, "Invalid vsock port: %s", address->url);
	return 0;
}

static int parse_hybrid(struct pieces pieces, struct vsock_address *address, struct error **err)
{
	size_t colon = slice_find(pieces.path, ':');
	struct slice path = slice_first(pieces.path, colon);
	struct slice port = slice_from(pieces.path, colon + 1);
	int ret;

	if (pieces.host.size > 0 || path.size == 0 || colon == pieces.path.size ||
	    slice_find(port, ':') < port.size)
		return error_set(err, -EINVAL, "Invalid hybrid vsock scheme: %s", address->url);
	ret = parse_u32(port, &address->port);
	if (ret < 0)
		return error_set(
			err, -EINVAL,
			"Invalid hybrid vsock port %s: strconv.ParseUint: parsing \"%.*s\": %s",
			address->url, SLICE_ARGS(port),
			ret == -ERANGE ? "value out of range" : "invalid syntax");
	address->path = slice_dup(path);
	return 0;
}

static int parse_remote(struct pieces pieces, struct vsock_address *address, struct error **err)
{
	if (pieces.host.size > 0)
		return error_set(err, -EINVAL,
				 "Invalid remote sock scheme: host address must be empty: %s",
				 address->url);
	if (pieces.path.size == 0)
		return error_set(err, -EINVAL,
				 "Invalid remote sock scheme: path must not be empty: %s",
				 address->url);
	address->path = slice_dup(pieces.path);
	return 0;
}

static int parse_mock(struct pieces pieces, struct vsock_address *address, struct error **err)
{
	if (pieces.host.size > 0 || pieces.path.size == 0)
		return error_set(err, -EINVAL, "Invalid mock hybrid vsock scheme: %s",
				 address->url);
	address->path = slice_dup(pieces.path);
	return 0;
}

static int parse_unix(struct pieces pieces, struct vsock_address *address, struct error **err)
{
	bool abstract = pieces.host.size > 1 && pieces.host.data[0] == '@';

	if (abstract) /* the name may hold slashes */
		address->path = slice_dup(
			slice_make(pieces.host.data, pieces.host.size + pieces.path.size));
	else if (pieces.host.size == 0 && pieces.path.size > 0)
		address->path = slice_dup(pieces.path);
	else
		return error_set(err, -EINVAL, "Invalid unix scheme: %s", address->url);
	return 0;
}

static const struct {
	const char *name;
	enum vsock_scheme scheme;
	int (*parse)(struct pieces pieces, struct vsock_address *address, struct error **err);
} schemes[] = {
	{ "vsock", VSOCK_SCHEME_VSOCK, parse_vsock },
	{ "hvsock", VSOCK_SCHEME_HYBRID, parse_hybrid },
	{ "remote", VSOCK_SCHEME_REMOTE, parse_remote },
	{ "mock", VSOCK_SCHEME_MOCK, parse_mock },
	{ "unix", VSOCK_SCHEME_UNIX, parse_unix },
};

int vsock_address_parse(const char *url, bool allow_unix, struct vsock_address *address,
			struct error **err)
{
	struct slice text = slice_of(url);
	size_t colon = slice_find(text, ':');
	struct slice scheme = slice_first(text, colon < text.size ? colon : 0);
	struct slice rest = slice_from(text, colon + 1);
	struct pieces pieces = { .path = rest };
	int ret;

	if (slice_starts_with(rest, "//")) {
		rest = slice_from(rest, 2);
		pieces.host = slice_first(rest, slice_find(rest, '/'));
		pieces.path = slice_from(rest, pieces.host.size);
	}
	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++) {
		if (!slice_is(scheme, schemes[i].name) ||
		    (schemes[i].scheme == VSOCK_SCHEME_UNIX && !allow_unix))
			continue;
		*address =
			(struct vsock_address){ .scheme = schemes[i].scheme, .url = xstrdup(url) };
		ret = schemes[i].parse(pieces, address, err);
		if (ret < 0)
			vsock_address_release(address);
		return ret;
	}
	*address = (struct vsock_address){ 0 };
	return error_set(err, -EINVAL, "Invalid scheme: %.*s", SLICE_ARGS(scheme));
}

void vsock_address_release(struct vsock_address *address)
{
	free(address->url);
	free(address->path);
	*address = (struct vsock_address){ 0 };
}
