/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cli/sweep_estimate.h - how long a sweep will still take, from what its runs took so far.
 * Settings differ in cost, often by more than ten times, so each counts by its own runs. */
#ifndef CLI_SWEEP_ESTIMATE_H
#define CLI_SWEEP_ESTIMATE_H

#include <stddef.h>
#include <stdint.h>

/* The wall time in seconds that the runs without a time still need, `jobs` (1..) at a time.
 * `took[points * seeds]`: seconds, point by point; NAN: not done. A run counts as the mean of its
 * setting; where that has none done, as the mean over the settings that have. NAN: none is done. */
double cli_sweep_rest(const double *took, size_t points, size_t seeds, uint32_t jobs);

/* The run that starts in the `n`th place: every setting with its first seed, then with the next.
 * So an estimate soon knows all settings, and a sweep that is ended early has seen most of them. */
size_t cli_sweep_task(size_t n, size_t points, size_t seeds);

#endif
