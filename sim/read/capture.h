/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim/read/capture.h - what the readers of captured packets share: the connections that are open,
 * from packet to packet and from file to file. Private to sim/read. */
#ifndef SIM_READ_CAPTURE_H
#define SIM_READ_CAPTURE_H

#include "sim/read/packet.h"
#include "sim/read/payload.h"
#include "sim/read/read_private.h"
#include "sim/read/stream.h"
#include "sim/read/talk.h"

enum {
    READ_FLOWS_MAX = 1 << 20, /* at once; 112 bytes each, and 24 in the map */
    READ_SERVICES_MAX = UINT8_MAX,
    READ_WAITING_MAX = 64 * 1024 * 1024 /* bytes of segments that came too early, of all flows */
};

typedef struct read_lookups read_lookups; /* sim/read/lookups.h */

typedef enum read_speaks {
    READ_SPEAKS_UNKNOWN,
    READ_SPEAKS_MQTT,
    READ_SPEAKS_TLS,
    READ_SPEAKS_DTLS,
    READ_SPEAKS_COAP,
    READ_SPEAKS_QUIC
} read_speaks;

/* Both sides of a TCP connection, while what they say matters. */
typedef struct read_dialogue {
    read_stream client_stream, server_stream;
    read_talk client, server;
    read_words words; /* of the segments under way */
} read_dialogue;

/* A pair of addresses and ports, and the latest attempt on it. */
typedef struct read_flow {
    uint64_t key;
    /* of the attempt: SYN sequence, hash of a ClientHello's Random, message id and token */
    uint64_t tag;
    read_dialogue *dialogue; /* NULL: not begun, or over */
    int64_t asked;  /* when the client last said something that was not answered; 0: all was */
    int64_t latest; /* its last SYN, or the end after it */
    uint32_t attempt, end; /* in the log; end: UINT32_MAX without one */
    uint32_t home, identity;
    uint32_t client_next; /* TCP: behind what the client has sent */
    uint32_t server_next; /* TCP: the server's first byte, once `accepted` */
    uint64_t token; /* CoAP: hash of the request's; QUIC: of the id that the server gave itself */
    uint16_t mid;   /* CoAP: of the request */
    uint8_t token_length;
    uint8_t repeats; /* CoAP: of the request, so far */
    uint8_t service, speaks;
    bool accepted;  /* TCP: a SYN with ACK was seen */
    bool one_way;   /* TCP: none was, and the client acknowledges it */
    bool heard;     /* the language of both sides was settled: the rest matters no more */
    bool sealed;    /* TLS or DTLS 1.3, QUIC: the server's side of the handshake is encrypted */
    bool confirmed; /* TLS 1.3, QUIC: and so is the client's */
    bool online, ended;
    bool goodbye; /* the client ends it of its own accord */
    bool again;   /* the attempt goes on after an end that was none */
    bool is_4;    /* over IPv4 */
} read_flow;

typedef struct read_capture {
    read_log *log;
    const read_options *options;
    read_flow *flows;
    uint32_t used, capacity, oldest; /* a ring once READ_FLOWS_MAX are there */
    sim_map map;                     /* key -> place in flows */
    read_fragments fragments;        /* of IP */
    read_fragments hellos;           /* of DTLS */
    size_t waiting;                  /* bytes in streams */
    int64_t now, previous;
    uint64_t packet;     /* of this file */
    uint64_t understood; /* of them: of IP */
    bool no_mac; /* an attempt without a link-layer address was met where one is asked for */
    struct {
        uint32_t likely, unlikely; /* by service: for and against its being CoAP */
    } coap[READ_SERVICES_MAX + 1];
    read_lookups *lookups; /* NULL: none so far */
    sim_map servers;       /* hash of an address -> the service that was tried there last */
    uint32_t *latest;      /* by home: its latest flow; READ_NOBODY: none */
    size_t latest_capacity;
} read_capture;

/* Whether this is one of the ports that were asked for, if any were. */
bool read_flow_is_wanted(const read_capture *c, uint16_t port);
/* A hash of who sends to whom. */
uint64_t read_flow_key(const read_packet *p);
/* The flow of a packet, and which way it goes. NULL: there is none. */
read_flow *read_flow_of(read_capture *c, const read_packet *p, bool *from_client);
/* A new flow from the packet's source, or the old one begun anew; an attempt on it. NULL with
 * *error 0: not one of the ports asked for. */
read_flow *read_flow_begin(read_capture *c, const read_packet *p, read_speaks speaks, uint64_t tag,
                           int *error);
/* The number of whoever sent it. SIM_EPARSE, and no_mac: it has no link-layer address. */
SIM_MUST_USE int read_flow_home(read_capture *c, const read_packet *p, uint32_t *home);
/* What a response of CoAP says, from 2.00 on (RFC 7252 5.9, RFC 8516). */
record_outcome read_coap_outcome(unsigned code);
void read_flow_settle(read_capture *c, read_flow *f, record_outcome outcome);
/* The connection is over; `refused`: by the server, before it was of use. */
SIM_MUST_USE int read_flow_end(read_capture *c, read_flow *f, bool refused);
SIM_MUST_USE int read_flow_identify(read_capture *c, read_flow *f, const void *name, size_t n);
/* The client of the flow is there at this time, on this connection. */
void read_flow_prove(read_capture *c, read_flow *f);
/* The first answer to it: it was there all the time, if it did not wait for long. */
void read_flow_answered(read_capture *c, read_flow *f);
void read_flow_hush(read_capture *c, read_flow *f); /* ends the dialogue */

SIM_MUST_USE int read_capture_tcp(read_capture *c, const read_packet *p);
/* An ICMP error: the packet that it quotes went from client to server. */
SIM_MUST_USE int read_capture_unreachable(read_capture *c, const read_packet *p);
SIM_MUST_USE int read_capture_udp(read_capture *c, const read_packet *p);

/* The log's own; made when there is none. NULL: no memory. */
read_capture *read_capture_open(read_log *log, const read_options *o);
/* After the last file: what only the whole can tell goes into the log. */
SIM_MUST_USE int read_capture_close(read_log *log);
void read_capture_free(read_capture *c);

#endif
