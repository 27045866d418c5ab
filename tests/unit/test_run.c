/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole runs of small fleets in the virtual world: what the drill does, what the edge notes, what
 * the judge says. Each test has its bad twin beside it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devices/thermostat.h"
#include "sim/fleet/street_private.h"
#include "sim/judge/check_reconnect.h"
#include "sim/judge/checks.h"
#include "sim/run/clock.h"
#include "sim/run/count.h"
#include "sim/run/drill.h"
#include "sim/run/judging.h"
#include "sim/run/options.h"
#include "sim/run/progress.h"
#include "sim/run/run.h"
#include "sim/run/run_private.h"
#include "tests/support/small_fleet.h"
#include "tests/support/story.h"
#include "tests/support/strikes.h"
#include "tests/unit/with_cmocka.h"

static int set_up(void **state) {
    (void)state;
    return net_secure_startup();
}

static int tear_down(void **state) {
    (void)state;
    net_secure_cleanup();
    return 0;
}

/* ---- acts ---- */

static int cut_power(run *r, void *context) {
    (void)context;
    return strike_power(r, &story_all, false, NULL);
}

static int restore_power(run *r, void *context) {
    (void)context;
    return strike_power(r, &story_all, true, "power restore");
}

static int cut_network(run *r, void *context) {
    (void)context;
    return strike_network(r, &story_all, false, NULL);
}

static int restore_network(run *r, void *context) {
    (void)context;
    return strike_network(r, &story_all, true, "network restore");
}

static fleet_ledger ledger_of(const run *r) {
    fleet_sums sums;
    fleet_ledger ledger;
    run_sum(r, &sums, &ledger);
    return ledger;
}

static fleet_sums tally_of(const run *r) {
    fleet_sums sums;
    fleet_ledger ledger;
    run_sum(r, &sums, &ledger);
    return sums;
}

static uint64_t devices_in(const run *r, dev_state state) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < r->street_count; i++) {
        for (uint32_t d = 0; d < r->streets[i]->device_count; d++)
            n += fleet_street_state(r->streets[i], d) == (uint8_t)state;
    }
    return n;
}

/* ---- verdicts ---- */

/* Ten minutes of calm, half an hour without power, then until all are online (an hour at most) and
 * a minute more. */
static int outage_resume(void *context, run *r, bool met, run_wait *next) {
    int *step = context;
    (void)met;
    *next = (run_wait){.kind = RUN_WAIT_UNTIL};
    switch ((*step)++) {
        case 0:
            next->until = 600 * SIM_SECOND;
            return 0;
        case 1:
            next->until = run_now(r) + 1800 * SIM_SECOND;
            return strike_power(r, &story_all, false, NULL);
        case 2:
            *next = (run_wait){
                .kind = RUN_WAIT_ONLINE, .until = run_now(r) + SIM_HOUR, .online_share = 1.0};
            return strike_power(r, &story_all, true, "power restore");
        case 3:
            next->until = run_now(r) + SIM_MINUTE;
            return 0;
        default:
            next->kind = RUN_WAIT_DONE;
            return 0;
    }
}

static judge_verdict verdict_of(uint32_t homes, bool orderly, char sentence[JUDGE_SENTENCE_MAX]) {
    fleet_spec spec;
    judge_finding finding;
    small_fleet_spec(&spec, homes, 50, homes / 10.0, orderly);
    int step = 0;
    const run_drill drill = {.context = &step, .resume = outage_resume};
    run *r = story_new(&spec);
    assert_int_equal(run_drive(r, &drill), 0);
    const judge_reconnect_wanted request = {.policy = judge_reconnect_policy_default};
    assert_int_equal(story_judge(r, &judge_check_reconnect, &request, &finding), 0);
    memcpy(sentence, finding.sentence, JUDGE_SENTENCE_MAX);
    run_free(r);
    return finding.verdict;
}

static void test_verdicts(void **state) {
    (void)state;
    char sentence[JUDGE_SENTENCE_MAX];
    judge_verdict good = verdict_of(250, true, sentence);
    if (good != JUDGE_PASS) print_error("%s\n", sentence);
    assert_int_equal(good, JUDGE_PASS);
    assert_int_equal(verdict_of(250, false, sentence), JUDGE_FAIL);       /* bad twin: the law */
    assert_int_equal(verdict_of(12, true, sentence), JUDGE_INCONCLUSIVE); /* 48 devices */
    /* ... whatever they do */
    assert_int_equal(verdict_of(12, false, sentence), JUDGE_INCONCLUSIVE);
}

static void judge(run *r, const char *trigger, judge_finding *finding) {
    const judge_reconnect_wanted request = {.trigger = trigger,
                                            .policy = judge_reconnect_policy_default};
    assert_int_equal(run_judge(r, &judge_check_reconnect, &request, finding), 0);
}

static void test_no_stimulus(void **state) {
    (void)state;
    static const story_step steps[] = {{600, restore_power}, {1200, NULL}};
    fleet_spec spec;
    judge_finding finding;
    small_fleet_spec(&spec, 25, 25, 5, true);
    run *r = story_run(&spec, NULL, steps, NULL);
    judge(r, "power restore", &finding); /* nothing had been cut */
    assert_int_equal(finding.verdict, JUDGE_INCONCLUSIVE);
    judge(r, "no such trigger", &finding);
    assert_int_equal(finding.verdict, JUDGE_INCONCLUSIVE);
    assert_int_equal(r->triggers[1].at, SIM_NEVER);
    for (size_t i = 0; i < r->attempts.count; i++)
        assert_int_equal(r->attempts.items[i].trigger, 0);
    run_free(r);
}

