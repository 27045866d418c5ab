/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/secure.h"

#include <string.h>

#include "net/secure_private.h"
#include "sim/core/heap.h"

const net_secure_timing net_secure_timing_default = {
    .initial_timeout_s = 1, .maximum_timeout_s = 60, .handshake_limit = SIM_MINUTE};

/* How long a server can repeat its final flight when nothing came in: twice the maximum segment
 * lifetime of TCP (RFC 6347 4.2.4). */
static const sim_time retention = 240 * SIM_SECOND;

/* ---- ends ---- */

static void drop_handshake(net_secure_session *s) {
    if (s->handshake == NULL) return;
    explicit_bzero(s->handshake, sizeof *s->handshake); /* a key is in it */
    sim_free(s->handshake);
    s->handshake = NULL;
}

/* Gives everything back but the session itself, which its owner may still ask. */
static void strip(net_secure_session *s) {
    net_secure_leave(s);
    wolfSSL_free(s->library);
    drop_handshake(s);
    s->library = NULL;
    s->open = false;
    s->retain_until = SIM_NEVER;
}

static void finish(net_secure_session *s, net_end why) {
    strip(s);
    s->why = (uint8_t)why;
    if (!s->silent) s->domain->calls.ended(s->owner, why);
}

/* wolfSSL's lean build sends no alerts in a DTLS 1.2 handshake, so a peer that is refused would
 * wait for its limit. Only in the clear: a client that has changed its cipher says nothing. */
static void send_alert(net_secure_session *s, uint8_t description) {
    net_secure_handshake *h = s->handshake;
    if (h->finished_sent) return;
    uint8_t alert[] = {RECORD_DTLS_ALERT, 0xfe,       0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2,
                       NET_SECURE_FATAL,  description};
    record_dtls_put_sequence(alert, h->next_sequence);
    s->domain->calls.send(s->owner, alert, sizeof alert);
}

static uint8_t alert_for(net_end why) {
    switch (why) {
        case NET_END_UNKNOWN_IDENTITY:
            return NET_SECURE_UNKNOWN_PSK_IDENTITY;
        case NET_END_NO_MEMORY:
            return NET_SECURE_INTERNAL_ERROR;
        default:
            return NET_SECURE_HANDSHAKE_FAILURE;
    }
}

/* What a peer's fatal alert means. After our key exchange a refusal is about identity or key: RFC
 * 4279 2 has unknown_psk_identity, or decrypt_error from a server that hides which; bad_record_mac
 * is the same from one that tells record and Finished apart. */
static net_end end_of_alert(const net_secure_session *s, uint8_t description) {
    if (description == NET_SECURE_UNKNOWN_PSK_IDENTITY) return NET_END_UNKNOWN_IDENTITY;
    if (s->open || s->domain->server || !s->handshake->finished_sent) return NET_END_ABORTED;
    switch (description) {
        case NET_SECURE_HANDSHAKE_FAILURE:
            return NET_END_UNKNOWN_IDENTITY;
        case NET_SECURE_DECRYPT_ERROR:
        case NET_SECURE_BAD_RECORD_MAC:
            return NET_END_WRONG_KEY;
        default:
            return NET_END_ABORTED;
    }
}

/* GnuTLS falls silent at a key that differs, and closes when its patience ends. */
static net_end end_of_plain_alert(const net_secure_session *s, uint8_t description) {
    if (description != NET_SECURE_CLOSE_NOTIFY) return end_of_alert(s, description);
    return s->handshake->finished_sent ? NET_END_SILENT : NET_END_CLOSED;
}

/* BUILD_MSG_ERROR hides what went wrong while a record of our own was made; nothing but an
 * allocation does. */
static bool is_memory_error(int error) {
    return error == MEMORY_E || error == MEMORY_ERROR || error == BUILD_MSG_ERROR;
}

