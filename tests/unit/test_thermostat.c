/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The thermostat against a world and a cloud that are told what to do. */
#include <math.h>
#include <stdio.h>

#include "devices/thermostat.h"
#include "net/senml.h"
#include "tests/unit/device_bench.h"

static bench table; /* too large for the stack */

static bench *start(uint64_t seed) {
    bench_init(&table, seed);
    return &table;
}

static bench *start_online(uint64_t seed) {
    bench *b = start(seed);
    bench_power(b, true);
    bench_run_to(b, DEV_STATE_ONLINE);
    bench_run(b, SIM_SECOND); /* the observation is answered */
    return b;
}

/* ---- coming online ---- */

static void test_comes_online(void **state) {
    (void)state;
    bench *b = start(1);
    bench_power(b, true);
    bench_run(b, SIM_MINUTE);
    static const dev_state way[] = {DEV_STATE_OFF,
                                    DEV_STATE_BOOTING,
                                    DEV_STATE_WAITING_FOR_LINK,
                                    DEV_STATE_WAITING_FOR_ATTEMPT,
                                    DEV_STATE_CONNECTING,
                                    DEV_STATE_ONLINE};
    assert_int_equal(b->change_count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(b->changes[i].from, way[i]);
        assert_int_equal(b->changes[i].to, way[i + 1]);
    }
    sim_time booted = b->changes[1].at;
    assert_in_range(booted, 3 * SIM_SECOND, 5 * SIM_SECOND);
    assert_int_equal(b->connects[0], booted); /* this law has no initial window */
    assert_int_equal(b->changes[4].at, booted + 2 * BENCH_LATENCY);
    assert_int_equal(b->device.connection, 1);
    assert_int_equal(b->device.attempts, 1);
    assert_string_equal(b->requests[0].path, "rd");
    assert_string_equal(b->requests[0].query, "ep=thermostat-0001");
    assert_int_equal(b->requests[0].method, NET_COAP_POST);
    assert_string_equal(b->requests[1].path, "s/thermostat-0001");
    assert_int_equal(b->requests[1].method, NET_COAP_GET);
    assert_true(b->requests[1].observe);
    assert_true(dev_thermostat_of(&b->device)->thermal.set_point_c == 20.5F);
    bench_deinit(b);
}

static void test_boot_time_and_first_attempt_are_spread(void **state) {
    (void)state;
    double boot = 0, wait = 0;
    for (uint64_t seed = 0; seed < 300; seed++) {
        bench *b = start(seed);
        b->profile.law.initial_window = 100 * SIM_SECOND;
        bench_power(b, true);
        bench_run_to(b, DEV_STATE_WAITING_FOR_ATTEMPT);
        boot += sim_time_seconds(b->wire.now) / 300;
        sim_time booted = b->wire.now;
        bench_run_to(b, DEV_STATE_CONNECTING);
        assert_true(b->wire.now - booted <= 100 * SIM_SECOND);
        wait += sim_time_seconds(b->wire.now - booted) / 300;
        bench_deinit(b);
    }
    assert_true(fabs(boot - 4) < 0.17); /* five standard errors of U(3, 5) and U(0, 100) */
    assert_true(fabs(wait - 50) < 8.4);
}

static void test_waits_for_the_link(void **state) {
    (void)state;
    bench *b = start(2);
    b->wire.cut = true;
    bench_power(b, true);
    bench_run(b, 10 * SIM_MINUTE);
    assert_int_equal(b->device.state, DEV_STATE_WAITING_FOR_LINK);
    assert_int_equal(b->transmitted, 0);
    /* it was never online: nobody expects anything of it yet */
    assert_int_equal(b->counts.reports_due, 0);
    bench_set_link(b, true);
    bench_run(b, SIM_SECOND);
    assert_int_equal(b->device.state, DEV_STATE_ONLINE);
    bench_set_link(b, false); /* from now on its reports are missed */
    bench_run(b, 10 * SIM_MINUTE);
    assert_in_range(b->counts.reports_skipped, 9, 10);
    bench_power(b, false); /* it knows so after a power cut, too */
    bench_power(b, true);
    bench_run(b, 10 * SIM_MINUTE);
    assert_in_range(b->counts.reports_skipped, 18, 20);
    assert_int_equal(b->skipped[DEV_SKIP_CUT], b->counts.reports_skipped);
    bench_deinit(b);
}

static void test_without_a_directory_secured_is_online(void **state) {
    (void)state;
    bench *b = start(3);
    b->profile.link.register_topic = NULL;
    b->profile.link.report_replaces = true;
    b->profile.link.report_topic = "example_data";
    bench_power(b, true);
    bench_run(b, 2 * SIM_MINUTE);
    assert_int_equal(b->device.state, DEV_STATE_ONLINE);
    /* nothing was asked before, nothing observed */
    assert_string_equal(b->requests[0].path, "example_data");
    assert_int_equal(b->requests[0].method, NET_COAP_PUT);
    b->report.code = NET_COAP_NOT_FOUND; /* no registration that could have been lost */
    bench_run(b, 5 * SIM_MINUTE);
    assert_int_equal(b->connect_count, 1);
    bench_deinit(b);
}

static void test_wrong_profiles_are_named(void **state) {
    (void)state;
    bench *b = start(3);
    assert_null(dev_profile_wrong(&b->profile));
    const dev_profile good = b->profile;
    dev_profile twins[9];
    for (int i = 0; i < 9; i++) twins[i] = good;
    twins[0].model = NULL;
    twins[1].boot_minimum = -1;
    twins[2].boot_maximum = SIM_NEVER;
    twins[3].boot_minimum = good.boot_maximum + 1;
    twins[4].connect_limit = 0;
    twins[5].report_every = -1;
    twins[6].link.protocol = NULL;
    twins[7].link.report_topic = NULL;
    twins[8].law.base = 0;
    for (int i = 0; i < 9; i++) assert_non_null(dev_profile_wrong(&twins[i]));
    bench_deinit(b);
}

/* ---- reports ---- */

