/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Can this host run Kata Containers? A list of checks as data, the same for every tool, and the engine
 * that runs all of them whatever fails first. Nothing is printed or logged here: a report holds what was
 * looked for, what was found and what to do, and the tools show it in their own ways.
 *
 *	struct check_report report = { 0 };
 *
 *	check_host(&(struct check_options){ .host = &host_here, .hypervisor = "qemu", .root = true },
 *		   &report);
 *	if (check_report_verdict(&report) == CHECK_NOT_CAPABLE) ...
 *	check_report_release(&report);
 *
 * What counts and what does not is the existing tools' rule (spec/kata-runtime.md 7.4 to 7.6) with one
 * addition: where a virtual CPU ran guest code, the processor flags and modules that are there to make
 * that likely no longer matter, and their absence is a warning.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "host/cpu.h"
#include "host/cpuid.h"
#include "host/kvm.h"
#include "releases.h"

enum check_status {
	CHECK_PASS,
	CHECK_WARN, /* something to know; does not prevent containers from running */
	CHECK_FAIL,
	CHECK_SKIP, /* not tried: the message says why */
};

/* "pass", "warn", "fail", "skip" */
const char *check_status_name(enum check_status status);

/* Failures of an earlier group are what a tool reports in the end. */
enum check_group {
	CHECK_CONFIGURATION,
	CHECK_CAPABILITY, /* what the host is */
	CHECK_CREATION,	  /* what it can do now */
	CHECK_NETWORK,
};

/* What kind of thing is looked for; tools word their log records by it. */
enum check_kind {
	CHECK_OTHER,
	CHECK_ATTRIBUTE, /* `item` is a word of the cpuinfo block */
	CHECK_FLAG,	 /* `item` is a processor flag */
	CHECK_MODULE,	 /* `item` is a kernel module */
	CHECK_PARAMETER, /* `item` is a module, `parameter` one of its parameters */
	CHECK_KVM,	 /* `step` is a step of the KVM probe */
};

struct check_context;
struct check_result;

/* A row of the table in checks.c, or a check that a tool adds. */
struct check {
	const char *id;	   /* stable: "host.kvm.run" */
	const char *title; /* "Virtualization support" */
	enum check_group group;
	enum check_kind kind;
	const char *item;
	const char *parameter;
	const char *expected; /* of the parameter */
	enum host_kvm_step step;
	bool required;
	/* Where it applies: bits 1 << HOST_ARCH_*, and 1 << HOST_CPU_* on amd64; 0 means everywhere. */
	unsigned arches;
	unsigned vendors;
	bool local;	    /* not needed where the hypervisor runs virtual machines elsewhere */
	bool proven_by_run; /* does not matter once a virtual CPU has run guest code */
	void (*run)(struct check_context *context, const struct check *check,
		    struct check_result *result);
	const char *fix; /* the usual remedy; the function may say a better one */
};

/* What became of loading a missing module. */
enum check_load {
	CHECK_LOAD_NOT_TRIED,
	CHECK_LOAD_NOT_ROOT,
	CHECK_LOAD_FAILED,
	CHECK_LOAD_DONE,
};

/* Texts are owned; NULL where there is nothing to say. */
struct check_result {
	const struct check *check;
	enum check_status status;
	char *expected;
	char *found;
	char *message; /* one sentence on what this means */
	char *fix;
	char *failure; /* the words in which the existing tools fail on account of this check */
	uint64_t duration_us;
	enum check_load load;
	char *load_error, *load_output; /* of a load that failed */
};

struct check_options {
	const struct host *host;
	const char *hypervisor;	     /* the configuration's table: "qemu", "clh", "remote", ... */
	bool vhost_net_unused;	     /* the configuration says that no VM uses vhost-net */
	uint64_t sandbox_memory_mib; /* what one sandbox takes by default */
	bool load_modules;	     /* missing modules may be loaded: the real user is root */
	bool root;		     /* the effective user is root: what KVM refuses then counts */
	/* Only what the host is, for `env`; KVM is then tried only if its proof can excuse a failure. */
	bool capability_only;
	unsigned kvm_timeout_ms; /* 0 for HOST_KVM_TIMEOUT_MS */

	/* Other sources than this machine, for recorded hosts; NULL for the real ones. */
	void (*probe_kvm)(const struct host *host, unsigned timeout_ms, struct host_kvm *kvm);
	int (*read_cpuid)(struct host_cpuid *cpuid, struct error **err);
};

