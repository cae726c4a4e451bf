// SPDX-License-Identifier: Apache-2.0
#include "mount_info.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/json_syntax.h"
#include "base/memory.h"

DEFINE_CLEANUP(cJSON *, cJSON_Delete)

static const char *kind_of(const cJSON *json)
{
	if (cJSON_IsBool(json))
		return "bool";
	if (cJSON_IsNumber(json))
		return "number";
	if (cJSON_IsString(json))
		return "string";
	return cJSON_IsArray(json) ? "array" : "object";
}

static int wrong_type(const cJSON *json, const char *member, const char *type, struct error **err)
{
	return error_set(err, -EINVAL,
			 "json: cannot unmarshal %s into Go struct field MountInfo.%s of type %s",
			 kind_of(json), member, type);
}

/* A string into *target; null leaves it as it is. */
static int read_string(const cJSON *json, const char *member, char **target, struct error **err)
{
	if (cJSON_IsNull(json))
		return 0;
	if (!cJSON_IsString(json))
		return wrong_type(json, member, "string", err);
	free(*target);
	*target = xstrdup(json->valuestring);
	return 0;
}

static int read_volume_type(struct mount_info *info, const cJSON *json, struct error **err)
{
	return read_string(json, "volume-type", &info->volume_type, err);
}

static int read_device(struct mount_info *info, const cJSON *json, struct error **err)
{
	return read_string(json, "device", &info->device, err);
}

static int read_fstype(struct mount_info *info, const cJSON *json, struct error **err)
{
	return read_string(json, "fstype", &info->fstype, err);
}

static int read_options(struct mount_info *info, const cJSON *json, struct error **err)
{
	const cJSON *item;

	if (!cJSON_IsArray(json) && !cJSON_IsNull(json))
		return wrong_type(json, "options", "[]string", err);
	string_list_release(&info->options);
	cJSON_ArrayForEach(item, json)
	{
		_cleanup_free_ char *text = xstrdup("");
		int ret = read_string(item, "options", &text, err);

		if (ret < 0)
			return ret;
		string_list_take(&info->options, steal(text));
	}
	return 0;
}

/* The pair of this name, made when it is not there: a repeated name replaces the value. */
static struct mount_info_pair *metadata_pair(struct mount_info *info, const char *name)
{
	struct mount_info_pair *pair;

	for (size_t i = 0; i < info->metadata_count; i++)
		if (strcmp(info->metadata[i].name, name) == 0)
			return &info->metadata[i];
	info->metadata = xgrow(info->metadata, &info->metadata_capacity, info->metadata_count + 1,
			       sizeof(*info->metadata));
	pair = &info->metadata[info->metadata_count++];
	*pair = (struct mount_info_pair){ xstrdup(name), xstrdup("") };
	return pair;
}

static int read_metadata(struct mount_info *info, const cJSON *json, struct error **err)
{
	const cJSON *item;

	if (!cJSON_IsObject(json) && !cJSON_IsNull(json))
		return wrong_type(json, "metadata", "map[string]string", err);
	cJSON_ArrayForEach(item, json)
	{
		int ret = read_string(item, "metadata", &metadata_pair(info, item->string)->value,
				      err);

		if (ret < 0)
			return ret;
	}
	return 0;
}

static const struct {
	const char *name;
	int (*read)(struct mount_info *info, const cJSON *json, struct error **err);
} members[] = {
	{ "volume-type", read_volume_type }, { "device", read_device },	  { "fstype", read_fstype },
	{ "metadata", read_metadata },	     { "options", read_options },
};

static int read_member(struct mount_info *info, const cJSON *json, struct error **err)
{
	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		if (strcasecmp(members[i].name, json->string) == 0)
			return members[i].read(info, json, err);
	return 0;
}

int mount_info_parse(struct slice json, struct mount_info **result, struct error **err)
{
	_cleanup_(mount_info_freep) struct mount_info *info = xcalloc(1, sizeof(*info));
	_cleanup_(cJSON_Deletep) cJSON *root = NULL;
	const cJSON *member;
	int ret;

	info->volume_type = xstrdup("");
	info->device = xstrdup("");
	info->fstype = xstrdup("");
	if (json.size > MOUNT_INFO_MAX_BYTES)
		return error_set(err, -EINVAL, "mount info of %zu bytes is over the limit of %zu",
				 json.size, MOUNT_INFO_MAX_BYTES);
	if (json.size == 0)
		return error_set(err, -EINVAL,
				 "unexpected end of JSON input: the mount info is empty");
	ret = json_check(json, err);
	if (ret < 0)
		return ret;
	root = cJSON_ParseWithLength(json.data, json.size);
	if (!root)
		return error_set(err, -EINVAL, "mount info has a \\u escape that is no character");
	if (!cJSON_IsObject(root) && !cJSON_IsNull(root))
		return error_set(err, -EINVAL,
				 "json: cannot unmarshal %s into Go value of type volume.MountInfo",
				 kind_of(root));
	cJSON_ArrayForEach(member, root)
	{
		ret = read_member(info, member, err);
		if (ret < 0)
			return ret;
	}
	*result = steal(info);
	return 0;
}

void mount_info_free(struct mount_info *info)
{
	if (!info)
		return;
	free(info->volume_type);
	free(info->device);
	free(info->fstype);
	for (size_t i = 0; i < info->metadata_count; i++) {
		free(info->metadata[i].name);
		free(info->metadata[i].value);
	}
	free(info->metadata);
	string_list_release(&info->options);
	free(info);
}
