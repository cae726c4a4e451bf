// SPDX-License-Identifier: Apache-2.0
/*
 * Compare commands in one run: A B C A B C ..., so that whatever else the machine does hits all alike.
 * Prints, per command, the median and the fastest wall time, the ratio of its median to that of the first
 * command, and the peak resident memory.
 *
 * This is C, and small, for a reason: a child's peak memory starts at its parent's size at exec.
 *
 * usage: measure ROUNDS LABEL CMD [ARG...] [-- LABEL CMD [ARG...]] ...
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#define MAX_COMMANDS 32
#define WARM_UPS     3

extern char **environ;

struct command {
	const char *label;
	char **argv;
	int64_t *wall_ns;
	long peak_kib;
	int status;
};

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int64_t run(struct command *command)
{
	posix_spawn_file_actions_t actions;
	int64_t start = now_ns();
	struct rusage usage;
	pid_t pid;
	int error;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	error = posix_spawnp(&pid, command->argv[0], &actions, NULL, command->argv, environ);
	if (error) {
		fprintf(stderr, "%s: %s\n", command->argv[0], strerror(error));
		exit(1);
	}
	wait4(pid, &command->status, 0, &usage);
	posix_spawn_file_actions_destroy(&actions);
	if (usage.ru_maxrss > command->peak_kib)
		command->peak_kib = usage.ru_maxrss;
	return now_ns() - start;
}

static int compare(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

static size_t parse(char **argv, struct command *commands, size_t rounds)
{
	size_t count = 0;

	while (*argv && count < MAX_COMMANDS) {
		commands[count].label = *argv++;
		commands[count].argv = argv;
		commands[count].wall_ns = calloc(rounds, sizeof(int64_t));
		count++;
		while (*argv && strcmp(*argv, "--") != 0)
			argv++;
		if (*argv)
			*argv++ = NULL;
	}
	return count;
}

int main(int argc, char **argv)
{
	struct command commands[MAX_COMMANDS] = { 0 };
	size_t rounds, count;

	if (argc < 4) {
		fprintf(stderr, "usage: measure ROUNDS LABEL CMD [ARG...] [-- LABEL CMD ...]\n");
		return 2;
	}
	rounds = strtoul(argv[1], NULL, 10);
	count = parse(argv + 2, commands, rounds);
	for (size_t i = 0; i < count; i++)
		for (int warm_up = 0; warm_up < WARM_UPS; warm_up++)
			run(&commands[i]);
	for (size_t round = 0; round < rounds; round++)
		for (size_t i = 0; i < count; i++)
			commands[i].wall_ns[round] = run(&commands[i]);
	for (size_t i = 0; i < count; i++)
		qsort(commands[i].wall_ns, rounds, sizeof(int64_t), compare);

	printf("%-44s %10s %10s %7s %10s %6s\n", "command", "median ms", "best ms", "ratio",
	       "peak KiB", "exit");
	for (size_t i = 0; i < count; i++) {
		int64_t median = commands[i].wall_ns[rounds / 2];

		printf("%-44s %10.3f %10.3f %7.2f %10ld %6d\n", commands[i].label,
		       (double)median / 1e6, (double)commands[i].wall_ns[0] / 1e6,
		       (double)median / (double)commands[0].wall_ns[rounds / 2],
		       commands[i].peak_kib, WEXITSTATUS(commands[i].status));
	}
	for (size_t i = 0; i < count; i++)
		free(commands[i].wall_ns);
	return 0;
}
