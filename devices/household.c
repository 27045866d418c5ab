/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/household.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "devices/actions.h"
#include "devices/keeping.h"
#include "net/vkernel.h"

/* So many steps of its flash at the most does one value take, or a reset: power goes in one of
 * them. */
enum { WRITE_STEPS = 6, RESET_STEPS = 24 };
#define CLINGS (3 * SIM_DAY)

/* ---- made and unmade ---- */

static bool keeps(const dev_model *m, dev_data data) {
    const dev_keep *k = m->sheet->keeps;
    while (k != NULL && k->what != NULL && k->data != data) k++;
    return k != NULL && k->what != NULL;
}

/* Who has nothing to spoil is no bad twin of anything. */
const char *dev_household_wrong(const dev_profile *p) {
    bool local = p->variant == DEV_VARIANT_CLOUD_DEPENDENT ||
                 p->variant == DEV_VARIANT_ASKS_LEAVE || p->variant == DEV_VARIANT_OTHER_DEPENDENT;
    if (p->probe_every <= 0) return "the time between two hands is not above 0";
    if (p->charge_j < 0) return "the charge of its battery is negative";
    if (p->charge_spent < 0 || p->charge_spent >= 1)
        return "what its battery has spent before is a share of its charge, and less than all";
    if (p->charge_spent > 0 && p->charge_j == 0)
        return "charge_spent is a share of its charge: say charge as well";
    if (p->charge_j > 0 && !p->battery)
        return "it has no battery whose charge could be spent: it is on the mains";
    if (p->gasps && p->battery)
        return "its power does not go, so that it has no last report to send: it is on a battery";
    if (local && p->model->sheet->deed == NULL)
        return "its model only measures: there is no local function that could go by a service";
    if (p->variant == DEV_VARIANT_FORGETS_USERS && !keeps(p->model, DEV_DATA_USERS))
        return "its model keeps no codes that it could forget";
    if (p->variant == DEV_VARIANT_FORGETS_SETTINGS && !keeps(p->model, DEV_DATA_SETTINGS))
        return "its model keeps no settings that it could forget";
    return NULL;
}

static sim_stream part_of(sim_stream *all) {
    return sim_stream_for(sim_stream_next(all), SIM_PURPOSE_HOUSEHOLD, 0);
}

static uint32_t queue_limit(const dev_model *m) {
    bool constrained = m->device_class[0] == 'C';
    return constrained ? DEV_HOUSEHOLD_QUEUE : 4 * DEV_HOUSEHOLD_QUEUE;
}

int dev_household_init(dev_household *h, dev_device *d, uint64_t seed) {
    sim_stream all = sim_stream_for(seed, SIM_PURPOSE_HOUSEHOLD, d->index);
    const dev_profile *p = d->profile;
    *h = (dev_household){.stage = DEV_STAGE_INITIALIZED,
                         .forward_due = SIM_NEVER,
                         .pair_due = SIM_NEVER,
                         .save_due = SIM_NEVER,
                         .sensed = NAN,
                         .stream = part_of(&all)};
    sim_stream_bytes(&h->stream, h->root, sizeof h->root);
    dev_flash_init(&h->flash, DEV_HOUSEHOLD_PAGES, part_of(&all));
    dev_store_init(&h->store, &h->flash, p->model->sheet->seals ? h->root : NULL, part_of(&all));
    h->store.without_journal = p->variant == DEV_VARIANT_NO_JOURNAL;
    dev_probe_init(&h->probe, part_of(&all));
    dev_backlog_init(&h->backlog, queue_limit(p->model));
    double spent = p->charge_spent > 0 ? p->charge_spent * sim_stream_unit(&all) : 0;
    dev_charge_init(&h->charge, (1 - spent) * p->charge_j);
    d->household = h;
    return dev_keeping_init(h, d);
}

void dev_household_deinit(dev_household *h) {
    dev_flash_deinit(&h->flash);
    dev_backlog_deinit(&h->backlog);
}

/* ---- what is counted ---- */

static bool link_is_up(const dev_step *s) {
    return s->world->link_is_up(s->world->context, s->device);
}

static dev_phase phase_of(const dev_step *s) {
    const dev_device *d = s->device;
    bool cut = d->commissioned && (!dev_device_is_online(d) || !link_is_up(s));
    if (cut) d->household->lost = true;
    return cut ? DEV_PHASE_DURING : d->household->lost ? DEV_PHASE_AFTER : DEV_PHASE_BEFORE;
}

void dev_household_note(dev_step *s, dev_note note, uint64_t times) {
    size_t model = dev_model_number(s->device->profile->model);
    s->counts->notes[model][phase_of(s)][note] += times;
}

