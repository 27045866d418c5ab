/* SPDX-License-Identifier: GPL-3.0-or-later */
/* By which way devices reach the internet: what goes with a hub, a router, a mast, and what does
 * not. */
#include <string.h>

#include "sim/fleet/fault.h"
#include "sim/fleet/street_private.h"
#include "sim/run/run_private.h"
#include "tests/support/small_fleet.h"
#include "tests/support/story.h"
#include "tests/support/strikes.h"
#include "tests/unit/with_cmocka.h"

/* Places in each of the homes. */
enum { HOMES = 12, HUB = 0, CHILD = 1, CELLULAR = 2, EITHER = 3, PER_HOME = 4, LOOKS = 6 };

static void spec_of(fleet_spec *spec) {
    static const char *const models[PER_HOME] = {"smart-plug", "window-contact", "weather-sensor",
                                                 "fridge"};
    small_fleet_spec(spec, HOMES, 4, 50, true);
    fleet_zone *z = &spec->zones[0];
    z->start_over = 10 * SIM_SECOND;
    z->mobile = z->uplink;
    z->mast_first = 10 * SIM_MINUTE;
    z->mast_second = 20 * SIM_MINUTE;
    z->group_count = PER_HOME;
    for (int g = PER_HOME - 1; g >= 0; g--) {
        z->groups[g] = z->groups[0];
        z->groups[g].per_home = 1;
        z->groups[g].profile.model = dev_model_named(models[g]);
        z->groups[g].profile.follows = false;
        z->groups[g].profile.battery = g == CHILD || g == CELLULAR;
        z->groups[g].profile.law.initial_window = 5 * SIM_SECOND;
        z->groups[g].profile.report_every = 20 * SIM_SECOND;
    }
    z->groups[CHILD].access = (fleet_access){
        .hub = HUB + 1, .join_minimum = 20 * SIM_SECOND, .join_maximum = 40 * SIM_SECOND};
    z->groups[CELLULAR].access.over = FLEET_OVER_MOBILE;
    z->groups[EITHER].access = (fleet_access){.over = FLEET_OVER_EITHER, .backup = SIM_HOUR};
}

typedef struct seen {
    uint32_t online[LOOKS][PER_HOME]; /* by look, and place */
    int looks;
} seen;

static int look(run *r, void *context) {
    seen *see = context;
    for (uint32_t i = 0; i < r->street_count; i++) {
        for (uint32_t d = 0; d < r->streets[i]->device_count; d++)
            see->online[see->looks][d % PER_HOME] += fleet_street_is_online(r->streets[i], d);
    }
    see->looks++;
    return 0;
}

static void expect(const seen *s, int at, uint32_t hub, uint32_t child, uint32_t cellular,
                   uint32_t either) {
    assert_int_equal(s->online[at][HUB], hub);
    assert_int_equal(s->online[at][CHILD], child);
    assert_int_equal(s->online[at][CELLULAR], cellular);
    assert_int_equal(s->online[at][EITHER], either);
}

static const fleet_selection hubs = {
    .zone = UINT32_MAX,
    .filter_count = 1,
    .filters = {{.kind = FLEET_FILTER_MODEL, .text = "smart-plug"}}};

static int hubs_off(run *r, void *context) {
    (void)context;
    return strike_power(r, &hubs, false, NULL);
}
static int hubs_on(run *r, void *context) {
    (void)context;
    return strike_power(r, &hubs, true, "hub restore");
}
static int cut(run *r, void *context) {
    (void)context;
    return strike_power(r, &story_all, false, NULL);
}
static int restore(run *r, void *context) {
    (void)context;
    return strike_power(r, &story_all, true, "power restore");
}
static int cut_network(run *r, void *context) {
    (void)context;
    return strike_network(r, &story_all, false, NULL);
}

/* A hub takes its children along, and nobody else; they are back no sooner than its mesh. The bad
 * twin is a fleet whose children are straight at the router. */
