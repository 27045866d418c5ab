/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/csv.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "sim/report/text.h"

int report_csv_series_head(FILE *file) {
    return fputs("time_s,online,attempts,successes,rejections,queue_depth\n", file) < 0 ? SIM_EIO : 0;
}

int report_csv_series_row(FILE *file, const report_second *row) {
    int written =
        fprintf(file, "%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\n",
                row->second, row->online, row->attempts, row->successes, row->rejections, row->queue_depth);
    return written < 0 ? SIM_EIO : 0;
}

/* Whole nanoseconds as seconds: exact, whatever the size. */
static void put_seconds(FILE *file, sim_time t) {
    fprintf(file, "%" PRId64 ".%09" PRId64, t / SIM_SECOND, t % SIM_SECOND);
}

/* A field of foreign text; in quotes where it must be. */
static void put_text(FILE *file, const char *text) {
    bool quoted = text[strcspn(text, ",\"\r\n")] != '\0' || text[0] == ' ';
    char character[REPORT_CHARACTER_MAX];
    if (quoted) fputc('"', file);
    while (report_text_next(&text, character)) {
        if (character[0] == '"') fputc('"', file);
        fputs(character, file);
    }
    if (quoted) fputc('"', file);
}

static void put_attempt(FILE *file, const sim_attempt *a, const char *trigger) {
    put_seconds(file, a->at);
    fprintf(file, ",%" PRIu32 ",%" PRIu32 ",", a->device, a->home);
    put_text(file, trigger);
    fprintf(file, ",%" PRIu32 ",%s,", a->number, sim_outcome_word(a->outcome));
    if (a->latency != SIM_NEVER) put_seconds(file, a->latency);
    fputc('\n', file);
}

int report_csv_attempts(FILE *file, const sim_attempts *attempts, const char *const *triggers,
                        size_t trigger_count) {
    fputs("time_s,device,home,trigger,attempt,outcome,latency_s\n", file);
    for (size_t i = 0; i < attempts->count; i++) {
        const sim_attempt *a = &attempts->items[i];
        if (a->trigger >= trigger_count || a->outcome >= SIM_OUTCOMES) return SIM_ERANGE;
        put_attempt(file, a, triggers[a->trigger]);
        if (ferror(file)) return SIM_EIO; /* a full disk is not written to a million times */
    }
    return ferror(file) ? SIM_EIO : 0;
}
