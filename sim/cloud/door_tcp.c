/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A door of streams, as a virtual world reaches it: its packets are segments of TCP. Behind it
 * stands the door that a served cloud has behind the kernel's sockets; between them is one net_tcp
 * for each connection. Segments that the capacity lets fall come again, as TCP has it. */
#include <string.h>

#include "net/tcp.h"
#include "sim/cloud/door.h"
#include "sim/core/heap.h"
#include "sim/core/map.h"
#include "sim/core/random.h"

typedef struct tcp_door tcp_door;

typedef struct tcp_end {
    net_tcp tcp;
    tcp_door *door;
    net_address from;
    sim_id id;
    sim_time due; /* as last told */
    struct tcp_end *next_gone;
    uint8_t *kept; /* came while the door behind stood still; NULL: nothing */
    uint32_t kept_n;
    cloud_fate fate; /* of the SYN */
    bool opened;     /* while the door behind stood still */
    bool gone;       /* and to be freed when the verb in hand is over */
    bool known;      /* the door behind has been told of it, and has not forgotten it */
} tcp_end;

struct tcp_door {
    cloud_door base; /* first: a pointer to it is one to its door */
    cloud_door *inner;
    const cloud_door_calls *calls;
    void *context;
    sim_slots slots;
    tcp_end **ends; /* by slot */
    size_t ends_room;
    sim_map by_address; /* device and connection -> slot */
    tcp_end *gone;
    cloud_frozen frozen;
    sim_time frozen_until;
    sim_stream numbers;
    sim_time now;    /* of the verb in hand, */
    cloud_fate fate; /* and of its packet */
    int error;
};

static tcp_door *door_of(cloud_door *d) {
    return (tcp_door *)d;
}

/* ---- what a segment shows ---- */

static cloud_glance look_behind(const cloud_door_kind *inner, uint16_t source_port,
                                const uint8_t *packet, size_t n) {
    net_tcp_segment s;
    bool is_segment = net_tcp_segment_read(&s, packet, n) == 0;
    bool asks = is_segment && (s.flags & (NET_TCP_SYN | NET_TCP_ACK)) == NET_TCP_SYN;
    if (asks) return inner->look(source_port, NULL, 0);
    if (is_segment && s.size > 0) return inner->look(source_port, s.data, s.size);
    return (cloud_glance){.demand = CLOUD_DEMAND_NOTHING, .port = source_port, .proven = true};
}

/* ---- the ends ---- */

static uint64_t key_of(const net_address *from) {
    uint32_t device;
    uint16_t connection;
    SIM_PROMISE(net_address_virtual_read(from, &device, &connection));
    return (uint64_t)device << 16 | connection;
}

static tcp_end *end_at(const tcp_door *d, const net_address *from) {
    uint32_t slot;
    return sim_map_get(&d->by_address, key_of(from), &slot) ? d->ends[slot] : NULL;
}

/* Its timers are the odd ones that stand as long as the door does. */
static void tell_due(tcp_end *e) {
    sim_time due = net_tcp_deadline(&e->tcp);
    if (due == e->due) return;
    e->due = due;
    e->door->calls->wake_at(e->door->context, (sim_id){.slot = 2 * e->id.slot + 1}, due);
}

static void leave(tcp_end *e) {
    if (e->gone) return;
    e->gone = true;
    e->next_gone = e->door->gone;
    e->door->gone = e;
}

static void free_end(tcp_end *e) {
    tcp_door *d = e->door;
    net_tcp_free(&e->tcp);
    sim_free(e->kept);
    tell_due(e);
    sim_map_remove(&d->by_address, key_of(&e->from));
    d->ends[e->id.slot] = NULL;
    SIM_PROMISE(sim_slots_give_back(&d->slots, e->id) == 0);
    sim_free(e);
}

/* The end of every verb. The door behind hears of an end here and not earlier: it may have been in
 * the middle of sending to it. */
