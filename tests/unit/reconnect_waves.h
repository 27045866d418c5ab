/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/reconnect_waves.h - waves of attempts, made by hand: what is measured of them
 * tests/unit/test_reconnect.c says, what is said of them tests/unit/test_sentences.c. For tests:
 * each is one file, so the functions are static inline. */
#ifndef TESTS_RECONNECT_WAVES_H
#define TESTS_RECONNECT_WAVES_H

#include <math.h>
#include <stdlib.h>

#include "sim/core/random.h"
#include "sim/judge/reconnect.h"
#include "tests/unit/with_cmocka.h"

static const sim_time wave_began = 2400 * SIM_SECOND, wave_until = 7200 * SIM_SECOND;

enum { WAVE_TRIGGER = 2 }; /* the trigger that is judged; 1 is another one's */

static inline void wave_add(record_attempts *a, double seconds, uint32_t device, uint32_t number,
                            record_outcome outcome) {
    const sim_time off = sim_time_from_seconds(fabs(seconds)); /* negative: before it began */
    record_attempt attempt = {
        .at = seconds < 0 ? wave_began - off : wave_began + off,
        .latency = outcome == RECORD_OUTCOME_ONLINE ? 50 * SIM_MILLISECOND : SIM_NEVER,
        .device = device,
        .home = device / 4,
        .number = number,
        .trigger = WAVE_TRIGGER,
        .outcome = (uint8_t)outcome};
    size_t index;
    assert_int_equal(record_attempts_add(a, &attempt, &index), 0);
}

/* Every device gets in at its first attempt, uniform over `window` seconds after a start that is
 * uniform over `spread`. */
static inline void wave_add_uniform(record_attempts *a, uint32_t devices, double window,
                                    double spread, sim_stream *s) {
    for (uint32_t d = 0; d < devices; d++)
        wave_add(a, spread * sim_stream_unit(s) + window * sim_stream_unit(s), d, 1,
                 RECORD_OUTCOME_ONLINE);
    record_attempts_sort(a);
}

/* All within half a second, again every `period`; the cloud admits `capacity` a second, the rest is
 * dropped. */
static inline void wave_add_lock_step(record_attempts *a, uint32_t devices, double period,
                                      double capacity, sim_stream *s) {
    double *offset = malloc(devices * sizeof *offset);
    assert_non_null(offset);
    for (uint32_t d = 0; d < devices; d++) offset[d] = 0.5 * sim_stream_unit(s);
    uint32_t first = 0, admitted = (uint32_t)capacity;
    for (uint32_t round = 0; first < devices && round < 400; round++) {
        for (uint32_t d = first; d < devices; d++)
            wave_add(a, offset[d] + period * round, d, round + 1,
                     d < first + admitted ? RECORD_OUTCOME_ONLINE : RECORD_OUTCOME_DROPPED);
        first += admitted;
    }
    free(offset);
    record_attempts_sort(a);
}

static inline judge_reconnect_case wave_case(const record_attempts *a, uint64_t devices,
                                             double capacity) {
    return (judge_reconnect_case){.attempts = a->items,
                                  .count = a->count,
                                  .trigger = WAVE_TRIGGER,
                                  .trigger_name = "return of power",
                                  .began = wave_began,
                                  .until = wave_until,
                                  .devices = devices,
                                  .capacity = capacity,
                                  .declared = "every 10s"};
}

/* A service that accepts and closes a second later, 12 times a device. Pauses grow by `factor`; one
 * attempt in `fails_in` is dropped first (0: none). */
static inline void wave_add_trap(record_attempts *a, uint32_t devices, double factor,
                                 uint32_t fails_in, sim_stream *s) {
    for (uint32_t d = 0; d < devices; d++) {
        double at = 100 * sim_stream_unit(s), pause = 2;
        uint32_t number = 1;
        for (int k = 0; k < 12; k++, pause *= factor) {
            if (fails_in > 0 && sim_stream_below(s, fails_in) == 0) {
                wave_add(a, at, d, number++, RECORD_OUTCOME_DROPPED);
                at += 300; /* far longer than the law's own pauses, and none of its growth */
            }
            wave_add(a, at, d, number++, RECORD_OUTCOME_ONLINE);
            at += 1 + pause * (0.5 + sim_stream_unit(s));
        }
    }
    record_attempts_sort(a);
}

