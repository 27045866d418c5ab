/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "sim/core/map.h"
#include "sim/core/random.h"
#include "tests/unit/every_allocation.h"

static void test_puts_gets_removes(void **state) {
    (void)state;
    sim_map m;
    uint32_t value = 7;
    sim_map_init(&m);
    assert_false(sim_map_get(&m, 0, &value));
    sim_map_remove(&m, 0); /* of an empty one */
    assert_int_equal(sim_map_put(&m, 0, 1), 0);
    assert_int_equal(sim_map_put(&m, UINT64_MAX, 2), 0);
    assert_int_equal(sim_map_put(&m, 0, 3), 0); /* replaces */
    assert_int_equal(m.count, 2);
    assert_true(sim_map_get(&m, 0, &value));
    assert_int_equal(value, 3);
    assert_true(sim_map_get(&m, UINT64_MAX, &value));
    assert_int_equal(value, 2);
    sim_map_remove(&m, 0);
    sim_map_remove(&m, 0); /* absent is fine */
    assert_int_equal(m.count, 1);
    assert_false(sim_map_get(&m, 0, &value));
    assert_int_equal(value, 2); /* untouched */
    sim_map_deinit(&m);
    assert_int_equal(m.count, 0);
}

/* Against a plain table, over few keys so that they come and go often, and chains form and are
 * closed. */
static void walk(uint64_t seed, bool crowded) {
    enum { KEYS = 300, STEPS = 60000 };
    static uint32_t there[KEYS]; /* value + 1; 0: absent */
    sim_stream stream = sim_stream_for(seed, SIM_PURPOSE_SCRIPT, 0);
    size_t count = 0;
    sim_map m;
    memset(there, 0, sizeof there);
    sim_map_init(&m);
    for (int i = 0; i < STEPS; i++) {
        uint64_t draw = sim_stream_next(&stream);
        uint32_t key = (uint32_t)(draw % KEYS), value = (uint32_t)(draw >> 40), found = 0;
        bool remove = (draw >> 32) % 8 < (crowded ? 3 : 5);
        if (remove) {
            sim_map_remove(&m, key);
            count -= there[key] != 0;
            there[key] = 0;
        } else {
            assert_int_equal(sim_map_put(&m, key, value), 0);
            count += there[key] == 0;
            there[key] = value + 1;
        }
        assert_int_equal(m.count, count);
        assert_true(3 * m.count <= 2 * m.capacity);
        key = (uint32_t)(draw >> 20) % KEYS;
        assert_int_equal(sim_map_get(&m, key, &found), there[key] != 0);
        if (there[key] != 0) assert_int_equal(found, there[key] - 1);
    }
    for (uint32_t key = 0; key < KEYS; key++) {
        uint32_t found;
        assert_int_equal(sim_map_get(&m, key, &found), there[key] != 0);
    }
    assert_true(m.capacity <=
                512); /* what is removed leaves no tombstones behind, so it never grew further */
    sim_map_deinit(&m);
}

static void test_against_a_plain_table(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        walk(seed, true);
        walk(seed, false);
    }
}

static int hundred(void *context) {
    (void)context;
    sim_map m;
    int error = 0;
    sim_map_init(&m);
    for (uint32_t i = 0; i < 100 && error == 0; i++) {
        error = sim_map_put(&m, i, i);
        uint32_t value;
        /* unchanged by a failure */
        for (uint32_t k = 0; k < i; k++) assert_true(sim_map_get(&m, k, &value));
        assert_int_equal(m.count, error == 0 ? i + 1 : i);
    }
    sim_map_deinit(&m);
    return error;
}

static void test_every_allocation_fails(void **state) {
    (void)state;
    assert_true(fail_every_allocation(hundred, NULL) >= 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_puts_gets_removes),
        cmocka_unit_test(test_against_a_plain_table),
        cmocka_unit_test(test_every_allocation_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
