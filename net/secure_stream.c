/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/secure_stream.h"

#include <stdio.h>
#include <string.h>
#include <wolfssl/options.h>
/* after options.h */
#include <wolfssl/error-ssl.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/chacha20_poly1305.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

#include "net/vkernel.h"
#include "sim/core/heap.h"

enum {
    PLAIN_MAX = 16384,
    FATAL = 2, /* alerts of RFC 8446 6 */
    BAD_RECORD_MAC = 20,
    HANDSHAKE_FAILURE = 40,
    BAD_CERTIFICATE = 42,
    CERTIFICATE_EXPIRED = 45,
    CERTIFICATE_UNKNOWN = 46,
    ILLEGAL_PARAMETER = 47,
    UNKNOWN_CA = 48,
    WRONG_SIGNATURE = 51, /* decrypt_error */
    UNKNOWN_PSK_IDENTITY = 115,
    CERTIFICATE_REQUIRED = 116,
    TICKET_LIFETIME_S = 7200 /* OpenSSL's, where most servers have theirs from */
};

struct net_secure_stream_domain {
    WOLFSSL_CTX *library;
    net_secure_stream_calls calls;
    sim_time offset;
    net_secure_find_key *find; /* server */
    void *find_context;
    uint8_t ticket_name[WOLFSSL_TICKET_NAME_SZ]; /* server: of the key of its tickets */
    uint8_t ticket_key[CHACHA20_POLY1305_AEAD_KEYSIZE];
    bool server;
};

struct net_secure_stream {
    net_secure_stream_domain *domain;
    WOLFSSL *library; /* NULL: over */
    sim_stream *stream;
    void *owner;
    const uint8_t *feed; /* what wolfSSL may read during the call in hand */
    size_t left;
    sim_time offset;       /* of its clock */
    char *identity;        /* of a client: its own; of a server: the peer's, NULL until known */
    const uint8_t *key;    /* of a client; borrowed */
    net_secure_kept *kept; /* of one that is over */
    uint8_t key_size;
    uint8_t alert; /* that came in the clear; 0: none */
    bool open : 1;
    bool over : 1;        /* closed by us */
    bool no_memory : 1;   /* in a callback, which cannot say so */
    bool unknown : 1;     /* a server has no key for the identity */
    bool out_of_time : 1; /* a certificate was that, whatever else is wrong */
};

