/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The end of a run: what was recorded is gathered, counted and written down. */
#include <stdio.h>

#include "sim/judge/checks.h"
#include "sim/report/csv.h"
#include "sim/report/events.h"
#include "sim/run/finish.h"
#include "sim/run/judging.h"
#include "sim/run/metrics.h"
#include "sim/run/run_private.h"

static int write_truth(FILE *file, const void *context) {
    const run *r = context;
    return report_csv_truth(file, r->injections, r->injection_count);
}

static int write_alarms(FILE *file, const void *context) {
    return report_csv_alarms(file, context);
}

static int write_detection(FILE *file, const void *context) {
    return report_csv_detection(file, context);
}

static int write_events(FILE *file, const void *context) {
    return report_events(file, context);
}

static int write_local(FILE *file, const void *context) {
    return report_local_write(file, &((const run *)context)->local);
}

/* Files that not every run has. */
static int write_more(run *r, report_folder *folder, const report_run *record, char *why,
                      size_t size) {
    int error = report_folder_file(folder, "events.jsonl", write_events, record, why, size);
    if (error == 0 && run_has_households(r))
        error = report_folder_file(folder, "local.csv", write_local, r, why, size);
    if (error == 0 && record->examined)
        error = report_folder_file(folder, "alarms.csv", write_alarms, record, why, size);
    if (error == 0 && r->injection_count > 0)
        error = report_folder_file(folder, "truth.csv", write_truth, r, why, size);
    if (error == 0 && r->injection_count > 0 && record->examined) {
        judge_finding unasked; /* the scenario did not ask for it */
        if (!r->detected) error = run_judge(r, &judge_check_examined, NULL, &unasked);
        if (error == 0)
            error =
                report_folder_file(folder, "detection.csv", write_detection, &r->found, why, size);
    }
    return error;
}

int run_finish(run *r, const run_caption *words, const judge_finding *findings,
               size_t finding_count, report_run *record, char *why, size_t size) {
    (void)snprintf(why, size, "out of memory while the results were gathered: use fewer devices");
    int error = run_gather(r);
    if (error == 0) error = run_make_metrics(r);
    if (error != 0) return error;
    run_make_record(r, words, findings, finding_count, r->metric_count, record);
    if (r->folder == NULL) return 0;
    report_folder *folder = r->folder;
    r->folder = NULL;
    error = write_more(r, folder, record, why, size);
    if (error != 0) {
        report_folder_abandon(folder);
        return error;
    }
    return report_folder_finish(folder, record, &r->attempts, why, size);
}
