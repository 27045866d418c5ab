/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "sim/assess/ics.h"
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

int main(void) {
    const struct CMUnitTest tests[] = {
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
