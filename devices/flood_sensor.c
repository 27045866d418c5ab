/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The flood sensor: class C1, on a battery for its lifetime (E2), its radio off between two
 * reports. It tells at once when there is water, and daily that it lives. Water comes once in some
 * weeks and stays for an hour; its buzzer sounds as long, whoever listens. */
#include <math.h>

#include "devices/actions.h"
#include "devices/life.h"

typedef struct flood_sensor_state {
    sim_stream water;
    sim_time next; /* it comes, or goes */
    bool wet;
    bool powered;
    bool sounds; /* its buzzer, at a wet finger; for as long as that is there */
    bool unsaid; /* it came or went since the last report was written */
} flood_sensor_state;

DEV_ASSERT_OFF_BUDGET(flood_sensor_state);

enum { FLOODS };

static sim_time next_change(flood_sensor_state *f, sim_time now) {
    if (f->wet) return now + SIM_HOUR;
    return now + sim_stream_between(&f->water, SIM_DAY, 41 * SIM_DAY);
}

static void flood_sensor_init(void *state, sim_stream *draw, sim_stream people) {
    flood_sensor_state *f = state;
    (void)draw;
    *f = (flood_sensor_state){.water = people};
    f->next = next_change(f, 0);
}

static sim_time flood_sensor_local(dev_step *s) {
    flood_sensor_state *f = s->device->own;
    while (f->next <= s->now) {
        f->wet = !f->wet;
        f->unsaid = true;
        if (f->wet && f->powered) dev_model_count(s, FLOODS);
        f->next = next_change(f, f->next);
    }
    f->powered = s->device->state != DEV_STATE_OFF;
    if (!f->powered) return SIM_NEVER;
    bool waits = f->unsaid && !dev_report_now(s) && dev_device_is_online(s->device);
    return waits ? sim_time_min(f->next, sim_time_add(s->now, SIM_SECOND)) : f->next;
}

static void flood_sensor_measure(dev_step *s, net_senml_pack *pack) {
    flood_sensor_state *f = s->device->own;
    f->unsaid = false;
    pack->records[0] = (net_senml_record){.name = "water", .is_boolean = true, .boolean = f->wet};
    pack->count = 1;
}

static const dev_reading flood_sensor_readings[] = {
    {"water", "", 3200, "binary_sensor", "whether there is any"}, {0}};

/* The finger of the last time is dry by now. Where there is water it sounds anyway. */
static double flood_sensor_wants(void *state) {
    flood_sensor_state *f = state;
    f->sounds = false;
    return f->wet ? NAN : 1;
}

static double flood_sensor_shows(const void *state) {
    return ((const flood_sensor_state *)state)->sounds ? 1 : 0;
}

static void flood_sensor_feel(dev_step *s) {
    ((flood_sensor_state *)s->device->own)->sounds = true;
}

static const dev_deed flood_sensor_deed = {
    .what = "a wet finger on it",
    .expected = "its buzzer sounds",
    .deadline = 3 * SIM_SECOND,
    .fastest = 200 * SIM_MILLISECOND,
    .slowest = SIM_SECOND,
    .wants = flood_sensor_wants,
    .act = flood_sensor_feel,
    .shows = flood_sensor_shows,
};

static const dev_sheet flood_sensor_sheet = {
    .local = "its buzzer sounds as long as there is water",
    .randomness = DEV_RANDOMNESS_SERIAL_MIXED,
    .senses = "water on the floor",
    .readings = flood_sensor_readings,
    .deed = &flood_sensor_deed,
};

const dev_model dev_flood_sensor = {
    .name = "flood-sensor",
    .title = "tells when there is water, and daily that it lives (constrained, battery)",
    .device_class = "C1",
    .energy = "E2",
    .sheet = &flood_sensor_sheet,
    .life = &dev_life_sleepy,
    .state_size = sizeof(flood_sensor_state),
    .report_every = SIM_DAY,
    .init = flood_sensor_init,
    .local = flood_sensor_local,
    .measure = flood_sensor_measure,
    .counters = {[FLOODS] = "floods"},
};
