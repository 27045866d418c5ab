/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run asks of the machine and of its options before it begins. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/protocol.h"
#include "sim/run/machine.h"
#include "sim/run/options.h"
#include "sim/run/run.h"
#include "sim/run/run_private.h"
#include "sim/run/target.h"
#include "tests/support/small_fleet.h"
#include "tests/unit/with_cmocka.h"

static int set_up(void **state) {
    (void)state;
    return net_secure_startup();
}

static int tear_down(void **state) {
    (void)state;
    net_secure_cleanup();
    return 0;
}

static run_target target;

static run_options aiming(bool secure) {
    target = (run_target){.protocol = &net_protocol_coap, .secure = secure};
    assert_int_equal(net_address_parse("127.0.0.1:9", "127.0.0.1", &target.address), 0);
    return (run_options){.seed = 1, .threads = 1, .target = &target};
}

/* 0 when the run can begin, else the exit code; the line is in `why`. */
static int try_with(const net_security *security, uint32_t homes, const run_options *o, char *why,
                    size_t size) {
    fleet_spec spec;
    int code = -1;
    small_fleet_spec(&spec, homes, 250, 10, true);
    if (security != NULL) spec.zones[0].groups[0].profile.link.security = security;
    run *r = run_new(&spec, o, why, size, &code);
    if (r == NULL) return code;
    run_free(r);
    return 0;
}

static int try_run(uint32_t homes, const run_options *o, char *why, size_t size) {
    return try_with(NULL, homes, o, why, size);
}

/* In a child, with these limits: 0, the exit code, or 100 when the line lacks `word`. */
static int with_descriptors(rlim_t soft, rlim_t hard, const run_options *o, const char *word) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        char why[256] = "";
        const struct rlimit limit = {.rlim_cur = soft, .rlim_max = hard};
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0) _exit(99);
        int code = try_run(50, o, why, sizeof why);
        if (code != 0 && (word == NULL || strstr(why, word) == NULL)) code = 100;
        _exit(code);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void test_descriptors(void **state) {
    (void)state;
    run_options o = aiming(false); /* 200 devices */
    assert_int_equal(with_descriptors(64, 64, &o, "ulimit -n 232"), 3);
    assert_int_equal(with_descriptors(64, 231, &o, "231 are allowed"), 3);
    assert_int_equal(with_descriptors(231, 231, &o, "ulimit -n 232"), 3);
    assert_int_equal(with_descriptors(64, 232, &o, NULL), 0); /* raised by ourselves */
    assert_int_equal(with_descriptors(232, 232, &o, NULL), 0);
    target.source_bits = 108; /* a few sockets do for all */
    assert_int_equal(with_descriptors(64, 64, &o, NULL), 0);
    target.protocol = &net_protocol_mqtt; /* a stream has one each, whatever its address */
    assert_int_equal(with_descriptors(64, 64, &o, "the target speaks mqtt"), 100);
    assert_int_equal(with_descriptors(64, 64, &o, "ulimit -n 232"), 3);
    const run_options virtual = {.seed = 1, .threads = 1};
    assert_int_equal(with_descriptors(20, 20, &virtual, NULL), 0);
}

static void test_credentials(void **state) {
    (void)state;
    static fleet_credential list[8];
    char why[256];
    run_options o = aiming(true);
    for (int i = 0; i < 8; i++) {
        (void)snprintf(list[i].identity, sizeof list[i].identity, "device %d", i);
        list[i].key_size = 1;
    }
    assert_int_equal(try_run(2, &o, why, sizeof why), 4);
    assert_non_null(strstr(why, "--psk"));
    o.credentials = list;
    o.credential_count = 7;
    assert_int_equal(try_run(2, &o, why, sizeof why), 4);
    assert_non_null(strstr(why, "7 identities"));
    o.credential_count = 8;
    assert_int_equal(try_run(2, &o, why, sizeof why), 0);
    o.credential_count = 1;
    assert_int_equal(try_run(2, &o, why, sizeof why), 0);
    o.target = NULL; /* the built-in cloud tells devices by their identity */
    assert_int_equal(try_run(2, &o, why, sizeof why), 4);
    o.credential_count = 8;
    assert_int_equal(try_run(2, &o, why, sizeof why), 0);
    list[7] = list[3];
    assert_int_equal(try_run(2, &o, why, sizeof why), 4);
    assert_non_null(strstr(why, "twice"));
}

