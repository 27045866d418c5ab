/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-timeout: 300 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/heap.h"
#include "sim/core/random.h"
#include "sim/judge/reconnect.h"
#include "tests/unit/with_cmocka.h"

static const sim_time began = 2400 * SIM_SECOND, until = 7200 * SIM_SECOND;
static const judge_reconnect_policy *const policy = &judge_reconnect_policy_default;

enum { HERD = 2 }; /* the trigger that is judged; 1 is another one's */

/* --- waves --- */

static void add(record_attempts *a, double seconds, uint32_t device, uint32_t number,
                record_outcome outcome) {
    record_attempt attempt = {
        .at = began + sim_time_from_seconds(seconds),
        .latency = outcome == RECORD_OUTCOME_ONLINE ? 50 * SIM_MILLISECOND : SIM_NEVER,
        .device = device,
        .home = device / 4,
        .number = number,
        .trigger = HERD,
        .outcome = (uint8_t)outcome};
    size_t index;
    assert_int_equal(record_attempts_add(a, &attempt, &index), 0);
}

/* Every device gets in at its first attempt, uniform over `window` seconds after a start that is
 * uniform over `spread`. */
static void add_uniform(record_attempts *a, uint32_t devices, double window, double spread,
                        sim_stream *s) {
    for (uint32_t d = 0; d < devices; d++)
        add(a, spread * sim_stream_unit(s) + window * sim_stream_unit(s), d, 1,
            RECORD_OUTCOME_ONLINE);
    record_attempts_sort(a);
}

/* All within half a second, again every `period`; the cloud admits `capacity` a second, the rest is
 * dropped. */
static void add_lock_step(record_attempts *a, uint32_t devices, double period, double capacity,
                          sim_stream *s) {
    double *offset = malloc(devices * sizeof *offset);
    assert_non_null(offset);
    for (uint32_t d = 0; d < devices; d++) offset[d] = 0.5 * sim_stream_unit(s);
    uint32_t first = 0, admitted = (uint32_t)capacity;
    for (uint32_t round = 0; first < devices && round < 400; round++) {
        for (uint32_t d = first; d < devices; d++)
            add(a, offset[d] + period * round, d, round + 1,
                d < first + admitted ? RECORD_OUTCOME_ONLINE : RECORD_OUTCOME_DROPPED);
        first += admitted;
    }
    free(offset);
    record_attempts_sort(a);
}

static judge_reconnect_case case_of(const record_attempts *a, uint64_t devices, double capacity) {
    return (judge_reconnect_case){.attempts = a->items,
                                  .count = a->count,
                                  .trigger = HERD,
                                  .trigger_name = "power restore",
                                  .began = began,
                                  .until = until,
                                  .devices = devices,
                                  .capacity = capacity,
                                  .declared = "every 10s without jitter"};
}

static const judge_measure *measure(const judge_finding *f, const char *name) {
    for (size_t i = 0; i < f->measure_count; i++)
        if (strcmp(f->measures[i].name, name) == 0) return &f->measures[i];
    fail_msg("no measure \"%s\"", name);
    return NULL;
}

static void assert_says(const judge_finding *f, judge_verdict verdict, const char *words) {
    if (f->verdict != verdict || strstr(f->sentence, words) == NULL)
        fail_msg("%s \"%s\", wanted %s \"%s\"", judge_verdict_word(f->verdict), f->sentence,
                 judge_verdict_word(verdict), words);
}

/* --- the busiest window --- */

static uint64_t busiest_by_counting(const record_attempts *a, sim_time width, sim_time *at) {
    uint64_t best = 0;
    *at = 0;
    for (size_t i = 0; i < a->count; i++) {
        uint64_t inside = 0;
        for (size_t j = i; j < a->count && a->items[j].at - a->items[i].at < width; j++) inside++;
        if (inside <= best) continue;
        best = inside;
        *at = a->items[i].at;
    }
    return best;
}

static void test_busiest_against_counting(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 200; seed++) {
        sim_stream s = sim_stream_for(seed, SIM_PURPOSE_CALIBRATION, 0);
        record_attempts a;
        record_attempts_init(&a);
        uint32_t count = (uint32_t)sim_stream_below(&s, 60);
        for (uint32_t i = 0; i < count; i++)
            add(&a, (double)sim_stream_below(&s, 80) / 8, i, 1, RECORD_OUTCOME_NONE);
        record_attempts_sort(&a);
        for (sim_time width = 0; width <= 3 * SIM_SECOND; width += SIM_SECOND / 8) {
            sim_time at, at_counted;
            assert_int_equal(judge_busiest(a.items, a.count, width, &at),
                             width == 0 ? 0 : busiest_by_counting(&a, width, &at_counted));
            if (width > 0) assert_int_equal(at, at_counted);
        }
        record_attempts_deinit(&a);
    }
}

