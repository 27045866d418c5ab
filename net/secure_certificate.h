/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/secure_certificate.h - certificates with their keys, as the authority of a fleet makes them
 * (X.509, RFC 5280; ECDSA over P-256), by wolfCrypt. The same stream gives the same bytes: they are
 * a virtual world's papers, and anybody's who knows its seed. */
#ifndef NET_SECURE_CERTIFICATE_H
#define NET_SECURE_CERTIFICATE_H

#include <stddef.h>
#include <stdint.h>

#include "sim/core/random.h"

/* In DER; one block of memory. */
typedef struct net_certificate {
    uint16_t size, key_size;
    uint8_t bytes[]; /* the certificate, then its private key (RFC 5915) */
} net_certificate;

static inline const uint8_t *net_certificate_key(const net_certificate *c) {
    return c->bytes + c->size;
}

typedef enum net_certificate_kind {
    NET_CERTIFICATE_AUTHORITY,
    NET_CERTIFICATE_SERVER,
    NET_CERTIFICATE_CLIENT
} net_certificate_kind;

enum { NET_CERTIFICATE_NAME_MAX = 64 }; /* bytes with the final 0 (RFC 5280 A.1) */

typedef struct net_certificate_order {
    net_certificate_kind kind;
    const char *name;              /* common name; of a server also the DNS name that it has */
    const net_certificate *issuer; /* NULL: it signs itself */
    int64_t from_s, until_s;       /* valid between, seconds since 1970; 1950..2049 */
} net_certificate_order;

/* NULL: no memory. */
net_certificate *net_certificate_new(const net_certificate_order *o, sim_stream *stream);
/* From somebody else's texts in PEM; of a chain the first, which must be the key's. NULL: *wrong is
 * a sentence, or NULL where there was no memory. */
net_certificate *net_certificate_read(const char *certificate, const char *key, const char **wrong);
void net_certificate_free(net_certificate *c); /* wipes the key; NULL is fine */
/* In PEM, to be freed with sim_free. NULL: no memory. */
char *net_certificate_text(const net_certificate *c);
char *net_certificate_key_text(const net_certificate *c);

#endif
