/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all checks have in common: a row that is whole, and what is missing decides nothing. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/judge/checks.h"
#include "tests/unit/with_cmocka.h"

static int passes(const judge_evidence *e, const void *wanted, judge_finding *out) {
    (void)e, (void)wanted;
    out->verdict = JUDGE_PASS;
    judge_finding_say(out, "All was well.");
    return 0;
}

/* Evidence in which nothing is missing. */
static judge_evidence whole(void) {
    static const record_attempt attempt;
    static const record_injection injection;
    static const judge_declared law;
    static const judge_ixit ixit = {.interface_count = 1, .resilience_count = 1};
    static const judge_trigger triggers[] = {{.name = "start", .began = SIM_NEVER},
                                             {.name = "power restore", .began = 5}};
    return (judge_evidence){
        .attempts = &attempt,
        .attempt_count = 1,
        .triggers = triggers,
        .trigger_count = 2,
        .devices = 1,
        .devices_ever_online = 1,
        .requests = {.due = 1},
        .changes = {.wanted = 2},
        .injections = &injection,
        .injection_count = 1,
        .capacity = 1,
        .law = &law,
        .silence = {.struck = 10, .noticed = 10, .slowest_share = 1},
        .household = {.lost = 1, .restored_same = 1, .hands = {[JUDGE_DURING] = {.asked = 1}}},
        .chains = {.asked = {1, 1, 1}, .ended = 1},
        .non_associated = {.attempts = 1},
        .ixit = &ixit};
}

static void take_away(judge_evidence *e, judge_need_bit need) {
    static const judge_ixit no_interface = {.resilience_count = 1};
    static const judge_ixit no_mechanism = {.interface_count = 1};
    static const judge_trigger never[] = {{.name = "start", .began = SIM_NEVER}};
    switch (need) {
        case JUDGE_NEED_BIT_ATTEMPTS:
            e->attempt_count = 0;
            break;
        case JUDGE_NEED_BIT_TRIGGER:
            e->triggers = never, e->trigger_count = 1;
            break;
        case JUDGE_NEED_BIT_CAPACITY:
            e->capacity = 0;
            break;
        case JUDGE_NEED_BIT_LAW:
            e->law = NULL;
            break;
        case JUDGE_NEED_BIT_IXIT:
            e->ixit = &no_interface;
            break;
        case JUDGE_NEED_BIT_MECHANISMS:
            e->ixit = &no_mechanism;
            break;
        case JUDGE_NEED_BIT_LOST:
            e->household.lost = 0;
            break;
        case JUDGE_NEED_BIT_BOOTS:
            e->household.restored_same = 0;
            break;
        case JUDGE_NEED_BIT_HANDS:
            e->household.hands[JUDGE_DURING].asked = 0;
            break;
        case JUDGE_NEED_BIT_SOMEBODY:
            e->devices_ever_online = 0;
            break;
        case JUDGE_NEED_BIT_REQUESTS:
            e->requests.due = 0;
            break;
        case JUDGE_NEED_BIT_VALUES:
            e->changes.wanted = 1;
            break;
        case JUDGE_NEED_BIT_TRUTH:
            e->injection_count = 0;
            break;
        case JUDGE_NEED_BIT_SILENCE:
            e->silence.struck = 0;
            break;
        case JUDGE_NEED_BIT_CHAINS:
            e->chains.asked[0] = 0;
            break;
        case JUDGE_NEED_BIT_NON_ASSOCIATED:
            e->non_associated.attempts = 0;
            break;
        case JUDGE_NEED_BIT_PUNCTUAL:
            e->generator_late = true;
            break;
        case JUDGE_NEED_BITS:
            break;
    }
}

/* A verdict that a late generator takes away says in what it was late; one that does not hang on
 * it says nothing of it. */
