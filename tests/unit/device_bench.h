/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/unit/device_bench.h - one device in a world of its own: a wire of 10 ms each way and, at
 * the other end, a CoAP peer that is made by hand from RFC 7252 and RFC 7641 (so that it allocates
 * nothing and can be told to misbehave), over DTLS or over nothing. Everything that happens is
 * written down. */
#ifndef TESTS_UNIT_DEVICE_BENCH_H
#define TESTS_UNIT_DEVICE_BENCH_H

#include <string.h>

#include "devices/device.h"
#include "devices/life.h"
#include "devices/model.h"
#include "net/coap.h"
#include "net/protocol.h"
#include "net/secure.h"
#include "sim/core/heap.h"
#include "tests/support/test_wire.h"
#include "tests/unit/with_cmocka.h"

enum { BENCH_LOG = 4096 };
#define BENCH_LATENCY TEST_WIRE_LATENCY

typedef struct bench bench;

typedef struct bench_request {
    sim_time at;
    uint8_t type, method;
    uint16_t mid;
    uint8_t token[8];
    size_t token_size;
    bool observe;
    char path[80], query[80];
    unsigned format;
    uint8_t payload[512];
    size_t payload_size;
} bench_request;

typedef struct bench_reply {
    bool silent, reset;
    uint8_t code;
    int max_age;      /* -1: no option */
    const char *text; /* NULL: no payload, no Content-Format */
    size_t text_size; /* 0: up to its final 0 */
    unsigned format;
} bench_reply;

typedef struct bench_change {
    sim_time at;
    dev_state from, to;
} bench_change;
typedef struct bench_reported {
    sim_time at, due;
    uint8_t code;
    int error;
} bench_reported;
typedef struct bench_failed {
    sim_time at;
    dev_event reason;
    net_end why;
} bench_failed;

struct bench {
    dev_profile profile;
    dev_device device;
    _Alignas(max_align_t) uint8_t own[128]; /* its model's state */
    dev_world world;
    net_security_domain *security; /* NULL: nothing protects the link */
    dev_counts counts;
    sim_time wake;
    bool join;      /* datagrams to the device travel in one, as DTLS allows (RFC 6347 4.1.1) */
    uint64_t spoil; /* one in so many datagrams to the device has a bit flipped; 0: none */
    const char *identity;
    test_wire wire; /* cut: the device has no link */
    /* the peer */
    bench_reply (*answer)(bench *b, const bench_request *r);
    bench_reply registration, observation, report; /* what the ready-made answer says */
    uint16_t peer_mid;
    uint32_t observe_sequence;
    uint8_t observe_token[8];
    size_t observe_token_size;
    bool observed;
    net_secure_domain *server; /* NULL: plain */
    net_secure_session *session;
    sim_stream server_stream;
    uint8_t server_key[16];
    /* what happened */
    size_t transmitted, online, wakes;
    bench_request requests[256];
    size_t request_count; /* may exceed what is kept */
    sim_time connects[BENCH_LOG];
    bench_change changes[BENCH_LOG];
    bench_reported reported[BENCH_LOG];
    bench_failed failed[BENCH_LOG];
    uint64_t skipped[DEV_SKIPS];
    size_t connect_count, change_count, reported_count, failed_count;
};

/* ---- the wire ---- */

/* To the last datagram on the wire, when it also goes down. */
static inline bool bench_append(bench *b, const uint8_t *bytes, size_t n) {
    test_packet *last = test_wire_last(&b->wire);
    if (last == NULL || last->up) return false;
    SIM_PROMISE(last->n + n <= TEST_WIRE_BYTES);
    memcpy(last->bytes + last->n, bytes, n);
    last->n += n;
    return true;
}

static inline void bench_put(bench *b, bool up, const uint8_t *bytes, size_t n) {
    if (!up && b->join && !b->wire.cut && !b->wire.lose_down && bench_append(b, bytes, n)) return;
    test_packet *p = test_wire_put(&b->wire, up, 0, b->device.connection, bytes, n);
    if (p != NULL && !up && b->spoil > 0 && sim_stream_below(&b->server_stream, b->spoil) == 0)
        p->bytes[sim_stream_below(&b->server_stream, n)] ^=
            (uint8_t)(1u << sim_stream_below(&b->server_stream, 8));
}

/* ---- the peer: CoAP by hand ---- */

