// SPDX-License-Identifier: Apache-2.0
/* File systems of the guest that can fill up: of each device the first mount that can be written to. */
#include <sys/statvfs.h>

#include "base/string_list.h"
#include "internal.h"

struct mount_line {
	struct slice device;		  /* "MAJOR:MINOR" */
	struct slice point, type, source; /* with the kernel's escapes */
	bool read_only;
};

static bool has_option(struct slice options, const char *wanted)
{
	struct slice option;

	while (slice_next_field(&options, ',', &option))
		if (slice_is(option, wanted))
			return true;
	return false;
}

/* "36 35 98:0 /mnt1 /mnt2 rw,noatime shared:1 - ext3 /dev/root rw,errors=continue" (proc(5)) */
static bool parse_line(struct slice line, struct mount_line *mount)
{
	struct slice word, options, super_options;

	if (!scrape_next_words(&line, 3, &mount->device) ||
	    !scrape_next_words(&line, 2, &mount->point) || !slice_next_word(&line, &options))
		return false;
	do
		if (!slice_next_word(&line, &word))
			return false;
	while (!slice_is(word, "-"));
	if (!slice_next_word(&line, &mount->type) || !slice_next_word(&line, &mount->source) ||
	    !slice_next_word(&line, &super_options))
		return false;
	mount->read_only = has_option(options, "ro") || has_option(super_options, "ro");
	return true;
}

static bool is_counted(const struct mount_line *mount)
{
	static const char *const types[] = { "ext4", "xfs", "btrfs", "vfat", "overlay" };

	for (size_t i = 0; !mount->read_only && i < ARRAY_SIZE(types); i++)
		if (slice_is(mount->type, types[i]))
			return true;
	return false;
}

/* Blanks and backslashes of paths are octal: "\040". To be freed. */
static char *unescape(struct slice text)
{
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;

	for (size_t i = 0; i < text.size; i++) {
		const char *c = text.data + i;

		if (c[0] == '\\' && i + 3 < text.size && c[1] >= '0' && c[1] <= '3' &&
		    c[2] >= '0' && c[2] <= '7' && c[3] >= '0' && c[3] <= '7') {
			strbuf_putc(&out,
				    (char)((c[1] - '0') << 6 | (c[2] - '0') << 3 | (c[3] - '0')));
			i += 3;
		} else {
			strbuf_putc(&out, c[0]);
		}
	}
	return out.size ? strbuf_steal(&out) : xstrdup("");
}

static struct slice last_part(struct slice path)
{
	size_t start = path.size;

	while (start > 0 && path.data[start - 1] != '/')
		start--;
	return slice_from(path, start);
}

static void add_mount(struct scrape *scrape, const struct mount_line *mount, bool inodes)
{
	_cleanup_free_ char *point = unescape(mount->point);
	struct slice device = last_part(mount->source);
	struct statvfs fs;
	uint64_t total, available, unit;

	/* One that is covered by another mount, or gone by now, has nothing to say. */
	if (statvfs(point, &fs) < 0)
		return;
	if (device.size == 0)
		device = mount->device;
	unit = inodes ? 1 : fs.f_frsize;
	total = inodes ? fs.f_files : fs.f_blocks;
	available = inodes ? fs.f_ffree : fs.f_bfree;

	const struct {
		const char *item;
		uint64_t value;
	} values[] = {
		{ "total", total * unit },
		{ "used", (total - available) * unit },
		{ "available", available * unit },
	};
	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		scrape_add(scrape,
			   LABELS(LABEL("mount", point), { "device", device },
				  LABEL("item", values[i].item)),
			   values[i].value);
}

static void collect(struct scrape *scrape, bool inodes)
{
	_cleanup_free_ char *text = scrape_read(scrape, "self/mountinfo");
	_cleanup_string_list_ struct string_list seen = { 0 };
	struct slice rest = slice_of(text), line;

	while (seen.count < METRICS_MAX_ENTRIES && slice_next_line(&rest, &line)) {
		_cleanup_free_ char *device = NULL;
		struct mount_line mount;

		if (!parse_line(line, &mount) || !is_counted(&mount))
			continue;
		device = slice_dup(mount.device);
		if (string_list_contains(&seen, device))
			continue;
		string_list_add(&seen, device);
		add_mount(scrape, &mount, inodes);
	}
}

void collect_filesystem_bytes(struct scrape *scrape)
{
	collect(scrape, false);
}

void collect_filesystem_inodes(struct scrape *scrape)
{
	collect(scrape, true);
}
