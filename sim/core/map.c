/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/map.h"

#include "sim/core/heap.h"
#include "sim/core/random.h"

enum { CAPACITY_FIRST = 16 };

void sim_map_init(sim_map *m) {
    *m = (sim_map){0};
}

void sim_map_deinit(sim_map *m) {
    sim_free(m->entries);
    sim_map_init(m);
}

/* The entry that holds `key`, or the free one where it belongs. The table is never full, so the
 * walk ends. */
static size_t place_of(const sim_map *m, uint64_t key) {
    size_t at = (size_t)sim_hash64(key) & (m->capacity - 1);
    while (m->entries[at].used && m->entries[at].key != key) at = (at + 1) & (m->capacity - 1);
    return at;
}

static int grow(sim_map *m) {
    sim_map wider = {.capacity = m->capacity == 0 ? CAPACITY_FIRST : 2 * m->capacity,
                     .count = m->count};
    wider.entries = sim_calloc(wider.capacity, sizeof *wider.entries);
    if (wider.entries == NULL) return SIM_ENOMEM;
    for (size_t i = 0; i < m->capacity; i++) {
        if (m->entries[i].used) wider.entries[place_of(&wider, m->entries[i].key)] = m->entries[i];
    }
    sim_free(m->entries);
    *m = wider;
    return 0;
}

int sim_map_put(sim_map *m, uint64_t key, uint32_t value) {
    if (3 * (m->count + 1) > 2 * m->capacity) {
        int error = grow(m);
        if (error != 0) return error;
    }
    sim_map_entry *e = &m->entries[place_of(m, key)];
    if (!e->used) m->count++;
    *e = (sim_map_entry){.key = key, .value = value, .used = true};
    return 0;
}

bool sim_map_get(const sim_map *m, uint64_t key, uint32_t *value) {
    if (m->count == 0) return false;
    const sim_map_entry *e = &m->entries[place_of(m, key)];
    if (e->used) *value = e->value;
    return e->used;
}

/* Closes the gap by moving back whatever sits further from its home than the gap is, so that no
 * tombstones pile up. */
void sim_map_remove(sim_map *m, uint64_t key) {
    if (m->count == 0) return;
    size_t gap = place_of(m, key);
    if (!m->entries[gap].used) return;
    size_t mask = m->capacity - 1;
    for (size_t at = (gap + 1) & mask; m->entries[at].used; at = (at + 1) & mask) {
        size_t home = (size_t)sim_hash64(m->entries[at].key) & mask;
        if (((at - home) & mask) >= ((at - gap) & mask)) {
            m->entries[gap] = m->entries[at];
            gap = at;
        }
    }
    m->entries[gap].used = false;
    m->count--;
}
