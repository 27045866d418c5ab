/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_coap_client.c - a device's CoAP endpoint, against our server over a wire that the test may
 * cut, and against messages written by hand.
 *
 * test-labels: threads */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/coap_client.h"
#include "sim/core/heap.h"
#include "tests/support/coap_world.h"
#include "tests/unit/with_cmocka.h"

/* ---- A wire on which only the test answers ---- */

typedef struct tap {
    uint32_t sent; /* by the client */
    sim_time at[16];
    size_t size;
    uint8_t last[TEST_WIRE_BYTES];
} tap;

static bool goes_to_tap(void *looker, const test_packet *p) {
    tap *t = looker;
    if (!p->up) return true;
    if (t->sent < 16) t->at[t->sent] = p->at - 20 * SIM_MILLISECOND;
    t->sent++;
    t->size = p->n;
    memcpy(t->last, p->bytes, p->n);
    return true;
}

static world *tapped_world(tap *t) {
    world *w = world_new(1, 1);
    assert_non_null(w);
    *t = (tap){0};
    w->wire.looker = t;
    w->wire.look = goes_to_tap;
    return w;
}

/* A message with the token of the client's last one: first byte's type and code as given, then
 * `options` (with payload). */
static size_t reply_to(const tap *t, uint8_t type, uint8_t code, uint16_t mid, const void *options,
                       size_t n, uint8_t *out) {
    size_t token = t->last[0] & 15;
    out[0] = (uint8_t)(0x40U + 16U * type + token);
    out[1] = code;
    out[2] = (uint8_t)(mid >> 8);
    out[3] = (uint8_t)mid;
    memcpy(out + 4, t->last + 4, token);
    if (n > 0) memcpy(out + 4 + token, options, n);
    return 4 + token + n;
}

static uint16_t last_mid(const tap *t) {
    return (uint16_t)(t->last[2] << 8 | t->last[3]);
}

enum { CON, NON, ACK, RST };

static void inject(world *w, const tap *t, uint8_t type, uint8_t code, uint16_t mid,
                   const void *options, size_t n) {
    uint8_t message[256];
    tap before = *t; /* what the answer answers may change while it is handled */
    size_t size = reply_to(&before, type, code, mid, options, n, message);
    net_coap_client_input(w->devices[0].client, w->wire.now, message, size);
}

static void inject_empty(world *w, uint8_t type, uint16_t mid) {
    uint8_t message[4] = {(uint8_t)(0x40 | type << 4), 0, (uint8_t)(mid >> 8), (uint8_t)mid};
    net_coap_client_input(w->devices[0].client, w->wire.now, message, sizeof message);
}

#define OBSERVE(n) "\x61" n       /* option 6, one byte */
#define PAYLOAD(text) "\xff" text /* payload marker */
#define BYTES(text) (text), sizeof(text) - 1

/* ---- Requests and answers ---- */

typedef struct seen {
    uint32_t count;
    uint8_t method;
    char path[300], query[300];
    uint16_t format;
    size_t payload_size;
    uint8_t payload[NET_COAP_PAYLOAD_MAX];
    net_coap_reply reply;
} seen;

static void look_and_reply(world *w, world_device *d, const net_coap_request *request,
                           net_coap_reply *reply) {
    seen *s = w->test;
    (void)d;
    s->count++;
    s->method = request->method;
    snprintf(s->path, sizeof s->path, "%s", request->path);
    snprintf(s->query, sizeof s->query, "%s", request->query == NULL ? "(none)" : request->query);
    s->format = request->format;
    s->payload_size = request->payload_size;
    if (request->payload_size > 0) memcpy(s->payload, request->payload, request->payload_size);
    *reply = s->reply;
}

typedef struct exchange_case {
    net_coap_request request;
    const char *path_seen, *query_seen; /* NULL: as asked */
    net_coap_reply reply;
} exchange_case;

static const exchange_case exchanges[] = {
    {{.method = NET_COAP_GET, .path = "s/1", .format = NET_COAP_FORMAT_NONE},
     NULL,
     NULL,
     {.code = NET_COAP_CONTENT,
      .format = NET_COAP_FORMAT_SENML_CBOR,
      .max_age_s = 60,
      .payload = "abc",
      .payload_size = 3}},
    {{.method = NET_COAP_POST,
      .path = "t",
      .query = "d=1&x",
      .format = NET_COAP_FORMAT_SENML_CBOR,
      .payload = (const uint8_t *)"\x81\xa0",
      .payload_size = 2},
     NULL,
     NULL,
     {.code = NET_COAP_CHANGED, .format = NET_COAP_FORMAT_NONE, .max_age_s = 60}},
    {{.method = NET_COAP_PUT,
      .path = "example_data",
      .format = NET_COAP_FORMAT_TEXT,
      .payload = (const uint8_t *)"x",
      .payload_size = 1},
     NULL,
     NULL,
     {.code = NET_COAP_CREATED, .format = NET_COAP_FORMAT_NONE, .max_age_s = 0}},
    {{.method = NET_COAP_DELETE, .path = "a/b/c", .format = NET_COAP_FORMAT_NONE},
     NULL,
     NULL,
     {.code = NET_COAP_CODE(2, 2), .format = NET_COAP_FORMAT_NONE, .max_age_s = 60}},
    {{.method = NET_COAP_POST, .path = "t", .format = NET_COAP_FORMAT_NONE},
     NULL,
     NULL,
     {.code = NET_COAP_SERVICE_UNAVAILABLE, .format = NET_COAP_FORMAT_NONE, .max_age_s = 86400}},
    {{.method = NET_COAP_GET, .path = NULL, .format = NET_COAP_FORMAT_NONE},
     "",
     NULL,
     {.code = NET_COAP_NOT_FOUND, .format = NET_COAP_FORMAT_NONE, .max_age_s = 4294967295}},
    {{.method = NET_COAP_GET, .path = "a b/\xc3\xa9%", .query = "q=\x01", .format = 65534},
     "a%20b/%C3%A9%25",
     "q=%01",
     {.code = NET_COAP_CONTENT, .format = 65534, .max_age_s = 61, .payload_size = 128}},
};

