/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/fuzz/fuzz_secure_stream.c - a client and a server of TLS, and somebody on the wire between
 * them who puts in, changes and cuts what goes by, as the input says. Checked: no crash, no leak,
 * no storm, an end that comes once, and nothing is taken for data that the other side has not
 * said. */
#include <string.h>

#include "net/secure.h"
#include "net/secure_stream.h"
#include "sim/core/heap.h"
#include "tests/unit/papers.h"

enum { WIRE = 1 << 16, ACTS_MOST = 100 };
#define LATER (3650 * SIM_DAY) /* when the papers are valid */

typedef struct side {
    net_secure_stream *stream;
    uint8_t wire[WIRE]; /* from here to the other side */
    size_t n, said, heard;
    bool ended;
} side;

static side client, server;

static void on_send(void *owner, const uint8_t *bytes, size_t n) {
    side *s = owner;
    SIM_PROMISE(n <= WIRE);
    if (s->n + n > WIRE) return; /* the wire is full: lost */
    memcpy(s->wire + s->n, bytes, n);
    s->n += n;
}

static void on_opened(void *owner) {
    SIM_PROMISE(!((side *)owner)->ended);
}

static void on_received(void *owner, const uint8_t *data, size_t n) {
    side *s = owner, *other = s == &client ? &server : &client;
    for (size_t i = 0; i < n; i++) SIM_PROMISE(data[i] == 'x');
    s->heard += n;
    SIM_PROMISE(s->heard <= other->said);
}

static void on_ended(void *owner, net_end why) {
    side *s = owner;
    SIM_PROMISE(!s->ended && why != NET_END_NONE);
    s->ended = true;
}

static void carry(side *from, side *to, size_t most) {
    static uint8_t bytes[WIRE];
    size_t n = from->n < most ? from->n : most;
    memcpy(bytes, from->wire, n);
    memmove(from->wire, from->wire + n, from->n - n);
    from->n -= n;
    net_secure_stream_input(to->stream, 0, bytes, n);
}

static void act(const uint8_t *data, size_t *size) {
    side *from = data[0] % 2 == 0 ? &client : &server, *to = from == &client ? &server : &client;
    uint8_t value = data[1];
    size_t n = 0;
    switch (data[0] >> 1 & 7) {
        case 0: /* a byte is changed on the way */
            if (from->n > 0) from->wire[value % from->n] ^= data[0] | 1;
            break;
        case 1: /* bytes of somebody else */
            n = value < *size - 2 ? value : *size - 2;
            net_secure_stream_input(to->stream, 0, data + 2, n);
            break;
        case 2:
            from->n -= from->n < value ? from->n : value; /* cut */
            break;
        case 3:
            if (net_secure_stream_is_open(from->stream) &&
                net_secure_stream_write(from->stream, 0, (const uint8_t *)"xxxx", 4) == 0)
                from->said += 4;
            break;
        case 4:
            carry(from, to, value);
            break;
        default:
            carry(from, to, WIRE);
    }
    *size -= 2 + n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const net_secure_stream_calls calls = {on_send, on_opened, on_received, on_ended};
    static bool started;
    const char *wrong;
    if (size == 0) return 0;
    if (!started) SIM_PROMISE(net_secure_startup() == 0);
    started = true;
    const sim_heap_use before = sim_heap_in_use();
    sim_stream streams[] = {sim_stream_for(1, SIM_PURPOSE_KEY, 1),
                            sim_stream_for(1, SIM_PURPOSE_KEY, 2)};
    const net_secure_stream_papers us = {
        .authorities = papers_ours,
        .version = data[0] % 2 == 0 ? NET_SECURE_ANY : NET_SECURE_12,
        .offset = LATER};
    const net_secure_stream_papers them = {
        .chain = papers_server, .key = papers_server_key, .offset = LATER, .stream = &streams[1]};
    net_secure_stream_domain *ours = net_secure_stream_client_domain(&us, &calls, &wrong);
    net_secure_stream_domain *theirs = net_secure_stream_server_domain(&them, &calls, &wrong);
    SIM_PROMISE(ours != NULL && theirs != NULL);
    client = server = (side){0};
    const net_secure_stream_client as = {.host = "localhost", .application = "mqtt"};
    client.stream = net_secure_stream_connect(ours, &as, &streams[0], &client);
    server.stream = net_secure_stream_accept(theirs, &streams[1], &server);
    SIM_PROMISE(client.stream != NULL && server.stream != NULL);
    net_secure_stream_start(client.stream, 0);
    data++;
    size--;
    for (int acts = 0; acts < ACTS_MOST && size >= 2; acts++) {
        size_t left = size;
        act(data, &left);
        data += size - left;
        size = left;
    }
    net_secure_stream_free(client.stream);
    net_secure_stream_free(server.stream);
    net_secure_stream_domain_free(ours);
    net_secure_stream_domain_free(theirs);
    SIM_PROMISE(sim_heap_in_use().blocks == before.blocks);
    return 0;
}
