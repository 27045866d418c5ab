/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/assess/ics_file.h"

#include <stdarg.h>
#include <string.h>

#include "sim/core/heap.h"
#include "sim/record/json_write.h"
#include "sim/record/markdown.h"
#include "sim/record/text.h"

/* of a summary that are looked at; a run of ours has no more than 32 */
enum { VERDICTS_MAX = 256 };

void assess_ics_file_deinit(assess_ics_file *s) {
    json_decref(s->root);
    *s = (assess_ics_file){0};
}

/* ---- remarks ---- */

typedef struct reader {
    assess_ics_file *s;
    assess_remark_taker *take;
    void *context;
} reader;

static void remark(const reader *r, bool warning, const char *place, const char *remedy,
                   const char *format, ...) __attribute__((format(printf, 5, 6)));

static void remark(const reader *r, bool warning, const char *place, const char *remedy,
                   const char *format, ...) {
    va_list values;
    assess_remark out = {.warning = warning, .rule = "form"};
    (void)record_text_line(place, out.place, sizeof out.place);
    (void)snprintf(out.remedy, sizeof out.remedy, "%s", remedy);
    (void)snprintf(out.why, sizeof out.why, "docs/schema/ics.schema.json has the form");
    va_start(values, format);
    (void)vsnprintf(out.what, sizeof out.what, format, values);
    va_end(values);
    r->take(r->context, &out);
}

static const char *kind_of(const json_t *value) {
    static const char *const words[] = {
        [JSON_OBJECT] = "an object", [JSON_ARRAY] = "a list",  [JSON_STRING] = "a text",
        [JSON_INTEGER] = "a number", [JSON_REAL] = "a number", [JSON_TRUE] = "true",
        [JSON_FALSE] = "false",      [JSON_NULL] = "null"};
    return value == NULL ? "missing" : words[json_typeof(value)];
}

/* ---- facts ---- */

static void take_fact(const reader *r, const char *name, const json_t *value) {
    assess_ics *s = &r->s->statement;
    int i = assess_fact_named(s->edition, name);
    if (i < 0) {
        remark(r, false, name, "leave it out, or correct its name", "%s has no such fact",
               s->edition->name);
        return;
    }
    if (json_is_object(value)) value = json_object_get(value, "value");
    if (value == NULL || json_is_null(value)) return;
    if (!json_is_boolean(value)) {
        remark(r, false, name, "say true or false", "the fact is %s", kind_of(value));
        return;
    }
    s->known |= UINT64_C(1) << i;
    if (json_is_true(value)) s->holds |= UINT64_C(1) << i;
}

/* ---- answers ---- */

static bool is_blank(const char *text) {
    return text == NULL || text[strspn(text, " \t\r\n")] == '\0';
}

static assess_support support_of(const reader *r, const char *id, const json_t *row) {
    static const struct {
        const char *word;
        assess_support support;
    } words[] = {{"Y", ASSESS_SUPPORT_YES},
                 {"N", ASSESS_SUPPORT_NO},
                 {"N/A", ASSESS_SUPPORT_NOT_APPLICABLE},
                 {"NA", ASSESS_SUPPORT_NOT_APPLICABLE},
                 {"", ASSESS_SUPPORT_OPEN}};
    const json_t *value = json_object_get(row, "support");
    if (value == NULL || json_is_null(value)) return ASSESS_SUPPORT_OPEN;
    for (size_t i = 0; i < sizeof words / sizeof *words && json_is_string(value); i++)
        if (strcmp(json_string_value(value), words[i].word) == 0) return words[i].support;
    char shown[40] = "";
    if (json_is_string(value))
        (void)record_text_line(json_string_value(value), shown, sizeof shown);
    remark(r, false, id, "say \"Y\", \"N\" or \"N/A\"", "support is %s%s%s%s", kind_of(value),
           shown[0] != '\0' ? " '" : "", shown, shown[0] != '\0' ? "'" : "");
    return ASSESS_SUPPORT_OPEN;
}

static void check_members(const reader *r, const char *id, json_t *row) {
    static const char *const known[] = {"title", "status", "testable", "support", "detail", "runs"};
    const char *name;
    json_t *value;
    char shown[40];
    json_object_foreach(row, name, value) {
        bool found = false;
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            found = found || strcmp(name, known[i]) == 0;
        if (!found)
            remark(r, false, id, "leave it out, or correct its name", "there is no member '%s'",
                   record_text_line(name, shown, sizeof shown));
    }
    value = json_object_get(row, "runs");
    if (value != NULL && !json_is_array(value))
        remark(r, false, id, "leave it out: runs are filled in", "runs is %s", kind_of(value));
}

