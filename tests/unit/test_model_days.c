/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What happens to each model in sixty days without a network: people and weather are constants of
 * its file, and one that slips (an hour, a pause, a chance) shows in how often its counters count,
 * and at which times of the day. Whoever changes a model's days on purpose writes its row anew. */
#include <inttypes.h>

#include "tests/unit/model_bench.h"

enum { DAYS = 60 };

typedef struct days {
    uint64_t counted[DEV_COUNTERS_MAX];
    uint64_t minutes; /* sum of the minutes of the day at which the first counter counted */
} days;

typedef struct row {
    const dev_model *model;
    sim_time report_every; /* unless a scenario says otherwise */
    days days;
} row;

static const row rows[] = {
    {&dev_thermostat, SIM_MINUTE, {{2760, 0}, 1896268}},
    {&dev_window_contact, SIM_DAY, {{465, 0}, 388465}},
    {&dev_smart_plug, SIM_MINUTE, {{183, 183}, 155385}},
    {&dev_bulb, 5 * SIM_MINUTE, {{355, 355}, 303821}},
    {&dev_smart_lock, 12 * SIM_HOUR, {{227, 0}, 193211}},
    {&dev_light_sensor, 15 * SIM_MINUTE, {{0, 0}, 0}},
    {&dev_flood_sensor, SIM_DAY, {{4, 0}, 3241}},
    {&dev_smoke_detector, SIM_DAY, {{1, 10}, 1399}},
    {&dev_weather_sensor, 10 * SIM_MINUTE, {{32, 0}, 23211}},
    {&dev_fridge, 5 * SIM_MINUTE, {{1008, 636}, 880594}},
    {&dev_washing_machine, 5 * SIM_MINUTE, {{36, 35}, 27174}},
    {&dev_gateway, SIM_MINUTE, {{524, 0}, 466998}},
    {&dev_tv, 5 * SIM_MINUTE, {{269, 0}, 307621}},
    {&dev_speaker, 5 * SIM_MINUTE, {{325, 61}, 274267}},
    {&dev_doorbell, 5 * SIM_MINUTE, {{905, 312}, 784261}},
    {&dev_alarm_panel, SIM_MINUTE, {{241, 0}, 201950}},
    {&dev_wearable, 15 * SIM_MINUTE, {{822, 0}, 717621}},
};

static days live(const dev_model *model, uint64_t seed) {
    days d = {0};
    bench *b = model_bench_new(model, seed);
    bench_set_link(b, false);
    bench_power(b, true);
    while (b->wire.now < DAYS * SIM_DAY) {
        uint64_t before = model_bench_count(b, 0);
        bench_step(b);
        d.minutes +=
            (model_bench_count(b, 0) - before) * (uint64_t)(b->wire.now % SIM_DAY / SIM_MINUTE);
    }
    for (size_t i = 0; i < DEV_COUNTERS_MAX; i++) d.counted[i] = model_bench_count(b, i);
    model_bench_free(b);
    return d;
}

static void print(const dev_model *model, const days *d) {
    print_message("    %s: {{", model->name);
    for (size_t i = 0; i < DEV_COUNTERS_MAX; i++)
        print_message("%s%" PRIu64, i > 0 ? ", " : "", d->counted[i]);
    print_message("}, %" PRIu64 "}\n", d->minutes);
}

static const row *row_of(const dev_model *model) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].model == model) return &rows[i];
    return NULL;
}

static void test_sixty_days(void **state) {
    (void)state;
    int wrong = 0;
    for (size_t m = 0; dev_models[m] != NULL; m++) {
        const row *r = row_of(dev_models[m]);
        days d = live(dev_models[m], 1);
        bool same = r != NULL && memcmp(&r->days, &d, sizeof d) == 0 &&
                    r->report_every == dev_models[m]->report_every;
        if (!same) print(dev_models[m], &d);
        wrong += !same;
    }
    assert_int_equal(wrong, 0);
}

/* Its bad twin: other people in the same house. The light sensor counts nothing. */
static void test_other_people_live_otherwise(void **state) {
    (void)state;
    size_t alike = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        days d = live(rows[i].model, 2);
        if (memcmp(&rows[i].days, &d, sizeof d) != 0) continue;
        assert_ptr_equal(rows[i].model, &dev_light_sensor);
        alike++;
    }
    assert_int_equal(alike, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sixty_days),
        cmocka_unit_test(test_other_people_live_otherwise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
