/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/backlog.h"

#include "sim/core/heap.h"

enum { FIRST_ROOM = 8 };

void dev_backlog_init(dev_backlog *b, uint32_t limit) {
    SIM_PROMISE(limit >= 1);
    *b = (dev_backlog){.limit = limit};
}

void dev_backlog_deinit(dev_backlog *b) {
    sim_free(b->items);
    *b = (dev_backlog){.limit = b->limit};
}

const dev_sample *dev_backlog_at(const dev_backlog *b, uint32_t i) {
    SIM_PROMISE(i < b->count);
    return &b->items[(b->first + i) % b->room];
}

/* Twice as much room, up to the limit: most devices never have more than a few. */
static int grow(dev_backlog *b) {
    uint32_t room = b->room == 0 ? FIRST_ROOM : 2 * b->room;
    if (room > b->limit) room = b->limit;
    dev_sample *items = sim_calloc(room, sizeof *items);
    if (items == NULL) return SIM_ENOMEM;
    for (uint32_t i = 0; i < b->count; i++) items[i] = *dev_backlog_at(b, i);
    sim_free(b->items);
    b->items = items;
    b->room = room;
    b->first = 0;
    return 0;
}

int dev_backlog_push(dev_backlog *b, dev_sample sample, uint32_t *dropped) {
    *dropped = 0;
    if (b->count == b->limit) {
        dev_backlog_pop(b, 1);
        *dropped = 1;
    } else if (b->count == b->room) {
        int error = grow(b);
        if (error != 0) return error;
    }
    b->items[(b->first + b->count++) % b->room] = sample;
    return 0;
}

void dev_backlog_pop(dev_backlog *b, uint32_t n) {
    SIM_PROMISE(n <= b->count);
    b->first = b->room == 0 ? 0 : (b->first + n) % b->room;
    b->count -= n;
}
