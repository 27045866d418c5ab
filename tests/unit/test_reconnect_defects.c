/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each class of defect by its name, from a fleet that has it and from one that has not: attempts as
 * the cloud's edge sees them, of laws and of mistakes in them. */
#include "sim/judge/reconnect_defects.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "devices/law.h"
#include "tests/unit/reconnect_fleet.h"
#include "tests/unit/with_cmocka.h"

static judge_finding judged(const reconnect_fleet *f, uint64_t seed) {
    record_attempts a;
    judge_finding finding;
    reconnect_fleet_live(&a, f, seed);
    judge_reconnect_case c = {.attempts = a.items,
                              .count = a.count,
                              .trigger = RECONNECT_FLEET_TRIGGER,
                              .trigger_name = "broker restart",
                              .began = reconnect_fleet_began,
                              .until = reconnect_fleet_began + 2 * SIM_HOUR,
                              .devices = RECONNECT_FLEET_DEVICES,
                              .capacity = f->capacity,
                              .seed = seed};
    judge_reconnect_policy policy = judge_reconnect_policy_default;
    if (!f->strict) policy.attempts_per_success = 1000; /* twenty minutes take many */
    policy.peak_to_mean = 1000;
    judge_reconnect(&c, &policy, &finding);
    record_attempts_deinit(&a);
    return finding;
}

#define BIT(name) (1U << JUDGE_DEFECT_##name)
#define GROWS .base = 5 * SIM_SECOND, .cap = SIM_MINUTE, .factor = 2
#define AROUND(below, above) .kind = DEV_LAW_SPREAD, .low = (below), .high = (above)

static const reconnect_fleet good = {.law = {AROUND(0.5, 1.5), GROWS}, .width = 90, .capacity = 40};

static const struct {
    const char *what;
    reconnect_fleet fleet;
    unsigned defects;
} rows[] = {
    {"half a second, at random",
     {.law = {AROUND(0.5, 1.5), .base = SIM_SECOND / 2, .cap = SIM_SECOND / 2, .factor = 1},
      .width = 20,
      .capacity = 40,
      .away = 30},
     BIT(HAMMERING)},
    {"every 30 s, from any moment on",
     {.law = {.kind = DEV_LAW_FIXED, .base = 30 * SIM_SECOND},
      .width = 30,
      .capacity = 25,
      .strict = true},
     BIT(FIXED)},
    {"every 30 s, at once",
     {.law = {.kind = DEV_LAW_FIXED, .base = 30 * SIM_SECOND}, .width = 0.5, .capacity = 40},
     BIT(FIXED) | BIT(LOCK_STEP) | BIT(NO_FIRST_WINDOW)},
    {"every 30 s after a time-out of a minute",
     {.law = {.kind = DEV_LAW_FIXED, .base = 30 * SIM_SECOND},
      .width = 0.5,
      .time_out = 60,
      .capacity = 40},
     BIT(FIXED) | BIT(LOCK_STEP) | BIT(NO_FIRST_WINDOW)},
    {"doubling without jitter",
     {.law = {.kind = DEV_LAW_EXPONENTIAL, GROWS}, .width = 0.5, .capacity = 40},
     BIT(LOCK_STEP) | BIT(NO_FIRST_WINDOW)},
    {"one seed for all",
     {.law = {AROUND(0.5, 1.5), GROWS, .initial_window = 5 * SIM_MINUTE},
      .one_seed = true,
      .capacity = 40},
     BIT(LOCK_STEP) | BIT(NO_FIRST_WINDOW)},
    {"jitter of 3 %",
     {.law = {AROUND(0.97, 1.03), GROWS}, .width = 1.5, .capacity = 40},
     BIT(JITTER_TOO_SMALL) | BIT(NARROW_WINDOW)},
    {"jitter before the cap",
     {.law = {AROUND(1, 1.5), GROWS, .jitter_before_cap = true}, .width = 90, .capacity = 40},
     BIT(JITTER_LOST_AT_CAP)},
    {"no window before good retries",
     {.law = {AROUND(0.5, 1.5), .base = SIM_MINUTE, .cap = SIM_HOUR, .factor = 2},
      .width = 0.5,
      .capacity = 40},
     BIT(NO_FIRST_WINDOW)},
    {"a window of 8 s for 400 devices at 40/s",
     {.law = {AROUND(0.5, 1.5), .base = SIM_MINUTE, .cap = SIM_HOUR, .factor = 2},
      .width = 8,
      .capacity = 40},
     BIT(NARROW_WINDOW)},
    {"closed again after 50 ms",
     {.law = {AROUND(0.5, 1.5), .base = 30 * SIM_SECOND, .cap = 30 * SIM_SECOND, .factor = 1},
      .width = 90,
      .trapped = true,
      .capacity = 40},
     BIT(RESET_ON_CONNECT)},
    {"half of them stop",
     {.law = {AROUND(0.5, 1.5), GROWS}, .width = 90, .silent = true, .capacity = 40},
     BIT(GIVES_UP)},
};

