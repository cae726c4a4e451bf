/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One JSON object, member by member, without a tree: the records of the guest agent and of runtime-rs, and the journal's
 * own export (spec/log-parser.md 6 and 12).
 *
 *	struct json_object object = { .text = text, .arena = &arena };
 *
 *	while ((ret = json_object_next(&object, &member)) > 0)
 *		...
 */

#include "arena.h"
#include "base/slice.h"

enum json_kind {
	JSON_STRING,
	JSON_NULL,
	JSON_OTHER, /* a number, true, false, an object or an array: its text */
};

struct json_member {
	struct slice key;
	enum json_kind kind;
	struct slice value; /* slices of the text, or of the arena where there were escapes */
};

struct json_object {
	struct slice text;
	size_t at;
	struct logs_arena *arena;
	const char *problem; /* after a failure: what is wrong at byte `at` */
	bool begun;
};

/*
 * The next member: 1, or 0 behind the object when nothing but white space follows, or -EINVAL. Broken UTF-8 in strings
 * becomes U+FFFD, as Go's decoder has it. Nothing is known of the object's validity before the 0.
 */
int json_object_next(struct json_object *object, struct json_member *member);
