/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/examine/watch_rate.h"

#include <math.h>

static const float bin_width = 0.5f;
static const double tail_share = 1e-3; /* what is the tail */
enum {
    TAIL_LEAST = 500
}; /* values that a fit needs; with fewer, a few devices under attack would be the tail */

float examine_rate_evidence(float n, float usual, float spread, float ratio, float least) {
    const float wrong = ratio * usual + least, dispersion = 1 + spread * usual;
    const float for_events = n > 0 ? n * logf(wrong / usual) : 0;
    return (for_events - (wrong - usual)) / dispersion;
}

int examine_rate_bin(float evidence) {
    const float bin = evidence / bin_width;
    return bin < EXAMINE_RATE_BINS - 1 ? (int)bin : EXAMINE_RATE_BINS - 1;
}

float examine_rate_threshold(const examine_rate_tail *t, double share, float least, float most,
                             float unknown) {
    uint64_t above = 0;
    double excess = 0; /* of bin middles over the lower edge of the current bin */
    int edge = EXAMINE_RATE_BINS;
    while (edge > 0 && (double)(above + t->count[edge - 1]) <= (double)t->steps * tail_share) {
        edge--;
        excess +=
            (double)above * (double)bin_width + (double)t->count[edge] * (double)bin_width / 2;
        above += t->count[edge];
    }
    if (above < TAIL_LEAST || edge == EXAMINE_RATE_BINS) return unknown;
    const double mean = excess / (double)above, times = (double)above / ((double)t->steps * share);
    const double h = (double)edge * (double)bin_width + mean * log(fmax(times, 1));
    return fminf(fmaxf((float)h, least), most);
}

void examine_rate_fade(examine_rate_tail *t) {
    t->steps /= 2;
    for (int i = 0; i < EXAMINE_RATE_BINS; i++) t->count[i] /= 2;
}
