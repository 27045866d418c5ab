/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/real_fleet.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "net/real_socket.h"
#include "sim/core/heap.h"

/* Sockets that share the addresses of a prefix; a device takes the next one with each connection,
 * so that it comes back from another port. */
enum { PORTS = 8 };
/* Batches read from one socket at a time: others want their turn too. */
enum { ROUNDS = 16 };
#define NOBODY UINT32_MAX

/* A socket that carries source addresses of a prefix. */
typedef struct lane {
    uv_poll_t poll;
    net_real_fleet *fleet;
    int fd;
    uint32_t port; /* its place among the lanes */
    net_real_batch out;
} lane;

/* A device's own socket sends one datagram at a time and needs no batch of its own. */
typedef struct socket_of_one {
    uv_poll_t poll;
    net_real_fleet *fleet;
    int fd;
    uint32_t device;
} socket_of_one;

struct net_real_fleet {
    net_real_fleet_config config;
    net_real_fleet_counts counts;
    socket_of_one **sockets; /* by device, or NULL with a prefix */
    lane *lanes[PORTS];      /* with a prefix */
    uint16_t *turn;          /* connections of each device so far; with a prefix */
    bool *open;              /* with a prefix */
    net_real_batch in;
    net_real_batch one;
};

/* ---- addresses of a prefix ---- */

/* The address of the device: the prefix's first one is left out, as a network's own. The number is
 * added in the last eight bytes. */
static net_address address_of(const net_real_fleet_config *c, uint32_t device) {
    net_address a = {0};
    memcpy(a.ip, c->source_prefix, sizeof a.ip);
    uint64_t carry = (uint64_t)device + 1;
    for (int i = 15; i >= 8 && carry != 0; i--) {
        carry += a.ip[i];
        a.ip[i] = (uint8_t)carry;
        carry >>= 8;
    }
    return a;
}

static uint32_t device_of(const net_real_fleet *f, const net_address *local) {
    uint64_t base = 0;
    uint64_t here = 0;
    for (int i = 8; i < 16; i++) {
        base = base << 8 | f->config.source_prefix[i];
        here = here << 8 | local->ip[i];
    }
    uint64_t number = here - base - 1;
    return number < f->config.devices && memcmp(local->ip, f->config.source_prefix, 8) == 0
               ? (uint32_t)number
               : NOBODY;
}

static bool prefix_is_large_enough(const net_real_fleet_config *c) {
    uint32_t host_bits = 128u - c->source_bits;
    return host_bits >= 40 || (UINT64_C(1) << host_bits) >= (uint64_t)c->devices + 2;
}

/* ---- receiving ---- */

static void take(net_real_fleet *f, uint32_t device, const net_real_datagram *d) {
    bool from_target = device != NOBODY && net_address_equal(&d->remote, &f->config.target);
    if (!from_target) {
        f->counts.strangers++;
        return;
    }
    f->counts.received++;
    f->config.received(f->config.context, device, d->data, d->size, net_real_waited(d));
}

static bool fill(net_real_fleet *f, int fd) {
    int error = net_real_receive(fd, &f->in);
    if (error == SIM_EUNREACHABLE) f->counts.refused++;
    return error == 0;
}

/* What comes in may close this very socket, and open others, which may get its descriptor: then the
 * rest of the batch is late, and the socket is not looked at again. */
static void on_socket(uv_poll_t *poll, int status, int events) {
    (void)events;
    /* A closed port far away shows as an error of the socket; libuv then stops looking at it, but
     * it is as good as before. The error itself is told by receive. */
    if (status < 0) (void)uv_poll_start(poll, UV_READABLE, on_socket);
    const socket_of_one *s = poll->data;
    net_real_fleet *f = s->fleet;
    uint32_t device = s->device;
    for (int rounds = 0; rounds < ROUNDS && f->sockets[device] == s && fill(f, s->fd); rounds++) {
        for (uint32_t i = 0; i < f->in.count; i++)
            take(f, f->sockets[device] == s ? device : NOBODY, &f->in.items[i]);
    }
}

