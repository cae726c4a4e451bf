// SPDX-License-Identifier: Apache-2.0
/*
 * Whoever logs appends a line to a list, under a lock of its own, and wakes the loop; the loop takes lines off the
 * list one by one and writes them. A line that is being written is the loop's, so dropping never cuts one in two.
 */
#include "log_port.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/epoll.h>

#include "agent/listen/listen.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"

struct line {
	struct line *next;
	uint64_t lost; /* it stands for so many lines that are lost */
	size_t size;
	char text[];
};

struct log_port {
	struct loop *loop;
	struct listener listener;
	struct loop_source client; /* fd -1 without one */
	struct loop_task wake;
	struct line *current; /* being written */
	size_t written;	      /* of it */
	bool was_fetched;

	pthread_mutex_t lock; /* of these */
	struct line *first, **end;
	size_t bytes;
	uint64_t lost; /* dropped in front of `first` */
	bool serving;  /* there is somebody to wake the loop for */
	bool woken;
};

static struct line *line_new(struct slice text, uint64_t lost)
{
	struct line *line = xmalloc(sizeof(*line) + text.size);

	*line = (struct line){ .size = text.size, .lost = lost };
	memcpy(line->text, text.data, text.size);
	return line;
}

/* ---- the list ---------------------------------------------------------------------------------- */

static void drop_first(struct log_port *port)
{
	struct line *line = port->first;

	port->first = line->next;
	if (!port->first)
		port->end = &port->first;
	port->bytes -= line->size;
	port->lost++;
	free(line);
}

static void append(struct slice text, void *data)
{
	struct log_port *port = data;
	struct line *line = line_new(text, 0);
	bool wake;

	pthread_mutex_lock(&port->lock);
	*port->end = line;
	port->end = &line->next;
	port->bytes += line->size;
	while (port->bytes > LOG_PORT_MAX_BYTES)
		drop_first(port);
	wake = port->serving && !port->woken;
	port->woken |= wake;
	pthread_mutex_unlock(&port->lock);
	if (wake)
		loop_post(port->loop, &port->wake);
}

/* A line in the place of those that are lost. */
static struct line *make_notice(uint64_t lost)
{
	static const char message[] = "log lines were dropped, since nobody fetched them in time";
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	const struct log_field fields[] = { LOG_INT("dropped", (int64_t)lost), { 0 } };

	log_render(&text, LOG_FORMAT_AGENT, LOG_LEVEL_WARNING, message, fields);
	return line_new(strbuf_view(&text), lost);
}

/* The next one to write, NULL when there is none. */
static struct line *take(struct log_port *port)
{
	struct line *line = NULL;
	uint64_t lost;

	pthread_mutex_lock(&port->lock);
	lost = port->lost;
	port->lost = 0;
	if (lost == 0 && port->first) {
		line = port->first;
		port->first = line->next;
		if (!port->first)
			port->end = &port->first;
		port->bytes -= line->size;
	}
	pthread_mutex_unlock(&port->lock);
	return lost > 0 ? make_notice(lost) : line;
}

static void set_serving(struct log_port *port, bool serving)
{
	pthread_mutex_lock(&port->lock);
	port->serving = serving;
	pthread_mutex_unlock(&port->lock);
}

static void count_lost(struct log_port *port, uint64_t lost)
{
	pthread_mutex_lock(&port->lock);
	port->lost += lost;
	pthread_mutex_unlock(&port->lock);
}

/* ---- writing ----------------------------------------------------------------------------------- */

/* Write what the descriptor takes. 0 when all is written, else a negative errno. */
static int write_lines(struct log_port *port, int fd)
{
	while (port->current || (port->current = take(port))) {
		struct line *line = port->current;
		ssize_t size = write(fd, line->text + port->written, line->size - port->written);

		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0)
			return -errno;
		port->written += (size_t)size;
		if (port->written < line->size)
			continue;
		free(line);
		port->current = NULL;
		port->written = 0;
	}
	return 0;
}

