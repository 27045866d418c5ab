/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What makes a fleet with power connect anew: a cloud that restarts, one that accepts and closes,
 * routers that restart. Whole runs of a small fleet, each with its bad twin. */
#include <stdlib.h>
#include <string.h>

#include "sim/cloud/counts.h"
#include "sim/fleet/street_account.h"
#include "sim/judge/check_reconnect.h"
#include "sim/judge/checks.h"
#include "sim/run/run_private.h"
#include "tests/support/small_fleet.h"
#include "tests/support/story.h"
#include "tests/support/strikes.h"
#include "tests/unit/with_cmocka.h"

enum { HOMES = 25, DEVICES = 100, AT = 600 };

static int set_up(void **state) {
    (void)state;
    return net_secure_startup();
}

static int tear_down(void **state) {
    (void)state;
    net_secure_cleanup();
    return 0;
}

/* What the acts below do, and what they saw. */
typedef struct plan {
    sim_time span;
    bool tell;
    uint32_t peers_after; /* sessions at the cloud just after the act */
} plan;

static const fleet_selection half = {
    .zone = UINT32_MAX,
    .filters = {{.kind = FLEET_FILTER_HOME_SHARE, .number = 17, .share = 0.5}},
    .filter_count = 1};

static uint32_t peers_of(const run *r) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->street_count; i++) {
        cloud_door_counts doors = {0};
        fleet_street_door_counts(r->streets[i], &doors);
        n += (uint32_t)doors.peers;
    }
    return n;
}

static int restart_cloud(run *r, void *context) {
    plan *p = context;
    assert_int_equal(story_online(r), DEVICES);
    int error = strike_restart_cloud(r, p->span, p->tell, "broker restart");
    p->peers_after = peers_of(r);
    return error;
}

static int accept_then_close(run *r, void *context) {
    plan *p = context;
    int error = strike_accept_then_close(r, p->span, "close of sessions");
    p->peers_after = peers_of(r);
    return error;
}

static int close_no_longer(run *r, void *context) {
    (void)context;
    return strike_accept_then_close(r, 0, NULL);
}

static int restart_routers(run *r, void *context) {
    const plan *p = context;
    return strike_restart_routers(r, &story_all, p->span, "hub restart");
}

static int restart_half(run *r, void *context) {
    const plan *p = context;
    return strike_restart_routers(r, &half, p->span, "hub restart");
}

static int cut_power(run *r, void *context) {
    (void)context;
    return strike_power(r, &story_all, false, NULL);
}

static const fleet_selection other_half = {
    .zone = UINT32_MAX,
    .filters = {{.kind = FLEET_FILTER_HOME_SHARE, .number = 18, .share = 0.5}},
    .filter_count = 1};

/* One after the other, `p->span` 0 in the same instant; homes of both halves count once. */
static int power_by_halves(run *r, void *context) {
    const plan *p = context;
    int error = strike_power(r, &half, true, "power restore");
    if (error == 0 && p->span == 0) error = strike_power(r, &other_half, true, "power restore");
    return error != 0 || p->span > 0 ? error : strike_power(r, &story_all, true, "power restore");
}

static int power_to_the_rest(run *r, void *context) {
    const plan *p = context;
    return p->span > 0 ? strike_power(r, &story_all, true, "power restore") : 0;
}

static int cloud_twice(run *r, void *context) {
    const plan *p = context;
    int error = strike_restart_cloud(r, p->span, false, "broker restart");
    return error == 0 ? strike_restart_cloud(r, p->span, false, "broker restart") : error;
}

static int routers_twice(run *r, void *context) {
    int error = restart_half(r, context);
    return error == 0 ? restart_half(r, context) : error;
}

static run *run_of(const story_step *steps, plan *p, bool orderly, cloud_over over) {
    fleet_spec spec;
    small_fleet_spec(&spec, HOMES, 10, 5, orderly);
    spec.cloud.over = over;
    spec.zones[0].start_over = 120 * SIM_SECOND;
    run *r = story_run(&spec, NULL, steps, p);
    assert_int_equal(run_merge_attempts(r), 0);
    return r;
}

