/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/fleet_months.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/heap.h"
#include "sim/core/random.h"
#include "sim/judge/alarms.h"

enum {
    MODELS = 5,
    REGIONS = 2,
    HOME = 4,
    MINUTES_A_DAY = 1440,
    OUT_MINUTES = 30,
    TRUTHS_MAX = 8192
};
typedef enum model { PLUG, CAMERA, THERMOMETER, METER, MOTION } model;

static const uint32_t period[MODELS] = {1, 5, 5, 15, 20};
static const float bytes_a_report[MODELS] = {300, 40000, 200, 800, 150};
static const bool has_reading[MODELS] = {true, false, true, true, false};
static const bool has_battery[MODELS] = {false, false, true, false, true};

typedef struct device {
    uint32_t phase, next; /* minute */
    uint32_t dark_until;  /* minute; no power, no network */
    uint32_t back_at;     /* minute of the way back; 0: nothing to come back from */
    uint32_t rollout_at;
    uint64_t address;
    float depth, offset, battery, drain, still, drift;
    int truth; /* index of what is being done to it, or -1 */
    uint16_t cohort;
    uint8_t model;
    bool updated;
} device;

typedef struct truth {
    uint32_t device, from, to; /* minutes */
    uint8_t kind, strength;
    uint8_t campaign; /* 1, 2: an example */
    bool noticed, as_other;
    float delay;
} truth;

typedef struct fleet {
    const fleet_months_options *o;
    fleet_months_result *r;
    device *devices;
    truth *truths;
    examine_watch_fleet *examiner;
    examine_watch **watches;
    uint32_t truth_count, watch_count, a_watch;
    uint32_t minute;
    sim_time now;
    sim_stream random;
    float weather, day;
} fleet;

/* ---- drawing
 * ------------------------------------------------------------------------------------------- */

static double unit(fleet *f) {
    return sim_stream_unit(&f->random);
}

static uint32_t below(fleet *f, uint32_t n) {
    return (uint32_t)sim_stream_below(&f->random, n);
}

static uint32_t poisson(fleet *f, double mean) {
    if (mean > 30)
        return (uint32_t)fmax(0, round(mean + sqrt(mean) * sim_stream_normal(&f->random)));
    const double limit = exp(-mean);
    uint32_t n = 0;
    double p = unit(f);
    while (p > limit) {
        p *= unit(f);
        n++;
    }
    return n;
}

static uint32_t streets_of(const fleet *f) {
    const uint32_t streets = f->o->devices / f->o->street;
    return streets > 0 ? streets : 1;
}

static examine_watch *watch_of(const fleet *f, uint32_t d) {
    return f->watches[d / f->a_watch];
}

static void count(fleet *f, uint32_t d, record_metric m, uint32_t n) {
    examine_watch_count(watch_of(f, d), f->now, d % f->a_watch, m, n);
}

static void level(fleet *f, uint32_t d, record_metric m, double value) {
    examine_watch_level(watch_of(f, d), f->now, d % f->a_watch, m, value);
}

static void member(fleet *f, uint32_t d, record_metric m, uint64_t id) {
    examine_watch_member(watch_of(f, d), f->now, d % f->a_watch, m, id);
}

static const truth *done_to(const fleet *f, const device *x) {
    if (x->truth < 0) return NULL;
    const truth *t = &f->truths[x->truth];
    return f->minute >= t->from && f->minute < t->to ? t : NULL;
}

static bool suffers(const truth *t, record_anomaly kind) {
    return t && t->kind == kind;
}

/* ---- what a device does
 * -------------------------------------------------------------------------------- */

static uint32_t bytes_of(fleet *f, const device *x, const truth *t) {
    const double season = 1 + (double)x->depth * (double)f->day;
    double n = (double)bytes_a_report[x->model] * season * exp(0.3 * sim_stream_normal(&f->random));
    if (suffers(t, RECORD_ANOMALY_EXFILTRATION)) n *= t->strength ? 50 : 6;
    return (uint32_t)n;
}

