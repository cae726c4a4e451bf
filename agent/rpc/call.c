// SPDX-License-Identifier: Apache-2.0
#include "internal.h"

#include <limits.h>
#include <stddef.h>

#include "base/memory.h"

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

	loop_disarm(call->sandbox->loop, &call->limit);
	if (call->error) {
		if (call->failed)
			call->failed(call);
		if (call->request)
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

/* ---- a limit of time --------------------------------------------------------------------------- */

static void limit_reached(struct loop_timer *timer)
{
	struct call *call = container_of(timer, struct call, limit);

	ttrpc_request_fail(call->request, TTRPC_INTERNAL,
			   "ETIME: Timer expired; it is gone on with in the background");
	call->request = NULL;
}

void call_limit(struct call *call, unsigned seconds)
{
	call->limit.expired = limit_reached;
	loop_arm(call->sandbox->loop, &call->limit,
		 seconds < UINT_MAX / 1000 ? seconds * 1000 : UINT_MAX);
}

struct call *call_new(struct sandbox *sandbox, struct container *container,
		      struct ttrpc_request *request, const void *input)
{
	struct call *call = xcalloc(1, sizeof(*call));

	call->sandbox = sandbox;
	call->container = container;
	call->request = request;
	call->input = input;
	call->queue = container ? &container->queue : &sandbox->queue;
	if (container)
		container->references++;
	return call;
}

void call_submit(struct call *call, int (*work)(struct call *, struct error **),
		 void (*done)(struct call *))
{
	call->job.run = run;
	call->job.done = finish;
	call->run = work;
	call->done = done;
	loop_submit(call->sandbox->loop, call->queue, &call->job);
}

/* ---- a job for each container ------------------------------------------------------------------ */

struct each_job {
	struct job job;
	struct each_container *each;
	struct container *container;
	struct error *error;
};

static void run_one(struct job *job)
{
	struct each_job *one = (struct each_job *)job;

	one->each->run(one->each, one->container, &one->error);
}

static void one_left(struct each_container *each)
{
	if (--each->left > 0)
		return;
	each->done(each);
	error_free(each->error);
	free(each);
}

static void finish_one(struct job *job)
{
	struct each_job *one = (struct each_job *)job;
	struct each_container *each = one->each;

	if (each->error)
		error_free(one->error);
	else
		each->error = one->error;
	if (each->ran)
		each->ran(each, one->container);
	container_unref(one->container);
	free(one);
	one_left(each);
}

void each_container(const struct each_container *wanted)
{
	struct each_container *each = xmalloc(sizeof(*each));

	*each = *wanted;
	each->left = 1; /* so that none is the last before all are there */
	for (struct container *c = each->sandbox->containers; c; c = c->next) {
		struct each_job *one = xcalloc(1, sizeof(*one));

		one->job.run = run_one;
		one->job.done = finish_one;
		one->each = each;
		one->container = c;
		c->references++;
		each->left++;
		loop_submit(each->sandbox->loop, &c->queue, &one->job);
	}
	one_left(each);
}
