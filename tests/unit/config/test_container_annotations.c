// SPDX-License-Identifier: Apache-2.0
/* What annotations say of one container (spec/config.md 5.6). */
#include "annotation_fixture.h"

#include <errno.h>

#include "config/container_annotations.h"

#define CONTAINERD "io.kubernetes.cri.container-type"
#define CRI_O	   "io.kubernetes.cri-o.ContainerType"
#define DOCKERSHIM "io.kubernetes.docker.type"
#define SWAPPINESS "io.katacontainers.container.resource.swappiness"
#define SWAP	   "io.katacontainers.container.resource.swap_in_bytes"
#define EPC	   "sgx.intel.com/epc"
#define GO	   CONFIG_GO
#define RS	   CONFIG_RS

static void container_types(void **state)
{
	static const struct {
		const char *first, *first_value, *second, *second_value;
		const char *go, *rs; /* NULL: an error */
	} cases[] = {
		{ "x", "", "y", "", "single_container", "single_container" },
		{ CONTAINERD, "sandbox", "x", "", "pod_sandbox", "pod_sandbox" },
		{ CONTAINERD, "container", "x", "", "pod_container", "pod_container" },
		{ CRI_O, "sandbox", "x", "", "pod_sandbox", "pod_sandbox" },
		{ CRI_O, "container", "x", "", "pod_container", "pod_container" },
		{ DOCKERSHIM, "podsandbox", "x", "", "pod_sandbox", "pod_sandbox" },
		{ DOCKERSHIM, "container", "x", "", "pod_container", "pod_container" },
		{ CRI_O, "container", CONTAINERD, "sandbox", "pod_sandbox", "pod_container" },
		{ CONTAINERD, "pod", "x", "", NULL, "single_container" },
		{ CONTAINERD, "", "x", "", NULL, "single_container" },
		{ CONTAINERD, "pod", CRI_O, "sandbox", NULL, "pod_sandbox" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		for (int rs = 0; rs < 2; rs++) {
			const struct annotation items[] = {
				{ slice_of(cases[i].first), slice_of(cases[i].first_value) },
				{ slice_of(cases[i].second), slice_of(cases[i].second_value) },
			};
			const struct annotations all = { items, 2 };
			const char *expected = rs ? cases[i].rs : cases[i].go;
			enum container_type type;
			struct error *err = NULL;
			int ret = annotations_container_type(&all, rs ? RS : GO, &type, &err);

			if (!expected) {
				assert_failed(ret, err, -EINVAL, "Unknown container type ");
				continue;
			}
			assert_ok(ret, err);
			assert_string_equal(container_type_name(type), expected);
		}
}

static void sandbox_ids(void **state)
{
	static const struct annotation items[] = {
		ANNOTATION("io.kubernetes.sandbox.id", "docker"),
		ANNOTATION("io.kubernetes.cri-o.SandboxID", "crio"),
		ANNOTATION("io.kubernetes.cri.sandbox-id", "containerd"),
	};
	static const struct {
		size_t count;
		enum config_dialect dialect;
		const char *id;
	} cases[] = {
		{ 3, GO, "containerd" },
		{ 3, RS, "crio" },
		{ 2, GO, "crio" },
		{ 1, GO, "docker" },
	};
	struct slice id;
	struct error *err = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_ok(annotations_sandbox_id(&(struct annotations){ items, cases[i].count },
						 cases[i].dialect, &id, &err),
			  err);
		assert_slice_equal(id, cases[i].id);
	}
	assert_failed(annotations_sandbox_id(&(struct annotations){ 0 }, GO, &id, &err), err,
		      -ENOENT, "Could not find sandbox ID");
}

static void resources(void **state)
{
	static const struct {
		const char *name;
		enum config_dialect dialect;
		const char *value;
		int ret;
		uint64_t number;
		const char *message;
	} cases[] = {
		{ SWAPPINESS, GO, "60", 1, 60, NULL },
		{ SWAPPINESS, GO, "200", 1, 200, NULL },
		{ SWAPPINESS, GO, "0x3c", 1, 60, NULL },
		{ SWAPPINESS, GO, "074", 1, 60, NULL },
		{ SWAPPINESS, GO, "1_0", 1, 10, NULL },
		{ SWAPPINESS, GO, "201", -ERANGE, 0,
		  "Invalid container configuration Annotations " SWAPPINESS
		  " swapiness should not bigger than 200" },
		{ SWAPPINESS, GO, "x", -EINVAL, 0,
		  "Invalid container configuration Annotations " SWAPPINESS
		  " strconv.ParseUint: parsing \"x\": invalid syntax" },
		{ SWAPPINESS, GO, "99999999999999999999", -ERANGE, 0,
		  "strconv.ParseUint: parsing \"99999999999999999999\": value out of range" },
		{ SWAPPINESS, RS, " +100 ", 1, 100, NULL },
		{ SWAPPINESS, RS, "101", -ERANGE, 0, "101 greater than 100" },
		{ SWAPPINESS, RS, "0x3c", -EINVAL, 0, "parse u32 error" },
		{ SWAPPINESS, RS, "4294967296", -EINVAL, 0, "parse u32 error" },
		{ SWAP, GO, "0x40000000", 1, 1 << 30, NULL },
		{ SWAP, GO, "9223372036854775807", 1, INT64_MAX, NULL },
		{ SWAP, GO, "9223372036854775808", -ERANGE, 0, "value out of range" },
		{ SWAP, GO, "1G", -EINVAL, 0,
		  "Invalid container configuration Annotations " SWAP
		  " strconv.ParseUint: parsing \"1G\": invalid syntax" },
		{ EPC, GO, "64Mi", 1, 64 << 20, NULL },
		{ EPC, GO, "+1.5Ki", 1, 1536, NULL },
		{ EPC, GO, ".3Ki", 1, 308, NULL },
		{ EPC, GO, "0Ki", 1, 0, NULL },
		{ EPC, GO, "7Ei", 1, 7ULL << 60, NULL },
		{ EPC, GO, "8Ei", -ERANGE, 0, "Couldn't parse EPC '8Ei'" },
		{ EPC, GO, "99999999999999999999Ki", -ERANGE, 0, "Couldn't parse EPC" },
		{ EPC, GO, "-1Ki", -ERANGE, 0, "Couldn't parse EPC '-1Ki'" },
		{ EPC, GO, "1024", -EINVAL, 0,
		  "Unsupported EPC format '1024': use Ki | Mi | Gi | Ti | Pi | Ei as suffix" },
		{ EPC, GO, "64M", -EINVAL, 0, "Unsupported EPC format '64M'" },
		{ EPC, GO, "1e3", -EINVAL, 0, "Unsupported EPC format '1e3'" },
		{ EPC, GO, "", -EINVAL, 0, "Couldn't parse EPC ''" },
		{ EPC, GO, "Ki", -EINVAL, 0, "Couldn't parse EPC 'Ki'" },
		{ EPC, GO, "64MiB", -EINVAL, 0, "Couldn't parse EPC '64MiB'" },
		{ EPC, GO, "1e", -EINVAL, 0, "Couldn't parse EPC '1e'" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct annotation item = { slice_of(cases[i].name),
						 slice_of(cases[i].value) };
		const struct annotations one = { &item, 1 };
		struct error *err = NULL;
		uint64_t number = 0;
		int ret;

		if (strcmp(cases[i].name, SWAPPINESS) == 0)
			ret = annotations_swappiness(&one, cases[i].dialect, &number, &err);
		else if (strcmp(cases[i].name, SWAP) == 0)
			ret = annotations_swap_bytes(&one, &number, &err);
		else
			ret = annotations_epc_bytes(&one, &number, &err);
		if (cases[i].message) {
			assert_failed(ret, err, cases[i].ret, cases[i].message);
			continue;
		}
		assert_ok(ret, err);
		assert_int_equal(ret, cases[i].ret);
		assert_true(number == cases[i].number);
	}
}

static void nothing_is_said(void **state)
{
	const struct annotations none = { 0 };
	struct error *err = NULL;
	uint64_t number;

	(void)state;
	assert_int_equal(annotations_swappiness(&none, GO, &number, &err), 0);
	assert_int_equal(annotations_swap_bytes(&none, &number, &err), 0);
	assert_int_equal(annotations_epc_bytes(&none, &number, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(container_types),
		cmocka_unit_test(sandbox_ids),
		cmocka_unit_test(resources),
		cmocka_unit_test(nothing_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
