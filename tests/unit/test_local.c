/* SPDX-License-Identifier: GPL-3.0-or-later */
/* local.csv: counted, written, read again; and as it should not be. */
#include <stdlib.h>

#include "sim/report/local.h"
#include "sim/report/page.h"
#include "tests/unit/every_allocation.h"
#include "tests/unit/small_result.h"

#define HEAD                                                                                 \
    "time_s,seconds,model,right,late,wrong,unable,without_cloud,right_without_cloud,sensed," \
    "arrived,dropped\n"

static const report_local_bin press = {.right = 1, .cut = 1, .cut_right = 1},
                              sample = {.sensed = 2, .arrived = 1};

static void add(report_local *l, const char *model, uint64_t at, const report_local_bin *what) {
    assert_int_equal(report_local_add(l, model, at, what), 0);
}

/* To be freed. */
__attribute__((noinline)) static char *text_of(const report_local *l) {
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    assert_int_equal(report_local_write(file, l), 0);
    fclose(file);
    return text;
}

static int read_text(const char *text, report_local *l, char *why) {
    FILE *file = tmpfile();
    assert_non_null(file);
    fputs(text, file);
    rewind(file);
    int error = report_local_read(file, l, why);
    fclose(file);
    return error;
}

static void test_written_and_read(void **state) {
    (void)state;
    char why[REPORT_LOCAL_WHY_MAX] = "";
    report_local l = {0}, again;
    add(&l, "bulb", 0, &press);
    add(&l, "bulb", 59, &press);
    add(&l, "flood-sensor", 61, &sample);
    char *text = text_of(&l);
    assert_string_equal(text,
                        HEAD "0,60,bulb,2,0,0,0,2,2,0,0,0\n60,60,flood-sensor,0,0,0,0,0,0,2,1,0\n");
    assert_int_equal(read_text(text, &again, why), 0);
    char *other = text_of(&again);
    assert_string_equal(text, other);
    free(text);
    free(other);
    report_local_deinit(&l);
    report_local_deinit(&again);
}

/* Distinct values: a column that took another's place would show, in the file and behind it. */
static void test_columns_keep_their_places(void **state) {
    (void)state;
    static const report_local_bin all = {.right = 11,
                                         .late = 12,
                                         .wrong = 13,
                                         .unable = 14,
                                         .cut = 15,
                                         .cut_right = 16,
                                         .sensed = 17,
                                         .arrived = 18,
                                         .dropped = 19};
    char why[REPORT_LOCAL_WHY_MAX] = "";
    report_local l = {0}, again;
    add(&l, "tv", 130, &all);
    add(&l, "tv", 135, &press);
    char *text = text_of(&l);
    assert_string_equal(text, HEAD "120,60,tv,12,12,13,14,16,17,17,18,19\n");
    assert_int_equal(read_text(text, &again, why), 0);
    const report_local_bin *bin = &again.models[0].bins[2];
    assert_int_equal(bin->right, 12);
    assert_int_equal(bin->late, 12);
    assert_int_equal(bin->wrong, 13);
    assert_int_equal(bin->unable, 14);
    assert_int_equal(bin->cut, 16);
    assert_int_equal(bin->cut_right, 17);
    assert_int_equal(bin->sensed, 17);
    assert_int_equal(bin->arrived, 18);
    assert_int_equal(bin->dropped, 19);
    free(text);
    report_local_deinit(&l);
    report_local_deinit(&again);
}

static uint64_t rights(const report_local *l, size_t model) {
    uint64_t sum = 0;
    for (size_t i = 0; i < l->bins; i++) sum += l->models[model].bins[i].right;
    return sum;
}

/* A week of minutes does not take more room than four hours of them, and nothing is lost. */
static void test_bins_widen(void **state) {
    (void)state;
    report_local l = {0};
    for (uint64_t minute = 0; minute < 7 * 1440; minute++) {
        add(&l, "bulb", minute * 60, &press);
        if (minute % 2 == 0) add(&l, "tv", minute * 60, &press);
        assert_true(l.bins <= REPORT_LOCAL_BINS);
    }
    assert_int_equal(l.step, 64 * 60);
    assert_int_equal(rights(&l, 0), 7 * 1440);
    assert_int_equal(rights(&l, 1), 7 * 720);
    assert_int_equal(l.models[0].bins[0].right, 64);
    assert_int_equal(l.models[1].bins[0].right, 32);
    report_local_deinit(&l);
}

