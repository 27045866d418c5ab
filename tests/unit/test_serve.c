/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The real world end to end on loopback: a run against the built-in cloud served for real, in a
 * thread of its own. */
/* test-labels: threads waits test-cost: 25 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/real_socket.h"
#include "sim/judge/checks.h"
#include "sim/run/clock.h"
#include "sim/run/count.h"
#include "sim/run/drill.h"
#include "sim/run/judging.h"
#include "sim/run/options.h"
#include "sim/run/progress.h"
#include "sim/run/run.h"
#include "sim/run/run_private.h"
#include "sim/run/target.h"
#include "sim/serve/serve.h"
#include "tests/support/small_fleet.h"
#include "tests/support/strikes.h"
#include "tests/unit/with_cmocka.h"

static volatile sig_atomic_t stop_serving;

static void on_signal(int number) {
    (void)number;
    stop_serving = 1;
}

static int set_up(void **state) {
    const struct sigaction action = {.sa_handler = on_signal};
    (void)state;
    return sigaction(SIGUSR1, &action, NULL) != 0 ? -1 : net_secure_startup();
}

static int tear_down(void **state) {
    (void)state;
    net_secure_cleanup();
    return 0;
}

/* ---- a server ---- */

typedef struct served {
    serve_options options;
    serve_totals last;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t told;
    bool ready, over;
    int error;
    char why[256];
} served;

static void on_ready(void *context) {
    served *s = context;
    pthread_mutex_lock(&s->lock);
    s->ready = true;
    pthread_cond_signal(&s->told);
    pthread_mutex_unlock(&s->lock);
}

static void on_totals(void *context, const serve_totals *t) {
    ((served *)context)->last = *t;
}

static void *serve(void *argument) {
    served *s = argument;
    s->error = serve_for_real(&s->options, s->why, sizeof s->why);
    pthread_mutex_lock(&s->lock);
    s->over = true;
    pthread_cond_signal(&s->told);
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

/* A port that is free now. */
static net_address free_port(const char *host) {
    net_address a;
    struct sockaddr_storage name;
    socklen_t length = sizeof name;
    assert_int_equal(net_address_parse(host, "127.0.0.1", &a), 0);
    int fd = net_real_open(&a);
    assert_true(fd >= 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &length), 0);
    (void)close(fd);
    return net_real_from_kernel(&name);
}

static bool begin(served *s, const serve_options *options) {
    stop_serving = 0;
    *s = (served){.options = *options};
    s->options.ready = on_ready;
    s->options.totals = on_totals;
    s->options.context = s;
    s->options.stop = &stop_serving;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->told, NULL);
    assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
    pthread_mutex_lock(&s->lock);
    while (!s->ready && !s->over) pthread_cond_wait(&s->told, &s->lock);
    bool ready = s->ready;
    pthread_mutex_unlock(&s->lock);
    return ready;
}

/* The serving thread sets its own flag, as a signal handler does. */
static void end(served *s) {
    (void)pthread_kill(s->thread, SIGUSR1);
    pthread_join(s->thread, NULL);
    pthread_cond_destroy(&s->told);
    pthread_mutex_destroy(&s->lock);
}

static serve_options serving(void) {
    return (serve_options){.coap = free_port("127.0.0.1:0"),
                           .coaps = free_port("127.0.0.1:0"),
                           .limits = cloud_limits_default,
                           .accept_derived = true,
                           .seed = 4};
}

/* ---- a run against it ---- */

static run_target target; /* of the run at hand */

static run_options aiming(const net_address *at, bool secure) {
    target = (run_target){
        .protocol = &net_protocol_coap, .secure = secure, .address = *at, .text = "test"};
    return (run_options){.seed = 4, .threads = 1, .target = &target};
}

static void spread_sources(void) {
    net_address prefix;
    assert_int_equal(net_address_parse("127.16.0.0:0", "127.0.0.1", &prefix), 0);
    memcpy(target.source_prefix, prefix.ip, 16);
    target.source_bits = 108;
}

