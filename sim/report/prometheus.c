/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/prometheus.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static int put(FILE *file, const report_sample *s, bool first) {
    int n = 0;
    if (first)
        n = fprintf(file, "# HELP %s %s\n# TYPE %s %s\n", s->family, s->help, s->family, s->kind);
    if (n >= 0) n = fprintf(file, "%s%s", s->family, s->suffix != NULL ? s->suffix : "");
    if (n >= 0 && s->label != NULL) n = fprintf(file, "{%s}", s->label);
    if (n >= 0) n = isnan(s->value) ? fprintf(file, " NaN\n") : fprintf(file, " %.15g\n", s->value);
    return n < 0 ? SIM_EIO : 0;
}

int report_prometheus(FILE *file, const report_sample *samples, size_t count) {
    int error = 0;
    for (size_t i = 0; i < count && error == 0; i++)
        error =
            put(file, &samples[i], i == 0 || strcmp(samples[i].family, samples[i - 1].family) != 0);
    return error;
}

#define ADD_LAST(total, row) (row)
#define ADD_MOST(total, row) (row)
#define ADD_PEAK(total, row) (row)
#define ADD_SUM(total, row) ((total) + (row))
void report_second_add(report_second *totals, const report_second *row) {
#define ADD(member, column, how, page) totals->member = ADD_##how(totals->member, row->member);
    REPORT_SECOND_MAP(ADD)
#undef ADD
}

static const double us = 1e-6;
#define LATENCY "blackstart_request_latency_seconds"

/* A row for each column, those of a family together. */
static const struct {
    report_sample sample; /* all but its value */
    size_t at;            /* of the column's member */
    double unit;          /* of the member, in that of the family */
    bool none;            /* 0 says that there was nothing to measure */
} run_rows[] = {
#define GAUGE(family, member, help)                                                               \
    {                                                                                             \
        {"blackstart_" family, "gauge", help, NULL, 0, NULL}, offsetof(report_second, member), 1, \
            false                                                                                 \
    }
#define TOTAL(family, label, member, help)                                \
    {                                                                     \
        {"blackstart_" family "_total", "counter", help, label, 0, NULL}, \
            offsetof(report_second, member), 1, false                     \
    }
#define QUANTILE(family, label, member, help) \
    { {family, "summary", help, label, 0, NULL}, offsetof(report_second, member), us, true }
    GAUGE("run_seconds", second, "The last whole second of the run."),
    GAUGE("devices_online", online, "Devices that are online."),
    TOTAL("requests_due", NULL, due, "Requests that were due."),
    TOTAL("requests_sent", NULL, sent, "Requests that were sent."),
    TOTAL("requests", "outcome=\"answered\"", answered, "Requests that have come to an end."),
    TOTAL("requests", "outcome=\"refused\"", refused, NULL),
    TOTAL("requests", "outcome=\"failed\"", failed, NULL),
    GAUGE("requests_waiting", waiting, "Requests that wait for their answer."),
    TOTAL("connection_attempts", NULL, attempts, "Attempts to connect, as the edge sees them."),
    TOTAL("connections", "outcome=\"online\"", successes, "Attempts that have come to an end."),
    TOTAL("connections", "outcome=\"rejected\"", rejections, NULL),
    GAUGE("connections_waiting", queue_depth, "Connections that wait at the built-in cloud."),
    TOTAL("boot_chain_questions", "server=\"dhcp\"", chain_dhcp, "Questions of boot chains."),
    TOTAL("boot_chain_questions", "server=\"dns\"", chain_dns, NULL),
    TOTAL("boot_chain_questions", "server=\"time\"", chain_time, NULL),
    /* the last family: what is not a column follows */
    QUANTILE(LATENCY, "quantile=\"0.5\"", median_us,
             "From when a request was due to its answer; quantiles of the last second alone."),
    QUANTILE(LATENCY, "quantile=\"0.95\"", p95_us, NULL),
#undef GAUGE
#undef TOTAL
#undef QUANTILE
};

int report_prometheus_run(FILE *file, const report_moment *m) {
    enum { ROWS = sizeof run_rows / sizeof run_rows[0] };
    report_sample samples[ROWS + 2] = {
        [ROWS] = {.family = LATENCY, .suffix = "_sum", .value = m->latency_sum_s},
        {.family = LATENCY, .suffix = "_count", .value = (double)m->latency_count}};
    for (size_t i = 0; i < ROWS; i++) {
        uint64_t value;
        memcpy(&value, (const char *)&m->totals + run_rows[i].at, sizeof value);
        samples[i] = run_rows[i].sample;
        samples[i].value = value == 0 && run_rows[i].none ? NAN : (double)value * run_rows[i].unit;
    }
    return report_prometheus(file, samples, sizeof samples / sizeof *samples);
}