static inline void bench_peer_send(bench *b, const uint8_t *bytes, size_t n) {
    if (b->server == NULL) {
        bench_put(b, false, bytes, n);
    } else if (b->session != NULL && net_secure_is_open(b->session)) {
        SIM_PROMISE(net_secure_write(b->session, b->wire.now, bytes, n) == 0);
    }
}

/* An option with a delta of up to 14 and a value of up to 4 bytes (RFC 7252 3.1). */
static inline size_t bench_option(uint8_t *at, unsigned delta, uint32_t value) {
    size_t n = value > 0xFFFFFF ? 4 : value > 0xFFFF ? 3 : value > 0xFF ? 2 : value > 0;
    size_t used = 0;
    at[used++] = (uint8_t)((delta < 13 ? delta : 13) << 4 | n);
    if (delta >= 13) at[used++] = (uint8_t)(delta - 13);
    for (size_t i = 0; i < n; i++) at[used++] = (uint8_t)(value >> 8 * (n - 1 - i));
    return used;
}

/* Header, token, Observe (when `observe` >= 0), Content-Format 0 (when there is text), Max-Age,
 * text. */
static inline void bench_message(bench *b, uint8_t type, uint16_t mid, const uint8_t *token,
                                 size_t token_size, const bench_reply *r, int64_t observe) {
    uint8_t out[TEST_WIRE_BYTES] = {(uint8_t)(0x40u | (unsigned)type << 4 | token_size), r->code,
                                    (uint8_t)(mid >> 8), (uint8_t)mid};
    size_t n = 4;
    unsigned last = 0;
    memcpy(out + n, token, token_size);
    n += token_size;
    if (observe >= 0) {
        n += bench_option(out + n, 6, (uint32_t)observe);
        last = 6;
    }
    if (r->text != NULL) {
        n += bench_option(out + n, 12 - last, r->format);
        last = 12;
    }
    if (r->max_age >= 0) n += bench_option(out + n, 14 - last, (uint32_t)r->max_age);
    if (r->text != NULL && (r->text_size > 0 || r->text[0] != 0)) {
        out[n++] = 0xFF;
        size_t size = r->text_size > 0 ? r->text_size : strlen(r->text);
        memcpy(out + n, r->text, size);
        n += size;
    }
    bench_peer_send(b, out, n);
}

/* A notification of the peer's observed set-point. */
static inline void bench_notify_with(bench *b, const bench_reply *r) {
    SIM_PROMISE(b->observed);
    bench_message(b, 1, b->peer_mid++, b->observe_token, b->observe_token_size, r,
                  ++b->observe_sequence);
}

static inline void bench_notify(bench *b, const char *text) {
    bench_reply r = {.code = NET_COAP_CONTENT, .max_age = -1, .text = text};
    bench_notify_with(b, &r);
}

static inline void bench_add_piece(char *out, size_t size, char mark, const uint8_t *value,
                                   size_t n) {
    size_t used = strlen(out);
    SIM_PROMISE(used + n + 2 <= size);
    if (used > 0) out[used++] = mark;
    memcpy(out + used, value, n);
    out[used + n] = 0;
}

/* Lengths and deltas of up to 268 (RFC 7252 3.1). */
static inline size_t bench_extended(const uint8_t **at, size_t nibble) {
    return nibble < 13 ? nibble : 13u + *(*at)++;
}

static inline void bench_read_options(bench_request *r, const uint8_t *at, const uint8_t *end) {
    size_t number = 0;
    while (at < end && *at != 0xFF) {
        size_t delta = *at >> 4, n = *at & 15;
        at++;
        number += bench_extended(&at, delta);
        n = bench_extended(&at, n);
        if (number == 6) r->observe = true;
        if (number == 11) bench_add_piece(r->path, sizeof r->path, '/', at, n);
        if (number == 12) r->format = n == 0 ? 0 : n == 1 ? at[0] : (unsigned)(at[0] << 8 | at[1]);
        if (number == 15) bench_add_piece(r->query, sizeof r->query, '&', at, n);
        at += n;
    }
    if (at >= end) return;
    r->payload_size = (size_t)(end - at) - 1;
    SIM_PROMISE(r->payload_size <= sizeof r->payload);
    memcpy(r->payload, at + 1, r->payload_size);
}

