/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/examine_options.h - what `blackstart examine` was asked to do. */
#ifndef CLI_EXAMINE_OPTIONS_H
#define CLI_EXAMINE_OPTIONS_H

#include "sim/cli/options.h"
#include "sim/cli/outlets.h"

/* Strings are borrowed from the cli_words of the same parse. */
typedef struct cli_examine_options {
    const char *file;                    /* "-": standard input */
    const char *timestamp, *value, *key; /* columns, by name or number; NULL: not given */
    double threshold;                    /* above 0, at most 1 */
    uint32_t series;
    const char *alarms, *truth; /* of --operator; both or neither */
    double grace_s;
    cli_outlets outlets; /* owned: cli_outlets_deinit */
} cli_examine_options;

extern const cli_command cli_examine_command;

/* As cli_run_options_parse. Touches no disk. */
cli_exit cli_examine_options_parse(cli_examine_options *o, int argc, char *const *argv,
                                   cli_words *w, cli_trouble *t);

/* What to call a file word in a message: "standard input" for "-". */
const char *cli_examine_name(const char *file);

#endif
