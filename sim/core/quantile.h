/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/core/quantile.h - numbers in order, and what lies at a share of them. */
#ifndef SIM_CORE_QUANTILE_H
#define SIM_CORE_QUANTILE_H

#include <stddef.h>

/* Smallest first. No NAN among them; infinities are fine. */
void sim_sort_numbers(double *values, size_t count);

/* Of sorted values (count >= 1), `share` 0..1: between two neighbours by their distance (type 7 of
 * Hyndman and Fan, "Sample quantiles in statistical packages", 1996, as R and NumPy have it); 0.5
 * is the median. */
double sim_quantile(const double *sorted, size_t count, double share);

#endif
