// SPDX-License-Identifier: Apache-2.0
/*
 * The key table and how to find one's way in it. The table is small (some two hundred rows) and read a
 * hundred times per load, so that plain searching is quicker than building an index.
 */
#include "keys.h"

#include <string.h>
#include <strings.h>

#include "base/memory.h"

#define NAME_MAX_LENGTH 64 /* longer names are nobody's misspelling */

#define GO   CONFIG_GO
#define RS   CONFIG_RS
#define BOTH CONFIG_BOTH
#define WORDS(...)                \
	(const char *const[])     \
	{                         \
		__VA_ARGS__, NULL \
	}
#define H(name) "io.katacontainers.config.hypervisor." name
#define R(name) "io.katacontainers.config.runtime." name
#define A(name) "io.katacontainers.config.agent." name

static const struct config_key_info rows[CONFIG_KEY_COUNT] = {
#define KEY(section_, id_, name_, type_, dialects_, go_users_, ...)           \
	[CONFIG_##section_##_##id_] = { .section = CONFIG_SECTION_##section_, \
					.name = (name_),                      \
					.type = CONFIG_TYPE_##type_,          \
					.dialects = (dialects_),              \
					.go_users = (go_users_),              \
					__VA_ARGS__ },
#define EXCEPTION(...)
#include "keys.def"
#undef KEY
#undef EXCEPTION
};

enum exception_kind {
	UNSET,	/* the default when nothing is written */
	ALWAYS, /* the value whatever is written */
};

static const struct exception {
	enum config_dialect dialect;
	const char *hypervisors;
	enum config_key key;
	const char *value;
	enum exception_kind kind;
} exceptions[] = {
#define KEY(...)
#define EXCEPTION(dialect, hypervisors, key, value, kind) \
	{ dialect, hypervisors, CONFIG_##key, value, kind },
#include "keys.def"
#undef KEY
#undef EXCEPTION
};

static const struct group {
	enum config_key first;
	const char *heading;
} groups[] = {
#define KEY(...)
#define EXCEPTION(...)
#define GROUP(first, heading) { CONFIG_##first, heading },
#include "keys.def"
#undef KEY
#undef EXCEPTION
};

/* spec/config.md 3.5 */
static const struct config_obsolete_key obsolete[] = {
	{ "", "image", "3.3" },
	{ "", "netmon", "2.3" },
	{ "", "proxy", "1.x" },
	{ "", "shim", "1.x" },
	{ "hypervisor", "enable_swap", "3.1" },
	{ "hypervisor", "hotplug_vfio_on_root_bus", "3.1" },
	{ "hypervisor", "snp_certs_path", "3.13" },
	{ "hypervisor", "file_mem_backend", "3.31" },
	{ "hypervisor", "valid_file_mem_backends", "3.31" },
	{ "agent", "trace_mode", "2.2" },
	{ "agent", "trace_type", "2.2" },
};

static const struct hypervisor {
	const char *name;
	char letter;
	unsigned dialects;
} hypervisors[] = {
	[CONFIG_QEMU] = { "qemu", 'Q', CONFIG_BOTH },
	[CONFIG_CLH] = { "clh", 'C', CONFIG_BOTH },
	[CONFIG_FIRECRACKER] = { "firecracker", 'F', CONFIG_BOTH },
	[CONFIG_STRATOVIRT] = { "stratovirt", 'S', CONFIG_GO },
	[CONFIG_DRAGONBALL] = { "dragonball", 'D', CONFIG_BOTH },
	[CONFIG_REMOTE] = { "remote", 'R', CONFIG_BOTH },
	[CONFIG_OPENVMM] = { "openvmm", 'O', CONFIG_RS },
};

#define NO_HYPERVISOR_LETTER 'N'

const struct config_key_info *config_key_info(enum config_key key)
{
	return &rows[key];
}

/* The first letter decides nearly always. */
static bool same_name(const char *name, struct slice other)
{
	return name && other.size && name[0] == other.data[0] && slice_is(other, name);
}

static bool same_letters(const char *name, struct slice other)
{
	return name && strlen(name) == other.size && strncasecmp(name, other.data, other.size) == 0;
}

static enum config_key find(enum config_section section, struct slice name,
			    bool (*same)(const char *, struct slice))
{
	for (int i = CONFIG_KEY_NONE + 1; i < CONFIG_KEY_COUNT; i++)
		if (rows[i].section == section &&
		    (same(rows[i].name, name) || same(rows[i].alias, name)))
			return (enum config_key)i;
	return CONFIG_KEY_NONE;
}

enum config_key config_key_find(enum config_section section, struct slice name)
{
	return find(section, name, same_name);
}

enum config_key config_key_find_any_case(enum config_section section, struct slice name)
{
	enum config_key key = find(section, name, same_name);

	return key != CONFIG_KEY_NONE ? key : find(section, name, same_letters);
}

enum config_key config_key_find_annotation(const char *annotation)
{
	for (int i = CONFIG_KEY_NONE + 1; i < CONFIG_KEY_COUNT; i++)
		if (rows[i].annotation && strcmp(rows[i].annotation, annotation) == 0)
			return (enum config_key)i;
	return CONFIG_KEY_NONE;
}

enum config_key config_key_twin(enum config_key key)
{
	if (rows[key].twin != CONFIG_KEY_NONE)
		return rows[key].twin;
	for (int i = CONFIG_KEY_NONE + 1; key != CONFIG_KEY_NONE && i < CONFIG_KEY_COUNT; i++)
		if (rows[i].twin == key)
			return (enum config_key)i;
	return CONFIG_KEY_NONE;
}

const char *config_key_group(enum config_key key)
{
	const struct group *group = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(groups) && groups[i].first <= key; i++)
		group = &groups[i];
	return group && rows[group->first].section == rows[key].section ? group->heading : NULL;
}