/* ---- one thing about a good wave changes ---- */

static inline void wave_stimulus_never(judge_reconnect_case *c, record_attempts *a) {
    (void)a;
    c->began = SIM_NEVER;
}
static inline void wave_ended_before(judge_reconnect_case *c, record_attempts *a) {
    (void)a;
    c->until = c->began - 1;
}
static inline void wave_ended_never(judge_reconnect_case *c, record_attempts *a) {
    (void)a;
    c->until = SIM_NEVER;
}
static inline void wave_few(judge_reconnect_case *c, record_attempts *a) {
    (void)a;
    c->devices = 49;
}
static inline void wave_nobody(judge_reconnect_case *c, record_attempts *a) {
    (void)a;
    c->devices = 0;
}
static inline void wave_capacity_none(judge_reconnect_case *c, record_attempts *a) {
    (void)a;
    c->capacity = 0;
}
static inline void wave_capacity_nan(judge_reconnect_case *c, record_attempts *a) {
    (void)a;
    c->capacity = NAN;
}
static inline void wave_capacity_infinite(judge_reconnect_case *c, record_attempts *a) {
    (void)a;
    c->capacity = INFINITY;
}
static inline void wave_capacity_negative(judge_reconnect_case *c, record_attempts *a) {
    (void)a;
    c->capacity = -20;
}
static inline void wave_late(judge_reconnect_case *c, record_attempts *a) {
    (void)a;
    c->generator_late = true;
}
static inline void wave_empty(judge_reconnect_case *c, record_attempts *a) {
    (void)a;
    c->count = 0;
    c->attempts = NULL;
}
static inline void wave_other_trigger(judge_reconnect_case *c, record_attempts *a) {
    (void)a;
    c->trigger = 1;
}
static inline void wave_all_before(judge_reconnect_case *c, record_attempts *a) {
    (void)a;
    c->began = 6000 * SIM_SECOND;
}
static inline void wave_all_after(judge_reconnect_case *c, record_attempts *a) {
    for (size_t i = 0; i < a->count; i++) a->items[i].at += 5000 * SIM_SECOND;
    (void)c;
}
static inline void wave_watched_a_minute(judge_reconnect_case *c, record_attempts *a) {
    (void)a;
    c->until = c->began + SIM_MINUTE;
}
static inline void wave_single(judge_reconnect_case *c, record_attempts *a) {
    (void)a;
    c->count = 1;
}
static inline void wave_single_watched_a_minute(judge_reconnect_case *c, record_attempts *a) {
    wave_single(c, a);
    c->until = c->began + SIM_MINUTE;
}
static inline void wave_one_missing(judge_reconnect_case *c, record_attempts *a) {
    (void)a;
    c->devices = 1001;
}
static inline void wave_all_at_once(judge_reconnect_case *c, record_attempts *a) {
    (void)c;
    for (size_t i = 0; i < a->count; i++) a->items[i].at = wave_began;
    record_attempts_sort(a);
}
static inline void wave_all_at_once_with_room(judge_reconnect_case *c, record_attempts *a) {
    wave_all_at_once(c, a);
    c->capacity = 1000;
}
static inline void wave_duplicates(judge_reconnect_case *c, record_attempts *a) {
    (void)c;
    for (size_t i = 0; i < a->count; i++) a->items[i].device = 7;
}
static inline void wave_no_latency(judge_reconnect_case *c, record_attempts *a) {
    (void)c;
    for (size_t i = 0; i < a->count; i++) a->items[i].latency = i % 2 ? SIM_NEVER : -5;
}
static inline void wave_online_after_the_end(judge_reconnect_case *c, record_attempts *a) {
    (void)c;
    for (size_t i = 0; i < a->count; i++) a->items[i].latency = SIM_NEVER - 1;
}
static inline void wave_nameless(judge_reconnect_case *c, record_attempts *a) {
    (void)a;
    c->trigger_name = NULL;
    c->declared = NULL;
}
static inline void wave_slow_cloud(judge_reconnect_case *c, record_attempts *a) {
    (void)a;
    c->capacity = 0.01;
}
static inline void wave_all_refused(judge_reconnect_case *c, record_attempts *a) {
    (void)c;
    for (size_t i = 0; i < a->count; i++) a->items[i].outcome = RECORD_OUTCOME_REFUSED;
}

