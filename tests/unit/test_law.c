/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws against their formulas. Every property is a function that says yes or no, so that its bad
 * twin can be asked too. */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "devices/law.h"
#include "devices/presets.h"
#include "tests/unit/with_cmocka.h"

enum { DRAWS = 100000 };

#define LAW(k, window, b, c, f) \
    { .kind = (k), .initial_window = (window), .base = (b), .cap = (c), .factor = (f) }

static const dev_law full = {.kind = DEV_LAW_FULL_JITTER,
                             .initial_window = 146 * SIM_SECOND,
                             .base = SIM_SECOND,
                             .cap = SIM_MINUTE,
                             .factor = 2};

static dev_law with_kind(dev_law_kind kind) {
    dev_law law = full;
    law.kind = kind;
    if (kind == DEV_LAW_STEPS) law = dev_law_usual(kind);
    law.initial_window = full.initial_window;
    return law;
}

/* The pause before retry `retry` (0: the first attempt) of a fresh episode. */
static sim_time pause_of(const dev_law *law, unsigned retry, sim_stream *stream) {
    dev_law_state s;
    dev_law_begin(&s);
    sim_time pause = dev_law_next(law, &s, stream);
    for (unsigned k = 0; k < retry; k++) pause = dev_law_next(law, &s, stream);
    return pause;
}

/* Uniform over lo..hi: bounds, mean and spread within five standard errors, 16 equal bins by
 * chi-square (15 degrees of freedom, p = 1e-6 at 57). */
static bool is_uniform(const dev_law *law, unsigned retry, double lo, double hi) {
    sim_stream stream = sim_stream_for(1, SIM_PURPOSE_LAW, retry);
    double sum = 0;
    double chi = 0;
    unsigned bins[16] = {0};
    for (int i = 0; i < DRAWS; i++) {
        double x = (double)pause_of(law, retry, &stream);
        if (x < lo || x > hi) return false;
        sum += x;
        unsigned bin = hi > lo ? (unsigned)((x - lo) / (hi - lo) * 16) : 0;
        bins[bin < 16 ? bin : 15]++;
    }
    for (int i = 0; i < 16; i++)
        chi += (bins[i] - DRAWS / 16.0) * (bins[i] - DRAWS / 16.0) / (DRAWS / 16.0);
    double error = (hi - lo) / sqrt(12.0 * DRAWS);
    return fabs(sum / DRAWS - (lo + hi) / 2) < 5 * error && chi < 57;
}

static bool is_always(const dev_law *law, unsigned retry, sim_time pause) {
    sim_stream stream = sim_stream_for(1, SIM_PURPOSE_LAW, retry);
    for (int i = 0; i < 100; i++) {
        if (pause_of(law, retry, &stream) != pause) return false;
    }
    return true;
}

static void test_first_attempt_is_uniform_over_the_initial_window(void **state) {
    (void)state;
    for (int kind = 0; kind < DEV_LAWS; kind++) {
        dev_law law = with_kind((dev_law_kind)kind);
        assert_true(is_uniform(&law, 0, 0, 146e9));
        law.initial_window = 0;
        assert_true(is_always(&law, 0, 0));
    }
}

static void test_uniform_check_has_bad_twins(void **state) {
    (void)state;
    dev_law fixed = with_kind(DEV_LAW_FIXED);
    dev_law equal = with_kind(DEV_LAW_EQUAL_JITTER);
    dev_law narrow = full;
    narrow.initial_window = 140 * SIM_SECOND;
    assert_false(is_uniform(&fixed, 1, 0, 1e9));    /* no jitter at all */
    assert_false(is_uniform(&equal, 1, 0, 1e9));    /* only the upper half */
    assert_false(is_uniform(&narrow, 0, 0, 146e9)); /* 4 % short */
    assert_false(is_uniform(&full, 2, 0, 1e9));     /* not grown */
    assert_false(is_always(&full, 1, SIM_SECOND));  /* jitter where none is expected */
}

static void test_growth_and_cap(void **state) {
    (void)state;
    static const struct {
        unsigned retry;
        double v;
    } rows[] = {{1, 1e9},  {2, 2e9},  {3, 4e9},   {6, 32e9},
                {7, 60e9}, {8, 60e9}, {40, 60e9}, {1000, 60e9}};
    dev_law exponential = with_kind(DEV_LAW_EXPONENTIAL);
    dev_law equal = with_kind(DEV_LAW_EQUAL_JITTER);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        unsigned retry = rows[i].retry;
        assert_true(is_always(&exponential, retry, (sim_time)rows[i].v));
        if (retry > 40) continue; /* the draws below would take long and say nothing new */
        assert_true(is_uniform(&full, retry, 0, rows[i].v));
        assert_true(is_uniform(&equal, retry, rows[i].v / 2, rows[i].v));
    }
}

