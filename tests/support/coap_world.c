/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/coap_world.h"

#include <stdlib.h>
#include <string.h>

static void put_on_wire(world_device *d, bool to_server, const uint8_t *datagram, size_t n) {
    (void)test_wire_put(&d->world->wire, to_server, d->number, 0, datagram, n);
}

static void client_sends(void *owner, const uint8_t *datagram, size_t n) {
    put_on_wire(owner, true, datagram, n);
}

static void keep(world_device *d, const world_record *record) {
    if (d->record_count < WORLD_RECORDS) d->records[d->record_count] = *record;
    d->record_count++;
    sim_fingerprint_word(&d->world->wire.sent_all,
                         (uint64_t)record->tag << 32 | (uint32_t)record->error);
}

static void client_is_answered(void *owner, const net_coap_response *r) {
    world_device *d = owner;
    world_record record = {.at = d->world->wire.now,
                           .tag = r->tag,
                           .code = r->code,
                           .notification = r->notification,
                           .max_age_s = r->max_age_s,
                           .format = r->format,
                           .payload_size = r->payload_size};
    size_t n = r->payload_size < sizeof record.payload ? r->payload_size : sizeof record.payload;
    if (n > 0) memcpy(record.payload, r->payload, n);
    keep(d, &record);
}

static void client_fails(void *owner, uint32_t tag, int error) {
    world_device *d = owner;
    world_record record = {.at = d->world->wire.now, .tag = tag, .error = error};
    keep(d, &record);
}

static const net_coap_client_calls client_calls = {
    .send = client_sends, .answered = client_is_answered, .failed = client_fails};

static world_device *device_of(world *w, net_coap_peer peer) {
    for (uint32_t i = 0; i < w->device_count; i++) {
        if (w->devices[i].peer == peer) return &w->devices[i];
    }
    SIM_PROMISE(false && "a peer that was admitted");
    return NULL;
}

static void server_sends(void *owner, net_coap_peer peer, const uint8_t *datagram, size_t n) {
    put_on_wire(device_of(owner, peer), false, datagram, n);
}

static void serve_by_default(const net_coap_request *request, net_coap_reply *reply) {
    reply->code = NET_COAP_CHANGED;
    if (request->method != NET_COAP_GET) return;
    reply->code = NET_COAP_CONTENT;
    reply->format = NET_COAP_FORMAT_SENML_CBOR;
    reply->payload_size = 2;
    memcpy(reply->payload, "21", 2);
}

static void server_is_asked(void *owner, net_coap_peer peer, const net_coap_request *request,
                            net_coap_reply *reply) {
    world *w = owner;
    w->asked++;
    if (w->serve == NULL) {
        serve_by_default(request, reply);
    } else {
        w->serve(w, device_of(w, peer), request, reply);
    }
}

static void server_is_due(void *owner, uint32_t member, sim_time due) {
    world *w = owner;
    SIM_PROMISE(member < WORLD_MEMBERS);
    w->due[member] = due;
}

static const net_coap_server_calls server_calls = {server_sends, server_is_asked, server_is_due};

world *world_new(uint32_t devices, uint64_t seed) {
    world *w = calloc(
        /* not sim_calloc: the test's own memory is not the subject of the failing heap */
        1, sizeof *w);
    if (w == NULL) return NULL;
    w->devices = calloc(devices, sizeof *w->devices);
    w->device_count = devices;
    w->wire.latency = 20 * SIM_MILLISECOND;
    for (uint32_t i = 0; i < WORLD_MEMBERS; i++) w->due[i] = SIM_NEVER;
    w->kernel = net_vkernel_new();
    w->server = w->kernel == NULL ? NULL : net_coap_server_new(w->kernel, &server_calls, w);
    int error = w->devices == NULL || w->server == NULL ? SIM_ENOMEM : 0;
    for (uint32_t i = 0; i < devices && error == 0; i++) {
        world_device *d = &w->devices[i];
        d->world = w;
        d->number = i;
        d->client_stream = sim_stream_for(seed, SIM_PURPOSE_LIBRARY, i);
        d->server_stream = sim_stream_for(seed, SIM_PURPOSE_SERVER, i);
        error = world_connect(w, i);
    }
    if (error == 0) return w;
    world_free(w);
    return NULL;
}

