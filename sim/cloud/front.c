/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cloud/front.h"

#include <stdio.h>
#include <string.h>

#include "net/coap_server.h"
#include "net/dtls_record.h"
#include "sim/core/fingerprint.h"
#include "sim/core/heap.h"
#include "sim/core/map.h"
#include "sim/core/random.h"

/* RFC 7252 4.8.2: EXCHANGE_LIFETIME. A peer unheard for so long has no exchange open that we could owe it anything for. */
#define IDLE (247 * SIM_SECOND)

typedef struct cloud_peer {
    cloud_front *front;
    net_address address;
    net_secure_session *session; /* NULL in plain CoAP */
    net_coap_peer coap;          /* 0: none yet */
    sim_id id;
    sim_stream stream;
    uint64_t
        hello; /* hash of the Random that its session began with; a hello with another begins a new one */
    uint32_t device; /* CLOUD_FRONT_NOBODY until known */
    sim_time heard;
    sim_time due;                     /* of the session, as last told */
    struct cloud_peer *older, *newer; /* in order of `heard` */
    struct cloud_peer *next_ended;    /* of those that wait to be dropped */
    bool busy;                        /* let in over capacity: its registration is answered 5.03... */
    sim_time busy_until; /* ...until Max-Age of the first 5.03 is over; SIM_NEVER: none was sent yet */
    bool online;         /* a registration or report was accepted */
    bool ended;          /* dropped when the verb in hand is over: a library may still be standing on it */
} cloud_peer;

struct cloud_front {
    cloud_front_config config;
    const cloud_front_calls *calls;
    void *context;
    net_secure_domain *domain; /* NULL in plain CoAP */
    net_coap_server *coap;
    sim_slots slots;
    cloud_peer **peers; /* by slot */
    size_t peers_room;
    uint32_t *slot_of_coap; /* slot + 1 by net_coap_peer */
    size_t slot_of_coap_room;
    sim_map by_address; /* hash of the address -> slot */
    sim_map by_device;  /* device -> slot */
    cloud_peer *oldest, *newest;
    cloud_peer *spare; /* stands ready to become the next peer */
    cloud_peer *ended; /* to be dropped when the verb in hand is over */
    sim_stream secret;
    cloud_fate fate; /* of the datagram in hand */
    sim_time now;    /* of the call in hand */
    cloud_peer *
        publish; /* registered in the call in hand: its set-point is made observable when CoAP has answered */
    char publish_path[NET_SECURE_IDENTITY_MAX + 4];
    cloud_front_counts counts;
};

static void peer_drop(cloud_front *f, cloud_peer *p);

/* ---- peers ---- */

static cloud_peer *peer_find(const cloud_front *f, const net_address *from) {
    uint32_t slot;
    if (!sim_map_get(&f->by_address, net_address_hash(from), &slot)) return NULL;
    return f->peers[slot];
}

