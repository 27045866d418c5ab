/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/summary_json.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "sim/core/heap.h"
#include "sim/judge/defect.h"
#include "sim/record/json_write.h"
#include "sim/record/text.h"
#include "sim/report/episodes.h"

static json_t *parameters(record_json_writer *w, const report_run *run) {
    json_t *all = json_object();
    for (size_t i = 0; i < run->parameter_count; i++) {
        const report_parameter *p = &run->parameters[i];
        json_t *one = json_object();
        char *name = record_text_utf8(p->name);
        record_json_set(w, one, "value", record_json_string(p->value));
        record_json_set(w, one, "given", json_boolean(p->given));
        if (name == NULL && w->error == 0) w->error = SIM_ENOMEM;
        record_json_set(w, all, name, one);
        sim_free(name);
    }
    return all;
}

static json_t *triggers(record_json_writer *w, const report_run *run) {
    json_t *all = json_array();
    for (size_t i = 0; i < run->trigger_count; i++)
        record_json_append(w, all, record_json_string(run->triggers[i]));
    return all;
}

static json_t *trigger_times(record_json_writer *w, const report_run *run) {
    json_t *all = json_array();
    for (size_t i = 0; i < run->trigger_count; i++) {
        sim_time at = run->trigger_at != NULL ? run->trigger_at[i] : SIM_NEVER;
        record_json_append(w, all,
                           at != SIM_NEVER ? record_json_real(sim_time_seconds(at)) : json_null());
    }
    return all;
}

static json_t *measure(record_json_writer *w, const judge_measure *m) {
    json_t *one = json_object();
    record_json_set(w, one, "name", record_json_string(m->name));
    record_json_set(w, one, "unit", record_json_string(m->unit));
    record_json_set(w, one, "value", record_json_real(m->value));
    record_json_set(w, one, "relation", record_json_string(judge_relation_word(m->relation)));
    record_json_set(w, one, "threshold", record_json_real(m->threshold));
    record_json_set(w, one, "samples", record_json_count(w, m->samples));
    record_json_set(w, one, "holds", m->open ? json_null() : json_boolean(m->holds));
    record_json_set(w, one, "note", record_json_string(m->note));
    return one;
}

static json_t *defects(record_json_writer *w, unsigned found) {
    json_t *all = json_array();
    for (int i = 0; i < JUDGE_DEFECTS; i++)
        if ((found >> i & 1) != 0)
            record_json_append(w, all, record_json_string(judge_defect_word((judge_defect)i)));
    return all;
}

static json_t *verdict(record_json_writer *w, const judge_finding *f) {
    json_t *one = json_object(), *measures = json_array();
    for (size_t i = 0; i < f->measure_count; i++)
        record_json_append(w, measures, measure(w, &f->measures[i]));
    record_json_set(w, one, "unit", record_json_string(f->unit));
    record_json_set(w, one, "provision", record_json_string(f->provision));
    record_json_set(w, one, "verdict", record_json_string(judge_verdict_word(f->verdict)));
    record_json_set(w, one, "sentence", record_json_string(f->sentence));
    if (f->defects != 0) record_json_set(w, one, "defects", defects(w, f->defects));
    record_json_set(w, one, "measures", measures);
    return one;
}

static json_t *verdicts(record_json_writer *w, const report_run *run) {
    json_t *all = json_array();
    for (size_t i = 0; i < run->finding_count; i++) {
        json_t *one = verdict(w, &run->findings[i]);
        if (i == 0 && run->episodes != NULL)
            record_json_set(w, one, "episodes", report_episodes_json(run->episodes));
        record_json_append(w, all, one);
    }
    return all;
}

/* The members of a trend that are lower bounds. */
static json_t *more_than(const report_metric *m) {
    static const struct {
        const char *name;
        double quantile;
    } members[] = {{"mean", 1},  {"median", 0.5}, {"maximum", 1},
                   {"p90", 0.9}, {"p95", 0.95},   {"p99", 0.99}};
    json_t *names = json_array();
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (report_metric_open(m, members[i].quantile))
            json_array_append_new(names, json_string(members[i].name));
    return names;
}

