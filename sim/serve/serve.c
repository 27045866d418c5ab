/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The built-in cloud on real sockets: the same doors, intake and capacity model, in real time.
 * This file is drive_real's twin for the other end of the wire. */
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "net/real_loop.h"
#include "net/real_server.h"
#include "net/real_stream.h"
#include "sim/cloud/door.h"
#include "sim/cloud/intake.h"
#include "sim/core/heap.h"
#include "sim/core/shard.h"
#include "sim/report/alarm.h"
#include "sim/report/record.h"
#include "sim/serve/clients.h"
#include "sim/serve/examiner.h"
#include "sim/serve/serve.h"

enum { DOORS = 8 };
enum { PEERS_MAXIMUM = 100000 };
enum { EVENT_TIMER, EVENT_SERVE, EVENT_WINDOW };
#define DESIRED 21.0 /* what every device is told: there is no drill here to change it */

typedef struct server server;

/* A door's place: its socket, of datagrams or of streams, and what stands behind it. */
typedef struct place {
    server *server;
    uint32_t number;
    const cloud_door_kind *kind;
    net_real_server *socket;  /* NULL: another door, or none */
    net_real_stream *streams; /* likewise */
    serve_clients clients;    /* of streams */
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
    /* of a stream: whose it is (an address may come again), and whether nothing more comes */
    sim_id client;
    bool ended;
    size_t size;
    uint8_t data[];
} waiting_datagram;

static void post(server *s, sim_time due, uint16_t kind, uint32_t target, uint32_t door_number,
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
    if (p->kind->stream)
        net_real_stream_send(p->streams, to, datagram, n);
    else
        net_real_server_send(p->socket, to, datagram, n);
}

