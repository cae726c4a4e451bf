// SPDX-License-Identifier: Apache-2.0
/* One container sees what another one of the pod has mounted. */
#include "fixture.h"

#define SOURCE "kata-test-source"
#define TARGET "kata-test-target"

/* A container called "sidecar" that may mount, and does so when its script says. */
static void start_sidecar(struct agent *agent, const char *script)
{
	static char admin[] = "CAP_SYS_ADMIN", key[] = "io.kubernetes.cri.container-name",
		    value[] = "sidecar";
	static char *capabilities[] = { admin };
	Grpc__Spec__AnnotationsEntry annotation = GRPC__SPEC__ANNOTATIONS_ENTRY__INIT;
	Grpc__Spec__AnnotationsEntry *annotations[] = { &annotation };
	Grpc__Spec *spec = shell_spec(agent, script);
	Grpc__LinuxCapabilities *all = spec->process->capabilities;

	all->bounding = all->effective = all->permitted = capabilities;
	all->n_bounding = all->n_effective = all->n_permitted = 1;
	annotation.key = key;
	annotation.value = value;
	spec->annotations = annotations;
	spec->n_annotations = 1;
	create_container(agent, SOURCE, spec);
	start_container(agent, SOURCE);
}

/* What the second container, which asks for a mount of this one, finds. */
static char *run_neighbour(struct agent *agent, const char *of, const char *from, const char *to,
			   const char *script)
{
	static char id[] = TARGET;
	Grpc__CreateContainerRequest request = GRPC__CREATE_CONTAINER_REQUEST__INIT;
	Grpc__SharedMount mount = GRPC__SHARED_MOUNT__INIT, *mounts[] = { &mount };
	char *output;

	mount.src_ctr = (char *)of;
	mount.src_path = (char *)from;
	mount.dst_path = (char *)to;
	request.container_id = id;
	request.oci = shell_spec(agent, script);
	request.shared_mounts = mounts;
	request.n_shared_mounts = 1;
	agent_call(agent, "CreateContainer", &request, NULL);
	start_container(agent, TARGET);
	output = read_all(agent, "ReadStdout", TARGET, "");
	assert_int_equal(wait_process(agent, TARGET, ""), 0);
	remove_container(agent, TARGET);
	return output;
}

/* The mount is made after the second container is asked for; its name has a blank. */
static void test_share(void **state)
{
	NEEDS_AGENT(agent);
	_cleanup_free_ char *output = NULL;

	start_sidecar(agent, "sleep 0.3; mkdir '/tmp/a b'; mount -t tmpfs tmpfs '/tmp/a b'; "
			     "echo hello >'/tmp/a b/file'; sleep 60");
	output = run_neighbour(agent, "sidecar", "/tmp/a b", "/data/deep",
			       "sleep 0.2; cat /data/deep/file");
	assert_string_equal(output, "hello\n");
	remove_container(agent, SOURCE);
}

/* The way to the mount is the containers' own: no link leads out of either. */
static void test_links(void **state)
{
	NEEDS_AGENT(agent);
	_cleanup_free_ char *output = NULL;

	start_sidecar(agent, "mkdir /tmp/out; ln -s ../../../../tmp/out /tmp/link; "
			     "mount -t tmpfs tmpfs /tmp/out; sleep 60");
	output = run_neighbour(agent, "sidecar", "/tmp/out", "/tmp/link/below",
			       "ls -d /tmp/out/below");
	assert_string_equal(output, "/tmp/out/below\n");
	remove_container(agent, SOURCE);
}

static void test_unknown(void **state)
{
	NEEDS_AGENT(agent);
	_cleanup_free_ char *output = run_neighbour(agent, "nobody", "/x", "/y", "ls -d /y; true");

	assert_string_equal(output, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_share),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests_name("shared mounts", tests, agent_set_up_sandbox,
					   agent_tear_down);
}
