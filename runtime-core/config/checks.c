// SPDX-License-Identifier: Apache-2.0
#include "checks.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/path.h"
#include "base/quote.h"
#include "base/strbuf.h"
#include "internal.h"
#include "model.h"
#include "verity.h"

#define SECTOR_SIZE_MIN 512
#define SECTOR_SIZE_MAX 65536

/* --- saying no ---------------------------------------------------------------------------------- */

void config_refuse(struct config *config, const char *id, enum config_key key, int code,
		   const char *format, ...)
{
	_cleanup_free_ char *message = NULL;
	va_list arguments;

	va_start(arguments, format);
	message = xvasprintf(format, arguments);
	va_end(arguments);
	config_report(config, key,
		      &(struct config_problem){
			      .severity = CONFIG_ERROR, .id = id, .code = code, .prefixed = true },
		      "%s", message);
}

/* --- words -------------------------------------------------------------------------------------- */

char *config_words_text(const char *const *words)
{
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;

	for (; *words; words++)
		strbuf_printf(&out, "%s%s", out.size ? " " : "[", *words);
	strbuf_putc(&out, ']');
	return strbuf_steal(&out);
}

char *config_fill(const char *text, const char *const *pairs)
{
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;

	while (*text) {
		const char *const *pair = pairs;

		while (*pair && !slice_starts_with(slice_of(text), *pair))
			pair += 2;
		if (*pair) {
			strbuf_puts(&out, pair[1]);
			text += strlen(*pair);
		} else {
			strbuf_putc(&out, *text++);
		}
	}
	return strbuf_steal(&out);
}

/* Fill in a text of the key table: {} is the value, {words} the list. */
static char *fill_refusal(const char *text, const char *value, const char *const *words)
{
	_cleanup_free_ char *list = config_words_text(words);

	return config_fill(text, (const char *const[]){ "{}", value, "{words}", list, NULL });
}

static bool is_word(const char *const *words, const char *word)
{
	while (*words && strcmp(*words, word) != 0)
		words++;
	return *words;
}

static void check_word(struct config *config, enum config_key key, bool prefixed)
{
	const struct config_key_info *info = config_key_info(key);
	bool go = config->dialect == CONFIG_GO;
	const char *const *words = go ? info->go_words : info->rs_words;
	const char *refusal = go ? info->go_refusal : info->rs_refusal;
	const char *value = config_string(config, key), *nearest;
	_cleanup_free_ char *suggestion = NULL;
	_cleanup_free_ char *message = NULL;

	if (!words || *value == '\0' || is_word(words, value) ||
	    config_key_forced(key, config->dialect, config->hypervisor))
		return;
	nearest = config_word_nearest(words, slice_of(value));
	if (nearest)
		suggestion = xasprintf("did you mean %s?", nearest);
	message = fill_refusal(refusal ? refusal : "{} is none of {words}", value, words);
	config_report(config, key,
		      &(struct config_problem){ .severity = refusal ? CONFIG_ERROR : CONFIG_WARNING,
						.id = "value",
						.code = -EINVAL,
						.prefixed = prefixed,
						.suggestion = suggestion },
		      "%s", message);
}

void config_check_word(struct config *config, enum config_key key)
{
	check_word(config, key, true);
}

void config_check_word_plainly(struct config *config, enum config_key key)
{
	check_word(config, key, false);
}

/* --- files -------------------------------------------------------------------------------------- */

void config_check_path(struct config *config, enum config_key key)
{
	_cleanup_error_ struct error *reason = NULL;
	_cleanup_free_ char *resolved = NULL;
	const char *path = config_string(config, key);

	if (*path == '\0')
		return;
	if (path_resolve(path, &resolved, &reason) < 0) {
		config_refuse(config, "missing-file", key, error_code(reason), "%s",
			      error_message(reason));
		return;
	}
	if (strcmp(path, resolved) != 0)
		config_adjust(config, key, resolved, "links followed");
}

void config_check_extension_images(struct config *config, enum config_key key)
{
	const char *list = config_key_info(key)->name;

	for (size_t i = 0; i < config->extension_image_count; i++) {
		const struct config_extension_image *image = &config->extension_images[i];
		_cleanup_error_ struct error *reason = NULL;
		const char *c = image->name;

		while (isalnum((unsigned char)*c) || *c == '_' || *c == '-')
			c++;
		if (image->name[0] == '\0')
			config_refuse(config, "value", key, -EINVAL,
				      "%s entry %zu is missing required 'name' field", list, i);
		else if (*c)
			config_refuse(config, "value", key, -EINVAL,
				      "%s '%s' has an invalid name: only letters, digits, _ and - "
				      "are allowed",
				      list, image->name);
		if (verity_params_check(image->verity_params, &reason) < 0)
			config_refuse(config, "value", key, -EINVAL,
				      "%s '%s' has invalid verity_params: %s", list, image->name,
				      error_message(reason));
	}
}

/* --- the rest ----------------------------------------------------------------------------------- */

void config_check_sector_size(struct config *config, enum config_key key)
{
	uint64_t size = config_u64(config, key);

	if (size == 0 ||
	    (size >= SECTOR_SIZE_MIN && size <= SECTOR_SIZE_MAX && (size & (size - 1)) == 0))
		return;
	if (config->dialect == CONFIG_GO)
		config_refuse(config, "range", key, -ERANGE,
			      "invalid %s %llu: must be 0 or a power of 2 between %d and %d",
			      config_key_info(key)->name, (unsigned long long)size, SECTOR_SIZE_MIN,
			      SECTOR_SIZE_MAX);
	else
		config_problem_at(
			config, CONFIG_ERROR, "range", key, -ERANGE,
			"invalid sector size %llu: must be 0 or a power of 2 between %d and %d",
			(unsigned long long)size, SECTOR_SIZE_MIN, SECTOR_SIZE_MAX);
}

void config_check_sector_order(struct config *config, enum config_key key)
{
	uint64_t logical = config_u64(config, CONFIG_HYPERVISOR_BLOCK_DEVICE_LOGICAL_SECTOR_SIZE);
	uint64_t physical = config_u64(config, CONFIG_HYPERVISOR_BLOCK_DEVICE_PHYSICAL_SECTOR_SIZE);

	if (logical && physical && logical > physical)
		config_refuse(config, "range", key, -ERANGE,
			      "invalid sector sizes: logical (%llu) must not be larger than "
			      "physical (%llu)",
			      (unsigned long long)logical, (unsigned long long)physical);
}

/* Our runtime serves vsock from user space where the kernel does not: no reason to refuse. */
void config_check_vsock(struct config *config, enum config_key key)
{
	_cleanup_free_ char *device = path_join(config->host.device_root, "vhost-vsock");
	struct stat status;

	(void)key;
	if (stat(device, &status) == 0)
		return;
	config_report(config, CONFIG_KEY_NONE,
		      &(struct config_problem){
			      .severity = CONFIG_WARNING,
			      .id = "vsock",
			      .code = -errno,
			      .suggestion =
				      "load the module with `modprobe vhost_vsock`, or let the "
				      "runtime serve vsock from user space" },
		      "host system doesn't support vsock: stat %s: %s", device, errno_text(errno));
}
