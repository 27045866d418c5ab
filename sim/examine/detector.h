/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/examine/detector.h - examines one series of telemetry as it arrives: one pass, no look-ahead,
 * fixed memory.
 *
 * Three detectors behind one function look at each point and say how strange it is, all in the same
 * unit: decades, -log10 of how often this series itself has been as strange before. So no detector
 * needs to know what a series means, and their surprises can be added.
 *
 * - novelty: what was never seen in its context. The context is the point before, the block before,
 *   the hour of the day and of the week; all of them quantised, counted in small tables
 *   (detector_novelty.h).
 * - robust z: distance from the running median in running median absolute deviations.
 * - CUSUM (E. S. Page, "Continuous inspection schemes", 1954): small shifts that last.
 *
 * The first points (settings.warm_up) set the scale; they are not scored. A series that leaves its
 * scale for good is learnt again. Values that are not finite are counted and otherwise not there.
 * Times only tell the hour: gaps, irregular and backward times do no harm. */
#ifndef SIM_EXAMINE_DETECTOR_H
#define SIM_EXAMINE_DETECTOR_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/examine/detector_novelty.h"
#include "sim/examine/detector_tail.h"

enum { EXAMINE_DETECTOR_WARM_UP_MAX = 256 };

/* One setting for every series, chosen in docs/examine.md. Borrowed by the detectors. */
typedef struct examine_detector_settings {
    uint32_t warm_up; /* points that set the scale, 32..EXAMINE_DETECTOR_WARM_UP_MAX */
    uint32_t rest;    /* points after an outstanding one in which only a stranger one scores */
    float gain;       /* spread (10 % to 90 % of the warm-up) in units of the asinh scale */
    examine_novelty_settings novelty;
    examine_tail_settings tail;
    float weight_z, weight_cusum; /* against 1 for each view of the novelty detector */
    /* how many times its usual worst a surprise must be to count half */
    float usual;
    float usual_share; /* the usual worst: this quantile of all surprises */
    float usual_least; /* the usual worst is at least this, decades: a quiet series is not touchy */
    float usual_step;  /* how fast that is learnt, relative a point */
    float decades;     /* mean surprise that counts in full */
    float at_half;     /* combined strangeness that becomes score 0.5 */
    float threshold;   /* score that raises an alarm */
    float clearly;     /* a score so much above the last alarm's does not wait for its rest */
} examine_detector_settings;
extern const examine_detector_settings examine_detector_default;

typedef struct examine_verdict {
    float score; /* 0..1; 0.5 is where the default raises an alarm */
    bool scored; /* false: warm-up, or no number */
    /* score >= threshold; for `rest` points after an alarm, only when it is clearly above that */
    bool alarm;
    float z, cusum, novelty; /* surprise of each detector, decades */
} examine_verdict;

/* A series. The caller's, nothing on the heap, nothing to end. */
typedef struct examine_detector {
    const examine_detector_settings *settings;
    double origin, centre,
        /* value - origin is kept in the warm-up; u = asinh((value - origin - centre) * scale) */
        scale;
    double epoch;    /* time of the first point */
    uint64_t points; /* since learning began */
    uint32_t since_spoke, since_alarm;
    float spoke;   /* what the last outstanding point had */
    float alarmed; /* score of the last alarm */
    float usual;   /* running quantile of surprises */
    float clipped; /* share of points out of the scale, fading */
    uint64_t not_numbers;
    examine_tail z, cusum;
    union {
        struct {
            float value[EXAMINE_DETECTOR_WARM_UP_MAX]; /* value - origin */
            float time[EXAMINE_DETECTOR_WARM_UP_MAX];  /* s since epoch */
        } warm;
        examine_novelty novelty;
    } as;
} examine_detector;

enum { EXAMINE_DETECTOR_BYTES_MAX = 8192 }; /* budget 16 KB a series */
static_assert(sizeof(examine_detector) <= EXAMINE_DETECTOR_BYTES_MAX,
              "a series costs more than was promised");

/* That the settings are within the bounds named above is a promise. */
void examine_detector_init(examine_detector *d, const examine_detector_settings *settings);

/* `time`: seconds since 1970, for the hour; not a number: unknown. */
examine_verdict examine_detector_step(examine_detector *d, double time, double value);

#endif