static void test_reports_at_the_intended_times(void **state) {
    (void)state;
    bench *b = start_online(4);
    b->reported_count = 0;
    b->counts = (dev_counts){0};
    bench_run(b, 100 * SIM_MINUTE);
    assert_int_equal(b->reported_count, 100);
    for (size_t i = 0; i < 100; i++) {
        assert_int_equal(b->reported[i].due, b->reported[0].due + (sim_time)i * SIM_MINUTE);
        assert_int_equal(b->reported[i].at, b->reported[i].due + 2 * BENCH_LATENCY);
        assert_int_equal(b->reported[i].code, NET_COAP_CHANGED);
    }
    assert_int_equal(b->counts.reports_skipped, 0);
    bench_deinit(b);
}

/* In the real world a wake-up may come late: latency counts from the intended time, and the next
 * report is not moved. */
static void test_late_wake_up_does_not_move_the_reports(void **state) {
    (void)state;
    bench *b = start_online(4);
    sim_time intended = b->device.report_due;
    b->reported_count = 0;
    b->wake = SIM_NEVER;
    b->wire.now = intended + 3 * SIM_SECOND;
    dev_device_wake(&b->device, &b->world, &b->counts, b->wire.now);
    assert_int_equal(b->device.report_due, intended + SIM_MINUTE);
    bench_run(b, SIM_SECOND);
    assert_int_equal(b->reported[0].due, intended);
    assert_int_equal(b->reported[0].at, intended + 3 * SIM_SECOND + 2 * BENCH_LATENCY);
    bench_deinit(b);
}

static void test_phases_of_devices_do_not_align(void **state) {
    (void)state;
    unsigned thirds[3] = {0};
    for (uint64_t seed = 0; seed < 300; seed++) {
        bench *b = start_online(seed);
        bench_run(b, 2 * SIM_MINUTE);
        thirds[b->reported[0].due % SIM_MINUTE / (20 * SIM_SECOND)]++;
        bench_deinit(b);
    }
    for (int i = 0; i < 3; i++) assert_in_range(thirds[i], 60, 140);
}

static void test_report_is_a_senml_pack(void **state) {
    (void)state;
    bench *b = start_online(5);
    bench_run(b, 2 * SIM_MINUTE);
    const bench_request *r = &b->requests[2];
    net_senml_pack pack;
    assert_string_equal(r->path, "t");
    assert_int_equal(r->format, NET_COAP_FORMAT_SENML_CBOR);
    assert_int_equal(net_senml_read(r->payload, r->payload_size, &pack), 0);
    assert_int_equal(pack.count, 3);
    assert_string_equal(pack.records[0].name,
                        "urn:dev:ops:32473-thermostat-thermostat-0001_temperature");
    assert_string_equal(pack.records[0].unit, "Cel");
    assert_true(pack.records[0].value > 14 && pack.records[0].value < 24);
    assert_true(fabs(pack.records[0].value * 100 - floor(pack.records[0].value * 100 + 0.5)) <
                1e-3);
    assert_string_equal(pack.records[1].name,
                        "urn:dev:ops:32473-thermostat-thermostat-0001_set-point");
    assert_true(pack.records[1].value == 20.5);
    assert_true(pack.records[2].is_boolean);
    /* the temperature is that of the moment, not of the last switch */
    bench_run(b, 27 * SIM_MINUTE + 30 * SIM_SECOND);
    dev_thermal t = dev_thermostat_of(&b->device)->thermal;
    while (b->counts.reports_sent < 30) bench_step(b);
    dev_thermal_advance(&t, b->wire.now);
    bench_run(b, BENCH_LATENCY);
    r = &b->requests[b->request_count - 1];
    assert_int_equal(net_senml_read(r->payload, r->payload_size, &pack), 0);
    assert_true(fabs(pack.records[0].value - (double)t.temperature_c) < 0.0051);
    bench_deinit(b);
}

/* An identity may be as long as DTLS allows here and hold anything (a file of keys made it); a
 * SenML name may not. */
static void test_report_of_an_odd_identity(void **state) {
    (void)state;
    bench *b = start(5);
    b->identity = "x@y z/\xc3\xa4&=-.123456789012345678901234567890123456789012345678901";
    assert_int_equal(strlen(b->identity), NET_SECURE_IDENTITY_MAX - 1);
    bench_power(b, true);
    bench_run(b, 2 * SIM_MINUTE);
    const bench_request *r = &b->requests[2];
    net_senml_pack pack;
    assert_int_equal(net_senml_read(r->payload, r->payload_size, &pack), 0);
    assert_string_equal(pack.records[2].name,
                        "urn:dev:ops:32473-thermostat-x.y.z.....-."
                        "123456789012345678901234567890123456789012345678901_heater");
    bench_deinit(b);
}

/* NSTART 1: a report that is due while one is out is skipped and counted. */
static void test_one_report_out_at_a_time(void **state) {
    (void)state;
    bench *b = start_online(6);
    b->profile.report_every = b->device.report_every = 5 * SIM_SECOND;
    bench_run(b, SIM_MINUTE);
    b->counts = (dev_counts){0};
    b->reported_count = 0;
    memset(b->skipped, 0, sizeof b->skipped);
    b->report.silent = true;
    bench_run_to(b, DEV_STATE_WAITING_FOR_ATTEMPT);
    assert_int_equal(b->counts.reports_sent, 1);
    assert_in_range(b->counts.reports_skipped, 45 / 5,
                    93 / 5 + 1); /* RFC 7252 4.8.2: MAX_TRANSMIT_WAIT is 93 s */
    assert_int_equal(b->skipped[DEV_SKIP_WAITING], b->counts.reports_skipped);
    assert_int_equal(b->reported_count, 1);
    assert_int_equal(b->reported[0].error, SIM_ETIMEOUT);
    bench_deinit(b);
}

/* ---- over capacity ---- */

/* A reply to a registration that arrives at `at` with Max-Age 30 and the law's 10 s: the next
 * attempt is at + 40 s, to the nanosecond. */
static void test_max_age_of_a_busy_registration(void **state) {
    (void)state;
    bench *b = start(7);
    b->registration = (bench_reply){.code = NET_COAP_SERVICE_UNAVAILABLE, .max_age = 30};
    bench_power(b, true);
    bench_run(b, 10 * SIM_MINUTE);
    assert_true(b->connect_count > 10);
    for (size_t i = 0; i + 1 < b->connect_count; i++) {
        assert_int_equal(b->failed[i].reason, DEV_EVENT_BUSY);
        assert_int_equal(b->failed[i].at, b->connects[i] + 2 * BENCH_LATENCY);
        assert_int_equal(b->connects[i + 1], b->failed[i].at + 40 * SIM_SECOND);
    }
    /* without the option Max-Age is 60 s (RFC 7252 5.10.5) */
    b->registration.max_age = -1;
    size_t last = b->connect_count;
    bench_run(b, 5 * SIM_MINUTE);
    assert_int_equal(b->connects[last + 1],
                     b->connects[last] + 2 * BENCH_LATENCY + 70 * SIM_SECOND);
    bench_deinit(b);
}

