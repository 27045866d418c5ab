/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fleet's window ends: sums are merged, cohorts are tested, devices' cases become notices. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cloud/watch_steps.h"
#include "sim/core/heap.h"

/* Times the usual that a cohort's rate may be wrong by: two tests, one for what rises slowly and one for what bursts out. */
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
static const sim_metric kind_metric[SIM_ANOMALIES] = {
    [SIM_ANOMALY_UNKNOWN] = SIM_METRIC_MESSAGES_IN,
    [SIM_ANOMALY_CREDENTIAL_STUFFING] = SIM_METRIC_FAILED_LOGINS,
    [SIM_ANOMALY_UPDATE_SIGNATURE] = SIM_METRIC_UPDATE_FAILURES,
    [SIM_ANOMALY_CLONE] = SIM_METRIC_SOURCE_ADDRESS,
    [SIM_ANOMALY_EXFILTRATION] = SIM_METRIC_BYTES_OUT,
    [SIM_ANOMALY_BOTNET_SCAN] = SIM_METRIC_DESTINATION,
    [SIM_ANOMALY_STUCK_SENSOR] = SIM_METRIC_READING,
    [SIM_ANOMALY_OUT_OF_RANGE] = SIM_METRIC_READING,
    [SIM_ANOMALY_SLOW_DRIFT] = SIM_METRIC_READING,
    [SIM_ANOMALY_SILENT_DEVICE] = SIM_METRIC_MESSAGES_IN,
    [SIM_ANOMALY_BATTERY_DRAIN] = SIM_METRIC_BATTERY,
    [SIM_ANOMALY_LOCK_STEP] = SIM_METRIC_CONNECTION_ATTEMPTS,
    [SIM_ANOMALY_NEW_DESTINATION] = SIM_METRIC_DESTINATION,
};
static const float peak_share = 0.05f, peak_times = 4;

/* ---- life ---------------------------------------------------------------------------------------------- */

static void init_cohort(watch_cohort *c) {
    for (int i = 0; i < WATCH_SIGNALS; i++) c->hourly[i] = c->factor[i] = c->dispersion[i] = 1;
}

cloud_watch_fleet *cloud_watch_fleet_new(const cloud_watch_settings *settings, uint32_t cohorts) {
    SIM_PROMISE(cohorts > 0 && cohorts <= CLOUD_WATCH_COHORTS_MAX);
    SIM_PROMISE(settings->window >= SIM_SECOND && settings->look > 0 && settings->look <= UINT8_MAX);
    cloud_watch_fleet *f = sim_calloc(1, sizeof *f);
    if (!f) return NULL;
    f->settings = settings;
    f->cohort_count = cohorts;
    f->cohorts = sim_calloc(cohorts + 1u, sizeof *f->cohorts);
    f->sums = sim_calloc(cohorts + 1u, sizeof *f->sums);
    f->notices = sim_malloc(CLOUD_WATCH_NOTICES_MAX * sizeof *f->notices);
    f->strangers = sim_malloc(FLEET_STRANGERS_MAX * sizeof *f->strangers);
    if (!f->cohorts || !f->sums || !f->notices || !f->strangers) {
        cloud_watch_fleet_free(f);
        return NULL;
    }
    for (uint32_t i = 0; i <= cohorts; i++) init_cohort(&f->cohorts[i]);
    for (int s = 0; s < WATCH_SIGNALS; s++)
        f->threshold[s] = watch_rules[s].once ? settings->device_least : settings->device_most;
    return f;
}

void cloud_watch_fleet_free(cloud_watch_fleet *f) {
    if (!f) return;
    sim_free(f->strangers);
    sim_free(f->notices);
    sim_free(f->sums);
    sim_free(f->cohorts);
    sim_free(f);
}

/* ---- merging ------------------------------------------------------------------------------------------- */

static void merge_strangers(cloud_watch_fleet *f, cloud_watch *w) {
    for (uint32_t i = 0; i < w->stranger_count && f->stranger_count < FLEET_STRANGERS_MAX; i++)
        f->strangers[f->stranger_count++] = w->strangers[i];
    w->stranger_count = 0;
}

