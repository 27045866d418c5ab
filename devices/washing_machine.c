/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The washing machine: unconstrained, on the mains. A cycle that power interrupted goes on where it
 * was: its position is in flash. It reports whether it runs and how long it still will.
 *
 * Who lives there starts it every other day or so, if it does not run already. */
#include <math.h>

#include "devices/actions.h"
#include "devices/life.h"
#include "devices/people.h"

typedef struct washing_machine_state {
    sim_stream people;
    sim_time next; /* somebody wants to start it */
    sim_time left; /* of the cycle, at `since`; 0: none runs */
    sim_time since;
    bool powered; /* since then */
} washing_machine_state;

DEV_ASSERT_OFF_BUDGET(washing_machine_state);

enum { STARTED, FINISHED };

static const dev_people_habit starts = {.pause_h = 40, .morning_h = 8, .night_h = 21};

static void washing_machine_init(void *state, sim_stream *draw, sim_stream people) {
    washing_machine_state *w = state;
    (void)draw;
    *w = (washing_machine_state){.people = people};
    w->next = dev_people_next(&starts, &w->people, 0);
}

static void wash_until(dev_step *s, sim_time now) {
    washing_machine_state *w = s->device->own;
    sim_time washed = w->powered ? sim_time_min(w->left, now - w->since) : 0;
    if (washed > 0 && washed == w->left) dev_model_count(s, FINISHED);
    w->left -= washed;
    w->since = now;
}

static void start(dev_step *s) {
    washing_machine_state *w = s->device->own;
    sim_time cycle = sim_stream_between(&w->people, 40 * SIM_MINUTE, 150 * SIM_MINUTE);
    if (!w->powered || w->left > 0) return;
    w->left = cycle;
    dev_model_count(s, STARTED);
}

static sim_time washing_machine_local(dev_step *s) {
    washing_machine_state *w = s->device->own;
    for (; w->next <= s->now; w->next = dev_people_next(&starts, &w->people, w->next)) {
        wash_until(s, w->next);
        start(s);
    }
    wash_until(s, s->now);
    w->powered = s->device->state != DEV_STATE_OFF;
    if (!w->powered) return SIM_NEVER;
    return w->left > 0 ? sim_time_min(w->next, s->now + w->left) : w->next;
}

static void washing_machine_measure(dev_step *s, net_senml_pack *pack) {
    washing_machine_state *w = s->device->own;
    wash_until(s, s->now);
    pack->records[0] =
        (net_senml_record){.name = "running", .is_boolean = true, .boolean = w->left > 0};
    pack->records[1] =
        (net_senml_record){.name = "left", .unit = "s", .value = floor(sim_time_seconds(w->left))};
    pack->count = 2;
}

static const dev_reading washing_machine_readings[] = {
    {"running", "", 3312, "binary_sensor", "whether a cycle is under way"},
    {"left", "s", 3300, "sensor", "of the cycle"},
    {0}};

static const dev_keep washing_machine_keeps[] = {
    {DEV_DATA_ACTUATOR, "where in its cycle it is", DEV_KEPT(washing_machine_state, left),
     .every = SIM_MINUTE},
    {0}};

/* Who finds it washing lets it wash. */
static double washing_machine_wants(void *state) {
    return ((const washing_machine_state *)state)->left > 0 ? NAN : 1;
}

static double washing_machine_shows(const void *state) {
    return ((const washing_machine_state *)state)->left > 0 ? 1 : 0;
}

static void washing_machine_press(dev_step *s) {
    wash_until(s, s->now);
    start(s);
    s->device->local_due = washing_machine_local(s);
}

static const dev_deed washing_machine_deed = {
    .what = "a press of its start button",
    .expected = "it washes",
    .deadline = 3 * SIM_SECOND,
    .fastest = 300 * SIM_MILLISECOND,
    .slowest = SIM_SECOND,
    .wants = washing_machine_wants,
    .act = washing_machine_press,
    .shows = washing_machine_shows,
};

static const dev_sheet washing_machine_sheet = {
    .local = "finishes its cycle, after a loss of power from where it was",
    .senses = "load and water",
    .returns = DEV_RETURN_AS_BEFORE,
    .readings = washing_machine_readings,
    .keeps = washing_machine_keeps,
    .deed = &washing_machine_deed,
};

const dev_model dev_washing_machine = {
    .name = "washing-machine",
    .title = "washes when somebody starts it, and tells how long it will (mains)",
    .device_class = "-",
    .energy = "E9",
    .sheet = &washing_machine_sheet,
    .life = &dev_life_always_on,
    .state_size = sizeof(washing_machine_state),
    .updates = true,
    .report_every = 5 * SIM_MINUTE,
    .init = washing_machine_init,
    .local = washing_machine_local,
    .measure = washing_machine_measure,
    .counters = {[STARTED] = "cycles_started", [FINISHED] = "cycles_finished"},
};
