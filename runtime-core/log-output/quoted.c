// SPDX-License-Identifier: Apache-2.0
#include "quoted.h"

void logs_put_escape(struct logs_buffer *out, unsigned char c)
{
	static const char digits[] = "0123456789abcdef";
	static const char letters[] = "\"\"\\\\\nn\rr\tt\bb\ff";
	char text[6] = { '\\', 'u', '0', '0', digits[c >> 4], digits[c & 15] };

	for (const char *pair = letters; *pair; pair += 2)
		if ((unsigned char)*pair == c) {
			text[1] = pair[1];
			logs_put(out, text, 2);
			return;
		}
	logs_put(out, text, sizeof(text));
}
