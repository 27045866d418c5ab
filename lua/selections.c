/* SPDX-License-Identifier: GPL-3.0-or-later */
/* streets:homes():fraction(0.5):cut_power() - handles that say which homes or devices, and the
 * faults that hit them. A handle holds a rule (fleet_selection), never a pointer into the fleet,
 * and
 * narrowing makes a new one. The same words pick the same homes each time: what one line cut, the
 * same line restores. */
#include <stdio.h>
#include <string.h>

#include "lua/names.h"
#include "lua/read.h"
#include "sim/fleet/fault.h"
#include "sim/fleet/selection.h"
#include "sim/fleet/spec.h"
#include "sim/run/count.h"
#include "sim/run/strike.h"

static const char kind[] = "selection";

typedef enum whom { WHOLE, HOMES, DEVICES } whom;

typedef struct selection {
    fleet_selection rule;
    whom of;
    bool single; /* homes of one device each: homes and devices are the same */
} selection;

static void push(lua_State *L, const selection *from);

static selection *self(lua_State *L, const char *verb) {
    selection *held = luaL_testudata(L, 1, kind);
    if (held == NULL)
        script_fail(L, "%s is said of streets, homes or devices, with a colon: streets:%s(...)",
                    verb, verb);
    return held;
}

void script_push_zone(lua_State *L, uint32_t zone) {
    selection all = {.rule = {.zone = zone}};
    if (zone != UINT32_MAX) all.single = script_of(L)->zone_single[zone];
    push(L, &all);
}

void script_push_rule(lua_State *L, const fleet_selection *rule) {
    selection found = {.rule = *rule};
    push(L, &found);
}

/* ---- narrowing ---- */

static int with_filter(lua_State *L, const selection *from, fleet_filter filter) {
    selection narrow = *from;
    if (narrow.rule.filter_count == FLEET_FILTERS_MAX)
        script_fail(L, "a selection can be narrowed %d times", FLEET_FILTERS_MAX);
    narrow.rule.filters[narrow.rule.filter_count++] = filter;
    push(L, &narrow);
    return 1;
}

static int verb_homes(lua_State *L) {
    selection homes = *self(L, "homes");
    script_take(L, "homes", 1);
    if (homes.of == DEVICES)
        script_fail(
            L, "homes() comes before devices(): narrow the homes first, then the devices in them");
    homes.of = HOMES;
    push(L, &homes);
    return 1;
}

static int verb_devices(lua_State *L) {
    selection devices = *self(L, "devices");
    script_take(L, "devices", 1);
    devices.of = DEVICES;
    push(L, &devices);
    return 1;
}

/* fraction(0.1), fraction("10%"), fraction(0.1, { draw = 2 }): each draw is a choice of its own.
 * The depth of narrowing is part of the salt, so that half of a half is a quarter. */
static int verb_fraction(lua_State *L) {
    static const sim_field share = {.name = "fraction", .kind = SIM_FIELD_FRACTION};
    static const sim_field fields[] = {
        {.name = "draw", .kind = SIM_FIELD_COUNT32, .minimum = 1, .maximum = 1000000},
        {.name = NULL}};
    const selection *from = self(L, "fraction");
    fleet_filter filter = {.kind = from->of == DEVICES && !from->single ? FLEET_FILTER_DEVICE_SHARE
                                                                        : FLEET_FILTER_HOME_SHARE};
    uint32_t draw = 1;
    if (from->of == WHOLE && !from->single)
        script_fail(L,
                    "a fraction of what? Say :homes():fraction(...) or :devices():fraction(...)");
    script_read(L, 2, &share, "fraction", &filter.share);
    if (!lua_isnoneornil(L, 3)) script_read_fields(L, 3, "fraction", fields, &draw);
    filter.number = draw * 16 + from->rule.filter_count;
    return with_filter(L, from, filter);
}

/* street(1) is the first. */
static int verb_street(lua_State *L) {
    const selection *from = self(L, "street");
    const script *s = script_of(L);
    uint32_t number;
    if (from->rule.zone == UINT32_MAX)
        script_fail(L,
                    "street(n) counts the streets of one fleet.streets{ ... }: say it of that one");
    const fleet_zone *zone = &s->spec.zones[from->rule.zone];
    uint32_t streets = (zone->homes - 1) / zone->homes_per_street + 1;
    sim_field field = {
        .name = "street", .kind = SIM_FIELD_COUNT32, .minimum = 1, .maximum = streets};
    script_read(L, 2, &field, "street", &number);
    return with_filter(L, from, (fleet_filter){.kind = FLEET_FILTER_STREET, .number = number - 1});
}

