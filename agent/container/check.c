// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <unistd.h>

#include "base/memory.h"
#include "internal.h"

struct facts {
	const Grpc__Spec *spec;
	const Grpc__Linux *settings;
};

static bool has_namespace(const struct facts *facts, const char *name, const char *alias)
{
	for (size_t i = 0; i < facts->settings->n_namespaces; i++)
		if (strcmp(facts->settings->namespaces[i]->type, name) == 0 ||
		    strcmp(facts->settings->namespaces[i]->type, alias) == 0)
			return true;
	return false;
}

static int check_hostname(const struct facts *facts, struct error **err)
{
	if (facts->spec->hostname[0] && !has_namespace(facts, "uts", "uts"))
		return error_set(err, -EINVAL, "Linux namespace does not contain uts");
	return 0;
}

static int check_paths(const struct facts *facts, struct error **err)
{
	bool has_paths = facts->settings->n_maskedpaths > 0 || facts->settings->n_readonlypaths > 0;

	if (has_paths && !has_namespace(facts, "mount", "mnt"))
		return error_set(err, -EINVAL, "Linux namespace does not contain mount");
	return 0;
}

static bool has_mapping(Grpc__LinuxIDMapping *const *mappings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (mappings[i]->size > 0)
			return true;
	return false;
}

static int check_user_namespace(const struct facts *facts, struct error **err)
{
	const Grpc__Linux *settings = facts->settings;

	if (!has_namespace(facts, "user", "user")) {
		if (settings->n_uidmappings > 0 || settings->n_gidmappings > 0)
			return error_set(err, -EINVAL,
					 "No user namespace, but uid or gid mapping exists");
		return 0;
	}
	if (!has_mapping(settings->uidmappings, settings->n_uidmappings) ||
	    !has_mapping(settings->gidmappings, settings->n_gidmappings))
		return error_set(err, -EINVAL, "No idmap has size > 0");
	return 0;
}

static int check_cgroup_namespace(const struct facts *facts, struct error **err)
{
	if (has_namespace(facts, "cgroup", "cgroup") && access("/proc/self/ns/cgroup", F_OK) < 0)
		return error_set(err, -ENOTSUP, "cgroup unsupported!");
	return 0;
}

/* A setting that is not a namespace's would be the whole guest's. */
static int check_sysctl(const struct facts *facts, const char *key, struct error **err)
{
	static const char *const ipc[] = {
		"kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem",
		"kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced",
	};
	bool is_ipc = slice_starts_with(slice_of(key), "fs.mqueue.");

	if (key[0] == '\0' || strchr(key, '/') || strstr(key, ".."))
		return error_set(err, -EINVAL, "Sysctl config contains invalid settings: %s", key);
	for (size_t i = 0; i < ARRAY_SIZE(ipc); i++)
		is_ipc |= strcmp(ipc[i], key) == 0;
	if (is_ipc && !has_namespace(facts, "ipc", "ipc"))
		return error_set(err, -EINVAL, "Linux namespace does not contain ipc");
	if (is_ipc || slice_starts_with(slice_of(key), "net."))
		return 0;
	if (strcmp(key, "kernel.hostname") == 0)
		return error_set(err, -EINVAL, "Kernel hostname specified in Spec");
	if (strcmp(key, "kernel.domainname") == 0 && has_namespace(facts, "uts", "uts"))
		return 0;
	return error_set(err, -EINVAL, "Sysctl config contains invalid settings: %s", key);
}

static int check_sysctls(const struct facts *facts, struct error **err)
{
	int ret = 0;

	for (size_t i = 0; i < facts->settings->n_sysctl && ret == 0; i++)
		ret = check_sysctl(facts, facts->settings->sysctl[i]->key, err);
	return ret;
}

/* SELinux labels would have to be applied to every mount and to exec; until they are, none is accepted. */
static int refuse_label(const char *label, struct error **err)
{
	if (label[0])
		return error_set(err, -ENOTSUP,
				 "the guest applies no SELinux labels; set disable_guest_selinux");
	return 0;
}

static int check_labels(const struct facts *facts, struct error **err)
{
	int ret = refuse_label(facts->settings->mountlabel, err);

	return ret < 0 ? ret : container_check_process(facts->spec->process, err);
}

int container_check_process(const Grpc__Process *process, struct error **err)
{
	return refuse_label(process->selinuxlabel, err);
}

static int (*const checks[])(const struct facts *facts, struct error **err) = {
	check_hostname,		check_paths,   check_user_namespace,
	check_cgroup_namespace, check_sysctls, check_labels,
};

int container_check_spec(const Grpc__Spec *spec, struct error **err)
{
	struct facts facts = { spec, spec->linux };
	int ret = 0;

	if (!spec->linux)
		return error_set(err, -EINVAL, "Unable to get Linux section from Spec");
	if (!spec->process)
		return error_set(err, -EINVAL, "the spec has no process");
	if (!spec->root || spec->root->path[0] != '/')
		return error_set(err, -EINVAL, "Path from \"%s\" does not exist or is not absolute",
				 spec->root ? spec->root->path : "");
	for (size_t i = 0; i < ARRAY_SIZE(checks) && ret == 0; i++)
		ret = checks[i](&facts, err);
	return ret;
}
