/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/assess/ics_file.h"
#include "tests/unit/with_cmocka.h"

/* What lint said: the rules with their places, "R1 5.1-1;", warnings in parentheses. */
typedef struct said {
    char text[8192];
    size_t count;
} said;

static void note(void *context, const assess_remark *r) {
    said *s = context;
    size_t used = strlen(s->text);
    snprintf(s->text + used, sizeof s->text - used, r->warning ? "(%s %s);" : "%s %s;", r->rule,
             r->place);
    assert_true(r->what[0] != '\0' && r->why[0] != '\0' && r->remedy[0] != '\0');
    s->count++;
}

static assess_answer *answer(assess_ics *s, const char *id) {
    const assess_provision *p = assess_provision_named(s->edition, id);
    assert_non_null(p);
    return &s->answers[p - s->edition->provisions];
}

static void set_fact(assess_ics *s, const char *name, bool value) {
    int i = assess_fact_named(s->edition, name);
    assert_true(i >= 0);
    s->known |= UINT64_C(1) << i;
    s->holds = value ? s->holds | UINT64_C(1) << i : s->holds & ~(UINT64_C(1) << i);
}

/* Everything applies that can, is supported and described. */
static assess_ics good(const assess_edition *e) {
    assess_ics s = {.edition = e};
    for (size_t i = 0; i < e->fact_count; i++)
        if (!e->facts[i].optional) set_fact(&s, e->facts[i].name, true);
    if (e == &assess_edition_2_1_1) set_fact(&s, "c4", false), set_fact(&s, "c3", false);
    for (size_t i = 0; i < e->provision_count; i++) {
        const assess_provision *p = &e->provisions[i];
        bool applies = assess_ics_applies(&s, p) == ASSESS_APPLIES;
        if (!p->absent)
            s.answers[i] =
                (assess_answer){applies ? ASSESS_SUPPORT_YES : ASSESS_SUPPORT_NOT_APPLICABLE, true};
    }
    return s;
}

static void test_good_statements(void **state) {
    (void)state;
    for (size_t k = 0; assess_editions[k] != NULL; k++) {
        said all = {.count = 0};
        assess_ics s = good(assess_editions[k]);
        assess_ics_lint(&s, note, &all);
        assert_string_equal(all.text, "");
    }
}

typedef struct twin {
    const assess_edition *edition;
    const char *fact; /* "c8=0" or NULL */
    const char *id;   /* whose answer is replaced, or NULL */
    assess_answer answer;
    const char *wanted; /* everything that is then said */
} twin;

#define OLD &assess_edition_2_1_1
#define NEW &assess_edition_3_1_3
static const assess_answer bare_yes = {ASSESS_SUPPORT_YES, false};

