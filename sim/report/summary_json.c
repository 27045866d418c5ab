/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/summary_json.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "sim/core/heap.h"
#include "sim/report/text.h"

/* 15 digits: every decimal number of that length comes back as it was, and 0.1 is printed as 0.1. */
#define DIGITS JSON_REAL_PRECISION(15)

/* Everything is added through these: the first failure is kept, and the rest does nothing. */
typedef struct writer {
    int error;
} writer;

/* Takes over `value`, which is NULL when memory ran out. */
static void set(writer *w, json_t *object, const char *key, json_t *value) {
    if (w->error != 0)
        json_decref(value);
    else if (json_object_set_new_nocheck(object, key, value) != 0)
        w->error = SIM_ENOMEM;
}

static void append(writer *w, json_t *array, json_t *value) {
    if (w->error != 0)
        json_decref(value);
    else if (json_array_append_new(array, value) != 0)
        w->error = SIM_ENOMEM;
}

static json_t *text(const char *value) {
    if (value == NULL) return json_null();
    char *clean = report_text_utf8(value);
    json_t *string = clean != NULL ? json_string_nocheck(clean) : NULL;
    sim_free(clean);
    return string;
}

static json_t *real(double value) {
    return isfinite(value) ? json_real(value == 0 ? 0 : value) : json_null(); /* no "-0.0" */
}

static json_t *count(writer *w, uint64_t value) {
    if (value <= INT64_MAX) return json_integer((json_int_t)value);
    if (w->error == 0) w->error = SIM_ERANGE;
    return NULL;
}

static json_t *parameters(writer *w, const report_run *run) {
    json_t *all = json_object();
    for (size_t i = 0; i < run->parameter_count; i++) {
        const report_parameter *p = &run->parameters[i];
        json_t *one = json_object();
        char *name = report_text_utf8(p->name);
        set(w, one, "value", text(p->value));
        set(w, one, "given", json_boolean(p->given));
        if (name == NULL && w->error == 0) w->error = SIM_ENOMEM;
        set(w, all, name, one);
        sim_free(name);
    }
    return all;
}

static json_t *triggers(writer *w, const report_run *run) {
    json_t *all = json_array();
    for (size_t i = 0; i < run->trigger_count; i++) append(w, all, text(run->triggers[i]));
    return all;
}

static json_t *trigger_times(writer *w, const report_run *run) {
    json_t *all = json_array();
    for (size_t i = 0; i < run->trigger_count; i++) {
        sim_time at = run->trigger_at != NULL ? run->trigger_at[i] : SIM_NEVER;
        append(w, all, at != SIM_NEVER ? real(sim_time_seconds(at)) : json_null());
    }
    return all;
}

static const char *relation_word(judge_relation relation) {
    switch (relation) {
        case JUDGE_AT_MOST:
            return "at most";
        case JUDGE_AT_LEAST:
            return "at least";
        case JUDGE_NONE:
            break;
    }
    return "none";
}

static json_t *measure(writer *w, const judge_measure *m) {
    json_t *one = json_object();
    set(w, one, "name", text(m->name));
    set(w, one, "unit", text(m->unit));
    set(w, one, "value", real(m->value));
    set(w, one, "relation", text(relation_word(m->relation)));
    set(w, one, "threshold", real(m->threshold));
    set(w, one, "samples", count(w, m->samples));
    set(w, one, "holds", json_boolean(m->holds));
    set(w, one, "note", text(m->note));
    return one;
}

static json_t *verdict(writer *w, const judge_finding *f) {
    json_t *one = json_object(), *measures = json_array();
    for (size_t i = 0; i < f->measure_count; i++) append(w, measures, measure(w, &f->measures[i]));
    set(w, one, "unit", text(f->unit));
    set(w, one, "provision", text(f->provision));
    set(w, one, "verdict", text(judge_verdict_word(f->verdict)));
    set(w, one, "sentence", text(f->sentence));
    set(w, one, "measures", measures);
    return one;
}

static json_t *verdicts(writer *w, const report_run *run) {
    json_t *all = json_array();
    for (size_t i = 0; i < run->finding_count; i++) append(w, all, verdict(w, &run->findings[i]));
    return all;
}

static json_t *metric(writer *w, const report_metric *m) {
    static const char *const kinds[] = {
        [REPORT_COUNTER] = "counter", [REPORT_GAUGE] = "gauge", [REPORT_TREND] = "trend"};
    json_t *one = json_object();
    set(w, one, "kind", text(kinds[m->kind]));
    set(w, one, "unit", text(m->unit));
    if (m->kind != REPORT_TREND) {
        set(w, one, "value", real(m->value));
        return one;
    }
    bool any = m->samples > 0; /* a trend of nothing has no mean */
    set(w, one, "samples", count(w, m->samples));
    set(w, one, "mean", real(any ? m->mean : NAN));
    set(w, one, "minimum", real(any ? m->minimum : NAN));
    set(w, one, "median", real(any ? m->median : NAN));
    set(w, one, "maximum", real(any ? m->maximum : NAN));
    set(w, one, "p90", real(any ? m->p90 : NAN));
    set(w, one, "p95", real(any ? m->p95 : NAN));
    set(w, one, "p99", real(any ? m->p99 : NAN));
    return one;
}