/* --- near misses -------------------------------------------------------------------------------- */

static unsigned smaller(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Letters to insert, drop, replace or swap with their neighbour to make one word of the other. */
static unsigned edit_distance(struct slice a, struct slice b)
{
	unsigned rows_[3][NAME_MAX_LENGTH + 1];
	unsigned *before_last = rows_[0], *last = rows_[1], *row = rows_[2];

	for (unsigned j = 0; j <= b.size; j++)
		last[j] = before_last[j] = j;
	for (unsigned i = 1; i <= a.size; i++) {
		unsigned *recycled = before_last;

		row[0] = i;
		for (unsigned j = 1; j <= b.size; j++) {
			bool same = a.data[i - 1] == b.data[j - 1];

			row[j] = smaller(smaller(last[j], row[j - 1]) + 1, last[j - 1] + !same);
			if (i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] &&
			    a.data[i - 2] == b.data[j - 1])
				row[j] = smaller(row[j], before_last[j - 2] + 1);
		}
		before_last = last;
		last = row;
		row = recycled;
	}
	return last[b.size];
}

/* Keep the candidate if it is nearer than the best so far. A third of the letters may be wrong. */
static void consider(const char *candidate, struct slice word, const char **best,
		     unsigned *distance)
{
	struct slice name = slice_of(candidate ? candidate : "");
	unsigned here;

	if (name.size == 0 || name.size > NAME_MAX_LENGTH || word.size > NAME_MAX_LENGTH)
		return;
	here = edit_distance(word, name);
	if (here < *distance && here <= (word.size + 2) / 3) {
		*best = candidate;
		*distance = here;
	}
}

const char *config_key_nearest(enum config_section section, struct slice name)
{
	const char *best = NULL;
	unsigned distance = UINT32_MAX;

	for (int i = CONFIG_KEY_NONE + 1; i < CONFIG_KEY_COUNT; i++) {
		if (rows[i].section != section)
			continue;
		consider(rows[i].name, name, &best, &distance);
		consider(rows[i].alias, name, &best, &distance);
	}
	return best;
}

const char *config_word_nearest(const char *const *words, struct slice word)
{
	const char *best = NULL;
	unsigned distance = UINT32_MAX;

	for (; *words; words++)
		consider(*words, word, &best, &distance);
	return best;
}

/* --- what depends on the hypervisor ------------------------------------------------------------- */

static bool in_hypervisor_table(enum config_section section)
{
	return section == CONFIG_SECTION_HYPERVISOR || section == CONFIG_SECTION_ROOTLESS_USER ||
	       section == CONFIG_SECTION_TEMPLATE;
}

bool config_key_used_by(enum config_key key, enum config_dialect dialect,
			enum config_hypervisor hypervisor)
{
	const struct config_key_info *info = &rows[key];
	char letter = config_hypervisor_letter(hypervisor);

