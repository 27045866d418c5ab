/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `blackstart check`: each scenario's setup, drill and verdict against a small world, so that what
 * is wrong with them is found before the run and not after it. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/assess/provisions.h"
#include "sim/cli/check_world.h"
#include "sim/cli/cli.h"
#include "sim/cli/dialects.h"
#include "sim/cli/product_json.h"
#include "sim/cli/run_options.h"
#include "sim/cli/scenarios.h"
#include "sim/cli/stop.h"
#include "sim/core/heap.h"
#include "sim/judge/finding.h"
#include "sim/record/text.h"
#include "sim/run/clock.h"
#include "sim/run/options.h"
#include "sim/run/run.h"

enum { WORDS_MAX = 128 };

typedef struct check_options {
    const char *words[WORDS_MAX]; /* scenarios, and folders of them */
    size_t word_count;
    cli_sets sets;
    const char *product;
} check_options;

typedef struct session {
    cli_words words;
    check_options options;
    cli_product product;
    const volatile sig_atomic_t *user_stop;
    volatile sig_atomic_t stop; /* the user's, or that a run takes too long */
    size_t looked_at, wrong;
    char first[CLI_LINE_MAX]; /* what is wrong with the first that is */
    cli_exit gravest;
} session;

/* ---- options ---- */

static cli_exit take_word(void *into, const char *value, cli_trouble *t) {
    check_options *o = into;
    if (o->word_count == WORDS_MAX)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "too many names (blackstart check): give at most %d, or a folder",
                        WORDS_MAX);
    o->words[o->word_count++] = value;
    return CLI_EXIT_PASS;
}

static cli_exit take_set(void *into, const char *value, cli_trouble *t) {
    return cli_sets_take(&((check_options *)into)->sets, value, t);
}

static cli_exit take_product(void *into, const char *value, cli_trouble *t) {
    (void)t;
    ((check_options *)into)->product = value;
    return CLI_EXIT_PASS;
}

static const cli_option options[] = {
    {"set", "NAME=VALUE", "sets a parameter, as for run; once for each", take_set, true},
    {"product", "FILE", "its devices are this product, as for run", take_product, false},
};

const cli_command cli_check_command = {
    .name = "check",
    .title = "looks whether scenarios are right, without a run",
    .usage = "FILE.lua|DIR ... [options]",
    .examples =
        "  blackstart check my-scenario.lua\n"
        "  blackstart check my-scenarios --set homes=1k\n",
    .about =
        "Goes through setup, drill and verdict of each scenario with a few dozen homes, in "
        "virtual time and in seconds: misspelt words, fields, measures, triggers, units and "
        "provisions are told with their line. What the verdicts say of so small a world does "
        "not matter. Exit code 4 when a scenario is wrong.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .take_word = take_word,
};

/* ---- one scenario ---- */

/* Ends the run when the user asks. How far a drill is looked at is counted in events
 * (sim/cli/check_world.c), so that a slow machine says what a quick one says. */
static void watch_user(void *context, const run_progress *p) {
    session *s = context;
    (void)p;
    if (*s->user_stop != 0) s->stop = 1;
}

static cli_exit judge(const char *path, script *loaded, run *r, bool whole, cli_trouble *t) {
    const judge_finding *findings = NULL;
    size_t count = 0;
    if (script_verdict(loaded, r, &findings, &count) != 0)
        return whole ? cli_fail(t, CLI_EXIT_USAGE, "%s", script_why(loaded)) : CLI_EXIT_PASS;
    if (!whole) return CLI_EXIT_PASS; /* half a drill may lack what the verdict asks for */
    const char *missed = script_missed_trigger(loaded), *unit = script_unjudged(loaded);
    if (missed[0] != '\0') return cli_fail(t, CLI_EXIT_USAGE, "%s", missed);
    for (size_t i = 0; i < count && unit != NULL; i++)
        if (strcmp(findings[i].unit, unit) == 0)
            return cli_fail(t, CLI_EXIT_USAGE, "%.300s: %s: %s", path, unit, findings[i].sentence);
    return CLI_EXIT_PASS;
}

static cli_exit drive(session *s, const char *path, script *loaded, fleet_spec *spec,
                      cli_trouble *t) {
    char why[CLI_LINE_MAX];
    int code = CLI_EXIT_INTERNAL;
    cli_check_drill drill;
    const run_options settings = {.seed = 1,
                                  .threads = 1,
                                  .small_world = true,
                                  .stop = &s->stop,
                                  .progress = watch_user,
                                  .progress_context = s};
    cli_check_shrink(spec);
    s->stop = *s->user_stop;
    run *r = run_new(spec, &settings, why, sizeof why, &code);
    if (r == NULL) return cli_fail(t, (cli_exit)code, "%s", why);
    int error = run_drive(r, cli_check_drill_begin(&drill, script_drill(loaded)));
    bool whole = error == 0 && !run_interrupted(r) && !drill.cut;
    cli_exit trouble = CLI_EXIT_PASS;
    if (error != 0)
        trouble = cli_fail(t, error == SIM_ENOMEM ? CLI_EXIT_INTERNAL : CLI_EXIT_USAGE, "%s",
                           script_why(loaded)[0] != '\0' ? script_why(loaded) : run_why(r));
    if (trouble == CLI_EXIT_PASS) trouble = judge(path, loaded, r, whole, t);
    char far[24];
    if (trouble == CLI_EXIT_PASS && !whole)
        printf("note: %s: its drill is long; looked at was what it does in %s\n", path,
               sim_time_text(run_now(r), far, sizeof far));
    run_free(r);
    return trouble;
}

