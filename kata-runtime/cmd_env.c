// SPDX-License-Identifier: Apache-2.0
/*
 * `env`: what is configured and what the host is, for people and for scripts (spec/kata-runtime.md 8). What cannot
 * be found out is told on stderr and makes the exit status 1; the rest is shown nevertheless.
 */
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/semver.h"
#include "base/subprocess.h"
#include "build.h"
#include "check/check.h"
#include "config/kernel_params.h"
#include "env_document.h"
#include "host/cpu.h"
#include "host/host.h"
#include "host_checks.h"
#include "kata-runtime.h"

#define ENV_FORMAT_VERSION     "1.0.27"
#define VMM_VERSION_TIMEOUT_MS 10000
#define MAX_SELF_PATH	       4096

struct env_options {
	bool json;
};

static const struct cli_option options[] = {
	{ CLI_BOOL("json", struct env_options, json), .help = "Format output as JSON" },
	{ 0 },
};

struct env {
	struct env_document document;
	const struct config *all;    /* whatever became of reading it */
	const struct config *config; /* the same, or NULL when it could not be read */
	struct string_list protections;
	size_t problems; /* told so far */
};

/* Tell of a problem, and go on without what it took away. */
static void tell(struct env *env, const struct error *err)
{
	runtime_report(error_message(err));
	env->problems++;
}

/* ---- configured values ------------------------------------------------------------------------- */

static bool is_used(const struct config *config, enum config_key key)
{
	return config_key_used_by(key, config->dialect, config->hypervisor) ||
	       config_key_forced(key, config->dialect, config->hypervisor);
}

/* A value as it is configured, empty where the hypervisor has no use for the key. */
static void add_key(struct env *env, const char *path, enum env_type type, enum config_key key)
{
	const struct config *config = env->config;
	bool used = is_used(config, key);

	switch (type) {
	case ENV_STRING:
		env_add_string(&env->document, path, used ? config_string(config, key) : "");
		break;
	case ENV_BOOL:
		env_add_bool(&env->document, path, used && config_bool(config, key));
		break;
	case ENV_NUMBER:
		env_add_number(&env->document, path, used ? config_u64(config, key) : 0);
		break;
	case ENV_LIST:
		used = used && config_is_set(config, key);
		env_add_list(&env->document, path, used ? config_list(config, key) : NULL);
		break;
	}
}

static void add_kernel_parameters(struct env *env)
{
	_cleanup_string_list_ struct string_list parameters = { 0 };
	_cleanup_free_ char *line = NULL;
	_cleanup_error_ struct error *err = NULL;

	if (config_kernel_params(env->config, &parameters, &err) < 0)
		tell(env, err);
	line = string_list_join(&parameters, " ");
	env_add_string(&env->document, "Kernel.Parameters", line);
}

/* ---- the hypervisor ---------------------------------------------------------------------------- */

/* What the VMM says of itself; a VMM that cannot say it is no problem of ours. */
static void add_vmm_version(struct env *env)
{
	const char *path = is_used(env->config, CONFIG_HYPERVISOR_PATH)
				   ? config_string(env->config, CONFIG_HYPERVISOR_PATH)
				   : "";
	const char *argv[] = { path, "--version", NULL };
	_cleanup_subprocess_ struct subprocess process = {
		.argv = argv,
		.timeout_ms = VMM_VERSION_TIMEOUT_MS,
	};
	_cleanup_error_ struct error *ignored = NULL;
	_cleanup_free_ char *version = NULL;

	if (path[0] && subprocess_run(&process, &ignored) == 0 && process.status == 0)
		version = slice_dup(slice_trim(strbuf_view(&process.out)));
	env_add_string(&env->document, "Hypervisor.Version", version ? version : RUNTIME_UNKNOWN);
	env_add_string(&env->document, "Hypervisor.Path", path);
}

