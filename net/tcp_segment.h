/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/tcp_segment.h - a segment of TCP as RFC 9293 3.1 draws it, read and written. Its checksum is
 * left 0: it covers addresses that a segment does not have here. */
#ifndef NET_TCP_SEGMENT_H
#define NET_TCP_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/error.h"

enum {
    NET_TCP_HEADER = 20,
    NET_TCP_DATA_MAX = 1460, /* what an Ethernet frame leaves for one */
    NET_TCP_SEGMENT_MAX = NET_TCP_HEADER + NET_TCP_DATA_MAX
};

enum { NET_TCP_FIN = 1, NET_TCP_SYN = 2, NET_TCP_RST = 4, NET_TCP_PSH = 8, NET_TCP_ACK = 16 };

typedef struct net_tcp_segment {
    uint32_t sequence, acknowledgment;
    uint16_t source_port, destination_port;
    uint16_t window;
    uint16_t mss;        /* with SYN: the option; 0: not said */
    uint8_t flags;       /* NET_TCP_FIN, ... */
    bool sack_permitted; /* with SYN: the option of RFC 2018 */
    const uint8_t *data; /* borrowed */
    size_t size;         /* of the data */
} net_tcp_segment;

/* Returns its length. Promise: the data fits. */
size_t net_tcp_segment_write(const net_tcp_segment *s, uint8_t out[NET_TCP_SEGMENT_MAX]);
/* 0, or SIM_EPARSE: shorter than it says. Other options are passed over. */
SIM_MUST_USE int net_tcp_segment_read(net_tcp_segment *s, const uint8_t *bytes, size_t n);
/* The reset that answers a segment which belongs to no connection (RFC 9293 3.10.7.1). False:
 * nothing answers it, because it is a reset itself, or no segment. */
bool net_tcp_segment_reset(const uint8_t *bytes, size_t n, uint8_t out[NET_TCP_HEADER]);

#endif
