// SPDX-License-Identifier: Apache-2.0
/*
 * Requests to the guest's agent: an input is a few of them, each a method by its number, a length (15 bits; the
 * 16th says that the next one does not wait for it) and the bytes of its message, whatever these are. They go the whole way: ttrpc, unpacking, the handlers and their jobs. All requests are
 * answered or cancelled, and nothing is left when the sandbox is gone.
 *
 * What the agent does it does for nothing: in namespaces of its own, where all there was before can only be read, devices are
 * gone, and root is nobody's. No container starts, since the program that the agent executes again as its workload is
 * this one, and ends at once.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "agent/device/device.h"
#include "agent/loop/internal.h"
#include "agent/rpc/rpc.h"
#include "agent/workload/channel.h"
#include "base/file.h"
#include "base/memory.h"
#include "proto/agent.pb-c.h"
#include "ttrpc/envelope.h"
#include "ttrpc/frame.h"

#define MAX_REQUESTS  16
#define PAYLOAD_TAG   0x1a /* field 3, bytes */
#define IDLE_CHECK_MS 1
#define IDLE_CHECKS   2

static void require(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	abort();
}

/* ---- a place where nothing can be broken ------------------------------------------------------- */

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	require(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), path);
	close(fd);
}

/* Whoever we are outside is root in here, with power over what is in here. */
static bool enter_namespaces(void)
{
	char users[32], groups[32];

	snprintf(users, sizeof(users), "0 %u 1", (unsigned)geteuid());
	snprintf(groups, sizeof(groups), "0 %u 1", (unsigned)getegid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET |
		    CLONE_NEWCGROUP) < 0)
		return false;
	write_file("/proc/self/setgroups", "deny");
	write_file("/proc/self/uid_map", users);
	write_file("/proc/self/gid_map", groups);
	return true;
}

/* The folders that libFuzzer writes to stay as they are. */
static void keep_writable(const char *path)
{
	struct mount_attr writable = { .attr_clr = MOUNT_ATTR_RDONLY };
	char real[4096];
	int tree;

	if (!realpath(path, real))
		return;
	tree = open_tree(AT_FDCWD, real, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	require(tree >= 0, real);
	require(mount_setattr(tree, "", AT_EMPTY_PATH, &writable, sizeof(writable)) == 0, real);
	require(move_mount(tree, "", AT_FDCWD, real, MOVE_MOUNT_F_EMPTY_PATH) == 0, real);
	close(tree);
}

static void bind_device(int from, const char *name)
{
	char path[64];
	int tree = open_tree(from, name, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	snprintf(path, sizeof(path), "/dev/%s", name);
	write_file(path, "");
	require(tree >= 0 && move_mount(tree, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH) == 0,
		path);
	close(tree);
}

static void cover_devices(void)
{
	static const char *const names[] = { "null", "zero", "random", "urandom" };
	int before = open("/dev", O_PATH | O_CLOEXEC);

	require(before >= 0 && mount("tmpfs", "/dev", "tmpfs", 0, NULL) == 0, "cover /dev");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		bind_device(before, names[i]);
	close(before);
}

static void cover_sysfs(void)
{
	static const char cpu[] = "/sys/devices/system/cpu";
	struct error *err = NULL;

	require(mount("tmpfs", "/sys", "tmpfs", 0, NULL) == 0, "cover /sys");
	require(directory_make_all(cpu, 0755, &err) == 0 &&
			directory_make_all("/sys/devices/system/memory", 0755, &err) == 0,
		cpu);
	write_file("/sys/devices/system/cpu/online", "0-1\n");
	write_file("/sys/devices/system/cpu/possible", "0-1\n");
	write_file("/sys/devices/system/memory/block_size_bytes", "8000000\n");
}

static void confine(int argc, char **argv)
{
	static const char artifacts[] = "-artifact_prefix=";
	struct mount_attr readonly = { .attr_set = MOUNT_ATTR_RDONLY, .propagation = MS_PRIVATE };

	require(mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &readonly, sizeof(readonly)) == 0,
		"make everything read-only");
	for (int i = 1; i < argc; i++) {
		struct stat status;

		if (strncmp(argv[i], artifacts, strlen(artifacts)) == 0) {
			char *folder = xstrdup(argv[i] + strlen(artifacts));
			char *slash = strrchr(folder, '/');

			if (slash)
				*slash = '\0';
			keep_writable(slash ? folder : ".");
			free(folder);
		} else if (stat(argv[i], &status) == 0 && S_ISDIR(status.st_mode)) {
			keep_writable(argv[i]);
		}
	}
	cover_devices();
	cover_sysfs();
	require(mount("tmpfs", "/run", "tmpfs", 0, NULL) == 0, "cover /run");
}

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	if (*argc == 2 && strcmp((*argv)[1], WORKLOAD_ARGUMENT) == 0)
		_exit(1);
	if (!enter_namespaces()) {
		fprintf(stderr, "this host lets nobody have namespaces: nothing is done\n");
		_exit(0);
	}
	confine(*argc, *argv);
	return 0;
}

