/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A device in its house, on the bench: what it keeps, queues, and answers to hands; and each bad
 * twin, which is seen to do its one thing wrong. */
#include <math.h>
#include <string.h>

#include "devices/household.h"

#include "devices/thermostat.h"
#include "net/vkernel.h"
#include "tests/unit/model_bench.h"

typedef struct house {
    bench *b;
    dev_household part;
} house;

static house *house_new(const dev_model *model, dev_variant variant, uint64_t seed) {
    house *h = sim_calloc(1, sizeof *h);
    assert_non_null(h);
    h->b = model_bench_new(model, seed);
    h->b->profile.household = true;
    h->b->profile.variant = variant;
    h->b->profile.probe_every = 10 * SIM_MINUTE;
    h->b->profile.report_every = h->b->device.report_every = SIM_MINUTE;
    assert_null(dev_profile_wrong(&h->b->profile));
    assert_int_equal(dev_household_init(&h->part, &h->b->device, seed), 0);
    bench_power(h->b, true);
    bench_run(h->b, SIM_HOUR);
    return h;
}

static void house_free(house *h) {
    model_bench_free(h->b);
    sim_free(h);
}

static uint64_t noted(const house *h, dev_phase phase, dev_note note) {
    return h->b->counts.notes[dev_model_number(h->b->profile.model)][phase][note];
}

static uint64_t noted_ever(const house *h, dev_note note) {
    return noted(h, DEV_PHASE_BEFORE, note) + noted(h, DEV_PHASE_DURING, note) +
           noted(h, DEV_PHASE_AFTER, note);
}

static void handle(house *h, dev_handling what) {
    dev_device_handle(&h->b->device, &h->b->world, &h->b->counts, h->b->wire.now, what);
}

static void power_cycle(house *h) {
    if (h->b->device.state != DEV_STATE_OFF) bench_power(h->b, false);
    bench_run(h->b, SIM_HOUR);
    bench_power(h->b, true);
    bench_run(h->b, SIM_HOUR);
}

static void link_outage(house *h, sim_time lasting) {
    bench_set_link(h->b, false);
    bench_run(h->b, lasting);
    bench_set_link(h->b, true);
    bench_run(h->b, 20 * SIM_MINUTE);
}

/* ---- the queue ---- */

static void test_what_was_sensed_is_delivered(void **state) {
    (void)state;
    for (size_t m = 0; dev_models[m] != NULL; m++) {
        house *h = house_new(dev_models[m], DEV_VARIANT_SOUND, 5);
        link_outage(h, SIM_HOUR);
        assert_true(noted(h, DEV_PHASE_DURING, DEV_NOTE_SENSED) >= 50);
        assert_int_equal(noted_ever(h, DEV_NOTE_SENSED),
                         noted_ever(h, DEV_NOTE_DELIVERED) + dev_household_waiting(&h->b->device));
        assert_in_range(dev_household_waiting(&h->b->device), 0, 1);
        house_free(h);
    }
}

static void test_queue_is_bounded(void **state) {
    (void)state;
    house *h = house_new(&dev_bulb, DEV_VARIANT_SOUND, 5);
    link_outage(h, 12 * SIM_HOUR);
    uint64_t sensed = noted(h, DEV_PHASE_DURING, DEV_NOTE_SENSED);
    assert_in_range(sensed, 700, 730);
    assert_in_range(noted_ever(h, DEV_NOTE_DROPPED_FULL), sensed - DEV_HOUSEHOLD_QUEUE,
                    sensed - DEV_HOUSEHOLD_QUEUE + 5);
    power_cycle(h); /* nothing waited: nothing is lost */
    assert_in_range(noted_ever(h, DEV_NOTE_DROPPED_POWER), 0, 1);
    bench_set_link(h->b, false);
    bench_run(h->b, SIM_HOUR);
    bench_power(h->b, false);
    assert_true(noted_ever(h, DEV_NOTE_DROPPED_POWER) >= 59);
    house_free(h);
}

/* What waits in flash outlasts the power, and is delivered with its own times. The bad twin is the
 * same device with its queue in RAM. */
