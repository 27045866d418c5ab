/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/connection.h"

#include <string.h>

#include "devices/household.h"
#include "devices/shared_value.h"
#include "devices/update.h"
#include "devices/vitals.h"

/* The owner that a link knows is its device; the verb that runs is in device->step. A link that
 * was closed within this very verb may go on talking until the verb is over: nobody listens.
 */
static dev_step *listener(void *owner) {
    dev_device *d = owner;
    SIM_PROMISE(d->step != NULL);
    return d->link != NULL ? d->step : NULL;
}

static void raise_event(dev_step *s, dev_event event, dev_cause cause) {
    s->cause = cause;
    dev_model_step(s, event);
    s->cause = (dev_cause){0};
}

static dev_event event_of(const net_answer *answer) {
    if (answer->kind == NET_BUSY) return DEV_EVENT_BUSY;
    if (answer->kind != NET_TAKEN) return DEV_EVENT_REFUSED;
    switch (answer->tag) {
        case DEV_TAG_REGISTRATION:
            return DEV_EVENT_ACCEPTED;
        case DEV_TAG_REPORT:
            return DEV_EVENT_REPORT_TAKEN;
        default:
            return DEV_EVENT_TOLD;
    }
}

/* The last words of a link that was closed within this very verb go out, too: an alert, a FIN. */
static void on_send(void *owner, const uint8_t *bytes, size_t n) {
    dev_step *s = ((dev_device *)owner)->step;
    SIM_PROMISE(s != NULL);
    if (s->device->link == NULL && s->dead == NULL) return;
    if (s->device->vitals != NULL) dev_vitals_datagram(s->device->vitals, true, n);
    if (s->device->household != NULL) dev_charge_datagram(&s->device->household->charge, n);
    s->world->transmit(s->world->context, s->device, bytes, n);
}

static void on_ready(void *owner) {
    dev_step *s = listener(owner);
    if (s != NULL) raise_event(s, DEV_EVENT_SECURED, (dev_cause){0});
}

static void raise_answer(dev_step *s, const net_answer *heard) {
    dev_event event = event_of(heard);
    bool of_update = heard->tag == DEV_TAG_MANIFEST || heard->tag == DEV_TAG_BLOCK;
    if (!of_update || event == DEV_EVENT_BUSY)
        raise_event(s, event, (dev_cause){.answer = heard, .tag = heard->tag});
}

static void on_answered(void *owner, const net_answer *answer) {
    dev_step *s = listener(owner);
    if (s == NULL) return;
    if (answer->kind == NET_UNANSWERED) {
        raise_event(s, DEV_EVENT_UNANSWERED,
                    (dev_cause){.answer = answer, .tag = answer->tag, .error = answer->error});
        return;
    }
    net_answer heard = *answer;
    uint32_t offered = s->device->update != NULL ? dev_update_take_notice(&heard) : 0;
    if (heard.tag == DEV_TAG_LEAVE && heard.kind != NET_BUSY)
        dev_household_leave(s);
    else if (!dev_shared_value_answered(s, &heard))
        raise_answer(s, &heard);
    if (s->device->update != NULL) dev_update_answered(s, &heard, offered);
}

static void on_ended(void *owner, net_end why) {
    dev_step *s = listener(owner);
    if (s != NULL) raise_event(s, DEV_EVENT_SESSION_ENDED, (dev_cause){.why = why});
}

static const net_link_calls connection_calls = {
    .send = on_send, .ready = on_ready, .answered = on_answered, .ended = on_ended};

/* NULL: it remembers nothing. */
static net_link_memory **memory_of(const dev_step *s) {
    const dev_world *w = s->world;
    if (w->memory == NULL || s->device->profile->memory == DEV_MEMORY_NONE) return NULL;
    return w->memory(w->context, s->device);
}

void dev_connection_open(dev_step *s) {
    dev_device *d = s->device;
    const dev_world *w = s->world;
    net_credentials who = {0};
    SIM_PROMISE(d->link == NULL);
    d->connection++;
    w->connecting(w->context, d);
    who.clock = d->profile->clock;
    w->credentials(w->context, d, &who);
    int error = w->certificate == NULL ? 0 : w->certificate(w->context, d, &who.certificate);
    const net_link_setup setup = {.settings = &d->profile->link,
                                  .kernel = w->kernel,
                                  .domain = w->security == NULL ? NULL : w->security(w->context, d),
                                  .stream = w->system_randomness ? NULL : &d->library_stream,
                                  .tcp = w->streams,
                                  .port = d->connection,
                                  .who = &who,
                                  .memory = memory_of(s)};
    d->link = error != 0 ? NULL : net_link_new(&setup, s->now, &connection_calls, d);
    explicit_bzero(who.key, sizeof who.key);
    if (d->link == NULL) {
        raise_event(s, DEV_EVENT_UNANSWERED, (dev_cause){.error = SIM_ENOMEM});
    } else {
        net_link_start(d->link, s->now);
    }
}

void dev_connection_close(dev_step *s) {
    dev_device *d = s->device;
    if (d->link == NULL) return;
    SIM_PROMISE(s->dead == NULL); /* a verb opens at most one, before it closes any */
    s->dead = d->link;
    d->link = NULL;
}

void dev_connection_ask(dev_step *s, enum dev_tag tag, net_ask ask) {
    ask.tag = tag;
    int error = net_link_ask(s->device->link, s->now, &ask);
    if (error != 0) raise_event(s, DEV_EVENT_UNANSWERED, (dev_cause){.tag = tag, .error = error});
}

void dev_connection_settle(dev_step *s) {
    dev_device *d = s->device;
    net_link_free(s->dead);
    s->dead = NULL;
    bool lost_power = d->state == DEV_STATE_OFF || d->state == DEV_STATE_BOOTING;
    net_link_memory **memory = lost_power ? memory_of(s) : NULL;
    if (memory != NULL && d->profile->memory == DEV_MEMORY_VOLATILE) net_link_forget(memory);
    d->link_due = d->link != NULL ? net_link_deadline(d->link) : SIM_NEVER;
}
