/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_examine_stream.c - CSV in, CSV out: columns, keys, chunks of any size, and rows that cannot
 * be scored. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/random.h"
#include "sim/examine/stream.h"
#include "tests/unit/every_allocation.h"

enum { TEXT_MAX = 1 << 20 };

/* Pushes `text` in pieces of `piece` bytes; the output is added to `out`. */
static int examine(examine_stream *e, const char *text, size_t piece, char *out) {
    size_t n = strlen(text), got = 0;
    int error = 0;
    for (size_t at = 0; at < n && error == 0;) {
        size_t taken, ready;
        error = examine_stream_push(e, text + at, n - at < piece ? n - at : piece, &taken);
        at += taken;
        const char *output = examine_stream_output(e, &ready);
        memcpy(out + got, output, ready);
        got += ready;
        examine_stream_drop(e);
    }
    if (error == 0) error = examine_stream_end(e);
    size_t ready;
    const char *output = examine_stream_output(e, &ready);
    memcpy(out + got, output, ready);
    out[got + ready] = '\0';
    return error;
}

static examine_detector_settings quick(void) {
    examine_detector_settings s = examine_detector_default;
    s.warm_up = 32;
    return s;
}

static const struct {
    const char *name, *input, *output;
    examine_stream_settings settings;
    examine_row trouble; /* expected once; EXAMINE_ROWS: none */
    bool headless;
} cases[] = {
    {"header",
     "timestamp,value\n2026-03-01 00:00:00,1\n",
     "timestamp,value,score,alarm\n2026-03-01 00:00:00,1,,0\n",
     {0},
     EXAMINE_ROWS,
     false},
    {"no line end",
     "timestamp,value\n1,1",
     "timestamp,value,score,alarm\n1,1,,0\n",
     {0},
     EXAMINE_ROWS,
     false},
    {"CRLF",
     "timestamp,value\r\n1,1\r\n",
     "timestamp,value,score,alarm\n1,1,,0\n",
     {0},
     EXAMINE_ROWS,
     false},
    {"byte order mark",
     "\xef\xbb\xbftimestamp,value\n1,1\n",
     "timestamp,value,score,alarm\n1,1,,0\n",
     {0},
     EXAMINE_ROWS,
     false},
    {"blank lines",
     "\n\ntimestamp,value\n\n1,1\n\n",
     "timestamp,value,score,alarm\n1,1,,0\n",
     {0},
     EXAMINE_ROWS,
     false},
    {"other order",
     "x,value,timestamp\n0,5,1\n",
     "timestamp,value,score,alarm\n1,5,,0\n",
     {0},
     EXAMINE_ROWS,
     false},
    {"own names",
     "at;,t,reading\n,1,5\n",
     "timestamp,value,score,alarm\n1,5,,0\n",
     {.timestamp = "t", .value = "reading"},
     EXAMINE_ROWS,
     false},
    {"column numbers",
     "7,1,5\n7,2,5\n",
     "timestamp,value,score,alarm\n1,5,,0\n2,5,,0\n",
     {.timestamp = "2", .value = "3"},
     EXAMINE_ROWS,
     true},
    {"numbers below a header",
     "a,b\n1,5\n",
     "timestamp,value,score,alarm\n1,5,,0\n",
     {.timestamp = "1", .value = "2"},
     EXAMINE_ROWS,
     false},
    {"no header",
     "1,5\n2,6\n",
     "timestamp,value,score,alarm\n1,5,,0\n2,6,,0\n",
     {0},
     EXAMINE_ROWS,
     true},
    {"no header, keys",
     "1,5,a\n",
     "timestamp,value,score,alarm,key\n1,5,,0,a\n",
     {.key = "device"},
     EXAMINE_ROWS,
     true},
    {"keys",
     "timestamp,value,id\n1,5,\"a,b\"\n",
     "timestamp,value,score,alarm,key\n1,5,,0,\"a,b\"\n",
     {.key = "id"},
     EXAMINE_ROWS,
     false},
    {"semicolons and decimal commas",
     "timestamp;value\n1;19,12\n\"2\";1.5\n",
     "timestamp,value,score,alarm\n1,\"19,12\",,0\n2,1.5,,0\n",
     {0},
     EXAMINE_ROWS,
     false},
    {"the same without a header",
     "1700000000;19,12\n",
     "timestamp,value,score,alarm\n1700000000,\"19,12\",,0\n",
     {0},
     EXAMINE_ROWS,
     true},
    {"tabs",
     "value\ttimestamp\n5\t1\n",
     "timestamp,value,score,alarm\n1,5,,0\n",
     {0},
     EXAMINE_ROWS,
     false},
    {"a comma is no point between commas",
     "timestamp,value\n1,5\n2,\"5,1\"\n",
     "timestamp,value,score,alarm\n1,5,,0\n2,\"5,1\",,0\n",
     {0},
     EXAMINE_ROW_VALUE,
     false},
    {"milliseconds backwards",
     "timestamp,value\n1700000000000,1\n1699999999,1\n",
     "timestamp,value,score,alarm\n1700000000000,1,,0\n1699999999,1,,0\n",
     {0},
     EXAMINE_ROW_BACKWARDS,
     false},
    {"no number",
     "timestamp,value\n1,nan\n2,1\n",
     "timestamp,value,score,alarm\n1,nan,,0\n2,1,,0\n",
     {0},
     EXAMINE_ROW_VALUE,
     false},
    {"infinity",
     "timestamp,value\n1,-inf\n",
     "timestamp,value,score,alarm\n1,-inf,,0\n",
     {0},
     EXAMINE_ROW_VALUE,
     false},
    {"too large",
     "timestamp,value\n1,1e999\n",
     "timestamp,value,score,alarm\n1,1e999,,0\n",
     {0},
     EXAMINE_ROW_VALUE,
     false},
    {"no value",
     "timestamp,value\n1,\n",
     "timestamp,value,score,alarm\n1,,,0\n",
     {0},
     EXAMINE_ROW_VALUE,
     false},
    {"no time",
     "timestamp,value\nnoon,1\n",
     "timestamp,value,score,alarm\nnoon,1,,0\n",
     {0},
     EXAMINE_ROW_TIME,
     false},
    {"missing column",
     "timestamp,value\n1\n",
     "timestamp,value,score,alarm\n1,,,0\n",
     {0},
     EXAMINE_ROW_FIELDS,
     false},
    {"empty key",
     "timestamp,value,id\n1,5,\n",
     "timestamp,value,score,alarm,key\n1,5,,0,\n",
     {.key = "id"},
     EXAMINE_ROW_KEY,
     false},
    {"backwards",
     "timestamp,value\n2,1\n1,1\n",
     "timestamp,value,score,alarm\n2,1,,0\n1,1,,0\n",
     {0},
     EXAMINE_ROW_BACKWARDS,
     false},
    {"too many series",
     "timestamp,value,id\n1,5,a\n1,5,b\n2,5,a\n",
     "timestamp,value,score,alarm,key\n1,5,,0,a\n1,5,,0,b\n2,5,,0,a\n",
     {.key = "id", .series_max = 1},
     EXAMINE_ROW_SERIES,
     false},
};

