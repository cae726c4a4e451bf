// SPDX-License-Identifier: Apache-2.0
/* Every method of the agent's services: served by a handler, or refused for a reason (docs/agent.md). */
#include "internal.h"

#include "proto/health.pb-c.h"

/* A method that is known and not served. Hosts treat UNIMPLEMENTED as "goes without". */
#define REFUSED(name, reason)                                                        \
	static HANDLER(refuse_##name)                                                \
	{                                                                            \
		(void)input;                                                         \
		(void)context;                                                       \
		ttrpc_request_fail(request, TTRPC_UNIMPLEMENTED, #name ": " reason); \
	}

REFUSED(MemAgentMemcgSet, "mem-agent is disabled")
REFUSED(MemAgentCompactSet, "mem-agent is disabled")

/* The text is upstream's; so is the code of the next one (spec/agent.md 2.1). */
static HANDLER(refuse_ResizeVolume)
{
	(void)input;
	(void)context;
	ttrpc_request_fail(request, TTRPC_UNIMPLEMENTED,
			   "\"resize_volume is not implemented in kata-agent\"");
}

static HANDLER(refuse_SetPolicy)
{
	(void)input;
	(void)context;
	ttrpc_request_fail(request, TTRPC_NOT_FOUND,
			   "/grpc.AgentService/SetPolicy is not supported");
}

static const struct ttrpc_handler health_handlers[] = {
	{ .method = "Check", .handle = handle_check },
	{ .method = "Version", .handle = handle_version },
};

static const struct ttrpc_handler agent_handlers[] = {
	{ .method = "CreateSandbox", .handle = handle_create_sandbox },
	{ .method = "DestroySandbox", .handle = handle_destroy_sandbox },
	{ .method = "GetOOMEvent", .handle = handle_get_oom_event },

	{ .method = "CreateContainer", .handle = handle_create_container },
	{ .method = "StartContainer", .handle = handle_start_container },
	{ .method = "RemoveContainer", .handle = handle_remove_container },
	{ .method = "UpdateContainer", .handle = handle_update_container },
	{ .method = "StatsContainer", .handle = handle_stats_container },
	{ .method = "PauseContainer", .handle = handle_pause_container },
	{ .method = "ResumeContainer", .handle = handle_resume_container },

	{ .method = "ExecProcess", .handle = handle_exec_process },
	{ .method = "SignalProcess", .handle = handle_signal_process },
	{ .method = "WaitProcess", .handle = handle_wait_process },
	{ .method = "WriteStdin", .handle = handle_write_stdin },
	{ .method = "CloseStdin", .handle = handle_close_stdin },
	{ .method = "ReadStdout", .handle = handle_read_stdout },
	{ .method = "ReadStderr", .handle = handle_read_stderr },
	{ .method = "TtyWinResize", .handle = handle_tty_win_resize },

	{ .method = "GetGuestDetails", .handle = handle_get_guest_details },
	{ .method = "SetGuestDateTime", .handle = handle_set_guest_date_time },
	{ .method = "ReseedRandomDev", .handle = handle_reseed_random_dev },
	{ .method = "OnlineCPUMem", .handle = handle_online_cpu_mem },
	{ .method = "MemHotplugByProbe", .handle = handle_mem_hotplug_by_probe },
	{ .method = "UpdateEphemeralMounts", .handle = handle_update_ephemeral_mounts },
	{ .method = "RemoveStaleVirtiofsShareMounts",
	  .handle = handle_remove_stale_virtiofs_share_mounts },
	{ .method = "GetVolumeStats", .handle = handle_get_volume_stats },
	{ .method = "CopyFile", .handle = handle_copy_file },
	{ .method = "AddSwap", .handle = handle_add_swap },
	{ .method = "AddSwapPath", .handle = handle_add_swap_path },

	{ .method = "UpdateInterface", .handle = handle_update_interface },
	{ .method = "UpdateRoutes", .handle = handle_update_routes },
	{ .method = "AddARPNeighbors", .handle = handle_add_arp_neighbors },
	{ .method = "ListInterfaces", .handle = handle_list_interfaces },
	{ .method = "ListRoutes", .handle = handle_list_routes },
	{ .method = "GetIPTables", .handle = handle_get_iptables },
	{ .method = "SetIPTables", .handle = handle_set_iptables },

	{ .method = "GetMetrics", .handle = handle_get_metrics },
	{ .method = "GetDiagnosticData", .handle = handle_get_diagnostic_data },

	{ .method = "MemAgentMemcgSet", .handle = refuse_MemAgentMemcgSet },
	{ .method = "MemAgentCompactSet", .handle = refuse_MemAgentCompactSet },
	{ .method = "ResizeVolume", .handle = refuse_ResizeVolume },
	{ .method = "SetPolicy", .handle = refuse_SetPolicy },
};

int rpc_server_new(struct sandbox *sandbox, bool only_owner, struct ttrpc_server **server,
		   struct error **err)
{
	/* The server borrows the table, and there is one server per process. */
	static struct ttrpc_service services[] = {
		{ .descriptor = &grpc__health__descriptor,
		  .handlers = health_handlers,
		  .handler_count = ARRAY_SIZE(health_handlers) },
		{ .descriptor = &grpc__agent_service__descriptor,
		  .handlers = agent_handlers,
		  .handler_count = ARRAY_SIZE(agent_handlers) },
	};

	services[0].context = services[1].context = sandbox;
	return ttrpc_server_new(services, ARRAY_SIZE(services),
				only_owner ? ttrpc_peer_is_owner : NULL, server, err);
}
