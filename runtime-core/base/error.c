// SPDX-License-Identifier: Apache-2.0
#include "error.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include "memory.h"

struct error {
	int code;
	char *message;
};

static int error_store(struct error **err, int code, char *message)
{
	struct error *error = xmalloc(sizeof(*error));

	error->code = code;
	error->message = message;
	*err = error;
	return code;
}

int error_set(struct error **err, int code, const char *format, ...)
{
	va_list arguments;
	char *message;

	va_start(arguments, format);
	message = xvasprintf(format, arguments);
	va_end(arguments);
	return error_store(err, code, message);
}

int error_set_errno(struct error **err, int code, const char *format, ...)
{
	_cleanup_free_ char *message = NULL;
	va_list arguments;

	va_start(arguments, format);
	message = xvasprintf(format, arguments);
	va_end(arguments);
	return error_store(err, code, xasprintf("%s: %s", message, errno_text(code)));
}

int error_wrap(struct error **err, const char *format, ...)
{
	_cleanup_free_ char *context = NULL;
	_cleanup_free_ char *cause = NULL;
	va_list arguments;

	va_start(arguments, format);
	context = xvasprintf(format, arguments);
	va_end(arguments);
	cause = (*err)->message;
	(*err)->message = xasprintf("%s: %s", context, cause);
	return (*err)->code;
}

int error_advise(struct error **err, const char *format, ...)
{
	_cleanup_free_ char *advice = NULL;
	_cleanup_free_ char *message = NULL;
	va_list arguments;

	va_start(arguments, format);
	advice = xvasprintf(format, arguments);
	va_end(arguments);
	message = (*err)->message;
	(*err)->message = xasprintf("%s; %s", message, advice);
	return (*err)->code;
}

int error_propagate(struct error **err, struct error *error)
{
	*err = error;
	return error_code(error);
}

int error_code(const struct error *error)
{
	return error ? error->code : 0;
}

const char *error_message(const struct error *error)
{
	return error ? error->message : "";
}

void error_free(struct error *error)
{
	if (!error)
		return;
	free(error->message);
	free(error);
}

const char *errno_text(int code)
{
	static _Thread_local char text[128];
	const char *known = strerrordesc_np(code < 0 ? -code : code);

	if (known)
		snprintf(text, sizeof(text), "%s", known);
	else
		snprintf(text, sizeof(text), "errno %d", code < 0 ? -code : code);
	/* "Input/output error", but "RPC struct is bad" keeps its capitals. */
	if (!isupper((unsigned char)text[1]))
		text[0] = (char)tolower((unsigned char)text[0]);
	return text;
}
