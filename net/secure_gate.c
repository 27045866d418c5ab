/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which records may reach wolfSSL. RFC 6347 4.1.2.7 wants invalid records thrown away silently;
 * wolfSSL 5.7.2 ends the session on many of them (a bad version in an alert, a handshake message
 * out of turn, a record too short to hold a tag). So only what can be meant for this session, in
 * this state, passes. */
#include "net/secure_private.h"

enum {
    /* bytes; the longest of a PSK handshake is a ServerKeyExchange: hint of 128 and 2 */
    MESSAGE_MAX = 1024,
    /* message_seq; a PSK handshake ends at 5. wolfSSL would store 255 that come early */
    SEQUENCE_MAX = 15,
    SEALED_LEAST = 8 + 8, /* bytes: explicit nonce and tag (RFC 6655 3) */
    SEALED_FINISHED = SEALED_LEAST + RECORD_DTLS_MESSAGE_HEADER + 12,
    SEALED_EPOCH = 1
};

/* The first message of a flight that the peer sends again makes wolfSSL send its own again (RFC
 * 6347 4.2.4). Two ends that do so, with keys that differ, answer each other without end and
 * without any timer (seen with wolfSSL at both). So: once per ring of our timer. */
static net_secure_verdict repetition(const net_secure_session *s) {
    return s->handshake->repeated ? NET_SECURE_IGNORE : NET_SECURE_PASS;
}

static net_secure_verdict to_client(const net_secure_session *s, const record_dtls_message *m) {
    const net_secure_handshake *h = s->handshake;
    switch (m->type) {
        case RECORD_DTLS_HELLO_VERIFY_REQUEST: /* wolfSSL ends the session at the second one */
            return h->flight == 0 ? NET_SECURE_PASS : NET_SECURE_DROP;
        case RECORD_DTLS_SERVER_HELLO:
            return h->finished_sent ? repetition(s) : NET_SECURE_PASS;
        case RECORD_DTLS_SERVER_HELLO_DONE: /* early, it makes wolfSSL repeat its flight, too */
            return m->sequence > h->next_message ? repetition(s) : NET_SECURE_PASS;
        case RECORD_DTLS_SERVER_KEY_EXCHANGE:
            return NET_SECURE_PASS;
        default:
            return NET_SECURE_DROP;
    }
}

static bool is_next_from_client(const net_secure_session *s, const record_dtls_message *m) {
    return m->type == RECORD_DTLS_CLIENT_KEY_EXCHANGE && m->sequence == s->hello_sequence + 1;
}

/* A ClientHello is a repetition only with the same Random; with another it is for net_secure_listen
 * (RFC 6347 4.2.8). A ClientKeyExchange that comes again belongs to the flight that is still
 * awaited: nothing to answer, though wolfSSL would. */
static net_secure_verdict to_server(const net_secure_session *s, const record_dtls_message *m) {
    const net_secure_handshake *h = s->handshake;
    record_dtls_hello hello;
    if (is_next_from_client(s, m)) return h->key_found ? NET_SECURE_IGNORE : NET_SECURE_PASS;
    bool same = record_dtls_read_hello(m, &hello) && m->sequence == s->hello_sequence &&
                net_secure_knows_hello(s, hello.random);
    return same ? repetition(s) : NET_SECURE_DROP;
}

/* Only hellos come before the version is settled. */
static bool is_fit(const record_dtls_record *r, const record_dtls_message *m) {
    const bool hello =
        m->type >= RECORD_DTLS_CLIENT_HELLO && m->type <= RECORD_DTLS_HELLO_VERIFY_REQUEST;
    return (hello || r->version == RECORD_DTLS_VERSION_1_2) && m->length <= MESSAGE_MAX &&
           m->sequence <= SEQUENCE_MAX;
}

static net_secure_verdict plain_handshake(const net_secure_session *s,
                                          const record_dtls_record *r) {
    net_secure_verdict verdict = NET_SECURE_PASS;
    record_dtls_span left = r->body;
    record_dtls_message m;
    do {
        if (!record_dtls_take_message(&left, &m)) return NET_SECURE_DROP;
        if (!is_fit(r, &m)) return NET_SECURE_DROP;
        verdict = s->domain->server ? to_server(s, &m) : to_client(s, &m);
    } while (left.n > 0 && verdict == NET_SECURE_PASS);
    return verdict;
}

