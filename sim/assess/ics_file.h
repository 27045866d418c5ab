/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/assess/ics_file.h - an implementation conformance statement as a file: read, filled in with
 * what runs have shown, written again. docs/schema/ics.schema.json is its form, docs/assessment.md
 * tells what its members mean. What the maker wrote is never changed. Not for two threads at once.
 */
#ifndef SIM_ASSESS_ICS_FILE_H
#define SIM_ASSESS_ICS_FILE_H

#include <jansson.h>
#include <stdio.h>

#include "sim/assess/ics.h"
#include "sim/core/error.h"
#include "sim/record/json_read.h"

#define ASSESS_ICS_SCHEMA "blackstart-ics-1"
enum { ASSESS_ICS_BYTES_MAX = 2 << 20 };

/* All 0 is empty; deinit of it is fine. */
typedef struct assess_ics_file {
    json_t *root;
    assess_ics statement;
    size_t filled; /* verdicts of runs that were added */
} assess_ics_file;
void assess_ics_file_deinit(assess_ics_file *s);

/* Takes the statement in `root` (borrowed). `edition`: that it must be of, NULL: it says so itself.
 * Remarks about its form go to `take` with rule "form". SIM_EPARSE when there is nothing to work
 * with: then `why` (RECORD_JSON_WHY_MAX bytes) has a line with `name`. */
SIM_MUST_USE int assess_ics_file_take(assess_ics_file *s, json_t *root, const char *name,
                                      const assess_edition *edition, assess_remark_taker *take,
                                      void *context, char *why);

/* Adds what the run in `folder`, whose summary this is, has shown, to the provisions' "runs"; what
 * is there already is not added twice. Contradictions go to `take`. SIM_ENOMEM. */
SIM_MUST_USE int assess_ics_file_fill(assess_ics_file *s, const json_t *summary, const char *folder,
                                      assess_remark_taker *take, void *context);

/* An empty statement of an edition. SIM_ENOMEM, SIM_EIO (see errno), as the next two. */
SIM_MUST_USE int assess_ics_file_template(FILE *file, const assess_edition *edition);
SIM_MUST_USE int assess_ics_file_write(FILE *file, const assess_ics_file *s);
/* Table B.1 for people. */
SIM_MUST_USE int assess_ics_file_markdown(FILE *file, const assess_ics_file *s);

#endif
