// SPDX-License-Identifier: Apache-2.0
#include "input.h"

#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <termios.h>

#include "base/log.h"
#include "base/memory.h"
#include "cancelled.h"
#include "proto/agent.pb-c.h"

struct pending_write {
	struct pending_write *next;
	struct input *input;
	struct ttrpc_request *request;
	const char *data;
	size_t size, written;
};

static void watch(struct input *input, uint32_t events)
{
	_cleanup_error_ struct error *err = NULL;

	if (input->source.fd < 0)
		return;
	if (loop_watch(input->loop, &input->source, events, &err) < 0)
		log_error("a process's input cannot be watched",
			  LOG_STR("error", error_message(err)));
}

static struct pending_write *take_first(struct input *input)
{
	struct pending_write *write = input->first;

	input->first = write->next;
	if (!input->first)
		input->last = NULL;
	return write;
}

static void answer_first(struct input *input, int code)
{
	Grpc__WriteStreamResponse response = GRPC__WRITE_STREAM_RESPONSE__INIT;
	_cleanup_free_ struct pending_write *write = take_first(input);

	response.len = (uint32_t)write->size;
	if (code == 0)
		ttrpc_request_reply(write->request, &response.base);
	else
		ttrpc_request_fail(write->request, TTRPC_INTERNAL, "write to the process: %s",
				   errno_text(code));
}

static void shut(struct input *input)
{
	watch(input, 0);
	if (input->source.fd >= 0)
		close(input->source.fd);
	input->source.fd = -1;
}

static void send_end_of_file(struct input *input)
{
	struct termios settings;
	char character = 4;

	if (tcgetattr(input->source.fd, &settings) == 0)
		character = (char)settings.c_cc[VEOF];
	/* A terminal that takes nothing has a reader that does not read: it would not see the end either. */
	if (write(input->source.fd, &character, 1) < 0)
		log_debug("the terminal did not take the end of file");
}

static void serve(struct input *input)
{
	while (input->first) {
		struct pending_write *first = input->first;
		ssize_t put = write(input->source.fd, first->data + first->written,
				    first->size - first->written);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0 && errno == EAGAIN)
			break;
		if (put < 0) {
			answer_first(input, errno);
			continue;
		}
		first->written += (size_t)put;
		if (first->written == first->size)
			answer_first(input, 0);
	}
	watch(input, input->first ? EPOLLOUT : 0);
	if (input->first || !input->close_asked)
		return;
	input->close_asked = false;
	if (input->terminal)
		send_end_of_file(input);
	else
		shut(input);
}

static void ready(struct loop_source *source, uint32_t events)
{
	(void)events;
	serve(container_of(source, struct input, source));
}

void input_open(struct input *input, struct loop *loop, int fd, bool terminal)
{
	*input = (struct input){ .loop = loop, .terminal = terminal };
	input->source = (struct loop_source){ .fd = fd, .ready = ready };
}

/* What was written of it is in the pipe; the rest is dropped. */
static void cancelled(struct ttrpc_request *request, void *data)
{
	struct pending_write *write = data;
	struct input *input = write->input;
	struct pending_write **link = &input->first, *before = NULL;

	while (*link != write) {
		before = *link;
		link = &before->next;
	}
	*link = write->next;
	if (input->last == write)
		input->last = before;
	free(write);
	answer_cancelled(request);
}

void input_write(struct input *input, struct ttrpc_request *request, const void *data, size_t size)
{
	struct pending_write *write;

	if (input->source.fd < 0 || input->close_asked) {
		ttrpc_request_fail(request, TTRPC_INTERNAL, "Cannot get writer");
		return;
	}
	write = xcalloc(1, sizeof(*write));
	*write = (struct pending_write){
		.input = input, .request = request, .data = data, .size = size
	};
	if (input->last)
		input->last->next = write;
	else
		input->first = write;
	input->last = write;
	ttrpc_request_on_cancel(request, cancelled, write);
	serve(input);
}

void input_close_when_written(struct input *input)
{
	if (input->source.fd < 0)
		return;
	input->close_asked = true;
	serve(input);
}

void input_close(struct input *input)
{
	while (input->first)
		answer_first(input, EPIPE);
	shut(input);
}
