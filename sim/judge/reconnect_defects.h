/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/judge/reconnect_defects.h - which classes of sim/judge/defect.h a fleet shows that failed.
 * For sim/judge/reconnect.c. */
#ifndef SIM_JUDGE_RECONNECT_DEFECTS_H
#define SIM_JUDGE_RECONNECT_DEFECTS_H

#include "sim/judge/defect.h"
#include "sim/judge/wave.h"

/* A bit for each, of a finding whose measures are there. None where the measures that failed do not
 * tell what the devices did wrong. */
unsigned judge_reconnect_defects(const judge_reconnect_case *c, const judge_wave *w,
                                 const judge_finding *f);

#endif