/* Times of the first attempts after the act, from the act. */
static size_t first_attempts(const run *r, sim_time *least, sim_time *most) {
    size_t n = 0;
    *least = SIM_NEVER;
    *most = 0;
    for (size_t i = 0; i < r->attempts.count; i++) {
        const record_attempt *a = &r->attempts.items[i];
        if (a->trigger != 1 || a->number != 1) continue;
        *least = sim_time_min(*least, a->at - AT * SIM_SECOND);
        *most = sim_time_max(*most, a->at - AT * SIM_SECOND);
        n++;
    }
    return n;
}

static uint64_t outcomes_between(const run *r, record_outcome outcome, double from_s, double to_s) {
    uint64_t n = 0;
    for (size_t i = 0; i < r->attempts.count; i++) {
        const record_attempt *a = &r->attempts.items[i];
        double at = sim_time_seconds(a->at);
        n += a->outcome == (uint8_t)outcome && at >= from_s && at < to_s;
    }
    return n;
}

static uint64_t closed(const run *r) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < r->street_count; i++) {
        cloud_door_counts doors = {0};
        fleet_street_door_counts(r->streets[i], &doors);
        n += doors.closed;
    }
    return n;
}

static const story_step restart[] = {{AT, restart_cloud}, {1800, NULL}};

/* Everybody is told in the same instant; the orderly law spreads them over its window all the same.
 */
static void test_a_cloud_that_closes(void **state) {
    (void)state;
    plan p = {.span = 0, .tell = true};
    sim_time least, most;
    run *r = run_of(restart, &p, true, CLOUD_OVER_DROP);
    sim_time window = r->spec.zones[0].groups[0].profile.law.initial_window;
    assert_int_equal(p.peers_after, 0); /* the sessions are gone from the server */
    assert_int_equal(closed(r), DEVICES);
    assert_string_equal(r->triggers[1].name, "broker restart");
    assert_int_equal(r->triggers[1].at, AT * SIM_SECOND);
    assert_int_equal(r->triggers[1].struck, DEVICES);
    assert_int_equal(first_attempts(r, &least, &most), DEVICES);
    assert_true(least < window / 5 && most > window / 5 * 4 && most < window + SIM_SECOND);
    assert_int_equal(story_online(r), DEVICES);
    story_end(r);
    r = run_of(restart, &p, false, CLOUD_OVER_DROP); /* bad twin: a law without a window */
    assert_int_equal(first_attempts(r, &least, &most), DEVICES);
    assert_true(most < SIM_SECOND / 5);
    story_end(r);
}

/* Nobody is told: each finds out when a request of its own stays without an answer. */
static void test_a_cloud_that_forgets(void **state) {
    (void)state;
    plan p = {.span = 10 * SIM_SECOND, .tell = false};
    sim_time least, most;
    run *r = run_of(restart, &p, false, CLOUD_OVER_DROP);
    assert_int_equal(p.peers_after, 0);
    assert_int_equal(closed(r), 0);
    assert_int_equal(first_attempts(r, &least, &most), DEVICES);
    /* MAX_RETRANSMIT of RFC 7252: 62 s at least, from a report on */
    assert_true(least > 60 * SIM_SECOND);
    assert_true(most > least + 40 * SIM_SECOND);
    assert_int_equal(story_online(r), DEVICES);
    story_end(r);
}

