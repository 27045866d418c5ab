/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/front_world.h"

#include <stdio.h>
#include <string.h>

#include "sim/core/heap.h"

static const char own_key[] = "0123456789abcdef";

/* ---- wire ---- */

static void put(front_world *w, bool up, uint32_t client, const net_address *address,
                const uint8_t *bytes, size_t n) {
    cloud_glance glance = w->door->kind->look(address->port, bytes, n);
    if (up && glance.demand == CLOUD_DEMAND_CONNECTION) w->clients[client].attempt = glance;
    if (w->wire.count == TEST_WIRE_PACKETS) return;
    (void)test_wire_put(&w->wire, up, client, address->port, bytes, n);
}

/* ---- clients ---- */

static void client_sends(void *owner, const uint8_t *bytes, size_t n) {
    front_client *c = owner;
    put(c->world, true, c->number, &c->address, bytes, n);
}

static void client_ready(void *owner) {
    ((front_client *)owner)->ready++;
}

static void client_answered(void *owner, const net_coap_response *response) {
    front_client *c = owner;
    size_t n =
        response->payload_size < sizeof c->text ? response->payload_size : sizeof c->text - 1;
    c->last = *response;
    if (n > 0) memcpy(c->text, response->payload, n);
    c->text[n] = '\0';
    *(response->notification ? &c->notified : &c->answered) += 1;
}

static void client_failed(void *owner, uint32_t tag, int error) {
    (void)tag;
    (void)error;
    ((front_client *)owner)->failed++;
}

static void client_ended(void *owner, net_end why) {
    front_client *c = owner;
    (void)why;
    c->ended++;
    c->over = true;
}

static const coap_channel_calls client_calls = {client_sends, client_ready, client_answered,
                                                client_failed, client_ended};

static void bury(front_client *c) {
    if (!c->over) return;
    coap_channel_free(c->channel);
    c->channel = NULL;
    c->over = false;
}

static void own_identity(const front_client *c, char text[NET_SECURE_IDENTITY_MAX]) {
    if (c->identity != NULL)
        (void)snprintf(text, NET_SECURE_IDENTITY_MAX, "%s", c->identity);
    else
        (void)snprintf(text, NET_SECURE_IDENTITY_MAX, "bs-%08u", c->number);
}

void front_world_power_off(front_world *w, uint32_t i) {
    front_client *c = &w->clients[i];
    coap_channel_free(c->channel);
    c->channel = NULL;
    c->over = false;
}

int front_world_connect(front_world *w, uint32_t i, bool same_port) {
    front_client *c = &w->clients[i];
    char identity[NET_SECURE_IDENTITY_MAX];
    front_world_power_off(w, i);
    if (!same_port) c->address.port++;
    own_identity(c, identity);
    const coap_channel_credentials credentials = {
        .identity = identity,
        .key = (const uint8_t *)(c->key != NULL ? c->key : own_key),
        .key_size = 16};
    c->channel = coap_channel_new(w->client_kernel, w->domain, &credentials, w->wire.now,
                                  &c->stream, &client_calls, c);
    if (c->channel == NULL) return SIM_ENOMEM;
    coap_channel_start(c->channel, w->wire.now);
    bury(c);
    return 0;
}

int front_world_request(front_world *w, uint32_t i, net_coap_request request) {
    front_client *c = &w->clients[i];
    if (c->channel == NULL) return SIM_ESTATE;
    int error = coap_channel_request(c->channel, w->wire.now, &request);
    bury(c);
    return error;
}

int front_world_register(front_world *w, uint32_t i) {
    char identity[NET_SECURE_IDENTITY_MAX];
    char query[NET_SECURE_IDENTITY_MAX + 4];
    own_identity(&w->clients[i], identity);
    (void)snprintf(query, sizeof query, "ep=%s", identity);
    return front_world_request(
        w, i,
        (net_coap_request){
            .method = NET_COAP_POST, .path = "rd", .query = query, .format = NET_COAP_FORMAT_NONE});
}

