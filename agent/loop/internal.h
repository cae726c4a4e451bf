/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <pthread.h>
#include <stddef.h>

#include "loop.h"

struct loop {
	int epoll;
	bool stopped;
	struct loop_timer *timers;

	struct loop_source wake; /* an eventfd: something was posted */
	pthread_mutex_t lock;	 /* of the two below */
	struct loop_task *posted, **posted_end;

	unsigned threads;
	struct job_queue *ready, *last_ready; /* queues that wait for a thread */
};
