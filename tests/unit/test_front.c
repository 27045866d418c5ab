/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The built-in cloud's front, asked by real clients: stock libcoap over wolfSSL. */
#include <stdio.h>
#include <string.h>

#include "net/senml.h"
#include "tests/support/front_world.h"
#include "tests/unit/every_allocation.h"

static int set_up(void **state) {
    (void)state;
    return net_secure_startup();
}

static int tear_down(void **state) {
    (void)state;
    net_secure_cleanup();
    return 0;
}

/* ---- small things ---- */

static front_world *world(bool secure, uint32_t clients) {
    front_world *w = front_world_new(secure, clients, 1000);
    assert_non_null(w);
    return w;
}

/* What the service counted. */
static const cloud_service_counts *counts(const front_world *w) {
    return &w->service.counts;
}

/* What its door counted. */
static const cloud_door_counts *count(const front_world *w) {
    return w->door->kind->count(w->door);
}

/* The door has a session of client i's latest attempt. */
static bool knows(const front_world *w, uint32_t i) {
    return w->door->kind->knows(w->door, &w->clients[i].address, &w->clients[i].attempt);
}

static void connect_all(front_world *w) {
    for (uint32_t i = 0; i < w->count; i++) assert_int_equal(front_world_connect(w, i, false), 0);
    front_world_for(w, SIM_SECOND);
}

static void register_all(front_world *w) {
    for (uint32_t i = 0; i < w->count; i++) assert_int_equal(front_world_register(w, i), 0);
    front_world_for(w, SIM_SECOND);
}

/* Asks and waits: the code of the answer, 0 when none came. */
static uint8_t ask(front_world *w, uint32_t i, net_coap_request request) {
    front_client *c = &w->clients[i];
    uint32_t before = c->answered;
    assert_int_equal(front_world_request(w, i, request), 0);
    front_world_for(w, 5 * SIM_SECOND);
    return c->answered == before + 1 ? c->last.code : 0;
}

static uint8_t get(front_world *w, uint32_t i, const char *path) {
    return ask(
        w, i,
        (net_coap_request){.method = NET_COAP_GET, .path = path, .format = NET_COAP_FORMAT_NONE});
}

static uint8_t observe(front_world *w, uint32_t i, const char *path) {
    return ask(
        w, i,
        (net_coap_request){
            .method = NET_COAP_GET, .observe = true, .path = path, .format = NET_COAP_FORMAT_NONE});
}

static uint8_t report(front_world *w, uint32_t i, const char *path, uint16_t format,
                      const void *payload, size_t n) {
    return ask(w, i,
               (net_coap_request){.method = NET_COAP_POST,
                                  .path = path,
                                  .format = format,
                                  .payload = payload,
                                  .payload_size = n});
}

static uint8_t register_as(front_world *w, uint32_t i, const char *query) {
    return ask(
        w, i,
        (net_coap_request){
            .method = NET_COAP_POST, .path = "rd", .query = query, .format = NET_COAP_FORMAT_NONE});
}

/* ---- registration ---- */

static void registration(bool secure) {
    front_world *w = world(secure, 20);
    connect_all(w);
    for (uint32_t i = 0; i < w->count; i++) assert_int_equal(w->clients[i].ready, 1);
    for (uint32_t i = 0; i < w->count; i++)
        assert_int_equal(w->clients[i].outcomes[RECORD_OUTCOME_ONLINE], 0);
    register_all(w);
    for (uint32_t i = 0; i < w->count; i++) {
        assert_int_equal(w->clients[i].answered, 1);
        assert_int_equal(w->clients[i].last.code, NET_COAP_CREATED);
        assert_int_equal(w->clients[i].outcomes[RECORD_OUTCOME_ONLINE], 1);
    }
    register_all(w); /* once more is once more, but online is told once */
    assert_int_equal(counts(w)->registrations, 40);
    assert_int_equal(w->clients[3].outcomes[RECORD_OUTCOME_ONLINE], 1);
    assert_int_equal(count(w)->peers, 20);
    assert_int_equal(count(w)->sessions_opened, secure ? 20 : 0);
    assert_int_equal(count(w)->sessions_replaced, 0);
    assert_true(knows(w, 0));
    const net_address stranger = {.ip = {1}, .port = 1};
    assert_false(w->door->kind->knows(w->door, &stranger, &w->clients[0].attempt));
    front_world_free(w);
}

static void test_registration(void **state) {
    (void)state;
    registration(true);
    registration(false);
}