static void test_memory(void **state) {
    (void)state;
    char why[256];
    char line[128];
    unsigned long long kib = 0;
    const run_options o = {.seed = 1, .threads = 1};
    FILE *f = fopen("/proc/meminfo", "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL && sscanf(line, "MemAvailable: %llu", &kib) != 1) {
    }
    (void)fclose(f);
    if (kib == 0 || kib > 36ull << 20) skip(); /* a machine that could */
    assert_int_equal(try_run(1000000, &o, why, sizeof why), 3);
    assert_non_null(strstr(why, "4000000 devices need about 40.6 GB")); /* most of them asleep */
    assert_int_equal(try_with(&net_security_tls, 1000000, &o, why, sizeof why), 3);
    assert_non_null(strstr(why, "4000000 devices need about 88.0 GB"));
    assert_int_equal(try_run(1, &o, why, sizeof why), 0);
}

static void test_a_wrong_spec(void **state) {
    (void)state;
    char why[256];
    const run_options o = {.seed = 1, .threads = 1};
    assert_int_equal(try_run(0, &o, why, sizeof why), 4);
    assert_non_null(strstr(why, "homes"));
}

static void test_resident(void **state) {
    (void)state;
    int64_t before = run_resident_bytes();
    assert_true(before > 100000);
    enum { MORE = 64 << 20 };
    char *memory = malloc(MORE);
    assert_non_null(memory);
    memset(memory, 1, MORE);
    int64_t after = run_resident_bytes();
    assert_true(memory[MORE / 2] == 1);
    free(memory);
    assert_true(after - before > MORE / 2);
}

/* ---- the generator itself ---- */

static void lateness_of(sim_histogram *h, int often, sim_time usual, sim_time once) {
    sim_histogram_deinit(h);
    sim_histogram_init(h);
    for (int i = 0; i < often; i++) assert_int_equal(sim_histogram_add(h, usual), 0);
    assert_int_equal(sim_histogram_add(h, once), 0);
}

static void late(run *r, const char *words) {
    const char *why = run_generator_late(r);
    if (words == NULL ? why != NULL : why == NULL || strstr(why, words) == NULL)
        fail_msg("%s", why != NULL ? why : "(on time)");
}

/* What this process was too slow for is told, whatever it was; and what every process is too slow
 * for now and then is not. */
static void test_a_late_generator(void **state) {
    (void)state;
    fleet_spec spec;
    char why[256];
    int code;
    const run_options o = {.seed = 1, .threads = 1};
    small_fleet_spec(&spec, 2, 250, 10, true);
    run *r = run_new(&spec, &o, why, sizeof why, &code);
    assert_non_null(r);
    run_measures *m = &r->measures;
    late(r, NULL);
    lateness_of(&m->lateness, 200, SIM_MILLISECOND, 900 * SIM_MILLISECOND);
    lateness_of(&m->unread, 200, SIM_MILLISECOND, 900 * SIM_MILLISECOND);
    r->wire_count = (net_real_fleet_counts){.received = 100000, .dropped = 100};
    late(r, NULL);
    r->wire_count.dropped = 101;
    late(r, "This machine lost 101 of the 100,101 datagrams");
    m->share_most = 0.987;
    lateness_of(&m->unread, 200, SIM_MILLISECOND, 1100 * SIM_MILLISECOND);
    late(r, "Answers lay unread in this machine's sockets for up to 1.1");
    late(r, "busiest second: 99 %");
    lateness_of(&m->unread, 200, 51 * SIM_MILLISECOND, SIM_MILLISECOND);
    late(r, "Answers lay unread");
    lateness_of(&m->unread, 1, 0, 0);
    lateness_of(&m->lateness, 200, 51 * SIM_MILLISECOND, SIM_MILLISECOND);
    late(r, "What was due was done late by up to 51");
    run_free(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_descriptors), cmocka_unit_test(test_credentials),
        cmocka_unit_test(test_memory),      cmocka_unit_test(test_a_wrong_spec),
        cmocka_unit_test(test_resident),    cmocka_unit_test(test_a_late_generator),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
