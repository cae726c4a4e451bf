/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* JSON trees as text for people and scripts, laid out as everywhere in our tools (base/json_writer.h). */

#include <cjson/cJSON.h>

#include "base/json_writer.h"

/* A value of a tree made by proto_to_json(), whose depth is bounded by its types. */
void put_json(struct json_writer *writer, const cJSON *json);

/* The value, and a newline, to standard output. */
void print_json(const cJSON *json);
