/* SPDX-License-Identifier: GPL-3.0-or-later */
/* After the drill: the record that the writers of sim/report read. */
#include "sim/core/fingerprint.h"
#include "sim/fleet/street_account.h"
#include "sim/run/finish.h"
#include "sim/run/machine.h"
#include "sim/run/progress.h"
#include "sim/run/run_private.h"
#include "sim/run/target.h"

static uint64_t fingerprint(const run *r) {
    sim_fingerprint f;
    sim_fingerprint_init(&f);
    for (uint32_t i = 0; i < r->street_count; i++)
        sim_fingerprint_word(&f, fleet_street_account(r->streets[i]).fingerprint);
    for (size_t i = 0; i < r->attempts.count; i++) {
        const record_attempt *a = &r->attempts.items[i];
        sim_fingerprint_word(&f, (uint64_t)a->at);
        sim_fingerprint_word(&f, (uint64_t)a->device << 32 | a->number);
        sim_fingerprint_word(&f, (uint64_t)a->latency);
        sim_fingerprint_word(&f, (uint64_t)a->trigger << 8 | a->outcome);
    }
    return f.value;
}

static void fill_machine(run *r) {
    const run_measures *m = &r->measures;
    double devices = (double)r->devices;
    uint64_t events = run_events(r);
    r->machine = (report_machine){
        .wall_s = m->wall_s,
        .threads = sim_workers_size(r->workers),
        .events = events,
        .events_per_s = m->wall_s > 0 ? (double)events / m->wall_s : 0,
        .bytes_per_device = (double)(m->heap_most - m->heap_before) / devices,
        .resident_bytes_per_device = (double)(run_resident_bytes() - m->resident_before) / devices,
        .lateness_p99_s = sim_time_seconds(sim_histogram_quantile(&m->lateness, 0.99)),
        .unread_p99_s = sim_time_seconds(sim_histogram_quantile(&m->unread, 0.99)),
        .processor_most = m->share_most,
        .started = r->started};
}

static char *whom(const void *context, const record_alert *n, char *text, size_t size) {
    return run_whom(context, n, text, size);
}

void run_make_record(run *r, const run_caption *words, const judge_finding *findings,
                     size_t finding_count, size_t metric_count, report_run *record) {
    fill_machine(r);
    for (uint32_t i = 0; i < r->trigger_count; i++) {
        r->trigger_names[i] = r->triggers[i].name;
        r->trigger_times[i] = r->triggers[i].at;
        r->trigger_struck[i] = r->triggers[i].struck;
    }
    const judge_evidence *e = &r->evidence;
    *record = (report_run){
        .scenario = words->scenario,
        .title = words->title,
        .version = words->version,
        .world = run_is_real(r) ? "real" : "virtual",
        .target = run_is_real(r) ? r->target->text : NULL,
        .repeat = words->repeat,
        .seed = r->shared.seed,
        .homes = r->homes,
        .devices = r->devices,
        .duration = r->now,
        .interrupted = r->interrupted,
        .error = words->error,
        .parameters = words->parameters,
        .parameter_count = words->parameter_count,
        .triggers = r->trigger_names,
        .trigger_count = r->trigger_count,
        .trigger_at = r->trigger_times,
        .capacity = e->capacity,
        .findings = findings,
        .finding_count = finding_count,
        .metrics = r->metrics,
        .metric_count = metric_count,
        .story = r->story,
        .story_count = r->story_count,
        .notices = r->examiner.notices,
        .notice_count = r->examiner.count,
        .examined = r->examiner.fleet != NULL,
        .whom = whom,
        .whom_context = r,
        .trigger_struck = r->trigger_struck,
        .declarations = {.ixit = &r->spec.ixit, .law = e->law_text, .protocols = e->protocols},
        .fingerprint = fingerprint(r),
        .machine = words->repeatable ? NULL : &r->machine};
}
