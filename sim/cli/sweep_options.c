/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/sweep_options.h"

#include <inttypes.h>
#include <string.h>

#include "sim/cli/text.h"
#include "sim/core/heap.h"
#include "sim/core/units.h"

static cli_exit take_scenario(void *into, const char *value, cli_trouble *t) {
    cli_sweep_options *o = into;
    if (o->scenario != NULL)
        return cli_fail(
            t, CLI_EXIT_USAGE,
            "%.80s is one word too many (blackstart sweep): give one scenario; parameters go with "
            "--vary NAME=VALUES and --set NAME=VALUE",
            value);
    if (*value == '\0')
        return cli_fail(
            t, CLI_EXIT_USAGE,
            "the scenario's name is empty (blackstart sweep): blackstart list shows what there is");
    o->scenario = value;
    return CLI_EXIT_PASS;
}

static cli_exit take_set(void *into, const char *value, cli_trouble *t) {
    return cli_sets_take(&((cli_sweep_options *)into)->sets, value, t);
}

static cli_exit take_vary(void *into, const char *value, cli_trouble *t) {
    cli_sweep_options *o = into;
    const char *values;
    if (o->vary_count == CLI_SWEEP_AXES_MAX)
        return cli_fail(t, CLI_EXIT_USAGE, "too many parameters to vary (--vary): give at most %d",
                        CLI_SWEEP_AXES_MAX);
    cli_sweep_vary *v = &o->varies[o->vary_count];
    cli_exit trouble = cli_take_assignment("--vary", value, &v->name, &values, t);
    if (trouble != CLI_EXIT_PASS) return trouble;
    o->vary_count++;
    v->text = value;
    for (size_t i = 0; i + 1 < o->vary_count; i++)
        if (strcmp(o->varies[i].name, v->name) == 0)
            return cli_fail(t, CLI_EXIT_USAGE,
                            "the parameter %.80s is varied twice (--vary): vary it once", v->name);
    return cli_sweep_values_read(&v->values, v->name, values, t);
}

static cli_exit take_column(void *into, const char *value, cli_trouble *t) {
    cli_sweep_options *o = into;
    if (*value == '\0')
        return cli_fail(t, CLI_EXIT_USAGE,
                        "a column has no name (--column): name a measure, as \"busiest second\"");
    if (o->column_count == CLI_SWEEP_COLUMNS_MAX - CLI_SWEEP_MEETS_MAX)
        return cli_fail(t, CLI_EXIT_USAGE, "too many columns (--column): give at most %d",
                        CLI_SWEEP_COLUMNS_MAX - CLI_SWEEP_MEETS_MAX);
    for (size_t i = 0; i < o->column_count; i++)
        if (strcmp(o->columns[i], value) == 0)
            return cli_fail(t, CLI_EXIT_USAGE,
                            "the column %.80s stands twice (--column): give it once", value);
    o->columns[o->column_count++] = value;
    return CLI_EXIT_PASS;
}

static cli_exit take_meet(void *into, const char *value, cli_trouble *t) {
    cli_sweep_options *o = into;
    if (o->meet_count == CLI_SWEEP_MEETS_MAX)
        return cli_fail(t, CLI_EXIT_USAGE, "too many targets (--meet): give at most %d",
                        CLI_SWEEP_MEETS_MAX);
    cli_sweep_meet *m = &o->meets[o->meet_count];
    const char *sign = strpbrk(value, "<>");
    *m = (cli_sweep_meet){.text = value};
    if (strcmp(value, "pass") != 0) {
        if (sign == NULL || sign == value || sign[1] != '=' ||
            !report_sweep_number(sign + 2, &m->bound))
            return cli_fail(
                t, CLI_EXIT_USAGE,
                "no target: %.80s (--meet): write pass, MEASURE<=VALUE or MEASURE>=VALUE, as in "
                "'busiest second<=100' or 'time to 95 %% online<=2m'",
                value);
        m->relation = *sign == '<' ? JUDGE_AT_MOST : JUDGE_AT_LEAST;
        m->measure = sim_strdup(value);
        if (m->measure == NULL)
            return cli_fail(t, CLI_EXIT_INTERNAL,
                            "out of memory (--meet): free some and try again");
        m->measure[sign - value] = '\0';
    }
    o->meet_count++;
    return CLI_EXIT_PASS;
}

static cli_exit take_seed(void *into, const char *value, cli_trouble *t) {
    return cli_take_seed(value, &((cli_sweep_options *)into)->seed, t);
}

