/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/shard.h"

#include <stddef.h>

void sim_shard_init(sim_shard *s, uint32_t index, sim_handler *handle, void *context) {
    *s = (sim_shard){.index = index, .handle = handle, .context = context};
    sim_queue_init(&s->queue);
    sim_fingerprint_init(&s->fingerprint);
}

void sim_shard_deinit(sim_shard *s) {
    sim_queue_deinit(&s->queue);
    *s = (sim_shard){0};
}

int sim_shard_post(sim_shard *s, const sim_event *e) {
    SIM_PROMISE(e->key.at >= s->now && e->key.at != SIM_NEVER);
    return sim_queue_push(&s->queue, e);
}

/* Everything about an event but its payload, which may be a pointer and differ from run to run. */
static void note(sim_fingerprint *f, const sim_event *e) {
    sim_fingerprint_word(f, (uint64_t)e->key.at);
    sim_fingerprint_word(f, (uint64_t)e->key.lane << 32 | e->key.source);
    sim_fingerprint_word(f, e->key.sequence);
    sim_fingerprint_word(f, (uint64_t)(e->kind + e->detail) << 32 | e->target);
}

int sim_shard_step(sim_shard *s, sim_time until) {
    SIM_PROMISE(until >= s->now);
    while (sim_shard_next(s) < until) {
        sim_event e; /* a copy: the handler may push, which moves the queue's memory */
        sim_queue_pop(&s->queue, &e);
        SIM_PROMISE(e.key.at >= s->now); /* who pushes into the queue directly is caught here */
        s->now = e.key.at;
        s->handled++;
        note(&s->fingerprint, &e);
        int error = s->handle(s->context, s, &e);
        if (error != 0) return error;
    }
    s->now = until;
    return 0;
}

sim_time sim_shard_next(const sim_shard *s) {
    const sim_event *head = sim_queue_head(&s->queue);
    return head == NULL ? SIM_NEVER : head->key.at;
}
