/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folders: where results go, and where scenarios come from. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/cli/folder.h"
#include "sim/cli/scenarios.h"
#include "sim/core/heap.h"
#include "tests/unit/with_cmocka.h"

static char scratch[] = "/tmp/test_cli_folder.XXXXXX";

static int enter_scratch(void **state) {
    (void)state;
    return mkdtemp(scratch) != NULL && chdir(scratch) == 0 ? 0 : -1;
}

static int leave_scratch(void **state) {
    (void)state;
    return chdir("/") == 0 && rmdir(scratch) == 0 ? 0 : -1; /* fails when a test left something */
}

static void test_names(void **state) {
    (void)state;
    static const struct {
        const char *scenario, *name;
    } rows[] = {
        {"scenarios/5.9-3/power-restore-street.lua", "power-restore-street"},
        {"x", "x"},
        {"a b/c d\xc3\xa4.lua", "c_d__"},
        {".lua", "_lua"},
        {"..", "_."},
        {"", "_"},
        {"dir/", "_"},
        {"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz.lua",
         "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefgh"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char name[64];
        assert_string_equal(cli_folder_name(rows[i].scenario, name), rows[i].name);
    }
}

static void test_given(void **state) {
    (void)state;
    static const struct {
        const char *out, *path;
    } rows[] = {
        {"o", "o"},  {"a/b/", "a/b"}, {"a///", "a"},  {"/abs/x", "/abs/x"}, {"", NULL},
        {".", NULL}, {"..", NULL},    {"a/..", NULL}, {"/", NULL},          {"//", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cli_folder f = {0};
        cli_trouble t = {0};
        assert_int_equal(cli_folder_given(&f, rows[i].out, &t),
                         rows[i].path == NULL ? CLI_EXIT_USAGE : CLI_EXIT_PASS);
        if (rows[i].path != NULL)
            assert_string_equal(f.path, rows[i].path);
        else
            assert_non_null(strstr(t.line, "(--out): name a"));
    }
    cli_folder f = {0};
    cli_trouble t = {0};
    char lengthy[2000];
    memset(lengthy, 'x', sizeof lengthy);
    lengthy[sizeof lengthy - 1] = '\0';
    assert_int_equal(cli_folder_given(&f, lengthy, &t), CLI_EXIT_USAGE);
}

static void test_a_run_that_failed_leaves_nothing(void **state) {
    (void)state;
    cli_folder f = {0};
    cli_trouble t = {0};
    assert_int_equal(cli_folder_reserve(&f, "results", "x.lua", 1, 0, &t), CLI_EXIT_PASS);
    assert_int_equal(access(f.path, F_OK), 0);
    cli_folder_give_back(&f);
    cli_folder_give_back(&f); /* twice is fine */
    assert_int_equal(access("results", F_OK), -1);
}

static void test_two_runs_in_the_same_second(void **state) {
    (void)state;
    cli_folder first = {0}, second = {0};
    cli_trouble t = {0};
    assert_int_equal(cli_folder_reserve(&first, "results", "s/x.lua", 7, 1700000000, &t),
                     CLI_EXIT_PASS);
    assert_string_equal(first.path, "results/x-seed7-20231114-221320");
    assert_int_equal(cli_folder_reserve(&second, "results", "s/x.lua", 7, 1700000000, &t),
                     CLI_EXIT_PASS);
    assert_string_equal(second.path, "results/x-seed7-20231114-221320-2");
    cli_folder_give_back(&first); /* "results" is not empty yet */
    assert_int_equal(access("results", F_OK), 0);
    cli_folder_give_back(&second); /* did not make it, so it leaves it */
    assert_int_equal(rmdir("results"), 0);
}

static void test_a_result_is_not_given_back(void **state) {
    (void)state;
    cli_folder f = {0};
    cli_trouble t = {0};
    char name[CLI_PATH_MAX + 16];
    assert_int_equal(cli_folder_reserve(&f, "results", "x.lua", 1, 0, &t), CLI_EXIT_PASS);
    snprintf(name, sizeof name, "%s/summary.json", f.path);
    FILE *out = fopen(name, "w");
    assert_non_null(out);
    fclose(out);
    cli_folder_give_back(&f);
    assert_int_equal(access(name, F_OK), 0);
    assert_int_equal(unlink(name) + rmdir(f.path) + rmdir("results"), 0);
}

static void test_a_place_that_cannot_be_written(void **state) {
    (void)state;
    cli_folder f = {0};
    cli_trouble t = {0};
    FILE *out = fopen("results", "w"); /* a file is in the way */
    assert_non_null(out);
    fclose(out);
    assert_int_equal(cli_folder_reserve(&f, "results", "x.lua", 1, 0, &t), CLI_EXIT_USAGE);
    assert_string_equal(
        t.line,
        "cannot make the results folder: Not a directory (results/x-seed1-19700101-000000): "
        "name a place that can "
        "be written with --out");
    assert_int_equal(unlink("results"), 0);
}

/* ---- scenarios ---- */

static const char *const made_folders[] = {"scenarios",      "scenarios/b",
                                           "scenarios/a",    "scenarios/a/deep",
                                           "scenarios/.git", "scenarios/folder.lua"};
static const char *const made_files[] = {"scenarios/z.lua",        "scenarios/b/street.lua",
                                         "scenarios/a/deep/y.lua", "scenarios/a/x.lua",
                                         "scenarios/a/readme.md",  "scenarios/.git/hidden.lua",
                                         "scenarios/.lua"};
enum {
    FOLDERS = sizeof made_folders / sizeof made_folders[0],
    FILES = sizeof made_files / sizeof made_files[0]
};

static int make_tree(void **state) {
    (void)state;
    int failed = 0;
    for (size_t i = 0; i < FOLDERS; i++) failed |= mkdir(made_folders[i], 0777);
    for (size_t i = 0; i < FILES; i++) {
        FILE *out = fopen(made_files[i], "w");
        failed |= out == NULL || fclose(out) != 0;
    }
    failed |= symlink("..", "scenarios/a/up"); /* a circle */
    return failed;
}

static int remove_tree(void **state) {
    (void)state;
    int failed = unlink("scenarios/a/up");
    for (size_t i = 0; i < FILES; i++) failed |= unlink(made_files[i]);
    for (size_t i = FOLDERS; i-- > 0;) failed |= rmdir(made_folders[i]);
    return failed;
}

static void test_find(void **state) {
    (void)state;
    static const char *const wanted[] = {"scenarios/a/deep/y.lua", "scenarios/a/x.lua",
                                         "scenarios/b/street.lua", "scenarios/z.lua"};
    cli_scenarios s = {0};
    cli_trouble t = {0};
    assert_int_equal(cli_scenarios_find(&s, &t), CLI_EXIT_PASS);
    assert_string_equal(s.folder, "scenarios");
    assert_int_equal(s.count, 4);
    for (size_t i = 0; i < s.count; i++) assert_string_equal(s.paths[i], wanted[i]);
    assert_false(s.more);
    cli_scenarios_deinit(&s);
}

static void test_missing(void **state) {
    (void)state;
    static const struct {
        const char *path, *line;
    } rows[] = {
        {"street.lua", "no such scenario (street.lua): did you mean scenarios/b/street.lua?"},
        {"scenarios/street",
         "no such scenario (scenarios/street): did you mean scenarios/b/street.lua?"},
        {"scenarios/b/stret.lua",
         "no such scenario (scenarios/b/stret.lua): did you mean scenarios/b/street.lua?"},
        {"something-else.lua",
         "no such scenario (something-else.lua): blackstart list shows what there is"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cli_trouble t = {0};
        assert_int_equal(cli_scenarios_missing(rows[i].path, &t), CLI_EXIT_USAGE);
        assert_string_equal(t.line, rows[i].line);
    }
}

/* A name is a path's end; the program of this test comes with no scenarios of its own. */
static void test_named(void **state) {
    (void)state;
    static const struct {
        const char *word, *path, *line;
    } rows[] = {
        {"street", "scenarios/b/street.lua", NULL},
        {"street.lua", "scenarios/b/street.lua", NULL},
        {"b/street", "scenarios/b/street.lua", NULL},
        {"scenarios/z.lua", "scenarios/z.lua", NULL}, /* a file is itself */
        {"eet", NULL, "no such scenario (eet): did you mean scenarios/b/street.lua?"},
        {".lua", NULL, "no such scenario (.lua): blackstart list shows what there is"},
        {"stret", NULL, "no such scenario (stret): did you mean scenarios/b/street.lua?"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cli_trouble t = {0};
        char *path;
        cli_exit code = cli_scenarios_named(rows[i].word, &path, &t);
        assert_int_equal(code, rows[i].path != NULL ? CLI_EXIT_PASS : CLI_EXIT_USAGE);
        if (rows[i].path != NULL)
            assert_string_equal(path, rows[i].path);
        else
            assert_string_equal(t.line, rows[i].line);
        sim_free(path);
    }
    assert_true(cli_scenarios_know("street"));
    assert_false(cli_scenarios_know("stret"));
}

/* Two files of one name are refused, two paths to one file are not. */
static void test_named_twice(void **state) {
    (void)state;
    cli_trouble t = {0};
    char *path;
    assert_int_equal(link("scenarios/b/street.lua", "scenarios/a/street.lua"), 0);
    assert_int_equal(cli_scenarios_named("street", &path, &t), CLI_EXIT_PASS);
    assert_string_equal(path, "scenarios/a/street.lua");
    sim_free(path);
    assert_int_equal(unlink("scenarios/a/street.lua"), 0);
    FILE *other = fopen("scenarios/a/street.lua", "w");
    assert_non_null(other);
    assert_int_equal(fclose(other), 0);
    assert_int_equal(cli_scenarios_named("street", &path, &t), CLI_EXIT_USAGE);
    assert_null(path);
    assert_string_equal(t.line,
                        "two scenarios have this name (street): say which, scenarios/a/street.lua "
                        "or scenarios/b/street.lua");
    assert_int_equal(cli_scenarios_named("b/street", &path, &t), CLI_EXIT_PASS);
    assert_string_equal(path, "scenarios/b/street.lua");
    sim_free(path);
    assert_int_equal(unlink("scenarios/a/street.lua"), 0);
}

static void test_scenarios_every_oom(void **state) {
    (void)state;
    for (long n = 0;; n++) {
        cli_scenarios s = {0};
        cli_trouble t = {0};
        int64_t before = sim_heap_in_use().blocks;
        sim_heap_fail(n, false);
        char *path = NULL;
        cli_exit code = cli_scenarios_in(&s, "scenarios", &t);
        if (code == CLI_EXIT_PASS) code = cli_scenarios_named("street", &path, &t);
        bool failed = sim_heap_fail_never();
        cli_scenarios_deinit(&s);
        sim_free(path);
        assert_int_equal(sim_heap_in_use().blocks, before);
        assert_int_equal(code, failed ? CLI_EXIT_INTERNAL : CLI_EXIT_PASS);
        if (!failed) break;
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_given),
        cmocka_unit_test(test_a_run_that_failed_leaves_nothing),
        cmocka_unit_test(test_two_runs_in_the_same_second),
        cmocka_unit_test(test_a_result_is_not_given_back),
        cmocka_unit_test(test_a_place_that_cannot_be_written),
        cmocka_unit_test_setup_teardown(test_find, make_tree, remove_tree),
        cmocka_unit_test_setup_teardown(test_missing, make_tree, remove_tree),
        cmocka_unit_test_setup_teardown(test_named, make_tree, remove_tree),
        cmocka_unit_test_setup_teardown(test_named_twice, make_tree, remove_tree),
        cmocka_unit_test_setup_teardown(test_scenarios_every_oom, make_tree, remove_tree),
    };
    return cmocka_run_group_tests(tests, enter_scratch, leave_scratch);
}
