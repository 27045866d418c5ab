/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/read/online.c */
#include "sim/read/online.h"

#include <stdbool.h>

#include "sim/core/heap.h"

size_t read_online_seconds(const read_log *log) {
    return (size_t)(log->until / SIM_SECOND) + 1;
}

typedef struct walk {
    const read_log *log;
    const read_outage *outages;
    size_t count;
    uint64_t *online; /* the change in each second, modulo 2^64, until all is known */
    sim_time *since;  /* by device: online from then; SIM_NEVER: it is not */
} walk;

/* A success may come after the last sign that was read. */
static void change(const walk *w, sim_time at, uint64_t by) {
    if (at <= w->log->until) w->online[at / SIM_SECOND] += by;
}

static void leave(const walk *w, uint32_t device, sim_time at) {
    if (w->since[device] == SIM_NEVER) return;
    change(w, at > w->since[device] ? at : w->since[device], UINT64_MAX);
    w->since[device] = SIM_NEVER;
}

/* Who tries again is not online, and the log did not show since when. */
static sim_time lost_by(const walk *w, const record_attempt *a) {
    if (a->trigger == 0 || a->trigger > w->count) return a->at;
    const read_outage *o = &w->outages[a->trigger - 1];
    sim_time lost = o->from != SIM_NEVER ? o->from : o->to;
    return lost > w->since[a->device] && lost < a->at ? lost : a->at;
}

static void attempt(const walk *w, const record_attempt *a) {
    if (w->since[a->device] != SIM_NEVER) leave(w, a->device, lost_by(w, a));
    if (a->outcome != RECORD_OUTCOME_ONLINE) return;
    w->since[a->device] = a->at + (a->latency != SIM_NEVER ? a->latency : 0);
    change(w, w->since[a->device], 1);
}

/* A broker closes the session before while the next one begins: that is no end of this one. */
static void end(const walk *w, const read_end *e) {
    if (e->was_online && w->since[e->device] <= e->at) leave(w, e->device, e->at);
}

/* Ends and attempts of one instant: the end is of the session before. */
static void follow(const walk *w) {
    const read_log *log = w->log;
    size_t next = 0;
    for (size_t i = 0; i < log->attempts.count; i++) {
        const record_attempt *a = &log->attempts.items[i];
        while (next < log->end_count && log->ends[next].at <= a->at) end(w, &log->ends[next++]);
        attempt(w, a);
    }
    while (next < log->end_count) end(w, &log->ends[next++]);
}

int read_online(const read_log *log, const read_outage *outages, size_t count, uint64_t *online) {
    size_t devices = log->devices.count, seconds = read_online_seconds(log);
    walk w = {.log = log, .outages = outages, .count = count, .online = online};
    w.since = sim_calloc(devices > 0 ? devices : 1, sizeof *w.since);
    if (w.since == NULL) return SIM_ENOMEM;
    for (size_t i = 0; i < devices; i++) w.since[i] = SIM_NEVER;
    for (size_t i = 0; i < seconds; i++) online[i] = 0;
    follow(&w);
    for (size_t i = 1; i < seconds; i++) online[i] += online[i - 1];
    sim_free(w.since);
    return 0;
}
