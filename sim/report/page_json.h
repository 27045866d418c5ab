/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/report/page_json.h - what the script of a page draws from, as JSON that can stand within
 * HTML: no byte of it is '<', '>' or '&'. */
#ifndef SIM_REPORT_PAGE_JSON_H
#define SIM_REPORT_PAGE_JSON_H

#include "sim/report/result.h"

/* A string of JSON, quotes and all. SIM_EIO, SIM_ENOMEM. */
SIM_MUST_USE int report_page_text(FILE *out, const char *text);

/* {"label", "summary", "series", "triggers", "examined", and where people lived with devices
 * "houses"}; sim/report/page/main.js reads it. SIM_EIO
 * (see errno), SIM_ENOMEM. */
SIM_MUST_USE int report_page_json(FILE *out, const char *label, const report_result *r);

#endif