static const struct {
    const char *query;
    uint8_t code;
} endpoints[] = {{"ep=bs-00000001", NET_COAP_FORBIDDEN}, /* somebody else's */
                 {"ep=", NET_COAP_FORBIDDEN},
                 {NULL, NET_COAP_FORBIDDEN},
                 {"lt=60", NET_COAP_FORBIDDEN},
                 {"ep=bs-000000000", NET_COAP_FORBIDDEN},
                 {"deep=bs-00000000", NET_COAP_FORBIDDEN},
                 {"EP=bs-00000000", NET_COAP_FORBIDDEN},
                 {"ep=0123456789012345678901234567890123456789012345678901234567890123456789",
                  NET_COAP_FORBIDDEN},
                 {"deep=x&ep=bs-00000000", NET_COAP_CREATED},
                 {"lt=60&ep=bs-00000000&d=x", NET_COAP_CREATED},
                 {"ep=bs-00000000", NET_COAP_CREATED}};

static void test_endpoint_names(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof endpoints / sizeof *endpoints; i++) {
        front_world *w = world(true, 2);
        bool good = endpoints[i].code == NET_COAP_CREATED;
        connect_all(w);
        if (register_as(w, 0, endpoints[i].query) != endpoints[i].code)
            fail_msg("%s: %d", endpoints[i].query == NULL ? "no query" : endpoints[i].query,
                     w->clients[0].last.code);
        assert_int_equal(w->clients[0].outcomes[RECORD_OUTCOME_ONLINE], good);
        assert_int_equal(w->clients[0].outcomes[RECORD_OUTCOME_REFUSED], !good);
        assert_int_equal(counts(w)->forbidden, !good);
        front_world_free(w);
    }
}

static void test_plain_names(void **state) {
    (void)state;
    front_world *w = world(false, 3);
    connect_all(w);
    /* anybody may say so */
    assert_int_equal(register_as(w, 0, "ep=bs-00000002"), NET_COAP_CREATED);
    assert_int_equal(register_as(w, 0, "ep=bs-00000077"), NET_COAP_FORBIDDEN);
    assert_int_equal(get(w, 0, "s/bs-00000002"), NET_COAP_CONTENT);
    assert_int_equal(get(w, 0, "s/bs-00000000"), NET_COAP_FORBIDDEN);
    /* The same peer under another name: the old one is free again. */
    assert_int_equal(register_as(w, 0, "ep=bs-00000001"), NET_COAP_CREATED);
    assert_int_equal(get(w, 0, "s/bs-00000002"), NET_COAP_FORBIDDEN);
    assert_int_equal(register_as(w, 1, "ep=bs-00000002"), NET_COAP_CREATED);
    assert_int_equal(count(w)->sessions_replaced, 0);
    assert_int_equal(register_as(w, 2, "ep=bs-00000001"), NET_COAP_CREATED);
    assert_int_equal(count(w)->sessions_replaced, 1);
    assert_int_equal(count(w)->peers, 2);
    front_world_free(w);
}

static uint8_t at_registration(front_world *w, uint32_t i, uint8_t method, const char *path) {
    return ask(w, i,
               (net_coap_request){.method = method, .path = path, .format = NET_COAP_FORMAT_NONE});
}

/* RFC 9176 5.3: a registration is updated and removed where it was said to be. */
static void registrations(bool secure) {
    front_world *w = world(secure, 2);
    connect_all(w);
    assert_int_equal(at_registration(w, 0, NET_COAP_POST, "rd/bs-00000000"), NET_COAP_NOT_FOUND);
    register_all(w);
    assert_int_equal(at_registration(w, 0, NET_COAP_POST, "rd/bs-00000000"), NET_COAP_CHANGED);
    assert_int_equal(at_registration(w, 0, NET_COAP_POST, "rd/bs-00000001"), NET_COAP_NOT_FOUND);
    assert_int_equal(at_registration(w, 0, NET_COAP_GET, "rd/bs-00000000"),
                     NET_COAP_METHOD_NOT_ALLOWED);
    assert_int_equal(at_registration(w, 0, NET_COAP_DELETE, "rd/bs-00000001"), NET_COAP_NOT_FOUND);
    assert_int_equal(at_registration(w, 0, NET_COAP_DELETE, "rd/bs-00000000"), NET_COAP_DELETED);
    assert_int_equal(at_registration(w, 0, NET_COAP_POST, "rd/bs-00000000"), NET_COAP_NOT_FOUND);
    assert_int_equal(get(w, 0, "s/bs-00000000"), NET_COAP_FORBIDDEN);
    assert_int_equal(at_registration(w, 1, NET_COAP_POST, "rd/bs-00000001"), NET_COAP_CHANGED);
    register_all(w);
    assert_int_equal(at_registration(w, 0, NET_COAP_POST, "rd/bs-00000000"), NET_COAP_CHANGED);
    front_world_free(w);
}

static void test_registrations(void **state) {
    (void)state;
    registrations(true);
    registrations(false);
}

/* ---- who may not come in ---- */

