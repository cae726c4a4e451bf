// SPDX-License-Identifier: Apache-2.0
/* Which device nodes a container may use (spec/agent.md 13.2): v1 takes rules as text, v2 as a program. */
#include <errno.h>
#include <inttypes.h>

#include "base/log.h"
#include "base/memory.h"
#include "device_rules.h"
#include "internal.h"

static void put_number(struct strbuf *out, int64_t number)
{
	if (number == DEVICE_ANY)
		strbuf_putc(out, '*');
	else
		strbuf_printf(out, "%" PRId64, number);
}

static int write_rule(const struct cgroup *cgroup, const struct device_rule *rule,
		      struct error **err)
{
	_cleanup_strbuf_ struct strbuf value = STRBUF_INIT;

	strbuf_printf(&value, "%c ", rule->type);
	put_number(&value, rule->major);
	strbuf_putc(&value, ':');
	put_number(&value, rule->minor);
	strbuf_printf(&value, " %s%s%s", rule->access & BPF_DEVCG_ACC_READ ? "r" : "",
		      rule->access & BPF_DEVCG_ACC_WRITE ? "w" : "",
		      rule->access & BPF_DEVCG_ACC_MKNOD ? "m" : "");
	return cgroup_write(cgroup, CONTROLLER_DEVICES,
			    rule->allow ? "devices.allow" : "devices.deny", value.data, err);
}

static int write_rules(const struct cgroup *cgroup, const struct device_rules *rules,
		       struct error **err)
{
	int ret = cgroup_write(cgroup, CONTROLLER_DEVICES, "devices.deny", "a", err);

	for (size_t i = 0; i < rules->count && ret == 0; i++)
		ret = write_rule(cgroup, &rules->items[i], err);
	return ret;
}

/* A guest's kernel may be without: it still runs the container, as upstream's guests do. */
static void attach_filter(const struct cgroup *cgroup, const struct device_rules *rules)
{
	_cleanup_error_ struct error *err = NULL;
	_cleanup_free_ struct bpf_insn *code = NULL;
	size_t count = device_rules_compile(rules, &code);

	if (device_filter_attach(cgroup->directories[CONTROLLER_DEVICES], code, count, &err) < 0)
		log_warning("a container's devices are not filtered",
			    LOG_STR("error", error_message(err)));
}

int cgroup_set_devices(const struct cgroup *cgroup, const Grpc__LinuxResources *resources,
		       struct error **err)
{
	struct device_rules rules;
	int ret = device_rules_make(resources, &rules, err);

	if (ret < 0)
		return ret;
	if (!rules.everything && cgroup->v2)
		attach_filter(cgroup, &rules);
	else if (!rules.everything && cgroup->directories[CONTROLLER_DEVICES])
		ret = write_rules(cgroup, &rules, err);
	device_rules_release(&rules);
	return ret;
}
