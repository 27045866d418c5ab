/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-cost: 12 */
/* What lies behind a wave: each pattern is found where it is, and not where it is not. */
#include "sim/judge/pattern.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "devices/law.h"
#include "sim/core/heap.h"
#include "tests/unit/fewer.h"
#include "tests/unit/with_cmocka.h"

enum { DEVICES = 400, ATTEMPTS = 12 };
enum { SEEDS = 40 / TEST_FEWER };

/* Bounds are shares in percent; one seed more or less than they allow is chance. */
static void assert_share(int found, int least, int most) {
    assert_true(100 * (found + 1) >= least * SEEDS);
    assert_true(100 * (found - 1) <= most * SEEDS);
}

static const dev_law orderly = {.kind = DEV_LAW_FULL_JITTER,
                                .initial_window = 40 * SIM_SECOND,
                                .base = SIM_SECOND,
                                .cap = SIM_MINUTE,
                                .factor = 2};
static const dev_law fixed = {.kind = DEV_LAW_FIXED, .base = 10 * SIM_SECOND};
static const judge_declared as_orderly = {&orderly, dev_law_draw};

static const sim_time began = 5 * SIM_HOUR;

static void add(record_attempts *a, sim_time at, uint32_t device, uint32_t number,
                record_outcome outcome) {
    record_attempt attempt = {.at = at,
                              .latency = SIM_SECOND / 20,
                              .device = device,
                              .number = number,
                              .trigger = 3,
                              .outcome = (uint8_t)outcome};
    size_t index;
    assert_int_equal(record_attempts_add(a, &attempt, &index), 0);
}

/* `devices` of them, their generators seeded with one of `seeds` (0: each its own), make `attempts`
 * attempts of which the last succeeds; 20 ms of noise. */
static void make_fleet(record_attempts *a, const dev_law *law, uint32_t devices, uint32_t attempts,
                       uint64_t seeds, uint64_t seed) {
    sim_stream s = sim_stream_for(seed, SIM_PURPOSE_SELECTION, 0);
    record_attempts_init(a);
    for (uint32_t i = 0; i < devices; i++) {
        sim_stream own = sim_stream_for(seed, SIM_PURPOSE_LAW,
                                        seeds == 0 ? i : 1000000 + sim_stream_below(&s, seeds));
        sim_time pauses[ATTEMPTS], at = began;
        dev_law_draw(law, i, &own, pauses, attempts);
        for (uint32_t k = 0; k < attempts; k++) {
            at += pauses[k];
            add(a, at + sim_time_from_seconds(fabs(0.02 * sim_stream_normal(&s))), i, k + 1,
                k + 1 == attempts ? RECORD_OUTCOME_ONLINE : RECORD_OUTCOME_DROPPED);
        }
    }
    record_attempts_sort(a);
}

static judge_reconnect_case case_of(const record_attempts *a) {
    return (judge_reconnect_case){.attempts = a->items,
                                  .count = a->count,
                                  .trigger = 3,
                                  .trigger_name = "power restore",
                                  .began = began,
                                  .until = began + SIM_HOUR,
                                  .devices = DEVICES,
                                  .capacity = 40,
                                  .seed = 1};
}

static judge_pattern pattern_of(const dev_law *law, uint32_t devices, uint32_t attempts,
                                uint64_t seeds, uint64_t seed) {
    record_attempts a;
    judge_pattern p;
    make_fleet(&a, law, devices, attempts, seeds, seed);
    judge_reconnect_case c = case_of(&a);
    c.declared_law = &as_orderly;
    assert_int_equal(judge_pattern_of(&c, &p), 0);
    record_attempts_deinit(&a);
    return p;
}

static void test_first_wave_against_the_declared_law(void **state) {
    (void)state;
    dev_law short_window = orderly;
    short_window.initial_window = 20 * SIM_SECOND;
    int honest = 0, one_seed = 0, few_seeds = 0, halved = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        honest += pattern_of(&orderly, DEVICES, 1, 0, seed).first_wave >= 0.002;
        one_seed += pattern_of(&orderly, DEVICES, 1, 1, seed).first_wave < 0.002;
        few_seeds += pattern_of(&orderly, DEVICES, 1, 16, seed).first_wave < 0.002;
        halved += pattern_of(&short_window, DEVICES, 1, 0, seed).first_wave < 0.002;
    }
    assert_true(honest >= SEEDS - 1);
    assert_int_equal(one_seed, SEEDS);
    assert_int_equal(few_seeds, SEEDS);
    assert_share(halved, 80, 100);
    assert_true(isnan(pattern_of(&orderly, 49, 1, 0, 1).first_wave));
    assert_int_equal(pattern_of(&orderly, 50, 3, 0, 1).first_attempts, 50);
}

/* A window of 80 % of the declared one; and routers that boot at their own pace, which only spread
 * a wave more, whatever the law. */
