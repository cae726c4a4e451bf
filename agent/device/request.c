// SPDX-License-Identifier: Apache-2.0
#include "request.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/file.h"
#include "base/memory.h"
#include "internal.h"
#include "proto/message.h"
#include "vfio.h"

#define MAX_DEVICES    256 /* of one request */
#define INFINIBAND_MAX 256

/* ---- the kinds of devices ---------------------------------------------------------------------- */

static int give_blk(struct devices *devices, const Grpc__Device *device,
		    struct pci_addresses *addresses, char **node, struct error **err)
{
	(void)addresses;
	return devices_wait_pci_block(devices, device->id, node, err);
}

static int give_mmioblk(struct devices *devices, const Grpc__Device *device,
			struct pci_addresses *addresses, char **node, struct error **err)
{
	(void)addresses;
	return devices_wait_mmio_block(devices, device->vm_path, node, err);
}

static int give_nvdimm(struct devices *devices, const Grpc__Device *device,
		       struct pci_addresses *addresses, char **node, struct error **err)
{
	(void)addresses;
	if (device->vm_path[0] == '\0')
		return error_set(err, -EINVAL, "Invalid path for nvdimm device");
	return devices_wait_pmem(devices, device->vm_path, node, err);
}

static int give_scsi(struct devices *devices, const Grpc__Device *device,
		     struct pci_addresses *addresses, char **node, struct error **err)
{
	(void)addresses;
	return devices_wait_scsi(devices, device->id, node, err);
}

static const struct handler {
	const char *type;
	/* Wait for it; *node, to be freed, is NULL for a device without one. */
	int (*give)(struct devices *devices, const Grpc__Device *device,
		    struct pci_addresses *addresses, char **node, struct error **err);
	bool is_vfio;
	bool renames; /* the container finds it under the guest's path */
} handlers[] = {
	{ "blk", give_blk, false, false },
	{ "mmioblk", give_mmioblk, false, false },
	{ "nvdimm", give_nvdimm, false, false },
	{ "scsi", give_scsi, false, false },
	{ "vfio-pci", vfio_give_to_container, true, true },
	{ "vfio-pci-gk", vfio_give_to_kernel, true, false },
};

/* Kinds that only exist on s390x, for which there is no such agent. */
static const char *const s390x_types[] = { "blk-ccw", "vfio-ap", "vfio-ap-cold" };

static const struct handler *find_handler(const char *type, struct error **err)
{
	for (size_t i = 0; i < ARRAY_SIZE(handlers); i++)
		if (strcmp(handlers[i].type, type) == 0)
			return &handlers[i];
	error_set(err, -ENOTSUP, "Failed to find the device handler %s", type);
	for (size_t i = 0; i < ARRAY_SIZE(s390x_types); i++)
		if (strcmp(s390x_types[i], type) == 0)
			error_advise(err, "devices of that kind are s390x's");
	return NULL;
}

static int check_device(const Grpc__Device *device, struct error **err)
{
	const char *const texts[] = { device->type, device->id, device->vm_path,
				      device->container_path };

	/* Errors repeat them. */
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (strlen(texts[i]) >= PATH_MAX)
			return error_set(err, -ENAMETOOLONG, "a device's \"%.64s...\" is too long",
					 texts[i]);
	if (device->type[0] == '\0')
		return error_set(err, -EINVAL, "invalid type for device %s", device->id);
	if (device->id[0] == '\0' && device->vm_path[0] == '\0')
		return error_set(err, -EINVAL, "invalid ID and VM path for device of type %s",
				 device->type);
	if (device->container_path[0] == '\0')
		return error_set(err, -EINVAL, "invalid container path for device %s %s",
				 device->type, device->id);
	return 0;
}

/* ---- changes to the spec ----------------------------------------------------------------------- */

struct number {
	char type; /* 'b', 'c' */
	int64_t major, minor;
};

/* What becomes of one node of the spec. */
struct change {
	const char *container_path;
	char *path; /* the guest's, where it replaces the container's; else NULL */
	struct number guest;
	struct number host; /* what the spec said */
};

struct changes {
	struct change *items;
	size_t count;
};