static void test_strangers(void **state) {
    (void)state;
    front_world *w = world(true, 3);
    w->clients[0].identity = "nobody";
    w->clients[1].key = "fedcba9876543210";
    connect_all(w);
    front_world_for(w, 100 * SIM_SECOND);
    assert_int_equal(count(w)->unknown_identity, 1);
    assert_int_equal(count(w)->wrong_key, 1);
    assert_int_equal(w->clients[0].outcomes[RECORD_OUTCOME_REFUSED], 1);
    assert_int_equal(w->clients[1].outcomes[RECORD_OUTCOME_REFUSED], 1);
    assert_int_equal(w->clients[2].outcomes[RECORD_OUTCOME_REFUSED], 0);
    /* "nobody" is nobody's name */
    assert_int_equal(w->clients[0].refused + w->clients[2].refused, 0);
    assert_int_equal(w->clients[1].refused, 1);
    assert_int_equal(w->clients[0].ready + w->clients[1].ready, 0);
    assert_int_equal(w->clients[2].ready, 1);
    assert_int_equal(count(w)->peers, 1); /* nothing is kept of them */
    front_world_free(w);
}

static void test_garbage(void **state) {
    (void)state;
    static const uint8_t text[] = "GET / HTTP/1.1\r\n\r\n";
    front_world *w = world(true, 2);
    const sim_heap_use before = sim_heap_in_use();
    for (int i = 0; i < 100; i++) front_world_inject(w, 0, text, (size_t)i % sizeof text);
    assert_int_equal(count(w)->garbage, 100);
    assert_int_equal(count(w)->peers, 0);
    assert_true(sim_heap_in_use().blocks <= before.blocks + 1); /* the spare */
    assert_int_equal(w->wire.sent[0], 0);
    connect_all(w); /* and in between it serves */
    front_world_inject(w, 1, text, sizeof text);
    assert_true(count(w)->discarded > 0);
    register_all(w);
    assert_int_equal(w->clients[1].last.code, NET_COAP_CREATED);
    assert_int_equal(w->error, 0);
    front_world_free(w);
}

static void test_a_client_that_falls_silent(void **state) {
    (void)state;
    front_world *w = world(true, 1);
    assert_int_equal(front_world_connect(w, 0, false), 0);
    front_world_for(w, 35 * SIM_MILLISECOND); /* the hello with its cookie has come */
    assert_int_equal(count(w)->peers, 1);
    front_world_power_off(w, 0);
    front_world_for(w, 30 * SIM_SECOND);
    assert_int_equal(count(w)->peers, 1);
    front_world_for(w, 60 * SIM_SECOND);
    assert_int_equal(count(w)->peers, 0);
    assert_int_equal(count(w)->handshake_timeouts, 1);
    front_world_free(w);
}

/* ---- over capacity ---- */

/* ---- sessions that the cloud ends ---- */

static void join(front_world *w, uint32_t i) {
    assert_int_equal(front_world_connect(w, i, false), 0);
    front_world_for(w, SIM_SECOND);
    assert_int_equal(front_world_register(w, i), 0);
    front_world_for(w, SIM_SECOND / 2);
    assert_int_equal(w->clients[i].last.code, NET_COAP_CREATED);
}

static void test_sessions_are_closed_after_a_time(void **state) {
    (void)state;
    front_world *w = world(true, 3);
    join(w, 0);
    assert_int_equal(front_world_connect(w, 2, false), 0); /* connected, but never registers */
    front_world_for(w, SIM_SECOND);
    front_world_close_after(w, 5 * SIM_SECOND);
    front_world_for(w, SIM_SECOND / 2); /* who was registered has lasted long enough */
    assert_int_equal(w->clients[0].ended, 1);
    assert_int_equal(count(w)->peers, 1);
    join(w, 1);
    front_world_for(w, 4 * SIM_SECOND);
    assert_int_equal(w->clients[1].ended, 0);
    front_world_for(w, 2 * SIM_SECOND);
    assert_int_equal(w->clients[1].ended, 1);
    assert_int_equal(w->clients[2].ended, 0);
    assert_int_equal(count(w)->closed, 2);
    join(w, 0);
    front_world_close_after(w, 0); /* it may stay after all, as may all others */
    join(w, 1);
    front_world_for(w, SIM_MINUTE);
    assert_int_equal(count(w)->closed, 2);
    assert_int_equal(count(w)->peers, 3);
    front_world_free(w);
}

static void forget(bool secure, bool tell) {
    front_world *w = world(secure, 2);
    join(w, 0);
    join(w, 1);
    w->door->kind->forget(w->door, w->wire.now, tell);
    assert_int_equal(count(w)->peers, 0);
    front_world_for(w, SIM_SECOND);
    bool told = secure && tell; /* plain CoAP has no word for it */
    assert_int_equal(w->clients[0].ended + w->clients[1].ended, told ? 2 : 0);
    assert_int_equal(count(w)->closed, told ? 2 : 0);
    join(w, 0); /* and all begins anew */
    assert_int_equal(count(w)->peers, 1);
    front_world_free(w);
}

