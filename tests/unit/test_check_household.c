/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Units of 5.9-1 and 5.9-2: each holds for devices that are well, and each of its measures can take
 * the verdict away by itself. */
#include <string.h>

#include "sim/judge/checks.h"
#include "tests/unit/with_cmocka.h"

static const judge_household well = {.hands = {{100, 100}, {100, 100}, {100, 100}},
                                     .sensed = 1000,
                                     .delivered = 990,
                                     .dropped_power = 5,
                                     .waiting = 5,
                                     .lost = 200,
                                     .returned = 200,
                                     .restored_same = 100,
                                     .worst_model = "bulb",
                                     .worst = {50, 50}};

static judge_finding judged(const judge_check *check, judge_household h) {
    judge_finding f;
    const judge_evidence e = {.household = h};
    assert_int_equal(judge_check_run(check, &e, NULL, &f), 0);
    return f;
}

static judge_household spoilt(size_t offset, uint64_t value) {
    judge_household h = well;
    memcpy((char *)&h + offset, &value, sizeof value);
    return h;
}

#define SPOIL(row, member, value) \
    { &judge_check_##row, offsetof(judge_household, member), value }

static void test_each_measure_decides(void **state) {
    (void)state;
    static const struct {
        const judge_check *check;
        size_t offset;
        uint64_t value;
    } bad[] = {
        SPOIL(outage_network, returned, 190),
        SPOIL(outage_network, delivered, 989),
        SPOIL(outage_network, dropped_full, 51),
        SPOIL(outage_network, repeated, 11),
        SPOIL(outage_power, restored_corrupt, 1),
        SPOIL(outage_power, help, 1),
        SPOIL(outage_power, returned, 190),
        SPOIL(local_network, hands[JUDGE_DURING].right, 98),
        SPOIL(local_power, restored_worse, 1),
        SPOIL(local_power, restored_corrupt, 1),
        SPOIL(local_power, hands[JUDGE_AFTER].right, 98),
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(judged(bad[i].check, well).verdict, JUDGE_PASS);
        judge_finding f = judged(bad[i].check, spoilt(bad[i].offset, bad[i].value));
        assert_int_equal(f.verdict, JUDGE_FAIL);
    }
}

/* Thousands are set apart in every sentence, as they are beside it. */
static void test_large_numbers(void **state) {
    (void)state;
    static const judge_check *const checks[] = {
        &judge_check_outage_network, &judge_check_outage_power, &judge_check_local_network,
        &judge_check_local_power};
    judge_household h = {.hands = {{12345, 12345}, {12345, 12345}, {12345, 12345}},
                         .sensed = 12345,
                         .delivered = 12345,
                         .lost = 12345,
                         .returned = 12345,
                         .restored_same = 12345,
                         .worst_model = "bulb",
                         .worst = {12345, 12345}};
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        judge_finding f = judged(checks[i], h);
        assert_non_null(strstr(f.sentence, "12,345"));
        assert_null(strstr(f.sentence, "12345"));
    }
}

static void test_without_an_outage(void **state) {
    (void)state;
    static const judge_check *const checks[] = {
        &judge_check_outage_network, &judge_check_outage_power, &judge_check_local_network,
        &judge_check_local_power};
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        assert_int_equal(judged(checks[i], (judge_household){0}).verdict, JUDGE_INCONCLUSIVE);
}

static judge_verdict declared(const judge_check *check, size_t n, bool power, bool claims) {
    judge_finding f;
    const judge_ixit ixit = {
        .resilience = {{"N", "d", JUDGE_OUTAGE_NETWORK, claims ? "g" : ""},
                       {"P", "d", power ? JUDGE_OUTAGE_POWER : JUDGE_OUTAGE_NETWORK, "g"}},
        .resilience_count = n};
    const judge_evidence e = {.ixit = &ixit};
    assert_int_equal(judge_check_run(check, &e, NULL, &f), 0);
    return f.verdict;
}

static void test_what_is_declared(void **state) {
    (void)state;
    static const judge_check *const all[] = {
        &judge_check_outage_declared, &judge_check_outage_guaranteed, &judge_check_local_declared,
        &judge_check_local_guaranteed, &judge_check_state_guaranteed};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(declared(all[i], 2, true, true), JUDGE_PASS);
        assert_int_equal(declared(all[i], 0, true, true), JUDGE_INCONCLUSIVE);
    }
    assert_int_equal(declared(all[0], 2, false, true), JUDGE_FAIL);
    assert_int_equal(declared(all[1], 2, true, false), JUDGE_FAIL);
    assert_int_equal(declared(all[2], 1, true, true), JUDGE_FAIL);
    assert_int_equal(declared(all[3], 2, true, false), JUDGE_FAIL);
    assert_int_equal(declared(all[4], 1, true, true), JUDGE_FAIL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_measure_decides),
        cmocka_unit_test(test_large_numbers),
        cmocka_unit_test(test_without_an_outage),
        cmocka_unit_test(test_what_is_declared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
