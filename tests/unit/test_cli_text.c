/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "sim/cli/text.h"
#include "sim/cli/trouble.h"
#include "tests/unit/with_cmocka.h"

static void test_clean(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool clean;
    } rows[] = {
        {"", true},
        {"scenarios/5.9-3/power-restore-street.lua", true},
        {"Gerät \xe2\x9c\x93 \xf0\x9f\x98\x80", true},
        {"a\nb", false},
        {"a\tb", false},
        {"\x1b[2J", false},
        {"\x7f", false},
        {"\xc2\x9b"
         "2J",
         false}, /* CSI as one C1 character */
        {"\xff", false},
        {"\xc3", false},
        {"\xc0\xaf", false},         /* overlong */
        {"\xed\xa0\x80", false},     /* surrogate */
        {"a\xe2\x80\xae.aul", false} /* right-to-left override */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(cli_text_is_clean(rows[i].text), rows[i].clean);
    char lengthy[CLI_TEXT_MAX + 2];
    memset(lengthy, 'x', sizeof lengthy);
    lengthy[CLI_TEXT_MAX + 1] = '\0';
    assert_false(cli_text_is_clean(lengthy));
    lengthy[CLI_TEXT_MAX] = '\0';
    assert_true(cli_text_is_clean(lengthy));
}

static void test_quote(void **state) {
    (void)state;
    static const struct {
        const char *word, *quoted;
    } rows[] = {
        {"plain", "plain"},
        {"law=full-jitter", "law=full-jitter"},
        {"coap://[::1]:5683", "'coap://[::1]:5683'"},
        {"", "''"},
        {"a b", "'a b'"},
        {"it's", "'it'\\''s'"},
        {"$HOME", "'$HOME'"},
        {"`x`", "'`x`'"},
        {"a;b", "'a;b'"},
        {"~/x", "'~/x'"},
        {"Gerät", "'Gerät'"},
        {"!", "'!'"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char line[64] = "";
        assert_true(cli_text_quote(line, sizeof line, rows[i].word));
        assert_string_equal(line, rows[i].quoted);
    }
}

static void test_quote_fits_or_leaves(void **state) {
    (void)state;
    char line[12] = "run";
    assert_true(cli_text_quote(line, sizeof line, "1234567"));
    assert_string_equal(line, "run 1234567");
    assert_false(cli_text_quote(line, sizeof line, ""));
    assert_string_equal(line, "run 1234567");
    char shorter[8] = "run";
    assert_false(cli_text_quote(shorter, sizeof shorter, "a'"));
    assert_string_equal(shorter, "run");
}

static void test_one_line_whatever_stands_in_it(void **state) {
    (void)state;
    char text[256] = "";
    FILE *out = fmemopen(text, sizeof text, "w");
    cli_trouble t = {0};
    assert_int_equal(cli_fail(&t, CLI_EXIT_USAGE, "line one\nline two \x1b[31m\xff (%s)", "x\r"),
                     CLI_EXIT_USAGE);
    cli_trouble_print(&t, out);
    fclose(out);
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
    assert_null(strchr(text, '\x1b'));
    assert_int_equal(strncmp(text, "blackstart: line one", 20), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clean),
        cmocka_unit_test(test_quote),
        cmocka_unit_test(test_quote_fits_or_leaves),
        cmocka_unit_test(test_one_line_whatever_stands_in_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
