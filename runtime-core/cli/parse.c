// SPDX-License-Identifier: Apache-2.0
#include "parse.h"

#include <errno.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/quote.h"

bool cli_next_name(struct slice *rest, struct slice *name)
{
	while (slice_next_field(rest, ',', name)) {
		*name = slice_trim(*name);
		if (name->size > 0)
			return true;
	}
	return false;
}

bool cli_has_name(const char *names, const char *name)
{
	struct slice rest = slice_of(names), known;

	while (cli_next_name(&rest, &known))
		if (slice_is(known, name))
			return true;
	return false;
}

const struct cli_command *cli_find_command(const struct cli_command *const *commands,
					   const char *word)
{
	for (; word && commands && *commands; commands++)
		if (strcmp((*commands)->name, word) == 0 ||
		    ((*commands)->aliases && cli_has_name((*commands)->aliases, word)))
			return *commands;
	return NULL;
}

static void *value_of(const struct cli_option *option, void *values)
{
	return (char *)values + option->offset;
}

/* The number of a word in a list with blanks between; -1 when it is not there. */
static int find_choice(const char *words, struct slice choice)
{
	struct slice rest = slice_of(words), word;

	for (int number = 0; slice_next_word(&rest, &word); number++)
		if (slice_equal(word, choice))
			return number;
	return -1;
}

static void know(struct cli_parser *parser, const struct cli_option *option, void *values)
{
	if (parser->count < CLI_MAX_OPTIONS)
		parser->entries[parser->count++] = (struct cli_parser_entry){
			.option = option,
			.value = value_of(option, values),
		};
}

void cli_parser_add(struct cli_parser *parser, const struct cli_option *options, void *values)
{
	for (const struct cli_option *option = options; option && option->names; option++) {
		know(parser, option, values);
		if (option->type == CLI_TYPE_STRING)
			*(const char **)value_of(option, values) =
				option->initial ? option->initial : "";
		else if (option->type == CLI_TYPE_CHOICE && option->initial)
			*(unsigned *)value_of(option, values) = (unsigned)find_choice(
				option->complete.text, slice_of(option->initial));
	}
}

void cli_parser_add_known(struct cli_parser *parser, const struct cli_option *options, void *values)
{
	for (const struct cli_option *option = options; option && option->names; option++)
		know(parser, option, values);
}

void cli_parser_add_anywhere(struct cli_parser *parser, const struct cli_option *options,
			     void *values)
{
	for (const struct cli_option *option = options; option && option->names; option++)
		if (option->anywhere)
			know(parser, option, values);
}

/* A list that stands before and behind a group's command goes on where it was. */
static void add_to_list(struct cli_parser_entry *entry, const char *value)
{
	struct cli_list *list = entry->value;

	if (entry->capacity < list->count)
		entry->capacity = list->count;
	list->items = xgrow(list->items, &entry->capacity, list->count + 1, sizeof(*list->items));
	list->items[list->count++] = value;
}

void cli_parser_release(struct cli_parser *parser)
{
	for (size_t i = 0; i < parser->count; i++) {
		struct cli_list *list = parser->entries[i].value;

		if (parser->entries[i].option->type != CLI_TYPE_LIST)
			continue;
		free(list->items);
		*list = (struct cli_list){ 0 };
	}
}

static struct cli_parser_entry *find(struct cli_parser *parser, struct slice name, unsigned *number)
{
	for (size_t i = 0; i < parser->count; i++) {
		struct slice rest = slice_of(parser->entries[i].option->names), known;

		for (*number = 0; cli_next_name(&rest, &known); ++*number)
			if (slice_equal(known, name))
				return &parser->entries[i];
	}
	return NULL;
}

static int refuse(struct slice name, const char *value, const char *why, struct error **err)
{
	_cleanup_strbuf_ struct strbuf quoted = STRBUF_INIT;

	quote_go(&quoted, slice_of(value));
	return error_set(err, -EINVAL, "invalid value %s for flag -%.*s: %s", quoted.data,
			 SLICE_ARGS(name), why);
}

static int store(struct cli_parser_entry *entry, struct slice name, const char *value,
		 struct error **err)
{
	_cleanup_strbuf_ struct strbuf quoted = STRBUF_INIT;
	_cleanup_free_ char *why = NULL;
	int ret;

	switch (entry->option->type) {
	case CLI_TYPE_BOOL:
		if (number_parse_bool_go(slice_of(value), entry->value) == 0)
			return 0;
		quote_go(&quoted, slice_of(value));
		return error_set(err, -EINVAL, "invalid boolean value %s for -%.*s: parse error",
				 quoted.data, SLICE_ARGS(name));
	case CLI_TYPE_STRING:
		*(const char **)entry->value = value;
		return 0;
	case CLI_TYPE_UINT64:
		ret = number_parse_u64_go(slice_of(value), entry->value);
		if (ret == 0)
			return 0;
		return refuse(name, value, ret == -ERANGE ? "value out of range" : "parse error",
			      err);
	case CLI_TYPE_CHOICE:
		ret = find_choice(entry->option->complete.text, slice_of(value));
		if (ret >= 0) {
			*(unsigned *)entry->value = (unsigned)ret;
			return 0;
		}
		why = xasprintf("choose one of: %s", entry->option->complete.text);
		return refuse(name, value, why, err);
	case CLI_TYPE_LIST:
		add_to_list(entry, value);
		return 0;
	}
	return 0;
}

