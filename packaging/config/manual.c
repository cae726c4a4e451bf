// SPDX-License-Identifier: Apache-2.0
/*
 * The build's own tool that completes configuration.toml(5):
 *
 *	generate-manual FRAME OUTPUT
 *
 * The line @KEYS@ of FRAME becomes the reference of all keys, in mdoc, from the key table.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "describe.h"

#define FRAME_MAX_BYTES (1U << 20)
#define MARK		"@KEYS@\n"
#define FILE_MODE	0644

/* --- text for mdoc ------------------------------------------------------------------------------ */

/* A line of running text: nothing in it is taken for a macro or an escape, and no word is divided. */
static void write_text(struct strbuf *out, struct slice text)
{
	strbuf_puts(out, "\\&");
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] == '\\')
			strbuf_puts(out, "\\e");
		else if (text.data[i] == '-')
			strbuf_puts(out, "\\-");
		else
			strbuf_putc(out, text.data[i]);
	}
	strbuf_putc(out, '\n');
}

/* A paragraph, every sentence on a line of the source of its own. */
static void write_sentences(struct strbuf *out, struct slice text)
{
	for (;;) {
		size_t end = slice_find_string(text, ". ");

		if (end == text.size)
			break;
		write_text(out, slice_first(text, end + 1));
		text = slice_from(text, end + 2);
	}
	write_text(out, text);
}

