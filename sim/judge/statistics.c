/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/judge/statistics.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_statistics.h>
#include <math.h>
#include <string.h>

#include "sim/core/error.h"
#include "sim/core/heap.h"
#include "sim/core/time_sort.h"

enum { COMMON = 10 }; /* draws as extreme as what was observed: it is not rare */

static double delay(const judge_delays *d, size_t row, size_t column) {
    return d->seconds[row * d->columns + column];
}

static const double *column_of(const judge_delays *d, size_t column) {
    return d->seconds + column; /* with a stride of d->columns */
}

/* ---- random? ---- */

judge_variation judge_delays_variation(const judge_delays *d, double shortest) {
    judge_variation v = {.cv = NAN, .lower = NAN, .upper = NAN};
    double squares = 0;
    if (d->rows < 2) return v;
    for (size_t k = 0; k < d->columns; k++) {
        double mean = gsl_stats_mean(column_of(d, k), d->columns, d->rows);
        if (!(mean > 0) || mean < shortest) continue;
        for (size_t i = 0; i < d->rows; i++) squares += gsl_pow_2(delay(d, i, k) / mean - 1);
        v.freedom += d->rows - 1;
    }
    if (v.freedom == 0) return v;
    double freedom = (double)v.freedom;
    v.cv = sqrt(squares / freedom);
    v.lower = v.cv * sqrt(freedom / gsl_cdf_chisq_Pinv(0.95, freedom));
    v.upper = v.cv * sqrt(freedom / gsl_cdf_chisq_Pinv(0.05, freedom));
    return v;
}

/* ---- growing? ---- */

/* Twice the number of pairs in which the later column has the longer delay; ties count half. */
static double longer_pairs(const judge_delays *d, size_t early, size_t late, double tolerance) {
    double twice = 0;
    for (size_t i = 0; i < d->rows; i++) {
        for (size_t j = 0; j < d->rows; j++) {
            double more = delay(d, j, late) - delay(d, i, early);
            twice += more > tolerance ? 2 : more < -tolerance ? 0 : 1;
        }
    }
    return twice;
}

double judge_delays_trend(const judge_delays *d, double tolerance) {
    double m = (double)d->rows, n = m * (double)d->columns, pairs = 0;
    if (d->columns < 2 || d->rows == 0) return NAN;
    for (size_t early = 0; early < d->columns; early++)
        for (size_t late = early + 1; late < d->columns; late++)
            pairs += longer_pairs(d, early, late, tolerance) / 2;
    double mean = (n * n - m * n) / 4;
    double variance = (n * n * (2 * n + 3) - n * m * (2 * m + 3)) / 72;
    return (pairs - mean) / sqrt(variance);
}

/* Of one column, sorted in `scratch`. */
static double column_median(const judge_delays *d, size_t column, double *scratch) {
    for (size_t i = 0; i < d->rows; i++) scratch[i] = d->seconds[i * d->columns + column];
    return gsl_stats_median(scratch, 1, d->rows);
}

size_t judge_delays_plateau(const judge_delays *d) {
    double medians[JUDGE_PLATEAU_COLUMNS_MAX], scratch[JUDGE_PLATEAU_ROWS_MAX], longest = 0;
    SIM_PROMISE(d->columns <= JUDGE_PLATEAU_COLUMNS_MAX && d->rows <= JUDGE_PLATEAU_ROWS_MAX);
    for (size_t k = 0; k < d->columns; k++) {
        medians[k] = column_median(d, k, scratch);
        longest = fmax(longest, medians[k]);
    }
    size_t first = d->columns;
    while (first > 0 && medians[first - 1] >= 0.75 * longest) first--;
    return first + 1 < d->columns ? first : d->columns;
}

/* Columns [from, to) of the delays: a copy; NULL without memory. */
static double *columns_of(const judge_delays *d, size_t from, size_t to) {
    size_t columns = to - from;
    double *seconds = sim_calloc(d->rows * columns, sizeof *seconds);
    for (size_t i = 0; seconds != NULL && i < d->rows; i++)
        memcpy(seconds + i * columns, d->seconds + i * d->columns + from,
               columns * sizeof *seconds);
    return seconds;
}

/* Where the cap is reached for good: between growing and level there may be a delay that the cap
 * cuts in some draws and not in others, and its spread is neither's. */
