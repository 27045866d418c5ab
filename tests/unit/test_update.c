/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The update of one device, against a peer made by hand: what it installs, what it refuses, and
 * what power cuts at any moment leave. */
#include "devices/update.h"

#include <stdio.h>
#include <stdlib.h>

#include "devices/thermostat.h"
#include "sim/cloud/update.h"
#include "tests/unit/device_bench.h"

static int set_up(void **state) {
    (void)state;
    return net_secure_startup();
}

static int tear_down(void **state) {
    (void)state;
    net_secure_cleanup();
    return 0;
}

/* ---- a device and its cloud ---- */

enum { IMAGE = 3000 };

typedef struct lab {
    bench b; /* first: the peer's answers find the lab by it */
    dev_update update;
    net_signing_key key;
    cloud_update *offer;    /* NULL: none */
    bench_reply interposed; /* instead of the manifest or block, once; code 0: none */
    bool silent;            /* about firmware */
    size_t manifests, blocks;
    char notice[40];
} lab;

static bench_reply octets(const uint8_t *bytes, size_t n) {
    return (bench_reply){.code = NET_COAP_CONTENT,
                         .max_age = -1,
                         .text = (const char *)bytes,
                         .text_size = n,
                         .format = 42};
}

static bench_reply firmware(lab *l, const bench_request *r) {
    const bench_reply none = {.code = NET_COAP_NOT_FOUND, .max_age = -1};
    const uint8_t *block = NULL;
    unsigned version, number;
    if (l->interposed.code != 0) {
        bench_reply once = l->interposed;
        l->interposed.code = 0;
        return once;
    }
    if (l->offer == NULL) return none;
    if (r->query[0] == '\0') {
        l->manifests++;
        return octets(l->offer->manifest, sizeof l->offer->manifest);
    }
    assert_int_equal(sscanf(r->query, "v=%u&block=%u", &version, &number), 2);
    size_t n = version == l->offer->version ? cloud_update_block(l->offer, number, &block) : 0;
    if (n == 0) return none;
    l->blocks++;
    return octets(block, n);
}

static bench_reply lab_answer(bench *b, const bench_request *r) {
    lab *l = (lab *)b;
    if (strcmp(r->path, "fw/thermostat") == 0)
        return l->silent ? (bench_reply){.silent = true} : firmware(l, r);
    if (!r->observe || l->offer == NULL) return bench_answer(b, r);
    snprintf(l->notice, sizeof l->notice, "set-point 20.5\nfirmware %u", l->offer->announced);
    return (bench_reply){.code = NET_COAP_CONTENT, .max_age = -1, .text = l->notice};
}

static void lab_init(lab *l, uint64_t seed) {
    *l = (lab){0};
    bench_init(&l->b, seed);
    l->b.profile.updates = true;
    l->b.answer = lab_answer;
    assert_int_equal(cloud_update_key(1, &l->key), 0);
    l->b.world.update_key = l->key.public;
    dev_update_init(&l->update, &l->b.device, seed);
}

static void lab_deinit(lab *l) {
    bench_deinit(&l->b);
    cloud_update_free(l->offer);
}

static void offer(lab *l, uint32_t version, cloud_rogue rogue) {
    cloud_update_free(l->offer);
    l->offer = NULL;
    assert_int_equal(cloud_update_add(&l->offer, "thermostat", version, IMAGE, rogue, 1), 0);
}

static void tell(lab *l) {
    snprintf(l->notice, sizeof l->notice, "set-point 21.5\nfirmware %u", l->offer->announced);
    bench_notify(&l->b, l->notice);
}

static void bring_online(lab *l) {
    bench_power(&l->b, true);
    bench_set_link(&l->b, true);
    bench_run_to(&l->b, DEV_STATE_ONLINE);
    bench_run(&l->b, SIM_SECOND);
    assert_int_equal(l->b.device.state, DEV_STATE_ONLINE);
}