/* ---- conservation ---- */

static int uplinks_limp(run *r, void *context) {
    (void)context;
    const net_hop_settings settings = {.latency = 20 * SIM_MILLISECOND,
                                       .jitter = 200 * SIM_MILLISECOND,
                                       .loss = 0.3,
                                       .duplicate = 0.3,
                                       .bits_per_s = 20000,
                                       .queue_bytes = 300};
    return strike_uplink(r, &story_all, &settings);
}

/* The run's own check (check_ledger) aborts when a packet is lost from sight; here that all the
 * ways to lose one were taken. */
static void test_conservation(void **state) {
    (void)state;
    static const story_step steps[] = {
        {90, cut_network},    {120, restore_network}, {150, uplinks_limp}, {400, cut_power},
        {430, restore_power}, {600, cut_network},     {900.5, NULL}};
    fleet_spec spec;
    small_fleet_spec(&spec, 30, 15, 2, false);
    spec.cloud.connection_queue = 1;
    spec.cloud.requests_per_s = 3;
    spec.cloud.request_queue = 2;
    fleet_zone *z = &spec.zones[0];
    z->uplink.loss = z->backhaul.loss = 0.05;
    z->uplink.duplicate = z->backhaul.duplicate = 0.05;
    z->uplink.bits_per_s = 100000;
    z->uplink.queue_bytes = 400;
    z->backhaul.bits_per_s = 200000;
    z->backhaul.queue_bytes = 1500;
    z->router_boot_minimum = z->router_boot_maximum = 10 * SIM_SECOND;
    z->start_over = 30 * SIM_SECOND;
    z->groups[0].profile.report_every = 5 * SIM_SECOND;
    run *r = story_run(&spec, NULL, steps, NULL);
    fleet_ledger l = ledger_of(r);
    assert_true(fleet_ledger_balances(&l));
    assert_true(l.sent > 1000 && l.delivered > 500 && l.duplicated > 100);
    assert_true(l.dropped_loss > 100 && l.dropped_queue > 10 && l.dropped_down > 10);
    assert_true(l.dropped_closed > 0 && l.dropped_over > 10);
    run_free(r);
}

/* ---- power ---- */

typedef struct silence {
    uint64_t sent[2];
} silence;

static int note_sent(run *r, void *context) {
    silence *s = context;
    s->sent[s->sent[0] == 0 ? 0 : 1] = ledger_of(r).sent;
    return 0;
}

static int everybody_is_off(run *r, void *context) {
    (void)context;
    assert_int_equal(devices_in(r, DEV_STATE_OFF), r->devices);
    assert_int_equal(run_online(r), 0);
    return 0;
}

static void test_nothing_is_sent_without_power(void **state) {
    (void)state;
    /* One second for what the cloud still has to say to requests that were under way. */
    static const story_step steps[] = {{600, cut_power},         {601, note_sent},
                                       {1500, everybody_is_off}, {2400, note_sent},
                                       {2400, restore_power},    {3000, NULL}};
    static const story_step twin_steps[] = {
        {600, cut_network}, {601, note_sent}, {2400, note_sent}, {2401, NULL}};
    fleet_spec spec;
    silence s = {{0}}, twin = {{0}};
    small_fleet_spec(&spec, 20, 10, 5, true);
    run *r = story_run(&spec, NULL, steps, &s);
    assert_true(s.sent[0] > 0);
    assert_int_equal(s.sent[0], s.sent[1]);
    assert_int_equal(run_online(r), r->devices);
    run_free(r);
    /* with power but without a network they try */
    run_free(story_run(&spec, NULL, twin_steps, &twin));
    assert_true(twin.sent[1] > twin.sent[0]);
}

/* Devices are switched on one by one at the start: not those that have no power by then. */
static void test_no_power_no_switching_on(void **state) {
    (void)state;
    static const story_step whole[] = {{100, cut_power},
                                       {101, everybody_is_off},
                                       {260, everybody_is_off},
                                       {300, restore_power},
                                       {900, NULL}};
    fleet_spec spec;
    small_fleet_spec(&spec, 20, 10, 20, true);
    run *r = story_run(&spec, NULL, whole, NULL);
    assert_int_equal(run_online(r), r->devices);
    run_free(r);
}

/* Back-off far gone, then a power cycle of the devices alone: the counter was in RAM, so they begin
 * anew. Bad twin: without the cycle they are still far gone. */
static int cycle_off(run *r, void *context) {
    const fleet_selection devices = {
        .zone = UINT32_MAX,
        .filters = {{.kind = FLEET_FILTER_DEVICE_SHARE, .number = 1, .share = 1}},
        .filter_count = 1};
    if (!*(bool *)context) return 0;
    return strike_power(r, &devices, false, NULL);
}

static int cycle_on(run *r, void *context) {
    const fleet_selection devices = {
        .zone = UINT32_MAX,
        .filters = {{.kind = FLEET_FILTER_DEVICE_SHARE, .number = 1, .share = 1}},
        .filter_count = 1};
    if (!*(bool *)context) return 0;
    return strike_power(r, &devices, true, "device restart");
}

