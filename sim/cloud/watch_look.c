/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts of a device against its own past and its cohort's. */
#include <math.h>

#include "sim/cloud/watch_steps.h"

static const float warning =
    6;                       /* nats: this device begins to be in excess; its past is not learnt any more */
static const float calm = 1; /* and has not yet begun to */
static const float least_usual = 1e-4f, least_usual_rare = 2e-5f;
static const float looks_to_alarm =
    1.5f; /* no single look is enough; of rare events, not two either: one who mistypes does so a few times */
static const float looks_to_alarm_rare = 2.5f;
static const float few_destinations = 3; /* a cloud, names, the time: everybody's */
static const float evidence_held =
    36; /* nats above what is needed, at most twice that, so that it ends soon after its cause */

bool watch_mature(const cloud_watch *w, const watch_device *d) {
    return d->age >= w->mature_age;
}

static uint32_t distinct(watch_device *d) {
    const int set = __builtin_popcountll(d->destinations);
    d->destinations = 0;
    if (set == 64) return 300;
    return (uint32_t)lrintf(-64 *
                            logf(1 - (float)set / 64)); /* linear counting: K.-Y. Whang and others, 1990 */
}

/* Where events are rare the cohort's experience is worth a week of the device's own. */
static void grow_up(watch_device *d, watch_signal s, const watch_cohort *c, uint32_t day, uint32_t week) {
    if (watch_rules[s].once && c->mean[s] > 0)
        d->own[s] = (d->own[s] * (float)day + c->mean[s] * (float)week) / (float)(day + week);
}

static void learn_own(const cloud_watch *w, watch_device *d, watch_signal s, float n, float usual) {
    const uint32_t week = w->week, day = w->mature_age;
    const float most = w->settings->ratio * usual + 10 * watch_rules[s].least;
    if (d->own[s] == 0 && watch_rules[s].how == WATCH_LARGEST) {
        d->own[s] = n;
    } else if (!watch_mature(w, d)) {
        d->own[s] += (n - d->own[s]) / (float)(d->age + 1);
        if (d->age + 1u == day) grow_up(d, s, &w->fleet->cohorts[d->cohort], day, week);
    } else if (d->evidence[s] < warning) {
        const uint32_t memory = d->age + day < week && !watch_rules[s].once ? d->age + day : week;
        d->own[s] += (fminf(n, most) - d->own[s]) / (float)memory;
    }
}

/* What the cohort needs to know its season, its over-dispersion, and whether it is in excess as a whole. */
static void add_up(watch_sums *sums, const watch_device *d, watch_signal s, float n, float usual, float ratio,
                   bool known) {
    const float most = ratio * usual + 10 * watch_rules[s].least, bounded = known ? fminf(n, most) : n;
    if (d->told[watch_rules[s].kind] != 0 && bounded > usual) return;
    sums->n[s] += watch_fixed(bounded);
    sums->usual[s] += watch_fixed(known ? usual : n);
    sums->of[s]++;
    if (usual < 1 || !known) return;
    const float away = bounded - usual, relative = (away * away - bounded) / (usual * usual);
    sums->spread[s] += watch_fixed(fminf(fmaxf(relative, -1), 9));
    sums->of_large[s]++;
}

static bool at_ease(const watch_device *d) {
    for (int s = 0; s < WATCH_SIGNALS; s++)
        if (d->evidence[s] > calm) return false;
    return true;
}

/* To more destinations than it ever has reason to. This look's count is still there when traffic is weighed. */
static bool reaches_out(const watch_device *d) {
    return (float)d->count[WATCH_DESTINATION] > 2 * d->own[WATCH_DESTINATION] + few_destinations;
}

/* Logins that are tried have a traffic of their own; much that goes out to many is a scan, not a leak; somebody who shares the name explains double traffic. What was told of stays at `warning`. */
static sim_anomaly taken_for(const watch_device *d, watch_signal s) {
    const sim_anomaly kind = (sim_anomaly)watch_rules[s].kind;
    if (kind == SIM_ANOMALY_UPDATE_SIGNATURE) return kind;
    if (d->evidence[WATCH_FAILED_LOGINS] >= warning) return SIM_ANOMALY_CREDENTIAL_STUFFING;
    if (kind == SIM_ANOMALY_EXFILTRATION && (d->evidence[WATCH_DESTINATION] >= warning || reaches_out(d)))
        return SIM_ANOMALY_BOTNET_SCAN;
    if (kind == SIM_ANOMALY_UNKNOWN && d->returns >= 2) return SIM_ANOMALY_CLONE;
    return kind;
}

static void weigh(cloud_watch *w, sim_time now, watch_device *d, watch_signal s, float n, float usual) {
    const cloud_watch_settings *set = w->settings;
    const watch_cohort *c = &w->fleet->cohorts[d->cohort];
    const watch_signal_rule *rule = &watch_rules[s];
    const float needed = w->fleet->threshold[s], before = d->evidence[s];
    const float looks = rule->kind == SIM_ANOMALY_UNKNOWN ? (float)set->persist
                        : rule->once                      ? looks_to_alarm_rare
                                                          : looks_to_alarm;
    const float most = needed / looks;
    const float step = fminf(cloud_rate_evidence(n, usual, c->spread[s], set->ratio, rule->least), most);
    const float after = fminf(fmaxf(before + step, 0), needed + fminf(needed, evidence_held));
    if (before == 0 && after == 0) return;
    if (before == 0 && at_ease(d)) d->since = w->window - w->settings->look;
    d->evidence[s] = after;
    const sim_anomaly kind = taken_for(d, s);
    if (after > warning && watch_told(w, now, d, kind)) { /* what comes next is told for what it does then */
        d->evidence[s] = warning;
        return;
    }
    if (after > before) w->tail[s].count[cloud_rate_bin(after)]++;
    if (after < needed || step <= 0) return;
    watch_accuse(w, now, d,
                 &(watch_case){.kind = kind,
                               .metric = (sim_metric)rule->metric,
                               .since = d->since,
                               .evidence = after,
                               .needed = needed,
                               .seen = (double)n,
                               .expected = (double)usual});
}

static void look_signal(cloud_watch *w, sim_time now, watch_device *d, watch_signal s, bool muted,
                        bool mature) {
    const watch_cohort *c = &w->fleet->cohorts[d->cohort];
    const watch_signal_rule *rule = &watch_rules[s];
    const uint32_t count = d->count[s];
    d->count[s] = 0;
    if (muted && rule->explained) {
        d->evidence[s] = 0;
        return;
    }
    if (rule->how == WATCH_LARGEST && count == 0) return;
    const float n = (float)count, usual = fmaxf(d->own[s], rule->once ? least_usual_rare : least_usual);
    add_up(&w->sums[d->cohort], d, s, n, usual * c->hourly[s], w->settings->ratio,
           4 * d->age >= w->mature_age);
    if (mature) {
        w->tail[s].steps++;
        if (count != 0 || d->evidence[s] > 0) weigh(w, now, d, s, n, usual * c->hourly[s] * c->factor[s]);
    }
    learn_own(w, d, s, n, usual);
}

void watch_look_signals(cloud_watch *w, sim_time now, watch_device *d) {
    const bool muted = watch_muted(w, d), mature = watch_mature(w, d);
    d->count[WATCH_DESTINATION] = distinct(d);
    w->sums[d->cohort].looked++;
    if (muted) w->sums[d->cohort].muted++;
    for (int s = 0; s < WATCH_SIGNALS; s++) look_signal(w, now, d, (watch_signal)s, muted, mature);
}
