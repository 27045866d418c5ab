/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/bench/bench_judge.c - what judging and writing cost: prints a line "name value unit" per
 * figure. About ten seconds.
 *
 *     bench_judge [ATTEMPTS]     10000000 unless told; a tenth as many devices */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sim/core/random.h"
#include "sim/core/units.h"
#include "sim/judge/reconnect.h"
#include "sim/report/csv.h"

static double seconds_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void must(int error) {
    if (error == 0) return;
    fprintf(stderr, "bench_judge: %s\n", sim_error_text(error));
    exit(3);
}

static void print_cost(const char *name, double seconds, size_t count) {
    printf("%s %.4g ns/attempt\n", name, seconds * 1e9 / (double)count);
    fflush(stdout);
}

/* A storm of an hour: ten attempts of each device, the last of them successful. */
static void make_storm(record_attempts *a, size_t count, uint32_t devices) {
    sim_stream s = sim_stream_for(1, SIM_PURPOSE_CALIBRATION, 0);
    for (size_t i = 0; i < count; i++) {
        const uint32_t round = (uint32_t)(i / devices);
        const bool last = i + devices >= count;
        const record_attempt attempt = {
            .at = ((sim_time)round * 360 + (sim_time)sim_stream_below(&s, 360)) * SIM_SECOND,
            .latency = last ? SIM_SECOND : SIM_NEVER,
            .device = (uint32_t)(i % devices),
            .number = round + 1,
            .trigger = 1,
            .outcome = last ? RECORD_OUTCOME_ONLINE : RECORD_OUTCOME_DROPPED};
        size_t index;
        must(record_attempts_add(a, &attempt, &index));
    }
}

static void judge(const record_attempts *a, uint32_t devices) {
    const judge_reconnect_case c = {.attempts = a->items,
                                    .count = a->count,
                                    .trigger = 1,
                                    .trigger_name = "power restore",
                                    .until = 3700 * SIM_SECOND,
                                    .devices = devices,
                                    .capacity = 1000};
    judge_finding f;
    judge_reconnect(&c, &judge_reconnect_policy_default, &f);
    printf("# %s: %s\n", judge_verdict_word(f.verdict), f.sentence);
}

static void write_attempts(const record_attempts *a) {
    static const char *const triggers[] = {"start", "power restore"};
    FILE *file = fopen("/dev/null", "w");
    must(file == NULL ? SIM_EIO : 0);
    must(report_csv_attempts(file, a, triggers, 2));
    fclose(file);
}

int main(int argc, char **argv) {
    uint64_t count = 10000000;
    if (argc > 1 && sim_units_count(argv[1], 10, 1000000000, &count) != 0) {
        fprintf(stderr, "usage: bench_judge [ATTEMPTS]\n");
        return 4;
    }
    const uint32_t devices = (uint32_t)(count / 10);
    record_attempts a;
    record_attempts_init(&a);
    make_storm(&a, (size_t)count, devices);
    double start = seconds_now();
    record_attempts_sort(&a);
    print_cost("sort", seconds_now() - start, a.count);
    sim_time at;
    start = seconds_now();
    printf("# busiest second: %llu attempts\n",
           (unsigned long long)judge_busiest(a.items, a.count, SIM_SECOND, &at));
    print_cost("busiest_second", seconds_now() - start, a.count);
    start = seconds_now();
    judge(&a, devices);
    print_cost("judge_reconnect", seconds_now() - start, a.count);
    start = seconds_now();
    write_attempts(&a);
    print_cost("attempts_csv", seconds_now() - start, a.count);
    record_attempts_deinit(&a);
    return 0;
}
