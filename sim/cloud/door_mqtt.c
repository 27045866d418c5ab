/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cloud/door_mqtt_private.h"

#include <string.h>

#include "sim/cloud/door_tls.h"
#include "sim/core/heap.h"

/* ---- what bytes of a connection show ---- */

/* Made, it asks for a connection. What follows is a request where it begins with a packet that asks
 * for something; acknowledgements and pings go on with what was admitted. (A part that begins in
 * the middle of a packet is taken for what its first byte says.) */
static cloud_glance look(uint16_t source_port, const uint8_t *bytes, size_t n) {
    enum {
        ASKS = 1 << NET_MQTT_CONNECT | 1 << NET_MQTT_PUBLISH | 1 << NET_MQTT_SUBSCRIBE |
               1 << NET_MQTT_UNSUBSCRIBE
    };
    return cloud_glance_of_stream(source_port, n, n > 0 && (ASKS >> (bytes[0] >> 4) & 1) != 0);
}

/* In a WebSocket a client's bytes are masked: each frame of data is a request, whatever is in it;
 * the request for the WebSocket itself, pings and good-byes are none. */
static cloud_glance look_framed(uint16_t source_port, const uint8_t *bytes, size_t n) {
    enum { LAST_BINARY = 0x82 };
    return cloud_glance_of_stream(source_port, n, n > 0 && bytes[0] == LAST_BINARY);
}

/* ---- who is there ---- */

static cloud_mqtt_door *door_of(cloud_door *d) {
    return (cloud_mqtt_door *)d;
}

static cloud_mqtt_peer *peer_in(const cloud_mqtt_door *d, const sim_map *by, uint64_t key) {
    uint32_t slot;
    return sim_map_get(by, key, &slot) ? d->peers[slot] : NULL;
}

static cloud_mqtt_peer *peer_at(const cloud_mqtt_door *d, const net_address *from) {
    cloud_mqtt_peer *p = peer_in(d, &d->by_address, net_address_hash(from));
    return p != NULL && net_address_equal(&p->session.address, from) ? p : NULL;
}

static void leave_device(cloud_mqtt_peer *p) {
    cloud_mqtt_door *d = p->door;
    if (cloud_session_named(&p->session) && peer_in(d, &d->by_device, p->session.device) == p)
        sim_map_remove(&d->by_device, p->session.device);
    cloud_service_down(d->service, &p->session);
}

static void list_remove(cloud_mqtt_door *d, cloud_mqtt_peer *p) {
    if (p->older != NULL) p->older->newer = p->newer;
    if (p->newer != NULL) p->newer->older = p->older;
    if (d->oldest == p) d->oldest = p->newer;
    if (d->newest == p) d->newest = p->older;
}

static void list_append(cloud_mqtt_door *d, cloud_mqtt_peer *p) {
    p->older = d->newest;
    if (d->newest != NULL) d->newest->newer = p;
    d->newest = p;
    if (d->oldest == NULL) d->oldest = p;
}

/* Forgets it; its transport is gone, or is told by the caller. */
static void drop(cloud_mqtt_door *d, cloud_mqtt_peer *p) {
    if (!d->silent) cloud_mqtt_dialect_hand_over(p);
    if (p->due != SIM_NEVER) d->calls->wake_at(d->context, p->id, SIM_NEVER);
    p->ended = true;
    cloud_broker_lost(d->broker, d->now, p->connection);
    net_websocket_free(p->socket);
    net_secure_stream_free(p->secure);
    leave_device(p);
    sim_map_remove(&d->by_address, net_address_hash(&p->session.address));
    list_remove(d, p);
    d->peers[p->id.slot] = NULL;
    SIM_PROMISE(sim_slots_give_back(&d->slots, p->id) == 0);
    sim_free(p->gathered);
    sim_free(p);
}

static void drop_ended(cloud_mqtt_door *d) {
    while (d->ended != NULL) {
        cloud_mqtt_peer *p = d->ended;
        d->ended = p->next_ended;
        if (p->socket != NULL) net_websocket_close(p->socket);
        if (p->secure != NULL) net_secure_stream_close(p->secure, d->now);
        d->calls->close(d->context, &p->session.address, false);
        drop(d, p);
    }
}

/* After a verb on a peer: it says when to be woken, and those that ended meanwhile go. */
static void settle(cloud_mqtt_door *d, cloud_mqtt_peer *p) {
    sim_time due = sim_time_min(p->session.close_at, p->gathered_due);
    if (!p->ended && due != p->due) {
        p->due = due;
        d->calls->wake_at(d->context, p->id, p->due);
    }
    drop_ended(d);
}

