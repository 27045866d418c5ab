/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/read/struck.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

#include "sim/core/heap.h"
#include "sim/read/walk.h"

/* A broker tells that a client is gone when it has heard nothing for one and a half times its
 * keep-alive (MQTT 5, 3.1.2.10), which is 60 s in most clients: an end so long after the outage is
 * still its doing. */
static const sim_time told_late = 90 * SIM_SECOND;
/* A first attempt that comes so long after the service, and so shortly before the log ends, shows
 * nothing of whether its device came back: as in the judge, who must be watched so long. */
static const sim_time watched = 10 * SIM_MINUTE;
/* More than come anyway: what is rarer than this, at the rate of before, is no chance. */
static const double chance = 1e-6;
static const sim_time windows[] = {SIM_MINUTE, 10 * SIM_MINUTE}; /* that are looked at for it */

typedef enum stand {
    UNKNOWN, /* never online, or no longer when the outage began */
    ONLINE,
    LOST,   /* its session was lost to the outage, and it has not come back before its end */
    ASKED,  /* it was online as far as the log shows, and asked for a new session all the same */
    STRUCK, /* lost, and tried again when the service was back */
    OWN     /* it left, or was lost, for reasons of its own */
} stand;

typedef struct device {
    sim_time since; /* before the outage: it was online; after: when it asked */
    uint8_t stand;
    bool been; /* online, at any time */
    /* it made an attempt once the service was back; one had it online */
    bool came, back;
} device;

typedef struct look {
    const read_log *log;
    sim_time from, to, until; /* of the outage, and of what is looked at */
    device *devices;
    /* Before the outage: how often somebody asked for a new session though the log shows no end of
     * the old one, and for how long devices were online, all together. */
    uint64_t asked;
    double online_s;
    uint64_t online; /* devices, when it began */
} look;

static void happen_before(look *k, device *d, const record_attempt *attempt, const read_end *end) {
    sim_time now = attempt != NULL ? attempt->at : end->at;
    bool online = attempt != NULL && attempt->outcome == RECORD_OUTCOME_ONLINE;
    if (attempt != NULL && !online) return;
    if (d->stand == ONLINE) k->online_s += sim_time_seconds(now - d->since);
    k->asked += online && d->stand == ONLINE;
    d->stand = online ? ONLINE : UNKNOWN;
    d->been = d->been || online;
    d->since = now;
}

/* Who comes online while the service is away for others has not lost it; who wants to and does not,
 * and was served before, has. */
static void happen_during(device *d, const record_attempt *attempt, const read_end *end) {
    bool online = attempt != NULL && attempt->outcome == RECORD_OUTCOME_ONLINE;
    if (attempt != NULL && (online || d->been))
        d->stand = online ? ONLINE : LOST;
    else if (end != NULL && d->stand == ONLINE)
        d->stand = end->by_client ? OWN : LOST;
}

static void happen_after(const look *k, device *d, const record_attempt *attempt,
                         const read_end *end) {
    if (attempt != NULL) {
        d->came = true;
        d->back = d->back || attempt->outcome == RECORD_OUTCOME_ONLINE;
        d->since = d->stand == ONLINE ? attempt->at : d->since;
        d->stand = d->stand == LOST ? STRUCK : d->stand == ONLINE ? ASKED : d->stand;
    } else if (d->stand == ONLINE) {
        d->stand = end->by_client || end->at > sim_time_add(k->to, told_late) ? OWN : LOST;
    }
}

static void begin(look *k) {
    for (size_t i = 0; i < k->log->devices.count; i++) {
        const device *d = &k->devices[i];
        if (d->stand != ONLINE) continue;
        k->online++;
        k->online_s += sim_time_seconds(k->from - d->since);
    }
}

/* An attempt that was under way when the service came back, and came online, belongs to what
 * followed: an attempt is written down when it begins. */
static bool is_after(const look *k, const record_attempt *attempt, sim_time now) {
    if (now >= k->to) return true;
    return attempt != NULL && attempt->outcome == RECORD_OUTCOME_ONLINE && now >= k->from &&
           sim_time_add(now, attempt->latency) > k->to;
}

static void see(look *k) {
    read_walk w = {.log = k->log};
    const record_attempt *attempt;
    const read_end *end;
    bool begun = false;
    while (read_walk_step(&w, &attempt, &end)) {
        sim_time now = attempt != NULL ? attempt->at : end->at;
        device *d = &k->devices[attempt != NULL ? attempt->device : end->device];
        if (now >= k->until) break;
        if (now >= k->from && !begun) begin(k);
        begun = begun || now >= k->from;
        if (now < k->from)
            happen_before(k, d, attempt, end);
        else if (is_after(k, attempt, now))
            happen_after(k, d, attempt, end);
        else
            happen_during(d, attempt, end);
    }
    if (!begun) begin(k);
}

/* ---- who asks for reasons of his own ---- */

