// SPDX-License-Identifier: Apache-2.0
#include "output.h"

#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>

#include "base/log.h"
#include "base/memory.h"
#include "cancelled.h"
#include "proto/agent.pb-c.h"

struct pending_read {
	struct pending_read *next;
	struct output *output;
	struct ttrpc_request *request;
	size_t size;
};

static void answer(struct ttrpc_request *request, void *data, size_t size)
{
	Grpc__ReadStreamResponse response = GRPC__READ_STREAM_RESPONSE__INIT;

	response.data = (ProtobufCBinaryData){ size, data };
	ttrpc_request_reply(request, &response.base);
}

static struct ttrpc_request *take_first(struct output *output)
{
	struct pending_read *read = output->first;
	struct ttrpc_request *request = read->request;

	output->first = read->next;
	if (!output->first)
		output->last = NULL;
	free(read);
	return request;
}

static void answer_all_with_end(struct output *output)
{
	loop_disarm(output->loop, &output->drain);
	while (output->first)
		answer(take_first(output), NULL, 0);
}

static void watch(struct output *output, uint32_t events)
{
	_cleanup_error_ struct error *err = NULL;

	if (output->source.fd < 0)
		return;
	if (loop_watch(output->loop, &output->source, events, &err) < 0)
		log_error("a process's output cannot be watched",
			  LOG_STR("error", error_message(err)));
}

static void end(struct output *output)
{
	watch(output, 0);
	if (output->source.fd >= 0)
		close(output->source.fd);
	output->source.fd = -1;
	answer_all_with_end(output);
}

/* A terminal whose other side is closed reads as EIO: that is its end. */
static void serve(struct output *output)
{
	static char buffer[OUTPUT_READ_MAX]; /* only the loop's thread reads */

	while (output->first) {
		size_t size =
			output->first->size < sizeof(buffer) ? output->first->size : sizeof(buffer);
		ssize_t got = read(output->source.fd, buffer, size);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN)
			break;
		if (got <= 0) {
			end(output);
			return;
		}
		loop_disarm(output->loop, &output->drain);
		answer(take_first(output), buffer, (size_t)got);
	}
	watch(output, output->first ? EPOLLIN : 0);
	if (output->first && output->process_exited && !output->drain.armed)
		loop_arm(output->loop, &output->drain, OUTPUT_DRAIN_MS);
}

static void ready(struct loop_source *source, uint32_t events)
{
	(void)events;
	serve(container_of(source, struct output, source));
}

static void drained(struct loop_timer *timer)
{
	struct output *output = container_of(timer, struct output, drain);

	watch(output, 0);
	answer_all_with_end(output);
}

void output_open(struct output *output, struct loop *loop, int fd)
{
	*output = (struct output){ .loop = loop };
	output->source = (struct loop_source){ .fd = fd, .ready = ready };
	output->drain.expired = drained;
}

/* Nobody waits for this answer any more: what comes next is for the next one. */
static void cancelled(struct ttrpc_request *request, void *data)
{
	struct pending_read *read = data;
	struct output *output = read->output;
	struct pending_read **link = &output->first, *before = NULL;

	while (*link != read) {
		before = *link;
		link = &before->next;
	}
	*link = read->next;
	if (output->last == read)
		output->last = before;
	free(read);
	answer_cancelled(request);
}

void output_read(struct output *output, struct ttrpc_request *request, uint32_t size)
{
	struct pending_read *read;

	if (output->source.fd < 0 || size == 0) {
		answer(request, NULL, 0);
		return;
	}
	read = xcalloc(1, sizeof(*read));
	*read = (struct pending_read){ .output = output, .request = request, .size = size };
	if (output->last)
		output->last->next = read;
	else
		output->first = read;
	output->last = read;
	ttrpc_request_on_cancel(request, cancelled, read);
	serve(output);
}

void output_process_exited(struct output *output)
{
	output->process_exited = true;
	if (output->first)
		serve(output);
}

bool output_is_at_end(const struct output *output)
{
	return output->source.fd < 0;
}

void output_close(struct output *output)
{
	end(output);
}
