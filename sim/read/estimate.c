/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/read/estimate.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/heap.h"
#include "sim/core/quantile.h"
#include "sim/judge/words.h"

/* pauses of an episode that are looked at; and by the rank test */
enum { NUMBERS = 32, RANKED = 12 };

static const double equal_s = 0.05;    /* standards.md 4.3: what is closer counts as equal */
static const double grows_from = 1.15; /* a smaller factor is drift, not growth */
static const double trend_from = 2.33; /* one-sided 1 % */
static const double clear_fit = 0.05;  /* of the fixed law's squares left: growth without a test */
static const double interval_share = 0.05;
/* a pause that is no pause is so many times shorter than the one behind it */
static const double leap = 10;
/* of the growth: the pause after a loss fits in front of the others */
static const double same_step = 0.15;

/* Pauses by their number: mean, and how many. Number k stands at k - 1. */
typedef struct column {
    double sum;
    size_t count;
} column;

typedef struct fit {
    double a, b; /* ln pause = a + b * min(k, plateau) for k = 0, 1, ... */
    int plateau;
    double squares;
} fit;

static double seconds_of(const read_pause *p) {
    return fmax(sim_time_seconds(p->length), 1e-3);
}

static double median(double *values, size_t n) {
    if (n == 0) return NAN;
    sim_sort_numbers(values, n);
    return sim_quantile(values, n, 0.5);
}

/* --- growth --- */

/* Weighted regression of the columns' logarithms on min(k, plateau). */
static fit fit_plateau(const column *columns, int n, int plateau) {
    double w = 0, x = 0, y = 0, xx = 0, xy = 0;
    fit f = {.plateau = plateau};
    for (int k = 0; k < n; k++) {
        if (columns[k].count == 0) continue;
        double weight = (double)columns[k].count, at = k < plateau ? k : plateau;
        double value = log(columns[k].sum / weight);
        w += weight;
        x += weight * at;
        y += weight * value;
        xx += weight * at * at;
        xy += weight * at * value;
    }
    double spread = w * xx - x * x;
    f.b = spread > 0 ? (w * xy - x * y) / spread : 0;
    f.a = (y - f.b * x) / w;
    for (int k = 0; k < n; k++) {
        if (columns[k].count == 0) continue;
        double weight = (double)columns[k].count;
        double off = log(columns[k].sum / weight) - f.a - f.b * (k < plateau ? k : plateau);
        f.squares += weight * off * off;
    }
    return f;
}

/* The plateau that fits best; the later one of two that fit alike would claim growth that was not
 * seen. */
static fit fit_growth(const column *columns, int n) {
    fit best = fit_plateau(columns, n, 1);
    for (int plateau = 2; plateau < n; plateau++) {
        fit f = fit_plateau(columns, n, plateau);
        if (f.squares < best.squares * 0.999 - 1e-12) best = f;
    }
    return best;
}

/* Kendall's S and its variance within one episode, added to the sums. Nearly equal pauses are ties.
 */
static void rank_episode(const double *pauses, int n, double tolerance, double *s,
                         double *variance) {
    if (n > RANKED) n = RANKED;
    for (int i = 0; i < n; i++)
        for (int j = i + 1; j < n; j++) {
            double difference = pauses[j] - pauses[i];
            if (fabs(difference) > tolerance) *s += difference > 0 ? 1 : -1;
        }
    *variance += (double)n * (n - 1) * (2 * n + 5) / 18;
}

static int by_episode(const void *left, const void *right) {
    const read_pause *a = left, *b = right;
    if (a->device != b->device) return a->device < b->device ? -1 : 1;
    if (a->episode != b->episode) return a->episode < b->episode ? -1 : 1;
    return (a->number > b->number) - (a->number < b->number);
}

/* Everything about the pauses, by episode. */
typedef struct sample {
    read_pause *items; /* room for all pauses; sorted; numbers 1 .. NUMBERS only */
    size_t count;
    column columns[NUMBERS];
    int numbers;
    double tolerance;
} sample;

