/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the judge measures of one device, by which measure it fails, and which defects it names. Of
 * every preset: tests/unit/test_preset_verdicts.c. */
#include "sim/judge/classify.h"

#include <math.h>
#include <string.h>

#include "devices/presets.h"
#include "sim/core/heap.h"
#include "tests/unit/device_watch.h"
#include "tests/unit/with_cmocka.h"

static const judge_measure *measure(const judge_finding *f, const char *name) {
    for (size_t i = 0; i < f->measure_count; i++)
        if (strcmp(f->measures[i].name, name) == 0) return &f->measures[i];
    return NULL;
}

/* The jitter is lost where the cap begins: a long outage shows it, a short one cannot, and the same
 * law with its jitter behind the cap does not have it. */
static void test_jitter_lost_at_the_cap(void **state) {
    (void)state;
    dev_law lost = dev_preset_named("jitter-lost-at-cap")->law, kept = lost;
    kept.jitter_before_cap = false;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        judge_finding f = watched(&(watch){&lost, NULL, WATCH_OUTAGES, 12, false, false}, seed);
        assert_int_equal(f.verdict, JUDGE_FAIL);
        assert_int_equal(f.defects, 1U << JUDGE_DEFECT_JITTER_LOST_AT_CAP);
        assert_int_equal(judge_device_defects(&f), f.defects);
        assert_true(measure(&f, "variation at the plateau")->value < 0.05);
        assert_true(measure(&f, "variation of the growing part")->value > 0.05);
        f = watched(&(watch){&lost, &lost, WATCH_OUTAGES, 12, false, false},
                    seed); /* declared or not */
        assert_int_equal(f.verdict, JUDGE_FAIL);
        assert_int_equal(f.defects, 1U << JUDGE_DEFECT_JITTER_LOST_AT_CAP);
        f = watched(&(watch){&kept, NULL, WATCH_OUTAGES, 12, false, false}, seed);
        assert_int_equal(f.verdict, JUDGE_PASS);
        const judge_measure *level = measure(&f, "variation at the plateau");
        assert_true(level == NULL || level->value > 0.05);
        assert_int_equal(judge_device_defects(&f), 0);
        f = watched(&(watch){&lost, NULL, WATCH_OUTAGES, WATCH_DELAYS, false, false}, seed);
        assert_int_equal(f.verdict, JUDGE_PASS); /* it has not reached the cap */
        assert_null(measure(&f, "variation at the plateau"));
    }
}

/* The first that does not hold, in the order in which they are told; NULL: all hold. */
static const char *first_broken(const judge_finding *f) {
    static const char *const order[] = {"came back",
                                        "sooner than declared",
                                        "chance of such delays",
                                        "variation, upper bound",
                                        "variation at the plateau",
                                        "repeated outages",
                                        "trend",
                                        "trend, accepted and closed",
                                        "chance of such closings"};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        const judge_measure *m = measure(f, order[i]);
        if (m != NULL && !m->holds) return order[i];
    }
    for (size_t i = 0; i < f->measure_count; i++)
        if (!f->measures[i].holds) return f->measures[i].name;
    return NULL;
}

static void test_each_reason_and_its_good_twin(void **state) {
    (void)state;
    for (size_t i = 0; i < WATCH_ROWS; i++) {
        judge_finding f = watched_row(i);
        const char *broken = first_broken(&f), *first = watch_rows[i].broken;
        const judge_measure *outages = measure(&f, "outages");
        if (f.verdict != watch_rows[i].verdict || f.defects != watch_rows[i].defects ||
            (first == NULL ? broken != NULL : broken == NULL || strcmp(broken, first) != 0))
            fail_msg("%s: %s for %s, defects %x", watch_rows[i].what, judge_verdict_word(f.verdict),
                     broken != NULL ? broken : "nothing", f.defects);
        if (outages->value != watch_rows[i].outages || outages->samples != watch_rows[i].delays)
            fail_msg("%s: %g outages, %llu delays", watch_rows[i].what, outages->value,
                     (unsigned long long)outages->samples);
    }
}

/* A clock, and what it takes to try, may be off by a twentieth of what was declared, and by as much
 * as delays that are equal. */
static void test_a_delay_may_be_off_by_a_twentieth(void **state) {
    (void)state;
    static const struct {
        sim_time declared; /* what waits 10 s */
        bool as_declared;
        double sooner;
    } rows_of_drift[] = {{10450 * SIM_MILLISECOND, true, 0},
                         {10550 * SIM_MILLISECOND, true, NAN},
                         {10650 * SIM_MILLISECOND, false, 50},
                         {9620 * SIM_MILLISECOND, true, 0},
                         {9340 * SIM_MILLISECOND, false, 0}};
    for (size_t i = 0; i < sizeof rows_of_drift / sizeof *rows_of_drift; i++) {
        const dev_law declared = {.kind = DEV_LAW_FIXED, .base = rows_of_drift[i].declared};
        judge_finding f = watched(
            &(watch){&watch_every_10_s, &declared, WATCH_OUTAGES, WATCH_DELAYS, false, false}, 1);
        assert_int_equal(measure(&f, "chance of such delays")->holds, rows_of_drift[i].as_declared);
        if (!isnan(rows_of_drift[i].sooner))
            assert_true(measure(&f, "sooner than declared")->value == rows_of_drift[i].sooner);
    }
}

/* Lengths of the first delay and of the longest, as printed. */
static void test_it_finds_the_intervals(void **state) {
    (void)state;
    judge_finding f = watched(&(watch){&dev_preset_named("paho-python")->law, NULL, WATCH_OUTAGES,
                                       WATCH_DELAYS, false, false},
                              1);
    assert_true(fabs(measure(&f, "first delay")->value - 1) < 0.05);
    assert_true(fabs(measure(&f, "longest delay")->value - 16) < 0.8);
    assert_true(fabs(measure(&f, "median growth")->value - 2) < 0.1);
    assert_true(measure(&f, "outages")->value == 10 && measure(&f, "outages")->samples == 50);
    assert_null(measure(&f, "chance of such delays"));
}

static void test_no_memory_is_said(void **state) {
    (void)state;
    record_attempts a;
    watch_again_and_again(&a);
    const judge_declared declared = {&watch_full, dev_law_draw};
    const judge_device_case c = {.attempts = a.items,
                                 .count = a.count,
                                 .device = 7,
                                 .declared = &declared,
                                 .service_returned = true};
    for (long after = 0;; after++) {
        judge_finding f;
        sim_heap_fail(after, true);
        judge_device(&c, &judge_device_policy_default, &f);
        if (!sim_heap_fail_never()) {
            assert_int_equal(f.verdict, JUDGE_PASS);
            assert_true(after >= 3);
            break;
        }
        assert_true(f.verdict != JUDGE_FAIL);
        if (after < 2) {
            assert_int_equal(f.verdict, JUDGE_INCONCLUSIVE);
            assert_int_equal(f.measure_count, 0);
        }
    }
    record_attempts_deinit(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_reason_and_its_good_twin),
        cmocka_unit_test(test_a_delay_may_be_off_by_a_twentieth),
        cmocka_unit_test(test_it_finds_the_intervals),
        cmocka_unit_test(test_no_memory_is_said),
        cmocka_unit_test(test_jitter_lost_at_the_cap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