static void merge_tail(cloud_rate_tail *into, cloud_rate_tail *from) {
    into->steps += from->steps;
    for (int i = 0; i < CLOUD_RATE_BINS; i++) into->count[i] += from->count[i];
    memset(from, 0, sizeof *from);
}

static void merge(cloud_watch_fleet *f, cloud_watch *const *watches, size_t count, bool looked) {
    watch_sums *all = &f->sums[f->cohort_count];
    f->stranger_count = 0;
    for (uint32_t c = 0; c <= f->cohort_count; c++) watch_sums_clear(&f->sums[c]);
    for (size_t i = 0; i < count; i++) {
        cloud_watch *w = watches[i];
        for (uint32_t c = 0; c < f->cohort_count; c++) {
            watch_sums_add(&f->sums[c], &w->sums[c]);
            watch_sums_clear(&w->sums[c]);
        }
        merge_strangers(f, w);
        for (int s = 0; looked && s < WATCH_SIGNALS; s++) merge_tail(&f->tail[s], &w->tail[s]);
    }
    for (uint32_t c = 0; c < f->cohort_count; c++) watch_sums_add(all, &f->sums[c]);
}

/* ---- notices ------------------------------------------------------------------------------------------- */

static void raise(cloud_watch_fleet *f, const sim_notice *n) {
    if (f->notice_count == CLOUD_WATCH_NOTICES_MAX)
        f->dropped++;
    else
        f->notices[f->notice_count++] = *n;
}

typedef struct cohort_case {
    sim_anomaly kind;
    sim_metric metric;
    uint32_t since;
    float evidence, needed;
    double seen, expected;
    bool rate; /* seen over expected says how strong it is */
} cohort_case;

static bool cohort_told(const cloud_watch_fleet *f, const watch_cohort *c, sim_anomaly kind, sim_time now) {
    if (c->told[kind] == 0) return false;
    return (now / SIM_HOUR + 1 - (sim_time)c->told[kind]) * SIM_HOUR < f->settings->rest;
}

static void raise_cohort(cloud_watch_fleet *f, sim_time now, uint32_t number, const cohort_case *x) {
    watch_cohort *c = &f->cohorts[number];
    const float times = x->rate ? (float)(x->seen / fmax(x->expected, 1e-3)) : 0;
    const bool again = c->active[x->kind] <= f->window && times > 0 && times >= news * c->told_of[x->kind];
    c->active[x->kind] = f->window + watch_windows(f->settings, 2 * SIM_HOUR);
    if (cohort_told(f, c, x->kind, now) && !again) return;
    c->told[x->kind] = (uint32_t)(now / SIM_HOUR) + 1;
    c->told_of[x->kind] = times;
    const bool fleet = number == f->cohort_count;
    raise(f, &(sim_notice){
                 .at = now,
                 .since = sim_time_max(0, now - (sim_time)(f->window - x->since) * f->settings->window),
                 .delivered = SIM_NEVER,
                 .seen = x->seen,
                 .expected = x->expected,
                 .score = x->evidence / (x->evidence + x->needed),
                 .who = fleet ? 0 : number,
                 .scope = fleet ? SIM_SCOPE_FLEET : SIM_SCOPE_COHORT,
                 .kind = (uint8_t)x->kind,
                 .metric = (uint8_t)x->metric});
}

/* ---- rates of cohorts ---------------------------------------------------------------------------------- */

static void reset_evidence(watch_cohort *c, uint32_t window, int s) {
    c->evidence[s] = c->sharp[s] = c->seen[s] = c->awaited[s] = 0;
    c->since[s] = window;
}

static void accumulate(float *evidence, float step, float dispersion, float needed) {
    *evidence += fminf(step / fmaxf(dispersion, 1), cohort_step * needed);
    *evidence = fminf(fmaxf(*evidence, 0), 2 * needed);
}

