/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "sim/report/page.h"
#include "tests/unit/every_allocation.h"
#include "tests/unit/small_result.h"

static report_result result_of(const char *summary) {
    char why[RECORD_JSON_WHY_MAX] = "";
    report_result r;
    if (small_result(summary, SMALL_SERIES, SMALL_ATTEMPTS, &r, why) != 0) fail_msg("%s", why);
    return r;
}

/* To be freed. Not inlined: gcc 12 takes what is found in the text for a pointer to the variable.
 */
__attribute__((noinline)) static char *page_of(const report_result *r) {
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    assert_int_equal(report_page(file, r), 0);
    fclose(file);
    return text;
}

static size_t times(const char *text, const char *what) {
    size_t count = 0;
    for (; (text = strstr(text, what)) != NULL; text++) count++;
    return count;
}

static void test_says_what_there_is_to_say(void **state) {
    (void)state;
    static const char *const wanted[] = {
        "<title>FAIL: Two devices \u2013 Blackstart</title>",
        "http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'sha256-",
        "<h1>Two devices</h1>",
        "blackstart run a.lua</pre>",
        "<p class=\"sentence\">They came.</p>",
        "<td data-column=\"value\">131 attempts/s</td>",
        "<td data-column=\"threshold\">at most 20 attempts/s</td>",
        "does not hold",
        "<article id=\"verdict-1\" class=\"card fail lead\">",
        "<summary>For information: 1 measure</summary>",
        "<body id=\"present\">",
        "href=\"#present\"",
        "\"busiest_s\":1.7",
        "<dt>law</dt><dd>fixed <span class=\"given\">set for this run</span>",
        "<dt>capacity of the cloud</dt><dd>20 connections/s</dd>",
        "power cut",
        "\"name\":\"power, restore\",\"at_s\":1.5",
        "<noscript>",
        "Permission to use, copy, modify", /* the licences travel with the libraries */
    };
    report_result r =
        result_of(SMALL_SUMMARY("Two devices", SMALL_VERDICT("FAIL", "131", "false"), "fixed"));
    char *text = page_of(&r);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (strstr(text, wanted[i]) == NULL) fail_msg("not on the page: %s", wanted[i]);
    free(text);
    report_result_deinit(&r);
}

/* Everything that comes from a run tries to be markup. The page has as many elements of each kind
 * as that of a tame run. */
static void test_nothing_breaks_out(void **state) {
    (void)state;
#define EVIL                                                                              \
    "</script></title></style><script>alert(1)</script><img src=x onerror=alert(1)>\\\" " \
    "onload='x' "                                                                         \
    "<!--\\u202e&"
    static const char *const kinds[] = {"<script", "</script", "<style",  "</style",
                                        "<img",    "<!--",     "</title", "\u202e"};
    report_result tame =
        result_of(SMALL_SUMMARY("tame", SMALL_VERDICT("PASS", "1", "true"), "tame"));
    report_result evil = result_of(SMALL_SUMMARY(EVIL, SMALL_VERDICT("PASS", "1", "true"), EVIL));
    char *a = page_of(&tame), *b = page_of(&evil);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (times(a, kinds[i]) != times(b, kinds[i])) fail_msg("%s broke out", kinds[i]);
    }
    assert_int_equal(times(a, "<script"), 2);
    /* within the data it is a string */
    assert_true(strstr(b, "onload='x'") > strstr(b, "<script"));
    assert_non_null(strstr(b, "<h1>&lt;/script&gt;"));
    assert_non_null(strstr(b, "\\u003c/script\\u003e"));
    free(a);
    free(b);
    report_result_deinit(&tame);
    report_result_deinit(&evil);
}

/* What decides stands before what is for information; notes have a column where there are some; a
 * time to what never came is never; the verdict that stands beside the picture is the gravest one,
 * of a provision, with most measures. */
