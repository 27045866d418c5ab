/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The thermostat: constrained (class C2), mains powered (E9). It keeps the room warm whether or
 * not anybody listens, reports temperature, set-point and heater,
 * and lets the cloud change the set-point. Set-point and schedule are in flash, everything else in
 * RAM; its clock outlives a power cut. */
#include <math.h>
#include <string.h>

#include "devices/life.h"
#include "devices/thermostat.h"

static const float set_point_minimum_c = 5; /* frost protection */
static const float set_point_maximum_c = 30;
static const float night_set_back_c = 3;

/* ---- the local function ---- */

enum { HEATER_SWITCHES };

DEV_ASSERT_OFF_BUDGET(dev_thermostat_state);

static bool is_night(const dev_thermostat_state *own, sim_time now) {
    int64_t hour = now % SIM_DAY / SIM_HOUR; /* a run begins at midnight */
    return hour >= own->night_from_h || hour < own->night_until_h;
}

/* The next time after `now` at which it is `hour` o'clock. */
static sim_time next_time_of_day(sim_time now, uint8_t hour) {
    sim_time at = now - now % SIM_DAY + hour * SIM_HOUR;
    return at > now ? at : at + SIM_DAY;
}

static sim_time thermostat_local(dev_step *s) {
    dev_device *d = s->device;
    dev_thermostat_state *own = d->own;
    dev_thermal *t = &own->thermal;
    bool heated = t->heating;
    dev_model_kept(s);
    t->powered = d->state != DEV_STATE_OFF;
    t->set_back_c = is_night(own, s->now) ? night_set_back_c : 0;
    dev_thermal_control(t, s->now);
    if (!t->powered) return SIM_NEVER;
    if (t->heating != heated) dev_model_count(s, HEATER_SWITCHES);
    sim_time schedule = sim_time_min(next_time_of_day(s->now, own->night_from_h),
                                     next_time_of_day(s->now, own->night_until_h));
    return sim_time_min(dev_thermal_next(t), schedule);
}

static sim_time thermostat_kept(const void *state, sim_time since, sim_time now) {
    dev_thermal t = ((const dev_thermostat_state *)state)->thermal;
    dev_thermal_advance(&t, now);
    return t.powered ? dev_thermal_in_band(&t, since) : 0;
}

/* A room: between a flat with warm neighbours and a detached house on a cold night, always with
 * enough heating for 22 degrees. */
static void thermostat_init(void *state, sim_stream *draw, sim_stream people) {
    dev_thermostat_state *own = state;
    dev_thermal *t = &own->thermal;
    (void)people; /* they leave it alone */
    *t = (dev_thermal){
        .outside_c = (float)(8 * sim_stream_unit(draw)),
        .gain_c = (float)(25 + 10 * sim_stream_unit(draw)),
        .tau_s = (float)(3600 * (4 + 6 * sim_stream_unit(draw))),
        .set_point_c = 19 + (float)sim_stream_below(draw, 7) / 2,
        .set_back_c = night_set_back_c,
        .band_c = 0.5F,
    };
    t->temperature_c = t->set_point_c - night_set_back_c + (float)(sim_stream_unit(draw) - 0.5);
    own->night_from_h = (uint8_t)(21 + sim_stream_below(draw, 3));
    own->night_until_h = (uint8_t)(5 + sim_stream_below(draw, 3));
}

/* ---- what it tells, and is told ---- */

static net_senml_record celsius(const char *name, double value) {
    net_senml_record record = {.unit = "Cel",
                               .value = (double)(float)(floor(value * 100 + 0.5) / 100)};
    strncpy(record.name, name, sizeof record.name - 1);
    return record;
}

static void thermostat_measure(dev_step *s, net_senml_pack *pack) {
    dev_thermal *t = &dev_thermostat_of(s->device)->thermal;
    dev_thermal_advance(t, s->now);
    pack->records[0] = celsius("temperature", (double)t->temperature_c);
    pack->records[1] = celsius("set-point", (double)t->set_point_c);
    pack->records[2] =
        (net_senml_record){.name = "heater", .is_boolean = true, .boolean = t->heating};
    pack->count = 3;
}

static bool thermostat_told(dev_step *s, const char *what, double value) {
    float wanted = (float)value;
    if (strcmp(what, "set-point") != 0) return false;
    if (!(wanted >= set_point_minimum_c && wanted <= set_point_maximum_c)) return false;
    dev_model_kept(s);
    dev_thermostat_of(s->device)->thermal.set_point_c = wanted;
    s->device->local_due = thermostat_local(s);
    return true;
}

static double thermostat_setting(const void *state, const char *what) {
    const dev_thermostat_state *own = state;
    (void)what;
    return (double)own->thermal.set_point_c;
}

static const dev_reading thermostat_readings[] = {
    {"temperature", "Cel", 3303, "sensor", "of the room"},
    {"set-point", "Cel", 3308, "climate", "by day; by night it is 3 less"},
    {"heater", "", 3312, "binary_sensor", "on or off"},
    {0}};

static const dev_keep thermostat_keeps[] = {
    {DEV_DATA_SETTINGS, "the set-point", DEV_KEPT(dev_thermostat_state, thermal.set_point_c)},
    {DEV_DATA_SETTINGS, "when night begins", DEV_KEPT(dev_thermostat_state, night_from_h)},
    {DEV_DATA_SETTINGS, "when it ends", DEV_KEPT(dev_thermostat_state, night_until_h)},
    {0}};

/* Half a degree up, and from the top of what people like back to its bottom. */
static double thermostat_wants(void *state) {
    double is = (double)((const dev_thermostat_state *)state)->thermal.set_point_c;
    return is < 23 ? is + 0.5 : 18;
}

static double thermostat_shows(const void *state) {
    return (double)((const dev_thermostat_state *)state)->thermal.set_point_c;
}

static void thermostat_turn(dev_step *s) {
    (void)thermostat_told(s, "set-point", thermostat_wants(s->device->own));
}

static const dev_deed thermostat_deed = {
    .what = "a turn of its knob",
    .expected = "the set-point is half a degree higher",
    .deadline = 2 * SIM_SECOND,
    .fastest = 50 * SIM_MILLISECOND,
    .slowest = 300 * SIM_MILLISECOND,
    .wants = thermostat_wants,
    .act = thermostat_turn,
    .shows = thermostat_shows,
};

static const dev_sheet thermostat_sheet = {
    .local = "keeps the room within half a degree of its set-point",
    .senses = "the temperature of the room",
    .takes = "set-point: 5 to 30 Cel",
    .returns = DEV_RETURN_AS_BEFORE,
    .readings = thermostat_readings,
    .keeps = thermostat_keeps,
    .deed = &thermostat_deed,
};

const dev_model dev_thermostat = {
    .name = "thermostat",
    .title = "keeps a room warm, reports its temperature, takes set-points (constrained, mains)",
    .device_class = "C2",
    .energy = "E9",
    .sheet = &thermostat_sheet,
    .life = &dev_life_always_on,
    .state_size = sizeof(dev_thermostat_state),
    .updates = true,
    .report_every = SIM_MINUTE,
    .init = thermostat_init,
    .local = thermostat_local,
    .kept = thermostat_kept,
    .measure = thermostat_measure,
    .told = thermostat_told,
    .setting = thermostat_setting,
    .counters = {[HEATER_SWITCHES] = "local_switches"},
};
