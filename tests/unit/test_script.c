/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-timeout: 900 */
/* test_script.c - the scenario language against a fake run: every complaint word by word, each
 * beside its good twin; the order of calls; bounds; repeatability; leaks. */
#include <stdlib.h>
#include <unistd.h>

#include "lua/names.h"
#include "lua/state.h"
#include "sim/core/heap.h"
#include "sim/core/units.h"
#include "tests/unit/fake_run.h"
#include "tests/unit/with_cmocka.h"

#ifndef BLACKSTART_SOURCE_DIR
#define BLACKSTART_SOURCE_DIR "."
#endif

/* A scenario of one line per part, so that the line of a complaint says which part it is about. */
typedef struct parts {
    const char *scenario; /* line 1 */
    const char *params;   /* line 2 */
    const char *top;      /* line 3 */
    const char *setup;    /* line 4 */
    const char *drill;    /* line 5 */
    const char *verdict;  /* line 6 */
} parts;

static const parts usual = {
    .scenario = "scenario { title = 'A test' }",
    .params =
        "params { { name = 'homes', kind = 'count', default = 250, minimum = 1, maximum = '1M', "
        "help = "
        "'homes that lose power' },"
        " { name = 'outage', kind = 'duration', default = '30m' }, { name = 'share', kind = "
        "'fraction', "
        "default = 0.5 },"
        " { name = 'size', kind = 'number', default = 1.5, minimum = 0 }, { name = 'over', kind = "
        "'choice', "
        "choices = { 'drop', 'busy' }, default = 'drop' },"
        " { name = 'note', kind = 'text', default = '' }, { name = 'calm', kind = 'boolean', "
        "default = true "
        "} }",
    .top = "",
    .setup =
        "streets = fleet.streets { homes = p.homes, devices = { { model = 'thermostat', per_home = "
        "4, law = "
        "law.fixed(), updates = true } } }",
    .drill = "wait '1m'",
    .verdict = "",
};

static char *text_of(const parts *given) {
    static char text[8192];
#define PART(name) (given->name != NULL ? given->name : usual.name)
    snprintf(
        text, sizeof text,
        "%s\n%s\nlocal streets %s\nfunction setup(p) %s end\nfunction drill(p) %s end\nfunction "
        "verdict(p) %s end\n",
        PART(scenario), PART(params), PART(top), PART(setup), PART(drill), PART(verdict));
#undef PART
    return text;
}

typedef struct play {
    script_set sets[4];
    size_t set_count;
    bool real;
    uint64_t seed;
    run r;
    fleet_spec *spec;     /* borrowed from the script */
    char why[SCRIPT_WHY]; /* "": all went well */
    script *s;
} play;

/* Loads, sets up, drills and judges; p->why tells the first complaint. The script stays, if there
 * is one. */
static void play_text(play *p, const char *text, size_t size) {
    const judge_finding *findings;
    size_t count;
    p->why[0] = '\0';
    p->s = script_load_text("test.lua", text, size, p->sets, p->set_count, p->seed, p->real, 0,
                            p->why, sizeof p->why);
    if (p->s == NULL) {
        assert_string_not_equal(p->why, "");
        return;
    }
    int error = script_setup(p->s, &p->spec);
    p->r.spec = p->spec;
    if (error == 0) error = fake_drive(&p->r, script_drill(p->s));
    if (error == 0) error = script_verdict(p->s, &p->r, &findings, &count);
    if (error != 0) snprintf(p->why, sizeof p->why, "%s", script_why(p->s));
}

static void play_parts(play *p, const parts *given) {
    const char *text = text_of(given);
    play_text(p, text, strlen(text));
}

static void play_end(play *p) {
    script_free(p->s);
    p->s = NULL;
}

/* ---- complaints ---- */

typedef struct twin {
    parts good, bad;
    const char *says;
} twin;

#define PAIR(part, good_text, bad_text, message) \
    { {.part = (good_text)}, {.part = (bad_text)}, (message) }
#define NINE "fleet.devices { model = 'thermostat', count = 9, law = law.fixed() }"
#define KINDS                                                                            \
    "unknown, credential-stuffing, update-signature, clone, exfiltration, botnet-scan, " \
    "stuck-sensor, "                                                                     \
    "out-of-range, slow-drift, silent-device, battery-drain, lock-step, new-destination"
#define GATEWAY "devices = { { name = 'hall', model = 'gateway', law = law.fixed() }"
#define LAMP "fleet.streets { homes = 5, devices = { { model = 'bulb', "
#define HOME " } } }"
#define TOWN                                                              \
    "fleet.town { homes = 9, kinds = { { share = 1, devices = { { model " \
    "= 'thermostat', law = law.fixed() }, { model = 'bulb', law = law.fixed(), per_home = "
#define ROW " } } } } }"
#define DEVICES "devices = { { model = 'thermostat', law = law.fixed() } }"

