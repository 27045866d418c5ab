/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connections in a capture. A flow is a pair of addresses and ports. */
#include "sim/read/capture.h"

#include <stdio.h>
#include <string.h>

#include "sim/core/heap.h"
#include "sim/core/random.h"
#include "sim/read/lookups.h"
#include "sim/read/payload.h"

/* nobody gives up a connection sooner, and has begun the next before it is answered */
static const sim_time patience = SIM_SECOND;
/* of the same client over both versions of IP, one a little later: RFC 8305 5 */
static const sim_time race = 2 * SIM_SECOND;

/* --- the table --- */

static uint64_t flow_key(const read_packet *p, bool from_client) {
    const read_endpoint *c = from_client ? &p->source : &p->target,
                        *s = from_client ? &p->target : &p->source;
    uint64_t words[4], key = p->protocol;
    memcpy(words, c->address, 16);
    memcpy(words + 2, s->address, 16);
    for (int i = 0; i < 4; i++) key = sim_hash64(key ^ words[i]);
    return sim_hash64(key ^ ((uint64_t)c->port << 16 | s->port));
}

uint64_t read_flow_key(const read_packet *p) {
    return flow_key(p, true);
}

read_flow *read_flow_of(read_capture *c, const read_packet *p, bool *from_client) {
    uint32_t at;
    *from_client = true;
    if (sim_map_get(&c->map, flow_key(p, true), &at)) return &c->flows[at];
    *from_client = false;
    return sim_map_get(&c->map, flow_key(p, false), &at) ? &c->flows[at] : NULL;
}

static int grow(read_capture *c) {
    uint32_t capacity = c->capacity == 0 ? 1024 : 2 * c->capacity;
    read_flow *flows = sim_realloc(c->flows, capacity * sizeof *flows);
    if (flows == NULL) return SIM_ENOMEM;
    c->flows = flows;
    c->capacity = capacity;
    return 0;
}

/* Room for one more; when there are too many, the oldest is forgotten: what comes of it is not seen
 * any more. */
static int take_place(read_capture *c, uint32_t *at) {
    if (c->used < READ_FLOWS_MAX) {
        int error = c->used == c->capacity ? grow(c) : 0;
        *at = c->used;
        if (error != 0) return error;
        SIM_PROMISE(c->flows != NULL);
        c->flows[c->used++] = (read_flow){0};
        return 0;
    }
    SIM_PROMISE(c->flows != NULL);
    *at = c->oldest;
    c->oldest = (c->oldest + 1) % READ_FLOWS_MAX;
    if (!c->flows[*at].ended) read_warn(c->log, READ_WARNING_FORGOTTEN, c->packet);
    read_flow_hush(c, &c->flows[*at]);
    sim_map_remove(&c->map, c->flows[*at].key);
    return 0;
}

void read_flow_hush(read_capture *c, read_flow *f) {
    read_dialogue *d = f->dialogue;
    f->heard = true;
    f->dialogue = NULL;
    if (d == NULL) return;
    c->waiting -= d->client_stream.bytes + d->server_stream.bytes;
    read_stream_deinit(&d->client_stream);
    read_stream_deinit(&d->server_stream);
    read_talk_deinit(&d->client);
    read_talk_deinit(&d->server);
    sim_free(d);
}

record_outcome read_coap_outcome(unsigned code) {
    if (code >> 5 == 2) return RECORD_OUTCOME_ONLINE;
    bool busy = code == READ_COAP_UNAVAILABLE || code == READ_COAP_TOO_MANY;
    return busy ? RECORD_OUTCOME_BUSY : RECORD_OUTCOME_REFUSED;
}

/* --- a new attempt --- */

/* What may be something else as well is a service of its own. */
static int service_of(read_capture *c, const read_packet *p, read_speaks speaks, uint8_t *service) {
    char name[40];
    uint32_t number;
    bool maybe = speaks == READ_SPEAKS_COAP && !read_coap_is_own_port(p->target.port);
    int n = snprintf(name, sizeof name, "%s port %u%s", p->protocol == READ_TCP ? "tcp" : "udp",
                     p->target.port,
                     maybe                        ? ", CoAP"
                     : speaks == READ_SPEAKS_QUIC ? ", QUIC"
                                                  : "");
    if (c->log->services.count >= READ_SERVICES_MAX) { /* a port scan: all the rest is one */
        *service = READ_SERVICES_MAX - 1;
        return 0;
    }
    int error = read_names_number(&c->log->services, name, (size_t)n, &number);
    *service = (uint8_t)number;
    return error;
}

