/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/run/options.h - what a run is built with, besides its fleet. */
#ifndef RUN_OPTIONS_H
#define RUN_OPTIONS_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct fleet_credential fleet_credential;
typedef struct report_second report_second;
typedef struct run_outlet run_outlet;
typedef struct run_progress run_progress;
typedef struct run_target run_target;

/* All that it points to is borrowed until run_free. */
typedef struct run_options {
    uint64_t seed;
    uint32_t threads;         /* 1..256; the real world uses one */
    const run_target *target; /* NULL: the built-in cloud, in the virtual world */
    /* none: derived from the seed; one: shared by all; else one per device in order */
    const fleet_credential *credentials;
    size_t credential_count;
    /* the fleet was made smaller than its scenario wants: counts of it take as many as there are */
    bool small_world;
    const run_outlet *outlet; /* of the examiner in the built-in cloud; NULL: none */
    const char *folder;       /* results; NULL: none are written */
    /* not 0: end the run in order, results are written, `interrupted`; NULL: nobody stops it */
    const volatile sig_atomic_t *stop;
    /* NULL: none; called a few times a second of wall time at most */
    void (*progress)(void *context, const run_progress *p);
    void *progress_context;
    /* NULL: none; called with each second of the run once it is over, as series.csv has it */
    void (*second)(void *context, const report_second *row);
    void *second_context;
} run_options;

#endif
