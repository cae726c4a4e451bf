// SPDX-License-Identifier: Apache-2.0
/*
 * The steps run in a child process that writes each outcome into memory it shares with us. A KVM that
 * does not come back (a vCPU that never exits, an ioctl that waits for ever) is then only a child to
 * kill: the steps it has finished stand, and the one it was in has timed out. The child is alone with
 * its memory, so the VM, which belongs to the address space that made it, goes away with it.
 */
#include "kvm.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/path.h"
#include "kvm_guest.h"

/* After a kill, the kernel needs a moment to take the VM apart. */
#define KILL_GRACE_MS 500

#define MAX_EXITS 64

#if !defined(__x86_64__) && !defined(__aarch64__)
const struct kvm_guest_program kvm_guest_program = { .phase_count = 0 };
#endif

/* What parent and child share. */
struct probe {
	enum host_kvm_step step; /* the one being tried */
	struct host_kvm result;
};

static int open_device(const struct host *host)
{
	_cleanup_free_ char *path = path_join(host->dev, "kvm");
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	return fd < 0 ? -errno : fd;
}

int host_kvm_extension(const struct host *host, int capability)
{
	_cleanup_close_ int fd = open_device(host);
	int value;

	if (fd < 0)
		return fd;
	value = ioctl(fd, KVM_CHECK_EXTENSION, capability);
	return value < 0 ? -errno : value;
}

/* ---- the steps, in the child ------------------------------------------------------------------- */

struct attempt {
	const struct host *host;
	struct host_kvm *kvm;
	struct host_kvm_result *result; /* of this step */
	struct kvm_guest guest;
};

__attribute__((format(printf, 2, 3))) static int fail(struct attempt *attempt, const char *format,
						      ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(attempt->result->detail, sizeof(attempt->result->detail), format, arguments);
	va_end(arguments);
	return -EPROTO;
}

static int step_open(struct attempt *attempt)
{
	attempt->guest.system = open_device(attempt->host);
	return attempt->guest.system < 0 ? attempt->guest.system : 0;
}

static int step_api_version(struct attempt *attempt)
{
	int version = ioctl(attempt->guest.system, KVM_GET_API_VERSION, 0);

	if (version < 0)
		return -errno;
	attempt->kvm->api_version = version;
	if (version != HOST_KVM_API)
		return fail(attempt, "the API version is %d, not %d", version, HOST_KVM_API);
	return 0;
}

static int step_create_vm(struct attempt *attempt)
{
	unsigned long type = 0;

	if (kvm_guest_program.machine_type)
		type = kvm_guest_program.machine_type(attempt->guest.system,
						      &attempt->kvm->ipa_bits);
	attempt->guest.vm = ioctl(attempt->guest.system, KVM_CREATE_VM, type);
	return attempt->guest.vm < 0 ? -errno : 0;
}

static int add_memory(struct kvm_guest *guest)
{
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = kvm_guest_program.memory_address,
		.memory_size = KVM_GUEST_MEMORY_BYTES,
	};

	guest->memory = mmap(NULL, KVM_GUEST_MEMORY_BYTES, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (guest->memory == MAP_FAILED)
		return -errno;
	region.userspace_addr = (uintptr_t)guest->memory;
	return ioctl(guest->vm, KVM_SET_USER_MEMORY_REGION, &region) < 0 ? -errno : 0;
}

static int add_vcpu(struct kvm_guest *guest)
{
	int run_bytes = ioctl(guest->system, KVM_GET_VCPU_MMAP_SIZE, 0);

	if (run_bytes < 0)
		return -errno;
	guest->vcpu = ioctl(guest->vm, KVM_CREATE_VCPU, 0);
	if (guest->vcpu < 0)
		return -errno;
	guest->run =
		mmap(NULL, (size_t)run_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, guest->vcpu, 0);
	return guest->run == MAP_FAILED ? -errno : 0;
}

static int fail_at_exit(struct attempt *attempt, const char *doing)
{
	const struct kvm_run *run = attempt->guest.run;

	switch (run->exit_reason) {
	case KVM_EXIT_INTERNAL_ERROR:
		if (run->internal.suberror == KVM_INTERNAL_ERROR_EMULATION)
			return fail(attempt,
				    "when the guest was to %s, KVM met an instruction that it "
				    "cannot emulate",
				    doing);
		return fail(attempt, "when the guest was to %s, KVM reported internal error %u",
			    doing, run->internal.suberror);
	case KVM_EXIT_FAIL_ENTRY:
		return fail(attempt, "the processor refused to enter the guest, reason %#llx",
			    (unsigned long long)run->fail_entry.hardware_entry_failure_reason);
	case KVM_EXIT_SHUTDOWN:
		return fail(attempt, "the guest crashed when it was to %s", doing);
	default:
		return fail(attempt, "when the guest was to %s, KVM stopped with exit reason %u",
			    doing, run->exit_reason);
	}
}

static int check_report(struct attempt *attempt, const struct kvm_guest_phase *phase,
			uint32_t report)
{
	if (phase->is_pace) {
		attempt->kvm->cycles_per_round =
			report / phase->rounds ? report / phase->rounds : 1;
		return 0;
	}
	if (report != phase->expected)
		return fail(attempt, "the guest was to %s and got %#x instead of %#x", phase->name,
			    report, phase->expected);
	return 0;
}