/* What ends the examination, wherever the bytes are parted. */
static void refused_inputs(void **state) {
    (void)state;
    static const struct {
        const char *input, *why;
    } rows[] = {
        {"\xff\xfet", "UTF-16 text, which is not read: "},
        {"\x1f\x8b\x08", "a file packed by gzip, which is not read: "},
        {"when,value\n1,2\n", "no column \"timestamp\" (line 1): name one of when, value"},
        {"when;value\n1;2\n", "no column \"timestamp\" (line 1): name one of when, value"},
        {"timestamp,value\n1,x\x1b\nsoon,1\n",
         "not one of 2 rows could be read (line 2, \"x?\"): "},
        {"timestamp,value\n45244.92,1\n45244.925,1\n", "times such as 45244.92 look like days "},
        {"timestamp,value\n45244.92592592592,1\n", "times such as 45244.92593 look like days "},
    };
    static char out[TEXT_MAX];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t piece = 1; piece < 64; piece = piece * 2 + 1) {
            examine_stream *e = examine_stream_new(&(examine_stream_settings){0});
            assert_non_null(e);
            assert_int_equal(examine(e, rows[i].input, piece, out), SIM_EPARSE);
            if (strstr(examine_stream_why(e), rows[i].why) != examine_stream_why(e))
                fail_msg("row %zu: %s", i, examine_stream_why(e));
            examine_stream_free(e);
        }
    /* seconds since a machine's start are none of these */
    examine_stream *e = examine_stream_new(&(examine_stream_settings){0});
    assert_int_equal(examine(e, "timestamp,value\n45244.92,1\n45245.92,1\n", 9, out), 0);
    examine_stream_free(e);
}

