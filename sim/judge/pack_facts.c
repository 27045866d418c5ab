/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What attempts say that the rules of others ask for. */
#include <math.h>
#include <stdlib.h>

#include "sim/core/heap.h"
#include "sim/judge/pack.h"

/* Pauses that medians rest on: of a larger fleet the first so many. */
enum { PAUSES_MAX = 2000000 };

/* A device that is not heard of for so long, and for four times its longest pause, has given up. */
#define SILENCE (10 * SIM_MINUTE)

/* Finagle's retry budget (its documentation: 20 % of the requests, and 10/s for those with few),
 * over the ten seconds for which a deposit in it is good. */
#define BUDGET_SPAN (10 * SIM_SECOND)
static const double budget_share = 0.2, budget_rate = 10;

typedef struct pause {
    uint32_t retry; /* 0: before the first */
    double length_s;
} pause;

typedef struct looker {
    const judge_evidence *e;
    const sim_time *ended;
    size_t *order; /* attempts by device, then trigger, then time */
    pause *pauses;
    size_t pause_count;
    bool triggered; /* attempts without a trigger are of no outage */
    judge_pack_facts *out;
} looker;

static _Thread_local const record_attempt *sorted; /* qsort hands nothing on */

static int by_device(const void *left, const void *right) {
    size_t l = *(const size_t *)left, r = *(const size_t *)right;
    const record_attempt *a = &sorted[l], *b = &sorted[r];
    if (a->device != b->device) return a->device < b->device ? -1 : 1;
    if (a->trigger != b->trigger) return a->trigger < b->trigger ? -1 : 1;
    return (l > r) - (l < r); /* they are sorted by time */
}

static int by_retry(const void *left, const void *right) {
    const pause *a = left, *b = right;
    if (a->retry != b->retry) return a->retry < b->retry ? -1 : 1;
    return (a->length_s > b->length_s) - (a->length_s < b->length_s);
}

/* When the attempt failed, or began where that was not seen. */
static sim_time failed_at(const looker *l, size_t i, sim_time next) {
    const record_attempt *a = &l->e->attempts[i];
    bool told = a->outcome == RECORD_OUTCOME_BUSY || a->outcome == RECORD_OUTCOME_REFUSED;
    if (l->ended != NULL && l->ended[i] <= next) return l->ended[i];
    return told && a->latency <= next - a->at ? a->at + a->latency : a->at;
}

static void note_pause(looker *l, uint32_t retry, sim_time length) {
    judge_pack_facts *f = l->out;
    double s = sim_time_seconds(length);
    f->retries++;
    if (!(f->shortest_s <= s)) f->shortest_s = s;
    if (!(f->longest_s >= s)) f->longest_s = s;
    if (retry + 1 > f->most_retries) f->most_retries = retry + 1;
    if (retry < JUDGE_PACK_RETRIES_MAX && l->pause_count < PAUSES_MAX)
        l->pauses[l->pause_count++] = (pause){retry, s};
}

static bool same_outage(const record_attempt *a, const record_attempt *b) {
    return a->device == b->device && a->trigger == b->trigger;
}

/* A fleet's start, before any trigger, is none. */
static bool is_outage(const looker *l, const record_attempt *a) {
    return a->trigger > 0 || !l->triggered;
}

/* The device went silent before it was online. */
static bool has_given_up(const looker *l, const record_attempt *last, const record_attempt *next,
                         sim_time longest) {
    bool goes_on = next != NULL && next->device == last->device;
    sim_time silent = (goes_on ? next->at : l->e->until) - last->at;
    return last->outcome != RECORD_OUTCOME_ONLINE && silent >= SILENCE && silent / 4 >= longest;
}

static void walk(looker *l) {
    const record_attempt *items = l->e->attempts;
    const record_attempt *before = NULL;
    uint32_t retry = 0;
    sim_time longest = 0;
    for (size_t k = 0; k < l->e->attempt_count; k++) {
        size_t i = l->order[k];
        const record_attempt *a = &items[i];
        bool goes_on =
            before != NULL && same_outage(before, a) && before->outcome != RECORD_OUTCOME_ONLINE;
        if (before == NULL || before->device != a->device) l->out->devices++;
        if (goes_on) {
            sim_time length = a->at - failed_at(l, l->order[k - 1], a->at);
            note_pause(l, retry++, length);
            longest = sim_time_max(longest, length);
        } else {
            l->out->outages += is_outage(l, a);
            retry = 0;
            longest = 0;
        }
        l->out->successes += a->outcome == RECORD_OUTCOME_ONLINE;
        const record_attempt *next = k + 1 < l->e->attempt_count ? &items[l->order[k + 1]] : NULL;
        if (is_outage(l, a) && (next == NULL || !same_outage(a, next)))
            l->out->gave_up += has_given_up(l, a, next, longest);
        before = a;
    }
}

