/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/memory.h"
#include "metrics.h"

/* Of each kind (disks, interfaces, mounts, processors) so many; a guest with more has what is in front. */
#define METRICS_MAX_ENTRIES 1024

struct scrape;

struct family {
	const char *name, *help, *type;
	void (*collect)(struct scrape *scrape);
};

/* One asking for metrics, and the family that is on. */
struct scrape {
	const char *root;
	uint64_t count;
	struct strbuf *out;
	const struct family *family;
	bool begun; /* the family has its header */
};

struct label {
	const char *name; /* NULL ends a list */
	struct slice value;
};

#define LABELS(...)                        \
	(const struct label[])             \
	{                                  \
		__VA_ARGS__ __VA_OPT__(, ) \
		{                          \
			.name = NULL       \
		}                          \
	}
#define LABEL(label_name, text)                               \
	{                                                     \
		.name = (label_name), .value = slice_of(text) \
	}

/* A sample of the family. Labels may hold any bytes. */
void scrape_add(struct scrape *scrape, const struct label *labels, uint64_t value);
void scrape_add_decimal(struct scrape *scrape, const struct label *labels, double value);

/* A file of /proc, "self/stat", to be freed; "" where there is none. */
char *scrape_read(const struct scrape *scrape, const char *name);

/* The number behind "KEY:" or "KEY " at the start of a line; `otherwise` where there is none. */
uint64_t scrape_find(const char *text, const char *key, uint64_t otherwise);

/* Cut off so many words, at least one; *word is the last. False where there are not so many. */
bool scrape_next_words(struct slice *rest, size_t count, struct slice *word);

/* The next word as a number; false, and 0, where there is none. */
bool scrape_next_number(struct slice *rest, uint64_t *number);

/* Families of the agent as a process (process.c), of the guest (guest.c) and of its file systems (filesystems.c). */
void collect_io_stat(struct scrape *scrape);
void collect_proc_stat(struct scrape *scrape);
void collect_proc_status(struct scrape *scrape);
void collect_threads(struct scrape *scrape);
void collect_total_rss(struct scrape *scrape);
void collect_total_time(struct scrape *scrape);
void collect_total_vm(struct scrape *scrape);

void collect_cpu_time(struct scrape *scrape);
void collect_diskstat(struct scrape *scrape);
void collect_load(struct scrape *scrape);
void collect_meminfo(struct scrape *scrape);
void collect_netdev_stat(struct scrape *scrape);
void collect_tasks(struct scrape *scrape);
void collect_vm_stat(struct scrape *scrape);

void collect_filesystem_bytes(struct scrape *scrape);
void collect_filesystem_inodes(struct scrape *scrape);
