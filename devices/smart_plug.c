/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The smart plug: unconstrained, on the mains, on Wi-Fi. Its relay switches what is plugged in; a
 * button on it and the cloud's set-point (0: off, else on) do that. It reports the relay, the
 * power that flows and the energy that has, and keeps the relay's position through a loss of power.
 *
 * Who lives there presses the button now and then by day, network or not; without power nothing
 * comes of it. */
#include <math.h>
#include <string.h>

#include "devices/actions.h"
#include "devices/household.h"
#include "devices/life.h"
#include "devices/people.h"

typedef struct smart_plug_state {
    sim_stream people;
    sim_time next;    /* press of the button */
    sim_time metered; /* energy is counted up to here */
    double energy_wh;
    float load_w; /* of what is plugged in */
    bool on;
    bool powered; /* since `metered` */
} smart_plug_state;

DEV_ASSERT_OFF_BUDGET(smart_plug_state);

enum { PRESSES, SWITCHES };

static const dev_people_habit presses = {.pause_h = 6, .morning_h = 7, .night_h = 23};

static void smart_plug_init(void *state, sim_stream *draw, sim_stream people) {
    smart_plug_state *p = state;
    *p = (smart_plug_state){.people = people,
                            .load_w = (float)(5 + sim_stream_below(draw, 60)),
                            .on = sim_stream_below(draw, 2) == 1};
    p->next = dev_people_next(&presses, &p->people, 0);
}

static void meter(smart_plug_state *p, sim_time now) {
    if (p->powered && p->on)
        p->energy_wh += (double)p->load_w * sim_time_seconds(now - p->metered) / 3600;
    p->metered = now;
}

static void switch_to(dev_step *s, bool on, sim_time now) {
    smart_plug_state *p = s->device->own;
    meter(p, now);
    if (p->on == on) return;
    p->on = on;
    dev_model_count(s, SWITCHES);
}

static sim_time smart_plug_local(dev_step *s) {
    smart_plug_state *p = s->device->own;
    bool powered = s->device->state != DEV_STATE_OFF;
    while (p->next <= s->now) {
        if (p->powered && dev_household_acts(s)) {
            dev_model_count(s, PRESSES);
            switch_to(s, !p->on, p->next);
        }
        p->next = dev_people_next(&presses, &p->people, p->next);
    }
    meter(p, s->now);
    p->powered = powered;
    return powered ? p->next : SIM_NEVER;
}

static void smart_plug_measure(dev_step *s, net_senml_pack *pack) {
    smart_plug_state *p = s->device->own;
    meter(p, s->now);
    double power_w = p->on ? (double)p->load_w : 0;
    pack->records[0] = (net_senml_record){.name = "power", .unit = "W", .value = power_w};
    pack->records[1] =
        (net_senml_record){.name = "energy", .unit = "Wh", .value = floor(p->energy_wh)};
    pack->records[2] = (net_senml_record){.name = "relay", .is_boolean = true, .boolean = p->on};
    pack->count = 3;
}

static bool smart_plug_told(dev_step *s, const char *what, double value) {
    if (strcmp(what, "set-point") != 0) return false;
    switch_to(s, value != 0, s->now);
    return true;
}

static double smart_plug_setting(const void *state, const char *what) {
    const smart_plug_state *p = state;
    (void)what;
    return p->on ? 1 : 0;
}

static const dev_reading smart_plug_readings[] = {
    {"power", "W", 3328, "sensor", "that flows through it"},
    {"energy", "Wh", 3331, "sensor", "that has, since it was made"},
    {"relay", "", 3312, "switch", "closed or open"},
    {0}};

static const dev_keep smart_plug_keeps[] = {
    {DEV_DATA_ACTUATOR, "the relay's position", DEV_KEPT(smart_plug_state, on)},
    {DEV_DATA_HISTORY, "the meter", DEV_KEPT(smart_plug_state, energy_wh), .every = SIM_HOUR},
    {0}};

static double smart_plug_wants(void *state) {
    return ((const smart_plug_state *)state)->on ? 0 : 1;
}

static double smart_plug_shows(const void *state) {
    return ((const smart_plug_state *)state)->on ? 1 : 0;
}

static void smart_plug_press(dev_step *s) {
    const smart_plug_state *p = s->device->own;
    switch_to(s, !p->on, s->now);
}

static const dev_deed smart_plug_deed = {
    .what = "a press of its button",
    .expected = "the relay switches",
    .deadline = SIM_SECOND,
    .fastest = 15 * SIM_MILLISECOND,
    .slowest = 60 * SIM_MILLISECOND,
    .wants = smart_plug_wants,
    .act = smart_plug_press,
    .shows = smart_plug_shows,
};

static const dev_sheet smart_plug_sheet = {
    .local = "its button switches what is plugged in",
    .senses = "the load on its socket",
    .takes = "set-point: 0 is off, all else is on",
    .returns = DEV_RETURN_AS_BEFORE,
    .readings = smart_plug_readings,
    .keeps = smart_plug_keeps,
    .deed = &smart_plug_deed,
};

const dev_model dev_smart_plug = {
    .name = "smart-plug",
    .title = "switches what is plugged in by button or from the cloud, and meters it (mains)",
    .device_class = "-",
    .energy = "E9",
    .sheet = &smart_plug_sheet,
    .life = &dev_life_always_on,
    .state_size = sizeof(smart_plug_state),
    .updates = true,
    .report_every = SIM_MINUTE,
    .init = smart_plug_init,
    .local = smart_plug_local,
    .measure = smart_plug_measure,
    .told = smart_plug_told,
    .setting = smart_plug_setting,
    .counters = {[PRESSES] = "button_presses", [SWITCHES] = "relay_switches"},
};