static inline bench_reply bench_answer(bench *b, const bench_request *r) {
    if (strcmp(r->path, "rd") == 0) return b->registration;
    return r->observe ? b->observation : b->report;
}

static inline void bench_reply_to(bench *b, const bench_request *r, const bench_reply *reply) {
    static const bench_reply reset = {.max_age = -1};
    bool observes = r->observe && reply->code >> 5 == 2;
    if (reply->silent) return;
    if (reply->reset) {
        bench_message(b, 3, r->mid, r->token, 0, &reset, -1);
        return;
    }
    if (observes) {
        b->observed = true;
        b->observe_token_size = r->token_size;
        memcpy(b->observe_token, r->token, sizeof b->observe_token);
    }
    bench_message(b, 2, r->mid, r->token, r->token_size, reply,
                  observes ? (int64_t)++b->observe_sequence : -1);
}

static inline void bench_peer_receives(bench *b, const uint8_t *bytes, size_t n) {
    bench_request r = {.at = b->wire.now, .format = NET_COAP_FORMAT_NONE};
    assert_true(n >= 4 && bytes[0] >> 6 == 1);
    r.type = bytes[0] >> 4 & 3;
    r.method = bytes[1];
    r.token_size = bytes[0] & 15;
    r.mid = (uint16_t)(bytes[2] << 8 | bytes[3]);
    assert_true(r.token_size <= 8 && n >= 4 + r.token_size);
    if (r.method == 0 || r.method >> 5 != 0)
        return;                  /* an acknowledgement, a reset, an answer to what was spoilt */
    assert_int_equal(r.type, 0); /* confirmable */
    memcpy(r.token, bytes + 4, r.token_size);
    bench_read_options(&r, bytes + 4 + r.token_size, bytes + n);
    if (b->request_count < 256) b->requests[b->request_count] = r;
    b->request_count++;
    bench_reply reply = b->answer(b, &r);
    bench_reply_to(b, &r, &reply);
}

/* ---- the peer: DTLS ---- */

static inline void bench_server_send(void *owner, const uint8_t *bytes, size_t n) {
    bench_put(owner, false, bytes, n);
}
static inline void bench_server_opened(void *owner) {
    (void)owner;
}
static inline void bench_server_received(void *owner, const uint8_t *data, size_t n) {
    bench_peer_receives(owner, data, n);
}
static inline void bench_server_ended(void *owner, net_end why) {
    (void)owner;
    (void)why;
}
static const net_secure_calls bench_server_calls = {bench_server_send, bench_server_opened,
                                                    bench_server_received, bench_server_ended};

static inline size_t bench_find_key(void *context, const char *identity, uint8_t *key) {
    bench *b = context;
    if (strcmp(identity, b->identity) != 0) return 0;
    memcpy(key, b->server_key, sizeof b->server_key);
    return sizeof b->server_key;
}

static inline void bench_server_input(bench *b, const test_packet *p) {
    net_address from = net_address_virtual(b->device.index, p->connection);
    if (b->session == NULL) {
        int error = net_secure_listen(b->server, b->wire.now, &from, p->bytes, p->n,
                                      &b->server_stream, b, bench_server_send, &b->session);
        (void)error; /* what it thinks of the datagram is not this test's question */
    } else {
        net_secure_input(b->session, b->wire.now, p->bytes, p->n);
    }
}

/* ---- the world ---- */

static inline void bench_transmit(void *context, dev_device *d, const uint8_t *datagram, size_t n) {
    bench *b = context;
    assert_ptr_equal(d, &b->device);
    /* power loss sends nothing, but a last gasp */
    assert_true(d->state != DEV_STATE_OFF || d->profile->gasps);
    b->transmitted++;
    bench_put(b, true, datagram, n);
}

static inline void bench_wake_at(void *context, dev_device *d, sim_time due) {
    bench *b = context;
    assert_true(due >= b->wire.now);
    assert_true(due == sim_time_max(dev_device_deadline(d), b->wire.now));
    b->wake = due;
    b->wakes++;
}

static inline bool bench_link_is_up(void *context, const dev_device *d) {
    (void)d;
    return !((bench *)context)->wire.cut;
}

