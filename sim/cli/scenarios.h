/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/scenarios.h - where the scenarios are, and which there are. */
#ifndef CLI_SCENARIOS_H
#define CLI_SCENARIOS_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/cli/trouble.h"

enum { CLI_SCENARIOS_MAX = 1000, CLI_SCENARIOS_DEPTH = 4, CLI_SCENARIO_PATH = 1024 };

/* Paths as they are given to `run`, sorted by folder and name. All 0 is empty. */
typedef struct cli_scenarios {
    char folder[CLI_SCENARIO_PATH];
    char **paths; /* owned */
    size_t count;
    bool more; /* there are more than are listed */
} cli_scenarios;

void cli_scenarios_deinit(cli_scenarios *s);

/* Looks in ./scenarios, then beside the program: ../../scenarios (a build in the source folder),
 * ../share/blackstart/scenarios (installed). CLI_EXIT_USAGE when there are none anywhere,
 * CLI_EXIT_INTERNAL when memory is short. */
cli_exit cli_scenarios_find(cli_scenarios *s, cli_trouble *t);

/* What stands beside the scenarios: `relative` ("packs/lwm2m-1.1.json") in the first of those
 * folders that has it. False: none has. */
bool cli_scenarios_file(const char *relative, char *path, size_t size);

/* The folder of the language's annotations, from the root on, into `path` of PATH_MAX bytes: as it
 * was built beside the program, or as it is installed. False: there is none. */
bool cli_scenarios_annotations(char *path);

/* All *.lua in `folder` and up to CLI_SCENARIOS_DEPTH folders below it; hidden ones are left out. 0
 * or CLI_EXIT_INTERNAL. */
cli_exit cli_scenarios_in(cli_scenarios *s, const char *folder, cli_trouble *t);

/* The scenario that `word` means: a file of that path, else the one whose path ends so
 * ("power-restore-street", "5.9-3/power-restore-street.lua") in ./scenarios, else among those that
 * come with the program. *path is the caller's to sim_free. CLI_EXIT_USAGE when there is none, or
 * two in one of these places that are not the same file. */
cli_exit cli_scenarios_named(const char *word, char **path, cli_trouble *t);

/* The same for who gave the word: where the file in ./scenarios hides one of the program's own, a
 * note on standard error says so. */
cli_exit cli_scenarios_meant(const char *word, char **path, cli_trouble *t);

/* There is at least one scenario in ./scenarios or among those that come with the program that
 * `word` names. */
bool cli_scenarios_know(const char *word);

/* The line for a scenario that is not there: names the one that was probably meant, by its file
 * name. CLI_EXIT_USAGE. */
cli_exit cli_scenarios_missing(const char *path, cli_trouble *t);

#endif
