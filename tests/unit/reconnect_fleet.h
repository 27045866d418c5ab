/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/reconnect_fleet.h - attempts as the cloud's edge sees them, of a fleet that follows a
 * law, or a mistake in one. For tests: each is one file, so the functions are static inline. */
#ifndef TESTS_RECONNECT_FLEET_H
#define TESTS_RECONNECT_FLEET_H

#include <math.h>

#include "devices/law.h"
#include "sim/record/attempt.h"
#include "tests/unit/with_cmocka.h"

enum { RECONNECT_FLEET_DEVICES = 400, RECONNECT_FLEET_ATTEMPTS = 100, RECONNECT_FLEET_TRIGGER = 2 };
static const sim_time reconnect_fleet_began = 5 * SIM_HOUR;

/* How a fleet meets a cloud that refuses it for a while. */
typedef struct reconnect_fleet {
    dev_law law;
    double width;    /* seconds over which its first attempts lie, besides the law */
    double time_out; /* seconds: attempts are not answered, and given up after so long */
    bool one_seed;   /* all draw the same */
    bool trapped;    /* all are let in and closed after 50 ms, instead of refused */
    bool silent;     /* half of them stop after five attempts */
    double capacity;
    bool strict; /* it may not need more than five attempts a device */
    double away; /* seconds without service; 0: twenty minutes */
} reconnect_fleet;

static inline void reconnect_fleet_add(record_attempts *a, sim_time at, uint32_t device,
                                       uint32_t number, record_outcome outcome) {
    record_attempt attempt = {
        .at = at,
        .latency = outcome == RECORD_OUTCOME_DROPPED ? SIM_NEVER : SIM_SECOND / 20,
        .device = device,
        .number = number,
        .trigger = RECONNECT_FLEET_TRIGGER,
        .outcome = (uint8_t)outcome};
    size_t index;
    assert_int_equal(record_attempts_add(a, &attempt, &index), 0);
}

static inline sim_time reconnect_fleet_noise(sim_stream *s) {
    return sim_time_from_seconds(fabs(0.005 * sim_stream_normal(s)));
}

/* One device, until it is back or an hour is over. */
static inline void reconnect_fleet_live_one(record_attempts *a, const reconnect_fleet *f,
                                            uint32_t device, uint64_t seed) {
    sim_stream own = sim_stream_for(seed, SIM_PURPOSE_LAW, f->one_seed ? 0 : device),
               other = sim_stream_for(seed, SIM_PURPOSE_SELECTION, device);
    sim_time pauses[RECONNECT_FLEET_ATTEMPTS],
        at = reconnect_fleet_began + sim_time_from_seconds(f->width * sim_stream_unit(&other));
    dev_law_draw(&f->law, device, &own, pauses, RECONNECT_FLEET_ATTEMPTS);
    for (uint32_t k = 0; k < RECONNECT_FLEET_ATTEMPTS && pauses[k] != SIM_NEVER; k++) {
        if (f->silent && device % 2 == 0 && k == 5) return;
        at += pauses[k] + reconnect_fleet_noise(&other);
        bool in = at - reconnect_fleet_began >= sim_time_from_seconds(f->away > 0 ? f->away : 1200);
        record_outcome out = in || f->trapped  ? RECORD_OUTCOME_ONLINE
                             : f->time_out > 0 ? RECORD_OUTCOME_DROPPED
                                               : RECORD_OUTCOME_REFUSED;
        reconnect_fleet_add(a, at, device, k + 1, out);
        if (in) return;
        at += f->time_out > 0 ? sim_time_from_seconds(f->time_out) : SIM_SECOND / 20;
    }
}

/* All of them, into a new list that the caller ends. */
static inline void reconnect_fleet_live(record_attempts *a, const reconnect_fleet *f,
                                        uint64_t seed) {
    record_attempts_init(a);
    for (uint32_t d = 0; d < RECONNECT_FLEET_DEVICES; d++) reconnect_fleet_live_one(a, f, d, seed);
    record_attempts_sort(a);
}

#endif
