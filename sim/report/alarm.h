/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/report/alarm.h - an examiner's notice as a line of JSON: what the event log holds and
 * operators are sent. */
#ifndef SIM_REPORT_ALARM_H
#define SIM_REPORT_ALARM_H

#include <jansson.h>
#include <stddef.h>

#include "sim/record/anomaly.h"

enum { REPORT_ALERT_LINE_MAX = 768 };

/* A JSON object with one key per field of the notice, times in seconds of the run, `whom` in words.
 * NULL: no memory. The caller's (json_decref). */
json_t *report_alert_json(const record_alert *n, const char *whom);
/* The same as one line without a line end; "{}" when there is no memory. `size` >=
 * REPORT_ALERT_LINE_MAX. Returns `line`. */
char *report_alert_line(const record_alert *n, const char *whom, char *line, size_t size);

/* A point of a telemetry series that raised an alarm, as the examiner wrote it: texts of any bytes,
 * without an end. */
typedef struct report_part {
    const char *text;
    size_t n;
} report_part;
typedef struct report_point {
    report_part time, value, score, key; /* no key: n is 0 */
} report_point;
/* As report_alert_line. */
char *report_point_line(const report_point *p, char *line, size_t size);

#endif
