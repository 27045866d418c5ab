/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/judge/check_declaration.h"

#include <math.h>
#include <string.h>

#include "sim/core/heap.h"
#include "sim/judge/checks.h"
#include "sim/judge/statistics.h"
#include "sim/judge/words.h"

/* Policy of this project; docs/verdicts.md tells where the numbers come from. */
enum {
    FLEETS = 200,        /* that are drawn, fewer of large ones: */
    FLEETS_LEAST = 4,    /* ... but so many, which chance alters less */
    DRAWS_MAX = 4000000, /* devices in all of them */
    EPISODES = 1000,     /* that the pauses are drawn from */
    PAUSES = 5,
    ATTEMPTS = 32
};
static const double overload = 0.01, variation = 0.05, growth = 1.3;

enum { OVER, VARIATION, GROWTH, GIVE_UP, MEASURES }; /* order in the finding */

static bool capacity_known(const judge_declaration_case *c) {
    return isfinite(c->capacity) && c->capacity > 0;
}

/* Share of the drawn fleets that exceed the capacity in some second; *fleets: how many were drawn.
 * NAN: no memory. */
static double share_over(const judge_declaration_case *c, uint64_t *fleets) {
    uint64_t over = 0;
    double capacity = fmax(1, c->capacity);
    sim_time *scratch = sim_calloc(c->devices, sizeof *scratch);
    *fleets = c->devices <= DRAWS_MAX / FLEETS ? FLEETS : DRAWS_MAX / c->devices;
    if (*fleets < FLEETS_LEAST) *fleets = FLEETS_LEAST;
    if (scratch == NULL) return NAN;
    for (uint64_t i = 0; i < *fleets; i++)
        over +=
            (double)judge_scan_draw(c->law, c->devices, SIM_SECOND, c->seed, i, scratch) > capacity;
    sim_free(scratch);
    return (double)over / (double)*fleets;
}

static void measure_over(const judge_declaration_case *c, judge_finding *out) {
    static const char name[] = "fleets over capacity";
    if (!capacity_known(c) || c->devices == 0) {
        judge_finding_inform(out, name, "share", NAN, 0, "no capacity was declared");
        return;
    }
    uint64_t fleets;
    double over = share_over(c, &fleets);
    judge_finding_measure(out, name, "share", over, JUDGE_AT_MOST, overload, fleets);
}

/* The pauses before the first retries of EPISODES episodes, row by row; returns how many episodes
 * give up within ATTEMPTS. */
static size_t draw_pauses(const judge_declaration_case *c, double *seconds) {
    size_t give_up = 0;
    for (uint64_t i = 0; i < EPISODES; i++) {
        sim_stream stream = sim_stream_for(c->seed, SIM_PURPOSE_CALIBRATION, i);
        sim_time pauses[ATTEMPTS];
        c->law->draw(c->law->law, i, &stream, pauses, ATTEMPTS);
        bool ends = false;
        for (size_t k = 0; k < ATTEMPTS; k++) ends = ends || pauses[k] == SIM_NEVER;
        for (size_t k = 0; k < PAUSES; k++)
            seconds[i * PAUSES + k] =
                pauses[k + 1] == SIM_NEVER ? 0 : sim_time_seconds(pauses[k + 1]);
        give_up += ends;
    }
    return give_up;
}

static double growth_of(const judge_delays *d) {
    double means[PAUSES] = {0}, most = 0;
    for (size_t i = 0; i < d->rows * PAUSES; i++) means[i % PAUSES] += d->seconds[i];
    for (size_t k = 0; k < PAUSES; k++) most = fmax(most, means[k]);
    return most / means[0];
}

static bool measure_pauses(const judge_declaration_case *c, judge_finding *out) {
    double *seconds = sim_calloc((size_t)EPISODES * PAUSES, sizeof *seconds);
    if (seconds == NULL) return false;
    double give_up = (double)draw_pauses(c, seconds) / EPISODES;
    const judge_delays d = {seconds, EPISODES, PAUSES};
    judge_finding_measure(out, "variation", "", judge_delays_variation(&d, 0).cv, JUDGE_AT_LEAST,
                          variation, EPISODES);
    judge_finding_measure(out, "growth", "", growth_of(&d), JUDGE_AT_LEAST, growth, EPISODES);
    judge_finding_measure(out, "devices that give up", "share", give_up, JUDGE_AT_MOST, 0,
                          EPISODES);
    sim_free(seconds);
    return true;
}

/* ---- the sentence ---- */