static net_vkernel_scope enter(const net_secure_stream *s, sim_time now) {
    sim_time offset = s->domain->offset + s->offset;
    return net_vkernel_enter(NULL, 0, offset < 0 ? now + offset : sim_time_add(now, offset),
                             s->stream);
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

static bool take_identity(net_secure_stream *s, const char *identity, size_t n) {
    char *copy = sim_malloc(n + 1);
    s->no_memory |= copy == NULL;
    if (copy == NULL) return false;
    memcpy(copy, identity, n);
    copy[n] = '\0';
    sim_free(s->identity);
    s->identity = copy;
    return true;
}

/* Of each certificate of a peer that was judged; what is wrong with it stays wrong. */
static int look_at_certificate(int right, WOLFSSL_X509_STORE_CTX *store) {
    net_secure_stream *s = store->userCtx;
    if (s == NULL) return right;
    s->out_of_time |= store->error == ASN_BEFORE_DATE_E || store->error == ASN_AFTER_DATE_E;
    if (!right || !s->domain->server || store->error_depth != 0) return right;
    size_t n = strnlen(store->domain, NET_SECURE_IDENTITY_MAX);
    return n < NET_SECURE_IDENTITY_MAX && take_identity(s, store->domain, n);
}

static unsigned int client_key(WOLFSSL *library, const char *hint, char *identity,
                               unsigned int identity_size, unsigned char *key,
                               unsigned int key_size) {
    const net_secure_stream *s = wolfSSL_GetIOReadCtx(library);
    (void)hint; /* RFC 4279 5.2: without a profile that defines it, ignored */
    size_t n = strlen(s->identity) + 1;
    if (n > identity_size || s->key_size > key_size) return 0;
    memcpy(identity, s->identity, n);
    memcpy(key, s->key, s->key_size);
    return s->key_size;
}

/* The same of TLS 1.3, where a key goes with the hash of a suite: SHA-256, and is offered once.
 * Asked in this way wolfSSL takes whatever suite of that hash the server prefers (RFC 8446 4.2.11).
 */
static unsigned int client_key_for(WOLFSSL *library, const char *hint, char *identity,
                                   unsigned int identity_size, unsigned char *key,
                                   unsigned int key_size, const char *suite) {
    if (strcmp(suite, "TLS13-AES128-GCM-SHA256") != 0) return 0;
    return client_key(library, hint, identity, identity_size, key, key_size);
}

static unsigned int server_key(WOLFSSL *library, const char *identity, unsigned char *key,
                               unsigned int key_size) {
    net_secure_stream *s = wolfSSL_GetIOReadCtx(library);
    uint8_t found[NET_SECURE_KEY_MAX];
    size_t length = strnlen(identity, NET_SECURE_IDENTITY_MAX);
    size_t n = length < NET_SECURE_IDENTITY_MAX
                   ? s->domain->find(s->domain->find_context, identity, found)
                   : 0;
    s->unknown = n == 0 || n > key_size;
    if (s->unknown || !take_identity(s, identity, length)) return 0;
    memcpy(key, found, n);
    return (unsigned int)n;
}

/* ---- tickets: what the library wants to know again, and whose session it is ---- */

static int seal(net_secure_stream *s, byte *iv, byte *mac, byte *ticket, int n, int *size) {
    const net_secure_stream_domain *d = s->domain;
    memset(ticket + n, 0, NET_SECURE_IDENTITY_MAX);
    if (s->identity != NULL)
        (void)snprintf((char *)ticket + n, NET_SECURE_IDENTITY_MAX, "%s", s->identity);
    n += NET_SECURE_IDENTITY_MAX;
    if (n > *size || net_vkernel_random(iv, WOLFSSL_TICKET_IV_SZ) != 0)
        return WOLFSSL_TICKET_RET_FATAL;
    memset(mac, 0, WOLFSSL_TICKET_MAC_SZ);
    *size = n;
    return wc_ChaCha20Poly1305_Encrypt(d->ticket_key, iv, d->ticket_name, sizeof d->ticket_name,
                                       ticket, (word32)n, ticket, mac) == 0
               ? WOLFSSL_TICKET_RET_OK
               : WOLFSSL_TICKET_RET_FATAL;
}

/* One of another key, or a forged one, is no reason to refuse: there will be a whole handshake. */
static int unseal(net_secure_stream *s, const byte *iv, const byte *mac, byte *ticket, int n,
                  int *size) {
    const net_secure_stream_domain *d = s->domain;
    if (n <= NET_SECURE_IDENTITY_MAX ||
        wc_ChaCha20Poly1305_Decrypt(d->ticket_key, iv, d->ticket_name, sizeof d->ticket_name,
                                    ticket, (word32)n, mac, ticket) != 0)
        return WOLFSSL_TICKET_RET_REJECT;
    *size = n - NET_SECURE_IDENTITY_MAX;
    const char *identity = (const char *)ticket + *size;
    size_t length = strnlen(identity, NET_SECURE_IDENTITY_MAX - 1);
    return take_identity(s, identity, length) ? WOLFSSL_TICKET_RET_OK : WOLFSSL_TICKET_RET_FATAL;
}

static int ticket_work(WOLFSSL *library, byte name[WOLFSSL_TICKET_NAME_SZ],
                       byte iv[WOLFSSL_TICKET_IV_SZ], byte mac[WOLFSSL_TICKET_MAC_SZ], int encrypt,
                       byte *ticket, int n, int *size, void *context) {
    net_secure_stream *s = wolfSSL_GetIOReadCtx(library);
    (void)context;
    if (encrypt != 0) {
        memcpy(name, s->domain->ticket_name, WOLFSSL_TICKET_NAME_SZ);
        return seal(s, iv, mac, ticket, n, size);
    }
    if (memcmp(name, s->domain->ticket_name, WOLFSSL_TICKET_NAME_SZ) != 0)
        return WOLFSSL_TICKET_RET_REJECT;
    return unseal(s, iv, mac, ticket, n, size);
}

/* ---- ends ---- */

/* What it says of the key that we were to have in common. RFC 4279 2: unknown_psk_identity, or
 * decrypt_error from a server that hides which; RFC 8446 4.2.11: a binder that does not verify ends
 * the handshake, by illegal_parameter as OpenSSL has it; a server that knows nobody of that name
 * goes on to certificates, of which we have none. NONE: it is about something else. */
static net_end end_of_key_alert(int description) {
    switch (description) {
        case BAD_RECORD_MAC:
        case ILLEGAL_PARAMETER:
        case WRONG_SIGNATURE:
            return NET_END_WRONG_KEY;
        case HANDSHAKE_FAILURE:
        case UNKNOWN_PSK_IDENTITY:
            return NET_END_UNKNOWN_IDENTITY;
        default:
            return NET_END_NONE;
    }
}

/* What a fatal alert of the peer says of us. */
static net_end end_of_alert(const net_secure_stream *s, int description) {
    net_end by_key = s->key_size > 0 && !s->open ? end_of_key_alert(description) : NET_END_NONE;
    if (by_key != NET_END_NONE) return by_key;
    switch (description) {
        case UNKNOWN_CA:
            return NET_END_UNKNOWN_AUTHORITY;
        case CERTIFICATE_EXPIRED:
            return NET_END_EXPIRED;
        case CERTIFICATE_REQUIRED:
            return NET_END_NO_CERTIFICATE;
        case BAD_CERTIFICATE:
        case CERTIFICATE_UNKNOWN:
            return NET_END_BAD_CERTIFICATE;
        case UNKNOWN_PSK_IDENTITY:
            return NET_END_UNKNOWN_IDENTITY;
        case WRONG_SIGNATURE:
            return NET_END_WRONG_KEY;
        default:
            return NET_END_ABORTED;
    }
}

/* Of TLS 1.2 a server that does not know its client says so in the clear, when the client's keys
 * are there already; and wolfSSL takes it for a record that is too short. */
static void look_for_alert(net_secure_stream *s, const uint8_t *bytes, size_t n) {
    enum { ALERT = 21, SIZE = 7 };
    const uint8_t *last = n < SIZE ? NULL : bytes + n - SIZE;
    bool is_one = last != NULL && last[0] == ALERT && last[1] == 3 && last[3] == 0 &&
                  last[4] == 2 && last[5] == FATAL;
    if (!s->open && is_one) s->alert = last[6];
}

static net_end end_of_error(const net_secure_stream *s, int error) {
    WOLFSSL_ALERT_HISTORY alerts;
    if (s->no_memory) return NET_END_NO_MEMORY;
    if (s->unknown) return NET_END_UNKNOWN_IDENTITY;
    if (s->out_of_time) return NET_END_EXPIRED;
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
        case BAD_BINDER: /* a key that was shared before, or a ticket, is another's */
            return NET_END_WRONG_KEY;
        case VERIFY_FINISHED_ERROR:
        case VERIFY_MAC_ERROR:
        case DECRYPT_ERROR:
            return !s->open && (s->key_size > 0 || s->domain->find != NULL) ? NET_END_WRONG_KEY
                                                                            : NET_END_PROTOCOL;
        case WOLFSSL_ERROR_ZERO_RETURN:
            return NET_END_CLOSED;
        default:
            break;
    }
    if (wolfSSL_get_alert_history(s->library, &alerts) == WOLFSSL_SUCCESS &&
        alerts.last_rx.level == FATAL)
        return end_of_alert(s, alerts.last_rx.code);
    return s->alert != 0 ? end_of_alert(s, s->alert) : NET_END_PROTOCOL;
}

