// SPDX-License-Identifier: Apache-2.0
#include "library.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

int library_open(const char *soname, const struct library_symbol *symbols, void *table,
		 struct error **err)
{
	void *library = dlopen(soname, RTLD_NOW | RTLD_LOCAL);

	if (!library)
		return error_set(err, -ENOENT, "open library %s: %s", soname, dlerror());
	for (; symbols->name; symbols++) {
		void *function = dlsym(library, symbols->name);

		if (!function) {
			dlclose(library);
			return error_set(err, -ENOSYS, "library %s has no function %s", soname,
					 symbols->name);
		}
		memcpy((char *)table + symbols->offset, &function, sizeof(function));
	}
	return 0;
}