static const twin twins[] = {
    /* the scenario itself */
    PAIR(scenario, "scenario { title = 'A test', provision = '5.9-3' }",
         "scenario { titel = 'A test' }",
         "test.lua:1: scenario: there is no 'titel'; did you mean 'title'? There are: title, "
         "provision, "
         "units, duration"),
    PAIR(scenario, "scenario { title = 'A test' }", "",
         "test.lua: there is no scenario { title = \"...\" }"),
    PAIR(scenario, "scenario { title = 'A test' }", "scenario { title = 12 }",
         "test.lua:1: scenario: title: 12 is not a text (one line)"),
    PAIR(scenario, "scenario { title = 'A test' }", "scenario { }",
         "test.lua:1: scenario: 'title' is missing (one line)"),
    PAIR(scenario, "scenario { title = 'A test' }", "scenario 'A test'",
         "test.lua:1: scenario: 'A test' is not a table of named values in braces; did you mean "
         "{ title = \"A test\" }?"),
    PAIR(scenario, "scenario { title = 'A test' }", "scenario { 'A test' }",
         "test.lua:1: scenario: every value needs its name, as in scenario{ title = ... }"),
    PAIR(scenario, "scenario { title = 'A test' }",
         "scenario { title = 'A' } scenario { title = 'B' }",
         "test.lua:1: scenario is there twice"),
    PAIR(scenario, "scenario { title = 'A test', units = { '5.9-3-2 a' } }",
         "scenario { title = 'A test', units = '5.9-3-2 a' }",
         "test.lua:1: scenario: units: '5.9-3-2 a' is not a list of test units, such as { "
         "\"5.9-3-2 a\" }"),
    PAIR(top, "local x = 1", "local x = ", "test.lua:4: '(' expected near 'setup'"),
    PAIR(top, "local x = 1", "local x = 'a\nb'",
         "test.lua:3: unfinished string near ''a'; the quote that ends the text is missing in this "
         "line"),

    PAIR(scenario, "scenario { title = 'A test' }", "scenario { title = '' }",
         "test.lua:1: scenario: a title has 1 to 119 letters"),
    PAIR(scenario, "scenario { title = ('x'):rep(119) }", "scenario { title = ('x'):rep(120) }",
         "test.lua:1: scenario: a title has 1 to 119 letters"),
    PAIR(scenario, "scenario { title = 'x', provision = '5.9-3' }",
         "scenario { title = 'x', provision = '5.9.3' }",
         "test.lua:1: scenario: a provision looks like \"5.9-3\", not like '5.9.3'"),
    PAIR(scenario, "scenario { title = 'x', provision = '6.3A' }",
         "scenario { title = 'x', provision = ('5'):rep(16) }",
         "test.lua:1: scenario: a provision looks like \"5.9-3\", not like '5555555555555555'"),
    PAIR(scenario,
         "local u = {} for i = 1, 32 do u[i] = 'u' end scenario { title = 'x', units = u }",
         "local u = {} for i = 1, 33 do u[i] = 'u' end scenario { title = 'x', units = u }",
         "test.lua:1: scenario: units: a table is not a list of test units, such as { \"5.9-3-2 "
         "a\" }"),
    PAIR(scenario, "scenario { title = 'x', units = { 'u' } }",
         "scenario { title = 'x', units = { 7 } }",
         "test.lua:1: scenario: units: 7 is not a test unit, such as \"5.9-3-2 a\""),
    PAIR(setup, NULL, "scenario { title = 'x' }",
         "test.lua:4: scenario belongs into the top of the scenario, not into setup(p)"),
    PAIR(scenario, "scenario { title = 'x' }", "scenario { title = 'a\\0b' }",
         "test.lua:1: scenario: title: 'a' is not a text without zero bytes"),

    /* names */
    PAIR(top, "local x = 1", "x = 1",
         "test.lua:3: 'x' would be global: write local in front of it (only setup, drill and "
         "verdict are "
         "global)"),
    PAIR(top, "local function dril() end", "function dril() end",
         "test.lua:3: 'dril' is not a phase; did you mean 'drill'? If not, write local in front of "
         "it"),
    PAIR(top, "local x = 1", "verdict = 12",
         "test.lua:3: verdict is a phase and must be a function: function verdict(p) ... end"),
    PAIR(top, "local x = 1", "function setup(p) end", "test.lua:4: setup is there twice"),
    PAIR(setup, NULL, "flet.streets { }",
         "test.lua:4: nothing is called 'flet'; did you mean 'fleet'? There are: assert, cloud, "
         "cloud_restart, declare, duration, "
         "error, examiner, expect, fleet, freeze, home, ipairs, judge, law, math, model, "
         "non_associated_outage, now, "
         "pairs, "
         "params, "
         "pcall, power_zone, say, "
         "scenario, seconds, select, string, substation, table, threshold, tonumber, tostring, "
         "type, wait, "
         "wait_online, "
         "wait_until, world"),
    PAIR(setup, NULL, "fleet.street { }",
         "test.lua:4: fleet has no 'street'; did you mean 'streets'? There are: all, devices, "
         "online, "
         "streets, town, update_failures, version"),
    PAIR(setup, NULL, "fleet.x = 1", "test.lua:4: fleet cannot be changed"),
    PAIR(drill, "say(p.homes)", "say(p.hoems)",
         "test.lua:5: p has no 'hoems'; did you mean 'homes'? There are: calm, homes, note, "
         "outage, over, "
         "share, size"),
    PAIR(drill, "wait(p.outage)", "p.outage = '5m'", "test.lua:5: p cannot be changed"),
    PAIR(drill, "say(1)", "print(1)",
         "test.lua:5: there is no 'print' here: use say(...): its lines go into the story of the "
         "run"),
    PAIR(drill, "say(now())", "say(os.time())",
         "test.lua:5: there is no 'os' here: time is now() and wait; a scenario has no clock, no "
         "files and "
         "no environment"),
    PAIR(drill, "streets:homes()", "streets:hoems()",
         "test.lua:5: selection has no 'hoems'; did you mean 'homes'? "
         "There are: brown_out, change_shared_value, count, cut_network, cut_power, "
         "cut_power_in_write, devices, fraction, homes, inject, isp, link, model, named, "
         "offer_update, "
         "pair, powered_by, region, replace_battery, report_every, reset_factory, restart_routers, "
         "restore_network, "
         "restore_power, server, set_point, street, update_failures, version"),
    PAIR(drill, "streets:cut_power()", "streets.cut_power()",
         "test.lua:5: cut_power is said of streets, homes or devices, with a colon: "
         "streets:cut_power(...)"),
    PAIR(drill, "say(math.max(1, 2))", "say(math.mx(1, 2))",
         "test.lua:5: math has no 'mx'; did you mean 'max'? There are: abs, acos, asin, atan, "
         "ceil, cos, "
         "deg, exp, floor, fmod, huge, log, max, maxinteger, min, mininteger, modf, pi, rad, "
         "random, sin, sqrt, tan, tointeger, type, ult"),

    /* parameters */
    PAIR(params, NULL, "params { { name = 'homes', kind = 'number of', default = 1 } }",
         "test.lua:2: params: kind: 'number of' is not one of count, number, duration, fraction, "
         "choice, "
         "text, boolean; did you mean 'number'?"),
    PAIR(params, NULL, "params { { name = 'homes', kind = 'count', defalt = 1 } }",
         "test.lua:2: params: there is no 'defalt'; did you mean 'default'? There are: name, kind, "
         "default, "
         "minimum, maximum, choices, help"),
    PAIR(params, NULL, "params { { name = 'homes', kind = 'count', default = -1 } }",
         "test.lua:2: params: the default of homes: -1 is not a count, such as 250 or \"10k\""),
    PAIR(params, NULL,
         "params { { name = 'homes', kind = 'count', default = 1 }, { name = 'homes', kind = "
         "'count', "
         "default = 1 } }",
         "test.lua:2: params: 'homes' is there twice"),
    PAIR(params, NULL, "params { { name = 'Homes', kind = 'count', default = 1 } }",
         "test.lua:2: params: a name has small letters, digits and _ only, at most 31 of them"),
    PAIR(params, NULL, "params { { name = 'homes', kind = 'count' } }",
         "test.lua:2: parameter 'homes' has no default: give it with --set homes=..."),
    PAIR(params, NULL, "params { { name = 'homes', kind = 'count', default = 5, minimum = 6 } }",
         "test.lua:2: params: the default of homes: 5 is not a count of at least 6, such as 250 or "
         "\"10k\""),
    PAIR(params, NULL,
         "params { { name = 'homes', kind = 'count', default = 5, minimum = 6, maximum = 1 } }",
         "test.lua:2: params: homes: its minimum is above its maximum"),
    PAIR(params, NULL, "params { { name = 'over', kind = 'choice', default = 'drop' } }",
         "test.lua:2: params: over: a choice needs choices = { \"one\", \"another\" }"),
    PAIR(params, NULL,
         "params { { name = 'over', kind = 'text', default = 'drop', choices = { 'a' } } }",
         "test.lua:2: params: over: only a choice has choices"),
    PAIR(params, NULL, "params { { name = 'note', kind = 'text', default = '', minimum = 1 } }",
         "test.lua:2: params: note: a text has no minimum or maximum"),
    PAIR(params,
         "params { { name = 'homes', kind = 'count', default = 5 }, { name = 'x', kind = 'count', "
         "default = "
         "function(p) return p.homes * 2 end } }",
         "params { { name = 'x', kind = 'count', default = function(p) return p.homes * 2 end }, { "
         "name = "
         "'homes', kind = 'count', default = 5 } }",
         "test.lua:2: p has no 'homes'; there are none"),
    PAIR(params,
         "params { { name = 'homes', kind = 'count', default = 5 }, { name = 't', kind = "
         "'duration', default "
         "= function(p) return seconds(p.homes) end } }",
         "params { { name = 't', kind = 'duration', default = function(p) return 30 end } }",
         "test.lua:2: params: the default of t: 30 is not a duration: it has no unit; write for "
         "example "
         "\"30s\" or \"30m\""),
    PAIR(params, NULL, "params 'homes'",
         "test.lua:2: params: 'homes' is not a list of parameters in braces"),

    PAIR(params, NULL, "params { } params { }", "test.lua:2: params is there twice"),
    PAIR(params, NULL, "params { { name = '1st', kind = 'count', default = 1 } }",
         "test.lua:2: params: a name has small letters, digits and _ only, at most 31 of them"),
    PAIR(params, NULL, "params { { name = '', kind = 'count', default = 1 } }",
         "test.lua:2: params: a name has small letters, digits and _ only, at most 31 of them"),
    {{.params = "params { { name = ('z'):rep(31), kind = 'count', default = 1 }, { name = 'homes', "
                "kind = "
                "'count', default = 1 } }"},
     {.params = "params { { name = ('z'):rep(32), kind = 'count', default = 1 } }"},
     "test.lua:2: params: a name has small letters, digits and _ only, at most 31 of them"},
    {{.params = "params { { name = 'a9', kind = 'count', default = 0 }, { name = 'homes', kind = "
                "'count', "
                "default = 7, minimum = 7, maximum = 7 } }"},
     {.params =
          "params { { name = 'homes', kind = 'count', default = 8, minimum = 7, maximum = 7 } }"},
     "test.lua:2: params: the default of homes: 8 is not a count from 7 to 7, such as 250 or "
     "\"10k\""},
    {{.params = "params { { name = 'x', kind = 'number', default = -1e9, maximum = 7 }, { name = "
                "'homes', "
                "kind = 'count', default = 7 } }"},
     {.params = "params { { name = 'x', kind = 'number', default = 7.5, maximum = 7 } }"},
     "test.lua:2: params: the default of x: 7.5 is not a number of at most 7"},
    {{.params = "params { { name = 'homes', kind = 'count', default = '9007199254740992' } }",
      .setup = "fleet.streets { homes = 5, " DEVICES " }"},
     {.params = "params { { name = 'homes', kind = 'count', default = 9007199254740994 } }"},
     "test.lua:2: params: the default of homes: 9007199254740994 is not a count, such as 250 or "
     "\"10k\""},
    PAIR(params, NULL,
         "params { { name = 't', kind = 'duration', default = '59s', minimum = '1m' } }",
         "test.lua:2: params: the default of t: '59s' is not a duration of at least 1m, such as "
         "\"30m\""),
    PAIR(params, NULL, "params { { name = 't', kind = 'duration', default = '1h', minimum = 1 } }",
         "test.lua:2: params: t: minimum: 1 is not a duration: it has no unit; write for example "
         "\"30s\" or "
         "\"30m\""),
    PAIR(
        params, NULL,
        "params { { name = 'f', kind = 'fraction', default = '50%', minimum = 0.6, maximum = 1 } }",
        "test.lua:2: params: the default of f: '50%' is not a fraction from 0.6 to 1, such as 0.25 "
        "or \"25%\"; at least 0% and at most 100%"),
    PAIR(params, NULL, "params { { name = 'c', kind = 'choice', default = 'a', choices = {} } }",
         "test.lua:2: params: c: 1 to 64 choices"),
    PAIR(params, NULL, "params { { name = 'c', kind = 'choice', default = 'a', choices = { 1 } } }",
         "test.lua:2: params: c: its choices are texts"),
    {{.params =
          "local c = {} for i = 1, 64 do c[i] = 'c' .. i end params { { name = 'c', kind = "
          "'choice', "
          "default = 'c64', choices = c }, { name = 'homes', kind = 'count', default = 1 } }"},
     {.params = "local c = {} for i = 1, 65 do c[i] = 'c' .. i end params { { name = 'c', kind = "
                "'choice', "
                "default = 'c64', choices = c } }"},
     "test.lua:2: params: c: 1 to 64 choices"},
    {{.params =
          "local l = { { name = 'homes', kind = 'count', default = 1 } } for i = 2, 64 do l[i] = { "
          "name = 'c' .. i, kind = 'count', default = 1 } end params(l)"},
     {.params = "local l = {} for i = 1, 65 do l[i] = { name = 'c' .. i, kind = 'count', default = "
                "1 } end "
                "params(l)"},
     "test.lua:2: params: at most 64 parameters"},

    /* setup */
    PAIR(setup, NULL, "fleet.streets { zz = 1, aa = 2, mm = 3 }",
         "test.lua:4: fleet.streets: there is no 'aa'; there are: name, region, homes, per_street, "
         "router_boot, "
         "uplink, backhaul, start_over, isp, mobile_isp, feed, mobile, mobile_battery, devices"),
    PAIR(setup, "power_zone { name = 'a' } fleet.streets { homes = 5, feed = 'a', " DEVICES " }",
         "fleet.streets { homes = 5, feed = 'b', " DEVICES " }",
         "test.lua:4: fleet.streets: there is no power zone 'b' above this line"),
    PAIR(setup,
         "power_zone { name = 'b' } power_zone { name = 'a', under = 'b' } fleet.streets { homes = "
         "5, " DEVICES " }",
         "power_zone { name = 'a', under = 'b' } power_zone { name = 'b', under = 'a' }",
         "test.lua:4: power_zone 'a': what it hangs on is not declared above it: what feeds comes "
         "first, so that no zone feeds itself in a loop"),
    PAIR(setup,
         "fleet.streets { homes = 5, devices = { { model = 'bulb', law = law.fixed(), hub = "
         "'smart-plug' }, { model = 'smart-plug', law = law.fixed() } } }",
         "fleet.streets { homes = 5, devices = { { model = 'bulb', law = law.fixed(), hub = "
         "'smart-plug' } } }",
         "test.lua:4: fleet.streets: devices: the hub 'smart-plug' of 'bulb' is not among the "
         "devices of its home"),
    PAIR(setup,
         "fleet.streets { homes = 5, devices = { { model = 'bulb', law = law.fixed(), backup = "
         "'6h' } } }",
         "fleet.streets { homes = 5, devices = { { model = 'bulb', law = law.fixed(), backup = "
         "'-6h' } } }",
         "test.lua:4: fleet.streets: devices: backup: '-6h' is not a duration from 0s to 366d, "
         "such as \"30m\" (a battery keeps it going so long without mains, less up to a tenth; 0)"),
    /* homes laid out by hand, and drawn */
    PAIR(
        setup,
        "home { name = 'one', " GATEWAY ", { name = 'front door', model = 'smart-lock', law = "
        "law.fixed(), hub = 'hall' } } } substation:named('front door')",
        "home { name = 'one', " GATEWAY ", { name = 'front door', model = 'smart-lock', law = "
        "law.fixed(), hub = 'hell' } } }",
        "test.lua:4: home: devices: the hub 'hell' of 'smart-lock' is not among the devices of its "
        "home"),
    PAIR(setup, "home { name = 'one', " GATEWAY " } } home { name = 'two', " DEVICES " }",
         "home { name = 'one', " GATEWAY " } } home { name = 'two', " GATEWAY " } }",
         "test.lua:4: home: devices: two devices are called 'hall': each has an identity of its "
         "own"),
    PAIR(setup, "home { name = 'one', " GATEWAY " } } substation:named('hall')",
         "home { name = 'one', " GATEWAY " } } substation:named('hell')",
         "test.lua:4: named: no device is called 'hell': a row of home { devices = ... } names it"),
    PAIR(setup, "home { name = 'one', " DEVICES " }", "home { " DEVICES " }",
         "test.lua:4: home: 'name' is missing (of the home)"),
    PAIR(setup, "home { name = 'one', " DEVICES " }",
         "home { name = 'one', homes = 5, " DEVICES " }",
         "test.lua:4: home: there is no 'homes'; there are: name, region, router_boot, uplink, "
         "backhaul, start_over, isp, mobile_isp, feed, mobile, mobile_battery, devices"),
    PAIR(setup, "fleet.streets { homes = 5, " DEVICES " }",
         "fleet.streets { homes = 5, " GATEWAY " } }",
         "test.lua:4: fleet.streets: devices: name: there are many of a kind; a home whose devices "
         "have names is said as home { ... }"),
    PAIR(setup,
         "fleet.streets { homes = 5, devices = { { model = 'bulb', law = law.fixed { on_the = '1h' "
         "} } } }",
         "fleet.streets { homes = 5, devices = { { model = 'bulb', clock = '1970', law = law.fixed "
         "{ on_the = '1h' } } } }",
         "test.lua:4: fleet.streets: devices: bulb: its law waits for a time of the clock, and its "
         "clock was never set: it needs another law, or clock = \"set\""),
    PAIR(setup,
         "fleet.town { homes = 5, kinds = { { share = '40%', " DEVICES " }, { share = 0.6, " DEVICES
         " } } } substation:region('town')",
         "fleet.town { homes = 5, kinds = { { share = '40%', " DEVICES " }, { share = 0.5, " DEVICES
         " } } }",
         "test.lua:4: fleet.town: the shares of its kinds make 0.9, and have to make 1"),
    PAIR(setup, "fleet.town { homes = 5, kinds = { { share = 1, " DEVICES " } } }",
         "fleet.town { homes = 5, kinds = { { shares = 1, " DEVICES " } } }",
         "test.lua:4: fleet.town: a kind of home: 'share' is missing"),
    PAIR(setup, "fleet.town { homes = 5, kinds = { { share = 1, " DEVICES " } } }",
         "fleet.town { homes = 5, kinds = {} }",
         "test.lua:4: fleet.town: kinds is a list, such as { { share = 1, devices = { ... } } }"),
    PAIR(setup, "fleet.town { homes = 5, kinds = { { share = 1, " DEVICES " } } }",
         "fleet.town { homes = 5, feed = 'x', kinds = { { share = 1, " DEVICES " } } }",
         "test.lua:4: fleet.town: there is no 'feed'; there are: name, homes, kinds. What "
         "fleet.streets takes is said of each kind"),
    PAIR(setup, TOWN "{ 0, 3 }" ROW, TOWN "{ 3, 0 }" ROW,
         "test.lua:4: fleet.town: devices: per_home: the fewest, 3, are more than 0"),
    PAIR(setup,
         "fleet.town { homes = 5, kinds = { { share = 1, devices = { { model = 'bulb', law = "
         "law.fixed(), per_home = { 1, 1 } } } } } }",
         "fleet.town { homes = 5, kinds = { { share = 1, devices = { { model = 'bulb', law = "
         "law.fixed(), per_home = { 0, 0 } } } } } }",
         "test.lua:4: fleet.town: none of its homes came out with a device in it"),
    PAIR(setup, TOWN "{ 1, 1 }" ROW, TOWN "{ 1, 1.5 }" ROW,
         "test.lua:4: fleet.town: devices: per_home: 1.5 is not a whole number from 0 to 100"),
    PAIR(setup, TOWN "{ mean = 2 }" ROW, TOWN "{ mean = -2 }" ROW,
         "test.lua:4: fleet.town: devices: per_home: mean: -2 is not a number from 0 to 20"),
    PAIR(setup, TOWN "{ shares = { '50%', 0.5 } }" ROW, TOWN "{ shares = { '50%', 0.4 } }" ROW,
         "test.lua:4: fleet.town: devices: per_home: the shares make 0.9, not 1"),
    PAIR(setup, TOWN "{ 0, 1 }" ROW, TOWN "{ 0, 1, 2 }" ROW,
         "test.lua:4: fleet.town: devices: per_home: a number, { 0, 3 } (evenly), { mean = 2 } "
         "(Poisson) or { shares = { \"20%\", \"80%\" } } (of none, of one, ...)"),
    PAIR(setup, LAMP "law = law.fixed(), randomness = 'constant'" HOME,
         LAMP "law = law.fixed { seed = 'constant' }, randomness = 'constant'" HOME,
         "test.lua:4: fleet.streets: devices: randomness: its law says already where the seed "
         "comes from, seed = \"constant\""),
    PAIR(setup,
         LAMP "law = law.fixed(), household = true, power = 'battery', charge = 9, "
              "charge_spent = '50%'" HOME,
         LAMP "law = law.fixed(), household = true, power = 'battery', charge_spent = '50%'" HOME,
         "test.lua:4: fleet.streets: devices: bulb: charge_spent is a share of its charge: say "
         "charge as well"),
    PAIR(setup,
         LAMP "law = law.fixed(), household = true, device = 'drops-both', non_associated = "
              "law.fixed()" HOME,
         LAMP "law = law.fixed(), household = true, device = 'drops-both'" HOME,
         "test.lua:4: fleet.streets: devices: bulb: device = \"drops-both\" is about a service "
         "that is not its maker's: say non_associated = law..."),
    PAIR(setup, LAMP "law = law.fixed(), non_associated = law.fixed()" HOME,
         "fleet.streets { homes = 5, devices = { { model = 'window-contact', law = law.fixed(), "
         "non_associated = law.fixed()" HOME,
         "test.lua:4: fleet.streets: devices: window-contact: it sleeps between two reports, and "
         "talks to nobody but its cloud: leave non_associated out"),
    PAIR(setup,
         "fleet.streets { homes = 5, region = 'north', isp = 'a', " DEVICES
         " } substation:region('north'):isp('a')",
         "fleet.streets { homes = 5, region = 'north', " DEVICES " } substation:region('norht')",
         "test.lua:4: region: no homes are of 'norht'; did you mean 'north'? There are: north"),
    PAIR(setup,
         "fleet.streets { homes = 5, start_over = '1d', router_boot = { '60s', '60s' }, " DEVICES
         " }",
         "fleet.streets { homes = 5, start_over = '367d', " DEVICES " }",
         "test.lua:4: fleet.streets: start_over: '367d' is not a duration from 0s to 366d, such as "
         "\"30m\" (devices are switched on one by one over this time; 1m)"),
    PAIR(setup,
         "fleet.streets { homes = 5, uplink = { rate = '1000Gbit', queue = 4294967295 }, " DEVICES
         " }",
         "fleet.streets { homes = 5, uplink = { rate = '1001Gbit' }, " DEVICES " }",
         "test.lua:4: fleet.streets: uplink: rate: '1001Gbit' is not a rate, such as \"20Mbit\" "
         "(per second) (of the line)"),
    PAIR(setup,
         "fleet.streets { homes = 5, uplink = { rate = 0, queue = 0 }, backhaul = { rate = '5M', "
         "queue = "
         "'64kB' }, " DEVICES " }",
         "fleet.streets { homes = 5, uplink = { rate = '-5bit' }, " DEVICES " }",
         "test.lua:4: fleet.streets: uplink: rate: '-5bit' is not a rate, such as \"20Mbit\" (per "
         "second) (of the line)"),
    PAIR(setup, NULL, "fleet.streets { homes = 5, uplink = { rate = 'bit' }, " DEVICES " }",
         "test.lua:4: fleet.streets: uplink: rate: 'bit' is not a rate, such as \"20Mbit\" (per "
         "second) (of the line)"),
    PAIR(setup, NULL, "fleet.streets { homes = 5, uplink = { queue = -1 }, " DEVICES " }",
         "test.lua:4: fleet.streets: uplink: queue: -1 is not a number of bytes, such as \"64k\" "
         "(waiting bytes before the line)"),
    PAIR(setup, NULL, "fleet.streets { homes = 5, uplink = { queue = {} }, " DEVICES " }",
         "test.lua:4: fleet.streets: uplink: queue: a table is not a number of bytes, such as "
         "\"64k\" (waiting bytes before the line)"),
    PAIR(setup, NULL, "fleet.streets { homes = 5, uplink = { queue = '5G' }, " DEVICES " }",
         "test.lua:4: fleet.streets: uplink: queue: '5G' is not a number of bytes, such as \"64k\" "
         "(waiting bytes before the line)"),
    PAIR(setup, "fleet.streets { homes = 5, uplink = { rate = 0 }, " DEVICES " }",
         "fleet.streets { homes = 5, uplink = { rate = 0, queue = 5 }, " DEVICES " }",
         "test.lua:4: fleet.streets: uplink: a queue limit needs a rate"),
    {{.setup = "fleet.devices { name = ('x'):rep(31), model = 'thermostat', count = 5, law = "
               "law.fixed(), "
               "path = ('x'):rep(127) }"},
     {.setup = "fleet.devices { model = 'thermostat', count = 5, law = law.fixed(), path = "
               "('x'):rep(128) }"},
     "test.lua:4: fleet.devices: path: it has 127 letters at most; such as \"t\" or "
     "\"devices/${device}/telemetry\""},
    PAIR(setup, NULL,
         "fleet.devices { model = 'thermostat', count = 5, law = law.fixed(), path = 'a/' }",
         "test.lua:4: fleet.devices: path: it has no slash at either end, and is not empty; such "
         "as \"t\" "
         "or \"devices/${device}/telemetry\""),
    PAIR(setup, NULL,
         "fleet.devices { model = 'thermostat', count = 5, law = law.fixed(), path = '' }",
         "test.lua:4: fleet.devices: path: it has no slash at either end, and is not empty; such "
         "as \"t\" "
         "or \"devices/${device}/telemetry\""),
    PAIR(setup, NULL,
         "fleet.devices { name = ('x'):rep(32), model = 'thermostat', count = 5, law = law.fixed() "
         "}",
         "test.lua:4: fleet.devices: a name has 1 to 31 letters"),
    PAIR(setup, NULL,
         "fleet.devices { name = '', model = 'thermostat', count = 5, law = law.fixed() }",
         "test.lua:4: fleet.devices: a name has 1 to 31 letters"),
    {{.setup =
          "local l = {} for i = 1, 24 do l[i] = { model = 'thermostat', law = law.fixed() } end "
          "fleet.streets { homes = 5, devices = l }"},
     {.setup =
          "local l = {} for i = 1, 25 do l[i] = { model = 'thermostat', law = law.fixed() } end "
          "fleet.streets { homes = 5, devices = l }"},
     "test.lua:4: fleet.streets: devices: at most 24 kinds"},
    PAIR(setup, NULL, "fleet.streets { homes = 5, uplink = 'slow', " DEVICES " }",
         "test.lua:4: fleet.streets: uplink: 'slow' is not a table, such as { latency = \"8ms\", "
         "loss = \"1%\" } (of each home, both ways; 8 ms, 4 ms jitter, 20 Mbit/s)"),
    PAIR(
        setup, NULL, "fleet.streets { homes = 5, start_over = ('x'):rep(40), " DEVICES " }",
        "test.lua:4: fleet.streets: start_over: 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' is not "
        "a duration from 0s to 366d, such as \"30m\" (devices are switched on one by one over this "
        "time; 1m)"),
    PAIR(setup, NULL, "fleet.streets { homes = 5, start_over = ('x'):rep(41), " DEVICES " }",
         "test.lua:4: fleet.streets: start_over: 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...' is "
         "not a duration from 0s to 366d, such as \"30m\" (devices are switched on one by one over "
         "this time; 1m)"),
    PAIR(setup, NULL, "",
         "test.lua: setup(p) made no devices: say fleet.streets{ ... } or fleet.devices{ ... }"),
    PAIR(setup, NULL, "fleet.streets { hoems = 5, " DEVICES " }",
         "test.lua:4: fleet.streets: there is no 'hoems'; did you mean 'homes'? There are: name, "
         "region, "
         "homes, per_street, router_boot, uplink, backhaul, start_over, isp, mobile_isp, feed, "
         "mobile, mobile_battery, devices"),
    PAIR(setup, NULL, "fleet.streets { homes = 0, " DEVICES " }",
         "test.lua:4: fleet.streets: homes: 0 is not a count from 1 to 4000000, such as 250 or "
         "\"10k\" (how many)"),
    PAIR(setup, NULL, "fleet.streets { homes = 2.5, " DEVICES " }",
         "test.lua:4: fleet.streets: homes: 2.5 is not a count from 1 to 4000000, such as 250 or "
         "\"10k\" (how many)"),
    PAIR(setup, NULL, "fleet.streets { homes = 5 }",
         "test.lua:4: fleet.streets: 'devices' is missing (a list of kinds of device)"),
    PAIR(setup, NULL, "fleet.streets { homes = 5, devices = {} }",
         "test.lua:4: fleet.streets: devices: a table is not a list of kinds of device, such as { "
         "{ model = "
         "\"thermostat\", per_home = 4, law = law.fixed() } }"),
    PAIR(setup, NULL, "fleet.streets { homes = 5, devices = { { model = 'thermostat' } } }",
         "test.lua:4: fleet.streets: devices: 'law' is missing (how a device that lost its cloud "
         "tries again)"),
    PAIR(setup, NULL,
         "fleet.streets { homes = 5, devices = { { model = 'thermostat', law = 'fixed' } } }",
         "test.lua:4: fleet.streets: devices: law: 'fixed' is not a law, such as law.full_jitter{ "
         "base = \"1s\", cap = \"60s\" } (how a device that lost its cloud tries again)"),
    PAIR(setup, NULL,
         "fleet.streets { homes = 5, devices = { { model = 'termostat', law = law.fixed() } } }",
         "test.lua:4: fleet.streets: devices: there is no model 'termostat'; did you mean "
         "'thermostat'? "
         "There are: thermostat, "
         "window-contact, smart-plug, bulb, smart-lock, light-sensor, flood-sensor, "
         "smoke-detector, weather-sensor, fridge, washing-machine, gateway, tv, speaker, "
         "doorbell, alarm-panel, wearable"),
    PAIR(setup,
         "model { name = 'cellar', based_on = 'flood-sensor', energy = 'E9', boot = '1s', "
         "law = law.fixed() } model { name = 'attic', based_on = 'cellar' } "
         "fleet.devices { model = 'cellar', count = 2 } "
         "fleet.devices { name = 'b', model = 'attic', count = 2, law = law.fixed() }",
         "model { name = 'cellar', law = law.fixed() }",
         "test.lua:4: model: 'based_on' is missing (whose life, local function and telemetry it "
         "has; blackstart list models)"),
    PAIR(
        setup,
        "model { name = 'cellar', based_on = 'flood-sensor', telemetry = { { name = 'depth', low = "
        "0, high = 1 } } } " NINE,
        "model { name = 'cellar', based_on = 'flood-sensor', telemetry = { { name = 'depth', low = "
        "2, high = 1 } } }",
        "test.lua:4: model: telemetry: depth: high is below low"),
    PAIR(setup, "for i = 1, 16 do model { name = 'm' .. i, based_on = 'flood-sensor' } end " NINE,
         "for i = 1, 17 do model { name = 'm' .. i, based_on = 'flood-sensor' } end",
         "test.lua:4: model: at most 16 of them"),
    PAIR(setup,
         "local t = {} for i = 1, 4 do t[i] = { name = 'd' .. i, low = 0, high = 1 } end "
         "model { name = 'cellar', based_on = 'flood-sensor', telemetry = t } " NINE,
         "local t = {} for i = 1, 5 do t[i] = { name = 'd' .. i, low = 0, high = 1 } end "
         "model { name = 'cellar', based_on = 'flood-sensor', telemetry = t }",
         "test.lua:4: model: telemetry: a list of 1 to 4 readings, those of its base among them"),
    PAIR(setup, "model { name = ('m'):rep(31), based_on = 'flood-sensor' } " NINE,
         "model { name = ('m'):rep(32), based_on = 'flood-sensor' }",
         "test.lua:4: model: name: small letters, digits and dashes, 31 at most, such as "
         "\"cellar-sensor\""),
    PAIR(setup, NULL, "model { name = 'cellar', based_on = 'flood-sensor', telemetry = {} }",
         "test.lua:4: model: telemetry: a list of 1 to 4 readings, those of its base among them"),
    PAIR(setup, NULL,
         "model { name = 'cellar', based_on = 'flood-sensor', telemetry = { { name = 'De<pth', low "
         "= 0, high = 1 } } }",
         "test.lua:4: model: telemetry: name: small letters, digits and dashes, 23 at most"),
    PAIR(setup, NULL, "model { name = 'cellar', based_on = 'floodsensor' }",
         "test.lua:4: model: based_on: there is no model 'floodsensor'; did you mean "
         "'flood-sensor'? There are: thermostat, "
         "window-contact, smart-plug, bulb, smart-lock, light-sensor, flood-sensor, "
         "smoke-detector, weather-sensor, fridge, washing-machine, gateway, tv, speaker, "
         "doorbell, alarm-panel, wearable"),
    PAIR(setup, NULL, "model { name = 'bulb', based_on = 'flood-sensor' }",
         "test.lua:4: model: there is a model 'bulb' already; give it a name of its own"),
    PAIR(setup, NULL, "model { name = 'Cellar', based_on = 'flood-sensor' }",
         "test.lua:4: model: name: small letters, digits and dashes, 31 at most, such as "
         "\"cellar-sensor\""),
    PAIR(setup, NULL, "model { name = 'cellar', based_on = 'bulb', model = 'bulb' }",
         "test.lua:4: model: there is no 'model'; say based_on = \"MODEL\""),
    PAIR(setup, NULL, "model { name = 'cellar', based_on = 'bulb', report_every = 5 }",
         "test.lua:4: model: report_every: 5 is not a duration: it has no unit; write for example "
         "\"30s\" or \"30m\""),
    PAIR(setup, NULL, "fleet.streets { homes = 5, router_boot = 60, " DEVICES " }",
         "test.lua:4: fleet.streets: router_boot: 60 is not a duration: it has no unit; write for "
         "example "
         "\"30s\" or \"30m\""),
    PAIR(setup, NULL, "fleet.streets { homes = 5, router_boot = { '90s', '60s' }, " DEVICES " }",
         "test.lua:4: fleet.streets: router_boot: the first of the two durations is the shorter "
         "one"),
    PAIR(setup, NULL, "fleet.streets { homes = 5, router_boot = { '90s' }, " DEVICES " }",
         "test.lua:4: fleet.streets: router_boot: a table is not a duration from 0s to 1d or two, "
         "such as \"30s\" or {\"60s\", \"90s\"} (from power on to link up, drawn for each home; "
         "60s to 90s)"),
    PAIR(setup, NULL, "fleet.streets { homes = 5, start_over = 'soon', " DEVICES " }",
         "test.lua:4: fleet.streets: start_over: 'soon' is not a duration from 0s to 366d, such as "
         "\"30m\" (devices are switched on one by one over this time; 1m)"),
    PAIR(setup,
         "fleet.streets { homes = 5, uplink = { loss = '2%', rate = '10Mbit', queue = '32k' "
         "}, " DEVICES " }",
         "fleet.streets { homes = 5, uplink = { loss = 2 }, " DEVICES " }",
         "test.lua:4: fleet.streets: uplink: loss: 2 is not a fraction, such as 0.25 or \"25%\" "
         "(each packet on its own); at most 1, which is 100%"),
    PAIR(setup, NULL, "fleet.streets { homes = 5, uplink = { rate = 20 }, " DEVICES " }",
         "test.lua:4: fleet.streets: uplink: rate: 20 is not a rate, such as \"20Mbit\" (per "
         "second) (of the line)"),
    PAIR(setup,
         "fleet.devices { model = 'thermostat', count = 5, law = law.fixed(), path = "
         "'d/${device}/t?k=${model}' }",
         "fleet.devices { model = 'thermostat', count = 5, law = law.fixed(), path = "
         "'d/${home}/t' }",
         "test.lua:4: fleet.devices: path: only ${device} and ${model} can stand for something in "
         "it; such as \"t\" or \"devices/${device}/telemetry\""),
    PAIR(setup,
         "fleet.devices { model = 'thermostat', count = 5, law = law.fixed(), protocol = 'mqtt', "
         "path = 'd' }",
         "fleet.devices { model = 'thermostat', count = 5, law = law.fixed(), protocol = 'mqtt', "
         "path = 'd/${device}' }",
         "test.lua:4: fleet.devices: path: each device has a topic of its own below it (t/DEVICE) "
         "without that; others are a --dialect's"),
    PAIR(setup, NULL, "fleet.streets { homes = 5, uplink = { latncy = '1ms' }, " DEVICES " }",
         "test.lua:4: fleet.streets: uplink: there is no 'latncy'; did you mean 'latency'? There "
         "are: "
         "kind, latency, jitter, loss, duplicate, rate, queue"),
    PAIR(setup,
         "fleet.devices { model = 'thermostat', count = 5, law = law.fixed(), method = 'PUT', path "
         "= 'a/b', "
         "register = false }",
         "fleet.devices { model = 'thermostat', count = 5, law = law.fixed(), method = 'DELETE' }",
         "test.lua:4: fleet.devices: method: 'DELETE' is not one of POST, PUT, GET"),
    PAIR(setup, NULL,
         "fleet.devices { model = 'thermostat', count = 5, law = law.fixed(), path = '/t' }",
         "test.lua:4: fleet.devices: path: it has no slash at either end, and is not empty; such "
         "as \"t\" "
         "or \"devices/${device}/telemetry\""),
    PAIR(setup, NULL,
         "fleet.devices { model = 'thermostat', count = 5, law = law.fixed(), register = 'no' }",
         "test.lua:4: fleet.devices: register: 'no' is not true or false (registers before it "
         "counts as online; true)"),
    PAIR(setup,
         "fleet.streets { name = 'a', homes = 5, " DEVICES
         " } fleet.streets { name = 'b', homes = 5, " DEVICES " }",
         "fleet.streets { homes = 5, " DEVICES " } fleet.streets { homes = 5, " DEVICES " }",
         "test.lua:4: fleet.streets: there is another 'street'; give them different names, as in "
         "name = "
         "\"north\""),
    PAIR(setup, NULL,
         "fleet.streets { homes = '4M', devices = { { model = 'thermostat', per_home = 2, law = "
         "law.fixed() "
         "} } }",
         "test.lua: setup(p): 8000000 devices are more than a run takes"),
    PAIR(setup, "cloud { connections = 20 } fleet.streets { homes = 5, " DEVICES " }",
         "cloud { connections = 0 }",
         "test.lua:4: cloud: connections: 0 is not a number from 0.001 to 1000000000 (new "
         "connections per second that it admits; 500)"),
    PAIR(setup, NULL, "cloud { over = 'queue' }",
         "test.lua:4: cloud: over: 'queue' is not one of drop, busy, refuse"),
    PAIR(setup, NULL, "cloud { max_age = '1500ms' }",
         "test.lua:4: cloud: max_age is a whole number of seconds"),
    PAIR(setup, NULL, "cloud { } cloud { }", "test.lua:4: cloud is described twice"),
    PAIR(setup,
         "cloud { stages = { { name = 'users', rate = 5 }, { name = 'log-in_2', rate = '1', "
         "queue = 3, overload_cost = 1, restart = true } } } fleet.streets { homes = 5, " DEVICES
         " }",
         "cloud { stages = { { name = 'users', rate = 5 }, { name = 'users', rate = 5 } } }",
         "test.lua:4: cloud: two stages are named \"users\""),
    PAIR(setup, NULL, "cloud { stages = 5 }", "test.lua:4: cloud: stages is a list of tables"),
    PAIR(setup,
         "cloud { stages = { { name = 'connections', rate = 50, queue = 7, overload_cost = 0.5 }, "
         "{ name = 'users', rate = 5 }, { name = 'requests', rate = 400 } } } "
         "fleet.streets { homes = 5, " DEVICES " }",
         "cloud { stages = { { name = 'users', rate = 5 }, { name = 'connections', rate = 50 } } }",
         "test.lua:4: cloud: the stage \"connections\" is the first of them"),
    PAIR(setup, NULL,
         "cloud { stages = { { name = 'requests', rate = 5 }, { name = 'users', rate = 50 } } }",
         "test.lua:4: cloud: the stage \"requests\" is the last of them"),
    PAIR(setup, NULL, "cloud { requests = 9, stages = { { name = 'requests', rate = 5 } } }",
         "test.lua:4: cloud: requests is said twice, once among the stages: leave one out"),
    PAIR(setup, NULL, "cloud { stages = { { name = 'requests', rate = 5, restart = true } } }",
         "test.lua:4: cloud: who finds no place at \"requests\" is treated as `over` says: leave "
         "restart out"),
    PAIR(setup, NULL, "cloud { stages = { { name = 'requests', rate = 5, overload_cost = 1 } } }",
         "test.lua:4: cloud: the stage \"requests\" has no overload_cost"),
    PAIR(
        setup, NULL, "cloud { stages = { 5 } }",
        "test.lua:4: cloud: stages is a list of tables, such as { { name = \"register\", rate = 50 "
        "} }"),
    PAIR(setup, NULL, "cloud { stages = { { rate = 5 } } }",
         "test.lua:4: cloud: a stage: 'name' is missing (1 to 15 letters, digits, - and _)"),
    PAIR(setup, NULL, "cloud { stages = { { name = 'a', rate = 0 } } }",
         "test.lua:4: cloud: a stage: rate: 0 is not a number from 0.001 to 1000000000 "
         "(registrations per second)"),
    PAIR(setup, NULL, "cloud { stages = { { name = 'Users', rate = 1 } } }",
         "test.lua:4: cloud: a stage's name is 1 to 15 letters a to z, digits, - and _"),
    PAIR(setup, "cloud { stages = { { name = ('s'):rep(15), rate = 1 } } } " NINE,
         "cloud { stages = { { name = ('s'):rep(16), rate = 1 } } }",
         "test.lua:4: cloud: a stage's name is 1 to 15 letters a to z, digits, - and _"),
    PAIR(setup,
         "local s = {} for i = 1, 4 do s[i] = { name = 's' .. i, rate = 1 } end cloud { stages = s "
         "} " NINE,
         "local s = {} for i = 1, 5 do s[i] = { name = 's' .. i, rate = 1 } end cloud { stages = s "
         "}",
         "test.lua:4: cloud: there can be 4 further stages at most"),
    PAIR(setup, NULL, "law.fixed { cap = '1s' }",
         "test.lua:4: law.fixed: there is no 'cap'; there are: base, window, tries, rest, "
         "reset_after, "
         "on_the, "
         "seed"),
    PAIR(setup,
         "fleet.devices { model = 'thermostat', count = 5, law = law.spread { low = 0.9, high = "
         "1.1, tries = "
         "5, rest = '1h', reset_after = '30s' } }",
         "law.spread { low = 1.1, high = 0.9 }",
         "test.lua:4: law.spread: the random factor does not go from a low of at least 0 to a high "
         "of at most "
         "1000"),
    PAIR(setup,
         "fleet.devices { model = 'thermostat', count = 5, law = law.fixed { seed = 'boot-time', "
         "on_the = "
         "'1h' } }",
         "law.fixed { seed = 'boot' }",
         "test.lua:4: law.fixed: seed: 'boot' is not one of own, constant, boot-time, serial"),
    PAIR(setup, "fleet.devices { model = 'thermostat', count = 5, law = law.preset 'paho-c' }",
         "law.preset 'paho-d'",
         "test.lua:4: law.preset: 'paho-d' is not the name of a preset; did you mean 'paho-c'? "
         "(blackstart list laws shows "
         "them)"),
    PAIR(setup,
         "fleet.devices { model = 'thermostat', count = 5, law = law.preset(law.presets()[1]) }",
         "law.preset(5)",
         "test.lua:4: law.preset: 5 is not the name of a preset (blackstart list laws shows them)"),
    PAIR(setup, NULL, "law.exponential { base = '2m', cap = '1m' }",
         "test.lua:4: law.exponential: the cap is below the base pause"),
    PAIR(setup, NULL, "law.orderly { devices = 5 }",
         "test.lua:4: law.orderly: 'capacity' is missing"),
    PAIR(setup, NULL, "law.orderly { devices = 5, capacty = 1 }",
         "test.lua:4: law.orderly: there is no 'capacty'; did you mean 'capacity'? There are: "
         "devices, "
         "capacity, base, cap, reset_after"),
    PAIR(setup, NULL, "law.full { }",
         "test.lua:4: law has no 'full'; there are: decorrelated_jitter, equal_jitter, "
         "exponential, fixed, "
         "full_jitter, immediate, kinds, named, names, one_draw, orderly, preset, presets, spread, "
         "steps"),
    PAIR(setup, "fleet.devices { model = 'thermostat', count = 5, law = law.named('coap') }",
         "law.named('fxied')",
         "test.lua:4: law.named: 'fxied' is not the name of a law; did you mean 'fixed'? "
         "(blackstart list laws shows them)"),
    PAIR(setup,
         "fleet.devices { model = 'thermostat', count = 5, law = law.named('orderly', { devices = "
         "10, "
         "capacity = 5, reset_after = '1m' }) }",
         "law.named('orderly')",
         "test.lua:4: law.orderly: nothing is not a table of named values in braces; as in { "
         "devices "
         "= ... }"),
    PAIR(setup,
         "cloud { overload_cost = 0.5, close_after = '1s' } fleet.devices { model = 'thermostat', "
         "count = 5, "
         "law = law.named('fixed') }",
         "cloud { overload_cost = 2 }",
         "test.lua:4: cloud: overload_cost: 2 is not a fraction, such as 0.25 or \"25%\" (what "
         "turning a connection away costs, as a share of admitting one; 0); at most 1, which is "
         "100%"),
    PAIR(setup, NULL, "cloud { close_after = 1 }",
         "test.lua:4: cloud: close_after: 1 is not a duration: it has no unit; write for example "
         "\"30s\" or "
         "\"30m\""),
    PAIR(setup, NULL, "cloud { close_after = '1s', trigger = 'quota' }",
         "test.lua:4: cloud: only close_after, said in the drill, is a trigger"),
    PAIR(drill, "cloud { close_after = '1s', closes = 'reset' }", "cloud { closes = 'reset' }",
         "test.lua:5: cloud: closes says how close_after closes; name that, too"),
    PAIR(drill, "cloud { close_after = '1s', trigger = 'quota' }", "cloud { trigger = 'quota' }",
         "test.lua:5: cloud: only close_after, said in the drill, is a trigger"),
    PAIR(drill, "cloud_restart { down = '30s' }", "cloud_restart { }",
         "test.lua:5: cloud_restart: 'down' is missing (nothing is admitted for so long)"),
    PAIR(drill, "cloud_restart { down = 0, how = 'silent' }",
         "cloud_restart { down = 0, how = 'loud' }",
         "test.lua:5: cloud_restart: how: 'loud' is not one of close, silent"),
    PAIR(setup, NULL, "cloud_restart { down = '1s' }",
         "test.lua:4: cloud_restart belongs into drill(p), not into setup(p)"),
    PAIR(drill, "streets:restart_routers { off = '10s' }", "streets:restart_routers()",
         "test.lua:5: restart_routers: nothing is not a table of named values in braces; as in { "
         "off "
         "= ... }"),
    PAIR(drill, "streets:homes():restart_routers { off = 0 }",
         "streets:devices():restart_routers { off = '10s' }",
         "test.lua:5: restart_routers: the way to the internet is the home's; say "
         ":homes():restart_routers(...)"),

    /* phases */
    PAIR(top, "local x = law.fixed()", "wait '1m'",
         "test.lua:3: wait belongs into drill(p), not into the top of the scenario"),
    PAIR(setup, NULL, "wait '1m'", "test.lua:4: wait belongs into drill(p), not into setup(p)"),
    PAIR(setup, NULL, "substation:cut_power()",
         "test.lua:4: cut_power belongs into drill(p), not into setup(p)"),
    PAIR(setup, NULL, "judge.answered()",
         "test.lua:4: judge.answered belongs into verdict(p), not into setup(p)"),
    PAIR(drill, NULL, "fleet.streets { homes = 5, " DEVICES " }",
         "test.lua:5: fleet.streets belongs into setup(p), not into drill(p)"),
    PAIR(drill, NULL, "expect('a', true, 'b')",
         "test.lua:5: expect belongs into verdict(p), not into drill(p)"),
    PAIR(verdict, "expect('a', true, 'b')", "wait '1m'",
         "test.lua:6: wait belongs into drill(p), not into verdict(p)"),
    PAIR(verdict, "say(fleet.online())", "streets:cut_power()",
         "test.lua:6: cut_power belongs into drill(p), not into verdict(p)"),
    PAIR(drill, "cloud { connections = 5 }", "params { }",
         "test.lua:5: params belongs into the top of the scenario, not into drill(p)"),
    PAIR(drill, NULL, "drill = nil", "test.lua:5: drill cannot be changed"),

    PAIR(setup, NULL, "substation:restore_power()",
         "test.lua:4: restore_power belongs into drill(p), not into setup(p)"),
    PAIR(setup, NULL, "substation:cut_network()",
         "test.lua:4: cut_network belongs into drill(p), not into setup(p)"),
    PAIR(setup, NULL, "substation:set_point(20)",
         "test.lua:4: set_point belongs into drill(p), not into setup(p)"),
    PAIR(setup, NULL, "substation:offer_update { version = 2 }",
         "test.lua:4: offer_update belongs into drill(p), not into setup(p)"),
    PAIR(setup, NULL, "substation:version(2)",
         "test.lua:4: version belongs into drill(p), not into setup(p)"),
    PAIR(setup, NULL, "fleet.update_failures()",
         "test.lua:4: update_failures belongs into drill(p), not into setup(p)"),
    PAIR(setup, NULL, "substation:count()",
         "test.lua:4: count belongs into drill(p), not into setup(p)"),
    PAIR(setup, NULL, "wait_until '1m'",
         "test.lua:4: wait_until belongs into drill(p), not into setup(p)"),
    PAIR(setup, NULL, "wait_online(1, { within = '1m' })",
         "test.lua:4: wait_online belongs into drill(p), not into setup(p)"),
    PAIR(setup, NULL, "now()", "test.lua:4: now belongs into drill(p), not into setup(p)"),
    PAIR(setup, NULL, "fleet.online()",
         "test.lua:4: fleet.online belongs into drill(p), not into setup(p)"),
    PAIR(top, "local x = tostring(substation)", "say('x')",
         "test.lua:3: say belongs into drill(p), not into the top of the scenario"),
    PAIR(verdict, "say(now(), streets:count())", "judge.reconnect { capacity = 0 }",
         "test.lua:6: judge.reconnect: capacity: 0 is not a number from 0.001 to 1000000000 "
         "(connections a second that the cloud takes; unless told, those of cloud{ ... })"),
    PAIR(top, "", "cloud { }",
         "test.lua:3: cloud belongs into setup(p), not into the top of the scenario"),
    PAIR(top, "", "fleet.devices { model = 'thermostat', count = 1, law = law.fixed() }",
         "test.lua:3: fleet.devices belongs into setup(p), not into the top of the scenario"),
    PAIR(setup, "for i = 1, 64 do say(i) end fleet.streets { homes = 5, " DEVICES " }",
         "for i = 1, 65 do say(i) end", "test.lua:4: say: at most 64 lines in setup"),
    PAIR(setup, "for i = 1, 40 do fleet.streets { name = 'a' .. i, homes = 5, " DEVICES " } end",
         "for i = 1, 41 do fleet.streets { name = 'a' .. i, homes = 5, " DEVICES " } end",
         "test.lua:4: fleet.streets: at most 40 of them"),

    /* the drill */
    PAIR(drill, "wait '30s'", "wait(30)",
         "test.lua:5: wait: 30 is not a duration: it has no unit; write for example \"30s\" or "
         "\"30m\""),
    PAIR(drill, "wait '30s'", "wait 'soon'",
         "test.lua:5: wait: 'soon' is not a duration, such as \"30m\""),
    PAIR(drill, "wait(p.outage)", "wait()",
         "test.lua:5: wait: nothing is not a duration, such as \"30m\""),
    PAIR(drill, "wait(p.outage - '10m')", "wait(p.outage - '40m')",
         "test.lua:5: wait: -10m is not a duration, such as \"30m\""),
    PAIR(drill, "wait(p.outage + '10m')", "wait(p.outage + 10)",
         "test.lua:5: a duration in a sum or comparison: 10 is not a duration: it has no unit; "
         "write for "
         "example \"30s\" or \"30m\""),
    PAIR(drill, "wait(p.outage * 2)", "wait(p.outage * '2')",
         "test.lua:5: a duration can be multiplied by a number only"),
    PAIR(
        drill, "wait_online(1.0, { within = '2h' })", "wait_online(1.0)",
        "test.lua:5: wait_online: for how long at most? Say wait_online(1.0, { within = \"2h\" })"),
    PAIR(drill, "wait_online('95%', { within = '2h' })", "wait_online(95, { within = '2h' })",
         "test.lua:5: wait_online: 95 is not a fraction, such as 0.25 or \"25%\"; at most 1, which "
         "is 100%"),
    PAIR(drill, NULL, "wait_online(1.0, { whitin = '2h' })",
         "test.lua:5: wait_online: there is no 'whitin'; did you mean 'within'? There are: within"),
    PAIR(drill, "streets:homes():fraction(0.5):cut_power()", "streets:fraction(0.5):cut_power()",
         "test.lua:5: a fraction of what? Say :homes():fraction(...) or :devices():fraction(...)"),
    PAIR(drill, NULL, "streets:homes():fraction(50)",
         "test.lua:5: fraction: 50 is not a fraction, such as 0.25 or \"25%\"; at most 1, which is "
         "100%"),
    PAIR(drill, "streets:street(1):cut_power()", "streets:street(2)",
         "test.lua:5: street: 2 is not a count from 1 to 1, such as 250 or \"10k\""),
    PAIR(
        drill, NULL, "substation:street(1)",
        "test.lua:5: street(n) counts the streets of one fleet.streets{ ... }: say it of that one"),
    PAIR(drill, "streets:devices():model('thermostat'):cut_power()", "streets:model('thermostat')",
         "test.lua:5: models are of devices: say :devices():model(\"thermostat\")"),
    PAIR(drill, NULL, "streets:devices():model('kettle')",
         "test.lua:5: model: there is no model 'kettle'; there are: thermostat, window-contact, "
         "smart-plug, bulb, smart-lock, light-sensor, flood-sensor, smoke-detector, "
         "weather-sensor, fridge, washing-machine, gateway, tv, speaker, doorbell, alarm-panel, "
         "wearable"),
    PAIR(drill, NULL, "streets:devices():homes()",
         "test.lua:5: homes() comes before devices(): narrow the homes first, then the devices in "
         "them"),
    PAIR(drill, "streets:homes():cut_network()", "streets:devices():cut_network()",
         "test.lua:5: cut_network: the way to the internet is the home's; say "
         ":homes():cut_network(...)"),
    PAIR(drill, "streets:link { loss = '5%' }", "streets:link { los = '5%' }",
         "test.lua:5: link: there is no 'los'; did you mean 'loss'? There are: latency, jitter, "
         "loss, "
         "duplicate, rate, queue"),
    PAIR(drill, "streets:devices():set_point(21.5)", "streets:devices():set_point('warm')",
         "test.lua:5: set_point (in degrees Celsius): 'warm' is not a number from -40 to 100 "
         "(degrees Celsius)"),
    {{.drill = "streets:offer_update { version = 2 }"},
     {.setup = "streets = fleet.streets { homes = 5, " DEVICES " }",
      .drill = "streets:offer_update { version = 2 }"},
     "test.lua:5: offer_update: none of these devices takes updates; say updates = true in their "
     "description"},
    PAIR(drill, "streets:offer_update { version = 2 }", "streets:offer_update {}",
         "test.lua:5: offer_update: 'version' is missing (of the firmware)"),
    PAIR(drill, "streets:offer_update { version = 2, size = '4k' }",
         "streets:offer_update { version = 2, size = '2M' }",
         "test.lua:5: offer_update: size: '2M' is not a count from 1 to 1048576, such as 250 or "
         "\"10k\" (bytes of the image; usual: 4000)"),
    PAIR(drill, "streets:offer_update { version = 2, rogue = 'tampered' }",
         "streets:offer_update { version = 2, rogue = 'evil' }",
         "test.lua:5: offer_update: rogue: 'evil' is not one of none, wrong-key, tampered, "
         "altered-manifest, "
         "truncated, old, wrong-model"),
    PAIR(drill, "say(fleet.version(2))", "say(fleet.version('2nd'))",
         "test.lua:5: version: '2nd' is not a count from 1 to 4294967295, such as 250 or \"10k\""),
    PAIR(setup, NULL, "substation:change_shared_value()",
         "test.lua:4: change_shared_value belongs into drill(p), not into setup(p)"),
    PAIR(verdict, "judge.contention { calls_per_change = 3 }",
         "judge.contention { calls_per_change = 0 }",
         "test.lua:6: judge.contention: calls_per_change: 0 is not a number from 1 to 1000000000 "
         "(at most so many writes for each change that was made)"),
    PAIR(setup, NULL, "fleet.streets { homes = 5, region = '', " DEVICES " }",
         "test.lua:4: fleet.streets: a region has 1 to 31 letters"),
    PAIR(setup,
         "fleet.devices { model = 'thermostat', count = 9, law = law.fixed(), power = 'battery', "
         "metrics = "
         "true }",
         "fleet.devices { model = 'thermostat', count = 9, law = law.fixed(), power = 'solar' }",
         "test.lua:4: fleet.devices: power: 'solar' is not one of mains, battery"),
    PAIR(setup, NULL,
         "fleet.devices { model = 'thermostat', count = 9, law = law.fixed(), metrics = 'all' }",
         "test.lua:4: fleet.devices: metrics: 'all' is not true or false (reports carry what the "
         "device knows of itself; false)"),
    /* the examination of telemetry */
    PAIR(setup, "examiner { on = true, window = '30s', strictness = 2, series = true } " NINE,
         "examiner { strictness = 0 }",
         "test.lua:4: examiner: strictness: 0 is not a number from 0.01 to 1000000 (evidence "
         "wanted, times this; 1)"),
    PAIR(setup, "examiner() " NINE, "examiner { window = '10ms' }",
         "test.lua:4: examiner: window: '10ms' is not a duration from 1s to 1h, such as \"30m\" "
         "(from look to look; 1m)"),
    PAIR(setup, "examiner {} " NINE, "examiner { of = true }",
         "test.lua:4: examiner: there is no 'of'; did you mean 'on'? There are: on, window, "
         "strictness, "
         "series"),
    PAIR(drill, NULL, "examiner {}",
         "test.lua:5: examiner belongs into setup(p), not into drill(p)"),
    PAIR(verdict,
         "judge.examined { declared = { 'clone', 'exfiltration' }, recall = '90%', grace = '15m' }",
         "judge.examined { declared = { 'clon' } }",
         "test.lua:6: judge.examined: declared: there is no kind 'clon'; did you mean 'clone'? "
         "There "
         "are: " KINDS),
    PAIR(verdict, "judge.examined { declared = {} }", "judge.examined { declared = 'clone' }",
         "test.lua:6: judge.examined: declared: 'clone' is not a list of kinds of anomaly, such as "
         "{ \"exfiltration\" } (what the examination looks for; unless told, as declare.telemetry "
         "says)"),
    PAIR(verdict, "judge.examined()", "judge.examined { declared = { 7 } }",
         "test.lua:6: judge.examined: declared: 7 is not a kind of anomaly, such as "
         "\"exfiltration\""),
    PAIR(verdict, "judge.examined { false_alarms = 0.01 }", "judge.examined { false_alarms = -1 }",
         "test.lua:6: judge.examined: false_alarms: -1 is not a number from 0 to 1000 (for each "
         "device and day, at most)"),
    PAIR(verdict, "judge.examination { unit = '5.10-1-1 a', declared = { 'clone' } }",
         "judge.examination { unit = '5.10-1-1 c' }",
         "test.lua:6: judge.examination: unit: '5.10-1-1 c' is not one of 5.10-1-1 a, 5.10-1-1 b; "
         "did you "
         "mean "
         "'5.10-1-1 a'?"),
    PAIR(verdict, NULL, "judge.examination {}", "test.lua:6: judge.examination: 'unit' is missing"),
    PAIR(setup, "for i = 1, 16 do declare.telemetry { id = 'T' .. i, description = 'd' } end " NINE,
         "for i = 1, 17 do declare.telemetry { id = 'T' .. i, description = 'd' } end",
         "test.lua:4: declare.telemetry: at most 16 of them"),
    PAIR(setup, "for i = 1, 16 do declare.interface { id = 'I' .. i, description = 'd' } end " NINE,
         "for i = 1, 17 do declare.interface { id = 'I' .. i, description = 'd' } end",
         "test.lua:4: declare.interface: at most 16 of them"),
    PAIR(setup,
         "for i = 1, 16 do declare.resilience { id = 'R' .. i, description = 'd', "
         "type = 'power outage' } end " NINE,
         "for i = 1, 17 do declare.resilience { id = 'R' .. i, description = 'd', "
         "type = 'power outage' } end",
         "test.lua:4: declare.resilience: at most 16 of them"),
    PAIR(setup, "declare.telemetry { id = 'T', description = ('d'):rep(400) } " NINE,
         "declare.telemetry { id = 'T', description = ('d'):rep(401) }",
         "test.lua:4: declare.telemetry: description: 1 to 400 letters"),
    PAIR(setup, "declare.telemetry { id = 'T', description = 'd', looks_for = { 'clone' } } " NINE,
         "declare.telemetry { id = 'T', description = 'd', looks_for = { 'clones' } }",
         "test.lua:4: declare.telemetry: looks_for: there is no kind 'clones'; did you mean "
         "'clone'? There "
         "are: " KINDS),
    PAIR(setup, NULL, "substation:inject { kind = 'clone' }",
         "test.lua:4: inject belongs into drill(p), not into setup(p)"),
    PAIR(drill, "streets:devices():powered_by('battery'):inject { kind = 'exfiltration' }",
         "streets:devices():powered_by('batery')",
         "test.lua:5: powered_by: 'batery' is not one of mains, battery; did you mean 'battery'?"),
    PAIR(drill, NULL, "streets:powered_by('mains')",
         "test.lua:5: what powers it is said of devices: say :devices():powered_by(\"mains\")"),
    PAIR(drill, "streets:inject { kind = 'clone' }", "streets:inject { kind = 'clon' }",
         "test.lua:5: inject: kind: 'clon' is not one of credential-stuffing, update-signature, "
         "clone, exfiltration, botnet-scan, stuck-sensor, out-of-range, slow-drift, silent-device, "
         "battery-drain; did you mean "
         "'clone'?"),
    PAIR(drill, NULL, "streets:inject { kind = 'unknown' }",
         "test.lua:5: inject: kind: 'unknown' is not one of credential-stuffing, update-signature, "
         "clone, exfiltration, botnet-scan, stuck-sensor, out-of-range, slow-drift, silent-device, "
         "battery-drain"),
    PAIR(drill, NULL, "streets:inject { lasting = '1h' }",
         "test.lua:5: inject: 'kind' is missing (of anomaly)"),
    PAIR(drill, NULL, "streets:inject('clone')",
         "test.lua:5: inject: 'clone' is not a table of named values in braces; did you mean "
         "{ kind = \"clone\" }?"),
    PAIR(drill, NULL, "streets:inject { kind = 'clone', ['for'] = '6h' }",
         "test.lua:5: inject: there is no 'for'; there are: kind, after, lasting, ends_at, ramp, "
         "strength, "
         "devices"),
    PAIR(drill, NULL, "streets:inject { kind = 'clone', lasting = 6 }",
         "test.lua:5: inject: lasting: 6 is not a duration: it has no unit; write for example "
         "\"30s\" or "
         "\"30m\""),
    PAIR(drill, "streets:inject { kind = 'clone', ends_at = '2h' }",
         "streets:inject { kind = 'clone', lasting = '1h', ends_at = '2h' }",
         "test.lua:5: inject: say lasting or ends_at, not both"),
    PAIR(drill, "streets:inject { kind = 'clone', after = '1h', ends_at = '2h' }",
         "streets:inject { kind = 'clone', after = '2h', ends_at = '2h' }",
         "test.lua:5: inject: ends_at is not after its beginning"),
    PAIR(drill, "streets:inject { kind = 'clone', strength = 0 }",
         "streets:inject { kind = 'clone', strength = -1 }",
         "test.lua:5: inject: strength: -1 is not a number from 0 to 1000 (usual: 1)"),
    PAIR(drill, NULL, "streets:inject { kind = 'clone', devices = 0 }",
         "test.lua:5: inject: devices: 0 is not a count from 1 to 4000000, such as 250 or \"10k\" "
         "(so many of them, picked by the seed; usual: all)"),
    PAIR(drill, "streets:restore_power { trigger = 'a' }", "streets:restore_power { triger = 'a' }",
         "test.lua:5: restore_power: there is no 'triger'; did you mean 'trigger'? There are: "
         "trigger"),
    PAIR(drill, "streets:cut_network()", "streets:cut_network('10m')",
         "test.lua:5: cut_network takes nothing in its parentheses"),
    PAIR(drill, "local s = streets:homes() for i = 1, 6 do s = s:fraction(0.9) end s:cut_power()",
         "local s = streets:homes() for i = 1, 7 do s = s:fraction(0.9) end",
         "test.lua:5: a selection can be narrowed 6 times"),
    PAIR(
        drill, NULL,
        "local s = streets:homes() for i = 1, 6 do s = s:fraction(0.9) end s:devices():cut_power()",
        "test.lua:5: a selection can be narrowed 6 times"),
    PAIR(drill, NULL, "streets:street(0)",
         "test.lua:5: street: 0 is not a count from 1 to 1, such as 250 or \"10k\""),
    PAIR(drill, "streets:cut_power()", "streets:cut_power('10m')",
         "test.lua:5: cut_power takes nothing in its parentheses"),
    PAIR(drill, "say(seconds(5))", "say(seconds('5s'))",
         "test.lua:5: seconds(n) makes a duration from a number; a text with a unit is one "
         "already: \"30s\""),
    PAIR(drill, "say(duration '5m')", "say(duration(5))",
         "test.lua:5: duration: 5 is not a duration: it has no unit; write for example \"30s\" or "
         "\"30m\""),
    PAIR(drill, "local t = { 1 } say(t[1])", "local t = nil say(t[1])",
         "test.lua:5: attempt to index a nil value (local 't')"),
    PAIR(drill, "error('', 0)", "error('first line\\nsecond line')",
         "test.lua:5: first line second line"),

    PAIR(drill, "say(seconds(0))", "say(seconds(-1))", "test.lua:5: seconds(-1.0): 0 to 100 years"),
    PAIR(drill, NULL, "say(seconds(1e10))", "test.lua:5: seconds(10000000000.0): 0 to 100 years"),
    PAIR(drill, NULL, "say(seconds(1) * 1e300)",
         "test.lua:5: a duration of more than 100 years, or none at all"),
    PAIR(drill, NULL, "say(seconds(1) * (0 / 0))",
         "test.lua:5: a duration of more than 100 years, or none at all"),
    PAIR(drill, NULL, "local d = seconds(3e9) say(d + d)",
         "test.lua:5: a duration of more than 100 years"),
    PAIR(drill, NULL, "local d = seconds(3e9) say(seconds(0) - d - d)",
         "test.lua:5: a duration of more than 100 years"),
    PAIR(drill, NULL, "streets:homes():fraction()",
         "test.lua:5: fraction: nothing is not a fraction, such as 0.25 or \"25%\""),

    /* the verdict */
    PAIR(verdict, "judge.reconnect { peak_to_mean = 4 }", "judge.reconnect { peek_to_mean = 4 }",
         "test.lua:6: judge.reconnect: there is no 'peek_to_mean'; did you mean 'peak_to_mean'? "
         "There are: "
         "unit, trigger, capacity, peak_over_capacity, peak_to_mean, "
         "attempts_per_success, devices_minimum"),
    PAIR(verdict, "expect('a', judge.answered().verdict == 'PASS', 'b')",
         "expect('a', judge.answered().verdikt == 'PASS', 'b')",
         "test.lua:6: the finding has no 'verdikt'; did you mean 'verdict'? There are: measures, "
         "sentence, "
         "unit, verdict"),
    PAIR(verdict, NULL, "expect('a', judge.reconnect().measures.busiest < 5, 'b')",
         "test.lua:6: measures has no 'busiest'; there are: busiest second"),
    PAIR(verdict, "judge.reconnect { unit = '5.9-3-2 a' }",
         "judge.reconnect { unit = '5.9-3-2 b' }",
         "test.lua:6: judge.reconnect: unit: '5.9-3-2 b' is not one of 5.9-3-2 a; did you mean "
         "'5.9-3-2 a'?"),
    PAIR(verdict,
         "local f = judge.declaration { unit = '5.9-3-1 b', devices = '5k', capacity = 20 }"
         " expect('a', f.measures.devices == 5000 and f.measures.capacity == 20, 'b')",
         "judge.declaration { unit = '5.9-3-2 a' }",
         "test.lua:6: judge.declaration: unit: '5.9-3-2 a' is not one of 5.9-3-1 b; did you mean "
         "'5.9-3-1 "
         "b'?"),
    PAIR(verdict, "judge.answered { at_least = '100%' }", "judge.answered { at_least = 100 }",
         "test.lua:6: judge.answered: at_least: 100 is not a fraction, such as 0.25 or \"25%\" "
         "(share of the requests that were due that must be answered with success); at most 1, "
         "which is 100%"),
    PAIR(verdict, "expect('all', fleet.online() == 1000, 'All are online.')",
         "expect('all', fleet.online(), 'All are online.')",
         "test.lua:6: expect: its condition: 1000 is not true or false; compare something, as in "
         "wave.seconds < 60"),
    PAIR(
        verdict, NULL, "expect('all', nil, 'All are online.')",
        "test.lua:6: expect: its condition: nothing is not true or false; compare something, as in "
        "wave.seconds < 60"),
    PAIR(verdict, "expect('all', true, 'b')", "expect('', true, 'b')",
         "test.lua:6: expect: its name: 1 to 47 letters"),
    PAIR(verdict,
         "local f = expect('a', { value = 3, at_most = 5, unit = 'homes', samples = 9 }, 'b')"
         " expect('c', f.verdict == 'PASS' and f.measures.a == 3, 'd')",
         "expect('a', { value = 3 }, 'b')",
         "test.lua:6: expect: a value is held against at_most or at_least, one of them"),
    PAIR(verdict,
         "local f = threshold('reports_due', 'count<=100')"
         " expect('c', f.verdict == 'PASS' and f.measures['reports_due count'] == 100, 'd')"
         " expect('e', threshold('reports_due', '<99').verdict == 'FAIL', 'f')",
         "threshold('reports_deu', 'count<100')",
         "test.lua:6: threshold: there is no metric or measure 'reports_deu'; did you mean "
         "'reports_due'? There are: reports_due"),
    PAIR(verdict,
         "judge.reconnect { unit = '5.9-3-2 a' } expect('a', { value = 3, at_least = 1 }, 'b')"
         " expect('c', threshold('a', '>=4').verdict == 'FAIL', 'd')",
         "threshold('reports_due', 'p95<1s')",
         "test.lua:6: threshold: 'p95<1s' is not a threshold, such as \"p(95)<200ms\", "
         "\"avg<1s\", \">=99%\" or \"count<10\""),
    PAIR(verdict, "threshold('reports_due', 'count<9', { abort = true, after = '30s' })",
         "threshold('reports_due', 'count<9', { after = '30s' })",
         "test.lua:6: threshold: after says from when on it may end the run: add abort = true"),
    PAIR(verdict, "threshold('reports_due', '<9')", "threshold('attempts', '<9', { abort = true })",
         "test.lua:6: threshold: attempts is counted too late: leave abort out"),
    PAIR(verdict,
         "judge.reconnect { unit = '5.9-3-2 a' } expect('a', { value = 3, at_least = 1 }, 'b')"
         " threshold('a', '>=4')",
         "expect('a', { value = 3, at_least = 1 }, 'b') threshold('a', '>=4', { abort = true })",
         "test.lua:6: threshold: a is a judge's measure, known when the run is over: leave abort "
         "out"),
    PAIR(verdict, "threshold('reports_due', 'count<=100')", "threshold('reports_due')",
         "test.lua:6: threshold: its limit is missing: write for example "
         "threshold(\"request_latency\", \"p(95)<200ms\")"),
    PAIR(verdict, "expect('a', true, 'b')", "expect('a', true)",
         "test.lua:6: expect: its sentence is missing: write for example expect(\"calm\", "
         "fleet.online() > 0, \"Somebody is online.\")"),
    PAIR(verdict, "for i = 1, 32 do expect('a', true, 'b') end",
         "for i = 1, 33 do expect('a', true, 'b') end", "test.lua:6: expect: at most 32 findings"),

    PAIR(drill, "table.sort { 2, 1 }", "table.sort { 2, 'a' }",
         "test.lua:5: attempt to compare string with number; measures of time are numbers of "
         "seconds: write 300 for \"5m\""),
    PAIR(setup, NULL, "table.sort { 2, 'a' }",
         "test.lua:4: attempt to compare string with number; measures of time are numbers of "
         "seconds: write 300 for \"5m\""),
    PAIR(setup, NULL, "law.orderly { devices = '4M', capacity = 0.001 }",
         "test.lua:4: law.orderly: this capacity is so small that the window would be longer than "
         "95 years"),
    PAIR(drill, "say(select('#', pcall(wait, '1s')))",
         "error(select(2, pcall(table.sort, { 2, 'a' })), 0)",
         "test.lua:5: attempt to compare string with number; measures of time are numbers of "
         "seconds: write 300 for \"5m\""),
    PAIR(drill, NULL, "local s = ('a'):gsub('a', function() wait '1m' end)",
         "test.lua:5: a function that string.gsub calls cannot wait"),

    /* repeatability */
    PAIR(drill, "for k in pairs({ a = 1 }) do say(k) end",
         "for k in pairs({ [{}] = 1 }) do say(k) end",
         "test.lua:5: pairs: a table as a key has no order that repeats; use numbers or texts as "
         "keys"),
    PAIR(drill, "say(string.format('%s', p.note))", "say(string.format('%p', p.note))",
         "test.lua:5: string.format: %p shows an address, which differs from run to run"),
    PAIR(drill, "for k in pairs({}) do end", "for k in next, {} do end",
         "test.lua:5: there is no 'next' here: use pairs, which goes through a table in order of "
         "its keys"),

    /* bounds */
    PAIR(drill, "local n = 0 while n < 1000 do n = n + 1 end", "while true do end",
         "test.lua:5: gave up here after 20000000 steps without a pause; is there a loop that "
         "never ends?"),
    PAIR(drill, NULL, "while true do pcall(function() while true do end end) end",
         "test.lua:5: gave up here after 20000000 steps without a pause; is there a loop that "
         "never ends?"),
    PAIR(drill, NULL, "while true do wait '0s' end",
         "test.lua:5: gave up here after 20000000 steps without a pause; is there a loop that "
         "never ends?"),
    PAIR(drill, NULL, "local t = {} while true do t[#t + 1] = { {}, {} } end",
         "test.lua:5: the scenario needs more than 64 MB of memory; is there a table that grows, "
         "or a "
         "function that calls itself, without end?"),
    PAIR(drill, "for i = 1, 1000000 do local t = { i } end",
         "local t = {} for i = 1, 1000000 do t[i] = { i } end",
         "test.lua:5: the scenario needs more than 64 MB of memory; is there a table that grows, "
         "or a "
         "function that calls itself, without end?"),
    PAIR(drill, "say(table.concat({ 1 }))", "say(table.concat({ {} }))",
         "test.lua:5: invalid value (table) at index 1 in table for 'concat'"),
    PAIR(drill, NULL, "local s = 'x' while true do s = s .. s end",
         "test.lua:5: the scenario makes a text of more than 16 KB; is there one that grows "
         "without end?"),
    PAIR(drill, "say(('x'):rep(16384))", "say(('x'):rep(16385))",
         "test.lua:5: string.rep: a text has at most 16 KB"),
    PAIR(drill, "say(('x'):rep(3))", "say(('x'):rep(1e9))",
         "test.lua:5: string.rep: a text has at most 16 KB"),
    PAIR(drill, NULL, "say((''):rep(1e15))", "test.lua:5: string.rep: a text has at most 16 KB"),
    PAIR(drill, "say(('a=1,b=2'):match('b=(%d+)'))", "(('a'):rep(10000)):find('.-.-.-.-b')",
         "test.lua:5: this pattern could take very long on a text of 10000 letters: use fewer of * "
         "+ - ? or "
         "a shorter text"),
    PAIR(drill, "local s = ('a'):rep(3000):find('.-b')",
         "for i = 1, 3 do local s = ('a'):rep(3000):find('.-b') end",
         "test.lua:5: gave up here after 20000000 steps without a pause; is there a loop that "
         "never ends?"),
    PAIR(drill, "local s = ('a'):rep(3000):find('a+b')", "local s = ('a'):rep(9000):find('a+b')",
         "test.lua:5: this pattern could take very long on a text of 9000 letters: use fewer of * "
         "+ - ? or a "
         "shorter text"),
    PAIR(drill, "local s = ('a'):rep(3000):find('a*b')", "local s = ('a'):rep(9000):find('a*b')",
         "test.lua:5: this pattern could take very long on a text of 9000 letters: use fewer of * "
         "+ - ? or a "
         "shorter text"),
    PAIR(drill, "local s = ('a'):rep(3000):find('a-b')", "local s = ('a'):rep(9000):find('a-b')",
         "test.lua:5: this pattern could take very long on a text of 9000 letters: use fewer of * "
         "+ - ? or a "
         "shorter text"),
    PAIR(drill, "local s = ('a'):rep(100):find(('a?'):rep(3))",
         "local s = ('a'):rep(100):find(('a?'):rep(20))",
         "test.lua:5: this pattern could take very long on a text of 100 letters: use fewer of * + "
         "- ? or a "
         "shorter text"),
    PAIR(drill, "local s = ('a'):rep(3000):find('%b()')", "local s = ('a'):rep(9000):find('%b()')",
         "test.lua:5: this pattern could take very long on a text of 9000 letters: use fewer of * "
         "+ - ? or a "
         "shorter text"),
    PAIR(drill, "local s = ('a'):rep(3000):find('(a)%1')",
         "local s = ('a'):rep(9000):find('(a)%1')",
         "test.lua:5: this pattern could take very long on a text of 9000 letters: use fewer of * "
         "+ - ? or a "
         "shorter text"),
    PAIR(drill, "local s = ('a'):rep(9000):find('%a%a%*%-%+', 1)",
         "local s = ('a'):rep(9000):find('%a%a*')",
         "test.lua:5: this pattern could take very long on a text of 9000 letters: use fewer of * "
         "+ - ? or a "
         "shorter text"),
    PAIR(drill, "local s = ('a'):rep(9000):find('a*+-', 1, true)",
         "local s = ('a'):rep(9000):find('a*+-', 1, false)",
         "test.lua:5: this pattern could take very long on a text of 9000 letters: use fewer of * "
         "+ - ? or a "
         "shorter text"),
    PAIR(drill, "say(('x'):rep(16384):len())", "say(('x'):rep(16385):len())",
         "test.lua:5: string.rep: a text has at most 16 KB"),
    PAIR(drill, "local t = {} for i = 1, 5000 do table.insert(t, 1, i) end",
         "local t = {} for i = 1, 30000 do table.insert(t, 1, i) end",
         "test.lua:5: gave up here after 20000000 steps without a pause; is there a loop that "
         "never ends?"),
    PAIR(drill,
         "local t = {} for i = 1, 100000 do table.insert(t, i) end for i = 1, 100000 do "
         "table.remove(t) end",
         "local t = {} for i = 1, 100000 do t[i] = i end for i = 1, 100000 do table.remove(t, 1) "
         "end",
         "test.lua:5: gave up here after 20000000 steps without a pause; is there a loop that "
         "never ends?"),
    PAIR(drill,
         "local t = {} for i = 1, 10000 do t[i] = '' end for i = 1, 10 do table.concat(t) end",
         "local t = {} for i = 1, 10000 do t[i] = '' end for i = 1, 3000 do table.concat(t) end",
         "test.lua:5: gave up here after 20000000 steps without a pause; is there a loop that "
         "never ends?"),
    PAIR(drill, "for i = 1, 10 do table.move({}, 1, 100000, 2) end",
         "for i = 1, 300 do table.move({}, 1, 100000, 2) end",
         "test.lua:5: gave up here after 20000000 steps without a pause; is there a loop that "
         "never ends?"),
    PAIR(drill, "table.move({}, 1, 1000001, 2)", "table.move({}, 1, 1000002, 2)",
         "test.lua:5: more than a million fields at once"),
    PAIR(drill, "say(math.random(1, 2) < 3)", "say(math.random(1, 2, 3))",
         "test.lua:5: math.random takes at most two numbers"),
    PAIR(drill, "say(string.format('%s %%p', nil))", "say(string.format('%s'))",
         "test.lua:5: bad argument #2 to 'format' (no value)"),
    PAIR(drill, "say(string.format('%5.2f', 1))", "say(string.format('%-5p', say))",
         "test.lua:5: string.format: %p shows an address, which differs from run to run"),
    PAIR(drill, "table.move({ 1 }, 1, 1, 2)", "table.move({}, 1, 1e15, 2)",
         "test.lua:5: more than a million fields at once"),
    PAIR(drill, NULL, "local function f() return f() + 1 end f()",
         "test.lua:5: the scenario needs more than 64 MB of memory; is there a table that grows, "
         "or a "
         "function that calls itself, without end?"),
};

