/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/sweep_values.h"

#include <string.h>

#include "tests/unit/every_allocation.h"

/* The values with a blank between, or the line of the refusal. */
static const char *values_of(const char *text) {
    static char all[4096];
    cli_sweep_values v;
    cli_trouble t = {0};
    all[0] = '\0';
    if (cli_sweep_values_read(&v, "x", text, &t) != CLI_EXIT_PASS) {
        cli_sweep_values_deinit(&v);
        return strcpy(all, t.line);
    }
    for (size_t i = 0; i < v.count; i++) {
        strncat(all, i > 0 ? " " : "", sizeof all - strlen(all) - 1);
        strncat(all, v.items[i], sizeof all - strlen(all) - 1);
    }
    cli_sweep_values_deinit(&v);
    return all;
}

static void test_values(void **state) {
    (void)state;
    static const struct {
        const char *text, *values;
    } rows[] = {
        {"orderly", "orderly"},
        {"orderly,full-jitter,fixed", "orderly full-jitter fixed"},
        {"100..2000", "100 182 331 603 1100 2000"},
        {"100..2000/3", "100 447 2000"},
        {"100..2000/2", "100 2000"},
        {"1k..2k/2", "1000 2000"},
        {"1..4/6", "1 2 3 4"}, /* whole steps meet */
        {"0.5..2/3", "0.5 1 2"},
        {"0.125..0.5/3", "0.125 0.25 0.5"},
        {"100..500:100", "100 200 300 400 500"},
        {"0..1:0.25", "0 0.25 0.5 0.75 1"},
        {"0..10:3", "0 3 6 9"},
        {"5..5/2", "5"},
        {"1s..64s/4", "1s 4s 16s 64s"},
        {"100ms..1m/3", "0.1s 2.45s 60s"},
        {"0..1m:20s", "0s 20s 40s 60s"},
        {"5%..20%/3", "5% 10% 20%"},
        {"12345..98765/2", "12345 98765"},
        {"50,100..300:100,1000", "50 100 200 300 1000"},
        {"a..b", "a..b"}, /* a word */
        {"../x", "../x"},
        {"1..", "1.."},
        {"1..2..3", "1..2..3"},
        {"1e300..2e300", "1e300..2e300"},
        {"", "a value of x is empty (--vary): write x=VALUE,VALUE"},
        {"a,,b", "a value of x is empty (--vary): write x=VALUE,VALUE"},
        {"a,", "a value of x is empty (--vary): write x=VALUE,VALUE"},
        {"a,b,a", "the value a of x stands twice (--vary): give it once"},
        {"100,50..100:50", "the value 100 of x stands twice (--vary): give it once"},
        {"2..1", "the range of x runs backwards (--vary): write the smaller end first"},
        {"1..2s",
         "the ends of the range of x have different units (--vary): write both alike, as in "
         "10s..2m or "
         "5%..50%"},
        {"0..10",
         "steps of the range of x multiply, so it cannot begin at 0 (--vary): say how much to add, "
         "as in "
         "0..10:STEP"},
        {"-5..10",
         "steps of the range of x multiply, so it cannot begin at -5 (--vary): say how much to "
         "add, as in "
         "-5..10:STEP"},
        {"1..10/1",
         "no steps for the range of x: /1 (--vary): write FROM..TO/STEPS with 2 to 1000 steps, or "
         "FROM..TO:STEP with what to add, in the same unit"},
        {"1..10:0",
         "no steps for the range of x: :0 (--vary): write FROM..TO/STEPS with 2 to 1000 steps, or "
         "FROM..TO:STEP with what to add, in the same unit"},
        {"1..10:",
         "no steps for the range of x: : (--vary): write FROM..TO/STEPS with 2 to 1000 steps, or "
         "FROM..TO:STEP with what to add, in the same unit"},
        {"1s..10s:1",
         "no steps for the range of x: :1 (--vary): write FROM..TO/STEPS with 2 to 1000 steps, or "
         "FROM..TO:STEP with what to add, in the same unit"},
        {"1..10/2.5",
         "no steps for the range of x: /2.5 (--vary): write FROM..TO/STEPS with 2 to 1000 steps, "
         "or "
         "FROM..TO:STEP with what to add, in the same unit"},
        {"0..1M:1", "too many steps in the range of x (--vary): give at most 1000"},
        {"0..999:1,5000", "too many values of x (--vary): give at most 1000"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(values_of(rows[i].text), rows[i].values) != 0)
            fail_msg("%s gives %s, not %s", rows[i].text, values_of(rows[i].text), rows[i].values);
}

static int read_once(void *context) {
    cli_sweep_values v;
    cli_trouble t = {0};
    cli_exit code = cli_sweep_values_read(&v, "x", context, &t);
    cli_sweep_values_deinit(&v);
    return code == CLI_EXIT_INTERNAL ? SIM_ENOMEM : code == CLI_EXIT_PASS ? 0 : SIM_EPARSE;
}

static void test_no_memory(void **state) {
    (void)state;
    char text[] = "a,1..10/3,b";
    assert_int_equal(fail_every_allocation(read_once, text), 6);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_values),
                                       cmocka_unit_test(test_no_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
