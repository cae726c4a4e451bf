// SPDX-License-Identifier: Apache-2.0
#include "host.h"

#include <errno.h>
#include <fcntl.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/path.h"
#include "base/slice.h"

#define SMALL_FILE_MAX_BYTES ((size_t)1 << 20)

const struct host host_here = {
	.arch = HOST_ARCH_COMPILED,
	.proc = "/proc",
	.sys = "/sys",
	.dev = "/dev",
	.etc = "/etc",
	.usr_lib = "/usr/lib",
	.modules = "/lib/modules",
};

static int read_small(const char *directory, const char *name, char **text, struct slice *content,
		      struct error **err)
{
	_cleanup_free_ char *path = path_join(directory, name);
	size_t size = 0;
	int ret = file_read_all(path, SMALL_FILE_MAX_BYTES, text, &size, err);

	*content = slice_make(*text, size);
	return ret;
}

int host_kernel_release(const struct host *host, char **release, struct error **err)
{
	_cleanup_free_ char *text = NULL;
	struct slice rest, word = slice_of("");
	int ret = read_small(host->proc, "version", &text, &rest, err);

	if (ret < 0)
		return ret;
	for (int i = 0; i < 3; i++)
		if (!slice_next_word(&rest, &word))
			return error_set(err, -EINVAL, "unexpected contents in %s/version",
					 host->proc);
	*release = slice_dup(word);
	return 0;
}

/* The text between the first and the second '=', as the existing tools cut it, without quotes. */
static char *distro_value(struct slice line, const char *key)
{
	struct slice name, value;

	if (!slice_next_field(&line, '=', &name) || !slice_is(name, key) ||
	    !slice_next_field(&line, '=', &value))
		return NULL;
	value = slice_trim(value);
	while (value.size && (value.data[0] == '"' || value.data[0] == '\''))
		value = slice_from(value, 1);
	while (value.size && (slice_ends_with(value, "\"") || slice_ends_with(value, "'")))
		value = slice_first(value, value.size - 1);
	return value.size ? slice_dup(value) : NULL;
}

static void distro_read_file(const char *directory, struct host_distro *distro)
{
	_cleanup_free_ char *text = NULL;
	/* A missing file is an answer: the host does not say. */
	_cleanup_error_ struct error *ignored = NULL;
	struct slice rest, line;

	if (read_small(directory, "os-release", &text, &rest, &ignored) < 0)
		return;
	while (slice_next_line(&rest, &line)) {
		if (!distro->name)
			distro->name = distro_value(line, "NAME");
		if (!distro->version)
			distro->version = distro_value(line, "VERSION_ID");
	}
}

void host_distro_read(const struct host *host, struct host_distro *distro)
{
	*distro = (struct host_distro){ 0 };
	distro_read_file(host->etc, distro);
	if (!distro->name || !distro->version)
		distro_read_file(host->usr_lib, distro);
}

void host_distro_release(struct host_distro *distro)
{
	free(distro->name);
	free(distro->version);
	*distro = (struct host_distro){ 0 };
}

int host_memory_read(const struct host *host, struct host_memory *memory, struct error **err)
{
	const struct {
		const char *label;
		uint64_t *value;
	} wanted[] = {
		{ "MemTotal:", &memory->total_kib },
		{ "MemFree:", &memory->free_kib },
		{ "MemAvailable:", &memory->available_kib },
	};
	_cleanup_free_ char *text = NULL;
	struct slice rest, line, label, number;
	int ret;

	*memory = (struct host_memory){ 0 };
	ret = read_small(host->proc, "meminfo", &text, &rest, err);
	if (ret < 0)
		return ret;
	while (slice_next_line(&rest, &line)) {
		if (!slice_next_word(&line, &label) || !slice_next_word(&line, &number))
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
			if (slice_is(label, wanted[i].label))
				/* No number: the value stays 0, which says "unknown". */
				(void)number_parse_u64(number, wanted[i].value);
	}
	return 0;
}

int host_device_try(const struct host *host, const char *name)
{
	_cleanup_free_ char *path = path_join(host->dev, name);
	_cleanup_close_ int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	return fd < 0 ? -errno : 0;
}
