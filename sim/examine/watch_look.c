/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts of a device against its own past and its cohort's. */
#include <math.h>

#include "sim/examine/watch_steps.h"

static const float warning =
    /* nats: this device begins to be in excess; its past is not learnt any more */
    6;
static const float calm = 1; /* and has not yet begun to */
static const float least_usual = 1e-4f, least_usual_rare = 2e-5f;
static const float looks_to_alarm =
    /* no single look is enough; of rare events, not two either: one who mistypes does so a few
     * times */
    1.5f;
static const float looks_to_alarm_rare = 2.5f;
static const float few_destinations = 3; /* a cloud, names, the time: everybody's */
static const float evidence_held =
    36; /* nats above what is needed, at most twice that, so that it ends soon after its cause */

bool examine_mature(const examine_watch *w, const examine_device *d) {
    return d->age >= w->mature_age;
}

static uint32_t distinct(examine_device *d) {
    const int set = __builtin_popcountll(d->destinations);
    d->destinations = 0;
    if (set == 64) return 300;
    return (uint32_t)lrintf(-64 *
                            /* linear counting: K.-Y. Whang and others, 1990 */
                            logf(1 - (float)set / 64));
}

/* Where events are rare the cohort's experience is worth a week of the device's own. */
static void grow_up(examine_device *d, examine_signal s, const examine_cohort *c, uint32_t day,
                    uint32_t week) {
    if (examine_rules[s].once && c->mean[s] > 0)
        d->own[s] = (d->own[s] * (float)day + c->mean[s] * (float)week) / (float)(day + week);
}

static void learn_own(const examine_watch *w, examine_device *d, examine_signal s, float n,
                      float usual) {
    const uint32_t week = w->week, day = w->mature_age;
    const float most = w->settings->ratio * usual + 10 * examine_rules[s].least;
    if (d->own[s] == 0 && examine_rules[s].how == EXAMINE_LARGEST) {
        d->own[s] = n;
    } else if (!examine_mature(w, d)) {
        d->own[s] += (n - d->own[s]) / (float)(d->age + 1);
        if (d->age + 1u == day) grow_up(d, s, &w->fleet->cohorts[d->cohort], day, week);
    } else if (d->evidence[s] < warning) {
        const uint32_t memory = d->age + day < week && !examine_rules[s].once ? d->age + day : week;
        d->own[s] += (fminf(n, most) - d->own[s]) / (float)memory;
    }
}

/* What the cohort needs to know its season, its over-dispersion, and whether it is in excess as a
 * whole. */
static void add_up(examine_sums *sums, const examine_device *d, examine_signal s, float n,
                   float usual, float ratio, bool known) {
    const float most = ratio * usual + 10 * examine_rules[s].least,
                bounded = known ? fminf(n, most) : n;
    if (d->told[examine_rules[s].kind] != 0 && bounded > usual) return;
    sums->n[s] += examine_fixed(bounded);
    sums->usual[s] += examine_fixed(known ? usual : n);
    sums->of[s]++;
    if (usual < 1 || !known) return;
    const float away = bounded - usual, relative = (away * away - bounded) / (usual * usual);
    sums->spread[s] += examine_fixed(fminf(fmaxf(relative, -1), 9));
    sums->of_large[s]++;
}

static bool at_ease(const examine_device *d) {
    for (int s = 0; s < EXAMINE_SIGNALS; s++)
        if (d->evidence[s] > calm) return false;
    return true;
}

/* To more destinations than it ever has reason to. This look's count is still there when traffic is
 * weighed. */
static bool reaches_out(const examine_device *d) {
    return (float)d->count[EXAMINE_DESTINATION] >
           2 * d->own[EXAMINE_DESTINATION] + few_destinations;
}

/* Logins that are tried have a traffic of their own; much that goes out to many is a scan, not a
 * leak; somebody who shares the name explains double traffic. What was told of stays at `warning`.
 */
