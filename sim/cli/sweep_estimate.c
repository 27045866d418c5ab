/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/sweep_estimate.h"

#include <math.h>

/* Adds up the times of a setting's runs; returns how many are done. */
static size_t done_of(const double *took, size_t seeds, double *sum) {
    size_t done = 0;
    *sum = 0;
    for (size_t i = 0; i < seeds; i++) {
        if (isnan(took[i])) continue;
        *sum += took[i];
        done++;
    }
    return done;
}

double cli_sweep_rest(const double *took, size_t points, size_t seeds, uint32_t jobs) {
    double means = 0, rest = 0, sum;
    size_t known = 0, unknown = 0;
    for (size_t point = 0; point < points; point++) {
        size_t done = done_of(took + point * seeds, seeds, &sum);
        if (done == 0) {
            unknown += seeds;
            continue;
        }
        double mean = sum / (double)done;
        known++;
        means += mean;
        rest += mean * (double)(seeds - done);
    }
    if (known == 0) return NAN;
    rest += means / (double)known * (double)unknown;
    return rest / jobs;
}

size_t cli_sweep_task(size_t n, size_t points, size_t seeds) {
    return n % points * seeds + n / points;
}