static inline void bench_connecting(void *context, dev_device *d) {
    bench *b = context;
    assert_int_equal(d->state, DEV_STATE_CONNECTING);
    net_secure_free(b->session); /* a fresh socket: nothing of the old one counts */
    b->session = NULL;
    b->observed = false;
    b->connects[b->connect_count++ % BENCH_LOG] = b->wire.now;
}

static inline void bench_state_changed(void *context, dev_device *d, dev_state from, dev_state to) {
    bench *b = context;
    assert_int_equal(d->state, to);
    b->changes[b->change_count++ % BENCH_LOG] = (bench_change){b->wire.now, from, to};
    if (dev_state_is_online(to) && !dev_state_is_online(from)) b->online++;
    sim_fingerprint_word(&b->wire.sent_all, (uint64_t)b->wire.now ^ (uint64_t)to);
}

static inline void bench_credentials(void *context, const dev_device *d, net_credentials *out) {
    bench *b = context;
    (void)d;
    strcpy(out->identity, b->identity);
    memset(out->key, 0x5A, 16);
    out->key_size = 16;
}

static inline net_security_domain *bench_security(void *context, const dev_device *d) {
    (void)d;
    return ((bench *)context)->security;
}

static inline void bench_on_reported(void *context, dev_device *d, sim_time due,
                                     const net_answer *answer) {
    bench *b = context;
    (void)d;
    assert_true((answer->detail == 0) == (answer->error != 0));
    assert_true((answer->kind == NET_UNANSWERED) == (answer->error != 0));
    b->reported[b->reported_count++ % BENCH_LOG] =
        (bench_reported){b->wire.now, due, (uint8_t)answer->detail, answer->error};
}

static inline void bench_on_skipped(void *context, dev_device *d, sim_time due, dev_skip why) {
    bench *b = context;
    (void)d;
    assert_true(due <= b->wire.now && why < DEV_SKIPS);
    b->skipped[why]++;
}

static inline void bench_on_failed(void *context, dev_device *d, dev_event reason, net_end why,
                                   const net_answer *answer) {
    bench *b = context;
    (void)d;
    assert_true(reason != DEV_EVENT_REFUSED || answer != NULL);
    b->failed[b->failed_count++ % BENCH_LOG] = (bench_failed){b->wire.now, reason, why};
}

/* ---- verbs of the bench ---- */

/* A thermostat without power, with a law whose pauses are known to the nanosecond. */
static inline void bench_init(bench *b, uint64_t seed) {
    *b = (bench){
        .profile = {.model = &dev_thermostat,
                    .law = {.kind = DEV_LAW_FIXED, .base = 10 * SIM_SECOND},
                    .boot_minimum = 3 * SIM_SECOND,
                    .boot_maximum = 5 * SIM_SECOND,
                    .connect_limit = 120 * SIM_SECOND,
                    .report_every = SIM_MINUTE,
                    .link = {.protocol = &net_protocol_coap,
                             .report_topic = "t",
                             .register_topic = "rd"},
                    .follows = true},
        .wake = SIM_NEVER,
        .identity = "thermostat-0001",
        .answer = bench_answer,
        .registration = {.code = NET_COAP_CREATED, .max_age = -1},
        .observation = {.code = NET_COAP_CONTENT, .max_age = -1, .text = "20.5"},
        .report = {.code = NET_COAP_CHANGED, .max_age = -1},
        .server_stream = sim_stream_for(seed, SIM_PURPOSE_SERVER, 0),
    };
    b->world = (dev_world){.context = b,
                           .kernel = net_vkernel_new(),
                           .transmit = bench_transmit,
                           .wake_at = bench_wake_at,
                           .link_is_up = bench_link_is_up,
                           .connecting = bench_connecting,
                           .state_changed = bench_state_changed,
                           .credentials = bench_credentials,
                           .security = bench_security,
                           .reported = bench_on_reported,
                           .skipped = bench_on_skipped,
                           .attempt_failed = bench_on_failed};
    assert_non_null(b->world.kernel);
    memset(b->server_key, 0x5A, sizeof b->server_key);
    assert_true(b->profile.model->state_size <= sizeof b->own);
    dev_device_init(&b->device, 0, 0, &b->profile, seed, b->own);
}

static inline void bench_secure(bench *b) {
    const char *wrong;
    b->profile.link.security = &net_security_dtls;
    b->security = net_security_domain_new(&net_security_dtls, &(net_security_settings){0}, &wrong);
    b->server = net_secure_server_domain_new(&net_secure_timing_default, &bench_server_calls,
                                             bench_find_key, b, &b->server_stream);
    assert_non_null(b->security);
    assert_non_null(b->server);
}

