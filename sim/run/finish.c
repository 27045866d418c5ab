/* SPDX-License-Identifier: GPL-3.0-or-later */
/* After the drill: what was recorded is merged in street order, judged, and turned into the record
 * that the writers of sim/report read. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "devices/model.h"
#include "sim/core/fingerprint.h"
#include "sim/report/csv.h"
#include "sim/report/events.h"
#include "sim/run/machine.h"
#include "sim/run/run_private.h"

/* The generator was late when one event in a hundred was, or when it stood still for longer than
 * any server should be blamed for: half of ACK_TIMEOUT (RFC 7252 4.8). */
#define LATE_P99 (50 * SIM_MILLISECOND)
#define LATE_ONCE SIM_SECOND

bool run_generator_late(const run *r) {
    const sim_histogram *h = &r->measures.lateness;
    return h->count > 0 && (sim_histogram_quantile(h, 0.99) > LATE_P99 || h->maximum > LATE_ONCE);
}

int run_merge_attempts(run *r) {
    if (r->attempts_merged) return 0;
    run_updates_settle(r);
    for (uint32_t i = 0; i < r->street_count; i++) {
        int error = record_attempts_append(&r->attempts, &r->streets[i].edge.attempts);
        if (error != 0) return error;
        record_attempts_deinit(&r->streets[i].edge.attempts); /* one copy is enough */
    }
    record_attempts_sort(&r->attempts);
    r->attempts_merged = true;
    return 0;
}

/* ---- judging ---- */

static uint32_t find_trigger(const run *r, const char *name) {
    for (uint32_t i = r->trigger_count; name == NULL ? false : i-- > 0;) {
        if (strcmp(r->triggers[i].name, name) == 0) return i;
    }
    return name == NULL ? r->trigger_count - 1 : UINT32_MAX;
}

/* The law of the first group stands for the fleet; a fleet of several says so. */
static const char *declared_law(const run *r, char *text, size_t size) {
    const fleet_zone *zone = &r->spec.zones[0];
    (void)dev_law_text(&zone->groups[0].profile.law, text, size);
    bool several = r->spec.zone_count > 1 || zone->group_count > 1;
    return several ? "a law of its own for each kind of device" : text;
}

/* A fleet of several laws is not drawn. */
static bool has_one_law(const run *r) {
    return r->spec.zone_count == 1 && r->spec.zones[0].group_count == 1;
}

static double capacity_of(const run *r, double given) {
    return given > 0 ? given : run_is_real(r) ? 0 : r->spec.cloud.connections_per_s;
}

void run_judge_declaration(const run *r, const run_declaration_request *request,
                           judge_finding *out) {
    char text[DEV_LAW_TEXT_MAX];
    const judge_declared law = {&r->spec.zones[0].groups[0].profile.law, dev_law_draw};
    const judge_declaration_case c = {
        .law = has_one_law(r) ? &law : NULL,
        .text = declared_law(r, text, sizeof text),
        .devices = request->devices > 0 ? request->devices : r->devices,
        .capacity = capacity_of(r, request->capacity),
        .seed = r->options.seed};
    judge_declaration(&c, out);
}

static void add_interface(run *r, const char *name) {
    size_t i = 0;
    while (r->interfaces[i] != NULL && strcmp(r->interfaces[i], name) != 0) i++;
    if (i + 1 < RUN_INTERFACES_MAX) r->interfaces[i] = name;
}

/* What the protocols of all groups are called; what protects them depends on where they speak. */
static const char *const *interfaces_of(run *r) {
    bool plain = run_is_real(r) && !r->options.target.secure;
    for (uint32_t z = 0; z < r->spec.zone_count; z++) {
        const fleet_zone *zone = &r->spec.zones[z];
        for (uint32_t g = 0; g < zone->group_count; g++) {
            const net_protocol *p = zone->groups[g].profile.link.protocol;
            const char *const *name = plain ? p->plain : p->secured;
            for (; *name != NULL; name++) add_interface(r, *name);
        }
    }
    return (const char *const *)r->interfaces;
}