/* ---- an agent ---------------------------------------------------------------------------------- */

struct agent {
	struct loop *loop;
	struct reaper *reaper;
	struct devices *devices;
	struct sandbox sandbox;
	struct ttrpc_server *server;
	struct loop_source server_source;
	struct loop_timer check;
	unsigned idle;
	int client;
};

static void dispatch(struct loop_source *source, uint32_t events)
{
	struct agent *agent = container_of(source, struct agent, server_source);

	(void)events;
	agent->idle = 0;
	ttrpc_server_dispatch(agent->server);
}

/* Nothing runs, and nothing is on its way back. */
static void check_idle(struct loop_timer *timer)
{
	struct agent *agent = container_of(timer, struct agent, check);

	agent->idle = agent->loop->threads == 0 && !agent->loop->ready ? agent->idle + 1 : 0;
	if (agent->idle >= IDLE_CHECKS)
		loop_stop(agent->loop);
	else
		loop_arm(agent->loop, timer, IDLE_CHECK_MS);
}

/* DestroySandbox stops the loop too, which jobs may outlive. */
static void run_until_idle(struct agent *agent)
{
	struct error *err = NULL;

	do {
		agent->idle = 0;
		agent->loop->stopped = false;
		loop_arm(agent->loop, &agent->check, IDLE_CHECK_MS);
		require(loop_run(agent->loop, &err) == 0, "the loop");
	} while (agent->idle < IDLE_CHECKS);
}

static void start(struct agent *agent)
{
	const struct devices_settings devices = { .root = "/nowhere", .timeout_ms = 1 };
	struct error *err = NULL;
	int fds[2];

	*agent = (struct agent){ .check = { .expired = check_idle } };
	require(loop_new(&agent->loop, &err) == 0, "a loop");
	require(reaper_new(agent->loop, &agent->reaper, &err) == 0, "a reaper");
	agent->devices = devices_new(agent->loop, &devices);
	sandbox_init(&agent->sandbox, &(struct sandbox_settings){ .loop = agent->loop,
								  .reaper = agent->reaper,
								  .devices = agent->devices,
								  .hotplug_timeout_ms = 1 });
	require(rpc_server_new(&agent->sandbox, false, &agent->server, &err) == 0, "a server");
	require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0, "socketpair");
	agent->client = fds[0];
	require(ttrpc_server_add_connection(agent->server, fds[1], &err) == 0, "a connection");
	agent->server_source =
		(struct loop_source){ .fd = ttrpc_server_fd(agent->server), .ready = dispatch };
	require(loop_watch(agent->loop, &agent->server_source, EPOLLIN, &err) == 0, "watch");
}

static void end(struct agent *agent)
{
	close(agent->client);
	run_until_idle(agent);
	require(ttrpc_server_connection_count(agent->server) == 0, "the connection is left");
	ttrpc_server_free(agent->server);
	sandbox_release(&agent->sandbox);
	loop_disarm(agent->loop, &agent->check);
	reaper_free(agent->reaper);
	devices_free(agent->devices);
	loop_free(agent->loop);
	while (umount2("/etc/resolv.conf", MNT_DETACH) == 0)
		;
	require(umount2("/run", MNT_DETACH) == 0 && mount("tmpfs", "/run", "tmpfs", 0, NULL) == 0,
		"a new /run");
}

/* ---- an input ---------------------------------------------------------------------------------- */

static void put_varint(struct strbuf *out, size_t value)
{
	for (; value >= 0x80; value >>= 7)
		strbuf_putc(out, (char)(value | 0x80));
	strbuf_putc(out, (char)value);
}

/* The payload's field goes behind those that the library writes. */
static void send_request(const struct agent *agent, uint32_t stream, unsigned method,
			 struct slice payload)
{
	const ProtobufCServiceDescriptor *service = &grpc__agent_service__descriptor;
	_cleanup_strbuf_ struct strbuf frame = STRBUF_INIT;
	size_t begin = ttrpc_frame_begin(&frame);

	ttrpc_request_body_encode(&frame, service->name,
				  service->methods[method % service->n_methods].name, NULL, 0,
				  NULL);
	strbuf_putc(&frame, PAYLOAD_TAG);
	put_varint(&frame, payload.size);
	strbuf_slice(&frame, payload);
	require(ttrpc_frame_end(&frame, begin, stream, TTRPC_REQUEST, 0), "a frame");
	require(fd_write_all(agent->client, frame.data, frame.size) == 0, "send");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct agent agent;
	uint32_t stream = 1;

	start(&agent);
	for (int i = 0; i < MAX_REQUESTS && size >= 3; i++, stream += 2) {
		size_t length = (size_t)data[1] | (size_t)(data[2] & 0x7f) << 8;
		bool wait = !(data[2] & 0x80);

		if (length > size - 3)
			length = size - 3;
		send_request(&agent, stream, data[0], slice_make((const char *)data + 3, length));
		data += 3 + length;
		size -= 3 + length;
		if (wait)
			run_until_idle(&agent);
	}
	end(&agent);
	return 0;
}
