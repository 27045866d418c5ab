/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_data.c - a table whose columns stand in a dialect, and what is no such table. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/dialect.h"
#include "sim/cli/data.h"
#include "sim/cli/dialect.h"
#include "sim/core/heap.h"
#include "tests/unit/with_cmocka.h"

/* Read from a file of that content, which is gone then. */
static cli_exit read_table(const char *text, size_t n, bool per_request, cli_data **out,
                           cli_trouble *t) {
    char path[] = "/tmp/blackstart-data-XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, text, n), n);
    (void)close(descriptor);
    cli_exit trouble = cli_data_read(path, per_request, out, t);
    (void)unlink(path);
    return trouble;
}

static char said[512];

static int say(void *context, const net_dialect_message *m) {
    (void)context;
    (void)snprintf(said + strlen(said), sizeof said - strlen(said), "%s %.*s;", m->topic,
                   (int)m->size, (const char *)m->payload);
    return 0;
}

/* What devices 0, 1 and 2 say, twice. */
static const char *reports(bool per_request) {
    static const char table[] =
        "\xef\xbb\xbf"
        "room,level,on\r\n\n# two rows\n\"a,b\",7,true\nc,x,\n";
    static const char file[] =
        "{\"title\": \"t\", \"report\": [{\"topic\": \"${room}\", \"payload\": [\"${level}\", "
        "\"${on}\", \"${level}!\"]}]}";
    char why[200];
    cli_trouble t = {0};
    cli_data *data = NULL;
    if (read_table(table, sizeof table - 1, per_request, &data, &t) != CLI_EXIT_PASS)
        fail_msg("%s", t.line);
    const net_dialect *d = cli_dialect_parse(file, sizeof file - 1, why, sizeof why);
    assert_non_null(d);
    cli_dialect_use(d, data);
    said[0] = '\0';
    for (uint32_t i = 0; i < 6; i++) {
        const net_dialect_words w = {.device = "bs", .number = i / 2};
        assert_int_equal(d->calls->speak(d, NET_DIALECT_REPORTS, &w, say, NULL), 0);
    }
    cli_dialect_free(d);
    cli_data_free(data);
    return said;
}

#define FIRST "a,b [7,true,\"7!\"];"
#define SECOND "c [\"x\",\"\",\"x!\"];"

static void rows_stand_in_templates(void **state) {
    (void)state;
    const sim_heap_use before = sim_heap_in_use();
    assert_string_equal(reports(false), FIRST FIRST SECOND SECOND FIRST FIRST);
    assert_string_equal(reports(true), FIRST SECOND FIRST SECOND FIRST SECOND);
    assert_int_equal(sim_heap_in_use().blocks, before.blocks);
}

static void what_is_no_table(void **state) {
    (void)state;
#define ROW(text, why) \
    { text, sizeof(text) - 1, why }
    static const struct {
        const char *text;
        size_t n;
        const char *why;
    } rows[] = {
        ROW("", "line 0): give a line of names"),
        ROW("a,b\n", "no row"),
        ROW("a,,b\n1,2,3\n", "line 1): name it"),
        ROW("a,device\n1,2\n", "word of dialects"),
        ROW("a,b,a\n1,2,3\n", "two columns have one name"),
        ROW("a,b\n1,2\n\n1\n", "fewer fields than columns"),
        ROW("a,b\n1,2,3\n", "line 2): quote what has commas"),
        ROW("a,b\n1,\"2\n", "a quote that is never closed"),
        ROW("a\n1\0\n", "a byte 0 in it"),
    };
#undef ROW
    const sim_heap_use before = sim_heap_in_use();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cli_trouble t = {0};
        cli_data *data = NULL;
        assert_int_equal(read_table(rows[i].text, rows[i].n, false, &data, &t), CLI_EXIT_USAGE);
        if (strstr(t.line, rows[i].why) == NULL) fail_msg("row %zu says: %s", i, t.line);
        assert_null(data);
    }
    assert_int_equal(sim_heap_in_use().blocks, before.blocks);
}

static void what_is_too_long(void **state) {
    (void)state;
    static char text[CLI_DATA_LINE_MAX + 16] = "a\n";
    cli_trouble t = {0};
    cli_data *data = NULL;
    memset(text + 2, 'x', CLI_DATA_LINE_MAX);
    assert_int_equal(read_table(text, strlen(text), false, &data, &t), CLI_EXIT_PASS);
    cli_data_free(data);
    text[2 + CLI_DATA_LINE_MAX] = 'x';
    assert_int_equal(read_table(text, strlen(text), false, &data, &t), CLI_EXIT_USAGE);
    assert_non_null(strstr(t.line, "more than 4,096 bytes"));
    assert_int_equal(cli_data_read("/no/such.csv", false, &data, &t), CLI_EXIT_USAGE);
    assert_non_null(strstr(t.line, "cannot open the table"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_stand_in_templates),
        cmocka_unit_test(what_is_no_table),
        cmocka_unit_test(what_is_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