	if (!in_hypervisor_table(info->section))
		return true;
	/* A key of the other dialect is none that these users could drop. */
	if (dialect == CONFIG_GO)
		return !(info->dialects & CONFIG_GO) || strchr(info->go_users, letter);
	return !info->rs_users || strchr(info->rs_users, letter);
}

static const char *exception_of(enum config_key key, enum config_dialect dialect, char letter,
				enum exception_kind kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(exceptions); i++)
		if (exceptions[i].key == key && exceptions[i].dialect == dialect &&
		    exceptions[i].kind == kind && strchr(exceptions[i].hypervisors, letter))
			return exceptions[i].value;
	return NULL;
}

const char *config_key_default(enum config_key key, enum config_dialect dialect,
			       enum config_hypervisor hypervisor)
{
	const char *value = exception_of(key, dialect, config_hypervisor_letter(hypervisor), UNSET);

	if (!value)
		value = dialect == CONFIG_GO ? rows[key].go_default : rows[key].rs_default;
	/* A key that only the other dialect has keeps that one's default. */
	if (!value && !(rows[key].dialects & dialect))
		value = dialect == CONFIG_GO ? rows[key].rs_default : rows[key].go_default;
	return value ? value : "";
}

const char *config_key_forced(enum config_key key, enum config_dialect dialect,
			      enum config_hypervisor hypervisor)
{
	return exception_of(key, dialect, config_hypervisor_letter(hypervisor), ALWAYS);
}

const char *config_key_bare_default(enum config_key key)
{
	return exception_of(key, CONFIG_GO, NO_HYPERVISOR_LETTER, UNSET);
}

/* --- names -------------------------------------------------------------------------------------- */

const struct config_obsolete_key *config_key_obsolete(const char *section, struct slice name)
{
	for (size_t i = 0; i < ARRAY_SIZE(obsolete); i++)
		if (strcmp(obsolete[i].section, section) == 0 && slice_is(name, obsolete[i].name))
			return &obsolete[i];
	return NULL;
}

const char *config_type_name(enum config_type type)
{
	static const char *const names[] = {
		[CONFIG_TYPE_BOOL] = "bool",
		[CONFIG_TYPE_U8] = "u8",
		[CONFIG_TYPE_U32] = "u32",
		[CONFIG_TYPE_U64] = "u64",
		[CONFIG_TYPE_I32] = "i32",
		[CONFIG_TYPE_I64] = "i64",
		[CONFIG_TYPE_FLOAT] = "float",
		[CONFIG_TYPE_STRING] = "string",
		[CONFIG_TYPE_WORD] = "word",
		[CONFIG_TYPE_PATH] = "path",
		[CONFIG_TYPE_STRINGS] = "list of strings",
		[CONFIG_TYPE_NUMBERS] = "list of u32",
		[CONFIG_TYPE_IMAGES] = "list of tables",
		[CONFIG_TYPE_MOUNTS] = "list of tables",
	};

	return names[type];
}

const char *config_hypervisor_name(enum config_hypervisor hypervisor)
{
	return hypervisors[hypervisor].name;
}

int config_hypervisor_find(struct slice name)
{
	for (size_t i = 0; i < ARRAY_SIZE(hypervisors); i++)
		if (slice_is(name, hypervisors[i].name))
			return (int)i;
	return slice_is(name, "cloud-hypervisor") ? (int)CONFIG_CLH : -1;
}

char config_hypervisor_letter(enum config_hypervisor hypervisor)
{
	return hypervisors[hypervisor].letter;
}

bool config_hypervisor_known(enum config_hypervisor hypervisor, enum config_dialect dialect)
{
	return hypervisors[hypervisor].dialects & dialect;
}

const char *config_section_path(enum config_section section)
{
	static const char *const paths[] = {
		[CONFIG_SECTION_HYPERVISOR] = "hypervisor.NAME",
		[CONFIG_SECTION_ROOTLESS_USER] = "hypervisor.NAME.rootless_user",
		[CONFIG_SECTION_TEMPLATE] = "hypervisor.NAME.factory",
		[CONFIG_SECTION_AGENT] = "agent.NAME",
		[CONFIG_SECTION_MEM_AGENT] = "agent.NAME.mem_agent",
		[CONFIG_SECTION_RUNTIME] = "runtime",
		[CONFIG_SECTION_FACTORY] = "factory",
	};

	return paths[section];
}
