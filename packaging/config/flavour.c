// SPDX-License-Identifier: Apache-2.0
/*
 * Flavours are small: each description says only what differs from its base. Reading one reads the base
 * first, drops what `without` names, and puts the description's settings on top, those for the wanted
 * architecture last. A setting points into the document that it was written in.
 */
#include "flavour.h"

#include <errno.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"

#define DESCRIPTION_MAX_BYTES (1U << 20)
#define AGENT_NAME	      "kata"
#define HEAD_TABLE	      "flavour"
#define ARCHITECTURE_TABLE    "on"

/* One description on its way into the flavour. */
struct description {
	const struct flavour_source *source;
	struct flavour *flavour;
	const char *path;
};

static int complain(const struct description *description, struct toml_position position,
		    const char *key, const char *what, struct error **err)
{
	return error_set(err, -EINVAL, "%s:%u: %s: %s", description->path, position.line, key,
			 what);
}

/* --- tables and keys ---------------------------------------------------------------------------- */

char *flavour_table(const struct flavour *flavour, enum config_section section)
{
	static const char placeholder[] = ".NAME";
	const char *path = config_section_path(section);
	struct slice rest = slice_of(path);
	size_t start = slice_find_string(rest, placeholder);
	const char *name = slice_starts_with(rest, "agent")
				   ? AGENT_NAME
				   : config_hypervisor_name(flavour->hypervisor);

	if (start == rest.size)
		return xstrdup(path);
	return xasprintf("%.*s.%s%s", (int)start, path, name, path + start + strlen(placeholder));
}

/* Is `path` the table itself, or one that it lies in? */
static bool leads_to(const char *path, const char *table)
{
	size_t size = strlen(path);

	return strncmp(path, table, size) == 0 && (table[size] == '\0' || table[size] == '.');
}

/* The section whose table this is; CONFIG_SECTION_COUNT when it only leads to one, -1 when to none. */
static int find_section(const struct flavour *flavour, const char *path)
{
	int found = -1;

	for (int section = 0; section < CONFIG_SECTION_COUNT; section++) {
		_cleanup_free_ char *table = flavour_table(flavour, (enum config_section)section);

		if (strcmp(path, table) == 0)
			return section;
		if (leads_to(path, table))
			found = CONFIG_SECTION_COUNT;
	}
	return found;
}

static int apply_setting(const struct description *description, int section, const char *path,
			 const struct toml_member *member, struct error **err)
{
	_cleanup_free_ char *complaint = NULL;
	enum config_key key = CONFIG_KEY_NONE;

	if (section >= 0 && section < CONFIG_SECTION_COUNT)
		key = config_key_find((enum config_section)section, member->key);
	if (key == CONFIG_KEY_NONE)
		return complain(description, member->position, path, "no such key", err);
	complaint = flavour_value_complaint(key, description->flavour->dialect, member->value);
	if (complaint)
		return complain(description, member->position, path, complaint, err);
	description->flavour->settings[key] = (struct setting){ member->value, member->key };
	return 0;
}

/* A table that says something about the description itself. */
static bool is_own_table(struct slice name)
{
	return slice_is(name, HEAD_TABLE) || slice_is(name, ARCHITECTURE_TABLE);
}

/*
 * Take the settings of a table and of those in it; `path` is NULL for the outermost one. The depth of the
 * recursion is bounded by that of the sections' names.
 */
static int apply_table(const struct description *description, const char *path,
		       const struct toml_value *table, struct error **err)
{
	int section = path ? find_section(description->flavour, path) : -1;

	for (size_t i = 0; i < table->table.count; i++) {
		const struct toml_member *member = &table->table.members[i];
		_cleanup_free_ char *member_path = xasprintf(
			"%s%s%.*s", path ? path : "", path ? "." : "", SLICE_ARGS(member->key));
		int ret;

		if (!path && is_own_table(member->key))
			continue;
		if (member->value->type != TOML_TABLE)
			ret = apply_setting(description, section, member_path, member, err);
		else if (find_section(description->flavour, member_path) < 0)
			ret = complain(description, member->position, member_path, "no such table",
				       err);
		else
			ret = apply_table(description, member_path, member->value, err);
		if (ret < 0)
			return ret;
	}
	return 0;
}

