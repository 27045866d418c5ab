/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/assess/ics.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/judge/words.h"

enum { ICS_WORD_MAX = 32 }; /* bytes; fillers are shorter */

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

/* ---- what is no reason ---- */

/* Words that put a reason off, repeat the answer, stand between such words or fill a form, by
 * language; those of a language without spaces are whole phrases. */
static const char *const fillers[] = {
    /* English */
    " tbd tba tbc todo fixme placeholder pending later yet now soon to be done defined added "
    "decided "
    "confirmed filled fill in determined for the na nil null none no not nope nothing yes ok "
    "applicable any it unknown known empty supported is implemented this reason reasons given "
    "without because see above below as same available required relevant specified provided "
    "justification rationale explanation text here insert by product device does do support will "
    "won can cannot say needed out of scope ",
    /* what tries a form out */
    " test testing foo bar baz qux dummy sample example bla blah blub asd sdf fdsa wip ha hm lol "
    "lorem ipsum dolor sit amet consectetur adipiscing elit ",
    /* German */
    " keine keiner keines keinen kein nichts nein nicht entfällt unbekannt unklar siehe oben unten "
    "noch offen folgt später wird nachgereicht ergänzt zu klären nv ka angabe angaben "
    "begründung grund gründe ohne anwendbar zutreffend vorhanden unterstützt umgesetzt nachtragen "
    "ausfüllen ",
    /* French */
    " aucun aucune raison raisons non pas rien sans objet néant inconnu inconnue voir ci dessus "
    "dessous à compléter remplir définir préciser venir so applicable plus tard justification ",
    /* Spanish, Portuguese */
    " ninguno ninguna ningún razón motivo nada sin no aplica aplicable desconocido véase arriba "
    "abajo por definir completar determinar pendiente nenhum nenhuma razão não aplicável sem "
    "desconhecido preencher ver acima abaixo ",
    /* Italian, Romanian */
    " nessuno nessuna motivo niente nulla senza non applicabile sconosciuto vedi sopra sotto da "
    "definire completare compilare niciun nimic ",
    /* Dutch, Danish, Norwegian, Swedish, Finnish */
    " geen reden niets niet onbekend zie boven onder nader te bepalen volgt nvt ingen intet inget "
    "inte ikke ikkje ukendt ukjent okänd okänt se ovan ovenfor senare senere kommer ej tillämpligt "
    "grunn grund ei mitään tuntematon ",
    /* Polish, Czech, Slovak, Hungarian */
    " brak powodu nic nie dotyczy nieznany patrz wyżej do uzupełnienia żaden nd žádný žádné "
    "neznámý viz výše doplnit bude doplněno nincs ismeretlen ",
    /* Russian, Ukrainian */
    " нет не без причины причина неизвестно неприменимо применимо ничего позже уточняется будет "
    "уточнено см выше ниже нд немає невідомо ",
    /* Turkish, Chinese, Japanese, Korean */
    " 无 無 没有 沒有 暂无 待定 不适用 不適用 未知 同上 なし 無し 特になし 未定 該当なし 不明 없음 "
    "미정 해당없음 해당 yok bilinmiyor ",
    /* Greek, Arabic, Hebrew, Hindi */
    " κανένα κανένας καμία τίποτα لا يوجد شيء אין कोई नहीं ",
};

/* Fingers that run along a keyboard, or the alphabet. */
static const char *const rows_of_keys[] = {"qwertyuiop",
                                           "qwertzuiop",
                                           "azertyuiop",
                                           "asdfghjkl",
                                           "zxcvbnm",
                                           "yxcvbnm",
                                           "abcdefghijklmnopqrstuvwxyz"};

/* Whether a word is some letters, three at most, again and again: "xxx", "blabla". */
static bool repeats_itself(const char *word, size_t n) {
    for (size_t period = 1; period <= 3 && 2 * period <= n; period++)
        if (n % period == 0 && memcmp(word, word + period, n - period) == 0) return true;
    return false;
}

static bool is_run_of_keys(const char *word, size_t n) {
    for (size_t i = 0; i < sizeof rows_of_keys / sizeof *rows_of_keys && n >= 3; i++)
        if (strstr(rows_of_keys[i], word) != NULL) return true;
    return false;
}

static bool is_filler(const char *word, size_t n) {
    char wanted[ICS_WORD_MAX + 3];
    if (n == 1 || strspn(word, "0123456789") == n) return true;
    if (repeats_itself(word, n) || is_run_of_keys(word, n)) return true;
    (void)snprintf(wanted, sizeof wanted, " %s ", word);
    for (size_t i = 0; i < sizeof fillers / sizeof *fillers; i++)
        if (strstr(fillers[i], wanted) != NULL) return true;
    return false;
}

/* How many bytes of a letter or digit of UTF-8 begin here; 0: what parts words (Latin-1's signs,
 * dashes and dots of U+20xx, CJK and full-width marks, pictures), one byte of it. */
static size_t letter_bytes(const char *at) {
    const unsigned char first = (unsigned char)*at;
    const size_t n = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (first < 0x80) return isalnum(first) ? 1 : 0;
    if (first < 0xc3 || first == 0xe2 || first >= 0xef) return 0;
    if (first == 0xe3 && (unsigned char)at[1] == 0x80) return 0;
    for (size_t i = 1; i < n; i++)
        if (((unsigned char)at[i] & 0xc0) != 0x80) return 0;
    return n;
}

/* Small letters of what Latin-1 and Cyrillic have; others stay. */
static void make_small(char *letter) {
    unsigned char *b = (unsigned char *)letter;
    const bool latin = b[0] == 0xc3 && b[1] >= 0x80 && b[1] <= 0x9e,
               cyrillic = b[0] == 0xd0 && b[1] >= 0x90 && b[1] <= 0x9f,
               later = b[0] == 0xd0 && b[1] >= 0xa0 && b[1] <= 0xaf;
    if (b[0] < 0x80) b[0] = (unsigned char)tolower(b[0]);
    if (latin || cyrillic) b[1] = (unsigned char)(b[1] + 0x20);
    if (later) {
        b[0] = 0xd1;
        b[1] = (unsigned char)(b[1] - 0x20);
    }
}

/* A reason has a word other than fillers, and is as long as "no UI": four letters and digits, of
 * which a sign of a syllable or a word counts for two. */
bool assess_ics_says(const char *detail) {
    enum { SHORTEST = 4 };
    char word[ICS_WORD_MAX + 1] = "";
    size_t n = 0, letters = 0;
    bool says = false;
    for (const char *at = detail; at != NULL && (*at != '\0' || n > 0);) {
        const size_t bytes = letter_bytes(at);
        if (bytes == 0) {
            says = says || (n > 0 && !is_filler(word, n));
            n = 0;
            at += *at != '\0';
            continue;
        }
        letters += bytes == 3 ? 2 : 1;
        if (n + bytes > ICS_WORD_MAX) says = true; /* longer than any filler */
        if (n + bytes <= ICS_WORD_MAX) {
            memcpy(word + n, at, bytes);
            make_small(word + n);
            n += bytes;
            word[n] = '\0';
        }
        at += bytes;
    }
    return says && letters >= SHORTEST;
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