static void expect_firmware(const lab *l, uint32_t version, uint32_t failures) {
    assert_int_equal(dev_update_version(&l->b.device), version);
    assert_int_equal(dev_update_failures(&l->b.device), failures);
}

/* ---- what it does ---- */

static void test_told_it_installs_and_restarts(void **state) {
    lab l;
    (void)state;
    lab_init(&l, 1);
    bring_online(&l);
    offer(&l, 2, CLOUD_ROGUE_NONE);
    tell(&l);
    size_t changes = l.b.change_count;
    bench_run(&l.b, 20 * SIM_SECOND);
    expect_firmware(&l, 2, 0);
    assert_int_equal(l.manifests, 1);
    assert_int_equal(l.blocks, 3);
    assert_int_equal(l.b.changes[changes].to, DEV_STATE_OFF);
    assert_int_equal(l.b.changes[changes + 1].to, DEV_STATE_BOOTING);
    assert_true(l.b.changes[changes].at >= DEV_UPDATE_VERIFY + DEV_UPDATE_INSTALL);
    /* of the new registration's first answer */
    assert_true(dev_thermostat_of(&l.b.device)->thermal.set_point_c == 20.5F);
    assert_int_equal(l.update.state, DEV_UPDATE_IDLE);
    bench_run_to(&l.b, DEV_STATE_ONLINE);
    bench_run(&l.b, SIM_HOUR); /* told of what it runs: nothing more happens */
    assert_int_equal(l.manifests, 1);
    assert_int_equal(l.update.installs, 1);
    lab_deinit(&l);
}

static void test_it_is_told_when_it_comes_online(void **state) {
    lab l;
    (void)state;
    lab_init(&l, 1);
    offer(&l, 5, CLOUD_ROGUE_NONE);
    bring_online(&l);
    bench_run(&l.b, SIM_MINUTE);
    expect_firmware(&l, 5, 0);
    lab_deinit(&l);
}

static void test_over_dtls(void **state) {
    lab l;
    (void)state;
    lab_init(&l, 1);
    bench_secure(&l.b);
    offer(&l, 5, CLOUD_ROGUE_NONE);
    bring_online(&l);
    bench_run(&l.b, SIM_MINUTE);
    expect_firmware(&l, 5, 0);
    lab_deinit(&l);
}

static void test_each_rogue_is_refused(void **state) {
    (void)state;
    for (int rogue = CLOUD_ROGUE_NONE + 1; rogue < CLOUD_ROGUES; rogue++) {
        for (int unverified = 0; unverified <= 1; unverified++) {
            lab l;
            lab_init(&l, 1);
            l.b.profile.unverified = unverified == 1;
            l.update.version = 2;
            bring_online(&l);
            offer(&l, 3, (cloud_rogue)rogue);
            tell(&l);
            bench_run(&l.b, SIM_SECOND);
            if (rogue == CLOUD_ROGUE_WRONG_KEY) assert_int_equal(l.blocks > 0, unverified == 1);
            bench_run(&l.b, 20 * SIM_SECOND);
            expect_firmware(&l, unverified == 0 ? 2 : l.offer->version, unverified == 0 ? 1 : 0);
            lab_deinit(&l);
        }
    }
}

/* The current version under another name is a replay; found by asking on one's own account it is
 * just what runs. */
static void test_the_version_that_runs(void **state) {
    lab l;
    (void)state;
    lab_init(&l, 1);
    bring_online(&l);
    offer(&l, 3, CLOUD_ROGUE_OLD);
    tell(&l);
    bench_run(&l.b, 5 * SIM_SECOND);
    expect_firmware(&l, 1, 1);
    lab_deinit(&l);
    lab_init(&l, 1);
    l.b.profile.check_every = SIM_HOUR;
    l.b.profile.follows = false;
    offer(&l, 3, CLOUD_ROGUE_OLD);
    bring_online(&l);
    bench_run(&l.b, 2 * SIM_HOUR);
    assert_true(l.manifests >= 1);
    expect_firmware(&l, 1, 0);
    lab_deinit(&l);
}

