// SPDX-License-Identifier: Apache-2.0
/*
 * The amd64 guest runs in 64-bit mode with paging, as the kernel of a Kata guest does, because that is
 * where hosts differ: a KVM that merely interprets instructions gets through a few lines of 16-bit code
 * and then cannot start any kernel. So beyond adding two numbers the guest takes a page fault through its
 * own descriptor table and repairs its page table, and uses SSE2, which every 64-bit processor has.
 *
 *	guest-physical  0x1000  code        0x4000  page directory, mapping 0-2 MiB and, once the
 *	                0x2000  PML4                guest has repaired it, 2-4 MiB onto the same
 *	                0x3000  PDPT        0x5000  GDT, 0x6000 IDT, 0x7000 a known word, 0x9000 stack
 */
#include "kvm_guest.h"

#if defined(__x86_64__)

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/memory.h"

#define CODE_ADDRESS  0x1000
#define PML4_ADDRESS  0x2000
#define PDPT_ADDRESS  0x3000
#define PD_ADDRESS    0x4000
#define GDT_ADDRESS   0x5000
#define IDT_ADDRESS   0x6000
#define WORD_ADDRESS  0x7000
#define STACK_ADDRESS 0x9000

#define REPORT_PORT 0x3f8
#define KNOWN_WORD  0x4b617461
#define PACE_ROUNDS 64

#define PAGE_FAULT_VECTOR 14

/* Below 4 GiB and outside the guest's memory, as every VMM for Intel hosts chooses. */
#define TSS_ADDRESS 0xfffbd000

/* Position-independent up to the absolute guest addresses; copied to CODE_ADDRESS. */
__asm__(".pushsection .rodata\n" KVM_GUEST_LABEL(
	"kvm_guest_code") "	movw	$0x3f8, %dx\n" /* REPORT_PORT */
			  /* Phase 1: add what the host put into two registers. */
			  "	addl	%ebx, %eax\n"
			  "	outl	%eax, %dx\n"
			  /* Phase 2: the shorter time for 64 rounds of a loop, out of two. */
			  "	movl	$2, %r8d\n"
			  "	movl	$-1, %r9d\n"
			  "1:	movl	$64, %ecx\n" /* PACE_ROUNDS */
			  "	rdtsc\n"
			  "	movl	%eax, %esi\n"
			  "2:	decl	%ecx\n"
			  "	jnz	2b\n"
			  "	rdtsc\n"
			  "	subl	%esi, %eax\n"
			  "	cmpl	%r9d, %eax\n"
			  "	cmovbl	%eax, %r9d\n"
			  "	decl	%r8d\n"
			  "	jnz	1b\n"
			  "	movw	$0x3f8, %dx\n"
			  "	movl	%r9d, %eax\n"
			  "	outl	%eax, %dx\n"
			  /* Phase 3: read the known word through a page that is not there yet. */
			  "	movl	0x207000, %eax\n" /* 2 MiB + WORD_ADDRESS */
			  "	outl	%eax, %dx\n"
			  /* Phase 4: 21 + 21, in a vector register. */
			  "	movl	$21, %eax\n"
			  "	movd	%eax, %xmm0\n"
			  "	paddd	%xmm0, %xmm0\n"
			  "	movd	%xmm0, %eax\n"
			  "	outl	%eax, %dx\n"
			  "3:	hlt\n"
			  "	jmp	3b\n"
	/* On a page fault: map 2-4 MiB like 0-2 MiB, drop the error code, try again. */
	KVM_GUEST_LABEL("kvm_guest_fault") "	pushq	%rax\n"
					   "	movq	0x4000, %rax\n" /* PD_ADDRESS */
					   "	movq	%rax, 0x4008\n"
					   "	popq	%rax\n"
					   "	addq	$8, %rsp\n"
					   "	iretq\n" KVM_GUEST_LABEL(
						   "kvm_guest_code_end") ".popsection\n");

extern const uint8_t kvm_guest_code[], kvm_guest_fault[], kvm_guest_code_end[];

static const struct kvm_guest_phase phases[] = {
	{ .name = "add two numbers", .expected = 42 },
	{ .name = "measure its pace", .is_pace = true, .rounds = PACE_ROUNDS },
	{ .name = "handle a page fault", .expected = KNOWN_WORD },
	{ .name = "use SSE2 instructions", .expected = 42 },
};

static unsigned long machine_type(int system, int *ipa_bits)
{
	(void)system;
	*ipa_bits = 0;
	return 0;
}

static int prepare_vm(struct kvm_guest *guest)
{
	/* Intel hosts want it before the first vCPU; elsewhere the capability is absent or it is ignored. */
	if (ioctl(guest->system, KVM_CHECK_EXTENSION, KVM_CAP_SET_TSS_ADDR) > 0 &&
	    ioctl(guest->vm, KVM_SET_TSS_ADDR, TSS_ADDRESS) < 0)
		return -errno;
	return 0;
}

static void put_u64(uint8_t *memory, uint64_t address, uint64_t value)
{
	memcpy(memory + address, &value, sizeof(value));
}

