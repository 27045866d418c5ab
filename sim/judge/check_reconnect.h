/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/judge/check_reconnect.h - what can be said to the check "reconnect" (sim/judge/reconnect.h
 * judges). */
#ifndef SIM_JUDGE_CHECK_RECONNECT_H
#define SIM_JUDGE_CHECK_RECONNECT_H

#include "sim/judge/reconnect.h"

typedef struct judge_reconnect_wanted {
    const char *trigger; /* by name; NULL: by number */
    size_t number;       /* 0: the last one */
    double capacity;     /* connections a second; 0: as the evidence has it declared */
    judge_reconnect_policy policy;
} judge_reconnect_wanted;
extern const judge_reconnect_wanted judge_reconnect_wanted_default;

#endif