static void test_max_age_outlives_a_link_loss_but_not_a_power_loss(void **state) {
    (void)state;
    bench *b = start(8);
    b->registration = (bench_reply){.code = NET_COAP_SERVICE_UNAVAILABLE, .max_age = 600};
    bench_power(b, true);
    bench_run(b, SIM_MINUTE);
    assert_int_equal(b->connect_count, 1);
    sim_time busy = b->failed[0].at;
    bench_set_link(b, false);
    bench_run(b, SIM_MINUTE);
    bench_set_link(b, true);
    bench_run(b, 20 * SIM_MINUTE);
    assert_int_equal(b->connects[1], busy + 610 * SIM_SECOND);
    bench_power(b, false);
    bench_power(b, true);
    size_t before = b->connect_count;
    bench_run(b, 10 * SIM_SECOND);
    assert_int_equal(b->connect_count, before + 1);
    bench_deinit(b);
}

/* What is due before Max-Age has passed is skipped, what is due then is sent. */
static void test_max_age_of_a_busy_report(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        bench *b = start_online(seed);
        b->profile.report_every = b->device.report_every = 7 * SIM_SECOND;
        bench_run(b, SIM_MINUTE);
        b->report = (bench_reply){.code = NET_COAP_SERVICE_UNAVAILABLE, .max_age = 25};
        size_t first = b->reported_count;
        while (b->reported_count < first + 1) bench_step(b);
        sim_time quiet_until = b->wire.now + 25 * SIM_SECOND;
        sim_time due = b->reported[first].due;
        uint64_t skipped = b->counts.reports_skipped;
        assert_int_equal(b->reported[first].code, NET_COAP_SERVICE_UNAVAILABLE);
        assert_int_equal(b->device.quiet_until, quiet_until);
        while (due < quiet_until) due += 7 * SIM_SECOND;
        b->report = (bench_reply){.code = NET_COAP_CHANGED, .max_age = -1};
        bench_run(b, 40 * SIM_SECOND);
        assert_int_equal(b->reported[first + 1].due, due);
        assert_int_equal(b->counts.reports_skipped - skipped, 3);
        assert_int_equal(b->skipped[DEV_SKIP_HELD], 3);
        assert_int_equal(b->device.state, DEV_STATE_ONLINE);
        bench_deinit(b);
    }
}

/* One nanosecond before Max-Age has passed is too early, the end of it is not. */
static void test_max_age_to_the_nanosecond(void **state) {
    (void)state;
    for (int early = 0; early < 2; early++) {
        bench *b = start_online(8);
        b->report = (bench_reply){.code = NET_COAP_SERVICE_UNAVAILABLE, .max_age = 25};
        while (b->device.quiet_until == 0) bench_step(b);
        uint64_t sent = b->counts.reports_sent;
        b->device.report_due = b->device.quiet_until - early;
        b->wake = dev_device_deadline(&b->device);
        bench_run(b, 26 * SIM_SECOND);
        assert_int_equal(b->counts.reports_sent, sent + !early);
        bench_deinit(b);
    }
}

static void test_busy_observation_is_asked_for_again(void **state) {
    (void)state;
    bench *b = start(9);
    b->observation = (bench_reply){.code = NET_COAP_SERVICE_UNAVAILABLE, .max_age = 90};
    bench_power(b, true);
    bench_run_to(b, DEV_STATE_ONLINE);
    bench_run(b, SIM_SECOND);
    sim_time quiet_until = b->device.quiet_until;
    b->observation = (bench_reply){.code = NET_COAP_CONTENT, .max_age = -1, .text = "17"};
    bench_run(b, 4 * SIM_MINUTE);
    assert_true(b->requests[2].observe);
    assert_true(b->requests[2].at > quiet_until);
    assert_true(dev_thermostat_of(&b->device)->thermal.set_point_c == 17);
    bench_deinit(b);
}

/* ---- refused and gone ---- */

static void test_failed_attempts_follow_the_law(void **state) {
    (void)state;
    static const struct {
        bench_reply registration;
        sim_time connect_limit;
        dev_event reason;
    } rows[] = {
        {{.code = NET_COAP_FORBIDDEN, .max_age = -1}, 120 * SIM_SECOND, DEV_EVENT_REFUSED},
        {{.code = NET_COAP_CODE(5, 0), .max_age = -1}, 120 * SIM_SECOND, DEV_EVENT_REFUSED},
        {{.reset = true}, 120 * SIM_SECOND, DEV_EVENT_UNANSWERED},
        {{.silent = true}, 120 * SIM_SECOND, DEV_EVENT_UNANSWERED},
        {{.silent = true}, 20 * SIM_SECOND, DEV_EVENT_CONNECT_TIMEOUT},
    };
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        bench *b = start(10);
        b->registration = rows[row].registration;
        b->profile.connect_limit = rows[row].connect_limit;
        bench_power(b, true);
        bench_run(b, 10 * SIM_MINUTE);
        assert_true(b->failed_count >= 4);
        assert_int_equal(b->device.attempts, b->connect_count);
        assert_int_equal(b->device.connection, b->connect_count);
        for (size_t i = 0; i + 1 < b->connect_count; i++) {
            assert_int_equal(b->failed[i].reason, rows[row].reason);
            assert_int_equal(b->failed[i].why, NET_END_NONE);
            assert_int_equal(b->connects[i + 1], b->failed[i].at + 10 * SIM_SECOND);
        }
        if (rows[row].reason == DEV_EVENT_CONNECT_TIMEOUT)
            assert_int_equal(b->failed[0].at, b->connects[0] + 20 * SIM_SECOND);
        bench_deinit(b);
    }
}

