/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/examine/detector_tail.h"

#include <math.h>
#include <string.h>

enum { POINTS_MAX = 1000000 };
/* of the scale: what is constant stays quiet about rounding */
static const float deviation_least = 1e-3f;
static const float sigma_per_deviation = 1.4826f;

void examine_tail_init(examine_tail *t, float centre, float deviation) {
    memset(t, 0, sizeof *t);
    t->centre = centre;
    t->deviation = fmaxf(deviation, deviation_least);
}

/* Both move by a small step towards the new point, so that half of the points lie on either side.
 */
static void follow(examine_tail *t, float step, float u) {
    const float away = t->deviation * step;
    t->centre += u > t->centre ? away : u < t->centre ? -away : 0;
    const float distance = fabsf(u - t->centre);
    t->deviation += distance > t->deviation ? away / 2 : -away / 2;
    t->deviation = fmaxf(t->deviation, deviation_least);
}

/* The far past counts less and less. */
static void fade(examine_tail *t) {
    t->points = 0;
    for (int i = 0; i < EXAMINE_TAIL_BINS; i++) {
        t->count[i] /= 2;
        t->points += t->count[i];
    }
}

static float surprise(examine_tail *t, float value) {
    int bin = (int)(4.0f * log2f(1.0f + value));
    if (bin > EXAMINE_TAIL_BINS - 1) bin = EXAMINE_TAIL_BINS - 1;
    uint32_t as_large = 0;
    for (int i = bin; i < EXAMINE_TAIL_BINS; i++) as_large += t->count[i];
    t->count[bin]++;
    if (++t->points >= POINTS_MAX) fade(t);
    if (as_large >= t->points / 10) return 0;
    return log10f((float)t->points / (float)(as_large + 1)) - 1.0f;
}

float examine_tail_z(examine_tail *t, const examine_tail_settings *s, float u) {
    const float z = fabsf(u - t->centre) / (t->deviation * sigma_per_deviation);
    follow(t, s->step, u);
    return fmaxf(0, surprise(t, z));
}

float examine_tail_cusum(examine_tail *t, const examine_tail_settings *s, float u) {
    const float z = (u - t->centre) / (t->deviation * sigma_per_deviation);
    follow(t, s->step, u);
    t->up = fminf(s->cap, fmaxf(0, t->up + z - s->slack));
    t->down = fminf(s->cap, fmaxf(0, t->down - z - s->slack));
    return fmaxf(0, surprise(t, fmaxf(t->up, t->down)));
}
