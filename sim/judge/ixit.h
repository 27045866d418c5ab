/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/judge/ixit.h - what a maker declares about resilience, interfaces and telemetry, in the
 * fields of the IXIT tables of TS 103 701 (23-ResMech, 11-ComMech or 28-LogIntf, 24-TelData). Texts
 * are borrowed. */
#ifndef SIM_JUDGE_IXIT_H
#define SIM_JUDGE_IXIT_H

#include <stddef.h>
#include <stdint.h>

enum { JUDGE_IXIT_MAX = 16 }; /* entries of a table */

typedef enum judge_outage_type { JUDGE_OUTAGE_NETWORK, JUDGE_OUTAGE_POWER } judge_outage_type;

typedef struct judge_resilience { /* 23-ResMech */
    const char *id, *description;
    judge_outage_type type;
    const char *guarantees; /* Security Guarantees; may be NULL, as all after the description */
} judge_resilience;

typedef struct judge_interface { /* 28-LogIntf, before it 11-ComMech */
    const char *id, *description, *resilience_measures;
} judge_interface;

typedef struct judge_telemetry { /* 24-TelData */
    const char *id, *description, *purpose, *security_examination, *personal_data;
    uint64_t looks_for; /* bit per record_anomaly that the examination looks for */
} judge_telemetry;

typedef struct judge_ixit {
    judge_resilience resilience[JUDGE_IXIT_MAX];
    judge_interface interfaces[JUDGE_IXIT_MAX];
    judge_telemetry telemetry[JUDGE_IXIT_MAX];
    size_t resilience_count, interface_count, telemetry_count;
} judge_ixit;

#endif
