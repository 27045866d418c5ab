/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The smart plug in a world of its own: button, cloud and meter, with and without power. */
#include "devices/life.h"
#include "net/senml.h"
#include "tests/unit/device_bench.h"

static bench *fresh(uint64_t seed) {
    bench *b = sim_malloc(sizeof *b);
    assert_non_null(b);
    bench_init(b, seed);
    dev_device_deinit(&b->device);
    b->profile.model = &dev_smart_plug;
    b->observation.text = "1";
    dev_device_init(&b->device, 0, 0, &b->profile, seed, b->own);
    return b;
}

static bench *online(uint64_t seed) {
    bench *b = fresh(seed);
    bench_power(b, true);
    while (b->device.state != DEV_STATE_ONLINE) bench_step(b);
    return b;
}

static void end(bench *b) {
    bench_deinit(b);
    sim_free(b);
}

static uint64_t count_of(const bench *b, size_t counter) {
    return b->counts.counters[dev_model_number(&dev_smart_plug)][counter];
}
enum { PRESSES, SWITCHES };

/* Of the next report that the peer gets. */
static net_senml_pack report_of(bench *b) {
    net_senml_pack pack;
    size_t before = b->counts.reports_sent;
    while (b->counts.reports_sent == before) bench_step(b);
    bench_run(b, SIM_SECOND);
    const bench_request *r = &b->requests[(b->request_count - 1) % 256];
    assert_true(b->request_count <= 256);
    assert_string_equal(r->path, "t");
    assert_int_equal(net_senml_read(r->payload, r->payload_size, &pack), 0);
    assert_int_equal(pack.count, 3);
    assert_true(pack.records[2].is_boolean);
    return pack;
}

static void test_the_cloud_switches_it(void **state) {
    (void)state;
    bench *b = online(1);
    net_senml_pack on = report_of(b); /* the set-point that it found says so */
    assert_true(on.records[2].boolean);
    assert_in_range((uint64_t)on.records[0].value, 5, 64);
    bench_notify(b, "0");
    net_senml_pack off = report_of(b);
    assert_false(off.records[2].boolean);
    assert_true(off.records[0].value == 0);
    uint64_t switched = count_of(b, SWITCHES);
    bench_notify(b, "0"); /* it is so already */
    bench_notify(b, "off");
    report_of(b);
    assert_int_equal(count_of(b, SWITCHES), switched);
    assert_int_equal(b->counts.told_ignored, 1);
    end(b);
}

static void test_it_meters(void **state) {
    (void)state;
    bench *b = online(2);
    net_senml_pack first = report_of(b);
    uint64_t presses = count_of(b, PRESSES);
    bench_run(b, SIM_HOUR);
    net_senml_pack later = report_of(b);
    assert_int_equal(count_of(b, PRESSES), presses); /* the night of this seed */
    double hours = later.records[1].value - first.records[1].value;
    assert_true(hours >= first.records[0].value - 1 && hours <= first.records[0].value * 1.05 + 1);
    bench_notify(b, "0");
    net_senml_pack off = report_of(b);
    bench_run(b, SIM_HOUR);
    assert_true(report_of(b).records[1].value == off.records[1].value);
    end(b);
}

/* By day, in a house without a link as in any other. */
static void test_the_button(void **state) {
    (void)state;
    bench *b = fresh(3);
    bench_set_link(b, false);
    bench_power(b, true);
    uint64_t seen = 0;
    while (b->wire.now < 10 * SIM_DAY) {
        bench_step(b);
        if (count_of(b, PRESSES) == seen) continue;
        seen = count_of(b, PRESSES);
        assert_in_range(b->wire.now % SIM_DAY / SIM_HOUR, 7, 22);
    }
    assert_true(seen > 10);
    assert_int_equal(count_of(b, SWITCHES), seen);
    end(b);
}

/* Without power a button does nothing, no energy flows, and the relay stays as it was. */
static void test_a_power_cut(void **state) {
    (void)state;
    bench *b = online(4);
    net_senml_pack before = report_of(b);
    uint64_t presses = count_of(b, PRESSES);
    bench_power(b, false);
    bench_run(b, 3 * SIM_DAY);
    assert_int_equal(count_of(b, PRESSES), presses);
    bench_power(b, true);
    while (b->device.state != DEV_STATE_ONLINE) bench_step(b);
    net_senml_pack after = report_of(b);
    assert_int_equal(after.records[2].boolean, before.records[2].boolean);
    assert_true(after.records[1].value - before.records[1].value <= 3);
    end(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_cloud_switches_it),
        cmocka_unit_test(test_it_meters),
        cmocka_unit_test(test_the_button),
        cmocka_unit_test(test_a_power_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
