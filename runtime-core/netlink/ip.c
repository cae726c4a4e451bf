// SPDX-License-Identifier: Apache-2.0
#include "ip.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/strbuf.h"

#define MAC_MIN_BYTES 6

size_t ip_size(int family)
{
	return family == AF_INET ? 4 : family == AF_INET6 ? 16 : 0;
}

int ip_parse(const char *text, struct ip_prefix *ip, struct error **err)
{
	struct slice whole = slice_of(text);
	size_t slash = slice_find(whole, '/');
	char address[IP_TEXT_SIZE];
	uint64_t length;

	*ip = (struct ip_prefix){ .family = slice_find(whole, ':') < whole.size ? AF_INET6
										: AF_INET };
	if (slash >= sizeof(address))
		return error_set(err, -EINVAL, "a text of %zu bytes is no IP address", whole.size);
	memcpy(address, text, slash);
	address[slash] = '\0';
	if (inet_pton(ip->family, address, ip->bytes) != 1)
		return error_set(err, -EINVAL, "\"%s\" is no IP address", address);
	length = ip_size(ip->family) * 8;
	if (slash < whole.size && (number_parse_u64(slice_from(whole, slash + 1), &length) < 0 ||
				   length > ip_size(ip->family) * 8))
		return error_set(err, -EINVAL, "%s: behind the slash stands no number up to %zu",
				 address, ip_size(ip->family) * 8);
	ip->length = (unsigned)length;
	return 0;
}

bool ip_is_whole(const struct ip_prefix *ip)
{
	return ip->length == ip_size(ip->family) * 8;
}

const char *ip_format(const struct ip_prefix *ip, char text[IP_TEXT_SIZE])
{
	if (!inet_ntop(ip->family, ip->bytes, text, IP_TEXT_SIZE))
		text[0] = '\0';
	return text;
}

const char *ip_format_prefix(const struct ip_prefix *ip, char text[IP_TEXT_SIZE])
{
	size_t size = strlen(ip_format(ip, text));

	if (size > 0)
		snprintf(text + size, IP_TEXT_SIZE - size, "/%u", ip->length);
	return text;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = c ? strchr(digits, c | 0x20) : NULL;

	return found ? (int)(found - digits) : -1;
}

int mac_parse(const char *text, struct mac_address *mac, struct error **err)
{
	struct slice rest = slice_of(text), pair;

	*mac = (struct mac_address){ 0 };
	while (slice_next_field(&rest, ':', &pair)) {
		int high = pair.size == 2 ? hex_digit(pair.data[0]) : -1;
		int low = pair.size == 2 ? hex_digit(pair.data[1]) : -1;

		if (high < 0 || low < 0 || mac->size == MAC_MAX_BYTES) {
			mac->size = 0;
			break;
		}
		mac->bytes[mac->size++] = (uint8_t)(high << 4 | low);
	}
	if (mac->size < MAC_MIN_BYTES)
		return error_set(err, -EINVAL,
				 "\"%.*s\" is no hardware address like 02:42:ac:11:00:02",
				 SLICE_ARGS(slice_first(slice_of(text), IP_TEXT_SIZE)));
	return 0;
}

bool mac_equal(const struct mac_address *a, const struct mac_address *b)
{
	return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

char *mac_format(const struct mac_address *mac)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;

	for (size_t i = 0; i < mac->size; i++)
		strbuf_printf(&text, i ? ":%02X" : "%02X", mac->bytes[i]);
	return text.size ? strbuf_steal(&text) : xstrdup("");
}
