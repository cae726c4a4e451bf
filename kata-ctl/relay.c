// SPDX-License-Identifier: Apache-2.0
/*
 * Theory of operation.
 *
 * A thread for each direction, in straight lines: read here, write there, until the end. Two carry the process's
 * output, one our input, one our signals; the main one waits for the outputs' ends and then asks for the exit
 * status, in that order, since an agent may drop what was not read when the process was waited for. One read and one
 * write are under way for a stream at any time, because an agent may answer two in any order.
 *
 * The threads that wait for something on our side, input and signals, watch a stop descriptor beside it. One that waits
 * for the agent ends with the connection, which is the relay's last act: the client is useless afterwards if
 * input was still being written.
 */
#include "relay.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "terminal.h"

/* Bytes of one WriteStdin: the more, the fewer round trips. */
#define WRITE_BYTES (256u << 10)

/* How long input may still be written when the process has ended. */
#define STUCK_SECONDS 2

/* How long a process that a signal is for may still be started. */
#define BEGIN_MS 10000

struct relay {
	const struct agent_process *process;
	struct relay_options options;
	int stop_fd;
	int signal_fd;
};

struct output {
	struct relay *relay;
	const char *method;
	const char *name;
	int fd;
	bool broken; /* nobody reads what we write: the rest is dropped */
	struct error *error;
};

/* ---- output ------------------------------------------------------------------------------------- */

/* The reader is gone: what a local process would get for writing to the pipe. */
static void break_pipe(const struct relay *relay)
{
	_cleanup_error_ struct error *err = NULL;

	if (agent_process_signal(relay->process, SIGPIPE, &err) < 0)
		log_debug("the process was not told that its reader is gone",
			  LOG_STR("error", error_message(err)));
}

static void put_output(struct output *output, const void *data, size_t size)
{
	int ret = output->broken ? 0 : fd_write_all(output->fd, data, size);

	if (ret == 0)
		return;
	output->broken = true;
	if (ret == -EPIPE)
		break_pipe(output->relay);
	else
		error_set_errno(&output->error, ret, "write %s", output->name);
}

/* Errors of a read are the stream's end, as for any host, but for a connection that is gone. */
static void *carry_output(void *data)
{
	struct output *output = data;
	_cleanup_error_ struct error *err = NULL;
	_cleanup_free_ void *buffer = xmalloc(AGENT_READ_BYTES);
	int got;

	while ((got = agent_process_read(output->relay->process, output->method, buffer, &err)) > 0)
		put_output(output, buffer, (size_t)got);
	if (got == -TTRPC_CLOSED && !output->error)
		output->error = steal(err);
	else if (got < 0)
		log_debug("the process's output has ended", LOG_STR("error", error_message(err)));
	return NULL;
}

/* ---- input -------------------------------------------------------------------------------------- */

/* Wait until there is something to read; false when it is time to stop. */
static bool wait_for(const struct relay *relay, int fd)
{
	struct pollfd wait[] = { { .fd = fd, .events = POLLIN },
				 { .fd = relay->stop_fd, .events = POLLIN } };

	while (poll(wait, 2, -1) < 0)
		if (errno != EINTR)
			return false;
	return wait[1].revents == 0;
}

/* Input that cannot be read, a directory's or that of a terminal that is gone, is at its end as well. */
static void *carry_input(void *data)
{
	const struct relay *relay = data;
	_cleanup_error_ struct error *err = NULL;
	_cleanup_free_ char *buffer = xmalloc(WRITE_BYTES);
	bool ended = false;
	int ret = 0;

	while (ret == 0 && !ended && wait_for(relay, STDIN_FILENO)) {
		ssize_t got = read(STDIN_FILENO, buffer, WRITE_BYTES);

		if (got < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		ended = got <= 0;
		if (!ended)
			ret = agent_process_write(relay->process, slice_make(buffer, (size_t)got),
						  &err);
	}
	if (ended)
		ret = agent_process_close_input(relay->process, &err);
	if (ret < 0)
		log_debug("the process takes no more input", LOG_STR("error", error_message(err)));
	return NULL;
}

/* ---- signals ------------------------------------------------------------------------------------ */

static const int forwarded[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2 };

static sigset_t forwarded_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(forwarded); i++)
		sigaddset(&set, forwarded[i]);
	return set;
}

/* The terminal's size counts from the process's start on. */
static int watch_size(const struct relay *relay, struct error **err)
{
	sigset_t set = forwarded_signals();

	sigaddset(&set, SIGWINCH);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	if (signalfd(relay->signal_fd, &set, SFD_CLOEXEC) < 0)
		return error_set_errno(err, -errno, "watch the terminal's size");
	return 0;
}

static int follow_size(const struct relay *relay, struct error **err)
{
	unsigned rows, columns;

	if (!relay->options.terminal || !terminal_size(&rows, &columns))
		return 0;
	return agent_process_resize(relay->process, rows, columns, err);
}

static void pass_on(struct relay *relay, unsigned number)
{
	_cleanup_error_ struct error *err = NULL;
	int ret;

	if (number == SIGWINCH)
		ret = follow_size(relay, &err);
	else
		ret = agent_process_signal(relay->process, number, &err);
	if (ret == 0)
		return;
	log_debug("a signal did not reach the process", LOG_STR("error", error_message(err)));
	/* The user wants to get out, and the agent does not answer. */
	if (ret == -ETIMEDOUT && number != SIGWINCH)
		ttrpc_client_close(agent_client_ttrpc(relay->process->client));
}