static void test_queue_in_flash(void **state) {
    (void)state;
    for (int durable = 0; durable < 2; durable++) {
        house *h = house_new(&dev_bulb, DEV_VARIANT_SOUND, 5);
        h->b->profile.durable = durable == 1;
        bench_set_link(h->b, false);
        bench_run(h->b, SIM_HOUR);
        uint64_t before = noted_ever(h, DEV_NOTE_DELIVERED);
        bench_power(h->b, false);
        assert_int_equal(dev_household_waiting(&h->b->device) >= 59, durable);
        assert_int_equal(noted_ever(h, DEV_NOTE_DROPPED_POWER) == 0, durable);
        bench_power(h->b, true);
        bench_set_link(h->b, true);
        bench_run(h->b, SIM_HOUR);
        assert_int_equal(noted_ever(h, DEV_NOTE_DELIVERED) - before >= 59 + 55, durable);
        house_free(h);
    }
}

/* A battery is spent by what its device does: who reports each minute dies before who does so each
 * hour. The dead have no power, and stay dead; a battery that is not counted never is. */
static void test_a_battery_dies(void **state) {
    (void)state;
    static const sim_time every[] = {SIM_MINUTE, SIM_HOUR};
    double died[2] = {0, 0};
    for (int i = 0; i < 2; i++) {
        bench *b = model_bench_new(&dev_window_contact, 5);
        dev_household part;
        b->profile.household = b->profile.battery = true;
        b->profile.probe_every = SIM_DAY;
        b->profile.report_every = b->device.report_every = every[i];
        b->profile.charge_j = 20;
        assert_null(dev_profile_wrong(&b->profile));
        assert_int_equal(dev_household_init(&part, &b->device, 5), 0);
        bench_power(b, true);
        while (!dev_household_is_dead(&b->device) && b->wire.now < 30 * SIM_DAY)
            bench_run(b, 10 * SIM_MINUTE);
        died[i] = sim_time_seconds(b->wire.now);
        assert_int_equal(b->device.state, DEV_STATE_OFF);
        bench_power(b, true);
        assert_int_equal(b->device.state, DEV_STATE_OFF);
        const uint64_t(*notes)[DEV_NOTES] = b->counts.notes[dev_model_number(b->profile.model)];
        uint64_t lost = 0, released = 0;
        for (int p = 0; p < DEV_PHASES; p++) {
            lost += notes[p][DEV_NOTE_LOST];
            released += notes[p][DEV_NOTE_RELEASED];
        }
        assert_int_equal(lost, released); /* no outage is to blame */
        model_bench_free(b);
    }
    assert_true(died[0] < 86400 && died[1] > 3 * died[0]);
}

/* While its power goes, one more report leaves; the bad twin has nothing to say. */
static void test_a_last_gasp(void **state) {
    (void)state;
    for (int gasps = 0; gasps < 2; gasps++) {
        house *h = house_new(&dev_fridge, DEV_VARIANT_SOUND, 5);
        h->b->profile.gasps = gasps == 1;
        uint64_t sent = h->b->counts.reports_sent;
        bench_power(h->b, false);
        assert_int_equal(h->b->counts.reports_sent - sent, gasps);
        assert_int_equal(noted_ever(h, DEV_NOTE_GASPED), gasps);
        bench_power(h->b, true);
        bench_run(h->b, SIM_HOUR);
        assert_true(dev_device_is_online(&h->b->device));
        house_free(h);
    }
}

/* A model of a scenario's own measures what its base does, and more. */
static void test_readings_of_its_own(void **state) {
    (void)state;
    static const dev_own_reading own[] = {{"pressure", "Pa", 98000, 102000}};
    dev_model cellar = dev_bulb;
    cellar.name = "cellar";
    cellar.base = &dev_bulb;
    cellar.own = own;
    cellar.own_count = 1;
    double least = INFINITY, most = -INFINITY;
    bench *b = model_bench_online(&cellar, 3);
    for (int hour = 0; hour < 24; hour++) {
        net_senml_pack pack = model_bench_report(b);
        const net_senml_record *r = &pack.records[pack.count - 1];
        assert_non_null(strstr(r->name, "_pressure"));
        assert_string_equal(r->unit, "Pa");
        assert_true(r->value >= 98000 && r->value <= 102000);
        least = fmin(least, r->value);
        most = fmax(most, r->value);
        bench_run(b, SIM_HOUR);
    }
    assert_true(least < 98200 && most > 101800);
    model_bench_free(b);
}

