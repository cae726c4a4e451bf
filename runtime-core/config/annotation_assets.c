// SPDX-License-Identifier: Apache-2.0
/*
 * A pod's own kernel, image, firmware and so on (spec/config.md 5.5): a path, and where the pod gives one, the
 * SHA-512 that the file must have. A pod's image stands in place of a configured initrd, and the reverse.
 *
 * The hash is of the file as it is now; that nobody changes it before the hypervisor opens it is up to the
 * permissions of its directory.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "annotation_apply.h"
#include "base/digest.h"
#include "base/memory.h"
#include "base/path.h"
#include "model.h"

#define ASSET_MAX_BYTES (16ULL << 30)

#define H(name) ANNOTATION_HYPERVISOR_PREFIX name

/* In the order in which the existing tools look. */
static const struct asset {
	const char *path, *hash;
	const char *hash_in_rs; /* its name there, where it differs */
	enum config_key key;
} assets[] = {
	{ H("firmware"), H("firmware_hash"), NULL, CONFIG_HYPERVISOR_FIRMWARE },
	{ H("firmware_volume"), H("firmware_volume_hash"), NULL,
	  CONFIG_HYPERVISOR_FIRMWARE_VOLUME },
	{ H("path"), H("hypervisor_hash"), H("path_hash"), CONFIG_HYPERVISOR_PATH },
	{ H("image"), H("image_hash"), NULL, CONFIG_HYPERVISOR_IMAGE },
	{ H("initrd"), H("initrd_hash"), NULL, CONFIG_HYPERVISOR_INITRD },
	{ H("jailer_path"), H("jailer_hash"), NULL, CONFIG_HYPERVISOR_JAILER_PATH },
	{ H("kernel"), H("kernel_hash"), NULL, CONFIG_HYPERVISOR_KERNEL },
};

static char *text_of(const struct annotations *annotations, const char *name)
{
	const struct slice *value = name ? annotation_find(annotations, name) : NULL;

	return value ? slice_dup(*value) : xstrdup("");
}

static int check_hash(const char *path, const char *expected, struct error **err)
{
	_cleanup_free_ char *computed = NULL;
	struct digest digest;
	uint64_t size;
	int ret;

	ret = digest_of_file(DIGEST_SHA512, path, ASSET_MAX_BYTES, &digest, &size, err);
	if (ret < 0)
		return ret;
	if (size == 0)
		return error_set(err, -EBADMSG, "Empty asset file at %s", path);
	computed = digest_text(&digest);
	if (strcmp(computed, expected) != 0)
		return error_set(err, -EBADMSG, "Invalid hash for %s: computed %s, expecting %s]",
				 path, computed, expected);
	return 0;
}

static int check_asset(const struct asset *asset, const struct annotations *annotations,
		       const char *path, struct error **err)
{
	_cleanup_free_ char *hash = text_of(annotations, asset->hash);
	_cleanup_free_ char *resolved = NULL;

	if (*path != '/')
		return error_set(err, -EINVAL, "%s is not an absolute path", path);
	if (*hash == '\0') {
		free(hash);
		hash = text_of(annotations, asset->hash_in_rs);
	}
	if (*hash != '\0')
		return check_hash(path, hash, err);
	if (path_resolve(path, &resolved, err) < 0)
		return error_wrap(err, "annotation %s", asset->path);
	return 0;
}

/* Elsewhere an image is a name that only the remote hypervisor understands. */
static bool is_name_of_image(const struct config *config, const struct asset *asset)
{
	return config->hypervisor == CONFIG_REMOTE && asset->key == CONFIG_HYPERVISOR_IMAGE;
}

static int apply_asset(struct config *config, const struct asset *asset,
		       const struct annotations *annotations, struct error **err)
{
	_cleanup_free_ char *path = text_of(annotations, asset->path);
	struct config_origin origin = {
		.source = CONFIG_FROM_ANNOTATION,
		.path = asset->path,
		.written_as = asset->key,
	};
	int ret;

	if (*path == '\0')
		return 0;
	if (!is_name_of_image(config, asset)) {
		ret = check_asset(asset, annotations, path, err);
		if (ret < 0)
			return ret;
	}
	config_set_string(config, asset->key, path, &origin);
	return 0;
}

static bool is_from_pod(const struct config *config, enum config_key key)
{
	return config_origin(config, key)->source == CONFIG_FROM_ANNOTATION &&
	       *config_string(config, key) != '\0';
}

/* What a guest boots from is one of the two; the pod's goes before the configured one. */
static int settle_image_and_initrd(struct config *config, struct error **err)
{
	bool image = is_from_pod(config, CONFIG_HYPERVISOR_IMAGE);
	bool initrd = is_from_pod(config, CONFIG_HYPERVISOR_INITRD);

	if (image && initrd)
		return error_set(err, -EINVAL,
				 "conflicting annotations: cannot set both image and initrd at the "
				 "same time");
	if (image)
		config_set_string(config, CONFIG_HYPERVISOR_INITRD, "",
				  config_origin(config, CONFIG_HYPERVISOR_IMAGE));
	if (initrd)
		config_set_string(config, CONFIG_HYPERVISOR_IMAGE, "",
				  config_origin(config, CONFIG_HYPERVISOR_INITRD));
	return 0;
}

int annotations_apply_assets(struct config *config, const struct annotations *annotations,
			     struct error **err)
{
	for (size_t i = 0; i < ARRAY_SIZE(assets); i++) {
		int ret = apply_asset(config, &assets[i], annotations, err);

		if (ret < 0)
			return ret;
	}
	return settle_image_and_initrd(config, err);
}
