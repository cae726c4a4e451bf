// SPDX-License-Identifier: Apache-2.0
/*
 * kata-agent: the guest's side of Kata Containers. One program, four roles (spec/agent.md 1): init of a
 * guest, a service under somebody else's init, (as "init", started by itself) the process that becomes a
 * container's workload, and (as /sbin/modprobe, started by the kernel) the loader of a module.
 *
 * It listens last, so that a refused connection means "not yet". Where the guest has no vsock yet, it goes on
 * trying: after a restore from a snapshot the device appears late.
 */
#include <malloc.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/epoll.h>

#include "agent/boot/boot.h"
#include "agent/boot/crash.h"
#include "agent/boot/modules.h"
#include "agent/console/console.h"
#include "agent/device/device.h"
#include "agent/listen/listen.h"
#include "agent/log-port/log_port.h"
#include "agent/loop/loop.h"
#include "agent/process/reaper.h"
#include "agent/rpc/rpc.h"
#include "agent/sandbox/sandbox.h"
#include "agent/workload/channel.h"
#include "agent/workload/workload.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/startup.h"
#include "build.h"
#include "options.h"

#define COMMAND_LINE_MAX_BYTES 65536
#define FLUSH_MS	       5000
#define LINGER_SECONDS	       1
#define VERSION_LINE                                                                             \
	"kata-agent version " KATA_VERSION " (api version: 0.0.1, commit version: " KATA_VERSION \
	"-" KATA_COMMIT ", type: c, extra-features: [\"seccomp\"])"

struct agent {
	struct loop *loop;
	struct reaper *reaper;
	struct devices *devices;
	struct sandbox sandbox;
	struct ttrpc_server *server;
	struct loop_source server_source;
	struct listener listener;
	struct console *console;
	char *console_address;
	struct log_port *log_port;
	char *log_address;
};

static void read_command_line(struct options *options)
{
	_cleanup_error_ struct error *err = NULL;
	_cleanup_free_ char *text = NULL;

	if (file_read_all("/proc/cmdline", COMMAND_LINE_MAX_BYTES, &text, NULL, &err) == 0)
		options_read_command_line(options, slice_of(text));
	else
		string_list_add(&options->problems, error_message(err));
}

/* A file that the caller names replaces the kernel's command line, and is to be right. */
static int read_options(const char *file, struct options *options, struct error **err)
{
	int ret = 0;

	options_init(options);
	if (file)
		ret = options_read_file(options, file, err);
	else
		read_command_line(options);
	options_read_environment(options);
	return ret;
}

static void announce(const struct options *options)
{
	_cleanup_strbuf_ struct strbuf config = STRBUF_INIT;

	options_describe(options, &config);
	log_info("announce", LOG_STR("agent-version", KATA_VERSION),
		 LOG_STR("agent-commit", KATA_COMMIT), LOG_STR("api-version", "0.0.1"),
		 LOG_STR("config", config.data), LOG_STR("extra-features", "[\"seccomp\"]"));
	for (size_t i = 0; i < options->problems.count; i++)
		log_error("an option makes no sense and is ignored",
			  LOG_STR("option", options->problems.items[i]));
	for (size_t i = 0; i < options->missing.count; i++)
		log_warning("this agent does not have what is asked for",
			    LOG_STR("option", options->missing.items[i]));
}

static void open_log(struct agent *agent, const struct options *options)
{
	log_set_field("name", "kata-agent");
	log_set_field("source", "agent");
	log_set_field("subsystem", "root");
	log_set_field("version", "0.1.0");
	log_set_level(options->log_level);
	if (options->log_vport)
		agent->log_port = log_port_new();
	else
		log_open_descriptor(STDOUT_FILENO, LOG_FORMAT_AGENT);
}

/* ---- serving ----------------------------------------------------------------------------------- */

static void dispatch(struct loop_source *source, uint32_t events)
{
	struct agent *agent = container_of(source, struct agent, server_source);

	(void)events;
	ttrpc_server_dispatch(agent->server);
}

static void listening(struct listener *listener, int fd)
{
	struct agent *agent = container_of(listener, struct agent, listener);
	_cleanup_error_ struct error *err = NULL;

	if (ttrpc_server_listen(agent->server, fd, &err) < 0)
		listener->failed(listener, err);
	else
		log_info("listening", LOG_STR("address", listener->address));
}

static void not_listening(struct listener *listener, const struct error *error)
{
	log_error("cannot listen", LOG_STR("error", error_message(error)));
	loop_stop(listener->loop);
}

static void start_log_port(struct agent *agent, unsigned port)
{
	agent->log_address = xasprintf("vsock://-1:%u", port);
	log_port_start(agent->log_port, agent->loop, agent->log_address);
}

static void start_console(struct agent *agent, unsigned port)
{
	log_warning("the guest is open to its host: there is a debug console",
		    LOG_STR("subsystem", "console"));
	if (port > 0)
		agent->console_address = xasprintf("vsock://-1:%u", port);
	agent->console = console_start(agent->loop, agent->reaper, agent->console_address);
}