static void test_in_what_the_generator_was_late(void **state) {
    (void)state;
    judge_check check = {.word = "w", .unit = "u", .provision = "", .judge = passes};
    const judge_evidence e = {.generator_late = true, .generator_why = "Somebody held it."};
    judge_finding out, missed;
    assert_int_equal(judge_check_run(&check, &e, NULL, &out), 0);
    assert_int_equal(out.verdict, JUDGE_PASS);
    assert_null(strstr(out.sentence, e.generator_why));
    check.needs = JUDGE_NEED_PUNCTUAL;
    assert_int_equal(judge_check_run(&check, &e, NULL, &out), 0);
    assert_int_equal(out.verdict, JUDGE_INCONCLUSIVE);
    judge_check_miss(&check, JUDGE_NEED_BIT_PUNCTUAL, &missed);
    const char *why = strstr(out.sentence, e.generator_why);
    assert_non_null(why);
    assert_int_equal(why - out.sentence, strlen(missed.sentence) + 1); /* a blank between them */
    assert_memory_equal(out.sentence, missed.sentence, strlen(missed.sentence));
}

/* A check that needs all but one thing passes without that one, and not without any other. */
static void test_what_is_missing_decides_nothing(void **state) {
    (void)state;
    judge_finding f;
    for (judge_need_bit gone = 0; gone < JUDGE_NEED_BITS; gone++) {
        for (judge_need_bit needed = 0; needed < JUDGE_NEED_BITS; needed++) {
            judge_check check = {.word = "w", .unit = "u", .provision = "p", .judge = passes};
            judge_evidence e = whole();
            check.needs = 1U << needed;
            take_away(&e, gone);
            assert_int_equal(judge_check_run(&check, &e, NULL, &f), 0);
            assert_int_equal(f.verdict, gone == needed ? JUDGE_INCONCLUSIVE : JUDGE_PASS);
            assert_true((strcmp(f.sentence, "All was well.") == 0) == (gone != needed));
            assert_string_equal(f.unit, "u");
            assert_string_equal(f.provision, "p");
        }
    }
}

static void test_distrust(void **state) {
    (void)state;
    const judge_check check = {.word = "w", .unit = "u", .provision = "", .judge = passes};
    judge_finding f;
    judge_evidence e = whole();
    e.distrust = "";
    assert_int_equal(judge_check_run(&check, &e, NULL, &f), 0);
    assert_int_equal(f.verdict, JUDGE_PASS);
    e.distrust = "the clock jumped";
    assert_int_equal(judge_check_run(&check, &e, NULL, &f), 0);
    assert_int_equal(f.verdict, JUDGE_INCONCLUSIVE);
    assert_non_null(strstr(f.sentence, e.distrust)); /* it says why */
}

/* Of two with one name the last; a number decides where there is no name. */
static void test_triggers(void **state) {
    (void)state;
    static const judge_trigger triggers[] = {
        {.name = "start"}, {.name = "a"}, {.name = "b"}, {.name = "a"}};
    const judge_evidence e = {.triggers = triggers, .trigger_count = 4};
    assert_int_equal(judge_evidence_trigger(&e, "a"), 3);
    assert_int_equal(judge_evidence_trigger(&e, "b"), 2);
    assert_true(judge_evidence_trigger(&e, "c") == SIZE_MAX);
}

static void test_rows_are_whole(void **state) {
    (void)state;
    size_t count = 0;
    for (const judge_check *const *c = judge_checks; *c != NULL; c++, count++) {
        size_t fields = 0;
        judge_finding f;
        judge_check_begin(*c, &f);
        assert_string_equal(f.unit, (*c)->unit); /* it fits */
        assert_string_equal(f.provision, (*c)->provision);
        assert_true((*c)->title[0] != '\0' && (*c)->judge != NULL);
        assert_true((*c)->bad_twin.scenario != NULL && (*c)->bad_twin.settings != NULL);
        assert_true((*c)->size <= JUDGE_WANTED_MAX &&
                    ((*c)->size == 0) == ((*c)->defaults == NULL));
        for (const sim_field *field = (*c)->fields; field->name != NULL; field++, fields++)
            assert_true(field->offset < (*c)->size && field->help != NULL);
        assert_true(fields < JUDGE_FIELDS_MAX); /* the unit as well */
        for (const judge_check *const *other = judge_checks; other != c; other++)
            assert_string_not_equal((*other)->unit, (*c)->unit);
    }
    assert_true(count >= 8);
}

