/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/secure_private.h - what the files of net/secure.h share. Nobody else includes it.
 *
 *   secure.c          sessions: birth, timers, data, ends
 *   secure_gate.c     which records of a datagram may reach wolfSSL at all
 *   secure_cookie.c   the stateless half of a server (RFC 6347 4.2.1)
 *   secure_library.c  domains, and the callbacks that wolfSSL makes
 *   secure_sleep.c    sessions that rest, and what those that sleep are folded into */
#ifndef NET_SECURE_PRIVATE_H
#define NET_SECURE_PRIVATE_H

#include <wolfssl/options.h>
/* after options.h */
#include <wolfssl/error-ssl.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

#include "net/secure.h"
#include "net/vkernel.h"
#include "sim/record/dtls_wire.h"

enum {
    NET_SECURE_COOKIE = 32, /* bytes: HMAC-SHA256 */
    /* records of epoch 0 that a peer can be ahead, those between being lost */
    NET_SECURE_AHEAD_MAX = 48,
    NET_SECURE_RECORD_MAX = 1500, /* bytes of a record that wolfSSL can read: its MTU, and 100 */

    NET_SECURE_WARNING = 1, /* alert levels and descriptions, RFC 5246 7.2, RFC 4279 2 */
    NET_SECURE_FATAL = 2,
    NET_SECURE_CLOSE_NOTIFY = 0,
    NET_SECURE_BAD_RECORD_MAC = 20,
    NET_SECURE_HANDSHAKE_FAILURE = 40,
    NET_SECURE_DECRYPT_ERROR = 51,
    NET_SECURE_INTERNAL_ERROR = 80,
    NET_SECURE_UNKNOWN_PSK_IDENTITY = 115
};

struct net_secure_domain {
    WOLFSSL_CTX *library;
    bool server;
    net_secure_timing timing;
    net_secure_calls calls;
    net_secure_find_key *find; /* server */
    void *find_context;
    uint8_t cookie_secret[NET_SECURE_COOKIE]; /* server */
    uint64_t discarded, unsuited;
    uint32_t awake, resting, staying; /* of those that rest: how many may, for a while, for good */
    net_secure_session *newest, *oldest; /* of them, by when they began */
    WOLFSSL *spare;                      /* of one that fell asleep; NULL: none */
};

/* What only a handshake needs: gone when the session opens or ends. */
typedef struct net_secure_handshake {
    sim_time retransmit_at, give_up_at;
    uint64_t next_sequence; /* record number, epoch 0, of the next record of ours */
    uint64_t peer_sequence; /* the highest record number, epoch 0, that the peer has used */
    uint32_t timeout_s;     /* of the flight that is out */
    int32_t flight;         /* message_seq of the newest handshake message of ours; -1: none */
    int32_t next_message;   /* message_seq that the peer's next one should have */
    /* since the last look at the timers: anything, a flight for the first time */
    bool sent, sent_new;
    bool retransmitted; /* the flight that is out */
    bool repeated;      /* ... because the peer repeated its own, since the timer last rang */
    bool finished_sent;
    bool key_found;        /* server: the client's identity is known */
    bool identity_unknown; /* server */
    bool no_memory;        /* in a callback, which cannot say so */
    bool peer_changed;     /* the peer's ChangeCipherSpec is in: epoch 1 may be read */
    bool undecrypted;      /* ... but what came in epoch 1 did not decrypt */
    uint8_t key_size;      /* client */
    uint8_t key[NET_SECURE_KEY_MAX];
    /* server: of the ClientHello that this session answers */
    uint8_t hello_random[RECORD_DTLS_RANDOM];
} net_secure_handshake;

struct net_secure_session {
    net_secure_domain *domain;
    WOLFSSL *library;                  /* NULL: not started, asleep, or over */
    uint8_t *asleep;                   /* what it is folded into; NULL: it is not */
    net_secure_session *newer, *older; /* of those that rest */
    net_secure_handshake *handshake;
    char *identity; /* NULL until known */
    sim_stream *stream;
    void *owner;
    record_dtls_span feed; /* what wolfSSL may read during the call in hand */
    /* of the final flight, at an open server session that may need it; else SIM_NEVER */
    sim_time retain_until;
    uint16_t asleep_size;
    uint16_t hello_sequence; /* server: message_seq of the ClientHello that this session answers */
    bool open;
    bool rests;  /* open, and waits for nothing: among those of its domain that do for a while */
    bool stays;  /* awake, until it is over */
    bool silent; /* not yet handed to its owner: `ended` is not called */
    uint8_t why; /* net_end */
};

/* What to do with a record. */
typedef enum net_secure_verdict {
    NET_SECURE_DROP,   /* thrown away and counted */
    NET_SECURE_IGNORE, /* lawful, but of no use */
    NET_SECURE_PASS,   /* for wolfSSL */
    NET_SECURE_ALERTED /* an alert in the clear that ends the handshake */
} net_secure_verdict;
net_secure_verdict net_secure_gate(const net_secure_session *s, const record_dtls_record *r);

/* A session for a peer that proved its address; answers `hello` (a record). Same returns as
 * net_secure_listen. */
int net_secure_accept(net_secure_domain *d, sim_time now, const record_dtls_record *record,
                      const record_dtls_message *message, const record_dtls_hello *hello,
                      const uint8_t cookie_key[NET_SECURE_COOKIE], sim_stream *stream, void *owner,
                      net_secure_session **out);

/* A new object of the library for the session (false: no memory), or one that was another's. */
SIM_MUST_USE bool net_secure_make_object(net_secure_session *s);
void net_secure_take_object(net_secure_session *s, WOLFSSL *library);

/* The session has done its work for now: it rests, if it waits for nothing, and another may fall
 * asleep for it. Whoever uses `library` of an open session rouses it first; false: no memory. */
void net_secure_rest(net_secure_session *s);
SIM_MUST_USE bool net_secure_rouse(net_secure_session *s);
void net_secure_leave(net_secure_session *s); /* it is over */

/* Callbacks of wolfSSL: of a peer's address nothing is kept. */
int net_secure_no_peer(WOLFSSL *library, char *ip, int *size, unsigned short *port, int *family);
int net_secure_take_no_peer(WOLFSSL *library, char *ip, int size, unsigned short port, int family);

#endif
