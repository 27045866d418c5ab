/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/report/ics_json.h - an implementation conformance statement as a file: read, filled in with
 * what runs have shown, written again. docs/schema/ics.schema.json is its form, docs/assessment.md
 * tells what its members mean. What the maker wrote is never changed. Not for two threads at once.
 */
#ifndef SIM_REPORT_ICS_JSON_H
#define SIM_REPORT_ICS_JSON_H

#include <jansson.h>
#include <stdio.h>

#include "sim/assess/ics.h"
#include "sim/core/error.h"
#include "sim/report/json_read.h"

#define REPORT_ICS_SCHEMA "blackstart-ics-1"
enum { REPORT_ICS_BYTES_MAX = 2 << 20 };

/* All 0 is empty; deinit of it is fine. */
typedef struct report_ics {
    json_t *root;
    assess_ics statement;
    size_t filled; /* verdicts of runs that were added */
} report_ics;
void report_ics_deinit(report_ics *s);

/* Takes the statement in `root` (borrowed). `edition`: that it must be of, NULL: it says so itself.
 * Remarks about its form go to `take` with rule "form". SIM_EPARSE when there is nothing to work
 * with: then `why` (REPORT_JSON_WHY_MAX bytes) has a line with `name`. */
SIM_MUST_USE int report_ics_take(report_ics *s, json_t *root, const char *name,
                                 const assess_edition *edition, assess_remark_taker *take,
                                 void *context, char *why);

/* Adds what the run in `folder`, whose summary this is, has shown, to the provisions' "runs"; what
 * is there already is not added twice. Contradictions go to `take`. SIM_ENOMEM. */
SIM_MUST_USE int report_ics_fill(report_ics *s, const json_t *summary, const char *folder,
                                 assess_remark_taker *take, void *context);

/* An empty statement of an edition. SIM_ENOMEM, SIM_EIO (see errno), as the next two. */
SIM_MUST_USE int report_ics_template(FILE *file, const assess_edition *edition);
SIM_MUST_USE int report_ics_write(FILE *file, const report_ics *s);
/* Table B.1 for people. */
SIM_MUST_USE int report_ics_markdown(FILE *file, const report_ics *s);

#endif
