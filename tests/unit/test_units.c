/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "sim/core/units.h"
#include "tests/unit/with_cmocka.h"

static void test_duration(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int error;
        sim_time time;
    } rows[] = {
        {"0", 0, 0},
        {"0.0", 0, 0},
        {"00", 0, 0},
        {"0s", 0, 0},
        {"30m", 0, 30 * SIM_MINUTE},
        {"1h10m", 0, 70 * SIM_MINUTE},
        {"250ms", 0, 250 * SIM_MILLISECOND},
        {"1ns", 0, 1},
        {"7us", 0, 7000},
        {"0.5s", 0, SIM_SECOND / 2},
        {"1.5h", 0, 90 * SIM_MINUTE},
        {"1d2h3m4s5ms6us7ns", 0, 93784005006007},
        {"10m1h", 0, 70 * SIM_MINUTE}, /* a sum: any order */
        {"0.4ns", 0, 0},
        {"0.5ns", 0, 1},
        {"0.1s", 0, SIM_SECOND / 10},
        {"0.000000000000000000000000000000000000000000000000001d", 0, 0},
        {"1.0000000000000000000000000000000000000000000001s", 0, SIM_SECOND},
        {"0.00000000000000000000000000000000000000s", 0, 0},
        {"36525d", 0, 36525 * SIM_DAY},
        {"36525d1ns", SIM_ERANGE, 0},
        {"36526d", SIM_ERANGE, 0},
        {"36524d23h59m59.999999999s", 0, 36525 * SIM_DAY - 1},
        {"99999999999999999999d", SIM_ERANGE, 0},
        {"18446744073709551620ns", SIM_ERANGE, 0}, /* without its last digit it would be in range */
        {"99999999999999999999999999999999999999999ns", SIM_ERANGE, 0},
        {"9223372036854775807ns9223372036854775807ns", SIM_ERANGE, 0},
        {"36525d36525d36525d36525d36525d", SIM_ERANGE, 0},
        {"-5s", SIM_ERANGE, 0},
        {"-0", SIM_ERANGE, 0},
        {"-5", SIM_EPARSE, 0},
        {"", SIM_EPARSE, 0},
        {"-", SIM_EPARSE, 0},
        {"5", SIM_EPARSE, 0},
        {"1h0", SIM_EPARSE, 0},
        {"01h5", SIM_EPARSE, 0},
        {"s", SIM_EPARSE, 0},
        {"1x", SIM_EPARSE, 0},
        {"1hs", SIM_EPARSE, 0},
        {"0x", SIM_EPARSE, 0},
        {"0x10s", SIM_EPARSE, 0},
        {"1S", SIM_EPARSE, 0},
        {"1 s", SIM_EPARSE, 0},
        {" 1s", SIM_EPARSE, 0},
        {"1s ", SIM_EPARSE, 0},
        {"1h 10m", SIM_EPARSE, 0},
        {"+1s", SIM_EPARSE, 0},
        {"1h-10m", SIM_EPARSE, 0},
        {".5s", SIM_EPARSE, 0},
        {"5.s", SIM_EPARSE, 0},
        {"1.2.3s", SIM_EPARSE, 0},
        {"1,5s", SIM_EPARSE, 0},
        {"1e3s", SIM_EPARSE, 0},
        {"inf", SIM_EPARSE, 0},
        {"infs", SIM_EPARSE, 0},
        {"never", SIM_EPARSE, 0},
        {"1s\n", SIM_EPARSE, 0},
        {"1\xc2\xb5s", SIM_EPARSE, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sim_time time = -77;
        if (sim_units_duration(rows[i].text, &time) != rows[i].error)
            fail_msg("wrong answer for \"%s\"", rows[i].text);
        assert_int_equal(time, rows[i].error == 0 ? rows[i].time : -77);
    }
}

