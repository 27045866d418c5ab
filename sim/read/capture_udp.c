/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UDP. DTLS: a ClientHello with a new Random is an attempt, the cookie round belongs to it. CoAP: a
 * request is an attempt on a flow that is not online, or when it registers (POST rd); the same
 * message id or token again is not. QUIC: an Initial with a new connection id. RFC 6347, 9147,
 * 7252, 9000, 9369. */
#include "sim/core/random.h"
#include "sim/read/bytes.h"
#include "sim/read/capture.h"
#include "sim/read/lookups.h"
#include "sim/record/dtls_record.h"

enum { DNS_PORT = 53, EPHEMERAL = 32768 };

/* A CoAP message that is sent again, is so after a second and more: RFC 7252 4.8 has two. */
static const sim_time sent_again = SIM_SECOND;
static const sim_time sent_again_most = 96 * SIM_SECOND; /* MAX_TRANSMIT_WAIT and a little */
enum { REPEATS_MOST = 4 };                               /* MAX_RETRANSMIT: RFC 7252 4.8 */

static uint64_t tag_of(const uint8_t *bytes, size_t n) {
    uint64_t tag = n;
    for (size_t i = 0; i < n; i++) tag = sim_hash64(tag ^ bytes[i]);
    return tag;
}

/* By its ports a packet of a server whose client was not captured from its beginning on. */
static bool is_from_server(const read_packet *p) {
    return p->source.port < p->target.port && p->source.port < EPHEMERAL &&
           p->target.port >= EPHEMERAL;
}

/* --- DTLS --- */

static int take_hello(read_capture *c, const read_packet *p, const uint8_t random[]) {
    bool from_client;
    int error;
    uint64_t tag = tag_of(random, RECORD_DTLS_RANDOM);
    read_flow *f = read_flow_of(c, p, &from_client);
    if (f != NULL && from_client && f->speaks == READ_SPEAKS_DTLS && f->tag == tag) {
        f->latest = c->now;
        return 0;
    }
    if (f != NULL && from_client && f->online) {
        error = read_flow_end(c, f, false);
        if (error != 0) return error;
    }
    read_flow_begin(c, p, READ_SPEAKS_DTLS, tag, &error);
    return error;
}

/* A fragment of a ClientHello that does not show the Random by itself. *whole is its message, once
 * it is there. */
static int take_fragment(read_capture *c, const read_packet *p, record_dtls_span *whole) {
    record_dtls_span left = p->payload, body;
    record_dtls_record r;
    record_dtls_message m;
    *whole = (record_dtls_span){NULL, 0};
    if (!record_dtls_take_record(&left, &r) || r.epoch != 0 || r.type != RECORD_DTLS_HANDSHAKE)
        return 0;
    body = r.body;
    if (!record_dtls_take_message(&body, &m) || m.type != RECORD_DTLS_CLIENT_HELLO) return 0;
    if (record_dtls_is_whole(&m)) return 0;
    const read_fragment fragment = {
        sim_hash64(read_flow_key(p) ^ (uint64_t)m.sequence << 32 ^ m.length), m.offset,
        m.offset + m.fragment.n < m.length, m.fragment};
    return read_fragments_add(&c->hellos, &fragment, whole);
}

static int take_alert(read_capture *c, read_flow *f, bool from_client, bool sealed) {
    if (f->online) return read_flow_end(c, f, false);
    if (!sealed && !from_client) read_flow_settle(c, f, RECORD_OUTCOME_REFUSED);
    return sealed || from_client ? 0 : read_flow_end(c, f, true);
}

static int take_records(read_capture *c, read_flow *f, bool from_client, record_dtls_span left) {
    record_dtls_record record;
    record_dtls_span id;
    int error = 0;
    while (error == 0 && record_dtls_take_record(&left, &record)) {
        if (record.type == RECORD_DTLS_ALERT)
            error = take_alert(c, f, from_client, record.epoch > 0);
        else if (record.type == RECORD_DTLS_CHANGE_CIPHER_SPEC && !from_client)
            read_flow_settle(c, f, RECORD_OUTCOME_ONLINE);
        else if (from_client && record.type == RECORD_DTLS_HANDSHAKE && record.epoch == 0 &&
                 read_dtls_identity(record.body, &id))
            error = read_flow_identify(c, f, id.at, id.n);
    }
    /* DTLS 1.3 (RFC 9147 4): encrypted records begin with 001. The server's come first, the
     * client's show that it accepts them. */
    if (left.n > 0 && left.at[0] >> 5 == 1) {
        if (!from_client) f->sealed = true;
        if (from_client && f->sealed) read_flow_settle(c, f, RECORD_OUTCOME_ONLINE);
    }
    return error;
}