static double mean_return_s(bool cycle) {
    static const story_step steps[] = {{600, cut_network},
                                       {5000, cycle_off},
                                       {5010, restore_network},
                                       {5010, cycle_on},
                                       {12000, NULL}};
    fleet_spec spec;
    double sum = 0;
    uint64_t n = 0;
    small_fleet_spec(&spec, 20, 10, 1000, true);
    spec.zones[0].groups[0].profile.law = (dev_law){.kind = DEV_LAW_EXPONENTIAL,
                                                    .base = 10 * SIM_SECOND,
                                                    .cap = 2000 * SIM_SECOND,
                                                    .factor = 2};
    run *r = story_run(&spec, NULL, steps, &cycle);
    assert_int_equal(run_online(r), r->devices);
    assert_int_equal(run_merge_attempts(r), 0);
    for (size_t i = 0; i < r->attempts.count; i++) {
        const record_attempt *a = &r->attempts.items[i];
        if (a->trigger == 0 || a->outcome != RECORD_OUTCOME_ONLINE) continue;
        sum += sim_time_seconds(a->at) - 5010;
        n++;
    }
    assert_int_equal(n, r->devices);
    run_free(r);
    return sum / (double)n;
}

static void test_power_loss_loses_the_law(void **state) {
    (void)state;
    assert_true(mean_return_s(true) < 10);
    assert_true(mean_return_s(false) > 100);
}

/* ---- set-points ---- */

static void each_set_point(const run *r, double celsius, bool equal) {
    for (uint32_t i = 0; i < r->street_count; i++) {
        for (uint32_t d = 0; d < r->streets[i]->device_count; d++) {
            double here = (double)dev_thermostat_of(r->streets[i]->devices[d])->thermal.set_point_c;
            assert_int_equal(here > celsius - 0.001 && here < celsius + 0.001, equal);
        }
    }
}

static int warmer(run *r, void *context) {
    (void)context;
    each_set_point(r, 25.25, false);
    return strike_set_point(r, &story_all, 25.25);
}

static int is_warmer(run *r, void *context) {
    (void)context;
    each_set_point(r, 25.25, true);
    return 0;
}

static int cooler(run *r, void *context) {
    (void)context;
    return strike_set_point(r, &story_all, 12.5);
}

static void test_set_point(void **state) {
    (void)state;
    /* Changed while online; kept over a power cut; changed while they are away: found on coming
     * back. */
    static const story_step steps[] = {{400, warmer},     {410, is_warmer},        {420, cut_power},
                                       {430, is_warmer},  {440, restore_power},    {441, is_warmer},
                                       {900, is_warmer},  {910, cut_network},      {1000, cooler},
                                       {1010, is_warmer}, {2000, restore_network}, {4000, NULL}};
    fleet_spec spec;
    small_fleet_spec(&spec, 20, 10, 20, true);
    run *r = story_run(&spec, NULL, steps, NULL);
    assert_int_equal(run_online(r), r->devices);
    each_set_point(r, 12.5, true);
    assert_int_equal(tally_of(r).devices.told_ignored, 0);
    run_free(r);
}

static int half_warmer(run *r, void *context) {
    const fleet_selection half = {
        .zone = UINT32_MAX,
        .filters = {{.kind = FLEET_FILTER_DEVICE_SHARE, .number = 7, .share = 0.5}},
        .filter_count = 1};
    uint64_t homes;
    run_selection_count(r, &half, &homes, context);
    return strike_set_point(r, &half, 29);
}

static void test_set_point_of_some(void **state) {
    (void)state;
    static const story_step steps[] = {{400, half_warmer}, {430, NULL}};
    fleet_spec spec;
    uint64_t selected = 0, warm = 0;
    small_fleet_spec(&spec, 20, 10, 20, true);
    run *r = story_run(&spec, NULL, steps, &selected);
    for (uint32_t i = 0; i < r->street_count; i++) {
        for (uint32_t d = 0; d < r->streets[i]->device_count; d++)
            warm += dev_thermostat_of(r->streets[i]->devices[d])->thermal.set_point_c > 28.9F;
    }
    assert_true(selected > 20 && selected < 60);
    assert_int_equal(warm, selected);
    run_free(r);
}

/* ---- the network ---- */

static int note_switches(run *r, void *context) {
    uint64_t *switches = context;
    switches[switches[0] == 0 ? 0 : 1] =
        tally_of(r).devices.counters[dev_model_number(&dev_thermostat)][0];
    return 0;
}

static int nobody_is_online(run *r, void *context) {
    (void)context;
    assert_int_equal(run_online(r), 0);
    assert_int_equal(devices_in(r, DEV_STATE_OFF), 0);
    return 0;
}

