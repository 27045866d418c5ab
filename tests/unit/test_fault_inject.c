/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Injection into whole runs: who misbehaves, the truth about it, and what a clone does to the
 * device whose identity it has. */
/* test-labels: threads */
/* test-timeout: 300 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/fleet/street_account.h"
#include "sim/fleet/street_private.h"
#include "sim/report/csv.h"
#include "sim/run/finish.h"
#include "sim/run/run_private.h"
#include "sim/run/strike.h"
#include "tests/support/small_fleet.h"
#include "tests/support/story.h"
#include "tests/support/strikes.h"
#include "tests/unit/with_cmocka.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { STREETS = 7, HOMES_EACH = 2 };
#else
enum { STREETS = 9, HOMES_EACH = 8 };
#endif
enum { HOMES = STREETS * HOMES_EACH, DEVICES = 4 * HOMES };

static int set_up(void **state) {
    (void)state;
    return net_secure_startup();
}

static int tear_down(void **state) {
    (void)state;
    net_secure_cleanup();
    return 0;
}

static void spec_of(fleet_spec *spec, bool metrics, bool battery) {
    small_fleet_spec(spec, HOMES, HOMES_EACH, 100, false);
    spec->zones[0].start_over = 30 * SIM_SECOND;
    spec->zones[0].groups[0].profile.metrics = metrics;
    spec->zones[0].groups[0].profile.battery = battery;
}

static int inject(run *r, record_anomaly kind, uint32_t devices, double strength) {
    const fleet_injection_order o = {.kind = strike_kind(kind),
                                     .ends_at = SIM_NEVER,
                                     .after = 10 * SIM_SECOND,
                                     .lasting = 10 * SIM_MINUTE,
                                     .strength = strength,
                                     .devices = devices};
    char why[256];
    return run_strike(r, &fleet_fault_inject, &story_all, &o, why, sizeof why);
}

/* ---- the truth ---- */

static const record_anomaly kinds[] = {RECORD_ANOMALY_CREDENTIAL_STUFFING,
                                       RECORD_ANOMALY_UPDATE_SIGNATURE,
                                       RECORD_ANOMALY_CLONE,
                                       RECORD_ANOMALY_EXFILTRATION,
                                       RECORD_ANOMALY_BOTNET_SCAN,
                                       RECORD_ANOMALY_STUCK_SENSOR,
                                       RECORD_ANOMALY_OUT_OF_RANGE,
                                       RECORD_ANOMALY_SLOW_DRIFT,
                                       RECORD_ANOMALY_SILENT_DEVICE,
                                       RECORD_ANOMALY_BATTERY_DRAIN};
enum { KINDS = sizeof kinds / sizeof kinds[0], EACH = 3 };

static int all_kinds(run *r, void *strength) {
    int error = 0;
    for (size_t i = 0; i < KINDS && error == 0; i++)
        error = inject(r, kinds[i], EACH, *(const double *)strength);
    return error;
}

typedef struct outcome {
    uint64_t fingerprint, replaced;
    char truth[10000];
} outcome;

static void run_once(uint32_t threads, uint64_t seed, double strength, outcome *out) {
    static const story_step steps[] = {{100, all_kinds}, {1000, NULL}};
    const run_caption words = {
        .scenario = "test", .title = "test", .version = "0", .repeat = "", .repeatable = true};
    fleet_spec spec;
    report_run record;
    char why[256];
    spec_of(&spec, true, true);
    run *r = story_run_on(&spec, seed, threads, steps, &strength);
    assert_int_equal(run_finish(r, &words, NULL, 0, &record, why, sizeof why), 0);
    *out = (outcome){.fingerprint = record.fingerprint};
    for (size_t i = 0; i < record.metric_count; i++) {
        if (strcmp(record.metrics[i].name, "cloud_sessions_replaced") == 0)
            out->replaced = (uint64_t)record.metrics[i].value;
        if (strcmp(record.metrics[i].name, "cloud_reports_malformed") == 0)
            assert_true(record.metrics[i].value == 0);
    }
    size_t count;
    const record_injection *rows = run_injections(r, &count);
    FILE *file = fmemopen(out->truth, sizeof out->truth, "w");
    assert_int_equal(report_csv_truth(file, rows, count), 0);
    fclose(file);
    assert_int_equal(count, KINDS * EACH);
    for (size_t i = 0; i < count; i++) {
        assert_true(rows[i].kind == (uint8_t)kinds[i / EACH] && rows[i].campaign == 1 + i / EACH);
        assert_true(rows[i].from == 110 * SIM_SECOND && rows[i].to == 710 * SIM_SECOND &&
                    rows[i].device < DEVICES);
        if (i % EACH > 0) assert_true(rows[i].device > rows[i - 1].device);
    }
    story_end(r);
}

