/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/probe.h"

#include <math.h>

#include "devices/connection.h"
#include "devices/household.h"
#include "devices/shared_value.h"

/* People do not come like clockwork, and nobody twice in a second. */
static sim_time next_hand(dev_probe *p, const dev_profile *profile, sim_time now) {
    double mean_s = sim_time_seconds(profile->probe_every);
    double pause_s = -mean_s * log(1 - sim_stream_unit(&p->stream));
    return sim_time_add(now, SIM_SECOND + sim_time_from_seconds(pause_s));
}

static const dev_deed *deed_of(const dev_step *s) {
    return s->device->profile->model->sheet->deed;
}

void dev_probe_init(dev_probe *p, sim_stream stream) {
    *p = (dev_probe){.stream = stream, .due = SIM_NEVER, .asked = SIM_NEVER, .acts = SIM_NEVER};
}

void dev_probe_begin(dev_step *s, dev_probe *p) {
    if (deed_of(s) != NULL) p->due = next_hand(p, s->device->profile, s->now);
}

sim_time dev_probe_deadline(const dev_probe *p, const dev_model *m) {
    if (p->asked == SIM_NEVER) return p->due;
    return sim_time_min(p->acts, p->asked + m->sheet->deed->deadline);
}

static bool is_able(const dev_device *d) {
    return d->state != DEV_STATE_OFF && d->state != DEV_STATE_BOOTING;
}

static void act_soon(dev_step *s, dev_probe *p) {
    const dev_deed *deed = deed_of(s);
    p->acts = s->now + sim_stream_between(&p->stream, deed->fastest, deed->slowest);
}

/* Who asks for leave gets it, or not: there is no second question. */
static void ask_for_leave(dev_step *s) {
    if (!dev_device_is_online(s->device)) return;
    dev_connection_ask(s, DEV_TAG_LEAVE,
                       (net_ask){.kind = NET_ASK_READ, .topic = DEV_SHARED_VALUE_PATH});
}

static void ask(dev_step *s, dev_probe *p) {
    if (s->device->household->given_away) return;
    const dev_deed *deed = deed_of(s);
    double wants = is_able(s->device) ? deed->wants(s->device->own) : 0;
    if (!is_able(s->device)) dev_household_note(s, DEV_NOTE_UNABLE, 1);
    if (!is_able(s->device) || isnan(wants)) return;
    p->asked = s->now;
    p->acts = SIM_NEVER;
    p->wants = wants;
    if (s->device->profile->variant == DEV_VARIANT_ASKS_LEAVE)
        ask_for_leave(s);
    else if (dev_household_acts(s))
        act_soon(s, p);
}

static bool is_answered(const dev_step *s, const dev_probe *p) {
    double off = deed_of(s)->shows(s->device->own) - p->wants;
    return fabs(off) < 1e-6;
}

static void answer(dev_step *s, dev_probe *p, dev_note note) {
    dev_household_note(s, note, 1);
    if (note != DEV_NOTE_UNABLE && dev_household_other(s) == DEV_OTHER_GONE) {
        s->counts->other_asked++;
        s->counts->other_right += note == DEV_NOTE_RIGHT ? 1 : 0;
    }
    if (note == DEV_NOTE_RIGHT) dev_household_took(s, s->now - p->asked);
    p->asked = p->acts = SIM_NEVER;
}

static void act(dev_step *s, dev_probe *p) {
    p->acts = SIM_NEVER;
    deed_of(s)->act(s);
    answer(s, p, is_answered(s, p) ? DEV_NOTE_RIGHT : DEV_NOTE_WRONG);
}

void dev_probe_wake(dev_step *s, dev_probe *p) {
    if (p->acts <= s->now) act(s, p);
    if (p->asked != SIM_NEVER && s->now >= p->asked + deed_of(s)->deadline)
        answer(s, p, is_answered(s, p) ? DEV_NOTE_RIGHT : DEV_NOTE_LATE);
    if (p->due > s->now || p->asked != SIM_NEVER) return;
    ask(s, p);
    p->due = next_hand(p, s->device->profile, s->now);
}

void dev_probe_leave(dev_step *s, dev_probe *p) {
    if (p->asked != SIM_NEVER) act_soon(s, p);
}

void dev_probe_power_off(dev_step *s, dev_probe *p) {
    if (p->asked != SIM_NEVER) answer(s, p, DEV_NOTE_UNABLE);
}
