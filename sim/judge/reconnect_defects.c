/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/judge/reconnect_defects.h"

#include <math.h>
#include <string.h>

#include "sim/judge/reconnect_words.h"

/* What a class is told by. docs/verdicts.md tells where the numbers come from; those of pauses are
 * those of one device (sim/judge/classify.c). */
static const double jitter_least = 0.05;  /* variation of pauses that are random */
static const double clocks_alone = 0.01;  /* what clocks and networks bring about */
static const double growth_least = 1.1;   /* from one pause to the next */
static const double overall_growth = 1.5; /* from the first to the longest */
static const double often = 1;            /* seconds */
enum { few = 3 };                         /* pauses; fewer say nothing of growth */
static const double in_step = 0.7;        /* synchronisation index */
static const double at_once = 1;          /* seconds: no window that somebody meant */

typedef struct view {
    const judge_reconnect_case *c;
    const judge_wave *w;
    const judge_finding *f;
} view;

static const judge_measure *broken(const view *v, const char *name) {
    for (size_t i = 0; i < v->f->measure_count; i++)
        if (strcmp(v->f->measures[i].name, name) == 0 && !v->f->measures[i].holds)
            return &v->f->measures[i];
    return NULL;
}

/* ---- retries ---- */

static bool grows(const judge_retries *r) {
    return r->growth >= growth_least || r->longest >= overall_growth * r->first;
}

/* Pauses of all devices are the same, or next to it. */
static bool alike(const judge_retries *r) {
    return r->pauses > 0 && r->all.upper < jitter_least;
}

static bool hammers(const view *v) {
    const judge_retries *r = &v->w->retries;
    return r->pauses >= few && r->longest < often && !grows(r);
}

static bool is_fixed(const view *v) {
    const judge_retries *r = &v->w->retries;
    return r->pauses > 1 && alike(r) && r->all.cv < clocks_alone && !grows(r);
}

static bool loses_jitter(const view *v) {
    return broken(v, JUDGE_AT_PLATEAU) != NULL;
}

/* Time-outs in the pauses make what is random in them look small. */
static bool jitter_is_small(const view *v) {
    const judge_retries *r = &v->w->retries;
    return !loses_jitter(v) && alike(r) && r->all.cv >= clocks_alone &&
           2 * r->from_start <= r->devices * r->pauses;
}

static bool is_in_step(const view *v) {
    const judge_retries *r = &v->w->retries;
    const judge_pattern *p = &v->w->pattern;
    bool same = alike(r) && r->all.cv < clocks_alone && grows(r);
    /* without any jitter all are the same, and short pauses are near each other by chance */
    bool shared = judge_pattern_shares_seeds(p) && !alike(r) && r->longest >= often;
    return !jitter_is_small(v) && (same || p->synchrony > in_step || shared);
}

static bool resets(const view *v) {
    return broken(v, JUDGE_GROWTH) != NULL;
}

static bool gives_up(const view *v) {
    const judge_retries *r = &v->w->retries;
    return broken(v, "back online") != NULL && r->missing > 0 && 2 * r->silent >= r->missing;
}

/* ---- first attempts ---- */

/* The first attempts alone are what made the wave too high. */
static bool firsts_are_crowded(const view *v) {
    const judge_measure *busiest = &v->f->measures[JUDGE_BUSIEST];
    uint64_t firsts = v->w->retries.firsts_busiest;
    bool most = 2 * firsts > v->w->busiest;
    if (isnan(v->w->retries.width)) return false;
    if (!busiest->holds) return most || (double)firsts > busiest->threshold;
    return most && (broken(v, JUDGE_TEN_SECONDS) != NULL || broken(v, "peak to mean") != NULL ||
                    broken(v, JUDGE_WAVE_CHANCE) != NULL || broken(v, JUDGE_WIDTH_CHANCE) != NULL);
}

/* As the declared law has it: whatever spreads the wave then is not the devices' doing. */
static bool declares_no_window(const judge_reconnect_case *c) {
    enum { DRAWN = 64 };
    sim_time times[DRAWN];
    if (c->declared_law == NULL) return false;
    size_t n = judge_first_draw(c->declared_law, DRAWN, c->seed, 0, times);
    return n > 0 && times[n - 1] == times[0];
}

static bool has_no_window(const view *v) {
    return firsts_are_crowded(v) && (v->w->retries.width <= at_once || declares_no_window(v->c));
}

static bool has_narrow_window(const view *v) {
    return firsts_are_crowded(v) && !has_no_window(v);
}

/* ---- all of them ---- */

static bool (*const shows[JUDGE_DEFECTS])(const view *) = {
    [JUDGE_DEFECT_HAMMERING] = hammers,
    [JUDGE_DEFECT_FIXED] = is_fixed,
    [JUDGE_DEFECT_LOCK_STEP] = is_in_step,
    [JUDGE_DEFECT_JITTER_TOO_SMALL] = jitter_is_small,
    [JUDGE_DEFECT_JITTER_LOST_AT_CAP] = loses_jitter,
    [JUDGE_DEFECT_NO_FIRST_WINDOW] = has_no_window,
    [JUDGE_DEFECT_NARROW_WINDOW] = has_narrow_window,
    [JUDGE_DEFECT_RESET_ON_CONNECT] = resets,
    [JUDGE_DEFECT_GIVES_UP] = gives_up,
};

unsigned judge_reconnect_defects(const judge_reconnect_case *c, const judge_wave *w,
                                 const judge_finding *f) {
    const view v = {c, w, f};
    unsigned found = 0;
    for (int i = 0; i < JUDGE_DEFECTS; i++) found |= shows[i](&v) ? 1U << i : 0;
    return found;
}