static void spec_of(fleet_spec *spec, uint32_t homes) {
    small_fleet_spec(spec, homes, 10, 500, false);
    fleet_zone *z = &spec->zones[0];
    dev_profile *d = &z->groups[0].profile;
    z->uplink = z->backhaul = (net_hop_settings){0};
    z->start_over = 300 * SIM_MILLISECOND;
    z->router_boot_minimum = z->router_boot_maximum = 50 * SIM_MILLISECOND;
    d->boot_minimum = d->boot_maximum = 10 * SIM_MILLISECOND;
    d->report_every = 300 * SIM_MILLISECOND;
    d->law.base = 200 * SIM_MILLISECOND;
    d->connect_limit = 20 * SIM_SECOND; /* an attempt that is slow is still one */
}

/* Until all are online (`patience` at most), then a second more. */
/* Waits end with what they wait for: only a machine that has next to no time takes it all. */
static const sim_time plenty = SIM_MINUTE;

typedef struct visit {
    sim_time patience;
    int step;
    bool met;
    bool cut; /* and a power cut in between */
    uint64_t online;
} visit;

static int visit_resume(void *context, run *r, bool met, run_wait *next) {
    static const fleet_selection all = {.zone = UINT32_MAX};
    visit *v = context;
    *next =
        (run_wait){.kind = RUN_WAIT_ONLINE, .until = run_now(r) + v->patience, .online_share = 1};
    switch (v->step++) {
        case 0:
            return 0;
        case 1:
            v->met = met;
            *next = (run_wait){.kind = RUN_WAIT_UNTIL, .until = run_now(r) + SIM_SECOND};
            return v->cut ? strike_power(r, &all, false, NULL) : 0;
        case 2:
            v->online = run_online(r);
            if (!v->cut) break;
            return strike_power(r, &all, true, "power restore");
        case 3:
            v->met = v->met && met;
            break;
        default:
            break;
    }
    next->kind = RUN_WAIT_DONE;
    return 0;
}

static run *visit_run(const fleet_spec *spec, const run_options *options, visit *v) {
    const run_drill drill = {.context = v, .resume = visit_resume};
    char why[256];
    int code;
    run *r = run_new(spec, options, why, sizeof why, &code);
    if (r == NULL) fail_msg("%s", why);
    if (run_drive(r, &drill) != 0) fail_msg("%s", run_why(r));
    return r;
}

static fleet_credential shared_key(void) {
    fleet_credential c = {.identity = "fleet", .key_size = 6};
    memcpy(c.key, "secret", 6);
    return c;
}

static void everybody_comes(bool secure, bool registers, bool prefix, bool cut) {
    const fleet_credential key = shared_key();
    serve_options so = serving();
    served s;
    fleet_spec spec;
    visit v = {.patience = plenty, .cut = cut};
    judge_finding finding;
    so.credentials = &key;
    so.credential_count = 1;
    assert_true(begin(&s, &so));
    run_options o = aiming(secure ? &so.coaps : &so.coap, secure);
    if (secure) {
        o.credentials = &key;
        o.credential_count = 1;
    }
    if (prefix) spread_sources();
    spec_of(&spec, 10);
    if (!registers) spec.zones[0].groups[0].profile.link.register_topic = NULL;
    run *r = visit_run(&spec, &o, &v);
    end(&s);
    assert_int_equal(s.error, 0);
    assert_true(v.met); /* all of them at once, under one identity */
    assert_int_equal(v.online, cut ? 0 : 40);
    assert_int_equal(run_online(r), 40);
    assert_int_equal(run_judge(r, &judge_check_answered, &(double){0.99}, &finding), 0);
    if (!cut && finding.verdict != JUDGE_PASS) print_error("%s\n", finding.sentence);
    /* A machine that is too busy for a verdict is told so. */
    if (!cut)
        assert_int_equal(finding.verdict,
                         run_generator_late(r) != NULL ? JUDGE_INCONCLUSIVE : JUDGE_PASS);
    assert_true(s.last.reports >= 40);
    assert_int_equal(s.last.malformed, 0);
    assert_int_equal(s.last.registered, cut ? 80 : 40);
    assert_int_equal(run_merge_attempts(r), 0);
    assert_int_equal(r->attempts.count, cut ? 80 : 40);
    for (size_t i = 0; i < r->attempts.count; i++)
        assert_int_equal(r->attempts.items[i].outcome, RECORD_OUTCOME_ONLINE);
    /* An answer may be on its way to a connection that a power cut has just ended. */
    if (!cut) assert_int_equal(r->wire_count.strangers, 0);
    run_free(r);
}