static void changes_release(struct changes *changes)
{
	for (size_t i = 0; i < changes->count; i++)
		free(changes->items[i].path);
	free(changes->items);
}
#define _cleanup_changes_ _cleanup_(changes_release)

static int read_number(const char *node, struct number *number, struct error **err)
{
	struct stat status;

	if (stat(node, &status) < 0)
		return error_set_errno(err, -errno, "look at %s", node);
	if (!S_ISBLK(status.st_mode) && !S_ISCHR(status.st_mode))
		return error_set(err, -ENODEV, "%s is no device node", node);
	number->type = S_ISBLK(status.st_mode) ? 'b' : 'c';
	number->major = major(status.st_rdev);
	number->minor = minor(status.st_rdev);
	return 0;
}

static Grpc__LinuxDevice *find_node(const Grpc__Spec *spec, const char *path)
{
	for (size_t i = 0; spec->linux && i < spec->linux->n_devices; i++)
		if (strcmp(spec->linux->devices[i]->path, path) == 0)
			return spec->linux->devices[i];
	return NULL;
}

static void set_type(char **field, char type)
{
	proto_take_string(field, xasprintf("%c", type));
}

static int change_node(const Grpc__Spec *spec, struct change *change, struct error **err)
{
	Grpc__LinuxDevice *node = find_node(spec, change->container_path);

	if (!node)
		return error_set(err, -EINVAL, "Missing devices in OCI spec: %s",
				 change->container_path);
	change->host = (struct number){ node->type[0], node->major, node->minor };
	node->major = change->guest.major;
	node->minor = change->guest.minor;
	set_type(&node->type, change->guest.type);
	if (change->path)
		proto_take_string(&node->path, steal(change->path));
	return 0;
}

static void add_rule(Grpc__LinuxResources *resources, const struct number *number)
{
	Grpc__LinuxDeviceCgroup *rule = xmalloc(sizeof(*rule));

	grpc__linux_device_cgroup__init(rule);
	rule->allow = true;
	rule->major = number->major;
	rule->minor = number->minor;
	set_type(&rule->type, number->type);
	rule->access = xstrdup("rwm");
	resources->devices = xrealloc(resources->devices,
				      (resources->n_devices + 1) * sizeof(*resources->devices));
	resources->devices[resources->n_devices++] = rule;
}

/* A rule that names the host's number is to name the guest's. */
static void change_rule(Grpc__LinuxDeviceCgroup *rule, const struct changes *changes)
{
	for (size_t i = 0; i < changes->count; i++) {
		const struct change *change = &changes->items[i];

		if (rule->type[0] != change->host.type || rule->major != change->host.major ||
		    rule->minor != change->host.minor)
			continue;
		rule->major = change->guest.major;
		rule->minor = change->guest.minor;
		set_type(&rule->type, change->guest.type);
		return;
	}
}

static int change_spec(const Grpc__Spec *spec, const struct changes *changes, struct error **err)
{
	Grpc__LinuxResources *resources = spec->linux ? spec->linux->resources : NULL;
	int ret = 0;

	for (size_t i = 0; i < changes->count && ret == 0; i++)
		ret = change_node(spec, &changes->items[i], err);
	if (ret < 0 || !resources)
		return ret;
	for (size_t i = 0; i < resources->n_devices; i++)
		change_rule(resources->devices[i], changes);
	for (size_t i = 0; i < changes->count; i++)
		add_rule(resources, &changes->items[i].guest);
	return 0;
}

/* ---- InfiniBand -------------------------------------------------------------------------------- */

static void add_node(Grpc__Linux *settings, const char *path, const struct number *number)
{
	Grpc__LinuxDevice *node = xmalloc(sizeof(*node));

	grpc__linux_device__init(node);
	node->path = xstrdup(path);
	node->major = number->major;
	node->minor = number->minor;
	set_type(&node->type, number->type);
	settings->devices =
		xrealloc(settings->devices, (settings->n_devices + 1) * sizeof(*settings->devices));
	settings->devices[settings->n_devices++] = node;
}

