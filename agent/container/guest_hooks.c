// SPDX-License-Identifier: Apache-2.0
#include "guest_hooks.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/string_list.h"

/* A list of hooks, wherever it is. */
struct hook_list {
	Grpc__Hook ***items;
	size_t *count;
};

static void append(struct hook_list list, const char *path, const char *name, const char *kind)
{
	Grpc__Hook *hook = xmalloc(sizeof(*hook));

	grpc__hook__init(hook);
	hook->path = xstrdup(path);
	hook->n_args = 2;
	hook->args = xcalloc(hook->n_args, sizeof(*hook->args));
	hook->args[0] = xstrdup(name);
	hook->args[1] = xstrdup(kind);
	*list.items = xrealloc(*list.items, (*list.count + 1) * sizeof(**list.items));
	(*list.items)[(*list.count)++] = hook;
}

static bool is_hook(int folder, const char *name)
{
	struct stat status;

	return fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISREG(status.st_mode) && (status.st_mode & 0111) != 0;
}

static void find_kind(const char *folder, const char *kind, struct hook_list list)
{
	_cleanup_free_ char *path = path_join(folder, kind);
	_cleanup_string_list_ struct string_list names = { 0 };
	DIR *stream = opendir(path);
	const struct dirent *entry;

	if (!stream) {
		if (errno != ENOENT)
			log_error("the guest's hooks cannot be read", LOG_STR("path", path),
				  LOG_STR("error", errno_text(errno)));
		return;
	}
	while (names.count < GUEST_HOOKS_MAX && (entry = readdir(stream)))
		if (is_hook(dirfd(stream), entry->d_name))
			string_list_add(&names, entry->d_name);
	closedir(stream);
	string_list_sort(&names);
	for (size_t i = 0; i < names.count; i++) {
		_cleanup_free_ char *file = path_join(path, names.items[i]);

		append(list, file, names.items[i], kind);
	}
}

Grpc__Hooks *guest_hooks_find(const char *folder)
{
	Grpc__Hooks *hooks = xmalloc(sizeof(*hooks));

	grpc__hooks__init(hooks);
	find_kind(folder, "prestart", (struct hook_list){ &hooks->prestart, &hooks->n_prestart });
	find_kind(folder, "poststart",
		  (struct hook_list){ &hooks->poststart, &hooks->n_poststart });
	find_kind(folder, "poststop", (struct hook_list){ &hooks->poststop, &hooks->n_poststop });
	return hooks;
}

static void copy(struct hook_list list, Grpc__Hook *const *hooks, size_t count)
{
	for (size_t i = 0; i < count; i++)
		append(list, hooks[i]->path, hooks[i]->args[0], hooks[i]->args[1]);
}

void guest_hooks_add(Grpc__Spec *spec, const Grpc__Hooks *hooks)
{
	Grpc__Hooks *own = spec->hooks;

	if (!hooks || hooks->n_prestart + hooks->n_poststart + hooks->n_poststop == 0)
		return;
	if (!own) {
		own = spec->hooks = xmalloc(sizeof(*own));
		grpc__hooks__init(own);
	}
	copy((struct hook_list){ &own->prestart, &own->n_prestart }, hooks->prestart,
	     hooks->n_prestart);
	copy((struct hook_list){ &own->poststart, &own->n_poststart }, hooks->poststart,
	     hooks->n_poststart);
	copy((struct hook_list){ &own->poststop, &own->n_poststop }, hooks->poststop,
	     hooks->n_poststop);
}
