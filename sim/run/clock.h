/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/run/clock.h - where a run is in its own time. */
#ifndef RUN_CLOCK_H
#define RUN_CLOCK_H

#include "sim/core/time.h"

typedef struct run run;

sim_time run_now(const run *r); /* since its start */

#endif
