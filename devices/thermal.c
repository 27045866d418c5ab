/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/thermal.h"

#include <math.h>

/* A sensor resolves a thousandth of a degree: what is that near to a threshold has reached it.
 * Wider than the rounding of a float at room temperature (2e-6), so a switch is never missed by the
 * wake-up that was computed for it. */
static const double resolution_c = 1e-3;

static double rest_of(const dev_thermal *t) {
    return (double)t->outside_c + (t->heating ? (double)t->gain_c : 0.0);
}

/* Where the heater will next switch. */
static double threshold_of(const dev_thermal *t) {
    double target = (double)t->set_point_c - (double)t->set_back_c;
    return t->heating ? target + (double)t->band_c : target - (double)t->band_c;
}

static bool reached(const dev_thermal *t) {
    double ahead = threshold_of(t) - (double)t->temperature_c;
    return (t->heating ? ahead : -ahead) <= resolution_c;
}

void dev_thermal_advance(dev_thermal *t, sim_time now) {
    double rest = rest_of(t);
    double elapsed_s = sim_time_seconds(now - t->since);
    t->temperature_c =
        (float)(rest + ((double)t->temperature_c - rest) * exp(-elapsed_s / (double)t->tau_s));
    t->since = now;
}

void dev_thermal_control(dev_thermal *t, sim_time now) {
    dev_thermal_advance(t, now);
    if (!t->powered) {
        t->heating = false;
    } else if (reached(t)) {
        t->heating = !t->heating;
    }
}

/* How long before `since` the temperature was `c`, in seconds: the same exponential read backwards.
 * Infinite where it has never been as far, negative where it is yet to come. */
static double ago_s(const dev_thermal *t, double c) {
    double rest = rest_of(t);
    double ratio = (c - rest) / ((double)t->temperature_c - rest);
    return ratio > 0 ? (double)t->tau_s * log(ratio) : (double)-INFINITY;
}

sim_time dev_thermal_in_band(const dev_thermal *t, sim_time from) {
    double target = (double)t->set_point_c - (double)t->set_back_c;
    double low = target - (double)t->band_c - resolution_c,
           high = target + (double)t->band_c + resolution_c;
    double elapsed_s = sim_time_seconds(t->since - from), now_c = (double)t->temperature_c;
    if (fabs(now_c - rest_of(t)) < 1e-9) return now_c >= low && now_c <= high ? t->since - from : 0;
    /* towards the past the temperature goes away from `rest`: it entered the band at the farther
     * border and left it at the nearer one */
    double entered_s = fmin(elapsed_s, fmax(ago_s(t, low), ago_s(t, high)));
    double left_s = fmax(0, fmin(ago_s(t, low), ago_s(t, high)));
    return entered_s > left_s ? sim_time_from_seconds(entered_s - left_s) : 0;
}

sim_time dev_thermal_next(const dev_thermal *t) {
    if (!t->powered) return SIM_NEVER;
    if (reached(t)) return t->since;
    double rest = rest_of(t);
    double to_threshold =
        threshold_of(t) - rest; /* both have the sign of T - rest while the threshold is ahead */
    double ratio = ((double)t->temperature_c - rest) / to_threshold;
    if (!(ratio > 1.0)) return SIM_NEVER; /* the room comes to rest before it gets there */
    return sim_time_add(t->since, sim_time_from_seconds((double)t->tau_s * log(ratio)));
}