static int verb_model(lua_State *L) {
    static const sim_field field = {.name = "model", .kind = SIM_FIELD_TEXT};
    const selection *from = self(L, "model");
    const char *name;
    fleet_filter filter = {.kind = FLEET_FILTER_MODEL};
    script_read(L, 2, &field, "model", &name);
    (void)script_model_named(L, "model", name);
    if (from->of != DEVICES)
        script_fail(L, "models are of devices: say :devices():model(\"%s\")", name);
    snprintf(filter.text, sizeof filter.text, "%s", name);
    return with_filter(L, from, filter);
}

/* region("north"), isp("north net"): the homes of all zones that are of that one, by the one name
 * of theirs or by the other. */
static int narrow_by_name(lua_State *L, const char *verb, fleet_filter filter, size_t member,
                          size_t other) {
    const sim_field field = {.name = verb, .kind = SIM_FIELD_TEXT};
    const fleet_spec *spec = &script_of(L)->spec;
    const selection *from = self(L, verb);
    const char *names[2 * FLEET_ZONES_MAX], *name;
    size_t count = 0;
    char hint[SCRIPT_WHY];
    bool there = false;
    script_read(L, 2, &field, verb, &name);
    for (uint32_t z = 0; z < spec->zone_count; z++) {
        const char *zone = (const char *)&spec->zones[z];
        if (zone[member] != '\0') names[count++] = zone + member;
        if (zone[other] != '\0' && other != member) names[count++] = zone + other;
    }
    for (size_t n = 0; n < count; n++) there |= strcmp(names[n], name) == 0;
    if (!there)
        script_fail(L, "%s: no homes are of '%s'%s", verb, name,
                    script_names_hint(name, names, count, hint, sizeof hint));
    (void)snprintf(filter.text, sizeof filter.text, "%s", name);
    return with_filter(L, from, filter);
}

static int verb_region(lua_State *L) {
    return narrow_by_name(L, "region", (fleet_filter){.kind = FLEET_FILTER_REGION},
                          offsetof(fleet_zone, region), offsetof(fleet_zone, region));
}

static int verb_isp(lua_State *L) {
    return narrow_by_name(L, "isp", (fleet_filter){.kind = FLEET_FILTER_ISP},
                          offsetof(fleet_zone, isp), offsetof(fleet_zone, mobile_isp));
}

/* powered_by("battery") */
static int verb_powered_by(lua_State *L) {
    static const char *const words[] = {"mains", "battery", NULL};
    static const sim_field field = {
        .name = "powered_by", .kind = SIM_FIELD_CHOICE, .choices = words};
    const selection *from = self(L, "powered_by");
    int battery;
    script_read(L, 2, &field, "powered_by", &battery);
    if (from->of != DEVICES)
        script_fail(L, "what powers it is said of devices: say :devices():powered_by(\"%s\")",
                    words[battery]);
    return with_filter(L, from,
                       (fleet_filter){.kind = FLEET_FILTER_POWER, .number = (uint32_t)battery});
}

/* named("front door"): a device of a home that is laid out by hand. */
static int verb_named(lua_State *L) {
    static const sim_field field = {.name = "named", .kind = SIM_FIELD_TEXT};
    selection from = *self(L, "named");
    const char *name;
    fleet_filter filter = {.kind = FLEET_FILTER_NAME};
    script_read(L, 2, &field, "named", &name);
    if (!script_has_named(script_of(L), name))
        script_fail(L, "named: no device is called '%s': a row of home { devices = ... } names it",
                    name);
    from.of = DEVICES;
    (void)snprintf(filter.text, sizeof filter.text, "%s", name);
    return with_filter(L, &from, filter);
}

/* ---- faults ---- */

void script_check_fault(lua_State *L, const char *verb, int error) {
    if (error == SIM_ESTATE)
        script_fail(L, "%s works on the built-in cloud only, not on a target", verb);
    if (error == SIM_ENOMEM) script_of(L)->short_of_memory = true;
    if (error != 0) script_fail(L, "%s: %s", verb, sim_error_text(error));
}

/* A rule about devices must have a filter of devices, or power would mean the whole home with its
 * router. */
