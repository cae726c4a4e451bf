// SPDX-License-Identifier: Apache-2.0
/*
 * TOML values into typed ones. An integer is welcome where a float is expected; nothing else is converted,
 * nothing wraps and nothing is cut off (spec/config.md 2.5 and traps 13, 14).
 */
#include "convert.h"

#include <errno.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/quote.h"
#include "internal.h"
#include "model.h"

#define LIST_MAX_ITEMS 10000

struct convert {
	struct config *config;
	const struct config_assignment *assignment;
	enum config_severity severity;
	bool store;
	struct config_origin origin;
};

const char *config_toml_type_name(const struct toml_value *value)
{
	switch (value->type) {
	case TOML_STRING:
		return "string";
	case TOML_INTEGER:
		return "int64";
	case TOML_FLOAT:
		return "float64";
	case TOML_BOOLEAN:
		return "bool";
	case TOML_ARRAY:
		return "array";
	case TOML_TABLE:
		return "table";
	case TOML_OFFSET_DATETIME:
	case TOML_LOCAL_DATETIME:
	case TOML_LOCAL_DATE:
	case TOML_LOCAL_TIME:
		break;
	}
	return "time.Time";
}

void config_type_problem(struct config *config, const struct config_file *file,
			 enum config_severity severity, const char *key,
			 struct toml_position position, const char *words, const char *advice)
{
	_cleanup_strbuf_ struct strbuf message = STRBUF_INIT;

	if (file->source == CONFIG_FROM_DROP_IN) {
		strbuf_puts(&message, "error decoding file ");
		quote_go(&message, slice_of(file->path));
		strbuf_puts(&message, ": ");
	}
	strbuf_printf(&message, "toml: line %u (last key \"%s\"): %s", position.line, key, words);
	config_problem_add(config, &(struct config_problem){ .severity = severity,
							     .id = "type",
							     .code = -EINVAL,
							     .file = file->path,
							     .line = position.line,
							     .column = position.column,
							     .key = key,
							     .message = message.data,
							     .suggestion = advice });
}

static void complain(const struct convert *convert, const struct toml_value *value,
		     const char *words, const char *advice)
{
	_cleanup_free_ char *key =
		config_written_path(convert->assignment->section, convert->assignment->table,
				    convert->assignment->member->key);

	config_type_problem(convert->config, convert->assignment->file, convert->severity, key,
			    value->position, words, advice);
}

static const struct integer_range {
	const char *name;
	int64_t min, max;
} ranges[] = {
	[CONFIG_TYPE_U8] = { "uint8", 0, UINT8_MAX },
	[CONFIG_TYPE_U32] = { "uint32", 0, UINT32_MAX },
	[CONFIG_TYPE_U64] = { "uint64", 0, INT64_MAX }, /* TOML has no more */
	[CONFIG_TYPE_I32] = { "int32", INT32_MIN, INT32_MAX },
	[CONFIG_TYPE_I64] = { "int64", INT64_MIN, INT64_MAX },
};

/* What a value of the key looks like. To be freed. */
static char *value_advice(enum config_key key)
{
	static const char *const advices[] = {
		[CONFIG_KIND_BOOL] = "write true or false, without quotes",
		[CONFIG_KIND_NUMBER] = "write a number such as 1.5, without quotes",
		[CONFIG_KIND_TEXT] = "write a text in quotes",
		[CONFIG_KIND_LIST] = "write a list such as [\"a\", \"b\"]",
		[CONFIG_KIND_TABLES] = "write a list of tables such as [{name = \"a\"}]",
	};
	enum config_type type = config_key_info(key)->type;
	enum config_kind kind = config_kind(key);

	if (kind == CONFIG_KIND_NATURAL || kind == CONFIG_KIND_INTEGER)
		return xasprintf("write a whole number from %" PRId64 " to %" PRId64
				 ", without quotes",
				 ranges[type].min, ranges[type].max);
	if (kind == CONFIG_KIND_LIST && type != CONFIG_TYPE_STRINGS)
		return xstrdup("write a list of whole numbers such as [0, 1]");
	return xstrdup(advices[kind]);
}

/* The value cannot be one of the key's: say what is. */
static void refuse_value(const struct convert *convert, const struct toml_value *value,
			 const char *words)
{
	_cleanup_free_ char *advice = value_advice(convert->assignment->key);

	complain(convert, value, words, advice);
}

static void wrong_type(const struct convert *convert, const struct toml_value *value,
		       const char *destination)
{
	_cleanup_free_ char *words =
		xasprintf("incompatible types: TOML value has type %s; destination has type %s",
			  config_toml_type_name(value), destination);

	refuse_value(convert, value, words);
}

/* --- scalars ------------------------------------------------------------------------------------ */

