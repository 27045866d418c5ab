/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/assess/evidence.h"

#include <string.h>

#include "sim/core/heap.h"
#include "sim/judge/finding.h"
#include "sim/record/json_read.h"
#include "sim/record/json_write.h"

static const char policy[] = "policy of this project (docs/verdicts.md), not of the standard";

enum { VERDICTS_MAX = 256 }; /* of a summary; a run of ours has no more than 32 */

typedef struct maker {
    record_json_writer w;
    const assess_edition *edition;
    const json_t *summary;
} maker;

/* A copy of a member, null when there is none. */
static void copy(maker *m, json_t *into, const json_t *from, const char *key) {
    json_t *value = json_object_get(from, key);
    record_json_set(&m->w, into, key, value != NULL ? json_deep_copy(value) : json_null());
}

/* ---- verdicts: what may be used of them ---- */

static bool is_verdict(const json_t *v) {
    judge_verdict verdict;
    return judge_verdict_named(record_json_text(v, "verdict"), &verdict) &&
           record_json_text_of(v, "unit") != NULL && record_json_text_of(v, "provision") != NULL &&
           record_json_text_of(v, "sentence") != NULL;
}

static const json_t *verdict_at(const maker *m, size_t i) {
    const json_t *v = json_array_get(json_object_get(m->summary, "verdicts"), i);
    return is_verdict(v) ? v : NULL;
}

static size_t verdict_count(const maker *m) {
    size_t there = json_array_size(json_object_get(m->summary, "verdicts"));
    return there < VERDICTS_MAX ? there : VERDICTS_MAX;
}

/* Of one that may be used. */
static judge_verdict verdict_of(const json_t *v) {
    judge_verdict verdict = JUDGE_INCONCLUSIVE;
    (void)judge_verdict_named(record_json_text(v, "verdict"), &verdict);
    return verdict;
}

/* ---- a unit ---- */

static json_t *measures(maker *m, const json_t *verdict) {
    json_t *all = json_array(), *from = json_object_get(verdict, "measures");
    for (size_t i = 0; i < json_array_size(from); i++) {
        const json_t *measure = json_array_get(from, i);
        const char *relation = record_json_text_of(measure, "relation");
        bool decides = relation != NULL && strcmp(relation, "none") != 0;
        json_t *one = json_deep_copy(measure);
        if (json_is_object(one))
            record_json_set(&m->w, one, "threshold_from",
                            record_json_string(decides ? policy : NULL));
        record_json_append(&m->w, all, one);
    }
    return all;
}

/* What was done to the fleet: each trigger with how many devices it struck; the first one is the
 * start of the run. */
static json_t *stimuli(maker *m) {
    json_t *all = json_array(), *names = json_object_get(m->summary, "triggers"),
           *struck = json_object_get(m->summary, "trigger_devices");
    for (size_t i = 1; i < json_array_size(names); i++) {
        json_t *one = json_object(), *devices = json_array_get(struck, i);
        record_json_set(&m->w, one, "trigger",
                        record_json_string(json_string_value(json_array_get(names, i))));
        record_json_set(&m->w, one, "devices",
                        devices != NULL ? json_deep_copy(devices) : json_null());
        record_json_append(&m->w, all, one);
    }
    return all;
}

static json_t *file(maker *m, const char *name, const char *what) {
    json_t *one = json_object();
    record_json_set(&m->w, one, "file", record_json_string(name));
    record_json_set(&m->w, one, "what", record_json_string(what));
    return one;
}

static json_t *files(maker *m, bool functional) {
    json_t *all = json_array();
    record_json_append(
        &m->w, all,
        file(m, "summary.json", "verdict with its measures; declarations; parameters and seed"));
    if (!functional) return all;
    record_json_append(&m->w, all,
                       file(m, "attempts.csv",
                            "every attempt to connect, with its time, as the cloud's edge saw it"));
    record_json_append(
        &m->w, all,
        file(m, "series.csv",
             "the run second by second: devices online, attempts, what was turned away"));
    return all;
}

