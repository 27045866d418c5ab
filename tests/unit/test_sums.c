/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a street counts: answers of one number are told apart by their protocol, and sums lose
 * nothing. */
#include <stdio.h>
#include <string.h>

#include "sim/fleet/sums.h"
#include "tests/unit/with_cmocka.h"

static uint64_t called(const fleet_sums *s, const char *word) {
    uint64_t n = 0;
    for (uint32_t at = 0; at < FLEET_ANSWERS; at++) {
        const char *text = fleet_answer_text(at);
        if (text != NULL && strncmp(text, word, strlen(word)) == 0) n += s->answers[at];
    }
    return n;
}

static void test_answers_by_protocol(void **state) {
    (void)state;
    fleet_sums s = {0};
    const net_answer no = {.kind = NET_REFUSED, .detail = 0x84};
    const net_answer none = {.kind = NET_UNANSWERED, .detail = 0x84};
    const net_answer large = {.kind = NET_REFUSED, .detail = FLEET_ANSWER_NUMBERS};
    for (int i = 0; i < 3; i++) fleet_sums_answered(&s, &net_protocol_coap, &no);
    for (int i = 0; i < 5; i++) fleet_sums_answered(&s, &net_protocol_mqtt, &no);
    fleet_sums_answered(&s, &net_protocol_mqtt_ws, &no); /* the same answer, wrapped */
    fleet_sums_answered(&s, &net_protocol_coap, &none);
    fleet_sums_answered(&s, &net_protocol_coap, &large);
    assert_int_equal(called(&s, "4.04"), 3);
    assert_int_equal(called(&s, "0x84"), 6);
    uint64_t all = 0;
    for (uint32_t at = 0; at < FLEET_ANSWERS; at++) all += s.answers[at];
    assert_int_equal(all, 9);
}

/* Each answer of CoAP by name stands under its own number (RFC 7252 12.1.2). */
static void test_names_of_coap(void **state) {
    (void)state;
    size_t named = 0;
    for (uint16_t code = 0; code <= UINT8_MAX; code++) {
        const char *text = net_protocol_coap.answer_text(code);
        char number[8];
        if (text == NULL) continue;
        (void)snprintf(number, sizeof number, "%d.%02d ", code >> 5, code & 31);
        assert_memory_equal(text, number, strlen(number));
        named++;
    }
    assert_int_equal(named, 26);
    assert_null(net_protocol_coap.answer_text(UINT8_MAX + 1));
}

static void test_addition(void **state) {
    (void)state;
    fleet_sums a = {.online = 1, .chains = 2}, b = {.online = 10, .reports_cut = 5};
    a.answers[FLEET_ANSWERS - 1] = 7;
    b.answers[FLEET_ANSWERS - 1] = 70;
    b.ends[NET_ENDS - 1] = 4;
    b.devices.reports_due = 9;
    fleet_sums_add(&a, &b);
    assert_int_equal(a.online, 11);
    assert_int_equal(a.chains, 2);
    assert_int_equal(a.reports_cut, 5);
    assert_int_equal(a.answers[FLEET_ANSWERS - 1], 77);
    assert_int_equal(a.ends[NET_ENDS - 1], 4);
    assert_int_equal(a.devices.reports_due, 9);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_answers_by_protocol),
                                       cmocka_unit_test(test_names_of_coap),
                                       cmocka_unit_test(test_addition)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
