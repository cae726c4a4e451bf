// SPDX-License-Identifier: Apache-2.0
/* Calls about devices that are the guest's own: swap (spec/agent.md 6). */
#include <errno.h>
#include <sys/swap.h>

#include "base/strbuf.h"
#include "internal.h"

/* Disks with swap area are the host's to make; which of them is first does not matter. */
static int swap_on(const char *path, struct error **err)
{
	if (swapon(path, 0) < 0)
		return error_set_errno(err, -errno, "libc::swapon get error for %s", path);
	return 0;
}

/* The slots on the way to the disk, each with its function 0. */
static int run_add_swap(struct call *call, struct error **err)
{
	const Grpc__AddSwapRequest *input = call->input;
	_cleanup_strbuf_ struct strbuf pci_path = STRBUF_INIT;
	_cleanup_free_ char *node = NULL;
	int ret;

	for (size_t i = 0; i < input->n_pcipath; i++)
		strbuf_printf(&pci_path, i ? "/%02x" : "%02x", input->pcipath[i]);
	ret = devices_wait_pci_block(call->sandbox->devices, pci_path.data, &node, err);
	return ret < 0 ? ret : swap_on(node, err);
}

HANDLER(handle_add_swap)
{
	call_submit(call_new(context, NULL, request, input), run_add_swap, NULL);
}

static int run_add_swap_path(struct call *call, struct error **err)
{
	const Grpc__AddSwapPathRequest *input = call->input;

	if (input->path[0] != '/')
		return error_set(err, -EINVAL, "the swap's path \"%s\" is not absolute",
				 input->path);
	return swap_on(input->path, err);
}

HANDLER(handle_add_swap_path)
{
	call_submit(call_new(context, NULL, request, input), run_add_swap_path, NULL);
}
