/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Manifests and images: what is written is read, what was changed is noticed, each way to spoil an
 * update spoils exactly that; and what a front answers about them. */
#include "sim/cloud/update.h"

#include <stdio.h>
#include <string.h>

#include "net/secure.h"
#include "sim/core/heap.h"
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

static cloud_update *made(uint32_t size, cloud_rogue rogue) {
    cloud_update *u = NULL;
    assert_int_equal(cloud_update_add(&u, "thermostat", 2, size, rogue, 1), 0);
    return u;
}

static void test_a_genuine_update(void **state) {
    net_signing_key key;
    net_manifest m;
    uint8_t digest[NET_DIGEST_SIZE];
    (void)state;
    cloud_update *u = made(5000, CLOUD_ROGUE_NONE);
    assert_int_equal(cloud_update_key(1, &key), 0);
    assert_int_equal(net_manifest_read(u->manifest, sizeof u->manifest, &m), 0);
    assert_int_equal(net_manifest_check(u->manifest, key.public), 0);
    assert_int_equal(m.version, 2);
    assert_int_equal(m.size, 5000);
    assert_string_equal(m.model, "thermostat");
    assert_int_equal(net_digest_of(u->image, u->size, digest), 0);
    assert_memory_equal(digest, m.digest, sizeof digest);
    cloud_update *again = made(5000, CLOUD_ROGUE_NONE);
    assert_memory_equal(again->image, u->image, 5000);
    assert_memory_equal(again->manifest, u->manifest, sizeof u->manifest);
    cloud_update_free(again);
    cloud_update_free(u);
    cloud_update_free(NULL);
}

/* Each byte of a manifest counts. */
static void test_changed_manifests(void **state) {
    net_signing_key key;
    net_manifest m;
    (void)state;
    cloud_update *u = made(100, CLOUD_ROGUE_NONE);
    assert_int_equal(cloud_update_key(1, &key), 0);
    for (size_t i = 0; i < sizeof u->manifest; i++) {
        u->manifest[i] ^= 0x10;
        bool refused = net_manifest_read(u->manifest, sizeof u->manifest, &m) == SIM_EPARSE ||
                       net_manifest_check(u->manifest, key.public) == SIM_EAUTH;
        if (!refused) fail_msg("byte %zu", i);
        u->manifest[i] ^= 0x10;
    }
    for (size_t n = 0; n < sizeof u->manifest; n++)
        assert_int_equal(net_manifest_read(u->manifest, n, &m), SIM_EPARSE);
    cloud_update_free(u);
}

static void test_what_is_no_manifest(void **state) {
    static const struct {
        size_t at, n;
        uint8_t byte;
    } rows[] = {
        {0, 4, 'x'},     /* not ours */
        {4, 4, 0},       /* no version */
        {8, 4, 0},       /* no image */
        {44, 24, 0},     /* no model */
        {44, 24, 'a'},   /* a model without an end */
        {44, 1, ' '},    /* with a space, */
        {44, 1, 0x7F},   /* or worse, */
        {44, 1, 0x80},   /* or not ASCII */
        {44 + 20, 1, 1}, /* something behind its end */
    };
    net_manifest m;
    (void)state;
    cloud_update *u = made(100, CLOUD_ROGUE_NONE);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t bytes[NET_MANIFEST_SIZE + 1] = {0};
        memcpy(bytes, u->manifest, sizeof u->manifest);
        assert_int_equal(net_manifest_read(bytes, NET_MANIFEST_SIZE, &m), 0);
        assert_int_equal(net_manifest_read(bytes, NET_MANIFEST_SIZE + 1, &m), SIM_EPARSE);
        memset(bytes + rows[i].at, rows[i].byte, rows[i].n);
        if (net_manifest_read(bytes, NET_MANIFEST_SIZE, &m) != SIM_EPARSE) fail_msg("row %zu", i);
    }
    cloud_update_free(u);
}

