// SPDX-License-Identifier: Apache-2.0
/* Initdata (spec/config.md 5.8): base64 of gzip of TOML, digests, and everything that may be broken. */
#include "annotation_fixture.h"

#include <errno.h>

#include "config/initdata.h"

#define GO CONFIG_GO
#define RS CONFIG_RS

static const char document[] = "version = \"0.1.0\"\n"
			       "algorithm = \"sha384\"\n"
			       "\n"
			       "[data]\n"
			       "\"aa.toml\" = '''\n"
			       "[token_configs]\n"
			       "url = 'http://kbs:8080'\n"
			       "'''\n";
static const char packed[] = "H4sIAAAAAAACAxXKPQ7DIAxA4d2niLywEapkQJF6EoQq5xcUgitwe/"
			     "6E9X3vv5UaOXfvDo1+aYNA6eASJVyt1UCDHRHArSTkAYm08JXw"
			     "QaUUOOFzy5+F8x6P6uFXUpMg8p36/pzrZI01Ctp7A30IozZrAAAA";
static const uint8_t sha384[48] = { 0x2d, 0x67, 0x83, 0x1d, 0xba, 0xf3, 0xa3, 0xc0, 0x89, 0xda,
				    0x92, 0xb2, 0x1a, 0xbb, 0x90, 0x7d, 0xef, 0x5b, 0xe3, 0xb9,
				    0x3b, 0xbc, 0xe4, 0xaa, 0x74, 0x1b, 0xce, 0x74, 0x77, 0xa7,
				    0xf7, 0x72, 0xd6, 0x2e, 0x77, 0xe6, 0x01, 0xdb, 0x07, 0x8b,
				    0x44, 0xb6, 0x44, 0x26, 0xcc, 0x6a, 0xc1, 0xa2 };

static void a_good_document(void **state)
{
	(void)state;
	for (int rs = 0; rs < 2; rs++) {
		_cleanup_(config_freep) struct config *config =
			open_config(rs ? RS : GO, CONFIG_QEMU);
		struct error *err = NULL;

		assert_ok(apply(config, H("cc_init_data"), packed, &err), err);
		assert_string_equal(config_string(config, CONFIG_HYPERVISOR_INITDATA), document);
		assert_false(has_problem(config, CONFIG_WARNING, "version"));
	}
}

static void an_empty_value(void **state)
{
	_cleanup_free_ char *text = NULL;
	struct initdata initdata;
	struct error *err = NULL;

	(void)state;
	assert_ok(initdata_decode(slice_of(""), GO, &text, &initdata, &err), err);
	assert_string_equal(text, "");
}

