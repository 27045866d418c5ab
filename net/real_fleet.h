/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/real_fleet.h - the devices' sockets in the real world, on a libuv loop (design D7). On
 * datagrams: either a connected socket per device, each with a port of its own, or a few sockets
 * that carry a source address per device out of a local prefix. On streams: a connection of the
 * kernel's for each of a device's; what passes here is segments of the device's own TCP
 * (net/tcp.h), so that its routes, its SYNs and its silence are the same in both worlds. A new
 * connection of a device always has a new source port or address. */
#ifndef NET_REAL_FLEET_H
#define NET_REAL_FLEET_H

#include "net/address.h"
#include "sim/core/time.h"

struct uv_loop_s;
typedef struct net_real_fleet net_real_fleet;

typedef struct net_real_fleet_config {
    struct uv_loop_s *loop; /* borrowed */
    net_address target;
    uint32_t devices;
    bool streams;
    uint8_t source_prefix[16]; /* with source_bits 0: a socket per device, of the kernel's choice */
    uint8_t source_bits;       /* 0..128 */
    /* `waited`: how long the packet lay in this machine before we came to read it */
    void (*received)(void *context, uint32_t device, const uint8_t *packet, size_t n,
                     sim_time waited);
    sim_time (*now)(void *context); /* with streams: never goes back */
    void *context;
} net_real_fleet_config;

typedef struct net_real_fleet_counts {
    /* Datagrams; with streams, connections and pieces of them that went out, and that were made and
     * came in. */
    uint64_t sent, received;
    uint64_t lost;      /* the kernel's buffers were full */
    uint64_t dropped;   /* came, and was lost in our own sockets: we were too slow */
    uint64_t refused;   /* the target's port is closed, or it cannot be reached */
    uint64_t strangers; /* datagrams from elsewhere, or for nobody */
    uint64_t starved;   /* connections for which this machine had no descriptor or port left */
    /* Connections that their devices left without a word, and that were left open: their peer has
     * to find out by itself. And of those, closed by us before it did, for want of descriptors. */
    uint64_t half_open, half_open_cut;
} net_real_fleet_counts;

/* Whether this machine can do that, before anything is opened. 0, or an error with a line in `why`
 * (size >= 200): SIM_ERANGE, the prefix or the target is not one to use; SIM_EUNREACHABLE, there is
 * no way from here to the target. */
SIM_MUST_USE int net_real_fleet_check(const net_real_fleet_config *config, char *why, size_t size);
/* NULL on error, with a line in `why` (size >= 200). Checks as above first. */
net_real_fleet *net_real_fleet_new(const net_real_fleet_config *config, char *why, size_t size);
/* Closes the sockets of all devices: what is counted is then whole. */
void net_real_fleet_close_all(net_real_fleet *f);
/* closes all; turns the loop until the handles are gone */
void net_real_fleet_free(net_real_fleet *f);
/* A fresh socket (or source address) for the device; the old one is closed. SIM_EAGAIN: no
 * descriptor or address left. */
SIM_MUST_USE int net_real_fleet_open(net_real_fleet *f, uint32_t device);
void net_real_fleet_close(net_real_fleet *f, uint32_t device);
/* The device is gone without a word, as one without power is: of a stream, nobody tells its peer.
 */
void net_real_fleet_desert(net_real_fleet *f, uint32_t device);
/* Queues a packet; it goes out with net_real_fleet_flush at the latest. SIM_ESTATE: the device has
 * no socket. */
SIM_MUST_USE int net_real_fleet_send(net_real_fleet *f, uint32_t device, const uint8_t *packet,
                                     size_t n);
/* Also hands over what waits for devices, and does what is due. */
void net_real_fleet_flush(net_real_fleet *f);
/* When it wants to be flushed next, whatever comes; SIM_NEVER: then only. */
sim_time net_real_fleet_deadline(const net_real_fleet *f);
/* Of sockets that are open still, `dropped` is counted when they close. */
const net_real_fleet_counts *net_real_fleet_count(const net_real_fleet *f);

#endif
