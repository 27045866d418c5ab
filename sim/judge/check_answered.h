/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/judge/check_answered.h - our own check "answered": of the requests that were due, how many
 * were answered 2.xx. */
#ifndef SIM_JUDGE_CHECK_ANSWERED_H
#define SIM_JUDGE_CHECK_ANSWERED_H

#include "sim/judge/finding.h"

typedef struct judge_answered_case {
    uint64_t due; /* requests that should have been sent */
    uint64_t sent;
    uint64_t answered; /* 2.xx */
    uint64_t refused;  /* 4.xx, 5.xx */
    uint64_t timed_out;
    uint64_t waiting, held, offline, cut; /* due and not sent, as in judge_requests */
    const char *refusal;                  /* as there */
    uint64_t pending; /* still waiting when the run ended: not counted as failed */
    uint64_t devices, devices_online_ever;
    double at_least; /* share of (due - pending) that must be answered: 1.0 */
    /* when no device came online: the reason in words (e.g. from DTLS), or NULL */
    const char *why_nobody;
    bool generator_late;
} judge_answered_case;

/* INCONCLUSIVE when nothing was due, no device ever came online (sentence: why_nobody and what to
 * check), or the generator was late. */
void judge_answered(const judge_answered_case *c, judge_finding *out);

#endif
