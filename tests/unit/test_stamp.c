/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "sim/record/kind.h"
#include "sim/record/stamp.h"
#include "tests/unit/with_cmocka.h"

static void test_iso(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t seconds, ns;
        sim_time resolution;
        const char *rest; /* NULL: no time */
    } rows[] = {
        {"2023-11-14 22:13:20.000000+00", 1700000000, 0, SIM_MICROSECOND, ""},
        {"2023-11-14 22:13:20 UTC", 1700000000, 0, SIM_SECOND, ""},
        {"2023-11-14 22:13:20 GMT,x", 1700000000, 0, SIM_SECOND, ",x"},
        {"2023-11-14 22:13:20 +0000", 1700000000, 0, SIM_SECOND, ""},
        {"2023-11-14 23:13:20 +01", 1700000000, 0, SIM_SECOND, ""},
        {"2023-11-14 20:43:20 -01:30 x", 1700000000, 0, SIM_SECOND, " x"},
        {"2023-11-14 22:13:20 Z", 1700000000, 0, SIM_SECOND, ""},
        {"2023-11-14t22:13:20z", 1700000000, 0, SIM_SECOND, ""},
        {"2023-11-14 22:13:20 Zebra", 1700000000, 0, SIM_SECOND, " Zebra"},
        {"2023-11-14 22:13:20 UTCS", 1700000000, 0, SIM_SECOND, " UTCS"},
        {"2023-11-14 22:13:20 -5 x", 1700000000, 0, SIM_SECOND, " -5 x"},
        {"2023-11-14 22:13:20,1234567891", 1700000000, 123456789, 1, ""},
        {"2023-11-14 22:13", 1699999980, 0, SIM_MINUTE, ""},
        {"2023-11-14", 1699920000, 0, SIM_DAY, ""},
        {"2023-11-14 x", 1699920000, 0, SIM_DAY, " x"},
        {"2023/11/14 22:13:20x", 1700000000, 0, SIM_SECOND, "x"},
        {"2023/11-14 22:13:20", 0, 0, 0, NULL},
        {"20231114T221320,25Z", 1700000000, 250000000, SIM_SECOND / 100, ""},
        {"20231314T221320Z", 0, 0, 0, NULL},
        {"20231114T2213201", 0, 0, 0, NULL},
        {"20231114221320", 1700000000, 0, SIM_SECOND, ""},
        {"20231114221320.5 x", 1700000000, 500000000, SIM_SECOND / 10, " x"},
        {"20231114 221320Z", 1700000000, 0, SIM_SECOND, ""},
        {"20231114 22:13:20 +0000", 1700000000, 0, SIM_SECOND, ""},
        {"202311142213201", 0, 0, 0, NULL},
        {"20231314221320", 0, 0, 0, NULL},
        {"20231114 x", 0, 0, 0, NULL},
        {"2023-11-14 23:13:20 CET:", 1700000000, 0, SIM_SECOND, ":"},
        {"2023-11-14 22:13:20 CST", 1700000000, 0, SIM_SECOND, " CST"},
        {"2023-11-14 22:13:20 +0000 UTC", 1700000000, 0, SIM_SECOND, ""},
        {"2023-11-14 23:13:20+01:00[Europe/Berlin]", 1700000000, 0, SIM_SECOND, ""},
        {"2023-11-14 23:13:20+01:00[info", 1700000000, 0, SIM_SECOND, "[info"},
        {"2023-11-14Tx", 0, 0, 0, NULL},
        {"2023-02-29", 0, 0, 0, NULL},
        {"2023-11-14T22:13:20+2", 0, 0, 0, NULL},
        {"2023-11-14T22:13:20+25:00", 0, 0, 0, NULL},
        {"2023-11-145", 0, 0, 0, NULL},
        {"1700000000", 0, 0, 0, NULL},
        {"", 0, 0, 0, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        record_stamp s;
        const char *end = record_stamp_iso(rows[i].text, &s);
        if ((end == NULL) != (rows[i].rest == NULL)) fail_msg("%s", rows[i].text);
        if (end == NULL) continue;
        if (strcmp(end, rows[i].rest) != 0) fail_msg("%s leaves %s", rows[i].text, end);
        assert_int_equal(s.seconds, rows[i].seconds);
        assert_int_equal(s.ns, rows[i].ns);
        assert_int_equal(s.resolution, rows[i].resolution);
    }
}

