// SPDX-License-Identifier: Apache-2.0
/* toml_parse: values, positions, what is refused and how, what is lenient, and the bounds. */
#include "unit.h"

#include <errno.h>
#include <math.h>

#include "base/strbuf.h"
#include "toml/toml.h"

static struct toml_document *parse(const char *text)
{
	struct toml_document *document;
	struct error *err = NULL;

	assert_ok(toml_parse(slice_of(text), "test.toml", &document, &err), err);
	return document;
}

#define _cleanup_document_ _cleanup_(toml_document_freep)

static void strings_are_decoded(void **state)
{
	static const struct {
		const char *text;
		const char *value;
	} cases[] = {
		{ "\"\"", "" },
		{ "'C:\\x'", "C:\\x" },
		{ "\"a\\tb\\\"c\\\\\"", "a\tb\"c\\" },
		{ "\"\\u00e9\\U0001F600\"", "\xC3\xA9\xF0\x9F\x98\x80" },
		{ "\"\\e\\x41\"", "\x1B"
				  "A" },
		{ "\"\"\"\nfirst\nsecond\"\"\"", "first\nsecond" },
		{ "\"\"\"\r\nfirst\r\n\"\"\"", "first\r\n" },
		{ "\"\"\"one \\\n\n   two\"\"\"", "one two" },
		{ "\"\"\"\"quoted\"\"\"\"", "\"quoted\"" },
		{ "'''it's'''", "it's" },
		{ "'''''two'''''", "''two''" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *text = xasprintf("k = %s", cases[i].text);
		_cleanup_document_ struct toml_document *document = parse(text);
		const struct toml_value *value = toml_get(toml_root(document), "k");

		assert_int_equal(value->type, TOML_STRING);
		assert_slice_equal(value->string, cases[i].value);
	}
}

static void integers_are_exact(void **state)
{
	static const struct {
		const char *text;
		int64_t value;
	} cases[] = {
		{ "0", 0 },
		{ "-0", 0 },
		{ "+99", 99 },
		{ "1_000_000", 1000000 },
		{ "0xDEAD_beef", 0xDEADBEEF },
		{ "0o755", 0755 },
		{ "0b1101", 13 },
		{ "9223372036854775807", INT64_MAX },
		{ "-9223372036854775808", INT64_MIN },
		{ "0x7fffffffffffffff", INT64_MAX },
		{ "9007199254740993", 9007199254740993 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *text = xasprintf("k = %s", cases[i].text);
		_cleanup_document_ struct toml_document *document = parse(text);
		const struct toml_value *value = toml_get(toml_root(document), "k");

		assert_int_equal(value->type, TOML_INTEGER);
		assert_true(value->integer == cases[i].value);
	}
}

static void floats_include_infinity_and_nan(void **state)
{
	_cleanup_document_ struct toml_document *document =
		parse("a = 0.2\nb = -1e-3\nc = 6_0.5_0E+1\ng = -inf\ne = nan\nf = -0.0");
	const struct toml_value *root = toml_root(document);

	(void)state;
	assert_true(toml_get(root, "a")->number == 0.2);
	assert_true(toml_get(root, "b")->number == -1e-3);
	assert_true(toml_get(root, "c")->number == 605.0);
	assert_true(isinf(toml_get(root, "g")->number) && toml_get(root, "g")->number < 0);
	assert_true(isnan(toml_get(root, "e")->number));
	assert_true(signbit(toml_get(root, "f")->number));
}

static void dates_and_times_keep_one_spelling(void **state)
{
	static const struct {
		const char *text;
		enum toml_type type;
		const char *value;
	} cases[] = {
		{ "2024-02-29t10:00:00z", TOML_OFFSET_DATETIME, "2024-02-29T10:00:00Z" },
		{ "1979-05-27 00:32:00.5-07:00", TOML_OFFSET_DATETIME,
		  "1979-05-27T00:32:00.5-07:00" },
		{ "1979-05-27T07:32-01:30", TOML_OFFSET_DATETIME, "1979-05-27T07:32:00-01:30" },
		{ "1979-05-27 07:32", TOML_LOCAL_DATETIME, "1979-05-27T07:32:00" },
		{ "1979-05-27 # and", TOML_LOCAL_DATE, "1979-05-27" },
		{ "23:59:60", TOML_LOCAL_TIME, "23:59:60" },
		{ "07:32", TOML_LOCAL_TIME, "07:32:00" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *text = xasprintf("k = %s", cases[i].text);
		_cleanup_document_ struct toml_document *document = parse(text);
		const struct toml_value *value = toml_get(toml_root(document), "k");

		assert_int_equal(value->type, cases[i].type);
		assert_slice_equal(value->string, cases[i].value);
	}
}

static void tables_are_found_however_they_are_written(void **state)
{
	_cleanup_document_ struct toml_document *document =
		parse("top = 1\n"
		      "[plugins.\"io.containerd.grpc.v1.cri\".containerd]\n"
		      "a.b.c = true\n"
		      "inline = { x = { y = 2 }, 'z' = [] }\n"
		      "[[plugin]]\nname = 'first'\n[plugin.options]\nk = 1\n"
		      "[[plugin]]\nname = 'second'\n");
	const struct toml_value *root = toml_root(document), *containerd, *plugin;

	(void)state;
	containerd = toml_get(toml_get(toml_get(root, "plugins"), "io.containerd.grpc.v1.cri"),
			      "containerd");
	assert_true(toml_get(toml_get(toml_get(containerd, "a"), "b"), "c")->boolean);
	assert_int_equal(toml_get(toml_get(toml_get(containerd, "inline"), "x"), "y")->integer, 2);
	plugin = toml_get(root, "plugin");
	assert_int_equal(plugin->type, TOML_ARRAY);
	assert_true(plugin->array.of_tables);
	assert_int_equal(plugin->array.count, 2);
	assert_int_equal(toml_get(toml_get(plugin->array.items[0], "options"), "k")->integer, 1);
	assert_slice_equal(toml_get(plugin->array.items[1], "name")->string, "second");
	assert_int_equal(root->table.count, 3);
	assert_slice_equal(root->table.members[0].key, "top");
	assert_slice_equal(root->table.members[2].key, "plugin");
}

static void a_missing_member_is_null(void **state)
{
	_cleanup_document_ struct toml_document *document = parse("a = 1");

	(void)state;
	assert_null(toml_get(toml_root(document), "b"));
	assert_null(toml_get(toml_get(toml_root(document), "b"), "c"));
	assert_null(toml_get(toml_get(toml_root(document), "a"), "c"));
	assert_null(toml_member(NULL, "a"));
}

static void assert_position(struct toml_position position, unsigned line, unsigned column)
{
	assert_int_equal(position.line, line);
	assert_int_equal(position.column, column);
}

static void values_know_where_they_stand(void **state)
{
	const char *text = "\xEF\xBB\xBF# caf\xC3\xA9\r\n"
			   "one = [ 1,\n"
			   "  'caf\xC3\xA9', 3 ]\n"
			   "[a.b]\n"
			   "  c.d = 'x'\n"
			   "[a]\n";
	_cleanup_document_ struct toml_document *document = parse(text);
	const struct toml_value *root = toml_root(document), *one = toml_get(root, "one");
	const struct toml_member *a = toml_member(root, "a"), *b = toml_member(a->value, "b");

	(void)state;
	assert_position(toml_member(root, "one")->position, 2, 1);
	assert_position(one->position, 2, 7);
	assert_position(one->array.items[0]->position, 2, 9);
	assert_position(one->array.items[2]->position, 3, 11);
	assert_int_equal(text[one->array.items[2]->position.offset], '3');
	assert_position(b->position, 4, 4);
	assert_position(b->value->position, 4, 1);
	assert_position(toml_member(b->value, "c")->position, 5, 3);
	assert_position(toml_get(toml_get(b->value, "c"), "d")->position, 5, 9);
	assert_position(a->position, 6, 2);
	assert_position(a->value->position, 6, 1);
}

static void defects_are_named_with_their_place(void **state)
{
	static const struct {
		const char *text;
		const char *message;
	} cases[] = {
		{ "a = 1\nb == 2", "t:2:4: expected a value, found '='" },
		{ "a = yes", "t:1:5: 'yes' is no value; text needs quotes" },
		{ "a = True", "t:1:5: 'True' is no boolean; write true" },
		{ "a = 02048", "t:1:5: '02048' is no number: leading zeros" },
		{ "a = 1__0", "t:1:5: '1__0' is no number" },
		{ "a = 0x", "t:1:5: '0x' is no number" },
		{ "a = +0x1", "t:1:5: '+0x1' is no number" },
		{ "a = 9223372036854775808", "t:1:5: 9223372036854775808 is out of range" },
		{ "a = 0xffffffffffffffff", "t:1:5: 0xffffffffffffffff is out of range" },
		{ "a = 99999999999999999999", "t:1:5: 99999999999999999999 is out of range" },
		{ "a = [1, # \x02", "t:1:11: a comment cannot contain" },
		{ "a = [1 # \x02", "t:1:10: a comment cannot contain" },
		{ "a = { # \x02", "t:1:9: a comment cannot contain" },
		{ "a = { b = 1 # \x02", "t:1:15: a comment cannot contain" },
		{ "# \x02", "t:1:3: a comment cannot contain" },
		{ "a = 1e999", "t:1:5: 1e999 is out of range" },
		{ "a = 1.", "t:1:5: '1.' is no number: a digit must follow the point" },
		{ "a = 2023-02-29",
		  "t:1:5: '2023-02-29' is no date or time: the month has no such" },
		{ "a = 25:00:00", "t:1:5: '25:00:00' is no date or time: the hour" },
		{ "a = \"x", "t:1:5: this string has no closing quote" },
		{ "a = \"x\ny\"", "t:1:5: this string has no closing quote on its line" },
		{ "a = \"\\q\"", "t:1:6: no such escape: backslash and 'q'" },
		{ "a = \"\\ud800\"", "t:1:6: this escape names no character: U+D800" },
		{ "a = \"\x01\"", "t:1:6: a string cannot contain '\\x01'; write \\u0001" },
		{ "a = 1 # \x7F", "t:1:9: a comment cannot contain '\\x7f'" },
		{ "a = 1\rb = 2", "t:1:6: expected the end of the line behind the value, found a "
				  "carriage return" },
		{ "a = '\xC3\xA9' b = 2", "t:1:9: expected the end of the line" },
		{ "a = 1\nb = \"\xFF\"", "t:2:6: byte 0xff is not valid UTF-8" },
		{ "a = 1\n\na = 2", "t:3:1: the key 'a' is already defined on line 1" },
		{ "[a]\n[b]\n[a]", "t:3:2: the table 'a' is already defined on line 1" },
		{ "a = 1\n[a.b]", "t:2:2: 'a' has type integer (line 1) and cannot hold keys" },
		{ "[[a]]\n[a]", "t:2:2: the key 'a' is already defined on line 1" },
		{ "a = [1]\n[[a]]", "t:2:3: the key 'a' is already defined on line 1" },
		{ "[[a]]\n[b]\n[[b]]", "t:3:3: the table 'b' is already defined on line 2" },
		{ "a = { b = 1 }\n[a]", "t:2:2: the table 'a' is already defined on line 1" },
		{ "[a.b]\nc.x = 1\n[a]\nb.c.x = 2", "t:4:5: the key 'b.c.x' is already defined" },
		{ "[a", "t:1:3: expected ']' at the end of the header, found the end of the file" },
		{ "[]", "t:1:2: expected a key, found ']'" },
		{ "a = [1\n2]", "t:2:1: expected ',' or ']' behind the element, found '2'" },
		{ "a = [1,", "t:1:8: expected a value, found the end of the file" },
		{ "a = { b = 1", "t:1:12: expected ',' or '}' behind the value" },
		{ "\"\"\"a\"\"\" = 1", "t:1:1: a key cannot be a multi-line string" },
		{ "b\xC3\xA4r = 1", "t:1:2: expected '=' behind the key" },
		{ "\xC3\xA4 = 1",
		  "t:1:1: expected a key, found '\xC3\xA4' (U+00E4); a key of more" },
		{ "\xFF\xFE"
		  "a",
		  "t:1:1: this looks like UTF-16" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct toml_document *document = NULL;
		struct error *err = NULL;

		assert_failed(toml_parse(slice_of(cases[i].text), "t", &document, &err), err,
			      -EINVAL, cases[i].message);
		assert_null(document);
	}
}

static void what_the_runtimes_accept_is_accepted_unless_strict(void **state)
{
	static const char *const cases[] = {
		"a = { b = 1,\n c = 2, # more\n}",
		"a = \"\\e\"",
		"a = \"\\x41\"",
		"a = 07:32",
		"a.b.k = 1\n[a.b]\nm = 2",
		"[agent]\nkata = { x = 1 }\n[agent.kata.more]\ny = 2",
		"[a.b]\nk = 1\n[a]\nb.m = 2",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct toml_document *document = parse(cases[i]);
		struct error *err = NULL;

		toml_document_free(document);
		assert_failed(toml_parse_strict(slice_of(cases[i]), "t", &document, &err), err,
			      -EINVAL, "t:");
	}
}

static void bytes_behind_the_slice_are_not_read(void **state)
{
	const char *text = "a = \"xyz\" # end";
	size_t size = strlen(text);

	(void)state;
	for (size_t cut = 0; cut <= size; cut++) {
		_cleanup_free_ char *exact = xmalloc(cut ? cut : 1);
		struct toml_document *document = NULL;
		_cleanup_error_ struct error *err = NULL;

		memcpy(exact, text, cut);
		if (toml_parse(slice_make(exact, cut), "t", &document, &err) == 0)
			toml_document_free(document);
	}
}

static void depth_is_bounded(void **state)
{
	static const struct {
		const char *before;
		const char *nested;
		const char *behind;
	} cases[] = {
		{ "a = ", "[", "" }, { "a = ", "{ a = ", "" }, { "a", ".a", " = 1" },
		{ "[a", ".a", "]" }, { "[[a", ".a", "]]" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
		struct toml_document *document = NULL;
		struct error *err = NULL;

		strbuf_puts(&text, cases[i].before);
		for (size_t n = 0; n < 100000; n++)
			strbuf_puts(&text, cases[i].nested);
		strbuf_puts(&text, cases[i].behind);
		assert_failed(toml_parse(strbuf_view(&text), "t", &document, &err), err, -EFBIG,
			      "at most 64 are allowed");
	}
}

static void depth_counts_headers_and_values_together(void **state)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	struct toml_document *document = NULL;
	struct error *err = NULL;

	(void)state;
	strbuf_puts(&text, "[a");
	for (int i = 0; i < 40; i++)
		strbuf_puts(&text, ".a");
	strbuf_puts(&text, "]\nb = ");
	strbuf_fill(&text, '[', 30);
	strbuf_fill(&text, ']', 30);
	assert_failed(toml_parse(strbuf_view(&text), "t", &document, &err), err, -EFBIG,
		      "inside each other");
}

static void size_is_bounded(void **state)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	struct toml_document *document = NULL;
	struct error *err = NULL;

	(void)state;
	strbuf_fill(&text, '\n', TOML_MAX_BYTES);
	assert_ok(toml_parse(strbuf_view(&text), "t", &document, &err), err);
	toml_document_free(document);
	document = NULL;
	strbuf_putc(&text, '\n');
	assert_failed(toml_parse(strbuf_view(&text), "t", &document, &err), err, -EFBIG,
		      "at most 16777216 are allowed");
}

static void the_number_of_values_is_bounded(void **state)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	struct toml_document *document = NULL;
	struct error *err = NULL;

	(void)state;
	strbuf_puts(&text, "a = [");
	for (size_t i = 0; i < TOML_MAX_VALUES; i++)
		strbuf_puts(&text, "1,");
	strbuf_puts(&text, "]");
	assert_failed(toml_parse(strbuf_view(&text), "t", &document, &err), err, -EFBIG,
		      "at most 1000000 are allowed");
}

/* Quadratic behaviour would show as minutes. */
static void large_tables_and_many_headers_stay_fast(void **state)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	_cleanup_document_ struct toml_document *document = NULL;
	struct error *err = NULL;

	(void)state;
	for (int i = 0; i < 200000; i++)
		strbuf_printf(&text, "x.key_%d = %d\n", i, i);
	for (int i = 0; i < 20000; i++)
		strbuf_printf(&text, "[[entry]]\nname = 'n%d'\n[table.t%d.sub]\n", i, i);
	assert_ok(toml_parse(strbuf_view(&text), "t", &document, &err), err);
	assert_int_equal(toml_get(toml_get(toml_root(document), "x"), "key_123456")->integer,
			 123456);
	assert_int_equal(toml_get(toml_root(document), "entry")->array.count, 20000);
	assert_null(toml_get(toml_get(toml_root(document), "x"), "key_200000"));

	strbuf_puts(&text, "[x]\nkey_7 = 0\n");
	toml_document_free(document);
	document = NULL;
	assert_failed(toml_parse(strbuf_view(&text), "t", &document, &err), err, -EINVAL,
		      "the key 'key_7' is already defined on line 8");
}

static void one_long_line_stays_fast(void **state)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	_cleanup_document_ struct toml_document *document = NULL;
	struct error *err = NULL;
	const struct toml_value *array;

	(void)state;
	strbuf_puts(&text, "a = [");
	for (int i = 0; i < 500000; i++)
		strbuf_puts(&text, "'x',");
	strbuf_puts(&text, "]");
	assert_ok(toml_parse(strbuf_view(&text), "t", &document, &err), err);
	array = toml_get(toml_root(document), "a");
	assert_position(array->array.items[499999]->position, 1, 5 + 4 * 499999 + 1);
}

