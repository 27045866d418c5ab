/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Thresholds of a scenario's own on what the run counted. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/judge/threshold.h"
#include "sim/report/record.h"
#include "sim/run/clock.h"
#include "sim/run/guard.h"
#include "sim/run/judging.h"
#include "sim/run/metrics.h"
#include "sim/run/threshold.h"

typedef struct metric_list {
    const report_metric *items;
    size_t count;
    bool so_far; /* the run goes on */
} metric_list;

static const report_metric *metric_of(const metric_list *l, const char *name, size_t n) {
    for (size_t i = 0; i < l->count; i++) {
        const report_metric *m = &l->items[i];
        if (strlen(m->name) == n && strncmp(m->name, name, n) == 0) return m;
    }
    return NULL;
}

/* ---- a trend ---- */

static double aspect_of(const report_metric *m, const judge_threshold *t) {
    switch (t->aspect) {
        case JUDGE_ASPECT_AVERAGE:
            return m->mean;
        case JUDGE_ASPECT_LEAST:
            return m->minimum;
        case JUDGE_ASPECT_MOST:
            return m->maximum;
        default:
            return NAN;
    }
}

static void say_none(const judge_threshold *t, const char *what, const char *unit,
                     judge_finding *out) {
    const judge_threshold_case none = {
        .what = what, .unit = unit, .value = NAN, .verdict = JUDGE_INCONCLUSIVE};
    judge_threshold_say(t, &none, out);
}

/* "95 of 100 within 200 ms" is a share of a sample: its interval decides. One that has no answer
 * yet may have come in time, unless it has waited for longer. */
static int of_quantile(const run *r, const report_metric *m, const judge_threshold *t,
                       judge_threshold_case *c) {
    run_latencies l;
    int error = run_latencies_of(r, m->name, &l);
    if (error == 0) {
        sim_time limit = sim_time_from_seconds(t->limit);
        judge_threshold share = *t;
        share.relation = t->relation == JUDGE_AT_MOST ? JUDGE_AT_LEAST : JUDGE_AT_MOST;
        uint64_t within = sim_histogram_within(&l.answered, limit);
        uint64_t open = sim_histogram_within(&l.all, limit) - within;
        c->more_than = report_metric_open(m, t->quantile);
        sim_time value =
            c->more_than
                ? sim_histogram_quantile(&l.all, t->quantile)
                : sim_histogram_quantile(
                      &l.answered, fmin(1, ceil(t->quantile * (double)m->samples * (1 - 0x1p-50)) /
                                               (double)m->answered));
        c->value = sim_time_seconds(value);
        c->verdict = judge_threshold_share(&share, t->quantile, within, open, m->samples);
    }
    run_latencies_deinit(&l);
    return error;
}

static int of_trend(const run *r, const report_metric *m, const judge_threshold *t,
                    judge_threshold_case *c) {
    c->samples = m->samples;
    if (t->aspect == JUDGE_ASPECT_QUANTILE || t->aspect == JUDGE_ASPECT_MEDIAN)
        return of_quantile(r, m, t, c);
    if (t->aspect == JUDGE_ASPECT_COUNT) {
        c->unit = "";
        c->value = (double)m->samples;
    } else {
        c->value = aspect_of(m, t);
        c->more_than = t->aspect != JUDGE_ASPECT_LEAST && m->answered < m->samples;
    }
    c->verdict = judge_threshold_value(t, c->value, c->more_than);
    return 0;
}

/* ---- a counter, a gauge, a share ---- */

static bool fits(const report_metric *m, judge_aspect a) {
    bool total = a == JUDGE_ASPECT_VALUE || a == JUDGE_ASPECT_COUNT || a == JUDGE_ASPECT_RATE;
    if (m->kind == REPORT_TREND) return a != JUDGE_ASPECT_VALUE && a != JUDGE_ASPECT_RATE;
    return m->kind == REPORT_COUNTER ? total : a == JUDGE_ASPECT_VALUE;
}

static void of_number(const run *r, const report_metric *m, const judge_threshold *t,
                      judge_threshold_case *c) {
    double seconds = sim_time_seconds(run_now(r));
    c->value = m->value;
    if (t->aspect == JUDGE_ASPECT_RATE) {
        c->value = seconds > 0 ? m->value / seconds : NAN;
        c->unit = "1/s";
    }
    c->verdict = judge_threshold_value(t, c->value, false);
}

