/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/queue.h"

#include "sim/core/heap.h"

enum { FIRST_CAPACITY = 16, CHILDREN = 4 };

_Static_assert(sizeof(sim_event) == 40, "a million waiting devices are a million of these");

static bool is_before(const sim_key *a, const sim_key *b) {
    if (a->at != b->at) return a->at < b->at;
    if (a->lane != b->lane) return a->lane < b->lane;
    if (a->source != b->source) return a->source < b->source;
    return a->sequence < b->sequence;
}

int sim_key_compare(const sim_key *a, const sim_key *b) {
    return is_before(b, a) - is_before(a, b);
}

void sim_queue_init(sim_queue *q) {
    *q = (sim_queue){0};
}

void sim_queue_deinit(sim_queue *q) {
    sim_free(q->events);
    *q = (sim_queue){0};
}

int sim_queue_reserve(sim_queue *q, size_t capacity) {
    if (capacity <= q->capacity) return 0;
    if (capacity > SIZE_MAX / sizeof(sim_event)) return SIM_ENOMEM;
    sim_event *events = sim_realloc(q->events, capacity * sizeof(sim_event));
    if (events == NULL) return SIM_ENOMEM;
    q->events = events;
    q->capacity = capacity;
    return 0;
}

int sim_queue_push(sim_queue *q, const sim_event *e) {
    if (q->count == q->capacity) {
        int error = sim_queue_reserve(q, q->capacity == 0 ? FIRST_CAPACITY : 2 * q->capacity);
        if (error != 0) return error;
    }
    size_t hole = q->count++;
    while (hole > 0) {
        size_t parent = (hole - 1) / CHILDREN;
        if (!is_before(&e->key, &q->events[parent].key)) break;
        q->events[hole] = q->events[parent];
        hole = parent;
    }
    q->events[hole] = *e;
    return 0;
}

const sim_event *sim_queue_head(const sim_queue *q) {
    return q->count == 0 ? NULL : &q->events[0];
}

/* The earliest of the children that start at `child`, of `count` events. */
static size_t earliest_child(const sim_event *events, size_t child, size_t count) {
    size_t end = child + CHILDREN < count ? child + CHILDREN : count, best = child;
    for (size_t i = child + 1; i < end; i++)
        if (is_before(&events[i].key, &events[best].key)) best = i;
    return best;
}

bool sim_queue_pop(sim_queue *q, sim_event *out) {
    if (q->count == 0) return false;
    sim_event *events = q->events;
    *out = events[0];
    const sim_event last = events[--q->count];
    size_t hole = 0;
    for (size_t child = 1; child < q->count; child = hole * CHILDREN + 1) {
        size_t best = earliest_child(events, child, q->count);
        if (!is_before(&events[best].key, &last.key)) break;
        events[hole] = events[best];
        hole = best;
    }
    events[hole] = last;
    return true;
}

void sim_timer_init(sim_timer *a) {
    *a = (sim_timer){SIM_NEVER, SIM_NEVER, SIM_NEVER};
}

static int queue_alarm(sim_queue *q, sim_time at, const sim_event *like, uint64_t *sequence) {
    sim_event e = *like;
    e.key.at = at;
    e.key.sequence = *sequence;
    int error = sim_queue_push(q, &e);
    if (error == 0) ++*sequence;
    return error;
}

int sim_timer_set(sim_timer *a, sim_queue *q, sim_time due, const sim_event *like,
                  uint64_t *sequence) {
    if (due < a->queued) { /* else the event that comes first moves on by itself */
        int error = queue_alarm(q, due, like, sequence);
        if (error != 0) return error;
        /* Of two that are left over keep the later in mind: the other is gone the sooner. */
        if (a->later == SIM_NEVER) a->later = a->queued;
        a->queued = due;
    }
    a->due = due;
    return 0;
}

bool sim_timer_rings(sim_timer *a, sim_queue *q, const sim_event *e, uint64_t *sequence,
                     int *error) {
    *error = 0;
    if (e->key.at != a->queued) return false;
    bool rings = a->due <= e->key.at;
    if (rings) a->due = SIM_NEVER;
    if (a->due < a->later) {
        *error = queue_alarm(q, a->due, e, sequence);
        if (*error == 0) {
            a->queued = a->due;
            return false;
        }
        a->due = SIM_NEVER;
    }
    a->queued = a->later;
    a->later = SIM_NEVER;
    return rings;
}
