// SPDX-License-Identifier: Apache-2.0
/* Finding devices in a made-up sysfs, and waiting for those that appear later. */
#include <errno.h>
#include <pthread.h>

#include "agent/device/internal.h"
#include "agent/device/online.h"
#include "agent/device/pci_path.h"
#include "base/clock.h"
#include "base/strbuf.h"
#include "made_up_guest.h"

#define PATIENT_MS 10000

/* ---- asking -------------------------------------------------------------------------------------- */

typedef int wait_function(struct devices *devices, const char *what, char **found,
			  struct error **err);

/* The device is there, and this is the answer (of a node, without the guest's root). */
static void finds(const struct guest *guest, wait_function *wait, const char *what,
		  const char *expected)
{
	_cleanup_free_ char *found = NULL;
	struct error *err = NULL;
	const char *name;

	assert_ok(wait(guest->devices, what, &found, &err), err);
	name = slice_starts_with(slice_of(found), guest->root) ? found + strlen(guest->root)
							       : found;
	assert_string_equal(name, expected);
}

static void fails(const struct guest *guest, wait_function *wait, const char *what, int code,
		  const char *text)
{
	struct error *err = NULL;
	char *found = NULL;
	int ret = wait(guest->devices, what, &found, &err);

	assert_failed(ret, err, code, text);
	assert_null(found);
}

/* ---- PCI paths --------------------------------------------------------------------------------- */

static void test_pci_path_grammar(void **state)
{
	static const struct {
		const char *text;
		unsigned root_bus;
		size_t count;
		struct pci_slot last;
	} good[] = {
		{ "02", 0, 1, { 2, 0 } },	   { "2", 0, 1, { 2, 0 } },
		{ "02/01", 0, 2, { 1, 0 } },	   { "1f.7", 0, 1, { 0x1f, 7 } },
		{ "02/1F.3/0.0", 0, 3, { 0, 0 } }, { "20/00/01", 0x20, 2, { 1, 0 } },
		{ "ff/00/01", 0xff, 2, { 1, 0 } }, { "1f/00/01", 0, 3, { 1, 0 } },
	};
	static const char *const bad[] = {
		"",	    "/",	"02/",		"/02",	  "20",	    "20/01",
		"02.8",	    "02.",	".1",		"002",	  "0x2",    "g",
		"02//01",   "..",	"02 ",		"-1",	  "02.0.1", "fff/00/01",
		"20/20/01", "02/../01", "0000:00:02.0", "20/00/",
	};
	_cleanup_strbuf_ struct strbuf deep = STRBUF_INIT;
	struct error *err = NULL;
	struct pci_path path;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		const struct pci_slot *last;

		assert_ok(pci_path_parse(good[i].text, &path, &err), err);
		last = &path.slots[path.count - 1];
		assert_int_equal(path.root_bus, good[i].root_bus);
		assert_int_equal(path.count, good[i].count);
		assert_int_equal(last->slot, good[i].last.slot);
		assert_int_equal(last->function, good[i].last.function);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_failed(pci_path_parse(bad[i], &path, &err), err, -EINVAL, "is no PCI path");
	for (size_t i = 0; i < PCI_PATH_MAX; i++)
		strbuf_puts(&deep, "01/");
	strbuf_puts(&deep, "01");
	assert_failed(pci_path_parse(deep.data, &path, &err), err, -EINVAL, "too long");
	strbuf_fill(&deep, 'a', 1 << 20);
	assert_true(pci_path_parse(deep.data + 3 * PCI_PATH_MAX, &path, &err) < 0);
	assert_true(strlen(error_message(err)) < 200);
	error_free(err);
}

static void resolves_to(const struct guest *guest, const char *text, const char *expected)
{
	_cleanup_free_ char *device = NULL;
	struct error *err = NULL;
	struct pci_path path;

	assert_ok(pci_path_parse(text, &path, &err), err);
	assert_ok(pci_path_resolve(&path, guest->root, &device, &err), err);
	assert_string_equal(device, expected);
}

static void test_pci_path_follows_bridges(void **state)
{
	struct guest *guest = *state;

	make_bridge(guest);
	make_directories(guest, "/sys" BEHIND "/pci_bus/0000:07");
	resolves_to(guest, "05.1", "/devices/pci0000:00/0000:00:05.1");
	resolves_to(guest, "02/01", BEHIND);
	resolves_to(guest, "02/01/1f", BEHIND "/0000:07:1f.0");
}

