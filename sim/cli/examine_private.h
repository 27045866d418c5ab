/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/examine_private.h - what the two halves of `blackstart examine` share. */
#ifndef CLI_EXAMINE_PRIVATE_H
#define CLI_EXAMINE_PRIVATE_H

#include <stdint.h>

enum { EXAMINE_DONE = 0, EXAMINE_INTERRUPTED = 2, EXAMINE_INTERNAL = 3, EXAMINE_USAGE = 4 };

typedef struct examine_options {
    const char *file; /* "-": standard input */
    const char *timestamp, *value, *key;
    double threshold;
    uint64_t series;
    const char *alarms, *truth; /* both or neither */
    double grace;               /* s */
} examine_options;

/* Prints "blackstart: LINE", made safe for a terminal, and returns `code`. */
__attribute__((format(printf, 2, 3))) int examine_fail(int code, const char *format, ...);

/* --operator: reads alarms, truth and the telemetry they belong to, prints the table. The exit code. */
int examine_operator(const examine_options *o);

#endif
