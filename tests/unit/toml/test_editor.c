// SPDX-License-Identifier: Apache-2.0
/* toml_edit_*: what changes, and that nothing else does. */
#include "unit.h"

#define violated(...) fail_msg(__VA_ARGS__)
#include "properties.h"

#define MAX_PATH 8

struct edit_case {
	const char *name;
	const char *before;
	const char *path[MAX_PATH];
	const char *value;
	const char *after;
};

typedef int edit_function(struct strbuf *text, const char *const *path, const char *value,
			  struct error **err);

static int edit_remove(struct strbuf *text, const char *const *path, const char *value,
		       struct error **err)
{
	(void)value;
	return toml_edit_remove(text, path, err);
}

static void run_cases(const struct edit_case *cases, size_t count, edit_function *edit)
{
	for (size_t i = 0; i < count; i++) {
		_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
		struct error *err = NULL;

		strbuf_puts(&text, cases[i].before);
		if (edit(&text, cases[i].path, cases[i].value, &err) < 0)
			fail_msg("%s: %s", cases[i].name, error_message(err));
		if (strcmp(text.data, cases[i].after) != 0)
			fail_msg("%s:\n%s\ninstead of\n%s", cases[i].name, text.data,
				 cases[i].after);
	}
}

#define CRI "plugins", "io.containerd.grpc.v1.cri", "containerd", "runtimes"

static void setting_replaces_a_value_in_place(void **state)
{
	static const struct edit_case cases[] = {
		{ "comment and blanks stay",
		  "# top\n  a   =\t1   # one\nb = 2\n",
		  { "a" },
		  "'x'",
		  "# top\n  a   =\t'x'   # one\nb = 2\n" },
		{ "a value of several lines",
		  "a = [\n 1,\n 2 ] # end\n",
		  { "a" },
		  "[]",
		  "a = [] # end\n" },
		{ "below a quoted key with dots",
		  "[plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.kata]\r\nx = 1\r\n",
		  { CRI, "kata", "x" },
		  "true",
		  "[plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.kata]\r\nx = "
		  "true\r\n" },
		{ "behind a dotted key", "a.b.c = 1", { "a", "b", "c" }, "2", "a.b.c = 2" },
		{ "in an inline table",
		  "a = { b = { c = 1 }, d = 2 }\n",
		  { "a", "b", "c" },
		  "10",
		  "a = { b = { c = 10 }, d = 2 }\n" },
		{ "an inline table as a whole",
		  "a = { b = 1 } # x\n",
		  { "a" },
		  "{}",
		  "a = {} # x\n" },
		{ "in an element of an array of tables",
		  "[[a]]\nk = 1\n[[a]]\nk = 1\n",
		  { "a", "[1]", "k" },
		  "2",
		  "[[a]]\nk = 1\n[[a]]\nk = 2\n" },
		{ "an element of an array", "a = [1, 2, 3]", { "a", "[1]" }, "0", "a = [1, 0, 3]" },
		{ "the value comes without the blanks around it",
		  "a = 1\n",
		  { "a" },
		  "  2 ",
		  "a = 2\n" },
	};

	(void)state;
	run_cases(cases, ARRAY_SIZE(cases), toml_edit_set);
}

