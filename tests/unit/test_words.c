/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "sim/judge/words.h"
#include "tests/unit/with_cmocka.h"

static void test_count(void **state) {
    (void)state;
    static const struct {
        uint64_t n;
        const char *text;
    } rows[] = {{0, "0"},
                {7, "7"},
                {999, "999"},
                {1000, "1,000"},
                {12345, "12,345"},
                {123456, "123,456"},
                {1234567, "1,234,567"},
                {UINT64_MAX, "18,446,744,073,709,551,615"}};
    char text[JUDGE_WORD_MAX];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(judge_words_count(rows[i].n, text, sizeof text), rows[i].text);
}

static void test_number(void **state) {
    (void)state;
    static const struct {
        double value;
        const char *text;
    } rows[] = {{0, "0"},
                {-0.0, "0"},
                {1, "1"},
                {131, "131"},
                {5.2049, "5.2"},
                {2.345, "2.35"},
                {0.05, "0.05"},
                {0.0512, "0.0512"},
                {99.96, "100"},
                {1234.5, "1,234"},
                {-1234567, "-1,234,567"},
                {1e14, "100,000,000,000,000"},
                {1e15, "1e+15"},
                {1e300, "1e+300"},
                {1e-9, "0"},
                {NAN, "unknown"},
                {INFINITY, "unlimited"},
                {-INFINITY, "-unlimited"}};
    char text[JUDGE_WORD_MAX];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(judge_words_number(rows[i].value, text, sizeof text), rows[i].text);
}

static void test_beside(void **state) {
    (void)state;
    static const struct {
        double value, other;
        const char *text;
    } rows[] = {{5.2, 3, "5.2"},
                {3, 3, "3"},
                {3.0004, 3, "3.0004"},
                {2.99999, 3, "2.99999"},
                {20, 20.4, "20"},
                {20.4, 20, "20.4"},
                {1000.25, 1000, "1,000.2"},
                {1.02, NAN, "1.02"},
                {NAN, 3, "unknown"},
                {NAN, NAN, "unknown"},
                {3 + 1e-13, 3, "3"}};
    char text[JUDGE_WORD_MAX];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(judge_words_beside(rows[i].value, rows[i].other, text, sizeof text),
                            rows[i].text);
}

static void test_share(void **state) {
    (void)state;
    static const struct {
        double share, other;
        const char *text;
    } rows[] = {{0, NAN, "0 %"},           {1, NAN, "100 %"},         {1, 1, "100 %"},
                {0.5, NAN, "50 %"},        {0.998, NAN, "99.8 %"},    {0.99999, NAN, "99.999 %"},
                {0.00001, NAN, "0.001 %"}, {0.9496, 0.95, "94.96 %"}, {0.95, 0.95, "95 %"},
                {NAN, 0.5, "unknown"}};
    char text[JUDGE_WORD_MAX];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(judge_words_share(rows[i].share, rows[i].other, text, sizeof text),
                            rows[i].text);
}

static void test_shown(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t most;
        int shown;
    } rows[] = {{"", 5, 0},           {"abc", 5, 3},          {"abcde", 5, 5},
                {"abcdef", 5, 5},     {"ab\u20acx", 5, 5},    {"abc\u20ac", 5, 3},
                {"\U0001f525", 3, 0}, {"\x80\x80\x80", 2, 0}, {"abc", 0, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(judge_words_shown(rows[i].text, rows[i].most), rows[i].shown);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_count), cmocka_unit_test(test_number), cmocka_unit_test(test_beside),
        cmocka_unit_test(test_share), cmocka_unit_test(test_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
