/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/device.h"

#include "devices/connection.h"
#include "devices/household.h"
#include "devices/life.h"
#include "devices/model.h"
#include "devices/shared_value.h"
#include "devices/update.h"
#include "devices/vitals.h"
#include "net/protocol.h"
#include "sim/core/error.h"
#include "sim/core/heap.h"

const char *dev_state_word(dev_state state) {
    static const char *const words[DEV_STATES] = {
#define STATE_WORD(name, word) [DEV_STATE_##name] = word,
        DEV_STATE_MAP(STATE_WORD)
#undef STATE_WORD
    };
    return state >= 0 && state < DEV_STATES ? words[state] : "?";
}

const char *dev_event_word(dev_event event) {
    static const char *const words[DEV_EVENTS] = {
#define EVENT_WORD(name, word) [DEV_EVENT_##name] = word,
        DEV_EVENT_MAP(EVENT_WORD)
#undef EVENT_WORD
    };
    return event >= 0 && event < DEV_EVENTS ? words[event] : "?";
}

const char *dev_profile_wrong(const dev_profile *p) {
    if (p->model == NULL) return "the device is of no known model";
    if (p->boot_minimum < 0 || p->boot_maximum == SIM_NEVER)
        return "the boot time is not a duration";
    if (p->boot_minimum > p->boot_maximum) return "the shortest boot time is above the longest";
    if (p->connect_limit <= 0) return "the time limit of an attempt is not above 0";
    if (p->report_every < 0) return "the report period is negative";
    if (p->link.protocol == NULL) return "the device speaks no known protocol";
    if (p->link.report_topic == NULL) return "there is no path to report to";
    if (p->link.protocol->opens_by_registering && p->link.register_topic == NULL)
        return "its protocol opens a session by registering, so register = false cannot be";
    if (p->check_every < 0) return "the period of its checks for updates is negative";
    if (p->updates && !p->model->updates) return "its model takes no updates";
    bool hears = p->check_every > 0 || (p->follows && p->link.register_topic != NULL);
    if (p->updates && !hears)
        return "it takes updates, but neither observes nor checks: it never hears of one";
    if (!p->household && (p->charge_j != 0 || p->charge_spent != 0 || p->gasps || p->durable))
        return "charge, last_gasp and queue are of devices with a household = true";
    if (!p->household && p->variant != DEV_VARIANT_SOUND)
        return "a device that is not as its model is needs a household = true to show it";
    const char *wrong = p->household ? dev_household_wrong(p) : NULL;
    if (wrong != NULL) return wrong;
    if (p->law.on_the > 0 && p->clock != 0)
        return "its law waits for a time of the clock, and its clock was never set: it needs "
               "another law, or clock = \"set\"";
    return dev_law_wrong(&p->law);
}

void dev_device_init(dev_device *d, uint32_t index, uint32_t home, const dev_profile *profile,
                     uint64_t seed, void *state) {
    *d = (dev_device){
        .index = index,
        .home = home,
        .state = DEV_STATE_OFF,
        .profile = profile,
        .report_every = profile->report_every,
        .own = state,
        .step_due = SIM_NEVER,
        .report_due = SIM_NEVER,
        .local_due = SIM_NEVER,
        .report_sent_due = SIM_NEVER,
        .link_due = SIM_NEVER,
        .stream = sim_stream_for(seed, SIM_PURPOSE_DEVICE, index),
        .law_stream = sim_stream_for(seed, SIM_PURPOSE_LAW, index),
        .library_stream = sim_stream_for(seed, SIM_PURPOSE_LIBRARY, index),
    };
    sim_timer_init(&d->alarm);
    profile->model->init(state, &d->stream, sim_stream_for(seed, SIM_PURPOSE_PEOPLE, index));
}

void dev_device_deinit(dev_device *d) {
    net_link_free(d->link);
    d->link = NULL;
    dev_vitals_free(d->vitals);
    d->vitals = NULL;
    sim_free(d->change_state);
    d->change_state = NULL;
    if (d->update != NULL) dev_update_deinit(d->update);
    if (d->household != NULL) dev_household_deinit(d->household);
}

sim_time dev_device_deadline(const dev_device *d) {
    sim_time due = sim_time_min(sim_time_min(d->step_due, d->link_due),
                                sim_time_min(d->report_due, d->local_due));
    if (d->household != NULL) due = sim_time_min(due, dev_household_deadline(d));
    return d->update == NULL ? due : sim_time_min(due, dev_update_deadline(d->update));
}

