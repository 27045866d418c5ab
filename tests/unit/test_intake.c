/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one intake: with a list of attempts as a street has it, and without one as a served cloud. */
#include "sim/cloud/intake.h"
#include "tests/unit/with_cmocka.h"

static const cloud_glance hello = {.demand = CLOUD_DEMAND_CONNECTION,
                                   .later = CLOUD_DEMAND_NOTHING,
                                   .tag = 7,
                                   .port = 1},
                          proven = {.demand = CLOUD_DEMAND_CONNECTION,
                                    .later = CLOUD_DEMAND_NOTHING,
                                    .tag = 7,
                                    .port = 1,
                                    .proven = true},
                          data = {.demand = CLOUD_DEMAND_REQUEST, .port = 1},
                          plain = {.demand = CLOUD_DEMAND_CONNECTION,
                                   .later = CLOUD_DEMAND_REQUEST,
                                   .tag = 8,
                                   .port = 1,
                                   .proven = true};

static cloud_limits limits_of(double stage_per_s, uint32_t queue, bool restarts) {
    cloud_limits l = cloud_limits_default;
    l.connections_per_s = l.requests_per_s = 10;
    if (stage_per_s > 0)
        l.stages[l.stage_count++] = (cloud_stage){
            .word = "register", .per_s = stage_per_s, .queue = queue, .restarts = restarts};
    return l;
}

static cloud_passage pass(cloud_edge *edge, cloud_capacity *c, cloud_edge_peer *peer, sim_time now,
                          const cloud_glance *glance) {
    const cloud_intake in = {.edge = edge, .capacity = c};
    const cloud_sender from = {.peer = peer};
    cloud_passage p;
    assert_int_equal(cloud_intake_pass(&in, &from, now, glance, &p), 0);
    return p;
}

/* ---- without a list ---- */

static void test_strangers_cost_nothing_before_they_are_proven(void **state) {
    (void)state;
    cloud_limits l = limits_of(0, 0, false);
    cloud_capacity c;
    cloud_capacity_init(&c, &l);
    cloud_edge_peer nobody = cloud_intake_memory(false, &hello);
    for (int i = 0; i < 1000; i++) {
        cloud_passage p = pass(NULL, &c, &nobody, 0, &hello);
        assert_int_equal(p.demand, CLOUD_DEMAND_NOTHING);
        assert_int_equal(p.fate, CLOUD_FATE_ADMIT);
        assert_false(p.begins);
    }
    assert_int_equal(c.admitted[CLOUD_DEMAND_CONNECTION], 0);
    cloud_passage p = pass(NULL, &c, &nobody, 0, &proven);
    assert_int_equal(p.demand, CLOUD_DEMAND_CONNECTION);
    assert_true(p.begins);
    assert_int_equal(c.admitted[CLOUD_DEMAND_CONNECTION], 1);
}

static void test_what_the_door_knows_goes_on(void **state) {
    (void)state;
    static const struct {
        const cloud_glance *glance;
        bool known;
        cloud_demand demand;
    } rows[] = {{&proven, true, CLOUD_DEMAND_NOTHING}, {&proven, false, CLOUD_DEMAND_CONNECTION},
                {&plain, true, CLOUD_DEMAND_REQUEST},  {&plain, false, CLOUD_DEMAND_CONNECTION},
                {&data, true, CLOUD_DEMAND_REQUEST},   {&data, false, CLOUD_DEMAND_REQUEST}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cloud_limits l = limits_of(0, 0, false);
        cloud_capacity c;
        cloud_capacity_init(&c, &l);
        cloud_edge_peer memory = cloud_intake_memory(rows[i].known, rows[i].glance);
        cloud_passage p = pass(NULL, &c, &memory, 5, rows[i].glance);
        if (p.demand != rows[i].demand) fail_msg("row %zu: %d", i, (int)p.demand);
        assert_int_equal(p.serve_at, 5);
    }
}

/* ---- with a list ---- */

static void test_no_capacity_lets_all_in(void **state) {
    (void)state;
    cloud_edge e;
    cloud_edge_peer peer = {0};
    cloud_edge_init(&e);
    cloud_passage p = pass(&e, NULL, &peer, 3, &hello);
    assert_true(p.begins);
    assert_int_equal(p.fate, CLOUD_FATE_ADMIT);
    assert_int_equal(p.serve_at, 3);
    p = pass(&e, NULL, &peer, 4, &hello);
    assert_false(p.begins); /* a repetition */
    assert_int_equal(e.seen, 1);
    cloud_edge_deinit(&e);
}

static void test_a_repetition_does_not_overtake(void **state) {
    (void)state;
    cloud_limits l = limits_of(0, 0, false);
    cloud_capacity c;
    cloud_edge e;
    cloud_edge_peer first = {0}, peer = {0};
    cloud_capacity_init(&c, &l);
    cloud_edge_init(&e);
    (void)pass(&e, &c, &first, 0, &hello);
    assert_int_equal(pass(&e, &c, &peer, 0, &hello).serve_at, 100 * SIM_MILLISECOND);
    cloud_passage again = pass(&e, &c, &peer, SIM_MILLISECOND, &hello);
    assert_int_equal(again.demand, CLOUD_DEMAND_NOTHING);
    assert_int_equal(again.serve_at, 100 * SIM_MILLISECOND);
    cloud_edge_deinit(&e);
}

/* ---- further stages ---- */

