/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/report/junit.h - junit.xml, as build servers read it: a test case for each check. FAIL is a
 * failure, INCONCLUSIVE is skipped, each with its sentence and the measures that do not hold. */
#ifndef SIM_REPORT_JUNIT_H
#define SIM_REPORT_JUNIT_H

#include <stdio.h>

#include "sim/report/record.h"

/* Writes the document. Times are of the run (virtual time in the virtual world), never of the
 * machine, so the same run gives the same bytes. What XML 1.0 cannot hold becomes U+FFFD. Not for
 * two threads at once. SIM_ENOMEM, SIM_EIO (see errno). */
SIM_MUST_USE int report_junit(FILE *file, const report_run *run);

#endif