static void test_an_exchange_carries_all(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof exchanges / sizeof *exchanges; i++) {
        const exchange_case *e = &exchanges[i];
        seen s = {.reply = e->reply};
        world *w = world_new(1, 1);
        assert_non_null(w);
        w->serve = look_and_reply;
        w->test = &s;
        net_coap_request request = e->request;
        request.tag = 100 + (uint32_t)i;
        assert_int_equal(world_request(w, 0, &request), 0);
        world_run(w, SIM_SECOND);
        assert_int_equal(s.count, 1);
        assert_int_equal(s.method, request.method);
        assert_string_equal(s.path, e->path_seen != NULL ? e->path_seen : request.path);
        assert_string_equal(s.query, e->query_seen != NULL   ? e->query_seen
                                     : request.query != NULL ? request.query
                                                             : "(none)");
        assert_int_equal(s.format, request.format);
        assert_int_equal(s.payload_size, request.payload_size);
        if (s.payload_size > 0) assert_memory_equal(s.payload, request.payload, s.payload_size);
        assert_int_equal(w->devices[0].record_count, 1);
        const world_record *r = world_last(w, 0);
        assert_int_equal(r->tag, request.tag);
        assert_int_equal(r->error, 0);
        assert_int_equal(r->code, e->reply.code);
        assert_int_equal(r->max_age_s, e->reply.max_age_s);
        assert_int_equal(r->format, e->reply.format);
        assert_int_equal(r->payload_size, e->reply.payload_size);
        assert_memory_equal(r->payload, e->reply.payload, r->payload_size);
        assert_false(r->notification);
        assert_int_equal(world_next(w),
                         SIM_NEVER); /* nothing is left to do: no clock of libcoap's ticks on */
        world_free(w);
    }
}

