/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/dtls_wire.h - bounded readers of what DTLS 1.2 shows in the clear: records (RFC 6347 4.1), handshake messages (4.2.2) and the ClientHello
 * (4.2.1). They point into the caller's bytes, copy nothing and never read past the end they were given. */
#ifndef NET_DTLS_WIRE_H
#define NET_DTLS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NET_DTLS_CHANGE_CIPHER_SPEC = 20, /* content types, RFC 5246 6.2.1 */
    NET_DTLS_ALERT = 21,
    NET_DTLS_HANDSHAKE = 22,
    NET_DTLS_APPLICATION_DATA = 23,

    NET_DTLS_HELLO_REQUEST = 0, /* handshake types, RFC 5246 7.4 and RFC 6347 4.3.2 */
    NET_DTLS_CLIENT_HELLO = 1,
    NET_DTLS_SERVER_HELLO = 2,
    NET_DTLS_HELLO_VERIFY_REQUEST = 3,
    NET_DTLS_SERVER_KEY_EXCHANGE = 12,
    NET_DTLS_SERVER_HELLO_DONE = 14,
    NET_DTLS_CLIENT_KEY_EXCHANGE = 16,
    NET_DTLS_FINISHED = 20,

    NET_DTLS_RECORD_HEADER = 13,  /* bytes */
    NET_DTLS_MESSAGE_HEADER = 12, /* bytes */
    NET_DTLS_RANDOM = 32,         /* bytes */
    NET_DTLS_VERSION_1_0 = 0xfeff,
    NET_DTLS_VERSION_1_2 = 0xfefd
};

typedef struct net_dtls_span {
    const uint8_t *at;
    size_t n;
} net_dtls_span;

typedef struct net_dtls_record {
    uint8_t type;
    uint16_t version;
    uint16_t epoch;
    uint64_t sequence; /* 48 bits */
    net_dtls_span whole;
    net_dtls_span body;
} net_dtls_record;

typedef struct net_dtls_message {
    uint8_t type;
    uint32_t length; /* of the whole message */
    uint16_t sequence;
    uint32_t offset; /* of this fragment */
    net_dtls_span fragment;
} net_dtls_message;

typedef struct net_dtls_hello {
    uint16_t version;
    const uint8_t *random; /* NET_DTLS_RANDOM bytes */
    net_dtls_span session_id, cookie, cipher_suites, compressions;
} net_dtls_hello;

/* Takes the next record off `left`; false when there is no whole one with a DTLS 1.0 or 1.2 version and a content type of the list above. */
bool net_dtls_take_record(net_dtls_span *left, net_dtls_record *out);
/* Takes the next handshake message (or fragment of one) off a record's body; false when it is not well formed. */
bool net_dtls_take_message(net_dtls_span *left, net_dtls_message *out);
/* True when the message is all there in this fragment. */
bool net_dtls_is_whole(const net_dtls_message *m);
/* Writes a record's number into its header. */
void net_dtls_put_sequence(uint8_t record[NET_DTLS_RECORD_HEADER], uint64_t sequence);
/* Reads a whole ClientHello; false when its vectors do not fill it exactly. */
bool net_dtls_read_hello(const net_dtls_message *m, net_dtls_hello *out);

#endif
