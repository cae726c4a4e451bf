// SPDX-License-Identifier: Apache-2.0
/*
 * ephemeral: file systems in memory, which live as long as the sandbox: tmpfs for emptyDir volumes and the
 * sandbox's /dev/shm, and hugetlbfs (spec/agent.md 7.2).
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "agent/workload/detached.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "internal.h"

#define FSGID		 "fsgid="
#define HUGE_PAGES	 "/sys/kernel/mm/hugepages"
#define SMALL_FILE_BYTES 64

/* ---- the group --------------------------------------------------------------------------------- */

int option_fsgid(const Grpc__Storage *storage, int64_t *gid, struct error **err)
{
	const char *text = option_value(storage, FSGID);
	uint64_t number;

	*gid = -1;
	if (!text)
		return 0;
	if (number_parse_u64(slice_of(text), &number) < 0 || number >= UINT32_MAX)
		return error_set(err, -EINVAL, FSGID "%s is no group", text);
	*gid = (int64_t)number;
	return 0;
}

int give_to_group(int directory, int64_t gid, struct error **err)
{
	struct stat status;

	if (gid < 0)
		return 0;
	if (fchown(directory, (uid_t)-1, (gid_t)gid) < 0 || fstat(directory, &status) < 0 ||
	    fchmod(directory, (status.st_mode & 07777) | S_ISGID) < 0)
		return error_set_errno(err, -errno, "give the directory to group %lld",
				       (long long)gid);
	return 0;
}

/* fsgid=N is for us and not for the file system. */
static void drop_fsgid(struct string_list *words)
{
	struct string_list kept = { 0 };

	for (size_t i = 0; i < words->count; i++)
		if (!slice_starts_with(slice_of(words->items[i]), FSGID))
			string_list_add(&kept, words->items[i]);
	string_list_release(words);
	*words = kept;
}

/* ---- huge pages -------------------------------------------------------------------------------- */

static int parse_sizes(const Grpc__Storage *storage, uint64_t *page_size, uint64_t *pages,
		       struct error **err)
{
	struct slice rest, word;
	uint64_t size = 0;

	*page_size = *pages = 0;
	for (size_t i = 0; i < storage->n_options; i++) {
		rest = slice_of(storage->options[i]);
		while (slice_next_field(&rest, ',', &word)) {
			size_t equals = slice_find(word, '=');
			struct slice key = slice_first(word, equals);

			/* What is no number stays 0. */
			if (slice_is(key, "pagesize"))
				(void)number_parse_u64(slice_from(word, equals + 1), page_size);
			else if (slice_is(key, "size"))
				(void)number_parse_u64(slice_from(word, equals + 1), &size);
		}
	}
	if (*page_size < 1024 || size < *page_size)
		return error_set(err, -EINVAL,
				 "hugetlbfs needs the option pagesize=BYTES,size=BYTES");
	*pages = size / *page_size;
	return 0;
}

static int read_count(const char *path, uint64_t *count, struct error **err)
{
	_cleanup_free_ char *text = NULL;
	int ret = file_read_all(path, SMALL_FILE_BYTES, &text, NULL, err);

	if (ret == 0 && number_parse_u64(slice_trim(slice_of(text)), count) < 0)
		ret = error_set(err, -EINVAL, "%s holds no number", path);
	return ret;
}

/* On top of those that other volumes have. */
static int reserve_pages(uint64_t page_size, uint64_t wanted, struct error **err)
{
	_cleanup_free_ char *path =
		xasprintf(HUGE_PAGES "/hugepages-%" PRIu64 "kB/nr_hugepages", page_size / 1024);
	uint64_t before = 0, after = 0;
	_cleanup_free_ char *text = NULL;
	_cleanup_close_ int fd = -1;
	int ret = read_count(path, &before, err);

	if (ret < 0)
		return ret;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	text = xasprintf("%" PRIu64, before + wanted);
	ret = fd < 0 ? -errno : fd_write_all(fd, text, strlen(text));
	if (ret < 0)
		return error_set_errno(err, ret, "write %s", path);
	ret = read_count(path, &after, err);
	if (ret == 0 && after < before + wanted)
		ret = error_set(err, -ENOMEM,
				"Only allocated %" PRIu64 " of %" PRIu64
				" hugepages of size %" PRIu64,
				after - before, wanted, page_size);
	return ret;
}