static void test_number(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int error;
        double value;
    } rows[] = {
        {"0", 0, 0},
        {"100k", 0, 100e3},
        {"2.5M", 0, 2.5e6},
        {"3G", 0, 3e9},
        {"1e6", 0, 1e6},
        {"1E6", 0, 1e6},
        {"1e+6", 0, 1e6},
        {"25e-2", 0, 0.25},
        {"1.5e3k", 0, 1.5e6},
        {"-1.5", 0, -1.5},
        {"-2k", 0, -2000},
        {"0.1", 0, 0.1},
        {"4.35k", 0, 4350}, /* nearest in one rounding, not 4.35 (rounded) times 1,000 (rounded) */
        {"1.001k", 0, 1001},
        {"0.3", 0, 0.3},
        {"123456789012345678", 0, 123456789012345678.0},
        {"18446744073709551616", 0, 0x1p64},
        {"179769313486231570000e288", 0, 1.7976931348623157e308},
        {"5e-324", 0, 5e-324},
        {"1e-400", 0, 0},
        {"0e999999999999", 0, 0},
        {"1e-999999999999", 0, 0},
        {"1e309", SIM_ERANGE, 0},
        {"-1e309", SIM_ERANGE, 0},
        {"1e308k", SIM_ERANGE, 0},
        {"1e999999999999999999999", SIM_ERANGE, 0},
        {"", SIM_EPARSE, 0},
        {"-", SIM_EPARSE, 0},
        {"k", SIM_EPARSE, 0},
        {"+1", SIM_EPARSE, 0},
        {"--1", SIM_EPARSE, 0},
        {"1kk", SIM_EPARSE, 0},
        {"1K", SIM_EPARSE, 0},
        {"1m", SIM_EPARSE, 0},
        {"1 k", SIM_EPARSE, 0},
        {" 1", SIM_EPARSE, 0},
        {"1 ", SIM_EPARSE, 0},
        {"1e", SIM_EPARSE, 0},
        {"1e+", SIM_EPARSE, 0},
        {"1ek", SIM_EPARSE, 0},
        {"1ke3", SIM_EPARSE, 0},
        {"1.", SIM_EPARSE, 0},
        {".1", SIM_EPARSE, 0},
        {"1,000", SIM_EPARSE, 0},
        {"1_000", SIM_EPARSE, 0},
        {"0x10", SIM_EPARSE, 0},
        {"0x1p4", SIM_EPARSE, 0},
        {"inf", SIM_EPARSE, 0},
        {"-inf", SIM_EPARSE, 0},
        {"infinity", SIM_EPARSE, 0},
        {"nan", SIM_EPARSE, 0},
        {"NAN(1)", SIM_EPARSE, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double value = -77;
        if (sim_units_number(rows[i].text, &value) != rows[i].error)
            fail_msg("wrong answer for \"%s\"", rows[i].text);
        if (value != (rows[i].error == 0 ? rows[i].value : -77))
            fail_msg("\"%s\" gave %g", rows[i].text, value);
    }
    double zero = 1;
    assert_int_equal(sim_units_number("-0", &zero), 0);
    assert_false(signbit(zero));
}

static void test_count(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint64_t minimum, maximum;
        int error;
        uint64_t value;
    } rows[] = {
        {"0", 0, 10, 0, 0},
        {"-0", 0, 10, 0, 0},
        {"7", 7, 7, 0, 7},
        {"6", 7, 9, SIM_ERANGE, 0},
        {"10", 7, 9, SIM_ERANGE, 0},
        {"100k", 1, UINT64_MAX, 0, 100000},
        {"2.5M", 1, UINT64_MAX, 0, 2500000},
        {"2.5k", 1, UINT64_MAX, 0, 2500},
        {"1e6", 1, UINT64_MAX, 0, 1000000},
        {"250e-1", 1, UINT64_MAX, 0, 25},
        {"250e-2", 1, UINT64_MAX, SIM_ERANGE, 0},
        {"2500e-2", 1, UINT64_MAX, 0, 25},
        {"3.000", 0, 10, 0, 3},
        {"3.0000000000000000000000000000000000000000", 0, 10, 0, 3},
        {"3.0000000000000000000000000000000000000001", 0, 10, SIM_ERANGE, 0},
        {"0.5", 0, 10, SIM_ERANGE, 0},
        {"1.2345k", 0, UINT64_MAX, SIM_ERANGE, 0},
        {"9007199254740993", 0, UINT64_MAX, 0, 9007199254740993}, /* 2^53 + 1: not a double */
        {"18446744073709551615", 0, UINT64_MAX, 0, UINT64_MAX},
        {"18446744073709551616", 0, UINT64_MAX, SIM_ERANGE, 0},
        {"18446744073709551615k", 0, UINT64_MAX, SIM_ERANGE, 0},
        {"1e19", 0, UINT64_MAX, 0, 10000000000000000000u},
        {"1e20", 0, UINT64_MAX, SIM_ERANGE, 0},
        {"0e99999", 0, 10, 0, 0},
        {"-1", 0, 10, SIM_ERANGE, 0},
        {"1e-99999", 0, 10, SIM_ERANGE, 0},
        {"", 0, 10, SIM_EPARSE, 0},
        {"ten", 0, 10, SIM_EPARSE, 0},
        {"5%", 0, 10, SIM_EPARSE, 0},
        {"0x5", 0, 10, SIM_EPARSE, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t value = 77;
        int error = sim_units_count(rows[i].text, rows[i].minimum, rows[i].maximum, &value);
        bool ok = error == rows[i].error && value == (error == 0 ? rows[i].value : 77);
        if (!ok) fail_msg("\"%s\" gave %d, %llu", rows[i].text, error, (unsigned long long)value);
    }
}

