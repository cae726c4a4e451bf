/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* google.protobuf.Timestamp. */

#include <time.h>

#include "proto/timestamp.pb-c.h"

/* The year 1, Go's zero time: the exit time of a process that has not ended (spec/shim.md 3.2). */
#define TIMESTAMP_NEVER_SECONDS (-62135596800LL)

static inline Google__Protobuf__Timestamp timestamp_of(struct timespec time)
{
	Google__Protobuf__Timestamp timestamp = GOOGLE__PROTOBUF__TIMESTAMP__INIT;

	timestamp.seconds = time.tv_sec;
	timestamp.nanos = (int32_t)time.tv_nsec;
	return timestamp;
}

static inline Google__Protobuf__Timestamp timestamp_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return timestamp_of(now);
}

static inline Google__Protobuf__Timestamp timestamp_never(void)
{
	return timestamp_of((struct timespec){ .tv_sec = TIMESTAMP_NEVER_SECONDS });
}
