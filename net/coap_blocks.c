/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/coap_blocks.h"

#include <string.h>

#include "sim/core/heap.h"

typedef struct transfer {
    struct transfer *next; /* unheard for longer */
    uint64_t what;
    uint32_t peer;
    bool whole;
    size_t size; /* of what is there */
    uint8_t body[NET_COAP_BODY_MAX];
} transfer;

struct net_coap_blocks {
    transfer *latest;
    size_t count;
};

net_coap_blocks *net_coap_blocks_new(void) {
    return sim_calloc(1, sizeof(net_coap_blocks));
}

/* Where the link to the peer's transfer stands; a link to NULL when it has none. */
static transfer **link_of(net_coap_blocks *b, uint32_t peer) {
    transfer **link = &b->latest;
    while (*link != NULL && (*link)->peer != peer) link = &(*link)->next;
    return link;
}

static void drop(net_coap_blocks *b, transfer **link) {
    transfer *t = *link;
    if (t == NULL) return;
    *link = t->next;
    b->count--;
    sim_free(t);
}

void net_coap_blocks_free(net_coap_blocks *b) {
    if (b == NULL) return;
    while (b->latest != NULL) drop(b, &b->latest);
    sim_free(b);
}

void net_coap_blocks_forget(net_coap_blocks *b, uint32_t peer) {
    drop(b, link_of(b, peer));
}

static void put_first(net_coap_blocks *b, transfer *t) {
    t->next = b->latest;
    b->latest = t;
}

static void make_room(net_coap_blocks *b) {
    transfer **last = &b->latest;
    if (b->count < NET_COAP_TRANSFERS_MAX) return;
    for (transfer **link = last; *link != NULL; link = &(*link)->next) last = link;
    drop(b, last);
}

/* The peer's transfer, at the head of the list; a block 0 begins it anew. NULL: none that this
 * block could go on with, or no memory. */
static transfer *transfer_of(net_coap_blocks *b, const net_coap_block *block) {
    transfer **link = link_of(b, block->peer);
    transfer *t = *link;
    if (t != NULL) {
        *link = t->next;
        put_first(b, t);
    }
    if (block->number > 0) return t != NULL && t->what == block->what ? t : NULL;
    if (t == NULL) {
        make_room(b);
        t = sim_malloc(sizeof *t);
        if (t == NULL) return NULL;
        b->count++;
        t->peer = block->peer;
        put_first(b, t);
    }
    t->what = block->what;
    t->size = 0;
    t->whole = false;
    return t;
}

static bool is_sized_wrongly(const net_coap_block *block) {
    size_t size = (size_t)16 << block->size_exponent;
    return block->more ? block->n != size : block->n > size;
}

static net_coap_gathered append(transfer *t, const net_coap_block *block) {
    size_t from = (size_t)block->number << (block->size_exponent + 4);
    if (from > NET_COAP_BODY_MAX || block->n > NET_COAP_BODY_MAX - from)
        return NET_COAP_GATHERED_TOO_LARGE;
    bool again = from + block->n == t->size && t->whole == !block->more &&
                 (block->n == 0 || memcmp(t->body + from, block->data, block->n) == 0);
    if (!again && (from != t->size || t->whole)) return NET_COAP_GATHERED_GAP;
    if (block->n > 0) memcpy(t->body + from, block->data, block->n);
    t->size = from + block->n;
    t->whole = !block->more;
    return t->whole ? NET_COAP_GATHERED_WHOLE : NET_COAP_GATHERED_MORE;
}

net_coap_gathered net_coap_blocks_take(net_coap_blocks *b, const net_coap_block *block,
                                       const uint8_t **body, size_t *size) {
    if (is_sized_wrongly(block)) return NET_COAP_GATHERED_MALFORMED;
    transfer *t = transfer_of(b, block);
    if (t == NULL) return block->number > 0 ? NET_COAP_GATHERED_GAP : NET_COAP_GATHERED_NO_MEMORY;
    net_coap_gathered outcome = append(t, block);
    if (outcome == NET_COAP_GATHERED_WHOLE) {
        *body = t->body;
        *size = t->size;
    }
    return outcome;
}
