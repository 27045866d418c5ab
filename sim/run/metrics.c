/* SPDX-License-Identifier: GPL-3.0-or-later */
/* After the drill: what was counted, as the report's metrics. */
#include "sim/run/metrics.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "devices/model.h"
#include "sim/cloud/counts.h"
#include "sim/fleet/street_account.h"
#include "sim/run/count.h"
#include "sim/run/judging.h"
#include "sim/run/run_private.h"

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

/* Within what time a share of all that was due was answered; where fewer were, what it is more
 * than. */
static double quantile_of(const run_latencies *l, const report_metric *m, double share) {
    if (report_metric_open(m, share))
        return sim_time_seconds(sim_histogram_quantile(&l->all, share));
    double rank = ceil(share * (double)m->samples * (1 - 0x1p-50));
    return sim_time_seconds(sim_histogram_quantile(&l->answered, rank / (double)m->answered));
}

static void add_latencies(metric_list *list, const char *name, const run_latencies *l) {
    add_metric(list, name, "s", REPORT_TREND, NAN);
    report_metric *m = &list->items[list->count - 1];
    m->samples = l->all.count;
    m->answered = l->answered.count;
    if (m->samples == 0) return;
    m->mean = sim_histogram_mean(&l->all) / 1e9;
    m->minimum = sim_time_seconds(m->answered > 0 ? l->answered.minimum : l->all.minimum);
    m->median = quantile_of(l, m, 0.5);
    m->maximum = sim_time_seconds(l->all.maximum);
    m->p90 = quantile_of(l, m, 0.9);
    m->p95 = quantile_of(l, m, 0.95);
    m->p99 = quantile_of(l, m, 0.99);
}

static void add_trend(metric_list *list, const char *name, const sim_histogram *h) {
    const run_latencies l = {*h, *h};
    add_latencies(list, name, &l);
}

static uint64_t ignored_events(const dev_counts *c) {
    uint64_t n = 0;
    for (int s = 0; s < DEV_STATES; s++) {
        for (int e = 0; e < DEV_EVENTS; e++) n += c->ignored[s][e];
    }
    return n;
}

static bool is_model(const fleet_group *group, const void *model) {
    const dev_model *has = group->profile.model;
    return has == model || has->base == model;
}

static bool has_model(const run *r, const dev_model *m) {
    return fleet_spec_any(&r->spec, is_model, m) != NULL;
}

static void model_counters(metric_list *l, const run *r, const dev_counts *counts) {
    for (size_t m = 0; dev_models[m] != NULL; m++) {
        for (size_t c = 0; c < DEV_COUNTERS_MAX && has_model(r, dev_models[m]); c++) {
            const char *name = dev_models[m]->counters[c];
            if (name != NULL) add_count(l, name, "", counts->counters[m][c]);
        }
    }
}

static const char *const skipped_metrics[DEV_SKIPS] = {
#define SKIPPED(name, word) [DEV_SKIP_##name] = "reports_skipped_" word,
    DEV_SKIP_MAP(SKIPPED)
#undef SKIPPED
};

static void device_metrics(metric_list *l, const run *r, const fleet_sums *t) {
    add_count(l, "reports_due", "", t->devices.reports_due);
    add_count(l, "reports_sent", "", t->devices.reports_sent);
    add_count(l, "reports_skipped", "", t->devices.reports_skipped);
    for (int why = 0; why < DEV_SKIPS; why++)
        add_count(l, skipped_metrics[why], "", t->skipped[why]);
    add_count(l, "reports_answered", "", t->reports_answered);
    add_count(l, "reports_refused", "", t->reports_refused);
    add_count(l, "reports_failed", "", t->reports_failed);
    add_count(l, "reports_failed_cut", "", t->reports_cut);
    model_counters(l, r, &t->devices);
    add_count(l, "events_ignored", "", ignored_events(&t->devices));
}

/* Names of metrics hold letters, digits and underscores, names of models a dash here and there. */
static void name_metric(const char *what, const char *model, char name[RUN_LOCAL_NAME_MAX]) {
    (void)snprintf(name, RUN_LOCAL_NAME_MAX, "%s_%s", what, model);
    for (char *c = name; *c != '\0'; c++)
        if (*c == '-') *c = '_';
}

/* The local function of each model that had power at all: from the devices' own states, whatever
 * became of the network. */
