/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/fleet/chain.h"

#include <stddef.h>

#define S SIM_SECOND

const char *const fleet_server_words[FLEET_SERVERS + 1] = {
#define SERVER_WORD(name, word) [FLEET_SERVER_##name] = word,
    FLEET_SERVER_MAP(SERVER_WORD)
#undef SERVER_WORD
};

/* A resolver's pause is the one of Linux's resolv.conf(5), 5 s, doubled as RFC 1035, 7.2 wants of
 * who asks again. Time: RFC 4330, 10: never sooner than 15 s, and growing; RFC 5905 ends at 1,024
 * s. */
#define NAME_ROW \
    { .first = 5 * S, .cap = 60 * S }
#define TIME_ROW \
    { .first = 15 * S, .cap = 1024 * S }

const fleet_chain_kind fleet_chain_kinds[] = {
    {"ipv4",
     "RFC 2131, 4.1 and 4.4.1: first at 1 to 10 s, then 4, 8, ... 64 s, plus or minus 1 s",
     {{.delay_minimum = S, .delay_maximum = 10 * S, .first = 4 * S, .cap = 64 * S, .spread = S},
      NAME_ROW,
      TIME_ROW}},
    {"ipv6",
     "RFC 8415, 7.6 and 15: first within 1 s, then 1, 2, ... 3,600 s, plus or minus a tenth",
     {{.delay_maximum = S, .first = S, .cap = 3600 * S, .share = 0.1}, NAME_ROW, TIME_ROW}},
    {"impatient",
     "a mistake: asks at once, and every second",
     {{.first = S, .cap = S}, {.first = S, .cap = S}, {.first = S, .cap = S}}},
    {.word = NULL}};

static sim_time pause_after(const fleet_timer_row *row, uint8_t tries, sim_stream *draw) {
    sim_time pause = row->first;
    for (uint8_t i = 1; i < tries && pause < row->cap; i++) pause *= 2;
    pause = sim_time_min(pause, row->cap);
    sim_time about = row->spread + (sim_time)(row->share * (double)pause);
    return about == 0 ? pause : pause + sim_stream_between(draw, -about, about);
}

sim_time fleet_chain_begin(fleet_chain *c, const fleet_chain_kind *kind, fleet_server stage,
                           sim_time now, sim_stream *draw) {
    const fleet_timer_row *row = &kind->rows[stage];
    *c = (fleet_chain){.answered = SIM_NEVER, .stage = (uint8_t)stage};
    if (row->delay_maximum == 0) return now;
    return sim_time_add(now, sim_stream_between(draw, row->delay_minimum, row->delay_maximum));
}

static sim_time ask(fleet_chain *c, const fleet_chain_kind *kind, const sim_time *after,
                    sim_time now, sim_stream *draw, uint64_t *asked) {
    asked[c->stage]++;
    if (c->tries < UINT8_MAX) c->tries++;
    c->answered = sim_time_min(c->answered, sim_time_add(now, after[c->stage]));
    sim_time again = sim_time_add(now, pause_after(&kind->rows[c->stage], c->tries, draw));
    return sim_time_min(c->answered, again);
}

sim_time fleet_chain_step(fleet_chain *c, const fleet_chain_kind *kind,
                          const sim_time after[FLEET_SERVERS], sim_time now, sim_stream *draw,
                          uint64_t asked[FLEET_SERVERS]) {
    if (c->answered <= now) {
        c->stage++;
        if (fleet_chain_is_through(c)) return SIM_NEVER;
        sim_time due = fleet_chain_begin(c, kind, (fleet_server)c->stage, now, draw);
        if (due > now) return due;
    }
    return ask(c, kind, after, now, draw, asked);
}