static void test_each_complaint_and_its_good_twin(void **state) {
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof twins / sizeof twins[0]; i++) {
        play good = {0}, bad = {0};
        play_parts(&good, &twins[i].good);
        bool expected_quiet =
            strcmp(good.why, "") == 0 || strcmp(good.why, "test.lua: ") == 0; /* error('', 0) */
        if (!expected_quiet) wrong++, print_error("good twin %zu: %s\n", i, good.why);
        play_end(&good);
        play_parts(&bad, &twins[i].bad);
        const char *says = twins[i].says;
        if (strcmp(bad.why, says) != 0)
            wrong++, print_error("bad twin %zu\n said    %s\n wanted  %s\n", i, bad.why, says);
        assert_null(strchr(bad.why, '\n'));
        play_end(&bad);
    }
    assert_int_equal(wrong, 0);
}

/* ---- --set ---- */

static const struct {
    const char *name, *good, *bad, *says;
} sets[] = {
    {"homes", "500", "-1",
     "--set homes=-1: homes takes a count from 1 to 1000000, such as 250 or \"10k\" (homes that "
     "lose power)"},
    {"homes", "10k", "1e12",
     "--set homes=1e12: homes takes a count from 1 to 1000000, such as 250 or \"10k\" (homes that "
     "lose "
     "power)"},
    {"homes", "1e3", "many",
     "--set homes=many: homes takes a count from 1 to 1000000, such as 250 or \"10k\" (homes that "
     "lose "
     "power)"},
    {"homes", "1", "",
     "--set homes=: homes takes a count from 1 to 1000000, such as 250 or \"10k\" (homes that lose "
     "power)"},
    {"homes", "1", "1.5",
     "--set homes=1.5: homes takes a count from 1 to 1000000, such as 250 or \"10k\" (homes that "
     "lose "
     "power)"},
    {"outage", "1h10m", "soon", "--set outage=soon: outage takes a duration, such as \"30m\""},
    {"outage", "0", "30",
     "--set outage=30: outage takes a duration, such as \"30m\"; 30 has no unit: write 30s, 30m or "
     "30h"},
    {"share", "25%", "25",
     "--set share=25: share takes a fraction, such as 0.25 or \"25%\"; at most 1, which is 100%"},
    {"size", "1e3", "-1", "--set size=-1: size takes a number of at least 0"},
    {"size", "0.5", "nan", "--set size=nan: size takes a number of at least 0"},
    {"over", "busy", "bsy", "--set over=bsy: over takes one of drop, busy; did you mean 'busy'?"},
    {"calm", "no", "maybe", "--set calm=maybe: calm takes true or false"},
    {"note", "a b", NULL, NULL},
    {"hoems", NULL, "1",
     "--set: test.lua has no parameter 'hoems'; did you mean 'homes'? There are: homes, outage, "
     "share, size, "
     "over, note, calm"},
    {"homes\n", NULL, "1",
     "--set: test.lua has no parameter 'homes '; did you mean 'homes'? There are: homes, outage, "
     "share, "
     "size, over, note, calm"},
};

