/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/core/crew.h - a fixed crew of threads that do one thing to every shard and meet again. Item i always
 * goes to member i mod size, so that a shard's memory stays with its thread. */
#ifndef SIM_CORE_CREW_H
#define SIM_CORE_CREW_H

#include <stdint.h>

#include "sim/core/error.h"

typedef struct sim_crew sim_crew;
typedef void sim_crew_job(void *context, uint32_t item);

/* `size` 1..256 members, the caller being one of them (size 1 starts no thread). NULL when threads or memory
 * are short. */
sim_crew *sim_crew_new(uint32_t size);
void sim_crew_free(sim_crew *c); /* NULL is fine; joins the threads */
uint32_t sim_crew_size(const sim_crew *c);
/* Calls job(context, i) for i = 0 .. items-1, a member's items in rising order, and returns when all are
 * done; everything the jobs wrote is visible. Not to be called from a job. */
void sim_crew_run(sim_crew *c, uint32_t items, sim_crew_job *job, void *context);

#endif
