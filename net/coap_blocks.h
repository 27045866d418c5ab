/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/coap_blocks.h - what comes in blocks is put together (RFC 7959 2.5): one transfer a peer, a
 * few hundred at a time, the one unheard for longest gives way. No library, no I/O. */
#ifndef NET_COAP_BLOCKS_H
#define NET_COAP_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    /* bytes of a body; a pack of NET_SENML_RECORDS_MAX records with long names is smaller */
    NET_COAP_BODY_MAX = 4096,
    NET_COAP_TRANSFERS_MAX = 256 /* so 1 MiB in all */
};

typedef enum net_coap_gathered {
    NET_COAP_GATHERED_MORE,      /* kept; the next block is expected: 2.31 */
    NET_COAP_GATHERED_WHOLE,     /* the last one came, and the body is there */
    NET_COAP_GATHERED_GAP,       /* not the block that is expected, of what is expected: 4.08 */
    NET_COAP_GATHERED_TOO_LARGE, /* 4.13 */
    NET_COAP_GATHERED_MALFORMED, /* a size that the option excludes: 4.00 */
    NET_COAP_GATHERED_NO_MEMORY
} net_coap_gathered;

typedef struct net_coap_blocks net_coap_blocks;

/* A block in hand. */
typedef struct net_coap_block {
    uint32_t peer;
    uint64_t what; /* fingerprint of what it is for: method, path, query, Request-Tag */
    uint32_t number;
    uint8_t size_exponent; /* 0..6: 16 << it bytes */
    bool more;
    const uint8_t *data; /* borrowed for the call */
    size_t n;
} net_coap_block;

net_coap_blocks *net_coap_blocks_new(void); /* NULL: no memory */
void net_coap_blocks_free(net_coap_blocks *b);
/* A block that came before is taken again and changes nothing, the last one too: its answer may
 * have been lost. With WHOLE *body, of *size bytes, is valid until the next verb. */
net_coap_gathered net_coap_blocks_take(net_coap_blocks *b, const net_coap_block *block,
                                       const uint8_t **body, size_t *size);
/* The peer is gone. */
void net_coap_blocks_forget(net_coap_blocks *b, uint32_t peer);

#endif