static json_t *unit(maker *m, const json_t *verdict, bool functional) {
    json_t *one = json_object();
    copy(m, one, verdict, "unit");
    copy(m, one, verdict, "verdict");
    copy(m, one, verdict, "sentence");
    if (json_object_get(verdict, "defects") != NULL) copy(m, one, verdict, "defects");
    record_json_set(
        &m->w, one, "done",
        record_json_string(
            functional ? "The drill did to the fleet what is listed under stimuli; the cloud's "
                         "edge was watched."
                       : "The declaration was examined; nothing was done to a device for it."));
    record_json_set(&m->w, one, "stimuli", functional ? stimuli(m) : json_array());
    record_json_set(&m->w, one, "measures", measures(m, verdict));
    record_json_set(&m->w, one, "evidence", files(m, functional));
    return one;
}

/* ---- a case ---- */

static bool same_case(const maker *m, const json_t *v, const char *provision,
                      const assess_test_case *c) {
    return strcmp(record_json_text_of(v, "provision"), provision) == 0 &&
           assess_case_of_unit(m->edition, record_json_text_of(v, "unit")) == c;
}

/* Units of the case that no verdict names. */
static json_t *missing_units(maker *m, const char *provision, const assess_test_case *c) {
    json_t *all = json_array();
    for (const char *letter = c->units; *letter != '\0'; letter++) {
        char name[32];
        bool judged = false;
        (void)snprintf(name, sizeof name, "%s %c", c->id, *letter);
        for (size_t i = 0; i < verdict_count(m); i++) {
            const json_t *v = verdict_at(m, i);
            judged = judged ||
                     (v != NULL && strcmp(record_json_text_of(v, "provision"), provision) == 0 &&
                      strcmp(record_json_text_of(v, "unit"), name) == 0);
        }
        if (!judged) record_json_append(&m->w, all, record_json_string(name));
    }
    return all;
}

/* The case with what was judged of it, `c` NULL: checks of our own, beyond TS 103 701. NULL when
 * nothing was. `worst` takes its verdict in. */
static json_t *test_case(maker *m, const char *provision, const assess_test_case *c,
                         judge_verdict *worst) {
    json_t *units = json_array(), *one = json_object();
    judge_verdict verdict = JUDGE_PASS;
    for (size_t i = 0; i < verdict_count(m); i++) {
        const json_t *v = verdict_at(m, i);
        if (v == NULL || !same_case(m, v, provision, c)) continue;
        record_json_append(&m->w, units, unit(m, v, c == NULL || c->functional));
        verdict = judge_verdict_worse(verdict, verdict_of(v));
    }
    if (json_array_size(units) == 0) {
        json_decref(units);
        json_decref(one);
        return NULL;
    }
    json_t *missing = c != NULL ? missing_units(m, provision, c) : json_array();
    if (json_array_size(missing) > 0) verdict = judge_verdict_worse(verdict, JUDGE_INCONCLUSIVE);
    record_json_set(&m->w, one, "case", record_json_string(c != NULL ? c->id : NULL));
    record_json_set(&m->w, one, "kind",
                    record_json_string(c == NULL       ? "beyond TS 103 701"
                                       : c->functional ? "functional"
                                                       : "conceptual"));
    record_json_set(&m->w, one, "purpose", record_json_string(c != NULL ? c->purpose : NULL));
    record_json_set(&m->w, one, "ixit",
                    record_json_string(c != NULL ? assess_case_ixit(m->edition, c) : NULL));
    record_json_set(&m->w, one, "verdict", record_json_string(judge_verdict_word(verdict)));
    record_json_set(&m->w, one, "units", units);
    record_json_set(&m->w, one, "not_judged", missing);
    if (c != NULL) *worst = judge_verdict_worse(*worst, verdict);
    return one;
}

/* ---- a group ---- */

static void add_cases(maker *m, const char *provision, json_t *cases, json_t *missing,
                      judge_verdict *worst) {
    for (size_t i = 0; i < m->edition->case_count; i++) {
        const assess_test_case *c = &m->edition->cases[i];
        if (strcmp(c->provision, provision) != 0) continue;
        json_t *one = test_case(m, provision, c, worst);
        record_json_append(&m->w, one != NULL ? cases : missing,
                           one != NULL ? one : record_json_string(c->id));
    }
    json_t *beyond = test_case(m, provision, NULL, worst);
    if (beyond != NULL) record_json_append(&m->w, cases, beyond);
}

