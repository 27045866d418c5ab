/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/read/clients.h"

#include "sim/core/heap.h"

/* Ends of what is there, the first on top. */
typedef struct ends {
    sim_time *items;
    size_t count;
} ends;

static void swap(sim_time *a, sim_time *b) {
    sim_time kept = *a;
    *a = *b;
    *b = kept;
}

static void push(ends *e, sim_time end) {
    size_t at = e->count++;
    for (e->items[at] = end; at > 0 && e->items[at] < e->items[(at - 1) / 2]; at = (at - 1) / 2)
        swap(&e->items[at], &e->items[(at - 1) / 2]);
}

static void pop(ends *e) {
    size_t at = 0;
    e->items[0] = e->items[--e->count];
    for (;;) {
        size_t least = at, left = 2 * at + 1;
        for (size_t i = left; i < left + 2 && i < e->count; i++)
            if (e->items[i] < e->items[least]) least = i;
        if (least == at) return;
        swap(&e->items[at], &e->items[least]);
        at = least;
    }
}

/* The most that are there at one time, of the attempts in `order`. */
static uint32_t most(const record_attempt *items, const uint32_t *order, size_t count,
                     sim_time *scratch) {
    ends e = {scratch, 0};
    uint32_t found = 1;
    for (size_t i = 0; i < count; i++) {
        const record_attempt *a = &items[order[i]];
        while (e.count > 0 && e.items[0] <= a->at) pop(&e);
        push(&e, a->at + (sim_time)a->number * SIM_MILLISECOND);
        if (e.count > found) found = (uint32_t)e.count;
    }
    return found;
}

int read_clients_count(read_log *log) {
    const record_attempt *items = log->attempts.items;
    size_t n = log->attempts.count, devices = log->devices.count;
    uint32_t *clients = sim_calloc(devices + 1, sizeof *clients),
             *starts = sim_calloc(devices + 2, sizeof *starts),
             *order = sim_malloc((n + 1) * sizeof *order);
    sim_time *scratch = sim_malloc((n + 1) * sizeof *scratch);
    bool whole = clients != NULL && starts != NULL && order != NULL && scratch != NULL;
    for (size_t i = 0; whole && i < n; i++) starts[items[i].device + 2]++;
    for (size_t d = 2; whole && d < devices + 2; d++) starts[d] += starts[d - 1];
    for (size_t i = 0; whole && i < n; i++) order[starts[items[i].device + 1]++] = (uint32_t)i;
    for (size_t d = 0; whole && d < devices; d++)
        clients[d] = most(items, order + starts[d], starts[d + 1] - starts[d], scratch);
    sim_free(starts);
    sim_free(order);
    sim_free(scratch);
    if (!whole) sim_free(clients);
    if (!whole) return SIM_ENOMEM;
    sim_free(log->clients);
    log->clients = clients;
    return 0;
}
