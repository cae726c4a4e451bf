// SPDX-License-Identifier: Apache-2.0
/* The agent as its kernel sees it. */
#include <unistd.h>

#include "base/number.h"
#include "internal.h"

/* Fields of /proc/PID/stat, counted from the one behind the name. */
enum stat_field {
	STAT_UTIME = 11,
	STAT_STIME,
	STAT_CUTIME,
	STAT_CSTIME,
	STAT_THREADS = 17,
	STAT_VSIZE = 20,
	STAT_RSS,
	STAT_COUNT,
};

/* False where there are not so many. */
static bool read_stat(const struct scrape *scrape, uint64_t fields[STAT_COUNT])
{
	_cleanup_free_ char *text = scrape_read(scrape, "self/stat");
	const char *name_end = strrchr(text, ')'); /* a name may have any others in it */
	struct slice rest = slice_of(name_end ? name_end + 1 : ""), word;

	for (size_t i = 0; i < STAT_COUNT; i++) {
		if (!slice_next_word(&rest, &word))
			return false;
		/* Some are letters or negative, but none of those that count here. */
		if (number_parse_u64(word, &fields[i]) < 0)
			fields[i] = 0;
	}
	return true;
}

static void add_field(struct scrape *scrape, enum stat_field field, uint64_t factor)
{
	uint64_t fields[STAT_COUNT];

	if (read_stat(scrape, fields))
		scrape_add(scrape, LABELS(), fields[field] * factor);
}

void collect_threads(struct scrape *scrape)
{
	add_field(scrape, STAT_THREADS, 1);
}

void collect_total_vm(struct scrape *scrape)
{
	add_field(scrape, STAT_VSIZE, 1);
}

void collect_total_rss(struct scrape *scrape)
{
	add_field(scrape, STAT_RSS, (uint64_t)sysconf(_SC_PAGESIZE));
}

void collect_total_time(struct scrape *scrape)
{
	uint64_t fields[STAT_COUNT];

	if (read_stat(scrape, fields))
		scrape_add_decimal(scrape, LABELS(),
				   (double)(fields[STAT_UTIME] + fields[STAT_STIME]) /
					   (double)sysconf(_SC_CLK_TCK));
}

void collect_proc_stat(struct scrape *scrape)
{
	static const char *const items[] = { "utime", "stime", "cutime", "cstime" };
	uint64_t fields[STAT_COUNT];

	if (!read_stat(scrape, fields))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(items); i++)
		scrape_add(scrape, LABELS(LABEL("item", items[i])), fields[STAT_UTIME + i]);
}

void collect_io_stat(struct scrape *scrape)
{
	static const char *const items[] = {
		"rchar",
		"wchar",
		"syscr",
		"syscw",
		"read_bytes",
		"write_bytes",
		"cancelled_write_bytes",
	};
	_cleanup_free_ char *text = scrape_read(scrape, "self/io");

	for (size_t i = 0; text[0] && i < ARRAY_SIZE(items); i++)
		scrape_add(scrape, LABELS(LABEL("item", items[i])), scrape_find(text, items[i], 0));
}

void collect_proc_status(struct scrape *scrape)
{
	static const struct {
		const char *item, *key;
	} items[] = {
		{ "vmpeak", "VmPeak" },
		{ "vmsize", "VmSize" },
		{ "vmlck", "VmLck" },
		{ "vmpin", "VmPin" },
		{ "vmhwm", "VmHWM" },
		{ "vmrss", "VmRSS" },
		{ "rssanon", "RssAnon" },
		{ "rssfile", "RssFile" },
		{ "rssshmem", "RssShmem" },
		{ "vmdata", "VmData" },
		{ "vmstk", "VmStk" },
		{ "vmexe", "VmExe" },
		{ "vmlib", "VmLib" },
		{ "vmpte", "VmPTE" },
		{ "vmswap", "VmSwap" },
		{ "hugetlbpages", "HugetlbPages" },
		{ "voluntary_ctxt_switches", "voluntary_ctxt_switches" },
		{ "nonvoluntary_ctxt_switches", "nonvoluntary_ctxt_switches" },
	};
	_cleanup_free_ char *text = scrape_read(scrape, "self/status");

	for (size_t i = 0; text[0] && i < ARRAY_SIZE(items); i++)
		scrape_add(scrape, LABELS(LABEL("item", items[i].item)),
			   scrape_find(text, items[i].key, 0));
}
