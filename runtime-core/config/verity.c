// SPDX-License-Identifier: Apache-2.0
#include "verity.h"

#include <errno.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/quote.h"

#define BLOCK_UNIT 512

enum requirement {
	NON_EMPTY,
	NON_ZERO,
	BLOCK_SIZE, /* non-zero, and a multiple of 512 */
};

static const struct parameter {
	const char *name;
	enum requirement requirement;
} parameters[] = {
	{ "root_hash", NON_EMPTY },	   { "salt", NON_EMPTY },
	{ "data_blocks", NON_ZERO },	   { "data_block_size", BLOCK_SIZE },
	{ "hash_block_size", BLOCK_SIZE },
};

static int check_number(const struct parameter *parameter, struct slice text, struct error **err)
{
	_cleanup_strbuf_ struct strbuf quoted = STRBUF_INIT;
	uint64_t number;
	int ret = number_parse_u64(text, &number);

	quote_go(&quoted, text);
	if (ret < 0)
		return error_set(err, -EINVAL, "invalid kernel_verity_params %s %s: %s",
				 parameter->name, quoted.data,
				 ret == -ERANGE ? "value out of range" : "invalid syntax");
	if (number == 0)
		return error_set(err, -EINVAL, "invalid kernel_verity_params %s: must be non-zero",
				 parameter->name);
	if (parameter->requirement == BLOCK_SIZE && number % BLOCK_UNIT != 0)
		return error_set(err, -EINVAL,
				 "invalid kernel_verity_params %s: must be multiple of %d",
				 parameter->name, BLOCK_UNIT);
	return 0;
}

static int check_parameter(const struct parameter *parameter, struct slice text, struct error **err)
{
	if (text.size == 0)
		return error_set(err, -EINVAL, "missing kernel_verity_params %s", parameter->name);
	return parameter->requirement == NON_EMPTY ? 0 : check_number(parameter, text, err);
}

/* Put the value of "KEY=VALUE" in its place; keys that are not ours are none of our business. */
static int read_entry(struct slice entry, struct slice *values, struct error **err)
{
	size_t equals = slice_find(entry, '=');
	struct slice name = slice_trim(slice_first(entry, equals));

	if (equals == entry.size) {
		_cleanup_strbuf_ struct strbuf quoted = STRBUF_INIT;

		quote_go(&quoted, entry);
		return error_set(err, -EINVAL, "invalid kernel_verity_params entry: %s",
				 quoted.data);
	}
	for (size_t i = 0; i < ARRAY_SIZE(parameters); i++)
		if (slice_is(name, parameters[i].name))
			values[i] = slice_trim(slice_from(entry, equals + 1));
	return 0;
}

int verity_params_check(const char *params, struct error **err)
{
	struct slice rest = slice_of(params), entry;
	struct slice values[ARRAY_SIZE(parameters)] = { 0 };

	if (slice_trim(rest).size == 0)
		return 0;
	while (slice_next_field(&rest, ',', &entry)) {
		entry = slice_trim(entry);
		if (entry.size && read_entry(entry, values, err) < 0)
			return error_code(*err);
	}
	for (size_t i = 0; i < ARRAY_SIZE(parameters); i++)
		if (check_parameter(&parameters[i], values[i], err) < 0)
			return error_code(*err);
	return 0;
}
