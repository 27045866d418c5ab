/* SPDX-License-Identifier: GPL-3.0-or-later */
/* evidence.md: the evidence as a person reads it. Everything foreign goes through record_markdown.
 */
#include <string.h>

#include "sim/assess/evidence.h"
#include "sim/judge/words.h"
#include "sim/record/json_read.h"
#include "sim/record/markdown.h"

static void say(FILE *f, const char *plain, const char *foreign, const char *after) {
    fputs(plain, f);
    record_markdown(f, foreign != NULL ? foreign : "-");
    fputs(after, f);
}

/* A line of a list of facts; nothing when there is no text. */
static void fact(FILE *f, const char *name, const json_t *object, const char *key) {
    const char *value = record_json_text_of(object, key);
    if (value == NULL || value[0] == '\0') return;
    fprintf(f, "- %s: ", name);
    record_markdown(f, value);
    fputc('\n', f);
}

static void whole_number(FILE *f, const char *name, const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    if (json_is_integer(value))
        fprintf(f, "- %s: %" JSON_INTEGER_FORMAT "\n", name, json_integer_value(value));
}

static void write_run(FILE *f, const json_t *run) {
    fact(f, "scenario", run, "scenario");
    fact(f, "program", run, "version");
    fact(f, "world", run, "world");
    fact(f, "target", run, "target");
    whole_number(f, "seed", run, "seed");
    whole_number(f, "devices", run, "devices");
    fact(f, "to repeat it", run, "repeat");
    fact(f, "fingerprint", run, "fingerprint");
    fact(f, "error", run, "error");
    if (json_is_true(json_object_get(run, "interrupted")))
        fputs("- interrupted before its end\n", f);
}

static void write_number(FILE *f, double value, double beside, const char *unit) {
    char word[JUDGE_WORD_MAX];
    judge_words_beside(value, beside, word, sizeof word);
    fputs(word, f);
    if (unit != NULL && unit[0] != '\0') say(f, " ", unit, "");
}

static void write_measure(FILE *f, const json_t *m) {
    const char *relation = record_json_text_of(m, "relation");
    bool decides = relation != NULL && strcmp(relation, "none") != 0;
    double value = record_json_number(m, "value"), threshold = record_json_number(m, "threshold");
    say(f, "| ", record_json_text_of(m, "name"), " | ");
    write_number(f, value, threshold, record_json_text_of(m, "unit"));
    fputs(" | ", f);
    if (decides) {
        say(f, "", relation, " ");
        write_number(f, threshold, value, NULL);
    } else {
        fputs("for information", f);
    }
    fprintf(f, " | %s |\n",
            !decides                                    ? ""
            : json_is_null(json_object_get(m, "holds")) ? "cannot be told"
            : json_is_true(json_object_get(m, "holds")) ? "yes"
                                                        : "**no**");
}

static void write_measures(FILE *f, const json_t *all) {
    if (json_array_size(all) == 0) return;
    fputs(
        "\nObserved (thresholds are policy of this project, not of the standard):\n\n"
        "| measure | value | wanted | holds |\n| --- | --- | --- | --- |\n",
        f);
    for (size_t i = 0; i < json_array_size(all); i++) write_measure(f, json_array_get(all, i));
}

static void write_stimuli(FILE *f, const json_t *all) {
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *one = json_array_get(all, i), *devices = json_object_get(one, "devices");
        say(f, "\n- trigger: ", record_json_text_of(one, "trigger"), "");
        if (json_is_integer(devices))
            fprintf(f, ", which struck %" JSON_INTEGER_FORMAT " devices that were online",
                    json_integer_value(devices));
    }
    if (json_array_size(all) > 0) fputc('\n', f);
}

static void write_unit(FILE *f, const json_t *u) {
    say(f, "\n#### Unit ", record_json_text_of(u, "unit"), ": ");
    say(f, "", record_json_text_of(u, "verdict"), "\n\n");
    say(f, "", record_json_text_of(u, "sentence"), "\n\n");
    say(f, "Done: ", record_json_text_of(u, "done"), "\n");
    write_stimuli(f, json_object_get(u, "stimuli"));
    write_measures(f, json_object_get(u, "measures"));
    const json_t *files = json_object_get(u, "evidence");
    fputs("\nEvidence:\n\n", f);
    for (size_t i = 0; i < json_array_size(files); i++) {
        say(f, "- ", record_json_text_of(json_array_get(files, i), "file"), ": ");
        say(f, "", record_json_text_of(json_array_get(files, i), "what"), "\n");
    }
}

/* "Not judged: 5.9-3-1 a, 5.9-3-1 b." */
static void write_missing(FILE *f, const json_t *names) {
    if (json_array_size(names) == 0) return;
    fputs("\nNot judged by this run: ", f);
    for (size_t i = 0; i < json_array_size(names); i++)
        say(f, i > 0 ? ", " : "", json_string_value(json_array_get(names, i)), "");
    fputs(".\n", f);
}

