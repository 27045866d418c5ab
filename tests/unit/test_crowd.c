/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "sim/core/random.h"
#include "sim/judge/crowd.h"
#include "tests/unit/every_allocation.h"

enum { CLIENTS = 300, ATTEMPTS = CLIENTS * 60 };

typedef struct law {
    const char *name;
    unsigned clients;
    double pause_s, factor, jitter, phase_s; /* jitter: of the pause, on either side */
    double capacity;
    judge_verdict verdict;
    const char *words;
} law;

static double uniform(uint64_t *state) {
    *state = sim_hash64(*state);
    return (double)(*state >> 11) / (double)(UINT64_C(1) << 53);
}

/* Ten minutes of clients that try again and again, each with its own phase. */
static size_t fill(const law *l, record_attempt *out) {
    uint64_t state = 7;
    size_t n = 0;
    for (unsigned c = 0; c < l->clients; c++) {
        double at = l->phase_s * uniform(&state), pause = l->pause_s;
        for (; at < 600 && n < ATTEMPTS; pause *= l->factor) {
            out[n++] = (record_attempt){.at = (sim_time)(at * (double)SIM_SECOND),
                                        .latency = 20 * SIM_MILLISECOND,
                                        .outcome = RECORD_OUTCOME_REFUSED};
            at += 0.02 + pause * (1 + l->jitter * (2 * uniform(&state) - 1));
        }
    }
    record_attempts all = {out, n, n};
    record_attempts_sort(&all);
    return n;
}

static void test_laws(void **state) {
    (void)state;
    static record_attempt items[ATTEMPTS];
    static const law rows[] = {
        {"a fixed ten seconds, together", CLIENTS, 10, 1, 0, 0.1, 0, JUDGE_FAIL, "lock-step"},
        {"a fixed ten seconds, each at its own time", CLIENTS, 10, 1, 0, 10, 0, JUDGE_FAIL,
         "come again every 10"},
        {"a fixed pause of half a bin", CLIENTS, 12.455, 1, 0, 10, 0, JUDGE_FAIL, "lock-step"},
        {"the same with jitter", CLIENTS, 12, 1, 0.5, 10, 0, JUDGE_INCONCLUSIVE, "not judged"},
        {"a herd with jitter", CLIENTS, 12, 1, 0.5, 0.1, 0, JUDGE_INCONCLUSIVE, "not judged"},
        {"doubling with jitter", CLIENTS, 1, 2, 0.5, 1, 0, JUDGE_INCONCLUSIVE, "not judged"},
        {"three that double, no jitter", 3, 1, 2, 0, 1, 0, JUDGE_INCONCLUSIVE, "At least 3"},
        {"three with a fixed pause", 3, 10, 1, 0, 10, 0, JUDGE_INCONCLUSIVE, "At least 3"},
        {"too many at a time", CLIENTS, 12, 1, 0.5, 0.1, 20, JUDGE_FAIL, "the cloud admits 20"},
        {"no more than the cloud takes", CLIENTS, 20, 1, 0.5, 20, 100, JUDGE_INCONCLUSIVE,
         "not judged"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        judge_finding f;
        const judge_crowd_case c = {items, fill(&rows[i], items), rows[i].clients, "203.0.113.7",
                                    0,     rows[i].capacity};
        assert_int_equal(judge_crowd(&c, &judge_reconnect_policy_default, &f), 0);
        if (f.verdict != rows[i].verdict || strstr(f.sentence, rows[i].words) == NULL)
            fail_msg("%s: %s, %s", rows[i].name, judge_verdict_word(f.verdict), f.sentence);
    }
}

static void test_nothing_to_see(void **state) {
    (void)state;
    judge_finding f;
    const record_attempt one = {.at = 5};
    const judge_crowd_case none = {NULL, 0, 2, "x", 0, 0}, single = {&one, 1, 2, "x", 0, 1};
    assert_int_equal(judge_crowd(&none, &judge_reconnect_policy_default, &f), 0);
    assert_int_equal(f.verdict, JUDGE_INCONCLUSIVE);
    assert_int_equal(judge_crowd(&single, &judge_reconnect_policy_default, &f), 0);
    assert_int_equal(f.verdict, JUDGE_INCONCLUSIVE);
}

/* Whole seconds put attempts in bins of 50 ms that lie a second apart, which is the clock's doing.
 */
static void test_a_clock_of_seconds(void **state) {
    (void)state;
    enum { SECONDLY = 600 };
    static record_attempt items[SECONDLY];
    sim_stream stream = sim_stream_for(1, SIM_PURPOSE_START, 0);
    sim_time at = 0;
    judge_finding f;
    for (size_t i = 0; i < SECONDLY; i++) {
        at += (sim_time)sim_stream_below(&stream, 3) * SIM_SECOND;
        items[i] = (record_attempt){.at = at};
    }
    judge_crowd_case c = {items, SECONDLY, 100, "x", SIM_SECOND, 0};
    assert_int_equal(judge_crowd(&c, &judge_reconnect_policy_default, &f), 0);
    assert_int_equal(f.verdict, JUDGE_INCONCLUSIVE);
    c.clock = 0;
    assert_int_equal(judge_crowd(&c, &judge_reconnect_policy_default, &f), 0);
    assert_int_equal(f.verdict, JUDGE_FAIL);
    for (size_t i = 0; i < SECONDLY; i++)
        items[i].at = (sim_time)(i / 20) * 10 * SIM_SECOND; /* twenty each ten seconds */
    c.clock = SIM_SECOND;
    assert_int_equal(judge_crowd(&c, &judge_reconnect_policy_default, &f), 0);
    assert_int_equal(f.verdict, JUDGE_FAIL);
    assert_non_null(strstr(f.sentence, "every 10 s"));
}

static const judge_measure *measure_of(const judge_finding *f, const char *name) {
    for (size_t i = 0; i < f->measure_count; i++)
        if (strcmp(f->measures[i].name, name) == 0) return &f->measures[i];
    return NULL;
}

/* Ten each second, a hundred each ten: which of the two limits is over is told. */
static void test_both_rates(void **state) {
    (void)state;
    enum { TENTHS = 300 };
    static record_attempt items[TENTHS];
    static const struct {
        double peak, ten;
        const char *over; /* "": neither */
    } rows[] = {{1, 1, ""},
                {0.9, 1, "busiest second where the cloud admits 9"},
                {1, 0.9, "busiest ten seconds where the cloud admits 90"},
                {1, 0.5, "busiest ten seconds where the cloud admits 50"}};
    for (size_t i = 0; i < TENTHS; i++)
        items[i] = (record_attempt){.at = (sim_time)i * 100 * SIM_MILLISECOND};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        judge_reconnect_policy policy = judge_reconnect_policy_default;
        const judge_crowd_case c = {items, TENTHS, 9, "x", 0, 10};
        judge_finding f;
        policy.peak_over_capacity = rows[i].peak;
        policy.ten_seconds_over_capacity = rows[i].ten;
        assert_int_equal(judge_crowd(&c, &policy, &f), 0);
        const judge_measure *second = measure_of(&f, "busiest second"),
                            *ten = measure_of(&f, "busiest ten seconds");
        assert_true(second != NULL && second->value == 10 &&
                    second->threshold == 10 * rows[i].peak);
        assert_true(ten != NULL && ten->value == 100 && ten->threshold == 100 * rows[i].ten);
        assert_int_equal(f.verdict, rows[i].over[0] != '\0' ? JUDGE_FAIL : JUDGE_INCONCLUSIVE);
        if (strstr(f.sentence, rows[i].over) == NULL) fail_msg("row %zu: %s", i, f.sentence);
    }
}

