/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/fuzz/secure_hostile.h - a client and a server that talk, and somebody between them who may
 * add, change, repeat, hold back and delay datagrams, but has no key. The input says what he does.
 * Checked: no crash, no leak, no storm, and an open session stays open. */
#ifndef TESTS_FUZZ_SECURE_HOSTILE_H
#define TESTS_FUZZ_SECURE_HOSTILE_H

#include "sim/core/heap.h"
#include "sim/record/dtls_wire.h"
#include "tests/unit/secure_pair.h"

typedef struct hostile_script {
    const uint8_t *at;
    size_t n;
} hostile_script;

enum hostile_act {
    HOSTILE_STEP,    /* one datagram's time passes */
    HOSTILE_WAIT,    /* seconds pass: timers ring */
    HOSTILE_RAW,     /* bytes of the script as they are */
    HOSTILE_RECORD,  /* ... behind a record header */
    HOSTILE_MESSAGE, /* ... behind a record header and a handshake header */
    HOSTILE_REPEAT,  /* a datagram that went by before */
    HOSTILE_CHANGE,  /* ... with a byte changed, and perhaps cut */
    HOSTILE_LOSE,    /* the next datagram is lost */
    HOSTILE_WRITE,   /* both ends send data */
    HOSTILE_ACTS
};

enum { HOSTILE_KEPT = 16 };

static secure_pair hostile_pair;
static test_packet hostile_kept[HOSTILE_KEPT];

static bool hostile_keep(void *looker, const test_packet *d) {
    (void)looker;
    hostile_kept[d->number % HOSTILE_KEPT] = *d;
    return false;
}

static uint8_t hostile_byte(hostile_script *s) {
    if (s->n == 0) return 0;
    s->n--;
    return *s->at++;
}

static size_t hostile_bytes(hostile_script *s, uint8_t *out, size_t most) {
    size_t n = hostile_byte(s);
    if (n > 250) n = 1500; /* more than fits any record */
    if (n > most) n = most;
    if (n > s->n) n = s->n;
    memcpy(out, s->at, n);
    s->at += n;
    s->n -= n;
    return n;
}

static void hostile_record_header(hostile_script *s, uint8_t *out, size_t n) {
    const uint8_t what = hostile_byte(s);
    memset(out, 0, RECORD_DTLS_RECORD_HEADER);
    out[0] = (uint8_t)(RECORD_DTLS_CHANGE_CIPHER_SPEC + what % 4);
    out[1] = 0xfe;
    out[2] = (what & 4) != 0 ? 0xff : 0xfd;
    out[4] = (uint8_t)(what >> 3 & 1);
    out[9] = (uint8_t)(what >> 4 & 1); /* from the past or the future */
    out[10] = hostile_byte(s);
    out[11] = (uint8_t)(n >> 8);
    out[12] = (uint8_t)n;
}

static void hostile_message_header(hostile_script *s, uint8_t *out, size_t n) {
    const uint8_t type = hostile_byte(s), sequence = hostile_byte(s), fragment = hostile_byte(s);
    memset(out, 0, RECORD_DTLS_MESSAGE_HEADER);
    out[0] = type % 25;
    out[2] = (uint8_t)(n >> 8);
    out[3] = (uint8_t)(n + fragment % 4);
    out[5] = sequence % 8;
    out[8] = (uint8_t)(fragment >> 6);
    out[10] = (uint8_t)(n >> 8);
    out[11] = (uint8_t)n;
}

static size_t hostile_make(hostile_script *s, enum hostile_act act,
                           uint8_t out[SECURE_PAIR_DATAGRAM]) {
    const size_t record = act == HOSTILE_RAW ? 0 : RECORD_DTLS_RECORD_HEADER;
    const size_t message = act == HOSTILE_MESSAGE ? RECORD_DTLS_MESSAGE_HEADER : 0;
    const size_t n =
        hostile_bytes(s, out + record + message, SECURE_PAIR_DATAGRAM - record - message);
    if (message != 0) hostile_message_header(s, out + record, n);
    if (record != 0) hostile_record_header(s, out, message + n);
    return record + message + n;
}

