/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_link.c - a device's connection to its cloud, plain and secured, over a wire that the test
 * may cut. */
#include <stdio.h>
#include <string.h>

#include "net/coap_server.h"
#include "net/protocol.h"
#include "net/secure.h"
#include "sim/core/heap.h"
#include "tests/support/test_wire.h"
#include "tests/unit/with_cmocka.h"

/* One device and one cloud. */
typedef struct street {
    net_vkernel *kernel;
    net_security_domain *device_domain;
    net_secure_domain *cloud_domain; /* both NULL: plain CoAP */
    net_link *link;
    net_coap_server *server;
    net_secure_session *session; /* the cloud's; NULL: none yet */
    net_coap_peer peer;
    sim_stream device_stream, cloud_stream, secret;
    sim_time cloud_due;
    test_wire wire;
    uint32_t ready, answered, failed, ended, asked;
    net_answer answer;
    net_coap_request request; /* the last one; its words: */
    char path[40], query[80];
    net_coap_reply reply; /* to all; code 0: what is usual */
    uint8_t payload[128];
    int error;
    uint32_t tag;
    net_end why;
    int listen_error;
} street;

static const uint8_t key[16] = "0123456789abcdef";

static void put(street *s, bool to_cloud, const uint8_t *datagram, size_t n) {
    (void)test_wire_put(&s->wire, to_cloud, 0, 0, datagram, n);
}

/* ---- The device ---- */

static void device_sends(void *owner, const uint8_t *datagram, size_t n) {
    put(owner, true, datagram, n);
}

static void device_is_ready(void *owner) {
    street *s = owner;
    s->ready++;
}

static void device_is_answered(void *owner, const net_answer *answer) {
    street *s = owner;
    if (answer->kind == NET_UNANSWERED) {
        s->failed++;
        s->tag = answer->tag;
        s->error = answer->error;
        return;
    }
    s->answered++;
    s->answer = *answer;
    assert_int_equal(answer->error, 0);
    assert_true(answer->size <= sizeof s->payload);
    if (answer->size > 0) memcpy(s->payload, answer->body, answer->size);
}

static void device_is_cut_off(void *owner, net_end why) {
    street *s = owner;
    s->ended++;
    s->why = why;
}

static const net_link_calls device_calls = {device_sends, device_is_ready, device_is_answered,
                                            device_is_cut_off};

/* ---- The cloud ---- */

static void cloud_puts(void *owner, const uint8_t *datagram, size_t n) {
    put(owner, false, datagram, n);
}

static void cloud_coap_sends(void *owner, net_coap_peer peer, const uint8_t *datagram, size_t n) {
    street *s = owner;
    (void)peer;
    if (s->cloud_domain == NULL) {
        put(s, false, datagram, n);
    } else if (s->session != NULL) {
        assert_int_equal(net_secure_write(s->session, s->wire.now, datagram, n), 0);
    }
}

static void cloud_is_asked(void *owner, net_coap_peer peer, const net_coap_request *request,
                           net_coap_reply *reply) {
    street *s = owner;
    (void)peer;
    s->asked++;
    (void)snprintf(s->path, sizeof s->path, "%s", request->path);
    (void)snprintf(s->query, sizeof s->query, "%s", request->query == NULL ? "" : request->query);
    s->request = *request;
    reply->code = request->method == NET_COAP_GET ? NET_COAP_CONTENT : NET_COAP_CHANGED;
    reply->payload_size = 2;
    memcpy(reply->payload, "21", 2);
    if (s->reply.code == 0) return;
    *reply = s->reply;
}

static void cloud_is_due(void *owner, uint32_t member, sim_time due) {
    (void)member;
    ((street *)owner)->cloud_due = due;
}

static const net_coap_server_calls cloud_calls = {cloud_coap_sends, cloud_is_asked, cloud_is_due};

static void cloud_opens(void *owner) {
    (void)owner;
}

static void cloud_receives(void *owner, const uint8_t *data, size_t n) {
    street *s = owner;
    net_coap_server_input(s->server, s->wire.now, s->peer, data, n);
}

static void cloud_session_ends(void *owner, net_end why) {
    (void)owner;
    (void)why;
}

