/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/record/stamp.h - times as logs, databases and spreadsheets write them: ISO 8601 with its
 * looser relatives, and numbers since 1970 whose size tells their unit. Pure, no locale. */
#ifndef SIM_RECORD_STAMP_H
#define SIM_RECORD_STAMP_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/time.h"

typedef struct record_stamp {
    int64_t seconds; /* since 1970, UTC where no zone is given */
    int64_t ns;      /* below a second */
    /* what it tells apart: a day ("2026-11-21"), a minute ("… 18:30"), down to 1 ns */
    sim_time resolution;
    bool zoned; /* a zone was given */
} record_stamp;

/* "2026-11-21T18:30:15.25+02:00": a date, and behind T or a blank a time; fractions behind point
 * or comma, of which nine digits count; zones +02, +0200, +02:00, Z, UTC, GMT and names that mean
 * one zone everywhere, with a blank before them or none. Also with slashes in the date, and in the
 * basic format, "20261121T183015Z", with a blank or nothing for its T, or "20261121 18:30:15".
 * Years 1 to 9999; a leap second counts as the next. `text` ends with 0. Returns what stands behind
 * it, NULL when it is no such time. */
const char *record_stamp_iso(const char *text, record_stamp *out);

/* A month by its name and a year: "21 Nov 2026 18:30:15 +0100", also behind the day of the week,
 * "21/Nov/2026:18:30:15 +0100", "Nov 21, 2026 @ 18:30:15.250", "Sat Nov 21 18:30:15 2026". */
const char *record_stamp_named(const char *text, record_stamp *out);

/* "Nov 21 18:30:15.25", as syslog writes it: without a year, so it counts as one of 2000. */
const char *record_stamp_syslog(const char *text, record_stamp *out);

/* Ticks of 100 ns since 1601 (Windows) or since the year 1 (.NET), of what is in use: as
 * nanoseconds since 1970 they would be of 1973 to 1975, and of 1989 to 1991. */
bool record_stamp_ticks(int64_t number, int64_t *ns);

/* The unit of a number since 1970 by its size: seconds below 1e11 (the year 5138), then milli-,
 * micro- and nanoseconds. */
sim_time record_stamp_unit(double number);

/* 1970 as a day of the count that the number belongs to: a spreadsheet's, or Julian days. */
double record_stamp_sheet_1970(double number);

/* Whether two numbers that stand one below the other are days since 1900, as spreadsheets have
 * them, or Julian days, as databases do, rather than seconds: both between 2000 and 2100, with
 * parts of days (one of them may be a midnight), and less than 0.05 apart, which is 72 minutes.
 * `digits`: of the first, behind its point; no clock that tells seconds has ten. */
bool record_stamp_is_sheet(double first, int digits, double second);

#endif
