/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/clock.h - the only wall clock of the command line: names of folders. No result depends on
 * it. */
#ifndef CLI_CLOCK_H
#define CLI_CLOCK_H

#include <time.h>

time_t cli_clock_utc(void); /* seconds since the Unix epoch */

#endif
