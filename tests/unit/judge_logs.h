/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/judge_logs.h - what the tests of the judge's readers share: a log read from memory or
 * from tests/data/judge. */
#ifndef TESTS_UNIT_JUDGE_LOGS_H
#define TESTS_UNIT_JUDGE_LOGS_H

#include <stdio.h>
#include <string.h>

#include "sim/read/log.h"
#include "tests/unit/with_cmocka.h"

static inline int read_bytes(const void *bytes, size_t size, const read_options *o, read_log *log,
                             char *why) {
    FILE *file =
        size == 0 ? fopen("/dev/null", "rb") : fmemopen((void *)(uintptr_t)bytes, size, "rb");
    assert_non_null(file);
    int error = read_files(file, o, log, why);
    fclose(file);
    return error;
}

static inline int read_text(const char *text, const read_options *o, read_log *log, char *why) {
    return read_bytes(text, strlen(text), o, log, why);
}

/* A file of tests/data/judge, read and finished. */
static inline void read_data(const char *name, const read_options *o, read_log *log) {
    char path[512], why[READ_WHY_MAX];
    snprintf(path, sizeof path, "%s/tests/data/judge/%s", BLACKSTART_SOURCE_DIR, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    *log = (read_log){0};
    if (read_files(file, o, log, why) != 0) fail_msg("%s: %s", name, why);
    fclose(file);
    assert_int_equal(read_log_finish(log, o), 0);
}

/* "lamp-1 online 1.000 0.250; ..." : device, outcome, time, latency ("-": none) of every attempt.
 */
static inline const char *attempts_text(const read_log *log) {
    static char text[8192];
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < log->attempts.count && used < sizeof text; i++) {
        const record_attempt *a = &log->attempts.items[i];
        char latency[32] = "-";
        if (a->latency != SIM_NEVER)
            snprintf(latency, sizeof latency, "%.3f", sim_time_seconds(a->latency));
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s %s %.3f %s",
                                 i > 0 ? "; " : "", read_names_text(&log->devices, a->device),
                                 record_outcome_word(a->outcome), sim_time_seconds(a->at), latency);
    }
    return text;
}

#endif
