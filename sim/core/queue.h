/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/core/queue.h - events in one total order: time, lane, source, that source's own sequence
 * number.
 *
 * The key of an event is the same with one shard or sixteen, so the order is the same; a counter
 * per thread would tie the result to the number of cores. A 4-ary heap of 40-byte events. */
#ifndef SIM_CORE_QUEUE_H
#define SIM_CORE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/error.h"
#include "sim/core/time.h"

/* At one instant, what the scenario does comes first (its events sit on the border between two
 * windows of the run), then what the network brings, then timers: a reply that arrives in the very
 * nanosecond of its time-out still counts. */
enum sim_lane { SIM_LANE_SCENARIO = 0, SIM_LANE_NETWORK = 1, SIM_LANE_TIMER = 2 };

typedef struct sim_key {
    sim_time at;
    uint32_t lane;
    uint32_t source;   /* device or hop that made the event */
    uint64_t sequence; /* counts up per source */
} sim_key;

typedef struct sim_event {
    sim_key key;
    uint16_t kind; /* meaning belongs to the layer that handles it */
    /* What else there is to say of that kind (which way): the fingerprint covers kind + detail, so
     * the layer sees to it that no sum is another kind. */
    uint16_t detail;
    uint32_t target;  /* device, home or hop, by index */
    uint64_t payload; /* a handle or a pointer that the handler's layer owns */
} sim_event;

int sim_key_compare(const sim_key *a, const sim_key *b); /* <0, 0, >0 */

typedef struct sim_queue {
    sim_event *events;
    size_t count;
    size_t capacity;
} sim_queue;

void sim_queue_init(sim_queue *q); /* empty; allocates nothing */
void sim_queue_deinit(sim_queue *q);
SIM_MUST_USE int sim_queue_reserve(sim_queue *q, size_t capacity); /* SIM_ENOMEM */
SIM_MUST_USE int sim_queue_push(sim_queue *q, const sim_event *e); /* SIM_ENOMEM: not pushed */
/* NULL when empty; valid until the next push or pop */
const sim_event *sim_queue_head(const sim_queue *q);
bool sim_queue_pop(sim_queue *q, sim_event *out); /* false when empty */

/* A deadline that its owner may move at will without cancelling anything: at most one queued event
 * is believed. */
typedef struct sim_timer {
    sim_time due;    /* SIM_NEVER: not set */
    sim_time queued; /* time of the event in the queue that will be believed; SIM_NEVER: none */
    /* Time of one more event in the queue, believed after that one; SIM_NEVER: none. Without it an
     * alarm that goes near and far by turns (retransmission, idle time-out) would leave a far event
     * behind each time. */
    sim_time later;
} sim_timer;

void sim_timer_init(sim_timer *a);
/* Moves the deadline to `due` (or SIM_NEVER). `like` gives kind, target, payload, lane and source;
 * its time is overwritten and its sequence taken from *sequence, which counts up when an event is
 * queued. `due` must not lie before the clock of the shard that owns the queue (sim_shard_step
 * checks). SIM_ENOMEM: the alarm stays as it was. */
SIM_MUST_USE int sim_timer_set(sim_timer *a, sim_queue *q, sim_time due, const sim_event *like,
                               uint64_t *sequence);
/* Called with an event that was queued for this alarm: true when the deadline has come (and is then
 * unset); otherwise queues what is still to come, and *error says whether that worked (0 or
 * SIM_ENOMEM: the alarm is unset). */
bool sim_timer_rings(sim_timer *a, sim_queue *q, const sim_event *e, uint64_t *sequence,
                     int *error);

#endif
