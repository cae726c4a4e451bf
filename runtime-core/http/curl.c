// SPDX-License-Identifier: Apache-2.0
#include "curl.h"

#include "base/library.h"

LIBRARY_NOTE("network", "HTTP: the check for new releases, requests to a sandbox", "recommended",
	     "libcurl.so.4");

static const struct library_symbol symbols[] = {
	LIBRARY_SYMBOL(struct curl_functions, curl_easy_cleanup),
	LIBRARY_SYMBOL(struct curl_functions, curl_easy_getinfo),
	LIBRARY_SYMBOL(struct curl_functions, curl_easy_init),
	LIBRARY_SYMBOL(struct curl_functions, curl_easy_perform),
	LIBRARY_SYMBOL(struct curl_functions, curl_easy_setopt),
	LIBRARY_SYMBOL(struct curl_functions, curl_easy_strerror),
	LIBRARY_SYMBOL(struct curl_functions, curl_free),
	LIBRARY_SYMBOL(struct curl_functions, curl_slist_append),
	LIBRARY_SYMBOL(struct curl_functions, curl_slist_free_all),
	LIBRARY_SYMBOL(struct curl_functions, curl_url),
	LIBRARY_SYMBOL(struct curl_functions, curl_url_cleanup),
	LIBRARY_SYMBOL(struct curl_functions, curl_url_get),
	LIBRARY_SYMBOL(struct curl_functions, curl_url_set),
	LIBRARY_SYMBOL(struct curl_functions, curl_url_strerror),
	{ 0 },
};

static struct curl_functions functions;

static struct library library = {
	.soname = "libcurl.so.4",
	.package = "libcurl4",
	.symbols = symbols,
	.functions = &functions,
};

/* The first curl_easy_init() initializes libcurl, under its own lock. */
int curl_open(const struct curl_functions **out, struct error **err)
{
	*out = &functions;
	return library_use(&library, err);
}
