// SPDX-License-Identifier: Apache-2.0
#include "url.h"

static bool is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_' || c == '.' || c == '~';
}

void url_escape(struct strbuf *out, struct slice text)
{
	for (size_t i = 0; i < text.size; i++) {
		if (is_unreserved(text.data[i]))
			strbuf_putc(out, text.data[i]);
		else
			strbuf_printf(out, "%%%02X", (unsigned char)text.data[i]);
	}
}
