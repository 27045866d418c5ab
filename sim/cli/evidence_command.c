/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `blackstart evidence`: the evidence of a run by another edition, from its folder. */
#include <limits.h>
#include <string.h>

#include "sim/assess/evidence.h"
#include "sim/cli/assessment_options.h"
#include "sim/cli/cli.h"
#include "sim/cli/write_file.h"
#include "sim/report/summary_read.h"

static int write_json(FILE *file, const void *context) {
    return assess_evidence_json(file, context);
}

static int write_markdown(FILE *file, const void *context) {
    return assess_evidence_markdown(file, context);
}

static cli_exit write_both(const cli_assessment_options *o, const json_t *evidence,
                           cli_trouble *t) {
    char usual[40], json[PATH_MAX], markdown[PATH_MAX];
    (void)snprintf(usual, sizeof usual, "evidence-%s", o->edition->name);
    const char *name = o->out != NULL ? o->out : usual;
    if (strlen(name) + sizeof ".json" > sizeof json)
        return cli_fail(t, CLI_EXIT_USAGE, "too long a name (--out): give a shorter one");
    (void)snprintf(json, sizeof json, "%s.json", name);
    (void)snprintf(markdown, sizeof markdown, "%s.md", name);
    cli_exit trouble = cli_write_file(json, write_json, evidence, t);
    if (trouble == CLI_EXIT_PASS) trouble = cli_write_file(markdown, write_markdown, evidence, t);
    if (trouble == CLI_EXIT_PASS)
        printf("%s and %s (EN 303 645 %s)\n", json, markdown, o->edition->name);
    return trouble;
}

static cli_exit make(const cli_assessment_options *o, cli_trouble *t) {
    char why[RECORD_JSON_WHY_MAX];
    json_t *summary = NULL, *evidence = NULL;
    int error = report_summary_of(o->what, &summary, why);
    if (error != 0)
        return cli_fail(t, error == SIM_ENOMEM ? CLI_EXIT_INTERNAL : CLI_EXIT_USAGE, "%s", why);
    error = assess_evidence(o->edition, summary, &evidence);
    cli_exit trouble = error == 0
                           ? write_both(o, evidence, t)
                           : cli_fail(t, CLI_EXIT_INTERNAL,
                                      "out of memory (%.200s): free some and try again", o->what);
    json_decref(evidence);
    json_decref(summary);
    return trouble;
}

cli_exit cli_evidence(const char *program, int argc, char **argv, cli_trouble *t) {
    (void)program;
    cli_words words = {0};
    cli_assessment_options options;
    cli_exit trouble =
        cli_assessment_options_parse(&cli_evidence_command, &options, argc, argv, &words, t);
    if (options.edition == NULL) options.edition = assess_editions[0];
    if (trouble == CLI_EXIT_PASS)
        trouble = words.help ? cli_help_for(&cli_evidence_command) : make(&options, t);
    cli_words_deinit(&words);
    return trouble;
}