int read_flow_home(read_capture *c, const read_packet *p, uint32_t *home) {
    char text[READ_ADDRESS_MAX];
    const uint8_t *m = p->mac;
    size_t n;
    if (c->options->by != READ_BY_MAC)
        n = read_address_text(&p->source, text);
    else
        n = (size_t)snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2],
                             m[3], m[4], m[5]);
    if (c->options->by == READ_BY_MAC && !p->has_mac) {
        c->no_mac = true;
        return SIM_EPARSE;
    }
    return read_names_number(&c->log->homes, text, n, home);
}

bool read_flow_is_wanted(const read_capture *c, uint16_t port) {
    for (size_t i = 0; i < c->options->port_count; i++)
        if (c->options->ports[i] == port) return true;
    return c->options->port_count == 0;
}

/* Where the latest flow of a home is kept. NULL: no memory. */
static uint32_t *latest_of(read_capture *c, uint32_t home) {
    if (home >= c->latest_capacity) {
        size_t room = c->latest_capacity == 0 ? 64 : c->latest_capacity;
        while (room <= home) room *= 2;
        uint32_t *latest = sim_realloc(c->latest, room * sizeof *latest);
        if (latest == NULL) return NULL;
        memset(latest + c->latest_capacity, 0xff, (room - c->latest_capacity) * sizeof *latest);
        c->latest = latest;
        c->latest_capacity = room;
    }
    return &c->latest[home];
}

/* The flow of the same device over the other version of IP that this one races against: what comes
 * first counts, and both are one attempt. Only a link-layer address tells that it is the same. */
static const read_flow *rival_of(read_capture *c, const read_packet *p, const read_flow *f) {
    if (c->options->by != READ_BY_MAC || c->latest[f->home] == READ_NOBODY) return NULL;
    const read_flow *other = &c->flows[c->latest[f->home]];
    if (other == f || other->home != f->home || other->service != f->service || other->online)
        return NULL;
    if (other->is_4 == read_address_is_4(&p->source)) return NULL;
    return c->now - c->log->attempts.items[other->attempt].at <= race ? other : NULL;
}

static int add_attempt(read_capture *c, const read_packet *p, read_flow *f) {
    const record_attempt a = {.at = c->now,
                              .latency = SIM_NEVER,
                              .device = f->identity,
                              .home = f->home,
                              .trigger = f->service};
    uint32_t *latest = latest_of(c, f->home);
    if (latest == NULL) return SIM_ENOMEM;
    const read_flow *rival = rival_of(c, p, f);
    f->is_4 = read_address_is_4(&p->source);
    if (rival != NULL) {
        f->attempt = rival->attempt;
        f->end = rival->end;
        f->again = true;
        return 0;
    }
    *latest = (uint32_t)(f - c->flows);
    read_lookups_connected(c, &p->source);
    int error = sim_map_put(&c->servers, read_address_hash(p->target.address), f->service);
    return error == 0 ? read_add(c->log, &a, &f->attempt) : error;
}

read_flow *read_flow_begin(read_capture *c, const read_packet *p, read_speaks speaks, uint64_t tag,
                           int *error) {
    bool from_client;
    uint32_t at;
    *error = 0;
    if (!read_flow_is_wanted(c, p->target.port)) return NULL;
    read_flow *f = read_flow_of(c, p, &from_client);
    if (f == NULL || !from_client) {
        uint64_t key = flow_key(p, true);
        *error = take_place(c, &at);
        if (*error == 0) *error = sim_map_put(&c->map, key, at);
        if (*error != 0) return NULL;
        f = &c->flows[at];
        *f = (read_flow){.key = key, .identity = READ_NOBODY};
        *error = read_flow_home(c, p, &f->home);
    }
    if (*error == 0) *error = service_of(c, p, speaks, &f->service);
    read_flow_hush(c, f);
    *f = (read_flow){.key = f->key,
                     .identity = f->identity,
                     .home = f->home,
                     .service = f->service,
                     .speaks = (uint8_t)speaks,
                     .tag = tag,
                     .latest = c->now,
                     .end = UINT32_MAX};
    if (*error == 0) *error = add_attempt(c, p, f);
    return *error == 0 ? f : NULL;
}

/* --- what becomes of it --- */

void read_flow_prove(read_capture *c, read_flow *f) {
    record_attempt *a = &c->log->attempts.items[f->attempt];
    int64_t ms = (c->now - a->at) / SIM_MILLISECOND;
    if (ms > (int64_t)a->number) a->number = ms < UINT32_MAX ? (uint32_t)ms : UINT32_MAX;
}

void read_flow_answered(read_capture *c, read_flow *f) {
    if (c->now - f->latest <= patience) read_flow_prove(c, f);
}

