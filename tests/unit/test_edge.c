/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cloud/door.h"
#include "sim/cloud/edge.h"
#include "sim/core/heap.h"
#include "sim/record/dtls_wire.h"
#include "tests/unit/every_allocation.h"
#include "tests/unit/secure_pair.h"

/* ---- a real handshake, as seen on the wire ---- */

enum { HELLO, COOKIE_HELLO, FLIGHT, DATA, CLOSING, KINDS };

typedef struct datagram {
    uint8_t bytes[SECURE_PAIR_DATAGRAM];
    size_t n;
} datagram;

static datagram seen[32];
static size_t seen_count;
static datagram
    wire[2]
        /* two associations of one client: nothing but the Random differs that an edge could tell */
        [KINDS];

static bool keep(void *looker, const test_packet *d) {
    (void)looker;
    if (!d->up || seen_count == sizeof seen / sizeof *seen) return false;
    memcpy(seen[seen_count].bytes, d->bytes, d->n);
    seen[seen_count++].n = d->n;
    return false;
}

static void record(uint64_t seed, datagram out[KINDS]) {
    secure_pair p;
    seen_count = 0;
    assert_true(secure_pair_init(&p, seed, 2, &net_secure_timing_default));
    p.wire.look = keep;
    secure_pair_open(&p);
    assert_int_equal(p.client.opened, 1);
    size_t handshake = seen_count;
    assert_true(handshake >= 3);
    assert_int_equal(net_secure_write(p.client.session, p.wire.now, (const uint8_t *)"hello", 5),
                     0);
    net_secure_close(p.client.session, p.wire.now);
    assert_int_equal(seen_count, handshake + 2);
    out[HELLO] = seen[0];
    out[COOKIE_HELLO] = seen[1];
    out[FLIGHT] = seen[2];
    out[DATA] = seen[handshake];
    out[CLOSING] = seen[handshake + 1];
    secure_pair_deinit(&p);
}

static int set_up(void **state) {
    (void)state;
    if (net_secure_startup() != 0) return -1;
    record(1, wire[0]);
    record(77, wire[1]);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    net_secure_cleanup();
    return 0;
}

static cloud_glance look(const datagram *d, uint16_t port) {
    return cloud_door_coaps.look(port, d->bytes, d->n);
}

/* One arrival, and what the cloud decides about it. */
static cloud_demand arrive(cloud_edge *e, cloud_edge_peer *peer, sim_time now, const datagram *d,
                           uint16_t port, cloud_fate fate) {
    cloud_demand demand;
    cloud_glance glance = look(d, port);
    assert_int_equal(cloud_edge_arrive(e, peer, now, 5, 2, &glance, &demand), 0);
    const cloud_decision decision = {.serve_at = now + 3, .fate = fate};
    if (demand == CLOUD_DEMAND_CONNECTION) cloud_edge_decided(peer, &decision);
    return demand;
}

/* ---- looking ---- */

static void test_demands(void **state) {
    (void)state;
    static const cloud_demand demands[KINDS] = {CLOUD_DEMAND_CONNECTION, CLOUD_DEMAND_CONNECTION,
                                                CLOUD_DEMAND_NOTHING, CLOUD_DEMAND_REQUEST,
                                                CLOUD_DEMAND_NOTHING};
    for (int i = 0; i < KINDS; i++) {
        cloud_glance glance = look(&wire[0][i], 1000);
        assert_int_equal(glance.demand, demands[i]);
        assert_int_equal(glance.port, 1000);
    }
    assert_true(look(&wire[0][HELLO], 1).tag == look(&wire[0][COOKIE_HELLO], 1).tag);
    assert_true(look(&wire[0][HELLO], 1).tag != look(&wire[0][HELLO], 2).tag);
    assert_true(look(&wire[0][HELLO], 1).tag != look(&wire[1][HELLO], 1).tag);
}

/* GET, the shortest message that CoAP has (RFC 7252 3). */
static const uint8_t plain[] = {0x40, 1, 0, 1};

static void test_plain_demands(void **state) {
    (void)state;
    cloud_glance a = cloud_door_coap.look(9, plain, sizeof plain),
                 b = cloud_door_coap.look(9, (const uint8_t *)"QQQQQ", 5);
    assert_int_equal(a.demand, CLOUD_DEMAND_CONNECTION);
    assert_int_equal(a.later, CLOUD_DEMAND_REQUEST);
    assert_true(a.tag == b.tag);
    assert_true(a.tag != cloud_door_coap.look(10, plain, sizeof plain).tag);
}

