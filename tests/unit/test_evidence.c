/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The evidence of a summary: a case is as good as the worst of its units, and those that nobody
 * judged, or judged for another provision, are missing. */
#include <string.h>

#include "sim/assess/evidence.h"
#include "tests/unit/with_cmocka.h"

typedef struct verdict {
    const char *provision, *unit, *word;
} verdict;

/* The evidence of these verdicts; {NULL} ends them. */
static json_t *of(const verdict *list) {
    json_t *summary = json_object(), *verdicts = json_array(), *evidence = NULL;
    for (; list->word != NULL; list++)
        assert_int_equal(json_array_append_new(
                             verdicts, json_pack("{s:s?, s:s?, s:s, s:s, s:[]}", "provision",
                                                 list->provision, "unit", list->unit, "verdict",
                                                 list->word, "sentence", "It was so.", "measures")),
                         0);
    assert_int_equal(json_object_set_new(summary, "verdicts", verdicts), 0);
    assert_int_equal(assess_evidence(assess_edition_named("V3.1.3"), summary, &evidence), 0);
    json_decref(summary);
    return evidence;
}

static const char *word_of(const json_t *one, const char *key) {
    const char *word = json_string_value(json_object_get(one, key));
    return word != NULL ? word : "(none)";
}

/* The first case of the first group: its verdict, and what it lacks with '+' between. */
static const char *first_case(const json_t *evidence) {
    static char text[200];
    const json_t *group = json_array_get(json_object_get(evidence, "groups"), 0);
    const json_t *one = json_array_get(json_object_get(group, "cases"), 0);
    const json_t *missing = json_object_get(one, "not_judged");
    int n = snprintf(text, sizeof text, "%s %s %zu", word_of(one, "case"), word_of(one, "verdict"),
                     json_array_size(json_object_get(one, "units")));
    for (size_t i = 0; i < json_array_size(missing); i++)
        n += snprintf(text + n, sizeof text - (size_t)n, "%c%s", i == 0 ? ' ' : '+',
                      json_string_value(json_array_get(missing, i)));
    return text;
}

static void test_units(void **state) {
    (void)state;
    static const struct {
        verdict list[5];
        const char *wanted;
    } rows[] = {
        {{{"5.9-2", "5.9-2-1 a", "PASS"},
          {"5.9-2", "5.9-2-1 b", "PASS"},
          {"5.9-2", "5.9-2-1 c", "PASS"}},
         "5.9-2-1 PASS 3"},
        {{{"5.9-2", "5.9-2-1 a", "PASS"}, {"5.9-2", "5.9-2-1 c", "PASS"}},
         "5.9-2-1 INCONCLUSIVE 2 5.9-2-1 b"},
        {{{"5.9-2", "5.9-2-1 b", "PASS"}}, "5.9-2-1 INCONCLUSIVE 1 5.9-2-1 a+5.9-2-1 c"},
        /* the worst of them, wherever it stands; FAIL is worse than what is missing */
        {{{"5.9-2", "5.9-2-1 a", "FAIL"},
          {"5.9-2", "5.9-2-1 b", "PASS"},
          {"5.9-2", "5.9-2-1 c", "INCONCLUSIVE"}},
         "5.9-2-1 FAIL 3"},
        {{{"5.9-2", "5.9-2-1 c", "FAIL"}}, "5.9-2-1 FAIL 1 5.9-2-1 a+5.9-2-1 b"},
        {{{"5.9-2", "5.9-2-1 a", "PASS"},
          {"5.9-2", "5.9-2-1 b", "INCONCLUSIVE"},
          {"5.9-2", "5.9-2-1 c", "PASS"}},
         "5.9-2-1 INCONCLUSIVE 3"},
        /* the unit's name under another provision is not that unit's verdict */
        {{{"5.9-2", "5.9-2-1 a", "PASS"},
          {"5.9-1", "5.9-2-1 b", "PASS"},
          {"5.9-2", "5.9-2-1 c", "PASS"}},
         "5.9-2-1 INCONCLUSIVE 2 5.9-2-1 b"},
        /* what is no verdict judged nothing */
        {{{"5.9-2", "5.9-2-1 a", "PASS"},
          {"5.9-2", "5.9-2-1 b", "perhaps"},
          {NULL, "5.9-2-1 b", "PASS"},
          {"5.9-2", "5.9-2-1 c", "PASS"}},
         "5.9-2-1 INCONCLUSIVE 2 5.9-2-1 b"},
        {{{"5.9-3", "5.9-3-2 a", "PASS"}}, "5.9-3-2 PASS 1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *evidence = of(rows[i].list);
        assert_string_equal(first_case(evidence), rows[i].wanted);
        json_decref(evidence);
    }
}

/* A group is as good as its cases, of which none may be missing; a check of ours is in none. */
static void test_groups(void **state) {
    (void)state;
    static const verdict whole[] = {{"5.9-3", "5.9-3-1 a", "PASS"},
                                    {"5.9-3", "5.9-3-1 b", "PASS"},
                                    {"5.9-3", "5.9-3-2 a", "PASS"},
                                    {"", "answered", "FAIL"},
                                    {NULL, NULL, NULL}};
    for (size_t without = 0; without < 4; without++) {
        verdict list[5];
        memcpy(list, whole, sizeof list);
        if (without < 3) memmove(list + without, list + without + 1, (4 - without) * sizeof *list);
        json_t *evidence = of(list);
        const json_t *groups = json_object_get(evidence, "groups");
        const json_t *others = json_object_get(evidence, "other_checks");
        const json_t *group = json_array_get(groups, 0);
        assert_int_equal(json_array_size(groups), 1);
        assert_int_equal(json_array_size(others), 1);
        assert_string_equal(word_of(json_array_get(others, 0), "verdict"), "FAIL");
        assert_string_equal(word_of(group, "verdict"), without == 3 ? "PASS" : "INCONCLUSIVE");
        assert_int_equal(json_array_size(json_object_get(group, "not_judged")), without == 2);
        json_decref(evidence);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_units), cmocka_unit_test(test_groups)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