static bool is_known_provision(const char *provision) {
    if (provision[0] == '\0') return true;
    for (const assess_edition *const *e = assess_editions; *e != NULL; e++)
        if (assess_provision_named(*e, provision) != NULL) return true;
    return false;
}

static cli_exit look_at(session *s, const char *path, cli_trouble *t) {
    char why[SCRIPT_WHY];
    fleet_spec *spec;
    script_about about;
    cli_dialects dialects = {0};
    script *loaded =
        script_load(path, s->options.sets.items, s->options.sets.count, 1, false, why, sizeof why);
    if (loaded == NULL) return cli_fail(t, CLI_EXIT_USAGE, "%s", why);
    cli_exit trouble = CLI_EXIT_PASS;
    if (script_describe(path, &about, why, sizeof why) == 0 && !is_known_provision(about.provision))
        trouble = cli_fail(t, CLI_EXIT_USAGE,
                           "%s: there is no provision '%s' in EN 303 645: write it as in \"5.9-3\"",
                           path, about.provision);
    else if ((s->options.product != NULL &&
              script_take_product(loaded, &s->product.product) != 0) ||
             script_setup(loaded, &spec) != 0)
        trouble = cli_fail(t, CLI_EXIT_USAGE, "%s", script_why(loaded));
    else if ((trouble = cli_dialects_meet(&dialects, spec, NULL, t)) == CLI_EXIT_PASS)
        trouble = drive(s, path, loaded, spec, t);
    cli_dialects_deinit(&dialects);
    script_free(loaded);
    return trouble;
}

/* ---- all of them ---- */

static void tell(session *s, const char *path, cli_exit found, const cli_trouble *one) {
    char line[CLI_LINE_MAX];
    s->looked_at++;
    if (found == CLI_EXIT_PASS) printf("ok     %s\n", record_text_line(path, line, sizeof line));
    if (found == CLI_EXIT_PASS) return;
    record_text_line(one->line, line, sizeof line);
    printf("wrong  %s\n", line);
    if (s->wrong++ > 0) return;
    memcpy(s->first, line, sizeof s->first);
    s->gravest = found;
}

static void look_one(session *s, const char *path) {
    cli_trouble one = {0};
    if (*s->user_stop != 0) return;
    tell(s, path, look_at(s, path, &one), &one);
    fflush(stdout);
}

static cli_exit look_in(session *s, const char *folder, cli_trouble *t) {
    cli_scenarios found = {0};
    cli_exit trouble = cli_scenarios_in(&found, folder, t);
    if (trouble == CLI_EXIT_PASS && found.count == 0)
        trouble = cli_fail(t, CLI_EXIT_USAGE,
                           "no scenarios (%.300s): name a folder with *.lua in it", folder);
    for (size_t i = 0; i < found.count && trouble == CLI_EXIT_PASS; i++)
        look_one(s, found.paths[i]);
    cli_scenarios_deinit(&found);
    return trouble;
}

static cli_exit look(session *s, cli_trouble *t) {
    cli_exit trouble = CLI_EXIT_PASS;
    if (s->options.word_count == 0)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "no scenario given (blackstart check): name scenarios or folders of them");
    if (s->options.product != NULL) trouble = cli_product_json(s->options.product, &s->product, t);
    for (size_t i = 0; i < s->options.word_count && trouble == CLI_EXIT_PASS; i++) {
        const char *word = s->options.words[i];
        struct stat about;
        char *path = NULL;
        if (stat(word, &about) == 0 && S_ISDIR(about.st_mode))
            trouble = look_in(s, word, t);
        else
            trouble = cli_scenarios_meant(word, &path, t);
        if (path != NULL) look_one(s, path);
        sim_free(path);
    }
    return trouble;
}

static cli_exit conclude(const session *s, cli_trouble *t) {
    if (*s->user_stop != 0)
        return cli_fail(t, CLI_EXIT_INTERRUPTED, "interrupted (after %zu scenarios)", s->looked_at);
    if (s->wrong == 0) return CLI_EXIT_PASS;
    if (s->looked_at == 1) return cli_fail(t, s->gravest, "%s", s->first);
    return cli_fail(t, s->gravest, "%zu of %zu scenarios are wrong (blackstart check): %.800s",
                    s->wrong, s->looked_at, s->first);
}

cli_exit cli_check(const char *program, int argc, char **argv, cli_trouble *t) {
    (void)program;
    session *s = sim_calloc(1, sizeof *s);
    if (s == NULL)
        return cli_fail(t, CLI_EXIT_INTERNAL,
                        "out of memory (blackstart check): free some and try again");
    s->user_stop = cli_stop_flag();
    cli_exit trouble = cli_options_parse(&cli_check_command, argc, argv, &s->options, &s->words, t);
    if (trouble == CLI_EXIT_PASS && s->words.help)
        cli_help_for(&cli_check_command);
    else if (trouble == CLI_EXIT_PASS)
        trouble = look(s, t);
    if (trouble == CLI_EXIT_PASS && !s->words.help) trouble = conclude(s, t);
    cli_sets_deinit(&s->options.sets);
    cli_product_deinit(&s->product);
    cli_words_deinit(&s->words);
    sim_free(s);
    return trouble;
}
