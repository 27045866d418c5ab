/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the judge says: a sentence of each check for each of its verdicts and reasons, held against
 * tests/data/sentences.txt. That file alone holds whole sentences; whoever changes one makes it
 * anew, and reads the difference:
 *
 *     KEEP_SENTENCES=1 build/release/tests/test_sentences */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/heap.h"
#include "sim/judge/check_reconnect.h"
#include "sim/judge/checks.h"
#include "sim/judge/pack.h"
#include "sim/judge/threshold.h"
#include "tests/unit/device_watch.h"
#include "tests/unit/reconnect_fleet.h"
#include "tests/unit/reconnect_waves.h"
#include "tests/unit/with_cmocka.h"

#define GOLDEN BLACKSTART_SOURCE_DIR "/tests/data/sentences.txt"

static const char head[] =
    "# SPDX-License-Identifier: GPL-3.0-or-later\n"
    "# unit | evidence | verdict | what the judge says; tests/unit/test_sentences.c makes it\n";

/* What is said, a line for each finding, and which verdicts of which check were among it. */
typedef struct spoken {
    char *text;
    size_t size;
    FILE *to;
} spoken;
static spoken said;

static void begin(void) {
    said = (spoken){0};
    said.to = open_memstream(&said.text, &said.size);
    assert_non_null(said.to);
    fputs(head, said.to);
}

static void hear_finding(const char *evidence, const judge_finding *f) {
    assert_true(f->sentence[0] != '\0');
    fprintf(said.to, "%s | %s | %s | %s\n", f->unit, evidence, judge_verdict_word(f->verdict),
            f->sentence);
}

static void hear(const judge_check *check, const char *evidence, const judge_evidence *e,
                 const void *wanted) {
    judge_finding f;
    assert_int_equal(judge_check_run(check, e, wanted, &f), 0);
    hear_finding(evidence, &f);
}

/* ---- declared ---- */

#define NETWORK \
    { "N", "d", JUDGE_OUTAGE_NETWORK, "g" }
#define POWER \
    { "P", "d", JUDGE_OUTAGE_POWER, "g" }
#define UNCLAIMED                           \
    {"N", "d", JUDGE_OUTAGE_NETWORK, ""}, { \
        "P", "d", JUDGE_OUTAGE_POWER, NULL  \
    }

static void hear_declared(void) {
    static const judge_check *const checks[] = {
        &judge_check_outage_declared, &judge_check_outage_guaranteed, &judge_check_local_declared,
        &judge_check_local_guaranteed, &judge_check_state_guaranteed};
    static const struct {
        const char *what;
        judge_ixit ixit;
    } rows[] = {{"both declared", {.resilience = {NETWORK, POWER}, .resilience_count = 2}},
                {"network alone", {.resilience = {NETWORK}, .resilience_count = 1}},
                {"no guarantee", {.resilience = {UNCLAIMED}, .resilience_count = 2}},
                {"nothing declared", {.resilience_count = 0}}};
    for (size_t c = 0; c < sizeof checks / sizeof *checks; c++) {
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
            hear(checks[c], rows[i].what, &(judge_evidence){.ixit = &rows[i].ixit}, NULL);
    }
}

static void hear_connection_methods(void) {
    static const char *const coap[] = {"CoAP", NULL}, *const mqtt[] = {"MQTT", NULL};
    static const judge_ixit known = {.interfaces = {{"UDP", "CoAP over DTLS", ""}},
                                     .interface_count = 1},
                            strange = {.interfaces = {{"X", "a radio of ours", ""}},
                                       .interface_count = 1};
    const judge_check *check = &judge_check_connection_methods;
    judge_evidence e = {.ixit = &known, .protocols = coap, .attempt_count = 7};
    hear(check, "as declared", &e, NULL);
    e.protocols = mqtt;
    hear(check, "another service", &e, NULL);
    e.attempt_count = 1;
    hear(check, "another service, once", &e, NULL);
    e.ixit = &strange;
    hear(check, "no known standard", &e, NULL);
    e.ixit = NULL;
    hear(check, "nothing declared", &e, NULL);
    static const struct {
        const char *what, *one, *other;
        uint64_t attempts;
    } rows[] = {{"a plain word", "coap", NULL, 7},
                {"its protected name", "CoAPS to the cloud", NULL, 7},
                {"two standards", "MQTT 5 over TLS 1.3", "MQTTS", 0},
                {"two interfaces", "CoAP", "HTTPS for updates", 7},
                {"another service, often", "MQTT", NULL, 1200},
                {"no service", "DTLS with a key", NULL, 7},
                {"the second is not known", "CoAP", "our own protocol", 7},
                {"the first is not known", "our own protocol", "CoAP", 7}};
    e.protocols = coap;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const judge_ixit two = {.interfaces = {{"if-0", rows[i].one, ""}, {"if-1", rows[i].other}},
                                .interface_count = rows[i].other != NULL ? 2 : 1};
        e.ixit = &two;
        e.attempt_count = rows[i].attempts;
        hear(check, rows[i].what, &e, NULL);
    }
}