static void test_too_long_is_refused(void **state) {
    (void)state;
    static const uint8_t payload[NET_COAP_PAYLOAD_MAX + 1];
    char segment[257];
    char path[2048];
    memset(segment, 'a', sizeof segment);
    segment[256] = '\0';
    memset(path, 'b', sizeof path);
    for (size_t i = 100; i < sizeof path; i += 100) path[i] = '/';
    path[sizeof path - 1] = '\0';
    const struct {
        net_coap_request request;
        int error;
    } cases[] = {
        {{.method = NET_COAP_POST,
          .path = "t",
          .format = NET_COAP_FORMAT_NONE,
          .payload = payload,
          .payload_size = NET_COAP_PAYLOAD_MAX},
         0},
        {{.method = NET_COAP_POST,
          .path = "t",
          .format = NET_COAP_FORMAT_NONE,
          .payload = payload,
          .payload_size = sizeof payload},
         SIM_ERANGE},
        {{.method = NET_COAP_GET, .path = segment + 1, .format = NET_COAP_FORMAT_NONE}, 0},
        {{.method = NET_COAP_GET, .path = segment, .format = NET_COAP_FORMAT_NONE}, SIM_ERANGE},
        {{.method = NET_COAP_GET, .path = "t", .query = segment, .format = NET_COAP_FORMAT_NONE},
         SIM_ERANGE},
        {{.method = NET_COAP_GET, .path = path, .format = NET_COAP_FORMAT_NONE}, SIM_ERANGE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world *w = world_new(1, 1);
        assert_non_null(w);
        assert_int_equal(world_request(w, 0, &cases[i].request), cases[i].error);
        world_run(w, SIM_SECOND);
        assert_int_equal(w->devices[0].record_count, cases[i].error == 0 ? 1 : 0);
        assert_int_equal(w->wire.sent[1], cases[i].error == 0 ? 1 : 0);
        world_free(w);
    }
}

static void test_requests_wait_for_each_other(void **state) {
    (void)state;
    enum { REQUESTS = 40 };
    world *w = world_new(1, 1);
    assert_non_null(w);
    for (uint32_t i = 0; i < REQUESTS; i++) assert_int_equal(world_post(w, 0, "t", "x", i), 0);
    assert_int_equal(w->wire.sent[1], 1); /* NSTART 1, RFC 7252 4.7 */
    world_run(w, REQUESTS * 40 * SIM_MILLISECOND);
    assert_int_equal(w->devices[0].record_count, REQUESTS);
    for (uint32_t i = 0; i < REQUESTS; i++) {
        assert_int_equal(w->devices[0].records[i].tag, i);
        assert_int_equal(w->devices[0].records[i].at, (i + 1) * 40 * SIM_MILLISECOND);
    }
    world_free(w);
}

static bool passes_tap(void *looker, const test_packet *p) {
    (void)goes_to_tap(looker, p);
    return false;
}

/* RFC 7252 4.3, RFC 7967: it is heard, nothing comes back, and nothing is repeated. Bad twin: a
 * request that wants an answer. */
static void test_what_wants_no_answer(void **state) {
    (void)state;
    for (int wanted = 0; wanted <= 1; wanted++) {
        tap t = {0};
        world *w = world_new(1, 1);
        assert_non_null(w);
        w->wire.looker = &t;
        w->wire.look = passes_tap;
        const net_coap_request request = {.method = NET_COAP_POST,
                                          .path = "t",
                                          .format = NET_COAP_FORMAT_NONE,
                                          .tag = 7,
                                          .unanswered = wanted == 0};
        assert_int_equal(world_request(w, 0, &request), 0);
        assert_int_equal(w->devices[0].record_count, 0); /* not within the verb */
        world_run(w, 200 * SIM_SECOND);
        assert_int_equal(t.sent, 1);
        assert_int_equal(t.last[0] >> 4 & 3, wanted ? CON : NON);
        assert_int_equal(w->asked, 1);
        assert_int_equal(w->devices[0].record_count, 1);
        const world_record *r = world_last(w, 0);
        assert_int_equal(r->error, 0);
        assert_int_equal(r->tag, 7);
        assert_int_equal(r->code, wanted ? NET_COAP_CHANGED : 0);
        assert_int_equal(r->at, wanted ? 40 * SIM_MILLISECOND : 1);
        assert_int_equal(w->wire.sent[0] + w->wire.sent[1], wanted ? 2 : 1);
        assert_int_equal(world_next(w), SIM_NEVER);
        world_free(w);
    }
}

/* ---- Retransmission ---- */

static void test_silence_is_a_timeout(void **state) {
    (void)state;
    sim_time first_gap = 0;
    int different = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        tap t = {0};
        world *w = world_new(1, seed);
        assert_non_null(w);
        w->wire.looker = &t;
        w->wire.look = goes_to_tap;
        assert_int_equal(world_post(w, 0, "t", "x", 7), 0);
        world_run(w, 200 * SIM_SECOND);
        assert_int_equal(t.sent, 5); /* MAX_RETRANSMIT 4 */
        sim_time gap = t.at[1] - t.at[0];
        /* ACK_TIMEOUT times 1 .. ACK_RANDOM_FACTOR */
        assert_in_range(gap, 2 * SIM_SECOND, 3 * SIM_SECOND);
        for (uint32_t i = 1; i < 4; i++) assert_int_equal(t.at[i + 1] - t.at[i], gap << i);
        assert_int_equal(w->devices[0].record_count, 1);
        const world_record *r = world_last(w, 0);
        assert_int_equal(r->error, SIM_ETIMEOUT);
        assert_int_equal(r->tag, 7);
        assert_int_equal(r->at, 31 * gap); /* 62 .. 93 s: MAX_TRANSMIT_WAIT, RFC 7252 4.8.2 */
        assert_int_equal(world_next(w), SIM_NEVER);
        different += first_gap != gap;
        first_gap = gap;
        world_free(w);
    }
    assert_true(different > 15); /* the factor is drawn, and from the device's stream */
}

static void test_an_answer_in_the_moment_of_the_timeout_counts(void **state) {
    (void)state;
    for (int late = 0; late <= 1; late++) {
        tap t;
        world *w = tapped_world(&t);
        assert_int_equal(world_post(w, 0, "t", "x", 7), 0);
        while (t.sent < 5) world_run(w, world_next(w));
        w->wire.now = world_next(w);
        if (late) net_coap_client_wake(w->devices[0].client, w->wire.now); /* bad twin */
        inject(w, &t, ACK, NET_COAP_CHANGED, last_mid(&t), NULL, 0);
        assert_int_equal(w->devices[0].record_count, 1);
        assert_int_equal(world_last(w, 0)->error, late ? SIM_ETIMEOUT : 0);
        world_free(w);
    }
}

static bool loses_first_four(void *looker, const test_packet *p) {
    uint32_t *lost = looker;
    return p->up && (*lost)++ < 4;
}

static void test_the_fifth_transmission_still_counts(void **state) {
    (void)state;
    uint32_t lost = 0;
    world *w = world_new(1, 3);
    assert_non_null(w);
    w->wire.looker = &lost;
    w->wire.look = loses_first_four;
    assert_int_equal(world_post(w, 0, "t", "x", 7), 0);
    world_run(w, 200 * SIM_SECOND);
    assert_int_equal(w->devices[0].record_count, 1);
    assert_int_equal(world_last(w, 0)->error, 0);
    assert_int_equal(w->wire.sent[1], 5);
    world_free(w);
}

static bool loses_some(void *looker, const test_packet *p) {
    sim_stream *s = looker;
    (void)p;
    return sim_stream_unit(s) < 0.4;
}

static void test_every_request_has_one_outcome(void **state) {
    (void)state;
    enum { DEVICES = 5, ROUNDS = 12 };
    sim_stream loss = sim_stream_for(9, SIM_PURPOSE_HOP, 0);
    world *w = world_new(DEVICES, 9);
    assert_non_null(w);
    w->wire.looker = &loss;
    w->wire.look = loses_some;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        for (uint32_t i = 0; i < DEVICES; i++)
            assert_int_equal(world_post(w, i, "t", "x", round), 0);
        world_run(w, w->wire.now + 30 * SIM_SECOND);
    }
    world_run(w, w->wire.now + ROUNDS * 100 * SIM_SECOND);
    uint32_t answered = 0;
    for (uint32_t i = 0; i < DEVICES; i++) {
        uint32_t times[ROUNDS] = {0};
        assert_int_equal(w->devices[i].record_count, ROUNDS);
        for (uint32_t k = 0; k < ROUNDS; k++) {
            times[w->devices[i].records[k].tag]++;
            answered += w->devices[i].records[k].error == 0;
        }
        for (uint32_t k = 0; k < ROUNDS; k++) assert_int_equal(times[k], 1);
    }
    assert_true(answered > DEVICES * ROUNDS / 2);
    assert_int_equal(world_next(w), SIM_NEVER);
    world_free(w);
}

