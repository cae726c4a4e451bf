// SPDX-License-Identifier: Apache-2.0
/*
 * Any bytes as a configuration and its drop-in (what stands behind the first "%%"): loading ends, and what is
 * shown of the result loads to the same values.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "config/kernel_params.h"
#include "config/model.h"
#include "config/show.h"

#define SEPARATOR "%%"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char directory[] = "/tmp/kata-fuzz-XXXXXX";
static char main_file[] = "/tmp/kata-fuzz-XXXXXX/main.toml";
static char shown_file[] = "/tmp/kata-fuzz-XXXXXX/shown.toml";
static char drop_in[] = "/tmp/kata-fuzz-XXXXXX/config.d/1.toml";

static void remove_files(void)
{
	_cleanup_error_ struct error *err = NULL;

	if (path_remove_all(directory, &err) < 0)
		abort();
}

static void make_files(void)
{
	static char *const paths[] = { main_file, shown_file, drop_in };
	_cleanup_error_ struct error *err = NULL;
	_cleanup_free_ char *drop_ins = NULL;

	if (!mkdtemp(directory))
		abort();
	atexit(remove_files);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		memcpy(paths[i], directory, strlen(directory));
	drop_ins = xasprintf("%s/config.d", directory);
	if (directory_make_all(drop_ins, 0700, &err) < 0)
		abort();
}

static void write_file(const char *path, struct slice content)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || fd_write_all(fd, content.data, content.size) < 0)
		abort();
}

static struct config *load(const char *path, bool ignore_drop_ins)
{
	static const struct config_host host = { .cpus = 8,
						 .usable_cpus = 4,
						 .memory_mib = 16384,
						 .architecture = "amd64",
						 .device_root = "/nonexistent" };

	return config_examine(&(struct config_options){
		.path = path, .ignore_drop_ins = ignore_drop_ins, .host = &host });
}

static void ask_everything(const struct config *config)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	_cleanup_string_list_ struct string_list params = { 0 };
	_cleanup_error_ struct error *verdict = NULL, *bad_params = NULL;

	config_verdict(config, &verdict);
	config_show_problems(config, CONFIG_NOTE, &text);
	config_show_problems_json(config, CONFIG_NOTE, &text);
	config_show_json(config, true, &text);
	config_show_json(config, false, &text);
	config_kernel_params(config, &params, &bad_params);
}

/* Only of a configuration without errors: a value that was refused is shown as what it is without it. */
static void show_and_load_again(const struct config *config)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	_cleanup_(config_freep) struct config *again = NULL;

	config_show_toml(config, true, &text);
	write_file(shown_file, strbuf_view(&text));
	again = load(shown_file, true);
	for (int key = CONFIG_KEY_NONE + 1; key < CONFIG_KEY_COUNT; key++) {
		_cleanup_free_ char *before = config_value_toml(config, (enum config_key)key);
		_cleanup_free_ char *after = config_value_toml(again, (enum config_key)key);

		if (config_key_info((enum config_key)key)->secret || strcmp(before, after) == 0)
			continue;
		fprintf(stderr, "%s\n%s: %s became %s\n", text.data,
			config_key_info((enum config_key)key)->name, before, after);
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_make((const char *)data, size);
	size_t end = slice_find_string(text, SEPARATOR);
	_cleanup_(config_freep) struct config *config = NULL;
	static bool made;

	if (!made)
		make_files();
	made = true;
	write_file(main_file, slice_first(text, end));
	write_file(drop_in, slice_from(text, end + strlen(SEPARATOR)));
	config = load(main_file, false);
	ask_everything(config);
	if (config_problem_count(config, CONFIG_ERROR) == 0 && config->has_hypervisor_table)
		show_and_load_again(config);
	return 0;
}
