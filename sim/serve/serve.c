/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The built-in cloud on real sockets: the same fronts and the same capacity model, in real time.
 * This file is drive_real's twin for the other end of the wire. */
#include <stdio.h>
#include <string.h>

#include "net/real_loop.h"
#include "net/real_server.h"
#include "sim/cloud/front.h"
#include "sim/core/heap.h"
#include "sim/core/shard.h"
#include "sim/record/dtls_record.h"
#include "sim/report/alarm.h"
#include "sim/report/record.h"
#include "sim/serve/examiner.h"
#include "sim/serve/serve.h"

enum { PLAIN = 0, SECURE = 1, DOORS = 2 };
enum { PEERS_MAXIMUM = 100000, TOTALS_EVERY_S = 10 };
enum { EVENT_PEER, EVENT_MEMBER, EVENT_SERVE, EVENT_WINDOW };
#define SET_POINT_C 21.0 /* what every device is told: there is no drill here to change it */

typedef struct service service;

typedef struct door { /* coap:// or coaps:// */
    service *service;
    uint32_t number;
    net_real_server *socket;
    net_vkernel *kernel;
    cloud_front *front;
} door;

struct service {
    const serve_options *options;
    net_real_loop *loop;
    door doors[DOORS];
    sim_shard shard; /* the deadlines of both fronts, and what waits for its turn */
    cloud_capacity capacity;
    fleet_credentials credentials;
    serve_examiner examiner;
    serve_totals totals;
    uint64_t sequence;
    int error;
};

typedef struct waiting_datagram {
    net_address from, asked;
    cloud_fate fate;
    size_t size;
    uint8_t data[];
} waiting_datagram;

static void post(service *s, sim_time due, uint32_t kind, uint32_t target, uint32_t door_number,
                 uint64_t payload) {
    sim_event e = {.key = {.at = sim_time_max(due, s->shard.now),
                           .lane = SIM_LANE_TIMER,
                           .source = door_number,
                           .sequence = s->sequence++},
                   .kind = kind,
                   .target = target,
                   .payload = payload};
    int error = sim_shard_post(&s->shard, &e);
    if (error != 0 && s->error == 0) s->error = error;
}

/* ---- what a front asks ---- */

static void front_send(void *context, const net_address *to, const uint8_t *datagram, size_t n) {
    door *d = context;
    net_real_server_send(d->socket, to, datagram, n);
}

static void front_peer_wake_at(void *context, sim_id peer, sim_time due) {
    door *d = context;
    if (due != SIM_NEVER) post(d->service, due, EVENT_PEER, peer.slot, d->number, peer.generation);
}

static void front_member_wake_at(void *context, uint32_t member, sim_time due) {
    door *d = context;
    if (due != SIM_NEVER) post(d->service, due, EVENT_MEMBER, member, d->number, 0);
}

static size_t front_who(void *context, const char *identity, uint32_t *device,
                        uint8_t key[NET_SECURE_KEY_MAX]) {
    const door *d = context;
    const fleet_credentials *c = &d->service->credentials;
    size_t n = fleet_credentials_who(c, identity, FLEET_DEVICES_MAX, device, key);
    /* One identity in all: a fleet shares it, and its devices must not throw each other out. */
    if (n > 0 && c->count == 1 && *device == 0) *device = CLOUD_FRONT_ANYBODY;
    return n;
}

static void front_outcome(void *context, const net_address *from, record_outcome outcome) {
    door *d = context;
    (void)from;
    if (outcome == RECORD_OUTCOME_ONLINE) d->service->totals.registered++;
}

static double front_set_point(void *context, uint32_t device) {
    (void)context;
    (void)device;
    return SET_POINT_C;
}

static void front_telemetry(void *context, uint32_t device, const net_senml_pack *pack,
                            size_t bytes) {
    door *d = context;
    serve_examiner_report(&d->service->examiner, d->service->shard.now, device, pack, bytes);
}

static void front_session(void *context, uint32_t device, const net_address *from, bool up,
                          sim_time heard) {
    door *d = context;
    serve_examiner_session(&d->service->examiner, d->service->shard.now, device, from, up, heard);
}

static void front_refused(void *context, uint32_t device) {
    door *d = context;
    serve_examiner_refused(&d->service->examiner, d->service->shard.now, device);
}

static const cloud_front_calls front_calls = {.send = front_send,
                                              .peer_wake_at = front_peer_wake_at,
                                              .member_wake_at = front_member_wake_at,
                                              .who = front_who,
                                              .outcome = front_outcome,
                                              .set_point = front_set_point,
                                              .telemetry = front_telemetry,
                                              .session = front_session,
                                              .refused = front_refused};

/* ---- the examiner ---- */

static void name_whom(const service *s, const record_alert *n, char *text, size_t size) {
    char identity[NET_SECURE_IDENTITY_MAX];
    uint8_t key[NET_SECURE_KEY_MAX];
    const fleet_credentials *c = &s->credentials;
    if (n->scope == RECORD_SCOPE_FLEET) {
        (void)snprintf(text, size, "the fleet");
    } else if (n->scope == RECORD_SCOPE_COHORT) {
        (void)snprintf(text, size, "firmware %u", n->who);
    } else if (c->list != NULL && n->who >= c->count) {
        (void)snprintf(text, size, "device %u", n->who);
    } else {
        (void)fleet_credentials_of(c, n->who, identity, key);
        (void)snprintf(text, size, "%s", identity);
    }
}

