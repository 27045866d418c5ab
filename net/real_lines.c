/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Devices on streams. A *line* is the near end of a device's own TCP: it answers the device's SYN
 * once the kernel's connection to the target is made, and then passes bytes between the two. So a
 * device's segments pass the hops of its route here as in a virtual world, and may be lost there.
 *
 * A device that loses its power says nothing to the target, and neither does the kernel: its
 * connection stays open with nobody behind it, and what comes on it is thrown away, until the
 * target finds out. (A socket that is closed would send FIN or RST.) What still differs from a dead
 * host is that the kernel acknowledges. */
#include <stdio.h>
#include <string.h>
#include <uv.h>

#include "net/real_fleet_private.h"
#include "net/real_socket.h"
#include "net/tcp.h"
#include "sim/core/heap.h"
#include "sim/core/queue.h"

enum {
    PART = 4096,    /* bytes that are read at once */
    BACKLOG = 65536 /* bytes that the target may leave unread, as the buffer of a device's TCP */
};

typedef struct lines lines;
typedef struct line line;

/* The kernel's connection. */
typedef struct trunk {
    uv_tcp_t tcp;
    uv_connect_t connect;
    lines *fleet;
    line *line;                  /* NULL: deserted, or being closed */
    struct trunk *older, *newer; /* among the deserted */
    bool deserted, closing, paused, over;
    bool ended; /* the target has written its last */
} trunk;

typedef enum line_state {
    LINE_IDLE,    /* no SYN has come */
    LINE_DIALS,   /* the kernel's connection is being made */
    LINE_OPEN,    /* both are */
    LINE_HUNG_UP, /* the kernel's one is gone, or could not be made */
} line_state;

struct line {
    net_tcp end;
    trunk *trunk; /* NULL: none */
    lines *fleet;
    sim_timer alarm;
    uint8_t *rest; /* what the end had no room for; then the trunk is not read */
    size_t rest_size, rest_done;
    uint32_t device;
    uint32_t serial; /* of all lines: whom a queued alarm is for */
    uint8_t state;   /* line_state */
    uint8_t syn_size;
    uint8_t syn[NET_TCP_HEADER + 40]; /* the header is 60 bytes at the most */
};

/* A segment on its way to a device: nothing is handed over from inside a TCP's verb. */
typedef struct parcel {
    struct parcel *next;
    uint32_t device, serial;
    size_t n;
    uint8_t segment[];
} parcel;

struct lines {
    net_real_fleet base; /* first: a pointer to it is one to its fleet */
    line **by_device;
    parcel *first, **last;
    trunk *oldest, *newest; /* deserted */
    sim_queue alarms;
    uint64_t sequence;
    uint32_t serial;
    uint32_t trunks; /* handles of libuv that are not closed yet */
    char part[PART];
};

static lines *lines_of(net_real_fleet *f) {
    return (lines *)f;
}

static sim_time now_of(const lines *f) {
    return f->base.config.now(f->base.config.context);
}

static void tell_due(line *l) {
    const sim_event like = {
        .key = {.lane = SIM_LANE_TIMER}, .target = l->device, .payload = l->serial};
    lines *f = l->fleet;
    /* Without memory for it an alarm stays as it was: the device's own TCP repeats what it needs.
     */
    (void)!sim_timer_set(&l->alarm, &f->alarms, net_tcp_deadline(&l->end), &like, &f->sequence);
}

/* ---- trunks ---- */

static void unlist(trunk *t) {
    lines *f = t->fleet;
    if (!t->deserted) return;
    t->deserted = false;
    *(t->older != NULL ? &t->older->newer : &f->oldest) = t->newer;
    *(t->newer != NULL ? &t->newer->older : &f->newest) = t->older;
}

static void on_closed(uv_handle_t *handle) {
    trunk *t = handle->data;
    t->fleet->trunks--;
    sim_free(t);
}

