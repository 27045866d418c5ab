/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/wall.h"

#include <time.h>

double sim_wall(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}
