/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The weather sensor: class C2, outdoors, on a battery that is charged or replaced (E1), its radio
 * off between two reports. It only measures: temperature by the hour of the day, humidity against
 * it, and rain in showers. */
#include <math.h>

#include "devices/life.h"

typedef struct weather_sensor_state {
    sim_stream weather;
    sim_time next;  /* a shower begins, or ends */
    float mean_c;   /* of the day, at its place */
    float rain_mmh; /* of the shower; 0: it is dry */
    bool powered;
} weather_sensor_state;

DEV_ASSERT_OFF_BUDGET(weather_sensor_state);

enum { SHOWERS };

static const double swing_c = 5, warmest_h = 15, pi = 3.14159265358979323846;

static void weather_sensor_init(void *state, sim_stream *draw, sim_stream people) {
    weather_sensor_state *w = state;
    *w = (weather_sensor_state){.weather = people,
                                .mean_c = (float)(4 + sim_stream_below(draw, 12))};
    w->next = sim_stream_between(&w->weather, 0, 2 * SIM_DAY);
}

/* The sky does not care for power. */
static sim_time weather_sensor_local(dev_step *s) {
    weather_sensor_state *w = s->device->own;
    for (; w->next <= s->now;) {
        bool dry = w->rain_mmh > 0;
        w->rain_mmh = dry ? 0 : (float)(1 + sim_stream_below(&w->weather, 90)) / 10;
        if (!dry && w->powered) dev_model_count(s, SHOWERS);
        w->next += dry ? sim_stream_between(&w->weather, SIM_HOUR, 3 * SIM_DAY)
                       : sim_stream_between(&w->weather, 10 * SIM_MINUTE, 4 * SIM_HOUR);
    }
    w->powered = s->device->state != DEV_STATE_OFF;
    return w->powered ? w->next : SIM_NEVER;
}

static double tenths(double value) {
    return floor(value * 10 + 0.5) / 10;
}

static void weather_sensor_measure(dev_step *s, net_senml_pack *pack) {
    weather_sensor_state *w = s->device->own;
    double hour = sim_time_seconds(s->now % SIM_DAY) / 3600;
    double above = swing_c * cos(2 * pi * (hour - warmest_h) / 24) + sim_stream_unit(&w->weather);
    double humidity = w->rain_mmh > 0 ? 95 : 70 - 3 * above;
    pack->records[0] = (net_senml_record){
        .name = "temperature", .unit = "Cel", .value = tenths((double)w->mean_c + above)};
    pack->records[1] =
        (net_senml_record){.name = "humidity", .unit = "%RH", .value = tenths(humidity)};
    pack->records[2] =
        (net_senml_record){.name = "rain", .unit = "mm/h", .value = tenths((double)w->rain_mmh)};
    pack->count = 3;
}

static const dev_reading weather_sensor_readings[] = {
    {"temperature", "Cel", 3303, "sensor", "of the air outdoors"},
    {"humidity", "%RH", 3304, "sensor", "of the air outdoors"},
    {"rain", "mm/h", 3300, "sensor", "how hard it rains"},
    {0}};

static const dev_sheet weather_sensor_sheet = {
    .randomness = DEV_RANDOMNESS_SERIAL_MIXED,
    .senses = "the air outdoors and rain",
    .readings = weather_sensor_readings,
};

const dev_model dev_weather_sensor = {
    .name = "weather-sensor",
    .title = "tells temperature, humidity and rain, six times an hour (constrained, battery)",
    .device_class = "C2",
    .energy = "E1",
    .sheet = &weather_sensor_sheet,
    .life = &dev_life_sleepy,
    .state_size = sizeof(weather_sensor_state),
    .updates = true,
    .report_every = 10 * SIM_MINUTE,
    .init = weather_sensor_init,
    .local = weather_sensor_local,
    .measure = weather_sensor_measure,
    .counters = {[SHOWERS] = "showers"},
};
