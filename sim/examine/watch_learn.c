/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is usual in a cohort. */
#include <math.h>
#include <string.h>

#include "sim/examine/watch_steps.h"

static const float hourly_most = 5, factor_most = 5, dispersion_most = 25;
static const float range_step = 0.1f; /* how fast a range follows what lies within its margin */
/* what all hours have in common counts as so many hours of each */
static const float prior_hours = 1;
/* an hour's own past counts so much more than its neighbours' */
static const float own_hour = 2;
static const float fresh_least = 1e-3f;
static const float suspect_most =
    /* of the usual is learnt in a suspicious hour: what was misjudged is put right in days, an
     * attack is not what is usual after hours */
    1.5f;
enum {
    FEW_DEVICES = 20
}; /* so few say little of what a new cohort has in common: its parent counts as so many */

void examine_sums_clear(examine_sums *s) {
    memset(s, 0, sizeof *s);
    s->low = INFINITY;
    s->high = -INFINITY;
}

void examine_sums_add(examine_sums *into, const examine_sums *from) {
    for (int s = 0; s < EXAMINE_SIGNALS; s++) {
        into->n[s] += from->n[s];
        into->usual[s] += from->usual[s];
        into->spread[s] += from->spread[s];
        into->of[s] += from->of[s];
        into->of_large[s] += from->of_large[s];
        into->fresh[s] += from->fresh[s];
    }
    for (int i = 0; i < EXAMINE_SLOTS; i++) into->attempts[i] += from->attempts[i];
    into->devices += from->devices;
    into->looked += from->looked;
    into->muted += from->muted;
    into->reading += from->reading;
    into->reading_of += from->reading_of;
    into->residual += from->residual;
    into->residual_of += from->residual_of;
    into->battery += from->battery;
    into->battery_of += from->battery_of;
    into->returns += from->returns;
    into->low = fminf(into->low, from->low);
    into->high = fmaxf(into->high, from->high);
    if (from->from != 0 && (into->from == 0 || from->from < into->from)) into->from = from->from;
}

static int hour_of(sim_time border) {
    return (int)((border - 1) / SIM_HOUR % EXAMINE_HOURS);
}

static float ratio_of(int64_t sum, int64_t count) {
    return (float)((double)sum / (double)EXAMINE_FIXED / (double)count);
}

/* ---- devices with a rare event
 * -------------------------------------------------------------------------- */

float examine_fresh_usual(const examine_watch_fleet *f, const examine_cohort *c,
                          examine_signal signal, sim_time now) {
    (void)f;
    float all = 0, of = 0, near = 0, near_of = 0;
    const int hour = hour_of(now);
    for (int h = 0; h < EXAMINE_HOURS; h++) {
        const int apart = (h - hour + EXAMINE_HOURS) % EXAMINE_HOURS;
        const float weight = apart == 0                                 ? own_hour
                             : apart == 1 || apart == EXAMINE_HOURS - 1 ? 1
                                                                        : 0;
        all += c->fresh.n[signal][h];
        of += c->fresh.of[h];
        near += weight * c->fresh.n[signal][h];
        near_of += weight * c->fresh.of[h];
    }
    if (of <= 0) return fresh_least;
    const float rate = all / of, prior = prior_hours * of / EXAMINE_HOURS;
    const float usual = (near + rate * prior) / (near_of + prior);
    return fmaxf(usual * (float)c->devices, fresh_least);
}

static void learn_fresh(const examine_watch_fleet *f, examine_cohort *c, const examine_sums *s,
                        sim_time now) {
    const int hour = hour_of(now);
    const float two_weeks = (float)examine_windows(f->settings, SIM_HOUR) * 14 * (float)c->devices;
    for (int i = 0; i < EXAMINE_SIGNALS; i++) {
        if (!examine_rules[i].once) continue;
        const float usual = examine_fresh_usual(f, c, (examine_signal)i, now),
                    n = (float)s->fresh[i];
        const bool suspect = c->evidence[i] > f->settings->cohort_least / 3;
        c->fresh.n[i][hour] += suspect ? fminf(suspect_most * usual, n) : n;
        if (suspect) continue;
        const float away = fminf((n - usual) * (n - usual) / fmaxf(usual, 0.1f), dispersion_most);
        c->dispersion[i] +=
            (away - c->dispersion[i]) / (float)examine_windows(f->settings, SIM_DAY);
    }
    c->fresh.of[hour] += (float)c->devices;
    if (c->fresh.of[hour] <= two_weeks) return;
    for (int i = 0; i < EXAMINE_SIGNALS; i++) c->fresh.n[i][hour] /= 2;
    c->fresh.of[hour] /= 2;
}

