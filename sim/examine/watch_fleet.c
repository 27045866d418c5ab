/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fleet's window ends: sums are merged, cohorts are tested, devices' cases become notices. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/heap.h"
#include "sim/examine/watch_steps.h"

/* Times the usual that a cohort's rate may be wrong by: two tests, one for what rises slowly and
 * one for what bursts out. */
static const float cohort_ratio = 3, cohort_ratio_sharp = 8;
static const float cohort_step = 0.6f;        /* of what is needed: no single window is enough */
static const float cohort_usual_least = 0.1f; /* devices a window that nobody minds */
static const float news =
    2; /* what is over and comes again so much more strongly is told within the rest, too */
enum {
    COHORT_DEVICES_LEAST = 3,
    CAMPAIGN_LEAST = 5,
    PEAK_LEAST = 8, /* attempts in a slot */
    FLEET_STRANGERS_MAX = 8192,
    TAIL_STEPS_MAX = 1 << 30
};
/* Where a campaign of devices in alarm shows. */
static const record_metric kind_metric[RECORD_ANOMALIES] = {
    [RECORD_ANOMALY_UNKNOWN] = RECORD_METRIC_MESSAGES_IN,
    [RECORD_ANOMALY_CREDENTIAL_STUFFING] = RECORD_METRIC_FAILED_LOGINS,
    [RECORD_ANOMALY_UPDATE_SIGNATURE] = RECORD_METRIC_UPDATE_FAILURES,
    [RECORD_ANOMALY_CLONE] = RECORD_METRIC_SOURCE_ADDRESS,
    [RECORD_ANOMALY_EXFILTRATION] = RECORD_METRIC_BYTES_OUT,
    [RECORD_ANOMALY_BOTNET_SCAN] = RECORD_METRIC_DESTINATION,
    [RECORD_ANOMALY_STUCK_SENSOR] = RECORD_METRIC_READING,
    [RECORD_ANOMALY_OUT_OF_RANGE] = RECORD_METRIC_READING,
    [RECORD_ANOMALY_SLOW_DRIFT] = RECORD_METRIC_READING,
    [RECORD_ANOMALY_SILENT_DEVICE] = RECORD_METRIC_MESSAGES_IN,
    [RECORD_ANOMALY_BATTERY_DRAIN] = RECORD_METRIC_BATTERY,
    [RECORD_ANOMALY_LOCK_STEP] = RECORD_METRIC_CONNECTION_ATTEMPTS,
    [RECORD_ANOMALY_NEW_DESTINATION] = RECORD_METRIC_DESTINATION,
};
static const float peak_share = 0.05f, peak_times = 4;

/* ---- life
 * ---------------------------------------------------------------------------------------------- */

static void init_cohort(examine_cohort *c) {
    for (int i = 0; i < EXAMINE_SIGNALS; i++) c->hourly[i] = c->factor[i] = c->dispersion[i] = 1;
}

examine_watch_fleet *examine_watch_fleet_new(const examine_watch_settings *settings,
                                             uint32_t cohorts) {
    SIM_PROMISE(cohorts > 0 && cohorts <= EXAMINE_WATCH_COHORTS_MAX);
    SIM_PROMISE(settings->window >= SIM_SECOND && settings->look > 0 &&
                settings->look <= UINT8_MAX);
    examine_watch_fleet *f = sim_calloc(1, sizeof *f);
    if (!f) return NULL;
    f->settings = settings;
    f->cohort_count = cohorts;
    f->cohorts = sim_calloc(cohorts + 1u, sizeof *f->cohorts);
    f->sums = sim_calloc(cohorts + 1u, sizeof *f->sums);
    f->notices = sim_malloc(EXAMINE_WATCH_NOTICES_MAX * sizeof *f->notices);
    f->strangers = sim_malloc(FLEET_STRANGERS_MAX * sizeof *f->strangers);
    if (!f->cohorts || !f->sums || !f->notices || !f->strangers) {
        examine_watch_fleet_free(f);
        return NULL;
    }
    for (uint32_t i = 0; i <= cohorts; i++) init_cohort(&f->cohorts[i]);
    for (int s = 0; s < EXAMINE_SIGNALS; s++)
        f->threshold[s] = examine_rules[s].once ? settings->device_least : settings->device_most;
    return f;
}

