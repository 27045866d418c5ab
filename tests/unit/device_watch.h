/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/device_watch.h - one device over several outages: what is measured of it
 * tests/unit/test_classify.c says, what is said of it tests/unit/test_sentences.c. For tests: each
 * is one file, so the functions are static inline. */
#ifndef TESTS_DEVICE_WATCH_H
#define TESTS_DEVICE_WATCH_H

#include <math.h>

#include "devices/presets.h"
#include "sim/judge/classify.h"
#include "tests/unit/with_cmocka.h"

enum { WATCH_OUTAGES = 10, WATCH_DELAYS = 5, WATCH_CLOSED = 20 };

static const double watch_noise = 0.02; /* seconds: what the way to the edge adds to each attempt */

static inline void watch_add(record_attempts *a, sim_time at, uint32_t device, uint8_t trigger,
                             record_outcome outcome) {
    record_attempt attempt = {.at = at,
                              .latency = outcome == RECORD_OUTCOME_ONLINE    ? 50 * SIM_MILLISECOND
                                         : outcome == RECORD_OUTCOME_REFUSED ? SIM_MILLISECOND
                                                                             : SIM_NEVER,
                              .device = device,
                              .trigger = trigger,
                              .outcome = (uint8_t)outcome};
    size_t index;
    assert_int_equal(record_attempts_add(a, &attempt, &index), 0);
}

static inline sim_time watch_seen_at(sim_time at, sim_stream *s) {
    return at + SIM_SECOND + sim_time_from_seconds(fabs(watch_noise * sim_stream_normal(s)));
}

/* The service fails `delays` attempts of a boot at `at`, then is back; the device needs one more
 * pause to notice. */
static inline void watch_add_outage(record_attempts *a, const dev_law *law, uint8_t trigger,
                                    sim_time at, uint32_t delays, record_outcome failed,
                                    sim_stream *own, sim_stream *s) {
    dev_law_state state;
    dev_law_begin(&state);
    dev_law_boot(law, own, 7, at);
    sim_time seen = 0; /* one attempt does not overtake another on its way */
    for (uint32_t k = 0; k <= delays; k++) {
        sim_time pause = dev_law_next(law, &state, own);
        if (pause == SIM_NEVER) return;
        at = dev_law_due(law, at + pause);
        seen = sim_time_max(seen + 1, watch_seen_at(at, s));
        watch_add(a, seen, 7, trigger, k == delays ? RECORD_OUTCOME_ONLINE : failed);
    }
}

/* Accepted and closed half a second later, 20 times. */
static inline void watch_add_trap(record_attempts *a, const dev_law *law, uint8_t trigger,
                                  sim_time at, sim_stream *own, sim_stream *s) {
    dev_law_state state;
    dev_law_begin(&state);
    for (int k = 0; k <= WATCH_CLOSED; k++) {
        at = dev_law_due(law, at + dev_law_next(law, &state, own));
        watch_add(a, watch_seen_at(at, s), 7, trigger, RECORD_OUTCOME_ONLINE);
        dev_law_online(law, &state, at);
        at += SIM_SECOND / 2;
        dev_law_lost(law, &state, at);
    }
}

typedef struct watch {
    const dev_law *law, *declared;
    uint32_t outages, delays;
    bool trap, unseen; /* unseen: the ends of attempts are not known */
} watch;

/* `found`: what sort of law a reader of logs found, NULL: nobody looked. */
static inline judge_finding watched_by(const watch *w, uint64_t seed, const char *found) {
    sim_stream own = sim_stream_for(seed, SIM_PURPOSE_LAW, 7),
               s = sim_stream_for(seed, SIM_PURPOSE_DEVICE, 7);
    record_attempts a;
    judge_finding f;
    record_attempts_init(&a);
    for (uint32_t i = 0; i < w->outages; i++)
        watch_add_outage(
            &a, w->law, (uint8_t)(i + 1),
            (sim_time)i * 30 * SIM_DAY + (sim_time)sim_stream_below(&s, 3600) * SIM_SECOND,
            w->delays, w->unseen ? RECORD_OUTCOME_NONE : RECORD_OUTCOME_REFUSED, &own, &s);
    if (w->trap) watch_add_trap(&a, w->law, 200, 1000 * SIM_DAY, &own, &s);
    record_attempts_sort(&a);
    const judge_declared declared = {w->declared, dev_law_draw};
    judge_device(&(judge_device_case){.attempts = a.items,
                                      .count = a.count,
                                      .device = 7,
                                      .declared = w->declared != NULL ? &declared : NULL,
                                      .declared_same_again =
                                          w->declared != NULL && dev_law_same_again(w->declared),
                                      .declared_text = w->declared != NULL ? "as told" : NULL,
                                      .name = found != NULL ? "thing" : NULL,
                                      .law_found = found,
                                      .service_returned = true,
                                      .seed = seed},
                 &judge_device_policy_default, &f);
    record_attempts_deinit(&a);
    return f;
}

static inline judge_finding watched(const watch *w, uint64_t seed) {
    return watched_by(w, seed, NULL);
}