static void test_bad_twins(void **state) {
    (void)state;
    const twin twins[] = {
        {OLD, NULL, "5.1-1", {ASSESS_SUPPORT_NOT_APPLICABLE, true}, "R1 5.1-1;"},
        {OLD, NULL, "5.9-3", {ASSESS_SUPPORT_NOT_APPLICABLE, true}, "R1 5.9-3;"},
        {OLD, NULL, "5.9-3", {ASSESS_SUPPORT_NOT_APPLICABLE, false}, "R1 5.9-3;R5 5.9-3;"},
        {OLD, NULL, "5.3-14", {ASSESS_SUPPORT_NOT_APPLICABLE, false}, "R5 5.3-14;"},
        {OLD, NULL, "5.4-1", {ASSESS_SUPPORT_NO, true}, "R2 5.4-1;"},
        {OLD, NULL, "5.4-1", {ASSESS_SUPPORT_NO, false}, "R2 5.4-1;"},
        {OLD, NULL, "5.9-3", {ASSESS_SUPPORT_NO, false}, "R3 5.9-3;"},
        {OLD, NULL, "5.9-3", {ASSESS_SUPPORT_NO, true}, ""},
        {OLD, NULL, "5.9-3", bare_yes, "R4 5.9-3;"},
        {OLD, NULL, "5.3-14", {ASSESS_SUPPORT_YES, true}, "(R6 5.3-14);"},
        {OLD, NULL, "5.3-14", {ASSESS_SUPPORT_NO, true}, ""}, /* does not apply: nothing to meet */
        {OLD, NULL, "5.9-3", {ASSESS_SUPPORT_OPEN, false}, "form 5.9-3;"},
        {OLD, NULL, "4-1", {ASSESS_SUPPORT_YES, true}, "(oddity 4-1);"},
        {OLD, NULL, "4-1", {ASSESS_SUPPORT_NO, true}, "(oddity 4-1);R2 4-1;"},
        {OLD, "c4=1", NULL, {0}, "F1 facts;"},
        {OLD, "c5=0", NULL, {0}, "F1 facts;(R6 5.1-5);(R6 5.3-2);"},
        {OLD, "c1=0", NULL, {0}, "F2 facts;(R6 5.1-1);"},
        {OLD, "c8=0", NULL, {0}, "(F6 facts);(R6 5.1-4);"},
        {OLD, "c3=1", NULL, {0}, "(F4 5.3-14);"},
        {OLD, "c7=0", NULL, {0}, "(oddity 6-3);(R6 6-2);"},
        {OLD, "c6=0", "5.10-1", {ASSESS_SUPPORT_NOT_APPLICABLE, true}, "(R6 6-4);(R6 6-5);"},
        {OLD, "c11=0", "5.3-10", {ASSESS_SUPPORT_NOT_APPLICABLE, true}, ""},
        {OLD, "c9=0", "5.3-6", {ASSESS_SUPPORT_NOT_APPLICABLE, true}, ""},
        {NEW, NULL, "5.0-1", {ASSESS_SUPPORT_NO, true}, "R2 5.0-1;"},
        {NEW, NULL, "5.1-2A", {ASSESS_SUPPORT_NO, false}, "R3 5.1-2A;"},
        {NEW, NULL, "5.10-1", {ASSESS_SUPPORT_NOT_APPLICABLE, true}, "R1 5.10-1;"},
        {NEW, "w=0", "5.10-1", {ASSESS_SUPPORT_NOT_APPLICABLE, true}, "(R6 6-4);(R6 6-5);"},
        {NEW, "c14=0", "5.1-5", {ASSESS_SUPPORT_NOT_APPLICABLE, true}, ""},
        {NEW, "c12=0", NULL, {0}, "F2 facts;F3 5.3-2;(R6 5.3-8);(R6 5.3-11);(R6 5.3-12);"},
        {NEW, "q=0", NULL, {0}, "F2 facts;(R6 5.6-4A);"},
        {NEW, "d=0", NULL, {0}, "(F6 facts);(R6 5.1-4);"},
    };
    for (size_t i = 0; i < sizeof twins / sizeof *twins; i++) {
        assess_ics s = good(twins[i].edition);
        said all = {.count = 0};
        if (twins[i].fact != NULL) {
            char name[16];
            snprintf(name, sizeof name, "%.*s", (int)strcspn(twins[i].fact, "="), twins[i].fact);
            set_fact(&s, name, strchr(twins[i].fact, '=')[1] == '1');
        }
        if (twins[i].id != NULL) *answer(&s, twins[i].id) = twins[i].answer;
        assess_ics_lint(&s, note, &all);
        if (strcmp(all.text, twins[i].wanted) != 0)
            fail_msg("twin %zu: wanted '%s', got '%s'", i, twins[i].wanted, all.text);
    }
}

/* "c9 !c12": c9 is true and c12 is false; but the fact `turned` is the other way round, and of
 * `unsaid` nothing is said. */
static void say_facts(assess_ics *s, const char *facts, size_t turned, size_t unsaid) {
    char words[64];
    snprintf(words, sizeof words, "%s", facts);
    size_t i = 0;
    for (char *rest = words, *word; (word = strsep(&rest, " ")) != NULL; i++) {
        const bool no = word[0] == '!';
        if (i != unsaid) set_fact(s, word + no, no == (i == turned));
    }
}

/* "(F6 facts: c1 is true and c8 is false)" of each rule that speaks. */
static void note_rule(void *context, const assess_remark *r) {
    said *s = context;
    size_t used = strlen(s->text);
    if (strcmp(r->rule, "form") == 0) return;
    snprintf(s->text + used, sizeof s->text - used, r->warning ? "(%s %s: %s)" : "%s %s: %s",
             r->rule, r->place, r->what);
    s->count++;
}

static said rules_that_speak(const assess_edition *e, const char *facts, size_t turned,
                             size_t unsaid) {
    said all = {.count = 0};
    assess_ics s = {.edition = e};
    say_facts(&s, facts, turned, unsaid);
    assess_ics_lint(&s, note_rule, &all);
    return all;
}