static int reserve(const struct attachment *attachment, struct error **err)
{
	_cleanup_close_ int top = place_make_directory(&attachment->place, err);
	uint64_t page_size, pages;
	int ret;

	if (top < 0)
		return top;
	/* Its pages are still there from the first time. */
	if (is_mount_top(top))
		return 0;
	ret = parse_sizes(attachment->storage, &page_size, &pages, err);
	return ret < 0 ? ret : reserve_pages(page_size, pages, err);
}

/* ---- attach ------------------------------------------------------------------------------------ */

int ephemeral_attach(struct attachment *attachment, struct error **err)
{
	_cleanup_mount_request_ struct mount_request request = { 0 };
	_cleanup_close_ int top = -1;
	int64_t gid;
	int ret = option_fsgid(attachment->storage, &gid, err);

	if (ret == 0)
		ret = mount_request_parse(attachment->storage, &request, err);
	if (ret == 0 && strcmp(request.type, "hugetlbfs") == 0)
		ret = reserve(attachment, err);
	if (ret < 0)
		return ret;
	drop_fsgid(&request.options.data);
	ret = mount_attach_storage(attachment, &request, 0, err);
	/* What is in memory only lasts as long as the sandbox, whoever uses it. */
	attachment->mounted = false;
	if (ret < 0)
		return ret;
	top = place_open(&attachment->place, O_RDONLY | O_DIRECTORY, err);
	return top < 0 ? top : give_to_group(top, gid, err);
}

/* ---- update ------------------------------------------------------------------------------------ */

/* Only what the words say changes; the mount keeps its other flags. */
static int reconfigure(int top, const struct mount_request *request, struct error **err)
{
	_cleanup_close_ int context = fspick(top, "", FSPICK_CLOEXEC | FSPICK_EMPTY_PATH);
	int ret;

	if (context < 0)
		return error_set_errno(err, -errno, "change a mount");
	ret = detached_configure(context, &request->options, err);
	if (ret == 0 && fsconfig(context, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0) < 0)
		ret = error_set_errno(err, -errno, "change a mount");
	return ret;
}

static bool has_word(const Grpc__Storage *storage, const char *word)
{
	for (size_t i = 0; i < storage->n_options; i++)
		if (strcmp(storage->options[i], word) == 0)
			return true;
	return false;
}

static int update(struct attachment *attachment, struct error **err)
{
	_cleanup_mount_request_ struct mount_request request = { 0 };
	_cleanup_close_ int top = place_make_directory(&attachment->place, err);
	int ret;

	if (top < 0)
		return top;
	ret = mount_request_parse(attachment->storage, &request, err);
	if (ret < 0 || attachment->storage->n_options == 0)
		return ret;
	drop_fsgid(&request.options.data);
	if (!has_word(attachment->storage, "remount"))
		return mount_attach_storage(attachment, &request, 0, err);
	if (!is_mount_top(top))
		return error_set(err, -EINVAL, "nothing is mounted there");
	return reconfigure(top, &request, err);
}

int ephemeral_update(const struct storages_settings *settings, const Grpc__Storage *storage,
		     struct error **err)
{
	struct attachment attachment = { .storage = storage, .settings = settings };
	int ret = place_check(settings->base, NULL, storage->mount_point, &attachment.place, err);

	if (ret == 0)
		ret = update(&attachment, err);
	place_release(&attachment.place);
	return ret < 0 ? error_wrap(err, "%s", storage->mount_point) : 0;
}
