// SPDX-License-Identifier: Apache-2.0
/*
 * The kernel maps sixteen pages around each that is touched, so a few calls later nearly all of the program is mapped, and
 * mapped pages are those that a guest short of memory takes back last. An idle agent needs a few dozen of them. To have
 * the others back costs a few microseconds of a call that takes milliseconds.
 */
#include "internal.h"

#include <link.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* What was relocated lies in segments that can be written to, and stays. */
static int unmap_constants(struct dl_phdr_info *program, size_t size, void *unused)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	(void)size;
	(void)unused;
	for (size_t i = 0; i < program->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &program->dlpi_phdr[i];
		uintptr_t address = program->dlpi_addr + segment->p_vaddr;
		uintptr_t start = address & ~(page - 1);

		/* Where it cannot be done nothing is lost but memory. */
		if (segment->p_type == PT_LOAD && !(segment->p_flags & PF_W))
			(void)madvise((void *)start, /* NOLINT(performance-no-int-to-ptr) */
				      address + segment->p_memsz - start, MADV_DONTNEED);
	}
	return 1; /* the program itself comes first */
}

void unmap_program(void)
{
	dl_iterate_phdr(unmap_constants, NULL);
}
