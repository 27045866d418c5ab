/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/read/talk.h - what one side of a TCP connection says, byte by byte, wherever segments begin:
 * MQTT's packets, CoAP's messages or TLS's records, as much of them as outcome and identity need.
 */
#ifndef SIM_READ_TALK_H
#define SIM_READ_TALK_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/core/error.h"
#include "sim/read/names.h"
#include "sim/record/dtls_wire.h"

enum { READ_TALK_KEPT_MAX = 4096 }; /* bytes of one message */

typedef enum read_language {
    READ_LANGUAGE_UNTOLD, /* too few bytes so far */
    READ_LANGUAGE_MQTT,
    READ_LANGUAGE_TLS,
    READ_LANGUAGE_COAP, /* RFC 8323 */
    READ_LANGUAGE_OTHER
} read_language;

typedef enum read_said {
    READ_SAID_CONNECT = 1 << 0,  /* MQTT's, with its id */
    READ_SAID_CONNACK = 1 << 1,  /* with its code */
    READ_SAID_GOODBYE = 1 << 2,  /* DISCONNECT; CoAP's Release and Abort */
    READ_SAID_HELLO = 1 << 3,    /* a ClientHello begins */
    READ_SAID_13 = 1 << 4,       /* a ServerHello that chooses TLS 1.3 */
    READ_SAID_CHANGE = 1 << 5,   /* ChangeCipherSpec */
    READ_SAID_SEALED = 1 << 6,   /* a record of application data, which TLS 1.3 sends all in */
    READ_SAID_ALERT = 1 << 7,    /* a fatal one in the clear */
    READ_SAID_IDENTITY = 1 << 8, /* of a pre-shared key */
    READ_SAID_RESPONSE = 1 << 9, /* CoAP's, with the code of the first of them */
} read_said;

typedef struct read_words {
    unsigned said; /* read_said of all that was taken, since it was last set to 0 */
    unsigned code; /* of a CONNACK or a response */
    char identity[READ_NAME_MAX];
    size_t identity_length; /* 0: none was said */
} read_words;

/* All 0 is a side that has said nothing; deinit of it is fine. */
typedef struct read_talk {
    uint8_t language; /* read_language */
    uint8_t state;
    uint8_t type;           /* of the packet or record that is under way */
    bool changed;           /* after a ChangeCipherSpec: handshake messages cannot be read */
    bool lost;              /* after a hole: until something begins that can be one */
    uint8_t head_length;    /* of `head` that is there */
    uint8_t head[16];       /* the first bytes, or the header that is under way */
    uint32_t left;          /* of the packet or record */
    uint8_t message_length; /* of `message` that is there */
    uint8_t message[4];     /* header of the handshake message that is under way */
    uint32_t message_left;  /* of its body */
    uint8_t *kept;          /* what is needed of a body */
    uint16_t kept_length, kept_room;
} read_talk;

void read_talk_deinit(read_talk *t);
/* What the server speaks is told by what its client did. */
void read_talk_expect(read_talk *t, read_language language);
/* The next bytes, and a hole behind them. SIM_ENOMEM. */
SIM_MUST_USE int read_talk_take(read_talk *t, record_dtls_span bytes, size_t hole,
                                read_words *words);

#endif
