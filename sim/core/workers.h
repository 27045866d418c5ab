/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/core/workers.h - a fixed number of threads that do one thing to every shard and meet again.
 * Item i always goes to member i mod size, so that a shard's memory stays with its thread. */
#ifndef SIM_CORE_WORKERS_H
#define SIM_CORE_WORKERS_H

#include <stdint.h>

#include "sim/core/error.h"

typedef struct sim_workers sim_workers;
typedef void sim_workers_job(void *context, uint32_t item);

/* `size` 1..256 members, the caller being one of them (size 1 starts no thread). NULL when threads
 * or memory are short. */
sim_workers *sim_workers_new(uint32_t size);
void sim_workers_free(sim_workers *c); /* NULL is fine; joins the threads */
uint32_t sim_workers_size(const sim_workers *c);
/* Calls job(context, i) for i = 0 .. items-1, a member's items in rising order, and returns when
 * all are done; everything the jobs wrote is visible. Not to be called from a job. */
void sim_workers_run(sim_workers *c, uint32_t items, sim_workers_job *job, void *context);

/* Where members lose time to each other, counted and not timed. */
typedef struct sim_workers_count {
    uint64_t shared, alone; /* calls of sim_workers_run: by all members, by the caller alone */
    uint64_t looks;         /* of the caller, done with its own share, while others were not */
    uint64_t sleeps;        /* of members that had looked in vain, the caller's included */
} sim_workers_count;
sim_workers_count sim_workers_counted(sim_workers *c); /* not to be called from a job */

#endif
