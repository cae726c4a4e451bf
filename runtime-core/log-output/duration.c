// SPDX-License-Identifier: Apache-2.0
#include "duration.h"

#include <inttypes.h>

#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S  INT64_C(1000000000)

void logs_put_duration(struct strbuf *out, int64_t ns)
{
	uint64_t size = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
	uint64_t seconds = size / NS_PER_S;

	if (ns < 0)
		strbuf_putc(out, '-');
	if (size < NS_PER_MS)
		strbuf_printf(out, "%" PRIu64 " us", size / 1000);
	else if (size < NS_PER_S)
		strbuf_printf(out, "%.1f ms", (double)size / (double)NS_PER_MS);
	else if (seconds < 60)
		strbuf_printf(out, "%.3f s", (double)size / (double)NS_PER_S);
	else if (seconds < 3600)
		strbuf_printf(out, "%" PRIu64 " min %" PRIu64 " s", seconds / 60, seconds % 60);
	else
		strbuf_printf(out, "%" PRIu64 " h %" PRIu64 " min", seconds / 3600,
			      seconds / 60 % 60);
}