static net_end end_of_error(const net_secure_session *s, int error) {
    WOLFSSL_ALERT_HISTORY alerts;
    if (is_memory_error(error)) return NET_END_NO_MEMORY;
    if (s->handshake != NULL && s->handshake->no_memory) return NET_END_NO_MEMORY;
    if (s->handshake != NULL && s->handshake->identity_unknown) return NET_END_UNKNOWN_IDENTITY;
    if (wolfSSL_get_alert_history(s->library, &alerts) == WOLFSSL_SUCCESS &&
        alerts.last_rx.level == NET_SECURE_FATAL)
        return end_of_alert(s, (uint8_t)alerts.last_rx.code);
    return NET_END_PROTOCOL;
}

/* Somebody has said so already: the peer, or wolfSSL in the few cases in which it does. */
static bool is_alerted(const net_secure_session *s) {
    WOLFSSL_ALERT_HISTORY alerts;
    return wolfSSL_get_alert_history(s->library, &alerts) == WOLFSSL_SUCCESS &&
           (alerts.last_rx.level == NET_SECURE_FATAL || alerts.last_tx.level == NET_SECURE_FATAL);
}

/* wolfSSL gave up on the session with `error`. */
static void fail(net_secure_session *s, int error) {
    net_end why = end_of_error(s, error);
    if (error == MATCH_SUITE_ERROR && s->domain->server) s->domain->unsuited++;
    if (s->handshake != NULL && !is_alerted(s)) send_alert(s, alert_for(why));
    finish(s, why);
}

/* ---- birth ---- */

static net_secure_session *session_new(net_secure_domain *d, sim_stream *stream, void *owner) {
    net_secure_session *s = sim_calloc(1, sizeof *s);
    if (s == NULL) return NULL;
    s->domain = d;
    s->stream = stream;
    s->owner = owner;
    s->retain_until = SIM_NEVER;
    s->handshake = sim_calloc(1, sizeof *s->handshake);
    if (s->handshake == NULL) {
        sim_free(s);
        return NULL;
    }
    s->handshake->flight = -1;
    s->handshake->timeout_s = d->timing.initial_timeout_s;
    s->handshake->retransmit_at = s->handshake->give_up_at = SIM_NEVER;
    return s;
}

net_secure_session *net_secure_client_new(net_secure_domain *d, const char *identity,
                                          const uint8_t *key, size_t key_size, sim_stream *stream,
                                          void *owner) {
    SIM_PROMISE(!d->server && key_size >= 1 && key_size <= NET_SECURE_KEY_MAX);
    SIM_PROMISE(strlen(identity) < NET_SECURE_IDENTITY_MAX);
    net_secure_session *s = session_new(d, stream, owner);
    if (s == NULL) return NULL;
    s->identity = sim_strdup(identity);
    if (s->identity == NULL) {
        net_secure_free(s);
        return NULL;
    }
    s->handshake->key_size = (uint8_t)key_size;
    memcpy(s->handshake->key, key, key_size);
    return s;
}

void net_secure_free(net_secure_session *s) {
    if (s == NULL) return;
    strip(s);
    sim_free(s->identity);
    sim_free(s);
}

void net_secure_take_object(net_secure_session *s, WOLFSSL *library) {
    s->library = library;
    wolfSSL_SetIOReadCtx(library, s);
    wolfSSL_SetIOWriteCtx(library, s);
}

bool net_secure_make_object(net_secure_session *s) {
    WOLFSSL *library = wolfSSL_new(s->domain->library);
    if (library == NULL) return false;
    net_secure_take_object(s, library);
    wolfSSL_dtls_set_using_nonblock(library, 1);
    return true;
}

/* ---- handshake ---- */

/* RFC 6347 4.2.4.1: the value of the timer is kept until a flight came through without loss, then
 * it is the initial one again. */
