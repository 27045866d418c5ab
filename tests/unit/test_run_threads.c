/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The same seed gives the same run, whatever the threads (design D4). */
/* test-labels: threads */
/* test-timeout: 300 */
#include <stdio.h>
#include <string.h>

#include "sim/core/heap.h"
#include "sim/run/drill.h"
#include "sim/run/finish.h"
#include "sim/run/progress.h"
#include "sim/run/run_private.h"
#include "tests/support/small_fleet.h"
#include "tests/support/story.h"
#include "tests/support/strikes.h"
#include "tests/unit/with_cmocka.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { STREETS = 7, HOMES_EACH = 3 };
#else
enum { STREETS = 9, HOMES_EACH = 10 };
#endif

static int set_up(void **state) {
    (void)state;
    return net_secure_startup();
}

static int tear_down(void **state) {
    (void)state;
    net_secure_cleanup();
    return 0;
}

static int power(run *r, void *context) {
    const fleet_selection some = {
        .zone = UINT32_MAX,
        .filters = {{.kind = FLEET_FILTER_HOME_SHARE, .number = 3, .share = 0.7}},
        .filter_count = 1};
    bool *on = context;
    *on = !*on;
    return strike_power(r, &some, !*on, "power restore");
}

static int warmer(run *r, void *context) {
    (void)context;
    return strike_set_point(r, &story_all, 23.5);
}

static int fewer(run *r, void *context) {
    (void)context;
    cloud_limits l = r->spec.cloud;
    l.connections_per_s /= 2;
    l.over = CLOUD_OVER_BUSY;
    return strike_cloud(r, &l);
}

typedef struct outcome {
    uint64_t fingerprint, events, online;
    int64_t heap; /* bytes at the end */
    record_attempt attempts[20000];
    size_t count;
    report_metric metrics[96];
    char names[96][64]; /* of the metrics: some of them live no longer than their run */
    size_t metric_count;
} outcome;

static void spec_of(fleet_spec *spec, uint32_t homes) {
    small_fleet_spec(spec, homes, HOMES_EACH, 6, false);
    spec->zones[0].uplink.loss = 0.02;
    spec->zones[0].backhaul.duplicate = 0.02;
    spec->zones[0].start_over = 20 * SIM_SECOND;
}

static uint32_t awake; /* fleet_spec.awake of the runs to come */

/* Overload, loss, faults, set-points: everything that could make streets and threads matter. */
static void run_once(uint64_t seed, uint32_t threads, outcome *out) {
    static const story_step steps[] = {
        {100, warmer}, {200.123, power}, {260, power}, {400, fewer}, {900, NULL}};
    const run_caption words = {
        .scenario = "test", .title = "test", .version = "0", .repeat = "", .repeatable = true};
    fleet_spec spec;
    report_run record;
    char why[256];
    bool dark = false;
    spec_of(&spec, STREETS * HOMES_EACH);
    spec.awake = awake;
    run *r = story_run_on(&spec, seed, threads, steps, &dark);
    memset(out, 0, sizeof *out);
    assert_int_equal(run_finish(r, &words, NULL, 0, &record, why, sizeof why), 0);
    out->fingerprint = record.fingerprint;
    out->events = run_events(r);
    out->online = story_online(r);
    out->heap = sim_heap_in_use().bytes;
    out->count = r->attempts.count;
    assert_true(out->count < 20000);
    memcpy(out->attempts, r->attempts.items, out->count * sizeof *out->attempts);
    out->metric_count = record.metric_count;
    assert_true(record.metric_count <= sizeof out->metrics / sizeof *out->metrics);
    memcpy(out->metrics, record.metrics, record.metric_count * sizeof *out->metrics);
    for (size_t i = 0; i < record.metric_count; i++)
        (void)snprintf(out->names[i], sizeof out->names[i], "%s", record.metrics[i].name);
    story_end(r);
}