/* All of a uniform wave at a cloud of 20 a second; what becomes of it is `change`'s. */
static inline void wave_changed(void (*change)(judge_reconnect_case *c, record_attempts *a),
                                record_attempts *a, judge_reconnect_case *c) {
    sim_stream s = sim_stream_for(1, SIM_PURPOSE_CALIBRATION, 0);
    record_attempts_init(a);
    wave_add_uniform(a, 1000, 146, 0, &s);
    *c = wave_case(a, 1000, 20);
    change(c, a);
}

#define BUSIEST(relation) \
    { "busiest second", WAVE_BUSIEST, relation, 20, 1000 }
#define ALL_BACK \
    { "back online", 1, JUDGE_AT_LEAST, 1, 1000 }
#define NONE_BACK \
    { "back online", 0, JUDGE_AT_LEAST, 1, 1000 }
#define NOT_ONE \
    { "attempts per device", 0, JUDGE_NONE, 0, 1000 }
/* Of that wave: attempts in its busiest second, and devices that are back within a minute. */
enum { WAVE_BUSIEST = 17, WAVE_IN_A_MINUTE = 404 };

/* What a measure must be; a row without a name: there is none at all. */
typedef struct wave_measure {
    const char *name;
    double value;
    judge_relation relation;
    double threshold; /* with a relation */
    uint64_t samples;
} wave_measure;

/* A uniform wave of which one thing changes. */
static const struct {
    const char *what;
    void (*change)(judge_reconnect_case *c, record_attempts *a);
    judge_verdict verdict;
    wave_measure shows[2];
} wave_twins[] = {
    {"no stimulus", wave_stimulus_never, JUDGE_INCONCLUSIVE, {{0}}},
    {"ended before", wave_ended_before, JUDGE_INCONCLUSIVE, {{0}}},
    {"ended never", wave_ended_never, JUDGE_INCONCLUSIVE, {{0}}},
    {"few", wave_few, JUDGE_INCONCLUSIVE, {{"back online", 1, JUDGE_AT_LEAST, 1, 49}}},
    {"nobody", wave_nobody, JUDGE_INCONCLUSIVE, {{"back online", NAN, JUDGE_NONE, 0, 0}}},
    {"no capacity", wave_capacity_none, JUDGE_INCONCLUSIVE, {BUSIEST(JUDGE_NONE)}},
    {"capacity NaN", wave_capacity_nan, JUDGE_INCONCLUSIVE, {BUSIEST(JUDGE_NONE)}},
    {"capacity infinite", wave_capacity_infinite, JUDGE_INCONCLUSIVE, {BUSIEST(JUDGE_NONE)}},
    {"capacity negative", wave_capacity_negative, JUDGE_INCONCLUSIVE, {BUSIEST(JUDGE_NONE)}},
    /* nothing is wrong with what was measured, and all of it was */
    {"late", wave_late, JUDGE_INCONCLUSIVE, {BUSIEST(JUDGE_AT_MOST), ALL_BACK}},
    {"empty", wave_empty, JUDGE_INCONCLUSIVE, {NOT_ONE}},
    {"other trigger", wave_other_trigger, JUDGE_INCONCLUSIVE, {NOT_ONE}},
    {"all before", wave_all_before, JUDGE_INCONCLUSIVE, {NOT_ONE}},
    {"all after", wave_all_after, JUDGE_INCONCLUSIVE, {NOT_ONE}},
    {"a minute",
     wave_watched_a_minute,
     JUDGE_INCONCLUSIVE,
     {{"back online", WAVE_IN_A_MINUTE / 1000., JUDGE_NONE, 0, 1000}}},
    {"single", wave_single, JUDGE_FAIL, {{"back online", 0.001, JUDGE_AT_LEAST, 1, 1000}}},
    {"single, a minute",
     wave_single_watched_a_minute,
     JUDGE_INCONCLUSIVE,
     {{"back online", 0.001, JUDGE_NONE, 0, 1000}}},
    {"one missing",
     wave_one_missing,
     JUDGE_FAIL,
     {{"back online", 1000. / 1001, JUDGE_AT_LEAST, 1, 1001}}},
    {"all at once",
     wave_all_at_once,
     JUDGE_FAIL,
     {{"busiest second", 1000, JUDGE_AT_MOST, 20, 1000},
      {"first attempts within", 0, JUDGE_NONE, 0, 1000}}},
    {"all at once with room",
     wave_all_at_once_with_room,
     JUDGE_PASS,
     {{"busiest second", 1000, JUDGE_AT_MOST, 1000, 1000}}},
    {"duplicates",
     wave_duplicates,
     JUDGE_FAIL,
     {{"attempts per success", 1000, JUDGE_AT_MOST, 5, 1000},
      {"back online", 0.001, JUDGE_AT_LEAST, 1, 1000}}},
    {"no latency",
     wave_no_latency,
     JUDGE_PASS,
     {{"attempts per success", 1, JUDGE_AT_MOST, 5, 1000}, ALL_BACK}},
    {"online after the end", wave_online_after_the_end, JUDGE_FAIL, {NONE_BACK}},
    {"nameless", wave_nameless, JUDGE_PASS, {ALL_BACK}},
    {"slow cloud",
     wave_slow_cloud,
     JUDGE_FAIL,
     {{"busiest second", WAVE_BUSIEST, JUDGE_AT_MOST, 1, 1000}}},
    {"all refused", wave_all_refused, JUDGE_FAIL, {NONE_BACK}},
};
enum { WAVE_TWINS = sizeof wave_twins / sizeof *wave_twins };