typedef struct rule_row {
    const assess_edition *edition;
    const char *facts, *wanted;
} rule_row;

static void check_rule(const rule_row *row) {
    size_t words = 1;
    for (const char *at = row->facts; *at != '\0'; at++) words += *at == ' ';
    said all = rules_that_speak(row->edition, row->facts, SIZE_MAX, SIZE_MAX);
    assert_string_equal(all.text, row->wanted);
    for (size_t i = 0; i < words; i++) {
        all = rules_that_speak(row->edition, row->facts, i, SIZE_MAX);
        if (strstr(all.text, row->wanted) != NULL) fail_msg("%s: turned %zu", row->wanted, i);
        all = rules_that_speak(row->edition, row->facts, SIZE_MAX, i);
        if (strstr(all.text, row->wanted) != NULL) fail_msg("%s: unsaid %zu", row->wanted, i);
    }
}

/* A rule speaks of the facts that it names and of no others: with those alone said it is the only
 * one that speaks; with one of them the other way round, or left unsaid, it does not. */
static void test_rules_on_facts(void **state) {
    (void)state;
    static const rule_row rows[] = {
        {OLD, "c4 c5", "F1 facts: c4 and c5 are both true"},
        {OLD, "!c4 !c5", "F1 facts: c4 and c5 are both false"},
        {OLD, "c2 !c1", "F2 facts: c2 is true and c1 is false"},
        {OLD, "c9 !c12", "F2 facts: c9 is true and c12 is false"},
        {OLD, "c11 !c12", "F2 facts: c11 is true and c12 is false"},
        {OLD, "c5 !c12", "F3 5.3-2: the requirement is not met: c5 is true and c12 is false"},
        {OLD, "c3 !c4", "(F4 5.3-14: c3 is true and c4 is false)"},
        {OLD, "c4 mains ip ip_cryptography",
         "F5 facts: c4 is true of a device with mains or wired network, IP and its cryptography"},
        {OLD, "c1 !c8", "(F6 facts: c1 is true and c8 is false)"},
        {OLD, "!c7", "(oddity 6-3: c7 is false, and 6-3 is mandatory all the same)"},
        {NEW, "b !a", "F2 facts: b is true and a is false"},
        {NEW, "a !c", "F2 facts: a is true and c is false"},
        {NEW, "h !g", "F2 facts: h is true and g is false"},
        {NEW, "i !g", "F2 facts: i is true and g is false"},
        {NEW, "j !g", "F2 facts: j is true and g is false"},
        {NEW, "g !c12", "F2 facts: g is true and c12 is false"},
        {NEW, "r !q", "F2 facts: r is true and q is false"},
        {NEW, "u !t", "F2 facts: u is true and t is false"},
        {NEW, "t !z", "F2 facts: t is true and z is false"},
        {NEW, "y !z", "F2 facts: y is true and z is false"},
        {NEW, "m !c16", "F2 facts: m is true and c16 is false"},
        {NEW, "o !c16", "F2 facts: o is true and c16 is false"},
        {NEW, "c15 !c12", "F3 5.3-2: the requirement is not met: c15 is true and c12 is false"},
        {NEW, "a !d", "(F6 facts: a is true and d is false)"},
    };
    size_t of_old = 0, count = sizeof rows / sizeof *rows;
    for (size_t i = 0; i < count; i++) {
        check_rule(&rows[i]);
        of_old += rows[i].edition == OLD;
    }
    assert_int_equal(of_old, assess_edition_2_1_1.rule_count); /* every rule has its row */
    assert_int_equal(count - of_old, assess_edition_3_1_3.rule_count);
}

static void test_facts_that_nobody_said(void **state) {
    (void)state;
    said all = {.count = 0};
    assess_ics s = good(OLD);
    s.known &= ~UINT64_C(1); /* c1 */
    *answer(&s, "5.1-1") = (assess_answer){ASSESS_SUPPORT_NOT_APPLICABLE, true};
    assess_ics_lint(&s, note, &all);
    assert_string_equal(all.text, "form c1;R1 5.1-1;");
}

