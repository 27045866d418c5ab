/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_door_tcp.c - devices on stock libmosquitto talk with the built-in cloud's door over the
 * virtual TCP: both ends whole, segments between them. */
#include <stdio.h>
#include <string.h>

#include "net/protocol.h"
#include "net/tcp.h"
#include "sim/cloud/door.h"
#include "sim/core/heap.h"
#include "tests/support/test_wire.h"
#include "tests/unit/with_cmocka.h"

enum { DEVICES = 3, TIMERS = 64 };

typedef struct device {
    net_link *link;
    uint16_t connection;
    sim_stream stream;
    uint32_t ready, answered, ended;
    net_answer answer;
    char body[80];
    net_end why;
} device;

typedef struct world {
    net_vkernel *kernel;
    cloud_door *door;
    cloud_service service;
    device devices[DEVICES];
    sim_time standing[TIMERS], session_due[TIMERS];
    sim_id sessions[TIMERS];
    test_wire wire;
    cloud_fate fate;
    bool up[DEVICES];
    uint32_t reports, online, busy;
    double desired;
} world;

static world *w;

/* ---- the door ---- */

static void door_sends(void *context, const net_address *to, const uint8_t *bytes, size_t n) {
    uint32_t number;
    uint16_t connection;
    (void)context;
    assert_true(net_address_virtual_read(to, &number, &connection));
    (void)test_wire_put(&w->wire, false, number, connection, bytes, n);
}

static void door_wakes_at(void *context, sim_id timer, sim_time due) {
    (void)context;
    assert_true(timer.slot < TIMERS);
    if (timer.generation == 0) {
        w->standing[timer.slot] = due;
    } else {
        w->session_due[timer.slot] = due;
        w->sessions[timer.slot] = timer;
    }
}

static size_t door_asks_who(void *context, const char *identity, uint32_t *number,
                            uint8_t key[NET_SECURE_KEY_MAX]) {
    unsigned n;
    char end;
    (void)context;
    if (sscanf(identity, "plug-%u%c", &n, &end) != 1 || n >= DEVICES) return 0;
    *number = n;
    memset(key, 'k', 16);
    return 16;
}

static const cloud_door_calls door_calls = {
    .send = door_sends, .wake_at = door_wakes_at, .who = door_asks_who};

static void on_outcome(void *context, const net_address *from, record_outcome outcome) {
    (void)context;
    (void)from;
    w->online += outcome == RECORD_OUTCOME_ONLINE;
    w->busy += outcome == RECORD_OUTCOME_BUSY;
}

static void on_session(void *context, uint32_t number, const net_address *from, bool up,
                       sim_time heard) {
    (void)context;
    (void)from;
    (void)heard;
    w->up[number] = up;
}

static void on_report(void *context, uint32_t number, const net_senml_pack *pack, size_t bytes) {
    (void)context;
    (void)number;
    (void)pack;
    (void)bytes;
    w->reports++;
}

static double on_desired(void *context, uint32_t number) {
    (void)context;
    return w->desired + number;
}

static const cloud_service_calls service_calls = {.desired = on_desired};
static const cloud_observer observer = {
    .outcome = on_outcome, .session = on_session, .report = on_report};

/* ---- the devices ---- */

static uint32_t number_of(const device *d) {
    return (uint32_t)(d - w->devices);
}

static void device_sends(void *owner, const uint8_t *bytes, size_t n) {
    const device *d = owner;
    (void)test_wire_put(&w->wire, true, number_of(d), d->connection, bytes, n);
}

static void device_is_ready(void *owner) {
    device *d = owner;
    d->ready++;
}

static void device_is_answered(void *owner, const net_answer *answer) {
    device *d = owner;
    d->answered++;
    d->answer = *answer;
    assert_true(answer->size < sizeof d->body);
    if (answer->size > 0) memcpy(d->body, answer->body, answer->size);
    d->body[answer->size] = 0;
}

static void device_is_cut_off(void *owner, net_end why) {
    device *d = owner;
    d->ended++;
    d->why = why;
}

static const net_link_calls device_calls = {device_sends, device_is_ready, device_is_answered,
                                            device_is_cut_off};
static const net_protocol_settings settings = {
    .protocol = &net_protocol_mqtt, .report_topic = "t", .register_topic = "rd"};

/* A new link of the device; what it had is lost without a word. */
static bool open_link(int i) {
    device *d = &w->devices[i];
    net_link_free(d->link);
    d->connection++;
    d->stream = sim_stream_for(1, SIM_PURPOSE_LIBRARY, (uint64_t)i);
    const net_link_setup setup = {.settings = &settings,
                                  .kernel = w->kernel,
                                  .stream = &d->stream,
                                  .who = &(net_credentials){.identity = "plug"},
                                  .tcp = &net_tcp_linux,
                                  .port = d->connection};
    d->link = net_link_new(&setup, w->wire.now, &device_calls, d);
    if (d->link == NULL) return false;
    net_link_start(d->link, w->wire.now);
    return true;
}

