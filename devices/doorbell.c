/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The doorbell with a camera: unconstrained, on the mains. It chimes and records what is before the
 * door, network or not; it reports motion, recordings, and how many bytes of them there are. What
 * it recorded is in flash.
 *
 * Somebody passes now and then by day, and one in three rings. */
#include "devices/actions.h"
#include "devices/household.h"
#include "devices/life.h"
#include "devices/people.h"

typedef struct doorbell_state {
    sim_stream people;
    sim_time next;       /* somebody comes, or has gone */
    uint32_t recordings; /* since it was made; flash */
    bool motion;
    bool chimed; /* for who pressed its button */
    bool powered;
    bool unsaid; /* motion came or went since the last report was written */
} doorbell_state;

DEV_ASSERT_OFF_BUDGET(doorbell_state);

enum { RECORDINGS, RINGS };

static const dev_people_habit passing = {.pause_h = 1, .morning_h = 7, .night_h = 22};
static const uint64_t rings_one_in = 3;
static const double recording_bytes = 3000000; /* half a minute at 800 kbit/s */

static void doorbell_init(void *state, sim_stream *draw, sim_stream people) {
    doorbell_state *d = state;
    (void)draw;
    *d = (doorbell_state){.people = people};
    d->next = dev_people_next(&passing, &d->people, 0);
}

static sim_time next_change(doorbell_state *d) {
    if (d->motion) return d->next + sim_stream_between(&d->people, 5 * SIM_SECOND, SIM_MINUTE);
    return dev_people_next(&passing, &d->people, d->next);
}

static void change(dev_step *s) {
    doorbell_state *d = s->device->own;
    bool rings = sim_stream_below(&d->people, rings_one_in) == 0;
    d->motion = !d->motion;
    d->unsaid = true;
    if (!d->motion || !d->powered || !dev_household_acts(s)) return;
    d->recordings++;
    dev_model_count(s, RECORDINGS);
    if (rings) dev_model_count(s, RINGS);
}

static sim_time doorbell_local(dev_step *s) {
    doorbell_state *d = s->device->own;
    while (d->next <= s->now) {
        change(s);
        d->next = next_change(d);
    }
    d->powered = s->device->state != DEV_STATE_OFF;
    if (!d->powered) return SIM_NEVER;
    bool waits = d->unsaid && !dev_report_now(s) && dev_device_is_online(s->device);
    return waits ? sim_time_min(d->next, sim_time_add(s->now, SIM_SECOND)) : d->next;
}

static void doorbell_measure(dev_step *s, net_senml_pack *pack) {
    doorbell_state *d = s->device->own;
    d->unsaid = false;
    pack->records[0] =
        (net_senml_record){.name = "motion", .is_boolean = true, .boolean = d->motion};
    pack->records[1] = (net_senml_record){.name = "recordings", .value = d->recordings};
    pack->records[2] = (net_senml_record){
        .name = "recorded", .unit = "B", .value = recording_bytes * d->recordings};
    pack->count = 3;
}

/* The chime of the last time is over. */
static double doorbell_wants(void *state) {
    ((doorbell_state *)state)->chimed = false;
    return 1;
}

static double doorbell_shows(const void *state) {
    return ((const doorbell_state *)state)->chimed ? 1 : 0;
}

static void doorbell_press(dev_step *s) {
    ((doorbell_state *)s->device->own)->chimed = true;
    dev_model_count(s, RINGS);
}

static const dev_deed doorbell_deed = {
    .what = "a press of its button",
    .expected = "it chimes",
    .deadline = 2 * SIM_SECOND,
    .fastest = 50 * SIM_MILLISECOND,
    .slowest = 400 * SIM_MILLISECOND,
    .wants = doorbell_wants,
    .act = doorbell_press,
    .shows = doorbell_shows,
};

static const dev_reading doorbell_readings[] = {
    {"motion", "", 3302, "binary_sensor", "before the door"},
    {"recordings", "", 3300, "sensor", "since it was made"},
    {"recorded", "B", 3300, "sensor", "bytes of these"},
    {0}};

static const dev_keep doorbell_keeps[] = {
    {DEV_DATA_HISTORY, "what it recorded", DEV_KEPT(doorbell_state, recordings)}, {0}};

static const dev_sheet doorbell_sheet = {
    .local = "its button chimes, and it records who is before the door",
    .senses = "video, audio and its button",
    .returns = DEV_RETURN_MEASURES,
    .readings = doorbell_readings,
    .keeps = doorbell_keeps,
    .deed = &doorbell_deed,
    .seals = true,
};

const dev_model dev_doorbell = {
    .name = "doorbell",
    .title = "chimes, and records and tells who is before the door (mains)",
    .device_class = "-",
    .energy = "E9",
    .sheet = &doorbell_sheet,
    .life = &dev_life_always_on,
    .state_size = sizeof(doorbell_state),
    .updates = true,
    .report_every = 5 * SIM_MINUTE,
    .init = doorbell_init,
    .local = doorbell_local,
    .measure = doorbell_measure,
    .counters = {[RECORDINGS] = "recordings", [RINGS] = "door_rings"},
};