static void test_growing_law_grows_and_begins_anew(void **state) {
    (void)state;
    bench *b = start(11);
    b->profile.law = (dev_law){
        .kind = DEV_LAW_EXPONENTIAL, .base = SIM_SECOND, .cap = 16 * SIM_SECOND, .factor = 2};
    b->registration.code = NET_COAP_FORBIDDEN;
    bench_power(b, true);
    bench_run(b, 5 * SIM_MINUTE);
    for (size_t i = 0; i < 8; i++) {
        sim_time pause = sim_time_min(SIM_SECOND << i, 16 * SIM_SECOND);
        assert_int_equal(b->connects[i + 1], b->failed[i].at + pause);
    }
    b->registration.code = NET_COAP_CREATED;
    bench_run_to(b, DEV_STATE_ONLINE);
    assert_int_equal(b->device.law_state.tries, 0);
    b->report.code = NET_COAP_NOT_FOUND; /* the cloud has forgotten this device */
    bench_run_to(b, DEV_STATE_WAITING_FOR_ATTEMPT);
    assert_int_equal(b->device.law_state.tries, 1);
    assert_int_equal(b->device.step_due, b->wire.now); /* no initial window: at once */
    bench_deinit(b);
}

static void test_refused_reports(void **state) {
    (void)state;
    static const struct {
        uint8_t code;
        bool new_session;
    } rows[] = {
        {NET_COAP_CODE(4, 1), true},   {NET_COAP_NOT_FOUND, true},
        {NET_COAP_BAD_REQUEST, false}, {NET_COAP_FORBIDDEN, false},
        {NET_COAP_CODE(4, 13), false}, {NET_COAP_METHOD_NOT_ALLOWED, false},
        {NET_COAP_CODE(5, 0), false},
    };
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        bench *b = start_online(12);
        b->report.code = rows[row].code;
        bench_run(b, 10 * SIM_MINUTE);
        assert_int_equal(b->reported_count, 10);
        assert_int_equal(b->reported[9].code, rows[row].code);
        assert_int_equal(b->connect_count, rows[row].new_session ? 11 : 1);
        bench_deinit(b);
    }
}

static void test_silent_service_is_gone(void **state) {
    (void)state;
    bench *b = start_online(13);
    b->profile.law.initial_window = 100 * SIM_SECOND;
    b->wire.lose_up = true;
    bench_run_to(b, DEV_STATE_WAITING_FOR_ATTEMPT);
    assert_int_equal(b->reported[b->reported_count - 1].error, SIM_ETIMEOUT);
    assert_true(b->device.step_due > b->wire.now);
    assert_true(b->device.step_due <= b->wire.now + 100 * SIM_SECOND);
    b->wire.lose_up = false;
    bench_run_to(b, DEV_STATE_ONLINE);
    assert_int_equal(b->failed_count, 0); /* a lost session is no failed attempt */
    bench_deinit(b);
}

/* ---- the link ---- */

static void test_link_loss_before_the_attempt_does_not_count(void **state) {
    (void)state;
    bench *b = start(14);
    b->profile.law.initial_window = SIM_HOUR;
    bench_power(b, true);
    bench_run_to(b, DEV_STATE_WAITING_FOR_ATTEMPT);
    for (int i = 0; i < 5; i++) {
        bench_set_link(b, false);
        assert_int_equal(b->device.state, DEV_STATE_WAITING_FOR_LINK);
        assert_int_equal(b->device.law_state.tries, 0);
        bench_set_link(b, true);
        assert_int_equal(b->device.state, DEV_STATE_WAITING_FOR_ATTEMPT);
        assert_int_equal(b->device.law_state.tries, 1);
    }
    assert_true(b->device.step_due >
                b->wire.now + SIM_MINUTE); /* still somewhere in the hour: this seed's sixth draw */
    assert_int_equal(b->connect_count, 0);
    bench_deinit(b);
}

static void test_link_loss_during_the_attempt(void **state) {
    (void)state;
    bench *b = start(15);
    b->registration.silent = true;
    bench_power(b, true);
    bench_run_to(b, DEV_STATE_CONNECTING);
    size_t sent = b->transmitted;
    bench_run(b, 100 * SIM_MILLISECOND);
    bench_set_link(b, false);
    assert_int_equal(b->device.state, DEV_STATE_WAITING_FOR_LINK);
    assert_int_equal(b->failed[0].reason, DEV_EVENT_LINK_DOWN);
    assert_int_equal(b->device.law_state.tries, 1); /* RAM keeps it: the attempt was made */
    bench_run(b, SIM_HOUR);
    assert_int_equal(b->transmitted, sent);
    bench_set_link(b, true);
    assert_int_equal(b->device.step_due, b->wire.now + 10 * SIM_SECOND);
    bench_deinit(b);
}

static void test_link_loss_online_begins_an_episode(void **state) {
    (void)state;
    bench *b = start_online(16);
    b->report.silent = true;
    while (b->device.report_sent_due == SIM_NEVER) bench_step(b);
    size_t sent = b->transmitted;
    bench_set_link(b, false);
    assert_int_equal(b->device.state, DEV_STATE_WAITING_FOR_LINK);
    assert_int_equal(b->reported[b->reported_count - 1].error, SIM_EUNREACHABLE);
    bench_run(b, SIM_HOUR);
    assert_int_equal(b->transmitted, sent);
    bench_set_link(b, true);
    assert_int_equal(b->device.step_due, b->wire.now);
    bench_deinit(b);
}

/* ---- power ---- */

/* Cut at many moments of a day's life: nothing is sent, nothing volatile is left, no heap is held,
 * what is in flash stays. */
