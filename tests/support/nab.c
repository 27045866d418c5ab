/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/nab.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/error.h"
#include "sim/core/heap.h"

const nab_profile nab_profiles[NAB_PROFILES] = {
    {"standard", 1.0, 0.11, 1.0}, {"low-FP", 1.0, 0.22, 1.0}, {"low-FN", 1.0, 0.11, 2.0}};

static const double above_all = 1.1;

size_t nab_probation(size_t count) {
    const double points = 0.15 * (double)(count < 5000 ? count : 5000);
    return (size_t)points;
}

/* 2 sigmoid(-5 x) - 1: 0.9866 at a window's width before its end, 0 at the end, towards -1 behind
 * it. */
static double scaled_sigmoid(double x) {
    return x >= 3 ? -1.0 : 2.0 / (1.0 + exp(5.0 * x)) - 1.0;
}

/* The window that point i lies in, or window_count; *behind gets the last one that ended before i,
 * or NULL. */
static size_t window_of(const nab_series *s, size_t i, const nab_window **behind) {
    *behind = NULL;
    for (size_t w = 0; w < s->window_count; w++) {
        if (i >= s->windows[w].first && i <= s->windows[w].last) return w;
        if (i > s->windows[w].last) *behind = &s->windows[w];
    }
    return s->window_count;
}

static double worth(const nab_series *s, size_t i, size_t w, const nab_window *behind,
                    const nab_profile *p) {
    if (w < s->window_count) {
        const double width = (double)(s->windows[w].last - s->windows[w].first + 1);
        const double left = (double)(s->windows[w].last - i + 1);
        return p->tp * scaled_sigmoid(-left / width) / scaled_sigmoid(-1.0);
    }
    if (behind == NULL) return -p->fp;
    return p->fp *
           scaled_sigmoid((double)(i - behind->last) / (double)(behind->last - behind->first));
}

double nab_reward(const nab_series *s, size_t i, const nab_profile *p) {
    const nab_window *behind;
    const size_t w = window_of(s, i, &behind);
    return worth(s, i, w, behind, p);
}

/* The best credit of each window so far, and the sum of all parts. */
typedef struct ledger {
    double *best; /* per window: -fn until found */
    double sum;
} ledger;

static void enter(ledger *l, size_t window, double reward) {
    if (window == SIZE_MAX) {
        l->sum += reward;
    } else if (reward > l->best[window]) {
        l->sum += reward - l->best[window];
        l->best[window] = reward;
    }
}

nab_tally nab_series_tally(const nab_series *s, const nab_profile *p, double threshold) {
    nab_tally t = {0};
    double best[NAB_WINDOWS_MAX];
    ledger l = {best, 0};
    for (size_t w = 0; w < s->window_count; w++) best[w] = -p->fn;
    for (size_t i = nab_probation(s->count); i < s->count; i++) {
        const nab_window *behind;
        const size_t w = window_of(s, i, &behind);
        const bool inside = w < s->window_count, said = s->scores[i] >= threshold;
        *(said ? (inside ? &t.tp : &t.fp) : (inside ? &t.fn : &t.tn)) += 1;
        if (said) enter(&l, inside ? w : SIZE_MAX, worth(s, i, w, behind, p));
    }
    t.raw = l.sum - p->fn * (double)s->window_count;
    return t;
}

/* From the benchmark's raw sum to 0..100. */
static double normalised(double raw, size_t windows, const nab_profile *p) {
    const double null = -p->fn * (double)windows, perfect = p->tp * (double)windows;
    return windows == 0 ? 0 : 100.0 * (raw - null) / (perfect - null);
}

double nab_score_at(const nab_series *const *series, size_t n, const nab_profile *p,
                    double threshold) {
    double raw = 0;
    size_t windows = 0;
    for (size_t i = 0; i < n; i++) {
        raw += nab_series_tally(series[i], p, threshold).raw;
        windows += series[i]->window_count;
    }
    return normalised(raw, windows, p);
}

typedef struct scored_point {
    double score, reward;
    size_t window; /* of all series; SIZE_MAX: outside */
} scored_point;

static int by_score_down(const void *a, const void *b) {
    const double x = ((const scored_point *)a)->score, y = ((const scored_point *)b)->score;
    return (x < y) - (x > y);
}

/* Points that some threshold above 0 can tell apart, from the front; those with score 0, from the
 * back. */
typedef struct gathered {
    scored_point *points;
    size_t scored, total, zero_from;
} gathered;

static void gather(gathered *g, const nab_series *s, const nab_profile *p, size_t windows_before) {
    for (size_t i = nab_probation(s->count); i < s->count; i++) {
        const nab_window *behind;
        const size_t w = window_of(s, i, &behind);
        const scored_point point = {s->scores[i], worth(s, i, w, behind, p),
                                    w < s->window_count ? windows_before + w : SIZE_MAX};
        g->points[s->scores[i] > 0 ? g->scored++ : --g->zero_from] = point;
    }
}

/* Lowers the threshold point by point; between two equal scores there is no threshold. */
static void sweep(const scored_point *points, size_t n, ledger *l, double *threshold, double *raw) {
    *threshold = above_all;
    *raw = l->sum;
    for (size_t i = 0; i < n; i++) {
        enter(l, points[i].window, points[i].reward);
        if (i + 1 < n && points[i + 1].score == points[i].score) continue;
        if (l->sum <= *raw) continue;
        *raw = l->sum;
        *threshold = points[i].score;
    }
}

static void best_of(gathered *g, const nab_series *const *series, size_t n, const nab_profile *p,
                    double *best, double *threshold, double *figure) {
    size_t windows = 0;
    for (size_t i = 0; i < n; i++) {
        gather(g, series[i], p, windows);
        windows += series[i]->window_count;
    }
    qsort(g->points, g->scored, sizeof *g->points, by_score_down);
    memmove(g->points + g->scored, g->points + g->zero_from,
            (g->total - g->zero_from) * sizeof *g->points);
    for (size_t w = 0; w < windows; w++) best[w] = -p->fn;
    ledger l = {best, -p->fn * (double)windows};
    double raw;
    sweep(g->points, g->scored + (g->total - g->zero_from), &l, threshold, &raw);
    *figure = normalised(raw, windows, p);
}

int nab_best(const nab_series *const *series, size_t n, const nab_profile *p, double *threshold,
             double *figure) {
    size_t total = 0;
    for (size_t i = 0; i < n; i++) total += series[i]->count;
    gathered g = {sim_malloc((total + 1) * sizeof *g.points), 0, total, total};
    double *best = sim_malloc((n * NAB_WINDOWS_MAX + 1) * sizeof *best);
    const bool failed = g.points == NULL || best == NULL;
    if (!failed) best_of(&g, series, n, p, best, threshold, figure);
    sim_free(g.points);
    sim_free(best);
    return failed ? SIM_ENOMEM : 0;
}
