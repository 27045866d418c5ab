/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/report/suite_page.h - index.html of a suite: what became of each scenario, why, and the way
 * to its own page. It draws nothing, so there is no script in it. */
#ifndef SIM_REPORT_SUITE_PAGE_H
#define SIM_REPORT_SUITE_PAGE_H

#include "sim/report/suite.h"

/* `overall`: the word of the whole suite; `said`: one sentence of how many came to what. `where`:
 * for each run the folder of its results, seen from the page; NULL in it: no way leads there.
 * SIM_EIO (see errno). */
SIM_MUST_USE int report_suite_page(FILE *out, const report_suite_run *runs,
                                   const char *const *where, size_t count, const char *overall,
                                   const char *said);

#endif
