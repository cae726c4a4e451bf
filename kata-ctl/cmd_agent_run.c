// SPDX-License-Identifier: Apache-2.0
/* `run`: a container's whole life, from a bundle or from a root file system in the guest. */
#include <errno.h>
#include <stdio.h>

#include "agent.h"
#include "base/log.h"
#include "base/path.h"
#include "bundle.h"
#include "process_spec.h"
#include "proto/agent.pb-c.h"
#include "relay.h"

struct run_options {
	struct process_options process;
	const char *bundle;
	const char *root;
	const char *hostname;
	bool interactive;
	bool detach;
	bool keep;
	bool create_sandbox;
};

static const struct cli_option options[] = {
	{ CLI_STRING("bundle, b", struct run_options, bundle),
	  .help = "the OCI bundle whose config.json describes the container",
	  .complete = CLI_DIRECTORIES },
	{ CLI_STRING("rootfs, r", struct run_options, root),
	  .help = "the container's root file system, where the agent sees it" },
	{ CLI_BOOL("interactive, i", struct run_options, interactive),
	  .help = "give it our standard input" },
	{ CLI_BOOL("tty, t", struct run_options, process.terminal),
	  .help = "give it a terminal, and our standard input" },
	PROCESS_OPTIONS(struct run_options, process),
	{ CLI_STRING("hostname", struct run_options, hostname), .help = "its host name" },
	{ CLI_BOOL("create-sandbox", struct run_options, create_sandbox),
	  .help = "create the sandbox first: an agent has none at its start" },
	{ CLI_BOOL("detach, d", struct run_options, detach),
	  .help = "leave the container running; `attach` gets its output" },
	{ CLI_BOOL("keep", struct run_options, keep),
	  .help = "do not remove the container when it has ended" },
	{ 0 },
};

struct run {
	const struct run_options *given;
	struct agent_process process; /* the container's first one */
	int64_t timeout_ns;
};

/* ---- the container's description ---------------------------------------------------------------- */

static void set_string(cJSON *object, const char *name, const char *value)
{
	cJSON_DeleteItemFromObjectCaseSensitive(object, name);
	cJSON_AddStringToObject(object, name, value);
}

/* A member that is an object, made where it is missing. */
static cJSON *object_in(cJSON *object, const char *name)
{
	cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);

	if (cJSON_IsObject(member))
		return member;
	cJSON_DeleteItemFromObjectCaseSensitive(object, name);
	return cJSON_AddObjectToObject(object, name);
}

/* A root of the bundle's is beside its config.json; where the agent is, that may be another file system. */
static int set_root(const struct run_options *given, cJSON *spec, struct error **err)
{
	cJSON *root = object_in(spec, "Root");
	const cJSON *path = cJSON_GetObjectItemCaseSensitive(root, "Path");
	_cleanup_free_ char *beside = NULL;
	_cleanup_free_ char *absolute = NULL;
	int ret;

	if (given->root[0]) {
		set_string(root, "Path", given->root);
		return 0;
	}
	if (!given->bundle[0] || !cJSON_IsString(path))
		return error_set(
			err, -EINVAL,
			"where is the root file system? Say --rootfs DIRECTORY, or --bundle "
			"DIRECTORY with a config.json that has a root");
	if (path->valuestring[0] == '/')
		return 0;
	beside = path_join(given->bundle, path->valuestring);
	ret = path_absolute(beside, &absolute, err);
	if (ret == 0)
		set_string(root, "Path", absolute);
	return ret;
}

static int complete_spec(const struct run_options *given, char *const *command, cJSON *spec,
			 struct error **err)
{
	cJSON *process = object_in(spec, "Process");
	int ret;

	ret = set_root(given, spec, err);
	if (ret == 0)
		ret = process_spec_apply(&given->process, command, process, err);
	if (ret < 0)
		return ret;
	if (cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(process, "Args")) == 0)
		return error_set(err, -EINVAL,
				 "which command shall run? It comes behind the container's id");
	if (given->hostname[0])
		set_string(spec, "Hostname", given->hostname);
	return 0;
}

static int make_spec(const struct run_options *given, char *const *command, cJSON **spec,
		     struct error **err)
{
	_cleanup_free_ char *config = NULL;
	int ret;

