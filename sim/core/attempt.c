/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/attempt.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/heap.h"

const char *sim_outcome_word(sim_outcome outcome) {
    switch (outcome) {
#define SIM_OUTCOME_CASE(name, word) \
    case SIM_OUTCOME_##name:         \
        return word;
        SIM_OUTCOME_MAP(SIM_OUTCOME_CASE)
#undef SIM_OUTCOME_CASE
        case SIM_OUTCOMES:
            break;
    }
    return "?";
}

void sim_attempts_init(sim_attempts *a) {
    *a = (sim_attempts){0};
}

void sim_attempts_deinit(sim_attempts *a) {
    sim_free(a->items);
    sim_attempts_init(a);
}

static int attempts_reserve(sim_attempts *a, size_t wanted) {
    if (wanted <= a->capacity) return 0;
    size_t capacity = a->capacity < 64 ? 64 : a->capacity;
    while (capacity < wanted) capacity += capacity / 2;
    sim_attempt *items = sim_realloc(a->items, capacity * sizeof *items);
    if (items == NULL) return SIM_ENOMEM;
    a->items = items;
    a->capacity = capacity;
    return 0;
}

int sim_attempts_add(sim_attempts *a, const sim_attempt *attempt, size_t *index) {
    int error = attempts_reserve(a, a->count + 1);
    if (error != 0) return error;
    *index = a->count;
    a->items[a->count++] = *attempt;
    return 0;
}

int sim_attempts_append(sim_attempts *into, const sim_attempts *from) {
    if (from->count == 0) return 0;
    int error = attempts_reserve(into, into->count + from->count);
    if (error != 0) return error;
    memcpy(into->items + into->count, from->items, from->count * sizeof *from->items);
    into->count += from->count;
    return 0;
}

static int attempt_order(const void *left, const void *right) {
    const sim_attempt *a = left;
    const sim_attempt *b = right;
    if (a->at != b->at) return a->at < b->at ? -1 : 1;
    if (a->device != b->device) return a->device < b->device ? -1 : 1;
    if (a->number != b->number) return a->number < b->number ? -1 : 1;
    return 0;
}

/* Logs come in order of time as a rule; only those of one moment may stand in any order. True when that was all. */
static bool sort_moments(sim_attempt *items, size_t count) {
    for (size_t i = 1; i < count; i++)
        if (items[i].at < items[i - 1].at) return false;
    for (size_t first = 0, i = 1; i <= count; i++) {
        if (i < count && items[i].at == items[first].at) continue;
        if (i - first > 1) qsort(items + first, i - first, sizeof *items, attempt_order);
        first = i;
    }
    return true;
}

void sim_attempts_sort(sim_attempts *a) {
    if (a->count > 1 && !sort_moments(a->items, a->count))
        qsort(a->items, a->count, sizeof *a->items, attempt_order);
}
