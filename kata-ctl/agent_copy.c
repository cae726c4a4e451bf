// SPDX-License-Identifier: Apache-2.0
#include "agent_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "agent-client/json_call.h"
#include "agent_process.h"
#include "base/memory.h"
#include "proto/agent.pb-c.h"

/* As hosts do it. */
#define CHUNK_BYTES ((size_t)1 << 20)

/* A directory with mode 0750, in the way that Go writes modes. */
#define DIRECTORY_MODE 020000000750

struct copy {
	struct agent_client *client;
	int64_t timeout_ns;
	const char *source;
	Grpc__CopyFileRequest request;
};

static int send_piece(const struct copy *copy, const void *data, size_t size, struct error **err)
{
	Grpc__CopyFileRequest request = copy->request;

	request.data = (ProtobufCBinaryData){ size, (uint8_t *)data };
	return agent_call(copy->client, "CopyFile", &request.base, copy->timeout_ns, NULL, err);
}

static int send_link(const struct copy *copy, struct error **err)
{
	char target[PATH_MAX];
	ssize_t size = readlink(copy->source, target, sizeof(target));

	if (size < 0)
		return error_set_errno(err, -errno, "read the link %s", copy->source);
	return send_piece(copy, target, (size_t)size, err);
}

/* As much as the file had when we looked: the agent puts it together at that size. */
static int send_content(struct copy *copy, int fd, struct error **err)
{
	_cleanup_free_ char *buffer = xmalloc(CHUNK_BYTES);
	int64_t left = copy->request.file_size;
	int ret = 0;

	if (left == 0)
		return send_piece(copy, NULL, 0, err);
	while (left > 0 && ret == 0) {
		size_t wanted = left < (int64_t)CHUNK_BYTES ? (size_t)left : CHUNK_BYTES;
		ssize_t got = pread(fd, buffer, wanted, copy->request.offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set_errno(err, -errno, "read %s", copy->source);
		if (got == 0)
			return error_set(err, -EIO, "%s has become shorter meanwhile",
					 copy->source);
		ret = send_piece(copy, buffer, (size_t)got, err);
		copy->request.offset += got;
		left -= got;
	}
	return ret;
}

static int send_file(struct copy *copy, struct error **err)
{
	_cleanup_close_ int fd = open(copy->source, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat facts;

	if (fd < 0 || fstat(fd, &facts) < 0)
		return error_set_errno(err, -errno, "open %s", copy->source);
	if (!S_ISREG(facts.st_mode))
		return error_set(err, -EINVAL, "%s is no regular file any more", copy->source);
	copy->request.file_size = facts.st_size;
	return send_content(copy, fd, err);
}

int agent_copy(struct agent_client *client, const char *source, const char *destination,
	       int64_t timeout_ns, struct error **err)
{
	struct copy copy = { .client = client, .timeout_ns = timeout_ns, .source = source };
	struct stat facts;

	if (lstat(source, &facts) < 0)
		return error_set_errno(err, -errno, "look at %s", source);
	grpc__copy_file_request__init(&copy.request);
	copy.request.path = (char *)destination;
	copy.request.file_mode = facts.st_mode;
	copy.request.dir_mode = (uint32_t)DIRECTORY_MODE;
	copy.request.uid = (int32_t)facts.st_uid;
	copy.request.gid = (int32_t)facts.st_gid;
	if (S_ISREG(facts.st_mode))
		return send_file(&copy, err);
	if (S_ISLNK(facts.st_mode))
		return send_link(&copy, err);
	if (S_ISDIR(facts.st_mode))
		return send_piece(&copy, NULL, 0, err);
	return error_set(err, -EINVAL, "%s is neither a file, a directory nor a symbolic link",
			 source);
}

int agent_copy_by_request(struct agent_client *client, const cJSON *request, int64_t timeout_ns,
			  struct error **err)
{
	const cJSON *from = cJSON_GetObjectItemCaseSensitive(request, "src");
	const cJSON *to = cJSON_GetObjectItemCaseSensitive(request, "dest");
	const char *source = cJSON_GetStringValue(from);
	const char *destination = cJSON_GetStringValue(to);
	int ret;

	if (!from && !to)
		return 0;
	if (!source || !destination)
		return error_set(err, -EINVAL,
				 "CopyFile: say {\"src\": PATH, \"dest\": PATH-IN-THE-GUEST}");
	ret = agent_copy(client, source, destination, timeout_ns, err);
	return ret < 0 ? ret : 1;
}
