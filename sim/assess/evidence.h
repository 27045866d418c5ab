/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/assess/evidence.h - what a run has to say to a laboratory: evidence.json and evidence.md, by
 * test group, case and unit of TS 103 701, with the declarations in the shape of its IXIT tables,
 * what was done, what was observed, and what it does not prove. docs/assessment.md describes both.
 */
#ifndef SIM_ASSESS_EVIDENCE_H
#define SIM_ASSESS_EVIDENCE_H

#include <jansson.h>
#include <stdio.h>

#include "sim/assess/provisions.h"
#include "sim/core/error.h"

#define ASSESS_EVIDENCE_SCHEMA "blackstart-evidence-1"

/* The evidence of a run by an edition, made from its summary (summary.json, which may be hostile:
 * what is not as it should be is left out); free with json_decref. SIM_ENOMEM. Not for two threads
 * at once, as the next. */
SIM_MUST_USE int assess_evidence(const assess_edition *edition, const json_t *summary,
                                 json_t **out);

/* SIM_ENOMEM, SIM_EIO (see errno). */
SIM_MUST_USE int assess_evidence_json(FILE *file, const json_t *evidence);
/* The same for people. SIM_EIO. */
SIM_MUST_USE int assess_evidence_markdown(FILE *file, const json_t *evidence);

#endif
