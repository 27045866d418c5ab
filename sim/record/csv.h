/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/record/csv.h - a row of CSV (RFC 4180, but a field holds no line break), taken apart in
 * place. */
#ifndef SIM_RECORD_CSV_H
#define SIM_RECORD_CSV_H

#include <stdbool.h>

/* Takes the field at *at, which a 0 ends then; what stands in quotes loses them. *at becomes the
 * beginning of the next one, NULL behind the last. False: a quote is never closed (the field is
 * what follows it). */
bool record_csv_take(char **at, char separator, char **field);

#endif