/* Its descriptor is free when this returns; the kernel sends FIN, or RST. */
static void close_trunk(trunk *t, bool reset) {
    if (t->closing) return;
    t->closing = true;
    unlist(t);
    if (t->line != NULL) t->line->trunk = NULL;
    t->line = NULL;
    if (!reset || uv_tcp_close_reset(&t->tcp, on_closed) != 0)
        uv_close((uv_handle_t *)&t->tcp, on_closed);
}

static void desert_trunk(trunk *t) {
    lines *f = t->fleet;
    t->line = NULL;
    t->deserted = true;
    t->older = f->newest;
    t->newer = NULL;
    *(f->newest != NULL ? &f->newest->newer : &f->oldest) = t;
    f->newest = t;
    f->base.counts.half_open++;
}

/* ---- towards the device ---- */

static void post(line *l, const uint8_t *segment, size_t n) {
    lines *f = l->fleet;
    parcel *p = sim_malloc(sizeof *p + n);
    if (p == NULL) return; /* the network has lost it */
    *p = (parcel){.device = l->device, .serial = l->serial, .n = n};
    memcpy(p->segment, segment, n);
    *f->last = p;
    f->last = &p->next;
}

static void post_reset(line *l, const uint8_t *segment, size_t n) {
    uint8_t reset[NET_TCP_HEADER];
    if (net_tcp_segment_reset(segment, n, reset)) post(l, reset, sizeof reset);
}

static void on_segment(void *owner, const uint8_t *segment, size_t n) {
    post(owner, segment, n);
}

static void on_room(void *owner);

/* What the target said before its device's handshake was through has waited. */
static void on_opened(void *owner) {
    on_room(owner);
}

/* ---- towards the target ---- */

typedef struct write_request {
    uv_write_t request;
    char bytes[];
} write_request;

static void hang_up(line *l, bool reset);

static void on_written(uv_write_t *request, int status) {
    trunk *t = request->handle->data;
    sim_free(request->data);
    if (status < 0 && status != UV_ECANCELED && t->line != NULL) hang_up(t->line, true);
}

static bool queue_bytes(trunk *t, const uint8_t *bytes, size_t n) {
    size_t backlog = uv_stream_get_write_queue_size((uv_stream_t *)&t->tcp);
    write_request *w = backlog + n <= BACKLOG ? sim_malloc(sizeof *w + n) : NULL;
    if (w == NULL) return false;
    memcpy(w->bytes, bytes, n);
    w->request.data = w;
    uv_buf_t part = uv_buf_init(w->bytes, (unsigned)n);
    if (uv_write(&w->request, (uv_stream_t *)&t->tcp, &part, 1, on_written) == 0) return true;
    sim_free(w);
    return false;
}

static void on_received(void *owner, const uint8_t *bytes, size_t n) {
    const line *l = owner;
    trunk *t = l->trunk;
    if (t == NULL || t->over) return;
    uv_buf_t part = uv_buf_init((char *)(uintptr_t)bytes, (unsigned)n);
    int sent = uv_try_write((uv_stream_t *)&t->tcp, &part, 1);
    l->fleet->base.counts.sent++;
    size_t done = sent > 0 ? (size_t)sent : 0;
    bool broken = sent < 0 && sent != UV_EAGAIN;
    if (broken || (done < n && !queue_bytes(t, bytes + done, n - done)))
        t->over = true; /* its line hangs up when the verb in hand is over */
}

static void on_ended(void *owner, net_end why) {
    line *l = owner;
    (void)
        why; /* both sides are through, or the device fell silent: that is no news to the target */
    l->state = LINE_HUNG_UP;
    if (l->trunk != NULL) l->trunk->over = true;
}

/* ---- from the target ---- */

static void feed(line *l, const uint8_t *bytes, size_t n) {
    size_t taken = net_tcp_write(&l->end, now_of(l->fleet), bytes, n);
    if (taken == n || l->trunk == NULL) return;
    l->rest = sim_malloc(n - taken);
    if (l->rest == NULL) {
        hang_up(l, true);
        return;
    }
    memcpy(l->rest, bytes + taken, n - taken);
    l->rest_size = n - taken;
    l->rest_done = 0;
    l->trunk->paused = uv_read_stop((uv_stream_t *)&l->trunk->tcp) == 0;
}

