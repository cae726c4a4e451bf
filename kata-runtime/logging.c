// SPDX-License-Identifier: Apache-2.0
/*
 * Where this program's log goes (spec/kata-runtime.md 4 and 15.4). At first to stderr; once the options are
 * known, to the --log file and to syslog. An error that ends the program is logged and printed, so where the log
 * still goes to stderr the user sees a log line and the bare text.
 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/number.h"
#include "base/quote.h"
#include "kata-runtime.h"

#define SYSLOG_TAG "kata"

static int check_rootless(const char *word, struct error **err)
{
	_cleanup_strbuf_ struct strbuf quoted = STRBUF_INIT;
	bool value;

	if (!word[0] || strcasecmp(word, "auto") == 0 ||
	    number_parse_bool_go(slice_of(word), &value) == 0)
		return 0;
	quote_go(&quoted, slice_of(word));
	return error_set(err, -EINVAL,
			 "strconv.ParseBool: parsing %s: invalid syntax; --rootless takes true, "
			 "false or auto",
			 quoted.data);
}

static int parse_format(const char *word, enum log_format *format, struct error **err)
{
	_cleanup_strbuf_ struct strbuf quoted = STRBUF_INIT;

	if (strcmp(word, "text") == 0)
		*format = LOG_FORMAT_TEXT;
	else if (strcmp(word, "json") == 0)
		*format = LOG_FORMAT_JSON;
	else {
		quote_go(&quoted, slice_of(word));
		return error_set(err, -EINVAL, "unknown log-format %s; choose one of: text json",
				 quoted.data);
	}
	return 0;
}

static int set_level(const char *word, enum log_level initial, struct error **err)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	enum log_level level = initial;

	if (!word[0] || log_level_parse(word, &level) == 0) {
		log_set_level(level);
		return 0;
	}
	quote_go(&text, slice_of(word));
	strbuf_puts(&text, "; choose one of:");
	for (level = LOG_LEVEL_PANIC; level <= LOG_LEVEL_TRACE; level++)
		strbuf_printf(&text, " %s", log_level_name(level));
	return error_set(err, -EINVAL, "unknown log-level %s", text.data);
}

static bool uses_syslog(const struct cli_invocation *invocation)
{
	return !invocation->command || invocation->words[1] ||
	       !(invocation->command->traits & RUNTIME_NO_SYSLOG_ALONE);
}

/* The log file and syslog in place of stderr. */
static int redirect(const struct cli_invocation *invocation, struct error **err)
{
	const struct runtime_options *given = invocation->global;
	enum log_format format = LOG_FORMAT_TEXT;
	_cleanup_error_ struct error *bad_format = NULL;
	int ret;

	ret = parse_format(given->log_format, &format, &bad_format);
	if (given->log[0]) {
		if (log_open_file(given->log, format, err) < 0)
			return error_code(*err);
		log_close_stderr();
	} else {
		log_open_stderr(format);
	}
	if (uses_syslog(invocation))
		log_open_syslog(SYSLOG_TAG);
	if (invocation->command)
		log_set_field("command", invocation->word);
	return ret < 0 ? error_propagate(err, steal(bad_format)) : 0;
}

int runtime_start_logging(const struct cli_invocation *invocation, struct error **err)
{
	const struct runtime_options *given = invocation->global;
	unsigned traits = invocation->command ? invocation->command->traits : 0;
	bool to_stderr = traits & RUNTIME_LOGS_TO_STDERR;
	int ret;

	ret = set_level(given->log_level, to_stderr ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO, err);
	if (ret < 0)
		return ret;
	if (traits & RUNTIME_NEEDS_NOTHING) {
		log_close_stderr();
		return 0;
	}
	ret = check_rootless(given->rootless, err);
	if (ret < 0 || to_stderr)
		return ret;
	return redirect(invocation, err);
}

void runtime_report(const char *message)
{
	log_error(message);
	fprintf(stderr, "%s\n", message);
}
