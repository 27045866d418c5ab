/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/secure_stream.h"

#include <stdio.h>
#include <string.h>
#include <wolfssl/options.h>
/* after options.h */
#include <wolfssl/error-ssl.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

#include "net/vkernel.h"
#include "sim/core/heap.h"

enum {
    PLAIN_MAX = 16384,
    FATAL = 2,
    CERTIFICATE_EXPIRED = 45,
    UNKNOWN_CA = 48,
    CERTIFICATE_REQUIRED = 116
};

struct net_secure_stream_domain {
    WOLFSSL_CTX *library;
    net_secure_stream_calls calls;
    sim_time offset;
    bool server;
};

struct net_secure_stream {
    net_secure_stream_domain *domain;
    WOLFSSL *library; /* NULL: over */
    sim_stream *stream;
    void *owner;
    const uint8_t *feed; /* what wolfSSL may read during the call in hand */
    size_t left;
    bool open;
    bool over; /* closed by us */
};

static net_vkernel_scope enter(const net_secure_stream *s, sim_time now) {
    return net_vkernel_enter(NULL, 0, sim_time_add(now, s->domain->offset), s->stream);
}

/* ---- what wolfSSL asks ---- */

static int send_out(WOLFSSL *library, char *bytes, int n, void *context) {
    net_secure_stream *s = context;
    (void)library;
    s->domain->calls.send(s->owner, (const uint8_t *)bytes, (size_t)n);
    return n;
}

static int take_in(WOLFSSL *library, char *out, int size, void *context) {
    net_secure_stream *s = context;
    size_t n = s->left < (size_t)size ? s->left : (size_t)size;
    (void)library;
    if (n == 0) return WOLFSSL_CBIO_ERR_WANT_READ;
    memcpy(out, s->feed, n);
    s->feed += n;
    s->left -= n;
    return (int)n;
}

/* ---- ends ---- */

/* What a fatal alert of the peer says of us. */
static net_end end_of_alert(int description) {
    switch (description) {
        case UNKNOWN_CA:
            return NET_END_UNKNOWN_AUTHORITY;
        case CERTIFICATE_EXPIRED:
            return NET_END_EXPIRED;
        case CERTIFICATE_REQUIRED:
            return NET_END_NO_CERTIFICATE;
        default:
            return NET_END_ABORTED;
    }
}

static net_end end_of_error(const net_secure_stream *s, int error) {
    WOLFSSL_ALERT_HISTORY alerts;
    switch (error) {
        case MEMORY_E:
        case MEMORY_ERROR:
            return NET_END_NO_MEMORY;
        case ASN_NO_SIGNER_E:
        case ASN_SELF_SIGNED_E:
        case ASN_SIG_CONFIRM_E:
            return NET_END_UNKNOWN_AUTHORITY;
        case ASN_BEFORE_DATE_E:
        case ASN_AFTER_DATE_E:
            return NET_END_EXPIRED;
        case DOMAIN_NAME_MISMATCH:
        case IPADDR_MISMATCH:
            return NET_END_WRONG_HOST;
        case NO_PEER_CERT:
            return NET_END_NO_CERTIFICATE;
        case WOLFSSL_ERROR_ZERO_RETURN:
            return NET_END_CLOSED;
        default:
            break;
    }
    if (wolfSSL_get_alert_history(s->library, &alerts) == WOLFSSL_SUCCESS &&
        alerts.last_rx.level == FATAL)
        return end_of_alert(alerts.last_rx.code);
    return NET_END_PROTOCOL;
}

static void strip(net_secure_stream *s) {
    wolfSSL_free(s->library);
    s->library = NULL;
    s->open = false;
    s->left = 0;
}

static void fail(net_secure_stream *s, int error) {
    net_end why = end_of_error(s, error);
    strip(s);
    s->domain->calls.ended(s->owner, why);
}

/* ---- bytes ---- */

