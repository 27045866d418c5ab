/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/signature.h - digests and signatures as firmware updates need them: SHA-256, and ECDSA over
 * P-256 with it (ES256 of RFC 9053 2.1), by wolfCrypt. Numbers travel as 32 bytes each, the most
 * significant first. */
#ifndef NET_SIGNATURE_H
#define NET_SIGNATURE_H

#include <stddef.h>
#include <stdint.h>

#include "sim/core/error.h"
#include "sim/core/random.h"

enum {
    NET_DIGEST_SIZE = 32,
    NET_SIGNATURE_SIZE = 64, /* r, s */
    NET_PUBLIC_KEY_SIZE = 64 /* x, y */
};

typedef struct net_signing_key {
    uint8_t secret[32];
    uint8_t public[NET_PUBLIC_KEY_SIZE];
} net_signing_key;

/* A key drawn from `stream`: the same stream, the same key (a virtual world's secret, nobody
 * else's). SIM_ENOMEM, SIM_ELIBRARY. */
SIM_MUST_USE int net_signing_key_draw(net_signing_key *out, sim_stream *stream);
/* Signs a digest; the nonce comes from `stream`. SIM_ENOMEM, SIM_ELIBRARY. */
SIM_MUST_USE int net_signature_make(const net_signing_key *key,
                                    const uint8_t digest[NET_DIGEST_SIZE], sim_stream *stream,
                                    uint8_t signature[NET_SIGNATURE_SIZE]);
/* 0: the holder of the secret half of `public` signed this digest. SIM_EAUTH: no; whatever the
 * bytes are. SIM_ENOMEM: it could not be found out. */
SIM_MUST_USE int net_signature_check(const uint8_t public[NET_PUBLIC_KEY_SIZE],
                                     const uint8_t digest[NET_DIGEST_SIZE],
                                     const uint8_t signature[NET_SIGNATURE_SIZE]);

/* Not for signing: the handshake of RFC 6455 1.3 wants it. SIM_ELIBRARY. */
enum { NET_SHA1_SIZE = 20 };
SIM_MUST_USE int net_sha1(const uint8_t *data, size_t n, uint8_t out[NET_SHA1_SIZE]);

/* SHA-256 of bytes that come in pieces. */
typedef struct net_digest net_digest;
net_digest *net_digest_new(void); /* NULL: no memory */
void net_digest_free(net_digest *d);
void net_digest_add(net_digest *d, const uint8_t *data, size_t n);
/* What it is now; the digest begins anew. */
void net_digest_finish(net_digest *d, uint8_t out[NET_DIGEST_SIZE]);
/* All at once. SIM_ENOMEM. */
SIM_MUST_USE int net_digest_of(const uint8_t *data, size_t n, uint8_t out[NET_DIGEST_SIZE]);

#endif
