/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The window contact: constrained (class C1), on a battery that is replaced when it is empty
 * (E1), its radio off between two reports. It tells whether its window is open: on each
 * movement, and once in a reporting period whatever happens. Nobody can tell it anything, and
 * its firmware is for life.
 *
 * Who lives there airs the room by day: windows are opened some hours apart, for minutes, and
 * not at night. They do so whether or not there is a network, or anything in the battery. */
#include "devices/actions.h"
#include "devices/life.h"
#include "devices/people.h"

typedef struct window_contact_state {
    sim_stream people;
    sim_time next; /* movement of the window */
    bool open;
    bool unsaid; /* it moved since the last report was written */
} window_contact_state;

DEV_ASSERT_OFF_BUDGET(window_contact_state);

enum { MOVEMENTS };

static const sim_time shortest_airing = 5 * SIM_MINUTE, longest_airing = 20 * SIM_MINUTE;
static const dev_people_habit airing = {.pause_h = 4, .morning_h = 7, .night_h = 22};

static sim_time next_movement(window_contact_state *w, sim_time now) {
    if (w->open) return now + sim_stream_between(&w->people, shortest_airing, longest_airing);
    return dev_people_next(&airing, &w->people, now);
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

static const dev_reading window_contact_readings[] = {
    {"open", "", 3200, "binary_sensor", "whether the window is"}, {0}};

static const dev_sheet window_contact_sheet = {
    .randomness = DEV_RANDOMNESS_SERIAL_MIXED,
    .senses = "its window",
    .readings = window_contact_readings,
};

const dev_model dev_window_contact = {
    .name = "window-contact",
    .title =
        "tells whether a window is open, on each movement and once a day (constrained, battery)",
    .device_class = "C1",
    .energy = "E1",
    .sheet = &window_contact_sheet,
    .life = &dev_life_sleepy,
    .state_size = sizeof(window_contact_state),
    .report_every = SIM_DAY,
    .init = window_contact_init,
    .local = window_contact_local,
    .measure = window_contact_measure,
    .counters = {[MOVEMENTS] = "window_movements"},
};