/* F5: mains or wire, IP and its cryptography. */
static void test_not_constrained_by_definition(void **state) {
    (void)state;
    assess_ics s = good(OLD);
    set_fact(&s, "c4", true), set_fact(&s, "c5", false);
    *answer(&s, "5.1-5") = *answer(&s, "5.3-2") =
        (assess_answer){ASSESS_SUPPORT_NOT_APPLICABLE, true};
    set_fact(&s, "mains", true), set_fact(&s, "ip", true);
    said all = {.count = 0};
    assess_ics_lint(&s, note, &all);
    assert_string_equal(all.text, "");
    set_fact(&s, "ip_cryptography", true);
    assess_ics_lint(&s, note, &all);
    assert_string_equal(all.text, "F5 facts;");
}

static void test_runs(void **state) {
    (void)state;
    assess_remark r;
    assess_ics s = good(NEW);
    assess_shown shown = {"5.9-3", "5.9-3-2 a", "A herd came.", "results/a", JUDGE_FAIL};
    assert_true(assess_ics_compare(&s, &shown, &r));
    assert_false(r.warning);
    assert_string_equal(r.rule, "run");
    assert_string_equal(r.why, "A herd came");
    assert_non_null(strstr(r.what, "results/a"));
    shown.verdict = JUDGE_PASS;
    assert_false(assess_ics_compare(&s, &shown, &r));
    shown.verdict = JUDGE_INCONCLUSIVE;
    assert_false(assess_ics_compare(&s, &shown, &r));
    shown.verdict = JUDGE_FAIL;
    *answer(&s, "5.9-3") = (assess_answer){ASSESS_SUPPORT_NO, true};
    assert_false(assess_ics_compare(&s, &shown, &r)); /* they agree */
    shown.provision = "5.3-4";                        /* of the other edition */
    assert_true(assess_ics_compare(&s, &shown, &r) && r.warning);
    assert_non_null(strstr(r.remedy, "5.3-4A"));
    shown.provision = "7-1";
    assert_true(assess_ics_compare(&s, &shown, &r) && r.warning);
}

/* A sentence that is longer than its place is cut, never in half a character. */
static void test_long_sentence(void **state) {
    (void)state;
    char sentence[2 * ASSESS_WHAT_MAX], folder[2 * ASSESS_WHAT_MAX];
    for (size_t i = 0; i + 2 < sizeof sentence; i += 2) memcpy(sentence + i, "\xc3\xa9", 3);
    memset(folder, 'f', sizeof folder - 1);
    folder[sizeof folder - 1] = '\0';
    assess_remark r;
    assess_ics s = good(NEW);
    const assess_shown shown = {"5.9-3", "5.9-3-2 a", sentence, folder, JUDGE_FAIL};
    assert_true(assess_ics_compare(&s, &shown, &r));
    assert_true(strlen(r.why) < ASSESS_WHAT_MAX && strlen(r.why) % 2 == 0);
    const assess_shown mute = {"5.9-3", "5.9-3-2 a", ".", "results", JUDGE_FAIL};
    assert_true(assess_ics_compare(&s, &mute, &r));
    assert_string_equal(r.why, "the run does not say why");
}