/* The edge tells who repeats himself from who comes anew; the first falls for an eighth. */
static void test_a_repetition_that_falls_costs_less(void **state) {
    (void)state;
    cloud_limits l = limits_of(0, 0, false);
    l.connection_queue = 0;
    l.overload_cost = 0.8;
    cloud_capacity c;
    cloud_edge e;
    cloud_edge_peer first = {0}, peer = {0};
    cloud_capacity_init(&c, &l);
    cloud_edge_init(&e);
    (void)pass(&e, &c, &first, 0, &hello);
    sim_time in_line = c.lines[CLOUD_DEMAND_CONNECTION].free_at;
    cloud_passage anew = pass(&e, &c, &peer, 0, &hello);
    assert_int_equal(anew.fate, CLOUD_FATE_DROP);
    assert_true(anew.begins);
    sim_time fallen = c.lines[CLOUD_DEMAND_CONNECTION].free_at;
    assert_int_equal(fallen - in_line, 80 * SIM_MILLISECOND);
    cloud_passage again = pass(&e, &c, &peer, SIM_MILLISECOND, &hello);
    assert_int_equal(again.fate, CLOUD_FATE_DROP);
    assert_int_equal(again.demand, CLOUD_DEMAND_CONNECTION);
    assert_false(again.begins);
    assert_int_equal(c.lines[CLOUD_DEMAND_CONNECTION].free_at - fallen, 10 * SIM_MILLISECOND);
    cloud_edge_deinit(&e);
}

static void test_the_first_request_goes_through_the_stages(void **state) {
    (void)state;
    cloud_limits l = limits_of(1, 0, false);
    cloud_capacity c;
    cloud_edge e;
    cloud_edge_peer first = {0}, second = {0};
    cloud_capacity_init(&c, &l);
    cloud_edge_init(&e);
    (void)pass(&e, &c, &first, 0, &hello);
    (void)pass(&e, &c, &second, 0, &hello);
    assert_int_equal(pass(&e, &c, &first, SIM_SECOND, &data).demand, CLOUD_DEMAND_STAGES);
    /* no place: it may try again on the same connection, which still counts as its first */
    cloud_passage p = pass(&e, &c, &second, SIM_SECOND, &data);
    assert_int_equal(p.fate, CLOUD_FATE_DROP);
    /* the first has passed: its next request is one like any other */
    assert_int_equal(pass(&e, &c, &first, SIM_SECOND + 1, &data).demand, CLOUD_DEMAND_REQUEST);
    p = pass(&e, &c, &second, 3 * SIM_SECOND, &data);
    assert_int_equal(p.demand, CLOUD_DEMAND_STAGES);
    assert_int_equal(p.fate, CLOUD_FATE_ADMIT);
    assert_int_equal(c.stage_admitted, 2);
    assert_int_equal(c.stage_over, 1);
    assert_int_equal(c.admitted[CLOUD_DEMAND_REQUEST], 1);
    /* a new attempt begins the chain anew, and so does one that the cloud forgot */
    cloud_glance other = hello;
    other.tag = 99;
    (void)pass(&e, &c, &first, 5 * SIM_SECOND, &other);
    assert_int_equal(pass(&e, &c, &first, 6 * SIM_SECOND, &data).demand, CLOUD_DEMAND_STAGES);
    cloud_edge_forget(&first);
    assert_int_equal(pass(&e, &c, &first, 9 * SIM_SECOND, &data).demand, CLOUD_DEMAND_STAGES);
    cloud_edge_deinit(&e);
}

static void test_a_stage_may_restart_the_chain(void **state) {
    (void)state;
    for (int restarts = 0; restarts < 2; restarts++) {
        cloud_limits l = limits_of(1, 0, restarts != 0);
        cloud_capacity c;
        cloud_edge e;
        cloud_edge_peer first = {0}, second = {0};
        cloud_capacity_init(&c, &l);
        cloud_edge_init(&e);
        (void)pass(&e, &c, &first, 0, &hello);
        (void)pass(&e, &c, &second, 0, &hello);
        (void)pass(&e, &c, &first, SIM_SECOND, &data);
        assert_int_equal(pass(&e, &c, &second, SIM_SECOND, &data).fate,
                         restarts ? CLOUD_FATE_RESTART : CLOUD_FATE_DROP);
        cloud_edge_deinit(&e);
    }
}

/* In plain CoAP the first datagram is the registration too: it waits for both. */
static void test_a_connection_that_is_a_request(void **state) {
    (void)state;
    cloud_limits l = limits_of(1, 1, false);
    cloud_capacity c;
    cloud_edge e;
    cloud_edge_peer peers[3] = {{0}};
    cloud_capacity_init(&c, &l);
    cloud_edge_init(&e);
    assert_int_equal(pass(&e, &c, &peers[0], 0, &plain).serve_at, 0);
    /* connected at 100 ms, registered when the first is: after a second */
    assert_int_equal(pass(&e, &c, &peers[1], 0, &plain).serve_at, SIM_SECOND);
    assert_int_equal(pass(&e, &c, &peers[2], 0, &plain).fate, CLOUD_FATE_DROP);
    assert_int_equal(c.admitted[CLOUD_DEMAND_CONNECTION], 3);
    assert_int_equal(c.stage_admitted, 2);
    cloud_edge_deinit(&e);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strangers_cost_nothing_before_they_are_proven),
        cmocka_unit_test(test_what_the_door_knows_goes_on),
        cmocka_unit_test(test_no_capacity_lets_all_in),
        cmocka_unit_test(test_a_repetition_does_not_overtake),
        cmocka_unit_test(test_a_repetition_that_falls_costs_less),
        cmocka_unit_test(test_the_first_request_goes_through_the_stages),
        cmocka_unit_test(test_a_stage_may_restart_the_chain),
        cmocka_unit_test(test_a_connection_that_is_a_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
