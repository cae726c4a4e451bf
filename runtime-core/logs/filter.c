// SPDX-License-Identifier: Apache-2.0
#include "filter.h"

#include <errno.h>

int logs_filter_prepare(struct logs_filter *filter, struct error **err)
{
	filter->max_rank = -1;
	filter->any = filter->sandbox[0] || filter->container[0] || filter->source[0] ||
		      filter->subsystem[0] || filter->level[0] || filter->text[0] ||
		      filter->has_since || filter->has_until;
	if (!filter->level[0])
		return 0;
	filter->max_rank = logs_level_rank(slice_of(filter->level));
	if (filter->max_rank < 0)
		return error_set(err, -EINVAL,
				 "no level: \"%s\"; choose one of panic, fatal, critical, error, "
				 "warning, info, debug, trace",
				 filter->level);
	return 0;
}

/* Is the text one of the words, or begins with one? An empty list is no condition. */
static bool fits(struct slice text, const char *words, bool beginning)
{
	struct slice rest = slice_of(words), word;

	if (!words[0])
		return true;
	while (slice_next_field(&rest, ',', &word)) {
		word = slice_trim(word);
		if (word.size > 0 && (beginning ? slice_equal(slice_first(text, word.size), word)
						: slice_equal(text, word)))
			return true;
	}
	return false;
}

static bool fits_pair(const struct logs_record *record, const char *key, const char *words)
{
	const struct slice *value = words[0] ? logs_record_find(record, key) : NULL;

	return value ? fits(*value, words, false) : !words[0];
}

static bool holds(struct slice text, struct slice part)
{
	return text.size >= part.size && part.size > 0 &&
	       memmem(text.data, text.size, part.data, part.size);
}

static bool has_text(const struct logs_record *record, const char *part)
{
	struct slice wanted = slice_of(part);

	if (wanted.size == 0 || holds(record->message, wanted))
		return true;
	for (size_t i = 0; i < record->data_count; i++)
		if (holds(record->data[i].value, wanted))
			return true;
	return false;
}

bool logs_filter_wants(const struct logs_filter *filter, const struct logs_record *record)
{
	if (!filter->any)
		return true;
	if (filter->has_since && logs_instant_before(record->time.instant, filter->since))
		return false;
	if (filter->has_until && logs_instant_before(filter->until, record->time.instant))
		return false;
	if (filter->max_rank >= 0 && logs_level_rank(record->level) > filter->max_rank)
		return false;
	return fits(record->sandbox, filter->sandbox, true) &&
	       fits(record->container, filter->container, true) &&
	       fits(record->source, filter->source, false) &&
	       fits_pair(record, "subsystem", filter->subsystem) && has_text(record, filter->text);
}