static void test_a_reason_that_says_nothing(void **state) {
    (void)state;
    static const char *const nothing[] = {"",
                                          " \t",
                                          "TBD",
                                          "tbd.",
                                          "-",
                                          "--",
                                          ".",
                                          "...",
                                          "N/A",
                                          "n.a.",
                                          "none",
                                          "None.",
                                          "\xe2\x80\x93",
                                          "\xc2\xa0",
                                          "?",
                                          "no",
                                          "To be defined",
                                          "to be determined",
                                          "TBD: fill in",
                                          "not yet known",
                                          "see above",
                                          "pending",
                                          "(unknown)",
                                          "xxxx",
                                          "not supported",
                                          "No reason given",
                                          "T.B.D.",
                                          "12",
                                          "without any reason",
                                          "keine",
                                          "Keine Angabe",
                                          "wird nachgereicht",
                                          "entf\xc3\xa4llt",
                                          "\xc3\x80 compl\xc3\xa9ter",
                                          "Sans objet.",
                                          "ninguna",
                                          "no aplica",
                                          "non applicabile",
                                          "n.v.t.",
                                          "brak",
                                          "\xd0\x9d\xd0\x95\xd0\xa2 \xd0\xbf\xd1\x80\xd0\xb8"
                                          "\xd1\x87\xd0\xb8\xd0\xbd\xd1\x8b",
                                          "\xe6\xb2\xa1\xe6\x9c\x89",
                                          "\xe3\x81\xaa\xe3\x81\x97\xe3\x80\x82",
                                          "lorem ipsum dolor sit amet",
                                          "Lorem ipsum",
                                          "asdf",
                                          "qwertz",
                                          "abc def",
                                          "blablabla",
                                          "blabla",
                                          "haha",
                                          "bb",
                                          "ha ha ha",
                                          "x y z",
                                          "ab",
                                          "\xc3\xa9",
                                          "\xf0\x9f\x99\x82",
                                          "*** ??? ***",
                                          "not supported by the device"};
    static const char *const something[] = {"none of its sensors is read by anyone",
                                            "TBD by the radio team: no flash for it",
                                            "no display",
                                            "N/A because it has no display",
                                            "\xe6\xb2\xa1\xe6\x9c\x89\xe6\x98\xbe"
                                            "\xe7\xa4\xba\xe5\xb1\x8f",
                                            "keine Anzeige",
                                            "pas d'\xc3\xa9"
                                            "cran",
                                            "\xd0\xbd\xd0\xb5\xd1\x82 "
                                            "\xd1\x8d\xd0\xba\xd1\x80\xd0\xb0\xd0\xbd\xd0\xb0",
                                            "Lorem Ltd makes the radio",
                                            "a-b-c, the third of its keys, and no other",
                                            "see DOC-17",
                                            "mains only",
                                            "no UI",
                                            "RA 12",
                                            "not enough flash",
                                            "battery"};
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++)
        assert_false(assess_ics_says(nothing[i]));
    for (size_t i = 0; i < sizeof something / sizeof *something; i++)
        assert_true(assess_ics_says(something[i]));
    assert_false(assess_ics_says(NULL));
}

/* Clause 6 is printed with a full stop, in both editions. */
static void test_numbers_of_clause_6(void **state) {
    (void)state;
    static const char *const both[][2] = {
        {"6-1", "6.1"}, {"6-2", "6.2"}, {"6-4", "6.4"}, {"6-5", "6.5"}};
    const assess_edition *new = NULL;
    for (size_t e = 0; assess_editions[e] != NULL; e++)
        for (size_t i = 0; i < sizeof both / sizeof *both; i++) {
            const assess_provision *p = assess_provision_named(assess_editions[e], both[i][0]);
            assert_non_null(p);
            assert_ptr_equal(assess_provision_named(assess_editions[e], both[i][1]), p);
            if (assess_provision_named(assess_editions[e], "6-3A") != NULL)
                new = assess_editions[e];
        }
    assert_non_null(new);
    assert_ptr_equal(assess_provision_named(new, "6.3A"), assess_provision_named(new, "6-3A"));
    assert_ptr_equal(assess_provision_named(new, "6.3B"), assess_provision_named(new, "6-3B"));
    assert_ptr_equal(assess_provision_named(new, "6.3a"), assess_provision_named(new, "6-3A"));
    assert_null(assess_provision_named(new, "6.3"));
    assert_ptr_equal(assess_provision_formerly(new, "6.3"), assess_provision_named(new, "6-3A"));
    assert_null(assess_provision_formerly(new, "6.33"));
    assert_null(assess_provision_formerly(new, "6"));
    assert_null(assess_provision_named(new, "5.9.3")); /* clause 5 is written in one way */
}

/* The empty statement of an edition, read again. */
static json_t *template_of(const assess_edition *e) {
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    assert_non_null(file);
    assert_int_equal(assess_ics_file_template(file, e), 0);
    fclose(file);
    assert_true(size > 0 && text[size - 1] == '\n');
    json_t *root = json_loadb(text, size, 0, NULL);
    assert_non_null(root);
    free(text);
    return root;
}

/* A place to fill in stands in every row, empty: who fills it in by hand is to see that it is
 * there. */
static void check_template_row(const json_t *row, const assess_provision *p) {
    json_t *wanted =
        json_pack("{s:s, s:s, s:s, s:n, s:s}", "title", p->title, "status", p->status, "testable",
                  assess_testable_word(p->testable), "support", "detail", "");
    if (!json_equal(row, wanted)) fail_msg("%s: not the empty row", p->id);
    json_decref(wanted);
}