static void test_a_hub_is_lost(void **state) {
    (void)state;
    static const story_step steps[] = {{180, look}, {181, hubs_off}, {260, look}, {300, hubs_on},
                                       {318, look}, {500, look},     {510, NULL}};
    for (int twin = 0; twin < 2; twin++) {
        fleet_spec spec;
        seen see = {.looks = 0};
        spec_of(&spec);
        if (twin == 1) spec.zones[0].groups[CHILD].access.hub = 0;
        run *r = story_run(&spec, NULL, steps, &see);
        expect(&see, 0, HOMES, HOMES, HOMES, HOMES);
        expect(&see, 1, 0, twin == 0 ? 0 : HOMES, HOMES, HOMES);
        assert_int_equal(see.online[2][CHILD], twin == 0 ? 0 : HOMES); /* joins in 20 s or more */
        expect(&see, 3, HOMES, HOMES, HOMES, HOMES);
        story_end(r);
    }
}

/* A child that looks for its hub by a law whose pauses grow joins with the first attempt that finds
 * it: Thread's ninth retry is 128 s after the hub has gone, its tenth 257 s (251 ms, doubled), so
 * that a hub which is back after 139 s is found two minutes later. Who looks every second is there
 * at once; who gives up after four attempts never is. */
static void test_a_hub_is_looked_for(void **state) {
    (void)state;
    static const story_step steps[] = {{180, look}, {181, hubs_off}, {320, hubs_on}, {321, look},
                                       {400, look}, {600, look},     {610, NULL}};
    const dev_law thread = dev_preset_named("thread-attach")->law;
    dev_law gives_up = thread,
            impatient = {.kind = DEV_LAW_FIXED, .base = SIM_SECOND, .cap = SIM_NEVER, .factor = 1};
    gives_up.tries = 4;
    gives_up.rest = SIM_NEVER;
    const struct {
        dev_law law;
        uint32_t online[3];
    } cases[] = {{impatient, {0, HOMES, HOMES}}, {thread, {0, 0, HOMES}}, {gives_up, {0, 0, 0}}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fleet_spec spec;
        seen see = {.looks = 0};
        spec_of(&spec);
        fleet_access *child = &spec.zones[0].groups[CHILD].access;
        child->join_minimum = child->join_maximum = SIM_SECOND;
        child->rejoin = cases[i].law;
        child->seeks = true;
        run *r = story_run(&spec, NULL, steps, &see);
        assert_int_equal(see.online[0][CHILD], HOMES);
        for (int at = 0; at < 3; at++)
            assert_int_equal(see.online[at + 1][CHILD], cases[i].online[at]);
        story_end(r);
    }
}

/* The mains of all goes. Who has an own battery and an own way stays, until the mast dies: in two
 * steps; the backup battery outlives them. */
static void test_a_blackout(void **state) {
    (void)state;
    static const story_step steps[] = {{180, look},  {181, cut},      {300, look},  {1000, look},
                                       {1500, look}, {1560, restore}, {2400, look}, {2410, NULL}};
    fleet_spec spec;
    seen see = {.looks = 0};
    spec_of(&spec);
    run *r = story_run(&spec, NULL, steps, &see);
    expect(&see, 0, HOMES, HOMES, HOMES, HOMES);
    expect(&see, 1, 0, 0, HOMES, HOMES);
    assert_in_range(see.online[2][CELLULAR], 1, HOMES - 1);
    assert_int_equal(see.online[2][EITHER], see.online[2][CELLULAR]);
    expect(&see, 3, 0, 0, 0, 0);
    expect(&see, 4, HOMES, HOMES, HOMES, HOMES);
    story_end(r);
}

static uint32_t off(const run *r, uint32_t place) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->street_count; i++) {
        for (uint32_t d = place; d < r->streets[i]->device_count; d += PER_HOME)
            n += fleet_street_state(r->streets[i], d) == DEV_STATE_OFF;
    }
    return n;
}

/* A backup battery lasts its hour, less up to a tenth; and nothing dies of one that was relieved in
 * time. */
