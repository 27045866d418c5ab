/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/summary_json.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "sim/judge/defect.h"
#include "sim/report/episodes.h"
#include "sim/report/json_private.h"

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

static json_t *measure(writer *w, const judge_measure *m) {
    json_t *one = json_object();
    set(w, one, "name", text(m->name));
    set(w, one, "unit", text(m->unit));
    set(w, one, "value", real(m->value));
    set(w, one, "relation", text(judge_relation_word(m->relation)));
    set(w, one, "threshold", real(m->threshold));
    set(w, one, "samples", count(w, m->samples));
    set(w, one, "holds", json_boolean(m->holds));
    set(w, one, "note", text(m->note));
    return one;
}

static json_t *defects(writer *w, unsigned found) {
    json_t *all = json_array();
    for (int i = 0; i < JUDGE_DEFECTS; i++)
        if ((found >> i & 1) != 0) append(w, all, text(judge_defect_word((judge_defect)i)));
    return all;
}

static json_t *verdict(writer *w, const judge_finding *f) {
    json_t *one = json_object(), *measures = json_array();
    for (size_t i = 0; i < f->measure_count; i++) append(w, measures, measure(w, &f->measures[i]));
    set(w, one, "unit", text(f->unit));
    set(w, one, "provision", text(f->provision));
    set(w, one, "verdict", text(judge_verdict_word(f->verdict)));
    set(w, one, "sentence", text(f->sentence));
    if (f->defects != 0) set(w, one, "defects", defects(w, f->defects));
    set(w, one, "measures", measures);
    return one;
}

static json_t *verdicts(writer *w, const report_run *run) {
    json_t *all = json_array();
    for (size_t i = 0; i < run->finding_count; i++) {
        json_t *one = verdict(w, &run->findings[i]);
        if (i == 0 && run->episodes != NULL)
            set(w, one, "episodes", report_episodes_json(run->episodes));
        append(w, all, one);
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
    set(w, one, "answered", count(w, m->answered));
    set(w, one, "more_than", more_than(m));
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

static json_t *struck(writer *w, const report_run *run) {
    json_t *all = json_array();
    for (size_t i = 0; i < run->trigger_count; i++)
        append(w, all,
               run->trigger_struck != NULL ? count(w, run->trigger_struck[i]) : json_null());
    return all;
}

static json_t *resilience(writer *w, const judge_resilience *r) {
    json_t *one = json_object();
    set(w, one, "id", text(r->id));
    set(w, one, "description", text(r->description));
    set(w, one, "type",
        text(r->type == JUDGE_OUTAGE_POWER ? "power outage" : "network connectivity"));
    set(w, one, "guarantees", text(r->guarantees));
    return one;
}

static json_t *interface(writer *w, const judge_interface *i) {
    json_t *one = json_object();
    set(w, one, "id", text(i->id));
    set(w, one, "description", text(i->description));
    set(w, one, "resilience_measures", text(i->resilience_measures));
    return one;
}

static json_t *kinds(writer *w, uint64_t bits) {
    json_t *all = json_array();
    for (unsigned k = 0; k < RECORD_ANOMALIES; k++)
        if ((bits >> k & 1) != 0) append(w, all, text(record_anomaly_word((record_anomaly)k)));
    return all;
}

static json_t *telemetry(writer *w, const judge_telemetry *t) {
    json_t *one = json_object();
    set(w, one, "id", text(t->id));
    set(w, one, "description", text(t->description));
    set(w, one, "purpose", text(t->purpose));
    set(w, one, "security_examination", text(t->security_examination));
    set(w, one, "looks_for", kinds(w, t->looks_for));
    set(w, one, "personal_data", text(t->personal_data));
    return one;
}

static json_t *declarations(writer *w, const report_declarations *d) {
    static const judge_ixit nothing = {.resilience_count = 0};
    const judge_ixit *ixit = d->ixit != NULL ? d->ixit : &nothing;
    json_t *one = json_object(), *protocols = json_array(), *mechanisms = json_array(),
           *interfaces = json_array(), *data = json_array();
    for (size_t i = 0; d->protocols != NULL && d->protocols[i] != NULL; i++)
        append(w, protocols, text(d->protocols[i]));
    for (size_t i = 0; i < ixit->resilience_count; i++)
        append(w, mechanisms, resilience(w, &ixit->resilience[i]));
    for (size_t i = 0; i < ixit->interface_count; i++)
        append(w, interfaces, interface(w, &ixit->interfaces[i]));
    for (size_t i = 0; i < ixit->telemetry_count; i++)
        append(w, data, telemetry(w, &ixit->telemetry[i]));
    set(w, one, "law", text(d->law));
    set(w, one, "protocols", protocols);
    set(w, one, "resilience", mechanisms);
    set(w, one, "interfaces", interfaces);
    set(w, one, "telemetry", data);
    return one;
}

static json_t *fingerprint(uint64_t value) {
    char digits[17];
    snprintf(digits, sizeof digits, "%016" PRIx64, value);
    return json_string(digits);
}

/* All but the machine. */
static json_t *repeatable_part(writer *w, const report_run *run, uint64_t attempts,
                               uint64_t seconds) {
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
    set(w, root, "trigger_devices", struck(w, run));
    set(w, root, "declarations", declarations(w, &run->declarations));
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
    set(w, one, "unread_p99_s", real(m->unread_p99_s));
    set(w, one, "processor_most", real(m->processor_most));
    return one;
}

int report_summary_tree(const report_run *run, uint64_t attempts, uint64_t seconds, json_t **out) {
    writer w = {0};
    json_set_alloc_funcs(sim_malloc, sim_free);
    *out = repeatable_part(&w, run, attempts, seconds);
    if (w.error != 0) json_decref(*out);
    if (w.error != 0) *out = NULL;
    return w.error;
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
