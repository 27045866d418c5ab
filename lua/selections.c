/* SPDX-License-Identifier: GPL-3.0-or-later */
/* streets:homes():fraction(0.5):cut_power() - handles that say which homes or devices, and the
 * faults that hit them. A handle holds a rule (fleet_selection), never a pointer into the fleet,
 * and
 * narrowing makes a new one. The same words pick the same homes each time: what one line cut, the
 * same line restores. */
#include <stdio.h>
#include <string.h>

#include "lua/read.h"

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
    if (homes.of == DEVICES)
        script_fail(
            L, "homes() comes before devices(): narrow the homes first, then the devices in them");
    homes.of = HOMES;
    push(L, &homes);
    return 1;
}

static int verb_devices(lua_State *L) {
    selection devices = *self(L, "devices");
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
    snprintf(filter.model, sizeof filter.model, "%s", name);
    return with_filter(L, from, filter);
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
            rule.filters[i].kind == FLEET_FILTER_POWER)
            return rule;
    if (rule.filter_count == FLEET_FILTERS_MAX)
        script_fail(L, "a selection can be narrowed %d times", FLEET_FILTERS_MAX);
    rule.filters[rule.filter_count++] =
        (fleet_filter){.kind = FLEET_FILTER_DEVICE_SHARE, .share = 1};
    return rule;
}

/* restore_power{ trigger = "second power restore" }: the name under which the judge finds it. */
static const char *trigger_of(lua_State *L, const char *verb, const char *usual) {
    static const sim_field fields[] = {{.name = "trigger", .kind = SIM_FIELD_TEXT}, {.name = NULL}};
    const char *trigger = usual;
    if (!lua_isnoneornil(L, 2)) script_read_fields(L, 2, verb, fields, &trigger);
    return trigger;
}

static void no_more(lua_State *L, const char *verb) {
    if (lua_gettop(L) > 1) script_fail(L, "%s takes nothing in its parentheses", verb);
}

static int verb_cut_power(lua_State *L) {
    const selection *of = self(L, "cut_power");
    script_need(L, "cut_power", SCRIPT_DRILL);
    no_more(L, "cut_power");
    fleet_selection rule = rule_of(L, of);
    script_check_fault(L, "cut_power", run_power(script_of(L)->run, &rule, false, NULL));
    return 0;
}

static int verb_restore_power(lua_State *L) {
    const selection *of = self(L, "restore_power");
    script_need(L, "restore_power", SCRIPT_DRILL);
    fleet_selection rule = rule_of(L, of);
    const char *trigger = trigger_of(L, "restore_power", "power restore");
    script_check_fault(L, "restore_power", run_power(script_of(L)->run, &rule, true, trigger));
    return 0;
}

static fleet_selection homes_for(lua_State *L, const char *verb, const selection *of) {
    script_need(L, verb, SCRIPT_DRILL);
    if (of->of == DEVICES && !of->single)
        script_fail(L, "%s: the way to the internet is the home's; say :homes():%s(...)", verb,
                    verb);
    return of->rule;
}

static int verb_cut_network(lua_State *L) {
    fleet_selection rule = homes_for(L, "cut_network", self(L, "cut_network"));
    no_more(L, "cut_network");
    script_check_fault(L, "cut_network", run_network(script_of(L)->run, &rule, false, NULL));
    return 0;
}

static int verb_restore_network(lua_State *L) {
    fleet_selection rule = homes_for(L, "restore_network", self(L, "restore_network"));
    const char *trigger = trigger_of(L, "restore_network", "network restore");
    script_check_fault(L, "restore_network", run_network(script_of(L)->run, &rule, true, trigger));
    return 0;
}

/* restart_routers{ off = "10s" } */
static int verb_restart_routers(lua_State *L) {
    typedef struct restart_words {
        sim_time off;
        const char *trigger;
    } restart_words;
    static const sim_field fields[] = {
        {.name = "off",
         .kind = SIM_FIELD_DURATION,
         .offset = offsetof(restart_words, off),
         .minimum = 0,
         .maximum = 366 * 86400e9,
         .required = true},
        {.name = "trigger", .kind = SIM_FIELD_TEXT, .offset = offsetof(restart_words, trigger)},
        {.name = NULL},
    };
    restart_words w = {.trigger = "hub restart"};
    fleet_selection rule = homes_for(L, "restart_routers", self(L, "restart_routers"));
    script_read_fields(L, 2, "restart_routers", fields, &w);
    script_check_fault(L, "restart_routers",
                       run_restart_routers(script_of(L)->run, &rule, w.off, w.trigger));
    return 0;
}

