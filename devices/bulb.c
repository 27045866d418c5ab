/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bulb: class C2, on the mains, on Wi-Fi. The wall switch turns it on and off, the cloud sets
 * how bright it is; it reports both. Its level is in flash: after a loss of power it is as it was,
 * so that a street does not light up at night. */
#include <string.h>

#include "devices/actions.h"
#include "devices/household.h"
#include "devices/life.h"
#include "devices/people.h"

typedef struct bulb_state {
    sim_stream people;
    sim_time next; /* press of the wall switch */
    double level;  /* percent, of when it is on */
    bool on;
    bool powered;
} bulb_state;

DEV_ASSERT_OFF_BUDGET(bulb_state);

enum { PRESSES, CHANGES };

static const dev_people_habit presses = {.pause_h = 3, .morning_h = 6, .night_h = 24};

static void bulb_init(void *state, sim_stream *draw, sim_stream people) {
    bulb_state *b = state;
    *b = (bulb_state){.people = people, .level = 20 + (double)sim_stream_below(draw, 81)};
    b->on = sim_stream_below(draw, 4) == 0;
    b->next = dev_people_next(&presses, &b->people, 0);
}

static void light(dev_step *s, bool on, double level) {
    bulb_state *b = s->device->own;
    if (b->on == on && b->level == level) return;
    b->on = on;
    b->level = level;
    dev_model_count(s, CHANGES);
}

static sim_time bulb_local(dev_step *s) {
    bulb_state *b = s->device->own;
    while (b->next <= s->now) {
        if (b->powered && dev_household_acts(s)) {
            dev_model_count(s, PRESSES);
            light(s, !b->on, b->level);
        }
        b->next = dev_people_next(&presses, &b->people, b->next);
    }
    b->powered = s->device->state != DEV_STATE_OFF;
    return b->powered ? b->next : SIM_NEVER;
}

static void bulb_measure(dev_step *s, net_senml_pack *pack) {
    const bulb_state *b = s->device->own;
    pack->records[0] = (net_senml_record){.name = "light", .is_boolean = true, .boolean = b->on};
    pack->records[1] =
        (net_senml_record){.name = "brightness", .unit = "%", .value = b->on ? b->level : 0};
    pack->count = 2;
}

static bool bulb_told(dev_step *s, const char *what, double value) {
    const bulb_state *b = s->device->own;
    if (strcmp(what, "set-point") != 0 || !(value >= 0 && value <= 100)) return false;
    light(s, value > 0, value > 0 ? value : b->level);
    return true;
}

static double bulb_setting(const void *state, const char *what) {
    const bulb_state *b = state;
    (void)what;
    return b->on ? b->level : 0;
}

static const dev_reading bulb_readings[] = {
    {"light", "", 3311, "light", "on or off"},
    {"brightness", "%", 3343, "light", "how bright it is; 0 when it is off"},
    {0}};

static const dev_keep bulb_keeps[] = {
    {DEV_DATA_ACTUATOR, "whether it is on", DEV_KEPT(bulb_state, on)},
    {DEV_DATA_ACTUATOR, "how bright", DEV_KEPT(bulb_state, level)},
    {0}};

static double bulb_wants(void *state) {
    return ((const bulb_state *)state)->on ? 0 : 1;
}

static double bulb_shows(const void *state) {
    return ((const bulb_state *)state)->on ? 1 : 0;
}

static void bulb_press(dev_step *s) {
    const bulb_state *b = s->device->own;
    light(s, !b->on, b->level);
}

static const dev_deed bulb_deed = {
    .what = "a press of the wall switch",
    .expected = "the light goes on or off",
    .deadline = SIM_SECOND,
    .fastest = 20 * SIM_MILLISECOND,
    .slowest = 80 * SIM_MILLISECOND,
    .wants = bulb_wants,
    .act = bulb_press,
    .shows = bulb_shows,
};

static const dev_sheet bulb_sheet = {
    .local = "the wall switch turns it on and off",
    .takes = "set-point: 0 is off, up to 100 how bright (%)",
    .returns = DEV_RETURN_AS_BEFORE,
    .readings = bulb_readings,
    .keeps = bulb_keeps,
    .deed = &bulb_deed,
};

const dev_model dev_bulb = {
    .name = "bulb",
    .title = "lights a room by wall switch or from the cloud (mains)",
    .device_class = "C2",
    .energy = "E9",
    .sheet = &bulb_sheet,
    .life = &dev_life_always_on,
    .state_size = sizeof(bulb_state),
    .updates = true,
    .report_every = 5 * SIM_MINUTE,
    .init = bulb_init,
    .local = bulb_local,
    .measure = bulb_measure,
    .told = bulb_told,
    .setting = bulb_setting,
    .counters = {[PRESSES] = "wall_switch_presses", [CHANGES] = "light_changes"},
};
