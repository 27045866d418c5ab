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

/* Delays of `ms` milliseconds after each of ten outages, by turns longer and shorter by `swing`. */
static judge_finding watched_delays(const sim_time *ms, const sim_time *swing, size_t count) {
    record_attempts a;
    judge_finding f;
    record_attempts_init(&a);
    for (int i = 1; i <= WATCH_OUTAGES; i++) {
        sim_time at = i * SIM_DAY;
        watch_add(&a, at, 7, (uint8_t)i, RECORD_OUTCOME_REFUSED);
        for (size_t k = 0; k < count; k++) {
            sim_time delay = ms[k] + (i % 2 == 0 ? swing[k] : -swing[k]);
            at += SIM_MILLISECOND + delay * SIM_MILLISECOND; /* a refusal takes one, too */
            watch_add(&a, at, 7, (uint8_t)i,
                      k + 1 == count ? RECORD_OUTCOME_ONLINE : RECORD_OUTCOME_REFUSED);
        }
    }
    judge_device(&(judge_device_case){.attempts = a.items,
                                      .count = a.count,
                                      .device = 7,
                                      .service_returned = true,
                                      .seed = 1},
                 &judge_device_policy_default, &f);
    record_attempts_deinit(&a);
    return f;
}

/* Delays whose longest is one and a half times the first grow, if not beyond chance; a little less
 * and they do not. */
static void test_growth_at_its_limit(void **state) {
    (void)state;
    static const sim_time swing[] = {200, 200, 200, 200, 200};
    static const struct {
        sim_time longest;
        bool may_grow;
    } rows_of_growth[] = {{1510, true}, {1490, false}};
    for (size_t i = 0; i < sizeof rows_of_growth / sizeof *rows_of_growth; i++) {
        const sim_time ms[] = {1000, rows_of_growth[i].longest, 1000, 1000, 950};
        judge_finding f = watched_delays(ms, swing, 5);
        assert_true(measure(&f, "trend")->value < 2.33 && measure(&f, "median growth")->value < 1);
        assert_int_equal(measure(&f, "trend")->holds, rows_of_growth[i].may_grow);
        assert_int_equal(f.verdict, rows_of_growth[i].may_grow ? JUDGE_INCONCLUSIVE : JUDGE_FAIL);
    }
}

/* A variation of 5 %: whoever is below it with 95 % fails, above it with 95 % passes, and between
 * the two it takes more outages. Of 45 degrees of freedom these are 4.124 % and 5.853 % (chi
 * squared: 30.61 and 61.66). */
static void test_jitter_at_its_limits(void **state) {
    (void)state;
    static const char upper[] = "variation, upper bound", lower[] = "variation, lower bound";
    static const struct {
        sim_time swing; /* of 10 s; times the root of 50/45 it is the variation */
        const char *told;
    } rows_of_jitter[] = {{387, upper}, {395, NULL}, {551, NULL}, {559, lower}};
    for (size_t i = 0; i < sizeof rows_of_jitter / sizeof *rows_of_jitter; i++) {
        const sim_time ms[] = {10000, 10000, 10000, 10000, 10000}, s = rows_of_jitter[i].swing,
                       swing[] = {s, s, s, s, s};
        judge_finding f = watched_delays(ms, swing, 5);
        const char *told = rows_of_jitter[i].told;
        assert_int_equal(measure(&f, upper) != NULL, told == upper);
        assert_int_equal(measure(&f, lower) != NULL, told == lower);
        if (told != NULL) assert_int_equal(measure(&f, told)->holds, told == lower);
    }
}

/* The same where delays grow no more: 4.308 % of 72 degrees of freedom (chi squared: 53.46). */
static void test_the_plateau_at_its_limit(void **state) {
    (void)state;
    static const char plateau[] = "variation at the plateau";
    for (int lost = 0; lost < 2; lost++) {
        sim_time ms[12], swing[12];
        for (size_t k = 0; k < 12; k++) {
            ms[k] = k < 4 ? 1000 << k : 16000;
            swing[k] = k < 4 ? ms[k] / 4 : lost ? 648 : 660;
        }
        judge_finding f = watched_delays(ms, swing, 12);
        assert_int_equal(measure(&f, plateau)->samples, 72);
        assert_int_equal(measure(&f, plateau)->holds, !lost);
        assert_int_equal(measure(&f, plateau)->relation, lost ? JUDGE_AT_LEAST : JUDGE_NONE);
        assert_int_equal(f.verdict, lost ? JUDGE_FAIL : JUDGE_PASS);
    }
}

/* Accepted and closed: from five times online within one trigger on, and no verdict of it before
 * ten pauses. */
static void test_a_trap_at_its_limits(void **state) {
    (void)state;
    static const char trend[] = "trend, accepted and closed";
    for (int online = 4; online <= 11; online++) {
        record_attempts a;
        judge_finding f;
        watch_again_and_again(&a);
        for (int k = 0; k < online; k++)
            watch_add(&a, 1000 * SIM_DAY + k * SIM_SECOND, 7, 200, RECORD_OUTCOME_ONLINE);
        judge_device(&(judge_device_case){.attempts = a.items,
                                          .count = a.count,
                                          .device = 7,
                                          .service_returned = true,
                                          .seed = 1},
                     &judge_device_policy_default, &f);
        record_attempts_deinit(&a);
        const judge_measure *seen = measure(&f, trend);
        assert_int_equal(seen != NULL, online >= 5);
        if (seen == NULL) continue;
        assert_int_equal(seen->samples, online - 1);
        assert_int_equal(seen->holds, online < 11); /* told, and with ten pauses held against it */
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
        cmocka_unit_test(test_growth_at_its_limit),
        cmocka_unit_test(test_jitter_at_its_limits),
        cmocka_unit_test(test_the_plateau_at_its_limit),
        cmocka_unit_test(test_a_trap_at_its_limits),
        cmocka_unit_test(test_it_finds_the_intervals),
        cmocka_unit_test(test_no_memory_is_said),
        cmocka_unit_test(test_jitter_lost_at_the_cap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
