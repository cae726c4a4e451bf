// SPDX-License-Identifier: Apache-2.0
#include "digest.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <nettle/sha2.h>
#include <sys/stat.h>

#include "library.h"
#include "memory.h"

#define READ_BYTES (64U << 10)

LIBRARY_NOTE("digests", "SHA-2: asset hashes and initdata of confidential guests", "recommended",
	     "libnettle.so.8");

struct nettle_functions {
	__typeof__(nettle_sha256_init) *nettle_sha256_init;
	__typeof__(nettle_sha256_update) *nettle_sha256_update;
	__typeof__(nettle_sha256_digest) *nettle_sha256_digest;
	__typeof__(nettle_sha384_init) *nettle_sha384_init;
	__typeof__(nettle_sha384_digest) *nettle_sha384_digest;
	__typeof__(nettle_sha512_init) *nettle_sha512_init;
	__typeof__(nettle_sha512_update) *nettle_sha512_update;
	__typeof__(nettle_sha512_digest) *nettle_sha512_digest;
};

static const struct library_symbol symbols[] = {
	LIBRARY_SYMBOL(struct nettle_functions, nettle_sha256_init),
	LIBRARY_SYMBOL(struct nettle_functions, nettle_sha256_update),
	LIBRARY_SYMBOL(struct nettle_functions, nettle_sha256_digest),
	LIBRARY_SYMBOL(struct nettle_functions, nettle_sha384_init),
	LIBRARY_SYMBOL(struct nettle_functions, nettle_sha384_digest),
	LIBRARY_SYMBOL(struct nettle_functions, nettle_sha512_init),
	LIBRARY_SYMBOL(struct nettle_functions, nettle_sha512_update),
	LIBRARY_SYMBOL(struct nettle_functions, nettle_sha512_digest),
	{ 0 },
};

static struct nettle_functions nettle;
static struct library library = {
	.soname = "libnettle.so.8",
	.package = "libnettle8",
	.symbols = symbols,
	.functions = &nettle,
};

/* --- one interface for three algorithms ----------------------------------------------------------- */

union context {
	struct sha256_ctx sha256;
	struct sha512_ctx sha512; /* SHA-384 too: it is SHA-512 with another start, cut short */
};

static void start(enum digest_algorithm algorithm, union context *context)
{
	switch (algorithm) {
	case DIGEST_SHA256:
		nettle.nettle_sha256_init(&context->sha256);
		break;
	case DIGEST_SHA384:
		nettle.nettle_sha384_init(&context->sha512);
		break;
	case DIGEST_SHA512:
		nettle.nettle_sha512_init(&context->sha512);
		break;
	}
}

static void add(enum digest_algorithm algorithm, union context *context, struct slice data)
{
	if (algorithm == DIGEST_SHA256)
		nettle.nettle_sha256_update(&context->sha256, data.size,
					    (const uint8_t *)data.data);
	else
		nettle.nettle_sha512_update(&context->sha512, data.size,
					    (const uint8_t *)data.data);
}

static void finish(enum digest_algorithm algorithm, union context *context, struct digest *digest)
{
	switch (algorithm) {
	case DIGEST_SHA256:
		digest->size = SHA256_DIGEST_SIZE;
		nettle.nettle_sha256_digest(&context->sha256, digest->size, digest->bytes);
		break;
	case DIGEST_SHA384:
		digest->size = SHA384_DIGEST_SIZE;
		nettle.nettle_sha384_digest(&context->sha512, digest->size, digest->bytes);
		break;
	case DIGEST_SHA512:
		digest->size = SHA512_DIGEST_SIZE;
		nettle.nettle_sha512_digest(&context->sha512, digest->size, digest->bytes);
		break;
	}
}

/* --- what callers use ----------------------------------------------------------------------------- */

int digest_algorithm_find(struct slice name)
{
	static const char *const names[] = {
		[DIGEST_SHA256] = "sha256",
		[DIGEST_SHA384] = "sha384",
		[DIGEST_SHA512] = "sha512",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (slice_is(name, names[i]))
			return (int)i;
	return -1;
}

int digest_of(enum digest_algorithm algorithm, struct slice data, struct digest *digest,
	      struct error **err)
{
	union context context;
	int ret;

	ret = library_use(&library, err);
	if (ret < 0)
		return ret;
	start(algorithm, &context);
	add(algorithm, &context, data);
	finish(algorithm, &context, digest);
	return 0;
}

/* O_NONBLOCK: opening a FIFO must not wait for a writer. */
static int open_regular(const char *path, struct error **err)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status;

	if (fd < 0)
		return error_set_errno(err, -errno, "open %s", path);
	if (fstat(fd, &status) < 0)
		return error_set_errno(err, -errno, "stat %s", path);
	if (S_ISDIR(status.st_mode))
		return error_set_errno(err, -EISDIR, "read %s", path);
	if (!S_ISREG(status.st_mode))
		return error_set(err, -EINVAL, "read %s: not a regular file", path);
	return steal_fd(fd);
}

int digest_of_file(enum digest_algorithm algorithm, const char *path, uint64_t max_bytes,
		   struct digest *digest, uint64_t *size, struct error **err)
{
	_cleanup_free_ char *piece = xmalloc(READ_BYTES);
	_cleanup_close_ int fd = -1;
	union context context;
	int ret;

	ret = library_use(&library, err);
	if (ret < 0)
		return ret;
	fd = open_regular(path, err);
	if (fd < 0)
		return fd;
	*size = 0;
	start(algorithm, &context);
	for (;;) {
		ssize_t got = read(fd, piece, READ_BYTES);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set_errno(err, -errno, "read %s", path);
		if (got == 0)
			break;
		*size += (uint64_t)got;
		if (*size > max_bytes)
			return error_set(err, -EFBIG,
					 "read %s: larger than the limit of %" PRIu64 " bytes",
					 path, max_bytes);
		add(algorithm, &context, slice_make(piece, (size_t)got));
	}
	finish(algorithm, &context, digest);
	return 0;
}

char *digest_text(const struct digest *digest)
{
	static const char digits[] = "0123456789abcdef";
	char *text = xmalloc(2 * digest->size + 1);

	for (size_t i = 0; i < digest->size; i++) {
		text[2 * i] = digits[digest->bytes[i] >> 4];
		text[2 * i + 1] = digits[digest->bytes[i] & 15];
	}
	text[2 * digest->size] = '\0';
	return text;
}
