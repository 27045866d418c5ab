/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/judge/retries.h"

#include <gsl/gsl_statistics.h>
#include <math.h>
#include <stdlib.h>

#include "sim/core/heap.h"

enum {
    LOOKED_AT = 20000, /* devices */
    ENOUGH = 50,       /* devices, below which nothing is said */
    PAUSES_MAX = JUDGE_PLATEAU_COLUMNS_MAX,
    ROWS_MAX = JUDGE_PLATEAU_ROWS_MAX
};
/* Mean of pauses from which on they count for a variation: 20 times 50 ms, as of one device. Below,
 * the network's own jitter passes for theirs. */
static const double shortest = 1;
static const sim_time silent_least = 10 * SIM_MINUTE;
enum { SILENT_PAUSES = 4 }; /* of its longest one */

/* One attempt of a device that is looked at. */
typedef struct attempt {
    sim_time at, ended;
    uint32_t device;
    bool online, end_seen;
} attempt;

/* One device: where its attempts stand, and how many pauses it made before it was online. */
typedef struct track {
    size_t from, pauses;
} track;

static bool counts(const judge_reconnect_case *c, const record_attempt *a) {
    return a->trigger == c->trigger && a->at >= c->began && a->at <= c->until;
}

static uint32_t stride_of(const judge_reconnect_case *c) {
    return (uint32_t)(c->devices / LOOKED_AT + 1);
}

/* Where a log shows who tried in vain while service was away, these pauses tell most of the law. */
static bool is_looked_at(const judge_reconnect_case *c, const record_attempt *a) {
    return a->device % stride_of(c) == 0 && a->trigger == c->trigger && a->at <= c->until;
}

/* ---- first attempts ---- */

static bool is_first(const judge_reconnect_case *c, const record_attempt *a) {
    return a->number == 1 && counts(c, a);
}

/* The most of them in any second: two fingers over the sorted list. */
static uint64_t busiest_of_firsts(const judge_reconnect_case *c) {
    uint64_t most = 0, inside = 0;
    for (size_t lo = 0, hi = 0; hi < c->count; hi++) {
        if (!is_first(c, &c->attempts[hi])) continue;
        inside++;
        for (; c->attempts[hi].at - c->attempts[lo].at >= SIM_SECOND; lo++)
            inside -= is_first(c, &c->attempts[lo]);
        most = inside > most ? inside : most;
    }
    return most;
}

/* The attempts are sorted, so the twentieths are found on the way. */
static void look_at_firsts(const judge_reconnect_case *c, judge_retries *out) {
    uint64_t n = 0;
    sim_time early = 0, late = 0;
    for (size_t i = 0; i < c->count; i++) out->firsts += is_first(c, &c->attempts[i]);
    for (size_t i = 0; i < c->count && out->firsts > 0; i++) {
        if (!is_first(c, &c->attempts[i])) continue;
        if (n == out->firsts / 20) early = c->attempts[i].at;
        if (n == out->firsts - 1 - out->firsts / 20) late = c->attempts[i].at;
        n++;
    }
    if (out->firsts >= ENOUGH) out->width = sim_time_seconds(late - early);
    out->firsts_busiest = busiest_of_firsts(c);
}

/* ---- those who try again ---- */

static int by_device(const void *left, const void *right) {
    const attempt *a = left, *b = right;
    if (a->device != b->device) return a->device < b->device ? -1 : 1;
    return (a->at > b->at) - (a->at < b->at);
}

static attempt of_record(const record_attempt *a) {
    bool told = a->latency > 0 && a->latency != SIM_NEVER;
    return (attempt){.at = a->at,
                     .ended = told ? sim_time_add(a->at, a->latency) : a->at,
                     .device = a->device,
                     .end_seen = told,
                     .online = a->outcome == RECORD_OUTCOME_ONLINE};
}

/* Attempts of the devices that are looked at, those of one device together; NULL: none, or no
 * memory. */
static attempt *gather(const judge_reconnect_case *c, size_t *count) {
    *count = 0;
    for (size_t i = 0; i < c->count; i++) *count += is_looked_at(c, &c->attempts[i]);
    attempt *items = *count > 0 ? sim_calloc(*count, sizeof *items) : NULL;
    if (items == NULL) return NULL;
    size_t filled = 0;
    for (size_t i = 0; i < c->count; i++)
        if (is_looked_at(c, &c->attempts[i])) items[filled++] = of_record(&c->attempts[i]);
    qsort(items, *count, sizeof *items, by_device);
    return items;
}

