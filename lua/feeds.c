/* SPDX-License-Identifier: GPL-3.0-or-later */
/* power_zone{ name = ..., under = ... }: what feeds the streets of a fleet, from the substation
 * down. */
#include "lua/read.h"
#include "sim/fleet/selection.h"
#include "sim/fleet/spec.h"

typedef struct feed_words {
    const char *name, *under;
} feed_words;

const sim_field script_feed_fields[] = {
    {.name = "name",
     .kind = SIM_FIELD_TEXT,
     .offset = offsetof(feed_words, name),
     .required = true,
     .help = "that fleet.streets hangs on as its feed"},
    {.name = "under",
     .kind = SIM_FIELD_TEXT,
     .offset = offsetof(feed_words, under),
     .help = "the power_zone that feeds it, declared above; the substation"},
    {.name = NULL},
};

/* power_zone{ name = "feed 1" }: pushes a selection of all homes that hang on it. */
static int word_power_zone(lua_State *L) {
    script *s = script_of(L);
    feed_words w = {.name = NULL};
    uint32_t number;
    script_need(L, "power_zone", SCRIPT_SETUP);
    script_read_fields(L, 1, "power_zone", script_feed_fields, &w);
    const char *wrong = fleet_feed_add(&s->spec.feeds, w.name, w.under, &number);
    if (wrong != NULL) script_fail(L, "power_zone '%s': %s", w.name, wrong);
    script_push_rule(L,
                     &(fleet_selection){.zone = UINT32_MAX,
                                        .filters = {{.kind = FLEET_FILTER_FEED, .number = number}},
                                        .filter_count = 1});
    return 1;
}

void script_open_feeds(lua_State *L, int language) {
    lua_pushcfunction(L, word_power_zone);
    lua_setfield(L, language, "power_zone");
}
