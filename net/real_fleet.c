/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/real_fleet.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "net/real_fleet_private.h"
#include "net/real_socket.h"
#include "sim/core/heap.h"

/* ---- addresses of a prefix ---- */

/* The number is added in the last eight bytes. */
net_address net_real_fleet_source(const net_real_fleet_config *config, uint32_t device) {
    net_address a = {0};
    memcpy(a.ip, config->source_prefix, sizeof a.ip);
    uint64_t carry = (uint64_t)device + 1;
    for (int i = 15; i >= 8 && carry != 0; i--) {
        carry += a.ip[i];
        a.ip[i] = (uint8_t)carry;
        carry >>= 8;
    }
    return a;
}

static bool prefix_is_large_enough(const net_real_fleet_config *c) {
    uint32_t host_bits = 128u - c->source_bits;
    return host_bits >= 40 || (UINT64_C(1) << host_bits) >= (uint64_t)c->devices + 2;
}

/* A source address is ours to use if a socket can be bound to it. */
static bool prefix_is_local(const net_real_fleet_config *c) {
    net_address first = net_real_fleet_source(c, 0);
    int fd = net_real_open(&first);
    if (fd >= 0) (void)close(fd);
    return fd >= 0;
}

/* ---- checks ---- */

static int check_prefix(const net_real_fleet_config *c, char *why, size_t size) {
    if (!prefix_is_large_enough(c)) {
        (void)snprintf(why, size,
                       "--source: the prefix has too few addresses for %" PRIu32
                       " devices: give a shorter one",
                       c->devices);
        return SIM_ERANGE;
    }
    if (prefix_is_local(c)) return 0;
    (void)snprintf(
        why, size,
        "--source: this machine does not own that prefix: use one of 127.0.0.0/8, or route "
        "one to the host with `ip route add local PREFIX dev lo`");
    return SIM_ERANGE;
}

/* A group or everybody: no place to send the traffic of a fleet to, and DTLS knows no groups. */
static bool is_group(const net_address *a) {
    enum { IPV4_GROUPS = 224, IPV6_GROUPS = 0xff };
    return net_real_is_ipv4(a) ? a->ip[12] >= IPV4_GROUPS : a->ip[0] == IPV6_GROUPS;
}

static int check_target(const net_real_fleet_config *c, char *why, size_t size) {
    if (is_group(&c->target)) {
        (void)snprintf(
            why, size,
            "--target: the address is that of a group, not of a server: give a server's own");
        return SIM_ERANGE;
    }
    int fd = net_real_connect(&c->target);
    if (fd >= 0) {
        (void)close(fd);
        return 0;
    }
    (void)snprintf(why, size,
                   "--target: there is no way from this machine to that address (%s): check the "
                   "address and the network",
                   strerror(-fd));
    return SIM_EUNREACHABLE;
}

int net_real_fleet_check(const net_real_fleet_config *config, char *why, size_t size) {
    int error = config->source_bits == 0 ? 0 : check_prefix(config, why, size);
    return error == 0 ? check_target(config, why, size) : error;
}

/* ---- verbs ---- */

net_real_fleet *net_real_fleet_new(const net_real_fleet_config *config, char *why, size_t size) {
    const net_real_fleet_kind *kind = config->streams ? &net_real_lines : &net_real_datagrams;
    if (net_real_fleet_check(config, why, size) != 0) return NULL;
    (void)snprintf(why, size, "out of memory for the devices' sockets: use fewer devices");
    return kind->make(config, why, size);
}

void net_real_fleet_close_all(net_real_fleet *f) {
    f->kind->close_all(f);
}

void net_real_fleet_free(net_real_fleet *f) {
    if (f == NULL) return;
    f->kind->close_all(f);
    f->kind->free(f);
}

int net_real_fleet_open(net_real_fleet *f, uint32_t device) {
    SIM_PROMISE(device < f->config.devices);
    f->kind->close(f, device, false);
    return f->kind->open(f, device);
}

void net_real_fleet_close(net_real_fleet *f, uint32_t device) {
    SIM_PROMISE(device < f->config.devices);
    f->kind->close(f, device, false);
}

void net_real_fleet_desert(net_real_fleet *f, uint32_t device) {
    SIM_PROMISE(device < f->config.devices);
    f->kind->close(f, device, true);
}

int net_real_fleet_send(net_real_fleet *f, uint32_t device, const uint8_t *packet, size_t n) {
    SIM_PROMISE(device < f->config.devices && n <= NET_REAL_DATAGRAM_MAX);
    return f->kind->send(f, device, packet, n);
}

void net_real_fleet_flush(net_real_fleet *f) {
    f->kind->flush(f);
}

sim_time net_real_fleet_deadline(const net_real_fleet *f) {
    return f->kind->deadline == NULL ? SIM_NEVER : f->kind->deadline(f);
}

const net_real_fleet_counts *net_real_fleet_count(const net_real_fleet *f) {
    return &f->counts;
}
