/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/page_json.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "sim/core/heap.h"
#include "sim/record/text.h"

/* A closing tag in a string would end the script element that all of this stands in. */
static int put_safely(const char *bytes, size_t count, void *context) {
    FILE *out = context;
    for (size_t i = 0; i < count; i++) {
        bool tag = bytes[i] == '<' || bytes[i] == '>' || bytes[i] == '&';
        if ((tag ? fprintf(out, "\\u%04x", (unsigned)bytes[i]) : fputc(bytes[i], out)) < 0)
            return -1;
    }
    return 0;
}

static int put_value(FILE *out, const json_t *value, size_t flags) {
    if (json_dump_callback(value, put_safely, out,
                           flags | JSON_REAL_PRECISION(15) | JSON_ENCODE_ANY | JSON_ENSURE_ASCII) ==
        0)
        return 0;
    return ferror(out) ? SIM_EIO : SIM_ENOMEM;
}

int report_page_text(FILE *out, const char *text) {
    char *clean = record_text_utf8(text);
    json_t *value = clean != NULL ? json_string_nocheck(clean) : NULL;
    sim_free(clean);
    int error = value != NULL ? put_value(out, value, 0) : SIM_ENOMEM;
    json_decref(value);
    return error;
}

/* The machine on a line of its own, as in summary.json: what differs from run to run is easily
 * taken out. */
static int put_summary(FILE *out, const json_t *summary) {
    const char *key;
    json_t *value;
    int error = 0;
    fputs("\"summary\":{", out);
    json_object_foreach((json_t *)summary, key, value) {
        if (error != 0) return error;
        if (strcmp(key, "machine") == 0) continue;
        error = report_page_text(out, key);
        fputc(':', out);
        if (error == 0) error = put_value(out, value, JSON_COMPACT);
        fputs(",\n", out);
    }
    fputs("  \"machine\": ", out);
    const json_t *machine = json_object_get(summary, "machine");
    if (error == 0 && machine != NULL) error = put_value(out, machine, 0);
    fputs(machine != NULL ? "\n}" : "null\n}", out);
    return error;
}

static void put_number(FILE *out, double value) {
    if (isfinite(value))
        fprintf(out, "%.9g", value);
    else
        fputs("null", out);
}

/* ---- series ---- */

static void put_column(FILE *out, const report_series *s, const char *name, size_t offset) {
    fprintf(out, ",\n\"%s\":[", name);
    for (size_t i = 0; i < s->count; i++)
        fprintf(out, "%s%" PRIu64, i > 0 ? "," : "",
                *(const uint64_t *)((const char *)&s->bins[i] + offset));
    fputc(']', out);
}

static void put_series(FILE *out, const report_series *s) {
    fprintf(out, "\"series\":{\"step_s\":%" PRIu64 ",\"rows\":%" PRIu64, s->step, s->rows);
    put_column(out, s, "online", offsetof(report_series_bin, online));
    put_column(out, s, "lowest", offsetof(report_series_bin, lowest));
#define PUT(member, column, how, page) \
    if (page) put_column(out, s, column, offsetof(report_series_bin, member));
    REPORT_SECOND_MAP(PUT)
#undef PUT
    fputc('}', out);
}

/* ---- triggers ---- */

static void put_outcomes(FILE *out, const report_wave *w) {
    fputs(",\n\"outcomes\":{", out);
    bool first = true;
    for (int o = 0; o < RECORD_OUTCOMES; o++) {
        uint64_t sum = 0;
        for (size_t i = 0; i < w->count; i++) sum += w->bins[i].outcomes[o];
        if (sum == 0) continue;
        fprintf(out, "%s\"%s\":[", first ? "" : ",\n", record_outcome_word((record_outcome)o));
        for (size_t i = 0; i < w->count; i++)
            fprintf(out, "%s%" PRIu32, i > 0 ? "," : "", w->bins[i].outcomes[o]);
        fputc(']', out);
        first = false;
    }
    fputs("},\n\"admitted\":[", out);
    for (size_t i = 0; i < w->count; i++)
        fprintf(out, "%s%" PRIu32, i > 0 ? "," : "", w->bins[i].admitted);
    fputs("],\n\"busiest\":[", out);
    for (size_t i = 0; i < w->count; i++)
        fprintf(out, "%s%" PRIu32, i > 0 ? "," : "", w->bins[i].busiest);
    fputc(']', out);
}

