/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/run/count.h - how many of a run's fleet there are, and how they stand at this instant. */
#ifndef RUN_COUNT_H
#define RUN_COUNT_H

#include <stdint.h>

typedef struct run run;
typedef struct fleet_firmware fleet_firmware;
typedef struct fleet_selection fleet_selection;

uint64_t run_online(const run *r);
/* Requests that were answered so far, and the sum of their latencies, in seconds. */
uint64_t run_latencies_sum(const run *r, double *sum_s);
/* `homes`: with at least one device that fits. */
void run_selection_count(const run *r, const fleet_selection *s, uint64_t *homes,
                         uint64_t *devices);
void run_firmware_count(const run *r, const fleet_selection *s, uint32_t version,
                        fleet_firmware *out);

#endif
