/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/machine.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sim/run/run_private.h"

/* What a device needs at the most, both ends together, in the virtual world, and our end alone in the real one: measured by `make bench`, with a margin for the moment of
 * the handshake. */
enum { BYTES_VIRTUAL = 22000, BYTES_REAL = 14000 };
enum { DESCRIPTORS_OF_OURS = 32 }; /* standard streams, results, the loop's own */

int64_t run_resident_bytes(void) {
    long pages = 0;
    long total = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (f == NULL) return 0;
    if (fscanf(f, "%ld %ld", &total, &pages) != 2) pages = 0;
    (void)fclose(f);
    return (int64_t)pages * sysconf(_SC_PAGESIZE);
}

/* Memory that can be had without swapping, in bytes; 0 when the system does not tell. */
static uint64_t memory_available(void) {
    char line[128];
    uint64_t kib = 0;
    FILE *f = fopen("/proc/meminfo", "r");
    if (f == NULL) return 0;
    while (fgets(line, sizeof line, f) != NULL) {
        if (sscanf(line, "MemAvailable: %" SCNu64, &kib) == 1) break;
    }
    (void)fclose(f);
    return kib * 1024;
}

static int check_memory(const run *r, char *why, size_t size) {
    uint64_t needed = r->devices * (run_is_real(r) ? BYTES_REAL : BYTES_VIRTUAL);
    uint64_t available = memory_available();
    if (available == 0 || needed <= available) return 0;
    (void)snprintf(why, size,
                   "%" PRIu64
                   " devices need about %.1f GB and %.1f GB are free: use fewer devices or a larger machine",
                   r->devices, (double)needed / 1e9, (double)available / 1e9);
    return 3;
}

/* A socket per device unless a prefix of source addresses is given (design D7). The soft limit may be raised to the hard one by ourselves. */
static int check_descriptors(const run *r, char *why, size_t size) {
    struct rlimit limit;
    if (!run_is_real(r) || r->options.target.source_bits != 0) return 0;
    rlim_t needed = (rlim_t)r->devices + DESCRIPTORS_OF_OURS;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed) return 0;
    if (limit.rlim_max >= needed || limit.rlim_max == RLIM_INFINITY) {
        limit.rlim_cur = needed;
        if (setrlimit(RLIMIT_NOFILE, &limit) == 0) return 0;
    }
    (void)snprintf(why, size,
                   "%" PRIu64
                   " devices need %ju file descriptors and %ju are allowed: run `ulimit -n %ju` first, or "
                   "give a local prefix "
                   "with --source, for example 127.16.0.0/12 for a target on this machine",
                   r->devices, (uintmax_t)needed, (uintmax_t)limit.rlim_max, (uintmax_t)needed);
    return 3;
}

static int check_credentials(const run *r, char *why, size_t size) {
    size_t n = r->options.credential_count;
    bool needs = run_is_real(r) && r->options.target.secure;
    if (needs && n == 0) {
        (void)snprintf(why, size,
                       "a coaps:// target needs credentials: give --psk IDENTITY:KEY or --psk-file FILE");
        return 4;
    }
    if (n == 1 && r->devices > 1 && !run_is_real(r)) {
        (void)snprintf(
            why, size,
            "one identity for all devices does for a target only: the built-in cloud of a virtual run "
            "tells devices by theirs; give one each or none");
        return 4;
    }
    if (n <= 1 || n >= r->devices) return 0;
    (void)snprintf(why, size,
                   "the PSK file holds %zu identities and the scenario has %" PRIu64
                   " devices: add lines or use fewer devices",
                   n, r->devices);
    return 4;
}

int run_preflight(const run *r, char *why, size_t size) {
    int code = check_credentials(r, why, size);
    if (code == 0) code = check_memory(r, why, size);
    if (code == 0) code = check_descriptors(r, why, size);
    return code;
}
