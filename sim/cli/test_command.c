/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `blackstart test`: many scenarios, each a run in a process of its own, one line and one
 * junit.xml. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/cli/children.h"
#include "sim/cli/cli.h"
#include "sim/cli/clock.h"
#include "sim/cli/folder.h"
#include "sim/cli/link.h"
#include "sim/cli/product_json.h"
#include "sim/cli/scenarios.h"
#include "sim/cli/stop.h"
#include "sim/cli/terminal.h"
#include "sim/cli/test_options.h"
#include "sim/cli/write_file.h"
#include "sim/core/heap.h"
#include "sim/core/wall.h"
#include "sim/fleet/spec.h"
#include "sim/record/text.h"
#include "sim/report/record.h"
#include "sim/report/suite.h"
#include "sim/report/suite_page.h"
#include "sim/report/value.h"

enum { SCENARIOS_MAX = CLI_SCENARIOS_MAX, FIXED_WORDS = 16 };

/* One scenario of the suite. */
typedef struct item {
    char *path;   /* owned */
    char *folder; /* owned: of its results */
    char error[CLI_LINE_MAX];
    bool takes[CLI_SETS_MAX]; /* it has the parameter of this --set */
    json_t *summary;          /* owned; NULL: none yet */
    double began, wall_s;
    cli_exit code;
    bool ran;
    bool not_for_it; /* no device of it is of the product's model: `error` says so */
} item;

typedef struct session {
    cli_words words;
    cli_test_options options;
    cli_folder folder;
    cli_product product; /* all 0: none */
    cli_children children;
    const volatile sig_atomic_t *stop;
    item *items; /* owned */
    size_t count, started, done;
    double began, wall_s;
    char page[CLI_PATH_MAX + 16]; /* where it goes unless an option says otherwise */
} session;

static bool is_stopped(const session *s) {
    return *s->stop != 0;
}

static cli_exit no_memory(cli_trouble *t) {
    return cli_fail(t, CLI_EXIT_INTERNAL,
                    "out of memory (blackstart test): free some, or give fewer --jobs");
}

/* --- which scenarios --- */

static cli_exit add_one(session *s, const char *path, cli_trouble *t) {
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->items[i].path, path) == 0) return CLI_EXIT_PASS; /* named twice */
    if (s->count == SCENARIOS_MAX)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "more than %d scenarios (blackstart test): test them in parts",
                        SCENARIOS_MAX);
    item *one = &s->items[s->count];
    one->path = sim_strdup(path);
    if (one->path == NULL) return no_memory(t);
    s->count++;
    return CLI_EXIT_PASS;
}

static cli_exit add_folder(session *s, const char *folder, cli_trouble *t) {
    cli_scenarios found = {0};
    char plain[CLI_SCENARIO_PATH];
    size_t n = strlen(folder);
    while (n > 1 && folder[n - 1] == '/') n--;
    snprintf(plain, sizeof plain, "%.*s", (int)n, folder);
    cli_exit trouble = cli_scenarios_in(&found, plain, t);
    if (trouble == CLI_EXIT_PASS && found.count == 0)
        trouble = cli_fail(t, CLI_EXIT_USAGE,
                           "no scenarios (%.300s): name a folder with *.lua in it", folder);
    if (trouble == CLI_EXIT_PASS && found.more)
        trouble = cli_fail(t, CLI_EXIT_USAGE, "more than %d scenarios (%.300s): test them in parts",
                           CLI_SCENARIOS_MAX, folder);
    for (size_t i = 0; i < found.count && trouble == CLI_EXIT_PASS; i++)
        trouble = add_one(s, found.paths[i], t);
    cli_scenarios_deinit(&found);
    return trouble;
}

static cli_exit add_named(session *s, const char *word, cli_trouble *t) {
    char *path;
    cli_exit trouble = cli_scenarios_meant(word, &path, t);
    if (trouble == CLI_EXIT_PASS) trouble = add_one(s, path, t);
    sim_free(path);
    return trouble;
}

static cli_exit gather(session *s, cli_trouble *t) {
    cli_exit trouble = CLI_EXIT_PASS;
    s->items = sim_calloc(SCENARIOS_MAX, sizeof *s->items);
    if (s->items == NULL) return no_memory(t);
    for (size_t i = 0; i < s->options.word_count && trouble == CLI_EXIT_PASS; i++) {
        const char *word = s->options.words[i];
        struct stat about;
        bool folder = stat(word, &about) == 0 && S_ISDIR(about.st_mode);
        trouble = folder ? add_folder(s, word, t) : add_named(s, word, t);
    }
    return trouble;
}