static void on_room_for_part(uv_handle_t *handle, size_t suggested, uv_buf_t *out) {
    const trunk *t = handle->data;
    (void)suggested;
    *out = uv_buf_init(t->fleet->part, sizeof t->fleet->part);
}

static void settle(line *l);

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *room) {
    trunk *t = stream->data;
    line *l = t->line;
    if (n == 0 || t->closing) return;
    if (n > 0) t->fleet->base.counts.received++;
    if (l == NULL) {
        if (n < 0) close_trunk(t, false); /* the target has found out */
        return;
    }
    if (n == UV_EOF) {
        t->ended = true;
        (void)uv_read_stop(stream);
        net_tcp_close(&l->end, now_of(t->fleet));
    } else if (n < 0) {
        hang_up(l, true);
        return;
    } else {
        feed(l, (const uint8_t *)room->base, (size_t)n);
    }
    settle(l);
}

static void read_on(trunk *t) {
    t->paused = false;
    if (uv_read_start((uv_stream_t *)&t->tcp, on_room_for_part, on_read) != 0) t->over = true;
}

/* The end has room again: first for the rest of what was read. */
static void on_room(void *owner) {
    line *l = owner;
    if (l->rest == NULL) return;
    l->rest_done += net_tcp_write(&l->end, now_of(l->fleet), l->rest + l->rest_done,
                                  l->rest_size - l->rest_done);
    if (l->rest_done < l->rest_size) return;
    sim_free(l->rest);
    l->rest = NULL;
    if (l->trunk != NULL && l->trunk->paused) read_on(l->trunk);
}

static const net_tcp_calls end_calls = {on_segment, on_opened, on_received, on_room, on_ended};

/* The end of every verb on a line that is not closed by it. */
static void settle(line *l) {
    if (l->trunk != NULL && l->trunk->over)
        hang_up(l, l->state != LINE_HUNG_UP);
    else
        tell_due(l);
}

/* The kernel's connection is no more; with `reset` the device is told at once. */
static void hang_up(line *l, bool reset) {
    if (reset) net_tcp_abort(&l->end);
    l->state = LINE_HUNG_UP;
    if (l->trunk != NULL) close_trunk(l->trunk, reset);
    tell_due(l);
}

/* ---- dialling ---- */

static bool is_starved(int error) {
    return error == UV_EMFILE || error == UV_ENFILE || error == UV_ENOMEM || error == UV_ENOBUFS ||
           error == UV_EADDRNOTAVAIL || error == UV_EADDRINUSE || error == UV_EAGAIN;
}

/* What a failed call of the kernel's means for the device: it hears of a refusal, and of nothing
 * else: then its TCP asks again. */
static void dial_failed(line *l, int error) {
    net_real_fleet_counts *c = &l->fleet->base.counts;
    l->state = LINE_HUNG_UP;
    if (l->trunk != NULL) close_trunk(l->trunk, false);
    if (is_starved(error)) {
        c->starved++;
    } else {
        c->refused++;
    }
    if (error == UV_ECONNREFUSED) post_reset(l, l->syn, l->syn_size);
}

/* On loopback a port that nobody listens at may be the very one that the kernel gave us, and then
 * TCP connects it with itself. */
static bool is_to_itself(const uv_tcp_t *tcp) {
    struct sockaddr_storage ours, theirs;
    int ours_size = sizeof ours, theirs_size = sizeof theirs;
    if (uv_tcp_getsockname(tcp, (struct sockaddr *)&ours, &ours_size) != 0 ||
        uv_tcp_getpeername(tcp, (struct sockaddr *)&theirs, &theirs_size) != 0)
        return false;
    net_address from = net_real_from_kernel(&ours), to = net_real_from_kernel(&theirs);
    return net_address_equal(&from, &to);
}

