/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/real_stream.h"

#include <stdio.h>
#include <uv.h>

#include "net/real_socket.h"
#include "sim/core/heap.h"
#include "sim/core/map.h"

enum { LISTEN_BACKLOG = 1024, LINGER_S = 5 };

typedef struct connection {
    uv_tcp_t tcp;
    uv_shutdown_t shutdown;
    net_real_stream *stream;
    net_address from;
    uint32_t slot;
    bool gone;     /* its handle is being closed */
    bool closed;   /* its owner wants no more of it */
    int lingers_s; /* that it still may, once closed */
} connection;

struct net_real_stream {
    uv_tcp_t listener;
    uv_timer_t second; /* runs while somebody lingers */
    uint32_t handles;  /* of libuv, not closed yet */
    uint32_t lingering;
    bool waiting; /* somebody waits with the kernel for a place */
    bool freed;
    struct uv_loop_s *loop;
    net_real_stream_calls calls;
    void *context;
    net_address bound;
    connection **connections; /* by slot */
    uint32_t maximum, count;
    uint32_t hint;      /* where a free slot may be */
    sim_map by_address; /* hash of the address -> slot; of those that are not closed */
    char part[NET_REAL_STREAM_PART];
};

static connection *connection_at(const net_real_stream *s, const net_address *from) {
    uint32_t slot;
    if (!sim_map_get(&s->by_address, net_address_hash(from), &slot)) return NULL;
    connection *c = s->connections[slot];
    return net_address_equal(&c->from, from) ? c : NULL;
}

static void on_connection(uv_stream_t *listener, int status);

/* The only place where its owner hears of an end: never from inside a call of his. */
static void on_closed(uv_handle_t *handle) {
    connection *c = handle->data;
    net_real_stream *s = c->stream;
    s->handles--;
    s->count--;
    s->connections[c->slot] = NULL;
    if (c->closed) {
        s->lingering--;
    } else {
        sim_map_remove(&s->by_address, net_address_hash(&c->from));
        if (!s->freed) s->calls.ended(s->context, &c->from);
    }
    sim_free(c);
    if (s->waiting && !s->freed) on_connection((uv_stream_t *)&s->listener, 0);
}

static void go(connection *c, bool reset) {
    if (c->gone) return;
    c->gone = true;
    if (!reset || uv_tcp_close_reset(&c->tcp, on_closed) != 0)
        uv_close((uv_handle_t *)&c->tcp, on_closed);
}

/* ---- those who were closed, and have not heard of it yet ---- */

static void on_second(uv_timer_t *timer) {
    net_real_stream *s = timer->data;
    for (uint32_t i = 0; i < s->maximum; i++) {
        connection *c = s->connections[i];
        if (c != NULL && c->closed && --c->lingers_s <= 0) go(c, true);
    }
    if (s->lingering == 0) (void)uv_timer_stop(timer);
}

static void on_shut_down(uv_shutdown_t *request, int status) {
    connection *c = request->data;
    if (status < 0) go(c, true);
}

/* Its client hears the end of what was sent, and what it still sends is read and thrown away: left
 * unread it would turn the end into a reset, and the client might lose our last words. */
static void linger(connection *c) {
    net_real_stream *s = c->stream;
    c->lingers_s = LINGER_S;
    c->shutdown.data = c;
    if (uv_shutdown(&c->shutdown, (uv_stream_t *)&c->tcp, on_shut_down) != 0) go(c, false);
    if (!uv_is_active((uv_handle_t *)&s->second))
        (void)uv_timer_start(&s->second, on_second, 1000, 1000);
}

void net_real_stream_close(net_real_stream *s, const net_address *to, bool reset) {
    connection *c = connection_at(s, to);
    if (c == NULL || c->closed) return;
    c->closed = true;
    s->lingering++;
    sim_map_remove(&s->by_address, net_address_hash(to));
    if (reset)
        go(c, true);
    else if (!c->gone)
        linger(c);
}

/* ---- reading ---- */

/* All connections share one room: what is in it is used before the next one is read. */
static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *out) {
    const connection *c = handle->data;
    (void)suggested;
    *out = uv_buf_init(c->stream->part, sizeof c->stream->part);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *room) {
    connection *c = stream->data;
    net_real_stream *s = c->stream;
    if (n < 0)
        go(c, false);
    else if (n > 0 && !c->closed && !c->gone)
        s->calls.received(s->context, &c->from, (const uint8_t *)room->base, (size_t)n);
}

/* ---- accepting ---- */

static bool name_client(connection *c) {
    struct sockaddr_storage name;
    int length = sizeof name;
    if (uv_tcp_getpeername(&c->tcp, (struct sockaddr *)&name, &length) != 0) return false;
    c->from = net_real_from_kernel(&name);
    return true;
}

static void enter(net_real_stream *s, connection *c) {
    uint32_t taken;
    uint64_t hash;
    for (c->slot = s->hint; s->connections[c->slot] != NULL;) c->slot = (c->slot + 1) % s->maximum;
    s->hint = (c->slot + 1) % s->maximum;
    s->connections[c->slot] = c;
    s->count++;
    s->handles++;
    c->closed = true; /* until its owner hears of it */
    s->lingering++;
    bool whole = uv_accept((uv_stream_t *)&s->listener, (uv_stream_t *)&c->tcp) == 0 &&
                 name_client(c) && uv_tcp_nodelay(&c->tcp, 1) == 0 &&
                 uv_read_start((uv_stream_t *)&c->tcp, on_room, on_read) == 0;
    hash = net_address_hash(&c->from);
    if (!whole || sim_map_get(&s->by_address, hash, &taken) ||
        sim_map_put(&s->by_address, hash, c->slot) != 0) {
        go(c, true);
        return;
    }
    c->closed = false;
    s->lingering--;
    s->calls.received(s->context, &c->from, NULL, 0);
}