static void test_values_from_the_command_line(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        play good = {.sets = {{sets[i].name, sets[i].good}}, .set_count = sets[i].good != NULL};
        play bad = {.sets = {{sets[i].name, sets[i].bad}}, .set_count = sets[i].bad != NULL};
        play_parts(&good, &(parts){0});
        assert_string_equal(good.why, "");
        play_end(&good);
        play_parts(&bad, &(parts){0});
        assert_string_equal(bad.why, sets[i].says != NULL ? sets[i].says : "");
        play_end(&bad);
    }
}

static void test_parameters_are_listed_as_set_takes_them(void **state) {
    (void)state;
    static const report_parameter expected[] = {{"homes", "10000", true}, {"outage", "1h10m", true},
                                                {"share", "0.5", false},  {"size", "1.5", false},
                                                {"over", "drop", false},  {"note", "", false},
                                                {"calm", "false", true}};
    play p = {.sets = {{"homes", "5"}, {"outage", "70m"}, {"calm", "no"}, {"homes", "10k"}},
              .set_count = 4};
    play_parts(&p, &(parts){0});
    assert_string_equal(p.why, "");
    size_t count;
    const report_parameter *list = script_parameters(p.s, &count);
    assert_int_equal(count, 7);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(list[i].name, expected[i].name);
        assert_string_equal(list[i].value, expected[i].value);
        assert_int_equal(list[i].given, expected[i].given);
    }
    play_end(&p);
}

