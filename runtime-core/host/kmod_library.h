/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The part of libkmod that the room uses, opened on first use. */

#include <libkmod.h>

#include "base/error.h"

struct kmod_functions {
	__typeof__(kmod_new) *kmod_new;
	__typeof__(kmod_unref) *kmod_unref;
	__typeof__(kmod_set_log_fn) *kmod_set_log_fn;
	__typeof__(kmod_module_new_from_name) *kmod_module_new_from_name;
	__typeof__(kmod_module_new_from_lookup) *kmod_module_new_from_lookup;
	__typeof__(kmod_module_get_initstate) *kmod_module_get_initstate;
	__typeof__(kmod_module_get_module) *kmod_module_get_module;
	__typeof__(kmod_module_probe_insert_module) *kmod_module_probe_insert_module;
	__typeof__(kmod_module_unref) *kmod_module_unref;
	__typeof__(kmod_module_unref_list) *kmod_module_unref_list;
	__typeof__(kmod_list_next) *kmod_list_next;
};

/* Error -ELIBACC: the library is not installed. The same table each time; thread-safe. */
int kmod_library(const struct kmod_functions **functions, struct error **err);
