/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/judge/episodes.h - the pauses of one device, outage by outage, and those that its declared
 * law has in their places: what a person looks at who has to mend it. Nothing is decided here. */
#ifndef SIM_JUDGE_EPISODES_H
#define SIM_JUDGE_EPISODES_H

#include "sim/judge/classify.h"

enum {
    JUDGE_EPISODES_MAX = 24,  /* outages that are kept, the first ones */
    JUDGE_EPISODE_PAUSES = 16 /* of each, the first ones */
};

typedef struct judge_episode {
    sim_time at;     /* its first attempt */
    uint64_t pauses; /* until the device was online for the first time, or no longer tried */
    /* The first of them, in seconds, as sim/judge/classify.h counts them, and whether the end of
     * the attempt before was not seen, so that a time-out is in it. */
    double seconds[JUDGE_EPISODE_PAUSES];
    bool from_start[JUDGE_EPISODE_PAUSES];
    bool back; /* it came online */
} judge_episode;

/* What the declared law gives before one retry: 5 %, half and 95 % of its draws are shorter. */
typedef struct judge_declared_pause {
    double p5, median, p95;
} judge_declared_pause;

typedef struct judge_episodes {
    judge_episode items[JUDGE_EPISODES_MAX];
    size_t count;
    uint64_t more;   /* outages behind them */
    size_t declared; /* pauses of the law, as many as were seen; 0: none was declared */
    judge_declared_pause law[JUDGE_EPISODE_PAUSES];
} judge_episodes;

/* Outages in which the device tried again. SIM_ENOMEM. */
SIM_MUST_USE int judge_episodes_of(const judge_device_case *c, judge_episodes *out);

#endif