/* --- CoAP --- */

static bool is_own(const read_packet *p) {
    return read_coap_is_own_port(p->target.port) || read_coap_is_own_port(p->source.port);
}

/* What speaks for CoAP and against it, where the port does not tell. */
static void weigh(read_capture *c, const read_flow *f, bool likely) {
    uint32_t *count = likely ? &c->coap[f->service].likely : &c->coap[f->service].unlikely;
    *count += *count < UINT32_MAX;
}

static int take_request(read_capture *c, const read_packet *p, const read_coap *m) {
    bool from_client;
    int error = 0;
    uint64_t tag = sim_hash64(tag_of(m->token.at, m->token.n) ^ m->mid);
    read_flow *f = read_flow_of(c, p, &from_client);
    if (f != NULL && !from_client) return 0; /* a server that asks, as LwM2M's do */
    if (f == NULL && read_coap_is_own_port(p->source.port) &&
        !read_coap_is_own_port(p->target.port))
        return 0;
    if (f == NULL && !is_own(p) && (m->strange || is_from_server(p))) return 0;
    if (f != NULL && f->tag == tag) {
        sim_time gap = c->now - f->latest;
        /* as often as CoAP does it: what goes on so is a heartbeat */
        if (gap >= sent_again) weigh(c, f, gap <= sent_again_most && f->repeats < REPEATS_MOST);
        if (f->repeats < UINT8_MAX) f->repeats++;
        f->latest = c->now;
        return 0;
    }
    if (f != NULL && f->online && !m->registers) return 0;
    if (f != NULL && f->online) error = read_flow_end(c, f, false);
    if (error == 0) f = read_flow_begin(c, p, READ_SPEAKS_COAP, tag, &error);
    if (error != 0 || f == NULL) return error;
    f->mid = m->mid;
    f->token = tag_of(m->token.at, m->token.n);
    f->token_length = (uint8_t)m->token.n;
    return 0;
}

static bool is_match(const read_flow *f, const read_coap *m) {
    if (m->type == READ_COAP_ACK || m->type == READ_COAP_RESET) return m->mid == f->mid;
    return f->token_length >= 2 && m->token.n == f->token_length &&
           tag_of(m->token.at, m->token.n) == f->token;
}

static int take_response(read_capture *c, read_flow *f, const read_coap *m) {
    unsigned class = m->code >> 5;
    if (is_match(f, m)) weigh(c, f, true);
    read_flow_answered(c, f);
    if (m->type == READ_COAP_RESET) return read_flow_end(c, f, true);
    if (class >= 2 && !f->online) read_flow_settle(c, f, read_coap_outcome(m->code));
    return 0;
}

static int take_coap(read_capture *c, const read_packet *p, read_flow *f, bool from_client) {
    read_coap message;
    bool good = read_coap_parse(p->payload, &message);
    bool known = f != NULL && f->speaks == READ_SPEAKS_COAP;
    if (known && !is_own(p) && (!good || message.strange)) weigh(c, f, false);
    if (!good) return 0;
    if (f != NULL && !from_client) return f->ended || !known ? 0 : take_response(c, f, &message);
    bool request = message.code >= 1 && message.code <= 31;
    return request && read_coap_port(p->target.port) ? take_request(c, p, &message) : 0;
}

/* --- QUIC --- */

/* Packets of a client that belong to the attempt of its flow: with the id that it gave itself, or,
 * where it gave none, with the one that it drew for the server or the server gave itself. */
static bool is_same_quic(const read_flow *f, const read_quic *q) {
    if (f->ended || f->speaks != READ_SPEAKS_QUIC) return false;
    if (q->source.n > 0) return f->tag == tag_of(q->source.at, q->source.n);
    uint64_t target = tag_of(q->target.at, q->target.n);
    return f->tag == target || f->token == target;
}

