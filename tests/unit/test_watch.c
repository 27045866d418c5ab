/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_watch.c - the fleet examiner: what it must find in a drawn fleet, what it must not, and that
 * neither hostile values nor the way devices are spread over watches change anything.
 * test_watch_fleet.c does the first at full size.
 *
 * test-timeout: 600 test-cost: 20 */
#include <math.h>
#include <string.h>

#include "sim/core/random.h"
#include "sim/examine/watch.h"
#include "tests/support/fleet_months.h"
#include "tests/unit/every_allocation.h"

/* ---- one watch, by hand
 * -------------------------------------------------------------------------------- */

typedef struct bench {
    examine_watch_fleet *fleet;
    examine_watch *watch;
    sim_time now;
    uint32_t notices[RECORD_ANOMALIES];
    record_alert last;
} bench;

enum { DEVICES = 200 };

/* Learns in an hour instead of a day. */
static const examine_watch_settings *quick(void) {
    static examine_watch_settings s;
    s = examine_watch_default;
    s.learn = SIM_HOUR;
    return &s;
}

static void bench_begin(bench *b, const examine_watch_settings *s) {
    memset(b, 0, sizeof *b);
    b->fleet = examine_watch_fleet_new(s, 3);
    b->watch = examine_watch_new(b->fleet, 1000, DEVICES, DEVICES / 2, 1);
    assert_non_null(b->watch);
    for (uint32_t i = 0; i < DEVICES; i++) examine_watch_place(b->watch, i, 0, i / 2, 0);
}

static void bench_end(bench *b) {
    examine_watch_free(b->watch);
    examine_watch_fleet_free(b->fleet);
}

static void bench_close(bench *b) {
    b->now += SIM_MINUTE;
    examine_watch_close(b->watch, b->now);
    examine_watch_fleet_close(b->fleet, b->now, &b->watch, 1);
    size_t n = 0;
    const record_alert *notices = examine_watch_fleet_notices(b->fleet, &n);
    for (size_t i = 0; i < n; i++) {
        const record_alert *x = &notices[i];
        assert_true(x->kind < RECORD_ANOMALIES && x->metric < RECORD_METRICS);
        assert_true(x->score >= 0.5f && x->score <= 1 && isfinite(x->seen) &&
                    isfinite(x->expected));
        assert_true(x->since >= 0 && x->since <= x->at && x->at == b->now &&
                    x->delivered == SIM_NEVER);
        assert_true(x->scope != RECORD_SCOPE_DEVICE || (x->who >= 1000 && x->who < 1000 + DEVICES));
        b->notices[x->kind]++;
        b->last = *x;
    }
}

static void report(bench *b, uint32_t device) {
    examine_watch_count(b->watch, b->now, device, RECORD_METRIC_MESSAGES_IN, 1);
    examine_watch_count(b->watch, b->now, device, RECORD_METRIC_BYTES_OUT, 1000);
    examine_watch_member(b->watch, b->now, device, RECORD_METRIC_DESTINATION, 1);
    examine_watch_member(b->watch, b->now, device, RECORD_METRIC_SOURCE_ADDRESS, 77 + device);
    examine_watch_level(b->watch, b->now, device, RECORD_METRIC_READING,
                        20 + 5 * sin(sim_time_seconds(b->now) / 13000));
    examine_watch_level(b->watch, b->now, device, RECORD_METRIC_BATTERY, 90);
}

static void calm(bench *b, int minutes, uint32_t from) {
    for (int i = 0; i < minutes; i++) {
        for (uint32_t d = from; d < DEVICES; d++) report(b, d);
        bench_close(b);
    }
}

static uint32_t all_notices(const bench *b) {
    uint32_t n = 0;
    for (int i = 0; i < RECORD_ANOMALIES; i++) n += b->notices[i];
    return n;
}

static void calm_raises_nothing(void **state) {
    (void)state;
    bench b;
    bench_begin(&b, quick());
    calm(&b, 600, 0);
    assert_int_equal(all_notices(&b), 0);
    bench_end(&b);
}

static void an_attack_is_told_once_a_day(void **state) {
    (void)state;
    bench b;
    bench_begin(&b, quick());
    calm(&b, 300, 0);
    for (int i = 0; i < 23 * 60; i++) {
        examine_watch_count(b.watch, b.now, 7, RECORD_METRIC_FAILED_LOGINS, 30);
        calm(&b, 1, 0);
    }
    assert_int_equal(b.notices[RECORD_ANOMALY_CREDENTIAL_STUFFING], 1);
    assert_int_equal(all_notices(&b), 1);
    assert_int_equal(b.last.who, 1007);
    for (int i = 0; i < 120; i++) {
        examine_watch_count(b.watch, b.now, 7, RECORD_METRIC_FAILED_LOGINS, 30);
        calm(&b, 1, 0);
    }
    assert_int_equal(b.notices[RECORD_ANOMALY_CREDENTIAL_STUFFING], 2);
    bench_end(&b);
}

