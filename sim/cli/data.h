/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/data.h - run --data FILE.csv: a table whose columns stand in the templates of a dialect
 * by their names. A row is a device's, in order, or each report takes the next one; where there are
 * no more, they begin again. */
#ifndef CLI_DATA_H
#define CLI_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/cli/trouble.h"

enum { CLI_DATA_FILE_MAX = 64 << 20, CLI_DATA_LINE_MAX = 4096, CLI_DATA_COLUMNS_MAX = 64 };

typedef struct cli_data cli_data;

/* CLI_EXIT_USAGE with a line that names the file and the line in it: no column, two of one name or
 * one that is a word of dialects, a row that is longer or shorter, no row, too large. */
cli_exit cli_data_read(const char *path, bool per_request, cli_data **out, cli_trouble *t);
void cli_data_free(cli_data *d); /* NULL is fine */

/* The row of a device (by its number in the fleet), whoever else has taken how many. */
size_t cli_data_row_of(const cli_data *d, uint32_t device);
/* The row of a report of that device. */
size_t cli_data_next(cli_data *d, uint32_t device);
/* NULL: there is no such column. */
const char *cli_data_cell(const cli_data *d, size_t row, const char *column);

#endif