static void test_a_front_that_forgets(void **state) {
    (void)state;
    forget(true, true);
    forget(true, false);
    forget(false, true);
    forget(false, false);
}

static void busy(bool secure) {
    front_world *w = world(secure, 2);
    w->fate = CLOUD_FATE_BUSY;
    assert_int_equal(front_world_connect(w, 0, false), 0);
    front_world_for(w, SIM_SECOND);
    assert_int_equal(front_world_register(w, 0), 0);
    front_world_for(w, SIM_SECOND);
    assert_int_equal(w->clients[0].last.code, NET_COAP_SERVICE_UNAVAILABLE);
    assert_int_equal(w->clients[0].last.max_age_s, 77);
    assert_int_equal(w->clients[0].outcomes[RECORD_OUTCOME_BUSY], 1);
    w->fate = CLOUD_FATE_ADMIT;
    /* too early: the connection was let in over capacity */
    assert_int_equal(front_world_register(w, 0), 0);
    front_world_for(w, SIM_SECOND);
    assert_int_equal(w->clients[0].last.code, NET_COAP_SERVICE_UNAVAILABLE);
    assert_int_equal(report(w, 0, "t", NET_COAP_FORMAT_TEXT, "x", 1), NET_COAP_SERVICE_UNAVAILABLE);
    w->service.hold_s = 5;
    front_world_for(w, 77 * SIM_SECOND); /* who waited as told is heard */
    assert_int_equal(front_world_register(w, 0), 0);
    front_world_for(w, SIM_SECOND);
    assert_int_equal(w->clients[0].last.code, NET_COAP_CREATED);
    assert_int_equal(counts(w)->refused_busy, 3);
    w->fate = CLOUD_FATE_BUSY; /* a single request over capacity */
    assert_int_equal(report(w, 0, "t", NET_COAP_FORMAT_TEXT, "x", 1), NET_COAP_SERVICE_UNAVAILABLE);
    assert_int_equal(w->clients[0].last.max_age_s, 5);
    w->fate = CLOUD_FATE_ADMIT;
    assert_int_equal(report(w, 0, "t", NET_COAP_FORMAT_TEXT, "x", 1), NET_COAP_CHANGED);
    assert_int_equal(front_world_connect(w, 1, false), 0); /* bad twin: never over */
    front_world_for(w, SIM_SECOND);
    assert_int_equal(front_world_register(w, 1), 0);
    front_world_for(w, SIM_SECOND);
    assert_int_equal(w->clients[1].last.code, NET_COAP_CREATED);
    assert_int_equal(w->clients[1].outcomes[RECORD_OUTCOME_BUSY], 0);
    front_world_free(w);
}

static void test_busy(void **state) {
    (void)state;
    busy(true);
    busy(false);
}

/* ---- reports ---- */

static void test_reports(void **state) {
    (void)state;
    front_world *w = world(true, 1);
    uint8_t good[64];
    size_t n;
    net_senml_pack pack = {.count = 1};
    strcpy(pack.records[0].name, "temperature");
    pack.records[0].value = 21.5;
    assert_int_equal(net_senml_write(&pack, good, sizeof good, &n), 0);
    connect_all(w);
    assert_int_equal(report(w, 0, "t", NET_COAP_FORMAT_SENML_CBOR, good, n), NET_COAP_CHANGED);
    assert_int_equal(w->clients[0].outcomes[RECORD_OUTCOME_ONLINE], 1);
    assert_int_equal(report(w, 0, "r", NET_COAP_FORMAT_SENML_CBOR, good, n), NET_COAP_CHANGED);
    assert_int_equal(report(w, 0, "t", NET_COAP_FORMAT_TEXT, "whatever", 8), NET_COAP_CHANGED);
    assert_int_equal(report(w, 0, "t", NET_COAP_FORMAT_NONE, NULL, 0), NET_COAP_CHANGED);
    assert_int_equal(counts(w)->reports, 4);
    assert_int_equal(report(w, 0, "t", NET_COAP_FORMAT_SENML_CBOR, good, n - 1),
                     NET_COAP_BAD_REQUEST);
    assert_int_equal(report(w, 0, "t", NET_COAP_FORMAT_SENML_CBOR, "{}", 2), NET_COAP_BAD_REQUEST);
    assert_int_equal(counts(w)->reports_malformed, 2);
    assert_int_equal(counts(w)->reports, 4);
    assert_int_equal(report(w, 0, "x", NET_COAP_FORMAT_TEXT, "x", 1), NET_COAP_NOT_FOUND);
    assert_int_equal(get(w, 0, "t"), NET_COAP_METHOD_NOT_ALLOWED);
    assert_int_equal(get(w, 0, "rd"), NET_COAP_METHOD_NOT_ALLOWED);
    assert_int_equal(report(w, 0, ".well-known/core", NET_COAP_FORMAT_TEXT, "x", 1),
                     NET_COAP_METHOD_NOT_ALLOWED);
    assert_int_equal(counts(w)->not_found, 1);
    front_world_free(w);
}