static int settle(tcp_door *d) {
    while (d->gone != NULL && d->frozen != CLOUD_FROZEN_ALL) {
        tcp_end *e = d->gone;
        d->gone = e->next_gone;
        if (e->known) d->inner->kind->ended(d->inner, d->now, &e->from);
        free_end(e);
    }
    int error = d->error;
    d->error = 0;
    return error;
}

static void keep_error(tcp_door *d, int error) {
    if (d->error == 0) d->error = error;
}

/* ---- what an end tells ---- */

static void on_segment(void *owner, const uint8_t *segment, size_t n) {
    tcp_end *e = owner;
    e->door->calls->send(e->door->context, &e->from, segment, n);
}

/* What a kernel holds for a process that does not read; who sends more is cut off. */
static void keep(tcp_end *e, const uint8_t *bytes, size_t n) {
    enum { HOLDS = 131072 };
    uint8_t *more = e->kept_n + n > HOLDS ? NULL : sim_realloc(e->kept, e->kept_n + n);
    if (more == NULL) {
        net_tcp_abort(&e->tcp);
        leave(e);
        return;
    }
    memcpy(more + e->kept_n, bytes, n);
    e->kept = more;
    e->kept_n += (uint32_t)n;
}

static void on_opened(void *owner) {
    tcp_end *e = owner;
    tcp_door *d = e->door;
    e->opened = d->frozen == CLOUD_FROZEN_ALL;
    if (e->opened) return;
    e->known = true;
    keep_error(d, d->inner->kind->input(d->inner, d->now, &e->from, NULL, 0, e->fate));
}

static void on_received(void *owner, const uint8_t *bytes, size_t n) {
    tcp_end *e = owner;
    tcp_door *d = e->door;
    if (d->frozen == CLOUD_FROZEN_ALL)
        keep(e, bytes, n);
    else if (e->known)
        keep_error(d, d->inner->kind->input(d->inner, d->now, &e->from, bytes, n, d->fate));
}

static void on_room(void *owner) {
    (void)owner; /* what did not fit has ended it */
}

static void on_ended(void *owner, net_end why) {
    (void)why;
    leave(owner);
}

static const net_tcp_calls tcp_calls = {on_segment, on_opened, on_received, on_room, on_ended};

/* ---- what the door behind asks ---- */

static void inner_sends(void *context, const net_address *to, const uint8_t *bytes, size_t n) {
    tcp_door *d = context;
    tcp_end *e = end_at(d, to);
    if (e == NULL || e->gone) return;
    if (net_tcp_write(&e->tcp, d->now, bytes, n) < n) { /* a stream has no holes */
        net_tcp_abort(&e->tcp);
        leave(e);
    }
    tell_due(e);
}

static void inner_closes(void *context, const net_address *to, bool reset) {
    tcp_door *d = context;
    tcp_end *e = end_at(d, to);
    if (e == NULL) return;
    e->known = false;
    if (e->gone) return;
    if (reset) {
        net_tcp_abort(&e->tcp);
        leave(e);
    } else {
        net_tcp_close(&e->tcp, d->now);
    }
    tell_due(e);
}

static void inner_wakes_at(void *context, sim_id timer, sim_time due) {
    tcp_door *d = context;
    if (timer.generation == 0) timer.slot *= 2;
    d->calls->wake_at(d->context, timer, due);
}

static size_t inner_asks_who(void *context, const char *identity, uint32_t *device,
                             uint8_t key[NET_SECURE_KEY_MAX]) {
    tcp_door *d = context;
    return d->calls->who(d->context, identity, device, key);
}

static const cloud_door_calls inner_calls = {
    .send = inner_sends, .wake_at = inner_wakes_at, .who = inner_asks_who, .close = inner_closes};

/* ---- verbs ---- */

