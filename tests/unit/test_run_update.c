/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A roll-out in a whole run: who is told when, who restarts, the wave that it makes, and every
 * allocation that fails. */
/* test-timeout: 300 */
#include <string.h>

#include "net/secure.h"
#include "sim/fleet/street_private.h"
#include "sim/judge/check_reconnect.h"
#include "sim/judge/checks.h"
#include "sim/run/count.h"
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

static void updating_fleet(fleet_spec *spec, uint32_t homes, uint32_t per_street) {
    small_fleet_spec(spec, homes, per_street, 50, true);
    spec->zones[0].start_over = 10 * SIM_SECOND;
    spec->zones[0].groups[0].profile.law.initial_window = 5 * SIM_SECOND;
    spec->zones[0].groups[0].profile.updates = true;
}

static int offer(run *r, uint32_t version, sim_time over, cloud_rogue rogue) {
    const fleet_update_order u = {.version = version,
                                  .bytes = 3000,
                                  .over = over,
                                  .rogue = (int)rogue,
                                  .trigger = "update wave"};
    return strike(r, &fleet_fault_offer_update, &story_all, &u);
}

static int offer_two(run *r, void *context) {
    (void)context;
    return offer(r, 2, 0, CLOUD_ROGUE_NONE);
}

static int offer_three_slowly(run *r, void *context) {
    (void)context;
    return offer(r, 3, SIM_HOUR, CLOUD_ROGUE_NONE);
}

static int offer_four(run *r, void *context) {
    (void)context;
    return offer(r, 4, 0, CLOUD_ROGUE_NONE);
}

static int offer_forgery(run *r, void *context) {
    (void)context;
    return offer(r, 5, 0, CLOUD_ROGUE_WRONG_KEY);
}

static uint64_t running(const run *r, uint32_t version) {
    fleet_firmware f;
    run_firmware_count(r, &story_all, version, &f);
    return f.running;
}

/* ---- waves ---- */

static void test_the_wave_has_its_trigger(void **state) {
    static const story_step steps[] = {{60, offer_two}, {300, offer_forgery}, {400, NULL}};
    fleet_spec spec;
    fleet_firmware found;
    judge_finding finding;
    judge_reconnect_wanted request = {.trigger = "update wave",
                                      .policy = judge_reconnect_policy_default};
    (void)state;
    updating_fleet(&spec, 20, 10);
    run *r = story_run(&spec, NULL, steps, NULL);
    assert_int_equal(running(r, 2), 80);
    run_firmware_count(r, &story_all, 2, &found);
    assert_int_equal(found.devices, 80);
    assert_int_equal(found.failures, 80); /* of the forgery */
    assert_int_equal(found.installs, 80);
    assert_int_equal(story_judge(r, &judge_check_reconnect, &request, &finding), 0);
    assert_int_equal(finding.verdict, JUDGE_PASS);
    assert_int_equal(r->triggers[1].struck, 80);
    assert_true(r->triggers[1].at > 62 * SIM_SECOND && r->triggers[1].at < 64 * SIM_SECOND);
    assert_true(r->triggers[1].power);
    size_t first = 0;
    for (size_t i = 0; i < r->attempts.count; i++) {
        const record_attempt *a = &r->attempts.items[i];
        assert_int_equal(a->trigger, a->at > r->triggers[1].at ? 1 : 0);
        first += a->trigger == 1 && a->number == 1;
    }
    assert_int_equal(first, 80);
    /* Nobody restarted for the forgery: its wave did not happen. */
    request.trigger = "update wave 2";
    assert_int_equal(story_judge(r, &judge_check_reconnect, &request, &finding), 0);
    assert_int_equal(finding.verdict, JUDGE_INCONCLUSIVE);
    story_end(r);
}

/* Its radio is off nearly always, and so it is when it ought to ask: it asks when it is awake next,
 * stays awake until the update is over, and then sleeps again. */
static void sleepy_fleet(fleet_spec *spec, sim_time check_every) {
    updating_fleet(spec, 20, 10);
    dev_profile *p = &spec->zones[0].groups[0].profile;
    p->model = dev_model_named("light-sensor");
    p->report_every = 5 * SIM_MINUTE;
    p->follows = false;
    p->check_every = check_every;
}

static uint32_t asleep(const run *r) {
    uint32_t n = 0;
    for (uint32_t s = 0; s < r->street_count; s++)
        for (uint32_t i = 0; i < r->streets[s]->device_count; i++)
            n += fleet_street_state(r->streets[s], i) == DEV_STATE_ASLEEP ? 1 : 0;
    return n;
}

static void test_who_sleeps_asks_when_it_wakes(void **state) {
    static const story_step steps[] = {{60, offer_two}, {3000, NULL}};
    fleet_spec spec;
    (void)state;
    sleepy_fleet(&spec, 20 * SIM_MINUTE);
    run *r = story_run(&spec, NULL, steps, NULL);
    assert_int_equal(running(r, 2), 80);
    assert_in_range(asleep(r), 70, 80);
    story_end(r);
    sleepy_fleet(&spec, 366 * SIM_DAY); /* bad twin: nobody has asked by then */
    r = story_run(&spec, NULL, steps, NULL);
    assert_int_equal(running(r, 2), 0);
    story_end(r);
}

typedef struct share {
    uint64_t quarter, half, end;
} share;

static int note_quarter(run *r, void *context) {
    ((share *)context)->quarter = running(r, 3);
    return 0;
}

static int note_half(run *r, void *context) {
    ((share *)context)->half = running(r, 3);
    return 0;
}

