/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A guest's /sys and /dev, made up in a temporary directory, for the tests of agent/device. */

#include <unistd.h>

#include "agent/device/device.h"
#include "base/path.h"
#include "unit.h"

#define BRIDGE	 "/devices/pci0000:00/0000:00:02.0"
#define BEHIND	 BRIDGE "/0000:01:01.0" /* PCI path 02/01 */
#define SHORT_MS 30

struct guest {
	char *root;
	struct loop *loop;
	struct devices *devices;
};

static inline void make_file(const struct guest *guest, const char *path, const char *text)
{
	_cleanup_free_ char *full = xasprintf("%s%s", guest->root, path);
	_cleanup_free_ char *parent = path_directory(full);
	struct error *err = NULL;

	assert_ok(directory_make_all(parent, 0755, &err), err);
	assert_ok(file_replace(full, text, strlen(text), 0644, &err), err);
}

static inline void make_directories(const struct guest *guest, const char *path)
{
	_cleanup_free_ char *full = xasprintf("%s%s", guest->root, path);
	struct error *err = NULL;

	assert_ok(directory_make_all(full, 0755, &err), err);
}

static inline void make_bridge(const struct guest *guest)
{
	make_directories(guest, "/sys" BRIDGE "/pci_bus/0000:01");
}

/* A device with its link in /sys/block or /sys/class/net. */
static inline void make_device(const struct guest *guest, const char *class, const char *path)
{
	bool is_block = strcmp(class, "block") == 0;
	_cleanup_free_ char *sys = xasprintf("/sys%s", path);
	_cleanup_free_ char *list = xasprintf("/sys/%s", class);
	_cleanup_free_ char *link = xasprintf("%s%s/%s", guest->root, list, path_name(path));
	_cleanup_free_ char *target = xasprintf(is_block ? "..%s" : "../..%s", path);

	make_directories(guest, sys);
	make_directories(guest, list);
	assert_int_equal(symlink(target, link), 0);
}

static inline void make_disk(const struct guest *guest, const char *path)
{
	_cleanup_free_ char *node = xasprintf("/dev/%s", path_name(path));

	make_device(guest, "block", path);
	make_file(guest, node, "");
}

static inline void set_timeout(struct guest *guest, int64_t timeout_ms)
{
	struct devices_settings settings = { .root = guest->root, .timeout_ms = timeout_ms };

	devices_free(guest->devices);
	guest->devices = devices_new(guest->loop, &settings);
}

/* Set-up and tear-down of a test; *state is a struct guest. */
static inline int set_up(void **state)
{
	struct guest *guest = xcalloc(1, sizeof(*guest));
	struct error *err = NULL;
	void *directory;

	if (make_directory(&directory) < 0)
		return -1;
	guest->root = directory;
	assert_ok(loop_new(&guest->loop, &err), err);
	set_timeout(guest, SHORT_MS);
	*state = guest;
	return 0;
}

static inline int tear_down(void **state)
{
	struct guest *guest = *state;
	void *directory = guest->root;

	devices_free(guest->devices);
	loop_free(guest->loop);
	free(guest);
	return remove_directory(&directory);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
