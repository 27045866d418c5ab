/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/judge/wave.h - what the attempts after a trigger say of a fleet, in figures: how many, how
 * close together, who came online and when. No thresholds of a verdict: those are
 * sim/judge/reconnect.c. */
#ifndef SIM_JUDGE_WAVE_H
#define SIM_JUDGE_WAVE_H

#include "sim/judge/pattern.h"
#include "sim/judge/reconnect.h"
#include "sim/judge/retries.h"

/* Successes after which a device that tries again has been let in and closed again and again. */
enum { JUDGE_WAVE_RETURNS = 5 };

/* What the attempts of one trigger say. */
typedef struct judge_wave {
    uint64_t attempts;
    uint64_t turned_away; /* attempts that the cloud dropped, answered busy, or refused */
    sim_time first;       /* first attempt; SIM_NEVER: none */
    uint64_t busiest;     /* attempts in the busiest sliding second, and when that began */
    sim_time busiest_at;
    uint64_t busiest_ten; /* attempts in the busiest sliding ten seconds */
    uint64_t came;        /* devices that made an attempt */
    uint64_t retrying;    /* of those: their first one here was not their first since the trigger */
    uint64_t online;      /* devices that came online */
    uint64_t successes;   /* how often they did, all together */
    /* devices that tried again after JUDGE_WAVE_RETURNS successes or more */
    uint64_t returned;
    /* of those: their last two pauses after a success over their first two */
    double growth;
    /* first attempt of the device that began last: when all would have been online, had the cloud
     * admitted everybody at once; the law alone says that. SIM_NEVER: no attempts */
    sim_time last_began;
    /* when 50, 95, 100 % of the devices were online; SIM_NEVER: not by `until` */
    sim_time half, most, all;
    double window;  /* length of the recovery window in seconds, at least 1 */
    double mean;    /* attempts a second in it */
    bool cut_short; /* devices are missing, and were not given the time to come back */
    judge_pattern pattern;
    judge_retries retries;
} judge_wave;

/* SIM_ENOMEM. */
SIM_MUST_USE int judge_wave_observe(const judge_reconnect_case *c, judge_wave *w);

bool judge_wave_capacity_known(const judge_reconnect_case *c);
/* Half of the devices had tried in vain before service came back, and were in the midst of a pause.
 */
bool judge_wave_is_of_retries(const judge_wave *w);
bool judge_wave_happened(const judge_reconnect_case *c); /* the stimulus did, and was watched */
/* Seconds in which the cloud can let all devices in, one after the other. */
double judge_wave_drain(const judge_reconnect_case *c);
/* How long a fleet must have been watched before a device that is absent has failed; SIM_NEVER when
 * the capacity is not known. */
sim_time judge_wave_watch_enough(const judge_reconnect_case *c);
/* Devices are let in and closed, again and again: each time counts as a success. */
bool judge_wave_is_trap(const judge_reconnect_case *c, const judge_wave *w);
/* A fleet, and not some device with an odd log, that is let in more than once. */
bool judge_wave_comes_again(const judge_reconnect_case *c, const judge_wave *w);
/* Attempts go on, next to nobody gets in, and there is nothing left to wait for (Bronson et al.,
 * "Metastable failures in distributed systems", HotOS 2021). */
bool judge_wave_is_metastable(const judge_reconnect_case *c, const judge_wave *w);

#endif