static json_t *metrics(writer *w, const report_run *run) {
    json_t *all = json_object();
    for (size_t i = 0; i < run->metric_count; i++)
        set(w, all, run->metrics[i].name, metric(w, &run->metrics[i]));
    return all;
}

static json_t *story(writer *w, const report_run *run) {
    json_t *all = json_array();
    for (size_t i = 0; i < run->story_count; i++) {
        json_t *one = json_object();
        set(w, one, "at_s", real(sim_time_seconds(run->story[i].at)));
        set(w, one, "text", text(run->story[i].text));
        append(w, all, one);
    }
    return all;
}

static json_t *fingerprint(uint64_t value) {
    char digits[17];
    snprintf(digits, sizeof digits, "%016" PRIx64, value);
    return json_string(digits);
}

/* All but the machine. */
static json_t *repeatable_part(writer *w, const report_run *run, uint64_t attempts, uint64_t seconds) {
    json_t *root = json_object();
    set(w, root, "schema", text(REPORT_SUMMARY_SCHEMA));
    set(w, root, "scenario", text(run->scenario));
    set(w, root, "title", text(run->title));
    set(w, root, "version", text(run->version));
    set(w, root, "world", text(run->world));
    set(w, root, "target", text(run->target));
    set(w, root, "repeat", text(run->repeat));
    set(w, root, "seed", count(w, run->seed));
    set(w, root, "homes", count(w, run->homes));
    set(w, root, "devices", count(w, run->devices));
    set(w, root, "duration_s", real(sim_time_seconds(run->duration)));
    set(w, root, "interrupted", json_boolean(run->interrupted));
    set(w, root, "error", text(run->error));
    set(w, root, "parameters", parameters(w, run));
    set(w, root, "triggers", triggers(w, run));
    set(w, root, "trigger_at_s", trigger_times(w, run));
    set(w, root, "capacity", real(run->capacity > 0 ? run->capacity : NAN));
    set(w, root, "attempts", count(w, attempts));
    set(w, root, "seconds", count(w, seconds));
    set(w, root, "verdicts", verdicts(w, run));
    set(w, root, "metrics", metrics(w, run));
    set(w, root, "story", story(w, run));
    set(w, root, "fingerprint", fingerprint(run->fingerprint));
    return root;
}

static json_t *machine(writer *w, const report_machine *m) {
    if (m == NULL) return json_null();
    json_t *one = json_object();
    set(w, one, "started", text(m->started));
    set(w, one, "wall_s", real(m->wall_s));
    set(w, one, "threads", count(w, m->threads));
    set(w, one, "events", count(w, m->events));
    set(w, one, "events_per_s", real(m->events_per_s));
    set(w, one, "bytes_per_device", real(m->bytes_per_device));
    set(w, one, "resident_bytes_per_device", real(m->resident_bytes_per_device));
    set(w, one, "lateness_p99_s", real(m->lateness_p99_s));
    return one;
}

/* Where jansson prints to. json_dumps would do, but 2.14 loses a failure of its own string buffer and then gives half an object. */
typedef struct sink {
    FILE *file;
    bool open_end; /* keep the last two bytes, "\n}", back: another member follows */
    char kept[2];
    size_t have;
} sink;

static int put(const char *bytes, size_t count, void *context) {
    sink *s = context;
    for (size_t i = 0; i < count; i++) {
        char out = bytes[i];
        if (s->open_end) {
            out = s->kept[0];
            s->kept[0] = s->kept[1];
            s->kept[1] = bytes[i];
            if (s->have++ < sizeof s->kept) continue;
        }
        if (fputc(out, s->file) == EOF) return -1;
    }
    return 0;
}

/* jansson does not say why it stopped: when the file is in order, memory ran out. */
static int dump(FILE *file, const json_t *value, bool open_end, size_t flags) {
    sink s = {.file = file, .open_end = open_end};
    if (json_dump_callback(value, put, &s, flags | DIGITS) == 0) return 0;
    return ferror(file) ? SIM_EIO : SIM_ENOMEM;
}

int report_summary_json(FILE *file, const report_run *run, uint64_t attempts, uint64_t seconds) {
    writer w = {0};
    json_set_alloc_funcs(sim_malloc, sim_free);
    json_t *root = repeatable_part(&w, run, attempts, seconds), *apart = machine(&w, run->machine);
    if (w.error == 0) w.error = dump(file, root, true, JSON_INDENT(2));
    if (w.error == 0 && fputs(",\n  \"machine\": ", file) == EOF) w.error = SIM_EIO;
    if (w.error == 0) w.error = dump(file, apart, false, JSON_ENCODE_ANY);
    if (w.error == 0 && fputs("\n}\n", file) == EOF) w.error = SIM_EIO;
    json_decref(root);
    json_decref(apart);
    return w.error;
}
