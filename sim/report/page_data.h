/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/report/page_data.h - what the pictures of a page are drawn from: attempts and seconds of a
 * run, counted into so few figures that a fleet of a million makes no larger a page than one of a
 * hundred. Pure: no files. */
#ifndef SIM_REPORT_PAGE_DATA_H
#define SIM_REPORT_PAGE_DATA_H

#include "sim/record/attempt.h"
#include "sim/report/folder.h"

enum {
    REPORT_SERIES_BINS = 1024, /* at most, over a whole run */
    REPORT_WAVE_BINS = 480,    /* at most, of one trigger; fewer where there are many triggers */
    REPORT_PHASE_BINS = 36,
    REPORT_DEPTH = 24, /* attempts of a device whose delays are looked at */
    REPORT_PHASE_FIRST = 2,
    REPORT_PHASE_LAST = 7,    /* attempts of the synchronisation index (sim/judge/pattern.c) */
    REPORT_LOOKED_AT = 20000, /* devices whose delays are looked at: each n-th of a larger fleet */
    REPORT_QUANTILES = 7      /* least, 5 %, 25 %, 50 %, 75 %, 95 %, most */
};

/* ---- the run, second by second ---- */

typedef struct report_series_bin {
/* its seconds as one, as REPORT_SECOND_MAP says */
#define REPORT_SERIES_MEMBER(member, column, how, page) uint64_t member;
    REPORT_SECOND_MAP(REPORT_SERIES_MEMBER)
#undef REPORT_SERIES_MEMBER
    uint64_t lowest; /* fewest devices online at the end of one of them */
} report_series_bin;

/* All 0 is empty. Bins widen by themselves as the run goes on. */
typedef struct report_series {
    report_series_bin bins[REPORT_SERIES_BINS];
    size_t count;
    uint64_t step; /* seconds a bin */
    uint64_t rows;
} report_series;
void report_series_add(report_series *s, const report_second *row);

/* ---- one trigger ---- */

typedef struct report_wave_bin {
    uint32_t outcomes[RECORD_OUTCOMES]; /* attempts that began in it */
    uint32_t admitted;                  /* attempts, whenever they began, that came online in it */
    uint32_t busiest; /* most attempts in any second that begins in it, with the first of them */
} report_wave_bin;

typedef struct
    /* attempt `number` of all devices against the period before it (docs/verdicts.md,
     * synchronisation index) */
    report_phase {
    uint32_t number;
    uint64_t samples;
    double period;    /* s: median pause before it, start to start */
    double index;     /* length of the mean vector, 0 .. 1 */
    double direction; /* of it: 0 .. 1 of a turn */
    uint32_t bins[REPORT_PHASE_BINS];
} report_phase;

typedef struct
    /* before attempt `number`: from the end of the one before (its beginning where nothing came of
     * it); of the first: from the trigger */
    report_delays {
    uint32_t number;
    uint64_t samples;
    double quantiles[REPORT_QUANTILES]; /* s */
} report_delays;

typedef struct report_wave {
    uint32_t trigger;
    sim_time at; /* when it happened; the first attempt where nobody knows */
    bool at_known;
    sim_time from, step; /* of the bins */
    report_wave_bin bins[REPORT_WAVE_BINS];
    size_t count;
    uint64_t attempts;
    uint64_t later;      /* behind the last bin: the straggling hundredth */
    sim_time last;       /* attempt */
    sim_time busiest_at; /* when the busiest second of all begins */
    uint64_t devices;    /* that delays and phases rest on are each n-th of those that attempted */
    report_phase phases[REPORT_PHASE_LAST - REPORT_PHASE_FIRST + 1];
    size_t phase_count;
    report_delays delays[REPORT_DEPTH];
    size_t delay_count;
} report_wave;

/* Everything of one trigger. `attempts`: of the whole run, sorted as record_attempts_sort does;
 * `at`: SIM_NEVER where nobody knows when it happened; `bins` 1 .. REPORT_WAVE_BINS. out->attempts
 * is 0 when it made nobody try. SIM_ENOMEM. */
SIM_MUST_USE int report_wave_of(const record_attempts *attempts, uint32_t trigger, sim_time at,
                                size_t bins, report_wave *out);

#endif