static void setting_adds_a_line_to_its_table(void **state)
{
	static const struct edit_case cases[] = {
		{ "an empty text", "", { "a" }, "1", "a = 1\n" },
		{ "behind the last root key",
		  "a = 1 # one\n\n# of t\n[t]\nb = 2\n",
		  { "n" },
		  "3",
		  "a = 1 # one\nn = 3\n\n# of t\n[t]\nb = 2\n" },
		{ "first where there is no root key", "[t]\n", { "n" }, "1", "n = 1\n[t]\n" },
		{ "above the comments of the first header",
		  "# licence\n\n# of t\n[t]\n",
		  { "n" },
		  "1",
		  "# licence\n\nn = 1\n# of t\n[t]\n" },
		{ "behind a byte order mark",
		  "\xEF\xBB\xBF[t]\n",
		  { "n" },
		  "1",
		  "\xEF\xBB\xBFn = 1\n[t]\n" },
		{ "only comments", "# nothing\n", { "n" }, "1", "# nothing\nn = 1\n" },
		{ "behind the table's last key, indented as that",
		  "[t]\n  a = 1\n  # b = 2\n\n[u]\n",
		  { "t", "n" },
		  "3",
		  "[t]\n  a = 1\n  n = 3\n  # b = 2\n\n[u]\n" },
		{ "below the header of an empty table",
		  "[t] # empty\n[u]\n",
		  { "t", "n" },
		  "1",
		  "[t] # empty\nn = 1\n[u]\n" },
		{ "behind a value of several lines",
		  "[t]\na = [\n  1,\n]\n[u]\n",
		  { "t", "n" },
		  "1",
		  "[t]\na = [\n  1,\n]\nn = 1\n[u]\n" },
		{ "line ends are the document's",
		  "[t]\r\na = 1\r\n[u]\r\n",
		  { "t", "n" },
		  "1",
		  "[t]\r\na = 1\r\nn = 1\r\n[u]\r\n" },
		{ "a missing line end stays missing",
		  "[t]\na = 1",
		  { "t", "n" },
		  "1",
		  "[t]\na = 1\nn = 1" },
		{ "a key that needs quotes", "a = 1\n", { "x.y" }, "1", "a = 1\n\"x.y\" = 1\n" },
		{ "into the right element of an array of tables",
		  "[[a]]\n[[a]]\n[[a]]\n",
		  { "a", "[1]", "k" },
		  "1",
		  "[[a]]\n[[a]]\nk = 1\n[[a]]\n" },
		{ "a dotted key for a dotted table",
		  "a.b.c = 1\nz = 2\n[t]\n",
		  { "a", "b", "n" },
		  "3",
		  "a.b.c = 1\na.b.n = 3\nz = 2\n[t]\n" },
		{ "and below that",
		  "[t]\n a.b = 1\n z = 2\n",
		  { "t", "a", "n", "m" },
		  "3",
		  "[t]\n a.b = 1\n a.n.m = 3\n z = 2\n" },
	};

	(void)state;
	run_cases(cases, ARRAY_SIZE(cases), toml_edit_set);
}

static void setting_adds_to_inline_tables(void **state)
{
	static const struct edit_case cases[] = {
		{ "behind the last key",
		  "a = { b = 1 } # x\n",
		  { "a", "n" },
		  "2",
		  "a = { b = 1, n = 2 } # x\n" },
		{ "an empty one", "a = {}\n", { "a", "n" }, "2", "a = {n = 2}\n" },
		{ "an empty one with a blank", "a = { }\n", { "a", "n" }, "2", "a = { n = 2 }\n" },
		{ "with tables on the way",
		  "a = {b=1}",
		  { "a", "c", "n" },
		  "2",
		  "a = {b=1, c.n = 2}" },
		{ "a table that dotted keys made",
		  "a = { b.c = 1, d = 2 }",
		  { "a", "b", "n" },
		  "3",
		  "a = { b.c = 1, d = 2, b.n = 3 }" },
		{ "in an array",
		  "a = [ { b = 1 }, {} ]",
		  { "a", "[0]", "n" },
		  "2",
		  "a = [ { b = 1, n = 2 }, {} ]" },
		{ "one of several lines",
		  "a = {\n\tb = 1, # one\n}\n",
		  { "a", "n" },
		  "2",
		  "a = {\n\tb = 1, # one\n\tn = 2,\n}\n" },
	};

	(void)state;
	run_cases(cases, ARRAY_SIZE(cases), toml_edit_set);
}

