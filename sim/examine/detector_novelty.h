/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/examine/detector_novelty.h - has this been seen before? A series on its asinh scale is looked
 * at through several views; each view is a pair of quantised numbers, such as (point before, this
 * point). A pair never seen is novel. How much that says depends on habit: the surprise is novelty
 * times -log10 of the usual novelty, decades; usual is the mean over the view or over this column
 * of it, whichever is larger. So the tenth spike is no news in whatever context it comes, where
 * spikes are part of the series.
 *
 * Each view counts in three tables whose bins are shifted by thirds, so that a value at the edge of
 * a bin is not news; counts are four bits, since what was seen fifteen times is not news either. */
#ifndef SIM_EXAMINE_DETECTOR_NOVELTY_H
#define SIM_EXAMINE_DETECTOR_NOVELTY_H

#include <stdint.h>

#define EXAMINE_VIEW_MAP(X)                                                       \
    X(VALUE, 1, 3)      /* this point alone */                                    \
    X(LAG, 16, 3)       /* some points before, this point */                      \
    X(LAG_LONG, 16, 3)  /* the same, longer ago */                                \
    X(LAG_FAR, 16, 3)   /* the same, longer still */                              \
    X(BLOCK, 16, 3)     /* mean of the block before, mean of this block (long) */ \
    X(AGAINST, 16, 3)   /* mean of the block, this point */                       \
    X(HOUR, 24, 3)      /* hour of the day, this point */                         \
    X(HOUR_MEAN, 24, 3) /* hour of the day, short mean */                         \
    X(WEEK, 168, 1)     /* hour of the week, this point */                        \
    X(SEASON, 1, 3)     /* difference from the usual of this half hour */

typedef enum examine_view {
#define EXAMINE_VIEW_ENUM(name, rows, shifts) EXAMINE_VIEW_##name,
    EXAMINE_VIEW_MAP(EXAMINE_VIEW_ENUM)
#undef EXAMINE_VIEW_ENUM
        EXAMINE_VIEWS
} examine_view;

enum {
    EXAMINE_NOVELTY_BINS = 16,
    EXAMINE_NOVELTY_BYTES = EXAMINE_NOVELTY_BINS / 2, /* of a row */
    EXAMINE_NOVELTY_RING = 256,                       /* points remembered */
    EXAMINE_NOVELTY_SEASON = 48,                      /* half hours */
    EXAMINE_NOVELTY_LAGS = 3
};

typedef struct examine_novelty_settings {
    uint32_t short_block, long_block; /* points; both below EXAMINE_NOVELTY_RING / 2 */
    /* of the views LAG, LAG_LONG and LAG_FAR: points, below EXAMINE_NOVELTY_RING */
    uint32_t lag[EXAMINE_NOVELTY_LAGS];
    float range; /* of the scale that the bins cover */
    /* 1 / (1 + fade * count) is the novelty of a pair seen `count` times */
    float fade;
    float memory; /* points over which a view's habit is averaged */
    /* points that a column is credited with before it has any, none of them novel */
    float column_prior;
    float weight[EXAMINE_VIEWS];
} examine_novelty_settings;

typedef struct examine_novelty {
    /* sums of blocks, fixed point: exact for ever */
    int64_t short_now, long_now, long_before;
    int32_t ring[EXAMINE_NOVELTY_RING]; /* points on the scale, fixed point */
    uint64_t points;
    float season_spread;
    float season[EXAMINE_NOVELTY_SEASON];
    uint8_t season_points[EXAMINE_NOVELTY_SEASON];
    struct {
        float mean; /* novelty so far */
        float points;
    } habit[EXAMINE_VIEWS];
    struct {
        float novelty, points; /* sums */
    } column[EXAMINE_VIEWS][EXAMINE_NOVELTY_BINS];
#define EXAMINE_VIEW_TABLE(name, rows, shifts) uint8_t name[shifts][rows][EXAMINE_NOVELTY_BYTES];
    struct {
        EXAMINE_VIEW_MAP(EXAMINE_VIEW_TABLE)
    } table;
#undef EXAMINE_VIEW_TABLE
} examine_novelty;

void examine_novelty_init(examine_novelty *n);

/* The views that could look at a point: the weighted sum of their surprises, decades, and of their
 * weights. */
typedef struct examine_novelty_votes {
    float surprise, weight;
} examine_novelty_votes;

/* Learns a point `u` on the scale at `time` (s since 1970, or not a number). */
examine_novelty_votes examine_novelty_step(examine_novelty *n, const examine_novelty_settings *s,
                                           double time, float u);

#endif