static size_t level_from(const judge_delays *d, size_t plateau) {
    double scratch[JUDGE_PLATEAU_ROWS_MAX], longest = 0;
    size_t from = plateau;
    for (size_t k = plateau; k < d->columns; k++)
        longest = fmax(longest, column_median(d, k, scratch));
    while (from < d->columns && column_median(d, from, scratch) < 0.95 * longest) from++;
    return from;
}

bool judge_delays_level(const judge_delays *d, double shortest, double shortest_level,
                        judge_variation *growing, judge_variation *level) {
    enum { LEVEL_LEAST = 3 };
    size_t grown = judge_delays_plateau(d), from = level_from(d, grown), rest = d->columns - from;
    if (grown == 0 || rest < LEVEL_LEAST) return false;
    double *before = columns_of(d, 0, grown), *at = columns_of(d, from, d->columns);
    bool both = before != NULL && at != NULL;
    if (both) {
        *growing = judge_delays_variation(&(judge_delays){before, d->rows, grown}, shortest);
        *level = judge_delays_variation(&(judge_delays){at, d->rows, rest}, shortest_level);
    }
    sim_free(before);
    sim_free(at);
    return both;
}

double judge_delays_growth(const judge_delays *d) {
    if (d->columns < 2 || d->rows == 0) return NAN;
    double *column = sim_calloc(d->rows + d->columns, sizeof *column);
    if (column == NULL) return NAN;
    double *ratios = column + d->rows, before = NAN;
    for (size_t k = 0; k < d->columns; k++) {
        for (size_t i = 0; i < d->rows; i++) column[i] = delay(d, i, k);
        double median = gsl_stats_median(column, 1, d->rows);
        if (k > 0) ratios[k - 1] = before > 0 ? median / before : NAN;
        before = median;
    }
    double growth = gsl_stats_median(ratios, 1, d->columns - 1);
    sim_free(column);
    return growth;
}

/* ---- the same again? ---- */

static bool rows_alike(const judge_delays *d, size_t i, size_t j, double tolerance) {
    for (size_t k = 0; k < d->columns; k++)
        if (!(fabs(delay(d, i, k) - delay(d, j, k)) <= tolerance)) return false;
    return true;
}

double judge_delays_repeated(const judge_delays *d, double tolerance) {
    uint64_t alike = 0;
    if (d->rows < 2 || d->columns == 0) return NAN;
    for (size_t i = 0; i < d->rows; i++)
        for (size_t j = i + 1; j < d->rows; j++) alike += rows_alike(d, i, j, tolerance);
    return (double)alike / ((double)d->rows * (double)(d->rows - 1) / 2);
}

static bool rows_near(const judge_delays *d, size_t i, size_t j, double within) {
    double left = within * within;
    for (size_t k = 0; k < d->columns && left > 0; k++)
        left -= gsl_pow_2(delay(d, i, k) - delay(d, j, k));
    return left > 0;
}

static bool has_twin(const judge_delays *d, size_t row, double within) {
    for (size_t j = 0; j < d->rows; j++)
        if (j != row && rows_near(d, row, j, within)) return true;
    return false;
}

double judge_delays_twins(const judge_delays *d, double within) {
    uint64_t twins = 0;
    if (d->rows < 2 || d->columns == 0) return NAN;
    for (size_t i = 0; i < d->rows; i++) twins += has_twin(d, i, within);
    return (double)twins / (double)d->rows;
}

/* ---- in step? ---- */

double judge_synchrony(const double *times, size_t count, double period) {
    double along = 0, across = 0;
    if (count == 0 || !(period > 0)) return NAN;
    for (size_t i = 0; i < count; i++) {
        double phase = 2 * M_PI * fmod(times[i] / period, 1);
        along += cos(phase);
        across += sin(phase);
    }
    return hypot(along, across) / (double)count;
}

static double mean_of(const uint32_t *counts, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += counts[i];
    return sum / (double)count;
}

/* Sum of the products of deviations `lag` apart. */
static double products(const uint32_t *counts, size_t count, size_t lag, double mean) {
    double sum = 0;
    for (size_t i = lag; i < count; i++) sum += (counts[i] - mean) * (counts[i - lag] - mean);
    return sum;
}

double judge_fano(const uint32_t *counts, size_t count) {
    if (count < 2) return NAN;
    double mean = mean_of(counts, count);
    return mean > 0 ? products(counts, count, 0, mean) / (double)(count - 1) / mean : NAN;
}

