/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Every annotation that changes a configuration, as data: who may use it, what it sets and how
 * (spec/config.md 5.3 and 5.4). The rows stand in the order in which they are applied.
 */

#include "annotations.h"

#define ANNOTATION_PREFIX	     "io.katacontainers."
#define ANNOTATION_CONFIG_PREFIX     ANNOTATION_PREFIX "config."
#define ANNOTATION_HYPERVISOR_PREFIX ANNOTATION_CONFIG_PREFIX "hypervisor."

/* How far a pod is trusted with it. Every row must say. */
enum annotation_trust {
	ANNOTATION_OPEN =
		1, /* any pod may, as it always could: no path or program of the host is in it */
	ANNOTATION_GATED,   /* where enable_annotations has it */
	ANNOTATION_LISTED,  /* gated, and the path must be one that the operator's list finds */
	ANNOTATION_REFUSED, /* never from a pod: ignored, with a warning */
};

struct annotation_row;

/* One annotation about to be applied. */
struct annotation_use {
	struct config *config;
	const struct annotation_row *row;
	const char *value; /* without NULs inside */
	struct config_origin origin;
};

typedef int annotation_apply_fn(const struct annotation_use *use, struct error **err);

struct annotation_row {
	const char *name; /* the full name */
	enum annotation_trust trust;
	annotation_apply_fn *apply; /* NULL: nothing to do by itself */
	enum config_key key;	    /* what it sets; CONFIG_KEY_NONE: see `apply` */

	unsigned dialects;	  /* where it is known; 0: in both */
	bool empty_is_nothing;	  /* an empty value is ignored */
	bool zero_is_nothing;	  /* a zero too */
	uint64_t min, max;	  /* numbers, where it is not the key's type that limits them */
	const char *const *words; /* the only values, NULL-terminated */
	enum config_key list;	  /* of patterns that a path must match */
	/*
	 * The dialect's error for a value that fails one of these: {} is the value, {name} the full name,
	 * {words} the words. NULL for words: anything is taken here, and checked with the configuration.
	 */
	const char *go_refusal, *rs_refusal;
	const char *rs_number; /* "usize" where the other implementation calls the number so */
	size_t max_bytes;      /* of the value; 0: ANNOTATION_VALUE_MAX */
};

#define ANNOTATION_VALUE_MAX (64U << 10)

extern const struct annotation_row annotation_rows[];
extern const size_t annotation_row_count;

/* NULL when there is no such annotation. */
const struct annotation_row *annotation_row_find(struct slice name);

/* The name behind "io.katacontainers.config.hypervisor.", and so on. */
const char *annotation_short_name(const char *name);

/*
 * The annotation, by its full name, that a misspelt one probably means: one whose name starts with the same
 * prefix and is nearest behind it. NULL when none is near.
 */
const char *annotation_nearest(struct slice prefix, struct slice short_name);