/* ---- what reaches the run ---- */

static void test_numbers_are_listed_exactly(void **state) {
    (void)state;
    play p = {0};
    size_t count;
    play_parts(
        &p,
        &(parts){.params = "params { { name = 'homes', kind = 'count', default = 5 }, { name = "
                           "'a', kind = 'number', default = 1 / 3 },"
                           " { name = 'b', kind = 'fraction', default = 0.1 }, { name = 'c', kind "
                           "= 'number', default = 0.1 + 0.2 } }"});
    assert_string_equal(p.why, "");
    const report_parameter *list = script_parameters(p.s, &count);
    assert_string_equal(list[1].value, "0.3333333333333333");
    assert_string_equal(list[2].value, "0.1");
    assert_string_equal(list[3].value, "0.30000000000000004");
    play_end(&p);
}

static void test_a_good_set_takes_no_blame_for_later(void **state) {
    (void)state;
    play p = {.sets = {{"homes", "5"}}, .set_count = 1};
    play_parts(&p, &(parts){.setup = "fleet.street { }"});
    assert_int_equal(strncmp(p.why, "test.lua:4: ", 12), 0);
    play_end(&p);
}

/* What nobody said of requests follows the fleet; what somebody said stays. */
static void test_the_cloud_fits_its_fleet(void **state) {
    (void)state;
    static const struct {
        const char *cloud, *devices;
        double requests;
        uint32_t queue;
    } rows[] = {
        {"", "1000", 20000, 20000},
        {"cloud { connections = 5 }", "1001", 20020, 20020},
        {"", "1000000", 2e7, 20000000},
        {"cloud { requests = 7 }", "2000", 7, 7},
        {"cloud { requests = 7, request_queue = 3 }", "2000", 7, 3},
        {"cloud { request_queue = 3 }", "2000", 40000, 3},
        {"cloud { stages = { { name = 'requests', rate = 9 } } }", "2000", 9, 9},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        play p = {0};
        char setup[256];
        (void)snprintf(setup, sizeof setup,
                       "%s fleet.devices { model = 'thermostat', count = %s, law = law.fixed() }",
                       rows[i].cloud, rows[i].devices);
        play_parts(&p, &(parts){.setup = setup});
        assert_string_equal(p.why, "");
        assert_true(p.spec->cloud.requests_per_s == rows[i].requests);
        assert_int_equal(p.spec->cloud.request_queue, rows[i].queue);
        play_end(&p);
    }
}

