// SPDX-License-Identifier: Apache-2.0
#include "library.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "memory.h"

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

int library_use(struct library *library, struct error **err)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

	pthread_mutex_lock(&lock);
	if (!library->opened && !library->failure) {
		_cleanup_error_ struct error *reason = NULL;

		if (library_open(library->soname, library->symbols, library->functions, &reason) ==
		    0)
			library->opened = true;
		else
			library->failure = xasprintf("%s; install the package %s",
						     error_message(reason), library->package);
	}
	pthread_mutex_unlock(&lock);
	return library->opened ? 0 : error_set(err, -ELIBACC, "%s", library->failure);
}