static size_t hostile_repeat(hostile_script *s, bool change, uint8_t out[SECURE_PAIR_DATAGRAM]) {
    const test_packet *d = &hostile_kept[hostile_byte(s) % HOSTILE_KEPT];
    size_t n = d->n;
    memcpy(out, d->bytes, n);
    if (!change || n == 0) return n;
    out[hostile_byte(s) % n] ^= hostile_byte(s);
    const uint8_t cut = hostile_byte(s);
    return cut % 2 == 0 || cut > n ? n : n - cut;
}

/* What he sends goes to the end that is tested; that an open session closes is the one thing that
 * he must not bring about. */
static void hostile_send(bool to_server, const uint8_t *bytes, size_t n) {
    secure_pair *p = &hostile_pair;
    const secure_end *end = to_server ? &p->server : &p->client;
    const bool open = end->session != NULL && net_secure_is_open(end->session);
    const int received = end->received;
    if (to_server)
        secure_pair_to_server(p, bytes, n);
    else
        net_secure_input(p->client.session, p->wire.now, bytes, n);
    if (open) SIM_PROMISE(net_secure_is_open(end->session) && end->received - received <= 1);
}

static void hostile_write(secure_end *end) {
    if (end->session == NULL || !net_secure_is_open(end->session)) return;
    SIM_PROMISE(net_secure_write(end->session, end->pair->wire.now, (const uint8_t *)"data", 4) ==
                0);
}

static void hostile_do(hostile_script *s, bool to_server) {
    secure_pair *p = &hostile_pair;
    uint8_t bytes[SECURE_PAIR_DATAGRAM];
    const enum hostile_act act = hostile_byte(s) % HOSTILE_ACTS;
    switch (act) {
        case HOSTILE_STEP:
            secure_pair_run(p, p->wire.now + SECURE_PAIR_LATENCY);
            break;
        case HOSTILE_WAIT:
            secure_pair_run(p, p->wire.now + (hostile_byte(s) % 64) * SIM_SECOND);
            break;
        case HOSTILE_REPEAT:
            hostile_send(to_server, bytes, hostile_repeat(s, false, bytes));
            break;
        case HOSTILE_CHANGE:
            hostile_send(to_server, bytes, hostile_repeat(s, true, bytes));
            break;
        case HOSTILE_LOSE:
            if (test_wire_sent(&p->wire) < 64)
                p->wire.lost |= UINT64_C(1) << test_wire_sent(&p->wire);
            break;
        case HOSTILE_WRITE:
            hostile_write(&p->client);
            hostile_write(&p->server);
            break;
        default:
            hostile_send(to_server, bytes, hostile_make(s, act, bytes));
            break;
    }
}

static inline void hostile_run(const uint8_t *data, size_t size, bool to_server) {
    enum { MOST = 200 }; /* acts; what lies beyond is not read */
    hostile_script s = {data, size};
    const sim_heap_use before = sim_heap_in_use();
    SIM_PROMISE(secure_pair_init(&hostile_pair, 1, 2, &net_secure_timing_default));
    memset(hostile_kept, 0, sizeof hostile_kept);
    hostile_pair.wire.look = hostile_keep;
    net_secure_client_start(hostile_pair.client.session, 0);
    for (int i = 0; i < MOST && s.n > 0; i++) {
        if (hostile_pair.wire.count > TEST_WIRE_PACKETS / 2)
            secure_pair_run(&hostile_pair, hostile_pair.wire.now + SECURE_PAIR_LATENCY);
        hostile_do(&s, to_server);
    }
    secure_pair_run(&hostile_pair, hostile_pair.wire.now + SIM_HOUR);
    SIM_PROMISE(test_wire_sent(&hostile_pair.wire) < 4 * MOST + 100);
    secure_pair_deinit(&hostile_pair);
    SIM_PROMISE(sim_heap_in_use().blocks == before.blocks);
}

#endif