static int ask(int i, net_ask_kind kind, const char *topic, const char *body, uint32_t tag) {
    char name[16];
    snprintf(name, sizeof name, "plug-%d", i);
    const net_ask what = {.kind = kind,
                          .tag = tag,
                          .topic = topic,
                          .name = name,
                          .body = (const uint8_t *)body,
                          .size = body == NULL ? 0 : strlen(body)};
    return net_link_ask(w->devices[i].link, w->wire.now, &what);
}

/* ---- the world ---- */

static bool begin(void) {
    static world only;
    w = &only;
    *w = (world){.desired = 20};
    for (int i = 0; i < TIMERS; i++) w->standing[i] = w->session_due[i] = SIM_NEVER;
    w->kernel = net_vkernel_new();
    if (w->kernel == NULL) return false;
    cloud_service_init(&w->service, 30, 0, &service_calls, &observer, w);
    const cloud_door_settings how = {.peers_maximum = 8, .report_topics = {"t"}, .seed = 1};
    w->door = cloud_door_mqtt_tcp.make(&how, w->kernel, &w->service, &door_calls, w);
    return w->door != NULL;
}

static void finish(void) {
    for (int i = 0; i < DEVICES; i++) net_link_free(w->devices[i].link);
    cloud_door_free(w->door);
    net_vkernel_free(w->kernel);
}

static sim_time next_due(void) {
    sim_time next = test_wire_due(&w->wire);
    for (int i = 0; i < TIMERS; i++) {
        next = sim_time_min(next, w->standing[i]);
        next = sim_time_min(next, w->session_due[i]);
    }
    for (int i = 0; i < DEVICES; i++) {
        if (w->devices[i].link != NULL)
            next = sim_time_min(next, net_link_deadline(w->devices[i].link));
    }
    return next;
}

static void ring_timers(void) {
    for (uint32_t i = 0; i < TIMERS; i++) {
        if (w->standing[i] <= w->wire.now) {
            w->standing[i] = SIM_NEVER;
            w->door->kind->wake(w->door, w->wire.now, (sim_id){.slot = i});
        }
        if (w->session_due[i] <= w->wire.now) {
            w->session_due[i] = SIM_NEVER;
            w->door->kind->wake(w->door, w->wire.now, w->sessions[i]);
        }
    }
    for (int i = 0; i < DEVICES; i++) {
        net_link *l = w->devices[i].link;
        if (l != NULL && net_link_deadline(l) <= w->wire.now) net_link_wake(l, w->wire.now);
    }
}

static void run(sim_time until) {
    for (sim_time next = next_due(); next <= until; next = next_due()) {
        test_wire_advance(&w->wire, next);
        test_packet s;
        if (!test_wire_take(&w->wire, &s)) {
            ring_timers();
            continue;
        }
        device *d = &w->devices[s.end];
        net_address from = net_address_virtual(s.end, s.connection);
        if (s.up) {
            cloud_glance glance = w->door->kind->look(s.connection, s.bytes, s.n);
            bool asks = glance.demand != CLOUD_DEMAND_NOTHING;
            cloud_fate fate = asks ? w->fate : CLOUD_FATE_ADMIT;
            if (fate == CLOUD_FATE_DROP) continue;
            assert_int_equal(w->door->kind->input(w->door, w->wire.now, &from, s.bytes, s.n, fate),
                             0);
        } else if (d->link != NULL && d->connection == s.connection) {
            net_link_input(d->link, w->wire.now, s.bytes, s.n);
        }
    }
    w->wire.now = until;
}

static void go_online(int i) {
    device *d = &w->devices[i];
    uint32_t answered = d->answered;
    assert_true(open_link(i));
    run(w->wire.now + SIM_SECOND);
    assert_int_equal(ask(i, NET_ASK_REGISTER, "rd", NULL, 1), 0);
    run(w->wire.now + SIM_SECOND);
    assert_int_equal(d->answered, answered + 1);
    assert_int_equal(d->answer.kind, NET_TAKEN);
}