static void say_reading(fleet *f, uint32_t d, device *x, const truth *t) {
    const float season = (1 + 2 * x->depth) * f->day;
    float v = 20 + x->offset + season + f->weather + 0.2f * (float)sim_stream_normal(&f->random);
    v = roundf(v * 10) / 10;
    if (suffers(t, RECORD_ANOMALY_SLOW_DRIFT))
        v += (float)(f->minute - t->from) / MINUTES_A_DAY * (t->strength ? 8 : 3);
    if (suffers(t, RECORD_ANOMALY_STUCK_SENSOR)) {
        if (isnan(x->still)) x->still = v;
        v = x->still;
    } else {
        x->still = (float)NAN;
    }
    if (suffers(t, RECORD_ANOMALY_OUT_OF_RANGE) && (t->strength || below(f, 3) == 0))
        v = t->strength ? 327 : 60;
    level(f, d, RECORD_METRIC_READING, (double)v);
}

static void say_battery(fleet *f, uint32_t d, device *x, const truth *t) {
    float drain = x->drain * (float)period[x->model] / MINUTES_A_DAY;
    if (suffers(t, RECORD_ANOMALY_BATTERY_DRAIN)) drain *= t->strength ? 60 : 20;
    x->battery = fmaxf(0, x->battery - drain);
    const double shown = (double)x->battery + 0.3 * sim_stream_normal(&f->random);
    level(f, d, RECORD_METRIC_BATTERY, fmin(fmax(round(shown * 2) / 2, 0), 100));
}

static void report(fleet *f, uint32_t d, device *x) {
    const truth *t = done_to(f, x);
    if (suffers(t, RECORD_ANOMALY_SILENT_DEVICE)) return;
    const uint32_t bytes = bytes_of(f, x, t);
    count(f, d, RECORD_METRIC_MESSAGES_IN, 1);
    level(f, d, RECORD_METRIC_MESSAGE_BYTES,
          (double)(bytes_a_report[x->model] > 1000 ? 1000 : bytes / 2));
    count(f, d, RECORD_METRIC_BYTES_OUT, bytes);
    count(f, d, RECORD_METRIC_BYTES_IN, 100 + below(f, 50));
    count(f, d, RECORD_METRIC_PACKETS_OUT, 1 + bytes / 1000);
    count(f, d, RECORD_METRIC_PACKETS_IN, 1 + bytes / 2000);
    member(f, d, RECORD_METRIC_DESTINATION, 1000u + x->model * 10u + below(f, 3));
    member(f, d, RECORD_METRIC_SOURCE_ADDRESS, x->address);
    if (has_reading[x->model]) say_reading(f, d, x, t);
    if (has_battery[x->model]) say_battery(f, d, x, t);
}

static void connect(fleet *f, uint32_t d, device *x, uint32_t attempts) {
    count(f, d, RECORD_METRIC_CONNECTION_ATTEMPTS, attempts);
    member(f, d, RECORD_METRIC_SOURCE_ADDRESS, x->address);
    examine_watch_session(watch_of(f, d), f->now, d % f->a_watch, true);
}

/* Power or uplink is there again: address and boot are new, what was kept is sent at once. */
static void come_back(fleet *f, uint32_t d, device *x) {
    x->back_at = 0;
    if (below(f, 2) == 0) x->address = sim_stream_next(&f->random);
    connect(f, d, x, 1 + below(f, 5));
    count(f, d, RECORD_METRIC_RESETS, 1);
    level(f, d, RECORD_METRIC_DISCONNECT_DURATION, OUT_MINUTES * 60);
    for (int i = 0; i < 6; i++) report(f, d, x);
}

