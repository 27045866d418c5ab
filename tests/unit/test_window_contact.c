/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The window contact in a world of its own: what it says, when it sleeps, what it misses, and
 * how it finds out. */
#include "devices/life.h"
#include "net/senml.h"
#include "tests/unit/device_bench.h"

static bench *fresh(uint64_t seed) {
    bench *b = sim_malloc(sizeof *b);
    assert_non_null(b);
    bench_init(b, seed);
    dev_device_deinit(&b->device);
    b->profile.model = &dev_window_contact;
    b->profile.follows = false;
    b->profile.battery = true;
    b->profile.report_every = dev_window_contact.report_every;
    dev_device_init(&b->device, 0, 0, &b->profile, seed, b->own);
    return b;
}

static void end(bench *b) {
    bench_deinit(b);
    sim_free(b);
}

static uint64_t movements(const bench *b) {
    return b->counts.counters[dev_model_number(&dev_window_contact)][0];
}

/* Of the last report that the peer got. */
static bool reported_open(const bench *b) {
    const bench_request *r = &b->requests[(b->request_count - 1) % 256];
    net_senml_pack pack;
    assert_true(b->request_count <= 256);
    assert_string_equal(r->path, "t");
    assert_int_equal(net_senml_read(r->payload, r->payload_size, &pack), 0);
    assert_int_equal(pack.count, 1);
    const char *name = strrchr(pack.records[0].name, '_'); /* with its base name */
    assert_non_null(name);
    assert_string_equal(name, "_open");
    assert_true(pack.records[0].is_boolean);
    return pack.records[0].boolean;
}

static void step_to(bench *b, dev_state state) {
    for (int i = 0; i < 100000 && b->device.state != state; i++) bench_step(b);
    assert_int_equal(b->device.state, state);
}

static bench *asleep(uint64_t seed) {
    bench *b = fresh(seed);
    bench_power(b, true);
    step_to(b, DEV_STATE_ASLEEP);
    return b;
}

static void test_it_reports_and_falls_asleep(void **state) {
    (void)state;
    bench *b = asleep(1);
    assert_true(b->wire.now < 10 * SIM_SECOND);
    assert_int_equal(b->online, 1);
    assert_int_equal(b->request_count, 2); /* registration and report */
    assert_string_equal(b->requests[0].path, "rd");
    assert_false(reported_open(b));
    assert_int_equal(b->reported_count, 1);
    size_t sent = b->transmitted;
    assert_true(dev_device_deadline(&b->device) > SIM_HOUR); /* until somebody opens the window */
    bench_run(b, SIM_HOUR);
    assert_int_equal(b->transmitted, sent);
    end(b);
}

/* Ten days: each movement is reported within two seconds, and no day goes by without a report. */
static void test_each_movement_and_once_a_day(void **state) {
    (void)state;
    bench *b = asleep(2);
    bool open = false;
    uint64_t seen = 0;
    sim_time last = b->wire.now;
    while (b->wire.now < 10 * SIM_DAY || movements(b) > seen) {
        size_t before = b->request_count;
        bench_step(b);
        if (b->request_count == before) continue;
        assert_true(b->wire.now - last <= SIM_DAY + SIM_MINUTE);
        last = b->wire.now;
        if (reported_open(b) == open) continue;
        open = !open;
        seen++;
        if (!open) continue;
        int64_t hour = b->wire.now % SIM_DAY / SIM_HOUR;
        assert_in_range(hour, 7, 22); /* people sleep, too */
    }
    assert_int_equal(movements(b), seen);
    assert_int_equal(b->counts.reports_skipped, 0);
    assert_int_equal(b->connect_count, 1); /* one session all the time */
    end(b);
}

static uint64_t fingerprint_of(uint64_t seed) {
    bench *b = asleep(seed);
    bench_run(b, 3 * SIM_DAY);
    uint64_t print = b->wire.sent_all.value ^ movements(b) << 32;
    end(b);
    return print;
}

static void test_people_come_from_the_seed(void **state) {
    (void)state;
    assert_true(fingerprint_of(3) == fingerprint_of(3));
    assert_true(fingerprint_of(3) != fingerprint_of(4));
}