static void test_measures_in_their_places(void **state) {
    (void)state;
#define CARD(unit, provision, verdict, more)                                                 \
    "{\"unit\":\"" unit "\",\"provision\":\"" provision "\",\"verdict\":\"" verdict          \
    "\",\"sentence\":\"S\",\"measures\":[{\"name\":\"time to 95 % online\",\"unit\":\"s\","  \
    "\"value\":null,\"relation\":\"none\",\"threshold\":null,\"samples\":11,\"holds\":true," \
    "\"note\":null}" more "]}"
#define DECIDES                                                                               \
    ",{\"name\":\"back online\",\"unit\":\"share\",\"value\":0.25,\"relation\":\"at least\"," \
    "\"threshold\":1,\"samples\":22,\"holds\":false,\"note\":\"a note\"}"
    report_result r = result_of(
        SMALL_SUMMARY("T",
                      CARD("first", "", "FAIL", DECIDES DECIDES) "," CARD(
                          "5.9-3-2 a", "5.9-3", "FAIL",
                          DECIDES) "," CARD("5.9-3-1 b", "5.9-3", "PASS", DECIDES DECIDES DECIDES),
                      "fixed"));
    char *text = page_of(&r);
    const char *lead = strstr(text, "lead\"><h3>");
    assert_non_null(lead);
    assert_null(strstr(lead + 1, "lead\"><h3>"));
    assert_non_null(strstr(lead, "</span> 5.9-3-2 a<a "));
    assert_true(strstr(lead, "</span> 5.9-3-2 a<a ") < strstr(lead, "</article>"));
    const char *decides = strstr(lead, "<td data-column=\"value\">25 %</td>"),
               *informs = strstr(lead, "<td data-column=\"value\">never</td>");
    assert_true(decides < strstr(lead, "<details") && strstr(lead, "<details") < informs);
    assert_non_null(strstr(decides,
                           "<td data-column=\"samples\">22</td><td "
                           "data-column=\"note\">a note</td>"));
    assert_true(strstr(informs, "<td data-column=\"samples\">11</td></tr>") <
                strstr(informs, "</table>"));
    free(text);
    report_result_deinit(&r);
}

/* Too few were seen: neither word of the value alone. */
static void test_what_cannot_be_told(void **state) {
    (void)state;
    report_result r =
        result_of(SMALL_SUMMARY("T", SMALL_VERDICT("INCONCLUSIVE", "131", "null"), "fixed"));
    char *text = page_of(&r);
    assert_int_equal(times(text, "<tr class=\"open\">"), 1);
    assert_int_equal(times(text, "? cannot be told"), 1);
    assert_int_equal(times(text, "does not hold</td>") + times(text, "\u2713 holds"), 0);
    free(text);
    report_result_deinit(&r);
}

/* A page of two says so, and holds what both hold. */
static void test_compared(void **state) {
    (void)state;
    report_result a =
        result_of(SMALL_SUMMARY("One", SMALL_VERDICT("FAIL", "131", "false"), "fixed"));
    report_result b =
        result_of(SMALL_SUMMARY("Two", SMALL_VERDICT("PASS", "15", "true"), "orderly"));
    const report_result *const runs[] = {&a, &b};
    static const char *const names[] = {"first<", "second"};
    report_comparison c;
    char *text = NULL;
    size_t size;
    assert_int_equal(report_compare(runs, &c), 0);
    FILE *file = open_memstream(&text, &size);
    assert_int_equal(report_page_compare(file, runs, names, &c), 0);
    fclose(file);
    assert_non_null(strstr(text, "first&lt;"));
    assert_non_null(strstr(text, "holds in one of the two"));
    assert_non_null(strstr(text,
                           "<th scope=\"row\">law</th><td data-column=\"A\">fixed</td><td "
                           "data-column=\"B\">orderly</td>"));
    assert_non_null(strstr(text, "{\"runs\":[{\"label\":\"A\""));
    assert_non_null(strstr(text, "{\"label\":\"B\""));
    free(text);
    report_comparison_deinit(&c);
    report_result_deinit(&a);
    report_result_deinit(&b);
}

static int write_with_little_memory(void *context) {
    FILE *file = fopen("/dev/null", "w");
    int error = report_page(file, context);
    fclose(file);
    return error;
}

static void test_every_allocation(void **state) {
    (void)state;
    report_result r =
        result_of(SMALL_SUMMARY("Two devices", SMALL_VERDICT("PASS", "1", "true"), "fixed"));
    assert_true(fail_every_allocation(write_with_little_memory, &r) > 10);
    report_result_deinit(&r);
}

static void test_full_disk(void **state) {
    (void)state;
    report_result r =
        result_of(SMALL_SUMMARY("Two devices", SMALL_VERDICT("PASS", "1", "true"), "fixed"));
    FILE *full = fopen("/dev/full", "w");
    if (full == NULL) skip();
    assert_int_equal(report_page(full, &r), SIM_EIO);
    fclose(full);
    report_result_deinit(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_says_what_there_is_to_say),
        cmocka_unit_test(test_nothing_breaks_out),
        cmocka_unit_test(test_measures_in_their_places),
        cmocka_unit_test(test_what_cannot_be_told),
        cmocka_unit_test(test_compared),
        cmocka_unit_test(test_every_allocation),
        cmocka_unit_test(test_full_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
