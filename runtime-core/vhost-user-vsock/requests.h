/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the front end can ask for, as a table. */

#include <stdbool.h>
#include <stddef.h>

#include "frontend.h"

struct request {
	/* NULL: unknown. Descriptors that it wants it takes out of the message. */
	int (*handle)(struct frontend *frontend, struct vhost_user_message *message,
		      struct error **err);
	size_t size; /* of the payload, at least */
	size_t max_fds;
	bool answers; /* by itself */
};

extern const struct request requests[VHOST_USER_REQUEST_COUNT];