static cloud_peer *peer_of_device(const cloud_front *f, uint32_t device) {
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

static void peer_heard(cloud_front *f, cloud_peer *p) {
    p->heard = f->now;
    if (f->newest == p) return;
    list_remove(f, p);
    list_append(f, p);
}

/* Room for one more: the peer unheard for longest gives way if it has been idle for long enough. */
static bool make_room(cloud_front *f) {
    if (f->slots.live < f->config.peers_maximum) return true;
    if (f->oldest != NULL && f->now - f->oldest->heard >= IDLE) {
        peer_drop(f, f->oldest);
        return true;
    }
    f->counts.peers_refused++;
    return false;
}

static cloud_peer *spare_peer(cloud_front *f, const net_address *from) {
    if (f->spare == NULL) f->spare = sim_malloc(sizeof *f->spare);
    if (f->spare == NULL) return NULL;
    *f->spare =
        (cloud_peer){.front = f,
                     .address = *from,
                     .device = CLOUD_FRONT_NOBODY,
                     .busy_until = SIM_NEVER,
                     .due = SIM_NEVER,
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
static int peer_enter(cloud_front *f, cloud_peer *p) {
    cloud_peer *before = peer_find(f, &p->address);
    if (before != NULL) peer_drop(f, before);
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

/* The device that `p` spoke for does so no longer. */
static void peer_leaves_device(cloud_front *f, cloud_peer *p) {
    bool named = p->device != CLOUD_FRONT_NOBODY && p->device != CLOUD_FRONT_ANYBODY;
    if (named && peer_of_device(f, p->device) == p) sim_map_remove(&f->by_device, p->device);
    p->device = CLOUD_FRONT_NOBODY;
}

static void peer_drop(cloud_front *f, cloud_peer *p) {
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

static void peer_end(cloud_peer *p) {
    cloud_front *f = p->front;
    if (p->ended) return;
    p->ended = true;
    if (p == f->spare) return; /* not entered yet: its verb looks at the mark */
    p->next_ended = f->ended;
    f->ended = p;
}

static void drop_ended(cloud_front *f) {
    while (f->ended != NULL) {
        cloud_peer *p = f->ended;
        f->ended = p->next_ended;
        peer_drop(f, p);
    }
}

/* After a verb on a peer: it says when to be woken, and those that ended meanwhile go. */
static void peer_settle(cloud_front *f, cloud_peer *p) {
    if (p->ended) {
        drop_ended(f);
        return;
    }
    drop_ended(f);
    sim_time due = p->session == NULL ? SIM_NEVER : net_secure_deadline(p->session);
    if (due == p->due) return;
    p->due = due;
    f->calls->peer_wake_at(f->context, p->id, due);
}

/* This device speaks through `p` now; an older session of the same identity is replaced. */
static int peer_is_device(cloud_front *f, cloud_peer *p, uint32_t device) {
    if (p->device == device) return 0;
    cloud_peer *older = device == CLOUD_FRONT_ANYBODY ? NULL : peer_of_device(f, device);
    int error = device == CLOUD_FRONT_ANYBODY ? 0 : sim_map_put(&f->by_device, device, p->id.slot);
    if (error != 0) return error;
    peer_leaves_device(f, p); /* in plain CoAP a peer may register under one name after another */
    p->device = device;
    if (older == NULL || older == p) return 0;
    f->counts.sessions_replaced++;
    older->device = CLOUD_FRONT_NOBODY;
    peer_end(older);
    return 0;
}

static sim_stream *stream_of(cloud_peer *p) {
    return p->front->config.system_randomness ? NULL : &p->stream;
}

static int coap_admit(cloud_front *f, cloud_peer *p) {
    int error = net_coap_server_admit(f->coap, f->now, stream_of(p), &p->coap);
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

/* ---- what DTLS tells ---- */

static void secure_send(void *owner, const uint8_t *datagram, size_t n) {
    cloud_peer *p = owner;
    p->front->calls->send(p->front->context, &p->address, datagram, n);
}

static void secure_opened(void *owner) {
    cloud_peer *p = owner;
    cloud_front *f = p->front;
    uint32_t device = CLOUD_FRONT_NOBODY;
    uint8_t key[NET_SECURE_KEY_MAX];
    f->counts.sessions_opened++;
    if (f->calls->who(f->context, net_secure_identity(p->session), &device, key) == 0) return;
    if (peer_is_device(f, p, device) != 0 || coap_admit(f, p) != 0) peer_end(p);
}

static void secure_received(void *owner, const uint8_t *data, size_t n) {
    cloud_peer *p = owner;
    if (p->coap != 0) net_coap_server_input(p->front->coap, p->front->now, p->coap, data, n);
}

static void secure_ended(void *owner, net_secure_end why) {
    cloud_peer *p = owner;
    cloud_front *f = p->front;
    peer_end(p);
    if (why == NET_SECURE_END_UNKNOWN_IDENTITY) f->counts.unknown_identity++;
    if (why == NET_SECURE_END_WRONG_KEY) f->counts.wrong_key++;
    if (why == NET_SECURE_END_TIMEOUT || why == NET_SECURE_END_TIMEOUT_FINISHED)
        f->counts.handshake_timeouts++;
    if (why == NET_SECURE_END_UNKNOWN_IDENTITY || why == NET_SECURE_END_WRONG_KEY) {
        f->calls->outcome(f->context, &p->address, SIM_OUTCOME_REFUSED);
    }
}

static const net_secure_calls secure_calls = {secure_send, secure_opened, secure_received, secure_ended};

static size_t find_key(void *context, const char *identity, uint8_t key[NET_SECURE_KEY_MAX]) {
    cloud_front *f = context;
    uint32_t device;
    return f->calls->who(f->context, identity, &device, key);
}

/* ---- what CoAP asks ---- */

static void coap_send(void *owner, net_coap_peer peer, const uint8_t *datagram, size_t n) {
    cloud_front *f = owner;
    cloud_peer *p = f->peers[f->slot_of_coap[peer]];
    if (p->session == NULL) {
        f->calls->send(f->context, &p->address, datagram, n);
    } else if (net_secure_write(p->session, f->now, datagram, n) != 0) {
        peer_end(p); /* no memory for one record: the peer will come again */
    }
}

static void coap_deadline(void *owner, uint32_t member, sim_time due) {
    cloud_front *f = owner;
    f->calls->member_wake_at(f->context, member, due);
}

static void came_online(cloud_front *f, cloud_peer *p) {
    if (p->online) return;
    p->online = true;
    f->calls->outcome(f->context, &p->address, SIM_OUTCOME_ONLINE);
}

/* Whose name this is: the device number, or NOBODY. With DTLS only the session's own identity counts. */
static uint32_t device_named(const cloud_front *f, const cloud_peer *p, const char *name) {
    uint8_t key[NET_SECURE_KEY_MAX];
    uint32_t device = CLOUD_FRONT_NOBODY;
    if (p->session != NULL && strcmp(name, net_secure_identity(p->session)) != 0) return CLOUD_FRONT_NOBODY;
    return f->calls->who(f->context, name, &device, key) == 0 ? CLOUD_FRONT_NOBODY : device;
}

/* The value of "ep=NAME" in the query, which may hold more. False: there is none that could be a name. */
static bool endpoint_name(const char *query, char name[NET_SECURE_IDENTITY_MAX]) {
    const char *at = query;
    while (at != NULL && strncmp(at, "ep=", 3) != 0) {
        at = strchr(at, '&');
        if (at != NULL) at++;
    }
    if (at == NULL) return false;
    size_t length = strcspn(at + 3, "&");
    if (length == 0 || length >= NET_SECURE_IDENTITY_MAX) return false;
    memcpy(name, at + 3, length);
    name[length] = '\0';
    return true;
}

/* Over capacity, for this datagram or for the whole connection. */
static bool is_busy(const cloud_front *f, const cloud_peer *p) {
    return f->fate == CLOUD_FATE_BUSY || (p->busy && f->now < p->busy_until);
}

static void answer_busy(cloud_front *f, cloud_peer *p, net_coap_reply *reply) {
    f->counts.refused_busy++;
    if (p->busy_until == SIM_NEVER) p->busy_until = sim_time_add(f->now, f->config.max_age_s * SIM_SECOND);
    if (!p->online) f->calls->outcome(f->context, &p->address, SIM_OUTCOME_BUSY);
    reply->code = NET_COAP_SERVICE_UNAVAILABLE;
    reply->max_age_s = f->config.max_age_s;
}

static void answer_register(cloud_front *f, cloud_peer *p, const net_coap_request *request,
                            net_coap_reply *reply) {
    if (request->method != NET_COAP_POST) {
        reply->code = NET_COAP_METHOD_NOT_ALLOWED;
        return;
    }
    if (is_busy(f, p)) {
        answer_busy(f, p, reply);
        return;
    }
    char name[NET_SECURE_IDENTITY_MAX];
    uint32_t device =
        endpoint_name(request->query, name) ? device_named(f, p, name) : (uint32_t)CLOUD_FRONT_NOBODY;
    if (device == CLOUD_FRONT_NOBODY || peer_is_device(f, p, device) != 0) {
        f->counts.forbidden++;
        f->calls->outcome(f->context, &p->address, SIM_OUTCOME_REFUSED);
        reply->code = NET_COAP_FORBIDDEN;
        return;
    }
    if (device != CLOUD_FRONT_ANYBODY) {
        (void)snprintf(f->publish_path, sizeof f->publish_path, "s/%s", name);
        f->publish = p;
    }
    f->counts.registrations++;
    came_online(f, p);
    reply->code = NET_COAP_CREATED;
}

static void answer_report(cloud_front *f, cloud_peer *p, const net_coap_request *request,
                          net_coap_reply *reply) {
    if (request->method != NET_COAP_POST && request->method != NET_COAP_PUT) {
        reply->code = NET_COAP_METHOD_NOT_ALLOWED;
        return;
    }
    if (is_busy(f, p)) {
        answer_busy(f, p, reply);
        return;
    }
    net_senml_pack pack;
    if (request->format == NET_COAP_FORMAT_SENML_CBOR &&
        net_senml_read(request->payload, request->payload_size, &pack) != 0) {
        f->counts.reports_malformed++;
        reply->code = NET_COAP_BAD_REQUEST;
        return;
    }
    f->counts.reports++;
    came_online(f, p);
    reply->code = NET_COAP_CHANGED;
}

static void answer_set_point(cloud_front *f, const cloud_peer *p, const net_coap_request *request,
                             net_coap_reply *reply) {
    if (request->method != NET_COAP_GET) {
        reply->code = NET_COAP_METHOD_NOT_ALLOWED;
        return;
    }
    const char *name = request->path + strlen("s/");
    if (p->device == CLOUD_FRONT_NOBODY || device_named(f, p, name) != p->device) {
        f->counts.forbidden++;
        reply->code = NET_COAP_FORBIDDEN;
        return;
    }
    double celsius = f->calls->set_point(f->context, p->device);
    int n = snprintf((char *)reply->payload, sizeof reply->payload, "%.2f", celsius);
    reply->payload_size = n < 0 ? 0 : (size_t)n;
    reply->format = NET_COAP_FORMAT_TEXT;
    reply->code = NET_COAP_CONTENT;
    f->counts.set_points_sent++;
}

/* RFC 6690. With DTLS the peer is authenticated by now; plain CoAP has nothing to hide here: these are the paths of this page. */
static void answer_core(const net_coap_request *request, net_coap_reply *reply) {
    enum { FORMAT_LINK = 40 };
    static const char links[] = "</rd>;rt=\"core.rd\",</t>;ct=112";
    if (request->method != NET_COAP_GET) {
        reply->code = NET_COAP_METHOD_NOT_ALLOWED;
        return;
    }
    memcpy(reply->payload, links, sizeof links - 1);
    reply->payload_size = sizeof links - 1;
    reply->format = FORMAT_LINK;
    reply->code = NET_COAP_CONTENT;
}

static bool is_report_path(const cloud_front *f, const char *path) {
    if (strcmp(path, "t") == 0) return true;
    for (size_t i = 0; i < CLOUD_FRONT_PATHS_MAX && f->config.report_paths[i] != NULL; i++) {
        if (strcmp(path, f->config.report_paths[i]) == 0) return true;
    }
    return false;
}

static void coap_request(void *owner, net_coap_peer peer, const net_coap_request *request,
                         net_coap_reply *reply) {
    cloud_front *f = owner;
    cloud_peer *p = f->peers[f->slot_of_coap[peer]];
    f->counts.requests++;
    if (strcmp(request->path, "rd") == 0) {
        answer_register(f, p, request, reply);
    } else if (is_report_path(f, request->path)) {
        answer_report(f, p, request, reply);
    } else if (strncmp(request->path, "s/", 2) == 0) {
        answer_set_point(f, p, request, reply);
    } else if (strcmp(request->path, ".well-known/core") == 0) {
        answer_core(request, reply);
    } else {
        f->counts.not_found++;
    }
}

static const net_coap_server_calls coap_calls = {coap_send, coap_request, coap_deadline};

/* ---- verbs ---- */

cloud_front *cloud_front_new(const cloud_front_config *config, net_vkernel *kernel,
                             const cloud_front_calls *calls, void *context) {
    cloud_front *f = sim_calloc(1, sizeof *f);
    if (f == NULL) return NULL;
    f->config = *config;
    f->calls = calls;
    f->context = context;
    f->secret = sim_stream_for(config->seed, SIM_PURPOSE_KEY, UINT64_MAX - config->number);
    sim_slots_init(&f->slots, config->peers_maximum);
    sim_map_init(&f->by_address);
    sim_map_init(&f->by_device);
    f->coap = net_coap_server_new(kernel, &coap_calls, f);
    if (config->secure) {
        f->domain = net_secure_server_domain_new(&net_secure_timing_default, &secure_calls, find_key, f,
                                                 config->system_randomness ? NULL : &f->secret);
    }
    if (f->coap == NULL || (config->secure && f->domain == NULL)) {
        cloud_front_free(f);
        return NULL;
    }
    return f;
}

void cloud_front_free(cloud_front *f) {
    if (f == NULL) return;
    while (f->oldest != NULL) peer_drop(f, f->oldest);
    net_coap_server_free(f->coap);
    net_secure_domain_free(f->domain);
    sim_free(f->spare);
    sim_slots_deinit(&f->slots);
    sim_map_deinit(&f->by_address);
    sim_map_deinit(&f->by_device);
    sim_free(f->slot_of_coap);
    sim_free(f->peers);
    sim_free(f);
}

/* What tells one hello from another; 0 when it is none. */
static uint64_t hello_of(const uint8_t *datagram, size_t n) {
    net_dtls_sight sight;
    sim_fingerprint random;
    if (net_dtls_look(datagram, n, &sight) != 0 || !sight.client_hello) return 0;
    sim_fingerprint_init(&random);
    sim_fingerprint_bytes(&random, sight.random, sizeof sight.random);
    return random.value;
}

/* A hello with another Random comes from a device that lost its memory, in the middle of a handshake or later. One with the same Random is a repetition, also when the session is open and
 * has long forgotten it (net_secure_knows_hello): begun anew, a duplicate that comes late, or is sent again by somebody on the way, would end the session it once began. */
static bool starts_anew(const cloud_peer *p, const uint8_t *datagram, size_t n) {
    uint64_t hello = hello_of(datagram, n);
    return hello != 0 && hello != p->hello;
}

/* A peer without a session speaks, or an old one starts anew from the same port (RFC 6347 4.2.8: only a returned cookie may replace a session). */
static int greet_secure(cloud_front *f, const net_address *from, const uint8_t *datagram, size_t n) {
    cloud_peer *p = spare_peer(f, from);
    if (p == NULL) return SIM_ENOMEM;
    int error =
        net_secure_listen(f->domain, f->now, from, datagram, n, stream_of(p), p, secure_send, &p->session);
    if (error == SIM_EPARSE) f->counts.garbage++;
    if (error != 0) return error == SIM_EPARSE ? 0 : error;
    if (p->session == NULL) return 0;
    error = p->ended ? SIM_ECLOSED : peer_enter(f, p);
    if (error != 0) {
        net_secure_free(p->session);
        p->session = NULL;
        return error == SIM_ENOMEM ? error : 0;
    }
    p->hello = hello_of(datagram, n);
    peer_settle(f, p);
    return 0;
}

static int greet_plain(cloud_front *f, const net_address *from, cloud_peer **out) {
    cloud_peer *p = spare_peer(f, from);
    if (p == NULL) return SIM_ENOMEM;
    int error = peer_enter(f, p);
    if (error != 0) return error == SIM_EAGAIN ? 0 : error;
    error = coap_admit(f, p);
    if (error != 0) {
        peer_drop(f, p);
        return error;
    }
    *out = p;
    return 0;
}

/* A device that could not be given its path finds 4.04 there and goes without. */
static void publish(cloud_front *f) {
    cloud_peer *p = f->publish;
    f->publish = NULL;
    if (p == NULL || p->ended) return;
    if (net_coap_server_observable(f->coap, f->now, p->coap, f->publish_path) != 0) f->counts.unpublished++;
}

int cloud_front_input(cloud_front *f, sim_time now, const net_address *from, const uint8_t *datagram,
                      size_t n, cloud_fate fate) {
    f->now = now;
    f->fate = fate;
    cloud_peer *p = peer_find(f, from);
    if (p != NULL && !net_address_equal(&p->address, from))
        return 0; /* two addresses, one hash: the later one is not served */
    if (f->domain != NULL && (p == NULL || starts_anew(p, datagram, n)))
        return greet_secure(f, from, datagram, n);
    if (p == NULL) {
        int error = greet_plain(f, from, &p);
        if (error != 0 || p == NULL) return error;
    }
    peer_heard(f, p);
    if (p->session != NULL) {
        net_secure_input(p->session, now, datagram, n);
    } else {
        net_coap_server_input(f->coap, now, p->coap, datagram, n);
    }
    publish(f);
    peer_settle(f, p);
    return 0;
}

void cloud_front_wake_peer(cloud_front *f, sim_time now, sim_id id) {
    if (!sim_slots_valid(&f->slots, id)) return;
    cloud_peer *p = f->peers[id.slot];
    if (now < p->due) return; /* a call for a deadline that has moved since; another is under way */
    f->now = now;
    f->fate = CLOUD_FATE_ADMIT;
    p->due = SIM_NEVER; /* that one has come */
    net_secure_wake(p->session, now);
    peer_settle(f, p);
}

void cloud_front_wake_member(cloud_front *f, sim_time now, uint32_t member) {
    f->now = now;
    f->fate = CLOUD_FATE_ADMIT;
    net_coap_server_wake(f->coap, now, member);
    drop_ended(f);
}

void cloud_front_notify(cloud_front *f, sim_time now, uint32_t device) {
    cloud_peer *p = peer_of_device(f, device);
    if (p == NULL || p->coap == 0) return;
    f->now = now;
    f->fate = CLOUD_FATE_ADMIT;
    net_coap_server_notify(f->coap, now, p->coap);
    peer_settle(f, p);
}

bool cloud_front_knows(const cloud_front *f, const net_address *from) {
    return peer_find(f, from) != NULL;
}

uint32_t cloud_front_peers(const cloud_front *f) {
    return f->slots.live;
}

const cloud_front_counts *cloud_front_count(const cloud_front *f) {
    return &f->counts;
}

uint64_t cloud_front_discarded(const cloud_front *f) {
    return f->domain == NULL ? 0 : net_secure_discarded(f->domain);
}

void cloud_front_max_age(cloud_front *f, uint32_t max_age_s) {
    f->config.max_age_s = max_age_s;
}

void cloud_front_counts_add(cloud_front_counts *into, const cloud_front_counts *from) {
    into->requests += from->requests;
    into->registrations += from->registrations;
    into->reports += from->reports;
    into->reports_malformed += from->reports_malformed;
    into->refused_busy += from->refused_busy;
    into->forbidden += from->forbidden;
    into->not_found += from->not_found;
    into->set_points_sent += from->set_points_sent;
    into->sessions_opened += from->sessions_opened;
    into->sessions_replaced += from->sessions_replaced;
    into->unknown_identity += from->unknown_identity;
    into->wrong_key += from->wrong_key;
    into->handshake_timeouts += from->handshake_timeouts;
    into->garbage += from->garbage;
    into->peers_refused += from->peers_refused;
    into->unpublished += from->unpublished;
}
