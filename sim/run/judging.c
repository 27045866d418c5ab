/* SPDX-License-Identifier: GPL-3.0-or-later */
/* After the drill: all that a check may look at (judge_evidence) is gathered from the run, once. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "net/protocol.h"
#include "sim/cloud/counts.h"
#include "sim/fleet/fault_orders.h"
#include "sim/fleet/street.h"
#include "sim/fleet/street_account.h"
#include "sim/judge/check.h"
#include "sim/judge/pack.h"
#include "sim/judge/words.h"
#include "sim/run/judging.h"
#include "sim/run/run_private.h"
#include "sim/run/target.h"

_Static_assert((int)JUDGE_DEVICES_MAX == (int)FLEET_DEVICES_MAX, "one limit of a fleet");

/* The generator was late when one event in a hundred was by more than the resolution at which
 * attempts are judged, or when it stood still for longer than any server should be blamed for: half
 * of ACK_TIMEOUT (RFC 7252 4.8). */
#define LATE_P99 (50 * SIM_MILLISECOND)
#define LATE_ONCE SIM_SECOND
/* Datagrams that our own sockets lost, of those that came: who sends again makes up for fewer. */
#define LOST_SHARE 1e-3

static bool is_late(const sim_histogram *h) {
    return h->count > 0 && (sim_histogram_quantile(h, 0.99) > LATE_P99 || h->maximum > LATE_ONCE);
}

static const char *say_late(run *r, const char *what, sim_time most) {
    char text[32];
    (void)snprintf(r->late, sizeof r->late,
                   "%s up to %s (processor time in its busiest second: %.0f %%): use fewer devices "
                   "or a machine with more time for them.",
                   what, sim_time_text(most, text, sizeof text), 100 * r->measures.share_most);
    return r->late;
}

const char *run_generator_late(run *r) {
    const run_measures *m = &r->measures;
    const net_real_fleet_counts *c = &r->wire_count;
    if (is_late(&m->unread))
        return say_late(r, "Answers lay unread in this machine's sockets for", m->unread.maximum);
    if (is_late(&m->lateness))
        return say_late(r, "What was due was done late by", m->lateness.maximum);
    if (c->starved > 0) {
        (void)snprintf(r->late, sizeof r->late,
                       "This machine had no descriptor or port left for %s "
                       "connections of its devices: raise `ulimit -n`, give a local prefix with "
                       "--source, or use fewer devices.",
                       JUDGE_COUNT(c->starved));
        return r->late;
    }
    if ((double)c->dropped <= LOST_SHARE * (double)(c->dropped + c->received)) return NULL;
    (void)snprintf(r->late, sizeof r->late,
                   "This machine lost %s of the %s that came back, as its sockets were full: raise "
                   "net.core.rmem_max (sysctl) or use fewer devices.",
                   JUDGE_COUNT(c->dropped), JUDGE_OF(c->dropped + c->received, "datagram"));
    return r->late;
}

int run_merge_attempts(run *r) {
    if (r->attempts_merged) return 0;
    run_updates_settle(r);
    for (uint32_t i = 0; i < r->street_count; i++) {
        int error = fleet_street_take_attempts(r->streets[i], &r->attempts);
        if (error != 0) return error;
    }
    record_attempts_sort(&r->attempts);
    r->attempts_merged = true;
    return 0;
}

/* ---- what was declared ---- */

/* Whether all devices keep the same law, however many streets and kinds there are. A fleet of
 * several laws is not drawn. */
static bool has_other_law(const fleet_group *group, const void *first) {
    return !dev_law_same(first, &group->profile.law);
}

static bool has_one_law(const run *r) {
    const dev_law *first = &r->spec.zones[0].groups[0].profile.law;
    return fleet_spec_any(&r->spec, has_other_law, first) == NULL;
}

/* That one law in words; a fleet of several says so. */
static const char *declared_law(const run *r, char *text, size_t size) {
    if (!has_one_law(r)) return "a law of its own for each kind of device";
    return dev_law_text(&r->spec.zones[0].groups[0].profile.law, text, size);
}

static void add_interface(run *r, const char *name) {
    size_t i = 0;
    while (r->interfaces[i] != NULL && strcmp(r->interfaces[i], name) != 0) i++;
    if (i + 1 < RUN_INTERFACES_MAX) r->interfaces[i] = name;
}

