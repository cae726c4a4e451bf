// SPDX-License-Identifier: Apache-2.0
/* The object and its list of processes: the loop's part. */
#include "container.h"

#include <ctype.h>

#include "base/memory.h"
#include "guest_hooks.h"
#include "internal.h"
#include "proto/message.h"

/* Processes that have been waited for, but whose output nobody has read to its end. */
#define MAX_UNREAD_PROCESSES 64

bool container_id_is_valid(const char *id)
{
	size_t size = strlen(id);

	if (size < 2 || size > CONTAINER_ID_MAX || !isalnum((unsigned char)id[0]))
		return false;
	for (size_t i = 1; i < size; i++)
		if (!isalnum((unsigned char)id[i]) && !strchr("_.-", id[i]))
			return false;
	return true;
}

int container_new(const struct container_settings *settings, const char *id, const Grpc__Spec *spec,
		  struct container **out, struct error **err)
{
	_cleanup_strbuf_ struct strbuf bytes = STRBUF_INIT;
	struct container *container = xcalloc(1, sizeof(*container));
	int ret;

	container->settings = settings;
	container->id = xstrdup(id);
	container->references = 1;
	container->init_pidfd = -1;
	container->start_channel = -1;
	for (int i = 0; i < NAMESPACE_COUNT; i++)
		container->namespaces[i] = -1;
	proto_pack(&spec->base, &bytes);
	ret = proto_unpack(&grpc__spec__descriptor, strbuf_view(&bytes), &container->spec, err);
	if (ret < 0) {
		container_unref(container);
		return ret;
	}
	guest_hooks_add(container->spec, settings->guest_hooks);
	*out = container;
	return 0;
}

void container_unref(struct container *container)
{
	if (--container->references > 0)
		return;
	container_forget_shared_mounts(container);
	while (container->processes) {
		struct process *process = container->processes;

		container->processes = process->next;
		process_free(process);
	}
	for (int i = 0; i < NAMESPACE_COUNT; i++)
		if (container->namespaces[i] >= 0)
			close(container->namespaces[i]);
	if (container->init_pidfd >= 0)
		close(container->init_pidfd);
	if (container->start_channel >= 0)
		close(container->start_channel);
	cgroup_free(container->cgroup);
	pci_addresses_release(&container->pci_addresses);
	proto_free(container->spec);
	string_list_release(&container->storages);
	free(container->bundle);
	free(container->id);
	free(container);
}

const char *container_kubernetes_name(const struct container *container)
{
	/* containerd's, and CRI-O's. */
	static const char *const keys[] = {
		"io.kubernetes.cri.container-name",
		"io.kubernetes.cri-o.ContainerName",
		"io.kubernetes.container.name",
	};
	const Grpc__Spec *spec = container->spec;

	for (size_t k = 0; k < ARRAY_SIZE(keys); k++)
		for (size_t i = 0; i < spec->n_annotations; i++)
			if (strcmp(spec->annotations[i]->key, keys[k]) == 0)
				return spec->annotations[i]->value;
	return NULL;
}

/* The first process is called "" by one kind of host and by the container's id by the other. */
struct process *container_find_process(const struct container *container, const char *exec_id)
{
	const char *name = strcmp(exec_id, container->id) == 0 ? "" : exec_id;
	struct process *process = container->processes;

	while (process && strcmp(process->exec_id, name) != 0)
		process = process->next;
	return process;
}

static void forget(struct process **link)
{
	struct process *process = *link;

	*link = process->next;
	process_free(process);
}

void container_forget_finished(struct container *container)
{
	struct process **link = &container->processes;
	size_t unread = 0;

	while (*link) {
		struct process *process = *link;
		bool keep = process->exec_id[0] == '\0' || !process->wait_answered;

		if (!keep && !process_is_over(process))
			keep = ++unread <= MAX_UNREAD_PROCESSES;
		if (keep)
			link = &process->next;
		else
			forget(link);
	}
}

bool container_claim_exec_id(struct container *container, const char *exec_id)
{
	struct process **link = &container->processes;

	while (*link && strcmp((*link)->exec_id, exec_id) != 0)
		link = &(*link)->next;
	if (*link && (*link)->wait_answered)
		forget(link);
	return container_find_process(container, exec_id) == NULL;
}

void container_add_process(struct container *container, struct process *process)
{
	container_forget_finished(container);
	process->next = container->processes;
	container->processes = process;
}
