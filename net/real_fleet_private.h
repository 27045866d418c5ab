/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/real_fleet_private.h - what the two kinds of net/real_fleet.h share. */
#ifndef NET_REAL_FLEET_PRIVATE_H
#define NET_REAL_FLEET_PRIVATE_H

#include "net/real_fleet.h"

typedef struct net_real_fleet_kind {
    net_real_fleet *(*make)(const net_real_fleet_config *config, char *why, size_t size);
    void (*free)(net_real_fleet *f);                 /* after close_all */
    int (*open)(net_real_fleet *f, uint32_t device); /* the device has none */
    void (*close)(net_real_fleet *f, uint32_t device, bool silent);
    void (*close_all)(net_real_fleet *f);
    int (*send)(net_real_fleet *f, uint32_t device, const uint8_t *packet, size_t n);
    void (*flush)(net_real_fleet *f);
    sim_time (*deadline)(const net_real_fleet *f); /* NULL: it has none */
} net_real_fleet_kind;

struct net_real_fleet { /* the part that both kinds begin with */
    const net_real_fleet_kind *kind;
    net_real_fleet_config config;
    net_real_fleet_counts counts;
};

extern const net_real_fleet_kind net_real_datagrams, net_real_lines;

/* The address of the device out of the prefix: the first one is left out, as a network's own. */
net_address net_real_fleet_source(const net_real_fleet_config *config, uint32_t device);

#endif