static void weigh_cohort(cloud_watch_fleet *f, sim_time now, uint32_t number, int s) {
    watch_cohort *c = &f->cohorts[number];
    const float needed = f->settings->cohort_least, n = (float)f->sums[number].fresh[s];
    const float usual = watch_fresh_usual(f, c, (watch_signal)s, now);
    if (c->evidence[s] == 0 && c->sharp[s] == 0) reset_evidence(c, f->window - 1, s);
    accumulate(&c->evidence[s], cloud_rate_evidence(n, usual, 0, cohort_ratio, cohort_usual_least),
               c->dispersion[s], needed);
    accumulate(&c->sharp[s], cloud_rate_evidence(n, usual, 0, cohort_ratio_sharp, cohort_usual_least),
               c->dispersion[s], needed);
    c->seen[s] += n;
    c->awaited[s] += usual;
    const float evidence = fmaxf(c->evidence[s], c->sharp[s]);
    if (evidence < needed || c->seen[s] < COHORT_DEVICES_LEAST) return;
    raise_cohort(f, now, number,
                 &(cohort_case){.kind = (sim_anomaly)watch_rules[s].kind,
                                .metric = (sim_metric)watch_rules[s].metric,
                                .since = c->since[s],
                                .evidence = evidence,
                                .needed = needed,
                                .seen = (double)c->seen[s],
                                .expected = (double)c->awaited[s],
                                .rate = true});
}

static bool any_cohort_active(const cloud_watch_fleet *f, int kind) {
    for (uint32_t i = 0; i < f->cohort_count; i++)
        if (f->cohorts[i].active[kind] > f->window) return true;
    return false;
}

static void weigh_cohorts(cloud_watch_fleet *f, sim_time now) {
    const uint32_t learn = watch_windows(f->settings, f->settings->learn);
    for (uint32_t i = 0; i <= f->cohort_count; i++) {
        const watch_cohort *c = &f->cohorts[i];
        if (c->age < learn || f->sums[i].devices == 0) continue;
        for (int s = 0; s < WATCH_SIGNALS; s++) {
            const int kind = watch_rules[s].kind;
            if (!watch_rules[s].once) continue;
            if (i == f->cohort_count && any_cohort_active(f, kind)) continue;
            weigh_cohort(f, now, i, s);
        }
    }
}

/* ---- lock-step ----------------------------------------------------------------------------------------- */

static void peak(cloud_watch_fleet *f, sim_time now, uint32_t number, uint32_t attempts) {
    enum { RING = sizeof f->cohorts->peak_at / sizeof *f->cohorts->peak_at };
    watch_cohort *c = &f->cohorts[number];
    const uint32_t wanted = f->settings->peaks < RING ? f->settings->peaks : RING;
    c->peak_at[c->peaks++ % RING] = f->window;
    if (c->peaks < wanted) return;
    const uint32_t first = c->peak_at[(c->peaks - wanted) % RING];
    if (f->window - first > watch_windows(f->settings, 6 * SIM_HOUR)) return;
    raise_cohort(f, now, number,
                 &(cohort_case){.kind = SIM_ANOMALY_LOCK_STEP,
                                .metric = SIM_METRIC_CONNECTION_ATTEMPTS,
                                .since = first,
                                .evidence = (float)wanted,
                                .needed = (float)wanted,
                                .seen = attempts,
                                .expected = (double)c->slot_mean});
}

static void look_for_peaks(cloud_watch_fleet *f, sim_time now, uint32_t number) {
    watch_cohort *c = &f->cohorts[number];
    const float least = fmaxf(PEAK_LEAST, peak_share * (float)f->sums[number].devices);
    for (int i = 0; i < WATCH_SLOTS; i++) {
        const uint32_t n = f->sums[number].attempts[i];
        const bool high = (float)n >= least && (float)n >= peak_times * c->slot_mean;
        if (high && !c->in_peak) peak(f, now, number, n);
        c->in_peak = high || (c->in_peak && (float)n >= least);
        c->slot_mean += ((float)n - c->slot_mean) / WATCH_SLOTS;
    }
}

/* ---- destinations -------------------------------------------------------------------------------------- */