/* A window is half open: exactly a second apart is not in the same second. */
static void test_busiest_borders(void **state) {
    (void)state;
    static const struct {
        sim_time at[4];
        size_t count;
        uint64_t busiest;
        sim_time began;
    } rows[] = {
        {{0}, 0, 0, 0},
        {{7}, 1, 1, 7},
        {{0, SIM_SECOND}, 2, 1, 0},
        {{0, SIM_SECOND - 1}, 2, 2, 0},
        {{5, 5, 5, 5}, 4, 4, 5},
        {{0, 10, SIM_SECOND + 5, SIM_SECOND + 9}, 4, 3, 10},
        {{0, SIM_NEVER - 2, SIM_NEVER - 1, SIM_NEVER}, 4, 3, SIM_NEVER - 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        record_attempt items[4] = {{0}};
        sim_time at = -1;
        for (size_t j = 0; j < rows[i].count; j++) items[j].at = rows[i].at[j];
        assert_int_equal(judge_busiest(items, rows[i].count, SIM_SECOND, &at), rows[i].busiest);
        assert_int_equal(at, rows[i].began);
    }
}

/* --- good and bad twins --- */

static void test_good_wave(void **state) {
    (void)state;
    record_attempts a;
    record_attempts_init(&a);
    sim_stream s = sim_stream_for(1, SIM_PURPOSE_CALIBRATION, 0);
    add_uniform(&a, 1000, 146, 30, &s);
    judge_reconnect_case c = case_of(&a, 1000, 20);
    judge_finding f;
    judge_reconnect(&c, policy, &f);
    assert_says(
        &f, JUDGE_PASS,
        "1,000 devices had to come back after the power restore (declared: every 10s without "
        "jitter): no second saw "
        "more than");
    assert_says(&f, JUDGE_PASS,
                "where the cloud admits 20, every device got in at its first attempt, and the last "
                "was back "
                "after 2m");
    assert_string_equal(f.unit, "5.9-3-2 a");
    assert_string_equal(f.provision, "5.9-3");
    assert_true(measure(&f, "back online")->value == 1);
    assert_int_equal(measure(&f, "attempts per success")->samples, 1000);
    record_attempts_deinit(&a);
}

static void test_bad_twin(void **state) {
    (void)state;
    record_attempts a;
    record_attempts_init(&a);
    sim_stream s = sim_stream_for(1, SIM_PURPOSE_CALIBRATION, 0);
    add_lock_step(&a, 1000, 10, 20, &s);
    judge_reconnect_case c = case_of(&a, 1000, 20);
    judge_finding f;
    judge_reconnect(&c, policy, &f);
    assert_says(
        &f, JUDGE_FAIL,
        "1,000 devices had to come back after the power restore (declared: every 10s without "
        "jitter): in the busiest "
        "second 1,000 attempts arrived where the cloud admits 20, each device needed 25.5 "
        "attempts on average where at "
        "most 5 are orderly and nine tenths of the first attempts came within 4");
    assert_says(&f, JUDGE_FAIL,
                "ms where such a fleet takes 2m59s, so the herd, not the outage, kept devices "
                "waiting for 8m1");
    assert_says(&f, JUDGE_FAIL, " Defects: fixed, lock-step, no first window.");
    static const char *const failed[] = {"busiest second", "peak to mean", "attempts per success"};
    for (size_t i = 0; i < 3; i++) assert_false(measure(&f, failed[i])->holds);
    assert_true(measure(&f, "back online")->holds);
    assert_true(measure(&f, "busiest second after")->value < 0.5);
    record_attempts_deinit(&a);
}

/* Figures that a hand can check. */
static void test_figures(void **state) {
    (void)state;
    record_attempts a;
    record_attempts_init(&a);
    for (uint32_t d = 0; d < 100; d++)
        add(&a, 10 + d, d, 1, d % 2 == 0 ? RECORD_OUTCOME_ONLINE : RECORD_OUTCOME_BUSY);
    for (uint32_t d = 1; d < 100; d += 2) add(&a, 110.5 + d, d, 2, RECORD_OUTCOME_ONLINE);
    record_attempts_sort(&a);
    judge_reconnect_case c = case_of(&a, 100, 5);
    judge_finding f;
    judge_reconnect(&c, policy, &f);
    assert_says(
        &f, JUDGE_PASS,
        "no second saw more than 1 attempt where the cloud admits 5, a device needed 1.5 attempts "
        "on average");
    assert_true(measure(&f, "busiest second")->value == 1);
    assert_true(measure(&f, "busiest second")->threshold == 5);
    assert_true(measure(&f, "busiest second after")->value == 10);
    assert_true(measure(&f, "attempts per success")->value == 1.5);
    /* the 50th: device 98 */
    assert_true(fabs(measure(&f, "time to 50 % online")->value - 108.05) < 1e-9);
    /* the 95th: device 89 */
    assert_true(fabs(measure(&f, "time to 95 % online")->value - 199.55) < 1e-9);
    assert_true(fabs(measure(&f, "time to 100 % online")->value - 209.55) < 1e-9); /* device 99 */
    /* from 10 s on */
    assert_true(fabs(measure(&f, "recovery window")->value - 189.55) < 1e-9);
    /* 100 + 45 attempts in it */
    assert_true(fabs(measure(&f, "peak to mean")->value - 189.55 / 145) < 1e-9);
    record_attempts_deinit(&a);
}

static void stimulus_never(judge_reconnect_case *c, record_attempts *a) {
    (void)a;
    c->began = SIM_NEVER;
}
static void ended_before(judge_reconnect_case *c, record_attempts *a) {
    (void)a;
    c->until = c->began - 1;
}
static void ended_never(judge_reconnect_case *c, record_attempts *a) {
    (void)a;
    c->until = SIM_NEVER;
}
static void few(judge_reconnect_case *c, record_attempts *a) {
    (void)a;
    c->devices = 49;
}
static void nobody(judge_reconnect_case *c, record_attempts *a) {
    (void)a;
    c->devices = 0;
}
static void capacity_none(judge_reconnect_case *c, record_attempts *a) {
    (void)a;
    c->capacity = 0;
}
static void capacity_nan(judge_reconnect_case *c, record_attempts *a) {
    (void)a;
    c->capacity = NAN;
}
static void capacity_infinite(judge_reconnect_case *c, record_attempts *a) {
    (void)a;
    c->capacity = INFINITY;
}
static void capacity_negative(judge_reconnect_case *c, record_attempts *a) {
    (void)a;
    c->capacity = -20;
}
static void late(judge_reconnect_case *c, record_attempts *a) {
    (void)a;
    c->generator_late = true;
}
static void empty(judge_reconnect_case *c, record_attempts *a) {
    (void)a;
    c->count = 0;
    c->attempts = NULL;
}
static void other_trigger(judge_reconnect_case *c, record_attempts *a) {
    (void)a;
    c->trigger = 1;
}
static void all_before(judge_reconnect_case *c, record_attempts *a) {
    (void)a;
    c->began = 6000 * SIM_SECOND;
}
static void all_after(judge_reconnect_case *c, record_attempts *a) {
    for (size_t i = 0; i < a->count; i++) a->items[i].at += 5000 * SIM_SECOND;
    (void)c;
}
static void watched_a_minute(judge_reconnect_case *c, record_attempts *a) {
    (void)a;
    c->until = c->began + SIM_MINUTE;
}
static void single(judge_reconnect_case *c, record_attempts *a) {
    (void)a;
    c->count = 1;
}
static void single_watched_a_minute(judge_reconnect_case *c, record_attempts *a) {
    single(c, a);
    c->until = c->began + SIM_MINUTE;
}
static void one_missing(judge_reconnect_case *c, record_attempts *a) {
    (void)a;
    c->devices = 1001;
}
static void all_at_once(judge_reconnect_case *c, record_attempts *a) {
    (void)c;
    for (size_t i = 0; i < a->count; i++) a->items[i].at = began;
    record_attempts_sort(a);
}
static void all_at_once_with_room(judge_reconnect_case *c, record_attempts *a) {
    all_at_once(c, a);
    c->capacity = 1000;
}
static void duplicates(judge_reconnect_case *c, record_attempts *a) {
    (void)c;
    for (size_t i = 0; i < a->count; i++) a->items[i].device = 7;
}
static void no_latency(judge_reconnect_case *c, record_attempts *a) {
    (void)c;
    for (size_t i = 0; i < a->count; i++) a->items[i].latency = i % 2 ? SIM_NEVER : -5;
}
static void online_after_the_end(judge_reconnect_case *c, record_attempts *a) {
    (void)c;
    for (size_t i = 0; i < a->count; i++) a->items[i].latency = SIM_NEVER - 1;
}
static void nameless(judge_reconnect_case *c, record_attempts *a) {
    (void)a;
    c->trigger_name = NULL;
    c->declared = NULL;
}
static void slow_cloud(judge_reconnect_case *c, record_attempts *a) {
    (void)a;
    c->capacity = 0.01;
}
static void all_refused(judge_reconnect_case *c, record_attempts *a) {
    (void)c;
    for (size_t i = 0; i < a->count; i++) a->items[i].outcome = RECORD_OUTCOME_REFUSED;
}

/* What becomes of the good wave when one thing about it changes. */
static const struct {
    const char *what;
    void (*change)(judge_reconnect_case *c, record_attempts *a);
    judge_verdict verdict;
    const char *says;
} twins[] = {
    {"no stimulus", stimulus_never, JUDGE_INCONCLUSIVE,
     "The power restore did not happen while anybody watched"},
    {"ended before", ended_before, JUDGE_INCONCLUSIVE,
     "The power restore did not happen while anybody watched"},
    {"ended never", ended_never, JUDGE_INCONCLUSIVE,
     "The power restore did not happen while anybody watched"},
    {"few", few, JUDGE_INCONCLUSIVE,
     "The power restore hit 49 devices that were online, and fewer than 50 say nothing"},
    {"nobody", nobody, JUDGE_INCONCLUSIVE, "hit 0 devices"},
    {"no capacity", capacity_none, JUDGE_INCONCLUSIVE,
     "The cloud did not declare how many connections a second it admits"},
    {"capacity NaN", capacity_nan, JUDGE_INCONCLUSIVE, "The cloud did not declare"},
    {"capacity infinite", capacity_infinite, JUDGE_INCONCLUSIVE, "The cloud did not declare"},
    {"capacity negative", capacity_negative, JUDGE_INCONCLUSIVE, "The cloud did not declare"},
    {"late", late, JUDGE_INCONCLUSIVE, "The generator was late"},
    {"empty", empty, JUDGE_INCONCLUSIVE, "Not one of 1,000 devices was seen trying to reconnect"},
    {"other trigger", other_trigger, JUDGE_INCONCLUSIVE, "Not one of 1,000 devices was seen"},
    {"all before", all_before, JUDGE_INCONCLUSIVE, "Not one of 1,000 devices was seen"},
    {"all after", all_after, JUDGE_INCONCLUSIVE, "Not one of 1,000 devices was seen"},
    {"a minute", watched_a_minute, JUDGE_INCONCLUSIVE,
     "which is too soon to say that the others failed: watch for 10m00s."},
    {"single", single, JUDGE_FAIL, "999 of them were not back after 1h20m00s."},
    {"single, a minute", single_watched_a_minute, JUDGE_INCONCLUSIVE,
     "1 of 1,000 devices were back when the observation ended 1m00s"},
    {"one missing", one_missing, JUDGE_FAIL, "1 of them was not back after 1h20m00s."},
    {"all at once", all_at_once, JUDGE_FAIL,
     "in the busiest second 1,000 attempts arrived where the cloud admits 20 and nine tenths of "
     "the "
     "first attempts came at one instant where such a fleet takes 2m59s; the last device"},
    {"all at once with room", all_at_once_with_room, JUDGE_PASS,
     "no second saw more than 1,000 attempts where the cloud admits 1,000"},
    {"duplicates", duplicates, JUDGE_FAIL,
     "needed 1,000 attempts on average where at most 5 are orderly and 999 of them were not"},
    {"no latency", no_latency, JUDGE_PASS, "every device got in"},
    {"online after the end", online_after_the_end, JUDGE_FAIL,
     ": 1,000 of them were not back after 1h20m00s."},
    {"nameless", nameless, JUDGE_PASS,
     "1,000 devices had to come back after the outage: no second"},
    {"slow cloud", slow_cloud, JUDGE_FAIL,
     "attempts arrived where at most this many are orderly: 1;"},
    {"all refused", all_refused, JUDGE_FAIL, ": 1,000 of them were not back after 1h20m00s."},
};

static void test_twins(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof twins / sizeof *twins; i++) {
        record_attempts a;
        record_attempts_init(&a);
        sim_stream s = sim_stream_for(1, SIM_PURPOSE_CALIBRATION, 0);
        add_uniform(&a, 1000, 146, 0, &s);
        judge_reconnect_case c = case_of(&a, 1000, 20);
        twins[i].change(&c, &a);
        judge_finding f;
        judge_reconnect(&c, policy, &f);
        if (f.verdict != twins[i].verdict || strstr(f.sentence, twins[i].says) == NULL)
            fail_msg("%s: %s \"%s\"", twins[i].what, judge_verdict_word(f.verdict), f.sentence);
        record_attempts_deinit(&a);
    }
}

