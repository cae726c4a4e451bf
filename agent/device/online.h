/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Put online what is not of a directory's entries PREFIX0, PREFIX1, ...: processors and memory blocks that were plugged
 * in (spec/agent.md 13.5). At most `wanted` of them; returns how many. Blocks: memory takes time to
 * prepare. What the kernel refuses is a warning.
 */
unsigned online_all(const char *directory, const char *prefix, unsigned wanted);

/* Write to a file of sysfs or procfs, which takes the text as a whole. Returns 0 or a negative errno. */
int sysfs_write(const char *path, const char *text);