static void on_lane(uv_poll_t *poll, int status, int events) {
    (void)events;
    if (status < 0) (void)uv_poll_start(poll, UV_READABLE, on_lane);
    const lane *l = poll->data;
    net_real_fleet *f = l->fleet;
    for (int rounds = 0; rounds < ROUNDS && fill(f, l->fd); rounds++) {
        for (uint32_t i = 0; i < f->in.count; i++) {
            uint32_t device = device_of(f, &f->in.items[i].local);
            bool here = device != NOBODY && f->open[device] && f->turn[device] % PORTS == l->port;
            take(f, here ? device : NOBODY, &f->in.items[i]);
        }
    }
}

/* ---- closing ---- */

static void free_handle(uv_handle_t *handle) {
    sim_free(handle->data);
}

static void close_poll(net_real_fleet *f, uv_poll_t *poll, int fd) {
    f->counts.dropped += net_real_dropped(fd);
    (void)uv_poll_stop(poll);
    uv_close((uv_handle_t *)poll, free_handle);
    (void)close(fd);
}

/* ---- a socket per device ---- */

static int connect_fd(const net_real_fleet_config *c) {
    struct sockaddr_storage name;
    net_address any = {0};
    if (net_real_is_ipv4(&c->target)) memcpy(any.ip, c->target.ip, 12);
    int fd = net_real_open(&any);
    if (fd < 0) return fd;
    socklen_t length = net_real_to_kernel(&c->target, &name);
    if (connect(fd, (const struct sockaddr *)&name, length) == 0) return fd;
    int error = -errno;
    (void)close(fd);
    return error;
}

static int open_socket(net_real_fleet *f, uint32_t device) {
    int fd = connect_fd(&f->config);
    if (fd < 0) return SIM_EAGAIN;
    socket_of_one *s = sim_calloc(1, sizeof *s);
    if (s == NULL || uv_poll_init(f->config.loop, &s->poll, fd) != 0) {
        sim_free(s);
        (void)close(fd);
        return SIM_ENOMEM;
    }
    s->poll.data = s;
    s->fleet = f;
    s->fd = fd;
    s->device = device;
    f->sockets[device] = s;
    return uv_poll_start(&s->poll, UV_READABLE, on_socket) == 0 ? 0 : SIM_EIO;
}

static int send_alone(net_real_fleet *f, uint32_t device, const uint8_t *datagram, size_t n) {
    socket_of_one *s = f->sockets[device];
    if (s == NULL) return SIM_ESTATE;
    f->one.count = 1;
    f->one.items[0].remote = f->one.items[0].local = (net_address){0}; /* the socket is connected */
    f->one.items[0].size = n;
    memcpy(f->one.items[0].data, datagram, n);
    int error = net_real_send(s->fd, &f->one, &f->counts.lost);
    if (error == SIM_EUNREACHABLE) f->counts.refused++;
    return error == SIM_EUNREACHABLE
               ? 0
               : error; /* a lost datagram to the device: its own timers will find out */
}

/* ---- sockets that carry a prefix ---- */

static int open_lane(net_real_fleet *f, uint32_t port) {
    net_address any = {0};
    if (net_real_is_ipv4(&f->config.target)) memcpy(any.ip, f->config.target.ip, 12);
    lane *l = sim_calloc(1, sizeof *l);
    if (l == NULL) return SIM_ENOMEM;
    l->fd = net_real_open(&any);
    if (l->fd < 0 || uv_poll_init(f->config.loop, &l->poll, l->fd) != 0) {
        if (l->fd >= 0) (void)close(l->fd);
        sim_free(l);
        return SIM_EAGAIN;
    }
    l->poll.data = l;
    l->fleet = f;
    l->port = port;
    f->lanes[port] = l;
    return uv_poll_start(&l->poll, UV_READABLE, on_lane) == 0 ? 0 : SIM_EIO;
}

static void flush_lane(net_real_fleet *f, lane *l) {
    int error = l->out.count == 0 ? 0 : net_real_send(l->fd, &l->out, &f->counts.lost);
    if (error != 0) f->counts.refused++;
}