static void say_faults(const judge_declaration_case *c, judge_finding *out) {
    static const char *const words[MEASURES] = {
        [OVER] = "more of them would make their first attempt in one second than the cloud admits",
        [VARIATION] = "those who are turned away would come again in step",
        [GROWTH] = "the pauses between their attempts do not grow",
        [GIVE_UP] = "some would give up for good"};
    char devices[JUDGE_WORD_MAX];
    size_t said = 0, faults = 0;
    for (int i = 0; i < MEASURES; i++) faults += !out->measures[i].holds;
    judge_finding_say(out, "If %s come back together and do as declared, ",
                      judge_words_of(c->devices, "device", devices, sizeof devices));
    for (int i = 0; i < MEASURES; i++) {
        if (out->measures[i].holds) continue;
        judge_finding_say_more(out, "%s%s",
                               said == 0           ? ""
                               : said + 1 < faults ? ", "
                                                   : " and ",
                               words[i]);
        said++;
    }
    judge_finding_say_more(out, ".");
}

static void say_pass(const judge_declaration_case *c, judge_finding *out) {
    char devices[JUDGE_WORD_MAX], capacity[JUDGE_WORD_MAX];
    judge_finding_say(
        out,
        "The declared law (%.*s) lets %s come back together within the %s connections "
        "a second that the "
        "cloud admits, and is random and growing where it does not.",
        c->text != NULL ? judge_words_shown(c->text, 150) : 7,
        c->text != NULL ? c->text : "unnamed",
        judge_words_of(c->devices, "device", devices, sizeof devices),
        judge_words_number(c->capacity, capacity, sizeof capacity));
}

static bool all_hold(const judge_finding *f) {
    for (size_t i = 0; i < f->measure_count; i++)
        if (!f->measures[i].holds) return false;
    return true;
}

void judge_declaration(const judge_declaration_case *c, judge_finding *out) {
    judge_check_begin(&judge_check_declaration, out);
    if (c->law == NULL) {
        judge_finding_say(
            out, "No single law was declared for these devices, so there is nothing to examine.");
        return;
    }
    measure_over(c, out);
    if (isnan(out->measures[OVER].value) && capacity_known(c) && c->devices > 0)
        out->measure_count = 0; /* no memory */
    if (out->measure_count == 0 || !measure_pauses(c, out)) {
        out->measure_count = 0;
        judge_finding_say(out, "There was not enough memory to draw fleets from the declared law.");
    } else if (!all_hold(out)) {
        out->verdict = JUDGE_FAIL;
        say_faults(c, out);
    } else if (!capacity_known(c) || c->devices == 0) {
        judge_finding_say(
            out,
            "The declared law is random and growing, but without the cloud's capacity and the "
            "number of devices "
            "nobody can say whether it spreads them widely enough.");
    } else {
        out->verdict = JUDGE_PASS;
        say_pass(c, out);
    }
}

/* ---- the row ---- */

typedef struct declaration_wanted {
    uint64_t devices; /* 0: all of the fleet */
    double capacity;  /* 0: as declared */
} declaration_wanted;

static int judge(const judge_evidence *e, const void *wanted, judge_finding *out) {
    const declaration_wanted *w = wanted;
    const judge_declaration_case c = {.law = e->law,
                                      .text = e->law_text,
                                      .devices = w->devices > 0 ? w->devices : e->devices,
                                      .capacity = w->capacity > 0 ? w->capacity : e->capacity,
                                      .seed = e->seed};
    judge_declaration(&c, out);
    return 0;
}

static const sim_field fields[] = {
    {.name = "devices",
     .kind = SIM_FIELD_COUNT,
     .offset = offsetof(declaration_wanted, devices),
     .minimum = 1,
     .maximum = JUDGE_DEVICES_MAX,
     .help = "that come back together; unless told, all of the fleet"},
    {.name = "capacity",
     .kind = SIM_FIELD_NUMBER,
     .offset = offsetof(declaration_wanted, capacity),
     .minimum = 0.001,
     .maximum = 1e9,
     .help = "connections a second that the cloud takes; unless told, those of cloud{ ... }"},
    {.name = NULL},
};
static const declaration_wanted defaults = {0};

const judge_check judge_check_declaration = {
    .word = "declaration",
    .unit = "5.9-3-1 b",
    .provision = "5.9-3",
    .title = "is the declared law a measure against mass reconnection?",
    .needs = JUDGE_NEED_LAW,
    .fields = fields,
    .size = sizeof defaults,
    .defaults = &defaults,
    .judge = judge,
    .bad_twin = {"scenarios/5.9-3/declaration.lua", "law=fixed"},
};