/* Start with a zeroed struct. */
struct check_report {
	struct check_result *results; /* in the table's order */
	size_t count, capacity;
	struct host_kvm kvm; /* as probed; zeroed if it was not */
};

/*
 * Run every check of the table that applies to the host and add its result. Blocks: may load kernel
 * modules (load_modules), and tries KVM for kvm_timeout_ms at most.
 */
void check_host(const struct check_options *options, struct check_report *report);

/*
 * Add what is wrong with a configuration: "config.load" fails if it does not load, with all its errors;
 * "config.problems" shows its warnings.
 */
void check_configuration(const struct config *config, struct check_report *report);

/*
 * Look for newer releases and add the result, "network.release": a warning when there is no answer.
 * Releases_release() in every case. Blocks as releases_find() does; returns what that returns, with *err
 * set on failure.
 */
int check_releases(const struct releases_options *options, struct releases *releases,
		   struct check_report *report, struct error **err);

/* Add "network.release" as not asked for the reason given. */
void check_releases_skip(const char *reason, struct check_report *report);

/* The checks that apply to this host, in the table's order, as check_host() would run them. */
size_t check_list(const struct host *host, const struct check **checks, size_t max);

/* Add a result of a check outside the table; borrowed until the next call. */
struct check_result *check_report_add(struct check_report *report, const struct check *check);

/* The result with this id, or NULL. */
const struct check_result *check_report_find(const struct check_report *report, const char *id);

/* Results of this status. */
size_t check_report_count(const struct check_report *report, enum check_status status);

/* Nothing in this group failed? True for a group without results. */
bool check_report_group_passed(const struct check_report *report, enum check_group group);

enum check_verdict {
	CHECK_CAPABLE,
	CHECK_CAPABLE_WITH_WARNINGS,
	CHECK_NOT_CAPABLE,
	CHECK_UNKNOWN, /* nothing of the host was checked */
};

enum check_verdict check_report_verdict(const struct check_report *report);
const char *check_verdict_name(enum check_verdict verdict); /* "capable-with-warnings" */

/*
 * The error to end with, in the existing tools' words and their order of precedence; NULL if nothing
 * failed. Borrowed from the report.
 */
const char *check_report_failure(const struct check_report *report);

void check_report_release(struct check_report *report);
#define _cleanup_check_report_ _cleanup_(check_report_release)

/* What a tool says of a host on which a required CPU property or module is missing. */
#define CHECK_NOT_CAPABLE_TEXT "ERROR: System is not capable of running Kata Containers"

/* ---- for the functions that check -------------------------------------------------------------- */

struct check_context {
	const struct check_options *options;
	const struct host *host;
	struct host_cpuinfo cpuinfo;
	struct error *cpuinfo_error; /* why there is none, or NULL */
	enum host_cpu_vendor vendor;
	struct host_cpuid cpuid;
	struct error *cpuid_error; /* why there is none, or NULL */
	struct host_kvm kvm;
	bool kvm_probed;
};

/* What KVM can do here; tried at the first call. */
const struct host_kvm *check_kvm_probe(struct check_context *context);

/* The functions behind the rows; each sets status, found and whatever else is known. */
void check_cpu_info(struct check_context *, const struct check *, struct check_result *);
void check_cpu_vendor(struct check_context *, const struct check *, struct check_result *);
void check_cpu_unknown(struct check_context *, const struct check *, struct check_result *);
void check_cpu_flag(struct check_context *, const struct check *, struct check_result *);
void check_cpu_cpuid(struct check_context *, const struct check *, struct check_result *);
void check_cpu_smt(struct check_context *, const struct check *, struct check_result *);
void check_module(struct check_context *, const struct check *, struct check_result *);
void check_module_parameter(struct check_context *, const struct check *, struct check_result *);
void check_kvm_step(struct check_context *, const struct check *, struct check_result *);
void check_kvm_ipa_size(struct check_context *, const struct check *, struct check_result *);
void check_vsock_device(struct check_context *, const struct check *, struct check_result *);
void check_memory(struct check_context *, const struct check *, struct check_result *);

/* Does the hypervisor reach the agent in its guests through /dev/vhost-vsock? */
bool check_uses_kernel_vsock(const struct check_context *context);

/* The status of a check that did not find what it looked for. */
enum check_status check_missing(const struct check *check);