static void same_metrics(const outcome *a, const outcome *b) {
    assert_int_equal(a->metric_count, b->metric_count);
    for (size_t i = 0; i < a->metric_count; i++) {
        const report_metric *m = &a->metrics[i], *n = &b->metrics[i];
        assert_string_equal(a->names[i], b->names[i]);
        if (m->kind != REPORT_TREND) assert_true(m->value == n->value);
        assert_int_equal(m->samples, n->samples);
        if (m->samples > 0)
            assert_true(m->mean == n->mean && m->p99 == n->p99 && m->maximum == n->maximum);
    }
}

static outcome first, again;

static void expect_the_same(void) {
    assert_true(again.fingerprint == first.fingerprint);
    assert_int_equal(again.events, first.events);
    assert_int_equal(again.online, first.online);
    assert_int_equal(again.count, first.count);
    for (size_t k = 0; k < first.count; k++) {
        const record_attempt *a = &first.attempts[k], *b = &again.attempts[k];
        assert_true(a->at == b->at && a->latency == b->latency && a->device == b->device &&
                    a->number == b->number && a->outcome == b->outcome && a->trigger == b->trigger);
    }
    same_metrics(&first, &again);
}

static void test_threads_make_no_difference(void **state) {
    (void)state;
    static const uint32_t threads[] = {1, 2, 7};
    run_once(11, 1, &first);
    assert_true(first.count > STREETS * HOMES_EACH * 4 && first.online > 0);
    for (size_t i = 0; i < 3; i++) {
        run_once(11, threads[i], &again);
        expect_the_same();
    }
    run_once(12, 2, &again); /* bad twin: another seed */
    assert_true(again.fingerprint != first.fingerprint);
}

/* One session of a street may stay awake, at each end; what they say is the same. */
static void test_sleep_makes_no_difference(void **state) {
    (void)state;
    run_once(11, 1, &first);
    awake = STREETS;
    run_once(11, 2, &again);
    awake = 0;
    expect_the_same();
    assert_true(first.heap - again.heap > STREETS * HOMES_EACH * 4 * 7000);
}

/* First attempts of the devices of the old homes, by device. */
static void first_attempts(uint32_t homes, sim_time *at, uint32_t devices) {
    static const story_step steps[] = {{120, NULL}};
    fleet_spec spec;
    spec_of(&spec, homes);
    spec.cloud = cloud_limits_default; /* unloaded: nobody waits for anybody */
    run *r = story_run(&spec, NULL, steps, NULL);
    assert_int_equal(run_merge_attempts(r), 0);
    for (uint32_t d = 0; d < devices; d++) at[d] = SIM_NEVER;
    for (size_t i = r->attempts.count; i-- > 0;) {
        if (r->attempts.items[i].device < devices)
            at[r->attempts.items[i].device] = r->attempts.items[i].at;
    }
    story_end(r);
}

static void test_one_home_more_changes_nobody_else(void **state) {
    (void)state;
    enum { HOMES = 2 * HOMES_EACH, DEVICES = HOMES * 4 };
    static sim_time before[DEVICES], after[DEVICES];
    first_attempts(HOMES, before, DEVICES);
    first_attempts(HOMES + 1, after, DEVICES); /* in a street of its own */
    for (int d = 0; d < DEVICES; d++) {
        assert_true(before[d] < 120 * SIM_SECOND);
        assert_int_equal(before[d], after[d]);
    }
    /* In a street that was there they share the backhaul, and so its jitter of 5 ms, but nothing
     * else. */
    first_attempts(HOMES - 1, after, DEVICES - 4);
    for (int d = 0; d < DEVICES - 4; d++) {
        sim_time apart = before[d] > after[d] ? before[d] - after[d] : after[d] - before[d];
        assert_true(apart <= 5 * SIM_MILLISECOND);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads_make_no_difference),
        cmocka_unit_test(test_sleep_makes_no_difference),
        cmocka_unit_test(test_one_home_more_changes_nobody_else),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
