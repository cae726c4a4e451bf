// SPDX-License-Identifier: Apache-2.0
#include "agent_session.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent-client/json_call.h"
#include "agent_request.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/quote.h"
#include "print_json.h"

#define REPEAT_FOREVER UINT64_MAX

int agent_session_open(struct agent_session *session, const struct agent_options *given,
		       bool automatic, struct error **err)
{
	*session = (struct agent_session){ .given = given, .automatic = automatic };
	return agent_call_timeout(given, &session->timeout_ns, err);
}

void agent_session_release(struct agent_session *session)
{
	agent_client_free(session->client);
	agent_values_release(&session->values);
}

/* ---- calls -------------------------------------------------------------------------------------- */

static int connect_first(struct agent_session *session, struct error **err)
{
	return session->client ? 0 : agent_connect(session->given, &session->client, err);
}

static int send_request(struct agent_session *session, const struct agent_command *command,
			const cJSON *request, struct error **err)
{
	cJSON *reply = NULL;
	bool called;
	int ret;

	ret = command->run ? command->run(session->client, request, session->timeout_ns, err) : 0;
	if (ret < 0)
		return ret;
	if (ret > 0) {
		puts("{}");
		return 0;
	}
	ret = agent_client_call_json(session->client, command->method, request, session->timeout_ns,
				     &reply, &called, err);
	if (ret < 0 && called)
		return error_wrap(err, "%s: %s", command->method,
				  ttrpc_code_name((int)ttrpc_code_of_errno(ret)));
	if (ret < 0)
		return error_wrap(err, "%s", command->method);
	print_json(reply);
	cJSON_Delete(reply);
	return 0;
}

static int call_once(struct agent_session *session, const struct agent_command *command,
		     char *const *arguments, struct error **err)
{
	cJSON *request = NULL;
	int64_t started;
	int ret;

	ret = agent_request_make(command, arguments, session->automatic, &session->values, &request,
				 err);
	if (ret < 0)
		return error_wrap(err, "%s", command->method);
	started = clock_now_us();
	ret = send_request(session, command, request, err);
	cJSON_Delete(request);
	log_debug("agent call", LOG_STR("method", command->method),
		  LOG_INT("microseconds", clock_now_us() - started));
	return ret;
}

int agent_session_call(struct agent_session *session, const char *word, char *const *arguments,
		       struct error **err)
{
	_cleanup_strbuf_ struct strbuf quoted = STRBUF_INIT;
	uint64_t times = session->repeat ? session->repeat : 1;
	const struct agent_command *command;
	struct agent_command made;
	int ret;

	session->repeat = 0;
	command = agent_command_find(word, &made);
	if (!command) {
		quote_go(&quoted, slice_of(word));
		return error_set(err, -EINVAL, "the agent has no call %s; `list` shows all",
				 quoted.data);
	}
	ret = connect_first(session, err);
	for (uint64_t i = 0; ret == 0 && i < times; i += times != REPEAT_FOREVER)
		ret = call_once(session, command, arguments, err);
	if (ret == -TTRPC_CLOSED) { /* the next call may find another agent there */
		agent_client_free(session->client);
		session->client = NULL;
	}
	session->ended |= ret == 0 && strcmp(command->method, "DestroySandbox") == 0;
	return ret;
}

/* ---- built-ins ---------------------------------------------------------------------------------- */

static int run_echo(struct agent_session *session, const char *arguments, struct error **err)
{
	(void)session;
	(void)err;
	puts(arguments);
	return 0;
}

static int run_list(struct agent_session *session, const char *arguments, struct error **err)
{
	(void)session;
	(void)arguments;
	(void)err;
	agent_print_commands();
	return 0;
}

static int run_quit(struct agent_session *session, const char *arguments, struct error **err)
{
	(void)arguments;
	(void)err;
	session->ended = true;
	return 0;
}

/* What is no number counts as 1, as with the existing tool. */
static int run_repeat(struct agent_session *session, const char *arguments, struct error **err)
{
	int64_t times;

	(void)err;
	if (number_parse_i64(slice_of(arguments), &times) < 0)
		times = 1;
	session->repeat = times < 0 ? REPEAT_FOREVER : (uint64_t)times;
	return 0;
}

