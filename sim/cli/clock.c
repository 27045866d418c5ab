/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/clock.h"

time_t cli_clock_utc(void) {
    return time(NULL);
}