static void test_fraction(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int error;
        double value;
    } rows[] = {
        {"0", 0, 0},
        {"1", 0, 1},
        {"0.25", 0, 0.25},
        {"25%", 0, 0.25},
        {"100%", 0, 1},
        {"0%", 0, 0},
        {"12.5%", 0, 0.125},
        {"0.1%", 0, 0.001},
        {"1e-3", 0, 1e-3},
        {"7%", 0, 0.07},
        {"-0", 0, 0},
        {"1.01", SIM_ERANGE, 0},
        {"-0.1", SIM_ERANGE, 0},
        {"101%", SIM_ERANGE, 0},
        {"1e9", SIM_ERANGE, 0},
        {"1e999%", SIM_ERANGE, 0},
        {"", SIM_EPARSE, 0},
        {"%", SIM_EPARSE, 0},
        {"1%%", SIM_EPARSE, 0},
        {"1 %", SIM_EPARSE, 0},
        {"%1", SIM_EPARSE, 0},
        {"1k%", SIM_EPARSE, 0},
        {"1k", SIM_EPARSE, 0},
        {"nan", SIM_EPARSE, 0},
        {"half", SIM_EPARSE, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double value = -77;
        if (sim_units_fraction(rows[i].text, &value) != rows[i].error)
            fail_msg("wrong answer for \"%s\"", rows[i].text);
        if (value != (rows[i].error == 0 ? rows[i].value : -77))
            fail_msg("\"%s\" gave %g", rows[i].text, value);
    }
}

/* 100 characters are read, 101 are not, in every reader. */
static void test_long_texts(void **state) {
    (void)state;
    char text[5000];
    sim_time time;
    double number;
    uint64_t count;
    memset(text, '0', sizeof text);
    text[100] = '\0';
    assert_int_equal(sim_units_duration(text, &time), 0);
    assert_int_equal(sim_units_number(text, &number), 0);
    assert_int_equal(sim_units_count(text, 0, 1, &count), 0);
    assert_int_equal(sim_units_fraction(text, &number), 0);
    text[100] = '0';
    text[sizeof text - 1] = '\0';
    assert_int_equal(sim_units_duration(text, &time), SIM_EPARSE);
    assert_int_equal(sim_units_number(text, &number), SIM_EPARSE);
    assert_int_equal(sim_units_count(text, 0, 1, &count), SIM_EPARSE);
    assert_int_equal(sim_units_fraction(text, &number), SIM_EPARSE);
}

static void test_number_text(void **state) {
    (void)state;
    static const struct {
        double value;
        const char *text;
    } rows[] = {
        {0, "0"},          {950, "950"},     {1234567, "1.23M"},
        {0.5, "0.5"},      {999.4, "999"},   {999.5, "1k"},
        {1000, "1k"},      {12345, "12.3k"}, {999499, "999k"},
        {999500, "1M"},    {999.5e6, "1G"},  {1e9, "1G"},
        {123e9, "123G"},   {1e12, "1e+12"},  {-1500, "-1.5k"},
        {-0.25, "-0.25"},  {1e-7, "1e-07"},  {-1.23e300, "-1.23e+300"},
        {HUGE_VAL, "inf"}, {NAN, "nan"},
    };
    char text[16];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_string_equal(sim_units_number_text(rows[i].value, text, sizeof text), rows[i].text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_duration),   cmocka_unit_test(test_number),
        cmocka_unit_test(test_count),      cmocka_unit_test(test_fraction),
        cmocka_unit_test(test_long_texts), cmocka_unit_test(test_number_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
