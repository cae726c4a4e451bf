// SPDX-License-Identifier: Apache-2.0
/* Our client against a real containerd: the event service that every shim reports to (spec/shim.md 5.1). */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include "base/strbuf.h"
#include "base/unix.h"
#include "proto/any.h"
#include "proto/containerd_events.pb-c.h"
#include "proto/containerd_forward.pb-c.h"
#include "proto/message.h"
#include "proto/timestamp.h"
#include "ttrpc/client.h"

#define SECOND_NS INT64_C(1000000000)
#define EVENTS	  "containerd.services.events.ttrpc.v1.Events"

extern char **environ;

struct fixture {
	char *directory;
	pid_t containerd;
	struct ttrpc_client *client;
};

static char *path_in(const struct fixture *fixture, const char *name)
{
	return xasprintf("%s/%s", fixture->directory, name);
}

/* Start a program with stdout at `output` and stderr nowhere. */
static pid_t start(const char *const *argv, int output)
{
	posix_spawn_file_actions_t actions;
	pid_t pid = -1;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)argv, environ) != 0)
		pid = -1;
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

static void stop(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void write_configuration(const struct fixture *fixture, const char *path)
{
	const char *directory = fixture->directory;
	_cleanup_free_ char *text = xasprintf(
		"version = 2\nroot = \"%s/root\"\nstate = \"%s/state\"\n"
		"disabled_plugins = [\"io.containerd.grpc.v1.cri\", "
		"\"io.containerd.internal.v1.opt\","
		" \"io.containerd.snapshotter.v1.overlayfs\"]\n"
		"[grpc]\naddress = \"%s/grpc.sock\"\n[ttrpc]\naddress = \"%s/ttrpc.sock\"\n",
		directory, directory, directory, directory);
	struct error *err = NULL;

	assert_ok(file_replace(path, text, strlen(text), 0600, &err), err);
}

static int connect_patiently(const char *path)
{
	for (int i = 0; i < 1000; i++) {
		_cleanup_error_ struct error *ignored = NULL; /* not there yet */
		int fd = unix_connect(path, &ignored);

		if (fd >= 0)
			return fd;
		poll(NULL, 0, 10);
	}
	return -1;
}

static int set_up(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof(*fixture));
	_cleanup_free_ char *configuration = NULL, *socket = NULL;
	_cleanup_error_ struct error *err = NULL;
	void *directory = NULL;
	int ret;

	if (make_directory(&directory) < 0)
		return -1;
	fixture->directory = directory;
	*state = fixture;
	configuration = path_in(fixture, "config.toml");
	socket = path_in(fixture, "ttrpc.sock");
	write_configuration(fixture, configuration);
	if (geteuid() == 0)
		fixture->containerd =
			start((const char *const[]){ "containerd", "-c", configuration, NULL },
			      STDERR_FILENO);
	if (fixture->containerd <= 0)
		return 0; /* the tests skip */
	ret = connect_patiently(socket);
	return ret < 0 ? ret : ttrpc_client_new(ret, &fixture->client, &err);
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	void *directory = fixture->directory;

	ttrpc_client_free(fixture->client);
	if (fixture->containerd > 0)
		stop(fixture->containerd);
	free(fixture);
	return remove_directory(&directory);
}

static struct fixture *need_containerd(void **state)
{
	struct fixture *fixture = *state;

	if (!fixture->client)
		skip();
	return fixture;
}