	if (given->bundle[0]) {
		config = path_join(given->bundle, "config.json");
		ret = bundle_read(config, spec, err);
		if (ret < 0)
			return ret;
	} else {
		*spec = bundle_plain();
	}
	return complete_spec(given, command, *spec, err);
}

/* ---- its life ----------------------------------------------------------------------------------- */

static int create_sandbox(const struct run *run, struct error **err)
{
	Grpc__CreateSandboxRequest request = GRPC__CREATE_SANDBOX_REQUEST__INIT;

	request.sandbox_id = (char *)run->process.container_id;
	request.hostname = (char *)run->given->hostname;
	return agent_call(run->process.client, "CreateSandbox", &request.base, run->timeout_ns,
			  NULL, err);
}

static int create(const struct run *run, cJSON *spec, struct error **err)
{
	cJSON *request = cJSON_CreateObject();
	int ret;

	cJSON_AddStringToObject(request, "container_id", run->process.container_id);
	cJSON_AddStringToObject(request, "exec_id", run->process.exec_id);
	cJSON_AddItemReferenceToObject(request, "OCI", spec);
	ret = agent_call_json(run->process.client, "CreateContainer", request, run->timeout_ns,
			      err);
	cJSON_Delete(request);
	return ret;
}

static int start(void *data, struct error **err)
{
	const struct run *run = data;
	Grpc__StartContainerRequest request = GRPC__START_CONTAINER_REQUEST__INIT;

	request.container_id = (char *)run->process.container_id;
	return agent_call(run->process.client, "StartContainer", &request.base, run->timeout_ns,
			  NULL, err);
}

static int remove_container(const struct run *run, struct error **err)
{
	Grpc__RemoveContainerRequest request = GRPC__REMOVE_CONTAINER_REQUEST__INIT;

	request.container_id = (char *)run->process.container_id;
	return agent_call(run->process.client, "RemoveContainer", &request.base, run->timeout_ns,
			  NULL, err);
}

/* From the start to the end; the container exists. */
static int live(struct run *run, int *status, struct error **err)
{
	const struct run_options *given = run->given;
	struct relay_options relay = { .begin = start,
				       .data = run,
				       .input = given->interactive || given->process.terminal,
				       .terminal = given->process.terminal };

	return given->detach ? start(run, err) : relay_run(&run->process, &relay, status, err);
}

static int run_container(struct run *run, cJSON *spec, int *status, struct error **err)
{
	_cleanup_error_ struct error *second = NULL;
	int ret;

	ret = run->given->create_sandbox ? create_sandbox(run, err) : 0;
	if (ret == 0)
		ret = create(run, spec, err);
	if (ret < 0)
		return ret;
	ret = live(run, status, err);
	if (ret == 0 && (run->given->detach || run->given->keep))
		return 0;
	if (ret == 0)
		return remove_container(run, err);
	if (remove_container(run, &second) < 0)
		log_warning("the container is not removed",
			    LOG_STR("error", error_message(second)));
	return ret;
}

static int run_run(const struct cli_invocation *invocation, struct error **err)
{
	_cleanup_agent_client_ struct agent_client *client = NULL;
	struct run run = { .given = invocation->options };
	const char *id = invocation->arguments[0];
	int ret, status = 0;
	cJSON *spec = NULL;

	ret = agent_call_timeout(invocation->group, &run.timeout_ns, err);
	if (ret == 0)
		ret = make_spec(run.given, invocation->arguments + 1, &spec, err);
	if (ret == 0)
		ret = agent_connect(invocation->group, &client, err);
	if (ret == 0) {
		run.process = (struct agent_process){ client, id, id };
		ret = run_container(&run, spec, &status, err);
	}
	cJSON_Delete(spec);
	return ret < 0 ? ret : process_exit_status(status);
}

const struct cli_command cmd_agent_run = {
	.name = "run",
	.help = "create a container, run it to its end, remove it, and end with its exit status",
	.arguments = "ID [COMMAND [ARGUMENT...]]",
	.description = "Without a bundle the container has the usual mounts and few capabilities.",
	.options = options,
	.options_size = sizeof(struct run_options),
	.options_first = true,
	.min_arguments = 1,
	.max_arguments = SIZE_MAX,
	.run = run_run,
};