static json_t *metric(record_json_writer *w, const report_metric *m) {
    static const char *const kinds[] = {
        [REPORT_COUNTER] = "counter", [REPORT_GAUGE] = "gauge", [REPORT_TREND] = "trend"};
    json_t *one = json_object();
    record_json_set(w, one, "kind", record_json_string(kinds[m->kind]));
    record_json_set(w, one, "unit", record_json_string(m->unit));
    if (m->kind != REPORT_TREND) {
        record_json_set(w, one, "value", record_json_real(m->value));
        return one;
    }
    bool any = m->samples > 0; /* a trend of nothing has no mean */
    record_json_set(w, one, "samples", record_json_count(w, m->samples));
    record_json_set(w, one, "answered", record_json_count(w, m->answered));
    record_json_set(w, one, "more_than", more_than(m));
    record_json_set(w, one, "mean", record_json_real(any ? m->mean : NAN));
    record_json_set(w, one, "minimum", record_json_real(any ? m->minimum : NAN));
    record_json_set(w, one, "median", record_json_real(any ? m->median : NAN));
    record_json_set(w, one, "maximum", record_json_real(any ? m->maximum : NAN));
    record_json_set(w, one, "p90", record_json_real(any ? m->p90 : NAN));
    record_json_set(w, one, "p95", record_json_real(any ? m->p95 : NAN));
    record_json_set(w, one, "p99", record_json_real(any ? m->p99 : NAN));
    return one;
}

static json_t *metrics(record_json_writer *w, const report_run *run) {
    json_t *all = json_object();
    for (size_t i = 0; i < run->metric_count; i++)
        record_json_set(w, all, run->metrics[i].name, metric(w, &run->metrics[i]));
    return all;
}

static json_t *story(record_json_writer *w, const report_run *run) {
    json_t *all = json_array();
    for (size_t i = 0; i < run->story_count; i++) {
        json_t *one = json_object();
        record_json_set(w, one, "at_s", record_json_real(sim_time_seconds(run->story[i].at)));
        record_json_set(w, one, "text", record_json_string(run->story[i].text));
        record_json_append(w, all, one);
    }
    return all;
}

static json_t *struck(record_json_writer *w, const report_run *run) {
    json_t *all = json_array();
    for (size_t i = 0; i < run->trigger_count; i++)
        record_json_append(w, all,
                           run->trigger_struck != NULL
                               ? record_json_count(w, run->trigger_struck[i])
                               : json_null());
    return all;
}

static json_t *resilience(record_json_writer *w, const judge_resilience *r) {
    json_t *one = json_object();
    record_json_set(w, one, "id", record_json_string(r->id));
    record_json_set(w, one, "description", record_json_string(r->description));
    record_json_set(w, one, "type",
                    record_json_string(r->type == JUDGE_OUTAGE_POWER ? "power outage"
                                                                     : "network connectivity"));
    record_json_set(w, one, "guarantees", record_json_string(r->guarantees));
    return one;
}

static json_t *interface(record_json_writer *w, const judge_interface *i) {
    json_t *one = json_object();
    record_json_set(w, one, "id", record_json_string(i->id));
    record_json_set(w, one, "description", record_json_string(i->description));
    record_json_set(w, one, "resilience_measures", record_json_string(i->resilience_measures));
    return one;
}

static json_t *kinds(record_json_writer *w, uint64_t bits) {
    json_t *all = json_array();
    for (unsigned k = 0; k < RECORD_ANOMALIES; k++)
        if ((bits >> k & 1) != 0)
            record_json_append(w, all, record_json_string(record_anomaly_word((record_anomaly)k)));
    return all;
}

static json_t *telemetry(record_json_writer *w, const judge_telemetry *t) {
    json_t *one = json_object();
    record_json_set(w, one, "id", record_json_string(t->id));
    record_json_set(w, one, "description", record_json_string(t->description));
    record_json_set(w, one, "purpose", record_json_string(t->purpose));
    record_json_set(w, one, "security_examination", record_json_string(t->security_examination));
    record_json_set(w, one, "looks_for", kinds(w, t->looks_for));
    record_json_set(w, one, "personal_data", record_json_string(t->personal_data));
    return one;
}

static json_t *declarations(record_json_writer *w, const report_declarations *d) {
    static const judge_ixit nothing = {.resilience_count = 0};
    const judge_ixit *ixit = d->ixit != NULL ? d->ixit : &nothing;
    json_t *one = json_object(), *protocols = json_array(), *mechanisms = json_array(),
           *interfaces = json_array(), *data = json_array();
    for (size_t i = 0; d->protocols != NULL && d->protocols[i] != NULL; i++)
        record_json_append(w, protocols, record_json_string(d->protocols[i]));
    for (size_t i = 0; i < ixit->resilience_count; i++)
        record_json_append(w, mechanisms, resilience(w, &ixit->resilience[i]));
    for (size_t i = 0; i < ixit->interface_count; i++)
        record_json_append(w, interfaces, interface(w, &ixit->interfaces[i]));
    for (size_t i = 0; i < ixit->telemetry_count; i++)
        record_json_append(w, data, telemetry(w, &ixit->telemetry[i]));
    record_json_set(w, one, "law", record_json_string(d->law));
    record_json_set(w, one, "protocols", protocols);
    record_json_set(w, one, "resilience", mechanisms);
    record_json_set(w, one, "interfaces", interfaces);
    record_json_set(w, one, "telemetry", data);
    return one;
}