static void convert_bool(const struct convert *convert, const struct toml_value *value)
{
	if (value->type != TOML_BOOLEAN)
		wrong_type(convert, value, "boolean");
	else if (convert->store)
		config_set_bool(convert->config, convert->assignment->key, value->boolean,
				&convert->origin);
}

static bool in_range(const struct convert *convert, const struct toml_value *value,
		     enum config_type type)
{
	_cleanup_free_ char *words = NULL;

	if (value->type != TOML_INTEGER) {
		wrong_type(convert, value, "integer");
		return false;
	}
	if (value->integer >= ranges[type].min && value->integer <= ranges[type].max)
		return true;
	words = xasprintf("%" PRId64 " is out of range for %s", value->integer, ranges[type].name);
	refuse_value(convert, value, words);
	return false;
}

static void convert_integer(const struct convert *convert, const struct toml_value *value)
{
	enum config_key key = convert->assignment->key;

	if (!in_range(convert, value, config_key_info(key)->type) || !convert->store)
		return;
	if (config_kind(key) == CONFIG_KIND_NATURAL)
		config_set_u64(convert->config, key, (uint64_t)value->integer, &convert->origin);
	else
		config_set_i64(convert->config, key, value->integer, &convert->origin);
}

static void convert_number(const struct convert *convert, const struct toml_value *value)
{
	double number = value->type == TOML_INTEGER ? (double)value->integer : value->number;
	_cleanup_free_ char *words = NULL;

	if (value->type != TOML_INTEGER && value->type != TOML_FLOAT) {
		wrong_type(convert, value, "float");
	} else if (isnan(number)) {
		refuse_value(convert, value, "NaN is out of range for float32: not a number");
	} else if (fabs(number) > FLT_MAX) {
		words = isinf(number) ? xasprintf("%cInf is out of range for float32",
						  number < 0 ? '-' : '+')
				      : xasprintf("%g is out of range for float32", number);
		refuse_value(convert, value, words);
	} else if (convert->store) {
		config_set_double(convert->config, convert->assignment->key, number,
				  &convert->origin);
	}
}

/* A string that can be a C string; NULL (and a problem) if it is none. To be freed. */
static char *text_of(const struct convert *convert, const struct toml_value *value)
{
	if (value->type != TOML_STRING) {
		wrong_type(convert, value, "string");
		return NULL;
	}
	if (memchr(value->string.data, '\0', value->string.size)) {
		complain(convert, value, "a NUL character cannot be part of a setting", NULL);
		return NULL;
	}
	return slice_dup(value->string);
}

static void convert_text(const struct convert *convert, const struct toml_value *value)
{
	_cleanup_free_ char *text = text_of(convert, value);

	if (text && convert->store)
		config_set_string(convert->config, convert->assignment->key, text,
				  &convert->origin);
}

/* --- lists -------------------------------------------------------------------------------------- */

static bool is_list(const struct convert *convert, const struct toml_value *value)
{
	if (value->type != TOML_ARRAY) {
		wrong_type(convert, value, "slice");
		return false;
	}
	if (value->array.count > LIST_MAX_ITEMS) {
		_cleanup_free_ char *words =
			xasprintf("the list has more than %d items", LIST_MAX_ITEMS);

		complain(convert, value, words, NULL);
		return false;
	}
	return true;
}

static char *item_text(const struct convert *convert, const struct toml_value *item)
{
	if (config_key_info(convert->assignment->key)->type == CONFIG_TYPE_STRINGS)
		return text_of(convert, item);
	return in_range(convert, item, CONFIG_TYPE_U32) ? xasprintf("%" PRId64, item->integer)
							: NULL;
}

static void convert_list(const struct convert *convert, const struct toml_value *value)
{
	_cleanup_string_list_ struct string_list list = { 0 };
	bool complete = true;

	if (!is_list(convert, value))
		return;
	for (size_t i = 0; i < value->array.count; i++) {
		char *text = item_text(convert, value->array.items[i]);

		if (text)
			string_list_take(&list, text);
		else
			complete = false;
	}
	if (complete && convert->store)
		config_set_list(convert->config, convert->assignment->key, &list, &convert->origin);
}

/* --- lists of tables ---------------------------------------------------------------------------- */

#define TABLE_MEMBERS_MAX 5

/* The member names of one item, in the order of its struct. */
static const struct table_shape {
	const char *names[TABLE_MEMBERS_MAX + 1];
} shapes[] = {
	[CONFIG_TYPE_IMAGES] = { { "name", "path", "verity_params", NULL } },
	[CONFIG_TYPE_MOUNTS] = { { "name", "src_ctr", "src_path", "dst_ctr", "dst_path", NULL } },
};

