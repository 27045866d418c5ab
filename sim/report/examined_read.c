/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/examined_read.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/heap.h"
#include "sim/core/units.h"
#include "sim/judge/examined.h"
#include "sim/record/csv.h"
#include "sim/record/text.h"

enum { LINE_BYTES = 2048, FIELDS_MAX = 64, NOWHERE = FIELDS_MAX, COLUMNS_MAX = 16 };

/* Alarms times what was done: beyond it holding one against the other takes more than some seconds.
 */
static const double work_most = 2e9;
/* Beyond it nothing happens in a run, and sums of times stay in range. */
static const double latest_s = 1e9;

/* ---- a table, row by row ---- */

typedef struct table {
    FILE *file;
    const char *name;
    char *why;
    uint64_t line;
    char text[LINE_BYTES];
    char *fields[FIELDS_MAX];
    size_t field_count;
    size_t column[COLUMNS_MAX]; /* where the wanted ones stand, NOWHERE: they do not */
} table;

static int say(const table *t, int error, const char *what) {
    snprintf(t->why, REPORT_EXAMINED_WHY_MAX, "%s: line %" PRIu64 ": %s", t->name, t->line, what);
    return error;
}

/* False at the end of the file, or with *error. */
static bool next_row(table *t, int *error) {
    *error = 0;
    t->field_count = 0;
    if (fgets(t->text, sizeof t->text, t->file) == NULL) {
        if (ferror(t->file)) *error = say(t, SIM_EIO, strerror(errno));
        return false;
    }
    t->line++;
    size_t n = strcspn(t->text, "\r\n");
    if (n + 1 == sizeof t->text) *error = say(t, SIM_EPARSE, "it is too long");
    if (t->line > REPORT_EXAMINED_ROWS_MAX) *error = say(t, SIM_EPARSE, "more than can be drawn");
    t->text[n] = '\0';
    for (char *at = t->text; at != NULL && *error == 0;) {
        if (t->field_count == FIELDS_MAX)
            *error = say(t, SIM_EPARSE, "it has too many fields");
        else if (!record_csv_take(&at, ',', &t->fields[t->field_count++]))
            *error = say(t, SIM_EPARSE, "a quote is never closed");
    }
    return *error == 0;
}

/* The head; columns from `needed` on may be missing. */
static int read_head(table *t, const char *const *names, size_t count, size_t needed) {
    int error;
    if (!next_row(t, &error)) return error != 0 ? error : say(t, SIM_EPARSE, "it is empty");
    for (size_t i = 0; i < count; i++) {
        t->column[i] = NOWHERE;
        for (size_t k = 0; k < t->field_count; k++)
            if (strcmp(t->fields[k], names[i]) == 0) t->column[i] = k;
        if (t->column[i] == NOWHERE && i < needed) {
            char what[80];
            snprintf(what, sizeof what, "it has no column %s", names[i]);
            return say(t, SIM_EPARSE, what);
        }
    }
    return 0;
}

/* "" where the row has no such field. */
static const char *get(const table *t, size_t column) {
    return t->column[column] < t->field_count ? t->fields[t->column[column]] : "";
}

static bool get_time(const table *t, size_t column, sim_time *out) {
    double seconds;
    if (sim_units_number(get(t, column), &seconds) != 0 || !(seconds >= 0) || seconds > latest_s)
        return false;
    *out = sim_time_from_seconds(seconds);
    return true;
}

static bool get_count(const table *t, size_t column, uint32_t *out) {
    uint64_t value;
    if (sim_units_count(get(t, column), 0, UINT32_MAX - 1, &value) != 0) return false;
    *out = (uint32_t)value;
    return true;
}

/* A kind that we do not know (a later version's) is "unknown". */
static uint8_t get_kind(const table *t, size_t column) {
    record_anomaly kind;
    return record_anomaly_named(get(t, column), &kind) == 0 ? (uint8_t)kind
                                                            : RECORD_ANOMALY_UNKNOWN;
}

/* ---- the files ---- */

typedef struct reading {
    record_injection *injections;
    size_t injection_count, injection_room;
    record_alert *notices;
    size_t notice_count, notice_room;
} reading;

static int take_injection(table *t, reading *r) {
    record_injection i = {0};
    if (!get_time(t, 0, &i.from) || !get_time(t, 1, &i.to) || i.to < i.from ||
        !get_count(t, 3, &i.device) || !get_count(t, 4, &i.campaign))
        return say(t, SIM_EPARSE, "not times, key and campaign as docs/results.md has them");
    i.kind = get_kind(t, 2);
    record_injection *all =
        sim_more(r->injections, r->injection_count, &r->injection_room, sizeof *all);
    if (all == NULL) return say(t, SIM_ENOMEM, "out of memory");
    r->injections = all;
    r->injections[r->injection_count++] = i;
    return 0;
}

