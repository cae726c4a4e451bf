// SPDX-License-Identifier: Apache-2.0
#include "device_rules.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define MKNOD	   BPF_DEVCG_ACC_MKNOD
#define EVERYTHING (BPF_DEVCG_ACC_MKNOD | BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE)

/* To make any node is allowed, to use it is not. */
static const struct device_rule defaults[] = {
	{ true, 'c', DEVICE_ANY, DEVICE_ANY, MKNOD },
	{ true, 'b', DEVICE_ANY, DEVICE_ANY, MKNOD },
	{ true, 'c', 1, 3, EVERYTHING },	    /* null */
	{ true, 'c', 1, 5, EVERYTHING },	    /* zero */
	{ true, 'c', 1, 7, EVERYTHING },	    /* full */
	{ true, 'c', 1, 8, EVERYTHING },	    /* random */
	{ true, 'c', 1, 9, EVERYTHING },	    /* urandom */
	{ true, 'c', 5, 0, EVERYTHING },	    /* tty */
	{ true, 'c', 5, 1, EVERYTHING },	    /* console */
	{ true, 'c', 136, DEVICE_ANY, EVERYTHING }, /* pts */
	{ true, 'c', 5, 2, EVERYTHING },	    /* ptmx */
	{ true, 'c', 10, 200, EVERYTHING },	    /* net/tun */
};

/* "rwm" in any order; 0 for anything else. */
static unsigned parse_access(const char *text)
{
	unsigned access = 0;

	for (const char *c = text; *c; c++) {
		unsigned bit = *c == 'r'   ? BPF_DEVCG_ACC_READ
			       : *c == 'w' ? BPF_DEVCG_ACC_WRITE
			       : *c == 'm' ? BPF_DEVCG_ACC_MKNOD
					   : 0;

		if (bit == 0)
			return 0;
		access |= bit;
	}
	return access;
}

static int parse(const Grpc__LinuxDeviceCgroup *from, struct device_rule *rule, struct error **err)
{
	if (strcmp(from->type, "c") != 0 && strcmp(from->type, "b") != 0)
		return error_set(err, -EINVAL, "\"%s\" is no type of device", from->type);
	*rule = (struct device_rule){
		.allow = from->allow,
		.type = from->type[0],
		.major = from->major < 0 ? DEVICE_ANY : from->major,
		.minor = from->minor < 0 ? DEVICE_ANY : from->minor,
		.access = parse_access(from->access),
	};
	if (rule->access == 0)
		return error_set(err, -EINVAL, "\"%s\" is no access to a device", from->access);
	if (rule->major > UINT32_MAX || rule->minor > UINT32_MAX)
		return error_set(err, -EINVAL, "no device has the number %lld:%lld",
				 (long long)rule->major, (long long)rule->minor);
	return 0;
}

/* OCI has no access for "everything"; the host sends 0:0 where -1 does not travel. */
static bool is_everything(const Grpc__LinuxDeviceCgroup *rule)
{
	return strcmp(rule->type, "a") == 0;
}

int device_rules_make(const Grpc__LinuxResources *resources, struct device_rules *rules,
		      struct error **err)
{
	size_t count = resources ? resources->n_devices : 0;
	int ret = 0;

	*rules = (struct device_rules){ 0 };
	if (count > DEVICE_RULES_MAX)
		return error_set(err, -E2BIG, "%zu rules for devices; at most %d are possible",
				 count, DEVICE_RULES_MAX);
	rules->items = xcalloc(ARRAY_SIZE(defaults) + count, sizeof(*rules->items));
	memcpy(rules->items, defaults, sizeof(defaults));
	rules->count = ARRAY_SIZE(defaults);
	for (size_t i = 0; i < count && ret == 0; i++) {
		const Grpc__LinuxDeviceCgroup *rule = resources->devices[i];

		if (is_everything(rule))
			rules->everything |= rule->allow; /* to deny all is where we begin */
		else
			ret = parse(rule, &rules->items[rules->count++], err);
	}
	if (ret < 0)
		device_rules_release(rules);
	return ret;
}

void device_rules_release(struct device_rules *rules)
{
	free(rules->items);
	*rules = (struct device_rules){ 0 };
}
