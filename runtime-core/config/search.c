// SPDX-License-Identifier: Apache-2.0
/*
 * Which file is read: the one that is named; else, for programs that obey it, the one in KATA_CONF_FILE,
 * which must be one of the default files; else the first default file that exists. A configuration decides
 * which programs run as root, so the environment cannot point it anywhere else (spec/config.md 1.1).
 */
#include "search.h"

#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "base/quote.h"
#include "base/strbuf.h"
#include "build.h"

#define ENVIRONMENT "KATA_CONF_FILE"

void config_default_paths(struct string_list *paths)
{
	string_list_add(paths, KATA_SYSCONFDIR "/kata-containers/configuration.toml");
	string_list_add(paths, KATA_DEFAULTSDIR "/configuration.toml");
	string_list_add(paths, "/etc/kata-containers/runtime-rs/configuration.toml");
	string_list_add(paths, "/usr/share/defaults/kata-containers/runtime-rs/configuration.toml");
	string_list_add(paths,
			"/opt/kata/share/defaults/kata-containers/runtime-rs/configuration.toml");
}

static int search_named(const char *path, char **requested, char **resolved, struct error **err)
{
	_cleanup_error_ struct error *reason = NULL;

	if (path_resolve(path, resolved, &reason) < 0)
		return error_set(err, error_code(reason), "Cannot find usable config file (%s)",
				 error_message(reason));
	*requested = slice_dup(slice_of(path));
	return 0;
}

static int search_environment(const char *path, const struct string_list *defaults,
			      char **requested, char **resolved, struct error **err)
{
	_cleanup_error_ struct error *ignored = NULL; /* the refusal is the same for all reasons */
	_cleanup_strbuf_ struct strbuf quoted = STRBUF_INIT;
	_cleanup_free_ char *named = NULL;

	if (path_resolve(path, &named, &ignored) == 0)
		for (size_t i = 0; i < defaults->count; i++) {
			_cleanup_error_ struct error *missing = NULL; /* one of many is there */
			_cleanup_free_ char *shipped = NULL;

			if (path_resolve(defaults->items[i], &shipped, &missing) < 0 ||
			    strcmp(shipped, named) != 0)
				continue;
			*requested = slice_dup(slice_of(path));
			*resolved = steal(named);
			return 0;
		}
	quote_go(&quoted, slice_of(path));
	return error_set(err, -EPERM,
			 "invalid " ENVIRONMENT
			 " %s: only shipped Kata configuration files are accepted",
			 quoted.data);
}

/* The message names the first two, as the existing tools do, and adds that the others are missing too. */
static int search_defaults(const struct string_list *defaults, char **requested, char **resolved,
			   struct error **err)
{
	_cleanup_strbuf_ struct strbuf reasons = STRBUF_INIT;

	for (size_t i = 0; i < defaults->count; i++) {
		_cleanup_error_ struct error *reason = NULL;

		if (path_resolve(defaults->items[i], resolved, &reason) == 0) {
			*requested = slice_dup(slice_of(defaults->items[i]));
			return 0;
		}
		if (i >= CONFIG_GO_PATHS)
			continue;
		strbuf_puts(&reasons, i ? ", config file " : "config file ");
		quote_go(&reasons, slice_of(defaults->items[i]));
		strbuf_printf(&reasons, " unresolvable: %s", error_message(reason));
	}
	return error_set(err, -ENOENT, "Cannot find usable config file (%s)", reasons.data);
}

int config_search(const struct config_options *options, char **requested, char **resolved,
		  struct error **err)
{
	_cleanup_string_list_ struct string_list real = { 0 };
	const struct string_list *defaults = options->default_paths;
	const char *environment = options->use_environment ? getenv(ENVIRONMENT) : NULL;

	if (options->path && *options->path)
		return search_named(options->path, requested, resolved, err);
	if (!defaults) {
		config_default_paths(&real);
		defaults = &real;
	}
	if (environment && *environment)
		return search_environment(environment, defaults, requested, resolved, err);
	return search_defaults(defaults, requested, resolved, err);
}
