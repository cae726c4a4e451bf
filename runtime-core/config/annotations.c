// SPDX-License-Identifier: Apache-2.0
/*
 * A pod's annotations come in as foreign bytes from whoever may create pods; the configuration belongs to the
 * operator. In between stand, in this order:
 *
 *   1. the gate (annotation_gate.c): is this pod allowed to touch that setting at all?
 *   2. the table (annotation_rows.c): which annotations there are, and how far each is trusted;
 *   3. the grammar and limits of each value (annotation_values.c, annotation_apply.c and its sisters);
 *   4. asset files and their hashes (annotation_assets.c);
 *   5. in the runtime-rs dialect, the adjustments and checks of the configuration once more.
 *
 * Rows are applied in the order of the table, whatever the order of the annotations, so that the same pod
 * always gets the same result and the same error. The Go dialect takes what passes its row as it is.
 */
#include "annotations.h"

#include <errno.h>
#include <string.h>

#include "annotation_apply.h"
#include "annotation_gate.h"
#include "annotation_rows.h"
#include "base/memory.h"
#include "base/quote.h"
#include "model.h"

const struct slice *annotation_find(const struct annotations *annotations, const char *name)
{
	for (size_t i = annotations->count; i-- > 0;)
		if (slice_is(annotations->items[i].name, name))
			return &annotations->items[i].value;
	return NULL;
}

bool annotation_is_for_guest(struct slice name)
{
	return !slice_is(name, ANNOTATION_HYPERVISOR_PREFIX "cc_init_data") &&
	       !slice_starts_with(name, "cdi.k8s.io/");
}

/* --- rows ------------------------------------------------------------------------------------------- */

static int check_size(const struct annotation_row *row, struct slice value, struct error **err)
{
	size_t most = row->max_bytes ? row->max_bytes : ANNOTATION_VALUE_MAX;

	if (value.size > most)
		return error_set(err, -E2BIG,
				 "annotation %s: the value has %zu bytes, and may have %zu",
				 row->name, value.size, most);
	if (value.size > 0 && memchr(value.data, '\0', value.size))
		return error_set(err, -EINVAL, "annotation %s: the value has a NUL byte",
				 row->name);
	return 0;
}

/* Is there anything to do? If not for a reason that the pod's author should know, say it. */
static bool is_applicable(struct config *config, const struct annotation_row *row,
			  struct slice value)
{
	if (row->trust == ANNOTATION_REFUSED) {
		annotation_warn(config, row->name, NULL,
				"is never taken from a pod and was ignored");
		return false;
	}
	if (row->dialects && !(row->dialects & config->dialect)) {
		annotation_warn(config, row->name, NULL,
				"means nothing to this configuration and was ignored");
		return false;
	}
	return row->apply && !(value.size == 0 && row->empty_is_nothing);
}

static int apply_row(struct config *config, const struct annotation_row *row, struct slice value,
		     struct error **err)
{
	_cleanup_free_ char *text = NULL;
	int ret;

	if (row->trust != ANNOTATION_REFUSED) {
		ret = check_size(row, value, err);
		if (ret < 0)
			return ret;
	}
	if (!is_applicable(config, row, value))
		return 0;
	text = slice_dup(value);
	return row->apply(
		&(struct annotation_use){
			.config = config,
			.row = row,
			.value = text,
			.origin = { .source = CONFIG_FROM_ANNOTATION,
				    .path = row->name,
				    .written_as = row->key },
		},
		err);
}

static int apply_rows(struct config *config, const struct annotations *annotations,
		      struct error **err)
{
	for (size_t i = 0; i < annotation_row_count; i++) {
		const struct slice *value = annotation_find(annotations, annotation_rows[i].name);
		int ret = value ? apply_row(config, &annotation_rows[i], *value, err) : 0;

		if (ret < 0)
			return ret;
	}
	return 0;
}

/* --- names that nobody knows ------------------------------------------------------------------------ */

/* Annotations outside "io.katacontainers.config." belong to others, and are no business of ours. */
static void warn_of_unknown(struct config *config, const struct annotations *annotations)
{
	for (size_t i = 0; i < annotations->count; i++) {
		struct slice name = annotations->items[i].name;
		_cleanup_strbuf_ struct strbuf printable = STRBUF_INIT;
		_cleanup_free_ char *suggestion = NULL;
		const char *nearest;
		size_t prefix;

		if (!slice_starts_with(name, ANNOTATION_CONFIG_PREFIX) || annotation_row_find(name))
			continue;
		quote_terminal(&printable, name);
		prefix = (size_t)(annotation_short_name(printable.data) - printable.data);
		nearest = annotation_nearest(slice_first(name, prefix), slice_from(name, prefix));
		suggestion = nearest ? xasprintf("did you mean %s?", nearest) : NULL;
		annotation_warn(config, printable.data, suggestion, "is unknown and was ignored");
	}
}

/* --- afterwards ------------------------------------------------------------------------------------- */

static int check_sector_sizes(const struct config *config, struct error **err)
{
	unsigned long long logical =
		config_u64(config, CONFIG_HYPERVISOR_BLOCK_DEVICE_LOGICAL_SECTOR_SIZE);
	unsigned long long physical =
		config_u64(config, CONFIG_HYPERVISOR_BLOCK_DEVICE_PHYSICAL_SECTOR_SIZE);

	if (logical && physical && logical > physical)
		return error_set(err, -EINVAL,
				 "invalid sector sizes: logical (%llu) must not be larger than "
				 "physical (%llu)",
				 logical, physical);
	return 0;
}

static int check_daemon(const struct config *config, struct error **err)
{
	if (config->dialect == CONFIG_GO &&
	    strcmp(config_string(config, CONFIG_HYPERVISOR_SHARED_FS), "virtio-fs") == 0 &&
	    *config_string(config, CONFIG_HYPERVISOR_VIRTIO_FS_DAEMON) == '\0')
		return error_set(err, -EINVAL, "cannot enable virtio-fs without daemon path");
	return 0;
}

/* What only holds for the configuration as a whole. */
static int settle(struct config *config, struct error **err)
{
	config_link_twins(config);
	if (config->dialect == CONFIG_GO)
		return 0;
	config_adjust_all(config);
	config_validate(config);
	return config_verdict(config, err);
}

int config_apply_annotations(struct config *config, const struct annotations *annotations,
			     struct error **err)
{
	int ret;

	ret = annotation_gate(config, annotations, err);
	if (ret < 0)
		return ret;
	ret = apply_rows(config, annotations, err);
	if (ret < 0)
		return ret;
	ret = check_sector_sizes(config, err);
	if (ret < 0)
		return ret;
	ret = check_daemon(config, err);
	if (ret < 0)
		return ret;
	ret = annotations_apply_assets(config, annotations, err);
	if (ret < 0)
		return ret;
	warn_of_unknown(config, annotations);
	return settle(config, err);
}
