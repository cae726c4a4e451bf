// SPDX-License-Identifier: Apache-2.0
/* Who the workload is and what it may do: limits, user and groups, capabilities, environment. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/capability.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "internal.h"

#define PASSWD_MAX_BYTES (1u << 20)
#define MAX_GROUPS	 65536

/* ---- resource limits --------------------------------------------------------------------------- */

static const struct {
	const char *name;
	int resource;
} limits[] = {
	{ "RLIMIT_AS", RLIMIT_AS },	      { "RLIMIT_CORE", RLIMIT_CORE },
	{ "RLIMIT_CPU", RLIMIT_CPU },	      { "RLIMIT_DATA", RLIMIT_DATA },
	{ "RLIMIT_FSIZE", RLIMIT_FSIZE },     { "RLIMIT_LOCKS", RLIMIT_LOCKS },
	{ "RLIMIT_MEMLOCK", RLIMIT_MEMLOCK }, { "RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE },
	{ "RLIMIT_NICE", RLIMIT_NICE },	      { "RLIMIT_NOFILE", RLIMIT_NOFILE },
	{ "RLIMIT_NPROC", RLIMIT_NPROC },     { "RLIMIT_RSS", RLIMIT_RSS },
	{ "RLIMIT_RTPRIO", RLIMIT_RTPRIO },   { "RLIMIT_RTTIME", RLIMIT_RTTIME },
	{ "RLIMIT_STACK", RLIMIT_STACK },     { "RLIMIT_SIGPENDING", RLIMIT_SIGPENDING },
};

static int set_limit(const Grpc__POSIXRlimit *wanted, struct error **err)
{
	struct rlimit limit = { .rlim_cur = wanted->soft, .rlim_max = wanted->hard };

	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		if (strcmp(limits[i].name, wanted->type) != 0)
			continue;
		if (setrlimit((__rlimit_resource_t)limits[i].resource, &limit) < 0)
			return error_set_errno(err, -errno, "set %s", wanted->type);
		return 0;
	}
	return error_set(err, -EINVAL, "no limit is called %s", wanted->type);
}

int workload_set_limits(struct workload *w, struct error **err)
{
	const Grpc__Process *process = w->spec->process;
	int ret = 0;

	for (size_t i = 0; i < process->n_rlimits && ret == 0; i++)
		ret = set_limit(process->rlimits[i], err);
	return ret;
}

/* ---- standard descriptors ---------------------------------------------------------------------- */

static bool is_null_device(const struct stat *status)
{
	return S_ISCHR(status->st_mode) && status->st_rdev == makedev(1, 3);
}

int workload_own_stdio(struct workload *w, struct error **err)
{
	const Grpc__User *user = w->spec->process->user;

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		struct stat status;

		if (!user || user->uid == 0 || fstat(fd, &status) < 0 || is_null_device(&status))
			continue;
		/* The group stays: a terminal belongs to "tty". Some pipes cannot be given away. */
		if (fchown(fd, user->uid, (gid_t)-1) < 0 && errno != EINVAL && errno != EPERM)
			return error_set_errno(err, -errno, "give descriptor %d to user %u", fd,
					       user->uid);
	}
	if (w->spec->process->terminal && ioctl(STDIN_FILENO, TIOCSCTTY, 0) < 0)
		return error_set_errno(err, -errno, "make the terminal the controlling one");
	return 0;
}

/* ---- capabilities ------------------------------------------------------------------------------ */

static int find_capability(const char *name, cap_value_t *value, struct error **err)
{
	_cleanup_free_ char *full = slice_starts_with(slice_of(name), "CAP_")
					    ? xstrdup(name)
					    : xasprintf("CAP_%s", name);

	if (cap_from_name(full, value) < 0)
		return error_set(err, -EINVAL, "no capability is called %s", name);
	return 0;
}

static int fill_set(cap_t state, cap_flag_t flag, char *const *names, size_t count,
		    struct error **err)
{
	for (size_t i = 0; i < count; i++) {
		cap_value_t value;
		int ret = find_capability(names[i], &value, err);

		if (ret < 0)
			return ret;
		if (cap_set_flag(state, flag, 1, &value, CAP_SET) < 0)
			return error_set_errno(err, -errno, "capability %s", names[i]);
	}
	return 0;
}

/* Capabilities that this kernel does not have cannot be in the bounding set: the reading fails. */
static int limit_bounding(const Grpc__LinuxCapabilities *wanted, struct error **err)
{
	uint64_t keep = 0;

	for (size_t i = 0; i < wanted->n_bounding; i++) {
		cap_value_t value;
		int ret = find_capability(wanted->bounding[i], &value, err);

		if (ret < 0)
			return ret;
		keep |= UINT64_C(1) << value;
	}
	for (cap_value_t value = 0; value < 64 && cap_get_bound(value) >= 0; value++)
		if (!(keep >> value & 1) && cap_get_bound(value) && cap_drop_bound(value) < 0)
			return error_set_errno(err, -errno, "drop capability %d", value);
	return 0;
}

static int set_capabilities(const Grpc__LinuxCapabilities *wanted, struct error **err)
{
	cap_t state = cap_init();
	int ret;

	if (!state)
		return error_set_errno(err, -errno, "capabilities");
	ret = fill_set(state, CAP_EFFECTIVE, wanted->effective, wanted->n_effective, err);
	if (ret == 0)
		ret = fill_set(state, CAP_PERMITTED, wanted->permitted, wanted->n_permitted, err);
	if (ret == 0)
		ret = fill_set(state, CAP_INHERITABLE, wanted->inheritable, wanted->n_inheritable,
			       err);
	if (ret == 0 && cap_set_proc(state) < 0)
		ret = error_set_errno(err, -errno, "set the capabilities");
	cap_free(state);
	return ret;
}

