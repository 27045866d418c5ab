/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/report/local.h - what devices did in their houses over time, model by model: local.csv
 * (docs/results.md), written and read again, and counted into so few bins that a run of a week
 * makes no larger a table than one of a day. What is in a file is hostile until read. */
#ifndef SIM_REPORT_LOCAL_H
#define SIM_REPORT_LOCAL_H

#include <stdint.h>
#include <stdio.h>

#include "sim/core/error.h"

/* Columns behind time_s, seconds and model: X(member, column). */
#define REPORT_LOCAL_MAP(X)                                                                        \
    X(right, "right")                   /* hands that had the right answer in time */              \
    X(late, "late")                     /* ... that saw nothing by the deadline */                 \
    X(wrong, "wrong")                   /* ... that saw something else */                          \
    X(unable, "unable")                 /* ... that found it without power, or booting */          \
    X(cut, "without_cloud")             /* of right, late and wrong: it had no way to its cloud */ \
    X(cut_right, "right_without_cloud") /* of right: the same */                                   \
    X(sensed, "sensed")                 /* samples taken */                                        \
    X(arrived, "arrived")               /* samples that the cloud had not had yet, new and late */ \
    X(dropped, "dropped")               /* samples lost to a full queue, with power, by a reset */

enum {
    REPORT_LOCAL_BINS = 240,      /* at most; they widen by themselves */
    REPORT_LOCAL_STEP = 60,       /* seconds of one at first */
    REPORT_LOCAL_MODELS_MAX = 64, /* that a file may name */
    REPORT_LOCAL_MODEL = 32,      /* bytes of a name */
    REPORT_LOCAL_WHY_MAX = 120
};

typedef struct report_local_bin {
#define REPORT_LOCAL_MEMBER(member, column) uint64_t member;
    REPORT_LOCAL_MAP(REPORT_LOCAL_MEMBER)
#undef REPORT_LOCAL_MEMBER
} report_local_bin;

typedef struct report_local_model {
    char name[REPORT_LOCAL_MODEL];
    report_local_bin bins[REPORT_LOCAL_BINS];
} report_local_model;

/* All 0 is empty. */
typedef struct report_local {
    report_local_model *models; /* owned; in the order in which they first did anything */
    size_t count;
    size_t bins;   /* that are in use, of each */
    uint64_t step; /* seconds a bin; 0: nothing is in it yet */
} report_local;
void report_local_deinit(report_local *l);

/* Adds what devices of a model did in the bin that second `at` of the run is in. SIM_ENOMEM;
 * SIM_ERANGE: there are too many models, or the name is none (small letters, digits, dashes). */
SIM_MUST_USE int report_local_add(report_local *l, const char *model, uint64_t at,
                                  const report_local_bin *what);

/* local.csv: a row for each model and bin in which it did anything, in order of time. SIM_EIO. */
SIM_MUST_USE int report_local_write(FILE *file, const report_local *l);
/* SIM_EPARSE, SIM_ENOMEM, SIM_EIO; `why` (size >= REPORT_LOCAL_WHY_MAX) says it, without the name
 * of the file. Deinit in any case. `file` NULL: the run had nobody at home, and `l` is empty. */
SIM_MUST_USE int report_local_read(FILE *file, report_local *l, char *why);

#endif
