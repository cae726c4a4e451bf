// SPDX-License-Identifier: Apache-2.0
/*
 * The list of checks, in the order in which they run and are shown. A new check is a row here and a
 * section in docs/host-checks.md.
 */
#include "checks.h"

#include "base/memory.h"

#define AMD64	(1u << HOST_ARCH_AMD64)
#define ARM64	(1u << HOST_ARCH_ARM64)
#define PPC64LE (1u << HOST_ARCH_PPC64LE)
#define S390X	(1u << HOST_ARCH_S390X)
#define RISCV64 (1u << HOST_ARCH_RISCV64)

#define INTEL	(1u << HOST_CPU_INTEL)
#define AMD	(1u << HOST_CPU_AMD)
#define UNKNOWN (1u << HOST_CPU_OTHER)

/* clang-format off */
#define FLAG(name)      .kind = CHECK_FLAG, .item = (name), .run = check_cpu_flag
#define ATTRIBUTE(name) .kind = CHECK_ATTRIBUTE, .item = (name), .run = check_cpu_vendor
#define MODULE(name)    .id = "host.module." name, .kind = CHECK_MODULE, .item = (name), .run = check_module
#define PARAMETER(module, name, value)                                                              \
	.id = "host.module." module "." name, .kind = CHECK_PARAMETER, .item = (module),            \
	.parameter = (name), .expected = (value), .run = check_module_parameter
#define STEP(which)     .kind = CHECK_KVM, .group = CHECK_CREATION, .step = (which), .run = check_kvm_step
/* clang-format on */

