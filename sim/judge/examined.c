/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/judge/examined.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

#include "sim/core/heap.h"
#include "sim/core/quantile.h"
#include "sim/judge/checks.h"
#include "sim/judge/words.h"

const judge_examined_policy judge_examined_policy_default = JUDGE_EXAMINED_POLICY_DEFAULT;

/* ---- what may show a kind ---- */

#define BIT(metric) (UINT64_C(1) << RECORD_METRIC_##metric)

uint64_t judge_metrics_of(record_anomaly kind) {
    static const uint64_t shows[RECORD_ANOMALIES] = {
        [RECORD_ANOMALY_CREDENTIAL_STUFFING] = BIT(FAILED_LOGINS) | BIT(AUTHORIZATION_FAILURES),
        [RECORD_ANOMALY_UPDATE_SIGNATURE] = BIT(UPDATE_FAILURES),
        [RECORD_ANOMALY_CLONE] = BIT(SOURCE_ADDRESS),
        [RECORD_ANOMALY_EXFILTRATION] = BIT(BYTES_OUT) | BIT(DESTINATION) | BIT(PACKETS_OUT),
        [RECORD_ANOMALY_BOTNET_SCAN] = BIT(DESTINATION) | BIT(TCP_CONNECTIONS) | BIT(PACKETS_OUT),
        [RECORD_ANOMALY_STUCK_SENSOR] = BIT(READING),
        [RECORD_ANOMALY_OUT_OF_RANGE] = BIT(READING),
        [RECORD_ANOMALY_SLOW_DRIFT] = BIT(READING),
        [RECORD_ANOMALY_SILENT_DEVICE] = BIT(MESSAGES_IN),
        [RECORD_ANOMALY_BATTERY_DRAIN] = BIT(BATTERY),
        [RECORD_ANOMALY_LOCK_STEP] = BIT(CONNECTION_ATTEMPTS),
        [RECORD_ANOMALY_NEW_DESTINATION] = BIT(DESTINATION),
    };
    return shows[kind];
}

bool judge_same_family(record_anomaly notice, record_anomaly done) {
    bool traffic = done == RECORD_ANOMALY_EXFILTRATION || done == RECORD_ANOMALY_BOTNET_SCAN;
    bool seen = notice == RECORD_ANOMALY_EXFILTRATION || notice == RECORD_ANOMALY_BOTNET_SCAN ||
                notice == RECORD_ANOMALY_NEW_DESTINATION;
    return notice == done || notice == RECORD_ANOMALY_UNKNOWN || (traffic && seen);
}

/* ---- notices against injections ---- */

typedef struct mark {
    sim_time delay; /* SIM_NEVER: not noticed */
    bool named;
} mark;

typedef struct detecting {
    const judge_examined_case *c;
    sim_time grace;
    record_injection *by_device; /* sorted */
    mark *marks;                 /* of by_device */
} detecting;

static int by_device(const void *a, const void *b) {
    const record_injection *x = a, *y = b;
    if (x->device != y->device) return x->device < y->device ? -1 : 1;
    if (x->from != y->from) return x->from < y->from ? -1 : 1;
    return (x->campaign > y->campaign) - (x->campaign < y->campaign);
}

static bool in_time(const detecting *d, const record_injection *i, const record_alert *n) {
    return n->at >= i->from && n->at <= sim_time_add(i->to, d->grace);
}

/* A true notice; it notices the injection if it reached somebody, sooner than others. */
static void count_true(detecting *d, size_t at, const record_alert *n) {
    const record_injection *i = &d->by_device[at];
    mark *m = &d->marks[at];
    if (n->delivered == SIM_NEVER) return;
    sim_time delay = n->delivered - i->from;
    if (delay >= m->delay) return;
    *m = (mark){delay, n->kind == i->kind};
}

