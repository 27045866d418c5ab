/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/record/attempt.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/heap.h"

const char *record_outcome_word(record_outcome outcome) {
    switch (outcome) {
#define RECORD_OUTCOME_CASE(name, word) \
    case RECORD_OUTCOME_##name:         \
        return word;
        RECORD_OUTCOME_MAP(RECORD_OUTCOME_CASE)
#undef RECORD_OUTCOME_CASE
        case RECORD_OUTCOMES:
            break;
    }
    return "?";
}

void record_attempts_init(record_attempts *a) {
    *a = (record_attempts){0};
}

void record_attempts_deinit(record_attempts *a) {
    sim_free(a->items);
    record_attempts_init(a);
}

static int attempts_reserve(record_attempts *a, size_t wanted) {
    if (wanted <= a->capacity) return 0;
    size_t capacity = a->capacity < 64 ? 64 : a->capacity;
    while (capacity < wanted) capacity += capacity / 2;
    record_attempt *items = sim_realloc(a->items, capacity * sizeof *items);
    if (items == NULL) return SIM_ENOMEM;
    a->items = items;
    a->capacity = capacity;
    return 0;
}

int record_attempts_add(record_attempts *a, const record_attempt *attempt, size_t *index) {
    int error = attempts_reserve(a, a->count + 1);
    if (error != 0) return error;
    *index = a->count;
    a->items[a->count++] = *attempt;
    return 0;
}

int record_attempts_append(record_attempts *into, const record_attempts *from) {
    if (from->count == 0) return 0;
    int error = attempts_reserve(into, into->count + from->count);
    if (error != 0) return error;
    memcpy(into->items + into->count, from->items, from->count * sizeof *from->items);
    into->count += from->count;
    return 0;
}

static int attempt_order(const void *left, const void *right) {
    const record_attempt *a = left;
    const record_attempt *b = right;
    if (a->at != b->at) return a->at < b->at ? -1 : 1;
    if (a->device != b->device) return a->device < b->device ? -1 : 1;
    if (a->number != b->number) return a->number < b->number ? -1 : 1;
    return 0;
}

static void sort_few(record_attempt *items, size_t count) {
    if (count > 1) qsort(items, count, sizeof *items, attempt_order);
}

static uint8_t byte_of(const record_attempt *a, int shift) {
    return (uint8_t)((uint64_t)a->at >> shift);
}

/* Puts each into the bucket of its byte, in place; ends[b] is where bucket b ends. */
static void spread(record_attempt *items, size_t count, int shift, size_t *ends) {
    size_t next[256], sizes[256] = {0};
    for (size_t i = 0; i < count; i++) sizes[byte_of(&items[i], shift)]++;
    for (size_t b = 0, at = 0; b < 256; b++) {
        next[b] = at;
        ends[b] = at += sizes[b];
    }
    for (size_t b = 0; b < 256; b++) {
        while (next[b] < ends[b]) {
            uint8_t home = byte_of(&items[next[b]], shift);
            const record_attempt moved = items[next[b]];
            items[next[b]] = items[next[home]];
            items[next[home]++] = moved;
        }
    }
}

/* By the bytes of the time from `shift` down, in place: qsort would take as much memory again
 * (McIlroy, Bostic and McIlroy, "Engineering radix sort", 1993: American flag sort). Times are not
 * negative. */
static void sort_bytes(record_attempt *items, size_t count, int shift) {
    enum { FEW = 64 };
    size_t ends[256];
    if (count <= FEW || shift < 0) {
        sort_few(items, count);
        return;
    }
    spread(items, count, shift, ends);
    for (size_t b = 0, first = 0; b < 256; first = ends[b++])
        if (ends[b] > first) sort_bytes(items + first, ends[b] - first, shift - 8);
}

/* Logs come in order of time as a rule; only those of one moment may stand in any order. True when
 * that was all. */
static bool sort_moments(record_attempt *items, size_t count) {
    for (size_t i = 1; i < count; i++)
        if (items[i].at < items[i - 1].at) return false;
    for (size_t first = 0, i = 1; i <= count; i++) {
        if (i < count && items[i].at == items[first].at) continue;
        sort_few(items + first, i - first);
        first = i;
    }
    return true;
}

void record_attempts_sort(record_attempts *a) {
    if (a->count == 0 || sort_moments(a->items, a->count)) return;
    bool negative = false;
    for (size_t i = 0; i < a->count; i++) negative = negative || a->items[i].at < 0;
    if (negative)
        sort_few(a->items, a->count);
    else
        sort_bytes(a->items, a->count, 56);
}
