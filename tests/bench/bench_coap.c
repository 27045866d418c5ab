/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench_coap.c - what a device's CoAP endpoint and the cloud's side of it cost. Prints "name value
 * unit" lines.
 *
 * usage: bench_coap [DEVICES]   (default 10240) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "net/coap_client.h"
#include "net/coap_server.h"
#include "sim/core/heap.h"

enum { ROUNDS = 5, STRIDE = 7919 /* a prime: every device has its turn */ };

/* The wire holds one datagram at a time: what a side sends is handed on when it has returned. */
typedef struct device {
    net_coap_client *client;
    net_coap_peer peer;
    sim_stream device_stream, cloud_stream;
    uint32_t answered;
} device;

typedef struct bench {
    net_vkernel *kernel;
    net_coap_server *server;
    device *devices;
    uint32_t count;
    sim_time now;
    size_t size; /* 0: the wire is empty */
    net_coap_peer to;
    uint8_t wire[1500];
} bench;

static bench b;

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void print(const char *name, double value, const char *unit) {
    printf("%s %.0f %s\n", name, value, unit);
}

static void keep(net_coap_peer to, const uint8_t *datagram, size_t n) {
    SIM_PROMISE(b.size == 0 && n <= sizeof b.wire);
    memcpy(b.wire, datagram, n);
    b.size = n;
    b.to = to;
}

static void device_sends(void *owner, const uint8_t *datagram, size_t n) {
    keep(((device *)owner)->peer, datagram, n);
}

static void device_is_answered(void *owner, const net_coap_response *response) {
    (void)response;
    ((device *)owner)->answered++;
}

static void device_fails(void *owner, uint32_t tag, int error) {
    (void)owner;
    (void)tag;
    (void)error;
    SIM_PROMISE(false && "a wire without loss");
}

static void cloud_sends(void *owner, net_coap_peer to, const uint8_t *datagram, size_t n) {
    (void)owner;
    keep(to, datagram, n);
}

static void cloud_is_asked(void *owner, net_coap_peer peer, const net_coap_request *request,
                           net_coap_reply *reply) {
    (void)owner;
    (void)peer;
    reply->code = request->method == NET_COAP_GET ? NET_COAP_CONTENT : NET_COAP_CHANGED;
}

static void cloud_is_due(void *owner, uint32_t member, sim_time due) {
    (void)owner;
    (void)member;
    (void)due;
}

static const net_coap_client_calls device_calls = {
    .send = device_sends, .answered = device_is_answered, .failed = device_fails};
static const net_coap_server_calls cloud_calls = {cloud_sends, cloud_is_asked, cloud_is_due};

static void to_cloud(device *d) {
    size_t n = b.size;
    b.size = 0;
    net_coap_server_input(b.server, b.now, d->peer, b.wire, n);
}

static void to_device(device *d) {
    size_t n = b.size;
    b.size = 0;
    net_coap_client_input(d->client, b.now, b.wire, n);
}

/* Runs `step` over all devices, ROUNDS times, and prints the time of one. Not in the order in which
 * they were made: a device's neighbours in its context are as cold as in a real run. */
static void measure(const char *name, void (*step)(device *d)) {
    double begin = seconds();
    for (uint32_t round = 0; round < ROUNDS; round++) {
        b.now += SIM_SECOND;
        for (uint64_t i = 0; i < b.count; i++) step(&b.devices[i * STRIDE % b.count]);
    }
    print(name, (seconds() - begin) * 1e9 / ROUNDS / b.count, "ns");
}

static void exchange(device *d) {
    static const uint8_t payload[40];
    net_coap_request request = {.method = NET_COAP_POST,
                                .path = "t",
                                .format = NET_COAP_FORMAT_SENML_CBOR,
                                .payload = payload,
                                .payload_size = sizeof payload};
    SIM_PROMISE(net_coap_client_request(d->client, b.now, &request) == 0);
    to_cloud(d);
    to_device(d);
}

static void notify(device *d) {
    net_coap_server_notify(b.server, b.now, d->peer);
    to_device(d);
    to_cloud(d);
}

static void create_clients(void) {
    sim_heap_use before = sim_heap_in_use();
    double begin = seconds();
    for (uint32_t i = 0; i < b.count; i++) {
        device *d = &b.devices[i];
        d->device_stream = sim_stream_for(1, SIM_PURPOSE_LIBRARY, i);
        d->client = net_coap_client_new(b.kernel, 0, &d->device_stream, &device_calls, d);
        SIM_PROMISE(d->client != NULL);
    }
    print("coap_client_create", (seconds() - begin) * 1e9 / b.count, "ns");
    print("coap_client_memory", (double)(sim_heap_in_use().bytes - before.bytes) / b.count,
          "bytes");
}

static void admit_and_observe(void) {
    sim_heap_use before = sim_heap_in_use();
    double begin = seconds();
    for (uint32_t i = 0; i < b.count; i++) {
        device *d = &b.devices[i];
        char path[16];
        snprintf(path, sizeof path, "s/%u", i);
        d->cloud_stream = sim_stream_for(1, SIM_PURPOSE_SERVER, i);
        SIM_PROMISE(net_coap_server_admit(b.server, 0, &d->cloud_stream, &d->peer) == 0);
        SIM_PROMISE(net_coap_server_observable(b.server, 0, d->peer, path) == 0);
        net_coap_request request = {
            .method = NET_COAP_GET, .observe = true, .path = path, .format = NET_COAP_FORMAT_NONE};
        SIM_PROMISE(net_coap_client_request(d->client, b.now, &request) == 0);
        to_cloud(d);
        to_device(d);
    }
    print("coap_observation_create", (seconds() - begin) * 1e9 / b.count, "ns");
    print("coap_observation_memory_both_ends",
          (double)(sim_heap_in_use().bytes - before.bytes) / b.count, "bytes");
}

static void forget_all(void) {
    double begin = seconds();
    for (uint32_t i = 0; i < b.count; i++)
        net_coap_server_forget(b.server, b.now, b.devices[i].peer);
    print("coap_server_forget", (seconds() - begin) * 1e9 / b.count, "ns");
    begin = seconds();
    for (uint32_t i = 0; i < b.count; i++) net_coap_client_free(b.devices[i].client);
    print("coap_client_free", (seconds() - begin) * 1e9 / b.count, "ns");
}

int main(int argc, char **argv) {
    b.count = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 10240;
    if (b.count == 0) return 4;
    b.kernel = net_vkernel_new();
    b.server = net_coap_server_new(b.kernel, &cloud_calls, NULL);
    b.devices = sim_calloc(b.count, sizeof *b.devices);
    SIM_PROMISE(b.server != NULL && b.devices != NULL);
    create_clients();
    admit_and_observe();
    measure("coap_exchange_both_ends", exchange);
    measure("coap_notification_both_ends", notify);
    forget_all();
    sim_free(b.devices);
    net_coap_server_free(b.server);
    net_vkernel_free(b.kernel);
    SIM_PROMISE(sim_heap_in_use().blocks == 0);
    return 0;
}
