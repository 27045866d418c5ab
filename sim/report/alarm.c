/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/alarm.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/core/heap.h"
#include "sim/record/text.h"

static const char *scope_word(record_scope scope) {
    switch (scope) {
        case RECORD_SCOPE_DEVICE:
            return "device";
        case RECORD_SCOPE_COHORT:
            return "cohort";
        case RECORD_SCOPE_FLEET:
            break;
    }
    return "fleet";
}

static json_t *number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *when(sim_time t) {
    return t == SIM_NEVER ? json_null() : json_real(sim_time_seconds(t));
}

json_t *report_alert_json(const record_alert *n, const char *whom) {
    json_set_alloc_funcs(sim_malloc, sim_free);
    char *clean = record_text_utf8(whom);
    json_t *alarm = json_object();
    const struct {
        const char *key;
        json_t *value;
    } fields[] = {
        {"time_s", when(n->at)},
        {"event", json_string("alarm")},
        {"kind", json_string(record_anomaly_word((record_anomaly)n->kind))},
        {"scope", json_string(scope_word((record_scope)n->scope))},
        {"whom", clean == NULL ? NULL : json_string_nocheck(clean)},
        {"device", n->scope == RECORD_SCOPE_DEVICE ? json_integer(n->who) : json_null()},
        {"metric", json_string(record_metric_word((record_metric)n->metric))},
        {"seen", number(n->seen)},
        {"expected", number(n->expected)},
        {"score", number(round((double)n->score * 1000) / 1000)},
        {"since_s", when(n->since)},
        {"delivered_s", when(n->delivered)},
    };
    bool failed = alarm == NULL || clean == NULL;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        failed |= json_object_set_new_nocheck(alarm, fields[i].key, fields[i].value) != 0;
    sim_free(clean);
    if (!failed) return alarm;
    json_decref(alarm);
    return NULL;
}

static char *put_line(json_t *alarm, char *line, size_t size) {
    size_t used = alarm == NULL
                      ? 0
                      : json_dumpb(alarm, line, size - 1, JSON_COMPACT | JSON_REAL_PRECISION(15));
    if (used == 0 || used >= size)
        (void)snprintf(line, size, "{}");
    else
        line[used] = '\0';
    json_decref(alarm);
    return line;
}

char *report_alert_line(const record_alert *n, const char *whom, char *line, size_t size) {
    return put_line(report_alert_json(n, whom), line, size);
}

/* At most so much of a text that is somebody else's: a line has to fit. */
static json_t *part(report_part p) {
    enum { MOST = 120 };
    char copy[MOST + 1];
    size_t n = p.n < MOST ? p.n : MOST;
    memcpy(copy, p.text, n);
    copy[n] = '\0';
    char *clean = record_text_utf8(copy);
    json_t *text = clean == NULL ? NULL : json_string_nocheck(clean);
    sim_free(clean);
    return text;
}

char *report_point_line(const report_point *p, char *line, size_t size) {
    json_set_alloc_funcs(sim_malloc, sim_free);
    json_t *alarm = json_object();
    const struct {
        const char *key;
        json_t *value;
    } fields[] = {{"event", json_string("alarm")},
                  {"time", part(p->time)},
                  {"value", part(p->value)},
                  {"score", part(p->score)},
                  {"key", p->key.n > 0 ? part(p->key) : json_null()}};
    bool failed = alarm == NULL;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        failed |= json_object_set_new_nocheck(alarm, fields[i].key, fields[i].value) != 0;
    if (!failed) return put_line(alarm, line, size);
    json_decref(alarm);
    return put_line(NULL, line, size);
}
