/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/bench/bench_examine.c - what examining telemetry costs on one core: prints a line "name
 * value unit" per figure. About two seconds.
 *
 *     bench_examine [SERIES]     interleaved series, 1,000 unless told */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sim/core/heap.h"
#include "sim/core/random.h"
#include "sim/core/units.h"
#include "sim/examine/stream.h"

enum { TEXT_BYTES = 64 << 20, POINTS = 1000000 };

static double seconds_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void print_figure(const char *name, double value, const char *unit) {
    printf("%s %.4g %s\n", name, value, unit);
    fflush(stdout);
}

/* Of point i, when `count` series take turns: a point every five minutes. */
static double time_of(int i, int count) {
    const int turn = i / count;
    return turn * 300.0;
}

/* A day's wave and noise. */
static double reading(sim_stream *random, double time) {
    return 20 + 5 * (time / 43200 - (double)(long)(time / 43200)) + sim_stream_normal(random);
}

static void bench_detectors(int count) {
    examine_detector *d = sim_calloc((size_t)count, sizeof *d);
    if (d == NULL) exit(3);
    sim_stream random = sim_stream_for(1, SIM_PURPOSE_DEVICE, 0);
    double *values = sim_malloc(POINTS * sizeof *values);
    if (values == NULL) exit(3);
    for (int i = 0; i < POINTS; i++) values[i] = reading(&random, time_of(i, count));
    for (int i = 0; i < count; i++) examine_detector_init(&d[i], &examine_detector_default);
    const double began = seconds_now();
    for (int i = 0; i < POINTS; i++)
        (void)examine_detector_step(&d[i % count], time_of(i, count), values[i]);
    const double took = seconds_now() - began;
    print_figure("detector_points_per_second", POINTS / took, "1/s");
    print_figure("detector_bytes_per_series", (double)sizeof *d, "B");
    sim_free(values);
    sim_free(d);
}

typedef double noise(sim_stream *random, double time);

static double normal(sim_stream *random, double time) {
    (void)time;
    return sim_stream_normal(random);
}

static double daily(sim_stream *random, double time) {
    return 3 * sin(6.283185307179586 * time / 86400) + 0.5 * sim_stream_normal(random);
}

static double heavy_tailed(sim_stream *random, double time) {
    (void)time;
    return pow(1 - sim_stream_unit(random), -1 / 1.5);
}

/* How often a series without any anomaly scores as high: 20 series of 16,000 points, five minutes
 * apart. */
static void bench_noise(const char *name, noise *next) {
    enum { SERIES = 20, LENGTH = 16000, THRESHOLDS = 3 };
    static const float thresholds[THRESHOLDS] = {0.5f, 0.6f, 0.7f};
    int count[THRESHOLDS] = {0};
    for (uint64_t k = 0; k < SERIES; k++) {
        sim_stream random = sim_stream_for(1, SIM_PURPOSE_DEVICE, k);
        examine_detector d;
        examine_detector_init(&d, &examine_detector_default);
        for (int i = 0; i < LENGTH; i++) {
            const float score =
                examine_detector_step(&d, i * 300.0, next(&random, i * 300.0)).score;
            for (int t = 0; t < THRESHOLDS; t++) count[t] += score >= thresholds[t];
        }
    }
    for (int t = 0; t < THRESHOLDS; t++)
        printf("%s_scores_from_%.1f_per_1000_points %.3f 1\n", name, (double)thresholds[t],
               count[t] * 1000.0 / (SERIES * LENGTH));
}

static size_t write_text(char *text, int count) {
    sim_stream random = sim_stream_for(1, SIM_PURPOSE_DEVICE, 0);
    size_t n = (size_t)sprintf(text, "timestamp,value,key\n");
    for (int i = 0; i < POINTS; i++) {
        const int at = i / count * 300;
        n += (size_t)sprintf(text + n, "2026-03-%02d %02d:%02d:00,%.4f,device-%06d\n",
                             1 + at / 86400 % 28, at / 3600 % 24, at / 60 % 60,
                             reading(&random, at), i % count);
    }
    return n;
}

static void bench_stream(int count) {
    char *text = sim_malloc(TEXT_BYTES);
    examine_stream *e = examine_stream_new(&(examine_stream_settings){.key = "key"});
    if (text == NULL || e == NULL) exit(3);
    const size_t n = write_text(text, count);
    const int64_t before = sim_heap_in_use().bytes;
    const double began = seconds_now();
    for (size_t at = 0, taken = 0; at < n; at += taken) {
        if (examine_stream_push(e, text + at, n - at, &taken) != 0) exit(3);
        examine_stream_drop(e);
    }
    const double took = seconds_now() - began;
    print_figure("stream_points_per_second", (double)examine_stream_count(e)->lines / took, "1/s");
    print_figure("stream_bytes_per_second", (double)n / took, "B/s");
    print_figure("stream_heap_per_series", (double)(sim_heap_in_use().bytes - before) / count, "B");
    examine_stream_free(e);
    sim_free(text);
}

int main(int argc, char **argv) {
    uint64_t number = 1000;
    if (argc > 1 && sim_units_count(argv[1], 1, POINTS, &number) != 0) {
        fprintf(stderr, "usage: bench_examine [SERIES]\n");
        return 4;
    }
    const int count = (int)number;
    bench_detectors(count);
    bench_stream(count);
    bench_noise("normal", normal);
    bench_noise("daily", daily);
    bench_noise("heavy_tailed", heavy_tailed);
    return 0;
}
