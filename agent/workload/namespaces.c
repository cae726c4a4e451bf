// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>

#include "base/memory.h"
#include "internal.h"

/* The order in which they are joined: what needs privilege before the user namespace, pid and mount last. */
static const struct kind {
	const char *name, *alias;
	int flag;
} kinds[] = {
	{ "ipc", "ipc", CLONE_NEWIPC },	    { "uts", "uts", CLONE_NEWUTS },
	{ "network", "net", CLONE_NEWNET }, { "cgroup", "cgroup", CLONE_NEWCGROUP },
	{ "pid", "pid", CLONE_NEWPID },	    { "user", "user", CLONE_NEWUSER },
	{ "mount", "mnt", CLONE_NEWNS },
};

static const struct kind *find_kind(const char *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (strcmp(type, kinds[i].name) == 0 || strcmp(type, kinds[i].alias) == 0)
			return &kinds[i];
	return NULL;
}

/* The spec's entry of a kind, or NULL. */
static const Grpc__LinuxNamespace *find_entry(const struct workload *w, const struct kind *kind)
{
	const Grpc__Linux *settings = w->spec->linux;

	for (size_t i = 0; i < settings->n_namespaces; i++)
		if (find_kind(settings->namespaces[i]->type) == kind)
			return settings->namespaces[i];
	return NULL;
}

static int join(const char *path, const struct kind *kind, struct error **err)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return error_set_errno(err, -errno, "open %s", path);
	if (setns(fd, kind->flag) < 0)
		return error_set_errno(err, -errno, "join the %s namespace %s", kind->name, path);
	return 0;
}

int workload_join_namespaces(struct workload *w, struct error **err)
{
	int make = 0;

	for (size_t i = 0; i < w->spec->linux->n_namespaces; i++)
		if (!find_kind(w->spec->linux->namespaces[i]->type))
			return error_set(err, -EINVAL, "no kind of namespaces is called %s",
					 w->spec->linux->namespaces[i]->type);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const Grpc__LinuxNamespace *entry = find_entry(w, &kinds[i]);
		int ret;

		if (!entry || (kinds[i].flag == CLONE_NEWNS && entry->path[0]))
			continue;
		if (!entry->path[0]) {
			make |= kinds[i].flag;
			continue;
		}
		ret = join(entry->path, &kinds[i], err);
		if (ret < 0)
			return ret;
	}
	w->new_user_namespace = make & CLONE_NEWUSER;
	w->new_uts_namespace = make & CLONE_NEWUTS;
	w->new_mount_namespace = make & CLONE_NEWNS;
	if (w->setup.cgroup_v2 && w->setup.is_init)
		make |= CLONE_NEWCGROUP;
	/* The kernel makes the user namespace first, and the others belong to it. */
	if (make && unshare(make) < 0)
		return error_set_errno(err, -errno, "make namespaces (0x%x)", (unsigned)make);
	return 0;
}

int workload_enter_mount_namespace(struct workload *w, struct error **err)
{
	const Grpc__LinuxNamespace *entry = find_entry(w, find_kind("mount"));

	if (entry && entry->path[0])
		return join(entry->path, find_kind("mount"), err);
	if (!w->new_mount_namespace)
		return 0;
	/* Nothing that is mounted from here on reaches the guest; unmounts in the guest reach us. */
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return error_set_errno(err, -errno, "keep the container's mounts to itself");
	return 0;
}