static int enter(cloud_mqtt_door *d, cloud_mqtt_peer *p) {
    int error = sim_slots_take(&d->slots, &p->id);
    if (error != 0) return error;
    if (p->id.slot >= d->peers_room) {
        size_t room = 2 * (size_t)p->id.slot + 16;
        cloud_mqtt_peer **peers = sim_realloc(d->peers, room * sizeof(cloud_mqtt_peer *));
        if (peers != NULL) {
            d->peers = peers;
            d->peers_room = room;
        }
        error = peers == NULL ? SIM_ENOMEM : 0;
    }
    if (error == 0)
        error = sim_map_put(&d->by_address, net_address_hash(&p->session.address), p->id.slot);
    if (error == 0) {
        p->connection = cloud_broker_open(d->broker, d->now, p);
        if (p->connection == NULL) {
            sim_map_remove(&d->by_address, net_address_hash(&p->session.address));
            error = SIM_ENOMEM;
        }
    }
    if (error != 0) {
        SIM_PROMISE(sim_slots_give_back(&d->slots, p->id) == 0);
        return error;
    }
    d->peers[p->id.slot] = p;
    list_append(d, p);
    return 0;
}

static const net_websocket_calls socket_calls;

/* False: no memory. */
static bool frame(const cloud_mqtt_door *d, cloud_mqtt_peer *p) {
    if (d->websockets) p->socket = net_websocket_accept(NET_WEBSOCKET_MQTT_PATH, &socket_calls, p);
    return !d->websockets || p->socket != NULL;
}

/* False: no memory. */
static bool secure(cloud_mqtt_door *d, cloud_mqtt_peer *p) {
    if (d->domain == NULL) return true;
    p->stream =
        sim_stream_for(d->settings.seed, SIM_PURPOSE_SERVER, net_address_hash(&p->session.address));
    p->secure =
        net_secure_stream_accept(d->domain, d->settings.system_randomness ? NULL : &p->stream, p);
    return p->secure != NULL;
}

/* A connection was made. Who cannot be served is reset. */
static cloud_mqtt_peer *greet(cloud_mqtt_door *d, const net_address *from) {
    bool taken = peer_in(d, &d->by_address, net_address_hash(from)) != NULL; /* of the same hash */
    cloud_mqtt_peer *p = taken ? NULL : sim_malloc(sizeof *p);
    if (p != NULL) {
        *p = (cloud_mqtt_peer){
            .door = d,
            .session = cloud_session_begun(from, d->now, d->fate == CLOUD_FATE_BUSY),
            .due = SIM_NEVER,
            .gathered_due = SIM_NEVER,
            .claimed = CLOUD_NOBODY};
        if (secure(d, p) && frame(d, p) && enter(d, p) == 0) return p;
        net_websocket_free(p->socket);
        net_secure_stream_free(p->secure);
        sim_free(p);
    }
    d->counts.peers_refused++;
    d->calls->close(d->context, from, true);
    return NULL;
}

/* ---- what the broker asks, and tells ---- */

cloud_request cloud_mqtt_request(const cloud_mqtt_peer *p) {
    return (cloud_request){.now = p->door->now,
                           .fate = p->door->fate,
                           .session = (cloud_session *)(uintptr_t)&p->session};
}

static void on_close(void *owner) {
    cloud_mqtt_peer *p = owner;
    if (p->ended) return;
    p->ended = true;
    p->next_ended = p->door->ended;
    p->door->ended = p;
}

/* To what is below the packets, and the frames. */
static void send_below(void *owner, const uint8_t *bytes, size_t n) {
    cloud_mqtt_peer *p = owner;
    if (p->door->silent) return;
    if (p->secure == NULL)
        p->door->calls->send(p->door->context, &p->session.address, bytes, n);
    else if (net_secure_stream_write(p->secure, p->door->now, bytes, n) != 0)
        on_close(p); /* no memory for a record: it will come again */
}

static void on_send(void *owner, const uint8_t *bytes, size_t n) {
    cloud_mqtt_peer *p = owner;
    if (p->socket == NULL)
        send_below(p, bytes, n);
    else if (net_websocket_write(p->socket, bytes, n) == SIM_ENOMEM)
        on_close(p); /* a stream has no holes */
}