static void names_of(unsigned defects, char *text, size_t size) {
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; i < JUDGE_DEFECTS; i++)
        if ((defects >> i & 1) != 0 && used < size)
            used += (size_t)snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "",
                                     judge_defect_word((judge_defect)i));
}

static void test_each_class_by_its_name(void **state) {
    (void)state;
    unsigned met = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (uint64_t seed = 1; seed <= 5; seed++) {
            judge_finding f = judged(&rows[i].fleet, seed);
            char wanted[200], found[200];
            names_of(rows[i].defects, wanted, sizeof wanted);
            names_of(f.defects, found, sizeof found);
            if (f.verdict != JUDGE_FAIL || f.defects != rows[i].defects)
                fail_msg("%s: \"%s\", wanted \"%s\": %s %s", rows[i].what, found, wanted,
                         judge_verdict_word(f.verdict), f.sentence);
        }
        met |= rows[i].defects;
    }
    assert_int_equal(met, (1U << JUDGE_DEFECTS) - 1); /* a class without a bad twin */
}

/* The laws of the rows with what is wrong in each mended. */
static void test_good_twins_have_none(void **state) {
    (void)state;
    const reconnect_fleet patient = {
        .law = {AROUND(0.5, 1.5), .base = SIM_MINUTE, .cap = SIM_HOUR, .factor = 2},
        .width = 30,
        .capacity = 40};
    const reconnect_fleet *const fleets[] = {&good, &patient};
    for (size_t i = 0; i < sizeof fleets / sizeof *fleets; i++) {
        for (uint64_t seed = 1; seed <= 20; seed++) {
            judge_finding f = judged(fleets[i], seed);
            if (f.verdict != JUDGE_PASS || f.defects != 0) fail_msg("%zu: %s", i, f.sentence);
        }
    }
}

static const judge_measure *measure(const judge_finding *f, const char *name) {
    for (size_t i = 0; i < f->measure_count; i++)
        if (strcmp(f->measures[i].name, name) == 0) return &f->measures[i];
    return NULL;
}

static double value(const judge_finding *f, const char *name) {
    const judge_measure *m = measure(f, name);
    return m != NULL ? m->value : NAN;
}

/* The spread at the plateau is a measure of its own: a law that keeps its jitter there has it, too,
 * and one that has not come that far has none. */
static void test_spread_at_the_plateau(void **state) {
    (void)state;
    reconnect_fleet lost = good, far = good;
    lost.law.low = 1;
    lost.law.jitter_before_cap = true;
    far.law.cap = SIM_DAY;
    judge_finding f = judged(&lost, 1);
    assert_true(value(&f, "variation of the growing part") > 0.1);
    assert_true(value(&f, "variation at the plateau") < 0.01);
    assert_false(measure(&f, "variation at the plateau")->holds);
    f = judged(&good, 1);
    assert_true(value(&f, "variation of the growing part") > 0.2);
    assert_true(value(&f, "variation at the plateau") > 0.2);
    f = judged(&far, 1);
    assert_int_equal(f.verdict, JUDGE_PASS);
    assert_true(isnan(value(&f, "variation at the plateau")));
}

/* The narrow window is measured, and held against how wide it would have to be: docs/verdicts.md
 * has these widths as a table. */
static void test_how_wide_a_window_must_be(void **state) {
    (void)state;
    static const struct {
        double devices, capacity, times;
    } table[] = {{1000, 20, 3.6},    {10000, 20, 4.2},   {100000, 20, 4.9}, {1000, 100, 1.6},
                 {10000, 100, 1.7},  {100000, 100, 1.8}, {1000, 500, 1.2},  {10000, 500, 1.25},
                 {100000, 500, 1.3}, {10000, 2000, 1.1}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        double times = judge_reconnect_window(table[i].devices, table[i].capacity) *
                       table[i].capacity / table[i].devices;
        if (!(fabs(times - table[i].times) <= 0.12 * table[i].times))
            fail_msg("%g devices at %g/s: %g", table[i].devices, table[i].capacity, times);
    }
    assert_true(isnan(judge_reconnect_window(100, 0)));
    assert_true(isnan(judge_reconnect_window(0, 10)));
    judge_finding f = judged(&(reconnect_fleet){.law = good.law, .width = 8, .capacity = 40}, 1);
    assert_in_range(value(&f, "first attempts within") * 1000, 7000, 7999);
    assert_true(value(&f, "first attempts within") <
                judge_reconnect_window(RECONNECT_FLEET_DEVICES, 40));
    assert_true((f.defects & BIT(NO_FIRST_WINDOW)) != 0 || (f.defects & BIT(NARROW_WINDOW)) != 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_class_by_its_name),
        cmocka_unit_test(test_good_twins_have_none),
        cmocka_unit_test(test_spread_at_the_plateau),
        cmocka_unit_test(test_how_wide_a_window_must_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