static int by_stranger(const void *a, const void *b) {
    const watch_stranger *x = a, *y = b;
    if (x->cohort != y->cohort) return x->cohort < y->cohort ? -1 : 1;
    if (x->id != y->id) return x->id < y->id ? -1 : 1;
    return (x->device > y->device) - (x->device < y->device);
}

static void remember_destination(watch_cohort *c, uint64_t hash) {
    c->set[hash / 64 % WATCH_SET_WORDS] |= (uint64_t)1 << (hash % 64);
    c->set[(hash >> 32) / 64 % WATCH_SET_WORDS] |= (uint64_t)1 << ((hash >> 32) % 64);
}

/* Its place in the table; the oldest gives way once its hour is over. NULL: no room. */
static watch_known *stranger_place(const cloud_watch_fleet *f, watch_cohort *c, const watch_stranger *x) {
    const uint32_t hour = watch_windows(f->settings, SIM_HOUR);
    watch_known *free = NULL;
    for (int i = 0; i < WATCH_STRANGERS; i++) {
        watch_known *k = &c->strangers[i];
        const bool over = k->talkers == 0 || f->window - k->first > hour;
        if (k->id == x->id && !over) return k;
        if (over && !free) free = k;
    }
    if (free) *free = (watch_known){.id = x->id, .first = f->window, .device = UINT32_MAX};
    return free;
}

static void meet(cloud_watch_fleet *f, sim_time now, const watch_stranger *x) {
    watch_cohort *c = &f->cohorts[x->cohort];
    const uint32_t learn = watch_windows(f->settings, f->settings->learn);
    if (c->age < learn || (c->renewed != 0 && f->window - c->renewed < learn)) {
        remember_destination(c, x->id);
        return;
    }
    watch_known *k = stranger_place(f, c, x);
    if (!k || k->device == x->device) return;
    k->device = x->device;
    if (++k->talkers < f->settings->talkers) return;
    remember_destination(c, x->id);
    raise_cohort(f, now, x->cohort,
                 &(cohort_case){.kind = SIM_ANOMALY_NEW_DESTINATION,
                                .metric = SIM_METRIC_DESTINATION,
                                .since = k->first,
                                .evidence = (float)k->talkers,
                                .needed = (float)f->settings->talkers,
                                .seen = k->talkers,
                                .expected = 0});
    k->talkers = 0;
}

static void meet_strangers(cloud_watch_fleet *f, sim_time now) {
    qsort(f->strangers, f->stranger_count, sizeof *f->strangers, by_stranger);
    for (size_t i = 0; i < f->stranger_count; i++) meet(f, now, &f->strangers[i]);
}

/* ---- devices ------------------------------------------------------------------------------------------- */