static double trend_of(const sample *s) {
    double score = 0, variance = 0, pauses[NUMBERS];
    int n = 0;
    for (size_t i = 0; i < s->count; i++) {
        pauses[n++] = seconds_of(&s->items[i]);
        bool last = i + 1 == s->count || s->items[i + 1].device != s->items[i].device ||
                    s->items[i + 1].episode != s->items[i].episode;
        if (!last && n < NUMBERS) continue;
        rank_episode(pauses, n, s->tolerance, &score, &variance);
        n = 0;
    }
    return variance > 0 ? score / sqrt(variance) : NAN;
}

static bool rises(const sample *s) {
    for (int k = 1; k < s->numbers; k++) {
        double before = s->columns[k - 1].sum / (double)s->columns[k - 1].count;
        if (s->columns[k].sum / (double)s->columns[k].count < before - s->tolerance) return false;
    }
    return s->numbers >= 3;
}

static read_answer growth_of(const sample *s, const fit *f, double fixed_squares, double trend) {
    if (s->numbers < 3) return READ_UNCLEAR;
    if (!(exp(f->b) >= grows_from)) return READ_NO;
    if (f->squares <= clear_fit * fixed_squares && rises(s)) return READ_YES;
    if (trend > trend_from) return READ_YES;
    return s->count >= 10 ? READ_NO : READ_UNCLEAR;
}

/* --- jitter --- */

static double expected(const sample *s, const read_estimate *e, const fit *f, const read_pause *p) {
    int k = (int)p->number - 1;
    if (e->episodes > 1 && s->columns[k].count > 1)
        return s->columns[k].sum / (double)s->columns[k].count;
    if (e->grows == READ_YES) return exp(f->a + f->b * (k < f->plateau ? k : f->plateau));
    return e->interval_s;
}

/* Beside pauses that are some, one of nothing says no more of jitter between them than in front of
 * them: a table of steps may hold a zero. Above this mean they count. */
static double least_of(const sample *s, const read_estimate *e) {
    return e->longest_s >= leap * s->tolerance ? s->tolerance : 0;
}

static size_t freedom_of(const sample *s, const read_estimate *e, double least) {
    size_t spent = 1, count = 0;
    if (e->grows == READ_YES) spent = 3;
    if (e->episodes > 1) spent = 0;
    for (int k = 0; k < s->numbers; k++) {
        const column *c = &s->columns[k];
        if (c->count == 0 || c->sum / (double)c->count <= least) continue;
        spent += e->episodes > 1;
        count += c->count;
    }
    return count > spent ? count - spent : 0;
}

static void find_jitter(const sample *s, const fit *f, double randomised, read_estimate *e) {
    const double least = least_of(s, e);
    double squares = 0, furthest = 0, mean = 0;
    size_t freedom = freedom_of(s, e, least);
    e->cv = e->cv_low = e->cv_high = NAN;
    e->jitter = READ_UNCLEAR;
    if (s->count < 3 || freedom < 2) return;
    for (size_t i = 0; i < s->count; i++) {
        double should = expected(s, e, f, &s->items[i]), off = seconds_of(&s->items[i]) - should;
        if (should <= least) continue;
        double size = fmax(should, s->tolerance); /* of no pause nothing can be said */
        squares += off * off / (size * size);
        furthest = fmax(furthest, fabs(off));
        mean += should / (double)s->count;
    }
    double n = (double)freedom;
    e->cv = sqrt(squares / n);
    e->cv_low = e->cv * sqrt(n / gsl_cdf_chisq_Pinv(0.95, n));
    e->cv_high = e->cv * sqrt(n / gsl_cdf_chisq_Pinv(0.05, n));
    bool equal = furthest <= s->tolerance;
    /* Where the clock is coarse beside the pause, equal says nothing, and neither does different.
     */
    bool coarse = s->tolerance > mean * 2 * randomised;
    if (e->cv_high < randomised || (equal && !coarse))
        e->jitter = READ_NO;
    else if (e->cv_low >= randomised && !(coarse && furthest <= 2 * s->tolerance))
        e->jitter = READ_YES;
}