/* Run until the guest has made all its reports and stopped. */
static int run_phases(struct attempt *attempt)
{
	const struct kvm_guest_program *program = &kvm_guest_program;
	unsigned phase = 0;

	for (int exits = 0; exits < MAX_EXITS; exits++) {
		bool done = phase == program->phase_count;
		const char *doing = done ? "stop" : program->phases[phase].name;
		uint32_t report;
		int ret;

		/* For the parent, should we not come back. */
		snprintf(attempt->result->detail, sizeof(attempt->result->detail),
			 "the guest was to %s", doing);
		if (ioctl(attempt->guest.vcpu, KVM_RUN, 0) < 0) {
			if (errno == EINTR || errno == EAGAIN)
				continue;
			return -errno;
		}
		switch (program->event(&attempt->guest, &report)) {
		case KVM_GUEST_STOPPED:
			if (done)
				return 0;
			return fail(attempt, "the guest stopped when it was to %s", doing);
		case KVM_GUEST_REPORT:
			if (done)
				return fail(attempt, "the guest went on when it was to stop");
			ret = check_report(attempt, &program->phases[phase++], report);
			if (ret < 0)
				return ret;
			break;
		case KVM_GUEST_OTHER:
			return fail_at_exit(attempt, doing);
		}
	}
	return fail(attempt, "the guest stopped too often without a report");
}

static int step_run(struct attempt *attempt)
{
	int ret = kvm_guest_program.prepare_vm(&attempt->guest);

	if (ret == 0)
		ret = add_memory(&attempt->guest);
	if (ret == 0)
		ret = add_vcpu(&attempt->guest);
	if (ret == 0)
		ret = kvm_guest_program.prepare_vcpu(&attempt->guest);
	if (ret == 0)
		ret = run_phases(attempt);
	return ret;
}

static int (*const steps[HOST_KVM_STEPS])(struct attempt *attempt) = {
	[HOST_KVM_OPEN] = step_open,
	[HOST_KVM_API_VERSION] = step_api_version,
	[HOST_KVM_CREATE_VM] = step_create_vm,
	[HOST_KVM_RUN] = step_run,
};

static void try_steps(const struct host *host, struct probe *probe)
{
	struct attempt attempt = { .host = host, .kvm = &probe->result };

	for (int step = 0; step < HOST_KVM_STEPS; step++) {
		struct host_kvm_result *result = &probe->result.steps[step];
		int64_t start = clock_now_us();
		int ret;

		if (step == HOST_KVM_RUN &&
		    (host->arch != HOST_ARCH_COMPILED || kvm_guest_program.phase_count == 0)) {
			result->outcome = HOST_KVM_NOT_IMPLEMENTED;
			return;
		}
		probe->step = (enum host_kvm_step)step;
		attempt.result = result;
		ret = steps[step](&attempt);
		result->duration_us = (uint32_t)(clock_now_us() - start);
		if (ret < 0) {
			if (ret != -EPROTO)
				result->detail[0] = '\0';
			result->error = ret == -EPROTO ? 0 : ret;
			result->outcome = HOST_KVM_FAILED;
			return;
		}
		result->detail[0] = '\0';
		result->outcome = HOST_KVM_DONE;
	}
}

/* ---- the parent -------------------------------------------------------------------------------- */

/* True once the other end of the pipe, which only the child holds, is closed. */
static bool wait_for_end(int fd, unsigned timeout_ms)
{
	int64_t deadline = clock_now_ms() + timeout_ms;
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

	for (;;) {
		int64_t left = deadline - clock_now_ms();
		int ready = poll(&poll_fd, 1, left > 0 ? (int)left : 0);

		if (ready > 0)
			return true;
		if (ready == 0 || errno != EINTR)
			return false;
	}
}

/* The step the child was in when it ended without an answer. */
static void mark_unfinished(struct probe *probe, enum host_kvm_outcome outcome, const char *detail)
{
	struct host_kvm_result *result = &probe->result.steps[probe->step];

	if (result->outcome != HOST_KVM_NOT_REACHED)
		return;
	result->outcome = outcome;
	if (detail)
		snprintf(result->detail, sizeof(result->detail), "%s", detail);
}

static void watch_child(pid_t pid, int fd, unsigned timeout_ms, struct probe *probe)
{
	if (!wait_for_end(fd, timeout_ms)) {
		kill(pid, SIGKILL);
		if (!wait_for_end(fd, KILL_GRACE_MS)) {
			/* It hangs inside the kernel. Init will reap it when it can die. */
			mark_unfinished(probe, HOST_KVM_TIMED_OUT, NULL);
			return;
		}
		mark_unfinished(probe, HOST_KVM_TIMED_OUT, NULL);
	}
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	mark_unfinished(probe, HOST_KVM_FAILED, "the process that tried it was killed");
}

static void probe_in_child(const struct host *host, unsigned timeout_ms, struct probe *probe)
{
	struct host_kvm_result *first = &probe->result.steps[HOST_KVM_OPEN];
	int ends[2];
	pid_t parent = getpid(), pid;

	if (pipe2(ends, O_CLOEXEC) < 0) {
		*first = (struct host_kvm_result){ .outcome = HOST_KVM_FAILED, .error = -errno };
		return;
	}
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent)
			try_steps(host, probe);
		_exit(0);
	}
	close(ends[1]);
	if (pid < 0)
		*first = (struct host_kvm_result){ .outcome = HOST_KVM_FAILED, .error = -errno };
	else
		watch_child(pid, ends[0], timeout_ms, probe);
	close(ends[0]);
}

void host_kvm_probe(const struct host *host, unsigned timeout_ms, struct host_kvm *kvm)
{
	struct probe *probe = mmap(NULL, sizeof(*probe), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	*kvm = (struct host_kvm){ 0 };
	if (probe == MAP_FAILED) {
		kvm->steps[HOST_KVM_OPEN].outcome = HOST_KVM_FAILED;
		kvm->steps[HOST_KVM_OPEN].error = -errno;
		return;
	}
	probe_in_child(host, timeout_ms, probe);
	*kvm = probe->result;
	munmap(probe, sizeof(*probe));
}
