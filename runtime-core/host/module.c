// SPDX-License-Identifier: Apache-2.0
#include "module.h"

#include <errno.h>
#include <string.h>
#include <syslog.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "base/subprocess.h"
#include "kmod_library.h"

#define PARAMETER_MAX_BYTES 65536
#define MODPROBE_TIMEOUT_MS 60000

/* Modules show in /sys with underscores only. */
static char *module_file_name(const char *name)
{
	char *copy = xstrdup(name);

	for (char *c = copy; *c; c++)
		if (*c == '-')
			*c = '_';
	return copy;
}

static bool is_in_sys(const struct host *host, const char *name)
{
	_cleanup_free_ char *file_name = module_file_name(name);
	_cleanup_free_ char *path = xasprintf("%s/module/%s", host->sys, file_name);

	/* Any other failure than "does not exist" means that something is there. */
	return access(path, F_OK) == 0 || errno != ENOENT;
}

static void keep_message(void *data, int priority, const char *file, int line, const char *function,
			 const char *format, va_list arguments)
	__attribute__((format(printf, 6, 0)));
static void keep_message(void *data, int priority, const char *file, int line, const char *function,
			 const char *format, va_list arguments)
{
	(void)priority;
	(void)file;
	(void)line;
	(void)function;
	strbuf_vprintf(data, format, arguments);
}

/* The directory of the running kernel's modules, to be freed. */
static int module_directory(const struct host *host, char **directory, struct error **err)
{
	_cleanup_free_ char *release = NULL;
	int ret = host_kernel_release(host, &release, err);

	if (ret == 0)
		*directory = path_join(host->modules, release);
	return ret;
}

/* A libkmod context. What the library says is collected in `messages`, which must outlive it. */
static int open_kmod(const char *directory, const struct kmod_functions **kmod,
		     struct kmod_ctx **context, struct strbuf *messages, struct error **err)
{
	int ret = kmod_library(kmod, err);

	if (ret < 0)
		return ret;
	*context = (*kmod)->kmod_new(directory, NULL);
	if (!*context)
		return error_set(err, -EIO, "libkmod cannot read its configuration");
	(*kmod)->kmod_set_log_fn(*context, keep_message, messages);
	return 0;
}

static bool is_builtin(const struct host *host, const char *name)
{
	/* Not to know is "not built in": the caller goes on to load the module, which says why. */
	_cleanup_error_ struct error *ignored = NULL;
	_cleanup_strbuf_ struct strbuf messages = STRBUF_INIT;
	_cleanup_free_ char *directory = NULL, *list = NULL;
	const struct kmod_functions *kmod;
	struct kmod_ctx *context;
	struct kmod_module *module;
	bool builtin = false;

	if (module_directory(host, &directory, &ignored) < 0)
		return false;
	/* Without the list that libkmod reads there is nothing to open it for. */
	list = path_join(directory, "modules.builtin.bin");
	if (!path_exists(list) || open_kmod(directory, &kmod, &context, &messages, &ignored) < 0)
		return false;
	if (kmod->kmod_module_new_from_name(context, name, &module) == 0) {
		builtin = kmod->kmod_module_get_initstate(module) == KMOD_MODULE_BUILTIN;
		kmod->kmod_module_unref(module);
	}
	kmod->kmod_unref(context);
	return builtin;
}

enum host_module_state host_module_state(const struct host *host, const char *name)
{
	if (is_in_sys(host, name))
		return HOST_MODULE_LOADED;
	return is_builtin(host, name) ? HOST_MODULE_BUILTIN : HOST_MODULE_ABSENT;
}

static int not_found(const char *name, const char *directory, struct error **err)
{
	return error_set(err, -ENOENT, "Module %s not found in directory %s", name, directory);
}

/* Everything the name stands for (a module, or an alias for several). */
static int insert_all(const struct kmod_functions *kmod, struct kmod_list *list, const char *name,
		      struct error **err)
{
	for (struct kmod_list *item = list; item; item = kmod->kmod_list_next(list, item)) {
		struct kmod_module *module = kmod->kmod_module_get_module(item);
		int ret = kmod->kmod_module_probe_insert_module(
			module, KMOD_PROBE_APPLY_BLACKLIST_ALIAS_ONLY, NULL, NULL, NULL, NULL);

		kmod->kmod_module_unref(module);
		if (ret < 0)
			return error_set_errno(err, ret, "load module %s", name);
	}
	return 0;
}

static int load_with_kmod(const char *directory, const char *name, struct strbuf *messages,
			  struct error **err)
{
	const struct kmod_functions *kmod;
	struct kmod_ctx *context;
	struct kmod_list *list = NULL;
	int ret = open_kmod(directory, &kmod, &context, messages, err);

	if (ret < 0)
		return ret;
	ret = kmod->kmod_module_new_from_lookup(context, name, &list);
	if (ret < 0)
		error_set_errno(err, ret, "look up module %s in %s", name, directory);
	else if (!list)
		ret = not_found(name, directory, err);
	else
		ret = insert_all(kmod, list, name, err);
	kmod->kmod_module_unref_list(list);
	kmod->kmod_unref(context);
	return ret;
}

static int load_with_modprobe(const char *name, struct strbuf *messages, struct error **err)
{
	const char *const argv[] = { "modprobe", name, NULL };
	_cleanup_subprocess_ struct subprocess modprobe = {
		.argv = argv,
		.timeout_ms = MODPROBE_TIMEOUT_MS,
		.out = STRBUF_INIT,
		.err = STRBUF_INIT,
	};
	struct error *failure = NULL;
	int ret = subprocess_run(&modprobe, &failure);

	if (ret == -ENOENT) {
		error_free(failure);
		return error_set(err, -ENOENT,
				 "exec: \"modprobe\": executable file not found in $PATH");
	}
	if (ret < 0)
		return error_propagate(err, failure);
	strbuf_slice(messages, strbuf_view(&modprobe.out));
	strbuf_slice(messages, strbuf_view(&modprobe.err));
	if (modprobe.status != 0)
		return error_set(err, -EIO, "exit status %d", modprobe.status);
	return 0;
}

static int load(const struct host *host, const char *name, struct strbuf *messages,
		struct error **err)
{
	_cleanup_error_ struct error *no_library = NULL;
	_cleanup_free_ char *directory = NULL;
	const struct kmod_functions *kmod;
	int ret = module_directory(host, &directory, err);

	if (ret < 0)
		return ret;
	if (!path_exists(directory))
		return not_found(name, directory, err);
	if (kmod_library(&kmod, &no_library) < 0)
		return load_with_modprobe(name, messages, err);
	return load_with_kmod(directory, name, messages, err);
}

int host_module_load(const struct host *host, const char *name, char **output, struct error **err)
{
	_cleanup_strbuf_ struct strbuf messages = STRBUF_INIT;
	int ret = load(host, name, &messages, err);

	*output = strbuf_steal(&messages);
	return ret;
}

int host_module_parameter(const struct host *host, const char *module, const char *parameter,
			  char **value, struct error **err)
{
	_cleanup_free_ char *file_name = module_file_name(module);
	_cleanup_free_ char *path =
		xasprintf("%s/module/%s/parameters/%s", host->sys, file_name, parameter);
	int ret = file_read_all(path, PARAMETER_MAX_BYTES, value, NULL, err);

	if (ret == 0)
		(*value)[strcspn(*value, "\r\n")] = '\0';
	return ret;
}
