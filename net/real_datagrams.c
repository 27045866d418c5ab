/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Devices on datagrams: either a connected socket per device, each with a port of its own, or a few
 * sockets that carry a source address per device out of a local prefix. */
#include "net/real_fleet_private.h"

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

typedef struct datagrams datagrams;

/* A socket that carries source addresses of a prefix. */
typedef struct lane {
    uv_poll_t poll;
    datagrams *fleet;
    int fd;
    uint32_t port; /* its place among the lanes */
    net_real_batch out;
} lane;

/* A device's own socket sends one datagram at a time and needs no batch of its own. */
typedef struct socket_of_one {
    uv_poll_t poll;
    datagrams *fleet;
    int fd;
    uint32_t device;
} socket_of_one;

struct datagrams {
    net_real_fleet base;     /* first: a pointer to it is one to its fleet */
    socket_of_one **sockets; /* by device, or NULL with a prefix */
    lane *lanes[PORTS];      /* with a prefix */
    uint16_t *turn;          /* connections of each device so far; with a prefix */
    bool *open;              /* with a prefix */
    net_real_batch in;
    net_real_batch one;
};

static datagrams *datagrams_of(net_real_fleet *f) {
    return (datagrams *)f;
}

/* ---- addresses of a prefix ---- */

static uint32_t device_of(const datagrams *f, const net_address *local) {
    uint64_t base = 0;
    uint64_t here = 0;
    for (int i = 8; i < 16; i++) {
        base = base << 8 | f->base.config.source_prefix[i];
        here = here << 8 | local->ip[i];
    }
    uint64_t number = here - base - 1;
    return number < f->base.config.devices &&
                   memcmp(local->ip, f->base.config.source_prefix, 8) == 0
               ? (uint32_t)number
               : NOBODY;
}

/* ---- receiving ---- */

static void take(datagrams *f, uint32_t device, const net_real_datagram *d) {
    bool from_target = device != NOBODY && net_address_equal(&d->remote, &f->base.config.target);
    if (!from_target) {
        f->base.counts.strangers++;
        return;
    }
    f->base.counts.received++;
    f->base.config.received(f->base.config.context, device, d->data, d->size, net_real_waited(d));
}

