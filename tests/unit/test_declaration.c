/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/judge/check_declaration.h"

#include <string.h>

#include "devices/presets.h"
#include "sim/core/heap.h"
#include "tests/unit/with_cmocka.h"

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

static void assert_says(judge_finding f, judge_verdict verdict, const char *words) {
    if (f.verdict != verdict || strstr(f.sentence, words) == NULL)
        fail_msg("%s \"%s\", wanted %s \"%s\"", judge_verdict_word(f.verdict), f.sentence,
                 judge_verdict_word(verdict), words);
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
    assert_says(
        judged(&good, 1000, 20), JUDGE_PASS,
        "The declared law (full jitter) lets 1,000 devices come back together within the 20");
    assert_says(judged(&full, 1000, 20), JUDGE_FAIL, "than the cloud admits.");
    assert_says(judged(&short_window, 1000, 20), JUDGE_FAIL,
                "If 1,000 devices come back together and do as declared, more of them");
    assert_says(judged(&short_window, 1000, 60), JUDGE_PASS, "random and growing");
    assert_says(judged(&exponential, 1000, 20), JUDGE_FAIL,
                "declared, those who are turned away would come again in step.");
    assert_says(judged(&fixed, 1000, 20), JUDGE_FAIL,
                "in step and the pauses between their attempts do not grow.");
    assert_says(judged(&steady, 1000, 20), JUDGE_FAIL,
                "declared, the pauses between their attempts do not grow.");
    assert_says(judged(&quitter, 1000, 20), JUDGE_FAIL, "declared, some would give up for good.");
    assert_says(judged(&good, 1000, 0), JUDGE_INCONCLUSIVE, "without the cloud's capacity");
    assert_says(judged(&good, 0, 20), JUDGE_INCONCLUSIVE, "the number of devices");
    assert_says(judged(&fixed, 1000, 0), JUDGE_FAIL, "in step");
    assert_says(judged(NULL, 1000, 20), JUDGE_INCONCLUSIVE, "No single law");
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

static void test_no_memory_is_said(void **state) {
    (void)state;
    dev_law good = over(full, 180 * SIM_SECOND);
    for (long after = 0; after < 2; after++) {
        sim_heap_fail(after, true);
        judge_finding f = judged(&good, 1000, 20);
        assert_true(sim_heap_fail_never());
        assert_says(f, JUDGE_INCONCLUSIVE, "not enough memory");
        assert_int_equal(f.measure_count, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_reason_and_its_good_twin),
        cmocka_unit_test(test_presets),
        cmocka_unit_test(test_large_fleets),
        cmocka_unit_test(test_samples),
        cmocka_unit_test(test_no_memory_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
