/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/judge/wave.h"

#include <math.h>
#include <stdlib.h>

#include "sim/core/error.h"
#include "sim/core/heap.h"

/* docs/verdicts.md tells where the numbers come from. */

/* Share of the devices that are online at the end of the recovery window. */
static const double recovered_share = 0.95;
/* A device that is absent has failed after so many times devices / capacity, and ... */
static const double drains_watched = 3;
/* ... not sooner than this. */
static const sim_time watched_minimum = 10 * SIM_MINUTE;
static const double goodput_lost = 0.1; /* of the capacity, or less, while ... */
static const double still_busy = 0.5;   /* ... so many attempts, in capacities, go on: metastable */
/* A service that accepts and closes: half of the devices and more tried again after so many
 * successes. */
static const double returned_share = 0.5;

/* Share of the devices that had tried before service came back: their wave is one of retries. */
static const double retrying_share = 0.5;

typedef struct arrival {
    sim_time at;
    uint32_t device;
    bool again; /* not its first attempt */
} arrival;

/* When a successful attempt had its device online. */
static sim_time online_at(const record_attempt *a) {
    return a->latency > 0 && a->latency != SIM_NEVER ? sim_time_add(a->at, a->latency) : a->at;
}

/* Who began while the service was still away, and was slow enough to get in, is of the wave, too.
 * NULL: every attempt counts. */
static bool counts(const judge_reconnect_case *c, const record_attempt *a) {
    if (c == NULL) return true;
    bool slow = a->outcome == RECORD_OUTCOME_ONLINE && online_at(a) >= c->began;
    return a->trigger == c->trigger && a->at <= c->until && (a->at >= c->began || slow);
}

/* Two fingers over the sorted list: what counts in [lo, hi] spans less than `width`. */
static uint64_t busiest(const judge_reconnect_case *c, const record_attempt *attempts, size_t count,
                        sim_time width, sim_time *at) {
    uint64_t most = 0, inside = 0;
    size_t lo = 0;
    *at = 0;
    if (width <= 0) return 0;
    for (size_t hi = 0; hi < count; hi++) {
        SIM_PROMISE(hi == 0 || attempts[hi - 1].at <= attempts[hi].at);
        if (!counts(c, &attempts[hi])) continue;
        inside++;
        for (; attempts[hi].at - attempts[lo].at >= width; lo++) inside -= counts(c, &attempts[lo]);
        while (!counts(c, &attempts[lo])) lo++;
        if (inside <= most) continue;
        most = inside;
        *at = attempts[lo].at;
    }
    return most;
}

uint64_t judge_busiest(const record_attempt *attempts, size_t count, sim_time width, sim_time *at) {
    return busiest(NULL, attempts, count, width, at);
}

/* --- what the attempts say --- */

static int by_device(const void *left, const void *right) {
    const arrival *a = left, *b = right;
    if (a->device != b->device) return a->device < b->device ? -1 : 1;
    return (a->at > b->at) - (a->at < b->at);
}

static int by_time(const void *left, const void *right) {
    const arrival *a = left, *b = right;
    return (a->at > b->at) - (a->at < b->at);
}

static bool succeeded(const judge_reconnect_case *c, const record_attempt *a) {
    return a->outcome == RECORD_OUTCOME_ONLINE && counts(c, a) && online_at(a) <= c->until;
}

/* Leaves the first arrival of each device, in order of time; returns how many. */
static size_t first_arrivals(arrival *items, size_t count) {
    size_t kept = 0;
    qsort(items, count, sizeof *items, by_device);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || items[i].device != items[i - 1].device) items[kept++] = items[i];
    qsort(items, kept, sizeof *items, by_time);
    return kept;
}

/* When `share` of the devices were online. */
static sim_time share_online(const judge_reconnect_case *c, const arrival *items, size_t count,
                             double share) {
    double wanted = ceil(share * (double)c->devices);
    return wanted >= 1 && wanted <= (double)count ? items[(size_t)wanted - 1].at : SIM_NEVER;
}

