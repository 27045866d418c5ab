/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/parts.h"

#include <string.h>

#include "sim/core/heap.h"

enum { ROOM_LEAST = 64, ROOM_KEPT = 4096 };

bool net_span_take(net_span *left, size_t n, net_span *out) {
    if (n > left->n) return false;
    *out = (net_span){left->bytes, n};
    if (n > 0) left->bytes += n;
    left->n -= n;
    return true;
}

static int room_for(net_parts *p, size_t n) {
    if (n <= p->room) return 0;
    size_t room = p->room == 0 ? ROOM_LEAST : p->room;
    while (room < n) room *= 2;
    uint8_t *bytes = sim_realloc(p->bytes, room);
    if (bytes == NULL) return SIM_ENOMEM;
    p->bytes = bytes;
    p->room = room;
    return 0;
}

static int keep(net_parts *p, net_span *left, size_t n) {
    net_span more;
    if (n > left->n) n = left->n;
    int error = room_for(p, p->n + n);
    if (error != 0 || !net_span_take(left, n, &more)) return error;
    if (n > 0) memcpy(p->bytes + p->n, more.bytes, n);
    p->n += n;
    return 0;
}

/* The message that was given out is done with. */
static void begin_anew(net_parts *p) {
    if (!p->whole) return;
    p->whole = false;
    p->n = 0;
    if (p->room > ROOM_KEPT) net_parts_deinit(p);
}

static int size_within(net_parts_size *size_of, const uint8_t *bytes, size_t n, size_t maximum,
                       size_t *size) {
    int known = size_of(bytes, n, size);
    return known == 1 && *size > maximum ? SIM_ERANGE : known;
}

int net_parts_next(net_parts *p, net_span *left, net_parts_size *size_of, size_t maximum,
                   net_span *part) {
    size_t size = 0;
    begin_anew(p);
    if (p->n == 0) { /* it may be there as a whole already */
        int known = size_within(size_of, left->bytes, left->n, maximum, &size);
        if (known < 0) return known;
        if (known == 1 && net_span_take(left, size, part)) return 1;
    }
    int known = size_within(size_of, p->bytes, p->n, maximum, &size);
    while (known == 0 && left->n > 0) { /* byte by byte through the header */
        int error = keep(p, left, 1);
        if (error != 0) return error;
        known = size_within(size_of, p->bytes, p->n, maximum, &size);
    }
    if (known != 1) return known;
    int error = keep(p, left, size - p->n);
    if (error != 0 || p->n < size) return error;
    *part = (net_span){p->bytes, p->n};
    p->whole = true;
    return 1;
}

void net_parts_deinit(net_parts *p) {
    sim_free(p->bytes);
    *p = (net_parts){0};
}
