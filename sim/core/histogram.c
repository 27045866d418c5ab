/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/histogram.h"

#include "sim/core/heap.h"

enum { BUCKETS = 1024, BUCKET_BITS = 10 };

static const sim_time range_end = (sim_time)1 << (BUCKET_BITS + SIM_HISTOGRAM_BANDS - 1);

void sim_histogram_init(sim_histogram *h) {
    *h = (sim_histogram){0};
}

void sim_histogram_deinit(sim_histogram *h) {
    for (int b = 0; b < SIM_HISTOGRAM_BANDS; b++) sim_free(h->band[b]);
    *h = (sim_histogram){0};
}

static int band_of(sim_time value) {
    return value < BUCKETS ? 0 : 63 - __builtin_clzll((unsigned long long)value) - BUCKET_BITS + 1;
}

static int bucket_of(int band, sim_time value) {
    return band == 0 ? (int)value : (int)((value >> (band - 1)) - BUCKETS);
}

/* The largest value that falls into the bucket. */
static sim_time upper_edge(int band, int bucket) {
    return band == 0 ? bucket : ((sim_time)(BUCKETS + bucket + 1) << (band - 1)) - 1;
}

static int need_band(sim_histogram *h, int band) {
    if (h->band[band] == NULL) h->band[band] = sim_calloc(BUCKETS, sizeof(uint64_t));
    return h->band[band] == NULL ? SIM_ENOMEM : 0;
}

static void widen(sim_histogram *h, sim_time minimum, sim_time maximum) {
    h->minimum = h->count == 0 ? minimum : sim_time_min(h->minimum, minimum);
    h->maximum = h->count == 0 ? maximum : sim_time_max(h->maximum, maximum);
}

static int add_many(sim_histogram *h, sim_time value, uint64_t count) {
    if (value < 0) value = 0;
    if (value < range_end) {
        int band = band_of(value);
        if (need_band(h, band) != 0) return SIM_ENOMEM;
        h->band[band][bucket_of(band, value)] += count;
    } else {
        h->over += count;
    }
    widen(h, value, value);
    h->count += count;
    h->sum += (double)value * (double)count;
    return 0;
}

int sim_histogram_add(sim_histogram *h, sim_time value) {
    return add_many(h, value, 1);
}

int sim_histogram_add_since(sim_histogram *into, const sim_histogram *moments, sim_time end) {
    int error = moments->over == 0 ? 0 : add_many(into, end - moments->maximum, moments->over);
    for (int b = 0; b < SIM_HISTOGRAM_BANDS && error == 0; b++)
        for (int i = 0; moments->band[b] != NULL && i < BUCKETS && error == 0; i++) {
            uint64_t count = moments->band[b][i];
            sim_time latest = sim_time_min(upper_edge(b, i), moments->maximum);
            if (count > 0) error = add_many(into, end - latest, count);
        }
    return error;
}

int sim_histogram_merge(sim_histogram *into, const sim_histogram *from) {
    if (from->count == 0) return 0;
    /* All memory first: a merge happens or it does not. */
    for (int b = 0; b < SIM_HISTOGRAM_BANDS; b++)
        if (from->band[b] != NULL && need_band(into, b) != 0) return SIM_ENOMEM;
    for (int b = 0; b < SIM_HISTOGRAM_BANDS; b++)
        for (int i = 0; from->band[b] != NULL && i < BUCKETS; i++)
            into->band[b][i] += from->band[b][i];
    widen(into, from->minimum, from->maximum);
    into->count += from->count;
    into->over += from->over;
    into->sum += from->sum;
    return 0;
}

/* How many of `count` values are `fraction` of them, at least one. 0.07 * 100 is a little more than
 * 7 in binary; the factor keeps such a hair from costing a whole rank. */
static uint64_t rank_of(double fraction, uint64_t count) {
    if (!(fraction > 0)) return 1;
    if (fraction >= 1) return count;
    double exact = fraction * (double)count * (1 - 0x1p-50);
    uint64_t rank = (uint64_t)exact;
    if ((double)rank < exact) rank++;
    return rank < 1 ? 1 : rank > count ? count : rank;
}

sim_time sim_histogram_quantile(const sim_histogram *h, double fraction) {
    if (h->count == 0) return 0;
    uint64_t left = rank_of(fraction, h->count);
    for (int b = 0; b < SIM_HISTOGRAM_BANDS; b++) {
        for (int i = 0; h->band[b] != NULL && i < BUCKETS; i++) {
            if (h->band[b][i] >= left) return sim_time_min(upper_edge(b, i), h->maximum);
            left -= h->band[b][i];
        }
    }
    return h->maximum; /* among those over the range */
}

uint64_t sim_histogram_within(const sim_histogram *h, sim_time value) {
    uint64_t n = 0;
    if (h->count == 0 || value >= h->maximum) return h->count;
    for (int b = 0; b < SIM_HISTOGRAM_BANDS; b++)
        for (int i = 0; h->band[b] != NULL && i < BUCKETS && upper_edge(b, i) <= value; i++)
            n += h->band[b][i];
    return n;
}

double sim_histogram_mean(const sim_histogram *h) {
    return h->count == 0 ? 0 : h->sum / (double)h->count;
}
