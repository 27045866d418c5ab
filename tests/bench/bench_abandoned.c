/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench_abandoned [ROUNDS]: what a handshake that comes to nothing costs a server: the CPU time of
 * wolfSSL's part of it until the server's first flight has left, after which the client is gone, as
 * a share of a whole handshake; and, for DTLS, what it costs to be asked the same again. Prints
 * `name value unit`. docs/scenarios.md has the shares, and why scenarios take which. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "net/secure.h"
#include "net/secure_stream.h"
#include "tests/unit/papers.h"

enum { ROUNDS = 400, WIRE = 1 << 14, KEY = 16, REPETITIONS = 5 };
#define LATER (3650 * SIM_DAY) /* when the papers are valid */

static const uint8_t shared_key[KEY] = "0123456789abcdef";

typedef struct wire {
    uint8_t bytes[WIRE];
    size_t n;
} wire;

static wire to_client, to_server;
static double server_s; /* CPU time of the server in the handshake under way */
static bool opened;     /* by the server */

static void give_up(const char *why) {
    fprintf(stderr, "bench_abandoned: %s\n", why);
    exit(1);
}

static double cpu(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void put(wire *w, const uint8_t *bytes, size_t n) {
    if (w->n + n > WIRE) give_up("the wire is full");
    memcpy(w->bytes + w->n, bytes, n);
    w->n += n;
}

static void send_to_server(void *owner, const uint8_t *bytes, size_t n) {
    (void)owner;
    put(&to_server, bytes, n);
}

static void send_to_client(void *owner, const uint8_t *bytes, size_t n) {
    (void)owner;
    put(&to_client, bytes, n);
}

static void on_client_opened(void *owner) {
    (void)owner;
}

static void on_server_opened(void *owner) {
    (void)owner;
    opened = true;
}

static void on_received(void *owner, const uint8_t *data, size_t n) {
    (void)owner, (void)data, (void)n;
}

static void on_ended(void *owner, net_end why) {
    (void)owner;
    give_up(net_end_text(why));
}

static size_t find_key(void *context, const char *identity, uint8_t key[NET_SECURE_KEY_MAX]) {
    (void)context, (void)identity;
    memcpy(key, shared_key, KEY);
    return KEY;
}

/* What is measured of one kind of handshake, in seconds of CPU. */
typedef struct costs {
    double abandoned, whole;
    double repeated; /* abandoned, and its last words repeated REPETITIONS times */
} costs;

/* ---- streams ---- */

typedef struct stream_kind {
    const char *name;
    net_secure_versions version;
    bool shared;     /* a key that was shared before, and no certificates */
    bool of_clients; /* the server asks for a certificate */
} stream_kind;

static const stream_kind stream_kinds[] = {
    {"tls12_psk", NET_SECURE_12, true, false},
    {"tls13_psk", NET_SECURE_ANY, true, false},
    {"tls12_ecdsa", NET_SECURE_12, false, false},
    {"tls13_ecdsa", NET_SECURE_ANY, false, false},
    {"tls12_ecdsa_both", NET_SECURE_12, false, true},
    {"tls13_ecdsa_both", NET_SECURE_ANY, false, true},
};

static const net_secure_stream_calls stream_clients = {send_to_server, on_client_opened,
                                                       on_received, on_ended};
static const net_secure_stream_calls stream_servers = {send_to_client, on_server_opened,
                                                       on_received, on_ended};

/* Until nobody has anything to say, or the server has answered `flights` times. */
static void talk(net_secure_stream *client, net_secure_stream *server, int flights) {
    static wire w;
    while (flights-- > 0 && to_server.n > 0) {
        memcpy(w.bytes, to_server.bytes, w.n = to_server.n);
        to_server.n = 0;
        double start = cpu();
        net_secure_stream_input(server, 0, w.bytes, w.n);
        server_s += cpu() - start;
        memcpy(w.bytes, to_client.bytes, w.n = to_client.n);
        to_client.n = 0;
        net_secure_stream_input(client, 0, w.bytes, w.n);
    }
    to_server.n = to_client.n = 0;
}

static double shake_stream(net_secure_stream_domain *clients, net_secure_stream_domain *servers,
                           const stream_kind *kind, uint32_t number, bool whole) {
    const net_secure_stream_client as = {.host = kind->shared ? NULL : "localhost",
                                         .identity = kind->shared ? "device-1" : NULL,
                                         .key = kind->shared ? shared_key : NULL,
                                         .key_size = kind->shared ? KEY : 0};
    sim_stream of_client = sim_stream_for(1, SIM_PURPOSE_KEY, number);
    sim_stream of_server = sim_stream_for(2, SIM_PURPOSE_KEY, number);
    net_secure_stream *client = net_secure_stream_connect(clients, &as, &of_client, NULL);
    opened = false;
    double start = cpu();
    net_secure_stream *server = net_secure_stream_accept(servers, &of_server, NULL);
    server_s = cpu() - start;
    if (client == NULL || server == NULL) give_up("no memory");
    net_secure_stream_start(client, 0);
    talk(client, server, whole ? 3 : 1);
    if (opened != whole) give_up(opened ? "it came to its end" : "it came to nothing");
    start = cpu();
    net_secure_stream_free(server);
    server_s += cpu() - start;
    net_secure_stream_free(client);
    return server_s;
}

static costs stream_costs(const stream_kind *kind, uint32_t rounds) {
    const char *wrong;
    costs c = {0};
    net_secure_stream_papers of_client = {.authorities = kind->shared ? NULL : papers_ours,
                                          .chain = kind->of_clients ? papers_client : NULL,
                                          .key = kind->of_clients ? papers_client_key : NULL,
                                          .version = kind->version,
                                          .offset = LATER};
    net_secure_stream_papers of_server = {.chain = papers_server,
                                          .key = papers_server_key,
                                          .authorities = kind->of_clients ? papers_ours : NULL,
                                          .find = kind->shared ? find_key : NULL,
                                          .version = kind->version,
                                          .offset = LATER};
    net_secure_stream_domain *clients =
        net_secure_stream_client_domain(&of_client, &stream_clients, &wrong);
    net_secure_stream_domain *servers =
        net_secure_stream_server_domain(&of_server, &stream_servers, &wrong);
    if (clients == NULL || servers == NULL) give_up(wrong != NULL ? wrong : "out of memory");
    for (uint32_t i = 0; i < rounds; i++) {
        c.abandoned += shake_stream(clients, servers, kind, i, false);
        c.whole += shake_stream(clients, servers, kind, i, true);
    }
    net_secure_stream_domain_free(clients);
    net_secure_stream_domain_free(servers);
    return c;
}

/* ---- datagrams ---- */

static const net_secure_calls datagram_clients = {send_to_server, on_client_opened, on_received,
                                                  on_ended};
static const net_secure_calls datagram_servers = {send_to_client, on_server_opened, on_received,
                                                  on_ended};

typedef struct datagram_end {
    net_secure_domain *servers;
    net_secure_session *session; /* NULL: the client is a stranger */
    net_address from;
    sim_stream stream;
} datagram_end;

static void to_datagram_server(datagram_end *s, const wire *w) {
    double start = cpu();
    if (s->session != NULL)
        net_secure_input(s->session, 0, w->bytes, w->n);
    else if (net_secure_listen(s->servers, 0, &s->from, w->bytes, w->n, &s->stream, NULL,
                               send_to_client, &s->session) != 0)
        give_up("the server does not listen");
    server_s += cpu() - start;
}

/* A flight of a side leaves as one piece: a record says itself how long it is. */
static double shake_datagrams(net_secure_domain *clients, net_secure_domain *servers,
                              uint32_t number, bool whole, int repetitions) {
    /* the first one only proves the client's address: RFC 6347 4.2.1 */
    int flights = whole ? 3 : 2;
    static wire w;
    datagram_end s = {.servers = servers,
                      .from = {.ip = {1, 2, 3, 4}, .port = 5684},
                      .stream = sim_stream_for(2, SIM_PURPOSE_SERVER, number)};
    sim_stream of_client = sim_stream_for(1, SIM_PURPOSE_LIBRARY, number);
    net_secure_session *client =
        net_secure_client_new(clients, "device-1", shared_key, KEY, &of_client, NULL);
    if (client == NULL) give_up("no memory");
    server_s = 0;
    opened = false;
    net_secure_client_start(client, 0);
    while (flights-- > 0 && to_server.n > 0) {
        memcpy(w.bytes, to_server.bytes, w.n = to_server.n);
        to_server.n = 0;
        to_datagram_server(&s, &w);
        memcpy(w.bytes, to_client.bytes, w.n = to_client.n);
        to_client.n = 0;
        net_secure_input(client, 0, w.bytes, w.n);
    }
    to_server.n = to_client.n = 0;
    if (opened != whole) give_up(opened ? "it came to its end" : "it came to nothing");
    for (int i = 0; i < repetitions; i++) to_datagram_server(&s, &w);
    to_client.n = 0;
    double start = cpu();
    net_secure_free(s.session);
    server_s += cpu() - start;
    net_secure_free(client);
    return server_s;
}

static costs datagram_costs(uint32_t rounds) {
    costs c = {0};
    sim_stream secret = sim_stream_for(1, SIM_PURPOSE_SERVER, 0);
    net_secure_domain *clients =
        net_secure_client_domain_new(&net_secure_timing_default, &datagram_clients);
    net_secure_domain *servers = net_secure_server_domain_new(
        &net_secure_timing_default, &datagram_servers, find_key, NULL, &secret);
    if (clients == NULL || servers == NULL) give_up("no memory");
    for (uint32_t i = 0; i < rounds; i++) {
        c.abandoned += shake_datagrams(clients, servers, i, false, 0);
        c.repeated += shake_datagrams(clients, servers, i, false, REPETITIONS);
        c.whole += shake_datagrams(clients, servers, i, true, 0);
    }
    net_secure_domain_free(clients);
    net_secure_domain_free(servers);
    return c;
}

static void print(const char *name, const costs *c, uint32_t rounds) {
    printf("whole_%s %.1f us\n", name, c->whole * 1e6 / rounds);
    printf("abandoned_%s %.1f us\n", name, c->abandoned * 1e6 / rounds);
    printf("abandoned_share_%s %.2f 1\n", name, c->abandoned / c->whole);
}

int main(int argc, char **argv) {
    uint32_t rounds = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : ROUNDS;
    if (rounds == 0 || net_secure_startup() != 0) return 1;
    costs c = datagram_costs(rounds);
    print("dtls12_psk", &c, rounds);
    printf("repetition_share_dtls12_psk %.2f 1\n",
           (c.repeated - c.abandoned) / REPETITIONS / c.whole);
    for (size_t i = 0; i < sizeof stream_kinds / sizeof *stream_kinds; i++) {
        c = stream_costs(&stream_kinds[i], rounds);
        print(stream_kinds[i].name, &c, rounds);
    }
    net_secure_cleanup();
    return 0;
}