static void update(fleet *f, uint32_t d, device *x) {
    x->updated = true;
    x->cohort = (uint16_t)(x->cohort + MODELS * REGIONS);
    count(f, d, RECORD_METRIC_BYTES_IN, 800000);
    count(f, d, RECORD_METRIC_PACKETS_IN, 800);
    count(f, d, RECORD_METRIC_DISCONNECTS, 1);
    count(f, d, RECORD_METRIC_RESETS, 1);
    examine_watch_cohort(watch_of(f, d), f->now, d % f->a_watch, x->cohort);
    level(f, d, RECORD_METRIC_FIRMWARE, 2);
    connect(f, d, x, 1);
}

static uint32_t next_report(fleet *f, const device *x) {
    if (x->model != MOTION) return f->minute + period[x->model];
    const double rate = (1 + (double)x->depth * (double)f->day) / period[MOTION];
    return f->minute + 1 + (uint32_t)(-log(1 - unit(f)) / rate);
}

static void attack(fleet *f, uint32_t d, device *x, const truth *t) {
    const bool strong = t->strength != 0;
    const uint32_t since = f->minute - t->from;
    switch ((record_anomaly)t->kind) {
        case RECORD_ANOMALY_CREDENTIAL_STUFFING:
            if (t->campaign) /* rises over an hour, to six an hour at each device */
                count(f, d, RECORD_METRIC_FAILED_LOGINS,
                      poisson(f, 6.0 / 60 * fmin(1, since / 60.0)));
            else
                count(f, d, RECORD_METRIC_FAILED_LOGINS,
                      strong ? 40 + below(f, 40) : poisson(f, 3.0 / 60));
            break;
        case RECORD_ANOMALY_UPDATE_SIGNATURE:
            if (t->campaign || !strong)
                count(f, d, RECORD_METRIC_UPDATE_FAILURES,
                      poisson(f, t->campaign ? 1.0 / 30 : 1.0 / 120));
            if (!t->campaign && strong && since % 5 == 0)
                count(f, d, RECORD_METRIC_UPDATE_FAILURES, 1);
            break;
        case RECORD_ANOMALY_CLONE:
            if (since % (strong ? 3 : 30) != 0) break;
            member(f, d, RECORD_METRIC_SOURCE_ADDRESS, x->address ^ UINT64_MAX);
            count(f, d, RECORD_METRIC_CONNECTION_ATTEMPTS, 1);
            count(f, d, RECORD_METRIC_MESSAGES_IN, 1);
            break;
        case RECORD_ANOMALY_EXFILTRATION:
            if (since % 5 == 0) member(f, d, RECORD_METRIC_DESTINATION, 777000u + d);
            break;
        case RECORD_ANOMALY_BOTNET_SCAN: {
            const uint32_t n = strong ? 100 : 6;
            for (uint32_t i = 0; i < n; i++)
                member(f, d, RECORD_METRIC_DESTINATION, sim_stream_next(&f->random));
            count(f, d, RECORD_METRIC_PACKETS_OUT, n);
            count(f, d, RECORD_METRIC_BYTES_OUT, n * 60);
            level(f, d, RECORD_METRIC_TCP_CONNECTIONS, n);
            break;
        }
        default:
            break;
    }
}

static void live(fleet *f, uint32_t d) {
    device *x = &f->devices[d];
    const truth *t = x->truth < 0 ? NULL : done_to(f, x);
    if (t) attack(f, d, x, t);
    if (f->minute < x->dark_until) {
        if (f->minute >= x->next) x->next = f->minute + period[x->model];
        return;
    }
    if (x->back_at != 0 && f->minute >= x->back_at) come_back(f, d, x);
    if (x->rollout_at != 0 && !x->updated && f->minute >= x->rollout_at) update(f, d, x);
    if (f->minute < x->next) return;
    report(f, d, x);
    x->next = next_report(f, x);
}

/* ---- honest noise
 * -------------------------------------------------------------------------------------- */

static void mistype(fleet *f) {
    /* 0.2 * (3/4 * 1 + 1/4 * 3) = 0.3 */
    const uint32_t n = poisson(f, 0.2 * f->o->devices / MINUTES_A_DAY);
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t d = below(f, f->o->devices);
        count(f, d, RECORD_METRIC_FAILED_LOGINS, below(f, 4) == 0 ? 3 : 1);
    }
}

