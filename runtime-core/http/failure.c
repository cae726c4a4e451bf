// SPDX-License-Identifier: Apache-2.0
/*
 * Why a transfer failed, in the words of Go's client where it has words for it: operators and scripts
 * know "dial tcp 192.0.2.1:443: connect: connection refused". What libcurl alone can tell (TLS, broken
 * HTTP) is quoted from it.
 */
#include <ctype.h>
#include <errno.h>

#include "base/memory.h"
#include "base/quote.h"
#include "transfer.h"

void http_describe_request(const struct http_request *request, const char *url, struct strbuf *out)
{
	const char *method = request->method ? request->method : "GET";

	/* "GET" is "Get" in these messages. */
	strbuf_putc(out, method[0]);
	for (const char *c = method + 1; *c; c++)
		strbuf_putc(out, (char)tolower((unsigned char)*c));
	strbuf_putc(out, ' ');
	quote_go(out, slice_of(url));
}

/* The time limit struck; say what was being waited for. */
static void describe_timeout(const struct transfer *transfer, struct strbuf *out)
{
	bool in_body = transfer->answered;
	curl_off_t connected_us = 0;

	transfer->curl->curl_easy_getinfo(transfer->handle, CURLINFO_PRETRANSFER_TIME_T,
					  &connected_us);
	strbuf_puts(out, "context deadline exceeded (Client.Timeout ");
	strbuf_puts(out, in_body ? "or context cancellation while reading body): "
				 : "exceeded while awaiting headers): ");
	if (in_body)
		strbuf_puts(out, "the answer was not complete");
	else if (connected_us)
		strbuf_puts(out, "no answer");
	else if (*transfer->dialled)
		strbuf_printf(out, "no connection to %s", transfer->dialled);
	else
		strbuf_printf(out, "no address for %s",
			      transfer->proxy ? "the proxy" : transfer->host);
	strbuf_printf(out, " within %g s", transfer->request->timeout_ms / 1000.0);
}

static void describe_connect(const struct transfer *transfer, int reason, struct strbuf *out)
{
	const char *network = transfer->request->unix_socket ? "unix" : "tcp";

	if (transfer->proxy)
		strbuf_puts(out, "proxyconnect tcp: ");
	strbuf_printf(out, "dial %s %s: connect: ", network, transfer->dialled);
	strbuf_puts(out, reason ? errno_text(reason) : transfer->reason);
}

static void describe_reason(const struct transfer *transfer, CURLcode code, struct strbuf *out)
{
	const char *reason =
		*transfer->reason ? transfer->reason : transfer->curl->curl_easy_strerror(code);

	quote_terminal(out, slice_of(reason));
}

/* What failures that differ in words only are called. "%" stands for libcurl's reason. */
static const struct failure {
	CURLcode code;
	int error;
	const char *words;
} failures[] = {
	{ CURLE_COULDNT_RESOLVE_PROXY, -EHOSTUNREACH, "proxyconnect tcp: dial tcp: lookup: %" },
	{ CURLE_GOT_NOTHING, -ECONNRESET, "EOF" },
	{ CURLE_PARTIAL_FILE, -ECONNRESET, "unexpected EOF (%)" },
	{ CURLE_RECV_ERROR, -ECONNRESET, "%" },
	{ CURLE_SEND_ERROR, -ECONNRESET, "%" },
	{ CURLE_SSL_CONNECT_ERROR, -EPROTO, "tls: %" },
	{ CURLE_PEER_FAILED_VERIFICATION, -EKEYREJECTED, "tls: failed to verify certificate: %" },
	{ CURLE_SSL_CACERT_BADFILE, -EKEYREJECTED, "tls: trusted certificates: %" },
	{ CURLE_OUT_OF_MEMORY, -ENOMEM, "%" },
};

static int describe_other(const struct transfer *transfer, CURLcode code, struct strbuf *out)
{
	static const struct failure unknown = { .error = -EPROTO, .words = "%" };
	const struct failure *failure = &unknown;

	for (size_t i = 0; i < ARRAY_SIZE(failures); i++)
		if (failures[i].code == code)
			failure = &failures[i];
	for (const char *c = failure->words; *c; c++) {
		if (*c == '%')
			describe_reason(transfer, code, out);
		else
			strbuf_putc(out, *c);
	}
	return failure->error;
}

static int describe(const struct transfer *transfer, CURLcode code, struct strbuf *out)
{
	long reason = 0;

	if (transfer->too_large) {
		strbuf_printf(out, "%s larger than the limit", transfer->too_large);
		return -EFBIG;
	}
	switch (code) {
	case CURLE_OPERATION_TIMEDOUT:
		describe_timeout(transfer, out);
		return -ETIMEDOUT;
	case CURLE_COULDNT_RESOLVE_HOST:
		strbuf_printf(out, "dial tcp: lookup %s: no such host, or no name server answers",
			      transfer->host);
		return -EHOSTUNREACH;
	case CURLE_COULDNT_CONNECT:
		transfer->curl->curl_easy_getinfo(transfer->handle, CURLINFO_OS_ERRNO, &reason);
		describe_connect(transfer, (int)reason, out);
		return reason ? -(int)reason : -ECONNREFUSED;
	default:
		return describe_other(transfer, code, out);
	}
}

int transfer_failed(const struct transfer *transfer, CURLcode code, struct error **err)
{
	_cleanup_strbuf_ struct strbuf words = STRBUF_INIT;
	int error;

	http_describe_request(transfer->request, transfer->url, &words);
	strbuf_puts(&words, ": ");
	error = describe(transfer, code, &words);
	return error_set(err, error, "%s", words.data);
}
