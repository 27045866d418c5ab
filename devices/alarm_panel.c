/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The alarm panel: unconstrained, on the mains with a battery behind it, and with a second path to
 * its cloud where its home has one. A code arms and disarms it, network or not; it reports that at
 * once. Whether it is armed, and its code, are in flash.
 *
 * Who lives there arms it when leaving and disarms it when coming home. */
#include "devices/actions.h"
#include "devices/household.h"
#include "devices/life.h"
#include "devices/people.h"

typedef struct alarm_panel_state {
    sim_stream people;
    sim_time next;  /* somebody types the code */
    uint32_t code;  /* that it takes; 0: none */
    uint32_t known; /* to who lives there */
    bool armed;
    bool powered;
    bool unsaid; /* it was armed or disarmed since the last report was written */
} alarm_panel_state;

DEV_ASSERT_OFF_BUDGET(alarm_panel_state);

enum { CODES };

static const dev_people_habit comings = {.pause_h = 4, .morning_h = 7, .night_h = 23};

static void alarm_panel_init(void *state, sim_stream *draw, sim_stream people) {
    alarm_panel_state *a = state;
    (void)draw;
    *a = (alarm_panel_state){.people = people};
    a->code = a->known = 1 + (uint32_t)sim_stream_below(&a->people, 999999);
    a->next = dev_people_next(&comings, &a->people, 0);
}

static void take_code(dev_step *s) {
    alarm_panel_state *a = s->device->own;
    if (a->code != a->known) return;
    a->armed = !a->armed;
    a->unsaid = true;
    dev_model_count(s, CODES);
}

static sim_time alarm_panel_local(dev_step *s) {
    alarm_panel_state *a = s->device->own;
    for (; a->next <= s->now; a->next = dev_people_next(&comings, &a->people, a->next))
        if (a->powered && dev_household_acts(s)) take_code(s);
    a->powered = s->device->state != DEV_STATE_OFF;
    if (!a->powered) return SIM_NEVER;
    bool waits = a->unsaid && !dev_report_now(s) && dev_device_is_online(s->device);
    return waits ? sim_time_min(a->next, sim_time_add(s->now, SIM_SECOND)) : a->next;
}

static void alarm_panel_measure(dev_step *s, net_senml_pack *pack) {
    alarm_panel_state *a = s->device->own;
    a->unsaid = false;
    pack->records[0] = (net_senml_record){.name = "armed", .is_boolean = true, .boolean = a->armed};
    pack->count = 1;
}

static double alarm_panel_wants(void *state) {
    return ((const alarm_panel_state *)state)->armed ? 0 : 1;
}

static double alarm_panel_shows(const void *state) {
    return ((const alarm_panel_state *)state)->armed ? 1 : 0;
}

static void alarm_panel_type(dev_step *s) {
    take_code(s);
    s->device->local_due = alarm_panel_local(s);
}

static void alarm_panel_paired(void *state) {
    alarm_panel_state *a = state;
    a->code = a->known;
}

static const dev_deed alarm_panel_deed = {
    .what = "the code at its keypad",
    .expected = "it is armed or disarmed",
    .deadline = 2 * SIM_SECOND,
    .fastest = 100 * SIM_MILLISECOND,
    .slowest = 500 * SIM_MILLISECOND,
    .wants = alarm_panel_wants,
    .act = alarm_panel_type,
    .shows = alarm_panel_shows,
};

static const dev_reading alarm_panel_readings[] = {
    {"armed", "", 3306, "alarm_control_panel", "whether it is"}, {0}};

static const dev_keep alarm_panel_keeps[] = {
    {DEV_DATA_ACTUATOR, "whether it is armed", DEV_KEPT(alarm_panel_state, armed)},
    {DEV_DATA_USERS, "the code", DEV_KEPT(alarm_panel_state, code)},
    {0}};

static const dev_sheet alarm_panel_sheet = {
    .local = "a right code arms and disarms it, and its siren sounds",
    .senses = "its zones and its keypad",
    .returns = DEV_RETURN_AS_BEFORE,
    .readings = alarm_panel_readings,
    .keeps = alarm_panel_keeps,
    .deed = &alarm_panel_deed,
    .seals = true,
};

const dev_model dev_alarm_panel = {
    .name = "alarm-panel",
    .title = "guards a home for who knows the code, and tells when it is armed (mains)",
    .device_class = "-",
    .energy = "E9",
    .sheet = &alarm_panel_sheet,
    .life = &dev_life_always_on,
    .state_size = sizeof(alarm_panel_state),
    .updates = true,
    .report_every = SIM_MINUTE,
    .init = alarm_panel_init,
    .local = alarm_panel_local,
    .measure = alarm_panel_measure,
    .paired = alarm_panel_paired,
    .counters = {[CODES] = "alarm_codes"},
};
