/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench_watch [SEEDS [DEVICES [DAYS]]] - the fleet examiner: what it costs (a line "name value
 * unit" per figure), and over a drawn fleet what it finds, how soon, and its false alarms, with
 * what was missed and what was false. A seed of 10,000 devices and 7 days is about ten seconds. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sim/core/heap.h"
#include "tests/support/fleet_months.h"

enum { DEVICES = 10000, WINDOWS = 300 };

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void print_figure(const char *name, double value, const char *unit) {
    printf("%s %.4g %s\n", name, value, unit);
    fflush(stdout);
}

typedef struct costs {
    double count, level, member, close, fleet_close;
} costs;

static void one_window(examine_watch_fleet *f, examine_watch *w, sim_time now, costs *c) {
    const double t0 = seconds();
    for (uint32_t d = 0; d < DEVICES; d++)
        examine_watch_count(w, now, d, RECORD_METRIC_MESSAGES_IN, 1);
    const double t1 = seconds();
    for (uint32_t d = 0; d < DEVICES; d++)
        examine_watch_level(w, now, d, RECORD_METRIC_READING, d + (double)(now % 1000007));
    const double t2 = seconds();
    for (uint32_t d = 0; d < DEVICES; d++)
        examine_watch_member(w, now, d, RECORD_METRIC_DESTINATION, d % 7);
    const double t3 = seconds();
    examine_watch_close(w, now + SIM_MINUTE);
    const double t4 = seconds();
    examine_watch_fleet_close(f, now + SIM_MINUTE, &w, 1);
    const double t5 = seconds();
    c->count += t1 - t0;
    c->level += t2 - t1;
    c->member += t3 - t2;
    c->close += t4 - t3;
    c->fleet_close += t5 - t4;
}

/* Every device speaks in every window, the settings are mature at once: the dearest window there
 * is. */
static void bench_costs(void) {
    static examine_watch_settings s;
    s = examine_watch_default;
    s.learn = SIM_HOUR;
    const sim_heap_use before = sim_heap_in_use();
    examine_watch_fleet *f = examine_watch_fleet_new(&s, 20);
    examine_watch *w = f ? examine_watch_new(f, 0, DEVICES, DEVICES / 4, 10) : NULL;
    if (!w) exit(3);
    const double bytes = (double)(sim_heap_in_use().bytes - before.bytes);
    for (uint32_t d = 0; d < DEVICES; d++) examine_watch_place(w, d, d % 20, d / 4, d / 1000);
    costs c = {0};
    for (int i = 0; i < WINDOWS; i++) one_window(f, w, i * SIM_MINUTE, &c);
    const double to_ns = 1e9 / ((double)DEVICES * WINDOWS);
    print_figure("watch_count", c.count * to_ns, "ns");
    print_figure("watch_level", c.level * to_ns, "ns");
    print_figure("watch_member", c.member * to_ns, "ns");
    print_figure("watch_close_per_device", c.close * to_ns, "ns");
    print_figure("watch_fleet_close", c.fleet_close / WINDOWS * 1e6, "us");
    print_figure("watch_bytes_per_device", bytes / DEVICES, "B");
    examine_watch_free(w);
    examine_watch_fleet_free(f);
}

static long argument(int count, char **arguments, int i, long otherwise) {
    return count > i ? strtol(arguments[i], NULL, 10) : otherwise;
}

int main(int argc, char **argv) {
    const long seeds = argument(argc, argv, 1, 1);
    static fleet_months_result all;
    fleet_months_options o = fleet_months_full();
    o.devices = (uint32_t)argument(argc, argv, 2, DEVICES);
    o.days = (uint32_t)argument(argc, argv, 3, 7);
    o.show = true;
    bench_costs();
    if (seeds <= 0) return 0;
    fleet_months_run_seeds(&o, (uint32_t)seeds, &all);
    fleet_months_print(&all);
    return 0;
}
