/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/judge/check_declaration.h"

#include <math.h>
#include <string.h>

#include "devices/presets.h"
#include "sim/core/heap.h"
#include "tests/unit/measured.h"

static const dev_law full = {
    .kind = DEV_LAW_FULL_JITTER, .base = SIM_SECOND, .cap = SIM_MINUTE, .factor = 2};

static dev_law over(dev_law law, sim_time window) {
    law.initial_window = window;
    return law;
}

static judge_finding judged(const dev_law *law, uint64_t devices, double capacity) {
    const judge_declared declared = {law, dev_law_draw};
    judge_finding f;
    judge_declaration(&(judge_declaration_case){.law = law != NULL ? &declared : NULL,
                                                .text = "full jitter",
                                                .devices = devices,
                                                .capacity = capacity,
                                                .seed = 1},
                      &f);
    return f;
}

enum { OVER = 1, VARIATION = 2, GROWTH = 4, GIVE_UP = 8 };

/* That verdict, and of the four measures those of `broken` do not hold. */
static void assert_finds(judge_finding f, judge_verdict verdict, unsigned broken) {
    static const char *const names[] = {"fleets over capacity", "variation", "growth",
                                        "devices that give up"};
    unsigned found = 0;
    for (unsigned i = 0; i < 4; i++) found |= measured(&f, names[i])->holds ? 0 : 1U << i;
    if (f.verdict != verdict || found != broken)
        fail_msg("%s %u \"%s\", wanted %s %u", judge_verdict_word(f.verdict), found, f.sentence,
                 judge_verdict_word(verdict), broken);
    assert_int_equal(f.measure_count, 4);
}

/* The same where nobody knows whether the fleet is spread widely enough. */
static void assert_open(judge_finding f, judge_verdict verdict, unsigned broken) {
    assert_finds(f, verdict, broken);
    assert_true(measured_is(&f, "fleets over capacity", NAN));
    assert_int_equal(measured(&f, "fleets over capacity")->relation, JUDGE_NONE);
}

static void assert_nothing_found(judge_finding f) {
    assert_int_equal(f.verdict, JUDGE_INCONCLUSIVE);
    assert_int_equal(f.measure_count, 0);
}

/* 1,000 devices, 20 a second: 180 s keep nearly all waves within it, 60 s do not
 * (docs/verdicts.md). */
static void test_each_reason_and_its_good_twin(void **state) {
    (void)state;
    dev_law good = over(full, 180 * SIM_SECOND), short_window = over(full, 60 * SIM_SECOND),
            fixed = over(full, 180 * SIM_SECOND), exponential = fixed, quitter = good,
            steady = good;
    fixed.kind = DEV_LAW_FIXED;
    exponential.kind = DEV_LAW_EXPONENTIAL;
    quitter.tries = 5;
    quitter.rest = SIM_NEVER;
    steady.factor = 1;
    assert_finds(judged(&good, 1000, 20), JUDGE_PASS, 0);
    assert_finds(judged(&full, 1000, 20), JUDGE_FAIL, OVER);
    assert_finds(judged(&short_window, 1000, 20), JUDGE_FAIL, OVER);
    assert_finds(judged(&short_window, 1000, 60), JUDGE_PASS, 0);
    assert_finds(judged(&exponential, 1000, 20), JUDGE_FAIL, VARIATION);
    assert_finds(judged(&fixed, 1000, 20), JUDGE_FAIL, VARIATION | GROWTH);
    assert_finds(judged(&steady, 1000, 20), JUDGE_FAIL, GROWTH);
    assert_finds(judged(&quitter, 1000, 20), JUDGE_FAIL, GIVE_UP);
    assert_open(judged(&good, 1000, 0), JUDGE_INCONCLUSIVE, 0);
    assert_open(judged(&good, 0, 20), JUDGE_INCONCLUSIVE, 0);
    assert_open(judged(&fixed, 1000, 0), JUDGE_FAIL, VARIATION | GROWTH);
    assert_nothing_found(judged(NULL, 1000, 20));
}

/* A client that makes its first attempt at once is no measure against mass reconnection by its
 * declaration alone. Of the presets two have a first window, and one of those gives up. */
static void test_presets(void **state) {
    (void)state;
    for (size_t i = 0; i < dev_preset_count; i++) {
        bool spreads = strcmp(dev_presets[i].name, "elastic-agent-2026") == 0;
        bool gives_up = strcmp(dev_presets[i].name, "dlms-push") == 0;
        judge_finding found = judged(&dev_presets[i].law, 1000, 100);
        assert_int_equal(found.verdict, spreads ? JUDGE_PASS : JUDGE_FAIL);
        assert_int_equal(dev_presets[i].law.initial_window > 0, spreads || gives_up);
    }
    dev_law spread = over(dev_preset_named("hivemq")->law, 30 * SIM_SECOND);
    assert_int_equal(judged(&spread, 1000, 100).verdict, JUDGE_PASS);
}

static void test_large_fleets(void **state) {
    (void)state;
    dev_law good = over(full, 1300 * SIM_SECOND), bad = over(full, 900 * SIM_SECOND);
    assert_int_equal(judged(&good, 1000000, 1000).verdict, JUDGE_PASS);
    assert_int_equal(judged(&bad, 1000000, 1000).verdict, JUDGE_FAIL);
}

static void test_samples(void **state) {
    (void)state;
    dev_law good = over(full, 1300 * SIM_SECOND);
    assert_int_equal(judged(&good, 1000, 20).measures[0].samples, 200);
    assert_int_equal(judged(&good, 100000, 200).measures[0].samples, 40);
    assert_int_equal(judged(&good, 2000000, 9000).measures[0].samples, 4);
}

static void test_without_memory_nothing_is_found(void **state) {
    (void)state;
    dev_law good = over(full, 180 * SIM_SECOND);
    for (long after = 0; after < 2; after++) {
        sim_heap_fail(after, true);
        judge_finding f = judged(&good, 1000, 20);
        assert_true(sim_heap_fail_never());
        assert_nothing_found(f);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_reason_and_its_good_twin),
        cmocka_unit_test(test_presets),
        cmocka_unit_test(test_large_fleets),
        cmocka_unit_test(test_samples),
        cmocka_unit_test(test_without_memory_nothing_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
