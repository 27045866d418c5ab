/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `blackstart run` from options to exit code, over fakes of the layers below: the order of calls,
 * the exit code, the one line of an error, and that nothing is left in the file system. */
#include <stdlib.h>
#include <unistd.h>

#include "sim/cli/cli.h"
#include "sim/cli/stop.h"
#include "sim/core/heap.h"
#include "tests/unit/cli_fakes.h"
#include "tests/unit/with_cmocka.h"

static char scratch[] = "/tmp/test_cli_run.XXXXXX";

static int enter_scratch(void **state) {
    (void)state;
    if (mkdtemp(scratch) == NULL || chdir(scratch) != 0) return -1;
    FILE *scenario = fopen("x.lua", "w"); /* only has to be there */
    return scenario != NULL && fclose(scenario) == 0 ? 0 : -1;
}

static int leave_scratch(void **state) {
    (void)state;
    return unlink("x.lua") == 0 && chdir("/") == 0 && rmdir(scratch) == 0
               ? 0
               : -1; /* fails when a test left something */
}

static int reset(void **state) {
    (void)state;
    memset(&fake, 0, sizeof fake);
    cli_stop_install();
    return 0;
}

static judge_finding finding(const char *unit, judge_verdict verdict, const char *sentence) {
    judge_finding f = {.verdict = verdict};
    snprintf(f.unit, sizeof f.unit, "%s", unit);
    snprintf(f.sentence, sizeof f.sentence, "%s", sentence);
    return f;
}

enum { WORDS = 16 };

static cli_exit run_caption_of(const char *text, cli_trouble *t) {
    static char copy[512];
    char *argv[WORDS + 1] = {NULL};
    int argc = 0;
    snprintf(copy, sizeof copy, "%s", text);
    for (char *word = strtok(copy, " "); word != NULL && argc < WORDS; word = strtok(NULL, " "))
        argv[argc++] = word;
    return cli_run("blackstart", argc, argv, t);
}

/* ---- each way a run can end ---- */

static void passes(void) {
}
static void load_fails(void) {
    fake.load_why = "x.lua:3: no such field";
}
static void setup_fails(void) {
    fake.setup_why = "x.lua:9: homes is negative";
}
static void preflight_fails(void) {
    fake.new_why = "too few descriptors (preflight): raise ulimit -n";
    fake.new_code = CLI_EXIT_INTERNAL;
}
static void target_is_silent(void) {
    fake.new_why = "no answer (coap://x): start a server there";
    fake.new_code = CLI_EXIT_INCONCLUSIVE;
}
static void drill_fails(void) {
    fake.drill_why = "x.lua:20: street is nil";
}
static void drive_fails(void) {
    fake.drive_why = "out of memory (run): use fewer homes";
}
static void verdict_fails(void) {
    fake.verdict_why = "x.lua:30: no such trigger";
}
static void finish_fails(void) {
    fake.finish_why = "disk full (results/x): make room";
}
static void check_fails(void) {
    fake.findings[0] = finding("answered", JUDGE_INCONCLUSIVE, "Nobody was there.");
    fake.findings[1] = finding("5.9-3-2 a", JUDGE_FAIL, "They all came at once.");
    fake.findings[2] = finding("5.9-3-2 b", JUDGE_FAIL, "And again.");
    fake.finding_count = 3;
}
static void inconclusive(void) {
    fake.findings[0] = finding("answered", JUDGE_PASS, "All were answered.");
    fake.findings[1] = finding("5.9-3-2 a", JUDGE_INCONCLUSIVE, "Only 12 devices took part.");
    fake.finding_count = 2;
}
static void interrupted(void) {
    fake.interrupted = true;
    check_fails();
}
static void interrupted_without_verdict(void) {
    fake.interrupted = true;
    fake.verdict_why = "x.lua:30: no such trigger";
}

static const struct ending {
    const char *name;
    void (*arrange)(void);
    int code;
    const char *calls;
    const char *line;
} endings[] = {
    {"pass", passes, 0, "load setup new drive verdict finish report run_leave script_free ", ""},
    {"load", load_fails, 4, "load ", "x.lua:3: no such field"},
    {"setup", setup_fails, 4, "load setup script_free ", "x.lua:9: homes is negative"},
    {"preflight", preflight_fails, 3, "load setup new script_free ",
     "too few descriptors (preflight): raise ulimit -n"},
    {"target", target_is_silent, 5, "load setup new script_free ",
     "no answer (coap://x): start a server there"},
    {"drill", drill_fails, 4, "load setup new drive run_leave script_free ",
     "x.lua:20: street is nil"},
    {"drive", drive_fails, 3, "load setup new drive run_leave script_free ",
     "out of memory (run): use fewer homes"},
    {"verdict", verdict_fails, 4,
     "load setup new drive verdict finish report run_leave script_free ",
     "x.lua:30: no such trigger; what the run measured is in out"},
    {"finish", finish_fails, 3, "load setup new drive verdict finish run_leave script_free ",
     "disk full (results/x): make room"},
    {"fail", check_fails, 1, "load setup new drive verdict finish report run_leave script_free ",
     "a check failed (5.9-3-2 a, 5.9-3-2 b): They all came at once."},
    {"inconclusive", inconclusive, 5,
     "load setup new drive verdict finish report run_leave script_free ",
     "inconclusive (5.9-3-2 a): Only 12 devices took part."},
    {"interrupted", interrupted, 2,
     "load setup new drive verdict finish report run_leave script_free ",
     "interrupted (at 12m00s of the run): what was seen until then is in out"},
    {"interrupted early", interrupted_without_verdict, 2,
     "load setup new drive verdict finish report run_leave script_free ",
     "interrupted (at 12m00s of the run): what was seen until then is in out"},
};