static void test_a_backup_battery(void **state) {
    (void)state;
    static const story_step to_54[] = {{180, cut}, {180 + 53 * 60, NULL}};
    static const story_step to_60[] = {{180, cut}, {180 + 60 * 60 + 1, NULL}};
    static const story_step relieved[] = {{180, cut}, {1800, restore}, {180 + 60 * 60 + 1, NULL}};
    static const struct {
        const story_step *steps;
        uint32_t off;
    } cases[] = {{to_54, 0}, {to_60, HOMES}, {relieved, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fleet_spec spec;
        spec_of(&spec);
        run *r = story_run(&spec, NULL, cases[i].steps, NULL);
        assert_int_equal(off(r, EITHER), cases[i].off);
        story_end(r);
    }
}

static int cut_mobile(run *r, void *context) {
    (void)context;
    for (uint32_t i = 0; i < r->street_count; i++)
        for (uint32_t h = 0; h < r->streets[i]->home_count; h++)
            r->streets[i]->homes[h].cell_cut = true;
    return 0;
}

/* An ISP's lines are dead, and no link says so: who has the mobile network goes on, and who has
 * both takes that after its third attempt that nobody answers. The bad twins have no second way, or
 * one that is a black hole as well. */
static void test_an_isp_fails(void **state) {
    (void)state;
    static const story_step steps[] = {{180, cut_network}, {300, look}, {900, look}, {910, NULL}};
    static const story_step both[] = {
        {179, cut_mobile}, {180, cut_network}, {300, look}, {900, look}, {910, NULL}};
    const struct {
        fleet_over over;
        const story_step *steps;
        uint32_t cellular, online;
    } cases[] = {{FLEET_OVER_EITHER, steps, HOMES, HOMES},
                 {FLEET_OVER_ROUTER, steps, HOMES, 0},
                 {FLEET_OVER_EITHER, both, 0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fleet_spec spec;
        seen see = {.looks = 0};
        spec_of(&spec);
        spec.zones[0].groups[EITHER].access.over = cases[i].over;
        run *r = story_run(&spec, NULL, cases[i].steps, &see);
        assert_int_equal(see.online[0][EITHER], 0); /* three attempts take longer */
        expect(&see, 1, 0, 0, cases[i].cellular, cases[i].online);
        story_end(r);
    }
}

static void test_what_cannot_be(void **state) {
    (void)state;
    static const struct {
        fleet_access child, hub;
        bool battery;
        const char *wrong;
    } cases[] = {
        {.child = {.hub = 9}, .wrong = "not in its home"},
        {.child = {.hub = CHILD + 1}, .wrong = "its own hub"},
        {.child = {.hub = HUB + 1}, .hub = {.hub = CHILD + 1}, .wrong = "no other hub"},
        {.child = {.hub = HUB + 1, .over = FLEET_OVER_MOBILE}, .wrong = "through the router"},
        {.child = {.hub = HUB + 1, .join_minimum = 2, .join_maximum = 1}, .wrong = "join"},
        {.child = {.backup = -1}, .wrong = "negative"},
        {.child = {.backup = SIM_HOUR}, .battery = true, .wrong = "goes on anyway"},
    };
    fleet_spec spec;
    char why[200];
    spec_of(&spec);
    assert_null(fleet_spec_wrong(&spec, false, why, sizeof why));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        spec_of(&spec);
        spec.zones[0].groups[CHILD].access = cases[i].child;
        spec.zones[0].groups[CHILD].profile.battery = cases[i].battery;
        spec.zones[0].groups[HUB].access = cases[i].hub;
        const char *wrong = fleet_spec_wrong(&spec, false, why, sizeof why);
        assert_non_null(wrong);
        assert_non_null(strstr(wrong, cases[i].wrong));
    }
}

static int set_up(void **state) {
    (void)state;
    return net_secure_startup();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_hub_is_lost), cmocka_unit_test(test_a_hub_is_looked_for),
        cmocka_unit_test(test_a_blackout),    cmocka_unit_test(test_a_backup_battery),
        cmocka_unit_test(test_an_isp_fails),  cmocka_unit_test(test_what_cannot_be)};
    return cmocka_run_group_tests(tests, set_up, NULL);
}
