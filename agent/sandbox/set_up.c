// SPDX-License-Identifier: Apache-2.0
/* CreateSandbox's steps that touch the guest (spec/agent.md 6.1, 10.1). They run in a job's thread. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/container/tree.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "sandbox.h"

#define MAX_HOSTNAME 64

/* ---- namespaces that all containers share ------------------------------------------------------ */

static int bind_namespace(const char *name, struct error **err)
{
	_cleanup_free_ char *target = path_join(SANDBOX_NAMESPACES, name);
	_cleanup_free_ char *source = xasprintf("/proc/thread-self/ns/%s", name);
	_cleanup_close_ int fd = -1;
	int ret = directory_make_all(SANDBOX_NAMESPACES, 0755, err);

	if (ret < 0)
		return ret;
	/* That of an earlier sandbox. */
	while (umount2(target, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
		;
	fd = open(target, O_CREAT | O_RDONLY | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_set_errno(err, -errno, "make %s", target);
	if (mount(source, target, NULL, MS_BIND, NULL) < 0)
		return error_set_errno(err, -errno, "keep the %s namespace at %s", name, target);
	return 0;
}

/* The thread leaves its namespaces, and has them back when it is done. */
static int make_namespaces(const char *hostname, struct error **err)
{
	_cleanup_close_ int ipc = open("/proc/thread-self/ns/ipc", O_RDONLY | O_CLOEXEC);
	_cleanup_close_ int uts = open("/proc/thread-self/ns/uts", O_RDONLY | O_CLOEXEC);
	size_t length = strlen(hostname);
	int ret;

	if (ipc < 0 || uts < 0)
		return error_set_errno(err, -errno, "open our own namespaces");
	if (unshare(CLONE_NEWIPC | CLONE_NEWUTS) < 0)
		return error_set_errno(err, -errno, "make the sandbox's namespaces");
	ret = bind_namespace("ipc", err);
	if (ret == 0)
		ret = bind_namespace("uts", err);
	if (ret == 0 && length > 0 &&
	    sethostname(hostname, length < MAX_HOSTNAME ? length : MAX_HOSTNAME) < 0)
		ret = error_set_errno(err, -errno, "set the host name to %s", hostname);
	if ((setns(ipc, CLONE_NEWIPC) < 0 || setns(uts, CLONE_NEWUTS) < 0) && ret == 0)
		ret = error_set_errno(err, -errno, "return to our own namespaces");
	return ret;
}

/* ---- files of the guest ------------------------------------------------------------------------ */

/* A file that is mounted and removed is an earlier sandbox's; nothing can be mounted on it. */
static int find_file(const char *path, struct stat *status)
{
	int ret;

	do
		ret = stat(path, status);
	while (ret == 0 && status->st_nlink == 0 && umount2(path, MNT_DETACH) == 0);
	return ret;
}

/* Mount a file of the sandbox's over one of the guest's. A guest that has none goes without. */
static int cover_file(const char *path, const char *text, size_t size, struct error **err)
{
	_cleanup_free_ char *own = path_join(SANDBOX_BASE "/sandbox", path_name(path));
	struct stat status;
	int ret;

	if (find_file(path, &status) < 0)
		return 0;
	if (S_ISDIR(status.st_mode))
		return error_set(err, -EISDIR, "%s is a directory", path);
	ret = directory_make_all(SANDBOX_BASE "/sandbox", 0755, err);
	if (ret == 0)
		ret = file_replace(own, text, size, 0644, err);
	if (ret == 0 && mount(own, path, NULL, MS_BIND, NULL) < 0)
		ret = error_set_errno(err, -errno, "mount %s", path);
	return ret;
}

static int set_dns(char *const *lines, size_t count, struct error **err)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	if (count == 0)
		return 0;
	for (size_t i = 0; i < count; i++) {
		strbuf_slice(&text, slice_trim(slice_of(lines[i])));
		strbuf_putc(&text, '\n');
	}
	return cover_file("/etc/resolv.conf", text.data, text.size, err);
}

/* ---- who the guest is -------------------------------------------------------------------------- */

/* A random UUID without its dashes, as systemd makes one. */
static int set_machine_id(struct error **err)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	unsigned char id[16];

	if (getrandom(id, sizeof(id), 0) != sizeof(id))
		return error_set_errno(err, -errno, "get random bytes");
	id[6] = (id[6] & 0x0f) | 0x40;
	id[8] = (id[8] & 0x3f) | 0x80;
	for (size_t i = 0; i < sizeof(id); i++)
		strbuf_printf(&text, "%02x", id[i]);
	strbuf_putc(&text, '\n');
	return cover_file("/etc/machine-id", text.data, text.size, err);
}

/*
 * Guests that go on from one snapshot have all that was there before in common, so that a guest gets its
 * name and its id only now, and not when it boots (spec/runtime-core.md 18.1). A guest with an init of its own has both
 * from that.
 */
static int take_identity(const char *hostname, struct error **err)
{
	size_t length = strlen(hostname);

	if (length > 0 && sethostname(hostname, length < MAX_HOSTNAME ? length : MAX_HOSTNAME) < 0)
		return error_set_errno(err, -errno, "set the guest's host name to %s", hostname);
	return set_machine_id(err);
}

int sandbox_set_up(struct sandbox *sandbox, const Grpc__CreateSandboxRequest *request,
		   struct error **err)
{
	/* Those of an earlier request, which its directories would not survive. */
	int ret = storages_release(sandbox->storages, &sandbox->storages_held, err);

	if (ret == 0)
		ret = tree_remove(SANDBOX_BASE, err);
	if (ret == 0)
		ret = directory_make_all(SANDBOX_BASE, 0755, err);
	if (ret == 0)
		ret = make_namespaces(request->hostname, err);
	if (ret == 0 && sandbox->is_init)
		ret = take_identity(request->hostname, err);
	if (ret == 0)
		ret = storages_attach(sandbox->storages, NULL, request->storages,
				      request->n_storages, &sandbox->storages_held, err);
	if (ret == 0)
		ret = set_dns(request->dns, request->n_dns, err);
	return ret;
}
