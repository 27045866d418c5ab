/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/result.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "sim/core/heap.h"
#include "sim/core/units.h"
#include "sim/read/log.h"
#include "sim/report/csv.h"
#include "sim/report/summary_read.h"

enum {
    LINE_MAX_BYTES = 200,
    TRIGGERS_MAX = 256,
    NO_TRIGGER = TRIGGERS_MAX,
    WAVE_BINS_ALL = 12000,
    WAVE_BINS_LEAST = 60,
    COLUMNS_LEAST = 6 /* of series.csv: those that version 0.1.0 wrote */
};

static int say(char *why, int error, const char *file, const char *what) {
    snprintf(why, RECORD_JSON_WHY_MAX, "%s: %s", file, what);
    return error;
}

/* ---- summary.json ---- */

const char *report_result_verdict(const report_result *r) {
    const json_t *verdicts = json_object_get(r->summary, "verdicts");
    judge_verdict one, overall = JUDGE_PASS;
    bool any = false;
    for (size_t i = 0; i < json_array_size(verdicts); i++) {
        if (!judge_verdict_named(record_json_text(json_array_get(verdicts, i), "verdict"), &one))
            continue;
        overall = judge_verdict_worse(overall, one);
        any = true;
    }
    return any ? judge_verdict_word(overall) : "NONE";
}

const char *report_result_title(const report_result *r) {
    const char *title = record_json_text(r->summary, "title");
    return title[0] != '\0' ? title : record_json_text(r->summary, "scenario");
}

/* ---- series.csv ---- */

/* Digits up to `end`, which is passed; false when there is something else. */
static bool take_number(const char **at, char end, uint64_t *n) {
    const char *from = *at;
    *n = 0;
    for (; **at >= '0' && **at <= '9'; (*at)++) {
        uint64_t digit = (uint64_t)(**at - '0');
        if (*n > (INT64_MAX - digit) / 10) return false;
        *n = *n * 10 + digit;
    }
    return *at > from && *(*at)++ == end;
}

/* Only the first `columns` of them; the others stay 0. */
static bool take_second(const char *line, size_t columns, report_second *row) {
    uint64_t *cells[] = {
#define CELL(member, column, how, page) &row->member,
        REPORT_SECOND_MAP(CELL)
#undef CELL
    };
    *row = (report_second){0};
    for (size_t i = 0; i < columns; i++)
        if (!take_number(&line, i + 1 < columns ? ',' : '\n', cells[i])) return false;
    return *line == '\0';
}

/* Columns are added at the end, and none goes: how many of ours the first line names. 0: it is
 * another file's. */
static size_t columns_of(const char *line) {
    const char *ours = report_csv_series_columns();
    size_t size = strcspn(line, "\n"), columns = 1;
    if (strncmp(line, ours, size) != 0 || strchr(",\n", ours[size]) == NULL) return 0;
    for (size_t i = 0; i < size; i++) columns += line[i] == ',';
    return columns >= COLUMNS_LEAST ? columns : 0;
}

static bool has_more_columns(const char *line) {
    const char *ours = report_csv_series_columns();
    size_t size = strcspn(ours, "\n");
    return strncmp(line, ours, size) == 0 && line[size] == ',';
}

static int read_series(FILE *file, report_series *series, char *why) {
    char line[LINE_MAX_BYTES] = "";
    report_second row;
    size_t columns = fgets(line, sizeof line, file) != NULL ? columns_of(line) : 0;
    if (columns == 0)
        return say(why, ferror(file) ? SIM_EIO : SIM_EPARSE, "series.csv",
                   has_more_columns(line) ? "a newer version has written it, with more columns"
                                          : "its first line is not that of docs/results.md");
    while (fgets(line, sizeof line, file) != NULL) {
        if (take_second(line, columns, &row) && row.second == series->rows) {
            report_series_add(series, &row);
            continue;
        }
        snprintf(line, sizeof line, "line %llu is not the second that has to stand there",
                 (unsigned long long)series->rows + 2);
        return say(why, SIM_EPARSE, "series.csv", line);
    }
    return ferror(file) ? say(why, SIM_EIO, "series.csv", strerror(errno)) : 0;
}

