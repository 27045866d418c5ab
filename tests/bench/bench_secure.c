/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench_secure [SESSIONS]: what DTLS sessions cost, both ends in one thread. Prints `name value
 * unit`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "net/secure.h"
#include "sim/core/heap.h"

typedef struct wire {
    uint8_t box[8][1500];
    size_t size[8];
    int count;
} wire;

static wire to_client, to_server;
static long received;

static void send_to_server(void *owner, const uint8_t *datagram, size_t n) {
    (void)owner;
    wire *w = &to_server;
    memcpy(w->box[w->count], datagram, n);
    w->size[w->count++] = n;
}

static void send_to_client(void *owner, const uint8_t *datagram, size_t n) {
    (void)owner;
    wire *w = &to_client;
    memcpy(w->box[w->count], datagram, n);
    w->size[w->count++] = n;
}

static void on_opened(void *owner) {
    (void)owner;
}

static void on_received(void *owner, const uint8_t *data, size_t n) {
    (void)owner;
    (void)data;
    received += (long)n;
}

static void on_ended(void *owner, net_end why) {
    (void)owner;
    fprintf(stderr, "bench_secure: session ended: %s\n", net_end_text(why));
    exit(1);
}

static size_t find_key(void *context, const char *identity, uint8_t key[NET_SECURE_KEY_MAX]) {
    (void)context;
    (void)identity;
    memset(key, 7, 16);
    return 16;
}

typedef struct pair {
    net_secure_session *client, *server;
    sim_stream client_stream, server_stream;
} pair;

static double cpu(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void carry(net_secure_domain *servers, pair *p, const net_address *from) {
    wire w = to_server;
    to_server.count = 0;
    for (int i = 0; i < w.count; i++) {
        if (p->server != NULL)
            net_secure_input(p->server, 0, w.box[i], w.size[i]);
        else if (net_secure_listen(servers, 0, from, w.box[i], w.size[i], &p->server_stream, p,
                                   send_to_client, &p->server) != 0)
            exit(1);
    }
    w = to_client;
    to_client.count = 0;
    for (int i = 0; i < w.count; i++) net_secure_input(p->client, 0, w.box[i], w.size[i]);
}

static void shake_hands(net_secure_domain *clients, net_secure_domain *servers, pair *p,
                        uint32_t number) {
    static const uint8_t key[16] = {7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7};
    char identity[24];
    net_address from = {.ip = {(uint8_t)(number >> 24), (uint8_t)(number >> 16),
                               (uint8_t)(number >> 8), (uint8_t)number},
                        .port = 5684};
    p->client_stream = sim_stream_for(1, SIM_PURPOSE_LIBRARY, number);
    p->server_stream = sim_stream_for(1, SIM_PURPOSE_SERVER, number);
    snprintf(identity, sizeof identity, "device-%u", number);
    p->client = net_secure_client_new(clients, identity, key, sizeof key, &p->client_stream, p);
    if (p->client == NULL) exit(1);
    net_secure_client_start(p->client, 0);
    for (int i = 0; i < 3; i++) carry(servers, p, &from);
}

static void round_trip(net_secure_domain *servers, pair *p) {
    static const uint8_t data[64];
    if (net_secure_write(p->client, 0, data, sizeof data) != 0) exit(1);
    carry(servers, p, NULL);
    if (net_secure_write(p->server, 0, data, sizeof data) != 0) exit(1);
    carry(servers, p, NULL);
}

int main(int argc, char **argv) {
    uint32_t sessions = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 2000;
    enum { ROUNDS = 10 };
    net_secure_calls client_calls = {send_to_server, on_opened, on_received, on_ended};
    net_secure_calls server_calls = {send_to_client, on_opened, on_received, on_ended};
    sim_stream secret = sim_stream_for(1, SIM_PURPOSE_SERVER, 0);
    if (sessions == 0 || net_secure_startup() != 0) return 1;
    net_secure_domain *clients =
        net_secure_client_domain_new(&net_secure_timing_default, &client_calls);
    net_secure_domain *servers = net_secure_server_domain_new(
        &net_secure_timing_default, &server_calls, find_key, NULL, &secret);
    pair *pairs = calloc(sessions, sizeof *pairs);
    if (clients == NULL || servers == NULL || pairs == NULL) {
        free(pairs);
        return 1;
    }

    int64_t before = sim_heap_in_use().bytes;
    double start = cpu();
    for (uint32_t i = 0; i < sessions; i++) shake_hands(clients, servers, &pairs[i], i);
    printf("handshakes %.0f 1/s\n", sessions / (cpu() - start));
    start = cpu();
    for (int round = 0; round < ROUNDS; round++)
        for (uint32_t i = 0; i < sessions; i++) round_trip(servers, &pairs[i]);
    printf("round_trip %.2f us\n", (cpu() - start) * 1e6 / sessions / ROUNDS);
    int64_t both = sim_heap_in_use().bytes - before;
    for (uint32_t i = 0; i < sessions; i++) net_secure_free(pairs[i].server);
    int64_t client = sim_heap_in_use().bytes - before;
    printf("client_session %.0f B\n", (double)client / sessions);
    printf("server_session %.0f B\n", (double)(both - client) / sessions);

    for (uint32_t i = 0; i < sessions; i++) net_secure_free(pairs[i].client);
    free(pairs);
    net_secure_domain_free(clients);
    net_secure_domain_free(servers);
    net_secure_cleanup();
    return received == 2L * ROUNDS * 64 * sessions ? 0 : 1;
}