static void test_a_slow_roll_out(void **state) {
    static const story_step steps[] = {{60, offer_three_slowly},
                                       {60 + 900, note_quarter},
                                       {60 + 1800, note_half},
                                       {60 + 3700, NULL}};
    fleet_spec spec;
    share seen;
    (void)state;
    updating_fleet(&spec, 50, 25);
    run *r = story_run(&spec, NULL, steps, &seen);
    seen.end = running(r, 3);
    print_message("told within an hour: %llu, %llu, %llu of 200\n",
                  (unsigned long long)seen.quarter, (unsigned long long)seen.half,
                  (unsigned long long)seen.end);
    assert_in_range(seen.quarter, 30, 70);
    assert_in_range(seen.half, 75, 125);
    assert_int_equal(seen.end, 200);
    story_end(r);
}

/* What was ordered later holds, also for who would have been told of the earlier one afterwards. */
static void test_a_later_offer_replaces(void **state) {
    static const story_step steps[] = {{60, offer_three_slowly}, {1200, offer_four}, {5000, NULL}};
    fleet_spec spec;
    (void)state;
    updating_fleet(&spec, 20, 10);
    run *r = story_run(&spec, NULL, steps, NULL);
    assert_int_equal(running(r, 4), 80);
    run_updates_settle(r);
    assert_int_equal(r->triggers[2].struck, 80);
    assert_in_range(r->triggers[1].struck, 10, 60);
    story_end(r);
}

static int dark(run *r, void *context) {
    (void)context;
    return strike_power(r, &story_all, false, NULL);
}

static int light(run *r, void *context) {
    (void)context;
    return strike_power(r, &story_all, true, "power restore");
}

static void test_told_while_off(void **state) {
    static const story_step steps[] = {{60, dark}, {70, offer_two}, {80, light}, {400, NULL}};
    fleet_spec spec;
    (void)state;
    updating_fleet(&spec, 5, 5);
    run *r = story_run(&spec, NULL, steps, NULL);
    assert_int_equal(running(r, 2), 20);
    story_end(r);
}

/* ---- bounds ---- */

static int offers_without_end(run *r, void *context) {
    int *made = context;
    while (offer(r, 2, 0, CLOUD_ROGUE_WRONG_MODEL) == 0) ++*made;
    assert_int_equal(offer(r, 2, 0, CLOUD_ROGUE_NONE), SIM_ERANGE);
    return 0;
}

static void test_so_many_offers(void **state) {
    static const story_step steps[] = {{60, offers_without_end}, {70, NULL}};
    fleet_spec spec;
    int made = 0;
    (void)state;
    updating_fleet(&spec, 1, 1);
    run *r = story_run(&spec, NULL, steps, &made);
    assert_int_equal(made, FLEET_OFFERS_MAX);
    story_end(r);
}

/* An offer to a fleet that takes none changes nothing. */
/* Nobody could take it: the run says so, and nothing happens. */
static int offer_in_vain(run *r, void *context) {
    (void)context;
    assert_int_equal(offer(r, 2, 0, CLOUD_ROGUE_NONE), SIM_ERANGE);
    return 0;
}

static void test_a_fleet_without_updates(void **state) {
    static const story_step steps[] = {{60, offer_in_vain}, {120, NULL}}, none[] = {{120, NULL}};
    fleet_spec spec;
    (void)state;
    updating_fleet(&spec, 5, 5);
    spec.zones[0].groups[0].profile.updates = false;
    run *with = story_run(&spec, NULL, steps, NULL), *without = story_run(&spec, NULL, none, NULL);
    assert_int_equal(running(with, 1), 20);
    assert_int_equal(running(with, 2), 0);
    assert_true(with->streets[0]->shard.fingerprint.value ==
                without->streets[0]->shard.fingerprint.value);
    assert_null(with->streets[0]->updates);
    story_end(with);
    story_end(without);
}

/* ---- allocations that fail ---- */

static int begin_to_end(void) {
    static const story_step steps[] = {{20, offer_two}, {50, NULL}};
    fleet_spec spec;
    run *r;
    updating_fleet(&spec, 1, 1);
    spec.zones[0].groups[0].per_home = 1;
    int error = story_try(&spec, 1, steps, NULL, &r);
    if (r == NULL) return error;
    fleet_firmware found;
    run_firmware_count(r, &story_all, 2, &found);
    assert_int_equal(found.failures, 0); /* lack of memory is no forgery */
    story_end(r);
    return error;
}

static void test_every_allocation_fails(void **state) {
    (void)state;
    for (int for_good = 0; for_good <= 1; for_good++) {
        for (long n = 0;; n++) {
            const sim_heap_use before = sim_heap_in_use();
            sim_heap_fail(n, for_good == 1);
            const int error = begin_to_end();
            const bool happened = sim_heap_fail_never();
            const sim_heap_use after = sim_heap_in_use();
            assert_int_equal(after.blocks, before.blocks);
            assert_int_equal(after.bytes, before.bytes);
            if (error != 0) assert_int_equal(error, SIM_ENOMEM);
            if (!happened) break;
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_wave_has_its_trigger),
        cmocka_unit_test(test_who_sleeps_asks_when_it_wakes),
        cmocka_unit_test(test_a_slow_roll_out),
        cmocka_unit_test(test_a_later_offer_replaces),
        cmocka_unit_test(test_told_while_off),
        cmocka_unit_test(test_so_many_offers),
        cmocka_unit_test(test_a_fleet_without_updates),
        cmocka_unit_test(test_every_allocation_fails),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
