// SPDX-License-Identifier: Apache-2.0
#include "cpu.h"

#include <errno.h>
#include <sched.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"

#define MAX_AFFINITY_CPUS ((size_t)1 << 20)

/* What differs between the architectures' texts. NULL: this architecture's file has no such line. */
static const struct {
	const char *flags;
	const char *vendor;
	const char *vendor_fallback;
	const char *model;
	const char *model_fallback;
} formats[HOST_ARCH_COUNT] = {
	[HOST_ARCH_AMD64] = { .flags = "flags", .vendor = "vendor_id", .model = "model name" },
	[HOST_ARCH_ARM64] = { .flags = "Features",
			      .vendor = "CPU implementer",
			      .model = "CPU architecture" },
	[HOST_ARCH_PPC64LE] = { .model = "model" },
	[HOST_ARCH_S390X] = { .flags = "features", .vendor = "vendor_id" },
	/* Kernels write mvendorid; the other spelling is the one the existing tools look for. */
	[HOST_ARCH_RISCV64] = { .flags = "isa",
				.vendor = "mvendorid",
				.vendor_fallback = "mvenderid",
				.model = "marchid",
				.model_fallback = "processor" },
};

/* The text up to its first empty line, without white space around it. */
static struct slice first_block(struct slice whole)
{
	struct slice rest = whole, line;

	while (slice_next_line(&rest, &line))
		if (slice_trim(line).size == 0)
			return slice_trim(slice_make(whole.data, (size_t)(line.data - whole.data)));
	return slice_trim(whole);
}

int host_cpuinfo_read(const struct host *host, struct host_cpuinfo *cpuinfo, struct error **err)
{
	_cleanup_free_ char *path = path_join(host->proc, "cpuinfo");
	_cleanup_free_ char *text = NULL;
	size_t size = 0;
	int ret;

	*cpuinfo = (struct host_cpuinfo){ .arch = host->arch, .text = NULL };
	cpuinfo->whole = cpuinfo->block = slice_of("");
	ret = file_read_all(path, HOST_CPUINFO_MAX_BYTES, &text, &size, err);
	if (ret < 0)
		return ret;
	if (first_block(slice_make(text, size)).size == 0)
		return error_set(err, -ENODATA,
				 "Cannot determine CPU details: %s is empty; do not hide it from "
				 "this process",
				 path);
	cpuinfo->text = steal(text);
	cpuinfo->whole = slice_make(cpuinfo->text, size);
	cpuinfo->block = first_block(cpuinfo->whole);
	return 0;
}

void host_cpuinfo_release(struct host_cpuinfo *cpuinfo)
{
	free(cpuinfo->text);
	cpuinfo->text = NULL;
	cpuinfo->whole = cpuinfo->block = slice_of("");
}

/* The value of a "name : value" line. False if the line has no colon. */
static bool line_value(struct slice line, struct slice *value)
{
	struct slice name;

	if (!slice_next_field(&line, ':', &name) || !slice_next_field(&line, ':', value))
		return false;
	*value = slice_trim(*value);
	return true;
}

static struct slice last_value(struct slice text, const char *prefix)
{
	struct slice line, value, found = slice_of("");

	while (prefix && slice_next_line(&text, &line))
		if (slice_starts_with(line, prefix) && line_value(line, &value))
			found = value;
	return found;
}

struct slice host_cpuinfo_value(const struct host_cpuinfo *cpuinfo, const char *prefix)
{
	return last_value(cpuinfo->block, prefix);
}

struct slice host_cpuinfo_flags(const struct host_cpuinfo *cpuinfo)
{
	const char *tag = formats[cpuinfo->arch].flags;
	struct slice rest = cpuinfo->block, line, value;

	while (tag && slice_next_line(&rest, &line))
		if (slice_starts_with(line, tag))
			return line_value(line, &value) ? value : slice_of("");
	return slice_of("");
}

bool host_cpuinfo_in_vm(const struct host_cpuinfo *cpuinfo)
{
	return cpuinfo->arch == HOST_ARCH_AMD64 &&
	       slice_contains_word(host_cpuinfo_flags(cpuinfo), "hypervisor");
}

unsigned host_cpuinfo_count(const struct host_cpuinfo *cpuinfo)
{
	struct slice rest = cpuinfo->whole, line;
	unsigned count = 0;

	while (slice_next_line(&rest, &line))
		count += slice_starts_with(line, "processor");
	return count;
}

unsigned host_cpu_usable(void)
{
	/* The kernel refuses a mask that is smaller than its own: try larger ones. */
	for (size_t cpus = 1024; cpus <= MAX_AFFINITY_CPUS; cpus *= 4) {
		size_t size = CPU_ALLOC_SIZE(cpus);
		_cleanup_free_ cpu_set_t *set = xcalloc(1, size);

		if (sched_getaffinity(0, size, set) == 0)
			return (unsigned)CPU_COUNT_S(size, set);
		if (errno != EINVAL)
			break;
	}
	return 1;
}

