// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "base/memory.h"
#include "base/strbuf.h"
#include "check.h"

static const struct check load_check = {
	.id = "config.load",
	.title = "The configuration loads",
	.group = CHECK_CONFIGURATION,
	.required = true,
	.fix = "see kata-runtime config check",
};

static const struct check problems_check = {
	.id = "config.problems",
	.title = "The configuration has no further problems",
	.group = CHECK_CONFIGURATION,
	.fix = "see kata-runtime config check",
};

/* Missing vhost-vsock is host.vsock.device's to tell. */
static bool is_told_elsewhere(const struct config_problem *problem)
{
	return problem->severity == CONFIG_WARNING && strcmp(problem->id, "vsock") == 0;
}

/* All problems of this severity, one a line, and how many; NULL if there are none. */
static char *problem_lines(const struct config *config, enum config_severity severity,
			   size_t *count)
{
	_cleanup_strbuf_ struct strbuf lines = STRBUF_INIT;

	*count = 0;
	for (size_t i = 0; i < config->problem_count; i++) {
		const struct config_problem *problem = &config->problems[i];
		_cleanup_free_ char *text = NULL;

		if (problem->severity != severity || is_told_elsewhere(problem))
			continue;
		text = config_problem_text(problem);
		strbuf_printf(&lines, "%s%s", *count ? "\n" : "", text);
		(*count)++;
	}
	return *count ? strbuf_steal(&lines) : NULL;
}

static char *found_text(const struct config *config)
{
	if (!config->path)
		return xstrdup("no configuration file");
	if (config->drop_ins.count == 0)
		return xstrdup(config->path);
	return xasprintf("%s and %zu drop-in%s", config->path, config->drop_ins.count,
			 config->drop_ins.count == 1 ? "" : "s");
}

static struct check_result *add(struct check_report *report, const struct check *check,
				const char *expected, char *problems)
{
	struct check_result *result = check_report_add(report, check);

	result->expected = xstrdup(expected);
	if (problems) {
		result->status = check_missing(check);
		result->message = problems;
		result->fix = xstrdup(check->fix);
	}
	return result;
}

void check_configuration(const struct config *config, struct check_report *report)
{
	_cleanup_error_ struct error *err = NULL;
	struct check_result *result;
	size_t errors, warnings;

	result = add(report, &load_check, "a configuration file, and all that it names",
		     problem_lines(config, CONFIG_ERROR, &errors));
	result->found = found_text(config);
	if (config_verdict(config, &err) < 0)
		result->failure = xstrdup(error_message(err));
	if (!config->path && result->fix) {
		free(result->fix);
		result->fix =
			xstrdup("install a configuration in one of these places, or name a file: "
				"kata-runtime --config FILE check");
	}

	result = add(report, &problems_check, "no warnings",
		     problem_lines(config, CONFIG_WARNING, &warnings));
	result->found = xasprintf("%zu warning%s", warnings, warnings == 1 ? "" : "s");
}