/* ---- attempts.csv ---- */

/* The reader gave numbers to names as they came; ours are numbers already. */
static bool number_of(const read_names *names, uint32_t number, uint32_t *out) {
    uint64_t value;
    if (sim_units_count(read_names_text(names, number), 0, UINT32_MAX - 1, &value) != 0)
        return false;
    *out = (uint32_t)value;
    return true;
}

static size_t trigger_named(const json_t *triggers, const char *name) {
    for (size_t i = 0; i < json_array_size(triggers) && i < TRIGGERS_MAX; i++) {
        const char *one = json_string_value(json_array_get(triggers, i));
        if (one != NULL && strcmp(one, name) == 0) return i;
    }
    return NO_TRIGGER;
}

/* Makes what the reader of logs made of attempts.csv what it was when it was written. */
static int restore(read_log *log, const json_t *triggers, char *why) {
    size_t known[TRIGGERS_MAX] = {0};
    for (uint32_t i = 0; i < log->triggers.count && i < TRIGGERS_MAX; i++) {
        known[i] = trigger_named(triggers, read_names_text(&log->triggers, i));
        if (known[i] == NO_TRIGGER)
            return say(why, SIM_EPARSE, "attempts.csv",
                       "names a trigger that summary.json does not have");
    }
    for (size_t i = 0; i < log->attempts.count; i++) {
        record_attempt *a = &log->attempts.items[i];
        uint32_t device = 0, home = 0;
        if (!number_of(&log->devices, a->device, &device) ||
            !number_of(&log->homes, a->home, &home))
            return say(why, SIM_EPARSE, "attempts.csv", "devices and homes must be numbers");
        a->device = device;
        a->home = home;
        a->trigger = (uint8_t)known[a->trigger];
    }
    record_attempts_sort(&log->attempts);
    return 0;
}

static int complain_of_rows(const read_log *log, char *why) {
    for (int i = 0; i < READ_WARNINGS; i++) {
        char line[200];
        if (log->warnings[i].count == 0) continue;
        snprintf(line, sizeof line, "line %llu: %s", (unsigned long long)log->warnings[i].first,
                 read_warning_text((read_warning)i));
        return say(why, SIM_EPARSE, "attempts.csv", line);
    }
    return 0;
}

static int read_attempts(FILE *file, const json_t *triggers, read_log *log, char *why) {
    const read_options options = {.format = READ_FORMAT_ATTEMPTS};
    char reason[READ_WHY_MAX] = "out of memory";
    int error = read_files(file, &options, log, reason);
    if (error != 0) {
        snprintf(why, RECORD_JSON_WHY_MAX, "attempts.csv: %.*s", RECORD_JSON_WHY_MAX - 20, reason);
        /* A file without a word is one that is not ours: ours has a first line at least. */
        return error == SIM_ESTATE ? SIM_EPARSE : error;
    }
    error = complain_of_rows(log, why);
    if (error != 0) return error;
    if (read_log_finish(log, &options) != 0)
        return say(why, SIM_ENOMEM, "attempts.csv", "out of memory");
    return restore(log, triggers, why);
}

/* ---- waves ---- */

static sim_time trigger_time(const json_t *summary, size_t trigger) {
    const json_t *at = json_array_get(json_object_get(summary, "trigger_at_s"), trigger);
    return json_is_number(at) ? sim_time_from_seconds(json_number_value(at)) : SIM_NEVER;
}

static size_t triggers_of(const record_attempts *attempts) {
    bool seen[TRIGGERS_MAX] = {false};
    size_t count = 0;
    for (size_t i = 0; i < attempts->count; i++) {
        count += !seen[attempts->items[i].trigger];
        seen[attempts->items[i].trigger] = true;
    }
    return count;
}