/* A password is the key itself, or its bytes in hexadecimal. */
static bool is_key(net_mqtt_span said, const uint8_t *key, size_t n) {
    static const char digits[] = "0123456789abcdef";
    uint8_t wrong = 0;
    if (said.n == n) {
        for (size_t i = 0; i < n; i++) wrong |= (uint8_t)(said.bytes[i] ^ key[i]);
        return wrong == 0;
    }
    if (said.n != 2 * n) return false;
    for (size_t i = 0; i < said.n; i++) {
        unsigned nibble = i % 2 == 0 ? key[i / 2] >> 4U : key[i / 2] & 15U;
        wrong |= (uint8_t)((said.bytes[i] | 0x20) ^ digits[nibble]);
    }
    return wrong == 0;
}

static bool take_identity(cloud_mqtt_peer *p, const net_mqtt_packet *packet) {
    if (cloud_mqtt_dialect(p->door) != NULL) return cloud_mqtt_dialect_identity(p, packet);
    net_mqtt_span said = packet->has_user_name ? packet->user_name : packet->client_id;
    bool fits = said.n > 0 && said.n < NET_SECURE_IDENTITY_MAX;
    memcpy(p->identity, said.bytes, fits ? said.n : 0);
    p->identity[fits ? said.n : 0] = '\0';
    return fits;
}

/* What TLS has proved binds what MQTT says: the user name, and a client identifier that is some
 * device's. */
static bool is_bound(const cloud_mqtt_peer *p, const net_mqtt_packet *packet, const char *proven) {
    char said[NET_SECURE_IDENTITY_MAX];
    uint8_t key[NET_SECURE_KEY_MAX];
    uint32_t device;
    size_t n = packet->client_id.n;
    bool same = n == strlen(proven) && memcmp(packet->client_id.bytes, proven, n) == 0;
    if (packet->has_user_name && strcmp(p->identity, proven) != 0) return false;
    if (same || n >= sizeof said) return same || packet->has_user_name;
    memcpy(said, packet->client_id.bytes, n);
    said[n] = '\0';
    return packet->has_user_name && p->door->calls->who(p->door->context, said, &device, key) == 0;
}

/* Whose identity it says, and proves where it must: 0 or the reason code of the refusal. Without a
 * need for proof a name alone is believed, as in plain CoAP; a wrong key is refused even so. */
static uint8_t identify(cloud_mqtt_peer *p, const net_mqtt_packet *packet) {
    cloud_mqtt_door *d = p->door;
    uint8_t key[NET_SECURE_KEY_MAX];
    uint32_t device = CLOUD_NOBODY;
    size_t n = take_identity(p, packet) ? d->calls->who(d->context, p->identity, &device, key) : 0;
    bool proven = n > 0 && packet->has_password && is_key(packet->password, key, n);
    p->claimed = n > 0 ? device : (uint32_t)CLOUD_NOBODY;
    const char *by_tls = p->secure == NULL ? "" : net_secure_stream_identity(p->secure);
    if (*by_tls != '\0' && is_bound(p, packet, by_tls)) return NET_MQTT_SUCCESS;
    if (*by_tls != '\0') {
        d->counts.wrong_key++;
        cloud_service_refused(d->service, &p->session, p->claimed);
        return NET_MQTT_NOT_AUTHORIZED;
    }
    bool needed = d->settings.identities_required || (n > 0 && packet->has_password);
    if (proven || !needed) return NET_MQTT_SUCCESS;
    if (n == 0)
        d->counts.unknown_identity++;
    else
        d->counts.wrong_key++;
    cloud_service_refused(d->service, &p->session, p->claimed);
    return NET_MQTT_BAD_USER_NAME_OR_PASSWORD;
}

/* MQTT 5 3.2.2.2. */
static uint8_t busy_reason(const cloud_service *s) {
    static const uint8_t reasons[] = {[CLOUD_BUSY_USUAL] = NET_MQTT_SERVER_BUSY,
                                      [CLOUD_BUSY_UNAVAILABLE] = NET_MQTT_SERVER_UNAVAILABLE,
                                      [CLOUD_BUSY_QUOTA] = NET_MQTT_QUOTA_EXCEEDED,
                                      [CLOUD_BUSY_RATE] = NET_MQTT_CONNECTION_RATE_EXCEEDED};
    return reasons[s->busy];
}

static uint8_t on_connect(void *owner, const net_mqtt_packet *packet) {
    cloud_mqtt_peer *p = owner;
    const cloud_request r = cloud_mqtt_request(p);
    cloud_answer answer;
    if (p->door->fate == CLOUD_FATE_DROP) return CLOUD_BROKER_UNHEARD;
    p->door->service->counts.requests++;
    if (cloud_service_busy(p->door->service, &r, &answer)) return busy_reason(p->door->service);
    return identify(p, packet);
}

