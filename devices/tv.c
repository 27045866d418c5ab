/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The television: unconstrained, on the mains. Its tuner and its remote control work without any
 * network; it reports whether it is on and how loud, as its owner consented to. When power returns
 * it is off: nobody wants a television to wake up at night. Volume and consent are in flash.
 *
 * It is switched on and off in the afternoon and evening. */
#include "devices/actions.h"
#include "devices/household.h"
#include "devices/life.h"
#include "devices/people.h"

typedef struct tv_state {
    sim_stream people;
    sim_time next; /* a key of the remote control */
    uint8_t volume;
    uint8_t consent; /* to reports of how it is used; erased with its home */
    bool on;
    bool powered;
} tv_state;

DEV_ASSERT_OFF_BUDGET(tv_state);

enum { SWITCHES };

static const dev_people_habit evenings = {.pause_h = 2, .morning_h = 15, .night_h = 24};

static void tv_init(void *state, sim_stream *draw, sim_stream people) {
    tv_state *t = state;
    *t = (tv_state){.people = people, .consent = 1};
    t->volume = (uint8_t)(10 + sim_stream_below(draw, 30));
    t->next = dev_people_next(&evenings, &t->people, 0);
}

static void press_power(dev_step *s) {
    tv_state *t = s->device->own;
    t->on = !t->on;
    dev_model_count(s, SWITCHES);
}

static sim_time tv_local(dev_step *s) {
    tv_state *t = s->device->own;
    for (; t->next <= s->now; t->next = dev_people_next(&evenings, &t->people, t->next))
        if (t->powered && dev_household_acts(s)) press_power(s);
    t->powered = s->device->state != DEV_STATE_OFF;
    if (!t->powered) t->on = false;
    return t->powered ? t->next : SIM_NEVER;
}

static void tv_measure(dev_step *s, net_senml_pack *pack) {
    const tv_state *t = s->device->own;
    pack->records[0] = (net_senml_record){.name = "on", .is_boolean = true, .boolean = t->on};
    pack->records[1] = (net_senml_record){.name = "volume", .unit = "%", .value = t->volume};
    pack->count = 2;
}

static double tv_wants(void *state) {
    return ((const tv_state *)state)->on ? 0 : 1;
}

static double tv_shows(const void *state) {
    return ((const tv_state *)state)->on ? 1 : 0;
}

static const dev_deed tv_deed = {
    .what = "the power key of its remote control",
    .expected = "the picture comes or goes",
    .deadline = 5 * SIM_SECOND,
    .fastest = 500 * SIM_MILLISECOND,
    .slowest = 3 * SIM_SECOND,
    .wants = tv_wants,
    .act = press_power,
    .shows = tv_shows,
};

static const dev_reading tv_readings[] = {{"on", "", 3312, "switch", "whether it is"},
                                          {"volume", "%", 3300, "number", "how loud it is"},
                                          {0}};

static const dev_keep tv_keeps[] = {
    {DEV_DATA_SETTINGS, "how loud it is", DEV_KEPT(tv_state, volume)},
    {DEV_DATA_USERS, "consent to reports", DEV_KEPT(tv_state, consent)},
    {0}};

static const dev_sheet tv_sheet = {
    .local = "shows what its tuner gets, and obeys its remote control",
    .senses = "its remote control",
    .returns = DEV_RETURN_OFF,
    .readings = tv_readings,
    .keeps = tv_keeps,
    .deed = &tv_deed,
};

const dev_model dev_tv = {
    .name = "tv",
    .title = "shows what its tuner gets, and tells whether it is on (mains)",
    .device_class = "-",
    .energy = "E9",
    .sheet = &tv_sheet,
    .life = &dev_life_always_on,
    .state_size = sizeof(tv_state),
    .updates = true,
    .report_every = 5 * SIM_MINUTE,
    .init = tv_init,
    .local = tv_local,
    .measure = tv_measure,
    .counters = {[SWITCHES] = "tv_switches"},
};
