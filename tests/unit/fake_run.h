/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/fake_run.h - a run that only writes down what it is told, so that the scenario
 * language is tested alone. Defines the functions of sim/run that lua/ calls; include it once
 * in a program.
 *
 * test-program: own */
#ifndef TESTS_UNIT_FAKE_RUN_H
#define TESTS_UNIT_FAKE_RUN_H

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/fleet/fault.h"
#include "sim/fleet/selection.h"
#include "sim/fleet/spec.h"
#include "sim/judge/check.h"
#include "sim/judge/check_reconnect.h"
#include "sim/judge/checks.h"
#include "sim/judge/threshold.h"
#include "sim/report/record.h"
#include "sim/run/clock.h"
#include "sim/run/count.h"
#include "sim/run/drill.h"
#include "sim/run/guard.h"
#include "sim/run/judging.h"
#include "sim/run/strike.h"

struct run {
    sim_time now;
    uint64_t waits;
    uint64_t stop_after; /* waits; 0: never */
    bool never_online;   /* every wait for devices runs out */
    const fleet_spec *spec;
    int fails;           /* what the verbs return */
    const char *because; /* and what else they say; NULL: nothing */
    size_t used;
    char log[8192]; /* a line per call */
};

__attribute__((format(printf, 2, 3))) static void fake_note(run *r, const char *format, ...) {
    va_list arguments;
    size_t room = sizeof r->log - r->used;
    va_start(arguments, format);
    int n = vsnprintf(r->log + r->used, room, format, arguments);
    va_end(arguments);
    if (n > 0) r->used += (size_t)n < room ? (size_t)n : room - 1;
}

/* "zone 0 street 2 homes 0.5/17 devices 0.1/18 model thermostat" */
static void fake_note_selection(run *r, const fleet_selection *s) {
    if (s->zone == UINT32_MAX)
        fake_note(r, " all");
    else
        fake_note(r, " zone %" PRIu32, s->zone);
    for (uint32_t i = 0; i < s->filter_count; i++) {
        const fleet_filter *f = &s->filters[i];
        if (f->kind == FLEET_FILTER_STREET) fake_note(r, " street %" PRIu32, f->number);
        if (f->kind == FLEET_FILTER_HOME_SHARE)
            fake_note(r, " homes %g/%" PRIu32, f->share, f->number);
        if (f->kind == FLEET_FILTER_DEVICE_SHARE)
            fake_note(r, " devices %g/%" PRIu32, f->share, f->number);
        if (f->kind == FLEET_FILTER_MODEL) fake_note(r, " model %s", f->text);
        if (f->kind == FLEET_FILTER_POWER) fake_note(r, " power %" PRIu32, f->number);
    }
    fake_note(r, "\n");
}

sim_time run_now(const run *r) {
    return r->now;
}

const char *run_trigger_name(const run *r, size_t i) {
    static const char *const names[] = {"start", "power restore"};
    (void)r;
    return i < sizeof names / sizeof *names ? names[i] : NULL;
}

bool run_trigger_happened(const run *r, size_t i) {
    return run_trigger_name(r, i) != NULL;
}

uint64_t run_online(const run *r) {
    return r->never_online ? 0 : 1000;
}

int run_say(run *r, const char *text) {
    fake_note(r, "%gs say %s\n", sim_time_seconds(r->now), text);
    return r->fails;
}

void run_selection_count(const run *r, const fleet_selection *s, uint64_t *homes,
                         uint64_t *devices) {
    (void)r, (void)s;
    *homes = 250;
    *devices = 1000;
}

/* " off 10s", " how silent": a value of an order. */
static void fake_note_field(run *r, const sim_field *f, const void *at) {
    fake_note(r, " %s ", f->name);
    if (f->kind == SIM_FIELD_DURATION) {
        sim_time t = *(const sim_time *)at;
        fake_note(r, "%gs", t == SIM_NEVER ? -1.0 : sim_time_seconds(t));
    } else if (f->kind == SIM_FIELD_NUMBER || f->kind == SIM_FIELD_FRACTION) {
        fake_note(r, "%g", *(const double *)at);
    } else if (f->kind == SIM_FIELD_COUNT32 || f->kind == SIM_FIELD_BYTES) {
        fake_note(r, "%" PRIu32, *(const uint32_t *)at);
    } else if (f->kind == SIM_FIELD_RATE) {
        fake_note(r, "%" PRIu64, *(const uint64_t *)at);
    } else if (f->kind == SIM_FIELD_CHOICE) {
        fake_note(r, "%s", f->choices[*(const int *)at]);
    } else {
        const char *text = *(const char *const *)at;
        SIM_PROMISE(f->kind == SIM_FIELD_TEXT);
        fake_note(r, "%s", text == NULL ? "-" : text);
    }
}

int run_strike(run *r, const fleet_fault *fault, const fleet_selection *s, const void *order,
               char *why, size_t size) {
    fleet_order own;
    memcpy(&own, order, fault->size);
    const char *wrong = fault->wrong == NULL ? NULL : fault->wrong(r->spec, r->now, s, &own);
    snprintf(why, size, "%s", wrong != NULL ? wrong : r->because != NULL ? r->because : "");
    if (wrong != NULL) return SIM_ERANGE;
    fake_note(r, "%gs %s", sim_time_seconds(r->now), fault->verb);
    for (const sim_field *f = fault->fields; f != NULL && f->name != NULL; f++)
        fake_note_field(r, f, own.bytes + f->offset);
    if (fault->reach == FLEET_REACH_CLOUD)
        fake_note(r, "\n");
    else
        fake_note_selection(r, s);
    return r->fails;
}