static void rows_are_answered(void **state) {
    (void)state;
    static char out[TEXT_MAX];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (size_t piece = 1; piece < 64; piece = piece * 2 + 1) {
            examine_stream *e = examine_stream_new(&cases[i].settings);
            assert_non_null(e);
            int error = examine(e, cases[i].input, piece, out);
            assert_int_equal(error, examine_stream_count(e)->read == 0 ? SIM_EPARSE : 0);
            assert_true((error != 0) == (examine_stream_why(e)[0] != '\0'));
            if (strcmp(out, cases[i].output) != 0) fail_msg("%s: got\n%s", cases[i].name, out);
            const examine_stream_counts *c = examine_stream_count(e);
            for (examine_row r = 0; r < EXAMINE_ROWS; r++) {
                assert_int_equal(c->trouble[r], r == cases[i].trouble ? 1 : 0);
                if (r == cases[i].trouble) assert_true(c->first_line[r] >= 2);
            }
            assert_int_equal(c->headless, cases[i].headless);
            examine_stream_free(e);
        }
}

static void what_lacks_a_column_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *input, *why;
        examine_stream_settings settings;
    } bad[] = {
        {"a,b\n1,2\n", "no column \"timestamp\" (line 1): name one of a, b", {0}},
        {"timestamp,b\n1,2\n", "no column \"value\" (line 1): name one of timestamp, b", {0}},
        {"timestamp,value\n1,2\n",
         "no column \"id\" (line 1): name one of timestamp, value",
         {.key = "id"}},
        {"1,2\n3,4\n",
         "no column \"timestamp\" (line 1): name one of 1, 2",
         {.key = "id"}}, /* no header, and no third column */
        {"timestamp,value\n1,2\n",
         "no column \"9\" (line 1): name one of timestamp, value",
         {.value = "9"}},
        {"t,v\n1,2\n", "no column \"a\x1b\" (line 1): name one of t, v", {.timestamp = "a\x1b"}},
    };
    static char out[TEXT_MAX];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        examine_stream *e = examine_stream_new(&bad[i].settings);
        assert_non_null(e);
        assert_int_equal(examine(e, bad[i].input, 100, out), SIM_EPARSE);
        assert_string_equal(examine_stream_why(e), bad[i].why);
        examine_stream_free(e);
    }
}

/* Three devices, noise, and one outlier in device 1. */
static void write_devices(char *text, int only) {
    sim_stream random[3];
    for (int k = 0; k < 3; k++) random[k] = sim_stream_for(1, SIM_PURPOSE_DEVICE, (uint64_t)k);
    text += sprintf(text, "timestamp,value,id\n");
    for (int i = 0; i < 900; i++)
        for (int k = 0; k < 3; k++) {
            const double x = sim_stream_normal(&random[k]) + (i == 800 && k == 1 ? 50 : 0);
            if (only < 0 || only == k) text += sprintf(text, "%d,%.3f,device-%d\n", i * 300, x, k);
        }
}

/* The lines of one key. */
static void lines_of(const char *text, const char *key, char *out) {
    for (const char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        const size_t n = strlen(key);
        if ((size_t)(end - line) < n || memcmp(end - n, key, n) != 0) continue;
        memcpy(out, line, (size_t)(end - line) + 1);
        out += end - line + 1;
    }
    *out = '\0';
}

static void series_do_not_disturb_each_other(void **state) {
    (void)state;
    static char text[TEXT_MAX], all[TEXT_MAX], one[TEXT_MAX], of_all[TEXT_MAX], of_one[TEXT_MAX];
    const examine_stream_settings s = {.key = "id"};
    for (int k = 0; k < 3; k++) {
        char key[16];
        snprintf(key, sizeof key, "device-%d", k);
        examine_stream *together = examine_stream_new(&s), *alone = examine_stream_new(&s);
        write_devices(text, -1);
        assert_int_equal(examine(together, text, 4096, all), 0);
        write_devices(text, k);
        assert_int_equal(examine(alone, text, 777, one), 0);
        lines_of(all, key, of_all);
        lines_of(one, key, of_one);
        assert_string_equal(of_all, of_one);
        assert_int_equal(examine_stream_count(together)->series, 3);
        assert_int_equal(examine_stream_count(together)->scored, 3 * 650);
        assert_int_equal(examine_stream_count(together)->lines, 2701);
        assert_int_equal(strstr(of_all, "240000,5") != NULL || strstr(of_all, "240000,4") != NULL,
                         k == 1);
        if (k == 1) { /* the outlier is an alarm */
            const char *line = strstr(of_all, "\n240000,") + 1;
            assert_int_equal(strchr(line, '\n')[-10], '1');
        }
        examine_stream_free(together);
        examine_stream_free(alone);
    }
}

