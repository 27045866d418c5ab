/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The boot chain asks when the RFCs say, and no sooner. */
#include <string.h>

#include "sim/fleet/chain.h"
#include "tests/unit/with_cmocka.h"

#define S SIM_SECOND

static const sim_time quick[FLEET_SERVERS] = {S / 50, S / 50, S / 50};

static const fleet_chain_kind *kind_named(const char *word) {
    const fleet_chain_kind *k = fleet_chain_kinds;
    while (strcmp(k->word, word) != 0) k++;
    return k;
}

/* When the first `n` requests to a server that is gone go out. */
static void asked_at(const fleet_chain_kind *kind, fleet_server stage, uint64_t seed, sim_time *at,
                     uint32_t n) {
    sim_time after[FLEET_SERVERS] = {SIM_NEVER, SIM_NEVER, SIM_NEVER};
    uint64_t asked[FLEET_SERVERS] = {0};
    sim_stream draw = sim_stream_for(seed, SIM_PURPOSE_HOME, 1);
    fleet_chain c;
    sim_time now = fleet_chain_begin(&c, kind, stage, 0, &draw);
    for (uint32_t i = 0; i < n; i++) {
        at[i] = now;
        now = fleet_chain_step(&c, kind, after, now, &draw, asked);
        assert_int_equal(asked[stage], i + 1);
    }
}

static void test_published_timers(void **state) {
    (void)state;
    static const struct {
        const char *kind;
        fleet_server stage;
        double first[2], pauses[8], spread, share;
    } cases[] = {
        {"ipv4", FLEET_SERVER_ADDRESS, {1, 10}, {4, 8, 16, 32, 64, 64, 64, 64}, 1, 0},
        {"ipv6", FLEET_SERVER_ADDRESS, {0, 1}, {1, 2, 4, 8, 16, 32, 64, 128}, 0, 0.1},
        {"ipv4", FLEET_SERVER_NAME, {0, 0}, {5, 10, 20, 40, 60, 60, 60, 60}, 0, 0},
        {"ipv6", FLEET_SERVER_TIME, {0, 0}, {15, 30, 60, 120, 240, 480, 960, 1024}, 0, 0},
        {"impatient", FLEET_SERVER_ADDRESS, {0, 0}, {1, 1, 1, 1, 1, 1, 1, 1}, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (uint64_t seed = 1; seed <= 50; seed++) {
            sim_time at[9];
            asked_at(kind_named(cases[i].kind), cases[i].stage, seed, at, 9);
            double first = sim_time_seconds(at[0]);
            assert_true(first >= cases[i].first[0] && first <= cases[i].first[1]);
            for (int p = 0; p < 8; p++) {
                double pause = sim_time_seconds(at[p + 1] - at[p]), wanted = cases[i].pauses[p];
                double about = cases[i].spread + cases[i].share * wanted + 1e-9;
                assert_true(pause >= wanted - about && pause <= wanted + about);
            }
        }
    }
}

/* Runs to the end, or for `limit`; returns when it was through. */
static sim_time through_at(const sim_time after[FLEET_SERVERS], sim_time limit,
                           uint64_t asked[FLEET_SERVERS]) {
    const fleet_chain_kind *kind = kind_named("ipv6");
    sim_stream draw = sim_stream_for(1, SIM_PURPOSE_HOME, 1);
    fleet_chain c;
    sim_time now = fleet_chain_begin(&c, kind, FLEET_SERVER_ADDRESS, 0, &draw);
    while (now < limit) {
        sim_time next = fleet_chain_step(&c, kind, after, now, &draw, asked);
        assert_true(next > now);
        if (fleet_chain_is_through(&c)) return now;
        now = next;
    }
    return SIM_NEVER;
}

/* Three requests are enough where all answer; a slow server is asked again and answers the first; a
 * server that is gone keeps everybody, and the later ones are not asked. */
static void test_servers(void **state) {
    (void)state;
    static const sim_time slow[FLEET_SERVERS] = {S / 50, 12 * S, S / 50};
    static const sim_time gone[FLEET_SERVERS] = {S / 50, SIM_NEVER, S / 50};
    uint64_t asked[3][FLEET_SERVERS] = {{0}};
    assert_true(through_at(quick, SIM_HOUR, asked[0]) < 2 * S);
    for (int i = 0; i < FLEET_SERVERS; i++) assert_int_equal(asked[0][i], 1);
    sim_time late = through_at(slow, SIM_HOUR, asked[1]);
    assert_true(late > 12 * S && late < 14 * S);
    assert_int_equal(asked[1][FLEET_SERVER_NAME], 2); /* at once, and after 5 s */
    assert_int_equal(through_at(gone, SIM_HOUR, asked[2]), SIM_NEVER);
    assert_in_range(asked[2][FLEET_SERVER_NAME], 60, 64);
    assert_int_equal(asked[2][FLEET_SERVER_TIME], 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_published_timers),
                                       cmocka_unit_test(test_servers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