static void put_phases(FILE *out, const report_wave *w) {
    fputs(",\n\"phases\":[", out);
    for (size_t i = 0; i < w->phase_count; i++) {
        const report_phase *p = &w->phases[i];
        fprintf(out, "%s{\"attempt\":%" PRIu32 ",\"samples\":%" PRIu64 ",\"period_s\":",
                i > 0 ? ",\n" : "", p->number, p->samples);
        put_number(out, p->period);
        fputs(",\"index\":", out);
        put_number(out, p->index);
        fputs(",\"direction\":", out);
        put_number(out, p->direction);
        fputs(",\"bins\":[", out);
        for (size_t b = 0; b < REPORT_PHASE_BINS; b++)
            fprintf(out, "%s%" PRIu32, b > 0 ? "," : "", p->bins[b]);
        fputs("]}", out);
    }
    fputc(']', out);
}

static void put_delays(FILE *out, const report_wave *w) {
    fputs(",\n\"delays\":[", out);
    for (size_t i = 0; i < w->delay_count; i++) {
        const report_delays *d = &w->delays[i];
        fprintf(out, "%s{\"attempt\":%" PRIu32 ",\"samples\":%" PRIu64 ",\"quantiles_s\":[",
                i > 0 ? ",\n" : "", d->number, d->samples);
        for (size_t q = 0; q < REPORT_QUANTILES; q++) {
            if (q > 0) fputc(',', out);
            put_number(out, d->quantiles[q]);
        }
        fputs("]}", out);
    }
    fputc(']', out);
}

static int put_wave(FILE *out, const report_wave *w, const json_t *triggers) {
    const char *name = json_string_value(json_array_get(triggers, w->trigger));
    fputs("{\"name\":", out);
    int error = report_page_text(out, name != NULL ? name : "trigger");
    fputs(",\"at_s\":", out);
    put_number(out, w->at_known ? sim_time_seconds(w->at) : NAN);
    fputs(",\"from_s\":", out);
    put_number(out, sim_time_seconds(w->from));
    fputs(",\"step_s\":", out);
    put_number(out, sim_time_seconds(w->step));
    fputs(",\"last_s\":", out);
    put_number(out, sim_time_seconds(w->last));
    fputs(",\"busiest_s\":", out);
    put_number(out, sim_time_seconds(w->busiest_at));
    fprintf(out,
            ",\"attempts\":%" PRIu64 ",\"later\":%" PRIu64 ",\"devices\":%" PRIu64 ",\"bins\":%zu",
            w->attempts, w->later, w->devices, w->count);
    put_outcomes(out, w);
    put_phases(out, w);
    put_delays(out, w);
    fputc('}', out);
    return error;
}

/* ---- what was done, and noticed ---- */

static void put_kinds(FILE *out, const report_examined *e) {
    bool first = true;
    for (unsigned k = 0; k < RECORD_ANOMALIES; k++) {
        if (e->alarms[k] == 0) continue;
        fprintf(out, "%s\"%s\":{\"alarms\":%" PRIu64 ",\"hits\":%" PRIu64 "}", first ? "" : ",",
                record_anomaly_word((record_anomaly)k), e->alarms[k], e->hits[k]);
        first = false;
    }
}

/* Rows instead of objects: there may be hundreds. */
static void put_campaigns(FILE *out, const report_examined *e) {
    for (size_t i = 0; i < e->campaign_count; i++) {
        const report_campaign *c = &e->campaigns[i];
        fprintf(out, "%s[\"%s\",%" PRIu32 ",%" PRIu32 ",", i > 0 ? ",\n" : "",
                record_anomaly_word((record_anomaly)c->kind), c->number, c->devices);
        put_number(out, sim_time_seconds(c->from));
        fputc(',', out);
        put_number(out, sim_time_seconds(c->to));
        fprintf(out, ",%d]", c->noticed);
    }
}