/* link{ loss = "5%" }: the uplinks as setup described them, but for what is named. link{} puts them
 * back. */
static int verb_link(lua_State *L) {
    script *s = script_of(L);
    fleet_selection rule = homes_for(L, "link", self(L, "link"));
    uint32_t first = rule.zone == UINT32_MAX ? 0 : rule.zone;
    uint32_t last = rule.zone == UINT32_MAX ? s->spec.zone_count : rule.zone + 1;
    for (rule.zone = first; rule.zone < last; rule.zone++) {
        net_hop_settings settings = s->spec.zones[rule.zone].uplink;
        script_check_hop(L, 2, "link", &settings);
        script_check_fault(L, "link", run_uplink(s->run, &rule, &settings));
    }
    return 0;
}

static int verb_set_point(lua_State *L) {
    static const sim_field field = {
        .name = "set_point", .kind = SIM_FIELD_NUMBER, .minimum = -40, .maximum = 100};
    double celsius;
    const selection *of = self(L, "set_point");
    script_need(L, "set_point", SCRIPT_DRILL);
    script_read(L, 2, &field, "set_point (in degrees Celsius)", &celsius);
    fleet_selection rule = rule_of(L, of);
    script_check_fault(L, "set_point", run_set_point(script_of(L)->run, &rule, celsius));
    return 0;
}

/* ---- firmware ---- */

static const char *const rogue_words[] = {
#define ROGUE_WORD(name, word, title) word,
    CLOUD_ROGUE_MAP(ROGUE_WORD)
#undef ROGUE_WORD
        NULL};

#define UPDATE_FIELD(field_name, kind_, member) \
    .name = field_name, .kind = kind_, .offset = offsetof(update_words, member)

typedef struct update_words {
    run_update update;
    int rogue;
} update_words;

/* An offer that nobody could take is a mistake of whoever wrote it. */
static void need_updates(lua_State *L, const char *verb, uint32_t zone) {
    const fleet_spec *spec = &script_of(L)->spec;
    for (uint32_t z = 0; z < spec->zone_count; z++)
        if ((zone == UINT32_MAX || zone == z) && fleet_zone_updates(&spec->zones[z])) return;
    script_fail(L,
                "%s: none of these devices takes updates; say updates = true in their description",
                verb);
}

/* offer_update{ version = 2, size = "4k", over = "24h" } */
static int verb_offer_update(lua_State *L) {
    static const char what[] = "offer_update";
    static const sim_field fields[] = {
        {UPDATE_FIELD("version", SIM_FIELD_COUNT32, update.version), .minimum = 1,
         .maximum = UINT32_MAX, .required = true},
        {UPDATE_FIELD("size", SIM_FIELD_COUNT32, update.size), .minimum = 1,
         .maximum = CLOUD_UPDATE_SIZE_MAX},
        {UPDATE_FIELD("over", SIM_FIELD_DURATION, update.over), .minimum = 0,
         .maximum = 366 * 86400e9},
        {UPDATE_FIELD("rogue", SIM_FIELD_CHOICE, rogue), .choices = rogue_words},
        {UPDATE_FIELD("trigger", SIM_FIELD_TEXT, update.trigger)},
        {.name = NULL},
    };
    const selection *of = self(L, what);
    update_words w = {.update = {.size = 4000, .trigger = "update wave"}};
    script_need(L, what, SCRIPT_DRILL);
    script_read_fields(L, 2, what, fields, &w);
    w.update.rogue = (cloud_rogue)w.rogue;
    fleet_selection rule = rule_of(L, of);
    need_updates(L, what, rule.zone);
    int error = run_offer_update(script_of(L)->run, &rule, &w.update);
    if (error == SIM_ERANGE)
        script_fail(L, "%s: a run has at most 32 offers and 63 triggers", what);
    script_check_fault(L, what, error);
    return 0;
}

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

static int verb_change_shared_value(lua_State *L) {
    const selection *of = self(L, "change_shared_value");
    script_need(L, "change_shared_value", SCRIPT_DRILL);
    fleet_selection rule = rule_of(L, of);
    script_check_fault(L, "change_shared_value", run_change(script_of(L)->run, &rule));
    return 0;
}

/* ---- misbehaviour ---- */

