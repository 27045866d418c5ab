/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The speaker: unconstrained, on the mains. Alarms ring and its ring turns the volume, network or
 * not; what somebody asks it needs the cloud. It reports volume and how often it was woken. Volume
 * and alarms are in flash.
 *
 * It rings once a day, and somebody speaks to it now and then. */
#include <string.h>

#include "devices/actions.h"
#include "devices/household.h"
#include "devices/life.h"
#include "devices/people.h"

typedef struct speaker_state {
    sim_stream people;
    sim_time next;    /* somebody wakes it by a word */
    sim_time rings;   /* its alarm, each day */
    uint32_t woken;   /* since it was made */
    uint8_t alarm_m5; /* time of day, in steps of five minutes from four o'clock; flash */
    uint8_t volume;   /* 0 .. 100; flash */
    bool powered;
} speaker_state;

DEV_ASSERT_OFF_BUDGET(speaker_state);

enum { WOKEN, ALARMS };

static const dev_people_habit words = {.pause_h = 3, .morning_h = 7, .night_h = 23};

static sim_time next_alarm(const speaker_state *p, sim_time now) {
    sim_time at = now - now % SIM_DAY + 4 * SIM_HOUR + p->alarm_m5 * (5 * SIM_MINUTE);
    return at > now ? at : at + SIM_DAY;
}

static void speaker_init(void *state, sim_stream *draw, sim_stream people) {
    speaker_state *p = state;
    *p = (speaker_state){.people = people};
    p->volume = (uint8_t)(5 * (4 + sim_stream_below(draw, 10)));
    p->alarm_m5 = (uint8_t)(12 + sim_stream_below(draw, 36));
    p->next = dev_people_next(&words, &p->people, 0);
    p->rings = next_alarm(p, 0);
}

static sim_time speaker_local(dev_step *s) {
    speaker_state *p = s->device->own;
    for (; p->next <= s->now; p->next = dev_people_next(&words, &p->people, p->next)) {
        if (!p->powered) continue;
        p->woken++;
        dev_model_count(s, WOKEN);
    }
    for (; p->rings <= s->now; p->rings = next_alarm(p, p->rings))
        if (p->powered && dev_household_acts(s)) dev_model_count(s, ALARMS);
    p->powered = s->device->state != DEV_STATE_OFF;
    return p->powered ? sim_time_min(p->next, p->rings) : SIM_NEVER;
}

static void speaker_measure(dev_step *s, net_senml_pack *pack) {
    const speaker_state *p = s->device->own;
    pack->records[0] = (net_senml_record){.name = "volume", .unit = "%", .value = p->volume};
    pack->records[1] = (net_senml_record){.name = "woken", .value = p->woken};
    pack->count = 2;
}

static bool speaker_told(dev_step *s, const char *what, double value) {
    if (strcmp(what, "set-point") != 0 || !(value >= 0 && value <= 100)) return false;
    ((speaker_state *)s->device->own)->volume = (uint8_t)value;
    return true;
}

static double speaker_setting(const void *state, const char *what) {
    (void)what;
    return ((const speaker_state *)state)->volume;
}

static double speaker_shows(const void *state) {
    return ((const speaker_state *)state)->volume;
}

/* Five more, and from the loudest that anybody bears back to a whisper. */
static double speaker_wants(void *state) {
    double is = speaker_shows(state);
    return is < 70 ? is + 5 : 10;
}

static void speaker_turn(dev_step *s) {
    (void)speaker_told(s, "set-point", speaker_wants(s->device->own));
}

static const dev_deed speaker_deed = {
    .what = "a turn of its ring",
    .expected = "it is five percent louder",
    .deadline = SIM_SECOND,
    .fastest = 30 * SIM_MILLISECOND,
    .slowest = 150 * SIM_MILLISECOND,
    .wants = speaker_wants,
    .act = speaker_turn,
    .shows = speaker_shows,
};

static const dev_reading speaker_readings[] = {
    {"volume", "%", 3300, "number", "how loud it is"},
    {"woken", "", 3300, "sensor", "by a word, since it was made"},
    {0}};

static const dev_keep speaker_keeps[] = {
    {DEV_DATA_SETTINGS, "how loud it is", DEV_KEPT(speaker_state, volume)},
    {DEV_DATA_SETTINGS, "when its alarm rings", DEV_KEPT(speaker_state, alarm_m5)},
    {DEV_DATA_HISTORY, "how often it was woken", DEV_KEPT(speaker_state, woken)},
    {0}};

static const dev_sheet speaker_sheet = {
    .local = "alarms ring, and its ring turns the volume",
    .senses = "its microphone",
    .takes = "set-point: 0 to 100 how loud (%)",
    .returns = DEV_RETURN_AS_BEFORE,
    .readings = speaker_readings,
    .keeps = speaker_keeps,
    .deed = &speaker_deed,
};

const dev_model dev_speaker = {
    .name = "speaker",
    .title = "rings, plays and listens for a word, and tells how often it was woken (mains)",
    .device_class = "-",
    .energy = "E9",
    .sheet = &speaker_sheet,
    .life = &dev_life_always_on,
    .state_size = sizeof(speaker_state),
    .updates = true,
    .report_every = 5 * SIM_MINUTE,
    .init = speaker_init,
    .local = speaker_local,
    .measure = speaker_measure,
    .told = speaker_told,
    .setting = speaker_setting,
    .counters = {[WOKEN] = "speaker_woken", [ALARMS] = "speaker_alarms"},
};