static int take_alarm(table *t, reading *r) {
    record_alert n = {.scope = RECORD_SCOPE_FLEET, .delivered = SIM_NEVER};
    bool good = get_time(t, 0, &n.at);
    if (strcmp(get(t, 1), "0") == 0) return good ? 0 : say(t, SIM_EPARSE, "not a time");
    n.kind = get_kind(t, 2);
    if (get(t, 3)[0] != '\0') {
        n.scope = RECORD_SCOPE_DEVICE;
        good = good && get_count(t, 3, &n.who);
    }
    if (get(t, 4)[0] != '\0') good = good && get_time(t, 4, &n.delivered);
    if (!good) return say(t, SIM_EPARSE, "not times and key as docs/results.md has them");
    record_alert *all = sim_more(r->notices, r->notice_count, &r->notice_room, sizeof *all);
    if (all == NULL) return say(t, SIM_ENOMEM, "out of memory");
    r->notices = all;
    r->notices[r->notice_count++] = n;
    return 0;
}

static int read_rows(table *t, reading *r, int (*take)(table *t, reading *r)) {
    int error;
    while (next_row(t, &error))
        if ((error = take(t, r)) != 0) return error;
    return error;
}

static int read_truth(FILE *file, reading *r, char *why) {
    static const char *const names[] = {"start", "end", "kind", "key", "campaign"};
    table t = {.file = file, .name = "truth.csv", .why = why};
    int error = read_head(&t, names, 5, 5);
    return error != 0 ? error : read_rows(&t, r, take_injection);
}

static int by_time(const void *left, const void *right) {
    const record_alert *a = left, *b = right;
    return (a->at > b->at) - (a->at < b->at);
}

static int read_alarms(FILE *file, reading *r, char *why) {
    static const char *const names[] = {"timestamp", "alarm", "kind", "key", "delivered"};
    table t = {.file = file, .name = "alarms.csv", .why = why};
    int error = read_head(&t, names, 5, 3);
    if (error == 0) error = read_rows(&t, r, take_alarm);
    if (r->notice_count > 0) qsort(r->notices, r->notice_count, sizeof *r->notices, by_time);
    return error;
}

static int read_detection(FILE *file, report_examined *out, char *why) {
    static const char *const names[] = {
        "injected",       "noticed",      "recall",       "recall_low", "recall_high",
        "delay_median_s", "delay_p95_s",  "delay_most_s", "campaigns",  "campaigns_noticed",
        "named",          "false_alarms", "kind",         "delay_max_s"};
    enum { KIND = REPORT_DETECTION_NUMBERS, MAX };
    table t = {.file = file, .name = "detection.csv", .why = why};
    int error = read_head(&t, names, MAX + 1, 0);
    if (error != 0) return error;
    if (t.column[KIND] == NOWHERE) return say(&t, SIM_EPARSE, "it has no column kind");
    if (t.column[REPORT_DETECTION_DELAY_MOST] == NOWHERE)
        t.column[REPORT_DETECTION_DELAY_MOST] = t.column[MAX];
    while (next_row(&t, &error)) {
        if (out->detection_count == REPORT_DETECTION_MAX)
            return say(&t, SIM_EPARSE, "more kinds than there are");
        report_detection_row *row = &out->detection[out->detection_count++];
        record_text_line(get(&t, KIND), row->kind, sizeof row->kind);
        for (size_t i = 0; i < REPORT_DETECTION_NUMBERS; i++)
            if (sim_units_number(get(&t, i), &row->numbers[i]) != 0) row->numbers[i] = NAN;
    }
    return error;
}

/* ---- alarms against the truth ---- */

static int by_campaign(const void *left, const void *right) {
    const record_injection *a = left, *b = right;
    if (a->kind != b->kind) return a->kind < b->kind ? -1 : 1;
    if (a->campaign != b->campaign) return a->campaign < b->campaign ? -1 : 1;
    return (a->from > b->from) - (a->from < b->from);
}

/* Sorts the injections. */
static int gather_campaigns(reading *r, report_examined *out) {
    if (r->injection_count == 0) return 0;
    qsort(r->injections, r->injection_count, sizeof *r->injections, by_campaign);
    out->campaigns = sim_calloc(REPORT_CAMPAIGNS_MAX, sizeof *out->campaigns);
    if (out->campaigns == NULL) return SIM_ENOMEM;
    report_campaign *last = NULL;
    for (size_t i = 0; i < r->injection_count; i++) {
        const record_injection *done = &r->injections[i];
        bool same = i > 0 && done[-1].kind == done->kind && done[-1].campaign == done->campaign;
        if (!same && out->campaign_count == REPORT_CAMPAIGNS_MAX) {
            out->campaigns_more++;
            last = NULL;
        } else if (!same) {
            last = &out->campaigns[out->campaign_count++];
            *last = (report_campaign){done->from, done->to, done->campaign, 0, done->kind, false};
        }
        if (last == NULL) continue;
        last->devices++;
        if (done->to > last->to) last->to = done->to;
    }
    return 0;
}

