/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/random.h"
#include "sim/core/slots.h"
#include "tests/unit/every_allocation.h"
#include "tests/unit/with_cmocka.h"

static void test_take_and_give_back(void **state) {
    (void)state;
    sim_slots s;
    sim_slots_init(&s, 3);
    sim_id id[3], more = {77, 77};
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(sim_slots_take(&s, &id[i]), 0);
        assert_int_equal(id[i].slot, i);
        assert_true(sim_slots_valid(&s, id[i]));
    }
    assert_int_equal(sim_slots_take(&s, &more), SIM_EAGAIN);
    assert_int_equal(more.slot, 77);
    assert_int_equal(sim_slots_give_back(&s, id[1]), 0);
    assert_false(sim_slots_valid(&s, id[1]));
    assert_int_equal(sim_slots_give_back(&s, id[1]), SIM_ESTALE);
    assert_int_equal(s.live, 2);
    assert_int_equal(sim_slots_take(&s, &more), 0);
    assert_int_equal(more.slot, 1); /* the same place, another name */
    assert_int_not_equal(more.generation, id[1].generation);
    assert_false(sim_slots_valid(&s, id[1]));
    assert_true(sim_slots_valid(&s, more));
    sim_slots_deinit(&s);
    sim_slots_deinit(&s); /* again is fine */
}

static void test_names_of_nothing(void **state) {
    (void)state;
    static const sim_id nothing[] = {{0, 0}, {0, 2},          {0, 3},
                                     {1, 1}, {UINT32_MAX, 1}, {5, UINT32_MAX}};
    sim_slots s;
    sim_slots_init(&s, 10);
    sim_id id;
    assert_false(sim_slots_valid(&s, (sim_id){0, 1}));
    assert_int_equal(sim_slots_take(&s, &id), 0);
    for (size_t i = 0; i < sizeof nothing / sizeof nothing[0]; i++) {
        assert_false(sim_slots_valid(&s, nothing[i]));
        assert_int_equal(sim_slots_give_back(&s, nothing[i]), SIM_ESTALE);
    }
    assert_int_equal(sim_slots_give_back(&s, id), 0);
    /* a free slot has an even generation: even its exact number is no name */
    assert_false(sim_slots_valid(&s, (sim_id){id.slot, s.generation[id.slot]}));
    sim_slots_deinit(&s);

    sim_slots_init(&s, 0);
    assert_int_equal(sim_slots_take(&s, &id), SIM_EAGAIN);
    sim_slots_deinit(&s);
}

/* After 2^31 uses a slot's generations are spent: it is never handed out again, rather than an old
 * name come true. */
static void test_worn_out_slot_retires(void **state) {
    (void)state;
    sim_slots s;
    sim_id id;
    sim_slots_init(&s, 2);
    assert_int_equal(sim_slots_take(&s, &id), 0);
    s.generation[0] = id.generation = UINT32_MAX;
    assert_int_equal(sim_slots_give_back(&s, id), 0);
    assert_int_equal(s.live, 0);
    assert_false(sim_slots_valid(&s, id));
    assert_false(sim_slots_valid(&s, (sim_id){0, 0}));
    assert_int_equal(sim_slots_take(&s, &id), 0);
    assert_int_equal(id.slot, 1);
    assert_int_equal(sim_slots_take(&s, &id), SIM_EAGAIN);
    sim_slots_deinit(&s);
}

/* Against a plain list of what is taken, at random. */
static void test_against_a_list(void **state) {
    (void)state;
    enum { MAXIMUM = 50 };
    sim_id live[MAXIMUM], gone[1000];
    uint32_t lives = 0, deaths = 0;
    sim_stream r = sim_stream_for(1, 0, 0);
    sim_slots s;
    sim_slots_init(&s, MAXIMUM);
    for (int i = 0; i < 100000; i++) {
        if (sim_stream_below(&r, 100) < 50 + (uint64_t)(i / 1000 % 2) * 10) {
            sim_id id;
            const int error = sim_slots_take(&s, &id);
            assert_int_equal(error, lives == MAXIMUM ? SIM_EAGAIN : 0);
            for (uint32_t k = 0; error == 0 && k < lives; k++)
                assert_int_not_equal(live[k].slot, id.slot);
            if (error == 0) live[lives++] = id;
        } else if (lives > 0) {
            const uint32_t k = (uint32_t)sim_stream_below(&r, lives);
            assert_int_equal(sim_slots_give_back(&s, live[k]), 0);
            gone[deaths++ % 1000] = live[k];
            live[k] = live[--lives];
        }
        assert_int_equal(s.live, lives);
        if (lives > 0) assert_true(sim_slots_valid(&s, live[sim_stream_below(&r, lives)]));
        if (deaths >= 1000) assert_false(sim_slots_valid(&s, gone[sim_stream_below(&r, 1000)]));
    }
    assert_true(s.capacity <= MAXIMUM);
    sim_slots_deinit(&s);
}

static int take_a_hundred(void *context) {
    (void)context;
    sim_slots s;
    int error = 0;
    sim_slots_init(&s, 100);
    for (uint32_t i = 0; i < 100 && error == 0; i++) {
        sim_id id;
        error = sim_slots_take(&s, &id);
        if (error == 0) {
            assert_int_equal(id.slot, i);
        } else { /* what failed once works when there is memory again, and nothing was lost */
            assert_int_equal(s.live, i);
            sim_heap_fail_never();
            assert_int_equal(sim_slots_take(&s, &id), 0);
            assert_int_equal(id.slot, i);
            sim_heap_fail(0, true);
            (void)!sim_malloc(1);
        }
    }
    sim_slots_deinit(&s);
    return error;
}

static void test_every_allocation_fails(void **state) {
    (void)state;
    assert_int_equal(fail_every_allocation(take_a_hundred, NULL), 8); /* 16, 32, 64, 100 */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_take_and_give_back),     cmocka_unit_test(test_names_of_nothing),
        cmocka_unit_test(test_worn_out_slot_retires),  cmocka_unit_test(test_against_a_list),
        cmocka_unit_test(test_every_allocation_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