static void setting_adds_missing_tables(void **state)
{
	static const struct edit_case cases[] = {
		{ "to an empty text", "", { "a", "b", "n" }, "1", "[a.b]\nn = 1\n" },
		{ "behind everything, after a blank line",
		  "x = 1\n",
		  { "a", "n" },
		  "1",
		  "x = 1\n\n[a]\nn = 1\n" },
		{ "behind the last sibling, in front of an unrelated table",
		  "version = 2\n\n"
		  "[plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.runc]\n"
		  "  a = 1\n  # of runc\n\n"
		  "# of debug\n[debug]\n",
		  { CRI, "kata", "runtime_type" },
		  "\"io.containerd.kata.v2\"",
		  "version = 2\n\n"
		  "[plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.runc]\n"
		  "  a = 1\n  # of runc\n"
		  "\n[plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.kata]\n"
		  "runtime_type = \"io.containerd.kata.v2\"\n\n"
		  "# of debug\n[debug]\n" },
		{ "behind the sub-tables",
		  "[a]\n[a.b]\nk = 1\n[c]\n",
		  { "a", "d", "n" },
		  "1",
		  "[a]\n[a.b]\nk = 1\n\n[a.d]\nn = 1\n[c]\n" },
		{ "comments right above the next header are that header's",
		  "[a]\nk = 1\n# of b\n[b]\n",
		  { "a", "c", "n" },
		  "1",
		  "[a]\nk = 1\n\n[a.c]\nn = 1\n# of b\n[b]\n" },
		{ "a header for a table that had none",
		  "[x]\n\n# of a.b\n[a.b]\nk = 1\n",
		  { "a", "n" },
		  "1",
		  "[x]\n\n[a]\nn = 1\n\n# of a.b\n[a.b]\nk = 1\n" },
		{ "in an element of an array of tables",
		  "[[a]]\nk = 1\n\n[[a]]\nk = 2\n",
		  { "a", "[0]", "b", "n" },
		  "1",
		  "[[a]]\nk = 1\n\n[a.b]\nn = 1\n\n[[a]]\nk = 2\n" },
		{ "a missing line end stays missing",
		  "x = 1",
		  { "a", "n" },
		  "1",
		  "x = 1\n\n[a]\nn = 1" },
		{ "line ends are the document's",
		  "x = 1\r\n",
		  { "a", "n" },
		  "1",
		  "x = 1\r\n\r\n[a]\r\nn = 1\r\n" },
	};

	(void)state;
	run_cases(cases, ARRAY_SIZE(cases), toml_edit_set);
}

static void removing_takes_lines_or_pieces(void **state)
{
	static const struct edit_case cases[] = {
		{ "a line with its comment",
		  "# above\na = 1 # behind\nb = 2\n",
		  { "a" },
		  NULL,
		  "# above\nb = 2\n" },
		{ "a value of several lines",
		  "a = [\n1, # one\n]\nb = '''\nx'''\n",
		  { "a" },
		  NULL,
		  "b = '''\nx'''\n" },
		{ "the last line without its end", "a = 1\nb = 2", { "b" }, NULL, "a = 1" },
		{ "a missing key", "a = 1\n", { "b", "c" }, NULL, "a = 1\n" },
		{ "a key in an inline table",
		  "a = { b = 1, c = 2, d = 3 }",
		  { "a", "c" },
		  NULL,
		  "a = { b = 1, d = 3 }" },
		{ "the last one", "a = { b = 1, c = 2 }", { "a", "c" }, NULL, "a = { b = 1 }" },
		{ "the only one", "a = { b = 1 }", { "a", "b" }, NULL, "a = { }" },
		{ "several pieces of one table",
		  "a = { b.x = 1, c = 2, b.y = 3 }",
		  { "a", "b" },
		  NULL,
		  "a = { c = 2 }" },
		{ "dotted keys of one table",
		  "a.b = 1\nc = 2\na.d.e = 3\n",
		  { "a" },
		  NULL,
		  "c = 2\n" },
		{ "a table with its sub-tables and its blank line",
		  "x = 1\n\n[a]\nk = 1\n# of a\n\n[b]\n\n[a.c]\nk = 2\n",
		  { "a" },
		  NULL,
		  "x = 1\n\n[b]\n" },
		{ "a table without a header",
		  "[a.b]\nk = 1\n[c]\n[a.d]\n",
		  { "a" },
		  NULL,
		  "[c]\n" },
		{ "the comments of the next table stay",
		  "[a]\nk = 1\n# of b\n[b]\n",
		  { "a" },
		  NULL,
		  "# of b\n[b]\n" },
		{ "an array of tables",
		  "[[a]]\nk = 1\n[a.b]\n[c]\n[[a]]\n",
		  { "a" },
		  NULL,
		  "[c]\n" },
		{ "one element of it",
		  "[[a]]\nk = 1\n\n[[a]]\nk = 2\n[a.b]\n\n[[a]]\nk = 3\n",
		  { "a", "[1]" },
		  NULL,
		  "[[a]]\nk = 1\n\n[[a]]\nk = 3\n" },
		{ "an element of an array", "a = [1, 2, 3]", { "a", "[1]" }, NULL, "a = [1, 3]" },
	};

	(void)state;
	run_cases(cases, ARRAY_SIZE(cases), edit_remove);
}

