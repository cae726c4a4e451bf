// SPDX-License-Identifier: Apache-2.0
/*
 * An init for measuring boots (tests/bench/boot): it says on the console when it runs, and then, by its argument,
 *	off	switches the guest off
 *	agent	becomes the agent
 *	memory	becomes the agent too, and says some seconds later how much memory agent and guest take
 * It is static and tiny, because it is alone in its initrd or on top of another.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

#define AGENT	       "/usr/bin/kata-agent"
#define IDLE_SECONDS   3
#define SMALL_FILE_MAX 4096

/* The number behind a name in a file of lines like "Rss:   1234 kB"; 0 when there is none. */
static uintmax_t read_kib(const char *path, const char *name)
{
	char text[SMALL_FILE_MAX + 1], *found;
	uintmax_t value = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = fd < 0 ? -1 : read(fd, text, SMALL_FILE_MAX);

	if (fd >= 0)
		close(fd);
	if (size < 0)
		return 0;
	text[size] = '\0';
	found = strstr(text, name);
	return found && sscanf(found + strlen(name), ": %ju", &value) == 1 ? value : 0;
}

/* VmRSS of /proc/1/status is short of what a process has touched since the kernel last added it up. */
static void say_memory(void)
{
	sleep(IDLE_SECONDS);
	dprintf(STDOUT_FILENO, "mark: agent %ju KiB, free %ju KiB\n",
		read_kib("/proc/1/smaps_rollup", "Rss"), read_kib("/proc/meminfo", "MemFree"));
	_exit(0);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[argc - 1] : "";

	dprintf(STDOUT_FILENO, "mark: init runs\n");
	if (strcmp(what, "off") == 0) {
		reboot(RB_POWER_OFF);
		return 1;
	}
	if (strcmp(what, "memory") == 0 && fork() == 0)
		say_memory();
	execl(AGENT, AGENT, (char *)NULL);
	return 1;
}
