/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/fleet/tape.h"

#include "sim/core/error.h"
#include "sim/core/heap.h"

static uint8_t *more_bytes(fleet_tape *t, size_t n) {
    if (t->byte_room - t->used >= n) return t->bytes + t->used;
    size_t room = 2 * t->byte_room + n;
    uint8_t *bytes = sim_realloc(t->bytes, room);
    if (bytes == NULL) return NULL;
    t->bytes = bytes;
    t->byte_room = room;
    return t->bytes + t->used;
}

uint8_t *fleet_tape_room(fleet_tape *t, size_t n) {
    uint8_t *out = more_bytes(t, n);
    fleet_record *items = sim_more(t->items, t->count, &t->room, sizeof *items);
    if (items != NULL) t->items = items;
    if (out != NULL && items != NULL) return out;
    t->error = SIM_ENOMEM;
    return NULL;
}

void fleet_tape_keep(fleet_tape *t, sim_time at, size_t n) {
    t->items[t->count++] = (fleet_record){.at = at, .offset = t->used, .n = n};
    t->used += n;
}

void fleet_tape_clear(fleet_tape *t) {
    t->used = t->count = 0;
}

void fleet_tape_deinit(fleet_tape *t) {
    sim_free(t->bytes);
    sim_free(t->items);
    *t = (fleet_tape){0};
}