/* ---- power ---- */

static void test_a_power_cut_at_any_moment(void **state) {
    int torn = 0, old = 0;
    (void)state;
    for (sim_time after = 0; after < 4 * SIM_SECOND; after += 70 * SIM_MILLISECOND) {
        lab l;
        lab_init(&l, 1);
        bring_online(&l);
        offer(&l, 2, CLOUD_ROGUE_NONE);
        tell(&l);
        bench_run(&l.b, after);
        bench_power(&l.b, false);
        bench_run(&l.b, SIM_SECOND);
        assert_true(l.update.version == 1 || l.update.version == 2);
        assert_null(l.update.digest);
        assert_true(dev_update_deadline(&l.update) == SIM_NEVER);
        old += l.update.version == 1;
        torn += l.update.version == 1 && after > SIM_SECOND;
        bring_online(&l);
        bench_run(&l.b, SIM_MINUTE);
        expect_firmware(&l, 2, 0);
        lab_deinit(&l);
    }
    assert_true(old > 20 && torn > 10); /* most of them hit something */
}

static void test_a_single_slot_is_torn(void **state) {
    lab l;
    (void)state;
    lab_init(&l, 1);
    l.b.profile.single_slot = true;
    bring_online(&l);
    offer(&l, 2, CLOUD_ROGUE_NONE);
    tell(&l);
    while (l.update.state != DEV_UPDATE_INSTALLING) bench_step(&l.b);
    bench_power(&l.b, false);
    expect_firmware(&l, 0, 0);
    dev_device_power(&l.b.device, &l.b.world, &l.b.counts, l.b.wire.now, true);
    assert_int_equal(l.b.device.state, DEV_STATE_BOOTING);
    assert_true(l.b.device.step_due == SIM_NEVER); /* for good */
    lab_deinit(&l);
}

/* ---- the network, and the cloud ---- */

static void test_a_lost_session_begins_anew(void **state) {
    lab l;
    (void)state;
    for (int phase = DEV_UPDATE_CHECKING; phase <= DEV_UPDATE_INSTALLING; phase++) {
        lab_init(&l, 1);
        bring_online(&l);
        offer(&l, 2, CLOUD_ROGUE_NONE);
        tell(&l);
        while (l.update.state != phase) bench_step(&l.b);
        bench_set_link(&l.b, false);
        bool goes_on = phase == DEV_UPDATE_VERIFYING || phase == DEV_UPDATE_INSTALLING;
        assert_int_equal(l.update.state, goes_on ? phase : DEV_UPDATE_IDLE);
        bench_run(&l.b, 10 * SIM_SECOND);
        expect_firmware(&l, goes_on ? 2 : 1, 0);
        bench_set_link(&l.b, true);
        bench_run(&l.b, 2 * SIM_MINUTE);
        expect_firmware(&l, 2, 0);
        lab_deinit(&l);
    }
}

static void test_a_silent_update_service(void **state) {
    lab l;
    (void)state;
    lab_init(&l, 1);
    bring_online(&l);
    offer(&l, 2, CLOUD_ROGUE_NONE);
    l.silent = true;
    tell(&l);
    bench_run(&l.b, 5 * SIM_MINUTE);
    expect_firmware(&l, 1, 0);
    l.silent = false;
    bench_run(&l.b, 5 * SIM_MINUTE);
    expect_firmware(&l, 2, 0);
    lab_deinit(&l);
}

/* A newer offer takes the place of the one that is being fetched: what came of that is no failure.
 */
