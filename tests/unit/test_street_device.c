/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A device takes its room when it has power for the first time: what one costs that never had any,
 * and that nothing of a run depends on when it was made. */
#include "devices/life.h"
#include "devices/model.h"
#include "sim/core/heap.h"
#include "sim/fleet/street_private.h"
#include "sim/run/run_private.h"
#include "tests/support/small_fleet.h"
#include "tests/support/story.h"
#include "tests/support/strikes.h"
#include "tests/unit/with_cmocka.h"

/* Bytes of a device that is off, with its share of home and street (docs/architecture.md). */
enum { BUDGET = 300 };

/* Homes with a device of every model, with people who live with them; the weather sensor on the
 * mobile network. */
static void spec_of(fleet_spec *spec, uint32_t homes) {
    small_fleet_spec(spec, homes, 250, 1000, true);
    fleet_zone *z = &spec->zones[0];
    const fleet_group like = z->groups[0];
    z->group_count = 0;
    z->mobile = z->uplink;
    for (size_t m = 0; dev_models[m] != NULL; m++) {
        fleet_group *g = &z->groups[z->group_count++];
        *g = like;
        g->per_home = 1;
        g->profile.model = dev_models[m];
        g->profile.follows = g->profile.updates = false;
        g->profile.battery = dev_models[m]->life->sleeps;
        g->profile.household = true;
        g->profile.probe_every = SIM_HOUR;
        g->profile.report_every = SIM_MINUTE;
    }
    z->groups[0].access.over = FLEET_OVER_MOBILE;
}

static int make_all(run *r, void *context) {
    (void)context;
    for (uint32_t i = 0; i < r->street_count; i++) {
        for (uint32_t d = 0; d < r->streets[i]->device_count; d++)
            if (fleet_street_made(r->streets[i], d) == NULL) return SIM_ENOMEM;
    }
    return 0;
}

static int64_t heap_of(uint32_t homes, bool all_made, uint64_t *devices) {
    fleet_spec spec;
    const int64_t before = sim_heap_in_use().bytes;
    spec_of(&spec, homes);
    run *r = story_new(&spec);
    if (all_made) assert_int_equal(make_all(r, NULL), 0);
    const int64_t bytes = sim_heap_in_use().bytes - before;
    *devices = r->devices;
    story_end(r);
    return bytes;
}

/* What two streets more cost, by device. The bad twin is a fleet that is there from the start. */
static void test_what_a_device_costs_that_was_never_on(void **state) {
    (void)state;
    for (int twin = 0; twin < 2; twin++) {
        uint64_t few, many;
        int64_t small = heap_of(500, twin == 1, &few), large = heap_of(1000, twin == 1, &many);
        double each = (double)(large - small) / (double)(many - few);
        print_message("%.0f bytes for each device that was never on%s\n", each,
                      twin == 1 ? ", but is there" : "");
        assert_true(many - few == 500 * DEV_MODELS);
        assert_true(twin == 0 ? each <= BUDGET : each > BUDGET);
    }
}

static int cut(run *r, void *context) {
    (void)context;
    return strike_power(r, &story_all, false, NULL);
}
static int restore(run *r, void *context) {
    (void)context;
    return strike_power(r, &story_all, true, "power restore");
}
static int another_seed(run *r, void *context) { /* of one device: the bad twin */
    (void)context;
    dev_device *d = fleet_street_made(r->streets[0], 0);
    if (d != NULL) d->stream = sim_stream_for(99, SIM_PURPOSE_DEVICE, 0);
    return d == NULL ? SIM_ENOMEM : 0;
}

/* Power goes and comes back while half of them were never on: what those that are not made do not
 * hear is counted as for those that are off. */
static void test_when_it_is_made_changes_nothing(void **state) {
    (void)state;
    int (*const begins[])(run *, void *) = {NULL, make_all, another_seed};
    uint64_t prints[3], ignored[3];
    for (int i = 0; i < 3; i++) {
        const story_step steps[] = {{0, begins[i]}, {60, cut}, {120, restore}, {400, NULL}};
        fleet_spec spec;
        spec_of(&spec, 4);
        spec.zones[0].start_over = 2 * SIM_MINUTE;
        spec.zones[0].router_boot_minimum = spec.zones[0].router_boot_maximum = SIM_SECOND;
        run *r = story_new(&spec);
        const fleet_street *s = r->streets[0];
        assert_int_equal(story_drive(r, i == 0 ? steps + 1 : steps, NULL), 0);
        prints[i] = s->shard.fingerprint.value;
        ignored[i] = s->sums.devices.ignored[DEV_STATE_OFF][DEV_EVENT_POWER_OFF] << 32 |
                     s->sums.devices.ignored[DEV_STATE_OFF][DEV_EVENT_LINK_DOWN];
        story_end(r);
    }
    assert_int_equal(prints[0], prints[1]);
    assert_int_equal(ignored[0], ignored[1]);
    assert_true(ignored[0] > UINT32_MAX && (uint32_t)ignored[0] > 0);
    assert_true(prints[0] != prints[2]);
}

static int set_up(void **state) {
    (void)state;
    return net_secure_startup();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_a_device_costs_that_was_never_on),
        cmocka_unit_test(test_when_it_is_made_changes_nothing),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
