/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times are dealt out to buckets by the leading bits of their distance from the earliest, in place;
 * what is left in a bucket is few and sorted by insertion, or dealt out again. */
#include "sim/core/time_sort.h"

enum {
    BUCKETS = 1024, /* at most */
    SHARE = 4,      /* times to a bucket, of those that are spread evenly */
    FEW = 24        /* that many are sorted by insertion sooner than dealt out */
};

static void sort_few(sim_time *times, size_t count) {
    for (size_t i = 1; i < count; i++) {
        sim_time moved = times[i];
        size_t at = i;
        for (; at > 0 && times[at - 1] > moved; at--) times[at] = times[at - 1];
        times[at] = moved;
    }
}

/* By how much a distance of at most `range` is shifted to be the number of a bucket. */
static int shift_for(sim_time range, size_t count) {
    sim_time buckets = (sim_time)(count / SHARE < BUCKETS ? count / SHARE : BUCKETS);
    int shift = 0;
    while (range >> shift >= buckets) shift++;
    return shift;
}

/* A time is in the bucket of its distance from the earliest, without the last `shift` bits; ends[b]
 * is where bucket b ends. */
typedef struct deal {
    sim_time earliest;
    int shift;
    size_t used;
    size_t ends[BUCKETS];
} deal;

static size_t bucket_of(const deal *d, sim_time time) {
    return (size_t)((time - d->earliest) >> d->shift);
}

static void deal_out(sim_time *times, size_t count, deal *d) {
    size_t next[BUCKETS], at = 0;
    for (size_t b = 0; b < d->used; b++) d->ends[b] = 0;
    for (size_t i = 0; i < count; i++) d->ends[bucket_of(d, times[i])]++;
    for (size_t b = 0; b < d->used; b++) {
        next[b] = at;
        d->ends[b] = at += d->ends[b];
    }
    for (size_t b = 0; b < d->used; b++)
        while (next[b] < d->ends[b]) {
            sim_time moved = times[next[b]];
            size_t own = bucket_of(d, moved);
            times[next[b]] = times[next[own]];
            times[next[own]++] = moved;
        }
}

/* A bucket is at most a third as wide as all of them: the deeper a deal lies in others, the
 * narrower it is, and in the narrowest all times are alike. */
void sim_time_sort(sim_time *times, size_t count) {
    deal d;
    if (count <= FEW) {
        sort_few(times, count);
        return;
    }
    sim_time latest = times[0];
    d.earliest = times[0];
    for (size_t i = 1; i < count; i++) {
        d.earliest = sim_time_min(d.earliest, times[i]);
        latest = sim_time_max(latest, times[i]);
    }
    if (d.earliest == latest) return;
    d.shift = shift_for(latest - d.earliest, count);
    d.used = bucket_of(&d, latest) + 1;
    deal_out(times, count, &d);
    for (size_t b = 0, begin = 0; b < d.used && d.shift > 0; begin = d.ends[b++])
        sim_time_sort(times + begin, d.ends[b] - begin);
}