static void test_other_factors(void **state) {
    (void)state;
    dev_law law = with_kind(DEV_LAW_EXPONENTIAL);
    law.factor = 1.5;
    assert_true(is_always(&law, 3, 2250000000));
    law.factor = 1;
    assert_true(is_always(&law, 1000, SIM_SECOND));
    law.factor = 2;
    law.cap = SIM_NEVER;
    assert_true(is_always(&law, 11, 1024 * SIM_SECOND));
    assert_true(is_always(&law, 2000, SIM_NEVER)); /* beyond all time, and no overflow */
}

static void test_fixed_and_immediate(void **state) {
    (void)state;
    dev_law fixed = {.kind = DEV_LAW_FIXED, .base = 10 * SIM_SECOND};
    dev_law immediate = {.kind = DEV_LAW_IMMEDIATE};
    assert_null(dev_law_wrong(&fixed));
    assert_null(dev_law_wrong(&immediate));
    assert_true(is_always(&fixed, 0, 0));
    assert_true(is_always(&fixed, 1, 10 * SIM_SECOND));
    assert_true(is_always(&fixed, 77, 10 * SIM_SECOND));
    assert_true(is_always(&immediate, 0, 0));
    assert_true(is_always(&immediate, 5, SIM_MILLISECOND));
}

static void test_decorrelated_jitter(void **state) {
    (void)state;
    dev_law law = with_kind(DEV_LAW_DECORRELATED_JITTER);
    assert_true(is_uniform(&law, 1, 1e9, 3e9));
    assert_false(is_uniform(&law, 2, 1e9, 3e9));
    sim_stream stream = sim_stream_for(2, SIM_PURPOSE_LAW, 0);
    double second = 0;
    sim_time longest = 0;
    for (int i = 0; i < DRAWS; i++) {
        dev_law_state s;
        dev_law_begin(&s);
        sim_time previous = SIM_SECOND;
        (void)dev_law_next(&law, &s, &stream);
        for (int retry = 1; retry <= 6; retry++) {
            sim_time pause = dev_law_next(&law, &s, &stream);
            assert_true(pause >= SIM_SECOND);
            assert_true(pause <= sim_time_min(3 * previous, SIM_MINUTE));
            if (retry == 2) second += (double)pause;
            longest = sim_time_max(longest, pause);
            previous = pause;
        }
    }
    /* E U(1, 3 U(1, 3)) = 3.5; deviation 1.7 */
    assert_true(fabs(second / DRAWS / 1e9 - 3.5) < 0.03);
    assert_int_equal(longest, SIM_MINUTE);
}

static void test_decorrelated_jitter_without_a_cap_does_not_overflow(void **state) {
    (void)state;
    dev_law law = with_kind(DEV_LAW_DECORRELATED_JITTER);
    law.cap = SIM_NEVER;
    sim_stream stream = sim_stream_for(3, SIM_PURPOSE_LAW, 0);
    dev_law_state s;
    dev_law_begin(&s);
    for (int i = 0; i < 10000; i++) assert_true(dev_law_next(&law, &s, &stream) >= 0);
}

/* Boot or lost session: the first pause is one of the initial window again, and the growth starts
 * anew. */
static void test_episode_begins_again(void **state) {
    (void)state;
    dev_law law = with_kind(DEV_LAW_EXPONENTIAL);
    law.initial_window = 0;
    sim_stream stream = sim_stream_for(4, SIM_PURPOSE_LAW, 0);
    dev_law_state s;
    dev_law_begin(&s);
    for (int i = 0; i < 5; i++) (void)dev_law_next(&law, &s, &stream);
    assert_int_equal(dev_law_next(&law, &s, &stream), 16 * SIM_SECOND);
    dev_law_begin(&s);
    assert_int_equal(dev_law_next(&law, &s, &stream), 0);
    assert_int_equal(dev_law_next(&law, &s, &stream), SIM_SECOND);
}

