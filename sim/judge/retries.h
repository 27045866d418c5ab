/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/judge/retries.h - what the pauses between the attempts of a fleet say after one trigger: do
 * they grow, how far are they spread, in the part that grows and where it ends? And how wide its
 * first attempts lie, and who no longer tries. Reasons for the verdict of sim/judge/reconnect.h. */
#ifndef SIM_JUDGE_RETRIES_H
#define SIM_JUDGE_RETRIES_H

#include "sim/judge/reconnect.h"
#include "sim/judge/statistics.h"

/* Of all attempts of the trigger, also those that were made while service was away. A pause goes
 * from the end of a failed attempt (its beginning where the end was not seen) to the next one, till
 * the device is online for the first time. Compared are as many pauses as fifty
 * devices and more made, at most 32, of 256 devices at most: a row each, as of one device's
 * outages. Figures are NAN where there are none. */
typedef struct judge_retries {
    uint64_t devices; /* that are compared */
    size_t pauses;    /* of each; 0: too few tried again, and the rest says nothing */
    /* of all these, those with a time-out in them: the end before was not seen */
    uint64_t from_start;
    double first, longest; /* medians of the first pause and of the longest, seconds */
    double growth;         /* from one pause to the next, median */
    judge_variation all, growing, level; /* over all, and in the two parts where it has these */
    /* of the devices that are not back: those that no longer try, for ten minutes and four times
     * their longest pause before the end of the observation */
    uint64_t missing, silent;
    /* First attempts: how many, the time in seconds that holds nine tenths of them (without the
     * first and the last twentieth), and their own busiest second. */
    uint64_t firsts;
    double width;
    uint64_t firsts_busiest;
} judge_retries;

/* Looks at 20,000 devices at most, each n-th of a larger fleet; first attempts are counted all.
 * SIM_ENOMEM. */
SIM_MUST_USE int judge_retries_of(const judge_reconnect_case *c, judge_retries *out);

#endif