static bool fill(datagrams *f, int fd) {
    int error = net_real_receive(fd, &f->in);
    if (error == SIM_EUNREACHABLE) f->base.counts.refused++;
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
    datagrams *f = s->fleet;
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
    datagrams *f = l->fleet;
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

static void close_poll(datagrams *f, uv_poll_t *poll, int fd) {
    f->base.counts.dropped += net_real_dropped(fd);
    (void)uv_poll_stop(poll);
    uv_close((uv_handle_t *)poll, free_handle);
    (void)close(fd);
}

/* ---- a socket per device ---- */

static int open_socket(datagrams *f, uint32_t device) {
    int fd = net_real_connect(&f->base.config.target);
    if (fd < 0) return SIM_EAGAIN;
    socket_of_one *s = sim_calloc(1, sizeof *s);
    if (s == NULL || uv_poll_init(f->base.config.loop, &s->poll, fd) != 0) {
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

static int send_alone(datagrams *f, uint32_t device, const uint8_t *datagram, size_t n) {
    socket_of_one *s = f->sockets[device];
    if (s == NULL) return SIM_ESTATE;
    f->one.count = 1;
    f->one.items[0].remote = f->one.items[0].local = (net_address){0}; /* the socket is connected */
    f->one.items[0].size = n;
    memcpy(f->one.items[0].data, datagram, n);
    int error = net_real_send(s->fd, &f->one, &f->base.counts.lost);
    if (error == SIM_EUNREACHABLE) f->base.counts.refused++;
    return error == SIM_EUNREACHABLE
               ? 0
               : error; /* a lost datagram to the device: its own timers will find out */
}

/* ---- sockets that carry a prefix ---- */

static int open_lane(datagrams *f, uint32_t port) {
    net_address any = {0};
    if (net_real_is_ipv4(&f->base.config.target)) memcpy(any.ip, f->base.config.target.ip, 12);
    lane *l = sim_calloc(1, sizeof *l);
    if (l == NULL) return SIM_ENOMEM;
    l->fd = net_real_open(&any);
    if (l->fd < 0 || uv_poll_init(f->base.config.loop, &l->poll, l->fd) != 0) {
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

static void flush_lane(datagrams *f, lane *l) {
    int error = l->out.count == 0 ? 0 : net_real_send(l->fd, &l->out, &f->base.counts.lost);
    if (error != 0) f->base.counts.refused++;
}

static int send_from_prefix(datagrams *f, uint32_t device, const uint8_t *datagram, size_t n) {
    if (!f->open[device]) return SIM_ESTATE;
    lane *l = f->lanes[f->turn[device] % PORTS];
    net_real_datagram *d = &l->out.items[l->out.count++];
    d->remote = f->base.config.target;
    d->local = net_real_fleet_source(&f->base.config, device);
    d->size = n;
    memcpy(d->data, datagram, n);
    if (l->out.count == NET_REAL_BATCH) flush_lane(f, l);
    return 0;
}

/* ---- verbs ---- */

static int build_prefix(datagrams *f, char *why, size_t size) {
    f->turn = sim_calloc(f->base.config.devices, sizeof *f->turn);
    f->open = sim_calloc(f->base.config.devices, sizeof *f->open);
    int error = f->turn == NULL || f->open == NULL ? SIM_ENOMEM : 0;
    for (uint32_t port = 0; port < PORTS && error == 0; port++) error = open_lane(f, port);
    if (error != 0) (void)snprintf(why, size, "sockets for --source: %s", sim_error_text(error));
    return error;
}

static net_real_fleet *make(const net_real_fleet_config *config, char *why, size_t size) {
    datagrams *f = sim_calloc(1, sizeof *f);
    if (f == NULL) return NULL;
    f->base = (net_real_fleet){.kind = &net_real_datagrams, .config = *config};
    int error = 0;
    if (config->source_bits != 0) {
        error = build_prefix(f, why, size);
    } else {
        f->sockets = sim_calloc(config->devices, sizeof *f->sockets);
        error = f->sockets == NULL ? SIM_ENOMEM : 0;
    }
    if (error == 0) return &f->base;
    net_real_fleet_free(&f->base);
    return NULL;
}

/* A datagram's peer is told of no end, so none differs from another. */
static void close_one(net_real_fleet *fleet, uint32_t device, bool silent) {
    datagrams *f = datagrams_of(fleet);
    (void)silent;
    if (f->sockets == NULL) {
        f->open[device] = false;
        return;
    }
    socket_of_one *s = f->sockets[device];
    if (s == NULL) return;
    f->sockets[device] = NULL;
    close_poll(f, &s->poll, s->fd);
}

static void close_all(net_real_fleet *fleet) {
    datagrams *f = datagrams_of(fleet);
    for (uint32_t i = 0; f->sockets != NULL && i < f->base.config.devices; i++)
        close_one(fleet, i, false);
    for (uint32_t port = 0; port < PORTS; port++) {
        lane *l = f->lanes[port];
        f->lanes[port] = NULL;
        if (l != NULL) close_poll(f, &l->poll, l->fd);
    }
}

static void free_fleet(net_real_fleet *fleet) {
    datagrams *f = datagrams_of(fleet);
    (void)uv_run(f->base.config.loop, UV_RUN_NOWAIT); /* lets the handles' memory go */
    sim_free(f->sockets);
    sim_free(f->turn);
    sim_free(f->open);
    sim_free(f);
}

static int open_one(net_real_fleet *fleet, uint32_t device) {
    datagrams *f = datagrams_of(fleet);
    if (f->sockets != NULL) return open_socket(f, device);
    f->turn[device]++;
    f->open[device] = true;
    return 0;
}

static int send_one(net_real_fleet *fleet, uint32_t device, const uint8_t *datagram, size_t n) {
    datagrams *f = datagrams_of(fleet);
    int error = f->sockets != NULL ? send_alone(f, device, datagram, n)
                                   : send_from_prefix(f, device, datagram, n);
    if (error == 0) f->base.counts.sent++;
    return error;
}

static void flush(net_real_fleet *fleet) {
    datagrams *f = datagrams_of(fleet);
    for (uint32_t port = 0; port < PORTS; port++) {
        if (f->lanes[port] != NULL) flush_lane(f, f->lanes[port]);
    }
}

const net_real_fleet_kind net_real_datagrams = {.make = make,
                                                .free = free_fleet,
                                                .open = open_one,
                                                .close = close_one,
                                                .close_all = close_all,
                                                .send = send_one,
                                                .flush = flush};