void run_firmware_count(const run *r, const fleet_selection *s, uint32_t version,
                        fleet_firmware *out) {
    (void)r, (void)s;
    *out = (fleet_firmware){.devices = 1000, .running = version == 2 ? 250 : 0, .failures = 7};
}

/* The value of a check's field, as it was said or as it is by default. */
static const void *fake_wanted(const judge_check *check, const void *wanted, const char *name) {
    for (const sim_field *f = check->fields; f->name != NULL; f++)
        if (strcmp(f->name, name) == 0) return (const char *)wanted + f->offset;
    return NULL;
}

static double fake_number(const judge_check *check, const void *wanted, const char *name) {
    return *(const double *)fake_wanted(check, wanted, name);
}

static void fake_reconnect(run *r, const judge_reconnect_wanted *w, judge_finding *out) {
    const judge_reconnect_policy *p = &w->policy;
    fake_note(r, "judge reconnect %s capacity %g policy %g %g %g %" PRIu64 "\n",
              w->trigger != NULL ? w->trigger : "-", w->capacity, p->peak_over_capacity,
              p->peak_to_mean, p->attempts_per_success, p->devices_minimum);
    judge_finding_say(out, "They came back in order.");
    judge_finding_inform(out, "busiest second", "attempts/s", 17, 0, NULL);
}

static void fake_declaration(const judge_check *check, const void *wanted, judge_finding *out) {
    const uint64_t *devices = fake_wanted(check, wanted, "devices");
    judge_finding_inform(out, "devices", "", (double)*devices, 0, NULL);
    judge_finding_inform(out, "capacity", "", fake_number(check, wanted, "capacity"), 0, NULL);
}

int run_judge(run *r, const judge_check *check, const void *wanted, judge_finding *out) {
    const uint64_t *declared = fake_wanted(check, wanted, "declared");
    judge_check_begin(check, out);
    out->verdict = JUDGE_PASS;
    judge_finding_say(out, "All was well.");
    if (check == &judge_check_reconnect)
        fake_reconnect(r, wanted, out);
    else if (check == &judge_check_declaration)
        fake_declaration(check, wanted, out);
    else if (check == &judge_check_connection_methods)
        fake_note(r, "judge connection methods\n");
    else if (check == &judge_check_answered)
        fake_note(r, "judge answered %g\n", fake_number(check, wanted, "at_least"));
    else if (check == &judge_check_contention)
        fake_note(r, "judge contention %g\n", fake_number(check, wanted, "calls_per_change"));
    else if (check == &judge_check_examined)
        fake_note(r, "judge examined %" PRIx64 " recall %g grace %g\n", *declared,
                  fake_number(check, wanted, "recall"),
                  sim_time_seconds(*(const sim_time *)fake_wanted(check, wanted, "grace")));
    else
        fake_note(r, "judge %s %" PRIx64 "\n", check->unit, *declared);
    return r->fails;
}

/* It has counted one thing, a hundred times. */
const report_metric *run_metrics(run *r, size_t *count) {
    static const report_metric one = {.name = "reports_due", .unit = "", .value = 100};
    (void)r;
    *count = 1;
    return &one;
}

int run_threshold(run *r, const char *name, const judge_threshold *t, const char *what,
                  judge_finding *out, char *why, size_t size) {
    const judge_threshold_case c = {
        .what = what, .unit = "", .value = 100, .verdict = judge_threshold_value(t, 100, false)};
    snprintf(why, size, "there is no metric '%s'", name);
    if (r->fails == 0 && strcmp(name, "reports_due") != 0) return SIM_ERANGE;
    judge_threshold_say(t, &c, out);
    return r->fails;
}

const char *run_guard_unfit(run *r, const char *name, const judge_threshold *t) {
    (void)r, (void)t;
    return strcmp(name, "attempts") == 0 ? "is counted too late" : NULL;
}

uint64_t fleet_spec_devices(const fleet_spec *spec) {
    uint64_t n = 0;
    for (uint32_t z = 0; z < spec->zone_count; z++)
        for (uint32_t g = 0; g < spec->zones[z].group_count; g++)
            n += (uint64_t)spec->zones[z].homes * spec->zones[z].groups[g].per_home;
    return n;
}

const char *fleet_spec_wrong(const fleet_spec *spec, bool real, char *why, size_t size) {
    (void)real;
    uint64_t devices = fleet_spec_devices(spec);
    if (devices <= FLEET_DEVICES_MAX) return NULL;
    snprintf(why, size, "%" PRIu64 " devices are more than a run takes", devices);
    return why;
}

bool fleet_zone_updates(const fleet_zone *zone) {
    return zone->group_count > 0 && zone->groups[0].profile.updates;
}

/* Asks the drill until it is done. */
static inline int fake_drive(run *r, const run_drill *drill) {
    run_wait next = {.kind = RUN_WAIT_UNTIL};
    bool met = false;
    for (;;) {
        int error = drill->resume(drill->context, r, met, &next);
        if (error != 0) return error;
        if (next.kind == RUN_WAIT_DONE) return 0;
        if (r->stop_after != 0 && ++r->waits > r->stop_after) return 0;
        met = next.kind == RUN_WAIT_ONLINE && !r->never_online;
        if (next.kind == RUN_WAIT_ONLINE)
            fake_note(r, "%gs online %g until %gs\n", sim_time_seconds(r->now), next.online_share,
                      sim_time_seconds(next.until));
        r->now = met ? sim_time_min(r->now + SIM_MINUTE, next.until) : next.until;
    }
}

#endif
