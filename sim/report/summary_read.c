/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/summary_read.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/core/heap.h"
#include "sim/core/units.h"
#include "sim/record/text.h"
#include "sim/report/summary_json.h"

static const char summary_name[] = "summary.json";

static int say(char *why, int error, const char *file, const char *what) {
    snprintf(why, RECORD_JSON_WHY_MAX, "%s: %s", file, what);
    return error;
}

/* ---- the file ---- */

FILE *report_results_open(const char *folder, const char *name, char *why) {
    char path[PATH_MAX];
    struct stat status;
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path) {
        say(why, SIM_EIO, name, "the name of its folder is too long");
        return NULL;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        say(why, SIM_EIO, name, strerror(errno));
        return NULL;
    }
    bool ordinary = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
    FILE *file = ordinary ? fdopen(fd, "rb") : NULL;
    if (file != NULL) return file;
    say(why, SIM_EIO, name, ordinary ? strerror(errno) : "not an ordinary file");
    close(fd);
    return NULL;
}

int report_results_refuse(const char *folder, int error, const char *line, char *why) {
    char shown[100];
    record_text_line(folder, shown, sizeof shown);
    if (error == SIM_ENOMEM)
        snprintf(why, RECORD_JSON_WHY_MAX, "%.300s (%s): free some and try again", line, shown);
    else
        snprintf(
            why, RECORD_JSON_WHY_MAX,
            "no results that can be read: %.300s (%s): give a folder that a run of this version, "
            "or of an older one, has written",
            line, shown);
    return error;
}

/* The same form with a greater number. */
static bool is_newer(const char *schema) {
    static const char form[] = "blackstart-summary-";
    enum { STEM = sizeof form - 1 };
    uint64_t number, ours;
    return strncmp(schema, form, STEM) == 0 &&
           sim_units_count(schema + STEM, 0, UINT32_MAX, &number) == 0 &&
           sim_units_count(&REPORT_SUMMARY_SCHEMA[STEM], 0, UINT32_MAX, &ours) == 0 &&
           number > ours;
}

int report_summary_read(FILE *file, json_t **out, char *why) {
    int error = record_json_read(file, summary_name, RECORD_JSON_BYTES_MAX, out, why);
    if (error != 0) return error;
    const char *schema = record_json_text(*out, "schema");
    if (strcmp(schema, REPORT_SUMMARY_SCHEMA) == 0) return 0;
    bool newer = is_newer(schema);
    json_decref(*out);
    *out = NULL;
    return say(why, SIM_EPARSE, summary_name,
               newer ? "a newer version has written it, its schema is not " REPORT_SUMMARY_SCHEMA
                     : "its schema is not " REPORT_SUMMARY_SCHEMA);
}

int report_summary_of(const char *folder, json_t **out, char *why) {
    char line[RECORD_JSON_WHY_MAX];
    *out = NULL;
    FILE *file = report_results_open(folder, summary_name, line);
    int error = file != NULL ? report_summary_read(file, out, line) : SIM_EIO;
    if (file != NULL) fclose(file);
    return error == 0 ? 0 : report_results_refuse(folder, error, line, why);
}

/* ---- what the run found ---- */

/* There is room: REPORT_READ_VALUES_MAX are allocated, what is more is not taken. */
static void take(report_values *all, const char *check, const char *name, const json_t *from,
                 const char *member) {
    if (all->count == REPORT_READ_VALUES_MAX) return;
    report_value *v = &all->items[all->count++];
    record_text_line(check, v->check, sizeof v->check);
    record_text_line(name, v->name, sizeof v->name);
    record_text_line(record_json_text(from, "unit"), v->unit, sizeof v->unit);
    v->value = record_json_number(from, member);
}

static int take_finding(report_values *all, const json_t *finding, char *why) {
    judge_verdict verdict;
    const json_t *measures = json_object_get(finding, "measures");
    if (!judge_verdict_named(record_json_text(finding, "verdict"), &verdict))
        return say(why, SIM_EPARSE, summary_name,
                   "a verdict in it is neither PASS nor WARN nor FAIL nor INCONCLUSIVE");
    all->verdict = judge_verdict_worse(all->verdict, verdict);
    for (size_t i = 0; i < json_array_size(measures); i++) {
        const json_t *one = json_array_get(measures, i);
        take(all, record_json_text(finding, "unit"), record_json_text(one, "name"), one, "value");
    }
    return 0;
}

/* "request_latency p(95)" and its like, as a page writes them. */
static void take_trend(report_values *all, const char *name, const json_t *trend) {
    static const struct {
        const char *word, *member;
    } figures[] = {{"median", "median"},
                   {"p(90)", "p90"},
                   {"p(95)", "p95"},
                   {"p(99)", "p99"},
                   {"max", "maximum"}};
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        char full[REPORT_READ_NAME];
        (void)snprintf(full, sizeof full, "%.50s %s", name, figures[i].word);
        take(all, "metrics", full, trend, figures[i].member);
    }
}

static void take_metrics(report_values *all, json_t *metrics) {
    const char *name;
    json_t *one;
    json_object_foreach(metrics, name, one) {
        if (strcmp(record_json_text(one, "kind"), "trend") != 0)
            take(all, "metrics", name, one, "value");
        else
            take_trend(all, name, one);
    }
}

int report_values_of(const json_t *summary, report_values *out, char *why) {
    const json_t *verdicts = json_object_get(summary, "verdicts");
    int error = 0;
    *out = (report_values){.verdict = JUDGE_PASS};
    out->items = sim_calloc(REPORT_READ_VALUES_MAX, sizeof *out->items);
    if (out->items == NULL) return say(why, SIM_ENOMEM, summary_name, "out of memory");
    for (size_t i = 0; i < json_array_size(verdicts) && error == 0; i++)
        error = take_finding(out, json_array_get(verdicts, i), why);
    take_metrics(out, json_object_get(summary, "metrics"));
    if (error != 0) report_values_deinit(out);
    return error;
}

const char *report_summary_reason(const json_t *summary, judge_verdict verdict) {
    const json_t *check;
    size_t i;
    json_array_foreach(json_object_get(summary, "verdicts"), i, check) {
        if (strcmp(record_json_text(check, "verdict"), judge_verdict_word(verdict)) == 0)
            return record_json_text(check, "sentence");
    }
    return NULL;
}

void report_values_deinit(report_values *v) {
    sim_free(v->items);
    *v = (report_values){0};
}

const report_value *report_values_find(const report_values *v, const char *name) {
    for (size_t i = 0; i < v->count; i++) {
        const report_value *one = &v->items[i];
        size_t n = strlen(one->check);
        if (strcmp(name, one->name) == 0) return one;
        if (strncmp(name, one->check, n) == 0 && strncmp(name + n, ": ", 2) == 0 &&
            strcmp(name + n + 2, one->name) == 0)
            return one;
    }
    return NULL;
}
