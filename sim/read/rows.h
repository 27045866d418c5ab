/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/read/rows.h - a row of a table (a line of CSV, an object of JSON lines) becomes an attempt,
 * or the end of a connection. Rows may come in any order. */
#ifndef SIM_READ_ROWS_H
#define SIM_READ_ROWS_H

#include "sim/read/read_private.h"

typedef struct read_rows {
    read_log *log;
    const read_columns *columns;
    /* attempts.csv: all or nothing of a row, its times count from a start */
    bool is_ours;
    bool json; /* "key" and not "column" where a person is told of one */
    int64_t previous;
    uint64_t line, rows;            /* the line that is read; rows that could be read */
    uint64_t unknown;               /* whose outcome is no word that is known */
    char why[READ_WHY_MAX];         /* what was wrong with the first row that could not be read */
    char unknown_why[READ_WHY_MAX]; /* with the first unknown outcome */
    char other_why[READ_WHY_MAX];   /* with the first event that is none of a connection */
    /* whether times are days of a spreadsheet */
    double first_s, nearest_s; /* the first time, and what lies nearest to it; NAN: none yet */
    int first_digits;
    /* whether local time goes back: steps back, the line of the first, and whether there are others
     * than summer's end makes */
    int64_t latest;
    uint64_t steps_back, step_line;
    bool unordered;
} read_rows;

/* The values of a row; NULL where there is none. */
typedef struct read_row {
    const char *value[READ_COLUMNS];
    uint32_t number; /* of the attempt, where `is_ours` */
} read_row;

/* A whole number from 0 on, and nothing else. */
SIM_MUST_USE bool read_whole_number(const char *text, uint32_t *n);

void read_rows_init(read_rows *r, read_log *log, const read_columns *columns);
/* Takes what `line` holds; what cannot be read is left out, and counted. SIM_ENOMEM, SIM_ERANGE. */
SIM_MUST_USE int read_rows_take(read_rows *r, const read_row *row);
/* After the last row: SIM_EPARSE with a line in `why` when there is nothing to judge. */
SIM_MUST_USE int read_rows_end(const read_rows *r, char *why);

#endif
