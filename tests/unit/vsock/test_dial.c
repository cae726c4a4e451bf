// SPDX-License-Identifier: Apache-2.0
/* Dialling, against unix sockets that answer the handshake in every way, and against AF_VSOCK where it is there. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>

#include <linux/vm_sockets.h>

#include "base/clock.h"
#include "base/path.h"
#include "base/unix.h"
#include "vsock/vsock.h"

/* A proxy that treats each connection as the next of its answers says, then the last one for ever. */
struct proxy {
	const char *const *answers; /* NULL ends; "" closes at once, "..." stays silent */
	int fd;
	char *path;
	pthread_t thread;
	int connections;
	char request[64]; /* the last one */
	char after[16];	  /* what came behind it */
};

static void serve_connection(struct proxy *proxy, int fd, const char *answer)
{
	size_t used = 0;

	while (used < sizeof(proxy->request) - 1 && read(fd, proxy->request + used, 1) == 1 &&
	       proxy->request[used++] != '\n')
		;
	proxy->request[used] = '\0';
	if (strcmp(answer, "...") == 0) {
		/* Until the other end gives up. */
		while (read(fd, proxy->after, sizeof(proxy->after)) > 0)
			;
		return;
	}
	/* Piece by piece, as a proxy may. */
	for (const char *c = answer; *c; c++)
		if (send(fd, c, 1, MSG_NOSIGNAL) < 0)
			return;
	/* Nothing comes from a dialler that gave up on this answer. */
	if (*answer && read(fd, proxy->after, sizeof(proxy->after)) < 0)
		proxy->after[0] = '\0';
}

static void *serve(void *data)
{
	struct proxy *proxy = data;
	size_t next = 0;

	for (;;) {
		_cleanup_close_ int fd = accept4(proxy->fd, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0)
			return NULL;
		proxy->connections++;
		serve_connection(proxy, fd, proxy->answers[next]);
		if (proxy->answers[next + 1])
			next++;
	}
}

static void proxy_start(struct proxy *proxy, const char *directory, const char *const *answers)
{
	struct error *err = NULL;

	*proxy = (struct proxy){ .answers = answers, .path = path_join(directory, "hybrid.sock") };
	proxy->fd = unix_listen(proxy->path, 0600, &err);
	assert_ok(proxy->fd, err);
	assert_int_equal(pthread_create(&proxy->thread, NULL, serve, proxy), 0);
}

static void proxy_stop(struct proxy *proxy)
{
	shutdown(proxy->fd, SHUT_RDWR);
	pthread_join(proxy->thread, NULL);
	close(proxy->fd);
	unlink(proxy->path);
	free(proxy->path);
}

static int dial(const char *url, int64_t timeout_ms, struct error **err)
{
	_cleanup_vsock_address_ struct vsock_address address;
	struct vsock_dial options = { .timeout_ms = timeout_ms };
	int ret = vsock_address_parse(url, true, &address, err);

	return ret < 0 ? ret : vsock_dial(&address, &options, err);
}

static void the_handshake_leaves_what_follows(void **state)
{
	static const char *const answers[] = { "OK 1073741824\nhello", NULL };
	_cleanup_free_ char *url = xasprintf("hvsock://%s/hybrid.sock:1024", (char *)*state);
	_cleanup_close_ int fd = -1;
	struct error *err = NULL;
	struct proxy proxy;
	char greeting[6] = "";

	proxy_start(&proxy, *state, answers);
	fd = dial(url, 5000, &err);
	assert_ok(fd, err);
	assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(recv(fd, greeting, 5, MSG_WAITALL), 5);
	assert_string_equal(greeting, "hello");
	assert_int_equal(write(fd, "bytes", 5), 5);
	close(steal_fd(fd));
	proxy_stop(&proxy);
	assert_string_equal(proxy.request, "CONNECT 1024\n");
	assert_memory_equal(proxy.after, "bytes", 5);
}

static void refused_handshakes_are_tried_again(void **state)
{
	static const char *const answers[] = {
		"",
		"NO\n",
		"0123456789012345678901234567890123456789012345678901234567890123456789\n",
		"OK 1\n",
		NULL,
	};
	_cleanup_free_ char *url = xasprintf("hvsock://%s/hybrid.sock:7", (char *)*state);
	_cleanup_close_ int fd = -1;
	struct error *err = NULL;
	struct proxy proxy;

	proxy_start(&proxy, *state, answers);
	fd = dial(url, 5000, &err);
	assert_ok(fd, err);
	close(steal_fd(fd));
	proxy_stop(&proxy);
	assert_int_equal(proxy.connections, 4);
}

