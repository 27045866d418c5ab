/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/tcp.h - one connection of a virtual TCP (design D18), without input or output: time, bytes
 * and segments in; segments, bytes and a deadline out.
 *
 * It is RFC 9293 with the retransmission of RFC 6298, the congestion control of RFC 5681 and 6582,
 * and what Linux adds to them where that can be seen in the times of a small device's packets: a
 * least timeout of 200 ms, and a first repetition that does not yet double it (the tail loss probe
 * of RFC 8985, for which both have to offer SACK). What arrives is handed over at once, so the
 * window never closes. Left out: the blocks of SACK, time stamps, window scaling, delayed
 * acknowledgements, a probe of more than one segment in flight, two ends that call each other,
 * TIME-WAIT (a port is not used twice). tests/unit/test_tcp_kernel.c holds it against a kernel.
 *
 * Who has no connection for a segment answers with net_tcp_segment_reset. A power loss is just a
 * free: the other end is left half open. */
#ifndef NET_TCP_H
#define NET_TCP_H

#include "net/end.h"
#include "net/tcp_segment.h"
#include "sim/core/time.h"

typedef struct net_tcp_settings {
    uint32_t buffer;     /* 1..: bytes written and not acknowledged yet, at most */
    uint16_t mss;        /* 1..NET_TCP_DATA_MAX: data in one segment, at most */
    uint16_t window;     /* mss..: what the other end may have under way */
    uint8_t syn_linear;  /* repetitions of a SYN a second apart, ... */
    uint8_t syn_retries; /* ... and those before which the pause doubles, after them */
    uint8_t syn_ack_retries;
    uint8_t retries; /* repetitions of data */
    bool probes;     /* the first of them comes without doubling the pause, if the peer does SACK */
} net_tcp_settings;

/* Linux' own (tcp(7)): 6 SYN again after 1, 2, 4, ... s, 5 SYN-ACK, 15 of data. From Linux 6.5 on
 * it is the same with 4 in `syn_linear`. */
extern const net_tcp_settings net_tcp_linux;

/* Inside a call the owner may write and close, but not free the connection, nor hand it input or
 * wake it: what `send` gets is to be queued. */
typedef struct net_tcp_calls {
    void (*send)(void *owner, const uint8_t *segment, size_t n);
    void (*opened)(void *owner);
    void (*received)(void *owner, const uint8_t *bytes, size_t n); /* in order, once each */
    void (*room)(void *owner); /* after a write that was not taken whole: there is room again */
    /* Once; then it is dead and holds no memory. CLOSED: the other end closed it. NONE:
     * net_tcp_close is done. TIMEOUT: no answer. REFUSED: a reset answered the SYN. RESET,
     * NO_MEMORY. */
    void (*ended)(void *owner, net_end why);
} net_tcp_calls;

typedef enum net_tcp_state {
    NET_TCP_CLOSED,
    NET_TCP_SYN_SENT,
    NET_TCP_SYN_RECEIVED,
    NET_TCP_ESTABLISHED /* and all that follows: `finish` and `finished` tell what */
} net_tcp_state;

typedef struct net_tcp_held net_tcp_held;

typedef struct net_tcp { /* a value; its fields are its own business */
    const net_tcp_settings *settings;
    const net_tcp_calls *calls;
    void *owner;
    uint8_t *buffer;                       /* from `una` on; NULL: empty */
    net_tcp_held *held;                    /* came too early, in order */
    sim_time due;                          /* of the retransmission timer */
    sim_time smoothed, variation, timeout; /* SRTT, RTTVAR and RTO of RFC 6298 */
    sim_time timed_at;                     /* when the number `timed` left; < 0: none is timed */
    uint32_t buffered, room;               /* bytes in the buffer, and its size */
    uint32_t una, nxt, max; /* oldest unacknowledged number, next to send, next never sent */
    uint32_t timed;
    uint32_t peer_window;
    uint32_t congestion_window, threshold;
    uint32_t recover;  /* RFC 6582: until this number is acknowledged */
    uint32_t expected; /* RCV.NXT */
    uint32_t held_bytes;
    uint16_t port, peer_port;
    uint16_t mss;        /* of both ends, the smaller */
    uint8_t state;       /* net_tcp_state */
    uint8_t repetitions; /* of what is oldest */
    uint8_t duplicates;  /* acknowledgements that say nothing new */
    bool probes : 1;     /* as the settings have it, and the peer agreed */
    bool probed : 1;     /* the repetition that does not double the timeout has gone */
    bool recovering : 1;
    bool finish : 1;   /* FIN follows what is in the buffer */
    bool through : 1;  /* ... and was acknowledged */
    bool finished : 1; /* the other end sent its FIN */
    bool owes : 1;     /* an acknowledgement */
    bool wants_room : 1;
    bool inside : 1; /* a verb runs, and sends at its end */
} net_tcp;

/* Sends a SYN whose number is `initial`. Everything but the ports is borrowed. */
void net_tcp_connect(net_tcp *t, const net_tcp_settings *settings, const net_tcp_calls *calls,
                     void *owner, uint16_t port, uint16_t peer_port, uint32_t initial,
                     sim_time now);
/* Answers a SYN. False: the segment is none, and there is no connection. */
bool net_tcp_accept(net_tcp *t, const net_tcp_settings *settings, const net_tcp_calls *calls,
                    void *owner, const uint8_t *segment, size_t n, uint32_t initial, sim_time now);
void net_tcp_input(net_tcp *t, sim_time now, const uint8_t *segment, size_t n);
/* Takes of the bytes what it has room for; returns how many. 0 before it is open and once it was
 * closed. */
size_t net_tcp_write(net_tcp *t, sim_time now, const uint8_t *bytes, size_t n);
/* No more is written; what was goes out, then FIN. It ends when the other end has closed, too. */
void net_tcp_close(net_tcp *t, sim_time now);
/* Ends with a reset, and calls `ended` no more. */
void net_tcp_abort(net_tcp *t);
void net_tcp_wake(net_tcp *t, sim_time now); /* at its deadline; early is harmless */
sim_time net_tcp_deadline(const net_tcp *t); /* SIM_NEVER: idle */
/* Frees what it holds; sends nothing, calls nobody. Fine for one that is all zero or has ended. */
void net_tcp_free(net_tcp *t);

#endif
