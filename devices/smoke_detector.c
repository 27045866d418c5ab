/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The smoke detector: class C2, on a battery for its lifetime (E2), its radio off between two
 * reports. Its siren sounds at once when there is smoke and for ten minutes, network or not; once a
 * week it tests itself. What it noticed stays in its alarm memory. */
#include <math.h>

#include "devices/actions.h"
#include "devices/life.h"

typedef struct smoke_detector_state {
    sim_stream smoke;
    sim_time next;      /* smoke comes, or the siren falls silent */
    sim_time self_test; /* the next one */
    bool alarm;
    bool sounded; /* ever: its alarm memory */
    bool powered;
    bool tested; /* the siren sounds for who presses its button */
    bool unsaid; /* it changed since the last report was written */
} smoke_detector_state;

DEV_ASSERT_OFF_BUDGET(smoke_detector_state);

enum { ALARMS, SELF_TESTS };

#define SIREN (10 * SIM_MINUTE)
#define WEEK (7 * SIM_DAY)

static sim_time next_change(smoke_detector_state *d, sim_time now) {
    if (d->alarm) return now + SIREN;
    return now + sim_stream_between(&d->smoke, SIM_DAY, 119 * SIM_DAY); /* the kitchen, mostly */
}

static void smoke_detector_init(void *state, sim_stream *draw, sim_stream people) {
    smoke_detector_state *d = state;
    *d = (smoke_detector_state){.smoke = people};
    d->self_test = sim_stream_between(draw, 0, WEEK);
    d->next = next_change(d, 0);
}

static void test_itself(dev_step *s) {
    smoke_detector_state *d = s->device->own;
    for (; d->self_test <= s->now; d->self_test += WEEK)
        if (d->powered) dev_model_count(s, SELF_TESTS);
}

static sim_time smoke_detector_local(dev_step *s) {
    smoke_detector_state *d = s->device->own;
    while (d->next <= s->now) {
        d->alarm = !d->alarm;
        d->sounded = d->sounded || (d->alarm && d->powered);
        d->unsaid = true;
        if (d->alarm && d->powered) dev_model_count(s, ALARMS);
        d->next = next_change(d, d->next);
    }
    test_itself(s);
    d->powered = s->device->state != DEV_STATE_OFF;
    if (!d->powered) return SIM_NEVER;
    bool waits = d->unsaid && !dev_report_now(s) && dev_device_is_online(s->device);
    sim_time due = sim_time_min(d->next, d->self_test);
    return waits ? sim_time_min(due, sim_time_add(s->now, SIM_SECOND)) : due;
}

static void smoke_detector_measure(dev_step *s, net_senml_pack *pack) {
    smoke_detector_state *d = s->device->own;
    d->unsaid = false;
    pack->records[0] = (net_senml_record){.name = "smoke", .is_boolean = true, .boolean = d->alarm};
    pack->count = 1;
}

static const dev_reading smoke_detector_readings[] = {
    {"smoke", "", 3200, "binary_sensor", "whether there is any, and its siren sounds"}, {0}};

static const dev_keep smoke_detector_keeps[] = {
    {DEV_DATA_HISTORY, "whether it has sounded", DEV_KEPT(smoke_detector_state, sounded)}, {0}};

/* The last test is over; nobody tests it while it sounds. */
static double smoke_detector_wants(void *state) {
    smoke_detector_state *d = state;
    d->tested = false;
    return d->alarm ? NAN : 1;
}

static double smoke_detector_shows(const void *state) {
    return ((const smoke_detector_state *)state)->tested ? 1 : 0;
}

static void smoke_detector_press(dev_step *s) {
    ((smoke_detector_state *)s->device->own)->tested = true;
}

static const dev_deed smoke_detector_deed = {
    .what = "a press of its test button",
    .expected = "the siren sounds",
    .deadline = 3 * SIM_SECOND,
    .fastest = 100 * SIM_MILLISECOND,
    .slowest = SIM_SECOND,
    .wants = smoke_detector_wants,
    .act = smoke_detector_press,
    .shows = smoke_detector_shows,
};

static const dev_sheet smoke_detector_sheet = {
    .local = "its siren sounds when there is smoke; it tests itself once a week",
    .senses = "smoke and heat",
    .readings = smoke_detector_readings,
    .keeps = smoke_detector_keeps,
    .deed = &smoke_detector_deed,
};

const dev_model dev_smoke_detector = {
    .name = "smoke-detector",
    .title = "sounds and tells when there is smoke, and daily that it lives (constrained, battery)",
    .device_class = "C2",
    .energy = "E2",
    .sheet = &smoke_detector_sheet,
    .life = &dev_life_sleepy,
    .state_size = sizeof(smoke_detector_state),
    .report_every = SIM_DAY,
    .init = smoke_detector_init,
    .local = smoke_detector_local,
    .measure = smoke_detector_measure,
    .counters = {[ALARMS] = "smoke_alarms", [SELF_TESTS] = "self_tests"},
};
