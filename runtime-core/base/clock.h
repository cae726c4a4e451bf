/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Time that only goes forward, for measuring and for deadlines: CLOCK_MONOTONIC. */

#include <stdint.h>
#include <time.h>

#define NS_PER_US INT64_C(1000)
#define NS_PER_MS INT64_C(1000000)
#define US_PER_S  INT64_C(1000000)
#define MS_PER_S  INT64_C(1000)
#define NS_PER_S  INT64_C(1000000000)

static inline int64_t clock_now_ns(void)
{
	struct timespec now;

	/* Cannot fail for this clock. */
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static inline int64_t clock_now_us(void)
{
	return clock_now_ns() / NS_PER_US;
}

static inline int64_t clock_now_ms(void)
{
	return clock_now_ns() / NS_PER_MS;
}

static inline void clock_sleep_ms(int64_t ms)
{
	struct timespec pause = { .tv_sec = ms / MS_PER_S, .tv_nsec = ms % MS_PER_S * NS_PER_MS };

	nanosleep(&pause, NULL);
}