/* What a shim does when a container ran out of memory. */
static int forward_oom(struct fixture *fixture, const char *topic, struct error **err)
{
	Containerd__Services__Events__Ttrpc__V1__ForwardRequest request =
		CONTAINERD__SERVICES__EVENTS__TTRPC__V1__FORWARD_REQUEST__INIT;
	Containerd__Services__Events__Ttrpc__V1__Envelope envelope =
		CONTAINERD__SERVICES__EVENTS__TTRPC__V1__ENVELOPE__INIT;
	Containerd__Events__TaskOOM event = CONTAINERD__EVENTS__TASK_OOM__INIT;
	_cleanup_ttrpc_metadata_ struct ttrpc_metadata metadata = { 0 };
	_cleanup_strbuf_ struct strbuf storage = STRBUF_INIT;
	Google__Protobuf__Timestamp now = timestamp_now();
	Google__Protobuf__Any any;
	struct ttrpc_call call = { .service = EVENTS,
				   .method = "Forward",
				   .input = &request.base,
				   .timeout_ns = 5 * SECOND_NS,
				   .metadata = &metadata };

	ttrpc_metadata_add(&metadata, slice_of("containerd-namespace-ttrpc"), slice_of("testing"));
	event.container_id = (char *)"kata-c1";
	any_pack(&any, &event.base, &storage);
	envelope.timestamp = &now;
	envelope.namespace_ = (char *)"testing";
	envelope.topic = (char *)topic;
	envelope.event = &any;
	request.envelope = &envelope;
	return ttrpc_client_call(fixture->client, &call, NULL, err);
}

static bool contains(struct strbuf *output, int fd, const char *text)
{
	struct pollfd readable = { .fd = fd, .events = POLLIN };
	ssize_t size;

	while (poll(&readable, 1, 20) > 0 &&
	       (size = read(fd, strbuf_reserve(output, 4096), 4096)) > 0)
		strbuf_commit(output, (size_t)size);
	return strstr(output->data, text);
}

static void containerd_takes_an_event_and_passes_it_on(void **state)
{
	struct fixture *fixture = need_containerd(state);
	_cleanup_free_ char *address = path_in(fixture, "grpc.sock");
	_cleanup_strbuf_ struct strbuf output = STRBUF_INIT;
	bool seen = false;
	int fds[2];
	pid_t ctr;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	ctr = start((const char *const[]){ "ctr", "-a", address, "events", NULL }, fds[1]);
	close(fds[1]);
	assert_true(ctr > 0);
	/* Again and again, because nobody tells when ctr has subscribed. */
	for (int i = 0; i < 200 && !seen; i++) {
		struct error *err = NULL;

		assert_ok(forward_oom(fixture, "/tasks/oom", &err), err);
		seen = contains(&output, fds[0],
				"testing /tasks/oom {\"container_id\":\"kata-c1\"}");
	}
	stop(ctr);
	close(fds[0]);
	if (!seen)
		fail_msg("ctr saw \"%s\"", output.data);
}

static void containerds_refusals_arrive_with_code_and_text(void **state)
{
	struct fixture *fixture = need_containerd(state);
	struct ttrpc_call call = { .service = EVENTS, .method = "Backward" };
	struct error *err = NULL;

	assert_failed(forward_oom(fixture, "tasks", &err), err, -EINVAL, "must start with");
	assert_failed(ttrpc_client_call(fixture->client, &call, NULL, &err), err,
		      ttrpc_errno_of_code(TTRPC_UNIMPLEMENTED), "method Backward");
	call.service = "containerd.task.v9.Task";
	assert_failed(ttrpc_client_call(fixture->client, &call, NULL, &err), err,
		      ttrpc_errno_of_code(TTRPC_UNIMPLEMENTED), "service containerd.task.v9.Task");
}

static void when_containerd_dies_calls_are_closed(void **state)
{
	struct fixture *fixture = need_containerd(state);
	struct error *err = NULL;

	stop(fixture->containerd);
	fixture->containerd = 0;
	assert_failed(forward_oom(fixture, "/tasks/oom", &err), err, -TTRPC_CLOSED,
		      "ttrpc: closed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(containerd_takes_an_event_and_passes_it_on),
		cmocka_unit_test(containerds_refusals_arrive_with_code_and_text),
		cmocka_unit_test(when_containerd_dies_calls_are_closed),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
