/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stateless half of a server, RFC 6347 4.2.1: nothing is kept, not even a listening WOLFSSL.
 * Such a session must be seeded when it is made, and one that listens for everybody would draw its
 * numbers in the order in which peers come: the same device would get other bytes in another fleet.
 * So the HelloVerifyRequest is ours, and the session is made when the cookie is good, with the
 * peer's own stream. wolfSSL checks the cookie once more by the same recipe. */
#include <string.h>
#include <wolfssl/options.h>
/* after options.h */
#include <wolfssl/wolfcrypt/hmac.h>

#include "net/secure_private.h"

enum {
    ADDRESS_SIZE = 18, /* address and port */
    VERIFY_SIZE = RECORD_DTLS_RECORD_HEADER + RECORD_DTLS_MESSAGE_HEADER + 3 + NET_SECURE_COOKIE
};

/* HMAC-SHA256 over up to six spans. */
static bool seal(const uint8_t key[NET_SECURE_COOKIE], const record_dtls_span *spans, size_t count,
                 uint8_t out[NET_SECURE_COOKIE]) {
    Hmac hmac;
    if (wc_HmacInit(&hmac, NULL, INVALID_DEVID) != 0) return false;
    bool good = wc_HmacSetKey(&hmac, WC_SHA256, key, NET_SECURE_COOKIE) == 0;
    for (size_t i = 0; good && i < count; i++)
        good = wc_HmacUpdate(&hmac, spans[i].at, (word32)spans[i].n) == 0;
    good = good && wc_HmacFinal(&hmac, out) == 0;
    wc_HmacFree(&hmac);
    return good;
}

/* A key for each address, so that the address need not be told to wolfSSL. */
static bool key_of(const net_secure_domain *d, const net_address *from,
                   uint8_t out[NET_SECURE_COOKIE]) {
    uint8_t bytes[ADDRESS_SIZE];
    memcpy(bytes, from->ip, sizeof from->ip);
    bytes[sizeof from->ip] = (uint8_t)(from->port >> 8);
    bytes[sizeof from->ip + 1] = (uint8_t)from->port;
    record_dtls_span span = {bytes, sizeof bytes};
    return seal(d->cookie_secret, &span, 1, out);
}

/* Over version, random, session_id, cipher_suites, compression_methods: what RFC 6347 4.2.1 names,
 * in wolfSSL's order. */
static bool cookie_of(const uint8_t key[NET_SECURE_COOKIE], const record_dtls_hello *h,
                      uint8_t out[NET_SECURE_COOKIE]) {
    uint8_t version[2] = {(uint8_t)(h->version >> 8), (uint8_t)h->version};
    record_dtls_span spans[] = {{version, sizeof version},
                                {h->random, RECORD_DTLS_RANDOM},
                                h->session_id,
                                h->cipher_suites,
                                h->compressions};
    return seal(key, spans, sizeof spans / sizeof *spans, out);
}

/* HelloVerifyRequest, always of version DTLS 1.0 and with the numbers of the ClientHello. Shorter
 * than any ClientHello: it amplifies nothing. */
static void put_verify(const record_dtls_record *r, const record_dtls_message *m,
                       const uint8_t cookie[NET_SECURE_COOKIE], uint8_t out[VERIFY_SIZE]) {
    enum { BODY = 2 + 1 + NET_SECURE_COOKIE };
    static const uint8_t frame[VERIFY_SIZE - NET_SECURE_COOKIE] = {
        [0] = RECORD_DTLS_HANDSHAKE,
        [1] = RECORD_DTLS_VERSION_1_0 >> 8,
        [2] = RECORD_DTLS_VERSION_1_0 & 0xff,
        [12] = RECORD_DTLS_MESSAGE_HEADER + BODY,
        [13] = RECORD_DTLS_HELLO_VERIFY_REQUEST,
        [16] = BODY,
        [24] = BODY, /* of this fragment */
        [25] = RECORD_DTLS_VERSION_1_0 >> 8,
        [26] = RECORD_DTLS_VERSION_1_0 & 0xff,
        [27] = NET_SECURE_COOKIE,
    };
    memcpy(out, frame, sizeof frame);
    record_dtls_put_sequence(out, r->sequence);
    out[17] = (uint8_t)(m->sequence >> 8);
    out[18] = (uint8_t)m->sequence;
    memcpy(out + sizeof frame, cookie, NET_SECURE_COOKIE);
}

static bool same_cookie(const record_dtls_span *theirs, const uint8_t ours[NET_SECURE_COOKIE]) {
    uint8_t difference = 0;
    if (theirs->n != NET_SECURE_COOKIE) return false;
    for (size_t i = 0; i < NET_SECURE_COOKIE; i++) difference |= (uint8_t)(theirs->at[i] ^ ours[i]);
    return difference == 0;
}

static bool take_hello(const uint8_t *datagram, size_t n, record_dtls_record *r,
                       record_dtls_message *m, record_dtls_hello *h) {
    record_dtls_span left = {datagram, n};
    if (!record_dtls_take_record(&left, r) || r->type != RECORD_DTLS_HANDSHAKE || r->epoch != 0)
        return false;
    if (r->whole.n > NET_SECURE_RECORD_MAX || r->sequence > NET_SECURE_AHEAD_MAX) return false;
    left = r->body;
    return record_dtls_take_message(&left, m) && left.n == 0 && record_dtls_read_hello(m, h);
}

int net_secure_listen(net_secure_domain *d, sim_time now, const net_address *from,
                      const uint8_t *datagram, size_t n, sim_stream *stream, void *owner,
                      void (*reply)(void *owner, const uint8_t *datagram, size_t n),
                      net_secure_session **out) {
    record_dtls_record record;
    record_dtls_message message;
    record_dtls_hello hello;
    uint8_t key[NET_SECURE_COOKIE], cookie[NET_SECURE_COOKIE], answer[VERIFY_SIZE];
    SIM_PROMISE(d->server);
    *out = NULL;
    if (!take_hello(datagram, n, &record, &message, &hello)) {
        d->discarded++;
        return SIM_EPARSE;
    }
    if (!key_of(d, from, key) || !cookie_of(key, &hello, cookie)) return SIM_ENOMEM;
    if (same_cookie(&hello.cookie, cookie))
        return net_secure_accept(d, now, &record, &message, &hello, key, stream, owner, out);
    put_verify(&record, &message, cookie, answer);
    reply(owner, answer, sizeof answer);
    return 0;
}