static void unknown_member(const struct convert *convert, const struct table_shape *shape,
			   const struct toml_member *member)
{
	const char *nearest = config_word_nearest(shape->names, member->key);
	_cleanup_free_ char *list =
		config_written_path(convert->assignment->section, convert->assignment->table,
				    convert->assignment->member->key);
	_cleanup_free_ char *key = xasprintf("%s.%.*s", list, SLICE_ARGS(member->key));
	_cleanup_free_ char *message = xasprintf("unknown key %s has no effect", key);
	_cleanup_free_ char *suggestion = nearest ? xasprintf("did you mean %s?", nearest) : NULL;

	config_problem_add(convert->config,
			   &(struct config_problem){ .severity = CONFIG_WARNING,
						     .id = "unknown-key",
						     .code = -EINVAL,
						     .file = convert->assignment->file->path,
						     .line = member->position.line,
						     .column = member->position.column,
						     .key = key,
						     .message = message,
						     .suggestion = suggestion });
}

/* Fill `texts` from one table; missing members are "". False (and problems) if something is wrong. */
static bool convert_table(const struct convert *convert, const struct table_shape *shape,
			  const struct toml_value *table, char **texts)
{
	bool complete = true;

	if (table->type != TOML_TABLE) {
		wrong_type(convert, table, "table");
		return false;
	}
	for (size_t i = 0; i < table->table.count; i++) {
		const struct toml_member *member = &table->table.members[i];
		size_t place = 0;

		while (shape->names[place] && !slice_is(member->key, shape->names[place]))
			place++;
		if (!shape->names[place]) {
			unknown_member(convert, shape, member);
			continue;
		}
		texts[place] = text_of(convert, member->value);
		complete = complete && texts[place];
	}
	for (size_t i = 0; shape->names[i]; i++)
		if (!texts[i])
			texts[i] = xstrdup("");
	return complete;
}

static void keep_image(struct config *config, char *const *texts)
{
	config->extension_images[config->extension_image_count++] =
		(struct config_extension_image){ texts[0], texts[1], texts[2] };
}

static void keep_mount(struct config *config, char *const *texts)
{
	config->shared_mounts[config->shared_mount_count++] =
		(struct config_shared_mount){ texts[0], texts[1], texts[2], texts[3], texts[4] };
}

/* Empty the list and make room for `count` items. */
static void clear_tables(struct config *config, enum config_type type, size_t count)
{
	if (type == CONFIG_TYPE_IMAGES) {
		config_extension_images_clear(config);
		config->extension_images = xcalloc(count + 1, sizeof(*config->extension_images));
	} else {
		config_shared_mounts_clear(config);
		config->shared_mounts = xcalloc(count + 1, sizeof(*config->shared_mounts));
	}
}

static void convert_tables(const struct convert *convert, const struct toml_value *value)
{
	enum config_key key = convert->assignment->key;
	enum config_type type = config_key_info(key)->type;
	struct config *config = convert->config;

	if (!is_list(convert, value))
		return;
	if (convert->store)
		clear_tables(config, type, value->array.count);
	for (size_t i = 0; i < value->array.count; i++) {
		char *texts[TABLE_MEMBERS_MAX] = { 0 };

		if (convert_table(convert, &shapes[type], value->array.items[i], texts) &&
		    convert->store) {
			(type == CONFIG_TYPE_IMAGES ? keep_image : keep_mount)(config, texts);
			continue;
		}
		for (size_t j = 0; j < TABLE_MEMBERS_MAX; j++)
			free(texts[j]);
	}
	if (convert->store) {
		config->values[key].is_set = true;
		config->values[key].origin = convert->origin;
	}
}

/* --- all types ---------------------------------------------------------------------------------- */

void config_convert(struct config *config, const struct config_assignment *assignment, bool store,
		    enum config_severity severity)
{
	static void (*const converters[])(const struct convert *, const struct toml_value *) = {
		[CONFIG_KIND_BOOL] = convert_bool,	 [CONFIG_KIND_NATURAL] = convert_integer,
		[CONFIG_KIND_INTEGER] = convert_integer, [CONFIG_KIND_NUMBER] = convert_number,
		[CONFIG_KIND_TEXT] = convert_text,	 [CONFIG_KIND_LIST] = convert_list,
		[CONFIG_KIND_TABLES] = convert_tables,
	};
	struct convert convert = {
		.config = config,
		.assignment = assignment,
		.severity = severity,
		.store = store,
		.origin = { .source = assignment->file->source,
			    .path = assignment->file->path,
			    .line = assignment->member->position.line,
			    .column = assignment->member->position.column,
			    .written_as = assignment->key },
	};

	converters[config_kind(assignment->key)](&convert, assignment->member->value);
}