/* Page tables, descriptor tables, the known word and the code. */
static void fill_memory(uint8_t *memory)
{
	const uint64_t present_writable = 3, large_page = 1 << 7;
	const uint64_t handler = CODE_ADDRESS + (uint64_t)(kvm_guest_fault - kvm_guest_code);
	const uint32_t word = KNOWN_WORD;

	memcpy(memory + CODE_ADDRESS, kvm_guest_code,
	       (size_t)(kvm_guest_code_end - kvm_guest_code));
	put_u64(memory, PML4_ADDRESS, PDPT_ADDRESS | present_writable);
	put_u64(memory, PDPT_ADDRESS, PD_ADDRESS | present_writable);
	put_u64(memory, PD_ADDRESS, large_page | present_writable);
	put_u64(memory, GDT_ADDRESS + 8, 0x00af9b000000ffff);  /* selector 8: 64-bit code */
	put_u64(memory, GDT_ADDRESS + 16, 0x00cf93000000ffff); /* selector 16: data */
	/* A present 64-bit interrupt gate to selector 8; the handler lies below 64 KiB. */
	put_u64(memory, IDT_ADDRESS + 16 * PAGE_FAULT_VECTOR, handler | 8ull << 16 | 0x8eull << 40);
	memcpy(memory + WORD_ADDRESS, &word, sizeof(word));
}

/* The least a 64-bit guest must be told to have; KVM checks the control registers against it. */
static int set_cpuid(int vcpu)
{
	static const struct kvm_cpuid_entry2 entries[] = {
		{ .function = 0, .eax = 1 },
		/* FPU PSE TSC MSR PAE CX8 PGE CMOV FXSR SSE SSE2 */
		{ .function = 1, .edx = 0x0700a179 },
		{ .function = 0x80000000, .eax = 0x80000001 },
		/* LM */
		{ .function = 0x80000001, .edx = 1u << 29 },
	};
	_Alignas(struct kvm_cpuid2) uint8_t bytes[sizeof(struct kvm_cpuid2) + sizeof(entries)];
	struct kvm_cpuid2 *cpuid = (struct kvm_cpuid2 *)bytes;

	*cpuid = (struct kvm_cpuid2){ .nent = ARRAY_SIZE(entries) };
	memcpy(cpuid->entries, entries, sizeof(entries));
	return ioctl(vcpu, KVM_SET_CPUID2, cpuid) < 0 ? -errno : 0;
}

static void enter_long_mode(struct kvm_sregs *sregs)
{
	const struct kvm_segment code = {
		.limit = 0xffffffff,
		.selector = 8,
		.type = 11,
		.present = 1,
		.s = 1,
		.l = 1,
		.g = 1,
	};
	const struct kvm_segment data = {
		.limit = 0xffffffff,
		.selector = 16,
		.type = 3,
		.present = 1,
		.db = 1,
		.s = 1,
		.g = 1,
	};

	sregs->cs = code;
	sregs->ds = sregs->es = sregs->fs = sregs->gs = sregs->ss = data;
	sregs->gdt = (struct kvm_dtable){ .base = GDT_ADDRESS, .limit = 23 };
	sregs->idt = (struct kvm_dtable){ .base = IDT_ADDRESS, .limit = 0xfff };
	sregs->cr3 = PML4_ADDRESS;
	sregs->cr4 = 1 << 5 | 1 << 9;		     /* PAE, OSFXSR */
	sregs->cr0 = 1u << 31 | 1 << 5 | 1 << 1 | 1; /* PG, NE, MP, PE */
	sregs->efer = 1 << 10 | 1 << 8;		     /* LMA, LME */
}

static int prepare_vcpu(struct kvm_guest *guest)
{
	const struct kvm_regs regs = {
		.rip = CODE_ADDRESS,
		.rsp = STACK_ADDRESS,
		.rflags = 2,
		.rax = 40,
		.rbx = 2,
	};
	struct kvm_sregs sregs;
	int ret;

	fill_memory(guest->memory);
	ret = set_cpuid(guest->vcpu);
	if (ret < 0)
		return ret;
	if (ioctl(guest->vcpu, KVM_GET_SREGS, &sregs) < 0)
		return -errno;
	enter_long_mode(&sregs);
	if (ioctl(guest->vcpu, KVM_SET_SREGS, &sregs) < 0 ||
	    ioctl(guest->vcpu, KVM_SET_REGS, &regs) < 0)
		return -errno;
	return 0;
}

static enum kvm_guest_event event(const struct kvm_guest *guest, uint32_t *report)
{
	const struct kvm_run *run = guest->run;

	if (run->exit_reason == KVM_EXIT_HLT)
		return KVM_GUEST_STOPPED;
	if (run->exit_reason != KVM_EXIT_IO || run->io.direction != KVM_EXIT_IO_OUT ||
	    run->io.port != REPORT_PORT || run->io.size != sizeof(*report) || run->io.count != 1)
		return KVM_GUEST_OTHER;
	memcpy(report, (const uint8_t *)run + run->io.data_offset, sizeof(*report));
	return KVM_GUEST_REPORT;
}

const struct kvm_guest_program kvm_guest_program = {
	.memory_address = 0,
	.phases = phases,
	.phase_count = ARRAY_SIZE(phases),
	.machine_type = machine_type,
	.prepare_vm = prepare_vm,
	.prepare_vcpu = prepare_vcpu,
	.event = event,
};

#endif