static void noticed(void *context, const record_alert *n) {
    service *s = context;
    char whom[REPORT_WHOM_MAX], line[REPORT_ALERT_LINE_MAX];
    name_whom(s, n, whom, sizeof whom);
    s->totals.alarms++;
    s->options->alarm(s->options->context, report_alert_line(n, whom, line, sizeof line));
}

static void close_window(service *s) {
    serve_examiner_close(&s->examiner, noticed, s);
    post(s, s->examiner.due, EVENT_WINDOW, 0, 0, 0);
}

/* ---- datagrams ---- */

/* Without memory of strangers, a connection is demanded by what would make us remember one: a
 * ClientHello with its cookie, or a new address in plain CoAP. */
static cloud_demand demand_of(const door *d, const net_address *from, const uint8_t *datagram,
                              size_t n) {
    record_dtls_glance sight;
    if (d->number == PLAIN)
        return cloud_front_knows(d->front, from) ? CLOUD_DEMAND_REQUEST : CLOUD_DEMAND_CONNECTION;
    if (record_dtls_look(datagram, n, &sight) != 0) return CLOUD_DEMAND_NOTHING;
    if (sight.client_hello)
        return sight.has_cookie ? CLOUD_DEMAND_CONNECTION : CLOUD_DEMAND_NOTHING;
    enum { APPLICATION_DATA = 23 };
    return sight.content_type == APPLICATION_DATA ? CLOUD_DEMAND_REQUEST : CLOUD_DEMAND_NOTHING;
}

static int serve_now(door *d, const net_address *from, const uint8_t *datagram, size_t n,
                     cloud_fate fate) {
    int error = cloud_front_input(d->front, d->service->shard.now, from, datagram, n, fate);
    return error == SIM_ENOMEM ? 0 : error; /* out of memory for one peer: it will try again */
}

static void serve_later(door *d, sim_time at, const net_address *from, const uint8_t *datagram,
                        size_t n, cloud_fate fate) {
    waiting_datagram *w = sim_malloc(sizeof *w + n);
    if (w == NULL) return; /* lost, as over capacity */
    *w = (waiting_datagram){
        .from = *from, .asked = net_real_server_asked(d->socket), .fate = fate, .size = n};
    memcpy(w->data, datagram, n);
    post(d->service, at, EVENT_SERVE, 0, d->number, (uint64_t)(uintptr_t)w);
}

static void received(void *context, const net_address *from, const uint8_t *datagram, size_t n) {
    door *d = context;
    service *s = d->service;
    sim_time now = net_real_loop_now(s->loop);
    const net_address asked = net_real_server_asked(d->socket);
    if (now > s->shard.now && s->error == 0)
        s->error = sim_shard_step(&s->shard, now); /* what was due before it came */
    net_real_server_answer_as(d->socket, &asked);
    if (s->error != 0) return;
    cloud_demand demand = demand_of(d, from, datagram, n);
    cloud_decision decision = cloud_capacity_decide(&s->capacity, demand, s->shard.now);
    if (demand == CLOUD_DEMAND_CONNECTION) s->totals.attempts++;
    if (decision.fate != CLOUD_FATE_ADMIT) s->totals.over_capacity++;
    /* A program cannot send the ICMP error that a refusal is: for want of a firewall that can, the
     * datagram falls. */
    if (decision.fate == CLOUD_FATE_DROP || decision.fate == CLOUD_FATE_REFUSE) return;
    if (decision.serve_at > s->shard.now) {
        serve_later(d, decision.serve_at, from, datagram, n, decision.fate);
        return;
    }
    int error = serve_now(d, from, datagram, n, decision.fate);
    if (error != 0 && s->error == 0) s->error = error;
}

static int serve_waiting(door *d, waiting_datagram *w) {
    net_real_server_answer_as(d->socket, &w->asked);
    int error = serve_now(d, &w->from, w->data, w->size, w->fate);
    sim_free(w);
    return error;
}

static int handle(void *context, sim_shard *shard, const sim_event *e) {
    static const net_address any;
    service *s = context;
    door *d = &s->doors[e->key.source];
    net_real_server_answer_as(d->socket, &any);
    switch (e->kind) {
        case EVENT_PEER:
            cloud_front_wake_peer(d->front, shard->now, (sim_id){e->target, (uint32_t)e->payload});
            return 0;
        case EVENT_MEMBER:
            cloud_front_wake_member(d->front, shard->now, e->target);
            return 0;
        case EVENT_WINDOW:
            close_window(s);
            return 0;
        default:
            return serve_waiting(d, (waiting_datagram *)(uintptr_t)e->payload);
    }
}

/* ---- begin, turn, end ---- */

