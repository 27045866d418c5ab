/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/hop_kind.h - a kind of hop as a row (design D16): what it does to packets besides latency,
 * jitter, loss, duplication and rate, which every hop has. One file net/hop_NAME.c holds one row,
 * and its name stands in NET_HOP_KIND_MAP; docs/add/hop.md tells how to add one. A scenario says
 * `uplink = { kind = "NAME", ... }`. */
#ifndef NET_HOP_KIND_H
#define NET_HOP_KIND_H

#include <stddef.h>

#include "net/hop.h"

/* The list of kinds. */
#define NET_HOP_KIND_MAP(X) \
    X(line)                 \
    X(bursts)               \
    /* the next one */

struct net_hop_kind {
    const char *word; /* "bursts" */
    const char *help; /* "packets fall in bursts, as on a radio" */
    /* of net_hop_settings: NET_HOP_FIELDS, then its own, then NET_HOP_FIELDS_END */
    const sim_field *fields;
    net_hop_own usual[NET_HOP_OWN]; /* what a scenario does not say */
    /* NULL when its own settings make sense, else a static sentence. NULL function: always. */
    const char *(*wrong)(const net_hop_settings *s);
    /* Whether a packet that enters at `now` falls; it counts as lost. Draws from the hop's stream
     * as often whatever the common settings are. NULL: none does. */
    bool (*falls)(net_hop *h, sim_time now);
    /* What a packet that enters at `now` waits besides, >= 0. NULL: nothing. */
    sim_time (*waits)(net_hop *h, sim_time now);
};

extern const net_hop_kind *const net_hop_kinds[];         /* NULL ends them */
const net_hop_kind *net_hop_kind_named(const char *word); /* NULL: there is none */

/* The fields of every kind, for the head of a table; `kind` is read by whoever picks the row. */
#define NET_HOP_FIELD(field_name, kind_, member) \
    .name = field_name, .kind = kind_, .offset = offsetof(net_hop_settings, member)
#define NET_HOP_COMMON_FIELDS                                                                  \
    {NET_HOP_FIELD("latency", SIM_FIELD_DURATION, latency), .minimum = 0, .maximum = 3600e9,   \
     .help = "the least time through"},                                                        \
        {NET_HOP_FIELD("jitter", SIM_FIELD_DURATION, jitter), .minimum = 0, .maximum = 3600e9, \
         .help = "added at random; order is kept"},                                            \
        {NET_HOP_FIELD("loss", SIM_FIELD_FRACTION, loss), .help = "each packet on its own"},   \
        {NET_HOP_FIELD("duplicate", SIM_FIELD_FRACTION, duplicate),                            \
         .help = "packets that come twice"},                                                   \
        {NET_HOP_FIELD("rate", SIM_FIELD_RATE, bits_per_s), .help = "of the line"}, {          \
        NET_HOP_FIELD("queue", SIM_FIELD_BYTES, queue_bytes),                                  \
            .help = "waiting bytes before the line"                                            \
    }
#define NET_HOP_FIELDS \
    {.name = "kind", .kind = SIM_FIELD_LATER, .help = "blackstart list hops"}, NET_HOP_COMMON_FIELDS
/* A value of its own: own[place], a number or a time. */
#define NET_HOP_OWN_FIELD(field_name, kind_, place) \
    .name = field_name, .kind = kind_, .offset = offsetof(net_hop_settings, own[place])
#define NET_HOP_FIELDS_END \
    { .name = NULL }

#define NET_HOP_KIND_ROW(name) extern const net_hop_kind net_hop_##name;
NET_HOP_KIND_MAP(NET_HOP_KIND_ROW)
#undef NET_HOP_KIND_ROW

#endif
