/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/judge/pattern.h - what lies behind a wave: are the devices in step, do they share their
 * seeds, does the wave come again, does the service come back at all? Reasons for the verdict of
 * sim/judge/reconnect.h, from the same attempts. */
#ifndef SIM_JUDGE_PATTERN_H
#define SIM_JUDGE_PATTERN_H

#include "sim/judge/reconnect.h"

typedef struct judge_pattern {
    /* First attempts against the declared law: how likely a fleet that keeps it makes a second as
     * busy as the busiest one was. NAN: no law was declared. */
    double first_wave;
    uint64_t first_attempts;
    /* The same for how much narrower the first attempts lie than declared, wherever they begin:
     * whatever lies between power and the attempt only widens them. And without looking away: the
     * distance of the delays since `began` to the declared ones (Kolmogorov and Smirnov), and how
     * likely chance makes it as large. Of 5,000 devices at most. */
    double narrower, narrower_chance;
    double distance, distance_chance;
    uint64_t compared;
    /* Share of the devices whose first attempt has the same place in the fleet (within half a
     * second) as after another trigger of the same attempts, where the fleet is spread; the largest
     * of all other triggers. NAN: there is none with 50 of the devices, or they all came at once.
     */
    double same_place;
    uint64_t placed; /* devices that it rests on */
    /* The rest is NAN unless 50 devices tried again. Largest synchronisation index of attempts 2 to
     * 7, with the median pause before each as its period. */
    double synchrony;
    uint64_t synchronised;  /* devices that it rests on */
    double twins;           /* share of devices with the same five pauses as another one */
    uint64_t with_five;     /* devices that it rests on, at most 2,000 */
    double fano;            /* of the attempts per second */
    double autocorrelation; /* of the same, a median first pause apart */
    uint64_t seconds;       /* that both rest on */
    /* In the last third of the observation. */
    uint64_t late_attempts, late_online;
    double late_seconds;
} judge_pattern;

/* Looks at 20,000 devices at most, each n-th of a larger fleet. SIM_ENOMEM. */
SIM_MUST_USE int judge_pattern_of(const judge_reconnect_case *c, judge_pattern *out);

/* Several devices make the same pauses: more of them than chance brings about. */
bool judge_pattern_shares_seeds(const judge_pattern *p);

#endif