void examine_watch_fleet_free(examine_watch_fleet *f) {
    if (!f) return;
    sim_free(f->strangers);
    sim_free(f->notices);
    sim_free(f->sums);
    sim_free(f->cohorts);
    sim_free(f);
}

/* ---- merging
 * ------------------------------------------------------------------------------------------- */

static void merge_strangers(examine_watch_fleet *f, examine_watch *w) {
    for (uint32_t i = 0; i < w->stranger_count && f->stranger_count < FLEET_STRANGERS_MAX; i++)
        f->strangers[f->stranger_count++] = w->strangers[i];
    w->stranger_count = 0;
}

static void merge_tail(examine_rate_tail *into, examine_rate_tail *from) {
    into->steps += from->steps;
    for (int i = 0; i < EXAMINE_RATE_BINS; i++) into->count[i] += from->count[i];
    memset(from, 0, sizeof *from);
}

static void merge(examine_watch_fleet *f, examine_watch *const *watches, size_t count,
                  bool looked) {
    examine_sums *all = &f->sums[f->cohort_count];
    f->stranger_count = 0;
    for (uint32_t c = 0; c <= f->cohort_count; c++) examine_sums_clear(&f->sums[c]);
    for (size_t i = 0; i < count; i++) {
        examine_watch *w = watches[i];
        for (uint32_t c = 0; c < f->cohort_count; c++) {
            examine_sums_add(&f->sums[c], &w->sums[c]);
            examine_sums_clear(&w->sums[c]);
        }
        merge_strangers(f, w);
        for (int s = 0; looked && s < EXAMINE_SIGNALS; s++) merge_tail(&f->tail[s], &w->tail[s]);
    }
    for (uint32_t c = 0; c < f->cohort_count; c++) examine_sums_add(all, &f->sums[c]);
}

/* ---- notices
 * ------------------------------------------------------------------------------------------- */

static void raise(examine_watch_fleet *f, const record_alert *n) {
    if (f->notice_count == EXAMINE_WATCH_NOTICES_MAX)
        f->dropped++;
    else
        f->notices[f->notice_count++] = *n;
}

typedef struct cohort_case {
    record_anomaly kind;
    record_metric metric;
    uint32_t since;
    float evidence, needed;
    double seen, expected;
    bool rate; /* seen over expected says how strong it is */
} cohort_case;

static bool cohort_told(const examine_watch_fleet *f, const examine_cohort *c, record_anomaly kind,
                        sim_time now) {
    if (c->told[kind] == 0) return false;
    return (now / SIM_HOUR + 1 - (sim_time)c->told[kind]) * SIM_HOUR < f->settings->rest;
}

static void raise_cohort(examine_watch_fleet *f, sim_time now, uint32_t number,
                         const cohort_case *x) {
    examine_cohort *c = &f->cohorts[number];
    const float times = x->rate ? (float)(x->seen / fmax(x->expected, 1e-3)) : 0;
    const bool again =
        c->active[x->kind] <= f->window && times > 0 && times >= news * c->told_of[x->kind];
    c->active[x->kind] = f->window + examine_windows(f->settings, 2 * SIM_HOUR);
    if (cohort_told(f, c, x->kind, now) && !again) return;
    c->told[x->kind] = (uint32_t)(now / SIM_HOUR) + 1;
    c->told_of[x->kind] = times;
    const bool fleet = number == f->cohort_count;
    raise(f, &(record_alert){.at = now,
                             .since = sim_time_max(
                                 0, now - (sim_time)(f->window - x->since) * f->settings->window),
                             .delivered = SIM_NEVER,
                             .seen = x->seen,
                             .expected = x->expected,
                             .score = x->evidence / (x->evidence + x->needed),
                             .who = fleet ? 0 : number,
                             .scope = fleet ? RECORD_SCOPE_FLEET : RECORD_SCOPE_COHORT,
                             .kind = (uint8_t)x->kind,
                             .metric = (uint8_t)x->metric});
}

/* ---- rates of cohorts
 * ---------------------------------------------------------------------------------- */

static void reset_evidence(examine_cohort *c, uint32_t window, int s) {
    c->evidence[s] = c->sharp[s] = c->seen[s] = c->awaited[s] = 0;
    c->since[s] = window;
}

static void accumulate(float *evidence, float step, float dispersion, float needed) {
    *evidence += fminf(step / fmaxf(dispersion, 1), cohort_step * needed);
    *evidence = fminf(fmaxf(*evidence, 0), 2 * needed);
}