static void *carry_signals(void *data)
{
	struct relay *relay = data;
	struct signalfd_siginfo info;

	while (wait_for(relay, relay->signal_fd))
		if (read(relay->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
			pass_on(relay, info.ssi_signo);
	return NULL;
}

/* ---- all together ------------------------------------------------------------------------------- */

static int start(pthread_t *thread, void *(*run)(void *data), void *data, struct error **err)
{
	int ret = pthread_create(thread, NULL, run, data);

	return ret ? error_set_errno(err, -ret, "start a thread") : 0;
}

static void stop(const struct relay *relay)
{
	/* Cannot fail: the counter is at 0. */
	eventfd_write(relay->stop_fd, 1);
}

/* The user wants to get out, and the process does not start. */
static void *watch_beginning(void *data)
{
	const struct relay *relay = data;
	struct pollfd begun = { .fd = relay->stop_fd, .events = POLLIN };

	/* The signal stays where it is, for carry_signals(). */
	if (wait_for(relay, relay->signal_fd) && poll(&begun, 1, BEGIN_MS) == 0)
		ttrpc_client_close(agent_client_ttrpc(relay->process->client));
	return NULL;
}

static int begin(struct relay *relay, struct error **err)
{
	eventfd_t count;
	pthread_t watch;
	int ret;

	if (!relay->options.begin)
		return 0;
	ret = start(&watch, watch_beginning, relay, err);
	if (ret < 0)
		return ret;
	ret = relay->options.begin(relay->options.data, err);
	stop(relay);
	pthread_join(watch, NULL);
	eventfd_read(relay->stop_fd, &count); /* back at 0 */
	return ret;
}

/* The input may be stuck in a write that nobody will read, where an agent does not notice. */
static void join_input(const struct relay *relay, pthread_t input)
{
	struct timespec end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += STUCK_SECONDS;
	if (pthread_clockjoin_np(input, NULL, CLOCK_MONOTONIC, &end) == 0)
		return;
	ttrpc_client_close(agent_client_ttrpc(relay->process->client));
	pthread_join(input, NULL);
}

/* Both outputs to their ends; a terminal has only one. */
static int carry_outputs(struct relay *relay, struct error **err)
{
	struct output outputs[] = {
		{ .relay = relay,
		  .method = "ReadStdout",
		  .name = "standard output",
		  .fd = STDOUT_FILENO },
		{ .relay = relay,
		  .method = "ReadStderr",
		  .name = "standard error",
		  .fd = STDERR_FILENO },
	};
	bool both = !relay->options.terminal;
	pthread_t errors = 0;

	if (both && start(&errors, carry_output, &outputs[1], err) < 0)
		return error_code(*err);
	carry_output(&outputs[0]);
	if (both)
		pthread_join(errors, NULL);
	if (outputs[0].error) {
		error_free(outputs[1].error);
		return error_propagate(err, outputs[0].error);
	}
	return outputs[1].error ? error_propagate(err, outputs[1].error) : 0;
}

/* The outputs' ends, then the process's. */
static int carry_to_the_end(struct relay *relay, int *status, struct error **err)
{
	_cleanup_error_ struct error *second = NULL;
	int ret = carry_outputs(relay, err);

	if (ret == -TTRPC_CLOSED)
		return ret;
	if (ret == 0)
		return agent_process_wait(relay->process, status, err);
	/* What matters is told already. */
	agent_process_wait(relay->process, status, &second);
	return ret;
}

static int carry_with_input(struct relay *relay, int *status, struct error **err)
{
	_cleanup_error_ struct error *gone = NULL;
	pthread_t input;
	int ret;

	if (!relay->options.input) {
		/* A process that has ended already needs it no more. */
		if (!relay->options.keep_input)
			agent_process_close_input(relay->process, &gone);
		return carry_to_the_end(relay, status, err);
	}
	ret = start(&input, carry_input, relay, err);
	if (ret < 0)
		return ret;
	ret = carry_to_the_end(relay, status, err);
	stop(relay);
	join_input(relay, input);
	return ret;
}

static int carry(struct relay *relay, int *status, struct error **err)
{
	_cleanup_error_ struct error *unsized = NULL;
	pthread_t signals;
	int ret;

	/* A terminal without a size is one all the same. */
	follow_size(relay, &unsized);
	ret = start(&signals, carry_signals, relay, err);
	if (ret < 0)
		return ret;
	ret = carry_with_input(relay, status, err);
	stop(relay);
	pthread_join(signals, NULL);
	return ret;
}

static int begin_and_carry(struct relay *relay, struct terminal *terminal, int *status,
			   struct error **err)
{
	int ret = begin(relay, err);

	if (ret == 0 && relay->options.terminal)
		ret = watch_size(relay, err);
	if (ret < 0)
		return ret;
	if (relay->options.terminal && relay->options.input)
		terminal_make_raw(terminal);
	return carry(relay, status, err);
}

int relay_run(const struct agent_process *process, const struct relay_options *options, int *status,
	      struct error **err)
{
	struct relay relay = { .process = process, .options = *options };
	_cleanup_close_ int stop_fd = -1, signal_fd = -1;
	_cleanup_terminal_ struct terminal terminal = { 0 };
	sigset_t watched = forwarded_signals(), before;
	int ret;

	stop_fd = relay.stop_fd = eventfd(0, EFD_CLOEXEC);
	signal_fd = relay.signal_fd = signalfd(-1, &watched, SFD_CLOEXEC);
	if (stop_fd < 0 || signal_fd < 0)
		return error_set_errno(err, -errno, "make an event descriptor");
	signal(SIGPIPE, SIG_IGN);
	pthread_sigmask(SIG_BLOCK, &watched, &before);
	ret = begin_and_carry(&relay, &terminal, status, err);
	terminal_restore(&terminal); /* before a signal that still waits can end us */
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return ret;
}
