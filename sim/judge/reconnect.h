/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/judge/reconnect.h - EN 303 645 5.9-3, TS 103 701 unit "5.9-3-2 a": did the fleet come back in
 * an orderly way, within what the infrastructure said it can take? A pure function of recorded
 * attempts. */
#ifndef SIM_JUDGE_RECONNECT_H
#define SIM_JUDGE_RECONNECT_H

#include "sim/judge/declared.h"
#include "sim/judge/finding.h"
#include "sim/record/attempt.h"

/* Policy, not standard: EN 303 645 sets no numbers. Each is printed with the verdict; where each
 * comes from stands in docs/verdicts.md. */
typedef struct judge_reconnect_policy {
    /* busiest sliding second at most this times the declared capacity: 1.0 */
    double peak_over_capacity;
    /* over the recovery window at most: 3 (an ideal uniform wave gives about 2 at small rates) */
    double peak_to_mean;
    /* busiest sliding ten seconds at most this times ten times the capacity: 1.0 */
    double ten_seconds_over_capacity;
    double attempts_per_success; /* at most: 5 (2 and less is good, more than 10 is a storm) */
    uint64_t devices_minimum;    /* fewer took part: INCONCLUSIVE; 50 */
} judge_reconnect_policy;
#define JUDGE_RECONNECT_POLICY_DEFAULT                                                    \
    {                                                                                     \
        .peak_over_capacity = 1.0, .peak_to_mean = 3.0, .ten_seconds_over_capacity = 1.0, \
        .attempts_per_success = 5.0, .devices_minimum = 50                                \
    }
extern const judge_reconnect_policy judge_reconnect_policy_default;

typedef struct judge_reconnect_case {
    /* of the whole run, sorted as record_attempts_sort does; borrowed */
    const record_attempt *attempts;
    size_t count;
    uint8_t trigger;          /* judged are the attempts of this trigger */
    const char *trigger_name; /* "power restore" */
    /* when the trigger happened (power came back); SIM_NEVER: the stimulus did not happen */
    sim_time began;
    sim_time until;       /* end of the observation */
    uint64_t devices;     /* devices that the stimulus hit while they were online */
    double capacity;      /* connections per second the cloud declared; 0: not declared */
    const char *declared; /* the declared law in words, for the sentence; may be NULL */
    /* The same as the judge draws from it; NULL: not declared, or the trigger does not make devices
     * begin anew (their first attempts are then not the law's first). */
    const judge_declared *declared_law;
    uint64_t seed;       /* of that Monte Carlo */
    bool generator_late; /* the generator was the bottleneck (design D10): INCONCLUSIVE */
    /* devices end their sessions themselves: that they come again is no accept-then-close */
    bool visits;
} judge_reconnect_case;

/* Fills *out. Counted are the attempts of the trigger from `began` to `until`. Measures that
 * decide: "busiest second" (sliding, all attempts) against capacity, "peak to mean" (that second
 * against the mean of the recovery window: first attempt to the moment 95 % of the devices had come
 * online, so that a straggler does not stretch it; to the last attempt when they never had),
 * "attempts per success", "back online" (share of devices), with a declared law "chance of such a
 * first wave" (sim/judge/pattern.h): a fleet that does not do as declared has failed whatever the
 * cloud could take. For information, where devices tried again: "synchronisation index", "devices
 * with a twin", "Fano factor", "autocorrelation", and "goodput at the end" where devices are
 * missing. For information: when the busiest second began, "attempts per device", the recovery
 * window, "time to 50 %", "95 %", "100 % online" after `began`. A measure that cannot decide in
 * this case has relation JUDGE_NONE and a note that says why: peak to mean where the wave is
 * shorter than it could tell, peak to mean, attempts per success and back online where the
 * observation ended before the fleet had the time to come back. Where few attempts a second scatter
 * widely, the threshold of peak to mean is raised until blameless waves exceed it in fewer than one
 * of 1,000 cases, and the note says so. INCONCLUSIVE when the stimulus did not happen, fewer than
 * devices_minimum took part, no capacity was declared, the generator was late, no attempt was seen,
 * or nothing failed but the observation was too short. A fleet of which some devices are not back
 * at `until` FAILs when it was watched for three times devices / capacity and for 10 minutes at
 * least. A device that came online more than once counts once. Promise: attempts are sorted. */
void judge_reconnect(const judge_reconnect_case *c, const judge_reconnect_policy *policy,
                     judge_finding *out);

/* How likely the busiest second of a blameless wave exceeds `ratio` times its mean by chance: at
 * most this. The wave is Poisson, `mean` a second over `seconds` in all; its rate is up to 1.5
 * times the mean, which is what a first attempt uniform over W becomes when the moment it counts
 * from (boot of the home router) is itself spread over W/2. Scan statistic of a Poisson process, S.
 * E. Alm, "On the distributions of scan statistics of a two-dimensional Poisson process" (1997),
 * one-dimensional case. 1 when it says nothing. */
double judge_reconnect_chance(double mean, double seconds, double ratio);

/* Seconds over which the first attempts of `devices` must be spread evenly, so that fewer than one
 * in a thousand such fleets makes more than `capacity` of them in a second. NAN when there is no
 * capacity, or one of next to nothing. */
double judge_reconnect_window(double devices, double capacity);

/* The most attempts (of those given, sorted by time) in any window of `width` ns; *at gets its
 * beginning, 0 when there are none (or width is not above 0). A tool of its own for other judges.
 */
uint64_t judge_busiest(const record_attempt *attempts, size_t count, sim_time width, sim_time *at);

#endif
