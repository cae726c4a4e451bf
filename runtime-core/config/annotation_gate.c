// SPDX-License-Identifier: Apache-2.0
/*
 * The gate: a pod reaches the hypervisor's settings only by annotations that an entry of enable_annotations
 * matches. The entries are regular expressions, unanchored, matched against the name behind
 * "io.katacontainers.config.hypervisor."; one that is no regular expression opens nothing. Annotations that
 * the gate stops fail the sandbox: a pod that asked for something must not start without it.
 */
#include "annotation_gate.h"

#include <errno.h>
#include <string.h>

#include "annotation_rows.h"
#include "base/memory.h"
#include "base/quote.h"
#include "internal.h"
#include "model.h"
#include "path_patterns.h"
#include "re2.h"

#define NAMED_MAX 16 /* annotations that a message names */

/* --- the entries ------------------------------------------------------------------------------------ */

struct gate {
	struct re2 **entries; /* those that could be compiled */
	size_t count;
	struct error *missing_library;
};

static void gate_release(struct gate *gate)
{
	for (size_t i = 0; i < gate->count; i++)
		re2_free(gate->entries[i]);
	free(gate->entries);
	error_free(gate->missing_library);
}

static void gate_add(struct gate *gate, const char *entry)
{
	struct error *reason = NULL;
	int ret = re2_compile(slice_of(entry), &gate->entries[gate->count], &reason);

	if (ret == 0)
		gate->count++;
	else if (ret == -ELIBACC && !gate->missing_library)
		gate->missing_library = steal(reason);
	/* Otherwise it is no regular expression: told by config_check_annotation_lists(). */
	error_free(reason);
}

static void gate_build(struct gate *gate, const struct string_list *entries)
{
	gate->entries = xcalloc(entries->count + 1, sizeof(*gate->entries));
	for (size_t i = 0; i < entries->count; i++)
		gate_add(gate, entries->items[i]);
}

static bool gate_opens(const struct gate *gate, struct slice short_name)
{
	for (size_t i = 0; i < gate->count; i++)
		if (re2_search(gate->entries[i], short_name))
			return true;
	return false;
}

/* --- the refusal ------------------------------------------------------------------------------------ */

/* Names are foreign, and go to terminals and logs. */
static char *printable(struct slice name)
{
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;

	quote_terminal(&out, name);
	return strbuf_steal(&out);
}

static void append_names(struct strbuf *text, const struct string_list *names, const char *format)
{
	size_t count = names->count < NAMED_MAX ? names->count : NAMED_MAX;

	for (size_t i = 0; i < count; i++)
		strbuf_printf(text, "%s%s%s%s", i ? ", " : "", format,
			      names->items[i] + strlen(ANNOTATION_HYPERVISOR_PREFIX), format);
	if (names->count > count)
		strbuf_printf(text, " and %zu more", names->count - count);
}

static int refuse(const struct config *config, const struct string_list *names, struct error **err)
{
	_cleanup_free_ char *list = config_key_path(config, CONFIG_HYPERVISOR_ENABLE_ANNOTATIONS);
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	strbuf_printf(&text, "annotation %s is not enabled", names->items[0]);
	if (names->count > 1) {
		strbuf_puts(&text, " (nor are: ");
		append_names(&text,
			     &(struct string_list){ .items = names->items + 1,
						    .count = names->count - 1 },
			     "");
		strbuf_putc(&text, ')');
	}
	strbuf_puts(&text, ": to let pods use it, add ");
	append_names(&text, names, "\"");
	strbuf_printf(&text,
		      " to %s in %s; the list pod_annotations of containerd's runtime table, or "
		      "allowed_annotations of CRI-O's, must have it too",
		      list, config->path ? config->path : "the configuration");
	return error_set(err, -EPERM, "%s", text.data);
}

int annotation_gate(const struct config *config, const struct annotations *annotations,
		    struct error **err)
{
	_cleanup_(gate_release) struct gate gate = { 0 };
	_cleanup_string_list_ struct string_list closed = { 0 };

	for (size_t i = 0; i < annotations->count; i++) {
		struct slice name = annotations->items[i].name;

		if (!slice_starts_with(name, ANNOTATION_HYPERVISOR_PREFIX))
			continue;
		if (!gate.entries)
			gate_build(&gate,
				   config_list(config, CONFIG_HYPERVISOR_ENABLE_ANNOTATIONS));
		if (!gate_opens(&gate, slice_from(name, strlen(ANNOTATION_HYPERVISOR_PREFIX))))
			string_list_take(&closed, printable(name));
	}
	if (closed.count == 0)
		return 0;
	if (gate.missing_library)
		return error_set(err, -ELIBACC, "regular expressions in enable_annotations: %s",
				 error_message(gate.missing_library));
	string_list_sort(&closed);
	return refuse(config, &closed, err);
}

