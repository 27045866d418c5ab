/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_pack.c - the facts that rules of others ask for, and the curve of growing pauses. */
#include <math.h>
#include <string.h>

#include "sim/core/random.h"
#include "sim/judge/pack.h"
#include "tests/unit/every_allocation.h"
#include "tests/unit/measured.h"

#define S SIM_SECOND

static const struct {
    const char *what;
    double pauses[9];
    double growth; /* NAN: cannot be told */
} curves[] = {
    {"fixed", {5, 5, 5, 5, 5, 5}, JUDGE_GROWTH_CONSTANT},
    {"next to fixed", {5, 5.1, 4.9, 5.2, 5, 5.3}, JUDGE_GROWTH_CONSTANT},
    {"random, but no more than that", {3, 6, 4, 7, 2, 5, 6, 3}, JUDGE_GROWTH_CONSTANT},
    {"linear", {10, 20, 30, 40, 50, 60, 70}, JUDGE_GROWTH_LINEAR},
    {"linear up to a plateau", {10, 20, 30, 40, 50, 60, 60, 60}, JUDGE_GROWTH_LINEAR},
    {"linear with jitter", {11, 19, 31, 39, 52, 58, 71}, JUDGE_GROWTH_LINEAR},
    {"doubling", {1, 2, 4, 8, 16, 32}, JUDGE_GROWTH_EXPONENTIAL},
    {"doubling up to a plateau", {1, 2, 4, 8, 16, 30, 30, 30}, JUDGE_GROWTH_EXPONENTIAL},
    {"doubling with jitter", {1.2, 1.9, 4.4, 7.2, 17, 30}, JUDGE_GROWTH_EXPONENTIAL},
    {"slowly, by a half", {2, 3, 4.5, 6.75, 10.1, 15.2, 22.8}, JUDGE_GROWTH_EXPONENTIAL},
    {"not for long enough", {1, 2, 2, 2}, NAN},
    {"too few", {1, 2, 4}, NAN},
};

static void test_growth(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof curves / sizeof *curves; i++) {
        size_t n = 0;
        while (n < 9 && curves[i].pauses[n] > 0) n++;
        const judge_pack_curve c = judge_pack_growth(curves[i].pauses, n);
        if (isnan(c.growth) != isnan(curves[i].growth) ||
            (!isnan(c.growth) && c.growth != curves[i].growth))
            fail_msg("%s: %g", curves[i].what, c.growth);
        assert_int_equal(isnan(c.factor), n < 4);
        if (c.growth == JUDGE_GROWTH_CONSTANT) assert_true(c.factor == 1);
    }
}

/* A rule on the factor holds of what doubles, and of nothing else that was seen for long enough. */
static void test_factor(void **state) {
    (void)state;
    static const struct {
        double pauses[5], least, most; /* of the factor */
        double off_least, off_most;
    } rows[] = {
        {{60, 120, 240, 480}, 1.99, 2.01, 0, 0.01}, {{60, 125, 230, 490}, 1.9, 2.1, 0.01, 0.1},
        {{60, 60, 60, 60}, 1, 1, 0, 0.001},         {{60, 120, 180, 240}, 1.5, 1.65, 0, 0.2},
        {{60, 130, 170, 235}, 1.5, 1.65, 0, 0.2},   {{60, 180, 540, 1620}, 2.9, 3.1, 0, 0.01},
        {{5, 7, 4, 6, 5}, 1, 1, 0.15, 0.4},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const judge_pack_curve c = judge_pack_growth(rows[i].pauses, rows[i].pauses[4] > 0 ? 5 : 4);
        if (!(c.factor >= rows[i].least && c.factor <= rows[i].most) ||
            !(c.off >= rows[i].off_least && c.off <= rows[i].off_most))
            fail_msg("row %zu: factor %g, off %g", i, c.factor, c.off);
    }
}

static void test_words(void **state) {
    (void)state;
    for (judge_growth g = 0; g < JUDGE_GROWTHS; g++)
        assert_int_equal(judge_growth_named(judge_growth_word(g)), g);
    assert_int_equal(judge_growth_named("quadratic"), JUDGE_GROWTHS);
    for (const judge_pack_row *r = judge_pack_rows; r->word != NULL; r++)
        assert_ptr_equal(judge_pack_row_named(r->word), r);
    assert_null(judge_pack_row_named("pause"));
}

#define TRY(when, who, what, took)                                                            \
    {                                                                                         \
        .at = (when)*S, .device = (who), .outcome = RECORD_OUTCOME_##what,                    \
        .latency = (took) < 0 ? SIM_NEVER : (sim_time)((took)*1e9), .trigger = 1, .number = 2 \
    }

/* Two devices: pauses count from the failure, a session ends an outage, silence is giving up. */
static const record_attempt tries[] = {
    TRY(0, 0, REFUSED, 1),  TRY(1, 1, NONE, -1),  TRY(3, 0, REFUSED, 1),  TRY(6, 1, NONE, -1),
    TRY(8, 0, ONLINE, 0.5), TRY(16, 1, NONE, -1), TRY(60, 0, REFUSED, 1), TRY(71, 0, ONLINE, 1),
};

static judge_evidence evidence(sim_time until) {
    return (judge_evidence){
        .attempts = tries, .attempt_count = sizeof tries / sizeof *tries, .until = until};
}

