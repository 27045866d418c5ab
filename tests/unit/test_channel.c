/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_channel.c - a device's connection to its cloud, plain and secured, over a wire that the test
 * may cut. */
#include <stdio.h>
#include <string.h>

#include "net/channel.h"
#include "net/coap_server.h"
#include "sim/core/heap.h"
#include "tests/unit/with_cmocka.h"

enum { WIRE = 64, DATAGRAM = 1500, LATENCY_MS = 10 };

typedef struct packet {
    sim_time at;
    bool to_cloud;
    size_t n;
    uint8_t bytes[DATAGRAM];
} packet;

/* One device and one cloud. */
typedef struct street {
    net_vkernel *kernel;
    net_secure_domain *device_domain, *cloud_domain; /* NULL: plain CoAP */
    net_channel *channel;
    net_coap_server *server;
    net_secure_session *session; /* the cloud's; NULL: none yet */
    net_coap_peer peer;
    sim_stream device_stream, cloud_stream, secret;
    sim_time now, cloud_due;
    bool cut; /* the wire */
    packet wire[WIRE];
    uint32_t head, count, sent;
    uint32_t ready, answered, failed, ended, asked;
    net_coap_response answer;
    uint8_t payload[128];
    int error;
    uint32_t tag;
    net_secure_end why;
    int listen_error;
    uint64_t hash;
} street;

static const uint8_t key[16] = "0123456789abcdef";

static void put(street *s, bool to_cloud, const uint8_t *datagram, size_t n) {
    s->sent++;
    for (size_t i = 0; i < n; i++) s->hash = (s->hash ^ datagram[i]) * UINT64_C(0x100000001b3);
    if (s->cut) return;
    assert_true(s->count < WIRE && n <= DATAGRAM);
    packet *p = &s->wire[(s->head + s->count++) % WIRE];
    *p = (packet){.at = s->now + LATENCY_MS * SIM_MILLISECOND, .to_cloud = to_cloud, .n = n};
    memcpy(p->bytes, datagram, n);
}

/* ---- The device ---- */

static void device_sends(void *owner, const uint8_t *datagram, size_t n) {
    put(owner, true, datagram, n);
}

static void device_is_ready(void *owner) {
    street *s = owner;
    s->ready++;
}

static void device_is_answered(void *owner, const net_coap_response *response) {
    street *s = owner;
    s->answered++;
    s->answer = *response;
    assert_true(response->payload_size <= sizeof s->payload);
    if (response->payload_size > 0) memcpy(s->payload, response->payload, response->payload_size);
}

static void device_fails(void *owner, uint32_t tag, int error) {
    street *s = owner;
    s->failed++;
    s->tag = tag;
    s->error = error;
}

static void device_is_cut_off(void *owner, net_secure_end why) {
    street *s = owner;
    s->ended++;
    s->why = why;
}

static const net_channel_calls device_calls = {device_sends, device_is_ready, device_is_answered,
                                               device_fails, device_is_cut_off};

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
        assert_int_equal(net_secure_write(s->session, s->now, datagram, n), 0);
    }
}

static void cloud_is_asked(void *owner, net_coap_peer peer, const net_coap_request *request,
                           net_coap_reply *reply) {
    street *s = owner;
    (void)peer;
    s->asked++;
    reply->code = request->method == NET_COAP_GET ? NET_COAP_CONTENT : NET_COAP_CHANGED;
    reply->payload_size = 2;
    memcpy(reply->payload, "21", 2);
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
    net_coap_server_input(s->server, s->now, s->peer, data, n);
}

static void cloud_session_ends(void *owner, net_secure_end why) {
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
        net_coap_server_input(s->server, s->now, s->peer, datagram, n);
    } else if (s->session != NULL) {
        net_secure_input(s->session, s->now, datagram, n);
    } else {
        s->listen_error = net_secure_listen(s->cloud_domain, s->now, &from, datagram, n,
                                            &s->cloud_stream, s, cloud_puts, &s->session);
    }
}

/* ---- Both ---- */

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
        s->device_domain =
            net_secure_client_domain_new(&net_secure_timing_default, &net_channel_secure_calls);
        s->cloud_domain = net_secure_server_domain_new(
            &net_secure_timing_default, &cloud_secure_calls, find_key, s, &s->secret);
        if (s->device_domain == NULL || s->cloud_domain == NULL) return false;
    }
    net_channel_credentials credentials = {identity, key, sizeof key};
    s->channel = net_channel_new(s->kernel, s->device_domain, &credentials, 0, &s->device_stream,
                                 &device_calls, s);
    return s->channel != NULL;
}

static void street_close(street *s) {
    net_channel_free(s->channel);
    net_secure_free(s->session);
    net_secure_domain_free(s->device_domain);
    net_secure_domain_free(s->cloud_domain);
    net_coap_server_free(s->server);
    net_vkernel_free(s->kernel);
}