static void test_width_against_the_declared_law(void **state) {
    (void)state;
    static const struct {
        double window, boot; /* of the declared one; seconds */
        uint32_t devices;
        int least, most;    /* percent of the seeds */
        int least_distance; /* by the distance in both directions at 1 % */
    } rows[] = {
        {1, 0, 50, 0, 1, 0},        {1, 0, 400, 0, 1, 0},         {0.8, 0, 50, 5, 60, 20},
        {0.8, 0, 100, 40, 100, 80}, {0.8, 0, 400, 100, 100, 100}, {1, 20, 400, 0, 0, 100},
        {1, 300, 400, 0, 0, 100},   {0, 0, 400, 100, 100, 100},   {0.8, 2, 400, 90, 100, 100}};
    printf(
        "first attempts, share of the declared window, boot within, devices: too narrow, other "
        "than "
        "declared\n");
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        int narrow = 0, other = 0;
        for (uint64_t seed = 1; seed <= SEEDS; seed++) {
            dev_law law = orderly;
            record_attempts a;
            judge_pattern p;
            sim_stream s = sim_stream_for(seed, SIM_PURPOSE_HOME, 1);
            law.initial_window = (sim_time)(rows[r].window * (double)orderly.initial_window);
            make_fleet(&a, &law, rows[r].devices, 1, 0, seed);
            for (size_t i = 0; i < a.count; i++)
                a.items[i].at += sim_time_from_seconds(rows[r].boot * sim_stream_unit(&s));
            record_attempts_sort(&a);
            judge_reconnect_case c = case_of(&a);
            c.declared_law = &as_orderly;
            assert_int_equal(judge_pattern_of(&c, &p), 0);
            narrow += p.narrower_chance < 0.002;
            other += p.distance_chance < 0.01;
            assert_int_equal(p.compared, rows[r].devices);
            record_attempts_deinit(&a);
        }
        printf("  %.1f  %3.0f s  %3u: %3d, %3d of %d\n", rows[r].window, rows[r].boot,
               rows[r].devices, narrow, other, SEEDS);
        assert_share(narrow, rows[r].least, rows[r].most);
        assert_share(other, rows[r].least_distance, 100);
    }
}

/* Two power cuts; `assigned`: each device has the same place in both. */
static judge_pattern after_two(bool assigned, sim_time window, double boot, uint64_t seed) {
    record_attempts a;
    judge_pattern p;
    record_attempts_init(&a);
    for (uint32_t i = 0; i < DEVICES; i++) {
        sim_stream s = sim_stream_for(seed, SIM_PURPOSE_HOME, i);
        sim_time first = sim_stream_between(&s, 0, window),
                 again = assigned ? first : sim_stream_between(&s, 0, window);
        add(&a, began + first + sim_time_from_seconds(boot * sim_stream_unit(&s)), i, 1,
            RECORD_OUTCOME_ONLINE);
        add(&a, began + SIM_DAY + again + sim_time_from_seconds(boot * sim_stream_unit(&s)), i, 1,
            RECORD_OUTCOME_ONLINE);
        a.items[a.count - 1].trigger = 4;
    }
    record_attempts_sort(&a);
    judge_reconnect_case c = case_of(&a);
    assert_int_equal(judge_pattern_of(&c, &p), 0);
    record_attempts_deinit(&a);
    return p;
}

static void test_places_that_are_assigned(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        assert_true(after_two(true, SIM_MINUTE, 0.2, seed).same_place >= 0.95);
        assert_true(after_two(false, SIM_MINUTE, 0.2, seed).same_place < 0.1);
    }
    assert_true(after_two(true, SIM_MINUTE, 30, 1).same_place < 0.1); /* nobody can see it then */
    assert_int_equal(after_two(true, SIM_MINUTE, 0, 1).placed, DEVICES);
    assert_true(
        /* all at once: no places to tell apart */
        isnan(after_two(true, SIM_SECOND, 0, 1).same_place));
    assert_true(isnan(pattern_of(&orderly, DEVICES, 1, 0, 1).same_place)); /* one trigger alone */
}

static void test_steps(void **state) {
    (void)state;
    judge_pattern herd = pattern_of(&fixed, DEVICES, 8, 0, 1),
                  good = pattern_of(&orderly, DEVICES, 8, 0, 1);
    assert_true(herd.synchrony > 0.99 && good.synchrony < 0.2);
    assert_int_equal(herd.synchronised, DEVICES);
    assert_true(herd.autocorrelation > 0.5 && !(good.autocorrelation > 0.5));
    assert_true(herd.fano > 10 * good.fano);
    assert_int_equal(herd.seconds, 71);
    judge_pattern once = pattern_of(&fixed, DEVICES, 1, 0, 1),
                  few = pattern_of(&fixed, 49, 8, 0, 1);
    assert_true(isnan(once.synchrony) && isnan(once.fano) && isnan(few.synchrony) &&
                isnan(few.twins));
}