enum host_cpu_vendor host_cpuinfo_vendor(const struct host_cpuinfo *cpuinfo)
{
	static const struct {
		const char *id;
		enum host_cpu_vendor vendor;
	} vendors[] = {
		{ "GenuineIntel", HOST_CPU_INTEL },
		{ "AuthenticAMD", HOST_CPU_AMD },
		{ "HygonGenuine", HOST_CPU_AMD },
	};
	struct slice id = host_cpuinfo_value(cpuinfo, "vendor_id");

	if (cpuinfo->arch != HOST_ARCH_AMD64)
		return HOST_CPU_OTHER;
	for (size_t i = 0; i < ARRAY_SIZE(vendors); i++)
		if (slice_is(id, vendors[i].id))
			return vendors[i].vendor;
	return HOST_CPU_OTHER;
}

static const char *arm64_vendor(struct slice implementer)
{
	return slice_is(implementer, "0x41") ? "ARM Limited" : "3rd Party Limited";
}

static const char *arm64_model(struct slice architecture)
{
	static const char *const models[][2] = {
		{ "8", "v8" },	   { "7", "v7" },     { "7M", "v7" },	 { "?(12)", "v7" },
		{ "?(13)", "v7" }, { "?(14)", "v7" }, { "?(15)", "v7" }, { "?(16)", "v7" },
		{ "?(17)", "v7" }, { "6", "v6" },     { "6TEJ", "v6" },	 { "5", "v5" },
		{ "5T", "v5" },	   { "5TE", "v5" },   { "5TEJ", "v5" },	 { "4", "v4" },
		{ "4T", "v4" },	   { "3", "v3" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(models); i++)
		if (slice_is(architecture, models[i][0]))
			return models[i][1];
	return "unknown";
}

/* "processor 0: version = FF,  identification = 0133E8,  machine = 2964" gives "2964". */
static struct slice s390x_machine(struct slice block)
{
	struct slice line, part, name, value, found = slice_of("");

	while (slice_next_line(&block, &line)) {
		if (!slice_starts_with(line, "processor") || !slice_next_field(&line, ',', &part) ||
		    !slice_next_field(&line, ',', &part) || !slice_next_field(&line, ',', &part))
			continue;
		if (slice_next_field(&part, '=', &name) && slice_next_field(&part, '=', &value))
			found = slice_trim(value);
	}
	return found;
}

static char *dup_unless_empty(struct slice value)
{
	return value.size ? slice_dup(value) : NULL;
}

static struct slice first_of(struct slice text, const char *prefix, const char *fallback)
{
	struct slice value = last_value(text, prefix);

	return value.size ? value : last_value(text, fallback);
}

static char *vendor_of(const struct host_cpuinfo *cpuinfo)
{
	struct slice value = first_of(cpuinfo->block, formats[cpuinfo->arch].vendor,
				      formats[cpuinfo->arch].vendor_fallback);

	if (cpuinfo->arch == HOST_ARCH_PPC64LE)
		return xstrdup("");
	if (cpuinfo->arch == HOST_ARCH_ARM64 && value.size)
		return xstrdup(arm64_vendor(value));
	return dup_unless_empty(value);
}

static char *model_of(const struct host_cpuinfo *cpuinfo)
{
	const char *prefix = formats[cpuinfo->arch].model;
	struct slice value =
		first_of(cpuinfo->block, prefix, formats[cpuinfo->arch].model_fallback);

	switch (cpuinfo->arch) {
	case HOST_ARCH_ARM64:
		return value.size ? xstrdup(arm64_model(value)) : NULL;
	case HOST_ARCH_S390X:
		return dup_unless_empty(s390x_machine(cpuinfo->block));
	case HOST_ARCH_PPC64LE: /* the machine's model stands behind the last processor */
		return dup_unless_empty(value.size ? value : last_value(cpuinfo->whole, prefix));
	default:
		return dup_unless_empty(value);
	}
}

int host_cpu_identify(const struct host *host, const struct host_cpuinfo *cpuinfo,
		      struct host_cpu_identity *identity, struct error **err)
{
	const char *missing;

	identity->vendor = vendor_of(cpuinfo);
	identity->model = model_of(cpuinfo);
	missing = !identity->vendor ? "vendor" : !identity->model ? "model" : NULL;
	if (!missing)
		return 0;
	return error_set(err, -ENODATA, "cannot find %s field in file %s/cpuinfo", missing,
			 host->proc);
}

void host_cpu_identity_release(struct host_cpu_identity *identity)
{
	free(identity->vendor);
	free(identity->model);
	*identity = (struct host_cpu_identity){ 0 };
}

unsigned host_cpuinfo_power_generation(const struct host_cpuinfo *cpuinfo)
{
	static const char name[] = "POWER";
	struct slice rest = cpuinfo->whole;
	unsigned generation = 0;

	do {
		rest = slice_from(rest, slice_find_string(rest, name));
		rest = slice_from(rest, sizeof(name) - 1);
		while (rest.size && rest.data[0] >= '0' && rest.data[0] <= '9' &&
		       generation < 100) {
			generation = generation * 10 + (unsigned)(rest.data[0] - '0');
			rest = slice_from(rest, 1);
		}
	} while (generation == 0 && rest.size);
	return generation;
}
