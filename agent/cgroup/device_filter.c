// SPDX-License-Identifier: Apache-2.0
/*
 * The program keeps in `left` the accesses that are asked for and that no rule has spoken of yet. Rules are looked at from the last to the
 * first: one that denies any of them ends it with no, one that allows takes its own off, and when none is left the answer
 * is yes. At the end it is no.
 *
 * For a rule:	if type differs, or major or minor, go to the next
 *		deny:	if left & access, return 0
 *		allow:	left &= ~access; if left == 0, return 1
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/memory.h"
#include "device_rules.h"

#define PROLOGUE       6
#define MATCH_MAX      3
#define BODY	       4 /* of a rule that matches */
#define ANSWERING      2
#define ACCESS_SHIFT   16
#define TYPE_MASK      0xffff
#define ANSWER	       BPF_REG_0
#define CONTEXT	       BPF_REG_1
#define REQUESTED_TYPE BPF_REG_2
#define LEFT	       BPF_REG_3
#define MAJOR	       BPF_REG_4
#define MINOR	       BPF_REG_5

struct program {
	struct bpf_insn *code;
	size_t count;
};

static void emit(struct program *program, uint8_t code, uint8_t to, uint8_t from, int16_t offset,
		 int32_t immediate)
{
	program->code[program->count++] = (struct bpf_insn){
		.code = code,
		.dst_reg = to & 0xf,
		.src_reg = from & 0xf,
		.off = offset,
		.imm = immediate,
	};
}

static void load(struct program *program, uint8_t to, size_t field)
{
	emit(program, BPF_LDX | BPF_MEM | BPF_W, to, CONTEXT, (int16_t)field, 0);
}

static void return_answer(struct program *program, int answer)
{
	emit(program, BPF_ALU64 | BPF_MOV | BPF_K, ANSWER, 0, 0, answer);
	emit(program, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* Where they differ, go over so many instructions. 32 bits, so that a number's highest bit is no sign. */
static void skip_unless(struct program *program, uint8_t is, uint32_t wanted, size_t over)
{
	emit(program, BPF_JMP32 | BPF_JNE | BPF_K, is, 0, (int16_t)over, (int32_t)wanted);
}

static void compile_rule(struct program *program, const struct device_rule *rule)
{
	size_t has_major = rule->major != DEVICE_ANY, has_minor = rule->minor != DEVICE_ANY;

	skip_unless(program, REQUESTED_TYPE,
		    rule->type == 'c' ? BPF_DEVCG_DEV_CHAR : BPF_DEVCG_DEV_BLOCK,
		    has_major + has_minor + BODY);
	if (has_major)
		skip_unless(program, MAJOR, (uint32_t)rule->major, has_minor + BODY);
	if (has_minor)
		skip_unless(program, MINOR, (uint32_t)rule->minor, BODY);
	if (rule->allow) {
		emit(program, BPF_ALU64 | BPF_AND | BPF_K, LEFT, 0, 0, (int32_t)~rule->access);
		emit(program, BPF_JMP | BPF_JNE | BPF_K, LEFT, 0, ANSWERING, 0);
	} else {
		emit(program, BPF_JMP | BPF_JSET | BPF_K, LEFT, 0, 1, (int32_t)rule->access);
		emit(program, BPF_JMP | BPF_JA, 0, 0, ANSWERING, 0);
	}
	return_answer(program, rule->allow);
}

size_t device_rules_compile(const struct device_rules *rules, struct bpf_insn **code)
{
	struct program program = { 0 };

	program.code = xcalloc(PROLOGUE + rules->count * (MATCH_MAX + BODY) + ANSWERING,
			       sizeof(*program.code));
	load(&program, REQUESTED_TYPE, offsetof(struct bpf_cgroup_dev_ctx, access_type));
	emit(&program, BPF_ALU64 | BPF_MOV | BPF_X, LEFT, REQUESTED_TYPE, 0, 0);
	emit(&program, BPF_ALU64 | BPF_RSH | BPF_K, LEFT, 0, 0, ACCESS_SHIFT);
	emit(&program, BPF_ALU64 | BPF_AND | BPF_K, REQUESTED_TYPE, 0, 0, TYPE_MASK);
	load(&program, MAJOR, offsetof(struct bpf_cgroup_dev_ctx, major));
	load(&program, MINOR, offsetof(struct bpf_cgroup_dev_ctx, minor));
	for (size_t i = rules->count; i-- > 0;)
		compile_rule(&program, &rules->items[i]);
	return_answer(&program, 0);
	*code = program.code;
	return program.count;
}

/* ---- the kernel -------------------------------------------------------------------------------- */

static int bpf(enum bpf_cmd command, union bpf_attr *attributes)
{
	return (int)syscall(SYS_bpf, command, attributes, sizeof(*attributes));
}

int device_filter_attach(const char *directory, const struct bpf_insn *code, size_t count,
			 struct error **err)
{
	static const char license[] = "Apache-2.0";
	union bpf_attr attributes = { 0 };
	_cleanup_close_ int group = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_close_ int program = -1;

	if (group < 0)
		return error_set_errno(err, -errno, "open %s", directory);
	attributes.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	attributes.insns = (uintptr_t)code;
	attributes.insn_cnt = (uint32_t)count;
	attributes.license = (uintptr_t)license;
	program = bpf(BPF_PROG_LOAD, &attributes);
	if (program < 0)
		return error_set_errno(err, -errno, "load a filter for devices");
	attributes = (union bpf_attr){
		.target_fd = (uint32_t)group,
		.attach_bpf_fd = (uint32_t)program,
		.attach_type = BPF_CGROUP_DEVICE,
		.attach_flags = BPF_F_ALLOW_MULTI,
	};
	if (bpf(BPF_PROG_ATTACH, &attributes) < 0)
		return error_set_errno(err, -errno, "attach a filter for devices to %s", directory);
	return 0;
}
