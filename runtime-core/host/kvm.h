/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What KVM can really do here: does the device open, is it KVM, can a VM be created, and does a virtual
 * CPU run guest code? Each is a step of its own, because they fail for different reasons.
 */

#include <stdbool.h>
#include <stdint.h>

#include "host.h"

/* Each step needs the ones before it. */
enum host_kvm_step {
	HOST_KVM_OPEN,	      /* DEV/kvm, for reading and writing */
	HOST_KVM_API_VERSION, /* must be 12 */
	HOST_KVM_CREATE_VM,
	HOST_KVM_RUN, /* guest code computes, handles a fault, reports */
	HOST_KVM_STEPS,
};

enum host_kvm_outcome {
	HOST_KVM_NOT_REACHED,
	HOST_KVM_DONE,
	HOST_KVM_FAILED,
	HOST_KVM_TIMED_OUT,
	HOST_KVM_NOT_IMPLEMENTED, /* no guest code for this architecture yet */
};

struct host_kvm_result {
	enum host_kvm_outcome outcome;
	int error;	  /* negative errno of a failed system call, else 0 */
	char detail[200]; /* of a failure: one sentence, "" if the errno says all */
	uint32_t duration_us;
};

struct host_kvm {
	struct host_kvm_result steps[HOST_KVM_STEPS];
	int api_version;
	int ipa_bits; /* arm64: the largest guest-physical address size; else 0 */
	/*
	 * Processor cycles per round of a two-instruction loop in the guest, 0 if not measured: one or
	 * two where the processor runs guest code itself, thousands where KVM interprets it.
	 */
	uint32_t cycles_per_round;
};

#define HOST_KVM_API	    12
#define HOST_KVM_TIMEOUT_MS 2000

/* From this pace on, guest code is interpreted; nothing that runs on a processor is as slow. */
#define HOST_KVM_INTERPRETED_CYCLES 200

/*
 * Try all steps, in a child process that is killed when it takes longer than `timeout_ms`; so a KVM that
 * hangs is an outcome and never hangs the caller. For a host of another architecture than this program's,
 * running is "not implemented".
 */
void host_kvm_probe(const struct host *host, unsigned timeout_ms, struct host_kvm *kvm);

/* KVM_CHECK_EXTENSION on the system: 0 for "no", positive for "yes", or a negative errno. */
int host_kvm_extension(const struct host *host, int capability);