/* "reconnect.peak_over_capacity 0 1000 = 1": a number that a check takes, its limits and its default
 * (of a duration in ns). */
static void limits_of(const judge_check *c, const sim_field *f, char *text, size_t size) {
    double value = NAN;
    const char *at = (const char *)c->defaults + f->offset;
    sim_time duration;
    uint64_t count;
    switch (f->kind) {
        case SIM_FIELD_NUMBER:
        case SIM_FIELD_FRACTION:
            memcpy(&value, at, sizeof value);
            break;
        case SIM_FIELD_DURATION:
            memcpy(&duration, at, sizeof duration);
            value = (double)duration;
            break;
        case SIM_FIELD_COUNT:
            memcpy(&count, at, sizeof count);
            value = (double)count;
            break;
        default:
            break;
    }
    snprintf(text, size, "%s.%s %.10g %.10g = %.10g", c->word, f->name, f->minimum, f->maximum,
             value);
}

/* A verdict is asked for with these numbers: none of them moves unseen. */
static void test_limits_and_defaults(void **state) {
    (void)state;
    static const char *const rows[] = {
        "outage.returned 0 0 = 0.99",
        "outage.dropped 0 0 = 0.05",
        "outage.repeated 0 0 = 0.01",
        "outage.returned 0 0 = 0.99",
        "outage.dropped 0 0 = 0.05",
        "outage.repeated 0 0 = 0.01",
        "local_function.at_least 0 0 = 0.99",
        "local_function.at_least 0 0 = 0.99",
        "declaration.devices 1 4000000 = 0",
        "declaration.capacity 0.001 1000000000 = 0",
        "reconnect.trigger 0 0 = nan",
        "reconnect.capacity 0.001 1000000000 = 0",
        "reconnect.peak_over_capacity 0.01 1000 = 1",
        "reconnect.peak_to_mean 1 1000 = 3",
        "reconnect.attempts_per_success 1 1000 = 5",
        "reconnect.devices_minimum 1 4000000 = 50",
        "examination.declared 0 0 = nan",
        "examination.declared 0 0 = nan",
        "examined.declared 0 0 = nan",
        "examined.recall 0 0 = 0.95",
        "examined.false_alarms 0 1000 = 0.001",
        "examined.sized 0 0 = nan",
        "examined.grace 0 8.64e+13 = 6e+11",
        "answered.at_least 0 0 = 1",
        "silence.at_most 0.01 1000 = 1.5",
        "boot_chain.per_chain 1 1000000 = 4",
        "boot_chain.peak 0 1000000000 = 0",
        "randomness.same 0 0 = 0.05",
        "non_associated.trigger 0 0 = nan",
        "non_associated.at_least 0 0 = 0.99",
        "non_associated.came 0 1000000 = 0.01",
        "contention.calls_per_change 1 1000000000 = 12",
    };
    size_t n = 0;
    for (const judge_check *const *c = judge_checks; *c != NULL; c++)
        for (const sim_field *f = (*c)->fields; f->name != NULL; f++) {
            char text[160];
            limits_of(*c, f, text, sizeof text);
            assert_true(n < sizeof rows / sizeof *rows);
            assert_string_equal(text, rows[n++]);
        }
    assert_int_equal(n, sizeof rows / sizeof *rows);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_missing_decides_nothing),
        cmocka_unit_test(test_distrust),
        cmocka_unit_test(test_in_what_the_generator_was_late),
        cmocka_unit_test(test_triggers),
        cmocka_unit_test(test_rows_are_whole),
        cmocka_unit_test(test_limits_and_defaults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
