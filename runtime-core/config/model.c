// SPDX-License-Identifier: Apache-2.0
/*
 * The model: one typed value per key, always set up. A configuration starts with the defaults of a dialect
 * and a hypervisor; reading, adjusting and annotations replace values and leave a trace in the origin.
 */
#include "model.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "base/memory.h"
#include "base/quote.h"
#include "internal.h"
#include "toml/toml.h"

enum config_kind config_kind(enum config_key key)
{
	static const enum config_kind kinds[] = {
		[CONFIG_TYPE_BOOL] = CONFIG_KIND_BOOL,
		[CONFIG_TYPE_U8] = CONFIG_KIND_NATURAL,
		[CONFIG_TYPE_U32] = CONFIG_KIND_NATURAL,
		[CONFIG_TYPE_U64] = CONFIG_KIND_NATURAL,
		[CONFIG_TYPE_I32] = CONFIG_KIND_INTEGER,
		[CONFIG_TYPE_I64] = CONFIG_KIND_INTEGER,
		[CONFIG_TYPE_FLOAT] = CONFIG_KIND_NUMBER,
		[CONFIG_TYPE_STRING] = CONFIG_KIND_TEXT,
		[CONFIG_TYPE_WORD] = CONFIG_KIND_TEXT,
		[CONFIG_TYPE_PATH] = CONFIG_KIND_TEXT,
		[CONFIG_TYPE_STRINGS] = CONFIG_KIND_LIST,
		[CONFIG_TYPE_NUMBERS] = CONFIG_KIND_LIST,
		[CONFIG_TYPE_IMAGES] = CONFIG_KIND_TABLES,
		[CONFIG_TYPE_MOUNTS] = CONFIG_KIND_TABLES,
	};

	return kinds[config_key_info(key)->type];
}

/* --- life cycle --------------------------------------------------------------------------------- */

void config_value_release(struct config_value *value, enum config_key key)
{
	if (config_kind(key) == CONFIG_KIND_TEXT)
		free(value->string);
	else if (config_kind(key) == CONFIG_KIND_LIST)
		string_list_release(&value->list);
	*value = (struct config_value){ 0 };
}

void config_value_from_text(struct config_value *value, enum config_key key, const char *text)
{
	switch (config_kind(key)) {
	case CONFIG_KIND_BOOL:
		value->boolean = strcmp(text, "true") == 0;
		break;
	case CONFIG_KIND_NATURAL:
		value->natural = strtoull(text, NULL, 10);
		break;
	case CONFIG_KIND_INTEGER:
		value->integer = strtoll(text, NULL, 10);
		break;
	case CONFIG_KIND_NUMBER:
		value->number = strtod(text, NULL);
		break;
	case CONFIG_KIND_TEXT:
		value->string = xstrdup(text);
		break;
	case CONFIG_KIND_LIST:
	case CONFIG_KIND_TABLES:
		break;
	}
}

void config_reset(struct config *config, enum config_key key)
{
	const char *text = config->has_hypervisor_table ? NULL : config_key_bare_default(key);

	if (!text)
		text = config_key_default(key, config->dialect, config->hypervisor);
	config_value_release(&config->values[key], key);
	config_value_from_text(&config->values[key], key, text);
	config->values[key].origin.written_as = key;
}

void config_choose(struct config *config, enum config_dialect dialect,
		   enum config_hypervisor hypervisor, bool has_hypervisor_table)
{
	config->dialect = dialect;
	config->hypervisor = hypervisor;
	config->has_hypervisor_table = has_hypervisor_table;
	FOR_EACH_CONFIG_KEY(key)
	config_reset(config, key);
}

struct config *config_new(const struct config_host *host, enum config_dialect dialect,
			  enum config_hypervisor hypervisor)
{
	struct config *config = xcalloc(1, sizeof(*config));

	config->host = *host;
	config->agent_name = xstrdup("kata");
	config_choose(config, dialect, hypervisor, true);
	return config;
}

void config_extension_images_clear(struct config *config)
{
	for (size_t i = 0; i < config->extension_image_count; i++) {
		free(config->extension_images[i].name);
		free(config->extension_images[i].path);
		free(config->extension_images[i].verity_params);
	}
	free(config->extension_images);
	config->extension_images = NULL;
	config->extension_image_count = 0;
}

void config_shared_mounts_clear(struct config *config)
{
	for (size_t i = 0; i < config->shared_mount_count; i++) {
		free(config->shared_mounts[i].name);
		free(config->shared_mounts[i].src_ctr);
		free(config->shared_mounts[i].src_path);
		free(config->shared_mounts[i].dst_ctr);
		free(config->shared_mounts[i].dst_path);
	}
	free(config->shared_mounts);
	config->shared_mounts = NULL;
	config->shared_mount_count = 0;
}