static sim_time street_next(const street *s) {
    sim_time next = s->count > 0 ? s->wire[s->head].at : SIM_NEVER;
    next = sim_time_min(next, s->cloud_due);
    if (s->session != NULL) next = sim_time_min(next, net_secure_deadline(s->session));
    return s->channel == NULL ? next : sim_time_min(next, net_channel_deadline(s->channel));
}

static void street_step(street *s) {
    if (s->count > 0 && s->wire[s->head].at <= s->now) {
        packet p = s->wire[s->head];
        s->head = (s->head + 1) % WIRE;
        s->count--;
        if (p.to_cloud) {
            cloud_input(s, p.bytes, p.n);
        } else if (s->channel != NULL) {
            net_channel_input(s->channel, s->now, p.bytes, p.n);
        }
        return;
    }
    if (s->channel != NULL && net_channel_deadline(s->channel) <= s->now)
        net_channel_wake(s->channel, s->now);
    if (s->session != NULL && net_secure_deadline(s->session) <= s->now)
        net_secure_wake(s->session, s->now);
    if (s->cloud_due <= s->now) net_coap_server_wake(s->server, s->now, 0);
}

static void street_run(street *s, sim_time until) {
    for (sim_time next = street_next(s); next <= until; next = street_next(s)) {
        s->now = sim_time_max(s->now, next);
        street_step(s);
    }
    s->now = until;
}

static int ask(street *s, const char *path, bool observe, uint32_t tag) {
    net_coap_request request = {.method = NET_COAP_GET,
                                .observe = observe,
                                .path = path,
                                .format = NET_COAP_FORMAT_NONE,
                                .tag = tag};
    return net_channel_request(s->channel, s->now, &request);
}

static void test_a_channel_carries(void **state) {
    (void)state;
    for (int secure = 0; secure <= 1; secure++) {
        street s;
        assert_true(street_open(&s, secure == 1, "device-1"));
        assert_int_equal(ask(&s, "t", false, 1), SIM_ESTATE); /* not started */
        net_channel_start(s.channel, 0);
        assert_int_equal(s.ready, secure ? 0 : 1);
        if (secure) assert_int_equal(ask(&s, "t", false, 1), SIM_ESTATE); /* not ready */
        street_run(&s, SIM_SECOND);
        assert_int_equal(s.ready, 1);
        assert_int_equal(ask(&s, "t", false, 7), 0);
        street_run(&s, 2 * SIM_SECOND);
        assert_int_equal(s.answered, 1);
        assert_int_equal(s.answer.tag, 7);
        assert_int_equal(s.answer.code, NET_COAP_CONTENT);
        assert_memory_equal(s.payload, "21", 2);
        assert_int_equal(ask(&s, "s", true, 8), 0);
        street_run(&s, 3 * SIM_SECOND);
        net_coap_server_notify(s.server, s.now, s.peer);
        street_run(&s, 4 * SIM_SECOND);
        assert_int_equal(s.answered, 3);
        assert_true(s.answer.notification);
        assert_int_equal(s.failed + s.ended, 0);
        assert_int_equal(net_channel_deadline(s.channel), SIM_NEVER);
        street_close(&s);
    }
}

static void test_a_cut_wire_is_a_timeout(void **state) {
    (void)state;
    for (int secure = 0; secure <= 1; secure++) {
        street s;
        assert_true(street_open(&s, secure == 1, "device-1"));
        net_channel_start(s.channel, 0);
        street_run(&s, SIM_SECOND);
        s.cut = true;
        uint32_t sent = s.sent;
        assert_int_equal(ask(&s, "t", false, 7), 0);
        street_run(&s, 200 * SIM_SECOND);
        assert_int_equal(s.sent - sent, 5); /* each transmission is a record of its own */
        assert_int_equal(s.failed, 1);
        assert_int_equal(s.error, SIM_ETIMEOUT);
        assert_int_equal(s.tag, 7);
        assert_int_equal(s.ended, 0); /* DTLS has no opinion about silence */
        s.cut = false;
        assert_int_equal(ask(&s, "t", false, 8), 0);
        street_run(&s, 202 * SIM_SECOND);
        assert_int_equal(s.answered, 1);
        street_close(&s);
    }
}

static void test_an_ended_session_ends_the_channel(void **state) {
    (void)state;
    street s;
    assert_true(street_open(&s, true, "device-1"));
    net_channel_start(s.channel, 0);
    street_run(&s, SIM_SECOND);
    net_secure_close(s.session, s.now);
    street_run(&s, 2 * SIM_SECOND);
    assert_int_equal(s.ended, 1);
    assert_int_equal(s.why, NET_SECURE_END_CLOSED);
    assert_int_equal(ask(&s, "t", false, 7), SIM_ESTATE);
    street_close(&s);
}

