// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/path.h"
#include "internal.h"

static bool is_file(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && !S_ISDIR(status.st_mode);
}

int workload_find_command(const struct workload *w, char **path, struct error **err)
{
	const Grpc__Process *process = w->spec->process;
	const char *name = process->n_args > 0 ? process->args[0] : "";
	const char *search = getenv("PATH");
	struct slice rest = slice_of(search ? search : ""), directory;

	if (name[0] && strchr(name, '/')) {
		if (is_file(name)) {
			*path = xstrdup(name);
			return 0;
		}
	} else if (name[0]) {
		while (rest.data && slice_next_field(&rest, ':', &directory)) {
			_cleanup_free_ char *text =
				directory.size ? slice_dup(directory) : xstrdup(".");
			_cleanup_free_ char *candidate = path_join(text, name);

			if (is_file(candidate)) {
				*path = steal(candidate);
				return 0;
			}
		}
	}
	return error_set(err, -ENOENT, "the file %s was not found", name);
}
