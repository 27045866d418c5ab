/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/judge/statistics.h - is it random, does it grow, is it in step? Statistics of recorded
 * reconnects, as pure functions; what follows from them is decided elsewhere. docs/verdicts.md
 * names the sources.
 *
 * Times and delays are in seconds. A result of NAN: the numbers given say nothing about it (too
 * few, all zero), or there was no memory. */
#ifndef SIM_JUDGE_STATISTICS_H
#define SIM_JUDGE_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/error.h"
#include "sim/judge/declared.h"

/* The delays of one device over several outages, or of several devices after one: a row each, with
 * the delay before its first retry, its second, ... */
typedef struct judge_delays {
    const double *seconds; /* rows * columns, row by row, finite */
    size_t rows, columns;
} judge_delays;

typedef struct judge_variation {
    /* of the delays relative to the mean of their column, pooled over the columns */
    double cv;
    double lower, upper; /* one-sided bounds of 95 % each, by chi-square */
    uint64_t freedom;    /* (rows - 1) * columns that count */
} judge_variation;

/* Columns with a mean below `shortest` are left out: there the clock's resolution would pass for
 * jitter. */
judge_variation judge_delays_variation(const judge_delays *d, double shortest);

/* As many outages and delays as judge_delays_plateau can look at. */
enum { JUDGE_PLATEAU_COLUMNS_MAX = 32, JUDGE_PLATEAU_ROWS_MAX = 256 };

/* The column from which on the delays grow no further: the first whose median is at least 0.75 of
 * the longest median, if all behind it are, too. `columns`: there is none but the last. */
size_t judge_delays_plateau(const judge_delays *d);

/* The variation of the delays that grow, and of the three and more that grow no further, apart;
 * columns with a mean below `shortest` and below `shortest_level` are left out. False: the delays
 * do not have these two parts, or there was no memory. */
bool judge_delays_level(const judge_delays *d, double shortest, double shortest_level,
                        judge_variation *growing, judge_variation *level);
/* Names of the measures that are made of them. */
#define JUDGE_BEFORE_PLATEAU "variation of the growing part"
#define JUDGE_AT_PLATEAU "variation at the plateau"

/* Jonckheere-Terpstra: do later columns hold longer delays? Normal deviate without correction for
 * ties (which only makes it smaller); one-sided, 2.33 is 1 %. Delays no more than `tolerance` apart
 * are ties. */
double judge_delays_trend(const judge_delays *d, double tolerance);

/* Median of the ratios of each column's median to that of the column before. */
double judge_delays_growth(const judge_delays *d);

/* Share of all pairs of rows that are alike: no delay of theirs further apart than `tolerance`. */
double judge_delays_repeated(const judge_delays *d, double tolerance);

/* Share of the rows with another one nearer than `within` (Euclidean): devices with the same
 * schedule. */
double judge_delays_twins(const judge_delays *d, double within);

/* |mean of exp(2 pi i t / period)|: 1 is lock-step, sqrt(pi / (4 count)) is what chance leaves. */
double judge_synchrony(const double *times, size_t count, double period);

/* Variance over mean; 1 for independent arrivals at a constant rate. */
double judge_fano(const uint32_t *counts, size_t count);
/* Of the series with itself `lag` later, -1..1. */
double judge_autocorrelation(const uint32_t *counts, size_t count, size_t lag);

/* Largest distance between the distribution functions of two samples, each sorted. */
double judge_distance(const double *a, size_t a_count, const double *b, size_t b_count);
/* Kolmogorov and Smirnov: how likely two samples of one continuous distribution are as far apart.
 * Limit distribution, with Stephens' correction for small samples (JRSS B 32, 1970). */
double judge_distance_chance(double distance, size_t a_count, size_t b_count);

/* How far the first sample's distribution function rises above the second's, each counted from its
 * own smallest value and sorted: above 0 where the first is the narrower one. What is added to the
 * values of the first independently (a boot that takes its time) can only make it less, where the
 * second's density is logarithmically concave, as a uniform one is. */
double judge_narrower(const sim_time *a, size_t a_count, const sim_time *b, size_t b_count);

/* First attempts of so many devices that keep the declared law, sorted; those that never make one
 * are left out. Returns how many there are. Replicate i draws from stream i of `seed`. */
size_t judge_first_draw(const judge_declared *law, size_t devices, uint64_t seed,
                        uint64_t replicate, sim_time *times);

/* The most of the sorted times in any half-open window of `width`. */
size_t judge_scan(const sim_time *times, size_t count, sim_time width);

/* The busiest window of first attempts in one such fleet. `scratch` has room for a time of each
 * device. */
size_t judge_scan_draw(const judge_declared *law, size_t devices, sim_time width, uint64_t seed,
                       uint64_t replicate, sim_time *scratch);
/* Keeps each `stride`-th of them, in place; returns how many. */
size_t judge_thin_out(sim_time *times, size_t count, size_t stride);

/* First attempts of a fleet, as they were seen: the busiest second, and how much narrower than
 * declared they lie (judge_narrower of each `stride`-th of them). */
typedef struct judge_first_wave {
    size_t devices, busiest, stride;
    double narrower;
    /* what that was held against: a sorted sample of the law, of its own stream */
    const sim_time *declared;
    size_t declared_count;
} judge_first_wave;

typedef struct judge_first_chance {
    /* how likely a fleet that keeps the declared law is at least as busy, as narrow */
    double busy, narrow;
} judge_first_chance;

/* Monte Carlo, at most `runs` fleets of so many devices. It stops as soon as ten of them were as
 * extreme in either way (Besag and Clifford, "Sequential Monte Carlo p-values", Biometrika 78,
 * 1991): what is common costs little. `scratch` has room for a time of each device. */
judge_first_chance judge_first_wave_chance(const judge_declared *law, const judge_first_wave *seen,
                                           uint64_t seed, size_t runs, sim_time *scratch);

#endif
