/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "sim/report/live.h"
#include "tests/unit/with_cmocka.h"

/* No value twice: one that took another's place would show. */
static void test_every_column_has_its_name(void **state) {
    (void)state;
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    const report_second row = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17};
    assert_int_equal(report_live_second(file, &row), 0);
    assert_int_equal(fclose(file), 0);
    assert_string_equal(
        text,
        "{\"time_s\": 1, \"online\": 2, \"attempts\": 3, \"successes\": 4, "
        "\"rejections\": 5, \"queue_depth\": 6, \"due\": 7, \"sent\": 8, \"answered\": 9, "
        "\"refused\": 10, \"failed\": 11, \"waiting\": 12, \"median_us\": 13, "
        "\"p95_us\": 14, \"boot_chain_dhcp\": 15, \"boot_chain_dns\": 16, "
        "\"boot_chain_time\": 17}\n");
    free(text);
}

/* A line is told at once: who reads along does not wait for a full buffer, and a disk without room
 * is seen with the first line. */
static void test_each_line_is_on_its_way(void **state) {
    (void)state;
    FILE *full = fopen("/dev/full", "w");
    if (full == NULL) skip();
    assert_int_equal(report_live_second(full, &(report_second){.second = 1}), SIM_EIO);
    fclose(full);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_column_has_its_name),
        cmocka_unit_test(test_each_line_is_on_its_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