static void test_an_offer_is_replaced(void **state) {
    (void)state;
    for (int phase = DEV_UPDATE_CHECKING; phase <= DEV_UPDATE_VERIFYING; phase++) {
        lab l;
        lab_init(&l, 1);
        bring_online(&l);
        offer(&l, 2, CLOUD_ROGUE_NONE);
        tell(&l);
        while (l.update.state != phase) bench_step(&l.b);
        offer(&l, 3, CLOUD_ROGUE_NONE);
        tell(&l);
        bench_run(&l.b, SIM_MINUTE);
        expect_firmware(&l, 3, 0);
        assert_int_equal(l.update.installs, 1);
        lab_deinit(&l);
    }
}

/* Max-Age is honoured, and the return spread over as long again. */
static void test_a_busy_cloud(void **state) {
    sim_time first = SIM_NEVER, last = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= 30; seed++) {
        lab l;
        lab_init(&l, seed);
        bring_online(&l);
        offer(&l, 2, CLOUD_ROGUE_NONE);
        l.interposed = (bench_reply){.code = NET_COAP_SERVICE_UNAVAILABLE, .max_age = 30};
        tell(&l);
        sim_time told = l.b.wire.now;
        while (l.manifests == 0 && l.b.wire.now < told + SIM_HOUR) bench_step(&l.b);
        sim_time pause = l.b.wire.now - told;
        assert_true(pause >= 30 * SIM_SECOND && pause <= 61 * SIM_SECOND);
        first = sim_time_min(first, pause);
        last = sim_time_max(last, pause);
        bench_run(&l.b, SIM_MINUTE);
        expect_firmware(&l, 2, 0);
        lab_deinit(&l);
    }
    assert_true(last - first > 15 * SIM_SECOND);
}

static void test_nothing_there_is_no_failure(void **state) {
    lab l;
    (void)state;
    lab_init(&l, 1);
    bring_online(&l);
    bench_notify(&l.b, "set-point 20.0\nfirmware 9");
    bench_run(&l.b, SIM_MINUTE);
    expect_firmware(&l, 1, 0);
    assert_int_equal(l.update.state, DEV_UPDATE_IDLE);
    assert_true(dev_thermostat_of(&l.b.device)->thermal.set_point_c == 20.0F);
    lab_deinit(&l);
}

/* ---- asking on one's own account ---- */

static void test_checks_have_a_period_and_a_phase(void **state) {
    sim_time first = SIM_NEVER, last = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        lab l;
        lab_init(&l, seed);
        l.b.profile.follows = false;
        l.b.profile.check_every = SIM_HOUR;
        bring_online(&l);
        sim_time boot = l.b.wire.now;
        bench_run(&l.b, SIM_HOUR);
        size_t asked = 0;
        for (size_t i = 0; i < l.b.request_count && i < 256; i++) {
            if (strcmp(l.b.requests[i].path, "fw/thermostat") != 0) continue;
            asked++;
            first = sim_time_min(first, l.b.requests[i].at - boot);
            last = sim_time_max(last, l.b.requests[i].at - boot);
        }
        assert_int_equal(asked, 1);
        offer(&l, 2, CLOUD_ROGUE_NONE);
        bench_run(&l.b, SIM_HOUR + SIM_MINUTE);
        expect_firmware(&l, 2, 0);
        lab_deinit(&l);
    }
    assert_true(last - first > 30 * SIM_MINUTE);
}

static void test_a_missed_check_is_made_later(void **state) {
    lab l;
    (void)state;
    lab_init(&l, 1);
    l.b.profile.follows = false;
    l.b.profile.check_every = SIM_HOUR;
    bring_online(&l);
    bench_set_link(&l.b, false);
    bench_run(&l.b, SIM_HOUR);
    offer(&l, 2, CLOUD_ROGUE_NONE);
    bench_set_link(&l.b, true);
    bench_run(&l.b, SIM_MINUTE);
    expect_firmware(&l, 2, 0);
    lab_deinit(&l);
}

/* ---- what it reports ---- */