static void set_timer(net_secure_session *s, sim_time now) {
    net_secure_handshake *h = s->handshake;
    if (!h->sent) return;
    if (h->sent_new && !h->retransmitted) h->timeout_s = s->domain->timing.initial_timeout_s;
    h->retransmitted = !h->sent_new;
    h->repeated = !h->sent_new;
    h->sent = h->sent_new = false;
    h->retransmit_at = sim_time_add(now, h->timeout_s * SIM_SECOND);
}

/* A server keeps what it needs to repeat its final flight until the client has shown that it came;
 * a client's last word was its Finished. */
static void open_session(net_secure_session *s, sim_time now) {
    drop_handshake(s);
    s->open = true;
    if (s->domain->server)
        s->retain_until = sim_time_add(now, retention);
    else
        wolfSSL_FreeHandshakeResources(s->library);
    s->domain->calls.opened(s->owner);
}

static void negotiate(net_secure_session *s, sim_time now) {
    net_vkernel_scope before = net_vkernel_enter(NULL, 0, now, s->stream);
    int done = s->domain->server ? wolfSSL_accept(s->library) : wolfSSL_connect(s->library);
    int error = done == WOLFSSL_SUCCESS ? 0 : wolfSSL_get_error(s->library, done);
    net_vkernel_leave(before);
    if (done == WOLFSSL_SUCCESS)
        open_session(s, now);
    else if (error == WOLFSSL_ERROR_WANT_READ)
        set_timer(s, now);
    else
        fail(s, error);
}

void net_secure_client_start(net_secure_session *s, sim_time now) {
    SIM_PROMISE(!s->domain->server && s->library == NULL && s->why == NET_END_NONE);
    net_vkernel_scope before = net_vkernel_enter(NULL, 0, now, s->stream);
    bool made = net_secure_make_object(s);
    net_vkernel_leave(before);
    if (!made) {
        finish(s, NET_END_NO_MEMORY);
        return;
    }
    s->handshake->give_up_at = sim_time_add(now, s->domain->timing.handshake_limit);
    negotiate(s, now);
}

/* The keys are wolfSSL's again to check: the recipe is the same (see secure_cookie.c). */
static bool make_server_session(net_secure_session *s, sim_time now,
                                const uint8_t cookie_key[NET_SECURE_COOKIE]) {
    net_vkernel_scope before = net_vkernel_enter(NULL, 0, now, s->stream);
    bool made = net_secure_make_object(s) &&
                wolfSSL_DTLS_SetCookieSecret(s->library, cookie_key, NET_SECURE_COOKIE) == 0;
    net_vkernel_leave(before);
    return made;
}

int net_secure_accept(net_secure_domain *d, sim_time now, const record_dtls_record *record,
                      const record_dtls_message *message, const record_dtls_hello *hello,
                      const uint8_t cookie_key[NET_SECURE_COOKIE], sim_stream *stream, void *owner,
                      net_secure_session **out) {
    net_secure_session *s = session_new(d, stream, owner);
    if (s == NULL) return SIM_ENOMEM;
    if (!make_server_session(s, now, cookie_key)) {
        net_secure_free(s);
        return SIM_ENOMEM;
    }
    memcpy(s->handshake->hello_random, hello->random, RECORD_DTLS_RANDOM);
    s->hello_sequence = message->sequence;
    s->handshake->next_sequence = s->handshake->peer_sequence = record->sequence;
    s->handshake->give_up_at = sim_time_add(now, d->timing.handshake_limit);
    s->silent = true;
    s->feed = record->whole;
    const uint64_t unsuited = d->unsuited;
    negotiate(s, now);
    s->silent = false;
    /* wolfSSL refuses versions with an alert of its own and goes on waiting: that is no session
     * either. */
    if (s->handshake != NULL && s->handshake->flight >= 0) {
        *out = s;
        return 0;
    }
    int error = s->why == NET_END_NO_MEMORY ? SIM_ENOMEM : SIM_EPARSE;
    if (error == SIM_EPARSE && d->unsuited == unsuited) d->discarded++;
    net_secure_free(s);
    return error;
}