static void test_ending(void **state) {
    const struct ending *e = *state;
    cli_trouble t = {0};
    reset(NULL);
    e->arrange();
    assert_int_equal(run_caption_of("run x.lua --out out/ --quiet", &t), e->code);
    assert_string_equal(fake.calls, e->calls);
    assert_string_equal(t.line, e->line);
    assert_string_equal(fake.folder[0] == '\0' ? "out" : fake.folder, "out");
}

static void test_every_ending_gives_its_default_folder_back(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        cli_trouble t = {0};
        reset(NULL);
        endings[i].arrange();
        (void)run_caption_of("run x.lua --quiet", &t);
        assert_int_equal(access("results", F_OK),
                         -1); /* the fake writes nothing, so nothing may stand there */
    }
}

static void test_interrupted_proves_nothing(void **state) {
    (void)state;
    cli_trouble t = {0};
    interrupted();
    assert_int_equal(run_caption_of("run x.lua --out out", &t), 2);
    assert_int_equal(fake.recorded[1].verdict, JUDGE_INCONCLUSIVE);
    assert_string_equal(fake.recorded[1].sentence,
                        "The run was interrupted at 12m00s, before its drill had ended. Until then "
                        "it was FAIL: They all "
                        "came at once.");
}

static void test_a_signal_before_the_run(void **state) {
    (void)state;
    cli_trouble t = {0};
    raise(SIGTERM);
    assert_int_equal(run_caption_of("run x.lua --quiet", &t), 2);
    assert_string_equal(fake.calls, "load setup script_free ");
    assert_int_equal(access("results", F_OK), -1);
}

static void test_what_the_run_gets(void **state) {
    (void)state;
    cli_trouble t = {0};
    assert_int_equal(
        run_caption_of("run x.lua --out o --seed 7 --threads 3 --set a=1 --set b= --quiet", &t), 0);
    assert_int_equal(fake.options.seed, 7);
    assert_int_equal(fake.options.threads, 3);
    assert_int_equal(fake.set_count, 2);
    assert_false(fake.real);
    assert_null(fake.options.progress);
    assert_string_equal(fake.repeat, "blackstart run x.lua --set a=1 --set b= --seed 7");
}

static void test_what_a_real_run_gets(void **state) {
    (void)state;
    cli_trouble t = {0};
    assert_int_equal(
        run_caption_of("run x.lua --out o --threads 3 --quiet --target coaps://127.0.0.1:7 --psk "
                       "me:text:abc --source 127.1.0.0/16",
                       &t),
        0);
    assert_true(fake.real);
    assert_int_equal(fake.options.threads, 1);
    assert_true(fake.target.secure);
    assert_int_equal(fake.target.address.port, 7);
    assert_int_equal(fake.target.source_bits, 112);
    assert_int_equal(fake.options.credential_count, 1);
    assert_string_equal(fake.repeat,
                        "blackstart run x.lua --seed 1 --target coaps://127.0.0.1:7 --psk "
                        "me:text:KEY --source 127.1.0.0/16");
}

/* Every allocation of ours fails once: exit code 3 or a run as if nothing had been, nothing leaked.
 */
static void test_every_oom(void **state) {
    (void)state;
    for (long n = 0;; n++) {
        cli_trouble t = {0};
        reset(NULL);
        int64_t before = sim_heap_in_use().blocks;
        sim_heap_fail(n, false);
        cli_exit code = run_caption_of(
            "run x.lua --quiet --set a=1 --target coaps://127.0.0.1 --psk me:00", &t);
        bool failed = sim_heap_fail_never();
        assert_int_equal(sim_heap_in_use().blocks, before);
        assert_int_equal(code, failed ? CLI_EXIT_INTERNAL : CLI_EXIT_PASS);
        if (!failed) break;
    }
}

int main(void) {
    enum { ENDINGS = sizeof endings / sizeof endings[0] };
    struct CMUnitTest by_ending[ENDINGS];
    for (size_t i = 0; i < ENDINGS; i++)
        by_ending[i] = (struct CMUnitTest){endings[i].name, test_ending, NULL, NULL,
                                           (void *)(uintptr_t)&endings[i]};
    const struct CMUnitTest others[] = {
        cmocka_unit_test_setup(test_every_ending_gives_its_default_folder_back, reset),
        cmocka_unit_test_setup(test_interrupted_proves_nothing, reset),
        cmocka_unit_test_setup(test_a_signal_before_the_run, reset),
        cmocka_unit_test_setup(test_what_the_run_gets, reset),
        cmocka_unit_test_setup(test_what_a_real_run_gets, reset),
        cmocka_unit_test_setup(test_every_oom, reset),
    };
    int failures = cmocka_run_group_tests_name("endings", by_ending, enter_scratch, NULL);
    return failures + cmocka_run_group_tests_name("run", others, NULL, leave_scratch);
}