/* ---- Answers that a server of others may give ---- */

static void test_reset_closes(void **state) {
    (void)state;
    tap t;
    world *w = tapped_world(&t);
    assert_int_equal(world_post(w, 0, "t", "x", 7), 0);
    inject_empty(w, RST, (uint16_t)(last_mid(&t) + 1)); /* bad twin: another message's */
    assert_int_equal(w->devices[0].record_count, 0);
    inject_empty(w, RST, last_mid(&t));
    assert_int_equal(w->devices[0].record_count, 1);
    assert_int_equal(world_last(w, 0)->error, SIM_ECLOSED);
    world_run(w, 200 * SIM_SECOND);
    assert_int_equal(w->devices[0].record_count, 1);
    world_free(w);
}

static void test_a_stray_reset_delays_no_retransmission(void **state) {
    (void)state;
    tap t;
    world *w = tapped_world(&t);
    assert_int_equal(world_post(w, 0, "t", "x", 1), 0);
    world_run(w, 40 * SIM_SECOND); /* its last interval: 32 .. 48 s */
    inject_empty(w, RST,
                 /* libcoap then believes that nothing is outstanding */
                 (uint16_t)(last_mid(&t) + 100));
    uint32_t sent = t.sent;
    assert_int_equal(world_post(w, 0, "t", "y", 2), 0);
    assert_int_equal(t.sent, sent + 1);
    world_run(w, 40 * SIM_SECOND + 3 * SIM_SECOND);
    assert_int_equal(t.sent, sent + 2);
    world_free(w);
}

static void test_separate_response(void **state) {
    (void)state;
    for (uint8_t type = CON; type <= NON; type++) {
        tap t;
        world *w = tapped_world(&t);
        assert_int_equal(world_get(w, 0, "slow", false, 7), 0);
        tap asked = t;
        inject_empty(w, ACK, last_mid(&t));
        world_run(w, 100 * SIM_SECOND);
        assert_int_equal(t.sent, 1); /* acknowledged: not sent again */
        inject(w, &asked, type, NET_COAP_CONTENT, 4711, BYTES(PAYLOAD("late")));
        assert_int_equal(w->devices[0].record_count, 1);
        assert_int_equal(world_last(w, 0)->payload_size, 4);
        assert_int_equal(t.sent, type == CON ? 2 : 1);
        if (type == CON) /* our acknowledgement of message 4711 */
            assert_memory_equal(t.last, "\x60\x00\x12\x67", 4);
        world_run(w, 600 * SIM_SECOND);
        assert_int_equal(w->devices[0].record_count, 1);
        world_free(w);
    }
}

static void test_response_before_its_acknowledgement(void **state) {
    (void)state;
    tap t;
    world *w = tapped_world(&t);
    assert_int_equal(world_get(w, 0, "slow", false, 7), 0);
    tap asked = t;
    inject(w, &asked, CON, NET_COAP_CONTENT, 4711, BYTES(PAYLOAD("x")));
    assert_int_equal(w->devices[0].record_count, 1);
    inject_empty(w, ACK, last_mid(&asked));
    world_run(w, 600 * SIM_SECOND);
    assert_int_equal(w->devices[0].record_count, 1);
    /* request and acknowledgement: the response stopped the retransmission */
    assert_int_equal(t.sent, 2);
    world_free(w);
}

static void test_a_promise_that_is_not_kept(void **state) {
    (void)state;
    tap t;
    world *w = tapped_world(&t);
    assert_int_equal(world_get(w, 0, "slow", false, 7), 0);
    world_run(w, SIM_SECOND);
    inject_empty(w, ACK, last_mid(&t));
    assert_int_equal(world_next(w), 248 * SIM_SECOND); /* EXCHANGE_LIFETIME, RFC 7252 4.8.2 */
    world_run(w, 248 * SIM_SECOND - 1);
    assert_int_equal(w->devices[0].record_count, 0);
    world_run(w, 248 * SIM_SECOND);
    assert_int_equal(w->devices[0].record_count, 1);
    assert_int_equal(world_last(w, 0)->error, SIM_ETIMEOUT);
    assert_int_equal(world_next(w), SIM_NEVER);
    world_free(w);
}

static void test_duplicates_are_acknowledged_again(void **state) {
    (void)state;
    tap t;
    world *w = tapped_world(&t);
    assert_int_equal(world_get(w, 0, "slow", false, 7), 0);
    tap asked = t;
    for (uint32_t i = 0; i < 4; i++) {
        inject(w, &asked, CON, NET_COAP_CONTENT, 4711, BYTES(PAYLOAD("x")));
        assert_int_equal(t.sent, 2 + i);
        assert_memory_equal(t.last, "\x60\x00\x12\x67", 4);
        world_run(w, w->wire.now + 2 * SIM_SECOND);
    }
    assert_int_equal(w->devices[0].record_count, 1); /* but heard once */
    world_free(w);
}

