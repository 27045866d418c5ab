/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/actions.h"

#include <ctype.h>
#include <string.h>

#include "devices/anomaly.h"
#include "devices/connection.h"
#include "devices/household.h"
#include "devices/shared_value.h"
#include "devices/update.h"
#include "net/place.h"
#include "sim/core/units.h"

enum {
    TEXT_MAX = NET_IDENTITY_MAX + 8, /* "s/" and an identity */
    /* a base name of at most 108 bytes and 20 records of 45 */
    REPORT_BYTES_MAX = NET_BODY_MAX
};

/* Writes `text`, as much of it as there is room for before `end`, and a zero; returns where that
 * is. Each report has some of these, and a printf costs ten times as much. */
static char *append(char *at, const char *end, const char *text) {
    size_t n = strnlen(text, (size_t)(end - at) - 1);
    memcpy(at, text, n);
    at[n] = 0;
    return at + n;
}

/* Writes prefix and identity to text[TEXT_MAX]; returns `text`. */
static char *with_identity(dev_step *s, const char *prefix, char *text) {
    net_credentials who = {0};
    s->world->credentials(s->world->context, s->device, &who);
    (void)append(append(text, text + TEXT_MAX, prefix), text + TEXT_MAX, who.identity);
    return text;
}

/* ---- power ---- */

void dev_act_boot(dev_step *s) {
    dev_device *d = s->device;
    const dev_profile *p = d->profile;
    if (d->vitals != NULL) dev_vitals_power(d->vitals, s->now, true);
    if (d->household != NULL) dev_household_boot(s);
    d->local_due = p->model->local(s);
    d->step_due =
        sim_time_add(s->now, sim_stream_between(&d->stream, p->boot_minimum, p->boot_maximum));
    if (d->update != NULL && !dev_update_can_boot(d->update)) d->step_due = SIM_NEVER;
}

static sim_time first_report(dev_device *d, sim_time now) {
    sim_time every = d->report_every;
    if (every <= 0 || every == SIM_NEVER) return SIM_NEVER;
    return sim_time_add(now, sim_stream_between(&d->stream, 0, every - 1));
}

void dev_act_booted(dev_step *s) {
    if (s->device->commissioned) s->device->report_due = first_report(s->device, s->now);
    dev_law_boot(&s->device->profile->law, &s->device->law_stream, s->device->index, s->now);
    if (s->device->update != NULL) dev_update_booted(s);
    bool up = s->world->link_is_up(s->world->context, s->device);
    if (up && dev_household_has_network(s->device)) dev_model_step(s, DEV_EVENT_LINK_UP);
}

/* A report that is out ends with its connection. */
static void close_connection(dev_step *s, int error) {
    dev_device *d = s->device;
    dev_connection_close(s);
    if (d->update != NULL) dev_update_offline(s);
    if (d->household != NULL) dev_household_offline(s);
    if (d->report_sent_due == SIM_NEVER) return;
    const net_answer none = {.tag = DEV_TAG_REPORT, .kind = NET_UNANSWERED, .error = error};
    s->world->reported(s->world->context, d, d->report_sent_due, &none);
    d->report_sent_due = SIM_NEVER;
}

static void tell_attempt_failed(dev_step *s) {
    s->world->attempt_failed(s->world->context, s->device, s->event, s->cause.why, s->cause.answer);
}

/* ---- the way to the cloud ---- */

void dev_act_await(dev_step *s) {
    dev_device *d = s->device;
    sim_time pause = dev_law_next(&d->profile->law, &d->law_state, &d->law_stream);
    if (d->household != NULL)
        pause = sim_time_add(pause, dev_household_clings(d->household, d->profile));
    d->step_due =
        dev_law_due(&d->profile->law, sim_time_add(sim_time_max(s->now, d->quiet_until), pause));
}

void dev_act_postpone(dev_step *s) {
    dev_law_take_back(&s->device->law_state);
    s->device->step_due = SIM_NEVER;
}

void dev_act_connect(dev_step *s) {
    dev_device *d = s->device;
    d->attempts++;
    d->step_due = sim_time_add(s->now, d->profile->connect_limit);
    dev_connection_open(s);
}

void dev_act_register(dev_step *s) {
    const dev_profile *p = s->device->profile;
    char name[TEXT_MAX];
    if (p->link.register_topic == NULL) {
        dev_model_step(s, DEV_EVENT_ACCEPTED);
        return;
    }
    dev_connection_ask(s, DEV_TAG_REGISTRATION,
                       (net_ask){.kind = NET_ASK_REGISTER,
                                 .topic = p->link.register_topic,
                                 .name = with_identity(s, "", name)});
}

