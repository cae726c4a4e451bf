/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Is there a newer release of Kata Containers? Asks GitHub's list of releases (spec/kata-runtime.md 7.3).
 * Nothing is printed here but log records; the caller decides whether a failure matters, and whether
 * the check runs at all (kata-runtime does not run it as the superuser).
 */

#include <stdbool.h>

#include "base/error.h"
#include "base/strbuf.h"
#include "release_list.h"

/* For the whole check, all pages together (spec/ecosystem.md 1.1). */
#define RELEASES_TIMEOUT_MS 5000

struct releases_options {
	const char *current_version;
	bool include_prereleases;
	bool list_only; /* fetch the list to its end; else only as far as newer releases can be on it */
	const char *
		url; /* instead of the default, the value of KATA_RELEASE_URL; NULL or "" for none */
	unsigned timeout_ms; /* 0 for RELEASES_TIMEOUT_MS */
};

/* Start with a zeroed struct; releases_release() in every case. */
struct releases {
	struct release_list list;    /* lowest version first */
	const struct release *newer; /* the highest release above the current version, or NULL */
	const char *kind; /* of that release: "major", "minor pre-release", ...; NULL without one */
	bool rate_limited; /* GitHub answers no more for a while; what is there may be incomplete */
	bool incomplete;   /* a later page could not be had */
	char *url;	   /* that was asked */
};

/*
 * Fetch and compare. Blocks, timeout_ms at most. Logs "Looking for releases" (info), and as a warning
 * that GitHub's rate limit was met, which is no error: the list is then empty or incomplete.
 * Errors: the transport's, see http/http.h ("Get \"https://...\": dial tcp ...");
 *	-EINVAL		the current version is no semantic version
 *	-ENOTSUP	the URL is not one of Kata's
 *	-EREMOTEIO	an HTTP status other than 200: "Get \"...\": HTTP status 404 Not Found: <why>"
 *	-EBADMSG	the answer is no list: "failed to unpack release details: ..."
 * A failure within the answer reads "failed to read release details: ...".
 */
int releases_find(const struct releases_options *options, struct releases *releases,
		  struct error **err);

/* What the reader can do about a failure of releases_find with this code, as one sentence. */
const char *releases_remedy(int code);

/*
 * What kata-runtime prints, with a newline at the end of each line: "No releases available", "No newer
 * release available" or "Newer <kind> release available: <version> (url: <url>, date: <date>)".
 */
void releases_describe(const struct releases *releases, struct strbuf *out);

/* One line "version;date;url" per release, lowest version first; nothing for an empty list. */
void releases_describe_list(const struct releases *releases, struct strbuf *out);

void releases_release(struct releases *releases);
#define _cleanup_releases_ _cleanup_(releases_release)