static void equality_is_deep_and_ignores_the_order_of_keys(void **state)
{
	static const struct {
		const char *a;
		const char *b;
		bool equal;
	} cases[] = {
		{ "k = [1, 2]", "k = [ 1,2, ]", true },
		{ "k = [1, 2]", "k = [2, 1]", false },
		{ "k = [1]", "k = [1, 2]", false },
		{ "k.a = 1\nk.b = 'x'", "k = { b = \"x\", a = 1 }", true },
		{ "k.a = 1", "k.b = 1", false },
		{ "k = 1", "k = 1.0", false },
		{ "k = nan", "k = -nan", true },
		{ "k = 1979-05-27 07:32:00", "k = 1979-05-27T07:32:00", true },
		{ "k = true", "k = false", false },
		{ "[[k]]\na = 1", "k = [{ a = 1 }]", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_document_ struct toml_document *a = parse(cases[i].a);
		_cleanup_document_ struct toml_document *b = parse(cases[i].b);

		assert_int_equal(toml_value_equal(toml_root(a), toml_root(b)), cases[i].equal);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_are_decoded),
		cmocka_unit_test(integers_are_exact),
		cmocka_unit_test(floats_include_infinity_and_nan),
		cmocka_unit_test(dates_and_times_keep_one_spelling),
		cmocka_unit_test(tables_are_found_however_they_are_written),
		cmocka_unit_test(a_missing_member_is_null),
		cmocka_unit_test(values_know_where_they_stand),
		cmocka_unit_test(defects_are_named_with_their_place),
		cmocka_unit_test(what_the_runtimes_accept_is_accepted_unless_strict),
		cmocka_unit_test(bytes_behind_the_slice_are_not_read),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(depth_counts_headers_and_values_together),
		cmocka_unit_test(size_is_bounded),
		cmocka_unit_test(the_number_of_values_is_bounded),
		cmocka_unit_test(large_tables_and_many_headers_stay_fast),
		cmocka_unit_test(one_long_line_stays_fast),
		cmocka_unit_test(equality_is_deep_and_ignores_the_order_of_keys),
	};

	return cmocka_run_group_tests_name("toml reader", tests, NULL, NULL);
}
