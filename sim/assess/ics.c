/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/assess/ics.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/judge/words.h"

typedef struct lint {
    const assess_ics *s;
    assess_remark_taker *take;
    void *context;
} lint;

static void fill(assess_remark *r, bool warning, const char *rule, const char *place,
                 const char *why, const char *remedy, const char *format, ...)
    __attribute__((format(printf, 7, 8)));

static void fill(assess_remark *r, bool warning, const char *rule, const char *place,
                 const char *why, const char *remedy, const char *format, ...) {
    va_list values;
    *r = (assess_remark){.warning = warning, .rule = rule};
    (void)snprintf(r->place, sizeof r->place, "%s", place);
    (void)snprintf(r->why, sizeof r->why, "%s", why);
    (void)snprintf(r->remedy, sizeof r->remedy, "%s", remedy);
    va_start(values, format);
    (void)vsnprintf(r->what, sizeof r->what, format, values);
    va_end(values);
}

const char *assess_support_word(assess_support s) {
    static const char *const words[] = {[ASSESS_SUPPORT_OPEN] = "",
                                        [ASSESS_SUPPORT_YES] = "Y",
                                        [ASSESS_SUPPORT_NO] = "N",
                                        [ASSESS_SUPPORT_NOT_APPLICABLE] = "N/A"};
    return words[s];
}

/* Words that put a reason off, repeat the answer or stand between such words. */
static bool is_filler(const char *word, size_t n) {
    static const char *const fillers[] = {
        "tbd",     "tba",        "tbc",     "todo",        "fixme",   "placeholder",
        "pending", "later",      "yet",     "now",         "soon",    "to",
        "be",      "done",       "defined", "added",       "decided", "confirmed",
        "filled",  "fill",       "in",      "determined",  "for",     "the",
        "n",       "a",          "na",      "nil",         "null",    "none",
        "no",      "not",        "nope",    "nothing",     "yes",     "y",
        "ok",      "applicable", "any",     "it",          "unknown", "known",
        "empty",   "supported",  "is",      "implemented", "this",    "s",
        "reason",  "reasons",    "given",   "without",     "because", "see",
        "above",   "below",      "as",      "same",        "t",       "b",
        "d",       "c"};
    if (strspn(word, "0123456789") >= n) return true;
    size_t alike = 1;
    while (alike < n && word[alike] == word[0]) alike++;
    if (alike == n) return true; /* "xxx" */
    for (size_t i = 0; i < sizeof fillers / sizeof *fillers; i++)
        if (strlen(fillers[i]) == n && strncmp(word, fillers[i], n) == 0) return true;
    return false;
}

/* Something other than such words: "N/A.", "(none)", "to be done" and "-" are no reasons. */
bool assess_ics_says(const char *detail) {
    enum { LONGEST = 16 };
    char word[LONGEST + 1];
    size_t n = 0;
    for (const char *at = detail; at != NULL; at++) {
        const unsigned char byte = (unsigned char)*at;
        const bool letter = byte < 0x80 && isalnum(byte);
        const bool foreign =
            byte >= 0xc3 && byte != 0xe2; /* not of a dash or an ellipsis (U+20xx) */
        if (foreign || (letter && n == LONGEST)) return true;
        if (letter) {
            word[n++] = (char)tolower(byte);
            continue;
        }
        word[n] = '\0';
        if (n > 0 && !is_filler(word, n)) return true;
        if (byte == '\0') break;
        n = 0;
    }
    return false;
}

assess_applies assess_ics_applies(const assess_ics *s, const assess_provision *p) {
    if ((p->conditions & s->known & ~s->holds) != 0) return ASSESS_APPLIES_NOT;
    return (p->conditions & ~s->known) != 0 ? ASSESS_APPLIES_UNKNOWN : ASSESS_APPLIES;
}

/* The facts of a set that are known and false, or (with `wanted`) all of it, in words: "c9, c12".
 */
static void name_facts(const assess_ics *s, assess_facts set, char *text, size_t size) {
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < s->edition->fact_count; i++) {
        if ((set >> i & 1) == 0) continue;
        int n = snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "",
                         s->edition->facts[i].name);
        if (n < 0 || (size_t)n >= size - used) return;
        used += (size_t)n;
    }
}

/* ---- facts ---- */

static void lint_open_facts(const lint *l) {
    const assess_edition *e = l->s->edition;
    assess_remark r;
    for (size_t i = 0; i < e->fact_count; i++) {
        if (e->facts[i].optional || (l->s->known >> i & 1) != 0) continue;
        fill(&r, false, "form", e->facts[i].name, "the conditions of Table B.1 rest on it",
             "say true or false", "nobody says whether %s", e->facts[i].meaning);
        l->take(l->context, &r);
    }
}

static void lint_fact_rules(const lint *l) {
    assess_facts yes = l->s->known & l->s->holds, no = l->s->known & ~l->s->holds;
    assess_remark r;
    for (size_t i = 0; i < l->s->edition->rule_count; i++) {
        const assess_fact_rule *rule = &l->s->edition->rules[i];
        if ((rule->when_true & ~yes) != 0 || (rule->when_false & ~no) != 0) continue;
        fill(&r, rule->warning, rule->id, rule->provision != NULL ? rule->provision : "facts",
             rule->why, rule->remedy, "%s", rule->what);
        l->take(l->context, &r);
    }
}

/* ---- answers ---- */

static void lint_open_answer(const lint *l, const assess_provision *p) {
    assess_remark r;
    if (p->absent) return;
    fill(&r, false, "form", p->id, "Table B.1 has an answer in every row",
         "say Y, N or N/A, and the detail that belongs to it", "not answered: %s", p->title);
    l->take(l->context, &r);
}

