/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The smart lock: class C2, on a battery that is replaced when it is empty (E1), its radio off
 * between two reports. A code at its keypad unbolts the door, network or not; half a minute later
 * the bolt is back. It reports where the bolt is on each movement, and how many wrong codes there
 * were. Bolt, codes and log are in flash: a lock without power stays as it is.
 *
 * Who lives there comes home some times a day, and mistypes the code now and then. */
#include <math.h>

#include "devices/actions.h"
#include "devices/household.h"
#include "devices/life.h"
#include "devices/people.h"

typedef struct smart_lock_state {
    sim_stream people;
    sim_time next;   /* somebody at the door */
    sim_time relock; /* SIM_NEVER: the bolt is where it belongs */
    uint32_t wrong;  /* codes since it was made */
    uint32_t code;   /* that opens it; NO_CODE: none does */
    uint32_t known;  /* to who lives there */
    bool powered;
    bool unsaid; /* the bolt moved since the last report was written */
} smart_lock_state;

DEV_ASSERT_OFF_BUDGET(smart_lock_state);

enum { OPENINGS, LOCKED_OUT };
enum { NO_CODE = 0 };

#define RELOCK (30 * SIM_SECOND)
static const dev_people_habit comings = {.pause_h = 5, .morning_h = 6, .night_h = 24};
static const uint64_t mistypes_one_in = 20;

static void smart_lock_init(void *state, sim_stream *draw, sim_stream people) {
    smart_lock_state *k = state;
    (void)draw;
    *k = (smart_lock_state){.people = people, .relock = SIM_NEVER};
    k->code = k->known = 1 + (uint32_t)sim_stream_below(&people, 999999);
    k->next = dev_people_next(&comings, &k->people, 0);
}

static void bolt(smart_lock_state *k, sim_time relock) {
    k->relock = relock;
    k->unsaid = true;
}

/* Somebody is at the keypad at `at`; the code is right in the end. */
static void enter_code(dev_step *s, sim_time at) {
    smart_lock_state *k = s->device->own;
    bool mistyped = sim_stream_below(&k->people, mistypes_one_in) == 0;
    bool opens = k->powered && k->code == k->known && dev_household_acts(s);
    dev_model_count(s, opens ? OPENINGS : LOCKED_OUT);
    if (!opens) return;
    if (mistyped) k->wrong++;
    bolt(k, sim_time_add(at, RELOCK));
}

static sim_time smart_lock_local(dev_step *s) {
    smart_lock_state *k = s->device->own;
    while (k->next <= s->now) {
        if (k->powered && k->relock <= k->next) bolt(k, SIM_NEVER);
        enter_code(s, k->next);
        k->next = dev_people_next(&comings, &k->people, k->next);
    }
    k->powered = s->device->state != DEV_STATE_OFF;
    if (!k->powered) return SIM_NEVER;
    if (k->relock <= s->now) bolt(k, SIM_NEVER);
    bool waits = k->unsaid && !dev_report_now(s) && dev_device_is_online(s->device);
    sim_time due = sim_time_min(k->next, k->relock);
    return waits ? sim_time_min(due, sim_time_add(s->now, SIM_SECOND)) : due;
}

static void smart_lock_measure(dev_step *s, net_senml_pack *pack) {
    smart_lock_state *k = s->device->own;
    k->unsaid = false;
    pack->records[0] =
        (net_senml_record){.name = "locked", .is_boolean = true, .boolean = k->relock == SIM_NEVER};
    pack->records[1] = (net_senml_record){.name = "wrong-codes", .value = k->wrong};
    pack->count = 2;
}

static const dev_reading smart_lock_readings[] = {
    {"locked", "", 3306, "lock", "whether the bolt is out"},
    {"wrong-codes", "", 3300, "sensor", "typed at its keypad, since it was made"},
    {0}};

static const dev_keep smart_lock_keeps[] = {
    {DEV_DATA_ACTUATOR, "where the bolt is", DEV_KEPT(smart_lock_state, relock)},
    {DEV_DATA_USERS, "the codes", DEV_KEPT(smart_lock_state, code)},
    {DEV_DATA_HISTORY, "wrong codes", DEV_KEPT(smart_lock_state, wrong)},
    {0}};

/* Behind a door that is open already nobody learns anything. */
static double smart_lock_wants(void *state) {
    return ((const smart_lock_state *)state)->relock == SIM_NEVER ? 1 : NAN;
}

static double smart_lock_shows(const void *state) {
    return ((const smart_lock_state *)state)->relock == SIM_NEVER ? 0 : 1;
}

static void smart_lock_type(dev_step *s) {
    smart_lock_state *k = s->device->own;
    if (k->code != k->known) return;
    bolt(k, sim_time_add(s->now, RELOCK));
    s->device->local_due = smart_lock_local(s);
}

static void smart_lock_paired(void *state) {
    smart_lock_state *k = state;
    k->code = k->known;
}

static const dev_deed smart_lock_deed = {
    .what = "the code at its keypad",
    .expected = "the door is unbolted",
    .deadline = 3 * SIM_SECOND,
    .fastest = 800 * SIM_MILLISECOND,
    .slowest = 1500 * SIM_MILLISECOND,
    .wants = smart_lock_wants,
    .act = smart_lock_type,
    .shows = smart_lock_shows,
};

static const dev_sheet smart_lock_sheet = {
    .local = "a right code unbolts the door, and half a minute later it is bolted again",
    .senses = "its keypad and its bolt",
    .returns = DEV_RETURN_AS_BEFORE,
    .readings = smart_lock_readings,
    .keeps = smart_lock_keeps,
    .deed = &smart_lock_deed,
    .seals = true,
};

const dev_model dev_smart_lock = {
    .name = "smart-lock",
    .title = "opens a door for who knows the code, and tells when it did (constrained, battery)",
    .device_class = "C2",
    .energy = "E1",
    .sheet = &smart_lock_sheet,
    .life = &dev_life_sleepy,
    .state_size = sizeof(smart_lock_state),
    .updates = true,
    .report_every = 12 * SIM_HOUR,
    .init = smart_lock_init,
    .local = smart_lock_local,
    .measure = smart_lock_measure,
    .paired = smart_lock_paired,
    .counters = {[OPENINGS] = "door_openings", [LOCKED_OUT] = "locked_out"},
};