static void elements_are_added_in_the_array_s_shape(void **state)
{
	static const struct edit_case cases[] = {
		{ "a missing array",
		  "version = 3\n[debug]\n",
		  { "imports" },
		  "\"/x.toml\"",
		  "version = 3\nimports = [\"/x.toml\"]\n[debug]\n" },
		{ "an empty one", "a = [] # none\n", { "a" }, "1", "a = [1] # none\n" },
		{ "an empty one with a blank", "a = [ ]\n", { "a" }, "1", "a = [ 1 ]\n" },
		{ "one line", "a = [ 'x', 'y' ]\n", { "a" }, "'z'", "a = [ 'x', 'y', 'z' ]\n" },
		{ "no blank behind commas", "a = [1,2]\n", { "a" }, "3", "a = [1,2,3]\n" },
		{ "a comma at the end", "a = [1, 2,]\n", { "a" }, "3", "a = [1, 2, 3,]\n" },
		{ "a line each",
		  "a = [\n  'x', # one\n  'y' # two\n]\n",
		  { "a" },
		  "'z'",
		  "a = [\n  'x', # one\n  'y', # two\n  'z'\n]\n" },
		{ "a line each, and a comma at the end",
		  "a = [\r\n\t'x',\r\n\t'y', # two, or so\r\n]\r\n",
		  { "a" },
		  "'z'",
		  "a = [\r\n\t'x',\r\n\t'y', # two, or so\r\n\t'z',\r\n]\r\n" },
		{ "a line each, and the bracket on the last",
		  "a = ['x',\n     'y']\n",
		  { "a" },
		  "'z'",
		  "a = ['x',\n     'y',\n     'z']\n" },
		{ "an equal one, though written otherwise",
		  "a = ['x', \"y\"]\n",
		  { "a" },
		  "'y'",
		  "a = ['x', \"y\"]\n" },
		{ "a nested one", "a = [[1], [2]]\n", { "a", "[0]" }, "3", "a = [[1, 3], [2]]\n" },
	};

	(void)state;
	run_cases(cases, ARRAY_SIZE(cases), toml_edit_array_add);
}