static void test_network_cut(void **state) {
    (void)state;
    static const story_step steps[] = {
        {600, cut_network},     {900, note_switches},      {1500, nobody_is_online},
        {15000, note_switches}, {15000, nobody_is_online}, {15000, restore_network},
        {17000, NULL}};
    fleet_spec spec;
    uint64_t switches[2] = {0, 0};
    judge_finding finding;
    small_fleet_spec(&spec, 25, 25, 5, true);
    run *r = story_run(&spec, NULL, steps, switches);
    assert_int_equal(run_online(r), r->devices);
    assert_true(switches[1] > switches[0] + 20); /* the heating goes on without any network */
    assert_string_equal(r->triggers[1].name, "network restore");
    assert_int_equal(r->triggers[1].at, 15000 * SIM_SECOND);
    assert_int_equal(r->triggers[1].struck, r->devices);
    judge(r, "network restore", &finding);
    assert_int_not_equal(finding.verdict, JUDGE_INCONCLUSIVE);
    /* nothing of the hours between reached the edge */
    for (size_t i = 0; i < r->attempts.count; i++) {
        const record_attempt *a = &r->attempts.items[i];
        assert_true(a->at < 601 * SIM_SECOND || a->at >= 15000 * SIM_SECOND);
        assert_int_equal(a->trigger, a->at < 601 * SIM_SECOND ? 0 : 1);
    }
    run_free(r);
}

/* So short that nobody notices: nobody was struck, so nothing came back. */
static void test_network_blink(void **state) {
    (void)state;
    static const story_step steps[] = {{600, cut_network}, {600.5, restore_network}, {1200, NULL}};
    fleet_spec spec;
    small_fleet_spec(&spec, 25, 25, 5, true);
    run *r = story_run(&spec, NULL, steps, NULL);
    assert_int_equal(run_online(r), r->devices);
    assert_int_equal(r->triggers[1].struck, 0);
    assert_int_equal(r->triggers[1].at, SIM_NEVER);
    run_free(r);
}

/* ---- Max-Age ---- */

/* The shortest time between a busy attempt (else: a dropped one) and the device's next. */
static sim_time shortest_pause(run *r, record_outcome after, uint64_t *count) {
    sim_time shortest = SIM_NEVER;
    sim_time *last = calloc(r->devices, sizeof *last); /* -1: the last one was not that */
    assert_non_null(last);
    *count = 0;
    for (uint64_t d = 0; d < r->devices; d++) last[d] = -1;
    for (size_t i = 0; i < r->attempts.count; i++) {
        const record_attempt *a = &r->attempts.items[i];
        if (last[a->device] >= 0) {
            shortest = sim_time_min(shortest, a->at - last[a->device]);
            (*count)++;
        }
        last[a->device] = a->outcome == (uint8_t)after ? a->at : -1;
    }
    free(last);
    return shortest;
}

static void test_max_age_is_honoured(void **state) {
    (void)state;
    static const story_step steps[] = {{4000, NULL}};
    fleet_spec spec;
    uint64_t count;
    small_fleet_spec(&spec, 25, 25, 0.5, false);
    spec.cloud.connection_queue = 2;
    spec.cloud.over = CLOUD_OVER_BUSY;
    spec.cloud.max_age_s = 120;
    spec.zones[0].start_over = SIM_SECOND;
    run *r = story_run(&spec, NULL, steps, NULL);
    assert_int_equal(run_online(r), r->devices);
    assert_int_equal(run_merge_attempts(r), 0);
    assert_true(shortest_pause(r, RECORD_OUTCOME_BUSY, &count) >= 120 * SIM_SECOND);
    assert_true(count > 50);
    run_free(r);

    spec.cloud.over = CLOUD_OVER_DROP; /* bad twin: nobody told them */
    r = story_run(&spec, NULL, steps, NULL);
    assert_int_equal(run_merge_attempts(r), 0);
    assert_true(shortest_pause(r, RECORD_OUTCOME_DROPPED, &count) < 60 * SIM_SECOND);
    assert_true(count > 50);
    run_free(r);
}

static int new_max_age(run *r, void *context) {
    (void)context;
    cloud_limits limits = r->spec.cloud;
    limits.max_age_s = 300;
    return strike_cloud(r, &limits);
}

static void test_limits_change(void **state) {
    (void)state;
    static const story_step steps[] = {{0, new_max_age}, {4000, NULL}};
    fleet_spec spec;
    uint64_t count;
    small_fleet_spec(&spec, 25, 25, 0.5, false);
    spec.cloud.connection_queue = 2;
    spec.cloud.over = CLOUD_OVER_BUSY;
    spec.cloud.max_age_s = 1;
    spec.zones[0].start_over = SIM_SECOND;
    run *r = story_run(&spec, NULL, steps, NULL);
    assert_int_equal(run_merge_attempts(r), 0);
    assert_true(shortest_pause(r, RECORD_OUTCOME_BUSY, &count) >= 300 * SIM_SECOND);
    assert_true(count > 50);
    run_free(r);
}

/* ---- the list of attempts ---- */

/* Per device and trigger the numbers count up from 1, the times rise, and only the last one of a
 * trigger can be a success here. */
static void check_attempts(const run *r) {
    uint32_t *number = calloc(r->devices, sizeof *number);
    uint8_t *trigger = calloc(r->devices, sizeof *trigger);
    assert_non_null(number);
    assert_non_null(trigger);
    sim_time before = 0;
    for (size_t i = 0; i < r->attempts.count; i++) {
        const record_attempt *a = &r->attempts.items[i];
        assert_true(a->at >= before && a->at <= r->now);
        before = a->at;
        assert_true(a->device < r->devices && a->home == a->device / 4);
        assert_true(a->trigger >= trigger[a->device]);
        if (a->trigger != trigger[a->device]) number[a->device] = 0;
        trigger[a->device] = a->trigger;
        assert_int_equal(a->number, ++number[a->device]);
        bool known = a->outcome == RECORD_OUTCOME_ONLINE || a->outcome == RECORD_OUTCOME_BUSY ||
                     a->outcome == RECORD_OUTCOME_REFUSED;
        if (known) assert_true(a->latency > 0 && a->at + a->latency <= r->now);
        if (!known) assert_int_equal(a->latency, SIM_NEVER);
    }
    free(number);
    free(trigger);
}