/* A socket that reports ECONNREFUSED: in the handshake, and when the session is long open. */
static void test_a_refused_channel(void **state) {
    (void)state;
    for (int open = 0; open < 2; open++) {
        street s;
        assert_true(street_open(&s, true, "device-1"));
        s.cut = !open;
        net_channel_start(s.channel, 0);
        street_run(&s, SIM_SECOND / 2);
        assert_int_equal(s.ready, open);
        net_channel_refused(s.channel, s.now);
        net_channel_refused(s.channel, s.now); /* once is enough */
        uint32_t sent = s.sent;
        street_run(&s, 100 * SIM_SECOND);
        assert_int_equal(s.ended, 1);
        assert_int_equal(s.why, NET_SECURE_END_REFUSED);
        assert_int_equal(s.sent, sent); /* nothing is repeated */
        street_close(&s);
    }
}

static void test_a_refused_request(void **state) {
    (void)state;
    street s;
    assert_true(street_open(&s, false, "device-1"));
    s.cut = true;
    net_channel_start(s.channel, 0);
    net_channel_refused(s.channel, 0); /* nothing is open: nobody is told */
    assert_int_equal(s.failed, 0);
    assert_int_equal(ask(&s, "t", false, 7), 0);
    assert_int_equal(ask(&s, "t", false, 8), 0); /* waits for the first: NSTART 1 */
    street_run(&s, SIM_SECOND);
    net_channel_refused(s.channel, s.now);
    assert_int_equal(s.failed, 2);
    assert_int_equal(s.error, SIM_EUNREACHABLE);
    street_run(&s, 200 * SIM_SECOND);
    assert_int_equal(s.failed, 2);
    s.cut = false; /* the next one may get through */
    assert_int_equal(ask(&s, "t", false, 9), 0);
    street_run(&s, 202 * SIM_SECOND);
    assert_int_equal(s.answered, 1);
    street_close(&s);
}

static void test_an_unknown_identity_never_gets_ready(void **state) {
    (void)state;
    street s;
    assert_true(street_open(&s, true, "stranger"));
    net_channel_start(s.channel, 0);
    street_run(&s, 200 * SIM_SECOND);
    assert_int_equal(s.ready, 0);
    assert_int_equal(s.ended, 1);
    assert_int_not_equal(s.why, NET_SECURE_END_NONE);
    assert_int_equal(s.asked, 0);
    street_close(&s);
}

static void test_silence_ends_a_handshake(void **state) {
    (void)state;
    street s;
    assert_true(street_open(&s, true, "device-1"));
    s.cut = true;
    net_channel_start(s.channel, 0);
    street_run(&s, 200 * SIM_SECOND);
    assert_int_equal(s.ready, 0);
    assert_int_equal(s.ended, 1);
    assert_int_equal(s.why, NET_SECURE_END_TIMEOUT);
    street_close(&s);
}

static void test_power_loss_is_a_free(void **state) {
    (void)state;
    /* not started, in the handshake, ready, with a request open */
    for (int when = 0; when < 4; when++) {
        street s;
        assert_true(street_open(&s, true, "device-1"));
        if (when > 0) net_channel_start(s.channel, 0);
        if (when > 1) street_run(&s, SIM_SECOND);
        if (when > 2) assert_int_equal(ask(&s, "t", false, 7), 0);
        uint32_t sent = s.sent, told = s.ready + s.answered + s.failed + s.ended;
        net_channel_free(s.channel);
        s.channel = NULL;
        assert_int_equal(s.sent, sent);
        assert_int_equal(s.ready + s.answered + s.failed + s.ended, told);
        street_close(&s);
    }
    net_channel_free(NULL);
}

static uint64_t hash_of_a_life(void) {
    street s;
    assert_true(street_open(&s, true, "device-1"));
    net_channel_start(s.channel, 0);
    street_run(&s, SIM_SECOND);
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(ask(&s, "t", false, i), 0);
        s.cut = i == 3;
        street_run(&s, s.now + 10 * SIM_SECOND);
        s.cut = false;
    }
    uint64_t hash = s.hash;
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
static void test_no_memory_for_a_channel(void **state) {
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
        cmocka_unit_test(test_a_channel_carries),
        cmocka_unit_test(test_a_cut_wire_is_a_timeout),
        cmocka_unit_test(test_an_ended_session_ends_the_channel),
        cmocka_unit_test(test_a_refused_channel),
        cmocka_unit_test(test_a_refused_request),
        cmocka_unit_test(test_an_unknown_identity_never_gets_ready),
        cmocka_unit_test(test_silence_ends_a_handshake),
        cmocka_unit_test(test_power_loss_is_a_free),
        cmocka_unit_test(test_a_life_replays),
        cmocka_unit_test(test_no_memory_for_a_channel),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