static const net_secure_calls cloud_secure_calls = {cloud_puts, cloud_opens, cloud_receives,
                                                    cloud_session_ends};

static size_t find_key(void *context, const char *identity, uint8_t out[NET_SECURE_KEY_MAX]) {
    (void)context;
    if (strcmp(identity, "device-1") != 0) return 0;
    memcpy(out, key, sizeof key);
    return sizeof key;
}

static void cloud_input(street *s, const uint8_t *datagram, size_t n) {
    net_address from = net_address_virtual(1, 0);
    if (s->cloud_domain == NULL) {
        net_coap_server_input(s->server, s->wire.now, s->peer, datagram, n);
    } else if (s->session != NULL) {
        net_secure_input(s->session, s->wire.now, datagram, n);
    } else {
        s->listen_error = net_secure_listen(s->cloud_domain, s->wire.now, &from, datagram, n,
                                            &s->cloud_stream, s, cloud_puts, &s->session);
    }
}

/* ---- Both ---- */

static net_protocol_settings settings = {
    .protocol = &net_protocol_coap, .report_topic = "t", .register_topic = "rd"};
static const net_protocol_settings secured_settings = {.protocol = &net_protocol_coap,
                                                       .security = &net_security_dtls,
                                                       .report_topic = "t",
                                                       .register_topic = "rd"};

static bool street_open(street *s, bool secure, const char *identity) {
    *s = (street){.cloud_due = SIM_NEVER};
    s->device_stream = sim_stream_for(1, SIM_PURPOSE_LIBRARY, 1);
    s->cloud_stream = sim_stream_for(1, SIM_PURPOSE_SERVER, 1);
    s->secret = sim_stream_for(1, SIM_PURPOSE_SERVER, 0);
    s->kernel = net_vkernel_new();
    s->server = s->kernel == NULL ? NULL : net_coap_server_new(s->kernel, &cloud_calls, s);
    if (s->server == NULL || net_coap_server_admit(s->server, 0, &s->cloud_stream, &s->peer) != 0)
        return false;
    if (net_coap_server_observable(s->server, 0, s->peer, "s") != 0) return false;
    if (secure) {
        const char *wrong;
        s->device_domain =
            net_security_domain_new(&net_security_dtls, &(net_security_settings){0}, &wrong);
        s->cloud_domain = net_secure_server_domain_new(
            &net_secure_timing_default, &cloud_secure_calls, find_key, s, &s->secret);
        if (s->device_domain == NULL || s->cloud_domain == NULL) return false;
    }
    net_credentials who = {.key_size = sizeof key};
    snprintf(who.identity, sizeof who.identity, "%s", identity);
    memcpy(who.key, key, sizeof key);
    const net_link_setup setup = {.settings = secure ? &secured_settings : &settings,
                                  .kernel = s->kernel,
                                  .domain = s->device_domain,
                                  .stream = &s->device_stream,
                                  .who = &who};
    s->link = net_link_new(&setup, 0, &device_calls, s);
    return s->link != NULL;
}

static void street_close(street *s) {
    net_link_free(s->link);
    net_secure_free(s->session);
    net_security_domain_free(s->device_domain);
    net_secure_domain_free(s->cloud_domain);
    net_coap_server_free(s->server);
    net_vkernel_free(s->kernel);
}

static sim_time street_next(const street *s) {
    sim_time next = sim_time_min(test_wire_due(&s->wire), s->cloud_due);
    if (s->session != NULL) next = sim_time_min(next, net_secure_deadline(s->session));
    return s->link == NULL ? next : sim_time_min(next, net_link_deadline(s->link));
}

static void street_step(street *s) {
    test_packet p;
    if (test_wire_take(&s->wire, &p)) {
        if (p.up) {
            cloud_input(s, p.bytes, p.n);
        } else if (s->link != NULL) {
            net_link_input(s->link, s->wire.now, p.bytes, p.n);
        }
        return;
    }
    if (s->link != NULL && net_link_deadline(s->link) <= s->wire.now)
        net_link_wake(s->link, s->wire.now);
    if (s->session != NULL && net_secure_deadline(s->session) <= s->wire.now)
        net_secure_wake(s->session, s->wire.now);
    if (s->cloud_due <= s->wire.now) net_coap_server_wake(s->server, s->wire.now, 0);
}

