// SPDX-License-Identifier: Apache-2.0
/* Devices of a request: what becomes of the container's spec, in a made-up guest. */
#include <errno.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "agent/device/request.h"
#include "made_up_guest.h"
#include "proto/message.h"

/* ---- a request --------------------------------------------------------------------------------- */

/* A spec of its own, as a container has one: unpacked. */
static Grpc__Spec *make_spec(const Grpc__Spec *from)
{
	_cleanup_strbuf_ struct strbuf bytes = STRBUF_INIT;
	struct error *err = NULL;
	Grpc__Spec *spec = NULL;

	proto_pack(&from->base, &bytes);
	assert_ok(proto_unpack(&grpc__spec__descriptor, strbuf_view(&bytes), &spec, &err), err);
	return spec;
}

/* Two disks with the host's numbers, a character device of the same, and rules for all three. */
static Grpc__Spec *spec_with_nodes(void)
{
	static char data[] = "/dev/data", more[] = "/dev/more", dev[] = "/dev/control";
	static char block[] = "b", character[] = "c", all[] = "rwm", read[] = "r";
	Grpc__LinuxDevice nodes[3], *node_list[3];
	Grpc__LinuxDeviceCgroup rules[3], *rule_list[3];
	Grpc__LinuxResources resources = GRPC__LINUX_RESOURCES__INIT;
	Grpc__Linux settings = GRPC__LINUX__INIT;
	Grpc__Spec spec = GRPC__SPEC__INIT;
	char *paths[] = { data, more, dev };

	for (size_t i = 0; i < 3; i++) {
		grpc__linux_device__init(&nodes[i]);
		nodes[i].path = paths[i];
		nodes[i].type = i == 2 ? character : block;
		nodes[i].major = 8;
		nodes[i].minor = i == 1 ? 16 : 0;
		node_list[i] = &nodes[i];
		grpc__linux_device_cgroup__init(&rules[i]);
		rules[i].allow = true;
		rules[i].type = nodes[i].type;
		rules[i].major = nodes[i].major;
		rules[i].minor = nodes[i].minor;
		rules[i].access = i == 0 ? read : all;
		rule_list[i] = &rules[i];
	}
	resources.devices = rule_list;
	resources.n_devices = 3;
	settings.resources = &resources;
	settings.devices = node_list;
	settings.n_devices = 3;
	spec.linux = &settings;
	return make_spec(&spec);
}

static Grpc__Device device(const char *type, const char *id, const char *vm_path,
			   const char *container_path)
{
	Grpc__Device given = GRPC__DEVICE__INIT;

	given.type = (char *)type;
	given.id = (char *)id;
	given.vm_path = (char *)vm_path;
	given.container_path = (char *)container_path;
	return given;
}

static int give(const struct guest *guest, Grpc__Device *list, size_t count, Grpc__Spec *spec,
		struct pci_addresses *addresses, struct error **err)
{
	Grpc__Device *pointers[4];

	for (size_t i = 0; i < count; i++)
		pointers[i] = &list[i];
	return devices_give(guest->devices, pointers, count, spec, addresses, err);
}

static void refuses(const struct guest *guest, Grpc__Device *list, size_t count, int code,
		    const char *text)
{
	_cleanup_proto_ Grpc__Spec *spec = spec_with_nodes();
	struct pci_addresses addresses = { 0 };
	struct error *err = NULL;
	int ret = give(guest, list, count, spec, &addresses, &err);

	assert_failed(ret, err, code, text);
	pci_addresses_release(&addresses);
}

/* A disk with a real node. False where none can be made. */
static bool make_numbered(const struct guest *guest, const char *path, mode_t type, unsigned major,
			  unsigned minor)
{
	_cleanup_free_ char *node = xasprintf("%s%s", guest->root, path);
	_cleanup_free_ char *parent = path_directory(node);
	struct error *err = NULL;

	assert_ok(directory_make_all(parent, 0755, &err), err);
	return mknod(node, type | 0600, makedev(major, minor)) == 0;
}

#define NEEDS_NODES(made)                                        \
	do {                                                     \
		if (!(made)) {                                   \
			print_message("cannot make a device\n"); \
			skip();                                  \
		}                                                \
	} while (0)

