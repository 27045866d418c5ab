/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/csv.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "sim/record/text.h"

const char *report_csv_series_columns(void) {
#define COLUMN(member, column, how, page) "," column
    static const char columns[] = REPORT_SECOND_MAP(COLUMN) "\n";
#undef COLUMN
    return columns + 1; /* the first has no comma */
}

int report_csv_series_head(FILE *file) {
    return fputs(report_csv_series_columns(), file) < 0 ? SIM_EIO : 0;
}

int report_csv_series_row(FILE *file, const report_second *row) {
    int written = 0;
    const char *before = "";
#define CELL(member, column, how, page)                                           \
    if (written >= 0) written = fprintf(file, "%s%" PRIu64, before, row->member); \
    before = ",";
    REPORT_SECOND_MAP(CELL)
#undef CELL
    return written < 0 || putc('\n', file) == EOF ? SIM_EIO : 0;
}

/* ---- a second after another ---- */

#define SINCE_LAST(now, before) (now)
#define SINCE_MOST(now, before) (now)
#define SINCE_PEAK(now, before) (now)
#define SINCE_SUM(now, before) ((now) - (before))
void report_second_since(report_second *now, const report_second *before) {
#define SINCE(member, column, how, page) now->member = SINCE_##how(now->member, before->member);
    REPORT_SECOND_MAP(SINCE)
#undef SINCE
}

#define CALM_LAST(now) (now)
#define CALM_MOST(now) (now)
#define CALM_PEAK(now) 0
#define CALM_SUM(now) 0
void report_second_calm(report_second *row) {
#define CALM(member, column, how, page) row->member = CALM_##how(row->member);
    REPORT_SECOND_MAP(CALM)
#undef CALM
}

/* Digits of `n`, at least as many as told; returns where they end. Ten times as fast as printf, and
 * there are millions of rows. */
static char *digits(char *at, uint64_t n, int least) {
    char reversed[20];
    int count = 0;
    for (; n > 0 || count < least; n /= 10) reversed[count++] = (char)('0' + n % 10);
    while (count > 0) *at++ = reversed[--count];
    return at;
}

/* Whole nanoseconds as seconds: exact, whatever the size. */
static char *seconds(char *at, sim_time t) {
    at = digits(at, (uint64_t)t / SIM_SECOND, 1);
    *at++ = '.';
    return digits(at, (uint64_t)t % SIM_SECOND, 9);
}

void report_csv_text(FILE *file, const char *text) {
    bool quoted = text[strcspn(text, ",\"\r\n")] != '\0' || text[0] == ' ';
    char character[RECORD_CHARACTER_MAX];
    if (quoted) fputc('"', file);
    while (record_text_next(&text, character)) {
        if (character[0] == '"') fputc('"', file);
        fputs(character, file);
    }
    if (quoted) fputc('"', file);
}

/* Letters, digits, dashes and blanks within need no care. */
static bool needs_care(const char *text) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_ ";
    return text[0] == ' ' || text[strspn(text, plain)] != '\0';
}

/* A name is looked at once, not in every row. */
typedef struct trigger_field {
    const char *text;
    bool careful;
} trigger_field;

static void put_attempt(FILE *file, const record_attempt *a, const trigger_field *trigger) {
    char before[64], after[64], *at = seconds(before, a->at);
    *at++ = ',';
    at = digits(at, a->device, 1);
    *at++ = ',';
    at = digits(at, a->home, 1);
    *at++ = ',';
    fwrite(before, 1, (size_t)(at - before), file);
    if (trigger->careful)
        report_csv_text(file, trigger->text);
    else
        fputs(trigger->text, file);
    after[0] = ',';
    at = digits(after + 1, a->number, 1);
    *at++ = ',';
    at = stpcpy(at, record_outcome_word(a->outcome));
    *at++ = ',';
    if (a->latency != SIM_NEVER) at = seconds(at, a->latency);
    *at++ = '\n';
    fwrite(after, 1, (size_t)(at - after), file);
}

