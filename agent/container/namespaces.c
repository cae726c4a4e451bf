// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/path.h"
#include "internal.h"
#include "proto/message.h"

static const struct {
	const char *name, *alias; /* in specs */
	const char *proc_name;
} kinds[NAMESPACE_COUNT] = {
	[NAMESPACE_PID] = { "pid", "pid", "pid" },
	[NAMESPACE_MOUNT] = { "mount", "mnt", "mnt" },
	[NAMESPACE_IPC] = { "ipc", "ipc", "ipc" },
	[NAMESPACE_UTS] = { "uts", "uts", "uts" },
	[NAMESPACE_NETWORK] = { "network", "net", "net" },
	[NAMESPACE_CGROUP] = { "cgroup", "cgroup", "cgroup" },
	[NAMESPACE_USER] = { "user", "user", "user" },
};

static int find_kind(const char *type)
{
	for (int i = 0; i < NAMESPACE_COUNT; i++)
		if (strcmp(type, kinds[i].name) == 0 || strcmp(type, kinds[i].alias) == 0)
			return i;
	return -1;
}

/* How the workload, while it still has our /proc, gets at a descriptor of ours. */
static char *path_of_descriptor(int fd)
{
	return xasprintf("/proc/%d/fd/%d", getpid(), fd);
}

static void append(Grpc__Linux *settings, const char *type, char *path)
{
	Grpc__LinuxNamespace *entry = xmalloc(sizeof(*entry));
	size_t size = (settings->n_namespaces + 1) * sizeof(*settings->namespaces);

	grpc__linux_namespace__init(entry);
	entry->type = xstrdup(type);
	if (path)
		entry->path = path;
	settings->namespaces = xrealloc(settings->namespaces, size);
	settings->namespaces[settings->n_namespaces++] = entry;
}

/* The sandbox's shared one, if the spec asks for the kind. */
static void share(const struct container *container, Grpc__LinuxNamespace *entry, const char *name)
{
	if (container->settings->namespaces)
		proto_take_string(&entry->path, path_join(container->settings->namespaces, name));
}

/* Which one it is the sandbox decides, whatever the entry names (spec/agent.md 10.2). */
static bool is_the_sandboxs(int kind)
{
	return kind == NAMESPACE_IPC || kind == NAMESPACE_UTS || kind == NAMESPACE_PID;
}

/* The host has no business in naming a namespace of the guest: a path could be that of the agent's own. */
static int check_entries(const Grpc__Linux *settings, struct error **err)
{
	unsigned seen = 0;

	for (size_t i = 0; i < settings->n_namespaces; i++) {
		const Grpc__LinuxNamespace *entry = settings->namespaces[i];
		int kind = find_kind(entry->type);

		if (kind < 0)
			return error_set(err, -EINVAL, "no kind of namespaces is called %s",
					 entry->type);
		if (entry->path[0] && !is_the_sandboxs(kind))
			return error_set(err, -EINVAL,
					 "the %s namespace is named, %s; a container has the "
					 "guest's or a new one",
					 entry->type, entry->path);
		if (seen & 1u << kind)
			return error_set(err, -EINVAL, "two %s namespaces are asked for",
					 entry->type);
		seen |= 1u << kind;
	}
	return 0;
}

int container_assign_namespaces(struct container *container, int pid_namespace, struct error **err)
{
	Grpc__Linux *settings = container->spec->linux;
	bool has_pid = false;
	int ret = check_entries(settings, err);

	if (ret < 0)
		return ret;
	for (size_t i = 0; i < settings->n_namespaces; i++) {
		Grpc__LinuxNamespace *entry = settings->namespaces[i];
		int kind = find_kind(entry->type);

		if (kind == NAMESPACE_IPC || kind == NAMESPACE_UTS)
			share(container, entry, kinds[kind].name);
		if (kind != NAMESPACE_PID)
			continue;
		has_pid = true;
		proto_take_string(&entry->path, pid_namespace >= 0
							? path_of_descriptor(pid_namespace)
							: xstrdup(""));
	}
	if (!has_pid)
		append(settings, "pid",
		       pid_namespace >= 0 ? path_of_descriptor(pid_namespace) : NULL);
	return 0;
}

static bool is_ours(const struct container *container, int kind)
{
	const Grpc__Linux *settings = container->spec->linux;

	if (kind == NAMESPACE_CGROUP && cgroup_is_v2(container->cgroup))
		return true;
	for (size_t i = 0; i < settings->n_namespaces; i++)
		if (find_kind(settings->namespaces[i]->type) == kind)
			return true;
	return false;
}

int container_pin_namespaces(struct container *container, pid_t pid, struct error **err)
{
	for (int i = 0; i < NAMESPACE_COUNT; i++) {
		_cleanup_free_ char *path = xasprintf("/proc/%d/ns/%s", pid, kinds[i].proc_name);

		if (!is_ours(container, i))
			continue;
		container->namespaces[i] = open(path, O_RDONLY | O_CLOEXEC);
		if (container->namespaces[i] < 0)
			return error_set_errno(err, -errno, "open %s", path);
	}
	return 0;
}

void container_joining_namespaces(const struct container *container, Grpc__Linux *settings)
{
	for (int i = 0; i < NAMESPACE_COUNT; i++)
		if (container->namespaces[i] >= 0)
			append(settings, kinds[i].name,
			       path_of_descriptor(container->namespaces[i]));
}