static void test_setup_fills_the_spec(void **state) {
    (void)state;
    play p = {0};
    play_parts(
        &p,
        &(parts){
            .setup =
                "cloud { connections = 20, requests = '5k', over = 'busy', max_age = '45s', "
                "request_queue = 7 }"
                " streets = fleet.streets { name = 'north', homes = 500, per_street = 100, "
                "router_boot "
                "= { '60s', '90s' }, start_over = '4m',"
                " uplink = { latency = '5ms', jitter = 0, loss = '1%', duplicate = 0.001, rate = "
                "'10Mbit', queue = '64k' }, backhaul = { latency = '9ms' },"
                " devices = { { model = 'thermostat', per_home = 4, law = law.full_jitter { base = "
                "'1s', cap = '60s', window = '146s' }, report_every = '2m',"
                " boot = '3s', connect_limit = '20s' } } }"
                " fleet.devices { model = 'thermostat', count = 200, law = "
                "law.decorrelated_jitter(), "
                "method = 'PUT', path = 'example_data', register = false, region = 'far', metrics "
                "= "
                "true, power = 'battery' }"});
    assert_string_equal(p.why, "");
    const fleet_spec *s = p.spec;
    assert_true(s->cloud.connections_per_s == 20 && s->cloud.connection_queue == 20);
    assert_true(s->cloud.requests_per_s == 5000 && s->cloud.request_queue == 7);
    assert_true(s->cloud.over == CLOUD_OVER_BUSY && s->cloud.max_age_s == 45);
    assert_int_equal(s->zone_count, 2);
    const fleet_zone *z = &s->zones[0];
    assert_string_equal(z->name, "north");
    assert_string_equal(z->region, "north"); /* until it is told another */
    assert_true(z->homes == 500 && z->homes_per_street == 100 && z->start_over == 4 * SIM_MINUTE);
    assert_true(z->router_boot_minimum == 60 * SIM_SECOND &&
                z->router_boot_maximum == 90 * SIM_SECOND);
    assert_true(z->uplink.latency == 5 * SIM_MILLISECOND && z->uplink.jitter == 0 &&
                z->uplink.loss == 0.01 && z->uplink.duplicate == 0.001);
    assert_true(z->uplink.bits_per_s == 10000000 && z->uplink.queue_bytes == 64000 &&
                !z->uplink.down);
    assert_true(z->backhaul.latency == 9 * SIM_MILLISECOND && z->backhaul.bits_per_s > 0);
    const dev_profile *d = &z->groups[0].profile;
    assert_true(z->group_count == 1 && z->groups[0].per_home == 4);
    assert_true(d->law.kind == DEV_LAW_FULL_JITTER && d->law.initial_window == 146 * SIM_SECOND &&
                d->law.base == SIM_SECOND && d->law.cap == SIM_MINUTE && d->law.factor == 2);
    assert_true(d->report_every == 2 * SIM_MINUTE && d->boot_minimum == 3 * SIM_SECOND &&
                d->boot_maximum == 3 * SIM_SECOND && d->connect_limit == 20 * SIM_SECOND);
    assert_true(!d->link.report_replaces && d->follows);
    assert_true(!d->metrics && !d->battery); /* as its model: on mains */
    assert_string_equal(d->link.report_topic, "t");
    assert_string_equal(d->link.register_topic, "rd");
    z = &s->zones[1];
    d = &z->groups[0].profile;
    assert_true(z->homes == 200 && z->homes_per_street == FLEET_HOMES_PER_STREET &&
                z->groups[0].per_home == 1 && z->router_boot_maximum == 0);
    assert_true(d->link.report_replaces && d->link.register_topic == NULL && !d->follows);
    assert_true(d->metrics && d->battery);
    assert_string_equal(z->region, "far");
    assert_string_equal(d->link.report_topic, "example_data");
    play_end(&p);
}

