/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/summary_json.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "sim/judge/defect.h"
#include "sim/report/episodes.h"
#include "sim/report/json_private.h"

static json_t *parameters(report_json_writer *w, const report_run *run) {
    json_t *all = json_object();
    for (size_t i = 0; i < run->parameter_count; i++) {
        const report_parameter *p = &run->parameters[i];
        json_t *one = json_object();
        char *name = report_text_utf8(p->name);
        report_json_set(w, one, "value", report_json_string(p->value));
        report_json_set(w, one, "given", json_boolean(p->given));
        if (name == NULL && w->error == 0) w->error = SIM_ENOMEM;
        report_json_set(w, all, name, one);
        sim_free(name);
    }
    return all;
}

static json_t *triggers(report_json_writer *w, const report_run *run) {
    json_t *all = json_array();
    for (size_t i = 0; i < run->trigger_count; i++)
        report_json_append(w, all, report_json_string(run->triggers[i]));
    return all;
}

static json_t *trigger_times(report_json_writer *w, const report_run *run) {
    json_t *all = json_array();
    for (size_t i = 0; i < run->trigger_count; i++) {
        sim_time at = run->trigger_at != NULL ? run->trigger_at[i] : SIM_NEVER;
        report_json_append(w, all,
                           at != SIM_NEVER ? report_json_real(sim_time_seconds(at)) : json_null());
    }
    return all;
}

static json_t *measure(report_json_writer *w, const judge_measure *m) {
    json_t *one = json_object();
    report_json_set(w, one, "name", report_json_string(m->name));
    report_json_set(w, one, "unit", report_json_string(m->unit));
    report_json_set(w, one, "value", report_json_real(m->value));
    report_json_set(w, one, "relation", report_json_string(judge_relation_word(m->relation)));
    report_json_set(w, one, "threshold", report_json_real(m->threshold));
    report_json_set(w, one, "samples", report_json_count(w, m->samples));
    report_json_set(w, one, "holds", json_boolean(m->holds));
    report_json_set(w, one, "note", report_json_string(m->note));
    return one;
}

static json_t *defects(report_json_writer *w, unsigned found) {
    json_t *all = json_array();
    for (int i = 0; i < JUDGE_DEFECTS; i++)
        if ((found >> i & 1) != 0)
            report_json_append(w, all, report_json_string(judge_defect_word((judge_defect)i)));
    return all;
}

static json_t *verdict(report_json_writer *w, const judge_finding *f) {
    json_t *one = json_object(), *measures = json_array();
    for (size_t i = 0; i < f->measure_count; i++)
        report_json_append(w, measures, measure(w, &f->measures[i]));
    report_json_set(w, one, "unit", report_json_string(f->unit));
    report_json_set(w, one, "provision", report_json_string(f->provision));
    report_json_set(w, one, "verdict", report_json_string(judge_verdict_word(f->verdict)));
    report_json_set(w, one, "sentence", report_json_string(f->sentence));
    if (f->defects != 0) report_json_set(w, one, "defects", defects(w, f->defects));
    report_json_set(w, one, "measures", measures);
    return one;
}

