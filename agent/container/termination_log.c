// SPDX-License-Identifier: Apache-2.0
/*
 * What a container says at its end, in a file that Kubernetes names by annotation: hosts without a shared file
 * system have to ask for it (spec/agent.md 6, GetDiagnosticData). The workload writes that file, so it is
 * opened without following links, and no more than its beginning is read.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "container.h"

#define ANNOTATION	  "io.kubernetes.container.terminationMessagePath"
#define MAX_MESSAGE_BYTES 4096 /* of which Kubernetes shows no more */
#define REPLACEMENT	  "\xef\xbf\xbd"

static const char *find_path(const Grpc__Spec *spec)
{
	for (size_t i = 0; i < spec->n_annotations; i++)
		if (strcmp(spec->annotations[i]->key, ANNOTATION) == 0)
			return spec->annotations[i]->value;
	return NULL;
}

/* Of several mounts with this destination the last one covers the others. */
static const char *find_source(const Grpc__Spec *spec, const char *destination)
{
	const char *source = NULL;

	for (size_t i = 0; i < spec->n_mounts; i++)
		if (strcmp(spec->mounts[i]->destination, destination) == 0)
			source = spec->mounts[i]->source;
	return source;
}

static int open_message(const char *path)
{
	struct open_how how = {
		.flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	_cleanup_close_ int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
	struct stat status;

	if (fd < 0 || fstat(fd, &status) < 0)
		return -errno;
	return S_ISREG(status.st_mode) ? steal_fd(fd) : -EINVAL;
}

/* As a protobuf text: UTF-8, without NULs. */
static char *clean(struct slice bytes)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	struct slice piece;

	for (struct slice rest = bytes; slice_next_field(&rest, '\0', &piece);) {
		utf8_append_valid(&text, piece);
		if (rest.data)
			strbuf_puts(&text, REPLACEMENT);
	}
	return text.size ? strbuf_steal(&text) : xstrdup("");
}

int container_read_termination_log(const struct container *container, char **text,
				   struct error **err)
{
	const char *destination = find_path(container->spec);
	const char *source = destination ? find_source(container->spec, destination) : NULL;
	char bytes[MAX_MESSAGE_BYTES];
	_cleanup_close_ int fd = -1;
	ssize_t got;

	if (!destination)
		return error_set(err, -ENOENT, "container %s has no annotation " ANNOTATION,
				 container->id);
	if (!source)
		return error_set(err, -ENOENT, "container %s has no mount at %s", container->id,
				 destination);
	fd = open_message(source);
	if (fd == -ENOENT) {
		*text = xstrdup("");
		return 0;
	}
	if (fd < 0)
		return error_set_errno(err, fd, "open the termination message %s", source);
	got = pread(fd, bytes, sizeof(bytes), 0);
	if (got < 0)
		return error_set_errno(err, -errno, "read the termination message %s", source);
	*text = clean(slice_make(bytes, (size_t)got));
	return 0;
}