static void go_dark(fleet *f, uint32_t d, uint32_t minutes, uint32_t back) {
    f->devices[d].dark_until = f->minute + minutes + back;
    f->devices[d].back_at = f->minute + minutes + back;
}

static void lose_session(fleet *f, uint32_t d) {
    count(f, d, RECORD_METRIC_DISCONNECTS, 1);
    examine_watch_session(watch_of(f, d), f->now, d % f->a_watch, false);
    connect(f, d, &f->devices[d], 1 + below(f, 3));
}

static void honest_noise(fleet *f) {
    const double minutes = (double)f->o->devices / MINUTES_A_DAY;
    mistype(f);
    for (uint32_t n = poisson(f, 0.001 * minutes); n > 0; n--)
        count(f, below(f, f->o->devices), RECORD_METRIC_UPDATE_FAILURES, 1);
    for (uint32_t n = poisson(f, 0.2 * minutes); n > 0; n--)
        f->devices[below(f, f->o->devices)].address = sim_stream_next(&f->random);
    for (uint32_t n = poisson(f, 0.02 * minutes); n > 0; n--)
        count(f, below(f, f->o->devices), RECORD_METRIC_RESETS, 1);
    for (uint32_t n = poisson(f, 0.1 * minutes); n > 0; n--)
        lose_session(f, below(f, f->o->devices));
    for (uint32_t n = poisson(f, 0.002 * minutes); n > 0; n--) {
        const uint32_t home = below(f, f->o->devices / HOME) * HOME;
        for (uint32_t i = 0; i < HOME; i++) go_dark(f, home + i, OUT_MINUTES, below(f, 3));
    }
}

static void great_events(fleet *f) {
    const uint32_t street = f->o->street, streets = streets_of(f);
    if (!f->o->outages) return;
    if (f->minute == 3 * MINUTES_A_DAY + 600)
        for (uint32_t i = 0; i < street; i++)
            go_dark(f, 3 % streets * street + i, OUT_MINUTES, (uint32_t)(pow(unit(f), 3) * 60));
    if (f->minute == 5 * MINUTES_A_DAY + 1200)
        for (uint32_t i = 0; i < street; i++) {
            const uint32_t d = 7 % streets * street + i;
            examine_watch_session(watch_of(f, d), f->now, d % f->a_watch, false);
            count(f, d, RECORD_METRIC_DISCONNECTS, 1);
            go_dark(f, d, 20, below(f, 3));
        }
}

/* ---- what is not about single devices
 * ------------------------------------------------------------------- */

/* A cohort asks again every ten minutes for three hours, all of it in the same second. */
static void lock_step(fleet *f) {
    const uint32_t begin = 2 * MINUTES_A_DAY + 500;
    if (!f->o->lock_step || f->minute < begin || f->minute > begin + 180 ||
        (f->minute - begin) % 10 != 0)
        return;
    for (uint32_t d = 0; d < f->o->devices; d++)
        if (f->devices[d].cohort == 1) count(f, d, RECORD_METRIC_CONNECTION_ATTEMPTS, 1);
}

static void new_destination(fleet *f) {
    const uint32_t begin = 2 * MINUTES_A_DAY + 700;
    if (!f->o->new_destination || f->minute < begin || f->minute > begin + 300) return;
    for (uint32_t d = 0; d < f->o->devices; d++)
        if (f->devices[d].cohort == 2 && below(f, 120) == 0)
            member(f, d, RECORD_METRIC_DESTINATION, 424242);
}

/* ---- the truth
 * ----------------------------------------------------------------------------------------- */

static bool suits(record_anomaly kind, model m) {
    switch (kind) {
        case RECORD_ANOMALY_STUCK_SENSOR:
        case RECORD_ANOMALY_OUT_OF_RANGE:
        case RECORD_ANOMALY_SLOW_DRIFT:
            return has_reading[m];
        case RECORD_ANOMALY_BATTERY_DRAIN:
            return has_battery[m];
        default:
            return true;
    }
}

