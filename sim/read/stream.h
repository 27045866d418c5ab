/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/read/stream.h - one direction of a TCP connection in order, as far as little memory allows
 * (RFC 9293 3.10.7.4): what was sent twice is taken once, what came too early waits, and what was
 * never captured becomes a hole. */
#ifndef SIM_READ_STREAM_H
#define SIM_READ_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/core/error.h"
#include "sim/record/dtls_wire.h"

enum {
    READ_STREAM_SEGMENTS = 256,     /* that wait at a time; more make what is before them a hole */
    READ_STREAM_WAITING = 64 * 1024 /* bytes of them, with what they cost besides */
};

/* Bytes of a segment, and how many behind them are known to be there and were not captured. */
typedef struct read_segment {
    uint32_t sequence;
    record_dtls_span bytes;
    size_t missing;
} read_segment;

/* Takes what is next in the stream. SIM_ENOMEM ends it. */
typedef int read_stream_sink(void *context, record_dtls_span bytes, size_t hole);

/* All 0 is a stream of which nothing was seen; deinit of it is fine. */
typedef struct read_stream {
    uint32_t next; /* sequence number of the next byte */
    bool begun;
    bool held; /* nothing is given on until read_stream_flow */
    uint16_t waiting;
    size_t bytes; /* in those that wait, with what they cost besides */
    read_segment *segments;
    size_t room;
} read_stream;

void read_stream_deinit(read_stream *s);
void read_stream_begin(read_stream *s, uint32_t next); /* its first byte has this number */
SIM_MUST_USE int read_stream_take(read_stream *s, const read_segment *segment,
                                  read_stream_sink *sink, void *context);
/* Its receiver has all before `confirmed`: what of it was not captured will not come any more. */
SIM_MUST_USE int read_stream_confirm(read_stream *s, uint32_t confirmed, read_stream_sink *sink,
                                     void *context);
/* Gives all that waits, with the holes between. */
SIM_MUST_USE int read_stream_flush(read_stream *s, read_stream_sink *sink, void *context);
/* What was held is given on, as far as it is in order. */
SIM_MUST_USE int read_stream_flow(read_stream *s, read_stream_sink *sink, void *context);
/* How many bytes behind what was seen `confirmed` is; 0: none. */
uint32_t read_stream_unseen(const read_stream *s, uint32_t confirmed);

#endif
