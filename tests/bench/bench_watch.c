/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench_watch [SEEDS [DEVICES [DAYS]]] - the fleet examiner over a drawn fleet: what it finds, how soon, and its false alarms. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/support/fleet_months.h"

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static long argument(int count, char **arguments, int i, long otherwise) {
    return count > i ? strtol(arguments[i], NULL, 10) : otherwise;
}

int main(int argc, char **argv) {
    const long seeds = argument(argc, argv, 1, 1);
    static fleet_months_result all, one;
    for (long seed = 1; seed <= seeds; seed++) {
        const double begin = seconds();
        fleet_months_run(&(fleet_months_options){.seed = (uint64_t)seed,
                                                 .devices = (uint32_t)argument(argc, argv, 2, 10000),
                                                 .street = 1000,
                                                 .days = (uint32_t)argument(argc, argv, 3, 7),
                                                 .streets_a_watch = 1,
                                                 .each = 8,
                                                 .examples = true,
                                                 .outages = true,
                                                 .rollout = true,
                                                 .settings = &cloud_watch_default},
                         &one);
        printf("seed %ld: %.1f s, false %u, examples %.0f %.0f\n", seed, seconds() - begin, one.false_alarms, one.example[0],
               one.example[1]);
        fflush(stdout);
        if (seed == 1)
            all = one;
        else
            fleet_months_add(&all, &one);
    }
    fleet_months_print(&all);
    return 0;
}