static double times[4096];
static size_t time_count;

static bench_reply read_times(bench *b, const bench_request *r) {
    static net_senml_pack pack;
    bool report = strcmp(r->path, "t") == 0;
    if (report && net_senml_read(r->payload, r->payload_size, &pack) == 0)
        for (size_t i = 0; i < pack.count && time_count < 4096; i++)
            if (strcmp(pack.records[i].name, pack.records[0].name) == 0)
                times[time_count++] = pack.records[i].time_s;
    return bench_answer(b, r);
}

/* Each sample has its own time: a minute lies between two, through the outage and after it. */
static void test_samples_have_their_own_times(void **state) {
    (void)state;
    house *h = house_new(&dev_weather_sensor, DEV_VARIANT_SOUND, 5);
    time_count = 0;
    h->b->answer = read_times;
    double began = NET_VKERNEL_EPOCH_S + sim_time_seconds(h->b->wire.now);
    link_outage(h, SIM_HOUR);
    assert_in_range(time_count, 79, 85);
    uint64_t minutes = 0;
    for (size_t i = 0; i < time_count; i++)
        minutes |= UINT64_C(1) << (int)((times[i] - began) / 60) % 64;
    assert_true((minutes | 1) == UINT64_MAX);
    house_free(h);
}

static void test_bad_twin_drops_samples(void **state) {
    (void)state;
    house *h = house_new(&dev_weather_sensor, DEV_VARIANT_DROPS_SAMPLES, 5);
    link_outage(h, SIM_HOUR);
    assert_true(noted_ever(h, DEV_NOTE_SENSED) > noted_ever(h, DEV_NOTE_DELIVERED) + 50);
    house_free(h);
}

/* ---- the local function ---- */

static void test_hands_are_answered(void **state) {
    (void)state;
    for (size_t m = 0; dev_models[m] != NULL; m++) {
        if (dev_models[m]->sheet->deed == NULL) continue;
        house *h = house_new(dev_models[m], DEV_VARIANT_SOUND, 7);
        link_outage(h, 12 * SIM_HOUR);
        assert_true(noted(h, DEV_PHASE_DURING, DEV_NOTE_RIGHT) >= 4);
        assert_true(noted(h, DEV_PHASE_BEFORE, DEV_NOTE_RIGHT) >= 1);
        assert_int_equal(noted_ever(h, DEV_NOTE_LATE) + noted_ever(h, DEV_NOTE_WRONG), 0);
        house_free(h);
    }
}

static void test_bad_twins_need_the_cloud(void **state) {
    (void)state;
    static const dev_variant twins[] = {DEV_VARIANT_CLOUD_DEPENDENT, DEV_VARIANT_ASKS_LEAVE};
    for (int i = 0; i < 2; i++) {
        house *h = house_new(&dev_bulb, twins[i], 7);
        h->b->report.text = NULL;
        link_outage(h, 12 * SIM_HOUR);
        assert_true(noted(h, DEV_PHASE_DURING, DEV_NOTE_LATE) >= 20);
        assert_int_equal(noted(h, DEV_PHASE_DURING, DEV_NOTE_RIGHT), 0);
        house_free(h);
    }
}

/* ---- loss of power ---- */

static void test_all_come_back_as_they_were(void **state) {
    (void)state;
    for (size_t m = 0; dev_models[m] != NULL; m++) {
        house *h = house_new(dev_models[m], DEV_VARIANT_SOUND, 9);
        power_cycle(h);
        assert_int_equal(noted_ever(h, DEV_NOTE_RESTORED_SAME), 1);
        assert_int_equal(noted_ever(h, DEV_NOTE_HELP), 0);
        assert_int_equal(noted_ever(h, DEV_NOTE_LOST), noted_ever(h, DEV_NOTE_RETURNED));
        house_free(h);
    }
}

