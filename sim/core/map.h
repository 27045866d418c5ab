/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/core/map.h - from a 64-bit key to a small number; open addressing, so that a million peers
 * cost 16 bytes each and no pointers. */
#ifndef SIM_CORE_MAP_H
#define SIM_CORE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/error.h"

typedef struct sim_map_entry {
    uint64_t key;
    uint32_t value;
    bool used;
} sim_map_entry;

typedef struct sim_map {
    sim_map_entry *entries; /* NULL while empty */
    size_t capacity;        /* a power of two, at most two thirds full */
    size_t count;
} sim_map;

void sim_map_init(sim_map *m);
void sim_map_deinit(sim_map *m);
/* replaces; SIM_ENOMEM: unchanged */
SIM_MUST_USE int sim_map_put(sim_map *m, uint64_t key, uint32_t value);
bool sim_map_get(const sim_map *m, uint64_t key, uint32_t *value);
void sim_map_remove(sim_map *m, uint64_t key); /* absent is fine */

#endif