static void node_is(const Grpc__LinuxDevice *node, const char *path, const char *type, int major,
		    int minor)
{
	assert_string_equal(node->path, path);
	assert_string_equal(node->type, type);
	assert_int_equal(node->major, major);
	assert_int_equal(node->minor, minor);
}

static void rule_is(const Grpc__LinuxDeviceCgroup *rule, const char *type, int major, int minor,
		    const char *access)
{
	assert_true(rule->allow);
	assert_string_equal(rule->type, type);
	assert_int_equal(rule->major, major);
	assert_int_equal(rule->minor, minor);
	assert_string_equal(rule->access, access);
}

/* ---- disks ------------------------------------------------------------------------------------- */

/* Their nodes are those of /dev/null and /dev/zero: what they are is the kernel's business, not the agent's. */
static void make_disks(const struct guest *guest)
{
	make_bridge(guest);
	make_device(guest, "block", BEHIND "/virtio0/block/vda");
	make_device(guest, "block",
		    BRIDGE "/0000:01:02.0/virtio1/host0/target0:0:1/0:0:1:3/block/sda");
}

static void test_numbers_become_the_guests(void **state)
{
	struct guest *guest = *state;
	_cleanup_proto_ Grpc__Spec *spec = spec_with_nodes();
	Grpc__Device list[] = { device("blk", "02/01", "", "/dev/data"),
				device("scsi", "1:3", "", "/dev/more") };
	struct pci_addresses addresses = { 0 };
	struct error *err = NULL;
	Grpc__LinuxResources *resources;

	make_disks(guest);
	NEEDS_NODES(make_numbered(guest, "/dev/vda", S_IFCHR, 1, 3) &&
		    make_numbered(guest, "/dev/sda", S_IFCHR, 1, 5));
	assert_ok(give(guest, list, ARRAY_SIZE(list), spec, &addresses, &err), err);
	assert_int_equal(spec->linux->n_devices, 3);
	node_is(spec->linux->devices[0], "/dev/data", "c", 1, 3);
	node_is(spec->linux->devices[1], "/dev/more", "c", 1, 5);
	node_is(spec->linux->devices[2], "/dev/control", "c", 8, 0);
	resources = spec->linux->resources;
	assert_int_equal(resources->n_devices, 5);
	rule_is(resources->devices[0], "c", 1, 3, "r");
	rule_is(resources->devices[1], "c", 1, 5, "rwm");
	rule_is(resources->devices[2], "c", 8, 0, "rwm");
	rule_is(resources->devices[3], "c", 1, 3, "rwm");
	rule_is(resources->devices[4], "c", 1, 5, "rwm");
	assert_int_equal(addresses.count, 0);
}

static void test_without_resources_there_are_no_rules(void **state)
{
	struct guest *guest = *state;
	_cleanup_proto_ Grpc__Spec *spec = spec_with_nodes();
	Grpc__Device list[] = { device("mmioblk", "", "/dev/vda", "/dev/more") };
	struct pci_addresses addresses = { 0 };
	struct error *err = NULL;

	make_disks(guest);
	NEEDS_NODES(make_numbered(guest, "/dev/vda", S_IFCHR, 1, 3));
	proto_free(spec->linux->resources);
	spec->linux->resources = NULL;
	assert_ok(give(guest, list, ARRAY_SIZE(list), spec, &addresses, &err), err);
	node_is(spec->linux->devices[1], "/dev/more", "c", 1, 3);
	assert_null(spec->linux->resources);
}

