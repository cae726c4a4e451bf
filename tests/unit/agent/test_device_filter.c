// SPDX-License-Identifier: Apache-2.0
/*
 * Which devices a container may use: the program for cgroup v2, run by a small interpreter, and by the kernel where it
 * has the v2 hierarchy.
 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/wait.h>

#include "agent/cgroup/device_rules.h"
#include "base/path.h"

#define M BPF_DEVCG_ACC_MKNOD
#define R BPF_DEVCG_ACC_READ
#define W BPF_DEVCG_ACC_WRITE

/* ---- the interpreter --------------------------------------------------------------------------- */

static bool jumps(uint8_t operation, uint64_t a, uint64_t b)
{
	switch (operation) {
	case BPF_JA:
		return true;
	case BPF_JNE:
		return a != b;
	case BPF_JSET:
		return (a & b) != 0;
	default:
		fail_msg("jump 0x%x", operation);
		return false;
	}
}

static void calculate(uint64_t *to, uint8_t operation, uint64_t operand)
{
	switch (operation) {
	case BPF_MOV:
		*to = operand;
		break;
	case BPF_AND:
		*to &= operand;
		break;
	case BPF_RSH:
		*to >>= operand;
		break;
	default:
		fail_msg("operation 0x%x", operation);
	}
}

static uint64_t run(const struct bpf_insn *code, size_t count,
		    const struct bpf_cgroup_dev_ctx *context)
{
	uint64_t registers[11] = { 0 };

	for (size_t at = 0; at < count; at++) {
		const struct bpf_insn *i = &code[at];
		uint64_t *to = &registers[i->dst_reg];
		uint64_t operand = BPF_SRC(i->code) == BPF_X ? registers[i->src_reg]
							     : (uint64_t)(int64_t)i->imm;

		switch (BPF_CLASS(i->code)) {
		case BPF_LDX:
			assert_int_equal(i->code, BPF_LDX | BPF_MEM | BPF_W);
			assert_int_equal(i->src_reg, BPF_REG_1);
			*to = *(const uint32_t *)((const char *)context + i->off);
			break;
		case BPF_ALU64:
			calculate(to, BPF_OP(i->code), operand);
			break;
		case BPF_JMP32:
			if (jumps(BPF_OP(i->code), (uint32_t)*to, (uint32_t)operand))
				at += (size_t)i->off;
			break;
		case BPF_JMP:
			if (BPF_OP(i->code) == BPF_EXIT)
				return registers[BPF_REG_0];
			if (jumps(BPF_OP(i->code), *to, operand))
				at += (size_t)i->off;
			break;
		default:
			fail_msg("instruction 0x%x", i->code);
		}
	}
	fail_msg("the program has no end");
	return 0;
}

static bool may(const struct device_rules *rules, char type, uint32_t major, uint32_t minor,
		unsigned access)
{
	struct bpf_cgroup_dev_ctx context = {
		.access_type =
			(type == 'c' ? BPF_DEVCG_DEV_CHAR : BPF_DEVCG_DEV_BLOCK) | access << 16,
		.major = major,
		.minor = minor,
	};
	_cleanup_free_ struct bpf_insn *code = NULL;
	size_t count = device_rules_compile(rules, &code);

	return run(code, count, &context) == 1;
}

/* ---- rules ------------------------------------------------------------------------------------- */

struct spec_rule {
	bool allow;
	const char *type;
	int64_t major, minor;
	const char *access;
};

static int make(const struct spec_rule *wanted, size_t count, struct device_rules *rules,
		struct error **err)
{
	Grpc__LinuxResources resources = GRPC__LINUX_RESOURCES__INIT;
	Grpc__LinuxDeviceCgroup *entries = xcalloc(count + 1, sizeof(*entries));
	Grpc__LinuxDeviceCgroup **list = xcalloc(count + 1, sizeof(Grpc__LinuxDeviceCgroup *));
	int ret;

	for (size_t i = 0; i < count; i++) {
		grpc__linux_device_cgroup__init(&entries[i]);
		entries[i].allow = wanted[i].allow;
		entries[i].type = (char *)wanted[i].type;
		entries[i].major = wanted[i].major;
		entries[i].minor = wanted[i].minor;
		entries[i].access = (char *)wanted[i].access;
		list[i] = &entries[i];
	}
	resources.devices = list;
	resources.n_devices = count;
	ret = device_rules_make(&resources, rules, err);
	free(entries);
	free(list);
	return ret;
}

static void test_defaults(void **state)
{
	struct device_rules rules;
	struct error *err = NULL;

	(void)state;
	assert_ok(device_rules_make(NULL, &rules, &err), err);
	assert_true(may(&rules, 'c', 1, 3, R | W | M));
	assert_true(may(&rules, 'c', 136, 4711, R | W));
	assert_true(may(&rules, 'c', 10, 200, R));
	assert_true(may(&rules, 'b', 254, 0, M));
	assert_false(may(&rules, 'b', 254, 0, R));
	assert_false(may(&rules, 'b', 254, 0, R | M));
	assert_false(may(&rules, 'b', 1, 3, R));
	assert_false(may(&rules, 'c', 1, 1, R));  /* mem */
	assert_false(may(&rules, 'c', 1, 11, W)); /* kmsg */
	device_rules_release(&rules);
}

