/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The guest's network as the host describes it: interfaces, routes, neighbours, packet filters (spec/agent.md 6, 9).
 * Everything is checked before anything is changed. All of it is for jobs: it blocks.
 */

#include <stdbool.h>

#include "base/error.h"
#include "base/slice.h"
#include "base/strbuf.h"
#include "proto/agent.pb-c.h"

/*
 * Give an interface its name, addresses, MTU and flags, and bring it up. It is the one named `found`, where the
 * host has said which device it belongs to, else (NULL) the one with the wanted hardware address, else the one with
 * the wanted name. An interface that has the wanted name already gets the name that becomes free.
 * "Link not found" in the message, with -ENODEV, makes a host try again.
 */
int network_update_interface(const Types__Interface *wanted, const char *found, struct error **err);

/* Add or replace routes of the main table, those without a gateway first. Nothing is deleted. */
int network_update_routes(const Grpc__Routes *routes, struct error **err);

int network_add_neighbours(const Grpc__ARPNeighbors *neighbours, struct error **err);

/* What there is; freed with proto_free(). Routes are those of the main table, IPv4 first. */
int network_list_interfaces(Grpc__Interfaces **interfaces, struct error **err);
int network_list_routes(Grpc__Routes **routes, struct error **err);

/* Put what has gone through each interface but the loopback into an answer about a container, which all share them. */
int network_add_statistics(Grpc__StatsContainerResponse *response, struct error **err);

/*
 * The rules of iptables or ip6tables as its programs in the guest print and take them. What they print is appended
 * to *out. The caller sees to it that nobody else waits for our children.
 */
int network_save_tables(bool ipv6, struct strbuf *out, struct error **err);
int network_restore_tables(bool ipv6, struct slice rules, struct strbuf *out, struct error **err);