static void test_attempt_that_did_not_take_place_does_not_count(void **state) {
    (void)state;
    dev_law law = with_kind(DEV_LAW_EXPONENTIAL);
    sim_stream stream = sim_stream_for(5, SIM_PURPOSE_LAW, 0);
    dev_law_state s;
    dev_law_begin(&s);
    dev_law_take_back(&s); /* nothing to take back */
    (void)dev_law_next(&law, &s, &stream);
    dev_law_take_back(&s);
    assert_int_equal(s.tries, 0); /* the initial window still stands before the first attempt */
    (void)dev_law_next(&law, &s, &stream);
    (void)dev_law_next(&law, &s, &stream);
    (void)dev_law_next(&law, &s, &stream);
    dev_law_take_back(&s);
    assert_int_equal(dev_law_next(&law, &s, &stream), 2 * SIM_SECOND);

    law = with_kind(DEV_LAW_DECORRELATED_JITTER);
    dev_law_begin(&s);
    (void)dev_law_next(&law, &s, &stream);
    (void)dev_law_next(&law, &s, &stream);
    dev_law_take_back(&s);
    for (int i = 0; i < 1000; i++) { /* again a first retry: at most three times the base */
        assert_true(dev_law_next(&law, &s, &stream) <= 3 * SIM_SECOND);
        dev_law_take_back(&s);
    }
}

static void test_spread(void **state) {
    (void)state;
    dev_law law = with_kind(DEV_LAW_SPREAD);
    law.low = 0.75;
    law.high = 1.25;
    assert_true(is_uniform(&law, 1, 0.75e9, 1.25e9));
    assert_true(is_uniform(&law, 3, 3e9, 5e9));
    assert_true(is_uniform(&law, 9, 45e9, 75e9)); /* around the cap, not below it */
    assert_false(is_uniform(&law, 2, 0.75e9, 1.25e9));
    law.low = law.high = 1;
    assert_true(is_always(&law, 3, 4 * SIM_SECOND));
    law.cap = SIM_NEVER;
    law.high = 1000;
    assert_true(pause_of(&law, 2000, &(sim_stream){{1, 2}}) > 0); /* no overflow */
}

/* RFC 7252 4.2: the first timeout is random, the others double it; after MAX_RETRANSMIT of 4 a new
 * message has a new one. */
static void test_one_draw(void **state) {
    (void)state;
    dev_law law = {.kind = DEV_LAW_ONE_DRAW,
                   .base = 2 * SIM_SECOND,
                   .cap = SIM_NEVER,
                   .factor = 2,
                   .low = 1,
                   .high = 1.5,
                   .tries = 5};
    assert_true(is_uniform(&law, 1, 2e9, 3e9));
    assert_true(is_uniform(&law, 3, 8e9, 12e9));
    assert_true(is_uniform(&law, 6, 2e9, 3e9)); /* a new series */
    sim_stream stream = sim_stream_for(7, SIM_PURPOSE_LAW, 0);
    dev_law_state s;
    dev_law_begin(&s);
    (void)dev_law_next(&law, &s, &stream);
    sim_time first = dev_law_next(&law, &s, &stream), more[6];
    for (int i = 0; i < 4; i++) {
        more[i] = dev_law_next(&law, &s, &stream);
        assert_int_equal(more[i], first << (i + 1));
    }
    dev_law_take_back(&s); /* the same again, not twice as long */
    assert_int_equal(dev_law_next(&law, &s, &stream), more[3]);
    assert_true(dev_law_next(&law, &s, &stream) != first);
}

static void test_series_rest_and_giving_up(void **state) {
    (void)state;
    dev_law law = {.kind = DEV_LAW_EXPONENTIAL,
                   .base = SIM_MINUTE,
                   .cap = SIM_NEVER,
                   .factor = 2,
                   .tries = 5,
                   .rest = SIM_DAY};
    static const int minutes[] = {0, 1, 2, 4, 8, 24 * 60, 1, 2, 4, 8, 24 * 60, 1};
    for (unsigned k = 0; k < sizeof minutes / sizeof minutes[0]; k++)
        assert_true(is_always(&law, k, minutes[k] * SIM_MINUTE));
    law.rest = 0;
    assert_true(is_always(&law, 5, 16 * SIM_MINUTE));
    assert_true(is_always(&law, 6, SIM_MINUTE));
    law.rest = SIM_NEVER;
    assert_true(is_always(&law, 4, 8 * SIM_MINUTE));
    assert_true(is_always(&law, 5, SIM_NEVER));
    law.tries = 0; /* its twin goes on */
    law.rest = 0;
    assert_true(is_always(&law, 5, 16 * SIM_MINUTE));
}

/* Online for 29.9 s and closed again: with the rule the pauses go on growing, without it they begin
 * anew. */