static void check_detail(const reader *r, const char *id, const json_t *row) {
    const json_t *detail = json_object_get(row, "detail");
    if (detail != NULL && !json_is_null(detail) && !json_is_string(detail))
        remark(r, false, id, "write a text", "the detail is %s", kind_of(detail));
}

static void check_status(const reader *r, const assess_provision *p, const json_t *row) {
    const char *status = record_json_text_of(row, "status");
    if (status != NULL && strcmp(status, p->status) != 0)
        remark(r, true, p->id, "look whether the edition is the one that is meant",
               "%s has the status %s", r->s->statement.edition->name, p->status);
}

/* The row of a provision by either way to write its number, NULL: none. */
static json_t *row_of(const assess_ics_file *s, const assess_provision *p) {
    json_t *rows = json_object_get(s->root, "provisions"), *row = json_object_get(rows, p->id);
    return row != NULL || p->printed == NULL ? row : json_object_get(rows, p->printed);
}

static void take_row(const reader *r, const char *id, json_t *row) {
    assess_ics *s = &r->s->statement;
    const assess_provision *p = assess_provision_named(s->edition, id);
    if (p == NULL) {
        const assess_provision *heir = assess_provision_formerly(s->edition, id);
        remark(r, false, id,
               heir != NULL ? "see the rows that it became" : "leave it out, or correct its number",
               "%s has no such provision%s%s", s->edition->name, heir != NULL ? "; it became " : "",
               heir != NULL ? heir->id : "");
        return;
    }
    if (!json_is_object(row)) {
        remark(r, false, id, "write {\"support\": \"Y\", \"detail\": \"...\"}", "the row is %s",
               kind_of(row));
        return;
    }
    if (row_of(r->s, p) != row) {
        remark(r, false, id, "keep one of the two", "the same provision stands there as %s", p->id);
        return;
    }
    check_members(r, id, row);
    check_detail(r, id, row);
    check_status(r, p, row);
    s->answers[p - s->edition->provisions] = (assess_answer){
        support_of(r, id, row), assess_ics_says(record_json_text_of(row, "detail"))};
}

/* ---- the whole ---- */

static void check_root(const reader *r) {
    static const char *const known[] = {"$schema", "schema", "edition",
                                        "product", "facts",  "provisions"};
    const char *name;
    json_t *value;
    json_object_foreach(r->s->root, name, value) {
        bool found = false;
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            found = found || strcmp(name, known[i]) == 0;
        if (!found)
            remark(r, false, name, "leave it out, or correct its name", "there is no such member");
    }
    value = json_object_get(r->s->root, "product");
    if (value != NULL && !json_is_object(value))
        remark(r, false, "product", "write an object of texts", "it is %s", kind_of(value));
}

static int refuse(char *why, const char *name, const char *what) {
    char shown[160];
    (void)snprintf(why, RECORD_JSON_WHY_MAX, "%s: %s", record_text_line(name, shown, sizeof shown),
                   what);
    return SIM_EPARSE;
}

static const char editions_known[] = "V3.1.3 or V2.1.1";

/* The edition of the statement, or SIM_EPARSE. */
static int find_edition(assess_ics_file *s, const char *name, const assess_edition *wanted,
                        char *why) {
    const char *said = record_json_text_of(s->root, "edition");
    char what[200], shown[40] = "";
    s->statement.edition = said != NULL ? assess_edition_named(said) : NULL;
    if (s->statement.edition == NULL) {
        (void)snprintf(what, sizeof what,
                       "no edition of EN 303 645 that is known here%s%s; write \"edition\": %s",
                       said != NULL ? ": " : "",
                       said != NULL ? record_text_line(said, shown, sizeof shown) : "",
                       editions_known);
        return refuse(why, name, what);
    }
    if (wanted == NULL || wanted == s->statement.edition) return 0;
    (void)snprintf(
        what, sizeof what,
        "a statement by %s, not %s; leave out --edition, or write it anew with --template",
        s->statement.edition->name, wanted->name);
    return refuse(why, name, what);
}