static int make_waves(const record_attempts *attempts, report_result *out, char *why) {
    size_t count = triggers_of(attempts), bins = count > 0 ? WAVE_BINS_ALL / count : 0;
    if (bins > REPORT_WAVE_BINS) bins = REPORT_WAVE_BINS;
    if (bins < WAVE_BINS_LEAST) bins = WAVE_BINS_LEAST;
    if (count == 0) return 0;
    out->waves = sim_calloc(count, sizeof *out->waves);
    if (out->waves == NULL) return say(why, SIM_ENOMEM, "attempts.csv", "out of memory");
    for (uint32_t trigger = 0; trigger < TRIGGERS_MAX && out->wave_count < count; trigger++) {
        report_wave *w = &out->waves[out->wave_count];
        if (report_wave_of(attempts, trigger, trigger_time(out->summary, trigger), bins, w) != 0)
            return say(why, SIM_ENOMEM, "attempts.csv", "out of memory");
        out->wave_count += w->attempts > 0;
    }
    return 0;
}

static int waves_from(const report_result_files *files, report_result *out, char *why) {
    if (files->known != NULL) return make_waves(files->known, out, why);
    if (record_json_number(out->summary, "attempts") == 0)
        return 0; /* a head alone is no log to the reader */
    read_log log = {0};
    int error =
        read_attempts(files->attempts, json_object_get(out->summary, "triggers"), &log, why);
    if (error == 0) error = make_waves(&log.attempts, out, why);
    read_log_deinit(&log);
    return error;
}

static int read_local(FILE *file, report_local *local, char *why) {
    char line[REPORT_LOCAL_WHY_MAX] = "";
    int error = report_local_read(file, local, line);
    return error == 0 ? 0 : say(why, error, "local.csv", line);
}

int report_result_from(const report_result_files *files, report_result *out, char *why) {
    *out = (report_result){0};
    int error = report_summary_read(files->summary, &out->summary, why);
    if (error == 0) error = read_series(files->series, &out->series, why);
    if (error == 0) error = waves_from(files, out, why);
    if (error == 0)
        error = report_examined_read(files->truth, files->alarms, files->detection, &out->examined,
                                     why);
    if (error == 0) error = read_local(files->local, &out->local, why);
    return error;
}

void report_result_deinit(report_result *r) {
    json_decref(r->summary);
    sim_free(r->waves);
    report_examined_deinit(&r->examined);
    report_local_deinit(&r->local);
    *r = (report_result){0};
}

/* ---- the folder ---- */

/* Of a file that not every run has: *out is NULL where it is not there. False with a line. */
static bool open_if_there(const char *folder, const char *name, FILE **out, char *why) {
    char path[PATH_MAX];
    *out = NULL;
    if (snprintf(path, sizeof path, "%s/%s", folder, name) < (int)sizeof path &&
        access(path, F_OK) != 0)
        return true;
    *out = report_results_open(folder, name, why);
    return *out != NULL;
}

static void close_all(const report_result_files *files) {
    if (files->summary != NULL) fclose(files->summary);
    if (files->series != NULL) fclose(files->series);
    if (files->attempts != NULL) fclose(files->attempts);
    if (files->truth != NULL) fclose(files->truth);
    if (files->alarms != NULL) fclose(files->alarms);
    if (files->detection != NULL) fclose(files->detection);
    if (files->local != NULL) fclose(files->local);
}

int report_result_read(const char *folder, const record_attempts *known, report_result *out,
                       char *why) {
    char line[RECORD_JSON_WHY_MAX];
    report_result_files files = {.known = known};
    *out = (report_result){0};
    int error = SIM_EIO;
    if ((files.summary = report_results_open(folder, "summary.json", line)) != NULL &&
        (files.series = report_results_open(folder, "series.csv", line)) != NULL &&
        (known != NULL ||
         (files.attempts = report_results_open(folder, "attempts.csv", line)) != NULL) &&
        open_if_there(folder, "truth.csv", &files.truth, line) &&
        open_if_there(folder, "alarms.csv", &files.alarms, line) &&
        open_if_there(folder, "detection.csv", &files.detection, line) &&
        open_if_there(folder, "local.csv", &files.local, line))
        error = report_result_from(&files, out, line);
    close_all(&files);
    return error == 0 ? 0 : report_results_refuse(folder, error, line, why);
}