bool net_secure_knows_hello(const net_secure_session *s, const uint8_t random[RECORD_DTLS_RANDOM]) {
    return s->domain->server && s->handshake != NULL &&
           memcmp(random, s->handshake->hello_random, RECORD_DTLS_RANDOM) == 0;
}

/* ---- what comes in ---- */

static bool is_alive(const net_secure_session *s) {
    return s->library != NULL || s->asleep != NULL;
}

static void note_progress(net_secure_handshake *h, const record_dtls_record *r) {
    record_dtls_span left = r->body;
    record_dtls_message m;
    if (r->type == RECORD_DTLS_CHANGE_CIPHER_SPEC) h->peer_changed = true;
    if (r->epoch == 0 && r->sequence > h->peer_sequence) h->peer_sequence = r->sequence;
    while (r->type == RECORD_DTLS_HANDSHAKE && r->epoch == 0 && record_dtls_take_message(&left, &m))
        if (m.sequence == h->next_message && record_dtls_is_whole(&m)) h->next_message++;
}

/* Returns false when the record turned out to be worthless. */
static bool feed_handshake(net_secure_session *s, sim_time now, const record_dtls_record *r) {
    note_progress(s->handshake, r);
    s->feed = r->whole;
    negotiate(s, now);
    if (r->epoch == 0 || s->handshake == NULL) return true;
    s->handshake->undecrypted |= r->type == RECORD_DTLS_HANDSHAKE;
    return false;
}

/* RFC 5246 7.2.1: close_notify is answered; whether that can be sent changes nothing. */
static void end_of_read(net_secure_session *s, sim_time now, int error) {
    if (error != WOLFSSL_ERROR_ZERO_RETURN) {
        fail(s, error);
        return;
    }
    net_vkernel_scope before = net_vkernel_enter(NULL, 0, now, s->stream);
    (void)wolfSSL_shutdown(s->library);
    net_vkernel_leave(before);
    finish(s, NET_END_CLOSED);
}

/* An alert was ever taken in: the only sign that a warning decrypted. */
static bool got_alert(const net_secure_session *s) {
    WOLFSSL_ALERT_HISTORY alerts;
    return wolfSSL_get_alert_history(s->library, &alerts) == WOLFSSL_SUCCESS &&
           alerts.last_rx.level >= 0;
}

/* False: there is no memory for it, and it has ended. */
static bool rouse(net_secure_session *s) {
    if (net_secure_rouse(s)) return true;
    finish(s, NET_END_NO_MEMORY);
    return false;
}

static bool feed_open(net_secure_session *s, sim_time now, const record_dtls_record *r) {
    uint8_t data[NET_SECURE_RECORD_MAX];
    if (!rouse(s)) return true;
    s->feed = r->whole;
    net_vkernel_scope before = net_vkernel_enter(NULL, 0, now, s->stream);
    int n = wolfSSL_read(s->library, data, sizeof data);
    int error = n > 0 ? 0 : wolfSSL_get_error(s->library, n);
    net_vkernel_leave(before);
    if (n > 0) {
        s->retain_until = SIM_NEVER; /* wolfSSL has dropped its flight: the client is through */
        s->domain->calls.received(s->owner, data, (size_t)n);
        return true;
    }
    if (error == WOLFSSL_ERROR_WANT_READ)
        return r->epoch == 0 || (r->type == RECORD_DTLS_ALERT && got_alert(s));
    end_of_read(s, now, error);
    return true;
}

static bool take_record(net_secure_session *s, sim_time now, const record_dtls_record *r) {
    switch (net_secure_gate(s, r)) {
        case NET_SECURE_IGNORE:
            return true;
        case NET_SECURE_PASS:
            return s->open ? feed_open(s, now, r) : feed_handshake(s, now, r);
        case NET_SECURE_ALERTED:
            finish(s, end_of_plain_alert(s, r->body.at[1]));
            return true;
        case NET_SECURE_DROP:
            break;
    }
    return false;
}