static record_anomaly taken_for(const examine_device *d, examine_signal s) {
    const record_anomaly kind = (record_anomaly)examine_rules[s].kind;
    if (kind == RECORD_ANOMALY_UPDATE_SIGNATURE) return kind;
    if (d->evidence[EXAMINE_FAILED_LOGINS] >= warning) return RECORD_ANOMALY_CREDENTIAL_STUFFING;
    if (kind == RECORD_ANOMALY_EXFILTRATION &&
        (d->evidence[EXAMINE_DESTINATION] >= warning || reaches_out(d)))
        return RECORD_ANOMALY_BOTNET_SCAN;
    if (kind == RECORD_ANOMALY_UNKNOWN && d->returns >= 2) return RECORD_ANOMALY_CLONE;
    return kind;
}

static void weigh(examine_watch *w, sim_time now, examine_device *d, examine_signal s, float n,
                  float usual) {
    const examine_watch_settings *set = w->settings;
    const examine_cohort *c = &w->fleet->cohorts[d->cohort];
    const examine_signal_rule *rule = &examine_rules[s];
    const float needed = w->fleet->threshold[s], before = d->evidence[s];
    const float looks = rule->kind == RECORD_ANOMALY_UNKNOWN ? (float)set->persist
                        : rule->once                         ? looks_to_alarm_rare
                                                             : looks_to_alarm;
    const float most = needed / looks;
    const float step =
        fminf(examine_rate_evidence(n, usual, c->spread[s], set->ratio, rule->least), most);
    const float after = fminf(fmaxf(before + step, 0), needed + fminf(needed, evidence_held));
    if (before == 0 && after == 0) return;
    if (before == 0 && at_ease(d)) d->since = w->window - w->settings->look;
    d->evidence[s] = after;
    const record_anomaly kind = taken_for(d, s);
    /* what comes next is told for what it does then */
    if (after > warning && examine_told(w, now, d, kind)) {
        d->evidence[s] = warning;
        return;
    }
    if (after > before) w->tail[s].count[examine_rate_bin(after)]++;
    if (after < needed || step <= 0) return;
    examine_accuse(w, now, d,
                   &(examine_case){.kind = kind,
                                   .metric = (record_metric)rule->metric,
                                   .since = d->since,
                                   .evidence = after,
                                   .needed = needed,
                                   .seen = (double)n,
                                   .expected = (double)usual});
}

static void look_signal(examine_watch *w, sim_time now, examine_device *d, examine_signal s,
                        bool muted, bool mature) {
    const examine_cohort *c = &w->fleet->cohorts[d->cohort];
    const examine_signal_rule *rule = &examine_rules[s];
    const uint32_t count = d->count[s];
    d->count[s] = 0;
    if (muted && rule->explained) {
        d->evidence[s] = 0;
        return;
    }
    if (rule->how == EXAMINE_LARGEST && count == 0) return;
    const float n = (float)count,
                usual = fmaxf(d->own[s], rule->once ? least_usual_rare : least_usual);
    add_up(&w->sums[d->cohort], d, s, n, usual * c->hourly[s], w->settings->ratio,
           4 * d->age >= w->mature_age);
    if (mature) {
        w->tail[s].steps++;
        if (count != 0 || d->evidence[s] > 0)
            weigh(w, now, d, s, n, usual * c->hourly[s] * c->factor[s]);
    }
    learn_own(w, d, s, n, usual);
}

void examine_look_signals(examine_watch *w, sim_time now, examine_device *d) {
    const bool muted = examine_muted(w, d), mature = examine_mature(w, d);
    d->count[EXAMINE_DESTINATION] = distinct(d);
    w->sums[d->cohort].looked++;
    if (muted) w->sums[d->cohort].muted++;
    for (int s = 0; s < EXAMINE_SIGNALS; s++)
        look_signal(w, now, d, (examine_signal)s, muted, mature);
}
