/* SPDX-License-Identifier: GPL-3.0-or-later */
/* blackstart-scenario(7): the words of the language from lua/language.h; laws, links, faults,
 * checks and models from their own rows. */
#include <string.h>

#include "devices/law.h"
#include "devices/model.h"
#include "devices/presets.h"
#include "lua/language.h"
#include "net/hop_kind.h"
#include "sim/cli/init_files.h"
#include "sim/cli/manual.h"
#include "sim/fleet/fault.h"
#include "sim/judge/check.h"

enum { TERM_MAX = 200, SENTENCE_MAX = 1200 };

static void section(const char *title, FILE *out) {
    fprintf(out, ".SH \"%s\"\n", title);
}

static void subsection(const char *title, FILE *out) {
    fputs(".SS ", out);
    cli_manual_text(title, out);
}

/* ---- fields ---- */

static void put_field(const sim_field *f, const char *name, FILE *out) {
    char wanted[512], text[SENTENCE_MAX];
    const char *help = f->help == NULL ? "" : f->help;
    bool later = f->kind == SIM_FIELD_LATER;
    snprintf(text, sizeof text, "%s%s%s%s",
             later ? "" : sim_field_wanted(f, false, wanted, sizeof wanted),
             later || *help == '\0' ? "" : "; ", help, f->required ? " (needed)" : "");
    cli_manual_term(name, NULL, text, out);
}

/* A little to the right of the term that they belong to. */
static void put_fields(const sim_field *fields, FILE *out) {
    if (fields == NULL || fields->name == NULL) return;
    fputs(".RS\n", out);
    for (const sim_field *f = fields; f->name != NULL; f++) put_field(f, f->name, out);
    fputs(".RE\n", out);
}

/* Each kind of value, as it is written. */
static void put_values(FILE *out) {
    section("VALUES", out);
    for (int kind = 0; kind < SIM_FIELD_KINDS_COUNT; kind++) {
        static const struct {
            const char *word, *example;
        } kinds[] = {
#define FIELD_WORDS(name, word, type, wanted, example) {wanted, example},
            SIM_FIELD_MAP(FIELD_WORDS)
#undef FIELD_WORDS
        };
        if (*kinds[kind].example == '\0' || kind == SIM_FIELD_COUNT32 || kind == SIM_FIELD_SPAN)
            continue;
        cli_manual_term(kinds[kind].word, NULL, kinds[kind].example + strlen(", "), out);
    }
    fputs(".PP\n", out);
    cli_manual_text(
        "A bare number is no duration, because its unit would be anybody's guess; only 0 needs "
        "none. Durations can be added, subtracted, compared, and multiplied or divided by numbers.",
        out);
}

/* ---- words ---- */

/* Types as the annotations call them, without what is before all of them. */
static void without_prefix(const char *takes, char *text, size_t size) {
    static const char prefix[] = "blackstart.";
    size_t used = 0;
    for (const char *at = takes; *at != '\0' && used + 1 < size; used++) {
        if (strncmp(at, prefix, strlen(prefix)) == 0) at += strlen(prefix);
        text[used] = *at++;
    }
    text[used] = '\0';
}

/* "cloud { ... }" of a word that takes one table, "wait_online(share, limit)" of another. */
static void put_word(const script_word *w, FILE *out) {
    char term[TERM_MAX] = "", takes[SENTENCE_MAX / 2] = "", text[SENTENCE_MAX];
    FILE *names = fmemopen(term, sizeof term, "w");
    if (names == NULL) return;
    bool table = strncmp(w->takes, "fields", strlen("fields")) == 0;
    fputs(w->name, names);
    fputs(table ? " { ... }" : "(", names);
    if (!table) script_word_names(w, names);
    if (!table) fputc(')', names);
    fclose(names);
    bool spelt_out = strchr(w->takes, '{') != NULL;
    if (spelt_out) without_prefix(w->takes, takes, sizeof takes);
    snprintf(text, sizeof text, "%s%s%s", w->help, spelt_out ? " It takes " : "", takes);
    cli_manual_term(term, NULL, text, out);
}

static void put_words(const char *title, const script_word *words, FILE *out) {
    section(title, out);
    for (const script_word *w = words; w->name != NULL; w++) put_word(w, out);
}

static void put_tables(FILE *out) {
    section("TABLES", out);
    cli_manual_text("What stands between braces, and what it is unless it is said.", out);
    for (const script_table *table = script_tables; table->name != NULL; table++) {
        subsection(table->name, out);
        if (table->like != NULL) {
            fputs("The fields of \\fB", out);
            fprintf(out, "%s\\fR that it shares, and\n", table->like);
        }
        for (const sim_field *f = table->fields; f->name != NULL; f++) put_field(f, f->name, out);
    }
}