static int send_from_prefix(net_real_fleet *f, uint32_t device, const uint8_t *datagram, size_t n) {
    if (!f->open[device]) return SIM_ESTATE;
    lane *l = f->lanes[f->turn[device] % PORTS];
    net_real_datagram *d = &l->out.items[l->out.count++];
    d->remote = f->config.target;
    d->local = address_of(&f->config, device);
    d->size = n;
    memcpy(d->data, datagram, n);
    if (l->out.count == NET_REAL_BATCH) flush_lane(f, l);
    return 0;
}

/* A source address is ours to use if a socket can be bound to it. */
static bool prefix_is_local(const net_real_fleet_config *c) {
    net_address first = address_of(c, 0);
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
    int fd = connect_fd(c);
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

static int build_prefix(net_real_fleet *f, char *why, size_t size) {
    f->turn = sim_calloc(f->config.devices, sizeof *f->turn);
    f->open = sim_calloc(f->config.devices, sizeof *f->open);
    int error = f->turn == NULL || f->open == NULL ? SIM_ENOMEM : 0;
    for (uint32_t port = 0; port < PORTS && error == 0; port++) error = open_lane(f, port);
    if (error != 0) (void)snprintf(why, size, "sockets for --source: %s", sim_error_text(error));
    return error;
}

net_real_fleet *net_real_fleet_new(const net_real_fleet_config *config, char *why, size_t size) {
    if (net_real_fleet_check(config, why, size) != 0) return NULL;
    net_real_fleet *f = sim_calloc(1, sizeof *f);
    (void)snprintf(why, size, "out of memory for the devices' sockets: use fewer devices");
    if (f == NULL) return NULL;
    f->config = *config;
    int error = 0;
    if (config->source_bits != 0) {
        error = build_prefix(f, why, size);
    } else {
        f->sockets = sim_calloc(config->devices, sizeof *f->sockets);
        error = f->sockets == NULL ? SIM_ENOMEM : 0;
    }
    if (error == 0) return f;
    net_real_fleet_free(f);
    return NULL;
}

void net_real_fleet_close_all(net_real_fleet *f) {
    for (uint32_t i = 0; f->sockets != NULL && i < f->config.devices; i++)
        net_real_fleet_close(f, i);
    for (uint32_t port = 0; port < PORTS; port++) {
        lane *l = f->lanes[port];
        f->lanes[port] = NULL;
        if (l != NULL) close_poll(f, &l->poll, l->fd);
    }
}

void net_real_fleet_free(net_real_fleet *f) {
    if (f == NULL) return;
    net_real_fleet_close_all(f);
    (void)uv_run(f->config.loop, UV_RUN_NOWAIT); /* lets the handles' memory go */
    sim_free(f->sockets);
    sim_free(f->turn);
    sim_free(f->open);
    sim_free(f);
}

int net_real_fleet_open(net_real_fleet *f, uint32_t device) {
    SIM_PROMISE(device < f->config.devices);
    net_real_fleet_close(f, device);
    if (f->sockets != NULL) return open_socket(f, device);
    f->turn[device]++;
    f->open[device] = true;
    return 0;
}

void net_real_fleet_close(net_real_fleet *f, uint32_t device) {
    SIM_PROMISE(device < f->config.devices);
    if (f->sockets == NULL) {
        f->open[device] = false;
        return;
    }
    socket_of_one *s = f->sockets[device];
    if (s == NULL) return;
    f->sockets[device] = NULL;
    close_poll(f, &s->poll, s->fd);
}

int net_real_fleet_send(net_real_fleet *f, uint32_t device, const uint8_t *datagram, size_t n) {
    SIM_PROMISE(device < f->config.devices && n <= NET_REAL_DATAGRAM_MAX);
    int error = f->sockets != NULL ? send_alone(f, device, datagram, n)
                                   : send_from_prefix(f, device, datagram, n);
    if (error == 0) f->counts.sent++;
    return error;
}

void net_real_fleet_flush(net_real_fleet *f) {
    for (uint32_t port = 0; port < PORTS; port++) {
        if (f->lanes[port] != NULL) flush_lane(f, f->lanes[port]);
    }
}

const net_real_fleet_counts *net_real_fleet_count(const net_real_fleet *f) {
    return &f->counts;
}