/* A fact about the key, which starts a new line of the page. */
static void write_fact(struct strbuf *out, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void write_fact(struct strbuf *out, const char *format, ...)
{
	_cleanup_strbuf_ struct strbuf fact = STRBUF_INIT;
	va_list arguments;

	va_start(arguments, format);
	strbuf_vprintf(&fact, format, arguments);
	va_end(arguments);
	strbuf_puts(out, ".br\n");
	write_text(out, strbuf_view(&fact));
}

/* The same fact of both dialects, or one of each; an empty one is left out. */
static void write_facts(struct strbuf *out, const char *what, const char *go, const char *rs)
{
	if (strcmp(go, rs) == 0) {
		if (*go)
			write_fact(out, "%s: %s", what, go);
		return;
	}
	if (*go)
		write_fact(out, "%s in Go: %s", what, go);
	if (*rs)
		write_fact(out, "%s in runtime-rs: %s", what, rs);
}

/* --- what the table says of a key --------------------------------------------------------------- */

static bool in_hypervisor_table(enum config_key key)
{
	enum config_section section = config_key_info(key)->section;

	return section == CONFIG_SECTION_HYPERVISOR || section == CONFIG_SECTION_TEMPLATE ||
	       section == CONFIG_SECTION_ROOTLESS_USER;
}

static void list_words(struct strbuf *out, enum config_key key, enum config_dialect dialect)
{
	const struct config_key_info *info = config_key_info(key);
	const char *const *words = dialect == CONFIG_GO ? info->go_words : info->rs_words;

	for (size_t i = 0; words && words[i]; i++)
		strbuf_printf(out, "%s%s", i ? ", " : "", words[i]);
}

/* "qemu: 1, clh: 2" for the hypervisors whose default is not the usual one. */
static void list_exceptions(struct strbuf *out, enum config_key key, enum config_dialect dialect,
			    const char *usual)
{
	for (int i = 0; in_hypervisor_table(key) && i < CONFIG_HYPERVISOR_COUNT; i++) {
		enum config_hypervisor hypervisor = (enum config_hypervisor)i;
		const char *unset = config_key_default(key, dialect, hypervisor);
		const char *forced = config_key_forced(key, dialect, hypervisor);

		if (!config_hypervisor_known(hypervisor, dialect) ||
		    !config_key_used_by(key, dialect, hypervisor) ||
		    (!forced && strcmp(unset, usual) == 0))
			continue;
		if (!forced && !*unset)
			unset = "none";
		strbuf_printf(out, "%s%s: %s%s", out->size ? ", " : "",
			      config_hypervisor_name(hypervisor), forced ? "always " : "",
			      forced ? forced : unset);
	}
}

/* "128 (remote: 64)"; nothing when the unset key is 0, false or empty everywhere. */
static void list_defaults(struct strbuf *out, enum config_key key, enum config_dialect dialect)
{
	const struct config_key_info *info = config_key_info(key);
	const char *usual = dialect == CONFIG_GO ? info->go_default : info->rs_default;
	_cleanup_strbuf_ struct strbuf exceptions = STRBUF_INIT;

	if (!(info->dialects & dialect))
		return;
	list_exceptions(&exceptions, key, dialect, usual ? usual : "");
	if (usual || exceptions.size)
		strbuf_puts(out, usual ? usual : info->type == CONFIG_TYPE_BOOL ? "false" : "none");
	if (exceptions.size)
		strbuf_printf(out, " (%s)", exceptions.data);
}

/* The hypervisors that use the key; nothing when all of the dialect do. */
static void list_users(struct strbuf *out, enum config_key key, enum config_dialect dialect)
{
	bool all = true;

	if (!(config_key_info(key)->dialects & dialect) || !in_hypervisor_table(key))
		return;
	for (int i = 0; i < CONFIG_HYPERVISOR_COUNT; i++) {
		enum config_hypervisor hypervisor = (enum config_hypervisor)i;

		if (!config_hypervisor_known(hypervisor, dialect))
			continue;
		if (config_key_used_by(key, dialect, hypervisor))
			strbuf_printf(out, "%s%s", out->size ? ", " : "",
				      config_hypervisor_name(hypervisor));
		else
			all = false;
	}
	if (all)
		strbuf_truncate(out, 0);
}

typedef void list_function(struct strbuf *out, enum config_key key, enum config_dialect dialect);

static void write_by_dialect(struct strbuf *out, enum config_key key, const char *what,
			     list_function *list)
{
	unsigned dialects = config_key_info(key)->dialects;
	_cleanup_strbuf_ struct strbuf go = STRBUF_INIT, rs = STRBUF_INIT;

	list(&go, key, CONFIG_GO);
	list(&rs, key, CONFIG_RS);
	if (dialects == CONFIG_BOTH)
		write_facts(out, what, go.data, rs.data);
	else if (dialects == CONFIG_GO)
		write_facts(out, what, go.data, go.data);
	else
		write_facts(out, what, rs.data, rs.data);
}

static void write_twin(struct strbuf *out, enum config_key key)
{
	enum config_key twin = config_key_twin(key);

	if (twin != CONFIG_KEY_NONE)
		write_fact(out, "In %s: %s in [%s]",
			   describe_dialect((enum config_dialect)config_key_info(twin)->dialects),
			   config_key_info(twin)->name,
			   config_section_path(config_key_info(twin)->section));
}

static void write_key(struct strbuf *out, enum config_key key)
{
	const struct config_key_info *info = config_key_info(key);
	_cleanup_strbuf_ struct strbuf meaning = STRBUF_INIT;

	strbuf_printf(out, ".It Ic %s Pq %s", info->name, config_type_name(info->type));
	if (info->dialects != CONFIG_BOTH)
		strbuf_printf(out, ", %s", describe_dialect((enum config_dialect)info->dialects));
	strbuf_putc(out, '\n');
	describe_meaning(&meaning, key);
	write_sentences(out, strbuf_view(&meaning));
	write_by_dialect(out, key, "Values", list_words);
	write_by_dialect(out, key, "Default", list_defaults);
	write_by_dialect(out, key, "Hypervisors", list_users);
	write_twin(out, key);
	if (info->alias)
		write_fact(out, "Second name: %s", info->alias);
	if (info->annotation)
		write_fact(out, "Annotation: %s", info->annotation);
}

/* --- the reference ------------------------------------------------------------------------------ */

static void write_section(struct strbuf *out, enum config_section section)
{
	const char *heading = NULL;
	bool open = false;

	strbuf_printf(out, ".Ss [%s]\n", config_section_path(section));
	FOR_EACH_KEY(key)
	{
		const char *group = config_key_group(key);

		if (config_key_info(key)->section != section)
			continue;
		if (!open || group != heading) {
			strbuf_puts(out, open ? ".El\n" : "");
			if (group)
				strbuf_printf(out, "%s.Sy %s\n", open ? ".Pp\n" : "", group);
			strbuf_puts(out, ".Bl -tag -width Ds\n");
		}
		open = true;
		heading = group;
		write_key(out, key);
	}
	strbuf_puts(out, open ? ".El\n" : "");
}

static void write_reference(struct strbuf *out)
{
	for (int section = 0; section < CONFIG_SECTION_COUNT; section++)
		write_section(out, (enum config_section)section);
}

static int generate(const char *frame, const char *output, struct error **err)
{
	_cleanup_strbuf_ struct strbuf page = STRBUF_INIT;
	_cleanup_free_ char *text = NULL;
	struct slice rest;
	size_t mark, size;
	int ret;

	ret = file_read_all(frame, FRAME_MAX_BYTES, &text, &size, err);
	if (ret < 0)
		return ret;
	rest = slice_make(text, size);
	mark = slice_find_string(rest, MARK);
	strbuf_slice(&page, slice_first(rest, mark));
	write_reference(&page);
	strbuf_slice(&page, slice_from(rest, mark + strlen(MARK)));
	return file_replace(output, page.data, page.size, FILE_MODE, err);
}

int main(int argc, char **argv)
{
	_cleanup_error_ struct error *err = NULL;

	if (argc != 3) {
		fputs("usage: generate-manual FRAME OUTPUT\n", stderr);
		return 2;
	}
	if (generate(argv[1], argv[2], &err) < 0) {
		fprintf(stderr, "generate-manual: %s\n", error_message(err));
		return 1;
	}
	return 0;
}