/* What a client may begin the next connection with; wolfSSL counts the users of a session. */
static net_secure_kept *session_of(const net_secure_stream *s) {
    if (!s->open || s->domain->server) return NULL;
    WOLFSSL_SESSION *session = wolfSSL_get1_session(s->library);
    if (session == NULL || wolfSSL_SessionIsSetup(session) != 0) return (net_secure_kept *)session;
    wolfSSL_SESSION_free(session);
    return NULL;
}

static void strip(net_secure_stream *s) {
    if (s->kept == NULL) s->kept = session_of(s);
    wolfSSL_free(s->library);
    s->library = NULL;
    s->open = false;
    s->left = 0;
}

/* wolfSSL's server says nothing to a name that it does not know: its client would see an end
 * without a reason. Before the keys are there an alert is in the clear (RFC 4279 2). */
static void tell_unknown(net_secure_stream *s) {
    static const uint8_t alert[] = {21, 3, 3, 0, 2, FATAL, UNKNOWN_PSK_IDENTITY};
    if (s->domain->server && s->unknown && !s->open)
        s->domain->calls.send(s->owner, alert, sizeof alert);
}

static void fail(net_secure_stream *s, int error) {
    net_end why = end_of_error(s, error);
    tell_unknown(s);
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
    look_for_alert(s, bytes, n);
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
    if (s->kept == NULL) s->kept = session_of(s);
    s->open = false;
    s->over = true;
    net_vkernel_leave(before);
}

