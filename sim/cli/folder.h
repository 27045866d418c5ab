/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/folder.h - where a run's results go when --out does not say:
 * results/NAME-seedSEED-YYYYMMDD-HHMMSS (UTC), with -2, -3, ... when that is taken. */
#ifndef CLI_FOLDER_H
#define CLI_FOLDER_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "sim/cli/trouble.h"

enum { CLI_PATH_MAX = 1024 };

/* All 0 is none. */
typedef struct cli_folder {
    char path[CLI_PATH_MAX];
    char parent[CLI_PATH_MAX]; /* "results", when it was made here; "" otherwise */
    /* `path` was made here, empty, so that two runs in the same second do not meet */
    bool reserved;
} cli_folder;

/* The scenario's file name without its ending, anything but letters, digits, dot, dash and
 * underscore replaced, at most 60 bytes. Returns `name` (64 bytes). */
char *cli_folder_name(const char *scenario, char *name);

/* Takes what --out says. CLI_EXIT_USAGE when it cannot name a folder. Touches no disk. */
cli_exit cli_folder_given(cli_folder *f, const char *out, cli_trouble *t);

/* Makes an empty folder under `root` ("results"), and `root` when it is not there. CLI_EXIT_USAGE.
 */
cli_exit cli_folder_reserve(cli_folder *f, const char *root, const char *scenario, uint64_t seed,
                            time_t now, cli_trouble *t);

/* Removes what reserve made, as far as it is still empty: a run that failed leaves nothing, a
 * result stays. */
void cli_folder_give_back(cli_folder *f);

#endif