static void test_pci_path_of_a_root_complex(void **state)
{
	struct guest *guest = *state;

	make_directories(guest, "/sys/devices/pci0000:20/0000:20:00.0/pci_bus/0000:21");
	resolves_to(guest, "20/00/01", "/devices/pci0000:20/0000:20:00.0/0000:21:01.0");
}

static void test_pci_path_below_a_platform_bridge(void **state)
{
	struct guest *guest = *state;
	const char *bus = "/sys/devices/platform/4010000000.pcie/pci0000:00";

	make_directories(guest, bus);
	resolves_to(guest, "03", "/devices/platform/4010000000.pcie/pci0000:00/0000:00:03.0");
	make_directories(guest, "/sys/devices/pci0000:00");
	resolves_to(guest, "03", "/devices/pci0000:00/0000:00:03.0");
}

/* ---- what is there ----------------------------------------------------------------------------- */

static void test_disk_at_a_pci_path(void **state)
{
	struct guest *guest = *state;

	make_bridge(guest);
	make_disk(guest, "/devices/pci0000:00/0000:00:03.0/virtio1/block/vdb");
	make_disk(guest, BRIDGE "/0000:01:02.0/virtio2/block/vdc");
	make_disk(guest, BEHIND "/virtio12/block/vda");
	finds(guest, devices_wait_pci_block, "02/01", "/dev/vda");
	finds(guest, devices_wait_pci_block, "3", "/dev/vdb");
	finds(guest, devices_wait_pci_block, "02/02", "/dev/vdc");
}

static void test_only_whole_virtio_disks_count(void **state)
{
	struct guest *guest = *state;

	make_bridge(guest);
	make_disk(guest, BEHIND "/virtio0/block/vda/vda1");
	make_disk(guest, BEHIND "/nvme/nvme0/nvme0n1");
	make_disk(guest, BEHIND "/virtiox/block/vdb");
	make_disk(guest, BEHIND "0/virtio0/block/vdc");
	fails(guest, devices_wait_pci_block, "02/01", -ETIMEDOUT,
	      "the device at " BEHIND " has no virtio disk");
}

static void test_errors_say_how_far_it_went(void **state)
{
	struct guest *guest = *state;

	fails(guest, devices_wait_pci_block, "02/01", -ETIMEDOUT, "no PCI bus 0000:00");
	make_directories(guest, "/sys" BRIDGE);
	fails(guest, devices_wait_pci_block, "02/01", -ETIMEDOUT, "no PCI bridge is at " BRIDGE);
	make_bridge(guest);
	fails(guest, devices_wait_pci_block, "02/01", -ETIMEDOUT,
	      "Timeout after 0s waiting for uevent of a disk at PCI path 02/01");
	fails(guest, devices_wait_pci_block, "02/01", -ETIMEDOUT, "no device is at " BEHIND);
	make_device(guest, "block", BEHIND "/virtio0/block/vda");
	fails(guest, devices_wait_pci_block, "02/01", -ETIMEDOUT, "/dev/vda: no such file");
	fails(guest, devices_wait_pci_block, "02/01", -ETIMEDOUT, "agent.hotplug_timeout");
	fails(guest, devices_wait_pci_block, "../../etc", -EINVAL, "is no PCI path");
}

static void test_disk_by_name(void **state)
{
	struct guest *guest = *state;

	make_disk(guest, "/devices/platform/a003e00.virtio_mmio/virtio3/block/vda");
	make_disk(guest,
		  "/devices/LNXSYSTM:00/ACPI0012:00/ndbus0/region0/namespace0.0/block/pmem0");
	finds(guest, devices_wait_mmio_block, "/dev/vda", "/dev/vda");
	finds(guest, devices_wait_pmem, "/dev/pmem0", "/dev/pmem0");
	fails(guest, devices_wait_mmio_block, "/dev/vd", -ETIMEDOUT, "no disk of that name");
	fails(guest, devices_wait_pmem, "/dev/pmem1", -ETIMEDOUT, "/dev/pmem1");
}

