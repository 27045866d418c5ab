/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/report/live.h - a second of a run as a line of JSON, with the columns of series.csv as its
 * members: for who looks on while the run goes on. */
#ifndef REPORT_LIVE_H
#define REPORT_LIVE_H

#include <stdio.h>

#include "sim/core/error.h"
#include "sim/report/folder.h"

/* One line, and out of the program's hands when it returns. SIM_EIO: errno says why. */
SIM_MUST_USE int report_live_second(FILE *file, const report_second *row);

#endif
