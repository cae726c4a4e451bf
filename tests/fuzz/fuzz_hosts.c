// SPDX-License-Identifier: Apache-2.0
/*
 * Any bytes as each of the files that describe a host (cpuinfo, meminfo, version, cmdline, os-release), on every
 * architecture: all questions about it are asked, and all checks that need no device are run.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "check/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char directory[] = "/tmp/kata-fuzz-XXXXXX";

static void remove_files(void)
{
	_cleanup_error_ struct error *err = NULL;

	if (path_remove_all(directory, &err) < 0)
		abort();
}

static void write_file(const char *name, const uint8_t *data, size_t size)
{
	_cleanup_free_ char *path = xasprintf("%s/%s", directory, name);
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || fd_write_all(fd, data, size) < 0)
		abort();
}

static void no_kvm(const struct host *host, unsigned timeout_ms, struct host_kvm *kvm)
{
	(void)host;
	(void)timeout_ms;
	*kvm = (struct host_kvm){ 0 };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "cpuinfo", "meminfo", "version", "cmdline",
					     "os-release" };
	static bool made;
	struct host host = {
		.proc = directory,
		.sys = directory,
		.dev = directory,
		.etc = directory,
		.usr_lib = directory,
		.modules = directory,
	};

	if (!made) {
		if (!mkdtemp(directory) || setenv("PATH", directory, 1) < 0)
			abort();
		atexit(remove_files);
		made = true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		write_file(names[i], data, size);
	for (int arch = 0; arch < HOST_ARCH_COUNT; arch++) {
		_cleanup_check_report_ struct check_report report = { 0 };
		_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

		host.arch = (enum host_arch)arch;
		check_host(&(struct check_options){ .host = &host,
						    .hypervisor = "qemu",
						    .probe_kvm = no_kvm },
			   &report);
		check_report_json(&report, &host, &text);
		check_report_text(&report, CHECK_DETAIL_ALL, true, &text);
	}
	return 0;
}
