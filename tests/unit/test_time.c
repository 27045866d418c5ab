/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "sim/core/random.h"
#include "sim/core/time.h"
#include "sim/core/units.h"
#include "tests/unit/with_cmocka.h"

static void test_add_saturates(void **state) {
    (void)state;
    static const struct {
        sim_time at, span, sum;
    } rows[] = {
        {0, 0, 0},
        {1, 2, 3},
        {SIM_DAY, SIM_HOUR, 25 * SIM_HOUR},
        {SIM_NEVER - 1, 0, SIM_NEVER - 1},
        {SIM_NEVER - 1, 1, SIM_NEVER},
        {SIM_NEVER - 1, 2, SIM_NEVER},
        {SIM_NEVER, 0, SIM_NEVER},
        {SIM_NEVER, 1, SIM_NEVER},
        {0, SIM_NEVER, SIM_NEVER},
        {5, SIM_NEVER, SIM_NEVER},
        {SIM_NEVER, SIM_NEVER, SIM_NEVER},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(sim_time_add(rows[i].at, rows[i].span), rows[i].sum);
    assert_int_equal(sim_time_min(3, 4), 3);
    assert_int_equal(sim_time_min(4, 3), 3);
    assert_int_equal(sim_time_max(3, SIM_NEVER), SIM_NEVER);
    assert_int_equal(sim_time_max(4, 3), 4);
}

static void test_from_seconds(void **state) {
    (void)state;
    static const struct {
        double seconds;
        sim_time time;
    } rows[] = {
        {0, 0},
        {-0.0, 0},
        {1, SIM_SECOND},
        {0.25, 250 * SIM_MILLISECOND},
        {1e-9, 1},
        {0.4e-9, 0},
        {0.55e-9, 1},
        {0.1,
         /* 0.1 is not a binary fraction: truncation would be a nanosecond short */
         100 * SIM_MILLISECOND},
        /* 2^52 + 1: odd, where adding a half would round to even */
        {4503599.627370497, 4503599627370497},
        {9007199.254740992, 9007199254740992},
        {9.2e9, 9200000000 * SIM_SECOND},
        {9.3e9, SIM_NEVER},
        {1e300, SIM_NEVER},
        {-1, SIM_NEVER},
        {-1e-9, SIM_NEVER},
        {HUGE_VAL, SIM_NEVER},
        {-HUGE_VAL, SIM_NEVER},
        {NAN, SIM_NEVER},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(sim_time_from_seconds(rows[i].seconds), rows[i].time);
    assert_true(sim_time_seconds(1500 * SIM_MILLISECOND) == 1.5);
}

static void test_text(void **state) {
    (void)state;
    static const struct {
        sim_time time;
        const char *text;
    } rows[] = {
        {0, "0s"},
        {999, "999ns"},
        {SIM_MICROSECOND, "1us"},
        {1550, "1.55us"},
        {999499, "999us"},
        {999500, "1ms"},
        {250 * SIM_MILLISECOND, "250ms"},
        {999499999, "999ms"},
        {999500000, "1s"},
        {SIM_SECOND, "1s"},
        {12345 * SIM_MILLISECOND, "12.3s"},
        {59949 * SIM_MILLISECOND, "59.9s"},
        {59950 * SIM_MILLISECOND, "1m00s"},
        {60 * SIM_SECOND, "1m00s"},
        {245 * SIM_SECOND, "4m05s"},
        {SIM_HOUR - SIM_MILLISECOND, "1h00m00s"},
        {SIM_HOUR + 2 * SIM_MINUTE + 3 * SIM_SECOND, "1h02m03s"},
        {SIM_DAY - 1, "1d00h00m00s"},
        {26 * SIM_HOUR + 4 * SIM_SECOND, "1d02h00m04s"},
        {SIM_NEVER - 1, "106751d23h47m17s"},
        {SIM_NEVER, "never"},
        {-250 * SIM_MILLISECOND, "-250ms"},
        {INT64_MIN, "-106751d23h47m17s"},
    };
    char text[24];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_ptr_equal(sim_time_text(rows[i].time, text, sizeof text), text);
        assert_string_equal(text, rows[i].text);
    }
}

/* What is written can be read, and is as near as three digits or a second allow. */
static void test_text_reads_back(void **state) {
    (void)state;
    sim_stream s = sim_stream_for(1, 0, 0);
    char text[24];
    for (int i = 0; i < 100000; i++) {
        sim_time time = (sim_time)(sim_stream_next(&s) >> sim_stream_between(&s, 3, 63)), again;
        assert_int_equal(sim_units_duration(sim_time_text(time, text, sizeof text), &again), 0);
        double allowed = time >= SIM_MINUTE ? 5e8 : (double)time * 0.00501 + 0.5;
        assert_true(fabs((double)(again - time)) <= allowed);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_add_saturates),
        cmocka_unit_test(test_from_seconds),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_text_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