/* What the protocols of all groups are called; what protects them depends on where they speak. */
static const char *const *interfaces_of(run *r) {
    bool plain = run_is_real(r) && !r->shared.secure;
    for (uint32_t z = 0; z < r->spec.zone_count; z++) {
        const fleet_zone *zone = &r->spec.zones[z];
        for (uint32_t g = 0; g < zone->group_count; g++) {
            const net_protocol_settings *link = &zone->groups[g].profile.link;
            const char *const *name =
                plain || link->security == NULL ? link->protocol->plain : link->protocol->secured;
            for (; *name != NULL; name++) add_interface(r, *name);
        }
    }
    return (const char *const *)r->interfaces;
}

static bool has_other_randomness(const fleet_group *group, const void *first) {
    return dev_profile_randomness(&group->profile) != dev_profile_randomness(first);
}

static const char *declared_randomness(const run *r) {
    const dev_profile *first = &r->spec.zones[0].groups[0].profile;
    return fleet_spec_any(&r->spec, has_other_randomness, first) == NULL
               ? dev_randomness_word(dev_profile_randomness(first))
               : NULL;
}

static void gather_declared(run *r, judge_evidence *e) {
    r->declared = (judge_declared){&r->spec.zones[0].groups[0].profile.law, dev_law_draw};
    bool known = !run_is_real(r) || r->spec.capacity_declared;
    e->capacity = known ? r->spec.cloud.connections_per_s : 0;
    e->law = has_one_law(r) ? &r->declared : NULL;
    e->law_text = declared_law(r, r->law_text, sizeof r->law_text);
    e->randomness = declared_randomness(r);
    e->ixit = &r->spec.ixit;
}

/* ---- who came online ---- */

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
        if (fleet_street_waits_for_finished(r->streets[i])) return true;
    }
    return false;
}

const char *run_commonest_refusal(const fleet_sums *t) {
    uint64_t most = 0;
    const char *name = NULL;
    for (uint32_t at = 0; at < FLEET_ANSWERS; at++) {
        bool says_no = at % FLEET_ANSWER_NUMBERS >= NET_ANSWER_SAYS_NO;
        const char *text = says_no ? fleet_answer_text(at) : NULL;
        if (text == NULL || t->answers[at] <= most) continue;
        most = t->answers[at];
        name = text;
    }
    return name;
}

/* Why no device of the fleet ever came online, in words: the commonest reason. */
static const char *why_nobody(run *r, const fleet_sums *t) {
    if (r->wire_count.refused > 0 && r->wire_count.received == 0)
        return "nobody listens there: its port is closed or it cannot be reached";
    if (r->wire_count.sent > 0 && r->wire_count.received == 0)
        return r->target->protocol->transport == NET_STREAM
                   ? "no connection could be made: nothing came back from there"
                   : "not one datagram came back from there";
    int most = 0;
    for (int i = 1; i < NET_ENDS; i++) most = t->ends[i] > t->ends[most] || most == 0 ? i : most;
    if (most != 0 && t->ends[most] > 0) return end_of_target((net_end)most);
    if (waits_for_finished(r)) return end_of_target(NET_END_SILENT);
    if (t->attempts_failed[DEV_EVENT_REFUSED] > 0) {
        const char *refusal = run_commonest_refusal(t);
        (void)snprintf(r->nobody, sizeof r->nobody, "the server refused the first request%s%s",
                       refusal != NULL ? " with " : "", refusal != NULL ? refusal : "");
        return r->nobody;
    }
    if (t->reports_failed + t->attempts_failed[DEV_EVENT_UNANSWERED] > 0)
        return "no request was answered";
    if (run_is_real(r) && r->target->protocol->transport == NET_STREAM)
        return "connections are taken there, and nothing is answered on them";
    return NULL;
}

static uint64_t ever_answered(const run *r) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < r->street_count; i++) n += fleet_street_ever_answered(r->streets[i]);
    return n;
}

static void gather_silence(const run *r, judge_evidence *e) {
    judge_silence sum = {0};
    for (uint32_t i = 0; i < r->street_count; i++) {
        const fleet_silence *s = fleet_street_account(r->streets[i]).silence;
        sum.struck += s->struck;
        sum.noticed += s->noticed;
        double slowest_s = sim_time_seconds(s->slowest);
        if (slowest_s > sum.slowest_s) sum.slowest_s = slowest_s;
        if (s->slowest_share > sum.slowest_share) sum.slowest_share = s->slowest_share;
        if (s->unnoticed > 0 && (sum.unnoticed == 0 || s->unnoticed_share < sum.unnoticed_share))
            sum.unnoticed_share = s->unnoticed_share;
        sum.unnoticed += s->unnoticed;
    }
    e->silence = sum;
}

