/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `blackstart ics`: a statement is read, held against its rules and against runs, and written with
 * what they have shown. */
#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/assess/ics_file.h"
#include "sim/cli/assessment_options.h"
#include "sim/cli/cli.h"
#include "sim/cli/write_file.h"
#include "sim/record/text.h"
#include "sim/report/summary_read.h"

enum { FOLDERS_MAX = 1000 }; /* of results, below one --runs */

typedef struct session {
    cli_assessment_options options;
    cli_words words;
    json_t *root;
    assess_ics_file statement;
    size_t errors, warnings, folders;
} session;

/* ---- remarks ---- */

/* "ERROR 5.1-1 (R4): WHAT; WHY; REMEDY" */
static void tell(void *context, const assess_remark *r) {
    session *s = context;
    char line[ASSESS_PLACE_MAX + 3 * ASSESS_WHAT_MAX + 32], clean[sizeof line];
    (void)snprintf(line, sizeof line, "%s %s (%s): %s; %s; %s", r->warning ? "WARN " : "ERROR",
                   r->place, r->rule, r->what, r->why, r->remedy);
    puts(record_text_line(line, clean, sizeof clean));
    *(r->warning ? &s->warnings : &s->errors) += 1;
}

/* ---- runs ---- */

static bool holds_summary(const char *folder) {
    char path[PATH_MAX];
    struct stat status;
    int n = snprintf(path, sizeof path, "%s/summary.json", folder);
    return n > 0 && (size_t)n < sizeof path && stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static cli_exit fill_from(session *s, const char *folder, cli_trouble *t) {
    char why[RECORD_JSON_WHY_MAX];
    json_t *summary = NULL;
    int error = report_summary_of(folder, &summary, why);
    if (error == SIM_ENOMEM) return cli_fail(t, CLI_EXIT_INTERNAL, "%s", why);
    if (error != 0) return cli_fail(t, CLI_EXIT_USAGE, "%s", why);
    error = assess_ics_file_fill(&s->statement, summary, folder, tell, s);
    json_decref(summary);
    s->folders++;
    if (error != 0)
        return cli_fail(t, CLI_EXIT_INTERNAL, "out of memory (%.200s): free some and try again",
                        folder);
    return CLI_EXIT_PASS;
}

/* The folders of results below one folder, by name. */
static cli_exit fill_from_below(session *s, const char *above, cli_trouble *t) {
    struct dirent **entries = NULL;
    cli_exit trouble = CLI_EXIT_PASS;
    size_t found = 0;
    int n = scandir(above, &entries, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        char folder[PATH_MAX];
        int length = snprintf(folder, sizeof folder, "%s/%s", above, entries[i]->d_name);
        bool hidden = entries[i]->d_name[0] == '.';
        free(entries[i]); /* scandir's */
        if (hidden || length < 0 || (size_t)length >= sizeof folder || !holds_summary(folder))
            continue;
        if (trouble != CLI_EXIT_PASS) continue;
        found++;
        trouble = found > FOLDERS_MAX
                      ? cli_fail(t, CLI_EXIT_USAGE,
                                 "more than %d folders of results (%.200s): name fewer with --runs",
                                 FOLDERS_MAX, above)
                      : fill_from(s, folder, t);
    }
    free(entries);
    if (trouble == CLI_EXIT_PASS && found == 0)
        return cli_fail(
            t, CLI_EXIT_USAGE,
            "no results of ours there (--runs %.200s): name a folder that blackstart run wrote",
            above);
    return trouble;
}

static cli_exit fill(session *s, cli_trouble *t) {
    cli_exit trouble = CLI_EXIT_PASS;
    for (size_t i = 0; i < s->options.run_count && trouble == CLI_EXIT_PASS; i++) {
        const char *folder = s->options.runs[i];
        trouble = holds_summary(folder) ? fill_from(s, folder, t) : fill_from_below(s, folder, t);
    }
    return trouble;
}

/* ---- reading and writing ---- */

static cli_exit read_statement(session *s, cli_trouble *t) {
    char why[RECORD_JSON_WHY_MAX];
    int error = record_json_file(s->options.what, ASSESS_ICS_BYTES_MAX, &s->root, why);
    if (error == SIM_ENOMEM)
        return cli_fail(t, CLI_EXIT_INTERNAL, "%s: free some and try again", why);
    if (error != 0)
        return cli_fail(t, CLI_EXIT_USAGE,
                        "%s: mend it there, or give a statement that can be read", why);
    error = assess_ics_file_take(&s->statement, s->root, s->options.what, s->options.edition, tell,
                                 s, why);
    return error == 0 ? CLI_EXIT_PASS : cli_fail(t, CLI_EXIT_USAGE, "%s", why);
}

static int write_statement(FILE *file, const void *context) {
    return assess_ics_file_write(file, context);
}

static int write_table(FILE *file, const void *context) {
    return assess_ics_file_markdown(file, context);
}

static int write_template(FILE *file, const void *context) {
    return assess_ics_file_template(file, context);
}

static cli_exit write_files(const session *s, cli_trouble *t) {
    cli_exit trouble = CLI_EXIT_PASS;
    if (s->options.out != NULL)
        trouble = cli_write_file(s->options.out, write_statement, &s->statement, t);
    if (trouble == CLI_EXIT_PASS && s->options.markdown != NULL)
        trouble = cli_write_file(s->options.markdown, write_table, &s->statement, t);
    return trouble;
}

static const char *plural(size_t n) {
    return n == 1 ? "" : "s";
}

static cli_exit conclude(const session *s, cli_trouble *t) {
    printf("%zu error%s, %zu warning%s (EN 303 645 %s)", s->errors, plural(s->errors), s->warnings,
           plural(s->warnings), s->statement.statement.edition->name);
    if (s->options.run_count > 0)
        printf("; %zu verdict%s filled in from %zu run%s", s->statement.filled,
               plural(s->statement.filled), s->folders, plural(s->folders));
    putchar('\n');
    if (s->errors == 0) return CLI_EXIT_PASS;
    return cli_fail(t, CLI_EXIT_FAILED,
                    "the statement has %zu error%s (%.200s): mend what the lines above say",
                    s->errors, plural(s->errors), s->options.what);
}

static cli_exit check_statement(session *s, cli_trouble *t) {
    cli_exit trouble = read_statement(s, t);
    if (trouble != CLI_EXIT_PASS) return trouble;
    assess_ics_lint(&s->statement.statement, tell, s);
    trouble = fill(s, t);
    if (trouble == CLI_EXIT_PASS) trouble = write_files(s, t);
    return trouble == CLI_EXIT_PASS ? conclude(s, t) : trouble;
}

cli_exit cli_ics(const char *program, int argc, char **argv, cli_trouble *t) {
    (void)program;
    session s = {.root = NULL};
    cli_exit trouble =
        cli_assessment_options_parse(&cli_ics_command, &s.options, argc, argv, &s.words, t);
    if (trouble == CLI_EXIT_PASS && s.words.help)
        trouble = cli_help_for(&cli_ics_command);
    else if (trouble == CLI_EXIT_PASS && s.options.make_template)
        trouble =
            cli_write_file(s.options.out, write_template,
                           s.options.edition != NULL ? s.options.edition : assess_editions[0], t);
    else if (trouble == CLI_EXIT_PASS)
        trouble = check_statement(&s, t);
    assess_ics_file_deinit(&s.statement);
    json_decref(s.root);
    cli_words_deinit(&s.words);
    return trouble;
}