static int observe_arrivals(const judge_reconnect_case *c, judge_wave *w) {
    size_t count = 0;
    for (size_t i = 0; i < c->count; i++) count += succeeded(c, &c->attempts[i]);
    if (count == 0) return 0;
    arrival *items = sim_malloc(count * sizeof *items);
    if (items == NULL) return SIM_ENOMEM;
    size_t filled = 0;
    for (size_t i = 0; i < c->count; i++)
        if (succeeded(c, &c->attempts[i]))
            items[filled++] = (arrival){online_at(&c->attempts[i]), c->attempts[i].device, false};
    w->successes = count;
    count = first_arrivals(items, count);
    w->online = count;
    w->half = share_online(c, items, count, 0.5);
    w->most = share_online(c, items, count, recovered_share);
    w->all = share_online(c, items, count, 1);
    sim_free(items);
    return 0;
}

/* --- devices that are let in and lose their session again and again --- */

typedef struct visit {
    sim_time at, online; /* SIM_NEVER: it did not succeed */
    uint32_t device;
} visit;

static int by_visitor(const void *left, const void *right) {
    const visit *a = left, *b = right;
    if (a->device != b->device) return a->device < b->device ? -1 : 1;
    return (a->at > b->at) - (a->at < b->at);
}

/* The attempts of one device. The last pause is left out: if the service came to its senses in it,
 * it is longer than others for that reason alone (the longer a pause, the likelier it holds any
 * given moment). */
static void add_visitor(const visit *visits, size_t count, judge_wave *w, double *first,
                        double *last) {
    sim_time begins = 0, recent[3] = {0};
    size_t pauses = 0;
    for (size_t i = 0; i + 1 < count; i++) {
        if (visits[i].online == SIM_NEVER) continue;
        sim_time pause = visits[i + 1].at - visits[i].online;
        if (pauses < 2) begins += pause;
        recent[pauses++ % 3] = pause;
    }
    if (pauses < JUDGE_WAVE_RETURNS) return;
    w->returned++;
    *first += sim_time_seconds(begins);
    *last += sim_time_seconds(recent[0] + recent[1] + recent[2] - recent[(pauses - 1) % 3]);
}

/* A device whose session is closed soon after each success comes back again and again: does it wait
 * longer each time? */
static int observe_returns(const judge_reconnect_case *c, judge_wave *w) {
    double first = 0, last = 0;
    size_t filled = 0;
    if (w->successes < 2 * w->online) return 0;
    visit *visits = sim_malloc(w->attempts * sizeof *visits);
    if (visits == NULL) return SIM_ENOMEM;
    for (size_t i = 0; i < c->count; i++) {
        const record_attempt *a = &c->attempts[i];
        if (counts(c, a))
            visits[filled++] =
                (visit){a->at, succeeded(c, a) ? online_at(a) : SIM_NEVER, a->device};
    }
    qsort(visits, filled, sizeof *visits, by_visitor);
    for (size_t i = 0, n; i < filled; i += n) {
        for (n = 1; i + n < filled && visits[i + n].device == visits[i].device;) n++;
        add_visitor(&visits[i], n, w, &first, &last);
    }
    sim_free(visits);
    w->growth = first > 0 ? last / first : NAN;
    return 0;
}

/* The first attempts of the devices, whatever came of them. */
static int observe_beginnings(const judge_reconnect_case *c, judge_wave *w) {
    size_t filled = 0;
    if (w->attempts == 0) return 0;
    arrival *items = sim_malloc(w->attempts * sizeof *items);
    if (items == NULL) return SIM_ENOMEM;
    for (size_t i = 0; i < c->count; i++)
        if (counts(c, &c->attempts[i]))
            items[filled++] =
                (arrival){c->attempts[i].at, c->attempts[i].device, c->attempts[i].number > 1};
    w->came = first_arrivals(items, filled);
    w->last_began = items[w->came - 1].at;
    for (size_t i = 0; i < w->came; i++) w->retrying += items[i].again;
    sim_free(items);
    return 0;
}