/* One that is not both permitted and inheritable cannot be ambient: it is left out, as upstream does. */
static int set_ambient(const Grpc__LinuxCapabilities *wanted, struct error **err)
{
	if (cap_reset_ambient() < 0)
		return error_set_errno(err, -errno, "clear the ambient capabilities");
	for (size_t i = 0; i < wanted->n_ambient; i++) {
		cap_value_t value;
		int ret = find_capability(wanted->ambient[i], &value, err);

		if (ret < 0)
			return ret;
		if (cap_set_ambient(value, CAP_SET) < 0 && errno != EPERM)
			return error_set_errno(err, -errno, "capability %s", wanted->ambient[i]);
	}
	return 0;
}

/* ---- user and groups --------------------------------------------------------------------------- */

static int set_user(const Grpc__User *user, struct error **err)
{
	if (user->uid == UINT32_MAX || user->gid == UINT32_MAX ||
	    user->n_additionalgids > MAX_GROUPS)
		return error_set(err, -EINVAL, "user %u and group %u cannot be", user->uid,
				 user->gid);
	if (setgroups(user->n_additionalgids, user->additionalgids) < 0)
		return error_set_errno(err, -errno, "set the additional groups");
	if (setresgid(user->gid, user->gid, user->gid) < 0)
		return error_set_errno(err, -errno, "become group %u", user->gid);
	if (setresuid(user->uid, user->uid, user->uid) < 0)
		return error_set_errno(err, -errno, "become user %u", user->uid);
	return 0;
}

/* Between users the permitted set is kept, and made effective again for what is still to be done. */
static int regain_effective(struct error **err)
{
	cap_t state = cap_get_proc();
	int ret = 0;

	if (!state)
		return error_set_errno(err, -errno, "read the capabilities");
	for (cap_value_t value = 0; value < 64 && cap_get_bound(value) >= 0; value++) {
		cap_flag_value_t permitted = CAP_CLEAR;

		if (cap_get_flag(state, value, CAP_PERMITTED, &permitted) == 0 &&
		    permitted == CAP_SET)
			cap_set_flag(state, CAP_EFFECTIVE, 1, &value, CAP_SET);
	}
	if (cap_set_proc(state) < 0)
		ret = error_set_errno(err, -errno, "keep the capabilities");
	cap_free(state);
	return ret;
}

int workload_set_identity(struct workload *w, struct error **err)
{
	const Grpc__Process *process = w->spec->process;
	static const Grpc__User root = GRPC__USER__INIT;
	int ret = 0;

	/* Before the user changes: dropping from the bounding set takes CAP_SETPCAP. */
	if (process->capabilities)
		ret = limit_bounding(process->capabilities, err);
	if (ret == 0 && prctl(PR_SET_KEEPCAPS, 1) < 0)
		ret = error_set_errno(err, -errno, "keep the capabilities");
	if (ret == 0)
		ret = set_user(process->user ? process->user : &root, err);
	if (ret == 0)
		ret = regain_effective(err);
	if (ret < 0)
		return ret;
	if (process->nonewprivileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return error_set_errno(err, -errno, "renounce new privileges");
	/* With no_new_privs a filter needs no capability, and comes last; else it needs one that goes now. */
	if (!process->nonewprivileges)
		ret = workload_load_seccomp(w, err);
	if (ret == 0 && process->capabilities)
		ret = set_capabilities(process->capabilities, err);
	if (ret == 0 && process->capabilities)
		ret = set_ambient(process->capabilities, err);
	/* A change of user makes a process dumpable again. */
	prctl(PR_SET_DUMPABLE, 0);
	return ret;
}

/* ---- environment ------------------------------------------------------------------------------- */

/* The sixth field of the line whose third is the user's number; "/" without one. */
static char *find_home(uint32_t uid)
{
	_cleanup_error_ struct error *ignored = NULL; /* an image without passwd is none's fault */
	_cleanup_free_ char *text = NULL;
	struct slice rest, line;

	if (file_read_all("/etc/passwd", PASSWD_MAX_BYTES, &text, NULL, &ignored) < 0)
		return xstrdup("/");
	rest = slice_of(text);
	while (slice_next_line(&rest, &line)) {
		struct slice fields[6];
		uint64_t number;
		int count = 0;

		while (count < 6 && line.data && slice_next_field(&line, ':', &fields[count]))
			count++;
		if (count == 6 && number_parse_u64(fields[2], &number) == 0 && number == uid &&
		    fields[5].size > 0)
			return slice_dup(fields[5]);
	}
	return xstrdup("/");
}

int workload_set_environment(struct workload *w, struct error **err)
{
	const Grpc__Process *process = w->spec->process;

	clearenv();
	for (size_t i = 0; i < process->n_env; i++) {
		const char *equals = strchr(process->env[i], '=');
		_cleanup_free_ char *name = NULL;

		/* What is no assignment is nothing to a program either. */
		if (!equals || equals == process->env[i])
			continue;
		name = xmemdup0(process->env[i], (size_t)(equals - process->env[i]));
		if (setenv(name, equals + 1, 1) < 0)
			return error_set_errno(err, -errno, "set %s", name);
	}
	if (!getenv("HOME")) {
		_cleanup_free_ char *home = find_home(process->user ? process->user->uid : 0);

		setenv("HOME", home, 1);
	}
	return 0;
}
