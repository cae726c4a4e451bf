// SPDX-License-Identifier: Apache-2.0
/* Storages of sandbox and containers, seen from inside the guest; and the paths that they do not reach. */
#include "fixture.h"

#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/clock.h"
#include "base/path.h"

#define BASE   "/run/kata-containers/"
#define VOLUME BASE "sandbox/ephemeral/v1"

/* ---- requests ---------------------------------------------------------------------------------- */

#define MAX_STORAGES 4
#define MAX_OPTIONS  6

struct request {
	Grpc__CreateContainerRequest message;
	Grpc__Storage storages[MAX_STORAGES], *list[MAX_STORAGES];
	char *options[MAX_STORAGES][MAX_OPTIONS];
};

/* A container that runs the script; its storages are added. */
static void request_init(struct request *request, struct agent *agent, const char *script)
{
	static char id[] = "kata-test-s1";

	grpc__create_container_request__init(&request->message);
	request->message.container_id = request->message.exec_id = id;
	request->message.oci = shell_spec(agent, script);
	request->message.storages = request->list;
}

static Grpc__Storage *add_storage(struct request *request, const char *driver, const char *source,
				  const char *type, const char *mount_point)
{
	size_t i = request->message.n_storages++;
	Grpc__Storage *storage = &request->storages[i];

	grpc__storage__init(storage);
	storage->driver = (char *)driver;
	storage->source = (char *)source;
	storage->fstype = (char *)type;
	storage->mount_point = (char *)mount_point;
	storage->options = request->options[i];
	request->list[i] = storage;
	return storage;
}

static void add_option(Grpc__Storage *storage, const char *option)
{
	storage->options[storage->n_options++] = (char *)option;
}

static void create(struct agent *agent, const struct request *request)
{
	agent_call(agent, "CreateContainer", &request->message, NULL);
}

static void create_fails(struct agent *agent, const struct request *request, const char *text)
{
	agent_call_fails(agent, "CreateContainer", &request->message, TTRPC_INTERNAL, text);
}

/* ---- facts about the guest --------------------------------------------------------------------- */

static bool guest_has(const struct agent *agent, const char *path)
{
	_cleanup_free_ char *where = agent_guest_path(agent, path);

	return path_exists(where);
}

static struct stat guest_stat(const struct agent *agent, const char *path)
{
	_cleanup_free_ char *where = agent_guest_path(agent, path);
	struct stat status;

	assert_int_equal(stat(where, &status), 0);
	return status;
}

/* How many mounts the guest has at the path. */
static unsigned count_mounts(const struct agent *agent, const char *path)
{
	_cleanup_free_ char *file = xasprintf("/proc/%d/mounts", agent->holder);
	_cleanup_free_ char *text = NULL, *word = xasprintf(" %s ", path);
	struct error *err = NULL;
	unsigned count = 0;

	assert_ok(file_read_all(file, 1u << 20, &text, NULL, &err), err);
	for (const char *at = text; (at = strstr(at, word)); at++)
		count++;
	return count;
}

static void make_file(const struct agent *agent, const char *path, const char *content)
{
	_cleanup_free_ char *where = agent_guest_path(agent, path);
	_cleanup_free_ char *directory = path_directory(where);
	struct error *err = NULL;

	assert_ok(directory_make_all(directory, 0755, &err), err);
	assert_ok(file_replace(where, content, strlen(content), 0644, &err), err);
}

/* ---- tests ------------------------------------------------------------------------------------- */

static void test_ephemeral(void **state)
{
	NEEDS_AGENT(agent);
	struct request request = { 0 };
	Grpc__Storage *storage;
	struct stat status;

	request_init(&request, agent, "true");
	storage = add_storage(&request, "ephemeral", "tmpfs", "tmpfs", VOLUME);
	add_option(storage, "fsgid=1234");
	add_option(storage, "size=64k");
	add_option(storage, "noexec");
	create(agent, &request);
	assert_int_equal(count_mounts(agent, VOLUME), 1);
	status = guest_stat(agent, VOLUME);
	assert_int_equal(status.st_gid, 1234);
	assert_int_equal(status.st_mode & 07777, 03777);
	/* It outlives the container, and is not mounted twice. */
	make_file(agent, VOLUME "/file", "x");
	remove_container(agent, "kata-test-s1");
	create(agent, &request);
	remove_container(agent, "kata-test-s1");
	assert_true(guest_has(agent, VOLUME "/file"));
	assert_int_equal(count_mounts(agent, VOLUME), 1);
}

