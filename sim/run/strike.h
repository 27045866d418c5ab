/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/run/strike.h - what a drill does to a run. */
#ifndef RUN_STRIKE_H
#define RUN_STRIKE_H

#include <stddef.h>

#include "sim/core/error.h"

typedef struct run run;
typedef struct fleet_fault fleet_fault;
typedef struct fleet_selection fleet_selection;

/* A fault strikes at the current instant; only from within the drill (promise). `order` as the row
 * says (NULL: its usual one); a selection only where the row's reach asks for one. SIM_ESTATE
 * against a target where it needs the built-in cloud; SIM_ERANGE: the order does not fit this
 * fleet, or there are too many triggers; SIM_ENOMEM. `why` (size >= FLEET_FAULT_WHY) gets a
 * sentence, or "" where the error says it all. */
SIM_MUST_USE int run_strike(run *r, const fleet_fault *fault, const fleet_selection *s,
                            const void *order, char *why, size_t size);

#endif