int run_judge_connection_methods(run *r, judge_finding *out) {
    int error = run_merge_attempts(r);
    if (error != 0) return error;
    const judge_connection_methods_case c = {.interfaces = r->spec.ixit.interfaces,
                                             .interface_count = r->spec.ixit.interface_count,
                                             .observed = interfaces_of(r),
                                             .attempts = r->attempts.count};
    judge_connection_methods(&c, out);
    return 0;
}

/* A session's end as somebody needs to hear it who has yet to find out what is wrong with his
 * target. */
static const char *end_of_target(net_end why) {
    switch (why) {
        case NET_END_SILENT:
            return "the key looks wrong: the server fell silent after the key exchange";
        case NET_END_WRONG_KEY:
            return "the key looks wrong: the server refused it";
        case NET_END_UNKNOWN_IDENTITY:
            return "the identity or the key looks wrong: the server refused the two";
        default:
            return net_end_text(why);
    }
}

/* How the attempts stand that nothing has ended yet: a server that is silent takes longer than most
 * people's patience. */
static bool waits_for_finished(const run *r) {
    for (uint32_t i = 0; i < r->street_count; i++) {
        const fleet_street *s = &r->streets[i];
        for (uint32_t d = 0; d < s->device_count; d++) {
            if (s->notes[d].finished_sent) return true;
        }
    }
    return false;
}

/* Why no device of the fleet ever came online, in words: the commonest reason. */
static const char *why_nobody(const run *r, const fleet_sums *t) {
    if (r->wire_count.refused > 0 && r->wire_count.received == 0)
        return "nobody listens there: its port is closed or it cannot be reached";
    if (r->wire_count.sent > 0 && r->wire_count.received == 0)
        return "not one datagram came back from there";
    int most = 0;
    for (int i = 1; i < NET_ENDS; i++) most = t->ends[i] > t->ends[most] || most == 0 ? i : most;
    if (most != 0 && t->ends[most] > 0) return end_of_target((net_end)most);
    if (waits_for_finished(r)) return end_of_target(NET_END_SILENT);
    if (t->attempts_failed[DEV_EVENT_REFUSED] > 0) return "the server refused the first request";
    if (t->reports_failed + t->attempts_failed[DEV_EVENT_UNANSWERED] > 0)
        return "no request was answered";
    return NULL;
}

static uint64_t ever_answered(const run *r) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < r->street_count; i++) {
        for (uint32_t d = 0; d < r->streets[i].device_count; d++)
            n += r->streets[i].notes[d].been_answered ? 1 : 0;
    }
    return n;
}

/* Nobody comes back to a target where nobody ever was: that is more to the point than whatever the
 * judge misses. */
static void say_nobody(const run *r, judge_finding *out) {
    fleet_sums tally;
    fleet_ledger ledger;
    run_sum(r, &tally, &ledger);
    const char *why = why_nobody(r, &tally);
    judge_finding_say(
        out, "None of %" PRIu64 " devices ever came online (%s), so there was nobody to come back.",
        r->devices, why == NULL ? "for want of an answer" : why);
}