/* --- what each of them takes --- */

static void learn_parameters(session *s, item *one, const script *loaded) {
    size_t count;
    const report_parameter *has = script_parameters(loaded, &count);
    for (size_t k = 0; k < s->options.sets.count; k++)
        for (size_t i = 0; i < count; i++)
            one->takes[k] |= strcmp(has[i].name, s->options.sets.items[k].name) == 0;
}

/* Whether the scenario has devices that can be the product; what else is wrong, a run will tell. */
static void try_product(const session *s, item *one, script *loaded) {
    fleet_spec *spec;
    if (script_take_product(loaded, &s->product.product) == 0 && script_setup(loaded, &spec) == 0)
        return;
    one->not_for_it = script_lacks_product(loaded);
    if (one->not_for_it) record_text_line(script_why(loaded), one->error, sizeof one->error);
}

/* A scenario that does not load is one that errs; the others run all the same. */
static void look_at(session *s, item *one) {
    char why[SCRIPT_WHY];
    script *loaded = script_load(one->path, NULL, 0, s->options.seed, false, why, sizeof why);
    if (loaded == NULL) {
        record_text_line(why, one->error, sizeof one->error);
        one->code = CLI_EXIT_USAGE;
        return;
    }
    learn_parameters(s, one, loaded);
    if (s->options.product != NULL) try_product(s, one, loaded);
    script_free(loaded);
}

static cli_exit look(session *s, cli_trouble *t) {
    for (size_t i = 0; i < s->count && !is_stopped(s); i++) look_at(s, &s->items[i]);
    for (size_t k = 0; k < s->options.sets.count && !is_stopped(s); k++) {
        bool taken = false;
        for (size_t i = 0; i < s->count; i++) taken = taken || s->items[i].takes[k];
        if (!taken)
            return cli_fail(t, CLI_EXIT_USAGE,
                            "no scenario here has the parameter %.80s (--set): blackstart list "
                            "FILE.lua shows those of one",
                            s->options.sets.items[k].name);
    }
    return CLI_EXIT_PASS;
}

/* --- where the results go --- */

static bool is_taken(const session *s, size_t before, const char *folder) {
    for (size_t i = 0; i < before; i++)
        if (strcmp(s->items[i].folder, folder) == 0) return true;
    return false;
}

static cli_exit place(session *s, cli_trouble *t) {
    for (size_t i = 0; i < s->count; i++) {
        char name[64], path[CLI_PATH_MAX + 96];
        cli_folder_name(s->items[i].path, name);
        snprintf(path, sizeof path, "%s/%s", s->folder.path, name);
        for (int n = 2; is_taken(s, i, path); n++)
            snprintf(path, sizeof path, "%s/%s-%d", s->folder.path, name, n);
        s->items[i].folder = sim_strdup(path);
        if (s->items[i].folder == NULL) return no_memory(t);
    }
    return CLI_EXIT_PASS;
}

static cli_exit make_folder(const session *s, bool *made, cli_trouble *t) {
    *made = mkdir(s->folder.path, 0777) == 0;
    if (*made || errno == EEXIST) return CLI_EXIT_PASS;
    return cli_fail(t, CLI_EXIT_USAGE,
                    "cannot make the folder of the results: %s (%.300s): name another with --out",
                    strerror(errno), s->folder.path);
}

/* What is to be written elsewhere can be: said before the runs, which would have been in vain. */
static cli_exit try_files(const session *s, cli_trouble *t) {
    const char *const files[] = {s->options.junit, s->options.page};
    cli_exit trouble = CLI_EXIT_PASS;
    for (size_t i = 0; i < sizeof files / sizeof *files && trouble == CLI_EXIT_PASS; i++)
        if (files[i] != NULL) trouble = cli_write_file_try(files[i], t);
    return trouble;
}

static cli_exit find_folder(session *s, cli_trouble *t) {
    cli_exit trouble = CLI_EXIT_PASS;
    bool made = false;
    if (is_stopped(s))
        return cli_fail(t, CLI_EXIT_INTERRUPTED,
                        "interrupted (before the first run): nothing was written");
    if (s->options.out == NULL)
        trouble =
            cli_folder_reserve(&s->folder, "results", "test", s->options.seed, cli_clock_utc(), t);
    else
        trouble = make_folder(s, &made, t);
    if (trouble == CLI_EXIT_PASS) trouble = try_files(s, t);
    if (trouble == CLI_EXIT_PASS) trouble = place(s, t);
    if (trouble != CLI_EXIT_PASS && made) (void)rmdir(s->folder.path);
    return trouble == CLI_EXIT_PASS ? cli_children_init(&s->children, t) : trouble;
}

