/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/report/sweep_write.h - a sweep as files and as a table: sweep.csv, sweep.json (docs/sweep.md
 * describes them), the page, the script of the picture, and what a person reads. */
#ifndef SIM_REPORT_SWEEP_WRITE_H
#define SIM_REPORT_SWEEP_WRITE_H

#include <stdio.h>

#include "sim/report/sweep.h"

#define REPORT_SWEEP_SCHEMA "blackstart-sweep-1"
#define REPORT_SWEEP_PAGE_FILE "sweep.html"

/* A row for each run that is done. SIM_EIO (see errno). */
SIM_MUST_USE int report_sweep_csv(FILE *file, const report_sweep *s);

/* SIM_ENOMEM, SIM_EIO (see errno), SIM_ERANGE (a seed above 2^63 - 1). */
SIM_MUST_USE int report_sweep_json(FILE *file, const report_sweep *s);

/* A page for people that needs nothing else: what was found, a picture for each of the first
 * columns, a table; below 400 KB, however large the grid. SIM_ENOMEM, SIM_EIO (see errno). */
SIM_MUST_USE int report_sweep_page(FILE *file, const report_sweep *s);

/* A script for gnuplot, data included, that draws an SVG on standard output: a panel for each of
 * the first columns, over the first varied parameter that has numbers, a line for each combination
 * of the others; where there are no numbers, over the points of the grid. SIM_ENOMEM, SIM_EIO. */
SIM_MUST_USE int report_sweep_gnuplot(FILE *file, const report_sweep *s);

/* For build servers: a test suite for each setting, a test case for each seed, which fails when the
 * run does not meet the targets and is skipped when it is INCONCLUSIVE or did not run. SIM_ENOMEM,
 * SIM_EIO (see errno). */
SIM_MUST_USE int report_sweep_junit(FILE *file, const report_sweep *s);

/* The table: a row for each point, medians with ranges over the seeds; where the page is too narrow
 * for it, medians alone. SIM_ENOMEM. */
SIM_MUST_USE int report_sweep_table(FILE *file, const report_sweep *s, uint32_t columns);

enum { REPORT_SWEEP_SETTING = 300 }; /* bytes of a setting in words, cut to fit */

/* "law=fixed, capacity=100", with what is given for ", ", without the axis `but` (SIZE_MAX: with
 * all). Returns `text`. */
char *report_sweep_setting(const report_sweep *s, size_t point, size_t but, const char *joint,
                           char text[REPORT_SWEEP_SETTING]);

/* About the cheapest setting: "target pass: cheapest setting that meets it: capacity=320 with
 * law=orderly (20 of 20 runs pass, busiest second 300..317)"; the settings that meet the targets
 * where nothing varied has a price; or that none does. Cut to fit. Returns `text`. */
char *report_sweep_sentence(const report_sweep *s, char *text, size_t size);

#endif
