/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "net/secure_private.h"
#include "sim/core/heap.h"

/* wolfSSL's name of TLS_PSK_WITH_AES_128_CCM_8 */
static const char *const suite = "PSK-AES128-CCM-8";

int net_secure_startup(void) {
    return wolfSSL_Init() == WOLFSSL_SUCCESS ? 0 : SIM_ELIBRARY;
}

void net_secure_cleanup(void) {
    wolfSSL_Cleanup();
}

/* Notes what a datagram of ours means for the timers and for the reason of an end. */
static void watch(net_secure_handshake *h, const uint8_t *datagram, size_t n) {
    record_dtls_span left = {datagram, n};
    record_dtls_record r;
    record_dtls_message m;
    h->sent = true;
    while (record_dtls_take_record(&left, &r) && r.epoch == 0) {
        h->next_sequence = r.sequence + 1;
        if (r.type == RECORD_DTLS_CHANGE_CIPHER_SPEC) h->finished_sent = true;
        if (r.type != RECORD_DTLS_HANDSHAKE || !record_dtls_take_message(&r.body, &m)) continue;
        if (m.sequence > h->flight) h->sent_new = true;
        if (m.sequence > h->flight) h->flight = m.sequence;
    }
}

static int send_out(WOLFSSL *library, char *datagram, int n, void *context) {
    net_secure_session *s = context;
    (void)library;
    if (s->handshake != NULL) watch(s->handshake, (const uint8_t *)datagram, (size_t)n);
    s->domain->calls.send(s->owner, (const uint8_t *)datagram, (size_t)n);
    return n;
}

static int take_in(WOLFSSL *library, char *out, int size, void *context) {
    net_secure_session *s = context;
    size_t n = s->feed.n;
    (void)library;
    if (n == 0) return WOLFSSL_CBIO_ERR_WANT_READ;
    s->feed.n = 0;
    if (n > (size_t)size) return WOLFSSL_CBIO_ERR_WANT_READ; /* the gate lets no such record pass */
    memcpy(out, s->feed.at, n);
    return (int)n;
}

static unsigned int client_key(WOLFSSL *library, const char *hint, char *identity,
                               unsigned int identity_size, unsigned char *key,
                               unsigned int key_size) {
    const net_secure_session *s = wolfSSL_GetIOReadCtx(library);
    size_t n = strlen(s->identity) + 1;
    (void)hint; /* RFC 4279 5.2: without a profile that defines it, ignored */
    if (n > identity_size || s->handshake->key_size > key_size) return 0;
    memcpy(identity, s->identity, n);
    memcpy(key, s->handshake->key, s->handshake->key_size);
    return s->handshake->key_size;
}

static unsigned int server_key(WOLFSSL *library, const char *identity, unsigned char *key,
                               unsigned int key_size) {
    net_secure_session *s = wolfSSL_GetIOReadCtx(library);
    uint8_t found[NET_SECURE_KEY_MAX];
    size_t n = strlen(identity) < NET_SECURE_IDENTITY_MAX
                   ? s->domain->find(s->domain->find_context, identity, found)
                   : 0;
    if (n == 0 || n > key_size) {
        s->handshake->identity_unknown = true;
        return 0;
    }
    s->identity = sim_strdup(identity);
    if (s->identity == NULL) {
        s->handshake->no_memory = true;
        return 0;
    }
    s->handshake->key_found = true;
    memcpy(key, found, n);
    return (unsigned int)n;
}

static bool set_up(WOLFSSL_CTX *c, bool server) {
    wolfSSL_CTX_SetIORecv(c, take_in);
    wolfSSL_CTX_SetIOSend(c, send_out);
    if (server)
        wolfSSL_CTX_set_psk_server_callback(c, server_key);
    else
        wolfSSL_CTX_set_psk_client_callback(c, client_key);
    wolfSSL_CTX_SetIOGetPeer(c, net_secure_no_peer);
    wolfSSL_CTX_SetIOSetPeer(c, net_secure_take_no_peer);
    wolfSSL_CTX_set_session_cache_mode(c, WOLFSSL_SESS_CACHE_OFF);
    return wolfSSL_CTX_set_cipher_list(c, suite) == WOLFSSL_SUCCESS &&
           wolfSSL_CTX_NoTicketTLSv12(c) == WOLFSSL_SUCCESS &&
           wolfSSL_CTX_set_group_messages(c) == WOLFSSL_SUCCESS;
}

static net_secure_domain *domain_new(const net_secure_timing *timing, const net_secure_calls *calls,
                                     bool server) {
    net_secure_domain *d = sim_calloc(1, sizeof *d);
    if (d == NULL) return NULL;
    d->timing = *timing;
    d->calls = *calls;
    d->server = server;
    d->awake = NET_SECURE_ALL_AWAKE;
    d->library =
        wolfSSL_CTX_new(server ? wolfDTLSv1_2_server_method() : wolfDTLSv1_2_client_method());
    if (d->library != NULL && set_up(d->library, server)) return d;
    net_secure_domain_free(d);
    return NULL;
}

net_secure_domain *net_secure_client_domain_new(const net_secure_timing *timing,
                                                const net_secure_calls *calls) {
    return domain_new(timing, calls, false);
}

net_secure_domain *net_secure_server_domain_new(const net_secure_timing *timing,
                                                const net_secure_calls *calls,
                                                net_secure_find_key *find, void *find_context,
                                                sim_stream *secret_stream) {
    net_secure_domain *d = domain_new(timing, calls, true);
    if (d == NULL) return NULL;
    d->find = find;
    d->find_context = find_context;
    net_vkernel_scope previous = net_vkernel_enter(NULL, 0, 0, secret_stream);
    int error = net_vkernel_random(d->cookie_secret, sizeof d->cookie_secret);
    net_vkernel_leave(previous);
    if (error != 0) {
        net_secure_domain_free(d);
        return NULL;
    }
    return d;
}

void net_secure_domain_free(net_secure_domain *d) {
    if (d == NULL) return;
    wolfSSL_free(d->spare);
    wolfSSL_CTX_free(d->library);
    sim_free(d);
}

uint64_t net_secure_discarded(const net_secure_domain *d) {
    return d->discarded;
}

uint64_t net_secure_unsuited(const net_secure_domain *d) {
    return d->unsuited;
}

const char *net_secure_version(void) {
    return wolfSSL_lib_version();
}