static void test_reset_rule(void **state) {
    (void)state;
    dev_law law = with_kind(DEV_LAW_EXPONENTIAL);
    law.initial_window = 0;
    for (int with_rule = 0; with_rule <= 1; with_rule++) {
        law.reset_after = with_rule ? 30 * SIM_SECOND : 0;
        sim_stream stream = sim_stream_for(8, SIM_PURPOSE_LAW, 0);
        dev_law_state s;
        dev_law_begin(&s);
        sim_time now = SIM_HOUR, pause = dev_law_next(&law, &s, &stream);
        for (int k = 0; k < 4; k++) {
            dev_law_online(&law, &s, now);
            now += 29900 * SIM_MILLISECOND;
            dev_law_lost(&law, &s, now);
            pause = dev_law_next(&law, &s, &stream);
            assert_int_equal(pause, with_rule ? SIM_SECOND << k : 0);
        }
        dev_law_online(&law, &s, now);
        dev_law_lost(&law, &s, now + 30 * SIM_SECOND);
        assert_int_equal(dev_law_next(&law, &s, &stream), 0);
    }
}

static void test_seeds(void **state) {
    (void)state;
    static const struct {
        dev_law_seed seed;
        sim_time booted;
        bool alike;
    } rows[] = {{DEV_LAW_SEED_OWN, 5 * SIM_SECOND, false},
                {DEV_LAW_SEED_CONSTANT, 90 * SIM_SECOND, true},
                {DEV_LAW_SEED_BOOT_TIME, 5900 * SIM_MILLISECOND, true},
                {DEV_LAW_SEED_BOOT_TIME, 6 * SIM_SECOND, false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        dev_law law = {.seed = rows[i].seed};
        sim_stream a = sim_stream_for(9, SIM_PURPOSE_LAW, 1),
                   b = sim_stream_for(9, SIM_PURPOSE_LAW, 2);
        dev_law_boot(&law, &a, 1, 5 * SIM_SECOND);
        dev_law_boot(&law, &b, 2, rows[i].booted);
        assert_int_equal(sim_stream_next(&a) == sim_stream_next(&b), rows[i].alike);
    }
    /* the serial number: the same at every boot, another in every device */
    dev_law law = {.seed = DEV_LAW_SEED_SERIAL};
    sim_stream first, again, other;
    dev_law_boot(&law, &first, 7, 5 * SIM_SECOND);
    dev_law_boot(&law, &again, 7, SIM_HOUR);
    dev_law_boot(&law, &other, 8, 5 * SIM_SECOND);
    uint64_t drawn = sim_stream_next(&first);
    assert_true(drawn == sim_stream_next(&again) && drawn != sim_stream_next(&other));
}

static void test_attempts_on_the_hour(void **state) {
    (void)state;
    dev_law law = {.on_the = SIM_HOUR}, free = {0};
    assert_int_equal(dev_law_due(&law, 1), SIM_HOUR);
    assert_int_equal(dev_law_due(&law, 0), 0);
    assert_int_equal(dev_law_due(&law, SIM_HOUR), SIM_HOUR);
    assert_int_equal(dev_law_due(&law, SIM_HOUR + 1), 2 * SIM_HOUR);
    assert_int_equal(dev_law_due(&law, SIM_NEVER), SIM_NEVER);
    assert_int_equal(dev_law_due(&free, SIM_HOUR + 1), SIM_HOUR + 1);
}

static bool is_within(const dev_law *law, unsigned retry, const double seconds[2]) {
    if (seconds[0] == seconds[1]) return is_always(law, retry, sim_time_from_seconds(seconds[0]));
    /* rounded to nanoseconds */
    return is_uniform(law, retry, seconds[0] * 1e9 - 2, seconds[1] * 1e9 + 2);
}

/* The table against the facts of the clients' own documents: first retry, second, tenth. */
static void test_presets(void **state) {
    (void)state;
    static const struct {
        const char *name;
        double first[2], tenth[2]; /* seconds, from and to */
    } rows[] = {
        {"esp-mqtt", {10, 10}, {10, 10}},
        {"picomqtt", {5, 5}, {5, 5}},
        {"mqtt-js", {1, 1}, {1, 1}},
        {"paho-python", {1, 1}, {120, 120}},
        {"paho-java", {1, 1}, {128, 128}},
        {"paho-c", {1 / 1.2, 1.2}, {50, 72}},
        {"paho-go", {0.001, 0.001}, {256, 256}},
        {"zephyr-aws", {0, 1}, {0, 60}},
        {"hivemq", {0.75, 1.25}, {90, 150}},
        {"azure-dotnet", {0.095, 0.105}, {9.5, 10.5}},
        {"azure-iot-operations", {0.1152, 0.128}, {54, 60}},
        {"aws-embedded-c", {0, 0.5}, {0, 5}},
        {"aws-python-v1", {1, 1}, {32, 32}},
        {"aws-crt", {0, 1}, {0, 120}},
        {"coap", {2, 3}, {32, 48}}, /* the tenth: last of the second series */
        {"dtls", {1, 1}, {60, 60}},
        {"tasmota", {10, 10}, {100, 100}},
        {"espurna", {5, 5}, {50, 50}},
        {"libmosquitto", {0.001, 0.001}, {30, 30}},
        {"matter-resubscribe", {0.001, 0.001}, {102, 340}},
        {"thread-attach", {0.251, 0.251}, {128.512, 128.512}},
        {"azure-c", {0.001, 0.001}, {30, 31.5}},
        {"azure-python", {10, 10}, {10, 10}},
        {"particle-backoff", {300, 300}, {3600, 3600}},
        {"elastic-agent", {30, 90}, {300, 900}},
        {"elastic-agent-2026", {30, 90}, {300, 900}},
        {"orbit", {60, 66}, {300, 300}}, /* no spread at the cap */
        {"orbit-2026", {60, 120}, {900, 1800}},
        {"gateway-67s", {67, 67}, {67, 67}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const dev_preset *preset = dev_preset_named(rows[i].name);
        assert_non_null(preset);
        assert_true(is_within(&preset->law, 1, rows[i].first));
        assert_true(is_within(&preset->law, 10, rows[i].tenth));
    }
    const dev_preset *bridge = dev_preset_named("mosquitto-bridge");
    assert_true(is_uniform(&bridge->law, 1, 5e9, 15e9));
    const dev_law *push = &dev_preset_named("dlms-push")->law;
    assert_true(is_within(push, 1, (const double[]){60, 60}));
    assert_true(is_within(push, 3, (const double[]){240, 240}));
    assert_null(dev_preset_named("paho"));
    assert_false(is_within(&bridge->law, 1, rows[0].first)); /* bad twins of the check */
    assert_false(is_within(&dev_preset_named("hivemq")->law, 1, (const double[]){0.8, 1.25}));
}

/* One sequence of five tries, then bootstrap: no sixth try at this server, and no day of rest. */
static void test_lwm2m_has_one_sequence(void **state) {
    (void)state;
    const dev_law *law = &dev_preset_named("lwm2m")->law;
    sim_stream stream = sim_stream_for(1, SIM_PURPOSE_LAW, 1);
    sim_time pauses[7];
    static const sim_time wanted[] = {0, 60, 120, 240, 480};
    dev_law_draw(law, 0, &stream, pauses, 7);
    for (size_t i = 0; i < 5; i++) assert_int_equal(pauses[i], wanted[i] * SIM_SECOND);
    assert_int_equal(pauses[5], SIM_NEVER);
}

/* The spread ends where the cap begins; the same law without the flag keeps it: the bad twins. */
static void test_jitter_before_the_cap(void **state) {
    (void)state;
    static const dev_law_kind kinds[] = {DEV_LAW_FULL_JITTER, DEV_LAW_EQUAL_JITTER, DEV_LAW_SPREAD};
    for (size_t i = 0; i < 3; i++) {
        dev_law law = with_kind(kinds[i]);
        law.low = 1, law.high = 1.1;
        law.jitter_before_cap = true;
        if (kinds[i] == DEV_LAW_FULL_JITTER) { /* a small part of a long pause is below the cap */
            assert_false(is_always(&law, 7, SIM_MINUTE));
            assert_true(is_always(&law, 60, SIM_MINUTE));
        } else {
            assert_true(is_always(&law, 8, SIM_MINUTE));
            assert_false(is_always(&law, 6, SIM_MINUTE)); /* 32 s: it grows still */
        }
        law.jitter_before_cap = false;
        assert_false(is_always(&law, 60, SIM_MINUTE));
    }
}

static void test_steps(void **state) {
    (void)state;
    dev_law law = {.kind = DEV_LAW_STEPS,
                   .pauses = {{0, 3 * SIM_SECOND, 12 * SIM_SECOND, 30 * SIM_SECOND}, 4},
                   .low = 1,
                   .high = 1};
    assert_null(dev_law_wrong(&law));
    assert_true(is_always(&law, 1, SIM_MILLISECOND)); /* at once */
    assert_true(is_always(&law, 2, 3 * SIM_SECOND));
    assert_true(is_always(&law, 3, 12 * SIM_SECOND));
    assert_true(is_always(&law, 4, 30 * SIM_SECOND));
    assert_true(is_always(&law, 40, 30 * SIM_SECOND)); /* the last repeats */
    assert_false(is_always(&law, 3, 3 * SIM_SECOND));
    law.low = 0.5, law.high = 1.5;
    assert_true(is_uniform(&law, 3, 6e9, 18e9));
    assert_true(is_uniform(&law, 9, 15e9, 45e9));
    assert_true(is_always(&law, 1, SIM_MILLISECOND));
}

static void test_every_preset_makes_sense(void **state) {
    (void)state;
    for (size_t i = 0; i < dev_preset_count; i++) {
        char text[DEV_LAW_TEXT_MAX];
        assert_null(dev_law_wrong(&dev_presets[i].law));
        /* no name twice */
        assert_ptr_equal(dev_preset_named(dev_presets[i].name), &dev_presets[i]);
        assert_true(dev_presets[i].title[0] != 0 && dev_presets[i].source[0] != 0);
        assert_true(strlen(dev_law_text(&dev_presets[i].law, text, sizeof text)) > 20);
    }
}

static void test_same_stream_same_pauses(void **state) {
    (void)state;
    for (int kind = 0; kind < DEV_LAWS; kind++) {
        dev_law law = with_kind((dev_law_kind)kind);
        sim_stream a = sim_stream_for(6, SIM_PURPOSE_LAW, 9), b = a,
                   c = sim_stream_for(6, SIM_PURPOSE_LAW, 10);
        dev_law_state sa, sb, sc;
        dev_law_begin(&sa);
        dev_law_begin(&sb);
        dev_law_begin(&sc);
        bool differs = false;
        for (int i = 0; i < 50; i++) {
            sim_time pause = dev_law_next(&law, &sa, &a);
            assert_int_equal(pause, dev_law_next(&law, &sb, &b));
            if (pause != dev_law_next(&law, &sc, &c)) differs = true;
        }
        assert_true(differs); /* by the initial window, if by nothing else */
    }
}

static void test_wrong_laws_are_named(void **state) {
    (void)state;
    static const struct {
        dev_law law;
        const char *says; /* a part of the sentence; NULL: nothing is wrong */
    } rows[] = {
        {LAW(DEV_LAW_FULL_JITTER, 0, SIM_SECOND, SIM_MINUTE, 2), NULL},
        {LAW(DEV_LAW_FULL_JITTER, 0, SIM_SECOND, SIM_SECOND, 1), NULL},
        {LAW(DEV_LAW_FULL_JITTER, 0, SIM_SECOND, SIM_NEVER, 2), NULL},
        {LAW(DEV_LAW_DECORRELATED_JITTER, 0, SIM_SECOND, SIM_MINUTE, 0), NULL},
        {LAW((dev_law_kind)DEV_LAWS, 0, SIM_SECOND, SIM_MINUTE, 2), "kind"},
        {LAW((dev_law_kind)-1, 0, SIM_SECOND, SIM_MINUTE, 2), "kind"},
        {LAW(DEV_LAW_FIXED, -1, SIM_SECOND, 0, 0), "window is negative"},
        {LAW(DEV_LAW_IMMEDIATE, SIM_NEVER, 0, 0, 0), "window has no end"},
        {LAW(DEV_LAW_FIXED, 0, 0, 0, 0), "base pause is not above 0"},
        {LAW(DEV_LAW_FIXED, 0, SIM_NEVER, 0, 0), "base pause has no end"},
        {LAW(DEV_LAW_EXPONENTIAL, 0, SIM_SECOND, SIM_SECOND - 1, 2), "cap is below"},
        {LAW(DEV_LAW_EQUAL_JITTER, 0, SIM_SECOND, SIM_MINUTE, 0.99), "factor"},
        {LAW(DEV_LAW_EQUAL_JITTER, 0, SIM_SECOND, SIM_MINUTE, NAN), "factor"},
        {LAW(DEV_LAW_EQUAL_JITTER, 0, SIM_SECOND, SIM_MINUTE, INFINITY), "factor"},
        {LAW(DEV_LAW_SPREAD, 0, SIM_SECOND, SIM_MINUTE, 2), "random factor"},
        {{.kind = DEV_LAW_STEPS, .low = 1, .high = 1}, "from 1 to 32 steps"},
        {{.kind = DEV_LAW_STEPS, .pauses = {{0}, 33}, .low = 1, .high = 1}, "from 1 to 32 steps"},
        {{.kind = DEV_LAW_STEPS, .pauses = {{0, 0}, 2}, .low = 1, .high = 1}, "immediate"},
        {{.kind = DEV_LAW_STEPS, .pauses = {{5, -1}, 2}, .low = 1, .high = 1}, "negative"},
        {{.kind = DEV_LAW_STEPS, .pauses = {{SIM_NEVER}, 1}, .low = 1, .high = 1}, "no end"},
        {{.kind = DEV_LAW_STEPS, .pauses = {{5}, 1}, .low = 2, .high = 1}, "random factor"},
        {{.kind = DEV_LAW_STEPS, .pauses = {{0, 5}, 2}, .low = 1, .high = 1}, NULL},
        {{.kind = DEV_LAW_FIXED, .base = 1, .factor = 2}, "does not grow"},
        {{.kind = DEV_LAW_FIXED, .base = 1, .cap = 2}, "no cap but itself"},
        {{.kind = DEV_LAW_FIXED, .base = 1, .cap = 1, .factor = 1}, NULL},
        {{.kind = DEV_LAW_FIXED, .base = 1, .rest = 1}, "no number of tries"},
        {{.kind = DEV_LAW_FIXED, .base = 1, .rest = 1, .tries = 1}, NULL},
        {{.kind = DEV_LAW_FIXED, .base = 1, .rest = -1, .tries = 1}, "rest is negative"},
        {{.kind = DEV_LAW_FIXED, .base = 1, .reset_after = -1}, "begins anew"},
        {{.kind = DEV_LAW_FIXED, .base = 1, .on_the = SIM_NEVER}, "clock"},
        {{.kind = DEV_LAW_FIXED, .base = 1, .on_the = SIM_DAY}, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *said = dev_law_wrong(&rows[i].law);
        if (rows[i].says == NULL) {
            assert_null(said);
        } else {
            assert_non_null(said);
            assert_non_null(strstr(said, rows[i].says));
        }
    }
}

static void test_words(void **state) {
    (void)state;
    for (int kind = 0; kind < DEV_LAWS; kind++) {
        dev_law_kind found;
        assert_int_equal(dev_law_kind_named(dev_law_word((dev_law_kind)kind), &found), 0);
        assert_int_equal(found, kind);
    }
    dev_law_kind untouched = DEV_LAW_FIXED;
    assert_int_equal(dev_law_kind_named("fulljitter", &untouched), SIM_EPARSE);
    assert_int_equal(dev_law_kind_named("", &untouched), SIM_EPARSE);
    assert_int_equal(untouched, DEV_LAW_FIXED);
    assert_string_equal(dev_law_word(DEV_LAWS), "?");
}

static void test_declared_form_in_words(void **state) {
    (void)state;
    static const struct {
        dev_law law;
        const char *text;
    } rows[] = {
        {LAW(DEV_LAW_FULL_JITTER, 146 * SIM_SECOND, SIM_SECOND, SIM_MINUTE, 2),
         "first attempt within 2m26s at random, then full jitter from 1s doubling up to 1m00s"},
        {LAW(DEV_LAW_FIXED, 0, 10 * SIM_SECOND, 0, 0), "first attempt at once, then every 10s"},
        {LAW(DEV_LAW_IMMEDIATE, 0, 0, 0, 0), "first attempt at once, then again without a pause"},
        {LAW(DEV_LAW_EXPONENTIAL, 0, SIM_SECOND, SIM_NEVER, 1.5),
         "first attempt at once, then without jitter from 1s growing by 1.5 without a limit"},
        {LAW(DEV_LAW_EQUAL_JITTER, 0, SIM_SECOND, SIM_MINUTE, 1),
         "first attempt at once, then equal jitter from 1s up to 1m00s"},
        {LAW(DEV_LAW_DECORRELATED_JITTER, 0, SIM_SECOND, SIM_MINUTE, 2),
         "first attempt at once, then decorrelated jitter from 1s up to 1m00s"},
        {{.kind = DEV_LAW_SPREAD,
          .base = SIM_SECOND,
          .cap = SIM_MINUTE,
          .factor = 2,
          .low = 0.9,
          .high = 1.1,
          .tries = 5,
          .rest = SIM_DAY,
          .reset_after = 30 * SIM_SECOND},
         "first attempt at once, then jitter from 1s doubling up to 1m00s, each times 0.9 to 1.1, "
         "5 tries "
         "and "
         "then a rest of 1d00h00m00s, reset after 30s online"},
        {{.kind = DEV_LAW_FIXED,
          .base = SIM_SECOND,
          .tries = 3,
          .rest = SIM_NEVER,
          .on_the = SIM_HOUR,
          .seed = DEV_LAW_SEED_CONSTANT},
         "first attempt at once, then every 1s, giving up after 3 tries, only at full multiples of "
         "1h00m00s, "
         "every device with the same seed"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[DEV_LAW_TEXT_MAX];
        assert_string_equal(dev_law_text(&rows[i].law, text, sizeof text), rows[i].text);
    }
    /* the longest of all still fits */
    dev_law law = {.initial_window = SIM_NEVER - 1,
                   .base = SIM_NEVER - 2,
                   .cap = SIM_NEVER - 1,
                   .factor = 1.23456789e8,
                   .low = 1.2345e-300,
                   .high = 1.2345e-200,
                   .tries = UINT32_MAX,
                   .rest = SIM_NEVER - 1,
                   .reset_after = SIM_NEVER - 1,
                   .on_the = SIM_NEVER - 1,
                   .jitter_before_cap = true,
                   .pauses = {{0}, SIM_PAUSES_MAX},
                   .seed = DEV_LAW_SEED_BOOT_TIME};
    for (size_t i = 0; i < SIM_PAUSES_MAX; i++) law.pauses.each[i] = SIM_NEVER - 1;
    char text[DEV_LAW_TEXT_MAX];
    for (int kind = 0; kind < DEV_LAWS; kind++) {
        law.kind = (dev_law_kind)kind;
        assert_true(strlen(dev_law_text(&law, text, sizeof text)) < sizeof text - 1);
    }
}

/* What law.NAME() means without a word more; docs/scenarios.md says so, and makers' products stand
 * on it. */
static void test_usual_numbers(void **state) {
    (void)state;
    static const dev_law usual[] = {
        {.kind = DEV_LAW_IMMEDIATE, .base = SIM_SECOND, .cap = SIM_SECOND, .factor = 2},
        {.kind = DEV_LAW_FIXED, .base = 10 * SIM_SECOND, .cap = SIM_NEVER, .factor = 1},
        {.kind = DEV_LAW_EXPONENTIAL, .base = SIM_SECOND, .cap = SIM_MINUTE, .factor = 2},
        {.kind = DEV_LAW_FULL_JITTER, .base = SIM_SECOND, .cap = SIM_MINUTE, .factor = 2},
        {.kind = DEV_LAW_EQUAL_JITTER, .base = SIM_SECOND, .cap = SIM_MINUTE, .factor = 2},
        {.kind = DEV_LAW_DECORRELATED_JITTER, .base = SIM_SECOND, .cap = SIM_MINUTE, .factor = 2},
        {.kind = DEV_LAW_SPREAD,
         .base = SIM_SECOND,
         .cap = SIM_MINUTE,
         .factor = 2,
         .low = 0.5,
         .high = 1.5},
        {.kind = DEV_LAW_ONE_DRAW,
         .base = 2 * SIM_SECOND,
         .cap = SIM_NEVER,
         .factor = 2,
         .low = 1,
         .high = 1.5},
        {.kind = DEV_LAW_STEPS,
         .cap = SIM_NEVER,
         .low = 1,
         .high = 1,
         .pauses = {{SIM_SECOND, 2 * SIM_SECOND, 5 * SIM_SECOND, 10 * SIM_SECOND, 30 * SIM_SECOND,
                     SIM_MINUTE},
                    6}},
    };
    size_t known = 0;
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
        dev_law law = dev_law_usual(usual[i].kind);
        if (!dev_law_same(&usual[i], &law)) fail_msg("%s", dev_law_word(law.kind));
        assert_true(law.cap == usual[i].cap && law.base == usual[i].base);
    }
    while (dev_law_row_of((int)known) != NULL) known++;
    assert_int_equal(known, sizeof usual / sizeof *usual);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_usual_numbers),
        cmocka_unit_test(test_first_attempt_is_uniform_over_the_initial_window),
        cmocka_unit_test(test_uniform_check_has_bad_twins),
        cmocka_unit_test(test_growth_and_cap),
        cmocka_unit_test(test_other_factors),
        cmocka_unit_test(test_fixed_and_immediate),
        cmocka_unit_test(test_decorrelated_jitter),
        cmocka_unit_test(test_decorrelated_jitter_without_a_cap_does_not_overflow),
        cmocka_unit_test(test_episode_begins_again),
        cmocka_unit_test(test_attempt_that_did_not_take_place_does_not_count),
        cmocka_unit_test(test_spread),
        cmocka_unit_test(test_one_draw),
        cmocka_unit_test(test_series_rest_and_giving_up),
        cmocka_unit_test(test_reset_rule),
        cmocka_unit_test(test_seeds),
        cmocka_unit_test(test_attempts_on_the_hour),
        cmocka_unit_test(test_presets),
        cmocka_unit_test(test_lwm2m_has_one_sequence),
        cmocka_unit_test(test_jitter_before_the_cap),
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_every_preset_makes_sense),
        cmocka_unit_test(test_same_stream_same_pauses),
        cmocka_unit_test(test_wrong_laws_are_named),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_declared_form_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
