// SPDX-License-Identifier: Apache-2.0
#include "status.h"

#include <errno.h>
#include <stddef.h>

#include "base/memory.h"

/*
 * The errno of each code is one that system calls hardly ever return, except where Go's library maps that
 * very error to the code. A failed system call thus stays UNKNOWN, and never looks UNIMPLEMENTED.
 */
static const struct {
	const char *name;
	int error;
} codes[] = {
	[TTRPC_OK] = { "OK", 0 },
	[TTRPC_CANCELED] = { "Canceled", ECANCELED },
	[TTRPC_UNKNOWN] = { "Unknown", EREMOTEIO },
	[TTRPC_INVALID_ARGUMENT] = { "InvalidArgument", EINVAL },
	[TTRPC_DEADLINE_EXCEEDED] = { "DeadlineExceeded", ETIMEDOUT },
	[TTRPC_NOT_FOUND] = { "NotFound", ENOENT },
	[TTRPC_ALREADY_EXISTS] = { "AlreadyExists", EEXIST },
	[TTRPC_PERMISSION_DENIED] = { "PermissionDenied", EACCES },
	[TTRPC_RESOURCE_EXHAUSTED] = { "ResourceExhausted", EDQUOT },
	[TTRPC_FAILED_PRECONDITION] = { "FailedPrecondition", EPIPE },
	[TTRPC_ABORTED] = { "Aborted", ECONNABORTED },
	[TTRPC_OUT_OF_RANGE] = { "OutOfRange", ENODATA },
	[TTRPC_UNIMPLEMENTED] = { "Unimplemented", EBADRQC },
	[TTRPC_INTERNAL] = { "Internal", ENOTRECOVERABLE },
	[TTRPC_UNAVAILABLE] = { "Unavailable", EHOSTDOWN },
	[TTRPC_DATA_LOSS] = { "DataLoss", EBADE },
	[TTRPC_UNAUTHENTICATED] = { "Unauthenticated", EKEYREJECTED },
};

int ttrpc_errno_of_code(int code)
{
	if (code < 0 || (size_t)code >= ARRAY_SIZE(codes))
		code = TTRPC_UNKNOWN;
	return -codes[code].error;
}

enum ttrpc_code ttrpc_code_of_errno(int error)
{
	if (error == -EPERM)
		return TTRPC_PERMISSION_DENIED;
	for (size_t code = 0; code < ARRAY_SIZE(codes); code++)
		if (error == -codes[code].error)
			return (enum ttrpc_code)code;
	return TTRPC_UNKNOWN;
}

const char *ttrpc_code_name(int code)
{
	return code >= 0 && (size_t)code < ARRAY_SIZE(codes) ? codes[code].name : NULL;
}