/* Its set-point alone, or all commands where it understands more than that. */
static void follow(dev_step *s) {
    char topic[TEXT_MAX];
    const char *channel = s->device->update != NULL ? "c/" : "s/";
    s->device->follow_due = false;
    dev_connection_ask(
        s, DEV_TAG_FOLLOW,
        (net_ask){.kind = NET_ASK_FOLLOW, .topic = with_identity(s, channel, topic)});
}

void dev_act_online(dev_step *s) {
    dev_device *d = s->device;
    const dev_profile *p = d->profile;
    d->step_due = SIM_NEVER;
    dev_law_online(&p->law, &d->law_state, s->now);
    if (!d->commissioned) d->report_due = first_report(d, s->now);
    d->commissioned = true;
    if (p->follows && p->link.register_topic != NULL) follow(s);
    if (d->update != NULL) dev_update_online(s);
}

static void note_hold(dev_step *s) {
    if (s->event != DEV_EVENT_BUSY) return;
    s->device->quiet_until = sim_time_add(s->now, s->cause.answer->hold);
}

static void end_attempt(dev_step *s) {
    tell_attempt_failed(s);
    note_hold(s);
    close_connection(s, s->cause.error);
    s->device->step_due = SIM_NEVER;
}

void dev_act_attempt_failed(dev_step *s) {
    end_attempt(s);
    dev_act_await(s);
}

void dev_act_attempt_cut(dev_step *s) {
    end_attempt(s);
}

/* ---- online ---- */

static void skip(dev_step *s, dev_skip why) {
    s->counts->reports_skipped++;
    s->world->skipped(s->world->context, s->device, s->due, why);
}

/* It has no session, or it is about to find out. */
void dev_act_skip_report(dev_step *s) {
    skip(s, s->world->link_is_up(s->world->context, s->device) ? DEV_SKIP_OFFLINE : DEV_SKIP_CUT);
}

/* RFC 9039, subtype ops: organisation (32473 is the number for examples, RFC 5612), product and
 * serial number; "_" before the part of the device. */
static void base_name(dev_step *s, char *out) {
    char identity[TEXT_MAX];
    with_identity(s, "", identity);
    for (char *c = identity; *c != 0; c++) {
        if (!isalnum((unsigned char)*c) && *c != '-') *c = '.';
    }
    const char *const parts[] = {"urn:dev:ops:32473-", s->device->profile->model->name, "-",
                                 identity, "_"};
    const char *end = out + NET_SENML_NAME_MAX;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) out = append(out, end, parts[i]);
}

/* Its main reading is the first record of its model. */
static void add_vitals(dev_step *s, net_senml_pack *pack) {
    dev_vitals *v = s->device->vitals;
    if (v == NULL) return;
    pack->records[0].value = dev_anomaly_reading(v, s->now, pack->records[0].value);
    dev_vitals_tell(v, s->now, true, pack);
}

/* Where this device reports to; most report to the same place. */
static const char *own_place(dev_step *s, const char *of_all, char text[NET_PLACE_MAX]) {
    char identity[TEXT_MAX];
    if (!net_place_is_template(of_all)) return of_all;
    int error =
        net_place_of(of_all, with_identity(s, "", identity), s->device->profile->model->name, text);
    SIM_PROMISE(error == 0); /* NET_PLACE_MAX holds a template with the longest names */
    return text;
}

static void send_report(dev_step *s) {
    const dev_profile *p = s->device->profile;
    net_senml_pack pack = {0};
    uint8_t payload[REPORT_BYTES_MAX];
    char place[NET_PLACE_MAX];
    size_t size = 0;
    base_name(s, pack.base_name);
    if (s->device->household != NULL)
        dev_household_measure(s, &pack);
    else
        dev_model_measure(s, &pack);
    add_vitals(s, &pack);
    if (s->device->update != NULL) dev_update_tell(s->device->update, &pack);
    SIM_PROMISE(net_senml_write(&pack, payload, sizeof payload, &size) == 0);
    const char *topic = own_place(s, p->link.report_topic, place);
    net_credentials who = {0};
    if (p->link.backend != NULL) s->world->credentials(s->world->context, s->device, &who);
    s->counts->reports_sent++;
    s->device->report_sent_due = s->due;
    dev_connection_ask(s, DEV_TAG_REPORT,
                       (net_ask){.kind = NET_ASK_REPORT,
                                 .topic = topic,
                                 .who = p->link.backend != NULL ? &who : NULL,
                                 .format = NET_FORMAT_SENML_CBOR,
                                 .body = payload,
                                 .size = size});
}

/* What it has left in its capacitors is enough for one report, and not for its answer. */
static void gasp(dev_step *s) {
    dev_device *d = s->device;
    if (d->link == NULL || d->report_sent_due != SIM_NEVER) return;
    s->due = s->now;
    s->counts->reports_due++;
    dev_household_note(s, DEV_NOTE_GASPED, 1);
    send_report(s);
}

