/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/parts.h - whole messages out of a stream whose messages say how long they are: MQTT's
 * packets, CoAP's messages over TCP. Pure. */
#ifndef NET_PARTS_H
#define NET_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/error.h"

typedef struct net_span { /* borrowed */
    const uint8_t *bytes;
    size_t n;
} net_span;

/* Takes the first `n` bytes of *left. False: there are not so many. */
bool net_span_take(net_span *left, size_t n, net_span *out);

/* How many bytes the message has that begins with these `n`. 1: it is *size; 0: more are needed to
 * tell; SIM_EPARSE: none begins so; SIM_ERANGE: it would be larger than any buffer. */
typedef int net_parts_size(const uint8_t *bytes, size_t n, size_t *size);

/* What of a message has arrived so far. All zero at first. Memory is for what arrived, never for
 * what a length announces. */
typedef struct net_parts {
    uint8_t *bytes;
    size_t n, room;
    bool whole; /* `bytes` is a message that was given out */
} net_parts;

/* Takes bytes from the front of *left. 1: *part is a whole one, valid until the next call; 0: all
 * of *left is taken, and more is needed; SIM_EPARSE: no message begins so; SIM_ERANGE: it would be
 * larger than `maximum`; SIM_ENOMEM. */
SIM_MUST_USE int net_parts_next(net_parts *p, net_span *left, net_parts_size *size_of,
                                size_t maximum, net_span *part);
void net_parts_deinit(net_parts *p);

#endif