static void on_close(void *context, const net_address *to, bool reset) {
    place *p = context;
    serve_client *client = serve_clients_at(&p->clients, to);
    if (client != NULL) serve_clients_remove(&p->clients, client);
    net_real_stream_close(p->streams, to, reset);
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

static double on_desired(void *context, uint32_t device) {
    (void)context;
    (void)device;
    return DESIRED;
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

static const cloud_door_calls door_calls = {
    .send = on_send, .wake_at = on_wake_at, .who = on_who, .close = on_close};
static const cloud_service_calls service_calls = {.desired = on_desired};
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

static int pass(server *s, cloud_edge_peer *memory, const cloud_glance *glance,
                cloud_passage *passage) {
    const cloud_intake intake = {.capacity = &s->capacity};
    const cloud_sender sender = {.peer = memory};
    int error = cloud_intake_pass(&intake, &sender, s->shard.now, glance, passage);
    s->totals.attempts += passage->begins ? 1 : 0;
    s->totals.over_capacity += passage->fate != CLOUD_FATE_ADMIT ? 1 : 0;
    return error;
}

/* What is decided about a datagram; what the door knows is all that is remembered of its sender. */
static int decide(place *p, const net_address *from, const uint8_t *datagram, size_t n,
                  cloud_passage *passage) {
    cloud_glance glance = p->kind->look(from->port, datagram, n);
    cloud_edge_peer memory = cloud_intake_memory(p->kind->knows(p->door, from, &glance), &glance);
    return pass(p->server, &memory, &glance, passage);
}

/* What was due before now. */
static void catch_up(server *s) {
    sim_time now = net_real_loop_now(s->loop);
    if (now > s->shard.now && s->error == 0) s->error = sim_shard_step(&s->shard, now);
}

static void received(void *context, const net_address *from, const uint8_t *datagram, size_t n) {
    place *p = context;
    server *s = p->server;
    cloud_passage passage;
    const net_address asked = net_real_server_asked(p->socket);
    catch_up(s);
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

/* ---- streams ---- */

static void end_stream(place *p, const net_address *from) {
    serve_client *client = serve_clients_at(&p->clients, from);
    if (client != NULL) serve_clients_remove(&p->clients, client);
    p->kind->ended(p->door, p->server->shard.now, from);
}

/* A part of a stream never overtakes another. */
static void wait_in_line(place *p, serve_client *client, const uint8_t *bytes, size_t n,
                         cloud_fate fate, bool ended) {
    waiting_datagram *w = sim_malloc(sizeof *w + n);
    if (w == NULL || client->waiting > SERVE_CLIENT_WAITING_MAX) {
        net_address from = client->from;
        sim_free(w);
        net_real_stream_close(p->streams, &from, true);
        end_stream(p, &from);
        return;
    }
    *w = (waiting_datagram){
        .from = client->from, .fate = fate, .client = client->id, .ended = ended, .size = n};
    if (n > 0) memcpy(w->data, bytes, n);
    client->waiting += n + 1;
    post(p->server, client->serve_at, EVENT_SERVE, client->id.slot, p->number,
         (uint64_t)(uintptr_t)w);
}

/* A connection over capacity, and no way to say so before it is there: it is reset. */
static serve_client *admit_stream(place *p, const net_address *from, cloud_passage *passage) {
    server *s = p->server;
    cloud_glance glance = p->kind->look(from->port, NULL, 0);
    serve_client *client = serve_clients_add(&p->clients, from);
    if (client != NULL) s->error = pass(s, &client->memory, &glance, passage);
    bool in = client != NULL && s->error == 0 && passage->fate != CLOUD_FATE_DROP &&
              passage->fate != CLOUD_FATE_REFUSE;
    if (in) return client;
    if (client != NULL) serve_clients_remove(&p->clients, client);
    net_real_stream_close(p->streams, from, true);
    return NULL;
}

static void stream_received(void *context, const net_address *from, const uint8_t *bytes,
                            size_t n) {
    place *p = context;
    server *s = p->server;
    cloud_passage passage;
    catch_up(s);
    if (s->error != 0) return;
    serve_client *client = serve_clients_at(&p->clients, from);
    if (client == NULL && n == 0) {
        client = admit_stream(p, from, &passage);
    } else if (client != NULL) {
        cloud_glance glance = p->kind->look(from->port, bytes, n);
        s->error = pass(s, &client->memory, &glance, &passage);
    }
    if (client == NULL || s->error != 0) return;
    client->serve_at = sim_time_max(client->serve_at, passage.serve_at);
    if (client->serve_at > s->shard.now || client->waiting > 0)
        wait_in_line(p, client, bytes, n, passage.fate, false);
    else
        s->error = serve_now(p, from, bytes, n, passage.fate);
}

static void stream_ended(void *context, const net_address *from) {
    place *p = context;
    catch_up(p->server);
    serve_client *client = serve_clients_at(&p->clients, from);
    if (client != NULL && client->waiting > 0)
        wait_in_line(p, client, NULL, 0, CLOUD_FATE_ADMIT, true);
    else
        end_stream(p, from);
}

static int serve_part(place *p, const waiting_datagram *w) {
    serve_client *client = serve_clients_at(&p->clients, &w->from);
    /* the door may have closed it meanwhile */
    if (client == NULL || !sim_slots_valid(&p->clients.slots, w->client) ||
        client->id.slot != w->client.slot)
        return 0;
    client->waiting -= w->size + 1;
    if (!w->ended) return serve_now(p, &w->from, w->data, w->size, w->fate);
    end_stream(p, &w->from);
    return 0;
}

/* ---- what is due ---- */

static int serve_waiting(place *p, waiting_datagram *w) {
    int error;
    if (p->kind->stream) {
        error = serve_part(p, w);
    } else {
        net_real_server_answer_as(p->socket, &w->asked);
        error = serve_now(p, &w->from, w->data, w->size, w->fate);
    }
    sim_free(w);
    return error;
}

static int handle(void *context, sim_shard *shard, const sim_event *e) {
    static const net_address any;
    server *s = context;
    place *p = &s->places[e->key.source];
    if (p->socket != NULL) net_real_server_answer_as(p->socket, &any);
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

/* Dates of certificates are those of the calendar. */
static net_secure_stream_papers papers_of(const serve_options *o) {
    net_secure_stream_papers papers = o->papers;
    papers.offset = ((sim_time)time(NULL) - NET_VKERNEL_EPOCH_S) * SIM_SECOND;
    return papers;
}

static int open_socket(place *p, const net_address *address, char *why, size_t size) {
    static const net_real_stream_calls calls = {stream_received, stream_ended};
    struct uv_loop_s *loop = net_real_loop_uv(p->server->loop);
    if (!p->kind->stream) {
        p->socket = net_real_server_new(loop, address, received, p, why, size);
        return p->socket == NULL ? SIM_EIO : 0;
    }
    serve_clients_init(&p->clients, PEERS_MAXIMUM);
    p->streams = net_real_stream_new(loop, address, PEERS_MAXIMUM, &calls, p, why, size);
    return p->streams == NULL ? SIM_EIO : 0;
}

static int open_door(server *s, uint32_t number, const cloud_door_kind *kind,
                     const net_address *address, char *why, size_t size) {
    place *p = &s->places[number];
    p->server = s;
    p->number = number;
    p->kind = kind;
    if (address->port == 0) return 0;
    const net_secure_stream_papers papers = papers_of(s->options);
    cloud_door_settings settings = {.peers_maximum = PEERS_MAXIMUM,
                                    .report_topics = {"example_data"},
                                    .system_randomness = true,
                                    .identities_required = s->options->credential_count > 0,
                                    .guests = s->options->credential_count == 0,
                                    .papers = &papers,
                                    .keys = kind == &cloud_door_coaps_stream,
                                    .keep_alive_maximum_s = s->options->keep_alive_maximum_s,
                                    .number = number};
    cloud_service_init(&p->service, s->options->limits.max_age_s, s->options->close_after,
                       &service_calls, &observer, p);
    p->service.busy = s->options->limits.busy;
    p->service.resets = s->options->resets;
    (void)snprintf(why, size, "out of memory before serving began");
    if (getrandom(&settings.seed, sizeof settings.seed, 0) != sizeof settings.seed) return SIM_EIO;
    p->kernel = net_vkernel_new();
    if (p->kernel == NULL) return SIM_ENOMEM;
    p->door = kind->make(&settings, p->kernel, &p->service, &door_calls, p);
    return p->door == NULL ? SIM_ENOMEM : open_socket(p, address, why, size);
}

static void forget_door(place *p) {
    cloud_door_free(p->door);
    net_vkernel_free(p->kernel);
    serve_clients_deinit(&p->clients);
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

static void tell_totals(server *s, bool last) {
    add_totals(s);
    s->totals.now = s->shard.now;
    s->totals.last = last;
    s->options->totals(s->options->context, &s->totals);
}

static int turn_until_stopped(server *s) {
    const serve_options *o = s->options;
    sim_time totals_due = SIM_SECOND;
    int error = 0;
    o->ready(o->context);
    while (error == 0 && *o->stop == 0) {
        error = turn(s);
        if (s->shard.now < totals_due) continue;
        totals_due = sim_time_add(s->shard.now, SIM_SECOND);
        tell_totals(s, false);
    }
    tell_totals(s, true);
    return error;
}

static void end(server *s) {
    sim_event e;
    /* Closing one door turns the loop once more, and the other may still take something in. */
    for (uint32_t i = 0; i < DOORS; i++) {
        net_real_server_free(s->places[i].socket);
        s->places[i].socket = NULL;
    }
    for (uint32_t i = 0; i < DOORS; i++) { /* the clients of streams hear of it */
        place *p = &s->places[i];
        if (p->streams != NULL) p->kind->forget(p->door, s->shard.now, true);
        net_real_stream_free(p->streams);
        p->streams = NULL;
    }
    while (sim_queue_pop(&s->shard.queue, &e)) {
        if (e.kind == EVENT_SERVE) sim_free((waiting_datagram *)(uintptr_t)e.payload);
    }
    for (uint32_t i = 0; i < DOORS; i++) forget_door(&s->places[i]);
    serve_examiner_deinit(&s->examiner); /* the services told it of each session that ended */
    net_real_loop_free(s->loop);
    sim_shard_deinit(&s->shard);
    fleet_credentials_deinit(&s->credentials);
}

/* Before anything is opened: what is wrong with them is wrong use. */
static int check_papers(const serve_options *o, char *why, size_t size) {
    static const net_secure_stream_calls none;
    const char *wrong;
    bool shown = o->mqtts.port != 0 || o->wss.port != 0 || o->papers.chain != NULL;
    if (!shown) return 0;
    const net_secure_stream_papers papers = papers_of(o);
    net_secure_stream_domain *d = net_secure_stream_server_domain(&papers, &none, &wrong);
    net_secure_stream_domain_free(d);
    if (d != NULL) return 0;
    (void)snprintf(why, size, "cannot serve TLS: %s (--cert, --key, --client-ca)",
                   wrong != NULL ? wrong : sim_error_text(SIM_ENOMEM));
    return wrong != NULL ? SIM_EPARSE : SIM_ENOMEM;
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
    if (error == 0) error = check_papers(o, why, size);
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
    const struct {
        const cloud_door_kind *kind;
        const net_address *address;
    } doors[] = {{&cloud_door_coap, &o->coap},
                 {&cloud_door_coaps, &o->coaps},
                 {&cloud_door_coap_stream, &o->coap_tcp},
                 {&cloud_door_coaps_stream, &o->coaps_tcp},
                 {&cloud_door_mqtt, &o->mqtt},
                 {&cloud_door_mqtts, &o->mqtts},
                 {&cloud_door_ws, &o->ws},
                 {&cloud_door_wss, &o->wss}};
    static_assert(sizeof doors / sizeof *doors == DOORS, "a place for each");
    for (uint32_t i = 0; i < DOORS && error == 0; i++)
        error = open_door(s, i, doors[i].kind, doors[i].address, why, size);
    return error;
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
