/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/manual.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "blackstart_version.h"
#include "sim/cli/cli.h"
#include "sim/cli/wrap.h"

/* A hyphen that can be copied from the page, and no line that roff takes for its own. */
static void put(const char *text, FILE *out) {
    bool first = true;
    for (; *text != '\0'; text++) {
        if (first && (*text == '.' || *text == '\'')) fputs("\\&", out);
        if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '-')
            fputs("\\-", out);
        else
            fputc(*text, out);
        first = *text == '\n';
    }
}

void cli_manual_text(const char *text, FILE *out) {
    put(text, out);
    fputc('\n', out);
}

void cli_manual_head(const char *name, int section, const char *title, FILE *out) {
    fputs(".\\\" SPDX-License-Identifier: GPL-3.0-or-later\n.TH \"", out);
    for (const char *at = name; *at != '\0'; at++) fputc(toupper((unsigned char)*at), out);
    fprintf(out, "\" \"%d\" \"\" \"Blackstart %s\" \"Blackstart\"\n.nh\n.ad l\n.SH NAME\n", section,
            BLACKSTART_VERSION);
    put(name, out);
    fputs(" \\- ", out);
    cli_manual_text(title, out);
}

void cli_manual_term(const char *term, const char *argument, const char *text, FILE *out) {
    fputs(".TP\n\\fB", out);
    put(term, out);
    fputs("\\fR", out);
    if (argument != NULL) {
        fputs(" \\fI", out);
        put(argument, out);
        fputs("\\fR", out);
    }
    fputc('\n', out);
    cli_manual_text(text, out);
}

void cli_manual_lines(const char *text, FILE *out) {
    fputs(".nf\n", out);
    put(text, out);
    fputs(".fi\n", out);
}

/* Manuals are read at 80 columns, of which the page's margins take 8. */
static void put_commands(const char *examples, FILE *out) {
    enum { COLUMNS = 72 };
    char *lines = NULL;
    size_t size;
    FILE *wrapped = open_memstream(&lines, &size);
    if (wrapped != NULL) {
        cli_wrap_commands(examples, COLUMNS, wrapped);
        fclose(wrapped);
    }
    cli_manual_lines(lines != NULL ? lines : examples, out);
    free(lines);
}

static void put_exit_codes(FILE *out) {
    char number[12];
    fputs(".SH \"EXIT STATUS\"\n", out);
    for (const cli_exit_row *row = cli_exit_rows; row->text != NULL; row++) {
        snprintf(number, sizeof number, "%d", (int)row->code);
        cli_manual_term(number, NULL, row->text, out);
    }
    fputs(".PP\n", out);
    cli_manual_text(
        "Any code but 0 comes with one line on standard error: what, where, what to do.", out);
}

static void put_see_also(const cli_command *but, FILE *out) {
    const cli_command *c;
    fputs(".SH \"SEE ALSO\"\n", out);
    if (but != NULL) fputs(".BR blackstart (1),\n", out);
    for (size_t i = 0; (c = cli_command_at(i)) != NULL; i++)
        if (c != but) fprintf(out, ".BR blackstart\\-%s (1),\n", c->name);
    fputs(".BR blackstart\\-scenario (7)\n", out);
}

void cli_manual_program(FILE *out) {
    const cli_command *c;
    cli_manual_head("blackstart", 1, "what does your fleet do when the power comes back?", out);
    fputs(".SH SYNOPSIS\n.B blackstart\n.I COMMAND\n.RI [ options ]\n", out);
    fputs(".SH DESCRIPTION\n", out);
    cli_manual_text(
        "Runs virtual IoT devices on real protocol code, takes their power and networks away by "
        "script, and judges against ETSI EN 303 645 how they came back.",
        out);
    fputs(".SH COMMANDS\n", out);
    for (size_t i = 0; (c = cli_command_at(i)) != NULL; i++)
        cli_manual_term(c->name, NULL, c->title, out);
    fputs(".SH OPTIONS\n", out);
    cli_manual_term("--help", NULL, "this, shorter; behind a command its options", out);
    cli_manual_term("--version", NULL, "as blackstart version", out);
    fputs(".SH EXAMPLES\n", out);
    put_commands(cli_examples, out);
    fputs(".PP\n", out);
    cli_manual_text(cli_examples_about, out);
    put_exit_codes(out);
    fputs(".SH FILES\n", out);
    cli_manual_term("../share/blackstart/scenarios", NULL,
                    "from the program's folder on: the scenarios that come with it", out);
    put_see_also(NULL, out);
}

void cli_manual_command(const cli_command *c, FILE *out) {
    char name[64];
    snprintf(name, sizeof name, "blackstart-%s", c->name);
    cli_manual_head(name, 1, c->title, out);
    fputs(".SH SYNOPSIS\n.B blackstart ", out);
    put(c->name, out);
    fputc('\n', out);
    if (*c->usage != '\0') cli_manual_text(c->usage, out);
    fputs(".SH DESCRIPTION\n", out);
    cli_manual_text(c->about, out);
    fputs(".SH OPTIONS\n", out);
    for (size_t i = 0; i < c->option_count; i++) {
        const cli_option *o = &c->options[i];
        char option[64];
        snprintf(option, sizeof option, "--%s", o->name);
        cli_manual_term(option, o->argument, o->help, out);
    }
    cli_manual_term("--help", NULL, "these options, on standard output", out);
    fputs(".SH EXAMPLES\n", out);
    put_commands(c->examples, out);
    put_exit_codes(out);
    put_see_also(c, out);
}
