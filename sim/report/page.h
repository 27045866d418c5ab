/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/report/page.h - report.html: a run, or two side by side, as one file that needs nothing else.
 * Texts are in the HTML itself; only pictures are drawn by the script (sim/report/page/, bundled
 * when the program is built). The same results give the same bytes. */
#ifndef SIM_REPORT_PAGE_H
#define SIM_REPORT_PAGE_H

#include "sim/report/compare.h"

#define REPORT_PAGE_FILE "report.html"

/* SIM_EIO (see errno), SIM_ENOMEM. */
SIM_MUST_USE int report_page(FILE *out, const report_result *r);
/* `names`: of the folders. */
SIM_MUST_USE int report_page_compare(FILE *out, const report_result *const runs[2],
                                     const char *const names[2], const report_comparison *c);

#endif