bool net_secure_stream_is_open(const net_secure_stream *s) {
    return s->open;
}

const char *net_secure_stream_identity(const net_secure_stream *s) {
    return s->identity == NULL ? "" : s->identity;
}

bool net_secure_stream_resumed(const net_secure_stream *s) {
    return s->open && wolfSSL_session_reused(s->library) != 0;
}

net_secure_kept *net_secure_stream_keep(net_secure_stream *s) {
    net_secure_kept *kept = s->kept != NULL ? s->kept : session_of(s);
    s->kept = NULL;
    return kept;
}

void net_secure_kept_free(net_secure_kept *k) {
    if (k != NULL) wolfSSL_SESSION_free((WOLFSSL_SESSION *)k);
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
    wolfSSL_SetCertCbCtx(s->library, s);
    return s;
}

net_secure_stream *net_secure_stream_accept(net_secure_stream_domain *d, sim_stream *stream,
                                            void *owner) {
    return stream_new(d, stream, owner);
}

static bool name_host(WOLFSSL *library, const char *host) {
    return host == NULL || (wolfSSL_check_domain_name(library, host) == WOLFSSL_SUCCESS &&
                            wolfSSL_UseSNI(library, WOLFSSL_SNI_HOST_NAME, host,
                                           (unsigned short)strlen(host)) == WOLFSSL_SUCCESS);
}

static bool name_application(WOLFSSL *library, const char *application) {
    char list[32];
    int n = snprintf(list, sizeof list, "%s", application == NULL ? "" : application);
    SIM_PROMISE(n >= 0 && n < (int)sizeof list);
    return n == 0 || wolfSSL_UseALPN(library, list, (unsigned)n,
                                     WOLFSSL_ALPN_CONTINUE_ON_MISMATCH) == WOLFSSL_SUCCESS;
}

static bool show_certificate(WOLFSSL *library, const net_certificate *c) {
    return c == NULL || (wolfSSL_use_certificate_buffer(library, c->bytes, c->size,
                                                        WOLFSSL_FILETYPE_ASN1) == WOLFSSL_SUCCESS &&
                         wolfSSL_use_PrivateKey_buffer(library, net_certificate_key(c), c->key_size,
                                                       WOLFSSL_FILETYPE_ASN1) == WOLFSSL_SUCCESS);
}

static bool use_key(net_secure_stream *s, const net_secure_stream_client *client) {
    if (client->key_size == 0) return true;
    s->key = client->key;
    s->key_size = (uint8_t)client->key_size;
    wolfSSL_set_psk_client_callback(s->library, client_key);
    wolfSSL_set_psk_client_cs_callback(s->library, client_key_for);
    return take_identity(s, client->identity, strlen(client->identity));
}

/* What was kept too long is of no use, and no harm either. */
static bool prepare(net_secure_stream *s, const net_secure_stream_client *client) {
    if (!use_key(s, client) || !show_certificate(s->library, client->certificate) ||
        !name_host(s->library, client->host) || !name_application(s->library, client->application))
        return false;
    if (client->kept != NULL)
        (void)wolfSSL_set_session(s->library, (WOLFSSL_SESSION *)client->kept);
    return true;
}

net_secure_stream *net_secure_stream_connect(net_secure_stream_domain *d,
                                             const net_secure_stream_client *client,
                                             sim_stream *stream, void *owner) {
    net_secure_stream *s = stream_new(d, stream, owner);
    if (s == NULL) return NULL;
    s->offset = client->offset;
    net_vkernel_scope before = enter(s, 0);
    bool prepared = prepare(s, client);
    net_vkernel_leave(before);
    if (prepared) return s;
    net_secure_stream_free(s);
    return NULL;
}

