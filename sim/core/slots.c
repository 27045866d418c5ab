/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/slots.h"

#include "sim/core/heap.h"

enum { FIRST_CAPACITY = 16 };
#define NONE UINT32_MAX

void sim_slots_init(sim_slots *s, uint32_t maximum) {
    SIM_PROMISE(maximum < NONE);
    *s = (sim_slots){.maximum = maximum, .first_free = NONE};
}

void sim_slots_deinit(sim_slots *s) {
    sim_free(s->generation);
    sim_free(s->next_free);
    *s = (sim_slots){.first_free = NONE};
}

static int grow(sim_slots *s) {
    uint32_t capacity = s->capacity == 0               ? FIRST_CAPACITY
                        : s->capacity > s->maximum / 2 ? s->maximum
                                                       : 2 * s->capacity;
    if (capacity > s->maximum) capacity = s->maximum;
    uint32_t *generation = sim_realloc(s->generation, capacity * sizeof *generation);
    if (generation == NULL) return SIM_ENOMEM;
    s->generation = generation;
    uint32_t *next_free = sim_realloc(s->next_free, capacity * sizeof *next_free);
    if (next_free == NULL) return SIM_ENOMEM;
    s->next_free = next_free;
    s->capacity = capacity;
    return 0;
}

int sim_slots_take(sim_slots *s, sim_id *out) {
    uint32_t slot = s->first_free;
    if (slot != NONE) {
        s->first_free = s->next_free[slot];
    } else {
        if (s->used == s->maximum) return SIM_EAGAIN;
        if (s->used == s->capacity) {
            int error = grow(s);
            if (error != 0) return error;
        }
        slot = s->used++;
        s->generation[slot] = 0;
    }
    s->live++;
    *out = (sim_id){slot, ++s->generation[slot]};
    return 0;
}

int sim_slots_give_back(sim_slots *s, sim_id id) {
    if (!sim_slots_valid(s, id)) return SIM_ESTALE;
    s->live--;
    /* A generation that starts anew would make old handles valid again: such a slot retires. */
    if (++s->generation[id.slot] == 0) return 0;
    s->next_free[id.slot] = s->first_free;
    s->first_free = id.slot;
    return 0;
}

bool sim_slots_valid(const sim_slots *s, sim_id id) {
    return id.slot < s->used && id.generation % 2 == 1 && s->generation[id.slot] == id.generation;
}
