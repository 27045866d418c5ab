/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/read/walk.h - what happens in a log, in order of time: an end and an attempt of the same
 * moment in this order. */
#ifndef SIM_READ_WALK_H
#define SIM_READ_WALK_H

#include "sim/read/log.h"

typedef struct read_walk {
    const read_log *log;
    size_t attempt, end; /* the next ones */
} read_walk;

/* Exactly one of the two is not NULL while there is something left; false: there is nothing. */
bool read_walk_step(read_walk *w, const record_attempt **attempt, const read_end **end);

#endif
