/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/fuzz/judge_hostile.h - reads hostile bytes as a log, takes them through everything that the
 * judge does with a log, and checks what must hold of it. */
#ifndef TESTS_FUZZ_JUDGE_HOSTILE_H
#define TESTS_FUZZ_JUDGE_HOSTILE_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "sim/judge/classify.h"
#include "sim/judge/reconnect.h"
#include "sim/read/estimate.h"

static inline void judge_hostile_check(const read_log *log) {
    for (size_t i = 0; i < log->attempts.count; i++) {
        const record_attempt *a = &log->attempts.items[i];
        SIM_PROMISE(a->at >= 0 && a->latency >= 0);
        SIM_PROMISE(i == 0 || log->attempts.items[i - 1].at <= a->at);
        SIM_PROMISE(a->device < log->devices.count && a->home < log->homes.count &&
                    a->outcome < RECORD_OUTCOMES);
    }
    for (size_t i = 0; i < log->end_count; i++)
        SIM_PROMISE(log->ends[i].device < log->devices.count && log->ends[i].at >= 0);
}

static inline void judge_hostile_device(const read_log *log, const read_outage *outages,
                                        size_t count, bool loss_counts, const char *law,
                                        judge_finding *f) {
    read_tries tries;
    *f = (judge_finding){0};
    if (read_tries_of(log, 0, outages, count, loss_counts, &tries) != 0) return;
    for (size_t i = 0; i < tries.attempts.count; i++)
        SIM_PROMISE(tries.ended[i] >= tries.attempts.items[i].at &&
                    tries.attempts.items[i].trigger > 0);
    const judge_device_case c = {.attempts = tries.attempts.items,
                                 .count = tries.attempts.count,
                                 .ended = tries.ended,
                                 .name = "thing",
                                 .law_found = law,
                                 .clock = log->resolution};
    judge_device(&c, &judge_device_policy_default, f);
    read_tries_deinit(&tries);
}

static inline void judge_hostile_judge(read_log *log) {
    static read_outage outages[READ_OUTAGES_MAX];
    judge_finding f;
    read_estimate e;
    read_pauses pauses = {0};
    char text[240];
    size_t count;
    if (read_outages_find(log, outages, READ_OUTAGES_MAX, &count) != 0) return;
    if (read_outages_assign(log, outages, count) != 0) return;
    if (read_pauses_of(log, (uint32_t)log->devices.count, outages, count, &pauses) != 0) return;
    for (size_t i = 0; i < pauses.count; i++) SIM_PROMISE(pauses.items[i].length >= 0);
    if (read_estimate_law(&pauses, log->resolution, 0.05, &e) == 0) {
        read_estimate_text(&e, text, sizeof text);
        judge_hostile_device(log, outages, count, e.loss_counts, text, &f);
        SIM_PROMISE(f.measure_count <= JUDGE_MEASURES_MAX);
    }
    const judge_reconnect_case fleet = {.attempts = log->attempts.items,
                                        .count = log->attempts.count,
                                        .trigger = 1,
                                        .trigger_name = "outage",
                                        .began = count > 0 ? outages[0].to : SIM_NEVER,
                                        .until = log->until,
                                        .devices = count > 0 ? outages[0].devices : 0,
                                        .capacity = 10};
    judge_reconnect(&fleet, &judge_reconnect_policy_default, &f);
    read_pauses_deinit(&pauses);
}

static inline void judge_hostile_read(const uint8_t *data, size_t size, const read_options *o) {
    char why[READ_WHY_MAX];
    read_log log = {0};
    FILE *file =
        size == 0 ? fopen("/dev/null", "rb") : fmemopen((void *)(uintptr_t)data, size, "rb");
    if (file == NULL) return;
    int error = read_files(file, o, &log, why);
    fclose(file);
    SIM_PROMISE((error != 0) == (why[0] != '\0'));
    if (error == 0 && read_log_finish(&log, o) == 0) {
        judge_hostile_check(&log);
        judge_hostile_judge(&log);
    }
    read_log_deinit(&log);
}

#endif