/* While it is down nobody gets in, whatever it says of that; afterwards all do. */
static void test_down_is_down(void **state) {
    (void)state;
    static const record_outcome answers[] = {[CLOUD_OVER_DROP] = RECORD_OUTCOME_DROPPED,
                                             [CLOUD_OVER_BUSY] = RECORD_OUTCOME_BUSY,
                                             [CLOUD_OVER_REFUSE] = RECORD_OUTCOME_REFUSED};
    plan p = {.span = 100 * SIM_SECOND, .tell = true};
    for (cloud_over over = CLOUD_OVER_DROP; over <= CLOUD_OVER_REFUSE; over++) {
        run *r = run_of(restart, &p, true, over);
        assert_int_equal(outcomes_between(r, RECORD_OUTCOME_ONLINE, AT, AT + 69), 0);
        assert_true(outcomes_between(r, answers[over], AT, AT + 100) > 20);
        assert_true(outcomes_between(r, RECORD_OUTCOME_ONLINE, AT + 69, 1800) >= DEVICES);
        assert_int_equal(story_online(r), DEVICES);
        story_end(r);
    }
    p.span = 0; /* bad twin: not down at all */
    run *r = run_of(restart, &p, true, CLOUD_OVER_DROP);
    assert_true(outcomes_between(r, RECORD_OUTCOME_ONLINE, AT, AT + 69) > 20);
    story_end(r);
}

/* What waited in the queue when the cloud stopped is lost with it; the ledger (check_ledger) knows
 * where it went. */
static int restart_a_full_cloud(run *r, void *context) {
    plan *p = context;
    assert_true(cloud_capacity_waiting(&r->capacity, CLOUD_DEMAND_CONNECTION, r->now) > 50);
    p->peers_after = (uint32_t)story_online(r);
    int error = p->tell ? strike_restart_cloud(r, 0, true, "broker restart") : 0;
    assert_int_equal(cloud_capacity_waiting(&r->capacity, CLOUD_DEMAND_CONNECTION, r->now) > 0,
                     !p->tell);
    return error;
}

static void test_the_queue_is_lost(void **state) {
    (void)state;
    static const story_step steps[] = {{20, restart_a_full_cloud}, {30, NULL}};
    plan p = {.tell = true};
    fleet_spec spec; /* everybody comes at once to a slow cloud with a long queue */
    small_fleet_spec(&spec, HOMES, 10, 1, false);
    spec.cloud.connection_queue = 1000;
    spec.zones[0].start_over = SIM_SECOND;
    run *r = story_run(&spec, NULL, steps, &p);
    assert_true(p.peers_after > 10);
    uint64_t after = story_online(r);
    story_end(r);
    p.tell = false; /* bad twin: nothing happens, and the queue goes on being served */
    r = story_run(&spec, NULL, steps, &p);
    assert_true(story_online(r) > p.peers_after + 5);
    assert_true(after < story_online(r));
    story_end(r);
}

static void test_accept_then_close(void **state) {
    (void)state;
    static const story_step steps[] = {
        {AT, accept_then_close}, {1800, close_no_longer}, {2700, NULL}};
    plan p = {.span = 2 * SIM_SECOND};
    run *r = run_of(steps, &p, true, CLOUD_OVER_DROP);
    assert_int_equal(p.peers_after, 0); /* those that were there have lasted long enough */
    assert_int_equal(r->triggers[1].struck, DEVICES);
    uint64_t let_in = outcomes_between(r, RECORD_OUTCOME_ONLINE, AT, 1790);
    assert_true(let_in > 10 * DEVICES); /* again and again: this law begins anew each time */
    assert_true(closed(r) >= DEVICES + let_in && closed(r) <= DEVICES + let_in + 30);
    assert_int_equal(story_online(r), DEVICES); /* at last they may stay */
    assert_int_equal(r->trigger_count, 2);      /* ... which is no trigger */
    story_end(r);
}

/* From the start on, as the spec says: nobody stays. */
static void test_closed_from_the_start(void **state) {
    (void)state;
    static const story_step steps[] = {{AT, NULL}};
    fleet_spec spec;
    small_fleet_spec(&spec, HOMES, 10, 50, true);
    spec.close_after = SIM_SECOND;
    run *r = story_run(&spec, NULL, steps, NULL);
    assert_true(closed(r) > 2 * DEVICES);
    assert_true(story_online(r) < DEVICES / 2);
    story_end(r);
}

