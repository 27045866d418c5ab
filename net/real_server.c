/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/real_server.h"

#include <stdio.h>
#include <unistd.h>
#include <uv.h>

#include "net/real_socket.h"
#include "sim/core/heap.h"

struct net_real_server {
    uv_poll_t poll;
    struct uv_loop_s *loop;
    int fd;
    net_address bound;
    net_address asked; /* the address of ours that answers leave from */
    net_real_server_received *received;
    void *context;
    uint64_t lost;
    net_real_batch in, out;
};

static void on_readable(uv_poll_t *poll, int status, int events) {
    net_real_server *s = poll->data;
    (void)events;
    if (status < 0) /* libuv has stopped at an error of the socket */
        (void)uv_poll_start(poll, UV_READABLE, on_readable);
    for (int rounds = 0; rounds < 16 && net_real_receive(s->fd, &s->in) == 0; rounds++) {
        for (uint32_t i = 0; i < s->in.count; i++) {
            const net_real_datagram *d = &s->in.items[i];
            s->asked = d->local;
            s->received(s->context, &d->remote, d->data, d->size);
        }
    }
    s->asked = (net_address){0};
    net_real_server_flush(s);
}

static int bind_and_poll(net_real_server *s, const net_address *bind_to) {
    struct sockaddr_storage name;
    socklen_t length = sizeof name;
    s->fd = net_real_open(bind_to);
    if (s->fd < 0) return s->fd;
    if (getsockname(s->fd, (struct sockaddr *)&name, &length) == 0)
        s->bound = net_real_from_kernel(&name);
    int error = uv_poll_init(s->loop, &s->poll, s->fd);
    s->poll.data = s;
    if (error == 0) error = uv_poll_start(&s->poll, UV_READABLE, on_readable);
    if (error != 0) (void)close(s->fd);
    return error;
}

net_real_server *net_real_server_new(struct uv_loop_s *loop, const net_address *bind_to,
                                     net_real_server_received *received, void *context, char *why,
                                     size_t size) {
    char text[64];
    net_real_server *s = sim_calloc(1, sizeof *s);
    if (s == NULL) {
        (void)snprintf(why, size, "out of memory for the server's socket");
        return NULL;
    }
    s->loop = loop;
    s->received = received;
    s->context = context;
    int error = bind_and_poll(s, bind_to);
    if (error == 0) return s;
    (void)snprintf(why, size, "cannot listen on %s (%s): choose another address or port",
                   net_address_text(bind_to, text, sizeof text), uv_strerror(error));
    sim_free(s);
    return NULL;
}

static void free_handle(uv_handle_t *handle) {
    sim_free(handle->data);
}

void net_real_server_free(net_real_server *s) {
    if (s == NULL) return;
    struct uv_loop_s *loop = s->loop;
    (void)uv_poll_stop(&s->poll);
    (void)close(s->fd);
    uv_close((uv_handle_t *)&s->poll, free_handle);
    (void)uv_run(loop, UV_RUN_NOWAIT);
}

net_address net_real_server_asked(const net_real_server *s) {
    return s->asked;
}

void net_real_server_answer_as(net_real_server *s, const net_address *local) {
    s->asked = *local;
}

void net_real_server_send(net_real_server *s, const net_address *to, const uint8_t *datagram,
                          size_t n) {
    SIM_PROMISE(n <= NET_REAL_DATAGRAM_MAX);
    net_real_datagram *d = &s->out.items[s->out.count++];
    d->remote = *to;
    d->local = s->asked;
    d->size = n;
    memcpy(d->data, datagram, n);
    if (s->out.count == NET_REAL_BATCH) net_real_server_flush(s);
}

void net_real_server_flush(net_real_server *s) {
    int error = s->out.count == 0 ? 0 : net_real_send(s->fd, &s->out, &s->lost);
    (void)error; /* an unreachable client is its own loss */
}

net_address net_real_server_address(const net_real_server *s) {
    return s->bound;
}