/* ---- verbs: begin, raise, settle, end ---- */

enum { DEADLINE_UNKNOWN = -1 };

static dev_step begin(dev_device *d, const dev_world *w, dev_counts *counts, sim_time now) {
    SIM_PROMISE(d->step == NULL);
    return (dev_step){.device = d, .world = w, .counts = counts, .now = now};
}

/* What the verb changed is kept, and what was closed is freed. */
static void settle(dev_step *s) {
    if (s->device->household != NULL) dev_household_settle(s);
    dev_connection_settle(s);
}

/* After settle. `told` is the deadline that the world knows of, or DEADLINE_UNKNOWN.
 */
static void end(dev_step *s, sim_time told) {
    dev_device *d = s->device;
    d->step = NULL;
    sim_time due = dev_device_deadline(d);
    if (due != told) s->world->wake_at(s->world->context, d, sim_time_max(due, s->now));
}

static void raise_one(dev_device *d, const dev_world *w, dev_counts *counts, sim_time now,
                      dev_event event) {
    sim_time told = dev_device_deadline(d);
    dev_step s = begin(d, w, counts, now);
    d->step = &s;
    dev_model_step(&s, event);
    settle(&s);
    end(&s, told);
}

void dev_device_power(dev_device *d, const dev_world *w, dev_counts *counts, sim_time now,
                      bool on) {
    if (on && dev_household_is_dead(d)) return;
    raise_one(d, w, counts, now, on ? DEV_EVENT_POWER_ON : DEV_EVENT_POWER_OFF);
}

/* Who has no network is told of none. */
void dev_device_link(dev_device *d, const dev_world *w, dev_counts *counts, sim_time now, bool up) {
    if (up && !dev_household_has_network(d)) return;
    raise_one(d, w, counts, now, up ? DEV_EVENT_LINK_UP : DEV_EVENT_LINK_DOWN);
}

/* `bytes` NULL: the socket reports an error instead. */
static void from_socket(dev_device *d, const dev_world *w, dev_counts *counts, sim_time now,
                        const uint8_t *bytes, size_t n) {
    /* late: the socket is closed; or its radio is off */
    if (d->link == NULL || d->state == DEV_STATE_ASLEEP) return;
    sim_time told = dev_device_deadline(d);
    dev_step s = begin(d, w, counts, now);
    d->step = &s;
    if (bytes != NULL) {
        if (d->vitals != NULL) dev_vitals_datagram(d->vitals, false, n);
        if (d->household != NULL) dev_charge_datagram(&d->household->charge, n);
        net_link_input(d->link, now, bytes, n);
    } else {
        net_link_refused(d->link, now);
    }
    settle(&s);
    end(&s, told);
}

void dev_device_input(dev_device *d, const dev_world *w, dev_counts *counts, sim_time now,
                      const uint8_t *bytes, size_t n) {
    from_socket(d, w, counts, now, bytes, n);
}

void dev_device_refused(dev_device *d, const dev_world *w, dev_counts *counts, sim_time now) {
    from_socket(d, w, counts, now, NULL, 0);
}

void dev_device_change(dev_device *d, const dev_world *w, dev_counts *counts, sim_time now) {
    sim_time told = dev_device_deadline(d);
    dev_step s = begin(d, w, counts, now);
    d->step = &s;
    dev_shared_value_step(&s, DEV_SHARED_WANTED, NULL);
    settle(&s);
    end(&s, told);
}

/* What is due already stays due. A period of none is one of a device that never reports. */
static sim_time rescaled(const dev_device *d, sim_time now, sim_time period) {
    if (d->report_due == SIM_NEVER || d->report_due <= now) return d->report_due;
    if (d->report_every <= 0 || d->report_every == SIM_NEVER) return d->report_due;
    double left = (double)(d->report_due - now) / (double)d->report_every;
    return sim_time_add(now, (sim_time)(left * (double)period));
}

void dev_device_report_every(dev_device *d, const dev_world *w, dev_counts *counts, sim_time now,
                             sim_time period) {
    sim_time told = dev_device_deadline(d);
    dev_step s = begin(d, w, counts, now);
    d->report_due = rescaled(d, now, period);
    d->report_every = period;
    end(&s, told);
}