static size_t find_key(void *context, const char *identity, uint8_t key[NET_SECURE_KEY_MAX]) {
    const cloud_mqtt_door *d = context;
    uint32_t device;
    return d->calls->who(d->context, identity, &device, key);
}

/* The device speaks through this peer now; an older one of the same identity is replaced. */
static void become_device(cloud_mqtt_door *d, cloud_mqtt_peer *p, uint32_t device) {
    cloud_mqtt_peer *older = device == CLOUD_ANYBODY ? NULL : peer_in(d, &d->by_device, device);
    if (older != NULL) cloud_service_down(d->service, &older->session);
    if (device != CLOUD_ANYBODY && sim_map_put(&d->by_device, device, p->id.slot) != 0) {
        on_close(p); /* no memory: it will come again */
        return;
    }
    cloud_service_up(d->service, &p->session, device);
    if (older == NULL) return;
    d->counts.sessions_replaced++;
    cloud_broker_end(d->broker, d->now, older->connection, NET_MQTT_SESSION_TAKEN_OVER);
}

void cloud_mqtt_introduce(cloud_mqtt_peer *p, uint32_t device) {
    cloud_mqtt_door *d = p->door;
    p->claimed = device;
    become_device(d, p, device);
    const cloud_request r = cloud_mqtt_request(p);
    (void)cloud_service_register(d->service, &r, device);
}

static void on_came(void *owner) {
    cloud_mqtt_peer *p = owner;
    p->door->counts.sessions_opened++;
    if (p->claimed == CLOUD_NOBODY) {
        const cloud_request r = cloud_mqtt_request(p);
        cloud_service_let_in(p->door->service, &r); /* a guest */
        return;
    }
    cloud_mqtt_introduce(p, p->claimed);
    cloud_mqtt_tell_wanted(p, true); /* what its session follows since an earlier connection */
}

static void on_went(void *owner) {
    leave_device(owner);
}

static void on_wake_at(void *context, sim_time due) {
    cloud_mqtt_door *d = context;
    d->calls->wake_at(d->context, (sim_id){0}, due);
}

static const cloud_broker_calls broker_calls = {.send = on_send,
                                                .close = on_close,
                                                .connect = on_connect,
                                                .came = on_came,
                                                .went = on_went,
                                                .publish = cloud_mqtt_publish,
                                                .subscribe = cloud_mqtt_subscribe,
                                                .subscribed = cloud_mqtt_subscribed,
                                                .wake_at = on_wake_at};

/* ---- what a WebSocket tells ---- */

static void socket_opened(void *owner) {
    (void)owner; /* what counts is the CONNECT */
}

static void socket_received(void *owner, const uint8_t *bytes, size_t n) {
    cloud_mqtt_peer *p = owner;
    cloud_broker_input(p->door->broker, p->door->now, p->connection, bytes, n);
}

static void socket_ended(void *owner, net_end why) {
    cloud_mqtt_peer *p = owner;
    if (why != NET_END_CLOSED && !p->session.online)
        cloud_service_refused(p->door->service, &p->session, CLOUD_NOBODY);
    on_close(p);
}

static int socket_random(void *owner, uint8_t *out, size_t n) {
    (void)owner, (void)out, (void)n;
    return SIM_ELIBRARY; /* a server masks nothing */
}

static const net_websocket_calls socket_calls = {send_below, socket_opened, socket_received,
                                                 socket_ended, socket_random};

static void take_bytes(cloud_mqtt_peer *p, const uint8_t *bytes, size_t n) {
    if (p->socket != NULL)
        net_websocket_input(p->socket, bytes, n);
    else
        cloud_broker_input(p->door->broker, p->door->now, p->connection, bytes, n);
}

/* ---- what TLS tells ---- */

static void secure_send(void *owner, const uint8_t *bytes, size_t n) {
    cloud_mqtt_peer *p = owner;
    bool open = p->secure != NULL && net_secure_stream_is_open(p->secure);
    if (!open && p->door->frozen == CLOUD_FROZEN_HANDSHAKE) return;
    p->door->calls->send(p->door->context, &p->session.address, bytes, n);
}

static void secure_opened(void *owner) {
    (void)owner; /* what counts is the CONNECT */
}

static void secure_received(void *owner, const uint8_t *data, size_t n) {
    take_bytes(owner, data, n);
}

