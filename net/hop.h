/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/hop.h - one step on the way of a packet: latency, jitter, loss, duplication, rate with a
 * bounded queue, and down. A fault is a setting of a hop, so the healthy path has no fault code in
 * it. Pure: the caller carries packets, the hop says when they come out. */
#ifndef NET_HOP_H
#define NET_HOP_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/field.h"
#include "sim/core/random.h"
#include "sim/core/time.h"

typedef struct net_hop_kind net_hop_kind; /* net/hop_kind.h */
enum { NET_HOP_OWN = 3 };
typedef union net_hop_own {
    double number;
    sim_time time;
} net_hop_own;

typedef struct net_hop_settings {
    sim_time latency;    /* >= 0: the least time through */
    sim_time jitter;     /* >= 0: added uniformly from 0..jitter; order is kept */
    double loss;         /* 0..1, each packet on its own */
    double duplicate;    /* 0..1 */
    uint64_t bits_per_s; /* 0: no limit */
    /* waiting bytes, this packet included, beyond which it is dropped; only with a rate; 0: no
     * limit */
    uint32_t queue_bytes;
    bool down;                    /* nothing passes */
    const net_hop_kind *kind;     /* NULL: a line and no more */
    net_hop_own own[NET_HOP_OWN]; /* what the fields of its kind say */
} net_hop_settings;

typedef enum net_hop_drop {
    NET_HOP_DROP_LOSS,
    NET_HOP_DROP_QUEUE,
    NET_HOP_DROP_DOWN,
    NET_HOP_DROPS
} net_hop_drop;

typedef struct net_hop_count {
    uint64_t in, out, duplicated; /* packets; in + duplicated = out + sum of dropped */
    uint64_t dropped[NET_HOP_DROPS];
} net_hop_count;

typedef struct net_hop {
    net_hop_settings settings;
    net_hop_count count;
    sim_stream stream;
    sim_time busy_until; /* the line is free again */
    sim_time last_out;   /* order is kept: nothing leaves before this */
    sim_time turn;       /* its kind's own: when what it is changes next; 0 in the beginning */
    bool bad;            /* its kind's own; false in the beginning */
} net_hop;

void net_hop_init(net_hop *h, const net_hop_settings *settings, sim_stream stream);
/* A packet of `bytes` enters at `now` (calls come in time order). Returns how many copies come out
 * (0, 1, 2) and when, in out[]. */
uint32_t net_hop_push(net_hop *h, uint32_t bytes, sim_time now, sim_time out[2]);
/* What can be said of net_hop_settings by name, of every kind: all but `down`. */
extern const sim_field net_hop_fields[];
/* NULL when the settings make sense, else a static sentence that says what does not. */
const char *net_hop_settings_wrong(const net_hop_settings *s);

#endif