static void a_device_that_stops_is_silent_but_a_home_is_not(void **state) {
    (void)state;
    bench b;
    bench_begin(&b, quick());
    calm(&b, 300, 0);
    calm(&b, 120, 1);
    assert_int_equal(b.notices[RECORD_ANOMALY_SILENT_DEVICE], 1);
    assert_int_equal(b.last.who, 1000);
    bench_end(&b);
    bench_begin(&b, quick());
    calm(&b, 300, 0);
    calm(&b, 120, 2); /* both of the first home */
    assert_int_equal(all_notices(&b), 0);
    calm(&b, 120, DEVICES); /* the street */
    assert_int_equal(all_notices(&b), 0);
    bench_end(&b);
}

/* An address that changes is honest; one that flips back and forth is not. */
static void two_places_are_a_clone(void **state) {
    (void)state;
    bench b;
    bench_begin(&b, quick());
    calm(&b, 300, 0);
    for (uint64_t i = 0; i < 60; i++) {
        examine_watch_member(b.watch, b.now, 3, RECORD_METRIC_SOURCE_ADDRESS, 5000 + i);
        for (uint32_t d = 0; d < DEVICES; d++)
            if (d != 3) report(&b, d);
        examine_watch_count(b.watch, b.now, 3, RECORD_METRIC_MESSAGES_IN, 1);
        bench_close(&b);
    }
    assert_int_equal(all_notices(&b), 0);
    for (int i = 0; i < 20; i++) {
        examine_watch_member(b.watch, b.now, 3, RECORD_METRIC_SOURCE_ADDRESS, 1);
        calm(&b, 1, 0);
    }
    assert_int_equal(b.notices[RECORD_ANOMALY_CLONE], 1);
    assert_int_equal(b.last.who, 1003);
    bench_end(&b);
}

static void hostile_values_do_no_harm(void **state) {
    (void)state;
    static const double values[] = {
        (double)NAN, (double)INFINITY, -(double)INFINITY, 1e308, -1e308, 5e-324, -1, 0, 1e30};
    enum { COUNT = sizeof values / sizeof *values };
    bench b;
    bench_begin(&b, quick());
    sim_stream random = sim_stream_for(1, SIM_PURPOSE_DEVICE, 0);
    for (int i = 0; i < 400; i++) {
        for (uint32_t d = 0; d < DEVICES; d++) {
            report(&b, d);
            for (int m = 0; m < RECORD_METRICS; m++) {
                const uint64_t draw = sim_stream_next(&random);
                if (draw % 7 != 0) continue;
                const record_metric metric = (record_metric)m;
                if (record_metric_kind_of(metric) == RECORD_METRIC_EVENTS)
                    examine_watch_count(b.watch, b.now, d, metric,
                                        draw % 11 == 0 ? UINT32_MAX : (uint32_t)(draw >> 60));
                if (record_metric_kind_of(metric) == RECORD_METRIC_LEVEL)
                    examine_watch_level(b.watch, b.now, d, metric, values[(draw >> 32) % COUNT]);
                if (record_metric_kind_of(metric) == RECORD_METRIC_MEMBER)
                    examine_watch_member(b.watch, b.now, d, metric, draw);
            }
            if (sim_stream_below(&random, 50) == 0)
                examine_watch_cohort(b.watch, b.now, d, (uint32_t)sim_stream_below(&random, 3));
            if (sim_stream_below(&random, 50) == 0)
                examine_watch_session(b.watch, b.now, d, sim_stream_below(&random, 2) == 0);
        }
        bench_close(&b);
    }
    bench_end(&b);
}

static void readings_that_cannot_be(void **state) {
    (void)state;
    static const double values[] = {(double)NAN, (double)INFINITY, 100, -100, 1e300};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        bench b;
        bench_begin(&b, quick());
        calm(&b, 600, 0);
        /* one is a glitch */
        examine_watch_level(b.watch, b.now, 9, RECORD_METRIC_READING, values[i]);
        calm(&b, 70, 0);
        assert_int_equal(all_notices(&b), 0);
        for (int k = 0; k < 2; k++)
            examine_watch_level(b.watch, b.now, 9, RECORD_METRIC_READING, values[i]);
        calm(&b, 5, 0);
        assert_int_equal(b.notices[RECORD_ANOMALY_OUT_OF_RANGE], 1);
        assert_int_equal(b.last.who, 1009);
        bench_end(&b);
    }
}