static void test_thermostat_keeps_its_set_point(void **state) {
    (void)state;
    for (int bad = 0; bad < 2; bad++) {
        house *h =
            house_new(&dev_thermostat, bad ? DEV_VARIANT_FORGETS_SETTINGS : DEV_VARIANT_SOUND, 3);
        h->b->profile.follows = false;
        const float *is = &dev_thermostat_of(&h->b->device)->thermal.set_point_c;
        float was = *is;
        bench_power(h->b, false);
        bench_power(h->b, true);
        assert_true((*is == was) == !bad);
        assert_int_equal(noted_ever(h, DEV_NOTE_RESTORED_WORSE), bad);
        house_free(h);
    }
}

static void test_bad_twin_forgets_codes(void **state) {
    (void)state;
    house *h = house_new(&dev_smart_lock, DEV_VARIANT_FORGETS_USERS, 3);
    power_cycle(h);
    bench_run(h->b, 6 * SIM_HOUR);
    assert_int_equal(noted_ever(h, DEV_NOTE_RESTORED_WORSE), 1);
    assert_true(noted(h, DEV_PHASE_BEFORE, DEV_NOTE_RIGHT) > 0);
    assert_int_equal(noted(h, DEV_PHASE_AFTER, DEV_NOTE_RIGHT), 0);
    assert_true(noted(h, DEV_PHASE_AFTER, DEV_NOTE_WRONG) > 0);
    house_free(h);
}

/* Power goes in some step of a write: old or new, never a third. Written in place it is gone. */
static void test_power_goes_in_a_write(void **state) {
    (void)state;
    int gone = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        for (int bad = 0; bad < 2; bad++) {
            house *h =
                house_new(&dev_thermostat, bad ? DEV_VARIANT_NO_JOURNAL : DEV_VARIANT_SOUND, seed);
            handle(h, DEV_HANDLING_CUT_WRITE);
            assert_int_equal(h->b->device.state, DEV_STATE_OFF);
            power_cycle(h);
            if (bad)
                gone += (int)noted_ever(h, DEV_NOTE_RESTORED_WORSE);
            else
                assert_int_equal(noted_ever(h, DEV_NOTE_RESTORED_SAME), 1);
            assert_int_equal(noted_ever(h, DEV_NOTE_RESTORED_CORRUPT), 0);
            house_free(h);
        }
    }
    assert_true(gone >= 40);
}

static void test_bad_twin_wants_pairing(void **state) {
    (void)state;
    house *h = house_new(&dev_bulb, DEV_VARIANT_WANTS_PAIRING, 3);
    assert_true(dev_device_is_online(&h->b->device));
    power_cycle(h);
    assert_int_equal(h->b->device.state, DEV_STATE_WAITING_FOR_LINK);
    assert_int_equal(noted_ever(h, DEV_NOTE_HELP), 1);
    handle(h, DEV_HANDLING_PAIR);
    bench_run(h->b, SIM_HOUR);
    assert_true(dev_device_is_online(&h->b->device));
    house_free(h);
}

static void test_bad_twin_clings_to_its_session(void **state) {
    (void)state;
    for (int bad = 0; bad < 2; bad++) {
        house *h =
            house_new(&dev_window_contact, bad ? DEV_VARIANT_STALE_SESSION : DEV_VARIANT_SOUND, 3);
        link_outage(h, SIM_HOUR);
        bench_run(h->b, SIM_DAY);
        assert_int_equal(noted_ever(h, DEV_NOTE_LOST), 1);
        assert_int_equal(noted_ever(h, DEV_NOTE_RETURNED), bad ? 0 : 1);
        bench_run(h->b, 3 * SIM_DAY);
        assert_int_equal(noted_ever(h, DEV_NOTE_RETURNED), 1);
        house_free(h);
    }
}

/* ---- the life cycle ---- */