static void local_metrics(metric_list *l, run *r, const fleet_sums *t) {
    dev_counts all = t->devices;
    for (uint32_t i = 0; i < r->street_count; i++) {
        const fleet_street *s = r->streets[i];
        fleet_street_local_end(s, sim_time_max(r->now, fleet_street_account(s).now), &all);
    }
    for (size_t m = 0; dev_models[m] != NULL; m++) {
        const dev_local *local = &all.local[m];
        char(*names)[RUN_LOCAL_NAME_MAX] = r->local_names[m];
        if (local->powered_us == 0) continue;
        name_metric("local_availability", dev_models[m]->name, names[0]);
        name_metric("local_in_band", dev_models[m]->name, names[1]);
        add_metric(l, names[0], "share", REPORT_GAUGE,
                   (double)local->able_us / (double)local->powered_us);
        if (dev_models[m]->kept != NULL)
            add_metric(l, names[1], "share", REPORT_GAUGE,
                       (double)local->kept_us / (double)local->powered_us);
    }
}

/* Whether anybody asks what devices do in a house: of load on a real server nobody does, unless
 * something was taken away and given back, or people live there. */
static bool may_miss_service(const run *r) {
    return !run_is_real(r) || r->trigger_count > 1 || run_has_households(r);
}

/* The share of right answers and how long they took, of a model in a phase: "local_right_bulb" with
 * the phase behind it. */
static void answers_of(metric_list *l, run *r, const fleet_sums *t, size_t m, dev_phase phase) {
    const uint64_t *notes = t->devices.notes[m][phase];
    char(*names)[RUN_LOCAL_NAME_MAX] = &r->local_names[m][2 + 2 * phase];
    char model[RUN_LOCAL_NAME_MAX / 2];
    uint64_t asked = dev_note_asked(notes), right = notes[DEV_NOTE_RIGHT];
    (void)snprintf(model, sizeof model, "%s_%s", dev_models[m]->name, dev_phase_word(phase));
    name_metric("local_right", model, names[0]);
    name_metric("local_response", model, names[1]);
    if (asked > 0) add_metric(l, names[0], "share", REPORT_GAUGE, (double)right / (double)asked);
    if (right > 0)
        add_metric(l, names[1], "s", REPORT_GAUGE,
                   (double)t->devices.took_us[m][phase] / (double)right / 1e6);
}

bool run_has_households(const run *r) {
    return fleet_spec_any(&r->spec, fleet_group_is_household, NULL) != NULL;
}

static const char *const note_metrics[DEV_NOTES] = {
#define NOTE(name, word, what) [DEV_NOTE_##name] = "household_" word,
    DEV_NOTE_MAP(NOTE)
#undef NOTE
};

/* Only of a fleet with households. */
static void household_metrics(metric_list *l, run *r, const fleet_sums *t) {
    for (int note = 0; note < DEV_NOTES; note++) {
        uint64_t sum = 0;
        for (size_t m = 0; m < DEV_MODELS; m++)
            for (int p = 0; p < DEV_PHASES; p++) sum += t->devices.notes[m][p][note];
        add_count(l, note_metrics[note], "", sum);
    }
    for (size_t m = 0; m < DEV_MODELS; m++)
        for (dev_phase p = 0; p < DEV_PHASES; p++) answers_of(l, r, t, m, p);
}

/* "answers_4_04": how often the number was the answer to a report, or ended an attempt. */
static void answer_metrics(metric_list *l, run *r, const fleet_sums *t) {
    size_t used = 0;
    for (uint32_t at = 0; at < FLEET_ANSWERS && used < RUN_ANSWERS_MAX; at++) {
        const char *text = fleet_answer_text(at);
        if (text == NULL || t->answers[at] == 0) continue;
        char *name = r->answer_names[used++];
        (void)snprintf(name, RUN_ANSWER_NAME, "answers_%.*s", (int)strcspn(text, " "), text);
        for (char *c = name; *c != '\0'; c++) *c = *c == '.' ? '_' : (char)tolower(*c);
        add_count(l, name, "", t->answers[at]);
    }
}

/* "attempts_ended_refused": why the protocol, or what is below it, gave up on an attempt. */
static void add_ends(metric_list *l, const char *of, char texts[NET_ENDS][RUN_END_NAME],
                     const uint64_t counts[NET_ENDS]) {
    static const char *const names[NET_ENDS] = {
#define NAME(name, text) [NET_END_##name] = #name,
        NET_END_MAP(NAME)
#undef NAME
    };
    for (int why = NET_END_NONE + 1; why < NET_ENDS; why++) {
        char *name = texts[why];
        if (counts[why] == 0) continue;
        (void)snprintf(name, RUN_END_NAME, "%s_ended_%s", of, names[why]);
        for (char *c = name; *c != '\0'; c++) *c = (char)tolower((unsigned char)*c);
        add_count(l, name, "", counts[why]);
    }
}