/* --- interval --- */

static void find_interval(const sample *s, const fit *f, double *room, read_estimate *e) {
    size_t n = 0, capped = 0;
    double sum = 0, cap = 0;
    bool plateau = e->grows == READ_YES && f->plateau < s->numbers - 1;
    for (size_t i = 0; i < s->count; i++) {
        double pause = seconds_of(&s->items[i]);
        bool counts = e->grows != READ_YES || s->items[i].number == 1;
        if (counts) {
            room[n++] = pause;
            sum += pause;
        }
        if (plateau && (int)s->items[i].number > f->plateau) {
            cap += pause;
            capped++;
        }
    }
    e->factor = e->grows == READ_YES ? exp(f->b) : 1;
    e->cap_s = capped > 1 ? cap / (double)capped : NAN;
    double middle = median(room, n), mean = n > 0 ? sum / (double)n : NAN;
    e->interval_s = n > 0 && fabs(mean - middle) > interval_share * mean ? mean : middle;
}

/* --- the whole --- */

/* `shift` 1: the pause before the first attempt is one of them; -2: the first two are not. */
static void take_sample(const read_pauses *p, int shift, sample *s, read_estimate *e) {
    for (size_t i = 0; i < p->count; i++) {
        read_pause pause = p->items[i];
        const int64_t number = (int64_t)pause.number + shift;
        if (number < 1 || number > NUMBERS) continue;
        pause.number = (uint32_t)number;
        s->items[s->count++] = pause;
        e->from_start += pause.from_start;
        column *c = &s->columns[pause.number - 1];
        c->sum += seconds_of(&pause);
        c->count++;
        if ((int)pause.number > s->numbers) s->numbers = (int)pause.number;
    }
    if (s->count > 1) qsort(s->items, s->count, sizeof *s->items, by_episode);
}

static void describe(const sample *s, read_estimate *e) {
    e->pauses = s->count;
    e->numbers = (size_t)s->numbers;
    for (size_t i = 0; i < s->count; i++) {
        double pause = seconds_of(&s->items[i]);
        bool first = i == 0 || s->items[i - 1].device != s->items[i].device ||
                     s->items[i - 1].episode != s->items[i].episode;
        e->episodes += first;
        e->shortest_s = i == 0 ? pause : fmin(e->shortest_s, pause);
        e->longest_s = i == 0 ? pause : fmax(e->longest_s, pause);
    }
}

static void find_first(const read_pauses *p, double *room, read_estimate *e) {
    for (size_t i = 0; i < p->count; i++)
        if (p->items[i].number == 0) room[e->firsts++] = sim_time_seconds(p->items[i].length);
    e->first_s = median(room, e->firsts);
}

/* How many columns in front of the others are no pauses. */
static size_t columns_at_once(const sample *s) {
    for (int k = 0; k < s->numbers && s->columns[k].count > 0; k++) {
        double mean = s->columns[k].sum / (double)s->columns[k].count;
        if (mean > equal_s) return mean >= leap * equal_s ? (size_t)k : 0;
    }
    return 0;
}

