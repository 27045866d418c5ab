/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/examine.h - `blackstart examine`: telemetry in, scores out; or foreign alarms held against the truth. */
#ifndef CLI_EXAMINE_H
#define CLI_EXAMINE_H

/* argv[0] is the command's name. Returns the exit code: 0, 3 (the machine was not enough) or 4 (wrong use), the latter two with one line
 * on standard error; 2 when a signal that interrupts a read or write asked to stop. A reader of our output that has seen enough
 * (EPIPE; the program ignores SIGPIPE) ends it quietly with 0. Rows that could not be scored are told on standard error
 * afterwards, a line per kind, and are no failure. */
int cli_examine(int argc, const char **argv);

#endif
