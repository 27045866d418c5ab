/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The light sensor: class C1, on a battery for its lifetime (E2), its radio off between two
 * reports. It only measures: daylight behind clouds that come and go. */
#include <math.h>

#include "devices/life.h"

typedef struct light_sensor_state {
    sim_stream clouds;
    float noon_lx; /* under a clear sky, at its place in the house */
} light_sensor_state;

DEV_ASSERT_OFF_BUDGET(light_sensor_state);

static const double sunrise_h = 6, daylight_h = 12, pi = 3.14159265358979323846;

static void light_sensor_init(void *state, sim_stream *draw, sim_stream people) {
    light_sensor_state *l = state;
    *l = (light_sensor_state){.clouds = people,
                              .noon_lx = (float)(200 + sim_stream_below(draw, 800))};
}

/* Nothing to do but once a day to see that it lives. */
static sim_time light_sensor_local(dev_step *s) {
    return s->device->state == DEV_STATE_OFF ? SIM_NEVER : sim_time_add(s->now, SIM_DAY);
}

static double illuminance_lx(light_sensor_state *l, sim_time now) {
    double since_sunrise_h = sim_time_seconds(now % SIM_DAY) / 3600 - sunrise_h;
    double clear = 0.3 + 0.7 * sim_stream_unit(&l->clouds);
    if (since_sunrise_h <= 0 || since_sunrise_h >= daylight_h) return 0;
    return floor((double)l->noon_lx * clear * sin(pi * since_sunrise_h / daylight_h));
}

static void light_sensor_measure(dev_step *s, net_senml_pack *pack) {
    pack->records[0] = (net_senml_record){
        .name = "illuminance", .unit = "lx", .value = illuminance_lx(s->device->own, s->now)};
    pack->count = 1;
}

static const dev_reading light_sensor_readings[] = {
    {"illuminance", "lx", 3301, "sensor", "at its place in the house"}, {0}};

static const dev_sheet light_sensor_sheet = {
    .randomness = DEV_RANDOMNESS_SERIAL_MIXED,
    .senses = "daylight",
    .readings = light_sensor_readings,
};

const dev_model dev_light_sensor = {
    .name = "light-sensor",
    .title = "tells how light it is, four times an hour (constrained, battery)",
    .device_class = "C1",
    .energy = "E2",
    .sheet = &light_sensor_sheet,
    .life = &dev_life_sleepy,
    .state_size = sizeof(light_sensor_state),
    .updates = true,
    .report_every = 15 * SIM_MINUTE,
    .init = light_sensor_init,
    .local = light_sensor_local,
    .measure = light_sensor_measure,
};
