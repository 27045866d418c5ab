/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/examine/detector_novelty.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { TO_QUANTISE = -1, FIXED = 1 << 16, SEEN_MAX = 15 };
static const double day = 86400, week = 7 * 86400, half_hour = 1800;
/* days that a half hour's usual is averaged over, at most */
static const uint8_t season_memory = 20;
static const float season_step = 0.005f; /* how fast the usual difference follows */
static const float season_gain = 0.8f;   /* usual differences fill the middle of the range */

static const struct {
    size_t table;
    int rows, shifts;
} views[EXAMINE_VIEWS] = {
#define NOVELTY_VIEW(name, rows, shifts) {offsetof(examine_novelty, table.name), rows, shifts},
    EXAMINE_VIEW_MAP(NOVELTY_VIEW)
#undef NOVELTY_VIEW
};

/* What a view looks at: its row, given or to be quantised from `before`, and the number in it. */
typedef struct glance {
    bool use;
    int row;
    float before, now;
} glance;

void examine_novelty_init(examine_novelty *n) {
    memset(n, 0, sizeof *n);
    n->season_spread = 0.25f;
}

/* The point `age` points ago (0: the newest), fixed point. */
static int32_t past(const examine_novelty *n, uint32_t age) {
    return n->ring[(n->points - 1 - age) % EXAMINE_NOVELTY_RING];
}

/* The sum of the last `length` points. */
static void slide(const examine_novelty *n, uint32_t length, int64_t *now) {
    *now += past(n, 0);
    if (n->points > length) *now -= past(n, length);
}

/* The sum of the `length` points before those. */
static void slide_before(const examine_novelty *n, uint32_t length, int64_t *before) {
    if (n->points > length) *before += past(n, length);
    if (n->points > 2 * (uint64_t)length) *before -= past(n, 2 * length);
}

static float mean(int64_t sum, uint32_t length) {
    return (float)sum / (float)((int64_t)length * FIXED);
}

static void remember(examine_novelty *n, const examine_novelty_settings *s, float u) {
    n->ring[n->points % EXAMINE_NOVELTY_RING] = (int32_t)lrintf(u * (float)FIXED);
    n->points++;
    slide(n, s->short_block, &n->short_now);
    slide(n, s->long_block, &n->long_now);
    slide_before(n, s->long_block, &n->long_before);
}

/* Difference from the running mean of this half hour of the day, in usual differences. */
static bool season(examine_novelty *n, double second_of_day, float u, float *out) {
    const int i = (int)(second_of_day / half_hour);
    const float difference = u - n->season[i];
    const bool known = n->season_points[i] > 0;
    if (known) {
        *out = asinhf(difference * season_gain / n->season_spread);
        n->season_spread += (fabsf(difference) - n->season_spread) * season_step;
        n->season_spread = fmaxf(n->season_spread, 1e-3f);
    }
    if (n->season_points[i] < season_memory) n->season_points[i]++;
    n->season[i] += difference / (float)n->season_points[i];
    return known;
}

static void look_back(const examine_novelty *n, const examine_novelty_settings *s, float u,
                      glance *g) {
    const float one = 1.0f / FIXED;
    const uint64_t points = n->points;
    const uint32_t l = s->long_block;
    g[EXAMINE_VIEW_VALUE] = (glance){true, 0, 0, u};
    for (int i = 0; i < EXAMINE_NOVELTY_LAGS; i++)
        g[EXAMINE_VIEW_LAG + i] =
            (glance){points > s->lag[i], TO_QUANTISE, (float)past(n, s->lag[i]) * one, u};
    const float now = mean(n->long_now, l);
    g[EXAMINE_VIEW_BLOCK] =
        (glance){points >= 2 * (uint64_t)l, TO_QUANTISE, mean(n->long_before, l), now};
    g[EXAMINE_VIEW_AGAINST] = (glance){points > l, TO_QUANTISE, now, u};
}

static void look_at_clock(examine_novelty *n, const examine_novelty_settings *s, double time,
                          float u, float block, glance *g) {
    const double in_week = time - week * floor(time / week),
                 in_day = in_week - day * floor(in_week / day);
    if (!(in_week >= 0 && in_week < week)) return; /* not a number, or too far away to tell */
    const int hour_of_week = (int)(in_week / 3600), hour = hour_of_week % 24;
    g[EXAMINE_VIEW_HOUR] = (glance){true, hour, 0, u};
    g[EXAMINE_VIEW_HOUR_MEAN] = (glance){n->points >= s->short_block, hour, 0, block};
    g[EXAMINE_VIEW_WEEK] = (glance){true, hour_of_week, 0, u};
    float difference = 0;
    const bool known = season(n, in_day, u, &difference);
    g[EXAMINE_VIEW_SEASON] = (glance){known, 0, 0, difference};
}