/* True: it is open, or has just been opened. */
static bool shake_hands(net_secure_stream *s) {
    if (s->open) return true;
    int said = s->domain->server ? wolfSSL_accept(s->library) : wolfSSL_connect(s->library);
    if (said == WOLFSSL_SUCCESS) {
        s->open = true;
        s->domain->calls.opened(s->owner);
        return s->open; /* unless its owner has closed it */
    }
    int error = wolfSSL_get_error(s->library, said);
    if (error != WOLFSSL_ERROR_WANT_READ && error != WOLFSSL_ERROR_WANT_WRITE) fail(s, error);
    return false;
}

static void read_all(net_secure_stream *s) {
    uint8_t plain[PLAIN_MAX];
    while (s->open) {
        int n = wolfSSL_read(s->library, plain, sizeof plain);
        if (n > 0) {
            s->domain->calls.received(s->owner, plain, (size_t)n);
            continue;
        }
        int error = wolfSSL_get_error(s->library, n);
        if (error != WOLFSSL_ERROR_WANT_READ && error != WOLFSSL_ERROR_WANT_WRITE)
            fail(s, error == 0 ? WOLFSSL_ERROR_ZERO_RETURN : error);
        return;
    }
}

void net_secure_stream_input(net_secure_stream *s, sim_time now, const uint8_t *bytes, size_t n) {
    if (s->library == NULL || s->over) return;
    net_vkernel_scope before = enter(s, now);
    s->feed = bytes;
    s->left = n;
    if (shake_hands(s)) read_all(s);
    s->left = 0;
    net_vkernel_leave(before);
}

void net_secure_stream_start(net_secure_stream *s, sim_time now) {
    net_secure_stream_input(s, now, NULL, 0);
}

int net_secure_stream_write(net_secure_stream *s, sim_time now, const uint8_t *data, size_t n) {
    if (!s->open) return SIM_ESTATE;
    net_vkernel_scope before = enter(s, now);
    int said = n == 0 ? 0 : wolfSSL_write(s->library, data, (int)n);
    net_vkernel_leave(before);
    return said == (int)n ? 0 : SIM_ENOMEM; /* nothing else is in its way */
}

void net_secure_stream_close(net_secure_stream *s, sim_time now) {
    if (s->library == NULL) return;
    net_vkernel_scope before = enter(s, now);
    if (s->open) (void)wolfSSL_shutdown(s->library);
    s->open = false;
    s->over = true;
    net_vkernel_leave(before);
}

bool net_secure_stream_is_open(const net_secure_stream *s) {
    return s->open;
}

/* ---- birth and end ---- */

static net_secure_stream *stream_new(net_secure_stream_domain *d, sim_stream *stream, void *owner) {
    net_secure_stream *s = sim_calloc(1, sizeof *s);
    if (s == NULL) return NULL;
    *s = (net_secure_stream){.domain = d, .stream = stream, .owner = owner};
    net_vkernel_scope before = enter(s, 0);
    s->library = wolfSSL_new(d->library);
    net_vkernel_leave(before);
    if (s->library == NULL) {
        sim_free(s);
        return NULL;
    }
    wolfSSL_SetIOReadCtx(s->library, s);
    wolfSSL_SetIOWriteCtx(s->library, s);
    return s;
}

net_secure_stream *net_secure_stream_accept(net_secure_stream_domain *d, sim_stream *stream,
                                            void *owner) {
    return stream_new(d, stream, owner);
}

net_secure_stream *net_secure_stream_connect(net_secure_stream_domain *d, const char *host,
                                             sim_stream *stream, void *owner) {
    net_secure_stream *s = stream_new(d, stream, owner);
    if (s == NULL || host == NULL) return s;
    bool named = wolfSSL_check_domain_name(s->library, host) == WOLFSSL_SUCCESS &&
                 wolfSSL_UseSNI(s->library, WOLFSSL_SNI_HOST_NAME, host,
                                (unsigned short)strlen(host)) == WOLFSSL_SUCCESS;
    if (named) return s;
    net_secure_stream_free(s);
    return NULL;
}

