/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/judge/alarms.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/heap.h"
#include "sim/core/quantile.h"

judge_share judge_share_of(uint64_t part, uint64_t whole) {
    if (whole == 0) return (judge_share){0, 0, 1};
    const double z = 1.959964, n = (double)whole, p = (double)part / n, z2 = z * z / n;
    const double middle = (p + z2 / 2) / (1 + z2),
                 half = z / (1 + z2) * sqrt((p * (1 - p) + z2 / 4) / n);
    return (judge_share){p, fmax(0, middle - half), fmin(1, middle + half)};
}

/* Both lists point to the same alarms. */
typedef struct alarm_lists {
    judge_alert **by_device; /* then by time */
    judge_alert **by_time;
    size_t count;
} alarm_lists;

typedef int compare(const judge_alert *a, const judge_alert *b);

static int in_time(const judge_alert *a, const judge_alert *b) {
    return (a->at > b->at) - (a->at < b->at);
}

static int in_device(const judge_alert *a, const judge_alert *b) {
    return a->device != b->device ? (a->device > b->device) - (a->device < b->device)
                                  : in_time(a, b);
}

static int sort_by_time(const void *a, const void *b) {
    return in_time(*(judge_alert *const *)a, *(judge_alert *const *)b);
}

static int sort_by_device(const void *a, const void *b) {
    return in_device(*(judge_alert *const *)a, *(judge_alert *const *)b);
}

/* The first alarm that is not before `key`. */
static size_t first_from(judge_alert *const *list, size_t count, const judge_alert *key,
                         compare *order) {
    size_t low = 0, high = count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (order(list[middle], key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Covers the alarms of `device` from start to end. The delay of the first; negative: there is none.
 */
static double cover(judge_alert *const *list, size_t count, uint32_t device, double start,
                    double end, compare *order) {
    const judge_alert from = {start, device, false}, to = {end, device, false};
    const size_t first = first_from(list, count, &from, order);
    for (size_t i = first; i < count && order(list[i], &to) <= 0; i++) list[i]->covered = true;
    return first < count && order(list[first], &to) <= 0 ? list[first]->at - start : -1;
}

/* By alarms of its own device and those that name none; or by all. */
static double delay_of(const alarm_lists *l, const judge_injection *i, double grace) {
    const double end = i->end + grace;
    if (i->device == JUDGE_ANY_DEVICE)
        return cover(l->by_time, l->count, 0, i->start, end, in_time);
    const double own = cover(l->by_device, l->count, i->device, i->start, end, in_device);
    const double any = cover(l->by_device, l->count, JUDGE_ANY_DEVICE, i->start, end, in_device);
    return own < 0 ? any : any < 0 ? own : fmin(own, any);
}

/* Of one kind, or JUDGE_KINDS_MAX: of all. `delays` is room for as many as there are injections. */
static judge_kind sum_up(uint32_t kind, const judge_injection *injections, const double *delay,
                         size_t n, double *delays) {
    judge_kind k = {0};
    for (size_t i = 0; i < n; i++) {
        if (kind != JUDGE_KINDS_MAX && injections[i].kind != kind) continue;
        k.injected++;
        if (delay[i] >= 0) delays[k.noticed++] = delay[i];
    }
    sim_sort_numbers(delays, k.noticed);
    k.recall = judge_share_of(k.noticed, k.injected);
    if (k.noticed > 0) {
        k.delay_median = delays[k.noticed / 2];
        k.delay_most = delays[k.noticed - 1];
    }
    return k;
}

static void judge_lists(const alarm_lists *l, const judge_injection *injections, size_t n,
                        double grace, double *delay, judge_alerts_finding *out) {
    for (size_t i = 0; i < n; i++) delay[i] = delay_of(l, &injections[i], grace);
    for (uint32_t kind = 0; kind < JUDGE_KINDS_MAX; kind++)
        out->kind[kind] = sum_up(kind, injections, delay, n, delay + n);
    out->all = sum_up(JUDGE_KINDS_MAX, injections, delay, n, delay + n);
    out->alarms = l->count;
    for (size_t i = 0; i < l->count; i++) out->false_alarms += !l->by_time[i]->covered;
    out->precision = judge_share_of(out->alarms - out->false_alarms, out->alarms);
}

int judge_alerts(judge_alert *alarms, size_t alarm_count, const judge_injection *injections,
                 size_t injection_count, double grace, judge_alerts_finding *out) {
    alarm_lists l = {sim_malloc((alarm_count + 1) * sizeof(judge_alert *)),
                     sim_malloc((alarm_count + 1) * sizeof(judge_alert *)), alarm_count};
    double *delay = sim_malloc((2 * injection_count + 1) * sizeof *delay);
    const bool failed = l.by_device == NULL || l.by_time == NULL || delay == NULL;
    memset(out, 0, sizeof *out);
    if (!failed) {
        for (size_t i = 0; i < alarm_count; i++) {
            alarms[i].covered = false;
            l.by_device[i] = l.by_time[i] = &alarms[i];
        }
        qsort(l.by_device, alarm_count, sizeof *l.by_device, sort_by_device);
        qsort(l.by_time, alarm_count, sizeof *l.by_time, sort_by_time);
        judge_lists(&l, injections, injection_count, grace, delay, out);
    }
    sim_free(l.by_device);
    sim_free(l.by_time);
    sim_free(delay);
    return failed ? SIM_ENOMEM : 0;
}
