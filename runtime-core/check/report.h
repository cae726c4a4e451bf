/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A report of checks for people and for programs. */

#include "base/strbuf.h"
#include "check.h"

/* What a text shows beside the last line, which counts. */
enum check_detail {
	CHECK_DETAIL_TROUBLE, /* failures and warnings */
	CHECK_DETAIL_ALL,     /* one line for each of the others, too */
};

/*
 * A table for people: one line per check with status, identifier and title; below a failure or a warning
 * what was looked for, what was found, what it means and what to do. Foreign bytes are made harmless for
 * a terminal. Nothing at all is written when nothing was asked for that is there.
 */
void check_report_text(const struct check_report *report, enum check_detail detail, bool colour,
		       struct strbuf *out);

/* The lines of that table for one result alone. */
void check_result_text(const struct check_result *result, bool colour, struct strbuf *out);

/*
 * The document of spec/ecosystem.md 1.1: an object with version (1), verdict, time, host and checks; the
 * meaning of a member never changes. `host` is asked for its name and size. Ends with a newline.
 */
void check_report_json(const struct check_report *report, const struct host *host,
		       struct strbuf *out);

/* One line "ID  TITLE" per check that applies to this host. */
void check_list_text(const struct host *host, struct strbuf *out);
