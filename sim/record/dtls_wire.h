/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/record/dtls_wire.h - bounded readers of what DTLS 1.2 shows in the clear: records (RFC 6347
 * 4.1), handshake messages (4.2.2) and the ClientHello (4.2.1). They point into the caller's bytes,
 * copy nothing and never read past the end they were given. */
#ifndef SIM_RECORD_DTLS_WIRE_H
#define SIM_RECORD_DTLS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RECORD_DTLS_CHANGE_CIPHER_SPEC = 20, /* content types, RFC 5246 6.2.1 */
    RECORD_DTLS_ALERT = 21,
    RECORD_DTLS_HANDSHAKE = 22,
    RECORD_DTLS_APPLICATION_DATA = 23,

    RECORD_DTLS_HELLO_REQUEST = 0, /* handshake types, RFC 5246 7.4 and RFC 6347 4.3.2 */
    RECORD_DTLS_CLIENT_HELLO = 1,
    RECORD_DTLS_SERVER_HELLO = 2,
    RECORD_DTLS_HELLO_VERIFY_REQUEST = 3,
    RECORD_DTLS_SERVER_KEY_EXCHANGE = 12,
    RECORD_DTLS_SERVER_HELLO_DONE = 14,
    RECORD_DTLS_CLIENT_KEY_EXCHANGE = 16,
    RECORD_DTLS_FINISHED = 20,

    RECORD_DTLS_RECORD_HEADER = 13,  /* bytes */
    RECORD_DTLS_MESSAGE_HEADER = 12, /* bytes */
    RECORD_DTLS_RANDOM = 32,         /* bytes */
    RECORD_DTLS_VERSION_1_0 = 0xfeff,
    RECORD_DTLS_VERSION_1_2 = 0xfefd
};

typedef struct record_dtls_span {
    const uint8_t *at;
    size_t n;
} record_dtls_span;

typedef struct record_dtls_record {
    uint8_t type;
    uint16_t version;
    uint16_t epoch;
    uint64_t sequence; /* 48 bits */
    record_dtls_span whole;
    record_dtls_span body;
} record_dtls_record;

typedef struct record_dtls_message {
    uint8_t type;
    uint32_t length; /* of the whole message */
    uint16_t sequence;
    uint32_t offset; /* of this fragment */
    record_dtls_span fragment;
} record_dtls_message;

typedef struct record_dtls_hello {
    uint16_t version;
    const uint8_t *random; /* RECORD_DTLS_RANDOM bytes */
    record_dtls_span session_id, cookie, cipher_suites, compressions;
} record_dtls_hello;

/* Takes the next record off `left`; false when there is no whole one with a DTLS 1.0 or 1.2 version
 * and a content type of the list above. */
bool record_dtls_take_record(record_dtls_span *left, record_dtls_record *out);
/* Takes the next handshake message (or fragment of one) off a record's body; false when it is not
 * well formed. */
bool record_dtls_take_message(record_dtls_span *left, record_dtls_message *out);
/* True when the message is all there in this fragment. */
bool record_dtls_is_whole(const record_dtls_message *m);
/* Writes a record's number into its header. */
void record_dtls_put_sequence(uint8_t record[RECORD_DTLS_RECORD_HEADER], uint64_t sequence);
/* Reads a whole ClientHello; false when its vectors do not fill it exactly. */
bool record_dtls_read_hello(const record_dtls_message *m, record_dtls_hello *out);

#endif
