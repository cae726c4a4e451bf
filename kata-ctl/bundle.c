// SPDX-License-Identifier: Apache-2.0
/*
 * The protocol's names are those of the Go structs of the OCI specification, and JSON's are the same with other
 * capitals. So fields are found by name whatever the case; what the protocol does not have is left out.
 */
#include "bundle.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "json_input.h"
#include "proto/json_fields.h"
#include "proto/oci.pb-c.h"

/* clang-format off */
#define CAPABILITIES                                                                            \
	"['CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_FSETID', 'CAP_FOWNER', 'CAP_MKNOD', 'CAP_NET_RAW', " \
	"'CAP_SETGID', 'CAP_SETUID', 'CAP_SETFCAP', 'CAP_SETPCAP', 'CAP_NET_BIND_SERVICE', "     \
	"'CAP_SYS_CHROOT', 'CAP_KILL', 'CAP_AUDIT_WRITE']"

/* JSON, but for the quotes. */
static const char plain_config[] =
	"{'ociVersion': '1.1.0',"
	" 'process': {'cwd': '/', 'user': {}, 'args': [], 'env': [],"
	"  'capabilities': {'bounding': " CAPABILITIES ", 'effective': " CAPABILITIES ", 'permitted': " CAPABILITIES "}},"
	" 'mounts': ["
	"  {'destination': '/proc', 'type': 'proc', 'source': 'proc'},"
	"  {'destination': '/dev', 'type': 'tmpfs', 'source': 'tmpfs',"
	"   'options': ['nosuid', 'strictatime', 'mode=755', 'size=65536k']},"
	"  {'destination': '/dev/pts', 'type': 'devpts', 'source': 'devpts',"
	"   'options': ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5']},"
	"  {'destination': '/dev/shm', 'type': 'tmpfs', 'source': 'shm',"
	"   'options': ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k']},"
	"  {'destination': '/sys', 'type': 'sysfs', 'source': 'sysfs',"
	"   'options': ['nosuid', 'noexec', 'nodev', 'ro']}],"
	" 'linux': {"
	"  'namespaces': [{'type': 'mount'}, {'type': 'ipc'}, {'type': 'uts'}],"
	"  'maskedPaths': ['/proc/kcore', '/proc/keys', '/proc/timer_list', '/proc/sched_debug'],"
	"  'readonlyPaths': ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger']}}";
/* clang-format on */

/* ---- names -------------------------------------------------------------------------------------- */

static const ProtobufCFieldDescriptor *find_field(const ProtobufCMessageDescriptor *type,
						  const char *name)
{
	if (type == &grpc__spec__descriptor && strcmp(name, "ociVersion") == 0)
		name = "Version";
	for (unsigned i = 0; i < type->n_fields; i++)
		if (strcasecmp(type->fields[i].name, name) == 0)
			return &type->fields[i];
	return NULL;
}

static bool is_message(const ProtobufCFieldDescriptor *field)
{
	return field->type == PROTOBUF_C_TYPE_MESSAGE && !json_field_is_map(field);
}

/* Not deeper than the types are. */
static cJSON *translate(const cJSON *object, const ProtobufCMessageDescriptor *type)
{
	cJSON *translated = cJSON_CreateObject();
	const cJSON *member, *element;

	cJSON_ArrayForEach(member, object)
	{
		const ProtobufCFieldDescriptor *field = find_field(type, member->string);
		cJSON *list;

		if (!field || cJSON_HasObjectItem(translated, field->name))
			continue;
		if (!is_message(field)) {
			cJSON_AddItemToObject(translated, field->name,
					      cJSON_Duplicate(member, true));
		} else if (cJSON_IsArray(member)) {
			list = cJSON_AddArrayToObject(translated, field->name);
			cJSON_ArrayForEach(element, member)
				cJSON_AddItemToArray(list, translate(element, field->descriptor));
		} else if (cJSON_IsObject(member)) {
			cJSON_AddItemToObject(translated, field->name,
					      translate(member, field->descriptor));
		}
	}
	return translated;
}

/* ---- what has no meaning in a guest ------------------------------------------------------------- */

static void forget(cJSON *object, const char *name)
{
	cJSON_DeleteItemFromObjectCaseSensitive(object, name);
}

static bool is_one_of(const cJSON *text, const char *const *words)
{
	for (; cJSON_IsString(text) && *words; words++)
		if (strcmp(text->valuestring, *words) == 0)
			return true;
	return false;
}

static void adapt_namespaces(cJSON *namespaces)
{
	static const char *const of_the_host[] = {
		"cgroup", "network", "net", "time", "pid", NULL
	};

	for (cJSON *entry = namespaces ? namespaces->child : NULL, *next; entry; entry = next) {
		next = entry->next;
		forget(entry, "Path");
		if (is_one_of(cJSON_GetObjectItemCaseSensitive(entry, "Type"), of_the_host))
			cJSON_Delete(cJSON_DetachItemViaPointer(namespaces, entry));
	}
}

static void adapt(cJSON *spec)
{
	cJSON *settings = cJSON_GetObjectItemCaseSensitive(spec, "Linux");
	cJSON *resources = cJSON_GetObjectItemCaseSensitive(settings, "Resources");
	cJSON *process = cJSON_GetObjectItemCaseSensitive(spec, "Process");

	forget(spec, "Hooks");
	forget(process, "SelinuxLabel");
	forget(process, "ApparmorProfile");
	forget(settings, "MountLabel");
	forget(settings, "IntelRdt");
	forget(resources, "Network");
	adapt_namespaces(cJSON_GetObjectItemCaseSensitive(settings, "Namespaces"));
}

static cJSON *make_spec(const cJSON *config)
{
	cJSON *spec = translate(config, &grpc__spec__descriptor);

	adapt(spec);
	return spec;
}

int bundle_read(const char *path, cJSON **spec, struct error **err)
{
	cJSON *config;
	int ret;

	ret = json_input_read(path, &config, err);
	if (ret < 0)
		return ret;
	*spec = make_spec(config);
	cJSON_Delete(config);
	return 0;
}

cJSON *bundle_plain(void)
{
	_cleanup_free_ char *text = xstrdup(plain_config);
	cJSON *config, *spec;

	for (char *c = strchr(text, '\''); c; c = strchr(c, '\''))
		*c = '"';
	config = cJSON_Parse(text);
	spec = make_spec(config);
	cJSON_Delete(config);
	return spec;
}
