/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/report/episodes.h - the pauses of a device that failed, outage by outage, with the declared
 * law beside them: in summary.json, and from there on the page. */
#ifndef SIM_REPORT_EPISODES_H
#define SIM_REPORT_EPISODES_H

#include <jansson.h>
#include <stdio.h>

#include "sim/judge/episodes.h"

/* The member "episodes" of a verdict in summary.json; NULL: no memory. */
json_t *report_episodes_json(const judge_episodes *e);
/* The table of it; nothing where the verdict has none. Foreign numbers may be anything. */
void report_episodes_page(FILE *out, const json_t *verdict);

#endif