/* --- the runs --- */

static cli_exit start(session *s, size_t task, cli_trouble *t) {
    const char *words[FIXED_WORDS + 2 * CLI_SETS_MAX];
    char seed[24], *assignments[CLI_SETS_MAX];
    const cli_sets *sets = &s->options.sets;
    item *one = &s->items[task];
    size_t n = 0, made = 0;
    bool short_of_memory = false;
    snprintf(seed, sizeof seed, "%" PRIu64, s->options.seed);
    const char *const fixed[] = {"blackstart", "run",   "--threads", "1",      "--quiet",
                                 "--no-color", "--out", one->folder, "--seed", seed};
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) words[n++] = fixed[i];
    if (s->options.product != NULL) {
        words[n++] = "--product";
        words[n++] = s->options.product;
    }
    for (size_t k = 0; k < sets->count && !short_of_memory; k++) {
        if (!one->takes[k]) continue;
        size_t size = strlen(sets->items[k].name) + strlen(sets->items[k].value) + 2;
        char *text = assignments[made] = sim_malloc(size);
        short_of_memory = text == NULL;
        if (text == NULL) break;
        snprintf(text, size, "%s=%s", sets->items[k].name, sets->items[k].value);
        words[n++] = "--set";
        words[n++] = assignments[made++];
    }
    words[n++] = "--";
    words[n++] = one->path;
    words[n] = NULL;
    one->began = sim_wall();
    cli_exit trouble =
        short_of_memory ? no_memory(t) : cli_children_start(&s->children, task, words, t);
    while (made > 0) sim_free(assignments[--made]);
    return trouble;
}

static bool has_verdicts(cli_exit code) {
    return code == CLI_EXIT_PASS || code == CLI_EXIT_FAILED || code == CLI_EXIT_INCONCLUSIVE;
}

static size_t checks_of(const item *one) {
    return json_array_size(json_object_get(one->summary, "verdicts"));
}

static bool judged_nothing(const item *one) {
    return one->code == CLI_EXIT_INCONCLUSIVE && checks_of(one) == 0;
}

/* A suite is for what it finds: a scenario that judges nothing has not passed. */
static void read_result(item *one) {
    char why[RECORD_JSON_WHY_MAX];
    if (report_summary_of(one->folder, &one->summary, why) != 0) {
        one->code = CLI_EXIT_INTERNAL;
        record_text_line(why, one->error, sizeof one->error);
    } else if (one->code == CLI_EXIT_PASS && checks_of(one) == 0) {
        one->code = CLI_EXIT_INCONCLUSIVE;
        (void)snprintf(one->error, sizeof one->error,
                       "nothing was judged: say judge, threshold or expect in function verdict(p)");
    }
}

/* They may quote a stranger's file: what goes on is clean text of one line. */
static void keep_last_words(const session *s, size_t task, item *one) {
    char line[CLI_LINE_MAX];
    cli_children_last_words(&s->children, task, line);
    record_text_line(line, one->error, sizeof one->error);
}

static void settle(session *s, size_t task, int status) {
    item *one = &s->items[task];
    one->wall_s = sim_wall() - one->began;
    one->code = WIFEXITED(status) ? (cli_exit)WEXITSTATUS(status) : CLI_EXIT_INTERNAL;
    one->ran = !(one->code == CLI_EXIT_INTERRUPTED && is_stopped(s));
    if (WIFSIGNALED(status))
        snprintf(one->error, sizeof one->error,
                 "the run was ended by signal %d: free memory, or give fewer --jobs",
                 WTERMSIG(status));
    else if (has_verdicts(one->code))
        read_result(one);
    else
        keep_last_words(s, task, one);
    cli_children_forget(&s->children, task);
    s->done++;
}

/* --- lines --- */