void net_secure_stream_free(net_secure_stream *s) {
    if (s == NULL) return;
    strip(s);
    net_secure_kept_free(s->kept);
    sim_free(s->identity);
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

/* The library has several numbers for what it cannot read, and a lack of memory may be any of them:
 * then nothing is said of the papers. */
static bool take_papers(WOLFSSL_CTX *c, const net_secure_stream_papers *p, const char **wrong) {
    const uint64_t before = sim_heap_refusals();
    const char *found = papers_wrong(c, p);
    if (sim_heap_refusals() == before) *wrong = found;
    return found == NULL;
}

/* Keys that were shared before take no certificates, in neither version. */
static const char *const key_suites =
    "TLS13-AES128-GCM-SHA256:ECDHE-PSK-AES128-GCM-SHA256:"
    "ECDHE-PSK-CHACHA20-POLY1305:PSK-AES128-GCM-SHA256";

static bool serve_keys(net_secure_stream_domain *d, const net_secure_stream_papers *p) {
    if (p->find == NULL) return true;
    d->find = p->find;
    d->find_context = p->find_context;
    wolfSSL_CTX_set_psk_server_callback(d->library, server_key);
    return p->chain != NULL ||
           wolfSSL_CTX_set_cipher_list(d->library, key_suites) == WOLFSSL_SUCCESS;
}

static bool draw_ticket_key(net_secure_stream_domain *d) {
    return net_vkernel_random(d->ticket_name, sizeof d->ticket_name) == 0 &&
           net_vkernel_random(d->ticket_key, sizeof d->ticket_key) == 0;
}

static bool give_tickets(net_secure_stream_domain *d) {
    return draw_ticket_key(d) &&
           wolfSSL_CTX_set_TicketEncCb(d->library, ticket_work) == WOLFSSL_SUCCESS &&
           wolfSSL_CTX_set_timeout(d->library, TICKET_LIFETIME_S) >= 0;
}

static bool set_up(net_secure_stream_domain *d, const net_secure_stream_papers *p) {
    int demand =
        d->server ? WOLFSSL_VERIFY_PEER | WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT : WOLFSSL_VERIFY_PEER;
    wolfSSL_CTX_SetIORecv(d->library, take_in);
    wolfSSL_CTX_SetIOSend(d->library, send_out);
    wolfSSL_CTX_set_session_cache_mode(d->library, WOLFSSL_SESS_CACHE_OFF);
    wolfSSL_CTX_set_verify(d->library, p->authorities != NULL ? demand : WOLFSSL_VERIFY_NONE,
                           look_at_certificate);
    if (d->server) return serve_keys(d, p) && give_tickets(d);
    return wolfSSL_CTX_UseSessionTicket(d->library) == WOLFSSL_SUCCESS;
}

static WOLFSSL_METHOD *method_of(net_secure_versions version, bool server) {
    if (version == NET_SECURE_12)
        return server ? wolfTLSv1_2_server_method() : wolfTLSv1_2_client_method();
    return server ? wolfTLS_server_method() : wolfTLS_client_method();
}

static net_secure_stream_domain *domain_new(const net_secure_stream_papers *papers,
                                            const net_secure_stream_calls *calls, bool server,
                                            const char **wrong) {
    net_secure_stream_domain *d = sim_calloc(1, sizeof *d);
    *wrong = NULL;
    if (d == NULL) return NULL;
    *d = (net_secure_stream_domain){.calls = *calls, .offset = papers->offset, .server = server};
    net_vkernel_scope before = net_vkernel_enter(NULL, 0, papers->offset, papers->stream);
    d->library = wolfSSL_CTX_new(method_of(papers->version, server));
    bool good = d->library != NULL && take_papers(d->library, papers, wrong) && set_up(d, papers);
    net_vkernel_leave(before);
    if (good) return d;
    net_secure_stream_domain_free(d);
    return NULL;
}

net_secure_stream_domain *net_secure_stream_server_domain(const net_secure_stream_papers *papers,
                                                          const net_secure_stream_calls *calls,
                                                          const char **wrong) {
    return domain_new(papers, calls, true, wrong);
}

net_secure_stream_domain *net_secure_stream_client_domain(const net_secure_stream_papers *papers,
                                                          const net_secure_stream_calls *calls,
                                                          const char **wrong) {
    return domain_new(papers, calls, false, wrong);
}

void net_secure_stream_domain_forget(net_secure_stream_domain *d, sim_stream *stream) {
    net_vkernel_scope before = net_vkernel_enter(NULL, 0, d->offset, stream);
    SIM_PROMISE(draw_ticket_key(d));
    net_vkernel_leave(before);
}

void net_secure_stream_domain_free(net_secure_stream_domain *d) {
    if (d == NULL) return;
    wolfSSL_CTX_free(d->library);
    explicit_bzero(d->ticket_key, sizeof d->ticket_key);
    sim_free(d);
}
