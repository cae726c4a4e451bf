/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How a call ended, on the wire one of gRPC's codes and a text (spec/shim.md 1.2), in our code an errno and
 * an error message. Every code has an errno of its own, so that a `struct error` carries a status from peer
 * to peer unchanged; other errnos become codes as Go's library maps its errors (spec/shim.md 1.5).
 */

enum ttrpc_code {
	TTRPC_OK = 0,
	TTRPC_CANCELED = 1,
	TTRPC_UNKNOWN = 2,
	TTRPC_INVALID_ARGUMENT = 3,
	TTRPC_DEADLINE_EXCEEDED = 4,
	TTRPC_NOT_FOUND = 5,
	TTRPC_ALREADY_EXISTS = 6,
	TTRPC_PERMISSION_DENIED = 7,
	TTRPC_RESOURCE_EXHAUSTED = 8,
	TTRPC_FAILED_PRECONDITION = 9,
	TTRPC_ABORTED = 10,
	TTRPC_OUT_OF_RANGE = 11,
	TTRPC_UNIMPLEMENTED = 12,
	TTRPC_INTERNAL = 13,
	TTRPC_UNAVAILABLE = 14,
	TTRPC_DATA_LOSS = 15,
	TTRPC_UNAUTHENTICATED = 16,
};

/* The errno of a call whose connection is gone; the message is then exactly TTRPC_CLOSED_TEXT. */
#define TTRPC_CLOSED	  ESHUTDOWN
#define TTRPC_CLOSED_TEXT "ttrpc: closed"

/* Negative errno of a code, 0 for TTRPC_OK, that of TTRPC_UNKNOWN for a number that is no code. */
int ttrpc_errno_of_code(int code);

/* Code of a negative errno; TTRPC_UNKNOWN where nothing else fits. */
enum ttrpc_code ttrpc_code_of_errno(int error);

/* "NotFound", "DeadlineExceeded"; "Code(99)" is NULL here. */
const char *ttrpc_code_name(int code);