double judge_autocorrelation(const uint32_t *counts, size_t count, size_t lag) {
    if (lag >= count) return NAN;
    double mean = mean_of(counts, count), all = products(counts, count, 0, mean);
    return all > 0 ? products(counts, count, lag, mean) / all : NAN;
}

/* ---- from this distribution? ---- */

double judge_distance(const double *a, size_t a_count, const double *b, size_t b_count) {
    double distance = 0;
    if (a_count == 0 || b_count == 0) return NAN;
    for (size_t i = 0, j = 0; i < a_count && j < b_count;) {
        double at = fmin(a[i], b[j]);
        while (i < a_count && a[i] <= at) i++;
        while (j < b_count && b[j] <= at) j++;
        distance = fmax(distance, fabs((double)i / (double)a_count - (double)j / (double)b_count));
    }
    return distance;
}

double judge_distance_chance(double distance, size_t a_count, size_t b_count) {
    double a = (double)a_count, b = (double)b_count, root = sqrt(a * b / (a + b));
    double x = distance * (root + 0.12 + 0.11 / root), chance = 0;
    if (!(x > 0.2)) return isnan(x) ? NAN : 1; /* there the series below converges slowly, to 1 */
    for (int k = 1; k <= 100; k++) chance += (k % 2 == 1 ? 2 : -2) * exp(-2.0 * k * k * x * x);
    return fmin(1, fmax(0, chance));
}

size_t judge_scan(const sim_time *times, size_t count, sim_time width) {
    size_t most = 0;
    for (size_t lo = 0, hi = 0; hi < count; hi++) {
        while (times[hi] - times[lo] >= width && lo < hi) lo++;
        if (hi - lo + 1 > most) most = hi - lo + 1;
    }
    return most;
}

size_t judge_first_draw(const judge_declared *law, size_t devices, uint64_t seed,
                        uint64_t replicate, sim_time *times) {
    sim_stream stream = sim_stream_for(seed, SIM_PURPOSE_CALIBRATION, replicate);
    size_t count = 0;
    for (size_t i = 0; i < devices; i++) {
        law->draw(law->law, i, &stream, &times[count], 1);
        count += times[count] != SIM_NEVER;
    }
    sim_time_sort(times, count);
    return count;
}

size_t judge_scan_draw(const judge_declared *law, size_t devices, sim_time width, uint64_t seed,
                       uint64_t replicate, sim_time *scratch) {
    return judge_scan(scratch, judge_first_draw(law, devices, seed, replicate, scratch), width);
}

double judge_narrower(const sim_time *a, size_t a_count, const sim_time *b, size_t b_count) {
    double most = 0;
    if (a_count == 0 || b_count == 0) return NAN;
    for (size_t i = 0, j = 0; i < a_count;) {
        sim_time at = a[i] - a[0];
        while (i < a_count && a[i] - a[0] <= at) i++;
        while (j < b_count && b[j] - b[0] <= at) j++;
        most = fmax(most, (double)i / (double)a_count - (double)j / (double)b_count);
    }
    return most;
}

size_t judge_thin_out(sim_time *times, size_t count, size_t stride) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i += stride) times[kept++] = times[i];
    return kept;
}

/* Counts draws as extreme as what was seen, until they are no more rare. */
typedef struct tally {
    size_t runs, extreme;
} tally;

static void count_extreme(tally *t, bool is_extreme) {
    if (t->extreme == COMMON) return;
    t->runs++;
    t->extreme += is_extreme;
}

static double chance_of(const tally *t) {
    return t->extreme == COMMON ? (double)COMMON / (double)t->runs
                                : (double)(1 + t->extreme) / (double)(1 + t->runs);
}

judge_first_chance judge_first_wave_chance(const judge_declared *law, const judge_first_wave *seen,
                                           uint64_t seed, size_t runs, sim_time *scratch) {
    tally busy = {0}, narrow = {0};
    for (size_t run = 0; run < runs && (busy.extreme < COMMON || narrow.extreme < COMMON); run++) {
        size_t count = judge_first_draw(law, seen->devices, seed, run, scratch);
        count_extreme(&busy, judge_scan(scratch, count, SIM_SECOND) >= seen->busiest);
        if (narrow.extreme == COMMON) continue;
        count = judge_thin_out(scratch, count, seen->stride);
        count_extreme(&narrow, judge_narrower(scratch, count, seen->declared,
                                              seen->declared_count) >= seen->narrower);
    }
    return (judge_first_chance){chance_of(&busy), chance_of(&narrow)};
}