/* --- what is odd about the lists -------------------------------------------------------------------- */

static void report(struct config *config, enum config_severity severity, enum config_key list,
		   const char *suggestion, const char *message)
{
	config_report(config, list,
		      &(struct config_problem){ .severity = severity,
						.id = "annotation-list",
						.code = -EINVAL,
						.suggestion = suggestion },
		      "%s", message);
}

static bool is_hash(const char *name)
{
	return slice_ends_with(slice_of(name), "_hash") || strcmp(name, "asset_hash_type") == 0;
}

/* The annotations that an entry opens; the hash that goes with an asset is no surprise. */
static void find_opened(const struct re2 *entry, struct string_list *opened)
{
	for (size_t i = 0; i < annotation_row_count; i++) {
		const char *name = annotation_short_name(annotation_rows[i].name);

		if (annotation_rows[i].trust != ANNOTATION_OPEN &&
		    annotation_rows[i].trust != ANNOTATION_REFUSED && !is_hash(name) &&
		    re2_search(entry, slice_of(name)))
			string_list_add(opened, name);
	}
}

static void report_unmatched(struct config *config, enum config_key list, const char *entry)
{
	const char *nearest =
		annotation_nearest(slice_of(ANNOTATION_HYPERVISOR_PREFIX), slice_of(entry));
	_cleanup_free_ char *message = xasprintf("\"%s\" opens no annotation", entry);
	_cleanup_free_ char *suggestion =
		nearest ? xasprintf("did you mean %s?", annotation_short_name(nearest)) : NULL;

	report(config, CONFIG_WARNING, list, suggestion, message);
}

/* An entry that is the name of one annotation and opens others besides. */
static void report_wide(struct config *config, enum config_key list, const char *entry,
			struct string_list *opened)
{
	_cleanup_string_list_ struct string_list others = { 0 };
	_cleanup_free_ char *names = NULL, *message = NULL, *suggestion = NULL;

	if (!string_list_contains(opened, entry) || opened->count == 1)
		return;
	for (size_t i = 0; i < opened->count; i++)
		if (strcmp(opened->items[i], entry) != 0)
			string_list_add(&others, opened->items[i]);
	names = string_list_join(&others, ", ");
	message = xasprintf("\"%s\" also opens %s", entry, names);
	suggestion = xasprintf("\"^%s$\" opens only the one", entry);
	report(config, CONFIG_NOTE, list, suggestion, message);
}

static void check_entry(struct config *config, enum config_key list, const char *entry)
{
	_cleanup_string_list_ struct string_list opened = { 0 };
	_cleanup_(re2_freep) struct re2 *re2 = NULL;
	_cleanup_error_ struct error *reason = NULL;
	_cleanup_free_ char *message = NULL;

	if (*entry == '\0') {
		report(config, CONFIG_WARNING, list, NULL, "\"\" opens every annotation");
	} else if (re2_compile(slice_of(entry), &re2, &reason) < 0) {
		message = xasprintf("\"%s\" %s: %s", entry,
				    error_code(reason) == -ELIBACC ? "cannot be checked"
								   : "opens nothing",
				    error_message(reason));
		report(config, CONFIG_WARNING, list, NULL, message);
	} else {
		find_opened(re2, &opened);
		if (opened.count == 0)
			report_unmatched(config, list, entry);
		else
			report_wide(config, list, entry, &opened);
	}
}

static void check_patterns(struct config *config, enum config_key list)
{
	const struct string_list *patterns = config_list(config, list);

	for (size_t i = 0; i < patterns->count; i++)
		if (!path_pattern_is_valid(patterns->items[i])) {
			_cleanup_free_ char *message =
				xasprintf("\"%s\" is a malformed pattern and matches nothing",
					  patterns->items[i]);

			report(config, CONFIG_WARNING, list, NULL, message);
		}
}

void config_check_annotation_lists(struct config *config)
{
	enum config_key list = CONFIG_HYPERVISOR_ENABLE_ANNOTATIONS;
	const struct string_list *entries = config_list(config, list);

	for (size_t i = 0; i < entries->count; i++)
		check_entry(config, list, entries->items[i]);
	for (size_t i = 0; i < annotation_row_count; i++)
		if (annotation_rows[i].list != CONFIG_KEY_NONE)
			check_patterns(config, annotation_rows[i].list);
}
