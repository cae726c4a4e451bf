// SPDX-License-Identifier: Apache-2.0
#include "variables.h"

#include <errno.h>

#define MARK '@'

void variables_release(struct variables *variables)
{
	string_list_release(&variables->names);
	string_list_release(&variables->texts);
}

void variables_add(struct variables *variables, struct slice name, struct slice text)
{
	string_list_add_slice(&variables->names, name);
	string_list_add_slice(&variables->texts, text);
}

static const char *find(const struct variables *variables, struct slice name)
{
	for (size_t i = 0; i < variables->names.count; i++)
		if (slice_is(name, variables->names.items[i]))
			return variables->texts.items[i];
	return NULL;
}

static int expand_line(const struct variables *variables, struct slice line, const char *file,
		       unsigned number, struct strbuf *out, struct error **err)
{
	struct slice rest = line, piece;

	for (bool is_name = false; slice_next_field(&rest, MARK, &piece); is_name = !is_name) {
		const char *text;

		if (!is_name) {
			strbuf_slice(out, piece);
			continue;
		}
		if (!rest.data)
			return error_set(err, -EINVAL, "%s:%u: %c without its partner", file,
					 number, MARK);
		text = find(variables, piece);
		if (!text)
			return error_set(err, -EINVAL, "%s:%u: nothing is named %c%.*s%c", file,
					 number, MARK, SLICE_ARGS(piece), MARK);
		strbuf_puts(out, text);
	}
	strbuf_putc(out, '\n');
	return 0;
}

int variables_expand(const struct variables *variables, struct slice text, const char *file,
		     struct strbuf *out, struct error **err)
{
	struct slice rest = text, line;

	for (unsigned number = 1; slice_next_line(&rest, &line); number++) {
		int ret = expand_line(variables, line, file, number, out, err);

		if (ret < 0)
			return ret;
	}
	return 0;
}
