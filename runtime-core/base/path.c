// SPDX-License-Identifier: Apache-2.0
#include "path.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "memory.h"
#include "strbuf.h"

char *path_join(const char *directory, const char *name)
{
	size_t size = strlen(directory);

	while (size && directory[size - 1] == '/')
		size--;
	while (*name == '/')
		name++;
	return xasprintf("%.*s/%s", (int)size, directory, name);
}

char *path_directory(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return xstrdup(".");
	while (slash > path && slash[-1] == '/')
		slash--;
	return slash == path ? xstrdup("/") : xmemdup0(path, (size_t)(slash - path));
}

const char *path_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Drop the last component of a cleaned prefix, if it is one that ".." can take away. */
static bool clean_step_up(struct strbuf *out, size_t root)
{
	size_t end = out->size;
	size_t start = end;

	if (end == root)
		return root != 0; /* "/.." is "/" */
	while (start > root && out->data[start - 1] != '/')
		start--;
	if (slice_is(slice_from(strbuf_view(out), start), ".."))
		return false;
	strbuf_truncate(out, start > root ? start - 1 : root);
	return true;
}

char *path_clean(const char *path)
{
	struct strbuf out = STRBUF_INIT;
	struct slice rest = slice_of(path);
	struct slice component;
	size_t root = path[0] == '/';

	if (root)
		strbuf_putc(&out, '/');
	while (slice_next_field(&rest, '/', &component)) {
		if (component.size == 0 || slice_is(component, "."))
			continue;
		if (slice_is(component, "..") && clean_step_up(&out, root))
			continue;
		if (out.size > root)
			strbuf_putc(&out, '/');
		strbuf_slice(&out, component);
	}
	if (out.size == 0)
		strbuf_putc(&out, '.');
	return strbuf_steal(&out);
}

int path_absolute(const char *path, char **absolute, struct error **err)
{
	_cleanup_free_ char *current = NULL;
	_cleanup_free_ char *joined = NULL;

	if (path[0] == '/') {
		*absolute = path_clean(path);
		return 0;
	}
	current = getcwd(NULL, 0);
	if (!current)
		return error_set_errno(err, -errno, "find the current directory");
	joined = path_join(current, path);
	*absolute = path_clean(joined);
	return 0;
}

int path_resolve(const char *path, char **resolved, struct error **err)
{
	_cleanup_free_ char *absolute = NULL;
	char *real;
	int ret;

	if (path[0] == '\0')
		return error_set(err, -EINVAL, "path must be specified");
	ret = path_absolute(path, &absolute, err);
	if (ret < 0)
		return ret;
	real = realpath(absolute, NULL);
	if (!real) {
		ret = -errno;
		if (ret == -ENOENT)
			return error_set(err, ret, "file %s does not exist", absolute);
		if (ret == -ELOOP)
			return error_set(err, ret, "EvalSymlinks: too many links: %s", absolute);
		return error_set_errno(err, ret, "lstat %s", absolute);
	}
	*resolved = real;
	return 0;
}