/* Where other rule books ask for something of the kind. */
static json_t *see_also(maker *m, const char *provision) {
    json_t *all = json_array();
    for (size_t i = 0; i < ASSESS_REFERENCES; i++) {
        const assess_reference *r = &assess_references[i];
        if (strcmp(r->provision, provision) != 0) continue;
        json_t *one = json_object();
        record_json_set(&m->w, one, "act", record_json_string(r->act));
        record_json_set(&m->w, one, "clause", record_json_string(r->clause));
        record_json_set(&m->w, one, "about", record_json_string(r->about));
        record_json_append(&m->w, all, one);
    }
    return all;
}

static json_t *group(maker *m, const char *provision) {
    const assess_provision *p = assess_provision_named(m->edition, provision);
    json_t *one = json_object(), *cases = json_array(), *missing = json_array();
    judge_verdict worst = JUDGE_PASS;
    add_cases(m, provision, cases, missing, &worst);
    if (json_array_size(missing) > 0 || p == NULL)
        worst = judge_verdict_worse(worst, JUDGE_INCONCLUSIVE);
    record_json_set(&m->w, one, "provision", record_json_string(provision));
    record_json_set(&m->w, one, "status", record_json_string(p != NULL ? p->status : NULL));
    record_json_set(&m->w, one, "recommendation",
                    p != NULL ? json_boolean(p->level == ASSESS_RECOMMENDED) : json_null());
    record_json_set(&m->w, one, "title", record_json_string(p != NULL ? p->title : NULL));
    record_json_set(&m->w, one, "verdict", record_json_string(judge_verdict_word(worst)));
    record_json_set(&m->w, one, "see_also", see_also(m, provision));
    record_json_set(&m->w, one, "cases", cases);
    record_json_set(&m->w, one, "not_judged", missing);
    return one;
}

static bool named_before(const maker *m, const char *provision, size_t index) {
    for (size_t i = 0; i < index; i++) {
        const json_t *v = verdict_at(m, i);
        if (v != NULL && strcmp(record_json_text_of(v, "provision"), provision) == 0) return true;
    }
    return false;
}

static json_t *groups(maker *m) {
    json_t *all = json_array();
    for (size_t i = 0; i < verdict_count(m); i++) {
        const json_t *v = verdict_at(m, i);
        const char *provision = v != NULL ? record_json_text_of(v, "provision") : "";
        if (provision[0] != '\0' && !named_before(m, provision, i))
            record_json_append(&m->w, all, group(m, provision));
    }
    return all;
}

static json_t *other_checks(maker *m) {
    json_t *all = json_array();
    for (size_t i = 0; i < verdict_count(m); i++) {
        const json_t *v = verdict_at(m, i);
        if (v == NULL || record_json_text_of(v, "provision")[0] != '\0') continue;
        json_t *one = json_object();
        copy(m, one, v, "unit");
        copy(m, one, v, "verdict");
        copy(m, one, v, "sentence");
        record_json_append(&m->w, all, one);
    }
    return all;
}

/* ---- IXIT ---- */

static const char declared[] = "declared in the scenario";
static const char derived[] =
    "derived from the declared back-off law; the scenario declares no entry";

/* How the members of our declarations are called in an IXIT table. */
typedef struct ixit_field {
    const char *name, *member;
} ixit_field;

static json_t *entry(maker *m, const json_t *from, const ixit_field *fields) {
    json_t *one = json_object();
    for (; fields->name != NULL; fields++) {
        const char *value = record_json_text_of(from, fields->member);
        record_json_set(&m->w, one, fields->name, record_json_string(value));
    }
    record_json_set(&m->w, one, "origin", record_json_string(declared));
    return one;
}

static json_t *entries(maker *m, const char *list, const ixit_field *fields) {
    json_t *all = json_array(),
           *from = json_object_get(json_object_get(m->summary, "declarations"), list);
    for (size_t i = 0; i < json_array_size(from); i++)
        record_json_append(&m->w, all, entry(m, json_array_get(from, i), fields));
    return all;
}

static const char *law_of(const maker *m) {
    return record_json_text_of(json_object_get(m->summary, "declarations"), "law");
}