static void discovery(bool secure) {
    front_world *w = world(secure, 1);
    connect_all(w);
    assert_int_equal(get(w, 0, ".well-known/core"), NET_COAP_CONTENT);
    assert_int_equal(w->clients[0].last.format, 40);
    assert_non_null(strstr(w->clients[0].text, "</rd>"));
    assert_non_null(strstr(w->clients[0].text, "</t>"));
    front_world_free(w);
}

static void test_discovery(void **state) {
    (void)state;
    discovery(true);
    discovery(false);
}

/* ---- set-points ---- */

static void set_points(bool secure) {
    front_world *w = world(secure, 20);
    char path[40];
    connect_all(w);
    assert_int_equal(get(w, 0, "s/bs-00000000"), secure ? NET_COAP_CONTENT : NET_COAP_FORBIDDEN);
    register_all(w);
    for (uint32_t i = 0; i < w->count; i++) {
        (void)snprintf(path, sizeof path, "s/bs-%08u", i);
        assert_int_equal(observe(w, i, path), NET_COAP_CONTENT);
        (void)snprintf(path, sizeof path, "%u.00", 20 + i);
        assert_string_equal(w->clients[i].text, path);
    }
    assert_int_equal(get(w, 0, "s/bs-00000001"), NET_COAP_FORBIDDEN); /* somebody else's */
    w->clients[7].desired = 5.25;
    w->door->kind->notify(w->door, w->wire.now, 7);
    front_world_for(w, 5 * SIM_SECOND);
    for (uint32_t i = 0; i < w->count; i++) assert_int_equal(w->clients[i].notified, i == 7);
    assert_string_equal(w->clients[7].text, "5.25");
    register_all(w); /* a repeated registration leaves the observation as it is */
    w->clients[7].desired = 6;
    w->door->kind->notify(w->door, w->wire.now, 7);
    front_world_for(w, 5 * SIM_SECOND);
    assert_int_equal(w->clients[7].notified, 2);
    assert_string_equal(w->clients[7].text, "6.00");
    w->door->kind->notify(w->door, w->wire.now, 999); /* nobody */
    w->door->kind->notify(w->door, w->wire.now, CLOUD_NOBODY);
    front_world_power_off(w, 8); /* told in vain, for a while */
    w->door->kind->notify(w->door, w->wire.now, 8);
    front_world_for(w, 300 * SIM_SECOND);
    assert_int_equal(w->error, 0);
    front_world_free(w);
}

/* ---- the shared value ---- */

static uint8_t put_value(front_world *w, uint32_t i, uint32_t if_match, const char *text) {
    return ask(w, i,
               (net_coap_request){.method = NET_COAP_PUT,
                                  .path = "v",
                                  .if_match = if_match,
                                  .format = NET_COAP_FORMAT_TEXT,
                                  .payload = (const uint8_t *)text,
                                  .payload_size = strlen(text)});
}

static void shared_value(bool secure) {
    front_world *w = world(secure, 3);
    connect_all(w);
    assert_int_equal(get(w, 0, "v"), NET_COAP_FORBIDDEN); /* not before it has registered */
    register_all(w);
    assert_int_equal(get(w, 0, "v"), NET_COAP_CONTENT);
    assert_string_equal(w->clients[0].text, "0");
    uint32_t tag = w->clients[0].last.entity_tag;
    assert_true(tag != 0);
    assert_int_equal(get(w, 1, "v"), NET_COAP_CONTENT);
    assert_int_equal(w->clients[1].last.entity_tag, tag);
    assert_int_equal(put_value(w, 0, tag, "1"), NET_COAP_CHANGED);
    assert_int_equal(put_value(w, 1, tag, "1"), NET_COAP_PRECONDITION_FAILED); /* overtaken */
    assert_int_equal(get(w, 1, "v"), NET_COAP_CONTENT);
    assert_string_equal(w->clients[1].text, "1");
    assert_int_equal(put_value(w, 1, w->clients[1].last.entity_tag, "2"), NET_COAP_CHANGED);
    assert_int_equal(counts(w)->value_changes, 2);
    assert_int_equal(counts(w)->value_conflicts, 1);
    static const char *const no_values[] = {"", "nonsense", "-1", "1e13", "12345678901234567890"};
    for (size_t i = 0; i < sizeof no_values / sizeof *no_values; i++)
        assert_int_equal(put_value(w, 2, 3, no_values[i]), NET_COAP_BAD_REQUEST);
    assert_int_equal(put_value(w, 2, 0, "7"), NET_COAP_BAD_REQUEST); /* without a condition */
    assert_int_equal(report(w, 2, "v", NET_COAP_FORMAT_TEXT, "7", 1), NET_COAP_METHOD_NOT_ALLOWED);
    assert_int_equal(get(w, 2, "v"), NET_COAP_CONTENT);
    assert_string_equal(w->clients[2].text, "2");
    front_world_free(w);
}

