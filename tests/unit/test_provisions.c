/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/assess/provisions.h"
#include "tests/unit/with_cmocka.h"

typedef struct tally {
    size_t mandatory, recommended, scenario, partly, declaration, unknown;
} tally;

static tally count(const assess_edition *e) {
    tally t = {0};
    for (size_t i = 0; i < e->provision_count; i++) {
        const assess_provision *p = &e->provisions[i];
        *(p->level == ASSESS_MANDATORY ? &t.mandatory : &t.recommended) += 1;
        size_t *const by_testable[] = {[ASSESS_TESTABLE_UNKNOWN] = &t.unknown,
                                       [ASSESS_TESTABLE_SCENARIO] = &t.scenario,
                                       [ASSESS_TESTABLE_PARTLY] = &t.partly,
                                       [ASSESS_TESTABLE_DECLARATION] = &t.declaration};
        *by_testable[p->testable] += 1;
    }
    return t;
}

static void test_counts(void **state) {
    (void)state;
    tally t = count(&assess_edition_2_1_1);
    assert_int_equal(assess_edition_2_1_1.provision_count, 68);
    assert_int_equal(t.mandatory, 33);
    assert_int_equal(t.recommended, 35);
    assert_int_equal(t.scenario, 35);
    assert_int_equal(t.partly, 15);
    assert_int_equal(t.declaration, 18);
    assert_int_equal(t.unknown, 0);
    t = count(&assess_edition_3_1_3);
    assert_int_equal(assess_edition_3_1_3.provision_count, 78);
    assert_int_equal(t.mandatory, 36);
    assert_int_equal(t.recommended, 42);
    assert_int_equal(t.unknown, 4); /* 5.1-2A, 6-6, 6-7, 6-8: nobody has looked yet */
}

/* The facts that a printed status names: those in its parentheses. */
static assess_facts facts_in(const assess_edition *e, const char *status) {
    char inside[40] = "";
    assess_facts set = 0;
    const char *open = strchr(status, '(');
    if (open != NULL)
        snprintf(inside, sizeof inside, "%.*s", (int)strcspn(open + 1, ")"), open + 1);
    for (char *rest = inside, *name; (name = strsep(&rest, ",")) != NULL && *name != '\0';) {
        char fact[8];
        snprintf(fact, sizeof fact, "%s%s", *name >= '0' && *name <= '9' ? "c" : "", name);
        int i = assess_fact_named(e, fact);
        assert_true(i >= 0);
        set |= UINT64_C(1) << i;
    }
    return set;
}

static void check_provision(const assess_edition *e, size_t index) {
    const assess_provision *p = &e->provisions[index];
    assert_int_equal(p->status[0], p->level == ASSESS_MANDATORY ? 'M' : 'R');
    if (facts_in(e, p->status) != p->conditions) fail_msg("%s %s: conditions", e->name, p->id);
    assert_true(strlen(p->title) > 10);
    assert_ptr_equal(assess_provision_named(e, p->id), p); /* no number twice */
    if (p->printed != NULL) assert_ptr_equal(assess_provision_named(e, p->printed), p);
    if (p->formerly != NULL) {
        assert_null(assess_provision_named(e, p->formerly));
        assert_non_null(assess_provision_named(&assess_edition_2_1_1, p->formerly));
    }
}

static void test_rows(void **state) {
    (void)state;
    for (size_t k = 0; assess_editions[k] != NULL; k++) {
        const assess_edition *e = assess_editions[k];
        assert_true(e->provision_count <= ASSESS_PROVISIONS_MAX &&
                    e->fact_count <= ASSESS_FACTS_MAX);
        for (size_t i = 0; i < e->provision_count; i++) check_provision(e, i);
        assert_non_null(assess_provision_named(e, e->reporting));
        for (size_t i = 0; i < e->fact_count; i++)
            assert_int_equal(assess_fact_named(e, e->facts[i].name), i);
        for (size_t i = 0; i < e->rule_count; i++) {
            assert_true((e->rules[i].when_true & e->rules[i].when_false) == 0);
            assert_true((e->rules[i].when_true | e->rules[i].when_false) >> e->fact_count == 0);
            if (e->rules[i].provision != NULL)
                assert_non_null(assess_provision_named(e, e->rules[i].provision));
        }
    }
}

