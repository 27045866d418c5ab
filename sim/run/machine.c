/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/machine.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "net/protocol.h"
#include "net/real_fleet.h"
#include "sim/fleet/spec.h"
#include "sim/run/options.h"
#include "sim/run/target.h"

/* What a device needs at the most, both ends together, in the virtual world, the same where nothing
 * protects it, and our end alone in the real one: measured by `make bench` and by isp-outage with
 * security=none, with a margin for the moment of the handshake. */
enum { BYTES_VIRTUAL = 22000, BYTES_OPEN = 7000, BYTES_REAL = 14000 };
/* One whose session sleeps, both ends: a million took 6.3 GB in all, a hundred thousand 10.4 KB
 * each, of which half were awake (README.md, power-restore-street). */
enum { BYTES_ASLEEP = 10000 };
enum { DESCRIPTORS_OF_OURS = 32 }; /* standard streams, results, the loop's own */

/* The number after `word` in a file of /proc, -1 when it is not there. With "" the second number of
 * the first line. */
static int64_t proc_number(const char *path, const char *word) {
    char line[128];
    int64_t number = -1;
    FILE *f = fopen(path, "r");
    if (f == NULL) return -1;
    while (number < 0 && fgets(line, sizeof line, f) != NULL) {
        char *at = line;
        if (word[0] == '\0') (void)strtoll(line, &at, 10);
        if (strncmp(line, word, strlen(word)) == 0) number = strtoll(at + strlen(word), NULL, 10);
    }
    (void)fclose(f);
    return number;
}

int64_t run_resident_bytes(void) {
    int64_t pages = proc_number("/proc/self/statm", "");
    return pages < 0 ? 0 : pages * sysconf(_SC_PAGESIZE);
}

/* Memory that can be had without swapping, in bytes; 0 when the system does not tell. */
static uint64_t memory_available(void) {
    int64_t kib = proc_number("/proc/meminfo", "MemAvailable:");
    return kib < 0 ? 0 : (uint64_t)kib * 1024;
}

/* What somebody wants to run. */
typedef struct wish {
    const fleet_spec *spec;
    const run_target *target; /* NULL: the virtual world */
    uint64_t devices;
    const fleet_credential *credentials; /* borrowed; `credential_count` of them */
    size_t credential_count;
} wish;

/* What the devices of a larger fleet save whose sessions sleep: all but so many. */
static uint64_t bytes_saved(const wish *w, uint64_t sleepers) {
    uint64_t awake = w->spec->awake != 0 ? w->spec->awake : FLEET_AWAKE;
    if (w->target != NULL || w->devices <= awake || sleepers <= awake) return 0;
    return (sleepers - awake) * (BYTES_VIRTUAL - BYTES_ASLEEP);
}

/* With everybody online: who is off takes a tenth of it, and nobody knows beforehand who is. */
static uint64_t bytes_needed(const wish *w) {
    uint64_t sum = 0, sleepers = 0;
    for (uint32_t z = 0; z < w->spec->zone_count; z++) {
        const fleet_zone *zone = &w->spec->zones[z];
        for (uint32_t g = 0; g < zone->group_count; g++) {
            const net_security *security = zone->groups[g].profile.link.security;
            uint64_t devices = (uint64_t)zone->homes * zone->groups[g].per_home;
            uint64_t each = w->target != NULL  ? BYTES_REAL
                            : security == NULL ? BYTES_OPEN
                                               : BYTES_VIRTUAL;
            sum += each * devices;
            sleepers += security != NULL && security->sleeps ? devices : 0;
        }
    }
    return sum - bytes_saved(w, sleepers);
}

static int check_memory(const wish *w, char *why, size_t size) {
    uint64_t needed = bytes_needed(w);
    uint64_t available = memory_available();
    if (available == 0 || needed <= available) return 0;
    (void)snprintf(
        why, size,
        "%" PRIu64
        " devices need about %.1f GB and %.1f GB are free: use fewer devices or a larger machine",
        w->devices, (double)needed / 1e9, (double)available / 1e9);
    return 3;
}

static bool on_streams(const wish *w) {
    return w->target != NULL && w->target->protocol->transport == NET_STREAM;
}

/* Ports that the system gives to connections; 0 when it does not tell. */
static uint64_t ports_of_ours(void) {
    char line[64] = "";
    FILE *f = fopen("/proc/sys/net/ipv4/ip_local_port_range", "r");
    if (f == NULL) return 0;
    bool read = fgets(line, sizeof line, f) != NULL;
    (void)fclose(f);
    char *rest = line;
    long long first = strtoll(line, &rest, 10);
    long long last = strtoll(rest, NULL, 10);
    return read && first > 0 && last >= first ? (uint64_t)(last - first) + 1 : 0;
}

/* A connection to one target has a port of this machine, out of a range that the system keeps for
 * that, unless the connections have many source addresses. */