void dev_household_took(dev_step *s, sim_time time) {
    size_t model = dev_model_number(s->device->profile->model);
    s->counts->took_us[model][phase_of(s)] += (uint64_t)time / 1000;
}

void dev_household_moved(dev_step *s, dev_state from, dev_state to) {
    dev_household *h = s->device->household;
    if (dev_state_is_online(to) && h->away) {
        h->away = false;
        dev_household_note(s, DEV_NOTE_RETURNED, 1);
    } else if (dev_state_is_online(from) && !dev_state_is_online(to)) {
        h->away = h->lost = true;
        dev_household_note(s, DEV_NOTE_LOST, 1);
    }
}

/* ---- what it is asked for by others ---- */

uint32_t dev_household_waiting(const dev_device *d) {
    return d->household == NULL ? 0 : d->household->backlog.count;
}

bool dev_household_has_network(const dev_device *d) {
    return d->household == NULL || d->household->stage == DEV_STAGE_INITIALIZED;
}

dev_other dev_household_other(const dev_step *s) {
    if (s->world->other == NULL) return DEV_OTHER_NONE;
    return s->world->other(s->world->context, s->device);
}

bool dev_household_acts(const dev_step *s) {
    const dev_device *d = s->device;
    bool needs_cloud = d->profile->variant == DEV_VARIANT_CLOUD_DEPENDENT ||
                       d->profile->variant == DEV_VARIANT_ASKS_LEAVE;
    if (d->profile->variant == DEV_VARIANT_OTHER_DEPENDENT)
        return dev_household_other(s) == DEV_OTHER_HERE;
    return !needs_cloud || (dev_device_is_online(d) && link_is_up(s));
}

void dev_household_charge(dev_household *h, const dev_profile *p, sim_time now) {
    dev_charge_init(&h->charge, p->charge_j);
    h->charge.since = now;
}

bool dev_household_is_dead(const dev_device *d) {
    return d->household != NULL && dev_charge_is_empty(&d->household->charge);
}

sim_time dev_household_clings(const dev_household *h, const dev_profile *p) {
    return p->variant == DEV_VARIANT_STALE_SESSION && h->away ? CLINGS : 0;
}

/* ---- the queue ---- */

/* What its main reading is just now. */
static net_senml_record main_reading(dev_step *s) {
    net_senml_pack now = {0};
    s->device->profile->model->measure(s, &now);
    return now.records[0];
}

static double number_of(const net_senml_record *r) {
    return r->is_boolean ? (r->boolean ? 1 : 0) : r->value;
}

/* Without memory a sample falls as one of a full queue does. */
static void queue_sample(dev_step *s, double value) {
    dev_household *h = s->device->household;
    uint32_t dropped = 0;
    h->sensed = value;
    dev_charge_sensed(&h->charge);
    dev_household_note(s, DEV_NOTE_SENSED, 1);
    if (s->device->profile->variant == DEV_VARIANT_DROPS_SAMPLES &&
        !dev_device_is_online(s->device))
        return;
    if (dev_backlog_push(&h->backlog, (dev_sample){s->now, value}, &dropped) != 0) dropped = 1;
    if (dropped > 0) dev_household_note(s, DEV_NOTE_DROPPED_FULL, dropped);
}

void dev_household_sense(dev_step *s) {
    dev_household *h = s->device->household;
    bool forwarding = h->forwarding;
    h->forwarding = false;
    if (forwarding || h->stage != DEV_STAGE_INITIALIZED) return;
    net_senml_record r = main_reading(s);
    h->boolean = r.is_boolean;
    queue_sample(s, number_of(&r));
}

/* The same again is no change. */
void dev_household_sense_change(dev_step *s) {
    const dev_device *d = s->device;
    dev_household *h = d->household;
    if (!d->commissioned || h->stage != DEV_STAGE_INITIALIZED) return;
    net_senml_record r = main_reading(s);
    h->boolean = r.is_boolean;
    if (number_of(&r) != h->sensed) queue_sample(s, number_of(&r));
}

static void add_sample(dev_step *s, net_senml_pack *pack, const dev_sample *sample) {
    const dev_reading *reading = &s->device->profile->model->sheet->readings[0];
    net_senml_record *r = &pack->records[pack->count++];
    *r = (net_senml_record){.value = sample->value,
                            .time_s = -sim_time_seconds(s->now - sample->at)};
    (void)snprintf(r->name, sizeof r->name, "%s", reading->name);
    (void)snprintf(r->unit, sizeof r->unit, "%s", reading->unit);
    r->is_boolean = s->device->household->boolean;
    r->boolean = r->is_boolean && sample->value != 0;
}

