/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
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
    const char *words; /* in the sentence */
} row;

static const row rows[] = {
    {{"CoAP over DTLS"}, coap, 9, JUDGE_PASS, "CoAP (RFC 7252), DTLS (RFC 6347, RFC 9147)."},
    {{"coap"}, coap, 9, JUDGE_PASS, "RFC 7252"},
    {{"CoAPS to the cloud"}, coap, 9, JUDGE_PASS, "CoAPS"},
    {{"MQTT 5 over TLS 1.3"}, mqtt, 9, JUDGE_PASS, "MQTT"},
    {{"MQTTS"}, mqtt, 9, JUDGE_PASS, "MQTTS"},
    {{"CoAP", "HTTPS for updates"}, coap, 9, JUDGE_PASS, "HTTPS"},
    {{"CoAP"}, NULL, 9, JUDGE_PASS, "CoAP"},
    {{"MQTT"}, coap, 0, JUDGE_PASS, "MQTT"}, /* nothing was seen: nothing contradicts it */
    {{"MQTT"}, coap, 1200, JUDGE_FAIL, "1,200 attempts to connect spoke CoAP"},
    {{"CoAP"}, mqtt, 9, JUDGE_FAIL, "spoke MQTT"},
    {{"DTLS with a key"}, coap, 9, JUDGE_FAIL, "spoke CoAP"},
    {{"CoAP"},
     strange,
     9,
     JUDGE_PASS,
     "CoAP"}, /* a protocol that is unknown here is no service of ours to name */
    {{NULL}, coap, 9, JUDGE_INCONCLUSIVE, "No interface was declared"},
    {{"our own protocol"}, coap, 9, JUDGE_INCONCLUSIVE, "names no protocol"},
    {{"CoAP", "our own protocol"}, coap, 9, JUDGE_INCONCLUSIVE, "'if-1'"},
    {{"our own protocol", "MQTT"}, coap, 9, JUDGE_INCONCLUSIVE, "'if-0'"},
    /* a word, not its beginning */
    {{"coapology"}, coap, 9, JUDGE_INCONCLUSIVE, "names no protocol"},
    {{"xMQTT"}, mqtt, 9, JUDGE_INCONCLUSIVE, "names no protocol"},
    {{""}, coap, 9, JUDGE_INCONCLUSIVE, "names no protocol"},
};

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
        if (f.verdict != rows[i].verdict || strstr(f.sentence, rows[i].words) == NULL)
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