/* Few clients repeat themselves by chance, but not fifty times in a second. */
static void test_few_clients_that_are_busy(void **state) {
    (void)state;
    enum { BURSTS = 12, MOST = 50 };
    static record_attempt items[BURSTS * MOST];
    static const struct {
        size_t burst;
        uint32_t clients;
        judge_verdict verdict;
    } rows[] = {{50, 9, JUDGE_FAIL}, {49, 9, JUDGE_INCONCLUSIVE}, {49, 10, JUDGE_FAIL}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t n = 0;
        for (sim_time k = 0; k < BURSTS; k++)
            for (size_t j = 0; j < rows[i].burst; j++)
                items[n++] =
                    (record_attempt){.at = k * 10 * SIM_SECOND + (sim_time)j * 2 * SIM_MILLISECOND};
        const judge_crowd_case c = {items, n, rows[i].clients, "x", 0, 0};
        judge_finding f;
        assert_int_equal(judge_crowd(&c, &judge_reconnect_policy_default, &f), 0);
        if (f.verdict != rows[i].verdict) fail_msg("row %zu: %s", i, f.sentence);
        const judge_measure *busiest = measure_of(&f, "busiest second");
        assert_true(busiest != NULL && busiest->value == (double)rows[i].burst);
    }
}

static int judge_once(void *context) {
    judge_finding f;
    return judge_crowd(context, &judge_reconnect_policy_default, &f);
}

static void test_every_allocation(void **state) {
    (void)state;
    record_attempt two[2] = {{.at = 0}, {.at = SIM_SECOND}};
    judge_crowd_case c = {two, 2, 2, "x", 0, 0};
    assert_true(fail_every_allocation(judge_once, &c) >= 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_laws),
        cmocka_unit_test(test_nothing_to_see),
        cmocka_unit_test(test_a_clock_of_seconds),
        cmocka_unit_test(test_both_rates),
        cmocka_unit_test(test_few_clients_that_are_busy),
        cmocka_unit_test(test_every_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