/* One record at a time: wolfSSL throws the rest of a datagram away when one record does not
 * decrypt, and could not say which. */
void net_secure_input(net_secure_session *s, sim_time now, const uint8_t *datagram, size_t n) {
    record_dtls_span left = {datagram, n};
    record_dtls_record r;
    bool good = n > 0 && is_alive(s);
    while (is_alive(s) && left.n > 0) {
        if (!record_dtls_take_record(&left, &r)) {
            good = false;
            break;
        }
        good &= take_record(s, now, &r);
    }
    if (!good) s->domain->discarded++;
    net_secure_rest(s);
}

void net_secure_refused(net_secure_session *s) {
    if (is_alive(s)) finish(s, NET_END_REFUSED);
}

/* ---- time ---- */

static net_end end_of_silence(const net_secure_session *s) {
    const net_secure_handshake *h = s->handshake;
    if (s->domain->server) return h->undecrypted ? NET_END_WRONG_KEY : NET_END_TIMEOUT;
    return h->finished_sent ? NET_END_SILENT : NET_END_TIMEOUT;
}

static void retransmit(net_secure_session *s, sim_time now) {
    net_secure_handshake *h = s->handshake;
    uint32_t most = s->domain->timing.maximum_timeout_s;
    h->timeout_s = h->timeout_s > most / 2 ? most : h->timeout_s * 2;
    net_vkernel_scope before = net_vkernel_enter(NULL, 0, now, s->stream);
    int done = wolfSSL_dtls_retransmit(s->library);
    int error = done < 0 ? wolfSSL_get_error(s->library, done) : 0;
    net_vkernel_leave(before);
    if (done < 0) {
        fail(s, error);
        return;
    }
    h->sent = true;
    set_timer(s, now);
    h->repeated = false;
}

static void let_go(net_secure_session *s) {
    s->retain_until = SIM_NEVER;
    wolfSSL_FreeHandshakeResources(s->library);
    net_secure_rest(s);
}

void net_secure_wake(net_secure_session *s, sim_time now) {
    if (!is_alive(s)) return;
    if (s->open) {
        if (now >= s->retain_until) let_go(s);
    } else if (now >= s->handshake->give_up_at) {
        finish(s, end_of_silence(s));
    } else if (now >= s->handshake->retransmit_at) {
        retransmit(s, now);
    }
}

sim_time net_secure_deadline(const net_secure_session *s) {
    if (!is_alive(s)) return SIM_NEVER;
    return s->open ? s->retain_until
                   : sim_time_min(s->handshake->retransmit_at, s->handshake->give_up_at);
}

/* ---- what goes out ---- */

int net_secure_write(net_secure_session *s, sim_time now, const uint8_t *data, size_t n) {
    if (!s->open) return SIM_ESTATE;
    if (n == 0 || n > NET_SECURE_DATA_MAX) return SIM_ERANGE;
    if (!rouse(s)) return SIM_ENOMEM;
    net_vkernel_scope before = net_vkernel_enter(NULL, 0, now, s->stream);
    int sent = wolfSSL_write(s->library, data, (int)n);
    int error = sent > 0 ? 0 : wolfSSL_get_error(s->library, sent);
    net_vkernel_leave(before);
    if (sent > 0) {
        net_secure_rest(s);
        return 0;
    }
    fail(s, error);
    return is_memory_error(error) ? SIM_ENOMEM : SIM_ELIBRARY;
}

void net_secure_close(net_secure_session *s, sim_time now) {
    if (s->open && net_secure_rouse(s)) {
        net_vkernel_scope before = net_vkernel_enter(NULL, 0, now, s->stream);
        (void)wolfSSL_shutdown(s->library); /* as with power loss, the peer may never hear of it */
        net_vkernel_leave(before);
    }
    strip(s);
}

bool net_secure_is_open(const net_secure_session *s) {
    return s->open;
}

const char *net_secure_identity(const net_secure_session *s) {
    return s->identity == NULL ? "" : s->identity;
}