static void test_shared_value(void **state) {
    (void)state;
    shared_value(true);
    shared_value(false);
}

static void test_set_points(void **state) {
    (void)state;
    set_points(true);
    set_points(false);
}

/* ---- the same device again ---- */

static void test_the_same_identity_again(void **state) {
    (void)state;
    front_world *w = world(true, 12);
    connect_all(w);
    register_all(w);
    front_world_for(w, 300 * SIM_SECOND);
    sim_heap_use calm = sim_heap_in_use();
    for (int turn = 1; turn <= 20; turn++) {
        connect_all(w); /* from another port, without a word about the old one */
        register_all(w);
        assert_int_equal(count(w)->sessions_replaced, 12 * (uint64_t)turn);
        assert_int_equal(count(w)->peers, 12);
    }
    front_world_for(w, 300 * SIM_SECOND);
    assert_true(sim_heap_in_use().bytes <= calm.bytes + calm.bytes / 20);
    /* And the newest is the one that is served. */
    assert_int_equal(observe(w, 3, "s/bs-00000003"), NET_COAP_CONTENT);
    w->clients[3].desired = 9;
    w->door->kind->notify(w->door, w->wire.now, 3);
    front_world_for(w, SIM_SECOND);
    assert_string_equal(w->clients[3].text, "9.00");
    front_world_free(w);
}

/* An identity that the whole fleet shares: nobody throws anybody out. */
static void test_a_shared_identity(void **state) {
    (void)state;
    front_world *w = world(true, 10);
    w->shared = true;
    for (uint32_t i = 0; i < w->count; i++) w->clients[i].identity = "fleet";
    connect_all(w);
    register_all(w);
    register_all(w);
    for (uint32_t i = 0; i < w->count; i++) assert_int_equal(w->clients[i].answered, 2);
    assert_int_equal(count(w)->sessions_replaced, 0);
    assert_int_equal(count(w)->peers, 10);
    assert_int_equal(get(w, 4, "s/fleet"), NET_COAP_CONTENT);
    assert_string_equal(w->clients[4].text, "99.00");
    front_world_free(w);
}

/* ---- the same address again ---- */

static test_packet kept[64];
static size_t kept_count;

static bool keep_hellos(void *looker, const test_packet *d) {
    (void)looker;
    if (d->up && d->bytes[0] == 22 && d->bytes[13] == 1 && kept_count < 64) kept[kept_count++] = *d;
    return false;
}

/* After a reboot from the same port: RFC 6347 4.2.8. */
static void reboot(sim_time on, sim_time off) {
    front_world *w = world(true, 2);
    assert_int_equal(front_world_connect(w, 0, false), 0);
    front_world_for(w, on);
    uint32_t ready = w->clients[0].ready;
    front_world_power_off(w, 0);
    front_world_for(w, off);
    assert_int_equal(front_world_connect(w, 0, true), 0);
    front_world_for(w, 3 * SIM_SECOND);
    assert_int_equal(w->clients[0].ready, ready + 1);
    assert_int_equal(count(w)->peers, 1);
    assert_int_equal(front_world_register(w, 0), 0);
    front_world_for(w, SIM_SECOND);
    assert_int_equal(w->clients[0].last.code, NET_COAP_CREATED);
    front_world_free(w);
}

static void test_reboot_from_the_same_port(void **state) {
    (void)state;
    reboot(SIM_SECOND, 0); /* of an open session */
    reboot(5 * SIM_MILLISECOND,
           500 * SIM_MILLISECOND); /* the server has answered one hello, and kept nothing */
    reboot(35 * SIM_MILLISECOND, 500 * SIM_MILLISECOND); /* it is in the middle of a handshake */
    reboot(300 * SIM_SECOND, SIM_SECOND);                /* long after */
}

/* Between its second hello and the answer to that: what the server says to the one before is taken
 * for an answer to the new one, which no client can tell apart in the clear. That handshake comes
 * to nothing, the next one must not. */
