/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gateway: unconstrained, on the mains, between the things of a home and its router. Its rules
 * run in it, network or not: what a switch of the home wants of a lamp goes no further than here.
 * It reports how many things it hears and how often a rule fired; pairings and rules are in flash.
 *
 * Somebody presses a switch now and then by day, and a rule of the gateway acts on it. */
#include "devices/actions.h"
#include "devices/household.h"
#include "devices/life.h"
#include "devices/people.h"

typedef struct gateway_state {
    sim_stream people;
    sim_time next;     /* a switch is pressed */
    uint32_t fired;    /* rules, since it was made */
    uint32_t home_key; /* of its pairings; 0: there are none */
    uint8_t children;  /* that it hears */
    bool lamp;         /* that its rule switches */
    bool powered;
} gateway_state;

DEV_ASSERT_OFF_BUDGET(gateway_state);

enum { FIRED };

static const dev_people_habit presses = {.pause_h = 2, .morning_h = 6, .night_h = 24};

static void gateway_init(void *state, sim_stream *draw, sim_stream people) {
    gateway_state *g = state;
    *g = (gateway_state){.people = people};
    g->children = (uint8_t)(2 + sim_stream_below(draw, 10));
    g->home_key = (uint32_t)(1 + sim_stream_below(draw, UINT32_MAX));
    g->next = dev_people_next(&presses, &g->people, 0);
}

static void fire_rule(dev_step *s) {
    gateway_state *g = s->device->own;
    g->lamp = !g->lamp;
    g->fired++;
    dev_model_count(s, FIRED);
}

static sim_time gateway_local(dev_step *s) {
    gateway_state *g = s->device->own;
    for (; g->next <= s->now; g->next = dev_people_next(&presses, &g->people, g->next))
        if (g->powered && dev_household_acts(s)) fire_rule(s);
    g->powered = s->device->state != DEV_STATE_OFF;
    return g->powered ? g->next : SIM_NEVER;
}

static void gateway_measure(dev_step *s, net_senml_pack *pack) {
    const gateway_state *g = s->device->own;
    pack->records[0] = (net_senml_record){.name = "children", .value = g->children};
    pack->records[1] = (net_senml_record){.name = "rules-fired", .value = g->fired};
    pack->count = 2;
}

static double gateway_wants(void *state) {
    return ((const gateway_state *)state)->lamp ? 0 : 1;
}

static double gateway_shows(const void *state) {
    return ((const gateway_state *)state)->lamp ? 1 : 0;
}

static const dev_deed gateway_deed = {
    .what = "a press of a switch that a rule waits for",
    .expected = "the rule's lamp goes on or off",
    .deadline = SIM_SECOND,
    .fastest = 50 * SIM_MILLISECOND,
    .slowest = 250 * SIM_MILLISECOND,
    .wants = gateway_wants,
    .act = fire_rule,
    .shows = gateway_shows,
};

static const dev_reading gateway_readings[] = {
    {"children", "", 3300, "sensor", "things of the home that it hears"},
    {"rules-fired", "", 3300, "sensor", "since it was made"},
    {0}};

static const dev_keep gateway_keeps[] = {
    {DEV_DATA_ACTUATOR, "what its rules have switched", DEV_KEPT(gateway_state, lamp)},
    {DEV_DATA_SETTINGS, "its rules and things", DEV_KEPT(gateway_state, children)},
    {DEV_DATA_USERS, "the pairings of its things", DEV_KEPT(gateway_state, home_key)},
    {DEV_DATA_HISTORY, "how often rules fired", DEV_KEPT(gateway_state, fired)},
    {0}};

static const dev_sheet gateway_sheet = {
    .local = "its rules run, and things of the home reach each other",
    .returns = DEV_RETURN_AS_BEFORE,
    .readings = gateway_readings,
    .keeps = gateway_keeps,
    .deed = &gateway_deed,
    .seals = true,
};

const dev_model dev_gateway = {
    .name = "gateway",
    .title = "carries what the things of a home cannot, and runs its rules (mains)",
    .device_class = "-",
    .energy = "E9",
    .sheet = &gateway_sheet,
    .life = &dev_life_always_on,
    .state_size = sizeof(gateway_state),
    .updates = true,
    .report_every = SIM_MINUTE,
    .init = gateway_init,
    .local = gateway_local,
    .measure = gateway_measure,
    .counters = {[FIRED] = "rules_fired"},
};