static void test_attempts_are_in_order(void **state) {
    (void)state;
    static const story_step steps[] = {
        {600, cut_power},  {700, restore_power},  {1500, cut_network}, {2500, restore_network},
        {2600, cut_power}, {2610, restore_power}, {4000, NULL}};
    fleet_spec spec;
    for (int over = 0; over < 2; over++) {
        small_fleet_spec(&spec, 30, 10, 1, false);
        spec.cloud.connection_queue = 50; /* a wait of 50 s: longer than any device has patience */
        spec.cloud.over = over == 0 ? CLOUD_OVER_DROP : CLOUD_OVER_BUSY;
        run *r = story_run(&spec, NULL, steps, NULL);
        assert_int_equal(run_merge_attempts(r), 0);
        check_attempts(r);
        uint64_t online = 0;
        for (size_t i = 0; i < r->attempts.count; i++)
            online += r->attempts.items[i].outcome == RECORD_OUTCOME_ONLINE;
        assert_true(online >= r->devices);
        run_free(r);
    }
}

/* Who is let in waits for his turn, also when he repeats his hello while he waits: the cloud never
 * takes in more than it said. */
static void test_nobody_overtakes(void **state) {
    (void)state;
    static const story_step steps[] = {{120, NULL}};
    fleet_spec spec;
    small_fleet_spec(&spec, 20, 20, 2, false);
    spec.cloud.connection_queue = 40; /* up to 20 s: hellos are repeated after 1, 3, 7 and 15 s */
    spec.zones[0].start_over = SIM_SECOND;
    spec.zones[0].groups[0].profile.boot_maximum = spec.zones[0].groups[0].profile.boot_minimum;
    run *r = story_run(&spec, NULL, steps, NULL);
    assert_int_equal(run_merge_attempts(r), 0);
    assert_int_equal(run_online(r), r->devices);
    uint64_t in[121] = {0};
    for (size_t i = 0; i < r->attempts.count; i++) {
        const record_attempt *a = &r->attempts.items[i];
        if (a->outcome == RECORD_OUTCOME_ONLINE) in[(a->at + a->latency) / SIM_SECOND]++;
    }
    for (int second = 0; second < 121; second++) assert_true(in[second] <= 3);
    run_free(r);
}

/* Registrations that wait for longer than a device has patience: what is served late belongs to the
 * connection that asked, not to the attempt that has come since. */
static void test_a_late_registration(void **state) {
    (void)state;
    static const story_step steps[] = {{900, NULL}};
    fleet_spec spec;
    uint64_t online = 0;
    small_fleet_spec(&spec, 15, 15, 500, false);
    spec.cloud.requests_per_s = 1;
    spec.cloud.request_queue = 45;
    spec.zones[0].start_over = SIM_SECOND;
    spec.zones[0].groups[0].profile.report_every = SIM_HOUR;
    run *r = story_run(&spec, NULL, steps, NULL);
    assert_int_equal(run_merge_attempts(r), 0);
    check_attempts(r);
    for (size_t i = 0; i < r->attempts.count; i++) {
        const record_attempt *a = &r->attempts.items[i];
        if (a->outcome != RECORD_OUTCOME_ONLINE) continue;
        online++;
        /* two round trips of 46 ms at least, and it waits */
        assert_true(a->latency > 100 * SIM_MILLISECOND);
        assert_true(a->latency <
                    /* connect_limit and the pause after it: then the next one has come */
                    41 * SIM_SECOND);
    }
    assert_true(online > 10 && r->attempts.count > 3 * r->devices / 2);
    run_free(r);
}

/* ---- waiting for devices ---- */

typedef struct patience {
    int step;
    sim_time half, all, in_vain;
    bool met[3];
} patience;

static int patient(void *context, run *r, bool met, run_wait *next) {
    patience *p = context;
    *next = (run_wait){.kind = RUN_WAIT_ONLINE, .until = run_now(r) + SIM_HOUR, .online_share = 1};
    switch (p->step++) {
        case 0:
            next->online_share = 0.5;
            return 0;
        case 1:
            p->half = run_now(r);
            p->met[0] = met;
            return 0;
        case 2:
            p->all = run_now(r);
            p->met[1] = met;
            next->until = run_now(r) + 7500 * SIM_MILLISECOND;
            return strike_power(r, &story_all, false, NULL);
        default:
            p->in_vain = run_now(r);
            p->met[2] = met;
            next->kind = RUN_WAIT_DONE;
            return 0;
    }
}

static void test_waiting_for_devices(void **state) {
    (void)state;
    const run_options options = {.seed = 1, .threads = 1};
    patience p = {0};
    const run_drill drill = {.context = &p, .resume = patient};
    fleet_spec spec;
    char why[256];
    int code;
    small_fleet_spec(&spec, 20, 10, 50, true);
    run *r = run_new(&spec, &options, why, sizeof why, &code);
    assert_non_null(r);
    assert_int_equal(run_drive(r, &drill), 0);
    assert_true(p.met[0] && p.met[1] && !p.met[2]);
    assert_true(p.half > 60 * SIM_SECOND && p.half < p.all && p.all < 300 * SIM_SECOND);
    assert_int_equal(p.half % SIM_SECOND, 0);
    assert_int_equal(p.in_vain - p.all, 7500 * SIM_MILLISECOND);
    run_free(r);
}

