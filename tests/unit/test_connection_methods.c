/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is examined of declared interfaces; which words say so, tests/data/sentences.txt holds. */
#include <math.h>
#include <string.h>

#include "sim/judge/check_connection_methods.h"
#include "tests/unit/with_cmocka.h"

static const char *const coap[] = {"CoAP", "DTLS", NULL};
static const char *const mqtt[] = {"MQTT", "TLS", NULL};
static const char *const strange[] = {"Gopher", NULL};

typedef struct row {
    const char *descriptions[3]; /* of the interfaces declared */
    const char *const *observed;
    uint64_t attempts;
    judge_verdict verdict;
    double known, undeclared; /* share of the interfaces; attempts; NAN: there is no such measure */
} row;

static const row rows[] = {
    {{"CoAP over DTLS"}, coap, 9, JUDGE_PASS, 1, 0},
    {{"coap"}, coap, 9, JUDGE_PASS, 1, 0},
    {{"CoAPS to the cloud"}, coap, 9, JUDGE_PASS, 1, 0},
    {{"MQTT 5 over TLS 1.3"}, mqtt, 9, JUDGE_PASS, 1, 0},
    {{"MQTTS"}, mqtt, 9, JUDGE_PASS, 1, 0},
    {{"CoAP", "HTTPS for updates"}, coap, 9, JUDGE_PASS, 1, 0},
    {{"CoAP"}, NULL, 9, JUDGE_PASS, 1, 0},
    {{"MQTT"}, coap, 0, JUDGE_PASS, 1, 0}, /* nothing was seen: nothing contradicts it */
    {{"MQTT"}, coap, 1200, JUDGE_FAIL, 1, 1200},
    {{"CoAP"}, mqtt, 9, JUDGE_FAIL, 1, 9},
    {{"DTLS with a key"}, coap, 9, JUDGE_FAIL, 1, 9},
    {{"CoAP"},
     strange,
     9,
     JUDGE_PASS,
     1,
     0}, /* a protocol that is unknown here is no service of ours to name */
    {{NULL}, coap, 9, JUDGE_INCONCLUSIVE, NAN, NAN},
    {{"our own protocol"}, coap, 9, JUDGE_INCONCLUSIVE, 0, NAN},
    {{"CoAP", "our own protocol"}, coap, 9, JUDGE_INCONCLUSIVE, 0.5, NAN},
    {{"our own protocol", "MQTT"}, coap, 9, JUDGE_INCONCLUSIVE, 0.5, NAN},
    /* a word, not its beginning */
    {{"coapology"}, coap, 9, JUDGE_INCONCLUSIVE, 0, NAN},
    {{"xMQTT"}, mqtt, 9, JUDGE_INCONCLUSIVE, 0, NAN},
    {{""}, coap, 9, JUDGE_INCONCLUSIVE, 0, NAN},
};

/* NAN where it was not measured. */
static double value(const judge_finding *f, const char *name) {
    for (size_t i = 0; i < f->measure_count; i++)
        if (strcmp(f->measures[i].name, name) == 0) return f->measures[i].value;
    return NAN;
}

static bool same(double a, double b) {
    return a == b || (isnan(a) && isnan(b));
}

static void test_verdicts(void **state) {
    (void)state;
    static const char *const ids[] = {"if-0", "if-1", "if-2"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        judge_interface interfaces[3] = {0};
        judge_connection_methods_case c = {
            .interfaces = interfaces, .observed = rows[i].observed, .attempts = rows[i].attempts};
        for (size_t k = 0; k < 3 && rows[i].descriptions[k] != NULL; k++, c.interface_count++)
            interfaces[k] = (judge_interface){.id = ids[k], .description = rows[i].descriptions[k]};
        judge_finding f;
        judge_connection_methods(&c, &f);
        if (f.verdict != rows[i].verdict ||
            !same(value(&f, "interfaces of a known standard"), rows[i].known) ||
            !same(value(&f, "attempts of an undeclared service"), rows[i].undeclared))
            fail_msg("row %zu: %s %s", i, judge_verdict_word(f.verdict), f.sentence);
        assert_string_equal(f.unit, "5.9-3-1 a");
        bool all = true;
        for (size_t k = 0; k < f.measure_count; k++) all = all && f.measures[k].holds;
        assert_int_equal(all, f.verdict != JUDGE_FAIL);
    }
}

/* Two of three interfaces name a standard: the share says so. */
static void test_share_of_known(void **state) {
    (void)state;
    const judge_interface some[] = {{"a", "CoAP", NULL}, {"b", "own", NULL}, {"c", "MQTT", NULL}};
    const judge_connection_methods_case c = {.interfaces = some, .interface_count = 3};
    judge_finding f;
    judge_connection_methods(&c, &f);
    assert_int_equal(f.measure_count, 1);
    assert_string_equal(f.measures[0].name, "interfaces of a known standard");
    assert_true(f.measures[0].value == 2. / 3);
}

/* As many protocols as there are: the sentence is cut, not overrun. */
static void test_long_declaration(void **state) {
    (void)state;
    const judge_interface all = {
        "if", "CoAP CoAPS MQTT MQTTS LwM2M HTTP HTTPS WebSocket AMQP DTLS TLS QUIC TCP", NULL};
    const judge_connection_methods_case c = {.interfaces = &all, .interface_count = 1};
    judge_finding f;
    judge_connection_methods(&c, &f);
    assert_int_equal(f.verdict, JUDGE_PASS);
    assert_true(strlen(f.sentence) < JUDGE_SENTENCE_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdicts),
        cmocka_unit_test(test_share_of_known),
        cmocka_unit_test(test_long_declaration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
