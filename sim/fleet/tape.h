/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/fleet/tape.h - what one street writes down while a window runs, as records of bytes with
 * their times (a capture's packets, a trace's lines); the run puts the streets' records in order.
 * Streets run on several threads, so each has tapes of its own. */
#ifndef SIM_FLEET_TAPE_H
#define SIM_FLEET_TAPE_H

#include <stddef.h>
#include <stdint.h>

#include "sim/core/time.h"

typedef struct fleet_record {
    sim_time at;
    size_t offset, n; /* in the bytes of its tape */
} fleet_record;

/* All 0 is empty. */
typedef struct fleet_tape {
    uint8_t *bytes; /* owned, as items is */
    size_t used, byte_room;
    fleet_record *items; /* in the order in which they were kept */
    size_t count, room;
    int error; /* SIM_ENOMEM: some are missing */
} fleet_tape;

/* The tapes of a street. */
typedef enum fleet_taped { FLEET_TAPED_CAPTURE, FLEET_TAPED_TRACE, FLEET_TAPES } fleet_taped;

/* Room for `n` bytes of one more record; NULL: none is left, which t->error says as well. Valid
 * until the next verb. */
uint8_t *fleet_tape_room(fleet_tape *t, size_t n);
/* Keeps the first `n` bytes of that room as a record of `at`. */
void fleet_tape_keep(fleet_tape *t, sim_time at, size_t n);
/* Forgets what was kept, but not the memory. */
void fleet_tape_clear(fleet_tape *t);
void fleet_tape_deinit(fleet_tape *t);

#endif
