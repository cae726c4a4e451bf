// SPDX-License-Identifier: Apache-2.0
#include "agent_commands.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <strings.h>

#include "agent_copy.h"
#include "agent_request.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "proto/message.h"

/* ---- requests that people write in another form -------------------------------------------------- */

/* `id` is the container's. Upstream's tool would pull the `image`. */
static int prepare_create_container(cJSON *request, struct error **err)
{
	cJSON *id;
	char random[65];

	if (cJSON_HasObjectItem(request, "image"))
		return error_set(
			err, -ENOTSUP,
			"no image is pulled here: give the container's OCI section, or unpack a "
			"bundle and say `kata-ctl agent run --bundle DIR ID`");
	if (cJSON_HasObjectItem(request, "container_id"))
		return 0;
	id = cJSON_DetachItemFromObjectCaseSensitive(request, "id");
	if (!id) {
		agent_random_id(random);
		id = cJSON_CreateString(random);
	}
	cJSON_AddItemToObject(request, "container_id", id);
	return 0;
}

/* `policy_file` names the file that has the policy. */
static int prepare_set_policy(cJSON *request, struct error **err)
{
	const cJSON *file = cJSON_GetObjectItemCaseSensitive(request, "policy_file");
	_cleanup_free_ char *text = NULL;
	int ret;

	if (!cJSON_IsString(file))
		return 0;
	ret = file_read_all(file->valuestring, PROTO_MAX_BYTES, &text, NULL, err);
	if (ret < 0)
		return ret;
	cJSON_DeleteItemFromObjectCaseSensitive(request, "policy_file");
	cJSON_AddStringToObject(request, "policy", text);
	return 0;
}

/* ---- the table ---------------------------------------------------------------------------------- */

#define CONTAINER                                                  \
	{                                                          \
		"container_id", "cid", NULL, AGENT_FIELD_CONTAINER \
	}
#define PROCESS                                                 \
	{                                                       \
		"exec_id", "exec_id", NULL, AGENT_FIELD_PROCESS \
	}
#define READ_SIZE "32768"

static const struct agent_field container[] = { CONTAINER, { 0 } };
static const struct agent_field process[] = { CONTAINER, PROCESS, { 0 } };
static const struct agent_field signal_fields[] = {
	CONTAINER, PROCESS, { "signal", "signal", "SIGKILL", AGENT_FIELD_SIGNAL }, { 0 }
};
static const struct agent_field read_fields[] = {
	CONTAINER, PROCESS, { "len", "len", READ_SIZE, AGENT_FIELD_PLAIN }, { 0 }
};
static const struct agent_field write_fields[] = {
	CONTAINER, PROCESS, { "data", "data", NULL, AGENT_FIELD_PLAIN }, { 0 }
};
static const struct agent_field resize_fields[] = { CONTAINER,
						    PROCESS,
						    { "row", "row", NULL, AGENT_FIELD_PLAIN },
						    { "column", "column", NULL, AGENT_FIELD_PLAIN },
						    { 0 } };
static const struct agent_field details_fields[] = {
	{ "mem_block_size", "mem_block_size", "true", AGENT_FIELD_PLAIN },
	{ "mem_hotplug_probe", "mem_hotplug_probe", "true", AGENT_FIELD_PLAIN },
	{ 0 }
};
static const struct agent_field online_fields[] = {
	{ "wait", "wait", NULL, AGENT_FIELD_PLAIN },
	{ "nb_cpus", "nb_cpus", NULL, AGENT_FIELD_PLAIN },
	{ "cpu_only", "cpu_only", NULL, AGENT_FIELD_PLAIN },
	{ 0 }
};
static const struct agent_field time_fields[] = { { "Sec", "sec", NULL, AGENT_FIELD_PLAIN },
						  { "Usec", "usec", NULL, AGENT_FIELD_PLAIN },
						  { 0 } };
static const struct agent_field data_field[] = { { "data", "data", NULL, AGENT_FIELD_PLAIN },
						 { 0 } };
static const struct agent_field probe_fields[] = {
	{ "memHotplugProbeAddr", "memHotplugProbeAddr", NULL, AGENT_FIELD_HEXADECIMAL }, { 0 }
};

static const struct agent_field exec_fields[] = {
	CONTAINER, PROCESS, { "process", "spec", NULL, AGENT_FIELD_SPEC }, { 0 }
};

static const struct agent_command commands[] = {
	{ .method = "CreateContainer", .prepare = prepare_create_container },
	{ .method = "SetPolicy", .prepare = prepare_set_policy },
	{ .method = "CopyFile", .run = agent_copy_by_request },
	{ .method = "PauseContainer", .fields = container },
	{ .method = "ResumeContainer", .fields = container },
	{ .method = "StatsContainer", .fields = container },
	{ .method = "UpdateContainer", .fields = container },
	{ .method = "ExecProcess", .fields = exec_fields },
	{ .method = "SignalProcess", .fields = signal_fields },
	{ .method = "WaitProcess", .fields = process },
	{ .method = "CloseStdin", .fields = process },
	{ .method = "ReadStdout", .fields = read_fields },
	{ .method = "ReadStderr", .fields = read_fields },
	{ .method = "WriteStdin", .fields = write_fields },
	{ .method = "TtyWinResize", .fields = resize_fields },
	{ .method = "GetGuestDetails", .fields = details_fields },
	{ .method = "OnlineCPUMem", .fields = online_fields },
	{ .method = "SetGuestDateTime", .fields = time_fields },
	{ .method = "ReseedRandomDev", .fields = data_field },
	{ .method = "MemHotplugByProbe", .fields = probe_fields },
	{ .name = "GetIptables", .method = "GetIPTables" },
	{ .name = "SetIptables", .method = "SetIPTables", .fields = data_field },
};

const struct agent_command *agent_command_find(const char *word, struct agent_command *made)
{
	struct agent_method method;

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (strcmp(word, commands[i].method) == 0 ||
		    (commands[i].name && strcmp(word, commands[i].name) == 0))
			return &commands[i];
	if (!agent_method_find(word, &method))
		return NULL;
	*made = (struct agent_command){ .method = method.name };
	return made;
}

int agent_signal_parse(const char *text, unsigned *number)
{
	uint64_t value;

	if (number_parse_u64(slice_of(text), &value) == 0) {
		*number = (unsigned)value;
		return value <= 255 ? 0 : -EINVAL;
	}
	if (strncasecmp(text, "SIG", 3) == 0)
		text += 3;
	for (int i = 1; i < SIGRTMIN; i++) {
		const char *name = sigabbrev_np(i);

		if (name && strcasecmp(name, text) == 0) {
			*number = (unsigned)i;
			return 0;
		}
	}
	if (strcasecmp(text, "CLD") != 0)
		return -EINVAL;
	*number = SIGCHLD;
	return 0;
}