static void on_connected(uv_connect_t *request, int status) {
    trunk *t = request->handle->data;
    line *l = t->line;
    if (t->closing || status == UV_ECANCELED) return;
    if (status == 0 && is_to_itself(&t->tcp)) status = UV_ECONNREFUSED;
    if (l == NULL) { /* deserted meanwhile */
        if (status == 0)
            read_on(t);
        else
            close_trunk(t, true);
        return;
    }
    if (status != 0) {
        dial_failed(l, status);
        return;
    }
    lines *f = t->fleet;
    f->base.counts.received++;
    (void)uv_tcp_nodelay(&t->tcp, 1);
    l->state = LINE_OPEN;
    if (!net_tcp_accept(&l->end, &net_tcp_linux, &end_calls, l, l->syn, l->syn_size, l->serial,
                        now_of(f)))
        t->over = true;
    else
        read_on(t);
    settle(l);
}

static int begin_call(lines *f, trunk *t, uint32_t device) {
    struct sockaddr_storage name;
    const net_real_fleet_config *c = &f->base.config;
    if (c->source_bits != 0) {
        net_address source = net_real_fleet_source(c, device);
        (void)net_real_to_kernel(&source, &name);
        int error = uv_tcp_bind(&t->tcp, (struct sockaddr *)&name, 0);
        if (error != 0) return error;
    }
    (void)net_real_to_kernel(&c->target, &name);
    return uv_tcp_connect(&t->connect, &t->tcp, (struct sockaddr *)&name, on_connected);
}

static bool is_out_of_descriptors(int error) {
    return error == UV_EMFILE || error == UV_ENFILE;
}

/* A trunk with a descriptor. Those that nobody uses any more make room, the longest deserted first.
 */
static int make_trunk(lines *f, trunk **out) {
    unsigned family = net_real_is_ipv4(&f->base.config.target) ? AF_INET : AF_INET6;
    trunk *t = sim_calloc(1, sizeof *t);
    if (t == NULL) return UV_ENOMEM;
    int error = uv_tcp_init_ex(f->base.config.loop, &t->tcp, family);
    while (is_out_of_descriptors(error) && f->oldest != NULL) {
        f->base.counts.half_open_cut++;
        close_trunk(f->oldest, true);
        error = uv_tcp_init_ex(f->base.config.loop, &t->tcp, family);
    }
    if (error != 0) {
        sim_free(t);
        return error;
    }
    t->tcp.data = t;
    t->fleet = f;
    f->trunks++;
    *out = t;
    return 0;
}

static void dial(line *l, const uint8_t *syn, size_t n) {
    lines *f = l->fleet;
    net_tcp_free(&l->end);
    l->end = (net_tcp){0};
    l->syn_size = (uint8_t)n;
    memcpy(l->syn, syn, n);
    f->base.counts.sent++;
    int error = make_trunk(f, &l->trunk);
    if (error == 0) {
        l->trunk->line = l;
        l->state = LINE_DIALS;
        error = begin_call(f, l->trunk, l->device);
    }
    if (error != 0) dial_failed(l, error);
}

/* ---- lines ---- */

static void free_line(line *l) {
    l->fleet->by_device[l->device] = NULL;
    net_tcp_free(&l->end);
    sim_free(l->rest);
    sim_free(l);
}

static int open_line(net_real_fleet *fleet, uint32_t device) {
    lines *f = lines_of(fleet);
    line *l = sim_calloc(1, sizeof *l);
    if (l == NULL) return SIM_ENOMEM;
    l->fleet = f;
    l->device = device;
    l->serial = ++f->serial;
    sim_timer_init(&l->alarm);
    f->by_device[device] = l;
    return 0;
}

static void close_line(net_real_fleet *fleet, uint32_t device, bool silent) {
    lines *f = lines_of(fleet);
    line *l = f->by_device[device];
    if (l == NULL) return;
    trunk *t = l->trunk;
    if (t != NULL && silent && !t->ended) {
        desert_trunk(t);
        if (t->paused) read_on(t);
    } else if (t != NULL) {
        close_trunk(t, false);
    }
    free_line(l);
}

