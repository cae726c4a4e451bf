// SPDX-License-Identifier: Apache-2.0
#include "mount_options.h"

#include <sys/mount.h>

#include "base/memory.h"

static const struct word {
	const char *word;
	uint64_t set, clear;
	unsigned long propagation;
	bool recursive;
	const char *data; /* what the file system is told */
} words_known[] = {
	{ .word = "defaults" },
	{ .word = "rw", .clear = MOUNT_ATTR_RDONLY },
	{ .word = "ro", .set = MOUNT_ATTR_RDONLY },
	{ .word = "suid", .clear = MOUNT_ATTR_NOSUID },
	{ .word = "nosuid", .set = MOUNT_ATTR_NOSUID },
	{ .word = "dev", .clear = MOUNT_ATTR_NODEV },
	{ .word = "nodev", .set = MOUNT_ATTR_NODEV },
	{ .word = "exec", .clear = MOUNT_ATTR_NOEXEC },
	{ .word = "noexec", .set = MOUNT_ATTR_NOEXEC },
	{ .word = "diratime", .clear = MOUNT_ATTR_NODIRATIME },
	{ .word = "nodiratime", .set = MOUNT_ATTR_NODIRATIME },
	{ .word = "atime", .clear = MOUNT_ATTR__ATIME },
	{ .word = "noatime", .set = MOUNT_ATTR_NOATIME, .clear = MOUNT_ATTR__ATIME },
	{ .word = "relatime", .set = MOUNT_ATTR_RELATIME, .clear = MOUNT_ATTR__ATIME },
	{ .word = "norelatime", .clear = MOUNT_ATTR__ATIME },
	{ .word = "strictatime", .set = MOUNT_ATTR_STRICTATIME, .clear = MOUNT_ATTR__ATIME },
	{ .word = "nostrictatime", .clear = MOUNT_ATTR__ATIME },
	{ .word = "async" },
	{ .word = "sync", .data = "sync" },
	{ .word = "dirsync", .data = "dirsync" },
	{ .word = "lazytime", .data = "lazytime" },
	{ .word = "nolazytime" },
	{ .word = "mand" },
	{ .word = "nomand" },
	{ .word = "iversion" },
	{ .word = "noiversion" },
	{ .word = "silent" },
	{ .word = "loud" },
	{ .word = "acl" },
	{ .word = "noacl" },
	{ .word = "remount" },
	{ .word = "private", .propagation = MS_PRIVATE },
	{ .word = "rprivate", .propagation = MS_PRIVATE, .recursive = true },
	{ .word = "shared", .propagation = MS_SHARED },
	{ .word = "rshared", .propagation = MS_SHARED, .recursive = true },
	{ .word = "slave", .propagation = MS_SLAVE },
	{ .word = "rslave", .propagation = MS_SLAVE, .recursive = true },
	{ .word = "unbindable", .propagation = MS_UNBINDABLE },
	{ .word = "runbindable", .propagation = MS_UNBINDABLE, .recursive = true },
};

static const struct word *find(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(words_known); i++)
		if (strcmp(words_known[i].word, text) == 0)
			return &words_known[i];
	return NULL;
}

static void apply(const struct word *word, struct mount_options *options)
{
	options->set = (options->set & ~word->clear) | word->set;
	options->clear |= word->clear | word->set;
	if (word->set & MOUNT_ATTR_RDONLY)
		options->readonly = true;
	if (word->clear & MOUNT_ATTR_RDONLY)
		options->readonly = false;
	if (word->propagation) {
		options->propagation = word->propagation;
		options->propagation_recursive = word->recursive;
	}
	if (word->data)
		string_list_add(&options->data, word->data);
}

void mount_options_parse(char *const *words, size_t count, struct mount_options *options)
{
	*options = (struct mount_options){ 0 };
	for (size_t i = 0; i < count; i++) {
		const struct word *word = find(words[i]);

		if (word)
			apply(word, options);
		else if (strcmp(words[i], "bind") == 0 || strcmp(words[i], "rbind") == 0)
			options->bind = true;
		/* Notes of the host to itself and to the agent; no file system knows them. */
		else if (!slice_starts_with(slice_of(words[i]), "io.katacontainers.") &&
			 !slice_starts_with(slice_of(words[i]), "X-kata."))
			string_list_add(&options->data, words[i]);
		if (strcmp(words[i], "rbind") == 0)
			options->recursive = true;
	}
	/* An access time policy is changed as a whole, or not at all. */
	if (options->clear & MOUNT_ATTR__ATIME)
		options->clear |= MOUNT_ATTR__ATIME;
}

void mount_options_release(struct mount_options *options)
{
	string_list_release(&options->data);
}