void dev_device_handle(dev_device *d, const dev_world *w, dev_counts *counts, sim_time now,
                       dev_handling what) {
    sim_time told = dev_device_deadline(d);
    dev_step s = begin(d, w, counts, now);
    SIM_PROMISE(d->household != NULL);
    d->step = &s;
    dev_household_handle(&s, what);
    settle(&s);
    end(&s, told);
}

/* What it means that step_due has come. */
static dev_event step_event(const dev_device *d) {
    switch (d->state) {
        case DEV_STATE_BOOTING:
            return DEV_EVENT_BOOTED;
        case DEV_STATE_WAITING_FOR_ATTEMPT:
            return DEV_EVENT_ATTEMPT_DUE;
        case DEV_STATE_ONLINE:
            return DEV_EVENT_REST_DUE; /* of a life that sleeps, see wake_step */
        default:
            SIM_PROMISE(d->state == DEV_STATE_CONNECTING);
            return DEV_EVENT_CONNECT_TIMEOUT;
    }
}

static void wake_step(dev_step *s) {
    dev_device *d = s->device;
    if (d->step_due > s->now) return;
    d->step_due = SIM_NEVER;
    if (d->state == DEV_STATE_ONLINE && !d->profile->model->life->sleeps)
        dev_shared_value_step(s, DEV_SHARED_DUE, NULL);
    else
        dev_model_step(s, step_event(d));
}

static void wake_link(dev_step *s) {
    dev_device *d = s->device;
    if (d->link_due <= s->now && d->link != NULL) net_link_wake(d->link, s->now);
}

/* The report timer runs on whatever becomes of the report: latency counts from the intended time.
 */
static void wake_report(dev_step *s) {
    dev_device *d = s->device;
    if (d->report_due > s->now) return;
    s->due = d->report_due;
    d->report_due = sim_time_add(d->report_due, d->report_every);
    s->counts->reports_due++;
    if (d->household != NULL) dev_household_sense(s);
    dev_model_step(s, DEV_EVENT_REPORT_DUE);
}

void dev_device_wake(dev_device *d, const dev_world *w, dev_counts *counts, sim_time now) {
    dev_step s = begin(d, w, counts, now);
    d->step = &s;
    if (d->local_due <= now) d->local_due = d->profile->model->local(&s);
    wake_step(&s);
    wake_link(&s);
    if (d->household != NULL) dev_household_wake(&s);
    wake_report(&s);
    if (d->update != NULL) dev_update_wake(&s);
    settle(&s);
    SIM_PROMISE(d->link_due > now); /* or time would not pass */
    end(&s, DEADLINE_UNKNOWN);
}

#define ONE(name) +1
/* All that is not in a list of its own: whoever adds a member to the struct meets this line. */
static_assert(sizeof(dev_counts) ==
                  sizeof(uint64_t) * (0 DEV_COUNTS_MAP(ONE) + DEV_STATES * DEV_EVENTS +
                                      (DEV_MODELS + 1) * (0 DEV_LOCAL_MAP(ONE) + DEV_COUNTERS_MAX +
                                                          DEV_PHASES * (DEV_NOTES + 1))),
              "dev_counts_add adds every member");
#undef ONE

static void add_notes(dev_counts *into, const dev_counts *from, int model) {
    for (int p = 0; p < DEV_PHASES; p++) {
        into->took_us[model][p] += from->took_us[model][p];
        for (int n = 0; n < DEV_NOTES; n++) into->notes[model][p][n] += from->notes[model][p][n];
    }
}

void dev_counts_add(dev_counts *into, const dev_counts *from) {
#define ADD(name) into->name += from->name;
#define ADD_LOCAL(name) into->local[m].name += from->local[m].name;
    DEV_COUNTS_MAP(ADD)
    for (int m = 0; m <= DEV_MODELS; m++) {
        DEV_LOCAL_MAP(ADD_LOCAL)
        for (int c = 0; c < DEV_COUNTERS_MAX; c++) into->counters[m][c] += from->counters[m][c];
        add_notes(into, from, m);
    }
    for (int s = 0; s < DEV_STATES; s++) {
        for (int e = 0; e < DEV_EVENTS; e++) into->ignored[s][e] += from->ignored[s][e];
    }
#undef ADD
#undef ADD_LOCAL
}