static void lint_yes(const lint *l, const assess_provision *p, const assess_answer *a) {
    char names[64];
    assess_remark r;
    if (!a->detail) {
        fill(&r, false, "R4", p->id, "a claim of support is examined by the measures behind it",
             "describe the measures in the detail", "Y without detail: %s", p->title);
        l->take(l->context, &r);
    }
    if (assess_ics_applies(l->s, p) != ASSESS_APPLIES_NOT) return;
    name_facts(l->s, p->conditions & l->s->known & ~l->s->holds, names, sizeof names);
    fill(&r, true, "R6", p->id, "by its condition the provision does not apply to this product",
         "say N/A with the reason, or correct the fact", "Y although false: %s", names);
    l->take(l->context, &r);
}

static void lint_no(const lint *l, const assess_provision *p, const assess_answer *a) {
    assess_remark r;
    if (assess_ics_applies(l->s, p) == ASSESS_APPLIES_NOT) return;
    if (p->level == ASSESS_MANDATORY) {
        fill(&r, false, "R2", p->id, "it is mandatory here",
             "change the product, or correct the facts if it does not apply",
             "the requirement is not met: %s", p->title);
        l->take(l->context, &r);
    } else if (!a->detail) {
        fill(&r, false, "R3", p->id,
             "a recommendation that is not followed needs a reason on record",
             "give the reason in the detail", "N without a reason, so %s is not met",
             l->s->edition->reporting);
        l->take(l->context, &r);
    }
}

static void lint_not_applicable(const lint *l, const assess_provision *p, const assess_answer *a) {
    char names[64], why[160];
    assess_remark r;
    assess_applies applies = assess_ics_applies(l->s, p);
    if (p->conditions == 0)
        (void)snprintf(why, sizeof why, "it has no condition and applies to every product");
    else {
        name_facts(l->s, p->conditions, names, sizeof names);
        (void)snprintf(
            why, sizeof why, "its condition (%s) %s", names,
            applies == ASSESS_APPLIES ? "holds for this product" : "is not said to be false");
    }
    if (applies != ASSESS_APPLIES_NOT) {
        fill(&r, false, "R1", p->id, why, "say Y or N, or correct the facts",
             "N/A is not permitted: %s", p->title);
        l->take(l->context, &r);
    }
    if (a->detail) return;
    fill(&r, false, "R5", p->id, "N/A needs a reason on record", "give the reason in the detail",
         "N/A without a reason: %s", p->title);
    l->take(l->context, &r);
}

static void lint_absent(const lint *l, const assess_provision *p) {
    assess_remark r;
    fill(&r, true, "oddity", p->id, "it follows from the other rows", "leave it out",
         "%s has no row in Table B.1", p->id);
    l->take(l->context, &r);
}

static void lint_answer(const lint *l, const assess_provision *p, const assess_answer *a) {
    static void (*const by_support[])(const lint *, const assess_provision *,
                                      const assess_answer *) = {
        [ASSESS_SUPPORT_YES] = lint_yes,
        [ASSESS_SUPPORT_NO] = lint_no,
        [ASSESS_SUPPORT_NOT_APPLICABLE] = lint_not_applicable};
    if (a->support == ASSESS_SUPPORT_OPEN) {
        lint_open_answer(l, p);
        return;
    }
    if (p->absent) lint_absent(l, p);
    by_support[a->support](l, p, a);
}

void assess_ics_lint(const assess_ics *s, assess_remark_taker *take, void *context) {
    const lint l = {s, take, context};
    lint_open_facts(&l);
    lint_fact_rules(&l);
    for (size_t i = 0; i < s->edition->provision_count; i++)
        lint_answer(&l, &s->edition->provisions[i], &s->answers[i]);
}

/* ---- runs ---- */

/* A part that a provision was split into, or that nobody knows it. */
static void no_row(const assess_ics *s, const assess_shown *shown, assess_remark *out) {
    const assess_provision *heir = assess_provision_formerly(s->edition, shown->provision);
    char remedy[120];
    if (heir != NULL)
        (void)snprintf(remedy, sizeof remedy, "look at %s and those beside it yourself", heir->id);
    else
        (void)snprintf(remedy, sizeof remedy, "leave these runs out");
    fill(out, true, "run", shown->provision,
         "the run judged it by another edition, or by no provision at all", remedy,
         "%.24s has no row in %s: not filled in", shown->provision, s->edition->name);
}

bool assess_ics_compare(const assess_ics *s, const assess_shown *shown, assess_remark *out) {
    const assess_provision *p = assess_provision_named(s->edition, shown->provision);
    if (p == NULL) {
        no_row(s, shown, out);
        return true;
    }
    const assess_answer *a = &s->answers[p - s->edition->provisions];
    if (a->support != ASSESS_SUPPORT_YES || shown->verdict != JUDGE_FAIL) return false;
    fill(out, false, "run", p->id, "", "", "the statement says Y, but %s FAILED in %.*s",
         shown->unit, judge_words_shown(shown->folder, 160), shown->folder);
    int bytes = judge_words_shown(shown->sentence, ASSESS_WHAT_MAX - 1);
    if (bytes > 0 && shown->sentence[bytes - 1] == '.') bytes--; /* more follows */
    (void)snprintf(out->why, sizeof out->why, "%.*s", bytes, shown->sentence);
    if (bytes == 0) (void)snprintf(out->why, sizeof out->why, "the run does not say why");
    (void)snprintf(out->remedy, sizeof out->remedy,
                   "change the product or the statement, or run it as the product is");
    return true;
}