static void test_refused_devices(void **state)
{
	struct guest *guest = *state;
	struct {
		Grpc__Device device;
		int code;
		const char *text;
	} cases[] = {
		{ device("", "02", "", "/dev/x"), -EINVAL, "invalid type for device" },
		{ device("blk", "", "", "/dev/x"), -EINVAL, "invalid ID and VM path for device" },
		{ device("blk", "02", "", ""), -EINVAL, "invalid container path for device" },
		{ device("tape", "02", "", "/dev/x"), -ENOTSUP,
		  "Failed to find the device handler tape" },
		{ device("blk-ccw", "0.0.0005", "", "/dev/x"), -ENOTSUP,
		  "Failed to find the device handler blk-ccw; devices of that kind are s390x's" },
		{ device("vfio-ap", "x", "", "/dev/x"), -ENOTSUP, "s390x" },
		{ device("nvdimm", "x", "", "/dev/x"), -EINVAL, "Invalid path for nvdimm device" },
		{ device("blk", "02/01", "", "/dev/data"), -ETIMEDOUT, "Timeout after" },
		{ device("mmioblk", "", "/etc/passwd", "/dev/data"), -EINVAL, "is no disk" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		refuses(guest, &cases[i].device, 1, cases[i].code, cases[i].text);
}

static void test_node_that_is_none(void **state)
{
	struct guest *guest = *state;
	Grpc__Device list[] = { device("blk", "02/01", "", "/dev/data") };

	make_bridge(guest);
	make_disk(guest, BEHIND "/virtio0/block/vda");
	refuses(guest, list, 1, -ENODEV, "is no device node");
}

static void test_spec_must_have_the_node_once(void **state)
{
	struct guest *guest = *state;
	Grpc__Device missing[] = { device("blk", "02/01", "", "/dev/other") };
	Grpc__Device twice[] = { device("blk", "02/01", "", "/dev/data"),
				 device("scsi", "1:3", "", "/dev/data") };

	make_disks(guest);
	NEEDS_NODES(make_numbered(guest, "/dev/vda", S_IFCHR, 1, 3) &&
		    make_numbered(guest, "/dev/sda", S_IFCHR, 1, 5));
	refuses(guest, missing, 1, -EINVAL, "Missing devices in OCI spec: /dev/other");
	refuses(guest, twice, 2, -EINVAL, "Conflicting device updates for /dev/data");
}

/* An error is not as long as the request. */
static void test_long_texts(void **state)
{
	struct guest *guest = *state;
	_cleanup_free_ char *text = xcalloc(1, 1 << 20);
	Grpc__Device cases[] = {
		device(text, "1", "", "/dev/data"),
		device("blk", text, "", "/dev/data"),
		device("mmioblk", "", text, "/dev/data"),
		device("blk", "1", "", text),
	};

	memset(text, 'a', (1 << 20) - 1);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		refuses(guest, &cases[i], 1, -ENAMETOOLONG, "is too long");
}

/* ---- devices that are passed through ----------------------------------------------------------- */

static void make_link(const struct guest *guest, const char *path, const char *target)
{
	_cleanup_free_ char *link = xasprintf("%s%s", guest->root, path);
	_cleanup_free_ char *parent = path_directory(link);
	struct error *err = NULL;

	assert_ok(directory_make_all(parent, 0755, &err), err);
	assert_int_equal(symlink(target, link), 0);
}

/* A device at PCI path 02/SLOT in this IOMMU group, and files that take orders. */
static void make_passed_through(const struct guest *guest, const char *slot, const char *group)
{
	_cleanup_free_ char *address = xasprintf("0000:01:%s.0", slot);
	_cleanup_free_ char *path = xasprintf("/sys" BRIDGE "/%s", address);
	_cleanup_free_ char *link = xasprintf("/sys/bus/pci/devices/%s", address);
	_cleanup_free_ char *target = xasprintf("%s%s", guest->root, path);
	_cleanup_free_ char *override = xasprintf("%s/driver_override", path);
	_cleanup_free_ char *group_link = xasprintf("%s/iommu_group", path);

	make_file(guest, override, "");
	make_link(guest, link, target);
	if (group)
		make_link(guest, group_link, group);
	make_file(guest, "/sys/bus/pci/drivers_probe", "");
}

static void file_says(const struct guest *guest, const char *path, const char *expected)
{
	_cleanup_free_ char *full = xasprintf("%s%s", guest->root, path);
	_cleanup_free_ char *text = NULL;
	struct error *err = NULL;

	assert_ok(file_read_all(full, 4096, &text, NULL, &err), err);
	assert_string_equal(text, expected);
}

static void test_device_for_a_driver_in_the_container(void **state)
{
	static char option[] = "0000:3b:00.0=02/01", elsewhere[] = "0000:3b:00.1=";
	char *options[] = { option, elsewhere };
	struct guest *guest = *state;
	_cleanup_proto_ Grpc__Spec *spec = spec_with_nodes();
	Grpc__Device list[] = { device("vfio-pci", "vfio1", "", "/dev/control") };
	struct pci_addresses addresses = { 0 };
	struct error *err = NULL;

	make_bridge(guest);
	make_passed_through(guest, "01", "../../kernel/iommu_groups/7");
	make_file(guest, "/drivers/old/unbind", "");
	make_link(guest, "/sys" BEHIND "/driver", "../../../../../drivers/old");
	NEEDS_NODES(make_numbered(guest, "/dev/vfio/7", S_IFCHR, 1, 3) &&
		    make_numbered(guest, "/dev/infiniband/uverbs0", S_IFCHR, 1, 7));
	list[0].options = options;
	list[0].n_options = ARRAY_SIZE(options);
	assert_ok(give(guest, list, 1, spec, &addresses, &err), err);
	file_says(guest, "/sys" BEHIND "/driver_override", "vfio-pci");
	file_says(guest, "/drivers/old/unbind", "0000:01:01.0");
	file_says(guest, "/sys/bus/pci/drivers_probe", "0000:01:01.0");
	assert_int_equal(spec->linux->n_devices, 4);
	assert_true(slice_ends_with(slice_of(spec->linux->devices[2]->path), "/dev/vfio/7"));
	assert_int_equal(spec->linux->devices[2]->minor, 3);
	node_is(spec->linux->devices[3], "/dev/infiniband/uverbs0", "c", 1, 7);
	assert_int_equal(spec->linux->resources->n_devices, 5);
	assert_int_equal(addresses.count, 1);
	pci_addresses_release(&addresses);
}

static void test_group_of_a_device(void **state)
{
	static char first[] = "0000:3b:00.0=02/01", second[] = "0000:3b:00.1=02/02";
	static char third[] = "0000:3b:00.2=02/03";
	char *two[] = { first, second }, *none[] = { third };
	struct guest *guest = *state;
	Grpc__Device list[] = { device("vfio-pci", "vfio1", "", "/dev/control") };

	make_bridge(guest);
	make_passed_through(guest, "01", "../../kernel/iommu_groups/7");
	make_passed_through(guest, "02", "../../kernel/iommu_groups/8");
	make_passed_through(guest, "03", NULL);
	refuses(guest, list, 1, -EINVAL, "failed to get VFIO group");
	list[0].options = two;
	list[0].n_options = 2;
	refuses(guest, list, 1, -EINVAL, "0000:01:02.0 is not in guest IOMMU group 7");
	list[0].options = none;
	list[0].n_options = 1;
	refuses(guest, list, 1, -ENODEV, "0000:01:03.0 has no IOMMU group");
}

static void test_malformed_options(void **state)
{
	static const char *const bad[] = { "", "0000:3b:00.0", "3b:00.0=02", "=02",
					   "../../../x:y=02" };
	struct guest *guest = *state;
	Grpc__Device list[] = { device("vfio-pci-gk", "vfio1", "", "/dev/control") };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char *option = (char *)bad[i];

		list[0].options = &option;
		list[0].n_options = 1;
		refuses(guest, list, 1, -EINVAL, "Malformed VFIO PCI option");
	}
}

/* Each device adds to what is known; the spec needs no node for them. */
static void test_devices_for_the_guests_kernel(void **state)
{
	static char first[] = "0000:3b:00.0=02/01", second[] = "0000:AF:00.1=02/02";
	static char list_variable[] = "PCIDEVICE_NIC=0000:3b:00.0,0000:af:00.1";
	static char info_variable[] = "PCIDEVICE_NIC_INFO={\"0000:3b:00.0\":{}}";
	char *options[] = { first, second }, *env[] = { list_variable, info_variable };
	struct guest *guest = *state;
	Grpc__Device list[] = { device("vfio-pci-gk", "vfio1", "", "/dev/none"),
				device("vfio-pci-gk", "vfio2", "", "/dev/none") };
	Grpc__Process process = GRPC__PROCESS__INIT;
	Grpc__Spec plain = GRPC__SPEC__INIT;
	_cleanup_proto_ Grpc__Spec *spec = NULL;
	struct pci_addresses addresses = { 0 };
	struct error *err = NULL;

	make_bridge(guest);
	make_passed_through(guest, "01", NULL);
	make_passed_through(guest, "02", NULL);
	process.env = env;
	process.n_env = ARRAY_SIZE(env);
	plain.process = &process;
	spec = make_spec(&plain);
	for (size_t i = 0; i < 2; i++) {
		list[i].options = &options[i];
		list[i].n_options = 1;
	}
	assert_ok(give(guest, list, 2, spec, &addresses, &err), err);
	assert_string_equal(spec->process->env[0], "PCIDEVICE_NIC=0000:01:01.0,0000:01:02.0");
	assert_string_equal(spec->process->env[1], "PCIDEVICE_NIC_INFO={\"0000:01:01.0\":{}}");
	pci_addresses_release(&addresses);
}

/* ---- CDI --------------------------------------------------------------------------------------- */

static void test_cdi(void **state)
{
	static char cdi[] = "cdi.k8s.io/vfio16", name[] = "nvidia.com/gpu=0";
	static char kind[] = "io.katacontainers.pkg.oci.container_type", pod[] = "pod_sandbox";
	Grpc__Spec__AnnotationsEntry entries[2], *list[] = { &entries[0], &entries[1] };
	Grpc__Spec spec = GRPC__SPEC__INIT;
	struct error *err = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++)
		grpc__spec__annotations_entry__init(&entries[i]);
	entries[0].key = cdi;
	entries[0].value = name;
	entries[1].key = kind;
	entries[1].value = pod;
	spec.annotations = list;
	assert_ok(devices_check_cdi(&spec, &err), err);
	spec.n_annotations = 1;
	assert_failed(devices_check_cdi(&spec, &err), err, -ENOTSUP, name);
	spec.n_annotations = 2; /* the pod's own container uses none */
	assert_ok(devices_check_cdi(&spec, &err), err);
}