static int run_sleep(struct agent_session *session, const char *arguments, struct error **err)
{
	_cleanup_strbuf_ struct strbuf quoted = STRBUF_INIT;
	int64_t duration_ns;

	(void)session;
	if (number_parse_duration(slice_of(arguments), &duration_ns) < 0) {
		quote_go(&quoted, slice_of(arguments));
		return error_set(err, -EINVAL, "sleep %s: how long, for example 5s or 200ms?",
				 quoted.data);
	}
	fflush(stdout);
	clock_sleep_ms(duration_ns / NS_PER_MS);
	return 0;
}

static const struct builtin {
	const char *name;
	const char *help;
	int (*run)(struct agent_session *session, const char *arguments, struct error **err);
} builtins[] = {
	{ "echo", "print the words behind it", run_echo },
	{ "help", "the same as list", run_list },
	{ "list", "show all commands", run_list },
	{ "quit", "end", run_quit },
	{ "repeat", "run the next command as often as the number says, -1 for ever", run_repeat },
	{ "sleep", "wait, for example 5s or 200ms", run_sleep },
};

void agent_print_commands(void)
{
	_cleanup_string_list_ struct string_list lines = { 0 };
	struct agent_method method;

	for (size_t i = 0; i < ARRAY_SIZE(builtins); i++)
		printf("%-32s%s\n", builtins[i].name, builtins[i].help);
	for (size_t i = 0; agent_method_at(i, &method); i++)
		string_list_take(&lines, xasprintf("%-32s%s", method.name, method.service));
	string_list_sort(&lines);
	for (size_t i = 0; i < lines.count; i++)
		puts(lines.items[i]);
}

static int run_builtin(struct agent_session *session, const char *word, const char *arguments,
		       struct error **err)
{
	_cleanup_strbuf_ struct strbuf quoted = STRBUF_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(builtins); i++)
		if (strcmp(word, builtins[i].name) == 0)
			return builtins[i].run(session, arguments, err);
	quote_go(&quoted, slice_of(word));
	return error_set(err, -EINVAL, "there is no built-in command %s; `list` shows all",
			 quoted.data);
}

/* ---- completion --------------------------------------------------------------------------------- */

static void add_commands(struct string_list *names)
{
	struct agent_method method;

	for (size_t i = 0; i < ARRAY_SIZE(builtins); i++)
		string_list_add(names, builtins[i].name);
	for (size_t i = 0; agent_method_at(i, &method); i++)
		string_list_add(names, method.name);
}

/* The fields of the request, and the values that fill them under other names. */
static void add_fields(const struct agent_command *command, struct string_list *names)
{
	struct agent_method method;

	agent_method_find(command->method, &method);
	for (unsigned i = 0; i < method.input->n_fields; i++)
		string_list_take(names, xasprintf("%s=", method.input->fields[i].name));
	for (const struct agent_field *field = command->fields; field && field->field; field++)
		if (strcmp(field->field, field->value) != 0)
			string_list_take(names, xasprintf("%s=", field->value));
}

void agent_add_candidates(const char *before, struct string_list *names)
{
	struct slice rest = slice_of(before), word;
	const struct agent_command *command;
	struct agent_command made;
	_cleanup_free_ char *name = NULL;

	if (!slice_next_word(&rest, &word)) {
		add_commands(names);
		return;
	}
	name = slice_dup(word);
	command = agent_command_find(name, &made);
	if (command)
		add_fields(command, names);
}

/* ---- lines -------------------------------------------------------------------------------------- */

/* JSON in the line reaches to its end, blanks included; other words are separated by blanks. */
static void split_arguments(struct slice rest, struct string_list *arguments)
{
	struct slice word;

	rest = slice_trim(rest);
	if (slice_starts_with(rest, "{") || slice_starts_with(rest, "json://")) {
		string_list_add_slice(arguments, rest);
		return;
	}
	while (slice_next_word(&rest, &word))
		string_list_add_slice(arguments, word);
}

int agent_session_run(struct agent_session *session, const char *line, struct error **err)
{
	static char *const none[] = { NULL };
	_cleanup_string_list_ struct string_list arguments = { 0 };
	struct slice rest = slice_of(line), word;
	_cleanup_free_ char *name = NULL;
	_cleanup_free_ char *text = NULL;

	if (!slice_next_word(&rest, &word) || word.data[0] == '#')
		return 0;
	name = slice_dup(word);
	if (name[0] >= 'A' && name[0] <= 'Z') {
		split_arguments(rest, &arguments);
		return agent_session_call(session, name, arguments.count ? arguments.items : none,
					  err);
	}
	text = slice_dup(slice_trim(rest));
	return run_builtin(session, name, text, err);
}
