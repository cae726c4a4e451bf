// SPDX-License-Identifier: Apache-2.0
#include "hooks.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/string_list.h"
#include "base/subprocess.h"

#define DEFAULT_TIMEOUT_S 10
#define MAX_TIMEOUT_S	  3600

char *hooks_state(const Grpc__Spec *spec, const char *id, const char *status, uint64_t pid,
		  const char *bundle)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	struct json_writer json = { .out = &text };

	json_begin(&json, '{');
	json_name(&json, "ociVersion");
	json_string(&json, spec->version);
	json_name(&json, "id");
	json_string(&json, id);
	json_name(&json, "status");
	json_string(&json, status);
	json_name(&json, "pid");
	json_u64(&json, pid);
	json_name(&json, "bundle");
	json_string(&json, bundle);
	json_name(&json, "annotations");
	json_begin(&json, '{');
	for (size_t i = 0; i < spec->n_annotations; i++) {
		json_name(&json, spec->annotations[i]->key);
		json_string(&json, spec->annotations[i]->value);
	}
	json_end(&json, '}');
	json_end(&json, '}');
	return strbuf_steal(&text);
}

/* The list itself as an argument vector. */
static void add_words(struct string_list *list, char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		string_list_add(list, words[i]);
}

static int open_state(const char *state, struct error **err)
{
	_cleanup_close_ int fd = memfd_create("state", MFD_CLOEXEC);

	if (fd < 0 || fd_write_all(fd, state, strlen(state)) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return error_set_errno(err, -errno, "hand over the state");
	return steal_fd(fd);
}

static int run_one(const Grpc__Hook *hook, const char *state, struct error **err)
{
	static const char *const nothing[] = { NULL };
	_cleanup_string_list_ struct string_list arguments = { 0 }, environment = { 0 };
	_cleanup_close_ int state_fd = open_state(state, err);
	_cleanup_subprocess_ struct subprocess run = { 0 };
	int64_t timeout_s = hook->timeout > 0 ? hook->timeout : DEFAULT_TIMEOUT_S;
	int ret;

	if (state_fd < 0)
		return state_fd;
	if (hook->path[0] != '/')
		return error_set(err, -EINVAL, "the path is not absolute");
	run.path = hook->path;
	add_words(&arguments, hook->args, hook->n_args);
	if (arguments.count == 0)
		string_list_add(&arguments, hook->path);
	add_words(&environment, hook->env, hook->n_env);
	run.argv = (const char *const *)arguments.items;
	run.environment = environment.count ? (const char *const *)environment.items : nothing;
	run.timeout_ms = (unsigned)(timeout_s > MAX_TIMEOUT_S ? MAX_TIMEOUT_S : timeout_s) * 1000;
	run.input_fd = state_fd;
	ret = subprocess_run(&run, err);
	if (ret == 0 && run.status != 0)
		ret = error_set(err, -EIO, "status %d: %s", run.status, run.err.data);
	return ret;
}

static void tell_kernel_log(const char *kind, const char *path, const char *message)
{
	_cleanup_free_ char *line =
		xasprintf("<3>kata-agent: %s hook %s failed: %s\n", kind, path, message);
	_cleanup_close_ int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NONBLOCK);

	/* A kernel log that cannot be written has no reader either. */
	if (fd >= 0 && write(fd, line, strlen(line)) < 0)
		log_debug("no kernel log");
}

void hooks_run(const char *kind, Grpc__Hook *const *hooks, size_t count, const char *state)
{
	for (size_t i = 0; i < count; i++) {
		_cleanup_error_ struct error *err = NULL;

		if (run_one(hooks[i], state, &err) == 0)
			continue;
		log_error("a hook failed", LOG_STR("kind", kind), LOG_STR("path", hooks[i]->path),
			  LOG_STR("error", error_message(err)));
		tell_kernel_log(kind, hooks[i]->path, error_message(err));
	}
}
