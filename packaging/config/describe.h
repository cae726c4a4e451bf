/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the key table says about a key, in sentences: for comments in shipped files and for the manual. */

#include "base/strbuf.h"
#include "config/keys.h"

#define FOR_EACH_KEY(key)                                                       \
	for (enum config_key key = CONFIG_KEY_NONE + 1; key < CONFIG_KEY_COUNT; \
	     key = (enum config_key)(key + 1))

/* "Go" or "runtime-rs". */
const char *describe_dialect(enum config_dialect dialect);

/* Meaning, unit and range. */
void describe_meaning(struct strbuf *out, enum config_key key);

/* " One of a, b, c." when the dialect allows certain words only; else nothing. */
void describe_words(struct strbuf *out, enum config_key key, enum config_dialect dialect);

/*
 * The value of the unset key as a reader would write it: "false", "2048", "virtio-scsi". NULL when there is
 * nothing to say: no text, no list, or a number that the key's meaning explains.
 */
const char *describe_default(enum config_key key, enum config_dialect dialect,
			     enum config_hypervisor hypervisor);

/* All of it for one hypervisor, on one line. */
void describe_setting(struct strbuf *out, enum config_key key, enum config_dialect dialect,
		      enum config_hypervisor hypervisor);
