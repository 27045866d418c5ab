/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of faults: each is whole, its usual order is one that its own fields allow, and the
 * documentation has a line for it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/anomaly.h"
#include "sim/fleet/fault_orders.h"
#include "tests/unit/with_cmocka.h"

/* NULL, or what a row lacks. */
static const char *lacks(const fleet_fault *f) {
    if (f->verb == NULL || f->help == NULL) return "a word or a sentence";
    if (f->trigger != NULL && (f->size < sizeof(const char *) || f->usual == NULL))
        return "an order that begins with its trigger";
    if (f->trigger != NULL && strcmp(*(const char *const *)f->usual, f->trigger) != 0)
        return "a usual order under its usual trigger";
    if (f->size > sizeof(fleet_order)) return "an order that fits";
    if ((f->fields != NULL) != (f->size > 0)) return "an order for its fields, or fields for it";
    for (const sim_field *field = f->fields; field != NULL && field->name != NULL; field++) {
        if (field->offset >= f->size) return "a field within its order";
        if (field->help == NULL) return "help for a field";
    }
    return NULL;
}

static void test_each_row_is_whole(void **state) {
    (void)state;
    for (const fleet_fault *const *f = fleet_faults; *f != NULL; f++) {
        if (lacks(*f) != NULL) fail_msg("%s lacks %s", (*f)->verb, lacks(*f));
        assert_non_null(fleet_fault_named((*f)->verb));
    }
    assert_null(fleet_fault_named("cut_the_cake"));
}

static void test_rows_that_are_not(void **state) {
    (void)state;
    static const sim_field fields[] = {{.name = "x", .kind = SIM_FIELD_NUMBER}, {.name = NULL}};
    static const sim_field beyond[] = {
        {.name = "x", .kind = SIM_FIELD_NUMBER, .offset = 8, .help = "h"}, {.name = NULL}};
    static const fleet_trigger_order other = {"other"};
    const fleet_fault bad[] = {
        {.verb = "x"},
        {.verb = "x", .help = "h", .trigger = "t"},
        {.verb = "x", .help = "h", .trigger = "t", .size = sizeof other, .usual = &other},
        {.verb = "x", .help = "h", .size = sizeof(fleet_order) + 1},
        {.verb = "x", .help = "h", .fields = fields},
        {.verb = "x", .help = "h", .fields = fields, .size = 8},
        {.verb = "x", .help = "h", .fields = beyond, .size = 8},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) assert_non_null(lacks(&bad[i]));
}

static void test_all_anomalies_that_devices_can_show(void **state) {
    (void)state;
    for (int kind = 0; kind < RECORD_ANOMALIES; kind++) {
        bool there = false;
        for (const char *const *word = fleet_injection_kinds; *word != NULL; word++)
            there = there || strcmp(*word, record_anomaly_word((record_anomaly)kind)) == 0;
        assert_int_equal(there, dev_anomaly_is_possible((record_anomaly)kind));
    }
}

static char *read_all(const char *path) {
    enum { MOST = 1 << 20 };
    char *text = calloc(1, MOST);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(text);
    (void)!fread(text, 1, MOST - 1, file);
    fclose(file);
    return text;
}

/* A row of the table of faults begins with its word. */
static bool is_told_in(const char *text, const fleet_fault *f) {
    char cell[64];
    snprintf(cell, sizeof cell, f->reach == FLEET_REACH_CLOUD ? "| `%s" : "| `:%s", f->verb);
    return strstr(text, cell) != NULL;
}

static void test_the_documentation_tells_each(void **state) {
    (void)state;
    char *text = read_all(BLACKSTART_SOURCE_DIR "/docs/scenarios.md");
    for (const fleet_fault *const *f = fleet_faults; *f != NULL; f++) {
        if (!is_told_in(text, *f)) fail_msg("docs/scenarios.md has no row for %s", (*f)->verb);
        if ((*f)->trigger != NULL && strstr(text, (*f)->trigger) == NULL)
            fail_msg("docs/scenarios.md does not name the trigger \"%s\"", (*f)->trigger);
    }
    assert_false(is_told_in(text, &(fleet_fault){.verb = "cut_the_cake"}));
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_row_is_whole),
        cmocka_unit_test(test_rows_that_are_not),
        cmocka_unit_test(test_all_anomalies_that_devices_can_show),
        cmocka_unit_test(test_the_documentation_tells_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