/* Routers lose power, devices do not: the link is gone for that long and the boot of the router. */
static void test_routers(void **state) {
    (void)state;
    static const story_step all[] = {{AT, restart_routers}, {1200, NULL}};
    static const story_step some[] = {{AT, restart_half}, {1200, NULL}};
    plan p = {.span = 10 * SIM_SECOND};
    sim_time least, most;
    run *r = run_of(all, &p, false, CLOUD_OVER_DROP);
    assert_string_equal(r->triggers[1].name, "hub restart");
    assert_int_equal(r->triggers[1].struck, DEVICES);
    assert_int_equal(first_attempts(r, &least, &most), DEVICES);
    assert_true(least > 70 * SIM_SECOND && most < 101 * SIM_SECOND);
    assert_true(most - least > 20 * SIM_SECOND); /* routers boot within 60 to 90 s */
    assert_int_equal(story_online(r), DEVICES);
    story_end(r);
    r = run_of(some, &p, false, CLOUD_OVER_DROP);
    size_t struck = first_attempts(r, &least, &most);
    assert_true(struck > 0 && struck < DEVICES);
    assert_int_equal(r->triggers[1].struck, struck);
    assert_int_equal(struck % 4, 0); /* whole homes */
    story_end(r);
}

/* A router that loses its power again does not come up by an older promise. */
static void test_routers_and_power(void **state) {
    (void)state;
    static const story_step steps[] = {
        {AT, restart_routers}, {AT + 30, cut_power}, {AT + 31, restart_routers}, {1200, NULL}};
    plan p = {.span = 10 * SIM_SECOND};
    run *r = run_of(steps, &p, false, CLOUD_OVER_DROP);
    sim_time least, most;
    assert_int_equal(first_attempts(r, &least, &most), 0);
    assert_int_equal(r->triggers[2].at, SIM_NEVER); /* the second restart struck nobody */
    assert_int_equal(story_online(r), 0);
    story_end(r);
}

/* Power that comes back by parts in one instant is one trigger, and all are judged; a second later
 * it is another one. */
static void test_orders_of_one_instant(void **state) {
    (void)state;
    static const story_step steps[] = {
        {AT - 300, cut_power}, {AT, power_by_halves}, {AT + 1, power_to_the_rest}, {1200, NULL}};
    const judge_reconnect_wanted request = {.policy = judge_reconnect_policy_default};
    plan p = {.span = 0};
    sim_time least, most;
    judge_finding finding;
    run *r = run_of(steps, &p, true, CLOUD_OVER_DROP);
    assert_int_equal(r->trigger_count, 2);
    assert_int_equal(r->triggers[1].struck, DEVICES);
    assert_int_equal(first_attempts(r, &least, &most), DEVICES);
    assert_int_equal(story_judge(r, &judge_check_reconnect, &request, &finding), 0);
    assert_int_equal(finding.measures[0].samples, DEVICES);
    story_end(r);
    p.span = 1; /* bad twin: two waves, of which the judge is asked for the last */
    r = run_of(steps, &p, true, CLOUD_OVER_DROP);
    assert_int_equal(r->trigger_count, 3);
    assert_string_equal(r->triggers[2].name, "power restore 2");
    assert_int_equal(r->triggers[1].struck + r->triggers[2].struck, DEVICES);
    assert_true(r->triggers[2].struck < DEVICES);
    story_end(r);
}

/* Whoever is struck twice in one instant has to come back once. */
static void test_one_instant_twice(void **state) {
    (void)state;
    static const story_step cloud[] = {{AT, cloud_twice}, {1200, NULL}};
    plan p = {.span = 10 * SIM_SECOND};
    run *r = run_of(cloud, &p, true, CLOUD_OVER_DROP);
    assert_int_equal(r->trigger_count, 2);
    assert_int_equal(r->triggers[1].struck, DEVICES);
    story_end(r);
    static const story_step routers[] = {{AT, routers_twice}, {1200, NULL}};
    sim_time least, most;
    r = run_of(routers, &p, true, CLOUD_OVER_DROP);
    assert_int_equal(r->trigger_count, 2);
    assert_int_equal(r->triggers[1].struck, first_attempts(r, &least, &most));
    story_end(r);
}