static size_t first_of(const detecting *d, uint32_t device) {
    size_t low = 0, high = d->c->injection_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (d->by_device[middle].device < device)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool of_device(detecting *d, const record_alert *n) {
    bool found = false;
    for (size_t i = first_of(d, n->who);
         i < d->c->injection_count && d->by_device[i].device == n->who; i++) {
        if (!in_time(d, &d->by_device[i], n)) continue;
        count_true(d, i, n);
        found = true;
    }
    return found;
}

static bool concerns(const judge_examined_case *c, const record_alert *n, uint32_t device) {
    if (n->scope == RECORD_SCOPE_FLEET) return true;
    if (c->cohorts == NULL || device >= c->devices) return false;
    uint32_t versions = c->versions > 0 ? c->versions : 1;
    return c->cohorts[device] / versions == n->who / versions;
}

static bool of_many(detecting *d, const record_alert *n) {
    bool found = false;
    for (size_t i = 0; i < d->c->injection_count; i++) {
        const record_injection *done = &d->by_device[i];
        if (!judge_same_family((record_anomaly)n->kind, (record_anomaly)done->kind) ||
            !in_time(d, done, n) || !concerns(d->c, n, done->device))
            continue;
        count_true(d, i, n);
        found = true;
    }
    return found;
}

static bool after_a_trigger(const judge_examined_case *c, const judge_examined_policy *policy,
                            sim_time at) {
    sim_time most = sim_time_from_seconds(policy->wave_s);
    for (size_t i = 0; i < c->wave_count; i++) {
        if (c->waves[i] != SIM_NEVER && at >= c->waves[i] && at - c->waves[i] <= most) return true;
    }
    return false;
}

/* ---- sums ---- */

/* The delays of one kind, or with RECORD_ANOMALIES of all; `delays` has room for them. */
static void sum_up(const detecting *d, unsigned kind, double *delays, judge_detection *out) {
    *out = (judge_detection){.delay_median_s = NAN,
                             .delay_p95_s = NAN,
                             .delay_most_s = NAN,
                             .first_s = NAN,
                             .slow_first_s = NAN};
    for (size_t i = 0; i < d->c->injection_count; i++) {
        if (kind != RECORD_ANOMALIES && d->by_device[i].kind != kind) continue;
        out->injected++;
        if (d->marks[i].delay == SIM_NEVER) continue;
        delays[out->noticed++] = sim_time_seconds(d->marks[i].delay);
        out->named += d->marks[i].named ? 1 : 0;
    }
    out->recall = judge_share_of(out->noticed, out->injected);
    if (out->noticed == 0) return;
    sim_sort_numbers(delays, out->noticed);
    out->delay_median_s = delays[out->noticed / 2];
    out->delay_p95_s = delays[(out->noticed - 1) * 95 / 100];
    out->delay_most_s = delays[out->noticed - 1];
}

typedef struct campaign_mark {
    uint32_t campaign;
    uint8_t kind;
    bool slow;
    sim_time from, noticed; /* SIM_NEVER: it was not */
} campaign_mark;

static int by_campaign(const void *a, const void *b) {
    const campaign_mark *x = a, *y = b;
    if (x->campaign != y->campaign) return x->campaign < y->campaign ? -1 : 1;
    return (x->kind > y->kind) - (x->kind < y->kind);
}

static void end_campaign(judge_detections *out, const campaign_mark *m) {
    double first = m->noticed == SIM_NEVER ? INFINITY : sim_time_seconds(m->noticed - m->from);
    judge_detection *of[] = {&out->kind[m->kind], &out->all};
    for (size_t i = 0; i < 2; i++) {
        of[i]->campaigns++;
        of[i]->campaigns_noticed += m->noticed == SIM_NEVER ? 0 : 1;
        of[i]->slow_campaigns += m->slow ? 1 : 0;
        double *worst = m->slow ? &of[i]->slow_first_s : &of[i]->first_s;
        *worst = isnan(*worst) ? first : fmax(*worst, first);
    }
}

/* A campaign begins with its first device and is noticed with the first of them that is. */
static void sum_campaigns(const detecting *d, const judge_examined_policy *policy,
                          campaign_mark *room, judge_detections *out) {
    size_t n = d->c->injection_count;
    sim_time slow = sim_time_from_seconds(policy->slow_s);
    for (size_t i = 0; i < n; i++) {
        const record_injection *done = &d->by_device[i];
        sim_time delay = d->marks[i].delay;
        room[i] = (campaign_mark){done->campaign, done->kind, done->ramp > slow, done->from,
                                  delay == SIM_NEVER ? SIM_NEVER : done->from + delay};
    }
    qsort(room, n, sizeof *room, by_campaign);
    for (size_t i = 0, begin = 0; i < n; i++) {
        if (i > begin) {
            room[begin].from = sim_time_min(room[begin].from, room[i].from);
            room[begin].noticed = sim_time_min(room[begin].noticed, room[i].noticed);
        }
        if (i + 1 < n && by_campaign(&room[begin], &room[i + 1]) == 0) continue;
        end_campaign(out, &room[begin]);
        begin = i + 1;
    }
}

/* Exact interval of a Poisson count (F. Garwood, 1936). */
static judge_share rate_of(uint64_t count, double days) {
    if (!(days > 0)) return (judge_share){NAN, NAN, NAN};
    double k = (double)count;
    double low = count == 0 ? 0 : gsl_cdf_chisq_Pinv(0.025, 2 * k) / 2;
    return (judge_share){k / days, low / days, gsl_cdf_chisq_Pinv(0.975, 2 * k + 2) / 2 / days};
}

static void hold_against(detecting *d, const judge_examined_policy *policy, bool *is_false,
                         uint64_t *false_of_kind, judge_detections *out) {
    const judge_examined_case *c = d->c;
    for (size_t i = 0; i < c->notice_count; i++) {
        const record_alert *n = &c->notices[i];
        bool holds = n->scope == RECORD_SCOPE_DEVICE ? of_device(d, n) : of_many(d, n);
        if (is_false != NULL) is_false[i] = !holds;
        out->notices++;
        out->undelivered += n->delivered == SIM_NEVER ? 1 : 0;
        out->false_notices += holds ? 0 : 1;
        false_of_kind[n->kind] += holds ? 0 : 1;
        out->in_waves += !holds && after_a_trigger(c, policy, n->at) ? 1 : 0;
    }
}

int judge_detect(const judge_examined_case *c, const judge_examined_policy *policy, bool *is_false,
                 judge_detections *out) {
    size_t n = c->injection_count;
    detecting d = {.c = c, .grace = sim_time_from_seconds(policy->grace_s)};
    d.by_device = sim_malloc((n + 1) * sizeof *d.by_device);
    d.marks = sim_malloc((n + 1) * sizeof *d.marks);
    double *delays = sim_malloc((n + 1) * sizeof *delays);
    campaign_mark *campaigns = sim_malloc((n + 1) * sizeof *campaigns);
    bool failed = d.by_device == NULL || d.marks == NULL || delays == NULL || campaigns == NULL;
    *out = (judge_detections){0};
    if (!failed) {
        for (size_t i = 0; i < n; i++) {
            d.by_device[i] = c->injections[i];
            d.marks[i] = (mark){.delay = SIM_NEVER};
        }
        qsort(d.by_device, n, sizeof *d.by_device, by_device);
        uint64_t false_of_kind[RECORD_ANOMALIES] = {0};
        hold_against(&d, policy, is_false, false_of_kind, out);
        for (unsigned k = 0; k < RECORD_ANOMALIES; k++) {
            sum_up(&d, k, delays, &out->kind[k]);
            out->kind[k].false_notices = false_of_kind[k];
        }
        sum_up(&d, RECORD_ANOMALIES, delays, &out->all);
        out->all.false_notices = out->false_notices;
        sum_campaigns(&d, policy, campaigns, out);
        out->precision = judge_share_of(out->notices - out->false_notices, out->notices);
        out->device_days = (double)c->devices * sim_time_seconds(c->until) / 86400;
        out->false_rate = rate_of(out->false_notices, out->device_days);
    }
    sim_free(d.by_device);
    sim_free(d.marks);
    sim_free(delays);
    sim_free(campaigns);
    return failed ? SIM_ENOMEM : 0;
}

/* ---- the verdict ---- */

static const char as_shown[] =
    "less than the policy has: what a run of this size can show with all noticed, or one false "
    "alarm";
static const char too_few[] = "too few were seen: its 95 % interval has the limit in it";

static double recall_limit(const judge_examined_policy *policy, uint64_t injected) {
    return policy->sized ? fmin(policy->recall, judge_share_of(injected, injected).low)
                         : policy->recall;
}

static double false_limit(const judge_examined_policy *policy, double days) {
    return policy->sized ? fmax(policy->false_alarms, rate_of(1, days).high) : policy->false_alarms;
}

static bool within(double value, judge_relation relation, double limit) {
    return relation == JUDGE_AT_LEAST ? value >= limit : value <= limit;
}

/* Adds a measure that rests on a sample, and says what all of its interval says: where only a part
 * of it holds, too few were seen. A limit that allows no exception is held against what was seen,
 * for no sample can show it. */
static judge_verdict measure_sample(judge_finding *out, const char *name, const char *unit,
                                    const judge_share *s, judge_relation relation, double limit,
                                    double policy, uint64_t samples) {
    bool exact = relation == JUDGE_AT_LEAST ? limit >= 1 : limit <= 0;
    double worst = relation == JUDGE_AT_LEAST ? s->low : s->high;
    double best = relation == JUDGE_AT_LEAST ? s->high : s->low;
    judge_finding_measure(out, name, unit, s->value, relation, limit, samples);
    judge_measure *m = &out->measures[out->measure_count - 1];
    if (limit != policy) m->note = as_shown;
    if (within(exact ? s->value : worst, relation, limit)) return JUDGE_PASS;
    if (exact || !within(best, relation, limit)) {
        m->holds = false;
        return JUDGE_FAIL;
    }
    m->note = too_few;
    m->open = true;
    return JUDGE_INCONCLUSIVE;
}

/* Whether the recall of this kind decides: a rate shows it, or it was declared to be looked for. */
static bool must_be_found(const judge_examined_case *c, record_anomaly kind) {
    return record_anomaly_shows_in_rates(kind) || (c->declared >> kind & 1) != 0;
}

static judge_verdict measure_kind(const judge_examined_case *c, const judge_detections *d,
                                  const judge_examined_policy *policy, record_anomaly kind,
                                  judge_finding *out) {
    static const char *const names[RECORD_ANOMALIES] = {
#define RECALL_NAME(name, word, rate, title) "recall, " word,
        RECORD_ANOMALY_MAP(RECALL_NAME)
#undef RECALL_NAME
    };
    const judge_detection *k = &d->kind[kind];
    if (k->injected == 0) return JUDGE_PASS;
    if (must_be_found(c, kind) && k->injected >= policy->injected_minimum)
        return measure_sample(out, names[kind], "share", &k->recall, JUDGE_AT_LEAST,
                              recall_limit(policy, k->injected), policy->recall, k->injected);
    judge_finding_inform(out, names[kind], "share", k->recall.value, k->injected,
                         must_be_found(c, kind)
                             ? "too few to decide"
                             : "no rate shows it, and it was not declared to be found");
    return JUDGE_PASS;
}

static void measure_delay(const judge_detections *d, record_anomaly kind, const char *name,
                          double most, judge_finding *out) {
    const judge_detection *k = &d->kind[kind];
    if (k->campaigns > k->slow_campaigns)
        judge_finding_measure(out, name, "s", k->first_s, JUDGE_AT_MOST, most,
                              k->campaigns - k->slow_campaigns);
}

static void inform_slow(const judge_detections *d, record_anomaly kind, const char *name,
                        judge_finding *out) {
    const judge_detection *k = &d->kind[kind];
    if (k->slow_campaigns > 0)
        judge_finding_inform(out, name, "s", k->slow_first_s, k->slow_campaigns,
                             "it grew slowly: when it was there to be seen is a matter of opinion");
}

/* The worst that a sample says; what is no sample is looked at afterwards (all_hold). */
static judge_verdict measure(const judge_examined_case *c, const judge_detections *d,
                             const judge_examined_policy *policy, judge_finding *out) {
    judge_verdict worst =
        measure_sample(out, "false alarms per device-day", "", &d->false_rate, JUDGE_AT_MOST,
                       false_limit(policy, d->device_days), policy->false_alarms,
                       (uint64_t)llround(d->device_days)); /* of which it is a rate */
    judge_finding_measure(out, "false alarms after a trigger", "alarms", (double)d->in_waves,
                          JUDGE_AT_MOST, 0, c->wave_count);
    measure_delay(d, RECORD_ANOMALY_CREDENTIAL_STUFFING, "delay, failed logins",
                  policy->delay_logins_s, out);
    measure_delay(d, RECORD_ANOMALY_UPDATE_SIGNATURE, "delay, update failures",
                  policy->delay_signature_s, out);
    inform_slow(d, RECORD_ANOMALY_CREDENTIAL_STUFFING, "delay, slow rise of failed logins", out);
    inform_slow(d, RECORD_ANOMALY_UPDATE_SIGNATURE, "delay, slow rise of update failures", out);
    for (unsigned k = 1; k < RECORD_ANOMALIES; k++)
        worst = judge_verdict_worse(worst, measure_kind(c, d, policy, (record_anomaly)k, out));
    judge_finding_inform(out, "precision", "share", d->precision.value, d->notices, NULL);
    judge_finding_inform(out, "alarms that reached nobody", "alarms", (double)d->undelivered,
                         d->notices, NULL);
    judge_finding_inform(out, "median delay", "s", d->all.delay_median_s, d->all.noticed, NULL);
    return worst;
}

static bool all_hold(const judge_finding *f) {
    for (size_t i = 0; i < f->measure_count; i++)
        if (!f->measures[i].holds && f->measures[i].note != too_few) return false;
    return true;
}

static void say_misses(judge_finding *out) {
    const char *before = "; outside the policy: ";
    for (size_t i = 0; i < out->measure_count; i++) {
        const judge_measure *m = &out->measures[i];
        if (m->holds || m->note == too_few) continue;
        judge_finding_say_more(out, "%s%s", before, m->name);
        before = ", ";
    }
    before = "; too few were seen to tell by their 95 % intervals: ";
    for (size_t i = 0; i < out->measure_count; i++) {
        if (out->measures[i].note != too_few) continue;
        judge_finding_say_more(out, "%s%s", before, out->measures[i].name);
        before = ", ";
    }
}

static void say_result(const judge_detections *d, judge_finding *out) {
    char injected[JUDGE_WORD_MAX], noticed[JUDGE_WORD_MAX], wrong[JUDGE_WORD_MAX],
        days[JUDGE_WORD_MAX];
    judge_words_of(d->all.injected, "device", injected, sizeof injected);
    judge_words_share(d->all.recall.value, NAN, noticed, sizeof noticed);
    judge_words_of(d->false_notices, "false alarm", wrong, sizeof wrong);
    judge_words_number(d->device_days, days, sizeof days);
    judge_finding_say(out,
                      "Of %s to which something was done %s were noticed, with %s in %s "
                      "device-days",
                      injected, noticed, wrong, days);
    say_misses(out);
    judge_finding_say_more(
        out, ". (TS 103 701 has no functional case for 5.10-1: this goes beyond it.)");
}

void judge_examined(const judge_examined_case *c, const judge_detections *d,
                    const judge_examined_policy *policy, judge_finding *out) {
    judge_check_begin(&judge_check_examined, out);
    judge_verdict sampled = measure(c, d, policy, out);
    if (c->injection_count == 0) {
        judge_finding_say(out, "Nothing was done to any device, so there was nothing to notice.");
    } else if (c->generator_late) {
        judge_finding_say(out,
                          "The generator was late, so when something was noticed says little.");
    } else if (!c->examined) {
        out->verdict = JUDGE_FAIL;
        char injected[JUDGE_WORD_MAX];
        judge_finding_say(out,
                          "Nobody examined the telemetry: what was done to %s was not noticed.",
                          judge_words_of(d->all.injected, "device", injected, sizeof injected));
    } else {
        out->verdict = judge_verdict_worse(sampled, all_hold(out) ? JUDGE_PASS : JUDGE_FAIL);
        say_result(d, out);
    }
}

/* ---- what was declared ---- */

static uint64_t count_bits(uint64_t bits) {
    uint64_t n = 0;
    for (; bits != 0; bits &= bits - 1) n++;
    return n;
}

void judge_examination_declared(uint64_t declared, judge_finding *out) {
    uint64_t n = count_bits(declared);
    judge_check_begin(&judge_check_examination_declared, out);
    judge_finding_measure(out, "declared examinations", "kinds", (double)n, JUDGE_AT_LEAST, 1, n);
    out->verdict = n > 0 ? JUDGE_PASS : JUDGE_FAIL;
    if (n > 0)
        judge_finding_say(out,
                          "The declaration (IXIT 24-TelData) says that telemetry is examined for "
                          "%llu kind%s of anomaly.",
                          (unsigned long long)n, n == 1 ? "" : "s");
    else
        judge_finding_say(
            out,
            "No examination of telemetry for security anomalies is declared (IXIT 24-TelData).");
}

void judge_examination_suited(uint64_t declared, uint64_t metrics, judge_finding *out) {
    const char *before = "";
    uint64_t n = count_bits(declared), without = 0;
    judge_check_begin(&judge_check_examination_suited, out);
    for (unsigned k = 1; k < RECORD_ANOMALIES; k++)
        without += (declared >> k & 1) != 0 && (judge_metrics_of((record_anomaly)k) & metrics) == 0;
    judge_finding_measure(out, "kinds without data", "kinds", (double)without, JUDGE_AT_MOST, 0, n);
    out->verdict = n == 0 ? JUDGE_INCONCLUSIVE : without == 0 ? JUDGE_PASS : JUDGE_FAIL;
    if (n == 0) {
        judge_finding_say(out,
                          "No examination is declared, so there is none that data could suit.");
        return;
    }
    if (without == 0) {
        judge_finding_say(
            out, "For %s that is declared to be looked for there are data that can show it.",
            n == 1 ? "the one kind of anomaly" : "each kind of anomaly");
        return;
    }
    judge_finding_say(
        out, "Declared to be looked for, but shown by none of the data that are collected: ");
    for (unsigned k = 1; k < RECORD_ANOMALIES; k++) {
        if ((declared >> k & 1) == 0 || (judge_metrics_of((record_anomaly)k) & metrics) != 0)
            continue;
        judge_finding_say_more(out, "%s%s", before, record_anomaly_word((record_anomaly)k));
        before = ", ";
    }
    judge_finding_say_more(out, ".");
}