static read_estimate estimate_of(const read_pauses *p, int shift, double tolerance,
                                 double randomised, read_pause *items, double *room) {
    sample s = {.items = items, .tolerance = tolerance};
    read_estimate e = {.factor = 1,
                       .interval_s = NAN,
                       .cap_s = NAN,
                       .trend = NAN,
                       .shortest_s = NAN,
                       .longest_s = NAN,
                       .cv = NAN,
                       .cv_low = NAN,
                       .cv_high = NAN,
                       .grows = READ_UNCLEAR,
                       .jitter = READ_UNCLEAR};
    take_sample(p, shift, &s, &e);
    find_first(p, room, &e);
    describe(&s, &e);
    e.loss_counts = shift > 0;
    e.at_once = shift < 0 ? (size_t)-shift : columns_at_once(&s);
    if (s.count == 0) return e;
    fit fixed = fit_plateau(s.columns, s.numbers, 0), growth = fit_growth(s.columns, s.numbers);
    e.trend = trend_of(&s);
    e.grows = growth_of(&s, &growth, fixed.squares, e.trend);
    find_interval(&s, &growth, room, &e);
    find_jitter(&s, &growth, randomised, &e);
    return e;
}

/* Some clients wait after a loss as after a failure. Told only where there is no jitter to hide
 * behind. */
static bool loss_counts(const read_estimate *e, double tolerance) {
    if (e->grows != READ_YES || e->jitter == READ_YES || e->firsts == 0) return false;
    return e->first_s > 2 * tolerance &&
           fabs(e->first_s * e->factor / e->interval_s - 1) < same_step;
}

int read_estimate_law(const read_pauses *p, sim_time resolution, double randomised,
                      read_estimate *out) {
    double tolerance = fmax(equal_s, sim_time_seconds(resolution));
    double *room = sim_malloc((p->count + 1) * sizeof *room);
    read_pause *items = sim_malloc((p->count + 1) * sizeof *items);
    int error = room == NULL || items == NULL ? SIM_ENOMEM : 0;
    if (error == 0) {
        *out = estimate_of(p, 0, tolerance, randomised, items, room);
        if (loss_counts(out, tolerance))
            *out = estimate_of(p, 1, tolerance, randomised, items, room);
        else if (out->at_once > 0)
            *out = estimate_of(p, -(int)out->at_once, tolerance, randomised, items, room);
    }
    sim_free(room);
    sim_free(items);
    return error;
}

static void put_law(const read_estimate *e, char *text, size_t size) {
    char interval[JUDGE_WORD_MAX], factor[JUDGE_WORD_MAX], cap[JUDGE_WORD_MAX + 16] = "",
                                                                                cv[JUDGE_WORD_MAX];
    static const char *const jitters[] = {"without jitter", "with jitter", "jitter cannot be told"};
    if (e->pauses == 0) {
        snprintf(text, size, "no pause between two attempts was seen");
        return;
    }
    judge_words_number(e->interval_s, interval, sizeof interval);
    judge_words_number(e->factor, factor, sizeof factor);
    judge_words_number(e->cv, cv, sizeof cv);
    if (e->grows == READ_YES && !isnan(e->cap_s)) {
        char number[JUDGE_WORD_MAX];
        snprintf(cap, sizeof cap, " up to %s s",
                 judge_words_number(e->cap_s, number, sizeof number));
    }
    const char *jitter = jitters[e->jitter];
    int n;
    if (e->grows == READ_YES)
        n = snprintf(text, size, "growing from %s s by a factor of %s%s, %s (variation %s)",
                     interval, factor, cap, jitter, cv);
    else if (e->grows == READ_NO)
        n = snprintf(text, size, "fixed %s s, %s (variation %s)", interval, jitter, cv);
    else
        n = snprintf(text, size, "about %s s, too few pauses to tell fixed from growing, %s",
                     interval, jitter);
    if (n > 0 && (size_t)n < size && 2 * e->from_start > e->pauses)
        snprintf(text + n, size - (size_t)n,
                 "; most failures were not seen, so its time-outs are in this");
}

char *read_estimate_text(const read_estimate *e, char *text, size_t size) {
    int n = 0;
    if (e->at_once == 1) n = snprintf(text, size, "the first at once, then ");
    if (e->at_once > 1) n = snprintf(text, size, "the first %zu at once, then ", e->at_once);
    const size_t used = n > 0 ? (size_t)n : 0;
    put_law(e, text + used, size - used);
    return text;
}
