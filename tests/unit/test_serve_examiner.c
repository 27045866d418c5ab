/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The examiner of a cloud that is served for real: devices that nobody announced, in virtual time.
 */
#include <string.h>

#include "sim/cloud/session.h"
#include "sim/serve/examiner.h"
#include "tests/unit/every_allocation.h"

enum { DEVICES = 50, FIRST = 3000000 };

typedef struct bench {
    serve_examiner e;
    net_senml_pack pack;
    uint32_t notices;
    record_alert last;
} bench;

/* Learns in ten minutes; windows of a minute. */
static const examine_watch_settings *quick(void) {
    static examine_watch_settings s;
    s = examine_watch_default;
    s.learn = 10 * SIM_MINUTE;
    return &s;
}

static void begin(bench *b, const examine_watch_settings *s) {
    memset(b, 0, sizeof *b);
    assert_int_equal(serve_examiner_init(&b->e, s), 0);
    b->pack.count = 1;
    (void)strcpy(b->pack.records[0].name, "urn:dev:ops:1-x-1_temperature");
}

static void noticed(void *context, const record_alert *n) {
    bench *b = context;
    b->notices++;
    b->last = *n;
}

static void report(bench *b, uint32_t device, double value) {
    b->pack.records[0].value = value;
    serve_examiner_report(&b->e, b->e.due - SIM_SECOND, device, &b->pack, 20);
}

static void window(bench *b) {
    serve_examiner_close(&b->e, noticed, b);
}

static void calm(bench *b, int windows) {
    for (int i = 0; i < windows; i++) {
        for (uint32_t d = 0; d < DEVICES; d++) report(b, FIRST + 7 * d, 20 + (d + (unsigned)i) % 5);
        window(b);
    }
}

static void a_reading_that_cannot_be_is_told_by_the_fronts_number(void **state) {
    (void)state;
    bench b;
    begin(&b, quick());
    calm(&b, 30);
    assert_int_equal(b.notices, 0);
    for (int i = 0; i < 2; i++) report(&b, FIRST + 7 * 9, 125);
    window(&b);
    assert_int_equal(b.notices, 1);
    assert_int_equal(b.last.kind, RECORD_ANOMALY_OUT_OF_RANGE);
    assert_int_equal(b.last.who, FIRST + 7 * 9);
    assert_int_equal(b.last.delivered, b.last.at);
    serve_examiner_deinit(&b.e);
}

/* Learnt from when it came, not from when serving began: what it does first is no alarm. */
static void a_late_device_is_new(void **state) {
    (void)state;
    bench b;
    begin(&b, quick());
    calm(&b, 600);
    for (int i = 0; i < 9; i++) {
        for (int n = 0; n < 200; n++) report(&b, 5, 21 + n % 3);
        calm(&b, 1);
    }
    assert_int_equal(b.notices, 0);
    serve_examiner_deinit(&b.e);
}

/* The same burst of one that has been there: the bad twin of the one before. */
static void an_old_device_is_judged_by_its_past(void **state) {
    (void)state;
    bench b;
    begin(&b, quick());
    calm(&b, 600);
    for (int i = 0; i < 120 && b.notices == 0; i++) {
        for (int n = 0; n < 200; n++) report(&b, FIRST + 7 * 3, 21 + n % 3);
        calm(&b, 1);
    }
    assert_true(b.notices > 0);
    assert_int_equal(b.last.who, FIRST + 7 * 3);
    serve_examiner_deinit(&b.e);
}

static void strangers_are_not_remembered_for_wrong_keys(void **state) {
    (void)state;
    bench b;
    begin(&b, quick());
    calm(&b, 60);
    for (int i = 0; i < 60; i++) {
        for (int n = 0; n < 20; n++) serve_examiner_refused(&b.e, b.e.due - SIM_SECOND, 77);
        calm(&b, 1);
    }
    assert_int_equal(b.e.known.count, DEVICES);
    assert_int_equal(b.notices, 0);
    for (int i = 0; i < 60 && b.notices == 0; i++) {
        for (int n = 0; n < 20; n++) serve_examiner_refused(&b.e, b.e.due - SIM_SECOND, FIRST);
        calm(&b, 1);
    }
    assert_int_equal(b.last.kind, RECORD_ANOMALY_CREDENTIAL_STUFFING);
    assert_int_equal(b.last.who, FIRST);
    serve_examiner_deinit(&b.e);
}

static void no_more_than_there_is_room_for(void **state) {
    (void)state;
    bench b;
    begin(&b, quick());
    for (uint32_t d = 0; d < SERVE_EXAMINED_MAX + 5; d++) report(&b, d, 20);
    assert_int_equal(b.e.unexamined, 5);
    report(&b, 0, 20);
    assert_int_equal(b.e.unexamined, 5);
    window(&b);
    serve_examiner_deinit(&b.e);
}

/* What nobody could examine is said: a format that cannot be read, a device that has no name. */
static void what_is_not_examined_is_counted(void **state) {
    (void)state;
    bench b;
    begin(&b, quick());
    report(&b, 7, 20);
    assert_int_equal(b.e.unexamined, 0);
    serve_examiner_report(&b.e, b.e.due - SIM_SECOND, 7, NULL, 20);
    assert_int_equal(b.e.unexamined, 1);
    report(&b, CLOUD_NOBODY, 20);
    report(&b, CLOUD_ANYBODY, 20);
    assert_int_equal(b.e.unexamined, 3);
    assert_int_equal(b.e.known.count, 1);
    serve_examiner_deinit(&b.e);
}

static void nobody_examines(void **state) {
    (void)state;
    static const net_address from;
    bench b;
    begin(&b, NULL);
    report(&b, 1, 1e300);
    serve_examiner_session(&b.e, 0, 1, &from, true, 0);
    serve_examiner_refused(&b.e, 0, 1);
    assert_int_equal(b.e.due, SIM_NEVER);
    assert_int_equal(b.e.unexamined, 0);
    serve_examiner_deinit(&b.e);
}

static int made(void *settings) {
    serve_examiner e = {0};
    const int error = serve_examiner_init(&e, settings);
    serve_examiner_deinit(&e);
    return error;
}

static void memory_may_fail(void **state) {
    (void)state;
    examine_watch_settings s = examine_watch_default;
    assert_true(fail_every_allocation(made, &s) > 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reading_that_cannot_be_is_told_by_the_fronts_number),
        cmocka_unit_test(a_late_device_is_new),
        cmocka_unit_test(an_old_device_is_judged_by_its_past),
        cmocka_unit_test(strangers_are_not_remembered_for_wrong_keys),
        cmocka_unit_test(no_more_than_there_is_room_for),
        cmocka_unit_test(what_is_not_examined_is_counted),
        cmocka_unit_test(nobody_examines),
        cmocka_unit_test(memory_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
