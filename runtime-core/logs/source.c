// SPDX-License-Identifier: Apache-2.0
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"

#define HEAD_BYTES 8

struct logs_source {
	const struct logs_source_kind *kind;
	void *state;
};

struct logs_source *logs_source_new(const struct logs_source_kind *kind, void *state)
{
	struct logs_source *source = xmalloc(sizeof(*source));

	*source = (struct logs_source){ kind, state };
	return source;
}

ssize_t logs_source_read(struct logs_source *source, char *data, size_t size, struct error **err)
{
	return source->kind->read(source->state, data, size, err);
}

void logs_source_close(struct logs_source *source)
{
	if (!source)
		return;
	source->kind->close(source->state);
	free(source);
}

/* ---- files ------------------------------------------------------------------------------------- */

struct file {
	char *path;
	int fd;
	bool follow;
	/* The first bytes, read ahead to see what they are. */
	char head[HEAD_BYTES];
	size_t head_size, head_used;
	bool looked;   /* at them */
	void *archive; /* NULL for a file that is not compressed */
	uint64_t taken, size;
};

static void file_close(void *state)
{
	struct file *file = state;

	if (file->archive)
		logs_archive_kind.close(file->archive);
	if (file->fd > STDERR_FILENO)
		close(file->fd);
	free(file->path);
	free(file);
}

/* The file that is followed has become another one, or shorter: read what is there now, from its start. */
static bool starts_over(struct file *file)
{
	struct stat ours, theirs;
	int fd;

	if (fstat(file->fd, &ours) < 0 || !S_ISREG(ours.st_mode))
		return false;
	if (ours.st_size < (off_t)file->taken && lseek(file->fd, 0, SEEK_SET) == 0) {
		file->taken = 0;
		return true;
	}
	if (stat(file->path, &theirs) < 0 ||
	    (ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev))
		return false;
	fd = open(file->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	close(file->fd);
	file->fd = fd;
	file->taken = 0;
	return true;
}

/* Of a pipe that is followed: would reading wait? What came before shall not wait with it. */
static bool has_data(int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

	return poll(&poll_fd, 1, 0) != 0;
}

ssize_t logs_read_waiting(int fd, char *data, size_t size)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	ssize_t got;

	while ((got = read(fd, data, size)) < 0 && errno == EAGAIN)
		if (poll(&poll_fd, 1, -1) < 0)
			break;
	return got < 0 ? -errno : got;
}

static int failed(const struct file *file, int reason, struct error **err)
{
	return error_set(err, reason, "read %s: %s", file->path, errno_text(reason));
}

static bool is_compressed(const char *head, size_t size)
{
	static const struct {
		const char *bytes;
		size_t size;
	} magic[] = {
		{ "\x1F\x8B", 2 },		   /* gzip */
		{ "\xFD\x37\x7A\x58\x5A\x00", 6 }, /* xz */
		{ "\x28\xB5\x2F\xFD", 4 },	   /* zstd */
		{ "BZh", 3 },			   /* bzip2 */
	};

	for (size_t i = 0; i < ARRAY_SIZE(magic); i++)
		if (size >= magic[i].size && memcmp(head, magic[i].bytes, magic[i].size) == 0)
			return true;
	return false;
}

/*
 * The first bytes tell what the file is. A pipe may give them one by one, and one that is followed may have none yet,
 * which shall not keep the other inputs waiting.
 */
static int look_inside(struct file *file, struct error **err)
{
	while (file->head_size < HEAD_BYTES) {
		ssize_t got;

		if (file->follow && !has_data(file->fd))
			return -EAGAIN;
		got = logs_read_waiting(file->fd, file->head + file->head_size,
					HEAD_BYTES - file->head_size);
		if (got < 0)
			return failed(file, (int)got, err);
		if (got == 0)
			break;
		file->head_size += (size_t)got;
	}
	file->looked = true;
	file->taken = file->head_size;
	if (!is_compressed(file->head, file->head_size))
		return 0;
	return logs_archive_open(file->fd, file->head, file->head_size, &file->archive, err);
}

static ssize_t file_read(void *state, char *data, size_t size, struct error **err)
{
	struct file *file = state;
	ssize_t got = file->looked ? 0 : look_inside(file, err);

	if (got < 0)
		return got;
	if (file->archive) {
		got = logs_archive_kind.read(file->archive, data, size, err);
		if (got < 0)
			return error_wrap(err, "read %s", file->path);
		return got;
	}
	if (file->head_used < file->head_size) {
		size_t rest = file->head_size - file->head_used;

		got = (ssize_t)(rest < size ? rest : size);
		memcpy(data, file->head + file->head_used, (size_t)got);
		file->head_used += (size_t)got;
		return got;
	}
	if (file->follow && !has_data(file->fd))
		return -EAGAIN;
	got = logs_read_waiting(file->fd, data, size);
	if (got > 0)
		file->taken += (uint64_t)got;
	if (got == 0 && file->follow && file->fd != STDIN_FILENO)
		return starts_over(file) ? file_read(state, data, size, err) : -EAGAIN;
	if (got < 0)
		return failed(file, (int)got, err);
	return got;
}

static const struct logs_source_kind file_kind = { file_read, file_close };

int logs_source_open_file(const char *path, bool follow, struct logs_source **source,
			  struct error **err)
{
	struct file *file = xcalloc(1, sizeof(*file));
	struct stat facts;
	int ret;

	file->path = xstrdup(path);
	file->follow = follow;
	file->fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (file->fd < 0) {
		ret = error_set(err, -errno, "open %s: %s", path, errno_text(errno));
		file_close(file);
		return ret;
	}
	if (fstat(file->fd, &facts) == 0 && S_ISREG(facts.st_mode))
		file->size = (uint64_t)facts.st_size;
	*source = logs_source_new(&file_kind, file);
	return 0;
}

void logs_source_progress(const struct logs_source *source, uint64_t *done, uint64_t *total)
{
	const struct file *file = source->state;

	*done = *total = 0;
	if (source->kind != &file_kind)
		return;
	*done = file->archive ? logs_archive_taken(file->archive) : file->taken;
	*total = file->size;
}
