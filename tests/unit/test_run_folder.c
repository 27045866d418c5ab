/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs that write results: whole, interrupted, onto a disk that is full, into a folder that cannot
 * be. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/judge/check_reconnect.h"
#include "sim/judge/checks.h"
#include "sim/run/finish.h"
#include "sim/run/options.h"
#include "sim/run/run.h"
#include "sim/run/run_private.h"
#include "tests/support/small_fleet.h"
#include "tests/support/story.h"
#include "tests/support/strikes.h"
#include "tests/unit/with_cmocka.h"

static char folder[64];
static char path[128];

static int set_up(void **state) {
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/test_run_folder.XXXXXX");
    if (mkdtemp(folder) == NULL) return -1;
    (void)snprintf(path, sizeof path, "%s/results", folder);
    return net_secure_startup();
}

static void remove_all(void) {
    static const char *const names[] = {"results/summary.json",
                                        "results/attempts.csv",
                                        "results/series.csv",
                                        "results/events.jsonl",
                                        "results/junit.xml",
                                        "results/evidence.json",
                                        "results/evidence.md",
                                        "results/report.html",
                                        "results",
                                        "results.partial/summary.json",
                                        "results.partial/attempts.csv",
                                        "results.partial/series.csv",
                                        "results.partial/report.html",
                                        "results.partial/lock",
                                        "results.partial",
                                        "file"};
    char name[160];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)snprintf(name, sizeof name, "%s/%s", folder, names[i]);
        (void)remove(name);
    }
}

static int clean(void **state) {
    (void)state;
    remove_all();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    remove_all();
    net_secure_cleanup();
    return rmdir(folder); /* nothing else was left */
}

static bool there(const char *name) {
    char full[192];
    struct stat s;
    (void)snprintf(full, sizeof full, "%s/%s", path, name);
    return stat(full, &s) == 0;
}

/* Beside the folder, which itself is not there yet. */
static bool is_begun(void) {
    char partial[192];
    struct stat s;
    (void)snprintf(partial, sizeof partial, "%s.partial", path);
    return stat(partial, &s) == 0;
}

/* The whole of a file, to be freed. */
static char *content(const char *name) {
    enum { MOST = 4 << 20 };
    char full[192];
    char *text = calloc(1, MOST);
    (void)snprintf(full, sizeof full, "%s/%s", path, name);
    FILE *f = fopen(full, "r");
    assert_non_null(text);
    assert_non_null(f);
    assert_true(fread(text, 1, MOST - 1, f) > 0);
    (void)fclose(f);
    return text;
}

static size_t lines_of(const char *name) {
    char *text = content(name);
    size_t n = 0;
    for (const char *c = text; *c != '\0'; c++) n += *c == '\n';
    free(text);
    return n;
}

static volatile sig_atomic_t stop;

static int press_ctrl_c(run *r, void *context) {
    (void)r;
    (void)context;
    stop = 1;
    return 0;
}

static int cut(run *r, void *context) {
    (void)context;
    return strike_power(r, &story_all, false, NULL);
}

static int restore(run *r, void *context) {
    (void)context;
    return strike_power(r, &story_all, true, "power restore");
}

static int finish(run *r, char *why, size_t size) {
    const run_caption words = {.scenario = "test.lua",
                               .title = "A test",
                               .version = "0",
                               .repeat = "again",
                               .repeatable = true};
    judge_reconnect_wanted request = {.policy = judge_reconnect_policy_default};
    judge_finding finding;
    report_run record;
    assert_int_equal(story_judge(r, &judge_check_reconnect, &request, &finding), 0);
    return run_finish(r, &words, &finding, 1, &record, why, size);
}

static run_options writing(void) {
    return (run_options){.seed = 1, .threads = 1, .folder = path, .stop = &stop};
}

/* A column of series.csv by second; returns its sum. */
static uint64_t column_of(const char *wanted, uint64_t *values, size_t room) {
    char *text = content("series.csv");
    int column = -1, at = 0;
    uint64_t sum = 0;
    size_t row = 0;
    char *save;
    char *line = strtok_r(text, "\n", &save);
    char *inner;
    for (char *cell = strtok_r(line, ",", &inner); cell != NULL;
         cell = strtok_r(NULL, ",", &inner), at++) {
        if (strcmp(cell, wanted) == 0) column = at;
    }
    assert_true(column >= 0);
    while ((line = strtok_r(NULL, "\n", &save)) != NULL) {
        at = 0;
        for (char *cell = strtok_r(line, ",", &inner); cell != NULL;
             cell = strtok_r(NULL, ",", &inner), at++) {
            if (at != column) continue;
            assert_true(row < room);
            values[row] = strtoull(cell, NULL, 10);
            sum += values[row++];
        }
    }
    free(text);
    return sum;
}

