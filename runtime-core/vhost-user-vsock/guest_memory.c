// SPDX-License-Identifier: Apache-2.0
#include "guest_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static bool overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a < b + b_size && b < a + a_size;
}

static int check_region(const struct guest_memory *memory, const struct guest_region *region,
			struct error **err)
{
	uint64_t end;

	if (memory->count == GUEST_MEMORY_MAX_REGIONS)
		return error_set(err, -ENOSPC, "more than %d memory regions",
				 GUEST_MEMORY_MAX_REGIONS);
	if (region->size == 0 ||
	    __builtin_add_overflow(region->guest_address, region->size, &end) ||
	    __builtin_add_overflow(region->frontend_address, region->size, &end) ||
	    __builtin_add_overflow(region->file_offset, region->size, &end) || end > INT64_MAX)
		return error_set(err, -EINVAL, "a memory region that is empty or wraps around");
	for (size_t i = 0; i < memory->count; i++) {
		const struct guest_region *other = &memory->regions[i];

		if (overlap(region->guest_address, region->size, other->guest_address,
			    other->size) ||
		    overlap(region->frontend_address, region->size, other->frontend_address,
			    other->size))
			return error_set(err, -EINVAL, "memory regions that overlap");
	}
	return 0;
}

/* The file must be there to the region's end: touching what lies behind it would be a SIGBUS. */
static int check_file(const struct guest_region *region, int fd, struct stat *status,
		      struct error **err)
{
	if (fstat(fd, status) < 0)
		return error_set_errno(err, -errno, "look at a memory region's file");
	if (!S_ISREG(status->st_mode))
		return error_set(err, -EINVAL, "a memory region that is not a file's");
	if ((uint64_t)status->st_size < region->file_offset + region->size)
		return error_set(err, -EINVAL, "a memory region longer than its file");
	return 0;
}

/* A file of huge pages can only be mapped from one of them on; its block size is theirs. */
static uint64_t mapping_step(const struct stat *status)
{
	uint64_t page = (uint64_t)getpagesize(), block = (uint64_t)status->st_blksize;

	return block > page && (block & (block - 1)) == 0 ? block : page;
}

int guest_memory_add(struct guest_memory *memory, const struct guest_region *region, int fd,
		     struct error **err)
{
	struct guest_region added = *region;
	struct stat status = { 0 };
	uint64_t skipped;
	int ret, access;

	ret = check_region(memory, region, err);
	if (ret < 0)
		return ret;
	ret = check_file(region, fd, &status, err);
	if (ret < 0)
		return ret;

	skipped = region->file_offset & (mapping_step(&status) - 1);
	added.mapping_size = region->size + skipped;
	added.writable = (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR;
	access = added.writable ? PROT_READ | PROT_WRITE : PROT_READ;
	added.mapping = mmap(NULL, added.mapping_size, access, MAP_SHARED | MAP_NORESERVE, fd,
			     (off_t)(region->file_offset - skipped));
	if (added.mapping == MAP_FAILED)
		return error_set_errno(err, -errno, "map a memory region");
	/* Not in our core dumps; where that cannot be, they get big. */
	madvise(added.mapping, added.mapping_size, MADV_DONTDUMP);
	added.bytes = (unsigned char *)added.mapping + skipped;
	memory->regions[memory->count++] = added;
	return 0;
}

int guest_memory_remove(struct guest_memory *memory, const struct guest_region *region,
			struct error **err)
{
	for (size_t i = 0; i < memory->count; i++) {
		struct guest_region *found = &memory->regions[i];

		if (found->guest_address != region->guest_address || found->size != region->size ||
		    found->frontend_address != region->frontend_address)
			continue;
		munmap(found->mapping, found->mapping_size);
		*found = memory->regions[--memory->count];
		return 0;
	}
	return error_set(err, -ENOENT, "there is no such memory region");
}

void guest_memory_clear(struct guest_memory *memory)
{
	for (size_t i = 0; i < memory->count; i++)
		munmap(memory->regions[i].mapping, memory->regions[i].mapping_size);
	memory->count = 0;
}

static const struct guest_region *find(const struct guest_memory *memory, uint64_t address)
{
	for (size_t i = 0; i < memory->count; i++)
		if (address - memory->regions[i].guest_address < memory->regions[i].size)
			return &memory->regions[i];
	return NULL;
}

int guest_memory_resolve(const struct guest_memory *memory, uint64_t address, uint64_t size,
			 bool writable, struct iovec *pieces, size_t max)
{
	size_t count = 0;

	while (size > 0) {
		const struct guest_region *region = find(memory, address);
		uint64_t offset, length;

		if (!region || (writable && !region->writable))
			return -EFAULT;
		if (count == max)
			return -E2BIG;
		offset = address - region->guest_address;
		length = region->size - offset;
		if (length > size)
			length = size;
		pieces[count++] = (struct iovec){ region->bytes + offset, length };
		size -= length;
		/* Cannot wrap to a region at 0, since no region ends above 2^64 - 1. */
		address += length;
	}
	return (int)count;
}

int guest_memory_read(const struct guest_memory *memory, uint64_t address, void *data, size_t size)
{
	unsigned char *out = data;
	struct iovec pieces[2];
	int count = guest_memory_resolve(memory, address, size, false, pieces, 2);

	if (count < 0)
		return -EFAULT;
	for (int i = 0; i < count; i++) {
		memcpy(out, pieces[i].iov_base, pieces[i].iov_len);
		out += pieces[i].iov_len;
	}
	/* The compiler may not read the guest's copy again in place of ours. */
	__asm__ volatile("" ::: "memory");
	return 0;
}

void *guest_memory_frontend_object(const struct guest_memory *memory, uint64_t frontend_address,
				   uint64_t size, size_t alignment)
{
	for (size_t i = 0; i < memory->count; i++) {
		const struct guest_region *region = &memory->regions[i];
		uint64_t offset = frontend_address - region->frontend_address;
		unsigned char *object;

		if (offset >= region->size || size > region->size - offset || !region->writable)
			continue;
		object = region->bytes + offset;
		return (uintptr_t)object % alignment == 0 ? object : NULL;
	}
	return NULL;
}
