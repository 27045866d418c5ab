/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/support/fleet_months.h - a fleet for the examiner, drawn as counts per window instead of
 * simulated: days of 10,000 devices in seconds. Honest noise, and on demand what is not honest,
 * with the truth. A pure function of its options.
 *
 * Honest: five models in two regions (cohorts 0..9; 10..19 are their next firmware): a plug that
 * reports every minute, a camera every 5, a thermometer every 5, a meter every 15, and a motion
 * sensor whose reports are a Poisson process with a day. Bytes with a day whose depth differs from
 * device to device and log-normal noise of 30 %; mistyped logins 0.3 a device-day, every fourth of
 * them three in a row; failed updates 0.001, new addresses 0.2, resets 0.02, lost sessions 0.1 a
 * device-day; of 10,000 devices 20 homes a day lose their uplink for half an hour; temperatures
 * with day, weather, noise; batteries that empty by 0.3 to 1 % a day. Great honest events: a street
 * of 1,000 devices loses its power for 30 minutes and comes back within an hour (day 3); another
 * loses its network and comes back within two minutes (day 5); a cohort gets a new firmware over a
 * day (day 4). */
#ifndef TESTS_SUPPORT_FLEET_MONTHS_H
#define TESTS_SUPPORT_FLEET_MONTHS_H

#include "sim/examine/watch.h"

enum { FLEET_MONTHS_COHORTS = 20, FLEET_MONTHS_STRENGTHS = 2, FLEET_MONTHS_DELAYS = 512 };

typedef struct fleet_months_options {
    uint64_t seed;
    uint32_t devices; /* a multiple of `street` */
    uint32_t street;  /* devices of one */
    uint32_t days;
    uint32_t streets_a_watch;
    uint32_t each; /* devices for each of the ten kinds, mild and strong; from day 2 on */
    bool examples; /* both of EN 303 645, as campaigns on the last day, in cohorts of their own */
    bool outages, rollout, lock_step, new_destination;
    bool show; /* prints what was missed and what was false */
    const examine_watch_settings *settings;
} fleet_months_options;

typedef struct fleet_months_kind {
    uint32_t injected, noticed;       /* in its own kind */
    uint32_t as_other;                /* only as another kind */
    uint32_t false_alarms;            /* notices of this kind about who did nothing */
    float delay[FLEET_MONTHS_DELAYS]; /* min */
} fleet_months_kind;

typedef struct fleet_months_result {
    fleet_months_kind kind[RECORD_ANOMALIES][FLEET_MONTHS_STRENGTHS];
    uint32_t notices, false_alarms;
    /* notices about devices of the streets in outage, or their cohorts, from the cut to six hours
     * after, that no injection explains */
    uint32_t of_outage;
    uint32_t lock_steps, new_destinations;
    double device_days;
    /* min from the start of the campaign to its cohort's notice; negative: none */
    double example[2];
    uint64_t fingerprint; /* of all notices */
    uint64_t dropped;
    bool failed;
} fleet_months_result;

void fleet_months_run(const fleet_months_options *o, fleet_months_result *out);
/* So many runs from o->seed on, added up; of the delays of the examples the longest. */
void fleet_months_run_seeds(const fleet_months_options *o, uint32_t seeds,
                            fleet_months_result *out);
/* 10,000 devices, seven days, everything but lock-step and new destinations, in the default
 * setting. */
fleet_months_options fleet_months_full(void);
void fleet_months_print(const fleet_months_result *r);

#endif
