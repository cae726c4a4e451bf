/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A running agent: the real program, as an ordinary process on a unix socket, in mount, pid, ipc, uts and
 * network namespaces of its own, so that nothing of it survives the test. Needs root; elsewhere the tests skip.
 */

#include "unit.h"

#include "proto/agent.pb-c.h"
#include "proto/health.pb-c.h"
#include "proto/message.h"
#include "ttrpc/client.h"

struct agent {
	char *directory, *socket_path, *rootfs, *log;
	pid_t holder;	 /* first process of the agent's pid namespace */
	int exit_status; /* of the agent, once agent_wait_end() has returned */
	struct ttrpc_client *client;
};

/* cmocka's set-up and tear-down. *state is NULL where there cannot be an agent. */
int agent_set_up(void **state);
/* And with a sandbox that asks for nothing. */
int agent_set_up_sandbox(void **state);
int agent_tear_down(void **state);

#define NEEDS_AGENT(agent)                                                                     \
	struct agent *agent = *state;                                                          \
	if (!agent) {                                                                          \
		print_message("needs root with mounts of its own, /bin/busybox and $BUILD\n"); \
		skip();                                                                        \
	}

/*
 * May this process keep its mounts to itself? It must be root, and its root directory where something is mounted: in a
 * chroot that is a mere directory the kernel lets nobody set how mounts spread.
 */
bool can_mount_privately(void);

/* Call, and be answered with success. The reply is freed with proto_free(). */
void *agent_call(struct agent *agent, const char *method, const void *input,
		 const ProtobufCMessageDescriptor *output);

/* Call, and be answered with this code; the message has this text in it. */
void agent_call_fails(struct agent *agent, const char *method, const void *input, int code,
		      const char *text);

/* The agent's first process has ended: its exit status. Waits. */
int agent_wait_end(struct agent *agent);

/* A path of the guest as the agent sees it, for us; to be freed. */
char *agent_guest_path(const struct agent *agent, const char *path);

/* Resident memory of the agent in KiB. */
size_t agent_resident_kib(const struct agent *agent);

/* ---- what tests ask for ------------------------------------------------------------------------ */

/*
 * A container's spec that runs `script` in busybox's shell. Filled anew by each call, and the test's to
 * change before it is sent.
 */
Grpc__Spec *shell_spec(struct agent *agent, const char *script);

void create_container(struct agent *agent, const char *id, Grpc__Spec *spec);
void start_container(struct agent *agent, const char *id);
void remove_container(struct agent *agent, const char *id);
void exec_shell(struct agent *agent, const char *id, const char *exec_id, const char *script,
		bool terminal);
int wait_process(struct agent *agent, const char *id, const char *exec_id);
void signal_process(struct agent *agent, const char *id, const char *exec_id, unsigned signal);
void write_stdin(struct agent *agent, const char *id, const char *exec_id, const char *text);
void close_stdin(struct agent *agent, const char *id, const char *exec_id);

/* Everything until the end, as a string to be freed. */
char *read_all(struct agent *agent, const char *method, const char *id, const char *exec_id);

/* Create, start, read stdout to its end, wait and remove: the output; *status gets the exit code. */
char *run_container(struct agent *agent, const char *id, Grpc__Spec *spec, int *status);