static inline void bench_deinit(bench *b) {
    dev_device_deinit(&b->device);
    net_secure_free(b->session);
    if (b->server != NULL) net_secure_domain_free(b->server);
    net_security_domain_free(b->security);
    net_vkernel_free(b->world.kernel);
}

/* What must hold between any two events. */
static inline void bench_check(const bench *b) {
    const dev_device *d = &b->device;
    bool has_link = d->state == DEV_STATE_CONNECTING || dev_state_is_online((dev_state)d->state);
    bool connecting = d->state == DEV_STATE_CONNECTING;
    assert_true((d->link != NULL) == has_link);
    assert_null(d->step);
    bool report_out = d->report_sent_due != SIM_NEVER;
    bool resting = b->profile.model->life->sleeps && d->state == DEV_STATE_ONLINE && !report_out;
    assert_true((d->step_due != SIM_NEVER) ==
                (d->state == DEV_STATE_BOOTING || d->state == DEV_STATE_WAITING_FOR_ATTEMPT ||
                 connecting || resting));
    assert_true((d->local_due != SIM_NEVER) == (d->state != DEV_STATE_OFF));
    if (report_out) assert_int_equal(d->state, DEV_STATE_ONLINE);
    assert_int_equal(b->connect_count, b->online + b->failed_count + connecting);
    assert_int_equal(b->counts.reports_due, b->counts.reports_sent + b->counts.reports_skipped);
    assert_int_equal(b->counts.reports_sent, b->reported_count + report_out);
    uint64_t skipped = 0;
    for (int why = 0; why < DEV_SKIPS; why++) skipped += b->skipped[why];
    assert_int_equal(b->counts.reports_skipped, skipped);
}

static inline void bench_deliver(bench *b, const test_packet *p) {
    if (p->connection != b->device.connection) return; /* to or from a socket that is no more */
    if (!p->up) {
        dev_device_input(&b->device, &b->world, &b->counts, b->wire.now, p->bytes, p->n);
    } else if (b->server != NULL) {
        bench_server_input(b, p);
    } else {
        bench_peer_receives(b, p->bytes, p->n);
    }
}

static inline sim_time bench_next(const bench *b) {
    sim_time next = sim_time_min(b->wake, test_wire_due(&b->wire));
    if (b->session != NULL) next = sim_time_min(next, net_secure_deadline(b->session));
    return next;
}

/* One event. At one instant the wire comes first, as in the run. */
static inline void bench_step(bench *b) {
    test_wire_advance(&b->wire, bench_next(b));
    test_packet p;
    if (test_wire_take(&b->wire, &p)) {
        bench_deliver(b, &p);
    } else if (b->session != NULL && net_secure_deadline(b->session) <= b->wire.now) {
        net_secure_wake(b->session, b->wire.now);
    } else {
        b->wake = SIM_NEVER;
        dev_device_wake(&b->device, &b->world, &b->counts, b->wire.now);
    }
    bench_check(b);
}

static inline void bench_run(bench *b, sim_time span) {
    sim_time until = b->wire.now + span;
    for (int quiet = 0; bench_next(b) <= until;) {
        sim_time before = b->wire.now;
        bench_step(b);
        quiet = b->wire.now > before ? 0 : quiet + 1;
        assert_true(quiet < 1000); /* time must pass */
    }
    b->wire.now = until;
}

static inline void bench_power(bench *b, bool on) {
    dev_device_power(&b->device, &b->world, &b->counts, b->wire.now, on);
    bench_check(b);
}

static inline void bench_set_link(bench *b, bool up) {
    b->wire.cut = !up;
    if (!up) b->wire.count = 0;
    dev_device_link(&b->device, &b->world, &b->counts, b->wire.now, up);
    bench_check(b);
}

/* Runs until the device is in `state`; fails when that takes more than a day. */
static inline void bench_run_to(bench *b, dev_state state) {
    sim_time limit = b->wire.now + SIM_DAY;
    while (b->device.state != (uint8_t)state) {
        if (bench_next(b) > limit) fail_msg("never %s", dev_state_word(state));
        bench_step(b);
    }
}

#endif