static void equal_elements_are_removed(void **state)
{
	static const struct edit_case cases[] = {
		{ "the first", "a = [1, 2, 3]", { "a" }, "1", "a = [2, 3]" },
		{ "one in the middle", "a = [ 1, 2, 3 ]", { "a" }, "2", "a = [ 1, 3 ]" },
		{ "the last", "a = [ 1, 2, 3 ]", { "a" }, "3", "a = [ 1, 2 ]" },
		{ "the last, with a comma", "a = [1, 2,]", { "a" }, "2", "a = [1,]" },
		{ "the only one", "a = [ 1 ]", { "a" }, "1", "a = [ ]" },
		{ "all of several", "a = [1, 2, 1, 1]", { "a" }, "0x1", "a = [2]" },
		{ "all of all", "a = [1, 1,]", { "a" }, "1", "a = []" },
		{ "a line with its comment",
		  "a = [\n  1, # one\n  2, # two\n]\n",
		  { "a" },
		  "1",
		  "a = [\n  2, # two\n]\n" },
		{ "the last line, without a comma",
		  "a = [\n  1, # one\n  2 # two\n]\n",
		  { "a" },
		  "2",
		  "a = [\n  1 # one\n]\n" },
		{ "the last line, with the bracket",
		  "a = [1,\n     2]\n",
		  { "a" },
		  "2",
		  "a = [1]\n" },
		{ "the bracket does not end up in a comment",
		  "a = [1, # one\n     2]\n",
		  { "a" },
		  "2",
		  "a = [1 # one\n     ]\n" },
		{ "nor when two lines go",
		  "a = [1, # one\n     2,\n     2]\n",
		  { "a" },
		  "2",
		  "a = [1 # one\n     ]\n" },
		{ "the comma at the end stays where it is",
		  "a = [ 1, 2 ,\n]\n",
		  { "a" },
		  "2",
		  "a = [ 1 ,\n]\n" },
		{ "pieces and lines at once",
		  "a = [ 1, 2,\n 2,\n 2\n]\n",
		  { "a" },
		  "2",
		  "a = [ 1\n]\n" },
		{ "a missing element", "a = [1]\n", { "a" }, "2", "a = [1]\n" },
		{ "a missing array", "b = [1]\n", { "a" }, "2", "b = [1]\n" },
		{ "of another type", "a = ['1']\n", { "a" }, "1", "a = ['1']\n" },
	};

	(void)state;
	run_cases(cases, ARRAY_SIZE(cases), toml_edit_array_remove);
}

