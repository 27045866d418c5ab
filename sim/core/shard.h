/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/core/shard.h - the part of a fleet that one thread owns at a time: a clock and a queue. Both
 * worlds call sim_shard_step; they differ only in what they do between two steps. */
#ifndef SIM_CORE_SHARD_H
#define SIM_CORE_SHARD_H

#include <stdint.h>

#include "sim/core/fingerprint.h"
#include "sim/core/queue.h"
#include "sim/core/time.h"

typedef struct sim_shard sim_shard;
/* Handles one event; returns 0 or an error that ends the run. */
typedef int sim_handler(void *context, sim_shard *shard, const sim_event *event);

struct sim_shard {
    uint32_t index;
    sim_time now; /* time of the event in hand, or of the last step's end */
    sim_queue queue;
    uint64_t handled; /* events so far, also one that failed */
    /* Of key, kind, detail and target of every event handled. Payloads may be pointers: what they
     * stand for is the handler's to add. */
    sim_fingerprint fingerprint;
    sim_handler *handle;
    void *context;
};

void sim_shard_init(sim_shard *s, uint32_t index, sim_handler *handle, void *context);
void sim_shard_deinit(sim_shard *s);
/* Queues an event; it must lie neither in the past nor at SIM_NEVER (promise); the current instant
 * is fine. SIM_ENOMEM. */
SIM_MUST_USE int sim_shard_post(sim_shard *s, const sim_event *e);
/* Handles, in key order, every event with a time before `until` (also those that arise meanwhile),
 * then sets the clock to `until`. `until` is not before the clock (promise). Returns 0 or the first
 * handler's error (the clock then stands at the failed event). */
SIM_MUST_USE int sim_shard_step(sim_shard *s, sim_time until);
/* Time of the earliest event; SIM_NEVER when there is none. */
sim_time sim_shard_next(const sim_shard *s);

#endif