static void a_silent_proxy_costs_no_more_than_the_budget(void **state)
{
	static const char *const answers[] = { "...", NULL };
	_cleanup_free_ char *url = xasprintf("hvsock://%s/hybrid.sock:1024", (char *)*state);
	_cleanup_free_ char *text = xasprintf(
		"timed out connecting to hybrid vsocket %s (last attempt: no answer in time)", url);
	struct error *err = NULL;
	struct proxy proxy;

	proxy_start(&proxy, *state, answers);
	assert_failed(dial(url, 100, &err), err, -ETIMEDOUT, text);
	proxy_stop(&proxy);
}

static void what_is_missing_is_named(void **state)
{
	static const struct {
		const char *url, *message;
	} cases[] = {
		{ "hvsock://%s/none:1",
		  "timed out connecting to hybrid vsocket hvsock://%s/none:1 "
		  "(last attempt: connect to %s/none: no such file or directory)" },
		{ "mock://%s/none",
		  "timed out connecting to mock hybrid vsocket mock://%s/none "
		  "(last attempt: connect to %s/none: no such file or directory)" },
		{ "remote://%s/none",
		  "timed out connecting to remote sock: %s/none "
		  "(last attempt: connect to %s/none: no such file or directory)" },
		{ "unix://%s/none",
		  "timed out connecting to unix socket %s/none "
		  "(last attempt: connect to %s/none: no such file or directory)" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		/* The cases are literals of this function. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		_cleanup_free_ char *url = xasprintf(cases[i].url, *state);
		_cleanup_free_ char *message = xasprintf(cases[i].message, *state, *state);
#pragma GCC diagnostic pop
		struct error *err = NULL;

		assert_failed(dial(url, 20, &err), err, -ETIMEDOUT, message);
	}
}

static int is_dead(void *data, struct error **err)
{
	int *asked = data;

	return ++*asked < 3 ? 0 : error_set(err, -ECHILD, "the hypervisor died");
}

static void nobody_waits_for_the_dead(void **state)
{
	_cleanup_free_ char *url = xasprintf("mock://%s/none", (char *)*state);
	_cleanup_vsock_address_ struct vsock_address address;
	struct error *err = NULL;
	int asked = 0;
	struct vsock_dial options = { .check = is_dead, .data = &asked };

	assert_ok(vsock_address_parse(url, false, &address, &err), err);
	assert_failed(vsock_dial(&address, &options, &err), err, -ECHILD, "the hypervisor died");
	assert_int_equal(asked, 3);
}

static void a_late_listener_is_reached(void **state)
{
	_cleanup_free_ char *base = path_join(*state, "late.sock");
	_cleanup_free_ char *url = xasprintf("mock://%s_1025", base);
	_cleanup_close_ int listener = -1, fd = -1;
	_cleanup_vsock_address_ struct vsock_address address;
	struct error *err = NULL;

	assert_failed(dial(url, 20, &err), err, -ETIMEDOUT, "no such file or directory");
	listener = vsock_hybrid_listen(base, 1025, 0600, &err);
	assert_ok(listener, err);
	assert_ok(vsock_address_parse(url, false, &address, &err), err);
	fd = vsock_dial(&address, NULL, &err);
	assert_ok(fd, err);
}

/* Not every kernel has the loopback transport: then a connection takes long to fail, or nothing is there at all. */
static void vsock_is_reached(void **state)
{
	_cleanup_error_ struct error *ignored = NULL;
	_cleanup_close_ int listener = vsock_listen(VMADDR_CID_ANY, VMADDR_PORT_ANY, &ignored);
	struct sockaddr_vm own;
	socklen_t size = sizeof(own);
	_cleanup_free_ char *url = NULL;
	_cleanup_error_ struct error *err = NULL;
	_cleanup_close_ int fd = -1;

	(void)state;
	if (listener < 0)
		skip();
	assert_int_equal(getsockname(listener, (struct sockaddr *)&own, &size), 0);
	url = xasprintf("vsock://%u:%u", VMADDR_CID_LOCAL, own.svm_port);
	fd = dial(url, 200, &err);
	if (fd < 0) {
		_cleanup_free_ char *message = xasprintf(
			"timed out connecting to vsock %u:%u (last attempt: ", VMADDR_CID_LOCAL,
			own.svm_port);

		assert_int_equal(fd, -ETIMEDOUT);
		assert_true(slice_starts_with(slice_of(error_message(err)), message));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_handshake_leaves_what_follows),
		cmocka_unit_test(refused_handshakes_are_tried_again),
		cmocka_unit_test(a_silent_proxy_costs_no_more_than_the_budget),
		cmocka_unit_test(what_is_missing_is_named),
		cmocka_unit_test(nobody_waits_for_the_dead),
		cmocka_unit_test(a_late_listener_is_reached),
		cmocka_unit_test(vsock_is_reached),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