static void free_door(cloud_door *door) {
    tcp_door *d = door_of(door);
    cloud_door_free(d->inner);
    for (size_t i = 0; i < d->ends_room; i++) {
        if (d->ends[i] == NULL) continue;
        net_tcp_free(&d->ends[i]->tcp);
        sim_free(d->ends[i]->kept);
        sim_free(d->ends[i]);
    }
    sim_slots_deinit(&d->slots);
    sim_map_deinit(&d->by_address);
    sim_free(d->ends);
    sim_free(d);
}

static cloud_door *make(const cloud_door_kind *kind, const cloud_door_kind *inner,
                        const cloud_door_settings *settings, net_vkernel *kernel,
                        cloud_service *service, const cloud_door_calls *calls, void *context) {
    tcp_door *d = sim_calloc(1, sizeof *d);
    if (d == NULL) return NULL;
    d->base.kind = kind;
    d->calls = calls;
    d->context = context;
    d->numbers = cloud_door_stream(settings, CLOUD_DOOR_SEQUENCES);
    sim_slots_init(&d->slots, settings->peers_maximum);
    sim_map_init(&d->by_address);
    d->inner = inner->make(settings, kernel, service, &inner_calls, d);
    if (d->inner != NULL) return &d->base;
    free_door(&d->base);
    return NULL;
}

static int enter(tcp_door *d, tcp_end *e) {
    int error = sim_slots_take(&d->slots, &e->id);
    if (error != 0) return error;
    if (e->id.slot >= d->ends_room) {
        size_t room = 2 * (size_t)e->id.slot + 16;
        tcp_end **ends = sim_realloc(d->ends, room * sizeof(tcp_end *));
        error = ends == NULL ? SIM_ENOMEM : 0;
        if (error == 0) {
            memset(ends + d->ends_room, 0, (room - d->ends_room) * sizeof(tcp_end *));
            d->ends = ends;
            d->ends_room = room;
        }
    }
    if (error == 0) error = sim_map_put(&d->by_address, key_of(&e->from), e->id.slot);
    if (error == 0) {
        d->ends[e->id.slot] = e;
        return 0;
    }
    SIM_PROMISE(sim_slots_give_back(&d->slots, e->id) == 0);
    return error;
}

/* A SYN is accepted where there is room; whatever else belongs to no connection is reset. */
static void greet(tcp_door *d, const net_address *from, const uint8_t *packet, size_t n) {
    tcp_end *e = sim_malloc(sizeof *e);
    if (e != NULL) {
        *e = (tcp_end){.door = d, .from = *from, .due = SIM_NEVER, .fate = d->fate};
        if (enter(d, e) == 0) {
            if (net_tcp_accept(&e->tcp, &net_tcp_linux, &tcp_calls, e, packet, n,
                               (uint32_t)sim_stream_next(&d->numbers), d->now)) {
                tell_due(e);
                return;
            }
            free_end(e);
        } else {
            sim_free(e);
        }
    }
    uint8_t reset[NET_TCP_HEADER];
    if (net_tcp_segment_reset(packet, n, reset))
        d->calls->send(d->context, from, reset, sizeof reset);
}

static int input(cloud_door *door, sim_time now, const net_address *from, const uint8_t *packet,
                 size_t n, cloud_fate fate) {
    tcp_door *d = door_of(door);
    tcp_end *e = end_at(d, from);
    d->now = now;
    d->fate = fate;
    if (e == NULL) {
        greet(d, from, packet, n);
    } else if (!e->gone) {
        net_tcp_input(&e->tcp, now, packet, n);
        tell_due(e);
    }
    return settle(d);
}

