/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The host's side: unix sockets in place of ports. */

#include "transport.h"

/* How long a host program has to say a port, and the guest to answer. */
#define HYBRID_TIMEOUT_MS 10000

/* Take a program's connection to the hybrid socket. */
void hybrid_accept(struct transport *transport, int fd);

/* The guest wants to connect: find the program that listens for this port. False: nobody does. */
bool hybrid_connect(struct transport *transport, const struct packet *request);
