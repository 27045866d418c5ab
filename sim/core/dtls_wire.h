/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/core/dtls_wire.h - bounded readers of what DTLS 1.2 shows in the clear: records (RFC 6347 4.1), handshake messages (4.2.2) and the ClientHello
 * (4.2.1). They point into the caller's bytes, copy nothing and never read past the end they were given. */
#ifndef SIM_CORE_DTLS_WIRE_H
#define SIM_CORE_DTLS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SIM_DTLS_CHANGE_CIPHER_SPEC = 20, /* content types, RFC 5246 6.2.1 */
    SIM_DTLS_ALERT = 21,
    SIM_DTLS_HANDSHAKE = 22,
    SIM_DTLS_APPLICATION_DATA = 23,

    SIM_DTLS_HELLO_REQUEST = 0, /* handshake types, RFC 5246 7.4 and RFC 6347 4.3.2 */
    SIM_DTLS_CLIENT_HELLO = 1,
    SIM_DTLS_SERVER_HELLO = 2,
    SIM_DTLS_HELLO_VERIFY_REQUEST = 3,
    SIM_DTLS_SERVER_KEY_EXCHANGE = 12,
    SIM_DTLS_SERVER_HELLO_DONE = 14,
    SIM_DTLS_CLIENT_KEY_EXCHANGE = 16,
    SIM_DTLS_FINISHED = 20,

    SIM_DTLS_RECORD_HEADER = 13,  /* bytes */
    SIM_DTLS_MESSAGE_HEADER = 12, /* bytes */
    SIM_DTLS_RANDOM = 32,         /* bytes */
    SIM_DTLS_VERSION_1_0 = 0xfeff,
    SIM_DTLS_VERSION_1_2 = 0xfefd
};

typedef struct sim_dtls_span {
    const uint8_t *at;
    size_t n;
} sim_dtls_span;

typedef struct sim_dtls_record {
    uint8_t type;
    uint16_t version;
    uint16_t epoch;
    uint64_t sequence; /* 48 bits */
    sim_dtls_span whole;
    sim_dtls_span body;
} sim_dtls_record;

typedef struct sim_dtls_message {
    uint8_t type;
    uint32_t length; /* of the whole message */
    uint16_t sequence;
    uint32_t offset; /* of this fragment */
    sim_dtls_span fragment;
} sim_dtls_message;

typedef struct sim_dtls_hello {
    uint16_t version;
    const uint8_t *random; /* SIM_DTLS_RANDOM bytes */
    sim_dtls_span session_id, cookie, cipher_suites, compressions;
} sim_dtls_hello;

/* Takes the next record off `left`; false when there is no whole one with a DTLS 1.0 or 1.2 version and a content type of the list above. */
bool sim_dtls_take_record(sim_dtls_span *left, sim_dtls_record *out);
/* Takes the next handshake message (or fragment of one) off a record's body; false when it is not well formed. */
bool sim_dtls_take_message(sim_dtls_span *left, sim_dtls_message *out);
/* True when the message is all there in this fragment. */
bool sim_dtls_is_whole(const sim_dtls_message *m);
/* Writes a record's number into its header. */
void sim_dtls_put_sequence(uint8_t record[SIM_DTLS_RECORD_HEADER], uint64_t sequence);
/* Reads a whole ClientHello; false when its vectors do not fill it exactly. */
bool sim_dtls_read_hello(const sim_dtls_message *m, sim_dtls_hello *out);

#endif
