/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/judge/pattern.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>
#include <math.h>
#include <stdlib.h>

#include "sim/core/heap.h"
#include "sim/judge/statistics.h"

enum {
    LOOKED_AT = 20000, /* devices */
    COMPARED = 2000,   /* with each other */
    ENOUGH = 50,       /* devices, below which nothing is said */
    DEPTH = 7,         /* attempts of a device that are looked at */
    PAUSES = 5,        /* that twins share: with fewer, strangers are near by chance */
    SECONDS_MAX = 86400,
    REPLICATES = 999,
    KS_MOST = 5000,    /* devices whose width is compared */
    KS_DECLARED = 5000 /* draws that stand for the declared distribution */
};
static const double twin_within = 0.08;  /* seconds */
static const double shared_seeds = 0.05; /* share of the devices with a twin */
static const sim_time same_place_within = SIM_SECOND / 2;

typedef struct seen {
    sim_time at;
    uint32_t device;
} seen;

/* The first attempts of one device, in seconds since the trigger. */
typedef struct track {
    double at[DEPTH];
    size_t count;
} track;

static bool counts(const judge_reconnect_case *c, const record_attempt *a) {
    return a->trigger == c->trigger && a->at >= c->began && a->at <= c->until;
}

static bool is_first(const judge_reconnect_case *c, const record_attempt *a) {
    return a->number == 1 && counts(c, a);
}

/* ---- the first wave ---- */

/* Distance to the declared distribution, in either direction. `declared` is sorted. */
static int measure_distance(const judge_reconnect_case *c, const sim_time *times, size_t count,
                            const sim_time *declared, size_t declared_count, judge_pattern *p) {
    double *seconds = sim_calloc(count + declared_count, sizeof *seconds);
    if (seconds == NULL) return SIM_ENOMEM;
    for (size_t i = 0; i < count; i++) seconds[i] = sim_time_seconds(times[i] - c->began);
    for (size_t i = 0; i < declared_count; i++) seconds[count + i] = sim_time_seconds(declared[i]);
    p->distance = judge_distance(seconds, count, seconds + count, declared_count);
    p->distance_chance = judge_distance_chance(p->distance, count, declared_count);
    sim_free(seconds);
    return 0;
}

/* `times`: sorted, with room for as many again behind them; they are changed. */
static int compare_first_wave(const judge_reconnect_case *c, sim_time *times, size_t count,
                              judge_pattern *p) {
    size_t busiest = judge_scan(times, count, SIM_SECOND), stride = (count + KS_MOST - 1) / KS_MOST;
    sim_time *declared = sim_calloc(KS_DECLARED, sizeof *declared);
    if (declared == NULL) return SIM_ENOMEM;
    size_t drawn = judge_first_draw(c->declared_law, KS_DECLARED, c->seed, REPLICATES, declared);
    size_t n = judge_thin_out(times, count, stride);
    p->compared = n;
    p->narrower = judge_narrower(times, n, declared, drawn);
    const judge_first_wave wave = {count, busiest, stride, p->narrower, declared, drawn};
    judge_first_chance chance =
        judge_first_wave_chance(c->declared_law, &wave, c->seed, REPLICATES, times + count);
    p->first_wave = chance.busy;
    p->narrower_chance = chance.narrow;
    int error = drawn > 0 ? measure_distance(c, times, n, declared, drawn, p) : 0;
    sim_free(declared);
    return error;
}

static int look_at_first_wave(const judge_reconnect_case *c, judge_pattern *p) {
    size_t count = 0;
    if (c->declared_law == NULL) return 0;
    for (size_t i = 0; i < c->count; i++) count += is_first(c, &c->attempts[i]);
    p->first_attempts = count;
    if (count < ENOUGH) return 0;
    sim_time *times = sim_calloc(2 * count, sizeof *times);
    if (times == NULL) return SIM_ENOMEM;
    size_t filled = 0;
    for (size_t i = 0; i < c->count; i++)
        if (is_first(c, &c->attempts[i])) times[filled++] = c->attempts[i].at;
    int error = compare_first_wave(c, times, count, p);
    sim_free(times);
    return error;
}

/* ---- those who try again ---- */

static int by_device(const void *left, const void *right) {
    const seen *a = left, *b = right;
    if (a->device != b->device) return a->device < b->device ? -1 : 1;
    return (a->at > b->at) - (a->at < b->at);
}

static uint32_t stride_of(const judge_reconnect_case *c) {
    return (uint32_t)(c->devices / LOOKED_AT + 1);
}

static bool is_looked_at(const judge_reconnect_case *c, const record_attempt *a) {
    return a->device % stride_of(c) == 0 && counts(c, a);
}

/* Attempts of the devices that are looked at, those of one device together; NULL: none, or no
 * memory. */