/* Does `path`, of a key or a table, include this key? */
static bool includes(const struct flavour *flavour, const char *path, enum config_key key)
{
	_cleanup_free_ char *table = flavour_table(flavour, config_key_info(key)->section);
	_cleanup_free_ char *full = xasprintf("%s.%s", table, config_key_info(key)->name);

	return leads_to(path, full);
}

static int leave_out(const struct description *description, const struct toml_value *entry,
		     struct error **err)
{
	_cleanup_free_ char *path = slice_dup(entry->string);
	bool found = false;

	for (int key = CONFIG_KEY_NONE + 1; key < CONFIG_KEY_COUNT; key++) {
		struct setting *setting = &description->flavour->settings[key];

		if (setting->value && includes(description->flavour, path, (enum config_key)key)) {
			*setting = (struct setting){ 0 };
			found = true;
		}
	}
	if (!found)
		return complain(description, entry->position, path, "not in the base", err);
	return 0;
}

/* --- what a description says about itself ------------------------------------------------------- */

static bool is_list_of_strings(const struct toml_value *value)
{
	for (size_t i = 0; value->type == TOML_ARRAY && i < value->array.count; i++)
		if (value->array.items[i]->type != TOML_STRING)
			return false;
	return value->type == TOML_ARRAY;
}

static int take_base(const struct description *description, const struct toml_value *value,
		     struct error **err);

static int take_title(const struct description *description, const struct toml_value *value,
		      struct error **err)
{
	(void)err;
	free(description->flavour->title);
	description->flavour->title = slice_dup(value->string);
	return 0;
}

static int take_hypervisor(const struct description *description, const struct toml_value *value,
			   struct error **err)
{
	int hypervisor = config_hypervisor_find(value->string);

	if (hypervisor < 0 || !config_hypervisor_known((enum config_hypervisor)hypervisor,
						       description->flavour->dialect))
		return complain(description, value->position, "hypervisor",
				"not a hypervisor of this dialect", err);
	description->flavour->hypervisor = (enum config_hypervisor)hypervisor;
	return 0;
}

static int take_architectures(const struct description *description, const struct toml_value *value,
			      struct error **err)
{
	(void)err;
	string_list_release(&description->flavour->architectures);
	for (size_t i = 0; i < value->array.count; i++)
		string_list_add_slice(&description->flavour->architectures,
				      value->array.items[i]->string);
	return 0;
}

static int take_without(const struct description *description, const struct toml_value *value,
			struct error **err)
{
	for (size_t i = 0; i < value->array.count; i++) {
		int ret = leave_out(description, value->array.items[i], err);

		if (ret < 0)
			return ret;
	}
	return 0;
}

/* In the order of application. */
static const struct head_key {
	const char *name;
	bool is_list;
	int (*take)(const struct description *description, const struct toml_value *value,
		    struct error **err);
} head_keys[] = {
	{ "base", false, take_base },
	{ "title", false, take_title },
	{ "hypervisor", false, take_hypervisor },
	{ "architectures", true, take_architectures },
	{ "without", true, take_without },
};

static int apply_head(const struct description *description, const struct toml_value *head,
		      struct error **err)
{
	size_t known = 0;

	for (size_t i = 0; i < ARRAY_SIZE(head_keys); i++) {
		const struct head_key *key = &head_keys[i];
		const struct toml_value *value = toml_get(head, key->name);
		int ret;

		if (!value)
			continue;
		known++;
		if (key->is_list ? !is_list_of_strings(value) : value->type != TOML_STRING)
			return complain(description, value->position, key->name,
					key->is_list ? "must be a list of strings"
						     : "must be a string",
					err);
		ret = key->take(description, value, err);
		if (ret < 0)
			return ret;
	}
	if (known != head->table.count)
		return complain(description, head->position, HEAD_TABLE, "has an unknown key", err);
	return 0;
}

