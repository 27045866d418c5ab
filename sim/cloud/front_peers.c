/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who a front speaks with: by address, by device, by age. */
#include <string.h>

#include "sim/cloud/front_private.h"
#include "sim/core/heap.h"

/* RFC 7252 4.8.2: EXCHANGE_LIFETIME. A peer unheard for so long has no exchange open that we could
 * owe it anything for. */
#define IDLE (247 * SIM_SECOND)

cloud_peer *cloud_front_peer_at(const cloud_front *f, const net_address *from) {
    uint32_t slot;
    if (!sim_map_get(&f->by_address, net_address_hash(from), &slot)) return NULL;
    return f->peers[slot];
}

cloud_peer *cloud_front_peer_of(const cloud_front *f, uint32_t device) {
    uint32_t slot;
    if (!sim_map_get(&f->by_device, device, &slot)) return NULL;
    return f->peers[slot];
}

static void list_remove(cloud_front *f, cloud_peer *p) {
    if (p->older != NULL) p->older->newer = p->newer;
    if (p->newer != NULL) p->newer->older = p->older;
    if (f->oldest == p) f->oldest = p->newer;
    if (f->newest == p) f->newest = p->older;
    p->older = p->newer = NULL;
}

static void list_append(cloud_front *f, cloud_peer *p) {
    p->older = f->newest;
    if (f->newest != NULL) f->newest->newer = p;
    f->newest = p;
    if (f->oldest == NULL) f->oldest = p;
}

void cloud_peer_heard(cloud_front *f, cloud_peer *p) {
    p->heard = f->now;
    if (f->newest == p) return;
    list_remove(f, p);
    list_append(f, p);
}

/* Room for one more: the peer unheard for longest gives way if it has been idle for long enough. */
static bool make_room(cloud_front *f) {
    if (f->slots.live < f->config.peers_maximum) return true;
    if (f->oldest != NULL && f->now - f->oldest->heard >= IDLE) {
        cloud_peer_drop(f, f->oldest);
        return true;
    }
    f->counts.peers_refused++;
    return false;
}

cloud_peer *cloud_front_spare(cloud_front *f, const net_address *from) {
    if (f->spare == NULL) f->spare = sim_malloc(sizeof *f->spare);
    if (f->spare == NULL) return NULL;
    *f->spare = (cloud_peer){
        .front = f,
        .address = *from,
        .device = CLOUD_FRONT_NOBODY,
        .busy_until = SIM_NEVER,
        .due = SIM_NEVER,
        .close_at = SIM_NEVER,
        .heard = f->now,
        .busy = f->fate == CLOUD_FATE_BUSY,
        .stream = sim_stream_for(f->config.seed, SIM_PURPOSE_SERVER, net_address_hash(from))};
    return f->spare;
}

static int room_for_slot(cloud_front *f, uint32_t slot) {
    if (slot < f->peers_room) return 0;
    size_t room = f->peers_room == 0 ? 16 : 2 * f->peers_room;
    while (room <= slot) room *= 2;
    cloud_peer **peers = sim_realloc(f->peers, room * sizeof(cloud_peer *));
    if (peers == NULL) return SIM_ENOMEM;
    memset(peers + f->peers_room, 0, (room - f->peers_room) * sizeof(cloud_peer *));
    f->peers = peers;
    f->peers_room = room;
    return 0;
}

/* The spare becomes a peer; whoever had its address before goes. */
int cloud_peer_enter(cloud_front *f, cloud_peer *p) {
    cloud_peer *before = cloud_front_peer_at(f, &p->address);
    if (before != NULL) cloud_peer_drop(f, before);
    if (!make_room(f)) return SIM_EAGAIN;
    int error = sim_slots_take(&f->slots, &p->id);
    if (error != 0) return error;
    error = room_for_slot(f, p->id.slot);
    if (error == 0) error = sim_map_put(&f->by_address, net_address_hash(&p->address), p->id.slot);
    if (error != 0) {
        SIM_PROMISE(sim_slots_give_back(&f->slots, p->id) == 0);
        return error;
    }
    f->peers[p->id.slot] = p;
    list_append(f, p);
    f->spare = NULL;
    return 0;
}