int run_judge_reconnect(run *r, const run_reconnect_request *request, judge_finding *out) {
    char law[DEV_LAW_TEXT_MAX];
    int error = run_merge_attempts(r);
    if (error != 0) return error;
    uint32_t t = find_trigger(r, request->trigger);
    const run_trigger never = {.at = SIM_NEVER};
    const run_trigger *trigger = t == UINT32_MAX ? &never : &r->triggers[t];
    const judge_declared declared = {&r->spec.zones[0].groups[0].profile.law, dev_law_draw};
    judge_reconnect_case c = {.attempts = r->attempts.items,
                              .count = r->attempts.count,
                              .trigger = (uint8_t)(t == UINT32_MAX ? UINT8_MAX : t),
                              .trigger_name = t == UINT32_MAX ? request->trigger : trigger->name,
                              .began = trigger->at,
                              .until = r->now,
                              .devices = trigger->struck,
                              .capacity = capacity_of(r, request->capacity),
                              .declared = declared_law(r, law, sizeof law),
                              /* after a power cut the next attempt is the first of the law */
                              .declared_law = trigger->power && has_one_law(r) ? &declared : NULL,
                              .seed = r->options.seed,
                              .generator_late = run_generator_late(r)};
    judge_reconnect(&c, &request->policy, out);
    bool nobody = run_is_real(r) && ever_answered(r) == 0;
    if (nobody && out->verdict == JUDGE_INCONCLUSIVE) say_nobody(r, out);
    return 0;
}

int run_judge_answered(run *r, double at_least, judge_finding *out) {
    fleet_sums tally;
    fleet_ledger ledger;
    run_sum(r, &tally, &ledger);
    judge_answered_case c = {.due = tally.devices.reports_due,
                             .sent = tally.devices.reports_sent,
                             .answered = tally.reports_answered,
                             .refused = tally.reports_refused,
                             .timed_out = tally.reports_failed,
                             .devices = r->devices,
                             .devices_online_ever = ever_answered(r),
                             .at_least = at_least,
                             .why_nobody = why_nobody(r, &tally),
                             .generator_late = run_generator_late(r)};
    c.pending = c.sent - c.answered - c.refused - c.timed_out;
    judge_answered(&c, out);
    return 0;
}

int run_judge_contention(run *r, const judge_contention_policy *policy, judge_finding *out) {
    sim_histogram all;
    judge_contention_case c = {.generator_late = run_generator_late(r)};
    int error = 0;
    sim_histogram_init(&all);
    for (uint32_t i = 0; i < r->street_count && error == 0; i++) {
        const fleet_street *s = &r->streets[i];
        const cloud_service_counts *counts = &s->service.counts; /* none in the real world */
        c.wanted += s->changes_wanted;
        c.changed += counts->value_changes;
        c.calls += counts->value_changes + counts->value_conflicts;
        error = sim_histogram_merge(&all, &s->change_latency);
    }
    c.time_95_s = all.count > 0 ? sim_time_seconds(sim_histogram_quantile(&all, 0.95)) : NAN;
    c.time_all_s = all.count > 0 ? sim_time_seconds(all.maximum) : NAN;
    sim_histogram_deinit(&all);
    if (error == 0) judge_contention(&c, policy, out);
    return error;
}

/* ---- metrics ---- */

typedef struct metric_list {
    report_metric *items;
    size_t count, room;
} metric_list;

static void add_metric(metric_list *l, const char *name, const char *unit, report_metric_kind kind,
                       double value) {
    SIM_PROMISE(l->count < l->room);
    l->items[l->count++] =
        (report_metric){.name = name, .unit = unit, .kind = kind, .value = value};
}

static void add_count(metric_list *l, const char *name, const char *unit, uint64_t value) {
    add_metric(l, name, unit, REPORT_COUNTER, (double)value);
}

static void add_trend(metric_list *l, const char *name, const sim_histogram *h) {
    add_metric(l, name, "s", REPORT_TREND, NAN);
    report_metric *m = &l->items[l->count - 1];
    m->samples = h->count;
    if (h->count == 0) return;
    m->mean = sim_histogram_mean(h) / 1e9;
    m->minimum = sim_time_seconds(h->minimum);
    m->median = sim_time_seconds(sim_histogram_quantile(h, 0.5));
    m->maximum = sim_time_seconds(h->maximum);
    m->p90 = sim_time_seconds(sim_histogram_quantile(h, 0.9));
    m->p95 = sim_time_seconds(sim_histogram_quantile(h, 0.95));
    m->p99 = sim_time_seconds(sim_histogram_quantile(h, 0.99));
}