static void test_defaults_of_the_two_worlds(void **state) {
    (void)state;
    play p = {0}, q = {.real = true};
    play_parts(&p, &(parts){.drill = "say(world)"});
    play_parts(&q, &(parts){.drill = "say(world)"});
    assert_true(p.spec->zones[0].uplink.latency > 0 && p.spec->zones[0].backhaul.latency > 0);
    assert_true(q.spec->zones[0].uplink.latency == 0 && q.spec->zones[0].backhaul.latency == 0);
    assert_string_equal(p.r.log, "0s say virtual\n");
    assert_string_equal(q.r.log, "0s say real\n");
    play_end(&p);
    play_end(&q);
}

static const struct {
    const char *setup, *drill, *log;
} stories[] = {
    {NULL,
     "wait '10m' streets:cut_power() wait(p.outage) streets:restore_power() local ok = "
     "wait_online(1.0, { within = '2h' }) say(ok, ' ', now())",
     "600s cut_power zone 0\n2400s restore_power trigger power restore zone 0\n2400s online 1 "
     "until 9600s\n2460s say true 41m\n"},
    {NULL,
     "local half = streets:homes():fraction(0.5) half:cut_power() "
     "streets:homes():fraction('50%'):restore_power { trigger = 'second' }",
     "0s cut_power zone 0 homes 0.5/16\n0s restore_power trigger second zone 0 homes 0.5/16\n"},
    {NULL,
     "streets:homes():fraction(0.5):fraction(0.5):cut_power() streets:homes():fraction(0.5, { draw "
     "= 2 }):cut_power()",
     "0s cut_power zone 0 homes 0.5/16 homes 0.5/17\n0s cut_power zone 0 homes 0.5/32\n"},
    {NULL,
     "streets:devices():cut_power() streets:devices():fraction(0.1):cut_power() "
     "streets:devices():model('thermostat'):cut_power()",
     "0s cut_power zone 0 devices 1/0\n0s cut_power zone 0 devices 0.1/16\n0s cut_power zone 0 "
     "model thermostat\n"},
    {NULL,
     "streets:street(1):homes():cut_network() substation:restore_network() "
     "fleet.all():cut_network()",
     "0s cut_network zone 0 street 0\n0s restore_network trigger network restore all\n0s "
     "cut_network all\n"},
    {"streets = fleet.streets { homes = 5, uplink = { latency = '20ms', loss = '1%' }, " DEVICES
     " } fleet.streets { name = 'b', homes = 5, " DEVICES " }",
     "streets:link { loss = '5%' } streets:link { latency = '1s' } streets:link {} substation:link "
     "{ loss = 0.5 }",
     "0s link latency 0.02s jitter 0.004s loss 0.05 duplicate 0 rate 20000000 queue 64000 zone "
     "0\n0s link latency 1s jitter 0.004s loss 0.01 duplicate 0 rate 20000000 queue 64000 zone "
     "0\n0s link latency 0.02s jitter 0.004s loss 0.01 duplicate 0 rate 20000000 queue 64000 zone "
     "0\n0s link latency 0.02s jitter 0.004s loss 0.5 duplicate 0 rate 20000000 queue 64000 zone "
     "0\n0s link latency 0.008s jitter 0.004s loss 0.5 duplicate 0 rate 20000000 queue 64000 zone "
     "1\n"},
    {"streets = fleet.devices { model = 'thermostat', count = 9, law = law.fixed() }",
     "streets:fraction(0.5):cut_network() streets:devices():fraction(0.5):cut_network() "
     "streets:cut_power()",
     "0s cut_network zone 0 homes 0.5/16\n0s cut_network zone 0 homes 0.5/16\n0s cut_power zone "
     "0\n"},
    {NULL,
     "streets:devices():set_point(21.5) streets:change_shared_value() cloud { connections = 5 } "
     "cloud { requests = 7 }",
     "0s set_point celsius 21.5 zone 0 devices 1/0\n0s change_shared_value zone 0\n0s cloud "
     "connections 5 connection_queue 5 requests 20000 request_queue 20000 over drop says busy "
     "overload_cost 0\n0s cloud connections 5 connection_queue 5 requests 7 request_queue 7 over "
     "drop says busy overload_cost 0\n"},
    {NULL,
     "streets:inject { kind = 'clone' } wait '1h' streets:devices():powered_by('battery'):inject { "
     "kind = 'exfiltration', after = '30m', ends_at = '3h', ramp = '10m', strength = 2.5, devices "
     "= 7 }",
     "0s inject kind clone after 0s lasting -1s ends_at -1s ramp 0s strength 1 devices 0 zone "
     "0\n3600s inject kind exfiltration after 1800s lasting 5400s ends_at -1s ramp 600s strength "
     "2.5 devices 7 zone 0 power 1\n"},
    {NULL,
     "streets:offer_update { version = 2 } streets:devices():offer_update { version = 7, size = "
     "'64k', over = '24h', rogue = 'old', trigger = 'replay' } say(fleet.version(2), ' ', "
     "streets:version(3), ' ', streets:update_failures(), ' ', fleet.update_failures())",
     "0s offer_update version 2 size 4000 over 0s rogue none trigger update wave zone 0\n0s "
     "offer_update version 7 size 64000 over 86400s rogue old trigger replay zone 0 devices "
     "1/0\n0s say 0.25 0.0 7 7\n"},
    {NULL,
     "cloud_restart { down = '30s' } wait '1m' cloud_restart { down = 0, how = 'silent', trigger = "
     "'crash' } substation:restart_routers { off = '10s' } "
     "streets:homes():fraction(0.5):restart_routers { off = 0, trigger = 'x' }",
     "0s cloud_restart down 30s how close trigger broker restart\n60s cloud_restart down 0s how "
     "silent trigger crash\n60s restart_routers off 10s trigger hub restart all\n60s "
     "restart_routers off 0s trigger x zone 0 homes 0.5/16\n"},
    {NULL,
     "cloud { close_after = '1s' } cloud { close_after = 0 } cloud { connections = 3, close_after "
     "= '2s', trigger = 'q' } cloud { connections = 3 }",
     "0s cloud close_after 1s closes in-order trigger close of sessions\n0s cloud close_after 0s "
     "closes in-order trigger -\n0s cloud connections 3 connection_queue 3 requests 20000 "
     "request_queue 20000 over drop says busy overload_cost 0\n0s cloud close_after 2s closes "
     "in-order trigger q\n0s cloud connections 3 connection_queue 3 requests 20000 request_queue "
     "20000 over drop says busy overload_cost 0\n"},
    {NULL, "cloud { close_after = '1s', closes = 'reset' }",
     "0s cloud close_after 1s closes reset trigger close of sessions\n"},
    {NULL,
     "local h, d = streets:count() say(h, '/', d, ' ', streets:street(1):homes():fraction(0.5)) "
     "say(streets, nil, true, {}, say)",
     "0s say 250/1000 homes of street, street 1, 50 % of homes\n0s say all of "
     "streetniltruetablefunction\n"},
    {NULL,
     "wait_until '1h' wait_until '30m' say(now()) say(now() < '2h', now() == duration '1h', (now() "
     "+ '30m') / 2, now() / '30m', now():seconds())",
     "3600s say 1h\n3600s say truetrue45m2.03600.0\n"},
    {NULL,
     "say(duration '5m' < '5m', duration '5m' <= '5m', duration '5m' == seconds(300), p.outage == "
     "5) say(p.outage - '30m', p.outage - '31m')",
     "0s say falsetruetruefalse\n0s say 0s-1m\n"},
    {"say('early') streets = fleet.streets { homes = 5, " DEVICES " }", "say('late')",
     "0s say early\n0s say late\n"},
    {NULL,
     "say(pcall(function(...) return select('#', ...), 2 end, 5, 6)) say(pcall(function() wait "
     "'1m' return 7, 8 end))",
     "0s say true22\n60s say true78\n"},
    {NULL, "say(string.format('%d %s %-3s|%5.1f', 7, say, 'a', 2.5))",
     "0s say 7 function a  |  2.5\n"},
    {NULL, "say(pcall(function() wait '1m' error('x') end)) say(now())",
     "60s say falsetest.lua:5: x\n60s say 1m\n"},
    {NULL, "say(law.full_jitter { window = '2m26s' })",
     "0s say first attempt within 2m26s at random, then full jitter from 1s doubling up to "
     "1m00s\n"},
    {NULL,
     "local t = { 3, 1, 2 } table.sort(t) say(table.concat(t, ' ')) table.sort(t, function(a, b) "
     "return a > b end) say(table.concat(t, ' '))",
     "0s say 1 2 3\n0s say 3 2 1\n"},
    {NULL,
     "for k, v in pairs { [true] = 1, b = 2, a = 3, [2] = 4, [1.5] = 5, [-1] = 6 } do say(k, '=', "
     "v) end",
     "0s say -1=6\n0s say 1.5=5\n0s say 2=4\n0s say a=3\n0s say b=2\n0s say true=1\n"},
    {NULL, "say(string.format('%s %s %d %%s', {}, p.outage, 5), ('x'):upper())",
     "0s say table 30m 5 %sX\n"},
};

static void test_what_the_drill_does(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof stories / sizeof stories[0]; i++) {
        play p = {0};
        play_parts(&p, &(parts){.setup = stories[i].setup, .drill = stories[i].drill});
        assert_string_equal(p.why, "");
        assert_string_equal(p.r.log, stories[i].log);
        play_end(&p);
    }
}

static void test_wait_online_says_false_when_time_passes(void **state) {
    (void)state;
    play p = {.r = {.never_online = true}};
    play_parts(&p, &(parts){.drill = "say(wait_online(0.95, { within = '2h' }), now())"});
    assert_string_equal(p.r.log, "0s online 0.95 until 7200s\n7200s say false2h\n");
    play_end(&p);
}

static void test_a_long_line_of_the_story_is_cut(void **state) {
    (void)state;
    play p = {0};
    play_parts(&p, &(parts){.drill = "say(('x'):rep(200)) say(('y'):rep(201))"});
    assert_int_equal(strlen(p.r.log), 2 * strlen("0s say \n") + 400);
    play_end(&p);
}

static void test_verbs_that_the_run_refuses(void **state) {
    (void)state;
    play p = {.r = {.fails = SIM_ESTATE}}, q = {.r = {.fails = SIM_ENOMEM}};
    play clone = {.r = {.fails = SIM_ESTATE,
                        .because = "a clone works on the built-in cloud only, not on a target"}};
    play lacks = {.r = {.fails = SIM_ERANGE, .because = "they lack a part"}};
    play_parts(&clone, &(parts){.drill = "streets:inject { kind = 'clone' }"});
    assert_string_equal(
        clone.why, "test.lua:5: inject: a clone works on the built-in cloud only, not on a target");
    play_end(&clone);
    play_parts(&lacks, &(parts){.drill = "streets:inject { kind = 'exfiltration' }"});
    assert_string_equal(lacks.why, "test.lua:5: inject: they lack a part");
    play_end(&lacks);
    play_parts(&p, &(parts){.drill = "streets:devices():set_point(20)"});
    assert_string_equal(p.why,
                        "test.lua:5: set_point works on the built-in cloud only, not on a target");
    play_parts(&q, &(parts){.drill = "streets:cut_power()"});
    assert_string_equal(q.why, "test.lua:5: cut_power: out of memory");
    play_end(&p);
    play_end(&q);
}

static void test_without_a_drill_the_duration_is_waited_for(void **state) {
    (void)state;
    static const char field[] =
        "scenario { title = 'x', duration = '10m' }\nfunction setup(p) fleet.streets { homes = "
        "5, " DEVICES " } end\n";
    static const char parameter[] =
        "scenario { title = 'x', duration = '10m' } params { { name = 'duration', kind = "
        "'duration', default "
        "= '5m' } }\n"
        "function setup(p) fleet.streets { homes = 5, " DEVICES " } end\n";
    static const char neither[] =
        "scenario { title = 'x' }\nfunction setup(p) fleet.streets { homes = 5, " DEVICES
        " } end\n";
    play p = {0}, q = {0}, n = {0};
    play_text(&p, field, strlen(field));
    assert_string_equal(p.why, "");
    assert_true(p.r.now == 10 * SIM_MINUTE);
    play_text(&q, parameter, strlen(parameter));
    assert_true(q.why[0] == '\0' && q.r.now == 5 * SIM_MINUTE);
    play_text(&n, neither, strlen(neither));
    assert_string_equal(
        n.why,
        "test.lua: there is neither a function drill(p) nor a duration: say scenario { "
        "duration = \"10m\" } or make it a parameter");
    play_end(&p);
    play_end(&q);
    play_end(&n);
}

/* ---- the verdict ---- */

static void test_findings(void **state) {
    (void)state;
    play p = {0};
    const judge_finding *f;
    size_t count;
    play_parts(
        &p,
        &(parts){
            .scenario =
                "scenario { title = 'x', provision = '5.9-3', units = { '5.9-3-2 a', '5.9-3-1' } }",
            .verdict =
                "local f = judge.reconnect { trigger = 'power restore', capacity = 20, "
                "peak_to_mean = 4 }"
                " expect('small wave', f.measures['busiest second'] < 20 and f.verdict == 'PASS', "
                "'The wave "
                "was small.')"
                " expect('tiny wave', f.measures['busiest second'] < 10, 'The wave was tiny.')"
                " expect('no wave', false, 'There was no wave.', 'There was a wave.')"});
    assert_string_equal(p.why, "");
    assert_string_equal(p.r.log, "judge reconnect power restore capacity 20 policy 1 4 5 50\n");
    assert_int_equal(script_verdict(p.s, &p.r, &f, &count), 0); /* again: begins anew */
    assert_int_equal(count, 5);
    assert_string_equal(f[0].unit, "5.9-3-2 a");
    assert_true(f[1].verdict == JUDGE_PASS && f[2].verdict == JUDGE_FAIL &&
                f[3].verdict == JUDGE_FAIL && f[4].verdict == JUDGE_INCONCLUSIVE);
    assert_string_equal(f[1].unit, "small wave");
    assert_string_equal(f[1].sentence, "The wave was small.");
    assert_string_equal(f[2].sentence, "Not so: The wave was tiny.");
    assert_string_equal(f[3].sentence, "There was a wave.");
    assert_string_equal(f[4].unit, "5.9-3-1");
    assert_string_equal(f[4].provision, "5.9-3");
    assert_string_equal(f[4].sentence,
                        "The scenario names this unit, but its verdict did not judge it; did you "
                        "mean '5.9-3-1 a'?");
    play_end(&p);
}

/* ---- repeatability ---- */

static const char wild[] =
    "for i = 1, 20 do say(math.random(), math.random(6), math.random(-5, 5)) end local t = {} for "
    "i = 1, 300 "
    "do t['k' .. i % 97 .. i] = i end"
    " for k, v in pairs(t) do say(k, v) end local s = {} for i = 1, 300 do s[i] = { i % 7, i } end "
    "table.sort(s, function(a, b) return a[1] < b[1] end)"
    " for i = 1, 300 do say(s[i][2]) end say({}, say, tostring(print_me))";

static void test_the_same_seed_says_the_same(void **state) {
    (void)state;
    static play p[3];
    for (size_t i = 0; i < 3; i++) {
        p[i] = (play){.seed = i == 2 ? 8 : 7};
        play_parts(&p[i], &(parts){.top = "local print_me", .drill = wild});
        assert_string_equal(p[i].why, "");
    }
    assert_string_equal(p[0].r.log, p[1].r.log);
    assert_string_not_equal(p[0].r.log, p[2].r.log);
    for (size_t i = 0; i < 3; i++) play_end(&p[i]);
}

static void test_random_stays_within_its_bounds(void **state) {
    (void)state;
    play p = {0};
    play_parts(
        &p,
        &(parts){
            .drill =
                "for i = 1, 1000 do local a, b, c = math.random(), math.random(3), math.random(-1, "
                "1)"
                " assert(a >= 0 and a < 1 and b >= 1 and b <= 3 and math.type(b) == 'integer' and "
                "c >= "
                "-1 and c <= 1) end"
                " assert(math.random(5, 5) == 5) assert(not pcall(math.random, 2, 1)) assert(not "
                "pcall(math.random, 0))"});
    assert_string_equal(p.why, "");
    play_end(&p);
}

/* ---- bounds ---- */

static void test_a_drill_may_wait_for_ever_so_often(void **state) {
    (void)state;
    play p = {0};
    play_parts(
        &p,
        &(parts){.drill = "for i = 1, 100000 do for j = 1, 300 do local x = j * j end wait '1s' "
                          "end"}); /* 90 million instructions in all */
    assert_string_equal(p.why, "");
    assert_true(p.r.now == 100000 * SIM_SECOND);
    play_end(&p);
}

