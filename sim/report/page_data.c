/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/page_data.h"

#include <math.h>
#include <stdlib.h>

#include "sim/core/heap.h"
#include "sim/core/quantile.h"
#include "sim/judge/statistics.h"

/* ---- the run, second by second ---- */

#define JOIN_LAST(into, next) (next)
#define JOIN_SUM(into, next) ((into) + (next))
#define JOIN_PEAK(into, next) JOIN_MOST(into, next)
#define JOIN_MOST(into, next) ((next) > (into) ? (next) : (into))
static void join(report_series_bin *into, const report_series_bin *next) {
#define JOIN(member, column, how, page) into->member = JOIN_##how(into->member, next->member);
    REPORT_SECOND_MAP(JOIN)
#undef JOIN
    if (next->lowest < into->lowest) into->lowest = next->lowest;
}

/* Twice as wide, half as many. */
static void widen(report_series *s) {
    for (size_t i = 0; i < s->count; i += 2) {
        s->bins[i / 2] = s->bins[i];
        if (i + 1 < s->count) join(&s->bins[i / 2], &s->bins[i + 1]);
    }
    s->count = (s->count + 1) / 2;
    s->step *= 2;
}

void report_series_add(report_series *s, const report_second *row) {
    const report_series_bin one = {
#define MEMBER(member, column, how, page) .member = row->member,
        REPORT_SECOND_MAP(MEMBER)
#undef MEMBER
            .lowest = row->online};
    if (s->step == 0) s->step = 1;
    if (s->rows / s->step == REPORT_SERIES_BINS) widen(s);
    size_t bin = (size_t)(s->rows++ / s->step);
    if (bin < s->count)
        join(&s->bins[bin], &one);
    else
        s->bins[s->count++] = one;
}

/* ---- the wave ---- */

/* Widths that people read off easily, in seconds; beyond them whole days. */
static sim_time step_for(sim_time span, size_t bins) {
    static const int nice[] = {1,   2,   5,   10,   15,   20,   30,    60,   120,
                               300, 600, 900, 1800, 3600, 7200, 14400, 43200};
    for (size_t i = 0; i < sizeof nice / sizeof *nice; i++)
        if (span / (nice[i] * SIM_SECOND) < (sim_time)bins) return nice[i] * SIM_SECOND;
    const sim_time day = 86400 * SIM_SECOND;
    return (span / (sim_time)bins / day + 1) * day;
}

/* Attempts of one trigger, next to each other, in order of time. */
typedef struct selection {
    const record_attempt **items;
    size_t count;
} selection;

/* SIM_ENOMEM; the caller frees items. */
static int select_trigger(const record_attempts *attempts, uint32_t trigger, selection *s) {
    *s = (selection){0};
    for (size_t i = 0; i < attempts->count; i++) s->count += attempts->items[i].trigger == trigger;
    if (s->count == 0) return 0;
    s->items = sim_calloc(s->count, sizeof *s->items);
    if (s->items == NULL) return SIM_ENOMEM;
    size_t filled = 0;
    for (size_t i = 0; i < attempts->count; i++)
        if (attempts->items[i].trigger == trigger) s->items[filled++] = &attempts->items[i];
    return 0;
}

/* Bins from shortly before the trigger to where 99 of 100 attempts have begun: one straggler must
 * not squeeze the wave into a corner. */
static void place_bins(const selection *s, size_t bins, report_wave *w) {
    const sim_time first = s->items[0]->at, most = s->items[(s->count - 1) - s->count / 100]->at;
    sim_time begin = sim_time_min(w->at, first);
    begin -= begin % SIM_SECOND;
    /* so that the mark of the trigger does not stick to the axis */
    sim_time lead = (most - begin) / 25;
    lead = lead > begin ? begin : lead - lead % SIM_SECOND;
    w->from = begin - lead;
    w->step = step_for(most - w->from, bins);
    w->count = (size_t)((most - w->from) / w->step) + 1;
}

/* Counts it where it came online, which may be long after it began. */
static void count_admitted(const record_attempt *a, report_wave *w) {
    if (a->outcome != RECORD_OUTCOME_ONLINE || a->latency == SIM_NEVER) return;
    size_t bin = (size_t)((sim_time_add(a->at, a->latency) - w->from) / w->step);
    if (bin < w->count) w->bins[bin].admitted++;
}

static void fill_bins(const selection *s, report_wave *w) {
    size_t end = 0, busiest = 0;
    for (size_t i = 0; i < s->count; i++) {
        const record_attempt *a = s->items[i];
        size_t bin = (size_t)((a->at - w->from) / w->step);
        while (end < s->count && s->items[end]->at - a->at < SIM_SECOND) end++;
        if (end - i > busiest) {
            busiest = end - i;
            w->busiest_at = a->at;
        }
        count_admitted(a, w);
        if (bin >= w->count) {
            w->later++;
            continue;
        }
        w->bins[bin].outcomes[a->outcome]++;
        if (end - i > w->bins[bin].busiest) w->bins[bin].busiest = (uint32_t)(end - i);
    }
}

/* ---- phases and delays ---- */

typedef struct step {
    uint32_t device, number;
    sim_time at, end; /* end: of what came of it; `at` where that is not known */
} step;

static int by_device(const void *left, const void *right) {
    const step *a = left, *b = right;
    if (a->device != b->device) return a->device < b->device ? -1 : 1;
    return a->number != b->number ? (a->number < b->number ? -1 : 1)
                                  : (a->at > b->at) - (a->at < b->at);
}

static uint32_t most_device(const selection *s) {
    uint32_t most = 0;
    for (size_t i = 0; i < s->count; i++)
        most = s->items[i]->device > most ? s->items[i]->device : most;
    return most;
}