void config_free(struct config *config)
{
	if (!config)
		return;
	FOR_EACH_CONFIG_KEY(key)
	config_value_release(&config->values[key], key);
	config_extension_images_clear(config);
	config_shared_mounts_clear(config);
	config_problems_clear(config);
	string_list_release(&config->drop_ins);
	string_list_release(&config->texts);
	free(config->agent_name);
	free(config->requested);
	free(config->path);
	free(config);
}

const char *config_keep(struct config *config, const char *text)
{
	/* The same few file names come again and again; the last ones are found first. */
	for (size_t i = config->texts.count; i-- > 0;)
		if (strcmp(config->texts.items[i], text) == 0)
			return config->texts.items[i];
	string_list_add(&config->texts, text);
	return config->texts.items[config->texts.count - 1];
}

const char *config_keep_format(struct config *config, const char *format, ...)
{
	_cleanup_free_ char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	text = xvasprintf(format, arguments);
	va_end(arguments);
	return config_keep(config, text);
}

/* --- reading values ----------------------------------------------------------------------------- */

static const struct config_value *value_of_kind(const struct config *config, enum config_key key,
						enum config_kind kind)
{
	assert(key > CONFIG_KEY_NONE && key < CONFIG_KEY_COUNT && config_kind(key) == kind);
	return &config->values[key];
}

bool config_bool(const struct config *config, enum config_key key)
{
	return value_of_kind(config, key, CONFIG_KIND_BOOL)->boolean;
}

uint64_t config_u64(const struct config *config, enum config_key key)
{
	return value_of_kind(config, key, CONFIG_KIND_NATURAL)->natural;
}

int64_t config_i64(const struct config *config, enum config_key key)
{
	return value_of_kind(config, key, CONFIG_KIND_INTEGER)->integer;
}

double config_double(const struct config *config, enum config_key key)
{
	return value_of_kind(config, key, CONFIG_KIND_NUMBER)->number;
}

const char *config_string(const struct config *config, enum config_key key)
{
	return value_of_kind(config, key, CONFIG_KIND_TEXT)->string;
}

const struct string_list *config_list(const struct config *config, enum config_key key)
{
	return &value_of_kind(config, key, CONFIG_KIND_LIST)->list;
}

const struct config_origin *config_origin(const struct config *config, enum config_key key)
{
	return &config->values[key].origin;
}

bool config_is_set(const struct config *config, enum config_key key)
{
	return config->values[key].is_set;
}

static size_t table_count(const struct config *config, enum config_key key)
{
	return config_key_info(key)->type == CONFIG_TYPE_IMAGES ? config->extension_image_count
								: config->shared_mount_count;
}

bool config_value_is_zero(const struct config *config, enum config_key key)
{
	const struct config_value *value = &config->values[key];

	switch (config_kind(key)) {
	case CONFIG_KIND_BOOL:
		return !value->boolean;
	case CONFIG_KIND_NATURAL:
		return value->natural == 0;
	case CONFIG_KIND_INTEGER:
		return value->integer == 0;
	case CONFIG_KIND_NUMBER:
		return value->number == 0;
	case CONFIG_KIND_TEXT:
		return value->string[0] == '\0';
	case CONFIG_KIND_LIST:
		return value->list.count == 0;
	case CONFIG_KIND_TABLES:
		break;
	}
	return table_count(config, key) == 0;
}

char *config_key_path(const struct config *config, enum config_key key)
{
	const struct config_key_info *info = config_key_info(key);
	const char *section = config_section_path(info->section);
	const char *name = strstr(section, "NAME");
	const char *table = config_hypervisor_name(config->hypervisor);

	if (!name)
		return xasprintf("%s.%s", section, info->name);
	if (info->section == CONFIG_SECTION_AGENT || info->section == CONFIG_SECTION_MEM_AGENT)
		table = config->agent_name;
	return xasprintf("%.*s%s%s.%s", (int)(name - section), section, table,
			 name + strlen("NAME"), info->name);
}

/* --- replacing values --------------------------------------------------------------------------- */

static struct config_value *replace(struct config *config, enum config_key key,
				    enum config_kind kind, const struct config_origin *origin)
{
	struct config_value *value = &config->values[key];

	assert(config_kind(key) == kind);
	config_value_release(value, key);
	value->origin = *origin;
	value->is_set = true;
	return value;
}

void config_set_bool(struct config *config, enum config_key key, bool value,
		     const struct config_origin *origin)
{
	replace(config, key, CONFIG_KIND_BOOL, origin)->boolean = value;
}

void config_set_u64(struct config *config, enum config_key key, uint64_t value,
		    const struct config_origin *origin)
{
	replace(config, key, CONFIG_KIND_NATURAL, origin)->natural = value;
}