static void test_months_by_name(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t seconds;
        const char *rest;
    } rows[] = {
        {"14 Nov 2023 22:13:20", 1700000000, ""},
        {"Tue, 14 Nov 2023 22:13:20 GMT", 1700000000, ""},
        {"Tue 14 Nov 2023 22:13:20", 1700000000, ""},
        {"14/Nov/2023:23:13:20 +0100] x", 1700000000, "] x"},
        {"14-Nov-2023 22:13:20.25", 1700000000, ""},
        {"Nov 14, 2023 @ 22:13:20.000", 1700000000, ""},
        {"Tue Nov 14 22:13:20 2023 x", 1700000000, " x"},
        {"Wed Nov  1 22:13:20 2023", 1698876800, ""},
        {"Nov 14 22:13:20 x", 0, NULL},
        {"31/Feb/2023:23:13:20", 0, NULL},
        {"14/Nov-2023:23:13:20", 0, NULL},
        {"14 Nov 2023 22:13", 0, NULL},
        {"Nov 14, 2023", 0, NULL},
        {"Tue, ", 0, NULL},
        {"1", 0, NULL},
        {"", 0, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        record_stamp s;
        const char *end = record_stamp_named(rows[i].text, &s);
        if ((end == NULL) != (rows[i].rest == NULL)) fail_msg("%s", rows[i].text);
        if (end == NULL) continue;
        if (strcmp(end, rows[i].rest) != 0) fail_msg("%s leaves %s", rows[i].text, end);
        assert_int_equal(s.seconds, rows[i].seconds);
    }
}

static void test_units(void **state) {
    (void)state;
    assert_true(record_stamp_unit(1700000000) == SIM_SECOND);
    assert_true(record_stamp_unit(-5) == SIM_SECOND);
    assert_true(record_stamp_unit(1700000000000) == SIM_MILLISECOND);
    assert_true(record_stamp_unit(1700000000000000) == SIM_MICROSECOND);
    assert_true(record_stamp_unit(1.7e18) == 1);
}

/* Days of a spreadsheet; a clock that counts seconds from a machine's start is none. */
static void test_sheets(void **state) {
    (void)state;
    assert_true(record_stamp_is_sheet(45244.92592592592, 11, 45246));
    assert_true(record_stamp_is_sheet(45244.9259, 4, 45244.9294));
    assert_false(record_stamp_is_sheet(45244.925912, 6, 45245.925913));
    assert_true(record_stamp_is_sheet(45244, 0, 45244.01)); /* begins at midnight */
    assert_false(record_stamp_is_sheet(45244, 0, 45244));
    assert_false(record_stamp_is_sheet(45244, 0, 45245));
    assert_true(record_stamp_is_sheet(2460263.4259, 4, 2460263.4294));
    assert_false(record_stamp_is_sheet(2460263.4259259259, 10, 2460265.5));
    assert_true(record_stamp_sheet_1970(45244.5) == 25569);
    assert_true(record_stamp_sheet_1970(2460263.4259) == 2440587.5);
    assert_false(record_stamp_is_sheet(12.925912345678, 12, 12.93));
    assert_false(record_stamp_is_sheet(1700000000.01, 2, 1700000000.02));
}

static void test_kinds(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
        const char *name; /* NULL: none */
    } rows[] = {
        {"\x1f\x8b\x08", 3, "a file packed by gzip"},
        {"\xff\xfe\0\0a", 5, "UTF-32 text"},
        {"\xff\xfe"
         "a\0",
         4, "UTF-16 text"},
        {"a\0b\0c\0d\0", 8, "UTF-16 text"},
        {"\0a\0b\0c\0d", 8, "UTF-16 text"},
        {"a\0b\0c\0\0\0", 8, NULL},
        {"\0\0\0\0\0\0\0\0", 8, NULL},
        {"BZ", 2, NULL},
        {"timestamp,value\n", 16, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const record_kind *kind = record_kind_of(rows[i].bytes, rows[i].n);
        if (rows[i].name == NULL)
            assert_null(kind);
        else
            assert_string_equal(kind->name, rows[i].name);
    }
    assert_true(record_kind_is_gzip("\x1f\x8b", 2));
    assert_false(record_kind_is_gzip("BZh", 3));
    assert_false(record_kind_is_gzip("text", 4));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_iso),   cmocka_unit_test(test_months_by_name),
        cmocka_unit_test(test_units), cmocka_unit_test(test_sheets),
        cmocka_unit_test(test_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