/* Words that Go takes for options: "-" is a plain one. */
static bool looks_like_option(const char *word)
{
	return word[0] == '-' && word[1] != '\0';
}

/* Of an option without a value in its own word: the words behind it. *words ends on the last one used. */
static int store_from_words(struct cli_parser_entry *entry, struct slice name, char *const **words,
			    struct error **err)
{
	const char *next = (*words)[1];
	int ret;

	if (entry->option->type == CLI_TYPE_BOOL) {
		bool is_value = entry->option->takes_word && next &&
				(strcmp(next, "true") == 0 || strcmp(next, "false") == 0);

		*words += is_value;
		return store(entry, name, is_value ? next : "true", err);
	}
	if (!next)
		return error_set(err, -EINVAL, "flag needs an argument: -%.*s", SLICE_ARGS(name));
	ret = store(entry, name, *++*words, err);
	while (ret == 0 && entry->option->greedy && (*words)[1] && !looks_like_option((*words)[1]))
		ret = store(entry, name, *++*words, err);
	return ret;
}

/* Does the word begin with a letter that is an option? */
static bool is_bundle(struct cli_parser *parser, const char *word)
{
	unsigned number;

	return parser->bundles && word[1] != '-' && word[1] &&
	       find(parser, slice_make(word + 1, 1), &number);
}

/* Options of one letter in one word: "-jl" and "-ldebug". */
static int parse_bundle(struct cli_parser *parser, char *const **words, struct error **err)
{
	for (const char *letter = **words + 1;; letter++) {
		struct slice name = slice_make(letter, 1);
		struct cli_parser_entry *entry;
		unsigned number = 0;
		int ret;

		entry = find(parser, name, &number);
		if (!entry)
			return error_set(err, -EINVAL, "flag provided but not defined: -%c",
					 *letter);
		entry->seen |= 1u << number;
		if (!letter[1])
			return store_from_words(entry, name, words, err);
		if (entry->option->type != CLI_TYPE_BOOL || letter[1] == '=')
			return store(entry, name, letter + (letter[1] == '=' ? 2 : 1), err);
		ret = store(entry, name, "true", err);
		if (ret < 0)
			return ret;
	}
}

/* An option at *words, its value perhaps in the words behind it; *words ends on the last one used. */
static int parse_option(struct cli_parser *parser, char *const **words, bool unknown_is_plain,
			bool *plain, struct error **err)
{
	const char *word = **words;
	const char *text = word + (word[1] == '-' ? 2 : 1);
	const char *value = strchr(text, '=');
	struct slice name = value ? slice_make(text, (size_t)(value - text)) : slice_of(text);
	struct cli_parser_entry *entry;
	unsigned number = 0;

	if (name.size == 0 || name.data[0] == '-')
		entry = NULL;
	else
		entry = find(parser, name, &number);
	if (!entry && is_bundle(parser, word))
		return parse_bundle(parser, words, err);
	*plain = !entry && unknown_is_plain;
	if (*plain)
		return 0;
	if (name.size == 0 || name.data[0] == '-')
		return error_set(err, -EINVAL, "bad flag syntax: %s", word);
	if (!entry)
		return error_set(err, -EINVAL, "flag provided but not defined: -%.*s",
				 SLICE_ARGS(name));
	entry->seen |= 1u << number;

	return value ? store(entry, name, value + 1, err)
		     : store_from_words(entry, name, words, err);
}

int cli_parser_run(struct cli_parser *parser, char *const *words, enum cli_order order,
		   char **arguments, size_t *argument_count, struct error **err)
{
	bool options_ended = false;
	size_t count = 0;
	int ret;

	for (; *words; words++) {
		bool plain = options_ended || !looks_like_option(*words);

		if (!plain && strcmp(*words, "--") == 0) {
			options_ended = true;
			continue;
		}
		if (!plain) {
			ret = parse_option(parser, &words, order == CLI_ORDER_ANY && count > 0,
					   &plain, err);
			if (ret < 0)
				return ret;
		}
		if (plain) {
			arguments[count++] = *words;
			options_ended |= order == CLI_ORDER_FIRST;
		}
	}
	arguments[count] = NULL;
	*argument_count = count;
	return 0;
}

int cli_parser_check_forms(const struct cli_parser *parser, struct error **err)
{
	for (size_t i = 0; i < parser->count; i++) {
		const struct cli_parser_entry *entry = &parser->entries[i];
		struct slice rest = slice_of(entry->option->names), first = { 0 }, name;

		for (unsigned number = 0; cli_next_name(&rest, &name); number++) {
			if (!(entry->seen & (1u << number)))
				continue;
			if (first.data)
				return error_set(err, -EINVAL,
						 "Cannot use two forms of the same flag: %.*s %.*s",
						 SLICE_ARGS(name), SLICE_ARGS(first));
			first = name;
		}
	}
	return 0;
}

int cli_parser_check_required(const struct cli_parser *parser, struct error **err)
{
	for (size_t i = 0; i < parser->count; i++) {
		const struct cli_parser_entry *entry = &parser->entries[i];
		struct slice rest = slice_of(entry->option->names), name;

		if (entry->option->required && !entry->seen && cli_next_name(&rest, &name))
			return error_set(err, -EINVAL, "Required flag \"%.*s\" not set",
					 SLICE_ARGS(name));
	}
	return 0;
}
