/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who a CoAP door speaks with: by address, by device, by age. */
#include <string.h>

#include "sim/cloud/door_coap_private.h"
#include "sim/core/heap.h"

/* RFC 7252 4.8.2: EXCHANGE_LIFETIME. A peer unheard for so long has no exchange open that we could
 * owe it anything for. */
#define IDLE (247 * SIM_SECOND)

coap_peer *coap_door_peer_at(const coap_door *d, const net_address *from) {
    uint32_t slot;
    if (!sim_map_get(&d->by_address, net_address_hash(from), &slot)) return NULL;
    return d->peers[slot];
}

coap_peer *coap_door_peer_of(const coap_door *d, uint32_t device) {
    uint32_t slot;
    if (!sim_map_get(&d->by_device, device, &slot)) return NULL;
    return d->peers[slot];
}

static void list_remove(coap_door *d, coap_peer *p) {
    if (p->older != NULL) p->older->newer = p->newer;
    if (p->newer != NULL) p->newer->older = p->older;
    if (d->oldest == p) d->oldest = p->newer;
    if (d->newest == p) d->newest = p->older;
    p->older = p->newer = NULL;
}

static void list_append(coap_door *d, coap_peer *p) {
    p->older = d->newest;
    if (d->newest != NULL) d->newest->newer = p;
    d->newest = p;
    if (d->oldest == NULL) d->oldest = p;
}

void coap_peer_heard(coap_door *d, coap_peer *p) {
    p->session.heard = d->now;
    if (d->newest == p) return;
    list_remove(d, p);
    list_append(d, p);
}

/* Room for one more: the peer unheard for longest gives way if it has been idle for long enough. */
static bool make_room(coap_door *d) {
    if (d->slots.live < d->settings.peers_maximum) return true;
    if (d->oldest != NULL && d->now - d->oldest->session.heard >= IDLE) {
        if (d->base.kind->stream) coap_peer_close(d->oldest);
        coap_peer_drop(d, d->oldest);
        return true;
    }
    d->counts.peers_refused++;
    return false;
}

coap_peer *coap_door_spare(coap_door *d, const net_address *from) {
    if (d->spare == NULL) d->spare = sim_malloc(sizeof *d->spare);
    if (d->spare == NULL) return NULL;
    *d->spare = (coap_peer){
        .door = d,
        .session = cloud_session_begun(from, d->now, d->fate == CLOUD_FATE_BUSY),
        .due = SIM_NEVER,
        .stream = sim_stream_for(d->settings.seed, SIM_PURPOSE_SERVER, net_address_hash(from))};
    return d->spare;
}

static int room_for_slot(coap_door *d, uint32_t slot) {
    if (slot < d->peers_room) return 0;
    size_t room = d->peers_room == 0 ? 16 : 2 * d->peers_room;
    while (room <= slot) room *= 2;
    coap_peer **peers = sim_realloc(d->peers, room * sizeof(coap_peer *));
    if (peers == NULL) return SIM_ENOMEM;
    memset(peers + d->peers_room, 0, (room - d->peers_room) * sizeof(coap_peer *));
    d->peers = peers;
    d->peers_room = room;
    return 0;
}

/* The spare becomes a peer; whoever had its address before goes. */
int coap_peer_enter(coap_door *d, coap_peer *p) {
    coap_peer *before = coap_door_peer_at(d, &p->session.address);
    if (before != NULL) coap_peer_drop(d, before);
    if (!make_room(d)) return SIM_EAGAIN;
    int error = sim_slots_take(&d->slots, &p->id);
    if (error != 0) return error;
    error = room_for_slot(d, p->id.slot);
    if (error == 0)
        error = sim_map_put(&d->by_address, net_address_hash(&p->session.address), p->id.slot);
    if (error != 0) {
        SIM_PROMISE(sim_slots_give_back(&d->slots, p->id) == 0);
        return error;
    }
    d->peers[p->id.slot] = p;
    list_append(d, p);
    d->spare = NULL;
    return 0;
}

void coap_peer_leaves_device(coap_door *d, coap_peer *p) {
    if (cloud_session_named(&p->session) && coap_door_peer_of(d, p->session.device) == p)
        sim_map_remove(&d->by_device, p->session.device);
    cloud_service_down(d->service, &p->session);
}

void coap_peer_drop(coap_door *d, coap_peer *p) {
    if (p->due != SIM_NEVER) d->calls->wake_at(d->context, p->id, SIM_NEVER);
    if (p->coap != 0) net_coap_server_forget(d->coap, d->now, p->coap);
    net_secure_free(p->secure);
    net_coap_stream_free(p->messages);
    net_secure_stream_free(p->tls);
    sim_map_remove(&d->by_address, net_address_hash(&p->session.address));
    coap_peer_leaves_device(d, p);
    list_remove(d, p);
    d->peers[p->id.slot] = NULL;
    SIM_PROMISE(sim_slots_give_back(&d->slots, p->id) == 0);
    sim_free(p);
}

