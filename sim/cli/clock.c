/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/clock.h"

time_t cli_clock_utc(void) {
    return time(NULL);
}

double cli_clock_monotonic(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail with this clock */
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}
