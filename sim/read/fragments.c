/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/read/fragments.h"

#include <string.h>

#include "sim/core/heap.h"

void read_fragments_deinit(read_fragments *f) {
    for (size_t i = 0; f->items != NULL && i < READ_FRAGMENTS_MAX; i++) sim_free(f->items[i].bytes);
    sim_free(f->items);
    sim_free(f->whole);
    *f = (read_fragments){0};
}

static read_datagram *datagram_of(read_fragments *f, uint64_t key) {
    for (size_t i = 0; i < READ_FRAGMENTS_MAX; i++)
        if (f->items[i].bytes != NULL && f->items[i].key == key) return &f->items[i];
    read_datagram *d = &f->items[f->next];
    f->next = (f->next + 1) % READ_FRAGMENTS_MAX;
    sim_free(d->bytes);
    *d = (read_datagram){.key = key};
    return d;
}

static int make_room(read_datagram *d, size_t n) {
    if (d->bytes != NULL && n <= d->room) return 0;
    size_t room = n < 2048 ? 2048 : READ_DATAGRAM_MAX;
    uint8_t *bytes = sim_realloc(d->bytes, room);
    if (bytes == NULL) return SIM_ENOMEM;
    d->bytes = bytes;
    d->room = room;
    return 0;
}

static void mark(read_datagram *d, uint32_t from, uint32_t until) {
    for (uint32_t at = from; at < until; at++) {
        uint8_t *byte = &d->here[at / 8], bit = (uint8_t)(1u << at % 8);
        d->held += (*byte & bit) == 0;
        *byte |= bit;
    }
}

/* The datagram goes into the caller's hands; its place becomes free. */
static record_dtls_span give(read_fragments *f, read_datagram *d) {
    sim_free(f->whole);
    f->whole = d->bytes;
    d->bytes = NULL;
    return (record_dtls_span){f->whole, d->length};
}

int read_fragments_add(read_fragments *f, const read_fragment *fragment, record_dtls_span *whole) {
    uint32_t end = fragment->offset + (uint32_t)fragment->bytes.n;
    *whole = (record_dtls_span){NULL, 0};
    if (fragment->bytes.n == 0 || end > READ_DATAGRAM_MAX) return 0;
    if (f->items == NULL) f->items = sim_calloc(READ_FRAGMENTS_MAX, sizeof *f->items);
    if (f->items == NULL) return SIM_ENOMEM;
    read_datagram *d = datagram_of(f, fragment->key);
    if (d->length > 0 && end > d->length) return 0;
    if (!fragment->more && end < d->reach) return 0;
    int error = make_room(d, end);
    if (error != 0) return error;
    memcpy(d->bytes + fragment->offset, fragment->bytes.at, fragment->bytes.n);
    mark(d, fragment->offset, end);
    if (end > d->reach) d->reach = end;
    if (!fragment->more) d->length = end;
    if (d->length > 0 && d->held >= d->length) *whole = give(f, d);
    return 0;
}