static void test_names_from_the_wire_stay_in_dev(void **state)
{
	static const char *const bad[] = { "",	       "vda",	      "/dev/",	     "/dev/../sda",
					   "/dev/a/b", "/etc/passwd", "/dev/vda\nx", "/dev/\xff",
					   "/dev" };
	struct guest *guest = *state;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		fails(guest, devices_wait_mmio_block, bad[i], -EINVAL, "is no disk of the guest");
		fails(guest, devices_wait_pmem, bad[i], -EINVAL, "is no disk of the guest");
	}
	fails(guest, devices_wait_pmem, "/dev/vda", -EINVAL, "is no disk of the guest");
	fails(guest, devices_wait_vfio_group, "../null", -EINVAL, "is no VFIO group");
}

#define SCSI BRIDGE "/virtio4/host6/target6:0:2/6:0:2"

static void test_scsi_disk(void **state)
{
	static const char *const bad[] = {
		"", "0", "0:", ":1", "0:1:2", "256:0", "0:16384", "a:b"
	};
	struct guest *guest = *state;

	make_disk(guest,
		  "/devices/pci0000:00/0000:00:1f.2/ata1/host0/target0:0:2/0:0:2:1/block/sda");
	make_disk(guest, SCSI ":1/block/sdb");
	make_disk(guest, SCSI ":11/block/sdc");
	finds(guest, devices_wait_scsi, "2:1", "/dev/sdb");
	finds(guest, devices_wait_scsi, "2:11", "/dev/sdc");
	fails(guest, devices_wait_scsi, "1:1", -ETIMEDOUT, "SCSI disk 1:1");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		fails(guest, devices_wait_scsi, bad[i], -EINVAL, "is no SCSI address");
}

static void test_scsi_hosts_are_asked_to_look(void **state)
{
	struct guest *guest = *state;
	_cleanup_free_ char *path = xasprintf("%s/sys/class/scsi_host/host6/scan", guest->root);
	_cleanup_free_ char *text = NULL;
	struct error *err = NULL;

	make_file(guest, "/sys/class/scsi_host/host6/scan", "");
	fails(guest, devices_wait_scsi, "2:1", -ETIMEDOUT, "no virtio-scsi adapter");
	assert_ok(file_read_all(path, 4096, &text, NULL, &err), err);
	assert_true(slice_starts_with(slice_of(text), "0 2 1"));
}

static void test_network_interface(void **state)
{
	struct guest *guest = *state;

	make_bridge(guest);
	make_device(guest, "class/net", "/devices/virtual/net/lo");
	make_device(guest, "class/net", BRIDGE "/0000:01:01.1/virtio0/net/eth1");
	make_device(guest, "class/net", BEHIND "/virtio1/net/eth0");
	finds(guest, devices_wait_pci_net, "02/01", "eth0");
	finds(guest, devices_wait_pci_net, "02/01.1", "eth1");
	fails(guest, devices_wait_pci_net, "02/02", -ETIMEDOUT, "no device is at");
	make_directories(guest, "/sys" BRIDGE "/0000:01:02.0");
	fails(guest, devices_wait_pci_net, "02/02", -ETIMEDOUT, "has no network interface");
}

static void test_passed_through_devices(void **state)
{
	struct guest *guest = *state;

	make_bridge(guest);
	make_directories(guest, "/sys" BEHIND);
	make_file(guest, "/dev/vfio/12", "");
	finds(guest, devices_wait_pci, "02/01", "0000:01:01.0");
	finds(guest, devices_wait_vfio_group, "12", "/dev/vfio/12");
	fails(guest, devices_wait_pci, "02/03", -ETIMEDOUT, "no device is at");
	fails(guest, devices_wait_vfio_group, "1", -ETIMEDOUT, "VFIO group 1");
}

/* ---- what comes late --------------------------------------------------------------------------- */

static void *plug_later(void *argument)
{
	const struct guest *guest = argument;

	clock_sleep_ms(20);
	make_bridge(guest);
	make_device(guest, "block", BEHIND "/virtio0/block/vda");
	clock_sleep_ms(20);
	make_file(guest, "/dev/vda", "");
	return NULL;
}

static void test_late_disk(void **state)
{
	struct guest *guest = *state;
	pthread_t thread;

	set_timeout(guest, PATIENT_MS);
	assert_int_equal(pthread_create(&thread, NULL, plug_later, guest), 0);
	finds(guest, devices_wait_pci_block, "02/01", "/dev/vda");
	pthread_join(thread, NULL);
}