static bool is_looked_at(const record_attempt *a, uint32_t stride) {
    return a->device % stride == 0 && a->number >= 1 && a->number <= REPORT_DEPTH;
}

/* The first attempts of those looked at, those of a device together; SIM_ENOMEM. */
static int gather(const selection *s, step **out, size_t *count, uint32_t *stride) {
    *stride = most_device(s) / REPORT_LOOKED_AT + 1;
    *count = 0;
    for (size_t i = 0; i < s->count; i++) *count += is_looked_at(s->items[i], *stride);
    *out = *count > 0 ? sim_calloc(*count, sizeof **out) : NULL;
    if (*out == NULL) return *count > 0 ? SIM_ENOMEM : 0;
    size_t filled = 0;
    for (size_t i = 0; i < s->count; i++) {
        const record_attempt *a = s->items[i];
        if (!is_looked_at(a, *stride)) continue;
        (*out)[filled++] =
            (step){a->device, a->number, a->at,
                   a->latency == SIM_NEVER ? a->at : sim_time_add(a->at, a->latency)};
    }
    qsort(*out, *count, sizeof **out, by_device);
    return 0;
}

/* The attempt before it of the same device; NULL: there is none, or it was not seen. */
static const step *before(const step *steps, size_t i) {
    bool follows = i > 0 && steps[i - 1].device == steps[i].device &&
                   steps[i - 1].number + 1 == steps[i].number;
    return follows ? &steps[i - 1] : NULL;
}

/* Sorts `values`. */
static void add_delays(report_wave *w, uint32_t number, double *values, size_t count) {
    static const double shares[REPORT_QUANTILES] = {0, 0.05, 0.25, 0.5, 0.75, 0.95, 1};
    if (count == 0) return;
    report_delays *d = &w->delays[w->delay_count++];
    *d = (report_delays){.number = number, .samples = count};
    sim_sort_numbers(values, count);
    for (size_t i = 0; i < REPORT_QUANTILES; i++)
        d->quantiles[i] = sim_quantile(values, count, shares[i]);
}

static void look_at_delays(report_wave *w, const step *steps, size_t count, double *values) {
    for (uint32_t number = 1; number <= REPORT_DEPTH; number++) {
        size_t n = 0;
        for (size_t i = 0; i < count; i++) {
            if (steps[i].number != number) continue;
            const step *previous = before(steps, i);
            if (number > 1 && previous == NULL) continue;
            sim_time since = number == 1 ? w->at : previous->end;
            values[n++] = sim_time_seconds(steps[i].at > since ? steps[i].at - since : 0);
        }
        if (number > 1 || w->at_known) add_delays(w, number, values, n);
    }
}

/* `times` since the trigger; the mean of unit vectors, one turn a period. */
static void add_phase(report_wave *w, uint32_t number, const double *times, size_t count,
                      double period) {
    if (count == 0 || !(period > 0)) return;
    report_phase *p = &w->phases[w->phase_count++];
    double east = 0, north = 0;
    *p = (report_phase){.number = number, .samples = count, .period = period};
    for (size_t i = 0; i < count; i++) {
        double turn = times[i] / period - floor(times[i] / period);
        size_t bin = (size_t)(turn * REPORT_PHASE_BINS);
        p->bins[bin < REPORT_PHASE_BINS ? bin : 0]++;
        east += cos(2 * M_PI * turn);
        north += sin(2 * M_PI * turn);
    }
    double angle = atan2(north, east) / (2 * M_PI);
    p->direction = angle < 0 ? angle + 1 : angle;
    p->index = judge_synchrony(times, count, period);
}

/* `values` has room for two of each. */
static void look_at_phases(report_wave *w, const step *steps, size_t count, double *values) {
    for (uint32_t number = REPORT_PHASE_FIRST; number <= REPORT_PHASE_LAST; number++) {
        double *times = values, *pauses = values + count;
        size_t n = 0;
        for (size_t i = 0; i < count; i++) {
            const step *previous = steps[i].number == number ? before(steps, i) : NULL;
            if (previous == NULL) continue;
            times[n] = sim_time_seconds(steps[i].at) - sim_time_seconds(w->at);
            pauses[n++] = sim_time_seconds(steps[i].at - previous->at);
        }
        if (n == 0) continue;
        sim_sort_numbers(pauses, n);
        add_phase(w, number, times, n, sim_quantile(pauses, n, 0.5));
    }
}

static int look_at_devices(const selection *s, report_wave *w) {
    step *steps;
    size_t count;
    uint32_t stride;
    int error = gather(s, &steps, &count, &stride);
    if (error != 0 || steps == NULL) return error;
    double *values = sim_calloc(2 * count, sizeof *values);
    if (values != NULL) {
        for (size_t i = 0; i < count; i++)
            w->devices += i == 0 || steps[i].device != steps[i - 1].device;
        look_at_delays(w, steps, count, values);
        look_at_phases(w, steps, count, values);
    }
    sim_free(steps);
    sim_free(values);
    return values == NULL ? SIM_ENOMEM : 0;
}

int report_wave_of(const record_attempts *attempts, uint32_t trigger, sim_time at, size_t bins,
                   report_wave *out) {
    selection s;
    *out = (report_wave){.trigger = trigger, .at = at, .at_known = at != SIM_NEVER};
    int error = select_trigger(attempts, trigger, &s);
    if (error != 0 || s.count == 0) return error;
    if (!out->at_known) out->at = s.items[0]->at;
    out->attempts = s.count;
    out->last = s.items[s.count - 1]->at;
    place_bins(&s, bins, out);
    fill_bins(&s, out);
    error = look_at_devices(&s, out);
    sim_free(s.items);
    return error;
}
