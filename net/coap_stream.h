/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/coap_stream.h - CoAP over a stream (RFC 8323): its messages, and a server's end of a
 * connection, which makes of them the datagrams of RFC 7252 that net/coap_server.h takes, and back.
 * So one server answers both. Pure; section numbers are those of RFC 8323. */
#ifndef NET_COAP_STREAM_H
#define NET_COAP_STREAM_H

#include "net/end.h"
#include "net/parts.h"

enum {
    /* bytes of a message, either way: the base value of Max-Message-Size (5.3.1), which leaves room
     * for a payload of 1024 bytes and its options */
    NET_COAP_MESSAGE_MAX = 1152
};

/* Signalling codes (5). */
typedef enum net_coap_signal {
    NET_COAP_CSM = 0xE1, /* 7.01 */
    NET_COAP_PING = 0xE2,
    NET_COAP_PONG = 0xE3,
    NET_COAP_RELEASE = 0xE4,
    NET_COAP_ABORT = 0xE5
} net_coap_signal;

/* Borrowed from the bytes that it was read from. */
typedef struct net_coap_message {
    uint8_t code;
    net_span token; /* 0..8 bytes */
    net_span rest;  /* options, and behind a marker the payload */
} net_coap_message;

/* As net_parts_size has it (3.2). */
int net_coap_message_size(const uint8_t *bytes, size_t n, size_t *size);
/* Code and size of the message that begins there, of which the rest may be missing. False: too
 * little is there, or none begins so. */
bool net_coap_message_peek(net_span bytes, uint8_t *code, size_t *size);
/* Reads the message that stands in all of `bytes`. False: none does. */
bool net_coap_message_read(net_span bytes, net_coap_message *out);
/* Bytes that it takes, and writes it there. */
size_t net_coap_message_write(const net_coap_message *m, uint8_t *out);
enum { NET_COAP_MESSAGE_HEADER_MAX = 6 };

/* An option of `number` in a message's rest. False: there is none, or the options are malformed. */
bool net_coap_message_option(net_span rest, uint32_t number, net_span *value);

/* ---- a server's end of a connection ---- */

typedef struct net_coap_stream net_coap_stream;

/* Inside a call the owner may write and close, but neither free the stream nor feed it. */
typedef struct net_coap_stream_calls {
    void (*send)(void *owner, const uint8_t *bytes, size_t n);
    /* What the client says, as a datagram: requests are confirmable. */
    void (*received)(void *owner, const uint8_t *datagram, size_t n);
    /* Once: the client said good-bye (CLOSED), broke the protocol (PROTOCOL: it was told so by an
     * Abort), or there was no memory. */
    void (*ended)(void *owner, net_end why);
} net_coap_stream_calls;

/* `calls` is borrowed. Sends its CSM at once. NULL: no memory. */
net_coap_stream *net_coap_stream_new(const net_coap_stream_calls *calls, void *owner);
void net_coap_stream_free(net_coap_stream *s); /* NULL is fine; sends nothing, calls nobody */
void net_coap_stream_input(net_coap_stream *s, const uint8_t *bytes, size_t n);
/* A datagram of the server: of its acknowledgements and resets, those that say nothing else are
 * left out, for a stream needs none. */
void net_coap_stream_write(net_coap_stream *s, const uint8_t *datagram, size_t n);
/* Says good-bye: a Release, and nothing after it. */
void net_coap_stream_close(net_coap_stream *s);

#endif
