/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/read/fragments.h - fragments put together, of IP datagrams (RFC 791 3.2, RFC 8200 4.5) or of
 * DTLS handshake messages (RFC 6347 4.2.3): READ_FRAGMENTS_MAX at a time, the oldest is given up
 * for a new one. */
#ifndef SIM_READ_FRAGMENTS_H
#define SIM_READ_FRAGMENTS_H

#include <stdbool.h>

#include "sim/core/error.h"
#include "sim/record/dtls_wire.h"

enum {
    READ_FRAGMENTS_MAX = 64,          /* datagrams that are not whole yet */
    READ_DATAGRAM_MAX = 64 * 1024 - 1 /* bytes of one */
};

typedef struct read_fragment {
    uint64_t key;    /* hash of all that tells it from others */
    uint32_t offset; /* bytes */
    bool more;       /* it is not the last */
    record_dtls_span bytes;
} read_fragment;

typedef struct read_datagram {
    uint64_t key;
    uint8_t *bytes; /* NULL: the place is free */
    size_t room;
    uint32_t length;                         /* of the whole; 0: the last fragment was not seen */
    uint32_t reach;                          /* where the furthest fragment ends */
    uint32_t held;                           /* bytes that are there */
    uint8_t here[READ_DATAGRAM_MAX / 8 + 1]; /* a bit for each byte */
} read_datagram;

/* All 0 is empty; deinit of it is fine. */
typedef struct read_fragments {
    read_datagram *items;
    uint32_t next;  /* the place that is given up next */
    uint8_t *whole; /* the datagram that was given last */
} read_fragments;

void read_fragments_deinit(read_fragments *f);
/* Adds one; *whole, valid until the next call, is the datagram when that made it whole, else empty.
 * One that contradicts what is there is left out. SIM_ENOMEM. */
SIM_MUST_USE int read_fragments_add(read_fragments *f, const read_fragment *fragment,
                                    record_dtls_span *whole);

#endif