static void test_reboot_at_the_worst_moment(void **state) {
    (void)state;
    front_world *w = world(true, 1);
    assert_int_equal(front_world_connect(w, 0, false), 0);
    front_world_for(w, 25 * SIM_MILLISECOND);
    assert_int_equal(front_world_connect(w, 0, true), 0);
    front_world_for(w, 30 * SIM_SECOND);
    assert_int_equal(front_world_connect(w, 0, true), 0);
    front_world_for(w, 3 * SIM_SECOND);
    assert_int_equal(w->clients[0].ready, 1);
    assert_int_equal(count(w)->peers, 1);
    front_world_free(w);
}

/* A forged hello, without a cookie or with one that is not its own, ends nothing; nor does the true
 * one when somebody sends it again. */
static void test_a_forged_hello(void **state) {
    (void)state;
    front_world *w = world(true, 2);
    kept_count = 0;
    w->wire.look = keep_hellos;
    connect_all(w);
    register_all(w);
    w->wire.look = NULL;
    assert_int_equal(kept_count, 4); /* two of each */
    for (size_t i = 0; i < kept_count; i++) {
        for (uint32_t victim = 0; victim < 2; victim++) {
            front_world_inject(w, victim, kept[i].bytes, kept[i].n);
            front_world_for(w, SIM_SECOND);
        }
    }
    for (size_t at = 0; at < kept[2].n; at++) { /* changed anywhere */
        uint8_t bytes[FRONT_WORLD_DATAGRAM];
        memcpy(bytes, kept[2].bytes, kept[2].n);
        bytes[at] ^= 0x55;
        front_world_inject(w, 0, bytes, kept[2].n);
        front_world_inject(w, 1, bytes, kept[2].n);
    }
    front_world_for(w, 120 * SIM_SECOND);
    register_all(w);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(w->clients[i].answered, 2);
        assert_int_equal(w->clients[i].last.code, NET_COAP_CREATED);
        assert_int_equal(w->clients[i].ended, 0);
    }
    assert_int_equal(count(w)->sessions_opened, 2);
    assert_int_equal(count(w)->peers, 2);
    assert_int_equal(w->error, 0);
    front_world_free(w);
}

/* ---- many peers ---- */

static void test_the_longest_idle_makes_room(void **state) {
    (void)state;
    front_world *w = front_world_new(true, 5, 3);
    assert_non_null(w);
    for (uint32_t i = 0; i < 3; i++) assert_int_equal(front_world_connect(w, i, false), 0);
    front_world_for(w, SIM_SECOND);
    assert_int_equal(count(w)->peers, 3);
    front_world_for(w, 200 * SIM_SECOND);
    assert_int_equal(get(w, 0, ".well-known/core"), NET_COAP_CONTENT);
    assert_int_equal(front_world_connect(w, 3, false), 0); /* too early */
    front_world_for(w, 5 * SIM_SECOND);
    assert_int_equal(w->clients[3].ready, 0);
    assert_true(count(w)->peers_refused > 0);
    front_world_power_off(w, 3);
    front_world_for(w, 45 * SIM_SECOND); /* 1 and 2 are idle for more than 247 s now */
    assert_int_equal(front_world_connect(w, 3, false), 0);
    front_world_for(w, 5 * SIM_SECOND);
    assert_int_equal(w->clients[3].ready, 1);
    assert_int_equal(count(w)->peers, 3);
    assert_int_equal(front_world_connect(w, 4, false), 0);
    front_world_for(w, 5 * SIM_SECOND);
    assert_int_equal(w->clients[4].ready, 1);
    /* 0 was heard since and stayed */
    assert_int_equal(get(w, 0, ".well-known/core"), NET_COAP_CONTENT);
    assert_true(knows(w, 0));
    assert_false(knows(w, 1));
    assert_false(knows(w, 2));
    front_world_free(w);
}

static void test_stale_calls(void **state) {
    (void)state;
    front_world *w = world(true, 2);
    w->door->kind->wake(w->door, 0, (sim_id){0, 0});
    w->door->kind->wake(w->door, 0, (sim_id){7, 1});
    w->door->kind->wake(w->door, 0, (sim_id){.slot = 99});
    connect_all(w);
    const uint64_t sent = w->wire.sent[0], told = w->told;
    assert_true(told >= 2);
    for (uint32_t i = 0; i < w->due_count; i++) {
        sim_id old = w->dues[i].peer;
        w->door->kind->wake(w->door, w->wire.now, old); /* early */
        old.generation -= 2;
        w->door->kind->wake(w->door, w->wire.now, old);
    }
    assert_int_equal(w->wire.sent[0], sent);
    assert_int_equal(w->told, told); /* what was out already is not called for again */
    register_all(w);
    assert_int_equal(w->clients[1].last.code, NET_COAP_CREATED);
    front_world_free(w);
}

