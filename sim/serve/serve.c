/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The built-in cloud on real sockets: the same doors, intake and capacity model, in real time.
 * This file is drive_real's twin for the other end of the wire. */
#include <stdio.h>
#include <string.h>

#include "net/real_loop.h"
#include "net/real_server.h"
#include "sim/cloud/door.h"
#include "sim/cloud/intake.h"
#include "sim/core/heap.h"
#include "sim/core/shard.h"
#include "sim/report/alarm.h"
#include "sim/report/record.h"
#include "sim/serve/examiner.h"
#include "sim/serve/serve.h"

enum { DOORS = 2 };
enum { PEERS_MAXIMUM = 100000, TOTALS_EVERY_S = 10 };
enum { EVENT_TIMER, EVENT_SERVE, EVENT_WINDOW };
#define SET_POINT_C 21.0 /* what every device is told: there is no drill here to change it */

typedef struct server server;

/* A door's place: its socket, and what stands behind it. */
typedef struct place {
    server *server;
    uint32_t number;
    const cloud_door_kind *kind;
    net_real_server *socket;
    net_vkernel *kernel;
    cloud_service service;
    cloud_door *door;
} place;

struct server {
    const serve_options *options;
    net_real_loop *loop;
    place places[DOORS];
    sim_shard shard; /* the deadlines of the doors, and what waits for its turn */
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

static void post(server *s, sim_time due, uint32_t kind, uint32_t target, uint32_t door_number,
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

/* ---- what a door and its service ask, and tell ---- */

static void on_send(void *context, const net_address *to, const uint8_t *datagram, size_t n) {
    place *p = context;
    net_real_server_send(p->socket, to, datagram, n);
}

static void on_wake_at(void *context, sim_id timer, sim_time due) {
    place *p = context;
    if (due != SIM_NEVER)
        post(p->server, due, EVENT_TIMER, timer.slot, p->number, timer.generation);
}

static size_t on_who(void *context, const char *identity, uint32_t *device,
                     uint8_t key[NET_SECURE_KEY_MAX]) {
    const place *p = context;
    const fleet_credentials *c = &p->server->credentials;
    size_t n = fleet_credentials_who(c, identity, FLEET_DEVICES_MAX, device, key);
    /* One identity in all: a fleet shares it, and its devices must not throw each other out. */
    if (n > 0 && c->count == 1 && *device == 0) *device = CLOUD_ANYBODY;
    return n;
}

static void on_outcome(void *context, const net_address *from, record_outcome outcome) {
    place *p = context;
    (void)from;
    if (outcome == RECORD_OUTCOME_ONLINE) p->server->totals.registered++;
}

static double on_set_point(void *context, uint32_t device) {
    (void)context;
    (void)device;
    return SET_POINT_C;
}

static void on_report(void *context, uint32_t device, const net_senml_pack *pack, size_t bytes) {
    place *p = context;
    serve_examiner_report(&p->server->examiner, p->server->shard.now, device, pack, bytes);
}

static void on_session(void *context, uint32_t device, const net_address *from, bool up,
                       sim_time heard) {
    place *p = context;
    serve_examiner_session(&p->server->examiner, p->server->shard.now, device, from, up, heard);
}

static void on_refused(void *context, uint32_t device) {
    place *p = context;
    serve_examiner_refused(&p->server->examiner, p->server->shard.now, device);
}

static const cloud_door_calls door_calls = {on_send, on_wake_at, on_who};
static const cloud_service_calls service_calls = {.set_point = on_set_point};
static const cloud_observer observer = {
    .outcome = on_outcome, .session = on_session, .refused = on_refused, .report = on_report};

/* ---- the examiner ---- */

static void name_whom(const server *s, const record_alert *n, char *text, size_t size) {
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
    server *s = context;
    char whom[REPORT_WHOM_MAX], line[REPORT_ALERT_LINE_MAX];
    name_whom(s, n, whom, sizeof whom);
    s->totals.alarms++;
    s->options->alarm(s->options->context, report_alert_line(n, whom, line, sizeof line));
}

static void close_window(server *s) {
    serve_examiner_close(&s->examiner, noticed, s);
    post(s, s->examiner.due, EVENT_WINDOW, 0, 0, 0);
}

/* ---- datagrams ---- */

static int serve_now(place *p, const net_address *from, const uint8_t *datagram, size_t n,
                     cloud_fate fate) {
    int error = p->kind->input(p->door, p->server->shard.now, from, datagram, n, fate);
    return error == SIM_ENOMEM ? 0 : error; /* out of memory for one session: it will try again */
}

/* Unlike a street's packet it has an address that was asked, and no place in a ledger. */
static void keep_until(place *p, sim_time at, const net_address *from, const uint8_t *datagram,
                       size_t n, cloud_fate fate) {
    waiting_datagram *w = sim_malloc(sizeof *w + n);
    if (w == NULL) return; /* lost, as over capacity */
    *w = (waiting_datagram){
        .from = *from, .asked = net_real_server_asked(p->socket), .fate = fate, .size = n};
    memcpy(w->data, datagram, n);
    post(p->server, at, EVENT_SERVE, 0, p->number, (uint64_t)(uintptr_t)w);
}

/* What is decided about a datagram; what the door knows is all that is remembered of its sender. */
static int decide(place *p, const net_address *from, const uint8_t *datagram, size_t n,
                  cloud_passage *passage) {
    server *s = p->server;
    const cloud_intake intake = {.capacity = &s->capacity};
    cloud_glance glance = p->kind->look(from->port, datagram, n);
    cloud_edge_peer memory = cloud_intake_memory(p->kind->knows(p->door, from, &glance), &glance);
    const cloud_sender sender = {.peer = &memory};
    int error = cloud_intake_pass(&intake, &sender, s->shard.now, &glance, passage);
    s->totals.attempts += passage->begins ? 1 : 0;
    s->totals.over_capacity += passage->fate != CLOUD_FATE_ADMIT ? 1 : 0;
    return error;
}

static void received(void *context, const net_address *from, const uint8_t *datagram, size_t n) {
    place *p = context;
    server *s = p->server;
    cloud_passage passage;
    sim_time now = net_real_loop_now(s->loop);
    const net_address asked = net_real_server_asked(p->socket);
    if (now > s->shard.now && s->error == 0)
        s->error = sim_shard_step(&s->shard, now); /* what was due before it came */
    net_real_server_answer_as(p->socket, &asked);
    if (s->error == 0) s->error = decide(p, from, datagram, n, &passage);
    if (s->error != 0) return;
    /* A program cannot send the ICMP error that a refusal is: for want of a firewall that can, the
     * datagram falls. */
    if (passage.fate == CLOUD_FATE_DROP || passage.fate == CLOUD_FATE_REFUSE) return;
    if (passage.serve_at > s->shard.now)
        keep_until(p, passage.serve_at, from, datagram, n, passage.fate);
    else
        s->error = serve_now(p, from, datagram, n, passage.fate);
}

static int serve_waiting(place *p, waiting_datagram *w) {
    net_real_server_answer_as(p->socket, &w->asked);
    int error = serve_now(p, &w->from, w->data, w->size, w->fate);
    sim_free(w);
    return error;
}

static int handle(void *context, sim_shard *shard, const sim_event *e) {
    static const net_address any;
    server *s = context;
    place *p = &s->places[e->key.source];
    net_real_server_answer_as(p->socket, &any);
    switch (e->kind) {
        case EVENT_TIMER:
            p->kind->wake(p->door, shard->now, (sim_id){e->target, (uint32_t)e->payload});
            return 0;
        case EVENT_WINDOW:
            close_window(s);
            return 0;
        default:
            return serve_waiting(p, (waiting_datagram *)(uintptr_t)e->payload);
    }
}

/* ---- begin, turn, end ---- */

static int open_door(server *s, uint32_t number, const cloud_door_kind *kind,
                     const net_address *address, char *why, size_t size) {
    place *p = &s->places[number];
    p->server = s;
    p->number = number;
    p->kind = kind;
    if (address->port == 0) return 0;
    const cloud_door_settings settings = {.peers_maximum = PEERS_MAXIMUM,
                                          .report_topics = {"example_data"},
                                          .system_randomness = true,
                                          .number = number};
    cloud_service_init(&p->service, s->options->limits.max_age_s, 0, &service_calls, &observer, p);
    (void)snprintf(why, size, "out of memory before serving began");
    p->kernel = net_vkernel_new();
    if (p->kernel == NULL) return SIM_ENOMEM;
    p->door = kind->make(&settings, p->kernel, &p->service, &door_calls, p);
    if (p->door == NULL) return SIM_ENOMEM;
    p->socket = net_real_server_new(net_real_loop_uv(s->loop), address, received, p, why, size);
    return p->socket == NULL ? SIM_EIO : 0;
}

static void forget_door(place *p) {
    cloud_door_free(p->door);
    net_vkernel_free(p->kernel);
}

static void add_totals(server *s) {
    serve_totals *t = &s->totals;
    t->unexamined = s->examiner.unexamined;
    t->sessions_open = t->requests = t->reports = t->malformed = t->discarded_datagrams =
        t->no_suite = 0;
    for (uint32_t i = 0; i < DOORS; i++) {
        cloud_door *d = s->places[i].door;
        if (d == NULL) continue;
        const cloud_door_counts *door = d->kind->count(d);
        const cloud_service_counts *service = &s->places[i].service.counts;
        t->sessions_open += door->peers;
        t->requests += service->requests;
        t->reports += service->reports;
        t->malformed += service->reports_malformed;
        t->discarded_datagrams += door->discarded;
        t->no_suite += door->no_suite;
    }
}

static int turn(server *s) {
    for (uint32_t i = 0; i < DOORS; i++) {
        if (s->places[i].socket != NULL) net_real_server_flush(s->places[i].socket);
    }
    net_real_loop_turn(s->loop, sim_shard_next(&s->shard));
    if (s->error != 0) return s->error;
    sim_time now = net_real_loop_now(s->loop);
    return now > s->shard.now ? sim_shard_step(&s->shard, now) : 0;
}

static int turn_until_stopped(server *s) {
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

static void end(server *s) {
    sim_event e;
    /* Closing one door turns the loop once more, and the other may still take something in. */
    for (uint32_t i = 0; i < DOORS; i++) net_real_server_free(s->places[i].socket);
    while (sim_queue_pop(&s->shard.queue, &e)) {
        if (e.kind == EVENT_SERVE) sim_free((waiting_datagram *)(uintptr_t)e.payload);
    }
    for (uint32_t i = 0; i < DOORS; i++) forget_door(&s->places[i]);
    serve_examiner_deinit(&s->examiner); /* the services told it of each session that ended */
    net_real_loop_free(s->loop);
    sim_shard_deinit(&s->shard);
    fleet_credentials_deinit(&s->credentials);
}

static int begin(server *s, char *why, size_t size) {
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
    if (error == 0) error = open_door(s, 0, &cloud_door_coap, &o->coap, why, size);
    return error == 0 ? open_door(s, 1, &cloud_door_coaps, &o->coaps, why, size) : error;
}

int serve_for_real(const serve_options *o, char *why, size_t size) {
    server s = {.options = o, .loop = net_real_loop_new()};
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
