// SPDX-License-Identifier: Apache-2.0
/*
 * GitHub lists the newest release first, thirty on a page, and names the next page in a Link header.
 * For the whole list every page is fetched. To find a newer release, pages are fetched until one holds
 * a release that is not above ours: what was published before that one is not news. Whatever goes wrong
 * with a later page only makes the list incomplete; the first page decides over success.
 */
#include "releases.h"

#include <cjson/cJSON.h>
#include <errno.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/quote.h"
#include "http/http.h"

#define API_ADDRESS	  "https://api.github.com/"
#define MAX_PAGES	  10
#define MAX_PAGE_BYTES	  (16U << 20)
#define MAX_REDIRECTS	  10
#define MAX_MESSAGE_BYTES 200
#define RATE_LIMIT_WARNING                                   \
	"API rate limit exceeded. Try again later. Read "    \
	"https://docs.github.com/apps/building-github-apps/" \
	"understanding-rate-limits-for-github-apps "         \
	"for more information"

/* Where the releases of a major version are; the last row serves all later ones. */
static const struct {
	const char *major;
	const char *url;
} release_urls[] = {
	{ "1", API_ADDRESS "repos/kata-containers/runtime/releases" },
	{ "2", API_ADDRESS "repos/kata-containers/kata-containers/releases" },
};

/* ---- what to ask ------------------------------------------------------------------------------- */

static int parse_current(const char *text, struct semver *current, struct error **err)
{
	int ret = semver_parse(slice_of(text), current, err);

	if (ret < 0)
		return error_wrap(
			err, "BUG: Current version of kata-runtime (%s) has invalid SemVer version",
			text);
	if (slice_is(current->major, "0"))
		return error_set(err, -EINVAL, "invalid current version: %s", text);
	return 0;
}

static bool is_release_url(const char *url)
{
	for (size_t i = 0; i < ARRAY_SIZE(release_urls); i++)
		if (strcmp(url, release_urls[i].url) == 0)
			return true;
	return false;
}

static int choose_url(const struct releases_options *options, const struct semver *current,
		      char **url, struct error **err)
{
	_cleanup_strbuf_ struct strbuf quoted = STRBUF_INIT;

	if (!options->url || !*options->url) {
		bool is_first = slice_is(current->major, release_urls[0].major);

		*url = xstrdup(release_urls[is_first ? 0 : 1].url);
		return 0;
	}
	if (slice_trim(slice_of(options->url)).size == 0)
		return error_set(err, -ENOTSUP, "URL cannot be blank");
	if (!is_release_url(options->url)) {
		quote_go(&quoted, slice_of(options->url));
		return error_set(err, -ENOTSUP, "Release URL %s is not valid", quoted.data);
	}
	*url = xstrdup(options->url);
	return 0;
}

/* ---- one page ---------------------------------------------------------------------------------- */

/* 403 serves other refusals as well; GitHub's notes on rate limits name these three signs. */
static bool is_rate_limit(const struct http_response *response)
{
	struct slice body = strbuf_view(&response->body);

	if (response->status == 429)
		return true;
	return response->status == 403 &&
	       (slice_find_string(body, "limit exceeded") < body.size ||
		slice_is(http_response_header(response, "X-RateLimit-Remaining"), "0") ||
		http_response_header(response, "Retry-After").size > 0);
}

/* GitHub explains itself in the member "message" of an object. */
static void append_message(struct strbuf *out, struct slice body)
{
	cJSON *json = cJSON_ParseWithLength(body.data, body.size);
	const char *message =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "message"));

	if (message) {
		strbuf_puts(out, ": ");
		quote_terminal(out, slice_first(slice_of(message), MAX_MESSAGE_BYTES));
	}
	cJSON_Delete(json);
}

static int unexpected_status(const char *url, const struct http_response *response,
			     struct error **err)
{
	_cleanup_strbuf_ struct strbuf message = STRBUF_INIT;

	append_message(&message, strbuf_view(&response->body));
	return error_set(err, -EREMOTEIO, "Get \"%s\": HTTP status %d %s%s", url, response->status,
			 http_status_text(response->status), message.data);
}

/* The target of rel="next" in a Link header: `<url>; rel="first", <url>; rel="next"`. */
static char *next_page(struct slice links)
{
	struct slice link;

	while (slice_next_field(&links, ',', &link)) {
		size_t start = slice_find(link, '<'), end = slice_find(link, '>');

		if (end < link.size && start < end &&
		    slice_find_string(slice_from(link, end), "rel=\"next\"") < link.size - end)
			return slice_dup(slice_make(link.data + start + 1, end - start - 1));
	}
	return NULL;
}

static int fetch(const char *url, int64_t deadline, struct http_response *response,
		 struct error **err)
{
	int64_t left = deadline - clock_now_ms();
	const struct http_request request = {
		.url = url,
		.timeout_ms = left > 0 ? (unsigned)left : 1,
		.max_response_bytes = MAX_PAGE_BYTES,
		.max_redirects = MAX_REDIRECTS,
	};
	int ret = http_perform(&request, response, err);

	if (ret < 0 && response->status)
		return error_wrap(err, "failed to read release details");
	return ret;
}

/* Add a page to the list. *next is the URL of the following one, to be freed, or NULL. */
static int add_page(struct releases *releases, const char *url, int64_t deadline, char **next,
		    struct error **err)
{
	_cleanup_http_response_ struct http_response response = HTTP_RESPONSE_INIT;
	int ret;

