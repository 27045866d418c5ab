/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands as they stand on a device's channel: lines, words, values; and what is none. */
#include "devices/command.h"

#include <string.h>

#include "tests/unit/with_cmocka.h"

static const struct row {
    const char *list, *word, *value; /* NULL: there is none */
} rows[] = {
    {"set-point 21.50", "set-point", "21.50"},
    {"set-point 21.50\nfirmware 2", "set-point", "21.50"},
    {"set-point 21.50\nfirmware 2", "firmware", "2"},
    {"set-point 21.50\nfirmware 2\n", "firmware", "2"},
    {"relay on\nset-point 1", "set-point", "1"},
    {"firmware 2\nfirmware 3", "firmware", "2"},
    {"firmware ", "firmware", ""},
    {"note a b  c", "note", "a b  c"},
    {"", "firmware", NULL},
    {"\n\n", "firmware", NULL},
    {"firmware", "firmware", NULL},
    {"firmware\n2", "firmware", NULL},
    {"firmwares 2", "firmware", NULL},
    {" firmware 2", "firmware", NULL},
    {"FIRMWARE 2", "firmware", NULL},
    {"set-point firmware 2", "firmware", NULL},
};

static void test_find(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const uint8_t *value = NULL;
        size_t n = 0;
        /* at the end of its memory, so that a look beyond is seen */
        size_t size = strlen(rows[i].list);
        uint8_t *list = test_malloc(size + 1);
        memcpy(list, rows[i].list, size);
        bool found = dev_command_find(list, size, rows[i].word, &value, &n);
        assert_int_equal(found, rows[i].value != NULL);
        if (found) {
            assert_int_equal(n, strlen(rows[i].value));
            assert_memory_equal(value, rows[i].value, n);
        }
        test_free(list);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_find)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