static json_t *verdicts(report_json_writer *w, const report_run *run) {
    json_t *all = json_array();
    for (size_t i = 0; i < run->finding_count; i++) {
        json_t *one = verdict(w, &run->findings[i]);
        if (i == 0 && run->episodes != NULL)
            report_json_set(w, one, "episodes", report_episodes_json(run->episodes));
        report_json_append(w, all, one);
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

static json_t *metric(report_json_writer *w, const report_metric *m) {
    static const char *const kinds[] = {
        [REPORT_COUNTER] = "counter", [REPORT_GAUGE] = "gauge", [REPORT_TREND] = "trend"};
    json_t *one = json_object();
    report_json_set(w, one, "kind", report_json_string(kinds[m->kind]));
    report_json_set(w, one, "unit", report_json_string(m->unit));
    if (m->kind != REPORT_TREND) {
        report_json_set(w, one, "value", report_json_real(m->value));
        return one;
    }
    bool any = m->samples > 0; /* a trend of nothing has no mean */
    report_json_set(w, one, "samples", report_json_count(w, m->samples));
    report_json_set(w, one, "answered", report_json_count(w, m->answered));
    report_json_set(w, one, "more_than", more_than(m));
    report_json_set(w, one, "mean", report_json_real(any ? m->mean : NAN));
    report_json_set(w, one, "minimum", report_json_real(any ? m->minimum : NAN));
    report_json_set(w, one, "median", report_json_real(any ? m->median : NAN));
    report_json_set(w, one, "maximum", report_json_real(any ? m->maximum : NAN));
    report_json_set(w, one, "p90", report_json_real(any ? m->p90 : NAN));
    report_json_set(w, one, "p95", report_json_real(any ? m->p95 : NAN));
    report_json_set(w, one, "p99", report_json_real(any ? m->p99 : NAN));
    return one;
}

static json_t *metrics(report_json_writer *w, const report_run *run) {
    json_t *all = json_object();
    for (size_t i = 0; i < run->metric_count; i++)
        report_json_set(w, all, run->metrics[i].name, metric(w, &run->metrics[i]));
    return all;
}

static json_t *story(report_json_writer *w, const report_run *run) {
    json_t *all = json_array();
    for (size_t i = 0; i < run->story_count; i++) {
        json_t *one = json_object();
        report_json_set(w, one, "at_s", report_json_real(sim_time_seconds(run->story[i].at)));
        report_json_set(w, one, "text", report_json_string(run->story[i].text));
        report_json_append(w, all, one);
    }
    return all;
}

static json_t *struck(report_json_writer *w, const report_run *run) {
    json_t *all = json_array();
    for (size_t i = 0; i < run->trigger_count; i++)
        report_json_append(w, all,
                           run->trigger_struck != NULL
                               ? report_json_count(w, run->trigger_struck[i])
                               : json_null());
    return all;
}

static json_t *resilience(report_json_writer *w, const judge_resilience *r) {
    json_t *one = json_object();
    report_json_set(w, one, "id", report_json_string(r->id));
    report_json_set(w, one, "description", report_json_string(r->description));
    report_json_set(w, one, "type",
                    report_json_string(r->type == JUDGE_OUTAGE_POWER ? "power outage"
                                                                     : "network connectivity"));
    report_json_set(w, one, "guarantees", report_json_string(r->guarantees));
    return one;
}

static json_t *interface(report_json_writer *w, const judge_interface *i) {
    json_t *one = json_object();
    report_json_set(w, one, "id", report_json_string(i->id));
    report_json_set(w, one, "description", report_json_string(i->description));
    report_json_set(w, one, "resilience_measures", report_json_string(i->resilience_measures));
    return one;
}

static json_t *kinds(report_json_writer *w, uint64_t bits) {
    json_t *all = json_array();
    for (unsigned k = 0; k < RECORD_ANOMALIES; k++)
        if ((bits >> k & 1) != 0)
            report_json_append(w, all, report_json_string(record_anomaly_word((record_anomaly)k)));
    return all;
}

static json_t *telemetry(report_json_writer *w, const judge_telemetry *t) {
    json_t *one = json_object();
    report_json_set(w, one, "id", report_json_string(t->id));
    report_json_set(w, one, "description", report_json_string(t->description));
    report_json_set(w, one, "purpose", report_json_string(t->purpose));
    report_json_set(w, one, "security_examination", report_json_string(t->security_examination));
    report_json_set(w, one, "looks_for", kinds(w, t->looks_for));
    report_json_set(w, one, "personal_data", report_json_string(t->personal_data));
    return one;
}

static json_t *declarations(report_json_writer *w, const report_declarations *d) {
    static const judge_ixit nothing = {.resilience_count = 0};
    const judge_ixit *ixit = d->ixit != NULL ? d->ixit : &nothing;
    json_t *one = json_object(), *protocols = json_array(), *mechanisms = json_array(),
           *interfaces = json_array(), *data = json_array();
    for (size_t i = 0; d->protocols != NULL && d->protocols[i] != NULL; i++)
        report_json_append(w, protocols, report_json_string(d->protocols[i]));
    for (size_t i = 0; i < ixit->resilience_count; i++)
        report_json_append(w, mechanisms, resilience(w, &ixit->resilience[i]));
    for (size_t i = 0; i < ixit->interface_count; i++)
        report_json_append(w, interfaces, interface(w, &ixit->interfaces[i]));
    for (size_t i = 0; i < ixit->telemetry_count; i++)
        report_json_append(w, data, telemetry(w, &ixit->telemetry[i]));
    report_json_set(w, one, "law", report_json_string(d->law));
    report_json_set(w, one, "protocols", protocols);
    report_json_set(w, one, "resilience", mechanisms);
    report_json_set(w, one, "interfaces", interfaces);
    report_json_set(w, one, "telemetry", data);
    return one;
}

static json_t *fingerprint(uint64_t value) {
    char digits[17];
    snprintf(digits, sizeof digits, "%016" PRIx64, value);
    return json_string(digits);
}

/* All but the machine. */
static json_t *repeatable_part(report_json_writer *w, const report_run *run, uint64_t attempts,
                               uint64_t seconds) {
    json_t *root = json_object();
    report_json_set(w, root, "schema", report_json_string(REPORT_SUMMARY_SCHEMA));
    report_json_set(w, root, "scenario", report_json_string(run->scenario));
    report_json_set(w, root, "title", report_json_string(run->title));
    report_json_set(w, root, "version", report_json_string(run->version));
    report_json_set(w, root, "world", report_json_string(run->world));
    report_json_set(w, root, "target", report_json_string(run->target));
    report_json_set(w, root, "repeat", report_json_string(run->repeat));
    report_json_set(w, root, "seed", report_json_count(w, run->seed));
    report_json_set(w, root, "homes", report_json_count(w, run->homes));
    report_json_set(w, root, "devices", report_json_count(w, run->devices));
    report_json_set(w, root, "duration_s", report_json_real(sim_time_seconds(run->duration)));
    report_json_set(w, root, "interrupted", json_boolean(run->interrupted));
    report_json_set(w, root, "error", report_json_string(run->error));
    report_json_set(w, root, "parameters", parameters(w, run));
    report_json_set(w, root, "triggers", triggers(w, run));
    report_json_set(w, root, "trigger_at_s", trigger_times(w, run));
    report_json_set(w, root, "capacity", report_json_real(run->capacity > 0 ? run->capacity : NAN));
    report_json_set(w, root, "attempts", report_json_count(w, attempts));
    report_json_set(w, root, "seconds", report_json_count(w, seconds));
    report_json_set(w, root, "verdicts", verdicts(w, run));
    report_json_set(w, root, "metrics", metrics(w, run));
    report_json_set(w, root, "story", story(w, run));
    report_json_set(w, root, "trigger_devices", struck(w, run));
    report_json_set(w, root, "declarations", declarations(w, &run->declarations));
    report_json_set(w, root, "fingerprint", fingerprint(run->fingerprint));
    return root;
}

static json_t *machine(report_json_writer *w, const report_machine *m) {
    if (m == NULL) return json_null();
    json_t *one = json_object();
    report_json_set(w, one, "started", report_json_string(m->started));
    report_json_set(w, one, "wall_s", report_json_real(m->wall_s));
    report_json_set(w, one, "threads", report_json_count(w, m->threads));
    report_json_set(w, one, "events", report_json_count(w, m->events));
    report_json_set(w, one, "events_per_s", report_json_real(m->events_per_s));
    report_json_set(w, one, "bytes_per_device", report_json_real(m->bytes_per_device));
    report_json_set(w, one, "resident_bytes_per_device",
                    report_json_real(m->resident_bytes_per_device));
    report_json_set(w, one, "lateness_p99_s", report_json_real(m->lateness_p99_s));
    report_json_set(w, one, "unread_p99_s", report_json_real(m->unread_p99_s));
    report_json_set(w, one, "processor_most", report_json_real(m->processor_most));
    return one;
}

int report_summary_tree(const report_run *run, uint64_t attempts, uint64_t seconds, json_t **out) {
    report_json_writer w = {0};
    json_set_alloc_funcs(sim_malloc, sim_free);
    *out = repeatable_part(&w, run, attempts, seconds);
    if (w.error != 0) json_decref(*out);
    if (w.error != 0) *out = NULL;
    return w.error;
}

int report_summary_json(FILE *file, const report_run *run, uint64_t attempts, uint64_t seconds) {
    report_json_writer w = {0};
    json_set_alloc_funcs(sim_malloc, sim_free);
    json_t *root = repeatable_part(&w, run, attempts, seconds), *apart = machine(&w, run->machine);
    if (w.error == 0) w.error = report_json_dump(file, root, true, JSON_INDENT(2));
    if (w.error == 0 && fputs(",\n  \"machine\": ", file) == EOF) w.error = SIM_EIO;
    if (w.error == 0) w.error = report_json_dump(file, apart, false, JSON_ENCODE_ANY);
    if (w.error == 0 && fputs("\n}\n", file) == EOF) w.error = SIM_EIO;
    json_decref(root);
    json_decref(apart);
    return w.error;
}