static cli_exit take_seeds(void *into, const char *value, cli_trouble *t) {
    if (sim_units_count(value, 1, CLI_SWEEP_SEEDS_MAX, &((cli_sweep_options *)into)->seeds) != 0)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "no number of seeds: %.80s (--seeds): give a whole number from 1 to %d",
                        value, CLI_SWEEP_SEEDS_MAX);
    return CLI_EXIT_PASS;
}

static cli_exit take_jobs(void *into, const char *value, cli_trouble *t) {
    return cli_take_jobs(value, &((cli_sweep_options *)into)->jobs, t);
}

/* Options that only keep what they are given. */
#define KEEP(name, member, what)                                                 \
    static cli_exit take_##name(void *into, const char *value, cli_trouble *t) { \
        (void)t;                                                                 \
        (void)value;                                                             \
        ((cli_sweep_options *)into)->member = what;                              \
        return CLI_EXIT_PASS;                                                    \
    }
KEEP(cheapest, cheapest, value)
KEEP(out, out, value)
KEEP(junit, junit, value)
KEEP(quiet, quiet, true)
KEEP(no_colour, no_colour, true)
#undef KEEP

static const cli_option options[] = {
    {"vary", "NAME=VALUES",
     "a parameter of the scenario to vary: a list (law=orderly,fixed), a range in six steps that "
     "multiply "
     "(capacity=100..2000), in another number of them (100..2000/9), or in steps that add "
     "(100..500:50); "
     "numbers, durations and percentages. Several make a grid",
     take_vary, true},
    {"set", "NAME=VALUE", "sets a parameter of the scenario for all runs; once for each", take_set,
     true},
    {"seeds", "N", "runs each setting with N seeds, 1 to 10000; default 1", take_seeds, false},
    {"seed", "N", "the first of the seeds, from 0; default 1", take_seed, false},
    {"jobs", "N", "runs at a time, 1 to 256; default: as many as there are processors", take_jobs,
     false},
    {"column", "MEASURE",
     "a measure of a verdict for the table, or \"UNIT: MEASURE\" where several verdicts have it; "
     "once for "
     "each. "
     "Default: busiest second, attempts per device, time to 95 % online, time to 100 % online, "
     "back online",
     take_column, true},
    {"meet", "TARGET",
     "what a setting must meet with every seed: pass, MEASURE<=VALUE or MEASURE>=VALUE; may be "
     "repeated. "
     "Default: pass",
     take_meet, true},
    {"cheapest", "NAME",
     "the varied parameter whose lowest value is sought; default: the first that has numbers",
     take_cheapest, false},
    {"out", "DIR", "the folder of the results; default results/SCENARIO-sweep-seedN-TIME", take_out,
     false},
    {"junit", "FILE",
     "writes a test suite for each setting, a test case for each seed: does it meet the target?",
     take_junit, false},
    {"quiet", NULL, "no progress while running", take_quiet, false},
    {"no-color", NULL, "no colours; the environment variable NO_COLOR says the same",
     take_no_colour, false},
};

const cli_command cli_sweep_command = {
    .name = "sweep",
    .title =
        "runs a scenario over a grid of parameters and names the cheapest setting that is good "
        "enough",
    .usage = "SCENARIO --vary NAME=VALUES [options]",
    .examples =
        "  blackstart sweep scenarios/5.9-3/power-restore-street.lua --vary "
        "law=orderly,full-jitter --vary "
        "capacity=20..200 --seeds 5\n"
        "  blackstart sweep scenarios/5.9-3/choosing-a-law.lua --vary "
        "law=full-jitter,full-jitter-in-120s "
        "--meet 'attempts per device<=2'\n",
    .about =
        "Runs the scenario once for each setting and seed, in virtual time, several runs at a "
        "time, and "
        "shows the middle (median) and the range over the seeds. Exit code 0 when a setting meets "
        "the "
        "target, 1 when none does. Ctrl-C ends it in order: what is done is written.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .take_word = take_scenario,
};

static const cli_sweep_vary *varied(const cli_sweep_options *o, const char *name) {
    for (size_t i = 0; i < o->vary_count; i++)
        if (strcmp(o->varies[i].name, name) == 0) return &o->varies[i];
    return NULL;
}

static cli_exit check_cheapest(const cli_sweep_options *o, cli_trouble *t) {
    if (o->cheapest == NULL) return CLI_EXIT_PASS;
    const cli_sweep_vary *v = varied(o, o->cheapest);
    if (v == NULL)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "%.80s is not varied (--cheapest): name a parameter that --vary names",
                        o->cheapest);
    const report_sweep_axis axis = {
        .name = v->name, .values = (const char *const *)v->values.items, .count = v->values.count};
    if (!report_sweep_numeric(&axis))
        return cli_fail(
            t, CLI_EXIT_USAGE,
            "%.80s has values that are no numbers (--cheapest): name a parameter with numbers, "
            "durations or percentages",
            o->cheapest);
    return CLI_EXIT_PASS;
}

