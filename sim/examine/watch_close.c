/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A watch's window ends: who was heard, which street is out, who is silent, who came from two
 * places. */
#include <math.h>
#include <string.h>

#include "sim/examine/watch_steps.h"

enum {
    GAPS_MAX = 64,   /* memory of the usual gap, signs of life */
    GAPS_LEAST = 20, /* before silence is judged */
    MISSED_LOOKS_LEAST = 3,
    STREET_SURE = 16 /* devices heard a window that make a street's silence telling */
};
static const float gap_fade = 0.9995f;
static const float irregular =
    45; /* a Poisson process, whose gaps deviate by 0.74 of their mean, may miss 5 + 33 signs */
static const float returns_fade = 0.9904f; /* a look: half in six hours of five-minute looks */

/* ---- hearing
 * ------------------------------------------------------------------------------------------- */

static void learn_gap(examine_device *d, float gap) {
    if (d->gaps < GAPS_MAX) d->gaps++;
    const float step = 1 / (float)d->gaps;
    d->gap += (gap - d->gap) * step;
    d->gap_deviation += (fabsf(gap - d->gap) - d->gap_deviation) * step;
    d->gap_longest = fmaxf(d->gap_longest * gap_fade, gap);
}

static void hear(examine_watch *w, examine_device *d) {
    examine_street *street = &w->streets[d->street];
    const uint32_t gap = street->living - d->heard_alive;
    if (d->heard != 0 && gap > 0 && !examine_muted(w, d)) learn_gap(d, (float)gap);
    street->heard++;
    d->missed = 0;
    d->missed_looks = 0;
    if (d->heard_windows < UINT8_MAX) d->heard_windows++;
    w->homes[d->home].heard = w->window;
    d->heard = w->window;
    d->heard_alive = street->living;
    d->heard_now = d->overdue = false;
}

static void count_devices(examine_watch *w) {
    for (uint32_t i = 0; i < w->device_count; i++) {
        examine_device *d = &w->devices[i];
        w->sums[d->cohort].devices++;
        if (d->heard_now) hear(w, d);
    }
}

/* ---- streets
 * ------------------------------------------------------------------------------------------- */

static void find_outage(const examine_watch *w, examine_street *x) {
    const examine_watch_settings *s = w->settings;
    const double windows = (double)(10 * SIM_MINUTE) / (double)s->window;
    x->disturbed = x->disturbed * (float)exp(-1 / windows) + (float)x->disturbed_now;
    x->disturbed_now = 0;
    const float limit = fmaxf(4, s->outage_share * (float)x->devices) + 4 * x->usual_disturbed;
    if (x->disturbed >= limit && s->outage_share <= 1)
        x->muted_until = w->window + examine_windows(s, s->settle);
    else
        x->usual_disturbed +=
            (x->disturbed - x->usual_disturbed) / (float)examine_windows(s, SIM_DAY);
}

/* A street of which half is not heard does not say that anybody is silent. */
static void find_life(const examine_watch *w, examine_street *x) {
    const bool muted = x->muted_until > w->window;
    const bool enough = x->usual_heard < STREET_SURE || (float)x->heard >= x->usual_heard / 2;
    const sim_time memory = enough ? SIM_HOUR : SIM_DAY;
    x->usual_heard +=
        ((float)x->heard - x->usual_heard) / (float)examine_windows(w->settings, memory);
    x->alive = enough && !muted;
    x->living += x->alive;
    x->heard = 0;
}

/* ---- accusing
 * ------------------------------------------------------------------------------------------ */

static uint16_t hour_stamp(sim_time now) {
    return (uint16_t)(now / SIM_HOUR % (UINT16_MAX - 1) + 1);
}

void examine_mark_told(examine_device *d, sim_time now, record_anomaly kind) {
    d->told[kind] = hour_stamp(now);
}

bool examine_told(const examine_watch *w, sim_time now, const examine_device *d,
                  record_anomaly kind) {
    if (d->told[kind] == 0) return false;
    const uint32_t hours =
        (uint32_t)(hour_stamp(now) + UINT16_MAX - 1 - d->told[kind]) % (UINT16_MAX - 1);
    return (sim_time)hours * SIM_HOUR < w->settings->rest;
}

/* What is already told of in its own name needs no second notice that something is unusual. */
static bool known_otherwise(const examine_watch *w, sim_time now, const examine_device *d) {
    for (int kind = 0; kind < RECORD_ANOMALIES; kind++)
        if (examine_told(w, now, d, (record_anomaly)kind)) return true;
    return false;
}

void examine_accuse(examine_watch *w, sim_time now, examine_device *d, const examine_case *c) {
    if (examine_told(w, now, d, c->kind)) return;
    if (c->kind == RECORD_ANOMALY_UNKNOWN && known_otherwise(w, now, d)) return;
    if (w->candidate_count == w->room) {
        w->dropped++;
        return;
    }
    const uint32_t windows = c->since < w->window ? w->window - c->since : 0;
    const sim_time since = now - (sim_time)windows * w->settings->window;
    w->candidates[w->candidate_count++] =
        (examine_candidate){.cohort = d->cohort,
                            .notice = {.at = now,
                                       .since = sim_time_max(0, since),
                                       .delivered = SIM_NEVER,
                                       .seen = c->seen,
                                       .expected = c->expected,
                                       .score = c->evidence / (c->evidence + c->needed),
                                       .who = w->first_device + (uint32_t)(d - w->devices),
                                       .scope = RECORD_SCOPE_DEVICE,
                                       .kind = (uint8_t)c->kind,
                                       .metric = (uint8_t)c->metric}};
}

