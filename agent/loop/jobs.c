// SPDX-License-Identifier: Apache-2.0
/*
 * Each job has a thread for as long as it runs, so that an idle agent is one thread and its memory. The
 * queues are touched by the loop's thread only: a finished job is posted back to it.
 */
#include <signal.h>

#include "base/log.h"
#include "base/memory.h"
#include "internal.h"

#define STACK_BYTES (256u << 10)

static void start_ready(struct loop *loop);

static void *run_job(void *argument)
{
	struct job *job = argument;

	job->run(job);
	loop_post(job->loop, &job->back);
	return NULL;
}

static void make_ready(struct loop *loop, struct job_queue *queue)
{
	if (queue->busy || queue->ready || !queue->first)
		return;
	queue->ready = true;
	queue->next_ready = NULL;
	if (loop->last_ready)
		loop->last_ready->next_ready = queue;
	else
		loop->ready = queue;
	loop->last_ready = queue;
}

/* The job's last act is the owner's: it may free job and queue. */
static void finish(struct loop_task *task)
{
	struct job *job = container_of(task, struct job, back);
	struct loop *loop = job->loop;
	struct job_queue *queue = job->queue;

	loop->threads--;
	queue->busy = false;
	make_ready(loop, queue);
	start_ready(loop);
	job->done(job);
}

/* Signals are the main thread's, but for those of a thread's own faults: blocked, they cannot be caught. */
static void fill_mask(sigset_t *mask)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS };

	sigfillset(mask);
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
		sigdelset(mask, faults[i]);
}

static void start_thread(struct job *job)
{
	pthread_attr_t attributes;
	sigset_t all, before;
	pthread_t thread;
	int ret;

	fill_mask(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	ret = pthread_create(&thread, &attributes, run_job, job);
	pthread_attr_destroy(&attributes);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (ret != 0) {
		/* Late is better than never: the loop does it itself. */
		log_warning("no thread for a job", LOG_INT("errno", ret));
		run_job(job);
	}
}

static void start_ready(struct loop *loop)
{
	while (loop->ready && loop->threads < LOOP_MAX_THREADS) {
		struct job_queue *queue = loop->ready;
		struct job *job = queue->first;

		loop->ready = queue->next_ready;
		if (!loop->ready)
			loop->last_ready = NULL;
		queue->ready = false;
		queue->busy = true;
		queue->first = job->next;
		if (!queue->first)
			queue->last = NULL;
		loop->threads++;
		start_thread(job);
	}
}

bool loop_is_busy(const struct loop *loop)
{
	return loop->threads > 0;
}

void loop_submit(struct loop *loop, struct job_queue *queue, struct job *job)
{
	job->loop = loop;
	job->queue = queue;
	job->next = NULL;
	job->back.run = finish;
	if (queue->last)
		queue->last->next = job;
	else
		queue->first = job;
	queue->last = job;
	make_ready(loop, queue);
	start_ready(loop);
}
