/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/core/time_sort.h - times in order, quickly where they are many and spread over a window, as
 * those of a fleet are. */
#ifndef SIM_CORE_TIME_SORT_H
#define SIM_CORE_TIME_SORT_H

#include "sim/core/time.h"

/* Sorts in place, the earliest first; needs no memory but stack. None of the times is negative. */
void sim_time_sort(sim_time *times, size_t count);

#endif
