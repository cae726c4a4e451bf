// SPDX-License-Identifier: Apache-2.0
#include "crash.h"

#include <signal.h>
#include <stddef.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "base/memory.h"

#define SYNC_MAX_S  2
#define STACK_BYTES 8192

static const struct {
	int signal;
	const char *text;
} fatal[] = {
	{ SIGSEGV, "kata-agent: killed by SIGSEGV; the guest is switched off\n" },
	{ SIGBUS, "kata-agent: killed by SIGBUS; the guest is switched off\n" },
	{ SIGILL, "kata-agent: killed by SIGILL; the guest is switched off\n" },
	{ SIGFPE, "kata-agent: killed by SIGFPE; the guest is switched off\n" },
	{ SIGABRT, "kata-agent: killed by SIGABRT; the guest is switched off\n" },
	{ SIGSYS, "kata-agent: killed by SIGSYS; the guest is switched off\n" },
};

static void switch_off(int signal)
{
	(void)signal;
	reboot(RB_POWER_OFF);
}

/* Only what is safe in a signal's handler. */
static void crashed(int signal)
{
	for (size_t i = 0; i < ARRAY_SIZE(fatal); i++)
		if (fatal[i].signal == signal) {
			size_t size = 0;

			while (fatal[i].text[size])
				size++;
			/* There is nobody left to tell. */
			if (write(STDERR_FILENO, fatal[i].text, size) < 0)
				break;
		}
	/* A file system that does not answer is not waited for. */
	alarm(SYNC_MAX_S);
	sync();
	switch_off(signal);
}

void crash_switch_off(void)
{
	static char memory[STACK_BYTES];
	const stack_t stack = { .ss_sp = memory, .ss_size = sizeof(memory) };
	struct sigaction action = { .sa_handler = switch_off };

	sigaction(SIGALRM, &action, NULL);
	action.sa_handler = crashed;
	/* Once: a crash in here is the kernel's. And where the stack is what was used up, on another one. */
	action.sa_flags = (int)SA_RESETHAND | SA_ONSTACK;
	sigaltstack(&stack, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(fatal); i++)
		sigaction(fatal[i].signal, &action, NULL);
}
