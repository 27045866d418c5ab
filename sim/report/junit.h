/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/report/junit.h - junit.xml, as build servers read it: a test case for each check. FAIL is a
 * failure, INCONCLUSIVE is skipped, each with its sentence and the measures that do not hold. */
#ifndef SIM_REPORT_JUNIT_H
#define SIM_REPORT_JUNIT_H

#include <stdio.h>

#include "sim/report/record.h"

enum { REPORT_JUNIT_CLASS = 512 }; /* bytes of a class name, cut to fit */

/* The class of a scenario's cases: "scenarios/5.9-3/steady.lua" is "scenarios/5_9-3/steady", for
 * servers split class names at dots. Returns `name`. */
char *report_junit_class(const char *scenario, char name[REPORT_JUNIT_CLASS]);

/* Writes the document. Times are of the wall, as servers add them up: that of the run stands at its
 * first case, the others take none; what the run took in its own time is the property `duration_s`.
 * A record without a machine has times of 0, so that the same run gives the same bytes. What XML
 * 1.0 cannot hold becomes U+FFFD. Not for two threads at once. SIM_ENOMEM, SIM_EIO (see errno). */
SIM_MUST_USE int report_junit(FILE *file, const report_run *run);

#endif