static int send_segment(net_real_fleet *fleet, uint32_t device, const uint8_t *segment, size_t n) {
    lines *f = lines_of(fleet);
    line *l = f->by_device[device];
    net_tcp_segment s;
    if (l == NULL) return SIM_ESTATE;
    if (net_tcp_segment_read(&s, segment, n) != 0) return SIM_EPARSE;
    bool asks = (s.flags & (NET_TCP_SYN | NET_TCP_ACK)) == NET_TCP_SYN && n <= sizeof l->syn;
    if (l->state == LINE_OPEN) {
        net_tcp_input(&l->end, now_of(f), segment, n);
        settle(l);
    } else if (l->state != LINE_DIALS && asks) {
        dial(l, segment, n);
    } else if (l->state == LINE_HUNG_UP) {
        post_reset(l, segment, n);
    }
    return 0;
}

/* ---- what is due ---- */

static void ring(lines *f) {
    sim_event e;
    sim_time now = now_of(f);
    for (const sim_event *head = sim_queue_head(&f->alarms); head != NULL && head->key.at <= now;
         head = sim_queue_head(&f->alarms)) {
        (void)sim_queue_pop(&f->alarms, &e);
        line *l = f->by_device[e.target];
        int error = 0;
        if (l == NULL || l->serial != e.payload ||
            !sim_timer_rings(&l->alarm, &f->alarms, &e, &f->sequence, &error))
            continue;
        net_tcp_wake(&l->end, now);
        settle(l);
    }
}

static parcel *take_parcel(lines *f) {
    parcel *p = f->first;
    if (p == NULL) return NULL;
    f->first = p->next;
    if (f->first == NULL) f->last = &f->first;
    return p;
}

static void flush(net_real_fleet *fleet) {
    lines *f = lines_of(fleet);
    ring(f);
    for (parcel *p = take_parcel(f); p != NULL; p = take_parcel(f)) {
        const line *l = f->by_device[p->device];
        if (l != NULL && l->serial == p->serial)
            f->base.config.received(f->base.config.context, p->device, p->segment, p->n, 0);
        sim_free(p);
    }
}

static sim_time deadline(const net_real_fleet *fleet) {
    const lines *f = (const lines *)fleet;
    const sim_event *head = sim_queue_head(&f->alarms);
    return head != NULL ? head->key.at : SIM_NEVER;
}

/* ---- begin and end ---- */

static net_real_fleet *make(const net_real_fleet_config *config, char *why, size_t size) {
    lines *f = sim_calloc(1, sizeof *f);
    line **by_device = sim_calloc(config->devices, sizeof(line *));
    (void)why; /* says already that there is no memory */
    (void)size;
    if (f == NULL || by_device == NULL) {
        sim_free(f);
        sim_free(by_device);
        return NULL;
    }
    f->base = (net_real_fleet){.kind = &net_real_lines, .config = *config};
    f->by_device = by_device;
    f->last = &f->first;
    sim_queue_init(&f->alarms);
    return &f->base;
}

static void close_all(net_real_fleet *fleet) {
    lines *f = lines_of(fleet);
    for (uint32_t i = 0; i < f->base.config.devices; i++) close_line(fleet, i, false);
    while (f->oldest != NULL) close_trunk(f->oldest, false);
    for (parcel *p = take_parcel(f); p != NULL; p = take_parcel(f)) sim_free(p);
}

static void free_fleet(net_real_fleet *fleet) {
    lines *f = lines_of(fleet);
    while (f->trunks > 0) (void)uv_run(f->base.config.loop, UV_RUN_NOWAIT);
    sim_queue_deinit(&f->alarms);
    sim_free(f->by_device);
    sim_free(f);
}

const net_real_fleet_kind net_real_lines = {.make = make,
                                            .free = free_fleet,
                                            .open = open_line,
                                            .close = close_line,
                                            .close_all = close_all,
                                            .send = send_segment,
                                            .flush = flush,
                                            .deadline = deadline};
