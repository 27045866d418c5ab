/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `blackstart report` and `blackstart compare`: pages made of folders of results. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/cli.h"
#include "sim/cli/compare_limits.h"
#include "sim/cli/folder.h"
#include "sim/cli/page_file.h"
#include "sim/cli/terminal.h"
#include "sim/core/heap.h"
#include "sim/report/page.h"

typedef struct page_options {
    const char *folders[2];
    size_t folder_count;
    const char *out; /* NULL: not given */
    cli_limits limits;
    bool no_colour;
} page_options;

static cli_exit take_folder(void *into, const char *value, size_t most, const char *command,
                            cli_trouble *t) {
    page_options *o = into;
    if (o->folder_count == most)
        return cli_fail(t, CLI_EXIT_USAGE, "%.80s is one folder too many (blackstart %s): give %s",
                        value, command, most == 1 ? "one" : "two");
    if (*value == '\0')
        return cli_fail(t, CLI_EXIT_USAGE,
                        "no folder (blackstart %s): name one that a run has written", command);
    o->folders[o->folder_count++] = value;
    return CLI_EXIT_PASS;
}

static cli_exit take_one(void *into, const char *value, cli_trouble *t) {
    return take_folder(into, value, 1, "report", t);
}

static cli_exit take_two(void *into, const char *value, cli_trouble *t) {
    return take_folder(into, value, 2, "compare", t);
}

static cli_exit take_out(void *into, const char *value, cli_trouble *t) {
    if (*value == '\0')
        return cli_fail(t, CLI_EXIT_USAGE, "no file (--out): name one for the page");
    ((page_options *)into)->out = value;
    return CLI_EXIT_PASS;
}

static cli_exit take_no_colour(void *into, const char *value, cli_trouble *t) {
    (void)value;
    (void)t;
    ((page_options *)into)->no_colour = true;
    return CLI_EXIT_PASS;
}

static cli_exit take_limit(void *into, const char *value, cli_trouble *t) {
    return cli_limits_take(&((page_options *)into)->limits, value, t);
}

/* ---- report ---- */

static const cli_option report_options[] = {
    {.name = "out",
     .argument = "FILE",
     .help = "the page (default: report.html in the folder)",
     .take = take_out},
};

const cli_command cli_report_command = {
    .name = "report",
    .title = "makes the page of a folder of results anew",
    .usage = "DIR [options]",
    .examples = "  blackstart report results/mine\n  blackstart report results/mine -o mine.html\n",
    .about =
        "Makes report.html of the summary.json, attempts.csv and series.csv in DIR, as a run does "
        "at its "
        "end: one file "
        "that needs no network, with verdicts, pictures and the line that repeats the run.",
    .options = report_options,
    .option_count = sizeof report_options / sizeof *report_options,
    .take_word = take_one,
};

static int write_report(FILE *out, const void *context) {
    return report_page(out, context);
}

static cli_exit make_report(const page_options *o, cli_trouble *t) {
    char path[CLI_PATH_MAX];
    report_result result = {0};
    if (o->folder_count != 1)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "no folder given (blackstart report): name one that a run has written");
    cli_exit trouble = cli_page_read(o->folders[0], &result, t);
    if (trouble == CLI_EXIT_PASS &&
        snprintf(path, sizeof path, "%s/" REPORT_PAGE_FILE, o->folders[0]) >= (int)sizeof path)
        trouble = cli_fail(t, CLI_EXIT_USAGE,
                           "too long a name (blackstart report): give a shorter one with --out");
    const char *out = o->out != NULL ? o->out : path;
    if (trouble == CLI_EXIT_PASS) trouble = cli_page_write(out, write_report, &result, t);
    if (trouble == CLI_EXIT_PASS) printf("%s\n", out);
    report_result_deinit(&result);
    return trouble;
}

/* ---- compare ---- */

static const char compare_page[] = "compare.html";

static const cli_option compare_options[] = {
    {.name = "out",
     .argument = "FILE",
     .help = "the page (default: compare.html here)",
     .take = take_out},
    {.name = "fail-on",
     .argument = "LIMIT",
     .help =
         "exit code 1 when the second run is worse: verdict, 'MEASURE>+20%' (more than 20 % above "
         "the first) or 'MEASURE<-20%'; may be repeated",
     .take = take_limit,
     .repeats = true},
    {.name = "no-color", .help = "no colours", .take = take_no_colour},
};