static uint64_t ignored_events(const dev_counts *c) {
    uint64_t n = 0;
    for (int s = 0; s < DEV_STATES; s++) {
        for (int e = 0; e < DEV_EVENTS; e++) n += c->ignored[s][e];
    }
    return n;
}

static void device_metrics(metric_list *l, const fleet_sums *t) {
    add_count(l, "reports_due", "", t->devices.reports_due);
    add_count(l, "reports_sent", "", t->devices.reports_sent);
    add_count(l, "reports_skipped", "", t->devices.reports_skipped);
    add_count(l, "reports_answered", "", t->reports_answered);
    add_count(l, "reports_refused", "", t->reports_refused);
    add_count(l, "reports_failed", "", t->reports_failed);
    add_count(l, "local_switches", "", t->devices.local_switches);
    add_count(l, "events_ignored", "", ignored_events(&t->devices));
}

/* The local function of each model that had power at all: from the devices' own states, whatever
 * became of the network. */
static void local_metrics(metric_list *l, run *r, const fleet_sums *t) {
    dev_counts all = t->devices;
    for (uint32_t i = 0; i < r->street_count; i++) {
        const fleet_street *street = &r->streets[i];
        sim_time end = sim_time_max(r->now, street->shard.now);
        for (uint32_t d = 0; d < street->device_count; d++)
            dev_device_local_end(&street->devices[d], &all, end);
    }
    for (size_t m = 0; dev_models[m] != NULL; m++) {
        const dev_local *local = &all.local[m];
        char(*names)[RUN_LOCAL_NAME_MAX] = r->local_names[m];
        if (local->powered_us == 0) continue;
        (void)snprintf(names[0], sizeof names[0], "local_availability_%s", dev_models[m]->name);
        (void)snprintf(names[1], sizeof names[1], "local_in_band_%s", dev_models[m]->name);
        add_metric(l, names[0], "share", REPORT_GAUGE,
                   (double)local->able_us / (double)local->powered_us);
        if (dev_models[m]->kept != NULL)
            add_metric(l, names[1], "share", REPORT_GAUGE,
                       (double)local->kept_us / (double)local->powered_us);
    }
}

static void path_metrics(metric_list *l, const fleet_sums *t, const fleet_ledger *g) {
    add_count(l, "datagrams_up", "", t->datagrams_up);
    add_count(l, "datagrams_down", "", t->datagrams_down);
    add_count(l, "bytes_up", "bytes", t->bytes_up);
    add_count(l, "bytes_down", "bytes", t->bytes_down);
    add_count(l, "packets_sent", "", g->sent);
    add_count(l, "packets_duplicated", "", g->duplicated);
    add_count(l, "packets_delivered", "", g->delivered);
    add_count(l, "packets_lost", "", g->dropped_loss);
    add_count(l, "packets_dropped_queue", "", g->dropped_queue);
    add_count(l, "packets_dropped_down", "", g->dropped_down);
    add_count(l, "packets_dropped_closed", "", g->dropped_closed);
    add_count(l, "packets_dropped_over_capacity", "", g->dropped_over);
    add_count(l, "packets_in_flight", "", g->in_flight);
}

static void wire_metrics(metric_list *l, const run *r, const fleet_sums *t) {
    add_count(l, "wire_sent", "", r->wire_count.sent);
    add_count(l, "wire_received", "", r->wire_count.received);
    add_count(l, "wire_lost", "", r->wire_count.lost);
    add_count(l, "wire_refused", "", r->wire_count.refused);
    add_count(l, "wire_strangers", "", r->wire_count.strangers);
    add_count(l, "wire_errors", "", t->wire_errors);
    add_trend(l, "event_lateness", &r->measures.lateness);
}