static void check_template_facts(const json_t *facts, const assess_edition *e) {
    assert_int_equal(json_object_size(facts), e->fact_count);
    for (size_t i = 0; i < e->fact_count; i++) {
        json_t *wanted = json_pack("{s:s, s:n}", "meaning", e->facts[i].meaning, "value");
        if (!json_equal(json_object_get(facts, e->facts[i].name), wanted))
            fail_msg("%s: not the empty fact", e->facts[i].name);
        json_decref(wanted);
    }
}

static void check_template_head(const json_t *root, const assess_edition *e) {
    json_t *wanted =
        json_pack("{s:s, s:s, s:s, s:s}", "maker", "", "name", "", "model", "", "software", "");
    assert_string_equal(json_string_value(json_object_get(root, "schema")), ASSESS_ICS_SCHEMA);
    assert_string_equal(json_string_value(json_object_get(root, "edition")), e->name);
    assert_true(json_equal(json_object_get(root, "product"), wanted));
    json_decref(wanted);
}

static void test_templates(void **state) {
    (void)state;
    for (size_t k = 0; assess_editions[k] != NULL; k++) {
        const assess_edition *e = assess_editions[k];
        json_t *root = template_of(e);
        const json_t *rows = json_object_get(root, "provisions");
        size_t printed = 0;
        check_template_head(root, e);
        check_template_facts(json_object_get(root, "facts"), e);
        for (size_t i = 0; i < e->provision_count; i++) {
            if (e->provisions[i].absent) continue;
            check_template_row(json_object_get(rows, e->provisions[i].id), &e->provisions[i]);
            printed++;
        }
        assert_int_equal(json_object_size(rows), printed);
        json_decref(root);
    }
}

/* A template in which the maker has said `support` of 5.9-3; taken, with what was said of its
 * form. */
static void take_template(assess_ics_file *s, const char *support, said *all) {
    char why[RECORD_JSON_WHY_MAX];
    json_t *root = template_of(NEW), *product = json_object_get(root, "product");
    json_t *row = json_object_get(json_object_get(root, "provisions"), "5.9-3");
    json_object_set_new(product, "maker", json_string("Maker"));
    json_object_set_new(product, "model", json_string("M-1"));
    json_object_set_new(row, "support", json_string(support));
    json_object_set_new(row, "detail", json_string("it waits"));
    assert_int_equal(assess_ics_file_take(s, root, "x.json", NULL, note, all, why), 0);
    json_decref(root);
}

/* A summary with one verdict that can be used, and others that each lack something. */
static json_t *summary_of(const char *verdict) {
    return json_pack(
        "{s:s, s:s, s:i, s:s, s:s, s:[{s:s, s:s, s:s, s:s}, {s:s, s:s, s:s}, {s:s, s:s, s:s, s:s}, "
        "{s:s, s:s, s:s, s:s}, {s:s, s:s, s:s, s:s}, {s:s, s:s, s:s}, {s:s, s:s, s:s, s:s}, i]}",
        "scenario", "s.lua", "world", "virtual", "seed", 7, "version", "1.2", "repeat", "run it",
        "verdicts", /**/
        "unit", "5.9-3-2 a", "provision", "5.9-3", "verdict", verdict, "sentence", "They came.",
        "unit", "no sentence", "provision", "5.9-3", "verdict", "PASS",                /**/
        "unit", "empty", "provision", "5.9-3", "verdict", "PASS", "sentence", "",      /**/
        "unit", "a word", "provision", "5.9-3", "verdict", "MAYBE", "sentence", "So.", /**/
        "unit", "nowhere", "provision", "", "verdict", "PASS", "sentence", "So.",      /**/
        "provision", "5.9-3", "verdict", "PASS", "sentence", "No unit.",               /**/
        "unit", "unknown", "provision", "5.99-1", "verdict", "PASS", "sentence", "So.", 7);
}

static json_t *shown_in(const char *verdict, const char *folder) {
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:s, s:s, s:s, s:s}", "unit", "5.9-3-2 a",
                     "verdict", verdict, "sentence", "They came.", "scenario", "s.lua", "world",
                     "virtual", "seed", 7, "version", "1.2", "repeat", "run it", "folder", folder,
                     "evidence", "evidence.json");
}

/* What runs have shown stands in its row once, with all that repeats it; what a maker wrote
 * stays. */
