/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/assessment_options.h"

static cli_exit take_what(void *into, const char *value, cli_trouble *t) {
    cli_assessment_options *o = into;
    if (*value == '\0')
        return cli_fail(t, CLI_EXIT_USAGE,
                        "a name is empty (command line): give a file or a folder");
    if (o->what != NULL)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "%.80s is one word too many (command line): give one at a time; folders of "
                        "runs follow --runs",
                        value);
    o->what = value;
    return CLI_EXIT_PASS;
}

static cli_exit take_edition(void *into, const char *value, cli_trouble *t) {
    const assess_edition *e = assess_edition_named(value);
    if (e == NULL)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "unknown edition %.40s (--edition): say V3.1.3 or V2.1.1", value);
    ((cli_assessment_options *)into)->edition = e;
    return CLI_EXIT_PASS;
}

static cli_exit take_runs(void *into, const char *value, cli_trouble *t) {
    cli_assessment_options *o = into;
    if (o->run_count == CLI_RUNS_MAX)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "too many (--runs): give at most %d, or the folder that holds them",
                        CLI_RUNS_MAX);
    o->runs[o->run_count++] = value;
    return CLI_EXIT_PASS;
}

static cli_exit take_out(void *into, const char *value, cli_trouble *t) {
    if (*value == '\0') return cli_fail(t, CLI_EXIT_USAGE, "a name is empty (--out): give one");
    ((cli_assessment_options *)into)->out = value;
    return CLI_EXIT_PASS;
}

static cli_exit take_markdown(void *into, const char *value, cli_trouble *t) {
    if (*value == '\0')
        return cli_fail(t, CLI_EXIT_USAGE, "a name is empty (--markdown): give one");
    ((cli_assessment_options *)into)->markdown = value;
    return CLI_EXIT_PASS;
}

static cli_exit take_template(void *into, const char *value, cli_trouble *t) {
    (void)value;
    (void)t;
    ((cli_assessment_options *)into)->make_template = true;
    return CLI_EXIT_PASS;
}

static const cli_option ics_options[] = {
    {"template", NULL, "writes an empty statement instead, to fill in", take_template, false},
    {"edition", "EDITION",
     "of EN 303 645: V3.1.3 or V2.1.1; default: what the statement says, of a template V3.1.3",
     take_edition, false},
    {"runs", "DIR",
     "a folder of results, or one that holds such: what they have shown is filled in", take_runs,
     true},
    {"out", "FILE",
     "writes the statement, filled in; what the maker wrote stays as it is. Default: none; of a "
     "template "
     "standard output",
     take_out, false},
    {"markdown", "FILE", "writes Table B.1 for people; default: none", take_markdown, false},
};

static const cli_option evidence_options[] = {
    {"edition", "EDITION", "of EN 303 645: V3.1.3 or V2.1.1; default V3.1.3", take_edition, false},
    {"out", "NAME",
     "writes NAME.json and NAME.md; default: evidence-EDITION in the folder that we stand in",
     take_out, false},
};

const cli_command cli_ics_command = {
    .name = "ics",
    .title =
        "checks a statement of implementation (EN 303 645, Table B.1), fills in what runs have "
        "shown",
    .usage = "FILE.json [options] | --template [options]",
    .examples =
        "  blackstart ics --template --out product.json\n"
        "  blackstart ics product.json\n"
        "  blackstart ics product.json --runs results --out filled.json --markdown table.md\n",
    .about =
        "Prints a line for each finding: ERROR or WARN, the provision, what, why, what to do. A "
        "run that "
        "FAILED what "
        "the statement claims is an error. docs/assessment.md tells the rules and the form. Exit "
        "codes: 0 "
        "without "
        "errors, 1 with, 4 when the statement cannot be read.",
    .options = ics_options,
    .option_count = sizeof ics_options / sizeof *ics_options,
    .take_word = take_what,
};

const cli_command cli_evidence_command = {
    .name = "evidence",
    .title = "writes the evidence of a run anew, by another edition of the standard",
    .usage = "DIR [options]",
    .examples =
        "  blackstart evidence results/power-restore-street-seed1-20260101-120000 --edition "
        "V2.1.1\n",
    .about =
        "Every run writes evidence.json and evidence.md by EN 303 645 V3.1.3 and TS 103 701 V2.1.1 "
        "into its "
        "folder. This makes "
        "both by another edition, from the folder's summary.json. The folder itself is not "
        "changed.",
    .options = evidence_options,
    .option_count = sizeof evidence_options / sizeof *evidence_options,
    .take_word = take_what,
};

static cli_exit check(const cli_command *c, const cli_assessment_options *o, cli_trouble *t) {
    bool needs_none = o->make_template;
    if (o->what == NULL && !needs_none)
        return cli_fail(t, CLI_EXIT_USAGE, "%s (blackstart %s): see blackstart %s --help",
                        c == &cli_ics_command ? "no statement given" : "no folder of results given",
                        c->name, c->name);
    if (needs_none && (o->what != NULL || o->run_count > 0 || o->markdown != NULL))
        return cli_fail(
            t, CLI_EXIT_USAGE,
            "a template is empty (--template): leave out the statement, --runs and --markdown");
    return CLI_EXIT_PASS;
}

cli_exit cli_assessment_options_parse(const cli_command *c, cli_assessment_options *o, int argc,
                                      char *const *argv, cli_words *w, cli_trouble *t) {
    *o = (cli_assessment_options){0};
    cli_exit trouble = cli_options_parse(c, argc, argv, o, w, t);
    return trouble != CLI_EXIT_PASS || w->help ? trouble : check(c, o, t);
}