/* ---- what the door and its service ask ---- */

static void front_send(void *context, const net_address *to, const uint8_t *bytes, size_t n) {
    front_world *w = context;
    put(w, false, to->ip[15], to, bytes, n);
}

static void front_wake_at(void *context, sim_id timer, sim_time due) {
    front_world *w = context;
    uint32_t i = 0;
    if (timer.generation == 0) {
        SIM_PROMISE(timer.slot < sizeof w->members / sizeof *w->members);
        w->members[timer.slot] = due;
        return;
    }
    while (i < w->due_count && (w->dues[i].peer.slot != timer.slot)) i++;
    SIM_PROMISE(i < FRONT_WORLD_DUES);
    if (i == w->due_count) w->due_count++;
    w->told++;
    w->dues[i].peer = timer;
    w->dues[i].due = due;
}

static size_t front_who(void *context, const char *identity, uint32_t *device,
                        uint8_t key[NET_SECURE_KEY_MAX]) {
    const front_world *w = context;
    char name[NET_SECURE_IDENTITY_MAX];
    if (w->shared && strcmp(identity, "fleet") == 0) {
        *device = CLOUD_ANYBODY;
        memcpy(key, own_key, sizeof own_key - 1);
        return 16;
    }
    for (uint32_t i = 0; i < w->count; i++) {
        (void)snprintf(name, sizeof name, "bs-%08u", i);
        if (strcmp(name, identity) != 0) continue;
        *device = i;
        memcpy(key, own_key, sizeof own_key - 1);
        return 16;
    }
    return 0;
}

static void front_outcome(void *context, const net_address *from, record_outcome outcome) {
    front_world *w = context;
    SIM_PROMISE(from->ip[15] < w->count);
    w->clients[from->ip[15]].outcomes[outcome]++;
}

static void front_refused(void *context, uint32_t device) {
    front_world *w = context;
    w->clients[device].refused++;
}

static double front_set_point(void *context, uint32_t device) {
    const front_world *w = context;
    return device == CLOUD_ANYBODY ? 99 : w->clients[device].desired;
}

static const cloud_update *front_update(void *context, uint32_t device) {
    const front_world *w = context;
    return device == CLOUD_ANYBODY ? NULL : w->update;
}

static bool front_commanded(void *context, uint32_t device) {
    const front_world *w = context;
    (void)device;
    return w->commanded;
}

static const cloud_door_calls door_calls = {
    .send = front_send, .wake_at = front_wake_at, .who = front_who};
static const cloud_service_calls service_calls = {front_set_point, front_update, front_commanded};
static const cloud_observer observer = {.outcome = front_outcome, .refused = front_refused};

/* ---- time ---- */

static void to_front(front_world *w, const net_address *from, const uint8_t *bytes, size_t n) {
    int error = w->door->kind->input(w->door, w->wire.now, from, bytes, n, w->fate);
    if (w->error == 0) w->error = error;
}

void front_world_inject(front_world *w, uint32_t i, const uint8_t *bytes, size_t n) {
    to_front(w, &w->clients[i].address, bytes, n);
}

static void deliver(front_world *w, const test_packet *d) {
    front_client *c = &w->clients[d->end];
    if (d->up) {
        net_address from = c->address;
        from.port = d->connection;
        to_front(w, &from, d->bytes, d->n);
    } else if (c->channel != NULL && c->address.port == d->connection) {
        coap_channel_input(c->channel, w->wire.now, d->bytes, d->n);
        bury(c);
    }
}

static sim_time next_due(const front_world *w) {
    sim_time t = test_wire_due(&w->wire);
    for (uint32_t i = 0; i < w->due_count; i++) t = sim_time_min(t, w->dues[i].due);
    for (uint32_t i = 0; i < sizeof w->members / sizeof *w->members; i++)
        t = sim_time_min(t, w->members[i]);
    for (uint32_t i = 0; i < w->count; i++) {
        if (w->clients[i].channel != NULL)
            t = sim_time_min(t, coap_channel_deadline(w->clients[i].channel));
    }
    return t;
}

