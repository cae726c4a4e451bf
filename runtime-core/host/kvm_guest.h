/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A guest small enough to read: what an architecture must provide so that kvm.c can prove that its
 * virtual CPU runs code. The guest writes one 32-bit report per phase and then stops; the host compares
 * each report with what a real processor would say.
 */

#include <linux/kvm.h>
#include <stdbool.h>
#include <stdint.h>

#define KVM_GUEST_MEMORY_BYTES 0x10000

/*
 * A label in guest code for the C code around it. It must be a symbol of its own: taken through the
 * linker's table of addresses, a mere offset into the section would be lost.
 */
#define KVM_GUEST_LABEL(name) ".globl " name "\n.hidden " name "\n" name ":\n"

struct kvm_guest {
	int system; /* /dev/kvm */
	int vm;
	int vcpu;
	uint8_t *memory; /* KVM_GUEST_MEMORY_BYTES, zeroed */
	struct kvm_run *run;
};

enum kvm_guest_event {
	KVM_GUEST_REPORT,  /* the guest has reported a number */
	KVM_GUEST_STOPPED, /* it is at its end */
	KVM_GUEST_OTHER,   /* any other exit */
};

struct kvm_guest_phase {
	const char *name;  /* what the guest does in it, for messages: "add two numbers" */
	uint32_t expected; /* its report ... */
	bool is_pace;	   /* ... or a number of cycles for `rounds` rounds of a loop */
	uint32_t rounds;
};

struct kvm_guest_program {
	uint64_t memory_address; /* guest-physical, where the memory appears */
	const struct kvm_guest_phase *phases;
	unsigned phase_count;

	/* The argument of KVM_CREATE_VM; `*ipa_bits` as in struct host_kvm. */
	unsigned long (*machine_type)(int system, int *ipa_bits);
	/* Before the first vCPU: what the architecture needs of the VM. 0 or a negative errno; the next too. */
	int (*prepare_vm)(struct kvm_guest *guest);
	/* Put the code into memory and the vCPU at its start. */
	int (*prepare_vcpu)(struct kvm_guest *guest);
	/* What the exit in guest->run means. */
	enum kvm_guest_event (*event)(const struct kvm_guest *guest, uint32_t *report);
};

/* Of the architecture this program is compiled for; phase_count is 0 where there is none yet. */
extern const struct kvm_guest_program kvm_guest_program;