/* Where the hypervisor's socket for a sandbox will be; only root's place is known. */
static void add_socket_path(struct env *env)
{
	_cleanup_free_ char *path = NULL;
	const char *shown = RUNTIME_UNKNOWN;

	if (geteuid() == 0)
		switch (env->config->hypervisor) {
		case CONFIG_CLH:
			shown = "/run/vc/vm/{ID}/clh.sock";
			break;
		case CONFIG_FIRECRACKER:
			path = xasprintf(
				"/run/vc/%s/{ID}/root/kata.hvsock",
				path_name(config_string(env->config, CONFIG_HYPERVISOR_PATH)));
			shown = path;
			break;
		case CONFIG_QEMU:
		case CONFIG_STRATOVIRT:
		case CONFIG_DRAGONBALL:
			shown = "";
			break;
		default:
			break;
		}
	env_add_string(&env->document, "Hypervisor.SocketPath", shown);
}

/* ---- the runtime ------------------------------------------------------------------------------- */

static void add_version_number(struct env *env, const char *path, struct slice digits)
{
	_cleanup_free_ char *text = slice_dup(digits);

	env_add_number(&env->document, path, strtoull(text, NULL, 10));
}

static void add_version(struct env *env)
{
	_cleanup_error_ struct error *ignored = NULL; /* shown as unknown */
	struct semver version = { .major = slice_of("0"), slice_of("0"), slice_of("0") };
	bool valid = semver_parse(slice_of(KATA_VERSION), &version, &ignored) == 0;

	env_add_string(&env->document, "Runtime.Version.OCI", RUNTIME_OCI_VERSION);
	env_add_string(&env->document, "Runtime.Version.Version.Semver",
		       valid ? KATA_VERSION : RUNTIME_UNKNOWN);
	env_add_string(&env->document, "Runtime.Version.Version.Commit", KATA_COMMIT);
	add_version_number(env, "Runtime.Version.Version.Major", version.major);
	add_version_number(env, "Runtime.Version.Version.Minor", version.minor);
	add_version_number(env, "Runtime.Version.Version.Patch", version.patch);
}

static void add_config_path(struct env *env)
{
	env_add_string(&env->document, "Runtime.Config.Path", env->config->path);
}

static void add_self(struct env *env)
{
	char self[MAX_SELF_PATH] = "";
	ssize_t size = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[size > 0 ? size : 0] = '\0';
	env_add_string(&env->document, "Runtime.Path", self);
}

/* There are no experimental features to enable. */
static void add_experimental(struct env *env)
{
	env_add_list(&env->document, "Runtime.Experimental", NULL);
}

/* ---- the host ---------------------------------------------------------------------------------- */

static void add_kernel(struct env *env)
{
	_cleanup_error_ struct error *err = NULL;
	_cleanup_free_ char *release = NULL;

	if (host_kernel_release(&host_here, &release, &err) < 0)
		tell(env, err);
	env_add_string(&env->document, "Host.Kernel", release);
	env_add_string(&env->document, "Host.Architecture", host_arch_name(host_here.arch));
}

static void add_distro(struct env *env)
{
	struct host_distro distro;

	host_distro_read(&host_here, &distro);
	env_add_string(&env->document, "Host.Distro.Name",
		       distro.name ? distro.name : RUNTIME_UNKNOWN);
	env_add_string(&env->document, "Host.Distro.Version",
		       distro.version ? distro.version : RUNTIME_UNKNOWN);
	host_distro_release(&distro);
}

static void add_cpu(struct env *env)
{
	_cleanup_error_ struct error *err = NULL;
	struct host_cpu_identity identity = { 0 };
	struct host_cpuinfo cpuinfo;
	int ret;

	ret = host_cpuinfo_read(&host_here, &cpuinfo, &err);
	if (ret == 0)
		ret = host_cpu_identify(&host_here, &cpuinfo, &identity, &err);
	if (ret < 0)
		tell(env, err);
	env_add_string(&env->document, "Host.CPU.Vendor", identity.vendor);
	env_add_string(&env->document, "Host.CPU.Model", identity.model);
	env_add_number(&env->document, "Host.CPU.CPUs", host_cpu_usable());
	host_cpu_identity_release(&identity);
	host_cpuinfo_release(&cpuinfo);
}

static void add_memory(struct env *env)
{
	_cleanup_error_ struct error *ignored = NULL; /* shown as zeros */
	struct host_memory memory = { 0 };

	host_memory_read(&host_here, &memory, &ignored);
	env_add_number(&env->document, "Host.Memory.Total", memory.total_kib);
	env_add_number(&env->document, "Host.Memory.Free", memory.free_kib);
	env_add_number(&env->document, "Host.Memory.Available", memory.available_kib);
}

