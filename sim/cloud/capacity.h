/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cloud/capacity.h - what the cloud can take, as a queueing model (design D6): two servers with
 * fixed service times and bounded queues, one for new connections, one for requests, and between
 * them as many further stages as the cloud has; and what becomes of whatever is over. The only
 * thing that all shards have in common, and it is light. Pure.
 *
 * A chain of stages: the first request of a connection, its registration, goes through all further
 * stages, one after another, instead of the queue of requests. A stage that is full treats it as
 * `over` says for requests, or ends the connection, so that its client begins at the first again.
 *
 * A cloud that refuses at once has no queue for connections but a token bucket: each takes a token,
 * tokens come at `connections_per_s`, and the bucket holds `connection_queue` of them (one at
 * least); it is full at the start. */
#ifndef CLOUD_CAPACITY_H
#define CLOUD_CAPACITY_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/time.h"

typedef enum cloud_over {
    CLOUD_OVER_DROP, /* packets over capacity fall */
    /* connections over capacity are let in and their registration answered 5.03 with Max-Age;
     * requests likewise */
    CLOUD_OVER_BUSY,
    /* connections over capacity are refused before any work is spent on them, and the client is
     * told at once, as by a firewall's REJECT (ICMP, RFC 792); requests fall */
    CLOUD_OVER_REFUSE
} cloud_over;

extern const char *const cloud_over_words[]; /* "drop"; NULL ends them */

/* What a connection that finds the cloud BUSY is told, where its protocol has several words. */
typedef enum cloud_busy {
    CLOUD_BUSY_USUAL,       /* "busy": it is busy */
    CLOUD_BUSY_UNAVAILABLE, /* it cannot be served at all just now */
    CLOUD_BUSY_QUOTA,       /* a limit of what clients may use is reached */
    CLOUD_BUSY_RATE         /* there are too many new connections */
} cloud_busy;
extern const char *const cloud_busy_words[]; /* "busy", "unavailable", "quota", "rate"; NULL */

enum { CLOUD_STAGES_MAX = 4, CLOUD_STAGE_WORD_MAX = 16 };

/* A stage between connections and requests: a user database, a session store. */
typedef struct cloud_stage {
    char word[CLOUD_STAGE_WORD_MAX]; /* its name; unused slots are all 0 */
    double per_s;                    /* 0.001..1e9 */
    uint32_t queue;                  /* how many may wait */
    /* what one over capacity costs all the same, as a share of one that is let through; 0..1, done
     * ahead for CLOUD_OVERLOAD_AHEAD at most */
    double overload_cost;
    bool restarts; /* who fails here loses the connection */
} cloud_stage;

typedef struct cloud_limits {
    double connections_per_s; /* > 0; admitted new connections */
    double requests_per_s;    /* > 0 */
    /* how many connections may wait for service; with REFUSE: how many may come at once */
    uint32_t connection_queue;
    uint32_t request_queue;
    cloud_over over;
    cloud_busy busy;
    uint32_t max_age_s; /* of a 5.03; 1..86400 */
    /* What a connection over capacity costs all the same, as a share of an admitted one; 0..1.
     * Servers spend handshakes on who is gone before the end of it: with more than 0 a herd that
     * comes again and again can keep a cloud from letting anybody in, long after what called it up
     * is over (metastable failure). A repetition costs CLOUD_OVERLOAD_AGAIN of that. Work that is
     * spent in vain is done ahead for CLOUD_OVERLOAD_AHEAD at most: what comes then falls before
     * anybody looks at it. */
    double overload_cost;
    cloud_stage stages[CLOUD_STAGES_MAX]; /* further ones, in order */
    uint32_t stage_count;
} cloud_limits;
/* ours: as long as a client usually waits for an answer */
#define CLOUD_OVERLOAD_AHEAD (30 * SIM_SECOND)
/* What it costs to be asked the same again, as a share of the first time: a server that has begun
 * sends what it has made once more. Measured: bench_abandoned, repetition_share by
 * abandoned_share. */
#define CLOUD_OVERLOAD_AGAIN 0.125
/* AWS IoT Core's published default of 500 CONNECT/s per account; 20,000 requests/s; queues of one
 * second each; drop; Max-Age 30 s. */
extern const cloud_limits cloud_limits_default;
/* NULL when the limits make sense, else a static sentence that says what does not. */
const char *cloud_limits_wrong(const cloud_limits *l);

/* What a datagram asks of the cloud, as far as the edge can tell. */
typedef enum cloud_demand {
    CLOUD_DEMAND_CONNECTION, /* begins a new association */
    CLOUD_DEMAND_REQUEST,    /* application data of an established one */
    CLOUD_DEMAND_NOTHING,    /* goes on with something already admitted */
    CLOUD_DEMAND_STAGES,     /* the first request of a connection, where there are further stages */
    /* asks once more for an association that found no place: its client repeats itself */
    CLOUD_DEMAND_AGAIN
} cloud_demand;

typedef enum cloud_fate {
    CLOUD_FATE_ADMIT,
    CLOUD_FATE_BUSY,
    CLOUD_FATE_DROP,
    CLOUD_FATE_REFUSE,
    CLOUD_FATE_RESTART /* taken in hand, but to end its session: the client begins anew */
} cloud_fate;
const char *cloud_fate_word(cloud_fate fate); /* "admitted" */

typedef struct cloud_decision {
    /* when the server takes it in hand; >= now; meaningless with DROP, `now` with REFUSE */
    sim_time serve_at;
    cloud_fate fate;
} cloud_decision;

/* One server and who waits for it. */
typedef struct cloud_line {
    sim_time cost;    /* ns of service each */
    sim_time free_at; /* when the queue will be empty */
    /* Who had been let in before the limits last changed keeps the old pace: a service every
     * `old_cost` until `old_until`. */
    sim_time old_cost, old_until;
} cloud_line;

typedef struct cloud_capacity {
    cloud_limits limits;
    cloud_line lines[2]; /* by demand: connections, requests */
    /* when the bucket of connections will be full again, if nobody comes */
    sim_time full_at;
    sim_time down_until;           /* nothing is admitted before */
    uint64_t admitted[2], over[2]; /* by demand */
    cloud_line stages[CLOUD_STAGES_MAX];
    uint64_t stage_admitted, stage_over; /* let through all of them; failed at one */
} cloud_capacity;

void cloud_capacity_init(cloud_capacity *c, const cloud_limits *limits);
/* New limits from `now` on; who waits already keeps its place and its time. (Changed twice while
 * somebody still waits from before the first change, all of those are counted at their mean pace.)
 * Tokens stay, as far as the bucket holds them; a cloud that begins to refuse has as many fewer as
 * there are connections in its queue. */
void cloud_capacity_change(cloud_capacity *c, const cloud_limits *limits, sim_time now);
/* The cloud stops: who waits or is in service is gone, and until `until` nothing is admitted, nor
 * goes on. Drop: packets fall; refuse: all of them are refused; busy: what stands before the cloud
 * answers in its stead that it is busy. Then it begins anew, its queues empty, its bucket full. */
void cloud_capacity_stop(cloud_capacity *c, sim_time now, sim_time until);
/* Calls come in order of `now`. */
cloud_decision cloud_capacity_decide(cloud_capacity *c, cloud_demand demand, sim_time now);
/* New limits name the same stages as before. */
bool cloud_limits_same_stages(const cloud_limits *a, const cloud_limits *b);
/* Connections (or requests) waiting at `now`, the one in service not counted. */
uint32_t cloud_capacity_waiting(const cloud_capacity *c, cloud_demand demand, sim_time now);

#endif