static void test_what_nobody_asked_for(void **state) {
    (void)state;
    tap t;
    world *w = tapped_world(&t);
    assert_int_equal(world_get(w, 0, "a", false, 7), 0);
    tap asked = t;
    asked.last[5] ^= 1; /* another token */
    for (uint32_t i = 0; i < 2; i++) {
        /* the second is a duplicate */
        inject(w, &asked, CON, NET_COAP_CONTENT, 4711, BYTES(PAYLOAD("x")));
        assert_int_equal(t.sent, 2 + i);
        assert_memory_equal(t.last, "\x70\x00\x12\x67", 4);
    }
    inject(w, &asked, NON, NET_COAP_CONTENT, 4712, BYTES(PAYLOAD("x")));
    assert_int_equal(t.sent, 4);
    assert_memory_equal(t.last, "\x70\x00\x12\x68", 4);
    inject(w, &asked, ACK, NET_COAP_CONTENT, 4713,
           BYTES(PAYLOAD("x"))); /* an acknowledgement is never reset */
    assert_int_equal(t.sent, 4);
    assert_int_equal(w->devices[0].record_count, 0);
    world_free(w);
}

static void test_signalling_is_ignored(void **state) {
    (void)state;
    tap t;
    world *w = tapped_world(&t);
    static const uint8_t payload[NET_COAP_PAYLOAD_MAX];
    net_coap_request request = {.method = NET_COAP_POST,
                                .path = "t",
                                .format = NET_COAP_FORMAT_NONE,
                                .payload = payload,
                                .payload_size = sizeof payload};
    assert_int_equal(world_get(w, 0, "a", false, 7), 0);
    for (uint8_t code = 0xe1; code <= 0xe5; code++)
        inject(w, &t, CON, code, code,
               BYTES("\x21\x40")); /* Max-Message-Size 64, and the end of the session */
    assert_int_equal(t.sent, 1);
    assert_int_equal(w->devices[0].record_count, 0);
    assert_int_equal(world_request(w, 0, &request), 0);
    world_free(w);
}

static void test_an_unknown_critical_option_spoils_the_response(void **state) {
    (void)state;
    tap t;
    world *w = tapped_world(&t);
    assert_int_equal(world_get(w, 0, "a", false, 7), 0);
    /* option 29, RFC 7252 5.4.1 */
    inject(w, &t, ACK, NET_COAP_CONTENT, last_mid(&t), BYTES("\xd0\x10"));
    assert_int_equal(w->devices[0].record_count, 0);
    world_run(w, 600 * SIM_SECOND);
    assert_int_equal(w->devices[0].record_count, 1);
    assert_int_equal(world_last(w, 0)->error, SIM_ETIMEOUT);
    world_free(w);
}

/* ---- Observation (RFC 7641), with a server written by hand ---- */

static void test_notifications(void **state) {
    (void)state;
    tap t;
    world *w = tapped_world(&t);
    world_device *d = &w->devices[0];
    assert_int_equal(world_get(w, 0, "s", true, 9), 0);
    tap asked = t;
    inject(w, &asked, ACK, NET_COAP_CONTENT, last_mid(&asked), BYTES(OBSERVE("\x05") PAYLOAD("0")));
    assert_int_equal(d->record_count, 1);
    assert_false(d->records[0].notification);
    const struct {
        const char *message;
        size_t size;
        bool told;
    } notifications[] = {
        {BYTES(OBSERVE("\x06") PAYLOAD("1")), true},  {BYTES(OBSERVE("\x08") PAYLOAD("3")), true},
        {BYTES(OBSERVE("\x07") PAYLOAD("2")), false}, /* overtaken, RFC 7641 3.4 */
        {BYTES(OBSERVE("\x08") PAYLOAD("3")), false}, {BYTES(OBSERVE("\x09") PAYLOAD("4")), true},
    };
    uint32_t told = 1;
    for (uint16_t i = 0; i < 5; i++) {
        inject(w, &asked, CON, NET_COAP_CONTENT, (uint16_t)(100 + i), notifications[i].message,
               notifications[i].size);
        told += notifications[i].told;
        assert_int_equal(d->record_count, told);
        assert_int_equal(t.last[0], 0x60); /* acknowledged, told or not */
        assert_int_equal(t.last[3], 100 + i);
    }
    assert_true(world_last(w, 0)->notification);
    assert_int_equal(world_last(w, 0)->tag, 9);
    world_run(w, w->wire.now + 129 * SIM_SECOND);
    inject(w, &asked, CON, NET_COAP_CONTENT, 200,
           BYTES(OBSERVE("\x01") PAYLOAD("5"))); /* old number, but after 128 s */
    assert_int_equal(d->record_count, told + 1);
    world_free(w);
}

static void test_observation_numbers_wrap(void **state) {
    (void)state;
    tap t;
    world *w = tapped_world(&t);
    assert_int_equal(world_get(w, 0, "s", true, 9), 0);
    tap asked = t;
    inject(w, &asked, ACK, NET_COAP_CONTENT, last_mid(&asked),
           BYTES("\x63\xff\xff\xff" PAYLOAD("0")));
    /* Observe 0 follows 2^24 - 1 */
    inject(w, &asked, CON, NET_COAP_CONTENT, 1, BYTES("\x60" PAYLOAD("1")));
    assert_int_equal(w->devices[0].record_count, 2);
    inject(w, &asked, CON, NET_COAP_CONTENT, 2, BYTES("\x63\xff\xff\xfe" PAYLOAD("2")));
    assert_int_equal(w->devices[0].record_count, 2);
    world_free(w);
}

