/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In setup: declare.resilience{ ... }, declare.interface{ ... }, declare.telemetry{ ... }: what the
 * maker says of the product, in the fields of the IXIT tables of TS 103 701. */
#include <string.h>

#include "lua/read.h"

enum { TEXT_MAX = 400 };

/* Where the next entry of a table goes, or an error when there is no room. */
static void check_room(lua_State *L, const char *what, size_t count) {
    script_need(L, what, SCRIPT_SETUP);
    if (count == JUDGE_IXIT_MAX) script_fail(L, "%s: at most %d of them", what, JUDGE_IXIT_MAX);
}

static void check_text(lua_State *L, const char *what, const char *field, const char *text,
                       bool needed) {
    if (text == NULL && !needed) return;
    if (text == NULL || text[0] == '\0' || strlen(text) > TEXT_MAX)
        script_fail(L, "%s: %s: 1 to %d letters", what, field, TEXT_MAX);
}

static void check_new_id(lua_State *L, const char *what, const char *id, const char *other) {
    if (strcmp(id, other) == 0)
        script_fail(L, "%s: there is another '%s'; give it an id of its own", what, id);
}

#define FIELD(type, field_name, member) \
    .name = field_name, .kind = SIM_FIELD_TEXT, .offset = offsetof(type, member)

typedef struct resilience_words {
    judge_resilience entry;
    int type;
} resilience_words;

static const char *const outage_types[] = {"network connectivity", "power outage", NULL};
_Static_assert(JUDGE_OUTAGE_NETWORK == 0 && JUDGE_OUTAGE_POWER == 1,
               "words in the order of the enum");

const sim_field script_resilience_fields[] = {
    {FIELD(resilience_words, "id", entry.id), .required = true},
    {FIELD(resilience_words, "description", entry.description), .required = true},
    {FIELD(resilience_words, "guarantees", entry.guarantees)},
    {.name = "type",
     .kind = SIM_FIELD_CHOICE,
     .offset = offsetof(resilience_words, type),
     .choices = outage_types,
     .required = true},
    {.name = NULL},
};

static int word_resilience(lua_State *L) {
    static const char what[] = "declare.resilience";
    judge_ixit *all = &script_of(L)->spec.ixit;
    resilience_words w = {{0}, 0};
    check_room(L, what, all->resilience_count);
    script_read_fields(L, 1, what, script_resilience_fields, &w);
    check_text(L, what, "id", w.entry.id, true);
    check_text(L, what, "description", w.entry.description, true);
    check_text(L, what, "guarantees", w.entry.guarantees, false);
    for (size_t i = 0; i < all->resilience_count; i++)
        check_new_id(L, what, w.entry.id, all->resilience[i].id);
    w.entry.type = (judge_outage_type)w.type;
    all->resilience[all->resilience_count++] = w.entry;
    return 0;
}

const sim_field script_interface_fields[] = {
    {FIELD(judge_interface, "id", id), .required = true},
    {FIELD(judge_interface, "description", description), .required = true},
    {FIELD(judge_interface, "resilience_measures", resilience_measures)},
    {.name = NULL},
};

static int word_interface(lua_State *L) {
    static const char what[] = "declare.interface";
    judge_ixit *all = &script_of(L)->spec.ixit;
    judge_interface entry = {0};
    check_room(L, what, all->interface_count);
    script_read_fields(L, 1, what, script_interface_fields, &entry);
    check_text(L, what, "id", entry.id, true);
    check_text(L, what, "description", entry.description, true);
    check_text(L, what, "resilience_measures", entry.resilience_measures, false);
    for (size_t i = 0; i < all->interface_count; i++)
        check_new_id(L, what, entry.id, all->interfaces[i].id);
    all->interfaces[all->interface_count++] = entry;
    return 0;
}

const sim_field script_telemetry_fields[] = {
    {FIELD(judge_telemetry, "id", id), .required = true},
    {FIELD(judge_telemetry, "description", description), .required = true},
    {FIELD(judge_telemetry, "purpose", purpose)},
    {FIELD(judge_telemetry, "security_examination", security_examination)},
    {.name = "looks_for", .kind = SIM_FIELD_KINDS, .offset = offsetof(judge_telemetry, looks_for)},
    {FIELD(judge_telemetry, "personal_data", personal_data)},
    {.name = NULL},
};

static int word_telemetry(lua_State *L) {
    static const char what[] = "declare.telemetry";
    judge_ixit *all = &script_of(L)->spec.ixit;
    judge_telemetry entry = {0};
    check_room(L, what, all->telemetry_count);
    script_read_fields(L, 1, what, script_telemetry_fields, &entry);
    check_text(L, what, "id", entry.id, true);
    check_text(L, what, "description", entry.description, true);
    check_text(L, what, "purpose", entry.purpose, false);
    check_text(L, what, "security_examination", entry.security_examination, false);
    check_text(L, what, "personal_data", entry.personal_data, false);
    for (size_t i = 0; i < all->telemetry_count; i++)
        check_new_id(L, what, entry.id, all->telemetry[i].id);
    all->telemetry[all->telemetry_count++] = entry;
    return 0;
}

void script_open_declare(lua_State *L, int language) {
    static const luaL_Reg declare[] = {{"resilience", word_resilience},
                                       {"interface", word_interface},
                                       {"telemetry", word_telemetry},
                                       {NULL, NULL}};
    luaL_newlib(L, declare);
    lua_setfield(L, language, "declare");
}