static int bin(float u, float per_unit, float shift) {
    const float x = u * per_unit + (0.5f * (EXAMINE_NOVELTY_BINS - 1) + shift);
    return x <= 0 ? 0 : x >= EXAMINE_NOVELTY_BINS ? EXAMINE_NOVELTY_BINS - 1 : (int)x;
}

/* Sum of the sixteen counts of a row. */
static float row_total(const uint8_t *row) {
    uint64_t x;
    static_assert(sizeof x == EXAMINE_NOVELTY_BYTES, "a row is a word");
    memcpy(&x, row, sizeof x);
    x = (x & 0x0f0f0f0f0f0f0f0f) + (x >> 4 & 0x0f0f0f0f0f0f0f0f);
    return (float)(x * 0x0101010101010101 >> 56);
}

/* Counts a cell up and gives what it was. */
static int count(uint8_t *row, int column) {
    uint8_t *pair = &row[column / 2];
    const int shift = column % 2 * 4, seen = (*pair >> shift) & SEEN_MAX;
    if (seen < SEEN_MAX) *pair = (uint8_t)(*pair + (1 << shift));
    return seen;
}

/* 1: never seen, 0: well known. A row that the clock gives must have points before it can have
 * news: an hour that comes for the first time is none. */
static float novelty(examine_novelty *n, const examine_novelty_settings *s, int view,
                     const glance *g) {
    uint8_t *table = (uint8_t *)n + views[view].table;
    const float per_unit = (EXAMINE_NOVELTY_BINS - 1) / s->range;
    float sum = 0;
    for (int k = 0; k < views[view].shifts; k++) {
        const float shift = ((float)k + 0.5f) / (float)views[view].shifts;
        const int row = g->row == TO_QUANTISE ? bin(g->before, per_unit, 1 - shift) : g->row;
        uint8_t *cells = table + (size_t)(k * views[view].rows + row) * EXAMINE_NOVELTY_BYTES;
        const float points = row_total(cells);
        const int seen = count(cells, bin(g->now, per_unit, shift));
        if (seen < SEEN_MAX)
            sum += (g->row == TO_QUANTISE ? 1 : points / (points + 1)) /
                   (1.0f + s->fade * (float)seen);
    }
    return sum / (float)views[view].shifts;
}

/* What is usual in a view, or in a column of it if that is more; then learns. */
static float surprise(examine_novelty *n, const examine_novelty_settings *s, int view, int column,
                      float novel) {
    float *mean = &n->habit[view].mean, *points = &n->habit[view].points;
    float *column_sum = &n->column[view][column].novelty,
          *column_points = &n->column[view][column].points;
    if (*points < s->memory) *points += 1;
    const float usual =
        fmaxf(fmaxf(*mean, 1 / *points), *column_sum / (*column_points + s->column_prior));
    const float decades = novel > 0 && usual < 1 ? novel * -log10f(usual) : 0;
    *mean += (novel - *mean) / *points;
    *column_sum += novel;
    *column_points += 1;
    if (*column_points > s->memory) { /* fades */
        *column_sum /= 2;
        *column_points /= 2;
    }
    return decades;
}

examine_novelty_votes examine_novelty_step(examine_novelty *n, const examine_novelty_settings *s,
                                           double time, float u) {
    glance g[EXAMINE_VIEWS] = {{0}};
    examine_novelty_votes votes = {0, 0};
    remember(n, s, u);
    const float per_unit = (EXAMINE_NOVELTY_BINS - 1) / s->range;
    const float block = mean(n->short_now, s->short_block);
    look_back(n, s, u, g);
    look_at_clock(n, s, time, u, block, g);
    for (int view = 0; view < EXAMINE_VIEWS; view++) {
        if (!g[view].use || s->weight[view] <= 0) continue;
        votes.weight += s->weight[view];
        votes.surprise += s->weight[view] * surprise(n, s, view, bin(g[view].now, per_unit, 0.5f),
                                                     novelty(n, s, view, &g[view]));
    }
    return votes;
}
