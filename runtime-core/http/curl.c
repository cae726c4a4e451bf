// SPDX-License-Identifier: Apache-2.0
#include "curl.h"

#include <errno.h>
#include <pthread.h>

#include "base/library.h"
#include "base/memory.h"

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
	LIBRARY_SYMBOL(struct curl_functions, curl_global_init),
	LIBRARY_SYMBOL(struct curl_functions, curl_slist_append),
	LIBRARY_SYMBOL(struct curl_functions, curl_slist_free_all),
	LIBRARY_SYMBOL(struct curl_functions, curl_url),
	LIBRARY_SYMBOL(struct curl_functions, curl_url_cleanup),
	LIBRARY_SYMBOL(struct curl_functions, curl_url_get),
	LIBRARY_SYMBOL(struct curl_functions, curl_url_set),
	LIBRARY_SYMBOL(struct curl_functions, curl_url_strerror),
	{ 0 },
};

/* Opened once per process; what went wrong then is told to every caller. */
static struct {
	pthread_once_t once;
	struct curl_functions functions;
	char *failure;
} library = { .once = PTHREAD_ONCE_INIT };

static void open_library(void)
{
	_cleanup_error_ struct error *err = NULL;
	CURLcode code;

	if (library_open("libcurl.so.4", symbols, &library.functions, &err) < 0) {
		library.failure = xasprintf("%s; install the package libcurl4", error_message(err));
		return;
	}
	code = library.functions.curl_global_init(CURL_GLOBAL_DEFAULT);
	if (code != CURLE_OK)
		library.failure = xasprintf("initialize libcurl: %s",
					    library.functions.curl_easy_strerror(code));
}

int curl_open(const struct curl_functions **functions, struct error **err)
{
	pthread_once(&library.once, open_library);
	if (library.failure)
		return error_set(err, -ELIBACC, "%s", library.failure);
	*functions = &library.functions;
	return 0;
}
