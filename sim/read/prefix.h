/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/read/prefix.h - what container engines, journals and syslog put in front of a program's line,
 * taken off one after the other: they may wrap each other. Pure. */
#ifndef SIM_READ_PREFIX_H
#define SIM_READ_PREFIX_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/time.h"

/* What is left of a line, and what was in front of it. */
typedef struct read_wrapped {
    char *text; /* in the line, which a JSON envelope changes in place */
    /* of the innermost prefix that has a time */
    int64_t ns;
    sim_time resolution;
    bool timed;
    bool yearless;     /* the time is one of 2000 */
    bool sure;         /* of no other program */
    bool loose;        /* any words may stand between time and sentence */
    const char *ident; /* the program's name, to anything but a name's characters; NULL: not told */
} read_wrapped;

/* Takes one prefix off. False: `text` begins with none that is known. */
bool read_prefix_take(read_wrapped *line);
/* Notes the time at `at`, in any of its forms, and returns what stands behind it; NULL: none. */
char *read_prefix_time(char *at, read_wrapped *line);

#endif