/* To the next one, which is there. */
static double pause_after(const attempt *a) {
    return sim_time_seconds(sim_time_max(0, a[1].at - a->ended));
}

/* The attempts [from, to) of one device: was it back, and if not, is it silent? */
static void look_at_end(const judge_reconnect_case *c, const attempt *items, size_t from, size_t to,
                        judge_retries *out) {
    sim_time longest = silent_least / SILENT_PAUSES;
    for (size_t i = from; i < to; i++) {
        if (items[i].online) return;
        if (i > from) longest = sim_time_max(longest, items[i].at - items[i - 1].at);
    }
    out->missing++;
    out->silent += (c->until - items[to - 1].at) / SILENT_PAUSES >= longest;
}

/* Returns how many devices there are. */
static size_t make_tracks(const judge_reconnect_case *c, const attempt *items, size_t count,
                          track *tracks, judge_retries *out) {
    size_t n = 0;
    for (size_t i = 0, next; i < count; i = next) {
        for (next = i + 1; next < count && items[next].device == items[i].device;) next++;
        size_t pauses = 0;
        while (i + pauses + 1 < next && pauses < PAUSES_MAX && !items[i + pauses].online) pauses++;
        look_at_end(c, items, i, next, out);
        tracks[n++] = (track){i, pauses};
    }
    /* who was online and never tried */
    uint64_t expected = c->devices / stride_of(c);
    out->missing += expected > n ? expected - n : 0;
    out->silent += expected > n ? expected - n : 0;
    return n;
}

/* The most pauses that enough devices made. */
static size_t pauses_of(const track *tracks, size_t n, size_t *devices) {
    size_t with[PAUSES_MAX + 1] = {0}, pauses = PAUSES_MAX;
    for (size_t i = 0; i < n; i++) with[tracks[i].pauses]++;
    for (*devices = with[pauses]; pauses > 0 && *devices < ENOUGH;) *devices += with[--pauses];
    return pauses;
}

static double median_of(const judge_delays *d, size_t column) {
    double values[ROWS_MAX];
    for (size_t i = 0; i < d->rows; i++) values[i] = d->seconds[i * d->columns + column];
    return gsl_stats_median(values, 1, d->rows);
}

static void measure(const judge_delays *d, judge_retries *out) {
    out->first = median_of(d, 0);
    for (size_t k = 0; k < d->columns; k++) out->longest = fmax(out->longest, median_of(d, k));
    out->growth = judge_delays_growth(d);
    out->all = judge_delays_variation(d, shortest);
    (void)judge_delays_level(d, shortest, shortest, &out->growing, &out->level);
}

static int compare_pauses(const attempt *items, const track *tracks, size_t n, judge_retries *out) {
    size_t with, pauses = pauses_of(tracks, n, &with), rows = with < ROWS_MAX ? with : ROWS_MAX;
    if (pauses == 0) return 0;
    double *seconds = sim_calloc(rows * pauses, sizeof *seconds);
    if (seconds == NULL) return SIM_ENOMEM;
    for (size_t i = 0, seen = 0, row = 0; i < n && row < rows; i++) {
        if (tracks[i].pauses < pauses || seen++ * rows / with < row)
            continue; /* each n-th of them */
        const attempt *before = &items[tracks[i].from];
        for (size_t k = 0; k < pauses; k++, before++) {
            seconds[row * pauses + k] = pause_after(before);
            out->from_start += !before->end_seen;
        }
        row++;
    }
    out->devices = rows;
    out->pauses = pauses;
    measure(&(judge_delays){seconds, rows, pauses}, out);
    sim_free(seconds);
    return 0;
}

int judge_retries_of(const judge_reconnect_case *c, judge_retries *out) {
    const judge_variation none = {.cv = NAN, .lower = NAN, .upper = NAN};
    size_t count;
    *out = (judge_retries){.first = NAN,
                           .longest = 0,
                           .growth = NAN,
                           .width = NAN,
                           .all = none,
                           .growing = none,
                           .level = none};
    look_at_firsts(c, out);
    attempt *items = gather(c, &count);
    if (items == NULL) return count > 0 ? SIM_ENOMEM : 0;
    track *tracks = sim_calloc(count, sizeof *tracks); /* a device each at most */
    int error = tracks == NULL ? SIM_ENOMEM : 0;
    if (error == 0)
        error = compare_pauses(items, tracks, make_tracks(c, items, count, tracks, out), out);
    sim_free(tracks);
    sim_free(items);
    return error;
}