int report_csv_truth(FILE *file, const record_injection *injections, size_t count) {
    fputs("start,end,kind,key,campaign\n", file);
    for (size_t i = 0; i < count; i++) {
        const record_injection *row = &injections[i];
        char line[96], *at = seconds(line, row->from);
        if (row->kind >= RECORD_ANOMALIES) return SIM_ERANGE;
        *at++ = ',';
        at = seconds(at, row->to);
        *at++ = ',';
        at = stpcpy(at, record_anomaly_word((record_anomaly)row->kind));
        *at++ = ',';
        at = digits(at, row->device, 1);
        *at++ = ',';
        at = digits(at, row->campaign, 1);
        *at++ = '\n';
        fwrite(line, 1, (size_t)(at - line), file);
    }
    return ferror(file) ? SIM_EIO : 0;
}

static void put_alarm(FILE *file, const report_run *run, const record_alert *n) {
    char whom[REPORT_WHOM_MAX], line[128], *at = seconds(line, n->at);
    *at++ = ',';
    if (n->scope == RECORD_SCOPE_DEVICE) at = digits(at, n->who, 1);
    at = stpcpy(at, ",1,");
    at = stpcpy(at, record_anomaly_word((record_anomaly)n->kind));
    *at++ = ',';
    fwrite(line, 1, (size_t)(at - line), file);
    report_csv_text(file, run->whom(run->whom_context, n, whom, sizeof whom));
    fprintf(file, ",%s,%.3f,%.6g,%.6g,", record_metric_word((record_metric)n->metric),
            (double)n->score, n->seen, n->expected);
    at = line;
    if (n->delivered != SIM_NEVER) at = seconds(at, n->delivered);
    *at++ = '\n';
    fwrite(line, 1, (size_t)(at - line), file);
}

int report_csv_alarms(FILE *file, const report_run *run) {
    fputs("timestamp,key,alarm,kind,whom,metric,score,seen,expected,delivered\n", file);
    for (size_t i = 0; i < run->notice_count; i++) put_alarm(file, run, &run->notices[i]);
    return ferror(file) ? SIM_EIO : 0;
}

/* Empty: there was nothing to measure. */
static void put_number(FILE *file, double value) {
    if (isfinite(value))
        (void)fprintf(file, ",%.9g", value);
    else
        (void)putc(',', file);
}

static void put_detection(FILE *file, const char *kind, const judge_detection *d) {
    (void)fprintf(file, "%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64, kind, d->injected, d->noticed,
                  d->named);
    const bool any = d->injected > 0;
    const double numbers[] = {any ? d->recall.value : NAN,
                              any ? d->recall.low : NAN,
                              any ? d->recall.high : NAN,
                              d->delay_median_s,
                              d->delay_p95_s,
                              d->delay_most_s};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) put_number(file, numbers[i]);
    (void)fprintf(file, ",%" PRIu64 ",%" PRIu64, d->campaigns, d->campaigns_noticed);
    put_number(file, d->first_s);
    put_number(file, d->slow_first_s);
    (void)fprintf(file, ",%" PRIu64 "\n", d->false_notices);
}

int report_csv_detection(FILE *file, const judge_detections *found) {
    fputs(
        "kind,injected,noticed,named,recall,recall_low,recall_high,delay_median_s,delay_p95_s,"
        "delay_most_s,"
        "campaigns,"
        "campaigns_noticed,first_s,slow_first_s,false_alarms\n",
        file);
    for (unsigned k = 0; k < RECORD_ANOMALIES; k++) {
        const judge_detection *d = &found->kind[k];
        if (d->injected > 0 || d->false_notices > 0)
            put_detection(file, record_anomaly_word((record_anomaly)k), d);
    }
    put_detection(file, "all", &found->all);
    return ferror(file) ? SIM_EIO : 0;
}

int report_csv_attempts(FILE *file, const record_attempts *attempts, const char *const *triggers,
                        size_t trigger_count) {
    trigger_field fields[UINT8_MAX + 1] = {{NULL, false}};
    for (size_t i = 0; i < trigger_count && i <= UINT8_MAX; i++)
        fields[i] = (trigger_field){triggers[i], needs_care(triggers[i])};
    fputs("time_s,device,home,trigger,attempt,outcome,latency_s\n", file);
    for (size_t i = 0; i < attempts->count; i++) {
        const record_attempt *a = &attempts->items[i];
        if (a->trigger >= trigger_count || a->outcome >= RECORD_OUTCOMES) return SIM_ERANGE;
        put_attempt(file, a, &fields[a->trigger]);
        if (ferror(file)) return SIM_EIO; /* a full disk is not written to a million times */
    }
    return ferror(file) ? SIM_EIO : 0;
}