static void street_run(street *s, sim_time until) {
    for (sim_time next = street_next(s); next <= until; next = street_next(s)) {
        test_wire_advance(&s->wire, next);
        street_step(s);
    }
    s->wire.now = until;
}

static int ask(street *s, const char *path, bool observe, uint32_t tag) {
    const net_ask what = {
        .kind = observe ? NET_ASK_FOLLOW : NET_ASK_READ, .topic = path, .tag = tag};
    return net_link_ask(s->link, s->wire.now, &what);
}

static void test_a_link_carries(void **state) {
    (void)state;
    for (int secure = 0; secure <= 1; secure++) {
        street s;
        assert_true(street_open(&s, secure == 1, "device-1"));
        assert_int_equal(ask(&s, "t", false, 1), SIM_ESTATE); /* not started */
        net_link_start(s.link, 0);
        assert_int_equal(s.ready, secure ? 0 : 1);
        if (secure) assert_int_equal(ask(&s, "t", false, 1), SIM_ESTATE); /* not ready */
        street_run(&s, SIM_SECOND);
        assert_int_equal(s.ready, 1);
        assert_int_equal(ask(&s, "t", false, 7), 0);
        street_run(&s, 2 * SIM_SECOND);
        assert_int_equal(s.answered, 1);
        assert_int_equal(s.answer.tag, 7);
        assert_int_equal(s.answer.kind, NET_TAKEN);
        assert_int_equal(s.answer.detail, NET_COAP_CONTENT);
        assert_false(s.answer.unasked);
        assert_memory_equal(s.payload, "21", 2);
        assert_int_equal(ask(&s, "s", true, 8), 0);
        street_run(&s, 3 * SIM_SECOND);
        net_coap_server_notify(s.server, s.wire.now, s.peer);
        street_run(&s, 4 * SIM_SECOND);
        assert_int_equal(s.answered, 3);
        assert_true(s.answer.unasked);
        assert_int_equal(s.failed + s.ended, 0);
        assert_int_equal(net_link_deadline(s.link), SIM_NEVER);
        street_close(&s);
    }
}

/* ---- what is asked, and what is understood ---- */

