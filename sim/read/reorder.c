/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/read/reorder.h"

#include <string.h>

#include "sim/core/heap.h"

bool read_reorder_is_jump(const read_reorder *r, int64_t ns) {
    return r->count > 0 && ns < r->latest - READ_REORDER_SPAN;
}

/* Room for one more behind the last. */
static int make_room(read_reorder *r) {
    if (r->first + r->count < r->room) return 0;
    if (r->first > r->count) {
        memmove(r->items, r->items + r->first, r->count * sizeof *r->items);
        r->first = 0;
        return 0;
    }
    const size_t room = 2 * r->room + 64;
    read_waiting *items = sim_realloc(r->items, room * sizeof *items);
    if (items == NULL) return SIM_ENOMEM;
    r->items = items;
    r->room = room;
    return 0;
}

int read_reorder_put(read_reorder *r, const read_captured *frame) {
    if (make_room(r) != 0) return SIM_ENOMEM;
    uint8_t *bytes = sim_malloc(frame->bytes.n + 1); /* 0 bytes are some, too */
    if (bytes == NULL) return SIM_ENOMEM;
    if (frame->bytes.n > 0) memcpy(bytes, frame->bytes.at, frame->bytes.n);
    size_t at = r->first + r->count;
    for (; at > r->first && r->items[at - 1].frame.ns > frame->ns; at--)
        r->items[at] = r->items[at - 1];
    r->items[at] = (read_waiting){*frame, bytes};
    r->items[at].frame.bytes.at = bytes;
    r->bytes += frame->bytes.n;
    if (r->count++ == 0 || frame->ns > r->latest) r->latest = frame->ns;
    return 0;
}

bool read_reorder_next(read_reorder *r, bool all, read_captured *out) {
    sim_free(r->given);
    r->given = NULL;
    if (r->count == 0) return false;
    const read_waiting *w = &r->items[r->first];
    const bool full = r->count > READ_REORDER_MAX || r->bytes > READ_REORDER_BYTES_MAX;
    if (!all && !full && w->frame.ns >= r->latest - READ_REORDER_SPAN) return false;
    *out = w->frame;
    r->given = w->bytes;
    r->bytes -= w->frame.bytes.n;
    r->count--;
    r->first = r->count == 0 ? 0 : r->first + 1;
    return true;
}

void read_reorder_deinit(read_reorder *r) {
    for (size_t i = 0; i < r->count; i++) sim_free(r->items[r->first + i].bytes);
    sim_free(r->items);
    sim_free(r->given);
    *r = (read_reorder){0};
}