static void test_cases(void **state) {
    (void)state;
    for (size_t k = 0; assess_editions[k] != NULL; k++) {
        const assess_edition *e = assess_editions[k];
        for (size_t i = 0; i < e->case_count; i++) {
            const assess_test_case *c = &e->cases[i];
            char unit[24];
            assert_non_null(assess_provision_named(e, c->provision));
            assert_int_equal(strncmp(c->id, c->provision, strlen(c->provision)), 0);
            snprintf(unit, sizeof unit, "%s %c", c->id, c->units[0]);
            assert_ptr_equal(assess_case_of_unit(e, unit), c);
            assert_non_null(assess_case_ixit(e, c));
        }
        static const char *const none[] = {"5.9-3-2 b",  "5.9-3-2",  "5.9-3-2 ",
                                           "5.9-3-2 ab", "answered", ""};
        for (size_t i = 0; i < sizeof none / sizeof *none; i++)
            assert_null(assess_case_of_unit(e, none[i]));
    }
}

/* How a product connects is declared in other tables in the one edition than in the other; outages
 * are not. */
static void test_tables_of_cases(void **state) {
    (void)state;
    static const struct {
        const char *unit, *earlier, *later;
    } rows[] = {{"5.9-3-2 a", "11-ComMech", "28-LogIntf, 23-ResMech"},
                {"5.9-1-1 a", "23-ResMech", "23-ResMech"},
                {"5.10-1-1 b", "24-TelData", "24-TelData"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const assess_edition *earlier = &assess_edition_2_1_1, *later = &assess_edition_3_1_3;
        assert_string_equal(assess_case_ixit(earlier, assess_case_of_unit(earlier, rows[i].unit)),
                            rows[i].earlier);
        assert_string_equal(assess_case_ixit(later, assess_case_of_unit(later, rows[i].unit)),
                            rows[i].later);
    }
}

/* Rows that the differences of the editions rest on. */
static void test_known_rows(void **state) {
    (void)state;
    static const struct {
        const assess_edition *edition;
        const char *id, *status;
    } rows[] = {
        {&assess_edition_2_1_1, "4-1", "M"},
        {&assess_edition_2_1_1, "5.3-10", "M (11,12)"},
        {&assess_edition_2_1_1, "5.3-14", "R C (3,4)"},
        {&assess_edition_2_1_1, "5.9-3", "R"},
        {&assess_edition_2_1_1, "5.10-1", "R C (6)"},
        {&assess_edition_2_1_1, "6.3", "M"},
        {&assess_edition_3_1_3, "5.0-1", "M"},
        {&assess_edition_3_1_3, "5.1-2A", "R"},
        {&assess_edition_3_1_3, "5.1-5", "M C F (14,e)"},
        {&assess_edition_3_1_3, "5.9-3", "R"},
        {&assess_edition_3_1_3, "5.10-1", "R F (w)"},
        {&assess_edition_3_1_3, "6-7", "R F (aa)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(assess_provision_named(rows[i].edition, rows[i].id)->status,
                            rows[i].status);
    assert_null(assess_provision_named(&assess_edition_3_1_3, "5.3-4"));
    assert_null(assess_provision_named(&assess_edition_3_1_3, "4-1"));
    assert_string_equal(assess_provision_formerly(&assess_edition_3_1_3, "5.3-4")->id, "5.3-4A");
    assert_null(assess_provision_named(&assess_edition_2_1_1, "5.0-1"));
}

static void test_editions(void **state) {
    (void)state;
    assert_ptr_equal(assess_editions[0], &assess_edition_3_1_3);
    assert_ptr_equal(assess_edition_named("V2.1.1"), &assess_edition_2_1_1);
    assert_ptr_equal(assess_edition_named("3.1.3"), &assess_edition_3_1_3);
    static const char *const none[] = {"", "V", "V3", "v3.1.3", "V3.1.3 ", "3.1.2"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_null(assess_edition_named(none[i]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts),     cmocka_unit_test(test_rows),
        cmocka_unit_test(test_cases),      cmocka_unit_test(test_tables_of_cases),
        cmocka_unit_test(test_known_rows), cmocka_unit_test(test_editions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