static void weigh_cohort(examine_watch_fleet *f, sim_time now, uint32_t number, int s) {
    examine_cohort *c = &f->cohorts[number];
    const float needed = f->settings->cohort_least, n = (float)f->sums[number].fresh[s];
    const float usual = examine_fresh_usual(f, c, (examine_signal)s, now);
    if (c->evidence[s] == 0 && c->sharp[s] == 0) reset_evidence(c, f->window - 1, s);
    accumulate(&c->evidence[s],
               examine_rate_evidence(n, usual, 0, cohort_ratio, cohort_usual_least),
               c->dispersion[s], needed);
    accumulate(&c->sharp[s],
               examine_rate_evidence(n, usual, 0, cohort_ratio_sharp, cohort_usual_least),
               c->dispersion[s], needed);
    c->seen[s] += n;
    c->awaited[s] += usual;
    const float evidence = fmaxf(c->evidence[s], c->sharp[s]);
    if (evidence < needed || c->seen[s] < COHORT_DEVICES_LEAST) return;
    raise_cohort(f, now, number,
                 &(cohort_case){.kind = (record_anomaly)examine_rules[s].kind,
                                .metric = (record_metric)examine_rules[s].metric,
                                .since = c->since[s],
                                .evidence = evidence,
                                .needed = needed,
                                .seen = (double)c->seen[s],
                                .expected = (double)c->awaited[s],
                                .rate = true});
}

static bool any_cohort_active(const examine_watch_fleet *f, int kind) {
    for (uint32_t i = 0; i < f->cohort_count; i++)
        if (f->cohorts[i].active[kind] > f->window) return true;
    return false;
}

static void weigh_cohorts(examine_watch_fleet *f, sim_time now) {
    const uint32_t learn = examine_windows(f->settings, f->settings->learn);
    for (uint32_t i = 0; i <= f->cohort_count; i++) {
        const examine_cohort *c = &f->cohorts[i];
        if (c->age < learn || f->sums[i].devices == 0) continue;
        for (int s = 0; s < EXAMINE_SIGNALS; s++) {
            const int kind = examine_rules[s].kind;
            if (!examine_rules[s].once) continue;
            if (i == f->cohort_count && any_cohort_active(f, kind)) continue;
            weigh_cohort(f, now, i, s);
        }
    }
}

/* ---- lock-step
 * ----------------------------------------------------------------------------------------- */

static void peak(examine_watch_fleet *f, sim_time now, uint32_t number, uint32_t attempts) {
    enum { RING = sizeof f->cohorts->peak_at / sizeof *f->cohorts->peak_at };
    examine_cohort *c = &f->cohorts[number];
    const uint32_t wanted = f->settings->peaks < RING ? f->settings->peaks : RING;
    c->peak_at[c->peaks++ % RING] = f->window;
    if (c->peaks < wanted) return;
    const uint32_t first = c->peak_at[(c->peaks - wanted) % RING];
    if (f->window - first > examine_windows(f->settings, 6 * SIM_HOUR)) return;
    raise_cohort(f, now, number,
                 &(cohort_case){.kind = RECORD_ANOMALY_LOCK_STEP,
                                .metric = RECORD_METRIC_CONNECTION_ATTEMPTS,
                                .since = first,
                                .evidence = (float)wanted,
                                .needed = (float)wanted,
                                .seen = attempts,
                                .expected = (double)c->slot_mean});
}

static void look_for_peaks(examine_watch_fleet *f, sim_time now, uint32_t number) {
    examine_cohort *c = &f->cohorts[number];
    const float least = fmaxf(PEAK_LEAST, peak_share * (float)f->sums[number].devices);
    for (int i = 0; i < EXAMINE_SLOTS; i++) {
        const uint32_t n = f->sums[number].attempts[i];
        const bool high = (float)n >= least && (float)n >= peak_times * c->slot_mean;
        if (high && !c->in_peak) peak(f, now, number, n);
        c->in_peak = high || (c->in_peak && (float)n >= least);
        c->slot_mean += ((float)n - c->slot_mean) / EXAMINE_SLOTS;
    }
}

/* ---- destinations
 * -------------------------------------------------------------------------------------- */

static int by_stranger(const void *a, const void *b) {
    const examine_stranger *x = a, *y = b;
    if (x->cohort != y->cohort) return x->cohort < y->cohort ? -1 : 1;
    if (x->id != y->id) return x->id < y->id ? -1 : 1;
    return (x->device > y->device) - (x->device < y->device);
}

