/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Become a workload: what `kata-agent init` does. The agent starts it with the workload's standard
 * descriptors and the channel (channel.h); it ends in exec, or with a FAILED frame and status 1, or with
 * the errno of a failed exec as status. Never returns.
 */
_Noreturn void workload_main(void);