static void test_names(void **state) {
    (void)state;
    static const char *const bad[] = {"", "Bulb", "a,b", "<b>",
                                      "a-name-that-is-longer-than-there-is-room"};
    report_local l = {0};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(report_local_add(&l, bad[i], 0, &press), SIM_ERANGE);
    for (int i = 0; i <= REPORT_LOCAL_MODELS_MAX; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "m%d", i);
        assert_int_equal(report_local_add(&l, name, 0, &press),
                         i < REPORT_LOCAL_MODELS_MAX ? 0 : SIM_ERANGE);
    }
    report_local_deinit(&l);
}

static void test_files_that_are_not_ours(void **state) {
    (void)state;
#define ROW "0,60,bulb,2,0,0,0,2,2,0,0,0\n"
    static const char *const cases[][2] = {
        {"", "line 1 is not that"},
        {"time_s,model\n", "line 1 is not that"},
        {HEAD ROW "60,60,bulb,1\n", "line 3 is no row"},
        {HEAD "0,60,bulb,2,0,0,0,2,2,0,0,0", "line 2 is no row"},
        {HEAD "0,60,bulb,2,0,0,0,2,2,0,0,0,0\n", "line 2 is no row"},
        {HEAD "0,60,bulb,-2,0,0,0,2,2,0,0,0\n", "line 2 is no row"},
        {HEAD "0,60,<b>,2,0,0,0,2,2,0,0,0\n", "line 2 is no row"},
        {HEAD "30,60,bulb,2,0,0,0,2,2,0,0,0\n", "line 2 is no row"},
        {HEAD "0,0,bulb,2,0,0,0,2,2,0,0,0\n", "line 2 is no row"},
        {HEAD "0,60,bulb,99999999999999999999,0,0,0,2,2,0,0,0\n", "line 2 is no row"},
        {HEAD "99999999999999,60,bulb,2,0,0,0,2,2,0,0,0\n", "line 2 is no row"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char why[REPORT_LOCAL_WHY_MAX] = "";
        report_local l;
        int error = read_text(cases[i][0], &l, why);
        report_local_deinit(&l);
        if (error != SIM_EPARSE || strstr(why, cases[i][1]) != why)
            fail_msg("case %zu: %d, '%s' instead of '%s'", i, error, why, cases[i][1]);
    }
#undef ROW
}

static int read_with_memory(void *context) {
    char why[REPORT_LOCAL_WHY_MAX] = "";
    report_local l;
    int error = read_text(context, &l, why);
    report_local_deinit(&l);
    return error;
}

static void test_every_allocation(void **state) {
    (void)state;
    static char text[] = HEAD "0,60,bulb,2,0,0,0,2,2,0,0,0\n0,60,tv,2,0,0,0,2,2,0,0,0\n";
    assert_true(fail_every_allocation(read_with_memory, text) >= 2);
}

/* The page has a row for who was asked, and one sum of all samples; without the file it has
 * neither. */
static void test_the_page_has_it(void **state) {
    (void)state;
    char why[RECORD_JSON_WHY_MAX] = "", *text = NULL;
    size_t size;
    report_result r;
    for (int there = 0; there < 2; there++) {
        assert_int_equal(
            small_result(SMALL_SUMMARY("T", "", "fixed"), SMALL_SERIES, SMALL_ATTEMPTS, &r, why),
            0);
        if (there) {
            add(&r.local, "bulb", 0, &press);
            add(&r.local, "flood-sensor", 61, &sample);
        }
        FILE *file = open_memstream(&text, &size);
        assert_int_equal(report_page(file, &r), 0);
        fclose(file);
        assert_int_equal(strstr(text, "\"houses\":{\"step_s\":60,\"bins\":2") != NULL, there);
        assert_int_equal(strstr(text, "\"sensed\":[0,2]") != NULL, there);
        assert_int_equal(strstr(text, "{\"model\":\"bulb\",\n\"right\":[1,0]") != NULL, there);
        assert_null(strstr(text, "\"model\":\"flood-sensor\""));
        free(text);
        report_result_deinit(&r);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_written_and_read),
        cmocka_unit_test(test_columns_keep_their_places),
        cmocka_unit_test(test_bins_widen),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_files_that_are_not_ours),
        cmocka_unit_test(test_every_allocation),
        cmocka_unit_test(test_the_page_has_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
