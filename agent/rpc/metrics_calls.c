// SPDX-License-Identifier: Apache-2.0
/* GetMetrics (spec/agent.md 14), and what is left of a container to look at: GetDiagnosticData (6). */
#include "agent/metrics/metrics.h"
#include "internal.h"

#define TERMINATION_LOG "termination_log"

/* ---- GetMetrics -------------------------------------------------------------------------------- */

struct metrics {
	uint64_t scrapes;
	struct strbuf text;
};

static int run_metrics(struct call *call, struct error **err)
{
	struct metrics *metrics = call->result;

	(void)err;
	metrics_collect("", metrics->scrapes, &metrics->text);
	return 0;
}

static void collected(struct call *call)
{
	struct metrics *metrics = call->result;
	Grpc__Metrics response = GRPC__METRICS__INIT;

	response.metrics = metrics->text.data;
	ttrpc_request_reply(call->request, &response.base);
	strbuf_release(&metrics->text);
	free(metrics);
}

/* On a queue of its own: a file system that does not answer keeps nobody else. */
HANDLER(handle_get_metrics)
{
	struct sandbox *sandbox = context;
	struct call *call = call_new(sandbox, NULL, request, input);
	struct metrics *metrics = xcalloc(1, sizeof(*metrics));

	*metrics = (struct metrics){ .scrapes = ++sandbox->scrapes, .text = STRBUF_INIT };
	call->result = metrics;
	call->queue = &sandbox->metrics_queue;
	call_submit(call, run_metrics, collected);
}

/* ---- GetDiagnosticData ------------------------------------------------------------------------- */

static int run_termination_log(struct call *call, struct error **err)
{
	char *text = NULL;
	int ret = container_read_termination_log(call->container, &text, err);

	call->result = text;
	return ret;
}

static void log_read(struct call *call)
{
	Grpc__GetDiagnosticDataResponse response = GRPC__GET_DIAGNOSTIC_DATA_RESPONSE__INIT;

	response.data = call->result;
	ttrpc_request_reply(call->request, &response.base);
	free(call->result);
}

HANDLER(handle_get_diagnostic_data)
{
	const Grpc__GetDiagnosticDataRequest *wanted = input;
	struct sandbox *sandbox = context;
	struct container *container;

	if (strcmp(wanted->log_type, TERMINATION_LOG) != 0) {
		ttrpc_request_fail(request, TTRPC_INVALID_ARGUMENT,
				   "\"unsupported diagnostic log_type: %s\"", wanted->log_type);
		return;
	}
	container = sandbox_find_container(sandbox, wanted->container_id);
	if (container)
		call_submit(call_new(sandbox, container, request, input), run_termination_log,
			    log_read);
	else
		ttrpc_request_fail(request, TTRPC_INTERNAL, "Invalid container id");
}
