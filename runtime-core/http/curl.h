/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* libcurl, opened on first use: it brings some thirty libraries and milliseconds of loading with it. */

/* The type checks are macros around the functions' names, which would hide our members. */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#include "base/error.h"

struct curl_functions {
	__typeof__(curl_easy_cleanup) *curl_easy_cleanup;
	__typeof__(curl_easy_getinfo) *curl_easy_getinfo;
	__typeof__(curl_easy_init) *curl_easy_init;
	__typeof__(curl_easy_perform) *curl_easy_perform;
	__typeof__(curl_easy_setopt) *curl_easy_setopt;
	__typeof__(curl_easy_strerror) *curl_easy_strerror;
	__typeof__(curl_free) *curl_free;
	__typeof__(curl_slist_append) *curl_slist_append;
	__typeof__(curl_slist_free_all) *curl_slist_free_all;
	__typeof__(curl_url) *curl_url;
	__typeof__(curl_url_cleanup) *curl_url_cleanup;
	__typeof__(curl_url_get) *curl_url_get;
	__typeof__(curl_url_set) *curl_url_set;
	__typeof__(curl_url_strerror) *curl_url_strerror;
};

/*
 * The functions, valid to the end of the process; the first call opens the library. Safe from any
 * thread. Error -ELIBACC, with the name of the package to install.
 */
int curl_open(const struct curl_functions **functions, struct error **err);