static void test_threads_make_no_difference(void **state) {
    (void)state;
    static outcome first, again;
    run_once(1, 11, 1, &first);
    static const uint32_t threads[] = {2, 7};
    for (size_t i = 0; i < 2; i++) {
        run_once(threads[i], 11, 1, &again);
        assert_string_equal(again.truth, first.truth);
        assert_true(again.fingerprint == first.fingerprint);
    }
    assert_true(
        strncmp(first.truth,
                "start,end,kind,key,campaign\n110.000000000,710.000000000,credential-stuffing,",
                76) == 0);
    assert_true(first.replaced > 0);
    run_once(2, 12, 1, &again); /* bad twin: another seed */
    assert_string_not_equal(again.truth, first.truth);
    run_once(1, 11, 0, &again); /* at strength 0 the truth is there, and nothing else */
    assert_string_equal(again.truth, first.truth);
    assert_true(again.fingerprint != first.fingerprint && again.replaced == 0);
    uint64_t honest = again.fingerprint;
    static const story_step calm[] = {{100, NULL}, {1000, NULL}};
    fleet_spec spec;
    report_run record;
    char why[256];
    const run_caption words = {
        .scenario = "test", .title = "test", .version = "0", .repeat = "", .repeatable = true};
    spec_of(&spec, true, true);
    run *r = story_run_on(&spec, 11, 1, &calm[1], NULL);
    assert_int_equal(run_finish(r, &words, NULL, 0, &record, why, sizeof why), 0);
    assert_true(record.fingerprint == honest);
    story_end(r);
}

/* ---- what cannot be ---- */

static int too_much(run *r, void *context) {
    (void)context;
    char why[256];
    fleet_injection_order o = {.kind = strike_kind(RECORD_ANOMALY_BATTERY_DRAIN),
                               .ends_at = SIM_NEVER,
                               .lasting = SIM_NEVER,
                               .strength = 1};
    assert_int_equal(run_strike(r, &fleet_fault_inject, &story_all, &o, why, sizeof why),
                     SIM_ERANGE);
    assert_non_null(
        strstr(why, "battery-drain: the thermostat of 'streets' has no battery: say power = "));
    o.kind = strike_kind(RECORD_ANOMALY_EXFILTRATION);
    assert_int_equal(run_strike(r, &fleet_fault_inject, &story_all, &o, why, sizeof why),
                     SIM_ERANGE);
    assert_non_null(strstr(why, "say metrics = true"));
    o = (fleet_injection_order){.kind = strike_kind(RECORD_ANOMALY_STUCK_SENSOR),
                                .ends_at = SIM_NEVER,
                                .lasting = SIM_NEVER,
                                .devices = DEVICES + 1};
    assert_int_equal(run_strike(r, &fleet_fault_inject, &story_all, &o, why, sizeof why),
                     SIM_ERANGE);
    assert_non_null(strstr(why, "devices are selected and"));
    fleet_selection nobody = story_all;
    nobody.filters[nobody.filter_count++] =
        (fleet_filter){.kind = FLEET_FILTER_DEVICE_SHARE, .share = 0};
    o.devices = 0;
    assert_int_equal(run_strike(r, &fleet_fault_inject, &nobody, &o, why, sizeof why), SIM_ERANGE);
    assert_string_equal(why, "0 devices are selected and 1 wanted: select more");
    size_t count;
    (void)run_injections(r, &count);
    assert_int_equal(count, 0);
    o.devices = 2; /* good twin: a sensor gets stuck without metrics; it ends with the run */
    assert_int_equal(run_strike(r, &fleet_fault_inject, &story_all, &o, why, sizeof why), 0);
    o.after = SIM_HOUR; /* never happens */
    return run_strike(r, &fleet_fault_inject, &story_all, &o, why, sizeof why);
}

static void test_what_cannot_be_injected(void **state) {
    (void)state;
    static const story_step steps[] = {{50, too_much}, {200, NULL}};
    fleet_spec spec;
    size_t count;
    spec_of(&spec, false, false);
    run *r = story_run(&spec, NULL, steps, NULL);
    const record_injection *rows = run_injections(r, &count);
    assert_int_equal(count, 2);
    assert_true(rows[0].from == 50 * SIM_SECOND && rows[0].to == 200 * SIM_SECOND &&
                rows[0].campaign == 1);
    story_end(r);
}

static int each_allocation_fails(run *r, void *context) {
    (void)context;
    static const record_anomaly some[] = {RECORD_ANOMALY_STUCK_SENSOR, RECORD_ANOMALY_CLONE};
    for (size_t k = 0; k < 2; k++) {
        for (long n = 0;; n++) {
            sim_heap_fail(n, false);
            int error = inject(r, some[k], 2, 1);
            bool happened = sim_heap_fail_never();
            assert_int_equal(error, happened ? SIM_ENOMEM : 0);
            if (!happened) break;
            assert_true(n < 100);
        }
    }
    return 0;
}

/* What was half done when memory ran out is freed with the run (the sanitizer looks on) and does no
 * harm. */