static void long_lines_are_dropped(void **state) {
    (void)state;
    static char text[3 * EXAMINE_STREAM_LINE_MAX], out[TEXT_MAX];
    for (size_t length = EXAMINE_STREAM_LINE_MAX - 2; length <= EXAMINE_STREAM_LINE_MAX + 2;
         length++) {
        char *p = text + sprintf(text, "timestamp,value,more\n1,1,");
        memset(p, 'x', length - 4);
        sprintf(p + length - 4, "\n2,2,\n");
        examine_stream *e = examine_stream_new(&(examine_stream_settings){0});
        assert_int_equal(examine(e, text, 500, out), 0);
        const bool too_long = length > EXAMINE_STREAM_LINE_MAX;
        assert_int_equal(examine_stream_count(e)->trouble[EXAMINE_ROW_LONG], too_long);
        assert_string_equal(out, too_long ? "timestamp,value,score,alarm\n,,,0\n2,2,,0\n"
                                          : "timestamp,value,score,alarm\n1,1,,0\n2,2,,0\n");
        examine_stream_free(e);
    }
}

/* Many keys: memory stays where the bound says. */
static void many_keys_are_bounded(void **state) {
    (void)state;
    enum { BOUND = 100, KEYS = 20000 };
    static char line[64];
    const sim_heap_use before = sim_heap_in_use();
    examine_stream *e =
        examine_stream_new(&(examine_stream_settings){.key = "id", .series_max = BOUND});
    size_t taken;
    assert_int_equal(examine_stream_push(e, "timestamp,value,id\n", 19, &taken), 0);
    const sim_heap_use fixed = sim_heap_in_use();
    for (int i = 0; i < KEYS; i++) {
        const int n = snprintf(line, sizeof line, "%d,1,key-%d\n", i, i);
        assert_int_equal(examine_stream_push(e, line, (size_t)n, &taken), 0);
        assert_int_equal(taken, n);
        examine_stream_drop(e);
    }
    assert_int_equal(examine_stream_count(e)->series, BOUND);
    assert_int_equal(examine_stream_count(e)->trouble[EXAMINE_ROW_SERIES], KEYS - BOUND);
    assert_true(sim_heap_in_use().bytes - fixed.bytes <= BOUND * EXAMINE_SERIES_BYTES + 16384);
    examine_stream_free(e);
    assert_int_equal(sim_heap_in_use().blocks, before.blocks);
}

/* A full output takes no more, and loses nothing. */
static void a_full_output_waits(void **state) {
    (void)state;
    static char text[TEXT_MAX];
    char *p = text + sprintf(text, "timestamp,value\n");
    for (int i = 0; i < 20000; i++) p += sprintf(p, "%d,%d\n", i, i % 10);
    const size_t n = (size_t)(p - text);
    examine_stream *e = examine_stream_new(&(examine_stream_settings){0});
    size_t taken, more, ready, rows = 0;
    assert_int_equal(examine_stream_push(e, text, n, &taken), 0);
    assert_true(taken < n);
    assert_int_equal(examine_stream_push(e, text + taken, n - taken, &more), 0);
    assert_int_equal(more, 0);
    for (size_t at = taken;; at += taken) {
        const char *output = examine_stream_output(e, &ready);
        for (size_t i = 0; i < ready; i++) rows += output[i] == '\n';
        examine_stream_drop(e);
        if (at == n) break;
        assert_int_equal(examine_stream_push(e, text + at, n - at, &taken), 0);
    }
    assert_int_equal(rows, 20001);
    examine_stream_free(e);
}

static int attempt(void *context) {
    static char out[TEXT_MAX];
    const examine_detector_settings detector = quick();
    examine_stream *e =
        examine_stream_new(&(examine_stream_settings){.key = "id", .detector = &detector});
    if (e == NULL) return SIM_ENOMEM;
    const int error = examine(e, context, 4096, out);
    examine_stream_free(e);
    return error;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    static char text[TEXT_MAX];
    char *p = text + sprintf(text, "timestamp,value,id\n");
    for (int i = 0; i < 200; i++) p += sprintf(p, "%d,%d,%d\n", i, i, i % 100);
    assert_true(fail_every_allocation(attempt, text) > 100);
}

static void troubles_have_a_sentence(void **state) {
    (void)state;
    for (examine_row r = 0; r < EXAMINE_ROWS; r++) assert_true(strlen(examine_row_text(r)) > 10);
    assert_string_equal(examine_row_text(EXAMINE_ROWS), "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_answered),
        cmocka_unit_test(refused_inputs),
        cmocka_unit_test(what_lacks_a_column_is_refused),
        cmocka_unit_test(series_do_not_disturb_each_other),
        cmocka_unit_test(long_lines_are_dropped),
        cmocka_unit_test(many_keys_are_bounded),
        cmocka_unit_test(a_full_output_waits),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(troubles_have_a_sentence),
    };
    return cmocka_run_group_tests_name("examine_stream", tests, NULL, NULL);
}