/* The sample of this very moment is said with all that the model measures. */
void dev_household_measure(dev_step *s, net_senml_pack *pack) {
    dev_household *h = s->device->household;
    uint32_t n = h->backlog.count;
    h->out = n < DEV_HOUSEHOLD_BATCH ? n : DEV_HOUSEHOLD_BATCH;
    bool now = n == 0 || (h->out == n && dev_backlog_at(&h->backlog, n - 1)->at == s->now);
    if (now) dev_model_measure(s, pack);
    uint32_t older = now && n > 0 ? h->out - 1 : h->out;
    for (uint32_t i = 0; i < older; i++) add_sample(s, pack, dev_backlog_at(&h->backlog, i));
    pack->base_time_s = (double)NET_VKERNEL_EPOCH_S + sim_time_seconds(s->now);
}

void dev_household_delivered(dev_step *s) {
    dev_household *h = s->device->household;
    dev_backlog_pop(&h->backlog, h->out);
    dev_household_note(s, DEV_NOTE_DELIVERED, h->out);
    h->out = 0;
    if (h->backlog.count > 0) h->forward_due = sim_time_add(s->now, DEV_HOUSEHOLD_PACE);
}

void dev_household_offline(dev_step *s) {
    dev_household *h = s->device->household;
    h->out = 0;
    h->forwarding = false;
    h->forward_due = SIM_NEVER;
}

/* Not while the cloud wants to be left alone; behind a report that is out it goes on anyway. */
static void forward(dev_step *s) {
    const dev_device *d = s->device;
    dev_household *h = d->household;
    h->forward_due = SIM_NEVER;
    if (h->backlog.count == 0) return;
    h->forwarding = dev_report_now(s);
    if (!h->forwarding && s->now < d->quiet_until)
        h->forward_due = sim_time_add(d->quiet_until, DEV_HOUSEHOLD_PACE);
}

static void drop_queue(dev_step *s, dev_note why) {
    dev_household *h = s->device->household;
    if (h->backlog.count > 0) dev_household_note(s, why, h->backlog.count);
    dev_backlog_pop(&h->backlog, h->backlog.count);
    h->sensed = NAN;
}

/* ---- power ---- */

void dev_household_power_off(dev_step *s) {
    dev_household *h = s->device->household;
    dev_probe_power_off(s, &h->probe);
    if (!s->device->profile->durable) drop_queue(s, DEV_NOTE_DROPPED_POWER);
    h->pair_due = h->save_due = SIM_NEVER;
}

/* What a reset leaves of the home in RAM: nothing. */
static void forget_home(dev_step *s) {
    dev_device *d = s->device;
    const dev_world *w = s->world;
    d->household->stage = DEV_STAGE_FACTORY;
    d->household->away = false;
    d->commissioned = false;
    if (w->memory != NULL) net_link_forget(w->memory(w->context, d));
}

/* Nobody waits for its session any more. */
static void release(dev_step *s) {
    dev_household *h = s->device->household;
    if (h->away) dev_household_note(s, DEV_NOTE_RELEASED, 1);
    h->away = false;
}

/* By its owner, with all that it was to do for him. */
static void give_away(dev_step *s) {
    dev_household *h = s->device->household;
    release(s);
    h->given_away = true;
    forget_home(s);
}

void dev_household_boot(dev_step *s) {
    dev_device *d = s->device;
    dev_household *h = d->household;
    bool was_paired = h->stage == DEV_STAGE_INITIALIZED, resetting = h->resetting;
    bool again = h->booted, forgets = again && d->profile->variant == DEV_VARIANT_WANTS_PAIRING;
    dev_note how = dev_keeping_boot(h, d);
    bool paired = dev_keeping_is_paired(h) && !forgets;
    bool help = was_paired && !paired && !resetting;
    if (!again) dev_probe_begin(s, &h->probe);
    h->booted = true;
    if (help && how == DEV_NOTE_RESTORED_SAME) how = DEV_NOTE_RESTORED_WORSE;
    if (again) dev_household_note(s, how, 1);
    if (help) dev_household_note(s, DEV_NOTE_HELP, 1);
    if (resetting && !paired && dev_keeping_is_empty(h, d->profile->model))
        dev_household_note(s, DEV_NOTE_RESET, 1);
    if (paired)
        h->stage = DEV_STAGE_INITIALIZED;
    else if (resetting)
        give_away(s);
    else
        forget_home(s);
}

/* ---- what somebody does to it ---- */

static void go_dark(dev_step *s) {
    dev_flash_cut_in(&s->device->household->flash, 0);
    if (s->device->state != DEV_STATE_OFF) dev_model_step(s, DEV_EVENT_POWER_OFF);
}