/* ---- memory ---- */

static void memory_returns(bool secure) {
    front_world *w = world(secure, 30);
    assert_int_equal(front_world_connect(w, 0, false), 0); /* tables reach their size */
    front_world_for(w, SIM_SECOND);
    front_world_free(w);
    const sim_heap_use before = sim_heap_in_use();
    w = world(secure, 30);
    connect_all(w);
    register_all(w);
    (void)observe(w, 1, "s/bs-00000001");
    w->door->kind->notify(w->door, w->wire.now, 1);
    front_world_free(w); /* with a notification on its way */
    assert_int_equal(sim_heap_in_use().blocks, before.blocks);
    assert_int_equal(sim_heap_in_use().bytes, before.bytes);
}

static void test_memory_returns(void **state) {
    (void)state;
    memory_returns(true);
    memory_returns(false);
}

typedef struct scene {
    bool secure;
    bool came; /* it all worked */
} scene;

/* A device connects, registers, observes, reports, and comes again. What fails for want of memory
 * is tried again, as devices do. */
static int play(void *context) {
    scene *s = context;
    front_world *w = front_world_new(s->secure, 2, 1000);
    s->came = false;
    if (w == NULL) return SIM_ENOMEM;
    bool good = true;
    for (int turn = 0; turn < 2; turn++) {
        for (uint32_t i = 0; i < 2; i++) good = front_world_connect(w, i, false) == 0 && good;
        front_world_for(w, 3 * SIM_SECOND);
        for (uint32_t i = 0; i < 2; i++) good = front_world_register(w, i) == 0 && good;
        front_world_for(w, 3 * SIM_SECOND);
        const net_coap_request see = {.method = NET_COAP_GET,
                                      .observe = true,
                                      .path = "s/bs-00000001",
                                      .format = NET_COAP_FORMAT_NONE};
        const net_coap_request tell = {.method = NET_COAP_POST,
                                       .path = "t",
                                       .format = NET_COAP_FORMAT_TEXT,
                                       .payload = (const uint8_t *)"21.5",
                                       .payload_size = 4};
        good = front_world_request(w, 1, see) == 0 && good;
        front_world_for(w, 3 * SIM_SECOND);
        good = front_world_request(w, 1, tell) == 0 && good;
        front_world_for(w, 3 * SIM_SECOND);
        w->door->kind->notify(w->door, w->wire.now, 1);
        front_world_for(w, 100 * SIM_SECOND);
    }
    s->came = good && w->clients[0].answered == 2 && w->clients[1].answered == 6 &&
              w->clients[1].notified == 2;
    int error = w->error;
    front_world_free(w);
    return error;
}

static void fail_all(bool secure) {
    scene s = {.secure = secure};
    for (int for_good = 0; for_good <= 1; for_good++) {
        for (long n = 0;; n++) {
            const sim_heap_use before = sim_heap_in_use();
            sim_heap_fail(n, for_good == 1);
            const int error = play(&s);
            const bool happened = sim_heap_fail_never();
            const sim_heap_use after = sim_heap_in_use();
            if (after.blocks != before.blocks)
                print_error("allocation %ld (%d, %d)\n", n, for_good, secure);
            assert_int_equal(after.blocks, before.blocks);
            assert_int_equal(after.bytes, before.bytes);
            assert_true(error == 0 || error == SIM_ENOMEM);
            if (happened) continue;
            assert_true(s.came);
            assert_true(n > 100);
            break;
        }
    }
}

static void test_every_allocation_fails(void **state) {
    (void)state;
    fail_all(true);
    fail_all(false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_registration),
        cmocka_unit_test(test_endpoint_names),
        cmocka_unit_test(test_plain_names),
        cmocka_unit_test(test_strangers),
        cmocka_unit_test(test_registrations),
        cmocka_unit_test(test_garbage),
        cmocka_unit_test(test_a_client_that_falls_silent),
        cmocka_unit_test(test_busy),
        cmocka_unit_test(test_sessions_are_closed_after_a_time),
        cmocka_unit_test(test_a_front_that_forgets),
        cmocka_unit_test(test_reports),
        cmocka_unit_test(test_discovery),
        cmocka_unit_test(test_set_points),
        cmocka_unit_test(test_shared_value),
        cmocka_unit_test(test_the_same_identity_again),
        cmocka_unit_test(test_a_shared_identity),
        cmocka_unit_test(test_reboot_from_the_same_port),
        cmocka_unit_test(test_reboot_at_the_worst_moment),
        cmocka_unit_test(test_a_forged_hello),
        cmocka_unit_test(test_the_longest_idle_makes_room),
        cmocka_unit_test(test_stale_calls),
        cmocka_unit_test(test_memory_returns),
        cmocka_unit_test(test_every_allocation_fails),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
