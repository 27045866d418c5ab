/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/judge/crowd.h - several clients that nobody can tell apart, as behind a router that
 * translates addresses: what can be judged of them is the rate of all together, and whether it
 * comes again. */
#ifndef SIM_JUDGE_CROWD_H
#define SIM_JUDGE_CROWD_H

#include "sim/judge/reconnect.h"

typedef struct judge_crowd_case {
    const record_attempt *attempts; /* of all of them, sorted by time; borrowed */
    size_t count;
    uint32_t clients; /* at least; 2 and more */
    const char *name; /* what they share, for the sentence */
    sim_time clock;   /* what it tells apart */
    double capacity;  /* connections per second the cloud declared; 0: not declared */
} judge_crowd_case;

/* Fills *out, unit "5.9-3-2 a". Measures that decide: "busiest second" and "busiest ten seconds"
 * against the capacity, where one was declared; "repetition", the autocorrelation of the attempts
 * (in bins of 50 ms, or of what the clock tells apart, less their mean over 20 bins on either side)
 * at the lag where it is largest, where 10 clients and more are proven, or 50 attempts came in a
 * second: clients with the same fixed pause, in lock-step or not. For information: "clients",
 * "period", "attempts in a period", about as many clients. FAIL when one of them does not hold;
 * else INCONCLUSIVE, as what each client does is not to be seen: never PASS. SIM_ENOMEM. */
SIM_MUST_USE int judge_crowd(const judge_crowd_case *c, const judge_reconnect_policy *policy,
                             judge_finding *out);

#endif