/* What is no message of version 1 (RFC 7252 3) begins nothing. */
static void test_not_coap(void **state) {
    (void)state;
    static const uint8_t version_2[] = {0x80, 0, 0, 1};
    assert_int_equal(cloud_door_coap.look(9, NULL, 0).demand, CLOUD_DEMAND_NOTHING);
    assert_int_equal(cloud_door_coap.look(9, plain, 3).demand, CLOUD_DEMAND_NOTHING);
    assert_int_equal(cloud_door_coap.look(9, version_2, 4).demand, CLOUD_DEMAND_NOTHING);
}

/* Whatever comes, cut anywhere or changed anywhere: no crash (the copies are as long as they say),
 * and what is no hello begins nothing. */
static void test_hostile(void **state) {
    (void)state;
    for (int kind = 0; kind < KINDS; kind++) {
        const datagram *d = &wire[0][kind];
        for (size_t n = 0; n < d->n; n++) {
            uint8_t *cut = sim_malloc(n == 0 ? 1 : n);
            assert_non_null(cut);
            memcpy(cut, d->bytes, n);
            cloud_glance glance = cloud_door_coaps.look(1, cut, n);
            bool hello = kind == HELLO || kind == COOKIE_HELLO;
            if (!hello) assert_int_not_equal(glance.demand, CLOUD_DEMAND_CONNECTION);
            if (n < 13) assert_int_equal(glance.demand, CLOUD_DEMAND_NOTHING);
            for (size_t i = 0; i < n && i < 64; i++) {
                cut[i] ^= 0xff;
                (void)cloud_door_coaps.look(1, cut, n);
                cut[i] ^= 0xff;
            }
            sim_free(cut);
        }
    }
    static const uint8_t garbage[] = "GET / HTTP/1.1\r\n\r\n";
    assert_int_equal(cloud_door_coaps.look(1, garbage, sizeof garbage).demand,
                     CLOUD_DEMAND_NOTHING);
}

/* ---- attempts ---- */

static void test_one_handshake_is_one_attempt(void **state) {
    (void)state;
    cloud_edge e;
    cloud_edge_peer p = {.trigger = 3};
    cloud_edge_init(&e);
    assert_int_equal(arrive(&e, &p, 100, &wire[0][HELLO], 1, CLOUD_FATE_ADMIT),
                     CLOUD_DEMAND_CONNECTION);
    assert_int_equal(p.serve_at, 103);
    assert_int_equal(p.port, 1);
    /* A retransmission, the cookie round, and its retransmission: nothing new. */
    assert_int_equal(arrive(&e, &p, 200, &wire[0][HELLO], 1, CLOUD_FATE_DROP),
                     CLOUD_DEMAND_NOTHING);
    assert_int_equal(arrive(&e, &p, 300, &wire[0][COOKIE_HELLO], 1, CLOUD_FATE_DROP),
                     CLOUD_DEMAND_NOTHING);
    assert_int_equal(arrive(&e, &p, 400, &wire[0][COOKIE_HELLO], 1, CLOUD_FATE_DROP),
                     CLOUD_DEMAND_NOTHING);
    assert_int_equal(arrive(&e, &p, 500, &wire[0][FLIGHT], 1, CLOUD_FATE_DROP),
                     CLOUD_DEMAND_NOTHING);
    assert_int_equal(arrive(&e, &p, 600, &wire[0][DATA], 1, CLOUD_FATE_DROP), CLOUD_DEMAND_REQUEST);
    assert_int_equal(e.attempts.count, 1);
    cloud_edge_outcome(&e, &p, 700, RECORD_OUTCOME_ONLINE);
    const record_attempt *a = &e.attempts.items[0];
    assert_int_equal(a->at, 100);
    assert_int_equal(a->latency, 600);
    assert_int_equal(a->device, 5);
    assert_int_equal(a->home, 2);
    assert_int_equal(a->number, 1);
    assert_int_equal(a->trigger, 3);
    assert_int_equal(a->outcome, RECORD_OUTCOME_ONLINE);
    assert_int_equal(e.seen, 1);
    assert_int_equal(e.successes, 1);
    assert_int_equal(e.rejections, 0);
    cloud_edge_deinit(&e);
}