static void test_results(void **state) {
    (void)state;
    static const story_step steps[] = {{400, cut}, {500, restore}, {1000, NULL}};
    const run_options options = writing();
    fleet_spec spec;
    char why[256];
    stop = 0;
    small_fleet_spec(&spec, 100, 25, 4, false);
    run *r = story_run(&spec, &options, steps, NULL);
    assert_int_equal(finish(r, why, sizeof why), 0);
    assert_int_equal(lines_of("attempts.csv"), r->attempts.count + 1);
    /* a row for each second, of the dark hour too */
    assert_int_equal(lines_of("series.csv"), 1000 + 1);
    static uint64_t begun[1000], succeeded[1000], attempts[1000], successes[1000];
    uint64_t online = 0;
    for (size_t i = 0; i < r->attempts.count; i++) {
        const record_attempt *a = &r->attempts.items[i];
        begun[a->at / SIM_SECOND]++;
        if (a->outcome != RECORD_OUTCOME_ONLINE) continue;
        succeeded[(a->at + a->latency) / SIM_SECOND]++;
        online++;
    }
    assert_int_equal(column_of("attempts", attempts, 1000), r->attempts.count);
    assert_int_equal(column_of("successes", successes, 1000), online);
    for (int second = 0; second < 1000; second++) { /* to the nanosecond at the borders */
        assert_int_equal(attempts[second], begun[second]);
        assert_int_equal(successes[second], succeeded[second]);
    }
    char *summary = content("summary.json");
    assert_non_null(strstr(summary, "\"power restore\""));
    free(summary);
    run_free(r);
    assert_true(there("summary.json")); /* not taken away again */
}

static void test_interrupted(void **state) {
    (void)state;
    static const story_step steps[] = {{300, press_ctrl_c}, {100000, NULL}};
    const run_options options = writing();
    fleet_spec spec;
    char why[256];
    stop = 0;
    small_fleet_spec(&spec, 20, 10, 20, true);
    run *r = story_run(&spec, &options, steps, NULL);
    assert_true(run_interrupted(r));
    assert_int_equal(finish(r, why, sizeof why), 0);
    char *summary = content("summary.json");
    assert_non_null(strstr(summary, "\"interrupted\": true"));
    free(summary);
    assert_int_equal(lines_of("attempts.csv"), r->attempts.count + 1);
    assert_int_equal(lines_of("series.csv"), 300 + 1);
    run_free(r);
    stop = 0;
}

/* Not finished: nothing is left behind as if it were a result. */
static void test_abandoned(void **state) {
    (void)state;
    static const story_step steps[] = {{300, NULL}};
    const run_options options = writing();
    fleet_spec spec;
    small_fleet_spec(&spec, 5, 5, 20, true);
    run *r = story_run(&spec, &options, steps, NULL);
    assert_true(is_begun());
    run_free(r);
    assert_false(there("series.csv"));
    assert_false(is_begun());
}

/* In a child whose files may not grow beyond `bytes`: 0 when the run went through. */
static int on_a_small_disk(rlim_t bytes) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        static const story_step steps[] = {{5000, NULL}};
        const struct rlimit limit = {.rlim_cur = bytes, .rlim_max = bytes};
        const run_options options = writing();
        fleet_spec spec;
        char why[256] = "";
        int code;
        (void)signal(SIGXFSZ, SIG_IGN);
        if (setrlimit(RLIMIT_FSIZE, &limit) != 0) _exit(99);
        small_fleet_spec(&spec, 20, 10, 20, true);
        run *r = run_new(&spec, &options, why, sizeof why, &code);
        if (r == NULL) _exit(98);
        int error = story_drive(r, steps, NULL);
        if (error != 0 && run_why(r)[0] == '\0') _exit(97);
        if (error == 0 && finish(r, why, sizeof why) != 0) error = why[0] == '\0' ? 96 : SIM_EIO;
        run_free(r);
        _exit(error < 0 ? -error : error);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void test_a_full_disk(void **state) {
    (void)state;
    stop = 0;
    assert_int_equal(on_a_small_disk(20000), -SIM_EIO); /* in the middle of series.csv */
    assert_false(there("summary.json"));
    assert_false(is_begun());
    assert_int_equal(on_a_small_disk(1 << 20), 0); /* bad twin: room enough */
    assert_true(there("summary.json"));
}

static void test_a_folder_that_cannot_be(void **state) {
    (void)state;
    char file[128], inside[160], why[256];
    run_options options = writing();
    fleet_spec spec;
    int code = 0;
    (void)snprintf(file, sizeof file, "%s/file", folder);
    (void)snprintf(inside, sizeof inside, "%s/results", file);
    FILE *f = fopen(file, "w");
    assert_non_null(f);
    (void)fclose(f);
    options.folder = inside;
    small_fleet_spec(&spec, 5, 5, 20, true);
    const sim_heap_use before = sim_heap_in_use();
    assert_null(run_new(&spec, &options, why, sizeof why, &code));
    assert_int_equal(code, 4);
    assert_non_null(strstr(why, file));
    assert_int_equal(sim_heap_in_use().blocks, before.blocks);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_results, clean),
        cmocka_unit_test_teardown(test_interrupted, clean),
        cmocka_unit_test_teardown(test_abandoned, clean),
        cmocka_unit_test_teardown(test_a_full_disk, clean),
        cmocka_unit_test_teardown(test_a_folder_that_cannot_be, clean),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