static uint32_t lasts(record_anomaly kind) {
    return kind == RECORD_ANOMALY_SLOW_DRIFT ? 3 * MINUTES_A_DAY : MINUTES_A_DAY;
}

static void inject(fleet *f, uint32_t d, record_anomaly kind, uint8_t strength, uint32_t from,
                   uint8_t campaign) {
    if (f->truth_count == TRUTHS_MAX) return;
    f->devices[d].truth = (int)f->truth_count;
    f->truths[f->truth_count++] = (truth){.device = d,
                                          .from = from,
                                          .to = from + (campaign ? 360 : lasts(kind)),
                                          .kind = (uint8_t)kind,
                                          .strength = strength,
                                          .campaign = campaign};
}

static bool in_outage_street(const fleet *f, uint32_t d) {
    const uint32_t streets = streets_of(f), street = d / f->o->street;
    return f->o->outages && (street == 3 % streets || street == 7 % streets);
}

static void inject_single(fleet *f, record_anomaly kind, uint8_t strength) {
    const uint32_t earliest = 2 * MINUTES_A_DAY + MINUTES_A_DAY / 2,
                   end = f->o->days * MINUTES_A_DAY;
    for (int tries = 0; tries < 1000; tries++) {
        const uint32_t d = below(f, f->o->devices);
        const device *x = &f->devices[d];
        if (x->truth >= 0 || x->rollout_at != 0 || !suits(kind, x->model) || in_outage_street(f, d))
            continue;
        inject(f, d, kind, strength, earliest + below(f, end - earliest - lasts(kind) - 60), 0);
        return;
    }
}

/* 30 % of cohort 3 (meters) and 10 % of cohort 1 (cameras): attacked together, on the last day. */
static void inject_examples(fleet *f) {
    const uint32_t from = (f->o->days - 1) * MINUTES_A_DAY + 600;
    for (uint32_t d = 0; d < f->o->devices; d++) {
        const device *x = &f->devices[d];
        if (x->truth >= 0) continue;
        if (x->cohort == 3 && below(f, 10) < 3)
            inject(f, d, RECORD_ANOMALY_CREDENTIAL_STUFFING, 1, from, 1);
        if (x->cohort == 1 && below(f, 10) < 1)
            inject(f, d, RECORD_ANOMALY_UPDATE_SIGNATURE, 1, from + 120, 2);
    }
}

static void inject_all(fleet *f) {
    for (int kind = RECORD_ANOMALY_CREDENTIAL_STUFFING; kind <= RECORD_ANOMALY_BATTERY_DRAIN;
         kind++)
        for (int strength = 0; strength < FLEET_MONTHS_STRENGTHS; strength++)
            for (uint32_t i = 0; i < f->o->each; i++)
                inject_single(f, (record_anomaly)kind, (uint8_t)strength);
    if (f->o->examples) inject_examples(f);
}

/* ---- judging
 * ------------------------------------------------------------------------------------------- */

static bool covers(const fleet *f, const truth *t, const record_alert *n) {
    const sim_time grace = 2 * SIM_HOUR, from = t->from * SIM_MINUTE;
    if (n->at < from || n->at > t->to * SIM_MINUTE + grace) return false;
    if (n->scope == RECORD_SCOPE_DEVICE) return n->who == t->device;
    if (n->scope == RECORD_SCOPE_COHORT)
        return n->kind == t->kind && n->who == f->devices[t->device].cohort;
    return n->kind == t->kind;
}

static void hold(truth *t, const record_alert *n) {
    if (n->kind != t->kind) {
        t->as_other = true;
        return;
    }
    if (t->noticed) return;
    t->noticed = true;
    t->delay = (float)(sim_time_seconds(n->at) / 60 - t->from);
}

