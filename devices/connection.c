/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "devices/connection.h"

#include "devices/update.h"
#include "devices/vitals.h"

/* The owner that a channel knows is its device; the verb that runs is in device->step. A channel
 * that was closed within this very verb may go on talking until the verb is over: nobody listens.
 */
static dev_step *listener(void *owner) {
    dev_device *d = owner;
    SIM_PROMISE(d->step != NULL);
    return d->channel != NULL ? d->step : NULL;
}

static void raise_event(dev_step *s, dev_event event, dev_cause cause) {
    s->cause = cause;
    dev_model_step(s, event);
    s->cause = (dev_cause){0};
}

static dev_event event_of(const net_coap_response *response) {
    unsigned class = response->code >> 5;
    if (response->code == NET_COAP_SERVICE_UNAVAILABLE) return DEV_EVENT_BUSY;
    if (response->code == NET_COAP_PRECONDITION_FAILED && response->tag == DEV_TAG_CHANGE)
        return DEV_EVENT_CONFLICT;
    if (class != 2) return DEV_EVENT_REFUSED;
    switch (response->tag) {
        case DEV_TAG_REGISTRATION:
            return DEV_EVENT_ACCEPTED;
        case DEV_TAG_REPORT:
            return DEV_EVENT_REPORT_TAKEN;
        case DEV_TAG_VALUE:
            return DEV_EVENT_VALUE_READ;
        case DEV_TAG_CHANGE:
            return DEV_EVENT_VALUE_CHANGED;
        default:
            return DEV_EVENT_SET_POINT;
    }
}

static void on_send(void *owner, const uint8_t *datagram, size_t n) {
    dev_step *s = listener(owner);
    if (s == NULL) return;
    if (s->device->vitals != NULL) dev_vitals_datagram(s->device->vitals, true, n);
    s->world->transmit(s->world->context, s->device, datagram, n);
}

static void on_ready(void *owner) {
    dev_step *s = listener(owner);
    if (s != NULL) raise_event(s, DEV_EVENT_SECURED, (dev_cause){0});
}

static void on_answered(void *owner, const net_coap_response *response) {
    dev_step *s = listener(owner);
    if (s == NULL) return;
    net_coap_response heard = *response;
    uint32_t offered = s->device->update != NULL ? dev_update_take_notice(&heard) : 0;
    dev_event event = event_of(&heard);
    bool of_update = heard.tag == DEV_TAG_MANIFEST || heard.tag == DEV_TAG_BLOCK;
    if (!of_update || event == DEV_EVENT_BUSY)
        raise_event(s, event, (dev_cause){.response = &heard, .tag = heard.tag});
    if (s->device->update != NULL) dev_update_answered(s, &heard, offered);
}

static void on_failed(void *owner, uint32_t tag, int error) {
    dev_step *s = listener(owner);
    if (s != NULL) raise_event(s, DEV_EVENT_UNANSWERED, (dev_cause){.tag = tag, .error = error});
}

static void on_ended(void *owner, net_secure_end why) {
    dev_step *s = listener(owner);
    if (s != NULL) raise_event(s, DEV_EVENT_SESSION_ENDED, (dev_cause){.why = why});
}

static const net_channel_calls connection_calls = {.send = on_send,
                                                   .ready = on_ready,
                                                   .answered = on_answered,
                                                   .failed = on_failed,
                                                   .ended = on_ended};

void dev_connection_open(dev_step *s) {
    dev_device *d = s->device;
    const dev_world *w = s->world;
    char identity[NET_SECURE_IDENTITY_MAX];
    uint8_t key[NET_SECURE_KEY_MAX];
    SIM_PROMISE(d->channel == NULL);
    d->connection++;
    w->connecting(w->context, d);
    net_channel_credentials credentials = {
        .identity = identity, .key = key, .key_size = w->credentials(w->context, d, identity, key)};
    d->channel =
        net_channel_new(w->kernel, w->secure, &credentials, s->now,
                        w->system_randomness ? NULL : &d->library_stream, &connection_calls, d);
    if (d->channel == NULL) {
        raise_event(s, DEV_EVENT_UNANSWERED, (dev_cause){.error = SIM_ENOMEM});
    } else {
        net_channel_start(d->channel, s->now);
    }
}

void dev_connection_close(dev_step *s) {
    dev_device *d = s->device;
    if (d->channel == NULL) return;
    SIM_PROMISE(s->dead == NULL); /* a verb opens at most one, before it closes any */
    s->dead = d->channel;
    d->channel = NULL;
}

void dev_connection_request(dev_step *s, enum dev_tag tag, net_coap_request request) {
    request.tag = tag;
    int error = net_channel_request(s->device->channel, s->now, &request);
    if (error != 0) raise_event(s, DEV_EVENT_UNANSWERED, (dev_cause){.tag = tag, .error = error});
}

void dev_connection_settle(dev_step *s) {
    dev_device *d = s->device;
    net_channel_free(s->dead);
    s->dead = NULL;
    d->channel_due = d->channel != NULL ? net_channel_deadline(d->channel) : SIM_NEVER;
}