const cli_command cli_compare_command = {
    .name = "compare",
    .title = "holds two folders of results against each other",
    .usage = "DIR DIR [options]",
    .examples =
        "  blackstart compare results/before results/after\n"
        "  blackstart compare results/before results/after --fail-on verdict --fail-on "
        "'time to 95 % online>+20%'\n",
    .about =
        "Prints what differs between two runs, what matters most first: verdicts, measures by how "
        "far they "
        "are apart, "
        "metrics, parameters. Writes a page with the same and with the pictures of both side by "
        "side, on the "
        "same "
        "scales. The exit code is 0 whatever differs, unless --fail-on says otherwise.",
    .options = compare_options,
    .option_count = sizeof compare_options / sizeof *compare_options,
    .take_word = take_two,
};

typedef struct pair {
    report_result results[2];
    const report_result *runs[2];
    report_comparison comparison;
    const char *const *names;
} pair;

static int write_comparison(FILE *out, const void *context) {
    const pair *p = context;
    return report_page_compare(out, p->runs, p->names, &p->comparison);
}

static void print_comparison(const pair *p, const page_options *o, const char *page) {
    cli_terminal terminal = cli_terminal_look(STDOUT_FILENO, o->no_colour, getenv);
    const report_style style = {.colour = terminal.colour,
                                .marks = terminal.interactive && terminal.marks,
                                .columns = terminal.columns};
    report_compare_terminal(&p->comparison, p->runs, p->names, &style, stdout);
    printf("  side by side: %s\n\n", page);
}

/* Measures and metrics of both runs against the limits. */
static cli_exit check_limits(const pair *p, const page_options *o, cli_trouble *t) {
    report_values values[2] = {{0}, {0}};
    char why[RECORD_JSON_WHY_MAX];
    cli_exit trouble = CLI_EXIT_PASS;
    for (int i = 0; i < 2 && trouble == CLI_EXIT_PASS && o->limits.count > 0; i++)
        if (report_values_of(p->runs[i]->summary, &values[i], why) != 0)
            trouble = cli_fail(t, CLI_EXIT_USAGE,
                               "no results that can be compared: %.200s (%.200s): "
                               "give a folder that a run has written",
                               why, o->folders[i]);
    if (trouble == CLI_EXIT_PASS) trouble = cli_limits_check(&o->limits, &values[0], &values[1], t);
    for (int i = 0; i < 2; i++) report_values_deinit(&values[i]);
    return trouble;
}

static cli_exit make_comparison(const page_options *o, pair *p, cli_trouble *t) {
    const char *page = o->out != NULL ? o->out : compare_page;
    if (o->folder_count != 2)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "%s (blackstart compare): name two that runs have written",
                        o->folder_count == 0 ? "no folders given" : "one folder only");
    p->names = o->folders;
    cli_exit trouble = CLI_EXIT_PASS;
    for (int i = 0; i < 2 && trouble == CLI_EXIT_PASS; i++) {
        p->runs[i] = &p->results[i];
        trouble = cli_page_read(o->folders[i], &p->results[i], t);
    }
    if (trouble == CLI_EXIT_PASS && report_compare(p->runs, &p->comparison) != 0)
        trouble = cli_fail(t, CLI_EXIT_INTERNAL,
                           "out of memory (blackstart compare): free some and try again");
    if (trouble == CLI_EXIT_PASS) trouble = cli_page_write(page, write_comparison, p, t);
    if (trouble == CLI_EXIT_PASS) print_comparison(p, o, page);
    return trouble == CLI_EXIT_PASS ? check_limits(p, o, t) : trouble;
}

static cli_exit run_comparison(const page_options *o, cli_trouble *t) {
    pair *p = sim_calloc(1, sizeof *p);
    if (p == NULL)
        return cli_fail(t, CLI_EXIT_INTERNAL,
                        "out of memory (blackstart compare): free some and try again");
    cli_exit trouble = make_comparison(o, p, t);
    report_comparison_deinit(&p->comparison);
    for (int i = 0; i < 2; i++) report_result_deinit(&p->results[i]);
    sim_free(p);
    return trouble;
}

/* ---- both ---- */

static cli_exit run_command(const cli_command *c,
                            cli_exit (*make)(const page_options *o, cli_trouble *t), int argc,
                            char **argv, cli_trouble *t) {
    page_options options = {0};
    cli_words words = {0};
    cli_exit trouble = cli_options_parse(c, argc, argv, &options, &words, t);
    if (trouble == CLI_EXIT_PASS && words.help)
        cli_help_for(c);
    else if (trouble == CLI_EXIT_PASS)
        trouble = make(&options, t);
    cli_words_deinit(&words);
    return trouble;
}

cli_exit cli_report(const char *program, int argc, char **argv, cli_trouble *t) {
    (void)program;
    return run_command(&cli_report_command, make_report, argc, argv, t);
}

cli_exit cli_compare(const char *program, int argc, char **argv, cli_trouble *t) {
    (void)program;
    return run_command(&cli_compare_command, run_comparison, argc, argv, t);
}
