// SPDX-License-Identifier: Apache-2.0
/*
 * A table of families, each of which reads its file of /proc and adds samples. The header of a family is written with
 * its first sample, so that none stands there empty.
 */
#include "metrics.h"

#include "base/file.h"
#include "base/number.h"
#include "base/utf8.h"
#include "internal.h"

#define MAX_FILE_BYTES (1u << 20)

static void collect_scrape_count(struct scrape *scrape)
{
	scrape_add(scrape, LABELS(), scrape->count);
}

static const struct family families[] = {
	{ "kata_agent_io_stat", "What the agent has read and written.", "gauge", collect_io_stat },
	{ "kata_agent_proc_stat", "Processor time of the agent, in ticks.", "gauge",
	  collect_proc_stat },
	{ "kata_agent_proc_status", "Memory of the agent, in KiB, and its context switches.",
	  "gauge", collect_proc_status },
	{ "kata_agent_scrape_count", "How often metrics were asked for.", "counter",
	  collect_scrape_count },
	{ "kata_agent_threads", "Threads of the agent.", "gauge", collect_threads },
	{ "kata_agent_total_rss", "Resident memory of the agent, in bytes.", "gauge",
	  collect_total_rss },
	{ "kata_agent_total_time", "Processor time of the agent, in seconds.", "gauge",
	  collect_total_time },
	{ "kata_agent_total_vm", "Address space of the agent, in bytes.", "gauge",
	  collect_total_vm },
	{ "kata_guest_cpu_time", "Time of the guest's processors, in ms.", "gauge",
	  collect_cpu_time },
	{ "kata_guest_diskstat", "Work of the guest's disks.", "gauge", collect_diskstat },
	{ "kata_guest_filesystem_bytes", "Space of the guest's file systems, in bytes.", "gauge",
	  collect_filesystem_bytes },
	{ "kata_guest_filesystem_inodes", "Inodes of the guest's file systems.", "gauge",
	  collect_filesystem_inodes },
	{ "kata_guest_load", "Load of the guest.", "gauge", collect_load },
	{ "kata_guest_meminfo", "Memory of the guest, in bytes.", "gauge", collect_meminfo },
	{ "kata_guest_netdev_stat", "Work of the guest's network interfaces.", "gauge",
	  collect_netdev_stat },
	{ "kata_guest_tasks", "Tasks of the guest.", "gauge", collect_tasks },
	{ "kata_guest_vm_stat", "The guest's virtual memory.", "gauge", collect_vm_stat },
};

void metrics_collect(const char *root, uint64_t scrapes, struct strbuf *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		struct scrape scrape = {
			.root = root,
			.count = scrapes,
			.out = out,
			.family = &families[i],
		};

		families[i].collect(&scrape);
	}
}

/* ---- writing ----------------------------------------------------------------------------------- */

/* Prometheus wants UTF-8, and three characters escaped. */
static void put_value(struct strbuf *out, struct slice value)
{
	_cleanup_strbuf_ struct strbuf valid = STRBUF_INIT;

	utf8_append_valid(&valid, value);
	for (size_t i = 0; i < valid.size; i++) {
		char c = valid.data[i];

		if (c == '\\' || c == '"')
			strbuf_putc(out, '\\');
		if (c == '\n')
			strbuf_puts(out, "\\n");
		else if (c != '\0') /* a protobuf text has none */
			strbuf_putc(out, c);
	}
}

static void put_name(struct scrape *scrape, const struct label *labels)
{
	const struct family *family = scrape->family;
	struct strbuf *out = scrape->out;

	if (!scrape->begun)
		strbuf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", family->name, family->help,
			      family->name, family->type);
	scrape->begun = true;
	strbuf_puts(out, family->name);
	for (const struct label *label = labels; label->name; label++) {
		strbuf_printf(out, "%c%s=\"", label == labels ? '{' : ',', label->name);
		put_value(out, label->value);
		strbuf_putc(out, '"');
	}
	strbuf_puts(out, labels->name ? "} " : " ");
}

void scrape_add(struct scrape *scrape, const struct label *labels, uint64_t value)
{
	put_name(scrape, labels);
	strbuf_printf(scrape->out, "%ju\n", (uintmax_t)value);
}

void scrape_add_decimal(struct scrape *scrape, const struct label *labels, double value)
{
	put_name(scrape, labels);
	strbuf_printf(scrape->out, "%.2f\n", value);
}

/* ---- reading ----------------------------------------------------------------------------------- */

char *scrape_read(const struct scrape *scrape, const char *name)
{
	_cleanup_error_ struct error *absent = NULL; /* a kernel without it has no such figures */
	_cleanup_free_ char *path = xasprintf("%s/proc/%s", scrape->root, name);
	char *text = NULL;

	if (file_read_all(path, MAX_FILE_BYTES, &text, NULL, &absent) < 0)
		return xstrdup("");
	return text;
}

uint64_t scrape_find(const char *text, const char *key, uint64_t otherwise)
{
	struct slice rest = slice_of(text), line;
	uint64_t number;

	while (slice_next_line(&rest, &line)) {
		if (!slice_starts_with(line, key))
			continue;
		line = slice_from(line, strlen(key));
		if (line.size > 0 && (line.data[0] == ':' || line.data[0] == ' ')) {
			line = slice_from(line, 1);
			return scrape_next_number(&line, &number) ? number : otherwise;
		}
	}
	return otherwise;
}

bool scrape_next_words(struct slice *rest, size_t count, struct slice *word)
{
	for (size_t i = 0; i < count; i++)
		if (!slice_next_word(rest, word))
			return false;
	return true;
}

bool scrape_next_number(struct slice *rest, uint64_t *number)
{
	struct slice word;

	*number = 0;
	return slice_next_word(rest, &word) && number_parse_u64(word, number) == 0;
}