static void test_power_loss_at_any_moment(void **state) {
    (void)state;
    unsigned seen = 0;
    for (int64_t moment = 0; moment < 400; moment++) {
        bench *b = start_online(17);
        bench_power(b, false);
        /* what the virtual kernel keeps for the next one */
        int64_t blocks = sim_heap_in_use().blocks;
        b->profile.law =
            (dev_law){.kind = DEV_LAW_FIXED, .initial_window = 4 * SIM_SECOND, .base = SIM_SECOND};
        b->profile.report_every = b->device.report_every = 2 * SIM_SECOND;
        if (moment % 2) b->registration.silent = true;
        bench_power(b, true);
        bench_run(b, moment * 37 * SIM_MILLISECOND);
        seen |= 1u << b->device.state;
        float set_point = dev_thermostat_of(&b->device)->thermal.set_point_c;
        uint8_t night = dev_thermostat_of(&b->device)->night_from_h;
        size_t sent = b->transmitted;
        bench_power(b, false);
        const dev_device *d = &b->device;
        assert_int_equal(d->state, DEV_STATE_OFF);
        assert_null(d->link);
        assert_int_equal(dev_device_deadline(d), SIM_NEVER);
        assert_int_equal(d->attempts, 0);
        assert_int_equal(d->law_state.tries, 0);
        assert_int_equal(d->law_state.previous, 0);
        assert_int_equal(d->quiet_until, 0);
        assert_false(dev_thermostat_of(d)->thermal.heating);
        assert_int_equal(sim_heap_in_use().blocks, blocks);
        assert_int_equal(b->wake, SIM_NEVER);
        bench_run(b, SIM_HOUR);
        assert_int_equal(b->transmitted, sent);
        assert_true(dev_thermostat_of(d)->thermal.set_point_c == set_point);
        assert_int_equal(dev_thermostat_of(d)->night_from_h, night);
        b->registration.silent = false;
        bench_power(b, true);
        bench_run_to(b, DEV_STATE_ONLINE);
        bench_deinit(b);
    }
    assert_int_equal(seen | 1u << DEV_STATE_OFF | 1u << DEV_STATE_WAITING_FOR_LINK |
                         1u << DEV_STATE_ASLEEP, /* it never is */
                     (1u << DEV_STATES) - 1);
}

static void test_power_that_is_there_is_ignored_and_counted(void **state) {
    (void)state;
    bench *b = start_online(18);
    size_t changes = b->change_count;
    size_t wakes = b->wakes;
    bench_power(b, true);
    assert_int_equal(b->wakes, wakes); /* no deadline moved */
    assert_int_equal(b->change_count, changes);
    assert_int_equal(b->counts.ignored[DEV_STATE_ONLINE][DEV_EVENT_POWER_ON], 1);
    bench_power(b, false);
    bench_power(b, false);
    assert_int_equal(b->counts.ignored[DEV_STATE_OFF][DEV_EVENT_POWER_OFF], 1);
    bench_set_link(b, false);
    bench_set_link(b, true);
    assert_int_equal(b->counts.ignored[DEV_STATE_OFF][DEV_EVENT_LINK_UP], 1);
    bench_deinit(b);
}

static void test_late_datagrams_find_nobody(void **state) {
    (void)state;
    bench *b = start_online(19);
    bench_power(b, false);
    static const uint8_t late[] = {0x60, 0x45, 0x12, 0x34};
    dev_device_input(&b->device, &b->world, &b->counts, b->wire.now, late, sizeof late);
    assert_int_equal(b->device.state, DEV_STATE_OFF);
    bench_deinit(b);
}

static void test_garbage_is_survived(void **state) {
    (void)state;
    bench *b = start_online(20);
    sim_stream noise = sim_stream_for(20, SIM_PURPOSE_SCRIPT, 0);
    for (int i = 0; i < 20000; i++) {
        uint8_t bytes[64];
        size_t n = sim_stream_below(&noise, sizeof bytes + 1);
        sim_stream_bytes(&noise, bytes, n);
        /* version 1, a short token */
        if (i % 2 && n > 0) bytes[0] = (uint8_t)(0x40 | (bytes[0] & 0x34));
        dev_device_input(&b->device, &b->world, &b->counts, b->wire.now, bytes, n);
        b->wire.count = 0; /* whatever it answers */
        bench_check(b);
    }
    assert_int_equal(b->device.state, DEV_STATE_ONLINE);
    bench_run(b, 2 * SIM_MINUTE);
    assert_int_equal(b->reported[b->reported_count - 1].code, NET_COAP_CHANGED);
    bench_deinit(b);
}

/* ---- the set-point ---- */

static void test_set_points(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool taken;
        float value;
    } rows[] = {
        {"21.5", true, 21.5F}, {"5", true, 5},
        {"30", true, 30},      {"1e1", true, 10},
        {"4.99", false, 0},    {"30.01", false, 0},
        {"-20", false, 0},     {"nan", false, 0},
        {"inf", false, 0},     {"warm", false, 0},
        {"", false, 0},        {"21.5 ", false, 0},
        {"21,5", false, 0},    {"21k", false, 0},
        {"1e999", false, 0},   {"20.000000000000000000000000000", false, 0},
    };
    bench *b = start_online(21);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        float before = dev_thermostat_of(&b->device)->thermal.set_point_c;
        uint64_t ignored = b->counts.told_ignored;
        bench_notify(b, rows[i].text);
        bench_run(b, SIM_SECOND);
        bool taken = b->counts.told_ignored == ignored;
        if (taken != rows[i].taken) fail_msg("\"%s\"", rows[i].text);
        assert_true(dev_thermostat_of(&b->device)->thermal.set_point_c ==
                    (taken ? rows[i].value : before));
    }
    bench_deinit(b);
}

static void test_set_points_that_are_no_text(void **state) {
    (void)state;
    static const struct {
        bench_reply notification;
        bool taken;
    } rows[] = {
        {{.code = NET_COAP_CONTENT, .max_age = -1, .text = "25", .format = NET_COAP_FORMAT_TEXT},
         true},
        {{.code = NET_COAP_CONTENT,
          .max_age = -1,
          .text = "26",
          .format = NET_COAP_FORMAT_SENML_CBOR},
         false},
        {{.code = NET_COAP_CONTENT,
          .max_age = -1,
          .text = "27\0"
                  "5",
          .text_size = 4},
         false},
        {{.code = NET_COAP_CONTENT, .max_age = -1}, false},
    };
    bench *b = start_online(21);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t ignored = b->counts.told_ignored;
        bench_notify_with(b, &rows[i].notification);
        bench_run(b, SIM_SECOND);
        assert_int_equal(b->counts.told_ignored, ignored + !rows[i].taken);
        assert_true(dev_thermostat_of(&b->device)->thermal.set_point_c == 25);
    }
    bench_deinit(b);
}

