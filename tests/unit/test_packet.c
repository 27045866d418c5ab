/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "sim/fleet/packet.h"
#include "tests/unit/every_allocation.h"

static void test_packet(void **state) {
    (void)state;
    uint8_t bytes[300];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)i;
    fleet_packet *p = fleet_packet_new(7, 65535, true, bytes, sizeof bytes);
    assert_non_null(p);
    memset(bytes, 0, sizeof bytes); /* a copy was kept */
    fleet_packet *q = fleet_packet_copy(p);
    assert_non_null(q);
    assert_ptr_not_equal(p, q);
    assert_int_equal(q->device, 7);
    assert_int_equal(q->connection, 65535);
    assert_true(q->up);
    assert_int_equal(q->size, 300);
    assert_memory_equal(p->data, q->data, 300);
    assert_int_equal(q->data[299], 299 % 256);
    fleet_packet *empty = fleet_packet_new(0, 0, false, bytes, 0);
    assert_non_null(empty);
    assert_int_equal(empty->size, 0);
    fleet_packet_free(p);
    fleet_packet_free(q);
    fleet_packet_free(empty);
    fleet_packet_free(NULL);
}

static int pair(void *context) {
    (void)context;
    fleet_packet *p = fleet_packet_new(1, 1, false, (const uint8_t *)"abc", 3);
    fleet_packet *q = p == NULL ? NULL : fleet_packet_copy(p);
    int error = q == NULL ? SIM_ENOMEM : 0;
    fleet_packet_free(p);
    fleet_packet_free(q);
    return error;
}

static void test_every_allocation_fails(void **state) {
    (void)state;
    assert_int_equal(fail_every_allocation(pair, NULL), 2);
}

/* Fields in order, so that each can be moved by one alone. */
static uint64_t *field(fleet_ledger *l, size_t i) {
    uint64_t *const fields[] = {&l->sent,           &l->duplicated,    &l->delivered,
                                &l->dropped_loss,   &l->dropped_queue, &l->dropped_down,
                                &l->dropped_closed, &l->dropped_over,  &l->in_flight};
    assert_true(i < sizeof fields / sizeof *fields);
    return fields[i];
}
enum { FIELDS = 9 };

static void test_ledger(void **state) {
    (void)state;
    fleet_ledger l = {.sent = 100,
                      .duplicated = 5,
                      .delivered = 80,
                      .dropped_loss = 1,
                      .dropped_queue = 2,
                      .dropped_down = 3,
                      .dropped_closed = 4,
                      .dropped_over = 6,
                      .in_flight = 9};
    assert_true(fleet_ledger_balances(&l));
    assert_int_equal(fleet_ledger_dropped(&l), 16);
    for (size_t i = 0; i < FIELDS; i++) { /* a bad twin each */
        fleet_ledger twin = l;
        ++*field(&twin, i);
        assert_false(fleet_ledger_balances(&twin));
    }
    fleet_ledger sum = l;
    fleet_ledger_add(&sum, &l);
    for (size_t i = 0; i < FIELDS; i++) assert_int_equal(*field(&sum, i), 2 * *field(&l, i));
    assert_true(fleet_ledger_balances(&sum));
}

/* Whatever a hop does to a packet, the ledger balances when the copies that came out are in flight.
 */
static void test_ledger_and_hop(void **state) {
    (void)state;
    net_hop hop;
    fleet_ledger l = {0};
    const net_hop_settings settings = {.latency = SIM_MILLISECOND,
                                       .loss = 0.2,
                                       .duplicate = 0.3,
                                       .bits_per_s = 1000000,
                                       .queue_bytes = 1000};
    net_hop_init(&hop, &settings, sim_stream_for(1, SIM_PURPOSE_HOP, 1));
    for (int i = 0; i < 2000; i++) {
        sim_time out[2];
        hop.settings.down = i % 100 > 90;
        net_hop_count before = hop.count;
        l.sent++;
        l.in_flight += net_hop_push(&hop, 200, i * 500 * SIM_MICROSECOND, out);
        fleet_ledger_hop(&l, &before, &hop.count);
        assert_true(fleet_ledger_balances(&l));
    }
    assert_true(l.dropped_loss > 100 && l.dropped_queue > 100 && l.dropped_down > 100 &&
                l.duplicated > 100);
    assert_int_equal(l.dropped_loss, hop.count.dropped[NET_HOP_DROP_LOSS]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_packet),
        cmocka_unit_test(test_every_allocation_fails),
        cmocka_unit_test(test_ledger),
        cmocka_unit_test(test_ledger_and_hop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