static void test_shared_seeds(void **state) {
    (void)state;
    assert_true(pattern_of(&orderly, DEVICES, 8, 256, 1).twins > 0.5);
    assert_true(pattern_of(&orderly, DEVICES, 8, 1, 1).twins > 0.95);
    assert_true(pattern_of(&orderly, DEVICES, 8, 0, 1).twins <= 0.05);
    assert_int_equal(pattern_of(&orderly, DEVICES, 8, 0, 1).with_five, DEVICES);
    assert_true(isnan(pattern_of(&orderly, DEVICES, 5, 1, 1).twins)); /* four pauses */
}

/* Of a large fleet each n-th is looked at; the verdict does not hang on which. */
static void test_large_fleets_are_sampled(void **state) {
    (void)state;
    record_attempts a;
    judge_pattern p;
    make_fleet(&a, &fixed, DEVICES, 8, 0, 1);
    judge_reconnect_case c = case_of(&a);
    c.devices = 79999; /* each fourth */
    assert_int_equal(judge_pattern_of(&c, &p), 0);
    assert_int_equal(p.synchronised, DEVICES / 4);
    assert_true(p.synchrony > 0.99);
    record_attempts_deinit(&a);
}

static const judge_measure *measure(const judge_finding *f, const char *name) {
    for (size_t i = 0; i < f->measure_count; i++)
        if (strcmp(f->measures[i].name, name) == 0) return &f->measures[i];
    return NULL;
}

/* A fleet of which 300 try every second for ever: the cloud of 40 a second is busy with nothing, or
 * it recovers. */
static judge_finding after_an_hour(bool recovers) {
    record_attempts a;
    judge_finding f;
    record_attempts_init(&a);
    for (uint32_t second = 0; second < 3600; second++)
        for (uint32_t i = 0; i < DEVICES; i++) {
            bool online = i < 100 && second == i;
            if (i < 100 && second > i) continue;
            if (i >= 100 && recovers && second > 2000 + i) continue;
            online = online || (i >= 100 && recovers && second == 2000 + i && i < DEVICES - 1);
            add(&a, began + second * SIM_SECOND, i, second + 1,
                online ? RECORD_OUTCOME_ONLINE : RECORD_OUTCOME_DROPPED);
        }
    record_attempts_sort(&a);
    judge_reconnect_case c = case_of(&a);
    judge_reconnect(&c, &judge_reconnect_policy_default, &f);
    record_attempts_deinit(&a);
    return f;
}

static void test_metastable_failure(void **state) {
    (void)state;
    const uint64_t half = 40 * 1200 / 2; /* of what the cloud could take in the last third */
    judge_finding stuck = after_an_hour(false), one_missing = after_an_hour(true);
    assert_int_equal(stuck.verdict, JUDGE_FAIL);
    assert_false(measure(&stuck, "back online")->holds);
    assert_true(measure(&stuck, "goodput at the end")->value == 0);
    assert_true(measure(&stuck, "goodput at the end")->samples >= half); /* they keep it busy */
    assert_int_equal(one_missing.verdict, JUDGE_FAIL);
    assert_true(measure(&one_missing, "back online")->value > 0.99);
    assert_true(measure(&one_missing, "goodput at the end")->samples < half);
}

static void test_what_the_verdict_says(void **state) {
    (void)state;
    for (int honest = 0; honest <= 1; honest++) {
        record_attempts a;
        judge_finding f;
        make_fleet(&a, &orderly, DEVICES, 1, honest ? 0 : 40, 1);
        judge_reconnect_case c = case_of(&a);
        c.capacity = 1000; /* as if there were no limit: only the declaration decides */
        c.declared_law = &as_orderly;
        judge_reconnect(&c, &judge_reconnect_policy_default, &f);
        assert_int_equal(f.verdict, honest ? JUDGE_PASS : JUDGE_FAIL);
        assert_int_equal(measure(&f, "chance of such a first wave")->holds, honest);
        c.declared_law = NULL;
        judge_reconnect(&c, &judge_reconnect_policy_default, &f);
        assert_null(measure(&f, "chance of such a first wave"));
        record_attempts_deinit(&a);
    }
}

static void test_no_memory_is_said(void **state) {
    (void)state;
    record_attempts a;
    judge_pattern p;
    make_fleet(&a, &orderly, DEVICES, 8, 0, 1);
    judge_reconnect_case c = case_of(&a);
    c.declared_law = &as_orderly;
    long after = 0;
    for (;; after++) {
        const int64_t before = sim_heap_in_use().blocks;
        sim_heap_fail(after, true);
        int error = judge_pattern_of(&c, &p);
        bool happened = sim_heap_fail_never();
        assert_int_equal(sim_heap_in_use().blocks, before); /* nothing is left over */
        if (!happened) break;
        assert_int_equal(error, SIM_ENOMEM);
    }
    assert_int_equal(after, 9);
    record_attempts_deinit(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_wave_against_the_declared_law),
        cmocka_unit_test(test_width_against_the_declared_law),
        cmocka_unit_test(test_places_that_are_assigned),
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_shared_seeds),
        cmocka_unit_test(test_large_fleets_are_sampled),
        cmocka_unit_test(test_metastable_failure),
        cmocka_unit_test(test_what_the_verdict_says),
        cmocka_unit_test(test_no_memory_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