/* ---- the environment --------------------------------------------------------------------------- */

static void test_environment(void **state)
{
	static const struct {
		const char *before, *after;
	} cases[] = {
		{ "PATH=/bin", "PATH=/bin" },
		{ "X=0000:3b:00.0", "X=0000:3b:00.0" },
		{ "PCIDEVICE_A=0000:3b:00.0", "PCIDEVICE_A=0000:01:00.0" },
		{ "PCIDEVICE_A=0000:01:00.0,0000:3B:00.0",
		  "PCIDEVICE_A=0000:02:00.0,0000:01:00.0" },
		{ "PCIDEVICE_A=0000:3b:00.0,0000:99:00.0",
		  "PCIDEVICE_A=0000:3b:00.0,0000:99:00.0" },
		{ "PCIDEVICE_A=", "PCIDEVICE_A=" },
		{ "PCIDEVICE_A=eth0", "PCIDEVICE_A=eth0" },
		/* What has been replaced is not replaced again. */
		{ "PCIDEVICE_A_INFO={\"a\":\"0000:3b:00.0\",\"b\":\"0000:01:00.0\"}",
		  "PCIDEVICE_A_INFO={\"a\":\"0000:01:00.0\",\"b\":\"0000:02:00.0\"}" },
		{ "PCIDEVICE_A_INFO=10000:3b:00.0 0000:3b:00.00 x",
		  "PCIDEVICE_A_INFO=10000:3b:00.0 0000:3b:00.00 x" },
		{ "PCIDEVICE_A_INFO=", "PCIDEVICE_A_INFO=" },
	};
	struct pci_addresses addresses = { 0 };
	struct error *err = NULL;
	char *malformed = xstrdup("NOTHING");

	(void)state;
	assert_ok(pci_addresses_rewrite(&addresses, &malformed, 1, &err), err);
	pci_addresses_add(&addresses, "0000:3b:00.0", "0000:ff:00.0");
	pci_addresses_add(&addresses, "0000:01:00.0", "0000:02:00.0");
	pci_addresses_add(&addresses, "0000:3b:00.0", "0000:01:00.0");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *entry = xstrdup(cases[i].before);

		assert_ok(pci_addresses_rewrite(&addresses, &entry, 1, &err), err);
		assert_string_equal(entry, cases[i].after);
		free(entry);
	}
	assert_failed(pci_addresses_rewrite(&addresses, &malformed, 1, &err), err, -EINVAL,
		      "Malformed OCI env entry \"NOTHING\"");
	free(malformed);
	pci_addresses_release(&addresses);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_numbers_become_the_guests),
		TEST(test_without_resources_there_are_no_rules),
		TEST(test_refused_devices),
		TEST(test_node_that_is_none),
		TEST(test_spec_must_have_the_node_once),
		TEST(test_long_texts),
		TEST(test_device_for_a_driver_in_the_container),
		TEST(test_group_of_a_device),
		TEST(test_malformed_options),
		TEST(test_devices_for_the_guests_kernel),
		cmocka_unit_test(test_cdi),
		cmocka_unit_test(test_environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