static void leave_kvm_alone(const struct host *host, unsigned timeout_ms, struct host_kvm *kvm)
{
	(void)host;
	(void)timeout_ms;
	*kvm = (struct host_kvm){ 0 };
}

/* Would a virtual CPU that runs guest code make up for everything that failed? */
static bool kvm_decides(const struct check_report *report)
{
	bool decides = false;

	for (size_t i = 0; i < report->count; i++) {
		const struct check_result *result = &report->results[i];

		if (result->check->group != CHECK_CAPABILITY || result->status != CHECK_FAIL)
			continue;
		if (!result->check->proven_by_run)
			return false;
		decides = true;
	}
	return decides;
}

/*
 * The verdict of `check`, with its records in the log; as for `check`, root loads missing modules. A VM is made only
 * where it can change the verdict, since that takes time.
 */
static bool is_capable(const struct config *config)
{
	struct check_report report = { 0 };
	struct check_options check_options;
	bool capable;

	host_checks_options(config, &check_options);
	check_options.probe_kvm = leave_kvm_alone;
	check_host(&check_options, &report);
	if (kvm_decides(&report)) {
		check_report_release(&report);
		report = (struct check_report){ 0 };
		check_options.probe_kvm = NULL;
		check_host(&check_options, &report);
	}
	capable = check_report_group_passed(&report, CHECK_CAPABILITY);
	host_checks_log(&report, CHECK_CAPABILITY);
	check_report_release(&report);
	return capable;
}

static void add_capable(struct env *env)
{
	env_add_bool(&env->document, "Host.VMContainerCapable", is_capable(env->all));
}

static void add_protections(struct env *env)
{
	const char *protection = host_guest_protection(&host_here);

	if (protection)
		string_list_add(&env->protections, protection);
	env_add_list(&env->document, "Host.AvailableGuestProtections",
		     protection ? &env->protections : NULL);
}

static void add_vsock(struct env *env)
{
	env_add_bool(&env->document, "Host.SupportVSocks", path_exists("/dev/vhost-vsock"));
}

/* ---- the whole --------------------------------------------------------------------------------- */

static void add_format_version(struct env *env)
{
	env_add_string(&env->document, "Meta.Version", ENV_FORMAT_VERSION);
}