static void test_set_point_works_at_once_and_survives_power_loss(void **state) {
    (void)state;
    bench *b = start_online(22);
    bench_notify(b, "30");
    bench_run(b, 2 * BENCH_LATENCY);
    assert_true(dev_thermostat_of(&b->device)->thermal.heating);
    bench_notify(b, "5");
    bench_run(b, 2 * BENCH_LATENCY);
    assert_false(dev_thermostat_of(&b->device)->thermal.heating);
    bench_notify(b, "28.5");
    bench_run(b, 2 * BENCH_LATENCY);
    bench_power(b, false);
    assert_false(dev_thermostat_of(&b->device)->thermal.heating);
    b->wire.cut = true;
    bench_run(b, SIM_MINUTE);
    bench_power(b, true);
    assert_true(
        dev_thermostat_of(&b->device)->thermal.heating); /* long before there is a network */
    assert_true(dev_thermostat_of(&b->device)->thermal.set_point_c == 28.5F);
    bench_deinit(b);
}

/* ---- the local function ---- */

/* The same room for two days, with the cloud and without: the same switches (EN 303 645 5.9-2). */
static void test_network_does_not_matter_to_the_room(void **state) {
    (void)state;
    uint64_t switches[2];
    float temperature[2];
    for (int online = 0; online < 2; online++) {
        bench *b = start(23);
        b->wire.cut = !online;
        b->profile.follows = false;
        bench_power(b, true);
        bench_run(b, 48 * SIM_HOUR);
        dev_thermal_advance(&dev_thermostat_of(&b->device)->thermal, b->wire.now);
        switches[online] = b->counts.counters[dev_model_number(&dev_thermostat)][0];
        temperature[online] = dev_thermostat_of(&b->device)->thermal.temperature_c;
        assert_int_equal(b->device.state, online ? DEV_STATE_ONLINE : DEV_STATE_WAITING_FOR_LINK);
        bench_deinit(b);
    }
    assert_true(switches[0] > 20);
    assert_int_equal(switches[0], switches[1]);
    assert_true(fabsf(temperature[0] - temperature[1]) < 0.01F);
}

static void test_rooms_stay_warm_and_follow_the_schedule(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 50; seed++) {
        bench *b = start(seed);
        b->wire.cut = true;
        bench_power(b, true);
        bench_run(b, 18 * SIM_HOUR); /* evening: the morning's warming-up is long over */
        dev_thermal *t = &dev_thermostat_of(&b->device)->thermal;
        dev_thermal_advance(t, b->wire.now);
        assert_true(fabsf(t->temperature_c - t->set_point_c) < t->band_c + 0.01F);
        bench_run(b, 10 * SIM_HOUR); /* four in the morning */
        dev_thermal_advance(t, b->wire.now);
        assert_true(t->temperature_c < t->set_point_c - t->band_c);
        assert_true(t->temperature_c > t->set_point_c - 3 - t->band_c - 0.01F);
        assert_in_range(dev_thermostat_of(&b->device)->night_from_h, 21, 23);
        assert_in_range(dev_thermostat_of(&b->device)->night_until_h, 5, 7);
        bench_deinit(b);
    }
}

static dev_local local_of(const bench *b) {
    dev_counts all = b->counts;
    dev_device_local_end(&b->device, &all, b->wire.now);
    return all.local[dev_model_number(&dev_thermostat)];
}

/* How long it had power, could do its work, and kept the room in its band: against a look at the
 * device each second; the cloud and its reports make no difference. */
static void test_local_function_is_measured(void **state) {
    (void)state;
    for (int online = 0; online < 2; online++) {
        bench *b = start(23);
        uint64_t powered = 0, able = 0, kept = 0;
        b->wire.cut = !online;
        b->profile.follows = false;
        b->profile.report_every = b->device.report_every = 7 * SIM_MINUTE;
        for (int s = 0; s < 30 * 3600; s++) {
            if (s == 100 || s == 15000) bench_power(b, true);
            if (s == 12 * 3600 || s == 10000) bench_power(b, false);
            if (s == 13 * 3600) bench_power(b, true);
            bench_run(b, SIM_SECOND);
            dev_thermal t = dev_thermostat_of(&b->device)->thermal;
            dev_thermal_advance(&t, b->wire.now);
            bool has = b->device.state != DEV_STATE_OFF;
            powered += has;
            able += has && b->device.state != DEV_STATE_BOOTING;
            kept +=
                has && fabsf(t.temperature_c - (t.set_point_c - t.set_back_c)) <= t.band_c + 0.001F;
        }
        const dev_local l = local_of(b);
        assert_int_equal(l.powered_us, (uint64_t)(30 * 3600 - 100 - 5000 - 3600) * 1000000);
        assert_int_equal(l.powered_us, powered * 1000000);
        assert_true(l.able_us < l.powered_us && l.able_us > (able - 5) * 1000000 &&
                    l.able_us < (able + 5) * 1000000);
        assert_true(l.kept_us > (kept - 60) * 1000000 && l.kept_us < (kept + 60) * 1000000);
        assert_true(kept > UINT64_C(36000) &&
                    kept < powered); /* mornings and power cuts take it out of its band */
        bench_deinit(b);
    }
}

static void test_schedule_is_kept_to_the_nanosecond(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        bench *b = start(seed);
        b->wire.cut = true;
        bench_power(b, true);
        for (int day = 0; day < 3; day++) {
            bench_run(b, day * SIM_DAY + dev_thermostat_of(&b->device)->night_until_h * SIM_HOUR -
                             b->wire.now - 1);
            assert_true(dev_thermostat_of(&b->device)->thermal.set_back_c == 3);
            bench_run(b, 1);
            assert_true(dev_thermostat_of(&b->device)->thermal.set_back_c == 0);
            bench_run(b, day * SIM_DAY + dev_thermostat_of(&b->device)->night_from_h * SIM_HOUR -
                             b->wire.now - 1);
            assert_true(dev_thermostat_of(&b->device)->thermal.set_back_c == 0);
            bench_run(b, 1);
            assert_true(dev_thermostat_of(&b->device)->thermal.set_back_c == 3);
        }
        bench_deinit(b);
    }
}

static void test_room_cools_without_power(void **state) {
    (void)state;
    bench *b = start_online(24);
    bench_run(b, 12 * SIM_HOUR);
    float warm = dev_thermostat_of(&b->device)->thermal.temperature_c;
    bench_power(b, false);
    bench_run(b, 3 * SIM_HOUR);
    bench_power(b, true);
    assert_true(dev_thermostat_of(&b->device)->thermal.temperature_c < warm - 1);
    assert_true(dev_thermostat_of(&b->device)->thermal.heating);
    bench_deinit(b);
}