static int check_ports(const wish *w, char *why, size_t size) {
    if (!on_streams(w) || w->target->source_bits != 0) return 0;
    uint64_t ports = ports_of_ours();
    if (ports == 0 || w->devices <= ports) return 0;
    (void)snprintf(why, size,
                   "%" PRIu64 " devices need a port each and this machine gives %" PRIu64
                   ": give a local prefix with --source, for example 127.16.0.0/12 for a target on "
                   "this machine, or widen net.ipv4.ip_local_port_range (sysctl)",
                   w->devices, ports);
    return 3;
}

/* A socket per device unless a prefix of source addresses is given (design D7). The soft limit may
 * be raised to the hard one by ourselves. */
static int check_descriptors(const wish *w, char *why, size_t size) {
    struct rlimit limit;
    bool streams = on_streams(w);
    if (w->target == NULL || (!streams && w->target->source_bits != 0)) return 0;
    rlim_t needed = (rlim_t)w->devices + DESCRIPTORS_OF_OURS;
    /* a device that is back, and the connection that it had before its power went */
    rlim_t wanted = needed + (streams ? (rlim_t)w->devices : 0);
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return 0;
    rlim_t had = limit.rlim_cur;
    limit.rlim_cur =
        limit.rlim_max == RLIM_INFINITY || limit.rlim_max >= wanted ? wanted : limit.rlim_max;
    if (had < limit.rlim_cur && setrlimit(RLIMIT_NOFILE, &limit) == 0) had = limit.rlim_cur;
    if (had >= needed) return 0;
    if (streams) {
        (void)snprintf(why, size,
                       "%" PRIu64
                       " devices need %ju file descriptors and %ju are allowed: run "
                       "`ulimit -n %ju` first, or use fewer devices",
                       w->devices, (uintmax_t)needed, (uintmax_t)limit.rlim_max, (uintmax_t)needed);
        return 3;
    }
    (void)snprintf(
        why, size,
        "%" PRIu64
        " devices need %ju file descriptors and %ju are allowed: run `ulimit -n %ju` first, or "
        "give a local prefix "
        "with --source, for example 127.16.0.0/12 for a target on this machine",
        w->devices, (uintmax_t)needed, (uintmax_t)limit.rlim_max, (uintmax_t)needed);
    return 3;
}

static int check_credentials(const wish *w, char *why, size_t size) {
    size_t n = w->credential_count;
    bool needs = w->target != NULL && w->target->secure && !fleet_spec_certificates(w->spec);
    if (needs && n == 0) {
        (void)snprintf(why, size,
                       "a coaps:// target needs credentials: give --psk "
                       "IDENTITY:KEY or --psk-file FILE");
        return 4;
    }
    for (size_t i = 0; needs && i < n; i++) {
        if (w->credentials[i].key_size > 0) continue;
        (void)snprintf(why, size,
                       "%s has no psk (--credentials): what protects the way to the target asks "
                       "for one",
                       w->credentials[i].identity);
        return 4;
    }
    if (n == 1 && w->devices > 1 && w->target == NULL) {
        (void)snprintf(why, size,
                       "one identity for all devices does for a target only: the built-in cloud of "
                       "a virtual run "
                       "tells devices by theirs; give one each or none");
        return 4;
    }
    if (n <= 1 || n >= w->devices) return 0;
    (void)snprintf(why, size,
                   "the file holds %zu identities and the scenario has %" PRIu64
                   " devices: add lines or use fewer devices",
                   n, w->devices);
    return 4;
}

static bool is_not_understood(const fleet_group *group, const void *target) {
    return !net_protocol_understands(target, group->profile.link.protocol);
}

/* What a group speaks that the target does not understand; NULL: there is none. */
static const char *other_protocol(const wish *w) {
    const fleet_group *other = fleet_spec_any(w->spec, is_not_understood, w->target->protocol);
    return other != NULL ? other->profile.link.protocol->name : NULL;
}

/* Wrong use (4) or a target out of reach (5), before a folder of results is begun. */
static int check_target(const wish *w, char *why, size_t size) {
    const run_target *t = w->target;
    if (t == NULL) return 0;
    const char *other = other_protocol(w);
    if (other != NULL) {
        (void)snprintf(why, size,
                       "the target speaks %s and devices of the scenario speak %s: give a target "
                       "of their protocol (--target), or the scenario another one (--set "
                       "protocol=%s, where it takes that)",
                       t->protocol->name, other, t->protocol->name);
        return 4;
    }
    net_real_fleet_config config = {
        .target = t->address, .devices = (uint32_t)w->devices, .source_bits = t->source_bits};
    memcpy(config.source_prefix, t->source_prefix, sizeof config.source_prefix);
    int error = net_real_fleet_check(&config, why, size);
    return error == 0 ? 0 : error == SIM_EUNREACHABLE ? 5 : 4;
}

int run_preflight(const fleet_spec *spec, const run_options *options, char *why, size_t size) {
    const wish w = {.spec = spec,
                    .target = options->target,
                    .devices = fleet_spec_devices(spec),
                    .credentials = options->credentials,
                    .credential_count = options->credential_count};
    int code = check_credentials(&w, why, size);
    if (code == 0) code = check_memory(&w, why, size);
    if (code == 0) code = check_descriptors(&w, why, size);
    if (code == 0) code = check_ports(&w, why, size);
    if (code == 0) code = check_target(&w, why, size);
    return code;
}
