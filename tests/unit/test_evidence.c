/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The evidence of a summary: a case is as good as the worst of its units, and those that nobody
 * judged, or judged for another provision, are missing. And the evidence as files. */
#include <stdlib.h>
#include <string.h>

#include "sim/assess/evidence.h"
#include "tests/unit/with_cmocka.h"

typedef struct verdict {
    const char *provision, *unit, *word;
} verdict;

/* JSON whose quotes are written ' here. */
static const char *quoted(const char *text, char *out, size_t size) {
    assert_true(strlen(text) < size);
    size_t i = 0;
    for (; text[i] != '\0'; i++) out[i] = text[i] == '\'' ? '"' : text[i];
    out[i] = '\0';
    return out;
}

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

/* ---- what was declared ---- */

/* A summary of these declarations, and of nothing else. */
static json_t *ixit_of(const char *declarations) {
    json_t *summary = json_object(), *evidence = NULL;
    json_t *declared = json_loads(declarations, 0, NULL);
    assert_non_null(declared);
    assert_int_equal(json_object_set_new(summary, "declarations", declared), 0);
    assert_int_equal(assess_evidence(assess_edition_named("V3.1.3"), summary, &evidence), 0);
    json_t *ixit = json_incref(json_object_get(evidence, "ixit"));
    json_decref(summary);
    json_decref(evidence);
    return ixit;
}

#define DECLARED "'origin': 'declared in the scenario'"
#define DERIVED "'origin': 'derived from the declared back-off law; the scenario declares no entry'"

/* Of every entry it is told whether somebody declared it or we made it of the law of back-off. The
 * texts have ' for ". */