static void test_resize(void **state)
{
	static char remount[] = "remount", size[] = "size=2M", group[] = "fsgid=7";
	NEEDS_AGENT(agent);
	_cleanup_free_ char *where = agent_guest_path(agent, VOLUME);
	Grpc__UpdateEphemeralMountsRequest update = GRPC__UPDATE_EPHEMERAL_MOUNTS_REQUEST__INIT;
	struct request request = { 0 };
	Grpc__Storage *storage;
	struct statvfs fs;

	request_init(&request, agent, "true");
	storage = add_storage(&request, "ephemeral", "tmpfs", "tmpfs", VOLUME);
	add_option(storage, "noexec");
	create(agent, &request);
	remove_container(agent, "kata-test-s1");
	storage->n_options = 0;
	add_option(storage, remount);
	add_option(storage, size);
	add_option(storage, group);
	update.storages = request.list;
	update.n_storages = 1;
	agent_call(agent, "UpdateEphemeralMounts", &update, NULL);
	assert_int_equal(statvfs(where, &fs), 0);
	assert_int_equal(fs.f_blocks * fs.f_bsize, 2 << 20);
	assert_true(fs.f_flag & ST_NOEXEC); /* as it was */
	storage->driver = (char *)"local";
	agent_call_fails(agent, "UpdateEphemeralMounts", &update, TTRPC_INTERNAL,
			 "Failed to update mounts: Unsupported storage type for syncing mounts "
			 "local. Only ephemeral storage update is supported");
}

static void test_local(void **state)
{
	static const char path[] = BASE "shared/containers/s1/rootfs/local/v";
	NEEDS_AGENT(agent);
	struct request request = { 0 };
	Grpc__Storage *storage;
	struct stat status;

	request_init(&request, agent, "true");
	storage = add_storage(&request, "local", "local", "local", path);
	add_option(storage, "mode=0770");
	add_option(storage, "fsgid=99");
	create(agent, &request);
	status = guest_stat(agent, path);
	assert_int_equal(status.st_mode, S_IFDIR | 02770);
	assert_int_equal(status.st_gid, 99);
	make_file(agent, BASE "shared/containers/s1/rootfs/local/v/kept", "x");
	remove_container(agent, "kata-test-s1");
	assert_true(guest_has(agent, BASE "shared/containers/s1/rootfs/local/v/kept"));
	storage->options[0] = (char *)"mode=rwx";
	create_fails(agent, &request, "mode=rwx is no octal mode");
}

/* One mount for two containers, gone with the second. */
static void test_counts(void **state)
{
	static const char point[] = BASE "sandbox/storage/c291cmNl";
	static char second[] = "kata-test-s2";
	NEEDS_AGENT(agent);
	struct request request = { 0 };
	Grpc__Storage *storage;

	make_file(agent, BASE "shared/data/file", "x");
	request_init(&request, agent, "true");
	storage = add_storage(&request, "bind", BASE "shared/data", "bind", point);
	add_option(storage, "ro");
	create(agent, &request);
	request.message.container_id = second;
	create(agent, &request);
	assert_int_equal(count_mounts(agent, point), 1);
	assert_true(guest_has(agent, BASE "sandbox/storage/c291cmNl/file"));
	remove_container(agent, "kata-test-s1");
	assert_int_equal(count_mounts(agent, point), 1);
	remove_container(agent, "kata-test-s2");
	assert_int_equal(count_mounts(agent, point), 0);
	assert_false(guest_has(agent, point));
	assert_true(guest_has(agent, BASE "shared/data/file"));
}

