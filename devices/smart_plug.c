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
#include "devices/life.h"

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

static const double presses_mean_h = 6;
static const int64_t morning_h = 7, night_h = 23;

static sim_time next_press(smart_plug_state *p, sim_time now) {
    double pause_h = -presses_mean_h * log(1 - sim_stream_unit(&p->people));
    sim_time at = now + SIM_MINUTE + sim_time_from_seconds(3600 * pause_h);
    int64_t hour = at % SIM_DAY / SIM_HOUR;
    if (hour >= morning_h && hour < night_h) return at;
    sim_time midnight = at - at % SIM_DAY + (hour >= night_h ? SIM_DAY : 0);
    return midnight + morning_h * SIM_HOUR + sim_stream_between(&p->people, 0, 2 * SIM_HOUR);
}

static void smart_plug_init(void *state, sim_stream *draw, sim_stream people) {
    smart_plug_state *p = state;
    *p = (smart_plug_state){.people = people,
                            .load_w = (float)(5 + sim_stream_below(draw, 60)),
                            .on = sim_stream_below(draw, 2) == 1};
    p->next = next_press(p, 0);
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
        if (p->powered) {
            dev_model_count(s, PRESSES);
            switch_to(s, !p->on, p->next);
        }
        p->next = next_press(p, p->next);
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

const dev_model dev_smart_plug = {
    .name = "smart-plug",
    .title = "switches what is plugged in by button or from the cloud, and meters it (mains)",
    .device_class = "-",
    .energy = "E9",
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
