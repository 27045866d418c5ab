/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "sim/core/heap.h"
#include "sim/record/text.h"
#include "tests/unit/every_allocation.h"
#include "tests/unit/with_cmocka.h"

#define BAD "\xEF\xBF\xBD" /* U+FFFD */

static void test_utf8(void **state) {
    (void)state;
    static const struct {
        const char *text, *clean;
    } rows[] = {
        {"", ""},
        {"plain", "plain"},
        {"Stra\u00dfe \u20ac \U0001f525", "Stra\u00dfe \u20ac \U0001f525"},
        {"\x01\x7f\n", "\x01\x7f\n"}, /* valid; the writer escapes them */
        {"\xff", BAD},
        {"a\x80z", "a" BAD "z"},                       /* continuation without lead */
        {"\xc3", BAD},                                 /* lead at the end */
        {"\xe2\x82", BAD BAD},                         /* two of three */
        {"\xe2\x82z", BAD BAD "z"},                    /* two of three, then something else */
        {"\xc0\xaf", BAD BAD},                         /* overlong "/" */
        {"\xe0\x80\xaf", BAD BAD BAD},                 /* the same in three */
        {"\xed\xa0\x80", BAD BAD BAD},                 /* surrogate */
        {"\xf4\x90\x80\x80", BAD BAD BAD BAD},         /* above U+10FFFF */
        {"\xf8\x88\x80\x80\x80", BAD BAD BAD BAD BAD}, /* five bytes were never UTF-8 */
        {"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},      /* U+10FFFF */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *clean = record_text_utf8(rows[i].text);
        assert_string_equal(clean, rows[i].clean);
        sim_free(clean);
    }
}

static void test_plain(void **state) {
    (void)state;
    static const struct {
        const char *text, *utf8, *ascii;
    } rows[] = {
        {"plain ~", "plain ~", "plain ~"},
        {"\x1b[31mred\x07", "?[31mred?", "?[31mred?"},
        {"two\nlines\tand\r", "two lines and ", "two lines and "},
        {"Stra\u00dfe", "Stra\u00dfe", "Stra?e"},
        {"c1 \xc2\x9b"
         "31m",
         "c1 ?31m", "c1 ?31m"},
        {"del\x7f", "del?", "del?"},
        {"bidi \u202eevil\u2066", "bidi ?evil?", "bidi ?evil?"},
        {"hidden\u200b\ufeff", "hidden??", "hidden??"},
        {"\xff", BAD, "?"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int ascii = 0; ascii <= 1; ascii++) {
            const char *at = rows[i].text;
            char character[RECORD_CHARACTER_MAX], line[100] = "";
            size_t used = 0;
            while (record_text_next_plain(&at, ascii == 1, character))
                used += (size_t)snprintf(line + used, sizeof line - used, "%s", character);
            assert_string_equal(line, ascii == 1 ? rows[i].ascii : rows[i].utf8);
        }
}

static void test_line(void **state) {
    (void)state;
    char line[8];
    assert_string_equal(record_text_line("short", line, sizeof line), "short");
    assert_string_equal(record_text_line("much too long", line, sizeof line), "much to");
    assert_string_equal(record_text_line("abcdef\u20ac", line, sizeof line),
                        "abcdef"); /* not half a character */
    assert_string_equal(record_text_line("a\nb", line, sizeof line), "a b");
    assert_string_equal(record_text_line("a", line, 1), "");
}

/* Every pair of bytes, and every text that can be made of some nasty ones, comes out valid, and a
 * second cleaning changes nothing. */
static void test_always_valid(void **state) {
    (void)state;
    static const unsigned char nasty[] = {'a',  0x80, 0xBF, 0xC0, 0xC2, 0xE0,
                                          0xA0, 0xED, 0xF0, 0x90, 0xF4, 0xFF};
    enum { COUNT = sizeof nasty };
    for (size_t n = 0; n < (size_t)COUNT * COUNT * COUNT * COUNT; n++) {
        char text[5] = {(char)nasty[n % COUNT], (char)nasty[n / COUNT % COUNT],
                        (char)nasty[n / COUNT / COUNT % COUNT],
                        (char)nasty[n / COUNT / COUNT / COUNT], '\0'};
        char *once = record_text_utf8(text), *twice = record_text_utf8(once);
        assert_string_equal(once, twice);
        sim_free(once);
        sim_free(twice);
    }
}

static int clean(void *context) {
    char *text = record_text_utf8(context);
    int error = text == NULL ? SIM_ENOMEM : 0;
    sim_free(text);
    return error;
}

static void test_every_allocation_fails(void **state) {
    (void)state;
    char text[] = "\xff";
    assert_int_equal(fail_every_allocation(clean, text), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_line),
        cmocka_unit_test(test_always_valid),
        cmocka_unit_test(test_every_allocation_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
