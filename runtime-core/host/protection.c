// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "cpu.h"
#include "host.h"
#include "kvm.h"
#include "module.h"

#define COMMAND_LINE_MAX_BYTES 65536

/* Not (yet) in the kernel's headers; the number of the Arm CCA patches. */
#define KVM_CAP_ARM_RME 240

/* The facility "ultravisor call", which a host for IBM Secure Execution has. */
#define FACILITY_SECURE_EXECUTION "158"

static bool parameter_is_yes(const struct host *host, const char *module, const char *parameter)
{
	/* No such module or parameter: no such protection. */
	_cleanup_error_ struct error *ignored = NULL;
	_cleanup_free_ char *value = NULL;

	return host_module_parameter(host, module, parameter, &value, &ignored) == 0 &&
	       value[0] == 'Y';
}

static bool has_tdx(const struct host *host)
{
	return parameter_is_yes(host, "kvm_intel", "tdx");
}

static bool has_snp(const struct host *host)
{
	return parameter_is_yes(host, "kvm_amd", "sev_snp");
}

static bool has_cca(const struct host *host)
{
	return host_kvm_extension(host, KVM_CAP_ARM_RME) == 1;
}

static bool has_pef(const struct host *host)
{
	_cleanup_free_ char *path = path_join(host->sys, "firmware/ultravisor");
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* "prot_virt=1" on the kernel's command line, or one of the other words for yes. */
static bool command_line_enables_se(const struct host *host)
{
	static const char *const yes[] = { "1", "on", "y", "yes" };
	_cleanup_free_ char *path = path_join(host->proc, "cmdline");
	_cleanup_free_ char *text = NULL;
	_cleanup_error_ struct error *ignored = NULL;
	struct slice rest, word, name;

	if (file_read_all(path, COMMAND_LINE_MAX_BYTES, &text, NULL, &ignored) < 0)
		return false;
	rest = slice_of(text);
	while (slice_next_word(&rest, &word)) {
		if (!slice_next_field(&word, '=', &name) || !slice_is(name, "prot_virt") ||
		    !word.data)
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(yes); i++)
			if (word.size == strlen(yes[i]) &&
			    strncasecmp(word.data, yes[i], word.size) == 0)
				return true;
	}
	return false;
}

static bool has_se(const struct host *host)
{
	_cleanup_(host_cpuinfo_release) struct host_cpuinfo cpuinfo;
	_cleanup_error_ struct error *ignored = NULL;

	return host_cpuinfo_read(host, &cpuinfo, &ignored) == 0 &&
	       slice_contains_word(host_cpuinfo_value(&cpuinfo, "facilities"),
				   FACILITY_SECURE_EXECUTION) &&
	       command_line_enables_se(host);
}

/* In the order of preference. */
static const struct {
	enum host_arch arch;
	bool (*offers)(const struct host *host);
	const char *name;
} protections[] = {
	{ HOST_ARCH_AMD64, has_tdx, "tdx" }, { HOST_ARCH_AMD64, has_snp, "snp" },
	{ HOST_ARCH_ARM64, has_cca, "cca" }, { HOST_ARCH_PPC64LE, has_pef, "pef" },
	{ HOST_ARCH_S390X, has_se, "se" },
};

const char *host_guest_protection(const struct host *host)
{
	for (size_t i = 0; i < ARRAY_SIZE(protections); i++)
		if (protections[i].arch == host->arch && protections[i].offers(host))
			return protections[i].name;
	return NULL;
}
