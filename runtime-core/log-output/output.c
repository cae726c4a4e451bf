// SPDX-License-Identifier: Apache-2.0
#include "output.h"

#include <unistd.h>

#include "base/file.h"
#include "base/quote.h"

/* A buffer that one large record has made larger is given back. */
#define KEPT_BYTES ((size_t)4 << 20)

void logs_output_open(struct logs_output *output, int fd, const char *name)
{
	*output = (struct logs_output){ .fd = fd, .name = name };
	output->is_terminal = fd >= 0 && isatty(fd) == 1;
}

void logs_output_release(struct logs_output *output)
{
	logs_buffer_release(&output->buffer);
}

int logs_output_flush(struct logs_output *output, struct error **err)
{
	_cleanup_strbuf_ struct strbuf harmless = STRBUF_INIT;
	struct slice text = logs_buffer_view(&output->buffer);
	int ret = 0;

	if (text.size > 0 && output->is_terminal) {
		quote_terminal_lines(&harmless, text);
		text = strbuf_view(&harmless);
	}
	if (text.size > 0 && output->fd >= 0)
		ret = fd_write_all(output->fd, text.data, text.size);
	output->buffer.size = 0;
	if (output->buffer.capacity > KEPT_BYTES)
		logs_buffer_release(&output->buffer);
	if (ret < 0)
		return error_set(err, ret, "write %s: %s", output->name, errno_text(ret));
	return 0;
}