static int serve(struct agent *agent, const struct options *options, struct error **err)
{
	const struct devices_settings devices = {
		.root = "",
		.timeout_ms = options->hotplug_timeout_s * MS_PER_S,
		.load_module = getpid() == 1 ? modules_load : NULL,
	};
	int ret = loop_new(&agent->loop, err);

	if (ret == 0)
		ret = reaper_new(agent->loop, &agent->reaper, err);
	if (ret < 0)
		return ret;
	agent->devices = devices_new(agent->loop, &devices);
	if (getpid() == 1)
		devices_online_memory(agent->devices);
	sandbox_init(&agent->sandbox,
		     &(struct sandbox_settings){ .loop = agent->loop,
						 .reaper = agent->reaper,
						 .devices = agent->devices,
						 .pipe_size = options->container_pipe_size,
						 .hotplug_timeout_ms = devices.timeout_ms });
	ret = rpc_server_new(&agent->sandbox, listen_is_local(options->server_addr), &agent->server,
			     err);
	if (ret < 0)
		return ret;
	agent->server_source =
		(struct loop_source){ .fd = ttrpc_server_fd(agent->server), .ready = dispatch };
	ret = loop_watch(agent->loop, &agent->server_source, EPOLLIN, err);
	if (ret < 0)
		return ret;
	if (agent->log_port)
		start_log_port(agent, options->log_vport);
	if (options->debug_console)
		start_console(agent, options->debug_console_vport);
	agent->listener = (struct listener){
		.loop = agent->loop,
		.address = options->server_addr,
		.opened = listening,
		.failed = not_listening,
	};
	listener_start(&agent->listener);
	ret = loop_run(agent->loop, err);
	/* The answer to DestroySandbox goes out before anything ends. */
	ttrpc_server_flush(agent->server, FLUSH_MS);
	ttrpc_server_linger(agent->server, LINGER_SECONDS);
	return ret;
}

static void end(struct agent *agent)
{
	/* A job that still runs works on all of this, and ends with the program. */
	bool busy = agent->loop && loop_is_busy(agent->loop);

	listener_stop(&agent->listener);
	console_free(agent->console);
	free(agent->console_address);
	if (!busy) {
		ttrpc_server_free(agent->server);
		if (agent->sandbox.loop)
			sandbox_release(&agent->sandbox);
		reaper_free(agent->reaper);
		devices_free(agent->devices);
	}
	/* Nobody who could be heard logs from here on. */
	log_port_free(agent->log_port);
	free(agent->log_address);
	if (!busy) {
		log_close();
		loop_free(agent->loop);
	}
}

static int run_agent(const char *config_file)
{
	static struct agent agent; /* jobs may outlive this call */
	_cleanup_options_ struct options options;
	_cleanup_error_ struct error *err = NULL;
	bool is_init = getpid() == 1;
	int ret;

	/* One arena and little slack: threads here are short, and a guest's memory is dear. */
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_TRIM_THRESHOLD, 64 << 10);
	signal(SIGPIPE, SIG_IGN);
	if (is_init) {
		crash_switch_off();
		boot_mount_basics();
	}
	if (read_options(config_file, &options, &err) < 0) {
		fprintf(stderr, "kata-agent: %s\n", error_message(err));
		return 1;
	}
	open_log(&agent, &options);
	announce(&options);
	if (is_init) {
		boot_mount_cgroups(options.unified_cgroup_hierarchy);
		boot_set_up();
	}
	ret = serve(&agent, &options, &err);
	if (ret < 0)
		log_error("the agent ends", LOG_STR("error", error_message(err)));
	end(&agent);
	fputs("kata-agent shutdown complete\n", stderr);
	if (is_init)
		boot_power_off();
	return ret < 0 ? 1 : 0;
}

/* ---- the command line -------------------------------------------------------------------------- */

static int print_version(void)
{
	return puts(VERSION_LINE) < 0;
}

static int print_usage(void)
{
	return puts("kata-agent: the guest's side of Kata Containers\n\n"
		    "usage: kata-agent [-c FILE | --version | --help]\n\n"
		    "  -c, --config FILE  read the configuration from this file (TOML)\n"
		    "  -v, --version      print the version\n"
		    "  -h, --help         print this\n\n"
		    "Without a file, the words of the kernel's command line (agent.log=debug,\n"
		    "agent.server_addr=vsock://-1:1024 ...) say what to do. KATA_AGENT_SERVER_ADDR "
		    "and\n"
		    "KATA_AGENT_LOG_LEVEL in the environment replace either.") < 0;
}

/* The value of -c FILE, --config FILE or --config=FILE; NULL for anything else. */
static const char *find_config_file(int argc, char **argv)
{
	static const char long_form[] = "--config=";

	if (argc == 3 && (strcmp(argv[1], "-c") == 0 || strcmp(argv[1], "--config") == 0))
		return argv[2];
	if (argc == 2 && slice_starts_with(slice_of(argv[1]), long_form))
		return argv[1] + strlen(long_form);
	return NULL;
}

/*
 * "/sbin/modprobe -q -- NAME", from the kernel: a file system or a protocol is wanted that it does not have yet. Most of
 * what it asks for does not exist, so nothing is said.
 */
static bool is_modprobe(int argc, char **argv)
{
	return argc == 4 && strcmp(argv[0], "/sbin/modprobe") == 0 && strcmp(argv[2], "--") == 0;
}

static int load_module(const char *name)
{
	_cleanup_error_ struct error *ignored = NULL;

	return modules_load(name, "", &ignored) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *word;
		int (*run)(void);
	} words[] = {
		{ "--version", print_version },
		{ "-v", print_version },
		{ "--help", print_usage },
		{ "-h", print_usage },
	};
	const char *config_file = NULL;

	if (argc == 2 && strcmp(argv[1], WORKLOAD_ARGUMENT) == 0)
		workload_main();
	if (is_modprobe(argc, argv))
		return load_module(argv[3]);
	/* As init we are given the words that the kernel does not know. */
	if (getpid() != 1 && argc > 1) {
		for (size_t i = 0; i < ARRAY_SIZE(words); i++)
			if (argc == 2 && strcmp(argv[1], words[i].word) == 0)
				return words[i].run();
		config_file = find_config_file(argc, argv);
		if (!config_file) {
			fprintf(stderr,
				"kata-agent: cannot make sense of %s; see kata-agent --help\n",
				argv[1]);
			return 2;
		}
	}
	startup_secure();
	return run_agent(config_file);
}
