/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/workers.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "sim/core/heap.h"

/* Rounds follow each other within microseconds while a run is busy, and a sleep and its wake cost
 * some 30 us. So whoever waits looks this often first (10 to 20 us), but not longer: machines are
 * shared. */
enum { SPINS = 1000 };

typedef struct member {
    sim_workers *all;
    pthread_t thread;
    uint32_t index;
} member;

struct sim_workers {
    uint32_t size;
    /* SPINS; 0 when there are more members than processors: the processor is better given to one
     * that works */
    int spins;
    pthread_mutex_t lock;
    pthread_cond_t start, finish;
    sim_workers_count count; /* `sleeps` is written under the lock, the rest by the caller alone */
    /* The work of this round: written before `round` moves on, read by members after they saw it
     * move. */
    sim_workers_job *job; /* NULL: go home */
    void *context;
    uint32_t items;
    _Atomic uint32_t round;
    char apart[64]; /* members look at `round` while others count `working` down: two cache lines */
    _Atomic uint32_t working;
    member members[]; /* 0 is the caller and has no thread */
};

static void breathe(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static void do_share(sim_workers *c, uint32_t index) {
    for (uint64_t i = index; i < c->items; i += c->size) c->job(c->context, (uint32_t)i);
}

static uint32_t round_after(sim_workers *c, uint32_t seen) {
    for (int i = 0; i < c->spins; i++) {
        uint32_t round = atomic_load_explicit(&c->round, memory_order_acquire);
        if (round != seen) return round;
        breathe();
    }
    pthread_mutex_lock(&c->lock);
    uint32_t round;
    while ((round = atomic_load_explicit(&c->round, memory_order_acquire)) == seen) {
        c->count.sleeps++;
        pthread_cond_wait(&c->start, &c->lock);
    }
    pthread_mutex_unlock(&c->lock);
    return round;
}

static void *serve(void *argument) {
    member *m = argument;
    sim_workers *c = m->all;
    for (uint32_t seen = round_after(c, 0); c->job != NULL; seen = round_after(c, seen)) {
        do_share(c, m->index);
        if (atomic_fetch_sub_explicit(&c->working, 1, memory_order_acq_rel) == 1) {
            pthread_mutex_lock(&c->lock);
            pthread_cond_signal(&c->finish);
            pthread_mutex_unlock(&c->lock);
        }
    }
    return NULL;
}

/* Hands the members (all but the caller) a job. */
static void announce(sim_workers *c, uint32_t items, sim_workers_job *job, void *context) {
    c->job = job;
    c->context = context;
    c->items = items;
    atomic_store_explicit(&c->working, c->size - 1, memory_order_relaxed);
    pthread_mutex_lock(&c->lock);
    atomic_fetch_add_explicit(&c->round, 1, memory_order_release);
    pthread_cond_broadcast(&c->start);
    pthread_mutex_unlock(&c->lock);
}

static void await(sim_workers *c) {
    int looks = 0;
    while (looks < c->spins && atomic_load_explicit(&c->working, memory_order_acquire) != 0) {
        breathe();
        looks++;
    }
    c->count.looks += (uint64_t)looks;
    if (looks < c->spins) return;
    pthread_mutex_lock(&c->lock);
    while (atomic_load_explicit(&c->working, memory_order_acquire) != 0) {
        c->count.sleeps++;
        pthread_cond_wait(&c->finish, &c->lock);
    }
    pthread_mutex_unlock(&c->lock);
}

static int spins_for(uint32_t size) {
    cpu_set_t mine;
    const bool known = sched_getaffinity(0, sizeof mine, &mine) == 0;
    return known && (uint32_t)CPU_COUNT(&mine) >= size ? SPINS : 0;
}

/* Signals are the main thread's business: members are started with all of them blocked. */
static bool start_members(sim_workers *c, uint32_t size) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (c->size = 1; c->size < size; c->size++) {
        member *m = &c->members[c->size];
        *m = (member){.all = c, .index = c->size};
        if (pthread_create(&m->thread, NULL, serve, m) != 0) break;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return c->size == size;
}

sim_workers *sim_workers_new(uint32_t size) {
    SIM_PROMISE(size >= 1 && size <= 256);
    sim_workers *c = sim_calloc(1, sizeof *c + size * sizeof(member));
    if (c == NULL) return NULL;
    c->spins = spins_for(size);
    SIM_PROMISE(pthread_mutex_init(&c->lock, NULL) == 0);
    SIM_PROMISE(pthread_cond_init(&c->start, NULL) == 0);
    SIM_PROMISE(pthread_cond_init(&c->finish, NULL) == 0);
    if (start_members(c, size)) return c;
    sim_workers_free(c);
    return NULL;
}

void sim_workers_free(sim_workers *c) {
    if (c == NULL) return;
    announce(c, 0, NULL, NULL);
    for (uint32_t i = 1; i < c->size; i++) pthread_join(c->members[i].thread, NULL);
    pthread_cond_destroy(&c->finish);
    pthread_cond_destroy(&c->start);
    pthread_mutex_destroy(&c->lock);
    sim_free(c);
}

uint32_t sim_workers_size(const sim_workers *c) {
    return c->size;
}

void sim_workers_run(sim_workers *c, uint32_t items, sim_workers_job *job, void *context) {
    SIM_PROMISE(job != NULL);
    if (items <= 1 || c->size == 1) { /* all of it is the caller's share: wake nobody */
        c->count.alone++;
        for (uint32_t i = 0; i < items; i++) job(context, i);
        return;
    }
    c->count.shared++;
    announce(c, items, job, context);
    do_share(c, 0);
    await(c);
}

sim_workers_count sim_workers_counted(sim_workers *c) {
    pthread_mutex_lock(&c->lock);
    sim_workers_count count = c->count;
    pthread_mutex_unlock(&c->lock);
    return count;
}
