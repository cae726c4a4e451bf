/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a direct volume's mountInfo.json says (spec/kata-runtime.md 11). */

#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"
#include "base/string_list.h"

#define MOUNT_INFO_MAX_BYTES ((size_t)1024 * 1024)

struct mount_info_pair {
	char *name;
	char *value;
};

/* Strings are "" where the file says nothing. */
struct mount_info {
	char *volume_type; /* "block", ... */
	char *device;
	char *fstype;
	struct mount_info_pair *metadata; /* fsGroup, fsGroupChangePolicy, encryptionKey, ... */
	size_t metadata_count, metadata_capacity;
	struct string_list options;
};

/*
 * Parse by the rules of the existing tools: names of members in any case, unknown members ignored, missing
 * ones and null allowed. Error -EINVAL with their words: "unexpected end of JSON input", "json: cannot
 * unmarshal number into Go struct field MountInfo.volume-type of type string".
 */
int mount_info_parse(struct slice json, struct mount_info **info, struct error **err);

void mount_info_free(struct mount_info *info);
DEFINE_CLEANUP(struct mount_info *, mount_info_free)
