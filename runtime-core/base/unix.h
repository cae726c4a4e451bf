/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Unix stream sockets. A path that starts with "@" names an abstract socket; a path is at most 107 bytes,
 * and a longer one is an error. Descriptors are close-on-exec.
 */

#include <sys/types.h>

#include "error.h"

/* Connect. Returns the descriptor. "connect to P: connection refused". */
int unix_connect(const char *path, struct error **err);

/*
 * The same without ever blocking; -EAGAIN when the listener has no room for another connection at the moment.
 * The descriptor is non-blocking.
 */
int unix_connect_now(const char *path, struct error **err);

/*
 * Listen. Returns the descriptor. The socket file is made with `mode`, less the umask; a file that is there
 * already is an error (-EADDRINUSE), since only the caller can know whether somebody still listens.
 */
int unix_listen(const char *path, mode_t mode, struct error **err);