/* Before its CONNECT it was a handshake that came to nothing. */
static void secure_ended(void *owner, net_end why) {
    cloud_mqtt_peer *p = owner;
    if (why != NET_END_CLOSED && !p->session.online)
        cloud_service_refused(p->door->service, &p->session, CLOUD_NOBODY);
    on_close(p);
}

static const net_secure_stream_calls secure_calls = {secure_send, secure_opened, secure_received,
                                                     secure_ended};

/* ---- verbs ---- */

static void free_door(cloud_door *door) {
    cloud_mqtt_door *d = door_of(door);
    while (d->oldest != NULL) drop(d, d->oldest);
    cloud_broker_free(d->broker);
    net_secure_stream_domain_free(d->domain);
    sim_slots_deinit(&d->slots);
    sim_map_deinit(&d->by_address);
    sim_map_deinit(&d->by_device);
    sim_free(d->peers);
    sim_free(d);
}

static cloud_door *make(const cloud_door_kind *kind, bool secured, bool websockets,
                        const cloud_door_settings *settings, cloud_service *service,
                        const cloud_door_calls *calls, void *context) {
    cloud_mqtt_door *d = sim_calloc(1, sizeof *d);
    if (d == NULL) return NULL;
    d->base.kind = kind;
    d->websockets = websockets;
    d->settings = *settings;
    d->service = service;
    d->calls = calls;
    d->context = context;
    sim_slots_init(&d->slots, settings->peers_maximum);
    sim_map_init(&d->by_address);
    sim_map_init(&d->by_device);
    cloud_broker_settings broker = cloud_broker_settings_default;
    sim_stream secret = sim_stream_for(settings->seed, SIM_PURPOSE_KEY, settings->number);
    broker.secret = sim_stream_next(&secret);
    broker.sessions_maximum = settings->peers_maximum;
    broker.keep_alive_maximum_s = settings->keep_alive_maximum_s;
    d->broker = cloud_broker_new(&broker, &broker_calls, d);
    if (secured)
        d->domain = cloud_door_tls_new(&d->settings, &secure_calls, find_key, d, &d->tickets);
    d->settings.papers = NULL; /* borrowed until here */
    if (d->broker != NULL && (!secured || d->domain != NULL)) return &d->base;
    free_door(&d->base);
    return NULL;
}

static int input(cloud_door *door, sim_time now, const net_address *from, const uint8_t *bytes,
                 size_t n, cloud_fate fate) {
    cloud_mqtt_door *d = door_of(door);
    d->now = now;
    d->fate = fate;
    cloud_mqtt_peer *p = peer_at(d, from);
    if (p == NULL && n == 0) p = greet(d, from);
    if (p == NULL) return 0;
    p->session.heard = now;
    if (fate == CLOUD_FATE_RESTART) {
        cloud_service_refused(d->service, &p->session, CLOUD_NOBODY);
        d->counts.closed++;
        cloud_broker_end(d->broker, now, p->connection, NET_MQTT_SERVER_BUSY);
    } else if (n > 0 && p->secure != NULL) {
        net_secure_stream_input(p->secure, now, bytes, n);
    } else if (n > 0) {
        take_bytes(p, bytes, n);
    }
    settle(d, p);
    return 0;
}

static void ended(cloud_door *door, sim_time now, const net_address *from) {
    cloud_mqtt_door *d = door_of(door);
    cloud_mqtt_peer *p = peer_at(d, from);
    d->now = now;
    d->fate = CLOUD_FATE_ADMIT;
    if (p != NULL) drop(d, p);
    drop_ended(d); /* whom a will of its has reached, perhaps */
}

static void close_in_order(cloud_mqtt_door *d, cloud_mqtt_peer *p, uint8_t reason) {
    d->counts.closed++;
    cloud_broker_end(d->broker, d->now, p->connection, reason);
}

/* Its session has lasted long enough. Who is reset has not said good-bye: its will is published. */
static void end_lasted(cloud_mqtt_door *d, cloud_mqtt_peer *p) {
    if (!d->service->resets) {
        close_in_order(d, p, NET_MQTT_MAXIMUM_CONNECT_TIME);
        return;
    }
    d->counts.closed++;
    d->calls->close(d->context, &p->session.address, true);
    drop(d, p);
}

