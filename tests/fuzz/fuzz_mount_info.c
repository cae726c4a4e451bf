// SPDX-License-Identifier: Apache-2.0
/* Any bytes as a direct volume's mount info, which a CSI driver hands over on the command line. */
#include <stdint.h>
#include <stdio.h>

#include "base/json_syntax.h"
#include "storage/mount_info.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_make((const char *)data, size);
	_cleanup_(mount_info_freep) struct mount_info *info = NULL;
	_cleanup_error_ struct error *err = NULL, *syntax = NULL;
	int ret = mount_info_parse(text, &info, &err);

	if ((ret == 0) != (info != NULL) || (ret < 0) != (err != NULL))
		abort();
	/* What is no JSON at all is never taken for mount info. */
	if (ret == 0 && json_check(text, &syntax) < 0)
		abort();
	if (info && (!info->volume_type || !info->device || !info->fstype))
		abort();
	return 0;
}