void dev_act_power_off(dev_step *s) {
    dev_device *d = s->device;
    if (s->from == DEV_STATE_CONNECTING) tell_attempt_failed(s);
    if (s->from == DEV_STATE_ONLINE && d->profile->gasps) gasp(s);
    close_connection(s, SIM_ECLOSED);
    if (d->vitals != NULL) dev_vitals_power(d->vitals, s->now, false);
    if (d->update != NULL) dev_update_power_off(s);
    if (d->household != NULL) dev_household_power_off(s);
    d->step_due = SIM_NEVER;
    d->report_due = SIM_NEVER;
    d->quiet_until = 0;
    d->attempts = 0;
    dev_law_begin(&d->law_state);
    d->local_due = d->profile->model->local(s);
}

void dev_act_report(dev_step *s) {
    dev_device *d = s->device;
    bool silent = d->vitals != NULL && dev_anomaly_silences(d->vitals, s->now);
    bool waits = d->report_sent_due != SIM_NEVER;
    if (silent || waits || s->now < d->quiet_until) {
        skip(s, silent ? DEV_SKIP_CUT : waits ? DEV_SKIP_WAITING : DEV_SKIP_HELD);
        return;
    }
    if (d->follow_due) follow(s);
    /* That may have found the connection broken. */
    if (d->state == DEV_STATE_ONLINE) {
        send_report(s);
    } else {
        dev_act_skip_report(s);
    }
}

/* The report that is out was answered, whatever with. */
static void tell_answered(dev_step *s) {
    dev_device *d = s->device;
    if (s->cause.tag != DEV_TAG_REPORT || d->report_sent_due == SIM_NEVER) return;
    s->world->reported(s->world->context, d, d->report_sent_due, s->cause.answer);
    d->report_sent_due = SIM_NEVER;
}

void dev_act_report_taken(dev_step *s) {
    if (s->device->household != NULL) dev_household_delivered(s);
    tell_answered(s);
}

void dev_act_hold(dev_step *s) {
    tell_answered(s);
    note_hold(s);
    if (s->cause.tag == DEV_TAG_FOLLOW) s->device->follow_due = true;
    if (s->cause.tag == DEV_TAG_VALUE || s->cause.tag == DEV_TAG_CHANGE) dev_shared_value_again(s);
}

/* The value as a number, "21.5". */
static bool read_number(const net_answer *told, double *out) {
    char text[16];
    if (told->format != NET_FORMAT_TEXT && told->format != NET_FORMAT_NONE) return false;
    if (told->size >= sizeof text) return false;
    if (told->size > 0) memcpy(text, told->body, told->size);
    text[told->size] = 0;
    return strlen(text) == told->size && sim_units_number(text, out) == 0;
}

/* What a device follows is its set-point: there is no other topic yet. */
void dev_act_told(dev_step *s) {
    const dev_model *m = s->device->profile->model;
    double value;
    bool taken =
        m->told != NULL && read_number(s->cause.answer, &value) && m->told(s, "set-point", value);
    if (!taken) s->counts->told_ignored++;
}

bool dev_report_now(dev_step *s) {
    dev_device *d = s->device;
    if (d->household != NULL && !dev_device_is_online(d)) dev_household_sense_change(s);
    if (!dev_device_is_online(d) || d->report_sent_due != SIM_NEVER || s->now < d->quiet_until)
        return false;
    d->report_due = s->now;
    return true;
}

/* A report of a device that had registered and is not known: the cloud has lost the registration.
 * Any other refusal is the report's own. */
void dev_act_refused(dev_step *s) {
    bool unknown = s->cause.answer->unknown;
    tell_answered(s);
    if (s->cause.tag != DEV_TAG_REPORT || s->device->profile->link.register_topic == NULL) return;
    if (unknown) dev_model_step(s, DEV_EVENT_SESSION_ENDED);
}

void dev_act_session_lost(dev_step *s) {
    const dev_world *w = s->world;
    if (s->event == DEV_EVENT_SESSION_ENDED && w->session_ended != NULL)
        w->session_ended(w->context, s->device, s->cause.why);
    close_connection(s, s->event == DEV_EVENT_UNANSWERED ? s->cause.error : SIM_ECLOSED);
    dev_law_lost(&s->device->profile->law, &s->device->law_state, s->now);
    dev_act_await(s);
}

void dev_act_session_cut(dev_step *s) {
    close_connection(s, SIM_EUNREACHABLE);
    s->device->step_due = SIM_NEVER; /* of a change that was under way */
    dev_law_lost(&s->device->profile->law, &s->device->law_state, s->now);
}
