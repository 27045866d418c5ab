/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/report/summary_json.h - summary.json: all that a run has to say, in one stable order.
 * docs/results.md and docs/schema/summary.schema.json describe it. */
#ifndef SIM_REPORT_SUMMARY_JSON_H
#define SIM_REPORT_SUMMARY_JSON_H

#include <jansson.h>
#include <stdio.h>

#include "sim/report/record.h"

#define REPORT_SUMMARY_SCHEMA "blackstart-summary-1"

/* Writes the object, "machine" on a line of its own at the end. `attempts` and `seconds` are the
 * rows of attempts.csv and series.csv. Numbers that are none become null. Not for two threads at
 * once. SIM_ENOMEM, SIM_EIO (see errno), SIM_ERANGE (a count or the seed above 2^63 - 1, which JSON
 * readers do not take). */
SIM_MUST_USE int report_summary_json(FILE *file, const report_run *run, uint64_t attempts,
                                     uint64_t seconds);
/* All of it but its machine, as a tree; free with json_decref. SIM_ENOMEM, SIM_ERANGE. */
SIM_MUST_USE int report_summary_tree(const report_run *run, uint64_t attempts, uint64_t seconds,
                                     json_t **out);

#endif
