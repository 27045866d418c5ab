/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/report/examined_read.h - what was done to the devices of a run and what the examiner noticed,
 * read back for the page: truth.csv, alarms.csv and detection.csv (docs/results.md). What is in the
 * files is hostile until read. Columns are found by their names, in any order; others are passed
 * over. */
#ifndef SIM_REPORT_EXAMINED_READ_H
#define SIM_REPORT_EXAMINED_READ_H

#include <stdbool.h>
#include <stdio.h>

#include "sim/record/anomaly.h"

enum {
    REPORT_CAMPAIGNS_MAX = 300, /* that are drawn; what is beyond is counted */
    REPORT_ALERTS_MAX = 1500,   /* that are drawn: of more, each n-th of a kind of them */
    REPORT_DETECTION_MAX = 32,  /* rows */
    REPORT_DETECTION_WORD = 40,
    REPORT_EXAMINED_ROWS_MAX = 2000000, /* of a file; more is refused */
    REPORT_EXAMINED_WHY_MAX = 200
};

/* Devices that misbehaved in one way by one order of the drill. */
typedef struct report_campaign {
    sim_time from, to; /* of the first, of the last of them */
    uint32_t number, devices;
    uint8_t kind; /* enum record_anomaly */
    bool noticed; /* a true alarm about it reached an operator */
} report_campaign;

/* What an alarm is worth: nothing was done; something was, but of another kind than it says; what
 * it says was done. */
typedef enum report_hit { REPORT_HIT_FALSE, REPORT_HIT_OTHER_KIND, REPORT_HIT_NAMED } report_hit;

typedef struct report_alert_mark {
    sim_time at;
    uint8_t kind; /* enum record_anomaly: what the examiner took it for */
    report_hit hit;
    bool device; /* about one device; else about a cohort or the fleet */
} report_alert_mark;

enum {
    REPORT_DETECTION_INJECTED,
    REPORT_DETECTION_NOTICED,
    REPORT_DETECTION_RECALL,
    REPORT_DETECTION_RECALL_LOW,
    REPORT_DETECTION_RECALL_HIGH,
    REPORT_DETECTION_DELAY_MEDIAN,
    REPORT_DETECTION_DELAY_P95,
    REPORT_DETECTION_DELAY_MOST,
    REPORT_DETECTION_CAMPAIGNS,
    REPORT_DETECTION_CAMPAIGNS_NOTICED,
    REPORT_DETECTION_NAMED,
    REPORT_DETECTION_FALSE_ALARMS,
    REPORT_DETECTION_NUMBERS
};

typedef struct report_detection_row {
    char kind[REPORT_DETECTION_WORD];         /* foreign text */
    double numbers[REPORT_DETECTION_NUMBERS]; /* NAN: empty, or no such column */
} report_detection_row;

/* All 0 is empty. */
typedef struct report_examined {
    bool truth, looked; /* truth.csv, alarms.csv are there */
    /* to be held against each other in seconds: nothing else is filled in but what detection.csv
     * says */
    bool too_many;
    report_campaign *campaigns; /* in order of kind, then of number */
    size_t campaign_count;
    uint64_t campaigns_more;  /* beyond REPORT_CAMPAIGNS_MAX */
    report_alert_mark *marks; /* in order of time */
    size_t mark_count;
    uint64_t alarms[RECORD_ANOMALIES], hits[RECORD_ANOMALIES]; /* of all */
    report_detection_row detection[REPORT_DETECTION_MAX];
    size_t detection_count;
} report_examined;

/* Each file may be NULL: it is not there. What a hit is: judge_detect (sim/judge/examined.h). The
 * files do not say which devices a cohort has: an alarm about one counts when something of that
 * kind was done to any device then. On an error `why` (REPORT_EXAMINED_WHY_MAX bytes) has a line:
 * which file, what is wrong. SIM_EPARSE, SIM_ENOMEM, SIM_EIO. Deinit in any case. */
SIM_MUST_USE int report_examined_read(FILE *truth, FILE *alarms, FILE *detection,
                                      report_examined *out, char *why);
void report_examined_deinit(report_examined *e);

#endif