/* A service that accepts and closes a second later, 12 times a device. Pauses grow by `factor`; one
 * attempt in `fails_in` is dropped first (0: none). */
static void add_trap(record_attempts *a, uint32_t devices, double factor, uint32_t fails_in,
                     sim_stream *s) {
    for (uint32_t d = 0; d < devices; d++) {
        double at = 100 * sim_stream_unit(s), pause = 2;
        uint32_t number = 1;
        for (int k = 0; k < 12; k++, pause *= factor) {
            if (fails_in > 0 && sim_stream_below(s, fails_in) == 0) {
                add(a, at, d, number++, RECORD_OUTCOME_DROPPED);
                at += 300; /* far longer than the law's own pauses, and none of its growth */
            }
            add(a, at, d, number++, RECORD_OUTCOME_ONLINE);
            at += 1 + pause * (0.5 + sim_stream_unit(s));
        }
    }
    record_attempts_sort(a);
}

static void test_a_service_that_accepts_and_closes(void **state) {
    (void)state;
    static const struct {
        double factor;
        uint32_t fails_in;
        judge_verdict verdict;
        const char *says;
    } rows[] = {
        {1.5, 0, JUDGE_PASS,
         "each was let in and closed 12 times on average, with longer and longer pauses"},
        {1.5, 8, JUDGE_PASS, "longer and longer"},
        {1, 0, JUDGE_FAIL, "the cloud let them in and closed, and their pauses did not grow"},
        /* what the cloud adds is no growth of theirs */
        {1, 8, JUDGE_FAIL, "their pauses did not grow"},
        {0.8, 0, JUDGE_FAIL, "their pauses did not grow"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        sim_stream s = sim_stream_for(i, SIM_PURPOSE_CALIBRATION, 0);
        record_attempts a;
        judge_finding f;
        record_attempts_init(&a);
        add_trap(&a, 200, rows[i].factor, rows[i].fails_in, &s);
        judge_reconnect_case c = case_of(&a, 200, 200);
        judge_reconnect_policy roomy = judge_reconnect_policy_default;
        roomy.peak_to_mean = 100;
        judge_reconnect(&c, &roomy, &f);
        assert_says(&f, rows[i].verdict, rows[i].says);
        assert_int_equal(measure(&f, "growth of pauses")->samples, 200);
        assert_true(measure(&f, "attempts per success")->value < 1.2);
        record_attempts_deinit(&a);
    }
}

/* Two or three sessions each are no such service: nothing is said of growth. */
static void test_flapping_is_no_trap(void **state) {
    (void)state;
    sim_stream s = sim_stream_for(1, SIM_PURPOSE_CALIBRATION, 0);
    record_attempts a;
    judge_finding f;
    record_attempts_init(&a);
    for (uint32_t d = 0; d < 200; d++) {
        for (uint32_t k = 0; k < 3; k++)
            add(&a, 100 * k + 100 * sim_stream_unit(&s), d, k + 1, RECORD_OUTCOME_ONLINE);
    }
    record_attempts_sort(&a);
    judge_reconnect_case c = case_of(&a, 200, 20);
    judge_reconnect(&c, policy, &f);
    for (size_t i = 0; i < f.measure_count; i++)
        assert_string_not_equal(f.measures[i].name, "growth of pauses");
    record_attempts_deinit(&a);
}

/* The cloud takes these waves, but they are clumped: a tenth of the fleet comes in one second, the
 * rest over ten minutes. */
static void test_clumped(void **state) {
    (void)state;
    static const struct {
        uint32_t devices;
        const char *says;
    } rows[] = {{10000,
                 ": the busiest second held 60.5 times the attempts of an average one where at "
                 "most 3.37 times"},
                {1000,
                 ": the busiest second held 60.2 times the attempts of an average one where at "
                 "most 8.64 times"}};
    for (size_t i = 0; i < 2; i++) {
        record_attempts a;
        record_attempts_init(&a);
        uint32_t n = rows[i].devices, clump = n / 10;
        for (uint32_t d = 0; d < n; d++)
            add(&a, d < clump ? 5 + (double)d / (clump + 1) : 600.0 * (d - clump) / (n - clump), d,
                1, RECORD_OUTCOME_ONLINE);
        record_attempts_sort(&a);
        judge_reconnect_case c = case_of(&a, n, 2000);
        judge_finding f;
        judge_reconnect(&c, policy, &f);
        assert_says(&f, JUDGE_FAIL, rows[i].says);
        assert_says(&f, JUDGE_FAIL, " is orderly; the last device was back after");
        assert_non_null(measure(&f, "peak to mean")->note);
        record_attempts_deinit(&a);
    }
}

/* A straggler an hour later does not make a good wave look like a peak. */
static void test_straggler(void **state) {
    (void)state;
    record_attempts a;
    record_attempts_init(&a);
    sim_stream s = sim_stream_for(1, SIM_PURPOSE_CALIBRATION, 0);
    add_uniform(&a, 9999, 60, 0, &s);
    add(&a, 3600, 9999, 1, RECORD_OUTCOME_ONLINE);
    judge_reconnect_case c = case_of(&a, 10000, 300);
    judge_finding f;
    judge_reconnect(&c, policy, &f);
    assert_int_equal(f.verdict, JUDGE_PASS);
    assert_int_equal(measure(&f, "peak to mean")->relation, JUDGE_AT_MOST);
    assert_true(measure(&f, "time to 100 % online")->value > 3600);
    record_attempts_deinit(&a);
}

/* Where a burst of a second is let pass, ten seconds of it are not. */
static void test_ten_seconds(void **state) {
    (void)state;
    static const struct {
        uint32_t every; /* devices together, each in its second */
        double allowed; /* capacities in ten seconds */
        judge_verdict verdict;
    } rows[] = {
        {20, 1, JUDGE_PASS}, {30, 1, JUDGE_FAIL}, {30, 1.5, JUDGE_PASS}, {30, 1.49, JUDGE_FAIL}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        record_attempts a;
        record_attempts_init(&a);
        for (uint32_t d = 0; d < 600; d++) add(&a, d / rows[i].every, d, 1, RECORD_OUTCOME_ONLINE);
        judge_reconnect_case c = case_of(&a, 600, 20);
        judge_reconnect_policy p = *policy;
        judge_finding f;
        p.peak_over_capacity = 2;
        p.ten_seconds_over_capacity = rows[i].allowed;
        judge_reconnect(&c, &p, &f);
        assert_true(measure(&f, "busiest ten seconds")->value == 10 * rows[i].every);
        assert_says(&f, rows[i].verdict,
                    rows[i].verdict == JUDGE_PASS
                        ? ""
                        : "the busiest ten seconds held 300 attempts where at most");
        record_attempts_deinit(&a);
    }
}

/* Cut short, only the busiest second decides; and there it does. */
static void test_cut_short(void **state) {
    (void)state;
    record_attempts a;
    record_attempts_init(&a);
    sim_stream s = sim_stream_for(1, SIM_PURPOSE_CALIBRATION, 0);
    add_lock_step(&a, 1000, 10, 20, &s);
    judge_reconnect_case c = case_of(&a, 1000, 20);
    judge_finding f;
    c.until = began + SIM_MINUTE;
    judge_reconnect(&c, policy, &f);
    assert_says(&f, JUDGE_FAIL,
                "in the busiest second 1,000 attempts arrived where the cloud admits 20 and nine "
                "tenths of the first attempts came within 445ms where such a fleet takes 2m59s, so "
                "the cloud turned 5,580 attempts away; 880 of them were "
                "not back when the observation ended.");
    static const char *const informs[] = {"peak to mean", "attempts per success", "back online"};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(measure(&f, informs[i])->relation, JUDGE_NONE);
        assert_non_null(measure(&f, informs[i])->note);
    }
    record_attempts_deinit(&a);
}

