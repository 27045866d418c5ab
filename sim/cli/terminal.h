/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/terminal.h - what the other end of a stream can show. Decided once, from the stream and
 * the environment. */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>

typedef struct cli_terminal {
    bool interactive; /* a terminal that can rewrite a line (TERM is not "dumb") */
    /* interactive, and neither NO_COLOR (https://no-color.org: not empty) nor --no-color */
    bool colour;
    bool marks;       /* the locale says UTF-8: LC_ALL, else LC_CTYPE, else LANG */
    uint32_t columns; /* 40..140: longer lines do not read well; 80 where there is no terminal */
} cli_terminal;

typedef char *cli_environment(const char *name); /* getenv */

cli_terminal cli_terminal_look(int descriptor, bool no_colour, cli_environment *environment);
/* The width now; windows are resized while a run goes on. */
uint32_t cli_terminal_columns(int descriptor);

#endif