static void test_another_random_or_port_is_another_attempt(void **state) {
    (void)state;
    cloud_edge e;
    cloud_edge_peer p = {0};
    cloud_edge_init(&e);
    (void)arrive(&e, &p, 1, &wire[0][HELLO], 1, CLOUD_FATE_ADMIT);
    /* the same bytes from another port */
    (void)arrive(&e, &p, 2, &wire[0][HELLO], 2, CLOUD_FATE_ADMIT);
    /* another Random from the same port */
    (void)arrive(&e, &p, 3, &wire[1][HELLO], 2, CLOUD_FATE_ADMIT);
    assert_int_equal(e.attempts.count, 3);
    for (uint32_t i = 0; i < 3; i++) assert_int_equal(e.attempts.items[i].number, i + 1);
    /* Let in and then forgotten by their device: nothing that an edge could call dropped. */
    assert_int_equal(e.attempts.items[0].outcome, RECORD_OUTCOME_NONE);
    cloud_edge_deinit(&e);
}

static void test_a_dropped_attempt(void **state) {
    (void)state;
    cloud_edge e;
    cloud_edge_peer p = {0};
    cloud_edge_init(&e);
    assert_int_equal(arrive(&e, &p, 1, &wire[0][HELLO], 1, CLOUD_FATE_DROP),
                     CLOUD_DEMAND_CONNECTION);
    /* Its retransmission asks again, and may be luckier. */
    assert_int_equal(arrive(&e, &p, 2, &wire[0][HELLO], 1, CLOUD_FATE_DROP),
                     CLOUD_DEMAND_CONNECTION);
    assert_int_equal(e.attempts.items[0].outcome, RECORD_OUTCOME_NONE);
    (void)arrive(&e, &p, 3, &wire[1][HELLO], 2, CLOUD_FATE_DROP); /* the next closes it */
    assert_int_equal(e.attempts.items[0].outcome, RECORD_OUTCOME_DROPPED);
    assert_int_equal(e.attempts.items[0].latency, SIM_NEVER);
    assert_int_equal(arrive(&e, &p, 4, &wire[1][HELLO], 2, CLOUD_FATE_ADMIT),
                     CLOUD_DEMAND_CONNECTION);
    cloud_edge_close(&e, &p); /* bad twin: this one got in */
    assert_int_equal(e.attempts.items[1].outcome, RECORD_OUTCOME_NONE);
    (void)arrive(&e, &p, 5, &wire[0][HELLO], 3, CLOUD_FATE_DROP);
    cloud_edge_close(&e, &p);
    cloud_edge_close(&e, &p);
    assert_int_equal(e.attempts.items[2].outcome, RECORD_OUTCOME_DROPPED);
    assert_int_equal(e.rejections, 2);
    cloud_edge_deinit(&e);
}

static void test_a_refused_attempt(void **state) {
    (void)state;
    cloud_edge e;
    cloud_edge_peer p = {0};
    cloud_edge_init(&e);
    assert_int_equal(arrive(&e, &p, 1, &wire[0][HELLO], 1, CLOUD_FATE_REFUSE),
                     CLOUD_DEMAND_CONNECTION);
    /* The word of it was lost on its way: the device repeats itself, and is refused again. */
    assert_int_equal(arrive(&e, &p, 5, &wire[0][HELLO], 1, CLOUD_FATE_REFUSE),
                     CLOUD_DEMAND_CONNECTION);
    (void)arrive(&e, &p, 9, &wire[1][HELLO], 2, CLOUD_FATE_REFUSE);
    assert_int_equal(e.attempts.items[0].outcome, RECORD_OUTCOME_REFUSED);
    /* (5 + 3) - 1: a decision here comes 3 later */
    assert_int_equal(e.attempts.items[0].latency, 7);
    /* ... or finds a token the second time, and is in. */
    assert_int_equal(arrive(&e, &p, 10, &wire[1][HELLO], 2, CLOUD_FATE_ADMIT),
                     CLOUD_DEMAND_CONNECTION);
    cloud_edge_outcome(&e, &p, 12, RECORD_OUTCOME_ONLINE);
    cloud_edge_close(&e, &p);
    assert_int_equal(e.attempts.items[1].outcome, RECORD_OUTCOME_ONLINE);
    assert_int_equal(e.rejections, 1);
    assert_int_equal(e.successes, 1);
    cloud_edge_deinit(&e);
}