static int by_notice(const void *a, const void *b) {
    const sim_notice *x = a, *y = b;
    if (x->scope != y->scope) return x->scope > y->scope ? -1 : 1;
    if (x->who != y->who) return x->who < y->who ? -1 : 1;
    if (x->kind != y->kind) return x->kind < y->kind ? -1 : 1;
    if (x->metric != y->metric) return x->metric < y->metric ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

static int by_candidate(const void *a, const void *b) {
    return by_notice(&((const watch_candidate *)a)->notice, &((const watch_candidate *)b)->notice);
}

static bool same_case(const watch_candidate *a, const watch_candidate *b) {
    return a->notice.who == b->notice.who && a->notice.kind == b->notice.kind;
}

/* Devices that try in step are told of as such. */
static bool in_step(const cloud_watch_fleet *f, const watch_candidate *x) {
    return f->cohorts[x->cohort].active[SIM_ANOMALY_LOCK_STEP] > f->window &&
           x->notice.kind == SIM_ANOMALY_UNKNOWN && x->notice.metric == SIM_METRIC_CONNECTION_ATTEMPTS;
}

static void count_cases(cloud_watch_fleet *f, cloud_watch *w) {
    qsort(w->candidates, w->candidate_count, sizeof *w->candidates, by_candidate);
    for (uint32_t i = 0; i < w->candidate_count; i++) {
        const watch_candidate *x = &w->candidates[i];
        if ((i == 0 || !same_case(x, x - 1)) && !in_step(f, x))
            f->cohorts[x->cohort].in_alarm[x->notice.kind] += 1;
    }
}

static void find_campaigns(cloud_watch_fleet *f, sim_time now) {
    const float fade = (float)exp(-(double)f->settings->window / (double)SIM_HOUR);
    for (uint32_t i = 0; i < f->cohort_count; i++) {
        watch_cohort *c = &f->cohorts[i];
        const float needed = fmaxf(CAMPAIGN_LEAST, f->settings->campaign * (float)c->devices);
        for (int kind = 0; kind < SIM_ANOMALIES; kind++) {
            if (c->in_alarm[kind] >= needed)
                raise_cohort(f, now, i,
                             &(cohort_case){.kind = (sim_anomaly)kind,
                                            .metric = kind_metric[kind],
                                            .since = f->window - watch_windows(f->settings, SIM_HOUR),
                                            .evidence = c->in_alarm[kind],
                                            .needed = needed,
                                            .seen = (double)c->in_alarm[kind],
                                            .expected = 0});
            c->in_alarm[kind] *= fade;
        }
    }
}

static void tell_devices(cloud_watch_fleet *f, sim_time now, cloud_watch *w) {
    for (uint32_t i = 0; i < w->candidate_count; i++) {
        watch_candidate *x = &w->candidates[i];
        watch_device *d = &w->devices[x->notice.who - w->first_device];
        const sim_anomaly kind = (sim_anomaly)x->notice.kind;
        if (in_step(f, x)) d->evidence[WATCH_CONNECTION_ATTEMPTS] = 0; /* explained */
        if (watch_told(w, now, d, kind) || in_step(f, x)) continue;
        watch_mark_told(d, now, kind);
        x->notice.at = now;
        if (f->cohorts[x->cohort].active[kind] <= f->window) raise(f, &x->notice);
    }
    w->candidate_count = 0;
}

/* ---- closing ------------------------------------------------------------------------------------------- */

/* A cohort that is new takes over what is usual where its devices came from. */
static void inherit(cloud_watch_fleet *f, uint32_t number) {
    const uint32_t from = f->sums[number].from;
    watch_cohort *c = &f->cohorts[number];
    if (from == 0 || c->age > 0 || f->cohorts[from - 1].age == 0) return;
    *c = f->cohorts[from - 1];
    c->renewed = f->window;
    c->parent = from - 1;
    memset(c->told, 0, sizeof c->told);
    memset(c->in_alarm, 0, sizeof c->in_alarm);
    for (int s = 0; s < WATCH_SIGNALS; s++) reset_evidence(c, f->window, s);
}

static void calibrate(cloud_watch_fleet *f) {
    const cloud_watch_settings *s = f->settings;
    const uint32_t young = 2 * watch_windows(s, s->learn);
    const double share = (double)s->alarms / (double)watch_looks(s, SIM_DAY);
    for (int i = 0; i < WATCH_SIGNALS; i++) {
        if (!watch_rules[i].once && f->window < young) continue; /* what is honest is not known yet */
        f->threshold[i] = cloud_rate_threshold(&f->tail[i], share, s->device_least, s->device_most,
                                               watch_rules[i].once ? s->device_least : s->device_most);
        if (f->tail[i].steps > TAIL_STEPS_MAX) cloud_rate_fade(&f->tail[i]);
    }
}

void cloud_watch_fleet_close(cloud_watch_fleet *f, sim_time now, cloud_watch *const *watches, size_t count) {
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
        watch_learn_cohort(f, &f->cohorts[i], &f->sums[i], now, looked);
    if (looked) calibrate(f);
    qsort(f->notices, f->notice_count, sizeof *f->notices, by_notice);
    f->lost = f->dropped;
    for (size_t i = 0; i < count; i++) f->lost += watches[i]->dropped;
}

const sim_notice *cloud_watch_fleet_notices(const cloud_watch_fleet *f, size_t *count) {
    *count = f->notice_count;
    return f->notices;
}

uint64_t cloud_watch_fleet_dropped(const cloud_watch_fleet *f) {
    return f->lost;
}