static void tell_session(cloud_front *f, const cloud_peer *p, bool up) {
    if (f->calls->session != NULL && p->device < CLOUD_FRONT_ANYBODY)
        f->calls->session(f->context, p->device, &p->address, up, p->heard);
}

/* The device that `p` spoke for does so no longer. */
static void peer_leaves_device(cloud_front *f, cloud_peer *p) {
    bool named = p->device != CLOUD_FRONT_NOBODY && p->device != CLOUD_FRONT_ANYBODY;
    if (named && cloud_front_peer_of(f, p->device) == p) sim_map_remove(&f->by_device, p->device);
    tell_session(f, p, false);
    p->device = CLOUD_FRONT_NOBODY;
}

void cloud_peer_drop(cloud_front *f, cloud_peer *p) {
    if (p->due != SIM_NEVER) f->calls->peer_wake_at(f->context, p->id, SIM_NEVER);
    if (p->coap != 0) net_coap_server_forget(f->coap, f->now, p->coap);
    net_secure_free(p->session);
    sim_map_remove(&f->by_address, net_address_hash(&p->address));
    peer_leaves_device(f, p);
    list_remove(f, p);
    f->peers[p->id.slot] = NULL;
    SIM_PROMISE(sim_slots_give_back(&f->slots, p->id) == 0);
    sim_free(p);
}

void cloud_peer_end(cloud_peer *p) {
    cloud_front *f = p->front;
    if (p->ended) return;
    p->ended = true;
    if (p == f->spare) return; /* not entered yet: its verb looks at the mark */
    p->next_ended = f->ended;
    f->ended = p;
}

void cloud_front_drop_ended(cloud_front *f) {
    while (f->ended != NULL) {
        cloud_peer *p = f->ended;
        f->ended = p->next_ended;
        cloud_peer_drop(f, p);
    }
}

/* After a verb on a peer: it says when to be woken, and those that ended meanwhile go. */
void cloud_peer_settle(cloud_front *f, cloud_peer *p) {
    if (p->ended) {
        cloud_front_drop_ended(f);
        return;
    }
    cloud_front_drop_ended(f);
    sim_time due =
        p->session == NULL ? SIM_NEVER : sim_time_min(net_secure_deadline(p->session), p->close_at);
    if (due == p->due) return;
    p->due = due;
    f->calls->peer_wake_at(f->context, p->id, due);
}

/* This device speaks through `p` now; an older session of the same identity is replaced. */
int cloud_peer_is_device(cloud_front *f, cloud_peer *p, uint32_t device) {
    if (p->device == device) return 0;
    cloud_peer *older = device == CLOUD_FRONT_ANYBODY ? NULL : cloud_front_peer_of(f, device);
    int error = device == CLOUD_FRONT_ANYBODY ? 0 : sim_map_put(&f->by_device, device, p->id.slot);
    if (error != 0) return error;
    peer_leaves_device(f, p); /* in plain CoAP a peer may register under one name after another */
    if (older != NULL && older != p) tell_session(f, older, false);
    p->device = device;
    tell_session(f, p, true);
    if (older == NULL || older == p) return 0;
    f->counts.sessions_replaced++;
    older->device = CLOUD_FRONT_NOBODY;
    cloud_peer_end(older);
    return 0;
}

sim_stream *cloud_peer_stream(cloud_peer *p) {
    return p->front->config.system_randomness ? NULL : &p->stream;
}

int cloud_peer_admit_coap(cloud_front *f, cloud_peer *p) {
    int error = net_coap_server_admit(f->coap, f->now, cloud_peer_stream(p), &p->coap);
    if (error != 0) return error;
    if (p->coap >= f->slot_of_coap_room) {
        size_t room = 2 * (size_t)p->coap + 16;
        uint32_t *slots = sim_realloc(f->slot_of_coap, room * sizeof *slots);
        if (slots == NULL) {
            net_coap_server_forget(f->coap, f->now, p->coap);
            p->coap = 0;
            return SIM_ENOMEM;
        }
        f->slot_of_coap = slots;
        f->slot_of_coap_room = room;
    }
    f->slot_of_coap[p->coap] = p->id.slot;
    return 0;
}