/* What is shown, in order: values of the configuration, and facts from functions, some of the configuration too. */
/* clang-format off */
#define VALUE(path_, type_, key_) { .path = (path_), .type = (type_), .key = (key_) }
#define FACT(function)            { .add = (function) }
#define CONFIGURED(function)      { .add = (function), .configured = true }
/* clang-format on */
static const struct row {
	const char *path;
	enum env_type type;
	enum config_key key;
	void (*add)(struct env *env);
	bool configured;
} rows[] = {
	VALUE("Kernel.Path", ENV_STRING, CONFIG_HYPERVISOR_KERNEL),
	CONFIGURED(add_kernel_parameters),
	FACT(add_format_version),
	VALUE("Image.Path", ENV_STRING, CONFIG_HYPERVISOR_IMAGE),
	VALUE("Initrd.Path", ENV_STRING, CONFIG_HYPERVISOR_INITRD),
	VALUE("Hypervisor.MachineType", ENV_STRING, CONFIG_HYPERVISOR_MACHINE_TYPE),
	CONFIGURED(add_vmm_version),
	VALUE("Hypervisor.BlockDeviceDriver", ENV_STRING, CONFIG_HYPERVISOR_BLOCK_DEVICE_DRIVER),
	VALUE("Hypervisor.EntropySource", ENV_STRING, CONFIG_HYPERVISOR_ENTROPY_SOURCE),
	VALUE("Hypervisor.SharedFS", ENV_STRING, CONFIG_HYPERVISOR_SHARED_FS),
	VALUE("Hypervisor.VirtioFSDaemon", ENV_STRING, CONFIG_HYPERVISOR_VIRTIO_FS_DAEMON),
	CONFIGURED(add_socket_path),
	VALUE("Hypervisor.Msize9p", ENV_NUMBER, CONFIG_HYPERVISOR_MSIZE_9P),
	VALUE("Hypervisor.MemorySlots", ENV_NUMBER, CONFIG_HYPERVISOR_MEMORY_SLOTS),
	VALUE("Hypervisor.HotPlugVFIO", ENV_STRING, CONFIG_HYPERVISOR_HOT_PLUG_VFIO),
	VALUE("Hypervisor.ColdPlugVFIO", ENV_STRING, CONFIG_HYPERVISOR_COLD_PLUG_VFIO),
	VALUE("Hypervisor.PCIeRootPort", ENV_NUMBER, CONFIG_HYPERVISOR_PCIE_ROOT_PORT),
	VALUE("Hypervisor.PCIeSwitchPort", ENV_NUMBER, CONFIG_HYPERVISOR_PCIE_SWITCH_PORT),
	VALUE("Hypervisor.Debug", ENV_BOOL, CONFIG_HYPERVISOR_ENABLE_DEBUG),
	VALUE("Hypervisor.SecurityInfo.Rootless", ENV_BOOL, CONFIG_HYPERVISOR_ROOTLESS),
	VALUE("Hypervisor.SecurityInfo.DisableSeccomp", ENV_BOOL,
	      CONFIG_HYPERVISOR_DISABLE_SECCOMP),
	VALUE("Hypervisor.SecurityInfo.GuestHookPath", ENV_STRING,
	      CONFIG_HYPERVISOR_GUEST_HOOK_PATH),
	VALUE("Hypervisor.SecurityInfo.EnableAnnotations", ENV_LIST,
	      CONFIG_HYPERVISOR_ENABLE_ANNOTATIONS),
	VALUE("Hypervisor.SecurityInfo.ConfidentialGuest", ENV_BOOL,
	      CONFIG_HYPERVISOR_CONFIDENTIAL_GUEST),
	CONFIGURED(add_config_path),
	FACT(add_self),
	VALUE("Runtime.GuestSeLinuxLabel", ENV_STRING, CONFIG_RUNTIME_GUEST_SELINUX_LABEL),
	FACT(add_experimental),
	FACT(add_version),
	VALUE("Runtime.Debug", ENV_BOOL, CONFIG_RUNTIME_ENABLE_DEBUG),
	VALUE("Runtime.Trace", ENV_BOOL, CONFIG_RUNTIME_ENABLE_TRACING),
	VALUE("Runtime.DisableGuestSeccomp", ENV_BOOL, CONFIG_RUNTIME_DISABLE_GUEST_SECCOMP),
	VALUE("Runtime.DisableNewNetNs", ENV_BOOL, CONFIG_RUNTIME_DISABLE_NEW_NETNS),
	VALUE("Runtime.SandboxCgroupOnly", ENV_BOOL, CONFIG_RUNTIME_SANDBOX_CGROUP_ONLY),
	FACT(add_protections),
	FACT(add_kernel),
	FACT(add_distro),
	FACT(add_cpu),
	FACT(add_memory),
	FACT(add_capable),
	FACT(add_vsock),
	VALUE("Agent.Debug", ENV_BOOL, CONFIG_AGENT_ENABLE_DEBUG),
	VALUE("Agent.Trace", ENV_BOOL, CONFIG_AGENT_ENABLE_TRACING),
};

static void collect(struct env *env)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];

		if (!env->config && (row->configured || row->key))
			continue;
		if (row->key)
			add_key(env, row->path, row->type, row->key);
		else
			row->add(env);
	}
}

static int run(const struct cli_invocation *invocation, struct error **err)
{
	const struct env_options *given = invocation->options;
	const struct config *config = runtime_config(invocation);
	_cleanup_error_ struct error *verdict = NULL;
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	struct env env = { .all = config, .config = config->is_read ? config : NULL };

	(void)err;
	if (config_verdict(config, &verdict) < 0)
		tell(&env, verdict);
	collect(&env);
	if (given->json)
		env_write_json(&env.document, &text);
	else
		env_write_toml(&env.document, &text);
	fputs(text.data, stdout);
	env_document_release(&env.document);
	string_list_release(&env.protections);
	return env.problems ? 1 : 0;
}

const struct cli_command cmd_env = {
	.name = "env",
	.aliases = "kata-env",
	.help = "display settings. Default to TOML",
	.options = options,
	.options_size = sizeof(struct env_options),
	.traits = RUNTIME_EXAMINES_CONFIGURATION | RUNTIME_NO_SYSLOG_ALONE,
	.run = run,
};
