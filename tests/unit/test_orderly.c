/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_orderly.c - law.orderly by Monte Carlo: the busiest second of a wave whose window it sized
 * stays within the capacity. Devices of a home share their router's boot time and draw in the
 * window each on its own, as in scenarios/5.9-3/power-restore-street.lua. */
#include <stdlib.h>

#include "lua/state.h"
#include "tests/unit/fake_run.h"
#include "tests/unit/with_cmocka.h"

enum { RUNS = 200, PER_HOME = 4 };

static sim_time window_for(uint32_t devices, uint32_t capacity) {
    char text[512], why[SCRIPT_WHY];
    fleet_spec *spec;
    snprintf(text, sizeof text,
             "scenario { title = 'x', duration = '1s' } function setup(p) fleet.devices { model = "
             "'thermostat', count = 1, law = "
             "law.orderly { devices = %" PRIu32 ", capacity = %" PRIu32 " } } end",
             devices, capacity);
    script *s =
        script_load_text("orderly.lua", text, strlen(text), NULL, 0, 1, false, 0, why, sizeof why);
    if (s == NULL) fail_msg("%s", why);
    assert_int_equal(script_setup(s, &spec), 0);
    sim_time window = spec->zones[0].groups[0].profile.law.initial_window;
    script_free(s);
    return window;
}

static int by_time(const void *a, const void *b) {
    sim_time left = *(const sim_time *)a, right = *(const sim_time *)b;
    return (left > right) - (left < right);
}

/* The most attempts in any second of one wave. */
static uint32_t busiest(sim_time *at, uint32_t devices, sim_time window, sim_stream *stream) {
    sim_time router = 0;
    uint32_t most = 0, first = 0;
    for (uint32_t i = 0; i < devices; i++) {
        if (i % PER_HOME == 0)
            router = sim_stream_between(stream, 60 * SIM_SECOND, 90 * SIM_SECOND);
        at[i] = router + sim_stream_between(stream, 0, window);
    }
    qsort(at, devices, sizeof *at, by_time);
    for (uint32_t i = 0; i < devices; i++) {
        while (at[i] - at[first] >= SIM_SECOND) first++;
        if (i - first + 1 > most) most = i - first + 1;
    }
    return most;
}

static int waves_over(uint32_t devices, uint32_t capacity, sim_time window, int runs) {
    sim_time *at = calloc(devices, sizeof *at);
    assert_non_null(at);
    int over = 0;
    for (int wave = 0; wave < runs; wave++) {
        sim_stream stream = sim_stream_for(1, SIM_PURPOSE_CALIBRATION, (uint64_t)wave);
        over += busiest(at, devices, window, &stream) > capacity;
    }
    free(at);
    return over;
}

static void test_the_busiest_second_stays_within_the_capacity(void **state) {
    (void)state;
    static const struct {
        uint32_t devices, capacity;
        int runs;
    } cases[] = {{1000, 20, RUNS}, {10000, 100, RUNS},    {100000, 2000, 40}, {200, 20, RUNS},
                 {1000, 8, RUNS},  {20000, 20, RUNS / 4}, {1000, 200, RUNS}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sim_time window = window_for(cases[i].devices, cases[i].capacity);
        int over = waves_over(cases[i].devices, cases[i].capacity, window, cases[i].runs);
        int twin = waves_over(cases[i].devices, cases[i].capacity, window / 3,
                              cases[i].runs / 4); /* too short on purpose */
        print_message(
            "%6" PRIu32 " devices, %4" PRIu32
            "/s: window %5.0f s; over capacity in %d of %d waves; in a third of it, %d of %d\n",
            cases[i].devices, cases[i].capacity, sim_time_seconds(window), over, cases[i].runs,
            twin, cases[i].runs / 4);
        assert_true(over * 100 < cases[i].runs);
        if (window > 2 * SIM_MINUTE) /* shorter ones are spread by the routers anyway */
            assert_true(twin * 2 > cases[i].runs / 4);
    }
}

static void test_windows_at_the_edges(void **state) {
    (void)state;
    assert_true(window_for(1, 1000000) == 10 * SIM_SECOND);
    assert_true(window_for(50, 1) == 1000 * SIM_SECOND); /* C / 20 */
    assert_true(window_for(4000000, 1000000000) == 10 * SIM_SECOND);
    assert_true(window_for(1000, 20) > window_for(1000, 21));
    assert_true(window_for(1001, 20) > window_for(1000, 20));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_busiest_second_stays_within_the_capacity),
        cmocka_unit_test(test_windows_at_the_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