/* Anybody who can guess addresses and ports can forge an alert in the clear. It is believed all the
 * same while there is no key: a server has no other way to refuse (unknown identity, no common
 * suite), OpenSSL, GnuTLS and Mbed TLS believe it too, and a fleet that is refused must behave as
 * refused. A client that has changed its cipher speaks epoch 1, so a server believes nothing in the
 * clear from then on. */
static net_secure_verdict plain_alert(const net_secure_session *s, const record_dtls_record *r) {
    const uint8_t *alert = r->body.at;
    if (r->body.n != 2 || (s->domain->server && s->handshake->peer_changed)) return NET_SECURE_DROP;
    if (alert[0] == NET_SECURE_FATAL) return NET_SECURE_ALERTED;
    if (alert[0] != NET_SECURE_WARNING) return NET_SECURE_DROP;
    return alert[1] == NET_SECURE_CLOSE_NOTIFY ? NET_SECURE_ALERTED : NET_SECURE_IGNORE;
}

static bool is_change(const record_dtls_record *r) {
    return r->type == RECORD_DTLS_CHANGE_CIPHER_SPEC && r->version == RECORD_DTLS_VERSION_1_2 &&
           r->body.n == 1 && r->body.at[0] == 1;
}

static net_secure_verdict plain_change(const net_secure_session *s, const record_dtls_record *r) {
    const net_secure_handshake *h = s->handshake;
    bool ready = s->domain->server ? h->key_found : h->finished_sent;
    return ready && is_change(r) ? NET_SECURE_PASS : NET_SECURE_DROP;
}

static bool is_sealed(const record_dtls_record *r) {
    return r->epoch == SEALED_EPOCH && r->version == RECORD_DTLS_VERSION_1_2 &&
           r->body.n >= SEALED_LEAST;
}

/* In epoch 0 nothing is sealed, so one wrong record number would push wolfSSL's window of 64 past
 * all that is still to come. A handshake takes less than ten records, so numbers far ahead are
 * wrong. */
static net_secure_verdict in_handshake(const net_secure_session *s, const record_dtls_record *r) {
    if (r->epoch == SEALED_EPOCH) {
        const bool readable = s->handshake->peer_changed && is_sealed(r);
        const bool due = r->type == RECORD_DTLS_HANDSHAKE || r->type == RECORD_DTLS_ALERT;
        return readable && due ? NET_SECURE_PASS : NET_SECURE_DROP;
    }
    if (r->sequence > s->handshake->peer_sequence + NET_SECURE_AHEAD_MAX) return NET_SECURE_DROP;
    switch (r->type) {
        case RECORD_DTLS_HANDSHAKE:
            return plain_handshake(s, r);
        case RECORD_DTLS_ALERT:
            return plain_alert(s, r);
        case RECORD_DTLS_CHANGE_CIPHER_SPEC:
            return plain_change(s, r);
        default:
            return NET_SECURE_DROP;
    }
}

/* A client whose last flight was not answered sends it again (RFC 6347 4.2.4): the
 * ClientKeyExchange makes wolfSSL repeat our final flight, the rest of it is of no use. */
static net_secure_verdict repeated_flight(const net_secure_session *s,
                                          const record_dtls_record *r) {
    record_dtls_span left = r->body;
    record_dtls_message m;
    if (r->epoch == SEALED_EPOCH) {
        const bool finished = r->type == RECORD_DTLS_HANDSHAKE && r->body.n == SEALED_FINISHED;
        return finished ? NET_SECURE_IGNORE : NET_SECURE_DROP;
    }
    if (is_change(r)) return NET_SECURE_IGNORE;
    if (r->type != RECORD_DTLS_HANDSHAKE || !record_dtls_take_message(&left, &m))
        return NET_SECURE_DROP;
    if (left.n > 0 || !is_fit(r, &m) || m.offset > 0) return NET_SECURE_DROP;
    return is_next_from_client(s, &m) ? NET_SECURE_PASS : NET_SECURE_DROP;
}

static net_secure_verdict when_open(const net_secure_session *s, const record_dtls_record *r) {
    const bool data = r->type == RECORD_DTLS_APPLICATION_DATA || r->type == RECORD_DTLS_ALERT;
    if (is_sealed(r) && data) return NET_SECURE_PASS;
    return s->retain_until == SIM_NEVER ? NET_SECURE_DROP : repeated_flight(s, r);
}

net_secure_verdict net_secure_gate(const net_secure_session *s, const record_dtls_record *r) {
    if (r->epoch > SEALED_EPOCH || r->whole.n > NET_SECURE_RECORD_MAX) return NET_SECURE_DROP;
    return s->open ? when_open(s, r) : in_handshake(s, r);
}