static seen *gather(const judge_reconnect_case *c, size_t *count) {
    *count = 0;
    for (size_t i = 0; i < c->count; i++) *count += is_looked_at(c, &c->attempts[i]);
    seen *items = *count > 0 ? sim_calloc(*count, sizeof *items) : NULL;
    if (items == NULL) return NULL;
    size_t filled = 0;
    for (size_t i = 0; i < c->count; i++)
        if (is_looked_at(c, &c->attempts[i]))
            items[filled++] = (seen){c->attempts[i].at, c->attempts[i].device};
    qsort(items, *count, sizeof *items, by_device);
    return items;
}

/* Returns how many devices there are. */
static size_t make_tracks(const judge_reconnect_case *c, const seen *items, size_t count,
                          track *tracks) {
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || items[i].device != items[i - 1].device) tracks[n++] = (track){.count = 0};
        track *t = &tracks[n - 1];
        if (t->count < DEPTH) t->at[t->count++] = sim_time_seconds(items[i].at - c->began);
    }
    return n;
}

/* Times of attempt k + 1 in `times`, the median pause before it in *period; returns how many
 * devices made it. */
static size_t attempt_of(const track *tracks, size_t n, size_t k, double *times, double *pauses,
                         double *period) {
    size_t made = 0;
    for (size_t i = 0; i < n; i++) {
        if (tracks[i].count <= k) continue;
        times[made] = tracks[i].at[k];
        pauses[made++] = tracks[i].at[k] - tracks[i].at[k - 1];
    }
    *period = made > 0 ? gsl_stats_median(pauses, 1, made) : NAN;
    return made;
}

static void look_at_steps(const track *tracks, size_t n, double *scratch, judge_pattern *p,
                          double *first_period) {
    *first_period = NAN;
    for (size_t k = 1; k < DEPTH; k++) {
        double period;
        size_t made = attempt_of(tracks, n, k, scratch, scratch + n, &period);
        if (made < ENOUGH) break;
        if (k == 1) *first_period = period;
        double index = judge_synchrony(scratch, made, period);
        if (!(index > p->synchrony) && !isnan(p->synchrony)) continue;
        p->synchrony = index;
        p->synchronised = made;
    }
}

/* `scratch` has room for COMPARED * PAUSES. */
static void look_for_twins(const track *tracks, size_t n, double *scratch, judge_pattern *p) {
    size_t rows = 0;
    for (size_t i = 0; i < n && rows < COMPARED; i++) {
        if (tracks[i].count <= PAUSES) continue;
        for (size_t k = 0; k < PAUSES; k++)
            scratch[rows * PAUSES + k] = tracks[i].at[k + 1] - tracks[i].at[k];
        rows++;
    }
    p->with_five = rows;
    if (rows >= ENOUGH)
        p->twins = judge_delays_twins(&(judge_delays){scratch, rows, PAUSES}, twin_within);
}

/* The attempts of the whole fleet, second by second from the first to the last. */
static int look_at_seconds(const judge_reconnect_case *c, double period, judge_pattern *p) {
    sim_time first = SIM_NEVER, last = 0;
    for (size_t i = 0; i < c->count; i++) {
        if (!counts(c, &c->attempts[i])) continue;
        first = sim_time_min(first, c->attempts[i].at);
        last = c->attempts[i].at;
    }
    size_t seconds = (size_t)((last - first) / SIM_SECOND) + 1, lag = (size_t)lround(period);
    if (seconds > SECONDS_MAX) seconds = SECONDS_MAX;
    uint32_t *tally = sim_calloc(seconds, sizeof *tally);
    if (tally == NULL) return SIM_ENOMEM;
    for (size_t i = 0; i < c->count; i++) {
        size_t second = counts(c, &c->attempts[i])
                            ? (size_t)((c->attempts[i].at - first) / SIM_SECOND)
                            : SECONDS_MAX;
        if (second < seconds) tally[second]++;
    }
    p->seconds = seconds;
    p->fano = judge_fano(tally, seconds);
    if (lag >= 2 && lag < seconds / 2)
        p->autocorrelation = judge_autocorrelation(tally, seconds, lag);
    sim_free(tally);
    return 0;
}

static int look_at_tracks(const judge_reconnect_case *c, const seen *items, size_t count,
                          judge_pattern *p) {
    double period;
    track *tracks = sim_calloc(count, sizeof *tracks); /* a device each at most */
    if (tracks == NULL) return SIM_ENOMEM;
    const size_t compared = (size_t)COMPARED * PAUSES;
    size_t n = make_tracks(c, items, count, tracks), room = 2 * n > compared ? 2 * n : compared;
    double *scratch = sim_calloc(room, sizeof *scratch);
    int error = scratch == NULL ? SIM_ENOMEM : 0;
    if (error == 0) {
        look_at_steps(tracks, n, scratch, p, &period);
        look_for_twins(tracks, n, scratch, p);
        if (!isnan(period)) error = look_at_seconds(c, period, p);
    }
    sim_free(scratch);
    sim_free(tracks);
    return error;
}

/* ---- the end ---- */

static void look_at_end(const judge_reconnect_case *c, judge_pattern *p) {
    sim_time third = (c->until - c->began) / 3;
    p->late_seconds = sim_time_seconds(third);
    for (size_t i = 0; i < c->count; i++) {
        const record_attempt *a = &c->attempts[i];
        if (!counts(c, a) || a->at < c->until - third) continue;
        p->late_attempts++;
        p->late_online += a->outcome == RECORD_OUTCOME_ONLINE;
    }
}