static void test_shared(void **state)
{
	static const char point[] = BASE "sandbox/storage/shared";
	NEEDS_AGENT(agent);
	struct request request = { 0 };

	request_init(&request, agent, "true");
	add_storage(&request, "bind", "/tmp", "bind", point)->shared = true;
	create(agent, &request);
	remove_container(agent, "kata-test-s1");
	create(agent, &request);
	remove_container(agent, "kata-test-s1");
	assert_int_equal(count_mounts(agent, point), 1);
}

/* What a request has set up before something of it failed is undone, whatever failed. */
static void test_undo(void **state)
{
	static const char point[] = BASE "sandbox/storage/undone";
	static char nothing[] = "/nothing/there";
	NEEDS_AGENT(agent);
	struct request request = { 0 };

	request_init(&request, agent, "true");
	add_storage(&request, "bind", "/tmp", "bind", point);
	add_storage(&request, "tape", "/dev/st0", "", BASE "sandbox/storage/tape");
	create_fails(agent, &request, "Failed to find the storage handler tape");
	add_option(&request.storages[1], "X-kata.multi-layer=true");
	create_fails(agent, &request, "several EROFS images");
	assert_int_equal(count_mounts(agent, point), 0);
	request.message.n_storages = 1;
	request.message.oci->root->path = nothing;
	create_fails(agent, &request, nothing);
	assert_int_equal(count_mounts(agent, point), 0);
	assert_false(guest_has(agent, point));
}

/* The root file system is a storage, which is mounted at the bundle's rootfs; its layers are the host's. */
static void test_overlay(void **state)
{
	static const char point[] = BASE "kata-test-s1/rootfs";
	NEEDS_AGENT(agent);
	_cleanup_free_ char *lower = xasprintf("lowerdir=%s", agent->rootfs), *output = NULL;
	struct request request = { 0 };
	Grpc__Storage *storage;

	/* The upper layer must not lie on an overlay of the machine's own, and does not: /run is a tmpfs. */
	request_init(&request, agent, "touch /made && ls -d /made");
	request.message.oci->root->path = (char *)point;
	storage = add_storage(&request, "overlayfs", "none", "fuse3.kata", point);
	add_option(storage, lower);
	add_option(storage, "io.katacontainers.fs-opt.layer=abc");
	add_option(storage, "io.katacontainers.fs-opt.overlay-rw");
	create(agent, &request);
	start_container(agent, "kata-test-s1");
	output = read_all(agent, "ReadStdout", "kata-test-s1", "");
	assert_string_equal(output, "/made\n");
	assert_int_equal(wait_process(agent, "kata-test-s1", ""), 0);
	assert_true(guest_has(agent, BASE "kata-test-s1/upper/made"));
	remove_container(agent, "kata-test-s1");
	assert_int_equal(count_mounts(agent, point), 0);
	assert_false(guest_has(agent, BASE "kata-test-s1"));
}

static void test_group(void **state)
{
	static const char point[] = BASE "sandbox/storage/group", file[] = BASE "shared/g/sub/file";
	NEEDS_AGENT(agent);
	Grpc__FSGroup group = GRPC__FSGROUP__INIT;
	struct request request = { 0 };
	struct stat status;

	make_file(agent, file, "x");
	group.group_id = 4321;
	request_init(&request, agent, "true");
	add_storage(&request, "bind", BASE "shared/g", "bind", point)->fs_group = &group;
	create(agent, &request);
	remove_container(agent, "kata-test-s1");
	status = guest_stat(agent, file);
	assert_int_equal(status.st_gid, 4321);
	assert_int_equal(status.st_mode & 07777, 0664);
	status = guest_stat(agent, BASE "shared/g/sub");
	assert_int_equal(status.st_gid, 4321);
	assert_int_equal(status.st_mode & 07777, 02775);
	/* The top looks right, and that is enough for the other policy. */
	make_file(agent, file, "y");
	group.group_change_policy = TYPES__FSGROUP_CHANGE_POLICY__OnRootMismatch;
	create(agent, &request);
	remove_container(agent, "kata-test-s1");
	assert_int_equal(guest_stat(agent, file).st_mode & 07777, 0644);
}

