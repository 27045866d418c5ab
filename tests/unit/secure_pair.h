/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/secure_pair.h - a client and a server of net/secure.h with a wire between them, in
 * virtual time. For tests, fuzz targets and the benchmark: each is one file, so the functions are
 * static inline. */
#ifndef TESTS_SECURE_PAIR_H
#define TESTS_SECURE_PAIR_H

#include <string.h>

#include "net/secure.h"
#include "sim/record/dtls_wire.h"
#include "tests/support/test_wire.h"

enum { SECURE_PAIR_DATAGRAM = TEST_WIRE_BYTES };
#define SECURE_PAIR_LATENCY TEST_WIRE_LATENCY

typedef struct secure_pair secure_pair;

typedef struct secure_end {
    secure_pair *pair;
    net_secure_domain *domain;
    net_secure_session *session;
    sim_stream stream;
    int opened, ended;
    sim_time opened_at, ended_at;
    net_end why;
    int received;
    uint8_t data[SECURE_PAIR_DATAGRAM]; /* the last that was received */
    size_t size;
} secure_end;

struct secure_pair {
    secure_end client, server;
    net_address from;
    const char *known; /* the identity that the server knows */
    uint8_t key[16];   /* the server's for it */
    bool backwards;    /* each record travels alone, the last of a datagram first */
    bool server_gone;  /* nothing reaches the server */
    bool client_gone;  /* nothing reaches the client */
    int listen_errors; /* of net_secure_listen */
    test_wire wire;
};

/* Of the sessions that rest, how many of each domain that is made stay awake. */
static uint32_t secure_pair_awake = NET_SECURE_ALL_AWAKE;

static inline void secure_pair_put(secure_end *end, const uint8_t *bytes, size_t n) {
    secure_pair *p = end->pair;
    (void)test_wire_put(&p->wire, end == &p->client, 0, 0, bytes, n);
}

static inline void secure_pair_on_send(void *owner, const uint8_t *bytes, size_t n) {
    secure_end *end = owner;
    record_dtls_span left = {bytes, n};
    record_dtls_record records[8];
    int count = 0;
    if (!end->pair->backwards) {
        secure_pair_put(end, bytes, n);
        return;
    }
    while (count < 8 && record_dtls_take_record(&left, &records[count])) count++;
    while (count-- > 0) secure_pair_put(end, records[count].whole.at, records[count].whole.n);
}

static inline void secure_pair_on_opened(void *owner) {
    secure_end *end = owner;
    end->opened++;
    end->opened_at = end->pair->wire.now;
}

static inline void secure_pair_on_received(void *owner, const uint8_t *data, size_t n) {
    secure_end *end = owner;
    SIM_PROMISE(n <= sizeof end->data);
    memcpy(end->data, data, n);
    end->size = n;
    end->received++;
}

static inline void secure_pair_on_ended(void *owner, net_end why) {
    secure_end *end = owner;
    end->ended++;
    end->why = why;
    end->ended_at = end->pair->wire.now;
}

static const net_secure_calls secure_pair_calls = {secure_pair_on_send, secure_pair_on_opened,
                                                   secure_pair_on_received, secure_pair_on_ended};

static inline size_t secure_pair_find_key(void *context, const char *identity,
                                          uint8_t key[NET_SECURE_KEY_MAX]) {
    const secure_pair *p = context;
    if (strcmp(identity, p->known) != 0) return 0;
    memcpy(key, p->key, sizeof p->key);
    return sizeof p->key;
}

/* Both domains and the client's session, not yet started. false: no memory. `p` stays where it is;
 * secure_pair_deinit in any case. */
static inline bool secure_pair_init(secure_pair *p, uint64_t client_seed, uint64_t server_seed,
                                    const net_secure_timing *timing) {
    static const uint8_t key[16] = "0123456789abcdef";
    sim_stream secret = sim_stream_for(server_seed, SIM_PURPOSE_SERVER, 0);
    memset(p, 0, offsetof(secure_pair, wire.packets));
    p->client.pair = p->server.pair = p;
    p->client.stream = sim_stream_for(client_seed, SIM_PURPOSE_LIBRARY, 1);
    p->server.stream = sim_stream_for(server_seed, SIM_PURPOSE_SERVER, 1);
    p->from = (net_address){.ip = {0xfd, 1, 2, 3}, .port = 4711};
    p->known = "device-1";
    memcpy(p->key, key, sizeof p->key);
    p->client.domain = net_secure_client_domain_new(timing, &secure_pair_calls);
    p->server.domain =
        net_secure_server_domain_new(timing, &secure_pair_calls, secure_pair_find_key, p, &secret);
    if (p->client.domain == NULL || p->server.domain == NULL) return false;
    net_secure_keep_awake(p->client.domain, secure_pair_awake);
    net_secure_keep_awake(p->server.domain, secure_pair_awake);
    p->client.session = net_secure_client_new(p->client.domain, "device-1", key, sizeof key,
                                              &p->client.stream, &p->client);
    return p->client.session != NULL;
}

static inline void secure_pair_deinit(secure_pair *p) {
    net_secure_free(p->client.session);
    net_secure_free(p->server.session);
    net_secure_domain_free(p->client.domain);
    net_secure_domain_free(p->server.domain);
}

/* Hands one datagram to the server as an owner would: to the session, or to the listener while
 * there is none. */
static inline void secure_pair_to_server(secure_pair *p, const uint8_t *bytes, size_t n) {
    secure_end *s = &p->server;
    if (s->session != NULL)
        net_secure_input(s->session, p->wire.now, bytes, n);
    else if (net_secure_listen(s->domain, p->wire.now, &p->from, bytes, n, &s->stream, s,
                               secure_pair_on_send, &s->session) != 0)
        p->listen_errors++;
}

static inline void secure_pair_deliver(secure_pair *p) {
    test_packet d;
    if (!test_wire_take(&p->wire, &d)) return;
    if (d.up && !p->server_gone)
        secure_pair_to_server(p, d.bytes, d.n);
    else if (!d.up && !p->client_gone && p->client.session != NULL)
        net_secure_input(p->client.session, p->wire.now, d.bytes, d.n);
}

static inline sim_time secure_pair_deadline(const secure_end *end) {
    return end->session == NULL ? SIM_NEVER : net_secure_deadline(end->session);
}

/* Runs until nothing is due before `until`, then sets the clock to it. */
static inline void secure_pair_run(secure_pair *p, sim_time until) {
    for (;;) {
        sim_time client = secure_pair_deadline(&p->client),
                 server = secure_pair_deadline(&p->server);
        sim_time wire = test_wire_due(&p->wire);
        sim_time next = sim_time_min(wire, sim_time_min(client, server));
        if (next > until) break;
        test_wire_advance(&p->wire, next);
        if (wire == next)
            secure_pair_deliver(p);
        else
            net_secure_wake(client == next ? p->client.session : p->server.session, p->wire.now);
    }
    p->wire.now = until;
}

/* Starts the client at time 0 and runs for a second: enough for a handshake without loss. */
static inline void secure_pair_open(secure_pair *p) {
    net_secure_client_start(p->client.session, 0);
    secure_pair_run(p, SIM_SECOND);
}

#endif