static cli_exit check_together(const cli_sweep_options *o, cli_trouble *t) {
    uint64_t runs = o->seeds;
    if (o->scenario == NULL)
        return cli_fail(
            t, CLI_EXIT_USAGE,
            "no scenario given (blackstart sweep): name one; blackstart list shows what there is");
    if (o->vary_count == 0)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "nothing to vary (blackstart sweep): add --vary NAME=VALUES; blackstart "
                        "list %.200s shows "
                        "the parameters",
                        o->scenario);
    for (size_t i = 0; i < o->sets.count; i++)
        if (varied(o, o->sets.items[i].name) != NULL)
            return cli_fail(
                t, CLI_EXIT_USAGE,
                "the parameter %.80s is both set and varied (--set): leave one of them out",
                o->sets.items[i].name);
    if (o->seed > INT64_MAX - o->seeds)
        return cli_fail(t, CLI_EXIT_USAGE, "no such seeds (--seed): the last one is above 2^63-1");
    for (size_t i = 0; i < o->vary_count && runs <= CLI_SWEEP_RUNS_MAX; i++)
        runs *= o->varies[i].values.count;
    if (runs > CLI_SWEEP_RUNS_MAX)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "more than %d runs (blackstart sweep): vary less, or give fewer --seeds",
                        CLI_SWEEP_RUNS_MAX);
    return check_cheapest(o, t);
}

cli_exit cli_sweep_options_parse(cli_sweep_options *o, int argc, char *const *argv, cli_words *w,
                                 cli_trouble *t) {
    *o = (cli_sweep_options){.seed = 1, .seeds = 1};
    cli_exit trouble = cli_options_parse(&cli_sweep_command, argc, argv, o, w, t);
    if (trouble != CLI_EXIT_PASS || w->help) return trouble;
    if (o->jobs == 0) o->jobs = cli_processors();
    return check_together(o, t);
}

void cli_sweep_options_deinit(cli_sweep_options *o) {
    for (size_t i = 0; i < o->vary_count; i++) {
        sim_free(o->varies[i].name);
        cli_sweep_values_deinit(&o->varies[i].values);
    }
    for (size_t i = 0; i < o->meet_count; i++) sim_free(o->meets[i].measure);
    cli_sets_deinit(&o->sets);
    *o = (cli_sweep_options){0};
}

static bool quote_two(char *line, const char *option, const char *value) {
    return cli_text_quote(line, CLI_REPEAT_MAX, option) &&
           cli_text_quote(line, CLI_REPEAT_MAX, value);
}

/* Everything that is said once, or several times. */
static bool quote_all(const cli_sweep_options *o, char *line) {
    char word[CLI_TEXT_MAX + 2];
    bool good = true;
    for (size_t i = 0; i < o->vary_count && good; i++)
        good = quote_two(line, "--vary", o->varies[i].text);
    for (size_t i = 0; i < o->sets.count && good; i++) {
        snprintf(word, sizeof word, "%s=%s", o->sets.items[i].name, o->sets.items[i].value);
        good = quote_two(line, "--set", word);
    }
    for (size_t i = 0; i < o->column_count && good; i++)
        good = quote_two(line, "--column", o->columns[i]);
    for (size_t i = 0; i < o->meet_count && good; i++)
        good = quote_two(line, "--meet", o->meets[i].text);
    if (o->cheapest != NULL && good) good = quote_two(line, "--cheapest", o->cheapest);
    return good;
}

char *cli_sweep_repeat(const cli_sweep_options *o, char *line) {
    char word[CLI_TEXT_MAX + 3];
    line[0] = '\0';
    snprintf(word, sizeof word, "%s%s", *o->scenario == '-' ? "./" : "", o->scenario);
    bool good =
        quote_two(line, "blackstart", "sweep") && cli_text_quote(line, CLI_REPEAT_MAX, word);
    good = good && quote_all(o, line);
    snprintf(word, sizeof word, "%" PRIu64, o->seeds);
    good = good && quote_two(line, "--seeds", word);
    snprintf(word, sizeof word, "%" PRIu64, o->seed);
    good = good && quote_two(line, "--seed", word);
    if (!good) line[0] = '\0';
    return line;
}