int assess_ics_file_take(assess_ics_file *s, json_t *root, const char *name,
                         const assess_edition *edition, assess_remark_taker *take, void *context,
                         char *why) {
    const reader r = {s, take, context};
    const char *key;
    json_t *value;
    *s = (assess_ics_file){.root = json_incref(root)};
    const char *schema = record_json_text_of(root, "schema");
    if (schema == NULL || strcmp(schema, ASSESS_ICS_SCHEMA) != 0)
        return refuse(why, name,
                      "not a statement: \"schema\": \"" ASSESS_ICS_SCHEMA
                      "\" is missing; begin with blackstart ics --template");
    int error = find_edition(s, name, edition, why);
    if (error != 0) return error;
    json_t *facts = json_object_get(root, "facts"), *rows = json_object_get(root, "provisions");
    if (!json_is_object(facts) || !json_is_object(rows))
        return refuse(
            why, name,
            "\"facts\" and \"provisions\" must be objects; begin with blackstart ics --template");
    check_root(&r);
    json_object_foreach(facts, key, value) take_fact(&r, key, value);
    json_object_foreach(rows, key, value) take_row(&r, key, value);
    return 0;
}

/* ---- what runs have shown ---- */

static json_t *shown_entry(record_json_writer *w, const json_t *verdict, const json_t *summary,
                           const char *folder) {
    static const char *const of_verdict[] = {"unit", "verdict", "sentence"};
    static const char *const of_run[] = {"scenario", "world", "seed", "version", "repeat"};
    json_t *one = json_object();
    for (size_t i = 0; i < sizeof of_verdict / sizeof *of_verdict; i++)
        record_json_set(w, one, of_verdict[i],
                        json_deep_copy(json_object_get(verdict, of_verdict[i])));
    for (size_t i = 0; i < sizeof of_run / sizeof *of_run; i++) {
        const json_t *value = json_object_get(summary, of_run[i]);
        record_json_set(w, one, of_run[i], value != NULL ? json_deep_copy(value) : json_null());
    }
    record_json_set(w, one, "folder", record_json_string(folder));
    record_json_set(w, one, "evidence", record_json_string("evidence.json"));
    return one;
}

/* Adds `entry` (taken over) to the row's runs unless it is there. False: it was, or cannot be
 * added. */
static bool add_entry(record_json_writer *w, json_t *row, json_t *entry) {
    json_t *runs = json_object_get(row, "runs");
    if (runs == NULL) {
        record_json_set(w, row, "runs", json_array());
        runs = json_object_get(row, "runs");
    }
    for (size_t i = 0; i < json_array_size(runs); i++) {
        if (!json_equal(json_array_get(runs, i), entry)) continue;
        json_decref(entry);
        return false;
    }
    bool possible = json_is_array(runs) && w->error == 0;
    if (possible)
        record_json_append(w, runs, entry);
    else
        json_decref(entry);
    return possible && w->error == 0;
}

/* The row to fill, made when the maker has none. */
static json_t *row_to_fill(record_json_writer *w, assess_ics_file *s, const assess_provision *p) {
    json_t *row = row_of(s, p);
    if (row != NULL) return row;
    record_json_set(w, json_object_get(s->root, "provisions"), p->id, json_object());
    return row_of(s, p);
}

static void fill_one(record_json_writer *w, assess_ics_file *s, const json_t *verdict,
                     const json_t *summary, const char *folder, const assess_shown *shown,
                     assess_remark_taker *take, void *context) {
    assess_remark r;
    if (assess_ics_compare(&s->statement, shown, &r)) take(context, &r);
    const assess_provision *p = assess_provision_named(s->statement.edition, shown->provision);
    if (p == NULL) return;
    json_t *row = row_to_fill(w, s, p);
    if (!json_is_object(row)) return; /* a form error, told already */
    if (add_entry(w, row, shown_entry(w, verdict, summary, folder))) s->filled++;
}

/* What a verdict of a (hostile) summary says; false: nothing that can be used. */
static bool shown_of(const json_t *verdict, const char *folder, assess_shown *out) {
    const char *word = record_json_text_of(verdict, "verdict");
    *out = (assess_shown){.provision = record_json_text_of(verdict, "provision"),
                          .unit = record_json_text_of(verdict, "unit"),
                          .sentence = record_json_text_of(verdict, "sentence"),
                          .folder = folder};
    return word != NULL && judge_verdict_named(word, &out->verdict) && out->provision != NULL &&
           out->provision[0] != '\0' && out->unit != NULL && out->sentence != NULL &&
           out->sentence[0] != '\0';
}

int assess_ics_file_fill(assess_ics_file *s, const json_t *summary, const char *folder,
                         assess_remark_taker *take, void *context) {
    record_json_writer w = {0};
    const json_t *verdicts = json_object_get(summary, "verdicts");
    for (size_t i = 0; i < json_array_size(verdicts) && i < VERDICTS_MAX; i++) {
        const json_t *verdict = json_array_get(verdicts, i);
        assess_shown shown;
        if (shown_of(verdict, folder, &shown))
            fill_one(&w, s, verdict, summary, folder, &shown, take, context);
    }
    return w.error;
}