/* The model that answered worst while it had no session; of equals the first. */
static void note_worst(judge_household *h, const char *model, const judge_hands *hands) {
    if (hands->asked == 0) return;
    bool worse = h->worst_model == NULL || (double)hands->right / (double)hands->asked <
                                               (double)h->worst.right / (double)h->worst.asked;
    if (!worse) return;
    h->worst_model = model;
    h->worst = *hands;
}

static_assert((int)JUDGE_PHASES == DEV_PHASES && (int)JUDGE_BEFORE == DEV_PHASE_BEFORE &&
                  (int)JUDGE_DURING == DEV_PHASE_DURING && (int)JUDGE_AFTER == DEV_PHASE_AFTER,
              "devices count by the phases that are judged");

static void add_phase(judge_household *h, const uint64_t n[DEV_NOTES]) {
    h->sensed += n[DEV_NOTE_SENSED];
    h->delivered += n[DEV_NOTE_DELIVERED];
    h->repeated += n[DEV_NOTE_REPEATED];
    h->dropped_full += n[DEV_NOTE_DROPPED_FULL];
    h->dropped_power += n[DEV_NOTE_DROPPED_POWER];
    h->dropped_reset += n[DEV_NOTE_DROPPED_RESET];
    h->lost += n[DEV_NOTE_LOST] - n[DEV_NOTE_RELEASED]; /* the sum over the phases is not below 0 */
    h->returned += n[DEV_NOTE_RETURNED];
    h->restored_same += n[DEV_NOTE_RESTORED_SAME];
    h->restored_worse += n[DEV_NOTE_RESTORED_WORSE];
    h->restored_corrupt += n[DEV_NOTE_RESTORED_CORRUPT];
    h->help += n[DEV_NOTE_HELP];
}

static void gather_household(const run *r, const dev_counts *c, judge_household *h) {
    for (size_t m = 0; m < DEV_MODELS; m++) {
        const uint64_t(*notes)[DEV_NOTES] = c->notes[m];
        for (int p = 0; p < DEV_PHASES; p++) {
            const judge_hands hands = {dev_note_asked(notes[p]), notes[p][DEV_NOTE_RIGHT]};
            add_phase(h, notes[p]);
            h->hands[p].asked += hands.asked;
            h->hands[p].right += hands.right;
            if (p == DEV_PHASE_DURING) note_worst(h, dev_models[m]->name, &hands);
        }
    }
    for (uint32_t i = 0; i < r->street_count; i++)
        h->waiting += fleet_street_samples_waiting(r->streets[i]);
}

static void gather_chains(const run *r, const fleet_sums *sums, judge_chains *c) {
    static_assert((int)JUDGE_SERVERS == (int)FLEET_SERVERS, "each server is judged");
    *c = (judge_chains){.ended = sums->chains};
    for (int i = 0; i < FLEET_SERVERS; i++) {
        c->asked[i] = sums->asked[i];
        c->busiest[i] = r->chain_busiest[i];
    }
}

static void gather_requests(run *r, judge_evidence *e) {
    fleet_sums sums;
    fleet_ledger ledger;
    run_sum(r, &sums, &ledger);
    gather_household(r, &sums.devices, &e->household);
    gather_chains(r, &sums, &e->chains);
    e->non_associated = (judge_non_associated){
        .attempts = sums.other_attempts,
        .hands = {.asked = sums.devices.other_asked, .right = sums.devices.other_right}};
    e->devices_ever_online = ever_answered(r);
    e->why_nobody = why_nobody(r, &sums);
    e->requests = (judge_requests){.due = sums.devices.reports_due,
                                   .sent = sums.devices.reports_sent,
                                   .answered = sums.reports_answered,
                                   .refused = sums.reports_refused,
                                   .timed_out = sums.reports_failed,
                                   .waiting = sums.skipped[DEV_SKIP_WAITING],
                                   .held = sums.skipped[DEV_SKIP_HELD],
                                   .offline = sums.skipped[DEV_SKIP_OFFLINE],
                                   .cut = sums.skipped[DEV_SKIP_CUT],
                                   .refusal = run_commonest_refusal(&sums)};
}

