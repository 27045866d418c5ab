/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/dialects.h - the dialects of a run, each read once: that of the command line, and those
 * that a scenario names. */
#ifndef CLI_DIALECTS_H
#define CLI_DIALECTS_H

#include "sim/cli/dialect.h"

typedef struct fleet_spec fleet_spec;

enum { CLI_DIALECTS_MAX = 16 };

typedef struct cli_dialects { /* {0}: none */
    struct {
        const char *name; /* borrowed */
        const net_dialect *dialect;
    } items[CLI_DIALECTS_MAX];
    size_t count;
} cli_dialects;

/* Borrowed from the list. `where`: who names it. CLI_EXIT_USAGE as cli_dialect_read, or with more
 * than CLI_DIALECTS_MAX of them. */
cli_exit cli_dialects_read(cli_dialects *all, const char *name, const char *where,
                           const net_dialect **out, cli_trouble *t);
/* Every device of the spec that has a dialect gets it: `option` (of --dialect; NULL: none) where
 * its protocol has dialects, else the scenario's own. CLI_EXIT_USAGE: as above, or the option is
 * for nobody. */
cli_exit cli_dialects_meet(cli_dialects *all, fleet_spec *spec, const char *option, cli_trouble *t);
void cli_dialects_deinit(cli_dialects *all);

#endif