/* A device's own detector sees a step that others in the cohort do not make. */
static void a_series_of_its_own(void **state) {
    (void)state;
    bench b;
    bench_begin(&b, quick());
    assert_int_equal(examine_watch_series(b.watch, 5), 0);
    assert_int_equal(examine_watch_series(b.watch, 5), 0);
    sim_stream random = sim_stream_for(2, SIM_PURPOSE_DEVICE, 0);
    for (int i = 0; i < 2000; i++) {
        for (uint32_t d = 0; d < 10; d++) {
            examine_watch_count(b.watch, b.now, d, RECORD_METRIC_MESSAGES_IN, 1);
            examine_watch_level(
                b.watch, b.now, d, RECORD_METRIC_READING,
                sim_stream_normal(&random) + 10.0 * d + (d == 5 && i >= 1900 ? 30 : 0));
        }
        bench_close(&b);
        if (i == 1899) assert_int_equal(b.notices[RECORD_ANOMALY_UNKNOWN], 0);
    }
    assert_int_equal(b.notices[RECORD_ANOMALY_UNKNOWN] + b.notices[RECORD_ANOMALY_OUT_OF_RANGE], 1);
    assert_int_equal(b.last.who, 1005);
    bench_end(&b);
}

static int make_and_free(void *context) {
    (void)context;
    int error = 0;
    examine_watch_fleet *f = examine_watch_fleet_new(&examine_watch_default, 2);
    if (!f) return SIM_ENOMEM;
    examine_watch *w = examine_watch_new(f, 0, 8, 2, 1);
    if (!w || examine_watch_series(w, 3) != 0) error = SIM_ENOMEM;
    examine_watch_free(w);
    examine_watch_fleet_free(f);
    return error;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    assert_true(fail_every_allocation(make_and_free, NULL) >= 10);
}

/* Updates fail, one after the other, at devices from `first` on. */
static void updates_fail(bench *b, uint32_t first, uint32_t step, uint32_t devices) {
    for (uint32_t i = 0; i < devices; i++) {
        examine_watch_count(b->watch, b->now, first + i * step, RECORD_METRIC_UPDATE_FAILURES, 1);
        calm(b, 1, 0);
    }
}

static void many_devices_that_fail_once_are_one_matter(void **state) {
    (void)state;
    bench b;
    bench_begin(&b, quick());
    calm(&b, 300, 0);
    updates_fail(&b, 0, 2, 2); /* two may be chance */
    assert_int_equal(all_notices(&b), 0);
    updates_fail(&b, 4, 2, 8);
    assert_int_equal(b.notices[RECORD_ANOMALY_UPDATE_SIGNATURE], 1);
    assert_int_equal(b.last.scope, RECORD_SCOPE_COHORT);
    assert_int_equal(all_notices(&b), 1);
    bench_end(&b);
}

/* Too few in any cohort, many in the fleet. */
static void a_campaign_may_be_thin(void **state) {
    (void)state;
    bench b;
    bench_begin(&b, quick());
    for (uint32_t d = 0; d < DEVICES; d++) examine_watch_place(b.watch, d, d % 3, d / 2, 0);
    calm(&b, 300, 0);
    updates_fail(&b, 0, 1, 8);
    assert_int_equal(b.notices[RECORD_ANOMALY_UPDATE_SIGNATURE], 1);
    assert_int_equal(b.last.scope, RECORD_SCOPE_FLEET);
    bench_end(&b);
}

static void a_new_firmware_inherits_what_is_usual(void **state) {
    (void)state;
    bench b;
    bench_begin(&b, quick());
    calm(&b, 300, 0);
    for (uint32_t d = 0; d < DEVICES; d++) {
        examine_watch_cohort(b.watch, b.now, d, 2);
        examine_watch_count(b.watch, b.now, d, RECORD_METRIC_RESETS, 1);
        examine_watch_count(b.watch, b.now, d, RECORD_METRIC_CONNECTION_ATTEMPTS, 3);
        examine_watch_member(b.watch, b.now, d, RECORD_METRIC_DESTINATION, 99);
    }
    calm(&b, 5, 0);
    assert_int_equal(all_notices(&b), 0);
    updates_fail(&b, 0, 2, 8);
    assert_int_equal(b.notices[RECORD_ANOMALY_UPDATE_SIGNATURE], 1);
    assert_int_equal(b.last.who, 2);
    bench_end(&b);
}

/* ---- a drawn fleet
 * ------------------------------------------------------------------------------------- */

static fleet_months_options small_fleet(uint64_t seed, const examine_watch_settings *s) {
    fleet_months_options o = fleet_months_full();
    o.seed = seed;
    o.devices = 4000;
    o.street = 400;
    o.days = 6;
    o.each = 3;
    o.settings = s;
    return o;
}

/* For what shows in a fleet of any size. */
static fleet_months_options smaller_fleet(uint64_t seed, const examine_watch_settings *s) {
    fleet_months_options o = small_fleet(seed, s);
    o.devices = 1000;
    o.street = 100;
    return o;
}

static fleet_months_result result;