/* ---- over DTLS ---- */

static void test_comes_online_over_dtls_and_reports(void **state) {
    (void)state;
    bench *b = start(25);
    bench_secure(b);
    bench_power(b, true);
    bench_run(b, 10 * SIM_MINUTE);
    assert_int_equal(b->device.state, DEV_STATE_ONLINE);
    assert_int_equal(b->online, 1);
    assert_in_range(b->reported_count, 9, 10);
    bench_notify(b, "24");
    bench_run(b, SIM_SECOND);
    assert_true(dev_thermostat_of(&b->device)->thermal.set_point_c == 24);
    bench_deinit(b);
}

static void test_wrong_key_is_a_failed_attempt(void **state) {
    (void)state;
    bench *b = start(26);
    bench_secure(b);
    memset(b->server_key, 0xA5, sizeof b->server_key);
    bench_power(b, true);
    bench_run(b, 10 * SIM_MINUTE);
    assert_true(b->failed_count >= 2);
    for (size_t i = 0; i < b->failed_count; i++) {
        assert_int_equal(b->failed[i].reason, DEV_EVENT_SESSION_ENDED);
        assert_int_not_equal(b->failed[i].why, NET_END_NONE);
        if (i + 1 < b->connect_count)
            assert_int_equal(b->connects[i + 1], b->failed[i].at + 10 * SIM_SECOND);
    }
    bench_deinit(b);
}

static void test_closed_session_begins_an_episode(void **state) {
    (void)state;
    bench *b = start(27);
    bench_secure(b);
    bench_power(b, true);
    bench_run_to(b, DEV_STATE_ONLINE);
    bench_run(b, SIM_SECOND);
    net_secure_close(b->session, b->wire.now);
    bench_run_to(b, DEV_STATE_WAITING_FOR_ATTEMPT);
    assert_int_equal(b->device.law_state.tries, 1);
    assert_int_equal(b->device.step_due, b->wire.now);
    bench_run_to(b, DEV_STATE_ONLINE);
    assert_int_equal(b->device.connection, 2);
    bench_deinit(b);
}

/* One datagram with two records: what follows the one that ended the session is heard by nobody and
 * answered by nobody. */
static void test_channel_that_ended_says_nothing_more(void **state) {
    (void)state;
    bench *b = start(28);
    bench_secure(b);
    bench_power(b, true);
    bench_run_to(b, DEV_STATE_ONLINE);
    bench_run(b, SIM_SECOND);
    b->report.code = NET_COAP_NOT_FOUND;
    while (b->request_count < 3) bench_step(b);
    b->join = true;
    bench_notify(b, "30");
    size_t sent = b->transmitted;
    bench_step(b);
    assert_int_equal(b->device.state, DEV_STATE_WAITING_FOR_ATTEMPT);
    assert_int_equal(b->transmitted, sent);
    assert_int_equal(b->counts.ignored[DEV_STATE_WAITING_FOR_ATTEMPT][DEV_EVENT_TOLD], 0);
    assert_true(dev_thermostat_of(&b->device)->thermal.set_point_c == 20.5F);
    bench_deinit(b);
}

static void test_power_loss_during_the_handshake(void **state) {
    (void)state;
    for (int64_t moment = 0; moment < 20; moment++) {
        bench *b = start(28);
        bench_secure(b);
        bench_power(b, true);
        bench_run_to(b, DEV_STATE_CONNECTING);
        bench_run(b, moment * 5 * SIM_MILLISECOND);
        size_t sent = b->transmitted;
        bench_power(b, false);
        bench_run(b, SIM_HOUR);
        assert_int_equal(b->transmitted, sent);
        bench_power(b, true);
        bench_run_to(b, DEV_STATE_ONLINE);
        bench_deinit(b);
    }
}

/* ---- anything, in any order ---- */

static void chaos_step(bench *b, sim_stream *dice) {
    static const bench_reply replies[] = {
        {.code = NET_COAP_CHANGED, .max_age = -1},
        {.code = NET_COAP_CHANGED, .max_age = -1},
        {.code = NET_COAP_SERVICE_UNAVAILABLE, .max_age = 20},
        {.code = NET_COAP_NOT_FOUND, .max_age = -1},
        {.code = NET_COAP_BAD_REQUEST, .max_age = -1},
        {.silent = true},
        {.reset = true},
    };
    const size_t kinds = sizeof replies / sizeof replies[0];
    switch (sim_stream_below(dice, 12)) {
        case 0:
            bench_power(b, sim_stream_below(dice, 2));
            break;
        case 1:
            bench_set_link(b, sim_stream_below(dice, 2));
            break;
        case 2:
            b->wire.lose_up = sim_stream_below(dice, 3) == 0;
            break;
        case 3:
            b->wire.lose_down = sim_stream_below(dice, 3) == 0;
            break;
        case 4:
            b->registration = replies[sim_stream_below(dice, kinds)];
            break;
        case 5:
            b->report = replies[sim_stream_below(dice, kinds)];
            break;
        case 6:
            b->observation = replies[sim_stream_below(dice, kinds)];
            break;
        case 7:
            if (b->observed) bench_notify(b, sim_stream_below(dice, 2) ? "25" : "hot");
            break;
        case 8:
            if (b->session != NULL && net_secure_is_open(b->session))
                net_secure_close(b->session, b->wire.now);
            break;
        default: /* all is well for a while */
            b->wire.lose_up = b->wire.lose_down = false;
            b->registration = replies[0];
            bench_power(b, true);
            bench_set_link(b, true);
            break;
    }
    bench_run(b, sim_stream_between(dice, 0, 40 * SIM_SECOND));
}

/* bench_check holds after every event; what is counted adds up; and the same seed gives the same
 * bytes at the same times. */