/* Ten minutes are enough where the cloud could have drained the fleet three times over; a slower
 * cloud must be watched longer. */
static void test_watched_long_enough(void **state) {
    (void)state;
    static const struct {
        double capacity;
        sim_time watched;
        judge_verdict verdict;
    } rows[] = {
        {20, 10 * SIM_MINUTE - 1, JUDGE_INCONCLUSIVE},
        {20, 10 * SIM_MINUTE, JUDGE_FAIL},
        {4, 750 * SIM_SECOND - 1, JUDGE_INCONCLUSIVE},
        {4, 750 * SIM_SECOND, JUDGE_FAIL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        record_attempts a;
        record_attempts_init(&a);
        for (uint32_t d = 0; d < 999; d++) add(&a, 0.5 * d, d, 1, RECORD_OUTCOME_ONLINE);
        judge_reconnect_case c = case_of(&a, 1000, rows[i].capacity);
        c.until = began + rows[i].watched;
        judge_finding f;
        judge_reconnect(&c, policy, &f);
        assert_int_equal(f.verdict, rows[i].verdict);
        record_attempts_deinit(&a);
    }
}

/* Shares of the fleet are rounded up: half of 51 devices are 26. A device that is online exactly at
 * the end counts. */
static void test_rounding_and_end(void **state) {
    (void)state;
    record_attempts a;
    record_attempts_init(&a);
    for (uint32_t d = 0; d < 51; d++) add(&a, 1 + d, d, 1, RECORD_OUTCOME_ONLINE);
    judge_reconnect_case c = case_of(&a, 51, 5);
    c.until = a.items[50].at + a.items[50].latency;
    judge_finding f;
    judge_reconnect(&c, policy, &f);
    assert_int_equal(f.verdict,
                     /* all are back: no matter that it was watched for a minute only */
                     JUDGE_PASS);
    assert_true(fabs(measure(&f, "time to 50 % online")->value - 26.05) < 1e-9);
    assert_true(fabs(measure(&f, "time to 95 % online")->value - 49.05) < 1e-9);
    c.until--;
    judge_reconnect(&c, policy, &f);
    assert_says(&f, JUDGE_INCONCLUSIVE, "50 of 51 devices were back");
    record_attempts_deinit(&a);
}

/* More devices came online than the trigger had hit: those that were offline before came too. */
static void test_more_than_were_hit(void **state) {
    (void)state;
    record_attempts a;
    record_attempts_init(&a);
    for (uint32_t d = 0; d < 90; d++) add(&a, d, d, 1, RECORD_OUTCOME_ONLINE);
    judge_reconnect_case c = case_of(&a, 60, 5);
    judge_finding f;
    judge_reconnect(&c, policy, &f);
    assert_int_equal(f.verdict, JUDGE_PASS);
    assert_true(measure(&f, "back online")->value == 1);
    assert_true(measure(&f, "attempts per success")->value == 1);
    record_attempts_deinit(&a);
}

static void test_measures_of_short_waves(void **state) {
    (void)state;
    record_attempts a;
    record_attempts_init(&a);
    for (uint32_t d = 0; d < 100; d++) add(&a, 5, d, 1, RECORD_OUTCOME_ONLINE);
    judge_reconnect_case c = case_of(&a, 100, 100);
    judge_finding f;
    judge_reconnect(&c, policy, &f);
    assert_int_equal(f.verdict, JUDGE_PASS);
    assert_true(measure(&f, "recovery window")->value == 1);
    assert_true(measure(&f, "peak to mean")->value == 1);
    assert_int_equal(measure(&f, "peak to mean")->relation, JUDGE_NONE);
    c.began = SIM_NEVER;
    judge_reconnect(&c, policy, &f);
    assert_int_equal(f.measure_count, 0);
    record_attempts_deinit(&a);
}

/* Who is to blame: the same wave, told by what the cloud did to it. */
static void test_blame(void **state) {
    (void)state;
    static const struct {
        record_outcome first_try;
        double second_try;
        const char *says, *keeps_quiet;
    } rows[] = {
        {RECORD_OUTCOME_DROPPED, 60,
         ", so the herd, not the outage, kept devices waiting for 1m00s.", "turned"},
        {RECORD_OUTCOME_BUSY, 60, ", so the herd, not the outage, kept devices waiting for 1m00s.",
         "turned"},
        {RECORD_OUTCOME_BUSY, 7,
         ", so the cloud turned 1 attempt away; the last device was back after 8.04s.", "herd"},
        {RECORD_OUTCOME_NONE, 60,
         " where such a fleet takes 15s; the last device was back after 1m01s.", "herd"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        record_attempts a;
        record_attempts_init(&a);
        for (uint32_t d = 0; d < 100; d++)
            add(&a, 0.01 * d, d, 1, d == 99 ? rows[i].first_try : RECORD_OUTCOME_ONLINE);
        add(&a, 0.99 + rows[i].second_try, 99, 2, RECORD_OUTCOME_ONLINE);
        judge_reconnect_case c = case_of(&a, 100, 20);
        judge_finding f;
        judge_reconnect(&c, policy, &f);
        assert_says(&f, JUDGE_FAIL, rows[i].says);
        assert_null(strstr(f.sentence, rows[i].keeps_quiet));
        record_attempts_deinit(&a);
    }
}

/* A law with too many words is left out rather than the end of the sentence. */
static void test_many_words(void **state) {
    (void)state;
    char words[400];
    memset(words, 'w', sizeof words - 1);
    words[sizeof words - 1] = '\0';
    for (uint32_t fails = 0; fails <= 1; fails++) {
        record_attempts a;
        record_attempts_init(&a);
        for (uint32_t d = 0; d < 2000; d++)
            add(&a, fails ? 0 : 0.4 * d, d, 1,
                d == 0 ? RECORD_OUTCOME_BUSY : RECORD_OUTCOME_ONLINE);
        for (uint32_t n = 2; n < 3 + fails * 12000; n++)
            add(&a, 900 + n, 0, n, fails ? RECORD_OUTCOME_BUSY : RECORD_OUTCOME_ONLINE);
        judge_reconnect_case c = case_of(&a, 2000, 1234.5);
        c.trigger_name = words;
        c.declared = words;
        judge_reconnect_policy p = *policy;
        p.peak_over_capacity = 1.01;
        judge_finding f;
        judge_reconnect(&c, &p, &f);
        assert_int_equal(f.verdict, fails ? JUDGE_FAIL : JUDGE_PASS);
        assert_int_equal(f.sentence[strlen(f.sentence) - 1], '.');
        assert_null(strstr(f.sentence, "..."));
        /* where not all has room, the law is left out */
        assert_int_equal(strstr(f.sentence, "declared") == NULL, fails);
        record_attempts_deinit(&a);
    }
}

static void test_no_memory(void **state) {
    (void)state;
    record_attempts a;
    record_attempts_init(&a);
    add(&a, 1, 0, 1, RECORD_OUTCOME_ONLINE);
    judge_reconnect_case c = case_of(&a, 1000, 20);
    judge_finding f;
    sim_heap_fail(0, true);
    judge_reconnect(&c, policy, &f);
    assert_true(sim_heap_fail_never());
    assert_says(&f, JUDGE_INCONCLUSIVE, "There was not enough memory to judge 1 attempts.");
    record_attempts_deinit(&a);
}

/* --- calibration by Monte Carlo --- */

/* How often the busiest second of a wave at 1.5 times `mean` a second, over seconds / 1.5, holds
 * more than ratio x mean. */
static double chance_by_drawing(double mean, double seconds, double ratio, uint32_t draws) {
    double rate = 1.5 * mean, length = seconds / 1.5;
    uint32_t exceeded = 0;
    for (uint32_t i = 0; i < draws; i++) {
        sim_stream s = sim_stream_for(i, SIM_PURPOSE_CALIBRATION, 7);
        static record_attempt items[20000];
        size_t count = 0;
        double at = 0;
        while ((at -= log(1 - sim_stream_unit(&s)) / rate) < length)
            items[count++].at = sim_time_from_seconds(at);
        sim_time when;
        exceeded += (double)judge_busiest(items, count, SIM_SECOND, &when) > ratio * mean;
    }
    return (double)exceeded / draws;
}

static void test_chance_against_drawing(void **state) {
    (void)state;
    static const struct {
        double mean, seconds, ratio;
    } rows[] = {{4, 90, 4}, {8, 300, 3.25}, {16, 150, 2.75}, {40, 30, 2}, {2, 600, 6}};
    enum { DRAWS = 4000 };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double drawn = chance_by_drawing(rows[i].mean, rows[i].seconds, rows[i].ratio, DRAWS);
        double computed = judge_reconnect_chance(rows[i].mean, rows[i].seconds, rows[i].ratio);
        double deviation = sqrt(computed * (1 - computed) / DRAWS);
        if (!(fabs(drawn - computed) < 4 * deviation + 0.01))
            fail_msg("row %zu: drawn %g, computed %g", i, drawn, computed);
        assert_true(computed > 0.002 && computed < 0.9); /* a row that shows something */
    }
}

/* 99 of 100 uniform waves over 60 s stay at or below these in their busiest second, found by
 * drawing them elsewhere. */
static void test_chance_against_a_table(void **state) {
    (void)state;
    static const struct {
        double devices, busiest;
    } rows[] = {{50, 6}, {100, 9}, {200, 13}, {500, 23}, {1000, 36}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double mean = rows[i].devices / 60 / 1.5; /* the bound puts the unevenness on top */
        assert_true(judge_reconnect_chance(mean, 60 * 1.5, (rows[i].busiest + 0.5) / mean) < 0.01);
        assert_true(judge_reconnect_chance(mean, 60 * 1.5, (rows[i].busiest - 0.5) / mean) > 0.01);
    }
}

static void test_chance_at_the_edges(void **state) {
    (void)state;
    assert_true(judge_reconnect_chance(0, 60, 3) == 1);
    assert_true(judge_reconnect_chance(NAN, 60, 3) == 1);
    assert_true(judge_reconnect_chance(10, INFINITY, 3) == 1);
    assert_true(judge_reconnect_chance(10, 60, 1.2) == 1);
    assert_true(judge_reconnect_chance(1e12, 60, 3) == 0);
    assert_true(judge_reconnect_chance(100, 600, 3) < 1e-6);
    assert_true(judge_reconnect_chance(5, 600, 3) > 0.001);
}

typedef struct tally {
    uint32_t waves, failed, decided, over; /* over: peak to mean above the policy's 3 */
} tally;

/* Judges uniform waves at a cloud so large that only their shape can fail them. */
static tally judge_uniform(uint32_t devices, double window, double spread, uint32_t waves) {
    tally t = {.waves = waves};
    for (uint32_t i = 0; i < waves; i++) {
        sim_stream s = sim_stream_for(i, SIM_PURPOSE_CALIBRATION, devices);
        record_attempts a;
        record_attempts_init(&a);
        add_uniform(&a, devices, window, spread, &s);
        judge_reconnect_case c = case_of(&a, devices, 1e6);
        judge_finding f;
        judge_reconnect(&c, policy, &f);
        const judge_measure *m = measure(&f, "peak to mean");
        t.failed += f.verdict != JUDGE_PASS;
        t.decided += m->relation != JUDGE_NONE;
        t.over += m->value > policy->peak_to_mean;
        record_attempts_deinit(&a);
    }
    return t;
}

static const uint32_t fleet_sizes[] = {50, 100, 200, 500, 1000, 2000, 5000, 20000, 100000};
enum { FLEET_SIZES = sizeof fleet_sizes / sizeof *fleet_sizes };

static void test_uniform_waves_pass(void **state) {
    (void)state;
    static const double windows[] = {10, 60, 146, 600};
    tally sum = {0};
    for (size_t n = 0; n < FLEET_SIZES; n++)
        for (size_t w = 0; w < 4; w++)
            for (int spread = 0; spread <= 1; spread++) {
                uint32_t waves = 150000 / fleet_sizes[n];
                if (waves > 1000) waves = 1000;
                if (waves < 2) waves = 2;
                tally t = judge_uniform(fleet_sizes[n], windows[w], spread * windows[w] / 2, waves);
                sum.waves += t.waves;
                sum.failed += t.failed;
                sum.decided += t.decided;
                sum.over += t.over;
            }
    print_message(
        "%u blameless waves: %u failed; peak to mean decided in %u, exceeded the policy's 3 in "
        "%u\n",
        sum.waves, sum.failed, sum.decided, sum.over);
    assert_true(sum.failed < sum.waves / 1000);
    assert_true(sum.decided > sum.waves / 2);
    assert_true(sum.over >
                /* bad twin: by the policy's figure alone these would have failed */
                sum.waves / 20);
}

/* A device whose law made it wait for a minute was not kept by the herd, however many others were
 * turned away: with a cloud that admits everybody it would have been back no sooner. Its twin waits
 * for that minute because it was turned away. */
static void test_a_law_that_waits_is_not_the_herd(void **state) {
    (void)state;
    for (int twin = 0; twin < 2; twin++) {
        record_attempts a;
        record_attempts_init(&a);
        for (uint32_t d = 0; d < 99; d++)
            add(&a, 0.01 * d, d, 1, d < 80 ? RECORD_OUTCOME_ONLINE : RECORD_OUTCOME_DROPPED);
        if (twin == 1) add(&a, 0.99, 99, 1, RECORD_OUTCOME_DROPPED);
        for (uint32_t d = 80; d < 99; d++) add(&a, 3 + 0.01 * d, d, 2, RECORD_OUTCOME_ONLINE);
        add(&a, 71, 99, 1 + (uint32_t)twin, RECORD_OUTCOME_ONLINE);
        judge_reconnect_case c = case_of(&a, 100, 20);
        judge_finding f;
        judge_reconnect(&c, policy, &f);
        assert_int_equal(f.verdict, JUDGE_FAIL);
        assert_int_equal(strstr(f.sentence, "the herd") != NULL, twin == 1);
        record_attempts_deinit(&a);
    }
}

static void test_lock_step_fails(void **state) {
    (void)state;
    static const double periods[] = {5, 10, 67};
    for (size_t n = 0; n < FLEET_SIZES; n++)
        for (size_t p = 0; p < 3; p++) {
            double capacity = fmax(2, floor(fleet_sizes[n] / 20.0));
            sim_stream s = sim_stream_for(p, SIM_PURPOSE_CALIBRATION, fleet_sizes[n]);
            record_attempts a;
            record_attempts_init(&a);
            add_lock_step(&a, fleet_sizes[n], periods[p], capacity, &s);
            judge_reconnect_case c = case_of(&a, fleet_sizes[n], capacity);
            judge_finding f;
            judge_reconnect(&c, policy, &f);
            assert_says(&f, JUDGE_FAIL, "so the herd, not the outage, kept devices waiting for ");
            assert_false(measure(&f, "busiest second")->holds);
            record_attempts_deinit(&a);
        }
}

/* --- sentences --- */

static void assert_sentence(const judge_finding *f) {
    size_t length = strlen(f->sentence);
    static const char *const never[] = {"...",   "nan",       "inf", "unknown",
                                        "never", "unlimited", "  ",  "%"};
    assert_true(length > 40 && f->sentence[length - 1] == '.');
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        if (strstr(f->sentence, never[i]) != NULL)
            fail_msg("\"%s\" in \"%s\"", never[i], f->sentence);
}

/* Any wave, watched for any time, by any policy: a whole sentence with its end, and a verdict that
 * agrees with the measures. */
static void test_sentences_of_anything(void **state) {
    (void)state;
    char declared[301];
    uint32_t seen[3] = {0};
    for (uint64_t seed = 0; seed < 3000; seed++) {
        sim_stream s = sim_stream_for(seed, SIM_PURPOSE_CALIBRATION, 1);
        size_t said = (size_t)sim_stream_below(&s, sizeof declared);
        memset(declared, 'd', said);
        declared[said] = '\0';
        record_attempts a;
        record_attempts_init(&a);
        bool good = sim_stream_below(&s, 3) == 0;
        uint32_t devices = 40 + (uint32_t)sim_stream_below(&s, 200),
                 count = (uint32_t)sim_stream_below(&s, 900);
        double spread = exp(8 * sim_stream_unit(&s));
        if (good) add_uniform(&a, devices, spread, 0, &s);
        for (uint32_t i = 0; i < (good ? 0 : count); i++)
            add(&a, spread * sim_stream_unit(&s), (uint32_t)sim_stream_below(&s, devices), 1,
                (record_outcome)sim_stream_below(&s,
                                                 sim_stream_below(&s, 2) ? 2 : RECORD_OUTCOMES));
        record_attempts_sort(&a);
        judge_reconnect_case c = case_of(&a, devices, exp(9 * sim_stream_unit(&s) - 2 + 2 * good));
        c.declared = declared;
        c.until = began + 1 + (sim_time)sim_stream_below(&s, 5000) * SIM_SECOND;
        if (sim_stream_below(&s, 4) == 0)
            c.trigger_name = "restart of a broker whose name is very much too long for a sentence";
        judge_reconnect_policy p = *policy;
        if (sim_stream_below(&s, 2) == 0) p.peak_over_capacity = 1.37;
        judge_finding f;
        judge_reconnect(&c, &p, &f);
        assert_sentence(&f);
        bool all_hold = true;
        for (size_t i = 0; i < f.measure_count; i++) all_hold = all_hold && f.measures[i].holds;
        assert_true(f.verdict != JUDGE_PASS || all_hold);
        assert_true(f.verdict != JUDGE_FAIL || !all_hold);
        seen[f.verdict]++;
        record_attempts_deinit(&a);
    }
    assert_true(seen[JUDGE_PASS] > 20 && seen[JUDGE_FAIL] > 20 && seen[JUDGE_INCONCLUSIVE] > 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_busiest_against_counting),
        cmocka_unit_test(test_busiest_borders),
        cmocka_unit_test(test_good_wave),
        cmocka_unit_test(test_bad_twin),
        cmocka_unit_test(test_figures),
        cmocka_unit_test(test_twins),
        cmocka_unit_test(test_a_service_that_accepts_and_closes),
        cmocka_unit_test(test_flapping_is_no_trap),
        cmocka_unit_test(test_clumped),
        cmocka_unit_test(test_straggler),
        cmocka_unit_test(test_ten_seconds),
        cmocka_unit_test(test_cut_short),
        cmocka_unit_test(test_watched_long_enough),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_rounding_and_end),
        cmocka_unit_test(test_more_than_were_hit),
        cmocka_unit_test(test_measures_of_short_waves),
        cmocka_unit_test(test_blame),
        cmocka_unit_test(test_a_law_that_waits_is_not_the_herd),
        cmocka_unit_test(test_many_words),
        cmocka_unit_test(test_chance_against_drawing),
        cmocka_unit_test(test_chance_against_a_table),
        cmocka_unit_test(test_chance_at_the_edges),
        cmocka_unit_test(test_uniform_waves_pass),
        cmocka_unit_test(test_lock_step_fails),
        cmocka_unit_test(test_sentences_of_anything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