static void test_each_rogue(void **state) {
    static const struct {
        cloud_rogue rogue;
        bool authentic, whole;
        uint32_t version;
        const char *model;
    } rows[] = {
        {CLOUD_ROGUE_NONE, true, true, 2, "thermostat"},
        {CLOUD_ROGUE_WRONG_KEY, false, true, 2, "thermostat"},
        {CLOUD_ROGUE_TAMPERED, true, false, 2, "thermostat"},
        {CLOUD_ROGUE_ALTERED, false, true, 0x82, "thermostat"},
        {CLOUD_ROGUE_TRUNCATED, true, false, 2, "thermostat"},
        {CLOUD_ROGUE_OLD, true, true, 1, "thermostat"},
        {CLOUD_ROGUE_WRONG_MODEL, true, true, 2, "another-model"},
    };
    static const uint32_t sizes[] = {2, 1024, 2048, 4096, 5000};
    net_signing_key key;
    (void)state;
    assert_int_equal(sizeof rows / sizeof rows[0], CLOUD_ROGUES);
    assert_int_equal(cloud_update_key(1, &key), 0);
    for (size_t i = 0; i < CLOUD_ROGUES * 5; i++) {
        net_manifest m;
        uint8_t digest[NET_DIGEST_SIZE];
        cloud_update *u = made(sizes[i % 5], rows[i / 5].rogue);
        assert_int_equal(net_manifest_read(u->manifest, sizeof u->manifest, &m), 0);
        assert_int_equal(net_manifest_check(u->manifest, key.public) == 0, rows[i / 5].authentic);
        assert_int_equal(net_digest_of(u->image, u->size, digest), 0);
        bool whole = u->size == m.size && memcmp(digest, m.digest, sizeof digest) == 0;
        assert_int_equal(whole, rows[i / 5].whole);
        assert_int_equal(m.version, rows[i / 5].version);
        assert_int_equal(u->version, m.version);
        assert_int_equal(u->announced, 2);
        assert_string_equal(m.model, rows[i / 5].model);
        assert_string_equal(u->model, "thermostat");
        cloud_update_free(u);
    }
}

/* The blocks are the image; the last one is short, also of an image that was cut. */
static void test_blocks(void **state) {
    static const uint32_t sizes[] = {1, 1023, 1024, 1025, 4096, 5000};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        cloud_update *u = made(sizes[i], CLOUD_ROGUE_NONE);
        uint32_t got = 0, number = 0;
        const uint8_t *block;
        for (size_t n; (n = cloud_update_block(u, number, &block)) > 0; number++) {
            assert_true(n == NET_MANIFEST_BLOCK || got + n == sizes[i]);
            assert_ptr_equal(block, u->image + got);
            got += (uint32_t)n;
        }
        assert_int_equal(got, sizes[i]);
        assert_int_equal(cloud_update_block(u, UINT32_MAX, &block), 0);
        cloud_update_free(u);
        u = made(sizes[i] + 1, CLOUD_ROGUE_TRUNCATED);
        assert_true(u->size % NET_MANIFEST_BLOCK != 0 && u->size < sizes[i] + 1 && u->size > 0);
        cloud_update_free(u);
    }
}

static void test_a_list_by_model(void **state) {
    (void)state;
    cloud_update *list = made(10, CLOUD_ROGUE_NONE);
    assert_int_equal(cloud_update_add(&list, "a-name-that-is-far-too-long-for-a-manifest", 2, 10,
                                      CLOUD_ROGUE_NONE, 1),
                     0);
    assert_string_equal(cloud_update_for(list, "thermostat")->model, "thermostat");
    assert_null(cloud_update_for(list, "doorbell"));
    assert_null(cloud_update_for(NULL, "thermostat"));
    cloud_update_free(list);
}

static int make_and_free(void *context) {
    cloud_update *list = NULL;
    (void)context;
    int error = cloud_update_add(&list, "thermostat", 2, 3000, CLOUD_ROGUE_WRONG_KEY, 1);
    if (error == 0) error = cloud_update_add(&list, "doorbell", 2, 3000, CLOUD_ROGUE_TRUNCATED, 1);
    cloud_update_free(list);
    return error;
}

static void test_every_allocation_fails(void **state) {
    (void)state;
    assert_true(fail_every_allocation(make_and_free, NULL) >= 2);
}

/* ---- the front ---- */

static uint8_t ask(front_world *w, const char *path, const char *query, uint8_t method) {
    const net_coap_request r = {
        .method = method, .path = path, .query = query, .format = NET_COAP_FORMAT_NONE, .tag = 77};
    w->clients[0].last.code = 0;
    assert_int_equal(front_world_request(w, 0, r), 0);
    front_world_for(w, SIM_SECOND);
    return w->clients[0].last.code;
}

