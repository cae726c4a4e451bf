// SPDX-License-Identifier: Apache-2.0
#include "sizing.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>

#include "base/memory.h"
#include "base/number.h"
#include "model.h"

#define MIB	       (1024LL * 1024)
#define SHARES_PER_CPU 1024

#define POD(name) "io.kubernetes.cri.sandbox-" name

/* --- limits ----------------------------------------------------------------------------------------- */

/* runtime-rs looks past blanks. */
static struct slice number_text(struct slice value, enum config_dialect dialect)
{
	return dialect == CONFIG_RS ? slice_trim(value) : value;
}

static int64_t read_signed(const struct annotations *annotations, enum config_dialect dialect,
			   const char *name, struct string_list *unreadable)
{
	const struct slice *value = annotation_find(annotations, name);
	int64_t number = 0;

	if (!value || number_parse_i64(number_text(*value, dialect), &number) == 0)
		return number;
	string_list_add(unreadable, name);
	return 0;
}

static uint64_t read_unsigned(const struct annotations *annotations, enum config_dialect dialect,
			      const char *name, struct string_list *unreadable)
{
	const struct slice *value = annotation_find(annotations, name);
	uint64_t number = 0;

	if (!value || number_parse_u64(number_text(*value, dialect), &number) == 0)
		return number;
	string_list_add(unreadable, name);
	return 0;
}

void sizing_limits_of_pod(const struct annotations *annotations, enum config_dialect dialect,
			  struct sizing_limits *limits, struct string_list *unreadable)
{
	limits->period_us = read_unsigned(annotations, dialect, POD("cpu-period"), unreadable);
	limits->quota_us = read_signed(annotations, dialect, POD("cpu-quota"), unreadable);
	limits->shares = read_unsigned(annotations, dialect, POD("cpu-shares"), unreadable);
	limits->memory_bytes = read_signed(annotations, dialect, POD("memory"), unreadable);
}

/* --- workload --------------------------------------------------------------------------------------- */

void sizing_workload_of(const struct sizing_limits *limits, enum config_dialect dialect,
			struct sizing_workload *workload)
{
	uint64_t shared_cpus =
		limits->shares / SHARES_PER_CPU + (limits->shares % SHARES_PER_CPU != 0);

	workload->cpus = 0;
	if (limits->quota_us >= 0 && limits->period_us != 0)
		workload->cpus = (float)limits->quota_us / (float)limits->period_us;
	else if (limits->quota_us < 0 && dialect == CONFIG_GO)
		workload->cpus = (float)shared_cpus;
	workload->memory_mib =
		limits->memory_bytes < 0 ? 0 : (uint64_t)(limits->memory_bytes / MIB);
	/* Huge pages need an even number. */
	if (dialect == CONFIG_RS)
		workload->memory_mib += workload->memory_mib % 2;
}

/* --- machine ---------------------------------------------------------------------------------------- */

static int add_memory(uint64_t base, const struct sizing_workload *workload,
		      struct sizing_machine *machine, struct error **err)
{
	uint64_t sum;

	if (__builtin_add_overflow(base, workload->memory_mib, &sum) || sum > UINT32_MAX)
		return error_set(
			err, -ERANGE,
			"the sandbox's memory limit of %llu MiB is more than any machine has",
			(unsigned long long)workload->memory_mib);
	machine->memory_mib = sum;
	return 0;
}

static int set_most_cpus(struct sizing_machine *machine, struct error **err)
{
	if (machine->cpus > (float)INT32_MAX)
		return error_set(err, -ERANGE,
				 "the sandbox's CPU limit is more than any machine has");
	machine->most_cpus = (uint64_t)ceilf(machine->cpus);
	return 0;
}

static int apply_go(const struct sizing_workload *workload, struct sizing_machine *machine,
		    struct error **err)
{
	int ret = add_memory(machine->memory_mib, workload, machine, err);

	if (ret < 0)
		return ret;
	machine->cpus += workload->cpus;
	ret = set_most_cpus(machine, err);
	if (machine->most_cpus == 0)
		machine->most_cpus = 1;
	return ret;
}

static int apply_rs(const struct sizing_workload *workload, const char *hypervisor,
		    struct sizing_machine *machine, struct error **err)
{
	int ret;

	if (workload->cpus > 0 || workload->memory_mib > 0) {
		ret = add_memory(machine->overhead_memory_mib, workload, machine, err);
		if (ret < 0)
			return ret;
		machine->cpus = fmaxf(1, machine->overhead_cpus + workload->cpus);
		if (machine->most_memory_mib < machine->memory_mib)
			machine->most_memory_mib = machine->memory_mib;
	}
	if (machine->memory_mib == 0)
		return error_set(err, -EINVAL,
				 "computed sandbox memory is 0 MiB for hypervisor '%s'; set a "
				 "non-zero memory limit or configure non-zero "
				 "default_memory/overhead_memory",
				 hypervisor);
	return set_most_cpus(machine, err);
}

int sizing_apply(const struct sizing_workload *workload, enum config_dialect dialect,
		 const char *hypervisor, struct sizing_machine *machine, struct error **err)
{
	return dialect == CONFIG_RS ? apply_rs(workload, hypervisor, machine, err)
				    : apply_go(workload, machine, err);
}

/* --- configuration ---------------------------------------------------------------------------------- */

static struct sizing_machine machine_of(const struct config *config)
{
	return (struct sizing_machine){
		.cpus = (float)config_double(config, CONFIG_HYPERVISOR_DEFAULT_VCPUS),
		.overhead_cpus = (float)config_double(config, CONFIG_HYPERVISOR_OVERHEAD_VCPUS),
		.memory_mib = config_u64(config, CONFIG_HYPERVISOR_DEFAULT_MEMORY),
		.overhead_memory_mib = config_u64(config, CONFIG_HYPERVISOR_OVERHEAD_MEMORY),
		.most_cpus = config_u64(config, CONFIG_HYPERVISOR_DEFAULT_MAXVCPUS),
		.most_memory_mib = config_u64(config, CONFIG_HYPERVISOR_DEFAULT_MAXMEMORY),
	};
}

static void adjust(struct config *config, enum config_key key, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void adjust(struct config *config, enum config_key key, const char *format, ...)
{
	_cleanup_free_ char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	text = xvasprintf(format, arguments);
	va_end(arguments);
	config_adjust(config, key, text, "static_sandbox_resource_mgmt: limits of the containers");
}

int sizing_apply_to_config(struct config *config, const struct sizing_workload *workload,
			   struct error **err)
{
	struct sizing_machine machine = machine_of(config);
	int ret;

	if (!config_bool(config, CONFIG_RUNTIME_STATIC_SANDBOX_RESOURCE_MGMT))
		return 0;
	ret = sizing_apply(workload, config->dialect, config_hypervisor_name(config->hypervisor),
			   &machine, err);
	if (ret < 0)
		return ret;
	/* Nine digits say all that a float knows. */
	adjust(config, CONFIG_HYPERVISOR_DEFAULT_VCPUS, "%.9g", (double)machine.cpus);
	adjust(config, CONFIG_HYPERVISOR_DEFAULT_MAXVCPUS, "%" PRIu64, machine.most_cpus);
	adjust(config, CONFIG_HYPERVISOR_DEFAULT_MEMORY, "%" PRIu64, machine.memory_mib);
	adjust(config, CONFIG_HYPERVISOR_DEFAULT_MAXMEMORY, "%" PRIu64, machine.most_memory_mib);
	return 0;
}