/* A week of thousands says nothing more to the address sanitizer than the days below. */
#if !defined(__SANITIZE_ADDRESS__)
static double recall_of_rates(const fleet_months_result *r) {
    uint32_t injected = 0, noticed = 0;
    for (int k = 0; k < RECORD_ANOMALIES; k++)
        for (int s = 0;
             record_anomaly_shows_in_rates((record_anomaly)k) && s < FLEET_MONTHS_STRENGTHS; s++) {
            injected += r->kind[k][s].injected;
            noticed += r->kind[k][s].noticed;
        }
    return injected == 0 ? 0 : (double)noticed / injected;
}

static bool in_time(double delay, double most) {
    return delay >= 0 && delay <= most;
}

static void a_small_fleet(void **state) {
    (void)state;
    const fleet_months_options o = small_fleet(1, &examine_watch_default);
    fleet_months_run(&o, &result);
    fleet_months_print(&result);
    assert_false(result.failed);
    assert_true(recall_of_rates(&result) >= 0.95);
    assert_true(1000 * result.false_alarms <= result.device_days);
    assert_true(in_time(result.example[0], 15));
    assert_true(in_time(result.example[1], 15));
    assert_int_equal(result.of_outage, 0);
    assert_int_equal(result.dropped, 0);
}

/* Bad twin: with absurd thresholds nothing is found. */
static void absurd_thresholds_find_nothing(void **state) {
    (void)state;
    examine_watch_settings s = examine_watch_default;
    s.device_least = s.device_most = s.cohort_least = 1e9f;
    s.silent_periods = 1e9f;
    s.battery = s.drift = 1e9f;
    s.returns = s.talkers = 1000000;
    const fleet_months_options o = smaller_fleet(1, &s);
    fleet_months_run(&o, &result);
    fleet_months_print(&result);
    assert_false(recall_of_rates(&result) >= 0.95);
    assert_false(in_time(result.example[0], 15));
    assert_false(in_time(result.example[1], 15));
}

/* Bad twin: who does not recognise an outage takes it for something else. */
static void without_outages_there_are_false_alarms(void **state) {
    (void)state;
    examine_watch_settings s = examine_watch_default;
    s.outage_share = 2;
    const fleet_months_options o = smaller_fleet(1, &s);
    fleet_months_run(&o, &result);
    fleet_months_print(&result);
    assert_true(result.of_outage > 0);
}
#endif

static void lock_step_and_new_destinations_are_told_of_the_cohort(void **state) {
    (void)state;
    fleet_months_options o = {.seed = 3,
                              .devices = 2000,
                              .street = 400,
                              .days = 3,
                              .streets_a_watch = 1,
                              .lock_step = true,
                              .new_destination = true,
                              .settings = &examine_watch_default};
    fleet_months_run(&o, &result);
    fleet_months_print(&result);
    assert_int_equal(result.lock_steps, 1);
    assert_int_equal(result.new_destinations, 1);
    assert_int_equal(result.false_alarms, 0);
    o.lock_step = o.new_destination = false;
    fleet_months_run(&o, &result);
    assert_int_equal(result.notices, 0);
}

static void the_same_however_many_watches(void **state) {
    (void)state;
    static const uint32_t streets[] = {1, 5, 10};
    uint64_t fingerprint = 0;
    for (size_t i = 0; i < sizeof streets / sizeof *streets; i++) {
        fleet_months_options o = smaller_fleet(5, &examine_watch_default);
        o.streets_a_watch = streets[i];
        fleet_months_run(&o, &result);
        assert_true(result.notices > 20);
        if (i > 0) assert_true(result.fingerprint == fingerprint);
        fingerprint = result.fingerprint;
    }
    const fleet_months_options other = smaller_fleet(6, &examine_watch_default);
    fleet_months_run(&other, &result);
    assert_true(result.fingerprint != fingerprint);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calm_raises_nothing),
        cmocka_unit_test(an_attack_is_told_once_a_day),
        cmocka_unit_test(a_device_that_stops_is_silent_but_a_home_is_not),
        cmocka_unit_test(two_places_are_a_clone),
        cmocka_unit_test(hostile_values_do_no_harm),
        cmocka_unit_test(readings_that_cannot_be),
        cmocka_unit_test(a_series_of_its_own),
        cmocka_unit_test(many_devices_that_fail_once_are_one_matter),
        cmocka_unit_test(a_campaign_may_be_thin),
        cmocka_unit_test(a_new_firmware_inherits_what_is_usual),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(lock_step_and_new_destinations_are_told_of_the_cohort),
        cmocka_unit_test(the_same_however_many_watches),
#if !defined(__SANITIZE_ADDRESS__)
        cmocka_unit_test(a_small_fleet),
        cmocka_unit_test(absurd_thresholds_find_nothing),
        cmocka_unit_test(without_outages_there_are_false_alarms),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
