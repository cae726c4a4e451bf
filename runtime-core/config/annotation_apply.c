// SPDX-License-Identifier: Apache-2.0
#include "annotation_apply.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "annotation_values.h"
#include "base/memory.h"
#include "internal.h"
#include "model.h"
#include "path_patterns.h"

void annotation_warn(struct config *config, const char *name, const char *suggestion,
		     const char *format, ...)
{
	_cleanup_free_ char *what = NULL;
	va_list arguments;

	va_start(arguments, format);
	what = xvasprintf(format, arguments);
	va_end(arguments);
	config_report(config, CONFIG_KEY_NONE,
		      &(struct config_problem){ .severity = CONFIG_WARNING,
						.id = "annotation",
						.code = -EINVAL,
						.suggestion = suggestion },
		      "annotation %s %s", name, what);
}

int annotation_apply_bool(const struct annotation_use *use, struct error **err)
{
	bool value;
	int ret = annotation_bool(use, &value, err);

	if (ret < 0)
		return ret;
	config_set_bool(use->config, use->row->key, value, &use->origin);
	return 0;
}

int annotation_apply_lenient_bool(const struct annotation_use *use, struct error **err)
{
	_cleanup_error_ struct error *reason = NULL;
	bool value = false;

	if (use->config->dialect == CONFIG_RS)
		return annotation_apply_bool(use, err);
	if (annotation_bool(use, &value, &reason) < 0)
		annotation_warn(use->config, use->row->name, NULL, "counts as false: %s",
				error_message(reason));
	config_set_bool(use->config, use->row->key, value, &use->origin);
	return 0;
}

int annotation_apply_number(const struct annotation_use *use, struct error **err)
{
	const struct annotation_row *row = use->row;
	bool limited = use->config->dialect == CONFIG_RS ? row->rs_refusal : row->go_refusal;
	uint64_t value;
	int ret = annotation_number(use, &value, err);

	if (ret < 0)
		return ret;
	if (limited && (value < row->min || value > row->max))
		return annotation_refuse(use, -ERANGE, err);
	if (value > 0 || !row->zero_is_nothing)
		config_set_u64(use->config, row->key, value, &use->origin);
	return 0;
}

int annotation_apply_sector_size(const struct annotation_use *use, struct error **err)
{
	uint64_t value;
	int ret = annotation_number(use, &value, err);

	if (ret < 0)
		return ret;
	if (value != 0 &&
	    (value < use->row->min || value > use->row->max || (value & (value - 1)) != 0))
		return annotation_refuse(use, -EINVAL, err);
	config_set_u64(use->config, use->row->key, value, &use->origin);
	return 0;
}

int annotation_apply_string(const struct annotation_use *use, struct error **err)
{
	(void)err;
	config_set_string(use->config, use->row->key, use->value, &use->origin);
	return 0;
}

int annotation_apply_word(const struct annotation_use *use, struct error **err)
{
	bool rs = use->config->dialect == CONFIG_RS;
	bool checked_here = rs ? use->row->rs_refusal : use->row->go_refusal;
	struct slice value = slice_of(use->value);
	_cleanup_free_ char *word = slice_dup(rs ? slice_trim(value) : value);

	if (checked_here && !slice_is_one_of(slice_of(word), use->row->words))
		return annotation_refuse(use, -EINVAL, err);
	config_set_string(use->config, use->row->key, word, &use->origin);
	return 0;
}

int annotation_apply_listed_path(const struct annotation_use *use, struct error **err)
{
	const struct config *config = use->config;
	_cleanup_free_ char *list = config_key_path(config, use->row->list);

	if (path_patterns_allow(config_list(config, use->row->list), use->value)) {
		config_set_string(use->config, use->row->key, use->value, &use->origin);
		return 0;
	}
	annotation_refuse(use, -EACCES, err);
	return error_advise(err, "%s in %s has the patterns of what is allowed", list,
			    config->path ? config->path : "no file");
}
