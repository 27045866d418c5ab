/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/support/nab.h - the scoring rules of the Numenta Anomaly Benchmark (A. Lavin and S. Ahmad,
 * "Evaluating Real-time Anomaly Detection Algorithms", 2015; version 1.1 as published with its
 * results), and the part of its corpus that lies in tests/data/nab.
 *
 * A labelled window earns its credit once, for the earliest detection in it: a sigmoid that falls
 * from 1 at the window's left edge towards 0 at its right edge. A detection outside windows costs
 * up to fp, less just behind a window. A window without detection costs fn. The first min(15 %,
 * 750) points of a series do not count. One threshold for the whole corpus, the best on it.
 * Normalised: 0 is a detector that never speaks, 100 a perfect one. */
#ifndef TESTS_SUPPORT_NAB_H
#define TESTS_SUPPORT_NAB_H

#include <stddef.h>
#include <stdint.h>

enum { NAB_WINDOWS_MAX = 8, NAB_SERIES_MAX = 64, NAB_NAME_MAX = 96, NAB_PROFILES = 3 };

typedef struct nab_window {
    size_t first, last; /* points, both included */
} nab_window;

typedef struct nab_series {
    char name[NAB_NAME_MAX]; /* "realTraffic/speed_6005.csv" */
    size_t count;
    double *times; /* s since 1970 */
    double *values;
    double *scores;                      /* a detector's, 0..1; 0 when loaded */
    nab_window windows[NAB_WINDOWS_MAX]; /* in order of time */
    size_t window_count;
} nab_series;

typedef struct nab_corpus {
    nab_series series[NAB_SERIES_MAX];
    size_t count;
} nab_corpus;

typedef struct nab_profile {
    const char *name;
    double tp, fp, fn;
} nab_profile;
extern const nab_profile nab_profiles[NAB_PROFILES]; /* standard, low-FP, low-FN */

/* Reads FOLDER/labels/combined_windows.json and the series it names below FOLDER/data. 0, or a
 * SIM_E number with a line on standard error. *c is the caller's, also after an error. */
int nab_corpus_load(nab_corpus *c, const char *folder);
void nab_corpus_deinit(nab_corpus *c);

size_t nab_probation(size_t count); /* points that do not count */

/* What a detection at point i is worth: its credit inside a window, its (negative) cost outside. */
double nab_reward(const nab_series *s, size_t i, const nab_profile *p);

/* Detections are the points with a score of at least `threshold`. */
typedef struct nab_tally {
    double raw;            /* the benchmark's own unit: a window is 1 */
    size_t tp, tn, fp, fn; /* points behind the probation */
} nab_tally;
nab_tally nab_series_tally(const nab_series *s, const nab_profile *p, double threshold);

/* The figure 0..100 (less than 0 if worse than silence) of `n` series at one threshold. */
double nab_score_at(const nab_series *const *series, size_t n, const nab_profile *p,
                    double threshold);

/* The threshold with the best figure on these series, and the figure. 1.1, above every score, if
 * nothing is better than silence. SIM_ENOMEM or 0. */
int nab_best(const nab_series *const *series, size_t n, const nab_profile *p, double *threshold,
             double *figure);

#endif
