/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions that rest, and those of them that sleep: what wolfSSL keeps of an open one, 5 KB, is
 * folded into its keys and counters, 350 bytes, and unfolded in an object that another has left. */
#include <string.h>

#include "net/secure_private.h"
#include "sim/core/heap.h"

enum {
    FOLDED_MAX = 512, /* bytes of what wolfSSL exports, and two nonces */
    /* Of its export, version 5, which this file takes apart (see find_nonces). */
    EXPORT_VERSION = 5,
    EXPORT_HEAD = 4, /* two of protocol and version, two of the length of what follows the first */
    KEYS_SEQUENCE = 42, /* where, among the keys, the record number stands, 48 bits */
    KEYS_WINDOWS = 68,  /* and the two windows of RFC 6347 4.1.2.6 begin, each after its size */
    IMPLICIT_NONCE = 4, /* bytes, RFC 5288 3, RFC 6655 3 */
    EXPLICIT_NONCE = 8,
    WHOLE_NONCE = IMPLICIT_NONCE + EXPLICIT_NONCE,
    IMPLICIT_NONCES = 2 * IMPLICIT_NONCE, /* of both sides */
    EXPLICIT_NONCES = 2 * EXPLICIT_NONCE
};

/* ---- what a session is folded into ---- */

static uint32_t word_at(const uint8_t *at) {
    return (uint32_t)at[0] << 8 | at[1];
}