static void what_cannot_be_edited_is_refused_and_unchanged(void **state)
{
	static const struct {
		edit_function *edit;
		const char *text;
		const char *path[MAX_PATH];
		const char *value;
		int code;
		const char *message;
	} cases[] = {
		{ toml_edit_set,
		  "a = ",
		  { "b" },
		  "1",
		  -EINVAL,
		  "line 1, column 5: expected a value" },
		{ toml_edit_set,
		  "a = 1",
		  { "b" },
		  "x",
		  -EINVAL,
		  "'x' is no value: line 1, column 1" },
		{ toml_edit_set, "a = 1", { "b" }, "1\nc = 2", -EINVAL, "expected nothing behind" },
		{ toml_edit_set, "a = 1", { "b" }, "", -EINVAL, "expected a value" },
		{ toml_edit_set, "a = 1", { NULL }, "1", -EINVAL, "the path is empty" },
		{ toml_edit_set, "a = 1", { "\xFF" }, "1", -EINVAL, "not UTF-8" },
		{ toml_edit_set,
		  "a.b = 1",
		  { "a", "b", "c" },
		  "1",
		  -EINVAL,
		  "'a.b' has type integer (line 1) and cannot hold keys" },
		{ toml_edit_set,
		  "a = [1]",
		  { "a", "[0]", "c" },
		  "1",
		  -EINVAL,
		  "'a[0]' has type integer (line 1) and cannot hold keys" },
		{ toml_edit_array_remove, "a = [1]", { "a" }, "[", -EINVAL, "'[' is no value" },
		{ toml_edit_array_add, "a = [1]", { "a", "[5]" }, "1", -ENOENT, "and no [5]" },
		{ toml_edit_set,
		  "\n[a]",
		  { "a" },
		  "1",
		  -EINVAL,
		  "'a' has type table (line 2) and has lines of its own" },
		{ toml_edit_set, "[[a]]", { "a" }, "1", -EINVAL, "has lines of its own" },
		{ toml_edit_set,
		  "[[a]]",
		  { "a", "[1]", "b" },
		  "1",
		  -ENOENT,
		  "'a' has 1 elements (line 1), and no [1]" },
		{ toml_edit_set,
		  "",
		  { "a", "[0]", "b" },
		  "1",
		  -ENOENT,
		  "there is no array 'a' to take [0] of" },
		{ toml_edit_set,
		  "kata = { x = 1 }\n[kata.more]\n",
		  { "kata" },
		  "1",
		  -EINVAL,
		  "the document cannot be changed like this: line 2, column 2" },
		{ edit_remove, "a = 1 1", { "a" }, NULL, -EINVAL, "line 1, column 7" },
		{ toml_edit_array_add, "a = 1", { "a" }, "1", -EINVAL, "is no array" },
		{ toml_edit_array_add, "[[a]]", { "a" }, "1", -EINVAL, "made of [[tables]]" },
		{ toml_edit_array_remove, "a = {}", { "a" }, "1", -EINVAL, "is no array" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
		struct error *err = NULL;

		strbuf_puts(&text, cases[i].text);
		assert_failed(cases[i].edit(&text, cases[i].path, cases[i].value, &err), err,
			      cases[i].code, cases[i].message);
		assert_string_equal(text.data, cases[i].text);
	}
}

/* As containerd writes it. */
static const char containerd_config[] =
	"# generated\nversion = 2\nimports = [\"/etc/containerd/conf.d/*.toml\"]\n\n"
	"[plugins]\n\n  [plugins.\"io.containerd.grpc.v1.cri\"]\n    sandbox_image = \"p:3\"\n\n"
	"    [plugins.\"io.containerd.grpc.v1.cri\".containerd]\n"
	"      # default_runtime_name = \"kata\"\n\n"
	"      [plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.runc]\n"
	"        runtime_type = \"io.containerd.runc.v2\" # as it comes\n"
	"        pod_annotations = [\n          \"a\", # one\n          \"b\"  # two\n        ]\n"
	"\n[debug]\n";

/* Everything inside everything, CR LF, and no line end at the end. */
static const char nested_document[] =
	"a = { b = { c = [ {}, { d.e = 1 } ] }, \"f g\".h = [ ] }\r\n"
	"i.j.k = '''\r\nx\r\n''' # l\r\n\r\n# m\r\n[[n]]\r\n[n.o]\r\np = 1\r\n[[n]]\r\n[q.r]";

/* What only the lenient reader accepts. */
static const char lenient_document[] =
	"kata = { x = 1 }\n[kata.more]\ny = { z = 2,\n # last\n w = 3 }\n[t]\n[t.u.v]\n[t.u]\n";

static void every_place_of_a_document_can_be_edited_and_restored(void **state)
{
	static const char *const documents[] = {
		containerd_config,
		nested_document,
		lenient_document,
		"\xEF\xBB\xBF# only a comment",
		"a = [\n# first\n\n\t1\n\t, # comma\n\t2, 3 ]\n",
		"a = [\n 1, 2\r\n, # comma\n]\n",
		"a = { b = { c.d = 1 }, b.c.e = 2 }",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(documents); i++)
		check_properties(slice_of(documents[i]), 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(setting_replaces_a_value_in_place),
		cmocka_unit_test(setting_adds_a_line_to_its_table),
		cmocka_unit_test(setting_adds_to_inline_tables),
		cmocka_unit_test(setting_adds_missing_tables),
		cmocka_unit_test(removing_takes_lines_or_pieces),
		cmocka_unit_test(elements_are_added_in_the_array_s_shape),
		cmocka_unit_test(equal_elements_are_removed),
		cmocka_unit_test(what_cannot_be_edited_is_refused_and_unchanged),
		cmocka_unit_test(every_place_of_a_document_can_be_edited_and_restored),
	};

	return cmocka_run_group_tests_name("toml editor", tests, NULL, NULL);
}
