// SPDX-License-Identifier: Apache-2.0
#include "detached.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>

#include "base/memory.h"

/* ---- flags ------------------------------------------------------------------------------------- */

int detached_set_propagation(int mount, const struct mount_options *options, struct error **err)
{
	struct mount_attr attributes = { .propagation = options->propagation };
	unsigned flags = AT_EMPTY_PATH | (options->propagation_recursive ? AT_RECURSIVE : 0);

	if (attributes.propagation &&
	    mount_setattr(mount, "", flags, &attributes, sizeof(attributes)) < 0)
		return error_set_errno(err, -errno, "set the mount's propagation");
	return 0;
}

static int set_attributes(int mount, const struct mount_options *options, struct error **err)
{
	struct mount_attr attributes = { .attr_set = options->set, .attr_clr = options->clear };

	attributes.attr_clr &= ~attributes.attr_set | MOUNT_ATTR__ATIME;
	if ((attributes.attr_set || attributes.attr_clr) &&
	    mount_setattr(mount, "", AT_EMPTY_PATH, &attributes, sizeof(attributes)) < 0)
		return error_set_errno(err, -errno, "set the mount's flags");
	return detached_set_propagation(mount, options, err);
}

/* ---- a new file system ------------------------------------------------------------------------- */

/* "size=64k" and "noexec" alike. */
static int configure_word(int context, const char *word, struct error **err)
{
	const char *equals = strchr(word, '=');
	_cleanup_free_ char *key = equals ? xmemdup0(word, (size_t)(equals - word)) : xstrdup(word);
	int ret = equals ? fsconfig(context, FSCONFIG_SET_STRING, key, equals + 1, 0)
			 : fsconfig(context, FSCONFIG_SET_FLAG, key, NULL, 0);

	if (ret < 0)
		return error_set_errno(err, -errno, "mount option %s", word);
	return 0;
}

int detached_configure(int context, const struct mount_options *options, struct error **err)
{
	for (size_t i = 0; i < options->data.count; i++) {
		/* A word may itself be a list. */
		struct slice rest = slice_of(options->data.items[i]), word;

		while (slice_next_field(&rest, ',', &word)) {
			_cleanup_free_ char *text = slice_dup(word);
			int ret = text[0] ? configure_word(context, text, err) : 0;

			if (ret < 0)
				return ret;
		}
	}
	return 0;
}

int detached_new(const char *type, const char *source, const struct mount_options *options,
		 struct error **err)
{
	_cleanup_close_ int context = fsopen(type, FSOPEN_CLOEXEC);
	_cleanup_close_ int mount = -1;
	int ret;

	if (context < 0)
		return error_set_errno(err, -errno, "file system %s", type);
	if (source[0] && fsconfig(context, FSCONFIG_SET_STRING, "source", source, 0) < 0)
		return error_set_errno(err, -errno, "source %s", source);
	ret = detached_configure(context, options, err);
	if (ret < 0)
		return ret;
	if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return error_set_errno(err, -errno, "make a file system of type %s", type);
	mount = fsmount(context, FSMOUNT_CLOEXEC, 0);
	if (mount < 0)
		return error_set_errno(err, -errno, "mount a file system of type %s", type);
	ret = set_attributes(mount, options, err);
	return ret < 0 ? ret : steal_fd(mount);
}

/* ---- bind -------------------------------------------------------------------------------------- */

int detached_bind(int source, const char *name, const struct mount_options *options,
		  struct error **err)
{
	_cleanup_close_ int tree = open_tree(source, "",
					     AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC |
						     (options->recursive ? AT_RECURSIVE : 0));
	int ret;

	if (tree < 0)
		return error_set_errno(err, -errno, "bind the source %s", name);
	ret = set_attributes(tree, options, err);
	return ret < 0 ? ret : steal_fd(tree);
}