static bool after_an_outage(const fleet *f, const record_alert *n) {
    const uint32_t cut[2] = {3 * MINUTES_A_DAY + 600, 5 * MINUTES_A_DAY + 1200};
    for (int i = 0; i < 2; i++) {
        if (n->at < cut[i] * SIM_MINUTE || n->at > (cut[i] + 360) * SIM_MINUTE) continue;
        if (n->scope != RECORD_SCOPE_DEVICE || in_outage_street(f, n->who)) return f->o->outages;
    }
    return false;
}

static void judge_notice(fleet *f, const record_alert *n) {
    fleet_months_result *r = f->r;
    uint32_t explained = 0;
    for (uint32_t i = 0; i < f->truth_count; i++) {
        truth *t = &f->truths[i];
        if (!covers(f, t, n)) continue;
        explained++;
        hold(t, n);
        if (t->campaign && n->kind == t->kind && n->scope != RECORD_SCOPE_DEVICE &&
            r->example[t->campaign - 1] < 0)
            r->example[t->campaign - 1] = sim_time_seconds(n->at) / 60 - t->from;
    }
    r->notices++;
    r->lock_steps += n->kind == RECORD_ANOMALY_LOCK_STEP;
    r->new_destinations += n->kind == RECORD_ANOMALY_NEW_DESTINATION;
    const bool wanted = (f->o->lock_step && n->kind == RECORD_ANOMALY_LOCK_STEP) ||
                        (f->o->new_destination && n->kind == RECORD_ANOMALY_NEW_DESTINATION);
    if (explained >= (n->scope == RECORD_SCOPE_DEVICE ? 1 : 3) || wanted) return;
    r->false_alarms++;
    r->kind[n->kind][0].false_alarms++;
    if (after_an_outage(f, n)) r->of_outage++;
    if (f->o->show)
        printf(
            "false: %8.1f min scope %d who %u cohort %u %s by %s seen %g expected %g score %.2f\n",
            sim_time_seconds(n->at) / 60, n->scope, n->who,
            n->scope == RECORD_SCOPE_DEVICE ? f->devices[n->who].cohort : n->who,
            record_anomaly_word((record_anomaly)n->kind),
            record_metric_word((record_metric)n->metric), n->seen, n->expected, (double)n->score);
}

static void fingerprint(fleet *f, const record_alert *n) {
    const uint64_t words[4] = {
        (uint64_t)n->at ^ (uint64_t)n->since << 20,
        (uint64_t)n->who << 32 | (uint64_t)n->scope << 16 | (uint64_t)n->kind << 8 | n->metric,
        (uint64_t)(n->seen * 1e6), (uint64_t)((double)n->score * 1e9)};
    for (int i = 0; i < 4; i++) f->r->fingerprint = sim_hash64(f->r->fingerprint ^ words[i]);
}

static void conclude(fleet *f) {
    for (uint32_t i = 0; i < f->truth_count; i++) {
        const truth *t = &f->truths[i];
        if (t->campaign) continue;
        fleet_months_kind *k = &f->r->kind[t->kind][t->strength];
        if (t->noticed && k->noticed < FLEET_MONTHS_DELAYS) k->delay[k->noticed] = t->delay;
        k->injected++;
        k->noticed += t->noticed;
        k->as_other += !t->noticed && t->as_other;
        if (!t->noticed && f->o->show)
            printf("missed: device %u model %u %s %u from %u other %d\n", t->device,
                   f->devices[t->device].model, record_anomaly_word((record_anomaly)t->kind),
                   t->strength, t->from, t->as_other);
    }
    f->r->device_days = (double)f->o->devices * f->o->days;
    f->r->dropped = examine_watch_fleet_dropped(f->examiner);
}

/* ---- running
 * ------------------------------------------------------------------------------------------- */

