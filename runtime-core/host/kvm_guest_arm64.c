// SPDX-License-Identifier: Apache-2.0
/*
 * The arm64 guest runs at EL1 with translation off, as a kernel does at its first instruction. It adds,
 * takes an exception through its own vector table and returns from it, and uses a vector register. A
 * report is a 32-bit store to an address without memory; a store beside it says that the guest is done.
 *
 *	guest-physical  0x10000  code        0x11000  vector table        0x20000  reports (no memory)
 */
#include "kvm_guest.h"

#if defined(__aarch64__)

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/memory.h"

#define MEMORY_ADDRESS 0x10000
#define VECTORS_OFFSET 0x1000
#define REPORT_ADDRESS 0x20000
#define STOP_ADDRESS   0x20004

/* In the vector table: a synchronous exception from the current level with its own stack pointer. */
#define SYNCHRONOUS_OFFSET 0x200

/* EL1 with its own stack pointer; debug, SError, IRQ and FIQ masked. */
#define PSTATE_EL1H_MASKED 0x3c5

/* x0, x1: numbers to add; x2: REPORT_ADDRESS; x3: the vector table. */
__asm__(".pushsection .rodata\n"
	".balign 4\n" KVM_GUEST_LABEL("kvm_guest_code")
	/* Phase 1: add what the host put into two registers. */
	"	add	w0, w0, w1\n"
	"	str	w0, [x2]\n"
	/* Phase 2: a supervisor call, whose handler puts 42 into w4. */
	"	msr	vbar_el1, x3\n"
	"	isb\n"
	"	mov	w4, #0\n"
	"	svc	#0\n"
	"	str	w4, [x2]\n"
	/* Phase 3: 21 + 21, in a vector register; switch them on first. */
	"	mov	x5, #0x300000\n" /* CPACR_EL1.FPEN */
	"	msr	cpacr_el1, x5\n"
	"	isb\n"
	"	mov	w0, #21\n"
	"	dup	v0.4s, w0\n"
	"	add	v0.4s, v0.4s, v0.4s\n"
	"	umov	w0, v0.s[0]\n"
	"	str	w0, [x2]\n"
	"	str	w0, [x2, #4]\n" /* STOP_ADDRESS */
	"1:	b	1b\n" KVM_GUEST_LABEL("kvm_guest_code_end") KVM_GUEST_LABEL(
		"kvm_guest_vector") "	mov	w4, #42\n"
				    "	eret\n" KVM_GUEST_LABEL(
					    "kvm_guest_vector_end") ".popsection\n");

extern const uint8_t kvm_guest_code[], kvm_guest_code_end[];
extern const uint8_t kvm_guest_vector[], kvm_guest_vector_end[];

static const struct kvm_guest_phase phases[] = {
	{ .name = "add two numbers", .expected = 42 },
	{ .name = "handle an exception", .expected = 42 },
	{ .name = "use vector instructions", .expected = 42 },
};

/* A host whose addresses are smaller than 40 bits refuses the default machine: ask for what it has. */
static unsigned long machine_type(int system, int *ipa_bits)
{
	int bits = ioctl(system, KVM_CHECK_EXTENSION, KVM_CAP_ARM_VM_IPA_SIZE);

	*ipa_bits = bits < 0 ? 0 : bits;
	return bits > 0 && bits < 40 ? KVM_VM_TYPE_ARM_IPA_SIZE((unsigned)bits) : 0;
}

static int prepare_vm(struct kvm_guest *guest)
{
	(void)guest;
	return 0;
}

static int set_register(int vcpu, size_t offset, uint64_t value)
{
	const struct kvm_one_reg reg = {
		.id = KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE |
		      offset / sizeof(uint32_t),
		.addr = (uintptr_t)&value,
	};

	return ioctl(vcpu, KVM_SET_ONE_REG, &reg) < 0 ? -errno : 0;
}

static int prepare_vcpu(struct kvm_guest *guest)
{
	static const struct {
		size_t offset;
		uint64_t value;
	} registers[] = {
		{ offsetof(struct kvm_regs, regs.pstate), PSTATE_EL1H_MASKED },
		{ offsetof(struct kvm_regs, regs.pc), MEMORY_ADDRESS },
		{ offsetof(struct kvm_regs, regs.regs[0]), 40 },
		{ offsetof(struct kvm_regs, regs.regs[1]), 2 },
		{ offsetof(struct kvm_regs, regs.regs[2]), REPORT_ADDRESS },
		{ offsetof(struct kvm_regs, regs.regs[3]), MEMORY_ADDRESS + VECTORS_OFFSET },
	};
	struct kvm_vcpu_init init;
	int ret = 0;

	memcpy(guest->memory, kvm_guest_code, (size_t)(kvm_guest_code_end - kvm_guest_code));
	memcpy(guest->memory + VECTORS_OFFSET + SYNCHRONOUS_OFFSET, kvm_guest_vector,
	       (size_t)(kvm_guest_vector_end - kvm_guest_vector));
	if (ioctl(guest->vm, KVM_ARM_PREFERRED_TARGET, &init) < 0 ||
	    ioctl(guest->vcpu, KVM_ARM_VCPU_INIT, &init) < 0)
		return -errno;
	for (size_t i = 0; i < ARRAY_SIZE(registers) && ret == 0; i++)
		ret = set_register(guest->vcpu, registers[i].offset, registers[i].value);
	return ret;
}

static enum kvm_guest_event event(const struct kvm_guest *guest, uint32_t *report)
{
	const struct kvm_run *run = guest->run;

	if (run->exit_reason != KVM_EXIT_MMIO || !run->mmio.is_write ||
	    run->mmio.len != sizeof(*report))
		return KVM_GUEST_OTHER;
	if (run->mmio.phys_addr == STOP_ADDRESS)
		return KVM_GUEST_STOPPED;
	if (run->mmio.phys_addr != REPORT_ADDRESS)
		return KVM_GUEST_OTHER;
	memcpy(report, run->mmio.data, sizeof(*report));
	return KVM_GUEST_REPORT;
}

const struct kvm_guest_program kvm_guest_program = {
	.memory_address = MEMORY_ADDRESS,
	.phases = phases,
	.phase_count = ARRAY_SIZE(phases),
	.machine_type = machine_type,
	.prepare_vm = prepare_vm,
	.prepare_vcpu = prepare_vcpu,
	.event = event,
};

#endif