/* ---- selections ---- */

typedef struct chosen {
    fleet_selection selection;
    uint64_t homes, devices;
} chosen;

static int cut_chosen(run *r, void *context) {
    chosen *c = context;
    run_selection_count(r, &c->selection, &c->homes, &c->devices);
    return strike_power(r, &c->selection, false, NULL);
}

static int check_chosen(run *r, void *context) {
    const chosen *c = context;
    assert_int_equal(devices_in(r, DEV_STATE_OFF), c->devices);
    assert_int_equal(run_online(r), r->devices - c->devices);
    uint64_t dark = 0;
    for (uint32_t i = 0; i < r->street_count; i++) {
        for (uint32_t h = 0; h < r->streets[i]->home_count; h++)
            dark += !r->streets[i]->homes[h].powered;
    }
    bool devices_only =
        c->selection.filter_count > 0 && c->selection.filters[0].kind == FLEET_FILTER_DEVICE_SHARE;
    assert_int_equal(dark, devices_only ? 0 : c->homes);
    return 0;
}

/* Power for all: for those that had it, nothing happens. */
static void run_chosen(const fleet_selection *selection, uint64_t least, uint64_t most) {
    static const story_step steps[] = {
        {900, cut_chosen}, {901, check_chosen}, {960, restore_power}, {2000, NULL}};
    fleet_spec spec;
    chosen c = {.selection = *selection};
    small_fleet_spec(&spec, 40, 10, 20, true);
    run *r = story_run(&spec, NULL, steps, &c);
    assert_true(c.devices >= least && c.devices <= most);
    assert_int_equal(run_online(r), r->devices);
    assert_int_equal(r->triggers[1].struck, c.devices);
    assert_int_equal(run_merge_attempts(r), 0);
    uint64_t came = 0;
    for (size_t i = 0; i < r->attempts.count; i++) came += r->attempts.items[i].trigger == 1;
    assert_int_equal(came, c.devices);
    run_free(r);
}

static void test_selections(void **state) {
    (void)state;
    const fleet_selection street = {
        .zone = 0, .filters = {{.kind = FLEET_FILTER_STREET, .number = 2}}, .filter_count = 1};
    const fleet_selection homes = {
        .zone = UINT32_MAX,
        .filters = {{.kind = FLEET_FILTER_HOME_SHARE, .number = 5, .share = 0.5}},
        .filter_count = 1};
    const fleet_selection devices = {
        .zone = UINT32_MAX,
        .filters = {{.kind = FLEET_FILTER_DEVICE_SHARE, .number = 6, .share = 0.25}},
        .filter_count = 1};
    const fleet_selection nobody = {.zone = 9};
    run_chosen(&story_all, 160, 160);
    run_chosen(&street, 40, 40);
    run_chosen(&homes, 40, 120);
    run_chosen(&devices, 20, 70);
    run_chosen(&nobody, 0, 0);
}

/* Only who had lost something comes back under the trigger: who loses the session later, for
 * another reason, does so under the trigger that was his. */
static int note_the_cut(run *r, void *context) {
    bool *was_cut = context;
    for (uint32_t i = 0; i < r->street_count; i++) {
        const fleet_street *s = r->streets[i];
        for (uint32_t d = 0; d < s->device_count; d++)
            was_cut[s->first_device + d] =
                fleet_street_state(s, d) == DEV_STATE_OFF || s->homes[d / 4].cut;
    }
    return 0;
}

static const fleet_selection half_of_homes = {
    .zone = UINT32_MAX,
    .filters = {{.kind = FLEET_FILTER_HOME_SHARE, .number = 5, .share = 0.5}},
    .filter_count = 1};

static int cut_power_of_half(run *r, void *context) {
    (void)context;
    return strike_power(r, &half_of_homes, false, NULL);
}

static int cut_network_of_half(run *r, void *context) {
    (void)context;
    return strike_network(r, &half_of_homes, false, NULL);
}

static int all_is_lost(run *r, void *context) {
    (void)context;
    const net_hop_settings settings = {.latency = SIM_MILLISECOND, .loss = 1};
    return strike_uplink(r, &story_all, &settings);
}

static int all_is_well(run *r, void *context) {
    (void)context;
    return strike_uplink(r, &story_all, &r->spec.zones[0].uplink);
}

static void only_the_cut(const story_step *steps) {
    bool was_cut[160] = {0};
    uint64_t again[2] = {0}, cut = 0;
    fleet_spec spec;
    small_fleet_spec(&spec, 40, 10, 20, true);
    run *r = story_run(&spec, NULL, steps, was_cut);
    assert_int_equal(run_merge_attempts(r), 0);
    for (int d = 0; d < 160; d++) cut += was_cut[d];
    assert_true(cut > 40 && cut < 120);
    assert_int_equal(r->triggers[1].struck, cut);
    for (size_t i = 0; i < r->attempts.count; i++) {
        const record_attempt *a = &r->attempts.items[i];
        if (a->at < 2000 * SIM_SECOND) continue;
        again[was_cut[a->device]]++;
        assert_int_equal(a->trigger, was_cut[a->device] ? 1 : 0);
    }
    assert_true(again[0] > 40 && again[1] > 40);
    run_free(r);
}