	ret = fetch(url, deadline, &response, err);
	if (ret < 0)
		return ret;
	if (is_rate_limit(&response)) {
		log_warning(RATE_LIMIT_WARNING, LOG_STR("url", url));
		releases->rate_limited = true;
		return 0;
	}
	if (response.status != 200)
		return unexpected_status(url, &response, err);
	ret = release_list_add_page(&releases->list, strbuf_view(&response.body), err);
	if (ret < 0)
		return error_wrap(err, "failed to unpack release details");
	*next = next_page(http_response_header(&response, "Link"));
	return 0;
}

/* ---- all pages --------------------------------------------------------------------------------- */

/* Does the list, from item `first` on, reach back to our own version? */
static bool reaches_back(const struct release_list *list, size_t first,
			 const struct semver *current)
{
	for (size_t i = first; i < list->count; i++)
		if (semver_compare(&list->items[i].parsed, current) <= 0)
			return true;
	return false;
}

static void note_incomplete(struct releases *releases, const char *url, const char *reason)
{
	log_warning("the list of releases is incomplete", LOG_STR("url", url),
		    LOG_STR("reason", reason));
	releases->incomplete = true;
}

static int fetch_all(const struct releases_options *options, const struct semver *current,
		     struct releases *releases, struct error **err)
{
	int64_t deadline =
		clock_now_ms() + (options->timeout_ms ? options->timeout_ms : RELEASES_TIMEOUT_MS);
	_cleanup_free_ char *url = xstrdup(releases->url);

	for (size_t page = 1; url; page++) {
		_cleanup_error_ struct error *failure = NULL;
		_cleanup_free_ char *next = NULL;
		size_t before = releases->list.count;

		if (page > MAX_PAGES || strncmp(url, API_ADDRESS, strlen(API_ADDRESS)) != 0) {
			note_incomplete(releases, url,
					page > MAX_PAGES ? "too many pages" : "not GitHub's API");
			return 0;
		}
		if (add_page(releases, url, deadline, &next, &failure) < 0) {
			if (page == 1)
				return error_propagate(err, steal(failure));
			note_incomplete(releases, url, error_message(failure));
			return 0;
		}
		if (!options->list_only && reaches_back(&releases->list, before, current))
			return 0;
		free(url);
		url = steal(next);
	}
	return 0;
}

/* ---- what it means ----------------------------------------------------------------------------- */

/* `newer` is above `current`. A final release after its own pre-release counts as major. */
static const char *find_kind(const struct semver *current, const struct semver *newer)
{
	bool is_prerelease = semver_is_prerelease(newer);

	if (semver_compare_number(newer->major, current->major) != 0)
		return is_prerelease ? "major pre-release" : "major";
	if (semver_compare_number(newer->minor, current->minor) != 0)
		return is_prerelease ? "minor pre-release" : "minor";
	if (semver_compare_number(newer->patch, current->patch) != 0)
		return is_prerelease ? "patch pre-release" : "patch";
	return is_prerelease ? "pre-release" : "major";
}

static void compare(struct releases *releases, const struct semver *current)
{
	const struct release_list *list = &releases->list;
	const struct release *highest = list->count ? &list->items[list->count - 1] : NULL;

	if (!highest || semver_compare(&highest->parsed, current) <= 0)
		return;
	releases->newer = highest;
	releases->kind = find_kind(current, &highest->parsed);
}

int releases_find(const struct releases_options *options, struct releases *releases,
		  struct error **err)
{
	struct semver current;
	int ret;

	ret = parse_current(options->current_version, &current, err);
	if (ret < 0)
		return ret;
	ret = choose_url(options, &current, &releases->url, err);
	if (ret < 0)
		return ret;
	log_info("Looking for releases", LOG_STR("url", releases->url));
	ret = fetch_all(options, &current, releases, err);
	if (ret < 0)
		return ret;
	if (!options->include_prereleases)
		release_list_drop_prereleases(&releases->list);
	release_list_sort(&releases->list);
	compare(releases, &current);
	return 0;
}

const char *releases_remedy(int code)
{
	switch (code) {
	case -ELIBACC:
		return "install the package libcurl4, or leave this check out with "
		       "--no-network-checks";
	case -EINVAL:
		return "report it: this program was built with a version that is none";
	case -ENOTSUP:
		return "unset KATA_RELEASE_URL, or set it to "
		       "https://api.github.com/repos/kata-containers/kata-containers/releases";
	case -EKEYREJECTED:
		return "install the package ca-certificates; behind a proxy that signs for other "
		       "servers, name its certificate in SSL_CERT_FILE";
	case -EREMOTEIO:
	case -EBADMSG:
	case -EFBIG:
		return "see whether a proxy or a login page answers instead of GitHub, try again "
		       "later, or leave this check out with --no-network-checks";
	default:
		return "set HTTPS_PROXY if this host reaches the internet through a proxy only, or "
		       "leave this check out with --no-network-checks";
	}
}

void releases_describe(const struct releases *releases, struct strbuf *out)
{
	if (releases->newer)
		strbuf_printf(out, "Newer %s release available: %s (url: %s, date: %s)\n",
			      releases->kind, releases->newer->version, releases->newer->url,
			      releases->newer->date);
	else if (releases->list.count)
		strbuf_puts(out, "No newer release available\n");
	else
		strbuf_puts(out, "No releases available\n");
}

void releases_describe_list(const struct releases *releases, struct strbuf *out)
{
	for (size_t i = 0; i < releases->list.count; i++) {
		const struct release *release = &releases->list.items[i];

		strbuf_printf(out, "%s;%s;%s\n", release->version, release->date, release->url);
	}
}

void releases_release(struct releases *releases)
{
	release_list_release(&releases->list);
	free(releases->url);
	*releases = (struct releases){ 0 };
}
