/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Devices with a household forget their home, are paired again, and lose power while they write;
 * those that are not selected do nothing of it. */
#include "tests/unit/fault_bench.h"

static const dev_model *model;

static int reset(run *r, void *context) {
    (void)context;
    return strike(r, fleet_fault_named("reset_factory"), &story_all, "");
}
static int reset_nobody(run *r, void *context) {
    (void)context;
    return strike(r, fleet_fault_named("reset_factory"), &nobody, "");
}
static int pair(run *r, void *context) {
    (void)context;
    return strike(r, fleet_fault_named("pair"), &story_all, NULL);
}
static int cut_write(run *r, void *context) {
    (void)context;
    return strike(r, fleet_fault_named("cut_power_in_write"), &story_all, NULL);
}
static int restore(run *r, void *context) {
    static const fleet_trigger_order order = {"power restore"};
    (void)context;
    return strike(r, fleet_fault_named("restore_power"), &story_all, &order);
}

static uint64_t noted(const run *r, dev_note note) {
    uint64_t n = 0;
    for (int p = 0; p < DEV_PHASES; p++)
        n += r->streets[0]->sums.devices.notes[dev_model_number(model)][p][note];
    return n;
}

static run *played(const story_step *steps) {
    fleet_spec spec;
    bench_spec(&spec);
    dev_profile *p = &spec.zones[0].groups[0].profile;
    p->household = true;
    p->probe_every = SIM_MINUTE;
    model = p->model;
    return story_run(&spec, NULL, steps, NULL);
}

static void test(void **state) {
    (void)state;
    static const story_step stories[][4] = {
        {{120, reset}, {300, pair}, {600, NULL}},
        {{120, reset_nobody}, {300, pair}, {600, NULL}}, /* bad twin */
        {{120, cut_write}, {300, restore}, {600, NULL}},
    };
    static const uint64_t expected[][3] = {{DEVICES, DEVICES, 0}, {0, 0, 0}, {0, 0, DEVICES}};
    for (int i = 0; i < 3; i++) {
        run *r = played(stories[i]);
        assert_int_equal(noted(r, DEV_NOTE_RESET), expected[i][0]);
        assert_int_equal(noted(r, DEV_NOTE_PAIRED), expected[i][1]);
        assert_int_equal(noted(r, DEV_NOTE_RESTORED_SAME), expected[i][2]);
        assert_int_equal(fleet_street_online(r->streets[0], &story_all), DEVICES);
        /* the answers to the last reports may be on their way */
        uint64_t delivered = noted(r, DEV_NOTE_DELIVERED);
        assert_in_range(noted(r, DEV_NOTE_ARRIVED), delivered, delivered + DEVICES);
        assert_true(noted(r, DEV_NOTE_ARRIVED) > DEVICES);
        story_end(r);
    }
}

int main(void) {
    return run_bench(test);
}
