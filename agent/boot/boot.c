// SPDX-License-Identifier: Apache-2.0
#include "boot.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "modules.h"

#define CGROUP_ROOT	 "/sys/fs/cgroup"
#define SMALL_FILE_BYTES 65536
#define PLAIN		 (MS_NOSUID | MS_NODEV | MS_NOEXEC)

struct fixed_mount {
	const char *type, *source, *target;
	unsigned long flags;
	const char *data;
};

static const struct fixed_mount basics[] = {
	{ "proc", "proc", "/proc", PLAIN, NULL },
	{ "sysfs", "sysfs", "/sys", PLAIN, NULL },
	{ "devtmpfs", "dev", "/dev", MS_NOSUID, NULL },
	{ "tmpfs", "tmpfs", "/dev/shm", MS_NOSUID | MS_NODEV, NULL },
	{ "devpts", "devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, "gid=5,mode=620,ptmxmode=666" },
	{ "tmpfs", "tmpfs", "/run", MS_NOSUID | MS_NODEV, "mode=755" },
};

static const char *const controllers[] = {
	"cpu",	   "cpuacct",	 "blkio",    "cpuset",	"memory", "devices", "freezer",
	"net_cls", "perf_event", "net_prio", "hugetlb", "pids",	  "rdma",
};

static void mount_fixed(const struct fixed_mount *wanted)
{
	_cleanup_error_ struct error *err = NULL;

	if (directory_make_all(wanted->target, 0755, &err) < 0)
		log_warning("a mount point cannot be made", LOG_STR("path", wanted->target),
			    LOG_STR("error", error_message(err)));
	/* EBUSY: it is there already. */
	else if (mount(wanted->source, wanted->target, wanted->type, wanted->flags, wanted->data) <
			 0 &&
		 errno != EBUSY)
		log_warning("a mount failed", LOG_STR("path", wanted->target),
			    LOG_STR("error", errno_text(errno)));
}

void boot_mount_basics(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(basics); i++)
		mount_fixed(&basics[i]);
}

/* ---- control groups ---------------------------------------------------------------------------- */

/* "memory 0 1 1" of /proc/cgroups: there, and not switched off on the command line. */
static bool is_enabled(struct slice list, const char *controller)
{
	struct slice line, name, field;

	while (slice_next_line(&list, &line)) {
		uint64_t enabled = 0;

		if (!slice_next_word(&line, &name) || !slice_is(name, controller))
			continue;
		while (slice_next_word(&line, &field))
			if (number_parse_u64(field, &enabled) < 0)
				return false;
		return enabled != 0; /* the last column */
	}
	return false;
}

static void mount_v1(void)
{
	static const struct fixed_mount top = { "tmpfs", "tmpfs", CGROUP_ROOT, PLAIN, "mode=755" };
	_cleanup_error_ struct error *err = NULL;
	_cleanup_free_ char *list = NULL;

	if (file_read_all("/proc/cgroups", SMALL_FILE_BYTES, &list, NULL, &err) < 0) {
		log_warning("no control groups", LOG_STR("error", error_message(err)));
		return;
	}
	mount_fixed(&top);
	for (size_t i = 0; i < ARRAY_SIZE(controllers); i++) {
		_cleanup_free_ char *target = xasprintf(CGROUP_ROOT "/%s", controllers[i]);
		struct fixed_mount one = { "cgroup", "cgroup", target, PLAIN | MS_RELATIME,
					   controllers[i] };

		if (is_enabled(slice_of(list), controllers[i]))
			mount_fixed(&one);
	}
	if (mount(NULL, CGROUP_ROOT, NULL, MS_REMOUNT | MS_RDONLY | PLAIN, "mode=755") < 0)
		log_warning("the list of control groups stays writable",
			    LOG_STR("error", errno_text(errno)));
}

void boot_mount_cgroups(bool unified)
{
	static const struct fixed_mount v2 = { "cgroup2", "cgroup2", CGROUP_ROOT,
					       PLAIN | MS_RELATIME, "nsdelegate" };

	if (unified)
		mount_fixed(&v2);
	else
		mount_v1();
}

/* ---- the rest ---------------------------------------------------------------------------------- */

static void set_hostname(void)
{
	_cleanup_error_ struct error *ignored = NULL; /* an image without a name is "localhost" */
	_cleanup_free_ char *text = NULL, *name = NULL;
	struct slice rest = slice_of("localhost"), word = rest;

	if (file_read_all("/etc/hostname", SMALL_FILE_BYTES, &text, NULL, &ignored) == 0)
		rest = slice_of(text);
	if (slice_next_word(&rest, &word))
		name = slice_dup(word);
	if (name && sethostname(name, strlen(name)) < 0)
		log_warning("the host name is not set", LOG_STR("error", errno_text(errno)));
}

int boot_loopback_up(struct error **err)
{
	_cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = { .ifr_name = "lo" };

	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		return error_set_errno(err, -errno, "look at the loopback interface");
	request.ifr_flags |= IFF_UP | IFF_RUNNING;
	if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		return error_set_errno(err, -errno, "bring up the loopback interface");
	return 0;
}

static void make_ptmx(void)
{
	if ((unlink("/dev/ptmx") < 0 && errno != ENOENT) ||
	    symlink("/dev/pts/ptmx", "/dev/ptmx") < 0)
		log_warning("no /dev/ptmx", LOG_STR("error", errno_text(errno)));
}

void boot_set_up(void)
{
	_cleanup_error_ struct error *err = NULL;

	make_ptmx();
	/* A console that is no terminal, or none at all, can be nobody's. */
	if (setsid() < 0 || ioctl(STDIN_FILENO, TIOCSCTTY, 1) < 0)
		log_debug("no controlling terminal");
	setenv("PATH", "/bin:/sbin/:/usr/bin/:/usr/sbin/", 1);
	set_hostname();
	modules_load_listed("/etc/modules");
	if (boot_loopback_up(&err) < 0)
		log_warning("no loopback", LOG_STR("error", error_message(err)));
}

void boot_power_off(void)
{
	sync();
	reboot(RB_POWER_OFF);
	log_error("the guest does not switch off", LOG_STR("error", errno_text(errno)));
}