static void test_an_observation_ends(void **state) {
    (void)state;
    const struct {
        uint8_t code;
        const char *options;
        size_t size;
    } ends[] = {
        {NET_COAP_NOT_FOUND, BYTES("")},
        {NET_COAP_CONTENT, BYTES(PAYLOAD("x"))}, /* without Observe: the server forgot */
        {NET_COAP_SERVICE_UNAVAILABLE, BYTES(OBSERVE("\x07"))},
    };
    for (size_t i = 0; i < 3; i++) {
        tap t;
        world *w = tapped_world(&t);
        assert_int_equal(world_get(w, 0, "s", true, 9), 0);
        tap asked = t;
        inject(w, &asked, ACK, NET_COAP_CONTENT, last_mid(&asked), BYTES(OBSERVE("\x05")));
        inject(w, &asked, CON, ends[i].code, 1, ends[i].options, ends[i].size);
        assert_int_equal(w->devices[0].record_count, 2);
        assert_true(world_last(w, 0)->notification);
        assert_int_equal(t.last[0], 0x60);
        inject(w, &asked, CON, NET_COAP_CONTENT, 2, BYTES(OBSERVE("\x08")));
        assert_int_equal(w->devices[0].record_count, 2);
        assert_int_equal(t.last[0], 0x70); /* the next one is reset */
        world_free(w);
    }
}

static void test_a_refused_registration_is_just_an_answer(void **state) {
    (void)state;
    tap t;
    world *w = tapped_world(&t);
    assert_int_equal(world_get(w, 0, "s", true, 9), 0);
    tap asked = t;
    inject(w, &asked, ACK, NET_COAP_CONTENT, last_mid(&asked), BYTES(PAYLOAD("x")));
    assert_int_equal(w->devices[0].record_count, 1);
    inject(w, &asked, CON, NET_COAP_CONTENT, 2, BYTES(OBSERVE("\x08")));
    assert_int_equal(w->devices[0].record_count, 1);
    assert_int_equal(t.last[0], 0x70);
    world_free(w);
}

/* ---- Life ---- */

static void test_power_loss_sends_nothing(void **state) {
    (void)state;
    world *w = world_new(1, 1);
    assert_non_null(w);
    assert_int_equal(world_get(w, 0, "s", true, 1), 0);
    assert_int_equal(world_post(w, 0, "t", "x", 2), 0);
    assert_int_equal(world_post(w, 0, "t", "x", 3), 0);
    uint64_t sent = w->wire.sent[1];
    world_cut_client(w, 0);
    assert_int_equal(w->wire.sent[1], sent);
    assert_int_equal(w->devices[0].record_count, 0);
    net_coap_client_free(NULL);
    world_free(w);
}

static void echo_path(world *w, world_device *d, const net_coap_request *request,
                      net_coap_reply *reply) {
    (void)w;
    (void)d;
    reply->code = NET_COAP_CONTENT;
    reply->payload_size = strlen(request->path);
    memcpy(reply->payload, request->path, reply->payload_size);
}

static void test_a_reboot_does_not_hear_old_answers(void **state) {
    (void)state;
    world *w = world_new(1, 1);
    assert_non_null(w);
    w->serve = echo_path;
    assert_int_equal(world_get(w, 0, "old", false, 1), 0);
    world_cut_client(w, 0);
    assert_int_equal(world_connect(w, 0), 0);
    assert_int_equal(world_get(w, 0, "new", false, 2), 0);
    world_run(w, 10 * SIM_SECOND);
    assert_int_equal(w->devices[0].record_count, 1);
    assert_int_equal(world_last(w, 0)->tag, 2);
    assert_memory_equal(world_last(w, 0)->payload, "new", 3);
    world_free(w);
}

static uint64_t hash_of_a_lossy_run(uint64_t seed) {
    enum { DEVICES = 3 };
    sim_stream loss = sim_stream_for(7, SIM_PURPOSE_HOP, 0);
    world *w = world_new(DEVICES, seed);
    assert_non_null(w);
    w->wire.looker = &loss;
    w->wire.look = loses_some;
    for (uint32_t i = 0; i < DEVICES; i++) {
        assert_int_equal(net_coap_server_observable(w->server, w->wire.now, w->devices[i].peer,
                                                    i == 0   ? "s/0"
                                                    : i == 1 ? "s/1"
                                                             : "s/2"),
                         0);
        assert_int_equal(world_get(w, i, i == 0 ? "s/0" : i == 1 ? "s/1" : "s/2", true, 1), 0);
    }
    for (uint32_t round = 0; round < 20; round++) {
        world_run(w, w->wire.now + 3 * SIM_SECOND);
        net_coap_server_notify(w->server, w->wire.now, w->devices[round % DEVICES].peer);
        assert_int_equal(world_post(w, round % DEVICES, "t", "22.5", 100 + round), 0);
    }
    world_run(w, w->wire.now + 2000 * SIM_SECOND);
    uint64_t hash = w->wire.sent_all.value;
    world_free(w);
    return hash;
}