static void test_a_device_at_work(void **state) {
    (void)state;
    assert_true(begin());
    go_online(1);
    assert_true(w->up[1]);
    assert_int_equal(w->online, 1);
    assert_int_equal(ask(1, NET_ASK_FOLLOW, "s/plug-1", NULL, 2), 0);
    run(w->wire.now + SIM_SECOND);
    assert_int_equal(w->devices[1].answered, 2);
    assert_false(w->devices[1].answer.unasked);
    assert_string_equal(w->devices[1].body, "21.00");
    w->desired = 17;
    w->door->kind->notify(w->door, w->wire.now, 1);
    run(w->wire.now + SIM_SECOND);
    assert_int_equal(w->devices[1].answered, 3);
    assert_true(w->devices[1].answer.unasked);
    assert_string_equal(w->devices[1].body, "18.00");
    assert_int_equal(ask(1, NET_ASK_REPORT, "t", "12 W", 3), 0);
    run(w->wire.now + SIM_SECOND);
    assert_int_equal(w->devices[1].answered, 4);
    assert_int_equal(w->devices[1].answer.kind, NET_TAKEN);
    assert_int_equal(w->reports, 1);
    run(w->wire.now + SIM_HOUR); /* pings keep it */
    assert_true(w->up[1]);
    assert_int_equal(w->devices[1].ended, 0);
    finish();
}

/* A power cut says no good bye: the cloud holds the device for present until its keep-alive is one
 * and a half times over; a device that is back sooner takes its session over. */
static void test_power_cuts(void **state) {
    (void)state;
    assert_true(begin());
    go_online(0);
    go_online(1);
    for (int i = 0; i < 2; i++) {
        net_link_free(w->devices[i].link);
        w->devices[i].link = NULL;
    }
    run(w->wire.now + 60 * SIM_SECOND);
    assert_true(w->up[0] && w->up[1]);
    go_online(1);
    run(w->wire.now + 60 * SIM_SECOND);
    assert_false(w->up[0]);
    assert_true(w->up[1]);
    assert_int_equal(w->devices[1].ended, 0);
    assert_int_equal(w->door->kind->count(w->door)->peers, 1);
    finish();
}

static void test_a_cloud_over_its_capacity(void **state) {
    (void)state;
    assert_true(begin());
    w->fate = CLOUD_FATE_DROP; /* SYNs fall */
    assert_true(open_link(0));
    run(2 * SIM_SECOND);
    assert_int_equal(w->devices[0].ready, 0);
    w->fate = CLOUD_FATE_ADMIT;
    run(4 * SIM_SECOND);
    assert_int_equal(w->devices[0].ready, 1);

    w->fate = CLOUD_FATE_BUSY;
    assert_int_equal(ask(0, NET_ASK_REGISTER, "rd", NULL, 1), 0);
    run(5 * SIM_SECOND);
    assert_int_equal(w->devices[0].answered, 1);
    assert_int_equal(w->devices[0].answer.kind, NET_BUSY);
    assert_int_equal(w->devices[0].ended, 1);
    assert_int_equal(w->devices[0].why, NET_END_BUSY);
    assert_int_equal(w->busy, 1);

    w->fate = CLOUD_FATE_ADMIT;
    go_online(0);
    w->fate = CLOUD_FATE_BUSY;
    assert_int_equal(ask(0, NET_ASK_REPORT, "t", "x", 2), 0);
    run(w->wire.now + SIM_SECOND);
    assert_int_equal(w->devices[0].answer.kind, NET_BUSY);
    assert_int_equal(w->devices[0].ended, 1); /* the first link's */
    w->fate = CLOUD_FATE_DROP;                /* a report that falls comes again */
    assert_int_equal(ask(0, NET_ASK_REPORT, "t", "x", 3), 0);
    run(w->wire.now + SIM_SECOND);
    assert_int_equal(w->reports, 0);
    w->fate = CLOUD_FATE_ADMIT;
    run(w->wire.now + 5 * SIM_SECOND);
    assert_int_equal(w->reports, 1);
    assert_int_equal(w->devices[0].answer.kind, NET_TAKEN);
    finish();
}

static void test_a_cloud_that_forgets(void **state) {
    (void)state;
    for (int tell = 0; tell <= 1; tell++) {
        assert_true(begin());
        go_online(0);
        w->door->kind->forget(w->door, w->wire.now, tell == 1);
        run(w->wire.now + SIM_SECOND);
        assert_false(w->up[0]);
        assert_int_equal(w->devices[0].ended, tell);
        if (tell) {
            assert_int_equal(w->devices[0].why, NET_END_CLOSED);
        } else {
            assert_int_equal(ask(0, NET_ASK_REPORT, "t", "x", 2), 0);
            run(w->wire.now + SIM_SECOND);
            assert_int_equal(w->devices[0].why, NET_END_RESET);
        }
        go_online(0);
        assert_true(w->up[0]);
        finish();
    }
}

static void test_no_room(void **state) {
    (void)state;
    assert_true(begin());
    for (int i = 0; i < 20;
         i++) { /* eight are taken; SYNs of which the device knows nothing more */
        assert_true(open_link(0));
        run(w->wire.now + 50 * SIM_MILLISECOND);
    }
    assert_int_equal(w->devices[0].why, NET_END_REFUSED);
    run(w->wire.now + SIM_HOUR); /* nobody spoke: the places are free again */
    go_online(0);
    finish();
}