/* Its radio is off: neither a datagram nor a link that goes and comes is noticed. */
static void test_asleep_it_hears_nothing(void **state) {
    (void)state;
    bench *b = asleep(5);
    uint8_t reset[4] = {0x70, 0, 0, 1};
    dev_device_input(&b->device, &b->world, &b->counts, b->wire.now, reset, sizeof reset);
    dev_device_refused(&b->device, &b->world, &b->counts, b->wire.now);
    bench_set_link(b, false);
    bench_run(b, SIM_MINUTE);
    bench_set_link(b, true);
    assert_int_equal(b->device.state, DEV_STATE_ASLEEP);
    assert_int_equal(b->counts.ignored[DEV_STATE_ASLEEP][DEV_EVENT_LINK_DOWN], 1);
    bench_run(b, 2 * SIM_DAY);
    assert_int_equal(b->connect_count, 1); /* and its session was as good as before */
    end(b);
}

static void test_waking_without_a_link(void **state) {
    (void)state;
    bench *b = asleep(6);
    bench_set_link(b, false);
    step_to(b, DEV_STATE_WAITING_FOR_LINK);
    assert_int_equal(b->counts.reports_skipped, 1);
    assert_int_equal(b->skipped[DEV_SKIP_CUT], 1);
    bench_run(b, SIM_MINUTE);
    bench_set_link(b, true);
    size_t before = b->request_count;
    step_to(b, DEV_STATE_ASLEEP);
    assert_int_equal(b->connect_count, 2);
    assert_int_equal(b->request_count, before + 2); /* registered anew, and said how things stand */
    assert_true(reported_open(b) == (movements(b) % 2 == 1));
    end(b);
}

/* The cloud has lost the session without a word: the next report finds out. */
static void test_a_dead_session_is_found_out(void **state) {
    (void)state;
    bench *b = asleep(7);
    b->report.silent = true;
    step_to(b, DEV_STATE_WAITING_FOR_ATTEMPT);
    assert_int_equal(b->reported[1].error, SIM_ETIMEOUT);
    b->report.silent = false;
    step_to(b, DEV_STATE_ASLEEP);
    assert_int_equal(b->connect_count, 2);
    assert_true(reported_open(b) == (movements(b) % 2 == 1));
    end(b);
}

/* 5.03 to a report: it says nothing before the hold is over, and then what it owes. */
static void test_a_busy_cloud_is_left_alone(void **state) {
    (void)state;
    bench *b = asleep(8);
    b->report = (bench_reply){.code = NET_COAP_SERVICE_UNAVAILABLE, .max_age = 7200};
    step_to(b, DEV_STATE_ONLINE);
    step_to(b, DEV_STATE_ASLEEP);
    sim_time told = b->wire.now;
    b->report = (bench_reply){.code = NET_COAP_CHANGED, .max_age = -1};
    size_t before = b->request_count;
    while (b->request_count == before) bench_step(b);
    assert_true(b->wire.now >= told + 7000 * SIM_SECOND);
    assert_true(reported_open(b) == (movements(b) % 2 == 1));
    end(b);
}

static void test_windows_move_without_a_battery(void **state) {
    (void)state;
    bench *b = asleep(9);
    bench_power(b, false);
    uint64_t before = movements(b);
    bench_run(b, 5 * SIM_DAY);
    assert_int_equal(movements(b), before); /* nobody there to count */
    bench_power(b, true);
    step_to(b, DEV_STATE_ASLEEP);
    assert_true(dev_device_deadline(&b->device) > b->wire.now);
    assert_true(dev_device_deadline(&b->device) < b->wire.now + SIM_DAY);
    end(b);
}

static void test_what_it_cannot_do(void **state) {
    (void)state;
    bench *b = fresh(10);
    assert_null(dev_profile_wrong(&b->profile));
    b->profile.updates = true;
    b->profile.check_every = SIM_HOUR;
    assert_string_equal(dev_profile_wrong(&b->profile), "its model takes no updates");
    assert_null(dev_window_contact.told);
    end(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_reports_and_falls_asleep),
        cmocka_unit_test(test_each_movement_and_once_a_day),
        cmocka_unit_test(test_people_come_from_the_seed),
        cmocka_unit_test(test_asleep_it_hears_nothing),
        cmocka_unit_test(test_waking_without_a_link),
        cmocka_unit_test(test_a_dead_session_is_found_out),
        cmocka_unit_test(test_a_busy_cloud_is_left_alone),
        cmocka_unit_test(test_windows_move_without_a_battery),
        cmocka_unit_test(test_what_it_cannot_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