static double number_of(const metric_list *l, const char *name) {
    const report_metric *m = metric_of(l, name, strlen(name));
    return m == NULL ? 0 : m->value;
}

/* Of requests that were due, or sent: those that may yet be answered. */
static uint64_t under_way(const metric_list *l, const report_metric *whole) {
    bool due = strcmp(whole->name, "reports_due") == 0;
    if (!l->so_far || (!due && strcmp(whole->name, "reports_sent") != 0)) return 0;
    double left = whole->value - number_of(l, "reports_answered") -
                  number_of(l, "reports_refused") - number_of(l, "reports_failed") -
                  (due ? number_of(l, "reports_skipped") : 0);
    return left > 0 ? (uint64_t)left : 0;
}

static int of_share(const metric_list *l, const char *name, const judge_threshold *t,
                    const char *what, judge_finding *out, char *why, size_t size) {
    const char *slash = strchr(name, '/');
    const report_metric *part = metric_of(l, name, (size_t)(slash - name));
    const report_metric *whole = metric_of(l, slash + 1, strlen(slash + 1));
    (void)snprintf(why, size,
                   "a share is that of two counters, such as "
                   "\"reports_answered/reports_due\" with \">=99%%\"");
    const char *unfit = judge_threshold_unfit(t, "share");
    if (unfit != NULL) (void)snprintf(why, size, "%s %s", what, unfit);
    if (unfit != NULL || part == NULL || whole == NULL || part->kind != REPORT_COUNTER ||
        whole->kind != REPORT_COUNTER || t->aspect != JUDGE_ASPECT_VALUE)
        return SIM_ERANGE;
    if (whole->value <= 0 || part->value > whole->value) {
        say_none(t, what, "share", out);
        return 0;
    }
    judge_threshold_case c = {.what = what,
                              .unit = "share",
                              .value = part->value / whole->value,
                              .samples = (uint64_t)whole->value};
    c.verdict =
        judge_threshold_share(t, t->limit, (uint64_t)part->value, under_way(l, whole), c.samples);
    judge_threshold_say(t, &c, out);
    return 0;
}

static int hold(run *r, const metric_list *all, const char *name, const judge_threshold *t,
                const char *what, judge_finding *out, char *why, size_t size) {
    int error = 0;
    if (strchr(name, '/') != NULL) return of_share(all, name, t, what, out, why, size);
    const report_metric *m = metric_of(all, name, strlen(name));
    (void)snprintf(why, size, "there is no metric '%.60s'", name);
    if (m == NULL) return SIM_ERANGE;
    (void)snprintf(why, size, "%s is a %s: it has no %s", name,
                   m->kind == REPORT_TREND     ? "trend (avg, min, med, max, p(95), count)"
                   : m->kind == REPORT_COUNTER ? "counter (count, rate)"
                                               : "value",
                   t->text[0] != '\0' ? t->text : "single value");
    if (!fits(m, t->aspect)) return SIM_ERANGE;
    const char *unfit = judge_threshold_unfit(t, t->aspect == JUDGE_ASPECT_COUNT ? "" : m->unit);
    if (unfit != NULL) {
        (void)snprintf(why, size, "%s %s", what, unfit);
        return SIM_ERANGE;
    }
    judge_threshold_case c = {.what = what, .unit = m->unit};
    if (m->kind == REPORT_TREND && m->samples == 0)
        say_none(t, what, m->unit, out);
    else if (m->kind == REPORT_TREND)
        error = of_trend(r, m, t, &c);
    else
        of_number(r, m, t, &c);
    if (error == 0 && out->sentence[0] == '\0') judge_threshold_say(t, &c, out);
    return error;
}

int run_threshold(run *r, const char *name, const judge_threshold *t, const char *what,
                  judge_finding *out, char *why, size_t size) {
    metric_list all = {.so_far = false};
    if (run_guard_ended(r, what, t, out)) return 0;
    all.items = run_metrics(r, &all.count);
    return all.items == NULL ? SIM_ENOMEM : hold(r, &all, name, t, what, out, why, size);
}

int run_threshold_so_far(run *r, const char *name, const judge_threshold *t, const char *what,
                         judge_finding *out, char *why, size_t size) {
    metric_list all = {.so_far = true};
    all.items = run_metrics_so_far(r, &all.count);
    return all.items == NULL ? SIM_ENOMEM : hold(r, &all, name, t, what, out, why, size);
}