static void test_only_who_was_cut_comes_back(void **state) {
    (void)state;
    static const story_step power[] = {{900, cut_power_of_half}, {901, note_the_cut},
                                       {960, restore_power},     {2000, all_is_lost},
                                       {2600, all_is_well},      {5000, NULL}};
    static const story_step network[] = {{900, cut_network_of_half}, {901, note_the_cut},
                                         {1500, restore_network},    {2000, all_is_lost},
                                         {2600, all_is_well},        {5000, NULL}};
    only_the_cut(power);
    only_the_cut(network);
}

/* Power comes, goes and comes again while the routers boot: the first promise of a link is void. */
static int no_link_yet(run *r, void *context) {
    (void)context;
    for (uint32_t i = 0; i < r->street_count; i++) {
        for (uint32_t h = 0; h < r->streets[i]->home_count; h++)
            assert_false(r->streets[i]->homes[h].link_up);
    }
    return 0;
}

static int all_links(run *r, void *context) {
    (void)context;
    for (uint32_t i = 0; i < r->street_count; i++) {
        for (uint32_t h = 0; h < r->streets[i]->home_count; h++)
            assert_true(r->streets[i]->homes[h].link_up);
    }
    return 0;
}

static void test_power_flaps(void **state) {
    (void)state;
    static const story_step steps[] = {{599, all_links},     {600, cut_power}, {600, no_link_yet},
                                       {610, restore_power}, {620, cut_power}, {625, restore_power},
                                       {684, no_link_yet},   {716, all_links}, {1500, NULL}};
    fleet_spec spec;
    small_fleet_spec(&spec, 40, 10, 20, true);
    run *r = story_run(&spec, NULL, steps, NULL);
    assert_int_equal(run_online(r), r->devices);
    run_free(r);
}

/* ---- triggers ---- */

static const char *const trigger_names[] = {
    "power restore",
    "power",
    "power restore",
    "start",
    "power restore 2",
    "power restore",
    "a name that goes on and on until nothing is left to hold the end of it",
    "a name that goes on and on until nothing is left to hold the end of it"};

/* One a second: orders of one name at one instant are one trigger. */
static int next_trigger(void *context, run *r, bool met, run_wait *next) {
    uint32_t *count = context;
    (void)met;
    if (*count == sizeof trigger_names / sizeof *trigger_names) {
        *next = (run_wait){.kind = RUN_WAIT_DONE};
        return 0;
    }
    *next = (run_wait){.kind = RUN_WAIT_UNTIL, .until = run_now(r) + SIM_SECOND};
    return strike_power(r, &story_all, true, trigger_names[(*count)++]);
}

static void test_triggers_have_names_of_their_own(void **state) {
    (void)state;
    fleet_spec spec;
    char why[256];
    int code;
    uint32_t count = 0;
    const run_options options = {.seed = 1, .threads = 1};
    const run_drill drill = {.context = &count, .resume = next_trigger};
    small_fleet_spec(&spec, 2, 2, 20, true);
    run *r = run_new(&spec, &options, why, sizeof why, &code);
    assert_non_null(r);
    assert_int_equal(run_drive(r, &drill), 0);
    assert_int_equal(r->trigger_count, 9);
    for (uint32_t i = 0; i < r->trigger_count; i++) {
        for (uint32_t k = 0; k < i; k++)
            assert_string_not_equal(r->triggers[i].name, r->triggers[k].name);
    }
    assert_string_equal(r->triggers[1].name, "power restore");
    assert_string_equal(r->triggers[2].name, "power"); /* not "power 2" */
    assert_string_equal(r->triggers[3].name, "power restore 2");
    run_free(r);
}

static int triggers_without_end(void *context, run *r, bool met, run_wait *next) {
    (void)met;
    uint32_t *count = context;
    int error = strike_power(r, &story_all, true, "again");
    *next = (run_wait){.kind = RUN_WAIT_UNTIL, .until = run_now(r) + SIM_SECOND};
    if (error == 0) ++*count;
    return error;
}

static void test_too_many_triggers(void **state) {
    (void)state;
    fleet_spec spec;
    char why[256];
    int code;
    uint32_t count = 0;
    const run_options options = {.seed = 1, .threads = 1};
    const run_drill drill = {.context = &count, .resume = triggers_without_end};
    small_fleet_spec(&spec, 2, 2, 20, true);
    run *r = run_new(&spec, &options, why, sizeof why, &code);
    assert_non_null(r);
    assert_int_equal(run_drive(r, &drill), SIM_ERANGE);
    assert_int_equal(count, RUN_TRIGGERS_MAX - 1);
    assert_true(strlen(run_why(r)) > 0);
    run_free(r);
}

/* ---- drills that misbehave, and runs that end early ---- */

static int waits_for_nothing(void *context, run *r, bool met, run_wait *next) {
    (void)met;
    if (*(bool *)context)
        *next =
            (run_wait){.kind = RUN_WAIT_ONLINE, .until = run_now(r) + SIM_HOUR, .online_share = 0};
    else
        *next = (run_wait){.kind = RUN_WAIT_UNTIL, .until = run_now(r)};
    return 0;
}