static void begin_device(fleet *f, uint32_t d) {
    device *x = &f->devices[d];
    x->model = (uint8_t)(d % HOME == 0 ? PLUG : 1 + below(f, MODELS - 1));
    x->cohort = (uint16_t)(x->model + MODELS * (d * REGIONS / f->o->devices));
    x->next = below(f, period[x->model]);
    x->address = sim_stream_next(&f->random);
    x->depth = 0.9f * (float)unit(f);
    x->offset = 2 * (float)sim_stream_normal(&f->random);
    x->battery = 60 + 40 * (float)unit(f);
    x->drain = 0.3f + 0.7f * (float)unit(f);
    x->still = (float)NAN;
    x->truth = -1;
    if (f->o->rollout && x->cohort == 2)
        x->rollout_at = 4 * MINUTES_A_DAY + below(f, MINUTES_A_DAY);
    examine_watch_place(watch_of(f, d), d % f->a_watch, x->cohort, d % f->a_watch / HOME,
                        d % f->a_watch / f->o->street);
}

static bool begin(fleet *f) {
    const fleet_months_options *o = f->o;
    SIM_PROMISE(o->street > 0 && o->devices >= o->street && o->streets_a_watch > 0 && o->days > 0);
    f->a_watch = o->street * o->streets_a_watch;
    f->watch_count = (o->devices + f->a_watch - 1) / f->a_watch;
    f->random = sim_stream_for(o->seed, SIM_PURPOSE_SCRIPT, 0);
    f->devices = sim_calloc(o->devices, sizeof *f->devices);
    f->truths = sim_calloc(TRUTHS_MAX, sizeof *f->truths);
    f->watches = sim_calloc(f->watch_count, sizeof(examine_watch *));
    f->examiner = examine_watch_fleet_new(o->settings, FLEET_MONTHS_COHORTS);
    if (!f->devices || !f->truths || !f->watches || !f->examiner) return false;
    for (uint32_t i = 0; i < f->watch_count; i++) {
        f->watches[i] = examine_watch_new(f->examiner, i * f->a_watch, f->a_watch,
                                          f->a_watch / HOME, o->streets_a_watch);
        if (!f->watches[i]) return false;
    }
    for (uint32_t d = 0; d < o->devices; d++) begin_device(f, d);
    inject_all(f);
    return true;
}

static void end(fleet *f) {
    for (uint32_t i = 0; f->watches && i < f->watch_count; i++) examine_watch_free(f->watches[i]);
    examine_watch_fleet_free(f->examiner);
    sim_free(f->watches);
    sim_free(f->truths);
    sim_free(f->devices);
}

static void step(fleet *f) {
    const double day = 2 * 3.14159265358979 * f->minute / MINUTES_A_DAY;
    f->now = f->minute * SIM_MINUTE;
    f->day = (float)sin(day - 2);
    f->weather += 0.02f * (float)sim_stream_normal(&f->random) - f->weather / (2 * MINUTES_A_DAY);
    great_events(f);
    honest_noise(f);
    lock_step(f);
    new_destination(f);
    for (uint32_t d = 0; d < f->o->devices; d++) live(f, d);
    f->now += SIM_MINUTE;
    for (uint32_t i = 0; i < f->watch_count; i++) examine_watch_close(f->watches[i], f->now);
    examine_watch_fleet_close(f->examiner, f->now, f->watches, f->watch_count);
    size_t n = 0;
    const record_alert *notices = examine_watch_fleet_notices(f->examiner, &n);
    for (size_t i = 0; i < n; i++) {
        judge_notice(f, &notices[i]);
        fingerprint(f, &notices[i]);
    }
}

void fleet_months_run(const fleet_months_options *o, fleet_months_result *out) {
    fleet f = {.o = o, .r = out};
    memset(out, 0, sizeof *out);
    out->example[0] = out->example[1] = -1;
    out->failed = !begin(&f);
    for (f.minute = 0; !out->failed && f.minute < o->days * MINUTES_A_DAY; f.minute++) step(&f);
    if (!out->failed) conclude(&f);
    end(&f);
}

