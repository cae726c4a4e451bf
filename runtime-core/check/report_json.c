// SPDX-License-Identifier: Apache-2.0
#include <inttypes.h>
#include <time.h>

#include "base/quote.h"
#include "report.h"

#define DOCUMENT_VERSION 1

#define DOCUMENTATION "host-checks.md#"

static void put_string(struct strbuf *out, const char *name, const char *value)
{
	strbuf_printf(out, "\"%s\": ", name);
	quote_json(out, slice_of(value ? value : ""));
}

/* The section that explains a check; renderers of Markdown leave dots out of a section's address. */
static void put_doc(struct strbuf *out, const char *id)
{
	strbuf_puts(out, "      \"doc\": \"" DOCUMENTATION);
	for (; *id; id++)
		if (*id != '.')
			strbuf_putc(out, *id);
	strbuf_puts(out, "\",\n");
}

static void put_check(struct strbuf *out, const struct check_result *result)
{
	const struct {
		const char *name, *value;
	} texts[] = {
		{ "id", result->check->id },
		{ "title", result->check->title },
		{ "status", check_status_name(result->status) },
		{ "expected", result->expected },
		{ "found", result->found },
		{ "message", result->message },
		{ "fix", result->fix },
	};

	strbuf_puts(out, "    {\n");
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		strbuf_puts(out, "      ");
		put_string(out, texts[i].name, texts[i].value);
		strbuf_puts(out, ",\n");
	}
	put_doc(out, result->check->id);
	strbuf_printf(out,
		      "      \"required\": %s,\n"
		      "      \"duration_ms\": %" PRIu64 ".%03u\n"
		      "    }",
		      result->check->required ? "true" : "false", result->duration_us / 1000,
		      (unsigned)(result->duration_us % 1000));
}

static void put_cpu(struct strbuf *out, const struct host *host)
{
	_cleanup_(host_cpuinfo_release) struct host_cpuinfo cpuinfo;
	_cleanup_(host_cpu_identity_release) struct host_cpu_identity identity;
	/* What is missing is a failed check, and empty here. */
	_cleanup_error_ struct error *unreadable = NULL, *unknown = NULL;

	(void)host_cpuinfo_read(host, &cpuinfo, &unreadable);
	(void)host_cpu_identify(host, &cpuinfo, &identity, &unknown);
	strbuf_puts(out, "    \"cpu\": { ");
	put_string(out, "vendor", identity.vendor);
	strbuf_puts(out, ", ");
	put_string(out, "model", identity.model);
	strbuf_printf(out, ", \"count\": %u },\n    \"virtual_machine\": %s,\n",
		      host_cpuinfo_count(&cpuinfo),
		      host_cpuinfo_in_vm(&cpuinfo) ? "true" : "false");
}

static void put_host(struct strbuf *out, const struct host *host)
{
	_cleanup_(host_distro_release) struct host_distro distro;
	_cleanup_free_ char *release = NULL;
	_cleanup_error_ struct error *no_release = NULL, *no_memory = NULL;
	struct host_memory memory;

	/* As above: unknown is empty or 0. */
	(void)host_kernel_release(host, &release, &no_release);
	(void)host_memory_read(host, &memory, &no_memory);
	host_distro_read(host, &distro);
	strbuf_puts(out, "  \"host\": {\n    ");
	put_string(out, "architecture", host_arch_name(host->arch));
	strbuf_puts(out, ",\n    ");
	put_string(out, "kernel", release);
	strbuf_puts(out, ",\n    \"distro\": { ");
	put_string(out, "name", distro.name);
	strbuf_puts(out, ", ");
	put_string(out, "version", distro.version);
	strbuf_puts(out, " },\n");
	put_cpu(out, host);
	strbuf_printf(out,
		      "    \"memory_kib\": { \"total\": %" PRIu64 ", \"available\": %" PRIu64
		      " },\n"
		      "    ",
		      memory.total_kib, memory.available_kib);
	put_string(out, "guest_protection", host_guest_protection(host));
	strbuf_puts(out, "\n  },\n");
}

static void put_time(struct strbuf *out)
{
	time_t now = time(NULL);
	char text[32];
	struct tm utc;

	gmtime_r(&now, &utc);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
	strbuf_puts(out, "  ");
	put_string(out, "time", text);
	strbuf_puts(out, ",\n");
}

void check_report_json(const struct check_report *report, const struct host *host,
		       struct strbuf *out)
{
	strbuf_printf(out, "{\n  \"version\": %d,\n  ", DOCUMENT_VERSION);
	put_string(out, "verdict", check_verdict_name(check_report_verdict(report)));
	strbuf_puts(out, ",\n");
	put_time(out);
	put_host(out, host);
	strbuf_puts(out, "  \"checks\": [");
	for (size_t i = 0; i < report->count; i++) {
		strbuf_puts(out, i ? ",\n" : "\n");
		put_check(out, &report->results[i]);
	}
	strbuf_puts(out, report->count ? "\n  ]\n}\n" : "]\n}\n");
}