static void test_every_allocation_may_fail(void **state) {
    (void)state;
    static const story_step steps[] = {{50, each_allocation_fails}, {300, NULL}};
    fleet_spec spec;
    const sim_heap_use before = sim_heap_in_use();
    spec_of(&spec, false, false);
    story_end(story_run(&spec, NULL, steps, NULL));
    const sim_heap_use after = sim_heap_in_use();
    assert_int_equal(after.blocks, before.blocks);
}

/* ---- clones ---- */

enum { CLONES = 4 };

static uint64_t replaced(const run *r) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < r->street_count; i++) {
        cloud_door_counts doors = {0};
        fleet_street_door_counts(r->streets[i], &doors);
        n += doors.sessions_replaced;
    }
    return n;
}

static uint32_t twins_that_are(const run *r, bool on) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->street_count; i++) {
        for (uint32_t t = 0; t < r->streets[i]->clone_count; t++)
            n += (r->streets[i]->clones[t]->device.state != DEV_STATE_OFF) == on;
    }
    return n;
}

static int clone(run *r, void *context) {
    (void)context;
    assert_int_equal(replaced(r), 0);
    return inject(r, RECORD_ANOMALY_CLONE, CLONES, 1);
}

static int look_while(run *r, void *context) {
    (void)context;
    assert_int_equal(twins_that_are(r, true), CLONES);
    assert_true(replaced(r) >= 2 * CLONES);
    return 0;
}

static int look_after(run *r, void *context) {
    assert_int_equal(twins_that_are(r, false), CLONES);
    *(uint64_t *)context = replaced(r);
    return 0;
}

static void test_clones(void **state) {
    (void)state;
    static const story_step steps[] = {
        {100, clone}, {650, look_while}, {1000, look_after}, {2000, NULL}};
    fleet_spec spec;
    uint64_t by_then;
    spec_of(&spec, true, false);
    run *r = story_run(&spec, NULL, steps, &by_then);
    assert_int_equal(replaced(r), by_then); /* peace */
    assert_int_equal(story_online(r), DEVICES);
    fleet_sums sums;
    fleet_ledger ledger;
    run_sum(r, &sums, &ledger);
    /* The clones' reports count for nobody: due are those of the fleet, one a minute. */
    assert_true(sums.devices.reports_due <= (uint64_t)DEVICES * 2000 / 60 + DEVICES);
    assert_int_equal(run_merge_attempts(r), 0);
    size_t count, elsewhere = 0;
    const record_injection *rows = run_injections(r, &count);
    uint32_t numbers[DEVICES] = {0};
    for (size_t i = 0; i < r->attempts.count; i++) {
        const record_attempt *a = &r->attempts.items[i];
        bool cloned = false;
        for (size_t k = 0; k < count; k++) cloned |= rows[k].device == a->device;
        /* counted as one device's */
        assert_true(a->device < DEVICES && a->number == ++numbers[a->device]);
        if (a->home == a->device / 4) continue;
        elsewhere++;
        assert_true(cloned && a->at >= 110 * SIM_SECOND && a->at < 710 * SIM_SECOND);
        assert_int_equal(a->home / HOMES_EACH, a->device / 4 / HOMES_EACH); /* of the same street */
    }
    assert_true(elsewhere >= CLONES);
    story_end(r);
}

static int clone_twice(run *r, void *context) {
    (void)context;
    fleet_selection one = story_all;
    one.filters[one.filter_count++] = (fleet_filter){.kind = FLEET_FILTER_STREET, .number = 0};
    fleet_injection_order o = {.kind = strike_kind(RECORD_ANOMALY_CLONE),
                               .ends_at = SIM_NEVER,
                               .lasting = SIM_MINUTE,
                               .strength = 1};
    char why[256];
    int error = run_strike(r, &fleet_fault_inject, &one, &o, why, sizeof why);
    o.lasting = 5 * SIM_MINUTE;
    return error != 0 ? error : run_strike(r, &fleet_fault_inject, &one, &o, why, sizeof why);
}

static int still_on(run *r, void *context) {
    (void)context;
    assert_int_equal(twins_that_are(r, true), 4 * HOMES_EACH); /* one for each, not two */
    return 0;
}

static int power_off(run *r, void *context) {
    (void)context;
    return strike_power(r, &story_all, false, NULL);
}

/* Two orders that overlap are one clone, which goes with the later; and a clone has a power supply
 * of its own. */
static void test_clones_that_overlap(void **state) {
    (void)state;
    static const story_step steps[] = {
        {60, clone_twice}, {200, still_on}, {210, power_off}, {300, still_on}, {500, NULL}};
    fleet_spec spec;
    spec_of(&spec, false, false);
    run *r = story_run(&spec, NULL, steps, NULL);
    assert_int_equal(twins_that_are(r, true), 0);
    story_end(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads_make_no_difference),
        cmocka_unit_test(test_what_cannot_be_injected),
        cmocka_unit_test(test_every_allocation_may_fail),
        cmocka_unit_test(test_clones),
        cmocka_unit_test(test_clones_that_overlap),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
