/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/core/rough.h - counts of durations in a second or so: 6 % resolution, small and of fixed
 * size, so that every street can have one and they are merged each second of a run. What a whole
 * run is told by is sim_histogram.
 *
 * Log-linear, in whole microseconds: 16 buckets for each doubling. Range 0 .. 2^41 - 1 us (25
 * days); what is larger counts as the largest. */
#ifndef SIM_CORE_ROUGH_H
#define SIM_CORE_ROUGH_H

#include <stdint.h>

#include "sim/core/time.h"

enum { SIM_ROUGH_BUCKETS = 608 };

typedef struct sim_rough { /* all 0 is empty */
    uint32_t buckets[SIM_ROUGH_BUCKETS];
    uint64_t count;
} sim_rough;

void sim_rough_add(sim_rough *h, sim_time value); /* < 0 counts as 0 */
void sim_rough_merge(sim_rough *into, const sim_rough *from);
/* The value at or below which `fraction` (0..1) of all lie, as the upper edge of its bucket; 0 when
 * empty. */
sim_time sim_rough_quantile(const sim_rough *h, double fraction);

#endif