static void test_each_ask_is_a_request(void **state) {
    static const uint8_t body[] = "21";
    static const struct {
        net_ask ask;
        bool replaces;
        uint8_t method;
        const char *path, *query;
        uint16_t format;
        uint32_t if_match;
    } rows[] = {
        {{.kind = NET_ASK_REGISTER, .topic = "rd", .name = "bs-1"},
         .method = NET_COAP_POST,
         .path = "rd",
         .query = "ep=bs-1",
         .format = NET_COAP_FORMAT_NONE},
        {{.kind = NET_ASK_REPORT,
          .topic = "t",
          .format = NET_FORMAT_SENML_CBOR,
          .body = body,
          .size = 2},
         .method = NET_COAP_POST,
         .path = "t",
         .format = NET_COAP_FORMAT_SENML_CBOR},
        {{.kind = NET_ASK_REPORT,
          .topic = "t",
          .format = NET_FORMAT_OCTETS,
          .body = body,
          .size = 2},
         .replaces = true,
         .method = NET_COAP_PUT,
         .path = "t",
         .format = NET_COAP_FORMAT_OCTETS},
        {{.kind = NET_ASK_REPORT,
          .topic = "t?n=1",
          .body = body,
          .size = 2,
          .format = NET_FORMAT_SENML_CBOR},
         .method = NET_COAP_GET,
         .path = "t",
         .query = "n=1",
         .format = NET_COAP_FORMAT_NONE},
        {{.kind = NET_ASK_READ, .topic = "fw/x"},
         .method = NET_COAP_GET,
         .path = "fw/x",
         .format = NET_COAP_FORMAT_NONE},
        {{.kind = NET_ASK_CHANGE,
          .topic = "v",
          .edition = 7,
          .body = body,
          .size = 2,
          .format = NET_FORMAT_TEXT},
         .method = NET_COAP_PUT,
         .path = "v",
         .format = NET_COAP_FORMAT_TEXT,
         .if_match = 7},
        {{.kind = NET_ASK_BLOCK, .topic = "fw/x", .version = 2, .number = 30},
         .method = NET_COAP_GET,
         .path = "fw/x",
         .query = "v=2&block=30",
         .format = NET_COAP_FORMAT_NONE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        street s;
        assert_true(street_open(&s, false, "device-1"));
        settings.report_replaces = rows[i].replaces;
        settings.report_reads = rows[i].method == NET_COAP_GET;
        net_link_start(s.link, 0);
        assert_int_equal(net_link_ask(s.link, 0, &rows[i].ask), 0);
        street_run(&s, SIM_SECOND);
        assert_int_equal(s.asked, 1);
        assert_int_equal(s.request.method, rows[i].method);
        assert_false(s.request.observe);
        assert_string_equal(s.path, rows[i].path);
        assert_string_equal(s.query, rows[i].query == NULL ? "" : rows[i].query);
        assert_int_equal(s.request.format, rows[i].format);
        assert_int_equal(s.request.if_match, rows[i].if_match);
        assert_int_equal(s.request.payload_size,
                         rows[i].method == NET_COAP_GET ? 0 : rows[i].ask.size);
        street_close(&s);
    }
    settings.report_replaces = settings.report_reads = false;
}

static void test_each_response_is_an_answer(void **state) {
    static const struct {
        net_coap_reply reply;
        net_answer answer;
    } rows[] = {
        {{.code = NET_COAP_CHANGED}, {.kind = NET_TAKEN, .format = NET_FORMAT_TEXT}},
        {{.code = NET_COAP_CONTENT, .entity_tag = 9, .format = 42},
         {.kind = NET_TAKEN, .edition = 9, .format = NET_FORMAT_OCTETS}},
        {{.code = NET_COAP_CONTENT, .format = 40}, {.kind = NET_TAKEN, .format = NET_FORMAT_OTHER}},
        {{.code = NET_COAP_SERVICE_UNAVAILABLE, .max_age_s = 7},
         {.kind = NET_BUSY, .hold = 7 * SIM_SECOND}},
        {{.code = NET_COAP_PRECONDITION_FAILED}, {.kind = NET_OVERTAKEN}},
        {{.code = NET_COAP_UNAUTHORIZED}, {.kind = NET_REFUSED, .unknown = true}},
        {{.code = NET_COAP_NOT_FOUND}, {.kind = NET_REFUSED, .unknown = true}},
        {{.code = NET_COAP_BAD_REQUEST}, {.kind = NET_REFUSED}},
        {{.code = NET_COAP_CODE(5, 0)}, {.kind = NET_REFUSED}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        street s;
        assert_true(street_open(&s, false, "device-1"));
        s.reply = rows[i].reply;
        net_link_start(s.link, 0);
        assert_int_equal(ask(&s, "t", false, 7), 0);
        street_run(&s, SIM_SECOND);
        assert_int_equal(s.answered, 1);
        assert_int_equal(s.answer.kind, rows[i].answer.kind);
        assert_int_equal(s.answer.unknown, rows[i].answer.unknown);
        assert_int_equal(s.answer.detail, rows[i].reply.code);
        assert_int_equal(s.answer.hold, rows[i].answer.hold);
        assert_int_equal(s.answer.edition, rows[i].answer.edition);
        if (rows[i].answer.kind == NET_TAKEN)
            assert_int_equal(s.answer.format, rows[i].answer.format);
        street_close(&s);
    }
}

/* Bad twins: what no datagram can carry is not asked, and not answered. */
static void test_what_cannot_be_asked(void **state) {
    static const uint8_t body[NET_BODY_MAX + 1];
    char topic[300];
    street s;
    (void)state;
    memset(topic, 'x', sizeof topic);
    topic[299] = '\0';
    assert_true(street_open(&s, false, "device-1"));
    net_link_start(s.link, 0);
    assert_int_equal(ask(&s, topic, false, 7), SIM_ERANGE);
    const net_ask fat = {.kind = NET_ASK_REPORT, .topic = "t", .body = body, .size = sizeof body};
    assert_int_equal(net_link_ask(s.link, 0, &fat), SIM_ERANGE);
    street_run(&s, 100 * SIM_SECOND);
    assert_int_equal(test_wire_sent(&s.wire) + s.answered + s.failed, 0);
    street_close(&s);
}

static void test_the_list_of_protocols(void **state) {
    (void)state;
    for (size_t i = 0; net_protocols[i] != NULL; i++) {
        const net_protocol *p = net_protocols[i];
        assert_ptr_equal(net_protocol_named(p->name), p);
        assert_non_null(p->plain[0]);
        assert_non_null(p->secured[0]);
        assert_non_null(p->securities[0]);
    }
    assert_string_equal(net_protocols[0]->name, "coap");
    assert_null(net_protocol_named("CoAP "));
}

static void test_a_cut_wire_is_a_timeout(void **state) {
    (void)state;
    for (int secure = 0; secure <= 1; secure++) {
        street s;
        assert_true(street_open(&s, secure == 1, "device-1"));
        net_link_start(s.link, 0);
        street_run(&s, SIM_SECOND);
        s.wire.cut = true;
        uint32_t sent = test_wire_sent(&s.wire);
        assert_int_equal(ask(&s, "t", false, 7), 0);
        street_run(&s, 200 * SIM_SECOND);
        assert_int_equal(test_wire_sent(&s.wire) - sent,
                         5); /* each transmission is a record of its own */
        assert_int_equal(s.failed, 1);
        assert_int_equal(s.error, SIM_ETIMEOUT);
        assert_int_equal(s.tag, 7);
        assert_int_equal(s.ended, 0); /* DTLS has no opinion about silence */
        s.wire.cut = false;
        assert_int_equal(ask(&s, "t", false, 8), 0);
        street_run(&s, 202 * SIM_SECOND);
        assert_int_equal(s.answered, 1);
        street_close(&s);
    }
}

static void test_an_ended_session_ends_the_link(void **state) {
    (void)state;
    street s;
    assert_true(street_open(&s, true, "device-1"));
    net_link_start(s.link, 0);
    street_run(&s, SIM_SECOND);
    net_secure_close(s.session, s.wire.now);
    street_run(&s, 2 * SIM_SECOND);
    assert_int_equal(s.ended, 1);
    assert_int_equal(s.why, NET_END_CLOSED);
    assert_int_equal(ask(&s, "t", false, 7), SIM_ESTATE);
    street_close(&s);
}

/* A socket that reports ECONNREFUSED: in the handshake, and when the session is long open. */
static void test_a_refused_link(void **state) {
    (void)state;
    for (int open = 0; open < 2; open++) {
        street s;
        assert_true(street_open(&s, true, "device-1"));
        s.wire.cut = !open;
        net_link_start(s.link, 0);
        street_run(&s, SIM_SECOND / 2);
        assert_int_equal(s.ready, open);
        net_link_refused(s.link, s.wire.now);
        net_link_refused(s.link, s.wire.now); /* once is enough */
        uint32_t sent = test_wire_sent(&s.wire);
        street_run(&s, 100 * SIM_SECOND);
        assert_int_equal(s.ended, 1);
        assert_int_equal(s.why, NET_END_REFUSED);
        assert_int_equal(test_wire_sent(&s.wire), sent); /* nothing is repeated */
        street_close(&s);
    }
}

static void test_a_refused_request(void **state) {
    (void)state;
    street s;
    assert_true(street_open(&s, false, "device-1"));
    s.wire.cut = true;
    net_link_start(s.link, 0);
    net_link_refused(s.link, 0); /* nothing is open: nobody is told */
    assert_int_equal(s.failed, 0);
    assert_int_equal(ask(&s, "t", false, 7), 0);
    assert_int_equal(ask(&s, "t", false, 8), 0); /* waits for the first: NSTART 1 */
    street_run(&s, SIM_SECOND);
    net_link_refused(s.link, s.wire.now);
    assert_int_equal(s.failed, 2);
    assert_int_equal(s.error, SIM_EUNREACHABLE);
    street_run(&s, 200 * SIM_SECOND);
    assert_int_equal(s.failed, 2);
    s.wire.cut = false; /* the next one may get through */
    assert_int_equal(ask(&s, "t", false, 9), 0);
    street_run(&s, 202 * SIM_SECOND);
    assert_int_equal(s.answered, 1);
    street_close(&s);
}

static void test_an_unknown_identity_never_gets_ready(void **state) {
    (void)state;
    street s;
    assert_true(street_open(&s, true, "stranger"));
    net_link_start(s.link, 0);
    street_run(&s, 200 * SIM_SECOND);
    assert_int_equal(s.ready, 0);
    assert_int_equal(s.ended, 1);
    assert_int_not_equal(s.why, NET_END_NONE);
    assert_int_equal(s.asked, 0);
    street_close(&s);
}

static void test_silence_ends_a_handshake(void **state) {
    (void)state;
    street s;
    assert_true(street_open(&s, true, "device-1"));
    s.wire.cut = true;
    net_link_start(s.link, 0);
    street_run(&s, 200 * SIM_SECOND);
    assert_int_equal(s.ready, 0);
    assert_int_equal(s.ended, 1);
    assert_int_equal(s.why, NET_END_TIMEOUT);
    street_close(&s);
}

static void test_power_loss_is_a_free(void **state) {
    (void)state;
    /* not started, in the handshake, ready, with a request open */
    for (int when = 0; when < 4; when++) {
        street s;
        assert_true(street_open(&s, true, "device-1"));
        if (when > 0) net_link_start(s.link, 0);
        if (when > 1) street_run(&s, SIM_SECOND);
        if (when > 2) assert_int_equal(ask(&s, "t", false, 7), 0);
        uint32_t sent = test_wire_sent(&s.wire), told = s.ready + s.answered + s.failed + s.ended;
        net_link_free(s.link);
        s.link = NULL;
        assert_int_equal(test_wire_sent(&s.wire), sent);
        assert_int_equal(s.ready + s.answered + s.failed + s.ended, told);
        street_close(&s);
    }
    net_link_free(NULL);
}

static uint64_t hash_of_a_life(void) {
    street s;
    assert_true(street_open(&s, true, "device-1"));
    net_link_start(s.link, 0);
    street_run(&s, SIM_SECOND);
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(ask(&s, "t", false, i), 0);
        s.wire.cut = i == 3;
        street_run(&s, s.wire.now + 10 * SIM_SECOND);
        s.wire.cut = false;
    }
    uint64_t hash = s.wire.sent_all.value;
    street_close(&s);
    return hash;
}

static void test_a_life_replays(void **state) {
    (void)state;
    uint64_t once = hash_of_a_life();
    void *shift = sim_malloc(4711);
    assert_true(hash_of_a_life() == once);
    sim_free(shift);
}

/* Only the making: what DTLS does without memory in a handshake is test_secure's subject. */
static void test_no_memory_for_a_link(void **state) {
    (void)state;
    for (int secure = 0; secure <= 1; secure++) {
        for (int for_good = 0; for_good <= 1; for_good++) {
            bool happened = true;
            for (long n = 0; happened; n++) {
                sim_heap_use before = sim_heap_in_use();
                street s;
                sim_heap_fail(n, for_good == 1);
                bool opened = street_open(&s, secure == 1, "device-1");
                happened = sim_heap_fail_never();
                assert_true(opened || happened);
                street_close(&s);
                sim_heap_use after = sim_heap_in_use();
                assert_int_equal(after.blocks, before.blocks);
                assert_int_equal(after.bytes, before.bytes);
            }
        }
    }
}

static int set_up(void **state) {
    (void)state;
    return net_secure_startup();
}

static int tear_down(void **state) {
    (void)state;
    net_secure_cleanup();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_link_carries),
        cmocka_unit_test(test_each_ask_is_a_request),
        cmocka_unit_test(test_each_response_is_an_answer),
        cmocka_unit_test(test_what_cannot_be_asked),
        cmocka_unit_test(test_the_list_of_protocols),
        cmocka_unit_test(test_a_cut_wire_is_a_timeout),
        cmocka_unit_test(test_an_ended_session_ends_the_link),
        cmocka_unit_test(test_a_refused_link),
        cmocka_unit_test(test_a_refused_request),
        cmocka_unit_test(test_an_unknown_identity_never_gets_ready),
        cmocka_unit_test(test_silence_ends_a_handshake),
        cmocka_unit_test(test_power_loss_is_a_free),
        cmocka_unit_test(test_a_life_replays),
        cmocka_unit_test(test_no_memory_for_a_link),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
