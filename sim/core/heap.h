/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/core/heap.h - every allocation of ours, and of the protocol libraries, goes through here:
 * counted, and made to fail on purpose by the tests. A tally per thread, with no locked instruction
 * on the way; the asker adds them up. */
#ifndef SIM_CORE_HEAP_H
#define SIM_CORE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As their C namesakes (sim_realloc(p, 0) frees p and gives NULL); NULL when there is no memory or
 * the failing test says so. Memory from one is freed by the other family members, on any thread.
 * sim_free(NULL) does nothing. */
void *sim_malloc(size_t size);
void *sim_calloc(size_t count, size_t size);
void *sim_realloc(void *p, size_t size);
void sim_free(void *p);
char *sim_strdup(const char *text);
/* A list with room for one item more: `items` itself (NULL: an empty one) while count < *room, else
 * one that is half as large again, moved, with *room set. NULL when there is no memory: `items`
 * stays as it is. */
void *sim_more(void *items, size_t count, size_t *room, size_t size);

/* Live bytes (as the allocator rounds them) and live blocks over all threads that ever allocated.
 * Exact when no other thread is allocating, e.g. between windows. */
typedef struct sim_heap_use {
    int64_t bytes;
    int64_t blocks;
} sim_heap_use;
sim_heap_use sim_heap_in_use(void);

/* How often this thread has got NULL from one of the above for want of memory. Before and after a
 * call of a library that does not tell it from other errors. */
uint64_t sim_heap_refusals(void);

/* Test hook, this thread only: allocation number `after` + 1 from now fails; with `for_good` all
 * later ones too. sim_heap_fail_never ends it and says whether a failure happened. */
void sim_heap_fail(long after, bool for_good);
bool sim_heap_fail_never(void);

#endif