/* A line of which a part was sent is lost: the next reader has no use for the rest of it. */
static void drop_cut_line(struct log_port *port)
{
	if (port->written == 0)
		return;
	count_lost(port, port->current->lost > 0 ? port->current->lost : 1);
	free(port->current);
	port->current = NULL;
	port->written = 0;
}

static void watch(struct log_port *port, uint32_t events)
{
	_cleanup_error_ struct error *ignored = NULL; /* a log of it would come back to here */

	loop_watch(port->loop, &port->client, events, &ignored);
}

static void hang_up(struct log_port *port)
{
	set_serving(port, false);
	watch(port, 0);
	close(steal_fd(port->client.fd));
	drop_cut_line(port);
	listener_resume(&port->listener);
}

static void serve(struct log_port *port)
{
	int ret = write_lines(port, port->client.fd);

	if (ret < 0 && ret != -EAGAIN)
		hang_up(port);
	else
		watch(port, EPOLLIN | (ret == -EAGAIN ? EPOLLOUT : 0));
}

/* A client has nothing to say; what it does send is only looked at for its end. */
static bool is_gone(int fd)
{
	char bytes[256];
	ssize_t size = read(fd, bytes, sizeof(bytes));

	return size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR);
}

static void client_ready(struct loop_source *source, uint32_t events)
{
	struct log_port *port = container_of(source, struct log_port, client);

	if (events & ~(uint32_t)EPOLLOUT && is_gone(source->fd))
		hang_up(port);
	else
		serve(port);
}

static void woken(struct loop_task *task)
{
	struct log_port *port = container_of(task, struct log_port, wake);

	pthread_mutex_lock(&port->lock);
	port->woken = false;
	pthread_mutex_unlock(&port->lock);
	if (port->client.fd >= 0)
		serve(port);
}

static void accepted(struct listener *listener, int fd)
{
	struct log_port *port = container_of(listener, struct log_port, listener);

	listener_pause(listener);
	port->client = (struct loop_source){ .fd = fd, .ready = client_ready };
	port->was_fetched = true;
	set_serving(port, true);
	serve(port);
}

/* ---- a life ------------------------------------------------------------------------------------ */

static void use_stdout(struct log_port *port)
{
	log_open_descriptor(STDOUT_FILENO, LOG_FORMAT_AGENT);
	/* Where stdout takes nothing, there is nobody left to tell. */
	(void)write_lines(port, STDOUT_FILENO);
}

static void not_listening(struct listener *listener, const struct error *error)
{
	struct log_port *port = container_of(listener, struct log_port, listener);

	use_stdout(port);
	log_error("no log port", LOG_STR("error", error_message(error)));
}

struct log_port *log_port_new(void)
{
	struct log_port *port = xcalloc(1, sizeof(*port));

	pthread_mutex_init(&port->lock, NULL);
	port->end = &port->first;
	port->client.fd = -1;
	port->wake.run = woken;
	log_open_sink(append, port, LOG_FORMAT_AGENT);
	return port;
}

void log_port_start(struct log_port *port, struct loop *loop, const char *address)
{
	port->loop = loop;
	port->listener = (struct listener){
		.loop = loop,
		.address = address,
		.accepted = accepted,
		.failed = not_listening,
	};
	listener_start(&port->listener);
}

static void send_rest(struct log_port *port)
{
	int64_t deadline = clock_now_ms() + LOG_PORT_LAST_MS;

	while (write_lines(port, port->client.fd) == -EAGAIN) {
		struct pollfd ready = { .fd = port->client.fd, .events = POLLOUT };
		int64_t left = deadline - clock_now_ms();

		if (left <= 0 || poll(&ready, 1, (int)left) <= 0)
			return;
	}
}

void log_port_free(struct log_port *port)
{
	if (!port)
		return;
	log_open_descriptor(STDOUT_FILENO, LOG_FORMAT_AGENT);
	set_serving(port, false);
	listener_stop(&port->listener);
	if (port->client.fd >= 0) {
		send_rest(port);
		watch(port, 0);
		close(port->client.fd);
	} else if (!port->was_fetched) {
		use_stdout(port);
	}
	while (port->first)
		drop_first(port);
	free(port->current);
	pthread_mutex_destroy(&port->lock);
	free(port);
}