/* A disk of 8 MiB that goes when nobody uses it any more; its descriptor, or -1. */
static int make_disk(const struct agent *agent, char **node)
{
	_cleanup_free_ char *path = path_join(agent->directory, "disk");
	_cleanup_close_ int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	_cleanup_close_ int file = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	struct loop_config config = { .fd = (unsigned)file, .info.lo_flags = LO_FLAGS_AUTOCLEAR };
	int number = control < 0 ? -1 : ioctl(control, LOOP_CTL_GET_FREE);
	int fd;

	if (number < 0 || ftruncate(file, 8 << 20) < 0)
		return -1;
	*node = xasprintf("/dev/loop%d", number);
	fd = open(*node, O_RDWR | O_CLOEXEC);
	if (fd >= 0 && ioctl(fd, LOOP_CONFIGURE, &config) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static void test_disk(void **state)
{
	static const char point[] = BASE "sandbox/storage/disk";
	static char create_option[] = "create_filesystem", key[] = "encryption_key=ephemeral";
	char *driver_options[] = { create_option, key };
	NEEDS_AGENT(agent);
	_cleanup_free_ char *node = NULL;
	_cleanup_close_ int disk = make_disk(agent, &node);
	Grpc__FSGroup group = GRPC__FSGROUP__INIT;
	struct request request = { 0 };
	Grpc__Storage *storage;

	if (disk < 0 || (!path_exists("/sbin/mkfs.ext4") && !path_exists("/usr/sbin/mkfs.ext4"))) {
		print_message("needs loop devices and mkfs.ext4\n");
		skip();
	}
	group.group_id = 77;
	request_init(&request, agent, "true");
	storage = add_storage(&request, "blk", node, "ext4", point);
	add_option(storage, "noatime");
	storage->fs_group = &group;
	storage->driver_options = driver_options;
	storage->n_driver_options = 2;
	create_fails(agent, &request, "confidential data hub");
	storage->n_driver_options = 1;
	storage->fstype = (char *)"xfs";
	create_fails(agent, &request, "create_filesystem makes ext4, not xfs");
	storage->fstype = (char *)"ext4";
	create(agent, &request);
	assert_int_equal(guest_stat(agent, point).st_gid, 77);
	make_file(agent, BASE "sandbox/storage/disk/file", "x");
	remove_container(agent, "kata-test-s1");
	assert_int_equal(count_mounts(agent, point), 0);
	/* What is on the disk now is left alone. */
	storage->n_driver_options = 0;
	add_option(storage, "ro");
	create(agent, &request);
	assert_true(guest_has(agent, BASE "sandbox/storage/disk/file"));
	remove_container(agent, "kata-test-s1");
}

static void test_escapes(void **state)
{
	static const char *const points[] = {
		"",
		"/",
		"/etc",
		"/run/kata-containers",
		"/run/kata-containers-too/sandbox/x",
		BASE "sandbox/../../../etc",
		BASE "another-container/rootfs",
		BASE "sandbox/storage/link/x",
		"relative",
	};
	NEEDS_AGENT(agent);
	_cleanup_free_ char *link = agent_guest_path(agent, BASE "sandbox/storage/link");
	_cleanup_free_ char *target = path_join(agent->directory, "x");
	struct request request = { 0 };

	make_file(agent, BASE "sandbox/storage/file", "x");
	assert_int_equal(symlink(agent->directory, link), 0);
	for (size_t i = 0; i < ARRAY_SIZE(points); i++) {
		request_init(&request, agent, "true");
		request.message.n_storages = 0;
		add_storage(&request, "ephemeral", "tmpfs", "tmpfs", points[i]);
		create_fails(agent, &request, "storage");
	}
	assert_false(path_exists(target));
	assert_int_equal(unlink(link), 0);
}

/* What is mounted does not come from behind a link that a container may have made, however its path is written. */
static void test_source_behind_link(void **state)
{
	static const char *const sources[] = {
		BASE "sandbox/storage/link",
		"/run//kata-containers/sandbox/storage/link",
		"/run/./kata-containers/sandbox/storage/link",
		"/run/../run/kata-containers/sandbox/storage/link",
		"/run/user/7" BASE "sandbox/storage/link",
	};
	NEEDS_AGENT(agent);
	_cleanup_free_ char *link = agent_guest_path(agent, BASE "sandbox/storage/link");
	_cleanup_free_ char *rootless =
		agent_guest_path(agent, "/run/user/7" BASE "sandbox/storage/link");
	struct request request = { 0 };

	make_file(agent, BASE "sandbox/storage/file", "x");
	make_file(agent, "/run/user/7" BASE "sandbox/storage/file", "x");
	assert_int_equal(symlink(agent->directory, link), 0);
	assert_int_equal(symlink(agent->directory, rootless), 0);
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		request_init(&request, agent, "true");
		request.message.n_storages = 0;
		add_storage(&request, "bind", sources[i], "bind", BASE "sandbox/storage/b");
		create_fails(agent, &request, "open the source");
	}
	assert_int_equal(unlink(link), 0);
	assert_int_equal(unlink(rootless), 0);
}

/* A container's directory is removed with it, so it must not be the sandbox's. */
static void test_name_of_a_directory(void **state)
{
	static char name[] = "sandbox";
	NEEDS_AGENT(agent);
	struct request request = { 0 };

	request_init(&request, agent, "true");
	request.message.container_id = name;
	create_fails(agent, &request, "no container can be called sandbox");
}

static void test_bad_options(void **state)
{
	NEEDS_AGENT(agent);
	_cleanup_free_ char *big = xasprintf("x=%05000d", 1);
	const struct {
		const char *driver, *source, *type, *option, *error;
	} cases[] = {
		{ "virtio-fs", "tag", "tmpfs", "loop", "option loop" },
		{ "virtio-fs", "tag", "tmpfs", big, "Mount option exceeds 4K size" },
		{ "virtio-fs", "", "tmpfs", "ro", "need mount source" },
		{ "virtio-fs", "tag", "", "ro", "need mount FS type" },
		{ "ephemeral", "tmpfs", "tmpfs", "fsgid=-1", "is no group" },
		{ "ephemeral", "nodev", "hugetlbfs", "pagesize=0,size=1", "hugetlbfs needs" },
		{ "virtio-fs", "tag", "no-such-fs", "ro", "has no file system no-such-fs" },
		{ "blk", "/dev/null", "ext4", "ro", "Invalid device /dev/null" },
		{ "blk", "../01", "ext4", "ro", "../01" },
		{ "scsi", "1", "ext4", "ro", "1" },
		{ "nvdimm", "/dev/vda", "ext4", "ro", "/dev/vda" },
	};
	struct request request = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		request_init(&request, agent, "true");
		request.message.n_storages = 0;
		add_option(add_storage(&request, cases[i].driver, cases[i].source, cases[i].type,
				       BASE "sandbox/bad"),
			   cases[i].option);
		request.storages[0].n_options = 1;
		create_fails(agent, &request, cases[i].error);
		assert_int_equal(count_mounts(agent, BASE "sandbox/bad"), 0);
	}
}