static void test_what_the_front_answers(void **state) {
    static const struct {
        const char *path, *query;
        uint8_t method, code;
        size_t size;
    } rows[] = {
        {"fw/thermostat", NULL, NET_COAP_GET, NET_COAP_CONTENT, NET_MANIFEST_SIZE},
        {"fw/thermostat", "v=2&block=0", NET_COAP_GET, NET_COAP_CONTENT, NET_MANIFEST_BLOCK},
        {"fw/thermostat", "v=2&block=1", NET_COAP_GET, NET_COAP_CONTENT, 476},
        {"fw/thermostat", "v=2&block=2", NET_COAP_GET, NET_COAP_NOT_FOUND, 0},
        {"fw/thermostat", "v=2&block=4294967295", NET_COAP_GET, NET_COAP_NOT_FOUND, 0},
        {"fw/thermostat", "v=3&block=0", NET_COAP_GET, NET_COAP_NOT_FOUND, 0},
        {"fw/thermostat", "v=2&block=4294967296", NET_COAP_GET, NET_COAP_BAD_REQUEST, 0},
        {"fw/thermostat", "v=2&block=99999999999999999999999", NET_COAP_GET, NET_COAP_BAD_REQUEST,
         0},
        {"fw/thermostat", "v=2&block=-1", NET_COAP_GET, NET_COAP_BAD_REQUEST, 0},
        {"fw/thermostat", "v=2&block=", NET_COAP_GET, NET_COAP_BAD_REQUEST, 0},
        {"fw/thermostat", "v=2&block=1&x", NET_COAP_GET, NET_COAP_BAD_REQUEST, 0},
        {"fw/thermostat", "block=1", NET_COAP_GET, NET_COAP_BAD_REQUEST, 0},
        {"fw/thermostat", NULL, NET_COAP_POST, NET_COAP_METHOD_NOT_ALLOWED, 0},
        {"fw/doorbell", NULL, NET_COAP_GET, NET_COAP_NOT_FOUND, 0},
    };
    (void)state;
    front_world *w = front_world_new(true, 1, 8);
    cloud_update *u = made(1500, CLOUD_ROGUE_NONE);
    assert_non_null(w);
    assert_int_equal(front_world_connect(w, 0, false), 0);
    front_world_for(w, 5 * SIM_SECOND);
    assert_int_equal(front_world_register(w, 0), 0);
    front_world_for(w, SIM_SECOND);
    assert_int_equal(ask(w, "fw/thermostat", NULL, NET_COAP_GET),
                     NET_COAP_NOT_FOUND); /* nothing is offered */
    w->update = u;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t code = ask(w, rows[i].path, rows[i].query, rows[i].method);
        if (code != rows[i].code ||
            (code == NET_COAP_CONTENT && w->clients[0].last.payload_size != rows[i].size))
            fail_msg("row %zu: %u, %zu bytes", i, code, w->clients[0].last.payload_size);
    }
    /* a channel of its own: what the set-point says is the set-point */
    assert_int_equal(ask(w, "s/bs-00000000", NULL, NET_COAP_GET), NET_COAP_CONTENT);
    assert_string_equal(w->clients[0].text, "20.00");
    assert_int_equal(ask(w, "c/bs-00000000", NULL, NET_COAP_GET), NET_COAP_CONTENT);
    assert_string_equal(w->clients[0].text, "set-point 20.00\nfirmware 2");
    assert_int_equal(ask(w, "c/bs-00000001", NULL, NET_COAP_GET), NET_COAP_FORBIDDEN);
    assert_int_equal(ask(w, "c/bs-00000000", NULL, NET_COAP_PUT), NET_COAP_METHOD_NOT_ALLOWED);
    w->update = NULL;
    assert_int_equal(ask(w, "c/bs-00000000", NULL, NET_COAP_GET), NET_COAP_CONTENT);
    assert_string_equal(w->clients[0].text, "set-point 20.00");
    w->update = u;
    assert_int_equal(w->service.counts.manifests_sent, 1);
    assert_int_equal(w->service.counts.blocks_sent, 2);
    w->fate = CLOUD_FATE_BUSY;
    assert_int_equal(ask(w, "fw/thermostat", NULL, NET_COAP_GET), NET_COAP_SERVICE_UNAVAILABLE);
    front_world_free(w);
    cloud_update_free(u);
}

/* Nobody in particular is offered nothing. */
static void test_strangers_are_told_nothing(void **state) {
    (void)state;
    front_world *w = front_world_new(false, 1, 8);
    cloud_update *u = made(1500, CLOUD_ROGUE_NONE);
    assert_non_null(w);
    w->update = u;
    assert_int_equal(front_world_connect(w, 0, false), 0);
    assert_int_equal(ask(w, "fw/thermostat", NULL, NET_COAP_GET), NET_COAP_NOT_FOUND);
    front_world_free(w);
    cloud_update_free(u);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_genuine_update),
        cmocka_unit_test(test_changed_manifests),
        cmocka_unit_test(test_what_is_no_manifest),
        cmocka_unit_test(test_each_rogue),
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_a_list_by_model),
        cmocka_unit_test(test_every_allocation_fails),
        cmocka_unit_test(test_what_the_front_answers),
        cmocka_unit_test(test_strangers_are_told_nothing),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