/* Only of a fleet that takes updates: to all others they say nothing. */
static void update_metrics(metric_list *l, const run *r, const cloud_service_counts *sum) {
    const fleet_selection all = {.zone = UINT32_MAX};
    fleet_firmware f;
    run_firmware_count(r, &all, 0, &f);
    add_count(l, "cloud_manifests_sent", "", sum->manifests_sent);
    add_count(l, "cloud_firmware_blocks_sent", "", sum->blocks_sent);
    add_count(l, "updates_installed", "", f.installs);
    add_count(l, "updates_refused", "", f.failures);
}

static void add_named(metric_list *l, const char *metric, uint64_t value) {
    if (metric != NULL) add_count(l, metric, "", value);
}

static void door_metrics(metric_list *l, const cloud_door_counts *sum) {
#define PRINT(field, metric) add_named(l, metric, sum->field);
    CLOUD_DOOR_COUNTS_MAP(PRINT)
}

static void service_metrics(metric_list *l, const cloud_service_counts *sum) {
    CLOUD_SERVICE_COUNTS_MAP(PRINT)
#undef PRINT
}

static void cloud_metrics(metric_list *l, const run *r) {
    cloud_door_counts doors = {0};
    cloud_service_counts sum = {0};
    for (uint32_t i = 0; i < r->street_count; i++) {
        cloud_door_counts_add(&doors, fleet_street_door_counts(&r->streets[i]));
        cloud_service_counts_add(&sum, &r->streets[i].service.counts);
    }
    door_metrics(l, &doors);
    add_count(l, "cloud_connections_admitted", "", r->capacity.admitted[CLOUD_DEMAND_CONNECTION]);
    add_count(l, "cloud_connections_over_capacity", "", r->capacity.over[CLOUD_DEMAND_CONNECTION]);
    add_count(l, "cloud_requests_admitted", "", r->capacity.admitted[CLOUD_DEMAND_REQUEST]);
    add_count(l, "cloud_requests_over_capacity", "", r->capacity.over[CLOUD_DEMAND_REQUEST]);
    if (r->spec.cloud.stage_count > 0) {
        add_count(l, "cloud_stages_passed", "", r->capacity.stage_admitted);
        add_count(l, "cloud_stages_over_capacity", "", r->capacity.stage_over);
    }
    service_metrics(l, &sum);
    if (run_has_updates(r)) update_metrics(l, r, &sum);
}

static void attempt_metrics(metric_list *l, const run *r) {
    uint64_t by[RECORD_OUTCOMES] = {0};
    for (size_t i = 0; i < r->attempts.count; i++) by[r->attempts.items[i].outcome]++;
    add_count(l, "attempts", "", r->attempts.count);
    add_count(l, "attempts_online", "", by[RECORD_OUTCOME_ONLINE]);
    add_count(l, "attempts_dropped", "", by[RECORD_OUTCOME_DROPPED]);
    add_count(l, "attempts_busy", "", by[RECORD_OUTCOME_BUSY]);
    add_count(l, "attempts_refused", "", by[RECORD_OUTCOME_REFUSED]);
    add_count(l, "attempts_without_outcome", "", by[RECORD_OUTCOME_NONE]);
}

static int merged(const run *r, sim_histogram *requests, sim_histogram *connects) {
    int error = 0;
    for (uint32_t i = 0; i < r->street_count && error == 0; i++) {
        error = sim_histogram_merge(requests, &r->streets[i].request_latency);
        if (error == 0) error = sim_histogram_merge(connects, &r->streets[i].connect_latency);
    }
    return error;
}