static json_t *resilience(maker *m) {
    static const ixit_field fields[] = {{"ID", "id"},
                                        {"Description", "description"},
                                        {"Type", "type"},
                                        {"Security Guarantees", "guarantees"},
                                        {NULL, NULL}};
    json_t *all = entries(m, "resilience", fields);
    if (json_array_size(all) > 0 || law_of(m) == NULL) return all;
    json_t *one = json_object();
    record_json_set(&m->w, one, "ID", record_json_string("ResMech-1"));
    record_json_set(&m->w, one, "Description", record_json_string(law_of(m)));
    record_json_set(&m->w, one, "Type", record_json_string("network connectivity"));
    record_json_set(&m->w, one, "Security Guarantees", json_null());
    record_json_set(&m->w, one, "origin", record_json_string(derived));
    record_json_append(&m->w, all, one);
    return all;
}

/* "CoAP, DTLS", cut to fit. */
static void name_protocols(const maker *m, char *out, size_t size) {
    const json_t *names = json_object_get(json_object_get(m->summary, "declarations"), "protocols");
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < json_array_size(names) && used < size; i++) {
        const char *name = json_string_value(json_array_get(names, i));
        int n = name == NULL
                    ? 0
                    : snprintf(out + used, size - used, "%s%s", used > 0 ? ", " : "", name);
        used += n > 0 ? (size_t)n : 0;
    }
}

static json_t *interfaces(maker *m) {
    static const ixit_field fields[] = {{"ID", "id"},
                                        {"Description", "description"},
                                        {"Resilience Measures", "resilience_measures"},
                                        {NULL, NULL}};
    char protocols[120];
    json_t *all = entries(m, "interfaces", fields);
    if (json_array_size(all) > 0 || law_of(m) == NULL) return all;
    name_protocols(m, protocols, sizeof protocols);
    json_t *one = json_object();
    record_json_set(&m->w, one, "ID", record_json_string("Cloud"));
    record_json_set(&m->w, one, "Description", record_json_string(protocols));
    record_json_set(&m->w, one, "Resilience Measures", record_json_string(law_of(m)));
    record_json_set(&m->w, one, "origin", record_json_string(derived));
    record_json_append(&m->w, all, one);
    return all;
}

/* The kinds that it looks for are a part of the field "Security Examination". */
static void add_kinds(maker *m, json_t *one, const json_t *kinds) {
    enum { MOST = 1024 };
    char words[MOST];
    const char *said = record_json_text_of(one, "Security Examination");
    int used =
        snprintf(words, sizeof words, "%s%s", said == NULL ? "" : said, said == NULL ? "" : ". ");
    for (size_t i = 0; i < json_array_size(kinds) && used >= 0 && used < MOST; i++) {
        const char *kind = json_string_value(json_array_get(kinds, i));
        used += snprintf(words + used, MOST - (size_t)used, "%s%s", i == 0 ? "Looks for: " : ", ",
                         kind == NULL ? "?" : kind);
    }
    if (json_array_size(kinds) > 0)
        record_json_set(&m->w, one, "Security Examination", record_json_string(words));
}

static json_t *telemetry(maker *m) {
    static const ixit_field fields[] = {{"ID", "id"},
                                        {"Description", "description"},
                                        {"Purpose", "purpose"},
                                        {"Security Examination", "security_examination"},
                                        {"Personal Data", "personal_data"},
                                        {NULL, NULL}};
    json_t *all = entries(m, "telemetry", fields);
    const json_t *from = json_object_get(json_object_get(m->summary, "declarations"), "telemetry");
    for (size_t i = 0; i < json_array_size(all); i++)
        add_kinds(m, json_array_get(all, i), json_object_get(json_array_get(from, i), "looks_for"));
    return all;
}

static json_t *ixit(maker *m) {
    json_t *one = json_object();
    record_json_set(&m->w, one, "23-ResMech", resilience(m));
    record_json_set(&m->w, one, m->edition->interfaces, interfaces(m));
    record_json_set(&m->w, one, "24-TelData", telemetry(m));
    return one;
}

/* ---- limits ---- */

static bool only_conceptual(const assess_edition *e, const char *provision) {
    size_t known = 0;
    for (size_t i = 0; i < e->case_count; i++) {
        if (strcmp(e->cases[i].provision, provision) != 0) continue;
        if (e->cases[i].functional) return false;
        known++;
    }
    return known > 0;
}