static fleet_selection rule_of(lua_State *L, const selection *from) {
    fleet_selection rule = from->rule;
    if (from->of != DEVICES || from->single) return rule;
    for (uint32_t i = 0; i < rule.filter_count; i++)
        if (rule.filters[i].kind == FLEET_FILTER_DEVICE_SHARE ||
            rule.filters[i].kind == FLEET_FILTER_MODEL ||
            rule.filters[i].kind == FLEET_FILTER_POWER || rule.filters[i].kind == FLEET_FILTER_NAME)
            return rule;
    if (rule.filter_count == FLEET_FILTERS_MAX)
        script_fail(L, "a selection can be narrowed %d times", FLEET_FILTERS_MAX);
    rule.filters[rule.filter_count++] =
        (fleet_filter){.kind = FLEET_FILTER_DEVICE_SHARE, .share = 1};
    return rule;
}

/* An order as its fault's usual one, then as the values from `index` on say. */
static void read_order(lua_State *L, int index, const fleet_fault *f, void *order) {
    script_take(L, f->verb, index);
    if (f->fields == NULL) {
        if (lua_gettop(L) >= index) script_fail(L, "%s takes nothing in its parentheses", f->verb);
    } else if (f->bare != NULL) {
        script_read(L, index, f->fields, f->bare, (char *)order + f->fields->offset);
    } else if (!f->may_be_empty || !lua_isnoneornil(L, index)) {
        script_read_fields(L, index, f->verb, f->fields, order);
    }
}

void script_strike(lua_State *L, const fleet_fault *f, const fleet_selection *rule,
                   const void *order) {
    char why[FLEET_FAULT_WHY];
    int error = run_strike(script_of(L)->run, f, rule, order, why, sizeof why);
    if (error != 0 && why[0] != '\0') script_fail(L, "%s: %s", f->verb, why);
    script_check_fault(L, f->verb, error);
}

/* Reads the order for the rule's zone and strikes. */
static void order_and_strike(lua_State *L, int index, const fleet_fault *f,
                             const fleet_selection *rule) {
    fleet_order order = {.bytes = {0}};
    SIM_PROMISE(f->size <= sizeof order);
    if (f->usual != NULL) memcpy(&order, f->usual, f->size);
    if (f->of_zone != NULL) f->of_zone(&script_of(L)->spec.zones[rule->zone], &order);
    read_order(L, index, f, &order);
    script_strike(L, f, rule, &order);
}

static void strike_zones(lua_State *L, int index, const fleet_fault *f, fleet_selection rule) {
    uint32_t first = rule.zone == UINT32_MAX ? 0 : rule.zone;
    uint32_t last = rule.zone == UINT32_MAX ? script_of(L)->spec.zone_count : rule.zone + 1;
    for (rule.zone = first; rule.zone < last; rule.zone++) order_and_strike(L, index, f, &rule);
}

/* streets:homes():VERB(...), for every row that is said of homes or devices. */
static int strike_selected(lua_State *L) {
    const fleet_fault *f = lua_touserdata(L, lua_upvalueindex(1));
    const selection *of = self(L, f->verb);
    script_need(L, f->verb, SCRIPT_DRILL);
    if (f->reach == FLEET_REACH_HOMES && of->of == DEVICES && !of->single)
        script_fail(L, "%s: the way to the internet is the home's; say :homes():%s(...)", f->verb,
                    f->verb);
    fleet_selection rule = f->reach == FLEET_REACH_HOMES ? of->rule : rule_of(L, of);
    if (f->of_zone != NULL)
        strike_zones(L, 2, f, rule);
    else
        order_and_strike(L, 2, f, &rule);
    return 0;
}

/* VERB{ ... }, for every row that is said of the cloud. */
static int strike_cloud(lua_State *L) {
    const fleet_fault *f = lua_touserdata(L, lua_upvalueindex(1));
    script_need(L, f->verb, SCRIPT_DRILL);
    order_and_strike(L, 1, f, NULL);
    return 0;
}

/* Into the table on top: the faults that reach the cloud, or those that do not. */
static void push_faults(lua_State *L, bool cloud) {
    for (const fleet_fault *const *f = fleet_faults; *f != NULL; f++) {
        if (((*f)->reach == FLEET_REACH_CLOUD) != cloud || (*f)->word_of_setup) continue;
        lua_pushlightuserdata(L, (void *)*f);
        lua_pushcclosure(L, cloud ? strike_cloud : strike_selected, 1);
        lua_setfield(L, -2, (*f)->verb);
    }
}

/* ---- firmware ---- */

static fleet_firmware firmware_of(lua_State *L, const char *verb, uint32_t version) {
    script *s = script_of(L);
    fleet_firmware found;
    const selection *of = self(L, verb);
    if (s->phase != SCRIPT_VERDICT) script_need(L, verb, SCRIPT_DRILL);
    fleet_selection rule = rule_of(L, of);
    run_firmware_count(s->run, &rule, version, &found);
    return found;
}