static void broken_documents(void **state)
{
	static const struct {
		enum config_dialect dialect;
		const char *value;
		int code;
		const char *message;
	} cases[] = {
		{ GO, "%", -EINVAL,
		  "initdata create gzip reader error: illegal base64 data at input byte 0" },
		{ GO, "AAA", -EINVAL,
		  "initdata create gzip reader error: illegal base64 data at input byte 0" },
		{ GO, "bm8gZ3ppcA==", -EBADMSG,
		  "initdata create gzip reader error: gzip: invalid header" },
		{ GO, "H4sI", -EBADMSG, "initdata create gzip reader error: unexpected EOF" },
		/* cut off, and one byte of the text changed */
		{ GO,
		  "H4sIAAAAAAACAxXKPQ7DIAxA4d2niLywEapkQJF6EoQq5xcUgitwe/"
		  "6E9X3vv5UaOXfvDo1+aYNA6eASJVyt",
		  -EBADMSG, "uncompressing initdata with gzip error: unexpected EOF" },
		{ GO, "H4sIAAAAAAACA0vMSc8vyizJyFWwVVDKTTFV4gIABJqVmRAAAAA=", -EBADMSG,
		  "uncompressing initdata with gzip error: gzip: invalid checksum" },
		{ GO, "H4sIAAAAAAACA0tUsFXgAgChvaCbBQAAAA==", -EINVAL,
		  "parsing initdata annotation failed: initdata:1:" },
		{ GO, "H4sIAAAAAAACA0vMSc8vyizJyFWwVTDkAgBG19YwDgAAAA==", -EBADMSG,
		  "parsing initdata annotation failed: line 1: algorithm is no string" },
		{ GO, "H4sIAAAAAAACA0vMSc8vyizJyFWwVVAqzkg0MjVT4kpJLEkE8g25AEkeFJgeAAAA", -EBADMSG,
		  "parsing initdata annotation failed: line 2: data is no table" },
		{ GO, "H4sIAAAAAAACA0vMSc8vyizJyFWwVVAqzkg0MjVT4opOSSxJjOVKBIoZcgEAkoGiTiIAAAA=",
		  -EBADMSG,
		  "parsing initdata annotation failed: line 3: an entry of data is no string" },
		{ GO, "H4sIAAAAAAACA0vMSc8vyizJyFWwVVDKTTFV4gIABJqVmRIAAAA=", -ENOTSUP,
		  "unsupported algorithm: md5, supported algorithms: sha256, sha384, sha512" },
		{ GO, "H4sIAAAAAAACAwMAAAAAAAAAAAA=", -ENOTSUP, "unsupported algorithm: , " },
		{ RS,
		  "H4sIAAAAAAACAytLLSrOzM9TsFVQMtAz0jNQ4krMSc8vyizJyAWJFWckGpmaKXEBAJaBAG4nAAAA",
		  -ENOTSUP, "unsupported version: 0.2.0, expected: 0.1.0" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *text = NULL;
		struct initdata initdata;
		_cleanup_error_ struct error *err = NULL;
		int ret = initdata_decode(slice_of(cases[i].value), cases[i].dialect, &text,
					  &initdata, &err);

		if (ret >= 0)
			fail_msg("%s is taken", cases[i].value);
		if (!slice_starts_with(slice_of(error_message(err)), cases[i].message) ||
		    ret != cases[i].code)
			fail_msg("%d \"%s\", not %d \"%s\"", ret, error_message(err), cases[i].code,
				 cases[i].message);
	}
}

/* Every single byte wrong, and every length: an error or a document, and nothing else. */
static void damage_never_crashes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(packed) - 1; i++)
		for (int cut = 0; cut < 2; cut++) {
			_cleanup_free_ char *value = xmemdup0(packed, cut ? i : sizeof(packed) - 1);
			_cleanup_free_ char *text = NULL;
			struct initdata initdata;
			_cleanup_error_ struct error *err = NULL;

			if (!cut)
				value[i] ^= 1;
			if (initdata_decode(slice_of(value), RS, &text, &initdata, &err) < 0)
				assert_non_null(err);
		}
}

static void other_versions_draw_a_warning_in_go(void **state)
{
	_cleanup_(config_freep) struct config *config = open_config(GO, CONFIG_QEMU);
	struct error *err = NULL;

	(void)state;
	assert_ok(apply(config, H("cc_init_data"),
			"H4sIAAAAAAACAytLLSrOzM9TsFVQMtAz0jNQ4krMSc8vyizJyAWJFWckGpmaKXEBAJaBAG4nAA"
			"AA",
			&err),
		  err);
	assert_true(has_problem(config, CONFIG_WARNING, "another version than 0.1.0"));
}

static void bounds(void **state)
{
	size_t size = 23U << 20;
	_cleanup_free_ char *value = xmalloc(size);
	_cleanup_free_ char *text = NULL;
	struct initdata initdata;
	struct error *err = NULL;

	(void)state;
	memset(value, 'A', size);
	assert_failed(initdata_decode(slice_make(value, size), GO, &text, &initdata, &err), err,
		      -E2BIG, "initdata create gzip reader error: longer than 16777216 bytes");
}

static void digests(void **state)
{
	static const struct {
		enum initdata_platform platform;
		size_t size;
	} cases[] = {
		{ INITDATA_UNPROTECTED, 48 }, { INITDATA_TDX, 48 }, { INITDATA_SNP, 32 },
		{ INITDATA_CCA, 64 },	      { INITDATA_SE, 256 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint8_t digest[INITDATA_DIGEST_MAX];
		size_t size = 0;
		struct error *err = NULL;

		memset(digest, 0xff, sizeof(digest));
		assert_ok(initdata_digest(slice_of(document), cases[i].platform, digest, &size,
					  &err),
			  err);
		assert_int_equal(size, cases[i].size);
		for (size_t j = 0; j < size; j++)
			assert_int_equal(digest[j], j < sizeof(sha384) ? sha384[j] : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_document),
		cmocka_unit_test(an_empty_value),
		cmocka_unit_test(broken_documents),
		cmocka_unit_test(damage_never_crashes),
		cmocka_unit_test(other_versions_draw_a_warning_in_go),
		cmocka_unit_test(bounds),
		cmocka_unit_test(digests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