const struct check checks[] = {
	{ .id = "host.cpu.info",
	  .title = "Processor description",
	  .group = CHECK_CAPABILITY,
	  .required = true,
	  .run = check_cpu_info,
	  .fix = "mount the proc file system, and do not hide /proc/cpuinfo from this process" },
	{ .id = "host.cpu.smt",
	  .title = "Simultaneous multithreading off",
	  .group = CHECK_CAPABILITY,
	  .required = true,
	  .arches = PPC64LE,
	  .local = true,
	  .run = check_cpu_smt,
	  .fix = "switch it off: ppc64_cpu --smt=off" },
	{ .id = "host.cpu.vendor",
	  .title = "Intel Architecture CPU",
	  .group = CHECK_CAPABILITY,
	  .required = true,
	  .arches = AMD64,
	  .vendors = INTEL,
	  ATTRIBUTE("GenuineIntel") },
	{ .id = "host.cpu.vendor",
	  .title = "AMD Architecture CPU",
	  .group = CHECK_CAPABILITY,
	  .required = true,
	  .arches = AMD64,
	  .vendors = AMD,
	  ATTRIBUTE("AuthenticAMD") },
	{ .id = "host.cpu.vendor",
	  .title = "Known processor vendor",
	  .group = CHECK_CAPABILITY,
	  .required = true,
	  .arches = AMD64,
	  .vendors = UNKNOWN,
	  .local = true,
	  .proven_by_run = true,
	  .run = check_cpu_unknown,
	  .fix = "use a host with an Intel, AMD or Hygon processor" },
	{ .id = "host.cpu.virtualization",
	  .title = "Virtualization support",
	  .group = CHECK_CAPABILITY,
	  .required = true,
	  .arches = AMD64,
	  .vendors = INTEL,
	  .local = true,
	  .proven_by_run = true,
	  FLAG("vmx") },
	{ .id = "host.cpu.virtualization",
	  .title = "Virtualization support",
	  .group = CHECK_CAPABILITY,
	  .required = true,
	  .arches = AMD64,
	  .vendors = AMD,
	  .local = true,
	  .proven_by_run = true,
	  FLAG("svm") },
	{ .id = "host.cpu.virtualization",
	  .title = "Virtualization support",
	  .group = CHECK_CAPABILITY,
	  .arches = S390X,
	  .local = true,
	  .proven_by_run = true,
	  FLAG("sie"),
	  .fix = "ask the administrator of the LPAR or of z/VM to allow virtualization in it" },
	{ .id = "host.cpu.longmode",
	  .title = "64Bit CPU",
	  .group = CHECK_CAPABILITY,
	  .required = true,
	  .arches = AMD64,
	  .local = true,
	  .proven_by_run = true,
	  FLAG("lm"),
	  .fix = "use a host with a 64-bit processor" },
	{ .id = "host.cpu.sse4_1",
	  .title = "SSE4.1",
	  .group = CHECK_CAPABILITY,
	  .required = true,
	  .arches = AMD64,
	  .local = true,
	  FLAG("sse4_1"),
	  .fix = "use a processor made since 2008; in a virtual machine, give it a newer CPU "
		 "model" },
	{ .id = "host.cpu.cpuid",
	  .title = "CPUID agrees with /proc/cpuinfo",
	  .group = CHECK_CAPABILITY,
	  .arches = AMD64,
	  .run = check_cpu_cpuid,
	  .fix = "look for clearcpuid= on the kernel's command line, and for virtualization "
		 "settings in "
		 "the firmware" },
	{ MODULE("kvm"), .title = "Kernel-based Virtual Machine", .group = CHECK_CAPABILITY,
	  .required = true, .local = true, .proven_by_run = true },
	{ MODULE("kvm_intel"), .title = "Intel KVM", .group = CHECK_CAPABILITY, .required = true,
	  .arches = AMD64, .vendors = INTEL, .local = true, .proven_by_run = true },
	{ MODULE("kvm_amd"), .title = "AMD KVM", .group = CHECK_CAPABILITY, .required = true,
	  .arches = AMD64, .vendors = AMD, .local = true, .proven_by_run = true },
	{ MODULE("kvm_hv"), .title = "Kernel-based Virtual Machine hardware virtualization",
	  .group = CHECK_CAPABILITY, .required = true, .arches = PPC64LE, .local = true,
	  .proven_by_run = true },
	{ MODULE("vhost"), .title = "Host kernel accelerator for virtio", .group = CHECK_CAPABILITY,
	  .required = true, .arches = AMD64 | ARM64 | RISCV64, .local = true },
	{ MODULE("vhost_net"), .title = "Host kernel accelerator for virtio network",
	  .group = CHECK_CAPABILITY, .required = true, .arches = AMD64 | ARM64 | RISCV64,
	  .local = true },
	{ MODULE("vhost_vsock"), .title = "Host Support for Linux VM Sockets",
	  .group = CHECK_CAPABILITY, .local = true },
	{ PARAMETER("kvm", "kvmclock_periodic_sync", "Y"), .title = "Guest clocks are kept in step",
	  .group = CHECK_CAPABILITY, .arches = AMD64, .local = true },
	{ PARAMETER("kvm_intel", "unrestricted_guest", "Y"),
	  .title = "Guests may run real-mode code unrestricted", .group = CHECK_CAPABILITY,
	  .arches = AMD64, .vendors = INTEL, .local = true },
	{ .id = "host.kvm.device",
	  .title = "The KVM device opens",
	  STEP(HOST_KVM_OPEN),
	  .required = true,
	  .local = true },
	{ .id = "host.kvm.api-version",
	  .title = "KVM speaks the known interface",
	  STEP(HOST_KVM_API_VERSION),
	  .required = true,
	  .local = true,
	  .fix = "see what is behind /dev/kvm; it should be the character device 10:232" },
	{ .id = "host.kvm.create-vm",
	  .title = "A virtual machine can be created",
	  STEP(HOST_KVM_CREATE_VM),
	  .required = true,
	  .local = true },
	{ .id = "host.kvm.run",
	  .title = "A virtual CPU runs guest code",
	  STEP(HOST_KVM_RUN),
	  .required = true,
	  .local = true },
	{ .id = "host.kvm.ipa-size",
	  .title = "Guest-physical address size",
	  .group = CHECK_CREATION,
	  .arches = ARM64,
	  .local = true,
	  .run = check_kvm_ipa_size },
	{ .id = "host.vsock.device",
	  .title = "Sockets between host and guest",
	  .group = CHECK_CREATION,
	  .local = true,
	  .run = check_vsock_device,
	  .fix = "make the device node: udev does it, and inside a container pass it in: "
		 "--device /dev/vhost-vsock" },
	{ .id = "host.memory.available",
	  .title = "Memory for one sandbox",
	  .group = CHECK_CREATION,
	  .local = true,
	  .run = check_memory,
	  .fix = "free memory, or lower default_memory in the configuration" },
};

const size_t check_count = ARRAY_SIZE(checks);