static void test_after_a_bomb_the_message_names_the_line(void **state) {
    (void)state;
    play p = {0};
    static const char text[] =
        "scenario { title = 'x' }\nlocal n = 0\nwhile true do\n  n = n + 1\nend\n";
    play_text(&p, text, strlen(text));
    assert_true(strncmp(p.why, "test.lua:", 9) == 0 && p.why[9] >= '3' && p.why[9] <= '5');
    play_end(&p);
}

static void test_hostile_texts(void **state) {
    (void)state;
    static const char *const texts[] = {"",
                                        "\x1bLua",
                                        "\0\0\0",
                                        "#!/usr/bin/lua\n",
                                        "return function() end",
                                        "(((((((((((((((((((((((((",
                                        "scenario{title=('x'):rep(200)}",
                                        "local t = {} t[0/0] = 1",
                                        "error({})",
                                        "error(nil)",
                                        "error(error)",
                                        "goto x",
                                        "scenario(scenario)"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        play p = {0};
        play_text(&p, texts[i], i == 2 ? 3 : strlen(texts[i]));
        assert_null(p.s);
        assert_int_equal(strncmp(p.why, "test.lua:", 9), 0);
        assert_null(strpbrk(p.why, "\n\r\t"));
    }
}

/* The first and the last stage of the chain, as fields and as rows of it: the same capacity. */
static void test_standing_stages(void **state) {
    (void)state;
    static const char *const said[] = {
        "cloud { connections = 50, connection_queue = 7, overload_cost = 0.5, requests = 400, "
        "stages = { { name = 'users', rate = 5 } } } ",
        "cloud { stages = { { name = 'connections', rate = 50, queue = 7, overload_cost = 0.5 }, "
        "{ name = 'users', rate = 5 }, { name = 'requests', rate = 400 } } } ",
    };
    cloud_limits limits[2];
    for (int i = 0; i < 2; i++) {
        play p = {0};
        char setup[512];
        snprintf(setup, sizeof setup, "%s fleet.streets { homes = 5, " DEVICES " }", said[i]);
        play_parts(&p, &(parts){.setup = setup});
        limits[i] = p.spec->cloud;
        assert_true(p.spec->capacity_declared);
        play_end(&p);
    }
    assert_true(limits[0].connections_per_s == 50 && limits[1].connections_per_s == 50);
    assert_true(limits[0].requests_per_s == 400 && limits[1].requests_per_s == 400);
    assert_int_equal(limits[1].connection_queue, limits[0].connection_queue);
    assert_int_equal(limits[1].request_queue, limits[0].request_queue);
    assert_true(limits[0].overload_cost == 0.5 && limits[1].overload_cost == 0.5);
    assert_true(cloud_limits_same_stages(&limits[0], &limits[1]));
    assert_int_equal(limits[1].stage_count, 1);
}

static void test_a_long_path_is_shown_as_given(void **state) {
    (void)state;
    static const char path[] =
        "scenarios/a/very/long/way/down/into/the/folders/of/somebody/who/likes/folders/test.lua";
    char why[SCRIPT_WHY];
    assert_null(script_load_text(path, "\nfoo()", 6, NULL, 0, 0, false, 0, why, sizeof why));
    assert_int_equal(
        strncmp(why,
                "scenarios/a/very/long/way/down/into/the/folders/of/somebody/who/likes/folders/"
                "test.lua:2: nothing is called 'foo'",
                strlen(path) + 27),
        0);
}

/* ---- memory ---- */

static void test_nothing_is_left_over(void **state) {
    (void)state;
    const sim_heap_use before = sim_heap_in_use();
    for (int round = 0; round < 3; round++) {
        play p = {0};
        play_parts(&p, &(parts){.drill = "wait '1m' streets:cut_power() wait '1m'"});
        lua_Integer references = (lua_Integer)lua_rawlen(p.s->L, LUA_REGISTRYINDEX);
        assert_int_equal(references, LUA_RIDX_LAST); /* no luaL_ref: what is kept has a name */
        if (round == 1) p.s->drill = NULL;
        play_end(&p);
    }
    play half = {.r = {.stop_after = 1}}; /* the run ends while the drill waits */
    play_parts(&half, &(parts){.drill = "wait '1m' wait '1m'"});
    play_end(&half);
    const sim_heap_use after = sim_heap_in_use();
    assert_int_equal(after.blocks, before.blocks);
    assert_int_equal(after.bytes, before.bytes);
}

/* Lua collects garbage and tries once more when an allocation fails, so a single failure may go
 * unnoticed; one for good may not. */
static void test_every_allocation_may_fail(void **state) {
    (void)state;
    for (int for_good = 0; for_good <= 1; for_good++) {
        bool happened = true;
        for (long n = 0; happened; n += for_good ? 1 + n / 16 : 1) {
            const sim_heap_use before = sim_heap_in_use();
            play p = {.sets = {{"homes", "5"}}, .set_count = 1};
            sim_heap_fail(n, for_good == 1);
            play_parts(&p, &(parts){.drill = "wait '1m' streets:cut_power()",
                                    .verdict = "expect('a', true, 'b')"});
            happened = sim_heap_fail_never();
            if (!happened)
                assert_string_equal(p.why, "");
            else if (for_good)
                assert_non_null(strstr(p.why, "out of memory"));
            play_end(&p);
            const sim_heap_use after = sim_heap_in_use();
            assert_int_equal(after.blocks, before.blocks);
            assert_int_equal(after.bytes, before.bytes);
        }
    }
}

/* ---- files ---- */

static void test_files(void **state) {
    (void)state;
    char why[SCRIPT_WHY];
    script_about about;
    assert_null(script_load("no/such/file.lua", NULL, 0, 1, false, why, sizeof why));
    assert_string_equal(
        why, "no/such/file.lua: No such file or directory; `blackstart list` names the scenarios");
    assert_null(script_load("/tmp", NULL, 0, 1, false, why, sizeof why));
    assert_string_equal(why,
                        "/tmp: Is a directory; a scenario is a file of Lua text, blackstart test "
                        "runs a folder of them");
    assert_null(script_load("/dev/zero", NULL, 0, 1, false, why, sizeof why));
    assert_string_equal(why, "/dev/zero: larger than 1 MB; a scenario is a file of Lua text");
    assert_int_equal(script_describe("no/such/file.lua", &about, why, sizeof why), SIM_EPARSE);
    assert_int_equal(
        script_describe(BLACKSTART_SOURCE_DIR "/scenarios/steady.lua", &about, why, sizeof why), 0);
    assert_string_equal(about.title, "A calm day: every report is answered");
    assert_string_equal(about.provision, "");
}

/* A list of scenarios shows also those that cannot run yet. */
static void test_a_description_needs_no_values(void **state) {
    (void)state;
    char path[] = "/tmp/blackstart-test-XXXXXX", why[SCRIPT_WHY];
    script_about about;
    int descriptor = mkstemp(path);
    FILE *file = fdopen(descriptor, "w");
    assert_non_null(file);
    fputs(
        "scenario { title = 'Needs a value', provision = '5.9-3' } params { { name = 'homes', kind "
        "= 'count' "
        "} }",
        file);
    fclose(file);
    int error = script_describe(path, &about, why, sizeof why);
    script *s = script_load(path, NULL, 0, 1, false, why, sizeof why);
    unlink(path);
    assert_int_equal(error, 0);
    assert_string_equal(about.title, "Needs a value");
    assert_string_equal(about.provision, "5.9-3");
    assert_null(s);
    assert_non_null(strstr(why, "parameter 'homes' has no default: give it with --set homes=..."));
}

static void test_a_smaller_budget(void **state) {
    (void)state;
    static const char text[] =
        "scenario { title = 'x', duration = '1s' } for i = 1, 30000 do local x = i end function "
        "setup() end";
    char why[SCRIPT_WHY];
    script *s =
        script_load_text("test.lua", text, strlen(text), NULL, 0, 1, false, 0, why, sizeof why);
    assert_non_null(s);
    script_free(s);
    assert_null(script_load_text("test.lua", text, strlen(text), NULL, 0, 1, false, 10000, why,
                                 sizeof why));
    assert_string_equal(why,
                        "test.lua:1: gave up here after 10000 steps without a pause; is there a "
                        "loop that never ends?");
}

/* A run can end before its drill began. */
static void test_a_verdict_without_a_drill(void **state) {
    (void)state;
    const char *text = text_of(&(parts){.verdict = "say('judged')"});
    char why[SCRIPT_WHY];
    run r = {0};
    fleet_spec *spec;
    const judge_finding *findings;
    size_t count;
    script *s =
        script_load_text("test.lua", text, strlen(text), NULL, 0, 1, false, 0, why, sizeof why);
    assert_int_equal(script_setup(s, &spec), 0);
    assert_int_equal(script_verdict(s, &r, &findings, &count), 0);
    assert_string_equal(r.log, "0s say judged\n");
    script_free(s);
}

static void play_file(play *p, const char *path) {
    const judge_finding *findings;
    size_t count;
    p->s = script_load(path, p->sets, p->set_count, 1, p->real, p->why, sizeof p->why);
    if (p->s == NULL) fail_msg("%s", p->why);
    assert_int_equal(script_setup(p->s, &p->spec), 0);
    p->r.spec = p->spec;
    assert_int_equal(fake_drive(&p->r, script_drill(p->s)), 0);
    assert_int_equal(script_verdict(p->s, &p->r, &findings, &count), 0);
}

static void test_the_street(void **state) {
    (void)state;
    play p = {0},
         q = {.sets = {{"homes", "25000"}, {"law", "fixed"}, {"outage", "1h"}}, .set_count = 3};
    play_file(&p, BLACKSTART_SOURCE_DIR "/scenarios/5.9-3/power-restore-street.lua");
    assert_string_equal(
        p.r.log,
        "600s online 1 until 7800s\n660s cut_power zone 0\n"
        "2460s restore_power trigger power restore zone 0\n2460s online 1 until 9660s\n"
        "judge reconnect power restore capacity 20 policy 1 3 5 50\n");
    const dev_law *law = &p.spec->zones[0].groups[0].profile.law;
    assert_true(law->kind == DEV_LAW_FULL_JITTER && law->initial_window > 150 * SIM_SECOND &&
                law->initial_window < 200 * SIM_SECOND);
    assert_true(p.spec->cloud.connections_per_s == 20);
    play_file(&q, BLACKSTART_SOURCE_DIR "/scenarios/5.9-3/power-restore-street.lua");
    law = &q.spec->zones[0].groups[0].profile.law;
    assert_true(law->kind == DEV_LAW_FIXED && law->initial_window == 0 &&
                law->base == 10 * SIM_SECOND);
    assert_true(q.spec->zones[0].homes == 25000 && q.spec->cloud.connections_per_s == 2000);
    play_end(&p);
    play_end(&q);
}

/* The first block of Lua in the documentation is a whole scenario, and works. */
static void test_the_example_of_the_documentation(void **state) {
    (void)state;
    static char text[65536];
    FILE *file = fopen(BLACKSTART_SOURCE_DIR "/docs/scenarios.md", "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    (void)fclose(file);
    const char *begin = strstr(text, "```lua\n");
    assert_non_null(begin);
    begin += strlen("```lua\n");
    const char *end = strstr(begin, "```");
    assert_non_null(end);
    play p = {0};
    play_text(&p, begin, (size_t)(end - begin));
    assert_string_equal(p.why, "");
    assert_non_null(strstr(p.r.log, "restore_power trigger first restore zone 0 homes 0.5/16\n"));
    assert_non_null(strstr(p.r.log, "judge reconnect second restore "));
    play_end(&p);
}

static void test_steady(void **state) {
    (void)state;
    play p = {.real = true}, q = {.real = true, .r = {.never_online = true}};
    play_file(&p, BLACKSTART_SOURCE_DIR "/scenarios/steady.lua");
    assert_string_equal(p.r.log,
                        "0s online 1e-06 until 40s\n40s online 1 until 160s\n"
                        "100s say all 200 devices are online after 1m40s\njudge answered 1\n");
    assert_true(p.spec->zones[0].homes == 200 &&
                p.spec->zones[0].groups[0].profile.link.report_replaces &&
                p.spec->zones[0].groups[0].profile.link.register_topic == NULL);
    play_file(&q, BLACKSTART_SOURCE_DIR "/scenarios/steady.lua");
    assert_string_equal(
        q.r.log,
        "0s online 1e-06 until 40s\n"
        "40s say no device is online after 40s: the run ends here\njudge answered 1\n");
    play_end(&p);
    play_end(&q);
}

/* ---- parts ---- */

static void test_durations_read_again(void **state) {
    (void)state;
    static const struct {
        sim_time t;
        const char *text;
    } cases[] = {{0, "0s"},
                 {1, "0.000001ms"},
                 {1500000, "1.5ms"},
                 {SIM_SECOND, "1s"},
                 {146 * SIM_SECOND, "2m26s"},
                 {SIM_DAY + SIM_SECOND / 2, "1d0.5s"},
                 {90 * SIM_MINUTE, "1h30m"},
                 {12345678901, "12.345678901s"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[64];
        sim_time again;
        assert_string_equal(sim_units_duration_text(cases[i].t, text, sizeof text), cases[i].text);
        assert_int_equal(sim_units_duration(text, &again), 0);
        assert_true(again == cases[i].t);
    }
}

static void test_near_names(void **state) {
    (void)state;
#define FORTY "abcdefghijabcdefghijabcdefghijabcdefghij"
    static const char *const names[] = {"homes", "devices", "law", "full-jitter",
                                        FORTY,   FORTY "k", "lawn"};
    static const struct {
        const char *word, *near;
    } cases[] = {{"hoems", "homes"}, {"home", "homes"},
                 {"homes", "homes"}, {"device", "devices"},
                 {"lw", "law"},      {"alw", "law"},
                 {"lwa", "law"},     {"wla", NULL},
                 {"x", NULL},        {"", NULL},
                 {"capacity", NULL}, {"full_jitter", "full-jitter"},
                 {"lawm", "law"},    {"lam", "law"},
                 {FORTY "x", NULL},  {FORTY "k", NULL},
                 {"homse", "homes"}, {"ehoms", NULL},
                 {FORTY, FORTY},     {"bacdefghijabcdefghijabcdefghijabcdefghij", FORTY}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *near = script_names_near(cases[i].word, names, sizeof names / sizeof names[0]);
        if (cases[i].near == NULL)
            assert_null(near);
        else if (near == NULL || strcmp(near, cases[i].near) != 0)
            fail_msg("%s is near %s, not %s", cases[i].word, cases[i].near,
                     near != NULL ? near : "nothing");
    }
#undef FORTY
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_complaint_and_its_good_twin),
        cmocka_unit_test(test_values_from_the_command_line),
        cmocka_unit_test(test_parameters_are_listed_as_set_takes_them),
        cmocka_unit_test(test_numbers_are_listed_exactly),
        cmocka_unit_test(test_a_good_set_takes_no_blame_for_later),
        cmocka_unit_test(test_the_cloud_fits_its_fleet),
        cmocka_unit_test(test_setup_fills_the_spec),
        cmocka_unit_test(test_defaults_of_the_two_worlds),
        cmocka_unit_test(test_what_the_drill_does),
        cmocka_unit_test(test_wait_online_says_false_when_time_passes),
        cmocka_unit_test(test_a_long_line_of_the_story_is_cut),
        cmocka_unit_test(test_verbs_that_the_run_refuses),
        cmocka_unit_test(test_without_a_drill_the_duration_is_waited_for),
        cmocka_unit_test(test_findings),
        cmocka_unit_test(test_the_same_seed_says_the_same),
        cmocka_unit_test(test_random_stays_within_its_bounds),
        cmocka_unit_test(test_a_drill_may_wait_for_ever_so_often),
        cmocka_unit_test(test_after_a_bomb_the_message_names_the_line),
        cmocka_unit_test(test_hostile_texts),
        cmocka_unit_test(test_standing_stages),
        cmocka_unit_test(test_a_long_path_is_shown_as_given),
        cmocka_unit_test(test_nothing_is_left_over),
        cmocka_unit_test(test_every_allocation_may_fail),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_a_description_needs_no_values),
        cmocka_unit_test(test_a_smaller_budget),
        cmocka_unit_test(test_a_verdict_without_a_drill),
        cmocka_unit_test(test_the_street),
        cmocka_unit_test(test_the_example_of_the_documentation),
        cmocka_unit_test(test_steady),
        cmocka_unit_test(test_durations_read_again),
        cmocka_unit_test(test_near_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
