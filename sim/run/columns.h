/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/run/columns.h - what fills the columns of series.csv: for each member of REPORT_SECOND_MAP a
 * function run_column_MEMBER, which says its total since the run began (what happened), or its
 * present value (what is). Those of one line stand in columns.c, others in a file of their own
 * (docs/add/column.md). */
#ifndef RUN_COLUMNS_H
#define RUN_COLUMNS_H

#include "sim/core/time.h"
#include "sim/report/folder.h"

typedef struct run run;

/* Called at the end of a second (`now`), between two windows. */
typedef uint64_t run_column(const run *r, sim_time now);
#define RUN_COLUMN_MAP REPORT_SECOND_MAP
#define RUN_COLUMN_DECLARE(member, column, how, page) run_column run_column_##member;
RUN_COLUMN_MAP(RUN_COLUMN_DECLARE)
#undef RUN_COLUMN_DECLARE

/* All columns at `now`. */
report_second run_columns(const run *r, sim_time now);

#endif