/* version(2): the share of them that run it. */
static int verb_version(lua_State *L) {
    static const sim_field field = {
        .name = "version", .kind = SIM_FIELD_COUNT32, .minimum = 1, .maximum = UINT32_MAX};
    uint32_t version;
    (void)self(L, "version");
    script_read(L, 2, &field, "version", &version);
    fleet_firmware found = firmware_of(L, "version", version);
    lua_pushnumber(L, found.devices == 0 ? 0 : (double)found.running / (double)found.devices);
    return 1;
}

static int verb_update_failures(lua_State *L) {
    lua_pushinteger(L, (lua_Integer)firmware_of(L, "update_failures", 1).failures);
    return 1;
}

/* ---- looking ---- */

static int verb_count(lua_State *L) {
    script *s = script_of(L);
    uint64_t homes, devices;
    const selection *of = self(L, "count");
    if (s->phase != SCRIPT_VERDICT) script_need(L, "count", SCRIPT_DRILL);
    fleet_selection rule = rule_of(L, of);
    run_selection_count(s->run, &rule, &homes, &devices);
    lua_pushinteger(L, (lua_Integer)homes);
    lua_pushinteger(L, (lua_Integer)devices);
    return 2;
}

static void add_filter_text(luaL_Buffer *b, const fleet_filter *f) {
    char text[80];
    switch (f->kind) {
        case FLEET_FILTER_STREET:
            snprintf(text, sizeof text, ", street %u", f->number + 1);
            break;
        case FLEET_FILTER_HOME_SHARE:
            snprintf(text, sizeof text, ", %.4g %% of homes", f->share * 100);
            break;
        case FLEET_FILTER_DEVICE_SHARE:
            snprintf(text, sizeof text, ", %.4g %% of devices", f->share * 100);
            break;
        case FLEET_FILTER_MODEL:
            snprintf(text, sizeof text, ", model %s", f->text);
            break;
        case FLEET_FILTER_FEED:
            snprintf(text, sizeof text, ", power zone %u", f->number);
            break;
        case FLEET_FILTER_NAME:
            snprintf(text, sizeof text, ", named %s", f->text);
            break;
        case FLEET_FILTER_REGION:
            snprintf(text, sizeof text, ", region %s", f->text);
            break;
        case FLEET_FILTER_ISP:
            snprintf(text, sizeof text, ", ISP %s", f->text);
            break;
        case FLEET_FILTER_POWER:
            snprintf(text, sizeof text, ", on %s", f->number == 1 ? "battery" : "mains");
            break;
        default:
            text[0] = '\0';
    }
    luaL_addstring(b, text);
}

/* "homes of street, 50 % of homes" */
static int to_text(lua_State *L) {
    static const char *const whom_words[] = {"all of ", "homes of ", "devices of "};
    luaL_Buffer b;
    const selection *of = luaL_checkudata(L, 1, kind);
    luaL_buffinit(L, &b);
    luaL_addstring(&b, whom_words[of->of]);
    luaL_addstring(&b, of->rule.zone == UINT32_MAX ? "the fleet"
                                                   : script_of(L)->spec.zones[of->rule.zone].name);
    for (uint32_t i = 0; i < of->rule.filter_count; i++) add_filter_text(&b, &of->rule.filters[i]);
    luaL_pushresult(&b);
    return 1;
}

static void push_metatable(lua_State *L) {
    static const luaL_Reg methods[] = {
        {"homes", verb_homes},
        {"devices", verb_devices},
        {"fraction", verb_fraction},
        {"street", verb_street},
        {"model", verb_model},
        {"powered_by", verb_powered_by},
        {"named", verb_named},
        {"region", verb_region},
        {"isp", verb_isp},
        {"count", verb_count},
        {"version", verb_version},
        {"update_failures", verb_update_failures},
        {NULL, NULL},
    };
    static const luaL_Reg more[] = {{"__tostring", to_text}, {NULL, NULL}};
    script_push_kind(L, kind, methods, more);
}

static void push(lua_State *L, const selection *from) {
    selection *held = lua_newuserdatauv(L, sizeof *held, 0);
    *held = *from;
    push_metatable(L);
    lua_setmetatable(L, -2);
}

void script_open_selections(lua_State *L, int language) {
    push_metatable(L);
    lua_getfield(L, -1, "__index");
    push_faults(L, false);
    lua_pop(L, 2);
    lua_pushvalue(L, language);
    push_faults(L, true);
    lua_pop(L, 1);
    script_push_zone(L, UINT32_MAX);
    lua_setfield(L, language, "substation");
}
