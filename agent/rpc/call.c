// SPDX-License-Identifier: Apache-2.0
#include "internal.h"

void call_fail(struct ttrpc_request *request, const struct error *error)
{
	ttrpc_request_fail(request, TTRPC_INTERNAL, "%s", error_message(error));
}

static void run(struct job *job)
{
	struct call *call = (struct call *)job;

	call->run(call, &call->error);
}

static void finish(struct job *job)
{
	struct call *call = (struct call *)job;

	if (call->error) {
		if (call->failed)
			call->failed(call);
		call_fail(call->request, call->error);
		error_free(call->error);
	} else if (call->done) {
		call->done(call);
	} else {
		ttrpc_request_reply(call->request, NULL);
	}
	if (call->container)
		container_unref(call->container);
	free(call);
}

struct call *call_new(struct sandbox *sandbox, struct container *container,
		      struct ttrpc_request *request, const void *input)
{
	struct call *call = xcalloc(1, sizeof(*call));

	call->sandbox = sandbox;
	call->container = container;
	call->request = request;
	call->input = input;
	if (container)
		container->references++;
	return call;
}

void call_submit(struct call *call, int (*work)(struct call *, struct error **),
		 void (*done)(struct call *))
{
	struct job_queue *queue = call->container ? &call->container->queue : &call->sandbox->queue;

	call->job.run = run;
	call->job.done = finish;
	call->run = work;
	call->done = done;
	loop_submit(call->sandbox->loop, queue, &call->job);
}
