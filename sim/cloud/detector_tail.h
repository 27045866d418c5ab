/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cloud/detector_tail.h - robust z and CUSUM, each judged by its own past: the surprise of a value is -log10 of the share of earlier values that
 * were as large (a conformal p-value: V. Vovk and others, "Algorithmic learning in a random world", 2005), less one decade. No
 * distribution is assumed: heavy tails make a detector careful by themselves. */
#ifndef SIM_CLOUD_DETECTOR_TAIL_H
#define SIM_CLOUD_DETECTOR_TAIL_H

#include <stdint.h>

enum { CLOUD_TAIL_BINS = 48 }; /* a quarter of an octave each */

typedef struct cloud_tail_settings {
    float step;  /* how fast median and deviation follow, in deviations a point */
    float slack; /* CUSUM: what is forgiven a point, deviations */
    float cap;   /* CUSUM: most that is held */
} cloud_tail_settings;

typedef struct cloud_tail {
    float centre, deviation; /* running median and median absolute deviation */
    float up, down;          /* CUSUM */
    uint32_t points;
    uint32_t count[CLOUD_TAIL_BINS];
} cloud_tail;

void cloud_tail_init(cloud_tail *t, float centre, float deviation);

/* Robust z: |u - median| / deviation. */
float cloud_tail_z(cloud_tail *t, const cloud_tail_settings *s, float u);

/* Two-sided CUSUM of the same, `slack` forgiven a point. */
float cloud_tail_cusum(cloud_tail *t, const cloud_tail_settings *s, float u);

#endif