static void test_facts(void **state) {
    (void)state;
    judge_pack_facts f;
    judge_evidence e = evidence(SIM_HOUR);
    assert_int_equal(judge_pack_look(&e, NULL, &f), 0);
    assert_int_equal(f.devices, 2);
    assert_int_equal(f.attempts, 8);
    assert_int_equal(f.successes, 2);
    assert_int_equal(f.outages, 3);
    assert_int_equal(f.retries, 5);
    assert_int_equal(f.most_retries, 2);
    assert_int_equal(f.gave_up, 1);
    assert_true(fabs(f.shortest_s - 2) < 1e-9 && fabs(f.longest_s - 10) < 1e-9);
    assert_int_equal(f.counted[0], 3); /* 2 s, 5 s and 10 s */
    assert_true(fabs(f.median_s[0] - 5) < 1e-9);
    assert_int_equal(f.counted[1], 2); /* 4 s, 10 s */
    assert_true(fabs(f.median_s[1] - 7) < 1e-9);
    assert_true(isnan(f.growth));
    e = evidence(2 * SIM_MINUTE); /* not silent for long enough */
    assert_int_equal(judge_pack_look(&e, NULL, &f), 0);
    assert_int_equal(f.gave_up, 0);
}

/* Where ends were seen, pauses count from them. */
static void test_ends(void **state) {
    (void)state;
    judge_pack_facts f;
    const judge_evidence e = evidence(SIM_HOUR);
    sim_time ended[sizeof tries / sizeof *tries];
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) ended[i] = SIM_NEVER;
    ended[1] = 5 * S;
    assert_int_equal(judge_pack_look(&e, ended, &f), 0);
    assert_true(fabs(f.shortest_s - 1) < 1e-9);
}

static void test_nothing(void **state) {
    (void)state;
    const judge_evidence none = {0};
    judge_pack_facts f;
    assert_int_equal(judge_pack_look(&none, NULL, &f), 0);
    for (const judge_pack_row *r = judge_pack_rows; r->word != NULL; r++)
        assert_true(isnan(r->value(&f)));
}

/* ---- verdicts ---- */

static judge_rule rule(const char *ask, judge_relation relation, double number,
                       judge_verdict otherwise) {
    return (judge_rule){.row = judge_pack_row_named(ask),
                        .relation = relation,
                        .number = number,
                        .samples = 1,
                        .otherwise = otherwise,
                        .clause = "1.2",
                        .says = "so it is",
                        .part = -1};
}

static judge_finding by(judge_rule a, judge_rule b) {
    judge_finding f;
    const judge_evidence e = evidence(SIM_HOUR);
    const judge_pack pack = {.id = "some", .rules = {a, b}, .rule_count = 2, .part = -1};
    assert_int_equal(judge_pack_run(&pack, &e, NULL, &f), 0);
    assert_string_equal(f.unit, "some");
    assert_int_equal(f.measure_count, 2);
    return f;
}

static void test_the_worst_rule_decides(void **state) {
    (void)state;
    const judge_rule good = rule("retries", JUDGE_AT_MOST, 4, JUDGE_FAIL);
    const judge_rule bad = rule("pause-shortest", JUDGE_AT_LEAST, 15, JUDGE_FAIL);
    const judge_rule weak = rule("pause-shortest", JUDGE_AT_LEAST, 15, JUDGE_WARN);
    const judge_rule mute = rule("growth", JUDGE_AT_LEAST, 2, JUDGE_FAIL);
    assert_int_equal(by(good, good).verdict, JUDGE_PASS);
    assert_int_equal(by(good, bad).verdict, JUDGE_FAIL);
    assert_int_equal(by(good, weak).verdict, JUDGE_WARN);
    assert_int_equal(by(mute, weak).verdict, JUDGE_INCONCLUSIVE);
    assert_int_equal(by(mute, bad).verdict, JUDGE_FAIL);
    assert_true(by(good, weak).measures[1].holds);
    const judge_finding broken = by(good, bad);
    const judge_measure *shortest = measured(&broken, "pause-shortest");
    assert_true(measured_is(&broken, "pause-shortest", 2));
    assert_true(shortest->threshold == 15 && shortest->relation == JUDGE_AT_LEAST);
    assert_false(shortest->holds);
    assert_string_equal(shortest->note, bad.says);
    assert_true(measured(&broken, "retries")->holds);
}

static void test_too_few_samples_say_nothing(void **state) {
    (void)state;
    judge_rule r = rule("pause-shortest", JUDGE_AT_LEAST, 15, JUDGE_FAIL);
    r.samples = 6;
    assert_int_equal(by(r, r).verdict, JUDGE_INCONCLUSIVE);
}

static void test_a_part_is_known_by_its_port(void **state) {
    (void)state;
    judge_pack pack = {.parts = {{"a", {1, 2}, 2}, {"b", {3}, 1}}, .part_count = 2, .part = -1};
    judge_pack_serve(&pack, 4);
    assert_int_equal(pack.part, -1);
    judge_pack_serve(&pack, 3);
    assert_int_equal(pack.part, 1);
    judge_pack_serve(&pack, 1); /* it was chosen */
    assert_int_equal(pack.part, 1);
}

static int looks(void *context) {
    judge_pack_facts f;
    const judge_evidence e = evidence(SIM_HOUR);
    (void)context;
    return judge_pack_look(&e, NULL, &f);
}

static void test_no_memory(void **state) {
    (void)state;
    assert_int_equal(fail_every_allocation(looks, NULL), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_growth),
        cmocka_unit_test(test_factor),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_facts),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_the_worst_rule_decides),
        cmocka_unit_test(test_too_few_samples_say_nothing),
        cmocka_unit_test(test_a_part_is_known_by_its_port),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
