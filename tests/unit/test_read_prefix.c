/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "sim/read/json.h"
#include "sim/read/prefix.h"
#include "tests/unit/with_cmocka.h"

/* Everything that can be taken off is; what is left, when, and by whom. */
static void test_prefixes(void **state) {
    (void)state;
    static const struct {
        const char *line, *left;
        double time_s; /* 0: none */
        const char *ident;
    } rows[] = {
        {"roses are red", "roses are red", 0, NULL},
        {"1700000000: New", "1700000000: New", 0, NULL},
        {"2023-11-14T22:13:20: New", "2023-11-14T22:13:20: New", 0, NULL},
        {"2023-11-14T22:13:20Z 1700000000: New", "1700000000: New", 1700000000, NULL},
        {"a | b", "b", 0, NULL},
        {"a| b", "a| b", 0, NULL},
        {"\x1b[36ma-1  | \x1b[0mb", "b", 0, NULL},
        {"2023-11-14T22:13:20Z stdout F x", "x", 1700000000, NULL},
        {"2023-11-14T22:13:20Z stdout FP x", "x", 1700000000, NULL},
        {"2023-11-14T22:13:20Z stdout X x", "stdout X x", 1700000000, NULL},
        {"Nov 14 22:13:20 h p[1]: x", "x", 974240000, "p"},
        {"Feb 29 00:00:00.5 h p: x", "x", 951782400.5, "p"},
        {"Feb 30 00:00:00 h p: x", "Feb 30 00:00:00 h p: x", 0, NULL},
        {"Nov  4 22:13:20 x", "x", 973376000, NULL},
        {"Tue 2023-11-14 23:13:20 CET h p.service[1]: x", "x", 1700000000, "p.service"},
        {"1700000000.25 h p[1]: x", "x", 1700000000.25, "p"},
        {"1700000000 h p[1]: x", "1700000000 h p[1]: x", 0, NULL},
        {"[   12.500000] p: x", "x", 12.5, "p"},
        {"[12.5 <  0.1 >] p: x", "x", 12.5, "p"},
        {"[08:13:20] INFO: x", "[08:13:20] INFO: x", 0, NULL},
        {"<30>Nov 14 22:13:20 h p: x", "x", 974240000, "p"},
        {"<30>1 2023-11-14T22:13:20Z h p 1 - - x", "x", 1700000000, "p"},
        {"<30>1 - h p 1 - [a b=\"\\\"]\"] x", "x", 0, "p"},
        {"<30>1 - h p 1 -", "<30>1 - h p 1 -", 0, NULL},
        {"<3000>x", "<3000>x", 0, NULL},
        {"{\"log\": \"\\u00e4 \\\"x\\\"\\r\\n\", \"time\": \"2023-11-14T22:13:20Z\"}",
         "\xc3\xa4 \"x\"", 1700000000, NULL},
        {"{\"MESSAGE\":\"x\",\"__REALTIME_TIMESTAMP\":\"1700000000250000\"}", "x", 1700000000.25,
         NULL},
        {"{\"MESSAGE\":[1,2]}", "{\"MESSAGE\":[1,2]}", 0, NULL},
        {"{\"log\":\"x", "{\"log\":\"x", 0, NULL},
        {"c | {\"log\":\"2023-11-14T22:13:20Z x\"}", "x", 1700000000, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char line[256];
        snprintf(line, sizeof line, "%s", rows[i].line);
        read_wrapped w = {.text = line};
        while (read_prefix_take(&w)) continue;
        if (strcmp(w.text, rows[i].left) != 0) fail_msg("row %zu: %s", i, w.text);
        assert_true(w.timed == (rows[i].time_s > 0));
        if (w.timed && (double)w.ns != rows[i].time_s * 1e9)
            fail_msg("row %zu: %f", i, (double)w.ns);
        assert_true((w.ident != NULL) == (rows[i].ident != NULL));
        if (w.ident != NULL) assert_memory_equal(w.ident, rows[i].ident, strlen(rows[i].ident));
    }
}

static void test_json_paths(void **state) {
    (void)state;
    static const char object[] =
        "{\"a\": {\"b\": {\"c\": \"d\"}}, \"x.y\": 5, \"s\": \"{\\\"id\\\": \\\"q\\\\\\\"\\\"}\", "
        "\"n\": null, \"l\": [1], \"e\": \"\\ud83d\\ude00\\ud83d\\u12\\q\", \"t\": true}";
    static const struct {
        const char *path, *value; /* NULL: there is none */
    } rows[] = {{"a.b.c", "d"},  {"x.y", "5"},
                {"s.id", "q\""}, {"n", NULL},
                {"l", "[1]"},    {"e", "\xf0\x9f\x98\x80??12?"},
                {"t", "true"},   {"a.b", "{\"c\": \"d\"}"},
                {"a.c", NULL},   {"z", NULL},
                {"l.0", NULL},   {"", NULL}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char out[READ_JSON_VALUE_MAX];
        bool found = read_json_get(object, rows[i].path, out);
        assert_true(found == (rows[i].value != NULL));
        if (found && strcmp(out, rows[i].value) != 0) fail_msg("%s: %s", rows[i].path, out);
    }
    char out[READ_JSON_VALUE_MAX];
    assert_false(read_json_get("[1]", "a", out));
    assert_false(read_json_get("{\"a\": ", "a.b", out));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prefixes),
        cmocka_unit_test(test_json_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