#define FULL .kind = DEV_LAW_FULL_JITTER, .cap = SIM_MINUTE, .factor = 2
static const dev_law watch_full = {FULL, .base = SIM_SECOND},
                     watch_slow = {FULL, .base = 3 * SIM_SECOND},
                     watch_lazy = {FULL, .base = SIM_SECOND, .tries = 3, .rest = SIM_NEVER},
                     watch_every_10_s = {.kind = DEV_LAW_FIXED, .base = 10 * SIM_SECOND},
                     watch_every_5_s = {.kind = DEV_LAW_FIXED, .base = 5 * SIM_SECOND},
                     watch_near_10_s = {.kind = DEV_LAW_FIXED, .base = 10400 * SIM_MILLISECOND},
                     watch_off_10_s = {.kind = DEV_LAW_FIXED, .base = 8500 * SIM_MILLISECOND},
                     watch_hasty = {.kind = DEV_LAW_FIXED, .base = 300 * SIM_MILLISECOND},
                     watch_bare = {.kind = DEV_LAW_EXPONENTIAL,
                                   .base = SIM_SECOND,
                                   .cap = SIM_HOUR,
                                   .factor = 2},
                     watch_little = {.kind = DEV_LAW_SPREAD,
                                     .base = 10 * SIM_SECOND,
                                     .cap = SIM_DAY,
                                     .factor = 2,
                                     .low = 0.965,
                                     .high = 1.035},
                     watch_around = {.kind = DEV_LAW_SPREAD,
                                     .base = 10 * SIM_SECOND,
                                     .cap = 10 * SIM_SECOND,
                                     .factor = 1,
                                     .low = 0.75,
                                     .high = 1.25};
#undef FULL

