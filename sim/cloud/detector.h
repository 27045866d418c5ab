/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/cloud/detector.h - examines one series of telemetry as it arrives: one pass, no look-ahead, fixed memory.
 *
 * Three detectors behind one function look at each point and say how strange it is, all in the same unit:
 * decades, -log10 of how often this series itself has been as strange before. So no detector needs to know what
 * a series means, and their surprises can be added.
 *
 * - novelty: what was never seen in its context. The context is the point before, the block before, the hour of the day and of the
 *   week; all of them quantised, counted in small tables (detector_novelty.h).
 * - robust z: distance from the running median in running median absolute deviations.
 * - CUSUM (E. S. Page, "Continuous inspection schemes", 1954): small shifts that last.
 *
 * The first points (settings.warm_up) set the scale; they are not scored. A series that leaves its scale for good is learnt again. Values
 * that are not finite are counted and otherwise not there. Times only tell the hour: gaps, irregular and backward times do no harm. */
#ifndef SIM_CLOUD_DETECTOR_H
#define SIM_CLOUD_DETECTOR_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/cloud/detector_novelty.h"
#include "sim/cloud/detector_tail.h"

enum { CLOUD_DETECTOR_WARM_UP_MAX = 256 };

/* One setting for every series, chosen in docs/examine.md. Borrowed by the detectors. */
typedef struct cloud_detector_settings {
    uint32_t warm_up; /* points that set the scale, 32..CLOUD_DETECTOR_WARM_UP_MAX */
    uint32_t rest;    /* points after an outstanding one in which only a stranger one scores */
    float gain;       /* spread (10 % to 90 % of the warm-up) in units of the asinh scale */
    cloud_novelty_settings novelty;
    cloud_tail_settings tail;
    float weight_z, weight_cusum; /* against 1 for each view of the novelty detector */
    float usual;                  /* how many times its usual worst a surprise must be to count half */
    float usual_share;            /* the usual worst: this quantile of all surprises */
    float usual_least; /* the usual worst is at least this, decades: a quiet series is not touchy */
    float usual_step;  /* how fast that is learnt, relative a point */
    float decades;     /* mean surprise that counts in full */
    float at_half;     /* combined strangeness that becomes score 0.5 */
    float threshold;   /* score that raises an alarm */
} cloud_detector_settings;
extern const cloud_detector_settings cloud_detector_default;

typedef struct cloud_verdict {
    float score;             /* 0..1; 0.5 is where the default raises an alarm */
    bool scored;             /* false: warm-up, or no number */
    bool alarm;              /* score >= threshold, and no alarm in the last `rest` points */
    float z, cusum, novelty; /* surprise of each detector, decades */
} cloud_verdict;

/* A series. The caller's, nothing on the heap, nothing to end. */
typedef struct cloud_detector {
    const cloud_detector_settings *settings;
    double origin, centre,
        scale;       /* value - origin is kept in the warm-up; u = asinh((value - origin - centre) * scale) */
    double epoch;    /* time of the first point */
    uint64_t points; /* since learning began */
    uint32_t since_spoke, since_alarm;
    float spoke;   /* what the last outstanding point had */
    float usual;   /* running quantile of surprises */
    float clipped; /* share of points out of the scale, fading */
    uint64_t not_numbers;
    cloud_tail z, cusum;
    union {
        struct {
            float value[CLOUD_DETECTOR_WARM_UP_MAX]; /* value - origin */
            float time[CLOUD_DETECTOR_WARM_UP_MAX];  /* s since epoch */
        } warm;
        cloud_novelty novelty;
    } as;
} cloud_detector;

enum { CLOUD_DETECTOR_BYTES_MAX = 8192 }; /* budget 16 KB a series */
static_assert(sizeof(cloud_detector) <= CLOUD_DETECTOR_BYTES_MAX, "a series costs more than was promised");

/* That the settings are within the bounds named above is a promise. */
void cloud_detector_init(cloud_detector *d, const cloud_detector_settings *settings);

/* `time`: seconds since 1970, for the hour; not a number: unknown. */
cloud_verdict cloud_detector_step(cloud_detector *d, double time, double value);

#endif