static json_t *fingerprint(uint64_t value) {
    char digits[17];
    snprintf(digits, sizeof digits, "%016" PRIx64, value);
    return json_string(digits);
}

/* All but the machine. */
static json_t *repeatable_part(record_json_writer *w, const report_run *run, uint64_t attempts,
                               uint64_t seconds) {
    json_t *root = json_object();
    record_json_set(w, root, "schema", record_json_string(REPORT_SUMMARY_SCHEMA));
    record_json_set(w, root, "scenario", record_json_string(run->scenario));
    record_json_set(w, root, "title", record_json_string(run->title));
    record_json_set(w, root, "version", record_json_string(run->version));
    record_json_set(w, root, "world", record_json_string(run->world));
    record_json_set(w, root, "target", record_json_string(run->target));
    record_json_set(w, root, "repeat", record_json_string(run->repeat));
    record_json_set(w, root, "seed", record_json_count(w, run->seed));
    record_json_set(w, root, "homes", record_json_count(w, run->homes));
    record_json_set(w, root, "devices", record_json_count(w, run->devices));
    record_json_set(w, root, "duration_s", record_json_real(sim_time_seconds(run->duration)));
    record_json_set(w, root, "interrupted", json_boolean(run->interrupted));
    record_json_set(w, root, "error", record_json_string(run->error));
    record_json_set(w, root, "parameters", parameters(w, run));
    record_json_set(w, root, "triggers", triggers(w, run));
    record_json_set(w, root, "trigger_at_s", trigger_times(w, run));
    record_json_set(w, root, "capacity", record_json_real(run->capacity > 0 ? run->capacity : NAN));
    record_json_set(w, root, "attempts", record_json_count(w, attempts));
    record_json_set(w, root, "seconds", record_json_count(w, seconds));
    record_json_set(w, root, "verdicts", verdicts(w, run));
    record_json_set(w, root, "metrics", metrics(w, run));
    record_json_set(w, root, "story", story(w, run));
    record_json_set(w, root, "trigger_devices", struck(w, run));
    record_json_set(w, root, "declarations", declarations(w, &run->declarations));
    record_json_set(w, root, "fingerprint", fingerprint(run->fingerprint));
    return root;
}

static json_t *machine(record_json_writer *w, const report_machine *m) {
    if (m == NULL) return json_null();
    json_t *one = json_object();
    record_json_set(w, one, "started", record_json_string(m->started));
    record_json_set(w, one, "wall_s", record_json_real(m->wall_s));
    record_json_set(w, one, "threads", record_json_count(w, m->threads));
    record_json_set(w, one, "events", record_json_count(w, m->events));
    record_json_set(w, one, "events_per_s", record_json_real(m->events_per_s));
    record_json_set(w, one, "bytes_per_device", record_json_real(m->bytes_per_device));
    record_json_set(w, one, "resident_bytes_per_device",
                    record_json_real(m->resident_bytes_per_device));
    record_json_set(w, one, "lateness_p99_s", record_json_real(m->lateness_p99_s));
    record_json_set(w, one, "unread_p99_s", record_json_real(m->unread_p99_s));
    record_json_set(w, one, "processor_most", record_json_real(m->processor_most));
    return one;
}

int report_summary_tree(const report_run *run, uint64_t attempts, uint64_t seconds, json_t **out) {
    record_json_writer w = {0};
    json_set_alloc_funcs(sim_malloc, sim_free);
    *out = repeatable_part(&w, run, attempts, seconds);
    if (w.error != 0) json_decref(*out);
    if (w.error != 0) *out = NULL;
    return w.error;
}

int report_summary_json(FILE *file, const report_run *run, uint64_t attempts, uint64_t seconds) {
    record_json_writer w = {0};
    json_set_alloc_funcs(sim_malloc, sim_free);
    json_t *root = repeatable_part(&w, run, attempts, seconds), *apart = machine(&w, run->machine);
    if (w.error == 0) w.error = record_json_dump(file, root, true, JSON_INDENT(2));
    if (w.error == 0 && fputs(",\n  \"machine\": ", file) == EOF) w.error = SIM_EIO;
    if (w.error == 0) w.error = record_json_dump(file, apart, false, JSON_ENCODE_ANY);
    if (w.error == 0 && fputs("\n}\n", file) == EOF) w.error = SIM_EIO;
    json_decref(root);
    json_decref(apart);
    return w.error;
}
