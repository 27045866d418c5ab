/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/support/small_fleet.h - a street of thermostats and a drill that cuts its power, for the
 * tests of whole runs. */
#ifndef TESTS_SMALL_FLEET_H
#define TESTS_SMALL_FLEET_H

#include "sim/run/run.h"

/* `homes` homes in streets of `per_street`, each with four thermostats, a cloud that admits
 * `capacity` connections a second, and the orderly law (or a fixed 10 s without an initial window).
 */
void small_fleet_spec(fleet_spec *spec, uint32_t homes, uint32_t per_street, double capacity,
                      bool orderly);

/* Ten minutes of calm, `outage` without power, then until all are online (an hour at most) and a
 * minute more. */
typedef struct small_drill {
    run_drill drill;
    sim_time outage;
    int step;
    bool came_back;
} small_drill;
void small_drill_init(small_drill *d, sim_time outage);

/* Builds, drives and judges; `folder` may be NULL. Returns the run (to be freed) or fails the test.
 */
run *small_fleet_run(const fleet_spec *spec, const run_options *options, sim_time outage,
                     judge_finding *finding);

#endif
