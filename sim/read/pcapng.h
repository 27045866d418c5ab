/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/read/pcapng.h - pcapng, block by block (draft-ietf-opsawg-pcapng). libpcap reads it too, but
 * not where the interfaces of a file have different link types. */
#ifndef SIM_READ_PCAPNG_H
#define SIM_READ_PCAPNG_H

#include <stdbool.h>
#include <stdio.h>

#include "sim/core/error.h"
#include "sim/record/dtls_wire.h"

enum {
    READ_PCAPNG_BLOCK_MAX = 16 * 1024 * 1024, /* bytes; libpcap's own limit */
    READ_PCAPNG_INTERFACES_MAX = 4096         /* of a section */
};

typedef struct read_pcapng_interface {
    int link;       /* LINKTYPE_… */
    uint64_t units; /* ticks a second; 0: none that can be counted with */
    int64_t offset; /* seconds that its times lack */
} read_pcapng_interface;

typedef struct read_pcapng {
    FILE *file;
    bool swapped; /* the section is in the other byte order */
    read_pcapng_interface *interfaces;
    size_t count, capacity;
    uint8_t *block;
    size_t room;
} read_pcapng;

typedef struct read_pcapng_packet {
    int link;
    int64_t ns;   /* since 1970; below 0: none that can be */
    bool timed;   /* it has a time at all */
    size_t whole; /* its bytes, of which not all may have been captured */
    record_dtls_span bytes;
} read_pcapng_packet;

typedef enum read_pcapng_result {
    READ_PCAPNG_PACKET,
    READ_PCAPNG_END,
    READ_PCAPNG_CUT, /* in the middle of a block, or one whose lengths contradict each other */
    READ_PCAPNG_NO_MEMORY
} read_pcapng_result;

void read_pcapng_deinit(read_pcapng *r); /* all 0 but for the file is a reader at its beginning */
/* The next packet, valid until the next call. A packet of no interface has the link -1. */
read_pcapng_result read_pcapng_next(read_pcapng *r, read_pcapng_packet *out);

#endif
