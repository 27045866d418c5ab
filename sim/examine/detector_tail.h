/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/examine/detector_tail.h - robust z and CUSUM, each judged by its own past: the surprise of a
 * value is -log10 of the share of earlier values that were as large (a conformal p-value: V. Vovk
 * and others, "Algorithmic learning in a random world", 2005), less one decade. No distribution is
 * assumed: heavy tails make a detector careful by themselves. */
#ifndef SIM_EXAMINE_DETECTOR_TAIL_H
#define SIM_EXAMINE_DETECTOR_TAIL_H

#include <stdint.h>

enum { EXAMINE_TAIL_BINS = 48 }; /* a quarter of an octave each */

typedef struct examine_tail_settings {
    float step;  /* how fast median and deviation follow, in deviations a point */
    float slack; /* CUSUM: what is forgiven a point, deviations */
    float cap;   /* CUSUM: most that is held */
} examine_tail_settings;

typedef struct examine_tail {
    float centre, deviation; /* running median and median absolute deviation */
    float up, down;          /* CUSUM */
    uint32_t points;
    uint32_t count[EXAMINE_TAIL_BINS];
} examine_tail;

void examine_tail_init(examine_tail *t, float centre, float deviation);

/* Robust z: |u - median| / deviation. */
float examine_tail_z(examine_tail *t, const examine_tail_settings *s, float u);

/* Two-sided CUSUM of the same, `slack` forgiven a point. */
float examine_tail_cusum(examine_tail *t, const examine_tail_settings *s, float u);

#endif
