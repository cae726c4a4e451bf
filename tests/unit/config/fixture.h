/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A directory with the files that a configuration names, and a small host. In texts, "@" stands for the
 * directory: path = "@/vmm".
 */

#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/path.h"
#include "base/strbuf.h"
#include "config/config.h"

/* Enough of a qemu table to load; a test adds its own keys behind it. */
#define QEMU                      \
	"[hypervisor.qemu]\n"     \
	"path = \"@/vmm\"\n"      \
	"kernel = \"@/kernel\"\n" \
	"image = \"@/image\"\n"   \
	"virtio_fs_daemon = \"/usr/libexec/virtiofsd\"\n"

/* The same for runtime-rs, runtime and agent included. */
#define RUNTIME_RS                                                                       \
	"[agent.kata]\n"                                                                 \
	"[runtime]\n"                                                                    \
	"name = \"virt_container\"\nhypervisor_name = \"qemu\"\nagent_name = \"kata\"\n" \
	"[hypervisor.qemu]\n"                                                            \
	"path = \"@/vmm\"\n"                                                             \
	"kernel = \"@/kernel\"\n"                                                        \
	"image = \"@/image\"\n"

static inline char *in_directory(const char *directory, const char *text)
{
	struct strbuf out = STRBUF_INIT;

	for (; *text; text++)
		if (*text == '@')
			strbuf_puts(&out, directory);
		else
			strbuf_putc(&out, *text);
	return strbuf_steal(&out);
}

/* Write a file below the directory, with its parents. */
static inline void write_file(const char *directory, const char *name, const char *text)
{
	_cleanup_error_ struct error *err = NULL;
	_cleanup_free_ char *path = path_join(directory, name);
	_cleanup_free_ char *parent = path_directory(path);
	_cleanup_free_ char *content = in_directory(directory, text);

	assert_ok(directory_make_all(parent, 0755, &err), err);
	assert_ok(file_replace(path, content, strlen(content), 0644, &err), err);
}

static inline void remove_file(const char *directory, const char *name)
{
	_cleanup_error_ struct error *err = NULL;
	_cleanup_free_ char *path = path_join(directory, name);

	assert_ok(path_remove_all(path, &err), err);
}

/* A file of this size without content. */
static inline void write_sparse(const char *directory, const char *name, off_t size)
{
	_cleanup_free_ char *path = path_join(directory, name);

	write_file(directory, name, "");
	assert_int_equal(truncate(path, size), 0);
}

static inline const struct config_host *small_host(const char *directory)
{
	static struct config_host host = {
		.cpus = 8, .usable_cpus = 4, .memory_mib = 16384, .architecture = "amd64"
	};
	static char device_root[4096];

	snprintf(device_root, sizeof(device_root), "%s/dev", directory);
	host.device_root = device_root;
	return &host;
}

static inline int make_fixture(void **state)
{
	static const char *const files[] = { "vmm",	 "kernel",	   "image",  "initrd",
					     "firmware", "jailer",	   "daemon", "flash1",
					     "flash2",	 "dev/vhost-vsock" };

	if (make_directory(state) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		write_file(*state, files[i], "content");
	return 0;
}

/* The main file's text into place, and what there is to say about it; never NULL. */
static inline struct config *examine(const char *directory, const char *text)
{
	_cleanup_free_ char *path = path_join(directory, "configuration.toml");

	write_file(directory, "configuration.toml", text);
	return config_examine(
		&(struct config_options){ .path = path, .host = small_host(directory) });
}

/* The message of the first error, or "" if there is none; to be freed. */
static inline char *verdict(const struct config *config)
{
	_cleanup_error_ struct error *err = NULL;

	config_verdict(config, &err);
	return xstrdup(error_message(err));
}

static inline const struct config_problem *find_problem(const struct config *config,
							const char *text)
{
	for (size_t i = 0; i < config->problem_count; i++)
		if (strstr(config->problems[i].message, text))
			return &config->problems[i];
	return NULL;
}

/* All problems as text, for the message of a failing test. */
static inline void print_problems(const struct config *config)
{
	for (size_t i = 0; i < config->problem_count; i++) {
		_cleanup_free_ char *text = config_problem_text(&config->problems[i]);

		print_message("# %s\n", text);
	}
}

#define assert_contains(text, part)                                             \
	do {                                                                    \
		if (!strstr(text, part))                                        \
			fail_msg("\"%s\" does not contain \"%s\"", text, part); \
	} while (0)