/* Of each access, the last rule that speaks of it counts. */
static void test_order(void **state)
{
	static const struct spec_rule wanted[] = {
		{ true, "b", 8, -1, "rw" },  { false, "b", 8, 1, "w" },
		{ true, "c", 188, 0, "r" },  { true, "c", 188, 0, "w" },
		{ false, "c", 1, 3, "rwm" }, { true, "c", 4000000000, 7, "r" },
		{ false, "c", -1, -1, "m" }, { false, "a", 0, 0, "rwm" },
	};
	struct device_rules rules;
	struct error *err = NULL;

	(void)state;
	assert_ok(make(wanted, ARRAY_SIZE(wanted), &rules, &err), err);
	assert_false(rules.everything);
	assert_true(may(&rules, 'b', 8, 0, R | W));
	assert_true(may(&rules, 'b', 8, 1, R));
	assert_false(may(&rules, 'b', 8, 1, W));
	assert_false(may(&rules, 'b', 8, 1, R | W));
	assert_true(may(&rules, 'c', 188, 0, R | W)); /* two rules together */
	assert_false(may(&rules, 'c', 188, 0, R | M));
	assert_false(may(&rules, 'c', 1, 3, R));
	assert_true(may(&rules, 'c', 4000000000, 7, R));
	assert_false(may(&rules, 'c', 5, 5, M));
	assert_true(may(&rules, 'b', 5, 5, M));
	device_rules_release(&rules);
}

static void test_everything(void **state)
{
	static const struct spec_rule all[] = { { true, "a", 0, 0, "rwm" } };
	struct device_rules rules;
	struct error *err = NULL;

	(void)state;
	assert_ok(make(all, ARRAY_SIZE(all), &rules, &err), err);
	assert_true(rules.everything);
	device_rules_release(&rules);
}

static void test_nonsense(void **state)
{
	static const struct spec_rule bad[] = {
		{ true, "p", 1, 3, "r" },	  { true, "", 1, 3, "r" },
		{ true, "c", 1, 3, "" },	  { true, "c", 1, 3, "x" },
		{ true, "c", INT64_MAX, 3, "r" }, { true, "b", 1, 1LL << 33, "r" },
	};
	struct spec_rule *many = xcalloc(DEVICE_RULES_MAX + 1, sizeof(*many));
	struct device_rules rules;
	struct error *err = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_failed(make(&bad[i], 1, &rules, &err), err, -EINVAL, "");
	assert_failed(make(many, DEVICE_RULES_MAX + 1, &rules, &err), err, -E2BIG, "256");
	free(many);
}

/* ---- the kernel -------------------------------------------------------------------------------- */

static char *find_v2(void)
{
	static const char *const places[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };
	struct statfs fs;

	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (statfs(places[i], &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC)
			return path_join(places[i], "kata-test-devices");
	return NULL;
}

static int try_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

/* In the group: what may be opened and made. 0, or the number of what is not as it is to be. */
static int look_around(const char *group, const char *directory)
{
	_cleanup_free_ char *procs = path_join(group, "cgroup.procs");
	_cleanup_free_ char *node = path_join(directory, "node");
	FILE *file = fopen(procs, "w");

	if (!file || fputs("0", file) < 0 || fclose(file) != 0)
		return 1;
	if (try_open("/dev/null") != 0 || try_open("/dev/zero") != 0)
		return 2;
	if (try_open("/dev/full") != EPERM) /* denied below */
		return 3;
	if (mknod(node, S_IFCHR | 0600, makedev(1, 1)) != 0)
		return 4;
	if (try_open(node) != EPERM)
		return 5;
	return 0;
}

static void test_kernel(void **state)
{
	static const struct spec_rule wanted[] = { { false, "c", 1, 7, "r" } };
	_cleanup_free_ char *group = find_v2();
	_cleanup_free_ struct bpf_insn *code = NULL;
	struct device_rules rules;
	struct error *err = NULL;
	int ret, status = 0;
	size_t count;
	pid_t pid;

	if (!group || geteuid() != 0 || (mkdir(group, 0755) < 0 && errno != EEXIST)) {
		print_message("needs root and cgroup v2\n");
		skip();
	}
	assert_ok(make(wanted, ARRAY_SIZE(wanted), &rules, &err), err);
	count = device_rules_compile(&rules, &code);
	ret = device_filter_attach(group, code, count, &err);
	device_rules_release(&rules);
	if (ret == -EPERM || ret == -ENOSYS) {
		print_message("%s\n", error_message(err));
		error_free(err);
		rmdir(group);
		skip();
	}
	assert_ok(ret, err);
	pid = fork();
	if (pid == 0)
		_exit(look_around(group, *state));
	waitpid(pid, &status, 0);
	assert_int_equal(rmdir(group), 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* As many rules as there may be are a program that the kernel takes. */
static void test_kernel_limit(void **state)
{
	struct spec_rule *many = xcalloc(DEVICE_RULES_MAX, sizeof(*many));
	_cleanup_free_ char *group = find_v2();
	_cleanup_free_ struct bpf_insn *code = NULL;
	struct device_rules rules;
	struct error *err = NULL;
	size_t count;
	int ret;

	(void)state;
	if (!group || geteuid() != 0 || (mkdir(group, 0755) < 0 && errno != EEXIST)) {
		free(many);
		skip();
	}
	for (int i = 0; i < DEVICE_RULES_MAX; i++)
		many[i] = (struct spec_rule){ i % 2 == 0, "c", i, i, "rw" };
	assert_ok(make(many, DEVICE_RULES_MAX, &rules, &err), err);
	free(many);
	count = device_rules_compile(&rules, &code);
	ret = device_filter_attach(group, code, count, &err);
	device_rules_release(&rules);
	assert_int_equal(rmdir(group), 0);
	if (ret == -EPERM || ret == -ENOSYS) {
		error_free(err);
		skip();
	}
	assert_ok(ret, err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),   cmocka_unit_test(test_order),
		cmocka_unit_test(test_everything), cmocka_unit_test(test_nonsense),
		cmocka_unit_test(test_kernel),	   cmocka_unit_test(test_kernel_limit),
	};

	return cmocka_run_group_tests_name("device filter", tests, make_directory,
					   remove_directory);
}