static void test_stray_segments(void **state) {
    (void)state;
    assert_true(begin());
    const net_address from = net_address_virtual(0, 7);
    const uint8_t garbage[40] = {1, 2, 3};
    for (size_t n = 0; n <= sizeof garbage; n++)
        assert_int_equal(w->door->kind->input(w->door, 0, &from, garbage, n, CLOUD_FATE_ADMIT), 0);
    uint8_t bytes[NET_TCP_SEGMENT_MAX];
    const net_tcp_segment late = {.source_port = 7, .destination_port = 1883, .flags = NET_TCP_ACK};
    size_t n = net_tcp_segment_write(&late, bytes);
    assert_int_equal(w->door->kind->look(7, bytes, n).demand, CLOUD_DEMAND_NOTHING);
    uint32_t before = w->wire.count;
    assert_int_equal(w->door->kind->input(w->door, 0, &from, bytes, n, CLOUD_FATE_ADMIT), 0);
    assert_int_equal(w->wire.count, before + 1); /* a reset */
    assert_false(w->door->kind->knows(w->door, &from, NULL));
    finish();
}

static uint64_t hash_of_a_life(void) {
    assert_true(begin());
    for (int i = 0; i < DEVICES; i++) go_online(i);
    for (int i = 0; i < DEVICES; i++) assert_int_equal(ask(i, NET_ASK_REPORT, "t", "x", 2), 0);
    run(w->wire.now + SIM_HOUR);
    uint64_t hash = w->wire.sent_all.value;
    finish();
    return hash;
}

static void test_a_life_replays(void **state) {
    (void)state;
    uint64_t once = hash_of_a_life();
    void *shift = sim_malloc(4711);
    assert_true(hash_of_a_life() == once);
    sim_free(shift);
}

/* Each allocation fails once: who is hit comes again or is refused, and nothing is left over. */
static void test_no_memory(void **state) {
    (void)state;
    for (int for_good = 0; for_good <= 1; for_good++) {
        bool happened = true;
        for (long n = 0; happened; n++) {
            sim_heap_use before = sim_heap_in_use();
            sim_heap_fail(n, for_good == 1);
            bool begun = begin();
            bool linked = begun && open_link(0);
            if (linked) run(SIM_SECOND);
            if (linked && w->devices[0].ready > 0) {
                int error = ask(0, NET_ASK_REGISTER, "rd", NULL, 1);
                run(2 * SIM_SECOND);
                if (error == 0) error = ask(0, NET_ASK_REPORT, "t", "x", 2);
                run(SIM_MINUTE);
            }
            happened = sim_heap_fail_never();
            if (!happened) assert_int_equal(w->reports, 1);
            finish();
            sim_heap_use after = sim_heap_in_use();
            assert_int_equal(after.blocks, before.blocks);
            assert_int_equal(after.bytes, before.bytes);
        }
    }
}

static uint64_t drawn(uint32_t number, uint32_t beside, cloud_door_use use) {
    const cloud_door_settings door = {.seed = 1, .number = number, .beside = beside};
    sim_stream stream = cloud_door_stream(&door, use);
    return sim_stream_next(&stream);
}

/* What the doors of a street and of its neighbours draw, and what for, is all of their own; the
 * first one's has been what it is since there was no second. */
static void test_doors_beside_each_other(void **state) {
    enum { STREETS = 3, DOORS = 4, USES = 2, ALL = STREETS * DOORS * USES };
    uint64_t seen[ALL];
    (void)state;
    for (uint32_t i = 0; i < ALL; i++) {
        cloud_door_use use = i % USES == 0 ? CLOUD_DOOR_SEQUENCES : CLOUD_DOOR_TICKETS;
        seen[i] = drawn(i / USES / DOORS, i / USES % DOORS, use);
        for (uint32_t before = 0; before < i; before++) assert_int_not_equal(seen[before], seen[i]);
    }
    sim_stream first = sim_stream_for(1, SIM_PURPOSE_SERVER, UINT64_C(2) << 32 | 7);
    assert_int_equal(drawn(7, 0, CLOUD_DOOR_TICKETS), sim_stream_next(&first));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_device_at_work),
        cmocka_unit_test(test_power_cuts),
        cmocka_unit_test(test_a_cloud_over_its_capacity),
        cmocka_unit_test(test_a_cloud_that_forgets),
        cmocka_unit_test(test_no_room),
        cmocka_unit_test(test_stray_segments),
        cmocka_unit_test(test_a_life_replays),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_doors_beside_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
