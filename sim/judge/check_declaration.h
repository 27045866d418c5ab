/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/judge/check_declaration.h - TS 103 701 unit "5.9-3-1 b": is the declared law a measure
 * against mass
 * reconnection at all? Judged from the declaration alone, by fleets that are drawn from it. */
#ifndef SIM_JUDGE_CHECK_DECLARATION_H
#define SIM_JUDGE_CHECK_DECLARATION_H

#include "sim/judge/declared.h"
#include "sim/judge/finding.h"

typedef struct judge_declaration_case {
    const judge_declared *law; /* NULL: nothing was declared, or several laws */
    const char *text;          /* the law in words; may be NULL */
    uint64_t devices;          /* that come back together */
    double capacity;           /* connections per second the cloud declared; 0: not declared */
    uint64_t seed;             /* of the Monte Carlo */
} judge_declaration_case;

/* Fills *out. Measures that decide: "fleets over capacity" (share of drawn fleets whose first
 * attempts alone exceed the capacity in some second, all devices beginning in one instant: at most
 * 0.01), "variation" of the retries' pauses (at least 0.05), "growth" of their means (the longest
 * at least 1.3 times the first), "devices that give up" (none within 32 attempts). INCONCLUSIVE
 * without a law, and when nothing failed but no capacity was declared. 200 fleets are drawn, of
 * more than 20,000 devices fewer (4 at least). */
void judge_declaration(const judge_declaration_case *c, judge_finding *out);

#endif