/* Whether what an alarm says was done to whom it is about, by the times that judge_detect goes by.
 */
static bool is_named(const reading *r, const record_alert *n) {
    const sim_time grace = sim_time_from_seconds(judge_examined_policy_default.grace_s);
    for (size_t i = 0; i < r->injection_count; i++) {
        const record_injection *done = &r->injections[i];
        bool of_it = n->scope != RECORD_SCOPE_DEVICE || done->device == n->who;
        if (of_it && n->at >= done->from && n->at <= sim_time_add(done->to, grace) &&
            judge_same_family((record_anomaly)n->kind, (record_anomaly)done->kind))
            return true;
    }
    return false;
}

static int mark_alarms(const reading *r, const bool *is_false, report_examined *out) {
    uint64_t seen[RECORD_ANOMALIES][2] = {{0}};
    size_t step = r->notice_count / REPORT_ALERTS_MAX + 1;
    if (r->notice_count == 0) return 0;
    out->marks =
        sim_calloc(r->notice_count / step + (size_t)2 * RECORD_ANOMALIES, sizeof *out->marks);
    if (out->marks == NULL) return SIM_ENOMEM;
    for (size_t i = 0; i < r->notice_count; i++) {
        const record_alert *n = &r->notices[i];
        out->alarms[n->kind]++;
        out->hits[n->kind] += !is_false[i];
        if (seen[n->kind][is_false[i]]++ % step != 0) continue;
        report_hit hit = is_false[i]      ? REPORT_HIT_FALSE
                         : is_named(r, n) ? REPORT_HIT_NAMED
                                          : REPORT_HIT_OTHER_KIND;
        out->marks[out->mark_count++] =
            (report_alert_mark){n->at, n->kind, hit, n->scope == RECORD_SCOPE_DEVICE};
    }
    return 0;
}

/* Whether a campaign was noticed is asked for each alone: judge_detect counts, it does not name. */
static int notice_campaign(const judge_examined_case *c, report_campaign *campaign,
                           const record_injection *of) {
    judge_examined_case one = *c;
    judge_detections found;
    one.injections = of;
    one.injection_count = campaign->devices;
    int error = judge_detect(&one, &judge_examined_policy_default, NULL, &found);
    campaign->noticed = error == 0 && found.all.noticed > 0;
    return error;
}

static int hold_against(const reading *r, report_examined *out) {
    judge_detections found;
    const judge_examined_case c = {.injections = r->injections,
                                   .injection_count = r->injection_count,
                                   .notices = r->notices,
                                   .notice_count = r->notice_count};
    bool *is_false = sim_calloc(r->notice_count + 1, sizeof *is_false);
    int error = is_false == NULL
                    ? SIM_ENOMEM
                    : judge_detect(&c, &judge_examined_policy_default, is_false, &found);
    if (error == 0) error = mark_alarms(r, is_false, out);
    const record_injection *of = r->injections;
    for (size_t i = 0; i < out->campaign_count && error == 0; i++) {
        error = notice_campaign(&c, &out->campaigns[i], of);
        of += out->campaigns[i].devices;
    }
    sim_free(is_false);
    return error;
}

int report_examined_read(FILE *truth, FILE *alarms, FILE *detection, report_examined *out,
                         char *why) {
    reading r = {0};
    *out = (report_examined){.truth = truth != NULL, .looked = alarms != NULL};
    int error = truth != NULL ? read_truth(truth, &r, why) : 0;
    if (error == 0 && alarms != NULL) error = read_alarms(alarms, &r, why);
    if (error == 0 && detection != NULL) error = read_detection(detection, out, why);
    out->too_many =
        (double)r.notice_count * ((double)r.injection_count + REPORT_CAMPAIGNS_MAX) > work_most;
    if (error == 0 && !out->too_many) {
        error = gather_campaigns(&r, out);
        if (error == 0) error = hold_against(&r, out);
        if (error != 0) snprintf(why, REPORT_EXAMINED_WHY_MAX, "alarms.csv: out of memory");
    }
    sim_free(r.injections);
    sim_free(r.notices);
    return error;
}

void report_examined_deinit(report_examined *e) {
    sim_free(e->campaigns);
    sim_free(e->marks);
    *e = (report_examined){0};
}
