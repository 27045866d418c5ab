/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_coap_server.c - peers send the cloud what they like, when they like.
 *
 * The input is a list of commands, each a byte that says what (its low 3 bits) to whom (the next
 * 2), and a byte that says how much:
 *   0 n: n quarters of a second pass          1 n: a datagram of the next n bytes
 *   2 n: its path becomes observable          3 n: its path has a new value
 * 4 n: it is forgotten, and another admitted 5 n: an acknowledgement (n even) or Reset of the last
 * message to it 6 n: from now on the owner answers with code n 7 n: it registers as an observer of
 * its path, under token n What is sent must go to peers that are there; nothing may be left over at
 * the end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/coap_server.h"
#include "sim/core/heap.h"

enum { PEERS = 4, DATAGRAM = 2048, ALARMS = 8 };

typedef struct cloud {
    net_vkernel *kernel;
    net_coap_server *server;
    sim_time now, due[ALARMS];
    sim_stream streams[PEERS];
    net_coap_peer peers[PEERS];
    uint8_t last[PEERS][4];
    uint8_t code;
} cloud;

static uint32_t index_of(const cloud *c, net_coap_peer peer) {
    uint32_t i = 0;
    while (i < PEERS && c->peers[i] != peer) i++;
    SIM_PROMISE(i < PEERS);
    return i;
}

static void send_out(void *owner, net_coap_peer peer, const uint8_t *datagram, size_t n) {
    cloud *c = owner;
    SIM_PROMISE(n >= 4 && n <= 1280);
    memcpy(c->last[index_of(c, peer)], datagram, 4);
}

static void serve(void *owner, net_coap_peer peer, const net_coap_request *request,
                  net_coap_reply *reply) {
    cloud *c = owner;
    index_of(c, peer);
    SIM_PROMISE(request->method >= NET_COAP_GET && request->method <= NET_COAP_DELETE);
    SIM_PROMISE(strlen(request->path) < 256 &&
                (request->query == NULL || strlen(request->query) < 256));
    SIM_PROMISE(request->payload_size == 0 || request->payload != NULL);
    SIM_PROMISE(!request->observe || (request->method == NET_COAP_GET && request->path[0] == 's'));
    reply->code = c->code;
    reply->payload_size = 100;
    memset(reply->payload, 'x', 100);
}

static void set_alarm(void *owner, uint32_t member, sim_time due) {
    cloud *c = owner;
    SIM_PROMISE(member < ALARMS);
    c->due[member] = due;
}

static const net_coap_server_calls calls = {send_out, serve, set_alarm};

static void pass(cloud *c, sim_time span) {
    sim_time until = c->now + span;
    for (;;) {
        uint32_t first = 0;
        for (uint32_t i = 1; i < ALARMS; i++) {
            if (c->due[i] < c->due[first]) first = i;
        }
        if (c->due[first] > until) break;
        c->now = sim_time_max(c->now, c->due[first]);
        net_coap_server_wake(c->server, c->now, first);
    }
    c->now = until;
}

static void admit(cloud *c, uint32_t i) {
    if (c->peers[i] != 0) net_coap_server_forget(c->server, c->now, c->peers[i]);
    c->peers[i] = 0;
    SIM_PROMISE(net_coap_server_admit(c->server, c->now, &c->streams[i], &c->peers[i]) == 0);
}

static void observable(cloud *c, uint32_t i, uint8_t n) {
    char path[8];
    snprintf(path, sizeof path, "s%u", n % PEERS); /* of another peer, sometimes */
    SIM_PROMISE(net_coap_server_observable(c->server, c->now, c->peers[i], path) == 0);
}

static void arrive(cloud *c, uint32_t i, const uint8_t *data, size_t n) {
    uint8_t *exact = malloc(n == 0 ? 1 : n); /* so that a sanitizer sees a read behind the end */
    if (n > 0) memcpy(exact, data, n);
    net_coap_server_input(c->server, c->now, c->peers[i], exact, n);
    free(exact);
}

static void answer(cloud *c, uint32_t i, bool reset) {
    uint8_t message[4] = {reset ? 0x70 : 0x60, 0, c->last[i][2], c->last[i][3]};
    arrive(c, i, message, sizeof message);
}

static void register_observer(cloud *c, uint32_t i, uint8_t token) {
    uint8_t message[] = {
        0x41, NET_COAP_GET, 0, token, token, 0x60, 0x52, 's', (uint8_t)('0' + token % PEERS)};
    arrive(c, i, message, sizeof message);
}

static size_t command(cloud *c, uint8_t what, uint8_t n, const uint8_t *data, size_t size) {
    uint32_t i = what >> 3 & 3;
    size_t bytes = n < size ? n : size;
    switch (what & 7) {
        case 0:
            pass(c, n * SIM_SECOND / 4);
            break;
        case 1:
            arrive(c, i, data, bytes);
            return bytes;
        case 2:
            observable(c, i, n);
            break;
        case 3:
            net_coap_server_notify(c->server, c->now, c->peers[i]);
            break;
        case 4:
            admit(c, i);
            break;
        case 5:
            answer(c, i, n % 2 == 1);
            break;
        case 6:
            c->code = n;
            break;
        default:
            register_observer(c, i, n);
            break;
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    sim_heap_use before = sim_heap_in_use();
    cloud c = {.kernel = net_vkernel_new(), .code = NET_COAP_CONTENT};
    for (uint32_t i = 0; i < ALARMS; i++) c.due[i] = SIM_NEVER;
    c.server = net_coap_server_new(c.kernel, &calls, &c);
    for (uint32_t i = 0; i < PEERS; i++) {
        c.streams[i] = sim_stream_for(1, SIM_PURPOSE_SERVER, i);
        admit(&c, i);
    }
    while (size >= 2) {
        size_t used = 2 + command(&c, data[0], data[1], data + 2, size - 2);
        data += used;
        size -= used;
    }
    pass(&c, 200 * SIM_SECOND);
    for (uint32_t i = 0; i < ALARMS; i++)
        SIM_PROMISE(c.due[i] == SIM_NEVER); /* whatever was sent, it comes to rest */
    net_coap_server_free(c.server);
    net_vkernel_free(c.kernel);
    SIM_PROMISE(sim_heap_in_use().blocks == before.blocks);
    return 0;
}