/* ---- the same place as before ---- */

/* First attempts of the devices that are looked at, after trigger `trigger`, one each, by device.
 */
static size_t first_of(const judge_reconnect_case *c, uint8_t trigger, seen *items) {
    size_t n = 0, kept = 0;
    for (size_t i = 0; i < c->count; i++) {
        const record_attempt *a = &c->attempts[i];
        if (a->trigger == trigger && a->number == 1 && a->device % stride_of(c) == 0)
            items[n++] = (seen){a->at, a->device};
    }
    qsort(items, n, sizeof *items, by_device);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || items[i].device != items[i - 1].device) items[kept++] = items[i];
    return kept;
}

/* How much later each device came after the one trigger than after the other, in seconds; returns
 * how many did both. */
static size_t shifts_between(const seen *a, size_t a_count, const seen *b, size_t b_count,
                             double *shifts) {
    size_t n = 0;
    for (size_t i = 0, j = 0; i < a_count && j < b_count;) {
        if (a[i].device == b[j].device)
            shifts[n++] = sim_time_seconds(a[i++].at - b[j++].at);
        else if (a[i].device < b[j].device)
            i++;
        else
            j++;
    }
    return n;
}

static double share_alike(double *shifts, size_t n) {
    double within = sim_time_seconds(same_place_within), middle = gsl_stats_median(shifts, 1, n);
    size_t alike = 0;
    for (size_t i = 0; i < n; i++) alike += fabs(shifts[i] - middle) <= within;
    return (double)alike / (double)n;
}

/* Half of the devices must lie in more than ten times what counts as the same place: else all are
 * alike. */
static bool is_spread(const seen *items, size_t n, double *scratch) {
    for (size_t i = 0; i < n; i++) scratch[i] = sim_time_seconds(items[i].at - items[0].at);
    gsl_sort(scratch, 1, n);
    double middle = gsl_stats_quantile_from_sorted_data(scratch, 1, n, 0.75) -
                    gsl_stats_quantile_from_sorted_data(scratch, 1, n, 0.25);
    return middle > 10 * sim_time_seconds(same_place_within);
}

static void compare_places(const judge_reconnect_case *c, const bool *others, seen *items,
                           size_t room, double *scratch, judge_pattern *p) {
    size_t n = first_of(c, c->trigger, items);
    if (n < ENOUGH || !is_spread(items, n, scratch)) return;
    for (int trigger = 0; trigger <= UINT8_MAX; trigger++) {
        if (!others[trigger] || trigger == c->trigger) continue;
        size_t m = first_of(c, (uint8_t)trigger, items + room);
        size_t both = shifts_between(items, n, items + room, m, scratch);
        if (both < ENOUGH) continue;
        double share = share_alike(scratch, both);
        if (share <= p->same_place) continue;
        p->same_place = share;
        p->placed = both;
    }
}

static int look_for_places(const judge_reconnect_case *c, judge_pattern *p) {
    size_t firsts[UINT8_MAX + 1] = {0}, room = 0;
    bool others[UINT8_MAX + 1];
    for (size_t i = 0; i < c->count; i++)
        if (c->attempts[i].number == 1) firsts[c->attempts[i].trigger]++;
    for (size_t t = 0; t <= UINT8_MAX; t++) {
        others[t] = firsts[t] >= ENOUGH;
        room = firsts[t] > room ? firsts[t] : room;
    }
    if (firsts[c->trigger] < ENOUGH) return 0;
    seen *items = sim_calloc(2 * room, sizeof *items);
    double *scratch = sim_calloc(room, sizeof *scratch);
    int error = items == NULL || scratch == NULL ? SIM_ENOMEM : 0;
    if (error == 0) {
        p->same_place = -1;
        compare_places(c, others, items, room, scratch, p);
        if (p->same_place < 0) p->same_place = NAN;
    }
    sim_free(items);
    sim_free(scratch);
    return error;
}

bool judge_pattern_shares_seeds(const judge_pattern *p) {
    return p->twins > shared_seeds;
}

int judge_pattern_of(const judge_reconnect_case *c, judge_pattern *out) {
    size_t count;
    *out = (judge_pattern){.first_wave = NAN,
                           .narrower = NAN,
                           .narrower_chance = NAN,
                           .distance = NAN,
                           .distance_chance = NAN,
                           .same_place = NAN,
                           .synchrony = NAN,
                           .twins = NAN,
                           .fano = NAN,
                           .autocorrelation = NAN};
    int error = look_at_first_wave(c, out);
    if (error == 0) error = look_for_places(c, out);
    if (error != 0) return error;
    look_at_end(c, out);
    seen *items = gather(c, &count);
    if (items == NULL) return count > 0 ? SIM_ENOMEM : 0;
    error = look_at_tracks(c, items, count, out);
    sim_free(items);
    return error;
}
