/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/report/value.h - a measured value with its unit as a person reads it: the same words on the
 * terminal and on the page. */
#ifndef SIM_REPORT_VALUE_H
#define SIM_REPORT_VALUE_H

enum { REPORT_VALUE_MAX = 64 };

/* "15 attempts/s", "2m14s", "99.8 %", "1.2kB"; "unknown" when not a number. As many digits as it
 * takes to tell it from `beside` (NAN: nothing). Units: those of docs/results.md. Returns `text`.
 */
const char *report_value_text(double value, double beside, const char *unit,
                              char text[REPORT_VALUE_MAX]);

/* The value of a verdict's measure: a time to something that did not come is "never". */
const char *report_measure_text(const char *name, double value, double beside, const char *unit,
                                char text[REPORT_VALUE_MAX]);

#endif