/* ---- counts of a device
 * --------------------------------------------------------------------------------- */

static void learn_mean(examine_cohort *c, int signal) {
    float sum = 0;
    int hours = 0;
    for (int h = 0; h < EXAMINE_HOURS; h++) {
        if (c->rated[h] == 0) continue;
        sum += c->rate[signal][h];
        hours++;
    }
    c->mean[signal] = hours == 0 ? 0 : sum / (float)hours;
}

static void learn_signal(const examine_watch_fleet *f, examine_cohort *c, const examine_sums *s,
                         int i, int hour) {
    const uint32_t week = 7 * examine_looks(f->settings, SIM_HOUR);
    if (s->of[i] == 0) return;
    const float now = ratio_of(s->n[i], s->of[i]),
                memory = (float)(c->rated[hour] < week ? c->rated[hour] : week);
    c->rate[i][hour] += (now - c->rate[i][hour]) / memory;
    learn_mean(c, i);
    if (!examine_rules[i].once)
        c->factor[i] = s->usual[i] <= 0
                           ? 1
                           : fminf(fmaxf((float)s->n[i] / (float)s->usual[i], 1), factor_most);
    if (s->of_large[i] == 0) return;
    const float spread = fmaxf(0, ratio_of(s->spread[i], s->of_large[i]));
    const uint32_t days = examine_looks(f->settings, 3 * SIM_DAY);
    c->spread[i] += (spread - c->spread[i]) / (float)(c->looks < days ? c->looks : days);
}

static void learn_readings(const examine_watch_fleet *f, examine_cohort *c, const examine_sums *s) {
    if (s->reading_of > 0) {
        const float n = (float)s->reading_of, mean = ratio_of(s->reading, s->reading_of);
        const float prior = c->renewed != 0 ? FEW_DEVICES : 0;
        c->common = (mean * n + f->cohorts[c->parent].common * prior) / (n + prior);
        const float square = c->common * c->common;
        c->common_square +=
            (square - c->common_square) / (float)examine_looks(f->settings, SIM_DAY);
    }
    if (s->residual_of > 0) c->residual = ratio_of(s->residual, s->residual_of);
    if (s->battery_of > 0) {
        const float drop = ratio_of(s->battery, s->battery_of);
        c->battery = fmaxf(0, c->battery + (drop - c->battery) / 24);
    }
    if (s->looked > 0)
        c->returns += (ratio_of(s->returns, s->looked) - c->returns) /
                      (float)examine_looks(f->settings, SIM_DAY);
}

static void learn_range(const examine_watch_fleet *f, examine_cohort *c, const examine_sums *s) {
    if (s->low > s->high) return;
    const bool young = c->age < examine_windows(f->settings, f->settings->learn);
    const float step = young ? 1 : range_step;
    if (!c->has_range) {
        c->low = s->low;
        c->high = s->high;
        c->has_range = true;
    }
    if (s->low < c->low) c->low += (s->low - c->low) * step;
    if (s->high > c->high) c->high += (s->high - c->high) * step;
}

void examine_learn_cohort(const examine_watch_fleet *f, examine_cohort *c, const examine_sums *s,
                          sim_time now, bool looked) {
    c->devices = s->devices;
    if (s->devices == 0) return;
    if (c->age < UINT32_MAX) c->age++;
    learn_fresh(f, c, s, now);
    learn_range(f, c, s);
    if (!looked) return;
    learn_readings(f, c, s);
    const int hour = hour_of(now);
    for (int i = 0; i < EXAMINE_SIGNALS; i++)
        if (!examine_rules[i].once && c->mean[i] > 0)
            c->hourly[i] = fminf(fmaxf(c->rate[i][hour] / c->mean[i], 1), hourly_most);
    if (s->muted > s->looked / 10) return;
    if (c->rated[hour] < UINT16_MAX) c->rated[hour]++;
    if (c->looks < UINT32_MAX) c->looks++;
    for (int i = 0; i < EXAMINE_SIGNALS; i++) learn_signal(f, c, s, i, hour);
}
