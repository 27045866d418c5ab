/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/fleet/chain.h - what a device needs of its network before its first packet to the cloud: an
 * address, a name, the time. Each from a server that may be slow or gone, asked again by the
 * published timers. Pure: time is passed in, and what is due next comes out. */
#ifndef SIM_FLEET_CHAIN_H
#define SIM_FLEET_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/random.h"
#include "sim/core/time.h"

/* Servers, in the order in which they are needed: X(name, word). */
#define FLEET_SERVER_MAP(X) \
    X(ADDRESS, "dhcp")      \
    X(NAME, "dns")          \
    X(TIME, "time")

typedef enum fleet_server {
#define FLEET_SERVER_ENUM(name, word) FLEET_SERVER_##name,
    FLEET_SERVER_MAP(FLEET_SERVER_ENUM)
#undef FLEET_SERVER_ENUM
        FLEET_SERVERS
} fleet_server;
extern const char *const fleet_server_words[FLEET_SERVERS + 1]; /* NULL ends them */

/* How a client asks one of them again. */
typedef struct fleet_timer_row {
    sim_time delay_minimum, delay_maximum; /* before the first request, uniform */
    sim_time first, cap; /* pause after the first request; doubled up to the cap */
    sim_time spread;     /* and plus or minus so much, uniform, or */
    double share;        /* so much of itself */
} fleet_timer_row;

/* A chain that devices go through: a row with its word in scenarios. */
typedef struct fleet_chain_kind {
    const char *word, *what;
    fleet_timer_row rows[FLEET_SERVERS];
} fleet_chain_kind;
/* "ipv4", "ipv6", "impatient" (a bad twin); a NULL word ends them. */
extern const fleet_chain_kind fleet_chain_kinds[];

typedef struct fleet_chain {
    sim_time answered; /* the answer to what was asked will be there; SIM_NEVER: none will */
    uint8_t stage;     /* fleet_server; FLEET_SERVERS: through */
    uint8_t tries;     /* requests of this stage so far */
} fleet_chain;

/* Begins at `stage`; returns when its first step is due. */
sim_time fleet_chain_begin(fleet_chain *c, const fleet_chain_kind *kind, fleet_server stage,
                           sim_time now, sim_stream *draw);
/* What was due is done: an answer is taken, or the next request goes out, counted in
 * asked[FLEET_SERVERS]. `after`: how long each server takes; SIM_NEVER: it is gone. Returns when
 * the next step is due; SIM_NEVER: it is through. */
sim_time fleet_chain_step(fleet_chain *c, const fleet_chain_kind *kind,
                          const sim_time after[FLEET_SERVERS], sim_time now, sim_stream *draw,
                          uint64_t asked[FLEET_SERVERS]);
static inline bool fleet_chain_is_through(const fleet_chain *c) {
    return c->stage == FLEET_SERVERS;
}

#endif
