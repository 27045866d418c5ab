/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Power goes and comes: who is on the mains loses everything, who is on a battery the router. */
#include <string.h>

#include "sim/fleet/fault.h"
#include "sim/fleet/street_private.h"
#include "sim/run/run_private.h"
#include "sim/run/strike.h"
#include "tests/support/small_fleet.h"
#include "tests/support/story.h"
#include "tests/support/strikes.h"
#include "tests/unit/with_cmocka.h"

enum { HOMES = 8 };

/* Two thermostats in each home; the second is on a battery, or is not. */
static void spec_of(fleet_spec *spec, bool battery) {
    small_fleet_spec(spec, HOMES, 4, 50, true);
    fleet_zone *z = &spec->zones[0];
    z->start_over = 10 * SIM_SECOND;
    z->groups[0].per_home = 1;
    z->groups[1] = z->groups[0];
    z->groups[1].profile.battery = battery;
    z->group_count = 2;
}

typedef struct seen {
    uint32_t off[2], online[2]; /* by place in the home, while the power is cut */
    int error;
    char why[FLEET_FAULT_WHY];
} seen;

static int cut(run *r, void *context) {
    (void)context;
    return strike_power(r, &story_all, false, NULL);
}

static int restore(run *r, void *context) {
    (void)context;
    return strike_power(r, &story_all, true, "power restore");
}

static int look(run *r, void *context) {
    seen *see = context;
    for (uint32_t i = 0; i < r->street_count; i++) {
        for (uint32_t d = 0; d < r->streets[i]->device_count; d++) {
            const dev_device *device = r->streets[i]->devices[d];
            see->off[d % 2] += device->state == DEV_STATE_OFF;
            see->online[d % 2] += dev_device_is_online(device);
        }
    }
    return 0;
}

/* Attempts under the restore, by place in the home. */
static void count_back(const run *r, uint32_t back[2]) {
    back[0] = back[1] = 0;
    for (size_t i = 0; i < r->attempts.count; i++)
        back[r->attempts.items[i].device % 2] += r->attempts.items[i].trigger == 1;
}

static void test_a_cut_of_homes(void **state) {
    (void)state;
    static const story_step steps[] = {{120, cut}, {240, look}, {300, restore}, {900, NULL}};
    for (int battery = 0; battery <= 1; battery++) { /* without one: the bad twin */
        fleet_spec spec;
        seen see = {.error = 0};
        uint32_t back[2];
        spec_of(&spec, battery == 1);
        run *r = story_run(&spec, NULL, steps, &see);
        assert_int_equal(see.off[0], HOMES);
        assert_int_equal(see.off[1], battery == 1 ? 0 : HOMES);
        assert_int_equal(see.online[0] + see.online[1], 0); /* without a router nobody is */
        assert_int_equal(story_online(r), 2 * HOMES);
        assert_int_equal(r->triggers[1].struck, 2 * HOMES);
        assert_int_equal(run_merge_attempts(r), 0);
        count_back(r, back);
        assert_true(back[0] >= HOMES && back[1] >= HOMES);
        story_end(r);
    }
}

/* A second word changes nothing: power that is there cannot come, nor devices under its name. */
static void test_a_restore_of_nothing(void **state) {
    (void)state;
    static const story_step steps[] = {{120, restore}, {400, NULL}};
    fleet_spec spec;
    uint32_t back[2];
    spec_of(&spec, true);
    run *r = story_run(&spec, NULL, steps, NULL);
    assert_int_equal(r->triggers[1].struck, 0);
    assert_int_equal(run_merge_attempts(r), 0);
    count_back(r, back);
    assert_int_equal(back[0] + back[1], 0);
    story_end(r);
}

static int cut_powered_by(run *r, seen *see, uint32_t battery) {
    const fleet_selection devices = {.zone = UINT32_MAX,
                                     .filter_count = 1,
                                     .filters = {{.kind = FLEET_FILTER_POWER, .number = battery}}};
    see->error = run_strike(r, &fleet_fault_cut_power, &devices, NULL, see->why, sizeof see->why);
    return 0;
}

static int cut_batteries(run *r, void *context) {
    return cut_powered_by(r, context, 1);
}

static int cut_mains(run *r, void *context) {
    return cut_powered_by(r, context, 0);
}

static void test_a_cut_of_devices(void **state) {
    (void)state;
    static const story_step batteries[] = {{120, cut_batteries}, {240, look}, {250, NULL}};
    static const story_step mains[] = {{120, cut_mains}, {240, look}, {250, NULL}};
    fleet_spec spec;
    seen see = {.error = 0};
    spec_of(&spec, true);
    story_end(story_run(&spec, NULL, batteries, &see));
    assert_int_equal(see.error, SIM_ERANGE);
    assert_non_null(strstr(see.why, "all on batteries"));
    assert_int_equal(see.online[0] + see.online[1], 2 * HOMES);
    see = (seen){.error = 0};
    story_end(story_run(&spec, NULL, mains, &see)); /* bad twin: they are not */
    assert_int_equal(see.error, 0);
    assert_int_equal(see.off[0], HOMES);
    assert_int_equal(see.online[1], HOMES); /* their routers have power */
}

static int set_up(void **state) {
    (void)state;
    return net_secure_startup();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_cut_of_homes),
        cmocka_unit_test(test_a_restore_of_nothing),
        cmocka_unit_test(test_a_cut_of_devices),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