static int by_time(const void *left, const void *right) {
    const sim_time *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

typedef struct askers {
    const sim_time *times; /* sorted: when each of them asked */
    size_t count;
    uint64_t silent; /* who did not, and might have */
    double rate;     /* a second and device, of before */
} askers;

/* How many of those who had not asked before number `first` ask anyway within `span`. */
static double share_anyway(const askers *a, sim_time span) {
    return 1 - exp(-a->rate * sim_time_seconds(span));
}

static double might(const askers *a, size_t first) {
    return (double)(a->silent + a->count - first);
}

/* Whether more asked in the window that ends with number `i` than ask anyway. */
static bool is_wave(const askers *a, size_t i, sim_time width) {
    size_t first = i;
    while (first > 0 && a->times[i] - a->times[first - 1] < width) first--;
    return gsl_cdf_binomial_Q((unsigned)(i - first), share_anyway(a, width),
                              (unsigned)might(a, first)) < chance;
}

/* The wave is in the window that ends with number `i`: without those at its end who are no more
 * than ask anyway. */
static sim_time trimmed(const askers *a, size_t i) {
    size_t j = i;
    while (j > 0) {
        double usual = might(a, j - 1) * share_anyway(a, a->times[i] - a->times[j - 1]);
        if ((double)(i - j + 1) > usual + 3 * sqrt(usual) + 1) break;
        j--;
    }
    return a->times[j];
}

/* When the wave was over: those who asked later are no more than ask anyway. */
static sim_time wave_over(const askers *a) {
    for (size_t i = a->count; a->rate > 0 && i-- > 0;)
        for (size_t w = 0; w < sizeof windows / sizeof *windows; w++)
            if (is_wave(a, i, windows[w])) return trimmed(a, i);
    return a->rate > 0 ? -1 : SIM_NEVER;
}

/* Of before the outage, and not less than what it may well be: a rate that was seen in few. */
static double rate_of(const look *k) {
    double asked = (double)k->asked;
    return k->online_s > 0 ? (asked + 2 * sqrt(asked)) / k->online_s : 0;
}

/* Its first attempt came so late that what became of it cannot be seen. */
static bool ends_too_soon(const look *k, const device *d) {
    return !d->back && d->since > sim_time_add(k->to, watched) && d->since > k->until - watched;
}

static int settle_asked(look *k) {
    size_t count = 0, devices = k->log->devices.count;
    uint64_t silent = 0;
    sim_time *times = sim_malloc((devices + 1) * sizeof *times);
    if (times == NULL) return SIM_ENOMEM;
    for (size_t i = 0; i < devices; i++) {
        silent += k->devices[i].stand == ONLINE;
        if (k->devices[i].stand == ASKED) times[count++] = k->devices[i].since;
    }
    qsort(times, count, sizeof *times, by_time);
    sim_time over = wave_over(&(askers){times, count, silent, rate_of(k)});
    for (size_t i = 0; i < devices; i++) {
        device *d = &k->devices[i];
        if (d->stand == ASKED) d->stand = d->since > over || ends_too_soon(k, d) ? OWN : STRUCK;
    }
    sim_free(times);
    return 0;
}

/* Where nobody was seen to be online, the log begins with the outage: then all who come were
 * struck. Where it itself says whom a trigger called, it is believed. */
static void tell(const look *k, const read_outage *o, read_struck *out) {
    const read_log *log = k->log;
    bool named = o->how == READ_FOUND_TRIGGER, all = k->online == 0;
    for (size_t i = 0; named && i < log->attempts.count; i++) {
        const record_attempt *a = &log->attempts.items[i];
        if (read_names_text(&log->triggers, a->trigger) == o->name) out->devices[a->device] = true;
    }
    for (size_t i = 0; i < log->devices.count; i++) {
        const device *d = &k->devices[i];
        if (!named) out->devices[i] = all ? d->came : d->stand == STRUCK || d->stand == LOST;
        out->count += out->devices[i];
        out->silent += k->online > 0 && d->stand == ONLINE;
    }
}

int read_struck_find(const read_log *log, const read_outage *o, sim_time until, read_struck *out) {
    look k = {.log = log,
              .from = sim_time_min(o->from, o->to),
              .to = o->to,
              .until = sim_time_min(until, sim_time_add(log->until, 1)),
              .devices = sim_calloc(log->devices.count + 1, sizeof *k.devices)};
    *out = (read_struck){.devices = sim_calloc(log->devices.count + 1, sizeof(bool))};
    int error = k.devices != NULL && out->devices != NULL ? 0 : SIM_ENOMEM;
    if (error == 0) {
        see(&k);
        error = settle_asked(&k);
    }
    if (error == 0) tell(&k, o, out);
    sim_free(k.devices);
    if (error != 0) read_struck_deinit(out);
    return error;
}

void read_struck_deinit(read_struck *s) {
    sim_free(s->devices);
    *s = (read_struck){0};
}