static int make_metrics(run *r, size_t *count) {
    enum { METRICS_MAX = 64 };
    sim_histogram requests;
    sim_histogram connects;
    fleet_sums tally;
    fleet_ledger ledger;
    sim_histogram_init(&requests);
    sim_histogram_init(&connects);
    r->metrics = sim_calloc(METRICS_MAX, sizeof *r->metrics);
    int error = r->metrics == NULL ? SIM_ENOMEM : merged(r, &requests, &connects);
    if (error == 0) {
        metric_list l = {.items = r->metrics, .room = METRICS_MAX};
        run_sum(r, &tally, &ledger);
        add_metric(&l, "devices_online", "", REPORT_GAUGE, (double)tally.online);
        attempt_metrics(&l, r);
        add_trend(&l, "connect_latency", &connects);
        add_trend(&l, "request_latency", &requests);
        device_metrics(&l, &tally);
        local_metrics(&l, r, &tally);
        if (run_is_real(r))
            wire_metrics(&l, r, &tally);
        else
            cloud_metrics(&l, r);
        path_metrics(&l, &tally, &ledger);
        *count = l.count;
    }
    sim_histogram_deinit(&requests);
    sim_histogram_deinit(&connects);
    return error;
}

/* ---- the record ---- */

static uint64_t fingerprint(const run *r) {
    sim_fingerprint f;
    sim_fingerprint_init(&f);
    for (uint32_t i = 0; i < r->street_count; i++)
        sim_fingerprint_word(&f, r->streets[i].shard.fingerprint.value);
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
        .threads = sim_workers_size(r->crew),
        .events = events,
        .events_per_s = m->wall_s > 0 ? (double)events / m->wall_s : 0,
        .bytes_per_device = (double)(m->heap_most - m->heap_before) / devices,
        .resident_bytes_per_device = (double)(run_resident_bytes() - m->resident_before) / devices,
        .lateness_p99_s = sim_time_seconds(sim_histogram_quantile(&m->lateness, 0.99)),
        .started = r->started};
}

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

/* Files that not every run has. */
static int write_more(run *r, report_folder *folder, const report_run *record, char *why,
                      size_t size) {
    int error = report_folder_file(folder, "events.jsonl", write_events, record, why, size);
    if (error == 0 && record->examined)
        error = report_folder_file(folder, "alarms.csv", write_alarms, record, why, size);
    if (error == 0 && r->injection_count > 0)
        error = report_folder_file(folder, "truth.csv", write_truth, r, why, size);
    if (error == 0 && r->injection_count > 0 && record->examined) {
        const run_examined_request usual = {.policy = judge_examined_policy_default};
        /* the scenario did not ask */
        if (!r->detected) error = run_judge_examined(r, &usual, NULL);
        if (error == 0)
            error =
                report_folder_file(folder, "detection.csv", write_detection, &r->found, why, size);
    }
    return error;
}

static char *whom(const void *context, const record_alert *n, char *text, size_t size) {
    return run_whom(context, n, text, size);
}

int run_finish(run *r, const run_caption *words, const judge_finding *findings,
               size_t finding_count, report_run *record, char *why, size_t size) {
    size_t metric_count = 0;
    (void)snprintf(why, size, "out of memory while the results were gathered: use fewer devices");
    fill_machine(r);
    int error = run_merge_attempts(r);
    if (error == 0) error = make_metrics(r, &metric_count);
    if (error != 0) return error;
    for (uint32_t i = 0; i < r->trigger_count; i++) {
        r->trigger_names[i] = r->triggers[i].name;
        r->trigger_times[i] = r->triggers[i].at;
        r->trigger_struck[i] = r->triggers[i].struck;
    }
    *record = (report_run){.scenario = words->scenario,
                           .title = words->title,
                           .version = words->version,
                           .world = run_is_real(r) ? "real" : "virtual",
                           .target = run_is_real(r) ? r->options.target.text : NULL,
                           .repeat = words->repeat,
                           .seed = r->options.seed,
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
                           .capacity = capacity_of(r, 0),
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
                           .declarations = {.ixit = &r->spec.ixit,
                                            .law = declared_law(r, r->law_text, sizeof r->law_text),
                                            .protocols = interfaces_of(r)},
                           .fingerprint = fingerprint(r),
                           .machine = words->repeatable ? NULL : &r->machine};
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
