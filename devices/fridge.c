/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fridge: unconstrained, on the mains. It keeps what is in it between 3 and 5 degrees, network
 * or not, and reports temperature and compressor. Without power it warms up slowly, faster each
 * time that somebody opens the door; above the band it does not do what it is there for.
 *
 * Its thermal model is the thermostat's room upside down: temperatures count below zero, and
 * cooling is what heating is there. */
#include <math.h>
#include <string.h>

#include "devices/actions.h"
#include "devices/life.h"
#include "devices/people.h"
#include "devices/thermal.h"

typedef struct fridge_state {
    dev_thermal cold; /* degrees below zero */
    uint32_t people;  /* who they are: small, so that a fridge without power is */
    uint32_t next_s;  /* somebody opens the door then */
} fridge_state;

DEV_ASSERT_OFF_BUDGET(fridge_state);

enum { OPENINGS, STARTS };

static const dev_people_habit openings = {.pause_h = 1, .morning_h = 6, .night_h = 23};
static const float kitchen_c = 20, coldest_c = -15, opening_c = 0.4F;
static const float set_point_minimum_c = 2, set_point_maximum_c = 8;

/* Draws from a stream of the opening's own, so that none has to be kept. */
static void await_opening(fridge_state *f, sim_time now) {
    sim_stream draw = sim_stream_for(f->people, SIM_PURPOSE_PEOPLE, (uint64_t)now);
    f->next_s = (uint32_t)(dev_people_next(&openings, &draw, now) / SIM_SECOND);
}

static sim_time next_opening(const fridge_state *f) {
    return f->next_s * SIM_SECOND;
}

static void fridge_init(void *state, sim_stream *draw, sim_stream people) {
    fridge_state *f = state;
    *f = (fridge_state){.people = (uint32_t)sim_stream_next(&people)};
    f->cold = (dev_thermal){
        .outside_c = -kitchen_c,
        .gain_c = kitchen_c - coldest_c,
        .tau_s = (float)(3600 * (8 + 6 * sim_stream_unit(draw))),
        .set_point_c = -4,
        .band_c = 1,
        .temperature_c = -4 + (float)(sim_stream_unit(draw) - 0.5),
    };
    await_opening(f, 0);
}

static void open_door(dev_step *s, sim_time at) {
    fridge_state *f = s->device->own;
    dev_thermal_advance(&f->cold, at);
    f->cold.temperature_c = fmaxf(f->cold.temperature_c - opening_c, -kitchen_c);
    if (f->cold.powered) dev_model_count(s, OPENINGS);
}

static sim_time fridge_local(dev_step *s) {
    fridge_state *f = s->device->own;
    bool cooled = f->cold.heating;
    dev_model_kept(s);
    while (next_opening(f) <= s->now) {
        open_door(s, next_opening(f));
        await_opening(f, next_opening(f));
    }
    f->cold.powered = s->device->state != DEV_STATE_OFF;
    dev_thermal_control(&f->cold, s->now);
    if (f->cold.heating && !cooled) dev_model_count(s, STARTS);
    if (!f->cold.powered) return SIM_NEVER;
    return sim_time_min(next_opening(f), dev_thermal_next(&f->cold));
}

static sim_time fridge_kept(const void *state, sim_time since, sim_time now) {
    dev_thermal t = ((const fridge_state *)state)->cold;
    dev_thermal_advance(&t, now);
    return t.powered ? dev_thermal_in_band(&t, since) : 0;
}

static void fridge_measure(dev_step *s, net_senml_pack *pack) {
    fridge_state *f = s->device->own;
    dev_thermal_advance(&f->cold, s->now);
    double inside_c = floor(-(double)f->cold.temperature_c * 10 + 0.5) / 10;
    pack->records[0] = (net_senml_record){.name = "temperature", .unit = "Cel", .value = inside_c};
    pack->records[1] =
        (net_senml_record){.name = "compressor", .is_boolean = true, .boolean = f->cold.heating};
    pack->count = 2;
}

static bool fridge_told(dev_step *s, const char *what, double value) {
    fridge_state *f = s->device->own;
    float wanted = (float)value;
    if (strcmp(what, "set-point") != 0) return false;
    if (!(wanted >= set_point_minimum_c && wanted <= set_point_maximum_c)) return false;
    dev_model_kept(s);
    f->cold.set_point_c = -wanted;
    s->device->local_due = fridge_local(s);
    return true;
}

static double fridge_setting(const void *state, const char *what) {
    const fridge_state *f = state;
    (void)what;
    return -(double)f->cold.set_point_c;
}

static const dev_reading fridge_readings[] = {
    {"temperature", "Cel", 3303, "sensor", "inside"},
    {"compressor", "", 3312, "binary_sensor", "runs or not"},
    {0}};

static const dev_keep fridge_keeps[] = {
    {DEV_DATA_SETTINGS, "the set-point", DEV_KEPT(fridge_state, cold.set_point_c)}, {0}};

static double fridge_shows(const void *state) {
    return -(double)((const fridge_state *)state)->cold.set_point_c;
}

/* A degree up, and from the warmest back to the coldest. */
static double fridge_wants(void *state) {
    double is = fridge_shows(state);
    return is < 7 ? is + 1 : (double)set_point_minimum_c;
}

static void fridge_turn(dev_step *s) {
    (void)fridge_told(s, "set-point", fridge_wants(s->device->own));
}

static const dev_deed fridge_deed = {
    .what = "a turn of the knob in it",
    .expected = "the set-point is a degree higher",
    .deadline = 2 * SIM_SECOND,
    .fastest = 50 * SIM_MILLISECOND,
    .slowest = 300 * SIM_MILLISECOND,
    .wants = fridge_wants,
    .act = fridge_turn,
    .shows = fridge_shows,
};

static const dev_sheet fridge_sheet = {
    .local = "keeps what is in it within a degree of its set-point",
    .senses = "its temperature and its door",
    .takes = "set-point: 2 to 8 Cel",
    .returns = DEV_RETURN_AS_BEFORE,
    .readings = fridge_readings,
    .keeps = fridge_keeps,
    .deed = &fridge_deed,
};

const dev_model dev_fridge = {
    .name = "fridge",
    .title = "keeps food cold, reports its temperature, takes set-points (mains)",
    .device_class = "-",
    .energy = "E9",
    .sheet = &fridge_sheet,
    .life = &dev_life_always_on,
    .state_size = sizeof(fridge_state),
    .updates = true,
    .report_every = 5 * SIM_MINUTE,
    .init = fridge_init,
    .local = fridge_local,
    .kept = fridge_kept,
    .measure = fridge_measure,
    .told = fridge_told,
    .setting = fridge_setting,
    .counters = {[OPENINGS] = "fridge_openings", [STARTS] = "compressor_starts"},
};
