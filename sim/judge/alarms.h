/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/judge/alarms.h - EN 303 645 5.10-1: would anyone have noticed? Holds alarms, whoever raised
 * them, against what was really done to the devices. A pure function of both lists.
 *
 * An injection is noticed when an alarm of its device (or of any, when either names none) lies
 * between its start and its end plus a grace: whoever looks every five minutes may speak after a
 * short attack is over. The delay counts from the start. An alarm that lies in no injection is
 * false. */
#ifndef SIM_JUDGE_ALARMS_H
#define SIM_JUDGE_ALARMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/error.h"

#define JUDGE_ANY_DEVICE UINT32_MAX
enum { JUDGE_KINDS_MAX = 64 };

typedef struct judge_alert {
    double at; /* s */
    uint32_t device;
    bool covered; /* out: it lies in an injection */
} judge_alert;

typedef struct judge_injection {
    double start, end; /* s */
    uint32_t device;
    uint32_t kind; /* below JUDGE_KINDS_MAX */
} judge_injection;

typedef struct judge_share {
    double value, low, high; /* with its 95 % interval (E. B. Wilson, 1927); 0, 0, 1 of nothing */
} judge_share;
judge_share judge_share_of(uint64_t part, uint64_t whole);

typedef struct judge_kind {
    uint64_t injected, noticed;
    judge_share recall;
    double delay_median, delay_most; /* s, of those noticed; 0 without any */
} judge_kind;

typedef struct judge_alerts_finding {
    judge_kind kind[JUDGE_KINDS_MAX];
    judge_kind all;
    uint64_t alarms, false_alarms;
    judge_share precision; /* share of alarms that lie in an injection */
} judge_alerts_finding;

/* Times are finite, kinds in range: promises. `grace` >= 0, s. 0 or SIM_ENOMEM. */
SIM_MUST_USE int judge_alerts(judge_alert *alarms, size_t alarm_count,
                              const judge_injection *injections, size_t injection_count,
                              double grace, judge_alerts_finding *out);

#endif
