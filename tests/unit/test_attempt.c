/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "sim/core/heap.h"
#include "sim/core/random.h"
#include "sim/record/attempt.h"
#include "tests/unit/every_allocation.h"
#include "tests/unit/with_cmocka.h"

static void test_words(void **state) {
    (void)state;
    static const char *const words[] = {"none", "online", "dropped", "busy", "refused"};
    assert_int_equal(RECORD_OUTCOMES, 5);
    for (int i = 0; i < RECORD_OUTCOMES; i++)
        assert_string_equal(record_outcome_word((record_outcome)i), words[i]);
    assert_string_equal(record_outcome_word(RECORD_OUTCOMES), "?");
}

static record_attempt attempt_of(sim_time at, uint32_t device, uint32_t number) {
    return (record_attempt){.at = at, .device = device, .number = number, .latency = SIM_NEVER};
}

static void test_add(void **state) {
    (void)state;
    record_attempts a;
    record_attempts_init(&a);
    for (uint32_t i = 0; i < 1000; i++) {
        record_attempt attempt = attempt_of(i, i, 1);
        size_t index = 0;
        assert_int_equal(record_attempts_add(&a, &attempt, &index), 0);
        assert_int_equal(index, i);
    }
    assert_int_equal(a.count, 1000);
    assert_true(a.capacity >= a.count);
    for (uint32_t i = 0; i < 1000; i++) assert_int_equal(a.items[i].device, i);
    record_attempts_deinit(&a);
    assert_null(a.items);
    assert_int_equal(a.count, 0);
    record_attempts_deinit(&a); /* of nothing: does nothing */
}

static void test_append(void **state) {
    (void)state;
    record_attempts a, b;
    record_attempts_init(&a);
    record_attempts_init(&b);
    size_t index;
    assert_int_equal(record_attempts_append(&a, &b), 0); /* nothing to nothing */
    assert_int_equal(a.count, 0);
    for (uint32_t i = 0; i < 100; i++) {
        record_attempt attempt = attempt_of(i, i, 1);
        assert_int_equal(record_attempts_add(i < 30 ? &a : &b, &attempt, &index), 0);
    }
    assert_int_equal(record_attempts_append(&a, &b), 0);
    assert_int_equal(a.count, 100);
    assert_int_equal(b.count, 70);
    for (uint32_t i = 0; i < 100; i++) assert_int_equal(a.items[i].device, i);
    record_attempts_deinit(&a);
    record_attempts_deinit(&b);
}

/* By time, then device, then number: each key decides where those before it are equal. */
static void test_sort(void **state) {
    (void)state;
    const record_attempt wanted[] = {attempt_of(0, 5, 1), attempt_of(0, 5, 2),
                                     attempt_of(0, 6, 1), attempt_of(1, 0, 9),
                                     attempt_of(1, 1, 1), attempt_of(1, 1, 10),
                                     attempt_of(7, 0, 1), attempt_of(SIM_NEVER, 0, 1)};
    enum { COUNT = sizeof wanted / sizeof *wanted };
    for (uint64_t seed = 0; seed < 100; seed++) {
        sim_stream s = sim_stream_for(seed, SIM_PURPOSE_SELECTION, 0);
        record_attempts a;
        record_attempts_init(&a);
        size_t order[COUNT], index;
        for (size_t i = 0; i < COUNT; i++) order[i] = i;
        for (size_t i = COUNT; i > 1; i--) {
            size_t j = (size_t)sim_stream_below(&s, i), other = order[i - 1];
            order[i - 1] = order[j];
            order[j] = other;
        }
        for (size_t i = 0; i < COUNT; i++)
            assert_int_equal(record_attempts_add(&a, &wanted[order[i]], &index), 0);
        record_attempts_sort(&a);
        for (size_t i = 0; i < COUNT; i++) {
            assert_int_equal(a.items[i].at, wanted[i].at);
            assert_int_equal(a.items[i].device, wanted[i].device);
            assert_int_equal(a.items[i].number, wanted[i].number);
        }
        record_attempts_deinit(&a);
    }
}

/* Many, over ranges of time from a few nanoseconds to all there is, negative ones too: in order,
 * and the same set. */
static void test_sort_of_many(void **state) {
    (void)state;
    enum { MANY = 5000 };
    for (int bits = 1; bits <= 64; bits += 3) {
        sim_stream s = sim_stream_for((uint64_t)bits, SIM_PURPOSE_SELECTION, 0);
        record_attempts a;
        uint64_t sum = 0, after = 0;
        size_t index;
        record_attempts_init(&a);
        for (uint32_t i = 0; i < MANY; i++) {
            record_attempt attempt = attempt_of((sim_time)(sim_stream_next(&s) >> (64 - bits)),
                                                (uint32_t)sim_stream_below(&s, 3), i);
            sum += sim_hash64((uint64_t)attempt.at ^ i);
            assert_int_equal(record_attempts_add(&a, &attempt, &index), 0);
        }
        record_attempts_sort(&a);
        for (size_t i = 0; i < MANY; i++) {
            const record_attempt *now = &a.items[i], *before = i > 0 ? now - 1 : now;
            assert_true(before->at <= now->at);
            assert_true(before->at < now->at || before->device <= now->device);
            assert_true(i == 0 || before->at < now->at || before->device < now->device ||
                        before->number < now->number);
            after += sim_hash64((uint64_t)now->at ^ now->number);
        }
        assert_true(sum == after);
        record_attempts_deinit(&a);
    }
}

static void test_sort_of_little(void **state) {
    (void)state;
    record_attempts a;
    record_attempts_init(&a);
    record_attempts_sort(&a);
    record_attempt attempt = attempt_of(1, 2, 3);
    size_t index;
    assert_int_equal(record_attempts_add(&a, &attempt, &index), 0);
    record_attempts_sort(&a);
    assert_int_equal(a.items[0].device, 2);
    record_attempts_deinit(&a);
}

static int add_and_append(void *context) {
    (void)context;
    record_attempts a, b;
    record_attempts_init(&a);
    record_attempts_init(&b);
    record_attempt attempt = attempt_of(1, 2, 3);
    size_t index;
    int error = 0;
    for (int i = 0; i < 200 && error == 0; i++) error = record_attempts_add(&a, &attempt, &index);
    if (error == 0) error = record_attempts_append(&b, &a);
    record_attempts_deinit(&a);
    record_attempts_deinit(&b);
    return error;
}

static void test_every_allocation_fails(void **state) {
    (void)state;
    assert_in_range(fail_every_allocation(add_and_append, NULL), 3, 10);
}

/* After a failure the list is what it was. */
static void test_failure_changes_nothing(void **state) {
    (void)state;
    record_attempts a;
    record_attempts_init(&a);
    record_attempt attempt = attempt_of(1, 2, 3);
    size_t index = 77;
    while (a.count < a.capacity || a.count == 0)
        assert_int_equal(record_attempts_add(&a, &attempt, &index), 0);
    const size_t count = a.count;
    sim_heap_fail(0, true);
    assert_int_equal(record_attempts_add(&a, &attempt, &index), SIM_ENOMEM);
    assert_int_equal(record_attempts_append(&a, &a), SIM_ENOMEM);
    assert_true(sim_heap_fail_never());
    assert_int_equal(a.count, count);
    assert_int_equal(index, count - 1);
    record_attempts_deinit(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_add),
        cmocka_unit_test(test_append),
        cmocka_unit_test(test_sort),
        cmocka_unit_test(test_sort_of_many),
        cmocka_unit_test(test_sort_of_little),
        cmocka_unit_test(test_every_allocation_fails),
        cmocka_unit_test(test_failure_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
