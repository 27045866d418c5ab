/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/manifest.h - what a signed firmware manifest says, as bytes: which version for which model,
 * how large its image is and what its digest, signed with ES256. The least of what RFC 9124 asks of
 * a manifest: sequence number, class, size, payload digest, signature.
 *
 * 132 bytes: "BSU1", version and size (32 bits each, most significant byte first), SHA-256 of the
 * image, model (24 bytes, padded with 0), signature over all before it. */
#ifndef NET_MANIFEST_H
#define NET_MANIFEST_H

#include <stdbool.h>

#include "net/signature.h"

enum {
    NET_MANIFEST_SIZE = 132,
    NET_MANIFEST_MODEL_MAX = 24, /* bytes with the final 0 */
    /* bytes in which an image is fetched, one request each: NET_COAP_PAYLOAD_MAX */
    NET_MANIFEST_BLOCK = 1024
};

typedef struct net_manifest {
    uint32_t version;                   /* 1.. */
    uint32_t size;                      /* of the image, bytes; 1.. */
    char model[NET_MANIFEST_MODEL_MAX]; /* not empty, printable ASCII */
    uint8_t digest[NET_DIGEST_SIZE];    /* of the image */
} net_manifest;

/* Writes and signs it. A manifest that net_manifest_read would not take is a broken promise.
 * SIM_ENOMEM, SIM_ELIBRARY. */
SIM_MUST_USE int net_manifest_write(const net_manifest *m, const net_signing_key *key,
                                    sim_stream *stream, uint8_t out[NET_MANIFEST_SIZE]);
/* Reads bytes that somebody sent; says nothing about who. SIM_EPARSE: it is none (*out is then
 * undefined). */
SIM_MUST_USE int net_manifest_read(const uint8_t *data, size_t n, net_manifest *out);
/* Whether the holder of the secret half of `public` signed these NET_MANIFEST_SIZE bytes: as
 * net_signature_check. */
SIM_MUST_USE int net_manifest_check(const uint8_t *data, const uint8_t public[NET_PUBLIC_KEY_SIZE]);

/* What a block of an image is asked for by: "v=2&block=7". */
enum { NET_MANIFEST_BLOCK_NAME_MAX = 32 }; /* bytes with the final 0 */
void net_manifest_block_name(uint32_t version, uint32_t number,
                             char out[NET_MANIFEST_BLOCK_NAME_MAX]);
/* False: `text` names no block. */
SIM_MUST_USE bool net_manifest_block_named(const char *text, uint32_t *version, uint32_t *number);

#endif