void net_secure_stream_free(net_secure_stream *s) {
    if (s == NULL) return;
    strip(s);
    sim_free(s);
}

/* ---- domains ---- */

static bool load(WOLFSSL_CTX *c, const char *text,
                 int (*take)(WOLFSSL_CTX *c, const unsigned char *text, long n)) {
    return text == NULL ||
           take(c, (const unsigned char *)text, (long)strlen(text)) == WOLFSSL_SUCCESS;
}

static int take_key(WOLFSSL_CTX *c, const unsigned char *text, long n) {
    return wolfSSL_CTX_use_PrivateKey_buffer(c, text, n, WOLFSSL_FILETYPE_PEM);
}

/* One that is out of its time is taken all the same: with a clock that is wrong a handshake shall
 * fail, and say why. */
static int take_authorities(WOLFSSL_CTX *c, const unsigned char *text, long n) {
    return wolfSSL_CTX_load_verify_buffer_ex(c, text, n, WOLFSSL_FILETYPE_PEM, 0,
                                             WOLFSSL_LOAD_FLAG_DATE_ERR_OKAY);
}

/* NULL: all is well; else which of the papers is wrong. */
static const char *papers_wrong(WOLFSSL_CTX *c, const net_secure_stream_papers *p) {
    if (!load(c, p->chain, wolfSSL_CTX_use_certificate_chain_buffer))
        return "this is no certificate in PEM";
    if (!load(c, p->key, take_key)) return "this is no private key in PEM without a password";
    if (p->key != NULL && wolfSSL_CTX_check_private_key(c) != WOLFSSL_SUCCESS)
        return "the private key is not that of the certificate";
    if (!load(c, p->authorities, take_authorities))
        return "this is no certificate of an authority in PEM";
    return NULL;
}

static void set_up(net_secure_stream_domain *d, bool trusts) {
    int demand =
        d->server ? WOLFSSL_VERIFY_PEER | WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT : WOLFSSL_VERIFY_PEER;
    wolfSSL_CTX_SetIORecv(d->library, take_in);
    wolfSSL_CTX_SetIOSend(d->library, send_out);
    wolfSSL_CTX_set_session_cache_mode(d->library, WOLFSSL_SESS_CACHE_OFF);
    wolfSSL_CTX_set_verify(d->library, trusts ? demand : WOLFSSL_VERIFY_NONE, NULL);
}

static net_secure_stream_domain *domain_new(const net_secure_stream_papers *papers,
                                            const net_secure_stream_calls *calls, bool server,
                                            char *why, size_t size) {
    net_secure_stream_domain *d = sim_calloc(1, sizeof *d);
    (void)snprintf(why, size, "out of memory");
    if (d == NULL) return NULL;
    *d = (net_secure_stream_domain){.calls = *calls, .offset = papers->offset, .server = server};
    net_vkernel_scope before = net_vkernel_enter(NULL, 0, papers->offset, NULL);
    d->library = wolfSSL_CTX_new(server ? wolfTLS_server_method() : wolfTLS_client_method());
    const char *wrong = d->library == NULL ? "" : papers_wrong(d->library, papers);
    net_vkernel_leave(before);
    if (wrong == NULL) {
        set_up(d, papers->authorities != NULL);
        return d;
    }
    if (*wrong != '\0') (void)snprintf(why, size, "%s", wrong);
    net_secure_stream_domain_free(d);
    return NULL;
}

net_secure_stream_domain *net_secure_stream_server_domain(const net_secure_stream_papers *papers,
                                                          const net_secure_stream_calls *calls,
                                                          char *why, size_t size) {
    return domain_new(papers, calls, true, why, size);
}

net_secure_stream_domain *net_secure_stream_client_domain(const net_secure_stream_papers *papers,
                                                          const net_secure_stream_calls *calls,
                                                          char *why, size_t size) {
    return domain_new(papers, calls, false, why, size);
}

void net_secure_stream_domain_free(net_secure_stream_domain *d) {
    if (d == NULL) return;
    wolfSSL_CTX_free(d->library);
    sim_free(d);
}