/* Each reason for a verdict, with its good twin, and each defect. */
#define BIT(name) (1U << JUDGE_DEFECT_##name)
static const struct {
    const char *what;
    watch watch;
    const char *preset; /* whose law it is, where `watch` has none */
    judge_verdict verdict;
    const char *broken; /* the first measure that does not hold; NULL: all hold */
    unsigned defects;
    double outages;  /* the measure of that name, */
    uint64_t delays; /* and what it rests on */
} watch_rows[] = {
    {"as declared",
     {&watch_full, &watch_full, 10, 5, false, false},
     NULL,
     JUDGE_PASS,
     NULL,
     0,
     10,
     50},
    {"nothing declared",
     {&watch_full, NULL, 10, 5, false, false},
     NULL,
     JUDGE_PASS,
     NULL,
     0,
     10,
     50},
    {"every 10 s, as declared",
     {&watch_every_10_s, &watch_every_10_s, 10, 5, false, false},
     NULL,
     JUDGE_FAIL,
     "variation, upper bound",
     BIT(FIXED),
     10,
     50},
    {"every 10 s",
     {&watch_every_10_s, NULL, 10, 5, false, false},
     NULL,
     JUDGE_FAIL,
     "variation, upper bound",
     BIT(FIXED),
     10,
     50},
    /* screening can fail a device, not pass it */
    {"every 10 s, screened",
     {&watch_every_10_s, &watch_every_10_s, 3, 3, false, false},
     NULL,
     JUDGE_FAIL,
     "variation, upper bound",
     BIT(FIXED),
     3,
     9},
    {"screened",
     {&watch_full, &watch_full, 3, 5, false, false},
     NULL,
     JUDGE_INCONCLUSIVE,
     NULL,
     0,
     3,
     15},
    {"four delays each",
     {&watch_full, &watch_full, 10, 4, false, false},
     NULL,
     JUDGE_INCONCLUSIVE,
     NULL,
     0,
     10,
     40},
    {"two outages",
     {&watch_full, &watch_full, 2, 5, false, false},
     NULL,
     JUDGE_INCONCLUSIVE,
     NULL,
     0,
     0,
     0},
    {"two delays each",
     {&watch_full, &watch_full, 10, 2, false, false},
     NULL,
     JUDGE_INCONCLUSIVE,
     NULL,
     0,
     10,
     20},
    {"no outage",
     {&watch_full, &watch_full, 0, 5, false, false},
     NULL,
     JUDGE_INCONCLUSIVE,
     NULL,
     0,
     0,
     0},
    {"slower than declared",
     {&watch_slow, &watch_full, 10, 5, false, false},
     NULL,
     JUDGE_FAIL,
     "chance of such delays",
     0,
     10,
     50},
    {"sooner than declared",
     {&watch_every_5_s, &watch_every_10_s, 10, 5, false, false},
     NULL,
     JUDGE_FAIL,
     "sooner than declared",
     BIT(FIXED),
     10,
     50},
    {"later than declared",
     {&watch_every_10_s, &watch_every_5_s, 10, 5, false, false},
     NULL,
     JUDGE_FAIL,
     "chance of such delays",
     BIT(FIXED),
     10,
     50},
    {"declared to give up",
     {&watch_full, &watch_lazy, 10, 5, false, false},
     NULL,
     JUDGE_FAIL,
     "sooner than declared",
     0,
     10,
     50},
    {"gives up",
     {&watch_lazy, &watch_full, 10, 5, false, false},
     NULL,
     JUDGE_FAIL,
     "came back",
     BIT(GIVES_UP),
     10,
     20},
    {"closed, as declared",
     {&watch_full, &watch_full, 10, 5, true, false},
     NULL,
     JUDGE_FAIL,
     "chance of such closings",
     BIT(RESET_ON_CONNECT),
     10,
     50},
    {"closed",
     {&watch_full, NULL, 10, 5, true, false},
     NULL,
     JUDGE_FAIL,
     "trend, accepted and closed",
     BIT(RESET_ON_CONNECT),
     10,
     50},
    /* time-outs may be in it: longer than declared says nothing, shorter does */
    {"ends not seen, longer",
     {&watch_slow, &watch_full, 10, 5, false, true},
     NULL,
     JUDGE_PASS,
     NULL,
     0,
     10,
     50},
    {"ends not seen, shorter",
     {&watch_full, &watch_slow, 10, 5, false, true},
     NULL,
     JUDGE_FAIL,
     "chance of such delays",
     0,
     10,
     50},
    /* within 5 % of the declared, and not */
    {"4 % from the declared",
     {&watch_every_10_s, &watch_near_10_s, 10, 5, false, false},
     NULL,
     JUDGE_FAIL,
     "variation, upper bound",
     BIT(FIXED),
     10,
     50},
    {"15 % from the declared",
     {&watch_every_10_s, &watch_off_10_s, 10, 5, false, false},
     NULL,
     JUDGE_FAIL,
     "chance of such delays",
     BIT(FIXED),
     10,
     50},
    /* few outages hide any trend */
    {"no trend, three outages",
     {&watch_around, NULL, 3, 8, false, false},
     NULL,
     JUDGE_INCONCLUSIVE,
     NULL,
     0,
     3,
     24},
    {"closed, and backs off",
     {NULL, NULL, 10, 5, true, false},
     "aws-crt",
     JUDGE_PASS,
     NULL,
     0,
     10,
     50},
    {"every 0.3 s",
     {&watch_hasty, NULL, 10, 5, false, false},
     NULL,
     JUDGE_FAIL,
     "repeated outages",
     BIT(HAMMERING),
     10,
     50},
    {"doubling without jitter",
     {&watch_bare, NULL, 10, 5, false, false},
     NULL,
     JUDGE_FAIL,
     "variation, upper bound",
     BIT(LOCK_STEP),
     10,
     50},
    {"jitter of 3.5 %",
     {&watch_little, NULL, 10, 5, false, false},
     NULL,
     JUDGE_FAIL,
     "variation, upper bound",
     BIT(JITTER_TOO_SMALL),
     10,
     50},
    {"the same seed each time",
     {NULL, NULL, 10, 5, false, false},
     "constant-seed",
     JUDGE_FAIL,
     "variation, upper bound",
     BIT(LOCK_STEP),
     10,
     50},
    {"a seed of its serial number",
     {NULL, NULL, 10, 5, false, false},
     "serial-seed",
     JUDGE_FAIL,
     "variation, upper bound",
     BIT(LOCK_STEP),
     10,
     50},
    {"stops",
     {NULL, NULL, 10, 5, false, false},
     "give-up",
     JUDGE_FAIL,
     "came back",
     BIT(GIVES_UP),
     10,
     40},
    {"closed, begins anew",
     {NULL, NULL, 10, 5, true, false},
     "reset-on-connect",
     JUDGE_FAIL,
     "trend, accepted and closed",
     BIT(RESET_ON_CONNECT),
     10,
     50},
    {"every 10 s, closed",
     {&watch_every_10_s, NULL, 10, 5, true, false},
     NULL,
     JUDGE_FAIL,
     "variation, upper bound",
     BIT(FIXED) | BIT(RESET_ON_CONNECT),
     10,
     50},
    {"jitter lost at the cap",
     {NULL, NULL, 10, 12, false, false},
     "jitter-lost-at-cap",
     JUDGE_FAIL,
     "variation at the plateau",
     BIT(JITTER_LOST_AT_CAP),
     10,
     120},
};
#undef BIT
enum { WATCH_ROWS = sizeof watch_rows / sizeof *watch_rows };

static inline judge_finding watched_row(size_t i) {
    watch w = watch_rows[i].watch;
    if (watch_rows[i].preset != NULL) w.law = &dev_preset_named(watch_rows[i].preset)->law;
    return watched(&w, 1);
}

/* The same outages each time. */
static inline void watch_again_and_again(record_attempts *a) {
    sim_stream s = sim_stream_for(1, SIM_PURPOSE_LAW, 0), own = s;
    record_attempts_init(a);
    for (int i = 1; i <= WATCH_OUTAGES; i++)
        watch_add_outage(a, &watch_full, (uint8_t)i, i * SIM_DAY, WATCH_DELAYS,
                         RECORD_OUTCOME_REFUSED, &own, &s);
}

#endif
