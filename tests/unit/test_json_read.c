/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/record/json_read.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/every_allocation.h"

static void test_good(void **state) {
    (void)state;
    static const char text[] =
        "{\"a\": \"b\", \"n\": 1.5, \"quoted\": \"[[[[[[[[[[[[[[[[[[[[[[[[[\\\"\"}";
    char why[RECORD_JSON_WHY_MAX];
    json_t *root;
    assert_int_equal(record_json_parse(text, strlen(text), "x", &root, why), 0);
    assert_string_equal(record_json_text(root, "a"), "b");
    assert_string_equal(record_json_text(root, "n"), "");
    assert_string_equal(record_json_text(NULL, "a"), "");
    assert_true(record_json_number(root, "n") == 1.5);
    assert_true(isnan(record_json_number(root, "a")));
    assert_true(isnan(record_json_number(json_object_get(root, "a"), "n")));
    json_decref(root);
}

static void test_refused(void **state) {
    (void)state;
    char deep[2 * RECORD_JSON_DEPTH_MAX + 2];
    memset(deep, '[', sizeof deep / 2);
    memset(deep + sizeof deep / 2, ']', sizeof deep / 2);
    const struct {
        const char *text;
        size_t size;
        const char *says;
    } rows[] = {
        {"", 0, "x: line 1, column 0: "},
        {"7", 1, "x: line 1, column 1: "},
        {"{\n\"a\": }", 8, "x: line 2, column 6: "},
        {"{\"a\": 1, \"a\": 2}", 16, "x: line 1, column 12: duplicate object key"},
        {"[]]", 3, "x: line 1, column 3: "},
        {"[\"\xff\"]", 5, "x: line 1, column 2: "},
        {"[\"\\u0000\"]", 10, "x: line 1, column "},
        {"[1e999]", 7, "x: line 1, column "},
        {deep, sizeof deep, "x: line 1, column 25: nested deeper than 24"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char why[RECORD_JSON_WHY_MAX] = "";
        json_t *root;
        int error = record_json_parse(rows[i].text, rows[i].size, "x", &root, why);
        if (error != SIM_EPARSE || root != NULL || strstr(why, rows[i].says) != why)
            fail_msg("row %zu: %d '%s'", i, error, why);
    }
    char why[RECORD_JSON_WHY_MAX];
    json_t *root;
    assert_int_equal(record_json_parse(deep + 1, sizeof deep - 2, "x", &root, why),
                     0); /* 24 is not too deep */
    json_decref(root);
}

static int read_file(size_t most, const char *text, char *why) {
    char path[] = "/tmp/test_json_read.XXXXXX";
    json_t *root = NULL;
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    int error = record_json_file(path, most, &root, why);
    json_decref(root);
    unlink(path);
    return error;
}

static void test_files(void **state) {
    (void)state;
    char why[RECORD_JSON_WHY_MAX];
    json_t *root;
    assert_int_equal(read_file(4, "[ 1]", why), 0);
    assert_int_equal(read_file(4, "[ 1 ]", why), SIM_EPARSE);
    assert_non_null(strstr(why, ": larger than 4 bytes"));
    assert_int_equal(record_json_file("/", 4, &root, why), SIM_EIO);
    assert_string_equal(why, "/: Is a directory");
    assert_int_equal(record_json_file("/no\x1b/where", 4, &root, why), SIM_EIO);
    assert_string_equal(why, "/no?/where: No such file or directory");
}

/* Want of memory is never told as a mistake in the text. */
static int read_once(void *context) {
    char why[RECORD_JSON_WHY_MAX];
    return read_file(1000, context, why);
}

static void test_no_memory(void **state) {
    (void)state;
    static char text[] =
        "{\"a\": [1, 2.5, \"three\", {\"b\": null, \"c\": \"\\u00e4\"}], \"d\": true}";
    assert_int_equal(read_once(text), 0); /* jansson seeds its tables once */
    assert_true(fail_every_allocation(read_once, text) > 10);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
