/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lua/state.h - what the files of this folder share: the one Lua state of a scenario, its bounds,
 * and how they say no.
 *
 * Every entry into Lua goes through script_protected or the coroutine of the drill, so an error is
 * a line in `why`, never a crash. Bounds: memory by the allocator, instructions by a count hook
 * that also pays for what C does on a scenario's behalf. */
#ifndef SCRIPT_STATE_H
#define SCRIPT_STATE_H

#include <lauxlib.h>
#include <lua.h>

#include "lua/script.h"
#include "sim/core/field.h"
#include "sim/core/random.h"
#include "sim/fleet/spec.h"

typedef struct run_guard run_guard;
typedef struct run_wait run_wait;
typedef struct fleet_fault fleet_fault;
typedef struct fleet_selection fleet_selection;

enum {
    SCRIPT_MEMORY_MAX = 64 << 20, /* bytes of the Lua state */
    SCRIPT_TEXT_MAX =
        /* bytes of one text: what C does with a text in one instruction stays short */
    16 << 10,
    SCRIPT_FILE_MAX = 1 << 20, /* bytes of a scenario */
    SCRIPT_BUDGET =
        /* Lua instructions (or their like) of the chunk, a phase, or one instant of the drill */
    20000000,
    SCRIPT_BUDGET_STEP = 1000, /* instructions between two looks at the budget */
    SCRIPT_SAY_MAX = 200,      /* bytes of a line of the story */
    SCRIPT_MODELS_MAX = 16,
    SCRIPT_EARLY_MAX = 64 /* lines said in setup, before there is a run to tell them to */
};

typedef enum script_phase {
    SCRIPT_CHUNK,
    SCRIPT_SETUP,
    SCRIPT_DRILL,
    SCRIPT_VERDICT,
    SCRIPT_PHASES
} script_phase;

typedef enum script_shortage {
    SCRIPT_PLENTY,
    SCRIPT_OUT_OF_BOUNDS,
    SCRIPT_TEXT_TOO_LONG,
    SCRIPT_NO_HEAP
} script_shortage;

/* A text that something outside Lua borrows until the end. */
typedef struct script_text {
    struct script_text *next;
    char text[];
} script_text;

struct script {
    lua_State *L;
    char *path;             /* as given, control characters replaced */
    char where[LUA_IDSIZE]; /* the name that Lua puts into positions; stands for `path` */
    char why[SCRIPT_WHY];
    script_text *texts;
    /* bounds */
    size_t memory;
    script_shortage shortage; /* of the last allocation that was refused */
    int64_t budget, budget_full;
    bool spent; /* the budget is gone: nothing may catch that */
    /* where we are */
    script_phase phase;
    bool about_only;   /* script_describe: declarations are read, parameters are not computed */
    const char *blame; /* instead of a position in the scenario: "--set homes=-1" */
    const char *help;  /* with blame: " (homes on the street)", or "" */
    bool real;
    sim_stream random;
    /* scenario */
    bool declared;
    script_about about;
    const char **units; /* 5.9-3-2 a … as declared */
    size_t unit_count;
    sim_time duration;       /* of a scenario without a drill; SIM_NEVER: not given */
    bool has[SCRIPT_PHASES]; /* its phases */
    /* parameters */
    const script_set *sets; /* borrowed while loading */
    size_t set_count;
    bool parameters_declared;
    report_parameter *parameters;
    script_declared *declarations;
    size_t parameter_count;
    /* setup */
    fleet_spec spec;
    dev_model models[SCRIPT_MODELS_MAX]; /* of its own; devices point to them */
    dev_own_reading readings[SCRIPT_MODELS_MAX][DEV_OWN_READINGS_MAX]; /* and they to these */
    size_t model_count;
    const script_product *product; /* borrowed; NULL: none */
    uint32_t product_groups;       /* kinds of device that are it */
    bool lacks_product;            /* there are none */
    bool cloud_described;
    bool requests_said, request_queue_said; /* else they follow the fleet's size */
    bool zone_single[FLEET_ZONES_MAX];      /* homes of one device each: fleet.devices */
    const char *early[SCRIPT_EARLY_MAX];
    size_t early_count;
    /* drill */
    run *run;            /* while the drill or the verdict runs */
    lua_State *drill;    /* its coroutine */
    run_drill *hooks;    /* in the same block */
    run_wait *wait;      /* what it waits for; in the same block */
    sim_time resumed_at; /* when its budget was last filled */
    /* verdict */
    judge_finding *findings; /* owned; SCRIPT_FINDINGS_MAX of them, once there is a verdict */
    size_t finding_count;
    char missed[SCRIPT_WHY]; /* a trigger that a judge asked for and nobody names; "": none */
    bool asking;             /* for its guards: nothing has run yet */
    run_guard *guards;       /* owned; SCRIPT_FINDINGS_MAX of them; NULL: nobody asked */
    size_t guard_count;
    bool wants_end;       /* a threshold has said so */
    sim_time all_after;   /* all thresholds are guards after that; SIM_NEVER: those that say so */
    const char *unjudged; /* the first unit that was named and not judged; NULL: none */
    bool short_of_memory; /* the run was, in a verb: not the scenario's fault */
};

/* ---- sandbox.c: the state and its bounds ---- */
/* A state with the words of the language in it. NULL: out of memory, or a word in `why`. */
script *script_state_new(const char *path, uint64_t seed, bool real);
static inline script *script_of(lua_State *L) {
    return *(script **)lua_getextraspace(L);
}
/* Runs `function(L)` with `context` as light userdata 1, in `phase`. 0, or SIM_EPARSE with s->why.
 */