static void add_limits_of(maker *m, const json_t *one, json_t *all) {
    char line[240];
    const char *provision = record_json_text_of(one, "provision");
    if (provision == NULL) return;
    if (json_is_true(json_object_get(one, "recommendation"))) {
        (void)snprintf(line, sizeof line,
                       "%.20s is a recommendation: a FAIL says that it is not followed here. By %s "
                       "the reasons "
                       "are then to be recorded.",
                       provision, m->edition->reporting);
        record_json_append(&m->w, all, record_json_string(line));
    }
    if (json_is_null(json_object_get(one, "status"))) {
        (void)snprintf(line, sizeof line, "EN 303 645 %s has no provision %.20s.", m->edition->name,
                       provision);
        record_json_append(&m->w, all, record_json_string(line));
    }
    if (only_conceptual(m->edition, provision)) {
        (void)snprintf(line, sizeof line,
                       "TS 103 701 has no functional test case for %.20s: anomalies that were "
                       "injected and found, or "
                       "not, go beyond it.",
                       provision);
        record_json_append(&m->w, all, record_json_string(line));
    }
}

static json_t *limits(maker *m, const json_t *all_groups) {
    json_t *all = json_array();
    const char *world = record_json_text_of(m->summary, "world");
    bool is_virtual = world != NULL && strcmp(world, "virtual") == 0;
    record_json_append(
        &m->w, all,
        record_json_string(
            is_virtual ? "The devices and the cloud are models: this says nothing about a "
                         "product. It shows what "
                         "a fleet would do that behaves as declared."
                       : "This tells of what was seen from the network at the time, of these "
                         "devices and this "
                         "server; it says nothing about others of their kind."));
    record_json_append(
        &m->w, all,
        record_json_string(
            "The standard sets no figures for these provisions. Every threshold is policy of this "
            "project and is "
            "printed with its measure."));
    for (size_t i = 0; i < json_array_size(all_groups); i++)
        add_limits_of(m, json_array_get(all_groups, i), all);
    record_json_append(&m->w, all, record_json_string(m->edition->source));
    record_json_append(
        &m->w, all,
        record_json_string("This is evidence for an assessment and not its result: that is a test "
                           "laboratory's to give."));
    return all;
}

/* ---- the whole ---- */

static json_t *about_run(maker *m) {
    static const char *const members[] = {"scenario",   "title",      "version",     "world",
                                          "target",     "repeat",     "seed",        "homes",
                                          "devices",    "duration_s", "interrupted", "error",
                                          "parameters", "story",      "fingerprint"};
    json_t *one = json_object();
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        copy(m, one, m->summary, members[i]);
    return one;
}

static json_t *about_edition(maker *m) {
    json_t *one = json_object();
    record_json_set(&m->w, one, "en_303_645", record_json_string(m->edition->name));
    record_json_set(&m->w, one, "ts_103_701", record_json_string(m->edition->specification));
    return one;
}

int assess_evidence(const assess_edition *edition, const json_t *summary, json_t **out) {
    maker m = {.edition = edition, .summary = summary};
    json_set_alloc_funcs(sim_malloc, sim_free);
    json_t *root = json_object(), *all_groups = groups(&m);
    json_t *all_limits = limits(&m, all_groups);
    record_json_set(&m.w, root, "schema", record_json_string(ASSESS_EVIDENCE_SCHEMA));
    record_json_set(&m.w, root, "edition", about_edition(&m));
    record_json_set(&m.w, root, "run", about_run(&m));
    record_json_set(&m.w, root, "groups", all_groups);
    record_json_set(&m.w, root, "other_checks", other_checks(&m));
    record_json_set(&m.w, root, "ixit", ixit(&m));
    record_json_set(&m.w, root, "limits", all_limits);
    *out = m.w.error == 0 ? root : NULL;
    if (m.w.error != 0) json_decref(root);
    return m.w.error;
}

int assess_evidence_json(FILE *out, const json_t *evidence) {
    int error = record_json_dump(out, evidence, false, JSON_INDENT(2));
    if (error == 0 && fputc('\n', out) == EOF) error = SIM_EIO;
    return error;
}