/* --- the description as a whole ----------------------------------------------------------------- */

/* Settings for other architectures are left to the runs that need them, but their names must be right. */
static int apply_architectures(const struct description *description, const struct toml_value *on,
			       struct error **err)
{
	for (size_t i = 0; i < on->table.count; i++) {
		const struct toml_member *member = &on->table.members[i];
		_cleanup_free_ char *name = slice_dup(member->key);
		int ret;

		if (!string_list_contains(&description->flavour->architectures, name) ||
		    member->value->type != TOML_TABLE)
			return complain(description, member->position, name,
					"not a table for one of the flavour's architectures", err);
		if (strcmp(name, description->source->architecture) != 0)
			continue;
		ret = apply_table(description, NULL, member->value, err);
		if (ret < 0)
			return ret;
	}
	return 0;
}

static int read_document(const struct description *description, struct error **err)
{
	struct flavour *flavour = description->flavour;
	_cleanup_free_ char *text = NULL;
	_cleanup_strbuf_ struct strbuf expanded = STRBUF_INIT;
	size_t size;
	int ret;

	if (flavour->document_count == FLAVOUR_MAX_BASES)
		return error_set(err, -ELOOP, "%s: more than %d bases behind each other",
				 description->path, FLAVOUR_MAX_BASES);
	ret = file_read_all(description->path, DESCRIPTION_MAX_BYTES, &text, &size, err);
	if (ret < 0)
		return ret;
	ret = variables_expand(description->source->variables, slice_make(text, size),
			       description->path, &expanded, err);
	if (ret < 0)
		return ret;
	ret = toml_parse_strict(strbuf_view(&expanded), description->path,
				&flavour->documents[flavour->document_count], err);
	if (ret < 0)
		return ret;
	flavour->document_count++;
	return 0;
}

static int apply_description(struct flavour *flavour, const struct flavour_source *source,
			     const char *name, struct error **err)
{
	_cleanup_free_ char *file = xasprintf("%s.toml", name);
	_cleanup_free_ char *path = path_join(source->directory, file);
	const struct description description = { source, flavour, path };
	const struct toml_value *root, *head, *on;
	int ret;

	ret = read_document(&description, err);
	if (ret < 0)
		return ret;
	root = toml_root(flavour->documents[flavour->document_count - 1]);
	head = toml_get(root, HEAD_TABLE);
	on = toml_get(root, ARCHITECTURE_TABLE);
	if (!head || head->type != TOML_TABLE || (on && on->type != TOML_TABLE))
		return error_set(err, -EINVAL, "%s: no table [%s], or %s is none", path, HEAD_TABLE,
				 ARCHITECTURE_TABLE);
	ret = apply_head(&description, head, err);
	if (ret >= 0)
		ret = apply_table(&description, NULL, root, err);
	if (ret >= 0 && on)
		ret = apply_architectures(&description, on, err);
	return ret;
}

static int take_base(const struct description *description, const struct toml_value *value,
		     struct error **err)
{
	_cleanup_free_ char *name = slice_dup(value->string);

	return apply_description(description->flavour, description->source, name, err);
}

int flavour_load(const struct flavour_source *source, const char *name, struct flavour **flavour,
		 struct error **err)
{
	_cleanup_(flavour_freep) struct flavour *loaded = xcalloc(1, sizeof(*loaded));
	int ret;

	loaded->dialect = source->dialect;
	ret = apply_description(loaded, source, name, err);
	if (ret < 0)
		return ret;
	if (!loaded->title || loaded->architectures.count == 0)
		return error_set(err, -EINVAL, "%s/%s.toml: no title, or no architectures",
				 source->directory, name);
	*flavour = steal(loaded);
	return 0;
}

void flavour_free(struct flavour *flavour)
{
	if (!flavour)
		return;
	for (size_t i = 0; i < flavour->document_count; i++)
		toml_document_free(flavour->documents[i]);
	string_list_release(&flavour->architectures);
	free(flavour->title);
	free(flavour);
}
