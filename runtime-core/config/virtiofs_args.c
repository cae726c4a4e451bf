// SPDX-License-Identifier: Apache-2.0
#include "virtiofs_args.h"

#include <errno.h>
#include <string.h>

#include "base/memory.h"
#include "base/quote.h"

#define QUOTED_MAX 100 /* bytes of an argument that a message repeats */

enum argument_value {
	NO_VALUE,
	VALUE, /* --name=value or --name value */
};

/* Of the daemon written in Rust. */
static const struct long_option {
	const char *name;
	enum argument_value value;
} long_options[] = {
	{ "--thread-pool-size", VALUE },
	{ "--cache", VALUE },
	{ "--writeback", NO_VALUE },
	{ "--allow-direct-io", NO_VALUE },
	{ "--allow-mmap", NO_VALUE },
	{ "--announce-submounts", NO_VALUE },
	{ "--inode-file-handles", VALUE },
	{ "--killpriv-v2", NO_VALUE },
	{ "--no-killpriv-v2", NO_VALUE },
	{ "--no-readdirplus", NO_VALUE },
	{ "--posix-acl", NO_VALUE },
	{ "--preserve-noatime", NO_VALUE },
	{ "--readdirplus", NO_VALUE },
	{ "--rlimit-nofile", VALUE },
	{ "--xattr", NO_VALUE },
	{ "--log-level", VALUE },
	{ "-d", NO_VALUE },
	{ "-f", NO_VALUE },
};

/* Behind -o, separated by commas: the older daemon's, which the newer one still takes. */
static const struct short_option {
	const char *name;
	enum argument_value value;
} short_options[] = {
	{ "cache", VALUE },
	{ "writeback", NO_VALUE },
	{ "no_writeback", NO_VALUE },
	{ "allow_direct_io", NO_VALUE },
	{ "no_allow_direct_io", NO_VALUE },
	{ "announce_submounts", NO_VALUE },
	{ "killpriv_v2", NO_VALUE },
	{ "no_killpriv_v2", NO_VALUE },
	{ "readdirplus", NO_VALUE },
	{ "no_readdirplus", NO_VALUE },
	{ "posix_acl", NO_VALUE },
	{ "no_posix_acl", NO_VALUE },
	{ "xattr", NO_VALUE },
	{ "no_xattr", NO_VALUE },
	{ "flock", NO_VALUE },
	{ "no_flock", NO_VALUE },
	{ "posix_lock", NO_VALUE },
	{ "no_posix_lock", NO_VALUE },
	{ "timeout", VALUE },
	{ "log_level", VALUE },
};

/* Values are words and numbers: no paths, no further options. */
static bool is_plain_value(struct slice value)
{
	for (size_t i = 0; i < value.size; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:-",
			    value.data[i]))
			return false;
	return value.size > 0 && value.data[0] != '-';
}

static bool is_allowed_short_option(struct slice option)
{
	struct slice name = slice_first(option, slice_find(option, '='));
	bool has_value = name.size < option.size;

	for (size_t i = 0; i < ARRAY_SIZE(short_options); i++)
		if (slice_is(name, short_options[i].name))
			return has_value == (short_options[i].value == VALUE) &&
			       (!has_value || is_plain_value(slice_from(option, name.size + 1)));
	return false;
}

static bool are_allowed_short_options(struct slice options)
{
	struct slice option;

	while (slice_next_field(&options, ',', &option))
		if (!is_allowed_short_option(option))
			return false;
	return true;
}

static const struct long_option *find_long_option(struct slice name)
{
	for (size_t i = 0; i < ARRAY_SIZE(long_options); i++)
		if (slice_is(name, long_options[i].name))
			return &long_options[i];
	return NULL;
}

/* How many of the arguments, from the first one, are an allowed option with its value? 0: it is not one. */
static size_t allowed_arguments(const char *first, const char *second)
{
	struct slice argument = slice_of(first);
	struct slice name = slice_first(argument, slice_find(argument, '='));
	const struct long_option *option = find_long_option(name);

	if (slice_is(argument, "-o"))
		return second && are_allowed_short_options(slice_of(second)) ? 2 : 0;
	if (slice_starts_with(argument, "-o"))
		return are_allowed_short_options(slice_from(argument, 2)) ? 1 : 0;
	if (!option)
		return 0;
	if (name.size < argument.size)
		return option->value == VALUE &&
		       is_plain_value(slice_from(argument, name.size + 1));
	if (option->value == NO_VALUE)
		return 1;
	return second && is_plain_value(slice_of(second)) ? 2 : 0;
}

static int refuse(const char *argument, const char *next, struct error **err)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	quote_go(&text, slice_first(slice_of(argument), QUOTED_MAX));
	if (next && (strcmp(argument, "-o") == 0 || find_long_option(slice_of(argument)))) {
		strbuf_putc(&text, ' ');
		quote_go(&text, slice_first(slice_of(next), QUOTED_MAX));
	}
	strbuf_puts(&text,
		    " is no argument that a pod may give the virtio-fs daemon. Allowed are:");
	for (size_t i = 0; i < ARRAY_SIZE(long_options); i++)
		strbuf_printf(&text, " %s", long_options[i].name);
	strbuf_puts(&text, ", and behind -o:");
	for (size_t i = 0; i < ARRAY_SIZE(short_options); i++)
		strbuf_printf(&text, " %s", short_options[i].name);
	return error_set(err, -EACCES, "%s", text.data);
}

int virtiofs_args_check(const struct string_list *arguments, struct error **err)
{
	for (size_t i = 0; i < arguments->count;) {
		const char *next = i + 1 < arguments->count ? arguments->items[i + 1] : NULL;
		size_t taken = allowed_arguments(arguments->items[i], next);

		if (taken == 0)
			return refuse(arguments->items[i], next, err);
		i += taken;
	}
	return 0;
}
