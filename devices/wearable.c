/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The wearable: class C2, on a battery that is charged every few days (E1), its radio off between
 * two reports. It shows the time and goes on recording, network or not; it reports steps and pulse.
 * Steps are in flash.
 *
 * Who wears it walks now and then by day, some minutes each time. */
#include <math.h>

#include "devices/actions.h"
#include "devices/life.h"
#include "devices/people.h"

typedef struct wearable_state {
    sim_stream people;
    sim_time next;    /* a walk begins */
    sim_time until;   /* the last one ends */
    uint32_t steps;   /* since it was made, of walks that began; flash */
    uint8_t rest_bpm; /* pulse at rest */
    bool shown;       /* the time, for who presses its button */
    bool powered;
} wearable_state;

DEV_ASSERT_OFF_BUDGET(wearable_state);

enum { WALKS };

static const dev_people_habit walks = {.pause_h = 1, .morning_h = 7, .night_h = 22};
static const uint32_t steps_a_minute = 110;

static void wearable_init(void *state, sim_stream *draw, sim_stream people) {
    wearable_state *w = state;
    *w = (wearable_state){.people = people};
    w->rest_bpm = (uint8_t)(55 + sim_stream_below(draw, 25));
    w->next = dev_people_next(&walks, &w->people, 0);
}

static void walk(dev_step *s) {
    wearable_state *w = s->device->own;
    uint32_t minutes = 2 + (uint32_t)sim_stream_below(&w->people, 20);
    w->until = w->next + minutes * SIM_MINUTE;
    if (!w->powered) return;
    w->steps += minutes * steps_a_minute;
    dev_model_count(s, WALKS);
}

static sim_time wearable_local(dev_step *s) {
    wearable_state *w = s->device->own;
    for (; w->next <= s->now; w->next = dev_people_next(&walks, &w->people, w->next)) walk(s);
    w->powered = s->device->state != DEV_STATE_OFF;
    return w->powered ? w->next : SIM_NEVER;
}

static void wearable_measure(dev_step *s, net_senml_pack *pack) {
    wearable_state *w = s->device->own;
    double pulse = w->rest_bpm + (s->now < w->until ? 45 : 0) + 4 * sim_stream_unit(&w->people);
    pack->records[0] =
        (net_senml_record){.name = "heart-rate", .unit = "beat/min", .value = floor(pulse)};
    pack->records[1] = (net_senml_record){.name = "steps", .value = w->steps};
    pack->count = 2;
}

/* The display went dark after the last time. */
static double wearable_wants(void *state) {
    ((wearable_state *)state)->shown = false;
    return 1;
}

static double wearable_shows(const void *state) {
    return ((const wearable_state *)state)->shown ? 1 : 0;
}

static void wearable_press(dev_step *s) {
    ((wearable_state *)s->device->own)->shown = true;
}

static const dev_deed wearable_deed = {
    .what = "a press of its button",
    .expected = "it shows the time",
    .deadline = 2 * SIM_SECOND,
    .fastest = 50 * SIM_MILLISECOND,
    .slowest = 300 * SIM_MILLISECOND,
    .wants = wearable_wants,
    .act = wearable_press,
    .shows = wearable_shows,
};

static const dev_reading wearable_readings[] = {
    {"heart-rate", "beat/min", 3346, "sensor", "of who wears it"},
    {"steps", "", 3300, "sensor", "since it was made"},
    {0}};

static const dev_keep wearable_keeps[] = {
    {DEV_DATA_HISTORY, "steps", DEV_KEPT(wearable_state, steps)}, {0}};

static const dev_sheet wearable_sheet = {
    .local = "shows the time, and goes on recording",
    .senses = "motion and pulse",
    .readings = wearable_readings,
    .keeps = wearable_keeps,
    .deed = &wearable_deed,
    .seals = true,
};

const dev_model dev_wearable = {
    .name = "wearable",
    .title = "tells steps and pulse of who wears it, four times an hour (constrained, battery)",
    .device_class = "C2",
    .energy = "E1",
    .sheet = &wearable_sheet,
    .life = &dev_life_sleepy,
    .state_size = sizeof(wearable_state),
    .updates = true,
    .report_every = 15 * SIM_MINUTE,
    .init = wearable_init,
    .local = wearable_local,
    .measure = wearable_measure,
    .counters = {[WALKS] = "walks"},
};