/* A running container sees what changes, and goes on doing so when the volume has become too big to be copied. */
static void test_watched(void **state)
{
	static const char source[] = BASE "shared/containers/config",
			  point[] = BASE "shared/containers/watchable/config";
	static char destination[] = "/tmp", type[] = "bind", word[] = "rbind", ro[] = "ro";
	static char source_text[] = BASE "shared/containers/watchable/config";
	NEEDS_AGENT(agent);
	_cleanup_free_ char *big = agent_guest_path(agent, BASE "shared/containers/config/big");
	_cleanup_free_ char *output = NULL;
	struct request request = { 0 };
	Grpc__Mount mount = GRPC__MOUNT__INIT, *mounts[3];
	char *options[] = { word, ro };
	Grpc__Spec *spec;

	make_file(agent, BASE "shared/containers/config/key", "old\n");
	request_init(&request, agent,
		     "cat /tmp/key; until grep -q new /tmp/key; do sleep 0.1; done; cat /tmp/key; "
		     "until test -e /tmp/big; do sleep 0.1; done; echo big");
	add_storage(&request, "watchable-bind", source, "bind", point);
	spec = request.message.oci;
	mount.destination = destination;
	mount.source = source_text;
	mount.type = type;
	mount.options = options;
	mount.n_options = ARRAY_SIZE(options);
	mounts[0] = spec->mounts[0];
	mounts[1] = spec->mounts[1];
	mounts[2] = &mount;
	spec->mounts = mounts;
	spec->n_mounts = ARRAY_SIZE(mounts);
	create(agent, &request);
	start_container(agent, "kata-test-s1");
	make_file(agent, BASE "shared/containers/config/key", "new\n");
	clock_sleep_ms(2300);
	make_file(agent, BASE "shared/containers/config/big", "");
	assert_int_equal(truncate(big, 2 << 20), 0);
	output = read_all(agent, "ReadStdout", "kata-test-s1", "");
	assert_string_equal(output, "old\nnew\nbig\n");
	assert_int_equal(wait_process(agent, "kata-test-s1", ""), 0);
	remove_container(agent, "kata-test-s1");
	assert_false(guest_has(agent, point));
}

