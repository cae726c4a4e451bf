/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* IP and hardware addresses, as text and as bytes. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/error.h"

#define IP_TEXT_SIZE  64
#define MAC_MAX_BYTES 32 /* InfiniBand has 20 */

/* An address, and how many of its bits name the network. Family AF_UNSPEC (0): there is none. */
struct ip_prefix {
	int family; /* AF_INET or AF_INET6 */
	uint8_t bytes[16];
	unsigned length;
};

struct mac_address {
	uint8_t bytes[MAC_MAX_BYTES];
	size_t size; /* 0: there is none */
};

/* 4, 16, or 0 for another family. */
size_t ip_size(int family);

/*
 * "10.0.0.1/24", "fd00::1/64"; without a length all bits count. -EINVAL for anything else, and for a length
 * that the family does not have.
 */
int ip_parse(const char *text, struct ip_prefix *ip, struct error **err);

/* Do all bits count? */
bool ip_is_whole(const struct ip_prefix *ip);

/* The address without its length, and with it; into `text`, which is returned. "" for none. */
const char *ip_format(const struct ip_prefix *ip, char text[IP_TEXT_SIZE]);
const char *ip_format_prefix(const struct ip_prefix *ip, char text[IP_TEXT_SIZE]);

/* "02:42:ac:11:00:02" in either case, of 6 to MAC_MAX_BYTES bytes. -EINVAL for anything else. */
int mac_parse(const char *text, struct mac_address *mac, struct error **err);

bool mac_equal(const struct mac_address *a, const struct mac_address *b);

/* In capitals, as the agent's messages have it; to be freed. "" for none. */
char *mac_format(const struct mac_address *mac);
