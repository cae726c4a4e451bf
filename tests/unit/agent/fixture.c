// SPDX-License-Identifier: Apache-2.0
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "base/path.h"
#include "base/strbuf.h"
#include "base/unix.h"

#define CALL_TIMEOUT_NS INT64_C(20000000000)
#define CONNECT_TRIES	400
#define BUSYBOX		"/bin/busybox"

/* ---- the program ------------------------------------------------------------------------------- */

static void must(bool done, const char *what)
{
	if (done)
		return;
	perror(what);
	_exit(99);
}

/* Pid 1 of the namespace: it ends with the agent, and takes everything with it. */
static _Noreturn void hold_agent(const struct agent *agent)
{
	_cleanup_free_ char *program = path_join(getenv("BUILD"), "guest/kata-agent");
	_cleanup_free_ char *address = xasprintf("unix://%s", agent->socket_path);
	int log = open(agent->log, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
	int status = 0;
	pid_t pid;

	must(log >= 0, agent->log);
	must(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0, "be killed with the test");
	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "private mounts");
	must(mount("tmpfs", "/run", "tmpfs", 0, NULL) == 0, "mount /run");
	must(mount("proc", "/proc", "proc", 0, NULL) == 0, "mount /proc");
	pid = fork();
	must(pid >= 0, "fork");
	if (pid == 0) {
		setenv("KATA_AGENT_SERVER_ADDR", address, 1);
		setenv("KATA_AGENT_LOG_LEVEL", "debug", 1);
		dup2(log, STDOUT_FILENO);
		dup2(log, STDERR_FILENO);
		execl(program, "kata-agent", (char *)NULL);
		must(false, program);
	}
	/* Orphans come to the agent, not here. */
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

static pid_t start_holder(const struct agent *agent)
{
	pid_t pid = (pid_t)syscall(SYS_clone,
				   CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS |
					   CLONE_NEWNET | SIGCHLD,
				   NULL, NULL, NULL, NULL);

	if (pid == 0)
		hold_agent(agent);
	return pid;
}

static int connect_to(struct agent *agent, struct error **err)
{
	int fd = -1;

	for (int i = 0; fd < 0 && i < CONNECT_TRIES; i++) {
		error_free(*err);
		*err = NULL;
		fd = unix_connect(agent->socket_path, err);
		if (fd < 0)
			nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
	return fd < 0 ? fd : ttrpc_client_new(fd, &agent->client, err);
}

/* ---- the container's files --------------------------------------------------------------------- */

static void make_rootfs(const struct agent *agent)
{
	static const char *const directories[] = { "bin", "dev", "etc", "proc", "sys", "tmp" };
	static const char *const commands[] = { "sh",	"cat",	 "echo",     "sleep",	 "id",
						"ls",	"true",	 "ps",	     "stat",	 "head",
						"kill", "mount", "env",	     "touch",	 "mkfifo",
						"stty", "dd",	 "grep",     "hostname", "mkdir",
						"trap", "ln",	 "readlink", "mknod",	 "ipcs" };
	_cleanup_free_ char *busybox = path_join(agent->rootfs, "bin/busybox");
	struct error *err = NULL;
	char *text;
	size_t size;

	for (size_t i = 0; i < ARRAY_SIZE(directories); i++) {
		_cleanup_free_ char *path = path_join(agent->rootfs, directories[i]);

		assert_ok(directory_make_all(path, 0755, &err), err);
	}
	assert_ok(file_read_all(BUSYBOX, 16u << 20, &text, &size, &err), err);
	assert_ok(file_replace(busybox, text, size, 0755, &err), err);
	free(text);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		_cleanup_free_ char *path = xasprintf("%s/bin/%s", agent->rootfs, commands[i]);

		assert_int_equal(symlink("busybox", path), 0);
	}
}

bool can_mount_privately(void)
{
	struct statx root;

	return geteuid() == 0 && statx(AT_FDCWD, "/", 0, 0, &root) == 0 &&
	       (root.stx_attributes & STATX_ATTR_MOUNT_ROOT);
}

int agent_set_up(void **state)
{
	struct agent *agent;
	struct error *err = NULL;
	void *directory;

	*state = NULL;
	if (!can_mount_privately() || !getenv("BUILD") || !path_exists(BUSYBOX) ||
	    make_directory(&directory) < 0)
		return 0;
	agent = xcalloc(1, sizeof(*agent));
	agent->directory = directory;
	agent->socket_path = path_join(directory, "agent.sock");
	agent->rootfs = path_join(directory, "rootfs");
	agent->log = path_join(directory, "log");
	make_rootfs(agent);
	agent->holder = start_holder(agent);
	*state = agent;
	if (agent->holder < 0 || connect_to(agent, &err) < 0) {
		print_error("%s\n", err ? error_message(err) : "no namespaces");
		error_free(err);
		agent_tear_down(state);
		return -1;
	}
	return 0;
}

int agent_set_up_sandbox(void **state)
{
	Grpc__CreateSandboxRequest request = GRPC__CREATE_SANDBOX_REQUEST__INIT;
	int ret = agent_set_up(state);

	if (ret == 0 && *state)
		agent_call(*state, "CreateSandbox", &request, NULL);
	return ret;
}

char *agent_guest_path(const struct agent *agent, const char *path)
{
	return xasprintf("/proc/%d/root%s", agent->holder, path);
}

int agent_wait_end(struct agent *agent)
{
	while (agent->holder > 0 && waitpid(agent->holder, &agent->exit_status, 0) < 0 &&
	       errno == EINTR)
		;
	agent->holder = 0;
	return WIFEXITED(agent->exit_status) ? WEXITSTATUS(agent->exit_status) : -1;
}

static void show_log(const struct agent *agent)
{
	_cleanup_error_ struct error *ignored = NULL; /* then there is nothing to show */
	_cleanup_free_ char *text = NULL;

	if (getenv("AGENT_LOG") && file_read_all(agent->log, 4u << 20, &text, NULL, &ignored) == 0)
		print_message("%s", text);
}

/* What a failed test has left; the agent itself removes the groups of its containers. */
static void remove_groups(void)
{
	static const char *const patterns[] = { "/sys/fs/cgroup/*/kata-test-*",
						"/sys/fs/cgroup/kata-test-*" };

	for (size_t p = 0; p < ARRAY_SIZE(patterns); p++) {
		glob_t found;

		if (glob(patterns[p], 0, NULL, &found) != 0)
			continue;
		for (size_t i = 0; i < found.gl_pathc; i++)
			if (rmdir(found.gl_pathv[i]) == 0)
				print_message("left behind: %s\n", found.gl_pathv[i]);
		globfree(&found);
	}
}

int agent_tear_down(void **state)
{
	struct agent *agent = *state;
	void *directory;
	int ret;

	if (!agent)
		return 0;
	show_log(agent);
	ttrpc_client_free(agent->client);
	if (agent->holder > 0) {
		kill(agent->holder, SIGKILL);
		agent_wait_end(agent);
	}
	remove_groups();
	directory = agent->directory;
	ret = remove_directory(&directory);
	free(agent->socket_path);
	free(agent->rootfs);
	free(agent->log);
	free(agent);
	return ret;
}

/* ---- calls ------------------------------------------------------------------------------------- */

static int call(struct agent *agent, const char *method, const void *input,
		const ProtobufCMessageDescriptor *output, void *reply, struct error **err)
{
	bool is_health = strcmp(method, "Check") == 0 || strcmp(method, "Version") == 0;
	struct ttrpc_call details = {
		.service = is_health ? "grpc.Health" : "grpc.AgentService",
		.method = method,
		.input = input,
		.output = output,
		.timeout_ns = CALL_TIMEOUT_NS,
	};

	return ttrpc_client_call(agent->client, &details, reply, err);
}

void *agent_call(struct agent *agent, const char *method, const void *input,
		 const ProtobufCMessageDescriptor *output)
{
	struct error *err = NULL;
	void *reply = NULL;

	if (call(agent, method, input, output, output ? &reply : NULL, &err) < 0)
		fail_msg("%s: %s", method, error_message(err));
	return reply;
}

void agent_call_fails(struct agent *agent, const char *method, const void *input, int code,
		      const char *text)
{
	struct error *err = NULL;
	int ret = call(agent, method, input, NULL, NULL, &err);

	assert_failed(ret, err, ttrpc_errno_of_code(code), text);
}

/* ---- specs ------------------------------------------------------------------------------------- */

Grpc__Spec *shell_spec(struct agent *agent, const char *script)
{
	static char shell[] = "/bin/sh", flag[] = "-c", path[] = "PATH=/bin", cwd[] = "/";
	static char types[][8] = { "mount", "ipc", "uts" };
	static char command[4096], root_path[256], version[] = "1.0.2";
	static char *args[] = { shell, flag, command }, *env[] = { path };
	static char proc[] = "proc", proc_path[] = "/proc", tmpfs[] = "tmpfs", dev_path[] = "/dev";
	static Grpc__LinuxNamespace namespaces[3], *namespace_list[3];
	static Grpc__Mount mounts[2], *mount_list[2];
	static Grpc__LinuxCapabilities capabilities;
	static Grpc__Process process;
	static Grpc__User user;
	static Grpc__Linux settings;
	static Grpc__Root root;
	static Grpc__Spec spec;

	snprintf(command, sizeof(command), "%s", script);
	snprintf(root_path, sizeof(root_path), "%s", agent->rootfs);
	grpc__user__init(&user);
	grpc__root__init(&root);
	root.path = root_path;
	grpc__linux_capabilities__init(&capabilities);
	grpc__process__init(&process);
	process.args = args;
	process.n_args = ARRAY_SIZE(args);
	process.env = env;
	process.n_env = ARRAY_SIZE(env);
	process.cwd = cwd;
	process.user = &user;
	process.capabilities = &capabilities;
	grpc__linux__init(&settings);
	for (size_t i = 0; i < ARRAY_SIZE(namespaces); i++) {
		grpc__linux_namespace__init(&namespaces[i]);
		namespaces[i].type = types[i];
		namespace_list[i] = &namespaces[i];
	}
	settings.namespaces = namespace_list;
	settings.n_namespaces = ARRAY_SIZE(namespaces);
	grpc__mount__init(&mounts[0]);
	mounts[0].destination = proc_path;
	mounts[0].source = mounts[0].type = proc;
	grpc__mount__init(&mounts[1]);
	mounts[1].destination = dev_path;
	mounts[1].source = mounts[1].type = tmpfs;
	mount_list[0] = &mounts[0];
	mount_list[1] = &mounts[1];
	grpc__spec__init(&spec);
	spec.version = version;
	spec.process = &process;
	spec.root = &root;
	spec.linux = &settings;
	spec.mounts = mount_list;
	spec.n_mounts = ARRAY_SIZE(mounts);
	return &spec;
}

/* ---- containers and processes ------------------------------------------------------------------ */

void create_container(struct agent *agent, const char *id, Grpc__Spec *spec)
{
	Grpc__CreateContainerRequest request = GRPC__CREATE_CONTAINER_REQUEST__INIT;

	request.container_id = request.exec_id = (char *)id;
	request.oci = spec;
	agent_call(agent, "CreateContainer", &request, NULL);
}

void start_container(struct agent *agent, const char *id)
{
	Grpc__StartContainerRequest request = GRPC__START_CONTAINER_REQUEST__INIT;

	request.container_id = (char *)id;
	agent_call(agent, "StartContainer", &request, NULL);
}

void remove_container(struct agent *agent, const char *id)
{
	Grpc__RemoveContainerRequest request = GRPC__REMOVE_CONTAINER_REQUEST__INIT;

	request.container_id = (char *)id;
	agent_call(agent, "RemoveContainer", &request, NULL);
}

void exec_shell(struct agent *agent, const char *id, const char *exec_id, const char *script,
		bool terminal)
{
	Grpc__ExecProcessRequest request = GRPC__EXEC_PROCESS_REQUEST__INIT;
	Grpc__Process process = *shell_spec(agent, script)->process;

	process.terminal = terminal;
	process.capabilities = NULL;
	request.container_id = (char *)id;
	request.exec_id = (char *)exec_id;
	request.process = &process;
	agent_call(agent, "ExecProcess", &request, NULL);
}

int wait_process(struct agent *agent, const char *id, const char *exec_id)
{
	Grpc__WaitProcessRequest request = GRPC__WAIT_PROCESS_REQUEST__INIT;
	_cleanup_proto_ Grpc__WaitProcessResponse *response = NULL;

	request.container_id = (char *)id;
	request.exec_id = (char *)exec_id;
	response = agent_call(agent, "WaitProcess", &request,
			      &grpc__wait_process_response__descriptor);
	return response->status;
}

void signal_process(struct agent *agent, const char *id, const char *exec_id, unsigned signal)
{
	Grpc__SignalProcessRequest request = GRPC__SIGNAL_PROCESS_REQUEST__INIT;

	request.container_id = (char *)id;
	request.exec_id = (char *)exec_id;
	request.signal = signal;
	agent_call(agent, "SignalProcess", &request, NULL);
}

void write_stdin(struct agent *agent, const char *id, const char *exec_id, const char *text)
{
	Grpc__WriteStreamRequest request = GRPC__WRITE_STREAM_REQUEST__INIT;
	_cleanup_proto_ Grpc__WriteStreamResponse *response = NULL;

	request.container_id = (char *)id;
	request.exec_id = (char *)exec_id;
	request.data = (ProtobufCBinaryData){ strlen(text), (uint8_t *)text };
	response =
		agent_call(agent, "WriteStdin", &request, &grpc__write_stream_response__descriptor);
	assert_int_equal(response->len, strlen(text));
}

void close_stdin(struct agent *agent, const char *id, const char *exec_id)
{
	Grpc__CloseStdinRequest request = GRPC__CLOSE_STDIN_REQUEST__INIT;

	request.container_id = (char *)id;
	request.exec_id = (char *)exec_id;
	agent_call(agent, "CloseStdin", &request, NULL);
}

char *read_all(struct agent *agent, const char *method, const char *id, const char *exec_id)
{
	Grpc__ReadStreamRequest request = GRPC__READ_STREAM_REQUEST__INIT;
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	request.container_id = (char *)id;
	request.exec_id = (char *)exec_id;
	request.len = 32768;
	for (;;) {
		_cleanup_proto_ Grpc__ReadStreamResponse *response = agent_call(
			agent, method, &request, &grpc__read_stream_response__descriptor);

		if (response->data.len == 0)
			return text.size ? strbuf_steal(&text) : xstrdup("");
		strbuf_append(&text, response->data.data, response->data.len);
	}
}

char *run_container(struct agent *agent, const char *id, Grpc__Spec *spec, int *status)
{
	char *output;

	create_container(agent, id, spec);
	start_container(agent, id);
	output = read_all(agent, "ReadStdout", id, "");
	*status = wait_process(agent, id, "");
	remove_container(agent, id);
	return output;
}

size_t agent_resident_kib(const struct agent *agent)
{
	_cleanup_free_ char *children_path =
		xasprintf("/proc/%d/task/%d/children", agent->holder, agent->holder);
	_cleanup_free_ char *children = NULL, *status_path = NULL, *status = NULL;
	struct error *err = NULL;

	assert_ok(file_read_all(children_path, 4096, &children, NULL, &err), err);
	status_path = xasprintf("/proc/%lu/status", strtoul(children, NULL, 10));
	assert_ok(file_read_all(status_path, 16384, &status, NULL, &err), err);
	return strtoul(strstr(status, "VmRSS:") + strlen("VmRSS:"), NULL, 10);
}
