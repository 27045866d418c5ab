/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/quantile.h"

#include <stdlib.h>

static int by_size(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

void sim_sort_numbers(double *values, size_t count) {
    if (count > 0) qsort(values, count, sizeof *values, by_size);
}

double sim_quantile(const double *sorted, size_t count, double share) {
    double place = share * (double)(count - 1);
    size_t i = (size_t)place;
    double past = place - (double)i;
    if (i + 1 >= count || past <= 0) return sorted[i < count ? i : count - 1];
    return sorted[i] + past * (sorted[i + 1] - sorted[i]);
}
