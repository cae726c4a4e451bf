// SPDX-License-Identifier: Apache-2.0
#include "release_list.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/strbuf.h"

#define MAX_DATE_BYTES 64
#define MAX_URL_BYTES  1024

static const char *const download_pages[] = {
	"https://github.com/kata-containers/kata-containers/releases/download/",
	"https://github.com/kata-containers/runtime/releases/download/",
};

/* ---- one release ------------------------------------------------------------------------------- */

static struct slice text_member(const cJSON *object, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));

	return slice_of(text ? text : "");
}

/* It will be printed as one field of a line: nothing there may be mistaken for anything else. */
static bool is_plain(struct slice text, size_t max_size, char separator)
{
	if (text.size == 0 || text.size > max_size)
		return false;
	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] <= ' ' || text.data[i] > '~' || text.data[i] == separator)
			return false;
	return true;
}

static bool is_own_download(struct slice url)
{
	for (size_t i = 0; i < ARRAY_SIZE(download_pages); i++)
		if (slice_starts_with(url, download_pages[i]))
			return true;
	return false;
}

/* What makes this release unusable, or NULL. */
static const char *find_flaw(const cJSON *release, const cJSON *asset)
{
	_cleanup_error_ struct error *unwanted = NULL; /* the debug record names the tag itself */
	struct semver version;

	if (semver_parse(text_member(release, "tag_name"), &version, &unwanted) < 0)
		return "its tag is not a semantic version";
	if (!cJSON_IsObject(asset))
		return "it has no asset";
	if (text_member(asset, "name").size == 0)
		return "its first asset has no name";
	if (!is_plain(text_member(asset, "created_at"), MAX_DATE_BYTES, ';'))
		return "its first asset has no date";
	if (!is_plain(text_member(asset, "browser_download_url"), MAX_URL_BYTES, ' ') ||
	    !is_own_download(text_member(asset, "browser_download_url")))
		return "its download URL is not below Kata's release pages";
	return NULL;
}

static void add_release(struct release_list *list, const cJSON *json)
{
	const cJSON *assets = cJSON_GetObjectItemCaseSensitive(json, "assets");
	const cJSON *asset = cJSON_IsArray(assets) ? cJSON_GetArrayItem(assets, 0) : NULL;
	struct slice tag = text_member(json, "tag_name");
	const char *flaw = find_flaw(json, asset);
	_cleanup_error_ struct error *impossible = NULL; /* find_flaw has parsed it already */
	struct release *release;

	if (flaw) {
		log_debug("ignoring invalid release version", LOG_STR("version", tag.data),
			  LOG_STR("reason", flaw));
		return;
	}
	list->items = xgrow(list->items, &list->capacity, list->count + 1, sizeof(*list->items));
	release = &list->items[list->count++];
	release->version = slice_dup(tag);
	release->date = slice_dup(text_member(asset, "created_at"));
	release->url = slice_dup(text_member(asset, "browser_download_url"));
	semver_parse(slice_of(release->version), &release->parsed, &impossible);
}

/* ---- a page ------------------------------------------------------------------------------------ */

static bool starts_a_value(char c)
{
	return (c >= '0' && c <= '9') || strchr("[{\"-tfn", c);
}

/* `position` is where cJSON gave up, which is the last byte when it wanted more than there is. */
static int not_json(struct slice json, size_t position, struct error **err)
{
	struct slice text = slice_trim(json);

	if (text.size && text.data[0] > ' ' && text.data[0] <= '~' && !starts_a_value(text.data[0]))
		return error_set(err, -EBADMSG,
				 "invalid character '%c' looking for beginning of value",
				 text.data[0]);
	if (position + 1 >= json.size && !slice_ends_with(text, "]"))
		return error_set(err, -EBADMSG, "unexpected end of JSON input");
	return error_set(err, -EBADMSG, "invalid JSON at byte %zu", position);
}

static const char *kind_of(const cJSON *value)
{
	if (cJSON_IsObject(value))
		return "an object";
	if (cJSON_IsArray(value))
		return "an array";
	if (cJSON_IsString(value))
		return "a string";
	if (cJSON_IsNumber(value))
		return "a number";
	return cJSON_IsBool(value) ? "a boolean" : "null";
}

static int check_page(const cJSON *page, struct error **err)
{
	const cJSON *item;
	size_t count = 0;

	if (!cJSON_IsArray(page))
		return error_set(err, -EBADMSG, "%s instead of an array of releases",
				 kind_of(page));
	cJSON_ArrayForEach(item, page)
	{
		if (!cJSON_IsObject(item))
			return error_set(err, -EBADMSG, "release %zu is %s instead of an object",
					 count + 1, kind_of(item));
		if (++count > RELEASE_PAGE_MAX_RELEASES)
			return error_set(err, -EBADMSG, "more than %d releases on one page",
					 RELEASE_PAGE_MAX_RELEASES);
	}
	return 0;
}

int release_list_add_page(struct release_list *list, struct slice json, struct error **err)
{
	const char *end = json.data;
	const cJSON *item;
	cJSON *page;
	int ret;

	/* cJSON bounds the depth by itself (CJSON_NESTING_LIMIT). */
	page = cJSON_ParseWithLengthOpts(json.data, json.size, &end, false);
	if (!page)
		return not_json(json, end ? (size_t)(end - json.data) : 0, err);
	ret = check_page(page, err);
	if (ret == 0 && slice_trim(slice_from(json, (size_t)(end - json.data))).size)
		ret = error_set(err, -EBADMSG, "more behind the end of the JSON document");
	if (ret == 0)
		cJSON_ArrayForEach(item, page) add_release(list, item);
	cJSON_Delete(page);
	return ret;
}

/* ---- the list ---------------------------------------------------------------------------------- */

static int compare_releases(const void *left, const void *right)
{
	const struct release *a = left, *b = right;
	int order = semver_compare(&a->parsed, &b->parsed);

	/* Any fixed order will do for versions that differ in build metadata, and for tags listed twice. */
	if (order == 0)
		order = strcmp(a->date, b->date);
	return order ? order : strcmp(a->version, b->version);
}

void release_list_sort(struct release_list *list)
{
	if (list->count)
		qsort(list->items, list->count, sizeof(*list->items), compare_releases);
}

static void release_clear(struct release *release)
{
	free(release->version);
	free(release->date);
	free(release->url);
}

void release_list_drop_prereleases(struct release_list *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (semver_is_prerelease(&list->items[i].parsed))
			release_clear(&list->items[i]);
		else
			list->items[kept++] = list->items[i];
	}
	list->count = kept;
}

void release_list_release(struct release_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		release_clear(&list->items[i]);
	free(list->items);
	*list = (struct release_list){ 0 };
}