void world_free(world *w) {
    if (w == NULL) return;
    for (uint32_t i = 0; i < w->device_count && w->devices != NULL; i++)
        net_coap_client_free(w->devices[i].client);
    net_coap_server_free(w->server);
    net_vkernel_free(w->kernel);
    free(w->devices);
    free(w);
}

int world_connect(world *w, uint32_t i) {
    world_device *d = &w->devices[i];
    if (d->client == NULL)
        d->client =
            net_coap_client_new(w->kernel, w->wire.now, &d->client_stream, &client_calls, d);
    if (d->client == NULL) return SIM_ENOMEM;
    return d->peer != 0
               ? 0
               : net_coap_server_admit(w->server, w->wire.now, &d->server_stream, &d->peer);
}

void world_cut_client(world *w, uint32_t i) {
    net_coap_client_free(w->devices[i].client);
    w->devices[i].client = NULL;
}

void world_forget_peer(world *w, uint32_t i) {
    net_coap_peer peer = w->devices[i].peer;
    if (peer == 0) return;
    net_coap_server_forget(w->server, w->wire.now, peer);
    w->devices[i].peer = 0;
}

sim_time world_next(const world *w) {
    sim_time next = test_wire_due(&w->wire);
    for (uint32_t i = 0; i < w->device_count; i++) {
        if (w->devices[i].client != NULL)
            next = sim_time_min(next, net_coap_client_deadline(w->devices[i].client));
    }
    for (uint32_t i = 0; i < WORLD_MEMBERS; i++) next = sim_time_min(next, w->due[i]);
    return next;
}

static void deliver(world *w, const test_packet *p) {
    world_device *d = &w->devices[p->end];
    if (p->up) {
        if (d->peer != 0) net_coap_server_input(w->server, w->wire.now, d->peer, p->bytes, p->n);
    } else if (d->client != NULL) {
        net_coap_client_input(d->client, w->wire.now, p->bytes, p->n);
    }
}

static void ring(world *w) {
    for (uint32_t i = 0; i < w->device_count; i++) {
        net_coap_client *c = w->devices[i].client;
        if (c != NULL && net_coap_client_deadline(c) <= w->wire.now)
            net_coap_client_wake(c, w->wire.now);
    }
    for (uint32_t i = 0; i < WORLD_MEMBERS; i++) {
        if (w->due[i] <= w->wire.now) net_coap_server_wake(w->server, w->wire.now, i);
    }
}

void world_run(world *w, sim_time until) {
    while (world_next(w) <= until) {
        sim_time next = world_next(w);
        test_wire_advance(&w->wire, next);
        test_packet p;
        if (test_wire_take(&w->wire, &p)) {
            deliver(w, &p);
        } else {
            ring(w);
        }
    }
    test_wire_advance(&w->wire, until);
}

int world_request(world *w, uint32_t i, const net_coap_request *request) {
    return net_coap_client_request(w->devices[i].client, w->wire.now, request);
}

int world_get(world *w, uint32_t i, const char *path, bool observe, uint32_t tag) {
    net_coap_request request = {.method = NET_COAP_GET,
                                .observe = observe,
                                .path = path,
                                .format = NET_COAP_FORMAT_NONE,
                                .tag = tag};
    return world_request(w, i, &request);
}

int world_post(world *w, uint32_t i, const char *path, const char *payload, uint32_t tag) {
    net_coap_request request = {.method = NET_COAP_POST,
                                .path = path,
                                .format = NET_COAP_FORMAT_TEXT,
                                .payload = (const uint8_t *)payload,
                                .payload_size = strlen(payload),
                                .tag = tag};
    return world_request(w, i, &request);
}

const world_record *world_last(const world *w, uint32_t i) {
    const world_device *d = &w->devices[i];
    if (d->record_count == 0 || d->record_count > WORLD_RECORDS) return NULL;
    return &d->records[d->record_count - 1];
}
