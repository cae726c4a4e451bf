// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"
#include "base/memory.h"
#include "check.h"

static const struct check release_check = {
	.id = "network.release",
	.title = "Newest release of Kata Containers",
	.group = CHECK_NETWORK,
};

static void set_answer(const struct releases_options *options, const struct releases *releases,
		       struct check_result *result)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	if (options->list_only)
		releases_describe_list(releases, &text);
	else
		releases_describe(releases, &text);
	result->found = slice_dup(slice_trim(strbuf_view(&text)));
	if (!releases->rate_limited)
		return;
	result->status = CHECK_WARN;
	result->message =
		xstrdup("GitHub answers no further questions from this address for a while");
	result->fix = xstrdup("ask again in an hour");
}

int check_releases(const struct releases_options *options, struct releases *releases,
		   struct check_report *report, struct error **err)
{
	struct check_result *result = check_report_add(report, &release_check);
	int64_t start = clock_now_us();
	int ret = releases_find(options, releases, err);

	result->duration_us = (uint64_t)(clock_now_us() - start);
	result->expected = xstrdup("GitHub's list of releases");
	if (ret == 0) {
		set_answer(options, releases, result);
		return 0;
	}
	result->status = CHECK_WARN;
	result->found = xstrdup("no answer");
	result->message = xstrdup(error_message(*err));
	result->fix = xstrdup(releases_remedy(ret));
	return ret;
}

void check_releases_skip(const char *reason, struct check_report *report)
{
	struct check_result *result = check_report_add(report, &release_check);

	result->status = CHECK_SKIP;
	result->message = xstrdup(reason);
}
