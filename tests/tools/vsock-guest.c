// SPDX-License-Identifier: Apache-2.0
/*
 * The init of a guest that exists to test vsock. It loads the modules listed in /modules/order, listens before there
 * is any transport, and serves each of its ports with a process for each connection:
 *
 *	1024 echo    what comes goes back, until the end
 *	1025 sink    read to the end, then answer "BYTES CRC\n"
 *	1026 source  read a line "BYTES\n", send so many, a pattern, and close
 *	1027 dial    read a line "PORT\n", answer "connected\n" or "errno N\n"; then echo what comes from the host's PORT
 *	1028 hold    send "hold\n" and wait for the end; note how it came
 *	1029 notes   what was noted last
 *	1030 half    send "half\n" and no more, then read to the end, and note what came
 *	1031 drain   read a line "BYTES\n", read so many, looking at nothing, and answer "done\n"
 *	1032 idle    accept, and never read
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

#define CHUNK (256 * 1024)

static char buffer[CHUNK];
static char *note; /* shared by all processes */

static void load_modules(void)
{
	FILE *order = fopen("/modules/order", "re");
	char line[256], path[300];

	while (order && fgets(line, sizeof(line), order)) {
		int fd;

		line[strcspn(line, "\n")] = '\0';
		snprintf(path, sizeof(path), "/modules/%s", line);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (syscall(SYS_finit_module, fd, "", 0) < 0)
			printf("guest: load %s: %s\n", path, strerror(errno));
		close(fd);
	}
	if (order)
		fclose(order);
}

static uint32_t crc32(uint32_t crc, const char *data, size_t size)
{
	static uint32_t table[256];

	if (!table[1]) {
		for (uint32_t i = 0; i < 256; i++) {
			table[i] = i;
			for (int bit = 0; bit < 8; bit++)
				table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0xedb88320u : 0);
		}
	}
	crc = ~crc;
	for (size_t i = 0; i < size; i++)
		crc = crc >> 8 ^ table[(crc ^ (unsigned char)data[i]) & 255];
	return ~crc;
}

static int send_all(int fd, const char *data, size_t size)
{
	while (size > 0) {
		ssize_t sent = send(fd, data, size, MSG_NOSIGNAL);

		if (sent < 0)
			return -1;
		data += sent;
		size -= (size_t)sent;
	}
	return 0;
}

static void say(int fd, const char *text)
{
	send_all(fd, text, strlen(text));
}

static unsigned long read_number(int fd)
{
	char line[32];
	size_t used = 0;

	while (used < sizeof(line) - 1 && read(fd, line + used, 1) == 1 && line[used] != '\n')
		used++;
	line[used] = '\0';
	return strtoul(line, NULL, 10);
}

static void echo(int fd)
{
	ssize_t size;

	while ((size = read(fd, buffer, sizeof(buffer))) > 0)
		if (send_all(fd, buffer, (size_t)size) < 0)
			return;
}

/* Read to the end; what came, as text. */
static void count(int fd, char *text, size_t text_size)
{
	unsigned long total = 0;
	uint32_t crc = 0;
	ssize_t size;

	while ((size = read(fd, buffer, sizeof(buffer))) > 0) {
		crc = crc32(crc, buffer, (size_t)size);
		total += (unsigned long)size;
	}
	if (size < 0)
		snprintf(text, text_size, "errno %d\n", errno);
	else
		snprintf(text, text_size, "%lu %08x\n", total, crc);
}

static void sink(int fd)
{
	char answer[64];

	count(fd, answer, sizeof(answer));
	say(fd, answer);
}

static void drain(int fd)
{
	unsigned long left = read_number(fd);
	ssize_t size = 1;

	while (left > 0 && size > 0) {
		size = read(fd, buffer, left < sizeof(buffer) ? left : sizeof(buffer));
		left -= size > 0 ? (unsigned long)size : 0;
	}
	say(fd, "done\n");
}

static void source(int fd)
{
	unsigned long left = read_number(fd);
	uint32_t state = 1;

	for (size_t i = 0; i + 4 <= sizeof(buffer); i += 4) {
		state = state * 1664525u + 1013904223u;
		memcpy(buffer + i, &state, 4);
	}
	while (left > 0) {
		size_t size = left < sizeof(buffer) ? left : sizeof(buffer);

		if (send_all(fd, buffer, size) < 0)
			return;
		left -= size;
	}
}

static void dial(int fd)
{
	struct sockaddr_vm host = { .svm_family = AF_VSOCK,
				    .svm_cid = VMADDR_CID_HOST,
				    .svm_port = (unsigned)read_number(fd) };
	int other = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect(other, (struct sockaddr *)&host, sizeof(host)) < 0) {
		char answer[32];

		snprintf(answer, sizeof(answer), "errno %d\n", errno);
		say(fd, answer);
	} else {
		say(fd, "connected\n");
		echo(other);
	}
	close(other);
}

static void hold(int fd)
{
	struct pollfd wait = { .fd = fd, .events = POLLRDHUP };
	char byte;

	say(fd, "hold\n");
	poll(&wait, 1, -1);
	if (recv(fd, &byte, 1, MSG_PEEK) < 0)
		snprintf(note, 64, "errno %d\n", errno);
	else
		snprintf(note, 64, "end\n");
}

static void notes(int fd)
{
	say(fd, note);
}

static void half(int fd)
{
	say(fd, "half\n");
	shutdown(fd, SHUT_WR);
	count(fd, note, 64);
}

static void idle(int fd)
{
	struct pollfd wait = { .fd = fd };

	poll(&wait, 1, -1);
}

static void serve(unsigned port, void (*service)(int fd))
{
	struct sockaddr_vm own = { .svm_family = AF_VSOCK,
				   .svm_cid = VMADDR_CID_ANY,
				   .svm_port = port };
	int listener = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(listener, (struct sockaddr *)&own, sizeof(own)) < 0 || listen(listener, 256) < 0) {
		printf("guest: listen on %u: %s\n", port, strerror(errno));
		return;
	}
	if (fork() != 0)
		return;
	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		if (fd >= 0 && fork() == 0) {
			service(fd);
			_exit(0);
		}
		if (fd >= 0)
			close(fd);
	}
}

int main(void)
{
	static const struct {
		unsigned port;
		void (*service)(int fd);
	} services[] = {
		{ 1024, echo },	 { 1025, sink }, { 1026, source }, { 1027, dial }, { 1028, hold },
		{ 1029, notes }, { 1030, half }, { 1031, drain },  { 1032, idle },
	};

	setvbuf(stdout, NULL, _IONBF, 0);
	note = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	strcpy(note, "nothing\n");
	signal(SIGCHLD, SIG_IGN);
	load_modules();
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		serve(services[i].port, services[i].service);
	printf("guest: ready\n");
	for (;;)
		pause();
}