/* A device that is passed through may be an adapter whose driver makes nodes of its own: all of those. */
static void add_infiniband(const struct devices *devices, const Grpc__Spec *spec)
{
	_cleanup_free_ char *directory = xasprintf("%s/dev/infiniband", devices->root);
	DIR *stream = spec->linux ? opendir(directory) : NULL;
	const struct dirent *entry;

	for (size_t count = 0; stream && count < INFINIBAND_MAX && (entry = readdir(stream));
	     count++) {
		_cleanup_error_ struct error *ignored = NULL; /* a directory, a link to nothing */
		_cleanup_free_ char *node = xasprintf("%s/%s", directory, entry->d_name);
		const char *path = node + strlen(devices->root);
		struct number number = { 0 };

		if (read_number(node, &number, &ignored) < 0 || number.type != 'c' ||
		    find_node(spec, path))
			continue;
		add_node(spec->linux, path, &number);
		if (spec->linux->resources)
			add_rule(spec->linux->resources, &number);
	}
	if (stream)
		closedir(stream);
}

/* ---- CDI --------------------------------------------------------------------------------------- */

int devices_check_cdi(const Grpc__Spec *spec, struct error **err)
{
	const char *kind = "", *cdi = NULL;

	for (size_t i = 0; i < spec->n_annotations; i++) {
		const Grpc__Spec__AnnotationsEntry *entry = spec->annotations[i];

		if (strcmp(entry->key, "io.katacontainers.pkg.oci.container_type") == 0)
			kind = entry->value;
		else if (slice_starts_with(slice_of(entry->key), "cdi.k8s.io/"))
			cdi = entry->value;
	}
	if (!cdi || strcmp(kind, "pod_sandbox") == 0)
		return 0;
	return error_set(err, -ENOTSUP,
			 "failed to inject CDI devices %s: this agent reads no CDI specs", cdi);
}

/* ---- a request's devices ----------------------------------------------------------------------- */

static int add_change(struct changes *changes, const Grpc__Device *device, char *node, bool renames,
		      struct error **err)
{
	struct change *change = &changes->items[changes->count];
	_cleanup_free_ char *path = node;

	for (size_t i = 0; i < changes->count; i++)
		if (strcmp(changes->items[i].container_path, device->container_path) == 0)
			return error_set(err, -EINVAL, "Conflicting device updates for %s",
					 device->container_path);
	*change = (struct change){ .container_path = device->container_path };
	if (read_number(path, &change->guest, err) < 0)
		return error_code(*err);
	if (renames)
		change->path = steal(path);
	changes->count++;
	return 0;
}

static int give_device(struct devices *devices, const Grpc__Device *device, struct changes *changes,
		       struct pci_addresses *addresses, bool *has_vfio, struct error **err)
{
	const struct handler *handler;
	char *node = NULL;
	int ret = check_device(device, err);

	if (ret < 0)
		return ret;
	handler = find_handler(device->type, err);
	if (!handler)
		return error_code(*err);
	ret = handler->give(devices, device, addresses, &node, err);
	if (ret < 0)
		return ret;
	*has_vfio |= handler->is_vfio;
	return node ? add_change(changes, device, node, handler->renames, err) : 0;
}

int devices_give(struct devices *devices, Grpc__Device *const *list, size_t count, Grpc__Spec *spec,
		 struct pci_addresses *addresses, struct error **err)
{
	_cleanup_changes_ struct changes changes = { 0 };
	bool has_vfio = false;
	int ret = 0;

	if (count == 0)
		return 0;
	if (count > MAX_DEVICES)
		return error_set(err, -E2BIG, "the request has %zu devices; at most %d are given",
				 count, MAX_DEVICES);
	changes.items = xcalloc(count, sizeof(*changes.items));
	for (size_t i = 0; i < count && ret == 0; i++)
		ret = give_device(devices, list[i], &changes, addresses, &has_vfio, err);
	if (ret == 0)
		ret = change_spec(spec, &changes, err);
	if (ret < 0)
		return ret;
	if (has_vfio)
		add_infiniband(devices, spec);
	return spec->process ? pci_addresses_rewrite(addresses, spec->process->env,
						     spec->process->n_env, err)
			     : 0;
}
