// SPDX-License-Identifier: Apache-2.0
#include "process_spec.h"

#include <errno.h>
#include <string.h>

#include "base/number.h"
#include "base/quote.h"

#define USUAL_PATH "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define USUAL_TERM "TERM=xterm"

/* Put an item in the place of the one that is there, if one is. */
static void set(cJSON *object, const char *name, cJSON *item)
{
	cJSON_DeleteItemFromObjectCaseSensitive(object, name);
	cJSON_AddItemToObject(object, name, item);
}

static int parse_id(struct slice text, uint64_t *id)
{
	int ret = number_parse_u64(text, id);

	return ret < 0 || *id > UINT32_MAX ? -EINVAL : 0;
}

static int apply_user(const char *text, cJSON *process, struct error **err)
{
	struct slice all = slice_of(text);
	size_t colon = slice_find(all, ':');
	_cleanup_strbuf_ struct strbuf quoted = STRBUF_INIT;
	uint64_t uid = 0, gid = 0;
	cJSON *user;

	if (!text[0])
		return 0;
	if (parse_id(slice_first(all, colon), &uid) < 0 ||
	    (colon < all.size && parse_id(slice_from(all, colon + 1), &gid) < 0)) {
		quote_go(&quoted, all);
		return error_set(err, -EINVAL, "--user %s: a user is UID or UID:GID, in numbers",
				 quoted.data);
	}
	user = cJSON_CreateObject();
	cJSON_AddNumberToObject(user, "UID", (double)uid);
	cJSON_AddNumberToObject(user, "GID", (double)gid);
	set(process, "User", user);
	return 0;
}

/* The number of a variable of this name in the list, or -1. */
static int find_variable(const cJSON *environment, struct slice name)
{
	const cJSON *item;
	int index = 0;

	cJSON_ArrayForEach(item, environment)
	{
		if (cJSON_IsString(item) && strncmp(item->valuestring, name.data, name.size) == 0 &&
		    item->valuestring[name.size] == '=')
			return index;
		index++;
	}
	return -1;
}

static struct slice name_of(const char *variable)
{
	return slice_make(variable, strcspn(variable, "="));
}

static void set_variable(cJSON *environment, const char *variable)
{
	int there = find_variable(environment, name_of(variable));

	if (there >= 0)
		cJSON_DeleteItemFromArray(environment, there);
	cJSON_AddItemToArray(environment, cJSON_CreateString(variable));
}

static void set_usual_variable(cJSON *environment, const char *variable)
{
	if (find_variable(environment, name_of(variable)) < 0)
		cJSON_AddItemToArray(environment, cJSON_CreateString(variable));
}

static int apply_environment(const struct process_options *given, cJSON *process,
			     struct error **err)
{
	cJSON *environment = cJSON_GetObjectItemCaseSensitive(process, "Env");
	_cleanup_strbuf_ struct strbuf quoted = STRBUF_INIT;

	if (!cJSON_IsArray(environment)) {
		environment = cJSON_CreateArray();
		set(process, "Env", environment);
	}
	for (size_t i = 0; i < given->environment.count; i++) {
		const char *variable = given->environment.items[i];
		struct slice name = name_of(variable);

		if (name.size == 0 || !variable[name.size]) {
			quote_go(&quoted, slice_of(variable));
			return error_set(err, -EINVAL, "--env %s: a variable is NAME=VALUE",
					 quoted.data);
		}
		set_variable(environment, variable);
	}
	set_usual_variable(environment, USUAL_PATH);
	if (given->terminal)
		set_usual_variable(environment, USUAL_TERM);
	return 0;
}

int process_spec_apply(const struct process_options *given, char *const *command, cJSON *process,
		       struct error **err)
{
	cJSON *arguments;
	int ret;

	if (command[0]) {
		arguments = cJSON_CreateArray();
		for (; *command; command++)
			cJSON_AddItemToArray(arguments, cJSON_CreateString(*command));
		set(process, "Args", arguments);
	}
	set(process, "Terminal", cJSON_CreateBool(given->terminal));
	if (given->directory[0] || !cJSON_HasObjectItem(process, "Cwd"))
		set(process, "Cwd",
		    cJSON_CreateString(given->directory[0] ? given->directory : "/"));
	if (!cJSON_HasObjectItem(process, "User"))
		set(process, "User", cJSON_CreateObject());
	ret = apply_user(given->user, process, err);
	return ret < 0 ? ret : apply_environment(given, process, err);
}

int process_exit_status(int status)
{
	return status >= 0 && status <= 255 ? status : 255;
}
