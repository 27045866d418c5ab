/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/report/events.h - events.jsonl: what the drill did and what the examiner noticed, a line of
 * JSON each, in order of time. The event log that an operator reads. */
#ifndef SIM_REPORT_EVENTS_H
#define SIM_REPORT_EVENTS_H

#include <stdio.h>

#include "sim/report/record.h"

/* SIM_ENOMEM, SIM_EIO. */
SIM_MUST_USE int report_events(FILE *file, const report_run *run);

#endif
