/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/examine/csv.h - a line of CSV (RFC 4180), and the times and numbers in it, as platforms write
 * them. Pure, bounded, no locale. */
#ifndef SIM_EXAMINE_CSV_H
#define SIM_EXAMINE_CSV_H

#include <stdbool.h>
#include <stddef.h>

typedef struct examine_field {
    const char *text; /* not ended by 0 */
    size_t n;
} examine_field;

extern const char examine_csv_separators[]; /* those that are known, the usual one first */

/* Splits `line` (without its line end; a CR before it is dropped) in place; quotes are taken away.
 * A quote that is not closed reaches to the end of the line: fields do not span lines. Blanks
 * around a field are dropped. Returns the number of fields, at most `max`; more are left out. */
size_t examine_csv_split(char *line, size_t n, char separator, examine_field *fields, size_t max);

/* The separator of which a header has most; a comma where it has none. */
char examine_csv_separator(const char *line, size_t n);

/* Reads seconds since 1970: what sim/record/stamp.h knows, also a date alone, or a number of
 * seconds, milli-, micro-, nanoseconds or ticks, told by its size. Years 1..9999; a leap second
 * counts as the next. False: none of these; *seconds is untouched. */
bool examine_csv_time(examine_field f, double *seconds);

/* Reads a finite decimal number, correctly rounded; with `comma` its point may be one. False:
 * something else (also "nan", "inf", hexadecimal, nothing, more than 64 bytes). */
bool examine_csv_number(examine_field f, bool comma, double *number);

/* Writes a field so that a reader of CSV gets it back: quoted when it must be, control characters
 * as '?'. `out` has room for 2 n + 2 bytes; returns how many were written. */
size_t examine_csv_write(examine_field f, char *out);

bool examine_csv_is(examine_field f, const char *text);

#endif