static void put_hops(FILE *out) {
    section("LINKS", out);
    cli_manual_text(
        "uplink, backhaul and the fault link take these fields; kind names what a link does to "
        "packets besides, and which fields of its own it has.",
        out);
    for (const sim_field *f = net_hop_fields; f->name != NULL; f++) put_field(f, f->name, out);
    for (const net_hop_kind *const *k = net_hop_kinds; *k != NULL; k++) {
        char term[TERM_MAX];
        const sim_field *own = (*k)->fields;
        snprintf(term, sizeof term, "kind = \"%s\"", (*k)->word);
        cli_manual_term(term, NULL, (*k)->help, out);
        while (own->name != NULL && strcmp(own->name, "queue") != 0) own++;
        if (own->name != NULL) put_fields(own + 1, out);
    }
}

/* ---- laws, faults, checks, models ---- */

static void put_law_fields(const dev_law_field *fields, FILE *out) {
    for (const dev_law_field *f = fields; f->field.name != NULL; f++)
        if (!f->file_only) put_field(&f->field, f->script != NULL ? f->script : f->field.name, out);
}

static void put_laws(FILE *out) {
    section("LAWS", out);
    for (int i = 0; i < DEV_LAWS; i++) {
        char term[TERM_MAX];
        snprintf(term, sizeof term, "law.%s { ... }", dev_law_word((dev_law_kind)i));
        for (char *at = term; *at != ' '; at++)
            if (*at == '-') *at = '_';
        cli_manual_term(term, NULL, dev_law_help((dev_law_kind)i), out);
        fputs(".RS\n", out);
        put_law_fields(dev_law_fields((dev_law_kind)i), out);
        fputs(".RE\n", out);
    }
    fputs(".PP\n", out);
    cli_manual_text("All of them take these as well:", out);
    put_law_fields(dev_law_habits, out);
    subsection("presets", out);
    cli_manual_text("law.preset \"NAME\": the laws of clients, and of mistakes.", out);
    for (size_t i = 0; i < dev_preset_count; i++)
        cli_manual_term(dev_presets[i].name, NULL, dev_presets[i].title, out);
}

static void put_fault(const fleet_fault *f, FILE *out) {
    static const char *const reaches[] = {"; said of homes or devices", "; said of homes", ""};
    char term[TERM_MAX], text[SENTENCE_MAX];
    const char *more = f->fields == NULL ? "()" : f->bare != NULL ? "(value)" : " { ... }";
    snprintf(term, sizeof term, "%s%s%s", f->reach == FLEET_REACH_CLOUD ? "" : ":", f->verb, more);
    snprintf(text, sizeof text, "%s%s%s%s%s", f->help, reaches[f->reach],
             f->built_in_only ? "; built-in cloud only" : "",
             f->trigger == NULL ? "" : "; its trigger is called ",
             f->trigger == NULL ? "" : f->trigger);
    cli_manual_term(term, NULL, text, out);
    put_fields(f->bare == NULL ? f->fields : NULL, out);
}

static void put_faults(FILE *out) {
    section("FAULTS", out);
    for (const fleet_fault *const *f = fleet_faults; *f != NULL; f++)
        if (!(*f)->word_of_setup) put_fault(*f, out);
}

static void put_checks(FILE *out) {
    section("CHECKS", out);
    cli_manual_text("Of units that share a word, unit = \"...\" picks one.", out);
    for (const judge_check *const *c = judge_checks; *c != NULL; c++) {
        char term[TERM_MAX];
        snprintf(term, sizeof term, "judge.%s { unit = \"%s\" }", (*c)->word, (*c)->unit);
        cli_manual_term(term, NULL, (*c)->title, out);
        put_fields((*c)->fields, out);
    }
}

static void put_models(FILE *out) {
    section("MODELS", out);
    for (const dev_model *const *m = dev_models; *m != NULL; m++)
        cli_manual_term((*m)->name, NULL, (*m)->title, out);
}

void cli_manual_scenario(FILE *out) {
    cli_manual_head("blackstart-scenario", 7, "the language of scenarios", out);
    section("DESCRIPTION", out);
    cli_manual_text(
        "A scenario is one file of Lua 5.4 that reads as a story: what there is, what happens, "
        "what "
        "must have come of it. A word said in the wrong part, a name that is misspelt and a value "
        "out of its range are errors with file and line.",
        out);
    for (const script_part *part = script_parts; part->name != NULL; part++)
        cli_manual_term(part->name, NULL, part->help, out);
    section("EXAMPLES", out);
    cli_manual_lines((const char *)cli_init_first, out);
    put_values(out);
    put_words("WORDS", script_words, out);
    put_words("SELECTIONS AND DURATIONS", script_methods, out);
    put_tables(out);
    put_hops(out);
    put_laws(out);
    put_faults(out);
    put_checks(out);
    put_models(out);
    section("SEE ALSO", out);
    fputs(".BR blackstart (1),\n.BR blackstart\\-run (1),\n.BR blackstart\\-list (1)\n", out);
}
