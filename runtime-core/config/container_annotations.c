// SPDX-License-Identifier: Apache-2.0
#include "container_annotations.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "annotation_rows.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/quote.h"
#include "quantity.h"

#define RESOURCE(name)	  ANNOTATION_PREFIX "container.resource." name
#define SWAPPINESS	  RESOURCE("swappiness")
#define SWAP_BYTES	  RESOURCE("swap_in_bytes")
#define EPC		  "sgx.intel.com/epc"
#define SWAPPINESS_MAX	  200
#define SWAPPINESS_MAX_RS 100
#define QUOTED_MAX	  64 /* bytes of a value that a message repeats */

/* --- what it is ------------------------------------------------------------------------------------- */

enum manager {
	CONTAINERD,
	CRI_O,
	DOCKERSHIM,
	MANAGER_COUNT,
};

static const struct manager_names {
	const char *type, *sandbox_id;
} managers[MANAGER_COUNT] = {
	[CONTAINERD] = { "io.kubernetes.cri.container-type", "io.kubernetes.cri.sandbox-id" },
	[CRI_O] = { "io.kubernetes.cri-o.ContainerType", "io.kubernetes.cri-o.SandboxID" },
	[DOCKERSHIM] = { "io.kubernetes.docker.type", "io.kubernetes.sandbox.id" },
};

static const enum manager go_order[MANAGER_COUNT] = { CONTAINERD, CRI_O, DOCKERSHIM };
static const enum manager rs_order[MANAGER_COUNT] = { CRI_O, CONTAINERD, DOCKERSHIM };

static const enum manager *order(enum config_dialect dialect)
{
	return dialect == CONFIG_RS ? rs_order : go_order;
}

static const struct type_word {
	const char *word;
	enum container_type type;
} type_words[] = {
	{ "sandbox", CONTAINER_POD_SANDBOX },
	{ "podsandbox", CONTAINER_POD_SANDBOX },
	{ "container", CONTAINER_POD_CONTAINER },
};

const char *container_type_name(enum container_type type)
{
	static const char *const names[] = {
		[CONTAINER_SINGLE] = "single_container",
		[CONTAINER_POD_SANDBOX] = "pod_sandbox",
		[CONTAINER_POD_CONTAINER] = "pod_container",
	};

	return names[type];
}

static const struct type_word *find_word(struct slice word)
{
	for (size_t i = 0; i < ARRAY_SIZE(type_words); i++)
		if (slice_is(word, type_words[i].word))
			return &type_words[i];
	return NULL;
}

int annotations_container_type(const struct annotations *annotations, enum config_dialect dialect,
			       enum container_type *type, struct error **err)
{
	_cleanup_strbuf_ struct strbuf printable = STRBUF_INIT;

	for (size_t i = 0; i < MANAGER_COUNT; i++) {
		const struct slice *value =
			annotation_find(annotations, managers[order(dialect)[i]].type);
		const struct type_word *word = value ? find_word(*value) : NULL;

		if (word) {
			*type = word->type;
			return 0;
		}
		if (value && dialect == CONFIG_GO) {
			quote_terminal(&printable, slice_first(*value, QUOTED_MAX));
			return error_set(err, -EINVAL, "Unknown container type %s", printable.data);
		}
	}
	*type = CONTAINER_SINGLE;
	return 0;
}

int annotations_sandbox_id(const struct annotations *annotations, enum config_dialect dialect,
			   struct slice *id, struct error **err)
{
	for (size_t i = 0; i < MANAGER_COUNT; i++) {
		const struct slice *value =
			annotation_find(annotations, managers[order(dialect)[i]].sandbox_id);

		if (value) {
			*id = *value;
			return 0;
		}
	}
	return error_set(err, -ENOENT, "Could not find sandbox ID");
}

/* --- resources -------------------------------------------------------------------------------------- */

/* The words of Go's number parser. */
static int parse_error(const char *name, struct slice value, int code, struct error **err)
{
	_cleanup_strbuf_ struct strbuf quoted = STRBUF_INIT;

	quote_go(&quoted, slice_first(value, QUOTED_MAX));
	return error_set(err, code,
			 "Invalid container configuration Annotations %s strconv.ParseUint: "
			 "parsing %s: %s",
			 name, quoted.data,
			 code == -ERANGE ? "value out of range" : "invalid syntax");
}

static int swappiness_go(struct slice text, uint64_t *value, struct error **err)
{
	int ret = number_parse_u64_go(text, value);

	if (ret < 0)
		return parse_error(SWAPPINESS, text, ret, err);
	if (*value > SWAPPINESS_MAX)
		return error_set(err, -ERANGE,
				 "Invalid container configuration Annotations %s swapiness should "
				 "not bigger than %d",
				 SWAPPINESS, SWAPPINESS_MAX);
	return 1;
}

static int swappiness_rs(struct slice text, uint64_t *value, struct error **err)
{
	struct slice digits = slice_trim(text);

	if (slice_starts_with(digits, "+"))
		digits = slice_from(digits, 1);
	if (number_parse_u64(digits, value) < 0 || *value > UINT32_MAX)
		return error_set(err, -EINVAL, "parse u32 error: annotation %s is no number",
				 SWAPPINESS);
	if (*value > SWAPPINESS_MAX_RS)
		return error_set(err, -ERANGE, "%" PRIu64 " greater than %d (annotation %s)",
				 *value, SWAPPINESS_MAX_RS, SWAPPINESS);
	return 1;
}

int annotations_swappiness(const struct annotations *annotations, enum config_dialect dialect,
			   uint64_t *value, struct error **err)
{
	const struct slice *text = annotation_find(annotations, SWAPPINESS);

	if (!text)
		return 0;
	return dialect == CONFIG_RS ? swappiness_rs(*text, value, err)
				    : swappiness_go(*text, value, err);
}

int annotations_swap_bytes(const struct annotations *annotations, uint64_t *value,
			   struct error **err)
{
	const struct slice *text = annotation_find(annotations, SWAP_BYTES);
	int ret;

	if (!text)
		return 0;
	ret = number_parse_u64_go(*text, value);
	if (ret == 0 && *value > INT64_MAX) /* the OCI specification's type is signed */
		ret = -ERANGE;
	return ret < 0 ? parse_error(SWAP_BYTES, *text, ret, err) : 1;
}

int annotations_epc_bytes(const struct annotations *annotations, uint64_t *value,
			  struct error **err)
{
	const struct slice *text = annotation_find(annotations, EPC);
	_cleanup_strbuf_ struct strbuf printable = STRBUF_INIT;
	enum quantity_format format = QUANTITY_DECIMAL;
	int ret;

	if (!text)
		return 0;
	quote_terminal(&printable, slice_first(*text, QUOTED_MAX));
	ret = quantity_parse(*text, &format, value);
	if (ret == -EINVAL)
		return error_set(err, ret,
				 "Couldn't parse EPC '%s': quantities are a number and a suffix, "
				 "such as 64Mi",
				 printable.data);
	if (format != QUANTITY_BINARY)
		return error_set(err, -EINVAL,
				 "Unsupported EPC format '%s': use Ki | Mi | Gi | Ti | Pi | Ei as "
				 "suffix",
				 printable.data);
	if (ret < 0)
		return error_set(err, ret, "Couldn't parse EPC '%s': it is negative or too large",
				 printable.data);
	return 1;
}