static void observe_attempts(const judge_reconnect_case *c, judge_wave *w) {
    sim_time last = 0;
    uint64_t recovering = 0;
    for (size_t i = 0; i < c->count; i++) {
        const record_attempt *a = &c->attempts[i];
        if (!counts(c, a)) continue;
        if (w->attempts++ == 0) w->first = a->at;
        last = a->at;
        recovering += a->at <= w->most;
        w->turned_away += a->outcome == RECORD_OUTCOME_DROPPED ||
                          a->outcome == RECORD_OUTCOME_BUSY || a->outcome == RECORD_OUTCOME_REFUSED;
    }
    sim_time at;
    w->busiest = busiest(c, c->attempts, c->count, SIM_SECOND, &w->busiest_at);
    w->busiest_ten = busiest(c, c->attempts, c->count, 10 * SIM_SECOND, &at);
    if (w->attempts == 0) return;
    w->window = fmax(sim_time_seconds((w->most != SIM_NEVER ? w->most : last) - w->first), 1);
    w->mean = (double)recovering / w->window;
}

bool judge_wave_capacity_known(const judge_reconnect_case *c) {
    return isfinite(c->capacity) && c->capacity > 0;
}

bool judge_wave_happened(const judge_reconnect_case *c) {
    return c->began != SIM_NEVER && c->until != SIM_NEVER && c->began < c->until;
}

/* Seconds in which the cloud can let all devices in, one after the other. */
double judge_wave_drain(const judge_reconnect_case *c) {
    return (double)c->devices / c->capacity;
}

/* How long a fleet must have been watched before a device that is absent has failed; SIM_NEVER when
 * the capacity is not known. */
sim_time judge_wave_watch_enough(const judge_reconnect_case *c) {
    return sim_time_max(sim_time_from_seconds(drains_watched * judge_wave_drain(c)),
                        watched_minimum);
}

int judge_wave_observe(const judge_reconnect_case *c, judge_wave *w) {
    *w = (judge_wave){.first = SIM_NEVER,
                      .last_began = SIM_NEVER,
                      .half = SIM_NEVER,
                      .most = SIM_NEVER,
                      .all = SIM_NEVER};
    if (!judge_wave_happened(c)) return 0;
    int error = observe_arrivals(c, w);
    if (error != 0) return error;
    observe_attempts(c, w);
    error = observe_beginnings(c, w);
    if (error == 0 && w->attempts > 0) error = observe_returns(c, w);
    if (error != 0) return error;
    w->cut_short = w->online < c->devices && c->until - c->began < judge_wave_watch_enough(c);
    error = judge_retries_of(c, &w->retries);
    return error != 0 ? error : judge_pattern_of(c, &w->pattern);
}

bool judge_wave_is_of_retries(const judge_wave *w) {
    return w->came > 0 && (double)w->retrying >= retrying_share * (double)w->came;
}

/* Devices are let in and closed, again and again: each time counts as a success. */
bool judge_wave_is_trap(const judge_reconnect_case *c, const judge_wave *w) {
    return !c->visits && w->returned > 0 &&
           (double)w->returned >= returned_share * (double)c->devices;
}

/* A fleet, and not some device with an odd log, that is let in more than once. */
bool judge_wave_comes_again(const judge_reconnect_case *c, const judge_wave *w) {
    return w->successes >= 2 * w->online &&
           (double)w->online >= returned_share * (double)c->devices;
}

/* Attempts go on, next to nobody gets in, and there is nothing left to wait for (Bronson et al.,
 * "Metastable failures in distributed systems", HotOS 2021). */
bool judge_wave_is_metastable(const judge_reconnect_case *c, const judge_wave *w) {
    const judge_pattern *p = &w->pattern;
    double could = c->capacity * p->late_seconds;
    return judge_wave_capacity_known(c) && !w->cut_short && w->online < c->devices &&
           (double)p->late_attempts >= still_busy * could &&
           (double)p->late_online <= goodput_lost * could;
}