static void test_a_drill_that_lets_no_time_pass(void **state) {
    (void)state;
    const run_options options = {.seed = 1, .threads = 1};
    for (int online = 0; online < 2; online++) {
        bool flag = online == 1;
        const run_drill drill = {.context = &flag, .resume = waits_for_nothing};
        fleet_spec spec;
        char why[256];
        int code;
        small_fleet_spec(&spec, 2, 2, 20, true);
        run *r = run_new(&spec, &options, why, sizeof why, &code);
        assert_non_null(r);
        assert_int_equal(run_drive(r, &drill), SIM_ESTATE);
        assert_non_null(strstr(run_why(r), "without letting any time pass"));
        run_free(r);
    }
}

static int fails(run *r, void *context) {
    (void)r;
    (void)context;
    return SIM_EPARSE;
}

static void test_a_drill_that_fails(void **state) {
    (void)state;
    static const story_step steps[] = {{5, fails}, {10, NULL}};
    fleet_spec spec;
    small_fleet_spec(&spec, 2, 2, 20, true);
    run *r = story_new(&spec);
    assert_int_equal(story_drive(r, steps, NULL), SIM_EPARSE);
    assert_int_equal(run_now(r), 5 * SIM_SECOND);
    run_free(r);
}

/* Whether the folder that an unfinished run of so many homes wrote in is gone once it was left. */
static bool leaves_nothing(uint32_t homes) {
    static const char folder[] = "run_left";
    fleet_spec spec;
    char why[256] = "";
    int code = 0;
    small_fleet_spec(&spec, homes, 50, 20, true);
    const run_options options = {.seed = 1, .threads = 1, .folder = folder};
    run *r = run_new(&spec, &options, why, sizeof why, &code);
    assert_non_null(r);
    assert_int_equal(access("run_left.partial", F_OK), 0);
    run_leave(r);
    return access("run_left.partial", F_OK) != 0 && access(folder, F_OK) != 0;
}

/* 4 devices a home: the memory of the first is given back, that of the second is not. */
static void test_left_alone(void **state) {
    (void)state;
    assert_true(leaves_nothing(1));
    assert_true(leaves_nothing(2501));
}

static volatile sig_atomic_t stop;

static int press_ctrl_c(run *r, void *context) {
    (void)r;
    (void)context;
    stop = 1;
    return 0;
}

static void test_interrupted(void **state) {
    (void)state;
    static const story_step steps[] = {{300, press_ctrl_c}, {100000, NULL}};
    const run_options options = {.seed = 1, .threads = 1, .stop = &stop};
    fleet_spec spec;
    judge_finding finding;
    stop = 0;
    small_fleet_spec(&spec, 25, 25, 20, true);
    run *r = story_run(&spec, &options, steps, NULL);
    assert_true(run_interrupted(r));
    assert_true(run_now(r) >= 300 * SIM_SECOND && run_now(r) < 301 * SIM_SECOND);
    judge(r, NULL, &finding); /* what there is can be judged */
    assert_true(r->attempts.count >= r->devices);
    run_free(r);
    stop = 0;
    static const story_step twin[] = {{300, NULL}};
    r = story_run(&spec, &options, twin, NULL);
    assert_false(run_interrupted(r));
    run_free(r);
}

/* Nothing has power and the drill waits for years: still somebody looks up. */
static void stop_soon(void *context, const run_progress *p) {
    (void)context;
    if (p->now > 100 * SIM_DAY) stop = 1;
}

static void test_a_long_night_can_be_interrupted(void **state) {
    (void)state;
    static const story_step steps[] = {{0, cut_power}, {9e9, NULL}};
    const run_options options = {.seed = 1, .threads = 1, .stop = &stop, .progress = stop_soon};
    fleet_spec spec;
    stop = 0;
    small_fleet_spec(&spec, 2, 2, 20, true);
    run *r = story_run(&spec, &options, steps, NULL);
    assert_true(run_interrupted(r));
    run_free(r);
    stop = 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_no_stimulus),
        cmocka_unit_test(test_conservation),
        cmocka_unit_test(test_nothing_is_sent_without_power),
        cmocka_unit_test(test_no_power_no_switching_on),
        cmocka_unit_test(test_power_loss_loses_the_law),
        cmocka_unit_test(test_set_point),
        cmocka_unit_test(test_set_point_of_some),
        cmocka_unit_test(test_network_cut),
        cmocka_unit_test(test_network_blink),
        cmocka_unit_test(test_max_age_is_honoured),
        cmocka_unit_test(test_limits_change),
        cmocka_unit_test(test_attempts_are_in_order),
        cmocka_unit_test(test_nobody_overtakes),
        cmocka_unit_test(test_a_late_registration),
        cmocka_unit_test(test_waiting_for_devices),
        cmocka_unit_test(test_selections),
        cmocka_unit_test(test_only_who_was_cut_comes_back),
        cmocka_unit_test(test_power_flaps),
        cmocka_unit_test(test_triggers_have_names_of_their_own),
        cmocka_unit_test(test_too_many_triggers),
        cmocka_unit_test(test_a_drill_that_lets_no_time_pass),
        cmocka_unit_test(test_a_drill_that_fails),
        cmocka_unit_test(test_left_alone),
        cmocka_unit_test(test_interrupted),
        cmocka_unit_test(test_a_long_night_can_be_interrupted),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