static void put_word(uint8_t *at, uint32_t value) {
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

typedef struct fold {
    uint8_t bytes[FOLDED_MAX];
    size_t n;
} fold;

/* Where the length of the keys stands in an export, and where that of the nonces; false: it is not
 * laid out as we know it. */
static bool find_nonces(const fold *f, size_t *keys, size_t *nonces) {
    if (f->n < EXPORT_HEAD + 2 || (f->bytes[1] & 0x0f) != EXPORT_VERSION) return false;
    *keys = EXPORT_HEAD + 2 + word_at(f->bytes + EXPORT_HEAD);
    size_t at = *keys + 2 + KEYS_WINDOWS;
    for (int window = 0; window < 2; window++) {
        if (at + 2 > f->n) return false;
        at += 2 + 4 * word_at(f->bytes + at);
    }
    at += 1; /* of a truncated MAC */
    for (int secret = 0; secret < 2; secret++) {
        if (at + 1 > f->n) return false;
        at += 1 + 2 * (size_t)f->bytes[at];
    }
    *nonces = at;
    return at + 1 + IMPLICIT_NONCES <= f->n && f->bytes[at] == IMPLICIT_NONCE;
}

/* wolfSSL exports the part of the nonces that the handshake agreed on, and forgets the part that
 * counts records: a session that was imported would use nonces anew, which no cipher with them
 * survives. What it takes for the agreed part may be longer, so the count goes in behind it. It is
 * the number of the next record: both begin at 0 with the epoch, and both grow with each record. */
static bool complete_nonces(fold *f) {
    size_t keys, at;
    if (!find_nonces(f, &keys, &at) || f->n + EXPLICIT_NONCES > sizeof f->bytes) return false;
    uint8_t count[EXPLICIT_NONCE] = {0};
    memcpy(count + 2, f->bytes + keys + 2 + KEYS_SEQUENCE, EXPLICIT_NONCE - 2);
    f->bytes[at++] = WHOLE_NONCE;
    for (int side = 0; side < 2; side++) {
        at += IMPLICIT_NONCE;
        memmove(f->bytes + at + EXPLICIT_NONCE, f->bytes + at, f->n - at);
        memcpy(f->bytes + at, count, EXPLICIT_NONCE);
        at += EXPLICIT_NONCE;
        f->n += EXPLICIT_NONCE;
    }
    put_word(f->bytes + keys, word_at(f->bytes + keys) + EXPLICIT_NONCES);
    put_word(f->bytes + 2, word_at(f->bytes + 2) + EXPLICIT_NONCES);
    return true;
}

/* wolfSSL asks for the peer's address, which is its owner's business and not its own. */
int net_secure_no_peer(WOLFSSL *library, char *ip, int *size, unsigned short *port, int *family) {
    (void)library;
    (void)ip;
    *size = *family = 0;
    *port = 0;
    return WOLFSSL_SUCCESS;
}

int net_secure_take_no_peer(WOLFSSL *library, char *ip, int size, unsigned short port, int family) {
    (void)library;
    (void)ip;
    (void)size;
    (void)port;
    (void)family;
    return WOLFSSL_SUCCESS;
}

/* ---- who rests ---- */

static void unlist(net_secure_session *s) {
    net_secure_domain *d = s->domain;
    if (!s->rests) return;
    *(s->newer == NULL ? &d->newest : &s->newer->older) = s->older;
    *(s->older == NULL ? &d->oldest : &s->older->newer) = s->newer;
    s->newer = s->older = NULL;
    s->rests = false;
    d->resting--;
}

static void enlist(net_secure_session *s) {
    net_secure_domain *d = s->domain;
    s->older = d->newest;
    s->newer = NULL;
    *(d->newest == NULL ? &d->oldest : &d->newest->newer) = s;
    d->newest = s;
    s->rests = true;
    d->resting++;
}

static bool waits_for_nothing(const net_secure_session *s) {
    WOLFSSL_ALERT_HISTORY alerts;
    return s->open && s->library != NULL && s->retain_until == SIM_NEVER &&
           wolfSSL_pending(s->library) == 0 &&
           wolfSSL_get_alert_history(s->library, &alerts) == WOLFSSL_SUCCESS &&
           alerts.last_rx.level < 0 && alerts.last_tx.level < 0;
}

/* False, and it stays awake: there is no memory, or wolfSSL cannot. */
static bool put_to_sleep(net_secure_session *s) {
    fold f;
    unsigned int n = sizeof f.bytes;
    int folded = wolfSSL_dtls_export(s->library, f.bytes, &n);
    f.n = folded > 0 ? n : 0;
    bool whole = complete_nonces(&f);
    s->asleep = whole ? sim_malloc(f.n) : NULL;
    if (s->asleep != NULL) memcpy(s->asleep, f.bytes, f.n);
    s->asleep_size = (uint16_t)f.n;
    explicit_bzero(&f, sizeof f); /* keys are in it */
    return s->asleep != NULL;
}

/* The oldest of those that rest leaves its object to whoever comes next. */
static void retire_oldest(net_secure_domain *d) {
    net_secure_session *s = d->oldest;
    unlist(s);
    if (!put_to_sleep(s)) return;
    if (d->spare == NULL)
        d->spare = s->library;
    else
        wolfSSL_free(s->library);
    s->library = NULL;
}

/* Devices report in turn, so that of the last that spoke none would be among the next. Most of the
 * places are therefore for good; the rest is for those that are in the middle of an exchange. */
void net_secure_rest(net_secure_session *s) {
    net_secure_domain *d = s->domain;
    const uint32_t for_a_while = d->awake / 8;
    if (d->awake == NET_SECURE_ALL_AWAKE || s->stays || s->rests || !waits_for_nothing(s)) return;
    if (d->staying < d->awake - for_a_while) {
        s->stays = true;
        d->staying++;
        return;
    }
    enlist(s);
    if (d->resting > for_a_while) retire_oldest(d);
}

static void forget(net_secure_session *s) {
    if (s->asleep == NULL) return;
    explicit_bzero(s->asleep, s->asleep_size);
    sim_free(s->asleep);
    s->asleep = NULL;
}

/* What is made here draws from nothing of the device: it is thrown away with the secret of a cookie
 * that an open session never needs. */
static bool make_object(net_secure_session *s) {
    sim_stream nothing = {{1, 2}};
    net_vkernel_scope before = net_vkernel_enter(NULL, 0, net_vkernel_now(), &nothing);
    bool made = net_secure_make_object(s);
    net_vkernel_leave(before);
    return made;
}

bool net_secure_rouse(net_secure_session *s) {
    unlist(s);
    if (s->asleep == NULL) return s->library != NULL;
    if (s->domain->spare != NULL) {
        net_secure_take_object(s, s->domain->spare);
        s->domain->spare = NULL;
    } else if (!make_object(s)) {
        return false;
    }
    if (wolfSSL_dtls_import(s->library, s->asleep, s->asleep_size) <= 0) {
        wolfSSL_free(s->library);
        s->library = NULL;
        return false;
    }
    forget(s);
    return true;
}

void net_secure_leave(net_secure_session *s) {
    unlist(s);
    forget(s);
    if (s->stays) s->domain->staying--;
    s->stays = false;
}

void net_secure_keep_awake(net_secure_domain *d, uint32_t awake) {
    d->awake = awake;
}

bool net_secure_sleeps(const net_secure_session *s) {
    return s->asleep != NULL;
}