static const char *word_of(const item *one) {
    if (one->not_for_it) return "SKIPPED";
    switch (one->code) {
        case CLI_EXIT_PASS:
            return judge_verdict_word(JUDGE_PASS);
        case CLI_EXIT_FAILED:
            return judge_verdict_word(JUDGE_FAIL);
        case CLI_EXIT_INCONCLUSIVE:
            return judge_verdict_word(JUDGE_INCONCLUSIVE);
        default:
            return "ERROR";
    }
}

/* The sentence of the first check that did not pass, or what went wrong. */
static const char *reason_of(const item *one) {
    if (!has_verdicts(one->code) || one->not_for_it) return one->error;
    bool failed = one->code == CLI_EXIT_FAILED;
    const char *said =
        report_summary_reason(one->summary, failed ? JUDGE_FAIL : JUDGE_INCONCLUSIVE);
    return said == NULL ? one->error : said;
}

static void tell(const session *s, const item *one) {
    char line[CLI_LINE_MAX];
    bool passed = one->code == CLI_EXIT_PASS && !one->not_for_it;
    if (passed && s->options.quiet) return;
    printf("%-13s %s (%zu check%s, %.1f s)\n", word_of(one), one->path, checks_of(one),
           checks_of(one) == 1 ? "" : "s", one->wall_s);
    if (!passed) printf("              %s\n", record_text_line(reason_of(one), line, sizeof line));
    fflush(stdout);
}

static bool is_next(session *s, size_t *task) {
    while (s->started < s->count && s->items[s->started].error[0] != '\0') {
        item *wrong = &s->items[s->started++];
        wrong->ran = !wrong->not_for_it; /* it had its turn, and did not load */
        s->done++;
        tell(s, wrong);
    }
    *task = s->started;
    return s->started < s->count;
}

static cli_exit drive(session *s, cli_trouble *t) {
    size_t task;
    int status;
    cli_exit trouble = CLI_EXIT_PASS;
    s->began = sim_wall();
    while (s->done < s->count && trouble == CLI_EXIT_PASS && !is_stopped(s)) {
        while (s->children.running < s->options.jobs && trouble == CLI_EXIT_PASS &&
               is_next(s, &task)) {
            trouble = start(s, task, t);
            if (trouble == CLI_EXIT_PASS) s->started++;
        }
        if (trouble == CLI_EXIT_PASS && s->children.running > 0 &&
            cli_children_wait(&s->children, &task, &status)) {
            settle(s, task, status);
            if (s->items[task].ran) tell(s, &s->items[task]);
        }
    }
    cli_children_stop(&s->children);
    s->wall_s = sim_wall() - s->began;
    return trouble;
}

/* --- what came of it --- */

static size_t how_many(const session *s, cli_exit code) {
    size_t n = 0;
    for (size_t i = 0; i < s->count; i++) n += s->items[i].ran && s->items[i].code == code;
    return n;
}

/* What weighs most first; none of them: all passed. */
typedef struct outcome {
    cli_exit code;
    const char *word, *what;
} outcome;

static const outcome *worst_of(const session *s) {
    static const outcome outcomes[] = {
        {CLI_EXIT_USAGE, "ERROR", "wrong use"},
        {CLI_EXIT_INTERNAL, "ERROR", "internal error"},
        {CLI_EXIT_INTERRUPTED, "INTERRUPTED", "interrupted by somebody else"},
        {CLI_EXIT_FAILED, "FAIL", "a check failed"},
        {CLI_EXIT_INCONCLUSIVE, "INCONCLUSIVE", "inconclusive"}};
    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++)
        if (how_many(s, outcomes[i].code) > 0) return &outcomes[i];
    return NULL;
}

static bool is_cut_short(const session *s) {
    return is_stopped(s) && s->done < s->count;
}

/* The whole suite in a word, and how many came to what. */
static const char *say_all(const session *s, char said[CLI_LINE_MAX]) {
    const outcome *worst = worst_of(s);
    size_t passed = how_many(s, CLI_EXIT_PASS), failed = how_many(s, CLI_EXIT_FAILED),
           open = how_many(s, CLI_EXIT_INCONCLUSIVE), ran = 0;
    for (size_t i = 0; i < s->count; i++) ran += s->items[i].ran;
    snprintf(said, CLI_LINE_MAX,
             "%zu passed, %zu failed, %zu inconclusive, %zu in error, %zu not run; %.1f s", passed,
             failed, open, ran - passed - failed - open, s->count - ran, s->wall_s);
    return is_cut_short(s) ? "INTERRUPTED" : worst != NULL ? worst->word : "PASS";
}