SIM_MUST_USE int script_protected(script *s, script_phase phase, lua_CFunction function,
                                  void *context);
/* At the end of setup: what nobody said of the cloud's requests follows the fleet. */
void script_scale_cloud(script *s);
/* Fills s->why from the error value on top of `from` (popped). */
void script_failed(script *s, lua_State *from, int status);
/* message handler: positions in the prelude become the scenario's */
int script_relocate(lua_State *L);
/* Fills the budget and sets the hook on `L`, which may be the drill's coroutine (a coroutine counts
 * for itself). */
void script_fill_budget(script *s, lua_State *L);
/* Work that C does for the scenario costs as well. Raises an error when the budget is spent. */
void script_charge(lua_State *L, uint64_t steps);
/* Raises an error with the scenario's file and line in front (or s->blame). `format` as for
 * lua_pushfstring. */
_Noreturn void script_fail(lua_State *L, const char *format, ...);
/* Raises an error unless the scenario is in `phase`: "wait belongs into drill(p), not into
 * setup(p)". */
void script_need(lua_State *L, const char *verb, script_phase phase);
/* A copy of `text` that lives as long as the script. Raises an error when there is no memory. */
const char *script_keep(lua_State *L, const char *text);
/* Pushes the value at `index` as text without addresses: "table", "function"; strings and numbers
 * as they are. */
const char *script_text_of(lua_State *L, int index);

/* ---- globals.c: what a scenario sees ---- */
void script_open_globals(
    lua_State *L); /* leaves the environment of the chunk in the registry as "environment" */
/* Replaces the table on top by a read-only stand-in in which an unknown name is an error that says
 * what there is in `name`. */
void script_seal(lua_State *L, const char *name);
/* Pushes the metatable of a kind of userdata, made at the first call from `methods` (under __index,
 * misspelt ones are errors) and `more` (metamethods; may be NULL). */
void script_push_kind(lua_State *L, const char *kind, const luaL_Reg *methods,
                      const luaL_Reg *more);
/* Pushes the phase function ("setup"); nil when there is none. */
void script_push_phase(lua_State *L, script_phase phase);

/* ---- standard.c: the parts of Lua's library that repeat and stay within bounds ---- */
void script_open_standard(lua_State *L, int language); /* into the table at `language` */

/* ---- words, each file its own; into the table at `language` ---- */
void script_open_scenario(lua_State *L, int language);
void script_open_durations(lua_State *L, int language);
void script_open_parameters(lua_State *L, int language);
void script_open_laws(lua_State *L, int language);
void script_open_setup(lua_State *L, int language);
void script_open_feeds(lua_State *L, int language);
void script_open_models(lua_State *L, int language);
void script_open_selections(lua_State *L, int language);
void script_open_drill(lua_State *L, int language);
void script_open_verdict(lua_State *L, int language);
void script_open_examination(lua_State *L, int language);
void script_open_declare(lua_State *L, int language);

/* ---- models.c ---- */
/* A model of the scenario's own; NULL: there is none of that name. */
const dev_model *script_own_model(const script *s, const char *name);
/* A device of a home that was laid out by hand is called so. */
bool script_has_named(const script *s, const char *name);
/* Pushes the table of a kind of device at `index`, with what its own model brings. */
void script_push_whole_group(lua_State *L, int index);
/* setup.c: reads a table of what a kind of device says, of which nothing is needed. */
void script_try_group(lua_State *L, int index, const char *what);

/* The fields of the tables that words take, for whoever describes the language; a NULL name ends
 * each. */
extern const sim_field script_scenario_fields[], script_parameter_fields[], script_cloud_fields[],
    script_stage_fields[], script_streets_fields[], script_line_fields[], script_usual_fields[],
    script_device_fields[], script_group_fields[], script_home_fields[], script_town_fields[],
    script_town_kind_fields[], script_feed_fields[], script_model_fields[], script_reading_fields[],
    script_examiner_fields[], script_resilience_fields[], script_interface_fields[],
    script_telemetry_fields[];

/* durations.c */
void script_push_duration(lua_State *L, sim_time t);
bool script_is_duration(lua_State *L, int index, sim_time *out);
/* laws.c */
bool script_is_law(lua_State *L, int index, dev_law *out);
/* parameters.c; their values are also in the registry, as the table "values" */
void script_check_sets(lua_State *L);      /* raises an error for a --set that names no parameter */
void script_push_parameters(lua_State *L); /* p */
/* setup.c */
const dev_model *script_model_named(lua_State *L, const char *what,
                                    const char *name); /* raises an error that names the models */
void script_check_hop(lua_State *L, int index, const char *what,
                      net_hop_settings *settings); /* changes what the table names */
/* selections.c */
void script_check_fault(lua_State *L, const char *verb,
                        /* raises what a verb of a run returned, if not 0 */
                        int error);
/* A fault strikes; raises why it does not. */
void script_strike(lua_State *L, const fleet_fault *f, const fleet_selection *rule,
                   const void *order);
void script_push_zone(lua_State *L, uint32_t zone); /* UINT32_MAX: all */
void script_push_rule(lua_State *L, const fleet_selection *rule);

/* script.c, for tests and fuzzers: script_load from memory; `budget` 0: SCRIPT_BUDGET. */
script *script_load_text(const char *path, const char *text, size_t size, const script_set *sets,
                         size_t set_count, uint64_t seed, bool real, int64_t budget, char *why,
                         size_t why_size);

#endif
