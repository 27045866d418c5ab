/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/bench/bench_engine.c - what the bare engine costs: prints a line "name value unit" per
 * figure. About three seconds.
 *
 *     bench_engine [THREADS]     threads of the last figures, 2 unless told */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sim/core/heap.h"
#include "sim/core/histogram.h"
#include "sim/core/random.h"
#include "sim/core/shard.h"
#include "sim/core/units.h"
#include "sim/core/workers.h"

enum { DEVICES_PER_SHARD = 1000 };
static const sim_time window = 10 * SIM_MILLISECOND; /* a usual smallest latency between shards */

static double seconds_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Of one thread the CPU's time counts: the machine may be busy with others. */
static double spent_by(uint32_t threads) {
    struct timespec t;
    if (threads > 1) return seconds_now();
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void must(int error) {
    if (error == 0) return;
    fprintf(stderr, "bench_engine: %s\n", sim_error_text(error));
    exit(3);
}

static void print_figure(const char *name, uint64_t size, double value, const char *unit) {
    if (size != 0)
        printf("%s_%" PRIu64 " %.4g %s\n", name, size, value, unit);
    else
        printf("%s %.4g %s\n", name, value, unit);
    fflush(stdout);
}

/* The least a device is: a stream and a sequence. */
typedef struct device {
    sim_stream stream;
    uint64_t sequence;
} device;

typedef struct world {
    sim_shard *shards;
    device *devices;
    uint32_t count;
    sim_time until;
} world;

/* Wakes, draws when to wake again (1 s on average), and goes to sleep. */
static int wake(void *context, sim_shard *shard, const sim_event *e) {
    device *d = &((world *)context)->devices[e->target];
    sim_event next = *e;
    next.key.at = shard->now + sim_stream_between(&d->stream, 1, 2 * SIM_SECOND);
    next.key.sequence = d->sequence++;
    return sim_shard_post(shard, &next);
}

static void world_init(world *w, uint32_t shards) {
    *w = (world){.count = shards};
    w->shards = sim_calloc(shards, sizeof *w->shards);
    w->devices = sim_calloc((size_t)shards * DEVICES_PER_SHARD, sizeof *w->devices);
    if (w->shards == NULL || w->devices == NULL) must(SIM_ENOMEM);
    for (uint32_t s = 0; s < shards; s++) {
        sim_shard_init(&w->shards[s], s, wake, w);
        must(sim_queue_reserve(&w->shards[s].queue, DEVICES_PER_SHARD));
        for (uint32_t i = 0; i < DEVICES_PER_SHARD; i++) {
            const uint32_t id = s * DEVICES_PER_SHARD + i;
            w->devices[id].stream = sim_stream_for(1, SIM_PURPOSE_DEVICE, id);
            const sim_event first = {
                .key = {sim_stream_between(&w->devices[id].stream, 0, SIM_SECOND), SIM_LANE_TIMER,
                        id, w->devices[id].sequence++},
                .target = id};
            must(sim_shard_post(&w->shards[s], &first));
        }
    }
}

static uint64_t world_handled(const world *w) {
    uint64_t handled = 0;
    for (uint32_t s = 0; s < w->count; s++) handled += w->shards[s].handled;
    return handled;
}

static void world_deinit(world *w) {
    for (uint32_t s = 0; s < w->count; s++) sim_shard_deinit(&w->shards[s]);
    sim_free(w->shards);
    sim_free(w->devices);
}

static void step(void *context, uint32_t item) {
    world *w = context;
    must(sim_shard_step(&w->shards[item], w->until));
}

/* Events a second of `shards` thousand devices. */
static void bench_world(uint32_t shards, uint32_t threads) {
    world w;
    world_init(&w, shards);
    sim_workers *workers = sim_workers_new(threads);
    if (workers == NULL) must(SIM_ENOMEM);
    const double start = spent_by(threads);
    double spent = 0;
    while ((spent = spent_by(threads) - start) < 0.3) {
        w.until += window;
        sim_workers_run(workers, shards, step, &w);
    }
    print_figure(threads == 1 ? "engine_events_1_thread" : "engine_events_crew",
                 (uint64_t)shards * DEVICES_PER_SHARD, (double)world_handled(&w) / spent,
                 "events/s");
    sim_workers_free(workers);
    world_deinit(&w);
}

/* The classic hold model: pop the head, push it again later; half of the figure is a push, half a
 * pop. */
static void bench_queue(uint64_t size) {
    enum { ROUNDS = 2000000 };
    sim_queue q;
    sim_stream s = sim_stream_for(1, 0, 0);
    sim_event e = {.key = {.lane = SIM_LANE_TIMER}};
    sim_queue_init(&q);
    for (uint64_t i = 0; i < size; i++) {
        e.key.at = sim_stream_between(&s, 0, SIM_SECOND);
        e.key.sequence = i;
        must(sim_queue_push(&q, &e));
    }
    const double start = seconds_now();
    for (int i = 0; i < ROUNDS; i++) {
        if (!sim_queue_pop(&q, &e)) abort();
        e.key.at += (sim_time)(sim_stream_next(&s) >> 33);
        must(sim_queue_push(&q, &e));
    }
    print_figure("queue_push_and_pop", size, (seconds_now() - start) * 1e9 / ROUNDS, "ns");
    sim_queue_deinit(&q);
}

static void bench_histogram(void) {
    enum { ROUNDS = 10000000, VALUES = 4096 };
    static sim_time values[VALUES];
    sim_stream s = sim_stream_for(2, 0, 0);
    sim_histogram h;
    sim_histogram_init(&h);
    for (int i = 0; i < VALUES; i++) /* 1 ms .. 1 s */
        values[i] = (sim_time)(sim_stream_next(&s) >> sim_stream_between(&s, 34, 44));
    const double start = seconds_now();
    for (int i = 0; i < ROUNDS; i++) must(sim_histogram_add(&h, values[i % VALUES]));
    print_figure("histogram_add", 0, (seconds_now() - start) * 1e9 / ROUNDS, "ns");
    sim_histogram_deinit(&h);
}

/* What counting adds to an allocation and its end. */
static void bench_heap(void) {
    enum { ROUNDS = 5000000 };
    void *volatile p; /* volatile: or the compiler removes the pair */
    double start = seconds_now();
    for (int i = 0; i < ROUNDS; i++) {
        p = malloc(100);
        free(p);
    }
    const double plain = (seconds_now() - start) * 1e9 / ROUNDS;
    start = seconds_now();
    for (int i = 0; i < ROUNDS; i++) {
        p = sim_malloc(100);
        sim_free(p);
    }
    print_figure("heap_malloc_and_free_plain", 0, plain, "ns");
    print_figure("heap_malloc_and_free_counted", 0, (seconds_now() - start) * 1e9 / ROUNDS, "ns");
}

static void bench_small(void) {
    enum { ROUNDS = 20000000 };
    sim_stream s = sim_stream_for(1, 0, 0);
    sim_fingerprint f;
    sim_fingerprint_init(&f);
    double start = seconds_now();
    for (uint64_t i = 0; i < ROUNDS; i++) sim_fingerprint_word(&f, i);
    print_figure("fingerprint_word", 0, (seconds_now() - start) * 1e9 / ROUNDS, "ns");
    start = seconds_now();
    for (uint64_t i = 0; i < ROUNDS; i++) f.value += sim_stream_next(&s);
    print_figure("stream_next", 0, (seconds_now() - start) * 1e9 / ROUNDS, "ns");
    if (f.value == 0) abort(); /* keeps the loops */
}

static void nothing(void *context, uint32_t item) {
    (void)context;
    (void)item;
}

static void bench_crew(uint32_t threads) {
    enum { ROUNDS = 20000 };
    sim_workers *workers = sim_workers_new(threads);
    if (workers == NULL) must(SIM_ENOMEM);
    const double start = seconds_now();
    for (int i = 0; i < ROUNDS; i++) sim_workers_run(workers, threads, nothing, NULL);
    print_figure("crew_round", threads, (seconds_now() - start) * 1e9 / ROUNDS, "ns");
    sim_workers_free(workers);
}

int main(int argc, char **argv) {
    uint64_t threads = 2;
    if (argc > 2 || (argc == 2 && sim_units_count(argv[1], 2, 256, &threads) != 0)) {
        fprintf(stderr, "usage: bench_engine [THREADS]   (2 to 256)\n");
        return 4;
    }
    bench_world(1, 1);
    bench_world(100, 1);
    bench_world(100, (uint32_t)threads);
    for (uint64_t size = 1000; size <= 1000000; size *= 10) bench_queue(size);
    bench_histogram();
    bench_heap();
    bench_small();
    bench_crew((uint32_t)threads);
    return 0;
}