void coap_peer_end(coap_peer *p) {
    coap_door *d = p->door;
    if (p->ended) return;
    p->ended = true;
    if (p == d->spare) return; /* not entered yet: its verb looks at the mark */
    p->next_ended = d->ended;
    d->ended = p;
}

void coap_door_drop_ended(coap_door *d) {
    while (d->ended != NULL) {
        coap_peer *p = d->ended;
        d->ended = p->next_ended;
        if (d->base.kind->stream) coap_peer_close(p);
        coap_peer_drop(d, p);
    }
}

/* After a verb on a peer: it says when to be woken, and those that ended meanwhile go. */
void coap_peer_settle(coap_door *d, coap_peer *p) {
    if (p->ended) {
        coap_door_drop_ended(d);
        return;
    }
    coap_door_drop_ended(d);
    bool closes = p->secure != NULL || d->base.kind->stream;
    sim_time due = closes ? p->session.close_at : SIM_NEVER;
    if (p->secure != NULL) due = sim_time_min(due, net_secure_deadline(p->secure));
    if (due == p->due) return;
    p->due = due;
    d->calls->wake_at(d->context, p->id, due);
}

/* This device speaks through `p` now; an older session of the same identity is replaced. */
int coap_peer_is_device(coap_door *d, coap_peer *p, uint32_t device) {
    if (p->session.device == device) return 0;
    coap_peer *older = device == CLOUD_ANYBODY ? NULL : coap_door_peer_of(d, device);
    int error = device == CLOUD_ANYBODY ? 0 : sim_map_put(&d->by_device, device, p->id.slot);
    if (error != 0) return error;
    coap_peer_leaves_device(d,
                            p); /* in plain CoAP a peer may register under one name after another */
    if (older != NULL && older != p) cloud_service_down(d->service, &older->session);
    cloud_service_up(d->service, &p->session, device);
    if (older == NULL || older == p) return 0;
    d->counts.sessions_replaced++;
    coap_peer_end(older);
    return 0;
}

const char *coap_peer_proven(const coap_peer *p) {
    const char *name = p->secure != NULL ? net_secure_identity(p->secure)
                       : p->tls != NULL  ? net_secure_stream_identity(p->tls)
                                         : "";
    return *name != '\0' ? name : NULL;
}

static void close_connection(coap_peer *p) {
    if (p->closed) return;
    p->closed = true;
    if (p->messages != NULL) net_coap_stream_close(p->messages);
    if (p->tls != NULL) net_secure_stream_close(p->tls, p->door->now);
    p->door->calls->close(p->door->context, &p->session.address, false);
}

void coap_peer_close(coap_peer *p) {
    bool open = p->secure != NULL ? net_secure_is_open(p->secure) : p->messages != NULL;
    if (open && !p->closed && !p->ended) p->door->counts.closed++;
    if (p->door->base.kind->stream)
        close_connection(p);
    else if (open)
        net_secure_close(p->secure, p->door->now);
}

void coap_peer_expire(coap_peer *p) {
    coap_door *d = p->door;
    if (d->service->resets && !p->ended) {
        d->counts.closed++;
        if (d->base.kind->stream && !p->closed)
            d->calls->close(d->context, &p->session.address, true);
        p->closed = true;
    } else {
        coap_peer_close(p);
    }
}

void coap_peer_turn_away(coap_peer *p) {
    cloud_service_refused(p->door->service, &p->session, CLOUD_NOBODY);
    coap_peer_close(p);
    coap_peer_end(p);
}

sim_stream *coap_peer_stream(coap_peer *p) {
    return p->door->settings.system_randomness ? NULL : &p->stream;
}

int coap_peer_admit_coap(coap_door *d, coap_peer *p) {
    int error = net_coap_server_admit(d->coap, d->now, coap_peer_stream(p), &p->coap);
    if (error != 0) return error;
    if (p->coap >= d->slot_of_coap_room) {
        size_t room = 2 * (size_t)p->coap + 16;
        uint32_t *slots = sim_realloc(d->slot_of_coap, room * sizeof *slots);
        if (slots == NULL) {
            net_coap_server_forget(d->coap, d->now, p->coap);
            p->coap = 0;
            return SIM_ENOMEM;
        }
        d->slot_of_coap = slots;
        d->slot_of_coap_room = room;
    }
    d->slot_of_coap[p->coap] = p->id.slot;
    if (d->base.kind->stream) net_coap_server_rely(d->coap, p->coap);
    return 0;
}
