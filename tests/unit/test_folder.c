/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _XOPEN_SOURCE 700 /* nftw */
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/report/folder.h"
#include "tests/unit/every_allocation.h"
#include "tests/unit/with_cmocka.h"

/* Each test has a folder of its own and works in it. */
static char scratch[] = "/tmp/test_folder.XXXXXX";

static int enter(void **state) {
    (void)state;
    memcpy(scratch + strlen(scratch) - strlen("XXXXXX"), "XXXXXX", strlen("XXXXXX"));
    return mkdtemp(scratch) != NULL && chdir(scratch) == 0 ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place) {
    (void)status, (void)kind, (void)place;
    return remove(path);
}

static int remove_all(const char *path) {
    return nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static int leave(void **state) {
    (void)state;
    return chdir("/") == 0 && remove_all(scratch) == 0 ? 0 : -1;
}

static int leftovers;

static int count_leftover(const char *path, const struct stat *status, int kind,
                          struct FTW *place) {
    (void)status, (void)kind, (void)place;
    leftovers += strstr(path, ".partial") != NULL || strstr(path, ".replaced") != NULL;
    return 0;
}

static void assert_no_leftovers(void) {
    leftovers = 0;
    assert_int_equal(nftw(".", count_leftover, 8, FTW_PHYS), 0);
    assert_int_equal(leftovers, 0);
}

static bool exists(const char *path) {
    struct stat status;
    return lstat(path, &status) == 0;
}

static char *content(const char *path, char *text, size_t size) {
    FILE *file = fopen(path, "r");
    size_t n = file != NULL ? fread(text, 1, size - 1, file) : 0;
    if (file != NULL) fclose(file);
    text[n] = '\0';
    return text;
}

static void put_file(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void make_folder(const char *path) {
    assert_int_equal(mkdir(path, 0777), 0);
}

/* A result as far as anybody can tell. */
static void put_result(const char *path, const char *mark) {
    char name[200], text[200];
    make_folder(path);
    snprintf(name, sizeof name, "%s/summary.json", path);
    snprintf(text, sizeof text,
             "{\n  \"schema\": \"blackstart-summary-1\",\n  \"mark\": \"%s\"\n}\n", mark);
    put_file(name, text);
    snprintf(name, sizeof name, "%s/series.csv", path);
    put_file(name, mark);
}

static void assert_result(const char *path, const char *mark) {
    char name[200], text[5000];
    snprintf(name, sizeof name, "%s/summary.json", path);
    if (strstr(content(name, text, sizeof text), mark) == NULL)
        fail_msg("no %s in %s: %s", mark, name, text);
}

static const char *const triggers[] = {"start"};

static report_run run_titled(const char *title) {
    return (report_run){.scenario = "s.lua",
                        .title = title,
                        .version = "0",
                        .world = "virtual",
                        .repeat = "",
                        .triggers = triggers,
                        .trigger_count = 1};
}

static void write_seconds(report_folder *f, uint64_t count) {
    for (uint64_t i = 0; i < count; i++) {
        const report_second row = {.second = i, .online = i};
        assert_int_equal(report_folder_second(f, &row), 0);
    }
}

/* Opens, writes and finishes; the error, with its line in `why`. */
static int write_result(const char *path, const char *title, char why[256]) {
    report_folder *f;
    record_attempt item = {.at = 5, .latency = 7, .number = 1, .outcome = RECORD_OUTCOME_ONLINE};
    const record_attempts attempts = {.items = &item, .count = 1, .capacity = 1};
    const report_run run = run_titled(title);
    why[0] = '\0';
    int error = report_folder_open(path, &f, why, 256);
    if (error != 0) {
        assert_null(f);
        return error;
    }
    write_seconds(f, 3);
    return report_folder_finish(f, &run, &attempts, why, 256);
}

static void assert_written(const char *path) {
    char why[256], partial[200], replaced[200];
    if (write_result(path, "new one", why) != 0) fail_msg("%s: %s", path, why);
    assert_result(path, "new one");
    snprintf(partial, sizeof partial, "%s.partial", path);
    snprintf(replaced, sizeof replaced, "%s.replaced", path);
    assert_false(exists(partial));
    assert_false(exists(replaced));
}

/* Refused, in a line that names the cause; what stood there is untouched by it. */
static void assert_refused(const char *path, const char *words) {
    char why[256];
    int error = write_result(path, "new one", why);
    assert_true(error < 0);
    if (strstr(why, words) == NULL) fail_msg("%s: \"%s\", wanted \"%s\"", path, why, words);
    assert_null(strchr(why, '\n'));
}

static void test_new(void **state) {
    (void)state;
    char text[2000];
    assert_written("results/2024/run");
    assert_string_equal(content("results/2024/run/attempts.csv", text, sizeof text),
                        "time_s,device,home,trigger,attempt,outcome,latency_s\n0.000000005,0,0,"
                        "start,1,online,0.000000007\n");
    assert_string_equal(content("results/2024/run/series.csv", text, sizeof text),
                        "time_s,online,attempts,successes,rejections,queue_depth,due,"
                        "sent,answered,refused,failed,waiting,median_us,p95_us,boot_chain_dhcp,"
                        "boot_chain_dns,boot_chain_time\n"
                        "0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0\n1,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0\n"
                        "2,2,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0\n");
    assert_non_null(strstr(content("results/2024/run/summary.json", text, sizeof text),
                           "\"attempts\": 1,\n  \"seconds\": 3,\n"));
}

static void test_unfinished_until_whole(void **state) {
    (void)state;
    char why[256];
    report_folder *f;
    assert_int_equal(report_folder_open("run", &f, why, sizeof why), 0);
    write_seconds(f, 2);
    assert_false(exists("run"));
    assert_true(exists("run.partial/series.csv"));
    assert_null(report_folder_why(f));
    report_folder_abandon(f);
    assert_false(exists("run"));
    assert_false(exists("run.partial"));
    report_folder_abandon(NULL);
}

static void test_places_that_will_do(void **state) {
    (void)state;
    make_folder("empty");
    assert_written("empty");
    assert_written("slashes///");
    put_result("earlier", "old one");
    assert_written("earlier");
    char full[100];
    snprintf(full, sizeof full, "%s/full", scratch);
    assert_written(full);
    make_folder("target");
    assert_int_equal(symlink("target", "link"), 0);
    char why[256];
    assert_int_equal(write_result("link", "new one", why), 0);
    assert_result("target", "new one");
    assert_true(exists("link"));
}

static void test_places_that_will_not(void **state) {
    (void)state;
    char long_name[NAME_MAX + 10], longer_path[PATH_MAX + 10];
    memset(long_name, 'n', sizeof long_name);
    long_name[NAME_MAX - 2] = '\0';
    memset(longer_path, 'p', sizeof longer_path);
    longer_path[sizeof longer_path - 1] = '\0';
    put_file("file", "mine");
    make_folder("mine");
    put_file("mine/thesis.txt", "years of work");
    make_folder("half");
    put_file("half/attempts.csv", "not ours");
    make_folder("other");
    put_file("other/summary.json", "{\"schema\": \"of somebody else\"}");
    put_result("noted", "old one");
    put_file("noted/notes.txt", "what I saw");
    assert_int_equal(symlink("nowhere", "dangling"), 0);
    static const struct {
        const char *path, *says;
    } rows[] = {
        {"", "names no folder"},
        {"/", "cannot be replaced by a result"},
        {".", "cannot be replaced by a result"},
        {"mine/..", "cannot be replaced by a result"},
        {"file", "'file' is not a folder; choose another name with --out"},
        {"file/below", "'file' is not a folder"},
        {"file/below/deep", "'file' is not a folder"},
        {"mine",
         "'mine' holds 'thesis.txt', which is not part of a result and would be lost; choose "
         "another folder "
         "with --out"},
        {"half", "holds files named like a result but no summary.json of ours"},
        {"other", "holds files named like a result but no summary.json of ours"},
        {"noted", "holds 'notes.txt'"},
        {"dangling", "cannot follow the link 'dangling': No such file"},
        {"/proc/blackstart", "cannot make the results folder '/proc/blackstart.partial'"},
        {"/dev/null/run", "'/dev/null' is not a folder"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_refused(rows[i].path, rows[i].says);
    assert_refused(long_name, "File name too long; choose another folder with --out");
    assert_refused(longer_path, "is too long a name; choose another folder with --out");
    assert_true(exists("mine/thesis.txt") && exists("half/attempts.csv") &&
                exists("noted/notes.txt") && exists("noted/summary.json"));
    assert_no_leftovers();
}

static void test_not_writable(void **state) {
    (void)state;
    const uid_t me = geteuid();
    const bool root = me == 0; /* to whom nothing is forbidden */
    make_folder("locked");
    assert_int_equal(chmod("locked", 0555), 0);
    assert_int_equal(chmod(".", 0755), 0);
    if (root) assert_int_equal(seteuid(65534), 0);
    char why[256];
    int error = write_result("locked/run", "new one", why);
    if (root) assert_int_equal(seteuid(me), 0);
    assert_int_equal(error, SIM_EIO);
    assert_string_equal(
        why,
        "cannot make the results folder 'locked/run.partial': Permission denied; choose a "
        "folder that you may "
        "write to with --out");
}

/* Control characters of a path do not reach the terminal. */
static void test_hostile_path(void **state) {
    (void)state;
    put_file("red\x1b[31m", "");
    assert_refused("red\x1b[31m", "'red?[31m' is not a folder");
}

static void test_two_runs_at_once(void **state) {
    (void)state;
    char why[256];
    report_folder *first, *second;
    assert_int_equal(report_folder_open("run", &first, why, sizeof why), 0);
    write_seconds(first, 1);
    assert_true(report_folder_open("run", &second, why, sizeof why) < 0);
    assert_non_null(strstr(why,
                           "'run.partial' is being written by another run; wait for it, or choose "
                           "another folder with --out"));
    assert_true(exists("run.partial/series.csv"));
    report_folder_abandon(first);
    assert_written("run");
}

static void test_after_a_dead_run(void **state) {
    (void)state;
    put_result("run", "old one");
    put_result("run.partial", "half");
    assert_written("run");
    make_folder("run.partial"); /* died even sooner */
    assert_written("run");
    make_folder("run.partial");
    put_file("run.partial/thesis.txt", "years of work");
    assert_refused("run", "'run.partial' is in the way and not an unfinished result");
    assert_true(exists("run.partial/thesis.txt"));
}

/* `blackstart report` writes beside the page until the new one is whole. */
static void test_after_a_killed_report(void **state) {
    (void)state;
    put_result("run", "old one");
    put_file("run/report.html.partial", "<!DOCTYPE");
    assert_written("run");
    assert_false(exists("run/report.html.partial"));
    put_file("run/notes.html.partial", "mine");
    assert_refused("run", "'run' holds 'notes.html.partial', which is not part of a result");
    assert_true(exists("run/notes.html.partial"));
}

/* Killed between the renames: what was whole is found again, even if the next run does not finish.
 */
static void test_after_a_death_between_renames(void **state) {
    (void)state;
    static const struct {
        const char *path, *partial, *replaced, *stands;
    } rows[] = {
        {NULL, "newer", "old", "newer"},
        {NULL, NULL, "old", "old"},
        {"newer", NULL, "old", "newer"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char why[256];
        report_folder *f;
        if (rows[i].path != NULL) put_result("run", rows[i].path);
        if (rows[i].partial != NULL) put_result("run.partial", rows[i].partial);
        if (rows[i].replaced != NULL) put_result("run.replaced", rows[i].replaced);
        assert_int_equal(report_folder_open("run", &f, why, sizeof why), 0);
        report_folder_abandon(f);
        assert_result("run", rows[i].stands);
        assert_false(exists("run.partial"));
        assert_false(exists("run.replaced"));
        assert_written("run");
        assert_int_equal(remove_all("run"), 0);
    }
    char why[256]; /* and what is not ours to move stays */
    make_folder("run.replaced");
    put_file("run.replaced/series.csv", "measured by hand");
    assert_int_equal(write_result("run", "new one", why), 0);
    assert_true(exists("run.replaced/series.csv"));
    put_result("other.replaced", "somebody's");
    put_file("other.replaced/notes.txt", "what I saw");
    assert_int_equal(write_result("other", "new one", why), 0);
    assert_true(exists("other.replaced/notes.txt"));
}

/* Something lands at the place while the run goes on. */
static void test_place_taken_meanwhile(void **state) {
    (void)state;
    char why[256];
    report_folder *f;
    const record_attempts none = {.items = NULL};
    const report_run run = run_titled("new one");
    assert_int_equal(report_folder_open("run", &f, why, sizeof why), 0);
    make_folder("run");
    put_file("run/thesis.txt", "years of work");
    assert_true(report_folder_finish(f, &run, &none, why, sizeof why) < 0);
    assert_non_null(strstr(why, "holds 'thesis.txt'"));
    assert_true(exists("run/thesis.txt"));
    assert_false(exists("run.partial"));
}

static void test_seconds_in_order(void **state) {
    (void)state;
    char why[256];
    report_folder *f;
    assert_int_equal(report_folder_open("run", &f, why, sizeof why), 0);
    assert_int_equal(report_folder_second(f, &(report_second){.second = 1}), SIM_ESTATE);
    write_seconds(f, 2);
    assert_int_equal(report_folder_second(f, &(report_second){.second = 1}), SIM_ESTATE);
    assert_int_equal(report_folder_second(f, &(report_second){.second = 3}), SIM_ESTATE);
    assert_int_equal(report_folder_second(f, &(report_second){.second = 2}), 0);
    report_folder_abandon(f);
}

static void test_numbers_that_do_not_fit(void **state) {
    (void)state;
    char why[256];
    report_folder *f;
    record_attempt item = {.trigger = 9};
    const record_attempts strange = {.items = &item, .count = 1}, none = {.items = NULL};
    report_run run = run_titled("new one");
    assert_int_equal(report_folder_open("run", &f, why, sizeof why), 0);
    assert_int_equal(report_folder_finish(f, &run, &strange, why, sizeof why), SIM_ERANGE);
    assert_string_equal(why, "cannot write attempts.csv: a number of this run does not fit in it");
    run.seed = UINT64_MAX;
    assert_int_equal(report_folder_open("run", &f, why, sizeof why), 0);
    assert_int_equal(report_folder_finish(f, &run, &none, why, sizeof why), SIM_ERANGE);
    assert_string_equal(why, "cannot write summary.json: a number of this run does not fit in it");
    assert_false(exists("run") || exists("run.partial"));
}

/* --- a disk that is full: no file may grow beyond some bytes --- */

static void limit_files(rlim_t bytes) {
    struct rlimit limit;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void assert_full(const char *why, const char *where) {
    if (strstr(why, where) == NULL ||
        strstr(why, "File too large; make room, or choose another folder with --out") == NULL)
        fail_msg("\"%s\", wanted %s", why, where);
    assert_false(exists("run") || exists("run.partial"));
}

static void test_full_at_the_start(void **state) {
    (void)state;
    char why[256] = "";
    report_folder *f;
    limit_files(10);
    int error = report_folder_open("run", &f, why, sizeof why);
    limit_files(RLIM_INFINITY);
    assert_int_equal(error, SIM_EIO);
    assert_full(why, "cannot write in the results folder 'run.partial'");
}

static void test_full_while_it_runs(void **state) {
    (void)state;
    char why[256] = "";
    report_folder *f;
    const record_attempts none = {.items = NULL};
    const report_run run = run_titled("new one");
    assert_int_equal(report_folder_open("run", &f, why, sizeof why), 0);
    limit_files(10000);
    int error = 0;
    uint64_t second = 0;
    for (; error == 0 && second < 100000; second++)
        error = report_folder_second(f, &(report_second){.second = second});
    limit_files(RLIM_INFINITY);
    assert_int_equal(error, SIM_EIO);
    assert_true(second < 3000); /* soon, not at the end */
    /* and for good */
    assert_int_equal(report_folder_second(f, &(report_second){.second = second}), SIM_EIO);
    assert_non_null(
        strstr(report_folder_why(f), "cannot write series.csv in 'run.partial': File too large"));
    assert_int_equal(report_folder_finish(f, &run, &none, why, sizeof why), SIM_EIO);
    assert_full(why, "cannot write series.csv in 'run.partial'");
}

static void test_full_at_the_end(void **state) {
    (void)state;
    static const struct {
        rlim_t bytes;
        uint64_t seconds;
        size_t attempts;
        const char *where;
        /* what was in the buffer */
    } rows[] = {{100, 5, 0, "cannot write series.csv in 'run.partial'"},
                {20000, 5, 5000, "cannot write attempts.csv in 'run.partial'"},
                {100, 0, 5, "cannot write attempts.csv in 'run.partial'"},
                {100000, 5, 5, "cannot write report.html in 'run.partial'"},
                {300, 0, 1, "cannot write summary.json in 'run.partial'"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char why[256] = "";
        report_folder *f;
        record_attempt *items = calloc(5000, sizeof *items);
        const record_attempts attempts = {
            .items = items, .count = rows[i].attempts, .capacity = 5000};
        const report_run run = run_titled("new one");
        assert_int_equal(report_folder_open("run", &f, why, sizeof why), 0);
        write_seconds(f, rows[i].seconds);
        limit_files(rows[i].bytes);
        int error = report_folder_finish(f, &run, &attempts, why, sizeof why);
        limit_files(RLIM_INFINITY);
        free(items);
        assert_int_equal(error, SIM_EIO);
        assert_full(why, rows[i].where);
    }
}

/* The earlier result outlives a run that cannot write its own. */
static void test_full_beside_an_earlier_result(void **state) {
    (void)state;
    char why[256] = "";
    report_folder *f;
    const record_attempts none = {.items = NULL};
    const report_run run = run_titled("new one");
    put_result("earlier", "old one");
    assert_int_equal(report_folder_open("earlier", &f, why, sizeof why), 0);
    limit_files(100);
    int error = report_folder_finish(f, &run, &none, why, sizeof why);
    limit_files(RLIM_INFINITY);
    assert_int_equal(error, SIM_EIO);
    assert_result("earlier", "old one");
    assert_false(exists("earlier.partial") || exists("earlier.replaced"));
}

static int write_with_little_memory(void *context) {
    char why[256];
    int error = write_result(context, "new one", why);
    if (error != 0) assert_non_null(strstr(why, "Cannot allocate memory"));
    assert_false(exists("run.partial"));
    return error;
}

static void test_every_allocation_fails(void **state) {
    (void)state;
    char path[] = "run";
    assert_true(fail_every_allocation(write_with_little_memory, path) > 30);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(test_new),
        IN_SCRATCH(test_unfinished_until_whole),
        IN_SCRATCH(test_places_that_will_do),
        IN_SCRATCH(test_places_that_will_not),
        IN_SCRATCH(test_not_writable),
        IN_SCRATCH(test_hostile_path),
        IN_SCRATCH(test_two_runs_at_once),
        IN_SCRATCH(test_after_a_dead_run),
        IN_SCRATCH(test_after_a_killed_report),
        IN_SCRATCH(test_after_a_death_between_renames),
        IN_SCRATCH(test_place_taken_meanwhile),
        IN_SCRATCH(test_seconds_in_order),
        IN_SCRATCH(test_numbers_that_do_not_fit),
        IN_SCRATCH(test_full_at_the_start),
        IN_SCRATCH(test_full_while_it_runs),
        IN_SCRATCH(test_full_at_the_end),
        IN_SCRATCH(test_full_beside_an_earlier_result),
        IN_SCRATCH(test_every_allocation_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
