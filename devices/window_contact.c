/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The window contact: constrained (class C1), on a battery that is replaced when it is empty
 * (E1), its radio off between two reports. It tells whether its window is open: on each
 * movement, and once in a reporting period whatever happens. Nobody can tell it anything, and
 * its firmware is for life.
 *
 * Who lives there airs the room by day: windows are opened some hours apart, for minutes, and
 * not at night. They do so whether or not there is a network, or anything in the battery. */
#include <math.h>

#include "devices/actions.h"
#include "devices/life.h"

typedef struct window_contact_state {
    sim_stream people;
    sim_time next; /* movement of the window */
    bool open;
    bool unsaid; /* it moved since the last report was written */
} window_contact_state;

DEV_ASSERT_OFF_BUDGET(window_contact_state);

enum { MOVEMENTS };

static const double closed_mean_h = 4;
static const sim_time shortest_airing = 5 * SIM_MINUTE, longest_airing = 20 * SIM_MINUTE;
static const int64_t morning_h = 7, night_h = 22;

/* A window that would be opened by night is opened in the morning. */
static sim_time by_day(window_contact_state *w, sim_time at) {
    sim_time midnight = at - at % SIM_DAY;
    int64_t hour = at % SIM_DAY / SIM_HOUR;
    if (hour >= morning_h && hour < night_h) return at;
    if (hour >= night_h) midnight += SIM_DAY;
    return midnight + morning_h * SIM_HOUR + sim_stream_between(&w->people, 0, 2 * SIM_HOUR);
}

static sim_time next_movement(window_contact_state *w, sim_time now) {
    if (w->open) return now + sim_stream_between(&w->people, shortest_airing, longest_airing);
    double pause_h = -closed_mean_h * log(1 - sim_stream_unit(&w->people));
    return by_day(w, now + SIM_MINUTE + sim_time_from_seconds(3600 * pause_h));
}

static void window_contact_init(void *state, sim_stream *draw, sim_stream people) {
    window_contact_state *w = state;
    (void)draw;
    *w = (window_contact_state){.people = people};
    w->next = next_movement(w, 0);
}

static sim_time window_contact_local(dev_step *s) {
    window_contact_state *w = s->device->own;
    bool powered = s->device->state != DEV_STATE_OFF;
    while (w->next <= s->now) {
        w->open = !w->open;
        w->unsaid = true;
        w->next = next_movement(w, w->next);
        if (powered) dev_model_count(s, MOVEMENTS);
    }
    if (!powered) return SIM_NEVER;
    /* Who is not online reports when he is; what else keeps it from reporting soon passes. */
    bool waits = w->unsaid && !dev_report_now(s) && dev_device_is_online(s->device);
    return waits ? sim_time_min(w->next, sim_time_add(s->now, SIM_SECOND)) : w->next;
}

static void window_contact_measure(dev_step *s, net_senml_pack *pack) {
    window_contact_state *w = s->device->own;
    w->unsaid = false;
    pack->records[0] = (net_senml_record){.name = "open", .is_boolean = true, .boolean = w->open};
    pack->count = 1;
}

const dev_model dev_window_contact = {
    .name = "window-contact",
    .title =
        "tells whether a window is open, on each movement and once a day (constrained, battery)",
    .device_class = "C1",
    .energy = "E1",
    .life = &dev_life_sleepy,
    .state_size = sizeof(window_contact_state),
    .report_every = SIM_DAY,
    .init = window_contact_init,
    .local = window_contact_local,
    .measure = window_contact_measure,
    .counters = {[MOVEMENTS] = "window_movements"},
};
