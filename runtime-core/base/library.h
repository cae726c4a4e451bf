/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A shared library that is opened on first use, so that a command which does not need it starts without
 * it, and a host which does not have it loses one ability and not the program.
 *
 *	LIBRARY_NOTE("kmod", "look up and load kernel modules", "recommended", "libkmod.so.2");
 *
 *	struct kmod_functions {
 *		__typeof__(kmod_new) *kmod_new;
 *		...
 *	};
 *	static const struct library_symbol symbols[] = {
 *		LIBRARY_SYMBOL(struct kmod_functions, kmod_new),
 *		...
 *		{ 0 },
 *	};
 *	ret = library_open("libkmod.so.2", symbols, &functions, err);
 */

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>

#include "error.h"

struct library_symbol {
	const char *name; /* NULL ends a list */
	size_t offset;	  /* of the function pointer in the caller's table */
};

/* The table's member is called like the function, so that a call reads `functions->kmod_new(...)`. */
#define LIBRARY_SYMBOL(table, function)              \
	{                                            \
#function, offsetof(table, function) \
	}

/*
 * Open the library and fill the table. It stays open to the end of the process. May read the disk.
 * -ENOENT when the library is not installed, -ENOSYS when it lacks a symbol; the message names both.
 */
int library_open(const char *soname, const struct library_symbol *symbols, void *table,
		 struct error **err);

/* A library that is opened when it is first used, once per process: a static variable of its one user. */
struct library {
	const char *soname;
	const char *package; /* what to install when it is missing, as Debian calls it */
	const struct library_symbol *symbols;
	void *functions; /* the table to fill */
	bool opened;	 /* these two are library_use()'s own */
	char *failure;
};

/*
 * Make the table of functions ready. Safe from any thread. Error -ELIBACC, to every caller the same, with
 * the package to install.
 */
int library_use(struct library *library, struct error **err);

/*
 * Tell packagers and image builders of the dependency, which no DT_NEEDED entry shows: an ELF note as
 * https://systemd.io/ELF_DLOPEN_METADATA/ defines it. Priority: "required", "recommended", "suggested".
 * Once per file, at its top level.
 */
#define LIBRARY_NOTE(feature, description, priority, soname)                             \
	LIBRARY_NOTE_JSON("[{\"feature\":\"" feature "\",\"description\":\"" description \
			  "\",\"priority\":\"" priority "\",\"soname\":[\"" soname "\"]}]")

#define LIBRARY_NOTE_OWNER "FDO"
#define LIBRARY_NOTE_TYPE  0x407c0c0a
#define LIBRARY_NOTE_JSON(json)                                                          \
	__attribute__((used, section(".note.dlopen"), aligned(4))) static const struct { \
		Elf32_Nhdr header;                                                       \
		char owner[sizeof(LIBRARY_NOTE_OWNER)];                                  \
		_Alignas(4) char text[sizeof(json)];                                     \
	} library_note = {                                                               \
		{ sizeof(LIBRARY_NOTE_OWNER), sizeof(json), LIBRARY_NOTE_TYPE },         \
		LIBRARY_NOTE_OWNER,                                                      \
		json,                                                                    \
	}