/* ---- writing ---- */

static json_t *empty_facts(record_json_writer *w, const assess_edition *e) {
    json_t *all = json_object();
    for (size_t i = 0; i < e->fact_count; i++) {
        json_t *one = json_object();
        record_json_set(w, one, "meaning", record_json_string(e->facts[i].meaning));
        record_json_set(w, one, "value", json_null());
        record_json_set(w, all, e->facts[i].name, one);
    }
    return all;
}

static json_t *empty_rows(record_json_writer *w, const assess_edition *e) {
    json_t *all = json_object();
    for (size_t i = 0; i < e->provision_count; i++) {
        const assess_provision *p = &e->provisions[i];
        if (p->absent) continue;
        json_t *one = json_object();
        record_json_set(w, one, "title", record_json_string(p->title));
        record_json_set(w, one, "status", record_json_string(p->status));
        record_json_set(w, one, "testable", record_json_string(assess_testable_word(p->testable)));
        record_json_set(w, one, "support", json_null());
        record_json_set(w, one, "detail", record_json_string(""));
        record_json_set(w, all, p->id, one);
    }
    return all;
}

static int print(FILE *file, const json_t *root) {
    int error = record_json_dump(file, root, false, JSON_INDENT(2));
    if (error == 0 && (fputc('\n', file) == EOF || fflush(file) != 0)) error = SIM_EIO;
    return error;
}

int assess_ics_file_template(FILE *file, const assess_edition *edition) {
    static const char *const product[] = {"maker", "name", "model", "software"};
    record_json_writer w = {0};
    json_set_alloc_funcs(sim_malloc, sim_free);
    json_t *root = json_object(), *about = json_object();
    for (size_t i = 0; i < sizeof product / sizeof *product; i++)
        record_json_set(&w, about, product[i], record_json_string(""));
    record_json_set(&w, root, "schema", record_json_string(ASSESS_ICS_SCHEMA));
    record_json_set(&w, root, "edition", record_json_string(edition->name));
    record_json_set(&w, root, "product", about);
    record_json_set(&w, root, "facts", empty_facts(&w, edition));
    record_json_set(&w, root, "provisions", empty_rows(&w, edition));
    if (w.error == 0) w.error = print(file, root);
    json_decref(root);
    return w.error;
}

int assess_ics_file_write(FILE *file, const assess_ics_file *s) {
    return print(file, s->root);
}

static void write_runs(FILE *file, const json_t *runs) {
    for (size_t i = 0; i < json_array_size(runs); i++) {
        const json_t *one = json_array_get(runs, i);
        if (i > 0) fputs("; ", file);
        record_markdown(file, record_json_text_of(one, "unit"));
        fputc(' ', file);
        record_markdown(file, record_json_text_of(one, "verdict"));
        fputs(" (", file);
        record_markdown(file, record_json_text_of(one, "folder"));
        fputs(")", file);
    }
}

static void write_product(FILE *file, json_t *product) {
    const char *name;
    json_t *value;
    json_object_foreach(product, name, value) {
        if (!json_is_string(value) || is_blank(json_string_value(value))) continue;
        fputs("- ", file);
        record_markdown(file, name);
        fputs(": ", file);
        record_markdown(file, json_string_value(value));
        fputc('\n', file);
    }
}

int assess_ics_file_markdown(FILE *file, const assess_ics_file *s) {
    const assess_edition *e = s->statement.edition;
    fprintf(file, "# Implementation conformance statement, EN 303 645 %s (%s), Table B.1\n\n",
            e->name, e->year);
    write_product(file, json_object_get(s->root, "product"));
    fputs(
        "\nTitles are this program's own words. Runs are evidence for an assessment and not its "
        "result.\n\n"
        "| provision | title | status | support | detail | runs |\n| --- | --- | --- | --- | --- | "
        "--- |\n",
        file);
    for (size_t i = 0; i < e->provision_count; i++) {
        const assess_provision *p = &e->provisions[i];
        const json_t *row = row_of(s, p);
        if (p->absent && row == NULL) continue;
        fprintf(file, "| %s | %s | %s | %s | ", p->id, p->title, p->status,
                assess_support_word(s->statement.answers[i].support));
        record_markdown(file, record_json_text_of(row, "detail"));
        fputs(" | ", file);
        write_runs(file, json_object_get(row, "runs"));
        fputs(" |\n", file);
    }
    return fflush(file) == 0 && !ferror(file) ? 0 : SIM_EIO;
}
