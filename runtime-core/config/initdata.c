// SPDX-License-Identifier: Apache-2.0
#include "initdata.h"

#include <errno.h>
#include <string.h>

#include "base/base64.h"
#include "base/gzip.h"
#include "base/memory.h"
#include "base/quote.h"
#include "toml/toml.h"

#define WORD_MAX 64 /* bytes of version and algorithm that a message repeats */

/* --- the document ----------------------------------------------------------------------------------- */

static int check_strings(const struct toml_value *root, struct error **err)
{
	static const char *const names[] = { "version", "algorithm" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct toml_member *member = toml_member(root, names[i]);

		if (member && member->value->type != TOML_STRING)
			return error_set(err, -EBADMSG, "line %u: %s is no string",
					 member->position.line, names[i]);
	}
	return 0;
}

static int check_data(const struct toml_value *root, struct error **err)
{
	const struct toml_member *data = toml_member(root, "data");

	if (!data)
		return 0;
	if (data->value->type != TOML_TABLE)
		return error_set(err, -EBADMSG, "line %u: data is no table", data->position.line);
	for (size_t i = 0; i < data->value->table.count; i++)
		if (data->value->table.members[i].value->type != TOML_STRING)
			return error_set(err, -EBADMSG, "line %u: an entry of data is no string",
					 data->value->table.members[i].position.line);
	return 0;
}

/* "" when the document has no such member. */
static struct slice string_of(const struct toml_value *root, const char *name)
{
	const struct toml_value *value = toml_get(root, name);

	return value ? value->string : slice_of("");
}

static int unsupported(const char *what, struct slice word, const char *advice, struct error **err)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	quote_terminal(&text, slice_first(word, WORD_MAX));
	return error_set(err, -ENOTSUP, "unsupported %s: %s, %s", what, text.data, advice);
}

static int parse(struct slice document, struct toml_document **toml, struct error **err)
{
	const struct toml_value *root;
	int ret;

	ret = toml_parse(document, "initdata", toml, err);
	if (ret < 0)
		return ret;
	root = toml_root(*toml);
	ret = check_strings(root, err);
	return ret < 0 ? ret : check_data(root, err);
}

int initdata_parse(struct slice document, enum config_dialect dialect, struct initdata *initdata,
		   struct error **err)
{
	_cleanup_(toml_document_freep) struct toml_document *toml = NULL;
	struct slice algorithm, version;
	int found;

	if (parse(document, &toml, err) < 0)
		return error_wrap(err, "parsing initdata annotation failed");
	algorithm = string_of(toml_root(toml), "algorithm");
	version = string_of(toml_root(toml), "version");
	initdata->known_version = slice_is(version, INITDATA_VERSION);
	if (dialect == CONFIG_RS && !initdata->known_version)
		return unsupported("version", version, "expected: " INITDATA_VERSION, err);
	found = digest_algorithm_find(algorithm);
	if (found < 0)
		return unsupported("algorithm", algorithm,
				   "supported algorithms: sha256, sha384, sha512", err);
	initdata->algorithm = (enum digest_algorithm)found;
	return 0;
}

/* --- the annotation --------------------------------------------------------------------------------- */

static int unpack(struct slice value, struct strbuf *document, struct error **err)
{
	_cleanup_strbuf_ struct strbuf packed = STRBUF_INIT;
	int ret;

	ret = base64_decode(value, &packed, err);
	if (ret < 0)
		return error_wrap(err, "initdata create gzip reader error");
	if (packed.size > INITDATA_PACKED_MAX)
		return error_set(err, -E2BIG,
				 "initdata create gzip reader error: longer than %u bytes",
				 INITDATA_PACKED_MAX);
	ret = gzip_unpack(strbuf_view(&packed), INITDATA_UNPACKED_MAX, document, err);
	if (ret == -EBADMSG && document->size == 0)
		return error_wrap(err, "initdata create gzip reader error");
	return ret < 0 ? error_wrap(err, "uncompressing initdata with gzip error") : 0;
}

int initdata_decode(struct slice value, enum config_dialect dialect, char **document,
		    struct initdata *initdata, struct error **err)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	int ret;

	if (value.size > 0) {
		ret = unpack(value, &text, err);
		if (ret < 0)
			return ret;
		ret = initdata_parse(strbuf_view(&text), dialect, initdata, err);
		if (ret < 0)
			return ret;
	}
	*document = strbuf_steal(&text);
	return 0;
}

/* --- the digest ------------------------------------------------------------------------------------- */

int initdata_digest(struct slice document, enum initdata_platform platform, uint8_t *digest,
		    size_t *size, struct error **err)
{
	static const size_t sizes[] = {
		[INITDATA_TDX] = 48,
		[INITDATA_SNP] = 32,
		[INITDATA_CCA] = 64,
		[INITDATA_SE] = INITDATA_DIGEST_MAX,
	};
	struct initdata initdata = { 0 };
	struct digest own;
	int ret;

	/* The version was looked at when the document came in. */
	ret = initdata_parse(document, CONFIG_GO, &initdata, err);
	if (ret < 0)
		return ret;
	ret = digest_of(initdata.algorithm, document, &own, err);
	if (ret < 0)
		return ret;
	*size = platform == INITDATA_UNPROTECTED ? own.size : sizes[platform];
	memset(digest, 0, *size);
	memcpy(digest, own.bytes, own.size < *size ? own.size : *size);
	return 0;
}