typedef struct suite {
    const session *s;
    report_suite_run *runs; /* owned */
    char **where;           /* owned: the way from the page to each run's folder */
} suite;

static void suite_deinit(suite *all) {
    for (size_t i = 0; all->where != NULL && i < all->s->count; i++) sim_free(all->where[i]);
    sim_free(all->where);
    sim_free(all->runs);
}

static report_suite_run told(const item *one) {
    bool had_turn = one->ran || one->not_for_it,
         passed = had_turn && one->code == CLI_EXIT_PASS && !one->not_for_it;
    return (report_suite_run){.scenario = one->path,
                              .summary = one->summary,
                              .error = one->error[0] != '\0' ? one->error : NULL,
                              .word = had_turn ? word_of(one) : "NOT RUN",
                              .reason = passed     ? NULL
                                        : had_turn ? reason_of(one)
                                                   : "The suite was ended before its turn.",
                              .wall_s = one->wall_s,
                              .ran = one->ran && !judged_nothing(one)};
}

static cli_exit suite_init(suite *all, const session *s, const char *page, cli_trouble *t) {
    *all = (suite){.s = s,
                   .runs = sim_calloc(s->count, sizeof *all->runs),
                   .where = sim_calloc(s->count, sizeof *all->where)};
    if (all->runs == NULL || all->where == NULL) return no_memory(t);
    for (size_t i = 0; i < s->count; i++) {
        all->runs[i] = told(&s->items[i]);
        all->where[i] = cli_link_between(page, s->items[i].folder);
    }
    return CLI_EXIT_PASS;
}

static int write_junit(FILE *file, const void *context) {
    const suite *all = context;
    return report_suite_junit(file, all->runs, all->s->count, all->s->wall_s);
}

static int write_page(FILE *file, const void *context) {
    const suite *all = context;
    char said[CLI_LINE_MAX];
    const char *overall = say_all(all->s, said);
    return report_suite_page(file, all->runs, (const char *const *)all->where, all->s->count,
                             overall, said);
}

static cli_exit write_results(session *s, cli_trouble *t) {
    char junit[CLI_PATH_MAX + 16];
    suite all;
    snprintf(junit, sizeof junit, "%s/junit.xml", s->folder.path);
    snprintf(s->page, sizeof s->page, "%s/index.html", s->folder.path);
    if (s->options.page == NULL) s->options.page = s->page;
    cli_exit trouble = suite_init(&all, s, s->options.page, t);
    if (trouble == CLI_EXIT_PASS)
        trouble = cli_write_file(s->options.junit != NULL ? s->options.junit : junit, write_junit,
                                 &all, t);
    if (trouble == CLI_EXIT_PASS) trouble = cli_write_file(s->options.page, write_page, &all, t);
    suite_deinit(&all);
    return trouble;
}

/* The verdict is the last line. */
static void sum_up(const session *s) {
    char said[CLI_LINE_MAX];
    const char *overall = say_all(s, said);
    printf("\nResults: %s\nPage: %s\n%s  %s\n", s->folder.path, s->options.page, overall, said);
}

/* ---- one product in all scenarios ---- */

/* A measure of a summary, as people write it; "-": it has none. */
static const char *figure(const report_values *all, const char *name, char text[REPORT_VALUE_MAX]) {
    const report_value *v = report_values_find(all, name);
    if (v == NULL) return "-";
    if (isnan(v->value)) return "never";
    return report_value_text(v->value, NAN, v->unit, text);
}

/* Connections per second that the busiest second was held against; else what the cloud declared. */
static double capacity_of(const json_t *summary) {
    const json_t *check, *measure;
    size_t i, k;
    json_array_foreach(json_object_get(summary, "verdicts"), i, check) json_array_foreach(
        json_object_get(check, "measures"), k,
        measure) if (strcmp(record_json_text(measure, "name"), "busiest second") ==
                     0) return record_json_number(measure, "threshold");
    return record_json_number(summary, "capacity");
}

/* Why it did not pass, without whom it is about: the table has said so. */
static const char *why_of(const item *one, char line[CLI_LINE_MAX]) {
    const char *reason = one->code == CLI_EXIT_PASS && !one->not_for_it ? "" : reason_of(one);
    const char *behind = strstr(reason, "): ");
    return record_text_line(behind != NULL ? behind + 3 : reason, line, CLI_LINE_MAX);
}