static void test_the_first_outcome_counts(void **state) {
    (void)state;
    cloud_edge e;
    cloud_edge_peer p = {0};
    cloud_edge_init(&e);
    cloud_edge_outcome(&e, &p, 1, RECORD_OUTCOME_ONLINE); /* of nothing: nothing */
    cloud_edge_close(&e, &p);
    assert_int_equal(e.successes + e.rejections, 0);
    (void)arrive(&e, &p, 10, &wire[0][HELLO], 1, CLOUD_FATE_BUSY);
    assert_int_equal(p.fate, CLOUD_FATE_BUSY);
    cloud_edge_outcome(&e, &p, 20, RECORD_OUTCOME_BUSY);
    cloud_edge_outcome(&e, &p, 30, RECORD_OUTCOME_ONLINE);
    cloud_edge_close(&e, &p);
    assert_int_equal(e.attempts.items[0].outcome, RECORD_OUTCOME_BUSY);
    assert_int_equal(e.attempts.items[0].latency, 10);
    assert_int_equal(e.rejections, 1);
    assert_int_equal(e.successes, 0);
    cloud_edge_deinit(&e);
}

static void test_a_trigger_resets_the_count(void **state) {
    (void)state;
    cloud_edge e;
    cloud_edge_peer p = {0};
    cloud_edge_init(&e);
    (void)arrive(&e, &p, 1, &wire[0][HELLO], 1, CLOUD_FATE_ADMIT);
    (void)arrive(&e, &p, 2, &wire[0][HELLO], 2, CLOUD_FATE_ADMIT);
    cloud_edge_trigger(&p, 4);
    /* The attempt under way stays what it was. */
    (void)arrive(&e, &p, 3, &wire[0][COOKIE_HELLO], 2, CLOUD_FATE_ADMIT);
    assert_int_equal(e.attempts.count, 2);
    (void)arrive(&e, &p, 4, &wire[0][HELLO], 3, CLOUD_FATE_ADMIT);
    assert_int_equal(e.attempts.items[1].trigger, 0);
    assert_int_equal(e.attempts.items[1].number, 2);
    assert_int_equal(e.attempts.items[2].trigger, 4);
    assert_int_equal(e.attempts.items[2].number, 1);
    cloud_edge_deinit(&e);
}

static void test_plain(void **state) {
    (void)state;
    cloud_edge e;
    cloud_edge_peer p = {0};
    cloud_demand demand;
    const cloud_decision admit = {.serve_at = 1, .fate = CLOUD_FATE_ADMIT};
    cloud_glance one = cloud_door_coap.look(1, plain, sizeof plain),
                 two = cloud_door_coap.look(2, plain, sizeof plain);
    cloud_edge_init(&e);
    assert_int_equal(cloud_edge_arrive(&e, &p, 1, 0, 0, &one, &demand), 0);
    assert_int_equal(demand, CLOUD_DEMAND_CONNECTION);
    cloud_edge_decided(&p, &admit);
    for (int i = 2; i < 5; i++) {
        assert_int_equal(cloud_edge_arrive(&e, &p, i, 0, 0, &one, &demand), 0);
        assert_int_equal(demand, CLOUD_DEMAND_REQUEST); /* each of them, not nothing */
    }
    assert_int_equal(cloud_edge_arrive(&e, &p, 9, 0, 0, &two, &demand), 0);
    assert_int_equal(demand, CLOUD_DEMAND_CONNECTION);
    assert_int_equal(e.attempts.count, 2);
    cloud_edge_deinit(&e);
}

static int many(void *context) {
    (void)context;
    cloud_edge e;
    cloud_edge_peer p = {0};
    int error = 0;
    cloud_edge_init(&e);
    for (uint16_t port = 1; port < 300 && error == 0; port++) {
        cloud_demand demand;
        cloud_glance glance = look(&wire[0][HELLO], port);
        error = cloud_edge_arrive(&e, &p, port, 0, 0, &glance, &demand);
        assert_int_equal(e.attempts.count, error == 0 ? port : port - 1);
    }
    cloud_edge_deinit(&e);
    return error;
}

static void test_every_allocation_fails(void **state) {
    (void)state;
    assert_true(fail_every_allocation(many, NULL) > 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_demands),
        cmocka_unit_test(test_plain_demands),
        cmocka_unit_test(test_not_coap),
        cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_one_handshake_is_one_attempt),
        cmocka_unit_test(test_another_random_or_port_is_another_attempt),
        cmocka_unit_test(test_a_dropped_attempt),
        cmocka_unit_test(test_a_refused_attempt),
        cmocka_unit_test(test_the_first_outcome_counts),
        cmocka_unit_test(test_a_trigger_resets_the_count),
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_every_allocation_fails),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
