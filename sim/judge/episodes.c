/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/judge/episodes.h"

#include "sim/core/heap.h"
#include "sim/core/quantile.h"

enum { DRAWS = 999, TRIGGERS = 256 /* record_attempt.trigger is a byte */ };

/* One outage while its attempts go by. */
typedef struct track {
    judge_episode episode;
    sim_time last; /* end of the attempt before, or its beginning */
    bool last_from_start, seen;
} track;

static void add_attempt(track *t, const record_attempt *a, sim_time ended) {
    judge_episode *e = &t->episode;
    if (e->back) return;
    if (!t->seen) e->at = a->at;
    if (t->seen && e->pauses < JUDGE_EPISODE_PAUSES) {
        e->seconds[e->pauses] = sim_time_seconds(sim_time_max(0, a->at - t->last));
        e->from_start[e->pauses] = t->last_from_start;
    }
    e->pauses += t->seen;
    e->back = a->outcome == RECORD_OUTCOME_ONLINE;
    t->last_from_start = ended == SIM_NEVER;
    t->last = t->last_from_start ? a->at : ended;
    t->seen = true;
}

/* Those in which it tried again; returns the most pauses that any of them keeps. */
static size_t keep(const track *tracks, judge_episodes *out) {
    uint64_t most = 0;
    for (size_t i = 0; i < TRIGGERS; i++) {
        const judge_episode *e = &tracks[i].episode;
        if (e->pauses == 0) continue;
        if (out->count < JUDGE_EPISODES_MAX)
            out->items[out->count++] = *e;
        else
            out->more++;
        most = e->pauses > most ? e->pauses : most;
    }
    return most < JUDGE_EPISODE_PAUSES ? (size_t)most : JUDGE_EPISODE_PAUSES;
}

/* Up to the pause before which the law gives up in some draw. `seconds` has DRAWS for each. */
static void draw_law(const judge_device_case *c, size_t pauses, double *seconds,
                     judge_episodes *out) {
    out->declared = pauses;
    for (uint64_t r = 0; r < DRAWS; r++) {
        sim_stream stream = sim_stream_for(c->seed, SIM_PURPOSE_CALIBRATION, r);
        sim_time drawn[JUDGE_EPISODE_PAUSES + 1];
        c->declared->draw(c->declared->law, c->device, &stream, drawn, pauses + 1);
        for (size_t k = 0; k < out->declared; k++) {
            seconds[k * DRAWS + r] = sim_time_seconds(drawn[k + 1]);
            if (drawn[k + 1] == SIM_NEVER) out->declared = k;
        }
    }
    for (size_t k = 0; k < out->declared; k++) {
        double *values = seconds + k * DRAWS;
        sim_sort_numbers(values, DRAWS);
        out->law[k] = (judge_declared_pause){sim_quantile(values, DRAWS, 0.05),
                                             sim_quantile(values, DRAWS, 0.5),
                                             sim_quantile(values, DRAWS, 0.95)};
    }
}

int judge_episodes_of(const judge_device_case *c, judge_episodes *out) {
    track *tracks = sim_calloc(TRIGGERS, sizeof *tracks);
    double *seconds = sim_calloc((size_t)DRAWS * JUDGE_EPISODE_PAUSES, sizeof *seconds);
    int error = tracks == NULL || seconds == NULL ? SIM_ENOMEM : 0;
    *out = (judge_episodes){.count = 0};
    if (error == 0) {
        for (size_t i = 0; i < c->count; i++)
            if (c->attempts[i].device == c->device)
                add_attempt(&tracks[c->attempts[i].trigger], &c->attempts[i],
                            judge_device_attempt_ended(c, i));
        size_t pauses = keep(tracks, out);
        if (c->declared != NULL) draw_law(c, pauses, seconds, out);
    }
    sim_free(tracks);
    sim_free(seconds);
    return error;
}