/* ---- silence, clones, readings that cannot be
 * ---------------------------------------------------------- */

/* How many signs must be missed: more, if the device is irregular. */
static float signs_needed(const examine_watch *w, const examine_device *d) {
    return w->settings->silent_periods + irregular * d->gap_deviation / fmaxf(d->gap, 1e-3f);
}

/* Nobody in this home is heard: its uplink, or the house, is out. A device that is alone there has
 * only the street. */
static bool home_lives(const examine_watch *w, const examine_device *d) {
    const examine_home *home = &w->homes[d->home];
    return home->devices == 1 || w->window - home->heard < w->settings->look;
}

/* Signs of life by time of day: an hour's silence at night may be nothing. */
static void learn_signs(examine_watch *w, sim_time now, examine_device *d) {
    const uint32_t living = w->streets[d->street].living, windows = living - d->looked_alive;
    const uint32_t a_day = examine_looks(w->settings, SIM_DAY),
                   a_block = examine_looks(w->settings, SIM_DAY / EXAMINE_BLOCKS);
    float *share = &d->signs[(now - 1) / (SIM_DAY / EXAMINE_BLOCKS) % EXAMINE_BLOCKS];
    const float heard = (float)d->heard_windows;
    d->looked_alive = living;
    d->heard_windows = 0;
    if (windows == 0 || examine_muted(w, d)) return;
    if (heard == 0 && home_lives(w, d)) {
        d->missed += *share * (float)windows;
        if (d->missed_looks < UINT8_MAX) d->missed_looks++;
    }
    if (d->overdue) return;
    const uint32_t seen = d->age / a_day * a_block + d->age % a_day % a_block + 1;
    *share += (fminf(heard / (float)windows, 1) - *share) /
              (float)(seen < 7 * a_block ? seen : 7 * a_block);
}

static void look_silence(examine_watch *w, sim_time now, examine_device *d) {
    learn_signs(w, now, d);
    if (d->gaps < GAPS_LEAST || !examine_mature(w, d)) return;
    const float silent = (float)(w->streets[d->street].living - d->heard_alive),
                longest = fmaxf(3, 1.5f * d->gap_longest + 1);
    const float needed = signs_needed(w, d);
    if (!d->overdue && d->missed > needed / 2 && silent > longest / 2) {
        d->overdue = true;
        examine_disturb(w, d);
    }
    if (d->missed < needed || silent < longest || examine_muted(w, d)) return;
    if (d->missed_looks < MISSED_LOOKS_LEAST) return;
    examine_accuse(w, now, d,
                   &(examine_case){.kind = RECORD_ANOMALY_SILENT_DEVICE,
                                   .metric = RECORD_METRIC_MESSAGES_IN,
                                   .since = d->heard,
                                   .evidence = d->missed,
                                   .needed = needed,
                                   .seen = 0,
                                   .expected = (double)d->missed});
}

/* Some cohorts flap honestly: what is usual there is added to what is needed. */
static void look_clone(examine_watch *w, sim_time now, examine_device *d) {
    const float usual = w->fleet->cohorts[d->cohort].returns;
    const float needed = (float)w->settings->returns + 8 * usual;
    if (examine_told(w, now, d, RECORD_ANOMALY_CLONE)) {
        d->returns = 0;
    } else if (examine_mature(w, d)) {
        w->sums[d->cohort].returns += examine_fixed(fminf(d->returns, 1));
        if (d->returns >= needed)
            examine_accuse(w, now, d,
                           &(examine_case){.kind = RECORD_ANOMALY_CLONE,
                                           .metric = RECORD_METRIC_SOURCE_ADDRESS,
                                           .since = d->since,
                                           .evidence = d->returns,
                                           .needed = needed,
                                           .seen = (double)d->returns,
                                           .expected = (double)usual});
    }
    d->returns *= returns_fade;
    if (d->returns < 0.1f) d->returns = 0;
}

static void look_at(examine_watch *w, sim_time now, examine_device *d, bool hour_turned) {
    if (d->heard == 0) return;
    look_silence(w, now, d);
    look_clone(w, now, d);
    examine_look_signals(w, now, d);
    examine_look_reading(w, now, d);
    if (hour_turned) {
        examine_hour_reading(w, now, d);
        examine_hour_battery(w, now, d);
    }
    if (!examine_muted(w, d) && d->age < UINT16_MAX) d->age++;
}

void examine_watch_close(examine_watch *w, sim_time now) {
    count_devices(w);
    for (uint32_t i = 0; i < w->street_count; i++) {
        find_outage(w, &w->streets[i]);
        find_life(w, &w->streets[i]);
    }
    if (w->window % w->settings->look == 0) {
        const sim_time before = now - (sim_time)w->settings->look * w->settings->window;
        const bool hour_turned = before < 0 || now / SIM_HOUR != before / SIM_HOUR;
        for (uint32_t i = 0; i < w->device_count; i++) look_at(w, now, &w->devices[i], hour_turned);
    }
    w->begin = now;
    w->window++;
}