void config_set_i64(struct config *config, enum config_key key, int64_t value,
		    const struct config_origin *origin)
{
	replace(config, key, CONFIG_KIND_INTEGER, origin)->integer = value;
}

void config_set_double(struct config *config, enum config_key key, double value,
		       const struct config_origin *origin)
{
	replace(config, key, CONFIG_KIND_NUMBER, origin)->number = value;
}

/* The new value may be (part of) the old one: copy before releasing. */
void config_set_string(struct config *config, enum config_key key, const char *value,
		       const struct config_origin *origin)
{
	char *copy = xstrdup(value);

	replace(config, key, CONFIG_KIND_TEXT, origin)->string = copy;
}

void config_set_list(struct config *config, enum config_key key, const struct string_list *value,
		     const struct config_origin *origin)
{
	struct string_list copy = { 0 };

	string_list_add_all(&copy, value);
	replace(config, key, CONFIG_KIND_LIST, origin)->list = copy;
}

void config_adjust(struct config *config, enum config_key key, const char *text, const char *why)
{
	_cleanup_free_ char *old = config_value_text(config, key);
	struct config_value *value = &config->values[key];
	struct config_value new = { .is_set = value->is_set, .origin = value->origin };
	_cleanup_free_ char *now = NULL;

	config_value_from_text(&new, key, text);
	config_value_release(value, key);
	*value = new;
	now = config_value_text(config, key);
	if (strcmp(old, now) != 0)
		value->origin.note = config_keep_format(config, "adjusted from %s: %s",
							*old ? old : "\"\"", why);
}

/* --- values as text ----------------------------------------------------------------------------- */

static void append_list(struct strbuf *out, const struct string_list *list, bool quoted)
{
	strbuf_putc(out, '[');
	for (size_t i = 0; i < list->count; i++) {
		if (i)
			strbuf_puts(out, ", ");
		if (quoted)
			quote_toml(out, slice_of(list->items[i]));
		else
			strbuf_puts(out, list->items[i]);
	}
	strbuf_putc(out, ']');
}

/* `members` alternates names and values, NULL-terminated; empty values are left out. */
static void append_inline_table(struct strbuf *out, const char *const *members)
{
	const char *separator = "{ ";

	for (; *members; members += 2) {
		if (members[1][0] == '\0')
			continue;
		strbuf_printf(out, "%s%s = ", separator, members[0]);
		quote_toml(out, slice_of(members[1]));
		separator = ", ";
	}
	strbuf_puts(out, " }");
}

static void append_tables(struct strbuf *out, const struct config *config, enum config_key key)
{
	strbuf_putc(out, '[');
	for (size_t i = 0; i < table_count(config, key); i++) {
		if (i)
			strbuf_puts(out, ", ");
		if (config_key_info(key)->type == CONFIG_TYPE_IMAGES) {
			const struct config_extension_image *image = &config->extension_images[i];

			append_inline_table(out,
					    (const char *const[]){ "name", image->name, "path",
								   image->path, "verity_params",
								   image->verity_params, NULL });
		} else {
			const struct config_shared_mount *mount = &config->shared_mounts[i];

			append_inline_table(out, (const char *const[]){
							 "name", mount->name, "src_ctr",
							 mount->src_ctr, "src_path",
							 mount->src_path, "dst_ctr", mount->dst_ctr,
							 "dst_path", mount->dst_path, NULL });
		}
	}
	strbuf_putc(out, ']');
}

static char *value_text(const struct config *config, enum config_key key, bool toml)
{
	const struct config_value *value = &config->values[key];
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;

	switch (config_kind(key)) {
	case CONFIG_KIND_BOOL:
		strbuf_puts(&out, value->boolean ? "true" : "false");
		break;
	case CONFIG_KIND_NATURAL:
		strbuf_printf(&out, "%" PRIu64, value->natural);
		break;
	case CONFIG_KIND_INTEGER:
		strbuf_printf(&out, "%" PRId64, value->integer);
		break;
	case CONFIG_KIND_NUMBER:
		toml_write_float(&out, value->number);
		break;
	case CONFIG_KIND_TEXT:
		if (toml)
			quote_toml(&out, slice_of(value->string));
		else
			strbuf_puts(&out, value->string);
		break;
	case CONFIG_KIND_LIST:
		append_list(&out, &value->list, config_key_info(key)->type == CONFIG_TYPE_STRINGS);
		break;
	case CONFIG_KIND_TABLES:
		append_tables(&out, config, key);
		break;
	}
	return strbuf_steal(&out);
}

char *config_value_text(const struct config *config, enum config_key key)
{
	return value_text(config, key, false);
}

char *config_value_toml(const struct config *config, enum config_key key)
{
	return value_text(config, key, true);
}