typedef struct inject_words {
    run_injection_order order;
    sim_time ends_at; /* SIM_NEVER: not given */
    int kind;
} inject_words;

/* The words of the kinds that can be ordered; NULL ends them. */
static void list_kinds(const char *words[RECORD_ANOMALIES + 1]) {
    for (int k = 0; k < RECORD_ANOMALIES; k++)
        if (run_can_inject((record_anomaly)k)) *words++ = record_anomaly_word((record_anomaly)k);
    *words = NULL;
}

/* inject{ kind = "exfiltration", lasting = "6h", strength = 1, devices = 5 } */
static int verb_inject(lua_State *L) {
    const char *kinds[RECORD_ANOMALIES + 1];
    const sim_field fields[] = {
        {.name = "kind",
         .kind = SIM_FIELD_CHOICE,
         .offset = offsetof(inject_words, kind),
         .choices = kinds,
         .required = true},
        {.name = "after",
         .kind = SIM_FIELD_DURATION,
         .offset = offsetof(inject_words, order.after)},
        {.name = "lasting",
         .kind = SIM_FIELD_DURATION,
         .offset = offsetof(inject_words, order.lasting),
         .minimum = 1,
         .maximum = 366 * 86400e9},
        {.name = "ends_at", .kind = SIM_FIELD_DURATION, .offset = offsetof(inject_words, ends_at)},
        {.name = "ramp", .kind = SIM_FIELD_DURATION, .offset = offsetof(inject_words, order.ramp)},
        {.name = "strength",
         .kind = SIM_FIELD_NUMBER,
         .offset = offsetof(inject_words, order.strength),
         .minimum = 0,
         .maximum = 1000},
        {.name = "devices",
         .kind = SIM_FIELD_COUNT32,
         .offset = offsetof(inject_words, order.devices),
         .minimum = 1,
         .maximum = FLEET_DEVICES_MAX},
        {.name = NULL},
    };
    script *s = script_of(L);
    const selection *of = self(L, "inject");
    script_need(L, "inject", SCRIPT_DRILL);
    list_kinds(kinds);
    inject_words w = {.order = {.lasting = SIM_NEVER, .strength = 1}, .ends_at = SIM_NEVER};
    script_read_fields(L, 2, "inject", fields, &w);
    SIM_PROMISE(record_anomaly_named(kinds[w.kind], &w.order.kind) == 0);
    sim_time begins = sim_time_add(run_now(s->run), w.order.after);
    if (w.order.lasting != SIM_NEVER && w.ends_at != SIM_NEVER)
        script_fail(L, "inject: say lasting or ends_at, not both");
    if (w.ends_at <= begins) script_fail(L, "inject: ends_at is not after its beginning");
    if (w.ends_at != SIM_NEVER) w.order.lasting = w.ends_at - begins;
    char why[SCRIPT_WHY];
    fleet_selection rule = rule_of(L, of);
    int error = run_inject(s->run, &rule, &w.order, why, sizeof why);
    if (error == SIM_ERANGE) script_fail(L, "inject: %s", why);
    script_check_fault(L, error == SIM_ESTATE ? "inject: a clone" : "inject", error);
    return 0;
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
            snprintf(text, sizeof text, ", model %s", f->model);
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

static void push(lua_State *L, const selection *from) {
    static const luaL_Reg methods[] = {
        {"homes", verb_homes},
        {"devices", verb_devices},
        {"fraction", verb_fraction},
        {"street", verb_street},
        {"model", verb_model},
        {"powered_by", verb_powered_by},
        {"count", verb_count},
        {"cut_power", verb_cut_power},
        {"restore_power", verb_restore_power},
        {"cut_network", verb_cut_network},
        {"restore_network", verb_restore_network},
        {"restart_routers", verb_restart_routers},
        {"link", verb_link},
        {"set_point", verb_set_point},
        {"offer_update", verb_offer_update},
        {"version", verb_version},
        {"update_failures", verb_update_failures},
        {"change_shared_value", verb_change_shared_value},
        {"inject", verb_inject},
        {NULL, NULL},
    };
    static const luaL_Reg more[] = {{"__tostring", to_text}, {NULL, NULL}};
    selection *held = lua_newuserdatauv(L, sizeof *held, 0);
    *held = *from;
    script_push_kind(L, kind, methods, more);
    lua_setmetatable(L, -2);
}

void script_open_selections(lua_State *L, int language) {
    script_push_zone(L, UINT32_MAX);
    lua_setfield(L, language, "substation");
}
