/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/read/stream.h"

#include <string.h>

#include "sim/core/heap.h"

enum { COST = sizeof(read_segment) + 32 /* of one that waits, besides its bytes */ };

/* How far `to` lies ahead of `from`; behind it when not positive. */
static int32_t ahead(uint32_t from, uint32_t to) {
    return (int32_t)(to - from);
}

static void drop(read_stream *s, size_t at) {
    s->bytes -= s->segments[at].bytes.n + COST;
    sim_free((void *)(uintptr_t)s->segments[at].bytes.at);
    s->segments[at] = s->segments[--s->waiting];
}

void read_stream_deinit(read_stream *s) {
    while (s->waiting > 0) drop(s, 0);
    sim_free(s->segments);
    *s = (read_stream){0};
}

void read_stream_begin(read_stream *s, uint32_t next) {
    s->next = next;
    s->begun = true;
}

/* Gives what of a segment is new; false in *error when there is no memory. */
static int give(read_stream *s, read_segment segment, read_stream_sink *sink, void *context) {
    size_t old = (size_t)-ahead(s->next, segment.sequence);
    size_t n = segment.bytes.n < old ? segment.bytes.n : old;
    segment.bytes.at += n;
    segment.bytes.n -= n;
    old -= n;
    segment.missing -= segment.missing < old ? segment.missing : old;
    if (segment.bytes.n + segment.missing == 0) return 0;
    s->next += (uint32_t)(segment.bytes.n + segment.missing);
    return sink(context, segment.bytes, segment.missing);
}

/* The waiting segment that lies first. Promise: there is one. */
static size_t first_of(const read_stream *s) {
    size_t first = 0;
    for (size_t i = 1; i < s->waiting; i++)
        if (ahead(s->segments[first].sequence, s->segments[i].sequence) < 0) first = i;
    return first;
}

static int drain(read_stream *s, read_stream_sink *sink, void *context) {
    while (s->waiting > 0) {
        size_t i = first_of(s);
        if (ahead(s->next, s->segments[i].sequence) > 0) return 0;
        int error = give(s, s->segments[i], sink, context);
        drop(s, i);
        if (error != 0) return error;
    }
    return 0;
}

/* The hole before the first that waits, and what lies behind it. */
static int leap(read_stream *s, read_stream_sink *sink, void *context) {
    int32_t hole = ahead(s->next, s->segments[first_of(s)].sequence);
    s->held = false;
    if (hole > 0) {
        s->next += (uint32_t)hole;
        int error = sink(context, (record_dtls_span){NULL, 0}, (size_t)hole);
        if (error != 0) return error;
    }
    return drain(s, sink, context);
}

static bool waits_already(const read_stream *s, const read_segment *segment) {
    for (size_t i = 0; i < s->waiting; i++) {
        const read_segment *w = &s->segments[i];
        if (w->sequence == segment->sequence && w->bytes.n >= segment->bytes.n) return true;
    }
    return false;
}

static int wait_for(read_stream *s, const read_segment *segment) {
    if (waits_already(s, segment)) return 0;
    read_segment *all = sim_more(s->segments, s->waiting, &s->room, sizeof *all);
    if (all == NULL) return SIM_ENOMEM;
    s->segments = all;
    uint8_t *copy = sim_malloc(segment->bytes.n + 1);
    if (copy == NULL) return SIM_ENOMEM;
    if (segment->bytes.n > 0) memcpy(copy, segment->bytes.at, segment->bytes.n);
    read_segment *kept = &s->segments[s->waiting++];
    *kept = *segment;
    kept->bytes.at = copy;
    s->bytes += segment->bytes.n + COST;
    return 0;
}

int read_stream_take(read_stream *s, const read_segment *segment, read_stream_sink *sink,
                     void *context) {
    int error = 0;
    if (!s->begun) read_stream_begin(s, segment->sequence);
    while (
        error == 0 && s->waiting > 0 &&
        (s->waiting == READ_STREAM_SEGMENTS || s->bytes + segment->bytes.n > READ_STREAM_WAITING))
        error = leap(s, sink, context);
    if (error != 0) return error;
    if (s->held || ahead(s->next, segment->sequence) > 0) return wait_for(s, segment);
    error = give(s, *segment, sink, context);
    return error == 0 ? drain(s, sink, context) : error;
}

int read_stream_confirm(read_stream *s, uint32_t confirmed, read_stream_sink *sink, void *context) {
    int error = 0;
    while (error == 0 && !s->held && s->waiting > 0 &&
           ahead(s->segments[first_of(s)].sequence, confirmed) > 0)
        error = leap(s, sink, context);
    return error;
}

int read_stream_flush(read_stream *s, read_stream_sink *sink, void *context) {
    int error = 0;
    while (error == 0 && s->waiting > 0) error = leap(s, sink, context);
    return error;
}

int read_stream_flow(read_stream *s, read_stream_sink *sink, void *context) {
    s->held = false;
    return drain(s, sink, context);
}

uint32_t read_stream_unseen(const read_stream *s, uint32_t confirmed) {
    int32_t n = s->begun ? ahead(s->next, confirmed) : 0;
    return n > 0 ? (uint32_t)n : 0;
}