static void remember_destination(examine_cohort *c, uint64_t hash) {
    c->set[hash / 64 % EXAMINE_SET_WORDS] |= (uint64_t)1 << (hash % 64);
    c->set[(hash >> 32) / 64 % EXAMINE_SET_WORDS] |= (uint64_t)1 << ((hash >> 32) % 64);
}

/* Its place in the table; the oldest gives way once its hour is over. NULL: no room. */
static examine_known *stranger_place(const examine_watch_fleet *f, examine_cohort *c,
                                     const examine_stranger *x) {
    const uint32_t hour = examine_windows(f->settings, SIM_HOUR);
    examine_known *free = NULL;
    for (int i = 0; i < EXAMINE_STRANGERS; i++) {
        examine_known *k = &c->strangers[i];
        const bool over = k->talkers == 0 || f->window - k->first > hour;
        if (k->id == x->id && !over) return k;
        if (over && !free) free = k;
    }
    if (free) *free = (examine_known){.id = x->id, .first = f->window, .device = UINT32_MAX};
    return free;
}

static void meet(examine_watch_fleet *f, sim_time now, const examine_stranger *x) {
    examine_cohort *c = &f->cohorts[x->cohort];
    const uint32_t learn = examine_windows(f->settings, f->settings->learn);
    if (c->age < learn || (c->renewed != 0 && f->window - c->renewed < learn)) {
        remember_destination(c, x->id);
        return;
    }
    examine_known *k = stranger_place(f, c, x);
    if (!k || k->device == x->device) return;
    k->device = x->device;
    if (++k->talkers < f->settings->talkers) return;
    remember_destination(c, x->id);
    raise_cohort(f, now, x->cohort,
                 &(cohort_case){.kind = RECORD_ANOMALY_NEW_DESTINATION,
                                .metric = RECORD_METRIC_DESTINATION,
                                .since = k->first,
                                .evidence = (float)k->talkers,
                                .needed = (float)f->settings->talkers,
                                .seen = k->talkers,
                                .expected = 0});
    k->talkers = 0;
}

static void meet_strangers(examine_watch_fleet *f, sim_time now) {
    qsort(f->strangers, f->stranger_count, sizeof *f->strangers, by_stranger);
    for (size_t i = 0; i < f->stranger_count; i++) meet(f, now, &f->strangers[i]);
}

/* ---- devices
 * ------------------------------------------------------------------------------------------- */

