// SPDX-License-Identifier: Apache-2.0
/*
 * The key table gives order, headings and comments. Lists of tables come last in their table, because a
 * [[header]] ends what went before.
 */
#include "document.h"

#include "base/memory.h"
#include "describe.h"

#define COMMENT_WIDTH 80

static const char advice[] =
	"Leave this file as it is, since an upgrade replaces it, and write your changes into a "
	"file in "
	"config.d beside it, such as config.d/50-local.toml: it is merged over this one, key by "
	"key. "
	"configuration.toml(5) describes every key; `kata-runtime config check` finds mistakes.";

/* Cut off a word, together with the next if it introduces it, as in "0: none". */
static bool next_words(struct slice *text, struct slice *words)
{
	struct slice more;

	if (!slice_next_word(text, words))
		return false;
	if (slice_ends_with(*words, ":") && slice_next_word(text, &more))
		words->size = (size_t)(more.data + more.size - words->data);
	return true;
}

/* A text as comment lines of at most COMMENT_WIDTH characters. */
static void write_comment(struct strbuf *out, struct slice text)
{
	struct slice words;
	size_t column = 0;

	while (next_words(&text, &words)) {
		if (column && column + 1 + words.size > COMMENT_WIDTH) {
			strbuf_putc(out, '\n');
			column = 0;
		}
		strbuf_puts(out, column ? " " : "# ");
		strbuf_slice(out, words);
		column += (column ? 1 : 2) + words.size;
	}
	strbuf_putc(out, '\n');
}

static void write_title(struct strbuf *out, const struct flavour *flavour, const char *architecture)
{
	_cleanup_free_ char *title =
		xasprintf("Kata Containers: %s. %s dialect, %s.", flavour->title,
			  describe_dialect(flavour->dialect), architecture);

	write_comment(out, slice_of(title));
	strbuf_puts(out, "#\n");
	write_comment(out, slice_of(advice));
}

static void write_heading(struct strbuf *out, const char *heading)
{
	strbuf_puts(out, "\n# --- ");
	strbuf_puts(out, heading);
	strbuf_putc(out, ' ');
	strbuf_fill(out, '-', COMMENT_WIDTH - strlen("# ---  ") - strlen(heading));
	strbuf_putc(out, '\n');
}

static void write_member(struct strbuf *out, struct slice name, const struct toml_value *value)
{
	toml_write_key(out, name);
	strbuf_puts(out, " = ");
	toml_write_value(out, value);
	strbuf_putc(out, '\n');
}

static void write_description(struct strbuf *out, const struct flavour *flavour,
			      enum config_key key)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	strbuf_putc(out, '\n');
	describe_setting(&text, key, flavour->dialect, flavour->hypervisor);
	write_comment(out, strbuf_view(&text));
}

static bool is_list_of_tables(enum config_key key)
{
	enum config_type type = config_key_info(key)->type;

	return type == CONFIG_TYPE_IMAGES || type == CONFIG_TYPE_MOUNTS;
}

static void write_list_of_tables(struct strbuf *out, const struct flavour *flavour,
				 enum config_key key)
{
	const struct setting *setting = &flavour->settings[key];
	_cleanup_free_ char *table = flavour_table(flavour, config_key_info(key)->section);

	write_description(out, flavour, key);
	for (size_t i = 0; i < setting->value->array.count; i++) {
		const struct toml_value *item = setting->value->array.items[i];

		strbuf_printf(out, "%s[[%s.%.*s]]\n", i ? "\n" : "", table,
			      SLICE_ARGS(setting->name));
		for (size_t j = 0; j < item->table.count; j++)
			write_member(out, item->table.members[j].key, item->table.members[j].value);
	}
}

/* The keys of one table, those that are lists of tables or those that are not. */
static void write_settings(struct strbuf *out, const struct flavour *flavour,
			   enum config_section section, bool lists_of_tables)
{
	const char *heading = NULL;

	FOR_EACH_KEY(key)
	{
		const struct setting *setting = &flavour->settings[key];
		const char *group = config_key_group(key);

		if (config_key_info(key)->section != section || !setting->value ||
		    is_list_of_tables(key) != lists_of_tables)
			continue;
		if (lists_of_tables) {
			write_list_of_tables(out, flavour, key);
			continue;
		}
		if (group && group != heading)
			write_heading(out, group);
		heading = group;
		write_description(out, flavour, key);
		write_member(out, setting->name, setting->value);
	}
}

static bool has_settings(const struct flavour *flavour, enum config_section section)
{
	FOR_EACH_KEY(key)
	{
		if (config_key_info(key)->section == section && flavour->settings[key].value)
			return true;
	}
	return false;
}

void document_write(struct strbuf *out, const struct flavour *flavour, const char *architecture)
{
	static const enum config_section sections[] = {
		CONFIG_SECTION_HYPERVISOR, CONFIG_SECTION_ROOTLESS_USER, CONFIG_SECTION_TEMPLATE,
		CONFIG_SECTION_FACTORY,	   CONFIG_SECTION_AGENT,	 CONFIG_SECTION_MEM_AGENT,
		CONFIG_SECTION_RUNTIME,
	};

	write_title(out, flavour, architecture);
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		_cleanup_free_ char *table = flavour_table(flavour, sections[i]);

		if (!has_settings(flavour, sections[i]))
			continue;
		strbuf_printf(out, "\n[%s]\n", table);
		write_settings(out, flavour, sections[i], false);
		write_settings(out, flavour, sections[i], true);
	}
}