static double reported(const lab *l, const char *name) {
    const bench_request *r = &l->b.requests[l->b.request_count - 1];
    net_senml_pack pack;
    assert_string_equal(r->path, "t");
    assert_int_equal(net_senml_read(r->payload, r->payload_size, &pack), 0);
    for (size_t i = 0; i < pack.count; i++) {
        const char *at = strstr(pack.records[i].name, name);
        if (at != NULL && strcmp(at, name) == 0) return pack.records[i].value;
    }
    return -1;
}

static void run_to_report(lab *l) {
    size_t reports = l->b.reported_count;
    while (l->b.reported_count == reports) bench_step(&l->b);
}

static void test_reports_name_version_and_failures(void **state) {
    lab l;
    (void)state;
    lab_init(&l, 1);
    bring_online(&l);
    run_to_report(&l);
    assert_true(reported(&l, "_firmware") == 1 && reported(&l, "_update-failures") == 0);
    for (int attack = 0; attack < 2; attack++) {
        offer(&l, 3, CLOUD_ROGUE_WRONG_KEY);
        tell(&l);
        bench_run(&l.b, SIM_SECOND);
    }
    run_to_report(&l);
    assert_true(reported(&l, "_firmware") == 1 && reported(&l, "_update-failures") == 2);
    run_to_report(&l);
    assert_true(reported(&l, "_update-failures") == 0); /* since the last report */
    offer(&l, 3, CLOUD_ROGUE_NONE);
    tell(&l);
    bench_run(&l.b, 30 * SIM_SECOND);
    run_to_report(&l);
    assert_true(reported(&l, "_firmware") == 3);
    lab_deinit(&l);
}

/* ---- what is hostile ---- */