static void test_plain(void **state) {
    (void)state;
    everybody_comes(false, true, false, false);
    everybody_comes(false, false, false, false);
}

static void test_secure(void **state) {
    (void)state;
    everybody_comes(true, true, false, false);
}

static void test_secure_from_a_prefix(void **state) {
    (void)state;
    everybody_comes(true, true, true, true);
}

/* Each with a key of its own: derived at both ends from the same seed; and with another seed nobody
 * gets in. */
static void own_keys(uint64_t seed_there, bool come) {
    static fleet_credential list[40];
    fleet_credentials derived;
    serve_options so = serving();
    served s;
    fleet_spec spec;
    visit v = {.patience = come ? plenty : SIM_SECOND};
    run_options o = aiming(&so.coaps, true);
    assert_int_equal(fleet_credentials_init(&derived, 4, NULL, 0), 0);
    for (uint32_t i = 0; i < 40; i++)
        list[i].key_size = fleet_credentials_of(&derived, i, list[i].identity, list[i].key);
    fleet_credentials_deinit(&derived);
    so.seed = seed_there;
    assert_true(begin(&s, &so));
    o.credentials = list;
    o.credential_count = 40;
    spec_of(&spec, 10);
    run *r = visit_run(&spec, &o, &v);
    end(&s);
    assert_int_equal(v.met, come);
    assert_int_equal(run_online(r), come ? 40 : 0);
    assert_int_equal(s.last.registered, come ? 40 : 0);
    if (!come) assert_true(r->attempts.count + r->streets[0].edge.attempts.count > 0);
    run_free(r);
}

static void test_own_keys(void **state) {
    (void)state;
    own_keys(4, true);
    own_keys(5, false);
}

static void test_ipv6(void **state) {
    (void)state;
    net_address at;
    assert_int_equal(net_address_parse("[::1]:0", "127.0.0.1", &at), 0);
    int fd = net_real_open(&at);
    if (fd < 0) skip();
    (void)close(fd);
    const fleet_credential key = shared_key();
    serve_options so = serving();
    served s;
    fleet_spec spec;
    visit v = {.patience = plenty};
    so.coaps = free_port("[::1]:0");
    so.coap.port = 0; /* only one door */
    so.credentials = &key;
    so.credential_count = 1;
    assert_true(begin(&s, &so));
    run_options o = aiming(&so.coaps, true);
    o.credentials = &key;
    o.credential_count = 1;
    spec_of(&spec, 5);
    run *r = visit_run(&spec, &o, &v);
    end(&s);
    assert_true(v.met);
    run_free(r);
}

/* The capacity model holds in the real world, too. */
static void test_over_capacity(void **state) {
    (void)state;
    serve_options so = serving();
    served s;
    fleet_spec spec;
    visit v = {.patience = 2 * SIM_SECOND};
    so.limits.connections_per_s = 5;
    so.limits.connection_queue = 2;
    assert_true(begin(&s, &so));
    run_options o = aiming(&so.coap, false);
    spec_of(&spec, 10);
    run *r = visit_run(&spec, &o, &v);
    end(&s);
    assert_false(v.met);
    assert_true(s.last.over_capacity > 0);
    assert_true(run_online(r) > 3 && run_online(r) < 30);
    run_free(r);
}

