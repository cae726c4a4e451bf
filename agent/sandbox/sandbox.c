// SPDX-License-Identifier: Apache-2.0
#include "sandbox.h"

#include <fcntl.h>

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "proto/message.h"

#define MOUNTS_MAX_BYTES (4u << 20)

/* An initramfs is no mount that pivot_root could leave. */
static bool root_is_initramfs(void)
{
	_cleanup_error_ struct error *err = NULL;
	_cleanup_free_ char *text = NULL;
	struct slice rest, line, source, target, type;
	bool found = false;

	if (file_read_all("/proc/self/mounts", MOUNTS_MAX_BYTES, &text, NULL, &err) < 0) {
		log_warning("the kind of the root file system is unknown",
			    LOG_STR("error", error_message(err)));
		return false;
	}
	rest = slice_of(text);
	while (slice_next_line(&rest, &line))
		if (slice_next_word(&line, &source) && slice_next_word(&line, &target) &&
		    slice_next_word(&line, &type) && slice_is(target, "/"))
			found = slice_is(type, "rootfs"); /* the last one is what lies on top */
	return found;
}

void sandbox_init(struct sandbox *sandbox, const struct sandbox_settings *settings)
{
	const struct storages_settings storages = {
		.base = SANDBOX_BASE,
		.loop = settings->loop,
		.devices = settings->devices,
		.reaper = settings->reaper,
		.hotplug_timeout_ms = settings->hotplug_timeout_ms,
	};

	*sandbox = (struct sandbox){
		.loop = settings->loop,
		.reaper = settings->reaper,
		.devices = settings->devices,
		.id = xstrdup(""),
		.is_init = getpid() == 1,
		.pid_namespace = -1,
		.storages = storages_new(&storages),
		.settings = {
			.base = SANDBOX_BASE,
			.namespaces = SANDBOX_NAMESPACES,
			.no_pivot = root_is_initramfs(),
			.pipe_size = settings->pipe_size,
			.reaper = settings->reaper,
		},
	};
}

void sandbox_release(struct sandbox *sandbox)
{
	while (sandbox->containers)
		sandbox_remove_container(sandbox, sandbox->containers);
	oom_queue_close(&sandbox->oom);
	if (sandbox->pid_namespace >= 0)
		close(sandbox->pid_namespace);
	string_list_release(&sandbox->storages_held);
	storages_free(sandbox->storages);
	proto_free(sandbox->guest_hooks);
	free(sandbox->id);
}

static struct container *find(const struct sandbox *sandbox, const char *id)
{
	struct container *container = sandbox->containers;

	while (container && strcmp(container->id, id) != 0)
		container = container->next;
	return container;
}

struct container *sandbox_find_container(const struct sandbox *sandbox, const char *id)
{
	struct container *container = find(sandbox, id);

	return container && container->state != CONTAINER_CREATING ? container : NULL;
}

struct container *sandbox_find_container_named(const struct sandbox *sandbox, const char *name)
{
	for (struct container *c = sandbox->containers; c; c = c->next) {
		const char *its = container_kubernetes_name(c);

		if (c->state != CONTAINER_CREATING && its && strcmp(its, name) == 0)
			return c;
	}
	return NULL;
}

bool sandbox_has_container(const struct sandbox *sandbox, const char *id)
{
	return find(sandbox, id) != NULL;
}

void sandbox_add_container(struct sandbox *sandbox, struct container *container)
{
	container->next = sandbox->containers;
	sandbox->containers = container;
}

void sandbox_remove_container(struct sandbox *sandbox, struct container *container)
{
	struct container **link = &sandbox->containers;

	if (container->removed)
		return;
	while (*link != container)
		link = &(*link)->next;
	*link = container->next;
	container->removed = true;
	oom_watch_free(container->oom_watch);
	container->oom_watch = NULL;
	container_unref(container);
}

void sandbox_keep_pid_namespace(struct sandbox *sandbox, const struct container *container)
{
	if (sandbox->pid_namespace < 0)
		sandbox->pid_namespace =
			fcntl(container->namespaces[NAMESPACE_PID], F_DUPFD_CLOEXEC, 3);
}