static void test_notices(void **state) {
    static const struct {
        const char *text;
        uint32_t version;
        const char *left; /* for the set-point */
    } rows[] = {
        {"set-point 21.50\nfirmware 2", 2, "21.50"},
        {"set-point 21.50\nfirmware 4294967295", 4294967295, "21.50"},
        {"firmware 7\nset-point 3", 7, "3"},
        {"lamp on\nfirmware 7\nlock\n", 7, "lamp on\nfirmware 7\nlock\n"},
        {"firmware 7", 7, "firmware 7"},
        {"set-point \nfirmware 2\n", 2, ""},
        {"firmware 2\nfirmware 3", 2, "firmware 2\nfirmware 3"},
        {"set-point 21.50\nfirmware 4294967296", 0, "21.50"},
        {"set-point 21.50\nfirmware 0", 0, "21.50"},
        {"set-point 21.50\nfirmware ", 0, "21.50"},
        {"set-point 21.50\nfirmware", 0, "21.50"},
        {"set-point 21.50\nfirmware 2 ", 0, "21.50"},
        {"set-point 21.50\nfirmware -2", 0, "21.50"},
        {"set-point 21.50\n firmware 2", 0, "21.50"},
        {"set-point 21.50\nfirmware 99999999999999999999999999", 0, "21.50"},
        {"xset-point 21.50\nxfirmware 2", 0, "xset-point 21.50\nxfirmware 2"},
        {"21.50 fw=2", 0, "21.50 fw=2"},
        {"21.50", 0, "21.50"},
        {"\n\n\n", 0, "\n\n\n"},
        {"", 0, ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        net_answer r = {.tag = 3, /* of what it follows */
                        .body = (const uint8_t *)rows[i].text,
                        .size = strlen(rows[i].text)};
        assert_int_equal(dev_update_take_notice(&r), rows[i].version);
        assert_int_equal(r.size, strlen(rows[i].left));
        assert_memory_equal(r.body, rows[i].left, r.size);
        r = (net_answer){.tag = 2, .body = (const uint8_t *)"firmware 2", .size = 10};
        assert_int_equal(dev_update_take_notice(&r), 0);
    }
}

static void test_hostile_answers(void **state) {
    static uint8_t junk[1100]; /* a larger answer never arrives: libcoap throws it away */
    sim_stream draw = sim_stream_for(1, SIM_PURPOSE_SCRIPT, 1);
    (void)state;
    for (int i = 0; i < 400; i++) {
        lab l;
        lab_init(&l, 1);
        bring_online(&l);
        offer(&l, 2, CLOUD_ROGUE_NONE);
        size_t n = sim_stream_below(&draw, 3) == 0 ? sim_stream_below(&draw, sizeof junk)
                                                   : NET_MANIFEST_SIZE;
        sim_stream_bytes(&draw, junk, sizeof junk);
        if (i % 2 == 0) memcpy(junk, l.offer->manifest, sizeof l.offer->manifest);
        junk[sim_stream_below(&draw, NET_MANIFEST_SIZE)] ^=
            (uint8_t)(1 + sim_stream_below(&draw, 255));
        l.interposed = octets(junk, n);
        tell(&l);
        if (i % 4 >= 2) { /* a block instead of the manifest */
            l.interposed.code = 0;
            while (l.update.state != DEV_UPDATE_DOWNLOADING) bench_step(&l.b);
            l.interposed = octets(junk, n);
        }
        bench_run(&l.b, 10 * SIM_SECOND);
        expect_firmware(&l, 1, 1);
        lab_deinit(&l);
    }
}

/* Lack of memory may delay an update, but it is never taken for a forgery, and it leaks nothing. */
static void test_every_allocation_fails(void **state) {
    long n = 0;
    (void)state;
    for (bool happened = true; happened; n++) {
        const sim_heap_use before = sim_heap_in_use();
        lab l;
        lab_init(&l, 1);
        bring_online(&l);
        offer(&l, 2, CLOUD_ROGUE_NONE);
        tell(&l);
        sim_heap_fail(n, false);
        bench_run(&l.b, 20 * SIM_SECOND);
        happened = sim_heap_fail_never();
        assert_int_equal(l.update.failures, 0);
        bench_run(&l.b, 10 * SIM_MINUTE);
        assert_true(l.update.version == 1 || l.update.version == 2);
        lab_deinit(&l);
        const sim_heap_use after = sim_heap_in_use();
        assert_int_equal(after.blocks, before.blocks);
        assert_int_equal(after.bytes, before.bytes);
    }
    assert_true(n > 10);
}

static void test_profiles(void **state) {
    lab l;
    (void)state;
    lab_init(&l, 1);
    assert_null(dev_profile_wrong(&l.b.profile));
    l.b.profile.follows = false;
    assert_non_null(dev_profile_wrong(&l.b.profile)); /* it would never hear of any */
    l.b.profile.check_every = SIM_DAY;
    assert_null(dev_profile_wrong(&l.b.profile));
    l.b.profile.check_every = -1;
    assert_non_null(dev_profile_wrong(&l.b.profile));
    l.b.device.update = NULL;
    expect_firmware(&l, 1, 0);
    lab_deinit(&l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_told_it_installs_and_restarts),
        cmocka_unit_test(test_it_is_told_when_it_comes_online),
        cmocka_unit_test(test_over_dtls),
        cmocka_unit_test(test_each_rogue_is_refused),
        cmocka_unit_test(test_the_version_that_runs),
        cmocka_unit_test(test_a_power_cut_at_any_moment),
        cmocka_unit_test(test_a_single_slot_is_torn),
        cmocka_unit_test(test_a_lost_session_begins_anew),
        cmocka_unit_test(test_a_silent_update_service),
        cmocka_unit_test(test_an_offer_is_replaced),
        cmocka_unit_test(test_a_busy_cloud),
        cmocka_unit_test(test_nothing_there_is_no_failure),
        cmocka_unit_test(test_checks_have_a_period_and_a_phase),
        cmocka_unit_test(test_a_missed_check_is_made_later),
        cmocka_unit_test(test_reports_name_version_and_failures),
        cmocka_unit_test(test_notices),
        cmocka_unit_test(test_hostile_answers),
        cmocka_unit_test(test_every_allocation_fails),
        cmocka_unit_test(test_profiles),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
