/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Words of a command line into the values of an options struct. */

#include "base/slice.h"
#include "cli.h"

#define CLI_MAX_OPTIONS 64

struct cli_parser {
	bool bundles; /* one-letter options may share a word, the last one with its value */
	struct cli_parser_entry {
		const struct cli_option *option;
		void *value;
		unsigned seen;	 /* bit N: the option was given under its Nth name */
		size_t capacity; /* of a list */
	} entries[CLI_MAX_OPTIONS];
	size_t count;
};

#define _cleanup_cli_parser_ _cleanup_(cli_parser_release)

/* Free what lists hold. The words themselves are the command line's. */
void cli_parser_release(struct cli_parser *parser);

enum cli_order {
	CLI_ORDER_FIRST, /* options end at the first plain word: programs, groups, `exec ID COMMAND` */
	CLI_ORDER_ANY, /* options may follow plain words; unknown ones are then plain words themselves */
	CLI_ORDER_STRICT, /* the same, but unknown options are always errors */
};

/* Know a table of options (NULL is an empty one) and set its values to what they are when not given. */
void cli_parser_add(struct cli_parser *parser, const struct cli_option *options, void *values);

/* Know options whose values are set already: all of a table, or those that may stand anywhere. */
void cli_parser_add_known(struct cli_parser *parser, const struct cli_option *options,
			  void *values);
void cli_parser_add_anywhere(struct cli_parser *parser, const struct cli_option *options,
			     void *values);

/*
 * Go through NULL-terminated words. The plain ones end up in `arguments`, which has room for all words and
 * a NULL. Error -EINVAL with the text that Go's flag package has for it.
 */
int cli_parser_run(struct cli_parser *parser, char *const *words, enum cli_order order,
		   char **arguments, size_t *argument_count, struct error **err);

/* After cli_parser_run: -EINVAL when one option was given under two of its names. */
int cli_parser_check_forms(const struct cli_parser *parser, struct error **err);

/* After cli_parser_run: -EINVAL when a required option is missing. */
int cli_parser_check_required(const struct cli_parser *parser, struct error **err);

/* Cut the next name off a list such as "config, kata-config"; *rest starts as all of it. */
bool cli_next_name(struct slice *rest, struct slice *name);

/* Does a list of names have this one? */
bool cli_has_name(const char *names, const char *name);

/* The command of a NULL-terminated list that has this name or alias; NULL when none has, or for NULL. */
const struct cli_command *cli_find_command(const struct cli_command *const *commands,
					   const char *word);
