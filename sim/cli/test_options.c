/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/test_options.h"

#include "sim/core/units.h"

static cli_exit take_word(void *into, const char *value, cli_trouble *t) {
    cli_test_options *o = into;
    if (*value == '\0')
        return cli_fail(t, CLI_EXIT_USAGE,
                        "a name is empty (blackstart test): name scenarios or folders of them");
    if (o->word_count == CLI_TEST_WORDS_MAX)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "too many names (blackstart test): give at most %d, or a folder",
                        CLI_TEST_WORDS_MAX);
    o->words[o->word_count++] = value;
    return CLI_EXIT_PASS;
}

static cli_exit take_set(void *into, const char *value, cli_trouble *t) {
    return cli_sets_take(&((cli_test_options *)into)->sets, value, t);
}

static cli_exit take_seed(void *into, const char *value, cli_trouble *t) {
    return cli_take_seed(value, &((cli_test_options *)into)->seed, t);
}

static cli_exit take_jobs(void *into, const char *value, cli_trouble *t) {
    return cli_take_jobs(value, &((cli_test_options *)into)->jobs, t);
}

/* Options that only keep what they are given. */
#define KEEP(name, member, what)                                                 \
    static cli_exit take_##name(void *into, const char *value, cli_trouble *t) { \
        (void)t;                                                                 \
        (void)value;                                                             \
        ((cli_test_options *)into)->member = what;                               \
        return CLI_EXIT_PASS;                                                    \
    }
KEEP(out, out, value)
KEEP(product, product, value)
KEEP(junit, junit, value)
KEEP(page, page, value)
KEEP(quiet, quiet, true)
KEEP(no_colour, no_colour, true)
#undef KEEP

static const cli_option options[] = {
    {"set", "NAME=VALUE",
     "sets a parameter in every scenario that has it (at least one must); once for each", take_set,
     true},
    {"product", "FILE",
     "one product in all scenarios (docs/scenarios.md): ends with a table of what it did in each",
     take_product, false},
    {"seed", "N", "seed of all runs, a whole number from 0 to 2^63-1; default 1", take_seed, false},
    {"jobs", "N", "runs at a time, 1 to 256; default: as many as there are processors", take_jobs,
     false},
    {"out", "DIR",
     "the folder of the results, one in it for each scenario; default results/test-seedN-TIME",
     take_out, false},
    {"junit", "FILE", "all checks of all runs for a build server; default DIR/junit.xml",
     take_junit, false},
    {"page", "FILE",
     "what became of each scenario and why, as a page for people; default DIR/index.html",
     take_page, false},
    {"quiet", NULL, "only what did not pass, and the last line", take_quiet, false},
    {"no-color", NULL, "no colours; the environment variable NO_COLOR says the same",
     take_no_colour, false},
};

const cli_command cli_test_command = {
    .name = "test",
    .title = "runs many scenarios, and says which passed: one line each, one junit.xml, one page",
    .usage = "FILE.lua|DIR ... [options]",
    .examples =
        "  blackstart test scenarios/5.9-3\n"
        "  blackstart test my-scenarios --jobs 4 --junit junit.xml\n"
        "  blackstart test scenarios/5.9-3 --product my-product.json --set capacity=20\n",
    .about =
        "Runs each scenario once, in virtual time, several at a time: those that are named, "
        "and all *.lua in folders that are. Exit code as of one run: 4 when a scenario is "
        "wrong, else 3, else 1 when a check failed, else 5 when one is inconclusive, else 0. "
        "Ctrl-C ends it in order: what is done is written.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .take_word = take_word,
};

cli_exit cli_test_options_parse(cli_test_options *o, int argc, char *const *argv, cli_words *w,
                                cli_trouble *t) {
    *o = (cli_test_options){.seed = 1};
    cli_exit trouble = cli_options_parse(&cli_test_command, argc, argv, o, w, t);
    if (trouble != CLI_EXIT_PASS || w->help) return trouble;
    if (o->jobs == 0) o->jobs = cli_processors();
    if (o->word_count > 0) return CLI_EXIT_PASS;
    return cli_fail(t, CLI_EXIT_USAGE,
                    "no scenario given (blackstart test): name scenarios or folders of them, as in "
                    "blackstart test scenarios/5.9-3");
}

void cli_test_options_deinit(cli_test_options *o) {
    cli_sets_deinit(&o->sets);
    *o = (cli_test_options){0};
}