/* A row of Markdown for a scenario: what became of the product there, on which cloud. */
static cli_exit put_row(const item *one, cli_trouble *t) {
    static const char *const columns[] = {"busiest second", "attempts per device",
                                          "time to 95 % online", "back online"};
    char why[RECORD_JSON_WHY_MAX], text[REPORT_VALUE_MAX], name[64], reason[CLI_LINE_MAX];
    report_values all = {0};
    printf("| `%s` | %s |", cli_folder_name(one->path, name), word_of(one));
    if (one->summary == NULL) {
        printf(" - | - | - | - | - | %s |\n", why_of(one, reason));
        return CLI_EXIT_PASS;
    }
    if (report_values_of(one->summary, &all, why) != 0) return no_memory(t);
    printf(" %s |", report_value_text(capacity_of(one->summary), NAN, "", text));
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        printf(" %s |", figure(&all, columns[i], text));
    printf(" %s |\n", why_of(one, reason));
    report_values_deinit(&all);
    return CLI_EXIT_PASS;
}

static cli_exit put_table(const session *s, cli_trouble *t) {
    cli_exit trouble = CLI_EXIT_PASS;
    if (s->options.product == NULL) return trouble;
    printf(
        "\n%s\n\n| scenario | verdict | capacity /s | busiest second | attempts per device | "
        "time to 95 %% online | back online | why |\n| --- | --- | --- | --- | --- | --- | --- | "
        "--- |\n",
        s->product.product.name);
    for (size_t i = 0; i < s->count && trouble == CLI_EXIT_PASS; i++)
        if (s->items[i].ran || s->items[i].not_for_it) trouble = put_row(&s->items[i], t);
    return trouble;
}

/* The line for the first scenario with that exit code. */
static cli_exit complain(const session *s, cli_exit code, const char *what, cli_trouble *t) {
    for (size_t i = 0; i < s->count; i++)
        if (s->items[i].ran && s->items[i].code == code)
            return cli_fail(t, code, "%s in %zu of %zu scenarios (first %.200s): %.700s", what,
                            how_many(s, code), s->count, s->items[i].path, reason_of(&s->items[i]));
    return CLI_EXIT_PASS;
}

static cli_exit conclude(const session *s, cli_trouble *t) {
    const outcome *worst = worst_of(s);
    if (is_cut_short(s))
        return cli_fail(t, CLI_EXIT_INTERRUPTED,
                        "interrupted (after %zu of %zu scenarios): what was seen until then is in "
                        "%s",
                        s->done, s->count, s->folder.path);
    return worst != NULL ? complain(s, worst->code, worst->what, t) : CLI_EXIT_PASS;
}

typedef cli_exit step(session *s, cli_trouble *t);
static step *const steps[] = {gather, look, find_folder, drive, write_results};

static cli_exit run_session(session *s, cli_trouble *t) {
    cli_exit trouble = CLI_EXIT_PASS;
    if (s->options.out != NULL) trouble = cli_folder_given(&s->folder, s->options.out, t);
    if (trouble == CLI_EXIT_PASS && s->options.product != NULL)
        trouble = cli_product_json(s->options.product, &s->product, t);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && trouble == CLI_EXIT_PASS; i++)
        trouble = steps[i](s, t);
    if (trouble == CLI_EXIT_PASS) trouble = put_table(s, t);
    if (trouble != CLI_EXIT_PASS) return trouble;
    sum_up(s);
    return conclude(s, t);
}

static void clean_up(session *s) {
    cli_children_deinit(&s->children);
    for (size_t i = 0; i < s->count; i++) {
        json_decref(s->items[i].summary);
        sim_free(s->items[i].path);
        sim_free(s->items[i].folder);
    }
    sim_free(s->items);
    cli_folder_give_back(&s->folder);
    cli_product_deinit(&s->product);
    cli_test_options_deinit(&s->options);
    cli_words_deinit(&s->words);
}

cli_exit cli_test(const char *program, int argc, char **argv, cli_trouble *t) {
    (void)program;
    session *s = sim_calloc(1, sizeof *s);
    if (s == NULL) return no_memory(t);
    s->stop = cli_stop_flag();
    cli_exit trouble = cli_test_options_parse(&s->options, argc, argv, &s->words, t);
    if (trouble == CLI_EXIT_PASS && s->words.help)
        cli_help_for(&cli_test_command);
    else if (trouble == CLI_EXIT_PASS)
        trouble = run_session(s, t);
    clean_up(s);
    sim_free(s);
    return trouble;
}