static void put_marks(FILE *out, const report_examined *e) {
    for (size_t i = 0; i < e->mark_count; i++) {
        const report_alert_mark *m = &e->marks[i];
        fprintf(out, "%s[\"%s\",", i > 0 ? ",\n" : "",
                record_anomaly_word((record_anomaly)m->kind));
        put_number(out, sim_time_seconds(m->at));
        fprintf(out, ",%d,%d]", (int)m->hit, m->device);
    }
}

static void put_examined(FILE *out, const report_examined *e) {
    fprintf(out,
            ",\n\"examined\":{\"injected\":%s,\"looked\":%s,\"too_many\":%s,\"more\":%" PRIu64
            ",\"kinds\":{",
            e->truth ? "true" : "false", e->looked ? "true" : "false",
            e->too_many ? "true" : "false", e->campaigns_more);
    put_kinds(out, e);
    fputs("},\n\"campaigns\":[", out);
    put_campaigns(out, e);
    fputs("],\n\"alarms\":[", out);
    put_marks(out, e);
    fputs("]}", out);
}

/* ---- what devices did in their houses ---- */

/* A column of all bins of one model, or of the sum of all models (`m` NULL). */
static void put_local(FILE *out, const report_local *l, const report_local_model *m,
                      const char *name, size_t offset) {
    fprintf(out, ",\n\"%s\":[", name);
    for (size_t i = 0; i < l->bins; i++) {
        uint64_t n = 0;
        for (size_t k = 0; k < l->count; k++) {
            if (m != NULL && m != &l->models[k]) continue;
            n += *(const uint64_t *)((const char *)&l->models[k].bins[i] + offset);
        }
        fprintf(out, "%s%" PRIu64, i > 0 ? "," : "", n);
    }
    fputc(']', out);
}

static bool was_asked(const report_local *l, const report_local_model *m) {
    uint64_t hands = 0;
    for (size_t i = 0; i < l->bins; i++)
        hands |= m->bins[i].right | m->bins[i].late | m->bins[i].wrong | m->bins[i].unable;
    return hands != 0;
}

/* Of what only measures there are samples alone, and those in one sum. */
static void put_houses(FILE *out, const report_local *l) {
    bool first = true;
    fprintf(out, ",\n\"houses\":{\"step_s\":%" PRIu64 ",\"bins\":%zu", l->step, l->bins);
    put_local(out, l, NULL, "sensed", offsetof(report_local_bin, sensed));
    put_local(out, l, NULL, "arrived", offsetof(report_local_bin, arrived));
    put_local(out, l, NULL, "dropped", offsetof(report_local_bin, dropped));
    fputs(",\n\"models\":[", out);
    for (size_t k = 0; k < l->count; k++) {
        const report_local_model *m = &l->models[k];
        if (!was_asked(l, m)) continue;
        fprintf(out, "%s{\"model\":\"%s\"", first ? "" : ",\n", m->name);
        put_local(out, l, m, "right", offsetof(report_local_bin, right));
        put_local(out, l, m, "late", offsetof(report_local_bin, late));
        put_local(out, l, m, "wrong", offsetof(report_local_bin, wrong));
        put_local(out, l, m, "unable", offsetof(report_local_bin, unable));
        put_local(out, l, m, "without_cloud", offsetof(report_local_bin, cut));
        put_local(out, l, m, "right_without_cloud", offsetof(report_local_bin, cut_right));
        fputc('}', out);
        first = false;
    }
    fputs("]}", out);
}

int report_page_json(FILE *out, const char *label, const report_result *r) {
    const json_t *triggers = json_object_get(r->summary, "triggers");
    fputs("{\"label\":", out);
    int error = report_page_text(out, label);
    fputs(",\n", out);
    if (error == 0) error = put_summary(out, r->summary);
    fputs(",\n", out);
    put_series(out, &r->series);
    fputs(",\n\"triggers\":[", out);
    for (size_t i = 0; i < r->wave_count && error == 0; i++) {
        if (i > 0) fputs(",\n", out);
        error = put_wave(out, &r->waves[i], triggers);
    }
    fputs("]", out);
    put_examined(out, &r->examined);
    if (r->local.count > 0) put_houses(out, &r->local);
    fputs("}", out);
    return error == 0 && ferror(out) ? SIM_EIO : error;
}
