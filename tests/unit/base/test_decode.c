// SPDX-License-Identifier: Apache-2.0
/* Bytes that come packed: base64, gzip; and what identifies them: digests. */
#include "unit.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/base64.h"
#include "base/digest.h"
#include "base/gzip.h"

static void base64_good(void **state)
{
	static const struct {
		const char *text, *bytes;
	} cases[] = {
		{ "", "" },
		{ "Zg==", "f" },
		{ "YWI=", "ab" },
		{ "Zm9v", "foo" },
		{ "Zm9vYg==", "foob" },
		{ "Zm9vYmE=", "fooba" },
		{ "Zm9vYmFy", "foobar" },
		{ "Zm9v\nYmFy\r\n", "foobar" },
		{ "Zg\n=\n=\n", "f" },
		{ "Zh==", "f" }, /* bits that no byte takes are ignored */
		{ "++//", "\xfb\xef\xff" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
		struct error *err = NULL;

		assert_ok(base64_decode(slice_of(cases[i].text), &out, &err), err);
		assert_slice_equal(strbuf_view(&out), cases[i].bytes);
	}
}

/* Offsets as Go reports them. */
static void base64_bad(void **state)
{
	static const struct {
		const char *text;
		int offset;
	} cases[] = {
		{ "!", 0 },	    { "A", 0 },	       { "AAAAA", 4 },	  { "AA", 0 },
		{ "AA=", 3 },	    { "AA=A", 2 },     { "A=AA", 1 },	  { "=", 0 },
		{ "AA==A", 4 },	    { "AAA=AAAA", 4 }, { "AAAA!AAA", 4 }, { "AAA-", 3 },
		{ "AAAA AAAA", 4 }, { "AA\n=", 4 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
		struct error *err = NULL;
		_cleanup_free_ char *text =
			xasprintf("illegal base64 data at input byte %d", cases[i].offset);

		assert_failed(base64_decode(slice_of(cases[i].text), &out, &err), err, -EINVAL,
			      text);
	}
}

/* printf 'hello\n' | gzip -n */
#define HELLO                                                                                  \
	"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48\xcd\xc9\xc9\xe7\x02\x00\x20\x30\x3a" \
	"\x36\x06\x00\x00\x00"
#define HELLO_SIZE (sizeof(HELLO) - 1)

static void gzip_members(void **state)
{
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	struct error *err = NULL;

	(void)state;
	assert_ok(gzip_unpack(slice_make(HELLO, HELLO_SIZE), 100, &out, &err), err);
	assert_slice_equal(strbuf_view(&out), "hello\n");
	assert_ok(gzip_unpack(slice_make(HELLO HELLO, 2 * HELLO_SIZE), 100, &out, &err), err);
	assert_slice_equal(strbuf_view(&out), "hello\nhello\nhello\n");
}

static void gzip_damaged(void **state)
{
	static const struct {
		size_t at;
		const char *message;
	} cases[] = {
		{ 0, "gzip: invalid header" },
		{ 2, "gzip: invalid header" },
		{ 10, "gzip: " },
		{ 18, "gzip: invalid checksum" },
		{ 23, "gzip: invalid checksum" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
		char bytes[] = HELLO;
		struct error *err = NULL;

		bytes[cases[i].at] ^= 0x55;
		assert_failed(gzip_unpack(slice_make(bytes, HELLO_SIZE), 100, &out, &err), err,
			      -EBADMSG, cases[i].message);
	}
	for (size_t size = 0; size < HELLO_SIZE; size++) {
		_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
		struct error *err = NULL;

		assert_failed(gzip_unpack(slice_make(HELLO, size), 100, &out, &err), err, -EBADMSG,
			      "unexpected EOF");
	}
}

static void gzip_bounds(void **state)
{
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	struct error *err = NULL;

	(void)state;
	assert_failed(gzip_unpack(slice_make(HELLO, HELLO_SIZE), 5, &out, &err), err, -EFBIG,
		      "gzip: unpacks to more than 5 bytes");
}

/* 4 MiB of zeros, as `gzip -9` packs them: zeros once more, between a head and a tail. */
static void gzip_ratio(void **state)
{
	static const char head[] = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xed\xc1\x01\x01"
				   "\x00\x00\x00\x82\x20\xff\xaf\x6e\x48\x40\x01";
	static const char tail[] = "\x7c\x1b\x6a\x40\x47\x11\x00\x00\x40\x00";
	_cleanup_strbuf_ struct strbuf packed = STRBUF_INIT, out = STRBUF_INIT;
	struct error *err = NULL;

	(void)state;
	strbuf_append(&packed, head, sizeof(head) - 1);
	strbuf_fill(&packed, '\0', 4098 - (sizeof(head) - 1) - (sizeof(tail) - 1));
	strbuf_append(&packed, tail, sizeof(tail) - 1);
	assert_failed(gzip_unpack(strbuf_view(&packed), 8 << 20, &out, &err), err, -EFBIG,
		      "gzip: unpacks to more than 1000 times its size");
}

#define ABC_SHA512                                                         \
	"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a" \
	"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"

static void digests(void **state)
{
	static const struct {
		const char *name, *text;
	} cases[] = {
		{ "sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "sha384", "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163"
			    "1a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7" },
		{ "sha512", ABC_SHA512 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int algorithm = digest_algorithm_find(slice_of(cases[i].name));
		_cleanup_free_ char *text = NULL;
		struct error *err = NULL;
		struct digest digest;

		assert_int_equal(algorithm, i);
		assert_ok(digest_of((enum digest_algorithm)algorithm, slice_of("abc"), &digest,
				    &err),
			  err);
		text = digest_text(&digest);
		assert_string_equal(text, cases[i].text);
	}
	assert_int_equal(digest_algorithm_find(slice_of("md5")), -1);
	assert_int_equal(digest_algorithm_find(slice_of("SHA256")), -1);
}

static void digest_of_files(void **state)
{
	_cleanup_free_ char *path = xasprintf("%s/abc", (char *)*state);
	_cleanup_free_ char *fifo = xasprintf("%s/fifo", (char *)*state);
	_cleanup_free_ char *text = NULL;
	struct error *err = NULL;
	struct digest digest;
	uint64_t size;

	assert_ok(file_replace(path, "abc", 3, 0644, &err), err);
	assert_ok(digest_of_file(DIGEST_SHA512, path, 3, &digest, &size, &err), err);
	assert_int_equal(size, 3);
	text = digest_text(&digest);
	assert_string_equal(text, ABC_SHA512);

	assert_failed(digest_of_file(DIGEST_SHA512, path, 2, &digest, &size, &err), err, -EFBIG,
		      "larger than the limit of 2 bytes");
	assert_failed(digest_of_file(DIGEST_SHA512, *state, 9, &digest, &size, &err), err, -EISDIR,
		      "is a directory");
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_failed(digest_of_file(DIGEST_SHA512, fifo, 9, &digest, &size, &err), err, -EINVAL,
		      "not a regular file");
	assert_failed(digest_of_file(DIGEST_SHA512, "/nowhere/abc", 9, &digest, &size, &err), err,
		      -ENOENT, "open /nowhere/abc: no such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64_good),
		cmocka_unit_test(base64_bad),
		cmocka_unit_test(gzip_members),
		cmocka_unit_test(gzip_damaged),
		cmocka_unit_test(gzip_bounds),
		cmocka_unit_test(gzip_ratio),
		cmocka_unit_test(digests),
		cmocka_unit_test_setup_teardown(digest_of_files, make_directory, remove_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
