/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/record/csv.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/with_cmocka.h"

/* The fields of a row with a bar between; "!" behind one whose quote is open. */
static void test_rows(void **state) {
    (void)state;
    static const struct {
        const char *row, *fields;
        char separator;
    } rows[] = {
        {"", "", ','},
        {",", "|", ','},
        {"a,b,c", "a|b|c", ','},
        {"a;b,c", "a|b,c", ';'},
        {"\"a,b\",c", "a,b|c", ','},
        {"\"say \"\"hi\"\"\",", "say \"hi\"|", ','},
        {"\"\",\"\"", "|", ','},
        {"a\"b,c\"", "a\"b|c\"", ','}, /* a quote in the middle is one of the text */
        {"\"a\"b,c", "ab|c", ','},
        {"\"a,b", "a,b!", ','},
        {"a,\"", "a|!", ','},
        {"\"a\"\"", "a\"!", ','},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char row[40], seen[60] = "", *field;
        snprintf(row, sizeof row, "%s", rows[i].row);
        for (char *at = row; at != NULL;) {
            bool closed = record_csv_take(&at, rows[i].separator, &field);
            strcat(strcat(strcat(seen, field), closed ? "" : "!"), at != NULL ? "|" : "");
        }
        assert_string_equal(seen, rows[i].fields);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