static void *wait_in_vain(void *argument)
{
	struct guest *guest = argument;
	struct error *err = NULL;
	char *found = NULL;

	/* cmocka's assertions are for the main thread. */
	if (devices_wait_pci_block(guest->devices, "02/01", &found, &err) != -ESHUTDOWN)
		abort();
	error_free(err);
	return NULL;
}

static void test_end_does_not_wait(void **state)
{
	struct guest *guest = *state;
	int64_t begin = clock_now_ms();
	pthread_t thread;
	bool waits;

	set_timeout(guest, PATIENT_MS);
	assert_int_equal(pthread_create(&thread, NULL, wait_in_vain, guest), 0);
	do {
		pthread_mutex_lock(&guest->devices->lock);
		waits = guest->devices->users > 0;
		pthread_mutex_unlock(&guest->devices->lock);
	} while (!waits);
	devices_free(steal(guest->devices));
	pthread_join(thread, NULL);
	assert_true(clock_now_ms() - begin < PATIENT_MS);
}

/* ---- the kernel's messages --------------------------------------------------------------------- */

static void test_uevent(void **state)
{
	static const char message[] = "add@/devices/system/memory/memory32\0"
				      "ACTION=add\0DEVPATH=/devices/system/memory/memory32\0"
				      "SUBSYSTEM=memory\0SEQNUM=1234";
	static const char udev[] = "libudev\0\xfe\xed\xca\xfe";
	struct uevent event;

	(void)state;
	assert_true(uevent_parse(slice_make(message, sizeof(message)), &event));
	assert_slice_equal(event.action, "add");
	assert_slice_equal(event.subsystem, "memory");
	assert_slice_equal(event.path, "/devices/system/memory/memory32");
	assert_false(uevent_parse(slice_make(udev, sizeof(udev)), &event));
	assert_false(uevent_parse(slice_make("", 0), &event));
	for (size_t i = 0; i < sizeof(message); i++) {
		/* Of the exact size, so that the sanitizer sees a read behind the end. */
		_cleanup_free_ char *cut = xmalloc(i + 1);

		memcpy(cut, message, i);
		uevent_parse(slice_make(cut, i), &event);
	}
}

static void expect_text(const struct guest *guest, const char *path, const char *expected)
{
	_cleanup_free_ char *full = xasprintf("%s%s", guest->root, path);
	_cleanup_free_ char *text = NULL;
	struct error *err = NULL;

	assert_ok(file_read_all(full, 4096, &text, NULL, &err), err);
	assert_true(slice_starts_with(slice_of(text), expected));
}

static void test_memory_is_put_online(void **state)
{
	struct guest *guest = *state;
	_cleanup_free_ char *directory = path_join(guest->root, "memory");

	make_file(guest, "/memory/memory0/online", "1\n");
	make_file(guest, "/memory/memory32/online", "0\n");
	make_file(guest, "/memory/memory33/online", "0\n");
	make_file(guest, "/memory/memory/online", "0\n");
	make_file(guest, "/memory/memory3x/online", "0\n");
	make_directories(guest, "/memory/memory1");
	assert_int_equal(online_all(directory, "memory", 1), 1);
	assert_int_equal(online_all(directory, "memory", UINT32_MAX), 1);
	assert_int_equal(online_all(directory, "memory", UINT32_MAX), 0);
	expect_text(guest, "/memory/memory32/online", "1");
	expect_text(guest, "/memory/memory33/online", "1");
	expect_text(guest, "/memory/memory/online", "0");
	expect_text(guest, "/memory/memory3x/online", "0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pci_path_grammar),
		TEST(test_pci_path_follows_bridges),
		TEST(test_pci_path_of_a_root_complex),
		TEST(test_pci_path_below_a_platform_bridge),
		TEST(test_disk_at_a_pci_path),
		TEST(test_only_whole_virtio_disks_count),
		TEST(test_errors_say_how_far_it_went),
		TEST(test_disk_by_name),
		TEST(test_names_from_the_wire_stay_in_dev),
		TEST(test_scsi_disk),
		TEST(test_scsi_hosts_are_asked_to_look),
		TEST(test_network_interface),
		TEST(test_passed_through_devices),
		TEST(test_late_disk),
		TEST(test_end_does_not_wait),
		cmocka_unit_test(test_uevent),
		TEST(test_memory_is_put_online),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
