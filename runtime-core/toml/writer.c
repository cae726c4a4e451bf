// SPDX-License-Identifier: Apache-2.0
#include "toml.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/quote.h"

static bool is_bare_key(struct slice key)
{
	for (size_t i = 0; i < key.size; i++) {
		char c = key.data[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      c == '_' || c == '-'))
			return false;
	}
	return key.size > 0;
}

void toml_write_key(struct strbuf *out, struct slice key)
{
	if (is_bare_key(key))
		strbuf_slice(out, key);
	else
		quote_toml(out, key);
}

void toml_write_float(struct strbuf *out, double number)
{
	char text[40];

	if (isnan(number)) {
		strbuf_puts(out, "nan");
		return;
	}
	if (isinf(number)) {
		strbuf_puts(out, number < 0 ? "-inf" : "inf");
		return;
	}
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, number);
		if (strtod(text, NULL) == number)
			break;
	}
	strbuf_puts(out, text);
	if (!strpbrk(text, ".e"))
		strbuf_puts(out, ".0");
}

static void write_array(struct strbuf *out, const struct toml_value *array)
{
	strbuf_putc(out, '[');
	for (size_t i = 0; i < array->array.count; i++) {
		if (i)
			strbuf_puts(out, ", ");
		toml_write_value(out, array->array.items[i]);
	}
	strbuf_putc(out, ']');
}

static void write_inline_table(struct strbuf *out, const struct toml_value *table)
{
	strbuf_putc(out, '{');
	for (size_t i = 0; i < table->table.count; i++) {
		strbuf_puts(out, i ? ", " : " ");
		toml_write_key(out, table->table.members[i].key);
		strbuf_puts(out, " = ");
		toml_write_value(out, table->table.members[i].value);
	}
	strbuf_puts(out, table->table.count ? " }" : "}");
}

/* The depth of the recursion is bounded by TOML_MAX_DEPTH. */
void toml_write_value(struct strbuf *out, const struct toml_value *value)
{
	switch (value->type) {
	case TOML_STRING:
		quote_toml(out, value->string);
		break;
	case TOML_INTEGER:
		strbuf_printf(out, "%" PRId64, value->integer);
		break;
	case TOML_FLOAT:
		toml_write_float(out, value->number);
		break;
	case TOML_BOOLEAN:
		strbuf_puts(out, value->boolean ? "true" : "false");
		break;
	case TOML_ARRAY:
		write_array(out, value);
		break;
	case TOML_TABLE:
		write_inline_table(out, value);
		break;
	default: /* dates and times */
		strbuf_slice(out, value->string);
	}
}
