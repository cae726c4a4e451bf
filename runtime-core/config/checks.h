/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Checks that several hypervisors or both dialects make. Each adds its problems itself; with the table of a
 * hypervisor as subject, so that the existing tools would put "PATH: " in front.
 */

#include "config.h"

/* Add an error whose message the existing tools start with the path of the main file. */
void config_refuse(struct config *config, const char *id, enum config_key key, int code,
		   const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The value is one of the dialect's words; others are refused, or draw a warning where upstream never looks. */
void config_check_word(struct config *config, enum config_key key);
/* The same for a key outside the hypervisor's table. */
void config_check_word_plainly(struct config *config, enum config_key key);

/*
 * What the path leads to exists; the value becomes the path behind all links. An empty path is fine.
 */
void config_check_path(struct config *config, enum config_key key);

/* block_device_logical_sector_size and its physical sister. */
void config_check_sector_size(struct config *config, enum config_key key);
void config_check_sector_order(struct config *config, enum config_key key);

/* Names, paths and verity parameters of the list. */
void config_check_extension_images(struct config *config, enum config_key key);

/* The guest is reached over vsock, for which the device must exist. */
void config_check_vsock(struct config *config, enum config_key key);