static int take_initial(read_capture *c, const read_packet *p, const read_quic *q) {
    bool from_client;
    int error = 0;
    const record_dtls_span id = q->source.n > 0 ? q->source : q->target;
    read_flow *f = read_flow_of(c, p, &from_client);
    if (f == NULL && is_from_server(p)) return 0;
    if (f != NULL && from_client && f->online) error = read_flow_end(c, f, false);
    if (error == 0) read_flow_begin(c, p, READ_SPEAKS_QUIC, tag_of(id.at, id.n), &error);
    return error;
}

/* A server that answers, a client that can read it, and a server that knows so: RFC 9001 4.1. */
static void take_quic_of(read_capture *c, read_flow *f, bool from_client, bool answer,
                         bool handshake, bool one_rtt) {
    if (from_client) {
        f->confirmed = f->confirmed || (f->sealed && (handshake || one_rtt));
        return;
    }
    read_flow_answered(c, f);
    f->sealed = f->sealed || answer || handshake;
    if (f->confirmed && one_rtt) read_flow_settle(c, f, RECORD_OUTCOME_ONLINE);
}

static int take_quic(read_capture *c, const read_packet *p, const read_quic *q) {
    bool from_client;
    read_flow *f = read_flow_of(c, p, &from_client);
    if (f != NULL && f->speaks == READ_SPEAKS_QUIC && !from_client) {
        if (!q->negotiation) f->token = tag_of(q->source.at, q->source.n);
    } else if (q->initial && q->sound && (f == NULL || !from_client || !is_same_quic(f, q))) {
        return take_initial(c, p, q);
    }
    if (f == NULL || f->ended || f->speaks != READ_SPEAKS_QUIC) return 0;
    take_quic_of(c, f, from_client, q->initial, q->handshake, q->one_rtt);
    return 0;
}

/* --- datagrams --- */

/* What a client sends into the void, it may send beside a new connection: it is there when it is
 * answered at once. */
static void note_alive(read_capture *c, read_flow *f, bool from_client) {
    if (!f->online) return;
    bool soon = f->asked > 0 && c->now - f->asked <= SIM_SECOND;
    if (!from_client && soon) read_flow_prove(c, f);
    f->asked = from_client ? c->now : 0;
}

static int take_open(read_capture *c, const read_packet *p, read_flow *f, bool from_client) {
    note_alive(c, f, from_client);
    if (f->speaks == READ_SPEAKS_QUIC) {
        bool answer = p->payload.n > 0 && p->payload.at[0] >> 7 == 1; /* a long header, at least */
        take_quic_of(c, f, from_client, answer, false, read_quic_is_short(p->payload));
        return 0;
    }
    if (!from_client) read_flow_answered(c, f);
    return take_records(c, f, from_client, p->payload);
}

static int take_datagram(read_capture *c, const read_packet *p) {
    bool from_client;
    read_quic quic;
    read_flow *f = read_flow_of(c, p, &from_client);
    bool open = f != NULL && (f->speaks == READ_SPEAKS_DTLS || f->speaks == READ_SPEAKS_QUIC);
    if (read_quic_parse(p->payload, &quic)) return take_quic(c, p, &quic);
    if (open) return f->ended ? 0 : take_open(c, p, f, from_client);
    if (f != NULL) note_alive(c, f, from_client);
    return take_coap(c, p, f, from_client);
}

int read_capture_udp(read_capture *c, const read_packet *p) {
    record_dtls_glance glance;
    record_dtls_span whole;
    if (p->source.port == DNS_PORT || p->target.port == DNS_PORT) return read_lookups_take(c, p);
    if (record_dtls_look(p->payload.at, p->payload.n, &glance) == 0) {
        if (glance.client_hello) return take_hello(c, p, glance.random);
        int error = take_fragment(c, p, &whole);
        if (error != 0) return error;
        if (whole.n >= 2 + RECORD_DTLS_RANDOM) return take_hello(c, p, whole.at + 2);
    }
    return take_datagram(c, p);
}