static int gather_changes(const run *r, judge_changes *c) {
    sim_histogram all;
    int error = 0;
    sim_histogram_init(&all);
    for (uint32_t i = 0; i < r->street_count && error == 0; i++) {
        const fleet_account a = fleet_street_account(r->streets[i]);
        const cloud_service_counts *counts = a.service; /* zeros in the real world */
        c->wanted += a.changes_wanted;
        c->changed += counts->value_changes;
        c->calls += counts->value_changes + counts->value_conflicts;
        error = sim_histogram_merge(&all, a.change_latency);
    }
    c->time_95_s = all.count > 0 ? sim_time_seconds(sim_histogram_quantile(&all, 0.95)) : NAN;
    c->time_all_s = all.count > 0 ? sim_time_seconds(all.maximum) : NAN;
    sim_histogram_deinit(&all);
    return error;
}

/* ---- what was done, and what was noticed ---- */

static uint64_t metrics_told(const run *r) {
    uint64_t metrics = 0;
    for (uint32_t i = 0; i < r->street_count; i++)
        metrics |= fleet_street_account(r->streets[i]).metrics;
    return metrics;
}

/* The cohort of every device, as it is now. NULL: no memory. */
static uint32_t *cohorts_of(const run *r) {
    uint32_t *cohorts = sim_malloc((size_t)r->devices * sizeof *cohorts);
    for (uint32_t i = 0; cohorts != NULL && i < r->street_count; i++)
        fleet_street_cohorts(r->streets[i], cohorts);
    return cohorts;
}

static int gather_examined(run *r, judge_evidence *e) {
    if (r->cohorts == NULL) r->cohorts = cohorts_of(r);
    e->injections = run_injections(r, &e->injection_count);
    e->alerts = r->examiner.notices;
    e->alert_count = r->examiner.count;
    e->cohorts = r->cohorts;
    e->versions = FLEET_EXAMINER_VERSIONS;
    e->examined = r->examiner.fleet != NULL;
    e->metrics = metrics_told(r);
    e->detections = &r->found;
    e->detected = &r->detected;
    return r->cohorts == NULL ? SIM_ENOMEM : 0;
}

/* ---- the whole ---- */

static void gather_triggers(run *r, judge_evidence *e) {
    for (uint32_t i = 0; i < r->trigger_count; i++) {
        const run_trigger *t = &r->triggers[i];
        r->judged_triggers[i] = (judge_trigger){.name = t->name,
                                                .began = t->at,
                                                .until = r->now,
                                                .struck = t->struck,
                                                .anew = t->power};
    }
    e->triggers = r->judged_triggers;
    e->trigger_count = r->trigger_count;
}

/* Devices that were struck and wait for power or network. When something came back to somebody, the
 * rest is the drill's intent. */
static uint64_t still_out(const run *r) {
    static const fleet_selection everybody = {.zone = UINT32_MAX};
    uint64_t power = 0, network = 0;
    for (uint32_t i = 0; i < r->street_count && r->trigger_count == 1; i++) {
        power += fleet_fault_restore_power.struck(r->streets[i], &everybody);
        network += fleet_fault_restore_network.struck(r->streets[i], &everybody);
    }
    return power > network ? power : network;
}

int run_gather(run *r) {
    judge_evidence e = {.until = r->now,
                        .protocols = interfaces_of(r),
                        .devices = r->devices,
                        .still_out = still_out(r),
                        .foreign_cloud = run_is_real(r),
                        .generator_late = run_generator_late(r) != NULL,
                        .generator_why = run_generator_late(r),
                        .seed = r->shared.seed};
    if (r->gathered) return 0;
    int error = run_merge_attempts(r);
    if (error == 0) error = gather_changes(r, &e.changes);
    if (error == 0) error = gather_examined(r, &e);
    if (error != 0) return error;
    e.attempts = r->attempts.items;
    e.attempt_count = r->attempts.count;
    gather_triggers(r, &e);
    gather_declared(r, &e);
    gather_requests(r, &e);
    gather_silence(r, &e);
    r->evidence = e;
    r->gathered = true;
    return 0;
}

const char *run_trigger_name(const run *r, size_t i) {
    return i < r->trigger_count ? r->triggers[i].name : NULL;
}

int run_judge(run *r, const judge_check *check, const void *wanted, judge_finding *out) {
    int error = run_gather(r);
    return error == 0 ? judge_check_run(check, &r->evidence, wanted, out) : error;
}

int run_judge_by(run *r, const judge_pack *pack, judge_finding *out) {
    int error = run_gather(r);
    return error == 0 ? judge_pack_run(pack, &r->evidence, NULL, out) : error;
}