/* Who took the power away and never gave it back does not mean the wave of the start. */
static void test_a_restore_that_is_missing(void **state) {
    (void)state;
    static const story_step cut[] = {{AT, cut_power}, {1200, NULL}};
    static const story_step nothing[] = {{1200, NULL}};
    judge_reconnect_wanted request = {.policy = judge_reconnect_policy_default};
    judge_finding finding;
    plan p = {.span = 0};
    run *r = run_of(cut, &p, true, CLOUD_OVER_DROP);
    assert_int_equal(story_judge(r, &judge_check_reconnect, &request, &finding), 0);
    assert_int_equal(finding.verdict, JUDGE_INCONCLUSIVE);
    assert_non_null(strstr(finding.sentence, "100 devices lost power or network"));
    request.trigger = "start"; /* it can be asked for */
    assert_int_equal(story_judge(r, &judge_check_reconnect, &request, &finding), 0);
    assert_non_null(strstr(finding.sentence, "after the start"));
    story_end(r);
    request.trigger = NULL; /* bad twin: nothing was taken away, and the start is all there is */
    r = run_of(nothing, &p, true, CLOUD_OVER_DROP);
    assert_int_equal(story_judge(r, &judge_check_reconnect, &request, &finding), 0);
    assert_non_null(strstr(finding.sentence, "after the start"));
    story_end(r);
}

/* The same herd, the same cloud: when turning it away costs as much as half of letting it in, it
 * keeps the cloud from letting anybody in. */
static void test_metastable(void **state) {
    (void)state;
    plan p = {.span = 5 * SIM_SECOND, .tell = true};
    for (int costs = 0; costs < 2; costs++) {
        fleet_spec spec;
        judge_finding finding;
        const judge_reconnect_wanted request = {.policy = judge_reconnect_policy_default};
        small_fleet_spec(&spec, HOMES, 10, 2, false);
        spec.cloud.over = CLOUD_OVER_REFUSE;
        spec.cloud.overload_cost = costs ? 0.5 : 0;
        spec.zones[0].start_over = 300 * SIM_SECOND; /* slowly enough for all to get in */
        run *r = story_run(&spec, NULL, restart, &p);
        assert_int_equal(story_judge(r, &judge_check_reconnect, &request, &finding), 0);
        assert_int_equal(finding.verdict, JUDGE_FAIL);
        /* Where devices are missing, next to none of the capacity lets anybody in, and half of it
         * and more is asked for: 400 s at 2/s. */
        bool metastable = false;
        for (size_t i = 0; i < finding.measure_count; i++) {
            const judge_measure *m = &finding.measures[i];
            if (strcmp(m->name, "goodput at the end") == 0)
                metastable = m->value <= 0.1 && m->samples >= 400;
        }
        if (metastable != (costs == 1)) fail_msg("costs %d: %s", costs, finding.sentence);
        story_end(r);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_cloud_that_closes),
        cmocka_unit_test(test_a_cloud_that_forgets),
        cmocka_unit_test(test_down_is_down),
        cmocka_unit_test(test_the_queue_is_lost),
        cmocka_unit_test(test_accept_then_close),
        cmocka_unit_test(test_closed_from_the_start),
        cmocka_unit_test(test_routers),
        cmocka_unit_test(test_routers_and_power),
        cmocka_unit_test(test_orders_of_one_instant),
        cmocka_unit_test(test_one_instant_twice),
        cmocka_unit_test(test_a_restore_that_is_missing),
        cmocka_unit_test(test_metastable),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