static int open_door(service *s, uint32_t number, const net_address *address, char *why,
                     size_t size) {
    door *d = &s->doors[number];
    d->service = s;
    d->number = number;
    if (address->port == 0) return 0;
    cloud_front_config config = {.secure = number == SECURE,
                                 .max_age_s = s->options->limits.max_age_s,
                                 .peers_maximum = PEERS_MAXIMUM,
                                 .report_paths = {"example_data"},
                                 .system_randomness = true,
                                 .number = number};
    (void)snprintf(why, size, "out of memory before serving began");
    d->kernel = net_vkernel_new();
    if (d->kernel == NULL) return SIM_ENOMEM;
    d->front = cloud_front_new(&config, d->kernel, &front_calls, d);
    if (d->front == NULL) return SIM_ENOMEM;
    d->socket = net_real_server_new(net_real_loop_uv(s->loop), address, received, d, why, size);
    return d->socket == NULL ? SIM_EIO : 0;
}

static void forget_door(door *d) {
    cloud_front_free(d->front);
    net_vkernel_free(d->kernel);
}

static void add_totals(service *s) {
    serve_totals *t = &s->totals;
    t->unexamined = s->examiner.unexamined;
    t->sessions_open = t->requests = t->reports = t->malformed = t->discarded_datagrams = 0;
    for (uint32_t i = 0; i < DOORS; i++) {
        if (s->doors[i].front == NULL) continue;
        const cloud_front_counts *c = cloud_front_count(s->doors[i].front);
        t->sessions_open += cloud_front_peers(s->doors[i].front);
        t->requests += c->requests;
        t->reports += c->reports;
        t->malformed += c->reports_malformed;
        t->discarded_datagrams += cloud_front_discarded(s->doors[i].front) + c->garbage;
    }
}

static int turn(service *s) {
    for (uint32_t i = 0; i < DOORS; i++) {
        if (s->doors[i].socket != NULL) net_real_server_flush(s->doors[i].socket);
    }
    net_real_loop_turn(s->loop, sim_shard_next(&s->shard));
    if (s->error != 0) return s->error;
    sim_time now = net_real_loop_now(s->loop);
    return now > s->shard.now ? sim_shard_step(&s->shard, now) : 0;
}

static int turn_until_stopped(service *s) {
    const serve_options *o = s->options;
    sim_time totals_due = TOTALS_EVERY_S * SIM_SECOND;
    int error = 0;
    o->ready(o->context);
    while (error == 0 && *o->stop == 0) {
        error = turn(s);
        if (s->shard.now < totals_due) continue;
        totals_due = sim_time_add(s->shard.now, TOTALS_EVERY_S * SIM_SECOND);
        add_totals(s);
        o->totals(o->context, &s->totals);
    }
    add_totals(s);
    o->totals(o->context, &s->totals);
    return error;
}

static void end(service *s) {
    sim_event e;
    /* Closing one door turns the loop once more, and the other may still take something in. */
    for (uint32_t i = 0; i < DOORS; i++) net_real_server_free(s->doors[i].socket);
    while (sim_queue_pop(&s->shard.queue, &e)) {
        if (e.kind == EVENT_SERVE) sim_free((waiting_datagram *)(uintptr_t)e.payload);
    }
    for (uint32_t i = 0; i < DOORS; i++) forget_door(&s->doors[i]);
    serve_examiner_deinit(&s->examiner); /* the fronts told it of each session that ended */
    net_real_loop_free(s->loop);
    sim_shard_deinit(&s->shard);
    fleet_credentials_deinit(&s->credentials);
}

static int begin(service *s, char *why, size_t size) {
    const serve_options *o = s->options;
    const char *wrong = cloud_limits_wrong(&o->limits);
    (void)snprintf(
        why, size, "%s",
        wrong != NULL ? wrong : "the list of identities names one twice: each needs its own line");
    if (wrong != NULL) return SIM_ERANGE;
    int error =
        fleet_credentials_init(&s->credentials, o->seed, o->credentials, o->credential_count);
    if (error != 0) return error;
    s->credentials.derived_too = o->accept_derived;
    error = serve_examiner_init(&s->examiner, o->examination);
    if (error != 0) {
        (void)snprintf(why, size, "out of memory before serving began: the examiner");
        return error;
    }
    if (o->examination != NULL) post(s, s->examiner.due, EVENT_WINDOW, 0, 0, 0);
    cloud_capacity_init(&s->capacity, &o->limits);
    net_real_loop_restart(s->loop);
    error = s->error;
    if (error == 0) error = open_door(s, PLAIN, &o->coap, why, size);
    return error == 0 ? open_door(s, SECURE, &o->coaps, why, size) : error;
}

int serve_for_real(const serve_options *o, char *why, size_t size) {
    service s = {.options = o, .loop = net_real_loop_new()};
    if (s.loop == NULL) {
        (void)snprintf(why, size, "out of memory before serving began");
        return SIM_ENOMEM;
    }
    sim_shard_init(&s.shard, 0, handle, &s);
    int error = begin(&s, why, size);
    if (error == 0) {
        error = turn_until_stopped(&s);
        if (error != 0) (void)snprintf(why, size, "serving stopped: %s", sim_error_text(error));
    }
    end(&s);
    return error;
}