static int by_notice(const void *a, const void *b) {
    const record_alert *x = a, *y = b;
    if (x->scope != y->scope) return x->scope > y->scope ? -1 : 1;
    if (x->who != y->who) return x->who < y->who ? -1 : 1;
    if (x->kind != y->kind) return x->kind < y->kind ? -1 : 1;
    if (x->metric != y->metric) return x->metric < y->metric ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

static int by_candidate(const void *a, const void *b) {
    return by_notice(&((const examine_candidate *)a)->notice,
                     &((const examine_candidate *)b)->notice);
}

static bool same_case(const examine_candidate *a, const examine_candidate *b) {
    return a->notice.who == b->notice.who && a->notice.kind == b->notice.kind;
}

/* Devices that try in step are told of as such. */
static bool in_step(const examine_watch_fleet *f, const examine_candidate *x) {
    return f->cohorts[x->cohort].active[RECORD_ANOMALY_LOCK_STEP] > f->window &&
           x->notice.kind == RECORD_ANOMALY_UNKNOWN &&
           x->notice.metric == RECORD_METRIC_CONNECTION_ATTEMPTS;
}

static void count_cases(examine_watch_fleet *f, examine_watch *w) {
    qsort(w->candidates, w->candidate_count, sizeof *w->candidates, by_candidate);
    for (uint32_t i = 0; i < w->candidate_count; i++) {
        const examine_candidate *x = &w->candidates[i];
        if ((i == 0 || !same_case(x, x - 1)) && !in_step(f, x))
            f->cohorts[x->cohort].in_alarm[x->notice.kind] += 1;
    }
}

static void find_campaigns(examine_watch_fleet *f, sim_time now) {
    const float fade = (float)exp(-(double)f->settings->window / (double)SIM_HOUR);
    for (uint32_t i = 0; i < f->cohort_count; i++) {
        examine_cohort *c = &f->cohorts[i];
        const float needed = fmaxf(CAMPAIGN_LEAST, f->settings->campaign * (float)c->devices);
        for (int kind = 0; kind < RECORD_ANOMALIES; kind++) {
            if (c->in_alarm[kind] >= needed)
                raise_cohort(
                    f, now, i,
                    &(cohort_case){.kind = (record_anomaly)kind,
                                   .metric = kind_metric[kind],
                                   .since = f->window - examine_windows(f->settings, SIM_HOUR),
                                   .evidence = c->in_alarm[kind],
                                   .needed = needed,
                                   .seen = (double)c->in_alarm[kind],
                                   .expected = 0});
            c->in_alarm[kind] *= fade;
        }
    }
}

static void tell_devices(examine_watch_fleet *f, sim_time now, examine_watch *w) {
    for (uint32_t i = 0; i < w->candidate_count; i++) {
        examine_candidate *x = &w->candidates[i];
        examine_device *d = &w->devices[x->notice.who - w->first_device];
        const record_anomaly kind = (record_anomaly)x->notice.kind;
        if (in_step(f, x)) d->evidence[EXAMINE_CONNECTION_ATTEMPTS] = 0; /* explained */
        if (examine_told(w, now, d, kind) || in_step(f, x)) continue;
        examine_mark_told(d, now, kind);
        x->notice.at = now;
        if (f->cohorts[x->cohort].active[kind] <= f->window) raise(f, &x->notice);
    }
    w->candidate_count = 0;
}

/* ---- closing
 * ------------------------------------------------------------------------------------------- */

/* A cohort that is new takes over what is usual where its devices came from. */
static void inherit(examine_watch_fleet *f, uint32_t number) {
    const uint32_t from = f->sums[number].from;
    examine_cohort *c = &f->cohorts[number];
    if (from == 0 || c->age > 0 || f->cohorts[from - 1].age == 0) return;
    *c = f->cohorts[from - 1];
    c->renewed = f->window;
    c->parent = from - 1;
    memset(c->told, 0, sizeof c->told);
    memset(c->in_alarm, 0, sizeof c->in_alarm);
    for (int s = 0; s < EXAMINE_SIGNALS; s++) reset_evidence(c, f->window, s);
}

static void calibrate(examine_watch_fleet *f) {
    const examine_watch_settings *s = f->settings;
    const uint32_t young = 2 * examine_windows(s, s->learn);
    const double share = (double)s->alarms / (double)examine_looks(s, SIM_DAY);
    for (int i = 0; i < EXAMINE_SIGNALS; i++) {
        /* what is honest is not known yet */
        if (!examine_rules[i].once && f->window < young) continue;
        f->threshold[i] =
            examine_rate_threshold(&f->tail[i], share, s->device_least, s->device_most,
                                   examine_rules[i].once ? s->device_least : s->device_most);
        if (f->tail[i].steps > TAIL_STEPS_MAX) examine_rate_fade(&f->tail[i]);
    }
}

void examine_watch_fleet_close(examine_watch_fleet *f, sim_time now, examine_watch *const *watches,
                               size_t count) {
    f->window++;
    const bool looked = f->window % f->settings->look == 0;
    f->notice_count = 0;
    merge(f, watches, count, looked);
    for (uint32_t i = 0; i < f->cohort_count; i++) inherit(f, i);
    weigh_cohorts(f, now);
    for (uint32_t i = 0; i < f->cohort_count; i++) look_for_peaks(f, now, i);
    meet_strangers(f, now);
    for (size_t i = 0; i < count; i++) count_cases(f, watches[i]);
    find_campaigns(f, now);
    for (size_t i = 0; i < count; i++) tell_devices(f, now, watches[i]);
    for (uint32_t i = 0; i <= f->cohort_count; i++)
        examine_learn_cohort(f, &f->cohorts[i], &f->sums[i], now, looked);
    if (looked) calibrate(f);
    qsort(f->notices, f->notice_count, sizeof *f->notices, by_notice);
    f->lost = f->dropped;
    for (size_t i = 0; i < count; i++) f->lost += watches[i]->dropped;
}

const record_alert *examine_watch_fleet_notices(const examine_watch_fleet *f, size_t *count) {
    *count = f->notice_count;
    return f->notices;
}

uint64_t examine_watch_fleet_dropped(const examine_watch_fleet *f) {
    return f->lost;
}
