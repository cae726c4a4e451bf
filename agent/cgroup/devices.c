// SPDX-License-Identifier: Apache-2.0
/*
 * Which device nodes a container may use: v1's devices controller (spec/agent.md 13.2). With v2 the kernel
 * has no such files; there the nodes that a container finds are those it was given, and CAP_MKNOD is the host's decision.
 */
#include <errno.h>
#include <inttypes.h>

#include "base/memory.h"
#include "internal.h"

static const char *const defaults[] = {
	"c *:* m",   "b *:* m",	  "c 1:3 rwm", "c 1:5 rwm",   "c 1:7 rwm", "c 1:8 rwm",
	"c 1:9 rwm", "c 5:0 rwm", "c 5:1 rwm", "c 136:* rwm", "c 5:2 rwm", "c 10:200 rwm",
};

static void put_number(struct strbuf *out, int64_t number)
{
	if (number < 0)
		strbuf_putc(out, '*');
	else
		strbuf_printf(out, "%" PRId64, number);
}

/* OCI has no access for "everything"; the host sends 0:0 where -1 does not travel. */
static bool is_everything(const Grpc__LinuxDeviceCgroup *rule)
{
	return strcmp(rule->type, "a") == 0;
}

static int apply_rule(const struct cgroup *cgroup, const Grpc__LinuxDeviceCgroup *rule,
		      struct error **err)
{
	_cleanup_strbuf_ struct strbuf value = STRBUF_INIT;
	size_t access = strlen(rule->access);

	if (strcmp(rule->type, "c") != 0 && strcmp(rule->type, "b") != 0)
		return error_set(err, -EINVAL, "\"%s\" is no type of device", rule->type);
	if (access == 0 || access > 3 || strspn(rule->access, "rwm") != access)
		return error_set(err, -EINVAL, "\"%s\" is no access to a device", rule->access);
	strbuf_printf(&value, "%s ", rule->type);
	put_number(&value, rule->major);
	strbuf_putc(&value, ':');
	put_number(&value, rule->minor);
	strbuf_printf(&value, " %s", rule->access);
	return cgroup_write(cgroup, CONTROLLER_DEVICES,
			    rule->allow ? "devices.allow" : "devices.deny", value.data, err);
}

int cgroup_set_devices(const struct cgroup *cgroup, const Grpc__LinuxResources *resources,
		       struct error **err)
{
	size_t count = resources ? resources->n_devices : 0;
	int ret;

	if (cgroup->v2 || !cgroup->directories[CONTROLLER_DEVICES])
		return 0;
	for (size_t i = 0; i < count; i++)
		if (is_everything(resources->devices[i]) && resources->devices[i]->allow)
			return 0;
	ret = cgroup_write(cgroup, CONTROLLER_DEVICES, "devices.deny", "a", err);
	for (size_t i = 0; i < ARRAY_SIZE(defaults) && ret == 0; i++)
		ret = cgroup_write(cgroup, CONTROLLER_DEVICES, "devices.allow", defaults[i], err);
	for (size_t i = 0; i < count && ret == 0; i++)
		if (!is_everything(resources->devices[i]))
			ret = apply_rule(cgroup, resources->devices[i], err);
	return ret;
}