static dev_law law_of(dev_law_kind kind, sim_time window, double factor, uint32_t tries) {
    return (dev_law){.kind = kind,
                     .base = SIM_SECOND,
                     .cap = SIM_MINUTE,
                     .factor = factor,
                     .initial_window = window,
                     .tries = tries,
                     .rest = tries > 0 ? SIM_NEVER : 0};
}

static void hear_declaration(void) {
    const sim_time window = 180 * SIM_SECOND;
    const struct {
        const char *what;
        dev_law law;
        double capacity;
        bool no_memory;
    } rows[] = {
        {"random and growing", law_of(DEV_LAW_FULL_JITTER, window, 2, 0), 20, false},
        {"no window", law_of(DEV_LAW_FULL_JITTER, 0, 2, 0), 20, false},
        {"in step", law_of(DEV_LAW_EXPONENTIAL, window, 2, 0), 20, false},
        {"not growing", law_of(DEV_LAW_FULL_JITTER, window, 1, 0), 20, false},
        {"gives up", law_of(DEV_LAW_FULL_JITTER, window, 2, 5), 20, false},
        {"in step, not growing, no window", law_of(DEV_LAW_FIXED, 0, 1, 0), 20, false},
        {"no capacity", law_of(DEV_LAW_FULL_JITTER, window, 2, 0), 0, false},
        {"no memory", law_of(DEV_LAW_FULL_JITTER, window, 2, 0), 20, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const judge_declared law = {&rows[i].law, dev_law_draw};
        if (rows[i].no_memory) sim_heap_fail(0, true);
        const judge_evidence e = {.law = &law,
                                  .law_text = "full jitter",
                                  .devices = 1000,
                                  .capacity = rows[i].capacity,
                                  .seed = 1};
        hear(&judge_check_declaration, rows[i].what, &e, NULL);
        if (rows[i].no_memory) assert_true(sim_heap_fail_never());
    }
    hear(&judge_check_declaration, "no law", &(judge_evidence){.devices = 1000}, NULL);
}

/* ---- counted ---- */

#define WELL                                                                              \
    .hands = {{100, 100}, {100, 100}, {100, 100}}, .sensed = 1000, .delivered = 990,      \
    .dropped_power = 5, .waiting = 5, .lost = 200, .returned = 200, .restored_same = 100, \
    .worst_model = "bulb", .worst = {50, 50}

static void hear_household(void) {
    static const judge_check *const checks[] = {
        &judge_check_outage_network, &judge_check_outage_power, &judge_check_local_network,
        &judge_check_local_power};
    static const judge_household well = {WELL};
    for (size_t c = 0; c < sizeof checks / sizeof *checks; c++) {
        judge_household h = well;
        hear(checks[c], "well", &(judge_evidence){.household = h}, NULL);
        h.worst_model = NULL;
        h.delivered = 900;
        h.returned = 150;
        h.hands[JUDGE_DURING].right = h.hands[JUDGE_AFTER].right = 90;
        h.restored_same = 90, h.restored_worse = 7, h.restored_corrupt = 3;
        hear(checks[c], "unwell", &(judge_evidence){.household = h}, NULL);
        hear(checks[c], "no outage", &(judge_evidence){0}, NULL);
    }
}

static void hear_answered(void) {
    static const struct {
        const char *what;
        judge_requests q;
        const char *why_nobody;
        uint64_t online;
        bool late;
        double at_least; /* 0: all */
    } rows[] = {
        {"all", {.due = 100, .sent = 100, .answered = 100}, NULL, 9, false, 0},
        {"some wait", {.due = 100, .sent = 100, .answered = 98}, NULL, 9, false, 0},
        {"refused", {100, 100, 90, 7, 3, .refusal = "5.03 Service Unavailable"}, NULL, 9, false, 0},
        {"one refused", {1200, 1200, 1199, 1, 0, .refusal = NULL}, NULL, 9, false, 0},
        {"one in a million", {1000000, 1000000, 999999, 0, 1, .refusal = NULL}, NULL, 9, false, 0},
        {"not sent", {100, 60, 60, 0, 0, 10, 11, 12, 7, NULL}, NULL, 9, false, 0},
        {"not sent, thousands",
         {2000, 100, 60, 40, 0, 1000, 200, 300, 400, "4.04 Not Found"},
         NULL,
         9,
         false,
         0},
        {"more answered than due", {.due = 5, .sent = 9, .answered = 9}, NULL, 9, false, 0},
        {"more refused than due", {5, 9, 3, 6, 0, .refusal = NULL}, NULL, 9, false, 0},
        {"late", {.due = 100, .sent = 100, .answered = 100}, NULL, 9, true, 0},
        {"late and bad", {100, 100, 0, 0, 100, .refusal = NULL}, NULL, 9, true, 0},
        {"none due", {.due = 0}, NULL, 9, false, 0},
        {"all wait", {.due = 7, .sent = 7}, NULL, 9, false, 0},
        {"nobody", {.due = 0}, NULL, 0, false, 0},
        {"nobody, and why", {.due = 0}, "connection refused", 0, false, 0},
        {"at least 95 %",
         {100, 100, 90, 7, 3, .refusal = "5.03 Service Unavailable"},
         NULL,
         9,
         false,
         0.95},
        {"just enough", {100, 100, 95, 0, 5, .refusal = NULL}, NULL, 9, false, 0.95},
        {"a hair too few", {10000, 10000, 9499, 0, 501, .refusal = NULL}, NULL, 9, false, 0.95},
        {"no threshold", {5, 5, 4, 0, 1, .refusal = NULL}, NULL, 9, false, NAN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const judge_evidence e = {.requests = rows[i].q,
                                  .devices = 9,
                                  .devices_ever_online = rows[i].online,
                                  .why_nobody = rows[i].why_nobody,
                                  .generator_late = rows[i].late,
                                  .generator_why = rows[i].late ? "It slept for 4 s." : NULL};
        hear(&judge_check_answered, rows[i].what, &e,
             rows[i].at_least == 0 ? NULL : &rows[i].at_least);
    }
    hear(&judge_check_answered, "no device", &(judge_evidence){0}, NULL);
}

static void hear_silence(void) {
    static const struct {
        const char *what;
        judge_silence seen;
    } rows[] = {{"in time", {100, 100, 0, 75, 1.25, 0}},
                {"just in time", {100, 100, 0, 90, 1.5, 0}},
                {"late", {100, 100, 0, 90.6, 1.51, 0}},
                {"one never", {100, 99, 1, 75, 1.25, 10}},
                {"nobody", {100, 0, 100, 0, 0, 10}},
                {"too short", {100, 60, 40, 40, 0.7, 0.8}},
                {"late, and too short for others", {9, 8, 1, 99, 1.7, 0.8}},
                {"nobody was online", {0}}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        hear(&judge_check_silence, rows[i].what, &(judge_evidence){.silence = rows[i].seen}, NULL);
}

static void hear_boot_chain(void) {
    static const struct {
        const char *what;
        judge_chains seen;
        double policy[2];
    } rows[] = {{"well", {{300, 310, 305}, {40, 31, 33}, 300}, {4, 0}},
                {"names asked every second", {{300, 3600, 300}, {40, 300, 33}, 300}, {4, 0}},
                {"within the peak", {{300, 310, 305}, {40, 31, 33}, 300}, {4, 40}},
                {"over the peak", {{300, 310, 305}, {41, 31, 33}, 300}, {4, 40}},
                {"nobody got through", {{300, 0, 0}, {40, 0, 0}, 0}, {4, 0}},
                {"nobody asked", {{0}, {0}, 0}, {4, 0}}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        hear(&judge_check_boot_chain, rows[i].what, &(judge_evidence){.chains = rows[i].seen},
             rows[i].policy);
}

/* Thirty devices that try six times after each of two boots; their pauses depend on who they are,
 * on the boot, on both, or on nothing. */
static size_t two_boots(bool of_device, bool of_boot, record_attempt *tries) {
    enum { DEVICES = 30, TRIES = 6 };
    size_t n = 0;
    for (uint32_t boot = 0; boot < 2; boot++)
        for (uint32_t d = 0; d < DEVICES; d++) {
            sim_time at = (boot + 1) * SIM_HOUR;
            for (uint32_t k = 0; k < TRIES; k++) {
                tries[n++] =
                    (record_attempt){.at = at, .device = d, .trigger = (uint8_t)(boot + 1)};
                uint32_t step = (of_device ? d * (k + 1) : 0) + (of_boot ? 7 * boot * (k + 3) : 0);
                at += (1 + step % 31) * SIM_SECOND;
            }
        }
    return n;
}

static void hear_randomness(void) {
    static const judge_trigger triggers[] = {{.name = "start"},
                                             {.name = "first", .began = 1, .anew = true},
                                             {.name = "second", .began = 1, .anew = true}};
    static const struct {
        const char *what, *declared;
        bool of_device, of_boot;
        size_t triggers;
    } rows[] = {{"its own", "a generator in its processor", true, true, 3},
                {"a constant", "a constant", false, false, 3},
                {"the time", "the time at which it boots", false, true, 3},
                {"the serial number, and several declare", NULL, true, false, 3},
                {"one boot", NULL, true, true, 2}};
    record_attempt tries[2 * 30 * 6];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        judge_evidence e = {.attempts = tries,
                            .triggers = triggers,
                            .trigger_count = rows[i].triggers,
                            .randomness = rows[i].declared};
        e.attempt_count = two_boots(rows[i].of_device, rows[i].of_boot, tries);
        hear(&judge_check_randomness, rows[i].what, &e, NULL);
    }
}

static void hear_non_associated(void) {
    static const struct {
        const char *what;
        judge_non_associated seen;
        uint64_t struck;
        size_t came;
    } rows[] = {{"kept apart", {900, {50, 50}}, 100, 0},
                {"laid at the makers' door", {900, {50, 50}}, 1, 1},
                {"a function that hung on it", {900, {50, 10}}, 100, 0},
                {"nobody was there", {900, {0, 0}}, 0, 0}};
    static const record_attempt came[] = {{.trigger = 1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const judge_trigger triggers[] = {
            {.name = "start"}, {.name = "non-associated outage", .struck = rows[i].struck}};
        hear(&judge_check_non_associated, rows[i].what,
             &(judge_evidence){.non_associated = rows[i].seen,
                               .triggers = triggers,
                               .trigger_count = 2,
                               .attempts = came,
                               .attempt_count = rows[i].came},
             NULL);
    }
}

static void hear_contention(void) {
    static const struct {
        const char *what;
        judge_changes changes;
        bool late;
    } rows[] = {{"orderly", {100, 100, 300, 20, 30}, false},
                {"just enough writes", {10, 10, 120, 1, 1}, false},
                {"one write too many", {10, 10, 121, 1, 1}, false},
                {"too many writes", {100, 100, 5000, 20, 30}, false},
                {"some never", {100, 98, 5000, 20, NAN}, false},
                {"nobody got to it", {5, 0, 3, NAN, NAN}, false},
                {"late", {100, 100, 300, 20, 30}, true},
                {"one alone", {1, 1, 1, 1, 1}, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        hear(&judge_check_contention, rows[i].what,
             &(judge_evidence){.changes = rows[i].changes, .generator_late = rows[i].late}, NULL);
}

/* ---- examined ---- */

static void hear_examination(void) {
    static const uint64_t scan = 1U << RECORD_ANOMALY_BOTNET_SCAN,
                          drift = 1U << RECORD_ANOMALY_SLOW_DRIFT;
    const uint64_t data = judge_metrics_of(RECORD_ANOMALY_BOTNET_SCAN);
    const struct {
        const char *what;
        uint64_t declared, metrics;
    } rows[] = {{"one kind", scan, data},
                {"two kinds", scan | 1U << RECORD_ANOMALY_EXFILTRATION, UINT64_MAX},
                {"without data", scan | drift, 0},
                {"not declared", 0, data}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const judge_ixit ixit = {.telemetry = {{.id = "T", .looks_for = rows[i].declared}},
                                 .telemetry_count = 1};
        const judge_evidence e = {.ixit = &ixit, .metrics = rows[i].metrics};
        hear(&judge_check_examination_declared, rows[i].what, &e, NULL);
        hear(&judge_check_examination_suited, rows[i].what, &e, NULL);
    }
    hear(&judge_check_examination_declared, "distrusted",
         &(judge_evidence){.distrust = "the clock jumped"}, NULL);
}

static void hear_examined(void) {
    enum { MANY = 80, FEW = 20 };
    record_injection done[MANY];
    record_alert alerts[MANY];
    for (uint32_t i = 0; i < MANY; i++) {
        done[i] =
            (record_injection){24 * SIM_HOUR, 30 * SIM_HOUR, i, 1, RECORD_ANOMALY_EXFILTRATION, 0};
        alerts[i] = (record_alert){.at = 25 * SIM_HOUR,
                                   .since = 25 * SIM_HOUR,
                                   .delivered = 25 * SIM_HOUR + SIM_SECOND,
                                   .who = i,
                                   .scope = RECORD_SCOPE_DEVICE,
                                   .kind = RECORD_ANOMALY_EXFILTRATION,
                                   .score = 0.9F};
    }
    judge_evidence e = {.injections = done,
                        .injection_count = MANY,
                        .alerts = alerts,
                        .alert_count = MANY,
                        .devices = 1000,
                        .until = 7 * SIM_DAY,
                        .examined = true};
    const judge_check *check = &judge_check_examined;
    hear(check, "all noticed", &e, NULL);
    e.injection_count = e.alert_count = FEW;
    hear(check, "all of a few", &e, NULL);
    e.alert_count = 1;
    hear(check, "one of twenty", &e, NULL);
    e.injection_count = 1, e.alert_count = FEW;
    hear(check, "nineteen false", &e, NULL);
    e.examined = false;
    hear(check, "nobody examined", &e, NULL);
    e.generator_late = true;
    hear(check, "late", &e, NULL);
    e.injection_count = 0;
    hear(check, "nothing done", &e, NULL);
}

/* ---- reconnect ---- */

#define GROWS .base = 5 * SIM_SECOND, .cap = SIM_MINUTE, .factor = 2
#define AROUND(below, above) .kind = DEV_LAW_SPREAD, .low = (below), .high = (above)
#define AT_ONCE 0.001
#define EVERY_30_S .kind = DEV_LAW_FIXED, .base = 30 * SIM_SECOND

static const reconnect_fleet orderly = {
    .law = {AROUND(0.5, 1.5), GROWS}, .width = 90, .capacity = 40, .away = AT_ONCE};

static const struct {
    const char *what;
    reconnect_fleet fleet;
} waves[] = {
    {"orderly", {.law = {AROUND(0.5, 1.5), GROWS}, .width = 90, .capacity = 40, .away = AT_ONCE}},
    {"after some refusals",
     {.law = {AROUND(0.5, 1.5), GROWS}, .width = 90, .capacity = 40, .away = 15}},
    {"let in and closed",
     {.law = {AROUND(0.5, 1.5), GROWS},
      .width = 90,
      .trapped = true,
      .capacity = 200,
      .away = 200}},
    {"in step", {.law = {EVERY_30_S}, .width = 0.5, .capacity = 40, .away = 60}},
    {"every 30 s, from any moment on",
     {.law = {EVERY_30_S}, .width = 30, .capacity = 25, .strict = true}},
    {"in step without an answer",
     {.law = {EVERY_30_S}, .width = 0.5, .time_out = 60, .capacity = 40, .away = 100}},
    {"doubling without jitter",
     {.law = {.kind = DEV_LAW_EXPONENTIAL, GROWS}, .width = 0.5, .capacity = 40, .away = 60}},
    {"jitter too small", {.law = {AROUND(0.97, 1.03), GROWS}, .width = 1.5, .capacity = 40}},
    {"hammering",
     {.law = {AROUND(0.5, 1.5), .base = SIM_SECOND / 2, .cap = SIM_SECOND / 2, .factor = 1},
      .width = 20,
      .capacity = 40,
      .away = 30}},
    {"half give up",
     {.law = {AROUND(0.5, 1.5), GROWS}, .width = 90, .silent = true, .capacity = 40}},
    {"jitter lost at the cap",
     {.law = {AROUND(1, 1.5), GROWS, .jitter_before_cap = true}, .width = 90, .capacity = 40}},
    {"no window before good retries",
     {.law = {AROUND(0.5, 1.5), .base = SIM_MINUTE, .cap = SIM_HOUR, .factor = 2},
      .width = 0.5,
      .capacity = 40}},
    {"retries keep the cloud busy",
     {.law = {AROUND(0.5, 1.5), .base = 110 * SIM_SECOND, .cap = 110 * SIM_SECOND, .factor = 1},
      .width = 90,
      .capacity = 6,
      .away = 1e6}},
    {"a narrow window",
     {.law = {AROUND(0.5, 1.5), GROWS}, .width = 8, .capacity = 40, .away = AT_ONCE}},
    {"pauses that do not grow",
     {.law = {AROUND(0.5, 1.5), .base = 5 * SIM_SECOND, .cap = 5 * SIM_SECOND, .factor = 1},
      .width = 90,
      .trapped = true,
      .capacity = 400,
      .away = 120}},
};

static void hear_wave(const char *what, const reconnect_fleet *f, judge_trigger t,
                      judge_evidence e) {
    record_attempts a;
    const judge_trigger triggers[] = {
        {.name = "start", .began = 0}, {.name = "update", .began = SIM_NEVER}, t};
    reconnect_fleet_live(&a, f, 1);
    if (e.devices_ever_online > 0) e.attempts = a.items, e.attempt_count = a.count;
    e.triggers = triggers, e.trigger_count = 3;
    e.seed = 1;
    hear(&judge_check_reconnect, what, &e, NULL);
    record_attempts_deinit(&a);
}

static void hear_reconnect(void) {
    const judge_trigger t = {.name = "broker restart",
                             .began = reconnect_fleet_began,
                             .until = reconnect_fleet_began + 2 * SIM_HOUR,
                             .struck = RECONNECT_FLEET_DEVICES};
    judge_evidence e = {.capacity = 40, .devices = 400, .devices_ever_online = 400};
    for (size_t i = 0; i < sizeof waves / sizeof *waves; i++) {
        e.capacity = waves[i].fleet.capacity;
        hear_wave(waves[i].what, &waves[i].fleet, t, e);
    }
    e.capacity = 0;
    hear_wave("no capacity", &orderly, t, e);
    e.capacity = 40, e.generator_late = true;
    hear_wave("late", &orderly, t, e);
    e.generator_late = false;
    judge_trigger other = t;
    other.struck = 3;
    hear_wave("three devices", &orderly, other, e);
    other = t, other.began = SIM_NEVER;
    hear_wave("it did not happen", &orderly, other, e);
    other = t, other.until = t.began + 30 * SIM_SECOND;
    hear_wave("cut short", &orderly, other, e);
    const dev_law wide = {AROUND(0.5, 1.5), GROWS, .initial_window = 300 * SIM_SECOND};
    const judge_declared law = {&wide, dev_law_draw};
    other = t, other.anew = true;
    e.law = &law, e.law_text = "spread over 300 s";
    hear_wave("not as declared", &orderly, other, e);
    e = (judge_evidence){.capacity = 40, .devices = 400, .foreign_cloud = true};
    hear_wave("nobody ever", &orderly, t, e);
}

/* ---- waves made by hand ---- */

/* Its attempts are done with. */
static void hear_case(const char *what, record_attempts *a, const judge_reconnect_case *c,
                      const judge_reconnect_policy *policy) {
    judge_finding f;
    judge_reconnect(c, policy, &f);
    hear_finding(what, &f);
    record_attempts_deinit(a);
}

static void hear_made(const char *what, record_attempts *a, uint64_t devices, double capacity) {
    const judge_reconnect_case c = wave_case(a, devices, capacity);
    hear_case(what, a, &c, &judge_reconnect_policy_default);
}

static void hear_twins(void) {
    for (size_t i = 0; i < WAVE_TWINS; i++) {
        record_attempts a;
        judge_reconnect_case c;
        wave_changed(wave_twins[i].change, &a, &c);
        hear_case(wave_twins[i].what, &a, &c, &judge_reconnect_policy_default);
    }
}

static void hear_lock_step(void) {
    static const struct {
        const char *what;
        uint32_t devices;
        double period, capacity;
        sim_time watched;
    } rows[] = {{"1,000 every 10 s", 1000, 10, 20, 80 * SIM_MINUTE},
                {"1,000 every 10 s, a minute", 1000, 10, 20, SIM_MINUTE},
                {"50 every 5 s", 50, 5, 2, 80 * SIM_MINUTE},
                {"2,000 every 67 s", 2000, 67, 100, 80 * SIM_MINUTE}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        record_attempts a;
        sim_stream s = sim_stream_for(1, SIM_PURPOSE_CALIBRATION, 0);
        record_attempts_init(&a);
        wave_add_lock_step(&a, rows[i].devices, rows[i].period, rows[i].capacity, &s);
        judge_reconnect_case c = wave_case(&a, rows[i].devices, rows[i].capacity);
        c.until = wave_began + rows[i].watched;
        hear_case(rows[i].what, &a, &c, &judge_reconnect_policy_default);
    }
}

static void hear_traps(void) {
    static const struct {
        const char *what;
        double factor;
        uint32_t fails_in;
    } rows[] = {{"closed, pauses grow", 1.5, 0},
                {"closed and dropped, pauses grow", 1.5, 8},
                {"closed, pauses stay", 1, 0},
                {"closed and dropped, pauses stay", 1, 8},
                {"closed, pauses shrink", 0.8, 0}};
    judge_reconnect_policy roomy = judge_reconnect_policy_default;
    roomy.peak_to_mean = 100;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        sim_stream s = sim_stream_for(i, SIM_PURPOSE_CALIBRATION, 0);
        record_attempts a;
        record_attempts_init(&a);
        wave_add_trap(&a, 200, rows[i].factor, rows[i].fails_in, &s);
        const judge_reconnect_case c = wave_case(&a, 200, 200);
        hear_case(rows[i].what, &a, &c, &roomy);
    }
}

/* Who is to blame: the herd only where the cloud turned devices away and they waited for it much
 * longer than it needed; not the law that makes a device wait. */
static void hear_blame(void) {
    static const struct {
        const char *what;
        record_outcome first;
        double second;
    } rows[] = {{"dropped, back after a minute", RECORD_OUTCOME_DROPPED, 60},
                {"busy, back after a minute", RECORD_OUTCOME_BUSY, 60},
                {"busy, back after seconds", RECORD_OUTCOME_BUSY, 7},
                {"not turned away", RECORD_OUTCOME_NONE, 60}};
    record_attempts a;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        wave_with_one_failure(&a, rows[i].first, rows[i].second);
        hear_made(rows[i].what, &a, 100, 20);
    }
    wave_with_a_late_one(&a, false);
    hear_made("a law that waits", &a, 100, 20);
    wave_with_a_late_one(&a, true);
    hear_made("turned away, and waits", &a, 100, 20);
}

/* The same wave twice; judged is the second. */
static void hear_places(void) {
    static const sim_time before = 10 * SIM_MINUTE;
    record_attempts a;
    record_attempts_init(&a);
    for (uint32_t d = 0; d < 100; d++) wave_add(&a, d, d, 1, RECORD_OUTCOME_ONLINE);
    const size_t once = a.count;
    for (uint32_t d = 0; d < 100; d++) wave_add(&a, d, d, 1, RECORD_OUTCOME_ONLINE);
    for (size_t i = 0; i < once; i++) a.items[i].trigger = 1, a.items[i].at -= before;
    hear_made("each at its own place", &a, 100, 20);
}

static void hear_made_by_hand(void) {
    record_attempts a;
    sim_stream s = sim_stream_for(1, SIM_PURPOSE_CALIBRATION, 0);
    record_attempts_init(&a);
    wave_add_uniform(&a, 1000, 146, 30, &s);
    hear_made("uniform", &a, 1000, 20);
    hear_twins();
    hear_lock_step();
    hear_traps();
    hear_blame();
    hear_places();
    wave_of_figures(&a);
    hear_made("every other comes twice", &a, 100, 5);
    wave_clumped(&a, 10000);
    hear_made("clumped, 10,000", &a, 10000, 2000);
    wave_clumped(&a, 1000);
    hear_made("clumped, 1,000", &a, 1000, 2000);
    judge_reconnect_policy burst = judge_reconnect_policy_default;
    burst.peak_over_capacity = 2;
    wave_in_lots(&a, 30);
    judge_reconnect_case c = wave_case(&a, 600, 20);
    hear_case("a burst that stays", &a, &c, &burst);
    c = wave_of_51(&a);
    c.until--;
    hear_case("the last a moment too late", &a, &c, &judge_reconnect_policy_default);
    record_attempts_init(&a);
    wave_add(&a, 1, 0, 1, RECORD_OUTCOME_ONLINE);
    sim_heap_fail(0, true);
    hear_made("no memory", &a, 1000, 20);
    assert_true(sim_heap_fail_never());
}

/* ---- one device ---- */

static void hear_device(void) {
    for (size_t i = 0; i < WATCH_ROWS; i++) {
        const judge_finding f = watched_row(i);
        hear_finding(watch_rows[i].what, &f);
    }
    static const struct {
        const char *what;
        watch watch;
    } found[] = {{"found in a log", {&watch_full, NULL, 10, 5, false, false}},
                 {"found as declared", {&watch_full, &watch_full, 10, 5, false, false}},
                 {"found slower than declared", {&watch_slow, &watch_full, 10, 5, false, false}},
                 {"found sooner than declared", {&watch_full, &watch_lazy, 10, 5, false, false}},
                 {"found in step", {&watch_every_10_s, NULL, 10, 5, false, false}},
                 {"found in two outages", {&watch_full, &watch_full, 2, 5, false, false}}};
    for (size_t i = 0; i < sizeof found / sizeof *found; i++) {
        const judge_finding f = watched_by(&found[i].watch, 1, "some law");
        hear_finding(found[i].what, &f);
    }
    record_attempts a;
    judge_finding f;
    watch_again_and_again(&a);
    const judge_device_case c = {.attempts = a.items, .count = a.count, .device = 7};
    sim_heap_fail(0, true);
    judge_device(&c, &judge_device_policy_default, &f);
    assert_true(sim_heap_fail_never());
    hear_finding("one device, no memory", &f);
    record_attempts_deinit(&a);
}

/* ---- rules of others, thresholds of a scenario's own ---- */

static judge_rule rule(const char *ask, judge_relation relation, double number,
                       judge_verdict otherwise) {
    return (judge_rule){.row = judge_pack_row_named(ask),
                        .relation = relation,
                        .number = number,
                        .samples = 1,
                        .otherwise = otherwise,
                        .clause = "1.2",
                        .says = "so it is",
                        .part = -1};
}

static void hear_pack(const char *what, const judge_pack *pack, const judge_evidence *e) {
    judge_finding f;
    assert_int_equal(judge_pack_run(pack, e, NULL, &f), 0);
    hear_finding(what, &f);
}

/* Of one device that pauses for 2 s, is back, and away again. */
static void hear_packs(void) {
    enum { TRIES = 4 };
    static const sim_time at[TRIES] = {0, 3 * SIM_SECOND, 8 * SIM_SECOND, 60 * SIM_SECOND};
    record_attempt tries[TRIES];
    for (size_t i = 0; i < TRIES; i++)
        tries[i] =
            (record_attempt){.at = at[i],
                             .outcome = i == 2 ? RECORD_OUTCOME_ONLINE : RECORD_OUTCOME_REFUSED,
                             .latency = SIM_SECOND,
                             .trigger = 1,
                             .number = 2};
    judge_evidence e = {.attempts = tries, .attempt_count = TRIES, .until = 61 * SIM_SECOND};
    const judge_rule good = rule("retries", JUDGE_AT_MOST, 4, JUDGE_FAIL),
                     bad = rule("pause-shortest", JUDGE_AT_LEAST, 15, JUDGE_FAIL),
                     weak = rule("pause-shortest", JUDGE_AT_LEAST, 15, JUDGE_WARN),
                     mute = rule("growth", JUDGE_AT_LEAST, 2, JUDGE_FAIL);
    const struct {
        const char *what;
        judge_rule rules[3];
    } rows[] = {{"every rule holds", {good, good, good}},
                {"one does not", {good, bad, good}},
                {"one warns", {good, weak, good}},
                {"one cannot tell", {good, mute, weak}},
                {"no more than one is told twice", {good, bad, bad}}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        judge_pack pack = {.id = "some", .rule_count = 3, .part = -1};
        memcpy(pack.rules, rows[i].rules, sizeof rows[i].rules);
        hear_pack(rows[i].what, &pack, &e);
    }
    judge_pack parted = {.id = "some",
                         .parts = {{"a", {1}, 1}, {"b", {3}, 1}},
                         .part_count = 2,
                         .rules = {good},
                         .rule_count = 1,
                         .part = -1};
    e.generator_late = true;
    hear_pack("late", &parted, &e);
    parted.rules[0].part = 1;
    hear_pack("which part", &parted, &e);
}

static void hear_thresholds(void) {
    static const char what[] = "request_latency p(95)";
    static const struct {
        const char *evidence, *threshold;
        judge_threshold_case c;
    } rows[] = {
        {"at most", "p(95)<200ms", {what, "s", 0.1, false, 12407, JUDGE_PASS}},
        {"more than", "p(95)<200ms", {what, "s", 31, true, 12407, JUDGE_FAIL}},
        {"too few", "p(95)<200ms", {what, "s", 0.1, false, 12, JUDGE_INCONCLUSIVE}},
        {"a share", ">=99%", {"answered", "share", 0.5, false, 0, JUDGE_FAIL}},
        {"no value", "p(95)<200ms", {what, "s", NAN, false, 0, JUDGE_INCONCLUSIVE}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        judge_threshold t;
        judge_finding f = {.unit = "threshold"};
        assert_int_equal(judge_threshold_read(rows[i].threshold, &t), 0);
        judge_threshold_say(&t, &rows[i].c, &f);
        hear_finding(rows[i].evidence, &f);
    }
}

/* ---- all ---- */

static int passes(const judge_evidence *e, const void *wanted, judge_finding *out) {
    (void)e, (void)wanted;
    out->verdict = JUDGE_PASS;
    judge_finding_say(out, "All was well.");
    return 0;
}

/* What each check says in the same words. */
static void hear_any(void) {
    judge_check any = {.unit = "any", .provision = "", .judge = passes};
    for (judge_need_bit need = 0; need < JUDGE_NEED_BITS; need++) {
        char what[80];
        judge_finding f;
        judge_check_miss(&any, need, &f);
        snprintf(what, sizeof what, "without %s", judge_need_word(need));
        hear_finding(what, &f);
    }
    hear(&any, "distrusted", &(judge_evidence){.distrust = "the clock jumped"}, NULL);
    any.needs = JUDGE_NEED_PUNCTUAL;
    hear(&any, "late, and why",
         &(judge_evidence){.generator_late = true, .generator_why = "It slept for 4 s."}, NULL);
}

static void hear_all(void) {
    begin();
    hear_declared();
    hear_household();
    hear_connection_methods();
    hear_declaration();
    hear_reconnect();
    hear_made_by_hand();
    hear_device();
    hear_examination();
    hear_examined();
    hear_answered();
    hear_silence();
    hear_boot_chain();
    hear_randomness();
    hear_non_associated();
    hear_contention();
    hear_packs();
    hear_thresholds();
    hear_any();
    assert_int_equal(fclose(said.to), 0);
}

static char *golden(void) {
    enum { MOST = 1 << 20 };
    char *text = calloc(1, MOST);
    FILE *f = fopen(GOLDEN, "r");
    assert_non_null(text);
    if (f == NULL) fail_msg("cannot open %s", GOLDEN);
    size_t n = fread(text, 1, MOST - 1, f);
    assert_true(n < MOST - 1);
    fclose(f);
    return text;
}

/* The first line in which they differ, from 1; 0: none. */
static unsigned difference(const char *a, const char *b) {
    unsigned line = 1;
    for (; *a == *b && *a != '\0'; a++, b++) line += *a == '\n';
    return *a == *b ? 0 : line;
}

static void test_every_sentence_is_as_it_was(void **state) {
    (void)state;
    hear_all();
    if (getenv("KEEP_SENTENCES") != NULL) {
        FILE *f = fopen(GOLDEN, "w");
        assert_non_null(f);
        assert_true(fputs(said.text, f) >= 0);
        assert_int_equal(fclose(f), 0);
    }
    char *kept = golden();
    unsigned line = difference(kept, said.text);
    if (line > 0)
        fail_msg("%s:%u: another sentence now; make it anew with KEEP_SENTENCES=1 if that is meant",
                 GOLDEN, line);
    free(kept);
    free(said.text);
}

/* The bad twin: one letter of one word, anywhere in the file. */
static void test_a_changed_word_is_noticed(void **state) {
    (void)state;
    hear_all();
    unsigned line = 1;
    for (size_t i = 0; i < said.size; i++) {
        char *kept = said.text + i;
        if (*kept == '\n') line++;
        if (i % 97 != 0 || *kept == '\n') continue;
        char *twin = strdup(said.text);
        assert_non_null(twin);
        twin[i] = twin[i] == 'x' ? 'y' : 'x';
        assert_int_equal(difference(said.text, twin), line);
        free(twin);
    }
    free(said.text);
}

/* No check is left out, and none of its verdicts. */
static void test_every_check_says_each_verdict(void **state) {
    (void)state;
    static const judge_verdict verdicts[] = {JUDGE_PASS, JUDGE_FAIL, JUDGE_INCONCLUSIVE};
    hear_all();
    for (const judge_check *const *c = judge_checks; *c != NULL; c++) {
        for (size_t v = 0; v < sizeof verdicts / sizeof *verdicts; v++) {
            char begins[80], holds[32];
            bool heard = false;
            snprintf(begins, sizeof begins, "\n%s | ", (*c)->unit);
            snprintf(holds, sizeof holds, " | %s | ", judge_verdict_word(verdicts[v]));
            for (const char *at = strstr(said.text, begins); at != NULL && !heard;
                 at = strstr(at + 1, begins)) {
                const char *found = strstr(at, holds);
                heard = found != NULL && found < strchr(at + 1, '\n');
            }
            if (!heard) fail_msg("%s never said %s", (*c)->unit, judge_verdict_word(verdicts[v]));
        }
    }
    free(said.text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_sentence_is_as_it_was),
        cmocka_unit_test(test_a_changed_word_is_noticed),
        cmocka_unit_test(test_every_check_says_each_verdict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
