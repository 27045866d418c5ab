/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/read/reorder.h - packets in the order of their times. A capture on several queues or
 * interfaces holds an answer in front of its question now and then; a second is more than any of
 * them is late. Private to sim/read. */
#ifndef SIM_READ_REORDER_H
#define SIM_READ_REORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/error.h"
#include "sim/core/time.h"
#include "sim/record/dtls_wire.h"

enum {
    READ_REORDER_MAX = 4096,                  /* packets that wait at a time */
    READ_REORDER_BYTES_MAX = 16 * 1024 * 1024 /* and all of their bytes */
};
#define READ_REORDER_SPAN SIM_SECOND

typedef struct read_captured {
    int link;
    int64_t ns;      /* since 1970, 0.. */
    uint64_t number; /* in its file, from 1 */
    size_t whole;    /* bytes on the wire */
    record_dtls_span bytes;
} read_captured;

typedef struct read_waiting {
    read_captured frame;
    uint8_t *bytes; /* of the frame */
} read_waiting;

/* All 0 is empty. */
typedef struct read_reorder {
    read_waiting *items; /* by time, from `first` on */
    size_t first, count, room;
    size_t bytes;
    int64_t latest;
    uint8_t *given; /* the bytes of the frame that was given last */
} read_reorder;

/* Copies a frame to its place. One that is more than a second before the latest is out of any
 * order: take all that wait before it is put. SIM_ENOMEM. */
SIM_MUST_USE int read_reorder_put(read_reorder *r, const read_captured *frame);
bool read_reorder_is_jump(const read_reorder *r, int64_t ns);
/* The earliest frame, once nothing can come before it, or too many wait, or with `all`; it is valid
 * until the next verb. */
bool read_reorder_next(read_reorder *r, bool all, read_captured *out);
void read_reorder_deinit(read_reorder *r);

#endif
