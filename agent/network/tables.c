// SPDX-License-Identifier: Apache-2.0
/* GetIPTables and SetIPTables (spec/agent.md 6): programs of the guest's image do it. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/subprocess.h"
#include "network.h"

#define TIMEOUT_MS 30000
#define MAX_BYTES  (4u << 20) /* no answer can be longer */

/* To be freed. */
static int find_program(bool ipv6, const char *verb, char **path, struct error **err)
{
	static const char *const folders[] = { "/usr/sbin", "/sbin" };
	const char *name = ipv6 ? "ip6tables" : "iptables";

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		_cleanup_free_ char *candidate = xasprintf("%s/%s-%s", folders[i], name, verb);

		if (path_exists(candidate)) {
			*path = steal(candidate);
			return 0;
		}
	}
	return error_set(
		err, -ENOENT,
		"there is no %s-%s in /usr/sbin or /sbin: the guest's image needs iptables", name,
		verb);
}

static int run(struct subprocess *process, struct strbuf *out, struct error **err)
{
	int ret;

	process->timeout_ms = TIMEOUT_MS;
	process->max_output = MAX_BYTES;
	ret = subprocess_run(process, err);
	if (ret < 0)
		return ret;
	if (process->out.size == MAX_BYTES)
		return error_set(err, -EFBIG, "%s prints more than %u bytes", process->argv[0],
				 MAX_BYTES);
	strbuf_slice(out, strbuf_view(&process->out));
	return 0;
}

int network_save_tables(bool ipv6, struct strbuf *out, struct error **err)
{
	_cleanup_subprocess_ struct subprocess process = { 0 };
	_cleanup_free_ char *program = NULL;
	const char *argv[] = { NULL, NULL };
	int ret = find_program(ipv6, "save", &program, err);

	if (ret < 0)
		return ret;
	argv[0] = program;
	process.argv = argv;
	ret = run(&process, out, err);
	/* No host expects to hear of it (spec/agent.md 6). */
	if (ret == 0 && process.status != 0)
		log_warning("a program failed", LOG_STR("program", program),
			    LOG_STR("error", process.err.data));
	return ret;
}

/* A file in memory, so that a program that reads nothing keeps nobody waiting. */
static int open_rules(struct slice rules, struct error **err)
{
	_cleanup_close_ int fd = memfd_create("rules", MFD_CLOEXEC);
	int ret = fd < 0 ? -errno : fd_write_all(fd, rules.data, rules.size);

	if (ret == 0 && lseek(fd, 0, SEEK_SET) < 0)
		ret = -errno;
	return ret < 0 ? error_set_errno(err, ret, "hand over the rules") : steal_fd(fd);
}

int network_restore_tables(bool ipv6, struct slice rules, struct strbuf *out, struct error **err)
{
	_cleanup_subprocess_ struct subprocess process = { 0 };
	_cleanup_free_ char *program = NULL;
	_cleanup_close_ int rules_fd = -1;
	const char *argv[] = { NULL, "--wait", "5", NULL };
	int ret = find_program(ipv6, "restore", &program, err);

	if (ret < 0)
		return ret;
	rules_fd = open_rules(rules, err);
	if (rules_fd < 0)
		return rules_fd;
	argv[0] = program;
	process.argv = argv;
	process.input_fd = rules_fd;
	ret = run(&process, out, err);
	if (ret == 0 && process.status != 0)
		ret = error_set(err, -EINVAL, "%s failed: %s", program, process.err.data);
	return ret;
}
