// SPDX-License-Identifier: Apache-2.0
#include "pci_path.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/strbuf.h"

#define MAX_SLOT	 0x1f
#define MAX_FUNCTION	 7
#define MIN_ROOT_COMPLEX 0x20 /* no slot, so it must be a bus */

/* One or two hexadecimal digits. */
static bool parse_hex(struct slice text, unsigned *value)
{
	char digits[3] = { 0 };

	if (text.size < 1 || text.size > 2)
		return false;
	for (size_t i = 0; i < text.size; i++) {
		if (!isxdigit((unsigned char)text.data[i]))
			return false;
		digits[i] = text.data[i];
	}
	*value = (unsigned)strtoul(digits, NULL, 16);
	return true;
}

static bool parse_slot(struct slice text, struct pci_slot *slot)
{
	size_t dot = slice_find(text, '.');
	unsigned number, function = 0;

	if (!parse_hex(slice_first(text, dot), &number) || number > MAX_SLOT)
		return false;
	if (dot < text.size &&
	    (!parse_hex(slice_from(text, dot + 1), &function) || function > MAX_FUNCTION))
		return false;
	*slot = (struct pci_slot){ (unsigned char)number, (unsigned char)function };
	return true;
}

static size_t count_fields(struct slice text)
{
	size_t count = 1;

	for (size_t i = 0; i < text.size; i++)
		count += text.data[i] == '/';
	return count;
}

int pci_path_parse(const char *text, struct pci_path *path, struct error **err)
{
	struct slice rest = slice_of(text), field = slice_first(rest, slice_find(rest, '/'));
	unsigned bus;

	*path = (struct pci_path){ 0 };
	if (count_fields(rest) >= 3 && parse_hex(field, &bus) && bus >= MIN_ROOT_COMPLEX) {
		path->root_bus = bus;
		rest = slice_from(rest, field.size + 1);
	}
	while (slice_next_field(&rest, '/', &field)) {
		if (path->count == PCI_PATH_MAX)
			return error_set(err, -EINVAL, "the PCI path %.40s... is too long", text);
		if (!parse_slot(field, &path->slots[path->count++]))
			return error_set(err, -EINVAL,
					 "\"%.64s\" is no PCI path; one is SLOT[.FUNCTION]/..., in "
					 "hexadecimal",
					 text);
	}
	return 0;
}

/* ---- its place in sysfs ------------------------------------------------------------------------ */

/*
 * "SYSFS/platform/NAME.pcie/pci0000:00", of a guest with a device tree; NULL when there is none. Not by glob(3), with
 * which a static program gets a resolver of user and host names.
 */
static char *find_below_host_bridge(const char *sysfs, unsigned bus)
{
	_cleanup_free_ char *platform = xasprintf("%s/platform", sysfs);
	DIR *stream = opendir(platform);
	const struct dirent *entry;
	char *found = NULL;

	while (stream && !found && (entry = readdir(stream))) {
		if (!slice_ends_with(slice_of(entry->d_name), ".pcie"))
			continue;
		found = xasprintf("%s/%s/pci0000:%02x", platform, entry->d_name, bus);
		if (!path_exists(found))
			free(steal(found));
	}
	if (stream)
		closedir(stream);
	return found;
}

/* Where the root bus is: an ACPI guest has it at the top, one with a device tree below its host bridge. */
static int find_root_bus(const char *root, unsigned bus, struct strbuf *device, struct error **err)
{
	_cleanup_free_ char *sysfs = xasprintf("%s/sys/devices", root);
	_cleanup_free_ char *path = xasprintf("%s/pci0000:%02x", sysfs, bus);

	if (!path_exists(path)) {
		free(path);
		path = find_below_host_bridge(sysfs, bus);
	}
	if (!path)
		return error_set(err, -EAGAIN, "the guest has no PCI bus 0000:%02x", bus);
	strbuf_puts(device, path + strlen(root) + strlen("/sys"));
	return 0;
}

/* "0000:01", the one bus behind a bridge; to be freed. */
static int read_secondary_bus(const char *root, const char *bridge, char **bus, struct error **err)
{
	_cleanup_free_ char *path = xasprintf("%s/sys%s/pci_bus", root, bridge);
	_cleanup_free_ char *name = NULL;
	const struct dirent *entry;
	DIR *stream = opendir(path);
	size_t count = 0;

	if (!stream)
		return error_set(err, -EAGAIN, "no PCI bridge is at %s", bridge);
	while ((entry = readdir(stream))) {
		if (entry->d_name[0] == '.')
			continue;
		count++;
		free(name);
		name = xstrdup(entry->d_name);
	}
	closedir(stream);
	if (count != 1)
		return error_set(err, -EAGAIN, "the PCI bridge at %s has %zu buses behind it",
				 bridge, count);
	*bus = steal(name);
	return 0;
}

int pci_path_resolve(const struct pci_path *path, const char *root, char **out, struct error **err)
{
	_cleanup_free_ char *bus = xasprintf("0000:%02x", path->root_bus);
	_cleanup_strbuf_ struct strbuf device = STRBUF_INIT;
	int ret = find_root_bus(root, path->root_bus, &device, err);

	for (size_t i = 0; i < path->count && ret == 0; i++) {
		if (i > 0) {
			free(steal(bus));
			ret = read_secondary_bus(root, device.data, &bus, err);
		}
		if (ret == 0)
			strbuf_printf(&device, "/%s:%02x.%x", bus, path->slots[i].slot,
				      path->slots[i].function);
	}
	if (ret == 0)
		*out = strbuf_steal(&device);
	return ret;
}
