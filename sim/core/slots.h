/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/core/slots.h - hands out small integers, reuses freed ones, notices stale ones. */
#ifndef SIM_CORE_SLOTS_H
#define SIM_CORE_SLOTS_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/error.h"

typedef struct sim_id {
    uint32_t slot;
    uint32_t generation; /* {0,0} names nothing: generations of live slots are odd */
} sim_id;

typedef struct sim_slots {
    uint32_t *generation; /* per slot; odd: taken */
    uint32_t *next_free;
    uint32_t capacity; /* grows by doubling up to maximum */
    uint32_t maximum;
    uint32_t first_free; /* UINT32_MAX: none */
    uint32_t used;       /* slots ever handed out */
    uint32_t live;
} sim_slots;

void sim_slots_init(sim_slots *s, uint32_t maximum); /* maximum < UINT32_MAX; allocates nothing */
void sim_slots_deinit(sim_slots *s);
SIM_MUST_USE int sim_slots_take(sim_slots *s,
                                /* SIM_EAGAIN when full, SIM_ENOMEM; `out` untouched */
                                sim_id *out);
SIM_MUST_USE int sim_slots_give_back(
    sim_slots *s, sim_id id); /* SIM_ESTALE if already gone; a slot retires after 2^31 uses */
bool sim_slots_valid(const sim_slots *s, sim_id id);

#endif
