/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_csv.c - lines, times and numbers as platforms write them, and what is none. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/random.h"
#include "sim/examine/csv.h"
#include "tests/unit/with_cmocka.h"

static examine_field field(const char *text) {
    return (examine_field){text, strlen(text)};
}

static void lines_are_split(void **state) {
    (void)state;
    static const struct {
        const char *line;
        size_t n;
        const char *fields[4];
    } cases[] = {
        {"a,b,c", 3, {"a", "b", "c"}},
        {"", 1, {""}},
        {"\r", 1, {""}},
        {",", 2, {"", ""}},
        {"a,b\r", 2, {"a", "b"}},
        {" a , b\t,c ", 3, {"a", "b", "c"}},
        {"\"a,b\",c", 2, {"a,b", "c"}},
        {"\"say \"\"hi\"\"\",x", 2, {"say \"hi\"", "x"}},
        {"\"never closed,x", 1, {"never closed,x"}},
        {"\"a\" rest,b", 2, {"a", "b"}},
        {"\"\",\"\"", 2, {"", ""}},
        {"a,b,c,d,e", 4, {"a", "b", "c", "d"}}, /* the fifth has no place */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char line[64];
        examine_field fields[4];
        strcpy(line, cases[i].line);
        assert_int_equal(examine_csv_split(line, strlen(line), ',', fields, 4), cases[i].n);
        for (size_t k = 0; k < cases[i].n; k++)
            assert_true(examine_csv_is(fields[k], cases[i].fields[k]));
    }
}

static void times_are_read(void **state) {
    (void)state;
    static const struct {
        const char *text;
        double seconds;
    } cases[] = {
        {"1970-01-01 00:00:00", 0},
        {"2014-04-10 07:15:00", 1397114100},
        {"2014-04-10 07:15:00.000000", 1397114100},
        {"2014-04-10T07:15:00Z", 1397114100},
        {"2014-04-10t07:15:00z", 1397114100},
        {"2014-04-10T09:15:00+02:00", 1397114100},
        {"2014-04-10T01:45:00-0530", 1397114100},
        {"2014-04-10 07:15", 1397114100},
        {"2014-04-10", 1397088000},
        {"2024-02-29 23:59:60", 1709251200},
        {"2000-02-29", 951782400},
        {"1969-12-31 23:59:59", -1},
        {"0001-01-01", -62135596800},
        {"9999-12-31", 253402214400},
        {"2014-04-10 07:15:00.25", 1397114100.25},
        {"1397114100", 1397114100},
        {"1397114100.5", 1397114100.5},
        {"-5", -5},
        {"1397114100000", 1397114100},
        {"1397114100250.5", 1397114100.2505},
        {"1397114100000000", 1397114100},
        {"1397114100000000000", 1397114100},
        {"2014-04-10 07:15:00+00", 1397114100},
        {"2014-04-10 07:15:00 UTC", 1397114100},
        {"2014-04-10 07:15:00 +0000", 1397114100},
        {"2014-04-10 09:15:00,5 +0200", 1397114100.5},
        {"20140410071500", 1397114100},
        {"20140410 07:15:00", 1397114100},
        {"Thu, 10 Apr 2014 09:15:00 +0200", 1397114100},
        {"10/Apr/2014:07:15:00 +0000", 1397114100},
        {"Apr 10, 2014 @ 07:15:00.250", 1397114100.25},
        {"130415877000000000", 1397114100},
        {"635327109000000000", 1397114100},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double seconds = NAN;
        assert_true(examine_csv_time(field(cases[i].text), &seconds));
        if (fabs(seconds - cases[i].seconds) > 1e-6) fail_msg("%s gave %f", cases[i].text, seconds);
    }
}

static void what_is_no_time_is_refused(void **state) {
    (void)state;
    static const char *const cases[] = {"",
                                        "yesterday",
                                        "2014-13-01",
                                        "2014-00-01",
                                        "2014-02-29",
                                        "1900-02-29",
                                        "2014-04-31",
                                        "0000-01-01",
                                        "2014-04-10 24:00:00",
                                        "2014-04-10 07:60:00",
                                        "2014-04-10 07:15:61",
                                        "2014-04-10 07:15:00 ",
                                        "2014-04-10 07:15:00+25:00",
                                        "2014-04-10 07:15:00+",
                                        "2014-04-10X07:15:00",
                                        "10.04.2014 07:15:00",
                                        "10 Apr 2014",
                                        "2014-04-10T",
                                        "2014-4-10",
                                        "2014-04-1",
                                        "20140-4-10",
                                        "nan",
                                        "inf",
                                        "0x10",
                                        "10:15:00"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double seconds = 7;
        if (examine_csv_time(field(cases[i]), &seconds)) fail_msg("%s was read", cases[i]);
        assert_true(seconds == 7);
    }
}

static void numbers_are_read_as_strtod_does(void **state) {
    (void)state;
    static const char *const cases[] = {"0",
                                        "-0",
                                        "1.5",
                                        ".5",
                                        "5.",
                                        "+3",
                                        "1e3",
                                        "1E-3",
                                        "123456789012345678901234567890",
                                        "1e308",
                                        "4.9e-324",
                                        "1e-400",
                                        "0.1",
                                        "0.0819647355164",
                                        "9007199254740993",
                                        "1.7976931348623157e308",
                                        "2.2250738585072011e-308",
                                        "00012"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double x = NAN;
        assert_true(examine_csv_number(field(cases[i]), false, &x));
        const double wanted = strtod(cases[i], NULL);
        assert_memory_equal(&x, &wanted, sizeof x);
    }
    sim_stream random = sim_stream_for(1, SIM_PURPOSE_CALIBRATION, 3);
    for (int i = 0; i < 20000; i++) {
        char text[64];
        double x = NAN;
        snprintf(
            text, sizeof text, "%.*g", 1 + (int)sim_stream_below(&random, 19),
            ldexp(sim_stream_unit(&random) - 0.5, (int)sim_stream_between(&random, -200, 200)));
        assert_true(examine_csv_number(field(text), false, &x));
        if (x != strtod(text, NULL)) fail_msg("%s", text);
    }
}

static void what_is_no_number_is_refused(void **state) {
    (void)state;
    static const char *const cases[] = {
        "",          "-",
        ".",         "+.",
        "e5",        "1e",
        "1e+",       "nan",
        "NaN",       "inf",
        "-Infinity", "0x1p3",
        "1,5",       "1 2",
        "1..2",      "1.2.3",
        "--1",       "1e309",
        "1f",        "12345678901234567890123456789012345678901234567890123456789012345"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double x = 7;
        if (examine_csv_number(field(cases[i]), false, &x)) fail_msg("%s was read", cases[i]);
        assert_true(x == 7);
    }
}

static void what_is_written_is_read_again(void **state) {
    (void)state;
    static const char *const cases[] = {"", "plain", "a,b", "say \"hi\"", " blank ", "\"", ","};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[64];
        examine_field back;
        const size_t n = examine_csv_write(field(cases[i]), out);
        assert_true(n <= 2 * strlen(cases[i]) + 2);
        assert_int_equal(examine_csv_split(out, n, ',', &back, 1), 1);
        assert_true(examine_csv_is(back, cases[i]));
    }
    char out[16];
    /* steers no terminal */
    assert_int_equal(examine_csv_write((examine_field){"a\x1b[1m\n", 6}, out), 6);
    assert_memory_equal(out, "a?[1m?", 6);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_split),
        cmocka_unit_test(times_are_read),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(numbers_are_read_as_strtod_does),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(what_is_written_is_read_again),
    };
    return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