/* What ended a session in a virtual world, its drill did. */
static void end_metrics(metric_list *l, run *r, const fleet_sums *t) {
    add_ends(l, "attempts", r->end_names[0], t->ends);
    if (run_is_real(r)) add_ends(l, "sessions", r->end_names[1], t->session_ends);
}

/* Only of a fleet with boot chains: to all others they say nothing. */
static void chain_metrics(metric_list *l, const fleet_sums *t) {
    static const char *const asked[FLEET_SERVERS] = {[FLEET_SERVER_ADDRESS] = "boot_chain_dhcp",
                                                     [FLEET_SERVER_NAME] = "boot_chain_dns",
                                                     [FLEET_SERVER_TIME] = "boot_chain_time"};
    uint64_t sum = t->chains;
    for (int n = 0; n < FLEET_SERVERS; n++) sum += t->asked[n];
    if (sum == 0) return;
    for (int n = 0; n < FLEET_SERVERS; n++) add_count(l, asked[n], "", t->asked[n]);
    add_count(l, "boot_chain_ended", "", t->chains);
}

/* Only of a fleet whose devices talk to a service that is not their maker's. */
static void non_associated_metrics(metric_list *l, const fleet_sums *t) {
    if (t->other_attempts == 0) return;
    add_count(l, "non_associated_attempts", "", t->other_attempts);
    add_count(l, "non_associated_online", "", t->other_online);
    add_count(l, "non_associated_lost", "", t->other_lost);
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
    add_count(l, "wire_dropped", "", r->wire_count.dropped);
    add_count(l, "wire_refused", "", r->wire_count.refused);
    add_count(l, "wire_strangers", "", r->wire_count.strangers);
    add_count(l, "wire_starved", "", r->wire_count.starved);
    add_count(l, "wire_half_open", "", r->wire_count.half_open);
    add_count(l, "wire_half_open_cut", "", r->wire_count.half_open_cut);
    add_count(l, "wire_errors", "", t->wire_errors);
    add_trend(l, "event_lateness", &r->measures.lateness);
    add_trend(l, "answer_lateness", &r->measures.unread);
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
        fleet_street_door_counts(r->streets[i], &doors);
        cloud_service_counts_add(&sum, fleet_street_account(r->streets[i]).service);
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

void run_latencies_deinit(run_latencies *l) {
    sim_histogram_deinit(&l->answered);
    sim_histogram_deinit(&l->all);
}

/* Once the run is over a street has none that wait. */
static int add_open(const run *r, const fleet_street *s, sim_histogram *all) {
    sim_histogram due;
    sim_histogram_init(&due);
    int error = fleet_street_open_reports(s, &due);
    if (error == 0) error = sim_histogram_add_since(all, &due, r->now);
    sim_histogram_deinit(&due);
    return error;
}

static int requests_of(const run *r, run_latencies *l) {
    int error = 0;
    for (uint32_t i = 0; i < r->street_count && error == 0; i++) {
        const fleet_account a = fleet_street_account(r->streets[i]);
        error = sim_histogram_merge(&l->answered, a.request_latency);
        if (error == 0) error = sim_histogram_add_since(&l->all, a.request_never, r->now);
        if (error == 0 && !r->closed) error = add_open(r, r->streets[i], &l->all);
    }
    return error != 0 ? error : sim_histogram_merge(&l->all, &l->answered);
}

uint64_t run_latencies_sum(const run *r, double *sum_s) {
    uint64_t count = 0;
    *sum_s = 0;
    for (uint32_t i = 0; i < r->street_count; i++) {
        const sim_histogram *h = fleet_street_account(r->streets[i]).request_latency;
        *sum_s += h->sum / 1e9;
        count += h->count;
    }
    return count;
}

/* An attempt that did not come online never will: its device tries again, and that is another. */
static int connects_of(const run *r, run_latencies *l) {
    int error = 0;
    for (uint32_t i = 0; i < r->street_count && error == 0; i++)
        error =
            sim_histogram_merge(&l->answered, fleet_street_account(r->streets[i]).connect_latency);
    for (size_t i = 0; i < r->attempts.count && error == 0; i++) {
        const record_attempt *a = &r->attempts.items[i];
        if (a->outcome != RECORD_OUTCOME_ONLINE) error = sim_histogram_add(&l->all, r->now - a->at);
    }
    return error != 0 ? error : sim_histogram_merge(&l->all, &l->answered);
}

/* A second, from when everybody was online for the first time: without the ramp. */
static void steady_metrics(metric_list *l, const run *r) {
    const report_second *from = &r->steady, *to = &r->last_second;
    double seconds = (double)(to->second - from->second);
    if (!r->is_steady || seconds < 1) return;
    add_metric(l, "reports_due_steady", "1/s", REPORT_GAUGE,
               (double)(to->due - from->due) / seconds);
    add_metric(l, "reports_sent_steady", "1/s", REPORT_GAUGE,
               (double)(to->sent - from->sent) / seconds);
    add_metric(l, "reports_answered_steady", "1/s", REPORT_GAUGE,
               (double)(to->answered - from->answered) / seconds);
}

static size_t fill(run *r, metric_list *l, const run_latencies *connects,
                   const run_latencies *requests) {
    fleet_sums sums;
    fleet_ledger ledger;
    run_sum(r, &sums, &ledger);
    add_metric(l, "devices_online", "", REPORT_GAUGE, (double)sums.online);
    attempt_metrics(l, r);
    add_latencies(l, "connect_latency", connects);
    add_latencies(l, "request_latency", requests);
    device_metrics(l, r, &sums);
    answer_metrics(l, r, &sums);
    if (may_miss_service(r)) local_metrics(l, r, &sums);
    if (run_has_households(r)) household_metrics(l, r, &sums);
    end_metrics(l, r, &sums);
    if (run_is_real(r)) {
        wire_metrics(l, r, &sums);
        steady_metrics(l, r);
    } else {
        cloud_metrics(l, r);
    }
    chain_metrics(l, &sums);
    non_associated_metrics(l, &sums);
    path_metrics(l, &sums, &ledger);
    return l->count;
}

int run_latencies_of(const run *r, const char *name, run_latencies *out) {
    const struct {
        const char *name;
        const sim_histogram *all;
    } others[] = {{"event_lateness", &r->measures.lateness},
                  {"answer_lateness", &r->measures.unread}};
    *out = (run_latencies){0};
    if (strcmp(name, "request_latency") == 0) return requests_of(r, out);
    if (strcmp(name, "connect_latency") == 0) return connects_of(r, out);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (strcmp(name, others[i].name) != 0) continue;
        int error = sim_histogram_merge(&out->answered, others[i].all);
        return error != 0 ? error : sim_histogram_merge(&out->all, others[i].all);
    }
    return SIM_ERANGE;
}

