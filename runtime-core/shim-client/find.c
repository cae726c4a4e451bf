// SPDX-License-Identifier: Apache-2.0
/* From a sandbox's id, or its beginning, to the socket of its shim. */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "shim_client.h"

static const char *const directories[] = { SHIM_GO_DIRECTORY, SHIM_RUST_DIRECTORY };

static bool is_alphanumeric(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

int shim_check_sandbox_id(const char *id, struct error **err)
{
	size_t size = strlen(id);
	bool matches = size >= 2 && is_alphanumeric(id[0]);

	if (size == 0)
		return error_set(err, -EINVAL, "ID cannot be blank");
	for (const char *c = id; *c; c++)
		matches = matches && (is_alphanumeric(*c) || strchr("_.-", *c));
	if (!matches)
		return error_set(err, -EINVAL,
				 "invalid container/sandbox ID (should match "
				 "\"^[a-zA-Z0-9][a-zA-Z0-9_.-]+$\")");
	return 0;
}

static char *socket_path(const char *directory, const char *id)
{
	return xasprintf("%s/%s/shim-monitor.sock", directory, id);
}

static int stat_path(const char *path)
{
	struct stat status;

	return stat(path, &status) < 0 ? -errno : 0;
}

/* The socket of exactly this sandbox, to be freed; NULL without one. */
static char *find_exact(const char *id)
{
	for (size_t i = 0; i < ARRAY_SIZE(directories); i++) {
		_cleanup_free_ char *path = socket_path(directories[i], id);

		if (stat_path(path) == 0)
			return steal(path);
	}
	return NULL;
}

/* Add the sandboxes of a directory whose ids begin so and which have a socket. */
static void add_matches(const char *directory, const char *beginning, struct string_list *ids)
{
	DIR *entries = opendir(directory);
	const struct dirent *entry;

	/* A directory that is missing or closed to us holds no sandbox that we could talk to. */
	if (!entries)
		return;
	while ((entry = readdir(entries))) {
		_cleanup_free_ char *path = socket_path(directory, entry->d_name);

		if (strncmp(entry->d_name, beginning, strlen(beginning)) == 0 &&
		    stat_path(path) == 0 && !string_list_contains(ids, entry->d_name))
			string_list_add(ids, entry->d_name);
	}
	closedir(entries);
}

static int not_found(const char *id, struct error **err)
{
	_cleanup_free_ char *first = socket_path(SHIM_GO_DIRECTORY, id);
	_cleanup_free_ char *second = socket_path(SHIM_RUST_DIRECTORY, id);
	int first_reason = stat_path(first), reason = stat_path(second);
	const char *blamed = second;

	/* "permission denied" is the better reason, wherever it comes from. */
	if (first_reason != -ENOENT) {
		reason = first_reason;
		blamed = first;
	}
	/* A socket that has come up since it was missed is not that of an answer either. */
	if (reason == 0)
		reason = -ENOENT;
	return error_set(err, reason, "it fails to stat both %s and %s with error stat %s: %s; %s",
			 first, second, blamed, errno_text(reason),
			 reason == -ENOENT ? "no such sandbox runs on this host"
					   : "run as the user who runs the sandbox (root)");
}

static int find_by_beginning(const char *beginning, struct shim_client *client, struct error **err)
{
	_cleanup_string_list_ struct string_list ids = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
		add_matches(directories[i], beginning, &ids);
	if (ids.count == 0)
		return not_found(beginning, err);
	if (ids.count > 1)
		return error_set(
			err, -ENOTUNIQ,
			"more than one sandbox exists with the provided prefix \"%s\", please "
			"provide a unique prefix",
			beginning);
	client->sandbox_id = xstrdup(ids.items[0]);
	client->socket = find_exact(ids.items[0]);
	return client->socket ? 0 : not_found(ids.items[0], err);
}

void shim_client_list(struct string_list *ids)
{
	for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
		add_matches(directories[i], "", ids);
	string_list_sort(ids);
}

int shim_client_find(const char *id, struct shim_client *client, struct error **err)
{
	int ret = shim_check_sandbox_id(id, err);

	*client = (struct shim_client){ 0 };
	if (ret < 0)
		return ret;
	client->socket = find_exact(id);
	if (!client->socket)
		return find_by_beginning(id, client, err);
	client->sandbox_id = xstrdup(id);
	return 0;
}

void shim_client_release(struct shim_client *client)
{
	free(client->sandbox_id);
	free(client->socket);
	*client = (struct shim_client){ 0 };
}
