// SPDX-License-Identifier: Apache-2.0
/*
 * Any bytes as what a pod and a careless operator may write: an entry of enable_annotations, a path pattern, and
 * annotations. Laid out as: a byte that chooses dialect and hypervisor; then texts, each ended by a NUL: the
 * entry, the pattern, and for each annotation a byte with its row of the table (or a name, behind 0xff) and its
 * value.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "config/annotation_rows.h"
#include "config/container_annotations.h"
#include "config/initdata.h"
#include "config/model.h"
#include "config/path_patterns.h"
#include "config/re2.h"
#include "config/sizing.h"

#define ANNOTATIONS_MAX 16
#define ANY_NAME	0xff

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is behind the NUL stays in *rest. */
static struct slice next_text(struct slice *rest)
{
	struct slice text = slice_first(*rest, slice_find(*rest, '\0'));

	*rest = slice_from(*rest, text.size + 1);
	return text;
}

static struct slice next_name(struct slice *rest)
{
	static const char *const others[] = {
		"io.kubernetes.cri.container-type",
		"io.kubernetes.cri-o.ContainerType",
		"io.kubernetes.cri.sandbox-id",
		"io.kubernetes.cri.sandbox-cpu-period",
		"io.kubernetes.cri.sandbox-cpu-quota",
		"io.kubernetes.cri.sandbox-cpu-shares",
		"io.kubernetes.cri.sandbox-memory",
		"sgx.intel.com/epc",
		"io.katacontainers.container.resource.swappiness",
		"io.katacontainers.container.resource.swap_in_bytes",
	};
	uint8_t index = (uint8_t)rest->data[0];

	*rest = slice_from(*rest, 1);
	if (index == ANY_NAME)
		return next_text(rest);
	if (index < annotation_row_count)
		return slice_of(annotation_rows[index].name);
	return slice_of(others[index % ARRAY_SIZE(others)]);
}

/* A failure has its error, a success has none. */
static void check_result(int ret, struct error *err)
{
	if ((ret < 0) != (err != NULL) || (err && error_code(err) != ret))
		abort();
	error_free(err);
}

static void set_list(struct config *config, enum config_key key, struct slice item)
{
	static const struct config_origin origin = { .source = CONFIG_FROM_FILE, .path = "file" };
	_cleanup_string_list_ struct string_list list = { 0 };

	string_list_add_slice(&list, item);
	config_set_list(config, key, &list, &origin);
}

/* Nothing was cut to fit, whatever was asked for. */
static void check_numbers(const struct config *config)
{
	for (int i = CONFIG_KEY_NONE + 1; i < CONFIG_KEY_COUNT; i++) {
		enum config_key key = (enum config_key)i;

		if (config_key_info(key)->type == CONFIG_TYPE_U32 &&
		    config_origin(config, key)->source == CONFIG_FROM_ANNOTATION &&
		    config_u64(config, key) > UINT32_MAX)
			abort();
	}
}

static void apply(uint8_t choice, struct slice entry, struct slice pattern,
		  const struct annotations *annotations)
{
	static const struct config_host host = {
		.cpus = 4,
		.usable_cpus = 4,
		.memory_mib = 4096,
		.architecture = "amd64",
		.device_root = "/dev",
	};
	_cleanup_(config_freep) struct config *config =
		config_new(&host, choice & 1 ? CONFIG_RS : CONFIG_GO,
			   (enum config_hypervisor)(choice / 2 % CONFIG_HYPERVISOR_COUNT));
	struct error *err = NULL;
	int ret;

	set_list(config, CONFIG_HYPERVISOR_ENABLE_ANNOTATIONS, entry);
	for (size_t i = 0; i < annotation_row_count; i++)
		if (annotation_rows[i].list != CONFIG_KEY_NONE)
			set_list(config, annotation_rows[i].list, pattern);
	config_check_annotation_lists(config);
	ret = config_apply_annotations(config, annotations, &err);
	if (ret == 0)
		check_numbers(config);
	check_result(ret, err);
}

static void ask_container(uint8_t choice, const struct annotations *annotations)
{
	enum config_dialect dialect = choice & 1 ? CONFIG_RS : CONFIG_GO;
	_cleanup_string_list_ struct string_list unreadable = { 0 };
	struct sizing_machine machine = { .cpus = 1, .memory_mib = 2048 };
	struct sizing_workload workload;
	struct sizing_limits limits;
	enum container_type type;
	struct error *err = NULL;
	struct slice id;
	uint64_t number;

	check_result(annotations_container_type(annotations, dialect, &type, &err), err);
	err = NULL;
	check_result(annotations_sandbox_id(annotations, dialect, &id, &err), err);
	err = NULL;
	check_result(annotations_swappiness(annotations, dialect, &number, &err), err);
	err = NULL;
	check_result(annotations_swap_bytes(annotations, &number, &err), err);
	err = NULL;
	check_result(annotations_epc_bytes(annotations, &number, &err), err);
	err = NULL;
	sizing_limits_of_pod(annotations, dialect, &limits, &unreadable);
	sizing_workload_of(&limits, dialect, &workload);
	check_result(sizing_apply(&workload, dialect, "qemu", &machine, &err), err);
}

static void decode(struct slice value)
{
	_cleanup_free_ char *document = NULL;
	uint8_t digest[INITDATA_DIGEST_MAX];
	struct initdata initdata;
	struct error *err = NULL;
	size_t size;

	check_result(initdata_decode(value, CONFIG_GO, &document, &initdata, &err), err);
	err = NULL;
	check_result(initdata_digest(value, INITDATA_SE, digest, &size, &err), err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_make((const char *)data, size), entry, pattern;
	struct annotation items[ANNOTATIONS_MAX];
	struct annotations annotations = { .items = items };

	if (size == 0)
		return 0;
	rest = slice_from(rest, 1);
	entry = next_text(&rest);
	pattern = next_text(&rest);
	while (rest.size > 0 && annotations.count < ANNOTATIONS_MAX) {
		struct annotation *item = &items[annotations.count++];

		item->name = next_name(&rest);
		item->value = next_text(&rest);
		decode(item->value);
	}
	apply(data[0], entry, pattern, &annotations);
	ask_container(data[0], &annotations);
	return 0;
}