static void wake(cloud_door *door, sim_time now, sim_id timer) {
    cloud_mqtt_door *d = door_of(door);
    d->now = now;
    d->fate = CLOUD_FATE_ADMIT;
    if (timer.generation == 0) {
        cloud_broker_wake(d->broker, now);
    } else if (sim_slots_valid(&d->slots, timer)) {
        cloud_mqtt_peer *p = d->peers[timer.slot];
        if (now >= p->gathered_due) cloud_mqtt_dialect_hand_over(p);
        if (now >= p->session.close_at)
            end_lasted(d, p);
        else
            settle(d, p);
    }
    drop_ended(d);
}

static void notify(cloud_door *door, sim_time now, uint32_t device) {
    cloud_mqtt_door *d = door_of(door);
    cloud_mqtt_peer *p = peer_in(d, &d->by_device, device);
    d->now = now;
    d->fate = CLOUD_FATE_ADMIT;
    if (p != NULL) cloud_mqtt_tell_wanted(p, false);
    drop_ended(d);
}

static bool knows(const cloud_door *door, const net_address *from, const cloud_glance *glance) {
    (void)glance;
    return peer_at((const cloud_mqtt_door *)door, from) != NULL;
}

static void expire(cloud_door *door, sim_time now) {
    cloud_mqtt_door *d = door_of(door);
    d->now = now;
    for (cloud_mqtt_peer *p = d->oldest, *next; p != NULL; p = next) {
        next = p->newer;
        p->session.close_at = SIM_NEVER;
        if (d->service->close_after > 0 && p->session.online && !p->ended) end_lasted(d, p);
    }
    drop_ended(d);
}

/* Nobody hears of it where `tell` is not: the clients notice when their bytes are answered with a
 * reset. */
static void forget(cloud_door *door, sim_time now, bool tell) {
    cloud_mqtt_door *d = door_of(door);
    d->now = now;
    for (cloud_mqtt_peer *p = d->oldest; tell && p != NULL; p = p->newer)
        close_in_order(d, p, NET_MQTT_SERVER_SHUTTING_DOWN);
    drop_ended(d);
    d->silent = true; /* wills, too */
    while (d->oldest != NULL) drop(d, d->oldest);
    d->silent = false;
    cloud_broker_forget(d->broker);
    if (d->domain != NULL) cloud_door_tls_forget(d->domain, &d->settings, &d->tickets);
}

static void freeze(cloud_door *door, sim_time now, cloud_frozen what, sim_time until) {
    cloud_mqtt_door *d = door_of(door);
    static const uint32_t types[CLOUD_FROZEN_PONG + 1] = {
        /* with ALL, whoever keeps it hands it nothing */
        [CLOUD_FROZEN_CONNACK] = 1U << NET_MQTT_CONNACK,
        [CLOUD_FROZEN_PUBACK] = 1U << NET_MQTT_PUBACK | 1U << NET_MQTT_PUBREC,
        [CLOUD_FROZEN_PINGRESP] = 1U << NET_MQTT_PINGRESP};
    d->now = now;
    (void)until; /* it is told */
    d->frozen = what;
    cloud_broker_withhold(d->broker, types[what]);
}

static const cloud_door_counts *count(cloud_door *door) {
    cloud_mqtt_door *d = door_of(door);
    d->counts.peers = d->slots.live;
    d->counts.garbage = cloud_broker_count(d->broker)->broken;
    d->counts.discarded = d->counts.garbage;
    return &d->counts;
}

/* One of TLS or none, of WebSockets or none. */
#define DOOR(name, speaks, looks, is_secured, websockets)                                    \
    static cloud_door *make_##name(const cloud_door_settings *settings, net_vkernel *kernel, \
                                   cloud_service *service, const cloud_door_calls *calls,    \
                                   void *context) {                                          \
        (void)kernel;                                                                        \
        return make(&cloud_door_##name, is_secured, websockets, settings, service, calls,    \
                    context);                                                                \
    }                                                                                        \
    const cloud_door_kind cloud_door_##name = {.scheme = #name,                              \
                                               .protocol = &net_protocol_##speaks,           \
                                               .secured = is_secured,                        \
                                               .stream = true,                               \
                                               .look = looks,                                \
                                               .make = make_##name,                          \
                                               .ended = ended,                               \
                                               .freeze = freeze,                             \
                                               CLOUD_DOOR_VERBS(input)}

DOOR(mqtt, mqtt, look, false, false);
DOOR(mqtts, mqtt, cloud_glance_of_sealed_stream, true, false);
DOOR(ws, mqtt_ws, look_framed, false, true);
DOOR(wss, mqtt_ws, cloud_glance_of_sealed_stream, true, true);
