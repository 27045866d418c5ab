/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/judge/reconnect_words.h - the sentences of the verdict "5.9-3-2 a" for a fleet, from its
 * measures. For sim/judge/reconnect.c. */
#ifndef SIM_JUDGE_RECONNECT_WORDS_H
#define SIM_JUDGE_RECONNECT_WORDS_H

#include "sim/judge/wave.h"

/* Order of the measures that each finding begins with. */
enum {
    JUDGE_BUSIEST,
    JUDGE_BUSIEST_BEGAN,
    JUDGE_PEAK_TO_MEAN,
    JUDGE_PER_SUCCESS,
    JUDGE_BACK_ONLINE
};
/* Names of those that only some have. */
#define JUDGE_GROWTH "growth of pauses"
#define JUDGE_TEN_SECONDS "busiest ten seconds"
#define JUDGE_WAVE_CHANCE "chance of such a first wave"
#define JUDGE_WIDTH_CHANCE "chance of so narrow a first wave"
#define JUDGE_SAME_PLACE "devices at the same place"
/* Share of the devices at the same place again, from which an order is assigned. */
#define JUDGE_ASSIGNED 0.9

/* Says why nothing can be said; false when something can. */
bool judge_reconnect_say_nothing(const judge_reconnect_case *c,
                                 const judge_reconnect_policy *policy, const judge_wave *w,
                                 judge_finding *out);
/* Of a finding whose measures are there. */
void judge_reconnect_say_fail(const judge_reconnect_case *c, const judge_wave *w,
                              judge_finding *out);
void judge_reconnect_say_cut_short(const judge_reconnect_case *c, const judge_wave *w,
                                   judge_finding *out);
void judge_reconnect_say_pass(const judge_reconnect_case *c, const judge_wave *w,
                              judge_finding *out);

#endif
