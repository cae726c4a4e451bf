// SPDX-License-Identifier: Apache-2.0
#include "kmod_library.h"

#include "base/library.h"

#define KMOD_SONAME "libkmod.so.2"

LIBRARY_NOTE("kmod", "find and load kernel modules", "recommended", KMOD_SONAME);

static const struct library_symbol symbols[] = {
	LIBRARY_SYMBOL(struct kmod_functions, kmod_new),
	LIBRARY_SYMBOL(struct kmod_functions, kmod_unref),
	LIBRARY_SYMBOL(struct kmod_functions, kmod_set_log_fn),
	LIBRARY_SYMBOL(struct kmod_functions, kmod_module_new_from_name),
	LIBRARY_SYMBOL(struct kmod_functions, kmod_module_new_from_lookup),
	LIBRARY_SYMBOL(struct kmod_functions, kmod_module_get_initstate),
	LIBRARY_SYMBOL(struct kmod_functions, kmod_module_get_module),
	LIBRARY_SYMBOL(struct kmod_functions, kmod_module_probe_insert_module),
	LIBRARY_SYMBOL(struct kmod_functions, kmod_module_unref),
	LIBRARY_SYMBOL(struct kmod_functions, kmod_module_unref_list),
	LIBRARY_SYMBOL(struct kmod_functions, kmod_list_next),
	{ 0 },
};

int kmod_library(const struct kmod_functions **functions, struct error **err)
{
	static struct kmod_functions table;
	static struct library library = {
		.soname = KMOD_SONAME,
		.package = "libkmod2",
		.symbols = symbols,
		.functions = &table,
	};

	*functions = &table;
	return library_use(&library, err);
}
