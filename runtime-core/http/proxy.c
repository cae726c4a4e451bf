// SPDX-License-Identifier: Apache-2.0
#include "proxy.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdlib.h>
#include <strings.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/slice.h"
#include "base/strbuf.h"

/* An address as 16 bytes, IPv4 in its mapped form, so that both families compare alike. */
struct address {
	unsigned char bytes[16];
	bool is_ipv4;
};

static const unsigned char ipv4_mapped[12] = { [10] = 0xff, [11] = 0xff };

static bool parse_address(struct slice text, struct address *address)
{
	char copy[INET6_ADDRSTRLEN];

	if (text.size >= sizeof(copy) || text.size == 0)
		return false;
	memcpy(copy, text.data, text.size);
	copy[text.size] = '\0';
	memcpy(address->bytes, ipv4_mapped, sizeof(ipv4_mapped));
	address->is_ipv4 = inet_pton(AF_INET, copy, address->bytes + sizeof(ipv4_mapped)) == 1;
	return address->is_ipv4 || inet_pton(AF_INET6, copy, address->bytes) == 1;
}

static bool same_leading_bits(const struct address *a, const struct address *b, unsigned bits)
{
	unsigned rest = bits % 8;
	unsigned char mask = (unsigned char)(0xff << (8 - rest));

	return memcmp(a->bytes, b->bytes, bits / 8) == 0 &&
	       (rest == 0 || ((a->bytes[bits / 8] ^ b->bytes[bits / 8]) & mask) == 0);
}

/* "192.0.2.0/24", "2001:db8::/32" */
static bool in_network(struct slice entry, const struct address *address)
{
	size_t slash = slice_find(entry, '/');
	struct address network;
	uint64_t bits;

	if (!parse_address(slice_first(entry, slash), &network) ||
	    number_parse_u64(slice_from(entry, slash + 1), &bits) < 0 ||
	    bits > (network.is_ipv4 ? 32 : 128))
		return false;
	if (network.is_ipv4)
		bits += 96;
	return same_leading_bits(&network, address, (unsigned)bits);
}

static bool ends_with_ignoring_case(const char *host, struct slice suffix)
{
	size_t size = strlen(host);

	return size >= suffix.size &&
	       strncasecmp(host + size - suffix.size, suffix.data, suffix.size) == 0;
}

/* "example.org" is the host itself and what is below it, ".example.org" only what is below. */
static bool in_domain(struct slice entry, const char *host)
{
	size_t above;

	if (entry.size == 0 || !ends_with_ignoring_case(host, entry))
		return false;
	above = strlen(host) - entry.size;
	if (entry.data[0] == '.')
		return above > 0;
	return above == 0 || host[above - 1] == '.';
}

/* Cut ":port" and the brackets of an IPv6 address off an entry; 0 when it has no port. */
static uint64_t cut_port(struct slice *entry)
{
	bool bracketed = entry->size && entry->data[0] == '[';
	size_t at = bracketed ? slice_find(*entry, ']') + 1 : slice_find(*entry, ':');
	uint64_t port = 0;

	if (at < entry->size && entry->data[at] == ':') {
		struct slice text = slice_from(*entry, at + 1);

		/* More colons without brackets are an IPv6 address. */
		if (number_parse_u64(text, &port) < 0)
			return 0;
		*entry = slice_first(*entry, at);
	}
	if (bracketed && entry->size >= 2)
		*entry = slice_make(entry->data + 1, entry->size - 2);
	return port;
}

static bool entry_matches(struct slice entry, const char *host, const struct address *address,
			  unsigned port)
{
	struct address exempt;
	uint64_t only_port;

	if (slice_is(entry, "*"))
		return true;
	if (slice_find(entry, '/') < entry.size)
		return address && in_network(entry, address);
	only_port = cut_port(&entry);
	if (only_port && only_port != port)
		return false;
	if (parse_address(entry, &exempt))
		return address && same_leading_bits(&exempt, address, 128);
	if (slice_starts_with(entry, "*."))
		entry = slice_from(entry, 1);
	return in_domain(entry, host);
}

static bool is_loopback(const struct address *address)
{
	static const struct address localhost = { .bytes = { [15] = 1 } };

	return same_leading_bits(address, &localhost, 128) ||
	       (memcmp(address->bytes, ipv4_mapped, sizeof(ipv4_mapped)) == 0 &&
		address->bytes[sizeof(ipv4_mapped)] == 127);
}

static bool is_exempt(const char *no_proxy, const char *host, unsigned port)
{
	struct slice rest = slice_of(no_proxy ? no_proxy : "");
	struct address parsed;
	const struct address *address = parse_address(slice_of(host), &parsed) ? &parsed : NULL;
	struct slice entry;

	if (strcasecmp(host, "localhost") == 0 || (address && is_loopback(address)))
		return true;
	while (slice_next_field(&rest, ',', &entry))
		if (entry_matches(slice_trim(entry), host, address, port))
			return true;
	return false;
}

/* With a scheme ("http" unless it has one) and without a trailing slash. */
static char *complete_url(const char *proxy)
{
	struct slice text = slice_trim(slice_of(proxy));

	while (slice_ends_with(text, "/"))
		text.size--;
	return xasprintf("%s%.*s", slice_find_string(text, "://") < text.size ? "" : "http://",
			 SLICE_ARGS(text));
}

char *proxy_choose(const struct proxy_environment *environment, const char *scheme,
		   const char *host, unsigned port)
{
	const char *proxy =
		strcmp(scheme, "https") == 0 ? environment->https_proxy : environment->http_proxy;

	if (!proxy || !*proxy || is_exempt(environment->no_proxy, host, port))
		return NULL;
	return complete_url(proxy);
}

unsigned proxy_default_port(const char *proxy)
{
	if (strncasecmp(proxy, "https:", 6) == 0)
		return 443;
	return strncasecmp(proxy, "socks", 5) == 0 ? 1080 : 80;
}

static const char *first_set(const char *upper, const char *lower)
{
	const char *value = getenv(upper);

	return value && *value ? value : getenv(lower);
}

struct proxy_environment proxy_environment_get(void)
{
	return (struct proxy_environment){
		.https_proxy = first_set("HTTPS_PROXY", "https_proxy"),
		.http_proxy = first_set("HTTP_PROXY", "http_proxy"),
		.no_proxy = first_set("NO_PROXY", "no_proxy"),
	};
}