static void wake_front(front_world *w) {
    for (uint32_t i = 0; i < w->due_count; i++) {
        if (w->dues[i].due > w->wire.now) continue;
        w->dues[i].due = SIM_NEVER;
        w->door->kind->wake(w->door, w->wire.now, w->dues[i].peer);
    }
    for (uint32_t i = 0; i < sizeof w->members / sizeof *w->members; i++) {
        if (w->members[i] > w->wire.now) continue;
        w->members[i] = SIM_NEVER;
        w->door->kind->wake(w->door, w->wire.now, (sim_id){.slot = i});
    }
}

static void wake_clients(front_world *w) {
    for (uint32_t i = 0; i < w->count; i++) {
        front_client *c = &w->clients[i];
        if (c->channel == NULL || coap_channel_deadline(c->channel) > w->wire.now) continue;
        coap_channel_wake(c->channel, w->wire.now);
        bury(c);
    }
}

void front_world_run(front_world *w, sim_time until) {
    for (sim_time t = next_due(w); t <= until; t = next_due(w)) {
        test_wire_advance(&w->wire, t);
        test_packet d;
        if (test_wire_take(&w->wire, &d)) {
            deliver(w, &d);
            continue;
        }
        wake_front(w);
        wake_clients(w);
    }
    w->wire.now = until;
}

void front_world_close_after(front_world *w, sim_time close_after) {
    w->service.close_after = close_after;
    w->door->kind->expire(w->door, w->wire.now);
}

void front_world_for(front_world *w, sim_time span) {
    front_world_run(w, w->wire.now + span);
}

/* ---- begin and end ---- */

front_world *front_world_new(bool secure, uint32_t clients, uint32_t peers_maximum) {
    const cloud_door_kind *kind = secure ? &cloud_door_coaps : &cloud_door_coap;
    const cloud_door_settings settings = {
        .peers_maximum = peers_maximum, .report_topics = {"r"}, .seed = 5};
    front_world *w = sim_calloc(1, sizeof *w);
    if (w == NULL) return NULL;
    SIM_PROMISE(clients <= FRONT_WORLD_CLIENTS);
    w->count = clients;
    for (uint32_t i = 0; i < sizeof w->members / sizeof *w->members; i++) w->members[i] = SIM_NEVER;
    for (uint32_t i = 0; i < clients; i++) {
        w->clients[i] = (front_client){.world = w, .number = i, .desired = 20 + i};
        w->clients[i].stream = sim_stream_for(1, SIM_PURPOSE_LIBRARY, i);
        w->clients[i].address = (net_address){.ip = {0xfd, [15] = (uint8_t)i}, .port = 1000};
    }
    w->kernel = net_vkernel_new();
    w->client_kernel = net_vkernel_new();
    if (secure)
        w->domain =
            net_secure_client_domain_new(&net_secure_timing_default, &coap_channel_secure_calls);
    bool whole = w->kernel != NULL && w->client_kernel != NULL && (!secure || w->domain != NULL);
    cloud_service_init(&w->service, 77, 0, &service_calls, &observer, w);
    if (whole) w->door = kind->make(&settings, w->kernel, &w->service, &door_calls, w);
    if (w->door != NULL) return w;
    front_world_free(w);
    return NULL;
}

void front_world_free(front_world *w) {
    if (w == NULL) return;
    for (uint32_t i = 0; i < w->count; i++) front_world_power_off(w, i);
    cloud_door_free(w->door);
    net_secure_domain_free(w->domain);
    if (w->kernel != NULL) net_vkernel_free(w->kernel);
    if (w->client_kernel != NULL) net_vkernel_free(w->client_kernel);
    sim_free(w);
}