static void test_a_wait_for_service(void **state) {
    (void)state;
    serve_options so = serving();
    served s;
    fleet_spec spec;
    visit v = {.patience = plenty};
    so.limits.connections_per_s = 40; /* 40 devices in 0.3 s: the last waits 0.7 s */
    so.limits.connection_queue = 100;
    assert_true(begin(&s, &so));
    run_options o = aiming(&so.coap, false);
    spec_of(&spec, 10);
    run *r = visit_run(&spec, &o, &v);
    end(&s);
    assert_true(v.met);
    assert_int_equal(s.last.over_capacity, 0);
    run_free(r);
    /* Closed while some wait: they are let go. */
    so.limits.connections_per_s = 0.5;
    assert_true(begin(&s, &so));
    v = (visit){.patience = 500 * SIM_MILLISECOND};
    r = visit_run(&spec, &o, &v);
    end(&s);
    assert_false(v.met);
    run_free(r);
}

static void test_nobody_listens(void **state) {
    (void)state;
    const net_address nowhere = free_port("127.0.0.1:0");
    run_options o = aiming(&nowhere, false);
    fleet_spec spec;
    visit v = {.patience = 2 * SIM_SECOND};
    judge_finding finding;
    spec_of(&spec, 5);
    /* a device that thinks itself online at once */
    spec.zones[0].groups[0].profile.link.register_topic = NULL;
    spec.zones[0].groups[0].profile.follows = false;
    run *r = visit_run(&spec, &o, &v);
    assert_int_equal(run_merge_attempts(r), 0);
    assert_true(r->attempts.count > 0);
    for (size_t i = 0; i < r->attempts.count; i++)
        assert_int_not_equal(r->attempts.items[i].outcome, RECORD_OUTCOME_ONLINE);
    assert_int_equal(run_judge(r, &judge_check_answered, &(double){0.99}, &finding), 0);
    assert_int_not_equal(finding.verdict, JUDGE_PASS);
    assert_non_null(strstr(finding.sentence, "nobody listens"));
    assert_true(r->wire_count.refused > 0);
    run_free(r);
}

static volatile sig_atomic_t stop_run;

static void press_ctrl_c(void *context, const run_progress *p) {
    (void)context;
    if (p->now > 300 * SIM_MILLISECOND) stop_run = 1;
}

static void test_interrupted(void **state) {
    (void)state;
    serve_options so = serving();
    served s;
    fleet_spec spec;
    visit v = {.patience = plenty};
    assert_true(begin(&s, &so));
    run_options o = aiming(&so.coap, false);
    stop_run = 0;
    o.stop = &stop_run;
    o.progress = press_ctrl_c;
    spec_of(&spec, 5);
    spec.zones[0].start_over = 50 * SIM_SECOND;
    run *r = visit_run(&spec, &o, &v);
    end(&s);
    assert_true(run_interrupted(r));
    assert_true(run_now(r) < plenty / 2);
    run_free(r);
}

/* ---- serving that cannot begin ---- */

static void test_cannot_serve(void **state) {
    (void)state;
    served s;
    serve_options so = serving();
    struct sockaddr_storage name;
    socklen_t length = net_real_to_kernel(&so.coaps, &name);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&name, length), 0);
    assert_false(begin(&s, &so)); /* the second door is taken */
    end(&s);
    assert_int_equal(s.error, SIM_EIO);
    assert_non_null(strstr(s.why, "cannot listen on 127.0.0.1:"));
    (void)close(fd);

    so = serving();
    so.limits.connections_per_s = 0;
    assert_false(begin(&s, &so));
    end(&s);
    assert_int_equal(s.error, SIM_ERANGE);
    assert_non_null(strstr(s.why, "connections per second"));

    const fleet_credential twice[] = {shared_key(), shared_key()};
    so = serving();
    so.credentials = twice;
    so.credential_count = 2;
    assert_false(begin(&s, &so));
    end(&s);
    assert_int_equal(s.error, SIM_ERANGE);
    assert_non_null(strstr(s.why, "twice"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_secure),
        cmocka_unit_test(test_secure_from_a_prefix),
        cmocka_unit_test(test_own_keys),
        cmocka_unit_test(test_ipv6),
        cmocka_unit_test(test_over_capacity),
        cmocka_unit_test(test_a_wait_for_service),
        cmocka_unit_test(test_nobody_listens),
        cmocka_unit_test(test_interrupted),
        cmocka_unit_test(test_cannot_serve),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