/* Medians before each retry, and how far pauses lie from the mean before theirs. */
static void sum_up(looker *l) {
    judge_pack_facts *f = l->out;
    double squares = 0;
    size_t freedom = 0;
    qsort(l->pauses, l->pause_count, sizeof *l->pauses, by_retry);
    for (size_t from = 0, to; from < l->pause_count; from = to) {
        double sum = 0;
        for (to = from; to < l->pause_count && l->pauses[to].retry == l->pauses[from].retry; to++)
            sum += l->pauses[to].length_s;
        size_t n = to - from;
        double mean = sum / (double)n;
        f->counted[l->pauses[from].retry] = n;
        f->median_s[l->pauses[from].retry] =
            (l->pauses[from + n / 2].length_s + l->pauses[from + (n - 1) / 2].length_s) / 2;
        if (n < 2 || !(mean > 0)) continue;
        for (size_t i = from; i < to; i++)
            squares += (l->pauses[i].length_s / mean - 1) * (l->pauses[i].length_s / mean - 1);
        freedom += n - 1;
    }
    f->variation = freedom > 0 ? sqrt(squares / (double)freedom) : NAN;
}

/* Retries that many devices and outages have: a few that go on for longer say little. */
static size_t common_retries(const judge_pack_facts *f) {
    size_t n = 0;
    while (n < JUDGE_PACK_RETRIES_MAX && f->counted[n] > 0 && 2 * f->counted[n] >= f->counted[0])
        n++;
    return n;
}

/* In ten seconds that begin with an attempt: the retries over their budget. */
static double over_budget(const judge_evidence *e) {
    double worst = NAN;
    size_t end = 0;
    uint64_t firsts = 0, retries = 0;
    for (size_t i = 0; i < e->attempt_count; i++) {
        for (; end < e->attempt_count && e->attempts[end].at - e->attempts[i].at < BUDGET_SPAN;
             end++) {
            firsts += e->attempts[end].number <= 1;
            retries += e->attempts[end].number > 1;
        }
        double over = (double)retries /
                      (budget_share * (double)firsts + budget_rate * sim_time_seconds(BUDGET_SPAN));
        if (!(worst >= over)) worst = over;
        firsts -= e->attempts[i].number <= 1;
        retries -= e->attempts[i].number > 1;
    }
    return worst;
}

static void look(looker *l) {
    judge_pack_facts *f = l->out;
    for (size_t i = 0; i < l->e->attempt_count; i++) {
        l->order[i] = i;
        l->triggered = l->triggered || l->e->attempts[i].trigger > 0;
    }
    sorted = l->e->attempts;
    qsort(l->order, l->e->attempt_count, sizeof *l->order, by_device);
    walk(l);
    sum_up(l);
    const judge_pack_curve c = judge_pack_growth(f->median_s, common_retries(f));
    f->growth = c.growth;
    f->factor = c.factor;
    if (isnan(f->variation)) f->variation = c.off;
    f->over_budget = over_budget(l->e);
}

int judge_pack_look(const judge_evidence *e, const sim_time *ended, judge_pack_facts *out) {
    size_t room = e->attempt_count < PAUSES_MAX ? e->attempt_count : PAUSES_MAX;
    looker l = {.e = e, .ended = ended, .out = out};
    *out = (judge_pack_facts){.attempts = e->attempt_count,
                              .shortest_s = NAN,
                              .longest_s = NAN,
                              .variation = NAN,
                              .growth = NAN,
                              .factor = NAN,
                              .over_budget = NAN};
    if (e->attempt_count == 0) return 0;
    l.order = sim_calloc(e->attempt_count, sizeof *l.order);
    l.pauses = sim_calloc(room, sizeof *l.pauses);
    bool good = l.order != NULL && l.pauses != NULL;
    if (good) look(&l);
    sim_free(l.order);
    sim_free(l.pauses);
    return good ? 0 : SIM_ENOMEM;
}