static void add_kind(fleet_months_kind *into, const fleet_months_kind *from) {
    for (uint32_t i = 0; i < from->noticed && into->noticed + i < FLEET_MONTHS_DELAYS; i++)
        into->delay[into->noticed + i] = from->delay[i];
    into->injected += from->injected;
    into->noticed += from->noticed;
    into->as_other += from->as_other;
    into->false_alarms += from->false_alarms;
}

static void add(fleet_months_result *into, const fleet_months_result *from) {
    for (int k = 0; k < RECORD_ANOMALIES; k++)
        for (int s = 0; s < FLEET_MONTHS_STRENGTHS; s++)
            add_kind(&into->kind[k][s], &from->kind[k][s]);
    into->notices += from->notices;
    into->false_alarms += from->false_alarms;
    into->of_outage += from->of_outage;
    into->lock_steps += from->lock_steps;
    into->new_destinations += from->new_destinations;
    into->device_days += from->device_days;
    into->dropped += from->dropped;
    into->failed |= from->failed;
    for (int i = 0; i < 2; i++) /* the slower counts, none at all most */
        if (into->example[i] >= 0)
            into->example[i] = from->example[i] < 0 ? -1 : fmax(into->example[i], from->example[i]);
}

fleet_months_options fleet_months_full(void) {
    return (fleet_months_options){.seed = 1,
                                  .devices = 10000,
                                  .street = 1000,
                                  .days = 7,
                                  .streets_a_watch = 1,
                                  .each = 8,
                                  .examples = true,
                                  .outages = true,
                                  .rollout = true,
                                  .settings = &examine_watch_default};
}

void fleet_months_run_seeds(const fleet_months_options *o, uint32_t seeds,
                            fleet_months_result *out) {
    fleet_months_options each = *o;
    static fleet_months_result one; /* too large for a stack */
    fleet_months_run(o, out);
    for (each.seed++; each.seed < o->seed + seeds; each.seed++) {
        fleet_months_run(&each, &one);
        add(out, &one);
    }
}

static int ascending(const void *a, const void *b) {
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static void print_kind(record_anomaly kind, int strength, const fleet_months_kind *k) {
    if (k->injected == 0) return;
    float sorted[FLEET_MONTHS_DELAYS];
    const uint32_t n = k->noticed < FLEET_MONTHS_DELAYS ? k->noticed : FLEET_MONTHS_DELAYS;
    memcpy(sorted, k->delay, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, ascending);
    const judge_share share = judge_share_of(k->noticed, k->injected);
    printf("| %s | %s | %u | %.3f (%.3f-%.3f) | %.0f | %.0f | %u |\n", record_anomaly_word(kind),
           strength ? "strong" : "mild", k->injected, share.value, share.low, share.high,
           n ? (double)sorted[n / 2] : 0.0, n ? (double)sorted[n * 95 / 100] : 0.0, k->as_other);
}

void fleet_months_print(const fleet_months_result *r) {
    printf(
        "| kind | strength | injected | recall (95 %%) | delay median, min | 95 %%, min | told as "
        "another "
        "kind only |\n");
    printf("| --- | --- | --- | --- | --- | --- | --- |\n");
    for (int k = 0; k < RECORD_ANOMALIES; k++)
        for (int s = 0; s < FLEET_MONTHS_STRENGTHS; s++)
            print_kind((record_anomaly)k, s, &r->kind[k][s]);
    printf(
        "example 1: %.1f min, example 2: %.1f min, after outages: %u, lock-step %u, new "
        "destination %u\n",
        r->example[0], r->example[1], r->of_outage, r->lock_steps, r->new_destinations);
    printf("%u notices, %u false in %.0f device-days: %.3f per 1,000;", r->notices, r->false_alarms,
           r->device_days, 1000 * r->false_alarms / r->device_days);
    for (int k = 0; k < RECORD_ANOMALIES; k++)
        if (r->kind[k][0].false_alarms > 0)
            printf(" %s %u", record_anomaly_word((record_anomaly)k), r->kind[k][0].false_alarms);
    printf("\n");
}
