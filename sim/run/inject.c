/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Injections: the drill orders misbehaviour, the run picks who misbehaves and keeps the truth. All
 * of it on one thread, in the order of the fleet, so that the truth does not depend on threads. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "devices/anomaly.h"
#include "sim/core/heap.h"
#include "sim/fleet/fault_orders.h"
#include "sim/fleet/street.h"
#include "sim/judge/words.h"
#include "sim/run/count.h"
#include "sim/run/run_private.h"

/* A device that the selection holds. */
typedef struct candidate {
    uint64_t rank;           /* by chance, when only some are wanted */
    uint32_t street, device; /* within the street */
} candidate;

typedef struct candidates {
    candidate *items;
    uint32_t count;
} candidates;

static int find(const run *r, const fleet_selection *s, candidates *all) {
    uint64_t homes;
    uint64_t devices;
    run_selection_count(r, s, &homes, &devices);
    *all = (candidates){.items = sim_calloc((size_t)devices + 1, sizeof *all->items)};
    uint32_t *numbers = sim_calloc(FLEET_STREET_DEVICES_MAX, sizeof *numbers);
    int error = all->items == NULL || numbers == NULL ? SIM_ENOMEM : 0;
    for (uint32_t i = 0; error == 0 && i < r->street_count; i++) {
        uint32_t n = fleet_street_pick(r->streets[i], s, numbers);
        for (uint32_t k = 0; k < n; k++)
            all->items[all->count++] = (candidate){.street = i, .device = numbers[k]};
    }
    sim_free(numbers);
    return error;
}

static int by_rank(const void *a, const void *b) {
    const candidate *x = a;
    const candidate *y = b;
    return x->rank < y->rank ? -1 : x->rank > y->rank;
}

static int by_place(const void *a, const void *b) {
    const candidate *x = a;
    const candidate *y = b;
    if (x->street != y->street) return x->street < y->street ? -1 : 1;
    return x->device < y->device ? -1 : x->device > y->device;
}

/* Keeps `wanted` of them, each as likely as any other, in the order of the fleet. A rank of 64 bits
 * is never drawn twice in practice; if it were, the sort of equals could tell machines apart, and
 * no more. */
static void thin_out(const run *r, candidates *all, uint32_t wanted) {
    for (uint32_t i = 0; i < all->count; i++) {
        candidate *c = &all->items[i];
        uint64_t id = (uint64_t)r->campaigns << 32 |
                      (fleet_street_first_device(r->streets[c->street]) + c->device);
        sim_stream stream =
            sim_stream_for(r->shared.seed, SIM_PURPOSE_SELECTION, UINT64_C(1) << 63 | id);
        c->rank = sim_stream_next(&stream);
    }
    qsort(all->items, all->count, sizeof *all->items, by_rank);
    qsort(all->items, wanted, sizeof *all->items, by_place);
    all->count = wanted;
}

/* What keeps one of them from misbehaving so, in words. */
static int check(const run *r, const candidates *all, const fleet_injection_order *o,
                 record_anomaly kind, char *why, size_t size) {
    if (all->count == 0 || all->count < o->devices) {
        (void)snprintf(why, size, "%s are selected and %s wanted: select more",
                       JUDGE_OF(all->count, "device"),
                       JUDGE_COUNT(o->devices > 0 ? o->devices : 1));
        return SIM_ERANGE;
    }
    for (uint32_t i = 0; i < all->count; i++) {
        const candidate *c = &all->items[i];
        char text[RUN_WHY];
        const char *lacks =
            fleet_street_lacks(r->streets[c->street], c->device, kind, text, sizeof text);
        if (lacks == NULL) continue;
        (void)snprintf(why, size, "%s: %s", record_anomaly_word(kind), lacks);
        return SIM_ERANGE;
    }
    return 0;
}

static int more_truth(run *r, uint32_t more) {
    size_t room = r->injection_count + more;
    record_injection *rows = sim_realloc(r->injections, room * sizeof *rows);
    if (rows == NULL) return SIM_ENOMEM;
    r->injections = rows;
    return 0;
}

static int order_all(run *r, const candidates *all, const dev_anomaly_order *m) {
    int error = more_truth(r, all->count);
    for (uint32_t i = 0; error == 0 && i < all->count; i++) {
        fleet_street *s = r->streets[all->items[i].street];
        uint32_t device = all->items[i].device;
        error = fleet_street_inject(s, r->now, device, m);
        if (error != 0) break;
        r->injections[r->injection_count++] =
            (record_injection){.from = m->from,
                               .to = m->to,
                               .ramp = m->ramp,
                               .device = fleet_street_first_device(s) + device,
                               .campaign = m->campaign,
                               .kind = (uint8_t)m->kind};
    }
    return error;
}

static int tell(run *r, const dev_anomaly_order *m, uint32_t devices) {
    char line[RUN_STORY_TEXT], time[24];
    char begin[40] = "";
    char end[40] = "to the end";
    if (m->from > r->now)
        (void)snprintf(begin, sizeof begin, "in %s ",
                       sim_time_text(m->from - r->now, time, sizeof time));
    if (m->to != SIM_NEVER)
        (void)snprintf(end, sizeof end, "for %s",
                       sim_time_text(m->to - m->from, time, sizeof time));
    (void)snprintf(line, sizeof line, "campaign %" PRIu32 ": %s, %s, %s%s, strength %g",
                   m->campaign, record_anomaly_word(m->kind), JUDGE_OF(devices, "device"), begin,
                   end, m->strength);
    return run_add_line(r, line);
}

int run_inject(run *r, const fleet_selection *s, const void *order, char *why, size_t size) {
    fleet_injection_order few = *(const fleet_injection_order *)order;
    const fleet_injection_order *o = &few;
    record_anomaly kind;
    candidates all = {NULL, 0};
    SIM_PROMISE(record_anomaly_named(fleet_injection_kinds[o->kind], &kind) == 0);
    SIM_PROMISE(dev_anomaly_is_possible(kind));
    if (kind == RECORD_ANOMALY_CLONE && run_is_real(r)) {
        (void)snprintf(why, size, "a clone works on the built-in cloud only, not on a target");
        return SIM_ESTATE;
    }
    int error = find(r, s, &all);
    if (r->small_world && all.count < few.devices) few.devices = all.count;
    if (error == 0) error = check(r, &all, o, kind, why, size);
    if (error == 0) {
        r->campaigns++;
        if (o->devices > 0) thin_out(r, &all, o->devices);
        sim_time from = sim_time_add(r->now, o->after);
        dev_anomaly_order m = {.kind = kind,
                               .from = from,
                               .to = sim_time_add(from, o->lasting),
                               .ramp = o->ramp,
                               .strength = o->strength,
                               .campaign = r->campaigns};
        error = order_all(r, &all, &m);
        if (error == 0) error = tell(r, &m, all.count);
    }
    sim_free(all.items);
    return error;
}

const record_injection *run_injections(const run *r, size_t *count) {
    *count = r->injection_count;
    return r->injections;
}

void run_close_injections(run *r) {
    size_t kept = 0;
    for (size_t i = 0; i < r->injection_count; i++) {
        record_injection row = r->injections[i];
        row.to = sim_time_min(row.to, r->now);
        if (row.from < row.to) r->injections[kept++] = row;
    }
    r->injection_count = kept;
}
