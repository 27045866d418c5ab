/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/heap.h"

#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/error.h"

/* What one thread allocated minus what it freed (negative for a thread that frees what others
 * made). Only its thread writes, so a relaxed load and store suffice: two plain moves, no locked
 * instruction. When the thread ends, the tally stays in the list with its figures and the next new
 * thread goes on with it: the list is as long as most threads ever ran at once. */
typedef struct tally {
    _Atomic int64_t bytes;
    _Atomic int64_t blocks;
    struct tally *next;
    bool taken;
    char apart[39];
} tally;

enum { CACHE_LINE = 64 };
_Static_assert(sizeof(tally) == CACHE_LINE, "each thread writes its own cache line");

/* Of threads that found no memory for their own: they add with locked instructions. */
static tally spill = {.taken = true};
static tally *tallies = &spill;
static pthread_mutex_t tallies_lock = PTHREAD_MUTEX_INITIALIZER; /* guards the list and `taken` */
static pthread_once_t key_once = PTHREAD_ONCE_INIT;
static pthread_key_t key;         /* only for its destructor, which runs when a thread ends */
static _Thread_local tally *mine; /* NULL: not found yet, or the spill */

static void return_tally(void *t) {
    pthread_mutex_lock(&tallies_lock);
    ((tally *)t)->taken = false;
    pthread_mutex_unlock(&tallies_lock);
    mine = NULL; /* a later destructor of this thread may free through us: it takes a tally anew */
}

static void make_key(void) {
    /* fails only in a program with 1,024 keys */
    SIM_PROMISE(pthread_key_create(&key, return_tally) == 0);
}

static tally *take_tally(void) {
    tally *t = tallies;
    while (t != NULL && t->taken) t = t->next;
    if (t != NULL) return t;
    t = aligned_alloc(CACHE_LINE, sizeof *t);
    if (t == NULL) return &spill;
    memset(t, 0, sizeof *t);
    t->next = tallies;
    tallies = t;
    return t;
}

static tally *find_tally(void) {
    pthread_once(&key_once, make_key);
    pthread_mutex_lock(&tallies_lock);
    tally *t = take_tally();
    t->taken = true;
    pthread_mutex_unlock(&tallies_lock);
    if (t == &spill) return t; /* and the next time we look again */
    /* should it fail, the tally stays taken: harmless */
    pthread_setspecific(key, t);
    mine = t;
    return t;
}

static void add(tally *t, int64_t bytes, int64_t blocks) {
    int64_t had_bytes = atomic_load_explicit(&t->bytes, memory_order_relaxed);
    int64_t had_blocks = atomic_load_explicit(&t->blocks, memory_order_relaxed);
    atomic_store_explicit(&t->bytes, had_bytes + bytes, memory_order_relaxed);
    atomic_store_explicit(&t->blocks, had_blocks + blocks, memory_order_relaxed);
}

/* Apart, so that what each allocation does is a few instructions. */
__attribute__((cold, noinline)) static void count_first(int64_t bytes, int64_t blocks) {
    tally *t = find_tally();
    if (t != &spill) {
        add(t, bytes, blocks);
        return;
    }
    atomic_fetch_add_explicit(&t->bytes, bytes, memory_order_relaxed);
    atomic_fetch_add_explicit(&t->blocks, blocks, memory_order_relaxed);
}

static void count(int64_t bytes, int64_t blocks) {
    if (mine != NULL)
        add(mine, bytes, blocks);
    else
        count_first(bytes, blocks);
}

sim_heap_use sim_heap_in_use(void) {
    sim_heap_use use = {0, 0};
    pthread_mutex_lock(&tallies_lock);
    for (tally *t = tallies; t != NULL; t = t->next) {
        use.bytes += atomic_load_explicit(&t->bytes, memory_order_relaxed);
        use.blocks += atomic_load_explicit(&t->blocks, memory_order_relaxed);
    }
    pthread_mutex_unlock(&tallies_lock);
    return use;
}

static _Thread_local struct {
    bool armed, for_good, happened;
    long after;
} failing;

void sim_heap_fail(long after, bool for_good) {
    failing.armed = true;
    failing.for_good = for_good;
    failing.happened = false;
    failing.after = after;
}

bool sim_heap_fail_never(void) {
    failing.armed = false;
    return failing.happened;
}

static bool fails_now(void) {
    if (!failing.armed || failing.after-- > 0) return false;
    failing.after = 0;
    failing.happened = true;
    failing.armed = failing.for_good;
    return true;
}

static _Thread_local uint64_t refusals;

uint64_t sim_heap_refusals(void) {
    return refusals;
}

static void *counted(void *p) {
    if (p != NULL)
        count((int64_t)malloc_usable_size(p), 1);
    else
        refusals++;
    return p;
}

void *sim_malloc(size_t size) {
    return counted(fails_now() ? NULL : malloc(size));
}

void *sim_calloc(size_t number, size_t size) {
    return counted(fails_now() ? NULL : calloc(number, size));
}

void *sim_realloc(void *p, size_t size) {
    if (p == NULL) return sim_malloc(size);
    if (size == 0) {
        sim_free(p);
        return NULL;
    }
    int64_t before = (int64_t)malloc_usable_size(p);
    void *moved = fails_now() ? NULL : realloc(p, size);
    if (moved != NULL)
        count((int64_t)malloc_usable_size(moved) - before, 0);
    else
        refusals++;
    return moved;
}

void sim_free(void *p) {
    if (p == NULL) return;
    count(-(int64_t)malloc_usable_size(p), -1);
    free(p);
}

char *sim_strdup(const char *text) {
    size_t n = strlen(text) + 1;
    char *copy = sim_malloc(n);
    return copy == NULL ? NULL : memcpy(copy, text, n);
}

void *sim_more(void *items, size_t count, size_t *room, size_t size) {
    if (count < *room) return items;
    size_t larger = *room + *room / 2 + 64;
    if (larger > SIZE_MAX / size) return NULL;
    void *moved = sim_realloc(items, larger * size);
    if (moved != NULL) *room = larger;
    return moved;
}
