/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/support/nab_settings.h - the settings among which the shipped one was looked for: a wide
 * box around plausible values. Used to say how much of a figure is the choice of the setting. */
#ifndef TESTS_SUPPORT_NAB_SETTINGS_H
#define TESTS_SUPPORT_NAB_SETTINGS_H

#include "sim/core/random.h"
#include "sim/examine/detector.h"
#include "tests/support/nab.h"

/* A setting drawn at random from the box: every number log-uniform between its bounds, a view left
 * out one time in ten. */
examine_detector_settings nab_settings_draw(sim_stream *random);

/* Fills s->scores, one pass. Returns the number of alarms at the setting's own threshold. */
size_t nab_examine(nab_series *s, const examine_detector_settings *settings);

/* Scores series chosen by `chosen` (half of a split, say): the best threshold and figure, as
 * nab_best. */
int nab_best_of(const nab_corpus *c, const bool *chosen, const nab_profile *p, double *threshold,
                double *figure);
double nab_score_of(const nab_corpus *c, const bool *chosen, const nab_profile *p,
                    double threshold);

#endif
