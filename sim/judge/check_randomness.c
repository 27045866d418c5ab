/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where do the random numbers come from when a device boots? Its pauses tell, seen at the edge: the
 * first five after each of two losses of power. A constant seed draws the same ones in every device
 * at every boot; the clock, the same in all that boot within a second, and others the next time; a
 * serial number alone, the same at every boot. EN 303 645, 5.9-3, example 1 asks for a randomised
 * delay, and two of these are none. A check of our own beside it. */
#include <math.h>
#include <stddef.h>

#include "sim/core/heap.h"
#include "sim/judge/checks.h"
#include "sim/judge/words.h"

enum {
    PAUSES = 5, /* with fewer, strangers are near by chance */
    BOOTS = 2,
    DEVICES_MOST = 4096, /* those with the lowest numbers are looked at */
    DEVICES_LEAST = 20
};
static const double within_s = 0.08; /* of a pause; what a network varies by */

typedef struct randomness_policy {
    double same;
} randomness_policy;

static const randomness_policy usual = {.same = 0.05};

typedef struct track {
    sim_time last[BOOTS];
    uint32_t seen[BOOTS]; /* attempts */
    double pauses[BOOTS][PAUSES];
} track;

/* The first two losses of power that somebody came back from; false: there are no two. */
static bool two_boots(const judge_evidence *e, size_t triggers[BOOTS]) {
    size_t n = 0;
    for (size_t i = 0; i < e->trigger_count && n < BOOTS; i++)
        if (e->triggers[i].anew && e->triggers[i].began != SIM_NEVER) triggers[n++] = i;
    return n == BOOTS;
}

static void follow(track *t, size_t boot, sim_time at) {
    uint32_t n = t->seen[boot];
    if (n > 0 && n <= PAUSES) t->pauses[boot][n - 1] = sim_time_seconds(at - t->last[boot]);
    if (n <= PAUSES) t->seen[boot]++;
    t->last[boot] = at;
}

static void follow_all(const judge_evidence *e, const size_t triggers[BOOTS], track *tracks) {
    for (size_t i = 0; i < e->attempt_count; i++) {
        const record_attempt *a = &e->attempts[i];
        for (size_t boot = 0; boot < BOOTS && a->device < DEVICES_MOST; boot++)
            if (a->trigger == triggers[boot]) follow(&tracks[a->device], boot, a->at);
    }
}

static bool is_same(const double *a, const double *b) {
    for (size_t k = 0; k < PAUSES; k++)
        if (fabs(a[k] - b[k]) > within_s) return false;
    return true;
}

static bool is_whole(const track *t) {
    return t->seen[0] > PAUSES && t->seen[1] > PAUSES;
}

/* Some other device drew what this one did. */
static bool is_among(const track *tracks, size_t device) {
    for (size_t d = 0; d < DEVICES_MOST; d++)
        if (d != device && is_whole(&tracks[d]) &&
            is_same(tracks[d].pauses[0], tracks[device].pauses[0]))
            return true;
    return false;
}

typedef struct observed {
    size_t devices;                /* whose five pauses were seen after both boots */
    double same_again, same_among; /* shares of them */
} observed;

static observed observe(const track *tracks) {
    observed o = {0};
    size_t again = 0, among = 0;
    for (size_t d = 0; d < DEVICES_MOST; d++) {
        if (!is_whole(&tracks[d])) continue;
        o.devices++;
        again += is_same(tracks[d].pauses[0], tracks[d].pauses[1]) ? 1 : 0;
        among += is_among(tracks, d) ? 1 : 0;
    }
    if (o.devices == 0) return o;
    o.same_again = (double)again / (double)o.devices;
    o.same_among = (double)among / (double)o.devices;
    return o;
}

static const char *source_of(const observed *o, const randomness_policy *policy) {
    bool again = o->same_again > policy->same, among = o->same_among > policy->same;
    if (again && among) return "constant: every device draws the same, at every boot";
    if (among) return "the time of the boot: who boots in the same second draws the same";
    if (again) return "the serial number: each device draws the same at every boot";
    return "its own";
}

static void decide(const judge_evidence *e, const observed *o, const randomness_policy *policy,
                   judge_finding *out) {
    const char *declared =
        e->randomness == NULL ? "another for each kind of device" : e->randomness;
    if (o->devices < DEVICES_LEAST) {
        judge_finding_say(out,
                          "Of %s five pauses were seen after each of two losses of power, "
                          "and %d are needed to tell where their random numbers come from.",
                          JUDGE_OF(o->devices, "device"), DEVICES_LEAST);
        return;
    }
    judge_finding_measure(out, "same pauses after both boots", "share", o->same_again,
                          JUDGE_AT_MOST, policy->same, o->devices);
    judge_finding_measure(out, "same pauses as another device", "share", o->same_among,
                          JUDGE_AT_MOST, policy->same, o->devices);
    judge_finding_say(out,
                      "Randomness at boot, declared: %s; observed in the first pauses of %s "
                      "after two boots: %s.",
                      declared, JUDGE_OF(o->devices, "device"), source_of(o, policy));
    out->verdict = JUDGE_PASS;
    for (size_t i = 0; i < out->measure_count; i++)
        if (!out->measures[i].holds) out->verdict = JUDGE_FAIL;
}

static int judge(const judge_evidence *e, const void *wanted, judge_finding *out) {
    size_t triggers[BOOTS];
    observed o = {0};
    if (two_boots(e, triggers)) {
        track *tracks = sim_calloc(DEVICES_MOST, sizeof *tracks);
        if (tracks == NULL) return SIM_ENOMEM;
        follow_all(e, triggers, tracks);
        o = observe(tracks);
        sim_free(tracks);
    }
    decide(e, &o, wanted, out);
    return 0;
}

static const sim_field fields[] = {
    {.name = "same",
     .kind = SIM_FIELD_FRACTION,
     .offset = offsetof(randomness_policy, same),
     .help = "of the devices, at most: drew the same pauses as before, or as another"},
    {.name = NULL},
};

const judge_check judge_check_randomness = {
    .word = "randomness",
    .unit = "randomness at boot",
    .provision = "",
    .title = "do devices have random numbers of their own when they boot?",
    .needs = JUDGE_NEED_ATTEMPTS | JUDGE_NEED_TRIGGER | JUDGE_NEED_PUNCTUAL,
    .fields = fields,
    .size = sizeof usual,
    .defaults = &usual,
    .judge = judge,
    .bad_twin = {"scenarios/5.9-3/two-boots.lua", "randomness=constant"},
};