static void wake(cloud_door *door, sim_time now, sim_id timer) {
    tcp_door *d = door_of(door);
    bool is_end = timer.generation == 0 && timer.slot % 2 == 1;
    d->now = now;
    d->fate = CLOUD_FATE_ADMIT;
    if (is_end) {
        uint32_t slot = timer.slot / 2;
        tcp_end *e = slot < d->ends_room ? d->ends[slot] : NULL;
        if (e != NULL && !e->gone) {
            e->due = SIM_NEVER; /* that timer has rung */
            net_tcp_wake(&e->tcp, now);
            tell_due(e);
        }
    } else if (d->frozen == CLOUD_FROZEN_ALL) {
        d->calls->wake_at(d->context, timer, d->frozen_until);
    } else {
        if (timer.generation == 0) timer.slot /= 2;
        d->inner->kind->wake(d->inner, now, timer);
    }
    keep_error(d, settle(d));
}

static void notify(cloud_door *door, sim_time now, uint32_t device) {
    tcp_door *d = door_of(door);
    d->now = now;
    d->inner->kind->notify(d->inner, now, device);
    keep_error(d, settle(d));
}

static bool knows(const cloud_door *door, const net_address *from, const cloud_glance *glance) {
    const tcp_door *d = (const tcp_door *)door;
    (void)glance;
    return end_at(d, from) != NULL;
}

static void expire(cloud_door *door, sim_time now) {
    tcp_door *d = door_of(door);
    d->now = now;
    d->inner->kind->expire(d->inner, now);
    keep_error(d, settle(d));
}

/* Those that the door behind closed say good bye; of the others nothing is left. */
static void forget(cloud_door *door, sim_time now, bool tell) {
    tcp_door *d = door_of(door);
    d->now = now;
    d->inner->kind->forget(d->inner, now, tell);
    for (size_t i = 0; i < d->ends_room; i++) {
        tcp_end *e = d->ends[i];
        if (e == NULL || (tell && !e->known && !e->gone)) continue;
        e->known = false;
        leave(e);
    }
    keep_error(d, settle(d));
}

/* What was kept is read in the order of the connections' places. */
static void catch_up(tcp_door *d) {
    for (size_t i = 0; i < d->ends_room; i++) {
        tcp_end *e = d->ends[i];
        if (e == NULL) continue;
        uint8_t *kept = e->kept;
        uint32_t n = e->kept_n;
        e->kept = NULL;
        e->kept_n = 0;
        if (e->opened) on_opened(e);
        e->opened = false;
        if (n > 0) on_received(e, kept, n);
        sim_free(kept);
    }
}

static void freeze(cloud_door *door, sim_time now, cloud_frozen what, sim_time until) {
    tcp_door *d = door_of(door);
    bool stood = d->frozen == CLOUD_FROZEN_ALL;
    d->now = now;
    d->fate = CLOUD_FATE_ADMIT;
    d->frozen = what;
    d->frozen_until = until;
    if (d->inner->kind->freeze != NULL) d->inner->kind->freeze(d->inner, now, what, until);
    if (stood && what != CLOUD_FROZEN_ALL) catch_up(d);
    keep_error(d, settle(d));
}

static const cloud_door_counts *count(cloud_door *door) {
    cloud_door *inner = door_of(door)->inner;
    return inner->kind->count(inner);
}

#define TCP_DOOR(inner)                                                                        \
    static cloud_glance look_##inner(uint16_t source_port, const uint8_t *packet, size_t n) {  \
        return look_behind(&cloud_door_##inner, source_port, packet, n);                       \
    }                                                                                          \
    static cloud_door *make_##inner(const cloud_door_settings *settings, net_vkernel *kernel,  \
                                    cloud_service *service, const cloud_door_calls *calls,     \
                                    void *context) {                                           \
        return make(&cloud_door_##inner##_tcp, &cloud_door_##inner, settings, kernel, service, \
                    calls, context);                                                           \
    }                                                                                          \
    const cloud_door_kind cloud_door_##inner##_tcp = {.scheme = #inner,                        \
                                                      .look = look_##inner,                    \
                                                      .make = make_##inner,                    \
                                                      .freeze = freeze,                        \
                                                      CLOUD_DOOR_VERBS(input)};

CLOUD_STREAM_DOOR_MAP(TCP_DOOR)
