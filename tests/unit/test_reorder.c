/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packets come out by their times, as long as none is later than a second; no more wait than may.
 */
#include <string.h>

#include "sim/core/random.h"
#include "sim/read/reorder.h"
#include "tests/unit/with_cmocka.h"

static read_captured frame_at(int64_t ns, uint64_t number, const uint8_t *bytes, size_t n) {
    return (read_captured){.ns = ns, .number = number, .whole = n, .bytes = {bytes, n}};
}

static void put(read_reorder *r, int64_t ns, uint64_t number) {
    const uint8_t bytes[2] = {(uint8_t)number, (uint8_t)(number >> 8)};
    const read_captured f = frame_at(ns, number, bytes, sizeof bytes);
    assert_int_equal(read_reorder_put(r, &f), 0);
}

/* Each frame has the bytes that it was put with, and none is before the one that was given last. */
static uint64_t take(read_reorder *r, bool all, int64_t *last) {
    uint64_t n = 0;
    read_captured f;
    for (; read_reorder_next(r, all, &f); n++) {
        assert_true(f.ns >= *last);
        assert_int_equal(f.bytes.n, 2);
        assert_int_equal(f.bytes.at[0] | f.bytes.at[1] << 8, f.number);
        *last = f.ns;
    }
    return n;
}

static void test_by_time(void **state) {
    (void)state;
    read_reorder r = {0};
    sim_stream stream = sim_stream_for(5, SIM_PURPOSE_LAW, 1);
    int64_t last = 0;
    uint64_t taken = 0;
    for (uint64_t i = 0; i < 20000; i++) {
        const int64_t late = sim_stream_between(&stream, 0, READ_REORDER_SPAN - 1);
        put(&r, (int64_t)(i + 1000) * SIM_MILLISECOND - late, i);
        taken += take(&r, false, &last);
        assert_true(r.count <= 2100);
    }
    assert_true(taken > 17000);
    taken += take(&r, true, &last);
    assert_int_equal(taken, 20000);
    read_reorder_deinit(&r);
}

/* Packets of one time keep their order; a second and more is a jump. */
static void test_equal_times_and_jumps(void **state) {
    (void)state;
    read_reorder r = {0};
    read_captured f;
    for (uint64_t i = 1; i <= 3; i++) put(&r, 5 * SIM_SECOND, i);
    assert_false(read_reorder_is_jump(&r, 4 * SIM_SECOND));
    assert_true(read_reorder_is_jump(&r, 4 * SIM_SECOND - 1));
    assert_false(read_reorder_next(&r, false, &f));
    for (uint64_t i = 1; i <= 3; i++) {
        assert_true(read_reorder_next(&r, true, &f));
        assert_int_equal(f.number, i);
    }
    assert_false(read_reorder_next(&r, true, &f));
    assert_false(read_reorder_is_jump(&r, 0)); /* nothing is there to jump from */
    read_reorder_deinit(&r);
}

static void test_no_more_wait_than_may(void **state) {
    (void)state;
    static const uint8_t large[65535];
    read_reorder r = {0};
    read_captured f;
    for (uint64_t i = 1; i <= 2 * READ_REORDER_MAX; i++) {
        put(&r, SIM_SECOND, i);
        while (read_reorder_next(&r, false, &f)) continue;
        assert_true(r.count <= READ_REORDER_MAX);
    }
    for (uint64_t i = 1; i <= 1000; i++) {
        const read_captured big = frame_at(SIM_SECOND, i, large, sizeof large);
        assert_int_equal(read_reorder_put(&r, &big), 0);
        while (read_reorder_next(&r, false, &f)) continue;
        assert_true(r.bytes <= READ_REORDER_BYTES_MAX);
    }
    read_reorder_deinit(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_time),
        cmocka_unit_test(test_equal_times_and_jumps),
        cmocka_unit_test(test_no_more_wait_than_may),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
