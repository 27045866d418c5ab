/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/address.h - who a datagram is from or to: an IPv6 address (IPv4 mapped) and a port, in both
 * worlds. */
#ifndef NET_ADDRESS_H
#define NET_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "sim/core/error.h"

typedef struct net_address {
    uint8_t ip[16]; /* network order; ::ffff:a.b.c.d for IPv4 */
    uint16_t port;  /* host order */
} net_address;

static inline bool net_address_equal(const net_address *a, const net_address *b) {
    return a->port == b->port && memcmp(a->ip, b->ip, sizeof a->ip) == 0;
}

/* The address of a virtual device: unique per (device, connection); never leaves the process.
 * `connection` counts boots and reconnects: every new socket has a new port, as behind a home
 * router's NAT. */
net_address net_address_virtual(uint32_t device, uint16_t connection);
/* The other way round; false when `a` is not such an address. */
bool net_address_virtual_read(const net_address *a, uint32_t *device, uint16_t *connection);
uint64_t net_address_hash(const net_address *a);
/* "127.0.0.1:5683" or "[::1]:5683"; returns `text`. `size` >= 56. */
char *net_address_text(const net_address *a, char *text, size_t size);
/* Reads HOST:PORT, [V6]:PORT or PORT alone (then `default_host`); numeric addresses and "localhost"
 * only here. SIM_EPARSE. */
SIM_MUST_USE int net_address_parse(const char *text, const char *default_host, net_address *out);

#endif