/* CreateSandbox has storages too: what containers bind to /dev/shm. A second CreateSandbox starts anew. */
static void test_sandbox(void **state)
{
	static const char shm[] = BASE "sandbox/shm";
	NEEDS_AGENT(agent);
	Grpc__CreateSandboxRequest sandbox = GRPC__CREATE_SANDBOX_REQUEST__INIT;
	_cleanup_free_ char *where = agent_guest_path(agent, shm);
	struct request request = { 0 };
	Grpc__Storage *storage;
	struct statvfs fs;

	storage = add_storage(&request, "ephemeral", "shm", "tmpfs", shm);
	add_option(storage, "noexec");
	add_option(storage, "nosuid");
	add_option(storage, "nodev");
	add_option(storage, "mode=1777");
	add_option(storage, "size=1048576");
	sandbox.storages = request.list;
	sandbox.n_storages = 1;
	agent_call(agent, "CreateSandbox", &sandbox, NULL);
	assert_int_equal(guest_stat(agent, shm).st_mode, S_IFDIR | 01777);
	assert_int_equal(statvfs(where, &fs), 0);
	assert_int_equal(fs.f_blocks * fs.f_bsize, 1048576);
	agent_call(agent, "CreateSandbox", &sandbox, NULL);
	assert_int_equal(count_mounts(agent, shm), 1);
}

static void test_details(void **state)
{
	NEEDS_AGENT(agent);
	Grpc__GuestDetailsRequest request = GRPC__GUEST_DETAILS_REQUEST__INIT;
	_cleanup_proto_ Grpc__GuestDetailsResponse *response = agent_call(
		agent, "GetGuestDetails", &request, &grpc__guest_details_response__descriptor);
	bool found = false;

	for (size_t i = 0; i < response->agent_details->n_storage_handlers; i++)
		if (strcmp(response->agent_details->storage_handlers[i], "virtio-fs") == 0)
			found = true;
	assert_true(found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_source_behind_link),
		cmocka_unit_test(test_ephemeral),
		cmocka_unit_test(test_resize),
		cmocka_unit_test(test_local),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_undo),
		cmocka_unit_test(test_overlay),
		cmocka_unit_test(test_group),
		cmocka_unit_test(test_disk),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_bad_options),
		cmocka_unit_test(test_watched),
		cmocka_unit_test(test_name_of_a_directory),
		cmocka_unit_test(test_sandbox),
		cmocka_unit_test(test_details),
	};

	return cmocka_run_group_tests_name("storages", tests, agent_set_up_sandbox,
					   agent_tear_down);
}
