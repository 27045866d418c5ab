/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a scenario says of the examination of telemetry (EN 303 645, 5.10-1): examiner{ ... } in
 * setup. */
#include <stddef.h>

#include "lua/read.h"

typedef struct examiner_words {
    sim_time window;
    double strictness;
    bool on, series;
} examiner_words;

const sim_field script_examiner_fields[] = {
    {.name = "on",
     .kind = SIM_FIELD_BOOLEAN,
     .offset = offsetof(examiner_words, on),
     .help = "false: nobody looks; true"},
    {.name = "window",
     .kind = SIM_FIELD_DURATION,
     .offset = offsetof(examiner_words, window),
     .minimum = 1e9,
     .maximum = 3600e9,
     .help = "from look to look; 1m"},
    {.name = "strictness",
     .kind = SIM_FIELD_NUMBER,
     .offset = offsetof(examiner_words, strictness),
     .minimum = 0.01,
     .maximum = 1e6,
     .help = "evidence wanted, times this; 1"},
    {.name = "series",
     .kind = SIM_FIELD_BOOLEAN,
     .offset = offsetof(examiner_words, series),
     .help = "each device's readings are a series of their own besides; false"},
    {.name = NULL},
};

static int word_examiner(lua_State *L) {
    script *s = script_of(L);
    examiner_words w = {.window = examine_watch_default.window, .strictness = 1, .on = true};
    script_need(L, "examiner", SCRIPT_SETUP);
    if (!lua_isnoneornil(L, 1)) script_read_fields(L, 1, "examiner", script_examiner_fields, &w);
    fleet_examination *x = &s->spec.examination;
    *x = (fleet_examination){
        .on = w.on && !s->real, .series = w.series, .settings = examine_watch_default};
    x->settings.window = w.window;
    x->settings = examine_watch_stricter(&x->settings, w.strictness);
    return 0;
}

void script_open_examination(lua_State *L, int language) {
    lua_pushcfunction(L, word_examiner);
    lua_setfield(L, language, "examiner");
}