static void test_ixit(void **state) {
    (void)state;
    static const struct {
        const char *declarations, *wanted;
    } rows[] = {
        {"{'law': 'doubles', 'protocols': ['CoAP', 'DTLS']}",
         "{'23-ResMech': [{'ID': 'ResMech-1', 'Description': 'doubles',"
         " 'Type': 'network connectivity', 'Security Guarantees': null, " DERIVED "}],"
         "'28-LogIntf': [{'ID': 'Cloud', 'Description': 'CoAP, DTLS',"
         " 'Resilience Measures': 'doubles', " DERIVED "}], '24-TelData': []}"},
        /* what is no name is no protocol */
        {"{'law': 'doubles', 'protocols': [7, 'CoAP', null, 'DTLS']}",
         "{'23-ResMech': [{'ID': 'ResMech-1', 'Description': 'doubles',"
         " 'Type': 'network connectivity', 'Security Guarantees': null, " DERIVED "}],"
         "'28-LogIntf': [{'ID': 'Cloud', 'Description': 'CoAP, DTLS',"
         " 'Resilience Measures': 'doubles', " DERIVED "}], '24-TelData': []}"},
        {"{'law': 'doubles', 'protocols': [],"
         " 'resilience': [{'id': 'R', 'description': 'a battery', 'type': 'power',"
         " 'guarantees': 'none'}, {'id': 'S'}],"
         " 'interfaces': [{'id': 'I', 'description': 'radio', 'resilience_measures': 'R'}],"
         " 'telemetry': [{'id': 'T', 'description': 'heat', 'purpose': 'care',"
         " 'security_examination': 'daily', 'personal_data': 'no',"
         " 'looks_for': ['jumps', 'silence']}, {'id': 'U', 'looks_for': []}]}",
         "{'23-ResMech': [{'ID': 'R', 'Description': 'a battery', 'Type': 'power',"
         " 'Security Guarantees': 'none', " DECLARED "},"
         " {'ID': 'S', 'Description': null, 'Type': null, 'Security Guarantees': null, " DECLARED
         "}], '28-LogIntf': [{'ID': 'I', 'Description': 'radio', 'Resilience Measures': "
         "'R', " DECLARED "}], '24-TelData': [{'ID': 'T', 'Description': 'heat', 'Purpose': 'care',"
         " 'Security Examination': 'daily. Looks for: jumps, silence', 'Personal Data': "
         "'no', " DECLARED "}, {'ID': 'U', 'Description': null, 'Purpose': null,"
         " 'Security Examination': null, 'Personal Data': null, " DECLARED "}]}"},
        {"{}", "{'23-ResMech': [], '28-LogIntf': [], '24-TelData': []}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char declarations[1024], wanted[2048];
        json_t *ixit = ixit_of(quoted(rows[i].declarations, declarations, sizeof declarations));
        json_t *other = json_loads(quoted(rows[i].wanted, wanted, sizeof wanted), 0, NULL);
        assert_non_null(other);
        if (!json_equal(ixit, other)) fail_msg("row %zu: another IXIT", i);
        json_decref(ixit);
        json_decref(other);
    }
}

/* ---- the files ---- */

/* A file that takes as many bytes as it has room for, each of them at once. */
static int written(const json_t *evidence, char *room, size_t size) {
    FILE *file = fmemopen(room, size, "w");
    assert_non_null(file);
    setvbuf(file, NULL, _IONBF, 0);
    int error = assess_evidence_json(file, evidence);
    fclose(file);
    return error;
}

/* The file ends with its line, and one that has no room for the end of the line is not written. */
static void test_end_of_the_file(void **state) {
    (void)state;
    static const char whole[] = "{\n  \"schema\": \"none\"\n}\n";
    char room[sizeof whole];
    json_t *evidence = json_pack("{s:s}", "schema", "none");
    memset(room, 0, sizeof room);
    assert_int_equal(written(evidence, room, sizeof room), 0);
    assert_string_equal(room, whole);
    memset(room, 0, sizeof room);
    assert_int_equal(written(evidence, room, sizeof whole - 2), SIM_EIO);
    assert_memory_equal(room, whole, sizeof whole - 3); /* the last byte of a full one is 0 */
    json_decref(evidence);
}

static const char evidence_text[] =
    "{'edition': {'en_303_645': 'V3.1.3', 'ts_103_701': 'V2.1.1'},"
    "'run': {'title': 'A *street*', 'scenario': 'street', 'version': '0.2.0', 'world': 'virtual',"
    " 'target': 'the cloud', 'seed': 7, 'devices': 12, 'repeat': 'blackstart run street',"
    " 'fingerprint': 'f00d', 'error': 'no room', 'interrupted': true},"
    "'groups': [{'provision': '5.9-3', 'verdict': 'FAIL', 'status': 'R', 'title': 'orderly',"
    " 'see_also': [{'act': 'an act', 'clause': 'its clause', 'about': 'outages'}],"
    " 'cases': [{'case': '5.9-3-1', 'kind': 'functional', 'verdict': 'FAIL', 'purpose': 'to see',"
    "  'ixit': '23-ResMech', 'not_judged': ['5.9-3-1 b', '5.9-3-1 c'], 'units': ["
    "  {'unit': '5.9-3-1 a', 'verdict': 'FAIL', 'sentence': 'They came.', 'done': 'an outage',"
    "   'stimuli': [{'trigger': 'power', 'devices': 3}, {'trigger': 'link'}],"
    "   'measures': [{'name': 'peak', 'value': 9, 'unit': '1/s', 'relation': '<=', 'threshold': 4,"
    "    'holds': false}, {'name': 'share', 'value': 1, 'unit': '', 'relation': '>=',"
    "    'threshold': 1, 'holds': true}, {'name': 'late', 'value': 2, 'relation': '<=',"
    "    'threshold': 3, 'holds': null}, {'name': 'homes', 'value': 5, 'relation': 'none'}],"
    "   'evidence': [{'file': 'events.csv', 'what': 'all of it'}]}]},"
    "  {'kind': 'ours', 'verdict': 'PASS'}], 'not_judged': ['5.9-3-2 a']}],"
    "'other_checks': [{'unit': 'answered', 'verdict': 'PASS', 'sentence': 'All were.'}],"
    "'ixit': {'23-ResMech': [{'ID': 'A', 'Type': null, 'origin': 'declared'}, {'ID': 'B'}],"
    " '24-TelData': []},"
    "'limits': ['It is a model.', 'No more.']}";

static const char evidence_page[] =
    "# Evidence: A \\*street\\*\n"
    "\n"
    "EN 303 645 V3.1.3, TS 103 701 V2.1.1.\n"
    "\n"
    "- scenario: street\n"
    "- program: 0.2.0\n"
    "- world: virtual\n"
    "- target: the cloud\n"
    "- seed: 7\n"
    "- devices: 12\n"
    "- to repeat it: blackstart run street\n"
    "- fingerprint: f00d\n"
    "- error: no room\n"
    "- interrupted before its end\n"
    "\n"
    "## Test group 5.9-3: FAIL\n"
    "\n"
    "Status R. In our words: orderly.\n"
    "\n"
    "For information, and no verdict by it: an act, its clause, in our words: outages.\n"
    "\n"
    "### Test case 5.9-3-1 (functional): FAIL\n"
    "\n"
    "In our words: to see.\n"
    "\n"
    "IXIT: 23-ResMech\n"
    "\n"
    "#### Unit 5.9-3-1 a: FAIL\n"
    "\n"
    "They came.\n"
    "\n"
    "Done: an outage\n"
    "\n"
    "- trigger: power, which struck 3 devices that were online\n"
    "- trigger: link\n"
    "\n"
    "Observed (thresholds are policy of this project, not of the standard):\n"
    "\n"
    "| measure | value | wanted | holds |\n"
    "| --- | --- | --- | --- |\n"
    "| peak | 9 1/s | \\<= 4 | **no** |\n"
    "| share | 1 | \\>= 1 | yes |\n"
    "| late | 2 | \\<= 3 | cannot be told |\n"
    "| homes | 5 | for information |  |\n"
    "\n"
    "Evidence:\n"
    "\n"
    "- events.csv: all of it\n"
    "\n"
    "Not judged by this run: 5.9-3-1 b, 5.9-3-1 c.\n"
    "\n"
    "### Checks of our own (ours): PASS\n"
    "\n"
    "Not judged by this run: 5.9-3-2 a.\n"
    "\n"
    "## Other checks\n"
    "\n"
    "- answered: PASS. All were.\n"
    "\n"
    "## Declarations\n"
    "\n"
    "### IXIT 23-ResMech\n"
    "\n"
    "- ID: A  \n"
    "  Type: not declared  \n"
    "  origin: declared  \n"
    "\n"
    "- ID: B  \n"
    "\n"
    "### IXIT 24-TelData\n"
    "\n"
    "Nothing was declared.\n"
    "\n"
    "## What this does not prove\n"
    "\n"
    "- It is a model.\n"
    "- No more.\n";

static void test_page(void **state) {
    (void)state;
    char text[sizeof evidence_text], *page = NULL;
    size_t size = 0;
    json_t *evidence = json_loads(quoted(evidence_text, text, sizeof text), 0, NULL);
    FILE *file = open_memstream(&page, &size);
    assert_true(evidence != NULL && file != NULL);
    assert_int_equal(assess_evidence_markdown(file, evidence), 0);
    fclose(file);
    assert_string_equal(page, evidence_page);
    free(page);
    FILE *full = fopen("/dev/full", "w");
    assert_non_null(full);
    assert_int_equal(assess_evidence_markdown(full, evidence), SIM_EIO);
    fclose(full);
    json_decref(evidence);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_units), cmocka_unit_test(test_groups), cmocka_unit_test(test_ixit),
        cmocka_unit_test(test_end_of_the_file), cmocka_unit_test(test_page)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
