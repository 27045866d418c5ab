/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/guard.h"

#include <stdio.h>
#include <string.h>

#include "sim/run/clock.h"
#include "sim/run/metrics.h"
#include "sim/run/threshold.h"

/* What was recorded street by street is put together when the run is over. */
static bool is_counted_late(const char *name) {
    return strncmp(name, "attempts", strlen("attempts")) == 0 ||
           strcmp(name, "connect_latency") == 0;
}

/* What only grows can reach a limit, and what only falls can stay above one, until the end. */
static bool can_be_met_later(run *r, const char *name, const judge_threshold *t) {
    bool least = t->relation == JUDGE_AT_LEAST;
    switch (t->aspect) {
        case JUDGE_ASPECT_COUNT:
        case JUDGE_ASPECT_MOST:
            return least;
        case JUDGE_ASPECT_LEAST:
            return !least;
        case JUDGE_ASPECT_VALUE: /* of a gauge, or of two counters, it goes up and down */
            return least && strchr(name, '/') == NULL && !run_metric_is_gauge(r, name);
        default:
            return false;
    }
}

const char *run_guard_unfit(run *r, const char *name, const judge_threshold *t) {
    const char *second = strchr(name, '/');
    if (is_counted_late(name) || (second != NULL && is_counted_late(second + 1)))
        return "is counted when the run is over, and cannot end it: requests and devices_online "
               "can";
    if (can_be_met_later(r, name, t)) return "can be met until the run is over, and cannot end it";
    return NULL;
}

void run_guard_by(run *r, const run_guard *guards, size_t count) {
    *run_guards_of(r) = (run_guards){.items = guards, .count = count};
}

static void is_broken(run_guards *all, const run_guard *g, judge_finding *f, sim_time now) {
    char when[32];
    (void)judge_finding_say_more(f, " The run was ended for that, %s after it began.",
                                 sim_time_text(now, when, sizeof when));
    all->broken = g;
    all->finding = *f;
}

int run_guards_look(run *r) {
    run_guards *all = run_guards_of(r);
    const sim_time now = run_now(r);
    int error = 0;
    if (all->count == 0 || now < all->due) return 0;
    all->due = (now / SIM_SECOND + 1) * SIM_SECOND;
    for (size_t i = 0; i < all->count && error == 0 && all->broken == NULL; i++) {
        const run_guard *g = &all->items[i];
        char why[256];
        judge_finding f = {.verdict = JUDGE_INCONCLUSIVE};
        if (now < g->after) continue;
        (void)snprintf(f.unit, sizeof f.unit, "%s", g->what);
        error = run_threshold_so_far(r, g->name, &g->threshold, g->what, &f, why, sizeof why);
        if (error == SIM_ERANGE)
            error = 0; /* nothing of that name was counted yet */
        else if (error == 0 && f.verdict == JUDGE_FAIL)
            is_broken(all, g, &f, now);
    }
    run_metrics_forget(r);
    return error;
}

bool run_guard_ended(run *r, const char *what, const judge_threshold *t, judge_finding *out) {
    const run_guards *all = run_guards_of(r);
    const run_guard *g = all->broken;
    if (g == NULL || strcmp(g->what, what) != 0 || g->threshold.relation != t->relation ||
        g->threshold.limit < t->limit || g->threshold.limit > t->limit)
        return false;
    *out = all->finding;
    return true;
}