static void test_same_seed_same_bytes(void **state) {
    (void)state;
    uint64_t once = hash_of_a_lossy_run(5);
    void *shift[64]; /* other heap addresses the second time */
    for (size_t i = 0; i < 64; i++) shift[i] = malloc(1 + 37 * i);
    for (size_t i = 0; i < 64; i += 3) {
        free(shift[i]);
        shift[i] = NULL;
    }
    uint64_t twice = hash_of_a_lossy_run(5);
    for (size_t i = 0; i < 64; i++) free(shift[i]);
    assert_true(once == twice);
    assert_true(once != hash_of_a_lossy_run(6)); /* bad twin: the hash does see a difference */
}

static void *hash_in_a_thread(void *seed_and_hash) {
    uint64_t *value = seed_and_hash;
    *value = hash_of_a_lossy_run(*value);
    return NULL;
}

static void test_threads_do_not_see_each_other(void **state) {
    (void)state;
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    uint64_t values[THREADS] = {5, 6, 5, 6};
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, hash_in_a_thread, &values[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_true(values[0] == hash_of_a_lossy_run(5) && values[0] == values[2]);
    assert_true(values[1] == hash_of_a_lossy_run(6) && values[1] == values[3]);
}

/* ---- Calls from within calls ---- */

typedef struct chain {
    net_coap_client *client;
    uint32_t answered, failed;
    int error;
} chain;

static void chain_sends(void *owner, const uint8_t *datagram, size_t n) {
    (void)owner;
    (void)datagram;
    (void)n;
}

static void chain_is_answered(void *owner, const net_coap_response *response) {
    (void)response;
    ((chain *)owner)->answered++;
}

static void chain_fails(void *owner, uint32_t tag, int error) {
    chain *c = owner;
    c->failed++;
    c->error = error;
    net_coap_request again = {
        .method = NET_COAP_POST, .path = "t", .format = NET_COAP_FORMAT_NONE, .tag = tag + 1};
    if (tag < 3)
        assert_int_equal(net_coap_client_request(c->client, 200 * SIM_SECOND * (tag + 1), &again),
                         0);
}

static void test_the_owner_may_ask_again_inside_a_call(void **state) {
    (void)state;
    static const net_coap_client_calls calls = {
        .send = chain_sends, .answered = chain_is_answered, .failed = chain_fails};
    chain c = {0};
    sim_stream stream = sim_stream_for(1, SIM_PURPOSE_LIBRARY, 1);
    net_vkernel *k = net_vkernel_new();
    c.client = net_coap_client_new(k, 0, &stream, &calls, &c);
    net_coap_request request = {
        .method = NET_COAP_POST, .path = "t", .format = NET_COAP_FORMAT_NONE, .tag = 0};
    assert_int_equal(net_coap_client_request(c.client, 0, &request), 0);
    while (net_coap_client_deadline(c.client) != SIM_NEVER)
        net_coap_client_wake(c.client, net_coap_client_deadline(c.client));
    assert_int_equal(c.failed, 4);
    assert_int_equal(c.error, SIM_ETIMEOUT);
    net_coap_client_free(c.client);
    net_vkernel_free(k);
}

/* ---- Memory ---- */

static void test_a_client_is_small(void **state) {
    (void)state;
    enum { CLIENTS = 1024, BUDGET = 1536 };
    static const net_coap_client_calls calls = {
        .send = chain_sends, .answered = chain_is_answered, .failed = chain_fails};
    static net_coap_client *clients[CLIENTS];
    chain c = {0};
    sim_stream stream = sim_stream_for(1, SIM_PURPOSE_LIBRARY, 1);
    net_vkernel *k = net_vkernel_new();
    net_coap_client *warm =
        net_coap_client_new(k, 0, &stream, &calls, &c); /* the kernel's reserve is not a client's */
    sim_heap_use before = sim_heap_in_use();
    for (size_t i = 0; i < CLIENTS; i++) {
        clients[i] = net_coap_client_new(k, 0, &stream, &calls, &c);
        assert_non_null(clients[i]);
    }
    sim_heap_use after = sim_heap_in_use();
    double bytes = (double)(after.bytes - before.bytes) / CLIENTS;
    printf("coap_client %.0f bytes, %.2f blocks\n", bytes,
           (double)(after.blocks - before.blocks) / CLIENTS);
    assert_true(bytes <= BUDGET + 1);
    for (size_t i = 0; i < CLIENTS; i++) net_coap_client_free(clients[i]);
    net_coap_client_free(warm);
    net_vkernel_free(k);
}

static void test_exchanges_leave_nothing_behind(void **state) {
    (void)state;
    world *w = world_new(1, 1);
    assert_non_null(w);
    assert_int_equal(net_coap_server_observable(w->server, w->wire.now, w->devices[0].peer, "s"),
                     0);
    assert_int_equal(world_get(w, 0, "s", true, 1), 0);
    sim_heap_use early = {0, 0};
    for (uint32_t i = 0; i < 10000; i++) {
        assert_int_equal(world_post(w, 0, "t", "21.5", i), 0);
        world_run(w, w->wire.now + SIM_SECOND);
        net_coap_server_notify(w->server, w->wire.now, w->devices[0].peer);
        world_run(w, w->wire.now + SIM_SECOND);
        if (i == 10) early = sim_heap_in_use();
    }
    sim_heap_use late = sim_heap_in_use();
    assert_int_equal(late.bytes, early.bytes);
    assert_int_equal(late.blocks, early.blocks);
    assert_int_equal(w->devices[0].record_count, 1 + 2 * 10000);
    world_free(w);
}

/* ---- No memory ---- */

/* False: no allocation failed. */
static bool try_a_client(long n, bool for_good, uint32_t *made) {
    static const net_coap_client_calls calls = {
        .send = chain_sends, .answered = chain_is_answered, .failed = chain_fails};
    chain c = {0};
    sim_stream stream = sim_stream_for(1, SIM_PURPOSE_LIBRARY, 1);
    sim_heap_use before = sim_heap_in_use();
    sim_heap_fail(n, for_good);
    net_vkernel *k = net_vkernel_new();
    net_coap_client *client = k == NULL ? NULL : net_coap_client_new(k, 0, &stream, &calls, &c);
    bool happened = sim_heap_fail_never();
    *made += client != NULL;
    assert_true(client != NULL || happened);
    net_coap_client_free(client);
    net_vkernel_free(k);
    sim_heap_use after = sim_heap_in_use();
    assert_int_equal(after.blocks, before.blocks);
    assert_int_equal(after.bytes, before.bytes);
    return happened;
}

static void test_no_memory_for_a_client(void **state) {
    (void)state;
    for (int for_good = 0; for_good <= 1; for_good++) {
        uint32_t made = 0;
        long n = 0;
        while (try_a_client(n, for_good == 1, &made)) n++;
        assert_true(n >= 10);
        /* The two blocks of libcoap's hash table come out of the virtual kernel's reserve then;
         * libcoap would end the process. */
        assert_int_equal(made, 3);
    }
}

/* A request, its answer, an observation and a notification, while allocation number `n` (and all
 * later ones) fails. What was accepted has its outcome. */
static bool try_exchanges(long n, bool for_good) {
    sim_heap_use before = sim_heap_in_use();
    world *w = world_new(1, 1);
    assert_non_null(w);
    assert_int_equal(net_coap_server_observable(w->server, w->wire.now, w->devices[0].peer, "s"),
                     0);
    sim_heap_fail(n, for_good);
    uint32_t accepted = 0;
    accepted += world_post(w, 0, "t", "1", 1) == 0;
    accepted += world_post(w, 0, "t", "2", 2) == 0;
    accepted += world_get(w, 0, "s", true, 3) == 0;
    world_run(w, 300 * SIM_SECOND);
    net_coap_server_notify(w->server, w->wire.now, w->devices[0].peer);
    world_run(w, 1000 * SIM_SECOND);
    bool happened = sim_heap_fail_never();
    /* With memory again, the endpoint works again. */
    bool again = world_post(w, 0, "t", "4", 4) == 0;
    world_run(w, 2000 * SIM_SECOND);
    assert_true(again);
    uint32_t outcomes[5] = {0};
    for (uint32_t i = 0; i < w->devices[0].record_count; i++) {
        const world_record *r = &w->devices[0].records[i];
        assert_in_range(r->tag, 1, 4);
        if (!r->notification) outcomes[r->tag]++;
    }
    assert_int_equal(outcomes[1] + outcomes[2] + outcomes[3], accepted);
    for (uint32_t tag = 1; tag <= 3; tag++) assert_in_range(outcomes[tag], 0, 1);
    assert_int_equal(outcomes[4], 1);
    assert_int_equal(world_last(w, 0)->error, 0);
    world_free(w);
    sim_heap_use after = sim_heap_in_use();
    assert_int_equal(after.blocks, before.blocks);
    return happened;
}

static void test_no_memory_for_an_exchange(void **state) {
    (void)state;
    for (int for_good = 0; for_good <= 1; for_good++) {
        long n = 0;
        while (try_exchanges(n, for_good == 1)) n++;
        assert_true(n > 20);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_exchange_carries_all),
        cmocka_unit_test(test_too_long_is_refused),
        cmocka_unit_test(test_requests_wait_for_each_other),
        cmocka_unit_test(test_what_wants_no_answer),
        cmocka_unit_test(test_silence_is_a_timeout),
        cmocka_unit_test(test_an_answer_in_the_moment_of_the_timeout_counts),
        cmocka_unit_test(test_the_fifth_transmission_still_counts),
        cmocka_unit_test(test_every_request_has_one_outcome),
        cmocka_unit_test(test_reset_closes),
        cmocka_unit_test(test_a_stray_reset_delays_no_retransmission),
        cmocka_unit_test(test_separate_response),
        cmocka_unit_test(test_response_before_its_acknowledgement),
        cmocka_unit_test(test_a_promise_that_is_not_kept),
        cmocka_unit_test(test_duplicates_are_acknowledged_again),
        cmocka_unit_test(test_what_nobody_asked_for),
        cmocka_unit_test(test_signalling_is_ignored),
        cmocka_unit_test(test_an_unknown_critical_option_spoils_the_response),
        cmocka_unit_test(test_notifications),
        cmocka_unit_test(test_observation_numbers_wrap),
        cmocka_unit_test(test_an_observation_ends),
        cmocka_unit_test(test_a_refused_registration_is_just_an_answer),
        cmocka_unit_test(test_power_loss_sends_nothing),
        cmocka_unit_test(test_a_reboot_does_not_hear_old_answers),
        cmocka_unit_test(test_same_seed_same_bytes),
        cmocka_unit_test(test_threads_do_not_see_each_other),
        cmocka_unit_test(test_the_owner_may_ask_again_inside_a_call),
        cmocka_unit_test(test_a_client_is_small),
        cmocka_unit_test(test_exchanges_leave_nothing_behind),
        cmocka_unit_test(test_no_memory_for_a_client),
        cmocka_unit_test(test_no_memory_for_an_exchange),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
