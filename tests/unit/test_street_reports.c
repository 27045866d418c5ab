/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Latencies against a truth that the test knows: a report a second for a minute, and a server that
 * stands still for a part of it. Nothing that was due may drop out (coordinated omission). */
#include <string.h>

#include "sim/fleet/street_private.h"
#include "sim/run/metrics.h"
#include "sim/run/run_private.h"
#include "tests/support/small_fleet.h"
#include "tests/support/story.h"
#include "tests/unit/with_cmocka.h"

#define ANSWER (10 * SIM_MILLISECOND)

typedef struct minute {
    run *r;
    fleet_street *street;
    dev_device *device;
} minute;

static minute begin(void) {
    fleet_spec spec;
    minute m;
    assert_int_equal(net_secure_startup(), 0);
    small_fleet_spec(&spec, 1, 250, 10, true);
    m.r = story_new(&spec);
    m.street = m.r->streets[0];
    m.device = fleet_street_made(m.street, 0);
    return m;
}

/* The end: what the report says of it. */
static report_metric latency_of(const minute *m, int seconds) {
    m->r->now = m->street->shard.now = seconds * SIM_SECOND;
    fleet_street_end_reports(m->street);
    m->r->closed = true;
    assert_int_equal(run_make_metrics(m->r), 0);
    for (size_t i = 0; i < m->r->metric_count; i++)
        if (strcmp(m->r->metrics[i].name, "request_latency") == 0) return m->r->metrics[i];
    fail_msg("no request_latency");
    return (report_metric){0};
}

static void end(minute *m) {
    story_end(m->r);
    net_secure_cleanup();
}

static void ends(const minute *m, int due, sim_time at, net_answer_kind kind) {
    const net_answer answer = {.kind = kind};
    m->street->shard.now = at;
    fleet_street_reported(m->street, m->device, due * SIM_SECOND, &answer);
}

static void skips(const minute *m, int due, dev_skip why) {
    m->street->shard.now = due * SIM_SECOND;
    fleet_street_skipped(m->street, m->device, due * SIM_SECOND, why);
}

/* Each is answered in 10 ms; those that are due from `from` to before `to` wait for its end. */
static void report_for_a_minute(const minute *m, int from, int to) {
    for (int second = 0; second < 60; second++) {
        if (second > from && second < to) skips(m, second, DEV_SKIP_WAITING);
        if (second == to) ends(m, from, to * SIM_SECOND, NET_TAKEN);
        if (second < from || second >= to) ends(m, second, second * SIM_SECOND + ANSWER, NET_TAKEN);
    }
}

static void near(double value, double wanted) {
    if (value < wanted * 0.998 || value > wanted * 1.002) fail_msg("%g, not %g", value, wanted);
}

/* Frozen for a quarter: of 60 reports 15 waited for 15, 14, ... 1 s. */
static void test_frozen_for_a_quarter(void **state) {
    (void)state;
    minute m = begin();
    report_for_a_minute(&m, 20, 35);
    report_metric l = latency_of(&m, 60);
    assert_int_equal(l.samples, 60);
    assert_int_equal(l.answered, 60);
    near(l.median, 0.01);
    near(l.p90, 9);  /* the 54th of 60 */
    near(l.p95, 12); /* the 57th */
    near(l.p99, 15);
    near(l.maximum, 15);
    near(l.mean, (45 * 0.01 + 120) / 60);
    assert_false(report_metric_open(&l, 1));
    assert_int_equal(m.street->sums.skipped[DEV_SKIP_WAITING], 14);
    assert_int_equal(m.street->sums.behind, 0);
    end(&m);
}

/* Dead for the last third: what was due then has no latency that anybody knows, but it has lasted
 * until the end. */
static void test_dead_for_the_last_third(void **state) {
    (void)state;
    minute m = begin();
    for (int second = 0; second < 40; second++)
        ends(&m, second, second * SIM_SECOND + ANSWER, NET_TAKEN);
    m.device->report_sent_due = 40 * SIM_SECOND; /* one is out, and the rest waits for it */
    for (int second = 41; second < 60; second++) skips(&m, second, DEV_SKIP_WAITING);
    assert_int_equal(m.street->sums.behind, 1);
    report_metric l = latency_of(&m, 60);
    assert_int_equal(l.samples, 60);
    assert_int_equal(l.answered, 40);
    near(l.median, 0.01);
    assert_false(report_metric_open(&l, 0.5));
    assert_false(report_metric_open(&l, 40.0 / 60));
    assert_true(report_metric_open(&l, 0.9));
    near(l.p90, 14); /* the 14th of 1 .. 20 s */
    near(l.p95, 17);
    near(l.maximum, 20);
    end(&m);
}

/* A refusal is an answer, but not what was asked for; and what failed has failed for good, however
 * soon the next one is answered. */
static void test_refused_and_failed(void **state) {
    (void)state;
    minute m = begin();
    ends(&m, 0, ANSWER, NET_TAKEN);
    ends(&m, 1, SIM_SECOND + ANSWER, NET_REFUSED);
    ends(&m, 2, 2 * SIM_SECOND + ANSWER, NET_UNANSWERED);
    skips(&m, 3, DEV_SKIP_OFFLINE);
    skips(&m, 4, DEV_SKIP_HELD);
    ends(&m, 5, 5 * SIM_SECOND, NET_TAKEN);
    report_metric l = latency_of(&m, 11);
    assert_int_equal(l.samples, 6);
    assert_int_equal(l.answered, 4);
    near(l.median, 1); /* of 0, 0.01, 1, 2 s and two that last */
    near(l.maximum, 10);
    assert_true(report_metric_open(&l, 0.7));
    end(&m);
}

/* What the drill cuts off is no latency of the cloud's; what a device without power had yet to say
 * is lost. */
static void test_cut_by_the_drill(void **state) {
    (void)state;
    minute m = begin();
    ends(&m, 0, ANSWER, NET_TAKEN);
    m.street->homes[0].cut = true;
    skips(&m, 1, DEV_SKIP_WAITING); /* it does not know */
    ends(&m, 2, 2 * SIM_SECOND, NET_UNANSWERED);
    m.street->homes[0].cut = false;
    skips(&m, 3, DEV_SKIP_CUT);
    assert_int_equal(m.street->sums.skipped[DEV_SKIP_CUT], 2);
    assert_int_equal(m.street->sums.reports_cut, 1);
    skips(&m, 4, DEV_SKIP_OFFLINE);
    fleet_street_lose_late(m.street, 0);
    ends(&m, 5, 5 * SIM_SECOND + ANSWER, NET_TAKEN);
    report_metric l = latency_of(&m, 10);
    assert_int_equal(l.samples, 3);
    assert_int_equal(l.answered, 2);
    near(l.maximum, 6);
    end(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frozen_for_a_quarter),
        cmocka_unit_test(test_dead_for_the_last_third),
        cmocka_unit_test(test_refused_and_failed),
        cmocka_unit_test(test_cut_by_the_drill),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
