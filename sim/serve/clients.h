/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/serve/clients.h - what the served cloud remembers of each connection of a stream: what its
 * intake decided, and what of its bytes still waits for its turn. */
#ifndef SIM_SERVE_CLIENTS_H
#define SIM_SERVE_CLIENTS_H

#include "net/address.h"
#include "sim/cloud/edge.h"
#include "sim/core/map.h"
#include "sim/core/slots.h"

enum { SERVE_CLIENT_WAITING_MAX = 1 << 20 };

typedef struct serve_client {
    net_address from;
    sim_id id;
    cloud_edge_peer memory; /* its attempt */
    sim_time serve_at;      /* what came last is served then; what comes next not before */
    size_t waiting;         /* bytes, and one for each part of them */
} serve_client;

typedef struct serve_clients {
    serve_client **items; /* by slot */
    size_t room;
    sim_slots slots;
    sim_map by_address;
} serve_clients;

void serve_clients_init(serve_clients *c, uint32_t maximum);
void serve_clients_deinit(serve_clients *c);
/* NULL: no memory, no room, or another one of the same hash. */
serve_client *serve_clients_add(serve_clients *c, const net_address *from);
serve_client *serve_clients_at(const serve_clients *c, const net_address *from); /* NULL: none */
void serve_clients_remove(serve_clients *c, serve_client *client);

#endif