int run_make_metrics(run *r) {
    enum {
        OF_MODELS = DEV_MODELS * (DEV_COUNTERS_MAX + RUN_LOCAL_NAMES),
        METRICS_MAX = 96 + OF_MODELS + DEV_NOTES + RUN_ANSWERS_MAX + 2 * NET_ENDS
    };
    run_latencies requests = {0};
    run_latencies connects = {0};
    if (r->metrics != NULL) return 0;
    int error = requests_of(r, &requests);
    if (error == 0) error = connects_of(r, &connects);
    if (error == 0) r->metrics = sim_calloc(METRICS_MAX, sizeof *r->metrics);
    if (error == 0 && r->metrics == NULL) error = SIM_ENOMEM;
    if (error == 0) {
        metric_list l = {.items = r->metrics, .room = METRICS_MAX};
        r->metric_count = fill(r, &l, &connects, &requests);
    }
    run_latencies_deinit(&requests);
    run_latencies_deinit(&connects);
    return error;
}

void run_metrics_forget(run *r) {
    sim_free(r->metrics);
    r->metrics = NULL;
    r->metric_count = 0;
}

/* It may be asked before the run: what is made for the question has counted nothing. */
bool run_metric_is_gauge(run *r, const char *name) {
    const bool were_there = r->metrics != NULL;
    bool is_gauge = false;
    if (run_make_metrics(r) != 0) return false;
    for (size_t i = 0; i < r->metric_count; i++)
        if (strcmp(r->metrics[i].name, name) == 0) is_gauge = r->metrics[i].kind == REPORT_GAUGE;
    if (!were_there) run_metrics_forget(r);
    return is_gauge;
}

const report_metric *run_metrics_so_far(run *r, size_t *count) {
    if (run_make_metrics(r) != 0) return NULL;
    *count = r->metric_count;
    return r->metrics;
}

const report_metric *run_metrics(run *r, size_t *count) {
    return run_gather(r) != 0 ? NULL : run_metrics_so_far(r, count);
}
