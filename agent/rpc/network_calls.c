// SPDX-License-Identifier: Apache-2.0
/* Calls about the guest's network (spec/agent.md 6, 9). */
#include "internal.h"

#include <errno.h>

#include "agent/device/device.h"
#include "agent/network/network.h"
#include "agent/process/reaper.h"
#include "proto/message.h"

static void submit(struct sandbox *sandbox, struct ttrpc_request *request, const void *input,
		   int (*run)(struct call *, struct error **), void (*done)(struct call *))
{
	struct call *call = call_new(sandbox, NULL, request, input);

	call->queue = &sandbox->network_queue;
	call_submit(call, run, done);
}

/* `result` is a message to answer with. */
static void answer(struct call *call)
{
	ttrpc_request_reply(call->request, call->result);
	proto_free(call->result);
}

/* ---- interfaces -------------------------------------------------------------------------------- */

/* A host that names the device may ask before the guest has it. */
static int run_update_interface(struct call *call, struct error **err)
{
	const Grpc__UpdateInterfaceRequest *input = call->input;
	const char *device = input->interface->devicepath;
	_cleanup_free_ char *name = NULL;

	if (device[0] && devices_wait_pci_net(call->sandbox->devices, device, &name, err) < 0)
		return error_wrap(err, "interface not available");
	if (network_update_interface(input->interface, name, err) < 0)
		return error_wrap(err, "update interface");
	return 0;
}

/* What was asked for is what there is now. */
static void interface_updated(struct call *call)
{
	const Grpc__UpdateInterfaceRequest *input = call->input;

	ttrpc_request_reply(call->request, &input->interface->base);
}

HANDLER(handle_update_interface)
{
	const Grpc__UpdateInterfaceRequest *update = input;

	if (update->interface)
		submit(context, request, input, run_update_interface, interface_updated);
	else
		ttrpc_request_fail(request, TTRPC_INVALID_ARGUMENT,
				   "\"empty update interface request\"");
}

static int run_list_interfaces(struct call *call, struct error **err)
{
	Grpc__Interfaces *interfaces = NULL;
	int ret = network_list_interfaces(&interfaces, err);

	call->result = interfaces;
	return ret;
}

HANDLER(handle_list_interfaces)
{
	submit(context, request, input, run_list_interfaces, answer);
}

/* ---- routes and neighbours --------------------------------------------------------------------- */

static int run_list_routes(struct call *call, struct error **err)
{
	Grpc__Routes *routes = NULL;
	int ret = network_list_routes(&routes, err);

	call->result = routes;
	return ret;
}

HANDLER(handle_list_routes)
{
	submit(context, request, input, run_list_routes, answer);
}

static int run_update_routes(struct call *call, struct error **err)
{
	const Grpc__UpdateRoutesRequest *input = call->input;
	int ret = network_update_routes(input->routes, err);

	return ret < 0 ? error_wrap(err, "Failed to update routes") : run_list_routes(call, err);
}

HANDLER(handle_update_routes)
{
	const Grpc__UpdateRoutesRequest *update = input;

	if (update->routes)
		submit(context, request, input, run_update_routes, answer);
	else
		ttrpc_request_fail(request, TTRPC_INVALID_ARGUMENT,
				   "\"empty update routes request\"");
}

static int run_add_neighbours(struct call *call, struct error **err)
{
	const Grpc__AddARPNeighborsRequest *input = call->input;

	return network_add_neighbours(input->neighbors, err);
}

HANDLER(handle_add_arp_neighbors)
{
	const Grpc__AddARPNeighborsRequest *addition = input;

	if (addition->neighbors)
		submit(context, request, input, run_add_neighbours, NULL);
	else
		ttrpc_request_fail(request, TTRPC_INVALID_ARGUMENT,
				   "\"empty add arp neighbours request\"");
}

/* ---- packet filters ---------------------------------------------------------------------------- */

static int run_get_tables(struct call *call, struct error **err)
{
	const Grpc__GetIPTablesRequest *input = call->input;
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	int ret;

	reaper_hold(call->sandbox->reaper);
	ret = network_save_tables(input->is_ipv6, &out, err);
	reaper_release(call->sandbox->reaper);
	if (ret == 0) {
		Grpc__GetIPTablesResponse *response = xmalloc(sizeof(*response));

		grpc__get_iptables_response__init(response);
		response->data.len = out.size;
		response->data.data = out.size ? (uint8_t *)strbuf_steal(&out) : NULL;
		call->result = response;
	}
	return ret;
}

HANDLER(handle_get_iptables)
{
	submit(context, request, input, run_get_tables, answer);
}

static int run_set_tables(struct call *call, struct error **err)
{
	const Grpc__SetIPTablesRequest *input = call->input;
	_cleanup_strbuf_ struct strbuf out = STRBUF_INIT;
	struct slice rules = slice_make((const char *)input->data.data, input->data.len);
	int ret;

	reaper_hold(call->sandbox->reaper);
	ret = network_restore_tables(input->is_ipv6, rules, &out, err);
	reaper_release(call->sandbox->reaper);
	if (ret == 0) {
		Grpc__SetIPTablesResponse *response = xmalloc(sizeof(*response));

		grpc__set_iptables_response__init(response);
		response->data.len = out.size;
		response->data.data = out.size ? (uint8_t *)strbuf_steal(&out) : NULL;
		call->result = response;
	}
	return ret;
}

HANDLER(handle_set_iptables)
{
	submit(context, request, input, run_set_tables, answer);
}