static void test_reset_and_pairing(void **state) {
    (void)state;
    for (size_t m = 0; dev_models[m] != NULL; m++) {
        house *h = house_new(dev_models[m], DEV_VARIANT_SOUND, 11);
        handle(h, DEV_HANDLING_RESET);
        assert_int_equal(noted_ever(h, DEV_NOTE_RESET), 1);
        /* its session is nobody's any more, and whoever it was given to has not paired it yet */
        assert_int_equal(noted_ever(h, DEV_NOTE_RELEASED), noted_ever(h, DEV_NOTE_LOST));
        bench_run(h->b, SIM_HOUR);
        assert_int_equal(noted_ever(h, DEV_NOTE_LATE) + noted_ever(h, DEV_NOTE_WRONG), 0);
        bench_set_link(h->b, false);
        bench_set_link(h->b, true);
        bench_run(h->b, SIM_HOUR);
        assert_int_equal(h->b->device.state, DEV_STATE_WAITING_FOR_LINK);
        power_cycle(h); /* a second boot changes nothing */
        assert_int_equal(noted_ever(h, DEV_NOTE_HELP), 0);
        handle(h, DEV_HANDLING_PAIR);
        bench_power(h->b, false); /* before it is finished: not paired */
        power_cycle(h);
        assert_int_equal(noted_ever(h, DEV_NOTE_PAIRED), 0);
        handle(h, DEV_HANDLING_PAIR);
        bench_run(h->b, SIM_HOUR);
        assert_int_equal(noted_ever(h, DEV_NOTE_PAIRED), 1);
        assert_true(dev_device_is_online(&h->b->device));
        assert_int_equal(noted_ever(h, DEV_NOTE_RESTORED_WORSE), 0);
        house_free(h);
    }
}

/* Cut in some step, it has happened after the next boot or has not; both are seen. */
static void test_reset_that_is_cut(void **state) {
    (void)state;
    int done = 0, seeds = 60;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        house *h = house_new(&dev_smart_lock, DEV_VARIANT_SOUND, seed);
        handle(h, DEV_HANDLING_CUT_RESET);
        assert_int_equal(h->b->device.state, DEV_STATE_OFF);
        power_cycle(h);
        bool gone = h->part.stage == DEV_STAGE_FACTORY;
        assert_int_equal(noted_ever(h, DEV_NOTE_RESET), gone);
        assert_int_equal(noted_ever(h, DEV_NOTE_RESTORED_SAME), 1);
        assert_int_equal(dev_device_is_online(&h->b->device), !gone);
        done += gone;
        house_free(h);
    }
    assert_in_range(done, 1, seeds - 1);
}

static void test_profiles_that_make_no_sense(void **state) {
    (void)state;
    bench *b = model_bench_new(&dev_bulb, 1);
    b->profile.variant = DEV_VARIANT_CLOUD_DEPENDENT;
    assert_non_null(dev_profile_wrong(&b->profile)); /* without a household */
    b->profile.household = true;
    assert_non_null(dev_profile_wrong(&b->profile)); /* nobody ever asks */
    b->profile.probe_every = SIM_MINUTE;
    assert_null(dev_profile_wrong(&b->profile));
    static const struct {
        dev_variant variant;
        const dev_model *model;
    } wrong[] = {{DEV_VARIANT_CLOUD_DEPENDENT, &dev_light_sensor},
                 {DEV_VARIANT_FORGETS_USERS, &dev_bulb},
                 {DEV_VARIANT_FORGETS_SETTINGS, &dev_bulb}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        b->profile.variant = wrong[i].variant;
        b->profile.model = wrong[i].model;
        assert_non_null(dev_profile_wrong(&b->profile));
    }
    b->profile.model = &dev_bulb;
    model_bench_free(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_sensed_is_delivered),
        cmocka_unit_test(test_queue_is_bounded),
        cmocka_unit_test(test_queue_in_flash),
        cmocka_unit_test(test_a_battery_dies),
        cmocka_unit_test(test_a_last_gasp),
        cmocka_unit_test(test_readings_of_its_own),
        cmocka_unit_test(test_samples_have_their_own_times),
        cmocka_unit_test(test_bad_twin_drops_samples),
        cmocka_unit_test(test_hands_are_answered),
        cmocka_unit_test(test_bad_twins_need_the_cloud),
        cmocka_unit_test(test_all_come_back_as_they_were),
        cmocka_unit_test(test_thermostat_keeps_its_set_point),
        cmocka_unit_test(test_bad_twin_forgets_codes),
        cmocka_unit_test(test_power_goes_in_a_write),
        cmocka_unit_test(test_bad_twin_wants_pairing),
        cmocka_unit_test(test_bad_twin_clings_to_its_session),
        cmocka_unit_test(test_reset_and_pairing),
        cmocka_unit_test(test_reset_that_is_cut),
        cmocka_unit_test(test_profiles_that_make_no_sense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