static uint64_t chaos(uint64_t seed, bool secured) {
    bench *b = start(seed);
    sim_stream dice = sim_stream_for(seed, SIM_PURPOSE_SCRIPT, 1);
    b->profile.law = (dev_law){.kind = DEV_LAW_FULL_JITTER,
                               .initial_window = 5 * SIM_SECOND,
                               .base = SIM_SECOND,
                               .cap = 30 * SIM_SECOND,
                               .factor = 2};
    b->profile.connect_limit = 30 * SIM_SECOND;
    b->profile.report_every = b->device.report_every = 5 * SIM_SECOND;
    if (secured) bench_secure(b);
    b->spoil = seed % 2 ? 10 : 0;
    for (int i = 0; i < 300; i++) chaos_step(b, &dice);
    assert_true(b->online > 3);
    uint64_t value = b->wire.sent_all.value;
    bench_deinit(b);
    return value;
}

static void test_chaos_is_survived_and_repeats(void **state) {
    (void)state;
    int64_t blocks = sim_heap_in_use().blocks;
    for (int secured = 0; secured < 2; secured++) {
        uint64_t last = 0;
        for (uint64_t seed = 100; seed < 120; seed++) {
            uint64_t value = chaos(seed, secured);
            assert_int_equal(value, chaos(seed, secured));
            assert_int_not_equal(value, last);
            last = value;
        }
    }
    assert_int_equal(sim_heap_in_use().blocks, blocks);
}

/* ---- no memory ---- */

/* Whatever allocation fails, once or for two minutes: the device carries on by its law, and comes
 * online when there is memory again. Returns whether one failed. */
static bool survives_without_memory(long n, bool for_good) {
    bench *b = start(29);
    bench_power(b, true);
    sim_heap_fail(n, for_good);
    bench_run(b, 2 * SIM_MINUTE);
    bool happened = sim_heap_fail_never();
    bench_run_to(b, DEV_STATE_ONLINE);
    bench_run(b, 2 * SIM_MINUTE);
    assert_int_equal(b->reported[b->reported_count - 1].code, NET_COAP_CHANGED);
    bench_deinit(b);
    return happened;
}

static void test_every_allocation_fails(void **state) {
    (void)state;
    for (int for_good = 0; for_good < 2; for_good++) {
        bool happened = true;
        for (long n = 0; happened; n++) {
            int64_t blocks = sim_heap_in_use().blocks;
            happened = survives_without_memory(n, for_good);
            assert_int_equal(sim_heap_in_use().blocks, blocks);
            if (!happened) assert_true(n > 10);
        }
    }
}

/* The observation that is asked for again before a report finds no memory: the session is given up,
 * the report counted as skipped. */
static void test_no_memory_to_observe_again(void **state) {
    (void)state;
    bench *b = start(30);
    b->observation = (bench_reply){.code = NET_COAP_SERVICE_UNAVAILABLE, .max_age = 1};
    bench_power(b, true);
    bench_run_to(b, DEV_STATE_ONLINE);
    while (!b->device.follow_due) bench_step(b);
    while (bench_next(b) < b->device.report_due) bench_step(b);
    uint64_t skipped = b->counts.reports_skipped;
    sim_heap_fail(0, true);
    bench_run(b, b->device.report_due - b->wire.now);
    assert_true(sim_heap_fail_never());
    assert_int_equal(b->device.state, DEV_STATE_WAITING_FOR_ATTEMPT);
    assert_int_equal(b->counts.reports_skipped, skipped + 1);
    assert_int_equal(b->skipped[DEV_SKIP_OFFLINE], 1);
    bench_run_to(b, DEV_STATE_ONLINE);
    bench_deinit(b);
}

int main(void) {
    if (net_secure_startup() != 0) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_comes_online),
        cmocka_unit_test(test_boot_time_and_first_attempt_are_spread),
        cmocka_unit_test(test_waits_for_the_link),
        cmocka_unit_test(test_without_a_directory_secured_is_online),
        cmocka_unit_test(test_wrong_profiles_are_named),
        cmocka_unit_test(test_reports_at_the_intended_times),
        cmocka_unit_test(test_late_wake_up_does_not_move_the_reports),
        cmocka_unit_test(test_phases_of_devices_do_not_align),
        cmocka_unit_test(test_report_is_a_senml_pack),
        cmocka_unit_test(test_report_of_an_odd_identity),
        cmocka_unit_test(test_one_report_out_at_a_time),
        cmocka_unit_test(test_max_age_of_a_busy_registration),
        cmocka_unit_test(test_max_age_outlives_a_link_loss_but_not_a_power_loss),
        cmocka_unit_test(test_max_age_of_a_busy_report),
        cmocka_unit_test(test_max_age_to_the_nanosecond),
        cmocka_unit_test(test_busy_observation_is_asked_for_again),
        cmocka_unit_test(test_failed_attempts_follow_the_law),
        cmocka_unit_test(test_growing_law_grows_and_begins_anew),
        cmocka_unit_test(test_refused_reports),
        cmocka_unit_test(test_silent_service_is_gone),
        cmocka_unit_test(test_link_loss_before_the_attempt_does_not_count),
        cmocka_unit_test(test_link_loss_during_the_attempt),
        cmocka_unit_test(test_link_loss_online_begins_an_episode),
        cmocka_unit_test(test_power_loss_at_any_moment),
        cmocka_unit_test(test_power_that_is_there_is_ignored_and_counted),
        cmocka_unit_test(test_late_datagrams_find_nobody),
        cmocka_unit_test(test_garbage_is_survived),
        cmocka_unit_test(test_set_points),
        cmocka_unit_test(test_set_points_that_are_no_text),
        cmocka_unit_test(test_set_point_works_at_once_and_survives_power_loss),
        cmocka_unit_test(test_network_does_not_matter_to_the_room),
        cmocka_unit_test(test_rooms_stay_warm_and_follow_the_schedule),
        cmocka_unit_test(test_local_function_is_measured),
        cmocka_unit_test(test_schedule_is_kept_to_the_nanosecond),
        cmocka_unit_test(test_room_cools_without_power),
        cmocka_unit_test(test_comes_online_over_dtls_and_reports),
        cmocka_unit_test(test_wrong_key_is_a_failed_attempt),
        cmocka_unit_test(test_closed_session_begins_an_episode),
        cmocka_unit_test(test_channel_that_ended_says_nothing_more),
        cmocka_unit_test(test_power_loss_during_the_handshake),
        cmocka_unit_test(test_chaos_is_survived_and_repeats),
        cmocka_unit_test(test_every_allocation_fails),
        cmocka_unit_test(test_no_memory_to_observe_again),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    net_secure_cleanup();
    return failed;
}