static void write_case(FILE *f, const json_t *c) {
    const json_t *units = json_object_get(c, "units");
    if (record_json_text_of(c, "case") != NULL)
        say(f, "\n### Test case ", record_json_text_of(c, "case"), " (");
    else
        fputs("\n### Checks of our own (", f);
    say(f, "", record_json_text_of(c, "kind"), "): ");
    say(f, "", record_json_text_of(c, "verdict"), "\n");
    if (record_json_text_of(c, "purpose") != NULL)
        say(f, "\nIn our words: ", record_json_text_of(c, "purpose"), ".\n");
    if (record_json_text_of(c, "ixit") != NULL)
        say(f, "\nIXIT: ", record_json_text_of(c, "ixit"), "\n");
    for (size_t i = 0; i < json_array_size(units); i++) write_unit(f, json_array_get(units, i));
    write_missing(f, json_object_get(c, "not_judged"));
}

static void write_references(FILE *f, const json_t *all) {
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *one = json_array_get(all, i);
        say(f, "\nFor information, and no verdict by it: ", record_json_text_of(one, "act"), ", ");
        say(f, "", record_json_text_of(one, "clause"), ", in our words: ");
        say(f, "", record_json_text_of(one, "about"), ".\n");
    }
}

static void write_group(FILE *f, const json_t *g) {
    const json_t *cases = json_object_get(g, "cases");
    say(f, "\n## Test group ", record_json_text_of(g, "provision"), ": ");
    say(f, "", record_json_text_of(g, "verdict"), "\n\n");
    say(f, "Status ", record_json_text_of(g, "status"), ". In our words: ");
    say(f, "", record_json_text_of(g, "title"), ".\n");
    write_references(f, json_object_get(g, "see_also"));
    for (size_t i = 0; i < json_array_size(cases); i++) write_case(f, json_array_get(cases, i));
    write_missing(f, json_object_get(g, "not_judged"));
}

static void write_groups(FILE *f, const json_t *all) {
    if (json_array_size(all) == 0) fputs("\nThis run judged no unit of TS 103 701.\n", f);
    for (size_t i = 0; i < json_array_size(all); i++) write_group(f, json_array_get(all, i));
}

static void write_entry(FILE *f, json_t *entry) {
    const char *name;
    json_t *value;
    bool first = true;
    json_object_foreach(entry, name, value) {
        fputs(first ? "\n- " : "\n  ", f);
        say(f, "", name, ": ");
        record_markdown(f, json_is_string(value) ? json_string_value(value) : "not declared");
        fputs("  ", f); /* a line break */
        first = false;
    }
    fputc('\n', f);
}

static void write_ixit(FILE *f, json_t *ixit) {
    const char *table;
    json_t *all;
    json_object_foreach(ixit, table, all) {
        say(f, "\n### IXIT ", table, "\n");
        if (json_array_size(all) == 0) fputs("\nNothing was declared.\n", f);
        for (size_t i = 0; i < json_array_size(all); i++) write_entry(f, json_array_get(all, i));
    }
}

static void write_list(FILE *f, const json_t *lines) {
    for (size_t i = 0; i < json_array_size(lines); i++)
        say(f, "- ", json_string_value(json_array_get(lines, i)), "\n");
}

int assess_evidence_markdown(FILE *f, const json_t *evidence) {
    const json_t *run = json_object_get(evidence, "run"),
                 *edition = json_object_get(evidence, "edition"),
                 *others = json_object_get(evidence, "other_checks");
    say(f, "# Evidence: ", record_json_text_of(run, "title"), "\n\n");
    say(f, "EN 303 645 ", record_json_text_of(edition, "en_303_645"), ", ");
    say(f, "TS 103 701 ", record_json_text_of(edition, "ts_103_701"), ".\n\n");
    write_run(f, run);
    write_groups(f, json_object_get(evidence, "groups"));
    if (json_array_size(others) > 0) fputs("\n## Other checks\n\n", f);
    for (size_t i = 0; i < json_array_size(others); i++) {
        say(f, "- ", record_json_text_of(json_array_get(others, i), "unit"), ": ");
        say(f, "", record_json_text_of(json_array_get(others, i), "verdict"), ". ");
        say(f, "", record_json_text_of(json_array_get(others, i), "sentence"), "\n");
    }
    fputs("\n## Declarations\n", f);
    write_ixit(f, json_object_get(evidence, "ixit"));
    fputs("\n## What this does not prove\n\n", f);
    write_list(f, json_object_get(evidence, "limits"));
    return fflush(f) == 0 && !ferror(f) ? 0 : SIM_EIO;
}