/* Of 100 devices every other is turned away once. */
static inline void wave_of_figures(record_attempts *a) {
    record_attempts_init(a);
    for (uint32_t d = 0; d < 100; d++)
        wave_add(a, 10 + d, d, 1, d % 2 == 0 ? RECORD_OUTCOME_ONLINE : RECORD_OUTCOME_BUSY);
    for (uint32_t d = 1; d < 100; d += 2) wave_add(a, 110.5 + d, d, 2, RECORD_OUTCOME_ONLINE);
    record_attempts_sort(a);
}

/* A tenth of the fleet comes in one second, the rest over ten minutes. */
static inline void wave_clumped(record_attempts *a, uint32_t n) {
    uint32_t clump = n / 10;
    record_attempts_init(a);
    for (uint32_t d = 0; d < n; d++)
        wave_add(a, d < clump ? 5 + (double)d / (clump + 1) : 600.0 * (d - clump) / (n - clump), d,
                 1, RECORD_OUTCOME_ONLINE);
    record_attempts_sort(a);
}

/* The last of 100 devices fails at its first attempt and comes again after `second`. */
static inline void wave_with_one_failure(record_attempts *a, record_outcome first, double second) {
    record_attempts_init(a);
    for (uint32_t d = 0; d < 100; d++)
        wave_add(a, 0.01 * d, d, 1, d == 99 ? first : RECORD_OUTCOME_ONLINE);
    wave_add(a, 0.99 + second, 99, 2, RECORD_OUTCOME_ONLINE);
}

/* 19 of 100 devices are turned away, and one comes 71 s later; `turned_away`: it had been, too. */
static inline void wave_with_a_late_one(record_attempts *a, bool turned_away) {
    record_attempts_init(a);
    for (uint32_t d = 0; d < 99; d++)
        wave_add(a, 0.01 * d, d, 1, d < 80 ? RECORD_OUTCOME_ONLINE : RECORD_OUTCOME_DROPPED);
    if (turned_away) wave_add(a, 0.99, 99, 1, RECORD_OUTCOME_DROPPED);
    for (uint32_t d = 80; d < 99; d++) wave_add(a, 3 + 0.01 * d, d, 2, RECORD_OUTCOME_ONLINE);
    wave_add(a, 71, 99, turned_away ? 2 : 1, RECORD_OUTCOME_ONLINE);
}

/* `every` devices together, each lot in its second. */
static inline void wave_in_lots(record_attempts *a, uint32_t every) {
    record_attempts_init(a);
    for (uint32_t d = 0; d < 600; d++) wave_add(a, d / every, d, 1, RECORD_OUTCOME_ONLINE);
}

/* Its last device is online exactly at the end. */
static inline judge_reconnect_case wave_of_51(record_attempts *a) {
    record_attempts_init(a);
    for (uint32_t d = 0; d < 51; d++) wave_add(a, 1 + d, d, 1, RECORD_OUTCOME_ONLINE);
    judge_reconnect_case c = wave_case(a, 51, 5);
    c.until = a->items[50].at + a->items[50].latency;
    return c;
}

#undef BUSIEST
#undef ALL_BACK
#undef NONE_BACK
#undef NOT_ONE

#endif