static void on_connection(uv_stream_t *listener, int status) {
    net_real_stream *s = listener->data;
    if (status < 0) return; /* of this client alone, or for want of descriptors */
    s->waiting = s->count >= s->maximum;
    if (s->waiting) return;
    connection *c = sim_calloc(1, sizeof *c);
    s->waiting = c == NULL;
    if (c == NULL) return;
    if (uv_tcp_init(s->loop, &c->tcp) != 0) {
        sim_free(c);
        return;
    }
    c->stream = s;
    c->tcp.data = c;
    enter(s, c);
}

/* ---- sending ---- */

typedef struct write_request {
    uv_write_t request;
    char bytes[];
} write_request;

static void on_written(uv_write_t *request, int status) {
    connection *c = request->handle->data;
    sim_free(request->data);
    if (status < 0) go(c, false);
}

static void queue(connection *c, const uint8_t *bytes, size_t n) {
    write_request *w = sim_malloc(sizeof *w + n);
    if (w == NULL) {
        go(c, true);
        return;
    }
    memcpy(w->bytes, bytes, n);
    w->request.data = w;
    uv_buf_t part = uv_buf_init(w->bytes, (unsigned)n);
    if (uv_write(&w->request, (uv_stream_t *)&c->tcp, &part, 1, on_written) == 0) return;
    sim_free(w);
    go(c, false);
}

void net_real_stream_send(net_real_stream *s, const net_address *to, const uint8_t *bytes,
                          size_t n) {
    connection *c = connection_at(s, to);
    if (c == NULL || c->gone || n == 0) return;
    uv_buf_t part = uv_buf_init((char *)(uintptr_t)bytes, (unsigned)n);
    int sent = uv_try_write((uv_stream_t *)&c->tcp, &part, 1);
    if (sent < 0 && sent != UV_EAGAIN) {
        go(c, false);
        return;
    }
    size_t done = sent < 0 ? 0 : (size_t)sent;
    if (done == n) return;
    size_t backlog = uv_stream_get_write_queue_size((uv_stream_t *)&c->tcp);
    if (backlog + n - done > NET_REAL_STREAM_BACKLOG)
        go(c, true);
    else
        queue(c, bytes + done, n - done);
}

/* ---- begin, end ---- */

static void on_handle_closed(uv_handle_t *handle) {
    ((net_real_stream *)handle->data)->handles--;
}

static int listen_on(net_real_stream *s, const net_address *bind_to) {
    struct sockaddr_storage name;
    int length = sizeof name;
    (void)net_real_to_kernel(bind_to, &name);
    int error = uv_tcp_bind(&s->listener, (struct sockaddr *)&name, 0);
    if (error == 0) error = uv_listen((uv_stream_t *)&s->listener, LISTEN_BACKLOG, on_connection);
    if (error == 0) error = uv_tcp_getsockname(&s->listener, (struct sockaddr *)&name, &length);
    if (error == 0) s->bound = net_real_from_kernel(&name);
    return error;
}

static int open_handles(net_real_stream *s) {
    int error = uv_tcp_init(s->loop, &s->listener);
    if (error != 0) return error;
    s->handles++;
    s->listener.data = s;
    error = uv_timer_init(s->loop, &s->second);
    if (error != 0) return error;
    s->handles++;
    s->second.data = s;
    return 0;
}

net_real_stream *net_real_stream_new(struct uv_loop_s *loop, const net_address *bind_to,
                                     uint32_t connections_maximum,
                                     const net_real_stream_calls *calls, void *context, char *why,
                                     size_t size) {
    char text[64];
    net_real_stream *s = sim_calloc(1, sizeof *s);
    connection **connections = sim_calloc(connections_maximum, sizeof(connection *));
    if (s == NULL || connections == NULL) {
        sim_free(s);
        sim_free(connections);
        (void)snprintf(why, size, "out of memory for the server's socket");
        return NULL;
    }
    s->loop = loop;
    s->connections = connections;
    s->maximum = connections_maximum;
    s->calls = *calls;
    s->context = context;
    sim_map_init(&s->by_address);
    int error = open_handles(s);
    if (error == 0) error = listen_on(s, bind_to);
    if (error == 0) return s;
    (void)snprintf(why, size, "cannot listen on %s (%s): choose another address or port",
                   net_address_text(bind_to, text, sizeof text), uv_strerror(error));
    net_real_stream_free(s);
    return NULL;
}

void net_real_stream_free(net_real_stream *s) {
    if (s == NULL) return;
    s->freed = true;
    for (uint32_t i = 0; i < s->maximum; i++) {
        if (s->connections[i] != NULL) go(s->connections[i], false);
    }
    if (s->listener.data != NULL) uv_close((uv_handle_t *)&s->listener, on_handle_closed);
    if (s->second.data != NULL) uv_close((uv_handle_t *)&s->second, on_handle_closed);
    while (s->handles > 0) (void)uv_run(s->loop, UV_RUN_NOWAIT);
    sim_map_deinit(&s->by_address);
    sim_free(s->connections);
    sim_free(s);
}

net_address net_real_stream_address(const net_real_stream *s) {
    return s->bound;
}
