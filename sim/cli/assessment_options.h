/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/assessment_options.h - what `blackstart ics` and `blackstart evidence` were asked to do.
 */
#ifndef CLI_ASSESSMENT_OPTIONS_H
#define CLI_ASSESSMENT_OPTIONS_H

#include <stdbool.h>

#include "sim/assess/provisions.h"
#include "sim/cli/options.h"

enum { CLI_RUNS_MAX = 64 }; /* --runs of a command line */

/* Strings are borrowed from the cli_words of the same parse. */
typedef struct cli_assessment_options {
    const char *what;              /* the statement, or the folder of results */
    const assess_edition *edition; /* NULL: not given */
    const char *runs[CLI_RUNS_MAX];
    size_t run_count;
    const char *out, *markdown; /* NULL: not given */
    bool make_template;
} cli_assessment_options;

extern const cli_command cli_ics_command, cli_evidence_command;

/* As cli_run_options_parse, for one of the two commands. Touches no disk. */
cli_exit cli_assessment_options_parse(const cli_command *c, cli_assessment_options *o, int argc,
                                      char *const *argv, cli_words *w, cli_trouble *t);

#endif
