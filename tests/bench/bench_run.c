/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench_run.c - a whole run, both ends, on one thread: scenarios/5.9-3/power-restore-street.lua
 * without results on disk. What an event and a device cost, and whose time it was
 * (tests/support/cpu_share.h); and where two threads lose: windows, those whose streets they share,
 * how often one looked in vain whether the other is done, and slept over it. Prints "name value
 * unit" lines.
 *
 * usage: bench_run [HOMES]   (default 2500: 10,000 devices) */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lua/script.h"
#include "net/secure.h"
#include "sim/core/heap.h"
#include "sim/run/finish.h"
#include "sim/run/options.h"
#include "sim/run/run.h"
#include "sim/run/run_private.h"
#include "tests/support/cpu_share.h"

#define SCENARIO BLACKSTART_SOURCE_DIR "/scenarios/5.9-3/power-restore-street.lua"

enum { ROUNDS = 3 }; /* the best counts: what is slower was disturbed */

typedef struct cost {
    double build_s, drive_s, wall_s; /* CPU time; of the wall, to drive */
    uint64_t windows;
    sim_workers_count workers;
    report_machine machine;
    uint64_t devices, handshakes;
} cost;

static void give_up(const char *why) {
    fprintf(stderr, "bench_run: %s\n", why);
    exit(3);
}

static double seconds(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static uint64_t metric(const report_run *record, const char *name) {
    for (size_t i = 0; i < record->metric_count; i++) {
        if (strcmp(record->metrics[i].name, name) == 0) return (uint64_t)record->metrics[i].value;
    }
    give_up("a metric is missing");
    return 0;
}

static void finish(run *r, cost *c) {
    char why[SCRIPT_WHY];
    const run_caption words = {.scenario = SCENARIO, .title = "", .version = "", .repeat = ""};
    report_run record;
    if (run_finish(r, &words, NULL, 0, &record, why, sizeof why) != 0) give_up(why);
    c->machine = *record.machine;
    c->devices = record.devices;
    c->handshakes = metric(&record, "cloud_sessions_opened");
}

static double cpu(void) {
    return seconds(CLOCK_PROCESS_CPUTIME_ID);
}

static cost run_once(const char *homes, uint32_t threads, bool sampled) {
    char why[SCRIPT_WHY];
    int code;
    cost c = {0};
    fleet_spec *spec;
    const script_set sets[] = {{"homes", homes}};
    const run_options options = {.seed = 1, .threads = threads};
    script *s = script_load(SCENARIO, sets, 1, options.seed, false, why, sizeof why);
    if (s == NULL) give_up(why);
    if (script_setup(s, &spec) != 0) give_up(script_why(s));
    double began = cpu();
    run *r = run_new(spec, &options, why, sizeof why, &code);
    if (r == NULL) give_up(why);
    double built = cpu(), wall = seconds(CLOCK_MONOTONIC);
    sim_workers_count before = sim_workers_counted(r->workers);
    if (sampled) cpu_share_begin();
    if (run_drive(r, script_drill(s)) != 0) give_up(run_why(r));
    if (sampled) cpu_share_end();
    c.drive_s = cpu() - built;
    c.wall_s = seconds(CLOCK_MONOTONIC) - wall;
    c.windows = r->measures.windows;
    c.workers = sim_workers_counted(r->workers);
    c.workers.shared -= before.shared;
    c.workers.looks -= before.looks;
    c.workers.sleeps -= before.sleeps;
    c.build_s = built - began;
    finish(r, &c);
    run_free(r);
    script_free(s);
    return c;
}

static void print_costs(const cost *c) {
    double devices = (double)c->devices;
    double events = (double)c->machine.events;
    printf("run_devices %.0f 1\n", devices);
    printf("run_events %.4g events/s\n", events / c->drive_s);
    printf("run_event %.4g ns\n", c->drive_s * 1e9 / events);
    printf("run_handshakes %.4g 1/s\n",
           (double)c->handshakes / c->drive_s); /* among all else that a run does */
    printf("run_device_build %.4g ns\n", c->build_s * 1e9 / devices);
    printf("run_device %.4g ns\n",
           c->drive_s * 1e9 / devices); /* all of the scenario: two connections, thirteen reports */
    printf("run_device_memory %.4g B\n", c->machine.bytes_per_device);
    printf("run_device_resident %.4g B\n", c->machine.resident_bytes_per_device);
}

static void print_shares(void) {
    static const struct {
        const char *name, *archive;
    } parts[] = {{"libcoap", "libcoap_virtual.a"}, {"wolfssl", "libwolfssl_lean.a"},
                 {"core", "libsim_core.a"},        {"net", "libnet.a"},
                 {"devices", "libdevices.a"},      {"cloud", "libcloud.a"},
                 {"fleet", "libfleet.a"},          {"run", "librun.a"},
                 {"script", "libscript.a"},        {"rest", NULL}};
    enum { FOREIGN = 2 };
    double foreign = 0;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        double share = cpu_share_of(parts[i].archive);
        if (i < FOREIGN) foreign += share;
        printf("run_share_%s %.1f %%\n", parts[i].name, 100 * share);
    }
    printf("run_share_samples %u 1\n", cpu_share_samples());
    printf("run_share_outside_libcoap_and_wolfssl %.1f %%\n", 100 * (1 - foreign));
}

/* What is more of it with two threads is what they lose: processor time is what cold caches and
 * looking cost, looks and sleeps are what the shares differ by. */
static void print_threads(const char *homes) {
    for (uint32_t threads = 1; threads <= 2; threads++) {
        const cost c = run_once(homes, threads, false);
        printf("run_threads_%u_wall %.4g s\n", threads, c.wall_s);
        printf("run_threads_%u_cpu %.4g s\n", threads, c.drive_s);
        printf("run_threads_%u_windows %" PRIu64 " 1\n", threads, c.windows);
        printf("run_threads_%u_windows_shared %" PRIu64 " 1\n", threads, c.workers.shared);
        printf("run_threads_%u_looks %" PRIu64 " 1\n", threads, c.workers.looks);
        printf("run_threads_%u_sleeps %" PRIu64 " 1\n", threads, c.workers.sleeps);
    }
}

int main(int argc, char **argv) {
    const char *homes = argc > 1 ? argv[1] : "2500";
    if (argc > 2) {
        fprintf(stderr, "usage: bench_run [HOMES]\n");
        return 4;
    }
    if (net_secure_startup() != 0) give_up("wolfSSL does not start");
    cost best = run_once(homes, 1, false);
    /* Later runs find their pages there already. */
    const double resident = best.machine.resident_bytes_per_device;
    for (int i = 1; i < ROUNDS; i++) {
        cost c = run_once(homes, 1, false);
        if (c.drive_s < best.drive_s) best = c;
    }
    best.machine.resident_bytes_per_device = resident;
    print_costs(&best);
    int error = cpu_share_open(BENCH_LINK_MAP);
    if (error != 0) give_up("the linker's map cannot be read: " BENCH_LINK_MAP);
    (void)run_once(homes, 1, true);
    print_shares();
    cpu_share_close();
    print_threads(homes);
    net_secure_cleanup();
    return 0;
}
