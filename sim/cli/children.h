/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/children.h - runs of our own program as processes of their own, several at a time, each
 * with a place in a scratch folder. Nothing of them is left behind: neither processes nor files. */
#ifndef CLI_CHILDREN_H
#define CLI_CHILDREN_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "sim/cli/trouble.h"

enum { CLI_CHILDREN_MAX = 256, CLI_CHILD_PATH = 512 };

typedef struct cli_child {
    pid_t pid; /* 0: none */
    size_t task;
} cli_child;

/* All 0 is empty; deinit of it is fine. */
typedef struct cli_children {
    char scratch[CLI_CHILD_PATH]; /* in TMPDIR, else /tmp */
    cli_child slots[CLI_CHILDREN_MAX];
    size_t running;
    sigset_t before;
    bool held; /* SIGCHLD is held back, and was not `before` */
} cli_children;

/* Makes the scratch folder. CLI_EXIT_INTERNAL. */
cli_exit cli_children_init(cli_children *c, cli_trouble *t);

/* Starts this very program with `words` (argv, ended by NULL). What it says on standard error goes
 * to the task's file; standard output is thrown away. Promise: fewer than CLI_CHILDREN_MAX run.
 * CLI_EXIT_INTERNAL. */
cli_exit cli_children_start(cli_children *c, size_t task, const char *const *words, cli_trouble *t);

/* Waits up to a fifth of a second for a child to end, less when a signal comes. False: none did.
 * *status as waitpid(2) gives it. */
bool cli_children_wait(cli_children *c, size_t *task, int *status);

/* Asks all to end in order, waits for them, and ends for good who does not. */
void cli_children_stop(cli_children *c);

/* Places for a task: the folder of its results, and what it said on standard error. Return `path`.
 */
char *cli_children_folder(const cli_children *c, size_t task, char path[CLI_CHILD_PATH]);
char *cli_children_words(const cli_children *c, size_t task, char path[CLI_CHILD_PATH]);

/* The last line of what a task said on standard error, without the program's name; "": nothing.
 * `line` has room for CLI_LINE_MAX bytes. */
void cli_children_last_words(const cli_children *c, size_t task, char *line);

/* Removes what a task left in the scratch folder. */
void cli_children_forget(const cli_children *c, size_t task);

/* Stops what runs, and removes the scratch folder. */
void cli_children_deinit(cli_children *c);

/* Runs another program (found in PATH) to its end, its standard output to the descriptor `out`.
 * False when it could not be started, or did not end with 0. */
bool cli_child_run(const char *const *words, int out);

#endif