static void test_filled_in(void **state) {
    (void)state;
    static const char *const folders[] = {"o", "o", "p"};
    static const size_t filled[] = {1, 1, 2};
    said all = {.count = 0};
    assess_ics_file s = {0};
    take_template(&s, "Y", &all);
    all = (said){.count = 0};
    json_t *summary = summary_of("FAIL");
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(assess_ics_file_fill(&s, summary, folders[i], note, &all), 0);
        assert_int_equal(s.filled, filled[i]);
    }
    assert_string_equal(all.text,
                        "run 5.9-3;(run 5.99-1);run 5.9-3;(run 5.99-1);run 5.9-3;(run 5.99-1);");
    const json_t *row = json_object_get(json_object_get(s.root, "provisions"), "5.9-3");
    json_t *wanted = json_pack("[o, o]", shown_in("FAIL", "o"), shown_in("FAIL", "p"));
    assert_true(json_equal(json_object_get(row, "runs"), wanted));
    assert_string_equal(json_string_value(json_object_get(row, "detail")), "it waits");
    json_decref(wanted);
    json_decref(summary);
    assess_ics_file_deinit(&s);
}

/* Bad twin: what agrees with the statement is filled in, too, and no contradiction is told. */
static void test_filled_in_without_a_contradiction(void **state) {
    (void)state;
    said all = {.count = 0};
    assess_ics_file s = {0};
    take_template(&s, "Y", &all);
    all = (said){.count = 0};
    json_t *summary = summary_of("PASS");
    assert_int_equal(assess_ics_file_fill(&s, summary, "o", note, &all), 0);
    assert_int_equal(s.filled, 1);
    assert_string_equal(all.text, "(run 5.99-1);"); /* of a provision that is none */
    json_decref(summary);
    assess_ics_file_deinit(&s);
}

/* Table B.1: the product, a row for each provision, each column in its place. */
static void test_table(void **state) {
    (void)state;
    char *text = NULL, row[512];
    size_t size = 0;
    said all = {.count = 0};
    assess_ics_file s = {0};
    take_template(&s, "N", &all);
    json_t *summary = summary_of("PASS");
    assert_int_equal(assess_ics_file_fill(&s, summary, "o", note, &all), 0);
    assert_int_equal(assess_ics_file_fill(&s, summary, "p", note, &all), 0);
    FILE *file = open_memstream(&text, &size);
    assert_non_null(file);
    assert_int_equal(assess_ics_file_markdown(file, &s), 0);
    fclose(file);
    const assess_provision *p = assess_provision_named(NEW, "5.9-3");
    snprintf(row, sizeof row,
             "\n| 5.9-3 | %s | %s | N | it waits | 5.9-3-2 a PASS (o); 5.9-3-2 a PASS (p) |\n",
             p->title, p->status);
    if (strstr(text, row) == NULL) fail_msg("%s is not in %s", row, text);
    assert_non_null(strstr(text, "\n\n- maker: Maker\n- model: M-1\n\n"));
    assert_null(strstr(text, "- name"));
    size_t rows = 0;
    for (const char *at = text; (at = strstr(at, "\n| ")) != NULL; at++) rows++;
    assert_int_equal(rows, (NEW)->provision_count + 2); /* those two are the head */
    free(text);
    json_decref(summary);
    assess_ics_file_deinit(&s);
}

/* Nor does a statement so short that it would stay in the file's buffer. */
static void test_a_template_that_does_not_fit(void **state) {
    (void)state;
    assess_ics_file s = {.root = json_object()};
    FILE *full = fopen("/dev/full", "w");
    assert_non_null(full);
    assert_int_equal(assess_ics_file_write(full, &s), SIM_EIO);
    assert_int_equal(assess_ics_file_template(full, NEW), SIM_EIO);
    fclose(full);
    assess_ics_file_deinit(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules_on_facts),
        cmocka_unit_test(test_templates),
        cmocka_unit_test(test_a_template_that_does_not_fit),
        cmocka_unit_test(test_filled_in),
        cmocka_unit_test(test_filled_in_without_a_contradiction),
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_a_reason_that_says_nothing),
        cmocka_unit_test(test_numbers_of_clause_6),
        cmocka_unit_test(test_good_statements),
        cmocka_unit_test(test_bad_twins),
        cmocka_unit_test(test_facts_that_nobody_said),
        cmocka_unit_test(test_not_constrained_by_definition),
        cmocka_unit_test(test_runs),
        cmocka_unit_test(test_long_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