/* Its session ends without a word, as when its link went. */
static void leave_network(dev_step *s) {
    dev_state state = (dev_state)s->device->state;
    s->cause = (dev_cause){0};
    if (state == DEV_STATE_ASLEEP) dev_model_step(s, DEV_EVENT_SESSION_ENDED);
    if (s->device->state != DEV_STATE_WAITING_FOR_LINK && state != DEV_STATE_BOOTING)
        dev_model_step(s, DEV_EVENT_LINK_DOWN);
    s->device->report_due = SIM_NEVER;
}

static void reset(dev_step *s) {
    dev_device *d = s->device;
    dev_household *h = d->household;
    int error = dev_keeping_reset(h);
    if (error != 0) {
        h->resetting = true;
        go_dark(s);
        return;
    }
    drop_queue(s, DEV_NOTE_DROPPED_RESET);
    dev_keeping_forget(h, d);
    leave_network(s);
    give_away(s);
    if (dev_keeping_is_empty(h, d->profile->model)) dev_household_note(s, DEV_NOTE_RESET, 1);
}

static void cut_reset(dev_step *s) {
    dev_household *h = s->device->household;
    dev_flash_cut_in(&h->flash, (uint32_t)sim_stream_between(&h->stream, 1, RESET_STEPS));
    reset(s);
    go_dark(s);
}

/* Somebody tells it something, and the power goes while it is written. */
static void cut_write(dev_step *s) {
    dev_device *d = s->device;
    dev_household *h = d->household;
    const dev_deed *deed = d->profile->model->sheet->deed;
    if (deed != NULL && !isnan(deed->wants(d->own))) deed->act(s);
    dev_flash_cut_in(&h->flash, (uint32_t)sim_stream_between(&h->stream, 1, WRITE_STEPS));
    if (dev_keeping_save(h, d, s->now) != 0) dev_keeping_cut(h, d);
    go_dark(s);
}

static void pair(dev_step *s) {
    dev_household *h = s->device->household;
    if (h->stage != DEV_STAGE_FACTORY) return;
    h->stage = DEV_STAGE_INITIALIZING;
    h->pair_due = sim_time_add(s->now, DEV_HOUSEHOLD_PAIRING);
}

/* Network, owner and consent are there; then it goes and looks for its cloud. */
static void finish_pairing(dev_step *s) {
    dev_device *d = s->device;
    dev_household *h = d->household;
    h->pair_due = SIM_NEVER;
    h->stage = dev_keeping_pair(h) == 0 ? DEV_STAGE_INITIALIZED : DEV_STAGE_FACTORY;
    if (h->stage != DEV_STAGE_INITIALIZED) return;
    dev_household_note(s, DEV_NOTE_PAIRED, 1);
    h->given_away = false;
    if (d->profile->model->paired != NULL) d->profile->model->paired(d->own);
    if (d->state == DEV_STATE_WAITING_FOR_LINK && link_is_up(s))
        dev_model_step(s, DEV_EVENT_LINK_UP);
}

void dev_household_handle(dev_step *s, dev_handling what) {
    static void (*const handlings[])(dev_step *) = {[DEV_HANDLING_RESET] = reset,
                                                    [DEV_HANDLING_CUT_RESET] = cut_reset,
                                                    [DEV_HANDLING_PAIR] = pair,
                                                    [DEV_HANDLING_CUT_WRITE] = cut_write};
    if (s->device->state != DEV_STATE_OFF) handlings[what](s);
}

/* ---- time ---- */

sim_time dev_household_deadline(const dev_device *d) {
    const dev_household *h = d->household;
    sim_time due = sim_time_min(h->forward_due, sim_time_min(h->pair_due, h->save_due));
    return sim_time_min(due, dev_probe_deadline(&h->probe, d->profile->model));
}

void dev_household_wake(dev_step *s) {
    dev_household *h = s->device->household;
    if (h->pair_due <= s->now) finish_pairing(s);
    dev_probe_wake(s, &h->probe);
    if (h->forward_due <= s->now) forward(s);
}

void dev_household_leave(dev_step *s) {
    dev_probe_leave(s, &s->device->household->probe);
}

/* Until its next event it is what it is now. */
static bool dies(dev_step *s) {
    dev_household *h = s->device->household;
    dev_charge_state(&h->charge, (dev_state)s->device->state, s->now);
    return dev_charge_is_empty(&h->charge);
}

void dev_household_settle(dev_step *s) {
    dev_device *d = s->device;
    dev_household *h = d->household;
    bool dead = dies(s);
    if (d->state == DEV_STATE_OFF) return;
    if (dead) {
        dev_household_note(s, DEV_NOTE_DIED, 1);
        go_dark(s);
        release(s);
        return;
    }
    if (dev_keeping_save(h, d, s->now) != SIM_EIO) return;
    dev_keeping_cut(h, d);
    go_dark(s);
}