/* What was taken for the outcome was not, when the attempt went on after it. */
static void settle(read_capture *c, read_flow *f, record_outcome outcome) {
    record_attempt *a = &c->log->attempts.items[f->attempt];
    if (f->again && a->outcome == RECORD_OUTCOME_REFUSED) {
        a->outcome = RECORD_OUTCOME_NONE;
        c->log->outcomes--;
    }
    read_settle(c->log, f->attempt, outcome, c->now);
}

void read_flow_settle(read_capture *c, read_flow *f, record_outcome outcome) {
    if (f->ended) return;
    settle(c, f, outcome);
    f->online = outcome == RECORD_OUTCOME_ONLINE;
}

int read_flow_end(read_capture *c, read_flow *f, bool refused) {
    if (f->ended) return 0;
    const read_end end = {c->now,    c->log->attempts.items[f->attempt].device,
                          f->home,   f->service,
                          f->online, f->online && f->goodbye};
    if (!f->online && refused) settle(c, f, RECORD_OUTCOME_REFUSED);
    f->ended = true;
    f->online = false;
    f->latest = c->now;
    read_flow_hush(c, f);
    if (f->again && f->end != UINT32_MAX) {
        c->log->ends[f->end] = end;
        return 0;
    }
    f->end = (uint32_t)c->log->end_count;
    return read_ended(c->log, &end);
}

int read_flow_identify(read_capture *c, read_flow *f, const void *name, size_t n) {
    if (n == 0) return 0;
    int error = read_names_number(&c->log->devices, name, n, &f->identity);
    if (error == 0) c->log->attempts.items[f->attempt].device = f->identity;
    return error;
}

int read_capture_unreachable(read_capture *c, const read_packet *p) {
    bool from_client;
    read_flow *f = read_flow_of(c, p, &from_client);
    /* Not every client hears of it: that it tries again before proves nothing. */
    if (f == NULL || !from_client || f->ended) return 0;
    return read_flow_end(c, f, true);
}

/* --- from file to file --- */

/* What may be CoAP by its bytes alone was, where somebody answered or repeated it as CoAP does. */
static bool is_coap(const read_capture *c, uint8_t service) {
    static const char maybe[] = ", CoAP";
    const char *name = read_names_text(&c->log->services, service);
    size_t n = strlen(name), m = sizeof maybe - 1;
    if (n < m || strcmp(name + n - m, maybe) != 0 || c->options->port_count > 0) return true;
    return c->coap[service].likely > 0 && c->coap[service].unlikely <= 2 * c->coap[service].likely;
}

static void drop_chance(read_capture *c) {
    read_log *log = c->log;
    bool good[READ_SERVICES_MAX + 1] = {0};
    size_t kept = 0;
    for (size_t s = 0; s < log->services.count; s++) good[s] = is_coap(c, (uint8_t)s);
    for (size_t i = 0; i < log->attempts.count; i++) {
        const record_attempt *a = &log->attempts.items[i];
        if (!good[a->trigger]) read_warn(log, READ_WARNING_CHANCE, 0);
        if (!good[a->trigger]) log->outcomes -= a->outcome != RECORD_OUTCOME_NONE;
        if (good[a->trigger]) log->attempts.items[kept++] = *a;
    }
    log->attempts.count = kept;
    kept = 0;
    for (size_t i = 0; i < log->end_count; i++)
        if (good[log->ends[i].service]) log->ends[kept++] = log->ends[i];
    log->end_count = kept;
}

int read_capture_close(read_log *log) {
    read_capture *c = log->capture;
    if (c == NULL) return 0;
    drop_chance(c);
    int error = read_lookups_close(c);
    read_capture_free(c);
    log->capture = NULL;
    return error;
}

read_capture *read_capture_open(read_log *log, const read_options *o) {
    if (log->capture == NULL) log->capture = sim_calloc(1, sizeof *log->capture);
    if (log->capture == NULL) return NULL;
    log->capture->log = log;
    log->capture->options = o;
    log->capture->packet = log->capture->understood = 0;
    return log->capture;
}

void read_capture_free(read_capture *c) {
    if (c == NULL) return;
    for (uint32_t i = 0; i < c->used; i++) read_flow_hush(c, &c->flows[i]);
    sim_free(c->flows);
    sim_free(c->latest);
    sim_map_deinit(&c->map);
    sim_map_deinit(&c->servers);
    read_fragments_deinit(&c->fragments);
    read_fragments_deinit(&c->hellos);
    read_lookups_free(c->lookups);
    sim_free(c);
}
